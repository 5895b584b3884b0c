//! What the day of an examination brought beside its plain course, in the database.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rules::Day;
use rules::arrangement::DayTime;
use rules::conduct::deferral::DeferralState;
use rules::conduct::hold::{Decided, Hold};
use rules::conduct::incident::{IncidentEffect, IncidentKind, IncidentOutcome, Touch};
use rules::conduct::recording::{Recorded, gaps};
use rules::conduct::violation::{ViolationEffect, ViolationKind};
use rules::conduct::{Presence, recording};
use rules::identity::mask_name;
use rules::marking::Hand;
use rules::result::Part;
use rules::term::Term;
use serde_json::json;
use sheets::Finding;

use crate::args;
use crate::conduct::KeptHall;
use crate::db::{DbError, Row, Tx};
use crate::door::store::{from_text, note_file, to_text};
use crate::door::{FileHash, KeptFile, Seals, clock};

crate::statements! {
    PLACES = "SELECT p.candidate, p.part, s.id, s.room, k.began, k.ended FROM exam_place p JOIN exam_session s ON s.id = p.session
      LEFT JOIN conduct k ON k.session = s.id WHERE s.batch = ?1 ORDER BY s.no, p.seat";
    INCIDENTS = "SELECT id, session, part, room, kind, effect, happened, what, noted_at, noted_by, noted_account, outcome, outcome_reason, closed_at, closed_by, noted_on
      FROM incident WHERE batch = ?1 ORDER BY id DESC";
    INCIDENT_PERSONS = "SELECT p.incident, c.id, c.ticket, c.name FROM incident_person p JOIN incident i ON i.id = p.incident JOIN candidate c ON c.id = p.candidate
      WHERE i.batch = ?1 ORDER BY p.incident, c.ticket";
    NOTE_INCIDENT = "INSERT INTO incident (id, batch, session, part, room, kind, effect, happened, what, noted_on, noted_at, noted_by, noted_account)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    // The keys of the object are the candidates.
    TOUCH = "INSERT INTO incident_person (incident, candidate) SELECT CAST(?2 AS BIGINT), CAST(r.key AS BIGINT) FROM json_each(?1) AS r";
    CLOSE_INCIDENT = "UPDATE incident SET outcome = ?2, outcome_reason = ?3, closed_at = ?4, closed_by = ?5 WHERE id = ?1";
    VIOLATIONS = "SELECT v.id, v.candidate, c.ticket, c.name, v.part, v.kind, v.what, v.reported_at, v.reported_by, v.reported_account, v.statement, v.heard_at, v.heard_by, v.effect, v.decision, v.decided_at, v.decided_by
      FROM violation v JOIN candidate c ON c.id = v.candidate WHERE v.batch = ?1 ORDER BY v.id DESC";
    REPORT = "INSERT INTO violation (id, batch, candidate, part, kind, what, reported_on, reported_at, reported_by, reported_account)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    HEAR = "UPDATE violation SET statement = ?2, heard_at = ?3, heard_by = ?4 WHERE id = ?1";
    DECIDE = "UPDATE violation SET effect = ?2, decision = ?3, decided_at = ?4, decided_by = ?5 WHERE id = ?1";
    DEFERRALS = "SELECT d.id, d.candidate, c.ticket, c.name, d.part, d.reason, d.state, d.asked_at, d.asked_by, d.asked_account, d.answered_at, d.answered_by, d.answer_reason
      FROM deferral d JOIN candidate c ON c.id = d.candidate WHERE d.batch = ?1 ORDER BY d.id DESC";
    ASK = "INSERT INTO deferral (id, batch, candidate, part, reason, state, asked_on, asked_at, asked_by, asked_account)
      VALUES (?1, ?2, ?3, ?4, ?5, 'asked', ?6, ?7, ?8, ?9)";
    ANSWER = "UPDATE deferral SET state = ?2, answered_at = ?3, answered_by = ?4, answer_reason = ?5 WHERE id = ?1";
    RECORDINGS = "SELECT id, session, room, held_on, camera, begins, ends, digest, address, kept_until, noted_at, noted_by, void_reason, void_by, file_name
      FROM recording WHERE batch = ?1 ORDER BY session, begins, id";
    // The key of a recording is its id; its value lists: 0 session, 1 room, 2 day, 3 camera, 4 begin, 5 end, 6 digest, 7 place, 8 until when it is kept, 9 name of the file.
    RECORD = "INSERT INTO recording (id, batch, session, room, held_on, camera, begins, ends, digest, address, kept_until, file_name, noted_at, noted_by)
      SELECT CAST(r.key AS BIGINT), CAST(?2 AS BIGINT), CAST(r.value ->> 0 AS BIGINT), r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5, r.value ->> 6, r.value ->> 7, r.value ->> 8, r.value ->> 9, CAST(?3 AS BIGINT), CAST(?4 AS TEXT)
      FROM json_each(?1) AS r";
    KEEP = "UPDATE recording SET kept_until = ?2 WHERE batch = ?1 AND void_at IS NULL AND kept_until < ?2";
    VOID = "UPDATE recording SET void_reason = ?3, void_at = ?4, void_by = ?5 WHERE batch = ?1 AND id = ?2 AND void_at IS NULL";
    STOPS = "SELECT id, session, room, reason, stopped_at, stopped_by, lifted_at, lifted_by, lift_reason, is_again FROM room_stop WHERE batch = ?1 ORDER BY id DESC";
    STOP = "INSERT INTO room_stop (id, batch, session, room, reason, stopped_at, stopped_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    LIFT = "UPDATE room_stop SET lifted_at = ?2, lifted_by = ?3, lift_reason = ?4, is_again = ?5 WHERE session = ?1 AND lifted_at IS NULL";
    SITE_NOTES = "SELECT id, room, what, office_name, noted_at, noted_by FROM site_note WHERE batch = ?1 ORDER BY id DESC";
    NOTE_AT_SITE = "INSERT INTO site_note (id, batch, session, room, what, office, office_name, noted_on, noted_at, noted_by)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    FILES = "SELECT id, about, about_id, name FROM day_file WHERE batch = ?1 ORDER BY id";
    FILE = "SELECT file, name FROM day_file WHERE batch = ?1 AND id = ?2";
    ADD_FILE = "INSERT INTO day_file (id, batch, about, about_id, file, name) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    UPLOADED = "INSERT INTO arrival_upload (id, batch, session, file, name, rows_read, arrived, known, faults, findings, at, account_name)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    UPLOAD = "SELECT file, name, findings FROM arrival_upload WHERE batch = ?1 AND session = ?2 ORDER BY id DESC LIMIT 1";
    RECORDINGS_UPLOADED = "INSERT INTO recording_upload (id, batch, file, name, rows_read, noted, known, faults, findings, at, account_name)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    RECORDINGS_UPLOAD = "SELECT file, name, findings FROM recording_upload WHERE batch = ?1 ORDER BY id DESC LIMIT 1";
    CANDIDATES = "SELECT c.id, c.ticket, c.name FROM candidate c WHERE c.batch = ?1 AND c.withdrawn_on IS NULL ORDER BY c.ticket, c.id";
    HAS_SESSIONS = "SELECT count(*) FROM exam_session WHERE batch = ?1";
    // The key of a session is its id; its value lists: 0 number, 1 part, 2 day, 3 begin, 4 end, 5 room, 6 seats.
    ADD_SESSIONS = "INSERT INTO exam_session (id, batch, no, part, held_on, begins, ends, room, first_seat, seats, seat_columns)
      SELECT CAST(r.key AS BIGINT), CAST(?2 AS BIGINT), CAST(r.value ->> 0 AS BIGINT), r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5, 1, CAST(r.value ->> 6 AS BIGINT), 0
      FROM json_each(?1) AS r";
    // A place lists: 0 candidate, 1 part, 2 session, 3 number in the list.
    ADD_PLACES = "INSERT INTO exam_place (candidate, part, session, seat)
      SELECT CAST(r.value ->> 0 AS BIGINT), r.value ->> 1, CAST(r.value ->> 2 AS BIGINT), CAST(r.value ->> 3 AS BIGINT) FROM json_each(?1) AS r";
    // Open incidents by batch, with the day of the first.
    OPEN_INCIDENTS = "SELECT t.id, t.title, count(*), MIN(i.noted_on) FROM incident i JOIN batch t ON t.id = i.batch
      WHERE t.body = ?1 AND t.stage = 'notified' AND i.outcome IS NULL GROUP BY t.id, t.title ORDER BY t.id LIMIT 50";
    OPEN_VIOLATIONS = "SELECT t.id, t.title, count(*), MIN(v.reported_on) FROM violation v JOIN batch t ON t.id = v.batch
      WHERE t.body = ?1 AND t.stage = 'notified' AND v.effect IS NULL GROUP BY t.id, t.title ORDER BY t.id LIMIT 50";
    OPEN_DEFERRALS = "SELECT t.id, t.title, count(*), MIN(d.asked_on) FROM deferral d JOIN batch t ON t.id = d.batch
      WHERE t.body = ?1 AND t.stage = 'notified' AND d.state = 'asked' AND (d.asked_account IS NULL OR d.asked_account <> ?2) GROUP BY t.id, t.title ORDER BY t.id LIMIT 50";
    // Rooms that ended, of batches whose marks wait for recordings, with all that was recorded of them.
    ENDED = "SELECT t.id, t.title, t.notified_on, s.id, k.held_on, k.began, k.ended, r.begins, r.ends FROM batch t JOIN exam_session s ON s.batch = t.id JOIN conduct k ON k.session = s.id
      LEFT JOIN recording r ON r.session = s.id AND r.void_at IS NULL
      WHERE t.body = ?1 AND t.stage = 'notified' AND t.stopped_on IS NULL AND t.notified_on >= ?2 AND k.ended IS NOT NULL ORDER BY t.starts_on, t.id, s.id LIMIT 5000";
    STOPPED = "SELECT t.id, t.title, b.name, o.room, o.reason FROM room_stop o JOIN batch t ON t.id = o.batch JOIN body b ON b.id = t.body
      WHERE o.lifted_at IS NULL AND t.stage = 'notified' AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) ORDER BY o.id LIMIT 50";
    // Batches of today that an office may look at on the spot.
    OF_TODAY = "SELECT t.id, t.title, b.name, t.theory_place, t.practical_place, t.theory_on, t.practical_on FROM batch t JOIN body b ON b.id = t.body
      WHERE t.stage = 'notified' AND t.stopped_on IS NULL AND (t.theory_on = ?3 OR t.practical_on = ?3 OR t.comprehensive_on = ?3)
        AND (CAST(?1 AS TEXT) IS NULL OR b.centre = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.bureau = ?2) ORDER BY b.name, t.id LIMIT 50";
    SUMMARY = "SELECT (SELECT count(*) FROM incident WHERE batch = ?1 AND outcome IS NULL), (SELECT count(*) FROM violation WHERE batch = ?1 AND effect IS NULL),
      (SELECT count(*) FROM deferral WHERE batch = ?1 AND state = 'asked'), (SELECT count(*) FROM room_stop WHERE batch = ?1 AND lifted_at IS NULL), (SELECT count(*) FROM site_note WHERE batch = ?1), (SELECT count(*) FROM inspection WHERE batch = ?1)";
}

pub(super) fn part(code: &str) -> Result<Part, DbError> {
    Part::from_code(code).ok_or_else(|| DbError::stored(format!("part {code}")))
}

fn time(text: &str) -> Result<DayTime, DbError> {
    text.parse().map_err(DbError::stored)
}

/// The word of a list with this code.
fn word<T>(row: &Row, index: usize, of: fn(&str) -> Option<T>) -> Result<T, DbError> {
    let code: String = row.get(index)?;
    of(&code).ok_or_else(|| DbError::stored(format!("a word {code}")))
}

fn some_word<T>(row: &Row, index: usize, of: fn(&str) -> Option<T>) -> Result<Option<T>, DbError> {
    let code: Option<String> = row.get(index)?;
    code.map(|code| of(&code).ok_or_else(|| DbError::stored(format!("a word {code}")))).transpose()
}

/// What somebody did at last to a row, where they did: when, by whom, and the reason.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    pub at: String,
    pub by: String,
    pub reason: String,
}

impl Ending {
    /// Out of the columns of instant, name and reason.
    fn of(row: &Row, [at, by, reason]: [usize; 3]) -> Result<Option<Self>, DbError> {
        let Some(at) = row.get::<Option<i64>>(at)? else { return Ok(None) };
        let text =
            |index: usize| -> Result<String, DbError> { Ok(row.get::<Option<String>>(index)?.unwrap_or_default()) };
        Ok(Some(Self { at: clock::read_out(at), by: text(by)?, reason: text(reason)? }))
    }
}

/// Who is meant: a candidate by ticket and masked name.
#[derive(Debug, Clone)]
pub(super) struct Meant {
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    pub name_masked: String,
}

impl Meant {
    fn of(row: &Row, first: usize) -> Result<Self, DbError> {
        let name: String = row.get(first + 2)?;
        Ok(Self { candidate: row.get(first)?, ticket: row.get(first + 1)?, name_masked: mask_name(&name), name })
    }
}

/// An incident as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Incident {
    pub id: i64,
    pub session: i64,
    pub part: Part,
    pub room: String,
    pub kind: IncidentKind,
    pub effect: IncidentEffect,
    pub happened: DayTime,
    pub what: String,
    pub noted_on: Day,
    pub noted_at: String,
    pub noted: Hand,
    pub outcome: Option<IncidentOutcome>,
    pub closed: Option<Ending>,
    pub persons: Vec<Meant>,
}

impl Incident {
    fn touch<'a>(&'a self, persons: &'a [i64]) -> Touch<'a> {
        Touch { effect: self.effect, session: self.session, part: self.part, persons }
    }

    /// Whether it happened in a room of somebody with these seats, or reaches there.
    pub fn concerns(&self, seats: &[Seat]) -> bool {
        let persons: Vec<i64> = self.persons.iter().map(|one| one.candidate).collect();
        let touch = self.touch(&persons);
        seats.iter().any(|seat| seat.session == self.session || touch.holds(seat.candidate, seat.session, seat.part))
    }

    /// In a few words.
    pub fn said(&self) -> String {
        format!("{}，{} {}", self.kind.name(), self.room, self.happened)
    }
}

/// The incidents of a batch, the last first.
pub(super) fn incidents(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Incident>, DbError> {
    let mut persons: BTreeMap<i64, Vec<Meant>> = BTreeMap::new();
    for row in tx.rows(&INCIDENT_PERSONS, args![batch])? {
        persons.entry(row.get(0)?).or_default().push(Meant::of(&row, 1)?);
    }
    let rows = tx.rows(&INCIDENTS, args![batch])?;
    rows.iter()
        .map(|row| {
            let id = row.get(0)?;
            Ok(Incident {
                id,
                session: row.get(1)?,
                part: part(&row.get::<String>(2)?)?,
                room: row.get(3)?,
                kind: word(row, 4, IncidentKind::from_code)?,
                effect: word(row, 5, IncidentEffect::from_code)?,
                happened: time(&row.get::<String>(6)?)?,
                what: row.get(7)?,
                noted_at: clock::read_out(row.get(8)?),
                noted: Hand { name: row.get(9)?, account: row.get(10)? },
                outcome: some_word(row, 11, IncidentOutcome::from_code)?,
                closed: Ending::of(row, [13, 14, 12])?,
                noted_on: row.get(15)?,
                persons: persons.remove(&id).unwrap_or_default(),
            })
        })
        .collect()
}

/// An incident on its way into the database.
pub(super) struct NewIncident<'a> {
    pub id: i64,
    pub batch: i64,
    pub kept: &'a KeptHall,
    pub kind: IncidentKind,
    pub effect: IncidentEffect,
    pub happened: DayTime,
    pub what: &'a str,
    pub persons: &'a [i64],
}

/// The keys of an object, which both engines unfold.
fn keys(ids: &[i64]) -> Result<String, DbError> {
    to_text(&ids.iter().map(|id| (*id, 0)).collect::<BTreeMap<i64, u8>>())
}

pub(super) fn note_incident(
    tx: &mut Tx<'_>,
    new: &NewIncident<'_>,
    (now, today, by): (i64, Day, &Hand),
) -> Result<(), DbError> {
    let hall = &new.kept.hall;
    let values = args![
        new.id,
        new.batch,
        new.kept.id,
        hall.part.code(),
        &hall.room,
        new.kind.code(),
        new.effect.code(),
        new.happened.to_string(),
        new.what,
        today,
        now,
        &by.name,
        by.account
    ];
    tx.run(&NOTE_INCIDENT, values)?;
    tx.run(&TOUCH, args![keys(new.persons)?, new.id]).map(|_| ())
}

pub(super) fn close_incident(
    tx: &mut Tx<'_>,
    id: i64,
    (outcome, reason): (IncidentOutcome, &str),
    (now, by): (i64, &str),
) -> Result<(), DbError> {
    tx.run(&CLOSE_INCIDENT, args![id, outcome.code(), reason, now, by]).map(|_| ())
}

/// A violation as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Violation {
    pub id: i64,
    pub of: Meant,
    pub part: Part,
    pub kind: ViolationKind,
    pub what: String,
    pub reported_at: String,
    pub reported: Hand,
    /// What the candidate said.
    pub heard: Option<Ending>,
    pub effect: Option<ViolationEffect>,
    pub decided: Option<Ending>,
}

/// The violations of a batch, the last first.
pub(super) fn violations(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Violation>, DbError> {
    let rows = tx.rows(&VIOLATIONS, args![batch])?;
    rows.iter()
        .map(|row| {
            Ok(Violation {
                id: row.get(0)?,
                of: Meant::of(row, 1)?,
                part: part(&row.get::<String>(4)?)?,
                kind: word(row, 5, ViolationKind::from_code)?,
                what: row.get(6)?,
                reported_at: clock::read_out(row.get(7)?),
                reported: Hand { name: row.get(8)?, account: row.get(9)? },
                heard: Ending::of(row, [11, 12, 10])?,
                effect: some_word(row, 13, ViolationEffect::from_code)?,
                decided: Ending::of(row, [15, 16, 14])?,
            })
        })
        .collect()
}

pub(super) fn report(
    tx: &mut Tx<'_>,
    (id, batch, candidate): (i64, i64, i64),
    (part, kind, what): (Part, ViolationKind, &str),
    (now, today, by): (i64, Day, &Hand),
) -> Result<(), DbError> {
    let values = args![id, batch, candidate, part.code(), kind.code(), what, today, now, &by.name, by.account];
    tx.run(&REPORT, values).map(|_| ())
}

pub(super) fn hear(tx: &mut Tx<'_>, id: i64, statement: &str, (now, by): (i64, &str)) -> Result<(), DbError> {
    tx.run(&HEAR, args![id, statement, now, by]).map(|_| ())
}

pub(super) fn decide(
    tx: &mut Tx<'_>,
    id: i64,
    (effect, reason): (ViolationEffect, &str),
    (now, by): (i64, &str),
) -> Result<(), DbError> {
    tx.run(&DECIDE, args![id, effect.code(), reason, now, by]).map(|_| ())
}

/// A deferral as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Deferral {
    pub id: i64,
    pub of: Meant,
    /// None for every part.
    pub part: Option<Part>,
    pub reason: String,
    pub state: DeferralState,
    pub asked_at: String,
    pub asked: Hand,
    pub answered: Option<Ending>,
}

impl Deferral {
    /// Whether it is about a part.
    pub fn is_of(&self, part: Part) -> bool {
        self.part.is_none_or(|of| of == part)
    }
}

/// The deferrals of a batch, the last first.
pub(super) fn deferrals(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Deferral>, DbError> {
    let rows = tx.rows(&DEFERRALS, args![batch])?;
    rows.iter()
        .map(|row| {
            Ok(Deferral {
                id: row.get(0)?,
                of: Meant::of(row, 1)?,
                part: Part::from_code(&row.get::<String>(4)?),
                reason: row.get(5)?,
                state: word(row, 6, DeferralState::from_code)?,
                asked_at: clock::read_out(row.get(7)?),
                asked: Hand { name: row.get(8)?, account: row.get(9)? },
                answered: Ending::of(row, [10, 11, 12])?,
            })
        })
        .collect()
}

pub(super) fn ask(
    tx: &mut Tx<'_>,
    (id, batch, candidate): (i64, i64, i64),
    (part, reason): (Option<Part>, &str),
    (now, today, by): (i64, Day, &Hand),
) -> Result<(), DbError> {
    let part = part.map_or("", Part::code);
    tx.run(&ASK, args![id, batch, candidate, part, reason, today, now, &by.name, by.account]).map(|_| ())
}

pub(super) fn answer(
    tx: &mut Tx<'_>,
    id: i64,
    (state, reason): (DeferralState, &str),
    (now, by): (i64, &str),
) -> Result<(), DbError> {
    tx.run(&ANSWER, args![id, state.code(), now, by, reason]).map(|_| ())
}

/// A recording as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Recording {
    pub id: i64,
    pub session: i64,
    pub room: String,
    pub held_on: Day,
    pub camera: String,
    pub at: Recorded,
    pub file_name: String,
    pub digest: String,
    pub address: String,
    pub kept_until: Day,
    pub noted: String,
    /// Why and by whom it is void.
    pub void: Option<(String, String)>,
}

/// The recordings of a batch, by session and time.
pub(super) fn recordings(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Recording>, DbError> {
    let rows = tx.rows(&RECORDINGS, args![batch])?;
    rows.iter()
        .map(|row| {
            let void: (Option<String>, Option<String>) = (row.get(12)?, row.get(13)?);
            Ok(Recording {
                id: row.get(0)?,
                session: row.get(1)?,
                room: row.get(2)?,
                held_on: row.get(3)?,
                camera: row.get(4)?,
                at: Recorded { from: time(&row.get::<String>(5)?)?, to: time(&row.get::<String>(6)?)? },
                file_name: row.get(14)?,
                digest: row.get(7)?,
                address: row.get(8)?,
                kept_until: row.get(9)?,
                noted: format!("{}，{}", row.get::<String>(11)?, clock::read_out(row.get(10)?)),
                void: void.0.map(|reason| (reason, void.1.unwrap_or_default())),
            })
        })
        .collect()
}

/// A recording on its way into the database.
pub(super) struct NewRecording {
    pub id: i64,
    pub session: i64,
    pub room: String,
    pub held_on: Day,
    pub camera: String,
    pub at: Recorded,
    pub file_name: String,
    pub digest: String,
    pub address: String,
    pub kept_until: Day,
}

pub(super) fn record(tx: &mut Tx<'_>, batch: i64, new: &[NewRecording], (now, by): (i64, &str)) -> Result<(), DbError> {
    let row = |one: &NewRecording| {
        let (from, to) = (one.at.from.to_string(), one.at.to.to_string());
        let (held_on, kept_until) = (one.held_on.to_string(), one.kept_until.to_string());
        let NewRecording { id, session, room, camera, digest, address, file_name, .. } = one;
        (*id, json!([session, room, held_on, camera, from, to, digest, address, kept_until, file_name]))
    };
    let rows: BTreeMap<i64, _> = new.iter().map(row).collect();
    tx.run(&RECORD, args![to_text(&rows)?, batch, now, by]).map(|_| ())
}

/// Keeps the recordings of a batch longer; how many.
pub(super) fn keep(tx: &mut Tx<'_>, batch: i64, until: Day) -> Result<u64, DbError> {
    tx.run(&KEEP, args![batch, until])
}

/// Makes a recording void; whether there was one.
pub(super) fn void(
    tx: &mut Tx<'_>,
    (batch, id): (i64, i64),
    reason: &str,
    (now, by): (i64, &str),
) -> Result<bool, DbError> {
    Ok(tx.run(&VOID, args![batch, id, reason, now, by])? > 0)
}

/// A stop of one room as it is kept.
#[derive(Debug, Clone)]
pub(super) struct RoomStop {
    pub id: i64,
    pub session: i64,
    pub room: String,
    pub reason: String,
    pub stopped_at: String,
    pub stopped_by: String,
    pub lifted: Option<Ending>,
    /// Whether its candidates sit again.
    pub is_again: bool,
}

/// The stops of rooms of a batch, the last first.
pub(super) fn stops(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<RoomStop>, DbError> {
    let rows = tx.rows(&STOPS, args![batch])?;
    rows.iter()
        .map(|row| {
            Ok(RoomStop {
                id: row.get(0)?,
                session: row.get(1)?,
                room: row.get(2)?,
                reason: row.get(3)?,
                stopped_at: clock::read_out(row.get(4)?),
                stopped_by: row.get(5)?,
                lifted: Ending::of(row, [6, 7, 8])?,
                is_again: row.get::<Option<i64>>(9)? == Some(1),
            })
        })
        .collect()
}

pub(super) fn stop(
    tx: &mut Tx<'_>,
    (id, batch, kept): (i64, i64, &KeptHall),
    reason: &str,
    (now, by): (i64, &str),
) -> Result<(), DbError> {
    tx.run(&STOP, args![id, batch, kept.id, &kept.hall.room, reason, now, by]).map(|_| ())
}

pub(super) fn lift(
    tx: &mut Tx<'_>,
    session: i64,
    (reason, is_again): (&str, bool),
    (now, by): (i64, &str),
) -> Result<(), DbError> {
    tx.run(&LIFT, args![session, now, by, reason, i64::from(is_again)]).map(|_| ())
}

/// What an office found at the site.
#[derive(Debug, Clone)]
pub(super) struct SiteNote {
    pub id: i64,
    pub room: String,
    pub what: String,
    pub by: String,
    pub at: String,
}

/// What was found at the site of a batch, the last first.
pub(super) fn site_notes(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<SiteNote>, DbError> {
    let rows = tx.rows(&SITE_NOTES, args![batch])?;
    rows.iter()
        .map(|row| {
            Ok(SiteNote {
                id: row.get(0)?,
                room: row.get(1)?,
                what: row.get(2)?,
                by: format!("{}，{}", row.get::<String>(3)?, row.get::<String>(5)?),
                at: clock::read_out(row.get(4)?),
            })
        })
        .collect()
}

pub(super) fn note_at_site(
    tx: &mut Tx<'_>,
    (id, batch): (i64, i64),
    (session, room, what): (Option<i64>, &str, &str),
    (office, office_name): (&str, &str),
    (now, today, by): (i64, Day, &str),
) -> Result<(), DbError> {
    tx.run(&NOTE_AT_SITE, args![id, batch, session, room, what, office, office_name, today, now, by]).map(|_| ())
}

/// A file that goes with something of the day: its id and name, by what it is about.
pub(super) type Files = HashMap<(String, i64), Vec<(i64, String)>>;

pub(super) fn files(tx: &mut Tx<'_>, batch: i64) -> Result<Files, DbError> {
    let mut found: Files = HashMap::new();
    for row in tx.rows(&FILES, args![batch])? {
        found.entry((row.get(1)?, row.get(2)?)).or_default().push((row.get(0)?, row.get(3)?));
    }
    Ok(found)
}

/// One file: where its bytes are, and its name.
pub(super) fn file(tx: &mut Tx<'_>, batch: i64, id: i64) -> Result<Option<(FileHash, String)>, DbError> {
    let row = tx.first(&FILE, args![batch, id])?;
    row.map(|row| Ok((FileHash(row.get(0)?), row.get(1)?))).transpose()
}

pub(super) fn add_file(
    tx: &mut Tx<'_>,
    (id, batch): (i64, i64),
    (about, about_id): (&str, i64),
    (file, name): &(KeptFile, String),
    now: i64,
) -> Result<(), DbError> {
    note_file(tx, file, now)?;
    tx.run(&ADD_FILE, args![id, batch, about, about_id, &file.hash.0, name]).map(|_| ())
}

/// A sign-in list of a session that was sent, or a list of recordings of the batch.
pub(super) struct NewUpload<'a> {
    pub id: i64,
    pub batch: i64,
    pub session: Option<i64>,
    pub file: &'a KeptFile,
    pub name: &'a str,
    pub rows_read: usize,
    /// Who was signed in, or what was noted.
    pub taken: u64,
    pub known: u64,
    pub findings: &'a [Finding],
}

pub(super) fn uploaded(
    tx: &mut Tx<'_>,
    new: &NewUpload<'_>,
    seals: &Seals,
    (now, by): (i64, &str),
) -> Result<(), DbError> {
    note_file(tx, new.file, now)?;
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let faults = new.findings.iter().filter(|finding| finding.is_fault()).count();
    let sealed = seals.seal(&to_text(&new.findings)?);
    let counts = (count(new.rows_read as u64), count(new.taken), count(new.known), count(faults as u64));
    let (file, name) = (&new.file.hash.0, new.name);
    let (read, taken, known, faults) = counts;
    let done = match new.session {
        Some(session) => {
            let values = args![new.id, new.batch, session, file, name, read, taken, known, faults, sealed, now, by];
            tx.run(&UPLOADED, values)
        }
        None => {
            let values = args![new.id, new.batch, file, name, read, taken, known, faults, sealed, now, by];
            tx.run(&RECORDINGS_UPLOADED, values)
        }
    };
    done.map(|_| ())
}

/// The last sign-in list of a session, or the last list of recordings of the batch: its file, name, and what was found in it.
pub(super) fn last_upload(
    tx: &mut Tx<'_>,
    (batch, session): (i64, Option<i64>),
    seals: &Seals,
) -> Result<Option<(FileHash, String, Vec<Finding>)>, DbError> {
    let found = match session {
        Some(session) => tx.first(&UPLOAD, args![batch, session])?,
        None => tx.first(&RECORDINGS_UPLOAD, args![batch])?,
    };
    let Some(row) = found else { return Ok(None) };
    let sealed: String = row.get(2)?;
    let text = seals.open_text(&sealed).ok_or_else(|| DbError::stored("findings sealed by another house"))?;
    Ok(Some((FileHash(row.get(0)?), row.get(1)?, from_text(&text)?)))
}

/// Whoever is registered and not withdrawn, by ticket.
pub(super) fn candidates(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Meant>, DbError> {
    tx.rows(&CANDIDATES, args![batch])?.iter().map(|row| Meant::of(row, 0)).collect()
}

pub(super) fn has_sessions(tx: &mut Tx<'_>, batch: i64) -> Result<bool, DbError> {
    Ok(tx.first(&HAS_SESSIONS, args![batch])?.map_or(Ok(0), |row| row.get::<i64>(0))? > 0)
}

/// A room as it was, with whom it held.
pub(super) struct PlainSession {
    pub id: i64,
    pub part: Part,
    pub on: Day,
    pub from: DayTime,
    pub to: DayTime,
    pub room: String,
    pub candidates: Vec<i64>,
}

pub(super) fn hold_by_list(tx: &mut Tx<'_>, batch: i64, rooms: &[PlainSession]) -> Result<(), DbError> {
    let session = |(at, one): (usize, &PlainSession)| {
        let (from, to) = (one.from.to_string(), one.to.to_string());
        (one.id, (at + 1, one.part.code(), one.on.to_string(), from, to, one.room.clone(), one.candidates.len()))
    };
    let sessions: BTreeMap<i64, _> = rooms.iter().enumerate().map(session).collect();
    tx.run(&ADD_SESSIONS, args![to_text(&sessions)?, batch])?;
    let place = |one: &PlainSession| {
        let (part, id) = (one.part.code(), one.id);
        let seats = one.candidates.iter().enumerate();
        seats.map(move |(at, candidate)| (*candidate, part, id, at + 1)).collect::<Vec<_>>()
    };
    let places: BTreeMap<usize, _> = rooms.iter().flat_map(place).enumerate().collect();
    tx.run(&ADD_PLACES, args![to_text(&places)?]).map(|_| ())
}

/// What was decided of the day of a batch, and what is not settled, by person and part.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    holds: HashMap<(i64, Part), Vec<Hold>>,
    decided: HashMap<(i64, Part), Decided>,
}

impl Standing {
    /// What holds a mark.
    pub fn holds(&self, of: (i64, Part)) -> &[Hold] {
        self.holds.get(&of).map_or(&[], Vec::as_slice)
    }

    /// What was decided.
    pub fn decided(&self, of: (i64, Part)) -> Decided {
        self.decided.get(&of).copied().unwrap_or_default()
    }
}

/// Who sits where: candidate, part, session.
pub(super) struct Seat {
    pub candidate: i64,
    pub part: Part,
    pub session: i64,
    room: String,
    began: Option<DayTime>,
    ended: Option<DayTime>,
}

/// Everyone's places.
pub(super) fn seats(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Seat>, DbError> {
    let some = |text: Option<String>| text.as_deref().map(time).transpose();
    let rows = tx.rows(&PLACES, args![batch])?;
    rows.iter()
        .map(|row| {
            Ok(Seat {
                candidate: row.get(0)?,
                part: part(&row.get::<String>(1)?)?,
                session: row.get(2)?,
                room: row.get(3)?,
                began: some(row.get(4)?)?,
                ended: some(row.get(5)?)?,
            })
        })
        .collect()
}

/// Whom an incident touches: those who were not absent.
pub(super) fn touched(
    incident: &Incident,
    seats: &[Seat],
    presence: &HashMap<(i64, Part), Presence>,
) -> Vec<(i64, Part)> {
    let persons: Vec<i64> = incident.persons.iter().map(|one| one.candidate).collect();
    let touch = incident.touch(&persons);
    let holds = |seat: &&Seat| touch.holds(seat.candidate, seat.session, seat.part);
    let was_there = |of: &(i64, Part)| presence.get(of) != Some(&Presence::Absent);
    seats.iter().filter(holds).map(|seat| (seat.candidate, seat.part)).filter(was_there).collect()
}

/// What was decided of the day of a batch that was notified on a day, and what is not settled.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn standing(
    tx: &mut Tx<'_>,
    (batch, notified_on): (i64, Day),
    presence: &HashMap<(i64, Part), Presence>,
) -> Result<Standing, DbError> {
    let mut found = Standing::default();
    let (seats, stops) = (seats(tx, batch)?, stops(tx, batch)?);
    for incident in incidents(tx, batch)? {
        let of = touched(&incident, &seats, presence);
        match incident.outcome {
            None => {
                for of in of {
                    found.holds.entry(of).or_default().push(Hold::Incident { what: incident.said() });
                }
            }
            Some(IncidentOutcome::Again) => {
                for of in of {
                    found.decided.entry(of).or_default().is_put_off = true;
                }
            }
            Some(IncidentOutcome::Stands | IncidentOutcome::TimeAdded) => {}
        }
    }
    let is_standing: BTreeSet<i64> =
        stops.iter().filter(|stop| stop.lifted.is_none()).map(|stop| stop.session).collect();
    let again: BTreeSet<i64> = stops.iter().filter(|stop| stop.is_again).map(|stop| stop.session).collect();
    let uncovered = uncovered(tx, (batch, notified_on), &seats)?;
    for seat in &seats {
        let of = (seat.candidate, seat.part);
        if is_standing.contains(&seat.session) {
            found.holds.entry(of).or_default().push(Hold::Stopped { room: seat.room.clone() });
        }
        if again.contains(&seat.session) && presence.get(&of) != Some(&Presence::Absent) {
            found.decided.entry(of).or_default().is_put_off = true;
        }
        if let Some(hold) = uncovered.get(&seat.session) {
            found.holds.entry(of).or_default().push(hold.clone());
        }
    }
    for violation in violations(tx, batch)? {
        for &part in Part::ALL {
            let of = (violation.of.candidate, part);
            match violation.effect {
                None => found.holds.entry(of).or_default().push(Hold::Violation),
                Some(effect) if effect.voids(violation.part, part) => {
                    found.decided.entry(of).or_default().is_void = true;
                }
                Some(_) => {}
            }
        }
    }
    for deferral in deferrals(tx, batch)?.into_iter().filter(|one| one.state == DeferralState::Agreed) {
        for &part in Part::ALL.iter().filter(|part| deferral.is_of(**part)) {
            found.decided.entry((deferral.of.candidate, part)).or_default().is_put_off = true;
        }
    }
    Ok(found)
}

/// The rooms of a batch that were not recorded throughout, where recordings are asked for.
fn uncovered(tx: &mut Tx<'_>, (batch, notified_on): (i64, Day), seats: &[Seat]) -> Result<HashMap<i64, Hold>, DbError> {
    if !recording::is_asked(notified_on) {
        return Ok(HashMap::new());
    }
    let allowed = allowed(tx, notified_on)?;
    let mut recorded: HashMap<i64, Vec<Recorded>> = HashMap::new();
    for one in recordings(tx, batch)?.into_iter().filter(|one| one.void.is_none()) {
        recorded.entry(one.session).or_default().push(one.at);
    }
    let mut found = HashMap::new();
    for seat in seats {
        if found.contains_key(&seat.session) {
            continue;
        }
        let room = seat.room.clone();
        let hold = match (seat.began, seat.ended) {
            (Some(began), Some(ended)) => {
                let gaps = gaps(began, ended, recorded.get(&seat.session).map_or(&[], Vec::as_slice), allowed);
                (!gaps.is_empty()).then_some(Hold::Uncovered { room, gaps })
            }
            _ => Some(Hold::NotEnded { room }),
        };
        found.extend(hold.map(|hold| (seat.session, hold)));
    }
    Ok(found)
}

/// Minutes that recordings may lack, as it was when the batch was notified.
pub(super) fn allowed(tx: &mut Tx<'_>, notified_on: Day) -> Result<u16, DbError> {
    Ok(u16::try_from(crate::term::on(tx, notified_on)?.get(Term::RecordingGap)).unwrap_or_default())
}

/// A batch that waits for something, how much, and since when.
pub(super) struct Waiting {
    pub batch: i64,
    pub title: String,
    pub count: i64,
    pub since: Day,
}

fn waiting(rows: &[Row]) -> Result<Vec<Waiting>, DbError> {
    rows.iter()
        .map(|row| Ok(Waiting { batch: row.get(0)?, title: row.get(1)?, count: row.get(2)?, since: row.get(3)? }))
        .collect()
}

/// Batches of a body with open incidents, with violations that are not decided, and with deferrals that this account may answer.
pub(super) fn unsettled(tx: &mut Tx<'_>, body: i64, account: Option<i64>) -> Result<[Vec<Waiting>; 3], DbError> {
    Ok([
        waiting(&tx.rows(&OPEN_INCIDENTS, args![body])?)?,
        waiting(&tx.rows(&OPEN_VIOLATIONS, args![body])?)?,
        waiting(&tx.rows(&OPEN_DEFERRALS, args![body, account.unwrap_or_default()])?)?,
    ])
}

/// Batches of a body with rooms that ended and were not recorded throughout, with the day of the first.
pub(super) fn unrecorded(tx: &mut Tx<'_>, body: i64) -> Result<Vec<Waiting>, DbError> {
    struct Ended {
        batch: (i64, String, Day),
        on: Day,
        times: (DayTime, DayTime),
        recorded: Vec<Recorded>,
    }
    let mut rooms: BTreeMap<i64, Ended> = BTreeMap::new();
    for row in tx.rows(&ENDED, args![body, rules::terms::RECORDING_FROM])? {
        let (began, ended): (String, String) = (row.get(5)?, row.get(6)?);
        let batch = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (on, times) = (row.get(4)?, (time(&began)?, time(&ended)?));
        let room = rooms.entry(row.get(3)?).or_insert(Ended { batch, on, times, recorded: Vec::new() });
        if let (Some(from), Some(to)) = (row.get::<Option<String>>(7)?, row.get::<Option<String>>(8)?) {
            room.recorded.push(Recorded { from: time(&from)?, to: time(&to)? });
        }
    }
    let mut allowed_on: BTreeMap<Day, u16> = BTreeMap::new();
    let mut found: BTreeMap<i64, Waiting> = BTreeMap::new();
    for room in rooms.into_values() {
        let (batch, title, notified_on) = room.batch;
        let allowed = match allowed_on.get(&notified_on) {
            Some(allowed) => *allowed,
            None => *allowed_on.entry(notified_on).or_insert(allowed(tx, notified_on)?),
        };
        if gaps(room.times.0, room.times.1, &room.recorded, allowed).is_empty() {
            continue;
        }
        let one = found.entry(batch).or_insert(Waiting { batch, title, count: 0, since: room.on });
        one.count += 1;
        one.since = one.since.min(room.on);
    }
    Ok(found.into_values().collect())
}

/// A room that stands still: batch, its title, the body, the room and why.
pub(super) struct StoppedRoom {
    pub batch: i64,
    pub title: String,
    pub body_name: String,
    pub room: String,
    pub reason: String,
}

/// Rooms of a body, or of the bodies of a centre, that stand still.
pub(super) fn stopped(tx: &mut Tx<'_>, body: Option<i64>, centre: Option<&str>) -> Result<Vec<StoppedRoom>, DbError> {
    let rows = tx.rows(&STOPPED, args![body, centre])?;
    rows.iter()
        .map(|row| {
            Ok(StoppedRoom {
                batch: row.get(0)?,
                title: row.get(1)?,
                body_name: row.get(2)?,
                room: row.get(3)?,
                reason: row.get(4)?,
            })
        })
        .collect()
}

/// Batches that are held today: id, what it is called, and where.
pub(super) fn of_today(
    tx: &mut Tx<'_>,
    (centre, bureau): (Option<&str>, Option<&str>),
    today: Day,
) -> Result<Vec<(i64, String, String)>, DbError> {
    let rows = tx.rows(&OF_TODAY, args![centre, bureau, today])?;
    rows.iter()
        .map(|row| {
            let (theory_on, practical_on): (Day, Day) = (row.get(5)?, row.get(6)?);
            let mut places: Vec<String> = Vec::new();
            if theory_on == today {
                places.push(row.get(3)?);
            }
            if practical_on == today {
                places.push(row.get(4)?);
            }
            Ok((row.get(0)?, format!("{}{}", row.get::<String>(2)?, row.get::<String>(1)?), places.join("；")))
        })
        .collect()
}

/// How much of the day of a batch is not settled.
pub(super) fn summary(tx: &mut Tx<'_>, batch: i64) -> Result<super::DaySummary, DbError> {
    let Some(row) = tx.first(&SUMMARY, args![batch])? else { return Ok(super::DaySummary::default()) };
    Ok(super::DaySummary {
        incidents: row.get(0)?,
        violations: row.get(1)?,
        deferrals: row.get(2)?,
        stopped: row.get(3)?,
        site_notes: row.get(4)?,
        inspections: row.get(5)?,
    })
}
