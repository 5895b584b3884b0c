//! What is asked about an evaluation. The body sees its day and its result; the single marks and the draw only when the
//! filing was decided, so that no member is spoken to in between.

use jiff::civil::Date;
use rules::Clause;
use rules::evaluation::{EvaluationStage, TradeOutcome, lines};
use rules::filing::FilingStage;
use rules::permission::{ActKind, LookKind, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::acts::codes;
use super::store::{self, Evaluation, Filing};
use super::{AvoidedExpert, SIGNED_SHEET};
use crate::door::{FileHash, Look, Sight, Stop, Subject};

/// Someone who was drawn.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MemberView {
    pub expert: i64,
    pub name: String,
    pub employer: String,
    pub title: String,
    pub card_number: String,
    /// The draw, and the place in its order from 1.
    pub draw: i64,
    pub place: i64,
    /// Whether the member sits on the panel.
    pub sits: bool,
    pub replaced_on: Option<Date>,
    pub replaced_reason: String,
    /// How many lines the member has marked.
    pub marked: usize,
}

/// One draw.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DrawLine {
    pub no: i64,
    pub drawn_on: Date,
    pub drawn_by: String,
    /// Why it was drawn again; empty for the first.
    pub reason: String,
    /// How many could have been drawn.
    pub eligible: usize,
    pub commitment: String,
    pub left_out: Vec<AvoidedExpert>,
    /// How many occupations had to be covered by those who were drawn.
    pub covered: usize,
    /// Occupations that nobody in the list may judge.
    pub uncovered: Vec<String>,
    /// How many were drawn.
    pub take: usize,
}

/// What one member gave for a line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GivenMark {
    pub points: i64,
    pub remark: String,
}

/// A line of the score sheet with what the panel gave.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SheetLine {
    pub item: String,
    #[schema(value_type = String)]
    pub clause: Clause,
    pub title: String,
    pub full: i64,
    pub essential: bool,
    pub trade_code: Option<String>,
    /// The occupation's name; empty where the line is about the whole body.
    pub trade_name: String,
    /// One for each member of the panel in its order; none while not marked.
    pub marks: Vec<Option<GivenMark>>,
}

/// An attached file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EvidenceView {
    pub id: i64,
    pub item: String,
    /// The line that it shows, in words.
    pub title: String,
    pub name: String,
    /// In bytes.
    pub size: i64,
    pub attached: String,
    pub attached_by: String,
}

/// An occupation with the panel's conclusion.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OutcomeView {
    pub name: String,
    #[serde(flatten)]
    #[schema(inline)]
    pub outcome: TradeOutcome,
}

/// The evaluation of a filing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EvaluationView {
    pub filing: i64,
    pub body_name: String,
    pub centre_name: String,
    /// Whether the assessment waits for it.
    pub needed: bool,
    /// None while it has no day.
    pub stage: Option<EvaluationStage>,
    pub stage_name: String,
    pub held_on: Option<Date>,
    pub moved_reason: String,
    pub members_wanted: i64,
    pub planned_on: Option<Date>,
    pub planned_by: String,
    /// What was put aside for the next draw, as a hash: it can't be chosen afterwards.
    pub commitment: String,
    pub draws: Vec<DrawLine>,
    /// Everyone who was drawn; those who sit first.
    pub members: Vec<MemberView>,
    pub sheet: Vec<SheetLine>,
    pub evidence: Vec<EvidenceView>,
    pub has_signed_sheet: bool,
    pub outcomes: Vec<OutcomeView>,
    pub opinion: String,
    pub finished_on: Option<Date>,
    pub finished_by: String,
    /// Whether the day has come.
    pub has_come: bool,
    /// Whether the caller sees draws and single marks.
    pub sees_marks: bool,
    /// The acts that the caller may do now.
    #[schema(value_type = Vec<String>)]
    pub may: Vec<ActKind>,
    pub today: Date,
}

impl EvaluationView {
    /// Who sits on the panel.
    pub fn panel(&self) -> impl Iterator<Item = &MemberView> {
        self.members.iter().filter(|member| member.sits)
    }

    /// Whether the caller may do this now.
    pub fn can(&self, act: ActKind) -> bool {
        self.may.contains(&act)
    }
}

/// How does the evaluation of this filing stand?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct EvaluationDetail {
    pub filing: i64,
}

impl Look for EvaluationDetail {
    const KIND: LookKind = LookKind::Filings;
    type View = EvaluationView;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<EvaluationView, Stop> {
        let today = sight.today();
        let filing = store::filing(&mut sight.tx(), self.filing)?.ok_or(Stop::NotFound)?;
        let evaluation = store::of_filing(&mut sight.tx(), &filing)?;
        let needed = super::is_needed(sight, filing.body)?;
        let stage = evaluation.as_ref().map(Evaluation::stage);
        let sees_marks = sees_marks(sight, &filing);
        let mut view = EvaluationView {
            filing: filing.id,
            body_name: filing.body_name.clone(),
            centre_name: filing.centre_name.clone(),
            needed,
            stage,
            stage_name: stage.map_or("待安排", EvaluationStage::name).into(),
            held_on: None,
            moved_reason: String::new(),
            members_wanted: 0,
            planned_on: None,
            planned_by: String::new(),
            commitment: String::new(),
            draws: Vec::new(),
            members: Vec::new(),
            sheet: Vec::new(),
            evidence: Vec::new(),
            has_signed_sheet: false,
            outcomes: Vec::new(),
            opinion: String::new(),
            finished_on: None,
            finished_by: String::new(),
            has_come: false,
            sees_marks,
            may: acts(sight, &filing, stage),
            today,
        };
        if let Some(evaluation) = evaluation {
            fill(sight, &filing, evaluation, &mut view)?;
        }
        Ok(view)
    }
}

/// Offices see everything; the body when the filing was decided.
fn sees_marks(sight: &Sight<'_>, filing: &Filing) -> bool {
    use FilingStage as F;
    let is_decided =
        matches!(filing.stage, F::Assessed | F::Consented | F::Summarised | F::Reported | F::Listed | F::Rejected);
    is_decided || !sight.caller().role().sits_in_body()
}

/// What this caller may do now.
fn acts(sight: &Sight<'_>, filing: &Filing, stage: Option<EvaluationStage>) -> Vec<ActKind> {
    use ActKind as A;
    let in_charge = sight.caller().office().is_some() && sight.caller().office() == sight.standing().centre.as_deref();
    if filing.stage != FilingStage::Accepted || !in_charge {
        return Vec::new();
    }
    let open: &[ActKind] = match stage {
        None => &[A::PlanEvaluation],
        Some(EvaluationStage::Planned) => &[A::MoveEvaluation, A::DrawPanel],
        Some(EvaluationStage::Drawn) => &[
            A::MoveEvaluation,
            A::DrawPanel,
            A::ReplaceMember,
            A::MarkEvaluation,
            A::AttachEvidence,
            A::RemoveEvidence,
            A::FinishEvaluation,
        ],
        Some(EvaluationStage::Finished) => &[],
    };
    open.iter().copied().filter(|act| may(sight.caller().role(), *act).is_some()).collect()
}

fn fill(sight: &mut Sight<'_>, filing: &Filing, evaluation: Evaluation, view: &mut EvaluationView) -> Result<(), Stop> {
    let trades = store::trades(&mut sight.tx(), filing.id)?;
    let name_of = |code: &str| {
        trades.iter().find(|(own, ..)| own == code).map_or_else(|| code.to_owned(), |(_, name, _)| name.clone())
    };
    view.held_on = Some(evaluation.held_on);
    view.has_come = evaluation.held_on <= view.today;
    view.moved_reason = evaluation.moved_reason.clone().unwrap_or_default();
    view.members_wanted = evaluation.members;
    view.planned_on = Some(evaluation.planned_on);
    view.planned_by = evaluation.planned_by.clone();
    view.opinion = evaluation.opinion.clone().unwrap_or_default();
    view.finished_on = evaluation.finished_on;
    view.finished_by = evaluation.finished_by.clone().unwrap_or_default();
    view.outcomes = evaluation
        .outcome
        .iter()
        .flatten()
        .map(|outcome| OutcomeView { name: name_of(&outcome.code), outcome: outcome.clone() })
        .collect();
    // Whom to expect at the door, the body learns on the day.
    if !view.sees_marks && !view.has_come {
        return Ok(());
    }
    let marks = store::marks(&mut sight.tx(), evaluation.id)?;
    let mut members: Vec<MemberView> = store::members(&mut sight.tx(), evaluation.id)?
        .into_iter()
        .map(|member| MemberView {
            marked: marks.iter().filter(|(expert, _)| *expert == member.expert).count(),
            sits: member.draw == evaluation.draws && member.replaced_on.is_none(),
            expert: member.expert,
            name: member.name,
            employer: member.employer,
            title: member.title,
            card_number: member.card_number,
            draw: member.draw,
            place: member.place + 1,
            replaced_on: member.replaced_on,
            replaced_reason: member.replaced_reason.unwrap_or_default(),
        })
        .collect();
    members.sort_by_key(|member| (!member.sits, member.draw, member.place));
    view.members = members;
    if !view.sees_marks {
        view.members.retain(|member| member.sits);
        view.members.iter_mut().for_each(|member| member.marked = 0);
        return Ok(());
    }
    view.commitment = evaluation.commitment.clone();
    view.draws = store::draws(&mut sight.tx(), evaluation.id)?
        .into_iter()
        .map(|draw| {
            let record: proof::Draw = crate::door::store::from_text(&draw.record)?;
            Ok(DrawLine {
                no: draw.no,
                drawn_on: draw.drawn_on,
                drawn_by: draw.drawn_by,
                reason: draw.reason,
                eligible: record.list.len(),
                commitment: record.commitment,
                left_out: draw.left_out,
                covered: record.cover.len(),
                uncovered: draw.uncovered,
                take: record.take,
            })
        })
        .collect::<Result<_, Stop>>()?;
    let codes = codes(sight, filing.id)?;
    let sheet = evaluation.sheet.clone();
    let panel: Vec<i64> = view.panel().map(|member| member.expert).collect();
    view.sheet = lines(&sheet, &codes)
        .into_iter()
        .map(|(item, code)| SheetLine {
            item: item.code.clone(),
            clause: item.clause,
            title: item.title.clone(),
            full: item.full,
            essential: item.essential,
            trade_name: code.as_deref().map(name_of).unwrap_or_default(),
            marks: panel
                .iter()
                .map(|expert| {
                    let given = marks
                        .iter()
                        .find(|(by, mark)| by == expert && mark.item == item.code && mark.trade_code == code);
                    given.map(|(_, mark)| GivenMark { points: mark.points, remark: mark.remark.clone() })
                })
                .collect(),
            trade_code: code,
        })
        .collect();
    let titled = |code: &str| match sheet.iter().find(|item| item.code == code) {
        Some(item) => item.title.clone(),
        None => "专家签字的评分表".to_owned(),
    };
    view.evidence = store::evidence(&mut sight.tx(), evaluation.id)?
        .into_iter()
        .map(|one| EvidenceView {
            title: titled(&one.item),
            id: one.id,
            item: one.item,
            name: one.name,
            size: one.size,
            attached: crate::door::clock::read_out(one.attached_at),
            attached_by: one.attached_by,
        })
        .collect();
    view.has_signed_sheet = view.evidence.iter().any(|one| one.item == SIGNED_SHEET);
    Ok(())
}

/// The record of a draw: what `jiangce verify draw` reads.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DrawRecordView {
    /// What is drawn for.
    pub purpose: String,
    /// Which filing, the how manieth draw.
    pub about: String,
    /// What was published before the list was closed: 64 hexadecimal digits.
    pub commitment: String,
    /// The random bytes behind it.
    pub entropy: String,
    /// Who could have been drawn, sorted.
    pub list: Vec<String>,
    /// Occupations that must each be covered by one who is drawn; left away where nothing must.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cover: Vec<String>,
    pub seed: String,
    /// The list in the order of the lots.
    pub order: Vec<String>,
    /// How many are drawn: the first of the order that cover everything.
    pub take: usize,
}

/// How did this draw come about?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct DrawRecord {
    pub filing: i64,
    /// The number of the draw, from 1.
    pub no: i64,
}

impl Look for DrawRecord {
    const KIND: LookKind = LookKind::Filings;
    type View = DrawRecordView;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<DrawRecordView, Stop> {
        let (_, evaluation) = visible(sight, self.filing)?;
        let draws = store::draws(&mut sight.tx(), evaluation.id)?;
        let draw = draws.into_iter().find(|draw| draw.no == self.no).ok_or(Stop::NotFound)?;
        Ok(crate::door::store::from_text(&draw.record)?)
    }
}

/// The evaluation of a filing, for those who see its marks.
fn visible(sight: &mut Sight<'_>, filing: i64) -> Result<(Filing, Evaluation), Stop> {
    let filing = store::filing(&mut sight.tx(), filing)?.ok_or(Stop::NotFound)?;
    if !sees_marks(sight, &filing) {
        return Err(Stop::NotFound);
    }
    let evaluation = store::of_filing(&mut sight.tx(), &filing)?.ok_or(Stop::NotFound)?;
    Ok((filing, evaluation))
}

/// One attached file.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct EvidenceFile {
    pub filing: i64,
    pub evidence: i64,
}

/// Where the file is kept and how it is called.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EvidenceFileView {
    pub file: FileHash,
    pub name: String,
    /// `pdf`, `jpeg`, `png`.
    pub kind: String,
}

impl Look for EvidenceFile {
    const KIND: LookKind = LookKind::Filings;
    type View = EvidenceFileView;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<EvidenceFileView, Stop> {
        let (_, evaluation) = visible(sight, self.filing)?;
        let all = store::evidence(&mut sight.tx(), evaluation.id)?;
        let found = all.into_iter().find(|one| one.id == self.evidence).ok_or(Stop::NotFound)?;
        Ok(EvidenceFileView { file: found.file, name: found.name, kind: found.kind })
    }
}
