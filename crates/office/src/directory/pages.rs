//! The directory for everyone, without an account.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use rules::certificate::Level;

use super::{Directory, DirectoryEntry, DirectoryScope, DirectoryView, EntryState};
use crate::web::page::{Choice, Crumb, Page, long_day};
use crate::web::{Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new().route("/directory", get(search)).route("/directory/{number}", get(entry))
}

/// An occupation with its levels on one line.
struct Line {
    name: String,
    code: String,
    levels: String,
}

/// The occupations of an entry, each once.
fn lines(scope: &[DirectoryScope]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for one in scope {
        let name =
            if one.work_type.is_empty() { one.name.clone() } else { format!("{}（{}）", one.name, one.work_type) };
        match lines.last_mut().filter(|line| line.code == one.code && line.name == name) {
            Some(line) => line.levels = format!("{}、{}", line.levels, one.level_name),
            None => lines.push(Line { name, code: one.code.clone(), levels: one.level_name.clone() }),
        }
    }
    lines
}

#[derive(Template)]
#[template(path = "directory/views/search.html")]
struct SearchPage {
    page: Page,
    asked: Directory,
    view: DirectoryView,
    places: Vec<Choice>,
    levels: Vec<Choice>,
    is_asked: bool,
}

impl SearchPage {
    fn name(&self) -> &str {
        self.asked.name.as_deref().unwrap_or_default()
    }

    fn occupation(&self) -> &str {
        self.asked.occupation.as_deref().unwrap_or_default()
    }

    fn lines(&self, entry: &DirectoryEntry) -> Vec<Line> {
        lines(&entry.scope)
    }
}

async fn search(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let mut asked = Directory::default();
    for (name, text) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let text = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match &*name {
            "name" => asked.name = text,
            "place" => asked.place = text,
            "occupation" => asked.occupation = text,
            "level" => asked.level = text.and_then(|text| text.chars().next().and_then(Level::from_digit)),
            _ => {}
        }
    }
    let question = asked.clone();
    let view = match web.work(move |office| super::search(office, &question)).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let choice = |value: String, label: String, chosen: Option<&str>| Choice {
        chosen: chosen.unwrap_or_default() == value,
        value,
        label,
    };
    let place = asked.place.as_deref();
    let mut places = vec![choice(String::new(), "全省".into(), place)];
    let reference = web.office.reference();
    places.extend(reference.divisions.places().into_iter().map(|one| choice(one.code, one.name, place)));
    let digit = asked.level.map(|level| level.digit().to_string());
    let mut levels = vec![choice(String::new(), "全部等级".into(), digit.as_deref())];
    levels.extend(
        Level::ALL.iter().map(|level| choice(level.digit().to_string(), level.name().into(), digit.as_deref())),
    );
    let is_asked = asked.name.is_some() || asked.place.is_some() || asked.occupation.is_some() || asked.level.is_some();
    html(&SearchPage { page: Page::new(&web, &visit), asked, view, places, levels, is_asked })
}

#[derive(Template)]
#[template(path = "directory/views/entry.html")]
struct EntryPage {
    page: Page,
    trail: Vec<Crumb>,
    entry: DirectoryEntry,
}

async fn entry(State(web): State<Web>, visit: Visit, Path(number): Path<String>) -> Response {
    match web.work(move |office| super::entry(office, &number)).await {
        Ok(entry) => {
            let trail = vec![Crumb::new("/directory", "机构目录")];
            html(&EntryPage { page: Page::new(&web, &visit), trail, entry })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}
