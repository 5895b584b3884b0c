//! The statement of a certificate, signed and read back.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{PublicKey, SignError, Signer, hex, unhex};

/// Stands before every signed text, so that a signature made for something else never passes for a statement.
const CONTEXT: &[u8] = b"jiangce statement 1\n";

/// What a body states about one certificate. Days are ISO text. Whose it is, it says only to those who know the name
/// and the number of the identity document already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// 证书编号, 22 characters.
    pub number: String,
    /// 评价机构, the name as filed.
    pub body: String,
    /// 机构备案编号, 13 characters.
    pub filing_number: String,
    /// Occupation code.
    pub occupation_code: String,
    /// Occupation.
    pub occupation: String,
    /// Level in full: `三级/高级工`.
    pub level: String,
    /// Day of the last examination.
    pub exam_on: String,
    /// Day of issue.
    pub issued_on: String,
    /// Makes the holder's hash unlike any other of the same person.
    pub salt: String,
    /// [`holder_hash`] of the holder.
    pub holder: String,
    /// Where the certificate's state of today is shown.
    pub url: String,
    /// Id of the key that signs.
    pub key: String,
}

/// SHA-256 over salt, name and identity number, a line each: 64 hexadecimal digits.
pub fn holder_hash(salt: &str, name: &str, id_number: &str) -> String {
    hex(&Sha256::digest(format!("{salt}\n{name}\n{id_number}")))
}

impl Statement {
    /// Whether the certificate is that of this person.
    pub fn is_of(&self, name: &str, id_number: &str) -> bool {
        holder_hash(&self.salt, name, id_number) == self.holder
    }
}

/// A statement with its signature, as it travels.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    /// 128 hexadecimal digits.
    signature: String,
    statement: Statement,
}

/// What came of checking a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Signed by a trusted key, and nothing was changed since.
    Verified(Box<Statement>),
    /// Well formed, but signed by a key that is not among the trusted ones; its id.
    NotOurs(String),
    /// Changed after it was signed, or no statement at all.
    Broken,
}

/// Signs a statement; its `key` becomes the signer's. The same statement and key give the same bytes.
///
/// # Errors
/// When the signer does not sign.
pub fn sign(mut statement: Statement, signer: &(impl Signer + ?Sized)) -> Result<Vec<u8>, SignError> {
    statement.key = signer.public().id();
    let signature = hex(&signer.sign(&message(&statement)?)?);
    canonical(&Signed { signature, statement })
}

/// Checks a statement as it was found, byte for byte, against the keys that the reader trusts.
pub fn verify(bytes: &[u8], trusted: &[PublicKey]) -> Verdict {
    let Ok(signed) = serde_json::from_slice::<Signed>(bytes) else { return Verdict::Broken };
    // Only the canonical bytes are the statement: what reads the same but is written otherwise was changed.
    if canonical(&signed).ok().as_deref() != Some(bytes) {
        return Verdict::Broken;
    }
    let (Some(signature), Ok(message)) = (unhex::<64>(&signed.signature), message(&signed.statement)) else {
        return Verdict::Broken;
    };
    let Some(key) = trusted.iter().find(|key| key.id() == signed.statement.key) else {
        return Verdict::NotOurs(signed.statement.key);
    };
    if key.signed(&message, &signature) { Verdict::Verified(Box::new(signed.statement)) } else { Verdict::Broken }
}

fn message(statement: &Statement) -> Result<Vec<u8>, SignError> {
    Ok([CONTEXT, &canonical(statement)?].concat())
}

fn canonical(value: &impl Serialize) -> Result<Vec<u8>, SignError> {
    serde_json_canonicalizer::to_vec(value).map_err(|error| SignError(error.to_string()))
}
