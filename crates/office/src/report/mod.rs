//! 二（二）3, second half, and 二（二）4: the body reports its results within ten working days, lateness waits for the
//! centre's decision, and the centre decides on every person who is to receive a certificate.
//!
//! A report holds the results of everybody who is free of objection; the centre decides on those among them who passed.

mod pages;
mod store;

use jiff::civil::Date;
use rules::batch::{BatchStage, BatchStep, next};
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::report::{Hint, LateDecision, ReviewDecision, due_for, excuse, hints, late, may_report, may_review};
use rules::result::{Verdict, parts_for};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::door::{Act, Desk, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::marks::{self, Batch, BatchHead, FileView, MarkedPerson, PartDay, Person};
use crate::web::api::Registry;
use store::{Report, Whom};

/// Who of a batch can be reported now, and by when.
struct Ready<'p> {
    persons: Vec<&'p Person>,
    /// How many an objection keeps back.
    held: usize,
    /// The earliest day by which one of them has to be reported.
    due_on: Date,
}

/// Free of objection, and not reported yet, or returned, or in a report that was refused as late.
fn ready<'p>(
    sight: &mut Sight<'_>,
    batch: &Batch,
    persons: &'p [Person],
    reports: &[Report],
) -> Result<Ready<'p>, Stop> {
    let settled = store::settled(&mut sight.tx(), batch.id)?;
    let report_due_on = batch.report_due_on.unwrap_or(sight.today());
    let calendar = &sight.reference().calendar;
    let refused = |id: i64| {
        reports.iter().any(|report| report.id == id && matches!(report.decision, Some(LateDecision::Refused { .. })))
    };
    let mut ready = Ready { persons: Vec::new(), held: 0, due_on: Date::MAX };
    for person in persons {
        let open = match (person.report, &person.review) {
            (None, _) => true,
            (Some(_), Some(ReviewDecision::Returned { .. })) => person.certificate.is_none(),
            (Some(report), None) => refused(report),
            (Some(_), Some(ReviewDecision::Approved)) => false,
        };
        if person.held {
            ready.held += usize::from(open);
        } else if open {
            let returned = person.reviewed_on.filter(|_| person.review.is_some());
            let settled_on = settled.get(&person.id).copied().max(returned);
            ready.due_on = ready.due_on.min(due_for(report_due_on, settled_on, calendar)?);
            ready.persons.push(person);
        }
    }
    if ready.persons.is_empty() {
        ready.due_on = report_due_on;
    }
    Ok(ready)
}

/// Reports the results of everybody who is free of objection; who was held or returned is reported again later.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportResults {
    pub batch: i64,
    /// Why it is late, if it is.
    #[schema(max_length = 500)]
    pub late_reason: Option<String>,
}

impl Act for ReportResults {
    const KIND: ActKind = ActKind::ReportResults;
    type Answer = Reported;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Reported, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let stage = next(batch.stage, BatchStep::Report)?;
        let window = batch.window.ok_or_else(|| Stop::fault("publicity without a window"))?;
        let today = desk.today();
        let persons = marks::persons(&mut desk.tx(), self.batch)?;
        let reports = store::reports(&mut desk.tx(), self.batch)?;
        let ready = ready(desk, &batch, &persons, &reports)?;
        may_report(&window, today, ready.held, ready.persons.len())?;
        let late_reason = excuse(ready.due_on, today, self.late_reason.as_deref().unwrap_or_default())?;
        let passed = ready.persons.iter().filter(|person| person.verdict(batch.level) == Verdict::Passed).count();
        let report = Report {
            id: desk.new_id(),
            no: reports.last().map_or(1, |last| last.no + 1),
            reported_on: today,
            due_on: ready.due_on,
            persons: ready.persons.len() as i64,
            reported_by: desk.caller().name().to_owned(),
            late_reason,
            decision: None,
            decided_on: None,
            decided_by: None,
        };
        let ids: Vec<i64> = ready.persons.iter().map(|person| person.id).collect();
        store::insert(&mut desk.tx(), self.batch, &report, &ids)?;
        // A later report that brings nobody for review leaves the batch where it stands.
        if batch.stage == BatchStage::Publicised || passed > 0 {
            store::set_stage(&mut desk.tx(), self.batch, stage)?;
        }
        let is_late = late(report.due_on, today);
        let word = if is_late { "逾期上报" } else { "上报" };
        let title = format!("{}{word}“{}”的认定结果，拟发证 {passed} 人", batch.body_name, batch.title);
        desk.tell_office(batch.centre, title, format!("/batches/{}/report?report={}", self.batch, report.no));
        Ok(Reported {
            no: report.no,
            persons: ids.len(),
            passed,
            held: ready.held,
            due_on: report.due_on,
            late: is_late,
        })
    }
}

/// A report that was made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reported {
    /// Counted from 1 within the batch.
    pub no: i64,
    pub persons: usize,
    /// How many of them are to receive a certificate.
    pub passed: usize,
    /// How many an objection keeps back.
    pub held: usize,
    pub due_on: Date,
    pub late: bool,
}

/// The centre decides whether a late report is reviewed all the same.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DecideLateReport {
    pub batch: i64,
    /// The number of the report within the batch.
    pub no: i64,
    pub accepted: bool,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

impl Act for DecideLateReport {
    const KIND: ActKind = ActKind::DecideLateReport;
    type Answer = LateDecided;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<LateDecided, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let reports = store::reports(&mut desk.tx(), self.batch)?;
        let report = reports.into_iter().find(|report| report.no == self.no).ok_or(Stop::NotFound)?;
        let (due_on, on) = (report.due_on, report.reported_on);
        let decision = LateDecision::make(self.accepted, &self.reason, due_on, on, report.decision.as_ref())?;
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        store::decide_late(&mut desk.tx(), report.id, &decision, (today, &by))?;
        // Who was approved in an earlier report must not wait for one that was refused.
        let (undecided, approved) = store::standing(&mut desk.tx(), self.batch)?;
        if batch.stage == BatchStage::Reported && undecided == 0 && approved > 0 {
            let stage = next(batch.stage, BatchStep::Review { complete: true })?;
            store::set_stage(&mut desk.tx(), self.batch, stage)?;
        }
        let title = format!("“{}”逾期上报：{}", batch.title, decision.name());
        desk.tell_body(batch.body, title, format!("/batches/{}/report", self.batch));
        Ok(LateDecided { decision })
    }
}

/// The centre's word on a late report.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LateDecided {
    pub decision: LateDecision,
}

/// The centre decides on persons: these, or everyone in a report on whom it has not decided yet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReviewPersons {
    pub batch: i64,
    /// The number of the report within the batch.
    pub no: i64,
    /// The persons; empty with `rest`.
    #[serde(default)]
    pub candidates: Vec<i64>,
    /// Everyone in the report on whom nothing was decided yet.
    #[serde(default)]
    pub rest: bool,
    pub approved: bool,
    /// Why they are returned.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
}

impl Act for ReviewPersons {
    const KIND: ActKind = ActKind::ReviewPersons;
    type Answer = PersonsReviewed;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<PersonsReviewed, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        next(batch.stage, BatchStep::Review { complete: false })?;
        let reports = store::reports(&mut desk.tx(), self.batch)?;
        let report = reports.into_iter().find(|report| report.no == self.no).ok_or(Stop::NotFound)?;
        may_review(report.due_on, report.reported_on, report.decision.as_ref())?;
        let decision = ReviewDecision::make(self.approved, &self.reason)?;
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        let whom = self.whom(desk, &batch, &report)?;
        let mut decided = 0;
        for whom in whom {
            decided += store::review(&mut desk.tx(), &whom, &decision, (today, &by))?;
        }
        if decided == 0 {
            return Err(Refusal::new(Clause::S2_2_4A, "没有选中待审核的人员")
                .remedy("请勾选人员，或对其余人员一并审核")
                .at("candidates")
                .into());
        }
        let (undecided, _) = store::standing(&mut desk.tx(), self.batch)?;
        let stage = next(batch.stage, BatchStep::Review { complete: undecided == 0 })?;
        store::set_stage(&mut desk.tx(), self.batch, stage)?;
        let link = format!("/batches/{}/report", self.batch);
        if !self.approved {
            desk.tell_body(batch.body, format!("“{}”有 {decided} 人被退回", batch.title), link.clone());
        }
        if undecided == 0 {
            desk.tell_body(batch.body, format!("“{}”审核完毕，可以核发证书", batch.title), link);
        }
        Ok(PersonsReviewed { decided, undecided, stage })
    }
}

impl ReviewPersons {
    /// The persons meant: in this report, passed, without a certificate.
    fn whom(&self, desk: &mut Desk<'_>, batch: &Batch, report: &Report) -> Result<Vec<Whom>, Stop> {
        if self.rest {
            return Ok(vec![Whom::RestOf(report.id)]);
        }
        let persons = marks::persons(&mut desk.tx(), self.batch)?;
        let mut whom = Vec::with_capacity(self.candidates.len());
        for candidate in &self.candidates {
            let person = persons.iter().find(|person| person.id == *candidate && person.report == Some(report.id));
            let person = person.ok_or(Stop::NotFound)?;
            let verdict = person.verdict(batch.level);
            if verdict != Verdict::Passed {
                return Err(Refusal::new(
                    Clause::S2_2_4A,
                    format!("{}的结果为“{}”，不发证，无需审核", person.name, verdict.name()),
                )
                .remedy("只对拟发证人员作出审核结论，请取消勾选")
                .at("candidates")
                .into());
            }
            if person.certificate.is_some() {
                return Err(Refusal::new(Clause::S2_2_4A, format!("{}的证书已核发，审核结论不再更改", person.name))
                    .remedy("证书有误的，由院校注销后重新办理")
                    .at("candidates")
                    .into());
            }
            whom.push(Whom::Person(person.id));
        }
        Ok(whom)
    }
}

/// What came of a review.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PersonsReviewed {
    /// On how many persons it was decided.
    pub decided: u64,
    /// How many of the batch still wait.
    pub undecided: i64,
    /// Where the batch stands now.
    pub stage: BatchStage,
}

/// A report of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReportBrief {
    pub no: i64,
    pub reported_on: Date,
    pub due_on: Date,
    pub persons: i64,
    pub reported_by: String,
    pub late: bool,
    pub late_reason: Option<String>,
    pub late_decision: Option<LateDecision>,
    /// The decision as people read it.
    pub late_decision_name: Option<String>,
    pub decided_on: Option<Date>,
    pub decided_by: Option<String>,
}

impl From<Report> for ReportBrief {
    fn from(report: Report) -> Self {
        Self {
            no: report.no,
            reported_on: report.reported_on,
            due_on: report.due_on,
            persons: report.persons,
            reported_by: report.reported_by,
            late: late(report.due_on, report.reported_on),
            late_reason: report.late_reason,
            late_decision_name: report.decision.as_ref().map(|decision| decision.name().into()),
            late_decision: report.decision,
            decided_on: report.decided_on,
            decided_by: report.decided_by,
        }
    }
}

/// A person in a report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReportedPerson {
    pub person: MarkedPerson,
    /// Number in the public list.
    pub no: Option<i64>,
    /// Why to look at this person first.
    pub hints: Vec<Hint>,
    /// `approved`, `returned`, or nothing while it is undecided.
    pub review: Option<String>,
    pub review_name: Option<String>,
    /// Why the person is or was returned.
    pub review_reason: Option<String>,
    pub reviewed_on: Option<Date>,
    pub has_certificate: bool,
}

/// The reports of a batch, and one of them with its persons.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReportView {
    pub batch: BatchHead,
    pub parts: Vec<PartDay>,
    pub window: Option<rules::publicity::Window>,
    pub reports: Vec<ReportBrief>,
    /// The number of the report shown; `None` while there is none.
    pub shown: Option<i64>,
    pub persons: Vec<ReportedPerson>,
    /// How many of the report shown are to receive a certificate, and how many of them the centre has not decided on.
    pub for_review: usize,
    pub undecided: usize,
    /// Whether the centre may decide on persons of the report shown, and why not.
    pub reviewable: bool,
    /// Whether the caller sits in the centre in charge.
    pub in_charge: bool,
    pub hindrance: Option<rules::refusal::RefusalView>,
    /// Who could be reported now: how many, how many an objection keeps back, by when, and whether that has passed.
    pub ready: usize,
    pub ready_passed: usize,
    pub held: usize,
    pub due_on: Option<Date>,
    pub would_be_late: bool,
    /// Why nothing can be reported now; empty when it can.
    pub report_hindrance: Option<rules::refusal::RefusalView>,
    pub today: Date,
}

/// How do the reports of a batch stand?
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReportDetail {
    pub batch: i64,
    /// The number of the report to show; the latest if it is not named.
    pub report: Option<i64>,
}

impl Look for ReportDetail {
    const KIND: LookKind = LookKind::Batches;
    type View = ReportView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ReportView, Stop> {
        let batch = marks::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let today = sight.today();
        let all = marks::persons(&mut sight.tx(), self.batch)?;
        let reports = store::reports(&mut sight.tx(), self.batch)?;
        let (mut free, mut held, mut ready_passed, mut due_on) = (0, 0, 0, batch.report_due_on);
        let mut report_hindrance = next(batch.stage, BatchStep::Report).err();
        if let (None, Some(window)) = (&report_hindrance, &batch.window) {
            let ready = ready(sight, &batch, &all, &reports)?;
            (free, held, due_on) = (ready.persons.len(), ready.held, Some(ready.due_on));
            ready_passed = ready.persons.iter().filter(|person| person.verdict(batch.level) == Verdict::Passed).count();
            report_hindrance = may_report(window, today, held, free).err();
        }
        let shown = match self.report {
            Some(no) => Some(reports.iter().find(|report| report.no == no).ok_or(Stop::NotFound)?),
            None => reports.last(),
        };
        let persons = match shown {
            Some(report) => reported(&all, report, &batch, sight)?,
            None => Vec::new(),
        };
        let for_review = persons.iter().filter(|p| p.person.verdict == Verdict::Passed.code());
        let undecided = for_review.clone().filter(|person| person.review.is_none()).count();
        let hindrance = shown.and_then(|report| {
            next(batch.stage, BatchStep::Review { complete: false })
                .and_then(|_| may_review(report.due_on, report.reported_on, report.decision.as_ref()))
                .err()
        });
        Ok(ReportView {
            parts: parts_for(batch.level)
                .iter()
                .map(|&part| PartDay { part, name: part.name().into(), on: batch.exam_on(part), open: false })
                .collect(),
            window: batch.window,
            shown: shown.map(|report| report.no),
            for_review: for_review.count(),
            undecided,
            reviewable: shown.is_some() && hindrance.is_none(),
            in_charge: sight.caller().office() == Some(batch.centre.as_str()),
            hindrance: hindrance.as_ref().map(Into::into),
            ready: free,
            ready_passed,
            held,
            due_on,
            would_be_late: due_on.is_some_and(|due_on| late(due_on, today)),
            report_hindrance: report_hindrance.as_ref().map(Into::into),
            reports: reports.iter().cloned().map(ReportBrief::from).collect(),
            persons,
            batch: BatchHead::from(&batch),
            today,
        })
    }
}

/// The persons of a report with what to look at first.
fn reported(all: &[Person], report: &Report, batch: &Batch, sight: &Sight<'_>) -> Result<Vec<ReportedPerson>, Stop> {
    let persons: Vec<&Person> = all.iter().filter(|person| person.report == Some(report.id)).collect();
    let samples: Vec<_> = persons
        .iter()
        .map(|person| {
            let outcomes = person.marks.iter().map(|mark| mark.outcome).collect();
            (outcomes, person.marks.iter().any(|mark| mark.changes > 0))
        })
        .collect();
    let line = |(person, hints): (&Person, Vec<Hint>)| {
        Ok(ReportedPerson {
            person: marks::marked(person, batch, sight)?,
            no: person.publicity_no,
            hints,
            review: person.review.as_ref().map(|review| review.code().into()),
            review_name: person.review.as_ref().map(|review| review.name().into()),
            review_reason: person.review_reason.clone(),
            reviewed_on: person.reviewed_on,
            has_certificate: person.certificate.is_some(),
        })
    };
    persons.into_iter().zip(hints(&samples)).map(line).collect()
}

/// One report in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReviewLine {
    pub batch: i64,
    pub title: String,
    pub body: String,
    /// The office code of the centre in charge.
    pub centre: String,
    pub trade: String,
    pub level: String,
    /// The number of the report within the batch.
    pub no: i64,
    pub reported_on: Date,
    pub due_on: Date,
    pub is_late: bool,
    /// `accepted`, `refused`, or nothing.
    pub late_decision: Option<String>,
    pub persons: i64,
    /// How many are to receive a certificate, and how many of them wait for a decision.
    pub for_review: i64,
    pub undecided: i64,
}

impl ReviewLine {
    /// Whether its lateness waits for the centre's decision.
    pub fn awaits_late_decision(&self) -> bool {
        self.is_late && self.late_decision.is_none()
    }

    /// Whether persons wait for the centre.
    pub fn awaits_review(&self) -> bool {
        self.undecided > 0 && !self.awaits_late_decision() && self.late_decision.as_deref() != Some("refused")
    }
}

/// Reports within the caller's bounds.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReviewListView {
    pub reports: Vec<ReviewLine>,
}

/// Which reports are there, and which wait?
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReviewList {}

impl Look for ReviewList {
    const KIND: LookKind = LookKind::Batches;
    type View = ReviewListView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ReviewListView, Stop> {
        let scope = sight.scope();
        Ok(ReviewListView { reports: store::list(&mut sight.tx(), &scope)? })
    }
}

/// The list of a report as a workbook, with full identity numbers.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReportWorkbook {
    pub batch: i64,
    /// The number of the report within the batch.
    pub report: i64,
}

impl Look for ReportWorkbook {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let batch = marks::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let reports = store::reports(&mut sight.tx(), self.batch)?;
        let report = reports.into_iter().find(|report| report.no == self.report).ok_or(Stop::NotFound)?;
        let persons = marks::persons(&mut sight.tx(), self.batch)?;
        let mut headers = vec!["序号", "姓名", "证件类型", "证件号码", "职业名称", "职业技能等级"];
        headers.extend(parts_for(batch.level).iter().map(|part| part.name()));
        headers.extend(["认定结果", "审核结论", "退回理由"]);
        let mut rows = Vec::new();
        for person in persons.iter().filter(|person| person.report == Some(report.id)) {
            let kind = rules::identity::IdKind::from_code(&person.id_kind).map_or("", |kind| kind.name());
            let mut row = vec![
                person.publicity_no.map(|no| no.to_string()).unwrap_or_default(),
                person.name.clone(),
                kind.to_owned(),
                person.number(sight.seals())?,
                batch.trade.clone(),
                batch.level.name().to_owned(),
            ];
            for &part in parts_for(batch.level) {
                row.push(person.mark(part).map(|mark| mark.outcome.to_string()).unwrap_or_default());
            }
            row.push(person.verdict(batch.level).name().to_owned());
            row.push(person.review.as_ref().map_or("", |review| review.name()).to_owned());
            row.push(person.review_reason.clone().unwrap_or_default());
            rows.push(row);
        }
        let title = format!("{} {} 认定结果（第{}次上报）", batch.body_name, batch.title, report.no);
        let bytes = sheets::table(&title, &headers, rows).map_err(Stop::fault)?;
        Ok(FileView { name: format!("认定结果-{}-第{}次上报.xlsx", batch.number, report.no), bytes })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<ReportResults>("/batches/{batch}/report")
        .look::<ReportDetail>("/batches/{batch}/report", "一个批次的上报与审核")
        .act::<DecideLateReport>("/batches/{batch}/reports/{no}/lateness")
        .act::<ReviewPersons>("/batches/{batch}/reports/{no}/reviews")
        .look::<ReportWorkbook>("/batches/{batch}/reports/{report}/workbook", "一次上报的名单")
        .look::<ReviewList>("/reviews", "上报的认定结果")
}

/// What waits: reports for the body, lateness and persons for the centre.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    match sight.caller().role() {
        Role::Clerk | Role::Head => tasks_of_body(sight),
        Role::CityCentre | Role::ProvincialCentre => tasks_of_centre(sight),
        _ => Ok(Vec::new()),
    }
}

fn tasks_of_body(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (scope, is_head) = (sight.scope(), sight.caller().role() == Role::Head);
    let mut tasks = Vec::new();
    for id in store::awaiting(&mut sight.tx(), &scope)? {
        let Some(batch) = marks::batch(&mut sight.tx(), id)? else { continue };
        let persons = marks::persons(&mut sight.tx(), id)?;
        let reports = store::reports(&mut sight.tx(), id)?;
        let ready = ready(sight, &batch, &persons, &reports)?;
        let what = if reports.is_empty() { "上报认定结果" } else { "补充上报认定结果" };
        let held = if ready.held > 0 { format!("，另有 {} 人因异议暂缓", ready.held) } else { String::new() };
        let detail = format!("{} 人可以上报{held}；逾期须由主管中心裁定", ready.persons.len());
        let link = format!("/batches/{id}/report");
        let task = Task::new(Clause::S2_2_3B, format!("{what}：{}", batch.title), detail, link).due(Some(ready.due_on));
        tasks.push(if is_head { task } else { task.waiting() });
    }
    for report in store::list(&mut sight.tx(), &scope)? {
        let waits = match (report.awaits_late_decision(), report.awaits_review()) {
            (true, _) => format!("等主管中心裁定逾期上报：{}", report.title),
            (_, true) => format!("等主管中心审核：{}", report.title),
            _ => continue,
        };
        let detail = format!("{} 人待审核，{} 上报", report.undecided, report.reported_on);
        let link = format!("/batches/{}/report?report={}", report.batch, report.no);
        tasks.push(Task::new(Clause::S2_2_4A, waits, detail, link).waiting());
    }
    Ok(tasks)
}

fn tasks_of_centre(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let scope = sight.scope();
    let office = sight.caller().office().map(str::to_owned);
    let in_charge = |report: &ReviewLine| Some(&report.centre) == office.as_ref();
    let reports = store::list(&mut sight.tx(), &scope)?.into_iter().filter(in_charge);
    let tasks = reports.filter_map(|report| {
        let link = format!("/batches/{}/report?report={}", report.batch, report.no);
        if report.awaits_late_decision() {
            let detail = format!("期限 {}，{} 上报；裁定受理后才能审核", report.due_on, report.reported_on);
            let what = format!("裁定逾期上报：{} {}", report.body, report.title);
            Some(Task::new(Clause::S2_2_3B, what, detail, link))
        } else if report.awaits_review() {
            let detail = format!("{} 人待审核，{} 上报", report.undecided, report.reported_on);
            let what = format!("审核认定结果：{} {}", report.body, report.title);
            Some(Task::new(Clause::S2_2_4A, what, detail, link))
        } else {
            None
        }
    });
    Ok(tasks.collect())
}
