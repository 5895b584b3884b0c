//! Reports and reviews in the database.

use std::collections::HashMap;

use jiff::civil::Date;
use rules::batch::BatchStage;
use rules::report::{LateDecision, ReviewDecision};

use super::ReviewLine;
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::Scope;

crate::statements! {
    REPORTS = "SELECT id, no, reported_on, due_on, persons, reported_by, late_reason, late_decision, late_decision_reason, late_decided_on, late_decided_by
      FROM report WHERE batch = ?1 ORDER BY no";
    INSERT = "INSERT INTO report (id, batch, no, reported_on, due_on, persons, reported_by, late_reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    SETTLED = "SELECT candidate, MAX(decided_on) FROM objection WHERE batch = ?1 AND state = 'dismissed' GROUP BY candidate";
    TAKE = "UPDATE candidate SET report = ?2, review = NULL, reviewed_on = NULL, reviewed_by = NULL WHERE id = ?1";
    STAGE = "UPDATE batch SET stage = ?2 WHERE id = ?1";
    LATE = "UPDATE report SET late_decision = ?2, late_decision_reason = ?3, late_decided_on = ?4, late_decided_by = ?5 WHERE id = ?1";
    REVIEW = "UPDATE candidate SET review = ?2, review_reason = ?3, reviewed_on = ?4, reviewed_by = ?5 WHERE id = ?1";
    REVIEW_REST = "UPDATE candidate SET review = ?2, review_reason = ?3, reviewed_on = ?4, reviewed_by = ?5
      WHERE report = ?1 AND verdict = 'passed' AND review IS NULL AND held = 0 AND withdrawn_on IS NULL";
    UNDECIDED = "SELECT COUNT(*) FROM candidate c JOIN report r ON r.id = c.report
      WHERE c.batch = ?1 AND c.verdict = 'passed' AND c.review IS NULL AND c.withdrawn_on IS NULL AND COALESCE(r.late_decision, '') <> 'refused'";
    APPROVED = "SELECT COUNT(*) FROM candidate WHERE batch = ?1 AND review = 'approved'";
    LIST = "SELECT t.id, t.title, b.name, b.centre, t.trade, t.level, t.stage, r.no, r.reported_on, r.due_on, r.late_decision, r.persons,
        COUNT(c.id), COALESCE(CAST(SUM(CASE WHEN c.review IS NULL THEN 1 ELSE 0 END) AS BIGINT), 0)
      FROM report r JOIN batch t ON t.id = r.batch JOIN body b ON b.id = t.body
      LEFT JOIN candidate c ON c.report = r.id AND c.verdict = 'passed' AND c.withdrawn_on IS NULL
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      GROUP BY t.id, t.title, b.name, b.centre, t.trade, t.level, t.stage, r.id, r.no, r.reported_on, r.due_on, r.late_decision, r.persons
      ORDER BY r.id DESC LIMIT 500";
    /// Batches that have somebody to report.
    AWAITING = "SELECT t.id FROM batch t JOIN body b ON b.id = t.body
      WHERE t.stage IN ('publicised', 'reported', 'reviewed', 'issued')
      AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      AND EXISTS (SELECT 1 FROM candidate c LEFT JOIN report r ON r.id = c.report
        WHERE c.batch = t.id AND c.withdrawn_on IS NULL AND c.held = 0
        AND (c.report IS NULL OR c.review = 'returned' OR (c.review IS NULL AND r.late_decision = 'refused')))
      ORDER BY t.id";
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

/// The last day on which an objection against a person was dismissed, for those who had one.
pub(super) fn settled(tx: &mut Tx<'_>, batch: i64) -> Result<HashMap<i64, Date>, DbError> {
    tx.rows(&SETTLED, args![batch])?.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Stores a report of a batch with the persons in it.
pub(super) fn insert(tx: &mut Tx<'_>, batch: i64, report: &Report, persons: &[i64]) -> Result<(), DbError> {
    let Report { id, no, reported_on, due_on, persons: count, reported_by, late_reason, .. } = report;
    tx.run(&INSERT, args![*id, batch, *no, *reported_on, *due_on, *count, reported_by, late_reason.clone()])?;
    for person in persons {
        tx.run(&TAKE, args![*person, *id])?;
    }
    Ok(())
}

pub(super) fn set_stage(tx: &mut Tx<'_>, batch: i64, stage: BatchStage) -> Result<(), DbError> {
    tx.run(&STAGE, args![batch, stage.code()]).map(|_| ())
}

pub(super) fn decide_late(
    tx: &mut Tx<'_>,
    report: i64,
    decision: &LateDecision,
    (on, by): (Date, &str),
) -> Result<(), DbError> {
    tx.run(&LATE, args![report, decision.code(), decision.reason(), on, by]).map(|_| ())
}

/// Whom a review is about.
pub(super) enum Whom {
    Person(i64),
    /// Everyone in a report, by its id, on whom nothing was decided yet.
    RestOf(i64),
}

/// Notes the centre's word; on how many persons.
pub(super) fn review(
    tx: &mut Tx<'_>,
    whom: &Whom,
    decision: &ReviewDecision,
    (on, by): (Date, &str),
) -> Result<u64, DbError> {
    let reason = match decision {
        ReviewDecision::Approved => None,
        ReviewDecision::Returned { reason } => Some(reason.clone()),
    };
    let (sql, id) = match whom {
        Whom::Person(id) => (&REVIEW, *id),
        Whom::RestOf(report) => (&REVIEW_REST, *report),
    };
    tx.run(sql, args![id, decision.code(), reason, on, by])
}

/// How many persons of a batch wait for the centre, and how many it has approved.
pub(super) fn standing(tx: &mut Tx<'_>, batch: i64) -> Result<(i64, i64), DbError> {
    let undecided = tx.first(&UNDECIDED, args![batch])?.map_or(Ok(0), |row| row.get(0))?;
    let approved = tx.first(&APPROVED, args![batch])?.map_or(Ok(0), |row| row.get(0))?;
    Ok((undecided, approved))
}

/// Reports within these bounds, the latest first.
pub(super) fn list(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<ReviewLine>, DbError> {
    let rows = tx.rows(&LIST, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?;
    rows.into_iter()
        .map(|row| {
            let digit: String = row.get(5)?;
            let level = digit.chars().next().and_then(rules::certificate::Level::from_digit);
            let (reported_on, due_on): (Date, Date) = (row.get(8)?, row.get(9)?);
            Ok(ReviewLine {
                batch: row.get(0)?,
                title: row.get(1)?,
                body: row.get(2)?,
                centre: row.get(3)?,
                trade: row.get(4)?,
                level: level.map_or(digit, |level| level.name().to_owned()),
                no: row.get(7)?,
                reported_on,
                due_on,
                is_late: rules::report::late(due_on, reported_on),
                late_decision: row.get(10)?,
                persons: row.get(11)?,
                for_review: row.get(12)?,
                undecided: row.get(13)?,
            })
        })
        .collect()
}

/// Batches within these bounds that have somebody to report.
pub(super) fn awaiting(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<i64>, DbError> {
    let rows = tx.rows(&AWAITING, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?;
    rows.into_iter().map(|row| row.get(0)).collect()
}
