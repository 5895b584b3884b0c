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

use super::limit::Asker;
use super::puzzle::{Offered, Puzzle};
use super::{Found, PublicCertificate, Question, hot, plain_name};
use crate::certificate_change::{Replaced, replaced};
use crate::door::{Office, Stop};
use crate::web::page::{Page, download, long_day, with_status};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    questions()
        .route("/.well-known/jiangce-keys.txt", get(keys))
        .route("/.well-known/jiangce-keys.json", get(key_list))
        .route("/.well-known/jiangce-root.pem", get(root))
        .route("/.well-known/jiangce-root.crl", get(revocations))
        .route("/verify-offline.html", get(offline))
}

/// The pages that ask the database a question, which a replica has too.
pub fn questions() -> Router<Web> {
    Router::new().route("/query", get(form).post(ask)).route("/c/{token}", get(scanned).post(scanned_and_named))
}

/// What anyone keeps to check certificates without us: the address of each part with its type.
pub(crate) const KIT: [(&str, &str); 5] = [
    (KEYS, "text/plain; charset=utf-8"),
    (ROOT, "application/x-pem-file"),
    (REVOCATIONS, "application/pkix-crl"),
    (OFFLINE, "text/html; charset=utf-8"),
    (KEY_LIST, "application/json"),
];

/// The parts of [`KIT`] as they stand now, by their addresses.
///
/// # Errors
/// A fault when the house can't read or sign.
pub(crate) fn kit(office: &Office, house: &str) -> Result<Vec<(&'static str, Vec<u8>)>, Stop> {
    let list = crate::certificate::key_list(office)?;
    Ok(vec![
        (KEYS, keys_text(office).into_bytes()),
        (ROOT, root_pem(office)?.into_bytes()),
        (REVOCATIONS, crate::certificate::revocations(office)?),
        (OFFLINE, offline_page(office, house, &list)?),
        (KEY_LIST, list),
    ])
}

const KEYS: &str = "/.well-known/jiangce-keys.txt";
const KEY_LIST: &str = "/.well-known/jiangce-keys.json";
const ROOT: &str = "/.well-known/jiangce-root.pem";
const REVOCATIONS: &str = "/.well-known/jiangce-root.crl";
const OFFLINE: &str = "/verify-offline.html";

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
    /// What has to be solved before this question is answered.
    puzzle: Option<Box<Puzzle>>,
    /// What says, in the form for the receipt, that this question was answered.
    ticket: String,
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
        puzzle: None,
        ticket: String::new(),
    })
}

/// What a page that answered a question hands to its form for the receipt: whoever brings it has paid for this question today.
pub(crate) fn ticket(office: &Office, name: &str, number: &str) -> String {
    office.seals().find_key(&format!("receipt\n{}\n{name}\n{number}", office.today()))
}

/// What a form brought for its puzzle.
fn offered(posted: &Posted) -> Offered<'_> {
    Offered::of(posted.text("challenge"), posted.text("counter"), posted.text("sum"))
}

async fn ask(State(web): State<Web>, visit: Visit, asker: Asker, posted: Posted) -> Response {
    ask_page(&web, &visit, &asker, &posted).await
}

/// The answer to a question that a form brought, or the puzzle before it.
pub(crate) async fn ask_page(web: &Web, visit: &Visit, asker: &Asker, posted: &Posted) -> Response {
    let (name, number) = (posted.text("name").to_owned(), posted.text("number").to_owned());
    let missing = name.is_empty() || number.is_empty() || name.chars().count() > 100 || number.chars().count() > 40;
    let question = Question { name, number };
    let (found, puzzle) = match missing {
        true => (Vec::new(), None),
        false => match hot::find(web, asker, &question, offered(posted)).await {
            Ok(Ok(found)) => (found, None),
            Ok(Err(puzzle)) => (Vec::new(), Some(puzzle)),
            Err(stop) => return stopped(web, visit, stop),
        },
    };
    let status = match (missing, &puzzle) {
        (true, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, Some(_)) => StatusCode::TOO_MANY_REQUESTS,
        (false, None) => StatusCode::OK,
    };
    let page = QueryPage {
        page: Page::new(web, visit),
        asked: !missing && puzzle.is_none(),
        missing,
        puzzle,
        shown: found.iter().enumerate().map(|(place, found)| Shown::new(place, found, &web.office)).collect(),
        ticket: ticket(&web.office, &question.name, &question.number),
        holder: question.name,
        given: question.number,
    };
    with_status(status, &page)
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
    /// Set when a name was given that is not the holder's.
    wrong: bool,
    shown: Option<Shown>,
    /// The name as it was typed, and what has to be solved before it is compared.
    holder: String,
    puzzle: Option<Box<Puzzle>>,
    /// As in [`QueryPage`].
    ticket: String,
}

async fn scanned(State(web): State<Web>, visit: Visit, Path(token): Path<String>) -> Response {
    scanned_page(&web, &visit, token, None).await
}

async fn scanned_and_named(
    State(web): State<Web>,
    visit: Visit,
    asker: Asker,
    Path(token): Path<String>,
    posted: Posted,
) -> Response {
    named_page(&web, &visit, &asker, token, &posted).await
}

/// What a code on paper shows to whoever names its holder, or the puzzle before it.
pub(crate) async fn named_page(web: &Web, visit: &Visit, asker: &Asker, token: String, posted: &Posted) -> Response {
    let name = posted.text("name");
    let puzzle = asker.may_ask(web, (name, &token), offered(posted)).err();
    scanned_page(web, visit, token, Some(Named { name, asker, puzzle })).await
}

/// A name that was given for a code on paper.
struct Named<'a> {
    name: &'a str,
    asker: &'a Asker,
    puzzle: Option<Box<Puzzle>>,
}

#[derive(Template)]
#[template(path = "query/views/replaced.html")]
struct ReplacedPage {
    page: Page,
    replaced: Replaced,
    on: String,
}

async fn scanned_page(web: &Web, visit: &Visit, token: String, named: Option<Named<'_>>) -> Response {
    let found: Found = match hot::by_token(web, token.clone()).await {
        Ok(Some(found)) => found,
        Ok(None) => return replaced_page(web, visit, token).await,
        Err(stop) => return stopped(web, visit, stop),
    };
    let unsolved = named.as_ref().is_some_and(|named| named.puzzle.is_some());
    let fits = named.as_ref().map(|named| plain_name(named.name) == plain_name(&found.name));
    let is_holder = fits == Some(true) && !unsolved;
    let wrong = fits == Some(false) && !unsolved;
    let outline = Outline {
        number: found.number.clone(),
        name: mask_name(&found.name),
        trade: found.trade.clone(),
        level: found.level,
        body: found.body.clone(),
        state: found.state,
        stands: found.state == CertificateState::Valid,
    };
    let status = match (unsolved, wrong) {
        (true, _) => StatusCode::TOO_MANY_REQUESTS,
        (false, true) => StatusCode::UNPROCESSABLE_ENTITY,
        (false, false) => StatusCode::OK,
    };
    if let Some(named) = named.as_ref().filter(|_| wrong) {
        named.asker.missed(web);
    }
    let shown = is_holder.then(|| Shown::new(0, &found, &web.office));
    let holder = named.as_ref().map(|named| named.name.to_owned()).unwrap_or_default();
    let puzzle = named.and_then(|named| named.puzzle);
    let ticket = ticket(&web.office, &holder, &token);
    let page = Page::new(web, visit);
    with_status(status, &ScannedPage { page, token, outline, wrong, shown, holder, puzzle, ticket })
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
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], keys_text(&web.office)).into_response()
}

fn keys_text(office: &Office) -> String {
    format!("{}\n", crate::certificate::signer(office).public().line())
}

fn root_pem(office: &Office) -> Result<String, Stop> {
    proof::certificate_pem(office.document_root()?.certificate()).map_err(Stop::fault)
}

/// The certificate of the root under which bodies sign the PDFs of certificates, for programs elsewhere.
async fn root(State(web): State<Web>, visit: Visit) -> Response {
    match web.work(root_pem).await {
        Ok(pem) => ([(header::CONTENT_TYPE, "application/x-pem-file")], pem).into_response(),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// Which keys of bodies are lost, for programs that check the signatures of documents.
async fn revocations(State(web): State<Web>, visit: Visit) -> Response {
    match web.work(crate::certificate::revocations).await {
        Ok(list) => ([(header::CONTENT_TYPE, "application/pkix-crl")], list).into_response(),
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
    let house = web.settings.public_url.clone();
    match web.work(move |office| offline_page(office, &house, &crate::certificate::key_list(office)?)).await {
        Ok(page) => download("text/html; charset=utf-8", "证书离线核验.html", page),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// The page with this signed list of keys in it.
fn offline_page(office: &Office, house: &str, list: &[u8]) -> Result<Vec<u8>, Stop> {
    let read = KeyList::read(list, None).map_err(Stop::fault)?;
    let page = OfflinePage {
        list: BASE64.encode(list),
        house: house.to_owned(),
        root: read.root().map(|root| root.id()).unwrap_or_default(),
        signed_on: long_day(office.today()),
        count: read.keys.len(),
    };
    Ok(page.render().map_err(Stop::fault)?.into_bytes())
}
