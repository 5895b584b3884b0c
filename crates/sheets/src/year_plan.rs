//! The yearly work plan of a body as a workbook: one line an occupation, or work type of it, at one level.

use rules::certificate::Level;
use rules::year_plan::{EXPECTED_MAX, ROWS_MAX, YearPlanTrade, months, months_said};
use rules::{Clause, Refusal};
use rust_xlsxwriter::XlsxError;

use crate::finding::{FaultKind, Finding};
use crate::roster::{Reading, Seen};
use crate::table::{self, Columns as _, columns};
use crate::template;
use crate::workbook::Workbook;

columns! {
    /// Columns of a yearly work plan.
    Column {
        Trade "职业" "职业(工种)" "职业工种" "职业名称" "职业编码" "职业代码" "认定职业";
        WorkType "工种" "工种(方向)" "方向" "工种名称";
        Level "等级" "级别" "职业技能等级" "认定等级";
        Expected "预计人数" "人数" "计划人数" "认定人数";
        Months "开展月份" "月份" "计划月份" "开展时间" "时间安排";
    }
}

/// What came of reading a plan.
#[derive(Debug, Clone, Default)]
pub struct YearPlanCheck {
    pub rows_read: usize,
    /// Lines without a fault.
    pub rows: Vec<YearPlanTrade>,
    pub findings: Vec<Finding>,
}

/// Reads a yearly work plan; `code_of` gives the code of an occupation by its code or name. Refused when the file cannot
/// be read as a table; everything else is a finding.
pub fn read_year_plan(
    bytes: &[u8],
    code_of: &dyn Fn(&str) -> Result<String, Refusal>,
) -> Result<YearPlanCheck, Refusal> {
    let mut book = Workbook::open(bytes)?;
    let mut check = YearPlanCheck::default();
    let mut seen = Seen::default();
    let mut findings = Vec::new();
    let required = [Column::Trade, Column::Level, Column::Expected, Column::Months];
    let missing = table::read(&mut book, &required, |row| {
        // Notes below the table stand in one cell.
        if Column::ALL.iter().filter(|column| row.get(**column).is_some()).count() < 2 {
            return true;
        }
        if check.rows_read == ROWS_MAX {
            let reason = format!("年度工作计划最多{ROWS_MAX}行，从这一行起没有读取");
            let place = row.place(Column::Trade);
            findings.push(Finding::new(
                place,
                FaultKind::RowBeyondLimit,
                Clause::S2_2_1A,
                reason,
                "请合并相同的职业和等级",
            ));
            return false;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context: (), findings: &mut findings, faults: 0 };
        let code = match reading.entry(Column::Trade) {
            Some(text) => match code_of(&text) {
                Ok(code) => Some(code),
                Err(refusal) => {
                    reading.refuse(Column::Trade, FaultKind::TradeUnknown, refusal);
                    None
                }
            },
            None => None,
        };
        let work_type = row.text(Column::WorkType).map(|text| text.into_owned()).unwrap_or_default();
        let work_type = if matches!(work_type.as_str(), "-" | "--" | "/" | "无") { String::new() } else { work_type };
        let level = reading.entry(Column::Level).and_then(|text| {
            let level = Level::from_text(&text);
            level.map_err(|refusal| reading.refuse(Column::Level, FaultKind::LevelUnknown, refusal)).ok()
        });
        let expected = reading.entry(Column::Expected).and_then(|text| {
            let number = text.trim_end_matches('人').trim().parse::<i64>().ok();
            let number = number.filter(|number| (1..=EXPECTED_MAX).contains(number));
            if number.is_none() {
                let reason = format!("预计人数“{text}”不是1至{EXPECTED_MAX}的整数");
                reading.report(
                    Column::Expected,
                    FaultKind::CountUnreadable,
                    Clause::S2_2_1A,
                    reason,
                    "请填写整数，例如 120",
                );
            }
            number
        });
        let months = reading.entry(Column::Months).and_then(|text| {
            months(&text).map_err(|refusal| reading.refuse(Column::Months, FaultKind::MonthsUnreadable, refusal)).ok()
        });
        let (Some(code), Some(level), Some(expected), Some(months)) = (code, level, expected, months) else {
            return true;
        };
        if let Some((_, first)) = seen.before(&format!("{code}\n{work_type}\n{}", level.digit()), row.sheet, row.number)
        {
            let reason = format!("与第{first}行的职业、工种和等级相同");
            reading.report(Column::Trade, FaultKind::DuplicateInFile, Clause::S2_2_1A, reason, "请合并成一行");
        }
        if reading.faults == 0 {
            check.rows.push(YearPlanTrade { code, work_type, level, expected, months });
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}

impl Reading<'_, '_, ()> {
    /// The text of a column that must be filled in.
    fn entry(&mut self, column: Column) -> Option<String> {
        let text = self.row.text(column).map(|text| text.into_owned()).unwrap_or_default();
        if text.is_empty() {
            let name = column.names()[0];
            let (reason, remedy) = (format!("没有填写{name}"), format!("请填写{name}"));
            self.report(column, FaultKind::EntryMissing, Clause::S2_2_1A, reason, remedy);
            return None;
        }
        Some(text)
    }
}

/// A plan to take away, to change and to send back: its rows, each with the occupation's name.
pub fn year_plan_table(rows: &[(YearPlanTrade, String)]) -> Result<Vec<u8>, XlsxError> {
    let headers: Vec<&str> = Column::ALL.iter().map(|column| column.names()[0]).collect();
    template::table(
        "年度工作计划",
        &headers,
        rows.iter().map(|(row, name)| {
            vec![
                name.clone(),
                row.work_type.clone(),
                row.level.name().to_owned(),
                row.expected.to_string(),
                months_said(&row.months),
            ]
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
    fn s2_2_1a_a_yearly_plan_is_read_line_by_line_and_says_what_is_wrong_where() {
        let csv = "示例技工学校2026年认定工作计划\n职业（工种）,工种,等级,计划人数,开展月份\n\
            车工,,四级,60人,3、6、11月\n6-18-01-01,数控车工,三级/高级工,30,下半年\n\
            钳子工,,九级,许多,春季\n车工,--,4,20,全年\n车工,,三级,,\n注：人数为全年合计\n";
        let check = read_year_plan(csv.as_bytes(), &code_of).expect("a table");
        let read: Vec<_> =
            check.rows.iter().map(|row| (row.work_type.as_str(), row.level, row.expected, row.months.len())).collect();
        assert_eq!(read, [("", Level::L4, 60, 3), ("数控车工", Level::L3, 30, 6)]);
        let found: Vec<_> = check.findings.iter().map(|f| (f.row, f.column.as_str(), f.kind)).collect();
        assert_eq!(
            found,
            [
                (5, "A", FaultKind::TradeUnknown),
                (5, "C", FaultKind::LevelUnknown),
                (5, "D", FaultKind::CountUnreadable),
                (5, "E", FaultKind::MonthsUnreadable),
                (6, "A", FaultKind::DuplicateInFile),
                (7, "D", FaultKind::EntryMissing),
                (7, "E", FaultKind::EntryMissing),
            ]
        );
    }

    #[test]
    fn s2_2_1a_a_plan_that_is_taken_away_comes_back_the_same() {
        let row = YearPlanTrade {
            code: "6-18-01-01".into(),
            work_type: "数控车工".into(),
            level: Level::L3,
            expected: 45,
            months: vec![4, 10],
        };
        let bytes = year_plan_table(&[(row.clone(), "车工".into())]).expect("a workbook");
        let check = read_year_plan(&bytes, &code_of).expect("a table");
        assert_eq!((check.rows, check.findings.len()), (vec![row], 0));
    }
}
