//! 二（二）3, second half, and 二（二）4: within ten working days after publicity the body reports its results, the
//! centre reviews them person by person, and the body issues to those who are approved. A late report is never
//! silent: it waits for the centre's decision.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::arrangement::DayTime;
use crate::calendar::Calendar;
use crate::deadline::Deadline;
use crate::notice::Clause;
use crate::publicity::Window;
use crate::refusal::Refusal;
use crate::result::{Outcome, Part, Verdict};
use crate::standard::Rules;
use crate::terms::{
    ADULT_AGE, BORDER_MARKS, ELSEWHERE_DAYS, HEAP_AROUND, HEAP_ASKED, HEAP_TIMES, REPORT_WITHIN, RUN_ASKED,
    SAME_MARKS_ASKED,
};

/// The last day on which a report is in time: ten working days after publicity ended. Refused outside the years
/// that the calendar knows.
pub fn due(window: &Window, calendar: &Calendar) -> Result<Deadline, Refusal> {
    calendar.add(window.ends_on, REPORT_WITHIN).map(deadline)
}

/// The deadline of a report whose last day is this.
pub const fn deadline(due_on: Day) -> Deadline {
    Deadline { due_on, clause: Clause::S2_2_3B }
}

/// By when one person has to be reported: with everybody else, or, when an objection was dismissed or the centre
/// returned the person, within ten working days after that if it is later. The notice sets no day for them; without
/// one they could be forgotten.
pub fn due_for(report_due_on: Day, settled_on: Option<Day>, calendar: &Calendar) -> Result<Day, Refusal> {
    let again = settled_on.map(|on| calendar.add(on, REPORT_WITHIN)).transpose()?;
    Ok(again.map_or(report_due_on, |again| again.max(report_due_on)))
}

/// Whether a report made on this day says why it is late, if it is.
pub fn excuse(due_on: Day, today: Day, reason: &str) -> Result<Option<String>, Refusal> {
    if !late(due_on, today) {
        return Ok(None);
    }
    match reason.trim() {
        "" => Err(Refusal::new(Clause::S2_2_3B, format!("上报期限为 {due_on}，今天是 {today}，已逾期"))
            .remedy("请写明逾期原因后上报，由主管中心裁定是否受理")
            .at("late_reason")),
        reason => Ok(Some(reason.to_owned())),
    }
}

/// Whether a report of `ready` persons may go out: after publicity ended, and with somebody in it. `held` are
/// those whom an objection keeps back; they wait alone.
pub fn may_report(window: &Window, today: Day, held: usize, ready: usize) -> Result<(), Refusal> {
    let Window { ends_on, .. } = window;
    if today <= *ends_on {
        return Err(Refusal::new(Clause::S2_2_3B, format!("公示到 {ends_on} 24:00 才结束，今天是 {today}"))
            .remedy(format!("请在 {ends_on} 之后的 {REPORT_WITHIN} 个工作日内上报")));
    }
    if ready > 0 {
        return Ok(());
    }
    let refusal = Refusal::new(Clause::S2_2_3B, "没有可上报的人员");
    Err(if held > 0 {
        refusal.remedy(format!("有 {held} 人因公示异议暂缓，请先处理异议，异议不成立的随后上报"))
    } else {
        refusal.remedy("本批次人员均已上报，无需再次上报")
    })
}

/// Whether a report made on this day is late.
pub fn late(due_on: Day, reported_on: Day) -> bool {
    deadline(due_on).is_late(reported_on)
}

/// The centre's word on a late report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum LateDecision {
    /// Reviewed all the same.
    Accepted { reason: String },
    /// Not reviewed.
    Refused { reason: String },
}

impl LateDecision {
    /// A decision with its reason, on a report made on this day. Refused when the report is not late, when it is
    /// already decided, or when no reason is given.
    pub fn make(
        accepted: bool,
        reason: &str,
        due_on: Day,
        reported_on: Day,
        earlier: Option<&Self>,
    ) -> Result<Self, Refusal> {
        if !late(due_on, reported_on) {
            return Err(Refusal::new(Clause::S2_2_3B, format!("上报于 {reported_on}，未超过期限 {due_on}"))
                .remedy("按期上报无需裁定，请直接逐人审核"));
        }
        if let Some(earlier) = earlier {
            return Err(Refusal::new(Clause::S2_2_3B, format!("逾期上报已裁定：{}", earlier.name()))
                .remedy("裁定只作一次，请按裁定办理"));
        }
        let reason = given(reason, Clause::S2_2_3B, "没有写明裁定逾期上报的理由")?;
        Ok(if accepted { Self::Accepted { reason } } else { Self::Refused { reason } })
    }

    /// The code word used in the database and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Refused { .. } => "refused",
        }
    }

    /// The decision kept as this code word and reason.
    pub fn from_code(code: &str, reason: String) -> Option<Self> {
        match code {
            "accepted" => Some(Self::Accepted { reason }),
            "refused" => Some(Self::Refused { reason }),
            _ => None,
        }
    }

    /// The name that people read.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "同意逾期受理",
            Self::Refused { .. } => "不予受理",
        }
    }

    /// Why.
    pub fn reason(&self) -> &str {
        match self {
            Self::Accepted { reason } | Self::Refused { reason } => reason,
        }
    }
}

/// Whether the centre may review the persons of a report: it came in time, or its lateness was accepted.
pub fn may_review(due_on: Day, reported_on: Day, decision: Option<&LateDecision>) -> Result<(), Refusal> {
    let what = format!("结果上报期限为 {due_on}，实际上报于 {reported_on}，已逾期");
    match decision {
        _ if !late(due_on, reported_on) => Ok(()),
        Some(LateDecision::Accepted { .. }) => Ok(()),
        Some(LateDecision::Refused { reason }) => {
            Err(Refusal::new(Clause::S2_2_3B, format!("{what}，主管中心裁定不予受理：{reason}"))
                .remedy("本次上报不再审核，请机构按裁定理由整改"))
        }
        None => Err(Refusal::new(Clause::S2_2_3B, what).remedy("请主管中心先裁定是否受理逾期上报，同意后再逐人审核")),
    }
}

/// The centre's word on one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ReviewDecision {
    /// May receive the certificate.
    Approved,
    /// Back to the body, with what is wrong.
    Returned { reason: String },
}

impl ReviewDecision {
    /// A decision on one person; returning needs its reason.
    pub fn make(approved: bool, reason: &str) -> Result<Self, Refusal> {
        if approved {
            return Ok(Self::Approved);
        }
        given(reason, Clause::S2_2_4A, "没有写明退回该人员的理由").map(|reason| Self::Returned { reason })
    }

    /// The code word used in the database and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Returned { .. } => "returned",
        }
    }

    /// The decision kept as this code word and reason.
    pub fn from_code(code: &str, reason: String) -> Option<Self> {
        match code {
            "approved" => Some(Self::Approved),
            "returned" => Some(Self::Returned { reason }),
            _ => None,
        }
    }

    /// The name that people read.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Approved => "审核通过",
            Self::Returned { .. } => "退回",
        }
    }
}

/// A reason as it was given, without the space around it.
fn given(reason: &str, clause: Clause, what: &str) -> Result<String, Refusal> {
    match reason.trim() {
        "" => Err(Refusal::new(clause, what).remedy("请写明理由，理由留存备查，对方据此办理").at("reason")),
        reason => Ok(reason.to_owned()),
    }
}

/// What a reviewer says on one person at the desk. Holding decides nothing: the person waits, and it is seen why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewWord {
    Approve,
    Return,
    Hold,
}

impl ReviewWord {
    /// Every word.
    pub const ALL: &'static [Self] = &[Self::Approve, Self::Return, Self::Hold];

    /// The code word used in the database, in forms and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Return => "return",
            Self::Hold => "hold",
        }
    }

    /// The word with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "审核通过",
            Self::Return => "退回",
            Self::Hold => "暂留待查",
        }
    }

    /// The reason as it is kept: none for an approval; returning and holding need theirs.
    pub fn reason(self, reason: &str) -> Result<Option<String>, Refusal> {
        match self {
            Self::Approve => Ok(None),
            Self::Return => given(reason, Clause::S2_2_4A, "没有写明退回该人员的理由").map(Some),
            Self::Hold => given(reason, Clause::S2_2_4A, "没有写明暂留该人员的理由").map(Some),
        }
    }

    /// What it decides with this reason; nothing where the person is held.
    pub fn decision(self, reason: Option<&str>) -> Option<ReviewDecision> {
        match self {
            Self::Approve => Some(ReviewDecision::Approved),
            Self::Return => Some(ReviewDecision::Returned { reason: reason.unwrap_or_default().to_owned() }),
            Self::Hold => None,
        }
    }
}

/// Reasons that reviewers give again and again, by code: a desk without a connection keeps the code and no text.
pub const REVIEW_REASONS: &[(&str, &str)] = &[
    ("photo", "照片不符合要求或不是本人，请更换"),
    ("identity", "姓名或证件号码与证件不一致，请核对"),
    ("condition", "申报条件的证明材料不足，请补充"),
    ("marks", "成绩与原始评分表不一致，请核对"),
    ("examiners", "考评人员安排或资质有疑，请说明"),
    ("process", "考试过程材料不全，请补充"),
];

/// The last word that stands on a person of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Counted from 1 within the person and the report.
    pub no: i64,
    pub word: ReviewWord,
    pub reason: Option<String>,
    pub account: Option<i64>,
}

/// What becomes of a word that arrives at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It stands from now on.
    Kept,
    /// The same account has said the same: it was sent twice and counts once.
    Repeated,
    /// Somebody else has spoken since the reviewer looked: theirs stands until the reviewer has seen it.
    Overtaken,
    /// There is nothing to decide on the person.
    Refused,
}

/// What becomes of a word on somebody about whom `last` was said last; `seen` is the number of the last word that the
/// reviewer had before the eyes, 0 for none.
pub fn fate(last: Option<&Said>, (word, reason): (ReviewWord, Option<&str>), account: Option<i64>, seen: i64) -> Fate {
    match last {
        Some(last) if last.account == account && last.word == word && last.reason.as_deref() == reason => {
            Fate::Repeated
        }
        Some(last) if last.no > seen && last.account != account => Fate::Overtaken,
        _ => Fate::Kept,
    }
}

/// Why a reviewer is asked to look at a person first. Nothing is decided by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    /// A mark at the pass mark or barely above it.
    Borderline,
    /// The same marks in every part as others have.
    Identical,
    /// A mark was changed after it had been entered.
    Changed,
    /// Exactly the pass mark, which far more have than the marks around it.
    Heaped,
    /// One of many tickets in a row with the same mark.
    Run,
    /// What was reported is not what stands now.
    Altered,
    /// Another person has the same photo.
    Photo,
    /// In another batch of about the same time.
    Elsewhere,
    /// Came by a roster shortly before the examination.
    Late,
    /// Eligible by what the school declares, without a paper on file.
    Declared,
    /// An objection was decided.
    Objected,
    /// Not of age.
    Minor,
    /// Assessors far apart.
    Spread,
    /// A room that was open shorter than the standard has the part take.
    Short,
    /// A mark without a sign-in, or with one that was noted afterwards.
    Gap,
}

impl Hint {
    /// Every hint, the marks' own first.
    pub const ALL: &'static [Hint] = &[
        Self::Borderline,
        Self::Identical,
        Self::Changed,
        Self::Heaped,
        Self::Run,
        Self::Altered,
        Self::Photo,
        Self::Elsewhere,
        Self::Late,
        Self::Declared,
        Self::Objected,
        Self::Minor,
        Self::Spread,
        Self::Short,
        Self::Gap,
    ];

    /// Those that [`findings`] reads out of marks alone.
    pub const OF_MARKS: &'static [Hint] = &[Self::Borderline, Self::Identical, Self::Changed, Self::Heaped, Self::Run];

    /// The code word used in addresses and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Borderline => "borderline",
            Self::Identical => "identical",
            Self::Changed => "changed",
            Self::Heaped => "heaped",
            Self::Run => "run",
            Self::Altered => "altered",
            Self::Photo => "photo",
            Self::Elsewhere => "elsewhere",
            Self::Late => "late",
            Self::Declared => "declared",
            Self::Objected => "objected",
            Self::Minor => "minor",
            Self::Spread => "spread",
            Self::Short => "short",
            Self::Gap => "gap",
        }
    }

    /// What people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Borderline => "临界分",
            Self::Identical => "雷同分",
            Self::Changed => "改过分",
            Self::Heaped => "及格线聚集",
            Self::Run => "连号同分",
            Self::Altered => "报后有变",
            Self::Photo => "照片重复",
            Self::Elsewhere => "同期另有批次",
            Self::Late => "临考报名",
            Self::Declared => "条件靠声明",
            Self::Objected => "有过异议",
            Self::Minor => "未成年",
            Self::Spread => "评分相差大",
            Self::Short => "考试时间短",
            Self::Gap => "签到有缺",
        }
    }
}

/// A hint with its explanation and figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReviewFinding {
    pub hint: Hint,
    /// `理论知识恰为 60 分的有 12 人，上下 5 分内平均每分 0.8 人`.
    pub said: String,
}

fn finding(hint: Hint, said: impl Into<String>) -> ReviewFinding {
    ReviewFinding { hint, said: said.into() }
}

/// What to look at first in the marks of these persons, in the order of their tickets: the marks of each, and how often
/// they were changed.
pub fn findings(persons: &[(Vec<(Part, Outcome)>, i64)], rules: &Rules) -> Vec<Vec<ReviewFinding>> {
    let marks = |outcomes: &[(Part, Outcome)]| -> Option<Vec<u64>> {
        outcomes.iter().map(|(_, outcome)| outcome.mark().map(f64::to_bits)).collect()
    };
    let mut alike: HashMap<Vec<u64>, usize> = HashMap::new();
    for (outcomes, _) in persons {
        *alike.entry(marks(outcomes).unwrap_or_default()).or_default() += 1;
    }
    let mut found: Vec<Vec<ReviewFinding>> = persons
        .iter()
        .map(|(outcomes, changes)| {
            let border = outcomes.iter().find_map(|&(part, outcome)| {
                let (pass, mark) = (rules.pass(part), outcome.mark()?);
                let is_border = (pass..=pass + BORDER_MARKS).contains(&mark);
                is_border.then(|| format!("{} {mark} 分，合格线 {pass} 分", part.name()))
            });
            let key = marks(outcomes).filter(|key| !key.is_empty());
            let same = key.map(|key| alike[&key]).filter(|&same| same >= SAME_MARKS_ASKED);
            let changed = (*changes > 0).then(|| format!("成绩登记后改动过 {changes} 次"));
            [
                border.map(|said| finding(Hint::Borderline, said)),
                same.map(|same| finding(Hint::Identical, format!("各科分数完全相同的有 {same} 人"))),
                changed.map(|said| finding(Hint::Changed, said)),
            ]
            .into_iter()
            .flatten()
            .collect()
        })
        .collect();
    for &part in &[Part::Theory, Part::Practical, Part::Comprehensive] {
        let of_part = |outcomes: &[(Part, Outcome)]| {
            outcomes.iter().find(|(of, _)| *of == part).and_then(|(_, outcome)| outcome.mark())
        };
        let column: Vec<Option<f64>> = persons.iter().map(|(outcomes, _)| of_part(outcomes)).collect();
        heaps(part, &column, rules.pass(part), &mut found);
        runs(part, &column, &mut found);
    }
    found
}

/// Whether far more have exactly the pass mark than the marks around it let expect.
fn heaps(part: Part, column: &[Option<f64>], pass: f64, found: &mut [Vec<ReviewFinding>]) {
    let at_pass = |mark: &Option<f64>| mark.is_some_and(|mark| (mark - pass).abs() < 0.25);
    let near = |mark: &Option<f64>| mark.is_some_and(|mark| (mark - pass).abs() <= HEAP_AROUND + 0.25);
    let (heap, around) =
        (column.iter().filter(|mark| at_pass(mark)).count(), column.iter().filter(|mark| near(mark)).count());
    let expected = (around - heap) as f64 / (2.0 * HEAP_AROUND);
    if heap < HEAP_ASKED || heap as f64 <= HEAP_TIMES * expected {
        return;
    }
    let said = format!("{}恰为 {pass} 分的有 {heap} 人，上下 {HEAP_AROUND} 分内平均每分 {expected:.1} 人", part.name());
    for (mark, found) in column.iter().zip(found) {
        if at_pass(mark) {
            found.push(finding(Hint::Heaped, said.clone()));
        }
    }
}

/// Tickets in a row with the same mark.
fn runs(part: Part, column: &[Option<f64>], found: &mut [Vec<ReviewFinding>]) {
    let mut from = 0;
    for at in 1..=column.len() {
        if at < column.len() && column[at].is_some() && column[at] == column[from] {
            continue;
        }
        if let Some(mark) = column[from].filter(|_| at - from >= RUN_ASKED) {
            let said = format!("{}连续 {} 个准考证号同为 {mark} 分", part.name(), at - from);
            found[from..at].iter_mut().for_each(|found| found.push(finding(Hint::Run, said.clone())));
        }
        from = at;
    }
}

/// What the records beside the marks say about a person.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// What was reported of the person and what stands now, where the two differ.
    pub altered: Option<(String, String)>,
    /// Persons with the same photo, this one with them.
    pub same_photo: i64,
    /// Numbers of other batches of about the same time with this person in them.
    pub elsewhere: Vec<String>,
    /// The day of the roster by which the person came, and the last day on which rosters are expected.
    pub entered: Option<(Day, Day)>,
    /// The line of the conditions, where it rests on what the school declares.
    pub declared: Option<String>,
    /// The last day on which an objection against the person was dismissed.
    pub dismissed_on: Option<Day>,
    /// Whole years on the last day of the examination.
    pub age: Option<i16>,
}

/// What to look at first in the records beside the marks.
pub fn known_findings(known: &Known) -> Vec<ReviewFinding> {
    let mut found = Vec::new();
    if let Some((then, now)) = &known.altered {
        found.push(finding(Hint::Altered, format!("上报时为“{then}”，现在为“{now}”")));
    }
    if known.same_photo > 1 {
        found.push(finding(Hint::Photo, format!("同一张照片用于 {} 人", known.same_photo)));
    }
    if !known.elsewhere.is_empty() {
        let batches = known.elsewhere.join("、");
        found.push(finding(Hint::Elsewhere, format!("前后 {ELSEWHERE_DAYS} 天内还在 {batches} 批次应考")));
    }
    if let Some((on, by)) = known.entered.filter(|(on, by)| on > by) {
        found.push(finding(Hint::Late, format!("名册于 {on} 导入，按默认安排应在 {by} 前")));
    }
    if let Some(condition) = &known.declared {
        found.push(finding(Hint::Declared, format!("申报条件 {condition} 由院校声明，证明材料存于院校")));
    }
    if let Some(on) = known.dismissed_on {
        found.push(finding(Hint::Objected, format!("公示中有人提出异议，{on} 认定不成立")));
    }
    if let Some(age) = known.age.filter(|age| *age < ADULT_AGE) {
        found.push(finding(Hint::Minor, format!("考试时 {age} 周岁")));
    }
    found
}

/// How far apart the assessors of a person were in a part, and what the head of their group said.
#[derive(Debug, Clone, PartialEq)]
pub struct Apart {
    pub part: Part,
    /// Points between the highest and the lowest.
    pub points: f64,
    pub reason: String,
}

/// A part as a person sat it, as far as the day was noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sat {
    pub part: Part,
    pub began: DayTime,
    /// None where nobody has noted the end.
    pub ended: Option<DayTime>,
    pub signed: Signed,
}

/// Whether a person signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// On the day.
    Came,
    /// By a correction of the sign-in that two persons agreed on.
    Afterwards,
    /// Absent, which a mark contradicts.
    Absent,
    /// Nothing is noted.
    Missing,
}

/// What to look at first in how a person was examined: assessors far apart, a room that was open too short, a mark without a
/// sign-in. Only parts with a mark are looked at, and only rooms that were noted.
pub fn sitting_findings(apart: &[Apart], sat: &[Sat], marks: &[(Part, Outcome)], rules: &Rules) -> Vec<ReviewFinding> {
    let mut found: Vec<ReviewFinding> = apart
        .iter()
        .map(|one| {
            let name = one.part.name();
            finding(Hint::Spread, format!("{name}考评员之间相差 {} 分，组长说明：{}", one.points, one.reason))
        })
        .collect();
    let is_marked = |part| marks.iter().any(|(of, outcome)| *of == part && outcome.mark().is_some());
    for one in sat.iter().filter(|one| is_marked(one.part)) {
        let name = one.part.name();
        let least = rules.minutes(one.part);
        if let Some(minutes) = one.ended.map(|ended| i64::from(one.began.until(ended))).filter(|sat| *sat < least) {
            found.push(finding(Hint::Short, format!("{name}考场开考到结束 {minutes} 分钟，标准为 {least} 分钟")));
        }
        let gap = match one.signed {
            Signed::Came if one.ended.is_some() => continue,
            Signed::Came => "考场没有登记结束",
            Signed::Afterwards => "签到是事后更正的",
            Signed::Absent => "登记为缺考，却有成绩",
            Signed::Missing => "没有签到，却有成绩",
        };
        found.push(finding(Hint::Gap, format!("{name}{gap}")));
    }
    found
}

/// Where one person of a batch stands after publicity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// Not in a report yet.
    Unreported,
    /// In a report that is with the centre.
    Reported,
    /// In a report that was refused as late.
    RefusedLate,
    /// Returned by the centre.
    Returned,
    /// Approved, without a certificate.
    Approved,
    /// Has a certificate.
    Certified,
    /// Given up by the body.
    GivenUp,
}

impl Course {
    /// Whether the body still has to report the person, for the first time or again.
    pub const fn is_to_report(self) -> bool {
        matches!(self, Self::Unreported | Self::RefusedLate | Self::Returned)
    }

    /// Whether the body may give the person up: only after the centre has spoken, so that nobody who passed is left out
    /// silently, and not while there is a certificate.
    pub const fn is_to_give_up(self) -> bool {
        matches!(self, Self::RefusedLate | Self::Returned | Self::Approved)
    }
}

/// Gives a person up, whom the body neither reports any more nor issues to; the reason as it is kept. Refused to whom the
/// centre has not spoken about, who has a certificate, and without a reason.
pub fn give_up(course: Course, name: &str, reason: &str) -> Result<String, Refusal> {
    let refuse = |what: &str, remedy: &str| {
        Err(Refusal::new(Clause::S2_2_3B, format!("{name}{what}")).remedy(remedy).at("candidates"))
    };
    match course {
        Course::Unreported => refuse("还没有上报过", "结果须先上报；主管中心退回后，方可不再办理"),
        Course::Reported => refuse("已上报，主管中心尚未作出结论", "请等主管中心的结论"),
        Course::Certified => refuse("已有证书", "证书不应发出的，请注销证书"),
        Course::GivenUp => refuse("已不再办理", "无需再次办理"),
        Course::RefusedLate | Course::Returned | Course::Approved => {
            given(reason, Clause::S2_2_3B, "没有写明不再办理的理由")
        }
    }
}

/// Whether a person may receive a certificate: passed, free of objection, and approved by the centre (二（二）4).
pub fn may_issue(verdict: &Verdict, held: bool, review: Option<&ReviewDecision>) -> Result<(), Refusal> {
    if *verdict != Verdict::Passed {
        return Err(Refusal::new(Clause::S1_5_1, format!("该考生的认定结果为“{}”", verdict.name()))
            .remedy("只为各科均合格的考生制证，请将其移出本次制证"));
    }
    if held {
        return Err(
            Refusal::new(Clause::S2_2_3B, "该考生的公示异议尚未排除").remedy("请先处理异议，异议不成立的随后上报审核")
        );
    }
    match review {
        Some(ReviewDecision::Approved) => Ok(()),
        Some(ReviewDecision::Returned { reason }) => {
            Err(Refusal::new(Clause::S2_2_4A, format!("主管中心已退回该人员：{reason}"))
                .remedy("请按退回理由补正并重新上报，审核通过后再制证"))
        }
        None => Err(Refusal::new(Clause::S2_2_4A, "该人员未经主管中心审核")
            .remedy("请先上报认定结果，由主管中心审核通过后再制证")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publicity::window;

    fn calendar() -> Calendar {
        Calendar::read(include_str!("../../../reference/cn-workdays.csv")).unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn s2_2_4a_how_somebody_was_examined_is_looked_at_where_it_was_noted() {
        let rules = Rules::usual(Some(2018));
        let theory = rules.minutes(Part::Theory);
        let began = DayTime::at(9, 0);
        let sat = |minutes: Option<i64>, signed| Sat {
            part: Part::Theory,
            began,
            ended: minutes.and_then(|minutes| began.plus(minutes as u16)),
            signed,
        };
        let marks = [(Part::Theory, Outcome::read("80").unwrap()), (Part::Practical, Outcome::read("缺考").unwrap())];
        let check = |sat: Sat, expected: &[Hint]| {
            let found = sitting_findings(&[], &[sat], &marks, &rules);
            assert_eq!(found.iter().map(|f| f.hint).collect::<Vec<_>>(), expected, "{sat:?} {found:?}");
        };
        check(sat(Some(theory), Signed::Came), &[]);
        check(sat(Some(theory - 1), Signed::Came), &[Hint::Short]);
        check(sat(None, Signed::Came), &[Hint::Gap]);
        check(sat(Some(theory), Signed::Afterwards), &[Hint::Gap]);
        check(sat(Some(30), Signed::Missing), &[Hint::Short, Hint::Gap]);
        // Who has no mark in the part is not asked after: absence is a result of its own.
        check(Sat { part: Part::Practical, ..sat(Some(1), Signed::Absent) }, &[]);
        let apart = [Apart { part: Part::Practical, points: 12.5, reason: "工位设备故障".into() }];
        let found = sitting_findings(&apart, &[], &marks, &rules);
        assert_eq!(found, [finding(Hint::Spread, "操作技能考核考评员之间相差 12.5 分，组长说明：工位设备故障")]);
    }

    #[test]
    fn s2_2_3b_a_report_is_due_ten_working_days_after_publicity_ended() {
        let check = |posted: &str, ends: &str, expected: &str| {
            let window = window(day(posted), &calendar()).unwrap();
            assert_eq!((window.ends_on, due(&window, &calendar()).unwrap().due_on), (day(ends), day(expected)));
        };
        check("2026-11-23", "2026-11-30", "2026-12-14");
        // Over Mid-autumn and the National Day week: 24, 28 to 30 September, 8 to 10 and 12 to 14 October.
        check("2026-09-17", "2026-09-23", "2026-10-14");
        for (reported, is_late) in [("2026-12-14", false), ("2026-12-15", true), ("2026-12-01", false)] {
            assert_eq!(late(day("2026-12-14"), day(reported)), is_late, "{reported}");
        }
        let beyond = window(day("2026-12-21"), &calendar()).unwrap();
        assert!(due(&beyond, &calendar()).is_err());
    }

    #[test]
    fn s2_2_3b_who_was_held_or_returned_has_ten_working_days_of_their_own() {
        let check = |settled: Option<&str>, expected: &str| {
            assert_eq!(due_for(day("2026-10-14"), settled.map(day), &calendar()).unwrap(), day(expected));
        };
        check(None, "2026-10-14");
        check(Some("2026-09-21"), "2026-10-14");
        check(Some("2026-10-12"), "2026-10-26");
        assert_eq!(excuse(day("2026-10-14"), day("2026-10-14"), "").unwrap(), None);
        assert_eq!(excuse(day("2026-10-14"), day("2026-10-15"), " ").unwrap_err().field, Some("late_reason"));
        assert_eq!(excuse(day("2026-10-14"), day("2026-10-15"), " 停电 ").unwrap().as_deref(), Some("停电"));
    }

    #[test]
    fn s2_2_4a_the_sampling_aid_points_at_border_marks_same_marks_and_changed_marks() {
        let person = |a: f64, b: f64, changes| {
            (vec![(Part::Theory, Outcome::Mark(a)), (Part::Practical, Outcome::Mark(b))], changes)
        };
        let absent = (vec![(Part::Theory, Outcome::Absent), (Part::Practical, Outcome::Absent)], 0);
        let persons = [
            person(60.0, 90.0, 0),
            person(62.0, 62.5, 1),
            person(59.5, 62.5, 0),
            person(80.0, 81.0, 0),
            person(80.0, 81.0, 0),
            person(80.0, 81.0, 0),
            person(70.0, 71.0, 0),
            person(70.0, 71.0, 0),
            absent.clone(),
            absent.clone(),
            absent,
        ];
        use Hint::*;
        let expected: [&[Hint]; 11] = [
            &[Borderline],
            &[Borderline, Changed],
            &[],
            &[Identical],
            &[Identical],
            &[Identical],
            &[],
            &[],
            &[],
            &[],
            &[],
        ];
        let found = findings(&persons, &Rules::usual(None));
        let hints: Vec<Vec<Hint>> = found.iter().map(|found| found.iter().map(|one| one.hint).collect()).collect();
        assert_eq!(hints, expected);
        assert_eq!(found[1][0].said, "理论知识考试 62 分，合格线 60 分");
        assert_eq!(found[1][1].said, "成绩登记后改动过 1 次");
        assert_eq!(found[3][0].said, "各科分数完全相同的有 3 人");
    }

    #[test]
    fn s2_2_4a_a_heap_at_the_pass_mark_and_a_run_of_tickets_are_told_with_their_figures() {
        let person = |theory: f64| (vec![(Part::Theory, Outcome::Mark(theory))], 0);
        let count = |found: &[Vec<ReviewFinding>], hint: Hint| {
            found.iter().filter(|found| found.iter().any(|one| one.hint == hint)).count()
        };
        // Five have 60 and two of those around it: a fifth of a person for each mark.
        let heaped: Vec<_> = [60.0, 58.0, 60.0, 63.0, 60.0, 80.0, 60.0, 70.0, 60.0].map(person).to_vec();
        let found = findings(&heaped, &Rules::usual(None));
        assert_eq!((count(&found, Hint::Heaped), count(&found, Hint::Run)), (HEAP_ASKED, 0));
        let said = found[0].iter().find(|one| one.hint == Hint::Heaped).map(|one| one.said.as_str());
        assert_eq!(said, Some("理论知识考试恰为 60 分的有 5 人，上下 5 分内平均每分 0.2 人"));
        // As many around it as the curve lets expect: twenty on ten marks beside five on one is no heap of three times.
        let curve: Vec<_> = (0..5).map(|_| 60.0).chain((0..20).map(|n| 55.0 + f64::from(n % 5))).map(person).collect();
        assert_eq!(count(&findings(&curve, &Rules::usual(None)), Hint::Heaped), 0);
        let mut row = vec![person(71.0)];
        row.extend((0..RUN_ASKED).map(|_| person(85.0)));
        row.push(person(72.0));
        let found = findings(&row, &Rules::usual(None));
        assert_eq!(count(&found, Hint::Run), RUN_ASKED);
        assert!(found[1].iter().any(|one| one.said == "理论知识考试连续 8 个准考证号同为 85 分"), "{found:?}");
        row.remove(1);
        assert_eq!(count(&findings(&row, &Rules::usual(None)), Hint::Run), 0);
    }

    #[test]
    fn s2_2_4a_what_stands_beside_the_marks_is_told_with_its_figures() {
        let none = Known { same_photo: 1, age: Some(ADULT_AGE), ..Known::default() };
        assert_eq!(known_findings(&none), []);
        let days = |on: &str| Some((day(on), day("2026-09-03")));
        assert_eq!(known_findings(&Known { entered: days("2026-09-03"), ..none }), []);
        let all = Known {
            altered: Some(("理论 80".into(), "理论 82".into())),
            same_photo: 2,
            elsewhere: vec!["PC2026-00002".into()],
            entered: days("2026-09-04"),
            declared: Some("B5-2".into()),
            dismissed_on: Some(day("2026-09-21")),
            age: Some(17),
        };
        let said: Vec<String> = known_findings(&all).into_iter().map(|one| one.said).collect();
        assert_eq!(
            said,
            [
                "上报时为“理论 80”，现在为“理论 82”",
                "同一张照片用于 2 人",
                "前后 90 天内还在 PC2026-00002 批次应考",
                "名册于 2026-09-04 导入，按默认安排应在 2026-09-03 前",
                "申报条件 B5-2 由院校声明，证明材料存于院校",
                "公示中有人提出异议，2026-09-21 认定不成立",
                "考试时 17 周岁",
            ]
        );
    }

    #[test]
    fn s2_2_4a_a_word_sent_twice_counts_once_and_never_passes_over_anothers() {
        use ReviewWord::{Approve, Hold, Return};
        let last = |no, word, reason: Option<&str>, account| {
            Some(Said { no, word, reason: reason.map(str::to_owned), account: Some(account) })
        };
        for (last, word, reason, seen, expected) in [
            (None, Approve, None, 0, Fate::Kept),
            (last(1, Approve, None, 7), Approve, None, 0, Fate::Repeated),
            (last(1, Approve, None, 7), Return, Some("照片不清"), 0, Fate::Kept),
            (last(1, Return, Some("照片不清"), 7), Return, Some("照片不清"), 1, Fate::Repeated),
            (last(1, Return, Some("照片不清"), 7), Return, Some("材料不足"), 1, Fate::Kept),
            (last(1, Approve, None, 8), Approve, None, 0, Fate::Overtaken),
            (last(2, Return, Some("照片不清"), 8), Approve, None, 1, Fate::Overtaken),
            (last(2, Return, Some("照片不清"), 8), Approve, None, 2, Fate::Kept),
        ] {
            assert_eq!(fate(last.as_ref(), (word, reason), Some(7), seen), expected, "{last:?} {word:?} {seen}");
        }
        assert_eq!(Approve.reason("不写"), Ok(None));
        for word in [Return, Hold] {
            assert_eq!(word.reason(" 照片不清 "), Ok(Some("照片不清".into())));
            assert_eq!(word.reason(" ").unwrap_err().field, Some("reason"));
        }
        assert_eq!(Hold.decision(Some("再查")), None);
        assert!(ReviewWord::ALL.iter().all(|word| ReviewWord::from_code(word.code()) == Some(*word)));
    }

    #[test]
    fn s2_2_3b_a_report_waits_for_publicity_and_never_for_the_person_held() {
        let window = window(day("2026-11-23"), &calendar()).unwrap();
        let check = |today: &str, held, ready, remedy: Option<&str>| {
            let answer = may_report(&window, day(today), held, ready);
            assert_eq!(answer.err().map(|r| r.remedy).as_deref(), remedy);
        };
        check("2026-11-30", 0, 30, Some("请在 2026-11-30 之后的 10 个工作日内上报"));
        check("2026-12-01", 0, 30, None);
        check("2026-12-01", 1, 29, None);
        check("2026-12-20", 0, 30, None);
        check("2026-12-01", 1, 0, Some("有 1 人因公示异议暂缓，请先处理异议，异议不成立的随后上报"));
        check("2026-12-01", 0, 0, Some("本批次人员均已上报，无需再次上报"));
    }

    #[test]
    fn s2_2_3b_a_late_report_is_reviewed_only_after_the_centre_accepted_it() {
        let due_on = day("2026-12-14");
        let accepted = LateDecision::Accepted { reason: "台风停课".into() };
        let refused = LateDecision::Refused { reason: "无正当理由".into() };
        for (reported, decision, allowed) in [
            ("2026-12-14", None, true),
            ("2026-12-15", None, false),
            ("2026-12-15", Some(&accepted), true),
            ("2026-12-15", Some(&refused), false),
        ] {
            let answer = may_review(due_on, day(reported), decision);
            assert_eq!(answer.is_ok(), allowed, "{reported} {decision:?}");
            if let Err(refusal) = answer {
                assert_eq!(refusal.ground.clause(), Some(Clause::S2_2_3B));
                assert!(refusal.what.starts_with("结果上报期限为 2026-12-14，实际上报于 2026-12-15，已逾期"));
            }
        }
        let make = |accepted_, reason, reported, earlier| {
            LateDecision::make(accepted_, reason, due_on, day(reported), earlier)
        };
        assert_eq!(make(true, " 台风停课 ", "2026-12-15", None), Ok(accepted.clone()));
        assert_eq!(make(false, "无正当理由", "2026-12-15", None), Ok(refused));
        assert_eq!(make(true, "", "2026-12-15", None).unwrap_err().field, Some("reason"));
        assert!(make(true, "台风停课", "2026-12-14", None).is_err());
        assert!(make(false, "另有情况", "2026-12-15", Some(&accepted)).is_err());
    }

    #[test]
    fn s2_2_3b_a_person_is_given_up_with_a_reason_and_only_after_the_centre_has_spoken() {
        use Course::*;
        for (course, to_report, to_give_up) in [
            (Unreported, true, false),
            (Reported, false, false),
            (RefusedLate, true, true),
            (Returned, true, true),
            (Approved, false, true),
            (Certified, false, false),
            (GivenUp, false, false),
        ] {
            assert_eq!((course.is_to_report(), course.is_to_give_up()), (to_report, to_give_up), "{course:?}");
            let answer = give_up(course, "示例一", " 照片无法补正 ");
            assert_eq!(answer.ok().as_deref(), to_give_up.then_some("照片无法补正"), "{course:?}");
            assert!(give_up(course, "示例一", " ").is_err());
        }
    }

    #[test]
    fn s2_2_4a_only_who_passed_free_of_objection_and_approved_is_issued() {
        let returned = ReviewDecision::Returned { reason: "照片不符".into() };
        let approved = ReviewDecision::Approved;
        let absent = Verdict::Absent;
        let table: &[(&Verdict, bool, Option<&ReviewDecision>, Option<Clause>)] = &[
            (&Verdict::Passed, false, Some(&approved), None),
            (&Verdict::Passed, false, None, Some(Clause::S2_2_4A)),
            (&Verdict::Passed, false, Some(&returned), Some(Clause::S2_2_4A)),
            (&Verdict::Passed, true, Some(&approved), Some(Clause::S2_2_3B)),
            (&absent, false, Some(&approved), Some(Clause::S1_5_1)),
        ];
        for (verdict, held, review, expected) in table {
            let answer = may_issue(verdict, *held, *review);
            assert_eq!(answer.err().and_then(|r| r.ground.clause()), *expected, "{verdict:?} {held} {review:?}");
        }
        assert_eq!(ReviewDecision::make(true, ""), Ok(approved));
        assert_eq!(ReviewDecision::make(false, "照片不符"), Ok(returned));
        assert_eq!(ReviewDecision::make(false, " ").unwrap_err().field, Some("reason"));
    }
}
