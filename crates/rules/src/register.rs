//! 三（一）: the provincial centre keeps one register of those who judge: assessors 考评员, senior assessors 高级考评员, quality
//! inspectors 质量督导员 of a body and of the bureaus, experts 专家. Each card has a number, occupations, a highest level and an
//! end; the notice names the people and not the rules of their cards, so what follows is working practice or a default.

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::certificate::Level;
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::terms::CARD_YEARS;

/// What a card lets its bearer do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// 考评员: assesses up to level 3.
    Assessor,
    /// 高级考评员: assesses every level.
    SeniorAssessor,
    /// 内部质量督导员: sees to the quality of the body that employs them.
    Inspector,
    /// 外部质量督导员: sent to a batch by the centre in charge.
    ExternalInspector,
    /// 专家: drawn into the panels that evaluate bodies on site.
    Expert,
}

impl CardKind {
    /// Every kind.
    pub const ALL: &'static [CardKind] =
        &[Self::Assessor, Self::SeniorAssessor, Self::Inspector, Self::ExternalInspector, Self::Expert];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Assessor => "assessor",
            Self::SeniorAssessor => "senior_assessor",
            Self::Inspector => "inspector",
            Self::ExternalInspector => "external_inspector",
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
            Self::Assessor => "考评员",
            Self::SeniorAssessor => "高级考评员",
            Self::Inspector => "内部质量督导员",
            Self::ExternalInspector => "外部质量督导员",
            Self::Expert => "专家",
        }
    }

    /// The kind that a person means by these words; who writes 质量督导员 alone means the bureau's where the card's number
    /// is one of those.
    pub fn from_text(text: &str, number: &str) -> Option<Self> {
        let inspector = if is_external(number) { Self::ExternalInspector } else { Self::Inspector };
        Some(match text.trim() {
            "考评员" | "考评人员" => Self::Assessor,
            "高级考评员" | "高级考评人员" => Self::SeniorAssessor,
            "质量督导员" | "质量督导人员" | "督导员" => inspector,
            "内部质量督导员" | "内部督导员" | "内部质量督导人员" => Self::Inspector,
            "外部质量督导员" | "外部督导员" | "外部质量督导人员" => Self::ExternalInspector,
            "专家" | "评估专家" => Self::Expert,
            _ => return None,
        })
    }

    /// Whether the bearer judges occupations, so that the card names them and a highest level.
    pub const fn judges(self) -> bool {
        matches!(self, Self::Assessor | Self::SeniorAssessor | Self::Expert)
    }

    /// Whether the bearer assesses candidates.
    pub const fn assesses(self) -> bool {
        matches!(self, Self::Assessor | Self::SeniorAssessor)
    }
}

/// R, province, year, serial: `R35260001`.
fn is_external(number: &str) -> bool {
    number.len() == 9 && number.starts_with('R') && number[1..].bytes().all(|b| b.is_ascii_digit())
}

/// A card's number as it is kept: without blanks; an external inspector's is R and eight digits (national rule), the
/// others follow whoever issued them.
pub fn card_number(kind: CardKind, text: &str) -> Result<String, Refusal> {
    const LONGEST: usize = 40;
    let number: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let refuse = |what: String, remedy: &str| {
        Err(Refusal::new(Clause::S3_1_1, what).remedy(remedy.to_owned()).at("card_number"))
    };
    if number.is_empty() || number.chars().count() > LONGEST || number.chars().any(char::is_control) {
        return refuse(format!("没有填写证卡编号，或超过{LONGEST}个字"), "请填写证卡上的编号");
    }
    if kind == CardKind::ExternalInspector && !is_external(&number) {
        return refuse(
            format!("“{number}”不是外部质量督导员的证卡编号"),
            "外部质量督导员的编号为字母R加8位数字（省份2位、年份2位、序号4位），如 R35260001",
        );
    }
    Ok(number)
}

/// The highest level on a card, where the kind has one: an assessor's is level 3 at most.
pub fn level_held(kind: CardKind, level: Option<Level>) -> Result<Option<Level>, Refusal> {
    match level {
        _ if !kind.judges() => Ok(None),
        None => Err(Refusal::new(Clause::S3_1_1, format!("没有填写{}能考评的最高等级", kind.name()))
            .remedy("请选择证卡上的最高等级")
            .at("level_max")),
        Some(level) if kind == CardKind::Assessor && level > Level::L3 => {
            Err(Refusal::new(Clause::S3_1_1, format!("考评员最高考评三级/高级工，不能登记为{}", level.name()))
                .remedy("二级、一级由高级考评员考评，请核对证卡类别或等级")
                .at("level_max"))
        }
        Some(level) => Ok(Some(level)),
    }
}

/// The last day of a card: as written on it, or three years from its issue.
pub fn last_day(issued_on: Option<Day>, valid_until: Option<Day>) -> Result<Day, Refusal> {
    let refuse = |what: String, remedy: &str| {
        Err(Refusal::new(Clause::S3_1_1, what).remedy(remedy.to_owned()).at("card_valid_until"))
    };
    match (issued_on, valid_until) {
        (None, None) => refuse("没有填写证卡的发证日期或有效期".into(), "请按 2028-12-31 的样式填写其中一项"),
        (Some(issued), Some(until)) if until < issued => {
            refuse(format!("证卡有效期 {until} 早于发证日期 {issued}"), "请核对两个日期")
        }
        (_, Some(until)) => Ok(until),
        (Some(issued), None) => {
            let after = issued.saturating_add(jiff::Span::new().years(CARD_YEARS));
            Ok(after.yesterday().unwrap_or(after))
        }
    }
}

/// The new end of a card that is renewed: later than the one that it had.
pub fn renewed(known: Day, issued_on: Option<Day>, valid_until: Option<Day>) -> Result<Day, Refusal> {
    let until = last_day(issued_on, valid_until)?;
    if until > known {
        return Ok(until);
    }
    Err(Refusal::new(Clause::S3_1_1, format!("延续后的有效期 {until} 不晚于现有的 {known}"))
        .remedy("请按换发的证卡填写；登记有误的，请改用修改")
        .at("card_valid_until"))
}

/// Whether two entries are about one person, as far as a register without identity numbers can tell: the same name and
/// employer, and no telephone that says otherwise. Blank telephones say nothing.
pub fn same_person(a: (&str, &str, &str), b: (&str, &str, &str)) -> bool {
    (a.0, a.1) == (b.0, b.1) && (a.2.is_empty() || b.2.is_empty() || a.2 == b.2)
}

/// How a card stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardState {
    Valid,
    /// Taken out for a time, with the reason.
    Suspended,
    /// Its last day has passed.
    Expired,
}

impl CardState {
    /// Every state.
    pub const ALL: &'static [CardState] = &[Self::Valid, Self::Suspended, Self::Expired];

    /// The state of a card.
    pub fn of(valid_until: Day, is_suspended: bool, today: Day) -> Self {
        match is_suspended {
            true => Self::Suspended,
            false if valid_until < today => Self::Expired,
            false => Self::Valid,
        }
    }

    /// The code word used in addresses and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
        }
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "有效",
            Self::Suspended => "已暂停",
            Self::Expired => "证卡到期",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn s3_1_1_an_external_inspectors_number_is_r_and_eight_digits() {
        let says = |kind, text| card_number(kind, text).map_err(|refusal| refusal.field);
        assert_eq!(says(CardKind::ExternalInspector, " R35 260001 "), Ok("R35260001".into()));
        for wrong in ["R3526000", "R352600011", "r35260001", "R3526000X", "示例督导证"] {
            assert_eq!(says(CardKind::ExternalInspector, wrong), Err(Some("card_number")), "{wrong}");
        }
        assert_eq!(says(CardKind::Assessor, "示例考评证 1"), Ok("示例考评证1".into()));
        assert!(says(CardKind::Expert, "  ").is_err() && says(CardKind::Expert, &"长".repeat(41)).is_err());
        assert_eq!(CardKind::from_text("质量督导员", "R35260001"), Some(CardKind::ExternalInspector));
        assert_eq!(CardKind::from_text("质量督导员", "示例证"), Some(CardKind::Inspector));
        assert_eq!(CardKind::from_text("保安", ""), None);
        for &kind in CardKind::ALL {
            assert_eq!(CardKind::from_text(kind.name(), ""), Some(kind));
            assert_eq!(CardKind::from_code(kind.code()), Some(kind));
        }
    }

    #[test]
    fn s3_1_1_an_assessor_has_level_3_at_most_and_an_inspector_none() {
        assert_eq!(level_held(CardKind::Assessor, Some(Level::L3)), Ok(Some(Level::L3)));
        assert!(level_held(CardKind::Assessor, Some(Level::L2)).expect_err("too high").remedy.contains("高级考评员"));
        assert_eq!(level_held(CardKind::SeniorAssessor, Some(Level::L1)), Ok(Some(Level::L1)));
        assert_eq!(level_held(CardKind::Inspector, Some(Level::L1)), Ok(None));
        assert_eq!(level_held(CardKind::Expert, None).expect_err("none").field, Some("level_max"));
    }

    #[test]
    fn s3_1_1_a_card_holds_three_years_from_its_issue_and_a_renewal_goes_on() {
        assert_eq!(last_day(Some(day("2026-03-02")), None), Ok(day("2029-03-01")));
        assert_eq!(last_day(Some(day("2024-02-29")), None), Ok(day("2027-02-27")));
        assert_eq!(last_day(Some(day("2026-03-02")), Some(day("2027-12-31"))), Ok(day("2027-12-31")));
        assert!(last_day(None, None).is_err() && last_day(Some(day("2026-03-02")), Some(day("2026-03-01"))).is_err());
        assert_eq!(renewed(day("2026-12-31"), Some(day("2026-12-01")), None), Ok(day("2029-11-30")));
        assert!(renewed(day("2026-12-31"), None, Some(day("2026-12-31"))).is_err());
        assert_eq!(CardState::of(day("2026-12-31"), false, day("2026-12-31")), CardState::Valid);
        assert_eq!(CardState::of(day("2026-12-31"), false, day("2027-01-01")), CardState::Expired);
        assert_eq!(CardState::of(day("2026-12-31"), true, day("2027-01-01")), CardState::Suspended);
    }

    #[test]
    fn s3_1_1_name_and_employer_make_a_person_unless_the_telephones_differ() {
        let one = ("示例甲", "示例院", "19900000001");
        assert!(same_person(one, ("示例甲", "示例院", "")) && same_person(one, one));
        assert!(!same_person(one, ("示例甲", "示例院", "19900000002")));
        assert!(!same_person(one, ("示例甲", "示例厂", "")) && !same_person(one, ("示例乙", "示例院", "")));
    }
}
