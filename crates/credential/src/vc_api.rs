//! The W3C VC API as a test profile: what a conformance suite asks of an issuer and a verifier, answered without a network.
//! It issues whatever it is given, under a key of its own; so it is no part of a service that issues certificates.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use proof::{Signer as _, SoftwareKey};
use serde_json::{Map, Value, json};

use crate::json::each;
use crate::model::{check_credential, check_presentation, id_of};
use crate::{
    Contexts, Documents, EXAMPLES_V2, Flaw, ListOf, ProofOptions, Purpose, StatusEntry, StatusList, StatusPurpose,
    Suite, Verifier, add_proof, did_key, place_of, read_json, write_multikey,
};

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// JSON.
    pub body: Value,
}

/// An issuer and verifier for tests.
pub struct VcApi {
    contexts: Contexts,
    key: SoftwareKey,
    secret: [u8; 32],
    did: String,
    base: String,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    issued: u32,
    lists: [StatusList; 2],
    by_id: HashMap<String, u32>,
}

const PURPOSES: [StatusPurpose; 2] = [StatusPurpose::Revocation, StatusPurpose::Suspension];
/// Ids are kept so that a status can be changed by id; a test needs no more.
const REMEMBERED: usize = 100_000;

impl VcApi {
    /// An issuer with this secret, reached at this address.
    pub fn new(secret: [u8; 32], base: impl Into<String>) -> Self {
        let key = SoftwareKey::new(&secret);
        let did = did_key(&key.public());
        let contexts = Contexts::with(&[EXAMPLES_V2]);
        Self { contexts, key, secret, did, base: base.into(), kept: Mutex::default() }
    }

    /// The issuer.
    pub fn did(&self) -> &str {
        &self.did
    }

    /// Answers a request.
    pub fn answer(&self, method: &str, path: &str, body: &[u8], now: Timestamp) -> Answer {
        let answered = match (method, path) {
            ("POST", "/credentials/issue") => self.issue(body, Suite::Rdfc, false, now),
            ("POST", "/jcs/credentials/issue") => self.issue(body, Suite::Jcs, false, now),
            ("POST", "/bsl/credentials/issue") => self.issue(body, Suite::Rdfc, true, now),
            ("POST", "/credentials/status") => self.set_status(body),
            ("POST", "/credentials/verify") => Ok(self.verify(body, now)),
            ("POST", "/presentations/verify") => Ok(self.verify_presentation(body, now)),
            ("GET", "/") => {
                Ok(Answer { status: 200, body: json!({"issuer": self.did, "verificationMethod": self.method()}) })
            }
            ("GET", list) if list.starts_with("/status/") => match self.list(&format!("{}{list}", self.base), now) {
                Some(document) => Ok(Answer { status: 200, body: document }),
                None => Ok(nothing(404, "没有这个状态列表")),
            },
            ("POST" | "GET", _) => Ok(nothing(404, "没有这个地址")),
            _ => Ok(nothing(405, "不支持这种请求")),
        };
        answered.unwrap_or_else(|flaw| Answer { status: 400, body: problem(&flaw) })
    }

    fn method(&self) -> String {
        format!("{}#{}", self.did, write_multikey(&self.key.public()))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn options(&self, suite: Suite, now: Timestamp) -> ProofOptions {
        ProofOptions::assertion(suite, self.method(), now)
    }

    fn issue(&self, body: &[u8], suite: Suite, with_status: bool, now: Timestamp) -> Result<Answer, Flaw> {
        let mut body = request(body, &["credential", "options"])?;
        let mut credential = body.remove("credential").ok_or_else(|| Flaw::model("credential", "缺失"))?;
        check_credential(&self.contexts, &credential)?;
        // Only what this issuer says can it sign: whatever issuer stood there, the credential is its own.
        match &mut credential["issuer"] {
            Value::Object(issuer) => {
                issuer.insert("id".into(), self.did.clone().into());
            }
            issuer => *issuer = self.did.clone().into(),
        }
        if with_status {
            self.add_status(&mut credential)?;
        }
        let signed = add_proof(&self.contexts, credential, &self.options(suite, now), &self.key)?;
        Ok(Answer { status: 201, body: json!({"verifiableCredential": signed}) })
    }

    fn add_status(&self, credential: &mut Value) -> Result<(), Flaw> {
        let mut kept = self.kept();
        let place = place_of(&self.secret, 0, kept.issued).ok_or(Flaw::StatusListLength)?;
        kept.issued += 1;
        if let Some(id) = credential.get("id").and_then(Value::as_str)
            && kept.by_id.len() < REMEMBERED
        {
            kept.by_id.insert(id.to_owned(), place);
        }
        let mut all = each(credential.get("credentialStatus")).to_vec();
        for purpose in PURPOSES {
            all.push(StatusEntry { purpose, list: self.address(purpose), place }.document());
        }
        credential["credentialStatus"] = Value::Array(all);
        Ok(())
    }

    fn address(&self, purpose: StatusPurpose) -> String {
        format!("{}/status/{}", self.base, 1 + purpose as usize)
    }

    /// The list at an address, signed now.
    fn list(&self, url: &str, now: Timestamp) -> Option<Value> {
        let purpose = PURPOSES.into_iter().find(|purpose| self.address(*purpose) == url)?;
        let kept = self.kept();
        let bits = &kept.lists[purpose as usize];
        // A list is good from some time before now, so that clocks that go a little wrong do not matter.
        let valid_from = now.saturating_sub(jiff::SignedDuration::from_mins(5)).ok()?;
        let list = ListOf { id: url, issuer: &self.did, purpose, valid_from, valid_until: None, bits };
        add_proof(&self.contexts, list.document().ok()?, &self.options(Suite::Rdfc, now), &self.key).ok()
    }

    fn set_status(&self, body: &[u8]) -> Result<Answer, Flaw> {
        let body = request(body, &["credentialId", "credentialStatus", "status", "indexAllocator", "options"])?;
        let wanted = each(body.get("credentialStatus"));
        let is_set = match body.get("status").or_else(|| wanted.first().and_then(|entry| entry.get("status"))) {
            None => true,
            Some(Value::Bool(is_set)) => *is_set,
            Some(Value::String(text)) if text == "1" || text == "0" => text == "1",
            Some(_) => return Err(Flaw::model("status", "不是真假值")),
        };
        let mut kept = self.kept();
        let place = body.get("credentialId").and_then(Value::as_str).and_then(|id| kept.by_id.get(id).copied());
        let mut changes = Vec::new();
        for entry in wanted {
            let purpose = entry.get("statusPurpose").and_then(Value::as_str).unwrap_or("revocation");
            let purpose = PURPOSES.into_iter().find(|known| known.name() == purpose);
            let purpose = purpose.ok_or_else(|| Flaw::model("credentialStatus.statusPurpose", "不是本列表的用途"))?;
            let index = entry.get("statusListIndex").and_then(Value::as_str).and_then(|index| index.parse().ok());
            let place = index.or(place).ok_or_else(|| Flaw::model("credentialId", "不是在此签发的凭证"))?;
            changes.push((purpose, place));
        }
        if changes.is_empty() {
            return Err(Flaw::model("credentialStatus", "缺失"));
        }
        for (purpose, place) in changes {
            kept.lists[purpose as usize].set(place, is_set)?;
        }
        Ok(Answer { status: 200, body: json!({"status": is_set}) })
    }

    fn verify(&self, body: &[u8], now: Timestamp) -> Answer {
        let judged = (|| {
            let body = request(body, &["verifiableCredential", "options"])?;
            let credential =
                body.get("verifiableCredential").ok_or_else(|| Flaw::model("verifiableCredential", "缺失"))?;
            let options = options(&body)?;
            let purpose = options.get("expectedProofPurpose").and_then(Value::as_str);
            if let Some(wanted) = purpose.filter(|wanted| *wanted != Purpose::Assertion.name()) {
                return Err(Flaw::ProofPurpose { found: wanted.to_owned(), wanted: Purpose::Assertion.name() });
            }
            let text = |name: &str| options.get(name).and_then(Value::as_str);
            self.judged(now, |verifier| verifier.credential_for(credential, text("domain"), text("challenge")))?;
            Ok(credential.clone())
        })();
        match judged {
            Ok(credential) => {
                let body =
                    json!({"verified": true, "credential": credential, "problemDetails": [], "checks": ["proof"]});
                Answer { status: 200, body }
            }
            Err(flaw) => unverified(&flaw),
        }
    }

    fn verify_presentation(&self, body: &[u8], now: Timestamp) -> Answer {
        let judged = (|| {
            let body = request(body, &["verifiablePresentation", "presentation", "options"])?;
            let options = options(&body)?;
            let text = |name: &str| options.get(name).and_then(Value::as_str);
            if let Some(presentation) = body.get("verifiablePresentation") {
                self.judged(now, |verifier| verifier.presentation(presentation, text("domain"), text("challenge")))?;
                return Ok(presentation.clone());
            }
            // Shown without a signature of the holder: what is in it still has to hold.
            let shown = body.get("presentation").ok_or_else(|| Flaw::model("verifiablePresentation", "缺失"))?;
            check_presentation(shown)?;
            for credential in each(shown.get("verifiableCredential")) {
                self.judged(now, |verifier| verifier.credential(credential))?;
            }
            Ok(shown.clone())
        })();
        match judged {
            Ok(presentation) => {
                let credentials: Vec<Value> = each(presentation.get("verifiableCredential"))
                    .iter()
                    .map(|one| json!({"verified": true, "issuer": one.get("issuer").and_then(id_of)}))
                    .collect();
                let body = json!({
                    "verified": true, "problemDetails": [],
                    "presentationResult": {"verified": true}, "credentialResults": credentials,
                });
                Answer { status: 200, body }
            }
            Err(flaw) => unverified(&flaw),
        }
    }

    fn judged<T>(&self, now: Timestamp, judge: impl FnOnce(&Verifier<'_>) -> Result<T, Flaw>) -> Result<T, Flaw> {
        let documents = Documents::default();
        let lists = |url: &str| self.list(url, now);
        judge(&Verifier { contexts: &self.contexts, documents: &documents, lists: &lists, at: now })
    }
}

/// The object of a request, with no other members than these.
fn request(body: &[u8], members: &[&str]) -> Result<Map<String, Value>, Flaw> {
    let Value::Object(body) = read_json(body)? else { return Err(Flaw::Json("not an object".into())) };
    match body.keys().find(|name| !members.contains(&name.as_str())) {
        Some(unknown) => Err(Flaw::model(unknown.as_str(), "不是这个请求的参数")),
        None => Ok(body),
    }
}

fn options(body: &Map<String, Value>) -> Result<Map<String, Value>, Flaw> {
    match body.get("options") {
        None => Ok(Map::new()),
        Some(Value::Object(options)) => Ok(options.clone()),
        Some(_) => Err(Flaw::model("options", "不是对象")),
    }
}

/// RFC 9457, with the kinds that the specifications name.
fn problem(flaw: &Flaw) -> Value {
    let title = flaw.kind().rsplit('#').next().unwrap_or_default();
    json!({"type": flaw.kind(), "title": title, "status": 400, "detail": flaw.to_string()})
}

fn unverified(flaw: &Flaw) -> Answer {
    let mut body = problem(flaw);
    body["verified"] = false.into();
    body["problemDetails"] = json!([problem(flaw)]);
    Answer { status: 400, body }
}

fn nothing(status: u16, detail: &str) -> Answer {
    Answer { status, body: json!({"type": "about:blank", "title": "HTTP", "status": status, "detail": detail}) }
}
