//! How many public questions and objections one address may send in a minute, and how often it may try to sign in. Two
//! entries must fit or a receipt be known, so guessing would need many.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use askama::Template;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_governor::governor::GovernorConfigBuilder;

use super::plain_name;
use super::puzzle::{Offered, Puzzle, Puzzles};
use crate::web::api::Problem;
use crate::web::page::{Page, with_status};
use crate::web::{Visit, Web};

/// Questions after which addresses that have long been silent are forgotten.
const SWEEP: usize = 10_000;

/// The limits on what anyone may do.
#[derive(Clone)]
pub struct Limit {
    questions: Option<Counter>,
    sign_ins: Option<Counter>,
    puzzles: Arc<Puzzles>,
}

/// Who asks, and what stands between them and an answer. Where no address is known, nothing does.
#[derive(Clone, Default)]
pub(crate) struct Asker(Option<(Arc<Puzzles>, IpAddr)>);

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

impl Asker {
    /// Whether this question may be asked now.
    ///
    /// # Errors
    /// The puzzle that has to be solved first.
    pub(super) fn may_ask(
        &self,
        web: &Web,
        (name, number): (&str, &str),
        offered: Offered<'_>,
    ) -> Result<(), Box<Puzzle>> {
        let Some((puzzles, address)) = &self.0 else { return Ok(()) };
        // Keyed, so that a puzzle tells nothing of the question.
        let question = || web.office.seals().find_key(&format!("{}\n{}", plain_name(name), number.trim()));
        puzzles.ask(*address, question, offered, web.office.now())
    }

    /// Notes a question in vain.
    pub(super) fn missed(&self, web: &Web) {
        if let Some((puzzles, address)) = &self.0 {
            puzzles.missed(*address, web.office.now());
        }
    }
}

/// Whether this address may once more.
type Counter = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

impl Limit {
    /// The limits that the settings ask for.
    pub fn new(web: &Web) -> Self {
        let settings = &web.settings;
        Self {
            questions: counter(settings.queries_per_minute),
            sign_ins: counter(settings.sign_ins_per_minute),
            puzzles: Arc::new(Puzzles::new(web.office.seals(), settings, web.office.now())),
        }
    }
}

/// Counts to `most` a minute for each address; `None` where there is no limit.
fn counter(most: u32) -> Option<Counter> {
    let config = (most > 0)
        .then(|| GovernorConfigBuilder::default().period(Duration::from_secs(60) / most).burst_size(most).finish())
        .flatten()?;
    let asked = AtomicUsize::new(0);
    Some(Arc::new(move |address| {
        if asked.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            config.limiter().retain_recent();
        }
        config.limiter().check_key(&address).is_ok()
    }))
}

/// Whether a request is one that a stranger could guess or flood with: a public question, an objection, its receipt.
pub(super) fn asks(request: &Request) -> bool {
    let (path, is_post) = (request.uri().path(), request.method() == Method::POST);
    let inner = path.strip_prefix("/api").unwrap_or(path);
    path == "/api/certificates/query"
        || path.starts_with("/c/")
        || (path == "/query" && is_post)
        || (matches!(path, "/query/receipt" | "/verify") && is_post)
        || matches!(path, "/api/certificates/query/receipt" | "/api/certificates/verification")
        || path.starts_with("/s/")
        || path == "/api/shared-certificates"
        || (inner.starts_with("/publicity/") && inner.ends_with("/objections") && is_post)
        || (inner.starts_with("/publicity/") && inner.ends_with("/enclosures") && is_post)
        || (inner.starts_with("/publicity/") && inner.ends_with("/mark-reviews") && is_post)
        || (inner == "/certificate-requests" && is_post)
        || inner.starts_with("/certificate-request-receipts/")
        || inner.starts_with("/objection-receipts/")
        || inner.starts_with("/mark-review-receipts/")
        || (matches!(path, "/objections" | "/mark-reviews" | "/certificate-requests")
            && request.uri().query().is_some())
}

/// Whether a request tries a password, which costs a hash, or asks for or tries a candidate's code, which costs a short message.
fn signs_in(request: &Request) -> bool {
    let path = request.uri().path();
    let inner = path.strip_prefix("/api").unwrap_or(path);
    request.method() == Method::POST
        && (matches!(path, "/sign-in" | "/api/session") || matches!(inner, "/me/codes" | "/me/session"))
}

/// Who asks: the other end of the line, or behind our own proxy the last address that it wrote down. Earlier ones came
/// from the visitor and may say anything. Addresses of one IPv6 network count as one.
pub(crate) fn visitor(request: &Request, behind_proxy: bool) -> Option<IpAddr> {
    let told = request.headers().get_all("x-forwarded-for").iter().next_back();
    let told = told.and_then(|line| line.to_str().ok()?.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let address = if behind_proxy { told.or(peer) } else { peer };
    address.map(|address| match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        v4 => v4,
    })
}

#[derive(Template)]
#[template(path = "query/views/wait.html")]
struct WaitPage {
    page: Page,
    signs_in: bool,
}

/// Lets a request through, or asks for patience when its address has asked too often.
pub async fn limited(State((web, limit)): State<(Web, Limit)>, mut request: Request, next: Next) -> Response {
    let signs_in = signs_in(&request);
    if !signs_in && !asks(&request) {
        return next.run(request).await;
    }
    let address = visitor(&request, web.settings.behind_proxy);
    let counter = if signs_in { &limit.sign_ins } else { &limit.questions };
    if address.zip(counter.as_ref()).is_none_or(|(address, may_ask)| may_ask(address)) {
        request.extensions_mut().insert(Asker(address.map(|address| (limit.puzzles.clone(), address))));
        return next.run(request).await;
    }
    let visit = request.extensions().get::<Visit>();
    let mut response = match visit.filter(|_| !request.uri().path().starts_with("/api/")) {
        Some(visit) => with_status(StatusCode::TOO_MANY_REQUESTS, &WaitPage { page: Page::new(&web, visit), signs_in }),
        None => Problem::new(StatusCode::TOO_MANY_REQUESTS, "请求过于频繁，请一分钟后再试").into_response(),
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}
