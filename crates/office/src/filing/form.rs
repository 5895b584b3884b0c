//! 附件1: the filing form, made from the application. What was decided since stands in its boxes; the rest is left for hand
//! and seal.

use press::{Column, Content, Form, Opinion, Section};
use rules::Day;
use rules::filing::FilingStage;
use rules::permission::ActKind;

use super::looks::FilingDetailView;
use crate::web::page::plain_day;

fn table(columns: &[(&str, u16)], rows: Vec<Vec<String>>) -> Content {
    let columns = columns.iter().map(|&(heading, share)| Column { heading: heading.into(), share }).collect();
    Content::Table { columns, rows }
}

/// The form of a filing as it stands.
pub(super) fn filing_form(view: &FilingDetailView, today: Day) -> Form {
    let dash = |text: &str| if text.is_empty() { "--".to_owned() } else { text.to_owned() };
    let mut body = vec![
        ("机构名称".to_owned(), view.line.body_name.clone()),
        ("统一社会信用代码".to_owned(), view.uscc.clone()),
        ("机构类型".to_owned(), view.body_kind.clone()),
        ("隶属关系".to_owned(), view.affiliation.clone()),
    ];
    body.extend(view.form.entries().map(|(_, label, text)| (label.to_owned(), text.to_owned())));
    body.push(("受理中心".into(), view.line.centre.clone()));
    if !view.form.note.is_empty() {
        body.push(("补充说明".into(), view.form.note.clone()));
    }
    let trades = view.trades.iter().map(|trade| {
        vec![
            trade.name.clone(),
            trade.code.clone(),
            dash(&trade.work_type),
            trade.level_name.clone(),
            trade.major.clone(),
            trade.standard.clone(),
            dash(&trade.papers),
            trade.capacity.to_string(),
            match trade.passed {
                Some(true) => "合格".into(),
                Some(false) => format!("不合格：{}", trade.reason),
                None => String::new(),
            },
        ]
    });
    let people = view.people.iter().map(|person| {
        vec![
            person.name.clone(),
            person.kind_name.clone(),
            person.trade_name.clone(),
            dash(&person.level_name),
            dash(&person.card_number),
            person.card_valid_until.map(|day| day.to_string()).unwrap_or_else(|| "--".into()),
        ]
    });
    let sites = view.sites.iter().map(|site| {
        vec![
            site.name.clone(),
            site.kind_name.clone(),
            site.trade_name.clone(),
            site.count.to_string(),
            site.days_kept.map_or_else(|| "--".into(), |days| format!("{days} 天")),
            dash(&site.note),
        ]
    });
    let section = |heading: &str, content| Section { heading: heading.into(), content };
    let mut sections = vec![
        section("一、机构基本情况", Content::Pairs(body)),
        section(
            "二、拟备案职业（工种）",
            table(
                &[
                    ("职业", 4),
                    ("编码", 4),
                    ("工种", 3),
                    ("等级", 4),
                    ("对应专业", 4),
                    ("执行标准", 5),
                    ("试卷来源", 3),
                    ("年规模", 2),
                    ("审核结论", 3),
                ],
                trades.collect(),
            ),
        ),
        section(
            "三、人员队伍",
            table(
                &[("姓名", 3), ("类别", 4), ("职业", 4), ("最高等级", 4), ("证卡编号", 4), ("有效期至", 3)],
                people.collect(),
            ),
        ),
        section(
            "四、场地、设施设备和视频监控",
            table(&[("名称", 5), ("类别", 3), ("职业", 4), ("数量", 2), ("录像保存", 3), ("说明", 5)], sites.collect()),
        ),
        section("五、意见", Content::Opinions(opinions(view))),
    ];
    if let Some(number) = &view.line.number {
        let day = |day: Option<Day>| day.map(plain_day).unwrap_or_default();
        let pairs = [
            ("机构备案编号", number.clone()),
            ("部级备案", view.ministry_reference.clone().unwrap_or_default()),
            ("列入目录", day(view.listed_on)),
            ("备案有效期", format!("{}至{}", day(view.valid_from), day(view.line.valid_until))),
        ];
        let pairs = pairs.map(|(label, text)| (label.to_owned(), text));
        sections.push(section("六、备案编号和有效期", Content::Pairs(pairs.into())));
    }
    let is_draft = matches!(view.line.stage, FilingStage::Drafting | FilingStage::Returned);
    Form {
        title: "职业技能等级认定试点备案表".into(),
        number: view.line.number.clone(),
        sections,
        signature_lines: Vec::new(),
        on: view.line.submitted_on.unwrap_or(today),
        mark: is_draft.then(|| "草稿".into()),
    }
}

/// The boxes of those who have their say, in the order of the way.
fn opinions(view: &FilingDetailView) -> Vec<Opinion> {
    let taken = |act: ActKind| {
        let step = view.steps.iter().find(|step| step.label == act.name() && step.state == "done");
        step.and_then(|step| step.on).map(plain_day)
    };
    let qualified = match (view.line.stage, taken(ActKind::AssessFiling)) {
        (_, None) => "",
        (FilingStage::Rejected, _) => "经审核评估，不合格。",
        _ => "经审核评估，合格。",
    };
    let mut boxes = vec![
        Opinion {
            who: "申请机构意见".into(),
            text: "本单位自愿申请备案，所填内容和所附材料真实，愿按备案的职业（工种）和等级开展认定，接受监督，承担主体责任。"
                .into(),
            seal: "负责人（签字）　　　　　　　　（盖章）".into(),
            on: taken(ActKind::SubmitFiling),
        },
        Opinion {
            who: "职业技能鉴定指导中心审核评估意见".into(),
            text: format!("{qualified}{}", view.assessment.as_deref().unwrap_or_default()),
            seal: "（盖章）".into(),
            on: taken(ActKind::AssessFiling),
        },
    ];
    if view.bureau.is_some() {
        let consented = taken(ActKind::ConsentFiling);
        let said = view.consent.as_deref().unwrap_or_default();
        boxes.push(Opinion {
            who: "当地人力资源和社会保障局意见".into(),
            text: match (&consented, said) {
                (Some(_), "") => "同意备案。".into(),
                _ => said.to_owned(),
            },
            seal: "（盖章）".into(),
            on: consented,
        });
    }
    let summarised = taken(ActKind::SummariseFiling);
    boxes.push(Opinion {
        who: "省职业技能鉴定指导中心汇总意见".into(),
        text: if summarised.is_some() {
            "已汇总，报省人力资源和社会保障厅。".into()
        } else {
            String::new()
        },
        seal: "（盖章）".into(),
        on: summarised,
    });
    boxes
}
