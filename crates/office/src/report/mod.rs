//! 二（二）3, second half, and 二（二）4: the body reports its results within ten working days, lateness waits for the
//! centre's decision, and the centre decides on every person who is to receive a certificate.
//!
//! A report holds the results of everybody who is free of objection; the centre decides on those among them who passed.

mod desk;
mod give_up;
mod pages;
mod store;

use proof::log::LeafKind;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use rules::batch::{BatchStage, BatchStep, next};
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::publicity::proven;
use rules::report::{
    Course, Fate, Hint, LateDecision, ReviewDecision, ReviewFinding, ReviewWord, due_for, excuse, fate, findings, late,
    may_report, may_review,
};
use rules::result::{Verdict, parts_for};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use desk::digest_again;
pub use desk::{DrawReviewSample, ReviewDesk, WordLine};
pub use give_up::{GiveUpList, GiveUpPersons};
pub use pages::pages;
pub(crate) use store::{ALL, settle};

use crate::door::{Act, Desk, Look, Scope, Sight, Stop, Subject};
use crate::home::Task;
use crate::marks::{self, Batch, BatchHead, FileView, MarkedPerson, PartDay, Person};
use crate::publicity::{self, PostingLine};
use crate::web::api::Registry;
use store::Report;

/// Where a person stands after publicity.
fn course(person: &Person, reports: &[Report]) -> Course {
    let refused = |id: i64| {
        reports.iter().any(|report| report.id == id && matches!(report.decision, Some(LateDecision::Refused { .. })))
    };
    match (&person.review, person.report) {
        _ if person.given_up.is_some() => Course::GivenUp,
        _ if person.certificate.is_some() => Course::Certified,
        (Some(ReviewDecision::Approved), _) => Course::Approved,
        (Some(ReviewDecision::Returned { .. }), _) => Course::Returned,
        (None, Some(report)) if refused(report) => Course::RefusedLate,
        (None, Some(_)) => Course::Reported,
        (None, None) => Course::Unreported,
    }
}

/// Where the list that stands or stood last hung inside the body.
fn hanging(sight: &mut Sight<'_>, batch: i64) -> Result<Vec<PostingLine>, Stop> {
    let mut postings = publicity::postings(sight, batch)?;
    postings.retain(|posting| posting.round.is_none());
    Ok(postings)
}

/// Who of a batch can be reported now.
struct Ready<'p> {
    /// Each with the last day by which they have to be reported, or why it can't be counted.
    persons: Vec<(&'p Person, Result<Date, Refusal>)>,
    /// How many an open objection keeps back.
    held: usize,
}

impl Ready<'_> {
    /// The earliest last day; why there is none, where it can't be counted.
    fn due_on(&self) -> Result<Option<Date>, Refusal> {
        let due: Result<Vec<Date>, Refusal> = self.persons.iter().map(|(_, due)| due.clone()).collect();
        Ok(due?.into_iter().min())
    }
}

/// Free of objection, and not reported yet, or returned, or in a report that was refused as late.
fn ready<'p>(
    sight: &mut Sight<'_>,
    batch: &Batch,
    persons: &'p [Person],
    reports: &[Report],
) -> Result<Ready<'p>, Stop> {
    let objected = store::objected(&mut sight.tx(), batch.id)?;
    let report_due_on = batch.report_due_on.unwrap_or(sight.today());
    let calendar = &sight.reference().calendar;
    let mut ready = Ready { persons: Vec::new(), held: 0 };
    for person in persons.iter().filter(|person| course(person, reports).is_to_report()) {
        let objected = objected.get(&person.id);
        // A result that was changed after posting has its own five working days first.
        let is_public = person.corrected_until.is_some_and(|until| sight.today() <= until);
        if person.held || is_public {
            ready.held += usize::from(is_public || objected.is_some_and(|objected| objected.is_open));
        } else {
            let returned = person.reviewed_on.filter(|_| person.review.is_some());
            let dismissed = objected.and_then(|objected| objected.dismissed_on);
            let settled_on = dismissed.max(returned).max(person.corrected_until);
            ready.persons.push((person, due_for(report_due_on, settled_on, calendar)));
        }
    }
    Ok(ready)
}

/// Reports the results of everybody who is free of objection; who was held or returned is reported again later. Whose
/// last day has passed is reported apart, so that nobody else waits for the centre's decision on the lateness.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportResults {
    pub batch: i64,
    /// Why some are late, if any are.
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
        next(batch.stage, BatchStep::Report)?;
        let window = batch.window.ok_or_else(|| Stop::fault("publicity without a window"))?;
        let today = desk.today();
        let persons = marks::persons(&mut desk.tx(), self.batch)?;
        let reports = store::reports(&mut desk.tx(), self.batch)?;
        let Ready { persons: ready, held } = ready(desk, &batch, &persons, &reports)?;
        may_report(&window, today, held, ready.len())?;
        proven(&window, hanging(desk, self.batch)?.len())?;
        let dated = ready.into_iter().map(|(person, due)| Ok((person, due?))).collect::<Result<Vec<_>, Refusal>>()?;
        let (behind, in_time): (Vec<_>, Vec<_>) = dated.into_iter().partition(|(_, due_on)| late(*due_on, today));
        let mut made = Vec::new();
        for group in [in_time, behind] {
            let Some(due_on) = group.iter().map(|(_, due_on)| *due_on).min() else { continue };
            let lines = desk::lines(&batch, group.iter().map(|(person, _)| *person))?;
            let report = Report {
                id: desk.new_id(),
                no: reports.last().map_or(0, |last| last.no) + made.len() as i64 + 1,
                reported_on: today,
                due_on,
                persons: group.len() as i64,
                reported_by: desk.caller().name().to_owned(),
                late_reason: excuse(due_on, today, self.late_reason.as_deref().unwrap_or_default())?,
                decision: None,
                decided_on: None,
                decided_by: None,
                digest: Some(desk::package_digest(&batch.number, &lines)),
            };
            store::insert(&mut desk.tx(), self.batch, &report, &lines)?;
            desk.log_recorded(LeafKind::ResultsReported, report.id, 0)?;
            let passed = group.iter().filter(|(person, _)| person.verdict(&batch) == Verdict::Passed).count();
            let is_late = late(due_on, today);
            let word = if is_late { "逾期上报" } else { "上报" };
            let title = format!("{}{word}“{}”的认定结果，拟发证 {passed} 人", batch.body_name, batch.title);
            desk.tell_office(&batch.centre, title, format!("/batches/{}/report?report={}", self.batch, report.no));
            made.push(ReportMade { no: report.no, persons: lines.len(), passed, due_on, late: is_late });
        }
        store::settle(&mut desk.tx(), self.batch)?;
        Ok(Reported { reports: made, held })
    }
}

/// What was reported.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reported {
    /// One report, or two where some are in time and others late.
    pub reports: Vec<ReportMade>,
    /// How many an open objection keeps back.
    pub held: usize,
}

/// A report that was made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportMade {
    /// Counted from 1 within the batch.
    pub no: i64,
    pub persons: usize,
    /// How many of them are to receive a certificate.
    pub passed: usize,
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
        store::settle(&mut desk.tx(), self.batch)?;
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

/// The centre decides on persons: these, or everyone in a report on whom it has not decided yet, all alike; or word for
/// word, as a desk sends them. As long as somebody has no certificate, the decision on them may be another.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReviewPersons {
    pub batch: i64,
    /// The number of the report within the batch.
    pub no: i64,
    /// The persons; empty with `rest` and with `words`.
    #[serde(default)]
    #[schema(max_items = 10_000)]
    pub candidates: Vec<i64>,
    /// Everyone in the report on whom nothing was decided yet and who is not held.
    #[serde(default)]
    pub rest: bool,
    #[serde(default)]
    pub approved: bool,
    /// Decides nothing on them and keeps them back with a reason.
    #[serde(default)]
    pub held: bool,
    /// Why they are returned or held.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
    /// Words on single persons, each for itself: one that can't be kept keeps no other back, and one that arrives twice
    /// counts once.
    #[serde(default)]
    #[schema(max_items = 1_000)]
    pub words: Vec<WordOn>,
}

/// A word on one person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WordOn {
    pub candidate: i64,
    pub word: ReviewWord,
    /// Why, where the person is returned or held.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
    /// The number of the last word on the person that the reviewer has seen; 0 for none.
    #[serde(default)]
    pub seen: i64,
}

/// What became of a word, and what stands on the person now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WordTold {
    pub candidate: i64,
    pub fate: Fate,
    /// The number of the word that stands; 0 where none does.
    pub no: i64,
    pub word: Option<ReviewWord>,
    pub word_name: String,
    pub reason: Option<String>,
    pub by: String,
    pub at: String,
    /// Why there is nothing to decide.
    pub refused: Option<String>,
}

impl Act for ReviewPersons {
    const KIND: ActKind = ActKind::ReviewPersons;
    type Answer = PersonsReviewed;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<PersonsReviewed, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let reports = store::reports(&mut desk.tx(), self.batch)?;
        let report = reports.into_iter().find(|report| report.no == self.no).ok_or(Stop::NotFound)?;
        may_review(report.due_on, report.reported_on, report.decision.as_ref())?;
        next(batch.stage, BatchStep::Review)?;
        let last = store::last_words(&mut desk.tx(), report.id)?;
        let (sayings, mut told) = if self.words.is_empty() {
            (self.alike(desk, &batch, &report, &last)?, Vec::new())
        } else {
            self.word_for_word(desk, &batch, &report, &last)?
        };
        if sayings.keys().any(|(word, _)| *word == ReviewWord::Return) {
            // From today the days are counted in which they are reported again.
            let today = desk.today();
            due_for(batch.report_due_on.unwrap_or(today), Some(today), &desk.reference().calendar)?;
        }
        let (on, at) = (desk.today(), desk.now());
        let (account, by) = (desk.caller().account(), desk.caller().name().to_owned());
        for ((word, reason), persons) in &sayings {
            let reason = reason.as_deref();
            let saying = store::Saying { report: report.id, persons, word: *word, reason, on, at, account, by: &by };
            store::say(&mut desk.tx(), &saying)?;
        }
        for one in told.iter_mut().filter(|one| one.fate == Fate::Kept) {
            (one.by, one.at) = (by.clone(), crate::door::clock::read_out(at));
        }
        let (waiting, stage) = store::settle(&mut desk.tx(), self.batch)?;
        let link = format!("/batches/{}/report", self.batch);
        let decided = sayings.values().map(BTreeMap::len).sum();
        let mut returned: usize = sayings
            .iter()
            .filter_map(|((word, _), persons)| (*word == ReviewWord::Return).then_some(persons.len()))
            .sum();
        if !self.words.is_empty() {
            // A desk sends word by word: the body is told once, when the last has come.
            let is_said_anew = |id: &i64| sayings.values().any(|persons| persons.contains_key(id));
            let before = last.iter().filter(|(id, last)| last.said.word == ReviewWord::Return && !is_said_anew(id));
            returned = if decided > 0 && waiting.undecided == 0 { returned + before.count() } else { 0 };
        }
        if returned > 0 {
            desk.tell_body(batch.body, format!("“{}”有 {returned} 人被退回", batch.title), link.clone());
        }
        if decided > 0 && waiting.undecided == 0 {
            let end = match waiting.to_issue {
                0 => "没有待发的证书".to_owned(),
                count => format!("可以为 {count} 人核发证书"),
            };
            desk.tell_body(batch.body, format!("“{}”审核完毕，{end}", batch.title), link);
        }
        Ok(PersonsReviewed { decided, undecided: waiting.undecided, to_issue: waiting.to_issue, stage, told })
    }
}

/// Persons by what is said on them and why, each with the number that the word gets.
type Sayings = BTreeMap<(ReviewWord, Option<String>), BTreeMap<i64, [i64; 1]>>;

/// Why there is nothing to decide on a person of a report.
fn reviewable(person: &Person, batch: &Batch) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| {
        Err(Refusal::new(Clause::S2_2_4A, format!("{}{what}", person.name)).remedy(remedy).at("candidates"))
    };
    let verdict = person.verdict(batch);
    if verdict != Verdict::Passed {
        let what = format!("的结果为“{}”，不发证，无需审核", verdict.name());
        return refuse(what, "只对拟发证人员作出审核结论，请取消勾选");
    }
    if person.certificate.is_some() {
        return refuse("的证书已核发，审核结论不再更改".into(), "证书有误的，由机构注销后重新办理");
    }
    if person.given_up.is_some() {
        return refuse("已由机构不再办理".into(), "请取消勾选");
    }
    Ok(())
}

impl ReviewPersons {
    /// The same word on everyone who is meant: in this report, passed, without a certificate, not given up.
    fn alike(
        &self,
        desk: &mut Desk<'_>,
        batch: &Batch,
        report: &Report,
        last: &HashMap<i64, store::LastWord>,
    ) -> Result<Sayings, Stop> {
        let word = match (self.held, self.approved) {
            (true, _) => ReviewWord::Hold,
            (false, true) => ReviewWord::Approve,
            (false, false) => ReviewWord::Return,
        };
        let reason = word.reason(&self.reason)?;
        let persons = marks::persons(&mut desk.tx(), self.batch)?;
        let reported = persons.iter().filter(|person| person.report == Some(report.id));
        let is_held = |id: i64| last.get(&id).is_some_and(|last| last.said.word == ReviewWord::Hold);
        let whom: Vec<i64> = if self.rest {
            reported
                .filter(|person| person.review.is_none() && !is_held(person.id) && reviewable(person, batch).is_ok())
                .map(|person| person.id)
                .collect()
        } else {
            let reported: HashMap<i64, &Person> = reported.map(|person| (person.id, person)).collect();
            let chosen: BTreeSet<i64> = self.candidates.iter().copied().collect();
            let known = chosen.into_iter().map(|candidate| {
                let person = reported.get(&candidate).ok_or(Stop::NotFound)?;
                reviewable(person, batch)?;
                Ok(candidate)
            });
            known.collect::<Result<_, Stop>>()?
        };
        if whom.is_empty() {
            return Err(Refusal::new(Clause::S2_2_4A, "没有选中待审核的人员")
                .remedy("请勾选人员，或对其余人员一并审核")
                .at("candidates")
                .into());
        }
        let number = |id: i64| [last.get(&id).map_or(1, |last| last.said.no + 1)];
        Ok(Sayings::from([((word, reason), whom.into_iter().map(|id| (id, number(id))).collect())]))
    }

    /// Each word for itself; a later word on the same person takes the place of an earlier one.
    fn word_for_word(
        &self,
        desk: &mut Desk<'_>,
        batch: &Batch,
        report: &Report,
        last: &HashMap<i64, store::LastWord>,
    ) -> Result<(Sayings, Vec<WordTold>), Stop> {
        let persons = marks::persons(&mut desk.tx(), self.batch)?;
        let reported: HashMap<i64, &Person> = persons
            .iter()
            .filter(|person| person.report == Some(report.id))
            .map(|person| (person.id, person))
            .collect();
        let account = desk.caller().account();
        let words: BTreeMap<i64, &WordOn> = self.words.iter().map(|word| (word.candidate, word)).collect();
        let (mut sayings, mut told) = (Sayings::new(), Vec::new());
        for (candidate, said) in words {
            let stands = last.get(&candidate);
            let reason = match reported.get(&candidate) {
                None => Err(Refusal::new(Clause::S2_2_4A, "该人员不在这次上报中").remedy("请刷新后按最近一次上报审核")),
                Some(person) => reviewable(person, batch).and_then(|()| said.word.reason(&said.reason)),
            };
            let (fate, refused) = match &reason {
                Ok(reason) => {
                    let what = (said.word, reason.as_deref());
                    (fate(stands.map(|stands| &stands.said), what, account, said.seen), None)
                }
                Err(refusal) => (Fate::Refused, Some(format!("{}。{}", refusal.what, refusal.remedy))),
            };
            let no = stands.map_or(0, |stands| stands.said.no);
            let mut one = WordTold {
                candidate,
                fate,
                no,
                word: stands.map(|stands| stands.said.word),
                word_name: stands.map_or_else(String::new, |stands| stands.said.word.name().into()),
                reason: stands.and_then(|stands| stands.said.reason.clone()),
                by: stands.map_or_else(String::new, |stands| stands.by.clone()),
                at: stands.map_or_else(String::new, |stands| stands.at.clone()),
                refused,
            };
            if let (Fate::Kept, Ok(reason)) = (fate, reason) {
                (one.no, one.word, one.word_name) = (no + 1, Some(said.word), said.word.name().into());
                one.reason.clone_from(&reason);
                sayings.entry((said.word, reason)).or_default().insert(candidate, [no + 1]);
            }
            told.push(one);
        }
        Ok((sayings, told))
    }
}

/// What came of a review.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PersonsReviewed {
    /// On how many persons it was decided.
    pub decided: usize,
    /// How many of the batch still wait for a decision.
    pub undecided: i64,
    /// How many are approved and have no certificate.
    pub to_issue: i64,
    /// Where the batch stands now.
    pub stage: BatchStage,
    /// What became of each of the words, where words came.
    #[serde(default)]
    pub told: Vec<WordTold>,
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
    /// The same with explanation and figures.
    pub findings: Vec<ReviewFinding>,
    /// `approved`, `returned`, or nothing while it is undecided.
    pub review: Option<String>,
    pub review_name: Option<String>,
    /// Why the person is or was returned.
    pub review_reason: Option<String>,
    pub reviewed_on: Option<Date>,
    pub has_certificate: bool,
    /// Whether this is the last report that the person is in; decisions are taken there.
    pub is_current: bool,
    /// Whether the centre has a word to say on the person in this report and has not said it.
    pub awaits: bool,
    /// Why the body has given the person up, if it has.
    pub given_up: Option<String>,
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
    /// Why there is no such day though somebody is to be reported: the calendar does not reach.
    pub due_unknown: Option<rules::refusal::RefusalView>,
    pub would_be_late: bool,
    /// How many of them would be late.
    pub ready_late: usize,
    /// How many persons came back from the centre, whom the body may give up, and how many it has given up.
    pub to_give_up: usize,
    pub given_up: usize,
    /// Why nothing can be reported now; empty when it can.
    pub report_hindrance: Option<rules::refusal::RefusalView>,
    /// What speaks against those who examined the batch: nobody was assigned, a card that did not hold, a tie.
    pub examiner_doubts: Vec<String>,
    /// Where the list hung inside the body.
    pub postings: Vec<PostingLine>,
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
        let mut ready = Ready { persons: Vec::new(), held: 0 };
        let mut report_hindrance = next(batch.stage, BatchStep::Report).err();
        if let (None, Some(window)) = (&report_hindrance, &batch.window) {
            ready = self::ready(sight, &batch, &all, &reports)?;
            let proofs = hanging(sight, self.batch)?.len();
            report_hindrance =
                may_report(window, today, ready.held, ready.persons.len()).and_then(|()| proven(window, proofs)).err();
        }
        let (due_on, due_unknown) = match ready.due_on() {
            Ok(due_on) => (due_on.or(batch.report_due_on), None),
            Err(refusal) => (None, Some((&refusal).into())),
        };
        let is_late = |due: &Result<Date, Refusal>| due.as_ref().is_ok_and(|due_on| late(*due_on, today));
        let count = |of: &[Course]| all.iter().filter(|person| of.contains(&course(person, &reports))).count();
        let passed = |person: &Person| person.verdict(&batch) == Verdict::Passed;
        let shown = match self.report {
            Some(no) => Some(reports.iter().find(|report| report.no == no).ok_or(Stop::NotFound)?),
            None => reports.last(),
        };
        let persons = match shown {
            Some(report) => reported(&all, report, &batch, sight)?,
            None => Vec::new(),
        };
        let hindrance = shown.and_then(|report| {
            may_review(report.due_on, report.reported_on, report.decision.as_ref())
                .and_then(|()| next(batch.stage, BatchStep::Review))
                .err()
        });
        Ok(ReportView {
            parts: parts_for(batch.level)
                .iter()
                .map(|&part| PartDay { part, name: part.name().into(), on: batch.exam_on(part), open: false })
                .collect(),
            window: batch.window,
            shown: shown.map(|report| report.no),
            for_review: persons.iter().filter(|line| line.person.verdict == Verdict::Passed.code()).count(),
            undecided: persons.iter().filter(|line| line.awaits).count(),
            reviewable: shown.is_some() && hindrance.is_none(),
            in_charge: sight.caller().office() == Some(batch.centre.as_str()),
            hindrance: hindrance.as_ref().map(Into::into),
            ready: ready.persons.len(),
            ready_passed: ready.persons.iter().filter(|(person, _)| passed(person)).count(),
            held: ready.held,
            due_on,
            due_unknown,
            would_be_late: due_on.is_some_and(|due_on| late(due_on, today)),
            ready_late: ready.persons.iter().filter(|(_, due)| is_late(due)).count(),
            to_give_up: count(&[Course::Returned, Course::RefusedLate]),
            given_up: count(&[Course::GivenUp]),
            report_hindrance: report_hindrance.as_ref().map(Into::into),
            examiner_doubts: match sight.caller().role().sits_in_body() {
                true => Vec::new(),
                false => crate::assignment::doubts(sight, self.batch)?,
            },
            postings: hanging(sight, self.batch)?,
            reports: reports.iter().cloned().map(ReportBrief::from).collect(),
            persons,
            batch: BatchHead::from(&batch),
            today,
        })
    }
}

/// Every word of the centre on a person of a batch, in all its reports, the first first.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn words_on(tx: &mut crate::db::Tx<'_>, batch: i64, candidate: i64) -> Result<Vec<WordLine>, Stop> {
    Ok(store::words(tx, batch)?.remove(&candidate).unwrap_or_default())
}

/// The persons whom a report held, with what to look at first and what the centre decided in it.
fn reported(
    all: &[Person],
    report: &Report,
    batch: &Batch,
    sight: &mut Sight<'_>,
) -> Result<Vec<ReportedPerson>, Stop> {
    let held = store::persons(&mut sight.tx(), report.id)?;
    let persons: Vec<(&Person, &store::Held)> =
        all.iter().filter_map(|person| Some((person, held.get(&person.id)?))).collect();
    let samples: Vec<_> = persons
        .iter()
        .map(|(person, _)| {
            let outcomes = person.marks.iter().map(|mark| (mark.part, mark.outcome)).collect();
            (outcomes, person.marks.iter().map(|mark| mark.changes).sum())
        })
        .collect();
    let refused = matches!(report.decision, Some(LateDecision::Refused { .. }));
    let line = |((person, held), findings): ((&Person, &store::Held), Vec<ReviewFinding>)| {
        let is_current = person.report == Some(report.id);
        let undecided = held.review.is_none() && person.given_up.is_none() && !refused;
        let reason = match &held.review {
            Some(ReviewDecision::Returned { reason }) => Some(reason.clone()),
            // Why the person was returned before stays to be read while the centre decides again.
            None if is_current => person.review_reason.clone(),
            _ => None,
        };
        Ok(ReportedPerson {
            person: marks::marked(person, batch, sight)?,
            no: person.publicity_no,
            hints: findings.iter().map(|finding| finding.hint).collect(),
            findings,
            review: held.review.as_ref().map(|review| review.code().into()),
            review_name: held.review.as_ref().map(|review| review.name().into()),
            review_reason: reason,
            reviewed_on: held.reviewed_on,
            has_certificate: person.certificate.is_some(),
            is_current,
            awaits: is_current && undecided && person.verdict(batch) == Verdict::Passed,
            given_up: person.given_up.clone(),
        })
    };
    persons.into_iter().zip(findings(&samples, &batch.rules)).map(line).collect()
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
        headers.extend(["认定结果", "审核结论", "退回理由", "成绩来源说明"]);
        let held = store::persons(&mut sight.tx(), report.id)?;
        let mut rows = Vec::new();
        for (person, held) in persons.iter().filter_map(|person| Some((person, held.get(&person.id)?))) {
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
            let notes = person.notes();
            let notes: Vec<String> = notes.iter().map(|(part, note)| format!("{}：{note}", part.name())).collect();
            row.push(person.verdict(&batch).name().to_owned());
            row.push(held.review.as_ref().map_or("", |review| review.name()).to_owned());
            row.push(match &held.review {
                Some(ReviewDecision::Returned { reason }) => reason.clone(),
                _ => String::new(),
            });
            row.push(notes.join("；"));
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
        .look::<ReviewDesk>("/batches/{batch}/reports/{no}/desk", "一次上报的审核台")
        .act::<DrawReviewSample>("/batches/{batch}/reports/{no}/samples")
        .act::<GiveUpPersons>("/batches/{batch}/given-up")
        .look::<GiveUpList>("/batches/{batch}/given-up", "不再办理的人员，与可以不再办理的人员")
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
    let (reference, today) = (sight.reference(), sight.today());
    let mut tasks = Vec::new();
    for batch in store::to_report(&mut sight.tx(), &scope, today)? {
        let what = if batch.was_reported { "补充上报认定结果" } else { "上报认定结果" };
        let held = if batch.held > 0 { format!("，另有 {} 人因异议暂缓", batch.held) } else { String::new() };
        let due_on = due_for(batch.report_due_on, batch.settled_on, &reference.calendar);
        let end = match &due_on {
            Ok(_) => "逾期须由主管中心裁定".to_owned(),
            Err(unknown) => format!("期限暂不能计算：{}", unknown.what),
        };
        let detail = format!("{} 人可以上报{held}；{end}", batch.ready);
        let link = format!("/batches/{}/report", batch.batch);
        let task = Task::new(Clause::S2_2_3B, format!("{what}：{}", batch.title), detail, link).due(due_on.ok());
        tasks.push(if is_head { task } else { task.waiting() });
    }
    for report in store::pending(&mut sight.tx(), &scope)? {
        let waits =
            if report.awaits_late_decision() { "等主管中心裁定逾期上报" } else { "等主管中心审核" };
        let detail = format!("{} 人待审核，{} 上报", report.undecided, report.reported_on);
        let link = format!("/batches/{}/report?report={}", report.batch, report.no);
        tasks.push(Task::new(Clause::S2_2_4A, format!("{waits}：{}", report.title), detail, link).waiting());
    }
    Ok(tasks)
}

fn tasks_of_centre(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    // The provincial centre sees every report and decides on those of the bodies in its charge.
    let scope = Scope { centre: sight.caller().office().map(str::to_owned), ..sight.scope() };
    let tasks = store::pending(&mut sight.tx(), &scope)?.into_iter().map(|report| {
        let link = format!("/batches/{}/report?report={}", report.batch, report.no);
        let (body, title, reported_on) = (report.body.as_str(), report.title.as_str(), report.reported_on);
        if report.awaits_late_decision() {
            let detail = format!("期限 {}，{reported_on} 上报；裁定受理后才能审核", report.due_on);
            Task::new(Clause::S2_2_3B, format!("裁定逾期上报：{body} {title}"), detail, link)
        } else {
            let detail = format!("{} 人待审核，{reported_on} 上报", report.undecided);
            Task::new(Clause::S2_2_4A, format!("审核认定结果：{body} {title}"), detail, link)
        }
    });
    Ok(tasks.collect())
}
