//! Stamps of bodies in the database: proposed, accepted, each from its day on.

use rules::Day;
use rules::proposal::ProposalState;

use super::StampLine;
use crate::args;
use crate::certificate::coded;
use crate::db::{DbError, Row, Tx};

crate::statements! {
    STAMPS = "SELECT id, state, picture, dots, reason, from_on, proposed_on, proposed_by, proposed_account, answered_on, answered_by, COALESCE(answer, '') FROM stamp WHERE body = ?1 ORDER BY id DESC";
    ADD = "INSERT INTO stamp (id, body, state, picture, dots, reason, from_on, proposed_on, proposed_by, proposed_account) VALUES (?1, ?2, 'proposed', ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    ANSWER = "UPDATE stamp SET state = ?2, from_on = ?3, answered_on = ?4, answered_by = ?5, answer = ?6 WHERE id = ?1";
    WAITING = "SELECT s.body, b.name, s.proposed_by, CASE WHEN s.picture IS NULL THEN 1 ELSE 0 END FROM stamp s JOIN body b ON b.id = s.body
      WHERE s.state = 'proposed' AND (b.id = ?1 OR b.centre = ?2) ORDER BY s.id LIMIT 100";
}

/// A stamp, with its picture and whose proposal it is.
pub(super) struct Kept {
    pub line: StampLine,
    pub picture: Option<String>,
    pub account: Option<i64>,
}

/// The stamps of a body, the latest first.
pub(super) fn stamps(tx: &mut Tx<'_>, body: i64) -> Result<Vec<Kept>, DbError> {
    let rows = tx.rows(&STAMPS, args![body])?;
    let one = |row: Row| {
        let (state, picture) = (coded(&row, 1, ProposalState::from_code)?, row.get::<Option<String>>(2)?);
        let line = StampLine {
            id: row.get(0)?,
            state,
            state_name: state.name().to_owned(),
            has_picture: picture.is_some(),
            dots: row.get(3)?,
            reason: row.get(4)?,
            from_on: row.get(5)?,
            proposed_on: row.get(6)?,
            proposed_by: row.get(7)?,
            answered_on: row.get(9)?,
            answered_by: row.get(10)?,
            answer: row.get(11)?,
            is_in_force: false,
        };
        Ok(Kept { line, picture, account: row.get(8)? })
    };
    rows.into_iter().map(one).collect()
}

/// A stamp on its way into the database.
pub(super) struct New<'a> {
    pub id: i64,
    pub body: i64,
    /// Its hash and how many dots it is wide.
    pub picture: Option<(&'a str, i64)>,
    pub reason: &'a str,
    pub from_on: Day,
    pub on: Day,
    pub by: &'a rules::marking::Hand,
}

pub(super) fn add(tx: &mut Tx<'_>, new: &New<'_>) -> Result<(), DbError> {
    let (hash, dots) = new.picture.unzip();
    let (dots, by) = (dots.unwrap_or(0), new.by);
    tx.run(&ADD, args![new.id, new.body, hash, dots, new.reason, new.from_on, new.on, &by.name, by.account]).map(drop)
}

pub(super) fn answer(
    tx: &mut Tx<'_>,
    id: i64,
    (state, from_on): (ProposalState, Day),
    (on, by): (Day, &str),
    answer: &str,
) -> Result<(), DbError> {
    tx.run(&ANSWER, args![id, state.code(), from_on, on, by, answer]).map(drop)
}

/// A proposal that waits for the centre in charge.
pub(super) struct Waiting {
    pub body: i64,
    pub name: String,
    pub proposed_by: String,
    /// Whether none is to be printed any more.
    pub is_end: bool,
}

/// The proposals of a body, or of the bodies in a centre's charge.
pub(super) fn waiting(tx: &mut Tx<'_>, body: Option<i64>, centre: Option<&str>) -> Result<Vec<Waiting>, DbError> {
    let rows = tx.rows(&WAITING, args![body, centre])?;
    let one = |row: Row| {
        let (body, name, proposed_by, is_end) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(Waiting { body, name, proposed_by, is_end })
    };
    rows.into_iter().map(one).collect()
}
