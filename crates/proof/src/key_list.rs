//! The list of keys: which body signs with which key, since when and until when, and which keys may no longer be believed.
//! The provincial root signs each body's key, and the list as a whole; a reader keeps the list and needs nobody to check a
//! certificate on paper.
//!
//! The file is canonical JSON (RFC 8785). Signatures are Ed25519 by the root over a first line and what follows it:
//! `jiangce key certificate 1\n` and the canonical certificate; `jiangce key list 1\n` and the canonical list.
//!
//! A key that came into other hands is reported with the instant T. From then on a statement under it is believed only where
//! it can't have been made later: with proof that it stood in the public log before T. The list says how large the log was
//! at T, and what its root was, so that the proof needs nobody's word either.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::log::{Hash, Proof};
use crate::{PaperStatement, PaperVerdict, PublicKey, SignError, Signer, hex, read_paper, unhex};

const CERTIFICATE: &[u8] = b"jiangce key certificate 1\n";
const LIST: &[u8] = b"jiangce key list 1\n";

/// What the root states about a body's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyCertificate {
    /// 评价机构, as filed.
    pub body: String,
    /// 机构备案编号: only certificates under this number.
    pub filing_number: String,
    /// The public key, 64 hexadecimal digits.
    pub key: String,
    /// First day of issue of what it signs.
    pub valid_from: Date,
    /// Last day of issue, where it has been replaced.
    pub valid_until: Option<Date>,
}

/// A key's certificate with the root's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedKey {
    pub certificate: KeyCertificate,
    /// 128 hexadecimal digits.
    pub signature: String,
}

/// A key that is no longer its body's alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compromise {
    /// The key's id.
    pub key: String,
    /// The instant T from which it is not believed, milliseconds since 1970.
    pub at: i64,
    /// How many leaves the public log had at T.
    pub log_size: u64,
    /// The log's root then, 64 hexadecimal digits.
    pub log_root: String,
}

/// The list itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyList {
    /// When it was signed, milliseconds since 1970.
    pub signed_at: i64,
    /// The root's public key, 64 hexadecimal digits.
    pub root: String,
    /// The public log's verifier key, as signed notes know it.
    pub log: String,
    /// Every key that any body ever signed with.
    pub keys: Vec<CertifiedKey>,
    /// Keys that are not believed, each once.
    pub compromised: Vec<Compromise>,
}

/// The list with the root's signature, as it is published.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedList {
    list: KeyList,
    signature: String,
}

/// Why a list can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListFault {
    #[error("不是公钥清单：{0}")]
    Form(String),
    #[error("公钥清单的签名不成立，清单被改动过")]
    Signature,
    #[error("公钥清单由另一个根公钥 {0} 签发")]
    OtherRoot(String),
    #[error("公钥 {0} 的证明不成立")]
    Key(String),
}

/// What the list says of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaperFinding {
    /// Signed by the body's own key; nothing was changed.
    Verified { statement: Box<PaperStatement>, body: String, key: String },
    /// Nothing that a body of the list signed.
    NotOurs(&'static str),
    /// Altered.
    Broken,
    /// Signed by a key that was not the body's to sign this with.
    NotItsKey(&'static str),
    /// Signed by a key that came into other hands at this instant, and nothing proves that it was signed before.
    Compromised(i64),
}

impl KeyCertificate {
    /// Signs it as the root.
    ///
    /// # Errors
    /// When the signer does not sign.
    pub fn sign(self, root: &(impl Signer + ?Sized)) -> Result<CertifiedKey, SignError> {
        let signature = hex(&root.sign(&message(CERTIFICATE, &self)?)?);
        Ok(CertifiedKey { certificate: self, signature })
    }

    fn public(&self) -> Option<PublicKey> {
        PublicKey::from_bytes(&unhex(&self.key)?).ok()
    }

    fn covers(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_until.is_none_or(|until| day <= until)
    }
}

impl KeyList {
    /// The list as a file, signed by the root that it names.
    ///
    /// # Errors
    /// When the signer does not sign.
    pub fn sign(self, root: &(impl Signer + ?Sized)) -> Result<Vec<u8>, SignError> {
        let signature = hex(&root.sign(&message(LIST, &self)?)?);
        canonical(&SignedList { list: self, signature })
    }

    /// Reads a list and checks every signature in it. With `root`, only a list of that root is taken.
    ///
    /// # Errors
    /// Where it is no list, was altered, or is of another root.
    pub fn read(bytes: &[u8], root: Option<&PublicKey>) -> Result<Self, ListFault> {
        let form = |what: &str| ListFault::Form(what.to_owned());
        let signed: SignedList = serde_json::from_slice(bytes).map_err(|error| ListFault::Form(error.to_string()))?;
        let SignedList { list, signature } = &signed;
        let key =
            unhex(&list.root).and_then(|bytes| PublicKey::from_bytes(&bytes).ok()).ok_or_else(|| form("没有根公钥"))?;
        if root.is_some_and(|root| *root != key) {
            return Err(ListFault::OtherRoot(key.id()));
        }
        let holds = |context, value: &_, signature: &str| {
            unhex(signature).zip(message(context, value).ok()).is_some_and(|(signed, said)| key.signed(&said, &signed))
        };
        if !holds(LIST, &serde_json::to_value(list).map_err(|error| form(&error.to_string()))?, signature) {
            return Err(ListFault::Signature);
        }
        for one in &list.keys {
            let said = serde_json::to_value(&one.certificate).map_err(|error| form(&error.to_string()))?;
            if one.certificate.public().is_none() || !holds(CERTIFICATE, &said, &one.signature) {
                return Err(ListFault::Key(one.certificate.key.clone()));
            }
        }
        Ok(signed.list)
    }

    /// The root's key.
    pub fn root(&self) -> Option<PublicKey> {
        PublicKey::from_bytes(&unhex(&self.root)?).ok()
    }

    fn keys(&self) -> Vec<PublicKey> {
        self.keys.iter().filter_map(|key| key.certificate.public()).collect()
    }

    /// The keys that a filing number has or had, each with its body's name; without those that came into other hands.
    pub fn believed(&self, filing_number: &str) -> Vec<(&str, PublicKey)> {
        let own = self.keys.iter().map(|one| &one.certificate).filter(|one| one.filing_number == filing_number);
        let keys = own.filter_map(|one| Some((one.body.as_str(), one.public()?)));
        keys.filter(|(_, key)| !self.compromised.iter().any(|lost| lost.key == key.id())).collect()
    }

    /// What the text of a QR code states, if a key of the list signed it; whether it may, [`KeyList::check`] says.
    pub fn stated(&self, text: &str) -> Option<PaperStatement> {
        match read_paper(text, &self.keys()) {
            PaperVerdict::Signed(statement, _) => Some(*statement),
            PaperVerdict::NotOurs(_) | PaperVerdict::Broken => None,
        }
    }

    /// Checks the text of a QR code. `logged` is the proof that the statement's leaf, by its hash, stood in the log when
    /// the key was reported; only for keys that were.
    pub fn check(&self, text: &str, logged: Option<(&Hash, &Proof)>) -> PaperFinding {
        let (statement, key) = match read_paper(text, &self.keys()) {
            PaperVerdict::Signed(statement, key) => (statement, key),
            PaperVerdict::NotOurs(why) => return PaperFinding::NotOurs(why),
            PaperVerdict::Broken => return PaperFinding::Broken,
        };
        let of_key = |one: &&CertifiedKey| one.certificate.public().as_ref() == Some(&key);
        let own = self.keys.iter().filter(of_key).map(|one| &one.certificate);
        let own: Vec<_> = own.filter(|one| one.filing_number == statement.filing_number).collect();
        if own.is_empty() || !statement.number.starts_with(&statement.filing_number) {
            return PaperFinding::NotItsKey("签名所用的公钥属于另一个机构");
        }
        let Some(own) = own.into_iter().find(|one| one.covers(statement.issued_on)) else {
            return PaperFinding::NotItsKey("发证日期不在公钥的有效期内");
        };
        if let Some(lost) = self.compromised.iter().find(|lost| lost.key == key.id()) {
            let was_there = logged
                .zip(unhex(&lost.log_root))
                .is_some_and(|((leaf, proof), root)| proof.size == lost.log_size && proof.holds(leaf, &Hash(root)));
            if !was_there {
                return PaperFinding::Compromised(lost.at);
            }
        }
        PaperFinding::Verified { statement, body: own.body.clone(), key: key.id() }
    }
}

pub(crate) fn message(context: &[u8], value: &impl Serialize) -> Result<Vec<u8>, SignError> {
    Ok([context, &canonical(value)?].concat())
}

pub(crate) fn canonical(value: &impl Serialize) -> Result<Vec<u8>, SignError> {
    serde_json_canonicalizer::to_vec(value).map_err(|error| SignError(error.to_string()))
}
