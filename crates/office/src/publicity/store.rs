//! The frozen list and objections in the database.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::publicity::{Hung, ObjectionEffect, ObjectionState, Window};
use rules::result::{Outcome, Part};

use super::hearing::{HearingLine, ObjectionFileLine};
use super::posting::{BrokenLine, PostingLine, PostingPhotoLine};
use super::{CorrectionLine, FrozenRow, ObjectionLine, PublicDecision, PublicLine};
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::clock::read_out;
use crate::door::store::{from_text, to_text};
use crate::door::{FileHash, KeptFile, Seals};

crate::statements! {
    POST = "UPDATE batch SET stage = ?2, posted_at = ?3, posted_on = ?4, first_on = ?5, ends_publicity_on = ?6, publicity_token = ?7, publicity_digest = ?8, closed_on = NULL, report_due_on = NULL WHERE id = ?1";
    // The keys of the object are the numbers in the list; a row lists: 0 candidate, 1 name, 2 number, 3 marks, 4 verdict, 5 notes.
    FREEZE = "INSERT INTO publicity_row (batch, no, candidate, name_masked, id_masked, marks, verdict, notes)
      SELECT CAST(?2 AS BIGINT), CAST(r.key AS BIGINT), CAST(r.value ->> 0 AS BIGINT), r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5 FROM json_each(?1) AS r";
    STAMP = "UPDATE candidate SET verdict = p.verdict, publicity_no = p.no FROM publicity_row p WHERE p.batch = ?1 AND p.candidate = candidate.id";
    FROZEN = "SELECT no, name_masked, id_masked, marks, verdict, notes FROM publicity_row WHERE batch = ?1 ORDER BY no";
    BIRTHS = "SELECT id, born FROM candidate WHERE batch = ?1 AND born IS NOT NULL";
    ON_LIST = "SELECT candidate FROM publicity_row WHERE batch = ?1 AND no = ?2";
    CLOSE = "UPDATE batch SET stage = ?2, closed_on = ?3, report_due_on = ?4 WHERE id = ?1";
    ENDED = "SELECT id FROM batch WHERE stage = 'posted' AND ends_publicity_on < ?1 AND frozen_on IS NULL ORDER BY id";
    // Lists, and what was corrected in others.
    RUNNING = "SELECT b.name, t.title, t.trade, t.level, t.posted_on, t.first_on, t.ends_publicity_on, t.publicity_token, (SELECT COUNT(*) FROM publicity_row p WHERE p.batch = t.id), 0, t.id
      FROM batch t JOIN body b ON b.id = t.body WHERE t.stage = 'posted' AND t.ends_publicity_on >= ?1
      UNION ALL SELECT b.name, t.title, t.trade, t.level, MIN(k.posted_on), MIN(k.first_on), MAX(k.ends_on), t.publicity_token, COUNT(*), 1, t.id
      FROM publicity_correction k JOIN batch t ON t.id = k.batch JOIN body b ON b.id = t.body WHERE k.ends_on >= ?1 AND k.round IS NULL
      GROUP BY b.name, t.title, t.trade, t.level, t.publicity_token, t.id ORDER BY 7, 11, 10 LIMIT 500";
    // Results that were changed after posting, each with its own days.
    CORRECTIONS = "SELECT k.no, p.name_masked, p.id_masked, k.marks, k.verdict, p.verdict, k.posted_on, k.first_on, k.ends_on, p.marks
      FROM publicity_correction k JOIN publicity_row p ON p.batch = k.batch AND p.no = k.no WHERE k.batch = ?1 AND k.round IS NULL ORDER BY k.posted_on, k.no";
    CORRECTED_UNTIL = "SELECT MAX(ends_on) FROM publicity_correction WHERE candidate = ?1";
    LODGE = "INSERT INTO objection (id, receipt, batch, candidate, lodged_at, lodged_on, reason, contact_sealed, state, due_on, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)";
    ENCLOSE = "INSERT INTO objection_file (id, objection, file, name_sealed) VALUES (?1, ?2, ?3, ?4)";
    ENCLOSURES = "SELECT e.objection, e.id, e.name_sealed, f.size FROM objection_file e JOIN objection o ON o.id = e.objection JOIN file f ON f.hash = e.file WHERE o.batch = ?1 ORDER BY e.objection, e.id";
    ENCLOSURE = "SELECT file, name_sealed FROM objection_file WHERE objection = ?1 AND id = ?2";
    HEAR = "INSERT INTO objection_hearing (id, objection, held_on, present_sealed, file, name_sealed, noted_at, noted_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    HEARINGS = "SELECT h.objection, h.id, h.held_on, h.present_sealed, h.name_sealed, h.noted_by FROM objection_hearing h JOIN objection o ON o.id = h.objection WHERE o.batch = ?1 ORDER BY h.objection, h.held_on, h.id";
    MINUTES = "SELECT file, name_sealed FROM objection_hearing WHERE objection = ?1 AND id = ?2";
    OPEN_OF = "SELECT COUNT(*) FROM objection WHERE batch = ?1 AND candidate = ?2 AND state = 'open'";
    HOLD = "UPDATE candidate SET held = ?2 WHERE id = ?1";
    OBJECTION = "SELECT id, batch, candidate, state, lodged_on FROM objection WHERE id = ?1";
    DECIDE = "UPDATE objection SET state = ?2, decided_on = ?3, decided_by = ?4, decision = ?5, effect = ?6 WHERE id = ?1";
    // What a change has carried out holds nobody any more.
    STATES_OF = "SELECT state FROM objection WHERE candidate = ?1 AND mark_change IS NULL";
    OBJECTIONS = "SELECT o.id, o.receipt, o.candidate, c.publicity_no, c.name, o.lodged_at, o.reason, o.contact_sealed, o.state, o.decided_on, o.decided_by, o.decision, o.due_on, o.effect, CASE WHEN o.mark_change IS NULL THEN 0 ELSE 1 END
      FROM objection o JOIN candidate c ON c.id = o.candidate WHERE o.batch = ?1 ORDER BY CASE o.state WHEN 'open' THEN 0 ELSE 1 END, o.id";
    BY_RECEIPT = "SELECT o.receipt, b.name, t.title, o.lodged_on, o.state, o.decided_on, o.decision, o.due_on, o.effect, t.id, o.id,
        (SELECT COUNT(*) FROM objection_file e WHERE e.objection = o.id)
      FROM objection o JOIN batch t ON t.id = o.batch JOIN body b ON b.id = t.body WHERE o.receipt = ?1";
    HEARD_ON = "SELECT held_on FROM objection_hearing WHERE objection = ?1 ORDER BY held_on, id";
    // What was decided on the persons of a list, for those who read it.
    DECISIONS = "SELECT c.publicity_no, o.state, o.decided_on, o.decision, o.effect FROM objection o JOIN candidate c ON c.id = o.candidate
      WHERE o.batch = ?1 AND o.state <> 'open' AND c.publicity_no IS NOT NULL ORDER BY c.publicity_no, o.id";
    NAMES = "SELECT name FROM candidate WHERE batch = ?1";
    OPEN_IN = "SELECT t.id, t.title, COUNT(*), MIN(o.lodged_on), MIN(o.due_on) FROM objection o JOIN batch t ON t.id = o.batch JOIN body b ON b.id = t.body
      WHERE o.state = 'open' AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      GROUP BY t.id, t.title ORDER BY t.id";
    // Objections that are right and whose change of a mark nobody has carried out.
    TO_CHANGE = "SELECT t.id, t.title, COUNT(*), MIN(o.decided_on), CAST(NULL AS TEXT) FROM objection o JOIN batch t ON t.id = o.batch JOIN body b ON b.id = t.body
      WHERE o.state = 'upheld' AND o.effect = 'change' AND o.mark_change IS NULL AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      GROUP BY t.id, t.title ORDER BY t.id";
    // Lists of which nobody has said that they hang inside the body, and until when they must.
    UNPROVEN = "SELECT t.id, t.title, 0, t.first_on, CAST(NULL AS TEXT) FROM batch t JOIN body b ON b.id = t.body
      WHERE t.stage IN ('posted', 'publicised') AND t.posted_on >= ?4 AND NOT EXISTS (SELECT 1 FROM posting_proof p WHERE p.batch = t.id AND p.round IS NULL)
      AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3) ORDER BY t.id";
    PROVE = "INSERT INTO posting_proof (id, batch, address, place, hung_on, hung_by, digest, noted_at, noted_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    ADD_PHOTO = "INSERT INTO posting_photo (id, proof, file, name) VALUES (?1, ?2, ?3, ?4)";
    POSTINGS = "SELECT id, round, address, place, hung_on, hung_by, digest, noted_at, noted_by FROM posting_proof WHERE batch = ?1 ORDER BY id";
    PHOTOS = "SELECT f.proof, f.id, f.name FROM posting_photo f JOIN posting_proof p ON p.id = f.proof WHERE p.batch = ?1 ORDER BY f.id";
    PHOTO = "SELECT f.file, f.name FROM posting_photo f JOIN posting_proof p ON p.id = f.proof WHERE p.batch = ?1 AND f.id = ?2";
    REPORTS = "SELECT COUNT(*) FROM report WHERE batch = ?1";
    BROKEN_BEFORE = "SELECT COUNT(*) FROM broken_publicity WHERE batch = ?1";
    BREAK_OFF = "INSERT INTO broken_publicity (batch, no, token, digest, posted_at, posted_on, first_on, ends_on, list, broken_on, stood, reason, restarted_on, restarted_at, restarted_by, seat)
      SELECT t.id, CAST(?2 AS BIGINT), t.publicity_token, t.publicity_digest, t.posted_at, t.posted_on, t.first_on, t.ends_publicity_on, CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS BIGINT), CAST(?6 AS TEXT), CAST(?7 AS TEXT), CAST(?8 AS BIGINT), CAST(?9 AS TEXT), CAST(?10 AS TEXT)
      FROM batch t WHERE t.id = ?1";
    LEAVE_PROOFS = "UPDATE posting_proof SET round = ?2 WHERE batch = ?1 AND round IS NULL";
    LEAVE_CORRECTIONS = "UPDATE publicity_correction SET round = ?2 WHERE batch = ?1 AND round IS NULL";
    // Its lines are in the broken posting.
    NUMBER = "SELECT number FROM batch WHERE id = ?1";
    BROKEN_LIST = "SELECT list FROM broken_publicity WHERE batch = ?1 AND no = ?2";
    TAKE_DOWN = "DELETE FROM publicity_row WHERE batch = ?1";
    BROKEN = "SELECT no, token, digest, posted_on, first_on, ends_on, list, broken_on, stood, reason, restarted_on, restarted_by, seat FROM broken_publicity WHERE batch = ?1 ORDER BY no";
    BROKEN_BY_TOKEN = "SELECT batch, no FROM broken_publicity WHERE token = ?1";
    STANDING = "SELECT t.id, t.title, 0, t.ends_publicity_on, t.ends_publicity_on FROM batch t JOIN body b ON b.id = t.body
      WHERE t.stage = 'posted' AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      ORDER BY t.id";
}

/// What goes into the batch when its results are posted.
pub(super) struct Posting<'a> {
    pub stage: &'a str,
    pub at: i64,
    pub window: Window,
    pub token: &'a str,
    pub digest: &'a str,
}

/// Posts the results of a batch: the list as it was frozen, and the batch with its window.
pub(super) fn post(
    tx: &mut Tx<'_>,
    batch: i64,
    rows: &[(i64, FrozenRow)],
    posting: &Posting<'_>,
) -> Result<(), DbError> {
    let frozen = rows
        .iter()
        .map(|(candidate, row)| {
            let (marks, notes) = (to_text(&row.marks)?, to_text(&row.notes)?);
            Ok((row.no, (candidate, &row.name_masked, &row.id_masked, marks, &row.verdict, notes)))
        })
        .collect::<Result<BTreeMap<_, _>, DbError>>()?;
    tx.run(&FREEZE, args![to_text(&frozen)?, batch])?;
    tx.run(&STAMP, args![batch])?;
    let Window { posted_on, first_on, ends_on } = posting.window;
    tx.run(
        &POST,
        args![batch, posting.stage, posting.at, posted_on, first_on, ends_on, posting.token, posting.digest],
    )?;
    Ok(())
}

/// The list of a batch as it was frozen.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn frozen(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<FrozenRow>, DbError> {
    let rows = tx.rows(&FROZEN, args![batch])?;
    rows.into_iter()
        .map(|row| {
            Ok(FrozenRow {
                no: row.get(0)?,
                name_masked: row.get(1)?,
                id_masked: row.get(2)?,
                marks: from_text::<Vec<(Part, Outcome)>>(&row.get::<String>(3)?)?,
                verdict: row.get(4)?,
                notes: row.get::<Option<String>>(5)?.map(|text| from_text(&text)).transpose()?.unwrap_or_default(),
            })
        })
        .collect()
}

/// The list of a round of publicity, with the number of its batch.
pub(super) fn round(tx: &mut Tx<'_>, batch: i64, no: i64) -> Result<Option<(String, Vec<FrozenRow>)>, DbError> {
    let Some(row) = tx.first(&NUMBER, args![batch])? else { return Ok(None) };
    let list = match tx.first(&BROKEN_LIST, args![batch, no])? {
        Some(row) => from_text(&row.get::<String>(0)?)?,
        None => frozen(tx, batch)?,
    };
    Ok(Some((row.get(0)?, list)))
}

/// The results of a batch that were changed after posting.
pub(super) fn corrections(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<CorrectionLine>, DbError> {
    let rows = tx.rows(&CORRECTIONS, args![batch])?;
    rows.into_iter()
        .map(|row| {
            let before: String = row.get(5)?;
            let marks_before = from_text::<Vec<(Part, Outcome)>>(&row.get::<String>(9)?)?;
            let frozen = FrozenRow {
                no: row.get(0)?,
                name_masked: row.get(1)?,
                id_masked: row.get(2)?,
                marks: from_text::<Vec<(Part, Outcome)>>(&row.get::<String>(3)?)?,
                verdict: row.get(4)?,
                notes: Vec::new(),
            };
            Ok(CorrectionLine {
                verdict_before: super::verdict_name(&before).into(),
                marks_before: super::list_marks(&marks_before, &[]),
                line: frozen.into(),
                window: Window { posted_on: row.get(6)?, first_on: row.get(7)?, ends_on: row.get(8)? },
            })
        })
        .collect()
}

/// The last day on which a changed result of this person is public.
pub(super) fn corrected_until(tx: &mut Tx<'_>, candidate: i64) -> Result<Option<Date>, DbError> {
    tx.first(&CORRECTED_UNTIL, args![candidate])?.map_or(Ok(None), |row| row.get(0))
}

/// Who stands on the list under this number.
pub(super) fn on_list(tx: &mut Tx<'_>, batch: i64, no: i64) -> Result<Option<i64>, DbError> {
    tx.first(&ON_LIST, args![batch, no])?.map(|row| row.get(0)).transpose()
}

pub(super) fn close(tx: &mut Tx<'_>, batch: i64, stage: &str, closed_on: Date, due_on: Date) -> Result<(), DbError> {
    tx.run(&CLOSE, args![batch, stage, closed_on, due_on]).map(|_| ())
}

/// Batches whose publicity was over before this day and which are not closed yet.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn ended(tx: &mut Tx<'_>, today: Date) -> Result<Vec<i64>, DbError> {
    tx.rows(&ENDED, args![today])?.into_iter().map(|row| row.get(0)).collect()
}

/// The birthdays of a batch's candidates, as far as they are known.
pub(super) fn births(tx: &mut Tx<'_>, batch: i64) -> Result<BTreeMap<i64, Date>, DbError> {
    tx.rows(&BIRTHS, args![batch])?.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// What stands on public notice on this day, the soonest to end first.
pub(super) fn running(tx: &mut Tx<'_>, today: Date) -> Result<Vec<PublicLine>, DbError> {
    let rows = tx.rows(&RUNNING, args![today])?;
    rows.into_iter()
        .map(|row| {
            let digit: String = row.get(3)?;
            let level = digit.chars().next().and_then(rules::certificate::Level::from_digit);
            Ok(PublicLine {
                body: row.get(0)?,
                title: row.get(1)?,
                trade: row.get(2)?,
                level: level.map_or(digit, |level| level.name().to_owned()),
                posted_on: row.get(4)?,
                first_on: row.get(5)?,
                ends_on: row.get(6)?,
                token: row.get(7)?,
                persons: row.get(8)?,
                is_correction: row.get(9)?,
            })
        })
        .collect()
}

/// An objection as it is lodged.
pub(super) struct NewObjection<'a> {
    pub id: i64,
    pub receipt: &'a str,
    pub batch: i64,
    pub candidate: i64,
    pub at: i64,
    pub on: Date,
    pub reason: &'a str,
    pub contact_sealed: &'a str,
    pub due_on: Option<Date>,
}

/// Lodges an objection and holds the person it names.
pub(super) fn lodge(tx: &mut Tx<'_>, new: &NewObjection<'_>) -> Result<(), DbError> {
    let state = ObjectionState::Open.code();
    let values = args![
        new.id,
        new.receipt,
        new.batch,
        new.candidate,
        new.at,
        new.on,
        new.reason,
        new.contact_sealed,
        state,
        new.due_on
    ];
    tx.run(&LODGE, values)?;
    tx.run(&HOLD, args![new.candidate, true]).map(|_| ())
}

/// Adds a file to an objection.
pub(super) fn enclose(
    tx: &mut Tx<'_>,
    (id, objection): (i64, i64),
    kept: &KeptFile,
    name_sealed: &str,
) -> Result<(), DbError> {
    tx.run(&ENCLOSE, args![id, objection, &kept.hash.0, name_sealed]).map(|_| ())
}

/// A file of an objection: its hash and its sealed name.
pub(super) fn enclosure(tx: &mut Tx<'_>, objection: i64, id: i64) -> Result<Option<(FileHash, String)>, DbError> {
    tx.first(&ENCLOSURE, args![objection, id])?.map(|row| Ok((FileHash(row.get(0)?), row.get(1)?))).transpose()
}

/// A hearing as it is noted.
pub(super) struct NewHearing<'a> {
    pub id: i64,
    pub objection: i64,
    pub held_on: Date,
    pub present_sealed: &'a str,
    pub file: &'a FileHash,
    pub name_sealed: &'a str,
    pub at: i64,
    pub by: &'a str,
}

pub(super) fn hear(tx: &mut Tx<'_>, new: &NewHearing<'_>) -> Result<(), DbError> {
    let values =
        args![new.id, new.objection, new.held_on, new.present_sealed, &new.file.0, new.name_sealed, new.at, new.by];
    tx.run(&HEAR, values).map(|_| ())
}

/// The minutes of a hearing: their hash and their sealed name.
pub(super) fn minutes(tx: &mut Tx<'_>, objection: i64, hearing: i64) -> Result<Option<(FileHash, String)>, DbError> {
    tx.first(&MINUTES, args![objection, hearing])?.map(|row| Ok((FileHash(row.get(0)?), row.get(1)?))).transpose()
}

/// Notes where the list of a batch hangs.
pub(super) fn prove(
    tx: &mut Tx<'_>,
    (id, batch): (i64, i64),
    hung: &Hung<'_>,
    digest: &str,
    (at, by): (i64, &str),
) -> Result<(), DbError> {
    let (address, place, hung_by) = (hung.address.trim(), hung.place.trim(), hung.hung_by.trim());
    tx.run(&PROVE, args![id, batch, address, place, hung.hung_on, hung_by, digest, at, by]).map(|_| ())
}

pub(super) fn add_photo(tx: &mut Tx<'_>, (id, proof): (i64, i64), file: &FileHash, name: &str) -> Result<(), DbError> {
    tx.run(&ADD_PHOTO, args![id, proof, &file.0, name]).map(|_| ())
}

/// Where the lists of a batch hung, each with its photos.
pub(super) fn postings(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<PostingLine>, DbError> {
    let mut photos: BTreeMap<i64, Vec<PostingPhotoLine>> = BTreeMap::new();
    for row in tx.rows(&PHOTOS, args![batch])? {
        photos.entry(row.get(0)?).or_default().push(PostingPhotoLine { id: row.get(1)?, name: row.get(2)? });
    }
    let rows = tx.rows(&POSTINGS, args![batch])?;
    rows.into_iter()
        .map(|row| {
            let id = row.get(0)?;
            Ok(PostingLine {
                id,
                round: row.get(1)?,
                address: row.get(2)?,
                place: row.get(3)?,
                hung_on: row.get(4)?,
                hung_by: row.get(5)?,
                digest: row.get(6)?,
                photos: photos.remove(&id).unwrap_or_default(),
                noted_at: read_out(row.get(7)?),
                noted_by: row.get(8)?,
            })
        })
        .collect()
}

/// A photo of a list that hung: its hash and its name.
pub(super) fn photo(tx: &mut Tx<'_>, batch: i64, id: i64) -> Result<Option<(FileHash, String)>, DbError> {
    tx.first(&PHOTO, args![batch, id])?.map(|row| Ok((FileHash(row.get(0)?), row.get(1)?))).transpose()
}

/// How many reports of a batch were made.
pub(super) fn reports(tx: &mut Tx<'_>, batch: i64) -> Result<usize, DbError> {
    let count: i64 = tx.first(&REPORTS, args![batch])?.map_or(Ok(0), |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// A posting that is broken off.
pub(super) struct Broken<'a> {
    pub list: &'a [FrozenRow],
    pub on: Date,
    pub stood: i32,
    pub reason: &'a str,
    pub at: i64,
    pub today: Date,
    pub by: &'a str,
    pub seat: &'a str,
}

/// Keeps the posting that stands as a broken one, with its list and what belongs to it; its number.
pub(super) fn break_off(tx: &mut Tx<'_>, batch: i64, broken: &Broken<'_>) -> Result<i64, DbError> {
    let before: i64 = tx.first(&BROKEN_BEFORE, args![batch])?.map_or(Ok(0), |row| row.get(0))?;
    let no = before + 1;
    let Broken { on, stood, reason, at, today, by, seat, list } = broken;
    let values = args![batch, no, to_text(list)?, *on, i64::from(*stood), *reason, *today, *at, *by, *seat];
    tx.run(&BREAK_OFF, values)?;
    tx.run(&LEAVE_PROOFS, args![batch, no])?;
    tx.run(&LEAVE_CORRECTIONS, args![batch, no])?;
    tx.run(&TAKE_DOWN, args![batch])?;
    Ok(no)
}

/// The broken postings of a batch, the first first. `number` is the batch's, over which digests are computed.
pub(super) fn broken(tx: &mut Tx<'_>, (batch, number): (i64, &str)) -> Result<Vec<BrokenLine>, crate::door::Stop> {
    let rows = tx.rows(&BROKEN, args![batch])?;
    rows.into_iter()
        .map(|row| {
            let list: Vec<FrozenRow> = from_text(&row.get::<String>(6)?)?;
            let digest: String = row.get(2)?;
            Ok(BrokenLine {
                no: row.get(0)?,
                token: row.get(1)?,
                intact: super::list_digest(number, list.iter())? == digest,
                digest,
                window: Window { posted_on: row.get(3)?, first_on: row.get(4)?, ends_on: row.get(5)? },
                broken_on: row.get(7)?,
                stood: row.get(8)?,
                reason: row.get(9)?,
                restarted_on: row.get(10)?,
                restarted_by: row.get(11)?,
                seat: row.get(12)?,
                persons: list.len(),
            })
        })
        .collect()
}

/// The batch and the number of the broken posting that stood under this token.
pub(super) fn broken_by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<(i64, i64)>, DbError> {
    tx.first(&BROKEN_BY_TOKEN, args![token])?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// How many open objections one person of a batch has.
pub(super) fn open_of(tx: &mut Tx<'_>, batch: i64, candidate: i64) -> Result<i64, DbError> {
    tx.first(&OPEN_OF, args![batch, candidate])?.map_or(Ok(0), |row| row.get(0))
}

/// An objection, as far as a decision looks at it.
pub(super) struct Objection {
    pub batch: i64,
    pub candidate: i64,
    pub state: ObjectionState,
    pub lodged_on: Date,
}

fn state_of(code: &str) -> Result<ObjectionState, DbError> {
    ObjectionState::from_code(code).ok_or_else(|| DbError::stored(format!("objection state {code}")))
}

pub(super) fn objection(tx: &mut Tx<'_>, id: i64) -> Result<Option<Objection>, DbError> {
    tx.first(&OBJECTION, args![id])?
        .map(|row: Row| {
            let state = state_of(&row.get::<String>(3)?)?;
            Ok(Objection { batch: row.get(1)?, candidate: row.get(2)?, state, lodged_on: row.get(4)? })
        })
        .transpose()
}

/// Decides an objection; the person is held as long as one of the objections holds.
pub(super) fn decide(
    tx: &mut Tx<'_>,
    (id, candidate): (i64, i64),
    state: ObjectionState,
    (on, by): (Date, &str),
    (decision, effect): (&str, Option<ObjectionEffect>),
) -> Result<bool, DbError> {
    tx.run(&DECIDE, args![id, state.code(), on, by, decision, effect.map(ObjectionEffect::code)])?;
    let mut held = false;
    for row in tx.rows(&STATES_OF, args![candidate])? {
        held |= state_of(&row.get::<String>(0)?)?.holds();
    }
    tx.run(&HOLD, args![candidate, held])?;
    Ok(held)
}

/// What follows from an objection that is right, where it was said.
fn effect_of(row: &Row, at: usize) -> Result<Option<ObjectionEffect>, DbError> {
    Ok(row.get::<Option<String>>(at)?.as_deref().and_then(ObjectionEffect::from_code))
}

/// The objections of a batch, the open ones first, with what came with them and who was heard.
pub(super) fn objections(tx: &mut Tx<'_>, batch: i64, seals: &Seals) -> Result<Vec<ObjectionLine>, DbError> {
    let opened = |sealed: String| seals.open_text(&sealed).unwrap_or_default();
    let mut files: BTreeMap<i64, Vec<ObjectionFileLine>> = BTreeMap::new();
    for row in tx.rows(&ENCLOSURES, args![batch])? {
        let line = ObjectionFileLine { id: row.get(1)?, name: opened(row.get(2)?), size: row.get(3)? };
        files.entry(row.get(0)?).or_default().push(line);
    }
    let mut hearings: BTreeMap<i64, Vec<HearingLine>> = BTreeMap::new();
    for row in tx.rows(&HEARINGS, args![batch])? {
        let line = HearingLine {
            id: row.get(1)?,
            held_on: row.get(2)?,
            present: opened(row.get(3)?),
            file_name: opened(row.get(4)?),
            noted_by: row.get(5)?,
        };
        hearings.entry(row.get(0)?).or_default().push(line);
    }
    let rows = tx.rows(&OBJECTIONS, args![batch])?;
    rows.into_iter()
        .map(|row| {
            let state = state_of(&row.get::<String>(8)?)?;
            let id = row.get(0)?;
            Ok(ObjectionLine {
                id,
                receipt: row.get(1)?,
                candidate: row.get(2)?,
                no: row.get(3)?,
                name: row.get(4)?,
                lodged_at: read_out(row.get(5)?),
                reason: row.get(6)?,
                contact: opened(row.get(7)?),
                state: state.code().into(),
                state_name: state.name().into(),
                decided_on: row.get(9)?,
                decided_by: row.get(10)?,
                decision: row.get(11)?,
                due_on: row.get(12)?,
                is_late: false,
                effect: effect_of(&row, 13)?,
                is_changed: row.get::<i64>(14)? != 0,
                files: files.remove(&id).unwrap_or_default(),
                hearings: hearings.remove(&id).unwrap_or_default(),
            })
        })
        .collect()
}

/// Where the objection with this receipt stands, and of which batch it is; what was decided is as the body wrote it.
pub(super) fn by_receipt(tx: &mut Tx<'_>, receipt: &str) -> Result<Option<(i64, super::ObjectionStanding)>, DbError> {
    let Some(row) = tx.first(&BY_RECEIPT, args![receipt])? else { return Ok(None) };
    let state = state_of(&row.get::<String>(4)?)?;
    let effect = effect_of(&row, 8)?;
    let heard = tx.rows(&HEARD_ON, args![row.get::<i64>(10)?])?;
    let standing = super::ObjectionStanding {
        receipt: row.get(0)?,
        body: row.get(1)?,
        title: row.get(2)?,
        lodged_on: row.get(3)?,
        state: state.code().into(),
        state_name: state.name().into(),
        decided_on: row.get(5)?,
        decision: row.get(6)?,
        due_on: row.get(7)?,
        effect,
        follows: effect.map_or_else(String::new, |effect| format!("{}：{}", effect.name(), effect.follows())),
        files: row.get(11)?,
        heard_on: heard.into_iter().map(|row| row.get(0)).collect::<Result<_, _>>()?,
    };
    Ok(Some((row.get(9)?, standing)))
}

/// The names of all persons of a batch.
pub(super) fn names(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<String>, DbError> {
    tx.rows(&NAMES, args![batch])?.into_iter().map(|row| row.get(0)).collect()
}

/// What was decided on the persons of a list, as the body wrote it.
pub(super) fn decisions(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<PublicDecision>, DbError> {
    let rows = tx.rows(&DECISIONS, args![batch])?;
    rows.into_iter()
        .map(|row| {
            let state = state_of(&row.get::<String>(1)?)?;
            Ok(PublicDecision {
                no: row.get(0)?,
                state: state.code().into(),
                state_name: state.name().into(),
                decided_on: row.get(2)?,
                decision: row.get::<Option<String>>(3)?.unwrap_or_default(),
                follows: effect_of(&row, 4)?.map_or_else(String::new, |effect| effect.follows().into()),
            })
        })
        .collect()
}

/// A batch with its title, a number and days, for the work page.
pub(super) struct Waiting {
    pub batch: i64,
    pub title: String,
    pub count: i64,
    pub on: Date,
    pub due_on: Option<Date>,
}

impl TryFrom<Row> for Waiting {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self { batch: row.get(0)?, title: row.get(1)?, count: row.get(2)?, on: row.get(3)?, due_on: row.get(4)? })
    }
}

fn waiting(tx: &mut Tx<'_>, sql: &crate::db::Sql, scope: &crate::door::Scope) -> Result<Vec<Waiting>, DbError> {
    let rows = tx.rows(sql, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?;
    rows.into_iter().map(Waiting::try_from).collect()
}

/// Batches within these bounds with open objections: how many, since when, and by when the first is to be answered.
pub(super) fn open_in(tx: &mut Tx<'_>, scope: &crate::door::Scope) -> Result<Vec<Waiting>, DbError> {
    waiting(tx, &OPEN_IN, scope)
}

/// Batches within these bounds with objections that are right and whose marks wait to be changed.
pub(super) fn to_change(tx: &mut Tx<'_>, scope: &crate::door::Scope) -> Result<Vec<Waiting>, DbError> {
    waiting(tx, &TO_CHANGE, scope)
}

/// Batches within these bounds whose results stand on public notice, and until when.
pub(super) fn standing(tx: &mut Tx<'_>, scope: &crate::door::Scope) -> Result<Vec<Waiting>, DbError> {
    waiting(tx, &STANDING, scope)
}

/// Batches within these bounds, posted on this day or later, of which nobody has said that the list hangs; the day is the
/// first whole one, before which it must.
pub(super) fn unproven(tx: &mut Tx<'_>, scope: &crate::door::Scope, from: Date) -> Result<Vec<Waiting>, DbError> {
    let rows = tx.rows(&UNPROVEN, args![scope.body, scope.centre.clone(), scope.bureau.clone(), from])?;
    rows.into_iter().map(Waiting::try_from).collect()
}
