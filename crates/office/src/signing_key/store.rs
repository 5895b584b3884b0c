//! Keys of bodies in the database: which generation signs from which day, and which is lost. No key is in it.

use rules::Day;
use rules::signing_key::LaterKey;

use super::KeyBearerLine;
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::Scope;
use crate::door::clock::day_of;

crate::statements! {
    LISTED = "SELECT b.name, l.number, MIN(l.listed_on) FROM listing l JOIN body b ON b.id = l.body
      WHERE l.body = ?1 AND l.number = (SELECT MAX(n.number) FROM listing n WHERE n.body = ?1) GROUP BY b.name, l.number";
    LISTED_ON = "SELECT MIN(listed_on) FROM listing WHERE number = ?1";
    ALL_KEYS = "SELECT filing_number, generation, from_on, lost_generation, lost_at, log_size, log_root, reason, set_on, set_by, seat_name FROM body_key ORDER BY filing_number, generation";
    OF = "SELECT filing_number, generation, from_on, lost_generation, lost_at, log_size, log_root, reason, set_on, set_by, seat_name FROM body_key WHERE filing_number = ?1 ORDER BY generation";
    ADD = "INSERT INTO body_key (id, filing_number, generation, from_on, lost_generation, lost_at, log_size, log_root, reason, set_on, set_by, seat_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    // What a key signed: issued within its days, under its number. The second count is of what came after it was lost.
    SIGNED = "SELECT COUNT(*), COUNT(CASE WHEN c.issued_at > ?4 THEN 1 END) FROM certificate c JOIN batch t ON t.id = c.batch JOIN listing l ON l.id = t.listing
      WHERE l.number = ?1 AND c.issued_on >= ?2 AND (CAST(?3 AS TEXT) IS NULL OR c.issued_on <= ?3)";
    BEARERS = "SELECT b.id, b.name, l.number, (SELECT COUNT(*) FROM body_key k WHERE k.filing_number = l.number), (SELECT COUNT(k.lost_generation) FROM body_key k WHERE k.filing_number = l.number), COUNT(*) OVER ()
      FROM (SELECT n.body AS body, MAX(n.number) AS number FROM listing n GROUP BY n.body) l JOIN body b ON b.id = l.body
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
        AND (CAST(?4 AS TEXT) IS NULL OR l.number = ?4 OR b.name LIKE ?5 ESCAPE '!')
      ORDER BY CASE WHEN EXISTS (SELECT 1 FROM body_key k WHERE k.filing_number = l.number) THEN 0 ELSE 1 END, l.number LIMIT ?6 OFFSET ?7";
}

/// A key after the first, as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Later {
    pub filing_number: String,
    pub generation: i64,
    pub from: Day,
    pub lost: Option<Lost>,
    pub reason: String,
    pub set_on: Day,
    pub set_by: String,
    pub seat_name: String,
}

/// The key that another took the place of, because somebody else may have it.
#[derive(Debug, Clone)]
pub(crate) struct Lost {
    pub generation: i64,
    /// Since when, milliseconds since 1970.
    pub at: i64,
    /// How far the public log had got by then.
    pub log_size: i64,
    pub log_root: String,
}

impl Later {
    /// The same for the rule.
    pub(super) fn rule(&self) -> LaterKey {
        let replaces_lost = self.lost.as_ref().map(|lost| (lost.generation, day_of(lost.at)));
        LaterKey { generation: self.generation, from: self.from, set_on: self.set_on, replaces_lost }
    }
}

fn read(row: &Row) -> Result<Later, DbError> {
    let lost = match row.get::<Option<i64>>(3)? {
        Some(generation) => Some(Lost { generation, at: row.get(4)?, log_size: row.get(5)?, log_root: row.get(6)? }),
        None => None,
    };
    Ok(Later {
        filing_number: row.get(0)?,
        generation: row.get(1)?,
        from: row.get(2)?,
        lost,
        reason: row.get(7)?,
        set_on: row.get(8)?,
        set_by: row.get(9)?,
        seat_name: row.get(10)?,
    })
}

/// Every key after a first one, by filing number and generation.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn all(tx: &mut Tx<'_>) -> Result<Vec<Later>, DbError> {
    tx.rows(&ALL_KEYS, &[])?.iter().map(read).collect()
}

/// The keys after the first of a filing number.
pub(super) fn of(tx: &mut Tx<'_>, filing_number: &str) -> Result<Vec<Later>, DbError> {
    tx.rows(&OF, args![filing_number])?.iter().map(read).collect()
}

pub(super) fn add(tx: &mut Tx<'_>, id: i64, key: &Later) -> Result<(), DbError> {
    let Later { filing_number, generation, from, lost, reason, set_on, set_by, seat_name } = key;
    let lost = lost.as_ref();
    let values = args![
        id,
        filing_number,
        *generation,
        *from,
        lost.map(|lost| lost.generation),
        lost.map(|lost| lost.at),
        lost.map(|lost| lost.log_size),
        lost.map(|lost| lost.log_root.clone()),
        reason,
        *set_on,
        set_by,
        seat_name
    ];
    tx.run(&ADD, values).map(|_| ())
}

/// A body in the directory.
pub(super) struct Listed {
    pub name: String,
    pub filing_number: String,
    /// The first day on which it stood there.
    pub listed_on: Day,
}

pub(super) fn listed(tx: &mut Tx<'_>, body: i64) -> Result<Option<Listed>, DbError> {
    let row = tx.first(&LISTED, args![body])?;
    row.map(|row| Ok(Listed { name: row.get(0)?, filing_number: row.get(1)?, listed_on: row.get(2)? })).transpose()
}

/// The first day on which a filing number stood in the directory.
pub(super) fn listed_on(tx: &mut Tx<'_>, filing_number: &str) -> Result<Option<Day>, DbError> {
    tx.first(&LISTED_ON, args![filing_number])?.map_or(Ok(None), |row| row.get(0))
}

/// How many certificates of a number were issued within these days, and how many of them after an instant.
pub(super) fn signed(
    tx: &mut Tx<'_>,
    filing_number: &str,
    (from, until): (Day, Option<Day>),
    at: i64,
) -> Result<(i64, i64), DbError> {
    let row = tx.first(&SIGNED, args![filing_number, from, until, at])?;
    row.map_or(Ok((0, 0)), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Bodies with keys within a scope, those with later keys first; with how many there are.
pub(super) fn bearers(
    tx: &mut Tx<'_>,
    scope: &Scope,
    of: Option<&str>,
    (limit, offset): (i64, i64),
) -> Result<(Vec<KeyBearerLine>, i64), DbError> {
    let like = of.map(crate::door::store::within);
    let values = args![scope.body, scope.centre.clone(), scope.bureau.clone(), of, like, limit, offset];
    let rows = tx.rows(&BEARERS, values)?;
    let total = rows.first().map_or(Ok(0), |row| row.get(5))?;
    let lines = rows.iter().map(|row| {
        Ok(KeyBearerLine {
            body: row.get(0)?,
            name: row.get(1)?,
            filing_number: row.get(2)?,
            keys: 1 + row.get::<i64>(3)?,
            lost: row.get(4)?,
        })
    });
    Ok((lines.collect::<Result<_, DbError>>()?, total))
}
