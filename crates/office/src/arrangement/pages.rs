//! How a batch is arranged, with the form that arranges it, and the plan of seats of each session.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use rules::arrangement::{DayTime, ExamHours, ExamRoom, ExamStations};
use rules::people::Role;
use rules::permission::{ActKind, may};
use rules::refusal::RefusalView;
use rules::result::Part;
use rules::{Clause, Refusal};

use super::{
    ArrangeBatch, ArrangeRest, ArrangementDetail, ArrangementRecord, ArrangementView, ExamSessionDetail,
    ExamSessionLine, ExamSessionView, MoveSeat, SeatView, print,
};
use crate::door::Stop;
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, batch_trail, done, download, grouped, long_day, refusal_in, status_for,
    with_status,
};
use crate::web::{Posted, Visit, Web, stopped};

/// Empty rows that a form offers beyond those that are filled in.
const SPARE: usize = 2;

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/arrangement", get(show).post(arrange))
        .route("/batches/{batch}/arrangement/rest", axum::routing::post(rest))
        .route("/batches/{batch}/arrangements/{no}/draw", get(record))
        .route("/batches/{batch}/sessions/{session}", get(session).post(move_seat))
        .route("/batches/{batch}/papers/{paper}", get(print::page))
}

/// A row of rooms or stations in the form.
#[derive(Debug, Clone, Default)]
struct RoomRow {
    name: String,
    size: String,
    columns: String,
}

/// What the form holds.
#[derive(Debug, Clone, Default)]
struct Form {
    rooms: Vec<RoomRow>,
    stations: Vec<RoomRow>,
    reviews: String,
    hours: Vec<(String, String)>,
    theory_minutes: String,
    practical_minutes: String,
    review_minutes: String,
    pause: String,
}

impl Form {
    fn of(view: &ArrangementView) -> Self {
        let means = &view.means;
        let zero = |n: u16| if n == 0 { String::new() } else { n.to_string() };
        let mut form = Self {
            rooms: means
                .rooms
                .iter()
                .map(|room| RoomRow {
                    name: room.name.clone(),
                    size: room.seats.to_string(),
                    columns: zero(room.columns),
                })
                .collect(),
            stations: means
                .stations
                .iter()
                .map(|place| RoomRow {
                    name: place.name.clone(),
                    size: place.count.to_string(),
                    columns: String::new(),
                })
                .collect(),
            reviews: means.reviews.join("\n"),
            hours: means.hours.iter().map(|one| (one.from.to_string(), one.to.to_string())).collect(),
            theory_minutes: means.theory_minutes.to_string(),
            practical_minutes: means.practical_minutes.to_string(),
            review_minutes: means.review_minutes.to_string(),
            pause: means.pause.to_string(),
        };
        form.spare();
        form
    }

    fn posted(posted: &Posted) -> Self {
        let rows = |names: &str, sizes: &str, columns: &str| -> Vec<RoomRow> {
            let (sizes, columns) = (posted.all(sizes), posted.all(columns));
            let cell = |list: &[&str], at: usize| list.get(at).copied().unwrap_or_default().to_owned();
            let row = |(at, name): (usize, &&str)| RoomRow {
                name: (*name).to_owned(),
                size: cell(&sizes, at),
                columns: cell(&columns, at),
            };
            posted
                .all(names)
                .iter()
                .enumerate()
                .map(row)
                .filter(|row| !row.name.is_empty() || !row.size.is_empty())
                .collect()
        };
        let hours = std::iter::zip(posted.all("from[]"), posted.all("to[]"));
        let mut form = Self {
            rooms: rows("room[]", "seats[]", "columns[]"),
            stations: rows("station[]", "count[]", ""),
            reviews: posted.text("reviews").to_owned(),
            hours: hours.map(|(from, to)| (from.to_owned(), to.to_owned())).collect(),
            theory_minutes: posted.text("theory_minutes").to_owned(),
            practical_minutes: posted.text("practical_minutes").to_owned(),
            review_minutes: posted.text("review_minutes").to_owned(),
            pause: posted.text("pause").to_owned(),
        };
        form.spare();
        form
    }

    fn spare(&mut self) {
        for list in [&mut self.rooms, &mut self.stations] {
            list.extend(std::iter::repeat_n(RoomRow::default(), SPARE));
        }
        while self.hours.len() < 3 {
            self.hours.push((String::new(), String::new()));
        }
    }

    /// The act that it asks for.
    fn read(&self, batch: i64) -> Result<ArrangeBatch, Stop> {
        let filled = |rows: &[RoomRow]| -> Vec<RoomRow> {
            rows.iter().filter(|row| !row.name.is_empty() || !row.size.is_empty()).cloned().collect()
        };
        let rooms = filled(&self.rooms).into_iter().map(|row| {
            let columns = if row.columns.is_empty() { 0 } else { small(&row.columns, "列数", "rooms")? };
            Ok(ExamRoom { seats: small(&row.size, "座位数", "rooms")?, name: row.name, columns })
        });
        let stations = filled(&self.stations)
            .into_iter()
            .map(|row| Ok(ExamStations { count: small(&row.size, "工位数", "stations")?, name: row.name }));
        let hours = self.hours.iter().filter(|(from, to)| !from.is_empty() || !to.is_empty()).map(|(from, to)| {
            let time = |text: &str| {
                text.parse::<DayTime>().map_err(|what| {
                    Stop::from(Refusal::house("填写", what).remedy("请按 08:30 的格式填写").at("hours"))
                })
            };
            Ok(ExamHours { from: time(from)?, to: time(to)? })
        });
        let minutes = |text: &str, label: &str, field| -> Result<Option<u16>, Stop> {
            if text.is_empty() { Ok(None) } else { small(text, label, field).map(Some) }
        };
        Ok(ArrangeBatch {
            batch,
            rooms: rooms.collect::<Result<_, Stop>>()?,
            stations: stations.collect::<Result<_, Stop>>()?,
            reviews: self.reviews.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            hours: hours.collect::<Result<_, Stop>>()?,
            theory_minutes: minutes(&self.theory_minutes, "理论考试时长", "theory_minutes")?,
            practical_minutes: minutes(&self.practical_minutes, "实操每场时长", "practical_minutes")?,
            review_minutes: minutes(&self.review_minutes, "评审每人时长", "review_minutes")?,
            pause: minutes(&self.pause, "两场间隔", "pause")?,
        })
    }
}

fn small(text: &str, label: &str, field: &'static str) -> Result<u16, Stop> {
    text.parse().ok().filter(|n| *n <= 1_000).ok_or_else(|| {
        Refusal::house("填写", format!("{label}“{text}”不是 0 至 1000 的整数"))
            .remedy("请填写整数，例如 30")
            .at(field)
            .into()
    })
}

/// A session as the list shows it.
struct Line {
    session: ExamSessionLine,
    href: String,
    day: String,
    room: String,
}

/// The sessions of a part.
struct Group {
    name: &'static str,
    summary: String,
    lines: Vec<Line>,
}

/// One arrangement of the history.
struct Past {
    what: String,
    who: String,
    seed: String,
    href: String,
}

#[derive(Template)]
#[template(path = "arrangement/views/arrangement.html")]
struct ArrangementPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ArrangementView,
    may_arrange: bool,
    /// How many have no place yet.
    waiting: i64,
    due: String,
    groups: Vec<Group>,
    findings: Vec<RefusalView>,
    history: Vec<Past>,
    own: Vec<String>,
    has_review: bool,
    form: Form,
    refusal: Option<RefusalPanel>,
}

impl ArrangementPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn show(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    page(&web, &visit, batch, None, None).await
}

async fn page(web: &Web, visit: &Visit, batch: i64, form: Option<Form>, refusal: Option<RefusalPanel>) -> Response {
    let view = match web.look(visit, ArrangementDetail { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let group = |part: Part| {
        let lines: Vec<Line> = view
            .sessions
            .iter()
            .filter(|session| session.part == part)
            .map(|session| Line {
                href: format!("/batches/{batch}/sessions/{}", session.id),
                day: long_day(session.on),
                room: session.room_name(),
                session: session.clone(),
            })
            .collect();
        let staff: usize = lines.iter().map(|line| line.session.staff).sum();
        let unit = if part == Part::Practical { "组" } else { "场" };
        let who = lines.first().map_or("", |line| line.session.staff_name());
        let need = view.needs.iter().find(|need| need.part == Some(part));
        let said = need.map_or_else(String::new, |need| {
            format!("；{}，至少 {} 名，已安排 {} 名", need.basis(), need.wanted, need.have)
        });
        let summary = format!("{} {unit}，{who}共 {staff} 人次{said}", lines.len());
        Group { name: part.name(), summary, lines }
    };
    let groups: Vec<Group> =
        Part::ALL.iter().map(|part| group(*part)).filter(|group| !group.lines.is_empty()).collect();
    let has_review = rules::result::parts_for(view.batch.level).contains(&Part::Comprehensive);
    let past = |line: &super::ArrangementLine| Past {
        what: format!("第 {} 次：{} {} 人", line.no, if line.is_rest { "补排" } else { "编排" }, line.persons),
        who: format!("{}，{}", line.at, line.by),
        seed: grouped(&line.seed),
        href: format!("/batches/{batch}/arrangements/{}/draw", line.no),
    };
    let named = |place: &super::looks::OwnPlace| match place.count {
        Some(count) => format!("{}（{count}）", place.name),
        None => place.name.clone(),
    };
    // What was found stands until everything is arranged anew.
    let until = view.history.iter().position(|line| !line.is_rest).map_or(view.history.len(), |at| at + 1);
    let may_act = may(visit.caller.role(), ActKind::ArrangeBatch).is_some();
    let page = ArrangementPage {
        page: Page::new(web, visit),
        trail: batch_trail(batch, &view.batch.title),
        may_arrange: may_act && view.open && view.registered > 0,
        waiting: (view.registered - view.seated).max(0),
        due: view.due_on.map(long_day).unwrap_or_default(),
        groups,
        findings: view.history.iter().take(until).flat_map(|line| line.findings.clone()).collect(),
        history: view.history.iter().map(past).collect(),
        own: view.own_rooms.iter().chain(&view.own_stations).map(named).collect(),
        has_review,
        form: form.unwrap_or_else(|| Form::of(&view)),
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn arrange(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let form = Form::posted(&posted);
    let outcome = match form.read(batch) {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(made) => {
            let rest = match made.findings.len() {
                0 => String::new(),
                count => format!("有 {count} 处请留意，见下。"),
            };
            let said = format!("已编排 {} 人、{} 场。{rest}", made.persons, made.sessions);
            done(&format!("/batches/{batch}/arrangement"), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => page(&web, &visit, batch, Some(form), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn rest(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    match web.act(&visit, posted.once(), ArrangeRest { batch }).await {
        Ok(made) => {
            let said = format!("已为 {} 名考生补排座位，其他人的座位没有变动。", made.persons);
            done(&format!("/batches/{batch}/arrangement"), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => page(&web, &visit, batch, None, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The record of the lots, for whoever wants to draw them again.
async fn record(State(web): State<Web>, visit: Visit, Path((batch, no)): Path<(i64, i64)>) -> Response {
    match web.look(&visit, ArrangementRecord { batch, no }).await {
        Ok(record) => download("application/json", &format!("编排抽签记录-{no}.json"), record.draw.into_bytes()),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// A row of the plan of seats, from the platform; a cell is empty where no seat stands.
struct SeatRow {
    cells: Vec<Option<SeatView>>,
}

#[derive(Template)]
#[template(path = "arrangement/views/session.html")]
struct SessionPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ExamSessionView,
    title: String,
    over: String,
    time: String,
    free: i64,
    rows: Vec<SeatRow>,
    may_move: bool,
    may_print: bool,
    candidates: Vec<Choice>,
    sessions: Vec<Choice>,
    seat: String,
    refusal: Option<RefusalPanel>,
}

impl SessionPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn session(State(web): State<Web>, visit: Visit, Path((batch, session)): Path<(i64, i64)>) -> Response {
    session_page(&web, &visit, (batch, session), None, None).await
}

async fn session_page(
    web: &Web,
    visit: &Visit,
    (batch, session): (i64, i64),
    posted: Option<&Posted>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, ExamSessionDetail { batch, session }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let chosen = |name: &str| posted.map(|posted| posted.text(name).to_owned()).unwrap_or_default();
    let candidates = view.seats.iter().filter_map(|seat| {
        let label = format!("{} 号 {} {} {}", seat.seat, seat.ticket, seat.name_masked, seat.class);
        Some(Choice::new(seat.candidate?.to_string(), label.trim_end(), &chosen("candidate")))
    });
    let to = Some(chosen("to")).filter(|to| !to.is_empty()).unwrap_or_else(|| session.to_string());
    let sessions = view.others.iter().map(|other| {
        let label = format!("{} {} {}", long_day(other.on), other.from, other.room_name());
        Choice::new(other.id.to_string(), label, &to)
    });
    let line = &view.session;
    let rows = if line.columns == 0 {
        Vec::new()
    } else {
        let count = view.seats.iter().map(|seat| seat.row).max().unwrap_or(0) + 1;
        let columns = view.seats.iter().map(|seat| seat.column).max().unwrap_or(0) + 1;
        let at =
            |row: i64, column: i64| view.seats.iter().find(|seat| (seat.row, seat.column) == (row, column)).cloned();
        (0..count).map(|row| SeatRow { cells: (0..columns).map(|column| at(row, column)).collect() }).collect()
    };
    let mut trail = batch_trail(batch, &view.batch.title);
    trail.push(Crumb::new(format!("/batches/{batch}/arrangement"), "考场与座位"));
    let role: Role = visit.caller.role();
    let page = SessionPage {
        page: Page::new(web, visit),
        trail,
        title: line.room_name(),
        over: format!("{}，{}{}", line.part_name, view.batch.trade, view.batch.level_name),
        time: format!("{} {}–{}", long_day(line.on), line.from, line.to),
        free: line.seats - line.seated,
        rows,
        may_move: view.open && may(role, ActKind::MoveSeat).is_some() && line.seated > 0,
        may_print: line.seated > 0,
        candidates: candidates.collect(),
        sessions: sessions.collect(),
        seat: chosen("seat"),
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn move_seat(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, session)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let read = |view: &ExamSessionView| -> Result<MoveSeat, Stop> {
        Ok(MoveSeat {
            candidate: posted.int("candidate", "考生")?,
            part: view.session.part,
            session: posted.int("to", "换到的场次")?,
            seat: posted.int("seat", "换到的号数")?,
        })
    };
    let act = match web.look(&visit, ExamSessionDetail { batch, session }).await {
        Ok(view) => read(&view),
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let outcome = match act {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(moved) => {
            let said = if moved.moved.len() > 1 { "两名考生已互换座位。" } else { "已换座。" };
            done(&format!("/batches/{batch}/sessions/{session}"), said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => session_page(&web, &visit, (batch, session), Some(&posted), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The clause that a page of this feature rests on.
const fn basis() -> Clause {
    Clause::S1_5_1
}
