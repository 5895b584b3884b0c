//! The open batches of a territory in the database: one page by key, how many, and how many on each day. Whether one is
//! late is compared with days that were computed once.

use rules::Day;
use rules::batch::BatchStage;
use rules::batch::board::{Edges, Seen};
use rules::certificate::Level;

use super::{Board, Key};
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::Scope;

/// The open batches within a scope and a filter: 1–3 scope, 4 city, 5 body, 6 occupation, 7 level, 8 stage, 9 and 10 days (a batch that was put off has none),
/// 11 today, 12 and 13 the edges of lateness, 14 late ones alone. `rank` is 0 for the late ones. `LIMIT 1` rather than `EXISTS`:
/// PostgreSQL answers that one for all batches at once, by reading every candidate there is.
macro_rules! open {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM (SELECT o.id, o.number, o.title, o.body, o.body_name, o.code, o.trade, o.work_type, o.level, o.stage, o.starts_on, o.ends_on, o.expected, o.stopped_on, o.first_on, o.last_on, o.ends_publicity_on, o.report_due_on,
        CASE WHEN o.stopped_on IS NOT NULL THEN 1
          WHEN o.stage = 'notified' AND o.last_on < ?13 THEN 0
          WHEN o.stage = 'notified' AND o.first_on < ?12 AND (SELECT c.id FROM candidate c WHERE c.batch = o.id AND c.withdrawn_on IS NULL LIMIT 1) IS NULL THEN 0
          WHEN o.stage = 'publicised' AND o.report_due_on < ?11 AND (SELECT r.id FROM report r WHERE r.batch = o.id LIMIT 1) IS NULL THEN 0
          WHEN o.stage IN ('posted', 'publicised', 'reported', 'reviewed') AND (SELECT j.id FROM objection j WHERE j.batch = o.id AND j.state = 'open' AND j.due_on < ?11 LIMIT 1) IS NOT NULL THEN 0
          ELSE 1 END AS rank,
        CASE o.stage WHEN 'notified' THEN o.first_on WHEN 'posted' THEN COALESCE(o.ends_publicity_on, o.starts_on) WHEN 'publicised' THEN COALESCE(o.report_due_on, o.starts_on)
          ELSE COALESCE(o.closed_on, o.starts_on) END AS anchor
      FROM (SELECT t.id, t.number, t.title, t.body, b.name AS body_name, t.code, t.trade, t.work_type, t.level, t.stage, t.starts_on, t.ends_on, t.expected, t.stopped_on, t.ends_publicity_on, t.report_due_on, t.closed_on,
          CASE WHEN t.comprehensive_on < t.theory_on AND t.comprehensive_on < t.practical_on THEN t.comprehensive_on WHEN t.theory_on < t.practical_on THEN t.theory_on ELSE t.practical_on END AS first_on,
          CASE WHEN t.comprehensive_on > t.theory_on AND t.comprehensive_on > t.practical_on THEN t.comprehensive_on WHEN t.theory_on > t.practical_on THEN t.theory_on ELSE t.practical_on END AS last_on
        FROM batch t JOIN body b ON b.id = t.body
        WHERE t.stage IN ('notified', 'postponed', 'posted', 'publicised', 'reported', 'reviewed')
          AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
          AND (CAST(?4 AS TEXT) IS NULL OR CASE WHEN b.county = '350128' THEN b.county ELSE substr(b.county, 1, 4) || '00' END = ?4)
          AND (CAST(?5 AS BIGINT) IS NULL OR t.body = ?5) AND (CAST(?6 AS TEXT) IS NULL OR t.code = ?6) AND (CAST(?7 AS TEXT) IS NULL OR t.level = ?7)
          AND (CAST(?8 AS TEXT) IS NULL OR t.stage = ?8) AND (CAST(?9 AS TEXT) IS NULL OR (t.ends_on >= ?9 AND t.stage <> 'postponed')) AND (CAST(?10 AS TEXT) IS NULL OR (t.starts_on <= ?10 AND t.stage <> 'postponed'))) o) x
      WHERE (CAST(?14 AS BIGINT) IS NULL OR x.rank = ?14) ",
            $rest
        )
    };
}

crate::statements! {
    LIST = open!(
        "y.id, y.number, y.title, y.body, y.body_name, y.code, y.trade, y.work_type, y.level, y.stage, y.starts_on, y.ends_on, y.expected, y.stopped_on, y.first_on, y.last_on, y.ends_publicity_on, y.report_due_on, y.rank, y.anchor,
        (SELECT count(*) FROM candidate c WHERE c.batch = y.id AND c.withdrawn_on IS NULL), CASE WHEN EXISTS (SELECT 1 FROM report r WHERE r.batch = y.id) THEN 1 ELSE 0 END,
        (SELECT count(*) FROM batch_version v WHERE v.batch = y.id), (SELECT MIN(j.due_on) FROM objection j WHERE j.batch = y.id AND j.state = 'open' AND j.due_on < ?11), (SELECT count(*) FROM room_stop o WHERE o.batch = y.id AND o.lifted_at IS NULL)
      FROM (SELECT x.id, x.number, x.title, x.body, x.body_name, x.code, x.trade, x.work_type, x.level, x.stage, x.starts_on, x.ends_on, x.expected, x.stopped_on, x.first_on, x.last_on, x.ends_publicity_on, x.report_due_on, x.rank, x.anchor",
        "AND (CAST(?15 AS BIGINT) IS NULL OR (x.rank, x.anchor, x.id) > (?15, CAST(?16 AS TEXT), CAST(?17 AS BIGINT))) ORDER BY x.rank, x.anchor, x.id LIMIT ?18) y ORDER BY y.rank, y.anchor, y.id");
    COUNT = open!("count(*), count(*) FILTER (WHERE x.rank = 0), count(*) FILTER (WHERE x.stopped_on IS NOT NULL)", "");
    DAYS = open!("x.starts_on, x.ends_on, count(*)", "GROUP BY x.starts_on, x.ends_on");
    BODIES = "SELECT DISTINCT b.id, b.name FROM batch t JOIN body b ON b.id = t.body
      WHERE t.stage IN ('notified', 'postponed', 'posted', 'publicised', 'reported', 'reviewed')
        AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
        AND (CAST(?4 AS TEXT) IS NULL OR CASE WHEN b.county = '350128' THEN b.county ELSE substr(b.county, 1, 4) || '00' END = ?4)
      ORDER BY b.name, b.id";
    TRADES = "SELECT t.code, MIN(t.trade) FROM batch t JOIN body b ON b.id = t.body
      WHERE t.stage IN ('notified', 'postponed', 'posted', 'publicised', 'reported', 'reviewed')
        AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      GROUP BY t.code ORDER BY t.code";
}

/// An open batch as it is kept.
pub(super) struct Open {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub body: i64,
    pub body_name: String,
    pub code: String,
    pub trade: String,
    pub work_type: String,
    pub level: Level,
    pub starts_on: Day,
    pub ends_on: Day,
    pub expected: i64,
    pub registered: i64,
    pub versions: i64,
    pub stopped_rooms: i64,
    pub is_late: bool,
    /// The day on which the first objection that nobody has answered in time was due.
    pub objection_due_on: Option<Day>,
    pub seen: Seen,
    pub key: Key,
}

impl TryFrom<Row> for Open {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let stage: String = row.get(9)?;
        let registered: i64 = row.get(20)?;
        let (id, rank, anchor) = (row.get(0)?, row.get::<i64>(18)?, row.get(19)?);
        Ok(Self {
            id,
            number: row.get(1)?,
            title: row.get(2)?,
            body: row.get(3)?,
            body_name: row.get(4)?,
            code: row.get(5)?,
            trade: row.get(6)?,
            work_type: row.get(7)?,
            level: row.get(8)?,
            starts_on: row.get(10)?,
            ends_on: row.get(11)?,
            expected: row.get(12)?,
            registered,
            versions: row.get(22)?,
            stopped_rooms: row.get(24)?,
            is_late: rank == 0,
            objection_due_on: row.get(23)?,
            seen: Seen {
                stage: BatchStage::from_code(&stage).ok_or_else(|| DbError::stored(format!("batch stage {stage}")))?,
                first_exam_on: row.get(14)?,
                last_exam_on: row.get(15)?,
                has_roster: registered > 0,
                has_report: row.get::<i64>(21)? == 1,
                ends_publicity_on: row.get(16)?,
                report_due_on: row.get(17)?,
                stopped_on: row.get(13)?,
            },
            key: Key { rank, anchor, id },
        })
    }
}

/// What is asked of the open batches: whose, which, on which day.
pub(super) struct Asked<'a> {
    pub scope: &'a Scope,
    pub board: &'a Board,
    pub today: Day,
    pub edges: Edges,
}

impl Asked<'_> {
    /// The arguments 1 to 14 of [`open!`].
    fn args(&self) -> Vec<crate::db::Value> {
        let Self { scope, board, today, edges } = self;
        args![
            scope.body,
            scope.centre.as_deref(),
            scope.bureau.as_deref(),
            board.city.as_deref(),
            board.body,
            board.code.as_deref(),
            board.level.map(|level| level.digit().to_string()),
            board.stage.map(BatchStage::code),
            board.from,
            board.to,
            *today,
            edges.registration,
            edges.posting,
            board.late.filter(|late| *late).map(|_| 0_i64),
        ]
        .to_vec()
    }
}

/// The batches that follow a key, late ones first.
pub(super) fn list(tx: &mut Tx<'_>, asked: &Asked<'_>, after: Option<&Key>, limit: i64) -> Result<Vec<Open>, DbError> {
    let mut args = asked.args();
    args.extend_from_slice(args![
        after.map(|key| key.rank),
        after.map(|key| key.anchor),
        after.map(|key| key.id),
        limit
    ]);
    tx.rows(&LIST, &args)?.into_iter().map(Open::try_from).collect()
}

/// How many there are, how many of them are late, and how many stopped.
pub(super) fn count(tx: &mut Tx<'_>, asked: &Asked<'_>) -> Result<(i64, i64, i64), DbError> {
    let row = tx.first(&COUNT, &asked.args())?.ok_or_else(|| DbError::stored("a count gave nothing"))?;
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// First day, last day, and how many batches have these.
pub(super) fn days(tx: &mut Tx<'_>, asked: &Asked<'_>) -> Result<Vec<(Day, Day, i64)>, DbError> {
    let rows = tx.rows(&DAYS, &asked.args())?;
    rows.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// Bodies within a scope and a city that have open batches.
pub(super) fn bodies(tx: &mut Tx<'_>, scope: &Scope, city: Option<&str>) -> Result<Vec<(i64, String)>, DbError> {
    let rows = tx.rows(&BODIES, args![scope.body, scope.centre.as_deref(), scope.bureau.as_deref(), city])?;
    rows.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Occupations within a scope that have open batches: code and name.
pub(super) fn trades(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<(String, String)>, DbError> {
    let rows = tx.rows(&TRADES, args![scope.body, scope.centre.as_deref(), scope.bureau.as_deref()])?;
    rows.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
