//! What assessors gave, and what it came to, in the database.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::assignment::Duty;
use rules::marking::Hand;
use rules::result::Part;
use rules::rubric::{Rubric, RubricItem};
use rules::scoring::Given;

use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::clock::read_out;
use crate::door::store::{from_text, to_text};
use crate::door::{FileHash, KeptFile};

crate::statements! {
    RUBRICS = "SELECT part, items, source FROM batch_rubric WHERE batch = ?1 ORDER BY part";
    CLEAR_RUBRICS = "DELETE FROM batch_rubric WHERE batch = ?1";
    KEEP_RUBRIC = "INSERT INTO batch_rubric (batch, part, items, source) VALUES (?1, ?2, ?3, ?4)";
    // Whose card stood on the day of the part, as the register has its terms and suspensions.
    JUDGES = "SELECT a.id, a.duty, a.part, a.name, a.employer, a.card_number, CASE WHEN a.ended_on IS NULL THEN 0 ELSE 1 END,
        CASE WHEN EXISTS (SELECT 1 FROM card_term t WHERE t.card = a.card AND t.valid_until >= d.held_on AND COALESCE(t.issued_on, '') <= d.held_on)
          AND NOT EXISTS (SELECT 1 FROM card_suspension x WHERE x.card = a.card AND x.suspended_on <= d.held_on AND COALESCE(x.lifted_on, '9999-12-31') > d.held_on) THEN 1 ELSE 0 END,
        CASE WHEN s.handed_in_at IS NULL THEN 0 ELSE 1 END, s.handed_in_at, COALESCE(s.handed_in_by, ''), s.file, COALESCE(s.file_name, ''), COALESCE(s.returns, 0), COALESCE(s.return_reason, ''),
        (SELECT count(*) FROM assessor_score g JOIN candidate c ON c.id = g.candidate WHERE g.assignment = a.id AND c.withdrawn_on IS NULL),
        (SELECT MAX(k.valid_until) FROM station_code k WHERE k.assignment = a.id),
        COALESCE((SELECT string_agg(CAST(g.session AS TEXT), ' ') FROM assignment_session g JOIN exam_session x ON x.id = g.session WHERE g.assignment = a.id), '')
      FROM assignment a JOIN (SELECT t.id AS batch, 'practical' AS part, t.practical_on AS held_on FROM batch t WHERE t.id = ?1
          UNION ALL SELECT t.id, 'comprehensive', COALESCE(t.comprehensive_on, t.ends_on) FROM batch t WHERE t.id = ?1) d ON d.batch = a.batch AND d.part = a.part
      LEFT JOIN assessor_sheet s ON s.assignment = a.id
      WHERE a.batch = ?1 AND a.duty IN ('group_head', 'assessor') AND (a.ended_on IS NULL OR EXISTS (SELECT 1 FROM assessor_score g WHERE g.assignment = a.id))
      ORDER BY a.part DESC, CASE WHEN a.duty = 'group_head' THEN 0 ELSE 1 END, a.place, a.id";
    SCORES = "SELECT g.assignment, g.candidate, g.given, g.changes, g.entered_at, g.entered_by, g.entered_account
      FROM assessor_score g JOIN assignment a ON a.id = g.assignment WHERE a.batch = ?1 AND a.part = ?2 ORDER BY g.candidate, g.assignment";
    SCORES_OF = "SELECT g.assignment, g.candidate, g.given, g.changes, g.entered_at, g.entered_by, g.entered_account
      FROM assessor_score g WHERE g.assignment = ?1 ORDER BY g.candidate";
    // The key is the candidate; its value lists: 0 what was given.
    ENTER = "INSERT INTO assessor_score (assignment, candidate, given, changes, entered_at, entered_by, entered_account)
      SELECT CAST(?2 AS BIGINT), CAST(r.key AS BIGINT), r.value ->> 0, 0, CAST(?3 AS BIGINT), CAST(?4 AS TEXT), CAST(?5 AS BIGINT) FROM json_each(?1) AS r WHERE 1 = 1
      ON CONFLICT (assignment, candidate) DO UPDATE SET given = excluded.given, changes = assessor_score.changes + 1, entered_at = excluded.entered_at,
        entered_by = excluded.entered_by, entered_account = excluded.entered_account";
    HAND_IN = "INSERT INTO assessor_sheet (assignment, handed_in_at, handed_in_by, file, file_name, returns, return_reason) VALUES (?1, ?2, ?3, ?4, ?5, 0, '')
      ON CONFLICT (assignment) DO UPDATE SET handed_in_at = excluded.handed_in_at, handed_in_by = excluded.handed_in_by, file = excluded.file, file_name = excluded.file_name";
    RETURN = "UPDATE assessor_sheet SET handed_in_at = NULL, handed_in_by = NULL, returns = returns + 1, return_reason = ?2 WHERE assignment = ?1";
    // Session, number, room, day, begin and seat of everyone who has a place in the part.
    PLACES = "SELECT p.candidate, s.id, s.no, s.room, s.held_on, s.begins, p.seat FROM exam_place p JOIN exam_session s ON s.id = p.session WHERE s.batch = ?1 AND p.part = ?2";
    MERGES = "SELECT m.candidate, m.mean, m.spread, m.reason, m.missing_reason, m.group_head, m.merged_at, m.merged_by FROM score_merge m JOIN candidate c ON c.id = m.candidate WHERE c.batch = ?1 AND m.part = ?2";
    // The key is the candidate; its value lists: 0 mean, 1 spread, 2 reason, 3 head of the group.
    MERGE = "INSERT INTO score_merge (candidate, part, mean, spread, reason, missing_reason, group_head, merged_at, merged_by)
      SELECT CAST(r.key AS BIGINT), CAST(?2 AS TEXT), CAST(r.value ->> 0 AS BIGINT), CAST(r.value ->> 1 AS BIGINT), r.value ->> 2, CAST(?3 AS TEXT), r.value ->> 3, CAST(?4 AS BIGINT), CAST(?5 AS TEXT) FROM json_each(?1) AS r WHERE 1 = 1
      ON CONFLICT (candidate, part) DO UPDATE SET mean = excluded.mean, spread = excluded.spread, reason = excluded.reason, missing_reason = excluded.missing_reason,
        group_head = excluded.group_head, merged_at = excluded.merged_at, merged_by = excluded.merged_by";
    SPREADS = "SELECT m.candidate, m.part, m.spread, m.reason, m.group_head FROM score_merge m JOIN candidate c ON c.id = m.candidate
      WHERE c.batch = ?1 AND c.withdrawn_on IS NULL AND m.spread > ?2 ORDER BY m.spread DESC, c.ticket, m.part";
    DROP_CODES = "DELETE FROM station_code WHERE assignment IN (SELECT a.id FROM assignment a WHERE a.batch = ?1)";
    // The key is the hash of a code; its value lists: 0 the assignment.
    KEEP_CODES = "INSERT INTO station_code (code_key, assignment, issue, issued_by, valid_until)
      SELECT r.key, CAST(r.value ->> 0 AS BIGINT), CAST(?2 AS BIGINT), CAST(?3 AS TEXT), r.value ->> 1 FROM json_each(?1) AS r";
    BY_CODE = "SELECT k.assignment, k.valid_until, a.batch FROM station_code k JOIN assignment a ON a.id = k.assignment WHERE k.code_key = ?1";
    CODES = "SELECT k.assignment, k.issue, k.valid_until FROM station_code k JOIN assignment a ON a.id = k.assignment WHERE a.batch = ?1";
    UNMERGED = "SELECT t.id, t.title, t.practical_on, t.comprehensive_on, t.ends_on, count(DISTINCT g.candidate)
      FROM assessor_score g JOIN assignment a ON a.id = g.assignment JOIN batch t ON t.id = a.batch JOIN candidate c ON c.id = g.candidate AND c.withdrawn_on IS NULL
      WHERE t.body = ?1 AND t.stage = 'notified' AND NOT EXISTS (SELECT 1 FROM score_merge m WHERE m.candidate = g.candidate AND m.part = a.part)
      GROUP BY t.id, t.title, t.practical_on, t.comprehensive_on, t.ends_on ORDER BY t.id LIMIT 50";
}

/// The rubric that a batch keeps for a part, with its place in the standard; a part without one is judged as a whole.
pub(crate) fn rubrics(tx: &mut Tx<'_>, batch: i64) -> Result<BTreeMap<Part, (Rubric, String)>, DbError> {
    let rows = tx.rows(&RUBRICS, args![batch])?;
    rows.into_iter()
        .map(|row| {
            let items: Vec<RubricItem> = from_text(&row.get::<String>(1)?)?;
            Ok((part(&row, 0)?, (Rubric(items), row.get(2)?)))
        })
        .collect()
}

/// Keeps these rubrics for a batch, and no others.
pub(crate) fn keep_rubrics<'r>(
    tx: &mut Tx<'_>,
    batch: i64,
    rubrics: impl Iterator<Item = &'r rules::rubric::RubricSet>,
) -> Result<(), DbError> {
    tx.run(&CLEAR_RUBRICS, args![batch])?;
    for one in rubrics {
        tx.run(&KEEP_RUBRIC, args![batch, one.part.code(), to_text(&one.items)?, &one.source])?;
    }
    Ok(())
}

fn part(row: &Row, index: usize) -> Result<Part, DbError> {
    let code: String = row.get(index)?;
    Part::from_code(&code).ok_or_else(|| DbError::stored(format!("part {code}")))
}

/// Somebody who is assigned to judge a part, with the own sheet.
#[derive(Debug, Clone)]
pub(super) struct Judge {
    /// Of the assignment.
    pub id: i64,
    pub is_head: bool,
    pub part: Part,
    pub name: String,
    pub employer: String,
    pub card_number: String,
    pub is_replaced: bool,
    pub card_stood: bool,
    pub handed_in: bool,
    /// As people read it.
    pub handed_in_at: String,
    pub handed_in_by: String,
    pub file: Option<FileHash>,
    pub file_name: String,
    pub returns: i64,
    pub return_reason: String,
    /// Candidates with a score.
    pub given: i64,
    /// The last day of the latest code, where one was issued.
    pub code_until: Option<Date>,
    /// The groups that they judge; none where it is the whole part.
    pub groups: Vec<i64>,
}

/// Who judges a batch, the head of each part first.
pub(super) fn judges(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Judge>, DbError> {
    let judge = |row: Row| {
        let duty: String = row.get(1)?;
        Ok(Judge {
            id: row.get(0)?,
            is_head: duty == Duty::GroupHead.code(),
            part: part(&row, 2)?,
            name: row.get(3)?,
            employer: row.get(4)?,
            card_number: row.get(5)?,
            is_replaced: row.get(6)?,
            card_stood: row.get(7)?,
            handed_in: row.get(8)?,
            handed_in_at: row.get::<Option<i64>>(9)?.map(read_out).unwrap_or_default(),
            handed_in_by: row.get(10)?,
            file: row.get::<Option<String>>(11)?.map(FileHash),
            file_name: row.get(12)?,
            returns: row.get(13)?,
            return_reason: row.get(14)?,
            given: row.get(15)?,
            code_until: row.get(16)?,
            groups: crate::assignment::ids(&row.get::<String>(17)?),
        })
    };
    tx.rows(&JUDGES, args![batch])?.into_iter().map(judge).collect()
}

/// What one assessor gave one candidate, and who wrote it down.
#[derive(Debug, Clone)]
pub(super) struct Score {
    pub assignment: i64,
    pub candidate: i64,
    pub given: Given,
    pub changes: i64,
    /// As people read it.
    pub entered_at: String,
    pub entered: Hand,
}

impl TryFrom<Row> for Score {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            assignment: row.get(0)?,
            candidate: row.get(1)?,
            given: from_text(&row.get::<String>(2)?)?,
            changes: row.get(3)?,
            entered_at: read_out(row.get(4)?),
            entered: Hand { name: row.get(5)?, account: row.get(6)? },
        })
    }
}

/// What everybody gave in a part of a batch.
pub(super) fn scores(tx: &mut Tx<'_>, batch: i64, part: Part) -> Result<Vec<Score>, DbError> {
    tx.rows(&SCORES, args![batch, part.code()])?.into_iter().map(Score::try_from).collect()
}

/// What one assessor gave.
pub(super) fn scores_of(tx: &mut Tx<'_>, assignment: i64) -> Result<BTreeMap<i64, Score>, DbError> {
    let rows = tx.rows(&SCORES_OF, args![assignment])?;
    rows.into_iter().map(|row| Score::try_from(row).map(|score| (score.candidate, score))).collect()
}

/// Writes down what an assessor gave.
pub(super) fn enter(
    tx: &mut Tx<'_>,
    assignment: i64,
    given: &BTreeMap<i64, Given>,
    (now, by): (i64, &Hand),
) -> Result<(), DbError> {
    if given.is_empty() {
        return Ok(());
    }
    let rows = given.iter().map(|(candidate, given)| Ok((*candidate, (to_text(given)?,))));
    let rows = rows.collect::<Result<BTreeMap<i64, (String,)>, DbError>>()?;
    tx.run(&ENTER, args![to_text(&rows)?, assignment, now, &by.name, by.account]).map(|_| ())
}

pub(super) fn hand_in(
    tx: &mut Tx<'_>,
    assignment: i64,
    (now, by): (i64, &str),
    file: Option<(&KeptFile, &str)>,
) -> Result<(), DbError> {
    let (hash, name) = file.map(|(kept, name)| (kept.hash.0.as_str(), name)).unzip();
    tx.run(&HAND_IN, args![assignment, now, by, hash, name.unwrap_or_default()]).map(|_| ())
}

pub(super) fn give_back(tx: &mut Tx<'_>, assignment: i64, reason: &str) -> Result<(), DbError> {
    tx.run(&RETURN, args![assignment, reason]).map(|_| ())
}

/// Where a candidate sits in a part.
#[derive(Debug, Clone)]
pub(super) struct Seated {
    pub session: i64,
    pub no: i64,
    pub room: String,
    pub on: Date,
    pub begins: String,
    pub seat: i64,
}

/// Where the candidates of a batch sit in a part, by candidate.
pub(super) fn places(tx: &mut Tx<'_>, batch: i64, part: Part) -> Result<BTreeMap<i64, Seated>, DbError> {
    let rows = tx.rows(&PLACES, args![batch, part.code()])?;
    rows.into_iter()
        .map(|row| {
            let seated = Seated {
                session: row.get(1)?,
                no: row.get(2)?,
                room: row.get(3)?,
                on: row.get(4)?,
                begins: row.get(5)?,
                seat: row.get(6)?,
            };
            Ok((row.get(0)?, seated))
        })
        .collect()
}

/// What was made of a candidate's scores.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub mean: Option<i64>,
    pub spread: i64,
    pub reason: String,
    pub missing_reason: String,
    pub group_head: String,
    /// As people read it.
    pub merged_at: String,
    pub merged_by: String,
}

/// What was made of the scores of a part, by candidate.
pub(super) fn merges(tx: &mut Tx<'_>, batch: i64, part: Part) -> Result<BTreeMap<i64, Kept>, DbError> {
    let rows = tx.rows(&MERGES, args![batch, part.code()])?;
    rows.into_iter()
        .map(|row| {
            let kept = Kept {
                mean: row.get(1)?,
                spread: row.get(2)?,
                reason: row.get(3)?,
                missing_reason: row.get(4)?,
                group_head: row.get(5)?,
                merged_at: read_out(row.get(6)?),
                merged_by: row.get(7)?,
            };
            Ok((row.get(0)?, kept))
        })
        .collect()
}

/// What is kept of a merge for everybody of it.
pub(super) struct Merge<'a> {
    pub part: Part,
    pub missing_reason: &'a str,
    pub now: i64,
    pub by: &'a str,
}

/// Keeps what was made of scores: by candidate the mean, the spread, the reason and the head of the group.
pub(super) fn merge(
    tx: &mut Tx<'_>,
    rows: &BTreeMap<i64, (Option<i64>, i64, String, String)>,
    merge: &Merge<'_>,
) -> Result<(), DbError> {
    let values = args![to_text(rows)?, merge.part.code(), merge.missing_reason, merge.now, merge.by];
    tx.run(&MERGE, values).map(|_| ())
}

/// Candidates of a batch whose assessors were farther apart than so many tenths, the widest first.
pub(super) fn spreads(tx: &mut Tx<'_>, batch: i64, beyond: i64) -> Result<Vec<super::Spread>, DbError> {
    let rows = tx.rows(&SPREADS, args![batch, beyond])?;
    rows.into_iter()
        .map(|row| {
            Ok(super::Spread {
                candidate: row.get(0)?,
                part: part(&row, 1)?,
                points: rules::scoring::in_points(row.get(2)?),
                reason: row.get(3)?,
                group_head: row.get(4)?,
            })
        })
        .collect()
}

/// Keeps the hashes of new codes with the assignments and last days they are for; those of before are void.
pub(super) fn keep_codes(
    tx: &mut Tx<'_>,
    batch: i64,
    codes: &BTreeMap<String, (i64, Date)>,
    (issue, by): (i64, &str),
) -> Result<(), DbError> {
    tx.run(&DROP_CODES, args![batch])?;
    tx.run(&KEEP_CODES, args![to_text(codes)?, issue, by]).map(|_| ())
}

/// What the codes of a batch follow from, and their last days, by assignment.
pub(super) fn codes(tx: &mut Tx<'_>, batch: i64) -> Result<BTreeMap<i64, (i64, Date)>, DbError> {
    tx.rows(&CODES, args![batch])?.iter().map(|row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).collect()
}

/// The assignment behind the hash of a code, its batch, and the last day on which the code opens anything.
pub(super) fn by_code(tx: &mut Tx<'_>, key: &str) -> Result<Option<(i64, i64, Date)>, DbError> {
    tx.first(&BY_CODE, args![key])?.map(|row| Ok((row.get(0)?, row.get(2)?, row.get(1)?))).transpose()
}

/// A batch with scores that nobody has merged.
pub(super) struct Unmerged {
    pub batch: i64,
    pub title: String,
    pub last_on: Date,
    pub candidates: i64,
}

pub(super) fn unmerged(tx: &mut Tx<'_>, body: i64) -> Result<Vec<Unmerged>, DbError> {
    let rows = tx.rows(&UNMERGED, args![body])?;
    rows.into_iter()
        .map(|row| {
            let (practical, review): (Date, Option<Date>) = (row.get(2)?, row.get(3)?);
            Ok(Unmerged {
                batch: row.get(0)?,
                title: row.get(1)?,
                last_on: review.map_or(practical, |on| on.max(practical)),
                candidates: row.get(5)?,
            })
        })
        .collect()
}
