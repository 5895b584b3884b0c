//! A stand-in for the national system on this machine: it takes parts, answers, lists what it has — and, at given rates, loses
//! requests and answers, hears things twice, hears them late and in another order, rejects rows and takes its time. With the
//! same seed it does the same.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credential::{Sm2PublicKey, Sm2SecretKey};
use office::exchange::{Connector, ConnectorSettings};
use serde_json::{Value, json};

/// The connector's key in tests.
const SECRET: [u8; 32] = [11; 32];
/// Certificates on one page of the list.
const PAGE: usize = 300;

/// How often, of a thousand, it does each.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rates {
    /// A request is not heard.
    pub lost: u64,
    /// It is heard, and the answer does not arrive.
    pub unanswered: u64,
    /// It is heard twice, the second time later.
    pub twice: u64,
    /// It is heard after others, and the connection ends before.
    pub late: u64,
    /// A row is rejected without a fault.
    pub rejected: u64,
    /// A row is not decided yet.
    pub undecided: u64,
}

impl Rates {
    /// Each of them equally often.
    pub fn all(rate: u64) -> Self {
        Self { lost: rate, unanswered: rate, twice: rate, late: rate, rejected: rate, undecided: rate }
    }
}

/// A certificate that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub id: String,
    pub stands: String,
    pub cells: Vec<String>,
    /// How often it was entered; once, if nothing was counted twice.
    pub entered: usize,
}

#[derive(Default)]
struct Inner {
    rates: Rates,
    seed: u64,
    columns: Vec<String>,
    held: BTreeMap<String, Held>,
    answered: HashMap<String, Value>,
    late: Vec<Value>,
    heard: usize,
    badly_signed: usize,
    last_id: usize,
}

/// The stand-in; it ends with the test.
pub struct National {
    inner: Arc<Mutex<Inner>>,
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl National {
    /// Listens on this machine.
    pub fn new(seed: u64, rates: Rates) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let inner = Arc::new(Mutex::new(Inner { rates, seed: seed.max(1), ..Inner::default() }));
        let app = Router::new().route("/v1/certificates", get(list).post(take)).with_state(inner.clone());
        let socket = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = socket.local_addr().expect("an address");
        runtime.spawn(async move { axum::serve(socket, app).await });
        Self { inner, address, _runtime: runtime }
    }

    /// What the house talks to it with.
    pub fn connector(&self) -> Connector {
        Connector::new(&self.settings()).expect("a connector")
    }

    pub fn settings(&self) -> ConnectorSettings {
        ConnectorSettings {
            endpoint: format!("http://{}/v1", self.address),
            key: office::door::hex(&SECRET),
            authority: None,
            timeout: Duration::from_secs(20),
        }
    }

    /// From now on it does nothing wrong, and hears what was late.
    pub fn heal(&self) {
        let mut inner = self.inner.lock().expect("the stand-in");
        inner.rates = Rates::default();
        for body in std::mem::take(&mut inner.late) {
            inner.hear(&body);
        }
    }

    /// What it has, by number.
    pub fn held(&self) -> BTreeMap<String, Held> {
        self.inner.lock().expect("the stand-in").held.clone()
    }

    /// Changes what it has: for differences.
    pub fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Held>)) {
        change(&mut self.inner.lock().expect("the stand-in").held);
    }

    /// Requests that were heard, and how many of them were not signed as they should be.
    pub fn heard(&self) -> (usize, usize) {
        let inner = self.inner.lock().expect("the stand-in");
        (inner.heard, inner.badly_signed)
    }
}

impl Inner {
    /// A number below a thousand; xorshift, so that a seed tells all.
    fn draw(&mut self) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed % 1000
    }

    fn happens(&mut self, rate: u64) -> bool {
        self.draw() < rate
    }

    /// Hears a request: each row once for its key, however often it comes.
    fn hear(&mut self, body: &Value) -> Value {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.columns = body["columns"].as_array().into_iter().flatten().map(text).collect();
        let rows = body["rows"].as_array().cloned().unwrap_or_default();
        let results: Vec<Value> = rows.iter().map(|row| self.row(row)).collect();
        json!({"results": results})
    }

    fn row(&mut self, row: &Value) -> Value {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let (key, number) = (text("key"), text("number"));
        if let Some(answer) = self.answered.get(&key) {
            return answer.clone();
        }
        let (rejected, undecided) = (self.rates.rejected, self.rates.undecided);
        if self.happens(undecided) {
            return json!({"number": number, "outcome": "processing"});
        }
        let reject = |column: &str, reason: &str| json!({"number": number, "outcome": "rejected", "column": column, "reason": reason});
        let cells = row["cells"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|cell| cell.as_str().unwrap_or_default().to_owned())
            .collect();
        let is_new = text("kind") == "issue";
        let answer = if self.happens(rejected) {
            reject("证件号码", "校验超时")
        } else {
            match self.held.get_mut(&number) {
                Some(_) if is_new => reject("证书编号", "编号已存在"),
                None if !is_new => reject("证书编号", "没有这本证书"),
                Some(held) => {
                    (held.stands, held.cells) = (text("stands"), cells);
                    json!({"number": number, "outcome": "accepted", "id": held.id})
                }
                None => {
                    self.last_id += 1;
                    let id = format!("N{:08}", self.last_id);
                    let held = Held { id: id.clone(), stands: text("stands"), cells, entered: 1 };
                    self.held.insert(number.clone(), held);
                    json!({"number": number, "outcome": "accepted", "id": id})
                }
            }
        };
        self.answered.insert(key, answer.clone());
        answer
    }
}

/// An answer that breaks off.
fn broken() -> Response {
    let pieces = [Ok(Bytes::from_static(b"{\"results\":[")), Err(io::Error::other("broken off"))];
    Body::from_stream(futures_util::stream::iter(pieces)).into_response()
}

async fn take(
    State(inner): State<Arc<Mutex<Inner>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut inner = inner.lock().expect("the stand-in");
    inner.heard += 1;
    if !is_signed(&method, &uri, &headers, &body) {
        inner.badly_signed += 1;
        return StatusCode::FORBIDDEN.into_response();
    }
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let rates = inner.rates;
    // What is late is heard now, before or after what has just come.
    if inner.happens(300) && !inner.late.is_empty() {
        let at = inner.draw() as usize % inner.late.len();
        let late = inner.late.swap_remove(at);
        inner.hear(&late);
    }
    if inner.happens(rates.lost) {
        return broken();
    }
    if inner.happens(rates.late) {
        inner.late.push(body);
        return broken();
    }
    let answer = inner.hear(&body);
    if inner.happens(rates.twice) {
        inner.hear(&body);
        inner.late.push(body);
    }
    if inner.happens(rates.unanswered) {
        return broken();
    }
    axum::Json(answer).into_response()
}

fn is_signed(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let decoded = |name: &str| STANDARD.decode(header(name)).unwrap_or_default();
    let ours = Sm2SecretKey::from_bytes(&SECRET).expect("a key").public();
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let mut signed = format!("{method} {path}\n{}\n", header("idempotency-key")).into_bytes();
    signed.extend(body);
    let key = Sm2PublicKey::from_bytes(&decoded("sm2-public-key"));
    key.is_ok_and(|key| key.to_bytes() == ours.to_bytes() && key.check(&signed, &decoded("sm2-signature")).is_ok())
}

async fn list(State(inner): State<Arc<Mutex<Inner>>>, Query(query): Query<HashMap<String, String>>) -> Response {
    let mut inner = inner.lock().expect("the stand-in");
    let rates = inner.rates;
    if inner.happens(rates.lost + rates.unanswered) {
        return broken();
    }
    let after = query.get("after").cloned().unwrap_or_default();
    let page: Vec<(&String, &Held)> =
        inner.held.range(after..).skip_while(|(number, _)| query.get("after") == Some(number)).take(PAGE).collect();
    let next = page.last().filter(|_| page.len() == PAGE).map(|(number, _)| (*number).clone());
    let certificates: Vec<Value> = page
        .iter()
        .flat_map(|(number, held)| {
            let one = json!({"number": number, "id": held.id, "stands": held.stands, "cells": held.cells});
            std::iter::repeat_n(one, held.entered)
        })
        .collect();
    axum::Json(json!({"columns": inner.columns, "certificates": certificates, "next": next})).into_response()
}
