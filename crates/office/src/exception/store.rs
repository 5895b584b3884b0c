//! Exceptions from the conditions, and candidates in doubt, in the database.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::candidate::{BY_EXCEPTION, ExceptionState};
use rules::identity::mask_name;

use super::{DoubtLine, Row as KeptRow};
use crate::args;
use crate::certificate::coded;
use crate::db::{DbError, Row, Tx};
use crate::door::store::{from_text, to_text};
use crate::door::{FileHash, KeptFile, Scope, Seals};

/// The columns of [`Exception`].
macro_rules! exceptions {
    ($which:literal) => {
        concat!(
            "SELECT id, upload, id_key, person_sealed, lacks, state, reason, file, file_name, put_on, put_by, due_on, decided_on, decided_by, decision FROM eligibility_exception WHERE batch = ?1 ",
            $which
        )
    };
}

crate::statements! {
    EXCEPTION = exceptions!("AND id = ?2");
    EXCEPTIONS = exceptions!("ORDER BY CASE state WHEN 'open' THEN 0 ELSE 1 END, id DESC LIMIT 500");
    OPEN_OF = "SELECT COUNT(*) FROM eligibility_exception WHERE batch = ?1 AND id_key = ?2 AND state = 'open'";
    IS_REGISTERED = "SELECT 1 FROM candidate WHERE batch = ?1 AND id_key = ?2";
    PUT_FORWARD = "INSERT INTO eligibility_exception (id, batch, upload, id_key, person_sealed, lacks, state, reason, file, file_name, put_on, put_by, due_on)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open', ?7, ?8, ?9, ?10, ?11, ?12)";
    DECIDE = "UPDATE eligibility_exception SET state = ?2, candidate = ?3, decided_on = ?4, decided_by = ?5, decision = ?6 WHERE id = ?1";
    WAITING = "SELECT t.id, t.title, b.name, COUNT(*), MIN(e.due_on) FROM eligibility_exception e JOIN batch t ON t.id = e.batch JOIN body b ON b.id = t.body
      WHERE e.state = 'open' AND t.stage IN ('notified', 'postponed')
        AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      GROUP BY t.id, t.title, b.name ORDER BY 5, 1 LIMIT 100";
    REGISTERED = "SELECT id, upload, sheet, row_no, born, condition FROM candidate WHERE batch = ?1 AND withdrawn_on IS NULL";
    CLEAR_DOUBTS = "DELETE FROM candidate_doubt WHERE batch = ?1";
    NOTE_DOUBTS = "INSERT INTO candidate_doubt (candidate, batch, reason, noted_on) SELECT CAST(r.key AS BIGINT), CAST(?2 AS BIGINT), r.value ->> 0, CAST(?3 AS TEXT) FROM json_each(?1) AS r";
    RECHECKED = "UPDATE batch SET rechecked_no = (SELECT COUNT(*) FROM batch_version v WHERE v.batch = batch.id) WHERE id = ?1";
    DOUBTS = "SELECT d.candidate, c.ticket, c.name, d.reason, d.noted_on FROM candidate_doubt d JOIN candidate c ON c.id = d.candidate
      WHERE d.batch = ?1 AND c.withdrawn_on IS NULL ORDER BY c.ticket";
    DOUBTFUL = "SELECT t.id, t.title, COUNT(*) FROM candidate_doubt d JOIN candidate c ON c.id = d.candidate AND c.withdrawn_on IS NULL JOIN batch t ON t.id = d.batch JOIN body b ON b.id = t.body
      WHERE t.stage = 'notified' AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      GROUP BY t.id, t.title ORDER BY t.id LIMIT 100";
    // Told again since the candidates were checked: a first notice has nobody registered yet.
    TOLD_AGAIN = "SELECT t.id FROM batch t WHERE t.stage = 'notified' AND t.frozen_on IS NULL AND t.stopped_on IS NULL
        AND (SELECT COUNT(*) FROM batch_version v WHERE v.batch = t.id) > COALESCE(t.rechecked_no, 1)
      ORDER BY t.id LIMIT 100";
}

/// An exception as it is stored.
pub(super) struct Exception {
    pub id: i64,
    pub upload: i64,
    pub id_key: String,
    person_sealed: String,
    pub lacks: String,
    pub state: ExceptionState,
    pub reason: String,
    pub file: FileHash,
    pub file_name: String,
    pub put_on: Date,
    pub put_by: String,
    pub due_on: Date,
    pub decided_on: Option<Date>,
    pub decided_by: Option<String>,
    pub decision: Option<String>,
}

impl TryFrom<Row> for Exception {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            upload: row.get(1)?,
            id_key: row.get(2)?,
            person_sealed: row.get(3)?,
            lacks: row.get(4)?,
            state: coded(&row, 5, ExceptionState::from_code)?,
            reason: row.get(6)?,
            file: FileHash(row.get(7)?),
            file_name: row.get(8)?,
            put_on: row.get(9)?,
            put_by: row.get(10)?,
            due_on: row.get(11)?,
            decided_on: row.get(12)?,
            decided_by: row.get(13)?,
            decision: row.get(14)?,
        })
    }
}

impl Exception {
    /// The row that was put forward.
    pub fn row(&self, seals: &Seals) -> Result<KeptRow, DbError> {
        let text = seals.open_text(&self.person_sealed);
        from_text(&text.ok_or_else(|| DbError::stored("a sealed text does not open"))?)
    }
}

pub(super) fn exception(tx: &mut Tx<'_>, batch: i64, id: i64) -> Result<Option<Exception>, DbError> {
    tx.first(&EXCEPTION, args![batch, id])?.map(Exception::try_from).transpose()
}

/// The exceptions of a batch, those that wait first.
pub(super) fn exceptions(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Exception>, DbError> {
    tx.rows(&EXCEPTIONS, args![batch])?.into_iter().map(Exception::try_from).collect()
}

/// How many exceptions of a person wait in a batch.
pub(super) fn open_of(tx: &mut Tx<'_>, batch: i64, id_key: &str) -> Result<i64, DbError> {
    tx.first(&OPEN_OF, args![batch, id_key])?.map_or(Ok(0), |row| row.get(0))
}

/// Whether somebody with this number is registered in a batch, withdrawn or not.
pub(super) fn is_registered(tx: &mut Tx<'_>, batch: i64, id_key: &str) -> Result<bool, DbError> {
    Ok(tx.first(&IS_REGISTERED, args![batch, id_key])?.is_some())
}

/// An exception on its way into the database.
pub(super) struct NewException<'a> {
    pub id: i64,
    pub batch: i64,
    pub upload: i64,
    pub id_key: &'a str,
    pub person_sealed: &'a str,
    pub lacks: &'a str,
    pub reason: &'a str,
    pub file: &'a KeptFile,
    pub file_name: &'a str,
    pub on: Date,
    pub by: &'a str,
    pub due_on: Date,
}

pub(super) fn put_forward(tx: &mut Tx<'_>, new: &NewException<'_>) -> Result<(), DbError> {
    tx.run(
        &PUT_FORWARD,
        args![
            new.id,
            new.batch,
            new.upload,
            new.id_key,
            new.person_sealed,
            new.lacks,
            new.reason,
            &new.file.hash.0,
            new.file_name,
            new.on,
            new.by,
            new.due_on
        ],
    )
    .map(|_| ())
}

pub(super) fn decide(
    tx: &mut Tx<'_>,
    id: i64,
    (state, candidate): (ExceptionState, Option<i64>),
    (on, by): (Date, &str),
    reason: &str,
) -> Result<(), DbError> {
    tx.run(&DECIDE, args![id, state.code(), candidate, on, by, reason]).map(|_| ())
}

/// A batch with exceptions that wait.
pub(super) struct Waiting {
    pub batch: i64,
    pub title: String,
    pub body: String,
    pub open: i64,
    /// The earliest last day.
    pub due_on: Date,
}

/// Batches with exceptions that wait.
pub(super) fn waiting(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<Waiting>, DbError> {
    let rows = tx.rows(&WAITING, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?;
    let read = |row: Row| {
        let (batch, title, body, open, due_on) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
        Ok(Waiting { batch, title, body, open, due_on })
    };
    rows.into_iter().map(read).collect()
}

/// A candidate with where the row stands that was checked.
pub(super) struct Registered {
    pub id: i64,
    pub upload: i64,
    pub sheet: String,
    pub row: u32,
    pub born: Option<Date>,
    /// Whether the centre let the person in.
    pub by_exception: bool,
}

pub(super) fn registered(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Registered>, DbError> {
    let read = |row: Row| {
        Ok(Registered {
            id: row.get(0)?,
            upload: row.get(1)?,
            sheet: row.get(2)?,
            row: u32::try_from(row.get::<i64>(3)?).map_err(|_| DbError::stored("a row number"))?,
            born: row.get(4)?,
            by_exception: row.get::<String>(5)? == BY_EXCEPTION,
        })
    };
    tx.rows(&REGISTERED, args![batch])?.into_iter().map(read).collect()
}

/// Puts these doubts in the place of those of before, with their reasons, by candidate; the batch is checked up to its last notice.
pub(super) fn note_doubts(
    tx: &mut Tx<'_>,
    batch: i64,
    doubts: &BTreeMap<i64, &str>,
    today: Date,
) -> Result<(), DbError> {
    tx.run(&CLEAR_DOUBTS, args![batch])?;
    if !doubts.is_empty() {
        let lists: BTreeMap<i64, [&str; 1]> = doubts.iter().map(|(id, why)| (*id, [*why])).collect();
        tx.run(&NOTE_DOUBTS, args![to_text(&lists)?, batch, today])?;
    }
    tx.run(&RECHECKED, args![batch]).map(|_| ())
}

/// Who of a batch no longer meets what was checked.
pub(super) fn doubts(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<DoubtLine>, DbError> {
    let read = |row: Row| {
        Ok(DoubtLine {
            candidate: row.get(0)?,
            ticket: row.get(1)?,
            name: mask_name(&row.get::<String>(2)?),
            reason: row.get(3)?,
            noted_on: row.get(4)?,
        })
    };
    tx.rows(&DOUBTS, args![batch])?.into_iter().map(read).collect()
}

/// Batches with candidates in doubt: id, title, how many.
pub(super) fn doubtful(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<(i64, String, i64)>, DbError> {
    let rows = tx.rows(&DOUBTFUL, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?;
    rows.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// Batches that were told of again since their candidates were checked.
pub(super) fn told_again(tx: &mut Tx<'_>) -> Result<Vec<i64>, DbError> {
    tx.rows(&TOLD_AGAIN, &[])?.into_iter().map(|row| row.get(0)).collect()
}
