//! Whose a key is: controller documents, given and never fetched. `did:key` is its own document.

use std::borrow::Cow;
use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use proof::PublicKey;
use serde_json::{Value, json};

use crate::json::each;
use crate::key::{read_multikey, write_multikey};
use crate::model::instant;
use crate::{Flaw, Purpose};

/// The documents that the verifier trusts to speak for their ids: `did:web:…`, or an address.
#[derive(Debug, Default, Clone)]
pub struct Documents(HashMap<String, Value>);

impl Documents {
    /// The documents, each under its own `id`.
    ///
    /// # Errors
    /// [`Flaw::Model`] for one without.
    pub fn new(documents: impl IntoIterator<Item = Value>) -> Result<Self, Flaw> {
        let mut all = HashMap::new();
        for document in documents {
            let id = document.get("id").and_then(Value::as_str).ok_or_else(|| Flaw::model("id", "缺失"))?.to_owned();
            all.insert(id, document);
        }
        Ok(Self(all))
    }

    fn get(&self, id: &str) -> Result<Cow<'_, Value>, Flaw> {
        if let Some(multikey) = id.strip_prefix("did:key:") {
            return Ok(Cow::Owned(did_document(id, &[("", read_multikey(multikey)?)])));
        }
        self.0.get(id).map(Cow::Borrowed).ok_or_else(|| Flaw::UnknownController(id.to_owned()))
    }

    /// The key of a verification method and its controller, if the controller's document authorises it for this
    /// purpose at this instant.
    ///
    /// # Errors
    /// What is wrong with the method or its document.
    pub(crate) fn key(&self, method: &str, purpose: Purpose, at: Timestamp) -> Result<(PublicKey, String), Flaw> {
        let (controller, fragment) = method
            .split_once('#')
            .filter(|(_, fragment)| !fragment.is_empty())
            .ok_or_else(|| Flaw::UnknownMethod(method.to_owned()))?;
        let document = self.get(controller)?;
        if document.get("id").and_then(Value::as_str) != Some(controller) {
            return Err(Flaw::Controller(controller.to_owned()));
        }
        let is_this = |id: &str| id == method || id.strip_prefix('#') == Some(fragment);
        let named = |entry: &Value| entry.get("id").and_then(Value::as_str).is_some_and(is_this);
        let allowed = each(document.get(purpose.name()));
        let embedded = allowed.iter().find(|entry| named(entry));
        let found = embedded.or_else(|| each(document.get("verificationMethod")).iter().find(|entry| named(entry)));
        let found = found.ok_or_else(|| Flaw::UnknownMethod(method.to_owned()))?;
        if embedded.is_none() && !allowed.iter().any(|entry| entry.as_str().is_some_and(is_this)) {
            return Err(Flaw::NotAuthorised(method.to_owned(), purpose.name()));
        }
        if found.get("controller").and_then(Value::as_str) != Some(controller) {
            return Err(Flaw::Controller(controller.to_owned()));
        }
        if found.get("type").and_then(Value::as_str) != Some("Multikey") {
            return Err(Flaw::Key(method.to_owned()));
        }
        for end in ["expires", "revoked"] {
            if let Some(end) = found.get(end) {
                let end = end.as_str().and_then(instant).ok_or_else(|| Flaw::Key(method.to_owned()))?;
                if end <= at {
                    return Err(Flaw::KeyEnded(method.to_owned()));
                }
            }
        }
        let multikey = found.get("publicKeyMultibase").and_then(Value::as_str);
        let key = read_multikey(multikey.ok_or_else(|| Flaw::Key(method.to_owned()))?)?;
        Ok((key, controller.to_owned()))
    }
}

/// The same document with one of its keys as a JSON Web Key too, under a fragment of its own: readers of JWTs know no other form.
pub fn with_json_web_key(mut document: Value, fragment: &str, key: &PublicKey) -> Value {
    let controller = document["id"].as_str().unwrap_or_default().to_owned();
    let id = format!("{controller}#{fragment}");
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(key.as_bytes())});
    let put = |list: &mut Value, value: Value| {
        if let Value::Array(items) = list {
            items.push(value);
        }
    };
    put(&mut document["@context"], "https://w3id.org/security/jwk/v1".into());
    put(&mut document["assertionMethod"], id.as_str().into());
    let method = json!({"id": id, "type": "JsonWebKey", "controller": controller, "publicKeyJwk": jwk});
    put(&mut document["verificationMethod"], method);
    document
}

/// The document of a DID with these keys, each under its fragment (none: under its own Multikey), for assertion and
/// authentication: what the issuer publishes at `did:web`'s address.
pub fn did_document(id: &str, keys: &[(&str, PublicKey)]) -> Value {
    let methods: Vec<Value> = keys
        .iter()
        .map(|(fragment, key)| {
            let multikey = write_multikey(key);
            let fragment = if fragment.is_empty() { &multikey } else { *fragment };
            json!({"id": format!("{id}#{fragment}"), "type": "Multikey", "controller": id, "publicKeyMultibase": multikey})
        })
        .collect();
    let ids: Vec<&Value> = methods.iter().map(|method| &method["id"]).collect();
    json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": id,
        "assertionMethod": ids,
        "authentication": ids,
        "verificationMethod": methods,
    })
}
