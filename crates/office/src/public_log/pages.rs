//! The log as it is served (C2SP tlog-tiles), a page about it, and the proofs of the API.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use proof::log::{TILE_WIDTH, Tile, TilePath, bundle};
use rules::Clause;
use serde::Deserialize;

use super::{grown as grown_log, logged, store};
use crate::certificate::log_key;
use crate::door::Stop;
use crate::web::api::{Problem, answer};
use crate::web::page::Page;
use crate::web::{Visit, Web, html, stopped};

/// Under which duties the log is kept.
const CLAUSES: [Clause; 2] = [Clause::S2_2_4C, Clause::S3_3_1];

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/log", get(about))
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/tile/{*path}", get(tile))
}

#[derive(Template)]
#[template(path = "public_log/views/log.html")]
struct LogPage {
    page: Page,
    origin: String,
    key: String,
    /// Leaves in the published checkpoint.
    size: u64,
    root: String,
    note: String,
    /// Why nothing is signed, where that is so.
    paused: String,
}

impl LogPage {
    fn clauses() -> [Clause; 2] {
        CLAUSES
    }
}

async fn about(State(web): State<Web>, visit: Visit) -> Response {
    let read = web.work(|office| {
        let key = log_key(office.seals())?;
        Ok((key.verifier().clone(), office.engine().read(store::head)?, office.log_pause()))
    });
    match read.await {
        Ok((key, head, paused)) => html(&LogPage {
            page: Page::new(&web, &visit),
            origin: key.name().to_owned(),
            key: key.to_string(),
            size: head.note_size,
            root: head.note.lines().nth(2).unwrap_or_default().to_owned(),
            note: head.note,
            paused: paused.unwrap_or_default(),
        }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

async fn checkpoint(State(web): State<Web>, visit: Visit) -> Response {
    match web.work(|office| Ok(office.engine().read(store::head)?.note)).await {
        Ok(note) if note.is_empty() => StatusCode::NOT_FOUND.into_response(),
        Ok(note) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], note)
            .into_response(),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

async fn tile(State(web): State<Web>, visit: Visit, Path(path): Path<String>) -> Response {
    let Some(asked) = TilePath::parse(&path) else { return StatusCode::NOT_FOUND.into_response() };
    let read = web.work(move |office| {
        office.engine().read(|tx| {
            // What is not published yet is not there: a tile that is served never changes.
            if asked.needs().is_none_or(|needs| needs > u64::MAX >> 1) {
                return Ok(None);
            }
            if asked.needs() > Some(store::head(tx)?.note_size) {
                return Ok(None);
            }
            let Some(level) = asked.level else {
                let from = asked.index * TILE_WIDTH;
                let entries: Vec<String> =
                    store::entries(tx, from, from + asked.width)?.iter().map(proof::log::Leaf::entry).collect();
                return Ok(Some(bundle(entries.iter().map(String::as_bytes))));
            };
            let hashes = store::tile(tx, Tile { level, index: asked.index })?;
            let wanted = hashes.get(..asked.width as usize);
            wanted
                .map(|hashes| Some(hashes.iter().flat_map(|hash| hash.0).collect()))
                .ok_or_else(|| Stop::fault("the tiles of the public log are not whole"))
        })
    });
    match read.await {
        Ok(Some(bytes)) => (
            [
                (header::CONTENT_TYPE, "application/octet-stream"),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            bytes,
        )
            .into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AtSize {
    size: Option<u64>,
}

/// `GET /api/log/leaves/{commitment}`.
pub(super) async fn leaf(State(web): State<Web>, Path(commitment): Path<String>, Query(at): Query<AtSize>) -> Response {
    let Ok(commitment) = commitment.parse() else {
        return Problem::new(StatusCode::NOT_FOUND, "没有这条记录").into_response();
    };
    answer(web.work(move |office| logged(office, &commitment, at.size)).await)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    from: u64,
    to: u64,
}

/// `GET /api/log/consistency?from=…&to=…`.
pub(super) async fn grown(State(web): State<Web>, Query(span): Query<Span>) -> Response {
    answer(web.work(move |office| grown_log(office, span.from, span.to)).await)
}
