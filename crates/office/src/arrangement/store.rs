//! Arrangements, their sessions and places in the database. Places go in by thousands, as the JSON of an object.

use std::collections::BTreeMap;

use rules::Day;
use rules::arrangement::{Arrangement, DayTime, Means, OwnSite, Place, Seated, Session};
use rules::filing::SiteKind;
use rules::identity::{mask_name, mask_number};
use rules::refusal::RefusalView;
use rules::result::Part;
use rules::standard::Ratios;

use super::{ArrangementLine, ExamSessionLine, SeatedPerson};
use crate::args;
use crate::batch::Batch;
use crate::db::{DbError, Row, Tx};
use crate::door::store::{from_text, to_text};
use crate::door::{Scope, Seals, clock};

crate::statements! {
    ENTRANTS = "SELECT c.id, c.ticket, COALESCE(e.class, ''),
        CASE WHEN EXISTS (SELECT 1 FROM exam_place p WHERE p.candidate = c.id) THEN 1 ELSE 0 END
      FROM candidate c LEFT JOIN enrolment e ON e.body = ?2 AND e.id_key = c.id_key
      WHERE c.batch = ?1 AND c.withdrawn_on IS NULL AND NOT EXISTS (SELECT 1 FROM candidate_doubt d WHERE d.candidate = c.id) ORDER BY c.ticket";
    // Counted for all sessions at once: of thousands, one by one, PostgreSQL needs seconds.
    SESSIONS = "SELECT s.id, s.no, s.part, s.held_on, s.begins, s.ends, s.room, s.first_seat, s.seats, s.seat_columns, COALESCE(n.seated, 0)
      FROM exam_session s LEFT JOIN (SELECT p.session, count(*) AS seated FROM candidate c JOIN exam_place p ON p.candidate = c.id
        WHERE c.batch = ?1 AND c.withdrawn_on IS NULL GROUP BY p.session) n ON n.session = s.id
      WHERE s.batch = ?1 ORDER BY s.no";
    SESSION = "SELECT s.id, s.no, s.part, s.held_on, s.begins, s.ends, s.room, s.first_seat, s.seats, s.seat_columns,
        (SELECT count(*) FROM exam_place p JOIN candidate c ON c.id = p.candidate WHERE p.session = s.id AND c.withdrawn_on IS NULL)
      FROM exam_session s WHERE s.id = ?1 AND s.batch = ?2";
    PLACES = "SELECT p.candidate, p.session, p.seat FROM exam_place p JOIN exam_session s ON s.id = p.session WHERE s.batch = ?1 ORDER BY s.no, p.seat";
    SEATED = "SELECT p.candidate, p.seat, COALESCE(e.class, '') FROM exam_place p JOIN candidate c ON c.id = p.candidate
      LEFT JOIN enrolment e ON e.body = ?2 AND e.id_key = c.id_key WHERE p.session = ?1 ORDER BY p.seat";
    ELSEWHERE = "SELECT s.id, s.no, s.part, s.held_on, s.begins, s.ends, s.room, s.first_seat, s.seats, s.seat_columns, p.candidate
      FROM exam_place p JOIN exam_session s ON s.id = p.session WHERE p.candidate IN (SELECT q.candidate FROM exam_place q WHERE q.session IN (?1, ?2)) AND p.part <> ?3";
    SITS = "SELECT p.session, p.seat FROM exam_place p WHERE p.candidate = ?1 AND p.part = ?2";
    PERSONS = "SELECT p.session, p.seat, c.id, c.ticket, c.name, c.id_sealed, c.photo, COALESCE(e.class, ''), c.major
      FROM exam_place p JOIN exam_session s ON s.id = p.session JOIN candidate c ON c.id = p.candidate
      LEFT JOIN enrolment e ON e.body = ?2 AND e.id_key = c.id_key
      WHERE s.batch = ?1 AND c.withdrawn_on IS NULL AND (CAST(?3 AS BIGINT) IS NULL OR s.id = ?3) AND (CAST(?4 AS BIGINT) IS NULL OR c.id = ?4)
      ORDER BY s.no, p.seat";
    WAITING = "SELECT c.ticket, c.name FROM candidate c WHERE c.batch = ?1 AND c.withdrawn_on IS NULL
      AND NOT EXISTS (SELECT 1 FROM exam_place p WHERE p.candidate = c.id) AND NOT EXISTS (SELECT 1 FROM candidate_doubt d WHERE d.candidate = c.id) ORDER BY c.ticket LIMIT ?2";
    SEATED_COUNT = "SELECT count(*) FROM candidate c WHERE c.batch = ?1 AND c.withdrawn_on IS NULL AND EXISTS (SELECT 1 FROM exam_place p WHERE p.candidate = c.id)";
    LATEST = "SELECT no, means FROM arrangement WHERE batch = ?1 ORDER BY no DESC LIMIT 1";
    HISTORY = "SELECT no, is_rest, seed, persons, findings, arranged_at, arranged_by FROM arrangement WHERE batch = ?1 ORDER BY no DESC LIMIT 20";
    RECORD = "SELECT draw, means FROM arrangement WHERE batch = ?1 AND no = ?2";
    KEEP = "INSERT INTO arrangement (id, batch, no, is_rest, means, draw, seed, persons, findings, arranged_at, arranged_by)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    CLEAR_PLACES = "DELETE FROM exam_place WHERE session IN (SELECT s.id FROM exam_session s WHERE s.batch = ?1)";
    CLEAR_SESSIONS = "DELETE FROM exam_session WHERE batch = ?1";
    // Who was withdrawn leaves a free seat behind.
    CLEAR_WITHDRAWN = "DELETE FROM exam_place WHERE candidate IN (SELECT c.id FROM candidate c WHERE c.batch = ?1 AND c.withdrawn_on IS NOT NULL)";
    // The key of a session is its id; its value lists: 0 number, 1 part, 2 day, 3 begin, 4 end, 5 room, 6 first seat, 7 seats, 8 columns.
    ADD_SESSIONS = "INSERT INTO exam_session (id, batch, no, part, held_on, begins, ends, room, first_seat, seats, seat_columns)
      SELECT CAST(r.key AS BIGINT), CAST(?2 AS BIGINT), CAST(r.value ->> 0 AS BIGINT), r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5, CAST(r.value ->> 6 AS BIGINT), CAST(r.value ->> 7 AS BIGINT), CAST(r.value ->> 8 AS BIGINT)
      FROM json_each(?1) AS r";
    ADD_PLACES = "INSERT INTO exam_place (candidate, part, session, seat)
      SELECT CAST(r.key AS BIGINT), CAST(?2 AS TEXT), CAST(r.value ->> 0 AS BIGINT), CAST(r.value ->> 1 AS BIGINT) FROM json_each(?1) AS r";
    REMOVE_PLACES = "DELETE FROM exam_place WHERE part = ?3 AND candidate IN (?1, ?2)";
    // What a renewed filing says again is not counted twice.
    OWN_SITES = "SELECT s.kind, s.name, MAX(s.total) FROM (SELECT f.id, s.kind, s.name, CAST(SUM(s.count) AS BIGINT) AS total
        FROM filing_site s JOIN filing f ON f.id = s.filing
        WHERE f.body = ?1 AND f.stage = 'listed' AND s.kind IN ('theory_room', 'practical_station') AND s.trade_code IN ('', ?2)
        GROUP BY f.id, s.kind, s.name) s GROUP BY s.kind, s.name ORDER BY s.kind, s.name";
    NEW_ROOMS = "SELECT value FROM body_change WHERE body = ?1 AND matter = 'rooms' AND state = 'approved' ORDER BY id";
    REGISTERED = "SELECT count(*) FROM candidate WHERE batch = ?1 AND withdrawn_on IS NULL";
    BATCH_OF = "SELECT batch FROM candidate WHERE id = ?1 AND withdrawn_on IS NULL";
    UNSEATED = "SELECT t.id, t.title, t.trade, t.level, t.theory_on, t.practical_on, t.comprehensive_on,
        (SELECT count(*) FROM candidate c WHERE c.batch = t.id AND c.withdrawn_on IS NULL AND NOT EXISTS (SELECT 1 FROM exam_place p WHERE p.candidate = c.id) AND NOT EXISTS (SELECT 1 FROM candidate_doubt d WHERE d.candidate = c.id))
      FROM batch t JOIN body b ON b.id = t.body
      WHERE t.stage = 'notified' AND t.theory_on > ?2 AND t.practical_on > ?2 AND b.id = ?1
        AND EXISTS (SELECT 1 FROM candidate c WHERE c.batch = t.id AND c.withdrawn_on IS NULL AND NOT EXISTS (SELECT 1 FROM exam_place p WHERE p.candidate = c.id) AND NOT EXISTS (SELECT 1 FROM candidate_doubt d WHERE d.candidate = c.id))
      ORDER BY t.starts_on, t.id LIMIT 50";
}

/// A candidate to be arranged.
pub(super) struct Candidate {
    pub id: i64,
    pub ticket: String,
    /// The class at school, as the register says; blank where it doesn't.
    pub class: String,
    pub has_place: bool,
}

/// Everyone who is registered, by ticket.
pub(super) fn candidates(tx: &mut Tx<'_>, batch: &Batch) -> Result<Vec<Candidate>, DbError> {
    let mut found = Vec::new();
    tx.each(&ENTRANTS, args![batch.id, batch.students_of()], |row| {
        found.push(Candidate { id: row.get(0)?, ticket: row.get(1)?, class: row.get(2)?, has_place: row.get(3)? });
        Ok(())
    })?;
    Ok(found)
}

/// A session as it is kept.
pub(super) struct KeptSession {
    pub id: i64,
    pub no: i64,
    pub session: Session,
    pub seated: i64,
}

impl KeptSession {
    pub fn line(&self, ratios: &Ratios) -> ExamSessionLine {
        let Session { part, on, from, to, ref room, first, seats, columns } = self.session;
        let seated = usize::try_from(self.seated).unwrap_or_default();
        ExamSessionLine {
            id: self.id,
            no: self.no,
            part,
            part_name: part.name().to_owned(),
            on,
            from: from.to_string(),
            to: to.to_string(),
            room: room.clone(),
            first: first.into(),
            seats: seats.into(),
            columns: columns.into(),
            seated: self.seated,
            staff: ratios.staff(part, seated),
        }
    }
}

fn session(row: &Row) -> Result<KeptSession, DbError> {
    let small = |index: usize| -> Result<u16, DbError> {
        u16::try_from(row.get::<i64>(index)?).map_err(|_| DbError::stored("a seat number"))
    };
    let time =
        |index: usize| -> Result<DayTime, DbError> { row.get::<String>(index)?.parse().map_err(DbError::stored) };
    Ok(KeptSession {
        id: row.get(0)?,
        no: row.get(1)?,
        session: Session {
            part: part(row, 2)?,
            on: row.get(3)?,
            from: time(4)?,
            to: time(5)?,
            room: row.get(6)?,
            first: small(7)?,
            seats: small(8)?,
            columns: small(9)?,
        },
        seated: row.get(10)?,
    })
}

fn part(row: &Row, index: usize) -> Result<Part, DbError> {
    let code: String = row.get(index)?;
    Part::from_code(&code).ok_or_else(|| DbError::stored(format!("part {code}")))
}

/// The sessions of a batch, in order.
pub(super) fn sessions(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<KeptSession>, DbError> {
    tx.rows(&SESSIONS, args![batch])?.iter().map(session).collect()
}

/// One session of a batch.
pub(super) fn one_session(tx: &mut Tx<'_>, batch: i64, id: i64) -> Result<Option<KeptSession>, DbError> {
    tx.first(&SESSION, args![id, batch])?.as_ref().map(session).transpose()
}

/// Everyone's places, by the places of the sessions in the list.
pub(super) fn places(tx: &mut Tx<'_>, batch: i64, sessions: &[KeptSession]) -> Result<Vec<Place>, DbError> {
    let at: BTreeMap<i64, usize> = sessions.iter().enumerate().map(|(at, one)| (one.id, at)).collect();
    let mut found = Vec::new();
    tx.each(&PLACES, args![batch], |row| {
        let session = at.get(&row.get::<i64>(1)?).copied().ok_or_else(|| DbError::stored("a place without session"))?;
        let seat = u16::try_from(row.get::<i64>(2)?).map_err(|_| DbError::stored("a seat number"))?;
        found.push(Place { candidate: row.get(0)?, session, seat });
        Ok(())
    })?;
    Ok(found)
}

/// Who sits in one or two sessions of a part, each with where else they are.
pub(super) fn seated(tx: &mut Tx<'_>, batch: &Batch, ids: [i64; 2], of: Part) -> Result<[Vec<Seated>; 2], DbError> {
    let mut elsewhere: BTreeMap<i64, Vec<Session>> = BTreeMap::new();
    for row in tx.rows(&ELSEWHERE, args![ids[0], ids[1], of.code()])? {
        // The last column is the candidate instead of a count.
        let found = session(&row)?;
        elsewhere.entry(found.seated).or_default().push(found.session);
    }
    let mut of_session = |id: i64| -> Result<Vec<Seated>, DbError> {
        let rows = tx.rows(&SEATED, args![id, batch.students_of()])?;
        rows.into_iter()
            .map(|row| {
                let candidate = row.get(0)?;
                Ok(Seated {
                    candidate,
                    seat: u16::try_from(row.get::<i64>(1)?).map_err(|_| DbError::stored("a seat number"))?,
                    class: row.get(2)?,
                    elsewhere: elsewhere.get(&candidate).cloned().unwrap_or_default(),
                })
            })
            .collect()
    };
    Ok([of_session(ids[0])?, of_session(ids[1])?])
}

/// Session and seat of a candidate in a part.
pub(super) fn sits(tx: &mut Tx<'_>, candidate: i64, part: Part) -> Result<Option<(i64, i64)>, DbError> {
    tx.first(&SITS, args![candidate, part.code()])?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// The persons of a batch or a session, or one candidate's places: session, and who sits there.
pub(super) fn persons(
    tx: &mut Tx<'_>,
    batch: &Batch,
    (session, candidate): (Option<i64>, Option<i64>),
    seals: &Seals,
) -> Result<Vec<(i64, SeatedPerson)>, DbError> {
    let mut found = Vec::new();
    tx.each(&PERSONS, args![batch.id, batch.students_of(), session, candidate], |row| {
        let (name, sealed): (String, String) = (row.get(4)?, row.get(5)?);
        let number = seals.open_text(&sealed).ok_or_else(|| DbError::stored("a sealed text does not open"))?;
        let person = SeatedPerson {
            seat: row.get(1)?,
            candidate: row.get(2)?,
            ticket: row.get(3)?,
            name_masked: mask_name(&name),
            name,
            id_masked: mask_number(&number),
            photo: row.get(6)?,
            class: row.get(7)?,
            major: row.get(8)?,
        };
        found.push((row.get(0)?, person));
        Ok(())
    })?;
    Ok(found)
}

/// The first of those without a place: ticket and masked name.
pub(super) fn waiting(tx: &mut Tx<'_>, batch: i64, most: i64) -> Result<Vec<String>, DbError> {
    let rows = tx.rows(&WAITING, args![batch, most])?;
    rows.into_iter().map(|row| Ok(format!("{} {}", row.get::<String>(0)?, mask_name(&row.get::<String>(1)?)))).collect()
}

/// How many of those who are registered have a place.
pub(super) fn seated_count(tx: &mut Tx<'_>, batch: i64) -> Result<i64, DbError> {
    tx.first(&SEATED_COUNT, args![batch])?.map_or(Ok(0), |row| row.get(0))
}

/// How many are registered and not withdrawn.
pub(super) fn registered(tx: &mut Tx<'_>, batch: i64) -> Result<i64, DbError> {
    tx.first(&REGISTERED, args![batch])?.map_or(Ok(0), |row| row.get(0))
}

/// The batch of a candidate who is not withdrawn.
pub(crate) fn batch_of(tx: &mut Tx<'_>, candidate: i64) -> Result<Option<i64>, DbError> {
    tx.first(&BATCH_OF, args![candidate])?.map(|row| row.get(0)).transpose()
}

/// Number and means of the last arrangement.
pub(super) fn latest(tx: &mut Tx<'_>, batch: i64) -> Result<Option<(i64, Means)>, DbError> {
    let row = tx.first(&LATEST, args![batch])?;
    row.map(|row| Ok((row.get(0)?, from_text(&row.get::<String>(1)?)?))).transpose()
}

/// The arrangements of a batch, the last first, with what each could have no better.
pub(super) fn history(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<ArrangementLine>, DbError> {
    let rows = tx.rows(&HISTORY, args![batch])?;
    rows.into_iter()
        .map(|row| {
            Ok(ArrangementLine {
                no: row.get(0)?,
                is_rest: row.get(1)?,
                seed: row.get(2)?,
                persons: row.get(3)?,
                findings: from_text(&row.get::<String>(4)?)?,
                at: clock::read_out(row.get(5)?),
                by: row.get(6)?,
            })
        })
        .collect()
}

/// The record of the lots and the means of one arrangement.
pub(super) fn record(tx: &mut Tx<'_>, batch: i64, no: i64) -> Result<Option<(String, Means)>, DbError> {
    let row = tx.first(&RECORD, args![batch, no])?;
    row.map(|row| Ok((row.get(0)?, from_text(&row.get::<String>(1)?)?))).transpose()
}

/// An arrangement to be kept.
pub(super) struct NewArrangement<'a> {
    pub id: i64,
    pub batch: i64,
    pub no: i64,
    pub is_rest: bool,
    pub means: &'a Means,
    pub draw: &'a proof::Draw,
    pub findings: &'a [RefusalView],
    pub persons: usize,
    pub now: i64,
    pub by: &'a str,
}

pub(super) fn keep(tx: &mut Tx<'_>, new: &NewArrangement<'_>) -> Result<(), DbError> {
    let (means, findings) = (to_text(new.means)?, to_text(&new.findings)?);
    let (draw, seed, persons) = (new.draw.to_json(), &new.draw.seed, new.persons as i64);
    let args = args![new.id, new.batch, new.no, new.is_rest, means, draw, seed, persons, findings, new.now, new.by];
    tx.run(&KEEP, args).map(|_| ())
}

/// Takes the arrangement in force away.
pub(super) fn clear(tx: &mut Tx<'_>, batch: i64) -> Result<(), DbError> {
    tx.run(&CLEAR_PLACES, args![batch])?;
    tx.run(&CLEAR_SESSIONS, args![batch]).map(|_| ())
}

/// Takes the places of those who were withdrawn away.
pub(super) fn clear_withdrawn(tx: &mut Tx<'_>, batch: i64) -> Result<(), DbError> {
    tx.run(&CLEAR_WITHDRAWN, args![batch]).map(|_| ())
}

/// Puts sessions and places in. `ids` are those of the sessions in the order of the list, of which the first `standing`
/// are there already; the new ones are numbered on.
pub(super) fn put(
    tx: &mut Tx<'_>,
    batch: i64,
    made: &Arrangement,
    (ids, standing): (&[i64], usize),
) -> Result<(), DbError> {
    let sessions: BTreeMap<i64, _> = std::iter::zip(ids, &made.sessions)
        .enumerate()
        .skip(standing)
        .map(|(at, (id, one))| {
            let day: Day = one.on;
            let hours = (one.from.to_string(), one.to.to_string());
            (
                *id,
                (
                    at + 1,
                    one.part.code(),
                    day.to_string(),
                    hours.0,
                    hours.1,
                    &one.room,
                    one.first,
                    one.seats,
                    one.columns,
                ),
            )
        })
        .collect();
    if !sessions.is_empty() {
        tx.run(&ADD_SESSIONS, args![to_text(&sessions)?, batch])?;
    }
    for &part in Part::ALL {
        let of_part = made.places.iter().filter(|place| made.sessions[place.session].part == part);
        let places: BTreeMap<i64, (i64, u16)> =
            of_part.map(|place| (place.candidate, (ids[place.session], place.seat))).collect();
        if !places.is_empty() {
            tx.run(&ADD_PLACES, args![to_text(&places)?, part.code()])?;
        }
    }
    Ok(())
}

/// Gives candidates other places in a part: session and seat of each. One of them may be nobody.
pub(super) fn move_to(tx: &mut Tx<'_>, part: Part, places: &BTreeMap<i64, (i64, i64)>) -> Result<(), DbError> {
    let (first, last) = (places.keys().next().copied(), places.keys().last().copied());
    tx.run(&REMOVE_PLACES, args![first, last, part.code()])?;
    tx.run(&ADD_PLACES, args![to_text(places)?, part.code()]).map(|_| ())
}

/// What a body has of its own for an occupation.
#[derive(Default)]
pub(super) struct OwnSites {
    pub rooms: Vec<OwnSite>,
    pub stations: Vec<OwnSite>,
}

pub(super) fn own_sites(tx: &mut Tx<'_>, body: i64, code: &str) -> Result<OwnSites, DbError> {
    let mut own = OwnSites::default();
    for row in tx.rows(&OWN_SITES, args![body, code])? {
        let kind: String = row.get(0)?;
        let site = OwnSite { name: row.get(1)?, count: Some(row.get(2)?) };
        match SiteKind::from_code(&kind) {
            Some(SiteKind::TheoryRoom) => own.rooms.push(site),
            _ => own.stations.push(site),
        }
    }
    // Rooms that were approved later serve whatever was filed; how many seats they have was not asked.
    for row in tx.rows(&NEW_ROOMS, args![body])? {
        let site = OwnSite { name: row.get(0)?, count: None };
        for list in [&mut own.rooms, &mut own.stations] {
            if !list.is_empty() {
                list.push(site.clone());
            }
        }
    }
    Ok(own)
}

/// A batch with people who have no place yet.
pub(super) struct Unseated {
    pub id: i64,
    pub name: String,
    pub first_exam_on: Day,
    pub waiting: i64,
}

pub(super) fn unseated(tx: &mut Tx<'_>, scope: &Scope, today: Day) -> Result<Vec<Unseated>, DbError> {
    let rows = tx.rows(&UNSEATED, args![scope.body, today])?;
    rows.into_iter()
        .map(|row| {
            let exams: [Option<Day>; 3] = [row.get(4)?, row.get(5)?, row.get(6)?];
            let level: rules::certificate::Level = row.get(3)?;
            Ok(Unseated {
                id: row.get(0)?,
                name: format!("{}，{}{}", row.get::<String>(1)?, row.get::<String>(2)?, level.name()),
                first_exam_on: exams.into_iter().flatten().min().unwrap_or(today),
                waiting: row.get(7)?,
            })
        })
        .collect()
}
