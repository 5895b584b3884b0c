//! The index of certificates: whoever keeps it checks names and certificate numbers without telling anybody whom. Each
//! certificate stands in it as a slow hash of number and name with its state; there is nothing to read out of it but by
//! guessing both, and every guess costs some milliseconds.
//!
//! The file is text. Its first line is the head with the root's signature, as JSON; then comes a row of 25 signs for each
//! certificate, 24 hexadecimal digits and a letter, in the order of the digits. The signature is Ed25519 over
//! `jiangce certificate index 1\n` and the canonical head, which holds the SHA-256 of all rows with their line ends.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::key_list::message;
use crate::{PublicKey, SignError, Signer, hex, unhex};

const CONTEXT: &[u8] = b"jiangce certificate index 1\n";
/// Bytes of a digest, and of a row with its line end.
const DIGEST: usize = 12;
const ROW: usize = 2 * DIGEST + 2;

/// How often each guess is hashed: some milliseconds of one core.
pub const INDEX_ROUNDS: u32 = 20_000;

/// What the head says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexHead {
    /// When it was signed, milliseconds since 1970: the states are of then.
    pub signed_at: i64,
    /// The root's public key, 64 hexadecimal digits.
    pub root: String,
    /// Hexadecimal.
    pub salt: String,
    pub rounds: u32,
    pub rows: u64,
    /// SHA-256 of the rows.
    pub digest: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedHead {
    head: IndexHead,
    signature: String,
}

/// Why a file can't be used as an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IndexFault {
    #[error("不是证书索引，或没有下载完整")]
    Form,
    #[error("证书索引的签名不成立，索引被改动过")]
    Signature,
    #[error("证书索引由另一个根公钥签发")]
    OtherRoot,
}

/// The digest by which a certificate stands in the index: PBKDF2 with HMAC-SHA-256 over `number`, a line end and the name
/// without blanks and with dots of one kind.
pub fn index_digest(number: &str, name: &str, salt: &[u8], rounds: u32) -> String {
    let said = format!("{number}\n{name}");
    // HMAC takes keys of any length.
    let keyed = <Hmac<Sha256> as KeyInit>::new_from_slice(said.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    let once = |parts: &[&[u8]]| {
        let mut mac = keyed.clone();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes()
    };
    let mut last = once(&[salt, &1_u32.to_be_bytes()]);
    let mut sum = last;
    for _ in 1..rounds {
        last = once(&[&last]);
        sum.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
    }
    hex(&sum[..DIGEST])
}

/// A row of the index: digest and the letter of the state.
pub fn index_row(digest: &str, state: char) -> String {
    format!("{digest}{state}\n")
}

/// Signs the head as the root; the first line of the file.
///
/// # Errors
/// When the signer does not sign.
pub fn sign_index(head: IndexHead, root: &(impl Signer + ?Sized)) -> Result<String, SignError> {
    let signature = hex(&root.sign(&message(CONTEXT, &head)?)?);
    let signed = serde_json::to_string(&SignedHead { head, signature });
    Ok(format!("{}\n", signed.map_err(|error| SignError(error.to_string()))?))
}

/// An index that was read and found whole.
pub struct Index<'b> {
    pub head: IndexHead,
    salt: Vec<u8>,
    rows: &'b [u8],
}

impl<'b> Index<'b> {
    /// Reads an index and checks it. With `root`, only an index of that root is taken.
    ///
    /// # Errors
    /// Where it is none, was altered, or is of another root.
    pub fn read(bytes: &'b [u8], root: Option<&PublicKey>) -> Result<Self, IndexFault> {
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(IndexFault::Form)?;
        let (first, rows) = (&bytes[..end], &bytes[end + 1..]);
        let SignedHead { head, signature } = serde_json::from_slice(first).map_err(|_| IndexFault::Form)?;
        let key = unhex(&head.root).and_then(|bytes| PublicKey::from_bytes(&bytes).ok()).ok_or(IndexFault::Form)?;
        if root.is_some_and(|root| *root != key) {
            return Err(IndexFault::OtherRoot);
        }
        let signed = unhex(&signature).zip(message(CONTEXT, &head).ok());
        if !signed.is_some_and(|(signature, said)| key.signed(&said, &signature)) {
            return Err(IndexFault::Signature);
        }
        if rows.len() as u64 != head.rows.saturating_mul(ROW as u64) {
            return Err(IndexFault::Form);
        }
        if hex(&Sha256::digest(rows)) != head.digest {
            return Err(IndexFault::Signature);
        }
        let salt = unhex::<16>(&head.salt).ok_or(IndexFault::Form)?.to_vec();
        Ok(Self { head, salt, rows })
    }

    /// The letter of the state of a certificate, if this number belongs to this name.
    pub fn state(&self, number: &str, name: &str) -> Option<char> {
        let wanted = index_digest(number, name, &self.salt, self.head.rounds);
        let digest = |row: usize| &self.rows[row * ROW..row * ROW + 2 * DIGEST];
        let (mut low, mut high) = (0, self.rows.len() / ROW);
        while low < high {
            let middle = low.midpoint(high);
            match digest(middle).cmp(wanted.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(char::from(self.rows[middle * ROW + 2 * DIGEST])),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SoftwareKey;

    fn index(names: &[(&str, &str, char)]) -> Vec<u8> {
        let salt = [5; 16];
        let mut rows: Vec<String> = names
            .iter()
            .map(|(number, name, state)| index_row(&index_digest(number, name, &salt, 3), *state))
            .collect();
        rows.sort();
        let body = rows.concat();
        let root = SoftwareKey::new(&[7; 32]);
        let head = IndexHead {
            signed_at: 1,
            root: hex(root.public().as_bytes()),
            salt: hex(&salt),
            rounds: 3,
            rows: rows.len() as u64,
            digest: hex(&Sha256::digest(&body)),
        };
        format!("{}{body}", sign_index(head, &root).expect("signed")).into_bytes()
    }

    #[test]
    fn s2_2_4c_the_index_finds_the_pair_and_nothing_else_and_tells_when_it_was_altered() {
        let bytes = index(&[("Y1", "示例甲", 'v'), ("Y2", "示例乙", 'r'), ("Y3", "示例丙", 'v')]);
        let root = SoftwareKey::new(&[7; 32]).public();
        let read = Index::read(&bytes, Some(&root)).expect("an index");
        assert_eq!(read.state("Y1", "示例甲"), Some('v'));
        assert_eq!(read.state("Y2", "示例乙"), Some('r'));
        assert_eq!(read.state("Y1", "示例乙"), None);
        assert!(!String::from_utf8_lossy(&bytes).contains("示例"));
        let other = SoftwareKey::new(&[8; 32]).public();
        assert_eq!(Index::read(&bytes, Some(&other)).err(), Some(IndexFault::OtherRoot));
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert!(Index::read(&altered, Some(&root)).is_err(), "byte {at}");
        }
        assert_eq!(Index::read(&bytes[..bytes.len() - ROW], None).err(), Some(IndexFault::Form));
    }

    #[test]
    fn s2_2_4c_the_digest_is_pbkdf2_as_others_compute_it() {
        // Python: hashlib.pbkdf2_hmac("sha256", "Y1\n示例甲".encode(), b"salt", 1000)[:12].hex()
        assert_eq!(index_digest("Y1", "示例甲", b"salt", 1000), PYTHON);
    }

    const PYTHON: &str = "afb0640ce4036766354dfa5e";
}
