//! Codes, sessions and the registrations of one person in the database. Codes and tokens are kept as hashes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::batch::BatchStage;
use rules::candidate::{Asked, CodeWay};
use rules::certificate::change::{CertificateChangeKind, CertificateRequestState};
use rules::certificate::{CertificateState, Level};
use rules::marking::MarkReviewState;
use rules::publicity::Window;
use rules::result::{Outcome, Part};
use serde::Serialize;

use super::own::{OwnMark, OwnRequest, OwnSeat};
use crate::args;
use crate::certificate::{coded, level};
use crate::db::{DbError, Row, Tx};
use crate::door::store::to_text;
use crate::door::{Caller, OwnPerson, Via};

/// A person's registrations `c` with their certificates `k`, by the key of the number that counts: what a certificate says after
/// a correction comes before what the roster said.
macro_rules! own {
    ($columns:literal, $joins:literal) => {
        concat!(
            "SELECT c.id, COALESCE(k.name, c.name), c.phone_sealed",
            $columns,
            " FROM candidate c LEFT JOIN certificate k ON k.id = c.certificate ",
            $joins,
            " WHERE (c.id_key = ?1 OR c.id IN (SELECT x.candidate FROM certificate x WHERE x.id_key = ?1)) AND COALESCE(k.id_key, c.id_key) = ?1
        AND c.withdrawn_on IS NULL ORDER BY c.id"
        )
    };
}

crate::statements! {
    REGISTRATIONS = own!("", "");
    CANDIDACIES = own!(
        ", t.title, b.name, t.trade, t.work_type, t.level, t.stage, c.ticket, c.verdict, c.held, c.photo, t.posted_on, t.first_on, t.ends_publicity_on, t.publicity_token, t.stopped_on, t.frozen_on, k.id, k.number, k.state, k.state_on, k.issued_on, t.theory_on, t.practical_on, t.comprehensive_on, o.name",
        "JOIN batch t ON t.id = c.batch JOIN body b ON b.id = t.body JOIN office o ON o.code = b.centre"
    );
    PLACES = "SELECT p.candidate, s.part, s.held_on, s.begins, s.ends, s.room, p.seat FROM json_each(?1) AS r
      JOIN exam_place p ON p.candidate = CAST(r.key AS BIGINT) JOIN exam_session s ON s.id = p.session ORDER BY s.held_on, s.begins, s.no";
    MARKS = "SELECT m.candidate, m.part, m.outcome, m.score FROM json_each(?1) AS r JOIN mark m ON m.candidate = CAST(r.key AS BIGINT)";
    REVIEWS = "SELECT v.candidate, v.receipt, v.part, v.asked_on, v.due_on, v.state, v.answer FROM json_each(?1) AS r
      JOIN mark_review v ON v.candidate = CAST(r.key AS BIGINT) ORDER BY v.id DESC";
    REQUESTS = "SELECT k.candidate, q.receipt, q.kind, q.asked_on, q.due_on, q.state, q.answer FROM json_each(?1) AS r
      JOIN certificate k ON k.candidate = CAST(r.key AS BIGINT) JOIN certificate_request q ON q.certificate = k.id ORDER BY q.id DESC";
    ASKED = "SELECT COUNT(CASE WHEN asked_at > ?2 THEN 1 END), COUNT(*), MAX(asked_at) FROM candidate_code WHERE person_key = ?1 AND way = 'sms' AND asked_at > ?3";
    VOID = "UPDATE candidate_code SET is_used = 1 WHERE person_key = ?1 AND way = 'sms' AND is_used = 0";
    ASK = "INSERT INTO candidate_code (id, person_key, candidate, way, digest, asked_at, expires_at, tries, is_used) VALUES (?1, ?2, ?3, 'sms', ?4, ?5, ?6, 0, 0)";
    OPEN_CODES = "SELECT id, way, digest, tries, expires_at FROM candidate_code WHERE person_key = ?1 AND is_used = 0 ORDER BY id DESC LIMIT 10";
    MISSED = "UPDATE candidate_code SET tries = tries + 1 WHERE person_key = ?1 AND is_used = 0";
    USED = "UPDATE candidate_code SET is_used = 1 WHERE id = ?1";
    BEGIN = "INSERT INTO candidate_session (token, id_key, person_key, candidate, way, csrf, began_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    END = "DELETE FROM candidate_session WHERE token = ?1";
    VOID_OF = "UPDATE candidate_code SET is_used = 1 WHERE candidate = ?1";
    END_OF = "DELETE FROM candidate_session WHERE candidate = ?1";
    RESUME = "SELECT id_key, person_key, candidate, csrf FROM candidate_session WHERE token = ?1 AND expires_at > ?2";
    TO_HAND = "SELECT c.id, c.ticket, COALESCE(k.name, c.name), COALESCE(k.id_key, c.id_key), c.phone_sealed FROM candidate c LEFT JOIN certificate k ON k.id = c.certificate
      WHERE c.batch = ?1 AND c.withdrawn_on IS NULL ORDER BY c.ticket";
    VOID_HANDED = "UPDATE candidate_code SET is_used = 1 WHERE way = 'handed' AND is_used = 0 AND candidate IN (SELECT CAST(r.value ->> 1 AS BIGINT) FROM json_each(?1) AS r)";
    // The key of a code is its id; its value lists: 0 person's key, 1 candidate, 2 digest.
    HAND_OUT = "INSERT INTO candidate_code (id, person_key, candidate, way, digest, asked_at, expires_at, tries, is_used, issued_by)
      SELECT CAST(r.key AS BIGINT), r.value ->> 0, CAST(r.value ->> 1 AS BIGINT), 'handed', r.value ->> 2, CAST(?2 AS BIGINT), CAST(?3 AS BIGINT), 0, 0, CAST(?4 AS TEXT) FROM json_each(?1) AS r";
    HANDED = "SELECT d.candidate, d.id, d.expires_at, d.issued_by FROM candidate_code d JOIN candidate c ON c.id = d.candidate
      WHERE c.batch = ?1 AND d.way = 'handed' AND d.is_used = 0 AND d.expires_at > ?2 ORDER BY d.id";
    ENDED = "SELECT id, stage, theory_on, practical_on, comprehensive_on FROM batch WHERE stage IN ('issued', 'cancelled') AND phones_forgotten_on IS NULL";
    FORGET_PHONES = "UPDATE candidate SET phone_sealed = '' WHERE batch = ?1 AND phone_sealed <> ''";
    FORGET_CHANGED = "UPDATE candidate_change SET phone_sealed = NULL, phone_sealed_before = NULL WHERE batch = ?1";
    FORGOTTEN = "UPDATE batch SET phones_forgotten_on = ?2 WHERE id = ?1";
    EXAMPLES = "SELECT c.name, c.id_sealed, c.phone_sealed FROM certificate k JOIN candidate c ON c.id = k.candidate AND c.id_key = k.id_key AND c.name = k.name
      WHERE k.state = 'valid' AND c.phone_sealed <> '' AND EXISTS (SELECT 1 FROM exam_place p WHERE p.candidate = c.id) ORDER BY k.id LIMIT 20";
    FORGET_CODES = "DELETE FROM candidate_code WHERE expires_at < ?1";
    FORGET_SESSIONS = "DELETE FROM candidate_session WHERE expires_at < ?1";
}

/// One registration of a person.
pub(super) struct Registration {
    pub candidate: i64,
    /// As the certificate has it, where there is one.
    pub name: String,
    pub phone_sealed: String,
}

fn registration(row: &Row) -> Result<Registration, DbError> {
    Ok(Registration { candidate: row.get(0)?, name: row.get(1)?, phone_sealed: row.get(2)? })
}

/// Everyone registered under a number, by its key; withdrawn ones are not.
pub(super) fn registrations(tx: &mut Tx<'_>, id_key: &str) -> Result<Vec<Registration>, DbError> {
    tx.rows(&REGISTRATIONS, args![id_key])?.iter().map(registration).collect()
}

/// A registration with what the own page shows of it.
pub(super) struct Candidacy {
    pub of: Registration,
    pub title: String,
    pub body_name: String,
    pub trade: String,
    pub work_type: String,
    pub level: Level,
    pub stage: BatchStage,
    pub ticket: String,
    pub verdict: Option<String>,
    pub held: bool,
    pub has_photo: bool,
    pub window: Option<Window>,
    pub token: Option<String>,
    /// Whether the batch stands still.
    pub is_still: bool,
    pub certificate: Option<Certificate>,
    pub days: Vec<(Part, Date)>,
    pub centre_name: String,
}

/// A certificate as the own page shows it.
pub(super) struct Certificate {
    pub id: i64,
    pub number: String,
    pub state: CertificateState,
    pub state_on: Option<Date>,
    pub issued_on: Date,
}

/// The registrations of whoever has this number, with batch and certificate.
pub(super) fn candidacies(tx: &mut Tx<'_>, id_key: &str) -> Result<Vec<Candidacy>, DbError> {
    let read = |row: &Row| {
        let window = match (row.get(13)?, row.get(14)?, row.get(15)?) {
            (Some(posted_on), Some(first_on), Some(ends_on)) => Some(Window { posted_on, first_on, ends_on }),
            _ => None,
        };
        let certificate = match row.get::<Option<i64>>(19)? {
            Some(id) => Some(Certificate {
                id,
                number: row.get(20)?,
                state: coded(row, 21, CertificateState::from_code)?,
                state_on: row.get(22)?,
                issued_on: row.get(23)?,
            }),
            None => None,
        };
        let days = [(Part::Theory, row.get(24)?), (Part::Practical, row.get(25)?), (Part::Comprehensive, row.get(26)?)];
        let is_still = row.get::<Option<String>>(17)?.is_some() || row.get::<Option<String>>(18)?.is_some();
        Ok(Candidacy {
            of: registration(row)?,
            title: row.get(3)?,
            body_name: row.get(4)?,
            trade: row.get(5)?,
            work_type: row.get(6)?,
            level: level(row, 7)?,
            stage: coded(row, 8, BatchStage::from_code)?,
            ticket: row.get(9)?,
            verdict: row.get(10)?,
            held: row.get(11)?,
            has_photo: row.get::<Option<String>>(12)?.is_some(),
            window,
            token: row.get(16)?,
            is_still,
            certificate,
            days: days.into_iter().filter_map(|(part, on): (_, Option<Date>)| Some((part, on?))).collect(),
            centre_name: row.get(27)?,
        })
    };
    tx.rows(&CANDIDACIES, args![id_key])?.iter().map(read).collect()
}

/// The JSON of candidates as the statements take them.
fn those(candidates: &[i64]) -> Result<String, DbError> {
    to_text(&candidates.iter().map(|id| (id.to_string(), 0)).collect::<BTreeMap<_, _>>())
}

fn part(row: &Row, index: usize) -> Result<Part, DbError> {
    coded(row, index, Part::from_code)
}

/// Places of candidates, in the order of time.
pub(super) fn places(tx: &mut Tx<'_>, candidates: &[i64]) -> Result<Vec<(i64, OwnSeat)>, DbError> {
    let read = |row: Row| {
        let part = part(&row, 1)?;
        Ok((
            row.get(0)?,
            OwnSeat {
                part,
                part_name: part.name().into(),
                on: row.get(2)?,
                from: row.get(3)?,
                to: row.get(4)?,
                room: row.get(5)?,
                seat: crate::arrangement::part_seat(part, row.get(6)?),
            },
        ))
    };
    tx.rows(&PLACES, args![those(candidates)?])?.into_iter().map(read).collect()
}

/// Marks of candidates, in the order of the parts.
pub(super) fn marks(tx: &mut Tx<'_>, candidates: &[i64]) -> Result<Vec<(i64, OwnMark)>, DbError> {
    let mut found = Vec::new();
    for row in tx.rows(&MARKS, args![those(candidates)?])? {
        let (part, code) = (part(&row, 1)?, row.get::<String>(2)?);
        let outcome =
            Outcome::from_code(&code, row.get(3)?).ok_or_else(|| DbError::stored(format!("outcome {code}")))?;
        found.push((row.get(0)?, OwnMark { part, part_name: part.name().into(), outcome: outcome.to_string() }));
    }
    found.sort_by_key(|(_, mark): &(i64, OwnMark)| mark.part);
    Ok(found)
}

/// What candidates have asked for: reviews of marks, corrections and new paper of certificates.
pub(super) fn requests(tx: &mut Tx<'_>, candidates: &[i64]) -> Result<Vec<(i64, OwnRequest)>, DbError> {
    let those = those(candidates)?;
    let mut found = Vec::new();
    let read = |row: &Row, what: String, state: String, page: &str| -> Result<(i64, OwnRequest), DbError> {
        let receipt: String = row.get(1)?;
        let link = format!("/{page}?receipt={receipt}");
        let (asked_on, due_on) = (row.get(3)?, row.get(4)?);
        Ok((row.get(0)?, OwnRequest { receipt, what, asked_on, due_on, state, answer: row.get(6)?, link }))
    };
    for row in tx.rows(&REVIEWS, args![&those])? {
        let state = coded(&row, 5, MarkReviewState::from_code)?.name();
        found.push(read(&row, format!("{}成绩复核", part(&row, 2)?.name()), state.into(), "mark-reviews")?);
    }
    for row in tx.rows(&REQUESTS, args![&those])? {
        let kind = coded(&row, 2, CertificateChangeKind::from_code)?.name();
        let state = coded(&row, 5, CertificateRequestState::from_code)?.name();
        found.push(read(&row, format!("证书{kind}"), state.into(), "certificate-requests")?);
    }
    Ok(found)
}

const HOUR_MS: i64 = 3_600_000;

/// What was asked for a person within a day.
pub(super) fn asked(tx: &mut Tx<'_>, person_key: &str, now: i64) -> Result<Asked, DbError> {
    let row = tx.first(&ASKED, args![person_key, now - HOUR_MS, now - 24 * HOUR_MS])?;
    let row = row.ok_or_else(|| DbError::stored("a count gave nothing"))?;
    Ok(Asked { in_hour: row.get(0)?, in_day: row.get(1)?, last_at: row.get(2)? })
}

pub(super) struct NewCode {
    pub id: i64,
    pub person_key: String,
    pub candidate: Option<i64>,
    pub digest: String,
    pub expires_at: i64,
}

/// Keeps a code; the one before is void.
pub(super) fn ask(tx: &mut Tx<'_>, new: &NewCode, now: i64) -> Result<(), DbError> {
    tx.run(&VOID, args![&new.person_key])?;
    tx.run(&ASK, args![new.id, &new.person_key, new.candidate, &new.digest, now, new.expires_at]).map(|_| ())
}

/// A code that was not used.
pub(super) struct OpenCode {
    pub id: i64,
    pub way: CodeWay,
    pub digest: String,
    pub tries: i64,
    pub expires_at: i64,
}

pub(super) fn open_codes(tx: &mut Tx<'_>, person_key: &str) -> Result<Vec<OpenCode>, DbError> {
    let read = |row: Row| {
        Ok(OpenCode {
            id: row.get(0)?,
            way: coded(&row, 1, CodeWay::from_code)?,
            digest: row.get(2)?,
            tries: row.get(3)?,
            expires_at: row.get(4)?,
        })
    };
    tx.rows(&OPEN_CODES, args![person_key])?.into_iter().map(read).collect()
}

/// Counts a wrong try against each code of the person.
pub(super) fn missed(tx: &mut Tx<'_>, person_key: &str) -> Result<(), DbError> {
    tx.run(&MISSED, args![person_key]).map(|_| ())
}

pub(super) fn used(tx: &mut Tx<'_>, code: i64) -> Result<(), DbError> {
    tx.run(&USED, args![code]).map(|_| ())
}

pub(super) struct NewSession {
    /// Its digest.
    pub token: String,
    pub id_key: String,
    pub person_key: String,
    pub candidate: i64,
    pub way: CodeWay,
    pub csrf: String,
    pub expires_at: i64,
}

pub(super) fn begin(tx: &mut Tx<'_>, new: &NewSession, now: i64) -> Result<(), DbError> {
    let NewSession { token, id_key, person_key, candidate, way, csrf, expires_at } = new;
    tx.run(&BEGIN, args![token, id_key, person_key, *candidate, way.code(), csrf, now, *expires_at]).map(|_| ())
}

pub(super) fn end(tx: &mut Tx<'_>, token: &str) -> Result<(), DbError> {
    tx.run(&END, args![token]).map(|_| ())
}

pub(super) fn resume(tx: &mut Tx<'_>, token: &str, now: i64, via: Via) -> Result<Option<(Caller, String)>, DbError> {
    let Some(row) = tx.first(&RESUME, args![token, now])? else { return Ok(None) };
    let own =
        OwnPerson { id_key: row.get(0)?, person_key: row.get(1)?, candidate: row.get(2)?, session: token.to_owned() };
    Ok(Some((Caller::candidate(own, via), row.get(3)?)))
}

/// Somebody of a batch to whom a code may be handed.
pub(super) struct ToHand {
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    pub id_key: String,
    pub phone_sealed: String,
}

pub(super) fn to_hand(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<ToHand>, DbError> {
    let read = |row: Row| {
        Ok(ToHand {
            candidate: row.get(0)?,
            ticket: row.get(1)?,
            name: row.get(2)?,
            id_key: row.get(3)?,
            phone_sealed: row.get(4)?,
        })
    };
    tx.rows(&TO_HAND, args![batch])?.into_iter().map(read).collect()
}

/// A code to be handed out, as the statement takes it: the person's key, the candidate, the digest.
#[derive(Serialize)]
pub(super) struct Handing(pub String, pub i64, pub String);

/// Keeps codes by their ids; those that these candidates were handed before are void.
pub(super) fn hand_out(
    tx: &mut Tx<'_>,
    codes: &BTreeMap<i64, Handing>,
    (now, until): (i64, i64),
    by: &str,
) -> Result<(), DbError> {
    let text = to_text(codes)?;
    tx.run(&VOID_HANDED, args![&text])?;
    tx.run(&HAND_OUT, args![text, now, until, by]).map(|_| ())
}

/// A code that was handed out and is good.
pub(super) struct Handed {
    pub id: i64,
    pub expires_at: i64,
    pub issued_by: String,
}

/// The codes of a batch that were handed out and are good, by candidate.
pub(super) fn handed(tx: &mut Tx<'_>, batch: i64, now: i64) -> Result<BTreeMap<i64, Handed>, DbError> {
    let read = |row: Row| {
        let issued_by = row.get::<Option<String>>(3)?.unwrap_or_default();
        Ok((row.get(0)?, Handed { id: row.get(1)?, expires_at: row.get(2)?, issued_by }))
    };
    tx.rows(&HANDED, args![batch, now])?.into_iter().map(read).collect()
}

/// Voids the codes of a candidate and closes the own pages: what they were opened under has changed.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn close_to(tx: &mut Tx<'_>, candidate: i64) -> Result<(), DbError> {
    tx.run(&VOID_OF, args![candidate])?;
    tx.run(&END_OF, args![candidate]).map(|_| ())
}

/// A batch that has ended and whose telephones are kept.
pub(super) struct Ended {
    pub id: i64,
    pub stage: BatchStage,
    pub last_exam_on: Date,
}

pub(super) fn ended(tx: &mut Tx<'_>) -> Result<Vec<Ended>, DbError> {
    let read = |row: Row| {
        let days: [Option<Date>; 3] = [row.get(2)?, row.get(3)?, row.get(4)?];
        let last_exam_on = days.into_iter().flatten().max().ok_or_else(|| DbError::stored("a batch without days"))?;
        Ok(Ended { id: row.get(0)?, stage: coded(&row, 1, BatchStage::from_code)?, last_exam_on })
    };
    tx.rows(&ENDED, &[])?.into_iter().map(read).collect()
}

/// Erases the telephones of a batch, in corrections as well; how many candidates had one.
pub(super) fn forget_phones(tx: &mut Tx<'_>, batch: i64, today: Date) -> Result<u64, DbError> {
    tx.run(&FORGET_CHANGED, args![batch])?;
    tx.run(&FORGOTTEN, args![batch, today])?;
    tx.run(&FORGET_PHONES, args![batch])
}

/// The first candidates with a certificate, a place and perhaps a telephone: name, sealed number, sealed telephone.
pub(super) fn examples(tx: &mut Tx<'_>) -> Result<Vec<(String, String, String)>, DbError> {
    tx.rows(&EXAMPLES, &[])?.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// Forgets codes that ran out the day before yesterday, and sessions that ended.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn forget(tx: &mut Tx<'_>, now: i64) -> Result<u64, DbError> {
    Ok(tx.run(&FORGET_CODES, args![now - 48 * HOUR_MS])? + tx.run(&FORGET_SESSIONS, args![now])?)
}
