//! Employers, the lists that they had checked, and the certificates that rows of a list ask for.

use rules::Day;
use rules::certificate::{CertificateState, Level};

use super::{CheckLineView, EmployerLine};
use crate::args;
use crate::certificate::{coded, level};
use crate::db::{DbError, Row, Tx};

/// The columns of [`Fact`], for rows of a JSON object: their places, and by which value of theirs the certificate is found.
macro_rules! facts {
    ($which:literal) => {
        concat!(
            "SELECT CAST(r.key AS BIGINT), c.number, c.name, c.id_key, c.state, c.state_on, c.trade, c.level, c.body_name, c.issued_on
      FROM json_each(?1) AS r JOIN certificate c ON c.",
            $which,
            " = r.value ->> 0"
        )
    };
}

crate::statements! {
    ADD_OFFICE = "INSERT INTO office (code, kind, name, division) VALUES (?1, 'employer', ?2, '350000')";
    ADD = "INSERT INTO employer (office, uscc, reason, entered_on, entered_by) VALUES (?1, ?2, ?3, ?4, ?5)";
    NAME_OF = "SELECT o.name FROM employer e JOIN office o ON o.code = e.office WHERE e.uscc = ?1";
    LIST = "SELECT e.office, o.name, e.uscc, e.reason, e.entered_on,
        (SELECT COUNT(*) FROM account a WHERE a.office = e.office AND a.closed_at IS NULL),
        (SELECT COUNT(*) FROM certificate_check k WHERE k.office = e.office),
        (SELECT CAST(COALESCE(SUM(k.rows_read), 0) AS BIGINT) FROM certificate_check k WHERE k.office = e.office)
      FROM employer e JOIN office o ON o.code = e.office ORDER BY o.name, e.office";
    ROWS_OF_DAY = "SELECT CAST(COALESCE(SUM(rows_read), 0) AS BIGINT) FROM certificate_check WHERE office = ?1 AND checked_on = ?2";
    ADD_CHECK = "INSERT INTO certificate_check (id, office, name, checked_on, checked_by, rows_read, rows_valid, kept_until, result_sealed)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    CHECKS = "SELECT id, name, checked_on, checked_by, rows_read, rows_valid, kept_until, CASE WHEN result_sealed = '' THEN 0 ELSE 1 END
      FROM certificate_check WHERE office = ?1 ORDER BY id DESC LIMIT 100";
    CHECK = "SELECT id, name, checked_on, checked_by, rows_read, rows_valid, kept_until, CASE WHEN result_sealed = '' THEN 0 ELSE 1 END, result_sealed
      FROM certificate_check WHERE office = ?1 AND id = ?2";
    FORGET = "UPDATE certificate_check SET result_sealed = '' WHERE kept_until < ?1 AND result_sealed <> ''";
    UNINDEXED = "SELECT c.id, c.number, c.name, c.print_no FROM certificate c LEFT JOIN certificate_index i ON i.certificate = c.id
      WHERE c.id > ?1 AND (i.certificate IS NULL OR i.print_no <> c.print_no) ORDER BY c.id LIMIT ?2";
    INDEX = "INSERT INTO certificate_index (certificate, print_no, digest) SELECT CAST(r.key AS BIGINT), CAST(r.value ->> 0 AS BIGINT), r.value ->> 1 FROM json_each(?1) AS r WHERE 1 = 1
      ON CONFLICT (certificate) DO UPDATE SET print_no = excluded.print_no, digest = excluded.digest";
    INDEXED = "SELECT i.digest, c.state FROM certificate_index i JOIN certificate c ON c.id = i.certificate ORDER BY i.digest";
    BY_NUMBERS = facts!("number");
    BY_PERSONS = facts!("id_key");
}

/// A certificate that a row asks for.
pub(super) struct Fact {
    /// The row's place in what was asked.
    pub place: usize,
    pub number: String,
    pub name: String,
    pub id_key: String,
    pub state: CertificateState,
    pub state_on: Option<Day>,
    pub trade: String,
    pub level: Level,
    pub body: String,
    pub issued_on: Day,
}

/// By which of a certificate's values rows ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Numbers,
    Persons,
}

/// The certificates that rows ask for, given as a JSON object of places with a list of one value each.
pub(super) fn facts(tx: &mut Tx<'_>, asked: Asked, rows: &str) -> Result<Vec<Fact>, DbError> {
    let sql = match asked {
        Asked::Numbers => BY_NUMBERS,
        Asked::Persons => BY_PERSONS,
    };
    let fact = |row: &Row| {
        Ok(Fact {
            place: usize::try_from(row.get::<i64>(0)?).map_err(|error| DbError::stored(error.to_string()))?,
            number: row.get(1)?,
            name: row.get(2)?,
            id_key: row.get(3)?,
            state: coded(row, 4, CertificateState::from_code)?,
            state_on: row.get(5)?,
            trade: row.get(6)?,
            level: level(row, 7)?,
            body: row.get(8)?,
            issued_on: row.get(9)?,
        })
    };
    tx.rows(&sql, args![rows])?.iter().map(fact).collect()
}

pub(super) struct New<'a> {
    pub office: &'a str,
    pub name: &'a str,
    pub uscc: &'a str,
    pub reason: &'a str,
    pub on: Day,
    pub by: &'a str,
}

pub(super) fn add(tx: &mut Tx<'_>, new: &New<'_>) -> Result<(), DbError> {
    tx.run(&ADD_OFFICE, args![new.office, new.name])?;
    tx.run(&ADD, args![new.office, new.uscc, new.reason, new.on, new.by]).map(|_| ())
}

/// The name of the employer that has this code.
pub(super) fn name_of(tx: &mut Tx<'_>, uscc: &str) -> Result<Option<String>, DbError> {
    tx.first(&NAME_OF, args![uscc])?.map(|row| row.get(0)).transpose()
}

pub(super) fn list(tx: &mut Tx<'_>) -> Result<Vec<EmployerLine>, DbError> {
    let line = |row: &Row| {
        Ok(EmployerLine {
            office: row.get(0)?,
            name: row.get(1)?,
            uscc: row.get(2)?,
            reason: row.get(3)?,
            entered_on: row.get(4)?,
            accounts: row.get(5)?,
            checks: row.get(6)?,
            rows: row.get(7)?,
        })
    };
    tx.rows(&LIST, &[])?.iter().map(line).collect()
}

/// How many rows an employer had checked on a day.
pub(super) fn rows_of_day(tx: &mut Tx<'_>, office: &str, day: Day) -> Result<i64, DbError> {
    tx.first(&ROWS_OF_DAY, args![office, day])?.map_or(Ok(0), |row| row.get(0))
}

pub(super) fn add_check(tx: &mut Tx<'_>, office: &str, line: &CheckLineView, sealed: &str) -> Result<(), DbError> {
    let CheckLineView { id, name, checked_on, checked_by, rows, valid, kept_until, .. } = line;
    tx.run(&ADD_CHECK, args![*id, office, name, *checked_on, checked_by, *rows, *valid, *kept_until, sealed])
        .map(|_| ())
}

fn check_line(row: &Row) -> Result<CheckLineView, DbError> {
    Ok(CheckLineView {
        id: row.get(0)?,
        name: row.get(1)?,
        checked_on: row.get(2)?,
        checked_by: row.get(3)?,
        rows: row.get(4)?,
        valid: row.get(5)?,
        kept_until: row.get(6)?,
        is_kept: row.get(7)?,
    })
}

/// The latest lists of an employer.
pub(super) fn checks(tx: &mut Tx<'_>, office: &str) -> Result<Vec<CheckLineView>, DbError> {
    tx.rows(&CHECKS, args![office])?.iter().map(check_line).collect()
}

/// One list of an employer with its sealed result.
pub(super) fn check(tx: &mut Tx<'_>, office: &str, id: i64) -> Result<Option<(CheckLineView, String)>, DbError> {
    tx.first(&CHECK, args![office, id])?.map(|row| Ok((check_line(&row)?, row.get(8)?))).transpose()
}

/// Forgets what was kept until before a day.
pub(super) fn forget(tx: &mut Tx<'_>, today: Day) -> Result<u64, DbError> {
    tx.run(&FORGET, args![today])
}

/// A certificate whose digest is missing, or of a version before.
pub(super) struct Unindexed {
    pub id: i64,
    pub number: String,
    pub name: String,
    pub print_no: i64,
}

pub(super) fn unindexed(tx: &mut Tx<'_>, after: i64, most: i64) -> Result<Vec<Unindexed>, DbError> {
    let one =
        |row: &Row| Ok(Unindexed { id: row.get(0)?, number: row.get(1)?, name: row.get(2)?, print_no: row.get(3)? });
    tx.rows(&UNINDEXED, args![after, most])?.iter().map(one).collect()
}

/// Keeps digests, given as a JSON object of certificates with version and digest.
pub(super) fn index(tx: &mut Tx<'_>, rows: &str) -> Result<u64, DbError> {
    tx.run(&INDEX, args![rows])
}

/// Every digest with the state of its certificate, in the order of the digests.
pub(super) fn each_indexed(
    tx: &mut Tx<'_>,
    mut take: impl FnMut(String, CertificateState) -> Result<(), DbError>,
) -> Result<(), DbError> {
    tx.each(&INDEXED, &[], |row| take(row.get(0)?, coded(&row, 1, CertificateState::from_code)?))
}
