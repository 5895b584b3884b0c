//! The record of a room (考场记录单), printed from what was noted, to be signed and kept with the papers.

use axum::extract::{Path, State};
use axum::http::Method;
use axum::response::Response;
use axum::routing::get;
use press::{Column, Content, Form, Section};
use rules::conduct::Presence;

use super::{HallDetail, HallView};
use crate::day::DayView;
use crate::web::api::{Registry, file_operation};
use crate::web::page::{download, long_day, not_done, not_printed};
use crate::web::{Visit, Web};

/// The document under `/api`.
pub(super) fn api(registry: Registry) -> Registry {
    let ids = &["batch", "session"];
    let operation = file_operation("batches", ("ExamRoomRecord", "一个考场一场的考场记录单"), ids, "application/pdf");
    registry.other(Method::GET, "/batches/{batch}/conduct/{session}/record", operation, get(page))
}

/// `/batches/7/conduct/9/record`.
pub(super) async fn page(State(web): State<Web>, visit: Visit, Path((batch, session)): Path<(i64, i64)>) -> Response {
    let view = match web.look(&visit, HallDetail { batch, session }).await {
        Ok(view) => view,
        Err(stop) => return not_done(&web, &visit, stop),
    };
    let day = match web.look(&visit, crate::day::Day { batch }).await {
        Ok(day) => day,
        Err(stop) => return not_done(&web, &visit, stop),
    };
    let name = format!("{}-考场记录单-{}-{}.pdf", view.batch.number, view.hall.session.no, view.hall.session.room);
    match web.print(move |office| office.press().form(&form(&view, &day)).map_err(|error| not_printed(&error))).await {
        Ok(pdf) => download("application/pdf", &name, pdf),
        Err(stop) => not_done(&web, &visit, stop),
    }
}

/// What went wrong in the room, and how it was closed.
fn incidents(session: i64, day: &DayView) -> Vec<String> {
    let of_room = day.incidents.iter().filter(|one| one.session == session);
    let said = of_room.map(|one| {
        let closed = if one.outcome.is_some() { one.outcome_name.as_str() } else { "未了结" };
        format!("{} {}：{}（{}；{closed}）", one.happened, one.kind_name, one.what, one.effect_name)
    });
    said.collect()
}

/// What of the room was recorded.
fn recorded(session: i64, day: &DayView) -> String {
    match day.rooms.iter().find(|room| room.session == session) {
        Some(room) if !room.has_ended => "考场尚未结束".to_owned(),
        Some(room) if room.gaps.is_empty() => format!("{} 段，已覆盖全程", room.recordings),
        Some(room) => {
            let gaps: Vec<String> = room.gaps.iter().map(|gap| format!("{}–{}", gap.from, gap.to)).collect();
            format!("{} 段，{}没有登记录像", room.recordings, gaps.join("、"))
        }
        None => "没有登记".to_owned(),
    }
}

fn form(view: &HallView, day: &DayView) -> Form {
    let (hall, session) = (&view.hall, &view.hall.session);
    let pair = |label: &str, value: String| (label.to_owned(), value);
    let or_blank = |text: &Option<String>| text.clone().unwrap_or_else(|| "未登记".to_owned());
    let late = match hall.late {
        0 => "按时".to_owned(),
        late if hall.late_reason.is_empty() => format!("晚 {late} 分钟"),
        late => format!("晚 {late} 分钟：{}", hall.late_reason),
    };
    let absent: Vec<String> = view
        .persons
        .iter()
        .filter(|one| one.presence == Some(Presence::Absent))
        .map(|one| format!("{} 号 {} {}", one.seat, one.ticket, one.name_masked))
        .collect();
    let here: Vec<String> =
        view.staff.iter().filter(|one| one.is_here).map(|one| format!("{}（{}）", one.name, one.duty_name)).collect();
    let away: Vec<String> =
        view.staff.iter().filter(|one| !one.is_here).map(|one| format!("{}（{}）", one.name, one.duty_name)).collect();
    let joined = |list: &[String]| if list.is_empty() { "无".to_owned() } else { list.join("、") };
    let facts = vec![
        pair("批次", format!("{}（{}）", view.batch.title, view.batch.number)),
        pair("职业等级", format!("{}，{}", view.batch.trade, view.batch.level_name)),
        pair("科目", session.part_name.clone()),
        pair("考场", session.room_name()),
        pair("安排的时间", format!("{} {}–{}", long_day(session.on), session.from, session.to)),
        pair("实际开考", or_blank(&hall.began)),
        pair("实际结束", or_blank(&hall.ended)),
        pair("开考情况", if hall.began.is_some() { late } else { "未登记".to_owned() }),
        pair("应到", format!("{} 人", session.seated)),
        pair("实到", format!("{} 人", hall.present)),
        pair("缺考", format!("{} 人", hall.absent)),
        pair("缺考考生", joined(&absent)),
        pair("到场人员", joined(&here)),
        pair("安排而未到的人员", joined(&away)),
        pair("异常情况", joined(&incidents(session.id, day))),
        pair("录像", recorded(session.id, day)),
        pair("备注", if hall.note.is_empty() { "无".to_owned() } else { hall.note.clone() }),
    ];
    let column = |heading: &str, share| Column { heading: heading.to_owned(), share };
    let rows = view.persons.iter().map(|one| {
        let came = one.came.clone().unwrap_or_default();
        vec![
            one.seat.to_string(),
            one.ticket.clone(),
            one.name_masked.clone(),
            one.presence_name.clone(),
            came,
            one.trace.clone(),
        ]
    });
    let list = Content::Table {
        columns: vec![
            column("座位", 2),
            column("准考证号", 5),
            column("姓名", 3),
            column("签到", 3),
            column("到场时间", 3),
            column("登记", 5),
        ],
        rows: rows.collect(),
    };
    Form {
        title: "考场记录单".to_owned(),
        number: Some(format!("{}-{}", view.batch.number, session.no)),
        sections: vec![
            Section { heading: view.batch.body_name.clone(), content: Content::Pairs(facts) },
            Section { heading: "签到名单".to_owned(), content: list },
        ],
        signature_lines: vec![format!("{}（签字）", session.staff_name()), "质量督导员（签字）".to_owned()],
        on: session.on,
        mark: None,
    }
}
