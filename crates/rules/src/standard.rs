//! 一（四）: a body examines by the issued standard, and each standard says for itself how: pass marks, lengths, how many
//! candidates to a room, an invigilator, an assessor, which conditions are asked. What a standard does not say is the
//! usual; what it says for every level holds where it says nothing for the level. A batch keeps the rules that were in
//! force when it was notified.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::certificate::Level;
use crate::eligibility::{Generation, generation};
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::result::{Part, parts_for};
use crate::{Day, terms};

macro_rules! rule_keys {
    ($($variant:ident, $code:literal, $name:literal, $unit:literal, $least:literal ..= $most:literal;)*) => {
        /// Something that a standard may say otherwise.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum RuleKey {
            $(#[doc = $name] $variant,)*
        }

        impl RuleKey {
            /// Every key, in the order in which they are read.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code word used in the database and the API.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The name that people read.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it is counted in.
            pub const fn unit(self) -> &'static str {
                match self { $(Self::$variant => $unit,)* }
            }

            /// The least and the most that it may be.
            pub const fn bounds(self) -> (i64, i64) {
                match self { $(Self::$variant => ($least, $most),)* }
            }
        }
    };
}

rule_keys! {
    TheoryPass, "theory_pass", "理论知识考试合格线", "分", 1..=100;
    PracticalPass, "practical_pass", "操作技能考核合格线", "分", 1..=100;
    ComprehensivePass, "comprehensive_pass", "综合评审合格线", "分", 1..=100;
    TheoryMinutes, "theory_minutes", "理论知识考试时长", "分钟", 10..=480;
    PracticalMinutes, "practical_minutes", "操作技能考核时长", "分钟", 5..=960;
    ComprehensiveMinutes, "comprehensive_minutes", "综合评审时长", "分钟", 5..=480;
    RoomMax, "room_max", "理论考场人数上限", "人", 1..=500;
    InvigilatorPer, "invigilator_per", "每名监考人员的考生", "人", 1..=100;
    InvigilatorsMin, "invigilators_min", "每个考场的监考人员至少", "人", 1..=20;
    AssessorPer, "assessor_per", "每名考评员的考生", "人", 1..=100;
    AssessorsMin, "assessors_min", "操作技能考核考评员至少", "人", 1..=15;
    ReviewersMin, "reviewers_min", "综合评审考评员至少", "人", 1..=15;
    Conditions, "conditions", "申报条件", "", 1..=2;
}

impl RuleKey {
    /// The key of this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.code() == code)
    }

    /// The part that it is about, where it is about one.
    pub const fn part(self) -> Option<Part> {
        match self {
            Self::TheoryPass | Self::TheoryMinutes | Self::RoomMax | Self::InvigilatorPer | Self::InvigilatorsMin => {
                Some(Part::Theory)
            }
            Self::PracticalPass | Self::PracticalMinutes | Self::AssessorPer | Self::AssessorsMin => {
                Some(Part::Practical)
            }
            Self::ComprehensivePass | Self::ComprehensiveMinutes | Self::ReviewersMin => Some(Part::Comprehensive),
            Self::Conditions => None,
        }
    }

    /// What holds where no standard says otherwise: the national standards' usual figures, and defaults of the platform.
    pub fn usual(self, edition: Option<i16>) -> i64 {
        match self {
            Self::TheoryPass | Self::PracticalPass | Self::ComprehensivePass => terms::MARK_PASS as i64,
            Self::TheoryMinutes => terms::THEORY_MINUTES,
            Self::PracticalMinutes => terms::PRACTICAL_MINUTES,
            Self::ComprehensiveMinutes => terms::COMPREHENSIVE_MINUTES,
            Self::RoomMax => terms::ROOM_MAX,
            Self::InvigilatorPer => terms::INVIGILATOR_PER,
            Self::InvigilatorsMin => terms::INVIGILATORS_MIN,
            Self::AssessorPer => terms::ASSESSOR_PER,
            Self::AssessorsMin | Self::ReviewersMin => terms::ASSESSORS_MIN,
            Self::Conditions => match generation(edition) {
                Generation::Before2023 => 1,
                Generation::Since2023 => 2,
            },
        }
    }

    /// A value as people read it: `60分`; 1 and 2 of the conditions are their generations.
    pub fn said(self, value: i64) -> String {
        match (self, value) {
            (Self::Conditions, 1) => "2022年以前的".to_owned(),
            (Self::Conditions, _) => "2023年以来的".to_owned(),
            (_, value) => format!("{value}{}", self.unit()),
        }
    }

    /// Whether the number has to be odd, so that a group can decide by majority.
    pub const fn is_odd(self) -> bool {
        matches!(self, Self::AssessorsMin | Self::ReviewersMin)
    }
}

/// What was set for a standard, for one level or for all, from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesSet {
    /// Nothing: for every level.
    pub level: Option<Level>,
    pub from: Day,
    pub values: BTreeMap<RuleKey, i64>,
}

/// Where a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleOrigin {
    /// The usual.
    Usual,
    /// Said by the standard for every level.
    Standard,
    /// Said by the standard for this level.
    Level,
}

impl RuleOrigin {
    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usual => "通用",
            Self::Standard => "本标准",
            Self::Level => "本等级",
        }
    }
}

/// How a level is examined by a standard: the rules, and where each comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules(BTreeMap<RuleKey, (i64, RuleOrigin)>);

impl Rules {
    /// The usual rules of an edition.
    pub fn usual(edition: Option<i16>) -> Self {
        Self(RuleKey::ALL.iter().map(|&key| (key, (key.usual(edition), RuleOrigin::Usual))).collect())
    }

    /// The rules of a level in force on a day: of what was set, the latest of each kind counts whole, so that what it
    /// leaves out is the usual again. Where two hold from the same day, the later one of the slice does.
    pub fn compose(edition: Option<i16>, level: Level, set: &[RulesSet], on: Day) -> Self {
        let mut rules = Self::usual(edition);
        for (of, origin) in [(None, RuleOrigin::Standard), (Some(level), RuleOrigin::Level)] {
            let latest = set.iter().filter(|one| one.level == of && one.from <= on).max_by_key(|one| one.from);
            for (&key, &value) in latest.iter().flat_map(|one| &one.values) {
                rules.0.insert(key, (value, origin));
            }
        }
        rules
    }

    /// What a key says. Rules that were kept before a key existed have the usual for it.
    pub fn get(&self, key: RuleKey) -> i64 {
        self.0.get(&key).map_or_else(|| key.usual(None), |(value, _)| *value)
    }

    /// Where it comes from.
    pub fn origin(&self, key: RuleKey) -> RuleOrigin {
        self.0.get(&key).map_or(RuleOrigin::Usual, |(_, origin)| *origin)
    }

    /// The mark with which a part is passed.
    pub fn pass(&self, part: Part) -> f64 {
        let key = match part {
            Part::Theory => RuleKey::TheoryPass,
            Part::Practical => RuleKey::PracticalPass,
            Part::Comprehensive => RuleKey::ComprehensivePass,
        };
        self.get(key) as f64
    }

    /// Minutes that a part takes.
    pub fn minutes(&self, part: Part) -> i64 {
        self.get(match part {
            Part::Theory => RuleKey::TheoryMinutes,
            Part::Practical => RuleKey::PracticalMinutes,
            Part::Comprehensive => RuleKey::ComprehensiveMinutes,
        })
    }

    /// How many candidates there may be to whom.
    pub fn ratios(&self) -> Ratios {
        // Bounds keep every value small.
        let of = |key| u16::try_from(self.get(key)).unwrap_or(u16::MAX);
        let (assessor_per, assessors_min) = (of(RuleKey::AssessorPer), of(RuleKey::AssessorsMin));
        Ratios {
            room_max: of(RuleKey::RoomMax),
            invigilator_per: of(RuleKey::InvigilatorPer),
            invigilators_min: of(RuleKey::InvigilatorsMin),
            group_max: assessor_per.saturating_mul(assessors_min),
            assessor_per,
            assessors_min,
            reviewers_min: of(RuleKey::ReviewersMin),
        }
    }

    /// Which conditions candidates have to meet.
    pub fn generation(&self) -> Generation {
        if self.get(RuleKey::Conditions) == 1 { Generation::Before2023 } else { Generation::Since2023 }
    }

    /// The keys that a level has: none about a part that it lacks.
    pub fn keys(level: Level) -> impl Iterator<Item = RuleKey> {
        let has = move |key: &RuleKey| key.part().is_none_or(|part| parts_for(level).contains(&part));
        RuleKey::ALL.iter().copied().filter(has)
    }
}

/// How many candidates there may be to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Ratios {
    /// Candidates in a theory room at most.
    pub room_max: u16,
    pub invigilator_per: u16,
    pub invigilators_min: u16,
    /// Candidates in a group of the practical assessment at most: as many as its assessors may judge.
    pub group_max: u16,
    pub assessor_per: u16,
    pub assessors_min: u16,
    /// Assessors of a comprehensive review at least.
    pub reviewers_min: u16,
}

impl Ratios {
    /// Invigilators for so many candidates in one room.
    pub fn invigilators(&self, candidates: usize) -> usize {
        candidates.div_ceil(usize::from(self.invigilator_per).max(1)).max(self.invigilators_min.into())
    }

    /// So many at a time in as few rooms or groups as hold them, as alike as can be; one at least. A review hears one
    /// after the other before one panel.
    pub fn groups(&self, part: Part, at_once: usize) -> Vec<usize> {
        let most = match part {
            Part::Theory => self.room_max,
            Part::Practical => self.group_max,
            Part::Comprehensive => u16::MAX,
        };
        let count = at_once.div_ceil(usize::from(most).max(1)).max(1);
        (0..count).map(|n| at_once / count + usize::from(n < at_once % count)).collect()
    }

    /// Who watches or judges rooms or groups that sit at the same time, how many: each has its own.
    pub fn staff_over(&self, part: Part, groups: &[usize]) -> usize {
        groups.iter().map(|candidates| self.staff(part, *candidates)).sum()
    }

    /// Assessors for a group of so many: always an odd number.
    pub fn assessors(&self, candidates: usize) -> usize {
        candidates.div_ceil(usize::from(self.assessor_per).max(1)).max(self.assessors_min.into()) | 1
    }

    /// Assessors of a comprehensive review, which hears one candidate after the other: always an odd number.
    pub fn reviewers(&self) -> usize {
        usize::from(self.reviewers_min) | 1
    }

    /// Who watches or judges a session of this part, how many.
    pub fn staff(&self, part: Part, candidates: usize) -> usize {
        match part {
            Part::Theory => self.invigilators(candidates),
            Part::Practical => self.assessors(candidates),
            Part::Comprehensive => self.reviewers(),
        }
    }
}

/// Whether rules may be set: from today or later, each within its bounds, with the place of the standard that says so.
pub fn may_set(values: &BTreeMap<RuleKey, i64>, from: Day, source: &str, today: Day) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: String, field| Err(Refusal::new(Clause::S1_4_1, what).remedy(remedy).at(field));
    if from < today {
        return refuse(
            format!("生效日期 {from} 已经过去，已通报的批次按通报时的规则办理"),
            format!("请填写 {today} 或以后的日期"),
            "from",
        );
    }
    if source.trim().is_empty() {
        return refuse("没有写明出处".into(), "请写明标准的版本和章节，例如“2022年版 1.9.2”".into(), "source");
    }
    for (&key, &value) in values {
        let (least, most) = key.bounds();
        if !(least..=most).contains(&value) {
            let unit = key.unit();
            return refuse(
                format!("{}为{value}{unit}，超出范围", key.name()),
                format!("请填写{least}至{most}{unit}"),
                key.code(),
            );
        }
        if key.is_odd() && value % 2 == 0 {
            return refuse(
                format!("{}为{value}人，不是单数", key.name()),
                "考评人员须为3人以上单数，请改为单数".into(),
                key.code(),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn set(level: Option<Level>, from: &str, values: &[(RuleKey, i64)]) -> RulesSet {
        RulesSet { level, from: day(from), values: values.iter().copied().collect() }
    }

    #[test]
    fn s1_4_1_what_a_standard_does_not_say_is_the_usual() {
        let rules = Rules::compose(Some(2022), Level::L4, &[], day("2026-03-02"));
        assert_eq!((rules.pass(Part::Theory), rules.get(RuleKey::AssessorPer)), (60.0, 5));
        assert_eq!(rules.generation(), Generation::Before2023);
        assert_eq!(Rules::usual(Some(2023)).generation(), Generation::Since2023);
        assert_eq!(rules.origin(RuleKey::RoomMax), RuleOrigin::Usual);
    }

    #[test]
    fn s1_4_1_a_level_says_more_than_its_standard_and_the_latest_counts() {
        let all = [
            set(None, "2026-01-01", &[(RuleKey::TheoryMinutes, 120), (RuleKey::PracticalMinutes, 240)]),
            set(Some(Level::L3), "2026-01-01", &[(RuleKey::PracticalMinutes, 300)]),
            set(None, "2026-06-01", &[(RuleKey::TheoryMinutes, 100)]),
        ];
        let of = |level, on: &str| Rules::compose(None, level, &all, day(on));
        let early = of(Level::L3, "2026-05-31");
        assert_eq!((early.minutes(Part::Theory), early.minutes(Part::Practical)), (120, 300));
        assert_eq!(early.origin(RuleKey::PracticalMinutes), RuleOrigin::Level);
        assert_eq!(of(Level::L4, "2026-05-31").minutes(Part::Practical), 240);
        // The later set counts whole: what it leaves out is the usual again.
        let late = of(Level::L4, "2026-06-01");
        assert_eq!((late.minutes(Part::Theory), late.minutes(Part::Practical)), (100, terms::PRACTICAL_MINUTES));
        assert_eq!(of(Level::L4, "2025-12-31").origin(RuleKey::TheoryMinutes), RuleOrigin::Usual);
    }

    #[test]
    fn s1_4_1_rules_are_set_ahead_within_bounds_and_with_their_source() {
        let today = day("2026-03-02");
        let field = |values: &[(RuleKey, i64)], from: &str, source: &str| {
            let values = values.iter().copied().collect();
            may_set(&values, day(from), source, today).map_err(|refusal| refusal.field.unwrap())
        };
        assert_eq!(field(&[(RuleKey::RoomMax, 40)], "2026-03-02", "1.9.1"), Ok(()));
        assert_eq!(field(&[], "2026-03-01", "1.9.1"), Err("from"));
        assert_eq!(field(&[], "2026-03-02", " "), Err("source"));
        assert_eq!(field(&[(RuleKey::TheoryPass, 101)], "2026-03-02", "1.9.1"), Err("theory_pass"));
        assert_eq!(field(&[(RuleKey::AssessorsMin, 4)], "2026-03-02", "1.9.1"), Err("assessors_min"));
        assert_eq!(field(&[(RuleKey::AssessorPer, 4)], "2026-03-02", "1.9.1"), Ok(()));
    }

    #[test]
    fn s1_4_1_every_key_has_a_usual_value_within_its_bounds_and_its_own_code() {
        for &key in RuleKey::ALL {
            let (least, most) = key.bounds();
            for edition in [None, Some(2018), Some(2023)] {
                assert!((least..=most).contains(&key.usual(edition)), "{key:?}");
            }
            assert_eq!(RuleKey::from_code(key.code()), Some(key));
        }
        assert!(Rules::keys(Level::L4).all(|key| key.part() != Some(Part::Comprehensive)));
        assert!(Rules::keys(Level::L2).any(|key| key == RuleKey::ReviewersMin));
    }
}
