//! Keys: who signs, and the one line of text by which a public key is handed on.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::{hex, unhex};

/// The first word of a key's line: what it is, and of which kind.
const LINE: &str = "jiangce-ed25519";

/// Something that signs: a software key, or a device that never gives its key away.
pub trait Signer {
    /// The public half.
    fn public(&self) -> PublicKey;

    /// An Ed25519 signature over the message.
    ///
    /// # Errors
    /// When a device does not answer or refuses.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError>;
}

/// The signer did not sign.
#[derive(Debug, thiserror::Error)]
#[error("签名未成功：{0}")]
pub struct SignError(pub String);

/// A secret key held in memory.
pub struct SoftwareKey(SigningKey);

impl SoftwareKey {
    /// The key of these 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }
}

impl Signer for SoftwareKey {
    fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        Ok(self.0.sign(message).to_bytes())
    }
}

/// A public key, known by its id: the first 16 hexadecimal digits of its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// A line that is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The line does not have the form of a key.
    #[error("第{0}行不是公钥：应为“jiangce-ed25519 编号 64位十六进制数”")]
    Form(usize),
    /// The id of the line is not that of its key.
    #[error("第{0}行的编号与公钥不符")]
    Id(usize),
    /// The bytes are no key.
    #[error("不是可用的 Ed25519 公钥")]
    Point,
    /// There is no key at all.
    #[error("没有公钥")]
    Empty,
}

impl PublicKey {
    /// The key of these 32 bytes; those of no effect are refused.
    ///
    /// # Errors
    /// When they are not a point of the curve, or one that every signature would fit.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).ok().filter(|key| !key.is_weak());
        key.map(Self).ok_or(KeyError::Point)
    }

    /// The 32 bytes of the key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The id: 16 hexadecimal digits.
    pub fn id(&self) -> String {
        hex(&self.id_bytes())
    }

    /// The id as the eight bytes that it is.
    pub fn id_bytes(&self) -> [u8; 8] {
        let mut id = [0; 8];
        id.copy_from_slice(&Sha256::digest(self.0.as_bytes())[..8]);
        id
    }

    /// The line by which the key is handed on: `jiangce-ed25519 ID KEY`.
    pub fn line(&self) -> String {
        format!("{LINE} {} {}", self.id(), hex(self.0.as_bytes()))
    }

    /// Whether this key signed the message; keys and signatures of no effect are refused.
    pub fn signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

/// The keys of a key file: one a line; empty lines and what follows `#` say nothing.
///
/// # Errors
/// The first line that is not a key, or that there is none.
pub fn read_keys(text: &str) -> Result<Vec<PublicKey>, KeyError> {
    let mut keys = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [] => {}
            [LINE, id, key] => {
                let bytes = unhex::<32>(key).ok_or(KeyError::Form(at + 1))?;
                let key = PublicKey(VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::Form(at + 1))?);
                if key.id() != id {
                    return Err(KeyError::Id(at + 1));
                }
                keys.push(key);
            }
            _ => return Err(KeyError::Form(at + 1)),
        }
    }
    if keys.is_empty() { Err(KeyError::Empty) } else { Ok(keys) }
}
