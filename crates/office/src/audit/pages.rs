//! The record of acts as a page.

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::get;

use super::{Records, RecordsView};
use crate::web::page::Page;
use crate::web::{Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new().route("/admin/records", get(records))
}

#[derive(Template)]
#[template(path = "audit/views/records.html")]
struct RecordsPage {
    page: Page,
    view: RecordsView,
    only_refused: bool,
}

async fn records(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let asked: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let value = |name: &str| asked.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let only_refused = value("refused") == Some("true");
    let before = value("before").and_then(|text| text.parse().ok());
    match web.look(&visit, Records { before, refused: Some(only_refused) }).await {
        Ok(view) => html(&RecordsPage { page: Page::new(&web, &visit), view, only_refused }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}
