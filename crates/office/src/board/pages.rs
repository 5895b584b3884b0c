//! The board as a page: filters, the month, the batches; and its workbook.

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;
use rules::batch::BatchStage;
use rules::certificate::Level;

use super::{Board, BoardLine, BoardView, BoardWorkbook};
use crate::web::page::{Choice, Page, XLSX, asked, download, html, plain_day};
use crate::web::{Visit, Web, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new().route("/board", get(board)).route("/board.xlsx", get(workbook))
}

/// What the address asks for; what can't be read is not asked.
fn asked_of(query: Option<&str>) -> Board {
    let asked = |name| asked(query, name);
    let day = |name| asked(name).and_then(|day| day.parse::<Date>().ok());
    Board {
        city: asked("city"),
        body: asked("body").and_then(|id| id.parse().ok()),
        code: asked("code"),
        level: asked("level").and_then(|level| level.chars().next()).and_then(Level::from_digit),
        stage: asked("stage").and_then(|code| BatchStage::from_code(&code)),
        late: asked("late").map(|late| late == "yes"),
        from: day("from"),
        to: day("to"),
        month: day("month"),
        after: asked("after"),
    }
}

/// The address of a board that asks for this.
fn address(path: &str, board: &Board) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut say = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    };
    say("city", board.city.clone());
    say("body", board.body.map(|id| id.to_string()));
    say("code", board.code.clone());
    say("level", board.level.map(|level| level.digit().to_string()));
    say("stage", board.stage.map(|stage| stage.code().to_owned()));
    say("late", board.late.filter(|late| *late).map(|_| "yes".to_owned()));
    say("from", board.from.map(|day| day.to_string()));
    say("to", board.to.map(|day| day.to_string()));
    say("month", board.month.map(|day| day.to_string()));
    say("after", board.after.clone());
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A day of the month as the page shows it; a place before the first day holds none.
struct Cell {
    iso: String,
    day: String,
    batches: i64,
    href: String,
    kind: &'static str,
    said: String,
}

#[derive(Template)]
#[template(path = "board/views/board.html")]
struct BoardPage {
    page: Page,
    view: BoardView,
    asked: Board,
    cities: Vec<Choice>,
    bodies: Vec<Choice>,
    trades: Vec<Choice>,
    levels: Vec<Choice>,
    stages: Vec<Choice>,
    lateness: Vec<Choice>,
    filtered: bool,
    month_name: String,
    weeks: Vec<Vec<Cell>>,
    before: String,
    after: String,
    first: Option<String>,
    next: Option<String>,
    late_href: String,
    workbook: String,
}

impl BoardPage {
    /// A day as an input shows it.
    fn day(&self, day: &Option<Date>) -> String {
        day.map(|day| day.to_string()).unwrap_or_default()
    }

    fn stage_kind(line: &BoardLine) -> &'static str {
        match line.stage {
            BatchStage::Notified => "neutral",
            BatchStage::Postponed => "warn",
            BatchStage::Cancelled => "danger",
            BatchStage::Issued => "ok",
            BatchStage::Posted | BatchStage::Publicised | BatchStage::Reported | BatchStage::Reviewed => "waiting",
        }
    }
}

async fn board(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let asked = asked_of(query.as_deref());
    let view = match web.look(&visit, asked.clone()).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let choices = |first: &str, all: Vec<(String, String)>, chosen: &str| {
        let all = all.into_iter().map(|(value, label)| Choice::new(value, label, chosen));
        std::iter::once(Choice::new("", first, chosen)).chain(all).collect::<Vec<_>>()
    };
    let cities = view.cities.iter().map(|city| (city.code.clone(), city.name.clone())).collect();
    let bodies = view.bodies.iter().map(|body| (body.id.to_string(), body.name.clone())).collect();
    let trades = view.trades.iter().map(|one| (one.code.clone(), format!("{}（{}）", one.trade, one.code))).collect();
    let levels = Level::ALL.iter().map(|level| (level.digit().to_string(), level.name().to_owned())).collect();
    let open = BatchStage::ALL.iter().filter(|stage| !matches!(stage, BatchStage::Issued | BatchStage::Cancelled));
    let stages = open.map(|stage| (stage.code().to_owned(), stage.name().to_owned())).collect();
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let level = asked.level.map(|level| level.digit().to_string());
    let body = asked.body.map(|id| id.to_string());

    let shown = asked.month.unwrap_or(view.today);
    let month = |day: Option<Date>| Board { month: day, after: None, ..asked.clone() };
    let first = shown.first_of_month();
    let before = month(first.yesterday().ok().map(Date::first_of_month));
    let later = month(shown.last_of_month().tomorrow().ok());
    let filtered = Board { month: None, after: None, ..asked.clone() };
    let page = BoardPage {
        page: Page::new(&web, &visit),
        cities: choices("全部", cities, &text(asked.city.as_deref())),
        bodies: choices("全部", bodies, &text(body.as_deref())),
        trades: choices("全部", trades, &text(asked.code.as_deref())),
        levels: choices("全部", levels, &text(level.as_deref())),
        stages: choices("全部", stages, &text(asked.stage.map(BatchStage::code))),
        lateness: choices(
            "全部",
            vec![("yes".into(), "逾期的".into())],
            if asked.late == Some(true) { "yes" } else { "" },
        ),
        filtered: !address("", &filtered).is_empty(),
        month_name: format!("{}年{}月", shown.year(), shown.month()),
        weeks: weeks(&view, &asked),
        before: address("/board", &before),
        after: address("/board", &later),
        first: asked.after.is_some().then(|| address("/board", &Board { after: None, ..asked.clone() })),
        next: view.next.clone().map(|next| address("/board", &Board { after: Some(next), ..asked.clone() })),
        late_href: address("/board", &Board { late: Some(true), after: None, ..asked.clone() }),
        workbook: address("/board.xlsx", &filtered),
        view,
        asked,
    };
    html(&page)
}

/// The month in weeks that begin with Monday.
fn weeks(view: &BoardView, asked: &Board) -> Vec<Vec<Cell>> {
    let none = || Cell {
        iso: String::new(),
        day: String::new(),
        batches: 0,
        href: String::new(),
        kind: "out",
        said: String::new(),
    };
    let lead = view.month.first().map_or(0, |day| day.on.weekday().to_monday_zero_offset() as usize);
    let mut cells: Vec<Cell> = (0..lead).map(|_| none()).collect();
    cells.extend(view.month.iter().map(|day| {
        let board = Board { from: Some(day.on), to: Some(day.on), after: None, ..asked.clone() };
        Cell {
            iso: day.on.to_string(),
            day: day.on.day().to_string(),
            batches: day.batches,
            href: address("/board", &board),
            kind: match (day.on == view.today, day.working) {
                (true, _) => "today",
                (false, Some(false)) => "rest",
                _ => "",
            },
            said: plain_day(day.on),
        }
    }));
    while !cells.len().is_multiple_of(7) {
        cells.push(none());
    }
    let mut weeks = Vec::new();
    while !cells.is_empty() {
        weeks.push(cells.drain(..7).collect());
    }
    weeks
}

async fn workbook(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let Board { city, body, code, level, stage, late, from, to, .. } = asked_of(query.as_deref());
    match web.look(&visit, BoardWorkbook { city, body, code, level, stage, late, from, to }).await {
        Ok(file) => download(XLSX, &file.name, file.bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}
