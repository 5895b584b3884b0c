//! A signed answer: what the house said of a certificate when it was asked, for whoever has to show later that they asked. It is
//! checked without the house, under the root of its list of keys.
//!
//! The file is canonical JSON (RFC 8785) and nothing else: one that is written otherwise was altered. The signature is Ed25519 by
//! the root over a first line and the canonical answer: `jiangce answer 1\n`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::key_list::{canonical, message};
use crate::{PublicKey, SignError, Signer, hex, unhex};

const ANSWER: &[u8] = b"jiangce answer 1\n";

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// When, milliseconds since 1970. Where a certificate stands may have changed since.
    pub answered_at: i64,
    /// The address of the house.
    pub house: String,
    /// The root's public key, 64 hexadecimal digits.
    pub root: String,
    /// The certificates, as the public query shows them; none where name and number did not belong together.
    pub certificates: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedAnswer {
    answer: Answer,
    signature: String,
}

/// Why a file is not a signed answer of this house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    #[error("不是核验回执")]
    Form,
    #[error("回执由另一个平台签发，不在所信任的公钥之中")]
    OtherRoot,
    #[error("回执的签名不成立，内容被改动过")]
    Signature,
}

impl Answer {
    /// The answer as a file, signed by the root that it names.
    ///
    /// # Errors
    /// When the signer does not sign.
    pub fn sign(self, root: &(impl Signer + ?Sized)) -> Result<Vec<u8>, SignError> {
        let signature = hex(&root.sign(&message(ANSWER, &self)?)?);
        canonical(&SignedAnswer { answer: self, signature })
    }

    /// Reads a signed answer; only of one of these roots.
    ///
    /// # Errors
    /// Where it is none, is another's, or was altered.
    pub fn read(bytes: &[u8], roots: &[PublicKey]) -> Result<Self, AnswerFault> {
        let signed: SignedAnswer = serde_json::from_slice(bytes).map_err(|_| AnswerFault::Form)?;
        let root = unhex(&signed.answer.root).and_then(|bytes| PublicKey::from_bytes(&bytes).ok());
        let root = root.ok_or(AnswerFault::Form)?;
        if !roots.contains(&root) {
            return Err(AnswerFault::OtherRoot);
        }
        let is_canonical = canonical(&signed).is_ok_and(|again| again == bytes);
        let said = message(ANSWER, &signed.answer).ok();
        let holds = unhex(&signed.signature).zip(said).is_some_and(|(signature, said)| root.signed(&said, &signature));
        if is_canonical && holds { Ok(signed.answer) } else { Err(AnswerFault::Signature) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SoftwareKey;

    #[test]
    fn an_answer_is_whole_or_nothing() {
        let (root, other) = (SoftwareKey::new(&[7; 32]), SoftwareKey::new(&[8; 32]));
        let answer = Answer {
            answered_at: 1_800_000_000_000,
            house: "https://example.org".into(),
            root: hex(root.public().as_bytes()),
            certificates: serde_json::json!([{"number": "Y000035000001264000001", "state": "valid"}]),
        };
        let file = answer.clone().sign(&root).expect("signed");
        assert_eq!(Answer::read(&file, &[root.public()]), Ok(answer.clone()));
        assert_eq!(Answer::read(&file, &[other.public()]), Err(AnswerFault::OtherRoot));
        assert_eq!(Answer::read(&file, &[]), Err(AnswerFault::OtherRoot));
        let forged = answer.sign(&other).expect("signed");
        assert_eq!(Answer::read(&forged, &[root.public(), other.public()]), Err(AnswerFault::Signature));
        for at in 0..file.len() {
            for bit in 0..8 {
                let mut altered = file.clone();
                altered[at] ^= 1 << bit;
                assert!(Answer::read(&altered, &[root.public()]).is_err(), "byte {at}, bit {bit}");
            }
        }
        let spaced = [b" ", file.as_slice()].concat();
        assert_eq!(Answer::read(&spaced, &[root.public()]), Err(AnswerFault::Signature));
    }
}
