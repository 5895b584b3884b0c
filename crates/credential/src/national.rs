//! A second signature beside the credential with the national algorithms: SM2 with SM3 (GB/T 32918) over the canonical
//! JSON of the credential as it was issued, its international proof included. Detached, so that it disturbs no reader
//! who does not know it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};

use crate::{Flaw, jcs};

/// What the standard takes as the signer's id where nothing else was agreed.
const ID: &str = "1234567812345678";
const KIND: &str = "SM2-SM3";

/// A secret SM2 key in memory.
pub struct Sm2SecretKey(SigningKey);

/// A public SM2 key.
#[derive(Debug, Clone)]
pub struct Sm2PublicKey(VerifyingKey);

impl Sm2SecretKey {
    /// The key of these 32 secret bytes.
    ///
    /// # Errors
    /// When they are zero or beyond the curve's order.
    pub fn from_bytes(secret: &[u8; 32]) -> Result<Self, Flaw> {
        SigningKey::from_slice(ID, secret).map(Self).map_err(|_| Flaw::National("不是 SM2 私钥"))
    }

    /// The public half.
    pub fn public(&self) -> Sm2PublicKey {
        Sm2PublicKey(self.0.verifying_key().clone())
    }

    /// Signs bytes as they are: 64 bytes, r and s.
    ///
    /// # Errors
    /// When the key does not sign.
    pub fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, Flaw> {
        let signature = self.0.try_sign(bytes).map_err(|error| Flaw::Signer(error.to_string()))?;
        Ok(signature.to_bytes().to_vec())
    }
}

impl Sm2PublicKey {
    /// The key of an uncompressed point, 65 bytes.
    ///
    /// # Errors
    /// When it is no point of the curve.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Flaw> {
        VerifyingKey::from_sec1_bytes(ID, bytes).map(Self).map_err(|_| Flaw::National("不是 SM2 公钥"))
    }

    /// Whether these 64 bytes are this key's signature over the bytes as they are.
    ///
    /// # Errors
    /// When they are not.
    pub fn check(&self, bytes: &[u8], signature: &[u8]) -> Result<(), Flaw> {
        let signature = Signature::from_slice(signature).map_err(|_| Flaw::National("签名不是 64 字节的 r 和 s"))?;
        self.0.verify(bytes, &signature).map_err(|_| Flaw::Signature)
    }

    /// The uncompressed point, 65 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_sec1_bytes().into_vec()
    }
}

/// Signs a document: 64 bytes, r and s, in a small object that travels beside it.
///
/// # Errors
/// When the document has no canonical form, or the key does not sign.
pub fn sign_sm2(document: &Value, key: &Sm2SecretKey) -> Result<Value, Flaw> {
    let signature = key.sign(&jcs(document)?)?;
    Ok(json!({
        "type": KIND,
        "canonicalization": "RFC 8785",
        "signerId": ID,
        "publicKey": STANDARD.encode(key.public().to_bytes()),
        "signature": STANDARD.encode(signature),
    }))
}

/// Whether this proof is that of this key over this document.
///
/// # Errors
/// When the proof is malformed, names another key, or the signature does not fit.
pub fn check_sm2(document: &Value, proof: &Value, key: &Sm2PublicKey) -> Result<(), Flaw> {
    let text = |name: &str| proof.get(name).and_then(Value::as_str);
    if text("type") != Some(KIND) || text("canonicalization") != Some("RFC 8785") || text("signerId") != Some(ID) {
        return Err(Flaw::National("类型、规范化方式或签名者标识不符"));
    }
    if text("publicKey") != Some(STANDARD.encode(key.to_bytes()).as_str()) {
        return Err(Flaw::National("公钥不是所信任的那一把"));
    }
    let bytes = text("signature").and_then(|text| STANDARD.decode(text).ok());
    let bytes = bytes.ok_or(Flaw::National("签名不是 base64"))?;
    key.check(&jcs(document)?, &bytes)
}
