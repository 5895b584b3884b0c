//! 二（二）3, second half, and 二（二）4: within ten working days after publicity the body reports its results, the
//! centre reviews them person by person, and the body issues to those who are approved. A late report is never
//! silent: it waits for the centre's decision.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::Day;
use crate::calendar::Calendar;
use crate::deadline::Deadline;
use crate::notice::Clause;
use crate::publicity::Window;
use crate::refusal::Refusal;
use crate::result::{Outcome, Part, Verdict};
use crate::standard::Rules;
use crate::terms::{BORDER_MARKS, REPORT_WITHIN, SAME_MARKS_ASKED};

/// The last day on which a report is in time: ten working days after publicity ended. Refused outside the years
/// that the calendar knows.
pub fn due(window: &Window, calendar: &Calendar) -> Result<Deadline, Refusal> {
    calendar.add(window.ends_on, REPORT_WITHIN).map(deadline)
}

/// The deadline of a report whose last day is this.
pub const fn deadline(due_on: Day) -> Deadline {
    Deadline { due_on, clause: Clause::S2_2_3B }
}

/// By when one person has to be reported: with everybody else, or, when an objection was dismissed or the centre
/// returned the person, within ten working days after that if it is later. The notice sets no day for them; without
/// one they could be forgotten.
pub fn due_for(report_due_on: Day, settled_on: Option<Day>, calendar: &Calendar) -> Result<Day, Refusal> {
    let again = settled_on.map(|on| calendar.add(on, REPORT_WITHIN)).transpose()?;
    Ok(again.map_or(report_due_on, |again| again.max(report_due_on)))
}

/// Whether a report made on this day says why it is late, if it is.
pub fn excuse(due_on: Day, today: Day, reason: &str) -> Result<Option<String>, Refusal> {
    if !late(due_on, today) {
        return Ok(None);
    }
    match reason.trim() {
        "" => Err(Refusal::new(Clause::S2_2_3B, format!("上报期限为 {due_on}，今天是 {today}，已逾期"))
            .remedy("请写明逾期原因后上报，由主管中心裁定是否受理")
            .at("late_reason")),
        reason => Ok(Some(reason.to_owned())),
    }
}

/// Whether a report of `ready` persons may go out: after publicity ended, and with somebody in it. `held` are
/// those whom an objection keeps back; they wait alone.
pub fn may_report(window: &Window, today: Day, held: usize, ready: usize) -> Result<(), Refusal> {
    let Window { ends_on, .. } = window;
    if today <= *ends_on {
        return Err(Refusal::new(Clause::S2_2_3B, format!("公示到 {ends_on} 24:00 才结束，今天是 {today}"))
            .remedy(format!("请在 {ends_on} 之后的 {REPORT_WITHIN} 个工作日内上报")));
    }
    if ready > 0 {
        return Ok(());
    }
    let refusal = Refusal::new(Clause::S2_2_3B, "没有可上报的人员");
    Err(if held > 0 {
        refusal.remedy(format!("有 {held} 人因公示异议暂缓，请先处理异议，异议不成立的随后上报"))
    } else {
        refusal.remedy("本批次人员均已上报，无需再次上报")
    })
}

/// Whether a report made on this day is late.
pub fn late(due_on: Day, reported_on: Day) -> bool {
    deadline(due_on).is_late(reported_on)
}

/// The centre's word on a late report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum LateDecision {
    /// Reviewed all the same.
    Accepted { reason: String },
    /// Not reviewed.
    Refused { reason: String },
}

impl LateDecision {
    /// A decision with its reason, on a report made on this day. Refused when the report is not late, when it is
    /// already decided, or when no reason is given.
    pub fn make(
        accepted: bool,
        reason: &str,
        due_on: Day,
        reported_on: Day,
        earlier: Option<&Self>,
    ) -> Result<Self, Refusal> {
        if !late(due_on, reported_on) {
            return Err(Refusal::new(Clause::S2_2_3B, format!("上报于 {reported_on}，未超过期限 {due_on}"))
                .remedy("按期上报无需裁定，请直接逐人审核"));
        }
        if let Some(earlier) = earlier {
            return Err(Refusal::new(Clause::S2_2_3B, format!("逾期上报已裁定：{}", earlier.name()))
                .remedy("裁定只作一次，请按裁定办理"));
        }
        let reason = given(reason, Clause::S2_2_3B, "没有写明裁定逾期上报的理由")?;
        Ok(if accepted { Self::Accepted { reason } } else { Self::Refused { reason } })
    }

    /// The code word used in the database and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Refused { .. } => "refused",
        }
    }

    /// The decision kept as this code word and reason.
    pub fn from_code(code: &str, reason: String) -> Option<Self> {
        match code {
            "accepted" => Some(Self::Accepted { reason }),
            "refused" => Some(Self::Refused { reason }),
            _ => None,
        }
    }

    /// The name that people read.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "同意逾期受理",
            Self::Refused { .. } => "不予受理",
        }
    }

    /// Why.
    pub fn reason(&self) -> &str {
        match self {
            Self::Accepted { reason } | Self::Refused { reason } => reason,
        }
    }
}

/// Whether the centre may review the persons of a report: it came in time, or its lateness was accepted.
pub fn may_review(due_on: Day, reported_on: Day, decision: Option<&LateDecision>) -> Result<(), Refusal> {
    let what = format!("结果上报期限为 {due_on}，实际上报于 {reported_on}，已逾期");
    match decision {
        _ if !late(due_on, reported_on) => Ok(()),
        Some(LateDecision::Accepted { .. }) => Ok(()),
        Some(LateDecision::Refused { reason }) => {
            Err(Refusal::new(Clause::S2_2_3B, format!("{what}，主管中心裁定不予受理：{reason}"))
                .remedy("本次上报不再审核，请机构按裁定理由整改"))
        }
        None => Err(Refusal::new(Clause::S2_2_3B, what).remedy("请主管中心先裁定是否受理逾期上报，同意后再逐人审核")),
    }
}

/// The centre's word on one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ReviewDecision {
    /// May receive the certificate.
    Approved,
    /// Back to the body, with what is wrong.
    Returned { reason: String },
}

impl ReviewDecision {
    /// A decision on one person; returning needs its reason.
    pub fn make(approved: bool, reason: &str) -> Result<Self, Refusal> {
        if approved {
            return Ok(Self::Approved);
        }
        given(reason, Clause::S2_2_4A, "没有写明退回该人员的理由").map(|reason| Self::Returned { reason })
    }

    /// The code word used in the database and the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Returned { .. } => "returned",
        }
    }

    /// The decision kept as this code word and reason.
    pub fn from_code(code: &str, reason: String) -> Option<Self> {
        match code {
            "approved" => Some(Self::Approved),
            "returned" => Some(Self::Returned { reason }),
            _ => None,
        }
    }

    /// The name that people read.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Approved => "审核通过",
            Self::Returned { .. } => "退回",
        }
    }
}

/// A reason as it was given, without the space around it.
fn given(reason: &str, clause: Clause, what: &str) -> Result<String, Refusal> {
    match reason.trim() {
        "" => Err(Refusal::new(clause, what).remedy("请写明理由，理由留存备查，对方据此办理").at("reason")),
        reason => Ok(reason.to_owned()),
    }
}

/// Why a reviewer is asked to look at a person first. Nothing is decided by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    /// A mark at the pass mark or barely above it.
    Borderline,
    /// The same marks in every part as others have.
    Identical,
    /// A mark was changed after it had been entered.
    Changed,
}

impl Hint {
    /// Every hint.
    pub const ALL: &'static [Hint] = &[Self::Borderline, Self::Identical, Self::Changed];

    /// The code word used in addresses and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Borderline => "borderline",
            Self::Identical => "identical",
            Self::Changed => "changed",
        }
    }

    /// What people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Borderline => "临界分",
            Self::Identical => "雷同分",
            Self::Changed => "改过分",
        }
    }
}

/// What to look at first among these persons: the marks of each, and whether one of them was changed.
pub fn hints(persons: &[(Vec<(Part, Outcome)>, bool)], rules: &Rules) -> Vec<Vec<Hint>> {
    let marks = |outcomes: &[(Part, Outcome)]| -> Option<Vec<u64>> {
        outcomes.iter().map(|(_, outcome)| outcome.mark().map(f64::to_bits)).collect()
    };
    let is_border = |&(part, outcome): &(Part, Outcome)| {
        let pass = rules.pass(part);
        outcome.mark().is_some_and(|mark| (pass..=pass + BORDER_MARKS).contains(&mark))
    };
    let mut alike: HashMap<Vec<u64>, usize> = HashMap::new();
    for (outcomes, _) in persons {
        *alike.entry(marks(outcomes).unwrap_or_default()).or_default() += 1;
    }
    persons
        .iter()
        .map(|(outcomes, changed)| {
            let border = outcomes.iter().any(is_border);
            let same = marks(outcomes).is_some_and(|key| !key.is_empty() && alike[&key] >= SAME_MARKS_ASKED);
            [(Hint::Borderline, border), (Hint::Identical, same), (Hint::Changed, *changed)]
                .into_iter()
                .filter_map(|(hint, holds)| holds.then_some(hint))
                .collect()
        })
        .collect()
}

/// Where one person of a batch stands after publicity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// Not in a report yet.
    Unreported,
    /// In a report that is with the centre.
    Reported,
    /// In a report that was refused as late.
    RefusedLate,
    /// Returned by the centre.
    Returned,
    /// Approved, without a certificate.
    Approved,
    /// Has a certificate.
    Certified,
    /// Given up by the body.
    GivenUp,
}

impl Course {
    /// Whether the body still has to report the person, for the first time or again.
    pub const fn is_to_report(self) -> bool {
        matches!(self, Self::Unreported | Self::RefusedLate | Self::Returned)
    }

    /// Whether the body may give the person up: only after the centre has spoken, so that nobody who passed is left out
    /// silently, and not while there is a certificate.
    pub const fn is_to_give_up(self) -> bool {
        matches!(self, Self::RefusedLate | Self::Returned | Self::Approved)
    }
}

/// Gives a person up, whom the body neither reports any more nor issues to; the reason as it is kept. Refused to whom the
/// centre has not spoken about, who has a certificate, and without a reason.
pub fn give_up(course: Course, name: &str, reason: &str) -> Result<String, Refusal> {
    let refuse = |what: &str, remedy: &str| {
        Err(Refusal::new(Clause::S2_2_3B, format!("{name}{what}")).remedy(remedy).at("candidates"))
    };
    match course {
        Course::Unreported => refuse("还没有上报过", "结果须先上报；主管中心退回后，方可不再办理"),
        Course::Reported => refuse("已上报，主管中心尚未作出结论", "请等主管中心的结论"),
        Course::Certified => refuse("已有证书", "证书不应发出的，请注销证书"),
        Course::GivenUp => refuse("已不再办理", "无需再次办理"),
        Course::RefusedLate | Course::Returned | Course::Approved => {
            given(reason, Clause::S2_2_3B, "没有写明不再办理的理由")
        }
    }
}

/// Whether a person may receive a certificate: passed, free of objection, and approved by the centre (二（二）4).
pub fn may_issue(verdict: &Verdict, held: bool, review: Option<&ReviewDecision>) -> Result<(), Refusal> {
    if *verdict != Verdict::Passed {
        return Err(Refusal::new(Clause::S1_5_1, format!("该考生的认定结果为“{}”", verdict.name()))
            .remedy("只为各科均合格的考生制证，请将其移出本次制证"));
    }
    if held {
        return Err(
            Refusal::new(Clause::S2_2_3B, "该考生的公示异议尚未排除").remedy("请先处理异议，异议不成立的随后上报审核")
        );
    }
    match review {
        Some(ReviewDecision::Approved) => Ok(()),
        Some(ReviewDecision::Returned { reason }) => {
            Err(Refusal::new(Clause::S2_2_4A, format!("主管中心已退回该人员：{reason}"))
                .remedy("请按退回理由补正并重新上报，审核通过后再制证"))
        }
        None => Err(Refusal::new(Clause::S2_2_4A, "该人员未经主管中心审核")
            .remedy("请先上报认定结果，由主管中心审核通过后再制证")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publicity::window;

    fn calendar() -> Calendar {
        Calendar::read(include_str!("../../../reference/cn-workdays.csv")).unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn s2_2_3b_a_report_is_due_ten_working_days_after_publicity_ended() {
        let check = |posted: &str, ends: &str, expected: &str| {
            let window = window(day(posted), &calendar()).unwrap();
            assert_eq!((window.ends_on, due(&window, &calendar()).unwrap().due_on), (day(ends), day(expected)));
        };
        check("2026-11-23", "2026-11-30", "2026-12-14");
        // Over Mid-autumn and the National Day week: 24, 28 to 30 September, 8 to 10 and 12 to 14 October.
        check("2026-09-17", "2026-09-23", "2026-10-14");
        for (reported, is_late) in [("2026-12-14", false), ("2026-12-15", true), ("2026-12-01", false)] {
            assert_eq!(late(day("2026-12-14"), day(reported)), is_late, "{reported}");
        }
        let beyond = window(day("2026-12-21"), &calendar()).unwrap();
        assert!(due(&beyond, &calendar()).is_err());
    }

    #[test]
    fn s2_2_3b_who_was_held_or_returned_has_ten_working_days_of_their_own() {
        let check = |settled: Option<&str>, expected: &str| {
            assert_eq!(due_for(day("2026-10-14"), settled.map(day), &calendar()).unwrap(), day(expected));
        };
        check(None, "2026-10-14");
        check(Some("2026-09-21"), "2026-10-14");
        check(Some("2026-10-12"), "2026-10-26");
        assert_eq!(excuse(day("2026-10-14"), day("2026-10-14"), "").unwrap(), None);
        assert_eq!(excuse(day("2026-10-14"), day("2026-10-15"), " ").unwrap_err().field, Some("late_reason"));
        assert_eq!(excuse(day("2026-10-14"), day("2026-10-15"), " 停电 ").unwrap().as_deref(), Some("停电"));
    }

    #[test]
    fn s2_2_4a_the_sampling_aid_points_at_border_marks_same_marks_and_changed_marks() {
        let person = |a: f64, b: f64, changed| {
            (vec![(Part::Theory, Outcome::Mark(a)), (Part::Practical, Outcome::Mark(b))], changed)
        };
        let absent = (vec![(Part::Theory, Outcome::Absent), (Part::Practical, Outcome::Absent)], false);
        let persons = [
            person(60.0, 90.0, false),
            person(62.0, 62.5, true),
            person(59.5, 62.5, false),
            person(80.0, 81.0, false),
            person(80.0, 81.0, false),
            person(80.0, 81.0, false),
            person(70.0, 71.0, false),
            person(70.0, 71.0, false),
            absent.clone(),
            absent.clone(),
            absent,
        ];
        use Hint::*;
        let expected: [&[Hint]; 11] = [
            &[Borderline],
            &[Borderline, Changed],
            &[],
            &[Identical],
            &[Identical],
            &[Identical],
            &[],
            &[],
            &[],
            &[],
            &[],
        ];
        assert_eq!(hints(&persons, &Rules::usual(None)), expected);
    }

    #[test]
    fn s2_2_3b_a_report_waits_for_publicity_and_never_for_the_person_held() {
        let window = window(day("2026-11-23"), &calendar()).unwrap();
        let check = |today: &str, held, ready, remedy: Option<&str>| {
            let answer = may_report(&window, day(today), held, ready);
            assert_eq!(answer.err().map(|r| r.remedy).as_deref(), remedy);
        };
        check("2026-11-30", 0, 30, Some("请在 2026-11-30 之后的 10 个工作日内上报"));
        check("2026-12-01", 0, 30, None);
        check("2026-12-01", 1, 29, None);
        check("2026-12-20", 0, 30, None);
        check("2026-12-01", 1, 0, Some("有 1 人因公示异议暂缓，请先处理异议，异议不成立的随后上报"));
        check("2026-12-01", 0, 0, Some("本批次人员均已上报，无需再次上报"));
    }

    #[test]
    fn s2_2_3b_a_late_report_is_reviewed_only_after_the_centre_accepted_it() {
        let due_on = day("2026-12-14");
        let accepted = LateDecision::Accepted { reason: "台风停课".into() };
        let refused = LateDecision::Refused { reason: "无正当理由".into() };
        for (reported, decision, allowed) in [
            ("2026-12-14", None, true),
            ("2026-12-15", None, false),
            ("2026-12-15", Some(&accepted), true),
            ("2026-12-15", Some(&refused), false),
        ] {
            let answer = may_review(due_on, day(reported), decision);
            assert_eq!(answer.is_ok(), allowed, "{reported} {decision:?}");
            if let Err(refusal) = answer {
                assert_eq!(refusal.ground.clause(), Some(Clause::S2_2_3B));
                assert!(refusal.what.starts_with("结果上报期限为 2026-12-14，实际上报于 2026-12-15，已逾期"));
            }
        }
        let make = |accepted_, reason, reported, earlier| {
            LateDecision::make(accepted_, reason, due_on, day(reported), earlier)
        };
        assert_eq!(make(true, " 台风停课 ", "2026-12-15", None), Ok(accepted.clone()));
        assert_eq!(make(false, "无正当理由", "2026-12-15", None), Ok(refused));
        assert_eq!(make(true, "", "2026-12-15", None).unwrap_err().field, Some("reason"));
        assert!(make(true, "台风停课", "2026-12-14", None).is_err());
        assert!(make(false, "另有情况", "2026-12-15", Some(&accepted)).is_err());
    }

    #[test]
    fn s2_2_3b_a_person_is_given_up_with_a_reason_and_only_after_the_centre_has_spoken() {
        use Course::*;
        for (course, to_report, to_give_up) in [
            (Unreported, true, false),
            (Reported, false, false),
            (RefusedLate, true, true),
            (Returned, true, true),
            (Approved, false, true),
            (Certified, false, false),
            (GivenUp, false, false),
        ] {
            assert_eq!((course.is_to_report(), course.is_to_give_up()), (to_report, to_give_up), "{course:?}");
            let answer = give_up(course, "示例一", " 照片无法补正 ");
            assert_eq!(answer.ok().as_deref(), to_give_up.then_some("照片无法补正"), "{course:?}");
            assert!(give_up(course, "示例一", " ").is_err());
        }
    }

    #[test]
    fn s2_2_4a_only_who_passed_free_of_objection_and_approved_is_issued() {
        let returned = ReviewDecision::Returned { reason: "照片不符".into() };
        let approved = ReviewDecision::Approved;
        let absent = Verdict::Absent;
        let table: &[(&Verdict, bool, Option<&ReviewDecision>, Option<Clause>)] = &[
            (&Verdict::Passed, false, Some(&approved), None),
            (&Verdict::Passed, false, None, Some(Clause::S2_2_4A)),
            (&Verdict::Passed, false, Some(&returned), Some(Clause::S2_2_4A)),
            (&Verdict::Passed, true, Some(&approved), Some(Clause::S2_2_3B)),
            (&absent, false, Some(&approved), Some(Clause::S1_5_1)),
        ];
        for (verdict, held, review, expected) in table {
            let answer = may_issue(verdict, *held, *review);
            assert_eq!(answer.err().and_then(|r| r.ground.clause()), *expected, "{verdict:?} {held} {review:?}");
        }
        assert_eq!(ReviewDecision::make(true, ""), Ok(approved));
        assert_eq!(ReviewDecision::make(false, "照片不符"), Ok(returned));
        assert_eq!(ReviewDecision::make(false, " ").unwrap_err().field, Some("reason"));
    }
}
