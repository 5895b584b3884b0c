//! 三（三）: what goes wrong in a room while it is held is noted at once, with what it does to the examination; whom it touches
//! has no confirmed mark until somebody who answers for the batch has closed it with an outcome.

use super::*;
use crate::marking::Hand;

words! {
    /// What happened.
    IncidentKind {
        /// A machine, a computer, a tool.
        Equipment "equipment" "设备故障";
        /// Power or network.
        Power "power" "停电或断网";
        /// A paper, a drawing, a workpiece that is wrong or missing.
        Paper "paper" "试卷、图纸或工件有误";
        /// Papers were known before.
        Leak "leak" "疑似泄题";
        /// Somebody fell ill or was hurt.
        Health "health" "突发疾病或受伤";
        /// Noise, a quarrel, strangers.
        Disorder "disorder" "秩序异常";
        /// Cameras failed.
        Recording "recording" "录像中断";
        /// Something else.
        Other "other" "其他";
    }
}

words! {
    /// What it does to the examination.
    IncidentEffect {
        /// Written down, nobody is touched.
        Note "note" "仅作记录，不影响考试";
        /// The candidates who are named.
        Persons "persons" "影响部分考生";
        /// Everyone in the room.
        Room "room" "考场考试中断，影响全场考生";
        /// Everyone who takes the part in the batch, whichever the room.
        Leak "leak" "疑似泄题，影响本科目各考场";
    }
}

words! {
    /// How it ended.
    IncidentOutcome {
        /// The examination went on as if nothing had been.
        Stands "stands" "不影响成绩";
        /// What was lost was made good on the spot.
        TimeAdded "time_added" "已补足考试时间，成绩有效";
        /// Whom it touched sits again.
        Again "again" "重考：记为缓考，编入下一批次，不占补考机会";
    }
}

/// An incident, as far as the marks look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touch<'a> {
    pub effect: IncidentEffect,
    pub session: i64,
    pub part: Part,
    /// Who is named where it touches some.
    pub persons: &'a [i64],
}

impl Touch<'_> {
    /// Whether it touches somebody who sits in a session of a part.
    pub fn holds(&self, candidate: i64, session: i64, part: Part) -> bool {
        match self.effect {
            IncidentEffect::Note => false,
            IncidentEffect::Persons => session == self.session && self.persons.contains(&candidate),
            IncidentEffect::Room => session == self.session,
            IncidentEffect::Leak => part == self.part,
        }
    }
}

/// Whether an incident may be noted so.
///
/// # Errors
/// It does not say what happened, or whom it touches.
pub fn may_note(effect: IncidentEffect, persons: usize, what: &str) -> Result<(), Refusal> {
    said(what, Clause::S3_3_1, ("what", "发生了什么", "请写明经过和当场的处置，至少 5 个字"))?;
    match (effect, persons) {
        (IncidentEffect::Persons, 0) => Err(Refusal::new(Clause::S3_3_1, "影响部分考生，没有写明是哪些考生")
            .remedy("请选择受影响的考生；影响全场的，请选择考试中断")
            .at("persons")),
        (IncidentEffect::Note | IncidentEffect::Room | IncidentEffect::Leak, 1..) => {
            Err(Refusal::new(Clause::S3_3_1, format!("“{}”不需要另选考生", effect.name()))
                .remedy("只影响所选考生的，请选择“影响部分考生”")
                .at("effect"))
        }
        _ => Ok(()),
    }
}

/// What closing an incident looks at.
#[derive(Debug, Clone, Copy)]
pub struct Closing<'a> {
    /// The outcome that it has already.
    pub closed: Option<IncidentOutcome>,
    pub effect: IncidentEffect,
    pub noted: &'a Hand,
    pub by: &'a Hand,
    pub outcome: IncidentOutcome,
    pub reason: &'a str,
}

/// Whether it may be closed so: once, by somebody else than who noted it, with how it was dealt with.
///
/// # Errors
/// One of these is not so.
pub fn may_close(one: &Closing<'_>) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S3_3_1, what).remedy(remedy));
    if let Some(outcome) = one.closed {
        return refuse(format!("这件异常情况已有结论：{}", outcome.name()), "结论不再更改；有新的情况，请另行登记");
    }
    if one.noted.is_same(one.by) {
        return refuse(
            "这件异常情况由您本人登记，不能再由您本人作结论".into(),
            "请本机构的另一名负责人作结论；登记的人只登记经过",
        );
    }
    if one.effect == IncidentEffect::Note && one.outcome == IncidentOutcome::Again {
        return refuse("仅作记录的情况没有受影响的考生，不能安排重考".into(), "影响考生的，请另行登记并写明影响")
            .map_err(|refusal| refusal.at("outcome"));
    }
    said(one.reason, Clause::S3_3_1, ("reason", "结论的依据", "请写明怎样核实、怎样处置，至少 5 个字"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_3_1_a_leak_touches_every_room_of_the_part_and_a_note_touches_nobody() {
        let touch = |effect| Touch { effect, session: 1, part: Part::Theory, persons: &[7] };
        for (effect, of_seven, of_eight, of_next_room, of_practice) in [
            (IncidentEffect::Note, false, false, false, false),
            (IncidentEffect::Persons, true, false, false, false),
            (IncidentEffect::Room, true, true, false, false),
            (IncidentEffect::Leak, true, true, true, false),
        ] {
            let one = touch(effect);
            let found = [
                one.holds(7, 1, Part::Theory),
                one.holds(8, 1, Part::Theory),
                one.holds(9, 2, Part::Theory),
                one.holds(7, 3, Part::Practical),
            ];
            assert_eq!(found, [of_seven, of_eight, of_next_room, of_practice], "{effect:?}");
        }
    }

    #[test]
    fn s3_3_1_an_incident_names_whom_it_touches_and_is_closed_by_somebody_else() {
        assert_eq!(may_note(IncidentEffect::Persons, 0, "两台电脑死机").unwrap_err().field, Some("persons"));
        assert_eq!(may_note(IncidentEffect::Room, 2, "全场停电半小时").unwrap_err().field, Some("effect"));
        assert_eq!(may_note(IncidentEffect::Room, 0, "停电").unwrap_err().field, Some("what"));
        assert!(may_note(IncidentEffect::Room, 0, "全场停电半小时").is_ok());
        let (one, other) =
            (Hand { account: Some(1), name: "示例".into() }, Hand { account: Some(2), name: "示例".into() });
        let close = |by, outcome, reason| {
            let (closed, effect) = (None, IncidentEffect::Note);
            may_close(&Closing { closed, effect, noted: &one, by, outcome, reason })
        };
        assert!(close(&other, IncidentOutcome::Stands, "与考试无关").is_ok());
        assert!(close(&one, IncidentOutcome::Stands, "与考试无关").is_err());
        assert_eq!(close(&other, IncidentOutcome::Stands, "无").unwrap_err().field, Some("reason"));
        assert_eq!(close(&other, IncidentOutcome::Again, "与考试无关").unwrap_err().field, Some("outcome"));
    }
}
