//! The interface of the national system, where the operator has named one: packages leave part by part under a key that stays the
//! same however often it is tried, signed with SM2, and its list is fetched page by page. Like messages (decision 0020), parts
//! are claimed by lease and tried with growing waits.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use credential::Sm2SecretKey;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rules::certificate::CertificateState;
use rules::delivery::next_try_in;
use rules::exchange::{Outcome, RowState, Settled, read_outcome, settle};
use rules::terms::{DELIVERY_WAITS, EXCHANGE_PART};
use rules::{Day, Refusal};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::reconcile::{compare_fetched, entry, number_at, put, read_stands};
use super::store::{self, Came, National, Part};
use super::template;
use crate::db::Keep;
use crate::delivery::Failure;
use crate::door::{Office, Sight, Stop};

/// What the operator says of the interface.
#[derive(Debug, Clone)]
pub struct ConnectorSettings {
    /// `https://…`; in clear only to this machine.
    pub endpoint: String,
    /// The SM2 key, 64 hexadecimal digits.
    pub key: String,
    /// Further authorities that the server's certificate may come from, as PEM.
    pub authority: Option<Vec<u8>>,
    /// How long one request may take.
    pub timeout: Duration,
}

/// The interface.
pub struct Connector {
    host: String,
    port: u16,
    /// What comes before each path of ours.
    path: String,
    key: Sm2SecretKey,
    tls: Option<TlsConnector>,
    timeout: Duration,
    /// Until when it rests after it was found down, milliseconds since 1970.
    rests_until: Mutex<i64>,
}

/// How long a system that was found down is left alone, in milliseconds.
const REST_MS: i64 = 60_000;
/// How long a part is its sender's own, in milliseconds: longer than any try takes.
const LEASE_MS: i64 = 10 * 60_000;
/// Requests of one round.
const ROUND: usize = 200;
/// The largest answer that is read, in bytes.
const ANSWER_MAX: usize = 16 << 20;

impl Connector {
    /// Gets ready; nothing is connected yet.
    ///
    /// # Errors
    /// A refusal when the settings make no sense.
    pub fn new(settings: &ConnectorSettings) -> Result<Self, Stop> {
        let wrong = |what: String, remedy: &str| Stop::from(Refusal::house("国家平台接口", what).remedy(remedy));
        let given = &settings.endpoint;
        let endpoint: Uri = given.parse().map_err(|_| {
            wrong(format!("“{given}”不是网址"), "请用 --exchange-endpoint 给出 https:// 开头的完整网址")
        })?;
        let host = endpoint.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let is_near = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let is_tls = match endpoint.scheme_str() {
            Some("https") => true,
            Some("http") if is_near => false,
            _ => {
                let what = format!("接口地址 {given} 不是 https");
                return Err(wrong(what, "考生信息只经加密的连接传输；不加密只用于本机"));
            }
        };
        let key =
            unhex(settings.key.trim()).and_then(|bytes| Sm2SecretKey::from_bytes(&bytes).ok()).ok_or_else(|| {
                wrong("签名密钥不是64位十六进制的 SM2 私钥".into(), "请核对 --exchange-key-file 指的文件")
            })?;
        let tls = is_tls.then(|| trusting(settings.authority.as_deref())).transpose()?;
        Ok(Self {
            port: endpoint.port_u16().unwrap_or(if is_tls { 443 } else { 80 }),
            path: endpoint.path().trim_end_matches('/').to_owned(),
            host,
            key,
            tls,
            timeout: settings.timeout,
            rests_until: Mutex::new(0),
        })
    }

    /// Whether it rests. A clock that was moved back does not make it rest for ever.
    fn rests(&self, now: i64) -> bool {
        let until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until > now && until <= now + REST_MS
    }

    fn rest(&self, now: i64) {
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = now + REST_MS;
    }

    /// Asks once; what is signed is the method, the address, the key of the request and its body.
    async fn ask(&self, method: Method, path: &str, key: &str, body: Vec<u8>) -> Result<Value, Failure> {
        let connected = tokio::time::timeout(self.timeout, TcpStream::connect((&*self.host, self.port))).await;
        let stream = match connected {
            Ok(Ok(stream)) => stream,
            _ => return Err(Failure::Down("连接不上国家平台".into())),
        };
        let said = tokio::time::timeout(self.timeout, self.talk(stream, method, path, key, body));
        said.await.unwrap_or_else(|_| Err(Failure::Later("国家平台没有按时回答".into())))
    }

    async fn talk(
        &self,
        stream: TcpStream,
        method: Method,
        path: &str,
        key: &str,
        body: Vec<u8>,
    ) -> Result<Value, Failure> {
        let Some(tls) = &self.tls else { return self.speak(stream, method, path, key, body).await };
        let name = ServerName::try_from(self.host.clone()).map_err(|_| Failure::Never("主机名不正确".into()))?;
        match tls.connect(name, stream).await {
            Ok(stream) => self.speak(stream, method, path, key, body).await,
            Err(error) => {
                tracing::warn!(%error, "national system");
                Err(Failure::Down("与国家平台的加密连接没有建立".into()))
            }
        }
    }

    async fn speak(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        method: Method,
        path: &str,
        key: &str,
        body: Vec<u8>,
    ) -> Result<Value, Failure> {
        let path = format!("{}{path}", self.path);
        let signed = self.key.sign(&signed_bytes(method.as_str(), &path, key, &body));
        let signature = signed.map_err(|_| Failure::Never("签名没有做成".into()))?;
        let request = Request::builder()
            .method(method)
            .uri(&path)
            .header(HOST, format!("{}:{}", self.host, self.port))
            .header(CONTENT_TYPE, "application/json")
            .header("Idempotency-Key", key)
            .header("SM2-Public-Key", STANDARD.encode(self.key.public().to_bytes()))
            .header("SM2-Signature", STANDARD.encode(signature))
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| Failure::Never("请求没有写成".into()))?;
        let broken = |_| Failure::Later("与国家平台的连接中断".into());
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
        let driver = tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(broken)?;
        let status = answer.status();
        let bytes = Limited::new(answer.into_body(), ANSWER_MAX).collect().await;
        driver.abort();
        let bytes = bytes.map_err(|_| Failure::Later("国家平台的回答没有收全".into()))?.to_bytes();
        match status {
            _ if status.is_success() => {
                serde_json::from_slice(&bytes).map_err(|_| Failure::Later("国家平台的回答读不出来".into()))
            }
            StatusCode::REQUEST_TIMEOUT
            | StatusCode::CONFLICT
            | StatusCode::TOO_EARLY
            | StatusCode::TOO_MANY_REQUESTS => Err(Failure::Later(format!("国家平台暂不接收（{}）", status.as_u16()))),
            _ if status.is_server_error() => Err(Failure::Later(format!("国家平台故障（{}）", status.as_u16()))),
            _ => Err(Failure::Never(format!("国家平台拒收（{}）", status.as_u16()))),
        }
    }
}

/// What is signed of a request: whoever changes any of it breaks the signature.
fn signed_bytes(method: &str, path: &str, key: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {path}\n{key}\n").into_bytes();
    bytes.extend(body);
    bytes
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).ok()?;
    }
    Some(bytes)
}

/// TLS with the authorities of this machine, and more if the operator says so.
fn trusting(authority: Option<&[u8]>) -> Result<TlsConnector, Stop> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for certificate in authority.into_iter().flat_map(CertificateDer::pem_slice_iter) {
        let added = certificate.ok().is_some_and(|certificate| roots.add(certificate).is_ok());
        if !added {
            let refusal = Refusal::house("国家平台接口", "--exchange-ca 指的文件不是 PEM 证书");
            return Err(refusal.remedy("请给出签发国家平台服务器证书的 CA 证书").into());
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Stop::fault)?;
    Ok(TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth())))
}

/// One result, as the interface says it.
#[derive(Debug, Deserialize)]
struct Answered {
    number: String,
    /// `accepted` or `rejected`; anything else is not decided yet.
    outcome: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    column: String,
    #[serde(default)]
    reason: String,
}

/// Hands over what waits and fetches what is due; how many requests were answered. It may take long and is no part of what falls
/// due; another server may do the same at the same time.
///
/// # Errors
/// Whatever the database says; a national system that does not answer is no error.
pub fn push_waiting(office: &Office) -> Result<usize, Stop> {
    let Some(connector) = office.connector() else { return Ok(0) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Stop::fault)?;
    let mut answered = 0;
    for _ in 0..ROUND {
        let now = office.now();
        if connector.rests(now) || !office.engine().read(|tx| store::part_waits(tx, now))? {
            break;
        }
        let claim = move |tx: &mut crate::db::Tx<'_>| {
            Ok((Keep::Yes, store::claim_part(tx, now, now + LEASE_MS, EXCHANGE_PART)?))
        };
        let Some(part) = office.engine().write(claim)? else { break };
        let outcome = match request(office, &part)? {
            Some(body) => {
                let key = format!("{}/{}", part.number, part.part);
                runtime.block_on(connector.ask(Method::POST, "/certificates", &key, body)).map(Some)
            }
            None => Ok(None),
        };
        if matches!(outcome, Err(Failure::Down(_))) {
            connector.rest(office.now());
        }
        answered += usize::from(outcome.is_ok());
        settle_part(office, &part, outcome)?;
    }
    while !connector.rests(office.now()) {
        let now = office.now();
        let claim = move |tx: &mut crate::db::Tx<'_>| Ok((Keep::Yes, store::claim_inventory(tx, now, now + LEASE_MS)?));
        let Some((inventory, cursor, tries)) = office.engine().write(claim)? else { break };
        let after: String = form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
        let path = format!("/certificates?after={after}");
        let outcome = runtime.block_on(connector.ask(Method::GET, &path, &format!("{inventory}/{cursor}"), Vec::new()));
        if matches!(outcome, Err(Failure::Down(_))) {
            connector.rest(office.now());
        }
        answered += usize::from(outcome.is_ok());
        settle_page(office, inventory, &cursor, tries, outcome)?;
    }
    compare_fetched(office)?;
    Ok(answered)
}

/// What is handed over of a part: the rows that have no answer; nothing where all have.
fn request(office: &Office, part: &Part) -> Result<Option<Vec<u8>>, Stop> {
    let template = office.engine().read(|tx| template::of(tx, part.template))?;
    let open = part.rows.iter().filter(|row| row.state == RowState::Sent);
    let rows = open.map(|row| {
        let cells: Vec<String> = store::opened(office.seals(), &row.sealed)?;
        Ok(json!({"key": format!("{}/{}", part.number, row.no), "number": row.number, "kind": row.kind.code(),
            "stands": row.stands.code(), "cells": cells}))
    });
    let rows = rows.collect::<Result<Vec<Value>, Stop>>()?;
    if rows.is_empty() {
        return Ok(None);
    }
    let body = json!({"package": part.number, "part": part.part, "template": template.name, "columns": template.headings(), "rows": rows});
    serde_json::to_vec(&body).map(Some).map_err(Stop::fault)
}

/// When it is tried again after this try; the longest wait where an answer is only slow.
fn next_at(now: i64, tries: i64) -> i64 {
    let longest = DELIVERY_WAITS.last().copied().unwrap_or(60) * 60_000;
    now + next_try_in(tries).unwrap_or(longest)
}

/// What a failed try comes to.
fn failed(failure: &Failure, tries: i64, now: i64) -> Came<'_> {
    match (failure, next_try_in(tries)) {
        (Failure::Later(why) | Failure::Down(why), Some(wait)) => Came::Again { next_at: now + wait, why: Some(why) },
        (Failure::Later(why) | Failure::Down(why) | Failure::Never(why), _) => Came::GivenUp { why },
    }
}

/// Writes down what a try of a part came to.
fn settle_part(office: &Office, part: &Part, outcome: Result<Option<Value>, Failure>) -> Result<(), Stop> {
    let (now, today, at) = (office.now(), office.today(), (part.package, part.part));
    let answered = outcome.and_then(|answer| match answer {
        Some(answer) => results(answer).map(|results| read_answers(part, results)),
        None => Ok(Some(BTreeMap::new())),
    });
    match &answered {
        Ok(None) => {
            tracing::warn!(package = part.number, part = part.part, "a national answer contradicts an earlier one")
        }
        Err(failure) => {
            tracing::warn!(package = part.number, part = part.part, tries = part.tries, ?failure, "exchange")
        }
        Ok(Some(_)) => {}
    }
    let (part, tries) = (part.clone(), part.tries);
    Ok(office.engine().write(move |tx| {
        let came = match &answered {
            Ok(answers) => {
                let answers = answers.as_ref();
                let told: store::Answers<'_> = answers
                    .into_iter()
                    .flatten()
                    .map(|(number, (state, id, column, reason))| {
                        (number.as_str(), (*state, id.as_str(), column.as_str(), reason.as_str()))
                    })
                    .collect();
                store::settle(tx, part.package, &told, today)?;
                let is_open = |row: &&store::PartRow| row.state == RowState::Sent && !told.contains_key(&*row.number);
                match part.rows.iter().find(is_open) {
                    Some(_) => Came::Again { next_at: next_at(now, tries), why: None },
                    None => Came::Done,
                }
            }
            Err(failure) => failed(failure, tries, now),
        };
        store::part_came_to(tx, at, &came)?;
        Ok((Keep::Yes, ()))
    })?)
}

fn results(answer: Value) -> Result<Vec<Answered>, Failure> {
    #[derive(Deserialize)]
    struct Document {
        results: Vec<Answered>,
    }
    let document: Document =
        serde_json::from_value(answer).map_err(|_| Failure::Later("国家平台的回答不合约定".into()))?;
    Ok(document.results)
}

/// State, their id, the column to blame and the reason, by number.
type Told = BTreeMap<String, (RowState, String, String, String)>;

/// What the answers mean for the rows that are open; nothing where one of them contradicts an earlier one. What was answered
/// before, or is of another part, changes nothing.
fn read_answers(part: &Part, results: Vec<Answered>) -> Option<Told> {
    let rows: BTreeMap<&str, &store::PartRow> = part.rows.iter().map(|row| (row.number.as_str(), row)).collect();
    let mut told = Told::new();
    for one in results {
        let (Some(row), Some(is_accepted)) = (rows.get(one.number.as_str()), read_outcome(&one.outcome)) else {
            continue;
        };
        if is_accepted && one.id.trim().is_empty() {
            continue;
        }
        let outcome = if is_accepted { Outcome::Accepted(one.id.trim()) } else { Outcome::Rejected };
        match settle(row.state, row.national_id.as_deref(), &outcome) {
            Ok(Settled::Moves(state)) => {
                told.insert(one.number, (state, one.id, one.column, one.reason));
            }
            Ok(Settled::Same) => {}
            Err(_) => return None,
        }
    }
    Some(told)
}

/// A page of their list.
#[derive(Debug, Deserialize)]
struct ListPage {
    columns: Vec<String>,
    certificates: Vec<Listed>,
    /// After which number the next page begins; none after the last one.
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    number: String,
    id: String,
    #[serde(default)]
    stands: String,
    cells: Vec<String>,
}

/// Writes down a page of a list, or that it was not fetched.
fn settle_page(
    office: &Office,
    inventory: i64,
    cursor: &str,
    tries: i64,
    outcome: Result<Value, Failure>,
) -> Result<(), Stop> {
    let now = office.now();
    let page = outcome.and_then(|answer| {
        let page: ListPage =
            serde_json::from_value(answer).map_err(|_| Failure::Later("国家平台的清单不合约定".into()))?;
        // A list that does not go on would be fetched for ever.
        match &page.next {
            Some(next) if next.as_str() <= cursor => Err(Failure::Later("国家平台的清单没有往下走".into())),
            _ => Ok(page),
        }
    });
    match page {
        Ok(page) => {
            let (next, is_last) = (page.next.clone().unwrap_or_default(), page.next.is_none());
            let entries = office.public(|sight| listed(sight, page))?;
            Ok(office.engine().write(move |tx| {
                store::add_national(tx, inventory, &entries)?;
                store::fetched(tx, inventory, &next, is_last)?;
                Ok((Keep::Yes, ()))
            })?)
        }
        Err(failure) => {
            tracing::warn!(inventory, tries, ?failure, "national list");
            Ok(office.engine().write(move |tx| {
                store::inventory_came_to(tx, inventory, &failed(&failure, tries, now))?;
                Ok((Keep::Yes, ()))
            })?)
        }
    }
}

/// The certificates of a page in the columns of today's template.
fn listed(sight: &mut Sight<'_>, page: ListPage) -> Result<BTreeMap<String, National>, Stop> {
    let today: Day = sight.today();
    let (_, template) = template::on(&mut sight.tx(), today)?;
    let places: Vec<Option<usize>> =
        template.headings().iter().map(|heading| page.columns.iter().position(|column| column == heading)).collect();
    let at = number_at(&template)?;
    let mut entries = BTreeMap::new();
    for one in page.certificates {
        let mut cells: Vec<String> =
            places.iter().map(|place| place.and_then(|at| one.cells.get(at)).cloned().unwrap_or_default()).collect();
        cells[at].clone_from(&one.number);
        let stands = read_stands(&one.stands).unwrap_or(CertificateState::Valid);
        put(&mut entries, one.number, entry(sight, &cells, &one.id, stands)?);
    }
    Ok(entries)
}
