//! Files as WPS, Excel and other systems write them.

#[path = "files/mod.rs"]
mod files;

use files::*;
use jiff::civil::date;
use rules::Day;
use rules::certificate::Level;
use rules::eligibility::{Generation, Month};
use rules::identity::IdKind;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use sheets::specimen::{Chance, resident_number};
use sheets::{EnrolmentIndex, FaultKind, Finding, RosterCheck, RosterContext, Severity, check_roster, read_enrolment};

const ON: Day = date(2026, 12, 7);

/// Checks as for level 5 of an occupation, where age alone decides.
fn check(bytes: &[u8]) -> RosterCheck {
    check_roster(bytes, &context(&|_| None)).unwrap()
}

fn context<'a>(running: &'a dyn Fn(&str) -> Option<String>) -> RosterContext<'a> {
    RosterContext {
        level: Level::L5,
        occupation_code: "4-03-02-01",
        occupation_names: &[],
        majors: &[],
        generation: Generation::Since2023,
        on: ON,
        today: date(2026, 11, 20),
        enrolment: None,
        running,
        own_students: None,
        made_up_people: true,
    }
}

fn refused(bytes: &[u8]) -> String {
    check_roster(bytes, &context(&|_| None)).unwrap_err().to_string()
}

/// The findings, short: row, column, kind.
fn short(findings: &[Finding]) -> Vec<(u32, &str, FaultKind)> {
    findings.iter().map(|f| (f.row, f.column.as_str(), f.kind)).collect()
}

fn number(order: usize) -> String {
    resident_number("20080501", order)
}

fn names(check: &RosterCheck) -> Vec<&str> {
    check.good.iter().map(|row| row.name.as_str()).collect()
}

#[test]
fn strings_are_read_shared_or_inline() {
    for inline in [false, true] {
        let mut book = Workbook::new();
        let sheet = if inline { book.add_worksheet_with_constant_memory().unwrap() } else { book.add_worksheet() };
        sheet.write_row(0, 0, ["姓名", "证件号码"]).unwrap();
        sheet.write_row(1, 0, ["张三".to_owned(), number(111)]).unwrap();
        let check = check(&book.save_to_buffer().unwrap());
        assert_eq!(names(&check), ["张三"]);
        assert_eq!(check.good[0].born, date(2008, 5, 1));
        assert_eq!(check.good[0].condition, "N5-1");
        assert!(check.findings.is_empty());
    }
}

#[test]
fn text_is_read_in_the_encodings_that_programs_write() {
    let text = format!(
        "姓名,证件号码,手机号码\r\n张三,{},15400000001\r\n\r\n\"李,四\",\"=\"\"{}\"\"\",15400000002\r\n",
        number(111),
        number(113)
    );
    let gbk = encoding_rs::GBK.encode(&text.replace("李,四", "李四")).0.into_owned();
    let utf8 = text.replace("李,四", "李四").into_bytes();
    let marked = ["\u{feff}".as_bytes(), &utf8].concat();
    let wide: Vec<u8> = format!("\u{feff}{}", text.replace("\"李,四\"", "李四").replace(',', "\t"))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (what, bytes) in [("GBK", gbk), ("UTF-8", utf8), ("UTF-8 with a mark", marked), ("UTF-16 with tabs", wide)] {
        let check = check(&bytes);
        assert_eq!(names(&check), ["张三", "李四"], "{what}: {:?}", check.findings);
        // The empty line is a row to the program that shows the file.
        assert_eq!(check.good.iter().map(|row| row.row).collect::<Vec<_>>(), [2, 4], "{what}");
    }
}

#[test]
fn a_record_with_a_line_break_is_one_row() {
    let text = format!("姓名,证件号码,备注\n张三,{},\"甲\n乙\"\n李四,{},\n王五,123,\n", number(111), number(113));
    let check = check(text.as_bytes());
    assert_eq!(check.good.iter().map(|row| row.row).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(short(&check.findings), [(4, "B", FaultKind::IdLength)]);
}

#[test]
fn the_heading_is_found_under_titles_merged_over_two_rows_in_any_order_and_spelling() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    sheet.merge_range(0, 0, 0, 6, "2026年职业技能等级认定报名表", &plain).unwrap();
    sheet.write_string(1, 0, "单位：示例技工学校").unwrap();
    sheet.merge_range(2, 0, 3, 0, "手机\n号码", &plain).unwrap();
    sheet.merge_range(2, 1, 3, 1, "＊证件 号码（必填）", &plain).unwrap();
    sheet.merge_range(2, 2, 2, 3, "证书", &plain).unwrap();
    sheet.write_string(3, 2, "等级").unwrap();
    sheet.write_string(3, 3, "编号").unwrap();
    sheet.merge_range(2, 4, 3, 4, "姓　名", &plain).unwrap();
    sheet.merge_range(2, 5, 3, 5, "爱好", &plain).unwrap();
    sheet.write_string(4, 1, number(111)).unwrap();
    sheet.write_string(4, 4, "张三").unwrap();
    sheet.write_string(4, 5, "篮球").unwrap();
    sheet.write_string(5, 1, number(113)).unwrap();
    sheet.write_string(5, 2, "五级").unwrap();
    sheet.write_string(5, 3, "Y000035000001255000001").unwrap();
    sheet.write_string(5, 4, "李　四").unwrap();
    sheet.write_string(6, 1, number(115)).unwrap();
    sheet.write_string(6, 2, "四级").unwrap();
    sheet.write_string(6, 3, "Y000035000001255000001").unwrap();
    sheet.write_string(6, 4, "王五").unwrap();
    sheet.write_string(7, 0, "填表人：王五").unwrap();
    let check = check(&book.save_to_buffer().unwrap());
    assert_eq!(names(&check), ["张三", "李四"], "{:?}", check.findings);
    // Level and number of the certificate held are compared, so both columns were found below their merged heading.
    assert_eq!(short(&check.findings), [(7, "C", FaultKind::HeldLevelDiffers)]);
    assert_eq!(check.rows_read, 3);
}

#[test]
fn dates_come_as_serials_and_numbers_as_floats() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let day = Format::new().set_num_format("yyyy/m/d");
    sheet.write_row(0, 0, ["姓名", "证件号码", "出生日期", "手机号码", "证件类型", "从业年限"]).unwrap();
    sheet.write_row(1, 0, ["张三".to_owned(), number(111)]).unwrap();
    sheet.write_datetime_with_format(1, 2, ExcelDateTime::from_ymd(2008, 5, 1).unwrap(), &day).unwrap();
    sheet.write_number(1, 3, 15_400_000_001.0).unwrap();
    sheet.write_number(1, 4, 201.0).unwrap();
    sheet.write_number(1, 5, 2.5).unwrap();
    sheet.write_row(2, 0, ["李四".to_owned(), number(113)]).unwrap();
    sheet.write_datetime_with_format(2, 2, ExcelDateTime::from_ymd(2008, 5, 2).unwrap(), &day).unwrap();
    let check = check(&book.save_to_buffer().unwrap());
    assert_eq!(check.good[0].phone.as_deref(), Some("15400000001"));
    assert_eq!(check.good[0].id_kind, IdKind::ResidentId);
    assert_eq!(short(&check.findings), [(3, "C", FaultKind::BirthMismatch)]);
    assert_eq!(check.findings[0].value, "2008-05-02");
}

#[test]
fn a_number_that_lost_its_digits_is_refused_by_row_and_column() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["姓名", "证件号码"]).unwrap();
    sheet.write_string(1, 0, "张三").unwrap();
    sheet.write_number(1, 1, number(111)[..17].parse::<f64>().unwrap() * 10.0).unwrap();
    sheet.write_row(2, 0, ["李四", "3.50199E+17"]).unwrap();
    let check = check(&book.save_to_buffer().unwrap());
    assert_eq!(short(&check.findings), [(2, "B", FaultKind::IdAsNumber), (3, "B", FaultKind::IdScientific)]);
    assert!(check.findings[0].remedy.contains("文本"));
    assert!(check.good.is_empty());
}

#[test]
fn a_warning_keeps_its_row_and_a_fault_does_not() {
    let wide: String = number(111).chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
    let text = format!("姓名,证件号码,手机号码\n张三,{wide},12345\n李四,{},\n", &number(113)[..17]);
    let check = check(text.as_bytes());
    assert_eq!(names(&check), ["张三"]);
    assert_eq!(check.good[0].id_number, number(111));
    let expected =
        [(2, "B", FaultKind::IdFullWidth), (2, "C", FaultKind::PhoneMalformed), (3, "B", FaultKind::IdLength)];
    let mut found = short(&check.findings);
    found.sort_by_key(|(row, column, _)| (*row, *column));
    assert_eq!(found, expected);
    assert_eq!(check.findings.iter().filter(|f| f.severity == Severity::Warning).count(), 2);
}

#[test]
fn every_visible_sheet_with_a_heading_is_read_and_others_are_left_alone() {
    let mut book = Workbook::new();
    for (name, order) in [("一班", 111), ("二班", 113), ("旧表", 115)] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap().write_row(0, 0, ["姓名", "身份证号"]).unwrap();
        sheet.write_row(1, 0, ["张三".to_owned(), number(order)]).unwrap();
        sheet.write_row(2, 0, ["李四".to_owned(), number(117)]).unwrap();
        sheet.set_hidden(name == "旧表");
    }
    book.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "姓名一列必填").unwrap();
    let check = check(&book.save_to_buffer().unwrap());
    assert_eq!(check.good.iter().map(|row| row.sheet.as_str()).collect::<Vec<_>>(), ["一班", "一班", "二班"]);
    assert_eq!(short(&check.findings), [(3, "B", FaultKind::DuplicateInFile)]);
    assert_eq!((check.findings[0].sheet.as_str(), check.findings[0].column_name.as_str()), ("二班", "身份证号"));
    assert!(check.findings[0].reason.contains("工作表“一班”第3行"), "{}", check.findings[0].reason);
}

#[test]
fn a_missing_column_is_one_finding_and_a_missing_heading_a_refusal() {
    let check = check("姓名,性别,手机号码\n张三,男,\n李四,男,\n".as_bytes());
    assert_eq!(short(&check.findings), [(1, "", FaultKind::ColumnMissing)]);
    assert_eq!(check.findings[0].column_name, "证件号码");
    let what = refused("甲,乙\n1,2\n".as_bytes());
    assert!(what.contains("没有找到表头") && what.contains("“证件号码”"), "{what}");
}

#[test]
fn rows_beyond_the_limit_are_one_finding() {
    let mut text = "姓名,证件号码\n".to_owned();
    for order in 0..sheets::ROWS_MAX + 5 {
        let day = format!("{}{:02}{:02}", 1990 + order % 15, 1 + order / 15 % 12, 1 + order / 180 % 28);
        text += &format!("张三,{}\n", resident_number(&day, 101 + order / 5_040 * 2));
    }
    let check = check(text.as_bytes());
    assert_eq!(check.good.len(), sheets::ROWS_MAX);
    assert_eq!(short(&check.findings), [(sheets::ROWS_MAX as u32 + 2, "A", FaultKind::RowBeyondLimit)]);
}

#[test]
fn other_documents_are_read_by_their_own_rules() {
    let text = format!(
        "姓名,证件类型,证件号码,性别,出生日期\n\
         甲,护照,E12345678,女,1990-01-02\n\
         乙,港澳居民来往内地通行证,H12345678,,\n\
         丙,护照,{},,\n\
         丁,,E87654321,,1990年1月\n",
        number(111)
    );
    let check = check(text.as_bytes());
    assert_eq!(names(&check), ["甲"]);
    assert_eq!(check.good[0].id_kind, IdKind::Passport);
    let expected =
        [(3, "E", FaultKind::BirthMissing), (4, "B", FaultKind::IdKindMismatch), (5, "E", FaultKind::BirthMissing)];
    assert_eq!(short(&check.findings), expected);
}

#[test]
fn the_old_format_is_read_and_its_extent_is_bounded() {
    let rows = [["姓名", "证件号码"], ["张三", &number(111)]].map(|row| row.map(str::to_owned));
    let cells: Vec<(u16, u16, String)> =
        (0..).zip(&rows).flat_map(|(r, row)| (0..).zip(row).map(move |(c, text)| (r, c, text.clone()))).collect();
    let good = check(&xls(&[("名册", &cells)]));
    assert_eq!(names(&good), ["张三"]);
    assert_eq!((good.good[0].sheet.as_str(), good.good[0].row), ("名册", 2));
    // Two cells in opposite corners are a rectangle of 16 million.
    let corners = [(0, 0, "甲".to_owned()), (65_535, 255, "乙".to_owned())];
    assert!(refused(&xls(&[("甲", &corners)])).contains("已损坏"));
}

#[test]
fn an_old_workbook_with_a_password_is_called_locked_not_damaged() {
    // FILEPASS in the place of the first record behind the beginning; what follows is noise to who lacks the password.
    let mut bytes = xls(&[("名册", &[(7, 0x7777, "密".to_owned())])]);
    assert!(refused(&bytes).contains("已损坏"));
    let second = 3 * 512 + 20;
    assert_eq!(bytes[second..second + 2], 0x0085u16.to_le_bytes());
    bytes[second..second + 2].copy_from_slice(&0x002fu16.to_le_bytes());
    assert!(refused(&bytes).contains("打开密码"));
}

#[test]
fn what_is_not_a_table_is_refused_with_a_remedy() {
    let locked: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wrapped = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 600], &locked].concat();
    for (what, bytes, says) in [
        ("a page", b"<html><table><tr><td>1</td></tr></table></html>".to_vec(), "网页格式"),
        ("nothing", b" \n".to_vec(), "空的"),
        ("a picture", [&b"\x89PNG\r\n\x1a\n"[..], &[0, 0, 0, 13, 0xff, 0xfe, 0]].concat(), "无法识别"),
        ("a locked workbook", wrapped, "打开密码"),
        ("half a workbook", b"PK\x03\x04 and no more".to_vec(), "已损坏"),
        ("another archive", package(&[("readme.txt", b"hello")]), "不是Excel表格"),
        ("an .ods", package(&[("content.xml", b"<x/>")]), ".ods"),
        ("an empty package", package(&[("xl/workbook.xml", b"<workbook/>")]), "已损坏"),
        ("an old container of noise", [&[0xd0, 0xcf, 0x11, 0xe0][..], &[7; 4_000]].concat(), "已损坏"),
    ] {
        let refusal = refused(&bytes);
        assert!(refusal.contains(says), "{what}: {refusal}");
    }
    assert!(refused(&vec![b'1'; sheets::BYTES_MAX + 1]).contains("20MB"));
}

#[test]
fn a_workbook_that_swells_is_refused_before_it_is_unpacked() {
    let honest = package(&[("xl/workbook.xml", b"<workbook/>"), ("xl/worksheets/sheet1.xml", &vec![b' '; 40 << 20])]);
    assert!(honest.len() < 100_000);
    assert!(refused(&honest).contains("解压后有40MB"));
}

#[test]
fn a_workbook_that_lies_about_its_size_is_stopped() {
    let mut book = Workbook::new();
    book.add_worksheet().write_row(0, 0, ["姓名", "证件号码"]).unwrap();
    let mut files = unpack(&book.save_to_buffer().unwrap());
    for (name, content) in &mut files {
        if name == "xl/worksheets/sheet1.xml" {
            let padding = " ".repeat(12_345_678);
            *content = String::from_utf8(content.clone())
                .unwrap()
                .replace("<sheetData>", &format!("{padding}<sheetData>"))
                .into_bytes();
        }
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    let mut bytes = package(&files);
    assert!(check_roster(&bytes, &context(&|_| None)).is_ok());
    let true_size = files.iter().find(|(name, _)| *name == "xl/worksheets/sheet1.xml").unwrap().1.len() as u32;
    let places: Vec<_> = (0..bytes.len() - 4).filter(|&at| bytes[at..at + 4] == true_size.to_le_bytes()).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 4].copy_from_slice(&1_000u32.to_le_bytes());
    }
    assert!(refused(&bytes).contains("已损坏"));
}

#[test]
fn s1_1_4_who_is_no_student_of_a_college_is_told_so_under_its_own_clause() {
    let student = |order: usize, graduates: &str, standing: &str| {
        format!("S{order},张三,{},{graduates},{standing}\n", number(order))
    };
    let register = "学号,姓名,证件号码,毕业年月,学籍状态\n".to_owned()
        + &student(111, "2026-12", "")
        + &student(113, "2021-07", "")
        + &student(115, "2027-07", "已退学")
        + &student(117, "2027-07", "休学");
    let read = read_enrolment(register.as_bytes(), date(2026, 11, 20), true).unwrap();
    assert_eq!(read.findings, []);
    let enrolment = EnrolmentIndex::new(read.rows);
    let context =
        RosterContext { enrolment: Some(&enrolment), own_students: Some(rules::Clause::S1_1_4), ..context(&|_| None) };
    let roster = [111, 113, 115, 117, 119].map(|order| format!("张三,{}\n", number(order))).concat();
    let check = check_roster(format!("姓名,证件号码\n{roster}").as_bytes(), &context).unwrap();
    let kind = FaultKind::NotEnrolled;
    assert_eq!(short(&check.findings), [(3, "B", kind), (4, "B", kind), (6, "B", kind)]);
    for (finding, says) in check.findings.iter().zip(["2021-07毕业", "已退学", "没有这个证件号码"]) {
        assert!(finding.reason.contains(says), "{finding:?}");
        assert_eq!(finding.ground, "一（一）4");
    }
    assert_eq!(check.good.iter().map(|row| row.row).collect::<Vec<_>>(), [2, 5]);
}

#[test]
fn a_month_typed_as_a_number_is_read_and_january_is_told_from_october() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["学号", "姓名", "证件号码", "毕业年月"]).unwrap();
    for (row, graduates) in [(1, 2027.07), (2, 2027.1)] {
        sheet.write_row(row, 0, [format!("S{row}"), "张三".into(), number(109 + 2 * row as usize)]).unwrap();
        sheet.write_number(row, 3, graduates).unwrap();
    }
    let read = read_enrolment(&book.save_to_buffer().unwrap(), date(2026, 11, 20), true).unwrap();
    assert_eq!(read.rows[0].enrolled.graduation, Some(Month { year: 2027, month: 7 }));
    assert_eq!(short(&read.findings), [(3, "D", FaultKind::DateUnreadable)]);
    assert!(read.findings[0].reason.contains("1月还是10月"), "{:?}", read.findings);
}

#[test]
fn made_up_people_are_asked_about_only_where_nobody_expects_them() {
    let text = format!("姓名,证件号码\n张三,{}\n", resident_number("18800105", 111));
    assert!(check(text.as_bytes()).findings.is_empty());
    let strict = RosterContext { made_up_people: false, ..context(&|_| None) };
    let check = check_roster(text.as_bytes(), &strict).unwrap();
    assert_eq!(short(&check.findings), [(2, "B", FaultKind::IdAsked), (2, "B", FaultKind::AgeAsked)]);
    assert_eq!(check.good.len(), 1);
}

#[test]
fn damaged_files_are_refused_or_read_but_never_bring_the_program_down() {
    let cells =
        [(0, 0, "姓名".to_owned()), (0, 1, "证件号码".to_owned()), (1, 0, "张三".to_owned()), (1, 1, number(111))];
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, column, text) in &cells {
        sheet.write_string(u32::from(*row), *column, text).unwrap();
    }
    let parts = unpack(&book.save_to_buffer().unwrap());
    let old = xls(&[("名册", &cells)]);
    let mut chance = Chance(60);
    let mut outcomes = [0, 0];
    for round in 0..400 {
        let spoil = |bytes: &mut Vec<u8>, chance: &mut Chance| {
            for _ in 0..1 + chance.below(6) {
                let at = chance.below(bytes.len());
                bytes[at] = chance.below(256) as u8;
            }
        };
        let bytes = if round % 2 == 0 {
            let mut old = old.clone();
            spoil(&mut old, &mut chance);
            old
        } else {
            // The parts inside, since the archive's checksums would catch anything outside.
            let mut parts = parts.clone();
            let at = chance.below(parts.len());
            spoil(&mut parts[at].1, &mut chance);
            let parts: Vec<_> = parts.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
            package(&parts)
        };
        outcomes[usize::from(check_roster(&bytes, &context(&|_| None)).is_ok())] += 1;
    }
    assert!(outcomes.iter().all(|count| *count > 20), "{outcomes:?}");
}
