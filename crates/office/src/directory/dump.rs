//! The directory for machines: the whole of it as JSON and CSV, as it stood on any day; and its changes one by one, each
//! bound to all before it by a digest, so that a copy can be kept up and an altered past is noticed. Nothing is held
//! back and nothing is built whole: entries leave by the hundred.

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::store::{self, ScopeFact, Stored, StoredChange, TermFact};
use super::{AsOf, opened};
use crate::door::Stop;
use crate::web::Web;
use crate::web::api::problem;

/// Entries, or changes, that leave at once.
const PIECE: usize = 100;

/// As of which day, by what was known on which.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Days {
    on: Option<Date>,
    known: Option<Date>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: i64,
}

/// A change as it is published, with the entry as it was known after it: canonical JSON (RFC 8785).
pub(super) fn line(
    change: &StoredChange,
    terms: &[Stored<TermFact>],
    scopes: &[Stored<ScopeFact>],
) -> Result<String, serde_json::Error> {
    fn known<T>(stored: &Stored<T>, change: &StoredChange) -> bool {
        stored.listing == change.listing
            && stored.opened <= change.seq
            && stored.closed.is_none_or(|closed| closed > change.seq)
    }
    let entry: Vec<Value> = terms
        .iter()
        .filter(|stored| known(stored, change))
        .map(|stored| {
            let TermFact { name, county, address, responsible, centre } = &stored.version.fact;
            let span = stored.version.span;
            json!({"name": name, "county": county, "address": address, "responsible": responsible, "centre": centre, "valid_from": span.from, "valid_until": span.until})
        })
        .collect();
    let scope: Vec<Value> = scopes
        .iter()
        .filter(|stored| known(stored, change))
        .map(|stored| {
            let ScopeFact { code, name, work_type, level, standard, edition, for_public, .. } = &stored.version.fact;
            let span = stored.version.span;
            json!({"code": code, "name": name, "work_type": work_type, "level": level.digit().to_string(), "standard": standard, "edition": edition, "for_public": for_public, "valid_from": span.from, "valid_until": span.until})
        })
        .collect();
    let StoredChange { seq, number, kind, effective_on, recorded_on, clause, what, document, seat, .. } = change;
    let line = json!({
        "seq": seq, "number": number, "kind": kind.code(), "effective_on": effective_on, "recorded_on": recorded_on,
        "clause": clause, "what": what, "document": document, "by": seat, "entry": entry, "scope": scope,
    });
    serde_json_canonicalizer::to_string(&line)
}

/// The digest of a change: SHA-256, in hex, over the digest before, a line end, and the change as it is published.
pub(super) fn digest(before: &str, line: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update("\n");
    hash.update(line);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn whole(content_type: &'static str, name: &'static str, body: Body) -> Response {
    let disposition = format!("inline; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, content_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body)
        .into_response()
}

/// The directory entry by entry: `open`, then each piece by `write`, then `close`.
async fn pieces(
    web: Web,
    days: Days,
    open: impl FnOnce(AsOf) -> String,
    write: impl Fn(&super::DirectoryEntry, bool, &mut Vec<u8>) + Send + 'static,
    close: &'static str,
) -> Result<Body, Stop> {
    let (book, as_of) = web.work(move |office| opened(office, days.on, days.known)).await?;
    let reference = web.office.reference();
    let begin = open(as_of).into_bytes();
    let (mut at, mut first) = (0, true);
    let mut rest = Some(begin);
    let body = stream::iter(std::iter::from_fn(move || {
        let mut piece = rest.take()?;
        let until = (at + PIECE).min(book.len());
        for n in at..until {
            if let Some(entry) = book.nth(n, as_of, &reference) {
                write(&entry, first, &mut piece);
                first = false;
            }
        }
        at = until;
        if at < book.len() {
            rest = Some(Vec::new());
        } else {
            piece.extend_from_slice(close.as_bytes());
        }
        Some(Ok::<_, std::convert::Infallible>(Bytes::from(piece)))
    }));
    Ok(Body::from_stream(body))
}

pub(super) async fn json(State(web): State<Web>, Query(days): Query<Days>) -> Response {
    let open = |as_of: AsOf| format!("{{\"on\":\"{}\",\"seq\":{},\"entries\":[", as_of.on, as_of.seq);
    let write = |entry: &super::DirectoryEntry, first: bool, piece: &mut Vec<u8>| {
        if !first {
            piece.push(b',');
        }
        piece.push(b'\n');
        // A view of plain texts and days is always JSON.
        let _ = serde_json::to_writer(&mut *piece, entry);
    };
    match pieces(web, days, open, write, "\n]}\n").await {
        Ok(body) => whole("application/json", "directory.json", body),
        Err(stop) => problem(stop).into_response(),
    }
}

const COLUMNS: [&str; 15] = [
    "机构备案编号",
    "机构名称",
    "机构类型",
    "所在地",
    "地址",
    "负责人",
    "备案起",
    "备案止",
    "主管中心",
    "职业编码",
    "职业",
    "工种",
    "等级",
    "执行标准",
    "面向社会",
];

pub(super) async fn csv(State(web): State<Web>, Query(days): Query<Days>) -> Response {
    // With a byte order mark, or Excel takes the text for GBK.
    let open = |_| format!("\u{feff}{}\r\n", COLUMNS.join(","));
    let write = |entry: &super::DirectoryEntry, _: bool, piece: &mut Vec<u8>| {
        let mut rows = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(piece);
        for scope in &entry.scope {
            let (from, until) = (scope.valid_from.to_string(), scope.valid_until.to_string());
            let public = if scope.for_public { "是" } else { "否" };
            // Writing to memory doesn't fail.
            let _ = rows.write_record([
                &*entry.number,
                &entry.name,
                &entry.kind_name,
                &entry.place,
                &entry.address,
                &entry.responsible,
                &from,
                &until,
                &entry.centre,
                &scope.code,
                &scope.name,
                &scope.work_type,
                &scope.level_name,
                &scope.standard,
                public,
            ]);
        }
    };
    match pieces(web, days, open, write, "").await {
        Ok(body) => whole("text/csv; charset=utf-8", "directory.csv", body),
        Err(stop) => problem(stop).into_response(),
    }
}

pub(super) async fn changes(State(web): State<Web>, Query(asked): Query<After>) -> Response {
    let last = match web.work(|office| Ok(office.directory()?.seq)).await {
        Ok(last) => last,
        Err(stop) => return problem(stop).into_response(),
    };
    let body = stream::unfold((web, asked.after.max(0)), move |(web, after)| async move {
        if after >= last {
            return None;
        }
        let up_to = (after + PIECE as i64).min(last);
        let piece = web.work(move |office| piece(office, after, up_to)).await;
        Some((piece.map_err(|_| std::io::Error::other("the directory can't be read")), (web, up_to)))
    });
    // Whoever compresses the answer asks once more after the end.
    whole("application/jsonl", "directory-changes.jsonl", Body::from_stream(body.fuse()))
}

fn piece(office: &crate::door::Office, after: i64, up_to: i64) -> Result<Bytes, Stop> {
    let pages = office.engine().read(|tx| store::between(tx, after, up_to))?;
    let mut piece = String::new();
    for change in &pages.changes {
        let line = line(change, &pages.terms, &pages.scopes).map_err(Stop::fault)?;
        // The digest stands beside the change that it is over.
        piece.push_str(&format!("{{\"change\":{line},\"digest\":\"{}\"}}\n", change.digest));
    }
    Ok(Bytes::from(piece))
}
