//! 二（一）: how a body gets on file, and what 一（二） asks of it before it may submit. The order of the steps is one
//! table; what is still missing is computed from plain facts, for the clerk's task list and for the refusal alike.

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::certificate::Level;
use crate::jurisdiction::BodyKind;
use crate::major::{Major, catalogue_imported, fits_a_main_major};
use crate::notice::Clause;
use crate::people::Role;
use crate::refusal::{Ground, Refusal, RefusalView};
use crate::term::Term;
use crate::terms::RECORDING_DAYS;

pub use crate::checklist::{MaterialItem, MaterialPer, default_checklist};

/// Where a filing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilingStage {
    /// The body is writing.
    Drafting,
    /// With the centre in charge, not yet accepted.
    Submitted,
    /// Back with the body, with reasons.
    Returned,
    /// Accepted for review.
    Accepted,
    /// Reviewed and evaluated, qualified.
    Assessed,
    /// The city bureau consents.
    Consented,
    /// Gathered by the provincial centre.
    Summarised,
    /// The ministry filing is recorded.
    Reported,
    /// In the directory, public.
    Listed,
    /// Reviewed and evaluated, not qualified.
    Rejected,
}

impl FilingStage {
    /// Every stage, in order.
    pub const ALL: &'static [FilingStage] = &[
        Self::Drafting,
        Self::Submitted,
        Self::Returned,
        Self::Accepted,
        Self::Assessed,
        Self::Consented,
        Self::Summarised,
        Self::Reported,
        Self::Listed,
        Self::Rejected,
    ];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Drafting => "drafting",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
            Self::Assessed => "assessed",
            Self::Consented => "consented",
            Self::Summarised => "summarised",
            Self::Reported => "reported",
            Self::Listed => "listed",
            Self::Rejected => "rejected",
        }
    }

    /// The stage with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|stage| stage.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drafting => "填写中",
            Self::Submitted => "已提交",
            Self::Returned => "已退回",
            Self::Accepted => "已受理",
            Self::Assessed => "评估合格",
            Self::Consented => "市局已同意",
            Self::Summarised => "省中心已汇总",
            Self::Reported => "部级已备案",
            Self::Listed => "已列入目录",
            Self::Rejected => "评估不合格",
        }
    }

    /// The step that leads on from here, or `None` where the way ends.
    pub const fn awaits(self, track: Track) -> Option<FilingStep> {
        match self {
            Self::Drafting | Self::Returned => Some(FilingStep::Submit),
            Self::Submitted => Some(FilingStep::Accept),
            Self::Accepted => Some(FilingStep::Assess { passed: true }),
            Self::Assessed if track.needs_bureau => Some(FilingStep::Consent),
            Self::Assessed | Self::Consented => Some(FilingStep::Summarise),
            Self::Summarised => Some(FilingStep::RecordMinistry),
            Self::Reported => Some(FilingStep::List),
            Self::Listed | Self::Rejected => None,
        }
    }
}

/// Which way a filing takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Track {
    /// A city centre assesses, so the bureau of its place consents (二（一）2); at the provincial centre nobody does.
    pub needs_bureau: bool,
}

impl Track {
    /// Both ways.
    pub const ALL: &'static [Track] = &[Self { needs_bureau: false }, Self { needs_bureau: true }];

    /// Whether a stage lies on this way.
    pub const fn passes(self, stage: FilingStage) -> bool {
        self.needs_bureau || !matches!(stage, FilingStage::Consented)
    }
}

/// What moves a filing on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FilingStep {
    /// The body submits.
    Submit,
    /// Whose turn it is gives it back with reasons; see [`giver`].
    GiveBack,
    /// The centre accepts it.
    Accept,
    /// The centre has reviewed and evaluated it.
    Assess { passed: bool },
    /// The bureau consents.
    Consent,
    /// The provincial centre gathers it.
    Summarise,
    /// The provincial department records the ministry filing.
    RecordMinistry,
    /// The provincial department lists it in the directory.
    List,
}

impl FilingStep {
    /// Every step.
    pub const ALL: &'static [FilingStep] = &[
        Self::Submit,
        Self::GiveBack,
        Self::Accept,
        Self::Assess { passed: true },
        Self::Assess { passed: false },
        Self::Consent,
        Self::Summarise,
        Self::RecordMinistry,
        Self::List,
    ];

    /// What people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submit => "提交备案申请",
            Self::GiveBack => "退回备案申请",
            Self::Accept => "受理备案申请",
            Self::Assess { .. } => "备案审核评估",
            Self::Consent => "市局同意备案",
            Self::Summarise => "省中心汇总备案",
            Self::RecordMinistry => "登记部级备案",
            Self::List => "列入机构目录",
        }
    }

    /// Who takes it on this track; who gives back depends on the stage, see [`giver`].
    pub const fn by(self, track: Track) -> Role {
        match self {
            Self::Submit => Role::Head,
            Self::GiveBack | Self::Accept | Self::Assess { .. } if track.needs_bureau => Role::CityCentre,
            Self::GiveBack | Self::Accept | Self::Assess { .. } | Self::Summarise => Role::ProvincialCentre,
            Self::Consent => Role::CityBureau,
            Self::RecordMinistry | Self::List => Role::ProvincialDepartment,
        }
    }

    /// The clause that it carries out on this track.
    pub const fn clause(self, track: Track) -> Clause {
        match self {
            Self::Submit => Clause::S2_1_1B,
            Self::GiveBack | Self::Accept | Self::Assess { .. } if !track.needs_bureau => Clause::S2_1_2A,
            Self::GiveBack | Self::Accept | Self::Assess { .. } | Self::Consent | Self::Summarise => Clause::S2_1_2B,
            Self::RecordMinistry | Self::List => Clause::S2_1_3A,
        }
    }
}

/// Who gives back at this stage, and the clause that rests on: the one whose turn it is, as long as nothing was recorded
/// with the ministry. `None` where nobody does.
pub const fn giver(stage: FilingStage, track: Track) -> Option<(Role, Clause)> {
    use FilingStage::*;
    let step = FilingStep::GiveBack;
    match stage {
        Submitted | Accepted => Some((step.by(track), step.clause(track))),
        Assessed if track.needs_bureau => Some((Role::CityBureau, Clause::S2_1_2B)),
        Assessed | Consented => Some((Role::ProvincialCentre, step.clause(track))),
        Summarised => Some((Role::ProvincialDepartment, Clause::S2_1_3A)),
        Drafting | Returned | Reported | Listed | Rejected => None,
    }
}

/// Whether this role gives back at this stage; otherwise who does.
pub fn may_give_back(stage: FilingStage, track: Track, role: Role) -> Result<FilingStage, Refusal> {
    let to = next(stage, FilingStep::GiveBack, track)?;
    match giver(stage, track) {
        Some((by, clause)) if by != role => {
            Err(Refusal::new(clause, format!("备案申请现为“{}”，不由{}退回", stage.name(), role.name()))
                .remedy(format!("现在由{}办理；需要退回的，请联系{}", by.name(), by.name())))
        }
        _ => Ok(to),
    }
}

/// The stage after a step: the one table of the filing. Refused under the clause whose order would be skipped,
/// naming the step that comes first and who takes it.
pub fn next(stage: FilingStage, step: FilingStep, track: Track) -> Result<FilingStage, Refusal> {
    use FilingStage::*;
    use FilingStep::*;
    match (stage, step) {
        (Drafting | Returned, Submit) => Ok(Submitted),
        (Submitted, Accept) => Ok(Accepted),
        (Submitted | Accepted | Assessed | Consented | Summarised, GiveBack) => Ok(Returned),
        (Accepted, Assess { passed: true }) => Ok(Assessed),
        (Accepted, Assess { passed: false }) => Ok(Rejected),
        (Assessed, Consent) if track.needs_bureau => Ok(Consented),
        (Assessed, Summarise) if !track.needs_bureau => Ok(Summarised),
        (Consented, Summarise) => Ok(Summarised),
        (Summarised, RecordMinistry) => Ok(Reported),
        (Reported, List) => Ok(Listed),
        (Drafting | Returned, GiveBack | Accept | Assess { .. } | Consent | Summarise | RecordMinistry | List)
        | (Submitted, Submit | Assess { .. } | Consent | Summarise | RecordMinistry | List)
        | (Accepted, Submit | Accept | Consent | Summarise | RecordMinistry | List)
        | (Assessed, Submit | Accept | Assess { .. } | Consent | Summarise | RecordMinistry | List)
        | (Consented, Submit | Accept | Assess { .. } | Consent | RecordMinistry | List)
        | (Summarised, Submit | Accept | Assess { .. } | Consent | Summarise | List)
        | (Reported, Submit | GiveBack | Accept | Assess { .. } | Consent | Summarise | RecordMinistry)
        | (Listed | Rejected, _) => Err(out_of_order(stage, step, track)),
    }
}

fn out_of_order(stage: FilingStage, step: FilingStep, track: Track) -> Refusal {
    let what = format!("备案申请现为“{}”，不能办理“{}”", stage.name(), step.name());
    match stage.awaits(track) {
        Some(awaited) => Refusal::new(awaited.clause(track), what).remedy(format!(
            "须先由{}办理“{}”",
            awaited.by(track).name(),
            awaited.name()
        )),
        None if stage == FilingStage::Rejected => {
            Refusal::new(step.clause(track), what).remedy("本次申请已办结；院校补足条件后可重新开始备案申请")
        }
        None => Refusal::new(step.clause(track), what)
            .remedy("备案已列入目录，本次申请已办结；要增加职业或等级，请另行开始备案申请"),
    }
}

/// One allowed step of the table, for the documents that print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepRow {
    pub from: FilingStage,
    pub step: FilingStep,
    pub to: FilingStage,
    pub track: Track,
    pub by: Role,
    pub clause: Clause,
}

/// Every allowed step on both tracks, read off [`next`].
pub fn steps() -> Vec<StepRow> {
    let mut rows = Vec::new();
    for &track in Track::ALL {
        for &from in FilingStage::ALL.iter().filter(|stage| track.passes(**stage)) {
            for &step in FilingStep::ALL {
                if let Ok(to) = next(from, step, track) {
                    let (by, clause) = match (step, giver(from, track)) {
                        (FilingStep::GiveBack, Some(giver)) => giver,
                        _ => (step.by(track), step.clause(track)),
                    };
                    rows.push(StepRow { from, step, to, track, by, clause });
                }
            }
        }
    }
    rows
}

/// Whether a body may start a filing: one at a time.
pub fn may_open(open: Option<FilingStage>) -> Result<(), Refusal> {
    match open {
        None => Ok(()),
        Some(stage) => Err(Refusal::new(Clause::S2_1_1A, format!("本院校已有一份备案申请，现为“{}”", stage.name()))
            .remedy("请继续办理已有的申请，办结后才能开始新的申请")),
    }
}

/// The clause under which a body of this kind files by itself; enterprises and organisations don't, they are announced.
pub fn files_under(kind: BodyKind) -> Result<Clause, Refusal> {
    match kind {
        BodyKind::TechnicalSchool => Ok(Clause::S1_1_3),
        BodyKind::College => Ok(Clause::S1_1_4),
        BodyKind::Enterprise => Err(Refusal::new(Clause::S1_1_1, "企业不在这里申请备案")
            .remedy("企业在人社部门备案后，由省人社厅登记列入目录，再与院校登记合作协议")),
        BodyKind::SocialOrganisation => Err(Refusal::new(Clause::S1_1_2, "社会培训评价组织不在这里申请备案")
            .remedy("经人社部门遴选公布后，由省人社厅登记列入目录，再根据院校的需求开展认定")),
    }
}

/// A school files because it had an appraisal station before (一（一）3, 一（一）4): the station is named, with its number.
pub fn had_station(kind: BodyKind, name: &str, number: &str) -> Result<(), Refusal> {
    let clause = files_under(kind)?;
    for (text, field, label) in [(name, "station_name", "名称"), (number, "station_number", "编号")] {
        if text.trim().is_empty() {
            return Err(Refusal::new(clause, format!("没有写明原职业技能鉴定所（站）的{label}"))
                .remedy(format!("原设有职业技能鉴定所（站）的才能备案；请按许可证填写其{label}"))
                .at(field));
        }
    }
    Ok(())
}

/// What was decided on one occupation or work type at one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Decision {
    /// Occupation code.
    pub code: String,
    /// Work type or direction; empty for the whole occupation.
    #[serde(default)]
    pub work_type: String,
    pub level: Level,
    pub passed: bool,
    /// Why it is not qualified; may be empty where it is.
    #[serde(default)]
    pub reason: String,
    /// Whether others than its own students may be assessed, where that was asked for (三（四）).
    #[serde(default)]
    pub for_public: bool,
}

/// The public is let in only where that was asked for and the occupation is qualified at that level (三（四）).
pub fn opened_to_public(asked: &[TradeKey<'_>], decisions: &[Decision]) -> Result<(), Refusal> {
    let wrong = decisions.iter().filter(|decision| decision.for_public).find_map(|decision| {
        let label = named(decision.key());
        if !decision.passed {
            return Some((format!("{label}不合格，不能面向社会"), "请只对合格的职业和等级同意面向社会"));
        }
        let is_asked = asked.contains(&decision.key());
        (!is_asked).then(|| (format!("{label}没有申请面向社会"), "请只对申请面向社会的职业和等级作此结论"))
    });
    match wrong {
        Some((what, remedy)) => Err(Refusal::new(Clause::S3_4_1, what).remedy(remedy).at("decisions")),
        None => Ok(()),
    }
}

/// Whether the filing as a whole is qualified: one occupation at one level is enough. Every one that was planned is
/// decided, once, and who says no says why.
pub fn assess(planned: &[TradeKey<'_>], decisions: &[Decision], track: Track) -> Result<bool, Refusal> {
    let refuse = |what: String, remedy: &str| {
        let step = FilingStep::Assess { passed: true };
        Err(Refusal::new(step.clause(track), what).remedy(remedy).at("decisions"))
    };
    for (n, decision) in decisions.iter().enumerate() {
        let key = decision.key();
        if !planned.contains(&key) {
            return refuse(format!("{}不在本次申请中", named(key)), "请只对申请的职业和等级作结论");
        }
        if decisions[..n].iter().any(|earlier| earlier.key() == key) {
            return refuse(format!("{}有两个结论", named(key)), "每个职业（工种）的每个等级只作一个结论");
        }
        if !decision.passed && decision.reason.trim().is_empty() {
            return refuse(format!("{}不合格，没有写明理由", named(key)), "请写明不合格的理由，院校据此补足条件");
        }
    }
    match planned.iter().find(|key| !decisions.iter().any(|decision| decision.key() == **key)) {
        Some(key) => refuse(format!("{}没有结论", named(*key)), "请对每个职业（工种）的每个等级作出结论"),
        None => Ok(decisions.iter().any(|decision| decision.passed)),
    }
}

/// What tells a row of the plan from the others: occupation code, work type, level.
pub type TradeKey<'a> = (&'a str, &'a str, Level);

/// A row of the plan as one reads it out: `6-18-01-01（数控车工） 三级/高级工`.
fn named((code, work_type, level): TradeKey<'_>) -> String {
    if work_type.is_empty() {
        format!("{code} {}", level.name())
    } else {
        format!("{code}（{work_type}） {}", level.name())
    }
}

impl Decision {
    /// The row of the plan that it is about.
    pub fn key(&self) -> TradeKey<'_> {
        (&self.code, self.work_type.trim(), self.level)
    }
}

/// The ministry filing has a reference and a day: not before the filing was gathered, not in the future.
pub fn ministry_recorded(reference: &str, on: Day, summarised_on: Option<Day>, today: Day) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str, field| Err(Refusal::new(Clause::S2_1_3A, what).remedy(remedy).at(field));
    if reference.trim().is_empty() {
        return refuse("缺少部级备案文号".into(), "请填写人力资源和社会保障部备案的文号或编号", "reference");
    }
    if on > today {
        return refuse(format!("部级备案日期 {on} 还没有到"), "请填写实际完成备案的日期", "filed_on");
    }
    match summarised_on {
        Some(summarised) if on < summarised => {
            refuse(format!("部级备案日期 {on} 早于省中心汇总的日期 {summarised}"), "请核对部级备案的日期", "filed_on")
        }
        _ => Ok(()),
    }
}

/// First and last day of an entry that is listed today: the day that was set, or so many years.
pub fn listed_until(set: Option<Day>, today: Day, years: i16) -> Result<(Day, Day), Refusal> {
    match set {
        None => Ok(validity(today, years)),
        Some(until) if until > today => Ok((today, until)),
        Some(until) => Err(Refusal::new(Clause::S2_1_3B, format!("备案有效期截止 {until} 不在今天之后"))
            .remedy(format!("请填写今天之后的日期；不填则为{years}年"))
            .at("valid_until")),
    }
}

/// What stands in the directory is not filed a second time, but for opening it to the public (三（四）): code, work type,
/// level, last day of each listed row, and whether it is for the public.
pub fn not_yet_listed(planned: &[TradeFacts], listed: &[(String, String, Level, Day, bool)]) -> Result<(), Refusal> {
    for trade in planned {
        let is_twin = |code: &str, work_type: &str, level: Level| (code, work_type, level) == trade.key();
        let twin = listed.iter().find(|(code, work_type, level, ..)| is_twin(code, work_type, *level));
        if let Some((.., until, for_public)) = twin
            && (*for_public || !trade.asks_public)
        {
            let what = format!("{}已在机构目录中，有效期至 {until}", trade.label());
            return Err(Refusal::new(Clause::S2_1_1A, what).remedy("请从本次申请中删去该职业等级").at("trades"));
        }
    }
    Ok(())
}

/// Whether the body may still change what it has written: only while the filing is with it.
pub fn open_to_change(stage: FilingStage, track: Track) -> Result<(), Refusal> {
    if matches!(stage, FilingStage::Drafting | FilingStage::Returned) {
        return Ok(());
    }
    let refusal = Refusal::new(Clause::S2_1_1B, format!("备案申请现为“{}”，内容不能修改", stage.name()));
    Err(match giver(stage, track) {
        Some((by, _)) => refusal.remedy(format!("需要修改的，请联系{}退回申请", by.name())),
        None => refusal.remedy("需要变更的，请在办结后另行开始备案申请"),
    })
}

/// Whether the provincial centre may issue the receipt: once, and for a body in the directory (二（一）3).
pub fn may_receipt(stage: FilingStage, issued: bool, track: Track) -> Result<(), Refusal> {
    if issued {
        return Err(Refusal::new(Clause::S2_1_3B, "备案回执已发放").remedy("请直接下载已发放的回执"));
    }
    match stage.awaits(track) {
        None if stage == FilingStage::Listed => Ok(()),
        None => Err(Refusal::new(Clause::S2_1_3A, format!("备案申请为“{}”，不发放回执", stage.name()))
            .remedy("院校补足条件后可重新开始备案申请")),
        Some(awaited) => {
            Err(Refusal::new(Clause::S2_1_3A, format!("备案申请现为“{}”，尚未列入机构目录", stage.name()))
                .remedy(format!("须先由{}办理“{}”", awaited.by(track).name(), awaited.name())))
        }
    }
}

/// First and last day of a filing that is listed on this day for whole years; the last day counts.
pub fn validity(listed_on: Day, years: i16) -> (Day, Day) {
    let anniversary = listed_on.saturating_add(jiff::Span::new().years(years));
    // 29 February has no anniversary in common years: 28 February is then the last day itself.
    let until =
        if anniversary.day() == listed_on.day() { anniversary.yesterday().unwrap_or(anniversary) } else { anniversary };
    (listed_on, until)
}

/// What a filing is checked against, as data: another province, another year, another list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Requirements {
    pub checklist: Vec<MaterialItem>,
    /// The highest level that the body may file; level 3 by default, technician colleges also level 2 and up.
    pub level_cap: Level,
    /// Whether occupations have to fit the main majors of a catalogue: a school's do (一（二）1).
    pub fits_majors: bool,
    /// Assessors that each occupation needs.
    pub assessors: usize,
}

impl Default for Requirements {
    fn default() -> Self {
        Self {
            checklist: default_checklist(),
            level_cap: Level::L3,
            fits_majors: true,
            assessors: Term::AssessorsPerTrade.value() as usize,
        }
    }
}

/// What a body has put into its filing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilingFacts {
    /// Name, credit code, address, legal representative and contact are filled in.
    pub body_described: bool,
    /// The school's own catalogue of majors; empty before it was imported.
    pub majors: Vec<Major>,
    pub trades: Vec<TradeFacts>,
    pub people: Vec<PersonFacts>,
    pub sites: Vec<SiteFacts>,
    pub materials: Vec<MaterialFacts>,
}

/// One occupation at one level that the body wants to file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradeFacts {
    /// Occupation code.
    pub code: String,
    pub name: String,
    /// Work type or direction; empty for the whole occupation.
    pub work_type: String,
    pub level: Level,
    /// The main majors of the school that it fits, one or several; empty while not stated.
    pub major: String,
    /// The national standard with its edition; empty while not stated.
    pub standard: String,
    /// Whether the body asks to assess others than its own students (三（四）).
    pub asks_public: bool,
}

impl TradeFacts {
    /// What tells it from the other rows of the plan.
    pub fn key(&self) -> TradeKey<'_> {
        (&self.code, &self.work_type, self.level)
    }

    /// The row as one reads it out: `6-18-01-01 车工（数控车工）三级/高级工`.
    pub fn label(&self) -> String {
        let work_type = if self.work_type.is_empty() { String::new() } else { format!("（{}）", self.work_type) };
        format!("{} {}{work_type}{}", self.code, self.name, self.level.name())
    }
}

/// Someone of the body's staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonFacts {
    pub kind: PersonKind,
    pub name: String,
    /// The occupation that the person serves; `None` serves all of them.
    pub trade_code: Option<String>,
    /// The highest level that the person may assess, as the card says.
    pub level_max: Option<Level>,
    /// Number of the card; empty without one.
    pub card_number: String,
    /// The last day of the card.
    pub card_valid_until: Option<Day>,
}

impl PersonFacts {
    /// What is wrong with the card on this day, or `None`; full-time staff need none.
    fn card_fault(&self, on: Day) -> Option<String> {
        if self.kind == PersonKind::FullTime {
            return None;
        }
        match self.card_valid_until {
            _ if self.card_number.trim().is_empty() => Some("没有填写证卡编号".to_owned()),
            None => Some("没有填写证卡有效期".to_owned()),
            Some(until) if until < on => Some(format!("的证卡已于 {until} 到期")),
            Some(_) => None,
        }
    }

    fn serves(&self, code: &str) -> bool {
        self.trade_code.as_deref().is_none_or(|own| own == code)
    }
}

/// What someone does in the body's assessments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// 专职工作人员.
    FullTime,
    /// 考评人员.
    Assessor,
    /// 质量督导人员.
    Inspector,
    /// 专家.
    Expert,
}

impl PersonKind {
    /// Every kind.
    pub const ALL: &'static [PersonKind] = &[Self::FullTime, Self::Assessor, Self::Inspector, Self::Expert];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::FullTime => "full_time",
            Self::Assessor => "assessor",
            Self::Inspector => "inspector",
            Self::Expert => "expert",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FullTime => "专职工作人员",
            Self::Assessor => "考评人员",
            Self::Inspector => "质量督导人员",
            Self::Expert => "专家",
        }
    }
}

/// A room, station, machine or camera of the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFacts {
    /// The occupation that it serves; `None` serves all of them.
    pub trade_code: Option<String>,
    pub kind: SiteKind,
    pub name: String,
    /// Seats, stations, machines, cameras.
    pub count: i64,
    pub note: String,
    /// Days that a camera's recordings are kept.
    pub days_kept: Option<i64>,
}

/// What a site row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// 理论考场.
    TheoryRoom,
    /// 实操工位.
    PracticalStation,
    /// 设施设备.
    Equipment,
    /// 视频监控.
    Camera,
}

impl SiteKind {
    /// Every kind.
    pub const ALL: &'static [SiteKind] = &[Self::TheoryRoom, Self::PracticalStation, Self::Equipment, Self::Camera];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TheoryRoom => "theory_room",
            Self::PracticalStation => "practical_station",
            Self::Equipment => "equipment",
            Self::Camera => "camera",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TheoryRoom => "理论考场",
            Self::PracticalStation => "实操工位",
            Self::Equipment => "设施设备",
            Self::Camera => "视频监控",
        }
    }
}

/// A file that the body has attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaterialFacts {
    /// The code of its checklist item.
    pub code: String,
    /// The occupation it is about, where the item asks for one per occupation.
    pub trade_code: Option<String>,
}

/// What of a filing is done and what is missing: the clerk's task list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Completeness {
    pub items: Vec<Item>,
}

impl Completeness {
    /// Whether nothing is missing.
    pub fn is_ready(&self) -> bool {
        self.items.iter().all(|item| item.done)
    }

    /// How many items are done.
    pub fn done(&self) -> usize {
        self.items.iter().filter(|item| item.done).count()
    }
}

/// One line of the task list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Item {
    /// The code word: `trades`, `assessors`, `materials`.
    pub code: String,
    pub title: String,
    /// The clause that asks for it.
    #[schema(value_type = String)]
    pub clause: Clause,
    pub done: bool,
    /// What is missing, in one text; empty when done.
    pub missing: String,
    /// What is missing, one by one, each with its remedy.
    pub findings: Vec<RefusalView>,
}

/// What of the filing is done on this day.
pub fn completeness(facts: &FilingFacts, requirements: &Requirements, on: Day) -> Completeness {
    let items = checks(facts, requirements, on).into_iter().map(|check| Item {
        code: check.code.to_owned(),
        title: check.title.to_owned(),
        clause: check.clause,
        done: check.refusals.is_empty(),
        missing: check.refusals.iter().map(|refusal| refusal.what.as_str()).collect::<Vec<_>>().join("；"),
        findings: check.refusals.iter().map(RefusalView::from).collect(),
    });
    Completeness { items: items.collect() }
}

/// Whether the filing may be submitted on this day; otherwise everything that stops it, at once.
pub fn submit_ready(facts: &FilingFacts, requirements: &Requirements, on: Day) -> Result<(), Vec<Refusal>> {
    let refusals: Vec<_> = checks(facts, requirements, on).into_iter().flat_map(|check| check.refusals).collect();
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

struct Check {
    code: &'static str,
    title: &'static str,
    clause: Clause,
    refusals: Vec<Refusal>,
}

/// Everything that is asked of a filing, in the order of the form.
fn checks(facts: &FilingFacts, requirements: &Requirements, on: Day) -> Vec<Check> {
    let mut checks = vec![
        Check { code: "body", title: "机构信息", clause: Clause::A1, refusals: body(facts) },
        Check {
            code: "trades",
            title: "拟备案职业与等级",
            clause: Clause::S1_2_1,
            refusals: trades(facts, requirements),
        },
    ];
    for &kind in PersonKind::ALL {
        checks.push(Check {
            code: kind.code(),
            title: kind.name(),
            clause: Clause::S1_2_2,
            refusals: people(facts, kind, on, requirements.assessors),
        });
    }
    for &kind in SiteKind::ALL {
        checks.push(Check {
            code: kind.code(),
            title: kind.name(),
            clause: Clause::S1_2_3,
            refusals: sites(facts, kind),
        });
    }
    checks.push(Check {
        code: "materials",
        title: "申请材料",
        clause: Clause::A2,
        refusals: materials(facts, &requirements.checklist),
    });
    checks
}

fn body(facts: &FilingFacts) -> Vec<Refusal> {
    if facts.body_described {
        return Vec::new();
    }
    vec![Refusal::new(Clause::A1, "机构信息没有填完").remedy("请在“机构信息”中填写备案表要求的各项")]
}

fn trades(facts: &FilingFacts, requirements: &Requirements) -> Vec<Refusal> {
    let level_cap = requirements.level_cap;
    if facts.trades.is_empty() {
        return vec![Refusal::new(Clause::S1_2_1, "没有填写拟备案的职业").remedy("请至少填写一个职业（工种）及其等级")];
    }
    let catalogue = if requirements.fits_majors { catalogue_imported(&facts.majors) } else { Ok(()) };
    let compares = requirements.fits_majors && catalogue.is_ok();
    let mut refusals: Vec<_> = catalogue.err().into_iter().collect();
    for (n, trade) in facts.trades.iter().enumerate() {
        let label = trade.label();
        if facts.trades[..n].iter().any(|earlier| earlier.key() == trade.key()) {
            refusals.push(Refusal::new(Clause::A1, format!("{label}填写了两次")).remedy("请删去重复的一行"));
            continue;
        }
        if compares {
            refusals.extend(fits_a_main_major(&facts.majors, &label, &trade.major).err());
        }
        if trade.standard.trim().is_empty() {
            refusals.push(
                Refusal::new(Clause::S1_4_1, format!("{label}没有写明执行的国家职业技能标准"))
                    .remedy("请填写已颁布的国家职业技能标准及其版本"),
            );
        }
        if trade.level > level_cap {
            refusals.push(
                Refusal::new(Clause::S1_2_1, format!("{label}高于本院校可备案的最高等级{}", level_cap.name()))
                    .remedy(format!("请删去该等级，或改为{}及以下", level_cap.name())),
            );
        }
    }
    refusals
}

/// The occupations of the filing, once each, with the highest level filed.
fn occupations(facts: &FilingFacts) -> Vec<&TradeFacts> {
    let mut highest: Vec<&TradeFacts> = Vec::new();
    for trade in &facts.trades {
        match highest.iter_mut().find(|other| other.code == trade.code) {
            Some(other) if other.level < trade.level => *other = trade,
            Some(_) => {}
            None => highest.push(trade),
        }
    }
    highest
}

/// Somebody of each kind, three assessors for each occupation, and a valid card in every hand that needs one: the
/// person is named, for one bad card stops the submission even where enough others are good.
fn people(facts: &FilingFacts, kind: PersonKind, on: Day, wanted: usize) -> Vec<Refusal> {
    let of_kind: Vec<_> = facts.people.iter().filter(|person| person.kind == kind).collect();
    let faults = of_kind.iter().filter_map(|person| {
        let fault = person.card_fault(on)?;
        Some(
            Refusal::new(Clause::S1_2_2, format!("{}{}{fault}", kind.name(), person.name))
                .remedy(format!("请补填 {on} 仍有效的证卡，或将{}移出名单", person.name)),
        )
    });
    let mut refusals: Vec<_> = faults.collect();
    if kind == PersonKind::Assessor {
        refusals.extend(occupations(facts).into_iter().filter_map(|trade| {
            let able = of_kind.iter().filter(|person| {
                person.serves(&trade.code)
                    && person.card_fault(on).is_none()
                    && person.level_max.is_some_and(|max| max >= trade.level)
            });
            let able = able.count();
            (able < wanted).then(|| {
                Refusal::new(
                    Clause::S1_2_2,
                    format!("{} {}能考评到{}的考评人员只有 {able} 名", trade.code, trade.name, trade.level.name()),
                )
                .remedy(format!("每个职业至少 {wanted} 名证卡有效的考评人员，还差 {} 名", wanted - able))
            })
        }));
    }
    if of_kind.is_empty() && refusals.is_empty() {
        refusals.push(
            Refusal::new(Clause::S1_2_2, format!("没有{}", kind.name()))
                .remedy(format!("请在“人员队伍”中至少填写 1 名{}", kind.name())),
        );
    }
    refusals
}

/// A room, stations, equipment and cameras for each occupation; recordings kept long enough.
fn sites(facts: &FilingFacts, kind: SiteKind) -> Vec<Refusal> {
    let of_kind: Vec<_> = facts.sites.iter().filter(|site| site.kind == kind).collect();
    let serving = |code: &str| {
        of_kind.iter().any(|site| site.count > 0 && site.trade_code.as_deref().is_none_or(|own| own == code))
    };
    let lacking = occupations(facts).into_iter().filter(|trade| !serving(&trade.code)).map(|trade| {
        Refusal::new(Clause::S1_2_3, format!("{} {}没有{}", trade.code, trade.name, kind.name()))
            .remedy(format!("请在“场地设备监控”中为该职业填写{}及其数量", kind.name()))
    });
    let mut refusals: Vec<_> = lacking.collect();
    if facts.trades.is_empty() && of_kind.is_empty() {
        refusals.push(
            Refusal::new(Clause::S1_2_3, format!("没有{}", kind.name()))
                .remedy(format!("请先填写拟备案职业，再填写与之相适应的{}", kind.name())),
        );
    }
    let forgetful = of_kind
        .iter()
        .filter(|site| kind == SiteKind::Camera && site.days_kept.unwrap_or(0) < i64::from(RECORDING_DAYS));
    refusals.extend(forgetful.map(|site| {
        let kept = site
            .days_kept
            .map_or("没有填写录像保存天数".to_owned(), |days| format!("的录像只保存 {days} 天"));
        Refusal::new(Ground::House("录像保存"), format!("视频监控“{}”{kept}", site.name))
            .remedy(format!("录像至少保存 {RECORDING_DAYS} 天，请调整后填写"))
    }));
    refusals
}

fn materials(facts: &FilingFacts, checklist: &[MaterialItem]) -> Vec<Refusal> {
    let attached = |code: &str, trade: Option<&str>| {
        facts.materials.iter().any(|m| m.code == code && (trade.is_none() || m.trade_code.as_deref() == trade))
    };
    let missing =
        |title: &str| Refusal::new(Clause::A2, format!("缺少材料《{title}》")).remedy(format!("请上传《{title}》"));
    let mut refusals = Vec::new();
    for item in checklist.iter().filter(|item| item.required) {
        match item.per {
            MaterialPer::Body if attached(&item.code, None) => {}
            MaterialPer::Body => refusals.push(missing(&item.title)),
            MaterialPer::Trade => refusals.extend(
                occupations(facts)
                    .into_iter()
                    .filter(|trade| !attached(&item.code, Some(&trade.code)))
                    .map(|trade| missing(&format!("{}（{} {}）", item.title, trade.code, trade.name))),
            ),
        }
    }
    refusals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    const CITY: Track = Track { needs_bureau: true };
    const PROVINCE: Track = Track { needs_bureau: false };

    #[test]
    fn s2_1_2b_the_order_of_a_filing_cannot_be_skipped() {
        use FilingStage::*;
        let walk = |track, steps: &[FilingStep]| {
            steps
                .iter()
                .try_fold(Drafting, |stage, step| next(stage, *step, track))
                .map_err(|refusal| (refusal.ground.clause().unwrap(), refusal.remedy))
        };
        use FilingStep::*;
        let passed = Assess { passed: true };
        let way = [Submit, GiveBack, Submit, Accept, GiveBack, Submit, Accept, passed];
        let city = [&way[..], &[Consent, Summarise, RecordMinistry, List]].concat();
        let province = [&way[..], &[Summarise, RecordMinistry, List]].concat();
        assert_eq!(walk(CITY, &city), Ok(Listed));
        assert_eq!(walk(PROVINCE, &province), Ok(Listed));
        assert_eq!(walk(CITY, &[Submit, Accept, Assess { passed: false }]), Ok(Rejected));

        let check = |track, steps: &[FilingStep], clause, remedy: &str| {
            assert_eq!(walk(track, steps), Err((clause, remedy.to_owned())), "{steps:?}");
        };
        check(CITY, &[Accept], Clause::S2_1_1B, "须先由机构负责人办理“提交备案申请”");
        check(CITY, &[Submit, passed], Clause::S2_1_2B, "须先由市中心办理“受理备案申请”");
        check(PROVINCE, &[Submit, passed], Clause::S2_1_2A, "须先由省中心办理“受理备案申请”");
        check(CITY, &[&way[..], &[Summarise]].concat(), Clause::S2_1_2B, "须先由市人社局办理“市局同意备案”");
        check(PROVINCE, &[&way[..], &[Consent]].concat(), Clause::S2_1_2B, "须先由省中心办理“省中心汇总备案”");
        check(
            CITY,
            &[&way[..], &[Consent, RecordMinistry]].concat(),
            Clause::S2_1_2B,
            "须先由省中心办理“省中心汇总备案”",
        );
        check(PROVINCE, &[&way[..], &[Summarise, List]].concat(), Clause::S2_1_3A, "须先由省人社厅办理“登记部级备案”");
        check(CITY, &[Submit, Submit], Clause::S2_1_2B, "须先由市中心办理“受理备案申请”");
        check(
            CITY,
            &[Submit, Accept, Assess { passed: false }, Consent],
            Clause::S2_1_2B,
            "本次申请已办结；院校补足条件后可重新开始备案申请",
        );
    }

    #[test]
    fn s2_1_3a_every_other_step_is_refused_and_every_stage_is_reached() {
        let rows = steps();
        // Submit twice (new, returned), give back four times (submitted, accepted, assessed, summarised), accept, assess
        // either way, summarise, record, list: twelve; the city has the bureau's consent and its giving back after it.
        for (track, expected) in [(PROVINCE, 12), (CITY, 14)] {
            assert_eq!(rows.iter().filter(|row| row.track == track).count(), expected, "{track:?}");
        }
        for stage in FilingStage::ALL {
            assert!(*stage == FilingStage::Drafting || rows.iter().any(|row| row.to == *stage), "{stage:?}");
            assert_eq!(FilingStage::from_code(stage.code()), Some(*stage));
            for &track in Track::ALL {
                if let Some(awaited) = stage.awaits(track) {
                    assert!(next(*stage, awaited, track).is_ok(), "{stage:?} awaits what the table refuses");
                }
            }
        }
    }

    #[test]
    fn s2_1_1b_a_filing_changes_only_while_it_is_with_the_body() {
        for stage in FilingStage::ALL {
            let with_body = matches!(stage, FilingStage::Drafting | FilingStage::Returned);
            assert_eq!(open_to_change(*stage, CITY).is_ok(), with_body, "{stage:?}");
        }
        let refusal = open_to_change(FilingStage::Accepted, PROVINCE).unwrap_err();
        assert_eq!(refusal.remedy, "需要修改的，请联系省中心退回申请");
    }

    #[test]
    fn s2_1_3b_the_receipt_follows_the_listing_once() {
        for stage in FilingStage::ALL {
            assert_eq!(may_receipt(*stage, false, CITY).is_ok(), *stage == FilingStage::Listed, "{stage:?}");
            assert!(may_receipt(*stage, true, CITY).is_err());
        }
        let refusal = may_receipt(FilingStage::Reported, false, CITY).unwrap_err();
        assert_eq!(refusal.remedy, "须先由省人社厅办理“列入机构目录”");
    }

    #[test]
    fn s2_1_3b_validity_counts_whole_years() {
        for (listed, years, until) in [
            ("2026-09-01", 3, "2029-08-31"),
            ("2026-01-01", 3, "2028-12-31"),
            ("2025-03-01", 3, "2028-02-29"),
            ("2024-02-29", 3, "2027-02-28"),
            ("2024-02-29", 4, "2028-02-28"),
        ] {
            assert_eq!(validity(day(listed), years), (day(listed), day(until)), "{listed}");
        }
    }

    #[test]
    fn s2_1_1a_one_filing_at_a_time() {
        assert_eq!(may_open(None), Ok(()));
        assert_eq!(may_open(Some(FilingStage::Returned)).unwrap_err().ground.clause(), Some(Clause::S2_1_1A));
    }

    #[test]
    fn s2_1_2a_every_occupation_and_level_is_decided_once_and_a_no_has_its_reason() {
        let planned = [("6-18-01-01", "", Level::L4), ("6-18-01-01", "", Level::L3)];
        let decide = |level, passed, reason: &str| Decision {
            code: "6-18-01-01".into(),
            work_type: String::new(),
            level,
            passed,
            reason: reason.into(),
            for_public: false,
        };
        let (yes, no) = (decide(Level::L4, true, ""), decide(Level::L3, false, "缺设备"));
        let check = |decisions: &[Decision]| assess(&planned, decisions, CITY).map_err(|refusal| refusal.what);
        assert_eq!(check(&[yes.clone(), no.clone()]), Ok(true));
        assert_eq!(check(&[decide(Level::L4, false, "缺场地"), no.clone()]), Ok(false));
        assert_eq!(check(std::slice::from_ref(&yes)), Err("6-18-01-01 三级/高级工没有结论".into()));
        assert_eq!(check(&[yes.clone(), yes.clone()]), Err("6-18-01-01 四级/中级工有两个结论".into()));
        let silent = decide(Level::L3, false, " ");
        assert_eq!(check(&[yes.clone(), silent]), Err("6-18-01-01 三级/高级工不合格，没有写明理由".into()));
        let other = decide(Level::L2, true, "");
        assert_eq!(check(&[yes, no, other]), Err("6-18-01-01 二级/技师不在本次申请中".into()));
    }

    #[test]
    fn s2_1_2b_work_types_of_one_occupation_are_decided_each() {
        let planned = [("6-18-01-01", "普通车工", Level::L4), ("6-18-01-01", "数控车工", Level::L4)];
        let decide = |work_type: &str, passed| Decision {
            code: "6-18-01-01".into(),
            work_type: work_type.into(),
            level: Level::L4,
            passed,
            reason: "缺设备".into(),
            for_public: false,
        };
        let check = |decisions: &[Decision]| assess(&planned, decisions, CITY).map_err(|refusal| refusal.what);
        assert_eq!(check(&[decide("普通车工", true), decide("数控车工", false)]), Ok(true));
        assert_eq!(check(&[decide("普通车工", true)]), Err("6-18-01-01（数控车工） 四级/中级工没有结论".into()));
        assert_eq!(check(&[decide("", true)]), Err("6-18-01-01 四级/中级工不在本次申请中".into()));
    }

    #[test]
    fn s2_1_2b_whose_turn_it_is_gives_back_and_nobody_after_the_ministry() {
        use FilingStage::*;
        let who = |stage, track| giver(stage, track).map(|(role, clause)| (role, clause.id()));
        assert_eq!(who(Submitted, CITY), Some((Role::CityCentre, "2.1.2b")));
        assert_eq!(who(Accepted, PROVINCE), Some((Role::ProvincialCentre, "2.1.2a")));
        assert_eq!(who(Assessed, CITY), Some((Role::CityBureau, "2.1.2b")));
        assert_eq!(who(Assessed, PROVINCE), Some((Role::ProvincialCentre, "2.1.2a")));
        assert_eq!(who(Consented, CITY), Some((Role::ProvincialCentre, "2.1.2b")));
        assert_eq!(who(Summarised, CITY), Some((Role::ProvincialDepartment, "2.1.3a")));
        for &stage in FilingStage::ALL {
            let has_giver = giver(stage, CITY).is_some();
            assert_eq!(next(stage, FilingStep::GiveBack, CITY).is_ok(), has_giver, "{stage:?}");
            for role in Role::ALL {
                let may = may_give_back(stage, CITY, *role).is_ok();
                assert_eq!(may, who(stage, CITY).is_some_and(|(by, _)| by == *role), "{stage:?} {role:?}");
            }
        }
        let refusal = may_give_back(Submitted, CITY, Role::ProvincialCentre).unwrap_err();
        assert_eq!(refusal.remedy, "现在由市中心办理；需要退回的，请联系市中心");
    }

    #[test]
    fn s2_1_3a_the_ministry_filing_has_a_reference_and_a_day_that_fits() {
        let check = |reference: &str, on: &str| {
            ministry_recorded(reference, day(on), Some(day("2026-03-02")), day("2026-03-09")).map_err(|r| r.field)
        };
        assert_eq!(check("示例备〔2026〕1号", "2026-03-02"), Ok(()));
        assert_eq!(check("示例备〔2026〕1号", "2026-03-09"), Ok(()));
        assert_eq!(check(" ", "2026-03-09"), Err(Some("reference")));
        assert_eq!(check("示例备〔2026〕1号", "2026-03-10"), Err(Some("filed_on")));
        assert_eq!(check("示例备〔2026〕1号", "2026-03-01"), Err(Some("filed_on")));
    }

    #[test]
    fn s2_1_3b_validity_may_be_set_and_ends_after_today() {
        let today = day("2026-09-01");
        assert_eq!(listed_until(None, today, 3), Ok((today, day("2029-08-31"))));
        assert_eq!(listed_until(Some(day("2027-08-31")), today, 3), Ok((today, day("2027-08-31"))));
        assert!(listed_until(Some(today), today, 3).is_err());
    }

    #[test]
    fn s2_1_1a_what_is_listed_is_not_filed_again() {
        let planned = ready().trades;
        let listed =
            |level, for_public| [("6-18-01-01".to_owned(), String::new(), level, day("2029-08-31"), for_public)];
        let other = [("6-18-01-01".to_owned(), "数控车工".to_owned(), Level::L4, day("2029-08-31"), false)];
        assert_eq!(not_yet_listed(&planned, &other), Ok(()), "a work type is another entry");
        assert_eq!(not_yet_listed(&planned, &listed(Level::L5, false)), Ok(()));
        let refusal = not_yet_listed(&planned, &listed(Level::L4, false)).unwrap_err();
        assert_eq!(refusal.what, "6-18-01-01 车工四级/中级工已在机构目录中，有效期至 2029-08-31");
    }

    #[test]
    fn s3_4_1_what_is_listed_may_be_filed_again_to_open_it_to_the_public() {
        let mut planned = ready().trades;
        let listed = |for_public| [("6-18-01-01".to_owned(), String::new(), Level::L4, day("2029-08-31"), for_public)];
        planned.iter_mut().for_each(|trade| trade.asks_public = true);
        assert_eq!(not_yet_listed(&planned, &listed(false)), Ok(()));
        assert!(not_yet_listed(&planned, &listed(true)).is_err());
        let decide = |passed, for_public| {
            [Decision {
                code: "6-18-01-01".into(),
                work_type: String::new(),
                level: Level::L4,
                passed,
                reason: "示例".into(),
                for_public,
            }]
        };
        let asked = [("6-18-01-01", "", Level::L4)];
        assert_eq!(opened_to_public(&asked, &decide(true, true)), Ok(()));
        assert_eq!(opened_to_public(&[], &decide(true, false)), Ok(()));
        for (asked, decisions) in [(&asked[..], decide(false, true)), (&[][..], decide(true, true))] {
            let refusal = opened_to_public(asked, &decisions).unwrap_err();
            assert_eq!(refusal.ground.clause(), Some(Clause::S3_4_1));
        }
    }

    #[test]
    fn s1_1_4_schools_with_a_former_station_file_and_others_are_announced() {
        assert_eq!(files_under(BodyKind::College), Ok(Clause::S1_1_4));
        assert_eq!(files_under(BodyKind::TechnicalSchool), Ok(Clause::S1_1_3));
        for (kind, clause) in [(BodyKind::Enterprise, Clause::S1_1_1), (BodyKind::SocialOrganisation, Clause::S1_1_2)] {
            assert_eq!(files_under(kind).unwrap_err().ground.clause(), Some(clause));
        }
        assert_eq!(had_station(BodyKind::College, "示例鉴定站", "第1号"), Ok(()));
        let refusal = had_station(BodyKind::College, "示例鉴定站", " ").unwrap_err();
        assert_eq!((refusal.ground.clause(), refusal.field), (Some(Clause::S1_1_4), Some("station_number")));
    }

    const ON: &str = "2026-03-02";

    /// Two occupations at two levels with everything that is asked.
    fn ready() -> FilingFacts {
        let codes = [("6-18-01-01", "车工"), ("6-31-01-03", "电工")];
        let mut facts = FilingFacts { body_described: true, ..FilingFacts::default() };
        for (code, name) in codes {
            facts.majors.push(Major { code: code.into(), name: format!("{name}专业"), is_main: true });
            let own = Some(code.to_owned());
            for level in [Level::L4, Level::L3] {
                facts.trades.push(TradeFacts {
                    code: code.into(),
                    name: name.into(),
                    work_type: String::new(),
                    level,
                    major: format!("{name}专业"),
                    standard: format!("{name}（2018年版）"),
                    asks_public: false,
                });
            }
            for n in 1..=3 {
                facts.people.push(person(PersonKind::Assessor, &format!("{name}考评员{n}"), own.clone()));
            }
            for &kind in SiteKind::ALL {
                facts.sites.push(SiteFacts {
                    trade_code: own.clone(),
                    kind,
                    name: format!("{name}{}", kind.name()),
                    count: 10,
                    note: String::new(),
                    days_kept: (kind == SiteKind::Camera).then_some(180),
                });
            }
        }
        for kind in [PersonKind::FullTime, PersonKind::Inspector, PersonKind::Expert] {
            facts.people.push(person(kind, kind.name(), None));
        }
        for item in default_checklist().iter().filter(|item| item.required) {
            match item.per {
                MaterialPer::Body => {
                    facts.materials.push(MaterialFacts { code: item.code.clone(), trade_code: None });
                }
                MaterialPer::Trade => facts.materials.extend(
                    codes.map(|(code, _)| MaterialFacts { code: item.code.clone(), trade_code: Some(code.to_owned()) }),
                ),
            }
        }
        facts
    }

    fn person(kind: PersonKind, name: &str, trade_code: Option<String>) -> PersonFacts {
        let carded = kind != PersonKind::FullTime;
        PersonFacts {
            kind,
            name: name.into(),
            trade_code,
            level_max: (kind == PersonKind::Assessor).then_some(Level::L3),
            card_number: if carded { "示例-0001".into() } else { String::new() },
            card_valid_until: carded.then(|| day(ON)),
        }
    }

    /// What stops the filing after one change to a complete one: clause and text of each refusal.
    fn after(change: impl FnOnce(&mut FilingFacts)) -> Vec<(String, String)> {
        let mut facts = ready();
        change(&mut facts);
        let refusals = submit_ready(&facts, &Requirements::default(), day(ON)).err().unwrap_or_default();
        let list = completeness(&facts, &Requirements::default(), day(ON));
        assert_eq!(list.is_ready(), refusals.is_empty());
        assert_eq!(list.items.iter().map(|item| item.findings.len()).sum::<usize>(), refusals.len());
        assert!(refusals.iter().all(|refusal| !refusal.remedy.is_empty()));
        refusals.into_iter().map(|refusal| (refusal.ground.label(), refusal.what)).collect()
    }

    fn stops(change: impl FnOnce(&mut FilingFacts), expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(l, w)| (l.to_string(), w.to_string())).collect();
        assert_eq!(after(change), expected);
    }

    #[test]
    fn s2_1_1a_a_complete_filing_may_be_submitted() {
        stops(|_| {}, &[]);
    }

    #[test]
    fn s1_2_1_each_occupation_fits_a_major_within_the_cap() {
        stops(|f| f.trades[0].major.clear(), &[("一（二）1", "6-18-01-01 车工四级/中级工没有对应的主干专业")]);
        stops(
            |f| f.trades[1].standard = " ".into(),
            &[("一（四）", "6-18-01-01 车工三级/高级工没有写明执行的国家职业技能标准")],
        );
        stops(
            |f| {
                f.trades[1].level = Level::L2;
                f.people.iter_mut().for_each(|p| p.level_max = Some(Level::L1));
            },
            &[("一（二）1", "6-18-01-01 车工二级/技师高于本院校可备案的最高等级三级/高级工")],
        );
        stops(|f| f.trades[1].level = Level::L4, &[("附件1", "6-18-01-01 车工四级/中级工填写了两次")]);
        stops(
            |f| {
                f.trades[1].level = Level::L4;
                f.trades[1].work_type = "数控车工".into();
            },
            &[],
        );
        stops(
            |f| f.majors[0].is_main = false,
            &[
                ("一（二）1", "6-18-01-01 车工四级/中级工对应的“车工专业”在本校专业目录中不是主干专业"),
                ("一（二）1", "6-18-01-01 车工三级/高级工对应的“车工专业”在本校专业目录中不是主干专业"),
            ],
        );
        stops(|f| f.majors.clear(), &[("一（二）1", "还没有导入本校专业目录，不能核对职业与主干专业是否相适应")]);
        stops(|f| f.trades.clear(), &[("一（二）1", "没有填写拟备案的职业")]);
        stops(|f| f.body_described = false, &[("附件1", "机构信息没有填完")]);
    }

    #[test]
    fn s1_2_1_a_technician_college_may_file_up_to_its_own_cap() {
        let mut facts = ready();
        facts.trades[1].level = Level::L2;
        facts.people.iter_mut().for_each(|person| person.level_max = Some(Level::L2));
        let requirements = Requirements { level_cap: Level::L2, ..Requirements::default() };
        assert_eq!(submit_ready(&facts, &requirements, day(ON)), Ok(()));
    }

    #[test]
    fn s1_2_2_people_are_enough_and_their_cards_are_valid() {
        let short = ("一（二）2", "6-18-01-01 车工能考评到三级/高级工的考评人员只有 2 名");
        stops(|f| drop(f.people.remove(0)), &[short]);
        stops(|f| f.people[0].level_max = Some(Level::L4), &[short]);
        stops(|f| f.people[0].trade_code = Some("6-31-01-03".into()), &[short]);
        stops(
            |f| f.people[0].card_valid_until = Some(day("2026-03-01")),
            &[("一（二）2", "考评人员车工考评员1的证卡已于 2026-03-01 到期"), short],
        );
        // A fourth assessor does not heal the third's card.
        stops(
            |f| {
                f.people.push(person(PersonKind::Assessor, "车工考评员4", Some("6-18-01-01".into())));
                f.people[0].card_number.clear();
            },
            &[("一（二）2", "考评人员车工考评员1没有填写证卡编号")],
        );
        for (kind, what) in [
            (PersonKind::FullTime, "没有专职工作人员"),
            (PersonKind::Inspector, "没有质量督导人员"),
            (PersonKind::Expert, "没有专家"),
        ] {
            stops(|f| f.people.retain(|p| p.kind != kind), &[("一（二）2", what)]);
        }
        stops(
            |f| f.people.iter_mut().filter(|p| p.kind == PersonKind::Inspector).for_each(|p| p.card_valid_until = None),
            &[("一（二）2", "质量督导人员质量督导人员没有填写证卡有效期")],
        );
    }

    #[test]
    fn s1_2_3_each_occupation_has_its_room_stations_equipment_and_cameras() {
        for (kind, what) in [
            (SiteKind::TheoryRoom, "6-31-01-03 电工没有理论考场"),
            (SiteKind::PracticalStation, "6-31-01-03 电工没有实操工位"),
            (SiteKind::Equipment, "6-31-01-03 电工没有设施设备"),
            (SiteKind::Camera, "6-31-01-03 电工没有视频监控"),
        ] {
            let of_second = |s: &SiteFacts| s.kind == kind && s.trade_code.as_deref() == Some("6-31-01-03");
            stops(|f| f.sites.retain(|s| !of_second(s)), &[("一（二）3", what)]);
            // One that serves every occupation is enough.
            stops(
                |f| {
                    f.sites.retain(|s| !of_second(s));
                    f.sites.iter_mut().filter(|s| s.kind == kind).for_each(|s| s.trade_code = None);
                },
                &[],
            );
        }
        stops(|f| f.sites[0].count = 0, &[("一（二）3", "6-18-01-01 车工没有理论考场")]);
        stops(
            |f| f.sites[3].days_kept = Some(90),
            &[("平台规则·录像保存", "视频监控“车工视频监控”的录像只保存 90 天")],
        );
    }

    #[test]
    fn a2_required_materials_are_attached_once_or_for_each_occupation() {
        stops(|f| f.materials.retain(|m| m.code != "work_plan"), &[("附件2", "缺少材料《职业技能等级认定工作方案》")]);
        stops(
            |f| f.materials.retain(|m| m.trade_code.as_deref() != Some("6-31-01-03")),
            &[("附件2", "缺少材料《场地、设施设备和视频监控证明（6-31-01-03 电工）》")],
        );
        // Further rules are welcome, not required.
        stops(|f| f.materials.push(MaterialFacts { code: "rule_secrecy".into(), trade_code: None }), &[]);
        let codes: std::collections::BTreeSet<_> = default_checklist().into_iter().map(|item| item.code).collect();
        assert_eq!(codes.len(), default_checklist().len());
    }
}
