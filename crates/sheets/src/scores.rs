//! The sheet of one assessor: one row a candidate by the number of the ticket, one column an item of the rubric; a row without
//! points is passed over. And the sheet of a standard's rubric: one row an item.

use rules::Refusal;
use rules::rubric::{ITEMS_MAX, Rubric, RubricItem};
use rules::scoring::Given;
use rust_xlsxwriter::{Format, Workbook as Writer, XlsxError};

use crate::finding::{FaultKind, Finding};
use crate::roster::{HOUSE, Reading, Seen};
use crate::table::{self, columns};
use crate::template;
use crate::workbook::Workbook;

columns! {
    /// Columns of an assessor's sheet, beside the items.
    Column {
        Ticket "准考证号" "考号" "准考证号码";
        Name "姓名" "考生姓名" "学生姓名";
    }
}

columns! {
    /// Columns of a rubric.
    ItemColumn {
        Code "编号" "序号" "项目编号" "考核点编号";
        Title "项目" "评分项目" "考核项目" "考核内容" "项目名称" "评分点";
        Points "配分" "分值" "满分" "分数" "权重" "比重";
        Key "关键项" "是否关键" "关键" "否决项" "一票否决";
    }
}

/// What one assessor gave one candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreRow {
    pub sheet: String,
    pub row: u32,
    pub ticket: String,
    pub given: Given,
}

/// What came of reading an assessor's sheet.
#[derive(Debug, Clone, Default)]
pub struct ScoresCheck {
    pub rows_read: usize,
    /// Rows without a fault that have points.
    pub good: Vec<ScoreRow>,
    pub findings: Vec<Finding>,
}

/// The names that an item's column goes by.
fn names(item: &RubricItem) -> Vec<String> {
    vec![item.heading(), item.title.clone()]
}

/// Reads the sheet of one assessor; `name_of` gives the name of the candidate with a ticket. Refused when the file cannot
/// be read as a table; everything else is a finding.
pub fn read_scores(
    bytes: &[u8],
    rubric: &Rubric,
    name_of: &dyn Fn(&str) -> Option<String>,
) -> Result<ScoresCheck, Refusal> {
    let mut book = Workbook::open(bytes)?;
    let (mut check, mut seen, mut findings) = (ScoresCheck::default(), Seen::default(), Vec::new());
    let items: Vec<Vec<String>> = rubric.0.iter().map(names).collect();
    let missing = table::read_more(&mut book, &[Column::Ticket, Column::Name], &items, |row| {
        let texts: Vec<String> = (0..items.len())
            .map(|n| row.get_more(n).map(|value| value.text().into_owned()).unwrap_or_default())
            .collect();
        if texts.iter().all(String::is_empty) {
            return true;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context: (), findings: &mut findings, faults: 0 };
        let name = reading.name(Column::Name);
        let ticket = row.text(Column::Ticket).map(|text| crate::value::squeezed(&text)).unwrap_or_default();
        match name_of(&ticket) {
            None => {
                let reason = "本批次的考生中没有这个准考证号";
                let remedy = "请下载带考生名单的评分登记表填写，或删除本行";
                reading.report(Column::Ticket, FaultKind::CandidateUnknown, HOUSE, reason, remedy);
            }
            Some(registered) if name.as_ref().is_some_and(|name| *name != registered) => {
                let reason = format!("这个准考证号的考生是“{registered}”");
                reading.report(Column::Name, FaultKind::CandidateNameDiffers, HOUSE, reason, "请核对是否错行");
            }
            Some(_) => {}
        }
        if let Some((_, first)) = seen.before(&ticket, row.sheet, row.number) {
            let reason = format!("与第{first}行是同一名考生");
            reading.report(Column::Ticket, FaultKind::DuplicateInFile, HOUSE, reason, "请只保留一行");
        }
        match Given::read(rubric, &texts) {
            Ok(given) if reading.faults == 0 => {
                check.good.push(ScoreRow { sheet: row.sheet.to_owned(), row: row.number, ticket, given });
            }
            Ok(_) => {}
            Err((at, refusal)) => reading.refuse_more(at, FaultKind::MarkUnreadable, refusal),
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}

/// The sheet in which one assessor writes: who is judged and the items stand in it, protected; only the points are open.
/// A row is ticket, name and place.
pub fn scores_template<'c>(
    title: &str,
    rubric: &Rubric,
    rows: impl IntoIterator<Item = [&'c str; 3]>,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Writer::new();
    let sheet = book.add_worksheet();
    sheet.set_name("评分")?;
    let caption = Format::new().set_bold().set_font_size(13);
    sheet.write_string_with_format(0, 0, title, &caption)?;
    let text = template::text_format();
    let open = template::text_format().set_unlocked();
    for (column, (name, width)) in (0..).zip([("准考证号", 20), ("姓名", 14), ("考场与工位", 34)]) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(1, column, name, &template::head_format(true))?;
    }
    for (column, item) in (3..).zip(&rubric.0) {
        sheet.set_column_width(column, 13)?;
        sheet.write_string_with_format(1, column, item.heading(), &template::head_format(false))?;
    }
    for (row, cells) in (2..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string_with_format(row, column, cell, &text)?;
        }
        for column in 3..3 + rubric.0.len() as u16 {
            sheet.write_blank(row, column, &open)?;
        }
    }
    sheet.set_freeze_panes(2, 2)?;
    // No password: whoever has to may lift it; it keeps names and tickets from being typed over by mistake.
    sheet.protect();
    let notes = [
        ("各项", "0 至该项配分，最多一位小数；没有参加的在任意一项填写缺考、违纪或缓考，其余各项空着"),
        ("独立评分", "每名考评人员一张表，自己评分、自己签字，提交前不看他人的评分"),
        ("准考证号、姓名", "已锁定，请勿改动；不在本批次的行不会登记"),
    ];
    template::explanations(&mut book, &notes.map(|(what, how)| (what.to_owned(), how.to_owned())))?;
    book.save_to_buffer()
}

/// What came of reading a rubric.
#[derive(Debug, Clone, Default)]
pub struct RubricCheck {
    pub rows_read: usize,
    pub items: Vec<RubricItem>,
    pub findings: Vec<Finding>,
}

/// Reads a rubric. Refused when the file cannot be read as a table; everything else is a finding.
pub fn read_rubric(bytes: &[u8]) -> Result<RubricCheck, Refusal> {
    use ItemColumn as C;
    let mut book = Workbook::open(bytes)?;
    let (mut check, mut seen, mut findings) = (RubricCheck::default(), Seen::default(), Vec::new());
    let missing = table::read(&mut book, &[C::Title, C::Points], |row| {
        let title = row.text(C::Title).map(|text| crate::value::squeezed(&text)).unwrap_or_default();
        // Notes and the line of the sum stand below.
        if matches!(title.as_str(), "" | "合计" | "总计" | "总分") {
            return true;
        }
        if check.rows_read == ITEMS_MAX {
            let reason = format!("评分项目最多{ITEMS_MAX}项，从这一行起没有读取");
            findings.push(Finding::new(
                row.place(C::Title),
                FaultKind::RowBeyondLimit,
                HOUSE,
                reason,
                "请合并相近的项目",
            ));
            return false;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context: (), findings: &mut findings, faults: 0 };
        if let Some((_, first)) = seen.before(&title, row.sheet, row.number) {
            let reason = format!("与第{first}行的项目名称相同");
            reading.report(C::Title, FaultKind::DuplicateInFile, HOUSE, reason, "分项请写明各自的名称");
        }
        let written = row.text(C::Points).map(|text| text.into_owned()).unwrap_or_default();
        let points = written
            .trim_end_matches(['分', '%'])
            .trim()
            .parse::<i64>()
            .ok()
            .filter(|points| (1..=100).contains(points));
        if points.is_none() {
            let reason = format!("配分“{written}”不是 1 至 100 的整数");
            reading.report(C::Points, FaultKind::CountUnreadable, HOUSE, reason, "请填写整数，各项合计 100");
        }
        let is_key = match row.text(C::Key).as_deref() {
            None | Some("否" | "-" | "无" | "0") => Some(false),
            Some("是" | "√" | "关键项" | "1") => Some(true),
            Some(other) => {
                let reason = format!("“{other}”不是“是”或“否”");
                reading.report(C::Key, FaultKind::EntryUnknown, HOUSE, reason, "关键项填“是”，其余空着");
                None
            }
        };
        if let (0, Some(points), Some(is_key)) = (reading.faults, points, is_key) {
            let code = row.text(C::Code).map(|text| text.into_owned()).unwrap_or_default();
            check.items.push(RubricItem { code, title, points, is_key });
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}

/// A rubric as a workbook: the items that are there, or none.
pub fn rubric_template(items: &[RubricItem]) -> Result<Vec<u8>, XlsxError> {
    let rows = items.iter().map(|item| {
        let key = if item.is_key { "是" } else { "" };
        vec![item.code.clone(), item.title.clone(), item.points.to_string(), key.to_owned()]
    });
    template::exchange(&["编号", "项目", "配分", "关键项"], rows)
}
