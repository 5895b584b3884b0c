//! What was noted on the day of an examination, in the database.

use std::collections::{BTreeMap, HashMap};

use rules::Day;
use rules::arrangement::DayTime;
use rules::conduct::{Hall, Presence};
use rules::identity::mask_name;
use rules::marking::Hand;
use rules::proposal::ProposalState;
use rules::result::Part;

use crate::args;
use crate::batch::HeldPart;
use crate::day::Standing;
use crate::db::{DbError, Row, Tx};
use crate::door::clock;
use crate::door::store::to_text;

// A session with what was noted of it.
macro_rules! hall {
    ($where:literal) => {
        concat!(
            "SELECT s.id, s.no, s.part, s.held_on, s.begins, s.ends, s.room, s.first_seat, s.seats, k.began, k.late, k.late_reason, k.began_by, k.ended, k.note, k.ended_by,
        (SELECT count(*) FROM exam_place p JOIN candidate c ON c.id = p.candidate WHERE p.session = s.id AND c.withdrawn_on IS NULL),
        (SELECT count(*) FROM attendance a JOIN candidate c ON c.id = a.candidate WHERE a.session = s.id AND a.state = 'present' AND c.withdrawn_on IS NULL),
        (SELECT count(*) FROM attendance a JOIN candidate c ON c.id = a.candidate WHERE a.session = s.id AND a.state = 'absent' AND c.withdrawn_on IS NULL),
        (SELECT count(*) FROM conduct_staff f WHERE f.session = s.id),
        (SELECT count(*) FROM room_stop o WHERE o.session = s.id AND o.lifted_at IS NULL)
      FROM exam_session s LEFT JOIN conduct k ON k.session = s.id WHERE ",
            $where,
            " ORDER BY s.no"
        )
    };
}

crate::statements! {
    HALLS = hall!("s.batch = ?1");
    HALL = hall!("s.batch = ?1 AND s.id = ?2");
    PERSONS = "SELECT p.seat, c.id, c.ticket, c.name, a.state, a.came, a.how, a.noted_by, m.outcome, CASE WHEN m.source IN ('kept', 'course', 'process') THEN 1 ELSE 0 END, m.confirmed_by,
        (SELECT MAX(d.answered_by) FROM deferral d WHERE d.candidate = c.id AND d.state = 'agreed' AND d.part IN ('', p.part))
      FROM exam_place p JOIN candidate c ON c.id = p.candidate LEFT JOIN attendance a ON a.session = p.session AND a.candidate = c.id LEFT JOIN mark m ON m.candidate = c.id AND m.part = p.part
      WHERE p.session = ?1 AND c.withdrawn_on IS NULL ORDER BY p.seat";
    // Someone at the door: every place, with whether they came.
    CALLER = "SELECT s.id, p.seat, c.name, c.ticket, c.photo, c.batch, a.state, a.came FROM candidate c JOIN exam_place p ON p.candidate = c.id JOIN exam_session s ON s.id = p.session
      LEFT JOIN attendance a ON a.session = s.id AND a.candidate = c.id WHERE c.id = ?1 AND c.withdrawn_on IS NULL ORDER BY s.held_on, s.begins";
    // Whether they are expected in a room: assigned to it, or to no room in particular.
    ASSIGNED = "SELECT a.id, a.name, a.duty, a.part,
        CASE WHEN NOT EXISTS (SELECT 1 FROM assignment_session g JOIN exam_session x ON x.id = g.session WHERE g.assignment = a.id)
          OR EXISTS (SELECT 1 FROM assignment_session g WHERE g.assignment = a.id AND g.session = ?2) THEN 1 ELSE 0 END
      FROM assignment a WHERE a.batch = ?1 AND a.ended_on IS NULL ORDER BY 5 DESC, a.place, a.id";
    // Whoever was there stays, also when replaced later.
    STAFF = "SELECT f.session, a.id, a.name, a.duty FROM conduct_staff f JOIN assignment a ON a.id = f.assignment WHERE a.batch = ?1 ORDER BY a.place, a.id";
    BEGIN = "INSERT INTO conduct (session, batch, part, held_on, room, began, late, late_reason, began_at, began_by, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, '')";
    STAFF_HERE = "INSERT INTO conduct_staff (session, assignment) SELECT CAST(?2 AS BIGINT), CAST(r.key AS BIGINT) FROM json_each(?1) AS r";
    END = "UPDATE conduct SET ended = ?2, note = ?3, ended_at = ?4, ended_by = ?5 WHERE session = ?1";
    // The keys of the object are the candidates. Who is there already stays as noted first.
    NOTE = "INSERT INTO attendance (session, candidate, batch, part, state, came, how, noted_at, noted_by)
      SELECT CAST(?2 AS BIGINT), CAST(r.key AS BIGINT), CAST(?3 AS BIGINT), CAST(?4 AS TEXT), CAST(?5 AS TEXT), CAST(?6 AS TEXT), CAST(?7 AS TEXT), CAST(?8 AS BIGINT), CAST(?9 AS TEXT)
      FROM json_each(?1) AS r WHERE 1 = 1 ON CONFLICT (session, candidate) DO NOTHING";
    CORRECT = "INSERT INTO attendance (session, candidate, batch, part, state, came, how, noted_at, noted_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'correction', ?7, ?8)
      ON CONFLICT (session, candidate) DO UPDATE SET state = excluded.state, came = excluded.came, how = excluded.how, noted_at = excluded.noted_at, noted_by = excluded.noted_by";
    // Of the places that are in force.
    PRESENCES = "SELECT a.candidate, a.part, a.state FROM attendance a JOIN exam_place p ON p.session = a.session AND p.candidate = a.candidate WHERE a.batch = ?1";
    NOTIFIED = "SELECT t.notified_on FROM batch t WHERE t.id = ?1";
    CHANGES = "SELECT h.id, h.session, h.candidate, c.ticket, c.name, h.part, h.after_state, h.came, h.reason, h.state, h.proposed_at, h.proposed_by, h.proposed_account, h.answered_at, h.answered_by, h.answer_reason
      FROM attendance_change h JOIN candidate c ON c.id = h.candidate WHERE h.batch = ?1 ORDER BY h.id DESC LIMIT 200";
    CHANGE = "SELECT h.id, h.session, h.candidate, c.ticket, c.name, h.part, h.after_state, h.came, h.reason, h.state, h.proposed_at, h.proposed_by, h.proposed_account, h.answered_at, h.answered_by, h.answer_reason
      FROM attendance_change h JOIN candidate c ON c.id = h.candidate WHERE h.batch = ?1 AND h.id = ?2";
    OPEN_CHANGES = "SELECT count(*) FROM attendance_change WHERE session = ?1 AND candidate = ?2 AND state = 'proposed'";
    PROPOSE = "INSERT INTO attendance_change (id, batch, session, candidate, part, after_state, came, reason, state, proposed_at, proposed_by, proposed_account)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'proposed', ?9, ?10, ?11)";
    ANSWER = "UPDATE attendance_change SET state = ?2, answered_at = ?3, answered_by = ?4, answer_reason = ?5 WHERE id = ?1";
    // Batches of a body with rooms of today or before that nobody has ended.
    UNNOTED = "SELECT t.id, t.title, count(*), MIN(s.held_on) FROM batch t JOIN exam_session s ON s.batch = t.id LEFT JOIN conduct k ON k.session = s.id
      WHERE t.body = ?1 AND t.stage = 'notified' AND t.stopped_on IS NULL AND t.notified_on >= ?3 AND s.held_on <= ?2 AND k.ended IS NULL
      GROUP BY t.id, t.title, t.starts_on ORDER BY t.starts_on, t.id LIMIT 50";
    UNANSWERED = "SELECT t.id, t.title, count(*) FROM attendance_change h JOIN batch t ON t.id = h.batch
      WHERE t.body = ?1 AND t.stage = 'notified' AND h.state = 'proposed' AND (h.proposed_account IS NULL OR h.proposed_account <> ?2) GROUP BY t.id, t.title ORDER BY t.id LIMIT 50";
    PARTS = "SELECT s.part, count(*), count(k.ended), CAST(COALESCE(sum((SELECT count(*) FROM attendance a JOIN candidate c ON c.id = a.candidate WHERE a.session = s.id AND a.state = 'present' AND c.withdrawn_on IS NULL)), 0) AS BIGINT)
      FROM exam_session s JOIN conduct k ON k.session = s.id WHERE s.batch = ?1 GROUP BY s.part ORDER BY s.part";
}

/// A session, as it was arranged and as it was held.
#[derive(Debug, Clone)]
pub(crate) struct KeptHall {
    pub id: i64,
    pub no: i64,
    pub hall: Hall,
    pub first: i64,
    pub seats: i64,
    pub late: i64,
    pub late_reason: String,
    pub began_by: String,
    pub note: String,
    pub ended_by: String,
    pub seated: i64,
    pub present: i64,
    pub absent: i64,
    /// Of those assigned, how many were there.
    pub staff: i64,
    /// Whether the centre has stopped the room.
    pub is_stopped: bool,
}

fn part(row: &Row, index: usize) -> Result<Part, DbError> {
    let code: String = row.get(index)?;
    Part::from_code(&code).ok_or_else(|| DbError::stored(format!("part {code}")))
}

fn time(text: &str) -> Result<DayTime, DbError> {
    text.parse().map_err(DbError::stored)
}

fn some_time(row: &Row, index: usize) -> Result<Option<DayTime>, DbError> {
    row.get::<Option<String>>(index)?.as_deref().map(time).transpose()
}

fn presence(code: &str) -> Result<Presence, DbError> {
    Presence::from_code(code).ok_or_else(|| DbError::stored(format!("attendance {code}")))
}

impl TryFrom<&Row> for KeptHall {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        let text =
            |index: usize| -> Result<String, DbError> { Ok(row.get::<Option<String>>(index)?.unwrap_or_default()) };
        Ok(Self {
            id: row.get(0)?,
            no: row.get(1)?,
            hall: Hall {
                part: part(row, 2)?,
                on: row.get(3)?,
                from: time(&row.get::<String>(4)?)?,
                to: time(&row.get::<String>(5)?)?,
                room: row.get(6)?,
                started: some_time(row, 9)?,
                ended: some_time(row, 13)?,
            },
            first: row.get(7)?,
            seats: row.get(8)?,
            late: row.get::<Option<i64>>(10)?.unwrap_or_default(),
            late_reason: text(11)?,
            began_by: text(12)?,
            note: text(14)?,
            ended_by: text(15)?,
            seated: row.get(16)?,
            present: row.get(17)?,
            absent: row.get(18)?,
            staff: row.get(19)?,
            is_stopped: row.get::<i64>(20)? > 0,
        })
    }
}

/// The sessions of a batch, in order.
pub(crate) fn halls(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<KeptHall>, DbError> {
    tx.rows(&HALLS, args![batch])?.iter().map(KeptHall::try_from).collect()
}

/// One session of a batch.
pub(crate) fn hall(tx: &mut Tx<'_>, batch: i64, session: i64) -> Result<Option<KeptHall>, DbError> {
    tx.first(&HALL, args![batch, session])?.as_ref().map(KeptHall::try_from).transpose()
}

/// Someone who sits in a session.
#[derive(Debug, Clone)]
pub(crate) struct Sitter {
    pub seat: i64,
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    pub presence: Option<Presence>,
    pub came: Option<DayTime>,
    pub how: String,
    pub noted_by: String,
    /// The code word of the outcome of the part, where there is one.
    pub outcome: Option<String>,
    /// Whether that outcome is not of this examination: kept, or reached by a scheme.
    pub exempt: bool,
    pub confirmed_by: Option<String>,
    /// Whether a deferral was agreed, and by whom.
    pub is_put_off: bool,
    pub put_off_by: String,
}

/// Who sits in a session and is not withdrawn, by seat.
pub(crate) fn sitters(tx: &mut Tx<'_>, session: i64) -> Result<Vec<Sitter>, DbError> {
    let rows = tx.rows(&PERSONS, args![session])?;
    rows.iter()
        .map(|row| {
            Ok(Sitter {
                seat: row.get(0)?,
                candidate: row.get(1)?,
                ticket: row.get(2)?,
                name: row.get(3)?,
                presence: row.get::<Option<String>>(4)?.as_deref().map(presence).transpose()?,
                came: some_time(row, 5)?,
                how: row.get::<Option<String>>(6)?.unwrap_or_default(),
                noted_by: row.get::<Option<String>>(7)?.unwrap_or_default(),
                outcome: row.get(8)?,
                exempt: row.get(9)?,
                confirmed_by: row.get(10)?,
                is_put_off: row.get::<Option<String>>(11)?.is_some(),
                put_off_by: row.get::<Option<String>>(11)?.unwrap_or_default(),
            })
        })
        .collect()
}

/// One place of somebody at the door.
pub(super) struct Place {
    pub session: i64,
    pub seat: i64,
    pub name_masked: String,
    pub ticket: String,
    /// The hash of the photo.
    pub photo: Option<String>,
    pub batch: i64,
    pub presence: Option<Presence>,
    pub came: Option<DayTime>,
}

/// The places of a candidate, in the order of time.
pub(super) fn places(tx: &mut Tx<'_>, candidate: i64) -> Result<Vec<Place>, DbError> {
    let rows = tx.rows(&CALLER, args![candidate])?;
    rows.iter()
        .map(|row| {
            Ok(Place {
                session: row.get(0)?,
                seat: row.get(1)?,
                name_masked: mask_name(&row.get::<String>(2)?),
                ticket: row.get(3)?,
                photo: row.get(4)?,
                batch: row.get(5)?,
                presence: row.get::<Option<String>>(6)?.as_deref().map(presence).transpose()?,
                came: some_time(row, 7)?,
            })
        })
        .collect()
}

/// Somebody assigned to a batch.
pub(super) struct Assigned {
    pub id: i64,
    pub name: String,
    pub duty: String,
    /// None for whoever sees to the whole batch.
    pub part: Option<Part>,
    /// Whether they are expected in the session.
    pub is_of_group: bool,
}

/// Everyone assigned to a batch, first those who are expected in a session.
pub(super) fn assigned(tx: &mut Tx<'_>, batch: i64, session: i64) -> Result<Vec<Assigned>, DbError> {
    let rows = tx.rows(&ASSIGNED, args![batch, session])?;
    rows.iter()
        .map(|row| {
            Ok(Assigned {
                id: row.get(0)?,
                name: row.get(1)?,
                duty: row.get(2)?,
                part: Part::from_code(&row.get::<String>(3)?),
                is_of_group: row.get(4)?,
            })
        })
        .collect()
}

/// Of somebody who was there the id of the assignment, name and duty.
pub(super) type Present = (i64, String, String);

/// Who was there, by session.
pub(super) fn staff(tx: &mut Tx<'_>, batch: i64) -> Result<BTreeMap<i64, Vec<Present>>, DbError> {
    let mut found: BTreeMap<i64, Vec<Present>> = BTreeMap::new();
    for row in tx.rows(&STAFF, args![batch])? {
        found.entry(row.get(0)?).or_default().push((row.get(1)?, row.get(2)?, row.get(3)?));
    }
    Ok(found)
}

/// Keys of an object, which both engines unfold.
fn keys(ids: &[i64]) -> Result<String, DbError> {
    to_text(&ids.iter().map(|id| (*id, 0)).collect::<BTreeMap<i64, u8>>())
}

pub(super) fn begin(
    tx: &mut Tx<'_>,
    (batch, kept): (i64, &KeptHall),
    (began, late, reason): (DayTime, u16, &str),
    staff: &[i64],
    (now, by): (i64, &str),
) -> Result<(), DbError> {
    let hall = &kept.hall;
    let values = args![
        kept.id,
        batch,
        hall.part.code(),
        hall.on,
        hall.room.clone(),
        began.to_string(),
        i64::from(late),
        reason,
        now,
        by
    ];
    tx.run(&BEGIN, values)?;
    tx.run(&STAFF_HERE, args![keys(staff)?, kept.id]).map(|_| ())
}

pub(super) fn end(
    tx: &mut Tx<'_>,
    session: i64,
    (ended, note): (DayTime, &str),
    (now, by): (i64, &str),
) -> Result<(), DbError> {
    tx.run(&END, args![session, ended.to_string(), note, now, by]).map(|_| ())
}

/// What is noted of several persons of a session at once.
pub(crate) struct Noting<'a> {
    pub batch: i64,
    pub session: i64,
    pub part: Part,
    pub state: Presence,
    pub came: Option<DayTime>,
    /// `list`, `ticket`, `end`.
    pub how: &'a str,
    pub now: i64,
    pub by: &'a str,
}

/// Notes it of those of whom nothing is noted yet; how many they were.
pub(crate) fn note(tx: &mut Tx<'_>, candidates: &[i64], noting: &Noting<'_>) -> Result<u64, DbError> {
    let Noting { batch, session, part, state, came, how, now, by } = noting;
    let came = came.map(|came| came.to_string());
    let values = args![keys(candidates)?, *session, *batch, part.code(), state.code(), came, *how, *now, *by];
    tx.run(&NOTE, values)
}

/// What was noted on the day of a batch, as far as marks look at it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Noted {
    /// Whether a mark needs a sign-in.
    pub asked: bool,
    pub presence: HashMap<(i64, Part), Presence>,
    /// What was decided of the day, and what is not settled.
    pub day: Standing,
}

/// What was noted on the day of a batch.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn noted(tx: &mut Tx<'_>, batch: i64) -> Result<Noted, DbError> {
    let mut found = Noted::default();
    let notified_on = tx.first(&NOTIFIED, args![batch])?.map_or(Ok(Day::MIN), |row| row.get::<Day>(0))?;
    found.asked = rules::conduct::is_asked(notified_on);
    tx.each(&PRESENCES, args![batch], |row| {
        found.presence.insert((row.get(0)?, part(&row, 1)?), presence(&row.get::<String>(2)?)?);
        Ok(())
    })?;
    found.day = crate::day::standing(tx, (batch, notified_on), &found.presence)?;
    Ok(found)
}

/// A correction of a sign-in.
pub(super) struct KeptChange {
    pub id: i64,
    pub session: i64,
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    pub part: Part,
    pub after: Presence,
    pub came: Option<DayTime>,
    pub reason: String,
    pub state: ProposalState,
    pub proposed_at: String,
    pub proposed: Hand,
    pub answered_at: Option<String>,
    pub answered_by: Option<String>,
    pub answer_reason: Option<String>,
}

impl TryFrom<&Row> for KeptChange {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        let state: String = row.get(9)?;
        Ok(Self {
            id: row.get(0)?,
            session: row.get(1)?,
            candidate: row.get(2)?,
            ticket: row.get(3)?,
            name: row.get(4)?,
            part: part(row, 5)?,
            after: presence(&row.get::<String>(6)?)?,
            came: some_time(row, 7)?,
            reason: row.get(8)?,
            state: ProposalState::from_code(&state).ok_or_else(|| DbError::stored(format!("change {state}")))?,
            proposed_at: clock::read_out(row.get(10)?),
            proposed: Hand { name: row.get(11)?, account: row.get(12)? },
            answered_at: row.get::<Option<i64>>(13)?.map(clock::read_out),
            answered_by: row.get(14)?,
            answer_reason: row.get(15)?,
        })
    }
}

/// The corrections of a batch, the last first.
pub(super) fn changes(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<KeptChange>, DbError> {
    tx.rows(&CHANGES, args![batch])?.iter().map(KeptChange::try_from).collect()
}

/// One correction of a batch.
pub(super) fn change(tx: &mut Tx<'_>, batch: i64, id: i64) -> Result<Option<KeptChange>, DbError> {
    tx.first(&CHANGE, args![batch, id])?.as_ref().map(KeptChange::try_from).transpose()
}

/// Whether a correction of somebody waits for its answer.
pub(super) fn has_open_change(tx: &mut Tx<'_>, session: i64, candidate: i64) -> Result<bool, DbError> {
    Ok(tx.first(&OPEN_CHANGES, args![session, candidate])?.map_or(Ok(0), |row| row.get::<i64>(0))? > 0)
}

/// A correction on its way into the database.
pub(super) struct NewChange<'a> {
    pub id: i64,
    pub batch: i64,
    pub session: i64,
    pub candidate: i64,
    pub part: Part,
    pub after: Presence,
    pub came: Option<DayTime>,
    pub reason: &'a str,
}

pub(super) fn propose(tx: &mut Tx<'_>, new: &NewChange<'_>, (now, by): (i64, &Hand)) -> Result<(), DbError> {
    let NewChange { id, batch, session, candidate, part, after, came, reason } = new;
    let came = came.map(|came| came.to_string());
    let values =
        args![*id, *batch, *session, *candidate, part.code(), after.code(), came, *reason, now, &by.name, by.account];
    tx.run(&PROPOSE, values).map(|_| ())
}

/// Closes a correction, and carries it out where it was agreed.
pub(super) fn answer(
    tx: &mut Tx<'_>,
    batch: i64,
    change: &KeptChange,
    (state, reason): (ProposalState, &str),
    (now, by): (i64, &str),
) -> Result<(), DbError> {
    tx.run(&ANSWER, args![change.id, state.code(), now, by, reason])?;
    if state == ProposalState::Agreed {
        let came = change.came.map(|came| came.to_string());
        let (part, after) = (change.part.code(), change.after.code());
        tx.run(&CORRECT, args![change.session, change.candidate, batch, part, after, came, now, by])?;
    }
    Ok(())
}

/// A batch that waits for something, with how much.
pub(super) struct Waiting {
    pub batch: i64,
    pub title: String,
    pub count: i64,
}

/// Batches of a body with rooms that nobody has ended, each with the first day.
pub(super) fn unnoted(tx: &mut Tx<'_>, body: i64, today: Day) -> Result<Vec<(Waiting, Day)>, DbError> {
    let rows = tx.rows(&UNNOTED, args![body, today, rules::terms::CONDUCT_FROM])?;
    rows.iter()
        .map(|row| Ok((Waiting { batch: row.get(0)?, title: row.get(1)?, count: row.get(2)? }, row.get(3)?)))
        .collect()
}

/// Batches of a body with corrections that this account may answer.
pub(super) fn unanswered(tx: &mut Tx<'_>, body: i64, account: Option<i64>) -> Result<Vec<Waiting>, DbError> {
    let rows = tx.rows(&UNANSWERED, args![body, account.unwrap_or_default()])?;
    rows.iter().map(|row| Ok(Waiting { batch: row.get(0)?, title: row.get(1)?, count: row.get(2)? })).collect()
}

/// How each part that has begun was held.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn parts(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<HeldPart>, DbError> {
    let rows = tx.rows(&PARTS, args![batch])?;
    rows.iter()
        .map(|row| Ok(HeldPart { part: part(row, 0)?, halls: row.get(1)?, ended: row.get(2)?, arrivals: row.get(3)? }))
        .collect()
}
