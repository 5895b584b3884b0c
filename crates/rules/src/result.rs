//! 一（五）1: theory examination and practical assessment; levels 2 and 1 face a comprehensive review as well. Each
//! part is passed by itself, parts are never averaged; absence, violation and deferral are results of their own.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::Day;
use crate::certificate::Level;
use crate::notice::Clause;
use crate::refusal::{Ground, Refusal};
use crate::standard::Rules;
use crate::terms::MARK_FULL;

/// What a candidate's parts come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Verdict {
    /// Every part reached its pass mark.
    Passed,
    /// These parts did not.
    Failed { parts: Vec<Part> },
    /// Absent from a part.
    Absent,
    /// Broke the rules of the examination.
    Violation,
    /// Put off to a later batch.
    Deferred,
    /// No verdict yet: these parts have no outcome.
    Pending { missing: Vec<Part> },
}

impl Verdict {
    /// The code word used in the database and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed { .. } => "failed",
            Self::Absent => "absent",
            Self::Violation => "violation",
            Self::Deferred => "deferred",
            Self::Pending { .. } => "pending",
        }
    }

    /// The name that people read.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Passed => "合格",
            Self::Failed { .. } => "不合格",
            Self::Absent => "缺考",
            Self::Violation => "违纪",
            Self::Deferred => "缓考",
            Self::Pending { .. } => "成绩未齐",
        }
    }

    /// Whether nothing is missing any more.
    pub const fn is_settled(&self) -> bool {
        !matches!(self, Self::Pending { .. })
    }
}

/// The verdict over a candidate's outcomes, one for each part that has one; parts that the level does not have
/// are not looked at. A violation settles the matter whatever else is missing, for nothing outranks it; otherwise
/// the verdict waits for every part, and absence outranks deferral, deferral outranks marks.
pub fn decide(level: Level, rules: &Rules, outcomes: &[(Part, Outcome)]) -> Verdict {
    let parts = parts_for(level);
    let of = |part: Part| outcomes.iter().find(|(p, _)| *p == part).map(|(_, outcome)| *outcome);
    let any = |outcome: Outcome| parts.iter().any(|&part| of(part) == Some(outcome));
    let those = |test: &dyn Fn(Part) -> bool| parts.iter().copied().filter(|&part| test(part)).collect();
    let is_below = |part| matches!(of(part), Some(Outcome::Mark(mark)) if mark < rules.pass(part));

    let missing: Vec<Part> = those(&|part| of(part).is_none());
    let below: Vec<Part> = those(&is_below);
    if any(Outcome::Violation) {
        Verdict::Violation
    } else if !missing.is_empty() {
        Verdict::Pending { missing }
    } else if any(Outcome::Absent) {
        Verdict::Absent
    } else if any(Outcome::Deferred) {
        Verdict::Deferred
    } else if !below.is_empty() {
        Verdict::Failed { parts: below }
    } else {
        Verdict::Passed
    }
}

/// A part of the assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// 理论知识考试.
    Theory,
    /// 操作技能考核.
    Practical,
    /// 综合评审.
    Comprehensive,
}

impl Part {
    /// Every part, in the order it is taken.
    pub const ALL: &'static [Part] = &[Self::Theory, Self::Practical, Self::Comprehensive];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Theory => "theory",
            Self::Practical => "practical",
            Self::Comprehensive => "comprehensive",
        }
    }

    /// The part with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|part| part.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Theory => "理论知识考试",
            Self::Practical => "操作技能考核",
            Self::Comprehensive => "综合评审",
        }
    }
}

/// The parts of a level: theory and practical, at levels 2 and 1 also the comprehensive review (national
/// occupational standards).
pub const fn parts_for(level: Level) -> &'static [Part] {
    match level {
        Level::L5 | Level::L4 | Level::L3 => &[Part::Theory, Part::Practical],
        Level::L2 | Level::L1 => Part::ALL,
    }
}

/// Whether the level has this part; a mark for a part that it lacks is refused.
pub fn has_part(level: Level, part: Part) -> Result<(), Refusal> {
    let parts = parts_for(level);
    if parts.contains(&part) {
        return Ok(());
    }
    let names: Vec<_> = parts.iter().map(|part| part.name()).collect();
    Err(Refusal::new(Clause::S1_5_1, format!("{}不设{}", level.name(), part.name()))
        .remedy(format!("请删去该项成绩，本等级只登记{}", names.join("、")))
        .at("part"))
}

/// Whether an outcome of this part may be entered: not before the day on which the part is held.
pub fn may_mark(part: Part, exam_on: Day, today: Day) -> Result<(), Refusal> {
    if today >= exam_on {
        return Ok(());
    }
    Err(Refusal::new(Clause::S1_5_1, format!("{}于 {exam_on} 举行，今天是 {today}，还没有成绩可登记", part.name()))
        .remedy(format!("请在 {exam_on} 考试之后登记"))
        .at("part"))
}

/// What came of one part for one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "code", content = "mark", rename_all = "snake_case")]
pub enum Outcome {
    /// A mark from 0 to 100 with at most one decimal.
    Mark(f64),
    /// 缺考.
    Absent,
    /// 违纪.
    Violation,
    /// 缓考.
    Deferred,
}

impl Outcome {
    /// An outcome as people type it: `85`, `８５．５`, `缺考`, `违纪`, `作弊`, `缓考`.
    ///
    /// Refused when it is empty, another word, not between 0 and 100, or has more than one decimal.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let word: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
        match word.as_str() {
            "缺考" | "旷考" => return Ok(Self::Absent),
            "违纪" | "作弊" => return Ok(Self::Violation),
            "缓考" => return Ok(Self::Deferred),
            "" => return Err(Self::refuse("成绩为空")),
            _ => {}
        }
        let (whole, decimals) = word.split_once('.').unwrap_or((&word, "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(decimals) {
            return Err(Self::refuse(format!("成绩“{}”不是分数，也不是缺考、违纪、缓考", text.trim())));
        }
        if decimals.trim_end_matches('0').len() > 1 {
            return Err(Self::refuse(format!("成绩 {word} 的小数多于一位")));
        }
        match word.parse::<f64>() {
            Ok(mark) if mark <= MARK_FULL => Ok(Self::Mark(mark)),
            _ => Err(Self::refuse(format!("成绩 {word} 超过满分 {MARK_FULL} 分"))),
        }
    }

    fn refuse(what: impl Into<String>) -> Refusal {
        Refusal::new(Ground::Standard("国家职业标准"), what)
            .remedy(format!("请填写 0 至 {MARK_FULL} 的分数（最多一位小数），或填写缺考、违纪、缓考"))
            .at("mark")
    }

    /// The code word used in the database; a mark stands beside it in a column of its own.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mark(_) => "mark",
            Self::Absent => "absent",
            Self::Violation => "violation",
            Self::Deferred => "deferred",
        }
    }

    /// The outcome kept as this code word and mark, or `None` if the two do not belong together.
    pub fn from_code(code: &str, mark: Option<f64>) -> Option<Self> {
        match (code, mark) {
            ("mark", Some(mark)) => Some(Self::Mark(mark)),
            ("absent", None) => Some(Self::Absent),
            ("violation", None) => Some(Self::Violation),
            ("deferred", None) => Some(Self::Deferred),
            _ => None,
        }
    }

    /// The mark, where there is one.
    pub const fn mark(self) -> Option<f64> {
        match self {
            Self::Mark(mark) => Some(mark),
            _ => None,
        }
    }
}

/// The outcome as people read it, and as [`Outcome::read`] takes it back: `85.5`, `缺考`.
impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mark(mark) => write!(f, "{mark}"),
            Self::Absent => f.write_str("缺考"),
            Self::Violation => f.write_str("违纪"),
            Self::Deferred => f.write_str("缓考"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s1_5_1_each_part_passes_by_itself_and_violation_outranks_absence_outranks_deferral() {
        use Part::*;
        let failed = |parts: &[Part]| Verdict::Failed { parts: parts.to_vec() };
        let pending = |missing: &[Part]| Verdict::Pending { missing: missing.to_vec() };
        let check = |level: Level, outcomes: [&str; 3], expected: Verdict| {
            let read: Vec<_> = Part::ALL
                .iter()
                .zip(outcomes)
                .filter(|(_, text)| !text.is_empty())
                .map(|(part, text)| (*part, Outcome::read(text).unwrap()))
                .collect();
            assert_eq!(decide(level, &Rules::usual(None), &read), expected, "{level:?} {outcomes:?}");
        };
        check(Level::L4, ["60", "60", ""], Verdict::Passed);
        check(Level::L4, ["59.9", "100", ""], failed(&[Theory]));
        check(Level::L4, ["100", "0", ""], failed(&[Practical]));
        check(Level::L5, ["59", "59.5", ""], failed(&[Theory, Practical]));
        check(Level::L3, ["85", "", ""], pending(&[Practical]));
        check(Level::L3, ["", "", ""], pending(&[Theory, Practical]));
        check(Level::L3, ["20", "", ""], pending(&[Practical]));
        check(Level::L3, ["缺考", "90", ""], Verdict::Absent);
        check(Level::L3, ["缺考", "", ""], pending(&[Practical]));
        check(Level::L3, ["缓考", "30", ""], Verdict::Deferred);
        check(Level::L3, ["缓考", "缺考", ""], Verdict::Absent);
        check(Level::L3, ["缺考", "违纪", ""], Verdict::Violation);
        check(Level::L3, ["作弊", "", ""], Verdict::Violation);
        check(Level::L2, ["80", "80", ""], pending(&[Comprehensive]));
        check(Level::L2, ["80", "80", "59.5"], failed(&[Comprehensive]));
        check(Level::L1, ["60", "60", "60"], Verdict::Passed);
        // Level 4 has no comprehensive review: what stands there does not count.
        check(Level::L4, ["80", "80", "违纪"], Verdict::Passed);
    }

    #[test]
    fn s1_5_1_a_level_takes_marks_for_its_own_parts_only() {
        for &(level, part, allowed) in &[
            (Level::L5, Part::Theory, true),
            (Level::L3, Part::Practical, true),
            (Level::L3, Part::Comprehensive, false),
            (Level::L2, Part::Comprehensive, true),
            (Level::L1, Part::Comprehensive, true),
        ] {
            assert_eq!(has_part(level, part).is_ok(), allowed, "{level:?} {part:?}");
        }
        let refusal = has_part(Level::L4, Part::Comprehensive).unwrap_err();
        assert_eq!(refusal.ground.clause(), Some(Clause::S1_5_1));
        assert_eq!(refusal.remedy, "请删去该项成绩，本等级只登记理论知识考试、操作技能考核");
    }

    #[test]
    fn s1_5_1_no_mark_before_the_day_of_the_part() {
        let day = |text: &str| -> Day { text.parse().unwrap() };
        for (today, allowed) in [("2026-12-06", false), ("2026-12-07", true), ("2026-12-20", true)] {
            let answer = may_mark(Part::Practical, day("2026-12-07"), day(today));
            assert_eq!(answer.is_ok(), allowed, "{today}");
            if let Err(refusal) = answer {
                assert_eq!(refusal.remedy, "请在 2026-12-07 考试之后登记");
            }
        }
    }

    #[test]
    fn s1_5_1_an_outcome_is_a_mark_of_at_most_one_decimal_or_a_word() {
        for (text, expected) in [
            ("85", Outcome::Mark(85.0)),
            ("８５．５", Outcome::Mark(85.5)),
            (" 60.0 ", Outcome::Mark(60.0)),
            ("92.50", Outcome::Mark(92.5)),
            ("0", Outcome::Mark(0.0)),
            ("100", Outcome::Mark(100.0)),
            ("缺 考", Outcome::Absent),
            ("违纪", Outcome::Violation),
            ("作弊", Outcome::Violation),
            ("缓考", Outcome::Deferred),
        ] {
            let outcome = Outcome::read(text).unwrap();
            assert_eq!(outcome, expected, "{text}");
            assert_eq!(Outcome::read(&outcome.to_string()).unwrap(), expected, "{text} once more");
            assert_eq!(Outcome::from_code(outcome.code(), outcome.mark()), Some(expected), "{text} from its columns");
        }
        for (text, what) in [
            ("", "成绩为空"),
            ("　", "成绩为空"),
            ("100.1", "成绩 100.1 超过满分 100 分"),
            ("1000000000", "成绩 1000000000 超过满分 100 分"),
            ("85.55", "成绩 85.55 的小数多于一位"),
            ("-1", "成绩“-1”不是分数，也不是缺考、违纪、缓考"),
            ("85.", "成绩“85.”不是分数，也不是缺考、违纪、缓考"),
            (".5", "成绩“.5”不是分数，也不是缺考、违纪、缓考"),
            ("1e2", "成绩“1e2”不是分数，也不是缺考、违纪、缓考"),
            ("NaN", "成绩“NaN”不是分数，也不是缺考、违纪、缓考"),
            ("优秀", "成绩“优秀”不是分数，也不是缺考、违纪、缓考"),
        ] {
            let refusal = Outcome::read(text).unwrap_err();
            assert_eq!((refusal.what.as_str(), refusal.field), (what, Some("mark")));
            assert!(refusal.remedy.contains("0 至 100"), "{}", refusal.remedy);
        }
    }
}
