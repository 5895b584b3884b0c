//! Where the bits of electronic certificates stand, and which of them are set.

use jiff::civil::Date;

use crate::args;
use crate::db::{DbError, Tx};

crate::statements! {
    NEXT = "SELECT COALESCE(MAX(ordinal) + 1, 0) FROM credential_place WHERE issuer = ?1";
    PLACE = "INSERT INTO credential_place (certificate, no, issuer, ordinal)
      SELECT c.id, c.print_no, l.number, ?3 + ROW_NUMBER() OVER (ORDER BY c.number) - 1
      FROM certificate c JOIN batch t ON t.id = c.batch JOIN listing l ON l.id = t.listing
      WHERE c.batch = ?1 AND l.number = ?2 AND NOT EXISTS (SELECT 1 FROM credential_place p WHERE p.certificate = c.id AND p.no = c.print_no)";
    ISSUER_OF = "SELECT l.number FROM batch t JOIN listing l ON l.id = t.listing WHERE t.id = ?1";
    ORDINAL = "SELECT ordinal FROM credential_place WHERE certificate = ?1 AND no = ?2";
    ISSUER = "SELECT MIN(l.listed_on), MAX(b.name) FROM listing l JOIN body b ON b.id = l.body WHERE l.number = ?1";
    // Void for good, and every version that another one has replaced.
    REVOKED = "SELECT p.ordinal FROM certificate c JOIN credential_place p ON p.certificate = c.id
      WHERE c.body IN (SELECT l.body FROM listing l WHERE l.number = ?1) AND c.state <> 'valid' AND c.state <> 'suspended' AND p.issuer = ?1 AND p.ordinal >= ?2 AND p.ordinal < ?3
      UNION SELECT q.ordinal FROM credential_place p JOIN credential_place q ON q.certificate = p.certificate AND q.no < p.no
      WHERE p.issuer = ?1 AND p.no > 1 AND q.ordinal >= ?2 AND q.ordinal < ?3";
    SUSPENDED = "SELECT p.ordinal FROM certificate c JOIN credential_place p ON p.certificate = c.id
      WHERE c.body IN (SELECT l.body FROM listing l WHERE l.number = ?1) AND c.state <> 'valid' AND c.state = 'suspended' AND p.issuer = ?1 AND p.ordinal >= ?2 AND p.ordinal < ?3";
}

/// Gives those certificates of a batch their places whose present version has none. Two who do this for one body at a time would
/// take the same places; the index lets only the first of them through, the other tries again.
pub(crate) fn place(tx: &mut Tx<'_>, batch: i64) -> Result<(), DbError> {
    let issuer = tx.first(&ISSUER_OF, args![batch])?.map(|row| row.get::<String>(0)).transpose()?;
    let Some(issuer) = issuer else { return Ok(()) };
    let next = next(tx, &issuer)?;
    tx.run(&PLACE, args![batch, issuer, next]).map(drop)
}

/// How many versions an issuer has issued.
pub(super) fn next(tx: &mut Tx<'_>, issuer: &str) -> Result<i64, DbError> {
    tx.first(&NEXT, args![issuer])?.map_or(Ok(0), |row| row.get(0))
}

/// The how manieth of its issuer a version is.
pub(super) fn ordinal(tx: &mut Tx<'_>, certificate: i64, no: i64) -> Result<Option<i64>, DbError> {
    tx.first(&ORDINAL, args![certificate, no])?.map(|row| row.get(0)).transpose()
}

/// Since when a body has stood in the directory under this number, and its name.
pub(super) fn issuer(tx: &mut Tx<'_>, number: &str) -> Result<Option<(Date, String)>, DbError> {
    let Some(row) = tx.first(&ISSUER, args![number])? else { return Ok(None) };
    let since: Option<Date> = row.get(0)?;
    since.map(|since| Ok((since, row.get(1)?))).transpose()
}

/// Which of the versions from `from` until before `until` are revoked or replaced; with `suspended`, which are suspended.
pub(super) fn marked(
    tx: &mut Tx<'_>,
    issuer: &str,
    suspended: bool,
    (from, until): (i64, i64),
) -> Result<Vec<i64>, DbError> {
    let sql = if suspended { &SUSPENDED } else { &REVOKED };
    tx.rows(sql, args![issuer, from, until])?.iter().map(|row| row.get(0)).collect()
}
