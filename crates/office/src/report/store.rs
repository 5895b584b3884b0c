//! Reports and reviews in the database.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use rules::arrangement::DayTime;
use rules::batch::{BatchStage, Waiting};
use rules::report::{LateDecision, ReviewDecision, ReviewWord, Said, Sat, Signed};
use rules::result::Part;

use super::ReviewLine;
use super::desk::WordLine;
use crate::args;
use crate::certificate::level;
use crate::db::{DbError, Row, Sql, Tx};
use crate::door::Scope;
use crate::door::clock::read_out;
use crate::door::store::{from_text, to_text};

/// Reports that `which` chooses, within a scope, with how many of their persons are to receive a certificate and how many
/// of those the centre has not decided on.
macro_rules! reports {
    ($which:literal, $order:literal) => {
        concat!(
            "SELECT t.id, t.title, b.name, b.centre, t.trade, t.level, r.no, r.reported_on, r.due_on, r.late_decision, r.persons,
        COUNT(c.id), COUNT(CASE WHEN c.id IS NOT NULL AND p.review IS NULL THEN 1 END),
        CASE WHEN (r.reported_on > r.due_on AND r.late_decision IS NULL)
          OR (COALESCE(r.late_decision, '') <> 'refused' AND COUNT(CASE WHEN c.id IS NOT NULL AND p.review IS NULL THEN 1 END) > 0) THEN 1 ELSE 0 END AS waiting
      FROM report r JOIN batch t ON t.id = r.batch JOIN body b ON b.id = t.body
      LEFT JOIN report_person p ON p.report = r.id LEFT JOIN candidate c ON c.id = p.candidate AND c.verdict = 'passed'
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      AND ",
            $which,
            " GROUP BY t.id, t.title, b.name, b.centre, t.trade, t.level, r.id, r.no, r.reported_on, r.due_on, r.late_decision, r.persons ORDER BY ",
            $order
        )
    };
}

crate::statements! {
    REPORTS = "SELECT id, no, reported_on, due_on, persons, reported_by, late_reason, late_decision, late_decision_reason, late_decided_on, late_decided_by, digest
      FROM report WHERE batch = ?1 ORDER BY no";
    INSERT = "INSERT INTO report (id, batch, no, reported_on, due_on, persons, reported_by, late_reason, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    /// Per person: the last day on which an objection was dismissed, and whether one is open.
    OBJECTIONS = "SELECT candidate, MAX(CASE WHEN state = 'dismissed' THEN decided_on END), CAST(MAX(CASE WHEN state = 'open' THEN 1 ELSE 0 END) AS BIGINT)
      FROM objection WHERE batch = ?1 GROUP BY candidate";
    // The keys of the object are the persons' ids; so are those of REVIEW, DECIDE and GIVE_UP.
    TAKE = "UPDATE candidate SET report = ?2, review = NULL, reviewed_on = NULL, reviewed_by = NULL
      WHERE id IN (SELECT CAST(r.key AS BIGINT) FROM json_each(?1) AS r)";
    // The object's values are lists of one: what is reported of the person.
    HOLD = "INSERT INTO report_person (report, candidate, line) SELECT CAST(?2 AS BIGINT), CAST(r.key AS BIGINT), r.value ->> 0 FROM json_each(?1) AS r";
    PERSONS = "SELECT candidate, review, review_reason, reviewed_on, line FROM report_person WHERE report = ?1";
    /// The last word on each person of a report.
    LAST_WORDS = "SELECT w.candidate, w.no, w.word, w.reason, w.account, w.account_name, w.at FROM review_word w
      WHERE w.report = ?1 AND w.no = (SELECT MAX(x.no) FROM review_word x WHERE x.report = w.report AND x.candidate = w.candidate)";
    /// Every word on the persons of a batch, in all its reports, the first first.
    WORDS = "SELECT w.candidate, r.no, w.word, w.reason, w.account_name, w.at FROM review_word w JOIN report r ON r.id = w.report
      WHERE r.batch = ?1 ORDER BY r.no, w.at, w.no";
    // The object's keys are the persons' ids; each lists: 0 the number of the word.
    SAY = "INSERT INTO review_word (report, candidate, no, word, reason, at, account, account_name)
      SELECT CAST(?2 AS BIGINT), CAST(r.key AS BIGINT), CAST(r.value ->> 0 AS BIGINT), CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS BIGINT), CAST(?6 AS BIGINT), CAST(?7 AS TEXT)
      FROM json_each(?1) AS r";
    UNDECIDE = "UPDATE candidate SET review = NULL, reviewed_on = NULL, reviewed_by = NULL
      WHERE id IN (SELECT CAST(r.key AS BIGINT) FROM json_each(?1) AS r)";
    UNDECIDE_IN = "UPDATE report_person SET review = NULL, review_reason = NULL, reviewed_on = NULL, reviewed_by = NULL
      WHERE report = ?2 AND candidate IN (SELECT CAST(r.key AS BIGINT) FROM json_each(?1) AS r)";
    /// What a desk knows of the persons of a batch beside their marks: class and major, line of the conditions, day of birth,
    /// when their roster came, and how many persons have the same photo.
    FACTS = "SELECT c.id, COALESCE(e.class, ''), c.major, c.condition, c.born, u.at, COALESCE(p.persons, 0)
      FROM candidate c JOIN batch t ON t.id = c.batch JOIN roster_upload u ON u.id = c.upload
      LEFT JOIN enrolment e ON e.body = t.body AND e.id_key = c.id_key
      LEFT JOIN (SELECT o.photo, COUNT(DISTINCT o.id_key) AS persons FROM candidate o
        WHERE o.withdrawn_on IS NULL AND o.photo IN (SELECT b.photo FROM candidate b WHERE b.batch = ?1) GROUP BY o.photo) p ON p.photo = c.photo
      WHERE c.batch = ?1 AND c.withdrawn_on IS NULL";
    /// Other batches with persons of this one in them, between two days.
    ELSEWHERE = "SELECT c.id, t.number FROM candidate c JOIN candidate o ON o.id_key = c.id_key AND o.batch <> c.batch AND o.withdrawn_on IS NULL
      JOIN batch t ON t.id = o.batch AND t.stage <> 'cancelled' AND t.ends_on >= ?2 AND t.starts_on <= ?3
      WHERE c.batch = ?1 AND c.withdrawn_on IS NULL ORDER BY c.id, t.number";
    /// The rooms that the persons of a batch sat in, as far as the day was noted, and how they signed in.
    SAT = "SELECT p.candidate, k.part, k.began, k.ended, a.state, a.how FROM conduct k JOIN exam_place p ON p.session = k.session
      LEFT JOIN attendance a ON a.session = k.session AND a.candidate = p.candidate WHERE k.batch = ?1 ORDER BY p.candidate, k.held_on, k.began";
    SAMPLES = "SELECT no, draw, drawn_at, drawn_by FROM review_sample WHERE report = ?1 ORDER BY no";
    KEEP_SAMPLE = "INSERT INTO review_sample (report, no, draw, drawn_at, drawn_by) VALUES (?1, ?2, ?3, ?4, ?5)";
    /// Who has looked at everything behind persons of a report, and when last.
    LOOKED = "SELECT s.subject_id, s.account_name, MAX(s.at) FROM sight s JOIN report_person p ON p.candidate = s.subject_id AND p.report = ?1
      WHERE s.subject = 'candidate' AND s.look = ?2 GROUP BY s.subject_id, s.account_name ORDER BY 3";
    STAGE = "UPDATE batch SET stage = ?2 WHERE id = ?1";
    BATCH_NUMBER = "SELECT t.number FROM report r JOIN batch t ON t.id = r.batch WHERE r.id = ?1";
    LATE = "UPDATE report SET late_decision = ?2, late_decision_reason = ?3, late_decided_on = ?4, late_decided_by = ?5 WHERE id = ?1";
    REVIEW = "UPDATE candidate SET review = ?2, review_reason = ?3, reviewed_on = ?4, reviewed_by = ?5
      WHERE id IN (SELECT CAST(r.key AS BIGINT) FROM json_each(?1) AS r)";
    DECIDE = "UPDATE report_person SET review = ?2, review_reason = ?3, reviewed_on = ?4, reviewed_by = ?5
      WHERE report = ?6 AND candidate IN (SELECT CAST(r.key AS BIGINT) FROM json_each(?1) AS r)";
    GIVE_UP = "UPDATE candidate SET given_up_on = ?2, given_up_reason = ?3, given_up_by = ?4
      WHERE id IN (SELECT CAST(r.key AS BIGINT) FROM json_each(?1) AS r)";
    WAITING = "SELECT
        COUNT(CASE WHEN (c.held = 0 OR EXISTS (SELECT 1 FROM objection o WHERE o.candidate = c.id AND o.state = 'open'))
          AND (c.review = 'returned' OR (c.review IS NULL AND (c.report IS NULL OR r.late_decision = 'refused'))) THEN 1 END),
        COUNT(CASE WHEN c.report IS NOT NULL AND c.verdict = 'passed' AND c.review IS NULL AND COALESCE(r.late_decision, '') <> 'refused' THEN 1 END),
        COUNT(CASE WHEN c.review = 'approved' AND c.certificate IS NULL THEN 1 END)
      FROM candidate c LEFT JOIN report r ON r.id = c.report
      WHERE c.batch = ?1 AND c.withdrawn_on IS NULL AND c.given_up_on IS NULL";
    LIST = reports!("1 = 1", "waiting DESC, r.id DESC LIMIT 500");
    /// Reports on which the centre has to decide: on their lateness, or on persons.
    PENDING = reports!("((r.reported_on > r.due_on AND r.late_decision IS NULL) OR (COALESCE(r.late_decision, '') <> 'refused'
      AND EXISTS (SELECT 1 FROM report_person q JOIN candidate d ON d.id = q.candidate WHERE q.report = r.id AND q.review IS NULL AND d.verdict = 'passed')))", "r.id");
    /// Batches that have somebody to report: how many, how many an objection keeps back, whether somebody has waited since
    /// publicity ended, and otherwise the first day on which a matter was settled.
    TO_REPORT = "SELECT t.id, t.title, t.report_due_on, CASE WHEN EXISTS (SELECT 1 FROM report x WHERE x.batch = t.id) THEN 1 ELSE 0 END,
        COUNT(CASE WHEN c.held = 0 THEN 1 END), COUNT(CASE WHEN c.held = 1 AND o.is_open = 1 THEN 1 END),
        COUNT(CASE WHEN c.held = 0 AND c.review IS NULL AND o.dismissed_on IS NULL AND k.ends_on IS NULL THEN 1 END),
        MIN(CASE WHEN c.held = 1 THEN NULL
          WHEN k.ends_on >= COALESCE(o.dismissed_on, '') AND k.ends_on >= COALESCE(CASE WHEN c.review = 'returned' THEN c.reviewed_on END, '') THEN k.ends_on
          WHEN c.review = 'returned' AND (o.dismissed_on IS NULL OR o.dismissed_on < c.reviewed_on) THEN c.reviewed_on ELSE o.dismissed_on END)
      FROM batch t JOIN body b ON b.id = t.body JOIN candidate c ON c.batch = t.id LEFT JOIN report r ON r.id = c.report
      LEFT JOIN (SELECT candidate, MAX(CASE WHEN state = 'dismissed' THEN decided_on END) AS dismissed_on, MAX(CASE WHEN state = 'open' THEN 1 ELSE 0 END) AS is_open
        FROM objection GROUP BY candidate) o ON o.candidate = c.id
      LEFT JOIN (SELECT candidate, MAX(ends_on) AS ends_on FROM publicity_correction GROUP BY candidate) k ON k.candidate = c.id
      WHERE (k.ends_on IS NULL OR k.ends_on < ?4) AND t.closed_on IS NOT NULL AND c.withdrawn_on IS NULL AND c.given_up_on IS NULL
      AND (c.review = 'returned' OR (c.review IS NULL AND (c.report IS NULL OR r.late_decision = 'refused')))
      AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      GROUP BY t.id, t.title, t.report_due_on HAVING COUNT(CASE WHEN c.held = 0 THEN 1 END) > 0 ORDER BY t.id";
}

/// How the persons of a batch sat their parts, by person.
pub(super) fn sat(tx: &mut Tx<'_>, batch: i64) -> Result<HashMap<i64, Vec<Sat>>, DbError> {
    let mut sat: HashMap<i64, Vec<Sat>> = HashMap::new();
    tx.each(&SAT, args![batch], |row| {
        let (part, began): (String, String) = (row.get(1)?, row.get(2)?);
        let time = |text: &str| text.parse::<DayTime>().map_err(DbError::stored);
        let (state, how): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
        let signed = match (state.as_deref(), how.as_deref()) {
            (None, _) => Signed::Missing,
            (Some("absent"), _) => Signed::Absent,
            (Some(_), Some("correction")) => Signed::Afterwards,
            (Some(_), _) => Signed::Came,
        };
        let one = Sat {
            part: Part::from_code(&part).ok_or_else(|| DbError::stored(format!("part {part}")))?,
            began: time(&began)?,
            ended: row.get::<Option<String>>(3)?.as_deref().map(time).transpose()?,
            signed,
        };
        sat.entry(row.get(0)?).or_default().push(one);
        Ok(())
    })?;
    Ok(sat)
}

/// A report as it was made, and the centre's word on its lateness.
#[derive(Debug, Clone)]
pub(super) struct Report {
    pub id: i64,
    pub no: i64,
    pub reported_on: Date,
    pub due_on: Date,
    pub persons: i64,
    pub reported_by: String,
    pub late_reason: Option<String>,
    pub decision: Option<LateDecision>,
    pub decided_on: Option<Date>,
    pub decided_by: Option<String>,
    /// SHA-256 over what was reported; none in reports of before.
    pub digest: Option<String>,
}

impl TryFrom<Row> for Report {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let (code, reason): (Option<String>, Option<String>) = (row.get(7)?, row.get(8)?);
        Ok(Self {
            id: row.get(0)?,
            no: row.get(1)?,
            reported_on: row.get(2)?,
            due_on: row.get(3)?,
            persons: row.get(4)?,
            reported_by: row.get(5)?,
            late_reason: row.get(6)?,
            decision: code.and_then(|code| LateDecision::from_code(&code, reason.unwrap_or_default())),
            decided_on: row.get(9)?,
            decided_by: row.get(10)?,
            digest: row.get(11)?,
        })
    }
}

/// The reports of a batch, the first first.
pub(super) fn reports(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Report>, DbError> {
    tx.rows(&REPORTS, args![batch])?.into_iter().map(Report::try_from).collect()
}

/// What became of the objections against a person.
#[derive(Debug, Clone, Default)]
pub(super) struct Objected {
    /// The last day on which one was dismissed.
    pub dismissed_on: Option<Date>,
    /// Whether one is undecided.
    pub is_open: bool,
}

/// The objections of a batch, by the persons they are about.
pub(super) fn objected(tx: &mut Tx<'_>, batch: i64) -> Result<HashMap<i64, Objected>, DbError> {
    let rows = tx.rows(&OBJECTIONS, args![batch])?.into_iter();
    rows.map(|row| Ok((row.get(0)?, Objected { dismissed_on: row.get(1)?, is_open: row.get(2)? }))).collect()
}

/// Persons as the statements take them: an object whose keys are the ids.
fn keys(persons: &[i64]) -> Result<String, DbError> {
    to_text(&persons.iter().map(|id| (*id, 0)).collect::<BTreeMap<i64, i64>>())
}

/// Stores a report of a batch with the persons in it and what is reported of each.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    batch: i64,
    report: &Report,
    lines: &BTreeMap<i64, String>,
) -> Result<(), DbError> {
    let Report { id, no, reported_on, due_on, persons: count, reported_by, late_reason, digest, .. } = report;
    tx.run(
        &INSERT,
        args![*id, batch, *no, *reported_on, *due_on, *count, reported_by, late_reason.clone(), digest.clone()],
    )?;
    let lines = to_text(&lines.iter().map(|(id, line)| (*id, [line])).collect::<BTreeMap<_, _>>())?;
    tx.run(&TAKE, args![&lines, *id])?;
    tx.run(&HOLD, args![lines, *id]).map(|_| ())
}

/// What the centre decided on a person in one report.
pub(super) struct Held {
    pub review: Option<ReviewDecision>,
    pub reviewed_on: Option<Date>,
    /// What was reported of the person; none in reports of before.
    pub line: Option<String>,
}

/// The number of the batch that a report is about.
pub(super) fn batch_number(tx: &mut Tx<'_>, report: i64) -> Result<Option<String>, DbError> {
    tx.first(&BATCH_NUMBER, args![report])?.map(|row| row.get(0)).transpose()
}

/// The persons whom a report held.
pub(super) fn persons(tx: &mut Tx<'_>, report: i64) -> Result<HashMap<i64, Held>, DbError> {
    let rows = tx.rows(&PERSONS, args![report])?.into_iter();
    rows.map(|row| {
        let (code, reason): (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
        let review = code.and_then(|code| ReviewDecision::from_code(&code, reason.unwrap_or_default()));
        Ok((row.get(0)?, Held { review, reviewed_on: row.get(3)?, line: row.get(4)? }))
    })
    .collect()
}

/// Who of a batch waits after publicity; the batch stands from now on where they are waited for.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn settle(tx: &mut Tx<'_>, batch: i64) -> Result<(Waiting, BatchStage), DbError> {
    let row = tx.first(&WAITING, args![batch])?.ok_or_else(|| DbError::stored("counts gave nothing"))?;
    let waiting = Waiting { to_report: row.get(0)?, undecided: row.get(1)?, to_issue: row.get(2)? };
    let stage = rules::batch::settle(waiting);
    tx.run(&STAGE, args![batch, stage.code()])?;
    Ok((waiting, stage))
}

pub(super) fn decide_late(
    tx: &mut Tx<'_>,
    report: i64,
    decision: &LateDecision,
    (on, by): (Date, &str),
) -> Result<(), DbError> {
    tx.run(&LATE, args![report, decision.code(), decision.reason(), on, by]).map(|_| ())
}

/// The last word on a person, with who said it and when.
#[derive(Debug, Clone)]
pub(super) struct LastWord {
    pub said: Said,
    pub by: String,
    /// As people read it.
    pub at: String,
}

/// The last words on the persons of a report.
pub(super) fn last_words(tx: &mut Tx<'_>, report: i64) -> Result<HashMap<i64, LastWord>, DbError> {
    let rows = tx.rows(&LAST_WORDS, args![report])?.into_iter();
    rows.map(|row| {
        let said = Said { no: row.get(1)?, word: word(&row, 2)?, reason: row.get(3)?, account: row.get(4)? };
        Ok((row.get(0)?, LastWord { said, by: row.get(5)?, at: read_out(row.get(6)?) }))
    })
    .collect()
}

fn word(row: &Row, at: usize) -> Result<ReviewWord, DbError> {
    let code: String = row.get(at)?;
    ReviewWord::from_code(&code).ok_or_else(|| DbError::stored(format!("word {code}")))
}

/// Every word on the persons of a batch, by person, the first first.
pub(super) fn words(tx: &mut Tx<'_>, batch: i64) -> Result<HashMap<i64, Vec<WordLine>>, DbError> {
    let mut words: HashMap<i64, Vec<WordLine>> = HashMap::new();
    for row in tx.rows(&WORDS, args![batch])? {
        let word = word(&row, 2)?;
        words.entry(row.get(0)?).or_default().push(WordLine {
            report: row.get(1)?,
            word,
            word_name: word.name().into(),
            reason: row.get(3)?,
            by: row.get(4)?,
            at: read_out(row.get(5)?),
        });
    }
    Ok(words)
}

/// A word of the centre on persons of a report: each person with the number of the word.
pub(super) struct Saying<'s> {
    pub report: i64,
    pub persons: &'s BTreeMap<i64, [i64; 1]>,
    pub word: ReviewWord,
    pub reason: Option<&'s str>,
    pub on: Date,
    pub at: i64,
    pub account: Option<i64>,
    pub by: &'s str,
}

/// Notes the centre's word on persons of a report.
pub(super) fn say(tx: &mut Tx<'_>, saying: &Saying<'_>) -> Result<(), DbError> {
    let Saying { report, persons, word, reason, on, at, account, by } = saying;
    let (keys, reason) = (to_text(persons)?, reason.map(str::to_owned));
    tx.run(&SAY, args![&keys, *report, word.code(), reason.clone(), *at, *account, *by])?;
    match word.decision(reason.as_deref()) {
        Some(decision) => {
            tx.run(&REVIEW, args![&keys, decision.code(), reason.clone(), *on, *by])?;
            tx.run(&DECIDE, args![keys, decision.code(), reason, *on, *by, *report])?;
        }
        None => {
            tx.run(&UNDECIDE, args![&keys])?;
            tx.run(&UNDECIDE_IN, args![keys, *report])?;
        }
    }
    Ok(())
}

/// What a desk knows of a person beside the marks.
pub(super) struct Facts {
    pub class: String,
    pub major: String,
    /// The code of the line of the conditions.
    pub condition: String,
    pub born: Option<Date>,
    /// When the roster came in, in milliseconds.
    pub entered_at: i64,
    pub same_photo: i64,
}

/// The facts of the persons of a batch.
pub(super) fn facts(tx: &mut Tx<'_>, batch: i64) -> Result<HashMap<i64, Facts>, DbError> {
    let rows = tx.rows(&FACTS, args![batch])?.into_iter();
    rows.map(|row| {
        let facts = Facts {
            class: row.get(1)?,
            major: row.get(2)?,
            condition: row.get(3)?,
            born: row.get(4)?,
            entered_at: row.get(5)?,
            same_photo: row.get(6)?,
        };
        Ok((row.get(0)?, facts))
    })
    .collect()
}

/// The numbers of other batches between two days, by the person of this batch who is in them.
pub(super) fn elsewhere(
    tx: &mut Tx<'_>,
    batch: i64,
    (from, until): (Date, Date),
) -> Result<HashMap<i64, Vec<String>>, DbError> {
    let mut found: HashMap<i64, Vec<String>> = HashMap::new();
    for row in tx.rows(&ELSEWHERE, args![batch, from, until])? {
        found.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(found)
}

/// A random sample of a report.
pub(super) struct Sample {
    pub no: i64,
    pub draw: proof::Draw,
    /// As people read it.
    pub at: String,
    pub by: String,
}

/// The samples of a report, the first first.
pub(super) fn samples(tx: &mut Tx<'_>, report: i64) -> Result<Vec<Sample>, DbError> {
    let rows = tx.rows(&SAMPLES, args![report])?.into_iter();
    rows.map(|row| {
        let draw = from_text(&row.get::<String>(1)?)?;
        Ok(Sample { no: row.get(0)?, draw, at: read_out(row.get(2)?), by: row.get(3)? })
    })
    .collect()
}

/// Keeps a sample.
pub(super) fn keep_sample(
    tx: &mut Tx<'_>,
    (report, no): (i64, i64),
    draw: &proof::Draw,
    (at, by): (i64, &str),
) -> Result<(), DbError> {
    tx.run(&KEEP_SAMPLE, args![report, no, to_text(draw)?, at, by]).map(|_| ())
}

/// Who looked at everything behind persons of a report, by person: `示例审核员，2026-09-28 10:00`.
pub(super) fn looked(tx: &mut Tx<'_>, report: i64, look: &str) -> Result<HashMap<i64, Vec<String>>, DbError> {
    let mut found: HashMap<i64, Vec<String>> = HashMap::new();
    for row in tx.rows(&LOOKED, args![report, look])? {
        let (by, at): (String, i64) = (row.get(1)?, row.get(2)?);
        found.entry(row.get(0)?).or_default().push(format!("{by}，{}", read_out(at)));
    }
    Ok(found)
}

/// Notes that the body gives persons up.
pub(super) fn give_up(tx: &mut Tx<'_>, persons: &[i64], reason: &str, (on, by): (Date, &str)) -> Result<(), DbError> {
    tx.run(&GIVE_UP, args![keys(persons)?, on, reason, by]).map(|_| ())
}

/// Reports within these bounds: those on which the centre has to decide first, then the latest.
pub(super) fn list(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<ReviewLine>, DbError> {
    lines(tx, &LIST, scope)
}

/// Reports within these bounds on which the centre has to decide, the first first.
pub(super) fn pending(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<ReviewLine>, DbError> {
    lines(tx, &PENDING, scope)
}

fn lines(tx: &mut Tx<'_>, sql: &Sql, scope: &Scope) -> Result<Vec<ReviewLine>, DbError> {
    let rows = tx.rows(sql, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?;
    rows.into_iter()
        .map(|row| {
            let (reported_on, due_on): (Date, Date) = (row.get(7)?, row.get(8)?);
            Ok(ReviewLine {
                batch: row.get(0)?,
                title: row.get(1)?,
                body: row.get(2)?,
                centre: row.get(3)?,
                trade: row.get(4)?,
                level: level(&row, 5)?.name().to_owned(),
                no: row.get(6)?,
                reported_on,
                due_on,
                is_late: rules::report::late(due_on, reported_on),
                late_decision: row.get(9)?,
                persons: row.get(10)?,
                for_review: row.get(11)?,
                undecided: row.get(12)?,
            })
        })
        .collect()
}

/// A batch that has somebody to report.
pub(super) struct ToReport {
    pub batch: i64,
    pub title: String,
    pub report_due_on: Date,
    pub was_reported: bool,
    pub ready: i64,
    /// How many an open objection keeps back.
    pub held: i64,
    /// The first day on which a matter was settled; `None` where somebody has waited since publicity ended.
    pub settled_on: Option<Date>,
}

/// Batches within these bounds that have somebody to report.
pub(super) fn to_report(tx: &mut Tx<'_>, scope: &Scope, today: Date) -> Result<Vec<ToReport>, DbError> {
    let rows = tx.rows(&TO_REPORT, args![scope.body, scope.centre.clone(), scope.bureau.clone(), today])?;
    rows.into_iter()
        .map(|row| {
            let since_publicity: i64 = row.get(6)?;
            Ok(ToReport {
                batch: row.get(0)?,
                title: row.get(1)?,
                report_due_on: row.get(2)?,
                was_reported: row.get(3)?,
                ready: row.get(4)?,
                held: row.get(5)?,
                settled_on: if since_publicity > 0 { None } else { row.get(7)? },
            })
        })
        .collect()
}
