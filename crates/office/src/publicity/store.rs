//! The frozen list and objections in the database.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::publicity::ObjectionState;
use rules::publicity::Window;
use rules::result::{Outcome, Part};

use super::{CorrectionLine, FrozenRow, ObjectionLine, PublicLine};
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::Seals;
use crate::door::clock::read_out;
use crate::door::store::{from_text, to_text};

crate::statements! {
    POST = "UPDATE batch SET stage = ?2, posted_at = ?3, posted_on = ?4, first_on = ?5, ends_publicity_on = ?6, publicity_token = ?7, publicity_digest = ?8 WHERE id = ?1";
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
      FROM publicity_correction k JOIN batch t ON t.id = k.batch JOIN body b ON b.id = t.body WHERE k.ends_on >= ?1
      GROUP BY b.name, t.title, t.trade, t.level, t.publicity_token, t.id ORDER BY 7, 11, 10 LIMIT 500";
    // Results that were changed after posting, each with its own days.
    CORRECTIONS = "SELECT k.no, p.name_masked, p.id_masked, k.marks, k.verdict, p.verdict, k.posted_on, k.first_on, k.ends_on, p.marks
      FROM publicity_correction k JOIN publicity_row p ON p.batch = k.batch AND p.no = k.no WHERE k.batch = ?1 ORDER BY k.posted_on, k.no";
    CORRECTED_UNTIL = "SELECT MAX(ends_on) FROM publicity_correction WHERE candidate = ?1";
    LODGE = "INSERT INTO objection (id, receipt, batch, candidate, lodged_at, lodged_on, reason, contact_sealed, state, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)";
    OPEN_OF = "SELECT COUNT(*) FROM objection WHERE batch = ?1 AND candidate = ?2 AND state = 'open'";
    HOLD = "UPDATE candidate SET held = ?2 WHERE id = ?1";
    OBJECTION = "SELECT id, batch, candidate, state FROM objection WHERE id = ?1";
    DECIDE = "UPDATE objection SET state = ?2, decided_on = ?3, decided_by = ?4, decision = ?5 WHERE id = ?1";
    // What a change has carried out holds nobody any more.
    STATES_OF = "SELECT state FROM objection WHERE candidate = ?1 AND mark_change IS NULL";
    OBJECTIONS = "SELECT o.id, o.receipt, o.candidate, c.publicity_no, c.name, o.lodged_at, o.reason, o.contact_sealed, o.state, o.decided_on, o.decided_by, o.decision
      FROM objection o JOIN candidate c ON c.id = o.candidate WHERE o.batch = ?1 ORDER BY CASE o.state WHEN 'open' THEN 0 ELSE 1 END, o.id";
    BY_RECEIPT = "SELECT o.receipt, b.name, t.title, o.lodged_on, o.state, o.decided_on, o.decision
      FROM objection o JOIN batch t ON t.id = o.batch JOIN body b ON b.id = t.body WHERE o.receipt = ?1";
    OPEN_IN = "SELECT t.id, t.title, COUNT(*), MIN(o.lodged_on) FROM objection o JOIN batch t ON t.id = o.batch JOIN body b ON b.id = t.body
      WHERE o.state = 'open' AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      GROUP BY t.id, t.title ORDER BY t.id";
    STANDING = "SELECT t.id, t.title, t.ends_publicity_on FROM batch t JOIN body b ON b.id = t.body
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
}

/// Lodges an objection and holds the person it names.
pub(super) fn lodge(tx: &mut Tx<'_>, new: &NewObjection<'_>) -> Result<(), DbError> {
    let state = ObjectionState::Open.code();
    let values =
        args![new.id, new.receipt, new.batch, new.candidate, new.at, new.on, new.reason, new.contact_sealed, state];
    tx.run(&LODGE, values)?;
    tx.run(&HOLD, args![new.candidate, true]).map(|_| ())
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
}

fn state_of(code: &str) -> Result<ObjectionState, DbError> {
    ObjectionState::from_code(code).ok_or_else(|| DbError::stored(format!("objection state {code}")))
}

pub(super) fn objection(tx: &mut Tx<'_>, id: i64) -> Result<Option<Objection>, DbError> {
    tx.first(&OBJECTION, args![id])?
        .map(|row: Row| {
            Ok(Objection { batch: row.get(1)?, candidate: row.get(2)?, state: state_of(&row.get::<String>(3)?)? })
        })
        .transpose()
}

/// Decides an objection; the person is held as long as one of the objections holds.
pub(super) fn decide(
    tx: &mut Tx<'_>,
    (id, candidate): (i64, i64),
    state: ObjectionState,
    (on, by): (Date, &str),
    decision: &str,
) -> Result<bool, DbError> {
    tx.run(&DECIDE, args![id, state.code(), on, by, decision])?;
    let mut held = false;
    for row in tx.rows(&STATES_OF, args![candidate])? {
        held |= state_of(&row.get::<String>(0)?)?.holds();
    }
    tx.run(&HOLD, args![candidate, held])?;
    Ok(held)
}

/// The objections of a batch, the open ones first.
pub(super) fn objections(tx: &mut Tx<'_>, batch: i64, seals: &Seals) -> Result<Vec<ObjectionLine>, DbError> {
    let rows = tx.rows(&OBJECTIONS, args![batch])?;
    rows.into_iter()
        .map(|row| {
            let state = state_of(&row.get::<String>(8)?)?;
            Ok(ObjectionLine {
                id: row.get(0)?,
                receipt: row.get(1)?,
                candidate: row.get(2)?,
                no: row.get(3)?,
                name: row.get(4)?,
                lodged_at: read_out(row.get(5)?),
                reason: row.get(6)?,
                contact: seals.open_text(&row.get::<String>(7)?).unwrap_or_default(),
                state: state.code().into(),
                state_name: state.name().into(),
                decided_on: row.get(9)?,
                decided_by: row.get(10)?,
                decision: row.get(11)?,
            })
        })
        .collect()
}

/// Where the objection with this receipt stands; nothing of it names a person.
pub(super) fn by_receipt(tx: &mut Tx<'_>, receipt: &str) -> Result<Option<super::ObjectionStanding>, DbError> {
    tx.first(&BY_RECEIPT, args![receipt])?
        .map(|row| {
            let state = state_of(&row.get::<String>(4)?)?;
            Ok(super::ObjectionStanding {
                receipt: row.get(0)?,
                body: row.get(1)?,
                title: row.get(2)?,
                lodged_on: row.get(3)?,
                state: state.code().into(),
                state_name: state.name().into(),
                decided_on: row.get(5)?,
                decision: row.get(6)?,
            })
        })
        .transpose()
}

/// A batch with its title, a number and a day, for the work page.
pub(super) struct Waiting {
    pub batch: i64,
    pub title: String,
    pub count: i64,
    pub on: Date,
}

/// Batches within these bounds with open objections: how many, and since when.
pub(super) fn open_in(tx: &mut Tx<'_>, scope: &crate::door::Scope) -> Result<Vec<Waiting>, DbError> {
    let rows = tx.rows(&OPEN_IN, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?;
    rows.into_iter()
        .map(|row| Ok(Waiting { batch: row.get(0)?, title: row.get(1)?, count: row.get(2)?, on: row.get(3)? }))
        .collect()
}

/// Batches within these bounds whose results stand on public notice, and until when.
pub(super) fn standing(tx: &mut Tx<'_>, scope: &crate::door::Scope) -> Result<Vec<Waiting>, DbError> {
    let rows = tx.rows(&STANDING, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?;
    rows.into_iter()
        .map(|row| Ok(Waiting { batch: row.get(0)?, title: row.get(1)?, count: 0, on: row.get(2)? }))
        .collect()
}
