//! 二（二）1: the centre supervises a batch, and may stop it with a reason. While it is stopped nothing of it moves but
//! what the public has a right to; the centre lifts the stop or ends the batch.

use super::{BatchStage, BatchStep, next};
use crate::Day;
use crate::calendar::Calendar;
use crate::notice::Clause;
use crate::permission::ActKind;
use crate::refusal::Refusal;
use crate::terms::REPORT_WITHIN;

/// Why a batch stands still, and since when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hold {
    /// The pilot of its body was stopped (三（三）).
    pub frozen_on: Option<Day>,
    /// Its centre has stopped it (二（二）1).
    pub stopped_on: Option<Day>,
}

impl Hold {
    /// Whether an act goes through to a batch that may stand still. A stopped pilot lets nothing through. A centre's stop
    /// leaves no trace in public: a list stays its five days and goes, and objections are lodged and decided.
    pub fn lets_through(self, act: ActKind) -> Result<(), Refusal> {
        // Erasing what nobody needs any more waits for no one.
        if act == ActKind::ForgetPhones {
            return Ok(());
        }
        if let Some(on) = self.frozen_on {
            return Err(Refusal::new(Clause::S3_3_8, format!("该机构已于 {on} 停止试点，批次停止办理"))
                .remedy("停止试点解除后才能继续；有疑问请联系省人社厅"));
        }
        let goes_on = matches!(
            act,
            ActKind::LodgeObjection
                | ActKind::DecideObjection
                | ActKind::NoteHearing
                | ActKind::ProvePosting
                | ActKind::ClosePublicity
                | ActKind::LiftBatchStop
                | ActKind::EndBatch
        );
        match self.stopped_on {
            Some(on) if !goes_on => {
                Err(Refusal::new(Clause::S2_2_1C, format!("主管中心已于 {on} 叫停本批次，不能办理“{}”", act.name()))
                    .remedy("请按叫停的原因整改并联系主管中心；中心解除叫停后才能继续"))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a batch may be stopped: from its notification until its results are with the centre, and not twice.
pub fn may_stop(stage: BatchStage, stopped_on: Option<Day>) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(Clause::S2_2_1C, what).remedy(remedy));
    if let Some(on) = stopped_on {
        return refuse(format!("本批次已于 {on} 叫停"), "不需要再次叫停；可以解除叫停，或终止批次");
    }
    match stage {
        BatchStage::Notified | BatchStage::Posted | BatchStage::Publicised => Ok(()),
        BatchStage::Postponed => {
            refuse("批次已推迟，没有正在开展的认定".to_owned(), "机构重新通报日期后，如有必要再叫停")
        }
        BatchStage::Reported | BatchStage::Reviewed => {
            refuse("结果已上报，不再叫停批次".to_owned(), "有问题的人员请在逐人审核中退回")
        }
        BatchStage::Issued | BatchStage::Cancelled => {
            refuse(format!("批次现为“{}”，没有可以叫停的环节", stage.name()), "有误的证书请通知机构注销")
        }
    }
}

fn is_stopped(stopped_on: Option<Day>) -> Result<Day, Refusal> {
    stopped_on.ok_or_else(|| Refusal::new(Clause::S2_2_1C, "本批次没有被叫停").remedy("不需要解除或终止；请核对批次"))
}

/// What a batch goes on with when its stop is lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifted {
    pub stage: BatchStage,
    /// The last day of its report, where it is waited for.
    pub report_due_on: Option<Day>,
}

/// How a stopped batch goes on: one whose examination could not begin has to tell a new day; the days of a report that
/// could not be handed in are counted again from the lifting, if that is later.
pub fn lift(
    stage: BatchStage,
    stopped_on: Option<Day>,
    (first_exam_on, marks): (Day, i64),
    report_due_on: Option<Day>,
    calendar: &Calendar,
    today: Day,
) -> Result<Lifted, Refusal> {
    let stopped_on = is_stopped(stopped_on)?;
    let missed = stopped_on <= first_exam_on && first_exam_on <= today && marks == 0;
    let stage = if stage == BatchStage::Notified && missed { BatchStage::Postponed } else { stage };
    let report_due_on = match report_due_on.filter(|_| stage == BatchStage::Publicised) {
        Some(due) => Some(due.max(calendar.add(today, REPORT_WITHIN)?)),
        None => report_due_on,
    };
    Ok(Lifted { stage, report_due_on })
}

/// The stage of a stopped batch that its centre ends, before its results are posted.
pub fn end(stage: BatchStage, stopped_on: Option<Day>) -> Result<BatchStage, Refusal> {
    is_stopped(stopped_on)?;
    next(stage, BatchStep::End)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::read(include_str!("../../../../reference/cn-workdays.csv")).unwrap()
    }

    const fn day(month: i8, day: i8) -> Day {
        Day::constant(2026, month, day)
    }

    #[test]
    fn s2_2_1c_a_stop_lets_nothing_through_but_the_publics_and_the_centres_own() {
        let stopped = Hold { stopped_on: Some(day(6, 15)), ..Hold::default() };
        for &act in ActKind::ALL {
            assert_eq!(Hold::default().lets_through(act), Ok(()));
        }
        for act in [
            ActKind::EnterMark,
            ActKind::PostResults,
            ActKind::ReportResults,
            ActKind::CancelBatch,
            ActKind::ChangeBatch,
        ] {
            let refusal = stopped.lets_through(act).unwrap_err();
            assert_eq!(refusal.ground.clause(), Some(Clause::S2_2_1C), "{act:?}");
            assert!(refusal.what.contains(act.name()) && refusal.what.contains("2026-06-15"));
        }
        for act in [ActKind::LodgeObjection, ActKind::ClosePublicity, ActKind::LiftBatchStop, ActKind::EndBatch] {
            assert_eq!(stopped.lets_through(act), Ok(()), "{act:?}");
        }
        // A stopped pilot stands before it.
        let both = Hold { frozen_on: Some(day(6, 1)), ..stopped };
        assert_eq!(both.lets_through(ActKind::ForgetPhones), Ok(()));
        for act in [ActKind::LiftBatchStop, ActKind::LodgeObjection, ActKind::EnterMark] {
            assert_eq!(both.lets_through(act).unwrap_err().ground.clause(), Some(Clause::S3_3_8), "{act:?}");
        }
    }

    #[test]
    fn s2_2_1c_a_batch_is_stopped_once_and_before_its_results_are_with_the_centre() {
        use BatchStage::*;
        for &stage in BatchStage::ALL {
            assert_eq!(may_stop(stage, None).is_ok(), matches!(stage, Notified | Posted | Publicised), "{stage:?}");
            assert!(may_stop(stage, Some(day(6, 1))).is_err());
            assert_eq!(end(stage, Some(day(6, 1))).is_ok(), matches!(stage, Notified | Postponed), "{stage:?}");
            assert!(end(stage, None).is_err());
        }
    }

    #[test]
    fn s2_2_1c_who_missed_the_day_tells_a_new_one_and_who_could_not_report_gets_ten_days() {
        let check = |stage, marks, today: Day, expected: (BatchStage, Option<Day>)| {
            let due = (stage == BatchStage::Publicised).then_some(day(6, 30));
            let lifted = lift(stage, Some(day(6, 12)), (day(6, 15), marks), due, &calendar(), today).unwrap();
            assert_eq!((lifted.stage, lifted.report_due_on), expected, "{stage:?} {today}");
        };
        check(BatchStage::Notified, 0, day(6, 14), (BatchStage::Notified, None));
        check(BatchStage::Notified, 0, day(6, 15), (BatchStage::Postponed, None));
        check(BatchStage::Notified, 4, day(6, 18), (BatchStage::Notified, None));
        check(BatchStage::Posted, 0, day(6, 18), (BatchStage::Posted, None));
        // Ten working days from the 25th reach 9 July; from the 12th they would end before the due day.
        check(BatchStage::Publicised, 0, day(6, 25), (BatchStage::Publicised, Some(day(7, 9))));
        check(BatchStage::Publicised, 0, day(6, 12), (BatchStage::Publicised, Some(day(6, 30))));
        assert!(lift(BatchStage::Notified, None, (day(6, 15), 0), None, &calendar(), day(6, 18)).is_err());
    }
}
