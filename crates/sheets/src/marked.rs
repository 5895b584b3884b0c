//! The clerk's own workbook again, with what was found: cells coloured, the problem and its remedy at the end of the
//! row, and a list of all findings. It can be corrected and uploaded as it is.

use std::collections::HashMap;

use rules::Refusal;
use rust_xlsxwriter::{Color, Format, Workbook as Out, XlsxError};

use crate::finding::Finding;
use crate::template::{head_format, sheet_name, text_format};
use crate::value::{Value, letters};
use crate::workbook::Workbook;

/// The list of findings, left alone when a marked workbook is read or marked again.
pub(crate) const LIST: &str = "问题清单";
const PROBLEM: &str = "问题";
const REMEDY: &str = "处理办法";

/// Writes a file again with its findings marked. Values stay as they are; text is formatted as text, so that a number
/// typed in its place keeps all its digits.
pub fn marked_up(bytes: &[u8], findings: &[Finding]) -> Result<Vec<u8>, Refusal> {
    let mut book = Workbook::open(bytes)?;
    let mut out = Out::new();
    for sheet in book.sheets().into_iter().filter(|sheet| sheet != LIST) {
        copy(&mut book, &sheet, findings, &mut out)?;
    }
    list(findings, &mut out).map_err(|e| unwritable(&e))?;
    out.save_to_buffer().map_err(|e| unwritable(&e))
}

fn copy(book: &mut Workbook, sheet: &str, findings: &[Finding], out: &mut Out) -> Result<(), Refusal> {
    let here: Vec<_> = findings.iter().filter(|finding| finding.sheet == sheet).collect();
    let mut by_row: HashMap<u32, Vec<&Finding>> = HashMap::new();
    for finding in &here {
        by_row.entry(finding.row - 1).or_default().push(finding);
    }
    // Where the sheet ends on the right, and where marks of an earlier check begin.
    let (mut width, mut earlier) = (0, None);
    book.rows(sheet, |row, cells| {
        if row == 0 {
            earlier =
                cells.iter().find(|(_, value)| matches!(value, Value::Text(text) if text == PROBLEM)).map(|c| c.0);
        }
        width = width.max(cells.last().map_or(0, |(column, _)| column + 1));
        true
    })?;
    let width = earlier.unwrap_or(width).min(16_000) as u16;
    let page = out.add_worksheet_with_constant_memory().map_err(|e| unwritable(&e))?;
    page.set_name(if sheet.is_empty() { "名册".to_owned() } else { sheet_name(sheet) }).map_err(|e| unwritable(&e))?;
    for column in 0..width + 2 {
        page.set_column_width(column, if column < width { 16 } else { 48 }).map_err(|e| unwritable(&e))?;
    }
    let paint = |severity| match severity {
        crate::Severity::Fault => Color::RGB(0xffc7ce),
        crate::Severity::Warning => Color::RGB(0xffeb9c),
    };
    let mut failed = None;
    let mut next = 0;
    book.rows(sheet, |row, cells| {
        let mut write = || -> Result<(), XlsxError> {
            // Rows that had nothing but have a finding, such as one about the heading.
            for empty in next..row {
                if let Some(found) = by_row.get(&empty) {
                    remarks(page, empty, width, found)?;
                }
            }
            let found = by_row.get(&row);
            let mut marked: HashMap<u16, Format> = HashMap::new();
            for finding in found.into_iter().flatten().rev() {
                if let Some(column) = (0..width).find(|c| letters(u32::from(*c)) == finding.column) {
                    marked.insert(column, text_format().set_background_color(paint(finding.severity)));
                }
            }
            for (column, value) in cells.iter().filter(|(column, _)| *column < u32::from(width)) {
                let column = *column as u16;
                let mark = marked.remove(&column);
                let format = mark.unwrap_or_else(text_format);
                match value {
                    Value::Text(text) => page.write_string_with_format(row, column, text.as_ref(), &format)?,
                    Value::Broken(error) => page.write_string_with_format(row, column, error, &format)?,
                    Value::Number(number) => {
                        page.write_number_with_format(row, column, *number, &format.set_num_format("0.##########"))?
                    }
                    Value::Date(_, serial) => {
                        page.write_number_with_format(row, column, *serial, &format.set_num_format("yyyy-mm-dd"))?
                    }
                    Value::Flag(flag) => page.write_boolean_with_format(row, column, *flag, &format)?,
                };
            }
            for (column, format) in marked {
                page.write_blank(row, column, &format)?;
            }
            if row == 0 {
                page.write_string_with_format(0, width, PROBLEM, &head_format(true))?;
                page.write_string_with_format(0, width + 1, REMEDY, &head_format(true))?;
            }
            if let Some(found) = found {
                remarks(page, row, width, found)?;
            }
            next = row + 1;
            Ok(())
        };
        failed = write().err();
        failed.is_none()
    })?;
    failed.map_or(Ok(()), |e| Err(unwritable(&e)))
}

/// The problems and remedies of a row, at its end.
fn remarks(page: &mut rust_xlsxwriter::Worksheet, row: u32, width: u16, found: &[&Finding]) -> Result<(), XlsxError> {
    // The first row of the columns carries their headings.
    if row == 0 {
        return Ok(());
    }
    let each = |part: fn(&Finding) -> String| found.iter().map(|f| part(f)).collect::<Vec<_>>().join("；");
    let wrapped = Format::new().set_text_wrap().set_font_color(Color::RGB(0x9c0006));
    page.write_string_with_format(row, width, each(|f| format!("{}：{}", f.column_name, f.reason)), &wrapped)?;
    page.write_string_with_format(row, width + 1, each(|f| f.remedy.clone()), &wrapped)?;
    Ok(())
}

fn list(findings: &[Finding], out: &mut Out) -> Result<(), XlsxError> {
    let page = out.add_worksheet_with_constant_memory()?;
    page.set_name(LIST)?;
    let headings = [
        ("工作表", 12),
        ("行", 8),
        ("列", 6),
        ("列名", 14),
        ("值", 24),
        ("问题", 48),
        ("处理办法", 48),
        ("依据", 20),
        ("轻重", 8),
    ];
    for (column, (name, width)) in (0..).zip(headings) {
        page.set_column_width(column, width)?;
        page.write_string_with_format(0, column, name, &head_format(false))?;
    }
    page.set_freeze_panes(1, 0)?;
    let text = text_format();
    for (row, f) in (1..).zip(findings) {
        page.write_string_with_format(row, 0, &f.sheet, &text)?;
        page.write_number(row, 1, f.row)?;
        let weight = if f.is_fault() { "须更正" } else { "请核对" };
        let texts = [&*f.column, &f.column_name, &f.value, &f.reason, &f.remedy, &f.ground, weight];
        for (column, content) in (2..).zip(texts) {
            page.write_string_with_format(row, column, content, &text)?;
        }
    }
    Ok(())
}

fn unwritable(error: &XlsxError) -> Refusal {
    Refusal::house("表格文件", format!("无法生成标注文件（{error}）"))
        .remedy("请把原表另存为新的.xlsx文件后再上传，或按问题清单逐条更正")
}
