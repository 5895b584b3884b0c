//! 二（二）3, first half: results stand on public notice inside the body for five working days, frozen and masked.
//! An objection holds the one person it names; the page goes by itself when the time is up.

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::calendar::Calendar;
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::terms::{OBJECTIONS_OPEN_MAX, PUBLICITY_DAYS};

/// The time of one publicity: five whole working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Window {
    /// The day the list went up; it does not count.
    #[schema(value_type = String, format = Date)]
    pub posted_on: Day,
    /// The first working day after posting.
    #[schema(value_type = String, format = Date)]
    pub first_on: Day,
    /// The fifth working day; the window ends at its 24:00, China time.
    #[schema(value_type = String, format = Date)]
    pub ends_on: Day,
}

/// The window of results posted on this day. Refused outside the years that the calendar knows.
pub fn window(posted_on: Day, calendar: &Calendar) -> Result<Window, Refusal> {
    Ok(Window { posted_on, first_on: calendar.add(posted_on, 1)?, ends_on: calendar.add(posted_on, PUBLICITY_DAYS)? })
}

/// Whether results may go on public notice: not before the last examination day is reached, not without
/// candidates, nobody may be without a verdict, and every mark has been checked by a second person. `pending` and
/// `unchecked` are the names of those of whom that is not so.
pub fn may_post(
    last_exam_on: Day,
    today: Day,
    candidates: usize,
    (pending, unchecked): (&[String], &[String]),
) -> Result<(), Refusal> {
    let refusal = if today < last_exam_on {
        Refusal::new(Clause::S2_2_3A, format!("考试到 {last_exam_on} 才结束，今天是 {today}"))
            .remedy(format!("最早可于 {last_exam_on} 考完并登齐成绩后公示"))
    } else if candidates == 0 {
        Refusal::new(Clause::S2_2_3A, "本批次没有考生，无结果可公示")
            .remedy("请先导入报名名册并登记成绩；批次不再开展的，请取消批次")
    } else if !pending.is_empty() {
        Refusal::new(Clause::S2_2_3A, format!("{} 名考生成绩未齐：{}", pending.len(), some(pending)))
            .remedy("请补齐各科成绩；未参加考试的登记缺考或缓考，违反考场纪律的登记违纪")
    } else if !unchecked.is_empty() {
        Refusal::new(
            Clause::S2_2_3A,
            format!("{} 名考生的成绩还没有经第二人核对：{}", unchecked.len(), some(unchecked)),
        )
        .remedy("请由没有登记这些成绩的另一个账号核对确认，或另行登记一遍比对")
    } else {
        return Ok(());
    };
    Err(refusal)
}

/// The first five names, and how many there are.
fn some(names: &[String]) -> String {
    let shown = names[..names.len().min(5)].join("、");
    if names.len() > 5 { format!("{shown}等 {} 人", names.len()) } else { shown }
}

/// Whether the list is public on this day: from posting to the end of the fifth working day.
pub fn open_on(window: &Window, today: Day) -> bool {
    window.posted_on <= today && today <= window.ends_on
}

/// Whether the list may be taken down: only after the fifth working day is over.
pub fn may_close(window: &Window, today: Day) -> Result<(), Refusal> {
    if today > window.ends_on {
        return Ok(());
    }
    let Window { first_on, ends_on, .. } = window;
    Err(Refusal::new(Clause::S2_2_3A, format!("公示期 {PUBLICITY_DAYS} 个工作日未满：{first_on} 至 {ends_on}"))
        .remedy(format!("公示至 {ends_on} 24:00 止，次日由系统自动撤下，此前不得提前结束")))
}

/// Whether an objection may be lodged: only while the list is public.
pub fn may_object(window: &Window, today: Day) -> Result<(), Refusal> {
    if open_on(window, today) {
        return Ok(());
    }
    let Window { posted_on, ends_on, .. } = window;
    Err(Refusal::new(Clause::S2_2_3A, format!("公示期为 {posted_on} 至 {ends_on}，今天是 {today}，不在公示期内"))
        .remedy("公示期外发现问题的，请向该机构的主管职业技能鉴定指导中心反映"))
}

/// Whether another objection to the same person may be lodged while so many are open: a flood is refused, each of
/// them already holds the person.
pub fn may_add(open: i64) -> Result<(), Refusal> {
    if open < OBJECTIONS_OPEN_MAX {
        return Ok(());
    }
    Err(Refusal::house("公示异议", format!("对该考生待处理的异议已有 {open} 件"))
        .remedy("该考生已暂缓上报，请等待机构处理后再提出，或向主管职业技能鉴定指导中心反映"))
}

/// The reason and the contact of an objection, without the space around them; both must be given and readable.
pub fn objection(reason: &str, contact: &str) -> Result<(String, String), Refusal> {
    let (reason, contact) = (reason.trim(), contact.trim());
    let ask = |what: &str, remedy: &str, field| Err(Refusal::new(Clause::S2_2_3A, what).remedy(remedy).at(field));
    match (reason.chars().count(), contact.chars().count()) {
        (0..5, _) => ask("没有写明异议的事由", "请写明哪里不对、依据是什么，至少 5 个字", "reason"),
        (2001.., _) => ask("异议事由超过 2000 字", "请概括要点，证据可在机构核查时提供", "reason"),
        (_, 0..5) => ask("没有留下联系方式", "请填写电话或电子邮箱，只供核查人员联系，不公开", "contact"),
        (_, 101..) => ask("联系方式超过 100 字", "请只填写一个电话或电子邮箱", "contact"),
        _ => Ok((reason.to_owned(), contact.to_owned())),
    }
}

/// Where an objection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectionState {
    /// Lodged, not decided.
    Open,
    /// It is right: the result that was posted does not stand.
    Upheld,
    /// It is not: the result stands.
    Dismissed,
}

impl ObjectionState {
    /// Every state.
    pub const ALL: &'static [ObjectionState] = &[Self::Open, Self::Upheld, Self::Dismissed];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
        }
    }

    /// The state with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "待处理",
            Self::Upheld => "异议成立",
            Self::Dismissed => "异议不成立",
        }
    }

    /// Whether it holds the person it names. Only who is free of objection is reported (二（二）3), so an open
    /// objection holds and an upheld one holds for good; nobody else in the batch waits.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Open | Self::Upheld)
    }

    /// The state after a decision, with the reasons that the objector will read. Refused when the objection is
    /// already decided or no reason is given.
    pub fn decide(self, upheld: bool, reason: &str) -> Result<Self, Refusal> {
        if self != Self::Open {
            return Err(Refusal::new(Clause::S2_2_3B, format!("该异议已有处理结论：{}", self.name()))
                .remedy("结论不再更改；有新情况的，请另行提出异议或向主管中心反映"));
        }
        if reason.trim().is_empty() {
            return Err(Refusal::new(Clause::S2_2_3B, "没有写明处理异议的理由")
                .remedy("请写明核查了什么、依据什么得出结论，异议人凭回执号可以看到")
                .at("reason"));
        }
        Ok(if upheld { Self::Upheld } else { Self::Dismissed })
    }
}

/// The receipt number of the day's n-th objection, counted from 1: `YY20261207-0001-K7MQ3FX9`. Who holds it reads the
/// decision, so its end is chance (40 bits), in signs that nobody mistakes for others.
pub fn receipt_number(on: Day, n: i64, chance: [u8; 8]) -> String {
    const SIGNS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let chance: String = chance.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect();
    format!("YY{:04}{:02}{:02}-{n:04}-{chance}", on.year(), on.month(), on.day())
}

/// A receipt number as it was given, from how people type it: blanks and small letters don't count.
pub fn read_receipt(text: &str) -> String {
    text.split_whitespace().collect::<String>().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::read(include_str!("../../../reference/cn-workdays.csv")).unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn s2_2_3a_an_objection_says_why_and_by_whom_it_can_be_followed_up() {
        let check = |reason: &str, contact: &str, field: Option<&str>| {
            assert_eq!(objection(reason, contact).err().and_then(|r| r.field), field, "{reason} {contact}");
        };
        check(" 实操当天他没有到场 ", " 0591-00000001 ", None);
        check("不对", "0591-00000001", Some("reason"));
        check(&"长".repeat(2001), "0591-00000001", Some("reason"));
        check("实操当天他没有到场", " ", Some("contact"));
        check("实操当天他没有到场", &"1".repeat(101), Some("contact"));
        assert!(may_add(OBJECTIONS_OPEN_MAX - 1).is_ok() && may_add(OBJECTIONS_OPEN_MAX).is_err());
    }

    #[test]
    fn s2_2_3a_publicity_lasts_five_whole_working_days() {
        let check = |posted: &str, first: &str, ends: &str| {
            let expected = Window { posted_on: day(posted), first_on: day(first), ends_on: day(ends) };
            assert_eq!(window(day(posted), &calendar()).unwrap(), expected, "{posted}");
        };
        check("2026-11-23", "2026-11-24", "2026-11-30");
        check("2026-11-27", "2026-11-30", "2026-12-04");
        check("2026-11-28", "2026-11-30", "2026-12-04");
        // Over the National Day week; Saturday 10 October works.
        check("2026-09-30", "2026-10-08", "2026-10-13");
        check("2019-09-30", "2019-10-08", "2019-10-12");
        assert!(window(day("2026-12-28"), &calendar()).is_err());
    }

    #[test]
    fn s2_2_3a_the_list_is_public_until_24_o_clock_of_the_fifth_day_and_not_a_day_less() {
        let window = window(day("2026-11-23"), &calendar()).unwrap();
        for (today, open, closable) in [
            ("2026-11-22", false, false),
            ("2026-11-23", true, false),
            ("2026-11-28", true, false),
            ("2026-11-30", true, false),
            ("2026-12-01", false, true),
            ("2027-03-01", false, true),
        ] {
            let today = day(today);
            assert_eq!(open_on(&window, today), open, "{today}");
            assert_eq!(may_object(&window, today).is_ok(), open, "{today}");
            assert_eq!(may_close(&window, today).is_ok(), closable, "{today}");
        }
        let refusal = may_close(&window, day("2026-11-30")).unwrap_err();
        assert_eq!(refusal.ground.clause(), Some(Clause::S2_2_3A));
        assert_eq!(refusal.what, "公示期 5 个工作日未满：2026-11-24 至 2026-11-30");
    }

    #[test]
    fn s2_2_3a_results_are_posted_after_the_last_examination_with_a_verdict_for_everybody() {
        let names = |n: usize| (1..=n).map(|n| format!("考生{n}")).collect::<Vec<_>>();
        let check = |today: &str, candidates, pending: usize, what: Option<&str>| {
            let answer = may_post(day("2026-12-08"), day(today), candidates, (&names(pending), &[]));
            assert_eq!(answer.err().map(|r| r.what).as_deref(), what);
        };
        let unchecked = may_post(day("2026-12-08"), day("2026-12-09"), 30, (&[], &names(2))).unwrap_err();
        assert_eq!(unchecked.what, "2 名考生的成绩还没有经第二人核对：考生1、考生2");
        assert_eq!(unchecked.ground.clause(), Some(Clause::S2_2_3A));
        check("2026-12-08", 30, 0, None);
        check("2026-12-20", 1, 0, None);
        check("2026-12-07", 30, 0, Some("考试到 2026-12-08 才结束，今天是 2026-12-07"));
        check("2026-12-09", 0, 0, Some("本批次没有考生，无结果可公示"));
        check("2026-12-09", 30, 2, Some("2 名考生成绩未齐：考生1、考生2"));
        check("2026-12-09", 30, 7, Some("7 名考生成绩未齐：考生1、考生2、考生3、考生4、考生5等 7 人"));
    }

    #[test]
    fn s2_2_3b_an_objection_holds_its_person_until_it_is_dismissed() {
        use ObjectionState::*;
        for (state, holds) in [(Open, true), (Upheld, true), (Dismissed, false)] {
            assert_eq!(state.holds(), holds, "{state:?}");
            assert_eq!(ObjectionState::from_code(state.code()), Some(state));
        }
        for (state, upheld, reason, expected) in [
            (Open, true, "复核原始评分表，漏加 5 分", Some(Upheld)),
            (Open, false, "复核无误", Some(Dismissed)),
            (Open, true, " ", None),
            (Upheld, false, "再议", None),
            (Dismissed, true, "再议", None),
        ] {
            assert_eq!(state.decide(upheld, reason).ok(), expected, "{state:?} {upheld} {reason}");
        }
    }

    #[test]
    fn s2_2_3a_an_objection_gets_a_receipt_number() {
        for (on, n, chance, expected) in [
            ("2026-12-07", 1, [0, 1, 2, 3, 28, 29, 30, 31], "YY20261207-0001-ABCD6789"),
            ("2026-01-09", 42, [32, 64, 255, 8, 13, 14, 22, 23], "YY20260109-0042-AA9JPQYZ"),
            ("2026-12-07", 12345, [0; 8], "YY20261207-12345-AAAAAAAA"),
        ] {
            let receipt = receipt_number(day(on), n, chance);
            assert_eq!(receipt, expected);
            assert_eq!(read_receipt(&format!(" {} ", receipt.to_lowercase())), receipt);
        }
    }
}
