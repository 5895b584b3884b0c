//! Corrections of candidates in the database, with what stood before.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use rules::identity::{IdKind, Sex};
use rules::marking::Hand;
use rules::proposal::ProposalState;

use super::{CandidateChangeLine, CorrectedFact, id_name};
use crate::args;
use crate::certificate::coded;
use crate::db::{DbError, Row, Tx};
use crate::door::clock::read_out;
use crate::door::{FileHash, KeptFile, Seals};

/// The columns of [`Change`]: what it puts in, what stood before or stands, and its course.
macro_rules! changes {
    ($which:literal) => {
        concat!(
            "SELECT h.id, h.candidate, c.ticket, c.name, h.state, h.name, h.id_kind, h.id_key, h.id_sealed, h.sex, h.born, h.phone_sealed, h.photo,
        COALESCE(h.name_before, c.name), COALESCE(h.id_kind_before, c.id_kind), COALESCE(h.id_sealed_before, c.id_sealed), COALESCE(h.sex_before, c.sex), COALESCE(h.born_before, c.born), COALESCE(h.phone_sealed_before, c.phone_sealed),
        h.reason, h.file, h.file_name, h.proposed_at, h.proposed_by, h.proposed_account, h.answered_on, h.answered_by, h.answer
      FROM candidate_change h JOIN candidate c ON c.id = h.candidate WHERE ",
            $which
        )
    };
}

crate::statements! {
    PERSON = "SELECT id, batch, ticket, name, id_kind, id_key, id_sealed, sex, born, phone_sealed, photo, CASE WHEN certificate IS NULL THEN 0 ELSE 1 END, CASE WHEN withdrawn_on IS NULL THEN 0 ELSE 1 END, CASE WHEN report IS NULL THEN 0 ELSE 1 END FROM candidate WHERE id = ?1";
    CHANGE = changes!("h.candidate = ?1 AND h.id = ?2");
    CHANGES = changes!("h.batch = ?1 ORDER BY CASE h.state WHEN 'proposed' THEN 0 ELSE 1 END, h.id DESC LIMIT 500");
    OPEN_OF = "SELECT COUNT(*) FROM candidate_change WHERE candidate = ?1 AND state = 'proposed'";
    IS_TAKEN = "SELECT 1 FROM candidate WHERE batch = ?1 AND id_key = ?2 AND id <> ?3";
    PROPOSE = "INSERT INTO candidate_change (id, batch, candidate, state, name, id_kind, id_key, id_sealed, sex, born, phone_sealed, photo, reason, file, file_name, proposed_at, proposed_on, proposed_by, proposed_account)
      VALUES (?1, ?2, ?3, 'proposed', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
    ANSWER = "UPDATE candidate_change SET state = ?2, answered_on = ?3, answered_by = ?4, answer = ?5 WHERE id = ?1";
    KEEP_BEFORE = "UPDATE candidate_change SET name_before = c.name, id_kind_before = c.id_kind, id_key_before = c.id_key, id_sealed_before = c.id_sealed, sex_before = c.sex, born_before = c.born, phone_sealed_before = c.phone_sealed, photo_before = c.photo
      FROM candidate c WHERE candidate_change.id = ?1 AND c.id = candidate_change.candidate";
    CARRY_OUT = "UPDATE candidate SET name = COALESCE(h.name, candidate.name), id_kind = COALESCE(h.id_kind, candidate.id_kind), id_key = COALESCE(h.id_key, candidate.id_key), id_sealed = COALESCE(h.id_sealed, candidate.id_sealed), sex = COALESCE(h.sex, candidate.sex), born = COALESCE(h.born, candidate.born), phone_sealed = COALESCE(h.phone_sealed, candidate.phone_sealed), photo = COALESCE(h.photo, candidate.photo)
      FROM candidate_change h WHERE h.id = ?1 AND candidate.id = h.candidate";
    WAITING = "SELECT t.id, t.title, COUNT(*), COUNT(CASE WHEN h.proposed_account = ?2 THEN 1 END) FROM candidate_change h JOIN batch t ON t.id = h.batch
      WHERE t.body = ?1 AND h.state = 'proposed' GROUP BY t.id, t.title ORDER BY t.id";
    CORRECTED = "SELECT DISTINCT candidate FROM candidate_change WHERE batch = ?1 AND state = 'agreed'";
    FORMER = "SELECT id_key_before, name_before FROM candidate_change WHERE batch = ?1 AND state = 'agreed' AND id_key IS NOT NULL";
}

/// A candidate as far as it can be corrected.
pub(super) struct Person {
    pub id: i64,
    pub batch: i64,
    pub ticket: String,
    pub name: String,
    pub id_kind: IdKind,
    pub id_key: String,
    pub id_sealed: String,
    pub sex: String,
    pub born: Option<Date>,
    pub phone_sealed: String,
    pub photo: Option<String>,
    pub has_certificate: bool,
    pub is_withdrawn: bool,
    pub is_reported: bool,
}

pub(super) fn person(tx: &mut Tx<'_>, id: i64) -> Result<Option<Person>, DbError> {
    let read = |row: Row| {
        Ok(Person {
            id: row.get(0)?,
            batch: row.get(1)?,
            ticket: row.get(2)?,
            name: row.get(3)?,
            id_kind: coded(&row, 4, IdKind::from_code)?,
            id_key: row.get(5)?,
            id_sealed: row.get(6)?,
            sex: row.get(7)?,
            born: row.get(8)?,
            phone_sealed: row.get(9)?,
            photo: row.get(10)?,
            has_certificate: row.get(11)?,
            is_withdrawn: row.get(12)?,
            is_reported: row.get(13)?,
        })
    };
    tx.first(&PERSON, args![id])?.map(read).transpose()
}

/// What a correction puts in; `None` where it stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NewFacts {
    pub name: Option<String>,
    /// Kind, key and sealed number.
    pub identity: Option<(IdKind, String, String)>,
    pub sex: Option<Sex>,
    pub born: Option<Date>,
    /// Sealed.
    pub phone: Option<String>,
    /// Hash of the photo's file.
    pub photo: Option<String>,
}

/// What stood before, or stands where it is not answered.
struct Before {
    name: String,
    id_kind: IdKind,
    id_sealed: String,
    sex: String,
    born: Option<Date>,
    phone_sealed: String,
}

/// A correction as it is stored.
pub(super) struct Change {
    pub id: i64,
    candidate: i64,
    ticket: String,
    name: String,
    pub state: ProposalState,
    pub new: NewFacts,
    before: Before,
    reason: String,
    pub file: FileHash,
    pub file_name: String,
    proposed_at: i64,
    pub proposed: Hand,
    answered_on: Option<Date>,
    answered_by: Option<String>,
    answer: Option<String>,
}

impl TryFrom<Row> for Change {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let identity = match row.get::<Option<String>>(6)? {
            Some(_) => Some((coded(&row, 6, IdKind::from_code)?, row.get(7)?, row.get(8)?)),
            None => None,
        };
        Ok(Self {
            id: row.get(0)?,
            candidate: row.get(1)?,
            ticket: row.get(2)?,
            name: row.get(3)?,
            state: coded(&row, 4, ProposalState::from_code)?,
            new: NewFacts {
                name: row.get(5)?,
                identity,
                sex: row.get::<Option<String>>(9)?.as_deref().and_then(Sex::from_text),
                born: row.get(10)?,
                phone: row.get(11)?,
                photo: row.get(12)?,
            },
            before: Before {
                name: row.get(13)?,
                id_kind: coded(&row, 14, IdKind::from_code)?,
                id_sealed: row.get(15)?,
                sex: row.get(16)?,
                born: row.get(17)?,
                phone_sealed: row.get(18)?,
            },
            reason: row.get(19)?,
            file: FileHash(row.get(20)?),
            file_name: row.get(21)?,
            proposed_at: row.get(22)?,
            proposed: Hand { name: row.get(23)?, account: row.get(24)? },
            answered_on: row.get(25)?,
            answered_by: row.get(26)?,
            answer: row.get(27)?,
        })
    }
}

impl Change {
    /// As pages show it to whoever looks, values in full.
    pub fn line(self, by: &Hand, seals: &Seals) -> Result<CandidateChangeLine, DbError> {
        let opened = |sealed: &str| {
            if sealed.is_empty() {
                return Ok(String::new());
            }
            seals.open_text(sealed).ok_or_else(|| DbError::stored("a sealed text does not open"))
        };
        let Self { new, before, .. } = self;
        let mut facts = Vec::new();
        let mut fact = |what: &str, before: String, after: Option<String>| {
            facts.extend(after.map(|after| CorrectedFact { what: what.into(), before, after }));
        };
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        fact("姓名", before.name, new.name);
        let number = |kind: IdKind, sealed: &str| Ok::<_, DbError>(format!("{} {}", id_name(kind), opened(sealed)?));
        let after = new.identity.map(|(kind, _, sealed)| number(kind, &sealed)).transpose()?;
        fact("证件号码", number(before.id_kind, &before.id_sealed)?, after);
        fact("性别", before.sex, new.sex.map(|sex| sex.name().to_owned()));
        fact("出生日期", day(before.born), new.born.map(|born| day(Some(born))));
        let after = new.phone.map(|sealed| opened(&sealed)).transpose()?;
        fact("手机号", opened(&before.phone_sealed)?, after);
        Ok(CandidateChangeLine {
            id: self.id,
            candidate: self.candidate,
            ticket: self.ticket,
            name: self.name,
            state: self.state,
            state_name: self.state.name().into(),
            facts,
            photo: new.photo.is_some(),
            reason: self.reason,
            file_name: self.file_name,
            proposed_at: read_out(self.proposed_at),
            is_own: self.proposed.is_same(by),
            proposed_by: self.proposed.name,
            answered_on: self.answered_on,
            answered_by: self.answered_by,
            answer: self.answer,
        })
    }
}

pub(super) fn change(tx: &mut Tx<'_>, candidate: i64, id: i64) -> Result<Option<Change>, DbError> {
    tx.first(&CHANGE, args![candidate, id])?.map(Change::try_from).transpose()
}

/// The corrections of a batch, those that wait first.
pub(super) fn changes(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Change>, DbError> {
    tx.rows(&CHANGES, args![batch])?.into_iter().map(Change::try_from).collect()
}

/// How many corrections of a candidate wait for their answer.
pub(super) fn open_of(tx: &mut Tx<'_>, candidate: i64) -> Result<i64, DbError> {
    tx.first(&OPEN_OF, args![candidate])?.map_or(Ok(0), |row| row.get(0))
}

/// Whether somebody else of the batch has this number.
pub(super) fn is_taken(tx: &mut Tx<'_>, batch: i64, id_key: &str, but: i64) -> Result<bool, DbError> {
    Ok(tx.first(&IS_TAKEN, args![batch, id_key, but])?.is_some())
}

/// A correction on its way into the database.
pub(super) struct NewChange<'a> {
    pub id: i64,
    pub batch: i64,
    pub candidate: i64,
    pub new: NewFacts,
    pub reason: &'a str,
    pub file: &'a KeptFile,
    pub file_name: &'a str,
    pub now: i64,
    pub on: Date,
    pub by: &'a Hand,
}

pub(super) fn propose(tx: &mut Tx<'_>, change: &NewChange<'_>) -> Result<(), DbError> {
    let NewFacts { name, identity, sex, born, phone, photo } = &change.new;
    let (kind, key, sealed) = match identity {
        Some((kind, key, sealed)) => (Some(kind.code()), Some(key.as_str()), Some(sealed.as_str())),
        None => (None, None, None),
    };
    tx.run(
        &PROPOSE,
        args![
            change.id,
            change.batch,
            change.candidate,
            name.clone(),
            kind,
            key,
            sealed,
            sex.map(Sex::name),
            *born,
            phone.clone(),
            photo.clone(),
            change.reason,
            &change.file.hash.0,
            change.file_name,
            change.now,
            change.on,
            &change.by.name,
            change.by.account
        ],
    )
    .map(|_| ())
}

pub(super) fn answer(
    tx: &mut Tx<'_>,
    id: i64,
    state: ProposalState,
    (on, by): (Date, &str),
    reason: &str,
) -> Result<(), DbError> {
    tx.run(&ANSWER, args![id, state.code(), on, by, reason]).map(|_| ())
}

/// Keeps what stands and puts in what is right.
pub(super) fn carry_out(tx: &mut Tx<'_>, change: &Change) -> Result<(), DbError> {
    tx.run(&KEEP_BEFORE, args![change.id])?;
    tx.run(&CARRY_OUT, args![change.id]).map(|_| ())
}

/// Batches of a body with corrections that wait: id, title, how many, how many of them the caller's own.
pub(super) fn waiting(
    tx: &mut Tx<'_>,
    body: i64,
    account: Option<i64>,
) -> Result<Vec<(i64, String, i64, i64)>, DbError> {
    let rows = tx.rows(&WAITING, args![body, account])?;
    rows.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).collect()
}

/// Candidates of a batch who were corrected by two: a roster changes them no more.
pub(crate) fn corrected(tx: &mut Tx<'_>, batch: i64) -> Result<HashSet<i64>, DbError> {
    tx.rows(&CORRECTED, args![batch])?.into_iter().map(|row| row.get(0)).collect()
}

/// Numbers under which candidates of a batch stood before they were corrected, by their keys, with the names.
pub(crate) type Former = HashMap<String, String>;

pub(crate) fn former(tx: &mut Tx<'_>, batch: i64) -> Result<Former, DbError> {
    tx.rows(&FORMER, args![batch])?.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
