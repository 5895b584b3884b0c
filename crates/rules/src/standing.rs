//! 二（一）3 and 三（三）: how long a body stays in the directory. Renewal when the validity ends, withdrawal after two years
//! without activity, leaving by itself, stopping for a violation; and which change of a body is told and which is reviewed.

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::batch::BatchStage;
use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::term::{Term, Terms};
use crate::terms::{IDLE_MONTHS, IDLE_TOLD_MONTHS, RENEWAL_BATCHES, RENEWAL_WINDOW_DAYS};

/// What of a body changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeMatter {
    /// Occupations or levels are added: a filing of its own.
    AddTrade,
    /// Occupations or levels are given up.
    DropTrade,
    /// The name as filed.
    Name,
    /// Where it examines.
    Rooms,
    /// Who is responsible for its assessments.
    Responsible,
    /// Who assesses.
    Assessors,
}

impl ChangeMatter {
    /// Every matter, as the table of changes lists them.
    pub const ALL: &'static [Self] =
        &[Self::AddTrade, Self::DropTrade, Self::Name, Self::Rooms, Self::Responsible, Self::Assessors];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AddTrade => "add_trade",
            Self::DropTrade => "drop_trade",
            Self::Name => "name",
            Self::Rooms => "rooms",
            Self::Responsible => "responsible",
            Self::Assessors => "assessors",
        }
    }

    /// The matter with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|matter| matter.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AddTrade => "增加职业（等级）",
            Self::DropTrade => "减少职业（等级）",
            Self::Name => "机构名称",
            Self::Rooms => "场地（地址）",
            Self::Responsible => "负责人",
            Self::Assessors => "考评人员",
        }
    }

    /// Whether the centre in charge decides before it holds; otherwise it is told and holds at once. What the filing was
    /// granted for is reviewed, who does it is told (default: the notice is silent).
    pub const fn is_reviewed(self) -> bool {
        matches!(self, Self::AddTrade | Self::Name | Self::Rooms)
    }

    /// The clause that it rests on.
    pub const fn clause(self) -> Clause {
        match self {
            Self::AddTrade => Clause::S2_1_1A,
            Self::Assessors => Clause::S1_2_2,
            Self::Rooms => Clause::S1_2_3,
            Self::Responsible => Clause::S3_3_7,
            Self::DropTrade | Self::Name => Clause::S2_1_3D,
        }
    }
}

/// Whether the new text of a change says something and something new.
pub fn change_says(matter: ChangeMatter, before: &str, after: &str) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: String| Err(Refusal::new(matter.clause(), what).remedy(remedy).at("value"));
    let name = matter.name();
    match after.trim() {
        "" => refuse(format!("没有填写新的{name}"), format!("请填写变更后的{name}")),
        same if same == before.trim() => refuse(format!("{name}没有变化"), "请核对变更后的内容".into()),
        _ => Ok(()),
    }
}

/// A batch that is not finished yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBatch {
    pub title: String,
    pub stage: BatchStage,
}

/// Whether a body, or some of its occupations, may leave: running batches and certificates not yet issued come first.
pub fn may_leave(open: &[OpenBatch]) -> Result<(), Refusal> {
    let Some(first) = open.first() else { return Ok(()) };
    let named: Vec<_> = open.iter().take(5).map(|b| format!("{}（{}）", b.title, b.stage.name())).collect();
    let more = if open.len() > named.len() { format!("等{}批", open.len()) } else { String::new() };
    Err(Refusal::new(Clause::S2_1_3D, format!("还有没有办结的批次：{}{more}", named.join("、"))).remedy(
        match first.stage {
            BatchStage::Notified | BatchStage::Postponed => "请先办结或取消这些批次，发完证书后再退出",
            _ => "请先办结这些批次，发完证书后再退出",
        },
    ))
}

/// What a renewal is checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewalFacts {
    /// The last day of the validity.
    pub until: Day,
    /// Batches that were held since it began.
    pub batches: i64,
    /// Certificates issued since it began that the public query doesn't find.
    pub unfindable: i64,
    /// Rectifications that are overdue.
    pub overdue_rectifications: i64,
}

/// The first day on which a renewal may be asked for.
pub fn renewal_from(until: Day) -> Day {
    until.saturating_sub(jiff::Span::new().days(RENEWAL_WINDOW_DAYS))
}

/// The day on which the body is reminded of the end.
pub fn renewal_told_on(until: Day, terms: &Terms) -> Day {
    until.saturating_sub(jiff::Span::new().days(terms.count(Term::RenewalTold)))
}

/// Everything that stands against a renewal today, each with its remedy; nothing if it may be asked for.
pub fn renewal_ready(facts: &RenewalFacts, today: Day) -> Vec<Refusal> {
    let refuse = |what: String, remedy: String| Refusal::new(Clause::S2_1_3C, what).remedy(remedy);
    let (until, from) = (facts.until, renewal_from(facts.until));
    let mut refusals = Vec::new();
    if today > until {
        refusals.push(refuse(format!("备案已于 {until} 到期"), "请按新备案重新申请".into()));
    } else if today < from {
        refusals.push(refuse(
            format!("距备案到期 {until} 还早，到期前{RENEWAL_WINDOW_DAYS}天内受理（闽劳鉴〔2022〕26号）"),
            format!("请于 {from} 至 {until} 之间申请"),
        ));
    }
    if facts.batches < RENEWAL_BATCHES {
        refusals.push(refuse(
            format!("备案期内只开展了{}批认定，不足{RENEWAL_BATCHES}批（闽劳鉴〔2022〕26号）", facts.batches),
            "到期后可按新备案重新申请".into(),
        ));
    }
    if facts.unfindable > 0 {
        refusals.push(refuse(
            format!("有{}本证书的数据查询不到（闽劳鉴〔2022〕26号）", facts.unfindable),
            "请先补齐证书数据".into(),
        ));
    }
    if facts.overdue_rectifications > 0 {
        refusals.push(refuse(
            format!("有{}项整改逾期未完成", facts.overdue_rectifications),
            "请先完成整改并通过复查".into(),
        ));
    }
    refusals
}

/// The last day of a renewed validity: the day that was set, or so many years on from the old one.
pub fn renewed_until(until: Day, set: Option<Day>, years: i16) -> Result<Day, Refusal> {
    match set {
        None => Ok(until.saturating_add(jiff::Span::new().years(years))),
        Some(day) if day > until => Ok(day),
        Some(day) => Err(Refusal::new(Clause::S2_1_3C, format!("延期后的截止日 {day} 不在原截止日 {until} 之后"))
            .remedy(format!("请填写更晚的日期；不填则延{years}年"))
            .at("valid_until")),
    }
}

/// How long nothing was done, and what follows (三（三）: 连续两年不开展工作的，视同自行退出).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdleClock {
    /// The last day of activity: of the latest batch that was held, or of the listing.
    pub since: Day,
    /// The first day on which the body, or the occupation, counts as withdrawn.
    pub ends_on: Day,
}

/// A warning before a body counts as withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum IdleWarning {
    /// So many months have passed.
    Months(i32),
    /// So many days are left.
    DaysLeft(i32),
}

impl IdleWarning {
    /// The code word under which it is remembered.
    pub fn code(self) -> String {
        match self {
            Self::Months(months) => format!("idle_{months}"),
            Self::DaysLeft(days) => format!("idle_last_{days}"),
        }
    }
}

impl IdleClock {
    /// The clock that runs since a day.
    pub fn since(since: Day) -> Self {
        Self { since, ends_on: since.saturating_add(jiff::Span::new().months(IDLE_MONTHS)) }
    }

    /// Whether two years have passed.
    pub fn has_ended(self, today: Day) -> bool {
        self.ends_on <= today
    }

    /// The latest warning that is due today, if any.
    pub fn warning(self, today: Day, terms: &Terms) -> Option<IdleWarning> {
        let told = terms.count(Term::IdleTold);
        let last = self.ends_on.saturating_sub(jiff::Span::new().days(told));
        if last <= today {
            return Some(IdleWarning::DaysLeft(told));
        }
        let passed = |months: i32| self.since.saturating_add(jiff::Span::new().months(months)) <= today;
        IDLE_TOLD_MONTHS.iter().rev().copied().find(|months| passed(*months)).map(IdleWarning::Months)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn s3_3_4_warnings_come_at_18_21_and_23_months_and_30_days_before_the_end() {
        let clock = IdleClock::since(day("2024-03-31"));
        assert_eq!(clock.ends_on, day("2026-03-31"));
        for (on, warning, ended) in [
            ("2025-09-29", None, false),
            ("2025-09-30", Some(IdleWarning::Months(18)), false),
            ("2025-12-31", Some(IdleWarning::Months(21)), false),
            ("2026-02-27", Some(IdleWarning::Months(21)), false),
            ("2026-02-28", Some(IdleWarning::Months(23)), false),
            ("2026-03-01", Some(IdleWarning::DaysLeft(30)), false),
            ("2026-03-30", Some(IdleWarning::DaysLeft(30)), false),
            ("2026-03-31", Some(IdleWarning::DaysLeft(30)), true),
        ] {
            assert_eq!((clock.warning(day(on), &Terms::default()), clock.has_ended(day(on))), (warning, ended), "{on}");
        }
    }

    #[test]
    fn s2_1_3c_a_renewal_is_asked_for_within_ninety_days_with_six_batches_and_nothing_owed() {
        let good = RenewalFacts { until: day("2026-08-31"), batches: 6, unfindable: 0, overdue_rectifications: 0 };
        let said = |facts: &RenewalFacts, on: &str| {
            renewal_ready(facts, day(on)).into_iter().map(|refusal| refusal.what).collect::<Vec<_>>().join("|")
        };
        assert_eq!(renewal_from(good.until), day("2026-06-02"));
        assert_eq!(renewal_told_on(good.until, &Terms::default()), day("2026-05-03"));
        assert_eq!(said(&good, "2026-06-02"), "");
        assert_eq!(said(&good, "2026-08-31"), "");
        assert!(said(&good, "2026-06-01").contains("到期前90天内受理"));
        assert!(said(&good, "2026-09-01").contains("已于 2026-08-31 到期"));
        let poor = RenewalFacts { batches: 5, unfindable: 1, overdue_rectifications: 2, ..good };
        assert_eq!(renewal_ready(&poor, day("2026-07-01")).len(), 3);
    }

    #[test]
    fn s2_1_3c_a_renewal_runs_on_from_the_old_end() {
        assert_eq!(renewed_until(day("2026-08-31"), None, 3), Ok(day("2029-08-31")));
        assert_eq!(renewed_until(day("2026-08-31"), Some(day("2028-12-31")), 3), Ok(day("2028-12-31")));
        assert!(renewed_until(day("2026-08-31"), Some(day("2026-08-31")), 3).is_err());
    }

    #[test]
    fn s2_1_3d_who_leaves_settles_what_runs_first() {
        assert!(may_leave(&[]).is_ok());
        let open = OpenBatch { title: "2026年第1批".into(), stage: BatchStage::Reviewed };
        let refusal = may_leave(&[open]).expect_err("a batch runs");
        assert!(refusal.what.contains("2026年第1批"), "{}", refusal.what);
    }
}
