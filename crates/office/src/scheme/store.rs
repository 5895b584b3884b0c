//! Schemes, the list of pilot majors, and which scheme a batch names, in the database.

use jiff::civil::Date;
use rules::certificate::Level;
use rules::scheme::{SchemeKind, SchemeModule, SchemeState};

use super::{MajorChoice, PilotMajorLine};
use crate::args;
use crate::batch::BodyChoice;
use crate::db::{DbError, Row, Tx};
use crate::door::store::{from_text, to_text};
use crate::door::{FileHash, KeptFile, Scope};
use crate::marks::BatchScheme;

/// Schemes with whose they are.
macro_rules! schemes {
    ($bound:literal) => {
        concat!(
            "SELECT s.id, s.body, b.name, s.kind, s.state, s.code, s.trade, s.level, s.subject, s.exam, s.mapping, s.modules, s.valid_from, s.valid_until, s.file, s.file_name, ",
            "s.proposed_on, s.proposed_by, s.decided_on, s.decided_by, s.decision, b.centre FROM scheme s JOIN body b ON b.id = s.body ",
            $bound
        )
    };
}

crate::statements! {
    FIND = schemes!("WHERE s.id = ?1 AND s.body = ?2");
    OF_BATCH = schemes!("WHERE s.id = ?1");
    LIST = schemes!("WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
        AND (CAST(?4 AS TEXT) IS NULL OR s.state = ?4) ORDER BY CASE s.state WHEN 'proposed' THEN 0 ELSE 1 END, s.id DESC LIMIT 500");
    INSERT = "INSERT INTO scheme (id, body, kind, state, code, trade, level, subject, exam, mapping, modules, valid_from, valid_until, file, file_name, proposed_on, proposed_by)
      VALUES (?1, ?2, ?3, 'proposed', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    DECIDE = "UPDATE scheme SET state = ?2, decided_on = ?3, decided_by = ?4, decision = ?5 WHERE id = ?1";
    ADOPT = "UPDATE batch SET scheme = ?2 WHERE id = ?1";
    STARTS = "SELECT starts_on FROM batch WHERE id = ?1";
    PILOTS = "SELECT p.body, b.name, p.code, p.name, p.document, p.since_on, p.entered_by FROM pilot_major p JOIN body b ON b.id = p.body
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3) ORDER BY b.name, p.code LIMIT 1000";
    PILOT = "INSERT INTO pilot_major (body, code, name, document, since_on, entered_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT (body, code) DO UPDATE SET name = excluded.name, document = excluded.document, since_on = excluded.since_on, entered_by = excluded.entered_by";
    REMOVE_PILOT = "DELETE FROM pilot_major WHERE body = ?1 AND code = ?2";
    MAJORS = "SELECT code, name FROM major WHERE body = ?1 ORDER BY code LIMIT 1000";
    WITH_MAJORS = "SELECT DISTINCT b.id, b.name FROM major m JOIN body b ON b.id = m.body ORDER BY b.name LIMIT 1000";
}

/// A scheme as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Scheme {
    pub id: i64,
    pub body: i64,
    pub body_name: String,
    pub kind: SchemeKind,
    pub state: SchemeState,
    pub code: String,
    pub trade: String,
    pub level: Level,
    pub subject: String,
    pub exam: String,
    pub mapping: String,
    pub modules: Vec<SchemeModule>,
    pub from: Date,
    pub until: Date,
    pub file: FileHash,
    pub file_name: String,
    pub proposed_on: Date,
    pub proposed_by: String,
    pub decided_on: Option<Date>,
    pub decided_by: Option<String>,
    pub decision: Option<String>,
    /// The code of the centre in charge.
    pub centre: String,
}

impl TryFrom<Row> for Scheme {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let (kind, state): (String, String) = (row.get(3)?, row.get(4)?);
        Ok(Self {
            id: row.get(0)?,
            body: row.get(1)?,
            body_name: row.get(2)?,
            kind: SchemeKind::from_code(&kind).ok_or_else(|| DbError::stored(format!("scheme {kind}")))?,
            state: SchemeState::from_code(&state).ok_or_else(|| DbError::stored(format!("scheme {state}")))?,
            code: row.get(5)?,
            trade: row.get(6)?,
            level: row.get(7)?,
            subject: row.get(8)?,
            exam: row.get(9)?,
            mapping: row.get(10)?,
            modules: from_text(&row.get::<String>(11)?)?,
            from: row.get(12)?,
            until: row.get(13)?,
            file: FileHash(row.get(14)?),
            file_name: row.get(15)?,
            proposed_on: row.get(16)?,
            proposed_by: row.get(17)?,
            decided_on: row.get(18)?,
            decided_by: row.get(19)?,
            decision: row.get(20)?,
            centre: row.get(21)?,
        })
    }
}

/// A scheme of this body.
pub(super) fn find(tx: &mut Tx<'_>, id: i64, body: i64) -> Result<Option<Scheme>, DbError> {
    tx.first(&FIND, args![id, body])?.map(Scheme::try_from).transpose()
}

/// The scheme with this id.
pub(super) fn by_id(tx: &mut Tx<'_>, id: i64) -> Result<Option<Scheme>, DbError> {
    tx.first(&OF_BATCH, args![id])?.map(Scheme::try_from).transpose()
}

/// The scheme that a batch names, in short.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn of_batch(tx: &mut Tx<'_>, id: i64) -> Result<Option<BatchScheme>, DbError> {
    Ok(by_id(tx, id)?.map(|scheme| BatchScheme {
        id: scheme.id,
        body: scheme.body,
        kind: scheme.kind.code().into(),
        kind_name: scheme.kind.name().into(),
        title: scheme.subject,
        clause: scheme.kind.clause().id().into(),
    }))
}

/// Schemes within these bounds, those that wait first.
pub(super) fn list(tx: &mut Tx<'_>, scope: &Scope, state: Option<SchemeState>) -> Result<Vec<Scheme>, DbError> {
    let state = state.map(SchemeState::code);
    let rows = tx.rows(&LIST, args![scope.body, scope.centre.as_deref(), scope.bureau.as_deref(), state])?;
    rows.into_iter().map(Scheme::try_from).collect()
}

/// A scheme to be kept.
pub(super) struct New<'a> {
    pub id: i64,
    pub body: i64,
    pub kind: SchemeKind,
    pub code: &'a str,
    pub trade: &'a str,
    pub level: Level,
    pub subject: &'a str,
    pub exam: &'a str,
    pub mapping: &'a str,
    pub modules: &'a [SchemeModule],
    pub from: Date,
    pub until: Date,
    pub file: &'a KeptFile,
    pub file_name: &'a str,
    pub on: Date,
    pub by: &'a str,
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &New<'_>) -> Result<(), DbError> {
    let level = new.level.digit().to_string();
    let values = args![
        new.id,
        new.body,
        new.kind.code(),
        new.code,
        new.trade,
        level,
        new.subject,
        new.exam,
        new.mapping,
        to_text(&new.modules)?,
        new.from,
        new.until,
        &new.file.hash.0,
        new.file_name,
        new.on,
        new.by,
    ];
    tx.run(&INSERT, values).map(|_| ())
}

pub(super) fn decide(
    tx: &mut Tx<'_>,
    id: i64,
    state: SchemeState,
    (on, by): (Date, &str),
    decision: &str,
) -> Result<(), DbError> {
    tx.run(&DECIDE, args![id, state.code(), on, by, decision]).map(|_| ())
}

/// Notes which scheme a batch names, or that it names none.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn adopt(tx: &mut Tx<'_>, batch: i64, scheme: Option<i64>) -> Result<(), DbError> {
    tx.run(&ADOPT, args![batch, scheme]).map(|_| ())
}

/// The day on which a batch begins.
pub(super) fn starts_on(tx: &mut Tx<'_>, batch: i64) -> Result<Option<Date>, DbError> {
    tx.first(&STARTS, args![batch])?.map(|row| row.get(0)).transpose()
}

/// The pilot majors within these bounds.
pub(super) fn pilots(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<PilotMajorLine>, DbError> {
    let rows = tx.rows(&PILOTS, args![scope.body, scope.centre.as_deref(), scope.bureau.as_deref()])?;
    rows.into_iter()
        .map(|row| {
            Ok(PilotMajorLine {
                body: row.get(0)?,
                body_name: row.get(1)?,
                code: row.get(2)?,
                name: row.get(3)?,
                document: row.get(4)?,
                since_on: row.get(5)?,
                entered_by: row.get(6)?,
            })
        })
        .collect()
}

pub(super) fn enter_pilot(
    tx: &mut Tx<'_>,
    body: i64,
    major: &MajorChoice,
    document: &str,
    (on, by): (Date, &str),
) -> Result<(), DbError> {
    tx.run(&PILOT, args![body, &major.code, &major.name, document, on, by]).map(|_| ())
}

/// Takes a major off the list; whether it stood there.
pub(super) fn remove_pilot(tx: &mut Tx<'_>, body: i64, code: &str) -> Result<bool, DbError> {
    Ok(tx.run(&REMOVE_PILOT, args![body, code])? > 0)
}

/// The catalogue of a body's majors.
pub(super) fn majors(tx: &mut Tx<'_>, body: i64) -> Result<Vec<MajorChoice>, DbError> {
    let rows = tx.rows(&MAJORS, args![body])?;
    rows.into_iter().map(|row| Ok(MajorChoice { code: row.get(0)?, name: row.get(1)? })).collect()
}

/// Bodies that have a catalogue of majors.
pub(super) fn with_majors(tx: &mut Tx<'_>) -> Result<Vec<BodyChoice>, DbError> {
    let rows = tx.rows(&WITH_MAJORS, &[])?;
    rows.into_iter().map(|row| Ok(BodyChoice { id: row.get(0)?, name: row.get(1)? })).collect()
}
