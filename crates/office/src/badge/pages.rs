//! The files of an electronic certificate, and what verifiers elsewhere fetch: key documents and status lists. The latter say
//! nothing of persons, may be kept for a while, and are open to pages of other sites.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use credential::jcs;
use serde_json::Value;

use super::issue::{Issuer, document};
use super::{BadgeForm, forms, made, status, store};
use crate::certificate::{CertificateFace, Face};
use crate::door::{Office, Stop, digest};
use crate::signing_key;
use crate::web::api::file_operation;
use crate::web::page::{download, not_done};
use crate::web::{Visit, Web, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/certificates/{certificate}/credential/{form}", get(certificate))
        .route("/directory/{number}/did.json", get(key_document))
        .route("/directory/{number}/sm2.pem", get(national_key))
        .route("/directory/{number}/status/{status_list}", get(list))
}

/// An operation that answers with one form of an electronic certificate.
pub(crate) fn operation(tag: &str, (id, summary): (&str, &str)) -> Value {
    let mut operation = file_operation(tag, (id, summary), &["certificate"], "application/octet-stream");
    let form = serde_json::json!({"name": "form", "in": "path", "required": true, "schema": {"type": "string", "enum": forms()}});
    if let Some(parameters) = operation["parameters"].as_array_mut() {
        parameters.push(form);
    }
    operation
}

pub(super) async fn certificate(
    State(web): State<Web>,
    visit: Visit,
    Path((certificate, form)): Path<(i64, String)>,
) -> Response {
    let Some(form) = BadgeForm::from_code(&form) else { return not_done(&web, &visit, Stop::NotFound) };
    match web.look(&visit, CertificateFace { certificate }).await {
        Ok(face) => match download_of(&web, face, form).await {
            Ok(response) => response,
            Err(stop) => not_done(&web, &visit, stop),
        },
        Err(stop) => not_done(&web, &visit, stop),
    }
}

/// A certificate as a file in this form.
///
/// # Errors
/// As [`made`].
pub(crate) async fn download_of(web: &Web, face: Face, form: BadgeForm) -> Result<Response, Stop> {
    let (name, public_url) = (format!("{}{}", face.number, form.suffix()), web.settings.public_url.clone());
    let bytes = web.work(move |office| made(office, &public_url, &face, form)).await?;
    Ok(download(form.content_type(), &name, bytes))
}

/// How long a list or a key document may be kept by whoever fetched it, in seconds.
const LIST_AGE: u32 = 300;
const KEY_AGE: u32 = 3600;

/// Answers with what anyone may fetch and keep; who has it already is told so.
async fn open(
    (web, visit, headers): (Web, Visit, HeaderMap),
    (kind, age): (&'static str, u32),
    make: impl FnOnce(&Office, &str) -> Result<Vec<u8>, Stop> + Send + 'static,
) -> Response {
    let public_url = web.settings.public_url.clone();
    let bytes = match web.work(move |office| make(office, &public_url)).await {
        Ok(bytes) => bytes,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let tag = format!("\"{}\"", &digest(&bytes)[..32]);
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok())
        .is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
    };
    let told = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, format!("public, max-age={age}")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
    ];
    for (name, value) in told {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn key_document(
    State(web): State<Web>,
    visit: Visit,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Response {
    open((web, visit, headers), ("application/json", KEY_AGE), move |office, public_url| {
        known(office, &number)?;
        let keys = office.public(|sight| Ok(signing_key::held(&mut sight.tx(), &number)?))?;
        let generation = rules::signing_key::signing(&keys, office.today());
        let issuer = Issuer::new(office.seals(), public_url, &number, generation);
        jcs(&document(&issuer, office.seals(), &keys)).map_err(Stop::fault)
    })
    .await
}

async fn national_key(
    State(web): State<Web>,
    visit: Visit,
    headers: HeaderMap,
    Path(number): Path<String>,
) -> Response {
    open((web, visit, headers), ("application/x-pem-file", KEY_AGE), move |office, _| {
        known(office, &number)?;
        Ok(national_pem(&office.seals().national_key(&number).public().to_bytes()).into_bytes())
    })
    .await
}

async fn list(
    State(web): State<Web>,
    visit: Visit,
    headers: HeaderMap,
    Path((number, name)): Path<(String, String)>,
) -> Response {
    open((web, visit, headers), ("application/vc", LIST_AGE), move |office, public_url| {
        let list = status::read_name(&name).ok_or(Stop::NotFound)?;
        jcs(&status::list(office, public_url, &number, list)?).map_err(Stop::fault)
    })
    .await
}

/// *Not found* for a number that no body ever had.
fn known(office: &Office, number: &str) -> Result<(), Stop> {
    office.public(|sight| store::issuer(&mut sight.tx(), number)?.map(drop).ok_or(Stop::NotFound))
}

/// What stands before the point of an SM2 key: an elliptic curve key (RFC 5480), of the curve sm2p256v1 (GB/T 32918.5).
const NATIONAL_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf,
    0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00,
];

/// An SM2 public key as other programs read it.
fn national_pem(point: &[u8]) -> String {
    let text = BASE64.encode([&NATIONAL_HEAD, point].concat());
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}
