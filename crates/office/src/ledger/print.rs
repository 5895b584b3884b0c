//! The ledger on paper: a year as a list that lies on its side, a batch as a form with every act in it.

use press::{Column, Content, Form, Section, Table};
use rules::Day;

use super::pages::{day, reported};
use super::{BatchLedgerView, LedgerLine, LedgerView};
use crate::door::Caller;
use crate::web::page::plain_day;

fn columns(columns: &[(&str, u16)]) -> Vec<Column> {
    columns.iter().map(|(heading, share)| Column { heading: (*heading).to_owned(), share: *share }).collect()
}

/// The year of a body, or of an office's territory.
pub(super) fn year(view: &LedgerView, caller: &Caller, today: Day) -> Table {
    let is_body = caller.role().sits_in_body();
    let mut headings = vec![("批次", 6)];
    if !is_body {
        headings.push(("评价机构", 8));
    }
    headings.extend([
        ("职业与等级", 8),
        ("开展", 6),
        ("报名", 3),
        ("合格", 3),
        ("公示期满", 6),
        ("异议", 3),
        ("上报", 7),
        ("审核通过", 4),
        ("发证", 3),
    ]);
    let row = |line: &LedgerLine| {
        let mut row = vec![line.title.clone()];
        if !is_body {
            row.push(line.body_name.clone());
        }
        let started = if line.cancelled_on.is_some() { "已取消".to_owned() } else { plain_day(line.starts_on) };
        row.extend([
            format!("{} {}", line.trade, line.level_name),
            started,
            line.people.registered.to_string(),
            line.people.passed.to_string(),
            day(&line.publicity_ends_on),
            line.objections.to_string(),
            reported(line),
            line.people.approved.to_string(),
            line.people.issued.to_string(),
        ]);
        row
    };
    let total = view.total;
    Table {
        title: format!("{}年工作台账", view.year),
        subtitle: Some(caller.seat_name().to_owned()),
        columns: columns(&headings),
        rows: view.lines.iter().map(row).collect(),
        notes: vec![
            format!(
                "合计：报名{}人，合格{}人，不合格{}人，缺考{}人，违纪{}人，缓考{}人，审核通过{}人，发证{}本，其中注销{}本；已取消的批次不计。",
                total.registered,
                total.passed,
                total.failed,
                total.absent,
                total.violated,
                total.deferred,
                total.approved,
                total.issued,
                total.voided
            ),
            format!("由办理记录自动生成（闽人社办〔2020〕60号 三（三）），打印于{}。", plain_day(today)),
        ],
        on: today,
        landscape: true,
    }
}

/// One batch with every act in it.
pub(super) fn batch(view: &BatchLedgerView, today: Day) -> Form {
    let line = &view.line;
    let pair = |label: &str, value: String| (label.to_owned(), value);
    let numbers = match (&line.first_number, &line.last_number) {
        (Some(first), Some(last)) if first != last => format!("{first} 至 {last}"),
        (Some(only), _) => only.clone(),
        _ => "尚未发证".to_owned(),
    };
    let people = line.people;
    let pairs = vec![
        pair("机构", line.body_name.clone()),
        pair("批次", line.title.clone()),
        pair("职业与等级", format!("{}（{}），{}", line.trade, line.code, line.level_name)),
        pair("执行标准", line.standard.clone()),
        pair("通报", plain_day(line.notified_on)),
        pair("开展", format!("{} 至 {}", plain_day(line.starts_on), plain_day(line.ends_on))),
        pair("考场", format!("{}；{}", line.theory_place, line.practical_place)),
        pair("批次负责人", line.responsible.clone()),
        pair(
            "结果",
            format!(
                "报名{}人，合格{}人，不合格{}人，缺考{}人，违纪{}人，缓考{}人",
                people.registered, people.passed, people.failed, people.absent, people.violated, people.deferred
            ),
        ),
        pair(
            "公示",
            format!("{} 至 {}，异议{}件", day(&line.posted_on), day(&line.publicity_ends_on), line.objections),
        ),
        pair("上报", reported(line)),
        pair(
            "审核与发证",
            format!("审核通过{}人，发证{}本，其中注销{}本", people.approved, people.issued, people.voided),
        ),
        pair("证书编号", numbers),
        pair("打印日期", plain_day(today)),
    ];
    let rows = view.acts.iter().map(|act| {
        let outcome = act.refused.clone().map_or_else(|| "已办理".to_owned(), |what| format!("未获办理：{what}"));
        vec![act.at.clone(), act.act.clone(), format!("{}（{}）", act.by, act.role), act.seat.clone(), outcome]
    });
    let columns = columns(&[("时间", 7), ("事项", 6), ("办理人", 8), ("单位", 8), ("结果", 6)]);
    let heading = if view.acts_cut {
        format!("办理记录（较近的{}条）", view.acts.len())
    } else {
        "办理记录".to_owned()
    };
    Form {
        title: "批次工作台账".into(),
        number: Some(line.number.clone()),
        sections: vec![
            Section { heading: "批次".into(), content: Content::Pairs(pairs) },
            Section { heading, content: Content::Table { columns, rows: rows.collect() } },
        ],
        signature_lines: vec!["机构负责人（签字、盖章）".into()],
        on: today,
        mark: None,
    }
}
