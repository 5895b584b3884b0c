//! Sheets of course and module marks as Excel, WPS and other systems write them.

use jiff::civil::date;
use rules::result::{Outcome, Part};
use rules::scheme::SchemeModule;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use sheets::specimen::resident_number;
use sheets::{
    CourseContext, CourseRow, FaultKind, Finding, SchemeCheck, course_marks_template, module_marks_template,
    read_course_marks, read_module_marks,
};

fn number(order: usize) -> String {
    resident_number("20080501", order)
}

/// Two candidates.
fn name_of(id: &str) -> Option<String> {
    [(number(111), "示例甲"), (number(113), "示例乙")]
        .into_iter()
        .find(|(own, _)| own == id)
        .map(|(_, name)| name.into())
}

fn course(bytes: &[u8]) -> SchemeCheck<CourseRow> {
    let context = CourseContext { name_of: &name_of, starts_on: date(2026, 9, 14), today: date(2026, 9, 16) };
    read_course_marks(bytes, &context).unwrap()
}

/// The findings, short: row, column, kind.
fn short(findings: &[Finding]) -> Vec<(u32, &str, FaultKind)> {
    findings.iter().map(|f| (f.row, f.column.as_str(), f.kind)).collect()
}

fn modules() -> Vec<SchemeModule> {
    let module =
        |name: &str, part, weight| SchemeModule { name: name.into(), part, weight, evidence: "工作页".into() };
    vec![
        module("凉菜制作", Part::Practical, 40),
        module("热菜制作", Part::Practical, 60),
        module("原料知识", Part::Theory, 100),
    ]
}

#[test]
fn s1_5_2_a_course_sheet_is_read_under_a_merged_heading_with_dates_and_wide_digits() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let (plain, day) = (Format::new(), Format::new().set_num_format("yyyy/m/d"));
    sheet.merge_range(0, 0, 0, 5, "示例学校2026年春季学期结课成绩", &plain).unwrap();
    sheet.merge_range(1, 0, 1, 1, "考生", &plain).unwrap();
    sheet.merge_range(1, 2, 1, 5, "结课", &plain).unwrap();
    sheet.write_row(2, 0, ["姓名", "身份证号", "考试日期", "成绩", "试卷编号", "审批人"]).unwrap();
    sheet.write_row(3, 0, ["示例甲".to_owned(), number(111)]).unwrap();
    sheet.write_datetime_with_format(3, 2, ExcelDateTime::from_ymd(2026, 6, 24).unwrap(), &day).unwrap();
    sheet.write_row(3, 3, ["８５．５", "2026春-A", "示例主任"]).unwrap();
    // Stored as a number the identity number has lost its last digits.
    sheet.write_string(4, 0, "示例乙").unwrap();
    sheet.write_number(4, 1, number(113)[..17].parse::<f64>().unwrap() * 10.0).unwrap();
    sheet.write_row(4, 2, ["2026-06-24", "72", "2026春-A", "示例主任"]).unwrap();
    let check = course(&book.save_to_buffer().unwrap());
    assert_eq!(short(&check.findings), [(5, "B", FaultKind::IdAsNumber)]);
    assert_eq!((check.rows_read, check.good.len()), (2, 1), "the good row survives");
    let row = &check.good[0];
    assert_eq!((row.outcome, row.exam_on, row.row), (Outcome::Mark(85.5), date(2026, 6, 24), 4));
    assert_eq!((row.id_number.as_str(), row.paper.as_str()), (number(111).as_str(), "2026春-A"));
}

#[test]
fn s1_5_2_what_a_course_mark_lacks_is_told_at_its_cell_and_text_may_be_gbk() {
    let line = |name: &str, id: usize, rest: &str| format!("{name},{},{rest}\r\n", number(id));
    let head = "姓名,证件号码,结课考试日期,结课成绩,试卷,审定人\r\n";
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let good = format!("{head}{}", line("示例甲", 111, "2026.6.24,72,2026春-A,示例主任"));
    assert_eq!(course(&gbk(&good)).good.len(), 1);
    // Who has no mark takes the examination: no finding.
    let none = course(format!("{head}{}", line("示例乙", 113, ",,,")).as_bytes());
    assert_eq!((none.rows_read, none.findings.len()), (0, 0));
    for (rest, expected) in [
        ("2026-06,72,A,示例", (2, "C", FaultKind::DateUnreadable)),
        (",72,A,示例", (2, "C", FaultKind::EntryMissing)),
        ("2026-09-17,72,A,示例", (2, "C", FaultKind::MarkNotAllowed)),
        ("2023-01-10,72,A,示例", (2, "C", FaultKind::MarkNotAllowed)),
        ("2026-06-24,缺考,A,示例", (2, "D", FaultKind::MarkNotAllowed)),
        ("2026-06-24,720,A,示例", (2, "D", FaultKind::MarkUnreadable)),
        ("2026-06-24,72,,示例", (2, "E", FaultKind::EntryMissing)),
        ("2026-06-24,72,A,", (2, "F", FaultKind::EntryMissing)),
    ] {
        let check = course(&gbk(&format!("{head}{}", line("示例甲", 111, rest))));
        assert_eq!(short(&check.findings), [expected], "{rest}");
        assert!(check.good.is_empty() && !check.findings[0].remedy.is_empty(), "{rest}");
    }
    let full = "2026-06-24,72,A,示例";
    let twice = format!("{head}{}{}", line("示例甲", 111, full), line("示例甲", 111, full));
    assert_eq!(short(&course(twice.as_bytes()).findings), [(3, "B", FaultKind::DuplicateInFile)]);
    let other = format!("{head}{}{}", line("示例丙", 111, full), line("示例丁", 115, full));
    let expected = [(2, "A", FaultKind::CandidateNameDiffers), (3, "B", FaultKind::CandidateUnknown)];
    assert_eq!(short(&course(other.as_bytes()).findings), expected);
}

#[test]
fn s1_5_3_modules_are_columns_and_each_needs_its_mark() {
    let candidates = [number(111), number(113)];
    let rows = || [("示例甲", candidates[0].as_str()), ("示例乙", candidates[1].as_str())];
    // The template is found again by its own headings, and an empty one says nothing.
    let empty = module_marks_template(&modules(), rows()).unwrap();
    let check = read_module_marks(&empty, &modules(), &name_of).unwrap();
    assert_eq!((check.rows_read, check.findings.len()), (0, 0));
    let head = "姓名,证件号码,凉菜制作（操作技能考核，40%）,热菜制作,原料知识\n";
    let text = format!("{head}示例甲,{},70,85.5,80\n示例乙,{},70,,缺考\n", candidates[0], candidates[1]);
    let check = read_module_marks(text.as_bytes(), &modules(), &name_of).unwrap();
    let expected = [(3, "D", FaultKind::MarkMissingOfModule), (3, "E", FaultKind::MarkNotAllowed)];
    assert_eq!(short(&check.findings), expected);
    assert_eq!(check.good.len(), 1);
    let outcomes = [(Part::Theory, Outcome::Mark(80.0)), (Part::Practical, Outcome::Mark(79.3))];
    assert_eq!(check.good[0].outcomes, outcomes);
    // A module without its column: the sheet is not half read.
    let text = format!("姓名,证件号码,凉菜制作,原料知识\n示例甲,{},70,80\n", candidates[0]);
    let check = read_module_marks(text.as_bytes(), &modules(), &name_of).unwrap();
    assert_eq!(check.findings[0].reason, "表头中没有“热菜制作”列");
    assert_eq!((check.good.len(), check.findings.len()), (0, 1));
    let own = course_marks_template(rows()).unwrap();
    assert_eq!(course(&own).findings, []);
}
