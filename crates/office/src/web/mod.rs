//! Pages: who visits, what a form posted, how a page and a refusal look. Handlers parse, act or look, and present.

pub mod api;
pub mod forms;
pub mod kept;
pub mod page;
mod printing;
pub mod session;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

pub use forms::Posted;
pub use page::{Page, html, stopped};
pub use session::Visit;

use crate::door::{Act, Look, Office, Stop};

/// What every handler has: the house and how it is served.
#[derive(Clone)]
pub struct Web {
    pub office: Office,
    pub settings: Arc<Settings>,
}

/// How the house is served.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address that QR codes and messages name, without a slash at the end.
    pub public_url: String,
    /// Whether browsers reach the house over TLS, so that cookies are for TLS only.
    pub secure: bool,
    /// Whether a proxy of ours stands in front and says who visits.
    pub behind_proxy: bool,
    /// Public queries that one address may make in a minute; 0 for no limit.
    pub queries_per_minute: u32,
    /// Times that one address may try to sign in in a minute; 0 for no limit.
    pub sign_ins_per_minute: u32,
    /// Public queries in vain after which an address has to solve a puzzle for each further one; 0 for no puzzles.
    pub misses_free: u32,
    /// Queries in vain of all addresses in a minute above which everyone has to; 0 for no such limit.
    pub site_misses_per_minute: u32,
    /// How dear a puzzle is: each bit doubles the work.
    pub puzzle_bits: u8,
    /// Where the index of certificates lies, for employers to fetch.
    pub index: Option<std::path::PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".into(),
            secure: false,
            behind_proxy: false,
            queries_per_minute: 120,
            sign_ins_per_minute: 30,
            misses_free: 10,
            site_misses_per_minute: 600,
            puzzle_bits: 17,
            index: None,
        }
    }
}

impl Web {
    /// Performs an act on a thread that may block; `once` makes a form that is sent twice count once.
    ///
    /// # Errors
    /// As [`Office::act_once`].
    pub async fn act<A: Act>(&self, visit: &Visit, once: Option<String>, act: A) -> Result<A::Answer, Stop> {
        let (office, caller) = (self.office.clone(), visit.caller.clone());
        blocking(move || office.act_once(&caller, once.as_deref(), act)).await
    }

    /// Answers a look on a thread that may block.
    ///
    /// # Errors
    /// As [`Office::look`].
    pub async fn look<L: Look>(&self, visit: &Visit, look: L) -> Result<L::View, Stop> {
        let (office, caller) = (self.office.clone(), visit.caller.clone());
        blocking(move || office.look(&caller, &look)).await
    }

    /// Sets a document: as many at once as there are cores, the rest in line.
    ///
    /// # Errors
    /// Whatever `work` says.
    pub async fn print<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Office) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        let office = self.office.clone();
        printing::print(move || work(&office)).await
    }

    /// Does other work that may block: a public reading, a document.
    ///
    /// # Errors
    /// Whatever `work` says.
    pub async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Office) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        let office = self.office.clone();
        blocking(move || work(&office)).await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Stop> + Send + 'static) -> Result<T, Stop> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(Stop::fault(error)))
}

/// Every page and the API under `/api`.
pub fn router(web: Web) -> Router {
    dressed(web, crate::pages().route("/healthz", get(healthz)), API.clone())
}

/// The public query alone, on a replica: nobody signs in, nothing is done, and these other pages.
pub fn query_router(web: Web, others: Router<Web>) -> Router {
    let api = crate::query::api(api::Registry::default()).router();
    dressed(web, crate::query::questions().merge(others), api).layer(axum::middleware::map_request(without_session))
}

/// Whoever asks a replica is anyone, whatever else the browser sends along.
async fn without_session(mut request: axum::extract::Request) -> axum::extract::Request {
    for name in [header::COOKIE, header::AUTHORIZATION] {
        request.headers_mut().remove(name);
    }
    request
}

/// Pages and an API with everything that stands around them.
fn dressed(web: Web, pages: Router<Web>, api: Router<Web>) -> Router {
    let limit = crate::query::Limit::new(&web);
    let pages = pages.merge(assets()).fallback(page::no_such_page);
    let nosniff =
        SetResponseHeaderLayer::overriding(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let policy = SetResponseHeaderLayer::if_not_present(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'self'; img-src 'self' data:; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ),
    );
    let referrer = SetResponseHeaderLayer::overriding(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let cache = SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let frames = SetResponseHeaderLayer::overriding(
        HeaderName::from_static("x-frame-options"),
        HeaderValue::from_static("DENY"),
    );
    let routes = pages
        .layer(axum::middleware::from_fn_with_state(web.clone(), page::in_words))
        .nest("/api", api)
        .layer(axum::middleware::from_fn_with_state((web.clone(), limit), crate::query::limited))
        .layer(axum::middleware::from_fn_with_state(web.clone(), session::visit))
        .layer(DefaultBodyLimit::max(crate::door::files::SIZE_MAX + 1024 * 1024))
        .layer((nosniff, policy, referrer, cache, frames))
        .layer(CompressionLayer::new().gzip(true).compress_when(worth_compressing()))
        .layer(tower_http::catch_panic::CatchPanicLayer::custom(panicked))
        .layer(TraceLayer::new_for_http().make_span_with(traced))
        .layer(tower_http::timeout::TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(300),
        ))
        .with_state(web.clone());
    Router::new()
        .fallback_service(routes)
        .layer(axum::middleware::from_fn_with_state(web, session::go_on))
        .layer(axum::middleware::from_fn(crate::query::shed))
}

/// The routes of the API with its document, which are the same in every house.
static API: LazyLock<Router<Web>> = LazyLock::new(|| crate::features().router());

/// Text shrinks; documents and archives are compressed inside.
fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("application/zip"))
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/vnd."))
}

/// What the log says of a request: never its query, which holds names and identity numbers.
fn traced(request: &axum::extract::Request) -> tracing::Span {
    tracing::debug_span!("request", method = %request.method(), path = request.uri().path())
}

fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, "系统出现故障，已记录，请稍后再试。").into_response()
}

/// Whether the house stands: 200 when the database can be read and written, with how many messages wait to leave.
async fn healthz(State(web): State<Web>) -> Response {
    let engine = web.office.engine().name();
    let checked = web.work(|office| {
        office.check()?;
        Ok(crate::delivery::health(office)?)
    });
    match checked.await {
        Ok(deliveries) => {
            let said = serde_json::json!({"status": "ok", "database": engine, "deliveries": deliveries});
            ([(header::CONTENT_TYPE, "application/json")], said.to_string()).into_response()
        }
        Err(stop) => {
            tracing::error!(%stop, "health");
            (StatusCode::SERVICE_UNAVAILABLE, "database").into_response()
        }
    }
}

macro_rules! asset {
    ($file:literal, $type:literal) => {
        get(|| async {
            (
                [(header::CONTENT_TYPE, $type), (header::CACHE_CONTROL, "public, max-age=3600")],
                include_bytes!(concat!("assets/", $file)).as_slice(),
            )
        })
    };
}

fn assets() -> Router<Web> {
    Router::new()
        .route("/assets/jiangce.css", asset!("jiangce.css", "text/css; charset=utf-8"))
        .route("/assets/jiangce.js", asset!("jiangce.js", "text/javascript; charset=utf-8"))
        .route("/assets/desk.js", asset!("desk.js", "text/javascript; charset=utf-8"))
        .route("/assets/puzzle.js", asset!("puzzle.js", "text/javascript; charset=utf-8"))
        .route("/assets/mark.svg", asset!("mark.svg", "image/svg+xml"))
        .route("/favicon.ico", asset!("mark.svg", "image/svg+xml"))
}
