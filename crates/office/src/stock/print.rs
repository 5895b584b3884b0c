//! The ledger of blanks on paper: every entry on a page that lies on its side, and what is left.

use press::{Column, Table};
use rules::Day;
use rules::stock::Balance;

use super::{StockLine, StockView};
use crate::web::page::plain_day;

/// The columns of an entry, in the workbook and on paper.
pub(super) const HEADERS: [&str; 9] =
    ["序号", "事项", "流水号", "张数", "日期", "来源或原因", "批次", "登记人", "备注"];

/// An entry under [`HEADERS`].
pub(super) fn row(line: &StockLine) -> Vec<String> {
    let count = if line.reverses.is_some() { -line.count } else { line.count };
    vec![
        line.no.to_string(),
        line.what(),
        line.serials.clone(),
        count.to_string(),
        line.happened_on.to_string(),
        line.note.clone(),
        line.batch_number.clone(),
        format!("{}，{}", line.entered_by, line.entered_on),
        line.reversed_by.map_or_else(String::new, |no| format!("已由第{no}笔冲销")),
    ]
}

/// The ledger of a body.
pub(super) fn ledger(view: &StockView, today: Day) -> Table {
    let shares = [3, 6, 12, 3, 6, 9, 7, 9, 7];
    let columns = HEADERS.iter().zip(shares).map(|(heading, share)| Column { heading: (*heading).to_owned(), share });
    let Balance { received, left, printed, spoiled, destroyed } = view.total;
    let mut notes = vec![format!(
        "结存：收到{received}张，套打{printed}张，作废待销毁{spoiled}张，已销毁{destroyed}张，可用{left}张。"
    )];
    notes.extend(view.series.iter().filter(|line| !line.left_serials.is_empty()).map(|line| {
        format!(
            "可用流水号：{}{}。",
            line.left_serials.join("；"),
            if line.left_serials.len() < super::RANGES { "" } else { "等" }
        )
    }));
    notes.push(format!(
        "登记不改写，有误的另记一笔冲销（闽人社办〔2020〕60号 二（二）4、三（三）），打印于{}。",
        plain_day(today)
    ));
    Table {
        title: "空白证书台账".into(),
        subtitle: Some(view.body_name.clone()),
        columns: columns.collect(),
        rows: view.entries.iter().map(row).collect(),
        notes,
        on: today,
        landscape: true,
    }
}
