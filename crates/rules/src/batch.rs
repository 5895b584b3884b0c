//! 二（二）1: each batch is told to the centre in charge ten working days before it starts, within the filed scope
//! and validity. The stages of a batch, from its notification to its certificates, are one table here.

pub mod board;
pub mod change;
pub mod stop;

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::calendar::Calendar;
use crate::certificate::Level;
use crate::directory::ChangeKind;
use crate::notice::Clause;
use crate::people::Role;
use crate::refusal::{Refusal, RefusalView};
use crate::result::{Part, parts_for};
use crate::terms::{
    CLOSING_AFTER, MARKS_AFTER, NOTIFY_AHEAD, PAPERS_BEFORE, POSTING_AFTER, PUBLICITY_DAYS, REGISTRATION_BEFORE,
    REPORT_WITHIN, ROOMS_BEFORE,
};

/// What a body intends to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Plan {
    /// Occupation code.
    pub code: String,
    pub level: Level,
    /// The batch starts: registration desk, briefing or first examination.
    #[schema(value_type = String, format = Date)]
    pub starts_on: Day,
    #[schema(value_type = String, format = Date)]
    pub ends_on: Day,
    #[schema(value_type = String, format = Date)]
    pub theory_on: Day,
    #[schema(value_type = String, format = Date)]
    pub practical_on: Day,
    /// Day of the comprehensive review; levels 2 and 1 have one, the others none.
    #[schema(value_type = Option<String>, format = Date)]
    pub comprehensive_on: Option<Day>,
    /// Candidates expected.
    pub expected: i64,
    /// The national occupational standard that is followed, with its edition (一（四）).
    pub standard: String,
    /// Where theory and practice are held.
    pub places: String,
    /// The working plan (工作方案) in words, or what names the file that holds it.
    pub work_plan: String,
}

impl Plan {
    /// The examination days, part by part.
    pub fn exams(&self) -> Vec<(Part, Day)> {
        let mut exams = vec![(Part::Theory, self.theory_on), (Part::Practical, self.practical_on)];
        exams.extend(self.comprehensive_on.map(|on| (Part::Comprehensive, on)));
        exams
    }

    /// The first examination day: ages are counted on it.
    pub fn first_exam_on(&self) -> Day {
        self.exams().into_iter().map(|(_, on)| on).min().unwrap_or(self.starts_on)
    }

    /// The last examination day: results are not posted before it.
    pub fn last_exam_on(&self) -> Day {
        self.exams().into_iter().map(|(_, on)| on).max().unwrap_or(self.ends_on)
    }
}

/// An occupation and level that a body has on file, from its first to its last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ScopeEntry {
    /// Occupation code.
    pub code: String,
    pub level: Level,
    #[schema(value_type = String, format = Date)]
    pub from: Day,
    #[schema(value_type = String, format = Date)]
    pub until: Day,
    /// How it ended, where it was cut before its time: given up, withdrawn, left, stopped.
    pub cut: Option<ChangeKind>,
}

/// Whom a batch examines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Students: the body's own, or those of the school that it cooperates with.
    #[default]
    Own,
    /// Anyone who meets a condition of the standard (三（四）).
    Public,
}

impl Audience {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Own, Self::Public];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Public => "public",
        }
    }

    /// The audience with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|audience| audience.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "学生",
            Self::Public => "面向社会",
        }
    }
}

/// 三（四）: the public is examined only in an occupation and at a level that is on file for it.
pub fn audience_allowed(audience: Audience, for_public: bool, plan: &Plan) -> Result<(), Refusal> {
    if audience == Audience::Own || for_public {
        return Ok(());
    }
    let what = format!("{} {}没有面向社会的备案范围", plan.code, plan.level.name());
    Err(Refusal::new(Clause::S3_4_1, what)
        .remedy("请先在备案申请中申请面向社会，列入目录后再通报；或改为认定本校学生")
        .at("audience"))
}

/// A notification that the notice allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Notification {
    /// The earliest day on which a batch notified today may start.
    #[schema(value_type = String, format = Date)]
    pub earliest: Day,
    #[schema(value_type = String, format = Date)]
    pub first_exam_on: Day,
    #[schema(value_type = String, format = Date)]
    pub last_exam_on: Day,
}

/// Whether a plan is complete, and within the scope and validity of the filing from start to end.
pub fn plan_holds(plan: &Plan, scope: &[ScopeEntry]) -> Result<(), Refusal> {
    plan_is_complete(plan)?;
    within_scope(plan, scope)
}

/// Whether this plan may be notified today: it holds, and is ten working days ahead. Refused as well outside the years
/// that the calendar knows.
pub fn notify(plan: &Plan, scope: &[ScopeEntry], calendar: &Calendar, today: Day) -> Result<Notification, Refusal> {
    plan_holds(plan, scope)?;
    let earliest = earliest_start(today, calendar)?;
    if plan.starts_on < earliest {
        return Err(Refusal::new(
            Clause::S2_2_1B,
            format!("{} 通报、{} 开展，相距不足 {NOTIFY_AHEAD} 个工作日", today, plan.starts_on),
        )
        .remedy(format!("今天通报的批次，最早可于 {earliest} 开展"))
        .at("starts_on"));
    }
    Ok(Notification { earliest, first_exam_on: plan.first_exam_on(), last_exam_on: plan.last_exam_on() })
}

/// The work type of a batch, out of those on file for its occupation and level: the one that is asked for, or without a
/// word the whole occupation, or the only one there is. `None` where nothing is on file; the scope says why.
pub fn work_type_chosen<'f>(filed: &[&'f str], asked: Option<&str>) -> Result<Option<&'f str>, Refusal> {
    let mut types: Vec<&str> = filed.to_vec();
    types.sort_unstable();
    types.dedup();
    let refuse = |what: String| {
        let named: Vec<_> = types.iter().map(|one| if one.is_empty() { "整个职业（不填工种）" } else { one }).collect();
        Err(Refusal::new(Clause::S2_2_1A, what).remedy(format!("请选择{}", named.join("或"))).at("work_type"))
    };
    match asked.map(str::trim) {
        Some(asked) => match types.iter().find(|one| **one == asked) {
            Some(found) => Ok(Some(found)),
            None if types.is_empty() => Ok(None),
            None => refuse(format!("该职业等级备案的工种中没有“{asked}”")),
        },
        None if types.len() > 1 && !types.contains(&"") => {
            refuse("该职业等级备案了几个工种，没有写明是哪一个".to_owned())
        }
        None => Ok(types.first().copied()),
    }
}

/// Who holds a batch, and where: what must be the body's own (三（三）: 不得授权或委托其他机构开展).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding<'a> {
    /// The body that organises the examination.
    pub organiser: &'a str,
    /// Who is responsible for it.
    pub responsible: &'a str,
    pub theory_place: &'a str,
    pub practical_place: &'a str,
}

/// What a body has on file of its own: an empty list is one that nobody asked the body for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnMeans {
    pub name: String,
    /// Full-time staff and who is responsible for the body's assessments.
    pub staff: Vec<String>,
    /// Rooms for the theory examination of this occupation.
    pub rooms: Vec<String>,
    /// Places for its practical assessment.
    pub stations: Vec<String>,
}

/// Whether the body holds the batch by itself: it is the organiser, one of its own staff is responsible, and both places
/// name one that it has on file; a floor or a room may stand beside the name.
pub fn held_by_itself(holding: Holding<'_>, own: &OwnMeans) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: String, field| Err(Refusal::new(Clause::S3_3_3, what).remedy(remedy).at(field));
    let organiser = holding.organiser.trim();
    if organiser != own.name {
        return refuse(
            format!("批次由“{organiser}”组织实施，不是备案机构{}自行开展", own.name),
            "不得授权或委托其他机构开展认定，请由本机构自行组织实施".to_owned(),
            "organiser",
        );
    }
    let responsible = holding.responsible.trim();
    if !own.staff.is_empty() && !own.staff.iter().any(|name| name == responsible) {
        return refuse(
            format!("批次负责人“{responsible}”不是本机构备案的专职工作人员或负责人"),
            format!("请从{}中确定批次负责人；人员有变动的，请先告知变更", named(&own.staff)),
            "responsible",
        );
    }
    for (place, filed, field) in [
        (holding.theory_place, &own.rooms, "theory_place"),
        (holding.practical_place, &own.stations, "practical_place"),
    ] {
        if !filed.is_empty() && !filed.iter().any(|name| place.contains(name.as_str())) {
            return refuse(
                format!("考场“{}”不在本机构已备案的场地中", place.trim()),
                format!("请写明是{}中的哪一处；启用新的场地，请先申请变更场地", named(filed)),
                field,
            );
        }
    }
    Ok(())
}

/// The first few of a list, as a sentence names them.
fn named(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let some: Vec<_> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = if names.len() > SHOWN { format!("等 {} 项", names.len()) } else { String::new() };
    format!("{}{more}", some.join("、"))
}

/// A standard that a batch of an occupation may follow: its title as people cite it, and the year of its edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct IssuedStandard {
    /// `《电子商务师》（2022年版）`.
    pub title: String,
    pub edition: Option<i16>,
}

/// The standard that a batch follows, out of those issued for its occupation (一（四）1); blanks around it don't count.
pub fn standard_followed<'s>(named: &str, issued: &'s [IssuedStandard]) -> Result<&'s IssuedStandard, Refusal> {
    issued.iter().find(|standard| standard.title == named.trim()).ok_or_else(|| {
        let titles: Vec<_> = issued.iter().map(|standard| standard.title.as_str()).collect();
        let remedy = if titles.is_empty() {
            "该职业没有已颁布的国家职业技能标准，不能开展认定".to_owned()
        } else {
            format!("请选择{}", titles.join("或"))
        };
        Refusal::new(Clause::S1_4_1, format!("“{}”不是该职业已颁布的国家职业技能标准", named.trim()))
            .remedy(remedy)
            .at("standard")
    })
}

/// The earliest day on which a batch notified on this day may start: the tenth working day after it.
pub fn earliest_start(notified_on: Day, calendar: &Calendar) -> Result<Day, Refusal> {
    calendar.add(notified_on, NOTIFY_AHEAD)
}

/// The latest day on which a batch that starts on this day may be notified: the day before the ten working days
/// that end with the start.
pub fn latest_notification(starts_on: Day, calendar: &Calendar) -> Result<Day, Refusal> {
    let back = if calendar.is_working_day(starts_on)? { NOTIFY_AHEAD - 1 } else { NOTIFY_AHEAD };
    let first_of_ten = calendar.add(starts_on, -back)?;
    Ok(first_of_ten.yesterday().unwrap_or(first_of_ten))
}

/// Dates in order, each part of the level on its day, a standard, places and candidates.
fn plan_is_complete(plan: &Plan) -> Result<(), Refusal> {
    let Plan { starts_on, ends_on, .. } = plan;
    if starts_on > ends_on {
        return Err(Refusal::new(Clause::S2_2_1A, format!("开展日期 {starts_on} 晚于结束日期 {ends_on}"))
            .remedy(format!("请将结束日期改为 {starts_on} 或以后"))
            .at("ends_on"));
    }
    let field = |part| match part {
        Part::Theory => "theory_on",
        Part::Practical => "practical_on",
        Part::Comprehensive => "comprehensive_on",
    };
    let parts = parts_for(plan.level);
    for &part in Part::ALL {
        let on = plan.exams().into_iter().find(|(p, _)| *p == part).map(|(_, on)| on);
        let (level, name) = (plan.level.name(), part.name());
        let refusal = match (parts.contains(&part), on) {
            (true, None) => Refusal::new(Clause::S1_5_1, format!("{level}须进行{name}，计划中没有日期"))
                .remedy(format!("请填写{name}日期，在 {starts_on} 至 {ends_on} 之间")),
            (false, Some(_)) => {
                Refusal::new(Clause::S1_5_1, format!("{level}不设{name}")).remedy(format!("请删去{name}日期"))
            }
            (true, Some(on)) if on < *starts_on || on > *ends_on => {
                Refusal::new(Clause::S2_2_1A, format!("{name}日期 {on} 不在批次起止日期 {starts_on} 至 {ends_on} 之内"))
                    .remedy(format!("请将{name}安排在 {starts_on} 至 {ends_on} 之间，或调整批次起止日期"))
            }
            _ => continue,
        };
        return Err(refusal.at(field(part)));
    }
    if plan.expected < 1 {
        return Err(Refusal::new(Clause::S2_2_1A, format!("预计人数为 {}", plan.expected))
            .remedy("请填写预计参加认定的人数，至少 1 人")
            .at("expected"));
    }
    if plan.standard.trim().is_empty() {
        return Err(Refusal::new(Clause::S1_4_1, "没有写明执行的国家职业技能标准")
            .remedy("请填写该职业已颁布的国家职业技能标准及其版本")
            .at("standard"));
    }
    if plan.places.trim().is_empty() {
        return Err(Refusal::new(Clause::S2_2_1A, "没有写明考试地点")
            .remedy("请填写理论考场和实操考场的地点，主管中心据此监督")
            .at("places"));
    }
    if plan.work_plan.trim().is_empty() {
        return Err(Refusal::new(Clause::S2_2_1A, "没有工作计划").remedy("请填写工作计划，或上传计划文件").at("plan"));
    }
    Ok(())
}

/// The occupation and level are on file, from the first to the last day of the batch.
fn within_scope(plan: &Plan, scope: &[ScopeEntry]) -> Result<(), Refusal> {
    let Plan { code, level, starts_on, ends_on, .. } = plan;
    let on_file: Vec<_> = scope.iter().filter(|entry| entry.code == *code).collect();
    if on_file.is_empty() {
        let codes: std::collections::BTreeSet<_> = scope.iter().map(|entry| entry.code.as_str()).collect();
        let codes: Vec<_> = codes.into_iter().collect();
        let remedy = if codes.is_empty() {
            "本机构没有已备案的职业，请先申请备案并列入机构目录".to_owned()
        } else {
            format!("已备案的职业为 {}；要开展其他职业，请先增项备案", codes.join("、"))
        };
        return Err(Refusal::new(Clause::S3_3_2, format!("职业 {code} 不在备案范围内")).remedy(remedy).at("code"));
    }
    let at_level: Vec<_> = on_file.iter().filter(|entry| entry.level == *level).collect();
    if at_level.is_empty() {
        let mut held: Vec<_> = on_file.iter().map(|entry| entry.level.name()).collect();
        held.dedup();
        return Err(Refusal::new(Clause::S2_2_1A, format!("职业 {code} 的{}不在备案等级内", level.name()))
            .remedy(format!("该职业已备案的等级为 {}；要开展其他等级，请先增项备案", held.join("、")))
            .at("level"));
    }
    if at_level.iter().any(|entry| entry.from <= *starts_on && *ends_on <= entry.until) {
        return Ok(());
    }
    let refuse = |clause, what: String, remedy: String, field| Err(Refusal::new(clause, what).remedy(remedy).at(field));
    // Renewed, an occupation stands on file more than once.
    let last = at_level.iter().max_by_key(|entry| entry.until).filter(|entry| entry.until < *starts_on);
    if let Some(kind) = last.and_then(|entry| entry.cut) {
        let until = last.map_or(*starts_on, |entry| entry.until);
        let clause = if kind == ChangeKind::Dropped { Clause::S2_2_1A } else { kind.clause() };
        let what = format!("职业 {code} 的{}备案到 {until} 为止（{}）", level.name(), kind.name());
        return refuse(clause, what, "要再开展，请重新申请备案".into(), "starts_on");
    }
    if let Some(until) = last.map(|entry| entry.until) {
        let what = format!("备案有效期到 {until} 为止，批次 {starts_on} 开展时已期满");
        return refuse(Clause::S2_1_3C, what, "请先办理备案延期".into(), "starts_on");
    }
    if let Some(entry) = at_level.iter().find(|entry| entry.from <= *starts_on && *starts_on <= entry.until) {
        let until = entry.until;
        let what = format!("备案有效期到 {until} 为止，批次 {ends_on} 结束时已期满");
        let remedy = format!("请将全部考试安排在 {until} 及以前，或先办理备案延期");
        return refuse(Clause::S2_1_3C, what, remedy, "ends_on");
    }
    let from = at_level.iter().map(|entry| entry.from).filter(|from| from > starts_on).min().unwrap_or(*starts_on);
    let what = format!("备案自 {from} 起有效，批次 {starts_on} 开展时尚未生效");
    refuse(Clause::S2_1_3B, what, format!("请将批次安排在 {from} 或以后开展"), "starts_on")
}

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchStage {
    /// Told to the centre; roster and marks are gathered.
    Notified,
    /// Put off without a new day; its candidates stay.
    Postponed,
    /// Results stand on public notice, frozen.
    Posted,
    /// Publicity is over; somebody has to be reported, for the first time or again.
    Publicised,
    /// Results are with the centre.
    Reported,
    /// The centre has decided on every person reported; approved persons wait for their certificates.
    Reviewed,
    /// Nobody waits any more: the approved persons have their certificates.
    Issued,
    /// Not held.
    Cancelled,
}

impl BatchStage {
    /// Every stage, in order.
    pub const ALL: &'static [BatchStage] = &[
        Self::Notified,
        Self::Postponed,
        Self::Posted,
        Self::Publicised,
        Self::Reported,
        Self::Reviewed,
        Self::Issued,
        Self::Cancelled,
    ];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Notified => "notified",
            Self::Postponed => "postponed",
            Self::Posted => "posted",
            Self::Publicised => "publicised",
            Self::Reported => "reported",
            Self::Reviewed => "reviewed",
            Self::Issued => "issued",
            Self::Cancelled => "cancelled",
        }
    }

    /// The stage with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|stage| stage.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notified => "已通报",
            Self::Postponed => "已推迟",
            Self::Posted => "公示中",
            Self::Publicised => "公示结束",
            Self::Reported => "已上报",
            Self::Reviewed => "已审核",
            Self::Issued => "已办结",
            Self::Cancelled => "已取消",
        }
    }

    /// The step that leads on from here; steps beside the main way (cancelling, a later report) are not meant.
    pub const fn awaits(self) -> Option<BatchStep> {
        match self {
            Self::Notified => Some(BatchStep::Post),
            Self::Postponed => Some(BatchStep::Change),
            Self::Posted => Some(BatchStep::Close),
            Self::Publicised => Some(BatchStep::Report),
            Self::Reported => Some(BatchStep::Review),
            Self::Reviewed => Some(BatchStep::Issue),
            Self::Issued | Self::Cancelled => None,
        }
    }
}

/// What moves a batch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BatchStep {
    /// The results go on public notice.
    Post,
    /// Publicity is over.
    Close,
    /// Publicity was broken: the results go on public notice anew.
    Restart,
    /// Results go to the centre; also those of persons who were held or returned, later.
    Report,
    /// The centre decides on persons, or takes a decision back.
    Review,
    /// Certificates are issued.
    Issue,
    /// The batch is not held.
    Cancel,
    /// Something else is told of it; one that was put off gets its day.
    Change,
    /// It is put off without a new day.
    Postpone,
    /// Its centre, which has stopped it, ends it.
    End,
}

impl BatchStep {
    /// Every step.
    pub const ALL: &'static [BatchStep] = &[
        Self::Post,
        Self::Close,
        Self::Restart,
        Self::Report,
        Self::Review,
        Self::Issue,
        Self::Cancel,
        Self::Change,
        Self::Postpone,
        Self::End,
    ];

    /// What people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Post => "公示认定结果",
            Self::Close => "公示到期撤下",
            Self::Restart => "重新公示",
            Self::Report => "上报认定结果",
            Self::Review => "逐人审核结果",
            Self::Issue => "核发职业技能等级证书",
            Self::Cancel => "取消认定批次",
            Self::Change => "变更认定批次",
            Self::Postpone => "推迟认定批次",
            Self::End => "终止认定批次",
        }
    }

    /// Who takes it, as people say it.
    pub const fn by(self) -> &'static str {
        match self {
            Self::Post | Self::Restart | Self::Report | Self::Issue => "机构负责人",
            Self::Close => "系统",
            Self::Review | Self::End => "主管中心",
            Self::Cancel | Self::Change | Self::Postpone => "机构",
        }
    }

    /// The clause that it carries out.
    pub const fn clause(self) -> Clause {
        match self {
            Self::Post | Self::Close | Self::Restart => Clause::S2_2_3A,
            Self::Report => Clause::S2_2_3B,
            Self::Review => Clause::S2_2_4A,
            Self::Issue => Clause::S2_2_4B,
            Self::Cancel | Self::Change | Self::Postpone => Clause::S2_2_1B,
            Self::End => Clause::S2_2_1C,
        }
    }
}

/// The stage after a step: the one table of a batch. Whether the day and the persons allow the step is asked of
/// `publicity` and `report`. Reporting, reviewing and issuing lead there when nobody else of the batch waits; where
/// somebody does, [`settle`] has the word. Refused under the clause whose order would be skipped, naming the step that
/// is awaited.
pub fn next(stage: BatchStage, step: BatchStep) -> Result<BatchStage, Refusal> {
    use BatchStage::*;
    use BatchStep::*;
    match (stage, step) {
        (Notified, Post) => Ok(Posted),
        (Notified | Postponed, Cancel | End) => Ok(Cancelled),
        (Notified | Postponed, Change) => Ok(Notified),
        (Notified, Postpone) => Ok(Postponed),
        (Posted, Close) => Ok(Publicised),
        // Whether something was reported already is asked of `publicity`.
        (Posted | Publicised, Restart) => Ok(Posted),
        // Who was held or returned is reported when the matter is settled; the others did not wait.
        (Publicised | Reported | Reviewed | Issued, Report) => Ok(Reported),
        // An approval may be taken back as long as there is no certificate.
        (Reported | Reviewed, Review) => Ok(Reviewed),
        // Who is approved does not wait for who is not.
        (Reported | Reviewed, Issue) => Ok(Issued),
        (Notified, Close | Restart | Report | Review | Issue)
        | (Postponed, Post | Close | Restart | Report | Review | Issue | Postpone)
        | (Posted, Post | Report | Review | Issue | Cancel | Change | Postpone | End)
        | (Publicised, Post | Close | Review | Issue | Cancel | Change | Postpone | End)
        | (Reported | Reviewed, Post | Close | Restart | Cancel | Change | Postpone | End)
        | (Issued, Post | Close | Restart | Review | Issue | Cancel | Change | Postpone | End)
        | (Cancelled, _) => Err(out_of_order(stage, step)),
    }
}

/// How many persons of a batch wait after publicity, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// For the body to report them: not reported yet, returned, or in a report that was refused as late.
    pub to_report: i64,
    /// For the centre: passed, reported, undecided.
    pub undecided: i64,
    /// For the body to issue: approved, without a certificate.
    pub to_issue: i64,
}

/// Where a batch stands after publicity: with whoever has to do something. The centre's turn shows before the body's,
/// certificates before further reports; a batch ends when nobody waits, also when nobody passed.
pub const fn settle(waiting: Waiting) -> BatchStage {
    match waiting {
        Waiting { undecided: 1.., .. } => BatchStage::Reported,
        Waiting { to_issue: 1.., .. } => BatchStage::Reviewed,
        Waiting { to_report: 1.., .. } => BatchStage::Publicised,
        _ => BatchStage::Issued,
    }
}

fn out_of_order(stage: BatchStage, step: BatchStep) -> Refusal {
    let awaited = stage.awaits();
    let beside = matches!(
        step,
        BatchStep::Cancel | BatchStep::Change | BatchStep::Postpone | BatchStep::End | BatchStep::Restart
    );
    let clause = awaited.filter(|_| !beside).unwrap_or(step).clause();
    let remedy = match (stage, step, awaited) {
        (BatchStage::Cancelled, ..) => "批次已取消，不再办理；要开展认定，请重新通报批次".to_owned(),
        (BatchStage::Postponed, BatchStep::Postpone, _) => "批次已经推迟；有了新的日期，请变更通报".to_owned(),
        (BatchStage::Notified, BatchStep::Restart, _) => "结果还没有公示；登齐并核对成绩后公示".to_owned(),
        (_, BatchStep::Restart, _) => "结果已上报，不再重新公示；有问题的人员由主管中心在逐人审核中退回".to_owned(),
        (_, BatchStep::Cancel, _) => "结果公示后批次不能取消；个别人员的问题请通过公示异议或审核退回处理".to_owned(),
        (_, BatchStep::Change | BatchStep::Postpone, _) => {
            "结果公示后通报内容不再变更；要另行安排，请通报下一批次".to_owned()
        }
        (_, BatchStep::End, _) => "结果已公示的，请解除叫停，由机构上报后逐人审核、退回".to_owned(),
        (.., Some(awaited)) => format!("下一步是由{}办理“{}”", awaited.by(), awaited.name()),
        (.., None) => "本批次没有等待办理的人员；有误的证书请办理更正，或注销后重新核发".to_owned(),
    };
    Refusal::new(clause, format!("批次现为“{}”，不能办理“{}”", stage.name(), step.name())).remedy(remedy)
}

/// Whether roster and marks may still change: only until the results are posted, which freezes them.
pub fn open_to_change(stage: BatchStage) -> Result<(), Refusal> {
    let (clause, remedy) = match stage {
        BatchStage::Notified => return Ok(()),
        BatchStage::Postponed => (Clause::S2_2_1B, "请先变更通报，写明新的日期；已报名的考生都保留"),
        BatchStage::Cancelled => (Clause::S2_2_1B, "要开展认定，请重新通报批次"),
        _ => (Clause::S2_2_3A, "公示后名册不再变动；成绩确有错误的，请提出成绩更改，由两人凭依据办理"),
    };
    Err(Refusal::new(clause, format!("批次现为“{}”，名册和成绩已锁定", stage.name())).remedy(remedy))
}

/// Whether a person's photo may be uploaded or replaced: a certificate carries it, so until the centre has approved the
/// person with it. Before that a missing or wrong photo can be mended at any stage of a batch that is held.
pub fn open_to_photograph(stage: BatchStage, person: &Photographed) -> Result<(), Refusal> {
    let refuse = |what: &str| Refusal::new(Clause::S2_2_4B, what.to_owned());
    if stage == BatchStage::Cancelled {
        return Err(refuse("批次已取消，不再上传照片").remedy("要开展认定，请重新通报批次"));
    }
    if person.has_certificate {
        return Err(refuse("证书已核发，照片不再更换").remedy("照片有误的，请在证书页办理更正"));
    }
    if person.is_approved && person.has_photo {
        return Err(
            refuse("主管中心已审核通过，照片不再更换").remedy("照片有误的，请主管中心退回该人员，更换后重新上报")
        );
    }
    Ok(())
}

/// What decides whether a person's photo may still change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Photographed {
    pub has_photo: bool,
    pub is_approved: bool,
    pub has_certificate: bool,
}

/// Whether persons may still be registered, changed or withdrawn: until the last examination day is over. Afterwards
/// who did not come is absent, not withdrawn.
pub fn open_to_register(stage: BatchStage, last_exam_on: Day, today: Day) -> Result<(), Refusal> {
    open_to_change(stage)?;
    if today <= last_exam_on {
        return Ok(());
    }
    Err(Refusal::new(Clause::S2_2_1A, format!("考试已于 {last_exam_on} 结束，名册不再增减"))
        .remedy("未到考的请登记为缺考；漏报的请编入下一批次"))
}

/// The stage of a batch that is called off: before its results are posted, and before anyone has a mark (三（三）), for
/// what came of an examination is not made undone.
pub fn may_cancel(stage: BatchStage, marks: i64) -> Result<BatchStage, Refusal> {
    let cancelled = next(stage, BatchStep::Cancel)?;
    if marks == 0 {
        return Ok(cancelled);
    }
    Err(Refusal::new(Clause::S3_3_1, format!("本批次已登记 {marks} 科次成绩，不能取消"))
        .remedy("请登记完其余成绩后公示；没有参加的登记为缺考"))
}

/// Whether a person with so many marks may be withdrawn; somebody who has been marked stands with it (三（三）).
pub fn may_withdraw(marks: i64) -> Result<(), Refusal> {
    if marks == 0 {
        return Ok(());
    }
    Err(Refusal::new(Clause::S3_3_1, "该考生已登记成绩，不能撤销报名")
        .remedy("没有参加的科目请登记为缺考；成绩登记有误的请改正"))
}

/// A date of a batch that people keep in view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Node {
    /// The code word: `notification`, `marks`.
    pub code: String,
    pub name: String,
    /// Who sees to it.
    pub owner: Role,
    /// The latest day, or the very day of an examination; `None` where the calendar does not reach.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_on: Option<Day>,
    /// Why there is no day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<RefusalView>,
    /// The clause that sets it; without one it is a default of the platform.
    #[schema(value_type = Option<String>)]
    pub clause: Option<Clause>,
}

/// The dates of a batch, the earliest first and those without a day last. Publicity and report are counted from the day of posting, or
/// while that is not yet known from the last day by which the platform expects it.
pub fn timeline(plan: &Plan, posted_on: Option<Day>, calendar: &Calendar) -> Vec<Node> {
    let (first, last) = (plan.first_exam_on(), plan.last_exam_on());
    let posting = posted_on.map_or_else(|| calendar.add(last, POSTING_AFTER), Ok);
    let after_posting = |days| posting.clone().and_then(|on| calendar.add(on, days));
    let node = |code: &str, name: &str, owner, due_on: Result<Day, Refusal>, clause| Node {
        code: code.to_owned(),
        name: name.to_owned(),
        owner,
        unknown: due_on.as_ref().err().map(RefusalView::from),
        due_on: due_on.ok(),
        clause,
    };
    use Role::{Clerk, Head, Timer};
    let mut nodes = vec![
        node(
            "notification",
            "通报主管中心",
            Clerk,
            latest_notification(plan.starts_on, calendar),
            Some(Clause::S2_2_1B),
        ),
        node("registration", "报名资格审核", Clerk, calendar.add(first, -REGISTRATION_BEFORE), None),
        node("rooms", "考场安排", Clerk, calendar.add(first, -ROOMS_BEFORE), None),
        node("assessors", "考评人员安排", Clerk, calendar.add(first, -ROOMS_BEFORE), None),
        node("papers", "试卷准备", Clerk, calendar.add(first, -PAPERS_BEFORE), None),
    ];
    let mut exams = plan.exams();
    exams.sort_by_key(|(_, on)| *on);
    nodes.extend(
        exams.into_iter().map(|(part, on)| node(part.code(), part.name(), Clerk, Ok(on), Some(Clause::S1_5_1))),
    );
    nodes.extend([
        node("marks", "登记成绩", Clerk, calendar.add(last, MARKS_AFTER), None),
        node("posting", "公示认定结果", Head, posting.clone(), posted_on.map(|_| Clause::S2_2_3A)),
        node("publicity_end", "公示期满", Timer, after_posting(PUBLICITY_DAYS), Some(Clause::S2_2_3A)),
        node("certificates", "制作证书", Head, calendar.add(last, CLOSING_AFTER), None),
        node("archive", "归档", Clerk, calendar.add(last, CLOSING_AFTER), None),
        node("report", "上报认定结果", Head, after_posting(PUBLICITY_DAYS + REPORT_WITHIN), Some(Clause::S2_2_3B)),
    ]);
    nodes.sort_by_key(|node| (node.due_on.is_none(), node.due_on));
    nodes
}

#[cfg(test)]
mod tests {
    #[test]
    fn s2_2_1a_a_batch_is_of_a_work_type_that_is_on_file() {
        let says = |filed: &[&'static str], asked| {
            super::work_type_chosen(filed, asked).map_err(|refusal| (refusal.what, refusal.remedy))
        };
        assert_eq!(says(&["数控车工"], None), Ok(Some("数控车工")));
        assert_eq!(says(&["数控车工", "", "数控车工"], None), Ok(Some("")));
        assert_eq!(says(&["数控车工", ""], Some(" 数控车工 ")), Ok(Some("数控车工")));
        assert_eq!((says(&[], None), says(&[], Some("数控车工"))), (Ok(None), Ok(None)));
        let (what, remedy) = says(&["数控车工", "普通车工"], None).unwrap_err();
        assert_eq!((&*what, &*remedy), ("该职业等级备案了几个工种，没有写明是哪一个", "请选择数控车工或普通车工"));
        assert!(says(&["数控车工", ""], Some("钳工")).unwrap_err().1.contains("整个职业（不填工种）或数控车工"));
    }

    use super::*;

    fn calendar() -> Calendar {
        Calendar::read(include_str!("../../../reference/cn-workdays.csv")).unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// Level 4 of 6-18-01-01 on two days, the practice on the second.
    fn plan(starts_on: &str, ends_on: &str) -> Plan {
        Plan {
            code: "6-18-01-01".into(),
            level: Level::L4,
            starts_on: day(starts_on),
            ends_on: day(ends_on),
            theory_on: day(starts_on),
            practical_on: day(ends_on),
            comprehensive_on: None,
            expected: 30,
            standard: "车工（2018年版）".into(),
            places: "示例技师学院实训楼 301".into(),
            work_plan: "示例工作计划".into(),
        }
    }

    const VALID: (&str, &str) = ("2024-01-01", "2026-12-31");

    fn scope() -> Vec<ScopeEntry> {
        [Level::L4, Level::L3]
            .map(|level| ScopeEntry {
                code: "6-18-01-01".into(),
                level,
                from: day(VALID.0),
                until: day(VALID.1),
                cut: None,
            })
            .to_vec()
    }

    fn notify_on(plan: &Plan, today: &str) -> Result<Notification, Refusal> {
        notify(plan, &scope(), &calendar(), day(today))
    }

    #[test]
    fn s3_4_1_the_public_is_examined_only_where_that_is_on_file() {
        let plan = plan("2026-12-07", "2026-12-07");
        for (audience, for_public, allowed) in [
            (Audience::Own, false, true),
            (Audience::Own, true, true),
            (Audience::Public, true, true),
            (Audience::Public, false, false),
        ] {
            let answer = audience_allowed(audience, for_public, &plan);
            assert_eq!(answer.is_ok(), allowed, "{audience:?} {for_public}");
            assert!(answer.err().is_none_or(|refusal| refusal.ground.clause() == Some(Clause::S3_4_1)));
        }
    }

    #[test]
    fn s3_3_3_a_body_holds_its_batches_by_itself() {
        let own = OwnMeans {
            name: "示例技工学校".into(),
            staff: vec!["示例校长".into(), "示例专职".into()],
            rooms: vec!["示例教学楼".into()],
            stations: vec!["示例实训楼".into(), "示例车间".into()],
        };
        let good = Holding {
            organiser: "示例技工学校",
            responsible: "示例专职",
            theory_place: "示例教学楼301",
            practical_place: "示例车间1层",
        };
        assert_eq!(held_by_itself(good, &own), Ok(()));
        let refused = |holding| held_by_itself(holding, &own).expect_err("refused").field;
        assert_eq!(refused(Holding { organiser: "示例培训公司", ..good }), Some("organiser"));
        assert_eq!(refused(Holding { responsible: "示例外人", ..good }), Some("responsible"));
        assert_eq!(refused(Holding { theory_place: "示例培训公司3楼", ..good }), Some("theory_place"));
        assert_eq!(refused(Holding { practical_place: "示例教学楼301", ..good }), Some("practical_place"));
        // Whom nobody asked for people and rooms is asked for none.
        let bare = OwnMeans { name: own.name.clone(), ..OwnMeans::default() };
        assert_eq!(held_by_itself(Holding { responsible: "示例外人", theory_place: "别处", ..good }, &bare), Ok(()));
    }

    #[test]
    fn s2_2_1b_a_batch_is_notified_ten_working_days_ahead() {
        let check = |notified: &str, starts: &str, earliest: &str, allowed: bool| {
            let answer = notify_on(&plan(starts, starts), notified);
            match answer {
                Ok(notification) => {
                    assert!(allowed, "{notified} → {starts}");
                    assert_eq!(notification.earliest, day(earliest));
                }
                Err(refusal) => {
                    assert!(!allowed, "{notified} → {starts}: {refusal}");
                    assert_eq!(refusal.ground.clause(), Some(Clause::S2_2_1B));
                    assert_eq!(refusal.remedy, format!("今天通报的批次，最早可于 {earliest} 开展"));
                }
            }
        };
        // Monday to Monday two weeks on.
        check("2026-11-23", "2026-12-07", "2026-12-07", true);
        check("2026-11-23", "2026-12-06", "2026-12-07", false);
        check("2026-11-23", "2026-12-04", "2026-12-07", false);
        // A start on a day of rest counts the working days before it.
        check("2026-11-20", "2026-12-05", "2026-12-04", true);
        check("2026-11-22", "2026-12-04", "2026-12-04", true);
        // Mid-autumn on the 25th and the National Day week rest, Saturday 10 October works.
        check("2026-09-21", "2026-10-12", "2026-10-12", true);
        check("2026-09-21", "2026-10-11", "2026-10-12", false);
        check("2026-11-23", "2026-11-23", "2026-12-07", false);
        check("2026-11-23", "2026-11-02", "2026-12-07", false);
    }

    #[test]
    fn s2_2_1b_a_year_without_a_calendar_is_not_guessed() {
        let refusal = notify_on(&plan("2026-12-31", "2026-12-31"), "2026-12-25").unwrap_err();
        assert_eq!(refusal, calendar().add(day("2026-12-25"), 10).unwrap_err());
    }

    #[test]
    fn s2_2_1b_the_latest_day_to_notify_is_the_last_that_is_early_enough() {
        let calendar = calendar();
        for (starts, latest) in
            [("2026-12-07", "2026-11-23"), ("2026-12-05", "2026-11-22"), ("2026-10-12", "2026-09-21")]
        {
            assert_eq!(latest_notification(day(starts), &calendar).unwrap(), day(latest), "{starts}");
        }
        let mut starts_on = day("2026-01-20");
        while starts_on <= day("2026-12-10") {
            let latest = latest_notification(starts_on, &calendar).unwrap();
            assert!(earliest_start(latest, &calendar).unwrap() <= starts_on, "{starts_on}");
            assert!(earliest_start(latest.tomorrow().unwrap(), &calendar).unwrap() > starts_on, "{starts_on}");
            starts_on = starts_on.tomorrow().unwrap();
        }
    }

    #[test]
    fn s2_2_1a_a_batch_stays_within_the_filed_scope() {
        let base = plan("2026-06-15", "2026-06-16");
        let check = |code: &str, level: Level, expected: Option<(Clause, &str)>| {
            let plan = Plan {
                code: code.into(),
                level,
                comprehensive_on: (level == Level::L2).then_some(base.ends_on),
                ..base.clone()
            };
            let answer = notify_on(&plan, "2026-05-06").map(|_| ()).map_err(|r| (r.ground.clause().unwrap(), r.remedy));
            assert_eq!(answer.err(), expected.map(|(clause, remedy)| (clause, remedy.to_owned())));
        };
        check("6-18-01-01", Level::L4, None);
        check("6-18-01-01", Level::L3, None);
        let levels = "该职业已备案的等级为 四级/中级工、三级/高级工；要开展其他等级，请先增项备案";
        check("6-18-01-01", Level::L5, Some((Clause::S2_2_1A, levels)));
        check("6-18-01-01", Level::L2, Some((Clause::S2_2_1A, levels)));
        let codes = "已备案的职业为 6-18-01-01；要开展其他职业，请先增项备案";
        check("4-03-02-01", Level::L4, Some((Clause::S3_3_2, codes)));

        let nothing = notify(&base, &[], &calendar(), day("2026-05-06")).unwrap_err();
        assert_eq!(nothing.remedy, "本机构没有已备案的职业，请先申请备案并列入机构目录");
    }

    #[test]
    fn s2_1_3c_a_batch_stays_within_the_validity_of_the_filing() {
        let span = |from: &str, until: &str| ScopeEntry { from: day(from), until: day(until), ..scope()[0].clone() };
        let once = [span("2026-06-10", "2026-06-30")];
        let renewed = [once[0].clone(), span("2026-07-01", "2026-08-31")];
        let check = |scope: &[ScopeEntry], starts: &str, ends: &str, expected: Option<(Clause, &str)>| {
            let answer = notify(&plan(starts, ends), scope, &calendar(), day("2026-05-06"));
            let answer = answer.map_err(|refusal| (refusal.ground.clause().unwrap(), refusal.remedy));
            assert_eq!(answer.err(), expected.map(|(clause, remedy)| (clause, remedy.to_owned())), "{starts} {ends}");
        };
        check(&once, "2026-06-10", "2026-06-11", None);
        check(&once, "2026-06-30", "2026-06-30", None);
        check(&renewed, "2026-07-01", "2026-07-02", None);
        let early = "请将批次安排在 2026-06-10 或以后开展";
        check(&renewed, "2026-06-09", "2026-06-11", Some((Clause::S2_1_3B, early)));
        let beyond = "请将全部考试安排在 2026-06-30 及以前，或先办理备案延期";
        check(&once, "2026-06-30", "2026-07-01", Some((Clause::S2_1_3C, beyond)));
        check(&once, "2026-07-01", "2026-07-01", Some((Clause::S2_1_3C, "请先办理备案延期")));
        check(&renewed, "2026-09-01", "2026-09-01", Some((Clause::S2_1_3C, "请先办理备案延期")));
        // Who was stopped, or gave it up, isn't sent to renew.
        let cut = |kind| [ScopeEntry { cut: Some(kind), ..once[0].clone() }];
        let again = "要再开展，请重新申请备案";
        check(&cut(ChangeKind::Stopped), "2026-07-01", "2026-07-01", Some((Clause::S3_3_8, again)));
        check(&cut(ChangeKind::Dropped), "2026-07-01", "2026-07-01", Some((Clause::S2_2_1A, again)));
        check(&cut(ChangeKind::Dropped), "2026-06-10", "2026-06-11", None);
    }

    #[test]
    fn s2_2_1a_a_plan_has_its_dates_in_order_and_nothing_blank() {
        let base = plan("2026-06-15", "2026-06-16");
        let check = |plan: Plan, expected: Option<(Clause, &str)>| {
            let answer =
                notify_on(&plan, "2026-05-06").map(|_| ()).map_err(|r| (r.ground.clause().unwrap(), r.field.unwrap()));
            assert_eq!(answer.err(), expected, "{plan:?}");
        };
        check(base.clone(), None);
        check(Plan { ends_on: day("2026-06-14"), ..base.clone() }, Some((Clause::S2_2_1A, "ends_on")));
        check(Plan { theory_on: day("2026-06-14"), ..base.clone() }, Some((Clause::S2_2_1A, "theory_on")));
        check(Plan { practical_on: day("2026-06-17"), ..base.clone() }, Some((Clause::S2_2_1A, "practical_on")));
        let review = Some(day("2026-06-16"));
        check(Plan { comprehensive_on: review, ..base.clone() }, Some((Clause::S1_5_1, "comprehensive_on")));
        check(Plan { level: Level::L2, ..base.clone() }, Some((Clause::S1_5_1, "comprehensive_on")));
        check(Plan { expected: 0, ..base.clone() }, Some((Clause::S2_2_1A, "expected")));
        check(Plan { standard: " ".into(), ..base.clone() }, Some((Clause::S1_4_1, "standard")));
        check(Plan { places: String::new(), ..base.clone() }, Some((Clause::S2_2_1A, "places")));
        check(Plan { work_plan: " ".into(), ..base }, Some((Clause::S2_2_1A, "plan")));
    }

    #[test]
    fn s2_2_3b_the_order_of_a_batch_cannot_be_skipped() {
        use BatchStage::*;
        let steps = BatchStep::ALL;
        // One column for each step: post, close, restart, report, review, issue, cancel, change, postpone, end.
        let (off, on, later) = (Some(Cancelled), Some(Notified), Some(Postponed));
        let table: &[(BatchStage, [Option<BatchStage>; 10])] = &[
            (Notified, [Some(Posted), None, None, None, None, None, off, on, later, off]),
            (Postponed, [None, None, None, None, None, None, off, on, None, off]),
            (Posted, [None, Some(Publicised), Some(Posted), None, None, None, None, None, None, None]),
            (Publicised, [None, None, Some(Posted), Some(Reported), None, None, None, None, None, None]),
            (Reported, [None, None, None, Some(Reported), Some(Reviewed), Some(Issued), None, None, None, None]),
            (Reviewed, [None, None, None, Some(Reported), Some(Reviewed), Some(Issued), None, None, None, None]),
            (Issued, [None, None, None, Some(Reported), None, None, None, None, None, None]),
            (Cancelled, [None; 10]),
        ];
        assert_eq!(table.len(), BatchStage::ALL.len());
        for (stage, row) in table {
            for (step, expected) in steps.iter().zip(row) {
                assert_eq!(next(*stage, *step).ok(), *expected, "{stage:?} {step:?}");
            }
            if let Some(awaited) = stage.awaits() {
                assert!(next(*stage, awaited).is_ok(), "{stage:?} awaits what the table refuses");
            }
            assert_eq!(open_to_change(*stage).is_ok(), *stage == Notified);
            assert_eq!(BatchStage::from_code(stage.code()), Some(*stage));
        }
        let skipped = |stage, step| {
            let refusal = next(stage, step).unwrap_err();
            (refusal.ground.clause().unwrap(), refusal.remedy)
        };
        assert_eq!(
            skipped(Publicised, BatchStep::Issue),
            (Clause::S2_2_3B, "下一步是由机构负责人办理“上报认定结果”".to_owned())
        );
        assert_eq!(
            skipped(Posted, BatchStep::Report),
            (Clause::S2_2_3A, "下一步是由系统办理“公示到期撤下”".to_owned())
        );
        assert_eq!(skipped(Publicised, BatchStep::Cancel).0, Clause::S2_2_1B);
        assert_eq!(skipped(Notified, BatchStep::Restart).0, Clause::S2_2_3A);
        assert!(skipped(Reported, BatchStep::Restart).1.contains("退回"));
        assert_eq!(skipped(Cancelled, BatchStep::Post).1, "批次已取消，不再办理；要开展认定，请重新通报批次");
    }

    #[test]
    fn s3_3_1_what_has_been_marked_is_not_made_undone() {
        let ground = |refusal: Refusal| refusal.ground.clause().unwrap();
        assert_eq!(may_cancel(BatchStage::Notified, 0), Ok(BatchStage::Cancelled));
        assert_eq!(may_cancel(BatchStage::Notified, 1).map_err(ground), Err(Clause::S3_3_1));
        assert_eq!(may_cancel(BatchStage::Posted, 0).map_err(ground), Err(Clause::S2_2_1B));
        assert_eq!(may_withdraw(0), Ok(()));
        assert_eq!(may_withdraw(1).map_err(ground), Err(Clause::S3_3_1));
    }

    #[test]
    fn s2_2_4a_a_batch_stands_with_whoever_has_to_do_something_and_ends_when_nobody_waits() {
        let check = |to_report, undecided, to_issue, expected: BatchStage| {
            assert_eq!(
                settle(Waiting { to_report, undecided, to_issue }),
                expected,
                "{to_report} {undecided} {to_issue}"
            );
            assert!(expected.awaits().is_none_or(|step| next(expected, step).is_ok()));
        };
        check(0, 0, 0, BatchStage::Issued);
        check(1, 0, 0, BatchStage::Publicised);
        check(0, 12, 0, BatchStage::Reported);
        check(0, 0, 12, BatchStage::Reviewed);
        // One returned and reported again does not take the twelve back, and is decided first.
        check(0, 1, 12, BatchStage::Reported);
        check(1, 0, 12, BatchStage::Reviewed);
        check(1, 1, 12, BatchStage::Reported);
    }

    #[test]
    fn s1_4_1_a_batch_follows_an_issued_standard() {
        let issued = |title: &str, edition| IssuedStandard { title: title.into(), edition };
        let both = [issued("《车工》（2018年版）", Some(2018)), issued("《车工》", None)];
        assert_eq!(standard_followed(" 《车工》（2018年版） ", &both).unwrap().edition, Some(2018));
        let refusal = standard_followed("校本标准", &both).unwrap_err();
        assert_eq!(refusal.ground.clause(), Some(Clause::S1_4_1));
        assert_eq!(refusal.remedy, "请选择《车工》（2018年版）或《车工》");
        assert!(standard_followed("", &[]).unwrap_err().remedy.contains("不能开展"));
    }

    #[test]
    fn s2_2_4b_a_photo_can_be_mended_until_the_person_is_approved_with_it() {
        let check = |stage, photo, approved, certificate, allowed: bool| {
            let person = Photographed { has_photo: photo, is_approved: approved, has_certificate: certificate };
            assert_eq!(open_to_photograph(stage, &person).is_ok(), allowed, "{stage:?} {person:?}");
        };
        for &stage in BatchStage::ALL {
            let is_held = stage != BatchStage::Cancelled;
            check(stage, false, false, false, is_held);
            check(stage, true, false, false, is_held);
            check(stage, false, true, false, is_held);
            check(stage, true, true, false, false);
            check(stage, true, true, true, false);
        }
    }

    #[test]
    fn s2_2_1a_persons_are_registered_until_the_last_examination_day() {
        let check = |stage, today: &str, clause| {
            let answer = open_to_register(stage, day("2026-06-12"), day(today));
            assert_eq!(answer.err().and_then(|refusal| refusal.ground.clause()), clause, "{stage:?} {today}");
        };
        check(BatchStage::Notified, "2026-06-12", None);
        check(BatchStage::Notified, "2026-06-13", Some(Clause::S2_2_1A));
        check(BatchStage::Posted, "2026-06-12", Some(Clause::S2_2_3A));
        check(BatchStage::Cancelled, "2026-06-01", Some(Clause::S2_2_1B));
    }

    #[test]
    fn s2_2_1b_the_timeline_counts_working_days_from_the_examination() {
        // Theory on Thursday, practice on Friday 12 June; Dragon Boat rests on Friday 19 June.
        let days = |posted: Option<&str>| {
            let nodes = timeline(&plan("2026-06-11", "2026-06-12"), posted.map(day), &calendar());
            nodes.into_iter().map(|n| (n.code, n.due_on.unwrap().to_string())).collect::<Vec<_>>()
        };
        let expected =
            |rows: &[(&str, &str)]| rows.iter().map(|(c, d)| (c.to_string(), d.to_string())).collect::<Vec<_>>();
        assert_eq!(
            days(None),
            expected(&[
                ("notification", "2026-05-28"),
                ("registration", "2026-06-02"),
                ("rooms", "2026-06-04"),
                ("assessors", "2026-06-04"),
                ("papers", "2026-06-04"),
                ("theory", "2026-06-11"),
                ("practical", "2026-06-12"),
                ("marks", "2026-06-17"),
                ("posting", "2026-06-22"),
                ("publicity_end", "2026-06-29"),
                ("certificates", "2026-06-29"),
                ("archive", "2026-06-29"),
                ("report", "2026-07-13"),
            ])
        );
        let posted = days(Some("2026-06-15"));
        assert!(posted.contains(&("publicity_end".into(), "2026-06-23".into())));
        assert!(posted.contains(&("report".into(), "2026-07-07".into())));
    }

    #[test]
    fn s2_2_1b_a_node_beyond_the_calendar_says_why_it_has_no_day() {
        let nodes = timeline(&plan("2026-12-21", "2026-12-22"), None, &calendar());
        let report = nodes.iter().find(|node| node.code == "report").unwrap();
        assert_eq!(report.due_on, None);
        assert!(!report.unknown.as_ref().unwrap().remedy.is_empty());
        assert!(nodes.iter().any(|node| node.code == "marks" && node.due_on == Some(day("2026-12-25"))));
    }
}
