//! The sheet of one assessor and the sheet of a rubric, as they go out and come back.

use rules::rubric::{Rubric, RubricItem};
use rules::scoring::Given;
use rust_xlsxwriter::{Format, Workbook};
use sheets::{FaultKind, Finding, read_rubric, read_scores, rubric_template, scores_template};

fn rubric() -> Rubric {
    let item = |title: &str, points, is_key| RubricItem { code: String::new(), title: title.into(), points, is_key };
    Rubric(vec![item("刀工", 30, false), item("火候", 50, true), item("卫生", 20, false)])
}

fn name_of(ticket: &str) -> Option<String> {
    (ticket == "26000100001").then(|| "示例甲".to_owned())
}

/// The findings, short: row, column, kind.
fn short(findings: &[Finding]) -> Vec<(u32, &str, FaultKind)> {
    findings.iter().map(|f| (f.row, f.column.as_str(), f.kind)).collect()
}

#[test]
fn s1_5_1_the_template_is_known_again_and_protects_all_but_the_points() {
    let rows = [["26000100001", "示例甲", "实训楼，1号工位"]];
    let bytes = scores_template("2026年第1批　操作技能考核　考评员：示例一", &rubric(), rows).unwrap();
    let check = read_scores(&bytes, &rubric(), &name_of).unwrap();
    assert_eq!((check.rows_read, check.findings.len()), (0, 0), "nobody has written in it yet");
    let mut package = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut sheet = String::new();
    std::io::Read::read_to_string(&mut package.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet).unwrap();
    assert!(sheet.contains("<sheetProtection"), "{sheet}");
}

#[test]
fn s1_5_1_an_assessors_sheet_is_read_as_programs_write_it() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 4, "示例学校评分登记表", &Format::new()).unwrap();
    sheet.write_row(1, 0, ["考号", "姓名", "刀工（30分）", "火候（50分，关键项）", "卫生"]).unwrap();
    // A ticket that is short enough survives as a number; points come as numbers and in wide digits.
    sheet.write_number(2, 0, 26_000_100_001.0).unwrap();
    sheet.write_string(2, 1, "示例甲").unwrap();
    sheet.write_number(2, 2, 25.5).unwrap();
    sheet.write_row(2, 3, ["４０", "20"]).unwrap();
    sheet.write_row(3, 0, ["26000100002", "示例乙", "25", "40", "20"]).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let check = read_scores(&bytes, &rubric(), &name_of).unwrap();
    assert_eq!(short(&check.findings), [(4, "A", FaultKind::CandidateUnknown)]);
    assert_eq!(check.good.len(), 1);
    assert_eq!(check.good[0].given, Given::Points(vec![255, 400, 200]));
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let text = |points: &str| gbk(&format!("准考证号,姓名,刀工,火候,卫生\r\n26000100001,示例甲,{points}\r\n"));
    assert_eq!(read_scores(&text(",缺考,"), &rubric(), &name_of).unwrap().good[0].given, Given::Absent);
    for (points, column) in [("31,40,20", "C"), ("25,,20", "D"), ("25,40,二十", "E")] {
        let check = read_scores(&text(points), &rubric(), &name_of).unwrap();
        assert_eq!(short(&check.findings), [(2, column, FaultKind::MarkUnreadable)], "{points}");
        assert!(check.good.is_empty());
    }
}

#[test]
fn s1_4_1_a_rubric_goes_out_and_comes_back_the_same() {
    let items = rubric().0;
    let check = read_rubric(&rubric_template(&items).unwrap()).unwrap();
    assert_eq!((check.items, check.findings), (items, Vec::new()));
}
