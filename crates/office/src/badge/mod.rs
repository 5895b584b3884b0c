//! 二（二）4: the electronic certificate for programs that never heard of us: an Open Badge under the body's own key, an SD-JWT and
//! a national signature beside it, the body's key document and its status lists (decisions 0033 and 0040). Nothing of it is kept:
//! it is made when it is asked for, and is the same each time.

mod issue;
mod pages;
mod status;
mod store;

use axum::http::Method;
use credential::{StatusPurpose, Suite};
use serde_json::{Value, json};

pub(crate) use issue::{CONTEXTS, TYPE};
pub use pages::pages;
pub(crate) use pages::{download_of, operation};
pub(crate) use store::{ALL, place};

use crate::certificate::Face;
use crate::door::{Office, Stop};
use crate::public_log;
use crate::web::api::Registry;

/// In which form it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadgeForm {
    /// Open Badge, signed for its meaning.
    Rdfc,
    /// Open Badge, signed for its JSON.
    Jcs,
    /// SD-JWT with every disclosure.
    SdJwt,
    /// The national signature beside the first form.
    National,
    /// That its issue stands in the public log.
    Inclusion,
}

impl BadgeForm {
    /// Every form.
    pub const ALL: &'static [Self] = &[Self::Rdfc, Self::Jcs, Self::SdJwt, Self::National, Self::Inclusion];

    /// As addresses end.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rdfc => "vc",
            Self::Jcs => "vc-jcs",
            Self::SdJwt => "sd-jwt",
            Self::National => "sm2",
            Self::Inclusion => "inclusion",
        }
    }

    /// The form with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|form| form.code() == code)
    }

    /// What its file is called after the certificate's number.
    const fn suffix(self) -> &'static str {
        match self {
            Self::Rdfc => ".vc.json",
            Self::Jcs => ".vc-jcs.json",
            Self::SdJwt => ".sd-jwt",
            Self::National => ".sm2.json",
            Self::Inclusion => ".inclusion.json",
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Rdfc | Self::Jcs => "application/vc",
            Self::SdJwt => "application/dc+sd-jwt",
            Self::National | Self::Inclusion => "application/json",
        }
    }
}

/// A certificate in a form of the electronic one.
///
/// # Errors
/// A refusal when it does not stand or has no place in the lists; a fault of reading or signing.
pub fn made(office: &Office, public_url: &str, face: &Face, form: BadgeForm) -> Result<Vec<u8>, Stop> {
    let made = issue::Made::new(office, public_url, face)?;
    let document = match form {
        BadgeForm::SdJwt => return made.sd_jwt().map(String::into_bytes),
        BadgeForm::Rdfc => made.credential(Suite::Rdfc)?,
        BadgeForm::Jcs => made.credential(Suite::Jcs)?,
        BadgeForm::National => made.national()?,
        BadgeForm::Inclusion => {
            let leaf = public_log::issued(office.seals(), face.id, &face.stated())?;
            serde_json::to_value(public_log::logged(office, &leaf.commitment, None)?).map_err(Stop::fault)?
        }
    };
    credential::jcs(&document).map_err(Stop::fault)
}

/// Whether a body's list says that what stands at this place is revoked or suspended; none where it is no list of ours. A list is
/// known by the end of its address, `…/directory/NUMBER/status/revocation-0`.
///
/// # Errors
/// A fault of reading.
pub(crate) fn status(office: &Office, entry: &Value) -> Result<Option<(StatusPurpose, bool)>, Stop> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let read = || {
        let (address, name) = text("statusListCredential")?.rsplit_once("/status/")?;
        let (_, number) = address.rsplit_once("/directory/")?;
        let (purpose, no) = status::read_name(name)?;
        Some((number.to_owned(), purpose, no, text("statusListIndex")?.parse::<u64>().ok()?))
    };
    let Some((number, purpose, no, place)) = read() else { return Ok(None) };
    match status::is_set(office, &number, (purpose, no), place) {
        Ok(is_set) => Ok(Some((purpose, is_set))),
        Err(Stop::NotFound) => Ok(None),
        Err(stop) => Err(stop),
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let of = operation(
        "certificates",
        ("CertificateCredential", "一本证书的电子证书（开放徽章、SD-JWT、国密证明、存证），下载留痕"),
    );
    registry.other(
        Method::GET,
        "/certificates/{certificate}/credential/{form}",
        of,
        axum::routing::get(pages::certificate),
    )
}

/// The forms as the API lists them.
fn forms() -> Value {
    json!(BadgeForm::ALL.iter().map(|form| form.code()).collect::<Vec<_>>())
}
