//! The data model of Verifiable Credentials 2.0: which properties there have to be, and what they may hold.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::canon::is_whole;
use crate::json::each;
use crate::{CREDENTIALS_V2, Contexts, Flaw};

/// The instant that an XML Schema dateTimeStamp writes: whole, with its offset from UTC.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let date = bytes.get(..19)?;
    let digits = |range: std::ops::Range<usize>| date[range].iter().all(u8::is_ascii_digit);
    let is_date = [0..4, 5..7, 8..10, 11..13, 14..16, 17..19].into_iter().all(digits)
        && (date[4], date[7], date[10], date[13], date[16]) == (b'-', b'-', b'T', b':', b':');
    let rest = &text.get(19..)?;
    let zone = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if zone.len() == fraction.len() {
                return None;
            }
            zone
        }
    };
    let zone = zone.as_bytes();
    let is_offset = zone.len() == 6
        && matches!(zone[0], b'+' | b'-')
        && zone[3] == b':'
        && [1, 2, 4, 5].into_iter().all(|at| zone[at].is_ascii_digit());
    (is_date && (zone == b"Z" || is_offset)).then(|| text.parse().ok()).flatten()
}

/// Whether this is a whole reference, with a scheme.
pub(crate) fn is_url(text: &str) -> bool {
    is_whole(text)
}

fn check_url(at: &str, value: Option<&Value>) -> Result<(), Flaw> {
    match value {
        None => Ok(()),
        Some(Value::String(url)) if is_url(url) => Ok(()),
        Some(_) => Err(Flaw::model(at, "不是一个标识（URI）")),
    }
}

fn must_url(at: &str, value: Option<&Value>) -> Result<(), Flaw> {
    value.map_or_else(|| Err(Flaw::model(at, "缺失")), |value| check_url(at, Some(value)))
}

/// Whether `type` holds this word.
pub(crate) fn is_of_type(value: &Value, word: &str) -> bool {
    each(value.get("type")).iter().any(|kind| kind == word)
}

/// The id of an issuer or holder, written as a text or inside an object.
pub(crate) fn id_of(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("id").and_then(Value::as_str))
}

fn check_types(value: &Value, wanted: &str) -> Result<(), Flaw> {
    let types = each(value.get("type"));
    if types.is_empty() || !types.iter().all(|kind| kind.as_str().is_some_and(|kind| !kind.is_empty())) {
        return Err(Flaw::model("type", "缺失或不是文字"));
    }
    if is_of_type(value, wanted) { Ok(()) } else { Err(Flaw::model("type", "缺少必需的类型")) }
}

fn check_contexts(value: &Value) -> Result<(), Flaw> {
    let wrong = |what| Err(Flaw::model("@context", what));
    let Some(Value::Array(contexts)) = value.get("@context") else { return wrong("不是有序的列表") };
    if contexts.first().and_then(Value::as_str) != Some(CREDENTIALS_V2) {
        return wrong("的第一项不是可验证凭证 2.0 的上下文");
    }
    let fits = |context: &Value| match context {
        Value::String(url) => is_url(url),
        other => other.is_object(),
    };
    if contexts.iter().all(fits) { Ok(()) } else { wrong("含有既非网址也非对象的项") }
}

/// A text, or texts with language and direction.
fn check_words(at: &str, value: Option<&Value>) -> Result<(), Flaw> {
    let fits = |word: &Value| match word {
        Value::String(_) => true,
        Value::Object(map) => {
            map.get("@value").is_some_and(Value::is_string)
                && map.iter().all(|(name, value)| {
                    ["@value", "@language", "@direction"].contains(&name.as_str()) && value.is_string()
                })
        }
        _ => false,
    };
    if value.is_some_and(|value| value.as_array().is_some_and(Vec::is_empty)) || !each(value).iter().all(fits) {
        return Err(Flaw::model(at, "不是文字或带语言的文字"));
    }
    Ok(())
}

/// Objects that name their kind; `with_id` those that also have to say which one.
fn check_typed(credential: &Value, at: &str, with_id: bool) -> Result<(), Flaw> {
    for entry in each(credential.get(at)) {
        if !entry.is_object() {
            return Err(Flaw::model(at, "不是对象"));
        }
        let types = each(entry.get("type"));
        if types.is_empty() || !types.iter().all(|kind| kind.as_str().is_some_and(|kind| !kind.is_empty())) {
            return Err(Flaw::model(format!("{at}.type"), "缺失或不是文字"));
        }
        let id = format!("{at}.id");
        if with_id { must_url(&id, entry.get("id"))? } else { check_url(&id, entry.get("id"))? }
    }
    Ok(())
}

/// Checks a credential against the data model; the proof is another matter.
///
/// # Errors
/// The first property that is not as it has to be.
pub fn check_credential(contexts: &Contexts, credential: &Value) -> Result<(), Flaw> {
    if !credential.is_object() {
        return Err(Flaw::model("verifiableCredential", "不是对象"));
    }
    check_contexts(credential)?;
    check_types(credential, "VerifiableCredential")?;
    check_url("id", credential.get("id"))?;
    let issuer = credential.get("issuer").ok_or_else(|| Flaw::model("issuer", "缺失"))?;
    if issuer.is_array() || !id_of(issuer).is_some_and(is_url) {
        return Err(Flaw::model("issuer", "不是一个标识（URI）"));
    }
    for (at, words) in [("", credential), ("issuer.", issuer)] {
        check_words(&format!("{at}name"), words.get("name"))?;
        check_words(&format!("{at}description"), words.get("description"))?;
    }
    let subjects = each(credential.get("credentialSubject"));
    if subjects.is_empty() || subjects.iter().any(|s| s.as_object().is_none_or(serde_json::Map::is_empty)) {
        return Err(Flaw::model("credentialSubject", "缺失或为空"));
    }
    for subject in subjects {
        check_url("credentialSubject.id", subject.get("id"))?;
    }
    check_validity(credential)?;
    check_status(credential)?;
    check_typed(credential, "credentialSchema", true)?;
    for at in ["termsOfUse", "evidence", "refreshService", "confidenceMethod", "renderMethod"] {
        check_typed(credential, at, false)?;
    }
    check_resources(contexts, credential)
}

fn check_validity(credential: &Value) -> Result<(), Flaw> {
    let time = |at: &str| match credential.get(at) {
        None => Ok(None),
        Some(value) => value.as_str().and_then(instant).map(Some).ok_or_else(|| Flaw::model(at, "不是带时区的时间")),
    };
    if let (Some(from), Some(until)) = (time("validFrom")?, time("validUntil")?)
        && until < from
    {
        return Err(Flaw::model("validUntil", "早于 validFrom"));
    }
    Ok(())
}

fn check_status(credential: &Value) -> Result<(), Flaw> {
    check_typed(credential, "credentialStatus", false)?;
    for entry in each(credential.get("credentialStatus")) {
        if !is_of_type(entry, "BitstringStatusListEntry") {
            continue;
        }
        if entry.get("statusPurpose").and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(Flaw::model("credentialStatus.statusPurpose", "缺失或不是文字"));
        }
        let index = entry.get("statusListIndex").and_then(Value::as_str);
        if !index.is_some_and(|index| !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit())) {
            return Err(Flaw::model("credentialStatus.statusListIndex", "不是十进制数的文字"));
        }
        must_url("credentialStatus.statusListCredential", entry.get("statusListCredential"))?;
        if let Some(size) = entry.get("statusSize")
            && size.as_u64().is_none_or(|size| size == 0)
        {
            return Err(Flaw::model("credentialStatus.statusSize", "不是正整数"));
        }
    }
    Ok(())
}

/// What the credential says of other resources; where it is one of our contexts, the digest is compared.
fn check_resources(contexts: &Contexts, credential: &Value) -> Result<(), Flaw> {
    let mut seen = Vec::new();
    for resource in each(credential.get("relatedResource")) {
        let id = resource.get("id").and_then(Value::as_str).filter(|id| is_url(id));
        let id = id.ok_or_else(|| Flaw::model("relatedResource.id", "缺失或不是标识（URI）"))?;
        if seen.contains(&id) {
            return Err(Flaw::model("relatedResource.id", "重复"));
        }
        seen.push(id);
        let sri = resource.get("digestSRI");
        let multibase = resource.get("digestMultibase");
        if sri.is_none() && multibase.is_none() {
            return Err(Flaw::model("relatedResource", "没有摘要"));
        }
        for digest in each(sri).iter().chain(each(multibase)) {
            let digest = digest.as_str().filter(|digest| !digest.starts_with('u') || multihash(digest).is_some());
            let digest = digest.ok_or_else(|| Flaw::model("relatedResource", "的摘要不合规定"))?;
            if contexts.text(id).is_some_and(|text| has_digest(text.as_bytes(), digest) == Some(false)) {
                return Err(Flaw::ResourceDigest(id.to_owned()));
            }
        }
    }
    Ok(())
}

/// Whether these bytes have this digest, in the forms `sha384-…` or multibase; none for a form that is not known here.
fn has_digest(bytes: &[u8], digest: &str) -> Option<bool> {
    if let Some((algorithm, encoded)) = digest.split_once('-').filter(|(name, _)| name.starts_with("sha")) {
        let found = match algorithm {
            "sha256" => STANDARD.encode(Sha256::digest(bytes)),
            "sha384" => STANDARD.encode(Sha384::digest(bytes)),
            "sha512" => STANDARD.encode(Sha512::digest(bytes)),
            _ => return None,
        };
        return Some(found == encoded);
    }
    let (algorithm, found) = multihash(digest)?;
    Some(match algorithm {
        0x12 => found == Sha256::digest(bytes).as_slice(),
        0x20 => found == Sha384::digest(bytes).as_slice(),
        _ => found == Sha512::digest(bytes).as_slice(),
    })
}

/// Algorithm and digest of a multihash of SHA-2 in base 64 with its `u`.
fn multihash(digest: &str) -> Option<(u8, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(digest.strip_prefix('u')?).ok()?;
    match bytes.split_first_chunk()? {
        (&[algorithm @ 0x12, 32] | &[algorithm @ 0x20, 48] | &[algorithm @ 0x13, 64], digest)
            if digest.len() == usize::from(bytes[1]) =>
        {
            Some((algorithm, digest.to_vec()))
        }
        _ => None,
    }
}

/// Checks a presentation against the data model, without the credentials in it.
///
/// # Errors
/// The first property that is not as it has to be.
pub fn check_presentation(presentation: &Value) -> Result<(), Flaw> {
    if !presentation.is_object() {
        return Err(Flaw::model("verifiablePresentation", "不是对象"));
    }
    check_contexts(presentation)?;
    check_types(presentation, "VerifiablePresentation")?;
    check_url("id", presentation.get("id"))?;
    if let Some(holder) = presentation.get("holder")
        && (holder.is_array() || !id_of(holder).is_some_and(is_url))
    {
        return Err(Flaw::model("holder", "不是一个标识（URI）"));
    }
    check_typed(presentation, "termsOfUse", false)?;
    let credentials = each(presentation.get("verifiableCredential"));
    if credentials.iter().all(Value::is_object) {
        Ok(())
    } else {
        Err(Flaw::model("verifiableCredential", "不是对象"))
    }
}
