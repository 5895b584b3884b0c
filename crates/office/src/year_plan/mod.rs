//! 二（二）1: a body works by its plan. Its head publishes the yearly work plan, in lines or in a workbook; a change is a
//! new version with its reason, told to the centre in charge; a batch outside the plan of its year is refused.

mod pages;
mod store;

use std::sync::Arc;

use jiff::civil::Date;
use rules::batch::Plan;
use rules::certificate::Level;
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::year_plan::{self, FiledTrade, Wanted, YearPlanTrade, months, months_said};
use rules::{Clause, Day, Refusal};
use serde::{Deserialize, Serialize};
use sheets::Finding;
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::batch::{FiledScope, filed_scopes};
use crate::db::{DbError, Tx};
use crate::door::{Act, Desk, FileHash, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::reference::Reference;
use crate::web::api::Registry;

/// Longest reason, in characters.
const REASON_MAX: usize = 2_000;

/// A line of a yearly work plan as it is sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct YearPlanLine {
    /// The occupation's code or name, as filed.
    #[schema(max_length = 200)]
    pub trade: String,
    /// The work type as filed; empty for the whole occupation.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub work_type: String,
    pub level: Level,
    /// Persons that are expected in the year.
    #[schema(minimum = 1, maximum = 100000)]
    pub expected: i64,
    /// Months in which batches start: `3、6、11月`, `全年`.
    #[schema(max_length = 200)]
    pub months: String,
}

/// Publishes the plan of a year, or a later version of it: the whole plan, in lines or in a workbook.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublishYearPlan {
    #[schema(minimum = 2000, maximum = 2999)]
    pub year: i64,
    #[serde(default)]
    #[schema(max_items = 300)]
    pub rows: Vec<YearPlanLine>,
    /// A kept .xlsx, .xls or .csv in place of lines; published as a whole or, with a fault in it, not at all.
    pub file: Option<FileHash>,
    /// Why it changes; may be empty in the first version.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<sheets::YearPlanCheck>>,
}

impl PublishYearPlan {
    /// A plan in lines, or in a file that was kept before.
    pub fn new(year: i64, rows: Vec<YearPlanLine>, file: Option<FileHash>, reason: impl Into<String>) -> Self {
        Self { year, rows, file, reason: reason.into(), read: None }
    }
}

/// A version that was published.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct YearPlanPublished {
    /// From 1.
    pub no: i64,
    pub rows: usize,
}

impl Act for PublishYearPlan {
    const KIND: ActKind = ActKind::PublishYearPlan;
    const PREPARES: bool = true;
    type Answer = YearPlanPublished;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let Some(file) = &self.file else { return Ok(()) };
        let (bytes, body) = (crate::roster::bring(sight, file)?, sight.body()?);
        let filed = filed_scopes(&mut sight.tx(), body)?;
        self.read = Some(Arc::new(read(&bytes, &filed, &sight.reference())?));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<YearPlanPublished, Stop> {
        let (body, today, reference) = (desk.body()?, desk.today(), desk.reference());
        let year = year_of(self.year)?;
        let filed = filed_scopes(&mut desk.tx(), body)?;
        let rows = match &self.read {
            Some(_) if !self.rows.is_empty() => {
                return Err(Refusal::new(Clause::S2_2_1A, "既填写了计划，又上传了文件")
                    .remedy("请只用其中一种")
                    .at("file")
                    .into());
            }
            Some(read) => {
                if let Some(first) = read.findings.iter().find(|finding| finding.is_fault()) {
                    let faults = read.findings.iter().filter(|finding| finding.is_fault()).count();
                    let what = format!("文件有 {faults} 处问题，第一处在第 {} 行：{}", first.row, first.reason);
                    return Err(Refusal::new(Clause::S2_2_1A, what).remedy(first.remedy.clone()).at("file").into());
                }
                read.rows.clone()
            }
            None => spoken(&self.rows, &filed, &reference)?,
        };
        let no = store::versions(&mut desk.tx(), body, year)?.len() as i64 + 1;
        let reason = self.reason.trim();
        if reason.chars().count() > REASON_MAX {
            return Err(Refusal::house("填写", format!("原因超过{REASON_MAX}字")).remedy("请精简").at("reason").into());
        }
        let trades: Vec<FiledTrade> = filed.iter().map(|one| one.filed.clone()).collect();
        year_plan::may_publish(year, &rows, &trades, (no, reason), today)?;
        let name = |code: &str| {
            let found = filed.iter().find(|one| one.filed.scope.code == code);
            found.map_or_else(|| code.to_owned(), |one| one.trade.clone())
        };
        let named: Vec<(YearPlanTrade, String)> = rows
            .into_iter()
            .map(|row| {
                let name = name(&row.code);
                (row, name)
            })
            .collect();
        let version = store::Version {
            no,
            published_on: today,
            published_by: desk.caller().name().to_owned(),
            reason: reason.to_owned(),
        };
        let id = desk.new_id();
        store::add(&mut desk.tx(), (id, body, year), &version, &named)?;
        if let Some(centre) = desk.standing().centre.clone() {
            let seat = desk.caller().seat_name();
            let said = match no {
                1 => format!("{seat}公布{year}年度工作计划"),
                _ => format!("{seat}变更{year}年度工作计划：{}", reason.chars().take(100).collect::<String>()),
            };
            desk.tell_office(centre, said, format!("/bodies/{body}/year-plan?year={year}"));
        }
        Ok(YearPlanPublished { no, rows: named.len() })
    }
}

fn year_of(year: i64) -> Result<i16, Refusal> {
    i16::try_from(year)
        .ok()
        .filter(|year| (2000..3000).contains(year))
        .ok_or_else(|| Refusal::new(Clause::S2_2_1A, format!("{year}不是年份")).remedy("请填写四位数的年份").at("year"))
}

/// The first and the last day of a year.
fn days_of(year: i16) -> (Day, Day) {
    let day = |month, day| Date::new(year, month, day).unwrap_or(Date::MAX);
    (day(1, 1), day(12, 31))
}

/// The code of an occupation by its code or name: as filed, or as the classification has it.
fn code_of(text: &str, filed: &[FiledScope], reference: &Reference) -> Result<String, Refusal> {
    let text = text.trim();
    if let Some(one) = filed.iter().find(|one| one.filed.scope.code == text || one.trade == text) {
        return Ok(one.filed.scope.code.clone());
    }
    let found = reference.trades.named(text)?;
    Ok(found.code.unwrap_or(found.name))
}

fn read(bytes: &[u8], filed: &[FiledScope], reference: &Reference) -> Result<sheets::YearPlanCheck, Refusal> {
    sheets::read_year_plan(bytes, &|text| code_of(text, filed, reference))
}

/// The lines of a form as rows of a plan; what is wrong is said at its line.
fn spoken(lines: &[YearPlanLine], filed: &[FiledScope], reference: &Reference) -> Result<Vec<YearPlanTrade>, Refusal> {
    let row = |(n, line): (usize, &YearPlanLine)| {
        let at = |refusal: Refusal| {
            Refusal::new(refusal.ground, format!("第{}行：{}", n + 1, refusal.what)).remedy(refusal.remedy).at("rows")
        };
        Ok(YearPlanTrade {
            code: code_of(&line.trade, filed, reference).map_err(at)?,
            work_type: line.work_type.trim().to_owned(),
            level: line.level,
            expected: line.expected,
            months: months(&line.months).map_err(at)?,
        })
    };
    lines.iter().enumerate().map(row).collect()
}

/// Whether a batch follows the plan of the year in which it starts; the one that it changes doesn't count.
///
/// # Errors
/// The refusal that says what to change first; a fault.
pub(crate) fn may_hold(
    tx: &mut Tx<'_>,
    body: i64,
    (plan, work_type): (&Plan, &str),
    changes: Option<i64>,
) -> Result<(), Stop> {
    let year = plan.starts_on.year();
    let rows: Vec<YearPlanTrade> = store::in_force(tx, body, year)?.into_iter().map(|(_, row, _)| row).collect();
    let told = store::told(tx, body, days_of(year), changes.unwrap_or(0))?;
    let key = (plan.code.as_str(), work_type, plan.level);
    let told = told.iter().find(|one| (one.code.as_str(), one.work_type.as_str(), one.level) == key);
    let wanted = Wanted {
        code: &plan.code,
        work_type,
        level: plan.level,
        starts_on: plan.starts_on,
        expected: plan.expected,
        told: told.map_or(0, |told| told.persons),
    };
    let published = (!rows.is_empty()).then_some(rows.as_slice());
    Ok(year_plan::within(published, &wanted)?)
}

/// A row of a plan, with what was told of it so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct YearPlanRow {
    pub code: String,
    pub trade: String,
    /// Blank for the whole occupation.
    pub work_type: String,
    pub level: Level,
    pub level_name: String,
    /// Persons that are expected in the year.
    pub expected: i64,
    pub months: Vec<i8>,
    /// As people read them.
    pub months_said: String,
    /// Batches that were told and not cancelled; 0 in versions that hold no more.
    pub batches: i64,
    /// Persons that those expect.
    pub told: i64,
}

/// A version of a plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearPlanVersion {
    /// From 1.
    pub no: i64,
    pub published_on: Date,
    pub published_by: String,
    /// Why it changed; may be blank in the first.
    pub reason: String,
    pub rows: Vec<YearPlanRow>,
    /// What it says otherwise than the one before, in words.
    pub changes: Vec<String>,
}

/// What a plan may be of.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearPlanChoice {
    pub code: String,
    pub trade: String,
    pub work_type: String,
    pub level: Level,
    pub level_name: String,
}

/// The plan of a body for a year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearPlanView {
    pub body: i64,
    pub body_name: String,
    pub year: i16,
    /// The last first: that one holds.
    pub versions: Vec<YearPlanVersion>,
    /// What is on file at some time of the year.
    pub choices: Vec<YearPlanChoice>,
    pub today: Date,
}

/// What does a body plan for a year, and how much of it was told?
#[derive(Deserialize, ToSchema)]
pub struct YearPlan {
    pub body: i64,
    /// Without it, this year.
    #[schema(minimum = 2000, maximum = 2999)]
    pub year: Option<i64>,
}

impl Look for YearPlan {
    const KIND: LookKind = LookKind::Batches;
    type View = YearPlanView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<YearPlanView, Stop> {
        let today = sight.today();
        let year = self.year.map_or(Ok(today.year()), year_of)?;
        let body_name = crate::body::name(&mut sight.tx(), self.body)?.ok_or(Stop::NotFound)?;
        let told = store::told(&mut sight.tx(), self.body, days_of(year), 0)?;
        let planned = store::rows(&mut sight.tx(), self.body, year)?;
        let published = store::versions(&mut sight.tx(), self.body, year)?;
        let last = published.last().map_or(0, |version| version.no);
        let mut versions: Vec<YearPlanVersion> = Vec::with_capacity(published.len());
        for version in published {
            let rows: Vec<YearPlanRow> = planned
                .iter()
                .filter(|(no, ..)| *no == version.no)
                .map(|(no, row, trade)| {
                    let told = told.iter().filter(|_| *no == last).find(|told| {
                        (&told.code, &told.work_type, told.level) == (&row.code, &row.work_type, row.level)
                    });
                    row_view(row, trade, told)
                })
                .collect();
            let changes = versions.last().map(|before| changes(&before.rows, &rows)).unwrap_or_default();
            let store::Version { no, published_on, published_by, reason } = version;
            versions.push(YearPlanVersion { no, published_on, published_by, reason, rows, changes });
        }
        versions.reverse();
        let mut choices: Vec<YearPlanChoice> = Vec::new();
        for one in filed_scopes(&mut sight.tx(), self.body)? {
            let (scope, work_type) = (one.filed.scope, one.filed.work_type);
            let is_known = |known: &YearPlanChoice| {
                (&known.code, &known.work_type, known.level) == (&scope.code, &work_type, scope.level)
            };
            if scope.from.year() <= year && year <= scope.until.year() && !choices.iter().any(is_known) {
                let (level, level_name) = (scope.level, scope.level.name().to_owned());
                choices.push(YearPlanChoice { code: scope.code, trade: one.trade, work_type, level, level_name });
            }
        }
        Ok(YearPlanView { body: self.body, body_name, year, versions, choices, today })
    }
}

fn row_view(row: &YearPlanTrade, trade: &str, told: Option<&store::Told>) -> YearPlanRow {
    YearPlanRow {
        code: row.code.clone(),
        trade: trade.to_owned(),
        work_type: row.work_type.clone(),
        level: row.level,
        level_name: row.level.name().to_owned(),
        expected: row.expected,
        months: row.months.clone(),
        months_said: months_said(&row.months),
        batches: told.map_or(0, |told| told.batches),
        told: told.map_or(0, |told| told.persons),
    }
}

/// What the later of two versions says otherwise.
fn changes(before: &[YearPlanRow], after: &[YearPlanRow]) -> Vec<String> {
    let same = |a: &YearPlanRow, b: &YearPlanRow| (&a.code, &a.work_type, a.level) == (&b.code, &b.work_type, b.level);
    let name = |row: &YearPlanRow| match row.work_type.as_str() {
        "" => format!("{}{}", row.trade, row.level_name),
        kind => format!("{}（{kind}）{}", row.trade, row.level_name),
    };
    let mut found = Vec::new();
    for row in after {
        match before.iter().find(|old| same(old, row)) {
            None => found.push(format!("增加{}，{}人，{}", name(row), row.expected, row.months_said)),
            Some(old) => {
                if old.expected != row.expected {
                    found.push(format!("{}由{}人改为{}人", name(row), old.expected, row.expected));
                }
                if old.months != row.months {
                    found.push(format!("{}由{}改为{}", name(row), old.months_said, row.months_said));
                }
            }
        }
    }
    found.extend(
        before.iter().filter(|old| !after.iter().any(|row| same(old, row))).map(|old| format!("减去{}", name(old))),
    );
    found
}

/// A body and its plan of a year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearPlanOfBody {
    pub body: i64,
    pub name: String,
    /// The version that holds; without it the body has published none.
    pub no: Option<i64>,
    pub published_on: Option<Date>,
    /// Persons planned, and told of in batches so far.
    pub planned: i64,
    pub told: i64,
}

/// The plans of a territory for a year.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearPlansView {
    pub year: i16,
    pub bodies: Vec<YearPlanOfBody>,
    pub total: i64,
    /// How many have published none.
    pub lacking: i64,
    /// From 0; a page has 50.
    pub page: i64,
}

/// Who has planned the year, and who hasn't?
#[derive(Deserialize, ToSchema)]
pub struct YearPlans {
    /// Without it, this year.
    #[schema(minimum = 2000, maximum = 2999)]
    pub year: Option<i64>,
    /// From 0.
    #[schema(minimum = 0, maximum = 100000)]
    pub page: Option<i64>,
}

impl Look for YearPlans {
    const KIND: LookKind = LookKind::Batches;
    type View = YearPlansView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<YearPlansView, Stop> {
        let (scope, page) = (sight.scope(), self.page.unwrap_or(0).clamp(0, 100_000));
        let year = self.year.map_or(Ok(sight.today().year()), year_of)?;
        let (from, to) = days_of(year);
        let (bodies, total, lacking) = store::overview(&mut sight.tx(), &scope, (year, from, to), page)?;
        let bodies = bodies.into_iter().map(|one| YearPlanOfBody {
            body: one.body,
            name: one.name,
            no: one.no,
            published_on: one.published_on,
            planned: one.planned,
            told: one.told,
        });
        Ok(YearPlansView { year, bodies: bodies.collect(), total, lacking, page })
    }
}

/// What a workbook of a plan says, and what is wrong in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct YearPlanFindingsView {
    /// Lines without a fault.
    pub rows: Vec<YearPlanTrade>,
    pub findings: Vec<Finding>,
}

/// What is wrong with this workbook of a yearly plan, line by line?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct YearPlanFindings {
    /// The hash under which it was kept.
    pub file: FileHash,
}

impl Look for YearPlanFindings {
    const KIND: LookKind = LookKind::Batches;
    type View = YearPlanFindingsView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<YearPlanFindingsView, Stop> {
        // Only who may publish a plan reads files by their hash here.
        sight.caller().granted(ActKind::PublishYearPlan)?;
        let (bytes, body) = (crate::roster::bring(sight, &self.file)?, sight.body()?);
        let filed = filed_scopes(&mut sight.tx(), body)?;
        let check = read(&bytes, &filed, &sight.reference())?;
        Ok(YearPlanFindingsView { rows: check.rows, findings: check.findings })
    }
}

/// Whether the plan of a year stands against every batch that starts in it, because there is none.
///
/// # Errors
/// A fault.
pub(crate) fn ahead(tx: &mut Tx<'_>, body: i64, year: i16) -> Result<Option<Refusal>, DbError> {
    let is_there = !store::in_force(tx, body, year)?.is_empty();
    Ok((!is_there).then(|| rules::year_plan::missing(year)))
}

/// A body that is on file publishes the plan of the year before it tells of a batch.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let today = sight.today();
    let Some(body) = sight.caller().body() else { return Ok(Vec::new()) };
    let filed = filed_scopes(&mut sight.tx(), body)?;
    let on_file = filed.iter().any(|one| one.filed.scope.from <= today && today <= one.filed.scope.until);
    if !on_file || !store::in_force(&mut sight.tx(), body, today.year())?.is_empty() {
        return Ok(Vec::new());
    }
    let by = if sight.caller().role() == Role::Head { "" } else { "，由负责人公布" };
    let year = today.year();
    let detail = format!("没有计划，不能通报{year}年的批次{by}");
    Ok(vec![Task::new(Clause::S2_2_1A, format!("公布{year}年度工作计划"), detail, format!("/year-plan?year={year}"))])
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<PublishYearPlan>("/year-plans")
        .look::<YearPlans>("/year-plans", "辖区内各机构的年度工作计划")
        .look::<YearPlan>("/bodies/{body}/year-plan", "一所机构的年度工作计划")
        .look::<YearPlanFindings>("/year-plan-findings", "检查年度工作计划文件")
}
