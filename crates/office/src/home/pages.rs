//! The first page, the work page, the clauses, and the personas.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use rules::people::Role;
use rules::{Clause, Day};

use super::{Covered, Message, Task, Work, coverage};
use crate::account;
use crate::demo::{self, Persona};
use crate::door::Stop;
use crate::web::page::{Page, done, is_ours, long_day, spoken, weekday};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/", get(first))
        .route("/work", get(work))
        .route("/clauses", get(clauses))
        .route("/demo", get(personas).post(become_persona))
        .route("/demo/day", post(next_day))
        .route("/demo/phone", get(phone))
}

#[derive(Template)]
#[template(path = "home/views/first.html")]
struct FirstPage {
    page: Page,
    is_demo: bool,
}

async fn first(State(web): State<Web>, visit: Visit) -> Response {
    html(&FirstPage { page: Page::new(&web, &visit), is_demo: web.office.is_demo() })
}

/// A task as the task list shows it.
struct Item {
    href: String,
    what: String,
    detail: String,
    kind: &'static str,
    state: String,
    due: String,
}

/// The most pressing task, as the panel shows it.
struct Now {
    what: String,
    why: String,
    href: String,
    kind: &'static str,
    month: String,
    date: String,
    weekday: &'static str,
    iso: String,
    left: String,
    clause_label: String,
    clause_href: String,
}

#[derive(Template)]
#[template(path = "home/views/work.html")]
struct WorkPage {
    page: Page,
    now: Option<Now>,
    items: Vec<Item>,
    waiting: Vec<Item>,
    messages: Vec<Message>,
}

async fn work(State(web): State<Web>, visit: Visit) -> Response {
    if visit.caller.must_change() {
        return Redirect::to("/account").into_response();
    }
    let view = match web.look(&visit, Work {}).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let (waiting, mine): (Vec<Task>, Vec<Task>) = view.tasks.into_iter().partition(|task| task.waiting);
    let reference = web.office.reference();
    let left = |due: Day| match reference.calendar.between(view.today, due) {
        Ok(0) if due == view.today => "今天截止".to_owned(),
        Ok(days) if days >= 0 => format!("还有{days}个工作日"),
        Ok(days) => format!("已逾期{}个工作日", -days),
        Err(_) => String::new(),
    };
    let kind = |due: Day| {
        if due < view.today {
            "danger"
        } else if due <= view.today.saturating_add(jiff::Span::new().days(3)) {
            "warn"
        } else {
            "neutral"
        }
    };
    let mut mine = mine.into_iter();
    let mut rest = Vec::new();
    let now = match mine.next() {
        Some(task) => match task.due_on {
            Some(due) => Some(Now {
                why: spoken(&task.detail),
                what: spoken(&task.what),
                href: task.href,
                kind: kind(due),
                month: format!("{}月", due.month()),
                date: due.day().to_string(),
                weekday: weekday(due),
                iso: due.to_string(),
                left: left(due),
                clause_label: label(&task.clause),
                clause_href: format!("/clauses#{}", task.clause),
            }),
            None => {
                rest.push(task);
                None
            }
        },
        None => None,
    };
    rest.extend(mine);
    let item = |task: Task, state: &'static str| Item {
        kind: if task.waiting { "waiting" } else { task.due_on.map_or("neutral", kind) },
        state: match task.due_on {
            Some(due) if due < view.today => "已逾期".into(),
            _ => state.into(),
        },
        due: task.due_on.map(|due| format!("{}，{}", long_day(due), left(due))).unwrap_or_default(),
        href: task.href,
        what: spoken(&task.what),
        detail: format!("{}（{}）", spoken(&task.detail), label(&task.clause)),
    };
    html(&WorkPage {
        page: Page::new(&web, &visit),
        now,
        items: rest.into_iter().map(|task| item(task, "待办")).collect(),
        waiting: waiting.into_iter().map(|task| item(task, "等待他方")).collect(),
        messages: view.messages.into_iter().map(|one| Message { title: spoken(&one.title), ..one }).collect(),
    })
}

fn label(clause: &str) -> String {
    Clause::from_id(clause).map_or_else(|| clause.to_owned(), |clause| clause.place().to_owned())
}

#[derive(Template)]
#[template(path = "home/views/clauses.html")]
struct ClausesPage {
    page: Page,
    rows: Vec<ClauseRow>,
}

struct ClauseRow {
    clause: Clause,
    acts: Vec<&'static str>,
    covered: Option<&'static Covered>,
}

async fn clauses(State(web): State<Web>, visit: Visit) -> Response {
    use rules::permission::ActKind;
    let rows = Clause::ALL
        .iter()
        .map(|&clause| ClauseRow {
            clause,
            covered: coverage().iter().find(|covered| covered.id == clause.id()),
            acts: ActKind::ALL.iter().filter(|act| act.clause() == Some(clause)).map(|act| act.name()).collect(),
        })
        .collect();
    html(&ClausesPage { page: Page::new(&web, &visit), rows })
}

#[derive(Template)]
#[template(path = "home/views/personas.html")]
struct PersonasPage {
    page: Page,
    groups: [(&'static str, Vec<&'static Persona>); 4],
    /// A candidate whom a visitor can be: name and number.
    candidate: Option<(String, String)>,
}

async fn personas(State(web): State<Web>, visit: Visit) -> Response {
    if !web.office.is_demo() {
        return stopped(&web, &visit, Stop::NotFound);
    }
    let (bodies, offices): (Vec<_>, Vec<_>) = demo::personas().iter().partition(|one| one.role.sits_in_body());
    let (schools, evaluators) = bodies.into_iter().partition(|one| demo::sits_in_school(one));
    let (employers, offices) = offices.into_iter().partition(|one| one.role == Role::Employer);
    let groups = [
        ("院校", schools),
        ("企业与社会培训评价组织", evaluators),
        ("中心与主管部门", offices),
        ("用人单位", employers),
    ];
    match web.work(crate::candidate::example).await {
        Ok(candidate) => html(&PersonasPage { page: Page::new(&web, &visit), groups, candidate }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "home/views/phone.html")]
struct PhonePage {
    page: Page,
    arrived: Vec<demo::Arrived>,
}

async fn phone(State(web): State<Web>, visit: Visit) -> Response {
    match web.office.is_demo() {
        true => html(&PhonePage { page: Page::new(&web, &visit), arrived: demo::arrived() }),
        false => stopped(&web, &visit, Stop::NotFound),
    }
}

async fn become_persona(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let login = posted.text("login").to_owned();
    let entered = web.work(move |office| {
        if !demo::personas().iter().any(|persona| persona.login == login) {
            return Err(Stop::NotFound);
        }
        account::sign_in_as_persona(office, &login)
    });
    match entered.await {
        Ok(session) => account::go_on(&web, session, &posted).await,
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// Lets one to five working days pass in the make-believe province, each with what falls due on it.
async fn next_day(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let days: usize = posted.text("days").parse().unwrap_or(1);
    let moved = web.work(move |office| {
        if !office.is_demo() {
            return Err(Stop::NotFound);
        }
        for _ in 0..days.clamp(1, 5) {
            let (next, before) = (office.reference().calendar.add(office.today(), 1)?, office.now());
            office.set_day(next)?;
            account::prolong_sessions(office, office.now() - before)?;
            crate::cli::due::run(office)?;
        }
        Ok(office.today())
    });
    match moved.await {
        Ok(day) => {
            let back = posted.text("back");
            done(if is_ours(back) { back } else { "/" }, &format!("现在是{}。", long_day(day)))
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}
