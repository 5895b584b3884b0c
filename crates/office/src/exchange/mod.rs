//! 三（三）: what is issued goes to the national system. A package is a sheet that is frozen with its digest; a person uploads it, or
//! the connector hands it over; what the national system answers is noted row by row, and its own list is compared with ours.

mod connector;
mod elsewhere;
mod package;
mod pages;
mod receipt;
mod reconcile;
mod store;
mod template;

use jiff::civil::Date;
use rules::certificate::Level;
use rules::exchange::{
    ExchangeColumn, ExchangeDifferenceKind, ExchangeDifferenceState, ExchangeField, ExchangeKind, RowState,
};
use rules::identity::{mask_name, mask_number};
use rules::people::Role;
use rules::permission::LookKind;
use rules::term::Term;
use rules::{Clause, Day};
use serde::{Deserialize, Serialize};
use sheets::Finding;
use utoipa::ToSchema;

pub use connector::{Connector, ConnectorSettings, push_waiting};
pub use elsewhere::{Elsewhere, ElsewhereImported, ElsewhereLine, ElsewhereView, ImportElsewhere};
pub use package::{
    BuildExchange, Built, HandedOver, MarkExchange, PushExchange, SendExchangeAgain, SentAgain, WithdrawExchange,
};
pub use pages::pages;
pub use receipt::{ImportExchangeReceipt, ReceiptImported};
pub(crate) use reconcile::fall_due;
pub use reconcile::{CompareNational, Compared, ImportNational, NationalImported, ResolveDifference};
pub(crate) use store::{ALL, elsewhere_between};
pub(crate) use template::on as template_on;
pub use template::{ChangeExchangeTemplate, ExchangeTemplates, ExchangeTemplatesView};

use crate::door::{FileHash, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::marks::FileView;
use crate::web::api::Registry;

/// Lines on one page of a list.
const PAGE: i64 = 50;

/// What of a body has to go up.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DueLine {
    pub body: i64,
    pub body_name: String,
    pub certificates: i64,
    /// When the first of them was issued or changed.
    pub since: Date,
    /// By when it has to be there; none where the calendar ends before.
    pub due_on: Option<Date>,
}

/// A package.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PackageLine {
    pub id: i64,
    pub number: String,
    pub body: i64,
    pub body_name: String,
    /// 0: the one that ships.
    pub template: i64,
    pub template_name: String,
    pub from: Date,
    pub until: Date,
    pub rows: i64,
    /// SHA-256 of the sheet.
    pub digest: String,
    /// SHA-256 of the summary.
    pub summary_digest: String,
    pub built_on: Date,
    pub built_by: String,
    pub uploaded_on: Option<Date>,
    pub uploaded_by: Option<String>,
    pub uploaded_to: Option<String>,
    pub proof_name: Option<String>,
    pub handed_on: Option<Date>,
    pub handed_by: Option<String>,
    pub withdrawn_on: Option<Date>,
    pub withdrawn_by: Option<String>,
    pub withdrawn_reason: Option<String>,
    pub to_send: i64,
    pub sent: i64,
    pub accepted: i64,
    pub rejected: i64,
    pub withdrawn: i64,
    /// Rejected rows that nobody has answered.
    pub to_answer: i64,
    /// Parts that the connector has given up.
    pub given_up: i64,
    /// What the connector met last.
    pub error: Option<String>,
}

impl PackageLine {
    /// Rows that have an answer.
    pub fn settled(&self) -> i64 {
        self.accepted + self.rejected
    }

    /// Where it stands, in a word, and the colour of its tag.
    pub fn said(&self) -> (&'static str, &'static str) {
        match self {
            _ if self.withdrawn_on.is_some() => ("neutral", "已撤回"),
            _ if self.to_answer > 0 => ("danger", "有退回"),
            _ if self.given_up > 0 => ("danger", "接口未送达"),
            _ if self.settled() == self.rows => ("ok", "已办结"),
            _ if self.uploaded_on.is_some() || self.handed_on.is_some() => ("waiting", "等待结果"),
            _ => ("warn", "待上传"),
        }
    }
}

/// A list of what the national system has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InventoryLine {
    pub id: i64,
    /// Whether the connector fetched it; otherwise somebody imported it.
    pub is_fetched_here: bool,
    pub begun_on: Date,
    pub begun_by: String,
    pub is_compared: bool,
    pub is_given_up: bool,
    /// Certificates that were accepted.
    pub ours: i64,
    /// Certificates on it.
    pub theirs: i64,
    pub compared_on: Option<Date>,
    /// What the connector met last.
    pub error: Option<String>,
}

/// What goes to the national system, as the caller sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExchangeView {
    /// What has to go up by when, the oldest first.
    pub due: Vec<DueLine>,
    pub packages: Vec<PackageLine>,
    pub total: i64,
    pub page: i64,
    pub open_differences: i64,
    pub late_differences: i64,
    /// By when the first difference is to be answered.
    pub differences_due_on: Option<Date>,
    /// The last list that was compared or is being fetched.
    pub inventory: Option<InventoryLine>,
    /// Whether the operator has named an interface.
    pub has_connector: bool,
    /// The template that holds today.
    pub template_name: String,
}

/// What has to go to the national system, and what went?
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Exchange {
    /// Which page of packages, from 0.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub page: Option<i64>,
}

/// The page that was asked for.
fn page_of(asked: Option<i64>) -> i64 {
    asked.unwrap_or(0).clamp(0, 1_000_000)
}

/// By when what was issued or changed on a day has to be known to the national system.
fn due_on(sight: &mut Sight<'_>, since: Day, term: Term) -> Result<Option<Day>, Stop> {
    let today = sight.today();
    let within = crate::term::on(&mut sight.tx(), today)?.count(term);
    Ok(sight.reference().calendar.add(since, within).ok())
}

impl Look for Exchange {
    const KIND: LookKind = LookKind::Certificates;
    type View = ExchangeView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ExchangeView, Stop> {
        let (scope, today, page) = (sight.scope(), sight.today(), page_of(self.page));
        let mut due = store::due(&mut sight.tx(), &scope)?;
        for line in &mut due {
            line.due_on = due_on(sight, line.since, Term::ExchangeWithin)?;
        }
        let (open_differences, differences_due_on) = store::open_differences(&mut sight.tx(), &scope)?;
        Ok(ExchangeView {
            due,
            packages: store::packages(&mut sight.tx(), &scope, PAGE, page * PAGE)?,
            total: store::package_count(&mut sight.tx(), &scope)?,
            page,
            open_differences,
            late_differences: store::late_differences(&mut sight.tx(), &scope, today)?,
            differences_due_on,
            inventory: store::latest_inventory(&mut sight.tx())?,
            has_connector: sight.office().connector().is_some(),
            template_name: template_on(&mut sight.tx(), today)?.1.name,
        })
    }
}

/// A row of a package, its holder masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RowLine {
    pub no: i64,
    pub number: String,
    pub kind: ExchangeKind,
    pub kind_name: String,
    /// Masked.
    pub name: String,
    /// Masked.
    pub id_number: String,
    pub trade: String,
    pub level: Level,
    pub state: RowState,
    pub state_name: String,
    pub national_id: Option<String>,
    /// The column that the national system found wrong, as it calls it.
    pub fault_column: Option<String>,
    pub fault_reason: Option<String>,
    /// Since when the certificate is to go up again.
    pub again_on: Option<Date>,
    pub again_reason: Option<String>,
}

/// A receipt that was imported.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReceiptLine {
    pub id: i64,
    pub name: String,
    pub rows_read: i64,
    pub accepted: i64,
    pub rejected: i64,
    pub findings: Vec<Finding>,
    pub imported_on: Date,
    pub imported_by: String,
}

/// A package with its rows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PackageView {
    pub package: PackageLine,
    /// Those that were rejected first.
    pub rows: Vec<RowLine>,
    pub page: i64,
    pub receipts: Vec<ReceiptLine>,
    pub has_connector: bool,
}

/// What does a package hold, and what was answered?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ExchangePackage {
    pub package: i64,
    /// Which page of rows, from 0.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub page: Option<i64>,
}

impl Look for ExchangePackage {
    const KIND: LookKind = LookKind::Certificates;
    type View = PackageView;

    fn subject(&self) -> Subject {
        Subject::Package(self.package)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<PackageView, Stop> {
        let package = store::package(&mut sight.tx(), self.package)?.ok_or(Stop::NotFound)?;
        let (page, seals) = (page_of(self.page), sight.seals());
        let template = template::of(&mut sight.tx(), package.template)?;
        let place = |field| template.place_of(field);
        let (name_at, number_at) = (place(ExchangeField::Name), place(ExchangeField::IdNumber));
        let rows = store::rows(&mut sight.tx(), package.id, PAGE, page * PAGE)?;
        let rows = rows.into_iter().map(|row| {
            let cells: Vec<String> = store::opened(seals, &row.sealed)?;
            let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).map_or("", String::as_str);
            Ok(RowLine {
                no: row.no,
                kind: row.kind,
                kind_name: row.kind.name().into(),
                name: mask_name(cell(name_at)),
                id_number: mask_number(cell(number_at)),
                number: row.number,
                trade: row.trade,
                level: row.level,
                state: row.state,
                state_name: row.state.name().into(),
                national_id: row.national_id,
                fault_column: row.fault_column,
                fault_reason: row.fault_reason,
                again_on: row.again_on,
                again_reason: row.again_reason,
            })
        });
        Ok(PackageView {
            rows: rows.collect::<Result<_, Stop>>()?,
            receipts: store::receipts(&mut sight.tx(), seals, package.id)?,
            has_connector: sight.office().connector().is_some(),
            package,
            page,
        })
    }
}

/// A file of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PackageFile {
    /// What is uploaded.
    Sheet,
    /// The signed summary.
    Summary,
    /// What shows that it was uploaded.
    Proof,
}

/// Which file is it? The sheet holds everyone in full; reading leaves a trace.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ExchangeFile {
    pub package: i64,
    pub what: PackageFile,
}

impl Look for ExchangeFile {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Package(self.package)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let package = store::package(&mut sight.tx(), self.package)?.ok_or(Stop::NotFound)?;
        let (name, file) = match self.what {
            PackageFile::Sheet => (format!("{}-证书信息.xlsx", package.number), FileHash(package.digest)),
            PackageFile::Summary => (format!("{}-汇总表.pdf", package.number), FileHash(package.summary_digest)),
            PackageFile::Proof => {
                let (file, name) = store::proof(&mut sight.tx(), package.id)?.ok_or(Stop::NotFound)?;
                (name, file)
            }
        };
        Ok(FileView { name, bytes: sight.office().files().bring(&file)? })
    }
}

/// Where the two sides differ.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExchangeDifferenceLine {
    pub id: i64,
    pub kind: ExchangeDifferenceKind,
    pub kind_name: String,
    /// The certificate's number.
    pub number: String,
    /// The column; empty where the whole certificate is meant.
    pub column: String,
    /// What stands here; a person's data is masked.
    pub ours: String,
    /// What stands there; a person's data is masked.
    pub theirs: String,
    pub body: Option<i64>,
    /// Empty where nobody here has issued it.
    pub body_name: String,
    pub found_on: Date,
    pub due_on: Date,
    pub state: ExchangeDifferenceState,
    pub state_name: String,
    pub reason: Option<String>,
    pub resolved_on: Option<Date>,
    pub resolved_by: Option<String>,
}

/// The list of differences.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DifferencesView {
    pub differences: Vec<ExchangeDifferenceLine>,
    pub total: i64,
    pub page: i64,
    pub inventory: Option<InventoryLine>,
    pub today: Date,
}

/// Where do the two sides differ?
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Differences {
    /// Only those that stand so.
    #[serde(default)]
    pub state: Option<ExchangeDifferenceState>,
    /// Which page, from 0.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub page: Option<i64>,
}

impl Differences {
    /// So many of them, from one on.
    fn some(&self, sight: &mut Sight<'_>, limit: i64, offset: i64) -> Result<Vec<ExchangeDifferenceLine>, Stop> {
        let scope = sight.scope();
        Ok(store::differences(&mut sight.tx(), (&scope, self.state), limit, offset)?)
    }
}

impl Look for Differences {
    const KIND: LookKind = LookKind::Certificates;
    type View = DifferencesView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<DifferencesView, Stop> {
        let (scope, page) = (sight.scope(), page_of(self.page));
        Ok(DifferencesView {
            differences: self.some(sight, PAGE, page * PAGE)?,
            total: store::difference_count(&mut sight.tx(), &scope, self.state)?,
            page,
            inventory: store::latest_inventory(&mut sight.tx())?,
            today: sight.today(),
        })
    }
}

/// Most differences that a workbook lists.
const LISTED: i64 = 100_000;

/// The list of differences as a workbook.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct DifferencesWorkbook {
    /// Only those that stand so.
    #[serde(default)]
    pub state: Option<ExchangeDifferenceState>,
}

impl Look for DifferencesWorkbook {
    const KIND: LookKind = LookKind::Certificates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let asked = Differences { state: self.state, page: None };
        let lines = asked.some(sight, LISTED, 0)?;
        let today = sight.today();
        let headings =
            ["证书编号", "差异", "列", "我方", "国家平台", "评价机构", "发现日期", "处理期限", "情形", "说明"];
        let rows = lines.into_iter().map(|line| {
            vec![
                line.number,
                line.kind_name,
                line.column,
                line.ours,
                line.theirs,
                line.body_name,
                line.found_on.to_string(),
                line.due_on.to_string(),
                line.state_name,
                line.reason.unwrap_or_default(),
            ]
        });
        let bytes = sheets::table(&format!("与国家平台的差异（{today}）"), &headings, rows).map_err(Stop::fault)?;
        Ok(FileView { name: format!("国家平台对账差异{today}.xlsx"), bytes })
    }
}

/// A template that was set.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TemplateLine {
    pub id: i64,
    pub from: Date,
    pub name: String,
    pub columns: Vec<ExchangeColumn>,
    pub reason: String,
    pub set_on: Date,
    /// The office that set it.
    pub by: String,
}

/// What must be done about the national exchange: what is due to go up, what was sent back, what differs.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (role, scope) = (sight.caller().role(), sight.scope());
    let mut tasks = Vec::new();
    if let Some(body) = sight.caller().body() {
        for line in store::due(&mut sight.tx(), &scope)? {
            let due = due_on(sight, line.since, Term::ExchangeWithin)?;
            let detail = format!("新发或变更的证书 {} 本，请制作交换包并上传国家平台", line.certificates);
            tasks.push(Task::new(Clause::S3_3_6, "制作国家平台交换包", detail, "/exchange").due(due));
        }
        for (package, number, rows, since) in store::unsent(&mut sight.tx(), body)? {
            let due = due_on(sight, since, Term::ExchangeWithin)?;
            let detail = format!("{rows} 行，上传后请登记并导入回执");
            let href = format!("/exchange/packages/{package}");
            tasks.push(Task::new(Clause::S3_3_6, format!("上传交换包 {number}"), detail, href).due(due));
        }
        for (package, number, rows) in store::rejected(&mut sight.tx(), body)? {
            let detail = format!("国家平台退回 {rows} 行，请按原因更正后重新上传");
            let href = format!("/exchange/packages/{package}");
            tasks.push(Task::new(Clause::S3_3_6, format!("处理退回：交换包 {number}"), detail, href));
        }
    }
    if role == Role::ProvincialCentre {
        let given_up = store::given_up(&mut sight.tx())?;
        if given_up > 0 {
            let detail = format!("{given_up} 个交换包没有送达国家平台，请核对接口后再次交由接口上传");
            tasks.push(Task::new(Clause::S3_3_6, "处理没有送达的交换包", detail, "/exchange"));
        }
    }
    if role.sits_in_body() || role == Role::ProvincialCentre {
        let (open, due) = store::open_differences(&mut sight.tx(), &scope)?;
        if open > 0 {
            let detail = format!("{open} 处与国家平台不一致，请重新上传或说明原因");
            tasks.push(Task::new(Clause::S3_3_6, "处理国家平台对账差异", detail, "/exchange/differences").due(due));
        }
    }
    Ok(tasks)
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<BuildExchange>("/bodies/{body}/exchange-packages")
        .act::<MarkExchange>("/exchange-packages/{package}/upload")
        .act::<PushExchange>("/exchange-packages/{package}/hand-over")
        .act::<WithdrawExchange>("/exchange-packages/{package}/withdrawal")
        .act::<ImportExchangeReceipt>("/exchange-packages/{package}/receipts")
        .act::<SendExchangeAgain>("/exchange-packages/{package}/resending")
        .act::<ImportNational>("/national-lists")
        .act::<CompareNational>("/national-lists/{national_list}/comparison")
        .act::<ResolveDifference>("/exchange-differences/{difference}/resolution")
        .act::<ImportElsewhere>("/elsewhere-certificates")
        .act::<ChangeExchangeTemplate>("/exchange-templates")
        .look::<Exchange>("/exchange-packages", "国家平台交换：待上传的证书与交换包")
        .look::<ExchangePackage>("/exchange-packages/{package}", "一个交换包与它的各行")
        .look::<ExchangeFile>("/exchange-packages/{package}/files/{what}", "交换包的文件，查看留痕")
        .look::<Differences>("/exchange-differences", "与国家平台的差异")
        .look::<Elsewhere>("/elsewhere-certificates", "编号由国家平台给出的证书")
        .look::<DifferencesWorkbook>("/exchange-differences/workbook", "与国家平台的差异清单（XLSX）")
        .look::<ExchangeTemplates>("/exchange-templates", "交换模板及其各版")
}
