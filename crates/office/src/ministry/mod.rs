//! 二（一）3: what the provincial department reports to the ministry. The gathered filings are exported as a workbook, one row
//! per body, occupation and level; what was exported when and by whom is kept; the answer is recorded for many at once.

mod pages;
mod store;

use std::sync::Arc;

use axum::http::Method;
use axum::routing::get;
use jiff::civil::Date;
use rules::permission::{ActKind, LookKind, may};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::reference::Reference;
use crate::web::api::{Registry, file_operation};
use store::Qualified;

/// What a column of the workbook holds.
#[derive(Debug, Clone, Copy)]
enum Entry {
    Serial,
    BodyName,
    Uscc,
    Kind,
    Affiliation,
    Place,
    Address,
    LegalRepresentative,
    Head,
    Contact,
    Phone,
    Code,
    Occupation,
    WorkType,
    Level,
    Standard,
    Centre,
    SummarisedOn,
}

/// A form of the workbook: its name, under which exports remember it, and its columns.
struct Template {
    name: &'static str,
    columns: &'static [(&'static str, Entry)],
}

/// The form in use. No published one is known; this is the platform's default, from the filing form.
const TEMPLATE: Template = Template {
    name: "报部备案表（2020）",
    columns: &[
        ("序号", Entry::Serial),
        ("评价机构名称", Entry::BodyName),
        ("统一社会信用代码", Entry::Uscc),
        ("机构类型", Entry::Kind),
        ("隶属关系", Entry::Affiliation),
        ("所在地", Entry::Place),
        ("地址", Entry::Address),
        ("法定代表人", Entry::LegalRepresentative),
        ("负责人", Entry::Head),
        ("联系人", Entry::Contact),
        ("联系电话", Entry::Phone),
        ("职业编码", Entry::Code),
        ("职业名称", Entry::Occupation),
        ("工种（方向）", Entry::WorkType),
        ("等级", Entry::Level),
        ("执行标准", Entry::Standard),
        ("审核评估中心", Entry::Centre),
        ("省中心汇总日期", Entry::SummarisedOn),
    ],
};

fn cell(entry: Entry, serial: usize, row: &Qualified, reference: &Reference) -> String {
    let dash = |text: &str| if text.is_empty() { "--".to_owned() } else { text.to_owned() };
    match entry {
        Entry::Serial => serial.to_string(),
        Entry::BodyName => row.body_name.clone(),
        Entry::Uscc => row.uscc.clone(),
        Entry::Kind => row.kind.name().into(),
        Entry::Affiliation => row.affiliation.name().into(),
        Entry::Place => {
            let city = reference.divisions.city_of(&row.county).map(|place| place.name).unwrap_or_default();
            let county = reference.divisions.name(&row.county).unwrap_or_default();
            if city == county { city } else { format!("{city}{county}") }
        }
        Entry::Address => row.address.clone(),
        Entry::LegalRepresentative => row.legal_representative.clone(),
        Entry::Head => row.head.clone(),
        Entry::Contact => row.contact.clone(),
        Entry::Phone => row.phone.clone(),
        Entry::Code => row.code.clone(),
        Entry::Occupation => row.occupation.clone(),
        Entry::WorkType => dash(&row.work_type),
        Entry::Level => row.level.name().into(),
        Entry::Standard => row.standard.clone(),
        Entry::Centre => row.centre.clone(),
        Entry::SummarisedOn => row.summarised_on.map(|day| day.to_string()).unwrap_or_default(),
    }
}

/// Exports gathered filings for the ministry.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExportMinistry {
    /// Which of those that are gathered.
    #[schema(max_items = 1000)]
    pub filings: Vec<i64>,
    #[serde(skip)]
    #[schema(ignore)]
    made: Option<Arc<Made>>,
}

/// The workbook, made before the transaction, and from what.
#[derive(Debug)]
struct Made {
    rows: Vec<Qualified>,
    kept: KeptFile,
}

impl ExportMinistry {
    /// An export of these filings.
    pub fn new(filings: Vec<i64>) -> Self {
        Self { filings, made: None }
    }

    /// The chosen filings, each once, with their rows.
    fn rows(&self, sight: &mut Sight<'_>) -> Result<(Vec<i64>, Vec<Qualified>), Stop> {
        let mut filings = self.filings.clone();
        filings.sort_unstable();
        filings.dedup();
        let refuse =
            |what: String, remedy: &str| Refusal::new(Clause::S2_1_3A, what).remedy(remedy).at("filings").into();
        if filings.is_empty() {
            return Err(refuse("没有选择备案申请".into(), "请选择要报部的备案申请"));
        }
        let mut rows = store::qualified(&mut sight.tx())?;
        rows.retain(|row| filings.binary_search(&row.filing).is_ok());
        if let Some(other) = filings.iter().find(|filing| !rows.iter().any(|row| row.filing == **filing)) {
            let what = format!("备案申请 {other} 还没有由省中心汇总，或已经登记部级备案");
            return Err(refuse(what, "请只选择已汇总、待报部的备案申请"));
        }
        Ok((filings, rows))
    }
}

/// What was exported.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Exported {
    pub export: i64,
    pub file: FileHash,
    pub rows: usize,
}

impl Act for ExportMinistry {
    const KIND: ActKind = ActKind::ExportMinistry;
    const PREPARES: bool = true;
    type Answer = Exported;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let (_, rows) = self.rows(sight)?;
        let reference = sight.reference();
        let headings: Vec<&str> = TEMPLATE.columns.iter().map(|(heading, _)| *heading).collect();
        let cells = rows.iter().enumerate().map(|(n, row)| {
            TEMPLATE.columns.iter().map(|(_, entry)| cell(*entry, n + 1, row, &reference)).collect::<Vec<_>>()
        });
        let bytes = sheets::exchange(&headings, cells).map_err(Stop::fault)?;
        let (hash, _) = sight.office().files().keep(&bytes)?;
        let kept = KeptFile::of(&hash, &bytes)?;
        self.made = Some(Arc::new(Made { rows, kept }));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Exported, Stop> {
        let (filings, rows) = self.rows(desk)?;
        let made = self.made.as_ref().ok_or_else(|| Stop::fault("the workbook was not made"))?;
        if made.rows != rows {
            return Err(Refusal::new(Clause::S2_1_3A, "备案申请刚有变动，这次没有导出").remedy("请再导出一次").into());
        }
        let (id, today, now, by) = (desk.new_id(), desk.today(), desk.now(), desk.caller().name().to_owned());
        note_file(&mut desk.tx(), &made.kept, now)?;
        let what = (id, TEMPLATE.name, &made.kept.hash);
        store::exported(&mut desk.tx(), what, rows.len(), &filings, (today, &by))?;
        Ok(Exported { export: id, file: made.kept.hash.clone(), rows: rows.len() })
    }
}

/// A gathered filing that waits for the ministry.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WaitingLine {
    pub filing: i64,
    pub body_name: String,
    pub centre: String,
    pub summarised_on: Option<Date>,
    /// Occupations and levels that were found qualified.
    pub trades: i64,
    /// When it was exported last.
    pub exported_on: Option<Date>,
}

/// An export.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExportLine {
    pub id: i64,
    /// The form that it follows.
    pub template: String,
    pub file: FileHash,
    pub rows: i64,
    pub filings: i64,
    pub exported_on: Date,
    pub exported_by: String,
}

/// What waits for the ministry, and what was exported.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MinistryView {
    pub waiting: Vec<WaitingLine>,
    /// The latest hundred.
    pub exports: Vec<ExportLine>,
}

/// What waits for the ministry?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Ministry {}

/// Exports are the department's.
fn granted(sight: &Sight<'_>) -> Result<(), Stop> {
    may(sight.caller().role(), ActKind::ExportMinistry).map(|_| ()).ok_or(Stop::NotGranted)
}

impl Look for Ministry {
    const KIND: LookKind = LookKind::Filings;
    type View = MinistryView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<MinistryView, Stop> {
        granted(sight)?;
        Ok(MinistryView { waiting: store::waiting(&mut sight.tx())?, exports: store::exports(&mut sight.tx())? })
    }
}

/// One export.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct MinistryExport {
    pub export: i64,
}

impl Look for MinistryExport {
    const KIND: LookKind = LookKind::Filings;
    type View = ExportLine;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ExportLine, Stop> {
        granted(sight)?;
        store::export(&mut sight.tx(), self.export)?.ok_or(Stop::NotFound)
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let sheet = ("MinistryExportContent", "一次报部备案表导出（XLSX）");
    let operation = file_operation("ministry-exports", sheet, &["export"], crate::web::page::XLSX);
    registry
        .act::<ExportMinistry>("/ministry-exports")
        .look::<Ministry>("/ministry-exports", "待报部的备案申请与历次导出")
        .look::<MinistryExport>("/ministry-exports/{export}", "一次报部备案表导出")
        .other(Method::GET, "/ministry-exports/{export}/content", operation, get(pages::content))
}
