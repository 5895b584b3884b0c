//! The same facts as an SD-JWT VC (RFC 9901): one signature over hashes, and the holder shows those facts that the asker
//! has to know. Ed25519; a holder's key may be bound in.

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use proof::{PublicKey, Signer};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{Flaw, read_json};

const TYP: &str = "dc+sd-jwt";
const HOLDER_TYP: &str = "kb+jwt";
/// Deeper and longer is nobody's certificate.
const DEPTH: usize = 16;
const DISCLOSURES: usize = 256;

/// Claims that are never hidden: without them nobody could judge the rest.
const OPEN: [&str; 9] = ["iss", "iat", "nbf", "exp", "vct", "cnf", "status", "_sd", "_sd_alg"];

/// A fact that the holder may show or keep.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// 16 bytes of chance, for this fact alone.
    pub salt: [u8; 16],
}

/// What is to be issued.
#[derive(Debug, Clone, PartialEq)]
pub struct SdJwt {
    /// Claims that everyone sees: `iss`, `vct`, `iat` and what else is no secret.
    pub open: Map<String, Value>,
    /// Claims that the holder chooses from.
    pub hidden: Vec<Claim>,
    /// The holder's key, if the certificate is to be bound to it.
    pub holder: Option<PublicKey>,
    /// The key's address, as `kid`.
    pub key_id: String,
}

/// What the holder signs when showing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HolderProof<'a> {
    /// For whom.
    pub audience: &'a str,
    /// What they asked with.
    pub nonce: &'a str,
    /// When.
    pub at: Timestamp,
}

/// What was shown, and holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// All claims in the open, those disclosed in their places.
    pub claims: Map<String, Value>,
    /// Whether the holder proved to have the key that is bound in.
    pub is_bound: bool,
}

/// Issues; what comes back ends with `~` and holds every disclosure.
///
/// # Errors
/// When a claim may not be hidden, stands twice, or the signer does not sign.
pub fn issue_sd_jwt(certificate: &SdJwt, signer: &(impl Signer + ?Sized)) -> Result<String, Flaw> {
    let mut payload = certificate.open.clone();
    let (mut disclosures, mut digests) = (Vec::new(), Vec::new());
    let mut names = HashSet::new();
    for claim in &certificate.hidden {
        let reserved = OPEN.contains(&claim.name.as_str()) || claim.name == "...";
        if reserved || payload.contains_key(&claim.name) || !names.insert(&claim.name) {
            return Err(Flaw::SdJwt("该项不能隐藏，或者重复"));
        }
        let disclosure = encoded(&json!([URL_SAFE_NO_PAD.encode(claim.salt), claim.name, claim.value]))?;
        digests.push(digest(&disclosure));
        disclosures.push(disclosure);
    }
    // In the order of the hashes, so that their order says nothing.
    digests.sort_unstable();
    payload.insert("_sd".into(), json!(digests));
    payload.insert("_sd_alg".into(), "sha-256".into());
    if let Some(holder) = &certificate.holder {
        let x = URL_SAFE_NO_PAD.encode(holder.as_bytes());
        payload.insert("cnf".into(), json!({"jwk": {"kty": "OKP", "crv": "Ed25519", "x": x}}));
    }
    let header = json!({"alg": "EdDSA", "typ": TYP, "kid": certificate.key_id});
    let mut text = signed(&header, &Value::Object(payload), signer)?;
    for disclosure in disclosures {
        text.push('~');
        text.push_str(&disclosure);
    }
    text.push('~');
    Ok(text)
}

/// Keeps those disclosures whose claims are named, and has the holder sign for the one who asks.
///
/// # Errors
/// When it is no SD-JWT, or the signer does not sign.
pub fn bind_holder(
    issued: &str,
    shown: &[&str],
    holder: Option<(HolderProof<'_>, &dyn Signer)>,
) -> Result<String, Flaw> {
    let parts = issued.strip_suffix('~').ok_or(Flaw::SdJwt("不以“~”结尾"))?;
    let mut parts = parts.split('~');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if shown.contains(&disclosure(part)?.1.ok_or(Flaw::SdJwt("不是具名的项"))?.as_str()) {
            text.push('~');
            text.push_str(part);
        }
    }
    text.push('~');
    if let Some((proof, signer)) = holder {
        let header = json!({"alg": "EdDSA", "typ": HOLDER_TYP});
        let payload = json!({
            "iat": proof.at.as_second(), "aud": proof.audience, "nonce": proof.nonce, "sd_hash": digest(&text),
        });
        let bound = signed(&header, &payload, signer)?;
        text.push_str(&bound);
    }
    Ok(text)
}

/// Verifies what was shown, against the issuer's key and, where one is expected, the holder's answer.
///
/// # Errors
/// The first check that fails.
pub fn verify_sd_jwt(
    text: &str,
    key: &PublicKey,
    issuer: &str,
    at: Timestamp,
    holder: Option<(&str, &str)>,
) -> Result<Shown, Flaw> {
    let (shown, bound) = text.rsplit_once('~').ok_or(Flaw::SdJwt("没有“~”"))?;
    let mut parts = shown.split('~');
    let jwt = parts.next().unwrap_or_default();
    let (header, payload) = opened(jwt, key)?;
    if header.get("typ").and_then(Value::as_str) != Some(TYP) {
        return Err(Flaw::SdJwt("类型不是 dc+sd-jwt"));
    }
    if payload.get("iss").and_then(Value::as_str) != Some(issuer) {
        return Err(Flaw::NotTheIssuer(issuer.to_owned()));
    }
    if payload.get("vct").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(Flaw::SdJwt("没有凭证类型 vct"));
    }
    if payload.get("_sd_alg").is_some_and(|algorithm| algorithm != "sha-256") {
        return Err(Flaw::SdJwt("摘要算法不是 sha-256"));
    }
    let second = |name: &str| match payload.get(name) {
        None => Ok(None),
        Some(value) => value.as_i64().map(Some).ok_or(Flaw::SdJwt("时间不是整数秒")),
    };
    if let Some(from) = second("nbf")?.filter(|from| *from > at.as_second()) {
        return Err(Flaw::NotYetValid(from.to_string()));
    }
    if let Some(until) = second("exp")?.filter(|until| *until <= at.as_second()) {
        return Err(Flaw::Expired(until.to_string()));
    }
    second("iat")?;

    let mut disclosed = HashMap::new();
    for part in parts {
        if disclosed.len() == DISCLOSURES || disclosed.insert(digest(part), disclosure(part)?).is_some() {
            return Err(Flaw::SdJwt("披露项重复或过多"));
        }
    }
    let mut filling = Filling { disclosed, seen: HashSet::new(), used: HashSet::new() };
    let mut claims = filling.object(payload.clone(), 0)?;
    if filling.used.len() != filling.disclosed.len() {
        return Err(Flaw::SdJwt("披露项不属于这张凭证"));
    }
    claims.remove("_sd_alg");
    // Hidden where nobody may hide: the reader would have judged another certificate.
    if OPEN[..7].iter().any(|name| claims.get(*name) != payload.get(*name)) {
        return Err(Flaw::SdJwt("不能隐藏的项被隐藏"));
    }

    let is_bound = match (holder, bound) {
        (None, "") => false,
        (None, _) => return Err(Flaw::SdJwt("没有要求持有人签名，却带有签名")),
        (Some(_), "") => return Err(Flaw::SdJwt("缺少持有人的签名")),
        (Some((audience, nonce)), bound) => {
            check_holder(bound, &text[..text.len() - bound.len()], &payload, audience, nonce)?;
            true
        }
    };
    Ok(Shown { claims, is_bound })
}

fn check_holder(
    bound: &str,
    shown: &str,
    payload: &Map<String, Value>,
    audience: &str,
    nonce: &str,
) -> Result<(), Flaw> {
    let jwk = payload.get("cnf").and_then(|cnf| cnf.get("jwk")).ok_or(Flaw::SdJwt("凭证没有绑定持有人的密钥"))?;
    let is_ed25519 = jwk.get("kty").is_some_and(|k| k == "OKP") && jwk.get("crv").is_some_and(|c| c == "Ed25519");
    let x = jwk.get("x").and_then(Value::as_str).filter(|_| is_ed25519);
    let bytes = x.and_then(|x| URL_SAFE_NO_PAD.decode(x).ok()).and_then(|bytes| bytes.try_into().ok());
    let key = bytes.and_then(|bytes| PublicKey::from_bytes(&bytes).ok());
    let key = key.ok_or_else(|| Flaw::Key("cnf".into()))?;
    let (header, answer) = opened(bound, &key)?;
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    if header.get("typ").and_then(Value::as_str) != Some(HOLDER_TYP) || !answer.get("iat").is_some_and(Value::is_i64) {
        return Err(Flaw::SdJwt("持有人的签名不合规定"));
    }
    if text("aud") != Some(audience) {
        return Err(Flaw::Domain);
    }
    if text("nonce") != Some(nonce) {
        return Err(Flaw::Challenge);
    }
    if text("sd_hash") == Some(digest(shown).as_str()) { Ok(()) } else { Err(Flaw::Signature) }
}

/// Puts what was disclosed in its place.
struct Filling {
    disclosed: HashMap<String, (Value, Option<String>)>,
    seen: HashSet<String>,
    used: HashSet<String>,
}

impl Filling {
    /// The disclosure behind a digest, if it was shown. A digest stands once in the whole certificate.
    fn behind(&mut self, digest: &Value) -> Result<Option<(Value, Option<String>)>, Flaw> {
        let digest = digest.as_str().ok_or(Flaw::SdJwt("摘要不是文字"))?;
        if !self.seen.insert(digest.to_owned()) {
            return Err(Flaw::SdJwt("摘要重复"));
        }
        let found = self.disclosed.get(digest).cloned();
        if found.is_some() {
            self.used.insert(digest.to_owned());
        }
        Ok(found)
    }

    fn object(&mut self, mut object: Map<String, Value>, depth: usize) -> Result<Map<String, Value>, Flaw> {
        let digests = object.remove("_sd");
        let mut all = Map::new();
        for (name, value) in object {
            if name == "..." {
                return Err(Flaw::SdJwt("“...”不在列表中"));
            }
            let value = self.value(value, depth)?;
            all.insert(name, value);
        }
        let digests = match digests {
            None => Vec::new(),
            Some(Value::Array(digests)) => digests,
            Some(_) => return Err(Flaw::SdJwt("_sd 不是列表")),
        };
        for digest in digests {
            if let Some((value, name)) = self.behind(&digest)? {
                let name = name.ok_or(Flaw::SdJwt("不是具名的项"))?;
                if name == "_sd" || name == "..." || all.contains_key(&name) {
                    return Err(Flaw::SdJwt("披露项的名称不被允许"));
                }
                let value = self.value(value, depth)?;
                all.insert(name, value);
            }
        }
        Ok(all)
    }

    fn value(&mut self, value: Value, depth: usize) -> Result<Value, Flaw> {
        if depth > DEPTH {
            return Err(Flaw::SdJwt("嵌套过深"));
        }
        Ok(match value {
            Value::Object(object) => Value::Object(self.object(object, depth + 1)?),
            Value::Array(items) => {
                let mut all = Vec::new();
                for item in items {
                    match item.get("...").filter(|_| item.as_object().is_some_and(|object| object.len() == 1)) {
                        None => all.push(self.value(item, depth + 1)?),
                        Some(digest) => {
                            if let Some((value, name)) = self.behind(digest)? {
                                if name.is_some() {
                                    return Err(Flaw::SdJwt("列表中的项不应具名"));
                                }
                                all.push(self.value(value, depth + 1)?);
                            }
                        }
                    }
                }
                Value::Array(all)
            }
            other => other,
        })
    }
}

/// Value and, inside an object, name.
fn disclosure(part: &str) -> Result<(Value, Option<String>), Flaw> {
    let wrong = Flaw::SdJwt("披露项不合规定");
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| wrong.clone())?;
    let Value::Array(mut parts) = read_json(&bytes)? else { return Err(wrong) };
    let value = parts.pop();
    match (parts.as_slice(), value) {
        ([Value::String(_), Value::String(name)], Some(value)) => Ok((value, Some(name.clone()))),
        ([Value::String(_)], Some(value)) => Ok((value, None)),
        _ => Err(wrong),
    }
}

fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

fn encoded(value: &Value) -> Result<String, Flaw> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).map_err(|error| Flaw::Json(error.to_string()))?))
}

fn signed(header: &Value, payload: &Value, signer: &(impl Signer + ?Sized)) -> Result<String, Flaw> {
    let message = format!("{}.{}", encoded(header)?, encoded(payload)?);
    let signature = signer.sign(message.as_bytes()).map_err(|error| Flaw::Signer(error.to_string()))?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Header and payload of a JWT that this key signed with Ed25519, and with nothing else.
fn opened(jwt: &str, key: &PublicKey) -> Result<(Value, Map<String, Value>), Flaw> {
    let wrong = || Flaw::SdJwt("不是 JWT");
    let (message, signature) = jwt.rsplit_once('.').ok_or_else(wrong)?;
    let (header, payload) = message.split_once('.').ok_or_else(wrong)?;
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| wrong());
    let header = read_json(&decoded(header)?)?;
    if !["EdDSA", "Ed25519"].contains(&header.get("alg").and_then(Value::as_str).unwrap_or_default()) {
        return Err(Flaw::SdJwt("签名算法不是 EdDSA"));
    }
    if header.get("crit").is_some() {
        return Err(Flaw::SdJwt("含有不认识的关键项（crit）"));
    }
    let signature: [u8; 64] = decoded(signature)?.try_into().map_err(|_| wrong())?;
    if !key.signed(message.as_bytes(), &signature) {
        return Err(Flaw::Signature);
    }
    match read_json(&decoded(payload)?)? {
        Value::Object(payload) => Ok((header, payload)),
        _ => Err(wrong()),
    }
}
