//! What the platform writes is what it reads: templates, marked workbooks, marks and registers.

use jiff::civil::date;
use rules::Day;
use rules::certificate::Level;
use rules::eligibility::{self, Generation, Month};
use rules::result::{Outcome, Part};
use rust_xlsxwriter::Workbook;
use sheets::specimen::{SHEET, Specimen, resident_number};
use sheets::*;

const TODAY: Day = date(2026, 11, 20);

fn number(order: usize) -> String {
    resident_number("20080501", order)
}

/// Every cell of a worksheet, as text, row by row.
fn cells(bytes: &[u8], sheet: &str) -> Vec<Vec<String>> {
    use calamine::Reader;
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    book.worksheet_range(sheet).unwrap().rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn templates_have_the_columns_that_the_reader_knows() {
    let lines: Vec<_> = eligibility::lines(Level::L4, Generation::Since2023).collect();
    let full = roster_template(RosterForm::Registration, Some(Level::L4), &lines).unwrap();
    assert_eq!(cells(&full, "名册")[0], REGISTRATION);
    let short = roster_template(RosterForm::Short, Some(Level::L4), &lines).unwrap();
    assert_eq!(cells(&short, "名册")[0][..6], ["姓名", "证件类型", "证件号码", "学号", "申报条件", "手机号码"]);
    let said: Vec<_> = cells(&short, "填写说明").concat();
    assert!(lines.iter().all(|line| said.contains(&line.text.to_owned())));
    let specimen = Specimen::new(1, 0, 1).unwrap();
    let nobody = |_: &str| None;
    for bytes in [full, short] {
        let check = check_roster(&bytes, &specimen.context(&nobody)).unwrap();
        assert_eq!((check.rows_read, check.findings.len()), (0, 0), "{:?}", check.findings);
    }
    let check = read_enrolment(&enrolment_template().unwrap(), TODAY, true).unwrap();
    assert_eq!((check.rows_read, check.findings.len()), (0, 0));
}

#[test]
fn a_marked_workbook_says_what_is_wrong_in_its_row_and_is_read_again_the_same() {
    let specimen = Specimen::new(300, 34, 7).unwrap();
    let running = |number: &str| specimen.is_running(number);
    let context = specimen.context(&running);
    let first = check_roster(&specimen.workbook, &context).unwrap();
    assert_eq!(first.findings.len(), 34);
    let marked = marked_up(&specimen.workbook, &first.findings).unwrap();
    let sheet = cells(&marked, SHEET);
    for finding in &first.findings {
        let row = &sheet[finding.row as usize - 1];
        assert!(row[33].contains(&finding.reason) && row[34].contains(&finding.remedy), "{finding:?}: {row:?}");
    }
    assert!(sheet.iter().filter(|row| !row[33].is_empty()).count() == 35, "the heading and 34 rows");
    let list = cells(&marked, "问题清单");
    assert_eq!(list.len(), 35);
    assert_eq!(
        list[1][1..4],
        [first.findings[0].row.to_string(), first.findings[0].column.clone(), first.findings[0].column_name.clone()]
    );

    let second = check_roster(&marked, &context).unwrap();
    assert_eq!(second.findings.len(), first.findings.len());
    for (second, first) in second.findings.iter().zip(&first.findings) {
        assert_eq!(second, first);
    }
    assert_eq!(second.good, first.good);
    let again = marked_up(&marked, &second.findings).unwrap();
    assert_eq!(cells(&again, SHEET), sheet);
}

#[test]
fn text_files_are_marked_up_as_workbooks() {
    let text = format!("姓名,证件号码\n张三,{}\n", &number(111)[..17]);
    let specimen = Specimen::new(1, 0, 1).unwrap();
    let nobody = |_: &str| None;
    let check = check_roster(text.as_bytes(), &specimen.context(&nobody)).unwrap();
    let marked = marked_up(text.as_bytes(), &check.findings).unwrap();
    assert_eq!(cells(&marked, "名册")[1][0], "张三");
    assert!(cells(&marked, "名册")[1][2].contains("17位"));
}

#[test]
fn a_register_is_read_with_its_months_and_its_doubles_are_found() {
    let text = format!(
        "学号,姓名,身份证号,专业,班级,培养层次,入学年月,预计毕业年月\n\
         S1,张三,{},钳工,24钳工1班,中级工班,2024-09,2027年7月\n\
         S2,李四,{},钳工,,,202409,\n\
         S3,王五,{},,,,,\n\
         S2,赵六,{},,,,,\n\
         S5,孙七,{},,,,明年,\n\
         ,周八,{},,,,,\n",
        number(111),
        number(113),
        number(111),
        number(115),
        number(117),
        number(119)
    );
    let check = read_enrolment(text.as_bytes(), TODAY, true).unwrap();
    assert_eq!(check.rows.iter().map(|row| row.student_no.as_str()).collect::<Vec<_>>(), ["S1", "S2"]);
    let enrolled = &check.rows[0].enrolled;
    assert_eq!(enrolled.entry, Some(Month { year: 2024, month: 9 }));
    assert_eq!(enrolled.graduation, Some(Month { year: 2027, month: 7 }));
    assert_eq!(enrolled.class_kind.as_deref(), Some("中级工班"));
    let found: Vec<_> = check.findings.iter().map(|f| (f.row, f.column.as_str(), f.kind)).collect();
    let expected = [
        (4, "C", FaultKind::DuplicateInFile),
        (5, "A", FaultKind::DuplicateInFile),
        (6, "G", FaultKind::DateUnreadable),
        (7, "A", FaultKind::StudentNumberMissing),
    ];
    assert_eq!(found, expected);
    let index = EnrolmentIndex::new(check.rows);
    assert_eq!(index.get(&number(113)).unwrap().name, "李四");
}

#[test]
fn s1_5_1_marks_are_read_part_by_part() {
    let candidates = [("张三", number(111)), ("李四", number(113)), ("王五", number(115)), ("赵六", number(117))];
    let parts = [Part::Theory, Part::Practical];
    let template = marks_template(&parts, candidates.iter().map(|(name, number)| (*name, number.as_str()))).unwrap();
    assert_eq!(cells(&template, "成绩")[0], ["姓名", "证件号码", "理论成绩", "实操成绩"]);
    let name_of = |number: &str| candidates.iter().find(|(_, n)| n == number).map(|(name, _)| (*name).to_owned());
    let context = MarksContext { parts: &parts, name_of: &name_of };
    let empty = read_marks(&template, &context).unwrap();
    assert_eq!((empty.rows_read, empty.good.len()), (4, 0));
    assert!(empty.findings.iter().all(|f| f.kind == FaultKind::MarkMissing && f.severity == Severity::Warning));

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["姓名", "证件号码", "理论成绩", "实操成绩", "综合评审"]).unwrap();
    sheet.write_row(1, 0, ["张三".to_owned(), number(111)]).unwrap();
    sheet.write_number(1, 2, 87.5).unwrap();
    sheet.write_number(1, 3, 60.0).unwrap();
    sheet.write_row(2, 0, ["李四".to_owned(), number(113), "缺考".to_owned()]).unwrap();
    sheet.write_row(3, 0, ["王五".to_owned(), number(115), "优秀".to_owned(), "101".to_owned()]).unwrap();
    sheet.write_row(4, 0, ["王五".to_owned(), number(117), "70".to_owned()]).unwrap();
    sheet.write_row(5, 0, ["孙七".to_owned(), number(119), "70".to_owned()]).unwrap();
    sheet.write_row(6, 0, ["张三".to_owned(), number(111), "70".to_owned()]).unwrap();
    sheet.write_row(7, 0, ["赵六".to_owned(), number(117), "70".to_owned(), String::new(), "80".to_owned()]).unwrap();
    let check = read_marks(&book.save_to_buffer().unwrap(), &context).unwrap();
    assert_eq!(check.good.len(), 2);
    assert_eq!(check.good[0].outcomes, [(Part::Theory, Outcome::Mark(87.5)), (Part::Practical, Outcome::Mark(60.0))]);
    assert_eq!(check.good[1].outcomes, [(Part::Theory, Outcome::Absent)]);
    let found: Vec<_> = check.findings.iter().map(|f| (f.row, f.column.as_str(), f.kind)).collect();
    let expected = [
        (4, "C", FaultKind::MarkUnreadable),
        (4, "D", FaultKind::MarkUnreadable),
        (5, "A", FaultKind::CandidateNameDiffers),
        (6, "B", FaultKind::CandidateUnknown),
        (7, "B", FaultKind::DuplicateInFile),
        (8, "B", FaultKind::DuplicateInFile),
        (8, "E", FaultKind::MarkUnreadable),
    ];
    assert_eq!(found, expected);
}

#[test]
fn lists_keep_numbers_as_text() {
    let rows = [vec!["张三".to_owned(), number(111)]];
    let bytes = table("发证名册：2026/12", &["姓名", "证件号码"], rows).unwrap();
    assert_eq!(cells(&bytes, "发证名册：202612")[2], ["张三".to_owned(), number(111)]);
}
