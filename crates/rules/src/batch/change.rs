//! 二（二）1: what was told of a batch may change before its examination begins, and then it is told again. Which
//! changes make the ten working days count again is one table here; so is when a batch is put off.

use serde::{Deserialize, Serialize};

use super::{Audience, BatchStage, BatchStep, Plan, earliest_start, next};
use crate::Day;
use crate::calendar::Calendar;
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::terms::NOTIFY_AHEAD;

/// What of a notified batch may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// Start, end and the days of the examinations.
    Dates,
    /// Where theory and practice are held.
    Places,
    /// The occupation or its work type.
    Trade,
    Level,
    /// The national occupational standard that is followed.
    Standard,
    /// Whom it examines: own students, those of a school, the public.
    Audience,
    /// More candidates than told.
    MorePersons,
    /// Fewer candidates than told.
    FewerPersons,
    /// Who is responsible for it.
    Responsible,
    /// The working plan (工作方案) in words or as a file.
    WorkPlan,
    /// What stands in for an examination (一（五）2, 3).
    Scheme,
}

impl Matter {
    /// Every matter, those that are counted again first.
    pub const ALL: &'static [Self] = &[
        Self::Dates,
        Self::Places,
        Self::Trade,
        Self::Level,
        Self::Standard,
        Self::Audience,
        Self::Scheme,
        Self::MorePersons,
        Self::FewerPersons,
        Self::Responsible,
        Self::WorkPlan,
    ];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dates => "dates",
            Self::Places => "places",
            Self::Trade => "trade",
            Self::Level => "level",
            Self::Standard => "standard",
            Self::Audience => "audience",
            Self::MorePersons => "more_persons",
            Self::FewerPersons => "fewer_persons",
            Self::Responsible => "responsible",
            Self::WorkPlan => "work_plan",
            Self::Scheme => "scheme",
        }
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dates => "开展、结束和考试日期",
            Self::Places => "考场",
            Self::Trade => "职业或工种",
            Self::Level => "等级",
            Self::Standard => "执行标准",
            Self::Audience => "认定对象",
            Self::MorePersons => "预计人数增加",
            Self::FewerPersons => "预计人数减少",
            Self::Responsible => "批次负责人",
            Self::WorkPlan => "工作计划",
            Self::Scheme => "替代考核方案",
        }
    }

    /// Whether the ten working days are counted again from the day on which the change is told: where the centre would
    /// have to supervise something else, elsewhere, at another time or of more people. What takes nothing away from its
    /// supervision is told only. The notice names no cases; the table is the platform's reading of 二（二）1.
    pub const fn counts_again(self) -> bool {
        match self {
            Self::Dates
            | Self::Places
            | Self::Trade
            | Self::Level
            | Self::Standard
            | Self::Audience
            | Self::Scheme
            | Self::MorePersons => true,
            Self::FewerPersons | Self::Responsible | Self::WorkPlan => false,
        }
    }

    /// Whether it decides what a candidate has to prove, so that it can't change over the heads of those who are registered.
    pub const fn decides_eligibility(self) -> bool {
        matches!(self, Self::Trade | Self::Level | Self::Standard | Self::Audience)
    }

    /// The field of the form that it is filled in at.
    const fn field(self) -> &'static str {
        match self {
            Self::Dates => "starts_on",
            Self::Places => "theory_place",
            Self::Trade | Self::Level | Self::Standard => "scope",
            Self::Audience => "audience",
            Self::MorePersons | Self::FewerPersons => "expected",
            Self::Responsible => "responsible",
            Self::WorkPlan => "plan",
            Self::Scheme => "scheme",
        }
    }
}

/// What a body has told its centre of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub plan: Plan,
    /// The occupation's name.
    pub trade: String,
    /// Blank for the whole occupation.
    pub work_type: String,
    pub theory_place: String,
    pub practical_place: String,
    pub responsible: String,
    pub audience: Audience,
    /// The school for whose students it is held; blank for one's own.
    pub school: String,
    /// What stands in for an examination, as people call it; blank where everything is examined.
    pub scheme: String,
}

/// One thing that a later notice says otherwise, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Difference {
    pub matter: Matter,
    /// What it is of: `理论考试`.
    pub what: String,
    pub before: String,
    pub after: String,
}

/// What the later of two notices of a batch says otherwise.
pub fn differences(before: &Told, after: &Told) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut compare = |matter, what: &str, old: String, new: String| {
        if old != new {
            found.push(Difference { matter, what: what.to_owned(), before: old, after: new });
        }
    };
    let day = |day: Day| day.to_string();
    let some = |day: Option<Day>| day.map_or_else(|| "无".to_owned(), |day| day.to_string());
    let (old, new) = (&before.plan, &after.plan);
    let trade = |told: &Told| match told.work_type.as_str() {
        "" => format!("{}（{}）", told.trade, told.plan.code),
        kind => format!("{}（{}），{kind}", told.trade, told.plan.code),
    };
    compare(Matter::Trade, "职业（工种）", trade(before), trade(after));
    compare(Matter::Level, "等级", old.level.name().to_owned(), new.level.name().to_owned());
    compare(Matter::Standard, "执行标准", old.standard.clone(), new.standard.clone());
    compare(Matter::Dates, "开展日期", day(old.starts_on), day(new.starts_on));
    compare(Matter::Dates, "结束日期", day(old.ends_on), day(new.ends_on));
    compare(Matter::Dates, "理论考试", day(old.theory_on), day(new.theory_on));
    compare(Matter::Dates, "实操考核", day(old.practical_on), day(new.practical_on));
    compare(Matter::Dates, "综合评审", some(old.comprehensive_on), some(new.comprehensive_on));
    compare(Matter::Places, "理论考场", before.theory_place.clone(), after.theory_place.clone());
    compare(Matter::Places, "实操考场", before.practical_place.clone(), after.practical_place.clone());
    let of = |told: &Told| match told.school.as_str() {
        "" if told.audience == Audience::Own => "本校学生".to_owned(),
        "" => told.audience.name().to_owned(),
        school => format!("{school}的学生"),
    };
    compare(Matter::Audience, "认定对象", of(before), of(after));
    let scheme = |told: &Told| if told.scheme.is_empty() { "无".to_owned() } else { told.scheme.clone() };
    compare(Matter::Scheme, "替代考核方案", scheme(before), scheme(after));
    let persons = if new.expected > old.expected { Matter::MorePersons } else { Matter::FewerPersons };
    compare(persons, "预计人数", format!("{}人", old.expected), format!("{}人", new.expected));
    compare(Matter::Responsible, "批次负责人", before.responsible.clone(), after.responsible.clone());
    compare(Matter::WorkPlan, "工作计划", shown(&old.work_plan), shown(&new.work_plan));
    found
}

/// A working plan as a list of changes shows it: the name of a file says nothing to people.
fn shown(plan: &str) -> String {
    const SHOWN: usize = 60;
    if plan.len() == 64 && plan.bytes().all(|b| b.is_ascii_hexdigit()) {
        return format!("计划文件 {}", &plan[..8]);
    }
    let start: String = plan.chars().take(SHOWN).collect();
    if plan.chars().count() > SHOWN { format!("{start}……") } else { start }
}

/// How far a batch has come when its notice is to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub stage: BatchStage,
    /// Its first examination day, as told last.
    pub first_exam_on: Day,
    /// Candidates who are registered and not withdrawn.
    pub registered: i64,
    /// Outcomes that are entered.
    pub marks: i64,
}

/// A change that may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The stage of the batch afterwards.
    pub stage: BatchStage,
    /// Whether the ten working days count from today.
    pub counted_again: bool,
}

/// Whether a batch may change so today: before its examination begins, and where the table says so ten working days
/// ahead of the (new) start. A batch that was put off is told anew with its date, even where that is the old one.
pub fn may_change(
    progress: &Progress,
    differences: &[Difference],
    starts_on: Day,
    calendar: &Calendar,
    today: Day,
) -> Result<Change, Refusal> {
    let stage = next(progress.stage, BatchStep::Change)?;
    if progress.stage == BatchStage::Notified {
        not_begun(progress, today, "变更")?;
        if differences.is_empty() {
            return Err(Refusal::new(Clause::S2_2_1B, "没有改变任何内容").remedy("请改动要变更的内容后再通报"));
        }
    }
    if progress.registered > 0
        && let Some(one) = differences.iter().find(|one| one.matter.decides_eligibility())
    {
        let what = format!("已有 {} 名考生按原来的{}报名", progress.registered, one.what);
        return Err(Refusal::new(Clause::S1_4_1, what)
            .remedy("考生的申报条件须重新审核：请先撤销报名再变更，或取消本批次后重新通报")
            .at(one.matter.field()));
    }
    let again: Vec<_> = differences.iter().filter(|one| one.matter.counts_again()).collect();
    let counted_again = progress.stage == BatchStage::Postponed || !again.is_empty();
    if counted_again {
        let earliest = earliest_start(today, calendar)?;
        if starts_on < earliest {
            let named = match again.first() {
                Some(one) => format!("变更{}", one.what),
                None => "重新确定日期".to_owned(),
            };
            let only_more = !again.is_empty() && again.iter().all(|one| one.matter == Matter::MorePersons);
            let remedy = if only_more {
                format!("今天通报的变更，最早用于 {earliest} 开展的批次；增加的人员请编入下一批次，或推迟本批次")
            } else {
                format!("今天通报的变更，最早用于 {earliest} 开展的批次；请改期到该日或以后，或保持原通报内容")
            };
            let field = if only_more { "expected" } else { "starts_on" };
            return Err(Refusal::new(
                Clause::S2_2_1B,
                format!("{named}须重新提前 {NOTIFY_AHEAD} 个工作日通报：{today} 通报、{starts_on} 开展，不足 {NOTIFY_AHEAD} 个工作日"),
            )
            .remedy(remedy)
            .at(field));
        }
    }
    Ok(Change { stage, counted_again })
}

/// The stage of a batch that is put off without a new day; its candidates stay.
pub fn may_postpone(progress: &Progress, today: Day) -> Result<BatchStage, Refusal> {
    let stage = next(progress.stage, BatchStep::Postpone)?;
    not_begun(progress, today, "推迟")?;
    Ok(stage)
}

fn not_begun(progress: &Progress, today: Day, what: &str) -> Result<(), Refusal> {
    if progress.first_exam_on <= today {
        return Err(Refusal::new(Clause::S2_2_1B, format!("考试已于 {} 开始，不能再{what}", progress.first_exam_on))
            .remedy("未到考的请登记为缺考；要另行安排的人员请编入下一批次"));
    }
    if progress.marks > 0 {
        return Err(Refusal::new(Clause::S3_3_1, format!("本批次已登记 {} 科次成绩，不能再{what}", progress.marks))
            .remedy("请登记完其余成绩后公示；没有参加的登记为缺考"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Level;

    fn calendar() -> Calendar {
        Calendar::read(include_str!("../../../../reference/cn-workdays.csv")).unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn told() -> Told {
        Told {
            plan: Plan {
                code: "6-18-01-01".into(),
                level: Level::L4,
                starts_on: day("2026-06-15"),
                ends_on: day("2026-06-16"),
                theory_on: day("2026-06-15"),
                practical_on: day("2026-06-16"),
                comprehensive_on: None,
                expected: 30,
                standard: "《车工》（2018年版）".into(),
                places: "示例教学楼；示例实训楼".into(),
                work_plan: "示例工作计划".into(),
            },
            trade: "车工".into(),
            work_type: String::new(),
            theory_place: "示例教学楼".into(),
            practical_place: "示例实训楼".into(),
            responsible: "示例校长".into(),
            audience: Audience::Own,
            school: String::new(),
            scheme: String::new(),
        }
    }

    const RUNNING: Progress =
        Progress { stage: BatchStage::Notified, first_exam_on: Day::constant(2026, 6, 15), registered: 0, marks: 0 };

    fn changed(change: impl FnOnce(&mut Told)) -> (Told, Vec<Difference>) {
        let mut after = told();
        change(&mut after);
        let found = differences(&told(), &after);
        (after, found)
    }

    #[test]
    fn s2_2_1b_the_table_says_which_changes_are_counted_again() {
        // The 1st is the last day on which the 15th is ten working days ahead.
        let check = |change: fn(&mut Told), matter: Matter, again: bool| {
            let (after, found) = changed(change);
            assert_eq!(found.iter().map(|one| one.matter).collect::<Vec<_>>(), [matter]);
            assert_eq!(matter.counts_again(), again, "{matter:?}");
            let asks = |today| may_change(&RUNNING, &found, after.plan.starts_on, &calendar(), day(today));
            let stage = BatchStage::Notified;
            assert_eq!(asks("2026-06-01"), Ok(Change { stage, counted_again: again }), "{matter:?}");
            match asks("2026-06-02") {
                Ok(change) => assert_eq!((change.counted_again, again), (false, false), "{matter:?}"),
                Err(refusal) => {
                    assert!(again, "{matter:?}: {refusal}");
                    assert_eq!(refusal.ground.clause(), Some(Clause::S2_2_1B));
                    assert!(refusal.remedy.contains("2026-06-16"), "{}", refusal.remedy);
                }
            }
        };
        check(|told| told.plan.practical_on = day("2026-06-15"), Matter::Dates, true);
        check(|told| told.theory_place = "示例教学楼301".into(), Matter::Places, true);
        check(|told| told.work_type = "数控车工".into(), Matter::Trade, true);
        check(|told| told.plan.level = Level::L3, Matter::Level, true);
        check(|told| told.plan.standard = "《车工》（2025年版）".into(), Matter::Standard, true);
        check(|told| told.audience = Audience::Public, Matter::Audience, true);
        check(|told| told.scheme = "结课考试替代理论考试：车工工艺".into(), Matter::Scheme, true);
        check(|told| told.plan.expected = 31, Matter::MorePersons, true);
        check(|told| told.plan.expected = 29, Matter::FewerPersons, false);
        check(|told| told.responsible = "示例老师".into(), Matter::Responsible, false);
        check(|told| told.plan.work_plan = "另一份".into(), Matter::WorkPlan, false);
    }

    #[test]
    fn s2_2_1b_a_later_day_is_counted_from_the_new_notice() {
        let (after, found) = changed(|told| {
            let plan = &mut told.plan;
            (plan.starts_on, plan.theory_on) = (day("2026-06-22"), day("2026-06-22"));
            (plan.ends_on, plan.practical_on) = (day("2026-06-23"), day("2026-06-23"));
        });
        assert_eq!(found.len(), 4);
        let asks = |today| may_change(&RUNNING, &found, after.plan.starts_on, &calendar(), day(today));
        // Dragon Boat rests on Friday the 19th.
        assert!(asks("2026-06-05").unwrap().counted_again);
        let refusal = asks("2026-06-08").unwrap_err();
        assert!(refusal.what.contains("变更开展日期") && refusal.remedy.contains("2026-06-23"), "{refusal}");
        let (after, more) = changed(|told| told.plan.expected = 45);
        let refusal = may_change(&RUNNING, &more, after.plan.starts_on, &calendar(), day("2026-06-08")).unwrap_err();
        assert_eq!(refusal.field, Some("expected"));
        assert!(refusal.remedy.contains("下一批次"), "{refusal}");
    }

    #[test]
    fn s2_2_1b_nothing_changes_once_the_examination_has_begun() {
        let (after, found) = changed(|told| told.plan.expected = 29);
        let asks = |progress, today| may_change(&progress, &found, after.plan.starts_on, &calendar(), day(today));
        assert!(asks(RUNNING, "2026-06-14").is_ok());
        assert!(asks(RUNNING, "2026-06-15").unwrap_err().what.contains("考试已于 2026-06-15 开始"));
        assert!(may_postpone(&RUNNING, day("2026-06-14")).is_ok());
        assert!(may_postpone(&RUNNING, day("2026-06-15")).is_err());
        let marked = Progress { marks: 2, ..RUNNING };
        assert_eq!(asks(marked, "2026-06-10").unwrap_err().ground.clause(), Some(Clause::S3_3_1));
        for stage in [BatchStage::Posted, BatchStage::Cancelled, BatchStage::Issued] {
            let elsewhere = Progress { stage, ..RUNNING };
            assert_eq!(asks(elsewhere, "2026-06-10").unwrap_err().ground.clause(), Some(Clause::S2_2_1B), "{stage:?}");
        }
        let same = may_change(&RUNNING, &[], day("2026-06-15"), &calendar(), day("2026-05-06")).unwrap_err();
        assert_eq!(same.what, "没有改变任何内容");
    }

    #[test]
    fn s1_4_1_what_decides_eligibility_does_not_change_over_the_heads_of_the_registered() {
        let registered = Progress { registered: 12, ..RUNNING };
        let asks = |change: fn(&mut Told)| {
            let (after, found) = changed(change);
            may_change(&registered, &found, after.plan.starts_on, &calendar(), day("2026-05-06"))
        };
        let refusal = asks(|told| told.plan.level = Level::L3).unwrap_err();
        assert_eq!((refusal.ground.clause(), refusal.field), (Some(Clause::S1_4_1), Some("scope")));
        assert!(refusal.what.contains("12 名考生"));
        assert!(asks(|told| told.plan.expected = 45).is_ok());
    }

    #[test]
    fn s2_2_1b_a_batch_that_was_put_off_is_told_anew_with_its_day() {
        assert_eq!(may_postpone(&RUNNING, day("2026-06-05")), Ok(BatchStage::Postponed));
        let put_off = Progress { stage: BatchStage::Postponed, registered: 12, ..RUNNING };
        assert!(may_postpone(&put_off, day("2026-06-05")).is_err());
        // Long after the old day, and even with nothing but the day.
        let asks = |starts_on: &str, today: &str| may_change(&put_off, &[], day(starts_on), &calendar(), day(today));
        let change = Change { stage: BatchStage::Notified, counted_again: true };
        assert_eq!(asks("2026-09-21", "2026-09-07"), Ok(change));
        let refusal = asks("2026-09-18", "2026-09-07").unwrap_err();
        assert!(refusal.what.contains("重新确定日期") && refusal.remedy.contains("2026-09-20"), "{refusal}");
    }
}
