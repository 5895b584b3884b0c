//! 一（二）3, 三（三）: the whole examination is recorded. What cameras recorded of a room is told by its time, with the digest or
//! the place of the recording; minutes of a room that nobody recorded leave its candidates without a confirmed mark.

use super::*;
use crate::term::{Term, Terms};
use crate::terms::RECORDING_FROM;

/// Whether a batch that was notified on this day needs recordings of its rooms before a mark counts. What was notified before is
/// held by what was asked then.
pub fn is_asked(notified_on: Day) -> bool {
    notified_on >= RECORDING_FROM
}

/// What one camera recorded, from when to when, on the day of the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Recorded {
    pub from: DayTime,
    pub to: DayTime,
}

/// The minutes of a room that no camera recorded, in order; what is no longer than `allowed` minutes is passed over.
pub fn gaps(began: DayTime, ended: DayTime, recorded: &[Recorded], allowed: u16) -> Vec<Recorded> {
    let mut recorded: Vec<Recorded> = recorded.to_vec();
    recorded.sort_unstable();
    let mut found = Vec::new();
    let mut covered_to = began;
    for one in recorded {
        if one.from > covered_to {
            found.push(Recorded { from: covered_to, to: one.from.min(ended) });
        }
        covered_to = covered_to.max(one.to);
        if covered_to >= ended {
            break;
        }
    }
    if covered_to < ended {
        found.push(Recorded { from: covered_to, to: ended });
    }
    found.retain(|gap| gap.from < ended && gap.from.until(gap.to) > allowed);
    found
}

/// Gaps in a sentence: `09:10–09:25、10:00–10:05`.
pub fn said_gaps(gaps: &[Recorded]) -> String {
    gaps.iter().map(|gap| format!("{}–{}", gap.from, gap.to)).collect::<Vec<_>>().join("、")
}

/// The day until which recordings of a day are kept at least: half a year, and years where something of the batch is disputed.
pub fn kept_at_least(held_on: Day, is_disputed: bool, terms: &Terms) -> Day {
    let span = match is_disputed {
        true => jiff::Span::new().years(i64::from(terms.count(Term::RecordingDisputedYears))),
        false => jiff::Span::new().days(i64::from(terms.count(Term::RecordingDays))),
    };
    held_on.checked_add(span).unwrap_or(Day::MAX)
}

/// A recording as somebody tells it.
#[derive(Debug, Clone, Copy)]
pub struct Telling<'a> {
    pub camera: &'a str,
    pub at: Recorded,
    /// SHA-256 of the file, and where it lies.
    pub digest: &'a str,
    pub address: &'a str,
    pub kept_until: Day,
    /// Until when it has to be kept.
    pub at_least: Day,
}

/// Whether a recording may be noted so.
///
/// # Errors
/// A refusal that names the field.
pub fn may_note(one: &Telling<'_>) -> Result<(), Refusal> {
    let refuse = |what: String, remedy: &str, field| Err(Refusal::new(HOUSE, what).remedy(remedy).at(field));
    if one.camera.trim().is_empty() || one.camera.chars().count() > 100 {
        return refuse("没有写明摄像头，或超过100字".into(), "请写明摄像头的编号或位置，例如 301前门", "camera");
    }
    if one.at.from >= one.at.to {
        return refuse(
            format!("录像的结束时间 {} 不晚于开始时间 {}", one.at.to, one.at.from),
            "请核对录像的起止时间",
            "to",
        );
    }
    let is_digest = one.digest.len() == 64 && one.digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    match (one.digest, one.address) {
        ("", "") => {
            return refuse(
                "没有录像文件的摘要，也没有存放的位置".into(),
                "请填写文件的 SHA-256 摘要，或写明录像存放在哪里",
                "address",
            );
        }
        ("", _) => {}
        _ if is_digest => {}
        _ => {
            return refuse(
                "录像文件的摘要不是 64 位十六进制".into(),
                "请填写 SHA-256 摘要；不会计算的，只写存放的位置",
                "digest",
            );
        }
    }
    if one.address.chars().count() > 300 {
        return refuse("存放位置超过300字".into(), "请写得简短一些", "address");
    }
    may_keep(one.kept_until, one.at_least)
}

/// Whether recordings are kept long enough.
///
/// # Errors
/// They are not.
pub fn may_keep(kept_until: Day, at_least: Day) -> Result<(), Refusal> {
    if kept_until >= at_least {
        return Ok(());
    }
    Err(Refusal::new(Clause::S1_2_3, format!("录像只保存到 {kept_until}，须保存到 {at_least} 以后"))
        .remedy("请延长保存期限；批次有异议、违纪或成绩更改的，保存的时间更长")
        .at("kept_until"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minutes: u16) -> DayTime {
        DayTime::at(8 + minutes / 60, minutes % 60)
    }

    fn recorded(of: &[(u16, u16)]) -> Vec<Recorded> {
        of.iter().map(|(from, to)| Recorded { from: at(*from), to: at(*to) }).collect()
    }

    #[test]
    fn s3_3_1_what_no_camera_recorded_of_a_room_is_named() {
        for (of, allowed, said) in [
            (vec![], 1, "08:30–10:00"),
            (vec![(0, 240)], 1, ""),
            (vec![(30, 60), (60, 120)], 0, ""),
            // A camera that is changed within the minute.
            (vec![(30, 60), (61, 120)], 1, ""),
            (vec![(30, 60), (61, 120)], 0, "09:00–09:01"),
            (vec![(50, 60), (80, 110)], 1, "08:30–08:50、09:00–09:20、09:50–10:00"),
            // Another camera covers what the first lacks; order does not matter.
            (vec![(80, 120), (30, 85)], 0, ""),
            (vec![(200, 240)], 1, "08:30–10:00"),
        ] {
            assert_eq!(said_gaps(&gaps(at(30), at(120), &recorded(&of), allowed)), said, "{of:?}");
        }
    }

    #[test]
    fn s1_2_3_recordings_are_kept_half_a_year_and_five_years_where_something_is_disputed() {
        let day = Day::constant(2026, 12, 15);
        let terms = Terms::default();
        assert_eq!(kept_at_least(day, false, &terms).to_string(), "2027-06-13");
        assert_eq!(kept_at_least(day, true, &terms).to_string(), "2031-12-15");
        let tell = |camera, digest, address, from, to, kept: &str| {
            let (kept_until, at_least) = (kept.parse().unwrap(), kept_at_least(day, false, &terms));
            may_note(&Telling {
                camera,
                at: Recorded { from: at(from), to: at(to) },
                digest,
                address,
                kept_until,
                at_least,
            })
            .map_err(|refusal| refusal.field)
        };
        let digest = "a1".repeat(32);
        assert_eq!(tell("301前门", &digest, "", 30, 120, "2027-06-13"), Ok(()));
        assert_eq!(tell("301前门", "", "监控室硬盘录像机2号", 30, 120, "2027-06-13"), Ok(()));
        assert_eq!(tell(" ", &digest, "", 30, 120, "2027-06-13"), Err(Some("camera")));
        assert_eq!(tell("301前门", "", "", 30, 120, "2027-06-13"), Err(Some("address")));
        assert_eq!(tell("301前门", "a1", "", 30, 120, "2027-06-13"), Err(Some("digest")));
        assert_eq!(tell("301前门", &digest, "", 30, 30, "2027-06-13"), Err(Some("to")));
        assert_eq!(tell("301前门", &digest, "", 30, 120, "2027-06-12"), Err(Some("kept_until")));
        assert!(!is_asked(Day::constant(2026, 11, 30)) && is_asked(Day::constant(2026, 12, 1)));
    }

    proptest! {
        /// Recording what is missing leaves nothing missing, and no gap lies in what was recorded.
        #[test]
        fn s3_3_1_a_gap_is_what_was_not_recorded(of in prop::collection::vec((0u16..300, 1u16..60), 0..6)) {
            let of: Vec<(u16, u16)> = of.into_iter().map(|(from, length)| (from, from + length)).collect();
            let mut all = recorded(&of);
            let found = gaps(at(30), at(120), &all, 0);
            for minute in 30..120 {
                let is_recorded = of.iter().any(|(from, to)| *from <= minute && minute < *to);
                let is_gap = found.iter().any(|gap| gap.from <= at(minute) && at(minute) < gap.to);
                prop_assert_eq!(is_recorded, !is_gap);
            }
            all.extend(found);
            prop_assert!(gaps(at(30), at(120), &all, 0).is_empty());
        }
    }
}
