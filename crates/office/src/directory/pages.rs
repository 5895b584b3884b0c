//! The directory for everyone, without an account.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;
use rules::certificate::Level;
use rules::jurisdiction::BodyKind;

use super::map::{Tile, tiles};
use super::{
    ChangeLine, Directory, DirectoryEntry, DirectoryHistoryView, DirectoryNumber, DirectoryScope, DirectoryView,
    EntryState,
};
use crate::door::Stop;
use crate::regulation::PublicRegulationsView;
use crate::web::page::{Choice, Crumb, Page, long_day};
use crate::web::{Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new().route("/directory", get(search)).route("/directory/{number}", get(entry))
}

/// An option, chosen if it is the one that was asked for.
fn choice(value: impl Into<String>, label: impl Into<String>, asked: Option<&str>) -> Choice {
    let value = value.into();
    Choice { chosen: asked.unwrap_or_default() == value, value, label: label.into() }
}

/// An occupation with its levels on one line.
struct Line {
    name: String,
    levels: String,
    for_public: bool,
}

/// The occupations of an entry, each once.
fn lines(scope: &[DirectoryScope]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for one in scope {
        let name =
            if one.work_type.is_empty() { one.name.clone() } else { format!("{}（{}）", one.name, one.work_type) };
        match lines.last_mut().filter(|line| line.name == name) {
            Some(line) => {
                line.levels = format!("{}、{}", line.levels, one.level_name);
                line.for_public |= one.for_public;
            }
            None => lines.push(Line { name, levels: one.level_name.clone(), for_public: one.for_public }),
        }
    }
    lines
}

/// A page's address: the question with another page or place.
fn address(asked: &Directory, place: Option<&str>, page: i64) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let level = asked.level.map(|level| level.digit().to_string());
    let days = (asked.on.map(|on| on.to_string()), asked.known.map(|known| known.to_string()));
    let pairs = [
        ("name", asked.name.as_deref()),
        ("occupation", asked.occupation.as_deref()),
        ("place", place),
        ("kind", asked.kind.map(BodyKind::code)),
        ("level", level.as_deref()),
        ("for_public", asked.for_public.filter(|only| *only).map(|_| "true")),
        ("on", days.0.as_deref()),
        ("known", days.1.as_deref()),
    ];
    for (name, text) in pairs {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            query.append_pair(name, text);
        }
    }
    if page > 1 {
        query.append_pair("page", &page.to_string());
    }
    match query.finish() {
        query if query.is_empty() => "/directory".into(),
        query => format!("/directory?{query}"),
    }
}

#[derive(Template)]
#[template(path = "directory/views/search.html")]
struct SearchPage {
    page: Page,
    asked: Directory,
    view: DirectoryView,
    places: Vec<Choice>,
    levels: Vec<Choice>,
    kinds: Vec<Choice>,
    tiles: Vec<Tile>,
    is_asked: bool,
}

impl SearchPage {
    fn text(&self, text: &Option<String>) -> String {
        text.clone().unwrap_or_default()
    }

    fn day(&self, day: &Option<Date>) -> String {
        day.map(|day| day.to_string()).unwrap_or_default()
    }

    fn lines(&self, entry: &DirectoryEntry) -> Vec<Line> {
        lines(&entry.scope)
    }

    /// Pressing the chosen tile again shows the whole province.
    fn tile(&self, tile: &Tile) -> String {
        address(&self.asked, (!tile.chosen).then_some(&tile.code), 1)
    }

    fn to(&self, page: i64) -> String {
        address(&self.asked, self.asked.place.as_deref(), page)
    }

    /// The page of an entry, on the same day.
    fn entry(&self, entry: &DirectoryEntry) -> String {
        format!("/directory/{}{}", entry.number, days(self.asked.on, self.asked.known))
    }

    fn dump(&self, form: &str) -> String {
        format!("/api/directory.{form}{}", days(self.asked.on, self.asked.known))
    }
}

/// The days of a question as the end of an address.
fn days(on: Option<Date>, known: Option<Date>) -> String {
    match (on, known) {
        (None, None) => String::new(),
        (Some(on), None) => format!("?on={on}"),
        (None, Some(known)) => format!("?known={known}"),
        (Some(on), Some(known)) => format!("?on={on}&known={known}"),
    }
}

fn read(query: Option<String>) -> Directory {
    let mut asked = Directory::default();
    for (name, text) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let text = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let day = || text.as_deref().and_then(|text| text.parse().ok());
        match &*name {
            "name" => asked.name = text,
            "place" => asked.place = text,
            "occupation" => asked.occupation = text,
            "kind" => asked.kind = text.as_deref().and_then(BodyKind::from_code),
            "level" => asked.level = text.and_then(|text| text.chars().next().and_then(Level::from_digit)),
            "for_public" => asked.for_public = text.map(|text| text == "true"),
            "on" => asked.on = day(),
            "known" => asked.known = day(),
            "page" => asked.page = text.and_then(|text| text.parse().ok()),
            _ => {}
        }
    }
    asked
}

async fn search(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let asked = read(query);
    let question = asked.clone();
    let view = match web.work(move |office| super::search(office, &question)).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let place = asked.place.as_deref();
    let mut places = vec![choice("", "全省", place)];
    places.extend(view.places.iter().map(|one| choice(&one.code, &one.name, place)));
    let digit = asked.level.map(|level| level.digit().to_string());
    let mut levels = vec![choice("", "全部等级", digit.as_deref())];
    levels.extend(Level::ALL.iter().map(|level| choice(level.digit().to_string(), level.name(), digit.as_deref())));
    let kind = asked.kind.map(BodyKind::code);
    let mut kinds = vec![choice("", "全部类型", kind)];
    kinds.extend(BodyKind::ALL.iter().map(|one| choice(one.code(), one.name(), kind)));
    let tiles = tiles(&view.places, place);
    let is_asked = address(&asked, place, 1) != "/directory";
    html(&SearchPage { page: Page::new(&web, &visit), asked, view, places, levels, kinds, tiles, is_asked })
}

#[derive(Template)]
#[template(path = "directory/views/entry.html")]
struct EntryPage {
    page: Page,
    trail: Vec<Crumb>,
    entry: DirectoryEntry,
    history: DirectoryHistoryView,
    regulations: PublicRegulationsView,
    on: Option<Date>,
    known: Option<Date>,
    today: Date,
}

impl EntryPage {
    fn day(&self, day: &Option<Date>) -> String {
        day.map(|day| day.to_string()).unwrap_or_default()
    }

    /// Whose students are examined.
    fn students(&self) -> &'static str {
        match self.entry.kind {
            BodyKind::TechnicalSchool | BodyKind::College => "本校学生",
            BodyKind::Enterprise | BodyKind::SocialOrganisation => "合作院校的学生",
        }
    }

    /// Whether a change was known later than it holds from.
    fn late(&self, change: &ChangeLine) -> bool {
        change.recorded_on > change.effective_on
    }

    /// Whether the change is not yet counted in on the day that is asked.
    fn ahead(&self, change: &ChangeLine) -> bool {
        change.effective_on > self.today || self.known.is_some_and(|known| change.recorded_on > known)
    }
}

async fn entry(
    State(web): State<Web>,
    visit: Visit,
    Path(number): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Directory { on, known, .. } = read(query);
    let asked = DirectoryNumber { number, on, known };
    let found = web
        .work(move |office| {
            let entry = super::entry(office, &asked)?;
            let history = super::history(office, &entry.number)?;
            let regulations = crate::regulation::of_number(office, &entry.number, asked.on)?;
            Ok::<_, Stop>((entry, history, regulations, asked.on.unwrap_or_else(|| office.today())))
        })
        .await;
    match found {
        Ok((entry, history, regulations, today)) => {
            let trail = vec![Crumb::new("/directory", "机构目录")];
            html(&EntryPage { page: Page::new(&web, &visit), trail, entry, history, regulations, on, known, today })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}
