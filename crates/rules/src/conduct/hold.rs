//! 一（五）1, 三（三）: what was found on the day decides which results go together with it, and which marks wait. A mark is held for
//! its person alone; everybody else goes on.

use super::recording::{Recorded, said_gaps};
use super::*;

/// Why a mark is not confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// Something happened in the room, and nobody has closed it.
    Incident { what: String },
    /// The centre has stopped the room.
    Stopped { room: String },
    /// A violation of the person is not decided.
    Violation,
    /// The room has not ended on paper, so that nobody knows what was to be recorded.
    NotEnded { room: String },
    /// Minutes of the room were not recorded.
    Uncovered { room: String, gaps: Vec<Recorded> },
}

impl Hold {
    /// As the refusal to confirm a mark.
    fn refusal(&self, name: &str, part: Part) -> Refusal {
        let part = part.name();
        match self {
            Self::Incident { what } => {
                Refusal::new(Clause::S3_3_1, format!("{name}的{part}有未了结的异常情况：{what}"))
                    .remedy("请机构负责人在“异常情况”核实并作结论，再确认成绩；其他考生不受影响")
            }
            Self::Stopped { room } => {
                Refusal::new(Clause::S2_2_1C, format!("{name}的{part}在{room}举行，该场已被主管中心叫停"))
                    .remedy("请按叫停的原因整改并联系主管中心；解除以后再确认成绩，其他考场照常")
            }
            Self::Violation => Refusal::new(Clause::S3_3_1, format!("{name}有一件违纪报告还没有决定"))
                .remedy("请在“违纪”听取陈述，由报告人以外的负责人决定，再确认成绩"),
            Self::NotEnded { room } => {
                Refusal::new(Clause::S3_3_1, format!("{name}的{part}在{room}举行，该场还没有登记结束"))
                    .remedy("请先在“现场”登记该场的开考和结束，再登记录像")
            }
            Self::Uncovered { room, gaps } => {
                Refusal::new(Clause::S3_3_1, format!("{name}的{part}在{room}举行，{}没有录像", said_gaps(gaps)))
                    .remedy("请在“录像”登记这段时间的录像；确实没有录像的，登记异常情况，由负责人决定重考")
            }
        }
        .at("outcome")
    }
}

/// Whether a mark may be confirmed. Only a score is held by what happened in the room: who was absent or is put off has none.
///
/// # Errors
/// The first hold, as a refusal.
pub fn may_confirm(name: &str, part: Part, outcome: Outcome, holds: &[Hold]) -> Result<(), Refusal> {
    let is_score = matches!(outcome, Outcome::Mark(_));
    match holds.iter().find(|hold| is_score || **hold == Hold::Violation) {
        Some(hold) => Err(hold.refusal(name, part)),
        None => Ok(()),
    }
}

/// What was decided about somebody's part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decided {
    /// A violation voids it.
    pub is_void: bool,
    /// A deferral was agreed, or somebody decided that the person sits again.
    pub is_put_off: bool,
}

/// Whether an outcome goes together with what was decided; where it is asked, a violation and a deferral rest on a decision.
///
/// # Errors
/// A refusal that names the person.
pub fn agrees(name: &str, part: Part, outcome: Outcome, decided: Decided, asked: bool) -> Result<(), Refusal> {
    let part = part.name();
    let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S1_5_1, what).remedy(remedy).at("outcome"));
    match outcome {
        Outcome::Violation if asked && !decided.is_void => refuse(
            format!("{name}的{part}没有违纪决定，不能直接登记违纪"),
            "请在“违纪”报告并附证据，听取陈述后由另一人决定，结果随决定登记",
        ),
        Outcome::Mark(_) | Outcome::Absent | Outcome::Deferred if decided.is_void => {
            refuse(format!("{name}的{part}已决定违纪，成绩无效"), "结果只能是违纪；考生有异议的，在公示期内提出")
        }
        Outcome::Deferred if asked && !decided.is_put_off => refuse(
            format!("{name}的{part}没有同意的缓考，不能直接登记缓考"),
            "请在“缓考”登记申请和证明，由另一人同意；没有申请的，没有参加考试的记为缺考",
        ),
        Outcome::Mark(_) | Outcome::Absent if decided.is_put_off => {
            refuse(format!("{name}的{part}已同意缓考或决定重考"), "结果只能是缓考；请编入下一批次")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_3_1_what_is_not_settled_holds_the_score_of_its_person_alone() {
        let holds = [Hold::Incident { what: "全场停电".into() }];
        let confirm = |outcome, holds: &[Hold]| may_confirm("示例一", Part::Theory, outcome, holds);
        assert!(confirm(Outcome::Mark(80.0), &[]).is_ok());
        let refusal = confirm(Outcome::Mark(80.0), &holds).unwrap_err();
        assert!(refusal.what.contains("全场停电") && refusal.remedy.contains("其他考生不受影响"), "{refusal}");
        assert!(confirm(Outcome::Absent, &holds).is_ok());
        assert!(confirm(Outcome::Absent, &[Hold::Violation]).is_err());
        let gap = Recorded { from: DayTime::at(9, 0), to: DayTime::at(9, 20) };
        let uncovered = Hold::Uncovered { room: "301".into(), gaps: vec![gap] };
        assert!(confirm(Outcome::Mark(80.0), &[uncovered]).unwrap_err().what.contains("09:00–09:20没有录像"));
    }

    #[test]
    fn s1_5_1_violation_and_deferral_rest_on_a_decision() {
        let void = Decided { is_void: true, is_put_off: false };
        let put_off = Decided { is_void: false, is_put_off: true };
        let none = Decided::default();
        let mark = Outcome::Mark(80.0);
        for (outcome, decided, asked, holds) in [
            (mark, none, true, true),
            (Outcome::Violation, none, true, false),
            (Outcome::Violation, none, false, true),
            (Outcome::Violation, void, true, true),
            (mark, void, false, false),
            (Outcome::Deferred, void, true, false),
            (Outcome::Deferred, none, true, false),
            (Outcome::Deferred, none, false, true),
            (Outcome::Deferred, put_off, true, true),
            (mark, put_off, true, false),
            (Outcome::Absent, put_off, true, false),
        ] {
            let found = agrees("示例一", Part::Theory, outcome, decided, asked);
            assert_eq!(found.is_ok(), holds, "{outcome} {decided:?} {asked}");
        }
    }
}
