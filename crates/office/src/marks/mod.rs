//! 一（五）1: marks of theory and practice, at levels 2 and 1 of the comprehensive review as well, out of a workbook or
//! typed in. What they come to is computed by `rules::result` and put down beside them, so that it can be counted. A second
//! person checks them before they are posted; from then on they change by the acts of `amendment` alone.

mod check;
pub(crate) mod pages;
mod store;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use rules::batch::open_to_change;
use rules::certificate::Level;
use rules::identity::{mask_name, mask_number, mask_written};
use rules::marking::{Hand, may_correct};
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::result::{Outcome, Part, Verdict, decide, has_part, may_mark, parts_for};
use rules::standard::Rules;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use sheets::{FaultKind, Finding, MarksCheck, MarksContext};
use utoipa::ToSchema;

pub use check::{ConfirmMarks, EnterMarksAgain, KeepMarks};
pub use pages::pages;
pub(crate) use store::{
    ALL, Basis, Batch, Entry, Mark, NewMark, Person, batch, batch_by_token, enter, examined, persons,
};

use crate::conduct::Noted;
use crate::door::store::{note_file, to_text};
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject, digest};
use crate::home::Task;
use crate::web::api::Registry;

/// Takes marks out of a workbook: rows without a fault are kept, the others are told. The same file again changes nothing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadMarks {
    pub batch: i64,
    /// The kept file.
    pub file: FileHash,
    /// Its name, for showing.
    #[schema(max_length = 120)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<ReadMarks>,
}

/// What [`UploadMarks`] found in its file.
#[derive(Debug, Clone)]
struct ReadMarks {
    kept: KeptFile,
    check: MarksCheck,
    /// The candidates of the good rows, in their order.
    candidates: Vec<i64>,
}

impl UploadMarks {
    /// An upload of a kept file.
    pub fn new(batch: i64, file: FileHash, name: impl Into<String>) -> Self {
        Self { batch, file, name: name.into(), read: None }
    }
}

impl Act for UploadMarks {
    const KIND: ActKind = ActKind::UploadMarks;
    const PREPARES: bool = true;
    type Answer = MarksRead;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let batch = store::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_change(batch.stage)?;
        let persons = store::persons(&mut sight.tx(), self.batch)?;
        let mut by_number: HashMap<String, &Person> = HashMap::with_capacity(persons.len());
        for person in &persons {
            by_number.insert(person.number(sight.seals())?, person);
        }
        let name_of = |number: &str| by_number.get(number).map(|person| person.name.clone());
        let bytes = crate::roster::bring(sight, &self.file)?;
        let check = sheets::read_marks(&bytes, &MarksContext { parts: parts_for(batch.level), name_of: &name_of })?;
        let candidates = check.good.iter().filter_map(|row| by_number.get(&row.id_number).map(|p| p.id)).collect();
        self.read = Some(ReadMarks { kept: KeptFile::of(&self.file, &bytes)?, check, candidates });
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<MarksRead, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the workbook was not read"))?;
        let batch = store::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_change(batch.stage)?;
        let today = desk.today();
        for &part in parts_for(batch.level) {
            if read.check.good.iter().any(|row| row.outcomes.iter().any(|(p, _)| *p == part)) {
                may_mark(part, batch.exam_on(part), today)?;
            }
        }
        let now = desk.now();
        note_file(&mut desk.tx(), &read.kept, now)?;
        let mut book = Book::open(desk, &batch)?;
        let mut findings = read.check.findings.clone();
        for (row, &candidate) in read.check.good.iter().zip(&read.candidates) {
            for &(part, outcome) in &row.outcomes {
                if let Err(refusal) = book.fits(candidate, part, outcome) {
                    findings.push(at_row((&row.sheet, row.row), part, outcome, (FaultKind::NotSignedIn, refusal)));
                    continue;
                }
                // What was confirmed stays as it is, and the sheet is told so at its row.
                if let Err(refusal) = book.enter(NewMark::plain(candidate, part, outcome, Some(row.row))) {
                    findings.push(at_row((&row.sheet, row.row), part, outcome, (FaultKind::MarkConfirmed, refusal)));
                }
            }
        }
        book.close(desk, Origin { source: "sheet", file: Some(&self.file) })?;
        kept_upload(
            desk,
            &batch,
            (&self.file, &self.name),
            (read.check.rows_read, read.check.good.len()),
            &book,
            findings,
        )
    }
}

/// Keeps an upload whose marks are in the book, with what was found in it.
pub(crate) fn kept_upload(
    desk: &mut Desk<'_>,
    batch: &Batch,
    (file, name): (&FileHash, &str),
    (rows_read, rows_good): (usize, usize),
    book: &Book,
    findings: Vec<Finding>,
) -> Result<MarksRead, Stop> {
    let (id, now, by) = (desk.new_id(), desk.now(), desk.caller().name().to_owned());
    let sealed = desk.seals().seal(&to_text(&findings)?);
    let upload = store::NewUpload {
        id,
        batch: batch.id,
        file,
        name,
        rows_read,
        rows_good,
        entered: book.entered,
        changed: book.changed,
        faults: findings.iter().filter(|finding| finding.is_fault()).count(),
        findings: &sealed,
        now,
        by: &by,
        scheme: book.scheme,
    };
    store::insert_upload(&mut desk.tx(), &upload)?;
    let (entered, changed, unchanged) = (book.entered, book.changed, book.unchanged);
    Ok(MarksRead { upload: id, rows_read, rows_good, entered, changed, unchanged, findings })
}

/// The latest uploads by a scheme, or of examinations, and what the last one found, with identity numbers masked.
pub(crate) fn latest_uploads(
    sight: &mut Sight<'_>,
    batch: i64,
    scheme: Option<i64>,
) -> Result<(Vec<MarkUploadView>, Vec<Finding>), Stop> {
    let uploads = store::uploads(&mut sight.tx(), batch, scheme)?;
    let seals = sight.seals();
    let findings = match uploads.first() {
        Some(last) => store::findings(&mut sight.tx(), (batch, last.id), seals)?.map(|(_, _, found)| found),
        None => None,
    };
    let masked = |finding: Finding| Finding { value: mask_written(&finding.value), ..finding };
    Ok((uploads, findings.unwrap_or_default().into_iter().map(masked).collect()))
}

/// The finding that a mark of a sheet is not taken.
pub(crate) fn at_row(
    (sheet, row): (&str, u32),
    part: Part,
    outcome: Outcome,
    (kind, refusal): (FaultKind, Refusal),
) -> Finding {
    Finding {
        sheet: sheet.to_owned(),
        row,
        column: String::new(),
        column_name: part.name().into(),
        value: outcome.to_string(),
        kind,
        severity: kind.severity(),
        ground: refusal.ground.label(),
        reason: refusal.what,
        remedy: refusal.remedy,
    }
}

/// What came of an upload of marks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarksRead {
    pub upload: i64,
    pub rows_read: usize,
    pub rows_good: usize,
    /// Marks that were not there before.
    pub entered: usize,
    /// Marks that were there and were another.
    pub changed: usize,
    pub unchanged: usize,
    pub findings: Vec<Finding>,
}

impl MarksRead {
    /// What came of it in one sentence.
    pub(crate) fn said(&self) -> String {
        let faults = self.findings.iter().filter(|finding| finding.is_fault()).count();
        let rest = if faults > 0 { format!("有 {faults} 处需要改正，见下。") } else { String::new() };
        let Self { rows_read, entered, changed, unchanged, .. } = self;
        format!("读入 {rows_read} 行：登记 {entered} 科次，更改 {changed} 科次，{unchanged} 科次与原来相同。{rest}")
    }
}

/// Enters marks by hand: one entry for each person and part.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterMark {
    pub batch: i64,
    #[schema(min_items = 1)]
    pub entries: Vec<MarkEntry>,
}

/// One mark as it was typed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarkEntry {
    pub candidate: i64,
    pub part: Part,
    /// `85`, `85.5`, `缺考`, `违纪`, `缓考`.
    pub outcome: String,
}

impl Act for EnterMark {
    const KIND: ActKind = ActKind::EnterMark;
    type Answer = MarksEntered;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<MarksEntered, Stop> {
        let batch = store::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_change(batch.stage)?;
        if self.entries.is_empty() {
            return Err(Refusal::new(Clause::S1_5_1, "没有要登记的成绩").remedy("请至少填写一名考生的成绩").into());
        }
        let today = desk.today();
        let mut book = Book::open(desk, &batch)?;
        for entry in &self.entries {
            let name = book.name(entry.candidate).ok_or(Stop::NotFound)?.to_owned();
            let outcome = has_part(batch.level, entry.part)
                .and_then(|()| may_mark(entry.part, batch.exam_on(entry.part), today))
                .and_then(|()| Outcome::read(&entry.outcome))
                .map_err(|refusal| Refusal { what: format!("{name}：{}", refusal.what), ..refusal })?;
            book.fits(entry.candidate, entry.part, outcome)?;
            book.enter(NewMark::plain(entry.candidate, entry.part, outcome, None))?;
        }
        book.close(desk, Origin { source: "form", file: None })?;
        Ok(MarksEntered { entered: book.entered, changed: book.changed, unchanged: book.unchanged })
    }
}

/// What came of entering marks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarksEntered {
    pub entered: usize,
    pub changed: usize,
    pub unchanged: usize,
}

/// Whoever acts, as marks remember them.
pub(crate) fn hand(sight: &Sight<'_>) -> Hand {
    Hand { account: sight.caller().account(), name: sight.caller().name().to_owned() }
}

/// Where marks come from that are entered together.
pub(crate) struct Origin<'a> {
    /// `sheet`, `form`, `course`, `process`, `kept`, `attendance`, `day`.
    pub source: &'static str,
    pub file: Option<&'a FileHash>,
}

/// The marks of a batch while they are entered: what is there already is left alone, the others go in together, with
/// what each person's marks come to.
pub(crate) struct Book {
    level: Level,
    rules: Rules,
    by: Hand,
    /// What was noted on the day.
    noted: Noted,
    persons: HashMap<i64, Entries>,
    new: BTreeMap<(i64, Part), NewMark>,
    /// The scheme by which marks are entered; of examinations none.
    pub scheme: Option<i64>,
    pub entered: usize,
    pub changed: usize,
    pub unchanged: usize,
}

/// A person's name, the marks that are there, and the outcomes with what was entered.
struct Entries {
    name: String,
    marks: Vec<Mark>,
    outcomes: BTreeMap<Part, Outcome>,
}

impl Book {
    pub fn open(desk: &mut Desk<'_>, batch: &Batch) -> Result<Self, Stop> {
        let persons = store::persons(&mut desk.tx(), batch.id)?.into_iter();
        let persons = persons.map(|person| {
            let outcomes = person.outcomes().into_iter().collect();
            (person.id, Entries { name: person.name, marks: person.marks, outcomes })
        });
        Ok(Self {
            level: batch.level,
            rules: batch.rules.clone(),
            by: hand(desk),
            noted: crate::conduct::noted(&mut desk.tx(), batch.id)?,
            persons: persons.collect(),
            new: BTreeMap::new(),
            scheme: None,
            entered: 0,
            changed: 0,
            unchanged: 0,
        })
    }

    /// Whether a mark of the batch's own examination goes together with what was noted on its day.
    pub fn fits(&self, candidate: i64, part: Part, outcome: Outcome) -> Result<(), Refusal> {
        self.name(candidate).map_or(Ok(()), |name| self.noted.fits(name, (candidate, part), outcome))
    }

    /// Whose marks of a part go in.
    pub fn new_of(&self, part: Part) -> impl Iterator<Item = i64> {
        self.new.keys().filter(move |(_, of)| *of == part).map(|(candidate, _)| *candidate)
    }

    pub fn name(&self, candidate: i64) -> Option<&str> {
        self.persons.get(&candidate).map(|person| person.name.as_str())
    }

    /// The marks of a batch, to be entered by a scheme.
    pub fn by_scheme(desk: &mut Desk<'_>, batch: &Batch, scheme: i64) -> Result<Self, Stop> {
        Ok(Self { scheme: Some(scheme), ..Self::open(desk, batch)? })
    }

    /// Enters a mark. Who has withdrawn since the sheet was read is passed over; what somebody has confirmed is refused.
    pub fn enter(&mut self, mut mark: NewMark) -> Result<(), Refusal> {
        let of = (mark.candidate, mark.part);
        let Some(person) = self.persons.get_mut(&mark.candidate) else { return Ok(()) };
        let before = person.marks.iter().find(|before| before.part == mark.part);
        let is_same = person.outcomes.get(&mark.part) == Some(&mark.outcome);
        if is_same && before.is_none_or(|before| mark.basis.is_none() || mark.basis == before.basis) {
            self.unchanged += 1;
            return Ok(());
        }
        if let Some(before) = before {
            may_correct(&person.name, mark.part, before.confirmed.as_ref().map(|confirmed| confirmed.by.as_str()))?;
            // Who typed it the second time has said the same already.
            let again = before.again.as_ref().filter(|(said, by)| *said == mark.outcome && !by.is_same(&self.by));
            let again = again.filter(|_| self.noted.may_confirm(&person.name, of, mark.outcome).is_ok());
            mark.confirmed = mark.confirmed.or(again.map(|(_, by)| (by.name.clone(), "twice")));
        }
        let is_there = person.outcomes.insert(mark.part, mark.outcome).is_some();
        *(if is_there { &mut self.changed } else { &mut self.entered }) += 1;
        self.new.insert((mark.candidate, mark.part), mark);
        Ok(())
    }

    /// Whether a mark of the batch's own examination may be confirmed at once.
    pub fn may_confirm(&self, candidate: i64, part: Part, outcome: Outcome) -> bool {
        self.name(candidate).is_some_and(|name| self.noted.may_confirm(name, (candidate, part), outcome).is_ok())
    }

    /// What there is of somebody's part from the examination of the batch.
    pub fn examined(&self, candidate: i64, part: Part) -> Option<Outcome> {
        let mark = self.persons.get(&candidate)?.marks.iter().find(|mark| mark.part == part)?;
        mark.is_examined().then_some(mark.outcome)
    }

    /// Enters what was decided about the day, over a mark that was confirmed too. What was kept from before or reached by a
    /// scheme stays: it was not of this day.
    pub fn decide(&mut self, mark: NewMark) {
        let Some(person) = self.persons.get_mut(&mark.candidate) else { return };
        let before = person.marks.iter().find(|before| before.part == mark.part);
        let stays =
            |before: &Mark| !before.is_examined() || (before.outcome == mark.outcome && before.confirmed.is_some());
        if before.is_some_and(stays) {
            self.unchanged += 1;
            return;
        }
        let is_there = person.outcomes.insert(mark.part, mark.outcome).is_some();
        *(if is_there { &mut self.changed } else { &mut self.entered }) += 1;
        self.new.insert((mark.candidate, mark.part), mark);
    }

    /// Puts down what was entered.
    pub fn close(&self, desk: &mut Desk<'_>, origin: Origin<'_>) -> Result<(), Stop> {
        let verdicts: BTreeMap<i64, &str> = self
            .new
            .keys()
            .filter_map(|(candidate, _)| {
                let outcomes: Vec<_> = self.persons.get(candidate)?.outcomes.iter().map(|(p, o)| (*p, *o)).collect();
                Some((*candidate, decide(self.level, &self.rules, &outcomes).code()))
            })
            .collect();
        let Origin { source, file } = origin;
        let entry = Entry { source, file, scheme: self.scheme, mark_change: None, now: desk.now(), by: &self.by };
        store::enter(&mut desk.tx(), self.new.values(), &verdicts, &entry)?;
        Ok(())
    }
}

/// A batch in one line, above whatever is said about it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchHead {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub body: String,
    pub centre: String,
    pub trade: String,
    /// As people read it.
    pub level: String,
    /// The code word of the stage, and its name.
    pub stage: String,
    pub stage_name: String,
}

impl From<&Batch> for BatchHead {
    fn from(batch: &Batch) -> Self {
        Self {
            id: batch.id,
            number: batch.number.clone(),
            title: batch.title.clone(),
            body: batch.body_name.clone(),
            centre: batch.centre_name.clone(),
            trade: batch.trade.clone(),
            level: batch.level.name().into(),
            stage: batch.stage.code().into(),
            stage_name: batch.stage.name().into(),
        }
    }
}

/// What came of one part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartMark {
    pub part: Part,
    /// As people read it; empty while it is missing.
    pub outcome: String,
    /// Who entered it, when, and whether it was changed, in one sentence; empty while it is missing.
    pub trace: String,
    /// How often it was changed after it had been entered.
    pub changes: i64,
    /// Where it comes from, where that is not the examination of the batch: kept, or reached by a scheme.
    pub note: String,
    /// The batch out of which it is kept.
    pub kept_from: Option<i64>,
    /// Whether a second person has checked it.
    pub checked: bool,
    /// Whether the caller entered it, so that somebody else has to check it.
    pub is_own: bool,
    /// What the second entry says, where it says something else.
    pub differing: Option<String>,
}

impl PartMark {
    /// Whether it waits for the caller to check it.
    pub fn is_waiting(&self) -> bool {
        !self.outcome.is_empty() && !self.checked && !self.is_own
    }
}

/// A person with marks and what they come to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarkedPerson {
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    pub id_masked: String,
    pub marks: Vec<PartMark>,
    /// The code word of the verdict, and its name.
    pub verdict: String,
    pub verdict_name: String,
}

impl MarkedPerson {
    /// Whether a mark of the person is confirmed, so that it changes by two persons alone.
    pub fn has_checked(&self) -> bool {
        self.marks.iter().any(|mark| mark.checked)
    }

    /// Whether a mark of the person waits for the caller to check it.
    pub fn is_waiting(&self) -> bool {
        self.marks.iter().any(PartMark::is_waiting)
    }
}

/// A part of the assessment in a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartDay {
    pub part: Part,
    pub name: String,
    /// The day on which it is held.
    pub on: Date,
    /// Whether marks may be entered today.
    pub open: bool,
}

/// An upload of marks.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarkUploadView {
    pub id: i64,
    pub name: String,
    pub rows_read: i64,
    pub rows_good: i64,
    pub entered: i64,
    pub changed: i64,
    pub faults: i64,
    /// As people read it.
    pub at: String,
    pub by: String,
}

/// The marks of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarksView {
    pub batch: BatchHead,
    pub parts: Vec<PartDay>,
    pub persons: Vec<MarkedPerson>,
    /// How many persons have no verdict yet.
    pub pending: usize,
    pub passed: usize,
    /// How many marks no second person has checked: those that the caller may check, and those that the caller entered.
    pub to_check: usize,
    pub own_unchecked: usize,
    /// How many second entries say something else than the first.
    pub differing: usize,
    /// What stands for checking, as a digest: who confirms says what was seen.
    pub seen: String,
    /// Who may keep a part that was passed before, and has not got it yet.
    pub keepable: Vec<KeepablePart>,
    /// What may stand in for an examination in this batch.
    pub scheme: Option<BatchScheme>,
    /// Whether marks may still be entered and changed.
    pub open: bool,
    /// The latest uploads, the last first.
    pub uploads: Vec<MarkUploadView>,
    /// What the last upload found; identity numbers are masked.
    pub findings: Vec<Finding>,
    pub today: Date,
}

/// A part that a person may keep from an earlier batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KeepablePart {
    pub candidate: i64,
    pub name: String,
    pub part: Part,
    pub part_name: String,
    pub outcome: String,
    /// The number of the batch, the day on which it was reached, and the last day on which it is good.
    pub batch_number: String,
    pub reached_on: Date,
    pub good_until: Date,
}

/// The scheme that a batch names.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchScheme {
    pub id: i64,
    pub body: i64,
    /// `course` or `process`.
    pub kind: String,
    pub kind_name: String,
    /// The course, or the major.
    pub title: String,
    pub clause: String,
}

/// What marks does a batch have, and what do they come to?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Marks {
    pub batch: i64,
}

impl Look for Marks {
    const KIND: LookKind = LookKind::Batches;
    type View = MarksView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<MarksView, Stop> {
        let batch = store::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let today = sight.today();
        let parts: Vec<PartDay> = parts_for(batch.level)
            .iter()
            .map(|&part| PartDay {
                part,
                name: part.name().into(),
                on: batch.exam_on(part),
                open: may_mark(part, batch.exam_on(part), today).is_ok(),
            })
            .collect();
        let persons: Vec<MarkedPerson> = store::persons(&mut sight.tx(), self.batch)?
            .iter()
            .map(|person| marked(person, &batch, sight))
            .collect::<Result<_, _>>()?;
        let counted = |code: &str| persons.iter().filter(|person| person.verdict == code).count();
        let (uploads, findings) = latest_uploads(sight, self.batch, None)?;
        let waits: Vec<&PartMark> =
            persons.iter().flat_map(|person| &person.marks).filter(|mark| !mark.checked).collect();
        let waits: Vec<&&PartMark> = waits.iter().filter(|mark| !mark.outcome.is_empty()).collect();
        let keepable = match open_to_change(batch.stage) {
            Ok(()) if matches!(sight.caller().role(), Role::Clerk | Role::Head) => check::keepable(sight, &batch)?,
            _ => Vec::new(),
        };
        let scheme = match batch.scheme {
            Some(id) => crate::scheme::of_batch(&mut sight.tx(), id)?,
            None => None,
        };
        Ok(MarksView {
            to_check: waits.iter().filter(|mark| !mark.is_own).count(),
            own_unchecked: waits.iter().filter(|mark| mark.is_own).count(),
            differing: waits.iter().filter(|mark| mark.differing.is_some()).count(),
            seen: seen(&persons)?,
            keepable: keepable.into_iter().map(|(shown, _)| shown).collect(),
            scheme,
            batch: BatchHead::from(&batch),
            pending: counted(Verdict::Pending { missing: Vec::new() }.code()),
            passed: counted(Verdict::Passed.code()),
            open: open_to_change(batch.stage).is_ok(),
            parts,
            persons,
            uploads,
            findings,
            today,
        })
    }
}

/// What stands for checking, as a digest.
fn seen(persons: &[MarkedPerson]) -> Result<String, Stop> {
    let marks = persons.iter().flat_map(|person| person.marks.iter().map(|mark| (person.candidate, mark)));
    let waits = marks.filter(|(_, mark)| !mark.outcome.is_empty() && !mark.checked);
    let lines: Vec<_> = waits.map(|(candidate, mark)| (candidate, mark.part, &mark.outcome)).collect();
    Ok(digest(to_text(&lines)?.as_bytes()))
}

/// A person as pages inside the house show them.
pub(crate) fn marked(person: &Person, batch: &Batch, sight: &Sight<'_>) -> Result<MarkedPerson, Stop> {
    let by = hand(sight);
    // What is posted has passed the check, also what was posted before a second person was asked for.
    let is_posted = batch.window.is_some();
    let marks = parts_for(batch.level)
        .iter()
        .map(|&part| match person.mark(part) {
            Some(mark) => PartMark {
                part,
                outcome: mark.outcome.to_string(),
                trace: trace(mark),
                changes: mark.changes,
                note: mark.note(),
                kept_from: mark.kept.as_ref().map(|kept| kept.batch),
                checked: is_posted || mark.is_checked(),
                is_own: mark.entered.is_same(&by),
                differing: mark.differing().map(|outcome| outcome.to_string()),
            },
            None => PartMark {
                part,
                outcome: String::new(),
                trace: String::new(),
                changes: 0,
                note: String::new(),
                kept_from: None,
                checked: false,
                is_own: false,
                differing: None,
            },
        })
        .collect();
    let verdict = person.verdict(batch);
    Ok(MarkedPerson {
        candidate: person.id,
        ticket: person.ticket.clone(),
        name: person.name.clone(),
        id_masked: mask_number(&person.number(sight.seals())?),
        marks,
        verdict: verdict.code().into(),
        verdict_name: verdict.name().into(),
    })
}

/// Who entered a mark, how, how often it was changed, and who checked it.
fn trace(mark: &Mark) -> String {
    let changed = if mark.changes > 0 { format!("，改过 {} 次", mark.changes) } else { String::new() };
    let checked = mark.confirmed.as_ref().map_or_else(String::new, |confirmed| {
        format!("；{}{}，{}", confirmed.by, how_name(&confirmed.how), confirmed.at)
    });
    format!("{}，{}，{}{changed}{checked}", mark.entered.name, mark.entered_at, source_name(&mark.source))
}

/// How a mark came in, as people read it.
pub(crate) fn source_name(source: &str) -> &'static str {
    match source {
        "sheet" => "由表格导入",
        "course" => "由结课考试成绩",
        "process" => "由过程考核成绩",
        "kept" => "采用保留成绩",
        "change" => "由成绩更改",
        "attendance" => "由现场签到",
        "day" => "由现场决定",
        "scores" => "由考评评分汇总",
        _ => "手工登记",
    }
}

/// How a mark was checked, as people read it.
pub(crate) fn how_name(how: &str) -> &'static str {
    match how {
        "twice" => "另行登记一遍，两次一致",
        "amended" => "同意更改",
        "scored" => "独立评分",
        "decided" => "一人报告，另一人决定",
        "kept" => "采用，原成绩已公示",
        _ => "核对确认",
    }
}

/// The name and number under which a person stands on public lists.
pub(crate) fn masked(person: &Person, sight: &Sight<'_>) -> Result<(String, String), Stop> {
    Ok((mask_name(&person.name), mask_number(&person.number(sight.seals())?)))
}

/// The workbook in which a clerk fills in marks: the batch's persons stand in it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MarksTemplate {
    pub batch: i64,
}

/// The bytes of a file, in base 64 for programs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FileView {
    pub name: String,
    #[serde(serialize_with = "base64")]
    #[schema(value_type = String, content_encoding = "base64")]
    pub bytes: Vec<u8>,
}

impl FileView {
    /// A workbook that was sent, with what was found in it marked.
    pub(crate) fn marked_up(
        sight: &Sight<'_>,
        (file, name): (&FileHash, &str),
        findings: &[Finding],
    ) -> Result<Self, Stop> {
        let bytes = sheets::marked_up(&sight.office().files().bring(file)?, findings)?;
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        Ok(Self { name: format!("{stem}-标注.xlsx"), bytes })
    }
}

fn base64<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    use ::base64::Engine as _;
    serializer.serialize_str(&::base64::engine::general_purpose::STANDARD.encode(bytes))
}

impl Look for MarksTemplate {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let batch = store::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let persons = store::persons(&mut sight.tx(), self.batch)?;
        let numbers = persons.iter().map(|p| p.number(sight.seals())).collect::<Result<Vec<_>, _>>()?;
        let rows = persons.iter().zip(&numbers).map(|(person, number)| (person.name.as_str(), number.as_str()));
        let bytes = sheets::marks_template(parts_for(batch.level), rows).map_err(Stop::fault)?;
        Ok(FileView { name: format!("成绩登记表-{}.xlsx", batch.number), bytes })
    }
}

/// The clerk's own workbook again, with what was found in it marked.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MarkedUpMarks {
    pub batch: i64,
    pub upload: i64,
}

impl Look for MarkedUpMarks {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let seals = sight.seals();
        let found = store::findings(&mut sight.tx(), (self.batch, self.upload), seals)?;
        let (file, name, findings) = found.ok_or(Stop::NotFound)?;
        FileView::marked_up(sight, (&file, &name), &findings)
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<UploadMarks>("/batches/{batch}/marks/uploads")
        .act::<EnterMark>("/batches/{batch}/marks")
        .act::<EnterMarksAgain>("/batches/{batch}/marks/second-entry")
        .act::<ConfirmMarks>("/batches/{batch}/marks/confirmation")
        .act::<KeepMarks>("/batches/{batch}/marks/kept")
        .look::<Marks>("/batches/{batch}/marks", "一个批次的成绩与结果")
        .look::<MarksTemplate>("/batches/{batch}/marks/template", "带考生名单的成绩登记表")
        .look::<MarkedUpMarks>("/batches/{batch}/marks/uploads/{upload}", "标出问题的成绩表")
}

/// Marks are entered within three working days after the last examination.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    if !matches!(sight.caller().role(), Role::Clerk | Role::Head) {
        return Ok(Vec::new());
    }
    let (scope, today) = (sight.scope(), sight.today());
    let calendar = &sight.reference().calendar;
    let examined = store::examined(&mut sight.tx(), &scope, today)?;
    let tasks = examined.into_iter().filter(|batch| batch.missing > 0 || batch.unchecked > 0).map(|batch| {
        let (what, detail, page) = if batch.missing > 0 {
            let detail = format!("考试已结束，还缺 {} 科次成绩（{} 名考生）", batch.missing, batch.pending);
            ("登记成绩", detail, "marks")
        } else {
            let detail = format!("{} 科次成绩还没有经第二人核对；登记人不能核对自己登记的", batch.unchecked);
            ("核对成绩", detail, "marks/confirmation")
        };
        let link = format!("/batches/{}/{page}", batch.id);
        Task::new(Clause::S1_5_1, format!("{what}：{}", batch.title), detail, link)
            .due(calendar.add(batch.last_exam_on, rules::terms::MARKS_AFTER).ok())
    });
    Ok(tasks.collect())
}
