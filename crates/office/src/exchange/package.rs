//! A package: what of a body has to go up of a period, as one sheet that never changes, with a signed summary. It leaves by a
//! person's hand or by the connector; what was rejected goes up again in a later one.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use press::{Column, Content, Form, Section};
use rules::exchange::{ExchangeFacts, ExchangeKind, ExchangeTemplate, due_kind, with_reason};
use rules::permission::ActKind;
use rules::terms::{EXCHANGE_PART, EXCHANGE_ROWS_MAX};
use rules::{Clause, Day, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::{self, Issuer, NewRow};
use super::{PackageLine, template};
use crate::account::Done;
use crate::certificate::{Signing, sign_by};
use crate::door::store::{note_file, to_text};
use crate::door::{Act, Desk, FileHash, KeptFile, Sight, Stop, Subject};
use crate::signing_key;
use crate::web::page::{grouped, not_printed, plain_day};

fn refuse(what: impl Into<String>, remedy: &str) -> Refusal {
    Refusal::new(Clause::S3_3_6, what).remedy(remedy)
}

/// Makes a package of what a body issued or changed in a period and the national system does not know yet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BuildExchange {
    pub body: i64,
    /// The first day of the period.
    pub from: Date,
    /// Its last day.
    pub until: Date,
    #[serde(skip)]
    #[schema(ignore)]
    made: Option<Arc<Making>>,
}

/// What was made before the transaction, and from what.
#[derive(Debug)]
struct Making {
    issuer: Issuer,
    template: (i64, String),
    number: String,
    rows: Vec<NewRow>,
    sheet: KeptFile,
    summary: KeptFile,
}

impl Making {
    /// The certificates and what is told of them: when these have changed, the package would be another.
    fn mark(&self) -> impl Iterator<Item = Mark> + '_ {
        self.rows.iter().map(|row| mark(&row.waiting))
    }
}

/// A certificate, its last change, and the row that was told before.
type Mark = (i64, i64, Option<i64>);

fn mark(waiting: &store::Waiting) -> Mark {
    (waiting.id, waiting.change, waiting.before.map(|before| before.0))
}

/// A package that was made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Built {
    pub package: i64,
    pub number: String,
    pub rows: i64,
    /// SHA-256 of the sheet.
    pub digest: String,
    /// Whether something of the period is left for another package.
    pub more: bool,
}

impl BuildExchange {
    /// A package of a period.
    pub fn new(body: i64, from: Date, until: Date) -> Self {
        Self { body, from, until, made: None }
    }

    /// What goes into it, and whether something is left. What is new and what has changed are uploaded apart: the national sheet
    /// has no column that tells them.
    fn waiting(&self, sight: &mut Sight<'_>) -> Result<(Vec<store::Waiting>, bool), Stop> {
        if self.from > self.until {
            return Err(refuse("起始日期在截止日期之后", "请核对起止日期").at("from").into());
        }
        let mut waiting = store::collect(&mut sight.tx(), self.body, (self.from, self.until), EXCHANGE_ROWS_MAX)?;
        if waiting.is_empty() {
            let what = format!("{} 至 {} 没有需要上传国家平台的证书", self.from, self.until);
            return Err(refuse(what, "新发证书、更正、撤销等变更生效后，再制作交换包").at("from").into());
        }
        let found = waiting.len();
        if waiting.iter().any(|one| one.before.is_none()) {
            waiting.retain(|one| one.before.is_none());
        }
        let more = found == EXCHANGE_ROWS_MAX || waiting.len() < found;
        Ok((waiting, more))
    }
}

/// A certificate as a row: what it tells, and its cells.
fn row(sight: &Sight<'_>, template: &ExchangeTemplate, waiting: store::Waiting) -> Result<(NewRow, Vec<String>), Stop> {
    let id_number = sight.seals().open_text(&waiting.id_sealed);
    let id_number = id_number.ok_or_else(|| Stop::fault(format!("certificate {} is sealed", waiting.number)))?;
    let cells = template.cells(&ExchangeFacts {
        name: &waiting.name,
        id_kind: waiting.id_kind.code(),
        id_kind_name: waiting.id_kind.name(),
        id_number: &id_number,
        trade_code: &waiting.trade_code,
        trade: &waiting.trade,
        work_type: &waiting.work_type,
        level: waiting.level,
        number: &waiting.number,
        issued_on: waiting.issued_on,
        body_name: &waiting.body_name,
        state: waiting.state,
    })?;
    let kind = due_kind(waiting.state, waiting.before.map(|before| before.1));
    let kind = kind.ok_or_else(|| Stop::fault(format!("certificate {} tells nothing", waiting.number)))?;
    let sealed = sight.seals().seal(&to_text(&cells)?);
    Ok((NewRow { digest: digest(sight, &cells), waiting, kind, sealed }, cells))
}

/// The keyed hash of the cells of a row.
pub(super) fn digest(sight: &Sight<'_>, cells: &[String]) -> String {
    sight.seals().find_key(&cells.join("\n"))
}

impl Act for BuildExchange {
    const KIND: ActKind = ActKind::BuildExchange;
    const PREPARES: bool = true;
    type Answer = Built;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let (waiting, _) = self.waiting(sight)?;
        let (today, now) = (sight.today(), sight.now());
        let issuer = store::issuer(&mut sight.tx(), self.body)?.ok_or(Stop::NotFound)?;
        let (template_id, template) = template::on(&mut sight.tx(), today)?;
        let number = format!("{}-JH{:04}", issuer.filing_number, issuer.next_no);
        let made = waiting.into_iter().map(|one| row(sight, &template, one)).collect::<Result<Vec<_>, Stop>>()?;
        let (rows, cells): (Vec<NewRow>, Vec<Vec<String>>) = made.into_iter().unzip();
        let lines = rows.iter().zip(cells);
        let sheet = if rows.iter().all(|row| row.kind == ExchangeKind::Issue) {
            sheets::exchange(&template.headings(), lines.map(|(_, cells)| cells))
        } else {
            let said = |(row, cells): (&NewRow, Vec<String>)| {
                std::iter::once(row.kind.name().to_owned()).chain(cells).collect::<Vec<_>>()
            };
            let headings: Vec<&str> = std::iter::once("操作类型").chain(template.headings()).collect();
            sheets::exchange(&headings, lines.map(said))
        };
        let sheet = kept(sight, &sheet.map_err(Stop::fault)?)?;
        let form = summary(&issuer, &number, (self.from, self.until), (&template.name, &sheet.hash), &rows, today);
        let pdf = sight.office().press().form(&form).map_err(|error| not_printed(&error))?;
        let at = Timestamp::from_millisecond(now).map_err(Stop::fault)?;
        let (filing_number, listed_on) = (issuer.filing_number.as_str(), issuer.listed_on);
        let key = rules::signing_key::signing(&signing_key::held(&mut sight.tx(), filing_number)?, today);
        let body = Signing { filing_number, name: &issuer.name, listed_on, key };
        let summary = kept(sight, &sign_by(sight.office(), &body, ("上传国家平台", at), pdf)?)?;
        let template = (template_id, template.name);
        self.made = Some(Arc::new(Making { issuer, template, number, rows, sheet, summary }));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Built, Stop> {
        let made = self.made.as_ref().ok_or_else(|| Stop::fault("the package was not made"))?;
        let (waiting, more) = self.waiting(desk)?;
        let issuer = store::issuer(&mut desk.tx(), self.body)?.ok_or(Stop::NotFound)?;
        if issuer != made.issuer || !waiting.iter().map(mark).eq(made.mark()) {
            return Err(refuse("证书或交换包刚有变动，这次没有制作", "请再制作一次").into());
        }
        let (id, today, now, by) = (desk.new_id(), desk.today(), desk.now(), desk.caller().name().to_owned());
        note_file(&mut desk.tx(), &made.sheet, now)?;
        note_file(&mut desk.tx(), &made.summary, now)?;
        let new = store::NewPackage {
            id,
            body: self.body,
            no: issuer.next_no,
            number: &made.number,
            template: (made.template.0, &made.template.1),
            period: (self.from, self.until),
            file: &made.sheet.hash,
            summary: &made.summary.hash,
            on: today,
            by: &by,
            rows: &made.rows,
        };
        let office = desk.office();
        store::add_package(&mut desk.tx(), &new, || office.new_id())?;
        desk.made(Subject::Package(id));
        Ok(Built {
            package: id,
            number: made.number.clone(),
            rows: made.rows.len() as i64,
            digest: made.sheet.hash.0.clone(),
            more,
        })
    }
}

/// Keeps what was made.
fn kept(sight: &Sight<'_>, bytes: &[u8]) -> Result<KeptFile, Stop> {
    let (hash, _) = sight.office().files().keep(bytes)?;
    KeptFile::of(&hash, bytes)
}

/// What a person signs and seals beside the sheet: whose it is, what it holds, and its digest.
fn summary(
    issuer: &Issuer,
    number: &str,
    (from, until): (Day, Day),
    (template, sheet): (&str, &FileHash),
    rows: &[NewRow],
    today: Day,
) -> Form {
    let mut counts: BTreeMap<(&str, &str, &str, u8), i64> = BTreeMap::new();
    for row in rows {
        let one = &row.waiting;
        let key = (row.kind.name(), one.trade.as_str(), one.work_type.as_str(), 9 - one.level.digit());
        *counts.entry(key).or_default() += 1;
    }
    let line = |((kind, trade, work_type, order), count): (&(&str, &str, &str, u8), &i64)| {
        let level = rules::certificate::Level::from_digit(9 - order).map_or("", |level| level.name());
        let work_type = if work_type.is_empty() { "--" } else { work_type };
        [*kind, *trade, work_type, level].map(str::to_owned).into_iter().chain([count.to_string()]).collect()
    };
    let total = ["合计", "", "", ""].map(str::to_owned).into_iter().chain([rows.len().to_string()]).collect();
    let columns = [("类别", 3), ("职业", 8), ("工种", 6), ("等级", 5), ("数量", 3)];
    let columns = columns.map(|(heading, share)| Column { heading: heading.into(), share }).into();
    let pair = |label: &str, value: String| (label.to_owned(), value);
    Form {
        title: "职业技能等级证书上传汇总表".into(),
        number: Some(number.to_owned()),
        sections: vec![
            Section {
                heading: "交换包".into(),
                content: Content::Pairs(vec![
                    pair("评价机构", issuer.name.clone()),
                    pair("机构备案编号", issuer.filing_number.clone()),
                    pair("负责人", issuer.head.clone()),
                    pair("制作日期", plain_day(today)),
                    pair("期间", format!("{} 至 {}", plain_day(from), plain_day(until))),
                    pair("模板", template.to_owned()),
                    pair("文件摘要（SHA-256）", grouped(&sheet.0)),
                ]),
            },
            Section {
                heading: "数量".into(),
                content: Content::Table { columns, rows: counts.iter().map(line).chain([total]).collect() },
            },
        ],
        signature_lines: vec!["机构负责人（签字、盖章）".into()],
        on: today,
        mark: None,
    }
}

/// The package, if nothing stands in the way of its leaving.
fn leaving(desk: &mut Desk<'_>, package: i64) -> Result<PackageLine, Stop> {
    let package = store::package(&mut desk.tx(), package)?.ok_or(Stop::NotFound)?;
    if package.withdrawn_on.is_some() {
        return Err(refuse("这个交换包已经撤回", "请上传之后制作的交换包").into());
    }
    Ok(package)
}

/// Notes that a person has uploaded a package: when, where, and what shows it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarkExchange {
    pub package: i64,
    pub uploaded_on: Date,
    /// Where: the system and the account.
    #[schema(min_length = 2, max_length = 200)]
    pub place: String,
    /// A picture or a file that shows it.
    #[serde(default)]
    pub proof: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub proof_name: String,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
}

impl MarkExchange {
    /// As a form says it.
    pub fn new(package: i64, uploaded_on: Date, place: String, proof: Option<(FileHash, String)>) -> Self {
        let (proof, proof_name) = proof.map_or((None, String::new()), |(file, name)| (Some(file), name));
        Self { package, uploaded_on, place, proof, proof_name, kept: None }
    }
}

impl Act for MarkExchange {
    const KIND: ActKind = ActKind::MarkExchange;
    const PREPARES: bool = true;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Package(self.package)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        if let Some(hash) = &self.proof {
            self.kept = Some(KeptFile::of(hash, &sight.office().files().bring(hash)?)?);
        }
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let package = leaving(desk, self.package)?;
        let (today, now, place) = (desk.today(), desk.now(), self.place.trim());
        if package.uploaded_on.is_some() || package.handed_on.is_some() {
            return Err(refuse("这个交换包已经登记上传，或已交由接口上传", "请导入国家平台的回执").into());
        }
        if self.uploaded_on > today || self.uploaded_on < package.built_on {
            let what = format!("上传日期 {} 不在制作（{}）与今天之间", self.uploaded_on, package.built_on);
            return Err(refuse(what, "请填写实际上传的日期").at("uploaded_on").into());
        }
        if !(2..=200).contains(&place.chars().count()) {
            return Err(refuse("没有写明上传到哪里，或超过200字", "请写明平台名称和所用账号").at("place").into());
        }
        if let Some(kept) = &self.kept {
            note_file(&mut desk.tx(), kept, now)?;
        }
        let name = crate::web::forms::plain_name(&self.proof_name);
        let proof = self.kept.as_ref().map(|kept| (kept, name.as_str()));
        let by = desk.caller().name();
        store::uploaded(&mut desk.tx(), package.id, (self.uploaded_on, by, place), proof)?;
        Ok(Done {})
    }
}

/// Hands a package to the connector, which uploads it; said again, parts that were given up are tried anew.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PushExchange {
    pub package: i64,
}

/// What the connector has to do.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HandedOver {
    pub parts: i64,
}

impl Act for PushExchange {
    const KIND: ActKind = ActKind::PushExchange;
    type Answer = HandedOver;

    fn subject(&self) -> Subject {
        Subject::Package(self.package)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<HandedOver, Stop> {
        if desk.office().connector().is_none() {
            let remedy = "请由人工上传后登记，或请系统管理员配置接口（--exchange-endpoint）";
            return Err(refuse("还没有配置国家平台接口", remedy).into());
        }
        let package = leaving(desk, self.package)?;
        if package.uploaded_on.is_some() {
            return Err(refuse("这个交换包已由人工上传", "请导入国家平台的回执").into());
        }
        if package.handed_on.is_some() && package.given_up == 0 {
            return Err(refuse("这个交换包已在由接口上传", "请等待结果").into());
        }
        let parts = (package.rows + EXCHANGE_PART - 1) / EXCHANGE_PART;
        let (today, now, by) = (desk.today(), desk.now(), desk.caller().name());
        store::hand(&mut desk.tx(), package.id, parts, (today, by, now))?;
        Ok(HandedOver { parts })
    }
}

/// Withdraws a package that has not left; its certificates go into the next.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WithdrawExchange {
    pub package: i64,
    #[schema(min_length = 2, max_length = 500)]
    pub reason: String,
}

impl Act for WithdrawExchange {
    const KIND: ActKind = ActKind::WithdrawExchange;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Package(self.package)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let package = leaving(desk, self.package)?;
        if package.uploaded_on.is_some() || package.handed_on.is_some() || package.to_send < package.rows {
            let remedy = "已经上传的不能撤回；有误的，请更正证书后再制作交换包";
            return Err(refuse("这个交换包已经上传", remedy).into());
        }
        with_reason(&self.reason, "请写明为什么撤回")?;
        let (today, by) = (desk.today(), desk.caller().name());
        store::withdraw(&mut desk.tx(), package.id, (today, by, self.reason.trim()))?;
        Ok(Done {})
    }
}

/// Lets the rejected certificates of a package go up again, with the next package; what was wrong is put right before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SendExchangeAgain {
    pub package: i64,
    /// What was put right.
    #[schema(min_length = 2, max_length = 500)]
    pub reason: String,
}

/// What goes up again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SentAgain {
    pub rows: u64,
}

impl Act for SendExchangeAgain {
    const KIND: ActKind = ActKind::SendExchangeAgain;
    type Answer = SentAgain;

    fn subject(&self) -> Subject {
        Subject::Package(self.package)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<SentAgain, Stop> {
        with_reason(&self.reason, "请写明更正了什么，或为什么原样重新上传")?;
        let (today, by) = (desk.today(), desk.caller().name());
        let rows = store::again(&mut desk.tx(), self.package, (today, by, self.reason.trim()))?;
        if rows == 0 {
            return Err(refuse("这个交换包没有待处理的退回", "无需重新上传").into());
        }
        Ok(SentAgain { rows })
    }
}
