//! What the national system hands back: receipts, which answer row by row, and lists of the certificates that it has.

use rules::exchange::read_outcome;
use rules::{Clause, Refusal};

use crate::finding::{FaultKind, Finding};
use crate::roster::{Reading, Seen};
use crate::table::{self, columns};
use crate::value::Value;
use crate::workbook::Workbook;

columns! {
    /// Columns of a receipt.
    Column {
        Number "证书编号" "编号" "证书号" "证书号码";
        Outcome "处理结果" "结果" "审核结果" "导入结果" "校验结果" "状态";
        NationalId "国家平台编号" "平台编号" "系统编号" "全国编号" "国家编号";
        Fault "出错字段" "字段" "错误字段" "列名" "出错列";
        Reason "原因" "失败原因" "错误原因" "退回原因" "说明";
    }
}

columns! {
    /// Columns of a list that stand in no template.
    ListColumn {
        NationalId "国家平台编号" "平台编号" "系统编号" "全国编号" "国家编号";
        Stands "证书状态" "状态";
    }
}

/// What the national system says of one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptRow {
    pub number: String,
    pub is_accepted: bool,
    /// Theirs; empty where it was not taken.
    pub national_id: String,
    /// The column that is to blame, as they call it.
    pub fault: String,
    pub reason: String,
}

/// What came of reading a receipt.
#[derive(Debug, Clone, Default)]
pub struct ReceiptCheck {
    pub rows_read: usize,
    /// Rows without a fault.
    pub rows: Vec<ReceiptRow>,
    pub findings: Vec<Finding>,
}

/// Reads a receipt; `judge` says what is wrong with a row that can be read. Refused when the file can't be read as a table.
pub fn read_receipt(
    bytes: &[u8],
    judge: &mut dyn FnMut(&ReceiptRow) -> Result<(), Refusal>,
) -> Result<ReceiptCheck, Refusal> {
    let mut book = Workbook::open(bytes)?;
    let (mut check, mut seen, mut findings) = (ReceiptCheck::default(), Seen::default(), Vec::new());
    let missing = table::read(&mut book, &[Column::Number, Column::Outcome], |row| {
        // Notes below the table stand in one cell.
        if row.get(Column::Number).is_none() && row.get(Column::Outcome).is_none() {
            return true;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context: (), findings: &mut findings, faults: 0 };
        let text = |column| row.text(column).map(|text| text.into_owned()).unwrap_or_default();
        let (number, said, national_id) = (text(Column::Number), text(Column::Outcome), text(Column::NationalId));
        if number.is_empty() {
            let remedy = "请补上证书编号，或删去这一行";
            reading.report(Column::Number, FaultKind::EntryMissing, Clause::S3_3_6, "没有证书编号", remedy);
        }
        if let Some((_, first)) = seen.before(&number, row.sheet, row.number) {
            let reason = format!("与第{first}行是同一本证书");
            let remedy = "请只保留国家平台最后的结果";
            reading.report(Column::Number, FaultKind::DuplicateInFile, Clause::S3_3_6, reason, remedy);
        }
        let outcome = read_outcome(&said);
        if outcome.is_none() {
            let reason = format!("“{said}”不是处理结果");
            let remedy = "请写“成功”或“失败”；还在处理中的，等有结果后再导入";
            reading.report(Column::Outcome, FaultKind::EntryUnknown, Clause::S3_3_6, reason, remedy);
        }
        if outcome == Some(true) && national_id.is_empty() {
            let remedy = "请补上国家平台给出的编号";
            let reason = "已入库，却没有国家平台编号";
            reading.report(Column::NationalId, FaultKind::EntryMissing, Clause::S3_3_6, reason, remedy);
        }
        if reading.faults > 0 {
            return true;
        }
        let is_accepted = outcome == Some(true);
        let one = ReceiptRow {
            number,
            is_accepted,
            national_id: if is_accepted { national_id } else { String::new() },
            fault: text(Column::Fault),
            reason: text(Column::Reason),
        };
        match judge(&one) {
            Ok(()) => check.rows.push(one),
            Err(refusal) => reading.refuse(Column::Number, FaultKind::ReceiptNotTaken, refusal),
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}

/// One certificate of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NationalRow {
    /// By the columns that were asked for.
    pub cells: Vec<String>,
    /// Theirs; empty where the list has none.
    pub national_id: String,
    /// How it stands, as they say it; empty where the list says nothing.
    pub stands: String,
}

/// What came of reading a list.
#[derive(Debug, Clone, Default)]
pub struct NationalCheck {
    pub rows_read: usize,
    /// Rows without a fault.
    pub rows: Vec<NationalRow>,
    pub findings: Vec<Finding>,
}

/// From here on a program has rounded what was typed.
const ROUNDED: f64 = 1e15;

/// What is wrong with a row that can be read, and in which column.
pub type JudgeNational<'a> = dyn FnMut(&NationalRow) -> Result<(), (usize, Refusal)> + 'a;

/// Reads a list with these columns; `judge` says what is wrong with a row that can be read, and in which of the columns.
pub fn read_national(bytes: &[u8], headings: &[&str], judge: &mut JudgeNational<'_>) -> Result<NationalCheck, Refusal> {
    let mut book = Workbook::open(bytes)?;
    let (mut check, mut findings) = (NationalCheck::default(), Vec::new());
    let more: Vec<Vec<String>> = headings.iter().map(|heading| vec![(*heading).to_owned()]).collect();
    let missing = table::read_more::<ListColumn>(&mut book, &[], &more, |row| {
        let filled = (0..headings.len()).filter(|n| row.get_more(*n).is_some()).count();
        // Notes below the table stand in one cell.
        if filled < 2 {
            return true;
        }
        check.rows_read += 1;
        let before = findings.len();
        for n in 0..headings.len() {
            if matches!(row.get_more(n), Some(Value::Number(number)) if number.abs() >= ROUNDED) {
                let remedy = "请把这一列设为文本格式后重新导出";
                let place = row.place_more(n);
                let reason = "这一格被存成数字，后几位已经丢失";
                findings.push(Finding::new(place, FaultKind::IdAsNumber, Clause::S3_3_6, reason, remedy));
            }
        }
        let cells = (0..headings.len())
            .map(|n| row.get_more(n).map(|value| value.text().into_owned()).unwrap_or_default())
            .collect();
        let text = |column| row.text(column).map(|text| text.into_owned()).unwrap_or_default();
        let one = NationalRow { cells, national_id: text(ListColumn::NationalId), stands: text(ListColumn::Stands) };
        if findings.len() > before {
            return true;
        }
        match judge(&one) {
            Ok(()) => check.rows.push(one),
            Err((column, refusal)) => {
                findings.push(Finding::from_refusal(row.place_more(column), FaultKind::ReceiptNotTaken, refusal));
            }
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_3_6_a_receipt_is_read_row_by_row_and_each_fault_is_named_at_its_cell() {
        let text = "证书编号,处理结果,国家平台编号,出错字段,原因\n\
            A1,成功,N1,,\nA2,失败,,证件号码,校验码错误\nA3,处理中,,,\nA4,成功,,,\nA1,成功,N1,,\n,失败,,,\nA9,成功,N9,,\n";
        let mut judge = |row: &ReceiptRow| match row.number.as_str() {
            "A9" => Err(Refusal::new(Clause::S3_3_6, "不在这个交换包中").remedy("请核对")),
            _ => Ok(()),
        };
        let check = read_receipt(text.as_bytes(), &mut judge).expect("a receipt");
        assert_eq!((check.rows_read, check.rows.len()), (7, 2));
        assert_eq!((&*check.rows[1].fault, &*check.rows[1].reason), ("证件号码", "校验码错误"));
        let found: Vec<_> = check.findings.iter().map(|f| (f.row, &*f.column_name)).collect();
        let named = [(4, "处理结果"), (5, "国家平台编号"), (6, "证书编号"), (7, "证书编号"), (8, "证书编号")];
        assert_eq!(found, named);
    }

    #[test]
    fn s3_3_6_a_list_is_read_by_the_columns_of_its_template() {
        let text = "姓名,职业名称,证书编号,国家平台编号,证书状态\n示例甲,车工,A1,N1,有效\n示例乙,车工,,N2,\n";
        let mut judge = |row: &NationalRow| match row.cells[2].as_str() {
            "" => Err((2, Refusal::new(Clause::S3_3_6, "没有证书编号").remedy("请补上"))),
            _ => Ok(()),
        };
        let check = read_national(text.as_bytes(), &["姓名", "职业名称", "证书编号"], &mut judge).expect("a list");
        assert_eq!(check.rows.len(), 1);
        assert_eq!((&*check.rows[0].national_id, &*check.rows[0].stands), ("N1", "有效"));
        assert_eq!((check.findings[0].row, &*check.findings[0].column_name), (3, "证书编号"));
        assert!(read_national(b"a,b\n1,2\n", &["姓名", "证书编号"], &mut judge).is_err());
    }
}
