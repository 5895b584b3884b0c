//! The table of a body's fees: one line an item, for one occupation and level or for all.

use rules::certificate::Level;
use rules::regulation::{FEES_MAX, Fee, TITLE_MAX, fen, yuan};
use rules::{Clause, Refusal};
use rust_xlsxwriter::XlsxError;

use crate::finding::{FaultKind, Finding};
use crate::roster::{Reading, Seen};
use crate::table::{self, Columns as _, columns};
use crate::template;
use crate::value::Value;
use crate::workbook::Workbook;

columns! {
    /// Columns of a table of fees.
    Column {
        Item "收费项目" "项目" "项目名称" "收费项目名称";
        Trade "职业" "职业(工种)" "职业工种" "工种" "职业名称" "适用职业";
        Level "等级" "级别" "职业技能等级" "适用等级";
        Amount "金额(元)" "金额" "收费标准(元)" "收费标准" "标准(元)" "标准" "单价" "单价(元)";
        Unit "计费单位" "单位" "收费单位";
        Basis "收费依据" "依据" "依据文件" "文件依据" "批准文件";
    }
}

/// What came of reading a table of fees.
#[derive(Debug, Clone, Default)]
pub struct FeesCheck {
    pub rows_read: usize,
    /// Lines without a fault.
    pub fees: Vec<Fee>,
    pub findings: Vec<Finding>,
}

/// A word for all occupations, or all levels.
fn is_all(text: &str) -> bool {
    ["", "全部", "所有", "不限", "各", "全部职业", "全部等级", "所有职业", "所有等级", "-", "--", "/"].contains(&text)
}

/// Reads a table of fees; `code_of` gives the code of an occupation by its code or name. Refused when the file cannot
/// be read as a table; everything else is a finding.
pub fn read_fees(bytes: &[u8], code_of: &dyn Fn(&str) -> Result<String, Refusal>) -> Result<FeesCheck, Refusal> {
    let mut book = Workbook::open(bytes)?;
    let mut check = FeesCheck::default();
    let mut seen = Seen::default();
    let mut findings = Vec::new();
    let required = [Column::Item, Column::Amount, Column::Unit, Column::Basis];
    let missing = table::read(&mut book, &required, |row| {
        // Notes below the table stand in one cell.
        if Column::ALL.iter().filter(|column| row.get(**column).is_some()).count() < 2 {
            return true;
        }
        if check.rows_read == FEES_MAX {
            let reason = format!("收费项目表最多{FEES_MAX}行，从这一行起没有读取");
            let place = row.place(Column::Item);
            findings.push(Finding::new(place, FaultKind::RowBeyondLimit, Clause::S3_5_1, reason, "请合并相同的项目"));
            return false;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context: (), findings: &mut findings, faults: 0 };
        let item = reading.said(Column::Item, FaultKind::FeeItemMissing);
        let unit = reading.said(Column::Unit, FaultKind::FeeUnitMissing);
        let basis = reading.said(Column::Basis, FaultKind::FeeBasisMissing);
        let trade = row.text(Column::Trade).filter(|text| !is_all(text));
        let code = trade.map_or(Some(String::new()), |text| match code_of(&text) {
            Ok(code) => Some(code),
            Err(refusal) => {
                reading.refuse(Column::Trade, FaultKind::TradeUnknown, refusal);
                None
            }
        });
        let level = row.text(Column::Level).filter(|text| !is_all(text)).and_then(|text| {
            let level = Level::from_text(&text);
            level.map_err(|refusal| reading.refuse(Column::Level, FaultKind::LevelUnknown, refusal)).ok()
        });
        let amount = match row.get(Column::Amount) {
            Some(value @ (Value::Text(_) | Value::Number(_))) => fen(&value.text()),
            Some(other) => fen(&other.shown()),
            None => fen(""),
        };
        let amount =
            amount.map_err(|refusal| reading.refuse(Column::Amount, FaultKind::AmountUnreadable, refusal)).ok();
        let (Some(item), Some(unit), Some(basis), Some(code), Some(fen)) = (item, unit, basis, code, amount) else {
            return true;
        };
        let key = format!("{item}\n{code}\n{}", level.map_or(0, Level::digit));
        if let Some((_, first)) = seen.before(&key, row.sheet, row.number) {
            let reason = format!("与第{first}行的项目、职业和等级相同");
            reading.report(Column::Item, FaultKind::DuplicateInFile, Clause::S3_5_1, reason, "请只保留一行");
        }
        if reading.faults == 0 {
            check.fees.push(Fee { item, code, level, fen, unit, basis });
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}

impl Reading<'_, '_, ()> {
    /// The text of a column that must say something.
    fn said(&mut self, column: Column, kind: FaultKind) -> Option<String> {
        let name = column.names()[0];
        let text = match self.row.get(column) {
            Some(Value::Broken(error)) => {
                let reason = format!("单元格是公式错误值 {error}");
                self.report(column, FaultKind::CellBroken, Clause::S3_5_1, reason, format!("请直接填写{name}"));
                return None;
            }
            Some(value) => value.text().into_owned(),
            None => String::new(),
        };
        if text.is_empty() || text.chars().count() > TITLE_MAX {
            let reason = format!("没有填写{name}，或超过{TITLE_MAX}字");
            self.report(column, kind, Clause::S3_5_1, reason, format!("请填写{name}"));
            return None;
        }
        Some(text)
    }
}

/// A table of fees to take away, to change and to send back; `name_of` gives an occupation's name by its code.
pub fn fees_table(fees: &[Fee], name_of: &dyn Fn(&str) -> String) -> Result<Vec<u8>, XlsxError> {
    let headers: Vec<&str> = Column::ALL.iter().map(|column| column.names()[0]).collect();
    template::table(
        "收费项目表",
        &headers,
        fees.iter().map(|fee| {
            let trade = if fee.code.is_empty() { "全部".to_owned() } else { name_of(&fee.code) };
            let level = fee.level.map_or("全部", Level::name).to_owned();
            vec![fee.item.clone(), trade, level, yuan(fee.fen), fee.unit.clone(), fee.basis.clone()]
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(text: &str) -> Result<String, Refusal> {
        match text {
            "车工" | "6-18-01-01" => Ok("6-18-01-01".into()),
            other => Err(Refusal::new(Clause::S1_3_1, format!("没有“{other}”")).remedy("请核对")),
        }
    }

    #[test]
    fn s3_5_1_a_table_of_fees_is_read_line_by_line_and_says_what_is_wrong_where() {
        let csv = "示例技工学校收费项目表\n收费项目,职业（工种）,等级,收费标准（元）,单位,依据文件\n\
            理论考试费,全部,,60,元/人,示例价费〔2026〕1号\n实操考核费,车工,四级,￥200.50,元/人,示例价费〔2026〕1号\n\
            实操考核费,钳子工,四级,贰佰,元/人,\n理论考试费,,,70,元/人,示例价费〔2026〕1号\n注：以上均为每次的收费\n";
        let check = read_fees(csv.as_bytes(), &code_of).expect("a table");
        let read: Vec<_> = check.fees.iter().map(|fee| (fee.item.as_str(), fee.code.as_str(), fee.fen)).collect();
        assert_eq!(read, [("理论考试费", "", 6_000), ("实操考核费", "6-18-01-01", 20_050)]);
        assert_eq!(check.fees[1].level, Some(Level::L4));
        let found: Vec<_> = check.findings.iter().map(|f| (f.row, f.column.as_str(), f.kind)).collect();
        assert_eq!(
            found,
            [
                (5, "F", FaultKind::FeeBasisMissing),
                (5, "B", FaultKind::TradeUnknown),
                (5, "D", FaultKind::AmountUnreadable),
                (6, "A", FaultKind::DuplicateInFile),
            ]
        );
        assert_eq!(check.findings[0].ground, "三（五）");
    }

    #[test]
    fn s3_5_1_what_is_taken_away_comes_back_the_same() {
        let fee = |item: &str, code: &str, level, fen| Fee {
            item: item.into(),
            code: code.into(),
            level,
            fen,
            unit: "元/人".into(),
            basis: "示例价费〔2026〕1号".into(),
        };
        let fees = [fee("理论考试费", "", None, 6_000), fee("实操考核费", "6-18-01-01", Some(Level::L3), 20_005)];
        let bytes = fees_table(&fees, &|_| "车工".into()).expect("a workbook");
        let check = read_fees(&bytes, &code_of).expect("a table");
        assert_eq!((check.fees.as_slice(), check.findings.len()), (fees.as_slice(), 0), "{:?}", check.findings);
    }
}
