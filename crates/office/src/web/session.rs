//! Who visits: read once from the cookie, or from the bearer token under `/api`, and handed to every handler.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use rules::terms::{EVIDENCE_BYTES_MAX, EVIDENCE_MAX};

use super::Web;
use super::kept::{Again, Kept, form_token, mark};
use crate::account;
use crate::candidate;
use crate::door::{Caller, Stop, Via};
use crate::query::visitor;

/// The session cookie.
const COOKIE_NAME: &str = "jiangce";
/// The cookie of a candidate's own page; browsers send it there alone.
const OWN_COOKIE: &str = "jiangce-own";
/// The longest body that is read from someone without an account, in bytes: a form that goes on after signing in takes
/// three times its text.
const PUBLIC_BODY_MAX: usize = 384 * 1024;
/// The cookie that carries one line to the next page.
const FLASH_NAME: &str = "flash";

/// Who visits, and what belongs to the visit.
#[derive(Debug, Clone)]
pub struct Visit {
    pub caller: Caller,
    /// The token that forms carry back; empty for the public.
    pub csrf: String,
    /// The session's own token, to end it.
    pub token: Option<String>,
    pub path: String,
    pub flash: Option<String>,
    /// Whether a session was offered that is no longer good.
    pub expired: bool,
    /// Whether something was sent, rather than asked for.
    pub sends: bool,
    /// The form that came without a session, once it has been read.
    pub kept: Arc<OnceLock<Kept>>,
    /// Where the visit comes from, as far as that is known.
    pub address: Option<IpAddr>,
}

impl FromRequestParts<Web> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Response> {
        Ok(parts.extensions.get::<Visit>().cloned().unwrap_or_else(|| Visit {
            caller: Caller::public(Via::Web),
            csrf: String::new(),
            token: None,
            path: parts.uri.path().to_owned(),
            flash: None,
            expired: false,
            sends: false,
            kept: Arc::default(),
            address: None,
        }))
    }
}

/// Where someone has signed in with a form under way, the form goes on. Stands around all routing, because the form
/// goes to another address.
pub async fn go_on(State(web): State<Web>, request: Request<Body>, next: Next) -> Response {
    let connection = request.extensions().get::<ConnectInfo<SocketAddr>>().copied();
    let mut response = next.clone().run(request).await;
    let Some(again) = response.extensions_mut().remove::<Again>() else { return response };
    let mut request = match resumed(&web, again).await {
        Ok(request) => request,
        Err(stop) => {
            tracing::error!(%stop, "a form under way");
            return response;
        }
    };
    if let Some(connection) = connection {
        request.extensions_mut().insert(connection);
    }
    let mut answered = next.run(request).await;
    for cookie in response.headers().get_all(SET_COOKIE) {
        answered.headers_mut().append(SET_COOKIE, cookie.clone());
    }
    answered
}

/// The form as its page would have sent it with the session that has just begun.
async fn resumed(web: &Web, again: Again) -> Result<Request<Body>, Stop> {
    let token = again.token.clone();
    let session = web.work(move |office| account::resume(office, &token, Via::Web)).await?;
    let (caller, csrf) = session.ok_or(Stop::SignInFirst)?;
    let csrf = form_token(&csrf, &mark(web.office.seals(), &caller));
    Request::post(again.kept.to.as_str())
        .header(COOKIE, format!("{COOKIE_NAME}={}", again.token))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(again.kept.body(&csrf)))
        .map_err(Stop::fault)
}

/// How large a body may be that comes from nobody known, in bytes.
fn public_body_max(path: &str) -> usize {
    let inner = path.strip_prefix("/api").unwrap_or(path);
    let of_list = inner.strip_prefix("/publicity/").and_then(|rest| rest.split_once('/'));
    if matches!(path, "/verify" | "/api/certificates/verification") {
        return crate::verify::LARGEST + PUBLIC_BODY_MAX;
    }
    match of_list.map(|(_, part)| part) {
        Some("objections") if inner == path => EVIDENCE_MAX * EVIDENCE_BYTES_MAX + PUBLIC_BODY_MAX,
        Some("enclosures") => EVIDENCE_BYTES_MAX + PUBLIC_BODY_MAX,
        _ => PUBLIC_BODY_MAX,
    }
}

/// Finds out who visits, before any handler.
pub async fn visit(State(web): State<Web>, mut request: Request<Body>, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let is_api = path.starts_with("/api/");
    let headers = request.headers();
    // The API takes a token and no cookie, so no other site can make a browser use it.
    let is_own = is_own(&path);
    let (via, token) = match (is_api, is_own) {
        (true, _) => (Via::Api, bearer(headers)),
        // Here the candidate's session counts, whoever else has signed in at the same browser.
        (false, true) => (Via::Web, cookie(headers, OWN_COOKIE)),
        (false, false) => (Via::Web, cookie(headers, COOKIE_NAME)),
    };
    let flash = if is_api { None } else { cookie(headers, FLASH_NAME).and_then(|text| unescape(&text)) };
    let session = match token.clone() {
        None => None,
        Some(token) => {
            let resumed = web.work(move |office| match is_own {
                true => match candidate::resume(office, &token, via)? {
                    None if is_api => account::resume(office, &token, via),
                    own => Ok(own),
                },
                false => account::resume(office, &token, via),
            });
            resumed.await.unwrap_or_else(|stop| {
                tracing::error!(%stop, "session");
                None
            })
        }
    };
    let expired = token.is_some() && session.is_none();
    let (caller, csrf) = match session {
        // A form of a candidate's page does not go on by signing in.
        Some((caller, csrf)) if caller.account().is_none() => (caller, csrf),
        Some((caller, csrf)) => {
            let csrf = form_token(&csrf, &mark(web.office.seals(), &caller));
            (caller, csrf)
        }
        None => (Caller::public(via), String::new()),
    };
    let sends = !request.method().is_safe();
    let had_flash = flash.is_some();
    if caller.account().is_none() {
        // Before it is known who asks, nothing large is read but what may come with an objection.
        DefaultBodyLimit::max(public_body_max(&path)).apply(&mut request);
    }
    let address = visitor(&request, web.settings.behind_proxy);
    let (token, kept) = (token.filter(|_| !expired), Arc::default());
    let visit = Visit { caller, csrf, token, path, flash, expired, sends, kept, address };
    request.extensions_mut().insert(visit);
    let mut response = next.run(request).await;
    let shown = response.status().is_success();
    if had_flash && shown && !response.headers().contains_key(SET_COOKIE) {
        response
            .headers_mut()
            .append(SET_COOKIE, HeaderValue::from_static("flash=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"));
    }
    response
}

/// The cookie line that begins a session.
pub fn begin(web: &Web, token: &str) -> HeaderValue {
    let secure = if web.settings.secure { "; Secure" } else { "" };
    value(&format!("{COOKIE_NAME}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200{secure}"))
}

/// The cookie line that ends a session.
pub fn end() -> HeaderValue {
    HeaderValue::from_static("jiangce=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
}

/// The cookie line that opens a candidate's own page.
pub fn begin_own(web: &Web, token: &str) -> HeaderValue {
    let secure = if web.settings.secure { "; Secure" } else { "" };
    let seconds = rules::terms::OWN_PAGE_MINUTES * 60;
    value(&format!("{OWN_COOKIE}={token}; Path=/me; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"))
}

/// The cookie line that closes it.
pub fn end_own() -> HeaderValue {
    HeaderValue::from_static("jiangce-own=; Path=/me; Max-Age=0; HttpOnly; SameSite=Lax")
}

/// Whether a path belongs to the candidate's own page.
pub fn is_own(path: &str) -> bool {
    let inner = path.strip_prefix("/api").unwrap_or(path);
    inner == "/me" || inner.starts_with("/me/")
}

/// The cookie line that carries a sentence to the next page.
pub fn flash(text: &str) -> HeaderValue {
    value(&format!("{FLASH_NAME}={}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax", escape(text)))
}

fn value(line: &str) -> HeaderValue {
    HeaderValue::from_str(line).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let line = headers.get(AUTHORIZATION)?.to_str().ok()?;
    line.strip_prefix("Bearer ").map(|token| token.trim().to_owned())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

fn escape(text: &str) -> String {
    crate::door::hex(text.as_bytes())
}

fn unescape(text: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect();
    String::from_utf8(bytes?).ok()
}
