//! What a form posted. A form can't be read without the check that it came from a page of ours.

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use rules::permission::ActKind;
use rules::{Day, Refusal};

use super::kept::Kept;
use super::{Visit, Web};
use crate::door::{Caller, FileHash, Office, Stop};

/// A posted form: its texts and its files.
#[derive(Debug, Clone, Default)]
pub struct Posted {
    texts: Vec<(String, String)>,
    files: Vec<PostedFile>,
    /// Whether a part of it could not be read.
    cut_short: bool,
}

/// A file as it was posted. The name is for showing only.
#[derive(Debug, Clone)]
pub struct PostedFile {
    pub field: String,
    pub name: String,
    pub bytes: Bytes,
}

impl FromRequest<Web> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let visit = request.extensions().get::<Visit>().cloned();
        if !from_here(request.headers()) {
            return Err(forged());
        }
        let is_multipart = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with("multipart/form-data"));
        let to = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let mut posted = Self::default();
        let read = if is_multipart {
            let form = Multipart::from_request(request, web).await.map_err(IntoResponse::into_response)?;
            read_multipart(form, &mut posted).await
        } else {
            let bytes = Bytes::from_request(request, web).await.map_err(IntoResponse::into_response);
            bytes.map(|bytes| posted.texts = form_urlencoded::parse(&bytes).into_owned().collect())
        };
        // PostgreSQL can't store it, and nobody types it.
        posted.texts.iter_mut().for_each(|(_, text)| text.retain(|c| c != '\0'));
        if let Some(visit) = visit.as_ref().filter(|visit| !visit.caller.is_signed_in())
            && let Some(kept) = Kept::of(&posted, &to)
        {
            // Set once: a request has one form.
            let _ = visit.kept.set(kept);
        }
        read?;
        match visit {
            Some(visit) if visit.caller.is_signed_in() && posted.text("csrf") != visit.csrf => Err(forged()),
            _ => Ok(posted),
        }
    }
}

impl Posted {
    /// What an address says after its question mark, for a form that is filled in beforehand.
    pub fn of_query(query: &str) -> Self {
        Self { texts: form_urlencoded::parse(query.as_bytes()).into_owned().collect(), ..Self::default() }
    }

    /// Every text as it was sent.
    pub(super) fn texts(&self) -> &[(String, String)] {
        &self.texts
    }

    /// Whether files came with it, read or not.
    pub(super) fn has_files(&self) -> bool {
        self.cut_short || self.files.iter().any(|file| !file.bytes.is_empty())
    }

    /// The text of a field without the blanks around it; empty if it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.texts.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// The text of a field as it was typed, blanks and all: a password.
    pub fn raw(&self, name: &str) -> &str {
        self.texts.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The text of a field, or `None` if it is empty.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Every text sent under this name, as boxes and rows of a table send them.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.texts.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim()).collect()
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// A refusal that names the field.
    pub fn needed(&self, field: &'static str, label: &str) -> Result<String, Stop> {
        self.some(field).ok_or_else(|| missing(field, label))
    }

    /// A day, `2026-12-07`, that must be there.
    ///
    /// # Errors
    /// A refusal that names the field.
    pub fn day(&self, field: &'static str, label: &str) -> Result<Day, Stop> {
        let text = self.needed(field, label)?;
        text.parse().map_err(|_| {
            Refusal::house("填写", format!("{label}“{text}”不是日期"))
                .remedy("请按 2026-12-07 的格式填写")
                .at(field)
                .into()
        })
    }

    /// A whole number that must be there.
    ///
    /// # Errors
    /// A refusal that names the field.
    pub fn int(&self, field: &'static str, label: &str) -> Result<i64, Stop> {
        let text = self.needed(field, label)?;
        text.parse().map_err(|_| {
            Refusal::house("填写", format!("{label}“{text}”不是整数")).remedy("请填写整数，例如 40").at(field).into()
        })
    }

    /// The key that makes a form count once.
    pub fn once(&self) -> Option<String> {
        self.some("once")
    }

    /// The files sent under this name; a file input left empty sends none.
    pub fn files(&self, field: &str) -> impl Iterator<Item = &PostedFile> {
        self.files.iter().filter(move |file| file.field == field && !(file.name.is_empty() && file.bytes.is_empty()))
    }

    /// Keeps the one file sent under this name for the act that will name it; its hash and its name. Whoever is not
    /// granted the act leaves no file behind.
    ///
    /// # Errors
    /// As the door answers who is not granted the act; a refusal when there is no file or it is not taken.
    pub fn keep_file(
        &self,
        office: &Office,
        (caller, act): (&Caller, ActKind),
        (field, label): (&'static str, &str),
    ) -> Result<(FileHash, String), Stop> {
        caller.granted(act)?;
        let file = self.files(field).next().ok_or_else(|| missing(field, label))?;
        let (hash, _) = office.files().keep(&file.bytes)?;
        Ok((hash, file.name.clone()))
    }
}

fn missing(field: &'static str, label: &str) -> Stop {
    Refusal::house("填写", format!("缺少{label}")).remedy(format!("请填写{label}")).at(field).into()
}

/// Browsers say where a request comes from; what comes from another site is not taken.
fn from_here(headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if matches!(header("sec-fetch-site"), Some("cross-site" | "same-site")) {
        return false;
    }
    match (header(ORIGIN.as_str()), header(HOST.as_str())) {
        (Some("null"), _) => false,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
        (Some(_), None) => false,
        (None, _) => true,
    }
}

/// `page::in_words` says what it means.
fn forged() -> Response {
    StatusCode::FORBIDDEN.into_response()
}

/// Reads a form part by part; what came before a part that can't be read stays.
async fn read_multipart(mut form: Multipart, posted: &mut Posted) -> Result<(), Response> {
    while let Some(field) = form.next_field().await.map_err(IntoResponse::into_response)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(plain_name);
        let bytes = field.bytes().await.map_err(|error| {
            posted.cut_short = true;
            error.into_response()
        })?;
        match file_name {
            Some(file_name) => posted.files.push(PostedFile { field: name, name: file_name, bytes }),
            None => posted.texts.push((name, String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    Ok(())
}

/// The last part of a file name, without what could be a path or a control character, 120 characters at most.
pub fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'))
        .take(120)
        .collect()
}
