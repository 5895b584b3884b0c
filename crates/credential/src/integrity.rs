//! Data Integrity proofs, `eddsa-rdfc-2022` and `eddsa-jcs-2022`: made and checked, alone, as sets and as chains.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use proof::Signer;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::json::each;
use crate::key::{read_signature, write_signature};
use crate::model::{instant, is_url};
use crate::{Contexts, Documents, Flaw, canonical, jcs};

/// Clocks of issuer and verifier may differ by so much.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// As many proofs are looked at; no office needs more on one paper.
const PROOFS: usize = 16;

/// How a document becomes the bytes that are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// Its meaning: `eddsa-rdfc-2022`.
    Rdfc,
    /// Its JSON: `eddsa-jcs-2022`.
    Jcs,
}

impl Suite {
    /// As proofs name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rdfc => "eddsa-rdfc-2022",
            Self::Jcs => "eddsa-jcs-2022",
        }
    }

    fn hash(self, contexts: &Contexts, document: &Value) -> Result<[u8; 32], Flaw> {
        Ok(match self {
            Self::Rdfc => Sha256::digest(canonical(contexts, document)?),
            Self::Jcs => Sha256::digest(jcs(document)?),
        }
        .into())
    }
}

/// What a proof is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The issuer states it.
    Assertion,
    /// The holder shows it.
    Authentication,
}

impl Purpose {
    /// As proofs and key documents name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assertion => "assertionMethod",
            Self::Authentication => "authentication",
        }
    }
}

/// What the proof says beside the signature.
#[derive(Debug, Clone)]
pub struct ProofOptions {
    /// How the document becomes bytes.
    pub suite: Suite,
    /// The key's address: `did:web:…#…`.
    pub verification_method: String,
    /// What it is for.
    pub purpose: Purpose,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Until when it is good.
    pub expires: Option<Timestamp>,
    /// For whom a presentation was made.
    pub domain: Option<String>,
    /// What a presentation answers.
    pub challenge: Option<String>,
    /// The proof's own id, for others to build on.
    pub id: Option<String>,
    /// Ids of the proofs that it builds on.
    pub previous: Vec<String>,
}

impl ProofOptions {
    /// A statement by this key at this instant.
    pub fn assertion(suite: Suite, verification_method: impl Into<String>, created: Timestamp) -> Self {
        Self {
            suite,
            verification_method: verification_method.into(),
            purpose: Purpose::Assertion,
            created: Some(created),
            expires: None,
            domain: None,
            challenge: None,
            id: None,
            previous: Vec::new(),
        }
    }

    fn config(&self) -> Map<String, Value> {
        let mut config = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                config.insert(name.to_owned(), value);
            }
        };
        put("type", Some("DataIntegrityProof".into()));
        put("cryptosuite", Some(self.suite.name().into()));
        put("id", self.id.clone().map(Value::from));
        put("created", self.created.map(|at| written(at).into()));
        put("expires", self.expires.map(|at| written(at).into()));
        put("verificationMethod", Some(self.verification_method.clone().into()));
        put("proofPurpose", Some(self.purpose.name().into()));
        put("domain", self.domain.clone().map(Value::from));
        put("challenge", self.challenge.clone().map(Value::from));
        put(
            "previousProof",
            match &self.previous[..] {
                [] => None,
                [one] => Some(one.clone().into()),
                many => Some(json!(many)),
            },
        );
        config
    }
}

/// An instant to the second in UTC.
pub(crate) fn written(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Adds a proof. One that is there already stays beside it (a set), and is covered where it is named (a chain).
///
/// # Errors
/// When the document can't be covered whole, a previous proof is missing, or the signer does not sign.
pub fn add_proof(
    contexts: &Contexts,
    mut document: Value,
    options: &ProofOptions,
    signer: &(impl Signer + ?Sized),
) -> Result<Value, Flaw> {
    let Value::Object(map) = &mut document else { return Err(Flaw::JsonLd("a document is an object".into())) };
    let mut proofs = match map.remove("proof") {
        None => Vec::new(),
        Some(Value::Array(proofs)) => proofs,
        Some(one) => vec![one],
    };
    let mut config = options.config();
    if let (Suite::Jcs, Some(context)) = (options.suite, map.get("@context")) {
        config.insert("@context".into(), context.clone());
    }
    let previous: Vec<&str> = options.previous.iter().map(String::as_str).collect();
    let message = with_previous(&mut document, &proofs, &previous, |document| {
        message(contexts, options.suite, document, config.clone())
    })?;
    let signature = signer.sign(&message).map_err(|error| Flaw::Signer(error.to_string()))?;
    config.insert("proofValue".into(), write_signature(&signature).into());
    let new = Value::Object(config);
    if let Value::Object(map) = &mut document {
        let all = if proofs.is_empty() {
            new
        } else {
            proofs.push(new);
            Value::Array(proofs)
        };
        map.insert("proof".into(), all);
    }
    Ok(document)
}

/// Both hashes, that of the proof first.
fn message(
    contexts: &Contexts,
    suite: Suite,
    document: &Value,
    mut config: Map<String, Value>,
) -> Result<[u8; 64], Flaw> {
    if suite == Suite::Rdfc
        && let Some(context) = document.get("@context")
    {
        config.insert("@context".into(), context.clone());
    }
    let mut message = [0; 64];
    message[..32].copy_from_slice(&suite.hash(contexts, &Value::Object(config))?);
    message[32..].copy_from_slice(&suite.hash(contexts, document)?);
    Ok(message)
}

/// The document as a proof sees it: with the proofs that it builds on, and no others.
fn with_previous<T>(
    document: &mut Value,
    proofs: &[Value],
    previous: &[&str],
    seen: impl FnOnce(&Value) -> Result<T, Flaw>,
) -> Result<T, Flaw> {
    if previous.is_empty() {
        return seen(document);
    }
    let is_named = |proof: &&Value| proof.get("id").and_then(Value::as_str).is_some_and(|id| previous.contains(&id));
    let matching: Vec<Value> = proofs.iter().filter(is_named).cloned().collect();
    for id in previous {
        if !matching.iter().any(|proof| proof.get("id").and_then(Value::as_str) == Some(id)) {
            return Err(Flaw::PreviousProof((*id).to_owned()));
        }
    }
    if let Value::Object(map) = document {
        map.insert("proof".into(), Value::Array(matching));
    }
    let result = seen(document);
    if let Value::Object(map) = document {
        map.remove("proof");
    }
    result
}

/// What a verifier expects of every proof.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// Now.
    pub at: Timestamp,
    /// For whom.
    pub domain: Option<&'a str>,
    /// The answer to what.
    pub challenge: Option<&'a str>,
}

/// Checks every proof of a document and says who made them, in their order. Each has to hold.
///
/// # Errors
/// The first check that fails.
pub fn check_proofs(
    contexts: &Contexts,
    documents: &Documents,
    document: &Value,
    expected: Expected<'_>,
) -> Result<Vec<String>, Flaw> {
    let Value::Object(map) = document else { return Err(Flaw::NoProof) };
    let mut unsigned = map.clone();
    let proofs = match unsigned.remove("proof") {
        None | Some(Value::Null) => return Err(Flaw::NoProof),
        Some(Value::Array(proofs)) if proofs.is_empty() => return Err(Flaw::NoProof),
        Some(Value::Array(proofs)) => proofs,
        Some(one) => vec![one],
    };
    if proofs.len() > PROOFS {
        return Err(Flaw::Proof { at: "proof", what: "过多" });
    }
    check_chain(&proofs)?;
    let mut unsigned = Value::Object(unsigned);
    proofs.iter().map(|proof| check_proof(contexts, documents, &mut unsigned, &proofs, proof, expected)).collect()
}

/// Ids stand once, and who follows the previous proofs comes to an end.
fn check_chain(proofs: &[Value]) -> Result<(), Flaw> {
    let mut by_id = HashMap::new();
    for proof in proofs {
        if let Some(id) = proof.get("id") {
            let id =
                id.as_str().filter(|id| is_url(id)).ok_or(Flaw::Proof { at: "id", what: "不是标识（URI）" })?;
            if by_id.insert(id, proof).is_some() {
                return Err(Flaw::ProofChain);
            }
        }
    }
    for proof in proofs {
        let mut waiting = previous(proof)?;
        let mut seen = HashSet::new();
        while let Some(id) = waiting.pop() {
            let before = by_id.get(id).ok_or_else(|| Flaw::PreviousProof(id.to_owned()))?;
            if std::ptr::eq(*before, proof) {
                return Err(Flaw::ProofChain);
            }
            if seen.insert(id) {
                waiting.extend(previous(before)?);
            }
        }
    }
    Ok(())
}

fn previous(proof: &Value) -> Result<Vec<&str>, Flaw> {
    let wrong = Flaw::Proof { at: "previousProof", what: "不是标识" };
    each(proof.get("previousProof")).iter().map(Value::as_str).collect::<Option<_>>().ok_or(wrong)
}

fn check_proof(
    contexts: &Contexts,
    documents: &Documents,
    unsigned: &mut Value,
    proofs: &[Value],
    proof: &Value,
    expected: Expected<'_>,
) -> Result<String, Flaw> {
    let Value::Object(proof) = proof else { return Err(Flaw::Proof { at: "proof", what: "不是对象" }) };
    let text = |at: &'static str| match proof.get(at) {
        Some(Value::String(text)) => Ok(text.as_str()),
        None => Err(Flaw::Proof { at, what: "缺失" }),
        Some(_) => Err(Flaw::Proof { at, what: "不是文字" }),
    };
    let kind = text("type")?;
    if kind != "DataIntegrityProof" {
        return Err(Flaw::ProofType(kind.to_owned()));
    }
    let suite = match text("cryptosuite")? {
        "eddsa-rdfc-2022" => Suite::Rdfc,
        "eddsa-jcs-2022" => Suite::Jcs,
        other => return Err(Flaw::Cryptosuite(other.to_owned())),
    };
    let purpose = text("proofPurpose")?;
    if purpose != expected.purpose.name() {
        return Err(Flaw::ProofPurpose { found: purpose.to_owned(), wanted: expected.purpose.name() });
    }
    let method = text("verificationMethod")?;
    if !is_url(method) {
        return Err(Flaw::Proof { at: "verificationMethod", what: "不是标识（URI）" });
    }
    check_times(proof, expected.at)?;
    check_audience(proof, expected)?;
    let signature = read_signature(text("proofValue")?)?;

    let mut config = proof.clone();
    config.remove("proofValue");
    let mut narrowed = None;
    if let Some(own) = proof.get("@context") {
        // Those who extended the contexts afterwards did not change what the proof's own ones say.
        let whole = each(unsigned.get("@context"));
        if !whole.starts_with(each(Some(own))) {
            return Err(Flaw::ProofContext);
        }
        if suite == Suite::Jcs && unsigned.get("@context") != Some(own) {
            let mut copy = unsigned.clone();
            copy["@context"] = own.clone();
            narrowed = Some(copy);
        }
        if suite == Suite::Rdfc {
            config.remove("@context");
        }
    }
    let (key, controller) = documents.key(method, expected.purpose, expected.at)?;
    let ids = previous(&Value::Object(proof.clone()))?.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let document = narrowed.as_mut().unwrap_or(unsigned);
    let message = with_previous(document, proofs, &ids, |document| message(contexts, suite, document, config))?;
    if key.signed(&message, &signature) { Ok(controller) } else { Err(Flaw::Signature) }
}

fn check_times(proof: &Map<String, Value>, at: Timestamp) -> Result<(), Flaw> {
    let time = |name: &'static str| match proof.get(name) {
        None => Ok(None),
        Some(value) => {
            let found =
                value.as_str().and_then(instant).ok_or(Flaw::Proof { at: name, what: "不是带时区的时间" })?;
            Ok(Some(found))
        }
    };
    if let Some(created) = time("created")?
        && created > at.saturating_add(SKEW).unwrap_or(Timestamp::MAX)
    {
        return Err(Flaw::ProofFromFuture(written(created)));
    }
    if let Some(expires) = time("expires")?
        && expires <= at
    {
        return Err(Flaw::ProofExpired(written(expires)));
    }
    Ok(())
}

fn check_audience(proof: &Map<String, Value>, expected: Expected<'_>) -> Result<(), Flaw> {
    let domains = each(proof.get("domain"));
    if domains.iter().any(|domain| !domain.is_string()) {
        return Err(Flaw::Proof { at: "domain", what: "不是文字" });
    }
    if proof.get("challenge").is_some_and(|challenge| !challenge.is_string()) {
        return Err(Flaw::Proof { at: "challenge", what: "不是文字" });
    }
    if let Some(wanted) = expected.domain
        && !domains.iter().any(|domain| domain == wanted)
    {
        return Err(Flaw::Domain);
    }
    if let Some(wanted) = expected.challenge
        && proof.get("challenge").and_then(Value::as_str) != Some(wanted)
    {
        return Err(Flaw::Challenge);
    }
    Ok(())
}
