//! Evaluations in the database: the plan, its draws, the panel, what it marked and what shows it.

use rules::Day;
use rules::certificate::Level;
use rules::evaluation::{EvaluatedFacts, EvaluationStage, Mark, ScoreItem, TradeOutcome};
use rules::filing::{FilingStage, Track};

use super::AvoidedExpert;
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::store::{from_text, to_text};
use crate::door::{FileHash, Scope};
use crate::filing::BodyForm;

crate::statements! {
    FILING = "SELECT f.id, f.stage, f.body, b.name, b.bureau, b.superior, f.body_form, c.name, (SELECT COUNT(*) FROM filing_return r WHERE r.filing = f.id)
      FROM filing f JOIN body b ON b.id = f.body JOIN office c ON c.code = b.centre WHERE f.id = ?1";
    ACCEPTED = "SELECT f.id, f.stage, f.body, b.name, b.bureau, b.superior, f.body_form, c.name, (SELECT COUNT(*) FROM filing_return r WHERE r.filing = f.id)
      FROM filing f JOIN body b ON b.id = f.body JOIN office c ON c.code = b.centre
      WHERE f.stage = 'accepted' AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) ORDER BY f.id LIMIT 500";
    TRADES = "SELECT code, name, level FROM filing_trade WHERE filing = ?1 ORDER BY id";
    PEOPLE = "SELECT name, card_number FROM filing_person WHERE filing = ?1 ORDER BY id";
    WAS_LISTED = "SELECT id FROM listing WHERE body = ?1 LIMIT 1";

    OF_FILING = "SELECT e.id, e.held_on, e.members, e.planned_on, e.planned_by, e.moved_reason, e.entropy, e.commitment, e.opinion, e.outcome, e.finished_on, e.finished_by, (SELECT COUNT(*) FROM evaluation_draw d WHERE d.evaluation = e.id), e.sheet
      FROM evaluation e WHERE e.filing = ?1 AND e.round = ?2";
    CARRY_OVER = "UPDATE evaluation SET round = round + 1 WHERE id = ?1";
    PLAN = "INSERT INTO evaluation (id, filing, round, held_on, members, planned_on, planned_by, entropy, commitment, sheet) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    MOVE = "UPDATE evaluation SET held_on = ?2, moved_reason = ?3 WHERE id = ?1";
    FINISH = "UPDATE evaluation SET outcome = ?2, opinion = ?3, finished_on = ?4, finished_by = ?5 WHERE id = ?1";
    COMMIT_NEXT = "UPDATE evaluation SET entropy = ?2, commitment = ?3 WHERE id = ?1";
    ADD_DRAW = "INSERT INTO evaluation_draw (evaluation, no, record, reason, left_out, drawn_on, drawn_by, uncovered) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    DRAWS = "SELECT no, record, reason, left_out, drawn_on, drawn_by, uncovered FROM evaluation_draw WHERE evaluation = ?1 ORDER BY no";
    SEAT = "INSERT INTO evaluation_member (evaluation, draw, place, expert, name, employer, title, card_number) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    REPLACE = "UPDATE evaluation_member SET replaced_on = ?4, replaced_reason = ?5 WHERE evaluation = ?1 AND draw = ?2 AND expert = ?3";
    MEMBERS = "SELECT draw, place, expert, name, employer, title, card_number, replaced_on, replaced_reason FROM evaluation_member WHERE evaluation = ?1 ORDER BY draw, place";
    MARK = "INSERT INTO evaluation_mark (evaluation, expert, item, trade_code, points, remark) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT (evaluation, expert, item, trade_code) DO UPDATE SET points = excluded.points, remark = excluded.remark";
    MARKS = "SELECT expert, item, trade_code, points, remark FROM evaluation_mark WHERE evaluation = ?1";
    EVIDENCE = "SELECT v.id, v.item, v.file, v.name, f.kind, f.size, v.attached_at, v.attached_by FROM evaluation_evidence v JOIN file f ON f.hash = v.file WHERE v.evaluation = ?1 ORDER BY v.id";
    ATTACH = "INSERT INTO evaluation_evidence (id, evaluation, item, file, name, attached_at, attached_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    REMOVE = "DELETE FROM evaluation_evidence WHERE evaluation = ?1 AND id = ?2";
}

/// A filing as its evaluation sees it.
#[derive(Debug, Clone)]
pub(super) struct Filing {
    pub id: i64,
    pub stage: FilingStage,
    pub body: i64,
    pub body_name: String,
    pub centre_name: String,
    pub track: Track,
    superior: String,
    /// How often it was given back.
    pub round: i64,
}

impl TryFrom<Row> for Filing {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let (stage, bureau): (String, Option<String>) = (row.get(1)?, row.get(4)?);
        let form = row.get::<Option<String>>(6)?.map(|text| from_text::<BodyForm>(&text)).transpose()?;
        let told = form.map(|form| form.superior).filter(|superior| !superior.trim().is_empty());
        Ok(Self {
            id: row.get(0)?,
            stage: FilingStage::from_code(&stage).ok_or_else(|| DbError::stored(format!("stage {stage}")))?,
            body: row.get(2)?,
            body_name: row.get(3)?,
            track: Track { needs_bureau: bureau.is_some() },
            superior: told.map_or_else(|| row.get(5), Ok)?,
            centre_name: row.get(7)?,
            round: row.get(8)?,
        })
    }
}

impl Filing {
    /// Its evaluation's page.
    pub fn href(&self) -> String {
        format!("/filings/{}/evaluation", self.id)
    }
}

pub(super) fn filing(tx: &mut Tx<'_>, id: i64) -> Result<Option<Filing>, DbError> {
    tx.first(&FILING, args![id])?.map(Filing::try_from).transpose()
}

/// Accepted filings within reach.
pub(super) fn accepted(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<Filing>, DbError> {
    let rows = tx.rows(&ACCEPTED, args![scope.body, scope.centre.clone()])?;
    rows.into_iter().map(Filing::try_from).collect()
}

/// What the filing plans: code, name and level, in its order.
pub(super) fn trades(tx: &mut Tx<'_>, filing: i64) -> Result<Vec<(String, String, Level)>, DbError> {
    let rows = tx.rows(&TRADES, args![filing])?;
    rows.iter()
        .map(|row| {
            let digit: String = row.get(2)?;
            let level = digit.chars().next().and_then(Level::from_digit);
            Ok((row.get(0)?, row.get(1)?, level.ok_or_else(|| DbError::stored(format!("level {digit}")))?))
        })
        .collect()
}

/// What avoidance is asked about.
pub(super) fn facts(tx: &mut Tx<'_>, filing: &Filing) -> Result<EvaluatedFacts, DbError> {
    let people = tx.rows(&PEOPLE, args![filing.id])?;
    Ok(EvaluatedFacts {
        name: filing.body_name.clone(),
        superior: filing.superior.clone(),
        trades: trades(tx, filing.id)?.into_iter().map(|(code, _, level)| (code, level)).collect(),
        people: people.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_, DbError>>()?,
    })
}

/// Whether the body has ever stood in the directory.
pub(super) fn was_listed(tx: &mut Tx<'_>, body: i64) -> Result<bool, DbError> {
    Ok(tx.first(&WAS_LISTED, args![body])?.is_some())
}

/// An evaluation as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Evaluation {
    pub id: i64,
    pub held_on: Day,
    pub members: i64,
    pub planned_on: Day,
    pub planned_by: String,
    pub moved_reason: Option<String>,
    /// Sealed.
    pub entropy: String,
    pub commitment: String,
    pub opinion: Option<String>,
    pub outcome: Option<Vec<TradeOutcome>>,
    pub finished_on: Option<Day>,
    pub finished_by: Option<String>,
    /// How often a panel was drawn.
    pub draws: i64,
    pub sheet: Vec<ScoreItem>,
}

impl Evaluation {
    /// Where it stands.
    pub fn stage(&self) -> EvaluationStage {
        match (self.finished_on, self.draws) {
            (Some(_), _) => EvaluationStage::Finished,
            (None, 0) => EvaluationStage::Planned,
            (None, _) => EvaluationStage::Drawn,
        }
    }
}

impl TryFrom<Row> for Evaluation {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            held_on: row.get(1)?,
            members: row.get(2)?,
            planned_on: row.get(3)?,
            planned_by: row.get(4)?,
            moved_reason: row.get(5)?,
            entropy: row.get(6)?,
            commitment: row.get(7)?,
            opinion: row.get(8)?,
            outcome: row.get::<Option<String>>(9)?.map(|text| from_text(&text)).transpose()?,
            finished_on: row.get(10)?,
            finished_by: row.get(11)?,
            draws: row.get(12)?,
            sheet: from_text(&row.get::<String>(13)?)?,
        })
    }
}

/// The evaluation of what was submitted last.
pub(super) fn of_filing(tx: &mut Tx<'_>, filing: &Filing) -> Result<Option<Evaluation>, DbError> {
    tx.first(&OF_FILING, args![filing.id, filing.round])?.map(Evaluation::try_from).transpose()
}

/// The evaluation of what was given back last.
pub(super) fn before_return(tx: &mut Tx<'_>, filing: &Filing) -> Result<Option<Evaluation>, DbError> {
    tx.first(&OF_FILING, args![filing.id, filing.round - 1])?.map(Evaluation::try_from).transpose()
}

/// An evaluation counts for the next submission.
pub(super) fn carry_over(tx: &mut Tx<'_>, evaluation: i64) -> Result<(), DbError> {
    tx.run(&CARRY_OVER, args![evaluation]).map(|_| ())
}

/// An evaluation to be held.
pub(super) struct NewPlan<'a> {
    pub id: i64,
    pub held_on: Day,
    pub members: usize,
    pub on: Day,
    pub by: &'a str,
    pub entropy: &'a str,
    pub commitment: &'a str,
    pub sheet: &'a [ScoreItem],
}

pub(super) fn plan(tx: &mut Tx<'_>, filing: &Filing, new: &NewPlan<'_>) -> Result<(), DbError> {
    let NewPlan { id, held_on, members, on, by, entropy, commitment, sheet } = *new;
    let (members, sheet) = (members as i64, to_text(&sheet)?);
    tx.run(&PLAN, args![id, filing.id, filing.round, held_on, members, on, by, entropy, commitment, sheet]).map(|_| ())
}

pub(super) fn move_to(tx: &mut Tx<'_>, evaluation: i64, held_on: Day, reason: &str) -> Result<(), DbError> {
    tx.run(&MOVE, args![evaluation, held_on, reason]).map(|_| ())
}

pub(super) fn finish(
    tx: &mut Tx<'_>,
    evaluation: i64,
    outcome: &[TradeOutcome],
    opinion: &str,
    (on, by): (Day, &str),
) -> Result<(), DbError> {
    tx.run(&FINISH, args![evaluation, to_text(&outcome)?, opinion, on, by]).map(|_| ())
}

/// A draw as it is stored.
#[derive(Debug, Clone)]
pub(super) struct StoredDraw {
    pub no: i64,
    /// The record as anyone verifies it.
    pub record: String,
    pub reason: String,
    pub left_out: Vec<AvoidedExpert>,
    /// Occupations that nobody in the list may judge, as people read them.
    pub uncovered: Vec<String>,
    pub drawn_on: Day,
    pub drawn_by: String,
}

pub(super) fn draws(tx: &mut Tx<'_>, evaluation: i64) -> Result<Vec<StoredDraw>, DbError> {
    let rows = tx.rows(&DRAWS, args![evaluation])?;
    rows.iter()
        .map(|row| {
            Ok(StoredDraw {
                no: row.get(0)?,
                record: row.get(1)?,
                reason: row.get(2)?,
                left_out: from_text(&row.get::<String>(3)?)?,
                drawn_on: row.get(4)?,
                drawn_by: row.get(5)?,
                uncovered: from_text(&row.get::<String>(6)?)?,
            })
        })
        .collect()
}

/// Keeps a draw, and the commitment to the next one's random bytes.
pub(super) fn drawn(
    tx: &mut Tx<'_>,
    evaluation: i64,
    draw: &StoredDraw,
    (entropy, commitment): (&str, &str),
) -> Result<(), DbError> {
    let StoredDraw { no, record, reason, left_out, uncovered, drawn_on, drawn_by } = draw;
    let (left_out, uncovered) = (to_text(left_out)?, to_text(uncovered)?);
    tx.run(&ADD_DRAW, args![evaluation, *no, record, reason, left_out, *drawn_on, drawn_by, uncovered])?;
    tx.run(&COMMIT_NEXT, args![evaluation, entropy, commitment]).map(|_| ())
}

/// Someone who was drawn.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub draw: i64,
    /// From 0, in the order of the lots.
    pub place: i64,
    pub expert: i64,
    pub name: String,
    pub employer: String,
    pub title: String,
    pub card_number: String,
    pub replaced_on: Option<Day>,
    pub replaced_reason: Option<String>,
}

impl TryFrom<Row> for Member {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            draw: row.get(0)?,
            place: row.get(1)?,
            expert: row.get(2)?,
            name: row.get(3)?,
            employer: row.get(4)?,
            title: row.get(5)?,
            card_number: row.get(6)?,
            replaced_on: row.get(7)?,
            replaced_reason: row.get(8)?,
        })
    }
}

/// Everyone who was ever drawn, by draw and place.
pub(super) fn members(tx: &mut Tx<'_>, evaluation: i64) -> Result<Vec<Member>, DbError> {
    tx.rows(&MEMBERS, args![evaluation])?.into_iter().map(Member::try_from).collect()
}

/// The panel as it sits: of the last draw, without whom others replaced.
pub(super) fn panel(tx: &mut Tx<'_>, evaluation: &Evaluation) -> Result<Vec<Member>, DbError> {
    let mut members = members(tx, evaluation.id)?;
    members.retain(|member| member.draw == evaluation.draws && member.replaced_on.is_none());
    Ok(members)
}

pub(super) fn seat(tx: &mut Tx<'_>, evaluation: i64, member: &Member) -> Result<(), DbError> {
    let Member { draw, place, expert, name, employer, title, card_number, .. } = member;
    tx.run(&SEAT, args![evaluation, *draw, *place, *expert, name, employer, title, card_number]).map(|_| ())
}

pub(super) fn replace(
    tx: &mut Tx<'_>,
    evaluation: i64,
    (draw, expert): (i64, i64),
    on: Day,
    reason: &str,
) -> Result<(), DbError> {
    tx.run(&REPLACE, args![evaluation, draw, expert, on, reason]).map(|_| ())
}

pub(super) fn mark(tx: &mut Tx<'_>, evaluation: i64, expert: i64, marks: &[Mark]) -> Result<(), DbError> {
    for mark in marks {
        let code = mark.trade_code.as_deref().unwrap_or_default();
        tx.run(&MARK, args![evaluation, expert, &mark.item, code, mark.points, mark.remark.trim()])?;
    }
    Ok(())
}

/// Everything that was marked, with who marked it.
pub(super) fn marks(tx: &mut Tx<'_>, evaluation: i64) -> Result<Vec<(i64, Mark)>, DbError> {
    let rows = tx.rows(&MARKS, args![evaluation])?;
    rows.iter()
        .map(|row| {
            let code: String = row.get(2)?;
            let mark = Mark {
                item: row.get(1)?,
                trade_code: Some(code).filter(|code| !code.is_empty()),
                points: row.get(3)?,
                remark: row.get(4)?,
            };
            Ok((row.get(0)?, mark))
        })
        .collect()
}

/// A photo, a scan, the signed sheet.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    pub id: i64,
    pub item: String,
    pub file: FileHash,
    pub name: String,
    pub kind: String,
    /// In bytes.
    pub size: i64,
    pub attached_at: i64,
    pub attached_by: String,
}

pub(super) fn evidence(tx: &mut Tx<'_>, evaluation: i64) -> Result<Vec<Evidence>, DbError> {
    let rows = tx.rows(&EVIDENCE, args![evaluation])?;
    rows.iter()
        .map(|row| {
            Ok(Evidence {
                id: row.get(0)?,
                item: row.get(1)?,
                file: FileHash(row.get(2)?),
                name: row.get(3)?,
                kind: row.get(4)?,
                size: row.get(5)?,
                attached_at: row.get(6)?,
                attached_by: row.get(7)?,
            })
        })
        .collect()
}

pub(super) fn attach(tx: &mut Tx<'_>, evaluation: i64, new: &Evidence) -> Result<(), DbError> {
    let Evidence { id, item, file, name, attached_at, attached_by, .. } = new;
    tx.run(&ATTACH, args![*id, evaluation, item, &file.0, name, *attached_at, attached_by]).map(|_| ())
}

/// Takes a file off the evaluation; whether there was one.
pub(super) fn remove(tx: &mut Tx<'_>, evaluation: i64, evidence: i64) -> Result<bool, DbError> {
    Ok(tx.run(&REMOVE, args![evaluation, evidence])? > 0)
}
