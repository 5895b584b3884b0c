//! A sign-in list of one room: one row a candidate by the number of the ticket, with a tick, a signature or the time at which they
//! came; a row without any of these was not there and is passed over.

use rules::Refusal;
use rules::arrangement::DayTime;

use crate::finding::{FaultKind, Finding};
use crate::roster::{HOUSE, Reading, Seen};
use crate::table::{self, columns};
use crate::value::{Value, squeezed};
use crate::workbook::Workbook;

columns! {
    /// Columns of a sign-in list.
    Column {
        Ticket "准考证号" "考号" "准考证号码";
        Name "姓名" "考生姓名" "学生姓名";
        Signed "签到" "签名" "考生签名" "签到情况" "是否到场" "到场情况";
        Came "到场时间" "签到时间" "入场时间" "时间" "打卡时间";
    }
}

/// Somebody who was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivalRow {
    pub sheet: String,
    pub row: u32,
    pub ticket: String,
    /// When they came, where the sheet says it.
    pub came: Option<DayTime>,
}

/// What came of reading a sign-in list.
#[derive(Debug, Clone, Default)]
pub struct ArrivalsCheck {
    /// Rows that name somebody, there or not.
    pub rows_read: usize,
    /// Who was there, in rows without a fault.
    pub good: Vec<ArrivalRow>,
    pub findings: Vec<Finding>,
}

/// Whether a cell says that somebody was there: a tick, a signature, a word; `None` where it says nothing, an error where it says neither.
fn signed(text: &str, name: Option<&str>) -> Option<Result<bool, ()>> {
    match text {
        "" => None,
        "缺考" | "未到" | "未签到" | "否" | "×" | "x" | "X" | "0" | "FALSE" | "缺席" | "旷考" => {
            Some(Ok(false))
        }
        "√" | "✓" | "✔" | "是" | "到" | "已到" | "已到场" | "已签到" | "到场" | "1" | "TRUE" | "已签" => {
            Some(Ok(true))
        }
        // A typed signature is the name.
        other if name == Some(other) => Some(Ok(true)),
        _ => Some(Err(())),
    }
}

/// Reads a sign-in list; `name_of` gives the name of who sits in the room with a ticket. Refused when the file cannot be read as a
/// table; everything else is a finding.
pub fn read_arrivals(bytes: &[u8], name_of: &dyn Fn(&str) -> Option<String>) -> Result<ArrivalsCheck, Refusal> {
    use Column as C;
    let mut book = Workbook::open(bytes)?;
    let (mut check, mut seen, mut findings) = (ArrivalsCheck::default(), Seen::default(), Vec::new());
    let missing = table::read(&mut book, &[C::Ticket], |row| {
        let ticket = row.text(C::Ticket).map(|text| squeezed(&text)).unwrap_or_default();
        // Notes and lines for signatures of the staff stand below; they fill one cell.
        if ticket.is_empty() || [C::Name, C::Signed, C::Came].iter().all(|column| row.get(*column).is_none()) {
            return true;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context: (), findings: &mut findings, faults: 0 };
        let name = row.text(C::Name).map(|text| crate::value::name(&text));
        let registered = name_of(&ticket);
        match &registered {
            None => {
                let reason = "这一场的考生中没有这个准考证号";
                let remedy = "请核对考场和准考证号；其他考场的考生请在该考场导入";
                reading.report(C::Ticket, FaultKind::CandidateUnknown, HOUSE, reason, remedy);
            }
            Some(registered) if name.as_ref().is_some_and(|name| name != registered) => {
                let reason = format!("这个准考证号的考生是“{registered}”");
                reading.report(C::Name, FaultKind::CandidateNameDiffers, HOUSE, reason, "请核对是否错行");
            }
            Some(_) => {}
        }
        if let Some((_, first)) = seen.before(&ticket, row.sheet, row.number) {
            let reason = format!("与第{first}行是同一名考生");
            reading.report(C::Ticket, FaultKind::DuplicateInFile, HOUSE, reason, "请只保留一行");
        }
        let mark = row.text(C::Signed).map(|text| squeezed(&text)).unwrap_or_default();
        let was_there = match signed(&mark, registered.as_deref()) {
            Some(Ok(was_there)) => Some(was_there),
            // Some write the time where others tick.
            Some(Err(())) if row.get(C::Signed).and_then(Value::time).is_some() => Some(true),
            Some(Err(())) => {
                let reason = format!("“{mark}”看不出是否到场");
                let remedy = "到场的填“√”或到场时间，没有到场的填“缺考”或空着";
                reading.report(C::Signed, FaultKind::EntryUnknown, HOUSE, reason, remedy);
                None
            }
            None => None,
        };
        let came = match row.get(C::Came) {
            Some(value) => {
                let came = value.time();
                if came.is_none() {
                    let reason = format!("“{}”不是时间", value.shown());
                    reading.report(C::Came, FaultKind::TimeUnreadable, HOUSE, reason, "请按 08:15 的格式填写");
                }
                came
            }
            None => row.get(C::Signed).and_then(Value::time).filter(|_| was_there == Some(true)),
        };
        if was_there == Some(false) && came.is_some() {
            let reason = "写明没有到场，又有到场时间";
            reading.report(C::Came, FaultKind::EntryUnknown, HOUSE, reason, "请核对；没有到场的不填时间");
        }
        if reading.faults == 0 && (was_there == Some(true) || (was_there.is_none() && came.is_some())) {
            check.good.push(ArrivalRow { sheet: row.sheet.to_owned(), row: row.number, ticket, came });
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}
