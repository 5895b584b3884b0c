//! 二（二）3, first half: results stand on public notice for five whole working days, frozen and masked, and go by
//! themselves. Anyone may object; an objection holds the one person it names until the body has decided on it.

mod hearing;
mod pages;
mod posting;
mod store;

use jiff::civil::Date;
use proof::log::LeafKind;
use rules::batch::{BatchStep, next};
use rules::candidate::is_minor;
use rules::identity::mask_minor_number;
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::publicity::{
    ObjectionEffect, ObjectionState, Window, in_public, may_add, may_close, may_enclose, may_object, may_post,
    needs_proof, objection, open_on, open_to_prove, open_to_restart, read_receipt, receipt_number, window,
};
use rules::report::due_for;
use rules::result::{Outcome, Part, Verdict};
use rules::term::Term;
use rules::terms::{EVIDENCE_MAX, POSTING_AFTER, POSTING_PROVEN_FROM};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use hearing::{HearingLine, HearingMinutes, NoteHearing, ObjectionFile, ObjectionFileLine, Present};
pub use pages::pages;
pub use posting::{
    BrokenLine, PostingLine, PostingPhoto, PostingPhotoLine, ProvePosting, RestartPreview, RestartPublicity,
    RestartView, Restarted,
};
pub(crate) use posting::{broken, postings};
pub(crate) use store::{ALL, ended};

use crate::db::{DbError, Tx};
use crate::door::store::{note_file, take_numbers, to_text};
use crate::door::{Act, Desk, KeptFile, Look, Office, Sight, Stop, Subject, digest, hex};
use crate::home::Task;
use crate::inspection::brought;
use crate::marks::{self, Batch, BatchHead};
use crate::regulation::NamedFile;
use crate::report;
use crate::web::api::Registry;

/// Posts the results of a batch: the list is frozen and masked, and stands for five whole working days.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PostResults {
    pub batch: i64,
}

impl Act for PostResults {
    const KIND: ActKind = ActKind::PostResults;
    type Answer = Posted;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Posted, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let stage = next(batch.stage, BatchStep::Post)?;
        let (today, reference) = (desk.today(), desk.reference());
        let (rows, digest) = frozen_now(desk, &batch)?;
        let window = window(today, &reference.calendar)?;
        // Closing counts the days for the report; where that can't be done, nothing is posted.
        rules::report::due(&window, &reference.calendar)?;
        let token = hex(&rand::random::<[u8; 16]>());
        let posting = store::Posting { stage: stage.code(), at: desk.now(), window, token: &token, digest: &digest };
        store::post(&mut desk.tx(), self.batch, &rows, &posting)?;
        desk.log_recorded(LeafKind::PublicityPosted, self.batch, 1)?;
        desk.tell_office(
            batch.centre.clone(),
            format!("{}公示“{}”的认定结果，至 {} 止", batch.body_name, batch.title, window.ends_on),
            format!("/batches/{}/publicity", self.batch),
        );
        Ok(Posted { persons: rows.len(), window, token, digest })
    }
}

/// The list as it would be frozen now, each line with its person, and its digest.
///
/// # Errors
/// A refusal when the results may not be posted today.
fn frozen_now(sight: &mut Sight<'_>, batch: &Batch) -> Result<(Vec<(i64, FrozenRow)>, String), Stop> {
    let persons = marks::persons(&mut sight.tx(), batch.id)?;
    let pending: Vec<String> =
        persons.iter().filter(|p| !p.verdict(batch).is_settled()).map(|p| p.name.clone()).collect();
    may_post(batch.last_exam_on(), sight.today(), persons.len(), (&pending, &unchecked(&persons)))?;
    let births = store::births(&mut sight.tx(), batch.id)?;
    let first_exam_on = batch.first_exam_on();
    let rows = (1..)
        .zip(&persons)
        .map(|(no, person)| {
            let (name_masked, mut id_masked) = marks::masked(person, sight)?;
            if is_minor(births.get(&person.id).copied(), first_exam_on) {
                id_masked = mask_minor_number(&person.number(sight.seals())?);
            }
            let verdict = person.verdict(batch).code().to_owned();
            let (marks, notes) = (person.outcomes(), person.notes());
            Ok((person.id, FrozenRow { no, name_masked, id_masked, marks, verdict, notes }))
        })
        .collect::<Result<Vec<_>, Stop>>()?;
    let digest = list_digest(&batch.number, rows.iter().map(|(_, row)| row))?;
    Ok((rows, digest))
}

/// The names of those of whom a mark has not been checked by a second person.
fn unchecked(persons: &[marks::Person]) -> Vec<String> {
    persons.iter().filter(|person| !person.is_checked()).map(|person| person.name.clone()).collect()
}

/// A list that was posted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Posted {
    pub persons: usize,
    pub window: Window,
    /// Under which the public page stands: `/publicity/{token}`.
    pub token: String,
    /// SHA-256 of the frozen list.
    pub digest: String,
}

/// One line of the list as it was frozen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FrozenRow {
    /// Counted from 1.
    pub no: i64,
    pub name_masked: String,
    pub id_masked: String,
    #[schema(value_type = Vec<Vec<Value>>)]
    pub marks: Vec<(Part, Outcome)>,
    /// The code word of the verdict.
    pub verdict: String,
    /// Where marks come from that are not of the batch's own examinations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Vec<String>>)]
    pub notes: Vec<(Part, String)>,
}

/// SHA-256 over the batch's number and the list, one line of JSON each: whoever holds the list can compute it again.
fn list_digest<'r>(number: &str, rows: impl Iterator<Item = &'r FrozenRow>) -> Result<String, DbError> {
    let mut text = number.to_owned();
    for row in rows {
        text.push('\n');
        text.push_str(&to_text(row)?);
    }
    Ok(digest(text.as_bytes()))
}

/// The digest of a round of publicity, over its list as the record has it now; a round that was broken off keeps its list.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn digest_again(tx: &mut Tx<'_>, batch: i64, round: i64) -> Result<Option<String>, DbError> {
    let Some((number, list)) = store::round(tx, batch, round)? else { return Ok(None) };
    list_digest(&number, list.iter()).map(Some)
}

/// Takes a list down whose time is up; from then the days for the report are counted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClosePublicity {
    pub batch: i64,
}

impl Act for ClosePublicity {
    const KIND: ActKind = ActKind::ClosePublicity;
    type Answer = Closed;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Closed, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let stage = next(batch.stage, BatchStep::Close)?;
        let window = batch.window.ok_or_else(|| Stop::fault("a posted batch without a window"))?;
        let today = desk.today();
        may_close(&window, today)?;
        let due_on = rules::report::due(&window, &desk.reference().calendar)?.due_on;
        store::close(&mut desk.tx(), self.batch, stage.code(), today, due_on)?;
        let (waiting, _) = report::settle(&mut desk.tx(), self.batch)?;
        let link = format!("/batches/{}/report", self.batch);
        let over = format!("“{}”公示期满", batch.title);
        match waiting.to_report {
            0 => desk.tell_body(batch.body, format!("{over}，没有可以上报的人员"), link),
            _ => {
                let title = format!("{over}，请在 {due_on}（含当日）前上报认定结果");
                desk.remind_body(batch.body, (Clause::S2_2_3B, due_on), title, link);
            }
        }
        Ok(Closed { report_due_on: due_on })
    }
}

/// A publicity that is over.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Closed {
    /// The last day for the report.
    pub report_due_on: Date,
}

/// How to reach who objects; never written out, and sealed where it is kept.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 5, max_length = 100)]
pub struct Contact(String);

impl Contact {
    /// Takes a contact in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it was given.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl Serialize for Contact {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// Objects to one person's result while the list is public. Anyone may; the receipt says where it stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LodgeObjection {
    /// Of the public page.
    pub token: String,
    /// The person's number in the list.
    pub no: i64,
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
    pub contact: Contact,
    /// What shows it: PDF, JPG or PNG, kept before under `/publicity/{token}/enclosures`.
    #[serde(default, serialize_with = "unnamed")]
    #[schema(max_items = 3)]
    pub files: Vec<NamedFile>,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Vec<(KeptFile, String)>,
}

/// Files as the record keeps them: what a file is called may name somebody.
fn unnamed<S: serde::Serializer>(files: &[NamedFile], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(files.iter().map(|one| NamedFile { file: one.file.clone(), name: "***".into() }))
}

impl LodgeObjection {
    /// An objection with files that were kept before.
    pub fn new(
        token: impl Into<String>,
        no: i64,
        reason: impl Into<String>,
        contact: Contact,
        files: Vec<NamedFile>,
    ) -> Self {
        Self { token: token.into(), no, reason: reason.into(), contact, files, kept: Vec::new() }
    }
}

impl Act for LodgeObjection {
    const KIND: ActKind = ActKind::LodgeObjection;
    const PREPARES: bool = true;
    type Answer = Lodged;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn unspoken(&self) -> String {
        self.contact.0.clone()
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        may_enclose(self.files.len(), 0)?;
        self.kept = brought(sight, &self.files[..self.files.len().min(EVIDENCE_MAX)])?;
        for (kept, _) in &self.kept {
            may_enclose(1, usize::try_from(kept.size).unwrap_or(usize::MAX))?;
            hearing::readable(Some(kept.kind), "files")?;
        }
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Lodged, Stop> {
        let Some(batch) = marks::batch_by_token(&mut desk.tx(), &self.token)? else {
            return Err(replaced(desk, &self.token)?);
        };
        let window = batch.window.ok_or(Stop::NotFound)?;
        let today = desk.today();
        // A corrected result can be objected to as long as it is public itself.
        let corrected = match store::on_list(&mut desk.tx(), batch.id, self.no)? {
            Some(candidate) => store::corrected_until(&mut desk.tx(), candidate)?,
            None => None,
        };
        if corrected.is_none_or(|until| until < today) {
            may_object(&window, today)?;
        }
        let (reason, contact) = objection(&self.reason, &self.contact.0)?;
        let candidate = store::on_list(&mut desk.tx(), batch.id, self.no)?.ok_or_else(|| {
            Refusal::new(Clause::S2_2_3A, format!("公示名单中没有序号 {}", self.no))
                .remedy("请填写名单第一列的序号")
                .at("no")
        })?;
        may_add(store::open_of(&mut desk.tx(), batch.id, candidate)?)?;
        let n = take_numbers(&mut desk.tx(), &format!("objection-{today}"), 1)?;
        let receipt = receipt_number(today, n, rand::random());
        let (id, now) = (desk.new_id(), desk.now());
        let contact_sealed = desk.seals().seal(&contact);
        // Nobody's objection waits for a calendar: where the day can't be counted, none is set.
        let within = crate::term::on(&mut desk.tx(), today)?.count(Term::ObjectionWithin);
        let due_on = desk.reference().calendar.add(today, within).ok();
        let new = store::NewObjection {
            id,
            receipt: &receipt,
            batch: batch.id,
            candidate,
            at: now,
            on: today,
            reason: &reason,
            contact_sealed: &contact_sealed,
            due_on,
        };
        store::lodge(&mut desk.tx(), &new)?;
        for (kept, name) in &self.kept {
            let (file, name_sealed) = (desk.new_id(), desk.seals().seal(name));
            note_file(&mut desk.tx(), kept, now)?;
            store::enclose(&mut desk.tx(), (file, id), kept, &name_sealed)?;
        }
        desk.made(Subject::Objection(id));
        let link = format!("/batches/{}/publicity", batch.id);
        let title = format!("“{}”第 {} 号收到公示异议 {receipt}", batch.title, self.no);
        match due_on {
            Some(due_on) => {
                let title = format!("{title}，请在 {due_on}（含当日）前答复");
                desk.remind_body(batch.body, (Clause::S2_2_3B, due_on), title, link.clone());
            }
            None => desk.tell_body(batch.body, title, link.clone()),
        }
        desk.tell_office(batch.centre, format!("{}“{}”收到公示异议 {receipt}", batch.body_name, batch.title), link);
        Ok(Lodged { receipt, lodged_on: today, due_on, files: self.kept.len() })
    }
}

/// Why nothing is lodged or asked for under a token: the list was posted anew elsewhere, or nothing ever stood there.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn replaced(sight: &mut Sight<'_>, token: &str) -> Result<Stop, Stop> {
    let Some((batch, _)) = store::broken_by_token(&mut sight.tx(), token)? else { return Ok(Stop::NotFound) };
    let now = marks::batch(&mut sight.tx(), batch)?.and_then(|batch| batch.token).unwrap_or_default();
    let refusal = Refusal::new(Clause::S2_2_3A, "这次公示中断，已重新公示，名单在新的地址")
        .remedy(format!("请打开 /publicity/{now}，按新的名单提出"));
    Ok(refusal.into())
}

/// An objection that was taken.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Lodged {
    /// `YY20261207-0001-K7MQ3FX9`.
    pub receipt: String,
    pub lodged_on: Date,
    /// By when it is answered; none where the calendar does not reach.
    pub due_on: Option<Date>,
    /// How many files came with it.
    pub files: usize,
}

/// Decides an objection, with the reasons that the objector will read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DecideObjection {
    pub objection: i64,
    /// Whether it is right: then the posted result does not stand.
    pub upheld: bool,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// What follows for the person where it is right.
    #[serde(default)]
    pub effect: Option<ObjectionEffect>,
}

impl Act for DecideObjection {
    const KIND: ActKind = ActKind::DecideObjection;
    type Answer = Decided;

    fn subject(&self) -> Subject {
        Subject::Objection(self.objection)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Decided, Stop> {
        let objection = store::objection(&mut desk.tx(), self.objection)?.ok_or(Stop::NotFound)?;
        let state = objection.state.decide(self.upheld, &self.reason)?;
        let batch = marks::batch(&mut desk.tx(), objection.batch)?.ok_or(Stop::NotFound)?;
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        if let (false, Some(due_on)) = (self.upheld, batch.report_due_on) {
            // From today the days are counted in which the person is reported.
            due_for(due_on, Some(today), &desk.reference().calendar)?;
        }
        let who = (self.objection, objection.candidate);
        let effect = self.effect.filter(|_| self.upheld);
        let held = store::decide(&mut desk.tx(), who, state, (today, &by), (self.reason.trim(), effect))?;
        if batch.closed_on.is_some() {
            report::settle(&mut desk.tx(), batch.id)?;
        }
        let link = format!("/batches/{}/publicity", batch.id);
        desk.tell_office(batch.centre, format!("{}“{}”：{}", batch.body_name, batch.title, state.name()), link);
        Ok(Decided { state, held })
    }
}

/// An objection that was decided.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Decided {
    pub state: ObjectionState,
    /// Whether the person is still kept back, by this or by another objection.
    pub held: bool,
}

/// What came of one part, on a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListMark {
    pub part: String,
    pub outcome: String,
    /// Where it comes from, where that is not the examination of the batch; empty otherwise.
    pub note: String,
}

/// One line of a public list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListLine {
    pub no: i64,
    pub name: String,
    pub id: String,
    pub marks: Vec<ListMark>,
    /// The code word of the verdict, and its name.
    pub verdict: String,
    pub verdict_name: String,
}

/// Marks as a list shows them, each with where it comes from.
fn list_marks(marks: &[(Part, Outcome)], notes: &[(Part, String)]) -> Vec<ListMark> {
    let shown = |(part, outcome): &(Part, Outcome)| ListMark {
        part: part.name().into(),
        outcome: outcome.to_string(),
        note: notes.iter().find(|(of, _)| of == part).map(|(_, note)| note.clone()).unwrap_or_default(),
    };
    marks.iter().map(shown).collect()
}

impl From<FrozenRow> for ListLine {
    fn from(row: FrozenRow) -> Self {
        Self {
            no: row.no,
            name: row.name_masked,
            id: row.id_masked,
            marks: list_marks(&row.marks, &row.notes),
            verdict_name: verdict_name(&row.verdict).into(),
            verdict: row.verdict,
        }
    }
}

/// A result that was changed after posting, with the days on which it is public.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CorrectionLine {
    pub line: ListLine,
    /// The name of the verdict that was posted, and the marks.
    pub verdict_before: String,
    pub marks_before: Vec<ListMark>,
    pub window: Window,
}

/// The name of a verdict's code word.
pub(crate) fn verdict_name(code: &str) -> &'static str {
    let none = Vec::new;
    [
        Verdict::Passed,
        Verdict::Failed { parts: none() },
        Verdict::Absent,
        Verdict::Violation,
        Verdict::Deferred,
        Verdict::Pending { missing: none() },
    ]
    .iter()
    .find(|verdict| verdict.code() == code)
    .map_or("", Verdict::name)
}

/// An objection inside the house.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ObjectionLine {
    pub id: i64,
    pub receipt: String,
    pub candidate: i64,
    /// The person's number in the list.
    pub no: Option<i64>,
    pub name: String,
    /// As people read it.
    pub lodged_at: String,
    pub reason: String,
    /// For the body that decides; empty for everyone else.
    pub contact: String,
    pub state: String,
    pub state_name: String,
    pub decided_on: Option<Date>,
    pub decided_by: Option<String>,
    pub decision: Option<String>,
    /// By when it is answered.
    pub due_on: Option<Date>,
    /// Whether that day is over and it is not.
    pub is_late: bool,
    /// What follows from it where it is right.
    pub effect: Option<ObjectionEffect>,
    /// Whether a change of a mark has carried it out.
    pub is_changed: bool,
    pub files: Vec<ObjectionFileLine>,
    pub hearings: Vec<HearingLine>,
}

/// The publicity of a batch from the inside.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicityView {
    pub batch: BatchHead,
    /// `None` while nothing is posted.
    pub window: Option<Window>,
    pub token: Option<String>,
    pub digest: Option<String>,
    /// Whether the stored list still has the digest that was stored when it was posted.
    pub intact: bool,
    pub closed_on: Option<Date>,
    pub report_due_on: Option<Date>,
    pub parts: Vec<String>,
    pub rows: Vec<ListLine>,
    pub objections: Vec<ObjectionLine>,
    /// Results that were changed after posting.
    pub corrections: Vec<CorrectionLine>,
    /// Where the list hangs inside the body; those of broken postings have a round.
    pub postings: Vec<PostingLine>,
    /// Whether it still has to be said that it hangs there before the results are reported.
    pub lacks_proof: bool,
    /// Whether that can be said now.
    pub takes_proof: bool,
    /// Postings that were broken.
    pub broken: Vec<BrokenLine>,
    /// Whether publicity can begin anew.
    pub may_restart: bool,
    /// Before posting: why the results can't be posted today; empty when they can.
    pub hindrance: Option<rules::refusal::RefusalView>,
    /// The window that posting today would give.
    pub would_be: Option<Window>,
    /// How many persons would be posted.
    pub persons: usize,
    pub passed: usize,
    /// How many of those who passed have no photo; it can be uploaded until they are approved.
    pub without_photo: usize,
    pub today: Date,
}

/// How does the publicity of a batch stand?
#[derive(Debug, Deserialize, ToSchema)]
pub struct PublicityDetail {
    pub batch: i64,
}

impl Look for PublicityDetail {
    const KIND: LookKind = LookKind::Batches;
    type View = PublicityView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<PublicityView, Stop> {
        let batch = marks::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let today = sight.today();
        let persons = marks::persons(&mut sight.tx(), self.batch)?;
        let verdicts: Vec<Verdict> = persons.iter().map(|person| person.verdict(&batch)).collect();
        let pending: Vec<String> =
            persons.iter().zip(&verdicts).filter(|(_, v)| !v.is_settled()).map(|(p, _)| p.name.clone()).collect();
        let reference = sight.reference();
        let would_be = window(today, &reference.calendar);
        let hindrance = next(batch.stage, BatchStep::Post)
            .and_then(|_| may_post(batch.last_exam_on(), today, persons.len(), (&pending, &unchecked(&persons))))
            .and_then(|()| would_be.clone())
            .and_then(|window| rules::report::due(&window, &reference.calendar))
            .err();
        let rows = store::frozen(&mut sight.tx(), self.batch)?;
        let intact = list_digest(&batch.number, rows.iter())? == batch.digest.clone().unwrap_or_default();
        let seals = sight.seals();
        let mut objections = store::objections(&mut sight.tx(), self.batch, seals)?;
        for objection in &mut objections {
            let is_open = objection.state == ObjectionState::Open.code();
            objection.is_late = is_open && objection.due_on.is_some_and(|due_on| due_on < today);
        }
        let postings = postings(sight, self.batch)?;
        let hangs = postings.iter().any(|posting| posting.round.is_none());
        let reports = store::reports(&mut sight.tx(), self.batch)?;
        let broken = store::broken(&mut sight.tx(), (self.batch, &batch.number))?;
        if sight.caller().body() != Some(batch.body) {
            objections.iter_mut().for_each(|objection| objection.contact.clear());
        }
        Ok(PublicityView {
            batch: BatchHead::from(&batch),
            window: batch.window,
            intact,
            closed_on: batch.closed_on,
            report_due_on: batch.report_due_on,
            parts: part_names(batch.level),
            rows: rows.into_iter().map(ListLine::from).collect(),
            objections,
            lacks_proof: reports == 0 && !hangs && batch.window.as_ref().is_some_and(needs_proof),
            takes_proof: open_to_prove(batch.stage).is_ok(),
            may_restart: next(batch.stage, BatchStep::Restart).is_ok() && open_to_restart(reports).is_ok(),
            postings,
            broken,
            corrections: store::corrections(&mut sight.tx(), self.batch)?,
            hindrance: hindrance.as_ref().map(Into::into),
            would_be: would_be.ok(),
            persons: persons.len(),
            without_photo: persons
                .iter()
                .zip(&verdicts)
                .filter(|(person, verdict)| **verdict == Verdict::Passed && !person.has_photo)
                .count(),
            passed: verdicts.iter().filter(|verdict| **verdict == Verdict::Passed).count(),
            token: batch.token,
            digest: batch.digest,
            today,
        })
    }
}

fn part_names(level: rules::certificate::Level) -> Vec<String> {
    rules::result::parts_for(level).iter().map(|part| part.name().to_owned()).collect()
}

/// One list that stands on public notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicLine {
    pub body: String,
    pub title: String,
    pub trade: String,
    pub level: String,
    pub posted_on: Date,
    pub first_on: Date,
    pub ends_on: Date,
    pub token: String,
    pub persons: i64,
    /// Whether it is what was changed in a list after posting.
    pub is_correction: bool,
}

/// What stands on public notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicListView {
    pub lists: Vec<PublicLine>,
    pub today: Date,
}

/// Which results stand on public notice?
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct PublicList {}

/// What stands on public notice today.
///
/// # Errors
/// Whatever the database says.
pub fn public_list(office: &Office, _: PublicList) -> Result<PublicListView, Stop> {
    office.public(|sight| {
        let today = sight.today();
        Ok(PublicListView { lists: store::running(&mut sight.tx(), today)?, today })
    })
}

/// One list on public notice; when its time is over, only the days on which it stood.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicPageView {
    pub body: String,
    pub title: String,
    pub trade: String,
    pub level: String,
    pub centre: String,
    pub window: Window,
    /// Whether the list stands today.
    pub open: bool,
    pub digest: String,
    pub parts: Vec<String>,
    /// Empty when the list no longer stands.
    pub rows: Vec<ListLine>,
    /// Results that were changed after posting and are public today.
    pub corrections: Vec<CorrectionLine>,
    /// Where the list hangs inside the body.
    pub hangs_at: Vec<String>,
    /// What was decided on objections, as long as the list stands.
    pub decisions: Vec<PublicDecision>,
    /// Where it stood and why it did not count, if it was broken.
    pub broken: Option<PublicBroken>,
    pub today: Date,
}

/// What was decided on an objection, without names and numbers of persons.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicDecision {
    /// The person's number in the list.
    pub no: i64,
    pub state: String,
    pub state_name: String,
    pub decided_on: Option<Date>,
    pub decision: String,
    /// What follows for the person where the objection is right; blank otherwise.
    pub follows: String,
}

/// A posting that was broken, as anyone may read it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicBroken {
    pub broken_on: Date,
    /// Whole working days that it had stood.
    pub stood: i64,
    pub reason: String,
    pub restarted_on: Date,
    /// Under which token the list stands now, or stood last.
    pub token: String,
    /// The days of that one.
    pub window: Window,
}

/// Which results stand under this token?
#[derive(Debug, Deserialize, ToSchema)]
pub struct PublicPage {
    pub token: String,
}

/// The list under a token, or the days on which it stood.
///
/// # Errors
/// *Not found* when nothing ever stood there.
pub fn public_page(office: &Office, asked: PublicPage) -> Result<PublicPageView, Stop> {
    office.public(|sight| {
        let (batch, broken) = match marks::batch_by_token(&mut sight.tx(), &asked.token)? {
            Some(batch) => (batch, None),
            None => {
                let found = store::broken_by_token(&mut sight.tx(), &asked.token)?;
                let (id, no) = found.ok_or(Stop::NotFound)?;
                let batch = marks::batch(&mut sight.tx(), id)?.ok_or(Stop::NotFound)?;
                let broken = store::broken(&mut sight.tx(), (id, &batch.number))?;
                (batch, broken.into_iter().find(|broken| broken.no == no))
            }
        };
        let stands = batch.window.ok_or(Stop::NotFound)?;
        let window = broken.as_ref().map_or(stands, |broken| broken.window);
        let today = sight.today();
        let open = broken.is_none() && open_on(&window, today);
        let rows = if open { store::frozen(&mut sight.tx(), batch.id)? } else { Vec::new() };
        let mut corrections =
            if broken.is_none() { store::corrections(&mut sight.tx(), batch.id)? } else { Vec::new() };
        corrections.retain(|correction| open_on(&correction.window, today));
        let mut decisions = if open { store::decisions(&mut sight.tx(), batch.id)? } else { Vec::new() };
        let names = match decisions.is_empty() && broken.is_none() {
            true => Vec::new(),
            false => store::names(&mut sight.tx(), batch.id)?,
        };
        let told = |text: &str| in_public(text, names.iter().map(String::as_str));
        decisions.iter_mut().for_each(|one| one.decision = told(&one.decision));
        let hangs_at = if open { postings(sight, batch.id)? } else { Vec::new() };
        let hangs_at = hangs_at.into_iter().filter(|posting| posting.round.is_none());
        let hangs_at = hangs_at.map(|posting| format!("{}{}", posting.address, posting.place)).collect();
        let digest = broken.as_ref().map(|broken| broken.digest.clone());
        Ok(PublicPageView {
            body: batch.body_name,
            title: batch.title,
            trade: batch.trade,
            level: batch.level.name().into(),
            centre: batch.centre_name,
            window,
            open,
            digest: digest.or(batch.digest).unwrap_or_default(),
            parts: part_names(batch.level),
            rows: rows.into_iter().map(ListLine::from).collect(),
            corrections,
            hangs_at,
            decisions,
            broken: broken.map(|broken| PublicBroken {
                broken_on: broken.broken_on,
                stood: broken.stood,
                reason: told(&broken.reason),
                restarted_on: broken.restarted_on,
                token: batch.token.unwrap_or_default(),
                window: stands,
            }),
            today,
        })
    })
}

/// Where an objection stands, for whoever holds its receipt; nothing of it names a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ObjectionStanding {
    pub receipt: String,
    pub body: String,
    pub title: String,
    pub lodged_on: Date,
    pub state: String,
    pub state_name: String,
    pub decided_on: Option<Date>,
    /// What the body says, without names and numbers of persons.
    pub decision: Option<String>,
    /// By when it is answered.
    pub due_on: Option<Date>,
    /// What follows from it where it is right.
    pub effect: Option<ObjectionEffect>,
    /// The same as people read it; blank where nothing was said.
    pub follows: String,
    /// How many files came with it.
    pub files: i64,
    /// On which days those concerned were heard.
    pub heard_on: Vec<Date>,
}

/// Where does the objection with this receipt stand?
#[derive(Debug, Deserialize, ToSchema)]
pub struct ObjectionReceipt {
    pub receipt: String,
}

/// Where the objection with a receipt stands.
///
/// # Errors
/// *Not found* when there is no such receipt.
pub fn receipt(office: &Office, asked: ObjectionReceipt) -> Result<ObjectionStanding, Stop> {
    office.public(|sight| {
        let found = store::by_receipt(&mut sight.tx(), &read_receipt(&asked.receipt))?;
        let (batch, mut standing) = found.ok_or(Stop::NotFound)?;
        if let Some(decision) = &standing.decision {
            let names = store::names(&mut sight.tx(), batch)?;
            standing.decision = Some(in_public(decision, names.iter().map(String::as_str)));
        }
        Ok(standing)
    })
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let registry = pages::enclosures(registry);
    registry
        .act::<PostResults>("/batches/{batch}/publicity")
        .look::<PublicityDetail>("/batches/{batch}/publicity", "一个批次的公示与异议")
        .act::<ClosePublicity>("/batches/{batch}/publicity/closure")
        .public("/publicity", "PublicList", "正在公示的认定结果", public_list)
        .public("/publicity/{token}", "PublicPage", "一份公示名单", public_page)
        .act::<LodgeObjection>("/publicity/{token}/objections")
        .public("/objection-receipts/{receipt}", "ObjectionReceipt", "凭回执号查看异议处理", receipt)
        .act::<DecideObjection>("/objections/{objection}/decision")
        .act::<NoteHearing>("/objections/{objection}/hearings")
        .look::<ObjectionFile>("/objections/{objection}/enclosures/{enclosure}", "随异议提交的证据")
        .look::<HearingMinutes>("/objections/{objection}/hearings/{hearing}", "听取陈述的笔录")
        .act::<ProvePosting>("/batches/{batch}/postings")
        .look::<PostingPhoto>("/batches/{batch}/postings/photos/{photo}", "校内张贴的照片")
        .act::<RestartPublicity>("/batches/{batch}/publicity/restart")
        .look::<RestartPreview>("/batches/{batch}/publicity/restart", "今天重新公示的公示期")
}

/// Results wait to be posted, lists stand, objections wait for a decision.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let role = sight.caller().role();
    if !matches!(role, Role::Clerk | Role::Head) {
        return Ok(Vec::new());
    }
    let (scope, today, reference) = (sight.scope(), sight.today(), sight.reference());
    let others = |task: Task| if role == Role::Head { task } else { task.waiting() };
    let mut tasks = Vec::new();
    for batch in marks::examined(&mut sight.tx(), &scope, today)?.into_iter() {
        if batch.missing > 0 || batch.unchecked > 0 {
            continue;
        }
        let what = format!("公示认定结果：{}", batch.title);
        let detail = format!("{} 名考生的成绩已齐并核对，由机构负责人公示 5 个工作日", batch.persons);
        let task = Task::new(Clause::S2_2_3A, what, detail, format!("/batches/{}/publicity", batch.id));
        tasks.push(others(task.due(reference.calendar.add(batch.last_exam_on, POSTING_AFTER).ok())));
    }
    for batch in store::open_in(&mut sight.tx(), &scope)? {
        let what = format!("处理公示异议：{}", batch.title);
        let detail = format!("{} 件待处理，最早一件于 {} 提出；只有被异议的人暂缓上报", batch.count, batch.on);
        let task = Task::new(Clause::S2_2_3B, what, detail, format!("/batches/{}/publicity", batch.batch));
        tasks.push(others(task.due(batch.due_on)));
    }
    for batch in store::to_change(&mut sight.tx(), &scope)? {
        let what = format!("按异议结论更改成绩：{}", batch.title);
        let detail = format!("{} 件异议成立，应更正成绩；更正的结果另行公示后上报", batch.count);
        tasks.push(Task::new(Clause::S2_2_3B, what, detail, format!("/batches/{}/publicity", batch.batch)));
    }
    for batch in store::unproven(&mut sight.tx(), &scope, POSTING_PROVEN_FROM)? {
        let what = format!("登记校内张贴：{}", batch.title);
        let detail = format!("名单应在 {} 以前贴出；登记位置、日期、张贴人和照片，没有登记的不能上报", batch.on);
        let task = Task::new(Clause::S2_2_3A, what, detail, format!("/batches/{}/postings", batch.batch));
        tasks.push(task.due(batch.on.yesterday().ok()));
    }
    for batch in store::standing(&mut sight.tx(), &scope)? {
        let what = format!("公示中：{}", batch.title);
        let detail = format!("到 {} 24:00 由系统自动撤下，随后上报", batch.on);
        let task = Task::new(Clause::S2_2_3A, what, detail, format!("/batches/{}/publicity", batch.batch));
        tasks.push(task.due(Some(batch.on)).waiting());
    }
    Ok(tasks)
}
