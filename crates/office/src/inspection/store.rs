//! Inspections, findings and the turns of what has to be mended, in the database.

use std::collections::{HashMap, HashSet};

use rules::inspection::{InspectionItem, InspectionKind, RectificationState, Turn};
use rules::{Clause, Day};

use super::{InspectedItem, InspectionFileLine, InspectionLine, TurnView};
use crate::args;
use crate::batch::BodyChoice;
use crate::db::{DbError, Row, Tx};
use crate::door::{FileHash, KeptFile, Scope};

macro_rules! inspections {
    ($bound:literal) => {
        concat!(
            "SELECT i.id, i.body, b.name, i.kind, i.held_on, i.batch, t.title, i.draw, i.note, i.office_name, i.recorded_on, i.recorded_by, ",
            "(SELECT MAX(l.number) FROM listing l WHERE l.body = i.body) ",
            "FROM inspection i JOIN body b ON b.id = i.body LEFT JOIN batch t ON t.id = i.batch ",
            $bound
        )
    };
}

// A finding with its last turn, where something was ordered: an earlier turn was not accepted.
macro_rules! findings {
    ($bound:literal) => {
        concat!(
            "SELECT f.id, f.inspection, f.no, f.title, f.clause, f.what, f.ordered, f.proof, i.body, b.name, i.office, i.office_name, b.centre, b.bureau, r.no, r.due_on, r.answered_on, r.accepted ",
            "FROM inspection_finding f JOIN inspection i ON i.id = f.inspection JOIN body b ON b.id = i.body ",
            "LEFT JOIN rectification_turn r ON r.finding = f.id AND r.no = (SELECT MAX(x.no) FROM rectification_turn x WHERE x.finding = f.id) ",
            $bound
        )
    };
}

crate::statements! {
    WAS_LISTED = "SELECT COUNT(*) FROM listing l WHERE l.body = ?1";
    BATCH = "SELECT COUNT(*) FROM batch t WHERE t.id = ?1 AND t.body = ?2";
    BATCHES = "SELECT t.id, t.title FROM batch t WHERE t.body = ?1 ORDER BY t.starts_on DESC, t.id DESC LIMIT 100";
    BODIES = "SELECT b.id, b.name FROM body b WHERE EXISTS (SELECT 1 FROM listing l WHERE l.body = b.id)
      AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3) ORDER BY b.name, b.id LIMIT 2000";
    ADD = "INSERT INTO inspection (id, body, kind, held_on, batch, note, office, office_name, recorded_on, recorded_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    ADD_INSPECTOR = "INSERT INTO inspection_inspector (inspection, no, name) VALUES (?1, ?2, ?3)";
    ADD_CHECK = "INSERT INTO inspection_check (inspection, no, item, title, content, clause) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    ADD_FINDING = "INSERT INTO inspection_finding (id, inspection, no, item, title, clause, what, ordered, proof) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    ADD_TURN = "INSERT INTO rectification_turn (finding, no, due_on) VALUES (?1, ?2, ?3)";
    ADD_FILE = "INSERT INTO inspection_file (id, finding, turn, file, name) VALUES (?1, ?2, ?3, ?4, ?5)";
    ANSWER = "UPDATE rectification_turn SET answered_on = ?3, answered_by = ?4, answer = ?5 WHERE finding = ?1 AND no = ?2";
    CHECK = "UPDATE rectification_turn SET checked_on = ?3, checked_by = ?4, accepted = ?5, reason = ?6 WHERE finding = ?1 AND no = ?2";
    ONE = inspections!("WHERE i.id = ?1 AND i.body = ?2");
    INSPECTORS = "SELECT p.name FROM inspection_inspector p WHERE p.inspection = ?1 ORDER BY p.no";
    CHECKS = "SELECT c.item, c.title, c.content, c.clause, (SELECT COUNT(*) FROM inspection_finding f WHERE f.inspection = c.inspection AND f.item = c.item) FROM inspection_check c WHERE c.inspection = ?1 ORDER BY c.no";
    FINDINGS = findings!("WHERE f.inspection = ?1 ORDER BY f.no");
    FINDING = findings!("WHERE f.id = ?1 AND i.body = ?2");
    TURNS = "SELECT r.finding, r.no, r.due_on, r.answered_on, r.answered_by, r.answer, r.checked_on, r.checked_by, r.accepted, r.reason
      FROM rectification_turn r JOIN inspection_finding f ON f.id = r.finding WHERE f.inspection = ?1 ORDER BY r.finding, r.no";
    FILES = "SELECT v.id, v.finding, v.turn, v.name, k.size FROM inspection_file v JOIN file k ON k.hash = v.file JOIN inspection_finding f ON f.id = v.finding WHERE f.inspection = ?1 ORDER BY v.id";
    FILE = "SELECT v.file, v.name FROM inspection_file v JOIN inspection_finding f ON f.id = v.finding JOIN inspection i ON i.id = f.inspection WHERE v.id = ?1 AND i.body = ?2";
    // What is not accepted yet, with its last turn.
    UNSETTLED = findings!("WHERE r.accepted IS NULL AND r.due_on IS NOT NULL AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3) ORDER BY r.due_on, f.id");
    // A turn without a word of the office is the last one of its finding; whether it is overdue, `Turn::state` says the same way.
    LIST = "SELECT i.id, i.body, b.name, i.kind, i.held_on, i.office_name, COUNT(DISTINCT f.id), COUNT(DISTINCT CASE WHEN f.ordered <> '' THEN f.id END),
        COUNT(DISTINCT CASE WHEN r.due_on < ?4 AND r.answered_on IS NULL THEN r.finding END),
        COUNT(DISTINCT CASE WHEN r.due_on >= ?4 AND r.answered_on IS NULL THEN r.finding END),
        COUNT(DISTINCT CASE WHEN r.answered_on IS NOT NULL THEN r.finding END),
        MIN(CASE WHEN r.answered_on IS NULL THEN r.due_on END), COUNT(*) OVER ()
      FROM inspection i JOIN body b ON b.id = i.body LEFT JOIN inspection_finding f ON f.inspection = i.id LEFT JOIN rectification_turn r ON r.finding = f.id AND r.accepted IS NULL
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
        AND (CAST(?5 AS TEXT) IS NULL OR i.kind = ?5) AND (CAST(?7 AS BIGINT) IS NULL OR i.body = ?7) AND (CAST(?10 AS BIGINT) IS NULL OR i.batch = ?10)
      GROUP BY i.id, i.body, b.name, i.kind, i.held_on, i.office_name
      HAVING CAST(?6 AS TEXT) IS NULL
        OR (?6 = 'overdue' AND COUNT(CASE WHEN r.due_on < ?4 AND r.answered_on IS NULL THEN 1 END) > 0)
        OR (?6 = 'open' AND COUNT(CASE WHEN r.due_on >= ?4 AND r.answered_on IS NULL THEN 1 END) > 0)
        OR (?6 = 'answered' AND COUNT(CASE WHEN r.answered_on IS NOT NULL THEN 1 END) > 0)
        OR (?6 = 'accepted' AND COUNT(CASE WHEN f.ordered <> '' THEN 1 END) > 0 AND COUNT(r.finding) = 0)
      ORDER BY CASE WHEN COUNT(CASE WHEN r.due_on < ?4 AND r.answered_on IS NULL THEN 1 END) > 0 THEN 0 WHEN COUNT(r.finding) > 0 THEN 1 ELSE 2 END,
        MIN(r.due_on), i.held_on DESC, i.id DESC LIMIT ?8 OFFSET ?9";
    // What everyone reads: no name of a person, no text that somebody typed.
    PUBLIC = "SELECT i.id, b.name, (SELECT MAX(l.number) FROM listing l WHERE l.body = i.body), i.kind, i.held_on, i.office_name, COUNT(DISTINCT f.id), COUNT(DISTINCT CASE WHEN f.ordered <> '' THEN f.id END), COUNT(DISTINCT r.finding), COUNT(*) OVER ()
      FROM inspection i JOIN body b ON b.id = i.body LEFT JOIN inspection_finding f ON f.inspection = i.id LEFT JOIN rectification_turn r ON r.finding = f.id AND r.accepted IS NULL
      WHERE (CAST(?1 AS BIGINT) IS NULL OR i.body = ?1) AND (CAST(?2 AS TEXT) IS NULL OR i.kind = ?2)
      GROUP BY i.id, i.body, b.name, i.kind, i.held_on, i.office_name ORDER BY i.held_on DESC, i.id DESC LIMIT ?3 OFFSET ?4";
    BODY_OF = "SELECT i.body FROM inspection i WHERE i.id = ?1";
    REMIND = "INSERT INTO rectification_reminder (finding, turn, what, told_on) VALUES (?1, ?2, ?3, ?4)";
    REMINDED = "SELECT m.finding, m.turn, m.what FROM rectification_reminder m JOIN rectification_turn r ON r.finding = m.finding AND r.no = m.turn WHERE r.accepted IS NULL";
}

/// Whether a body is or was in the directory.
pub(super) fn was_listed(tx: &mut Tx<'_>, body: i64) -> Result<bool, DbError> {
    tx.first(&WAS_LISTED, args![body])?.map_or(Ok(false), |row| Ok(row.get::<i64>(0)? > 0))
}

/// Whether a batch is the body's own.
pub(super) fn has_batch(tx: &mut Tx<'_>, body: i64, batch: i64) -> Result<bool, DbError> {
    tx.first(&BATCH, args![batch, body])?.map_or(Ok(false), |row| Ok(row.get::<i64>(0)? > 0))
}

fn choices(rows: &[Row]) -> Result<Vec<BodyChoice>, DbError> {
    rows.iter().map(|row| Ok(BodyChoice { id: row.get(0)?, name: row.get(1)? })).collect()
}

/// The batches of a body, the latest first.
pub(super) fn batches(tx: &mut Tx<'_>, body: i64) -> Result<Vec<BodyChoice>, DbError> {
    choices(&tx.rows(&BATCHES, args![body])?)
}

/// Bodies within these bounds that are or were in the directory.
pub(super) fn bodies(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<BodyChoice>, DbError> {
    choices(&tx.rows(&BODIES, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?)
}

/// An inspection to be kept.
pub(super) struct New<'a> {
    pub id: i64,
    pub body: i64,
    pub kind: InspectionKind,
    pub held_on: Day,
    pub batch: Option<i64>,
    pub note: &'a str,
    pub office: &'a str,
    pub office_name: &'a str,
    pub on: Day,
    pub by: &'a str,
}

pub(super) fn add(
    tx: &mut Tx<'_>,
    new: &New<'_>,
    inspectors: &[&str],
    checked: &[&InspectionItem],
) -> Result<(), DbError> {
    let New { id, body, kind, held_on, batch, note, office, office_name, on, by } = *new;
    tx.run(&ADD, args![id, body, kind.code(), held_on, batch, note, office, office_name, on, by])?;
    for (no, name) in (1_i64..).zip(inspectors) {
        tx.run(&ADD_INSPECTOR, args![id, no, *name])?;
    }
    for (no, item) in (1_i64..).zip(checked) {
        tx.run(&ADD_CHECK, args![id, no, &item.code, &item.title, &item.content, item.clause.id()])?;
    }
    Ok(())
}

/// A finding to be kept.
pub(super) struct NewFinding<'a> {
    pub id: i64,
    pub inspection: i64,
    pub no: i64,
    pub item: &'a InspectionItem,
    pub clause: Clause,
    pub what: &'a str,
    pub ordered: &'a str,
    pub proof: &'a str,
}

pub(super) fn add_finding(tx: &mut Tx<'_>, new: &NewFinding<'_>) -> Result<(), DbError> {
    let NewFinding { id, inspection, no, item, clause, what, ordered, proof } = *new;
    let (code, title) = (&item.code, &item.title);
    tx.run(&ADD_FINDING, args![id, inspection, no, code, title, clause.id(), what, ordered, proof]).map(|_| ())
}

/// Begins a turn of a rectification.
pub(super) fn add_turn(tx: &mut Tx<'_>, finding: i64, no: i64, due_on: Day) -> Result<(), DbError> {
    tx.run(&ADD_TURN, args![finding, no, due_on]).map(|_| ())
}

/// Keeps a file of a finding (turn 0) or of the answer in a turn.
pub(super) fn add_file(
    tx: &mut Tx<'_>,
    id: i64,
    (finding, turn): (i64, i64),
    (file, name): (&KeptFile, &str),
) -> Result<(), DbError> {
    tx.run(&ADD_FILE, args![id, finding, turn, &file.hash.0, name]).map(|_| ())
}

pub(super) fn answer(
    tx: &mut Tx<'_>,
    (finding, turn): (i64, i64),
    on: Day,
    by: &str,
    text: &str,
) -> Result<(), DbError> {
    tx.run(&ANSWER, args![finding, turn, on, by, text]).map(|_| ())
}

pub(super) fn check(
    tx: &mut Tx<'_>,
    (finding, turn): (i64, i64),
    (on, by): (Day, &str),
    accepted: bool,
    reason: &str,
) -> Result<(), DbError> {
    tx.run(&CHECK, args![finding, turn, on, by, accepted, reason]).map(|_| ())
}

fn kind_of(row: &Row, index: usize) -> Result<InspectionKind, DbError> {
    let code: String = row.get(index)?;
    InspectionKind::from_code(&code).ok_or_else(|| DbError::stored(format!("inspection {code}")))
}

fn clause_of(row: &Row, index: usize) -> Result<Clause, DbError> {
    let id: String = row.get(index)?;
    Clause::from_id(&id).ok_or_else(|| DbError::stored(format!("clause {id}")))
}

/// An inspection as it is kept.
pub(super) struct Stored {
    pub id: i64,
    pub body: i64,
    pub body_name: String,
    pub kind: InspectionKind,
    pub held_on: Day,
    pub batch: Option<i64>,
    pub batch_title: String,
    pub draw: Option<i64>,
    pub note: String,
    pub office_name: String,
    pub recorded_on: Day,
    pub recorded_by: String,
    /// The filing number of the body.
    pub number: String,
}

/// An inspection of this body.
pub(super) fn one(tx: &mut Tx<'_>, id: i64, body: i64) -> Result<Option<Stored>, DbError> {
    tx.first(&ONE, args![id, body])?
        .map(|row| {
            Ok(Stored {
                id: row.get(0)?,
                body: row.get(1)?,
                body_name: row.get(2)?,
                kind: kind_of(&row, 3)?,
                held_on: row.get(4)?,
                batch: row.get(5)?,
                batch_title: row.get::<Option<String>>(6)?.unwrap_or_default(),
                draw: row.get(7)?,
                note: row.get(8)?,
                office_name: row.get(9)?,
                recorded_on: row.get(10)?,
                recorded_by: row.get(11)?,
                number: row.get::<Option<String>>(12)?.unwrap_or_default(),
            })
        })
        .transpose()
}

/// Who inspected, by name.
pub(super) fn inspectors(tx: &mut Tx<'_>, inspection: i64) -> Result<Vec<String>, DbError> {
    tx.rows(&INSPECTORS, args![inspection])?.iter().map(|row| row.get(0)).collect()
}

/// What was checked, and how many findings each has.
pub(super) fn checks(tx: &mut Tx<'_>, inspection: i64) -> Result<Vec<InspectedItem>, DbError> {
    tx.rows(&CHECKS, args![inspection])?
        .iter()
        .map(|row| {
            let clause = clause_of(row, 3)?;
            Ok(InspectedItem {
                code: row.get(0)?,
                title: row.get(1)?,
                content: row.get(2)?,
                clause: clause.id().into(),
                clause_place: clause.place().into(),
                findings: row.get(4)?,
            })
        })
        .collect()
}

/// A finding as it is kept, with the last turn of what has to be mended.
pub(crate) struct StoredFinding {
    pub id: i64,
    pub inspection: i64,
    pub no: i64,
    pub title: String,
    pub clause: Clause,
    pub what: String,
    pub ordered: String,
    pub proof: String,
    pub body: i64,
    pub body_name: String,
    pub office: String,
    pub office_name: String,
    pub centre: String,
    pub bureau: Option<String>,
    /// The number of the last turn, and the turn; none where nothing was ordered.
    pub last: Option<(i64, Turn)>,
}

impl StoredFinding {
    /// Where its rectification stands; none where nothing was ordered.
    pub fn state(&self, today: Day) -> Option<RectificationState> {
        self.last.map(|(_, turn)| turn.state(today))
    }

    /// Whether this office looks again.
    pub fn rechecked_by(&self, office: Option<&str>) -> bool {
        office.is_some_and(|office| {
            rules::inspection::rechecks(&self.office, Some(&self.centre), self.bureau.as_deref(), office)
        })
    }
}

impl TryFrom<&Row> for StoredFinding {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        let last = match (row.get::<Option<i64>>(14)?, row.get::<Option<Day>>(15)?) {
            (Some(no), Some(due_on)) => Some((no, Turn { due_on, answered_on: row.get(16)?, accepted: row.get(17)? })),
            _ => None,
        };
        Ok(Self {
            id: row.get(0)?,
            inspection: row.get(1)?,
            no: row.get(2)?,
            title: row.get(3)?,
            clause: clause_of(row, 4)?,
            what: row.get(5)?,
            ordered: row.get(6)?,
            proof: row.get(7)?,
            body: row.get(8)?,
            body_name: row.get(9)?,
            office: row.get(10)?,
            office_name: row.get(11)?,
            centre: row.get(12)?,
            bureau: row.get(13)?,
            last,
        })
    }
}

/// The findings of an inspection.
pub(super) fn findings(tx: &mut Tx<'_>, inspection: i64) -> Result<Vec<StoredFinding>, DbError> {
    tx.rows(&FINDINGS, args![inspection])?.iter().map(StoredFinding::try_from).collect()
}

/// A finding of this body.
pub(super) fn finding(tx: &mut Tx<'_>, id: i64, body: i64) -> Result<Option<StoredFinding>, DbError> {
    tx.first(&FINDING, args![id, body])?.map(|row| StoredFinding::try_from(&row)).transpose()
}

/// What is not accepted yet within these bounds, the earliest last day first.
pub(super) fn unsettled(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<StoredFinding>, DbError> {
    let rows = tx.rows(&UNSETTLED, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?;
    rows.iter().map(StoredFinding::try_from).collect()
}

/// The turns of each finding of an inspection, in order; their files are still to come.
pub(super) fn turns(tx: &mut Tx<'_>, inspection: i64) -> Result<HashMap<i64, Vec<TurnView>>, DbError> {
    let mut turns: HashMap<i64, Vec<TurnView>> = HashMap::new();
    for row in tx.rows(&TURNS, args![inspection])? {
        turns.entry(row.get(0)?).or_default().push(TurnView {
            no: row.get(1)?,
            due_on: row.get(2)?,
            answered_on: row.get(3)?,
            answered_by: row.get::<Option<String>>(4)?.unwrap_or_default(),
            answer: row.get::<Option<String>>(5)?.unwrap_or_default(),
            checked_on: row.get(6)?,
            checked_by: row.get::<Option<String>>(7)?.unwrap_or_default(),
            accepted: row.get(8)?,
            reason: row.get::<Option<String>>(9)?.unwrap_or_default(),
            is_late: false,
            files: Vec::new(),
        });
    }
    Ok(turns)
}

/// The files of an inspection, by finding and turn; turn 0 for what shows the finding.
pub(super) fn files(tx: &mut Tx<'_>, inspection: i64) -> Result<HashMap<(i64, i64), Vec<InspectionFileLine>>, DbError> {
    let mut files: HashMap<_, Vec<_>> = HashMap::new();
    for row in tx.rows(&FILES, args![inspection])? {
        let line = InspectionFileLine { id: row.get(0)?, name: row.get(3)?, size: row.get(4)? };
        files.entry((row.get(1)?, row.get(2)?)).or_default().push(line);
    }
    Ok(files)
}

/// The hash and the name of a file of this body's inspections.
pub(super) fn file(tx: &mut Tx<'_>, id: i64, body: i64) -> Result<Option<(FileHash, String)>, DbError> {
    tx.first(&FILE, args![id, body])?.map(|row| Ok((FileHash(row.get(0)?), row.get(1)?))).transpose()
}

/// What a list is narrowed to.
pub(super) struct Asked {
    pub kind: Option<InspectionKind>,
    pub state: Option<RectificationState>,
    pub body: Option<i64>,
    pub batch: Option<i64>,
    pub today: Day,
    pub limit: i64,
    pub offset: i64,
}

/// Inspections within these bounds, overdue ones first, and how many there are.
pub(super) fn list(tx: &mut Tx<'_>, scope: &Scope, asked: &Asked) -> Result<(Vec<InspectionLine>, i64), DbError> {
    let (kind, state) = (asked.kind.map(InspectionKind::code), asked.state.map(RectificationState::code));
    let bounds = args![
        scope.body,
        scope.centre.clone(),
        scope.bureau.clone(),
        asked.today,
        kind,
        state,
        asked.body,
        asked.limit,
        asked.offset,
        asked.batch
    ];
    let rows = tx.rows(&LIST, bounds)?;
    let total = rows.first().map_or(Ok(0), |row| row.get(12))?;
    let lines = rows.iter().map(|row| {
        let kind = kind_of(row, 3)?;
        Ok(InspectionLine {
            id: row.get(0)?,
            body: row.get(1)?,
            body_name: row.get(2)?,
            kind,
            kind_name: kind.name().into(),
            held_on: row.get(4)?,
            office_name: row.get(5)?,
            findings: row.get(6)?,
            ordered: row.get(7)?,
            overdue: row.get(8)?,
            open: row.get(9)?,
            answered: row.get(10)?,
            due_on: row.get(11)?,
        })
    });
    Ok((lines.collect::<Result<_, DbError>>()?, total))
}

/// An inspection as everyone reads it in a list.
pub(super) struct Published {
    pub id: i64,
    pub name: String,
    pub number: String,
    pub kind: InspectionKind,
    pub held_on: Day,
    pub office_name: String,
    pub findings: i64,
    pub ordered: i64,
    pub unsettled: i64,
}

/// The results of inspections, the latest first, and how many there are.
pub(super) fn published(
    tx: &mut Tx<'_>,
    (body, kind): (Option<i64>, Option<InspectionKind>),
    (limit, offset): (i64, i64),
) -> Result<(Vec<Published>, i64), DbError> {
    let rows = tx.rows(&PUBLIC, args![body, kind.map(InspectionKind::code), limit, offset])?;
    let total = rows.first().map_or(Ok(0), |row| row.get(9))?;
    let lines = rows.iter().map(|row| {
        Ok(Published {
            id: row.get(0)?,
            name: row.get(1)?,
            number: row.get::<Option<String>>(2)?.unwrap_or_default(),
            kind: kind_of(row, 3)?,
            held_on: row.get(4)?,
            office_name: row.get(5)?,
            findings: row.get(6)?,
            ordered: row.get(7)?,
            unsettled: row.get(8)?,
        })
    });
    Ok((lines.collect::<Result<_, DbError>>()?, total))
}

/// The body that an inspection was of.
pub(super) fn body_of(tx: &mut Tx<'_>, inspection: i64) -> Result<Option<i64>, DbError> {
    tx.first(&BODY_OF, args![inspection])?.map(|row| row.get(0)).transpose()
}

/// Remembers that a body was reminded.
pub(super) fn remind(tx: &mut Tx<'_>, (finding, turn): (i64, i64), what: &str, on: Day) -> Result<(), DbError> {
    tx.run(&REMIND, args![finding, turn, what, on]).map(|_| ())
}

/// What bodies were reminded of: finding, turn, what.
pub(super) fn reminded(tx: &mut Tx<'_>) -> Result<HashSet<(i64, i64, String)>, DbError> {
    tx.rows(&REMINDED, &[])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}
