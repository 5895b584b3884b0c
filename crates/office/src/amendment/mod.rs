//! 三（三）, 一（五）1: a confirmed mark changes by two persons alone, with reason and evidence; its every value stays to be
//! read. A candidate may have a mark reviewed: whether something was missed, added up or written down wrongly. What changes
//! after the results were posted stands on public notice for its own five working days before the person is reported.

mod pages;
mod review;
mod store;

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::Refusal;
use rules::batch::BatchStage;
use rules::marking::{Amendment, MarkReviewState, Marked, may_propose, open_to_amend};
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::proposal::ProposalState;
use rules::publicity::window;
use rules::report::{ReviewDecision, due_for};
use rules::result::{Outcome, Part, Verdict, decide, has_part};
use rules::{Clause, marking};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub use review::{
    AnswerMarkReview, AskMarkReview, IdEntry, MarkReviewAnswered, MarkReviewAsked, MarkReviewReceipt,
    MarkReviewStanding, receipt,
};
pub(crate) use store::{ALL, steps};

use crate::account::Made;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::marks::{self, Batch, BatchHead, FileView, MarkedPerson, NewMark, Person};
use crate::report;
use crate::roster::bring;
use crate::web::api::Registry;

/// Proposes to change a confirmed mark; somebody else of the body agrees or does not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposeMarkChange {
    pub batch: i64,
    pub candidate: i64,
    pub part: Part,
    /// `85`, `85.5`, `缺考`, `违纪`, `缓考`.
    #[schema(max_length = 20)]
    pub outcome: String,
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
    /// The evidence, as a file that was kept before.
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    /// The review of marks that it answers.
    #[serde(default)]
    pub mark_review: Option<i64>,
    /// The upheld objection that it carries out.
    #[serde(default)]
    pub objection: Option<i64>,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
}

impl Act for ProposeMarkChange {
    const KIND: ActKind = ActKind::ProposeMarkChange;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        if let Some(hash) = &self.file {
            let bytes = bring(sight, hash)?;
            self.kept = Some(KeptFile::of(hash, &bytes)?);
        }
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let person = person(desk, &batch, self.candidate)?;
        has_part(batch.level, self.part)?;
        let before = amendable(desk, &batch, &person, self.part)?;
        let after = Outcome::read(&self.outcome).map_err(|refusal| refusal.at("outcome"))?;
        let open = store::open_changes_of(&mut desk.tx(), person.id, self.part)?;
        let reason = self.reason.trim();
        may_propose(&Amendment { before, after, reason, has_evidence: self.kept.is_some(), open })?;
        self.fits(desk)?;
        let Some(kept) = &self.kept else { return Err(Stop::fault("a change without its evidence")) };
        let (id, now, today, by) = (desk.new_id(), desk.now(), desk.today(), marks::hand(desk));
        note_file(&mut desk.tx(), kept, now)?;
        let new = store::NewChange {
            id,
            batch: batch.id,
            candidate: person.id,
            part: self.part,
            before,
            after,
            reason,
            file: kept,
            file_name: &crate::web::forms::plain_name(&self.file_name),
            review: self.mark_review,
            objection: self.objection,
            now,
            on: today,
            by: &by,
        };
        store::propose(&mut desk.tx(), &new)?;
        desk.tell_body(batch.body, format!("“{}”有一项成绩更改，请另一人核对依据后答复", batch.title), page(batch.id));
        Ok(Made { id })
    }
}

impl ProposeMarkChange {
    /// Review and objection that it names are about this person and still to be carried out.
    fn fits(&self, desk: &mut Desk<'_>) -> Result<(), Stop> {
        if let Some(id) = self.mark_review {
            let review = store::review(&mut desk.tx(), self.batch, id)?.ok_or(Stop::NotFound)?;
            review.state.is_open()?;
            if (review.candidate, review.part) != (self.candidate, self.part) {
                return Err(Refusal::house("成绩复核", "这件复核申请的不是这一科成绩")
                    .remedy("请更改申请复核的那一科，或单独提出更改")
                    .at("mark_review")
                    .into());
            }
        }
        if let Some(id) = self.objection
            && !store::upheld_of(&mut desk.tx(), self.candidate)?.iter().any(|(upheld, _)| *upheld == id)
        {
            return Err(Refusal::new(Clause::S2_2_3B, "这件异议不是对该考生的，或还没有认定成立")
                .remedy("请先由机构负责人处理异议；异议成立的，再提出更改")
                .at("objection")
                .into());
        }
        Ok(())
    }

    /// The act for evidence that was kept before.
    fn with_file(mut self, (hash, name): (FileHash, String)) -> Self {
        (self.file, self.file_name) = (Some(hash), name);
        self
    }
}

fn page(batch: i64) -> String {
    format!("/batches/{batch}/mark-changes")
}

fn person(sight: &mut Sight<'_>, batch: &Batch, candidate: i64) -> Result<Person, Stop> {
    let persons = marks::persons(&mut sight.tx(), batch.id)?;
    persons.into_iter().find(|person| person.id == candidate).ok_or(Stop::NotFound)
}

/// The mark that stands, if it may change in this way: confirmed, of this batch's own, and nobody relies on it.
fn amendable(sight: &mut Sight<'_>, batch: &Batch, person: &Person, part: Part) -> Result<Outcome, Stop> {
    let mark = person.mark(part).ok_or_else(|| {
        Refusal::new(Clause::S1_5_1, format!("{}的{}还没有成绩", person.name, part.name()))
            .remedy("请在成绩页登记；公示后没有成绩的科目不再补登")
            .at("part")
    })?;
    if batch.stage == BatchStage::Notified && !mark.is_checked() {
        return Err(Refusal::house("成绩核对", format!("{}的{}还没有经第二人核对", person.name, part.name()))
            .remedy("核对之前可以在成绩页直接改正，不必提出更改")
            .at("part")
            .into());
    }
    if let Some(kept) = &mark.kept {
        return Err(Refusal::new(Clause::S1_5_1, format!("这一科是从 {} 保留的成绩", kept.number))
            .remedy("保留成绩在原批次更改，本批次不改")
            .at("part")
            .into());
    }
    let refused = match person.report {
        Some(report) => store::refused_late(&mut sight.tx(), report)?,
        None => false,
    };
    let returned = matches!(person.review, Some(ReviewDecision::Returned { .. }));
    let standing = Marked {
        has_certificate: person.certificate.is_some(),
        is_proposed: person.report.is_some() && !refused && !returned && person.verdict(batch) == Verdict::Passed,
        is_given_up: person.given_up.is_some(),
    };
    open_to_amend(batch.stage, standing)?;
    Ok(mark.outcome)
}

/// Answers a proposed change: another person agrees or does not; who proposed it takes it back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerMarkChange {
    pub batch: i64,
    pub mark_change: i64,
    pub agreed: bool,
    /// What was looked at; needed where it is not agreed.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: String,
}

/// What came of an answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarkChangeAnswered {
    pub state: ProposalState,
    /// The last day on which the changed result stands on public notice, where the results were posted before.
    pub corrected_until: Option<Date>,
}

impl Act for AnswerMarkChange {
    const KIND: ActKind = ActKind::AnswerMarkChange;
    type Answer = MarkChangeAnswered;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<MarkChangeAnswered, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let change = store::change(&mut desk.tx(), self.batch, self.mark_change)?.ok_or(Stop::NotFound)?;
        let (by, today, reason) = (marks::hand(desk), desk.today(), self.reason.trim());
        if reason.chars().count() > 2000 {
            return Err(Refusal::house("填写", "内容超过2000字").remedy("请概括要点").at("reason").into());
        }
        let state = change.state.answer(self.agreed, reason, &change.proposed, &by)?;
        store::answer(&mut desk.tx(), change.id, state, (today, &by.name), reason)?;
        let corrected_until = match state {
            ProposalState::Agreed => carry_out(desk, &batch, &change, &by)?,
            _ => None,
        };
        desk.tell_body(batch.body, format!("“{}”的成绩更改：{}", batch.title, state.name()), page(batch.id));
        Ok(MarkChangeAnswered { state, corrected_until })
    }
}

/// Changes the mark, and what follows: the verdict, the correction on public notice, the review, the objection.
fn carry_out(
    desk: &mut Desk<'_>,
    batch: &Batch,
    change: &store::Change,
    by: &marking::Hand,
) -> Result<Option<Date>, Stop> {
    let person = person(desk, batch, change.candidate)?;
    let stands = amendable(desk, batch, &person, change.part)?;
    if stands != change.before {
        return Err(Refusal::new(Clause::S3_3_1, format!("提出时成绩为 {}，现为 {stands}", change.before))
            .remedy("请不同意这一项，按现在的成绩另行提出")
            .into());
    }
    let outcomes: Vec<(Part, Outcome)> = person
        .outcomes()
        .into_iter()
        .map(|(part, outcome)| (part, if part == change.part { change.after } else { outcome }))
        .collect();
    let verdict = decide(batch.level, &batch.rules, &outcomes);
    let before = person.mark(change.part);
    let mark = NewMark {
        confirmed: Some((by.name.clone(), "amended")),
        reached_on: before.and_then(|mark| mark.reached_on),
        basis: before.and_then(|mark| mark.basis.clone()),
        ..NewMark::plain(person.id, change.part, change.after, None)
    };
    let entry = marks::Entry {
        source: "change",
        file: Some(&change.file),
        scheme: batch.scheme.filter(|_| mark.basis.is_some()),
        mark_change: Some(change.id),
        now: desk.now(),
        by: &change.proposed,
    };
    marks::enter(&mut desk.tx(), [&mark].into_iter(), &BTreeMap::from([(person.id, verdict.code())]), &entry)?;
    let today = desk.today();
    if let Some(id) = change.review {
        let answer = format!("{}由 {} 更改为 {}：{}", change.part.name(), change.before, change.after, change.reason);
        store::end_review(&mut desk.tx(), id, MarkReviewState::Changed, (today, &by.name), &answer)?;
    }
    let Some(no) = person.publicity_no.filter(|_| batch.window.is_some()) else { return Ok(None) };
    let calendar = &desk.reference().calendar;
    let window = window(today, calendar)?;
    // After it the days are counted in which the person is reported.
    due_for(batch.report_due_on.unwrap_or(today), Some(window.ends_on), calendar)?;
    let correction = store::Correction {
        change: change.id,
        batch: batch.id,
        candidate: person.id,
        no,
        marks: &outcomes,
        verdict: verdict.code(),
        window,
    };
    store::correct(&mut desk.tx(), &correction)?;
    if let Some(objection) = change.objection {
        store::carry_out(&mut desk.tx(), objection, change.id, person.id)?;
    }
    if batch.closed_on.is_some() {
        report::settle(&mut desk.tx(), batch.id)?;
    }
    desk.tell_office(
        batch.centre.clone(),
        format!("{}更正“{}”一名考生的成绩，更正公示至 {} 止", batch.body_name, batch.title, window.ends_on),
        page(batch.id),
    );
    Ok(Some(window.ends_on))
}

/// A change of a confirmed mark.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarkChangeLine {
    pub id: i64,
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    pub part: Part,
    pub part_name: String,
    pub before: String,
    pub after: String,
    pub reason: String,
    pub file_name: String,
    pub mark_review: Option<i64>,
    pub objection: Option<i64>,
    pub state: ProposalState,
    pub state_name: String,
    /// As people read it.
    pub proposed_at: String,
    pub proposed_by: String,
    /// Whether the caller proposed it, so that somebody else has to answer.
    pub is_own: bool,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: Option<String>,
}

/// A review of marks, inside the house.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarkReviewLine {
    pub id: i64,
    pub receipt: String,
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    pub part: Part,
    pub part_name: String,
    pub scope: marking::MarkReviewScope,
    pub scope_name: String,
    pub reason: String,
    /// For the body that answers; empty for everyone else.
    pub contact: String,
    pub asked_on: Date,
    pub due_on: Date,
    pub is_late: bool,
    pub state: MarkReviewState,
    pub state_name: String,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: Option<String>,
}

/// One value that a mark had or has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarkStepLine {
    pub part: Part,
    pub part_name: String,
    /// From 0, the first entry.
    pub no: i64,
    pub before: Option<String>,
    pub after: String,
    /// The way in, as people read it.
    pub how: String,
    /// As people read it.
    pub at: String,
    pub by: String,
    /// Why it was changed and who agreed, where it had been confirmed before.
    pub reason: Option<String>,
    pub agreed_by: Option<String>,
    pub mark_change: Option<i64>,
    pub batch: Option<i64>,
}

/// Whose mark could be changed, with everything that it has been.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarkChangeSubject {
    pub person: MarkedPerson,
    pub steps: Vec<MarkStepLine>,
    /// Upheld objections that no change has carried out: id and receipt.
    pub upheld: Vec<UpheldObjection>,
}

/// An upheld objection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UpheldObjection {
    pub id: i64,
    pub receipt: String,
}

/// Changes and reviews of a batch's marks.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarkChangesView {
    pub batch: BatchHead,
    pub changes: Vec<MarkChangeLine>,
    pub reviews: Vec<MarkReviewLine>,
    /// The candidate asked for.
    pub subject: Option<MarkChangeSubject>,
    /// Whether the results have been posted, so that a change is posted too.
    pub is_posted: bool,
    pub today: Date,
}

/// What was changed in a batch's marks, what waits, and what one candidate's marks have been?
#[derive(Debug, Deserialize, ToSchema)]
pub struct MarkChanges {
    pub batch: i64,
    /// The candidate whose marks are to be shown with all that they have been.
    pub candidate: Option<i64>,
}

impl Look for MarkChanges {
    const KIND: LookKind = LookKind::Batches;
    type View = MarkChangesView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<MarkChangesView, Stop> {
        let batch = marks::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let (by, today) = (marks::hand(sight), sight.today());
        let seals = Some(sight.seals()).filter(|_| sight.caller().role().sits_in_body());
        let subject = match self.candidate {
            Some(candidate) => {
                let person = person(sight, &batch, candidate)?;
                let upheld = store::upheld_of(&mut sight.tx(), candidate)?.into_iter();
                Some(MarkChangeSubject {
                    steps: store::steps(&mut sight.tx(), candidate)?,
                    upheld: upheld.map(|(id, receipt)| UpheldObjection { id, receipt }).collect(),
                    person: marks::marked(&person, &batch, sight)?,
                })
            }
            None => None,
        };
        let changes = store::changes(&mut sight.tx(), self.batch)?;
        let reviews = store::reviews(&mut sight.tx(), self.batch)?;
        Ok(MarkChangesView {
            batch: BatchHead::from(&batch),
            changes: changes.into_iter().map(|change| change.line(&by)).collect(),
            reviews: reviews.into_iter().map(|review| review.line(seals, today)).collect(),
            subject,
            is_posted: batch.window.is_some(),
            today,
        })
    }
}

/// The evidence of a change; papers name people, so fetching it leaves a trace.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MarkChangeFile {
    pub batch: i64,
    pub mark_change: i64,
}

impl Look for MarkChangeFile {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let change = store::change(&mut sight.tx(), self.batch, self.mark_change)?.ok_or(Stop::NotFound)?;
        let name = if change.file_name.is_empty() { "更改依据".to_owned() } else { change.file_name };
        Ok(FileView { bytes: sight.office().files().bring(&change.file)?, name })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<ProposeMarkChange>("/batches/{batch}/mark-changes")
        .look::<MarkChanges>("/batches/{batch}/mark-changes", "一个批次的成绩更改与成绩复核")
        .look::<MarkChangeFile>("/batches/{batch}/mark-changes/{mark_change}/file", "成绩更改的依据")
        .act::<AnswerMarkChange>("/batches/{batch}/mark-changes/{mark_change}/answer")
        .act::<AskMarkReview>("/publicity/{token}/mark-reviews")
        .act::<AnswerMarkReview>("/batches/{batch}/mark-reviews/{mark_review}/answer")
        .public("/mark-review-receipts/{review_receipt}", "MarkReviewReceipt", "凭回执号查看成绩复核", receipt)
}

/// Changes wait for another person, reviews for an answer.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    if !matches!(sight.caller().role(), Role::Clerk | Role::Head) {
        return Ok(Vec::new());
    }
    let (scope, account) = (sight.scope(), sight.caller().account());
    let mut tasks = Vec::new();
    for batch in store::changes_in(&mut sight.tx(), &scope, account)? {
        let what = format!("答复成绩更改：{}", batch.title);
        let detail = format!("{} 项待另一人核对依据后同意", batch.count);
        let task = Task::new(Clause::S3_3_1, what, detail, page(batch.batch));
        tasks.push(if batch.own == batch.count { task.waiting() } else { task });
    }
    for (batch, title, count, due_on) in store::reviews_in(&mut sight.tx(), &scope)? {
        let detail = format!("{count} 件待答复；登记该科成绩的人不能复核");
        let task = Task::new(Clause::S1_5_1, format!("成绩复核：{title}"), detail, page(batch));
        tasks.push(task.due(Some(due_on)));
    }
    Ok(tasks)
}
