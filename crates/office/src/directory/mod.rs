//! 二（一）3: the directory of bodies that may assess, published to everyone: who, where, for which occupations and levels,
//! from when until when. What has run out or was removed leaves the list and is shown as such on its own page.

mod pages;
mod store;

use jiff::civil::Date;
use rules::Day;
use rules::certificate::Level;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::door::{Office, Sight, Stop};
use crate::web::api::Registry;

/// Whether an entry is in force on the day on which it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    Valid,
    /// Its last day has passed.
    Expired,
    /// Taken out of the directory.
    Removed,
}

impl EntryState {
    /// The state on a day.
    pub fn on(today: Day, valid_until: Day, removed_on: Option<Day>) -> Self {
        match removed_on {
            Some(removed) if removed <= today => Self::Removed,
            _ if valid_until < today => Self::Expired,
            _ => Self::Valid,
        }
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "有效",
            Self::Expired => "已到期",
            Self::Removed => "已移出目录",
        }
    }
}

/// An entry of the directory: what everyone may know.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DirectoryEntry {
    /// The filing number, 13 characters.
    pub number: String,
    pub name: String,
    /// The city it stands in.
    pub place: String,
    pub valid_from: Date,
    pub valid_until: Date,
    pub state: EntryState,
    pub removed_on: Option<Date>,
    pub removed_reason: Option<String>,
    /// The centre that reviewed it and supervises it.
    pub centre: String,
    /// The centre that issued its receipt.
    pub issued_by: String,
    pub scope: Vec<DirectoryScope>,
}

/// An occupation of an entry at one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DirectoryScope {
    pub code: String,
    pub name: String,
    /// Empty for the whole occupation.
    pub work_type: String,
    pub level: Level,
    pub level_name: String,
    /// The national standard with its edition.
    pub standard: String,
    pub valid_from: Date,
    pub valid_until: Date,
}

/// Entries that are in force today.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DirectoryView {
    pub entries: Vec<DirectoryEntry>,
    pub today: Date,
}

/// Which bodies may assess? Every part that is given narrows the answer.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Directory {
    /// Part of the body's name.
    pub name: Option<String>,
    /// The code of a place of jurisdiction: `350100`.
    pub place: Option<String>,
    /// The code of an occupation, or part of its name.
    pub occupation: Option<String>,
    pub level: Option<Level>,
}

/// What is one body on file for?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct DirectoryNumber {
    pub number: String,
}

/// The entries in force today that answer the question, by name.
///
/// # Errors
/// A fault.
pub fn search(office: &Office, asked: &Directory) -> Result<DirectoryView, Stop> {
    office.public(|sight| {
        let today = sight.today();
        let mut entries = store::valid(&mut sight.tx(), asked, today)?;
        let divisions = sight.reference();
        for entry in &mut entries {
            entry.locate(&divisions.divisions);
        }
        if let Some(place) = asked.place.as_deref().filter(|place| !place.is_empty()) {
            entries.retain(|entry| entry.place_code == place);
        }
        let entries = entries.into_iter().map(|entry| entry.shown(today)).collect();
        Ok(DirectoryView { entries, today })
    })
}

/// The latest entry with a filing number, in force or not.
///
/// # Errors
/// *Not found*, or a fault.
pub fn entry(office: &Office, number: &str) -> Result<DirectoryEntry, Stop> {
    office.public(|sight: &mut Sight<'_>| {
        let today = sight.today();
        let mut entry = store::by_number(&mut sight.tx(), number.trim())?.ok_or(Stop::NotFound)?;
        entry.locate(&sight.reference().divisions);
        Ok(entry.shown(today))
    })
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .public::<Directory, DirectoryView>(
            "/directory",
            "Directory",
            "职业技能评价机构目录",
            |office, asked| search(office, &asked),
        )
        .public::<DirectoryNumber, DirectoryEntry>(
            "/directory/{number}",
            "DirectoryEntry",
            "目录中的一所机构",
            |office, asked| entry(office, &asked.number),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_1_3d_an_entry_is_in_force_through_its_last_day() {
        let day = |text: &str| text.parse::<Day>().expect("a day");
        let state = |today, removed: Option<&str>| EntryState::on(day(today), day("2026-08-31"), removed.map(day));
        assert_eq!(state("2026-08-31", None), EntryState::Valid);
        assert_eq!(state("2026-09-01", None), EntryState::Expired);
        assert_eq!(state("2026-05-31", Some("2026-06-01")), EntryState::Valid);
        assert_eq!(state("2026-06-01", Some("2026-06-01")), EntryState::Removed);
    }
}
