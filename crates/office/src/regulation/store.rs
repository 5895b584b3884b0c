//! Regulations, their files and tables of fees in the database. A version is added or withdrawn, never changed.

use rules::Day;
use rules::regulation::{Fee, RegulationKind, Version};

use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::{FileHash, KeptFile, Scope};

macro_rules! versions {
    ($bound:literal) => {
        concat!(
            "SELECT r.id, r.kind, r.no, r.title, r.valid_from, r.valid_until, r.note, r.published_on, r.filing, r.withdrawn_on, r.withdrawn_reason, ",
            "CASE WHEN r.text = '' THEN 0 ELSE 1 END FROM regulation r ",
            $bound
        )
    };
}

crate::statements! {
    OF_BODY = versions!("WHERE r.body = ?1 ORDER BY r.kind, r.no DESC");
    TEXT = "SELECT r.text FROM regulation r WHERE r.id = ?1";
    FILES = "SELECT f.regulation, f.no, f.name, k.size FROM regulation_file f JOIN file k ON k.hash = f.file JOIN regulation r ON r.id = f.regulation WHERE r.body = ?1 ORDER BY f.regulation, f.no";
    FILE = "SELECT f.file, f.name FROM regulation_file f JOIN regulation r ON r.id = f.regulation WHERE r.body = ?1 AND f.regulation = ?2 AND f.no = ?3";
    FEES = "SELECT e.item, e.code, e.trade, e.level, e.fen, e.unit, e.basis FROM fee e WHERE e.regulation = ?1 ORDER BY e.no";
    FACTS = "SELECT r.kind, r.no, r.valid_from, r.valid_until, r.withdrawn_on FROM regulation r WHERE r.body = ?1 ORDER BY r.kind, r.no";
    LAST = "SELECT CAST(COALESCE(MAX(r.no), 0) AS BIGINT) FROM regulation r WHERE r.body = ?1 AND r.kind = ?2";
    ADD = "INSERT INTO regulation (id, body, kind, no, title, text, valid_from, valid_until, note, published_on) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    ADD_FILE = "INSERT INTO regulation_file (regulation, no, file, name) VALUES (?1, ?2, ?3, ?4)";
    ADD_FEE = "INSERT INTO fee (regulation, no, item, code, trade, level, fen, unit, basis) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    WITHDRAW = "UPDATE regulation SET withdrawn_on = ?2, withdrawn_reason = ?3 WHERE id = ?1 AND withdrawn_on IS NULL";

    // The materials of a filing become the first versions, unless the body has published its own before. A version has the
    // id of its first material.
    FROM_FILING = "INSERT INTO regulation (id, body, kind, no, title, text, valid_from, note, published_on, filing)
      SELECT MIN(m.id), f.body, SUBSTR(m.code, 6), 1, '', '', CAST(?2 AS TEXT), '', CAST(?2 AS TEXT), f.id
      FROM filing_material m JOIN filing f ON f.id = m.filing
      WHERE f.id = ?1 AND m.code IN ('rule_exam', 'rule_quality', 'rule_certificate', 'rule_fee')
        AND NOT EXISTS (SELECT 1 FROM regulation r WHERE r.body = f.body AND r.kind = SUBSTR(m.code, 6))
      GROUP BY f.body, m.code, f.id";
    FILES_FROM_FILING = "INSERT INTO regulation_file (regulation, no, file, name)
      SELECT r.id, ROW_NUMBER() OVER (PARTITION BY r.id ORDER BY m.id), m.file, m.name
      FROM regulation r JOIN filing_material m ON m.filing = r.filing AND m.code = 'rule_' || r.kind
      WHERE r.filing = ?1 AND NOT EXISTS (SELECT 1 FROM regulation_file f WHERE f.regulation = r.id)";

    LISTED_WITHIN = "SELECT DISTINCT b.id, b.name, l.number FROM body b JOIN listing l ON l.body = b.id JOIN listing_term t ON t.listing = l.id AND t.closed IS NULL
      WHERE t.valid_from <= ?4 AND t.valid_until >= ?4
        AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      ORDER BY b.name, b.id";
    FACTS_WITHIN = "SELECT r.kind, r.no, r.valid_from, r.valid_until, r.withdrawn_on, r.body FROM regulation r JOIN body b ON b.id = r.body
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      ORDER BY r.body, r.kind, r.no";
}

/// A version as it is kept, without its text.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub id: i64,
    pub version: Version,
    pub title: String,
    pub note: String,
    pub published_on: Day,
    /// Whether it became public with the listing.
    pub is_from_filing: bool,
    pub withdrawn_reason: String,
    pub has_text: bool,
}

fn kind_of(row: &Row, index: usize) -> Result<RegulationKind, DbError> {
    let code: String = row.get(index)?;
    RegulationKind::from_code(&code).ok_or_else(|| DbError::stored(format!("regulation {code}")))
}

impl TryFrom<&Row> for Stored {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        let kind = kind_of(row, 1)?;
        let version =
            Version { kind, no: row.get(2)?, from: row.get(4)?, until: row.get(5)?, withdrawn_on: row.get(9)? };
        let title: String = row.get(3)?;
        Ok(Self {
            id: row.get(0)?,
            version,
            title: if title.is_empty() { kind.name().into() } else { title },
            note: row.get(6)?,
            published_on: row.get(7)?,
            is_from_filing: row.get::<Option<i64>>(8)?.is_some(),
            withdrawn_reason: row.get::<Option<String>>(10)?.unwrap_or_default(),
            has_text: row.get(11)?,
        })
    }
}

fn facts_of(row: &Row) -> Result<Version, DbError> {
    Ok(Version {
        kind: kind_of(row, 0)?,
        no: row.get(1)?,
        from: row.get(2)?,
        until: row.get(3)?,
        withdrawn_on: row.get(4)?,
    })
}

/// Every version of a body, the latest of each kind first.
pub(super) fn of_body(tx: &mut Tx<'_>, body: i64) -> Result<Vec<Stored>, DbError> {
    tx.rows(&OF_BODY, args![body])?.iter().map(Stored::try_from).collect()
}

/// What decides which version of a body holds.
pub(super) fn facts(tx: &mut Tx<'_>, body: i64) -> Result<Vec<Version>, DbError> {
    tx.rows(&FACTS, args![body])?.iter().map(facts_of).collect()
}

/// The text of a version.
pub(super) fn text(tx: &mut Tx<'_>, regulation: i64) -> Result<String, DbError> {
    tx.first(&TEXT, args![regulation])?.map_or(Ok(String::new()), |row| row.get(0))
}

/// A file of a version: which version, its place, name and size.
pub(super) type StoredFile = (i64, i64, String, i64);

/// The files of every version of a body.
pub(super) fn files(tx: &mut Tx<'_>, body: i64) -> Result<Vec<StoredFile>, DbError> {
    tx.rows(&FILES, args![body])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).collect()
}

/// The hash and the name of one file.
pub(super) fn file(
    tx: &mut Tx<'_>,
    body: i64,
    regulation: i64,
    no: i64,
) -> Result<Option<(FileHash, String)>, DbError> {
    tx.first(&FILE, args![body, regulation, no])?.map(|row| Ok((FileHash(row.get(0)?), row.get(1)?))).transpose()
}

/// The lines of a table of fees, each with the occupation's name.
pub(super) fn fees(tx: &mut Tx<'_>, regulation: i64) -> Result<Vec<(Fee, String)>, DbError> {
    tx.rows(&FEES, args![regulation])?
        .iter()
        .map(|row| {
            let fee = Fee {
                item: row.get(0)?,
                code: row.get(1)?,
                level: row.get(3)?,
                fen: row.get(4)?,
                unit: row.get(5)?,
                basis: row.get(6)?,
            };
            Ok((fee, row.get(2)?))
        })
        .collect()
}

/// The number of the latest version of a kind; 0 before the first.
pub(super) fn last(tx: &mut Tx<'_>, body: i64, kind: RegulationKind) -> Result<i64, DbError> {
    tx.first(&LAST, args![body, kind.code()])?.map_or(Ok(0), |row| row.get(0))
}

/// A version to be kept.
pub(super) struct New<'a> {
    pub id: i64,
    pub body: i64,
    pub version: &'a Version,
    pub title: &'a str,
    pub text: &'a str,
    pub note: &'a str,
    pub on: Day,
}

pub(super) fn add(tx: &mut Tx<'_>, new: &New<'_>) -> Result<(), DbError> {
    let New { id, body, version, title, text, note, on } = *new;
    let row = args![id, body, version.kind.code(), version.no, title, text, version.from, version.until, note, on];
    tx.run(&ADD, row).map(|_| ())
}

pub(super) fn add_files(tx: &mut Tx<'_>, regulation: i64, files: &[(KeptFile, String)]) -> Result<(), DbError> {
    for (no, (file, name)) in (1_i64..).zip(files) {
        tx.run(&ADD_FILE, args![regulation, no, &file.hash.0, name])?;
    }
    Ok(())
}

pub(super) fn add_fees(tx: &mut Tx<'_>, regulation: i64, fees: &[(Fee, String)]) -> Result<(), DbError> {
    for (no, (fee, trade)) in (1_i64..).zip(fees) {
        let level = fee.level.map(|level| level.digit().to_string());
        let Fee { item, code, fen, unit, basis, .. } = fee;
        tx.run(&ADD_FEE, args![regulation, no, item, code, trade, level, *fen, unit, basis])?;
    }
    Ok(())
}

pub(super) fn withdraw(tx: &mut Tx<'_>, regulation: i64, on: Day, reason: &str) -> Result<(), DbError> {
    tx.run(&WITHDRAW, args![regulation, on, reason]).map(|_| ())
}

/// Makes the four of a filing public from a day on; what the body has published itself stays.
pub(super) fn publish_of(tx: &mut Tx<'_>, filing: i64, on: Day) -> Result<(), DbError> {
    tx.run(&FROM_FILING, args![filing, on])?;
    tx.run(&FILES_FROM_FILING, args![filing]).map(|_| ())
}

/// A body in the directory: id, name, filing number.
pub(super) type Listed = (i64, String, String);

/// Bodies within these bounds that are in the directory on a day, by name.
pub(super) fn listed_within(tx: &mut Tx<'_>, scope: &Scope, on: Day) -> Result<Vec<Listed>, DbError> {
    tx.rows(&LISTED_WITHIN, args![scope.body, scope.centre.clone(), scope.bureau.clone(), on])?
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .collect()
}

/// What decides which version holds, of every body within these bounds.
pub(super) fn facts_within(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<(i64, Version)>, DbError> {
    tx.rows(&FACTS_WITHIN, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?
        .iter()
        .map(|row| Ok((row.get(5)?, facts_of(row)?)))
        .collect()
}
