//! 一（五）2, 3: what may stand in for the examination. The final examination of the matching course may replace the theory
//! examination; in majors under the integrated curriculum the assessment of the process may be the basis. Either needs a
//! scheme that the centre in charge has approved beforehand and that the batch names.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::certificate::Level;
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::result::{Outcome, Part, has_part};
use crate::terms::COURSE_EXAM_YEARS;

/// What stands in for an examination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SchemeKind {
    /// 一（五）2: the final examination of a course instead of the theory examination.
    Course,
    /// 一（五）3: the assessment of the process, in modules with weights.
    Process,
}

impl SchemeKind {
    /// Both kinds.
    pub const ALL: &'static [Self] = &[Self::Course, Self::Process];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Process => "process",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Course => "结课考试替代理论考试",
            Self::Process => "一体化专业过程考核",
        }
    }

    /// How a mark that came by it is called.
    pub const fn mark_name(self) -> &'static str {
        match self {
            Self::Course => "结课考试成绩",
            Self::Process => "过程考核成绩",
        }
    }

    /// The clause that allows it.
    pub const fn clause(self) -> Clause {
        match self {
            Self::Course => Clause::S1_5_2,
            Self::Process => Clause::S1_5_3,
        }
    }
}

/// Where a scheme stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SchemeState {
    Proposed,
    Approved,
    Declined,
}

impl SchemeState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Proposed, Self::Approved, Self::Declined];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Declined => "declined",
        }
    }

    /// The state with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "待中心审批",
            Self::Approved => "已批准",
            Self::Declined => "未批准",
        }
    }

    /// The state after the centre's decision; a reason where it does not approve.
    pub fn decide(self, kind: SchemeKind, approved: bool, reason: &str) -> Result<Self, Refusal> {
        if self != Self::Proposed {
            return Err(Refusal::new(kind.clause(), format!("方案已有审批结论：{}", self.name()))
                .remedy("需要调整的，由院校另提方案"));
        }
        if !approved && reason.trim().is_empty() {
            return Err(Refusal::new(kind.clause(), "没有写明不批准的理由")
                .remedy("请写明缺什么、怎么改")
                .at("reason"));
        }
        Ok(if approved { Self::Approved } else { Self::Declined })
    }
}

/// A module of a process assessment; its weight counts within its part, for parts are never averaged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SchemeModule {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub part: Part,
    /// Percent of the part's mark.
    #[schema(minimum = 1, maximum = 100)]
    pub weight: i64,
    /// What is kept of it: works, record sheets, recordings.
    #[schema(min_length = 1, max_length = 200)]
    pub evidence: String,
}

/// What a scheme says.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    pub kind: SchemeKind,
    pub level: Level,
    /// Whether occupation and level are filed by the body.
    pub is_filed: bool,
    /// The course, or the major.
    pub subject: &'a str,
    /// Whether the major stands in the list of the integrated curriculum; not asked of a course.
    pub is_integrated: bool,
    /// The final examination of the course.
    pub exam: &'a str,
    /// How course or modules cover what the standard asks of the part.
    pub mapping: &'a str,
    pub modules: &'a [SchemeModule],
    pub has_file: bool,
    pub from: Day,
    pub until: Day,
}

/// Whether a scheme can be put before the centre.
pub fn may_propose(scheme: &Proposal<'_>) -> Result<(), Refusal> {
    let refuse =
        |what: String, remedy: &str, field| Err(Refusal::new(scheme.kind.clause(), what).remedy(remedy).at(field));
    if !scheme.is_filed {
        let what = format!("该职业的{}不在本机构备案范围内", scheme.level.name());
        return refuse(what, "请选择已备案的职业和等级", "code");
    }
    let blank = |text: &str| text.trim().is_empty();
    match scheme.kind {
        SchemeKind::Course if blank(scheme.subject) => {
            return refuse("没有写明课程".into(), "请填写与该职业对应的课程名称", "subject");
        }
        SchemeKind::Course if blank(scheme.exam) => {
            return refuse("没有写明结课考试".into(), "请填写结课考试的形式、时长和满分", "exam");
        }
        SchemeKind::Process if !scheme.is_integrated => {
            let what = format!("“{}”不在一体化课程教学改革试点专业名单中", scheme.subject.trim());
            return refuse(what, "过程考核只适用于试点专业；已列入试点的，请省中心登记后再提", "subject");
        }
        SchemeKind::Process => modules_fit(scheme)?,
        SchemeKind::Course => {}
    }
    if blank(scheme.mapping) {
        return refuse("没有说明与国家职业技能标准的对应".into(), "请逐项说明课程或模块对应标准的哪些要求", "mapping");
    }
    if scheme.from > scheme.until {
        return refuse(format!("适用期自 {} 至 {}，前后颠倒", scheme.from, scheme.until), "请核对起止日期", "until");
    }
    if !scheme.has_file {
        return refuse("没有附上方案".into(), "请上传加盖公章的方案扫描件", "file");
    }
    Ok(())
}

/// Modules named once, of parts of the level, with weights that make 100 within each part.
fn modules_fit(scheme: &Proposal<'_>) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S1_5_3, what).remedy(remedy).at("modules"));
    if scheme.modules.is_empty() {
        return refuse("没有考核模块".into(), "请至少列出一个模块及其权重和依据");
    }
    let (mut names, mut sums) = (BTreeSet::new(), BTreeMap::<Part, i64>::new());
    for module in scheme.modules {
        has_part(scheme.level, module.part)?;
        if module.name.trim().is_empty() || module.evidence.trim().is_empty() {
            return refuse("有模块没有名称或过程依据".into(), "请写明每个模块的名称和留存的依据");
        }
        if !names.insert(module.name.trim()) {
            return refuse(format!("模块“{}”列了两次", module.name.trim()), "每个模块只列一次");
        }
        if !(1..=100).contains(&module.weight) {
            return refuse(format!("模块“{}”的权重为 {}", module.name.trim(), module.weight), "权重为 1 至 100 的整数");
        }
        *sums.entry(module.part).or_default() += module.weight;
    }
    match sums.into_iter().find(|(_, sum)| *sum != 100) {
        Some((part, sum)) => refuse(
            format!("{}各模块的权重合计 {sum}，应为 100", part.name()),
            "各部分分别计算、不平均，请调整该部分各模块的权重",
        ),
        None => Ok(()),
    }
}

/// A scheme as a batch would name it.
#[derive(Debug, Clone, Copy)]
pub struct Approved<'a> {
    pub kind: SchemeKind,
    pub state: SchemeState,
    pub code: &'a str,
    pub level: Level,
    pub from: Day,
    pub until: Day,
}

/// Whether a batch may name a scheme: approved beforehand, for its occupation and level, over all its days.
pub fn may_name(scheme: &Approved<'_>, code: &str, level: Level, starts_on: Day, ends_on: Day) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(scheme.kind.clause(), what).remedy(remedy).at("scheme"));
    if scheme.state != SchemeState::Approved {
        return refuse(format!("方案{}", scheme.state.name()), "方案须事先经主管中心批准，批准后再通报批次");
    }
    if (scheme.code, scheme.level) != (code, level) {
        return refuse("方案不是这个职业和等级的".into(), "请选择本职业、本等级的方案，或不采用方案");
    }
    if starts_on < scheme.from || ends_on > scheme.until {
        let what = format!("方案适用于 {} 至 {} 的批次", scheme.from, scheme.until);
        return refuse(what, "请改期，或另提方案");
    }
    Ok(())
}

/// Whether marks of this kind may be entered in a batch: only by the scheme that it names.
pub fn may_stand_in(kind: SchemeKind, named: Option<SchemeKind>) -> Result<(), Refusal> {
    if named == Some(kind) {
        return Ok(());
    }
    Err(Refusal::new(kind.clause(), format!("本批次通报时没有采用“{}”的方案", kind.name()))
        .remedy("请按考试登记成绩；以后的批次要采用的，先报主管中心批准方案，再在通报时写明"))
}

/// What a course mark rests on, person by person.
#[derive(Debug, Clone, Copy)]
pub struct CourseMark<'a> {
    /// The day of the final examination.
    pub exam_on: Day,
    pub outcome: Outcome,
    /// The paper, by which it is found in the archive.
    pub paper: &'a str,
    /// Who has approved the mark.
    pub approver: &'a str,
}

/// Whether a course mark may stand for the theory examination of a batch that starts on this day.
pub fn course_mark(mark: &CourseMark<'_>, starts_on: Day, today: Day) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str, field| Err(Refusal::new(Clause::S1_5_2, what).remedy(remedy).at(field));
    let earliest = starts_on.checked_sub(jiff::Span::new().years(COURSE_EXAM_YEARS)).unwrap_or(Day::MIN);
    if mark.exam_on > today {
        return refuse(format!("结课考试于 {} 举行，今天是 {today}", mark.exam_on), "请在结课考试之后登记", "exam_on");
    }
    if mark.exam_on < earliest {
        let what = format!("结课考试于 {} 举行，早于批次开始 {COURSE_EXAM_YEARS} 年以上", mark.exam_on);
        return refuse(what, "请安排理论知识考试", "exam_on");
    }
    if !matches!(mark.outcome, Outcome::Mark(_)) {
        return refuse(format!("结课考试成绩填的是“{}”", mark.outcome), "没有结课成绩的考生请参加理论知识考试", "mark");
    }
    if mark.paper.trim().is_empty() {
        return refuse("没有写明试卷".into(), "请填写结课试卷的编号或存放处", "paper");
    }
    if mark.approver.trim().is_empty() {
        return refuse("没有写明审批人".into(), "请填写审定该成绩的人", "approver");
    }
    Ok(())
}

/// What module marks come to, part by part: weighted, with one decimal, what is beyond it left away, so that nobody passes
/// by rounding. Each module of the scheme needs its mark, from 0 to 100.
pub fn process_result(modules: &[SchemeModule], marks: &[Outcome]) -> Result<Vec<(Part, Outcome)>, Refusal> {
    let refuse = |what: String| {
        let remedy = "每个模块填写 0 至 100 的分数（最多一位小数）；没有完成过程考核的考生请参加考试";
        Err(Refusal::new(Clause::S1_5_3, what).remedy(remedy).at("marks"))
    };
    if marks.len() != modules.len() {
        return refuse(format!("方案有 {} 个模块，填写了 {} 个成绩", modules.len(), marks.len()));
    }
    let mut sums = BTreeMap::<Part, i64>::new();
    for (module, mark) in modules.iter().zip(marks) {
        let Outcome::Mark(mark) = mark else {
            return refuse(format!("模块“{}”填的是“{mark}”", module.name));
        };
        // In tenths of a point, so that nothing is lost.
        *sums.entry(module.part).or_default() += module.weight * (mark * 10.0).round() as i64;
    }
    Ok(sums.into_iter().map(|(part, sum)| (part, Outcome::Mark((sum / 100) as f64 / 10.0))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn module(name: &str, part: Part, weight: i64) -> SchemeModule {
        SchemeModule { name: name.into(), part, weight, evidence: "工作页和成品照片".into() }
    }

    fn course<'a>() -> Proposal<'a> {
        Proposal {
            kind: SchemeKind::Course,
            level: Level::L4,
            is_filed: true,
            subject: "烹饪原料与营养",
            is_integrated: false,
            exam: "闭卷，90 分钟，满分 100 分",
            mapping: "第一至第四章对应标准基本要求与相关知识",
            modules: &[],
            has_file: true,
            from: day("2026-09-01"),
            until: day("2027-08-31"),
        }
    }

    #[test]
    fn s1_5_2_a_scheme_names_course_examination_and_mapping() {
        let field =
            |scheme: Proposal<'_>| may_propose(&scheme).err().map(|r| (r.ground.clause().unwrap(), r.field.unwrap()));
        assert_eq!(field(course()), None);
        for (scheme, at) in [
            (Proposal { is_filed: false, ..course() }, "code"),
            (Proposal { subject: " ", ..course() }, "subject"),
            (Proposal { exam: "", ..course() }, "exam"),
            (Proposal { mapping: "", ..course() }, "mapping"),
            (Proposal { until: day("2026-08-31"), ..course() }, "until"),
            (Proposal { has_file: false, ..course() }, "file"),
        ] {
            assert_eq!(field(scheme), Some((Clause::S1_5_2, at)));
        }
    }

    #[test]
    fn s1_5_3_process_assessment_is_for_the_pilot_and_its_weights_make_a_hundred() {
        let modules = [
            module("凉菜制作", Part::Practical, 40),
            module("热菜制作", Part::Practical, 60),
            module("原料知识", Part::Theory, 100),
        ];
        let scheme =
            Proposal { kind: SchemeKind::Process, is_integrated: true, exam: "", modules: &modules, ..course() };
        assert_eq!(may_propose(&scheme), Ok(()));
        assert_eq!(may_propose(&Proposal { is_integrated: false, ..scheme }).unwrap_err().field, Some("subject"));
        for wrong in [
            vec![],
            vec![module("凉菜制作", Part::Practical, 40), module("热菜制作", Part::Practical, 50)],
            vec![module("凉菜制作", Part::Practical, 50), module("凉菜制作", Part::Practical, 50)],
            vec![module("凉菜制作", Part::Practical, 0), module("热菜制作", Part::Practical, 100)],
            vec![module(" ", Part::Practical, 100)],
            vec![module("凉菜制作", Part::Comprehensive, 100)],
        ] {
            assert!(may_propose(&Proposal { modules: &wrong, ..scheme }).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn s1_5_2_a_batch_names_only_what_was_approved_for_it() {
        let scheme = Approved {
            kind: SchemeKind::Course,
            state: SchemeState::Approved,
            code: "4-03-02-01",
            level: Level::L4,
            from: day("2026-09-01"),
            until: day("2027-08-31"),
        };
        let named = |scheme: Approved<'_>, level, from: &str, until: &str| {
            may_name(&scheme, "4-03-02-01", level, day(from), day(until)).is_ok()
        };
        assert!(named(scheme, Level::L4, "2026-09-14", "2026-09-15"));
        assert!(!named(scheme, Level::L3, "2026-09-14", "2026-09-15"));
        assert!(!named(scheme, Level::L4, "2026-08-31", "2026-09-15"));
        assert!(!named(scheme, Level::L4, "2027-08-31", "2027-09-01"));
        assert!(!named(Approved { state: SchemeState::Proposed, ..scheme }, Level::L4, "2026-09-14", "2026-09-15"));
        assert!(may_stand_in(SchemeKind::Course, Some(SchemeKind::Course)).is_ok());
        for named in [None, Some(SchemeKind::Process)] {
            assert_eq!(may_stand_in(SchemeKind::Course, named).unwrap_err().ground.clause(), Some(Clause::S1_5_2));
        }
        assert_eq!(SchemeState::Proposed.decide(SchemeKind::Course, true, ""), Ok(SchemeState::Approved));
        assert!(SchemeState::Proposed.decide(SchemeKind::Course, false, " ").is_err());
        assert!(SchemeState::Approved.decide(SchemeKind::Course, true, "").is_err());
    }

    #[test]
    fn s1_5_2_a_course_mark_says_when_on_which_paper_and_who_approved() {
        let good = CourseMark {
            exam_on: day("2026-06-24"),
            outcome: Outcome::Mark(72.0),
            paper: "2026 春-烹原-A",
            approver: "示例教务主任",
        };
        let field = |mark: CourseMark<'_>| {
            course_mark(&mark, day("2026-09-14"), day("2026-09-16")).err().and_then(|refusal| refusal.field)
        };
        assert_eq!(field(good), None);
        assert_eq!(field(CourseMark { exam_on: day("2026-09-17"), ..good }), Some("exam_on"));
        assert_eq!(field(CourseMark { exam_on: day("2023-09-13"), ..good }), Some("exam_on"));
        assert_eq!(field(CourseMark { outcome: Outcome::Absent, ..good }), Some("mark"));
        assert_eq!(field(CourseMark { paper: " ", ..good }), Some("paper"));
        assert_eq!(field(CourseMark { approver: "", ..good }), Some("approver"));
    }

    #[test]
    fn s1_5_3_module_marks_are_weighted_within_their_part() {
        let modules = [
            module("凉菜制作", Part::Practical, 40),
            module("热菜制作", Part::Practical, 60),
            module("原料知识", Part::Theory, 100),
        ];
        let mark = |text: &str| Outcome::read(text).unwrap();
        let result = process_result(&modules, &[mark("70"), mark("85.5"), mark("59.9")]);
        assert_eq!(result, Ok(vec![(Part::Theory, mark("59.9")), (Part::Practical, mark("79.3"))]));
        // 59.98 is not 60.
        let near = process_result(&modules, &[mark("59.8"), mark("60.1"), mark("60")]).unwrap();
        assert_eq!(near[1], (Part::Practical, mark("59.9")));
        assert_eq!(process_result(&modules, &[mark("70")]).unwrap_err().field, Some("marks"));
        assert!(process_result(&modules, &[mark("70"), mark("缺考"), mark("60")]).is_err());
    }

    proptest! {
        /// A result lies between the lowest and the highest module, and equal marks come to themselves.
        #[test]
        fn s1_5_3_a_result_lies_between_its_modules(marks in proptest::collection::vec(0u32..=1000, 3), first in 1i64..98) {
            let modules = [module("一", Part::Practical, first), module("二", Part::Practical, 99 - first), module("三", Part::Practical, 1)];
            let outcomes: Vec<_> = marks.iter().map(|tenths| Outcome::Mark(f64::from(*tenths) / 10.0)).collect();
            let result = process_result(&modules, &outcomes).unwrap();
            let Outcome::Mark(mark) = result[0].1 else { panic!("{result:?}") };
            let tenths = (mark * 10.0).round() as u32;
            prop_assert!(*marks.iter().min().unwrap() <= tenths && tenths <= *marks.iter().max().unwrap());
            let same = vec![outcomes[0]; 3];
            prop_assert_eq!(process_result(&modules, &same).unwrap()[0].1, outcomes[0]);
        }
    }
}
