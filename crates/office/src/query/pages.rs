//! The public query, what a QR code leads to, and the keys with which statements are checked.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use proof::{KeyList, Signer as _};
use rules::Clause;
use rules::certificate::checks::Check;
use rules::certificate::{CertificateState, Level};
use rules::identity::mask_name;

use super::{Found, PublicCertificate, Question, hot, plain_name};
use crate::certificate_change::{Replaced, replaced};
use crate::door::{Office, Stop};
use crate::web::page::{Page, download, long_day, with_status};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/query", get(form).post(ask))
        .route("/c/{token}", get(scanned).post(scanned_and_named))
        .route("/.well-known/jiangce-keys.txt", get(keys))
        .route("/.well-known/jiangce-keys.json", get(key_list))
        .route("/.well-known/jiangce-root.pem", get(root))
        .route("/verify-offline.html", get(offline))
}

/// One line of what was checked, as pages show it.
pub(crate) struct Line {
    /// How it is drawn: `yes`, `no` or `open`.
    pub mark: &'static str,
    pub word: &'static str,
    pub text: String,
    /// What it means; may be empty.
    pub meaning: &'static str,
    /// May be empty.
    pub clause_label: &'static str,
    pub clause_href: String,
}

impl Line {
    /// Whether it holds, what was checked, what it means, and the duty that it rests on.
    pub fn new(holds: Option<bool>, text: String, meaning: &'static str, clause: Option<Clause>) -> Self {
        let (mark, word) = match holds {
            Some(true) => ("yes", "相符"),
            Some(false) => ("no", "不符"),
            None => ("open", "不能核对"),
        };
        let clause_href = clause.map_or_else(String::new, |clause| format!("/clauses#{}", clause.id()));
        Self { mark, word, text, meaning, clause_label: clause.map_or("", Clause::place), clause_href }
    }
}

impl From<Check> for Line {
    fn from(check: Check) -> Self {
        Self::new(check.holds, check.text, check.kind.meaning(), Some(check.kind.clause()))
    }
}

/// A certificate as the page shows it.
struct Shown {
    stands: bool,
    /// Distinguishes the headings of several certificates.
    place: usize,
    certificate: PublicCertificate,
    issued_on: String,
    lines: Vec<Line>,
}

impl Shown {
    fn new(place: usize, found: &Found, office: &Office) -> Self {
        let reference = office.reference();
        let certificate = found.public(office.seals(), &reference.calendar);
        let lines = found.checks(&reference.calendar).into_iter().map(Line::from).collect();
        Self {
            stands: certificate.state == CertificateState::Valid,
            place,
            issued_on: long_day(certificate.issued_on),
            certificate,
            lines,
        }
    }
}

#[derive(Template)]
#[template(path = "query/views/query.html")]
struct QueryPage {
    page: Page,
    /// Whether something was asked.
    asked: bool,
    /// The name and the number as they were typed.
    holder: String,
    given: String,
    missing: bool,
    shown: Vec<Shown>,
}

async fn form(State(web): State<Web>, visit: Visit) -> Response {
    let page = Page::new(&web, &visit);
    html(&QueryPage {
        page,
        asked: false,
        holder: String::new(),
        given: String::new(),
        missing: false,
        shown: Vec::new(),
    })
}

async fn ask(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let (name, number) = (posted.text("name").to_owned(), posted.text("number").to_owned());
    let missing = name.is_empty() || number.is_empty() || name.chars().count() > 100 || number.chars().count() > 40;
    let question = Question { name, number };
    let found = match missing {
        true => Vec::new(),
        false => match hot::find(&web, &question).await {
            Ok(found) => found,
            Err(stop) => return stopped(&web, &visit, stop),
        },
    };
    let page = QueryPage {
        page: Page::new(&web, &visit),
        asked: !missing,
        missing,
        shown: found.iter().enumerate().map(|(place, found)| Shown::new(place, found, &web.office)).collect(),
        holder: question.name,
        given: question.number,
    };
    with_status(if missing { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

/// What a QR code shows before its holder is named: that the certificate exists, and its state.
struct Outline {
    number: String,
    name: String,
    trade: String,
    level: Level,
    body: String,
    state: CertificateState,
    stands: bool,
}

#[derive(Template)]
#[template(path = "query/views/scanned.html")]
struct ScannedPage {
    page: Page,
    token: String,
    outline: Outline,
    /// The name as it was typed.
    named: String,
    /// Set when a name was given that is not the holder's.
    wrong: bool,
    shown: Option<Shown>,
}

async fn scanned(State(web): State<Web>, visit: Visit, Path(token): Path<String>) -> Response {
    scanned_page(&web, &visit, token, None).await
}

async fn scanned_and_named(
    State(web): State<Web>,
    visit: Visit,
    Path(token): Path<String>,
    posted: Posted,
) -> Response {
    scanned_page(&web, &visit, token, Some(posted.text("name"))).await
}

#[derive(Template)]
#[template(path = "query/views/replaced.html")]
struct ReplacedPage {
    page: Page,
    replaced: Replaced,
    on: String,
}

async fn scanned_page(web: &Web, visit: &Visit, token: String, name: Option<&str>) -> Response {
    let found: Found = match hot::by_token(web, token.clone()).await {
        Ok(Some(found)) => found,
        Ok(None) => return replaced_page(web, visit, token).await,
        Err(stop) => return stopped(web, visit, stop),
    };
    let is_holder = name.is_some_and(|name| plain_name(name) == plain_name(&found.name));
    let outline = Outline {
        number: found.number.clone(),
        name: mask_name(&found.name),
        trade: found.trade.clone(),
        level: found.level,
        body: found.body.clone(),
        state: found.state,
        stands: found.state == CertificateState::Valid,
    };
    let wrong = name.is_some() && !is_holder;
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let named = name.unwrap_or_default().to_owned();
    let shown = is_holder.then(|| Shown::new(0, &found, &web.office));
    with_status(status, &ScannedPage { page: Page::new(web, visit), token, outline, named, wrong, shown })
}

/// What the QR code of paper says that a correction or new paper has replaced: that it is no longer good.
async fn replaced_page(web: &Web, visit: &Visit, token: String) -> Response {
    let found = web.work(move |office| office.public(|sight| Ok(replaced(&mut sight.tx(), &token)?))).await;
    match found {
        Ok(Some(replaced)) => html(&ReplacedPage { page: Page::new(web, visit), on: long_day(replaced.on), replaced }),
        Ok(None) => stopped(web, visit, Stop::NotFound),
        Err(stop) => stopped(web, visit, stop),
    }
}

/// The public keys with which the statements inside certificates are checked, one a line.
async fn keys(State(web): State<Web>) -> Response {
    let line = crate::certificate::signer(&web.office).public().line();
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{line}\n")).into_response()
}

/// The certificate of the root under which bodies sign the PDFs of certificates, for programs elsewhere.
async fn root(State(web): State<Web>, visit: Visit) -> Response {
    match web.work(|office| proof::certificate_pem(office.document_root()?.certificate()).map_err(Stop::fault)).await {
        Ok(pem) => ([(header::CONTENT_TYPE, "application/x-pem-file")], pem).into_response(),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// The list of keys with which certificates on paper are checked without a network.
async fn key_list(State(web): State<Web>, visit: Visit) -> Response {
    match web.work(crate::certificate::key_list).await {
        Ok(list) => ([(header::CONTENT_TYPE, "application/json")], list).into_response(),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// A page to keep, which checks certificates on paper by itself and sends nothing anywhere; the list of keys is inside.
#[derive(Template)]
#[template(path = "query/views/offline.html")]
struct OfflinePage {
    /// The list as it is published, in base64.
    list: String,
    house: String,
    root: String,
    signed_on: String,
    /// How many bodies the list has.
    count: usize,
}

async fn offline(State(web): State<Web>, visit: Visit) -> Response {
    let today = web.office.today();
    let house = web.settings.public_url.clone();
    let made = web.work(move |office| {
        let bytes = crate::certificate::key_list(office)?;
        let list = KeyList::read(&bytes, None).map_err(Stop::fault)?;
        let page = OfflinePage {
            list: BASE64.encode(&bytes),
            house,
            root: list.root().map(|root| root.id()).unwrap_or_default(),
            signed_on: long_day(today),
            count: list.keys.len(),
        };
        page.render().map_err(Stop::fault)
    });
    match made.await {
        Ok(page) => download("text/html; charset=utf-8", "证书离线核验.html", page.into_bytes()),
        Err(stop) => stopped(&web, &visit, stop),
    }
}
