//! Cooperations in the database, and the batches that rest on them.

use rules::Day;
use rules::batch::BatchStage;
use rules::certificate::Level;
use rules::cooperation::{CooperationKind, CooperationState, Terms};

use super::{AgreedTrade, EvaluatorChoice, HeldBatch};
use crate::args;
use crate::batch::BatchBasis;
use crate::db::{DbError, Row, Tx};
use crate::door::store::{from_text, to_text};
use crate::door::{FileHash, KeptFile, Scope};

/// Cooperations with the two who cooperate.
macro_rules! cooperations {
    ($bound:literal) => {
        concat!(
            "SELECT k.id, k.kind, k.state, k.evaluator, e.name, e.centre, e.bureau, k.school, s.name, s.centre, k.by_school, ",
            "k.valid_from, k.valid_until, k.signed_on, k.scope, k.expected, k.note, k.file, k.file_name, k.proposed_on, k.proposed_by, ",
            "k.answered_on, k.answered_by, k.answer, k.ended_on, k.ended_by, k.end_reason ",
            "FROM cooperation k JOIN body e ON e.id = k.evaluator JOIN body s ON s.id = k.school ",
            $bound
        )
    };
}

crate::statements! {
    FIND = cooperations!("WHERE k.id = ?1");
    LIST = cooperations!("WHERE (CAST(?1 AS BIGINT) IS NULL OR k.evaluator = ?1 OR k.school = ?1) AND (CAST(?2 AS TEXT) IS NULL OR e.centre = ?2 OR s.centre = ?2)
        AND (CAST(?3 AS TEXT) IS NULL OR e.bureau = ?3 OR s.bureau = ?3) AND (CAST(?4 AS TEXT) IS NULL OR k.state = ?4) ORDER BY k.id DESC LIMIT 500");
    STANDING_OF = cooperations!("WHERE k.evaluator = ?1 AND k.state = 'standing' AND k.valid_until >= ?2 ORDER BY s.name, k.id");
    INSERT = "INSERT INTO cooperation (id, kind, state, evaluator, school, by_school, valid_from, valid_until, signed_on, scope, expected, note, file, file_name, proposed_on, proposed_by, version)
      VALUES (?1, ?2, 'proposed', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 1)";
    ANSWER = "UPDATE cooperation SET state = ?2, answered_on = ?3, answered_by = ?4, answer = ?5 WHERE id = ?1";
    END = "UPDATE cooperation SET state = ?2, ended_on = ?3, ended_by = ?4, end_reason = ?5 WHERE id = ?1";
    BATCHES = "SELECT t.id, t.number, t.title, t.trade, t.level, t.stage, t.starts_on, t.expected,
        (SELECT count(*) FROM candidate c WHERE c.batch = t.id AND c.withdrawn_on IS NULL),
        (SELECT count(*) FROM candidate c WHERE c.batch = t.id AND c.certificate IS NOT NULL)
      FROM batch t WHERE t.cooperation = ?1 ORDER BY t.starts_on DESC, t.id DESC LIMIT 500";
    BY_USCC = "SELECT id FROM body WHERE uscc = ?1";
    NAME = "SELECT name FROM body WHERE id = ?1";
    EVALUATORS = "SELECT l.number, e.name FROM listing l JOIN filing f ON f.id = l.filing AND f.origin = 'announced'
      JOIN listing_term e ON e.listing = l.id AND e.closed IS NULL AND e.valid_from <= ?1 AND e.valid_until >= ?1
      WHERE l.body <> ?2 ORDER BY e.name, l.number LIMIT 1000";
}

/// A cooperation as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Cooperation {
    pub id: i64,
    pub kind: CooperationKind,
    pub state: CooperationState,
    pub evaluator: i64,
    pub evaluator_name: String,
    /// The codes of the offices in charge.
    pub evaluator_centre: String,
    pub evaluator_bureau: Option<String>,
    pub school: i64,
    pub school_name: String,
    pub school_centre: String,
    /// Whether the school proposed it.
    pub by_school: bool,
    pub from: Day,
    pub until: Day,
    pub signed_on: Day,
    pub scope: Vec<AgreedTrade>,
    pub expected: i64,
    pub note: String,
    pub file: FileHash,
    pub file_name: String,
    pub proposed_on: Day,
    pub proposed_by: String,
    pub answered_on: Option<Day>,
    pub answered_by: Option<String>,
    pub answer: Option<String>,
    pub ended_on: Option<Day>,
    pub ended_by: Option<String>,
    pub end_reason: Option<String>,
}

impl TryFrom<Row> for Cooperation {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let (kind, state): (String, String) = (row.get(1)?, row.get(2)?);
        Ok(Self {
            id: row.get(0)?,
            kind: CooperationKind::from_code(&kind).ok_or_else(|| DbError::stored(format!("cooperation {kind}")))?,
            state: CooperationState::from_code(&state)
                .ok_or_else(|| DbError::stored(format!("cooperation {state}")))?,
            evaluator: row.get(3)?,
            evaluator_name: row.get(4)?,
            evaluator_centre: row.get(5)?,
            evaluator_bureau: row.get(6)?,
            school: row.get(7)?,
            school_name: row.get(8)?,
            school_centre: row.get(9)?,
            by_school: row.get(10)?,
            from: row.get(11)?,
            until: row.get(12)?,
            signed_on: row.get(13)?,
            scope: from_text(&row.get::<String>(14)?)?,
            expected: row.get(15)?,
            note: row.get(16)?,
            file: FileHash(row.get(17)?),
            file_name: row.get(18)?,
            proposed_on: row.get(19)?,
            proposed_by: row.get(20)?,
            answered_on: row.get(21)?,
            answered_by: row.get(22)?,
            answer: row.get(23)?,
            ended_on: row.get(24)?,
            ended_by: row.get(25)?,
            end_reason: row.get(26)?,
        })
    }
}

fn all(rows: Vec<Row>) -> Result<Vec<Cooperation>, DbError> {
    rows.into_iter().map(Cooperation::try_from).collect()
}

pub(super) fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<Cooperation>, DbError> {
    tx.first(&FIND, args![id])?.map(Cooperation::try_from).transpose()
}

/// The cooperation with this id in which this body is the evaluator.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn of_evaluator(tx: &mut Tx<'_>, id: i64, body: i64) -> Result<Option<Cooperation>, DbError> {
    Ok(find(tx, id)?.filter(|found| found.evaluator == body))
}

pub(super) fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    state: Option<CooperationState>,
) -> Result<Vec<Cooperation>, DbError> {
    let state = state.map(CooperationState::code);
    all(tx.rows(&LIST, args![scope.body, scope.centre.as_deref(), scope.bureau.as_deref(), state])?)
}

/// What a batch of an evaluator may rest on: cooperations that stand and whose last day is not over.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn standing_of(tx: &mut Tx<'_>, body: i64, today: Day) -> Result<Vec<BatchBasis>, DbError> {
    let found = all(tx.rows(&STANDING_OF, args![body, today])?)?;
    let basis = |one: Cooperation| BatchBasis {
        id: one.id,
        kind: one.kind,
        school_name: one.school_name,
        from: one.from,
        until: one.until,
    };
    Ok(found.into_iter().map(basis).collect())
}

/// A cooperation to be kept.
pub(super) struct New<'a> {
    pub id: i64,
    pub terms: &'a Terms,
    pub evaluator: i64,
    pub school: i64,
    pub by_school: bool,
    pub scope: Vec<AgreedTrade>,
    pub note: &'a str,
    pub file: &'a KeptFile,
    pub file_name: &'a str,
    pub on: Day,
    pub by: &'a str,
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &New<'_>) -> Result<(), DbError> {
    let Terms { kind, from, until, signed_on, expected, .. } = new.terms;
    let row = args![
        new.id,
        kind.code(),
        new.evaluator,
        new.school,
        new.by_school,
        *from,
        *until,
        *signed_on,
        to_text(&new.scope)?,
        *expected,
        new.note,
        &new.file.hash.0,
        new.file_name,
        new.on,
        new.by,
    ];
    tx.run(&INSERT, row).map(|_| ())
}

pub(super) fn answer(
    tx: &mut Tx<'_>,
    id: i64,
    state: CooperationState,
    on: Day,
    by: &str,
    reason: &str,
) -> Result<(), DbError> {
    tx.run(&ANSWER, args![id, state.code(), on, by, reason]).map(|_| ())
}

pub(super) fn end(
    tx: &mut Tx<'_>,
    id: i64,
    state: CooperationState,
    on: Day,
    by: &str,
    reason: &str,
) -> Result<(), DbError> {
    tx.run(&END, args![id, state.code(), on, by, reason]).map(|_| ())
}

pub(super) fn batches(tx: &mut Tx<'_>, cooperation: i64) -> Result<Vec<HeldBatch>, DbError> {
    let rows = tx.rows(&BATCHES, args![cooperation])?;
    rows.into_iter()
        .map(|row| {
            let (level, stage) = (row.get::<Level>(4)?, row.get::<String>(5)?);
            let stage = BatchStage::from_code(&stage).ok_or_else(|| DbError::stored(format!("batch stage {stage}")))?;
            Ok(HeldBatch {
                id: row.get(0)?,
                number: row.get(1)?,
                title: row.get(2)?,
                trade: row.get(3)?,
                level,
                level_name: level.name().to_owned(),
                stage,
                stage_name: stage.name().to_owned(),
                starts_on: row.get(6)?,
                expected: row.get(7)?,
                registered: row.get(8)?,
                issued: row.get(9)?,
            })
        })
        .collect()
}

/// The body with this credit code.
pub(super) fn by_uscc(tx: &mut Tx<'_>, uscc: &str) -> Result<Option<i64>, DbError> {
    tx.first(&BY_USCC, args![uscc])?.map(|row| row.get(0)).transpose()
}

/// The name of a body.
pub(super) fn name(tx: &mut Tx<'_>, body: i64) -> Result<String, DbError> {
    tx.first(&NAME, args![body])?.map_or(Ok(String::new()), |row| row.get(0))
}

/// Enterprises and organisations in the directory on a day, without this body.
pub(super) fn evaluators(tx: &mut Tx<'_>, on: Day, body: i64) -> Result<Vec<EvaluatorChoice>, DbError> {
    let rows = tx.rows(&EVALUATORS, args![on, body])?;
    rows.into_iter().map(|row| Ok(EvaluatorChoice { number: row.get(0)?, name: row.get(1)? })).collect()
}
