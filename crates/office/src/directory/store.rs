//! The directory in the database, read only: entries are written by the filing that leads to them.

use rules::Day;
use rules::certificate::Level;
use rules::jurisdiction::{Divisions, PROVINCE_CENTRE};

use super::{Directory, DirectoryEntry, DirectoryScope, EntryState};
use crate::args;
use crate::db::{DbError, Row, Tx};

/// Entries with what everyone may know of the body, and their scope, one row per occupation and level.
macro_rules! entries {
    ($bound:literal) => {
        concat!(
            "SELECT l.id, l.number, l.name, b.county, l.valid_from, l.valid_until, l.removed_on, l.removed_reason, c.name, p.name, ",
            "s.code, s.name, s.work_type, s.level, s.standard, s.edition, s.valid_from, s.valid_until ",
            "FROM listing l JOIN body b ON b.id = l.body JOIN office c ON c.code = b.centre JOIN office p ON p.code = ?1 ",
            "JOIN listing_scope s ON s.listing = l.id ",
            $bound
        )
    };
}

crate::statements! {
    VALID = entries!("WHERE l.removed_on IS NULL AND l.valid_until >= ?2 AND s.valid_until >= ?2 AND (CAST(?3 AS TEXT) IS NULL OR l.name LIKE ?3 ESCAPE '!')
        AND (CAST(?4 AS TEXT) IS NULL OR CAST(?5 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM listing_scope o WHERE o.listing = l.id AND o.valid_until >= ?2
          AND (o.code = ?4 OR o.name LIKE ?5 ESCAPE '!') AND (CAST(?6 AS TEXT) IS NULL OR o.level = ?6)))
        AND (CAST(?6 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM listing_scope o WHERE o.listing = l.id AND o.valid_until >= ?2 AND o.level = ?6))
        ORDER BY l.name, l.id, s.code, s.level DESC");
    BY_NUMBER = entries!("WHERE l.id = (SELECT MAX(id) FROM listing WHERE number = ?2) ORDER BY s.code, s.level DESC");
}

/// An entry as it is stored.
pub(super) struct Entry {
    id: i64,
    number: String,
    name: String,
    county: String,
    pub place_code: String,
    place: String,
    valid_from: Day,
    valid_until: Day,
    removed_on: Option<Day>,
    removed_reason: Option<String>,
    centre: String,
    issued_by: String,
    scope: Vec<DirectoryScope>,
}

impl Entry {
    /// Finds the place of jurisdiction that the body's county belongs to.
    pub fn locate(&mut self, divisions: &Divisions) {
        if let Some(place) = divisions.city_of(&self.county) {
            self.place_code = place.code;
            self.place = place.name;
        }
    }

    /// What everyone may know, as of a day.
    pub fn shown(self, today: Day) -> DirectoryEntry {
        DirectoryEntry {
            state: EntryState::on(today, self.valid_until, self.removed_on),
            number: self.number,
            name: self.name,
            place: self.place,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            removed_on: self.removed_on,
            removed_reason: self.removed_reason,
            centre: self.centre,
            issued_by: self.issued_by,
            scope: self.scope,
        }
    }
}

impl TryFrom<&Row> for Entry {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            number: row.get(1)?,
            name: row.get(2)?,
            county: row.get(3)?,
            place_code: String::new(),
            place: String::new(),
            valid_from: row.get(4)?,
            valid_until: row.get(5)?,
            removed_on: row.get(6)?,
            removed_reason: row.get(7)?,
            centre: row.get(8)?,
            issued_by: row.get(9)?,
            scope: Vec::new(),
        })
    }
}

impl TryFrom<&Row> for DirectoryScope {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        let level: Level = row.get(13)?;
        let (standard, edition): (String, Option<i64>) = (row.get(14)?, row.get(15)?);
        Ok(Self {
            code: row.get(10)?,
            name: row.get(11)?,
            work_type: row.get(12)?,
            level,
            level_name: level.name().into(),
            standard: match edition {
                Some(year) => format!("《{standard}》（{year}年版）"),
                None => format!("《{standard}》"),
            },
            valid_from: row.get(16)?,
            valid_until: row.get(17)?,
        })
    }
}

/// Entries in force on a day that answer the question; the place is left to the caller.
pub(super) fn valid(tx: &mut Tx<'_>, asked: &Directory, today: Day) -> Result<Vec<Entry>, DbError> {
    let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let (name, occupation) = (given(&asked.name), given(&asked.occupation));
    let level = asked.level.map(|level| level.digit().to_string());
    let like = |text: &String| format!("%{}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_"));
    let named = name.as_ref().map(like);
    let occupied = occupation.as_ref().map(like);
    gathered(tx.rows(&VALID, args![PROVINCE_CENTRE, today, named, occupation, occupied, level])?)
}

/// The latest entry with a number.
pub(super) fn by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<Entry>, DbError> {
    Ok(gathered(tx.rows(&BY_NUMBER, args![PROVINCE_CENTRE, number])?)?.pop())
}

/// Rows of one entry stand together.
fn gathered(rows: Vec<Row>) -> Result<Vec<Entry>, DbError> {
    let mut entries: Vec<Entry> = Vec::new();
    for row in &rows {
        let id: i64 = row.get(0)?;
        let scope = DirectoryScope::try_from(row)?;
        match entries.last_mut().filter(|entry| entry.id == id) {
            Some(entry) => entry.scope.push(scope),
            None => {
                let mut entry = Entry::try_from(row)?;
                entry.scope.push(scope);
                entries.push(entry);
            }
        }
    }
    Ok(entries)
}
