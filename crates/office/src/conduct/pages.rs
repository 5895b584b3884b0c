//! The day of a batch room by room, the list of one room, and the page behind the code on a ticket: made for a phone.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rules::arrangement::DayTime;
use rules::conduct::Presence;
use rules::permission::{ActKind, may};
use rules::{Clause, Refusal};

use super::{
    AnswerAttendance, Arrival, ArrivalView, ConductDetail, ConductView, EndSession, HallDetail, HallLine, HallPerson,
    HallView, NoteArrivals, ProposeAttendance, StartSession, of_ticket_code, record,
};
use crate::door::{FileHash, Stop};
use crate::web::page::{
    Choice, Crumb, FoundLine, Page, RefusalPanel, batch_trail, done, found_lines, long_day, refusal_in, status_for,
    with_status,
};
use crate::web::{Posted, Visit, Web, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/conduct", get(show))
        .route("/batches/{batch}/conduct/{session}", get(hall).post(note))
        .route("/batches/{batch}/conduct/{session}/record", get(record::page))
        .route("/batches/{batch}/conduct/{session}/changes/{change}", axum::routing::post(answer))
        .route("/arrivals/{code}", get(arrival).post(arrive))
}

/// A room as the list shows it.
struct Line {
    hall: HallLine,
    href: String,
    record: String,
    room: String,
    day: String,
    kind: &'static str,
    state: &'static str,
}

fn state(hall: &HallLine) -> (&'static str, &'static str) {
    match (&hall.began, &hall.ended) {
        _ if hall.is_stopped => ("danger", "已叫停"),
        (_, Some(_)) => ("ok", "已结束"),
        (Some(_), None) => ("warn", "考试中"),
        (None, None) if hall.is_due => ("waiting", "未开考"),
        (None, None) => ("neutral", "未到日期"),
    }
}

fn shown(batch: i64, hall: &HallLine) -> Line {
    let (kind, state) = state(hall);
    Line {
        href: format!("/batches/{batch}/conduct/{}", hall.session.id),
        record: format!("/batches/{batch}/conduct/{}/record", hall.session.id),
        room: hall.session.room_name(),
        day: long_day(hall.session.on),
        kind,
        state,
        hall: hall.clone(),
    }
}

#[derive(Template)]
#[template(path = "conduct/views/conduct.html")]
struct ConductPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ConductView,
    lines: Vec<Line>,
    expected: i64,
    present: i64,
    absent: i64,
    ended: usize,
    open_changes: usize,
    /// Pages about what comes beside, each with its address, name, tag and how much of it there is to see to.
    beside: Vec<(String, &'static str, &'static str, String)>,
    /// Whether rooms may be noted as they are, for nobody arranged them.
    may_list: bool,
}

async fn show(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    let view = match web.look(&visit, ConductDetail { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let sum = |of: fn(&HallLine) -> i64| view.halls.iter().map(of).sum();
    let page = ConductPage {
        page: Page::new(&web, &visit),
        trail: batch_trail(batch, &view.batch.title),
        lines: view.halls.iter().map(|hall| shown(batch, hall)).collect(),
        expected: sum(|hall| hall.session.seated),
        present: sum(|hall| hall.present),
        absent: sum(|hall| hall.absent),
        ended: view.halls.iter().filter(|hall| hall.ended.is_some()).count(),
        open_changes: view.changes.iter().filter(|change| change.answered_at.is_none()).count(),
        beside: beside(batch, &view),
        may_list: view.halls.is_empty()
            && view.open
            && view.today >= view.batch.first_exam_on
            && may(visit.caller.role(), ActKind::HoldByList).is_some(),
        view,
    };
    with_status(status_for(None), &page)
}

fn beside(batch: i64, view: &ConductView) -> Vec<(String, &'static str, &'static str, String)> {
    let line = |part: &str, name, (kind, count, unit): (&'static str, i64, &str)| {
        let said = if count > 0 { format!("{count}{unit}") } else { String::new() };
        (format!("/batches/{batch}/{part}"), name, kind, said)
    };
    vec![
        line("incidents", "异常情况", ("warn", view.day.incidents, "件未了结")),
        line("violations", "违纪", ("warn", view.day.violations, "件未决定")),
        line("deferrals", "缓考", ("warn", view.day.deferrals, "项待答复")),
        line("recordings", "录像", ("neutral", 0, "")),
        line("room-stops", "叫停考场", ("danger", view.day.stopped, "个已叫停")),
        line("site", "现场督导", ("neutral", view.day.site_notes, "条")),
    ]
}

/// The name of a field of an act in the form that sends it: the page has several forms.
fn field_of<'f>(form: &str, field: &'f str) -> &'f str {
    match (form, field) {
        ("start", "at") => "began",
        ("start", "reason") => "late",
        ("end", "at") => "ended",
        ("correct", "at") => "was_at",
        (_, "at") => "came",
        _ => field,
    }
}

/// What was typed into the forms of a room.
#[derive(Default)]
struct Typed {
    at: String,
    reason: String,
    note: String,
    candidate: String,
    there: String,
    picked: Vec<String>,
    staff: Vec<String>,
    form: String,
}

impl Typed {
    fn of(posted: &Posted) -> Self {
        let all = |name: &str| posted.all(name).into_iter().map(str::to_owned).collect();
        let form = posted.text("do");
        Self {
            at: posted.text(field_of(form, "at")).to_owned(),
            reason: posted.text(field_of(form, "reason")).to_owned(),
            note: posted.text("note").to_owned(),
            candidate: posted.text("candidate").to_owned(),
            there: posted.text("there").to_owned(),
            picked: all("person"),
            staff: all("staff"),
            form: form.to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "conduct/views/hall.html")]
struct HallPage {
    page: Page,
    trail: Vec<Crumb>,
    view: HallView,
    line: Line,
    over: String,
    time: String,
    may_note: bool,
    /// Whether somebody who is assigned is not there.
    is_short: bool,
    /// Who is waited for.
    missing: Vec<HallPerson>,
    candidates: Vec<Choice>,
    there: Vec<Choice>,
    /// What the last sign-in list was found to have.
    faults: Vec<FoundLine>,
    others: Vec<FoundLine>,
    typed: Typed,
    refusal: Option<RefusalPanel>,
}

impl HallPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    /// What was typed into a field of the form that was refused.
    fn typed_in<'a>(&self, form: &str, text: &'a str) -> &'a str {
        if self.typed.form == form { text } else { "" }
    }

    fn is_picked(&self, candidate: &i64) -> bool {
        self.typed.picked.iter().any(|one| one.parse() == Ok(*candidate))
    }

    fn is_here(&self, assignment: &i64) -> bool {
        self.typed.staff.iter().any(|one| one.parse() == Ok(*assignment))
    }
}

async fn hall(State(web): State<Web>, visit: Visit, Path((batch, session)): Path<(i64, i64)>) -> Response {
    hall_page(&web, &visit, (batch, session), Typed::default(), None).await
}

async fn hall_page(
    web: &Web,
    visit: &Visit,
    (batch, session): (i64, i64),
    typed: Typed,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, HallDetail { batch, session }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let mut trail = batch_trail(batch, &view.batch.title);
    trail.push(Crumb::new(format!("/batches/{batch}/conduct"), "现场"));
    let line = shown(batch, &view.hall);
    let label = |one: &HallPerson| format!("{} 号 {} {} {}", one.seat, one.ticket, one.name_masked, one.presence_name);
    let choice = |one: &HallPerson| Choice::new(one.candidate.to_string(), label(one), &typed.candidate);
    let there = if typed.there.is_empty() { "yes" } else { &typed.there };
    let (faults, others) = found_lines(view.findings.iter());
    let page = HallPage {
        page: Page::new(web, visit),
        trail,
        over: format!("{}，{}{}", view.hall.session.part_name, view.batch.trade, view.batch.level_name),
        time: format!("{} {}–{}", line.day, view.hall.session.from, view.hall.session.to),
        may_note: view.open && view.hall.is_due && may(visit.caller.role(), ActKind::NoteArrivals).is_some(),
        is_short: view.staff.iter().any(|one| !one.is_here && one.is_of_group),
        missing: view.persons.iter().filter(|one| one.is_missing).cloned().collect(),
        candidates: view.persons.iter().filter(|one| one.presence.is_some()).map(choice).collect(),
        there: vec![Choice::new("yes", "到场而漏签", there), Choice::new("no", "没有到场而误签", there)],
        faults,
        others,
        line,
        view,
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// A time as it was typed; nothing is the time that the act takes by itself.
fn time(posted: &Posted) -> Result<Option<DayTime>, Stop> {
    let read = |text: String| {
        text.parse()
            .map_err(|what: String| Stop::from(Refusal::house("填写", what).remedy("请按 08:30 的格式填写").at("at")))
    };
    posted.some(field_of(posted.text("do"), "at")).map(read).transpose()
}

fn ids(posted: &Posted, name: &str) -> Vec<i64> {
    posted.all(name).iter().filter_map(|text| text.parse().ok()).collect()
}

async fn note(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, session)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let once = posted.once();
    let at = match time(&posted) {
        Ok(at) => at,
        Err(stop) => return refused(&web, &visit, (batch, session), &posted, stop).await,
    };
    let outcome = match posted.text("do") {
        "start" => {
            let (present, reason) = (ids(&posted, "staff"), posted.text("late").to_owned());
            web.act(&visit, once, StartSession { batch, session, at, present, reason }).await.map(|made| {
                if made.staff < made.needed {
                    let (staff, needed) = (made.staff, made.needed);
                    format!("已登记开考。到场 {staff} 人，按比例须 {needed} 人，请尽快补足并在结束时写明。")
                } else {
                    "已登记开考。".to_owned()
                }
            })
        }
        "end" => {
            let absent = posted.some("absent").and_then(|text| text.parse().ok());
            let act = EndSession { batch, session, at, absent, note: posted.text("note").to_owned() };
            let said =
                |made: super::SessionEnded| format!("已登记结束，签到 {} 人，缺考 {} 人。", made.present, made.absent);
            web.act(&visit, once, act).await.map(said)
        }
        "correct" => {
            let read = || -> Result<ProposeAttendance, Stop> {
                Ok(ProposeAttendance {
                    batch,
                    session,
                    candidate: posted.int("candidate", "考生")?,
                    was_there: posted.text("there") != "no",
                    at,
                    reason: posted.text("reason").to_owned(),
                })
            };
            match read() {
                Ok(act) => web.act(&visit, once, act).await.map(|_| "更正已提出，由另一个账号核实。".to_owned()),
                Err(stop) => Err(stop),
            }
        }
        _ => {
            let act = NoteArrivals { batch, session, candidates: ids(&posted, "person"), at, by_ticket: false };
            web.act(&visit, once, act).await.map(|made| match made.before {
                0 => format!("已签到 {} 人。", made.arrived),
                before => format!("已签到 {} 人，另有 {before} 人先前已签到。", made.arrived),
            })
        }
    };
    match outcome {
        Ok(said) => done(&format!("/batches/{batch}/conduct/{session}"), &said),
        Err(stop) => refused(&web, &visit, (batch, session), &posted, stop).await,
    }
}

async fn refused(web: &Web, visit: &Visit, at: (i64, i64), posted: &Posted, stop: Stop) -> Response {
    match refusal_in(stop) {
        Ok(mut refusal) => {
            refusal.field = refusal.field.map(|field| field_of(posted.text("do"), &field).to_owned());
            hall_page(web, visit, at, Typed::of(posted), Some(refusal)).await
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

/// The page of a room again, with why a sign-in list was not taken.
pub(crate) async fn hall_refused(web: &Web, visit: &Visit, at: (i64, i64), stop: Stop) -> Response {
    match refusal_in(stop) {
        Ok(refusal) => hall_page(web, visit, at, Typed::default(), Some(refusal)).await,
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn answer(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, session, change)): Path<(i64, i64, i64)>,
    posted: Posted,
) -> Response {
    let agreed = posted.text("do") == "agree";
    let act = AnswerAttendance { batch, change, agreed, reason: posted.text("reason").to_owned() };
    match web.act(&visit, posted.once(), act).await {
        Ok(_) => {
            let said = if agreed { "已更正。" } else { "没有更正。" };
            done(&format!("/batches/{batch}/conduct/{session}"), said)
        }
        Err(stop) => refused(&web, &visit, (batch, session), &posted, stop).await,
    }
}

#[derive(Template)]
#[template(path = "conduct/views/arrival.html")]
struct ArrivalPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ArrivalView,
    /// The photo itself, as the content policy allows it.
    photo: String,
    places: Vec<(Line, String, Option<Presence>, String)>,
    /// Where the button stands: the next session of today that is not signed in.
    next: Option<i64>,
    refusal: Option<RefusalPanel>,
}

impl ArrivalPage {
    fn is_next(&self, line: &Line) -> bool {
        self.next == Some(line.hall.session.id)
    }
}

async fn arrival(State(web): State<Web>, visit: Visit, Path(code): Path<String>) -> Response {
    arrival_page(&web, &visit, &code, None).await
}

async fn arrival_page(web: &Web, visit: &Visit, code: &str, refusal: Option<RefusalPanel>) -> Response {
    // Who has not signed in is asked to before anything is said of the code.
    let view = match (visit.caller.is_signed_in(), of_ticket_code(web.office.seals(), code)) {
        (false, _) => Err(Stop::SignInFirst),
        (true, None) => Err(Stop::NotFound),
        (true, Some(candidate)) => web.look(visit, Arrival { candidate }).await,
    };
    let view = match view {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let photo = match view.photo.clone() {
        Some(hash) => match web.print(move |office| office.files().bring(&FileHash(hash))).await {
            Ok(bytes) => {
                let kind = if bytes.starts_with(b"\x89PNG") { "png" } else { "jpeg" };
                format!("data:image/{kind};base64,{}", BASE64.encode(bytes))
            }
            Err(stop) => return stopped(web, visit, stop),
        },
        None => String::new(),
    };
    let batch = view.batch.id;
    let may_note = view.open && may(visit.caller.role(), ActKind::NoteArrivals).is_some();
    let is_waiting = |place: &&super::ArrivalPlace| {
        place.presence.is_none() && place.hall.session.on == view.today && place.hall.ended.is_none()
    };
    let next = view.places.iter().find(is_waiting).map(|place| place.hall.session.id).filter(|_| may_note);
    let page = ArrivalPage {
        page: Page::new(web, visit),
        trail: batch_trail(batch, &view.batch.title),
        photo,
        places: view
            .places
            .iter()
            .map(|place| {
                let seat = crate::arrangement::part_seat(place.hall.session.part, place.seat);
                (shown(batch, &place.hall), seat, place.presence, place.came.clone().unwrap_or_default())
            })
            .collect(),
        next,
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn arrive(State(web): State<Web>, visit: Visit, Path(code): Path<String>, posted: Posted) -> Response {
    let Some(candidate) = of_ticket_code(web.office.seals(), &code) else {
        return stopped(&web, &visit, Stop::NotFound);
    };
    let read = || -> Result<NoteArrivals, Stop> {
        let (batch, session) = (posted.int("batch", "批次")?, posted.int("session", "场次")?);
        Ok(NoteArrivals { batch, session, candidates: vec![candidate], at: None, by_ticket: true })
    };
    let outcome = match read() {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(made) => {
            let said = match (made.arrived, made.late) {
                (0, _) => "先前已签到。".to_owned(),
                (_, 0) => "已签到。".to_owned(),
                (_, late) => format!("已签到，迟到 {late} 分钟。"),
            };
            done(&format!("/arrivals/{code}"), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => arrival_page(&web, &visit, &code, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The clause that a page of this feature rests on.
const fn basis() -> Clause {
    Clause::S3_3_1
}
