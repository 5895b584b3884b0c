//! Marks in the database, and what steps four to six need of a batch and of its persons.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::batch::BatchStage;
use rules::certificate::Level;
use rules::marking::{Attempt, AttemptPart, Hand};
use rules::publicity::Window;
use rules::report::ReviewDecision;
use rules::result::{Outcome, Part, Verdict, decide};
use rules::standard::Rules;
use serde::{Deserialize, Serialize};
use sheets::Finding;

use super::MarkUploadView;
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::clock::read_out;
use crate::door::store::{from_text, to_text};
use crate::door::{FileHash, Seals};

crate::statements! {
    BATCH = "SELECT t.id, t.number, t.body, b.name, b.centre, o.name, t.stage, t.title, t.code, t.trade, t.level, t.theory_on, t.practical_on, t.comprehensive_on, t.ends_on, t.posted_on, t.first_on, t.ends_publicity_on, t.publicity_token, t.publicity_digest, t.closed_on, t.report_due_on, t.scheme, t.rules, t.edition
      FROM batch t JOIN body b ON b.id = t.body JOIN office o ON o.code = b.centre WHERE t.id = ?1";
    BATCH_BY_TOKEN = "SELECT t.id, t.number, t.body, b.name, b.centre, o.name, t.stage, t.title, t.code, t.trade, t.level, t.theory_on, t.practical_on, t.comprehensive_on, t.ends_on, t.posted_on, t.first_on, t.ends_publicity_on, t.publicity_token, t.publicity_digest, t.closed_on, t.report_due_on, t.scheme, t.rules, t.edition
      FROM batch t JOIN body b ON b.id = t.body JOIN office o ON o.code = b.centre WHERE t.publicity_token = ?1";
    PERSONS = "SELECT c.id, c.ticket, c.name, c.id_kind, c.id_sealed, c.publicity_no, c.held, c.report, c.review, c.review_reason, c.reviewed_on, c.certificate, c.given_up_reason, CASE WHEN c.photo IS NULL THEN 0 ELSE 1 END, c.id_key,
        (SELECT MAX(p.ends_on) FROM publicity_correction p WHERE p.candidate = c.id)
      FROM candidate c WHERE c.batch = ?1 AND c.withdrawn_on IS NULL ORDER BY c.ticket, c.sheet, c.row_no, c.id";
    MARKS = "SELECT m.candidate, m.part, m.outcome, m.score, m.source, m.changes, m.entered_at, m.entered_by, m.entered_account, m.confirmed_at, m.confirmed_by, m.confirmed_how,
        m.again_outcome, m.again_score, m.again_account, m.again_by, k.batch, kb.number, m.reached_on, m.basis
      FROM mark m JOIN candidate c ON c.id = m.candidate LEFT JOIN candidate k ON k.id = m.kept_from LEFT JOIN batch kb ON kb.id = k.batch
      WHERE c.batch = ?1 ORDER BY m.candidate, m.part";
    // The object's keys only tell marks apart; a mark lists: 0 candidate, 1 part, 2 outcome, 3 score, 4 row, 5 by whom and 6 how it
    // is confirmed at once, 7 the candidate out of whom it is kept, 8 the day on which it was reached, 9 what it rests on.
    // Whoever enters it anew takes back what they said the second time.
    ENTER = "INSERT INTO mark (candidate, part, outcome, score, source, file, row_no, changes, entered_at, entered_by, entered_account, confirmed_at, confirmed_by, confirmed_how, kept_from, reached_on, basis, scheme)
      SELECT CAST(r.value ->> 0 AS BIGINT), r.value ->> 1, r.value ->> 2, CAST(r.value ->> 3 AS DOUBLE PRECISION), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(r.value ->> 4 AS BIGINT), 0, CAST(?4 AS BIGINT), CAST(?5 AS TEXT), CAST(?6 AS BIGINT),
        CASE WHEN r.value ->> 5 IS NULL THEN NULL ELSE CAST(?4 AS BIGINT) END, r.value ->> 5, r.value ->> 6, CAST(r.value ->> 7 AS BIGINT), r.value ->> 8, r.value ->> 9, CAST(?7 AS BIGINT)
      FROM json_each(?1) AS r WHERE 1 = 1
      ON CONFLICT (candidate, part) DO UPDATE SET outcome = excluded.outcome, score = excluded.score, source = excluded.source, file = excluded.file,
      row_no = excluded.row_no, changes = mark.changes + 1, entered_at = excluded.entered_at, entered_by = excluded.entered_by, entered_account = excluded.entered_account,
      confirmed_at = excluded.confirmed_at, confirmed_by = excluded.confirmed_by, confirmed_how = excluded.confirmed_how,
      kept_from = excluded.kept_from, reached_on = excluded.reached_on, basis = excluded.basis, scheme = excluded.scheme,
      again_outcome = CASE WHEN mark.again_account = excluded.entered_account THEN NULL ELSE mark.again_outcome END,
      again_score = CASE WHEN mark.again_account = excluded.entered_account THEN NULL ELSE mark.again_score END";
    // Of the same object: the values that the marks have now, behind those that they had.
    STEP = "INSERT INTO mark_step (candidate, part, no, outcome, score, source, file, at, account_name, mark_change)
      SELECT m.candidate, m.part, m.changes, m.outcome, m.score, m.source, m.file, m.entered_at, m.entered_by, CAST(?2 AS BIGINT)
      FROM json_each(?1) AS r JOIN mark m ON m.candidate = CAST(r.value ->> 0 AS BIGINT) AND m.part = r.value ->> 1";
    // A mark lists: 0 candidate, 1 part.
    CONFIRM = "UPDATE mark SET confirmed_at = ?2, confirmed_by = ?3, confirmed_how = 'looked'
      FROM json_each(?1) AS r WHERE mark.candidate = CAST(r.value ->> 0 AS BIGINT) AND mark.part = r.value ->> 1";
    // A mark lists: 0 candidate, 1 part, 2 outcome, 3 score, 4 whether both entries say the same.
    AGAIN = "UPDATE mark SET again_outcome = r.value ->> 2, again_score = CAST(r.value ->> 3 AS DOUBLE PRECISION), again_account = ?4, again_by = ?3,
        confirmed_at = CASE WHEN CAST(r.value ->> 4 AS BIGINT) = 1 THEN CAST(?2 AS BIGINT) END, confirmed_by = CASE WHEN CAST(r.value ->> 4 AS BIGINT) = 1 THEN CAST(?3 AS TEXT) END,
        confirmed_how = CASE WHEN CAST(r.value ->> 4 AS BIGINT) = 1 THEN 'twice' END
      FROM json_each(?1) AS r WHERE mark.candidate = CAST(r.value ->> 0 AS BIGINT) AND mark.part = r.value ->> 1";
    // What the persons of a batch came to before at the same occupation and level with the same body, the latest attempt first.
    EARLIER = "SELECT c.id, o.id, t.number, t.level, CASE WHEN t.closed_on IS NULL THEN 0 ELSE 1 END, m.part, m.outcome, m.score, m.kept_from, m.reached_on, t.theory_on, t.practical_on, t.comprehensive_on, t.ends_on, t.rules, t.edition
      FROM candidate c JOIN batch b ON b.id = c.batch
      JOIN candidate o ON o.id_key = c.id_key AND o.batch <> c.batch AND o.withdrawn_on IS NULL
      JOIN batch t ON t.id = o.batch AND t.body = b.body AND t.code = b.code AND t.work_type = b.work_type AND t.level = b.level AND t.stage <> 'cancelled' AND t.ends_on < b.starts_on
      LEFT JOIN mark m ON m.candidate = o.id
      WHERE c.batch = ?1 AND c.withdrawn_on IS NULL ORDER BY c.id, t.ends_on DESC, o.id DESC, m.part";
    // What the marks of persons come to, by person.
    STAMP = "UPDATE candidate SET verdict = r.value ->> 0 FROM json_each(?1) AS r WHERE candidate.id = CAST(r.key AS BIGINT)";
    UPLOADED = "INSERT INTO mark_upload (id, batch, file, name, rows_read, rows_good, marks_new, marks_changed, faults, findings, at, account_name, scheme)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    UPLOADS = "SELECT id, name, rows_read, rows_good, marks_new, marks_changed, faults, at, account_name FROM mark_upload WHERE batch = ?1 AND COALESCE(scheme, 0) = COALESCE(CAST(?2 AS BIGINT), 0) ORDER BY id DESC LIMIT 20";
    FINDINGS = "SELECT file, name, findings FROM mark_upload WHERE batch = ?1 AND id = ?2";
    /// Batches whose last examination day is reached: how many persons they have, how many of those have no verdict, and how
    /// many marks these have.
    EXAMINED = "SELECT t.id, t.title, t.level, t.theory_on, t.practical_on, t.comprehensive_on, COUNT(DISTINCT c.id),
        COUNT(DISTINCT CASE WHEN COALESCE(c.verdict, 'pending') = 'pending' THEN c.id END),
        COUNT(CASE WHEN COALESCE(c.verdict, 'pending') = 'pending' THEN m.part END),
        COUNT(CASE WHEN m.confirmed_at IS NULL THEN m.part END)
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
    /// The scheme that it names (一（五）2, 3).
    pub scheme: Option<i64>,
    /// By what its standard has it examined (一（四）).
    pub rules: Rules,
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

    /// The first day of the examination.
    pub fn first_exam_on(&self) -> Date {
        self.theory_on.min(self.practical_on).min(self.comprehensive_on.unwrap_or(self.practical_on))
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
            scheme: row.get(22)?,
            rules: crate::standard::kept(row.get(23)?, row.get(24)?)?,
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
    /// The keyed hash of the identity number.
    pub id_key: String,
    /// The last day on which a changed result of the person stands on public notice.
    pub corrected_until: Option<Date>,
    pub marks: Vec<Mark>,
}

/// What came of one part, and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    pub part: Part,
    pub outcome: Outcome,
    /// `sheet`, `form`, `course`, `process`, `kept`, `change`, `attendance`, `scores`, `day`.
    pub source: String,
    /// How often it was changed after it had been entered.
    pub changes: i64,
    /// As people read it.
    pub entered_at: String,
    pub entered: Hand,
    pub confirmed: Option<Confirmed>,
    /// What was entered the second time, and by whom.
    pub again: Option<(Outcome, Hand)>,
    /// The batch out of which it is kept.
    pub kept: Option<KeptFrom>,
    /// The day on which it was reached, where that is not the day of the batch.
    pub reached_on: Option<Date>,
    /// What it rests on by a scheme, or by the scores of assessors.
    pub basis: Option<Basis>,
}

/// Who has checked a mark, and how.
#[derive(Debug, Clone)]
pub(crate) struct Confirmed {
    /// As people read it.
    pub at: String,
    pub by: String,
    /// `looked`, `twice`, `amended`, `kept`, `scored`, `decided`.
    pub how: String,
}

/// Where a kept mark was reached.
#[derive(Debug, Clone)]
pub(crate) struct KeptFrom {
    pub batch: i64,
    pub number: String,
}

/// What a mark rests on by a scheme, or by the scores of assessors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Basis {
    /// The final examination of a course.
    Course { course: String, paper: String, approver: String },
    /// Module by module: name, weight, mark.
    Modules(Vec<(String, i64, String)>),
    /// Assessors who marked alone, each with the total; the head of their group, the key items that were failed, and the mean.
    Scores { assessors: Vec<(String, String)>, head: String, failed: Vec<String>, mean: Option<String> },
}

impl Basis {
    /// In one sentence.
    pub fn said(&self) -> String {
        match self {
            Self::Course { course, paper, approver } => format!("课程《{course}》，试卷 {paper}，{approver}审定"),
            Self::Modules(modules) => {
                let modules = modules.iter().map(|(name, weight, mark)| format!("{name} {mark}（{weight}%）"));
                modules.collect::<Vec<_>>().join("、")
            }
            Self::Scores { assessors, head, failed, mean } => {
                let totals = assessors.iter().map(|(name, total)| format!("{name} {total}"));
                let totals = totals.collect::<Vec<_>>().join("、");
                let mean = mean.as_ref().map(|mean| format!("，平均 {mean}")).unwrap_or_default();
                let failed = failed_said(failed).map(|failed| format!("，{failed}")).unwrap_or_default();
                format!("{totals}{mean}{failed}，考评组长{head}汇总")
            }
        }
    }
}

/// Which key items were failed, in a few words.
fn failed_said(failed: &[String]) -> Option<String> {
    (!failed.is_empty()).then(|| format!("关键项“{}”不达标", failed.join("、")))
}

impl Mark {
    /// Whether a second person stands behind it.
    pub fn is_checked(&self) -> bool {
        self.confirmed.is_some()
    }

    /// What the second entry says, where it says something else.
    pub fn differing(&self) -> Option<Outcome> {
        let again = self.again.as_ref().filter(|_| self.confirmed.is_none());
        again.map(|(outcome, _)| *outcome).filter(|again| *again != self.outcome)
    }

    /// Whether it comes from the examination of the batch: not kept from before, nor reached by a scheme.
    pub fn is_examined(&self) -> bool {
        self.kept.is_none() && matches!(self.basis, None | Some(Basis::Scores { .. }))
    }

    /// Where it comes from, where that is not the examination of the batch; empty otherwise.
    pub fn note(&self) -> String {
        let on = self.reached_on.map(|on| format!("，{on}")).unwrap_or_default();
        match (&self.kept, &self.basis) {
            (Some(kept), _) => format!("保留成绩（{}{on}）", kept.number),
            (None, Some(Basis::Course { course, .. })) => format!("结课考试成绩（{course}{on}）"),
            (None, Some(Basis::Modules(_))) => "过程考核成绩".to_owned(),
            (None, Some(Basis::Scores { failed, .. })) => failed_said(failed).unwrap_or_default(),
            (None, None) => String::new(),
        }
    }
}

impl Person {
    pub fn outcomes(&self) -> Vec<(Part, Outcome)> {
        self.marks.iter().map(|mark| (mark.part, mark.outcome)).collect()
    }

    /// Whether every mark has been checked by a second person.
    pub fn is_checked(&self) -> bool {
        self.marks.iter().all(Mark::is_checked)
    }

    /// Where the marks come from that are not of the batch's own examinations.
    pub fn notes(&self) -> Vec<(Part, String)> {
        let notes = self.marks.iter().map(|mark| (mark.part, mark.note()));
        notes.filter(|(_, note)| !note.is_empty()).collect()
    }

    pub fn mark(&self, part: Part) -> Option<&Mark> {
        self.marks.iter().find(|mark| mark.part == part)
    }

    pub fn verdict(&self, batch: &Batch) -> Verdict {
        decide(batch.level, &batch.rules, &self.outcomes())
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
            id_key: row.get(14)?,
            corrected_until: row.get(15)?,
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
            entered: Hand { account: row.get(8)?, name: row.get(7)? },
            confirmed: match row.get::<Option<i64>>(9)? {
                Some(at) => Some(Confirmed {
                    at: read_out(at),
                    by: row.get::<Option<String>>(10)?.unwrap_or_default(),
                    how: row.get::<Option<String>>(11)?.unwrap_or_default(),
                }),
                None => None,
            },
            again: match row.get::<Option<String>>(12)? {
                Some(code) => Some((
                    Outcome::from_code(&code, row.get(13)?).ok_or_else(|| DbError::stored(format!("mark {code}")))?,
                    Hand { account: row.get(14)?, name: row.get::<Option<String>>(15)?.unwrap_or_default() },
                )),
                None => None,
            },
            kept: match (row.get(16)?, row.get(17)?) {
                (Some(batch), Some(number)) => Some(KeptFrom { batch, number }),
                _ => None,
            },
            reached_on: row.get(18)?,
            basis: row.get::<Option<String>>(19)?.map(|text| from_text(&text)).transpose()?,
        });
        Ok(())
    })?;
    for person in &mut persons {
        person.marks.sort_by_key(|mark| mark.part);
    }
    Ok(persons)
}

/// A mark on its way into the database; `row` is that of the sheet it stands in.
#[derive(Debug, Clone)]
pub(crate) struct NewMark {
    pub candidate: i64,
    pub part: Part,
    pub outcome: Outcome,
    pub row: Option<u32>,
    /// By whom and how it is confirmed at once: the second entry said so already, or it stood before.
    pub confirmed: Option<(String, &'static str)>,
    /// The candidate of the earlier batch out of whom it is kept.
    pub kept_from: Option<i64>,
    pub reached_on: Option<Date>,
    pub basis: Option<Basis>,
}

impl NewMark {
    /// A mark of the batch's own examination.
    pub fn plain(candidate: i64, part: Part, outcome: Outcome, row: Option<u32>) -> Self {
        Self { candidate, part, outcome, row, confirmed: None, kept_from: None, reached_on: None, basis: None }
    }
}

/// How marks come in, together.
pub(crate) struct Entry<'a> {
    /// `sheet`, `form`, `course`, `process`, `kept`, `change`.
    pub source: &'static str,
    pub file: Option<&'a FileHash>,
    pub scheme: Option<i64>,
    /// The change of a confirmed mark by which they come.
    pub mark_change: Option<i64>,
    pub now: i64,
    pub by: &'a Hand,
}

/// Enters marks, or changes those that are there, with what each person's marks come to.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn enter<'m>(
    tx: &mut Tx<'_>,
    marks: impl Iterator<Item = &'m NewMark>,
    verdicts: &BTreeMap<i64, &str>,
    entry: &Entry<'_>,
) -> Result<(), DbError> {
    if verdicts.is_empty() {
        return Ok(());
    }
    let mut rows = BTreeMap::new();
    for (at, mark) in marks.enumerate() {
        let (by, how) = mark.confirmed.as_ref().map(|(by, how)| (by, how)).unzip();
        let basis = mark.basis.as_ref().map(to_text).transpose()?;
        let NewMark { candidate, part, outcome, row, kept_from, reached_on, .. } = mark;
        let row = (candidate, part.code(), outcome.code(), outcome.mark(), row, by, how, kept_from, reached_on, basis);
        rows.insert(at, row);
    }
    let rows = to_text(&rows)?;
    let file = entry.file.map(|file| file.0.as_str());
    let values = args![&rows, entry.source, file, entry.now, &entry.by.name, entry.by.account, entry.scheme];
    tx.run(&ENTER, values)?;
    tx.run(&STEP, args![rows, entry.mark_change])?;
    let verdicts: BTreeMap<i64, [&str; 1]> = verdicts.iter().map(|(id, verdict)| (*id, [*verdict])).collect();
    tx.run(&STAMP, args![to_text(&verdicts)?]).map(|_| ())
}

/// Confirms marks that were looked over.
pub(super) fn confirm(tx: &mut Tx<'_>, marks: &[(i64, Part)], (now, by): (i64, &str)) -> Result<(), DbError> {
    let rows: BTreeMap<usize, _> = marks.iter().map(|(candidate, part)| (candidate, part.code())).enumerate().collect();
    tx.run(&CONFIRM, args![to_text(&rows)?, now, by]).map(|_| ())
}

/// Notes second entries, each with whether it says the same as the first.
pub(super) fn again(
    tx: &mut Tx<'_>,
    marks: &[(i64, Part, Outcome, bool)],
    (now, by): (i64, &Hand),
) -> Result<(), DbError> {
    let row = |(candidate, part, outcome, same): &(i64, Part, Outcome, bool)| {
        (*candidate, part.code(), outcome.code(), outcome.mark(), i32::from(*same))
    };
    let rows: BTreeMap<usize, _> = marks.iter().map(row).enumerate().collect();
    tx.run(&AGAIN, args![to_text(&rows)?, now, &by.name, by.account]).map(|_| ())
}

/// The latest attempt before this batch, with the candidate and the number of the batch in which it was made.
pub(super) struct Earlier {
    pub candidate: i64,
    pub number: String,
    pub attempt: Attempt,
}

/// The latest earlier attempt of each person of a batch who has one.
pub(super) fn earlier(tx: &mut Tx<'_>, batch: i64) -> Result<BTreeMap<i64, Earlier>, DbError> {
    let mut found: BTreeMap<i64, (Earlier, Level, Rules)> = BTreeMap::new();
    tx.each(&EARLIER, args![batch], |row| {
        let (person, candidate): (i64, i64) = (row.get(0)?, row.get(1)?);
        let level = level_of(&row.get::<String>(3)?)?;
        let (latest, ..) = match found.entry(person) {
            std::collections::btree_map::Entry::Vacant(place) => {
                let attempt = Attempt {
                    is_final: row.get(4)?,
                    verdict: Verdict::Pending { missing: Vec::new() },
                    parts: Vec::new(),
                };
                let rules = crate::standard::kept(row.get(14)?, row.get(15)?)?;
                place.insert((Earlier { candidate, number: row.get(2)?, attempt }, level, rules))
            }
            std::collections::btree_map::Entry::Occupied(place) => place.into_mut(),
        };
        // The latest comes first; of those before nothing is asked.
        let Some(part) = row.get::<Option<String>>(5)?.filter(|_| latest.candidate == candidate) else { return Ok(()) };
        let outcome: String = row.get(6)?;
        let wrong = || DbError::stored(format!("mark {part} {outcome}"));
        let part = Part::from_code(&part).ok_or_else(wrong)?;
        let days: (Date, Date, Option<Date>, Date) = (row.get(10)?, row.get(11)?, row.get(12)?, row.get(13)?);
        let held_on = match part {
            Part::Theory => days.0,
            Part::Practical => days.1,
            Part::Comprehensive => days.2.unwrap_or(days.3),
        };
        latest.attempt.parts.push(AttemptPart {
            part,
            outcome: Outcome::from_code(&outcome, row.get(7)?).ok_or_else(wrong)?,
            exam_on: row.get::<Option<Date>>(9)?.unwrap_or(held_on),
            is_kept: row.get::<Option<i64>>(8)?.is_some(),
        });
        Ok(())
    })?;
    let decided = found.into_iter().map(|(person, (mut earlier, level, rules))| {
        let outcomes: Vec<_> = earlier.attempt.parts.iter().map(|part| (part.part, part.outcome)).collect();
        earlier.attempt.verdict = decide(level, &rules, &outcomes);
        (person, earlier)
    });
    Ok(decided.collect())
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
    /// The scheme by which the marks are entered.
    pub scheme: Option<i64>,
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
        new.scheme,
    ];
    tx.run(&UPLOADED, values).map(|_| ())
}

/// The latest uploads of marks by this scheme, or of examinations, the last first.
pub(super) fn uploads(tx: &mut Tx<'_>, batch: i64, scheme: Option<i64>) -> Result<Vec<MarkUploadView>, DbError> {
    let rows = tx.rows(&UPLOADS, args![batch, scheme])?;
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
    /// How many marks no second person has checked.
    pub unchecked: i64,
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
                unchecked: row.get(9)?,
            })
        })
        .collect()
}
