//! The directory in the database: versions and the changes that opened and closed them. Nothing is overwritten.

use rules::Day;
use rules::certificate::Level;
use rules::directory::{ChangeKind, Span, Version};

use crate::args;
use crate::db::{DbError, Row, Tx};

/// A version of an entry: who it is and where.
macro_rules! terms {
    ($bound:literal) => {
        concat!(
            "SELECT t.listing, t.id, t.name, t.county, t.address, t.responsible, t.centre, t.valid_from, t.valid_until, t.opened, t.closed FROM listing_term t ",
            $bound
        )
    };
}

/// A version of one occupation at one level.
macro_rules! scopes {
    ($bound:literal) => {
        concat!(
            "SELECT s.listing, s.id, s.filing, s.code, s.name, s.work_type, s.level, s.standard, s.edition, s.for_public, s.valid_from, s.valid_until, s.opened, s.closed FROM listing_scope s ",
            $bound
        )
    };
}

/// A change as it is made known.
macro_rules! changes {
    ($bound:literal) => {
        concat!(
            "SELECT c.seq, c.listing, l.number, c.kind, c.effective_on, c.recorded_on, c.clause, c.what, c.document, c.seat, c.digest ",
            "FROM listing_change c JOIN listing l ON l.id = c.listing ",
            $bound
        )
    };
}

crate::statements! {
    SEQ = "SELECT last FROM counter WHERE series = 'directory'";
    RECORD = "INSERT INTO listing_change (seq, listing, kind, effective_on, recorded_on, recorded_at, clause, what, document, filing, seat, digest)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, '')";
    SEAL = "UPDATE listing_change SET digest = ?2 WHERE seq = ?1 AND digest = ''";
    DIGEST = "SELECT digest FROM listing_change WHERE seq = ?1";
    // Numbers are given in the order of days, so the last of the last day is the last of all: one step into the index.
    KNOWN_BY = "SELECT seq FROM listing_change WHERE recorded_on <= ?1 ORDER BY recorded_on DESC, seq DESC LIMIT 1";
    CHANGES_OF = changes!("WHERE c.listing = ?1 ORDER BY c.seq");
    CHANGES_BETWEEN = changes!("WHERE c.seq > ?1 AND c.seq <= ?2 ORDER BY c.seq");
    TERMS_BETWEEN = terms!("WHERE t.listing IN (SELECT c.listing FROM listing_change c WHERE c.seq > ?1 AND c.seq <= ?2) ORDER BY t.listing, t.valid_from");
    SCOPES_BETWEEN = scopes!("WHERE s.listing IN (SELECT c.listing FROM listing_change c WHERE c.seq > ?1 AND c.seq <= ?2) ORDER BY s.listing, s.code, s.work_type, s.level DESC, s.valid_from");
    OPEN = "INSERT INTO listing (id, body, filing, number, listed_on) VALUES (?1, ?2, ?3, ?4, ?5)";
    TERMS = terms!("WHERE t.listing = ?1 AND t.closed IS NULL ORDER BY t.valid_from");
    SCOPES = scopes!("WHERE s.listing = ?1 AND s.closed IS NULL ORDER BY s.code, s.work_type, s.level DESC, s.valid_from");
    ADD_TERM = "INSERT INTO listing_term (id, listing, name, county, address, responsible, centre, valid_from, valid_until, opened) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    ADD_SCOPE = "INSERT INTO listing_scope (id, listing, filing, code, name, work_type, level, standard, edition, for_public, valid_from, valid_until, opened) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    CLOSE_TERM = "UPDATE listing_term SET closed = ?2 WHERE id = ?1 AND closed IS NULL";
    CLOSE_SCOPE = "UPDATE listing_scope SET closed = ?2 WHERE id = ?1 AND closed IS NULL";
    STOPPED = "SELECT x.seq FROM listing_change x WHERE x.listing = ?1 AND x.kind = 'stopped'
      AND NOT EXISTS (SELECT 1 FROM listing_change y WHERE y.listing = x.listing AND y.kind = 'reinstated' AND y.seq > x.seq) ORDER BY x.seq DESC LIMIT 1";
    TERMS_CLOSED = terms!("WHERE t.listing = ?1 AND t.closed = ?2 ORDER BY t.valid_from");
    SCOPES_CLOSED = scopes!("WHERE s.listing = ?1 AND s.closed = ?2 ORDER BY s.code, s.work_type, s.level DESC, s.valid_from");
    OF_BODY = "SELECT l.id, l.number, CASE WHEN f.origin = 'announced' THEN 1 ELSE 0 END FROM listing l JOIN filing f ON f.id = l.filing WHERE l.body = ?1 ORDER BY l.id DESC";
    BEARER = "SELECT body FROM listing WHERE number = ?1 LIMIT 1";

    // The whole book, and what of it changed since a change.
    ENTRIES = "SELECT l.id, l.number, b.kind, CASE WHEN f.origin = 'announced' THEN '' ELSE p.name END
      FROM listing l JOIN body b ON b.id = l.body JOIN filing f ON f.id = l.filing JOIN office p ON p.code = ?2
      WHERE l.id IN (SELECT c.listing FROM listing_change c WHERE c.seq > ?1) ORDER BY l.id";
    ALL_TERMS = terms!("WHERE t.listing IN (SELECT c.listing FROM listing_change c WHERE c.seq > ?1) ORDER BY t.listing, t.opened, t.valid_from");
    ALL_SCOPES = scopes!("WHERE s.listing IN (SELECT c.listing FROM listing_change c WHERE c.seq > ?1) ORDER BY s.listing, s.code, s.work_type, s.level DESC, s.opened, s.valid_from");
    CHANGES = changes!("WHERE c.seq > ?1 ORDER BY c.seq");
    OFFICES = "SELECT code, name FROM office ORDER BY code";
}

/// What an entry says of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TermFact {
    pub name: String,
    pub county: String,
    pub address: String,
    /// Who is responsible for the body's assessments (三（三）).
    pub responsible: String,
    /// The centre in charge.
    pub centre: String,
}

/// What an entry may assess: one occupation, or work type of it, at one level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScopeFact {
    /// The filing that brought it in.
    pub filing: i64,
    pub code: String,
    pub name: String,
    /// Empty for the whole occupation.
    pub work_type: String,
    pub level: Level,
    /// The title of the standard without its edition.
    pub standard: String,
    pub edition: Option<i64>,
    /// Whether others than the body's own students may be assessed (三（四）).
    pub for_public: bool,
}

impl ScopeFact {
    /// What makes it one and the same through its versions.
    pub fn key(&self) -> (&str, &str, Level) {
        (&self.code, &self.work_type, self.level)
    }
}

/// A stored version: its id, when it holds, by which change it was opened and closed.
#[derive(Debug, Clone)]
pub(crate) struct Stored<T> {
    pub listing: i64,
    pub id: i64,
    pub version: Version<T>,
    pub opened: i64,
    pub closed: Option<i64>,
}

impl TryFrom<&Row> for Stored<TermFact> {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        let fact = TermFact {
            name: row.get(2)?,
            county: row.get(3)?,
            address: row.get(4)?,
            responsible: row.get(5)?,
            centre: row.get(6)?,
        };
        let span = Span { from: row.get(7)?, until: row.get(8)? };
        let (opened, closed) = (row.get(9)?, row.get(10)?);
        Ok(Self { listing: row.get(0)?, id: row.get(1)?, version: Version { span, fact }, opened, closed })
    }
}

impl TryFrom<&Row> for Stored<ScopeFact> {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        let digit: String = row.get(6)?;
        let level = digit.chars().next().and_then(Level::from_digit);
        let fact = ScopeFact {
            filing: row.get(2)?,
            code: row.get(3)?,
            name: row.get(4)?,
            work_type: row.get(5)?,
            level: level.ok_or_else(|| DbError::stored(format!("level {digit}")))?,
            standard: row.get(7)?,
            edition: row.get(8)?,
            for_public: row.get(9)?,
        };
        let span = Span { from: row.get(10)?, until: row.get(11)? };
        let (opened, closed) = (row.get(12)?, row.get(13)?);
        Ok(Self { listing: row.get(0)?, id: row.get(1)?, version: Version { span, fact }, opened, closed })
    }
}

/// A change as it is made known.
#[derive(Debug, Clone)]
pub(crate) struct StoredChange {
    pub seq: i64,
    pub listing: i64,
    pub number: String,
    pub kind: ChangeKind,
    pub effective_on: Day,
    pub recorded_on: Day,
    pub clause: String,
    pub what: String,
    pub document: String,
    pub seat: String,
    pub digest: String,
}

impl TryFrom<&Row> for StoredChange {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        let kind: String = row.get(3)?;
        Ok(Self {
            seq: row.get(0)?,
            listing: row.get(1)?,
            number: row.get(2)?,
            kind: ChangeKind::from_code(&kind).ok_or_else(|| DbError::stored(format!("change {kind}")))?,
            effective_on: row.get(4)?,
            recorded_on: row.get(5)?,
            clause: row.get(6)?,
            what: row.get(7)?,
            document: row.get(8)?,
            seat: row.get(9)?,
            digest: row.get(10)?,
        })
    }
}

/// An entry with the body it is of.
#[derive(Debug, Clone)]
pub(crate) struct StoredEntry {
    pub id: i64,
    pub number: String,
    /// The code word of the kind of body.
    pub kind: String,
    /// Who issued its receipt; empty where it was announced.
    pub issued_by: String,
}

impl TryFrom<&Row> for StoredEntry {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        Ok(Self { id: row.get(0)?, number: row.get(1)?, kind: row.get(2)?, issued_by: row.get(3)? })
    }
}

fn each<T: for<'r> TryFrom<&'r Row, Error = DbError>>(rows: &[Row]) -> Result<Vec<T>, DbError> {
    rows.iter().map(T::try_from).collect()
}

/// The number of the latest change; 0 before the first.
pub(super) fn seq(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    tx.first(&SEQ, &[])?.map_or(Ok(0), |row| row.get(0))
}

/// What is known now of an entry.
pub(super) fn terms(tx: &mut Tx<'_>, listing: i64) -> Result<Vec<Stored<TermFact>>, DbError> {
    each(&tx.rows(&TERMS, args![listing])?)
}

/// What is known now of the occupations of an entry.
pub(super) fn scopes(tx: &mut Tx<'_>, listing: i64) -> Result<Vec<Stored<ScopeFact>>, DbError> {
    each(&tx.rows(&SCOPES, args![listing])?)
}

pub(super) fn add_term(
    tx: &mut Tx<'_>,
    (id, listing, opened): (i64, i64, i64),
    version: &Version<TermFact>,
) -> Result<(), DbError> {
    let Version { span, fact } = version;
    let TermFact { name, county, address, responsible, centre } = fact;
    let row = args![id, listing, name, county, address, responsible, centre, span.from, span.until, opened];
    tx.run(&ADD_TERM, row).map(|_| ())
}

pub(super) fn add_scope(
    tx: &mut Tx<'_>,
    (id, listing, opened): (i64, i64, i64),
    version: &Version<ScopeFact>,
) -> Result<(), DbError> {
    let Version { span, fact } = version;
    let digit = fact.level.digit().to_string();
    let ScopeFact { filing, code, name, work_type, standard, edition, for_public, .. } = fact;
    let row = args![
        id,
        listing,
        *filing,
        code,
        name,
        work_type,
        digit,
        standard,
        *edition,
        *for_public,
        span.from,
        span.until,
        opened
    ];
    tx.run(&ADD_SCOPE, row).map(|_| ())
}

pub(super) fn close_term(tx: &mut Tx<'_>, id: i64, seq: i64) -> Result<(), DbError> {
    tx.run(&CLOSE_TERM, args![id, seq]).map(|_| ())
}

pub(super) fn close_scope(tx: &mut Tx<'_>, id: i64, seq: i64) -> Result<(), DbError> {
    tx.run(&CLOSE_SCOPE, args![id, seq]).map(|_| ())
}

/// A change to be kept.
pub(super) struct NewChange<'a> {
    pub seq: i64,
    pub listing: i64,
    pub kind: ChangeKind,
    pub effective_on: Day,
    pub recorded_on: Day,
    pub recorded_at: i64,
    pub what: &'a str,
    pub document: &'a str,
    pub filing: Option<i64>,
    pub seat: &'a str,
}

pub(super) fn record(tx: &mut Tx<'_>, new: &NewChange<'_>) -> Result<(), DbError> {
    let NewChange { seq, listing, kind, effective_on, recorded_on, recorded_at, what, document, filing, seat } = *new;
    let clause = kind.clause().id();
    let (kind, row) = (kind.code(), (effective_on, recorded_on));
    tx.run(&RECORD, args![seq, listing, kind, row.0, row.1, recorded_at, clause, what, document, filing, seat])
        .map(|_| ())
}

pub(super) fn open(tx: &mut Tx<'_>, (id, body, filing): (i64, i64, i64), number: &str, on: Day) -> Result<(), DbError> {
    tx.run(&OPEN, args![id, body, filing, number, on]).map(|_| ())
}

/// The entries of a body with their numbers and whether they were announced, the latest first.
pub(super) fn of_body(tx: &mut Tx<'_>, body: i64) -> Result<Vec<(i64, String, bool)>, DbError> {
    tx.rows(&OF_BODY, args![body])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// The body that bears a filing number.
pub(super) fn bearer(tx: &mut Tx<'_>, number: &str) -> Result<Option<i64>, DbError> {
    tx.first(&BEARER, args![number])?.map(|row| row.get(0)).transpose()
}

/// Everything of the entries that changed after a change; 0 for the whole book.
pub(super) struct Pages {
    pub entries: Vec<StoredEntry>,
    pub terms: Vec<Stored<TermFact>>,
    pub scopes: Vec<Stored<ScopeFact>>,
    pub changes: Vec<StoredChange>,
    pub offices: Vec<(String, String)>,
}

pub(super) fn pages(tx: &mut Tx<'_>, after: i64, issuer: &str) -> Result<Pages, DbError> {
    Ok(Pages {
        entries: each(&tx.rows(&ENTRIES, args![after, issuer])?)?,
        terms: each(&tx.rows(&ALL_TERMS, args![after])?)?,
        scopes: each(&tx.rows(&ALL_SCOPES, args![after])?)?,
        changes: each(&tx.rows(&CHANGES, args![after])?)?,
        offices: tx
            .rows(&OFFICES, &[])?
            .iter()
            .map(|row| Ok((row.get(0)?, row.get(1)?)))
            .collect::<Result<_, DbError>>()?,
    })
}

/// The change by which the pilot was stopped, unless that was lifted.
pub(super) fn stopped(tx: &mut Tx<'_>, listing: i64) -> Result<Option<i64>, DbError> {
    tx.first(&STOPPED, args![listing])?.map(|row| row.get(0)).transpose()
}

/// What a change closed.
#[allow(clippy::type_complexity, reason = "the two kinds of version, as they are stored")]
pub(super) fn closed_by(
    tx: &mut Tx<'_>,
    listing: i64,
    seq: i64,
) -> Result<(Vec<Stored<TermFact>>, Vec<Stored<ScopeFact>>), DbError> {
    Ok((each(&tx.rows(&TERMS_CLOSED, args![listing, seq])?)?, each(&tx.rows(&SCOPES_CLOSED, args![listing, seq])?)?))
}

/// The number of the last change that was recorded by the end of a day.
pub(super) fn known_by(tx: &mut Tx<'_>, day: Day) -> Result<i64, DbError> {
    tx.first(&KNOWN_BY, args![day])?.map_or(Ok(0), |row| row.get(0))
}

/// The changes of some entries.
pub(super) fn changes_of(tx: &mut Tx<'_>, listings: &[i64]) -> Result<Vec<StoredChange>, DbError> {
    let mut changes = Vec::new();
    for listing in listings {
        changes.extend(each::<StoredChange>(&tx.rows(&CHANGES_OF, args![*listing])?)?);
    }
    Ok(changes)
}

/// The changes after one and up to another, with every version of the entries that they are about.
pub(super) fn between(tx: &mut Tx<'_>, after: i64, up_to: i64) -> Result<Pages, DbError> {
    Ok(Pages {
        entries: Vec::new(),
        terms: each(&tx.rows(&TERMS_BETWEEN, args![after, up_to])?)?,
        scopes: each(&tx.rows(&SCOPES_BETWEEN, args![after, up_to])?)?,
        changes: each(&tx.rows(&CHANGES_BETWEEN, args![after, up_to])?)?,
        offices: Vec::new(),
    })
}

/// The digest of a change; empty before the first.
pub(super) fn digest(tx: &mut Tx<'_>, seq: i64) -> Result<String, DbError> {
    tx.first(&DIGEST, args![seq])?.map_or(Ok(String::new()), |row| row.get(0))
}

/// Keeps the digest of a change that has none yet.
pub(super) fn seal(tx: &mut Tx<'_>, seq: i64, digest: &str) -> Result<(), DbError> {
    tx.run(&SEAL, args![seq, digest]).map(|_| ())
}
