//! 申报条件: who may be examined at which level. Two generations of conditions stand side by side, the standard's
//! edition decides which one is asked (一（四）), and any one line suffices. Lines and the facts they need are data;
//! whether a major matches the occupation is decided where the filing is known, not here.

use std::fmt;

use jiff::ToSpan;
use serde::{Deserialize, Serialize};

use crate::certificate::{self, HeldNumber, Level};
use crate::{Day, Ground, Refusal, identity, terms};

/// What the conditions are cited as.
pub const GROUND: Ground = Ground::Standard("国家职业标准·申报条件");

/// Which conditions a standard carries, by the year of its edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Generation {
    /// Standards issued since 2023.
    Since2023,
    /// Standards of about 2018–2022.
    Before2023,
}

/// The generation of a standard's edition; an unknown year counts as the newer one, which asks less of a school's
/// own students and names the same certificates.
pub fn generation(edition_year: Option<i16>) -> Generation {
    match edition_year {
        Some(year) if year < 2023 => Generation::Before2023,
        _ => Generation::Since2023,
    }
}

/// A calendar month, as enrolment registers write entry and graduation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Month {
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
}

impl Month {
    /// The month that a day lies in.
    pub fn of(day: Day) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    /// Months from year 0, to measure distances.
    fn count(self) -> i32 {
        i32::from(self.year) * 12 + i32::from(self.month)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// A kind of schooling that conditions tell apart, the lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Schooling {
    /// 中级工班、中专、职业高中: secondary vocational schooling.
    Secondary,
    /// 高级工班: the senior-worker class of a technical school or technician college.
    SeniorWorker,
    /// 预备技师班（技师班）.
    Technician,
    /// 大专、高职.
    College,
    /// 本科及以上.
    University,
}

impl Schooling {
    /// The schooling that a class kind or an education names; `None` where it names no vocational or higher one.
    ///
    /// 班型 and 文化程度 are written in many ways, so words are looked for, the most specific first.
    pub fn from_text(text: &str) -> Option<Self> {
        const WORDS: &[(&str, Schooling)] = &[
            ("预备技师", Schooling::Technician),
            ("技师班", Schooling::Technician),
            ("高级技工", Schooling::SeniorWorker),
            ("高级工", Schooling::SeniorWorker),
            ("高技", Schooling::SeniorWorker),
            // 技师学院 runs classes of every kind; its name says something only where the kind is not named.
            ("中级工", Schooling::Secondary),
            ("中级技工", Schooling::Secondary),
            ("技师学院", Schooling::SeniorWorker),
            ("博士", Schooling::University),
            ("硕士", Schooling::University),
            ("研究生", Schooling::University),
            ("本科", Schooling::University),
            ("大专", Schooling::College),
            ("专科", Schooling::College),
            ("高职", Schooling::College),
            ("技工", Schooling::Secondary),
            ("技校", Schooling::Secondary),
            ("中技", Schooling::Secondary),
            ("中专", Schooling::Secondary),
            ("中职", Schooling::Secondary),
            ("职高", Schooling::Secondary),
            ("职业高中", Schooling::Secondary),
            ("中等职业", Schooling::Secondary),
            ("中等专业", Schooling::Secondary),
        ];
        WORDS.iter().find(|(word, _)| text.contains(word)).map(|&(_, schooling)| schooling)
    }
}

/// A rank of professional title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    Junior,
    Middle,
    Senior,
}

impl Rank {
    /// The rank that a title's text names: 助理工程师, 中级, 高级讲师 …
    pub fn from_text(text: &str) -> Option<Self> {
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if has(&["副高", "正高", "高级"]) {
            Some(Self::Senior)
        } else if has(&["中级", "工程师"]) && !has(&["助理"]) {
            Some(Self::Middle)
        } else if has(&["初级", "助理", "技术员", "员级"]) {
            Some(Self::Junior)
        } else {
            None
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Junior => "初级",
            Self::Middle => "中级",
            Self::Senior => "高级",
        }
    }
}

/// A professional title and the day it was awarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Title {
    pub rank: Rank,
    pub awarded_on: Option<Day>,
}

/// What the enrolment register says of a student; the evidence for own students.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Enrolled {
    /// 班型（培养层次） as written: 中级工班, 高级工班, 预备技师班 …
    pub class_kind: Option<String>,
    pub major: Option<String>,
    pub entry: Option<Month>,
    pub graduation: Option<Month>,
    /// 学籍状态, where the register has it.
    pub standing: Option<Standing>,
}

/// 学籍状态: whether somebody in the register is a student still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// 在籍, on leave and in practice as well.
    Enrolled,
    /// Gone, as this word says: 退学, 转学, 毕业.
    Left(&'static str),
}

impl Standing {
    /// Words of those who are gone.
    const GONE: &[&str] = &["退学", "转学", "转出", "开除", "除名", "毕业", "结业", "肄业", "离校", "注销", "死亡"];

    /// The standing that a register's word means: `在读`, `休学`, `已退学`; `None` where it is neither.
    pub fn from_text(text: &str) -> Option<Self> {
        const HERE: &[&str] =
            &["在籍", "在读", "在校", "在册", "注册", "正常", "实习", "顶岗实习", "休学", "复学", "保留学籍"];
        let word = text.trim_start_matches('已');
        if HERE.contains(&word) {
            return Some(Self::Enrolled);
        }
        Self::GONE.iter().find(|gone| **gone == word).map(|gone| Self::Left(gone))
    }

    /// As the platform writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enrolled => "在籍",
            Self::Left(word) => word,
        }
    }
}

/// A fact that a condition asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Need {
    /// Years in the occupation or a related one.
    Work { years: f64 },
    /// A certificate of this level or a higher one, and years in the occupation since.
    Holds { level: Level, years: f64 },
    /// A certificate of this level or a higher one, held for years, at work or at school.
    Held { level: Level, years: f64 },
    /// A title of this rank or a higher one, held for years.
    Title { rank: Rank, years: f64 },
    /// Graduate, or student in the final year, of one of these, in a matching major.
    Schooling(&'static [Schooling]),
    /// Graduate of one of these, in a matching major.
    Diploma(&'static [Schooling]),
    /// In class now.
    InClass(Schooling),
    /// Nothing in a sheet proves it: the school declares it by naming the line and keeps the paper in its archive.
    Declared(&'static str),
}

/// One line of the conditions; a candidate needs any one of the level's lines. The minimum age holds for all.
#[derive(Debug, PartialEq)]
pub struct Condition {
    /// Generation, level and number of the line: `N4-2` is the second of level 4 in standards since 2023.
    pub code: &'static str,
    pub level: Level,
    pub generation: Generation,
    pub text: &'static str,
    /// All of them.
    pub needs: &'static [Need],
}

const VOCATIONAL: &[Schooling] =
    &[Schooling::Secondary, Schooling::SeniorWorker, Schooling::Technician, Schooling::College, Schooling::University];
const SENIOR_CLASS: &[Schooling] = &[Schooling::SeniorWorker, Schooling::Technician];
const TECHNICIAN_CLASS: &[Schooling] = &[Schooling::Technician];
const COLLEGE: &[Schooling] = &[Schooling::College, Schooling::University];

macro_rules! conditions {
    ($($code:literal $generation:ident $level:ident $text:literal [$($need:expr),*];)*) => {
        /// Every line of both generations, in the order of the standards.
        pub const CONDITIONS: &[Condition] = &[$(Condition {
            code: $code,
            level: Level::$level,
            generation: Generation::$generation,
            text: $text,
            needs: &[$($need),*],
        },)*];
    };
}

use Need::{Declared, Diploma, Held, Holds, InClass, Work};

conditions! {
    "N5-1" Since2023 L5 "年满16周岁，正在或准备从事本职业" [];

    "N4-1" Since2023 L4 "从事本职业满5年" [Work { years: 5.0 }];
    "N4-2" Since2023 L4 "取得五级证书后从事本职业满3年" [Holds { level: Level::L5, years: 3.0 }];
    "N4-3" Since2023 L4 "技工院校、中等及以上职业学校相应专业毕业生或应届毕业班学生" [Need::Schooling(VOCATIONAL)];

    "N3-1" Since2023 L3 "从事本职业满10年" [Work { years: 10.0 }];
    "N3-2" Since2023 L3 "取得四级证书后从事本职业满4年" [Holds { level: Level::L4, years: 4.0 }];
    "N3-3" Since2023 L3 "取得初级职称后从事本职业满1年" [Need::Title { rank: Rank::Junior, years: 1.0 }];
    "N3-4" Since2023 L3 "高级工班及以上相应专业毕业生或应届毕业班学生" [Need::Schooling(SENIOR_CLASS)];
    "N3-5" Since2023 L3 "取得四级证书，并有相应专业大专及以上毕业证书"
        [Holds { level: Level::L4, years: 0.0 }, Diploma(COLLEGE)];

    "N2-1" Since2023 L2 "取得三级证书后从事本职业满5年" [Holds { level: Level::L3, years: 5.0 }];
    "N2-2" Since2023 L2 "取得初级职称后满5年，且取得三级证书后从事本职业满1年"
        [Need::Title { rank: Rank::Junior, years: 5.0 }, Holds { level: Level::L3, years: 1.0 }];
    "N2-3" Since2023 L2 "取得中级职称后从事本职业满1年" [Need::Title { rank: Rank::Middle, years: 1.0 }];
    "N2-4" Since2023 L2 "高级技工学校、技师学院毕业生，取得三级证书后从事本职业满2年"
        [Diploma(SENIOR_CLASS), Holds { level: Level::L3, years: 2.0 }];
    "N2-5" Since2023 L2 "预备技师班（技师班）学生，取得三级证书满2年"
        [InClass(Schooling::Technician), Held { level: Level::L3, years: 2.0 }];

    "N1-1" Since2023 L1 "取得二级证书后从事本职业满5年" [Holds { level: Level::L2, years: 5.0 }];
    "N1-2" Since2023 L1 "取得中级职称后满5年，且取得二级证书后从事本职业满1年"
        [Need::Title { rank: Rank::Middle, years: 5.0 }, Holds { level: Level::L2, years: 1.0 }];
    "N1-3" Since2023 L1 "取得高级职称后从事本职业满1年" [Need::Title { rank: Rank::Senior, years: 1.0 }];

    "B5-1" Before2023 L5 "从事本职业满1年" [Work { years: 1.0 }];
    "B5-2" Before2023 L5 "本职业学徒期满" [Declared("学徒期满")];

    "B4-1" Before2023 L4 "取得五级证书后从事本职业满4年" [Holds { level: Level::L5, years: 4.0 }];
    "B4-2" Before2023 L4 "从事本职业满6年" [Work { years: 6.0 }];
    "B4-3" Before2023 L4 "技工学校等中等及以上职业学校相应专业毕业生或应届毕业班学生" [Need::Schooling(VOCATIONAL)];

    "B3-1" Before2023 L3 "取得四级证书后从事本职业满5年" [Holds { level: Level::L4, years: 5.0 }];
    "B3-2" Before2023 L3 "取得四级证书，并为高级技工学校、技师学院相应专业毕业生或应届毕业班学生"
        [Holds { level: Level::L4, years: 0.0 }, Need::Schooling(SENIOR_CLASS)];
    "B3-3" Before2023 L3 "有相应专业大专及以上毕业证书，取得四级证书后从事本职业满2年"
        [Diploma(COLLEGE), Holds { level: Level::L4, years: 2.0 }];

    "B2-1" Before2023 L2 "取得三级证书后从事本职业满4年" [Holds { level: Level::L3, years: 4.0 }];
    "B2-2" Before2023 L2 "高级技工学校、技师学院毕业生，取得三级证书后从事本职业满3年"
        [Diploma(SENIOR_CLASS), Holds { level: Level::L3, years: 3.0 }];
    "B2-3" Before2023 L2 "取得预备技师证书的技师学院毕业生，从事本职业满2年"
        [Diploma(TECHNICIAN_CLASS), Declared("预备技师证书"), Work { years: 2.0 }];

    "B1-1" Before2023 L1 "取得二级证书后从事本职业满4年" [Holds { level: Level::L2, years: 4.0 }];
}

/// The lines that a level offers in a generation.
pub fn lines(level: Level, generation: Generation) -> impl Iterator<Item = &'static Condition> {
    CONDITIONS.iter().filter(move |line| line.level == level && line.generation == generation)
}

/// What a sheet says about the condition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stated {
    /// Nothing.
    Nothing,
    /// This line, by number, code or text.
    Line(&'static Condition),
    /// A sentence of the school's own; it names no line, so the facts decide.
    Prose,
    /// A code or number that the level does not have.
    Unknown,
}

/// The line that a sheet means by `4-2`, `N4-2`, `2`, `（2）`, `条件2`, `第2条` or by a line's own words.
pub fn stated(level: Level, generation: Generation, text: &str) -> Stated {
    let text = text.trim();
    if text.is_empty() {
        return Stated::Nothing;
    }
    if let Some(line) = lines(level, generation).find(|line| text == line.text || text.contains(line.code)) {
        return Stated::Line(line);
    }
    if text.chars().count() > 10 {
        return Stated::Prose;
    }
    let bare: String = text
        .to_uppercase()
        .chars()
        .filter(|c| !matches!(c, '（' | '）' | '(' | ')' | '第' | '条' | '件' | '款' | '项' | '.' | '、' | ' '))
        .collect();
    let named = |line: &&Condition| {
        let short = &line.code[1..];
        bare == line.code || bare == short || bare == short[2..]
    };
    match lines(level, generation).find(named) {
        Some(line) => Stated::Line(line),
        None if bare.chars().any(|c| c.is_ascii_digit()) || text.chars().count() <= 2 => Stated::Unknown,
        None => Stated::Prose,
    }
}

/// What is claimed for a candidate on the day of the examination. A fact that nobody stated is `None`.
#[derive(Debug, Clone, Default)]
pub struct Claim<'a> {
    /// What the sheet says: a number, a code or a text.
    pub condition: Option<&'a str>,
    pub born: Day,
    /// First day of the examination.
    pub on: Day,
    /// Years in the occupation, as stated.
    pub work_years: Option<f64>,
    /// Since when in the occupation; used where the years are not stated.
    pub work_since: Option<Day>,
    /// 文化程度: schooling completed.
    pub education: Option<&'a str>,
    pub held_level: Option<Level>,
    pub held_number: Option<&'a str>,
    pub held_on: Option<Day>,
    pub title: Option<Title>,
    pub enrolled: Option<&'a Enrolled>,
    /// Whether the major matches the occupation, as the filing pairs them.
    pub major_matches: bool,
}

/// Months before graduation in which a student counts as one of the final year.
const FINAL_YEAR_MONTHS: i32 = 12;

/// The line by which a candidate may be examined: the stated one if it holds, otherwise the first that does.
///
/// Refused when nobody's line holds, saying what each lacks; on a line that the level does not have; under the
/// minimum age.
pub fn check(level: Level, generation: Generation, claim: &Claim) -> Result<&'static Condition, Refusal> {
    if identity::age_on(claim.born, claim.on) < terms::AGE_MIN {
        return Err(Refusal::new(GROUND, format!("考试当天未满{}周岁", terms::AGE_MIN))
            .remedy("请核对出生日期，年满后再报名")
            .at("born"));
    }
    let stated = match stated(level, generation, claim.condition.unwrap_or_default()) {
        Stated::Unknown => {
            let codes: Vec<_> = lines(level, generation).map(|line| line.code).collect();
            return Err(Refusal::new(
                GROUND,
                format!("{}没有申报条件“{}”", level.name(), claim.condition.unwrap_or_default()),
            )
            .remedy(format!("请填写{}之一，或留空由系统按事实判断", codes.join("、")))
            .at("condition"));
        }
        Stated::Line(line) => Some(line),
        Stated::Nothing | Stated::Prose => None,
    };
    let mut lacking = Vec::new();
    for line in stated.into_iter().chain(lines(level, generation).filter(|line| Some(*line) != stated)) {
        match line.needs.iter().find_map(|need| claim.lacks(*need, Some(line) == stated)) {
            None => return Ok(line),
            Some(lack) => lacking.push(format!("{} {lack}", line.code)),
        }
    }
    Err(Refusal::new(GROUND, format!("不符合{}的任何一条申报条件：{}", level.name(), lacking.join("；")))
        .remedy("请补填其中任一条所缺的事实，或改报符合条件的等级")
        .at("condition"))
}

impl Claim<'_> {
    /// What is missing for a need, in a few words; `None` when it is met.
    fn lacks(&self, need: Need, stated: bool) -> Option<String> {
        match need {
            Need::Work { years } => self.lacks_work(years),
            Need::Holds { level, years } => {
                self.lacks_held(level, years).or_else(|| if years > 0.0 { self.lacks_work(years) } else { None })
            }
            Need::Held { level, years } => self.lacks_held(level, years),
            Need::Title { rank, years } => match self.title {
                Some(title) if title.rank >= rank => match title.awarded_on {
                    None => Some("未填职称取得日期".to_owned()),
                    Some(day) => lacks_years("取得职称", years_between(day, self.on), years),
                },
                _ => Some(format!("无{}及以上职称", rank.name())),
            },
            Need::Schooling(kinds) => self.lacks_schooling(kinds, true),
            Need::Diploma(kinds) => self.lacks_schooling(kinds, false),
            Need::InClass(kind) => match self.enrolled {
                Some(enrolled) if enrolled.schooling() == kind && !enrolled.left(self.on) => None,
                _ => Some("不是在籍的预备技师班（技师班）学生".to_owned()),
            },
            Need::Declared(what) => (!stated).then(|| format!("未申明{what}")),
        }
    }

    fn lacks_work(&self, years: f64) -> Option<String> {
        match self.work_years.or_else(|| self.work_since.map(|since| years_between(since, self.on))) {
            None => Some("未填从业年限".to_owned()),
            Some(worked) => lacks_years("从业", worked, years),
        }
    }

    fn lacks_held(&self, level: Level, years: f64) -> Option<String> {
        let number = self.held_number.map(certificate::parse_any_held);
        let known = number.as_ref().and_then(|number| number.as_ref().ok());
        match self.held_level.or_else(|| known.and_then(|number: &HeldNumber| number.level())) {
            None => return Some(format!("未填所持{}证书", level.name())),
            Some(held) if held.digit() > level.digit() => return Some(format!("所持证书低于{}", level.name())),
            Some(_) if number.is_none() => return Some("未填所持证书编号".to_owned()),
            Some(_) => {}
        }
        if years == 0.0 {
            return None;
        }
        // A number carries the year of issue only; its first day is taken, so nobody is refused for what the sheet
        // does not ask. Two digits of a year mean the latest one that is not in the future.
        let issued_on = self.held_on.or_else(|| {
            let year = i16::from(known?.year());
            let century = if 2000 + year > self.on.year() { 1900 } else { 2000 };
            Day::new(century + year, 1, 1).ok()
        });
        match issued_on {
            None => Some("未填所持证书的取得日期".to_owned()),
            Some(day) => lacks_years("持证", years_between(day, self.on), years),
        }
    }

    fn lacks_schooling(&self, kinds: &[Schooling], final_year: bool) -> Option<String> {
        // Schools write the class that a student is in as the schooling reached: while the register says that the
        // student has not left, only a lower one can have been completed.
        let in_class = self.enrolled.filter(|enrolled| !enrolled.left(self.on)).map(Enrolled::schooling);
        let stated = self.education.and_then(Schooling::from_text);
        let completed = stated.filter(|kind| kinds.contains(kind) && in_class.is_none_or(|class| *kind < class));
        let class = self.enrolled.filter(|enrolled| kinds.contains(&enrolled.schooling()));
        if completed.is_none() {
            let Some(class) = class else { return Some("学籍、学历不是要求的培养层次".to_owned()) };
            match class.graduation {
                None => return Some("学籍未登记毕业年月".to_owned()),
                Some(_) if class.left(self.on) => {}
                Some(month) if !final_year => return Some(format!("{month}才毕业")),
                Some(month) if month.count() - Month::of(self.on).count() > FINAL_YEAR_MONTHS => {
                    return Some(format!("{month}才毕业，尚未进入毕业学年"));
                }
                Some(_) => {}
            }
        }
        (!self.major_matches).then(|| "所学专业与申报职业不对应".to_owned())
    }
}

impl Enrolled {
    /// The kind of class; one that nobody named is the lowest that a technical school runs.
    fn schooling(&self) -> Schooling {
        self.class_kind.as_deref().and_then(Schooling::from_text).unwrap_or(Schooling::Secondary)
    }

    /// Why somebody in the register is no student of the school on the day (一（一）3): gone, or graduated in an earlier
    /// month; `None` for a student.
    pub fn gone_by(&self, on: Day) -> Option<String> {
        if let Some(Standing::Left(word)) = self.standing {
            return Some(format!("已{word}"));
        }
        let graduated = self.graduation.filter(|month| *month < Month::of(on))?;
        Some(format!("已于{graduated}毕业"))
    }

    /// Whether the student had graduated by the day.
    fn left(&self, on: Day) -> bool {
        self.graduation.is_some_and(|month| month <= Month::of(on))
    }
}

fn lacks_years(what: &str, has: f64, needs: f64) -> Option<String> {
    (has < needs).then(|| format!("{what}{}年，不足{needs}年", (has * 10.0).floor().max(0.0) / 10.0))
}

/// Years between two days: whole ones by anniversary, the rest by days.
fn years_between(from: Day, to: Day) -> f64 {
    if to < from {
        return -years_between(to, from);
    }
    let mut whole = to.year() - from.year();
    let anniversary = |years: i16| from.saturating_add(years.years());
    if anniversary(whole) > to {
        whole -= 1;
    }
    let days = (to - anniversary(whole)).get_days();
    f64::from(whole) + f64::from(days) / 366.0
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const ON: Day = date(2026, 12, 7);

    fn claim() -> Claim<'static> {
        Claim { born: date(2008, 5, 1), on: ON, major_matches: true, ..Claim::default() }
    }

    fn student(class_kind: &str, graduation: (i16, i8)) -> Enrolled {
        Enrolled {
            class_kind: Some(class_kind.to_owned()),
            major: Some("数控加工".to_owned()),
            entry: Some(Month { year: 2024, month: 9 }),
            graduation: Some(Month { year: graduation.0, month: graduation.1 }),
            standing: None,
        }
    }

    fn code(level: Level, generation: Generation, claim: &Claim) -> Option<&'static str> {
        check(level, generation, claim).ok().map(|line| line.code)
    }

    #[test]
    fn s1_4_1_codes_are_unique_and_say_where_they_stand() {
        for (i, line) in CONDITIONS.iter().enumerate() {
            assert!(CONDITIONS[..i].iter().all(|other| other.code != line.code), "{}", line.code);
            let letter = if line.generation == Generation::Since2023 { 'N' } else { 'B' };
            assert!(line.code.starts_with(&format!("{letter}{}-", line.level.digit())), "{}", line.code);
        }
    }

    #[test]
    fn s1_4_1_the_edition_of_the_standard_decides_which_conditions_are_asked() {
        assert_eq!(generation(Some(2018)), Generation::Before2023);
        assert_eq!(generation(Some(2022)), Generation::Before2023);
        assert_eq!(generation(Some(2023)), Generation::Since2023);
        assert_eq!(generation(None), Generation::Since2023);
        assert_eq!(code(Level::L5, Generation::Since2023, &claim()), Some("N5-1"));
        assert_eq!(code(Level::L5, Generation::Before2023, &claim()), None);
    }

    #[test]
    fn nobody_under_sixteen_is_examined() {
        let born = |day| Claim { born: day, ..claim() };
        assert_eq!(code(Level::L5, Generation::Since2023, &born(date(2010, 12, 7))), Some("N5-1"));
        assert_eq!(code(Level::L5, Generation::Since2023, &born(date(2010, 12, 8))), None);
    }

    #[test]
    fn any_one_line_suffices_and_the_stated_one_comes_first() {
        let worked = Claim { work_years: Some(6.0), born: date(1990, 1, 1), ..claim() };
        assert_eq!(code(Level::L4, Generation::Since2023, &worked), Some("N4-1"));
        let class = student("中级工班", (2027, 7));
        let both = Claim { enrolled: Some(&class), condition: Some("4-3"), ..worked.clone() };
        assert_eq!(code(Level::L4, Generation::Since2023, &both), Some("N4-3"));
        let wrong = Claim { condition: Some("N4-3"), ..worked };
        assert_eq!(code(Level::L4, Generation::Since2023, &wrong), Some("N4-1"));
    }

    #[test]
    fn a_student_counts_from_twelve_months_before_graduation() {
        for (graduation, expected) in [((2027, 12), Some("N4-3")), ((2028, 1), None), ((2026, 7), Some("N4-3"))] {
            let class = student("中级工班", graduation);
            let one = Claim { enrolled: Some(&class), ..claim() };
            assert_eq!(code(Level::L4, Generation::Since2023, &one), expected, "{graduation:?}");
        }
    }

    #[test]
    fn the_class_that_a_student_is_in_is_not_yet_completed() {
        for (class, graduation, education, level, expected) in [
            ("中级工班", (2029, 7), "中专", Level::L4, None),
            ("中级工班", (2029, 7), "大专", Level::L4, None),
            ("中级工班", (2027, 7), "中专", Level::L4, Some("N4-3")),
            ("中级工班", (2026, 7), "中专", Level::L4, Some("N4-3")),
            ("高级工班", (2029, 7), "中专", Level::L4, Some("N4-3")),
            ("高级工班", (2029, 7), "高级技工", Level::L3, None),
        ] {
            let class = student(class, graduation);
            let one = Claim { enrolled: Some(&class), education: Some(education), ..claim() };
            assert_eq!(code(level, Generation::Since2023, &one), expected, "{class:?} {education}");
        }
        // Nobody knows when a student leaves whose graduation is not registered.
        let class = Enrolled { graduation: None, ..student("中级工班", (2027, 7)) };
        let one = Claim { enrolled: Some(&class), education: Some("中专"), ..claim() };
        assert_eq!(code(Level::L4, Generation::Since2023, &one), None);
        let worker = Claim { education: Some("中专"), ..claim() };
        assert_eq!(code(Level::L4, Generation::Since2023, &worker), Some("N4-3"));
    }

    #[test]
    fn s1_1_3_who_has_graduated_or_left_is_no_student() {
        let class = student("中级工班", (2026, 12));
        assert_eq!(class.gone_by(date(2026, 12, 31)), None);
        assert_eq!(class.gone_by(date(2027, 1, 1)).as_deref(), Some("已于2026-12毕业"));
        let of = |text| Enrolled { standing: Standing::from_text(text), ..class.clone() }.gone_by(ON);
        assert_eq!([of("在读"), of("休学"), of("")], [None, None, None]);
        assert_eq!(of("已退学").as_deref(), Some("已退学"));
        assert_eq!(Standing::from_text("不详"), None);
        assert_eq!(Standing::from_text("在读").map(Standing::name), Some("在籍"));
    }

    #[test]
    fn a_senior_class_opens_level_three_and_the_older_standards_ask_for_level_four_too() {
        let class = student("高级工班", (2027, 7));
        let one = Claim { enrolled: Some(&class), ..claim() };
        assert_eq!(code(Level::L3, Generation::Since2023, &one), Some("N3-4"));
        assert_eq!(code(Level::L3, Generation::Before2023, &one), None);
        let holder = Claim { held_level: Some(Level::L4), held_number: Some("Y000035000001254000001"), ..one.clone() };
        assert_eq!(code(Level::L3, Generation::Before2023, &holder), Some("B3-2"));
        let unmatched = Claim { major_matches: false, ..one };
        assert_eq!(code(Level::L3, Generation::Since2023, &unmatched), None);
    }

    #[test]
    fn years_with_a_certificate_count_from_its_day_or_from_the_year_in_its_number() {
        let held = |number, on, years| Claim {
            held_level: Some(Level::L4),
            held_number: Some(number),
            held_on: on,
            work_years: Some(years),
            born: date(1990, 1, 1),
            ..claim()
        };
        let old = "Y000035000001224000001";
        let new = "Y000035000001234000001";
        for (claim, expected) in [
            (held(old, None, 8.0), Some("N3-2")),
            (held(new, None, 8.0), None),
            (held(old, Some(date(2022, 12, 8)), 8.0), None),
            (held(old, Some(date(2022, 12, 7)), 8.0), Some("N3-2")),
            (held(old, None, 3.0), None),
        ] {
            assert_eq!(code(Level::L3, Generation::Since2023, &claim), expected, "{claim:?}");
        }
    }

    #[test]
    fn what_no_sheet_can_prove_is_declared_by_naming_the_line() {
        assert_eq!(code(Level::L5, Generation::Before2023, &claim()), None);
        let declared = Claim { condition: Some("B5-2"), ..claim() };
        assert_eq!(code(Level::L5, Generation::Before2023, &declared), Some("B5-2"));
    }

    #[test]
    fn titles_and_technician_classes_open_levels_two_and_one() {
        let titled = |rank, year| Claim {
            title: Some(Title { rank, awarded_on: Day::new(year, 12, 7).ok() }),
            born: date(1980, 1, 1),
            ..claim()
        };
        assert_eq!(code(Level::L2, Generation::Since2023, &titled(Rank::Middle, 2025)), Some("N2-3"));
        assert_eq!(code(Level::L2, Generation::Since2023, &titled(Rank::Junior, 2015)), None);
        assert_eq!(code(Level::L1, Generation::Since2023, &titled(Rank::Senior, 2025)), Some("N1-3"));
        let class = student("预备技师班", (2028, 7));
        let pupil = Claim {
            enrolled: Some(&class),
            held_level: Some(Level::L3),
            held_number: Some("Y000035000001243000001"),
            ..claim()
        };
        assert_eq!(code(Level::L2, Generation::Since2023, &pupil), Some("N2-5"));
    }

    #[test]
    fn lines_are_named_in_many_ways() {
        let line = |text| stated(Level::L4, Generation::Since2023, text);
        for text in [
            "N4-2",
            "n4-2",
            "4-2",
            "2",
            "（2）",
            "第2条",
            "条件2",
            "N4-2 取得五级后3年",
            "取得五级证书后从事本职业满3年",
        ] {
            assert!(matches!(line(text), Stated::Line(l) if l.code == "N4-2"), "{text}");
        }
        assert_eq!(line(" "), Stated::Nothing);
        assert_eq!(line("9"), Stated::Unknown);
        assert_eq!(line("N3-1"), Stated::Unknown);
        assert_eq!(line("本校数控加工专业应届毕业生，符合条件"), Stated::Prose);
    }

    #[test]
    fn the_refusal_says_what_each_line_lacks() {
        let refusal = check(Level::L4, Generation::Since2023, &Claim { work_years: Some(2.5), ..claim() }).unwrap_err();
        assert_eq!(refusal.ground.label(), "国家职业标准·申报条件");
        for part in ["N4-1 从业2.5年，不足5年", "N4-2 未填所持五级/初级工证书", "N4-3 学籍、学历不是要求的培养层次"]
        {
            assert!(refusal.what.contains(part), "{}", refusal.what);
        }
    }

    #[test]
    fn schooling_is_told_by_its_words() {
        for (text, expected) in [
            ("高级工班", Some(Schooling::SeniorWorker)),
            ("预备技师班", Some(Schooling::Technician)),
            ("中技", Some(Schooling::Secondary)),
            ("技师学院中级工班", Some(Schooling::Secondary)),
            ("技师学院中级技工", Some(Schooling::Secondary)),
            ("技师学院高级工班", Some(Schooling::SeniorWorker)),
            ("技师学院", Some(Schooling::SeniorWorker)),
            ("大学专科", Some(Schooling::College)),
            ("大学本科", Some(Schooling::University)),
            ("高中", None),
            ("初中", None),
        ] {
            assert_eq!(Schooling::from_text(text), expected, "{text}");
        }
    }
}
