//! The records that the ledger is told from.

use rules::Day;
use rules::batch::BatchStage;
use rules::certificate::CertificateState;
use rules::certificate::Level;

use super::{LedgerLine, People};
use crate::args;
use crate::chain::{self, ActLine};
use crate::db::{DbError, Row, Tx, Value};
use crate::door::Scope;

/// Batches with everything that is counted about them; each count reads only what belongs to the batches asked for.
macro_rules! lines {
    ($bound:literal, $order:literal) => {
        concat!(
            "WITH chosen AS (SELECT t.id FROM batch t JOIN body b ON b.id = t.body WHERE ", $bound, ")
             SELECT t.id, t.number, t.title, b.name, t.code, t.trade, t.work_type, t.level, t.standard, t.stage, t.notified_on, t.starts_on, t.ends_on,
               t.theory_place, t.practical_place, t.organiser, t.responsible, t.cancelled_on, t.posted_on, t.ends_publicity_on, t.report_due_on,
               COALESCE(o.lodged, 0), r.first_on, COALESCE(r.times, 0),
               COALESCE(p.registered, 0), COALESCE(p.passed, 0), COALESCE(p.failed, 0), COALESCE(p.absent, 0), COALESCE(p.violated, 0), COALESCE(p.deferred, 0),
               COALESCE(p.approved, 0), COALESCE(e.issued, 0), COALESCE(e.voided, 0), e.first_number, e.last_number, e.issued_on
             FROM chosen h JOIN batch t ON t.id = h.id JOIN body b ON b.id = t.body
             LEFT JOIN (SELECT c.batch, count(*) FILTER (WHERE c.withdrawn_on IS NULL) AS registered, count(*) FILTER (WHERE c.withdrawn_on IS NULL AND c.verdict = 'passed') AS passed,
                 count(*) FILTER (WHERE c.withdrawn_on IS NULL AND c.verdict = 'failed') AS failed, count(*) FILTER (WHERE c.withdrawn_on IS NULL AND c.verdict = 'absent') AS absent,
                 count(*) FILTER (WHERE c.withdrawn_on IS NULL AND c.verdict = 'violation') AS violated, count(*) FILTER (WHERE c.withdrawn_on IS NULL AND c.verdict = 'deferred') AS deferred,
                 count(*) FILTER (WHERE c.given_up_on IS NULL AND c.review = 'approved') AS approved
               FROM candidate c WHERE c.batch IN (SELECT id FROM chosen) GROUP BY c.batch) p ON p.batch = t.id
             LEFT JOIN (SELECT batch, count(*) AS lodged FROM objection WHERE batch IN (SELECT id FROM chosen) GROUP BY batch) o ON o.batch = t.id
             LEFT JOIN (SELECT batch, min(reported_on) AS first_on, count(*) AS times FROM report WHERE batch IN (SELECT id FROM chosen) GROUP BY batch) r ON r.batch = t.id
             LEFT JOIN (SELECT batch, count(*) AS issued, count(*) FILTER (WHERE state IN ('void', 'revoked')) AS voided, min(number) AS first_number, max(number) AS last_number, min(issued_on) AS issued_on
               FROM certificate WHERE batch IN (SELECT id FROM chosen) GROUP BY batch) e ON e.batch = t.id ",
            $order
        )
    };
}

crate::statements! {
    LINES = lines!("(CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
               AND t.starts_on >= ?4 AND t.starts_on <= ?5 AND (CAST(?6 AS BIGINT) IS NULL OR t.body = ?6)", "ORDER BY t.starts_on, t.id LIMIT 5000");
    LINE = lines!("t.id = ?1", "");
    YEARS = "SELECT DISTINCT substr(t.starts_on, 1, 4) FROM batch t JOIN body b ON b.id = t.body
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3) ORDER BY 1 DESC";
    PERSONS = "SELECT c.ticket, c.name, c.student_no, c.major, c.verdict, c.review, e.number, e.issued_on, e.state, c.withdrawn_reason, c.given_up_reason
      FROM candidate c LEFT JOIN certificate e ON e.batch = c.batch AND e.candidate = c.id WHERE c.batch = ?1 ORDER BY c.ticket, e.issued_at";
    ACTS = "SELECT id, at, act, account_name, role, seat, via, refused FROM record
      WHERE (subject = 'batch' AND subject_id = ?1)
        OR (subject = 'candidate' AND subject_id IN (SELECT c.id FROM candidate c WHERE c.batch = ?1))
        OR (subject = 'objection' AND subject_id IN (SELECT o.id FROM objection o WHERE o.batch = ?1))
        OR (subject = 'certificate' AND subject_id IN (SELECT e.id FROM certificate e WHERE e.batch = ?1))
      ORDER BY at DESC, id DESC LIMIT ?2";
}

impl TryFrom<Row> for LedgerLine {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let (level, stage): (Level, String) = (row.get(7)?, row.get(9)?);
        let stage = BatchStage::from_code(&stage).ok_or_else(|| DbError::stored(format!("batch stage {stage}")))?;
        Ok(Self {
            batch: row.get(0)?,
            number: row.get(1)?,
            title: row.get(2)?,
            body_name: row.get(3)?,
            code: row.get(4)?,
            trade: row.get(5)?,
            work_type: row.get(6)?,
            level,
            level_name: level.name().to_owned(),
            standard: row.get(8)?,
            stage,
            stage_name: stage.name().to_owned(),
            notified_on: row.get(10)?,
            starts_on: row.get(11)?,
            ends_on: row.get(12)?,
            theory_place: row.get(13)?,
            practical_place: row.get(14)?,
            organiser: row.get(15)?,
            responsible: row.get(16)?,
            cancelled_on: row.get(17)?,
            posted_on: row.get(18)?,
            publicity_ends_on: row.get(19)?,
            report_due_on: row.get(20)?,
            objections: row.get(21)?,
            reported_on: row.get(22)?,
            reports: row.get(23)?,
            people: People {
                registered: row.get(24)?,
                passed: row.get(25)?,
                failed: row.get(26)?,
                absent: row.get(27)?,
                violated: row.get(28)?,
                deferred: row.get(29)?,
                approved: row.get(30)?,
                issued: row.get(31)?,
                voided: row.get(32)?,
            },
            first_number: row.get(33)?,
            last_number: row.get(34)?,
            issued_on: row.get(35)?,
        })
    }
}

/// The batches of a year within a scope.
pub(super) fn lines(tx: &mut Tx<'_>, scope: &Scope, year: i16, body: Option<i64>) -> Result<Vec<LedgerLine>, DbError> {
    let (from, until) = (Day::constant(year, 1, 1), Day::constant(year, 12, 31));
    let args = args![scope.body, scope.centre.as_deref(), scope.bureau.as_deref(), from, until, body];
    tx.rows(&LINES, args)?.into_iter().map(LedgerLine::try_from).collect()
}

/// One batch.
pub(super) fn line(tx: &mut Tx<'_>, batch: i64) -> Result<Option<LedgerLine>, DbError> {
    tx.first(&LINE, args![batch])?.map(LedgerLine::try_from).transpose()
}

/// The years in which batches start, the latest first.
pub(super) fn years(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<i16>, DbError> {
    let rows = tx.rows(&YEARS, args![scope.body, scope.centre.as_deref(), scope.bureau.as_deref()])?;
    rows.into_iter()
        .map(|row| {
            let year: String = row.get(0)?;
            year.parse().map_err(|_| DbError::stored(format!("year {year}")))
        })
        .collect()
}

/// Everyone of a batch as the workbook shows them.
pub(super) fn persons(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Vec<String>>, DbError> {
    let rows = tx.rows(&PERSONS, args![batch])?;
    rows.into_iter()
        .map(|row| {
            let text = |at: usize| Ok::<_, DbError>(row.get::<Option<String>>(at)?.unwrap_or_default());
            let (verdict, review, state) = (text(4)?, text(5)?, text(8)?);
            let (withdrawn, given_up) = (row.get::<Option<String>>(9)?, row.get::<Option<String>>(10)?);
            let verdict = match verdict.as_str() {
                _ if withdrawn.is_some() => "报名已撤销",
                "passed" => "合格",
                "failed" => "不合格",
                "absent" => "缺考",
                "violation" => "违纪",
                "deferred" => "缓考",
                _ => "",
            };
            let review = match review.as_str() {
                "approved" => "通过",
                "returned" => "退回",
                _ => "",
            };
            let state = CertificateState::from_code(&state).map_or("", CertificateState::name);
            let note = withdrawn.or(given_up.map(|reason| format!("不再办理：{reason}"))).unwrap_or_default();
            Ok(vec![
                text(0)?,
                text(1)?,
                text(2)?,
                text(3)?,
                verdict.to_owned(),
                review.to_owned(),
                text(6)?,
                text(7)?,
                state.to_owned(),
                note,
            ])
        })
        .collect()
}

/// Every act in a batch, the first first, and whether the earliest were left out.
pub(super) fn acts(tx: &mut Tx<'_>, batch: i64) -> Result<(Vec<ActLine>, bool), DbError> {
    let most = chain::LINES;
    let mut rows = tx.rows(&ACTS, &[Value::from(batch), Value::from(most as i64 + 1)])?;
    let cut = rows.len() > most;
    rows.truncate(most);
    let mut acts = rows.iter().map(chain::act_line).collect::<Result<Vec<_>, _>>()?;
    acts.reverse();
    Ok((acts, cut))
}
