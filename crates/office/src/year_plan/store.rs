//! Yearly work plans in the database: versions are added, never changed; beside them what was told of batches.

use rules::Day;
use rules::certificate::Level;
use rules::year_plan::YearPlanTrade;

use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::Scope;

/// Bodies on one page of the overview.
pub(super) const PAGE: i64 = 50;

crate::statements! {
    VERSIONS = "SELECT p.no, p.published_on, p.published_by, p.reason FROM year_plan p WHERE p.body = ?1 AND p.year = ?2 ORDER BY p.no";
    ROWS = "SELECT p.no, r.code, r.trade, r.work_type, r.level, r.expected, r.months FROM year_plan p JOIN year_plan_row r ON r.plan = p.id
      WHERE p.body = ?1 AND p.year = ?2 ORDER BY p.no, r.no";
    IN_FORCE = "SELECT p.no, r.code, r.trade, r.work_type, r.level, r.expected, r.months FROM year_plan p JOIN year_plan_row r ON r.plan = p.id
      WHERE p.body = ?1 AND p.year = ?2 AND p.no = (SELECT MAX(l.no) FROM year_plan l WHERE l.body = ?1 AND l.year = ?2) ORDER BY r.no";
    ADD = "INSERT INTO year_plan (id, body, year, no, published_on, published_by, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    ADD_ROW = "INSERT INTO year_plan_row (plan, no, code, trade, work_type, level, expected, months) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    TOLD = "SELECT t.code, t.work_type, t.level, count(*), CAST(SUM(t.expected) AS BIGINT) FROM batch t
      WHERE t.body = ?1 AND t.starts_on >= ?2 AND t.starts_on <= ?3 AND t.stage <> 'cancelled' AND t.id <> ?4 GROUP BY t.code, t.work_type, t.level";
    OVERVIEW = "SELECT b.id, b.name, p.no, p.published_on, CAST(COALESCE((SELECT SUM(r.expected) FROM year_plan_row r WHERE r.plan = p.id), 0) AS BIGINT),
        CAST(COALESCE((SELECT SUM(t.expected) FROM batch t WHERE t.body = b.id AND t.starts_on >= ?5 AND t.starts_on <= ?6 AND t.stage <> 'cancelled'), 0) AS BIGINT)
      FROM body b LEFT JOIN year_plan p ON p.body = b.id AND p.year = ?4 AND p.no = (SELECT MAX(l.no) FROM year_plan l WHERE l.body = b.id AND l.year = ?4)
      WHERE EXISTS (SELECT 1 FROM listing l JOIN listing_term m ON m.listing = l.id AND m.closed IS NULL WHERE l.body = b.id AND m.valid_from <= ?6 AND m.valid_until >= ?5)
        AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      ORDER BY CASE WHEN p.no IS NULL THEN 0 ELSE 1 END, b.name, b.id LIMIT ?7 OFFSET ?8";
    OVERVIEW_COUNT = "SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM year_plan p WHERE p.body = b.id AND p.year = ?4)) FROM body b
      WHERE EXISTS (SELECT 1 FROM listing l JOIN listing_term m ON m.listing = l.id AND m.closed IS NULL WHERE l.body = b.id AND m.valid_from <= ?6 AND m.valid_until >= ?5)
        AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)";
}

/// A version as it was published.
pub(super) struct Version {
    pub no: i64,
    pub published_on: Day,
    pub published_by: String,
    pub reason: String,
}

/// Every version of a body's plan of a year, the first first.
pub(super) fn versions(tx: &mut Tx<'_>, body: i64, year: i16) -> Result<Vec<Version>, DbError> {
    let rows = tx.rows(&VERSIONS, args![body, i64::from(year)])?;
    let version = |row: Row| {
        Ok(Version { no: row.get(0)?, published_on: row.get(1)?, published_by: row.get(2)?, reason: row.get(3)? })
    };
    rows.into_iter().map(version).collect()
}

/// A row of a version, with the number of that and the occupation's name.
pub(super) type Planned = (i64, YearPlanTrade, String);

fn planned(row: Row) -> Result<Planned, DbError> {
    let months: String = row.get(6)?;
    let months = months.split(',').map(str::parse).collect::<Result<Vec<i8>, _>>();
    let months = months.map_err(|error| DbError::stored(format!("months: {error}")))?;
    let trade =
        YearPlanTrade { code: row.get(1)?, work_type: row.get(3)?, level: row.get(4)?, expected: row.get(5)?, months };
    Ok((row.get(0)?, trade, row.get(2)?))
}

/// The rows of every version, in order.
pub(super) fn rows(tx: &mut Tx<'_>, body: i64, year: i16) -> Result<Vec<Planned>, DbError> {
    tx.rows(&ROWS, args![body, i64::from(year)])?.into_iter().map(planned).collect()
}

/// The rows of the version that holds; none where nothing was published.
pub(super) fn in_force(tx: &mut Tx<'_>, body: i64, year: i16) -> Result<Vec<Planned>, DbError> {
    tx.rows(&IN_FORCE, args![body, i64::from(year)])?.into_iter().map(planned).collect()
}

/// Publishes a version: its rows, each with the occupation's name.
pub(super) fn add(
    tx: &mut Tx<'_>,
    (id, body, year): (i64, i64, i16),
    version: &Version,
    rows: &[(YearPlanTrade, String)],
) -> Result<(), DbError> {
    let Version { no, published_on, published_by, reason } = version;
    tx.run(&ADD, args![id, body, i64::from(year), *no, *published_on, published_by, reason])?;
    for (at, (row, trade)) in (1_i64..).zip(rows) {
        let months: Vec<String> = row.months.iter().map(i8::to_string).collect();
        let level = row.level.digit().to_string();
        tx.run(&ADD_ROW, args![id, at, &row.code, trade, &row.work_type, level, row.expected, months.join(",")])?;
    }
    Ok(())
}

/// What was told of an occupation, work type and level in a year.
pub(super) struct Told {
    pub code: String,
    pub work_type: String,
    pub level: Level,
    pub batches: i64,
    pub persons: i64,
}

/// The batches of a body that start within these days and were not cancelled, but this one.
pub(super) fn told(tx: &mut Tx<'_>, body: i64, (from, to): (Day, Day), but: i64) -> Result<Vec<Told>, DbError> {
    tx.rows(&TOLD, args![body, from, to, but])?
        .into_iter()
        .map(|row| {
            Ok(Told {
                code: row.get(0)?,
                work_type: row.get(1)?,
                level: row.get(2)?,
                batches: row.get(3)?,
                persons: row.get(4)?,
            })
        })
        .collect()
}

/// A body and its plan of a year.
pub(super) struct Overview {
    pub body: i64,
    pub name: String,
    pub no: Option<i64>,
    pub published_on: Option<Day>,
    pub planned: i64,
    pub told: i64,
}

/// One page of the bodies within a scope that are listed at some time of the year, those without a plan first; how many
/// there are in all, and how many have none.
pub(super) fn overview(
    tx: &mut Tx<'_>,
    scope: &Scope,
    (year, from, to): (i16, Day, Day),
    page: i64,
) -> Result<(Vec<Overview>, i64, i64), DbError> {
    let (centre, bureau, year) = (scope.centre.as_deref(), scope.bureau.as_deref(), i64::from(year));
    let rows = tx.rows(&OVERVIEW, args![scope.body, centre, bureau, year, from, to, PAGE, page * PAGE])?;
    let count = tx.first(&OVERVIEW_COUNT, args![scope.body, centre, bureau, year, from, to])?;
    let (total, lacking) = count.map_or(Ok((0, 0)), |row| Ok::<_, DbError>((row.get(0)?, row.get(1)?)))?;
    let bodies = rows.into_iter().map(|row| {
        Ok(Overview {
            body: row.get(0)?,
            name: row.get(1)?,
            no: row.get(2)?,
            published_on: row.get(3)?,
            planned: row.get(4)?,
            told: row.get(5)?,
        })
    });
    Ok((bodies.collect::<Result<_, DbError>>()?, total, lacking))
}
