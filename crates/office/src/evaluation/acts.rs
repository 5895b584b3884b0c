//! What the centre in charge does: set the day, draw, replace who can't come, take down marks and evidence, conclude.

use jiff::civil::Date;
use proof::log::LeafKind;
use rules::evaluation::{
    EvaluationStage, Mark, clause, conclude, coverage, default_sheet, enough, marks_hold, may_be_held, members, unfit,
};
use rules::filing::{FilingStep, next};
use rules::permission::ActKind;
use rules::terms::EVALUATION_MEMBERS_MAX;
use rules::{Day, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::{self, Evaluation, Filing, Member};
use super::{AvoidedExpert, SIGNED_SHEET};
use crate::account::{Done, Made};
use crate::door::files::FileKind;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Sight, Stop, Subject};
use crate::register::{self, Card};

/// What draws of panels are for, in their records.
const PURPOSE: &str = "evaluation";

/// The filing, if it waits for its assessment.
fn accepted(desk: &mut Desk<'_>, filing: i64) -> Result<Filing, Stop> {
    let filing = store::filing(&mut desk.tx(), filing)?.ok_or(Stop::NotFound)?;
    next(filing.stage, FilingStep::Assess { passed: true }, filing.track)?;
    Ok(filing)
}

/// The filing and its evaluation, which is not finished.
fn running(desk: &mut Desk<'_>, filing: i64) -> Result<(Filing, Evaluation), Stop> {
    let filing = accepted(desk, filing)?;
    let Some(evaluation) = store::of_filing(&mut desk.tx(), &filing)? else {
        return Err(refuse(&filing, "还没有安排现场评估").remedy("请先安排评估的日期和专家人数").into());
    };
    if let Some(on) = evaluation.finished_on {
        return Err(refuse(&filing, format!("现场评估已于 {on} 完成，不能再改")).remedy("请作出审核评估结论").into());
    }
    Ok((filing, evaluation))
}

/// The filing, its evaluation and the panel, which has been drawn.
fn seated(desk: &mut Desk<'_>, filing: i64) -> Result<(Filing, Evaluation, Vec<Member>), Stop> {
    let (filing, evaluation) = running(desk, filing)?;
    if evaluation.stage() == EvaluationStage::Planned {
        return Err(refuse(&filing, "还没有抽取评估专家").remedy("请先抽取专家").into());
    }
    let panel = store::panel(&mut desk.tx(), &evaluation)?;
    Ok((filing, evaluation, panel))
}

fn refuse(filing: &Filing, what: impl Into<String>) -> Refusal {
    Refusal::new(clause(filing.track), what)
}

/// A reason that must be there.
fn reasoned(filing: &Filing, reason: &str, what: &str) -> Result<String, Stop> {
    match reason.trim() {
        "" => Err(refuse(filing, format!("没有写明{what}的原因")).remedy("请用一句话写明原因").at("reason").into()),
        reason => Ok(reason.to_owned()),
    }
}

/// Nothing is marked or concluded before the day.
fn has_come(filing: &Filing, held_on: Day, today: Day) -> Result<(), Stop> {
    if held_on <= today {
        return Ok(());
    }
    Err(refuse(filing, format!("评估日期 {held_on} 还没有到"))
        .remedy("请在评估当日或之后登记；日期有变的先更改日期")
        .into())
}

fn working_day(desk: &Desk<'_>, day: Day) -> Result<bool, Stop> {
    Ok(desk.reference().calendar.is_working_day(day).map_err(|refusal| refusal.at("held_on"))?)
}

/// Random bytes for the next draw: sealed, and the commitment to them.
fn put_aside(desk: &Desk<'_>) -> (String, String) {
    let entropy: [u8; 32] = rand::random();
    let text = crate::door::hex(&entropy);
    (desk.seals().seal(&text), proof::draw_commitment(&entropy))
}

/// Sets day and size of the panel. The random bytes of the draw are put aside at once, so that nobody chooses them later.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlanEvaluation {
    pub filing: i64,
    /// The day on which the panel comes.
    pub held_on: Date,
    /// How many members; odd, three without it.
    pub members: Option<i64>,
}

impl Act for PlanEvaluation {
    const KIND: ActKind = ActKind::PlanEvaluation;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let filing = accepted(desk, self.filing)?;
        if store::of_filing(&mut desk.tx(), &filing)?.is_some() {
            return Err(refuse(&filing, "现场评估已经安排").remedy("日期有变的，请更改评估日期").into());
        }
        let today = desk.today();
        may_be_held(self.held_on, today, working_day(desk, self.held_on)?, filing.track)?;
        let members = members(self.members, filing.track, &crate::term::on(&mut desk.tx(), today)?)?;
        let (id, by) = (desk.new_id(), desk.caller().name().to_owned());
        let (entropy, commitment) = put_aside(desk);
        let new = store::NewPlan {
            id,
            held_on: self.held_on,
            members,
            on: today,
            by: &by,
            entropy: &entropy,
            commitment: &commitment,
            sheet: &default_sheet(),
        };
        store::plan(&mut desk.tx(), &filing, &new)?;
        desk.tell_body(filing.body, format!("{}定于 {} 到校现场评估", filing.centre_name, self.held_on), filing.href());
        Ok(Made { id })
    }
}

/// Moves the day, with the reason.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MoveEvaluation {
    pub filing: i64,
    pub held_on: Date,
    #[schema(max_length = 500)]
    pub reason: String,
}

impl Act for MoveEvaluation {
    const KIND: ActKind = ActKind::MoveEvaluation;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (filing, evaluation) = running(desk, self.filing)?;
        let today = desk.today();
        may_be_held(self.held_on, today, working_day(desk, self.held_on)?, filing.track)?;
        let reason = reasoned(&filing, &self.reason, "改期")?;
        // Whoever sits on the panel must still be fit on the new day.
        let panel = store::panel(&mut desk.tx(), &evaluation)?;
        let facts = store::facts(&mut desk.tx(), &filing)?;
        let experts = register::experts(&mut desk.tx())?;
        for member in &panel {
            let fault = experts
                .iter()
                .find(|expert| expert.id == member.expert)
                .and_then(|expert| unfit(&expert.facts(filing.body), &facts, self.held_on));
            if let Some(fault) = fault {
                return Err(refuse(&filing, format!("{} {}不能参加评估：{fault}", self.held_on, member.name))
                    .remedy("请先递补这名专家，或另定日期")
                    .at("held_on")
                    .into());
            }
        }
        store::move_to(&mut desk.tx(), evaluation.id, self.held_on, &reason)?;
        desk.tell_body(filing.body, format!("现场评估改到 {}", self.held_on), filing.href());
        Ok(Done {})
    }
}

/// Draws the panel by lot; again only with a reason, and the earlier draw stays in sight.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DrawPanel {
    pub filing: i64,
    /// Why it is drawn again; empty for the first draw.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
}

/// Who was drawn.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PanelDrawn {
    /// The number of the draw, from 1.
    pub no: i64,
    /// How many could have been drawn.
    pub eligible: usize,
    pub members: Vec<PanelMember>,
    /// Occupations of the filing that no expert who may be drawn judges.
    pub uncovered: Vec<String>,
}

/// A member of the panel.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PanelMember {
    pub expert: i64,
    pub name: String,
}

/// The line by which an expert stands in a list, with the occupations that the expert covers; cards are unique and hold no
/// blanks.
fn line_of(expert: &Card, covers: &[String]) -> String {
    let said = std::iter::once(expert.card_number.as_str()).chain([expert.name.as_str()]);
    said.chain(covers.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
}

fn member_of(expert: &Card, draw: i64, place: usize) -> Member {
    Member {
        draw,
        place: place as i64,
        expert: expert.id,
        name: expert.name.clone(),
        employer: expert.employer.clone(),
        title: expert.title.clone(),
        card_number: expert.card_number.clone(),
        replaced_on: None,
        replaced_reason: None,
    }
}

impl Act for DrawPanel {
    const KIND: ActKind = ActKind::DrawPanel;
    type Answer = PanelDrawn;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<PanelDrawn, Stop> {
        let (filing, evaluation) = running(desk, self.filing)?;
        let reason = match evaluation.draws {
            0 => String::new(),
            _ => reasoned(&filing, &self.reason, "重新抽取")?,
        };
        if !store::marks(&mut desk.tx(), evaluation.id)?.is_empty() {
            return Err(refuse(&filing, "已有专家评分，不能重新抽取").remedy("不能到场的专家，请以递补替换").into());
        }
        let facts = store::facts(&mut desk.tx(), &filing)?;
        let (mut eligible, mut left_out) = (Vec::new(), Vec::new());
        for expert in register::experts(&mut desk.tx())? {
            match unfit(&expert.facts(filing.body), &facts, evaluation.held_on) {
                None => eligible.push(expert),
                // Those of other occupations are nobody's question.
                Some(reason) if facts.trades.iter().any(|(code, _)| expert.trades.contains(code)) => {
                    left_out.push(AvoidedExpert { name: expert.name, reason });
                }
                Some(_) => {}
            }
        }
        let wanted = usize::try_from(evaluation.members).map_err(Stop::fault)?;
        enough(eligible.len(), wanted, filing.track)?;
        let no = evaluation.draws + 1;
        let opened = desk.seals().open_text(&evaluation.entropy).and_then(|text| bytes_of(&text));
        let entropy = opened.ok_or_else(|| Stop::fault("the random bytes of a draw do not open"))?;
        let about = format!("备案申请{}，{}，第{no}次抽取", filing.id, filing.body_name);
        let experts: Vec<_> = eligible.iter().map(|expert| expert.facts(filing.body)).collect();
        let (covers, missing) = coverage(&experts, &facts);
        let lines: Vec<_> = eligible.iter().zip(&covers).map(|(expert, covers)| line_of(expert, covers)).collect();
        let mut cover: Vec<_> = covers.into_iter().flatten().collect();
        cover.sort_unstable();
        cover.dedup();
        let draw = smallest(&filing, (&about, &entropy), (&lines, &cover), wanted)?;
        let seats: Vec<Member> = draw
            .places()
            .into_iter()
            .filter_map(|place| {
                let at = lines.iter().position(|line| *line == draw.order[place])?;
                Some(member_of(&eligible[at], no, place))
            })
            .collect();
        let trades = store::trades(&mut desk.tx(), filing.id)?;
        let named = |code: &String| {
            let name = trades.iter().find(|(own, ..)| own == code).map_or("", |(_, name, _)| name.as_str());
            format!("{name}（{code}）")
        };
        let uncovered: Vec<_> = missing.iter().map(named).collect();
        let stored = store::StoredDraw {
            no,
            record: draw.to_json(),
            reason,
            left_out,
            uncovered: uncovered.clone(),
            drawn_on: desk.today(),
            drawn_by: desk.caller().name().to_owned(),
        };
        let (entropy, commitment) = put_aside(desk);
        store::drawn(&mut desk.tx(), evaluation.id, &stored, (&entropy, &commitment))?;
        desk.log_recorded(LeafKind::PanelDrawn, evaluation.id, stored.no)?;
        for member in &seats {
            store::seat(&mut desk.tx(), evaluation.id, member)?;
        }
        let members =
            seats.into_iter().map(|member| PanelMember { expert: member.expert, name: member.name }).collect();
        Ok(PanelDrawn { no, eligible: eligible.len(), members, uncovered })
    }
}

/// The panel of the size that was planned; where that can't cover every occupation, the next odd size that can.
fn smallest(
    filing: &Filing,
    (about, entropy): (&str, &[u8; 32]),
    (lines, cover): (&[String], &[String]),
    wanted: usize,
) -> Result<proof::Draw, Stop> {
    let most = EVALUATION_MEMBERS_MAX.max(wanted);
    for take in (wanted..=most).step_by(2) {
        match proof::draw_covering((PURPOSE, about), entropy, lines.to_vec(), cover.to_vec(), take) {
            Ok(draw) => return Ok(draw),
            Err(proof::DrawFault::Cover(_)) => {}
            Err(proof::DrawFault::TooFew(..)) => {
                enough(lines.len(), take, filing.track)?;
            }
            Err(fault) => {
                return Err(refuse(filing, format!("不能抽取：{fault}"))
                    .remedy("请由省中心核对名册中专家的姓名和证卡编号")
                    .into());
            }
        }
    }
    Err(refuse(filing, format!("{most}名专家也不能覆盖申报的{}个职业，每个职业至少要有一名", cover.len()))
        .remedy("请院校分次申报职业，或由省中心补充能评估多个职业的专家")
        .into())
}

/// The 32 bytes that 64 hexadecimal digits write.
fn bytes_of(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// Replaces a member who can't come by the next of the same draw who covers most of what the others leave open.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReplaceMember {
    pub filing: i64,
    /// Who can't come.
    pub expert: i64,
    #[schema(max_length = 500)]
    pub reason: String,
}

impl Act for ReplaceMember {
    const KIND: ActKind = ActKind::ReplaceMember;
    type Answer = PanelMember;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<PanelMember, Stop> {
        let (filing, evaluation, panel) = seated(desk, self.filing)?;
        let leaving = panel.iter().find(|member| member.expert == self.expert).ok_or(Stop::NotFound)?;
        let reason = reasoned(&filing, &self.reason, "递补")?;
        if store::marks(&mut desk.tx(), evaluation.id)?.iter().any(|(expert, _)| *expert == self.expert) {
            return Err(refuse(&filing, format!("{}已经评分，不能替换", leaving.name))
                .remedy("请核对要替换的专家")
                .into());
        }
        let draws = store::draws(&mut desk.tx(), evaluation.id)?;
        let last = draws.last().ok_or_else(|| Stop::fault("a panel without a draw"))?;
        let draw = proof::redraw(last.record.as_bytes()).map_err(Stop::fault)?;
        let facts = store::facts(&mut desk.tx(), &filing)?;
        let experts = register::experts(&mut desk.tx())?;
        let drawn =
            store::members(&mut desk.tx(), evaluation.id)?.into_iter().filter(|one| one.draw == evaluation.draws);
        let taken: Vec<usize> = drawn.map(|member| member.place as usize).collect();
        let staying = panel.iter().filter(|member| member.expert != self.expert);
        let staying: Vec<usize> = staying.map(|member| member.place as usize).collect();
        // Whoever has become unfit since the draw is passed over.
        let fit = |place: usize| {
            let card = draw.order[place].split(' ').next()?;
            let expert = experts.iter().find(|expert| expert.card_number == card)?;
            unfit(&expert.facts(filing.body), &facts, evaluation.held_on).is_none().then_some(expert)
        };
        let next = draw.next(&staying, |place| !taken.contains(&place) && fit(place).is_some());
        let next = next.and_then(|place| Some((place, fit(place)?)));
        let Some((place, expert)) = next else {
            return Err(refuse(&filing, "抽取名单中没有可以递补的专家")
                .remedy("请由省中心补充专家名册后重新抽取，或另定日期")
                .into());
        };
        let (today, member) = (desk.today(), member_of(expert, evaluation.draws, place));
        store::replace(&mut desk.tx(), evaluation.id, (evaluation.draws, self.expert), today, &reason)?;
        store::seat(&mut desk.tx(), evaluation.id, &member)?;
        Ok(PanelMember { expert: member.expert, name: member.name })
    }
}

/// Takes down what one member marked; what was taken down before is written over line by line.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MarkEvaluation {
    pub filing: i64,
    /// Whose marks they are.
    pub expert: i64,
    #[schema(max_items = 1000)]
    pub marks: Vec<Mark>,
}

impl Act for MarkEvaluation {
    const KIND: ActKind = ActKind::MarkEvaluation;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (filing, evaluation, panel) = seated(desk, self.filing)?;
        if !panel.iter().any(|member| member.expert == self.expert) {
            return Err(Stop::NotFound);
        }
        has_come(&filing, evaluation.held_on, desk.today())?;
        let codes = codes(desk, filing.id)?;
        marks_hold(&evaluation.sheet, &codes, &self.marks, filing.track)?;
        store::mark(&mut desk.tx(), evaluation.id, self.expert, &self.marks)?;
        Ok(Done {})
    }
}

/// The occupations of a filing, each once, in its order.
pub(super) fn codes(sight: &mut Sight<'_>, filing: i64) -> Result<Vec<String>, Stop> {
    let mut codes: Vec<String> = Vec::new();
    for (code, ..) in store::trades(&mut sight.tx(), filing)? {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    Ok(codes)
}

/// Attaches a photo or scan to a line of the sheet, or the signed sheet itself.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AttachEvidence {
    pub filing: i64,
    /// The code word of the line, or `signed_sheet`.
    #[schema(max_length = 40)]
    pub item: String,
    /// The kept file: PDF, JPEG or PNG.
    pub file: FileHash,
    /// The name to show.
    #[schema(max_length = 120)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
}

impl AttachEvidence {
    /// The act for a file that was kept under this hash.
    pub fn new(filing: i64, item: &str, file: FileHash, name: &str) -> Self {
        Self { filing, item: item.into(), file, name: name.into(), kept: None }
    }
}

impl Act for AttachEvidence {
    const KIND: ActKind = ActKind::AttachEvidence;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let bytes = sight.office().files().bring(&self.file).map_err(|stop| match stop {
            Stop::NotFound => {
                Refusal::house("文件", "没有收到这个文件").remedy("请先上传文件，再用返回的编号办理").at("file").into()
            }
            other => other,
        })?;
        self.kept = Some(KeptFile::of(&self.file, &bytes)?);
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let (filing, evaluation, _) = seated(desk, self.filing)?;
        has_come(&filing, evaluation.held_on, desk.today())?;
        let kept = self.kept.as_ref().ok_or_else(|| Stop::fault("the file was not read"))?;
        if !matches!(kept.kind, FileKind::Pdf | FileKind::Jpeg | FileKind::Png) {
            return Err(refuse(&filing, "评估材料不是 PDF、JPG 或 PNG 文件")
                .remedy("请转换后再上传")
                .at("file")
                .into());
        }
        if self.item != SIGNED_SHEET && !evaluation.sheet.iter().any(|item| item.code == self.item) {
            return Err(refuse(&filing, format!("评分表中没有“{}”这一项", self.item))
                .remedy("请选择评分表中的一项")
                .at("item")
                .into());
        }
        let (id, now) = (desk.new_id(), desk.now());
        note_file(&mut desk.tx(), kept, now)?;
        let name = crate::web::forms::plain_name(&self.name);
        let new = store::Evidence {
            id,
            item: self.item.clone(),
            file: kept.hash.clone(),
            name: if name.is_empty() { "评估材料".into() } else { name },
            kind: kept.kind.code().into(),
            size: kept.size,
            attached_at: now,
            attached_by: desk.caller().name().to_owned(),
        };
        store::attach(&mut desk.tx(), evaluation.id, &new)?;
        Ok(Made { id })
    }
}

/// Takes an attached file off again, while the evaluation runs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RemoveEvidence {
    pub filing: i64,
    pub evidence: i64,
}

impl Act for RemoveEvidence {
    const KIND: ActKind = ActKind::RemoveEvidence;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (_, evaluation, _) = seated(desk, self.filing)?;
        match store::remove(&mut desk.tx(), evaluation.id, self.evidence)? {
            true => Ok(Done {}),
            false => Err(Stop::NotFound),
        }
    }
}

/// Has the marks come to a conclusion. Every member has marked every line, and the sheet that they signed is attached.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FinishEvaluation {
    pub filing: i64,
    /// What the panel says on the whole; may be empty.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub opinion: String,
}

/// What the panel came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Concluded {
    pub outcomes: Vec<rules::evaluation::TradeOutcome>,
}

impl Act for FinishEvaluation {
    const KIND: ActKind = ActKind::FinishEvaluation;
    type Answer = Concluded;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Concluded, Stop> {
        let (filing, evaluation, panel) = seated(desk, self.filing)?;
        let today = desk.today();
        has_come(&filing, evaluation.held_on, today)?;
        let marks = store::marks(&mut desk.tx(), evaluation.id)?;
        let given: Vec<(String, Vec<Mark>)> = panel
            .iter()
            .map(|member| {
                let own = marks.iter().filter(|(expert, _)| *expert == member.expert);
                (member.name.clone(), own.map(|(_, mark)| mark.clone()).collect())
            })
            .collect();
        let outcomes = conclude(&evaluation.sheet, &codes(desk, filing.id)?, &given, filing.track)?;
        if !store::evidence(&mut desk.tx(), evaluation.id)?.iter().any(|one| one.item == SIGNED_SHEET) {
            return Err(refuse(&filing, "没有上传专家签字的评分表")
                .remedy("请打印评分表，由全体专家签字后扫描上传")
                .at("file")
                .into());
        }
        let by = desk.caller().name().to_owned();
        store::finish(&mut desk.tx(), evaluation.id, &outcomes, self.opinion.trim(), (today, &by))?;
        desk.tell_body(filing.body, "专家现场评估已完成，等待审核评估结论", filing.href());
        Ok(Concluded { outcomes })
    }
}
