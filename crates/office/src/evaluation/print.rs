//! The score sheet on paper: what each member marked, and a line for each to sign.

use press::{Column, Content, Form, Section};

use super::looks::EvaluationView;
use crate::web::page::plain_day;

fn column(heading: impl Into<String>, share: u16) -> Column {
    Column { heading: heading.into(), share }
}

/// The sheet with the marks as they are known; what is not marked yet is left blank, for the pen.
pub(super) fn sheet(view: &EvaluationView) -> Form {
    let day = view.held_on.map(plain_day).unwrap_or_default();
    let head = vec![
        ("被评估院校".to_owned(), view.body_name.clone()),
        ("组织评估".to_owned(), view.centre_name.clone()),
        ("评估日期".to_owned(), day),
        ("专家人数".to_owned(), view.members_wanted.to_string()),
    ];
    let mut sections = vec![Section { heading: "评估事项".into(), content: Content::Pairs(head) }];
    let members: Vec<_> = view.panel().collect();
    sections.push(Section {
        heading: "评估专家".into(),
        content: Content::Table {
            columns: vec![column("姓名", 2), column("工作单位", 5), column("职称", 3), column("证卡编号", 3)],
            rows: members
                .iter()
                .map(|one| vec![one.name.clone(), one.employer.clone(), one.title.clone(), one.card_number.clone()])
                .collect(),
        },
    });
    for (at, member) in members.iter().enumerate() {
        let rows = view.sheet.iter().map(|line| {
            let given = line.marks.get(at).and_then(Option::as_ref);
            vec![
                line.clause.place().to_owned(),
                match line.trade_name.as_str() {
                    "" => line.title.clone(),
                    trade => format!("{trade}：{}", line.title),
                },
                line.full.to_string(),
                given.map(|mark| mark.points.to_string()).unwrap_or_default(),
                given.map(|mark| mark.remark.clone()).unwrap_or_default(),
            ]
        });
        sections.push(Section {
            heading: format!("{}评分", member.name),
            content: Content::Table {
                columns: vec![
                    column("条件", 3),
                    column("评分项", 8),
                    column("满分", 2),
                    column("得分", 2),
                    column("情况说明", 6),
                ],
                rows: rows.collect(),
            },
        });
    }
    if !view.outcomes.is_empty() {
        let rows = view.outcomes.iter().map(|one| {
            let met = |met: bool| if met { "达到" } else { "未达到" };
            let cell = |at: usize| {
                let condition = one.outcome.conditions.get(at);
                condition.map(|c| format!("{:.1}%，{}", c.percent(), met(c.met))).unwrap_or_default()
            };
            vec![one.name.clone(), cell(0), cell(1), cell(2), met(one.outcome.passed).to_owned()]
        });
        sections.push(Section {
            heading: "评估结论".into(),
            content: Content::Table {
                columns: vec![
                    column("职业（工种）", 4),
                    column("一（二）1 专业", 3),
                    column("一（二）2 人员", 3),
                    column("一（二）3 场地", 3),
                    column("结论", 2),
                ],
                rows: rows.collect(),
            },
        });
    }
    Form {
        title: "职业技能等级认定备案现场评估评分表".into(),
        number: None,
        sections,
        signature_lines: members.iter().map(|one| format!("{}（签字）", one.name)).collect(),
        on: view.held_on.unwrap_or(view.today),
        mark: None,
    }
}
