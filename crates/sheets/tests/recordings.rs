//! Lists of recordings as recorders and people write them.

use rules::Day;
use rules::arrangement::DayTime;
use rules::result::Part;
use sheets::{FaultKind, RecordingRoom, RecordingsCheck, RecordingsContext, read_recordings, recordings_table};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// One room with two groups of theory, one after the other; stations on two days.
fn rooms() -> Vec<RecordingRoom> {
    let room = |session, room: &str, part, on, from: (u16, u16), to: (u16, u16)| RecordingRoom {
        session,
        room: room.into(),
        part,
        on: day(on),
        from: DayTime::at(from.0, from.1),
        to: DayTime::at(to.0, to.1),
    };
    vec![
        room(1, "教学楼301", Part::Theory, "2026-12-15", (8, 30), (10, 0)),
        room(2, "教学楼301", Part::Theory, "2026-12-15", (10, 15), (11, 45)),
        room(3, "实训楼2层", Part::Practical, "2026-12-16", (8, 30), (10, 0)),
        room(4, "实训楼2层", Part::Practical, "2026-12-17", (8, 30), (10, 0)),
    ]
}

fn read(bytes: &[u8]) -> RecordingsCheck {
    let rooms = rooms();
    let kept_at_least = |on: Day| on.checked_add(jiff::Span::new().days(180)).unwrap();
    read_recordings(bytes, &RecordingsContext { rooms: &rooms, kept_at_least: &kept_at_least }).unwrap()
}

const HEADS: &str = "考场,日期,通道名称,开始时间,结束时间,文件名,摘要,存放位置,保存到\n";

#[test]
fn s3_3_1_a_list_of_recordings_is_read_as_recorders_write_it() {
    let digest = "A1".repeat(32);
    let text = format!(
        "示例学校录像清单\n{HEADS}\
        教学楼 301,,前门,2026-12-15 08:20:00,2026-12-15 12:00:00,ch01.mp4,{digest},,\n\
        教学楼301,2026/12/15,后门,10：10,11:50,,,硬盘2,2027-12-31\n\
        实训楼2层,2026-12-17,全景,8:20,10:05,,,硬盘3,\n\
        实训楼2层,2026-12-16,,,,,,,\n"
    );
    let check = read(text.as_bytes());
    assert_eq!((check.rows_read, check.findings.len()), (3, 0), "{:?}", check.findings);
    let good: Vec<_> = check.good.iter().map(|row| (row.row, row.sessions.clone(), row.from.to_string())).collect();
    // The camera ran on from one group to the next.
    assert_eq!(good, [(3, vec![1, 2], "08:20".into()), (4, vec![2], "10:10".into()), (5, vec![4], "08:20".into())]);
    assert_eq!((check.good[0].digest.as_str(), check.good[0].file_name.as_str()), (&*"a1".repeat(32), "ch01.mp4"));
    assert_eq!(check.good[1].kept_until, Some(day("2027-12-31")));
    // The same in the code of older Chinese programs.
    let (gbk, _, lossy) = encoding_rs::GB18030.encode(&text);
    assert!(!lossy);
    assert_eq!(read(&gbk).good, check.good);
}

#[test]
fn s3_3_1_each_wrong_row_of_recordings_says_what_and_where_and_the_good_ones_stay() {
    let text = format!(
        "{HEADS}\
        教学楼302,2026-12-15,前门,08:20,10:05,,,硬盘1,\n\
        实训楼2层,,全景,08:20,10:05,,,硬盘1,\n\
        教学楼301,2026-12-15,前门,早上,10:05,,,硬盘1,\n\
        教学楼301,2026-12-15,前门,,10:05,,,硬盘1,\n\
        教学楼301,2026-12-15,前门,10:05,08:20,,,硬盘1,\n\
        教学楼301,2026-12-15,前门,14:00,15:00,,,硬盘1,\n\
        教学楼301,2026-12-15,前门,08:20,10:05,,,,\n\
        教学楼301,2026-12-15,前门,08:25,10:05,,abc,,\n\
        教学楼301,2026-12-15,前门,08:20,10:04,,,硬盘1,2026-12-20\n\
        教学楼301,2026-12-15,,08:20,10:04,,,硬盘1,\n\
        教学楼301,2026-12-15,后门,08:20,10:05,,,硬盘1,\n\
        教学楼301,2026-12-15,后门,08:20,10:05,,,硬盘1,\n"
    );
    let check = read(text.as_bytes());
    let found: Vec<_> = check.findings.iter().map(|one| (one.row, one.column.as_str(), one.kind)).collect();
    assert_eq!(
        found,
        [
            (2, "A", FaultKind::RoomUnknown),
            (3, "B", FaultKind::EntryMissing),
            (4, "D", FaultKind::TimeUnreadable),
            (5, "D", FaultKind::EntryMissing),
            (6, "E", FaultKind::RecordingNotTaken),
            (7, "D", FaultKind::RoomUnknown),
            (8, "H", FaultKind::RecordingNotTaken),
            (9, "G", FaultKind::RecordingNotTaken),
            (10, "I", FaultKind::RecordingNotTaken),
            (11, "C", FaultKind::RecordingNotTaken),
            (13, "C", FaultKind::DuplicateInFile),
        ]
    );
    assert!(check.findings.iter().all(|one| !one.remedy.is_empty() && !one.reason.is_empty()));
    assert!(check.findings[0].remedy.contains("教学楼301、实训楼2层"), "{:?}", check.findings[0]);
    assert_eq!(check.good.iter().map(|row| row.row).collect::<Vec<_>>(), [12]);
}

#[test]
fn s3_3_1_the_list_that_is_taken_away_names_each_room_and_says_nothing_yet() {
    let check = read(&recordings_table(&rooms()).unwrap());
    assert_eq!((check.rows_read, check.good.len(), check.findings.len()), (0, 0, 0), "{:?}", check.findings);
}
