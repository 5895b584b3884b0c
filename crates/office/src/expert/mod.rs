//! 三（一）: the provincial register of experts, from which the panels that evaluate bodies on site are drawn: what each may
//! judge, until when the card is valid, whom each has to avoid. Kept by the provincial centre, by form or workbook.

mod pages;
mod store;

use std::sync::Arc;

use jiff::civil::Date;
use rules::certificate::Level;
use rules::evaluation::ExpertFacts;
use rules::permission::{ActKind, LookKind};
use rules::{Clause, Day, Refusal};
use serde::{Deserialize, Serialize};
use sheets::{ExpertRow, ExpertsContext, Finding};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::account::{Done, Made};
use crate::db::{DbError, Tx};
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::web::api::Registry;

/// Characters of one entry.
const TEXT_MAX: usize = 200;
/// Occupations, or bodies to avoid, of one expert.
const LIST_MAX: usize = 50;
/// Experts on a page.
const PAGE: usize = 50;

/// An expert as the register has them; the phone is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expert {
    pub id: i64,
    pub name: String,
    pub employer: String,
    pub superior: String,
    pub title: String,
    pub trades: Vec<String>,
    pub level_max: Level,
    pub card_number: String,
    pub card_valid_until: Day,
    pub phone: String,
    pub ties: Vec<Tie>,
    pub suspended_on: Option<Day>,
    pub suspended_reason: Option<String>,
    pub entered_on: Day,
}

/// What ties an expert to a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tie {
    pub body: i64,
    pub body_name: String,
    pub relation: String,
}

impl Expert {
    /// What the rules ask, for the evaluation of a body.
    pub fn facts(&self, body: i64) -> ExpertFacts {
        ExpertFacts {
            name: self.name.clone(),
            employer: self.employer.clone(),
            superior: self.superior.clone(),
            trades: self.trades.clone(),
            level_max: self.level_max,
            card_number: self.card_number.clone(),
            card_valid_until: self.card_valid_until,
            suspended: self.suspended_on.is_some(),
            tie: self.ties.iter().find(|tie| tie.body == body).map(|tie| tie.relation.clone()),
        }
    }
}

/// The whole register.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn everyone(tx: &mut Tx<'_>) -> Result<Vec<Expert>, DbError> {
    store::everyone(tx)
}

/// A body that an expert has to avoid.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AvoidedBody {
    /// The body's name as registered, or its unified social credit code.
    #[schema(max_length = 200)]
    pub body: String,
    /// What ties the expert to it.
    #[schema(max_length = 200)]
    pub relation: String,
}

/// A telephone number; never written out, and sealed where it is kept.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(value_type = String, max_length = 40)]
pub struct Phone(String);

impl Phone {
    /// Takes a number in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Serialize for Phone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// What the register says of an expert.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExpertEntry {
    #[schema(max_length = 50)]
    pub name: String,
    /// Where the expert works.
    #[schema(max_length = 200)]
    pub employer: String,
    /// The department above the employer; may be empty.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub superior: String,
    /// The professional title; may be empty.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub title: String,
    /// Occupations by code or full name.
    #[schema(max_items = 50)]
    pub trades: Vec<String>,
    /// The highest level that the expert may judge.
    pub level_max: Level,
    #[schema(max_length = 200)]
    pub card_number: String,
    /// The last day of the card.
    pub card_valid_until: Date,
    /// A mobile number; may be empty.
    #[serde(default)]
    pub phone: Phone,
    /// Bodies to avoid.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub ties: Vec<AvoidedBody>,
}

fn refuse(what: impl Into<String>, remedy: impl Into<String>, field: &'static str) -> Stop {
    Refusal::new(Clause::S3_1_1, what).remedy(remedy).at(field).into()
}

impl ExpertEntry {
    /// The entry as it is stored; the phone of one who is known stays where none is given.
    fn checked(&self, desk: &mut Desk<'_>, id: i64, known: Option<&Expert>) -> Result<Expert, Stop> {
        let plain = |field: &'static str, label: &str, text: &str, must: bool| {
            let text = text.trim();
            if must && text.is_empty() {
                return Err(refuse(format!("没有填写{label}"), format!("请填写{label}"), field));
            }
            if text.chars().count() > TEXT_MAX || text.chars().any(char::is_control) {
                return Err(refuse(format!("{label}超过{TEXT_MAX}个字，或含换行"), "请核对后缩短为一行", field));
            }
            Ok(text.to_owned())
        };
        let name = plain("name", "姓名", &self.name, true)?;
        let employer = plain("employer", "工作单位", &self.employer, true)?;
        let superior = plain("superior", "主管部门", &self.superior, false)?;
        let title = plain("title", "职称", &self.title, false)?;
        let card_number = plain("card_number", "证卡编号", &self.card_number, true)?.replace(char::is_whitespace, "");
        if let Some(other) = store::by_card(&mut desk.tx(), &card_number)?
            && other != id
        {
            return Err(refuse(
                format!("证卡编号 {card_number} 已登记"),
                "同一名专家只登记一次，请核对编号",
                "card_number",
            ));
        }
        let reference = desk.reference();
        let mut trades = Vec::new();
        for named in self.trades.iter().filter(|named| !named.trim().is_empty()) {
            let found = reference.trades.named(named).map_err(|refusal| refusal.at("trades"))?;
            trades.push(found.code.unwrap_or(found.name));
        }
        trades.sort();
        trades.dedup();
        if trades.is_empty() || trades.len() > LIST_MAX {
            return Err(refuse("没有填写能评价的职业，或超过50个", "请填写职业的全称或代码", "trades"));
        }
        let phone: String = self.phone.0.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let is_number = phone.len() == 11 && phone.bytes().all(|b| b.is_ascii_digit());
        if !phone.is_empty() && !is_number {
            return Err(refuse("手机号码不是11位数字", "请核对手机号码，没有的不填", "phone"));
        }
        let phone = match (phone.as_str(), known) {
            ("", Some(known)) => known.phone.clone(),
            ("", None) => String::new(),
            (phone, _) => desk.seals().seal(phone),
        };
        let bodies = store::bodies(&mut desk.tx())?;
        let mut ties: Vec<Tie> = Vec::new();
        for tie in &self.ties {
            let wanted = tie.body.trim();
            let Some(&body) = bodies.get(wanted) else {
                let remedy = "请填写已登记机构的全称或统一社会信用代码";
                return Err(refuse(format!("没有登记过名为“{wanted}”的机构"), remedy, "ties"));
            };
            let relation = plain("ties", "回避原因", &tie.relation, true)?;
            if !ties.iter().any(|one| one.body == body) {
                ties.push(Tie { body, body_name: wanted.to_owned(), relation });
            }
        }
        Ok(Expert {
            id,
            name,
            employer,
            superior,
            title,
            trades,
            level_max: self.level_max,
            card_number,
            card_valid_until: self.card_valid_until,
            phone,
            ties,
            suspended_on: None,
            suspended_reason: None,
            entered_on: desk.today(),
        })
    }
}

/// Enters an expert into the register.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterExpert {
    pub entry: ExpertEntry,
}

impl Act for EnterExpert {
    const KIND: ActKind = ActKind::EnterExpert;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn unspoken(&self) -> String {
        self.entry.phone.0.clone()
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let id = desk.new_id();
        let expert = self.entry.checked(desk, id, None)?;
        store::save(&mut desk.tx(), &expert, true)?;
        desk.made(Subject::Expert(id));
        Ok(Made { id })
    }
}

/// Changes what the register says of an expert. Panels that were drawn stay as they were.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangeExpert {
    pub expert: i64,
    /// The whole entry; without a phone the known one stays.
    pub entry: ExpertEntry,
}

impl Act for ChangeExpert {
    const KIND: ActKind = ActKind::ChangeExpert;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Expert(self.expert)
    }

    fn unspoken(&self) -> String {
        self.entry.phone.0.clone()
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let known = store::find(&mut desk.tx(), self.expert)?.ok_or(Stop::NotFound)?;
        let expert = self.entry.checked(desk, self.expert, Some(&known))?;
        store::save(&mut desk.tx(), &expert, false)?;
        Ok(Done {})
    }
}

/// Takes experts out of a workbook into the register: new cards are added, known ones changed where the file says
/// otherwise. Blank phones and blank bodies to avoid leave what is known; nobody goes by being left out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportExperts {
    /// The kept file: .xlsx, .xls or .csv.
    pub file: FileHash,
    /// Its name, for showing.
    #[schema(max_length = 120)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<ReadExperts>>,
}

/// What the workbook said; read before the transaction.
#[derive(Debug)]
struct ReadExperts {
    kept: KeptFile,
    rows_read: usize,
    rows: Vec<ExpertRow>,
    findings: Vec<Finding>,
}

impl ImportExperts {
    /// An import of a kept file.
    pub fn new(file: FileHash, name: impl Into<String>) -> Self {
        Self { file, name: name.into(), read: None }
    }
}

/// What came of an import.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExpertsImported {
    pub upload: i64,
    pub rows_read: usize,
    pub new: usize,
    pub changed: usize,
    pub same: usize,
    pub faults: usize,
}

impl Act for ImportExperts {
    const KIND: ActKind = ActKind::ImportExperts;
    const PREPARES: bool = true;
    type Answer = ExpertsImported;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let bytes = sight.office().files().bring(&self.file).map_err(|stop| match stop {
            Stop::NotFound => refuse("没有收到这个文件", "请先上传文件，再用返回的编号办理", "file"),
            other => other,
        })?;
        let (reference, bodies) = (sight.reference(), store::bodies(&mut sight.tx())?);
        let trade = |text: &str| reference.trades.named(text).map(|found| found.code.unwrap_or(found.name));
        let body = |text: &str| bodies.get(text).copied();
        let check = sheets::read_experts(&bytes, &ExpertsContext { trade: &trade, body: &body })?;
        let kept = KeptFile::of(&self.file, &bytes)?;
        self.read = Some(Arc::new(ReadExperts {
            kept,
            rows_read: check.rows_read,
            rows: check.rows,
            findings: check.findings,
        }));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ExpertsImported, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the register was not read"))?;
        let (seals, today) = (desk.seals(), desk.today());
        let known = store::everyone(&mut desk.tx())?;
        let (mut new, mut changed, mut same) = (0, 0, 0);
        for row in &read.rows {
            let before = known.iter().find(|expert| expert.card_number == row.card_number);
            let phone_before = before.and_then(|expert| seals.open_text(&expert.phone)).unwrap_or_default();
            // The same phone sealed anew would look like another.
            let phone = match before {
                Some(expert) if row.phone.is_empty() || row.phone == phone_before => expert.phone.clone(),
                _ if row.phone.is_empty() => String::new(),
                _ => seals.seal(&row.phone),
            };
            let mut ties: Vec<Tie> = before.map(|expert| expert.ties.clone()).unwrap_or_default();
            for (body, relation) in &row.ties {
                match ties.iter_mut().find(|tie| tie.body == *body) {
                    Some(tie) => tie.relation.clone_from(relation),
                    None => ties.push(Tie { body: *body, body_name: String::new(), relation: relation.clone() }),
                }
            }
            let expert = Expert {
                id: before.map_or_else(|| desk.new_id(), |expert| expert.id),
                name: row.name.clone(),
                employer: row.employer.clone(),
                superior: row.superior.clone(),
                title: row.title.clone(),
                trades: row.trades.clone(),
                level_max: row.level_max,
                card_number: row.card_number.clone(),
                card_valid_until: row.card_valid_until,
                phone,
                ties,
                suspended_on: before.and_then(|expert| expert.suspended_on),
                suspended_reason: before.and_then(|expert| expert.suspended_reason.clone()),
                entered_on: before.map_or(today, |expert| expert.entered_on),
            };
            match before {
                Some(before) if *before == expert => same += 1,
                Some(_) => {
                    changed += 1;
                    store::save(&mut desk.tx(), &expert, false)?;
                }
                None => {
                    new += 1;
                    store::save(&mut desk.tx(), &expert, true)?;
                }
            }
        }
        let (id, now, by) = (desk.new_id(), desk.now(), desk.caller().name().to_owned());
        note_file(&mut desk.tx(), &read.kept, now)?;
        let upload = store::NewUpload {
            id,
            file: &read.kept,
            name: &self.name,
            rows_read: read.rows_read,
            new,
            changed,
            same,
            findings: &read.findings,
            on: today,
            by: &by,
        };
        store::uploaded(&mut desk.tx(), &upload, seals)?;
        let faults = read.findings.iter().filter(|finding| finding.is_fault()).count();
        Ok(ExpertsImported { upload: id, rows_read: read.rows_read, new, changed, same, faults })
    }
}

/// Takes an expert out of further draws, with the reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SuspendExpert {
    pub expert: i64,
    #[schema(max_length = 500)]
    pub reason: String,
}

impl Act for SuspendExpert {
    const KIND: ActKind = ActKind::SuspendExpert;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Expert(self.expert)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let expert = store::find(&mut desk.tx(), self.expert)?.ok_or(Stop::NotFound)?;
        if let Some(on) = expert.suspended_on {
            return Err(refuse(format!("{}已于 {on} 暂停", expert.name), "不需要再次暂停", "reason"));
        }
        let (today, reason) = (desk.today(), said(&self.reason)?);
        store::suspend(&mut desk.tx(), self.expert, today, &reason)?;
        Ok(Done {})
    }
}

/// Lets an expert be drawn again, with the reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResumeExpert {
    pub expert: i64,
    #[schema(max_length = 500)]
    pub reason: String,
}

impl Act for ResumeExpert {
    const KIND: ActKind = ActKind::ResumeExpert;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Expert(self.expert)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let expert = store::find(&mut desk.tx(), self.expert)?.ok_or(Stop::NotFound)?;
        if expert.suspended_on.is_none() {
            return Err(refuse(format!("{}没有暂停", expert.name), "不需要恢复", "reason"));
        }
        said(&self.reason)?;
        store::resume(&mut desk.tx(), self.expert)?;
        Ok(Done {})
    }
}

fn said(reason: &str) -> Result<String, Stop> {
    match reason.trim() {
        "" => Err(refuse("没有写明原因", "请用一句话写明原因", "reason")),
        reason => Ok(reason.to_owned()),
    }
}

/// An occupation of an expert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExpertTrade {
    pub code: String,
    pub name: String,
}

/// An expert as the register shows them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpertLine {
    pub id: i64,
    pub name: String,
    pub employer: String,
    pub superior: String,
    pub title: String,
    pub trades: Vec<ExpertTrade>,
    pub level_max: Level,
    pub level_name: String,
    pub card_number: String,
    pub card_valid_until: Date,
    /// Whether the card has run out.
    pub is_expired: bool,
    pub phone_masked: String,
    pub ties: Vec<AvoidedBody>,
    pub suspended_on: Option<Date>,
    pub suspended_reason: Option<String>,
}

fn shown(sight: &Sight<'_>, expert: Expert) -> ExpertLine {
    let reference = sight.reference();
    let trade = |code: String| ExpertTrade {
        name: reference.trades.named(&code).map_or_else(|_| code.clone(), |found| found.name),
        code,
    };
    let phone = sight.seals().open_text(&expert.phone).unwrap_or_default();
    ExpertLine {
        id: expert.id,
        name: expert.name,
        employer: expert.employer,
        superior: expert.superior,
        title: expert.title,
        trades: expert.trades.into_iter().map(trade).collect(),
        level_max: expert.level_max,
        level_name: expert.level_max.name().into(),
        card_number: expert.card_number,
        card_valid_until: expert.card_valid_until,
        is_expired: expert.card_valid_until < sight.today(),
        phone_masked: masked(&phone),
        ties: expert.ties.into_iter().map(|tie| AvoidedBody { body: tie.body_name, relation: tie.relation }).collect(),
        suspended_on: expert.suspended_on,
        suspended_reason: expert.suspended_reason,
    }
}

/// A mobile number without its middle.
fn masked(phone: &str) -> String {
    match (phone.get(..3), phone.get(7..)) {
        (Some(first), Some(last)) => format!("{first}****{last}"),
        _ => String::new(),
    }
}

/// An import in the list of imports.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpertUploadLine {
    pub id: i64,
    pub file: FileHash,
    pub name: String,
    pub rows_read: i64,
    pub new: i64,
    pub changed: i64,
    pub same: i64,
    pub faults: i64,
    pub on: Date,
    pub by: String,
}

/// One page of the register.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpertsView {
    pub experts: Vec<ExpertLine>,
    /// How many match.
    pub total: usize,
    /// From 0; a page has 50.
    pub page: i64,
    /// The latest imports; for the provincial centre.
    pub uploads: Vec<ExpertUploadLine>,
    pub may_enter: bool,
}

/// Which experts are there?
#[derive(Deserialize, ToSchema)]
pub struct Experts {
    /// Part of a name, an employer or a card number.
    #[schema(max_length = 60)]
    pub find: Option<String>,
    /// The code or name of an occupation.
    #[schema(max_length = 60)]
    pub trade: Option<String>,
    /// From 0.
    #[schema(minimum = 0, maximum = 100000)]
    pub page: Option<i64>,
}

impl Look for Experts {
    const KIND: LookKind = LookKind::Experts;
    type View = ExpertsView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ExpertsView, Stop> {
        let reference = sight.reference();
        let find = self.find.as_deref().unwrap_or_default().trim().to_owned();
        let trade = self.trade.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let code = trade.map(|text| match reference.trades.named(text) {
            Ok(found) => found.code.unwrap_or(found.name),
            Err(_) => text.to_owned(),
        });
        let mut experts = store::everyone(&mut sight.tx())?;
        experts.retain(|expert| {
            [&expert.name, &expert.employer, &expert.card_number].iter().any(|text| text.contains(&find))
                && code.as_ref().is_none_or(|code| expert.trades.contains(code))
        });
        let page = self.page.unwrap_or(0).clamp(0, 100_000);
        let total = experts.len();
        let rows = experts.into_iter().skip(page as usize * PAGE).take(PAGE);
        let experts = rows.map(|expert| shown(sight, expert)).collect();
        let may_enter = rules::permission::may(sight.caller().role(), ActKind::EnterExpert).is_some();
        let uploads = if may_enter { store::uploads(&mut sight.tx())? } else { Vec::new() };
        Ok(ExpertsView { experts, total, page, uploads, may_enter })
    }
}

/// What does the register say of this expert?
#[derive(Deserialize, ToSchema)]
pub struct ExpertDetail {
    pub expert: i64,
}

impl Look for ExpertDetail {
    const KIND: LookKind = LookKind::Experts;
    type View = ExpertLine;

    fn subject(&self) -> Subject {
        Subject::Expert(self.expert)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ExpertLine, Stop> {
        let expert = store::find(&mut sight.tx(), self.expert)?.ok_or(Stop::NotFound)?;
        Ok(shown(sight, expert))
    }
}

/// How an expert is reached.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpertContactView {
    pub name: String,
    pub phone: String,
}

/// How is this expert reached? The look is recorded.
#[derive(Deserialize, ToSchema)]
pub struct ExpertContact {
    pub expert: i64,
}

impl Look for ExpertContact {
    const KIND: LookKind = LookKind::Candidates;
    type View = ExpertContactView;

    fn subject(&self) -> Subject {
        Subject::Expert(self.expert)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ExpertContactView, Stop> {
        if rules::permission::may_look(sight.caller().role(), LookKind::Experts).is_none() {
            return Err(Stop::NotFound);
        }
        let expert = store::find(&mut sight.tx(), self.expert)?.ok_or(Stop::NotFound)?;
        let phone = sight.seals().open_text(&expert.phone).unwrap_or_default();
        Ok(ExpertContactView { name: expert.name, phone })
    }
}

/// One import with everything that it found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExpertUploadView {
    #[serde(flatten)]
    #[schema(inline)]
    pub line: ExpertUploadLine,
    pub findings: Vec<Finding>,
}

/// What did this import find? Findings quote the file, so the look is recorded.
#[derive(Deserialize, ToSchema)]
pub struct ExpertUpload {
    pub import: i64,
}

impl Look for ExpertUpload {
    const KIND: LookKind = LookKind::Candidates;
    type View = ExpertUploadView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ExpertUploadView, Stop> {
        if rules::permission::may(sight.caller().role(), ActKind::ImportExperts).is_none() {
            return Err(Stop::NotFound);
        }
        let seals = sight.seals();
        let (line, findings) = store::upload(&mut sight.tx(), self.import, seals)?.ok_or(Stop::NotFound)?;
        Ok(ExpertUploadView { line, findings })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<EnterExpert>("/experts")
        .look::<Experts>("/experts", "评估专家名册")
        .look::<ExpertDetail>("/experts/{expert}", "一名评估专家")
        .act::<ChangeExpert>("/experts/{expert}")
        .look::<ExpertContact>("/experts/{expert}/contact", "评估专家的联系电话")
        .act::<SuspendExpert>("/experts/{expert}/suspension")
        .act::<ResumeExpert>("/experts/{expert}/resumption")
        .act::<ImportExperts>("/expert-imports")
        .look::<ExpertUpload>("/expert-imports/{import}", "一次评估专家导入")
}
