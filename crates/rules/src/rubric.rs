//! 一（四）: what an assessor looks at. A standard divides the practical assessment, or the comprehensive review, into items
//! with points that make the full marks; some are key: who fails one fails the part. Where no rubric was set there is one item,
//! the whole.

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::certificate::Level;
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::result::{Part, has_part};

/// Points of all items together: the full marks of a part.
pub const POINTS: i64 = 100;
/// Items of a rubric at most.
pub const ITEMS_MAX: usize = 40;

/// An item of a rubric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RubricItem {
    /// As the standard numbers it; may be blank.
    #[serde(default)]
    #[schema(max_length = 20)]
    pub code: String,
    #[schema(min_length = 1, max_length = 60)]
    pub title: String,
    /// Full points; those of all items make 100.
    #[schema(minimum = 1, maximum = 100)]
    pub points: i64,
    /// Who fails it fails the part.
    #[serde(default)]
    pub is_key: bool,
}

impl RubricItem {
    /// As a column of a sheet is headed: `刀工（30分）`.
    pub fn heading(&self) -> String {
        format!("{}（{}分{}）", self.title, self.points, if self.is_key { "，关键项" } else { "" })
    }
}

/// The items of a part, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rubric(pub Vec<RubricItem>);

impl Rubric {
    /// Where nothing was set: the whole, on 100 points.
    pub fn plain() -> Self {
        Self(vec![RubricItem { code: String::new(), title: "得分".into(), points: POINTS, is_key: false }])
    }

    /// Whether it is more than the whole on 100 points.
    pub fn is_divided(&self) -> bool {
        self.0.len() > 1
    }
}

/// What was set for a standard, for one level or for all, from a day on; without items what was set before is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RubricSet {
    pub part: Part,
    /// Nothing: for every level.
    pub level: Option<Level>,
    pub from: Day,
    pub items: Vec<RubricItem>,
    /// Where the standard says so.
    pub source: String,
}

/// The rubric of a part and level in force on a day, if one is: the level's own, or that of every level; of each the latest
/// counts, and of one day the last of the slice.
pub fn in_force(set: &[RubricSet], part: Part, level: Level, on: Day) -> Option<&RubricSet> {
    [Some(level), None].into_iter().find_map(|of| {
        let own = set.iter().filter(|one| one.part == part && one.level == of && one.from <= on);
        own.max_by_key(|one| one.from).filter(|one| !one.items.is_empty())
    })
}

/// Whether a rubric may be set: of a part that assessors judge, from today or later, with items named once whose points make
/// 100. No items take a rubric back.
pub fn may_set(set: &RubricSet, today: Day) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str, field| Err(Refusal::new(Clause::S1_4_1, what).remedy(remedy).at(field));
    if set.part == Part::Theory {
        return refuse("理论知识考试按试卷评分，没有评分细则".into(), "请选择操作技能考核或综合评审", "part");
    }
    if let Some(level) = set.level {
        has_part(level, set.part)?;
    }
    if set.from < today {
        return refuse(
            format!("生效日期 {} 已经过去，已通报的批次按通报时的细则评分", set.from),
            "请填写今天或以后的日期",
            "from",
        );
    }
    if set.source.trim().is_empty() {
        return refuse("没有写明出处".into(), "请写明标准的版本和章节，例如“2022年版 4.2”", "source");
    }
    if set.items.len() > ITEMS_MAX {
        return refuse(format!("评分项目超过{ITEMS_MAX}项"), "请合并相近的项目", "items");
    }
    for (n, item) in set.items.iter().enumerate() {
        let title = item.title.trim();
        if title.is_empty() || title.chars().count() > 60 || item.code.chars().count() > 20 {
            let what = format!("第{}项没有名称，或名称、编号过长", n + 1);
            return refuse(what, "请填写项目名称，不超过60字；编号不超过20字", "items");
        }
        if !(1..=POINTS).contains(&item.points) {
            return refuse(format!("“{title}”的配分为{}分", item.points), "配分为 1 至 100 的整数", "items");
        }
        if set.items[..n].iter().any(|other| other.title.trim() == title) {
            return refuse(format!("“{title}”列了两次"), "每个项目只列一次，分项请写明各自的名称", "items");
        }
    }
    let sum: i64 = set.items.iter().map(|item| item.points).sum();
    if !set.items.is_empty() && sum != POINTS {
        return refuse(format!("各项配分合计 {sum} 分，应为 {POINTS} 分"), "请核对各项配分", "items");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn item(title: &str, points: i64) -> RubricItem {
        RubricItem { code: String::new(), title: title.into(), points, is_key: false }
    }

    fn set(level: Option<Level>, from: &str, items: Vec<RubricItem>) -> RubricSet {
        RubricSet { part: Part::Practical, level, from: day(from), items, source: "4.2".into() }
    }

    #[test]
    fn s1_4_1_points_make_a_hundred_and_each_item_stands_once() {
        let today = day("2026-09-01");
        let good = set(None, "2026-09-01", vec![item("刀工", 40), item("火候", 60)]);
        assert_eq!(may_set(&good, today), Ok(()));
        assert_eq!(may_set(&set(None, "2026-09-01", vec![]), today), Ok(()), "taken back");
        let refused = |change: &dyn Fn(&mut RubricSet)| {
            let mut changed = good.clone();
            change(&mut changed);
            may_set(&changed, today).unwrap_err()
        };
        assert!(refused(&|set| set.items[0].points = 30).what.contains("合计 90 分"));
        assert!(refused(&|set| set.items[1].title = "刀工 ".into()).what.contains("列了两次"));
        assert!(refused(&|set| set.items[1].points = 0).what.contains("0分"));
        assert!(refused(&|set| set.items[0].title = " ".into()).what.contains("第1项"));
        assert_eq!(refused(&|set| set.source = " ".into()).field, Some("source"));
        assert_eq!(refused(&|set| set.from = day("2026-08-31")).field, Some("from"));
        assert_eq!(refused(&|set| set.part = Part::Theory).field, Some("part"));
        let review = refused(&|set| (set.part, set.level) = (Part::Comprehensive, Some(Level::L4)));
        assert_eq!(review.ground.clause(), Some(Clause::S1_5_1));
        assert!(refused(&|set| set.items = (0..41).map(|n| item(&n.to_string(), 1)).collect()).what.contains("40项"));
    }

    #[test]
    fn s1_4_1_the_levels_own_rubric_counts_before_that_of_all_and_the_latest_before_earlier_ones() {
        let all = [
            set(None, "2026-01-01", vec![item("全", 100)]),
            set(Some(Level::L4), "2026-03-01", vec![item("四", 100)]),
            set(Some(Level::L4), "2026-06-01", vec![item("四新", 100)]),
            set(Some(Level::L3), "2026-06-01", vec![]),
        ];
        let title =
            |level, on: &str| in_force(&all, Part::Practical, level, day(on)).map(|one| one.items[0].title.clone());
        assert_eq!(title(Level::L4, "2025-12-31"), None);
        assert_eq!(title(Level::L4, "2026-02-28").as_deref(), Some("全"));
        assert_eq!(title(Level::L4, "2026-05-31").as_deref(), Some("四"));
        assert_eq!(title(Level::L4, "2026-06-01").as_deref(), Some("四新"));
        assert_eq!(title(Level::L3, "2026-06-01").as_deref(), Some("全"), "taken back for the level");
        assert_eq!(in_force(&all, Part::Comprehensive, Level::L4, day("2026-06-01")), None);
    }
}
