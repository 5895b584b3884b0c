//! Reports and reviews in the database.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use rules::batch::{BatchStage, Waiting};
use rules::report::{LateDecision, ReviewDecision};

use super::ReviewLine;
use crate::args;
use crate::certificate::level;
use crate::db::{DbError, Row, Sql, Tx};
use crate::door::Scope;
use crate::door::store::to_text;

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
    REPORTS = "SELECT id, no, reported_on, due_on, persons, reported_by, late_reason, late_decision, late_decision_reason, late_decided_on, late_decided_by
      FROM report WHERE batch = ?1 ORDER BY no";
    INSERT = "INSERT INTO report (id, batch, no, reported_on, due_on, persons, reported_by, late_reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    /// Per person: the last day on which an objection was dismissed, and whether one is open.
    OBJECTIONS = "SELECT candidate, MAX(CASE WHEN state = 'dismissed' THEN decided_on END), CAST(MAX(CASE WHEN state = 'open' THEN 1 ELSE 0 END) AS BIGINT)
      FROM objection WHERE batch = ?1 GROUP BY candidate";
    // The keys of the object are the persons' ids; so are those of REVIEW, DECIDE and GIVE_UP.
    TAKE = "UPDATE candidate SET report = ?2, review = NULL, reviewed_on = NULL, reviewed_by = NULL
      WHERE id IN (SELECT CAST(r.key AS BIGINT) FROM json_each(?1) AS r)";
    HOLD = "INSERT INTO report_person (report, candidate) SELECT CAST(?2 AS BIGINT), CAST(r.key AS BIGINT) FROM json_each(?1) AS r";
    PERSONS = "SELECT candidate, review, review_reason, reviewed_on FROM report_person WHERE report = ?1";
    STAGE = "UPDATE batch SET stage = ?2 WHERE id = ?1";
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

/// Stores a report of a batch with the persons in it.
pub(super) fn insert(tx: &mut Tx<'_>, batch: i64, report: &Report, persons: &[i64]) -> Result<(), DbError> {
    let Report { id, no, reported_on, due_on, persons: count, reported_by, late_reason, .. } = report;
    tx.run(&INSERT, args![*id, batch, *no, *reported_on, *due_on, *count, reported_by, late_reason.clone()])?;
    let keys = keys(persons)?;
    tx.run(&TAKE, args![&keys, *id])?;
    tx.run(&HOLD, args![keys, *id]).map(|_| ())
}

/// What the centre decided on a person in one report.
pub(super) struct Held {
    pub review: Option<ReviewDecision>,
    pub reviewed_on: Option<Date>,
}

/// The persons whom a report held.
pub(super) fn persons(tx: &mut Tx<'_>, report: i64) -> Result<HashMap<i64, Held>, DbError> {
    let rows = tx.rows(&PERSONS, args![report])?.into_iter();
    rows.map(|row| {
        let (code, reason): (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
        let review = code.and_then(|code| ReviewDecision::from_code(&code, reason.unwrap_or_default()));
        Ok((row.get(0)?, Held { review, reviewed_on: row.get(3)? }))
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

/// Notes the centre's word on persons of a report.
pub(super) fn review(
    tx: &mut Tx<'_>,
    (report, persons): (i64, &[i64]),
    decision: &ReviewDecision,
    (on, by): (Date, &str),
) -> Result<(), DbError> {
    let reason = match decision {
        ReviewDecision::Approved => None,
        ReviewDecision::Returned { reason } => Some(reason.clone()),
    };
    let keys = keys(persons)?;
    tx.run(&REVIEW, args![&keys, decision.code(), reason.clone(), on, by])?;
    tx.run(&DECIDE, args![keys, decision.code(), reason, on, by, report]).map(|_| ())
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
