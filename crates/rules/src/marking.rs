//! 一（五）1: how a mark comes to stand. It is entered by one and checked by another; once checked it changes by an act of
//! two persons alone, with reason and evidence; a candidate may have it reviewed; and who failed one part keeps the other
//! for one make-up. What the notice is silent about is a default of the platform (decision 0024).

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::batch::BatchStage;
use crate::calendar::Calendar;
use crate::notice::Clause;
use crate::proposal;
use crate::publicity::{Window, open_on};
use crate::refusal::{Ground, Refusal};
use crate::result::{Outcome, Part, Verdict};
use crate::standard::Rules;
use crate::term::{Term, Terms};
use crate::terms::MARK_KEPT_YEARS;

/// Whoever did something: the account, and the name for what was done before accounts were kept beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hand {
    pub account: Option<i64>,
    pub name: String,
}

impl Hand {
    /// Whether both are the same person. Where one of the accounts is unknown, the name decides.
    pub fn is_same(&self, other: &Hand) -> bool {
        match (self.account, other.account) {
            (Some(one), Some(other)) => one == other,
            _ => self.name == other.name,
        }
    }
}

const CHECK: Ground = Ground::House("成绩核对");
const REVIEW: Ground = Ground::House("成绩复核");

/// Whether this person may be the second one to look at what the first has entered.
pub fn second_person(first: &Hand, second: &Hand) -> Result<(), Refusal> {
    if !first.is_same(second) {
        return Ok(());
    }
    Err(Refusal::new(CHECK, "成绩由您本人登记，不能再由您本人核对")
        .remedy("请本机构的另一个账号（其他经办人或负责人）核对确认，或由其另行登记一遍"))
}

/// Whether marks may be confirmed by looking them over: not while a second entry says something else.
pub fn may_confirm(name: &str, part: Part, again: Option<Outcome>) -> Result<(), Refusal> {
    let Some(again) = again else { return Ok(()) };
    Err(Refusal::new(CHECK, format!("{name}的{}两次登记不一致，第二次为 {again}", part.name()))
        .remedy("请对照原始试卷或评分表：原登记有误的由登记人改正，第二次有误的重新登记一遍，两次一致即为确认"))
}

/// What a second entry comes to, typed without looking at the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// Both say the same: the mark is confirmed.
    Same,
    /// They differ: someone looks at the paper.
    Different,
}

/// Compares a first and a second entry.
pub fn compare(first: Outcome, second: Outcome) -> Compared {
    if first == second { Compared::Same } else { Compared::Different }
}

/// Whether a mark may simply be entered anew: until somebody else has confirmed it.
pub fn may_correct(name: &str, part: Part, confirmed_by: Option<&str>) -> Result<(), Refusal> {
    let Some(by) = confirmed_by else { return Ok(()) };
    Err(Refusal::new(Clause::S3_3_1, format!("{name}的{}已由{by}确认，不能直接改", part.name()))
        .remedy("请提出成绩更改，写明原因并附上依据，由另一人同意后生效")
        .at("outcome"))
}

/// Where the candidate stands whose mark is to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marked {
    /// Has a valid certificate.
    pub has_certificate: bool,
    /// Stands in a report as somebody who passed, and the centre has not returned the person.
    pub is_proposed: bool,
    /// The body does not carry the person on.
    pub is_given_up: bool,
}

/// Whether a confirmed mark may change at this stage for this person: as long as nobody relies on the mark.
pub fn open_to_amend(stage: BatchStage, person: Marked) -> Result<(), Refusal> {
    let (what, remedy) = if stage == BatchStage::Cancelled {
        ("批次已取消", "要开展认定，请重新通报批次")
    } else if person.has_certificate {
        ("证书已核发，成绩不能再改", "成绩确有错误的，请先注销证书，再提出更改")
    } else if person.is_given_up {
        ("该考生已不再办理", "需要办理的，请编入下一批次")
    } else if person.is_proposed {
        ("该考生已作为合格人员上报", "请先由主管中心退回该人员，再提出更改，然后重新上报")
    } else {
        return Ok(());
    };
    Err(Refusal::new(Clause::S3_3_1, what).remedy(remedy))
}

/// What a proposal says.
#[derive(Debug, Clone, Copy)]
pub struct Amendment<'a> {
    /// The mark that stands.
    pub before: Outcome,
    pub after: Outcome,
    pub reason: &'a str,
    pub has_evidence: bool,
    /// How many proposals for this mark are not answered yet.
    pub open: i64,
}

/// Whether a change may be proposed: another mark, a reason and evidence, one at a time.
pub fn may_propose(amendment: &Amendment<'_>) -> Result<(), Refusal> {
    let refuse = |what: &str, remedy: &str, field| Err(Refusal::new(Clause::S3_3_1, what).remedy(remedy).at(field));
    if amendment.open > 0 {
        return refuse("这一科成绩已有一项更改待同意", "请先答复或撤回那一项", "outcome");
    }
    if amendment.before == amendment.after {
        return refuse("更改后的成绩与现在的相同", "请填写更改后的成绩；不需要改的不必提出", "outcome");
    }
    proposal::rests_on(Clause::S3_3_1, "更改", amendment.reason, amendment.has_evidence)
}

/// An earlier attempt of a person at the same occupation and level with the same body.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Whether its publicity is over: before that nothing of it is final.
    pub is_final: bool,
    pub verdict: Verdict,
    pub parts: Vec<AttemptPart>,
}

/// What came of one part in an earlier attempt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AttemptPart {
    pub part: Part,
    pub outcome: Outcome,
    /// The day on which the part was held; of a kept mark the day on which it was first reached.
    pub exam_on: Day,
    /// Whether the mark was itself kept from an attempt before.
    pub is_kept: bool,
}

/// The last day on which a passed part is still good; 29 February ends on the 28th.
pub fn kept_until(exam_on: Day) -> Day {
    exam_on.checked_add(jiff::Span::new().years(MARK_KEPT_YEARS)).unwrap_or(Day::MAX)
}

/// The parts that a person keeps for a make-up with its last examination on this day, out of the latest attempt: what was
/// passed by the rules of this batch and is within its term. Nothing is kept of a violation or after a make-up that was not passed; a deferral uses
/// nothing up.
pub fn kept_parts(latest: &Attempt, rules: &Rules, last_exam_on: Day) -> Vec<Part> {
    let was_make_up = latest.parts.iter().any(|part| part.is_kept);
    let may = latest.is_final
        && match latest.verdict {
            Verdict::Failed { .. } | Verdict::Absent => !was_make_up,
            Verdict::Deferred => true,
            Verdict::Passed | Verdict::Violation | Verdict::Pending { .. } => false,
        };
    let stands = |part: &&AttemptPart| {
        matches!(part.outcome, Outcome::Mark(mark) if mark >= rules.pass(part.part))
            && last_exam_on <= kept_until(part.exam_on)
    };
    if may { latest.parts.iter().filter(stands).map(|part| part.part).collect() } else { Vec::new() }
}

/// What a candidate asks to have looked at again: what can be checked without judging the work anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkReviewScope {
    /// An answer or an item was not marked.
    Missed,
    /// The points were added up wrongly.
    Addition,
    /// The mark was written down wrongly.
    Entry,
}

impl MarkReviewScope {
    /// Every scope.
    pub const ALL: &'static [Self] = &[Self::Missed, Self::Addition, Self::Entry];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Addition => "addition",
            Self::Entry => "entry",
        }
    }

    /// The scope with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missed => "漏评",
            Self::Addition => "分数合计有误",
            Self::Entry => "登记有误",
        }
    }
}

/// Where a review of marks stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkReviewState {
    Open,
    /// Looked at again: the mark stands.
    Unchanged,
    /// Looked at again: the mark was changed by two persons.
    Changed,
}

impl MarkReviewState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Open, Self::Unchanged, Self::Changed];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
        }
    }

    /// The state with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "复核中",
            Self::Unchanged => "成绩无误，不变",
            Self::Changed => "成绩有误，已更改",
        }
    }

    /// Ends a review without a change: by somebody else than who entered the mark, with what was looked at.
    pub fn leave(self, entered: &Hand, by: &Hand, answer: &str) -> Result<Self, Refusal> {
        self.is_open()?;
        if entered.is_same(by) {
            return Err(Refusal::new(REVIEW, "这一科成绩由您本人登记，不能由您本人复核")
                .remedy("请本机构的另一个账号对照原始试卷复核"));
        }
        if answer.trim().is_empty() {
            return Err(Refusal::new(REVIEW, "没有写明复核情况")
                .remedy("请写明核对了什么、结果如何，考生凭回执号可以看到")
                .at("answer"));
        }
        Ok(Self::Unchanged)
    }

    /// Whether it can still be answered.
    pub fn is_open(self) -> Result<(), Refusal> {
        if self == Self::Open {
            return Ok(());
        }
        Err(Refusal::new(REVIEW, format!("这件复核已有结论：{}", self.name())).remedy("结论不再更改"))
    }
}

/// Whether a review may be asked for: while the results are on public notice.
pub fn may_ask_review(window: Option<&Window>, today: Day, open: i64) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(REVIEW, what).remedy(remedy));
    let Some(window) = window else {
        return refuse("成绩还没有公示".into(), "请在成绩公示后、公示期内申请复核");
    };
    if !open_on(window, today) {
        let (from, until) = (window.posted_on, window.ends_on);
        return refuse(
            format!("成绩复核在公示期内申请，公示期为 {from} 至 {until}，今天是 {today}"),
            "公示期外发现问题的，请向该机构的主管职业技能鉴定指导中心反映",
        );
    }
    if open > 0 {
        return refuse("这一科的复核申请已经收到，还没有答复".into(), "请凭回执号查看，不必重复申请");
    }
    Ok(())
}

/// The last day on which a review is answered.
pub fn review_due(asked_on: Day, calendar: &Calendar, terms: &Terms) -> Result<Day, Refusal> {
    calendar.add(asked_on, terms.count(Term::MarkReviewWithin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Level;
    use crate::result::decide;
    use proptest::prelude::*;

    fn hand(account: Option<i64>, name: &str) -> Hand {
        Hand { account, name: name.to_owned() }
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn house_a_mark_is_checked_by_another_person_whatever_the_name() {
        for (first, second, allowed) in [
            (hand(Some(1), "示例甲"), hand(Some(2), "示例乙"), true),
            (hand(Some(1), "示例甲"), hand(Some(2), "示例甲"), true),
            (hand(Some(1), "示例甲"), hand(Some(1), "示例乙"), false),
            (hand(None, "示例甲"), hand(Some(1), "示例甲"), false),
            (hand(None, "示例甲"), hand(Some(1), "示例乙"), true),
        ] {
            assert_eq!(second_person(&first, &second).is_ok(), allowed, "{first:?} {second:?}");
        }
        assert_eq!(compare(Outcome::Mark(80.0), Outcome::Mark(80.0)), Compared::Same);
        assert_eq!(compare(Outcome::Mark(80.0), Outcome::Absent), Compared::Different);
        assert!(may_confirm("示例甲", Part::Theory, Some(Outcome::Mark(8.0))).unwrap_err().what.contains("第二次为 8"));
    }

    #[test]
    fn s3_3_1_a_change_says_another_mark_with_a_reason_and_evidence() {
        let good = Amendment {
            before: Outcome::Mark(58.0),
            after: Outcome::Mark(68.0),
            reason: "合分时漏加一题",
            has_evidence: true,
            open: 0,
        };
        assert_eq!(may_propose(&good), Ok(()));
        for (bad, field) in [
            (Amendment { after: good.before, ..good }, "outcome"),
            (Amendment { open: 1, ..good }, "outcome"),
            (Amendment { reason: "错", ..good }, "reason"),
            (Amendment { has_evidence: false, ..good }, "file"),
        ] {
            assert_eq!(may_propose(&bad).unwrap_err().field, Some(field));
        }
    }

    #[test]
    fn s3_3_1_a_mark_that_somebody_relies_on_does_not_change() {
        let check = |stage, person, allowed| assert_eq!(open_to_amend(stage, person).is_ok(), allowed, "{person:?}");
        for &stage in BatchStage::ALL {
            check(stage, Marked::default(), stage != BatchStage::Cancelled);
            check(stage, Marked { has_certificate: true, ..Marked::default() }, false);
            check(stage, Marked { is_proposed: true, ..Marked::default() }, false);
            check(stage, Marked { is_given_up: true, ..Marked::default() }, false);
        }
    }

    fn attempt(level: Level, outcomes: &[(Part, Outcome, bool)]) -> Attempt {
        let plain: Vec<_> = outcomes.iter().map(|(part, outcome, _)| (*part, *outcome)).collect();
        let parts = outcomes.iter().map(|&(part, outcome, is_kept)| AttemptPart {
            part,
            outcome,
            exam_on: day("2026-03-02"),
            is_kept,
        });
        Attempt { is_final: true, verdict: decide(level, &Rules::usual(None), &plain), parts: parts.collect() }
    }

    #[test]
    fn s1_5_1_a_passed_part_is_kept_for_one_make_up_within_two_years() {
        use Outcome::{Absent, Deferred, Mark, Violation};
        use Part::{Practical, Theory};
        let check = |theory: (Outcome, bool), practical: (Outcome, bool), on: &str, expected: &[Part]| {
            let latest = attempt(Level::L4, &[(Theory, theory.0, theory.1), (Practical, practical.0, practical.1)]);
            assert_eq!(kept_parts(&latest, &Rules::usual(None), day(on)), expected, "{theory:?} {practical:?} {on}");
        };
        check((Mark(80.0), false), (Mark(55.0), false), "2026-09-14", &[Theory]);
        check((Mark(59.5), false), (Mark(60.0), false), "2028-03-02", &[Practical]);
        check((Mark(80.0), false), (Mark(55.0), false), "2028-03-03", &[]);
        check((Mark(80.0), false), (Absent, false), "2026-09-14", &[Theory]);
        check((Mark(80.0), false), (Deferred, false), "2026-09-14", &[Theory]);
        check((Mark(80.0), false), (Violation, false), "2026-09-14", &[]);
        check((Mark(80.0), false), (Mark(60.0), false), "2026-09-14", &[]);
        // The make-up was failed too: it begins anew. One that was put off is still to come.
        check((Mark(80.0), true), (Mark(55.0), false), "2026-09-14", &[]);
        check((Mark(80.0), true), (Absent, false), "2026-09-14", &[]);
        check((Mark(80.0), true), (Deferred, false), "2026-09-14", &[Theory]);
        let open = Attempt {
            is_final: false,
            ..attempt(Level::L4, &[(Theory, Mark(80.0), false), (Practical, Mark(1.0), false)])
        };
        assert_eq!(kept_parts(&open, &Rules::usual(None), day("2026-09-14")), []);
        assert_eq!(kept_until(day("2028-02-29")), day("2030-02-28"));
    }

    #[test]
    fn house_a_review_of_marks_is_asked_for_during_publicity_and_answered_by_another() {
        let calendar = Calendar::read(include_str!("../../../reference/cn-workdays.csv")).unwrap();
        let window = crate::publicity::window(day("2026-09-17"), &calendar).unwrap();
        assert!(may_ask_review(Some(&window), day("2026-09-23"), 0).is_ok());
        assert!(may_ask_review(Some(&window), day("2026-09-24"), 0).is_err());
        assert!(may_ask_review(Some(&window), day("2026-09-23"), 1).is_err());
        assert!(may_ask_review(None, day("2026-09-16"), 0).is_err());
        // Sunday the 20th is a working day in 2026.
        assert_eq!(review_due(day("2026-09-17"), &calendar, &Terms::default()), Ok(day("2026-09-23")));
        let (one, other) = (hand(Some(1), "示例甲"), hand(Some(2), "示例乙"));
        assert_eq!(MarkReviewState::Open.leave(&one, &other, "已核对"), Ok(MarkReviewState::Unchanged));
        assert!(MarkReviewState::Open.leave(&one, &one, "已核对").is_err());
        assert_eq!(MarkReviewState::Open.leave(&one, &other, " ").unwrap_err().field, Some("answer"));
        assert!(MarkReviewState::Changed.leave(&one, &other, "已核对").is_err());
    }

    proptest! {
        /// With what is kept and a make-up of the rest that is passed, everyone passes; and nothing below the mark is kept.
        #[test]
        fn s1_5_1_what_is_kept_and_what_is_made_up_pass_together(theory in 0u32..=1000, practical in 0u32..=1000) {
            let mark = |tenths: u32| Outcome::Mark(f64::from(tenths) / 10.0);
            let latest = attempt(Level::L3, &[(Part::Theory, mark(theory), false), (Part::Practical, mark(practical), false)]);
            let kept = kept_parts(&latest, &Rules::usual(None), day("2027-03-01"));
            let both = [(Part::Theory, mark(theory)), (Part::Practical, mark(practical))];
            let now: Vec<_> = both.into_iter().map(|(part, before)| match kept.contains(&part) {
                true => (part, before),
                false => (part, Outcome::Mark(60.0)),
            }).collect();
            prop_assert_eq!(decide(Level::L3, &Rules::usual(None), &now), Verdict::Passed);
            prop_assert_eq!(kept.is_empty(), latest.verdict == Verdict::Passed || (theory < 600 && practical < 600));
        }
    }
}
