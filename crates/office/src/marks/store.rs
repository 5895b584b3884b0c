//! Marks in the database, and what steps four to six need of a batch and of its persons.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::batch::BatchStage;
use rules::certificate::Level;
use rules::publicity::Window;
use rules::report::ReviewDecision;
use rules::result::{Outcome, Part, Verdict, decide};
use sheets::Finding;

use super::MarkUploadView;
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::clock::read_out;
use crate::door::store::{from_text, to_text};
use crate::door::{FileHash, Seals};

crate::statements! {
    BATCH = "SELECT t.id, t.number, t.body, b.name, b.centre, o.name, t.stage, t.title, t.code, t.trade, t.level, t.theory_on, t.practical_on, t.comprehensive_on, t.ends_on, t.posted_on, t.first_on, t.ends_publicity_on, t.publicity_token, t.publicity_digest, t.closed_on, t.report_due_on
      FROM batch t JOIN body b ON b.id = t.body JOIN office o ON o.code = b.centre WHERE t.id = ?1";
    BATCH_BY_TOKEN = "SELECT t.id, t.number, t.body, b.name, b.centre, o.name, t.stage, t.title, t.code, t.trade, t.level, t.theory_on, t.practical_on, t.comprehensive_on, t.ends_on, t.posted_on, t.first_on, t.ends_publicity_on, t.publicity_token, t.publicity_digest, t.closed_on, t.report_due_on
      FROM batch t JOIN body b ON b.id = t.body JOIN office o ON o.code = b.centre WHERE t.publicity_token = ?1";
    PERSONS = "SELECT c.id, c.ticket, c.name, c.id_kind, c.id_sealed, c.publicity_no, c.held, c.report, c.review, c.review_reason, c.reviewed_on, c.certificate, c.given_up_reason, CASE WHEN c.photo IS NULL THEN 0 ELSE 1 END
      FROM candidate c WHERE c.batch = ?1 AND c.withdrawn_on IS NULL ORDER BY c.ticket, c.sheet, c.row_no, c.id";
    MARKS = "SELECT m.candidate, m.part, m.outcome, m.score, m.source, m.changes, m.entered_at, m.entered_by
      FROM mark m JOIN candidate c ON c.id = m.candidate WHERE c.batch = ?1 ORDER BY m.candidate, m.part";
    // The object's keys only tell marks apart; a mark lists: 0 candidate, 1 part, 2 outcome, 3 score, 4 row.
    ENTER = "INSERT INTO mark (candidate, part, outcome, score, source, file, row_no, changes, entered_at, entered_by)
      SELECT CAST(r.value ->> 0 AS BIGINT), r.value ->> 1, r.value ->> 2, CAST(r.value ->> 3 AS DOUBLE PRECISION), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(r.value ->> 4 AS BIGINT), 0, CAST(?4 AS BIGINT), CAST(?5 AS TEXT)
      FROM json_each(?1) AS r WHERE 1 = 1
      ON CONFLICT (candidate, part) DO UPDATE SET outcome = excluded.outcome, score = excluded.score, source = excluded.source, file = excluded.file,
      row_no = excluded.row_no, changes = mark.changes + 1, entered_at = excluded.entered_at, entered_by = excluded.entered_by";
    // What the marks of persons come to, by person.
    STAMP = "UPDATE candidate SET verdict = r.value ->> 0 FROM json_each(?1) AS r WHERE candidate.id = CAST(r.key AS BIGINT)";
    UPLOADED = "INSERT INTO mark_upload (id, batch, file, name, rows_read, rows_good, marks_new, marks_changed, faults, findings, at, account_name)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    UPLOADS = "SELECT id, name, rows_read, rows_good, marks_new, marks_changed, faults, at, account_name FROM mark_upload WHERE batch = ?1 ORDER BY id DESC LIMIT 20";
    FINDINGS = "SELECT file, name, findings FROM mark_upload WHERE batch = ?1 AND id = ?2";
    /// Batches whose last examination day is reached: how many persons they have, how many of those have no verdict, and how
    /// many marks these have.
    EXAMINED = "SELECT t.id, t.title, t.level, t.theory_on, t.practical_on, t.comprehensive_on, COUNT(DISTINCT c.id),
        COUNT(DISTINCT CASE WHEN COALESCE(c.verdict, 'pending') = 'pending' THEN c.id END),
        COUNT(CASE WHEN COALESCE(c.verdict, 'pending') = 'pending' THEN m.part END)
      FROM batch t JOIN body b ON b.id = t.body JOIN candidate c ON c.batch = t.id AND c.withdrawn_on IS NULL LEFT JOIN mark m ON m.candidate = c.id
      WHERE t.stage = 'notified' AND t.theory_on <= ?4 AND t.practical_on <= ?4 AND COALESCE(t.comprehensive_on, t.practical_on) <= ?4
      AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      GROUP BY t.id, t.title, t.level, t.theory_on, t.practical_on, t.comprehensive_on ORDER BY t.id";
}

/// A batch, as far as marks, publicity and report look at it.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub id: i64,
    pub number: String,
    pub body: i64,
    pub body_name: String,
    /// The office code of the centre in charge, and its name.
    pub centre: String,
    pub centre_name: String,
    pub stage: BatchStage,
    pub title: String,
    pub trade: String,
    pub level: Level,
    pub theory_on: Date,
    pub practical_on: Date,
    pub comprehensive_on: Option<Date>,
    pub ends_on: Date,
    pub window: Option<Window>,
    pub token: Option<String>,
    pub digest: Option<String>,
    pub closed_on: Option<Date>,
    pub report_due_on: Option<Date>,
}

impl Batch {
    /// The day on which a part is held; the comprehensive review has the last day of the batch where no day was named.
    pub fn exam_on(&self, part: Part) -> Date {
        match part {
            Part::Theory => self.theory_on,
            Part::Practical => self.practical_on,
            Part::Comprehensive => self.comprehensive_on.unwrap_or(self.ends_on),
        }
    }

    /// The last examination day.
    pub fn last_exam_on(&self) -> Date {
        last_exam_on(self.theory_on, self.practical_on, self.comprehensive_on)
    }
}

fn last_exam_on(theory_on: Date, practical_on: Date, comprehensive_on: Option<Date>) -> Date {
    theory_on.max(practical_on).max(comprehensive_on.unwrap_or(practical_on))
}

fn level_of(digit: &str) -> Result<Level, DbError> {
    let level = digit.chars().next().and_then(Level::from_digit);
    level.ok_or_else(|| DbError::stored(format!("level {digit}")))
}

impl TryFrom<Row> for Batch {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let stage: String = row.get(6)?;
        let days: (Option<Date>, Option<Date>, Option<Date>) = (row.get(15)?, row.get(16)?, row.get(17)?);
        let window = match days {
            (Some(posted_on), Some(first_on), Some(ends_on)) => Some(Window { posted_on, first_on, ends_on }),
            _ => None,
        };
        Ok(Self {
            id: row.get(0)?,
            number: row.get(1)?,
            body: row.get(2)?,
            body_name: row.get(3)?,
            centre: row.get(4)?,
            centre_name: row.get(5)?,
            stage: BatchStage::from_code(&stage).ok_or_else(|| DbError::stored(format!("stage {stage}")))?,
            title: row.get(7)?,
            trade: row.get(9)?,
            level: level_of(&row.get::<String>(10)?)?,
            theory_on: row.get(11)?,
            practical_on: row.get(12)?,
            comprehensive_on: row.get(13)?,
            ends_on: row.get(14)?,
            window,
            token: row.get(18)?,
            digest: row.get(19)?,
            closed_on: row.get(20)?,
            report_due_on: row.get(21)?,
        })
    }
}

/// A person of a batch who has not withdrawn, with the marks entered.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub id: i64,
    pub ticket: String,
    pub name: String,
    pub id_kind: String,
    pub id_sealed: String,
    pub publicity_no: Option<i64>,
    /// Whether an objection keeps the person back.
    pub held: bool,
    pub report: Option<i64>,
    pub review: Option<ReviewDecision>,
    /// Why the centre returned the person; it stays to be read when the person is reported again.
    pub review_reason: Option<String>,
    pub reviewed_on: Option<Date>,
    pub certificate: Option<i64>,
    /// Why the body has given the person up, if it has.
    pub given_up: Option<String>,
    pub has_photo: bool,
    pub marks: Vec<Mark>,
}

/// What came of one part, and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub part: Part,
    pub outcome: Outcome,
    /// `sheet` or `form`.
    pub source: String,
    /// How often it was changed after it had been entered.
    pub changes: i64,
    /// As people read it.
    pub entered_at: String,
    pub entered_by: String,
}

impl Person {
    pub fn outcomes(&self) -> Vec<(Part, Outcome)> {
        self.marks.iter().map(|mark| (mark.part, mark.outcome)).collect()
    }

    pub fn mark(&self, part: Part) -> Option<&Mark> {
        self.marks.iter().find(|mark| mark.part == part)
    }

    pub fn verdict(&self, level: Level) -> Verdict {
        decide(level, &self.outcomes())
    }

    /// The identity number, unsealed.
    pub fn number(&self, seals: &Seals) -> Result<String, DbError> {
        seals
            .open_text(&self.id_sealed)
            .ok_or_else(|| DbError::stored(format!("candidate {} is sealed by another house", self.id)))
    }
}

impl TryFrom<Row> for Person {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let (review, reason): (Option<String>, Option<String>) = (row.get(8)?, row.get(9)?);
        let decided = review.and_then(|code| ReviewDecision::from_code(&code, reason.clone().unwrap_or_default()));
        Ok(Self {
            id: row.get(0)?,
            ticket: row.get(1)?,
            name: row.get(2)?,
            id_kind: row.get(3)?,
            id_sealed: row.get(4)?,
            publicity_no: row.get(5)?,
            held: row.get(6)?,
            report: row.get(7)?,
            review: decided,
            review_reason: reason,
            reviewed_on: row.get(10)?,
            certificate: row.get(11)?,
            given_up: row.get(12)?,
            has_photo: row.get(13)?,
            marks: Vec::new(),
        })
    }
}

/// The batch with this id.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn batch(tx: &mut Tx<'_>, id: i64) -> Result<Option<Batch>, DbError> {
    tx.first(&BATCH, args![id])?.map(Batch::try_from).transpose()
}

/// The batch whose results stand or stood under this token.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn batch_by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Batch>, DbError> {
    tx.first(&BATCH_BY_TOKEN, args![token])?.map(Batch::try_from).transpose()
}

/// The persons of a batch who have not withdrawn, in the order of their tickets, with their marks.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn persons(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Person>, DbError> {
    let mut persons =
        tx.rows(&PERSONS, args![batch])?.into_iter().map(Person::try_from).collect::<Result<Vec<_>, _>>()?;
    let at: std::collections::HashMap<i64, usize> =
        persons.iter().enumerate().map(|(at, person)| (person.id, at)).collect();
    tx.each(&MARKS, args![batch], |row| {
        let Some(&at) = at.get(&row.get(0)?) else { return Ok(()) };
        let (part, outcome): (String, String) = (row.get(1)?, row.get(2)?);
        let wrong = || DbError::stored(format!("mark {part} {outcome}"));
        persons[at].marks.push(Mark {
            part: Part::from_code(&part).ok_or_else(wrong)?,
            outcome: Outcome::from_code(&outcome, row.get(3)?).ok_or_else(wrong)?,
            source: row.get(4)?,
            changes: row.get(5)?,
            entered_at: read_out(row.get(6)?),
            entered_by: row.get(7)?,
        });
        Ok(())
    })?;
    for person in &mut persons {
        person.marks.sort_by_key(|mark| mark.part);
    }
    Ok(persons)
}

/// A mark on its way into the database; `row` is that of the sheet it stands in.
pub(super) struct NewMark {
    pub candidate: i64,
    pub part: Part,
    pub outcome: Outcome,
    pub row: Option<u32>,
}

/// Enters marks, or changes those that are there, with what each person's marks come to.
pub(super) fn enter<'m>(
    tx: &mut Tx<'_>,
    marks: impl Iterator<Item = &'m NewMark>,
    verdicts: &BTreeMap<i64, &str>,
    file: Option<&FileHash>,
    (now, by): (i64, &str),
) -> Result<(), DbError> {
    if verdicts.is_empty() {
        return Ok(());
    }
    let marks: BTreeMap<usize, _> = marks
        .map(|NewMark { candidate, part, outcome, row }| (candidate, part.code(), outcome.code(), outcome.mark(), row))
        .enumerate()
        .collect();
    let source = if file.is_some() { "sheet" } else { "form" };
    tx.run(&ENTER, args![to_text(&marks)?, source, file.map(|file| file.0.as_str()), now, by])?;
    let verdicts: BTreeMap<i64, [&str; 1]> = verdicts.iter().map(|(id, verdict)| (*id, [*verdict])).collect();
    tx.run(&STAMP, args![to_text(&verdicts)?]).map(|_| ())
}

/// An upload of marks, for the list of uploads.
pub(super) struct NewUpload<'a> {
    pub id: i64,
    pub batch: i64,
    pub file: &'a FileHash,
    pub name: &'a str,
    pub rows_read: usize,
    pub rows_good: usize,
    pub entered: usize,
    pub changed: usize,
    pub faults: usize,
    /// Sealed.
    pub findings: &'a str,
    pub now: i64,
    pub by: &'a str,
}

pub(super) fn insert_upload(tx: &mut Tx<'_>, new: &NewUpload<'_>) -> Result<(), DbError> {
    let count = |n: usize| n as i64;
    let values = args![
        new.id,
        new.batch,
        &new.file.0,
        new.name,
        count(new.rows_read),
        count(new.rows_good),
        count(new.entered),
        count(new.changed),
        count(new.faults),
        new.findings,
        new.now,
        new.by,
    ];
    tx.run(&UPLOADED, values).map(|_| ())
}

/// The latest uploads of marks, the last first.
pub(super) fn uploads(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<MarkUploadView>, DbError> {
    let rows = tx.rows(&UPLOADS, args![batch])?;
    rows.into_iter()
        .map(|row| {
            Ok(MarkUploadView {
                id: row.get(0)?,
                name: row.get(1)?,
                rows_read: row.get(2)?,
                rows_good: row.get(3)?,
                entered: row.get(4)?,
                changed: row.get(5)?,
                faults: row.get(6)?,
                at: read_out(row.get(7)?),
                by: row.get(8)?,
            })
        })
        .collect()
}

/// The file of an upload, its name and what was found in it.
pub(super) fn findings(
    tx: &mut Tx<'_>,
    (batch, upload): (i64, i64),
    seals: &Seals,
) -> Result<Option<(FileHash, String, Vec<Finding>)>, DbError> {
    let Some(row) = tx.first(&FINDINGS, args![batch, upload])? else { return Ok(None) };
    let sealed: String = row.get(2)?;
    let text = seals.open_text(&sealed).ok_or_else(|| DbError::stored("findings sealed by another house"))?;
    Ok(Some((FileHash(row.get(0)?), row.get(1)?, from_text(&text)?)))
}

/// A batch that was examined and is not posted yet.
pub(crate) struct Examined {
    pub id: i64,
    pub title: String,
    pub last_exam_on: Date,
    /// How many marks are still missing, over all parts of the persons who have no verdict.
    pub missing: i64,
    pub pending: i64,
    pub persons: i64,
}

/// Batches within these bounds that were examined by this day and are not posted yet.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn examined(tx: &mut Tx<'_>, scope: &crate::door::Scope, today: Date) -> Result<Vec<Examined>, DbError> {
    let rows = tx.rows(&EXAMINED, args![scope.body, scope.centre.clone(), scope.bureau.clone(), today])?;
    rows.into_iter()
        .map(|row| {
            let level = level_of(&row.get::<String>(2)?)?;
            let (pending, marks): (i64, i64) = (row.get(7)?, row.get(8)?);
            let parts = rules::result::parts_for(level).len() as i64;
            Ok(Examined {
                id: row.get(0)?,
                title: row.get(1)?,
                last_exam_on: last_exam_on(row.get(3)?, row.get(4)?, row.get(5)?),
                missing: (pending * parts - marks).max(0),
                pending,
                persons: row.get(6)?,
            })
        })
        .collect()
}
