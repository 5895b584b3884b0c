//! What an open batch waits for, by whom and until when, as a centre sees all of its batches at once. Whether one is
//! late is asked of thousands of them, so the days on which lateness begins are computed once, and compared with.

use super::BatchStage;
use crate::Day;
use crate::calendar::Calendar;
use crate::notice::Clause;
use crate::terms::{POSTING_AFTER, REGISTRATION_BEFORE};

/// How far an open batch has come, as far as its board tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seen {
    pub stage: BatchStage,
    pub first_exam_on: Day,
    pub last_exam_on: Day,
    /// Whether anyone is registered.
    pub has_roster: bool,
    /// Whether a report was handed in before: what follows it has days of its own.
    pub has_report: bool,
    pub ends_publicity_on: Option<Day>,
    pub report_due_on: Option<Day>,
    pub stopped_on: Option<Day>,
}

/// What is next in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaited {
    pub what: &'static str,
    /// Who does it, as people say it.
    pub by: &'static str,
    /// The last day, where one is set and the calendar reaches.
    pub due_on: Option<Day>,
    pub clause: Clause,
}

/// What an open batch waits for; nothing when it is finished or called off.
pub fn awaited(seen: &Seen, calendar: &Calendar, today: Day) -> Option<Awaited> {
    let next = |what, by, due_on, clause| Some(Awaited { what, by, due_on, clause });
    if seen.stopped_on.is_some() {
        return next("解除叫停或终止", "主管中心", None, Clause::S2_2_1C);
    }
    let registration = calendar.add(seen.first_exam_on, -REGISTRATION_BEFORE).ok();
    match seen.stage {
        BatchStage::Notified if !seen.has_roster && today > seen.last_exam_on => {
            next("没有考生，取消批次", "机构", registration, Clause::S2_2_1B)
        }
        BatchStage::Notified if !seen.has_roster => next("导入报名名册", "机构", registration, Clause::S1_1_3),
        BatchStage::Notified if today <= seen.last_exam_on => {
            next("开展考试", "机构", Some(seen.last_exam_on), Clause::S2_2_1C)
        }
        BatchStage::Notified => {
            next("登记成绩并公示", "机构", calendar.add(seen.last_exam_on, POSTING_AFTER).ok(), Clause::S2_2_3A)
        }
        BatchStage::Postponed => next("通报新的日期", "机构", None, Clause::S2_2_1B),
        BatchStage::Posted => next("公示期满", "系统", seen.ends_publicity_on, Clause::S2_2_3A),
        BatchStage::Publicised if seen.has_report => next("补充上报", "机构负责人", None, Clause::S2_2_3B),
        BatchStage::Publicised => next("上报认定结果", "机构负责人", seen.report_due_on, Clause::S2_2_3B),
        BatchStage::Reported => next("逐人审核", "主管中心", None, Clause::S2_2_4A),
        BatchStage::Reviewed => next("核发证书", "机构负责人", None, Clause::S2_2_4B),
        BatchStage::Issued | BatchStage::Cancelled => None,
    }
}

/// The days on which lateness begins today: an examination before the edge has missed the day that is counted from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edges {
    /// A batch without a roster is late when its first examination lies before this day.
    pub registration: Day,
    /// A batch that is not posted is late when its last examination lies before this day.
    pub posting: Day,
}

/// The edges of today. Where the calendar does not reach nothing is late.
pub fn edges(calendar: &Calendar, today: Day) -> Edges {
    // Ten working days never take more than these, whatever festivals are among them.
    let reach = jiff::Span::new().days(60);
    let edge = |working_days| {
        let mut day = today.saturating_sub(reach);
        let end = today.saturating_add(reach);
        while day < end && calendar.add(day, working_days).is_ok_and(|due| due < today) {
            day = day.tomorrow().unwrap_or(end);
        }
        day
    };
    Edges { registration: edge(-REGISTRATION_BEFORE), posting: edge(POSTING_AFTER) }
}

/// Whether a batch is late; says the same as the day of [`awaited`].
pub fn is_late(seen: &Seen, edges: &Edges, today: Day) -> bool {
    if seen.stopped_on.is_some() {
        return false;
    }
    match seen.stage {
        BatchStage::Notified if !seen.has_roster => seen.first_exam_on < edges.registration,
        BatchStage::Notified => seen.last_exam_on < edges.posting,
        BatchStage::Publicised => !seen.has_report && seen.report_due_on.is_some_and(|due| due < today),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_2_1c_late_by_the_edges_is_late_by_the_day() {
        let calendar = Calendar::read(include_str!("../../../../reference/cn-workdays.csv")).unwrap();
        let span = |days: i32| jiff::Span::new().days(days);
        let (mut today, last) = (Day::constant(2026, 1, 20), Day::constant(2026, 12, 31));
        let (mut late, mut open) = (0, 0);
        while today <= last {
            let edges = edges(&calendar, today);
            for away in -40..40 {
                let first_exam_on = today.saturating_add(span(away));
                for (stage, has_roster, has_report) in [
                    (BatchStage::Notified, false, false),
                    (BatchStage::Notified, true, false),
                    (BatchStage::Posted, true, false),
                    (BatchStage::Publicised, true, false),
                    (BatchStage::Publicised, true, true),
                    (BatchStage::Reported, true, true),
                    (BatchStage::Postponed, true, false),
                ] {
                    let seen = Seen {
                        stage,
                        first_exam_on,
                        last_exam_on: first_exam_on.saturating_add(span(1)),
                        has_roster,
                        has_report,
                        ends_publicity_on: (stage == BatchStage::Posted).then_some(today),
                        report_due_on: (stage == BatchStage::Publicised).then_some(first_exam_on),
                        stopped_on: None,
                    };
                    let by_day = awaited(&seen, &calendar, today).unwrap().due_on.is_some_and(|due| due < today);
                    assert_eq!(is_late(&seen, &edges, today), by_day, "{today} {seen:?}");
                    if by_day {
                        late += 1
                    } else {
                        open += 1
                    }
                    let stopped = Seen { stopped_on: Some(today), ..seen };
                    assert!(!is_late(&stopped, &edges, today));
                }
            }
            today = today.saturating_add(span(1));
        }
        assert!(late > 10_000 && open > 10_000, "{late} {open}");
    }

    #[test]
    fn s2_2_1c_a_board_says_what_a_batch_waits_for() {
        let calendar = Calendar::read(include_str!("../../../../reference/cn-workdays.csv")).unwrap();
        let day = |month, day| Day::constant(2026, month, day);
        let base = Seen {
            stage: BatchStage::Notified,
            first_exam_on: day(6, 11),
            last_exam_on: day(6, 12),
            has_roster: false,
            has_report: false,
            ends_publicity_on: Some(day(6, 23)),
            report_due_on: Some(day(7, 7)),
            stopped_on: None,
        };
        let check = |seen: Seen, today: Day, expected: (&str, Option<Day>)| {
            let next = awaited(&seen, &calendar, today).unwrap();
            assert_eq!((next.what, next.due_on), expected);
        };
        check(base, day(6, 1), ("导入报名名册", Some(day(6, 2))));
        check(base, day(6, 15), ("没有考生，取消批次", Some(day(6, 2))));
        let full = Seen { has_roster: true, ..base };
        check(full, day(6, 12), ("开展考试", Some(day(6, 12))));
        // Dragon Boat rests on Friday the 19th.
        check(full, day(6, 15), ("登记成绩并公示", Some(day(6, 22))));
        check(Seen { stopped_on: Some(day(6, 12)), ..full }, day(6, 15), ("解除叫停或终止", None));
        check(Seen { stage: BatchStage::Posted, ..full }, day(6, 16), ("公示期满", Some(day(6, 23))));
        check(Seen { stage: BatchStage::Publicised, ..full }, day(6, 24), ("上报认定结果", Some(day(7, 7))));
        check(Seen { stage: BatchStage::Publicised, has_report: true, ..full }, day(7, 24), ("补充上报", None));
        assert_eq!(awaited(&Seen { stage: BatchStage::Issued, ..full }, &calendar, day(7, 24)), None);
    }
}
