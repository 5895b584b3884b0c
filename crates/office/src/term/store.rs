//! Changes of terms in the database. A change is added, never altered; of two for the same day the later one counts.

use rules::Day;
use rules::term::{Term, Terms};

use crate::args;
use crate::db::{DbError, Row, Tx};

crate::statements! {
    ALL_CHANGES = "SELECT v.term, v.value, v.from_on, v.reason, v.set_on, v.set_by, v.seat_name FROM term_version v ORDER BY v.term, v.from_on, v.id";
    UNTIL = "SELECT v.term, v.value FROM term_version v WHERE v.from_on <= ?1 ORDER BY v.from_on, v.id";
    ADD = "INSERT INTO term_version (id, term, value, from_on, reason, set_on, set_by, seat_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
}

/// A change as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub term: Term,
    pub value: i64,
    pub from: Day,
    pub reason: String,
    pub set_on: Day,
    pub set_by: String,
    pub seat_name: String,
}

fn term_of(row: &Row, index: usize) -> Result<Term, DbError> {
    let code: String = row.get(index)?;
    Term::from_code(&code).ok_or_else(|| DbError::stored(format!("term {code}")))
}

/// Every change, by term and day.
pub(super) fn all(tx: &mut Tx<'_>) -> Result<Vec<Change>, DbError> {
    tx.rows(&ALL_CHANGES, &[])?
        .iter()
        .map(|row| {
            Ok(Change {
                term: term_of(row, 0)?,
                value: row.get(1)?,
                from: row.get(2)?,
                reason: row.get(3)?,
                set_on: row.get(4)?,
                set_by: row.get(5)?,
                seat_name: row.get(6)?,
            })
        })
        .collect()
}

/// The terms that hold on a day.
pub(super) fn on(tx: &mut Tx<'_>, day: Day) -> Result<Terms, DbError> {
    let changed = tx.rows(&UNTIL, args![day])?;
    let changed = changed.iter().map(|row| Ok((term_of(row, 0)?, row.get(1)?))).collect::<Result<Vec<_>, DbError>>()?;
    Ok(Terms::of(changed))
}

pub(super) fn add(tx: &mut Tx<'_>, id: i64, change: &Change) -> Result<(), DbError> {
    let Change { term, value, from, reason, set_on, set_by, seat_name } = change;
    tx.run(&ADD, args![id, term.code(), *value, *from, reason, *set_on, set_by, seat_name]).map(|_| ())
}
