//! Sign-in lists as rooms keep them.

use rules::arrangement::DayTime;
use rust_xlsxwriter::{Format, Workbook};
use sheets::{FaultKind, read_arrivals};

fn name_of(ticket: &str) -> Option<String> {
    [("0001", "示例一"), ("0002", "示例二"), ("0003", "示例三"), ("0004", "示例四"), ("0005", "示例五")]
        .into_iter()
        .find(|(known, _)| *known == ticket)
        .map(|(_, name)| name.to_owned())
}

#[test]
fn s3_3_1_a_sign_in_list_is_read_as_rooms_keep_it() {
    let text = "示例教学楼301签到表\n考号,姓名,签到,到场时间\n\
        0001,示例一,√,\n0002,示例二,,8:15\n0003,示例三,示例三,08：20:30\n0004,示例四,缺考,\n0005,示例五,,\n监考员签名：\n";
    let check = read_arrivals(text.as_bytes(), &name_of).unwrap();
    assert_eq!((check.rows_read, check.findings.len()), (5, 0), "{:?}", check.findings);
    let came: Vec<_> = check.good.iter().map(|row| (row.row, row.ticket.as_str(), row.came)).collect();
    let at = |hour, minute| Some(DayTime::at(hour, minute));
    assert_eq!(came, [(3, "0001", None), (4, "0002", at(8, 15)), (5, "0003", at(8, 20))]);
}

#[test]
fn s3_3_1_each_wrong_row_says_what_and_where_and_the_good_ones_stay() {
    let text = "准考证号,姓名,签到,到场时间\n\
        0001,示例二,√,\n0009,示例九,√,\n0002,示例二,√,\n0002,示例二,√,\n0003,示例三,也许,\n0004,示例四,√,早上\n0005,示例五,缺考,08:10\n";
    let check = read_arrivals(text.as_bytes(), &name_of).unwrap();
    let found: Vec<_> = check.findings.iter().map(|one| (one.row, one.column.as_str(), one.kind)).collect();
    assert_eq!(
        found,
        [
            (2, "B", FaultKind::CandidateNameDiffers),
            (3, "A", FaultKind::CandidateUnknown),
            (5, "A", FaultKind::DuplicateInFile),
            (6, "C", FaultKind::EntryUnknown),
            (7, "D", FaultKind::TimeUnreadable),
            (8, "D", FaultKind::EntryUnknown),
        ]
    );
    assert!(check.findings.iter().all(|one| !one.remedy.is_empty()));
    assert_eq!(check.good.iter().map(|row| row.row).collect::<Vec<_>>(), [4]);
    assert_eq!(read_arrivals(b"a,b\n1,2\n", &name_of).unwrap_err().field, Some("file"));
}

#[test]
fn s3_3_1_a_time_may_be_a_part_of_a_day() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["准考证号", "打卡时间"]).unwrap();
    sheet.write_string(1, 0, "0001").unwrap();
    sheet.write_number_with_format(1, 1, 495.0 / 1440.0, &Format::new().set_num_format("hh:mm")).unwrap();
    sheet.write_string(2, 0, "0002").unwrap();
    sheet
        .write_number_with_format(2, 1, 46_371.0 + 500.0 / 1440.0, &Format::new().set_num_format("yyyy-mm-dd hh:mm"))
        .unwrap();
    sheet.write_string(3, 0, "0003").unwrap();
    sheet.write_number(3, 1, 8.0).unwrap();
    let check = read_arrivals(&book.save_to_buffer().unwrap(), &name_of).unwrap();
    let came: Vec<_> = check.good.iter().map(|row| row.came).collect();
    assert_eq!(came, [Some(DayTime::at(8, 15)), Some(DayTime::at(8, 20))]);
    assert_eq!(check.findings.len(), 1);
}
