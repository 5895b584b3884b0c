//! Bodies and offices in the database.

use rules::certificate::Level;
use rules::jurisdiction::{Affiliation, BodyKind, Charge};

use super::{BodyLine, RegisterBody};
use crate::args;
use crate::db::{DbError, Row, Tx};

crate::statements! {
    SEED_OFFICE = "INSERT INTO office (code, kind, name, division) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (code) DO NOTHING";
    SAME = "SELECT id FROM body WHERE uscc = ?1";
    INSERT = "INSERT INTO body (id, name, kind, affiliation, public_body, level_cap, county, uscc, address, legal_representative, head, contact, phone, superior, station_name, station_number, centre, bureau, version)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, 1)";
    FIND = "SELECT b.kind, b.level_cap, b.affiliation, b.uscc, b.address, b.legal_representative, b.head, b.contact, b.phone, b.superior, b.station_name, b.station_number, o.name
      FROM body b LEFT JOIN office o ON o.code = b.bureau WHERE b.id = ?1";
    NAME = "SELECT b.name FROM body b WHERE b.id = ?1";
    LIST = "SELECT b.id, b.name, b.kind, b.uscc, c.name, COALESCE(o.name, '')
      FROM body b JOIN office c ON c.code = b.centre LEFT JOIN office o ON o.code = b.bureau ORDER BY b.name";
}

/// What other features ask of a body.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    pub kind: BodyKind,
    /// The highest level it may assess.
    pub level_cap: Level,
    pub affiliation: Affiliation,
    pub uscc: String,
    /// The bureau of its place, for those that have one.
    pub bureau_name: Option<String>,
    pub address: String,
    pub legal_representative: String,
    pub head: String,
    pub contact: String,
    pub phone: String,
    pub superior: String,
    pub station_name: String,
    pub station_number: String,
}

impl TryFrom<Row> for Body {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let (kind, affiliation): (String, String) = (row.get(0)?, row.get(2)?);
        Ok(Self {
            kind: BodyKind::from_code(&kind).ok_or_else(|| DbError::stored(format!("body kind {kind}")))?,
            level_cap: row.get(1)?,
            address: row.get(4)?,
            legal_representative: row.get(5)?,
            head: row.get(6)?,
            contact: row.get(7)?,
            phone: row.get(8)?,
            superior: row.get(9)?,
            station_name: row.get(10)?,
            station_number: row.get(11)?,
            bureau_name: row.get(12)?,
            uscc: row.get(3)?,
            affiliation: Affiliation::from_code(&affiliation)
                .ok_or_else(|| DbError::stored(format!("affiliation {affiliation}")))?,
        })
    }
}

/// The body with this id.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<Body>, DbError> {
    tx.first(&FIND, args![id])?.map(Body::try_from).transpose()
}

/// The name of the body with this id.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn name(tx: &mut Tx<'_>, id: i64) -> Result<Option<String>, DbError> {
    tx.first(&NAME, args![id])?.map(|row| row.get(0)).transpose()
}

/// Whether a body with this credit code is registered.
pub(super) fn is_same(tx: &mut Tx<'_>, uscc: &str) -> Result<bool, DbError> {
    Ok(tx.first(&SAME, args![uscc])?.is_some())
}

pub(super) fn seed_office(tx: &mut Tx<'_>, code: &str, kind: &str, name: &str, division: &str) -> Result<(), DbError> {
    tx.run(&SEED_OFFICE, args![code, kind, name, division]).map(|_| ())
}

pub(super) fn insert(tx: &mut Tx<'_>, id: i64, new: &RegisterBody, uscc: &str, charge: &Charge) -> Result<(), DbError> {
    tx.run(
        &INSERT,
        args![
            id,
            new.name.trim(),
            new.kind.code(),
            new.affiliation.code(),
            new.public_body,
            &new.level_cap,
            &new.county,
            uscc,
            &new.address,
            &new.legal_representative,
            &new.head,
            &new.contact,
            &new.phone,
            &new.superior,
            &new.station_name,
            &new.station_number,
            &charge.centre,
            charge.bureau.clone(),
        ],
    )?;
    Ok(())
}

pub(super) fn list(tx: &mut Tx<'_>) -> Result<Vec<BodyLine>, DbError> {
    let rows = tx.rows(&LIST, &[])?;
    rows.into_iter()
        .map(|row| {
            let kind: String = row.get(2)?;
            Ok(BodyLine {
                id: row.get(0)?,
                name: row.get(1)?,
                kind: BodyKind::from_code(&kind).map_or(kind, |kind| kind.name().to_owned()),
                uscc: row.get(3)?,
                centre: row.get(4)?,
                bureau: row.get(5)?,
            })
        })
        .collect()
}
