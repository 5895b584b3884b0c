//! Signed notes (C2SP signed-note) and what stands in them here: the checkpoint of the log (C2SP tlog-checkpoint), by the log's
//! own key and, where others watch the log, by witnesses (C2SP tlog-cosignature).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

use super::merkle::Hash;
use crate::{PublicKey, SignError, Signer, hex, unhex};

/// The type byte of an Ed25519 key, whose signature is over the note's text.
const ED25519: u8 = 1;
/// The type byte of a witness's Ed25519 key, whose signature is over the time and the text.
pub const WITNESS: u8 = 4;
/// How a line of signature begins.
const DASH: &str = "— ";
/// More than any log and its witnesses sign.
const SIGNATURES_MAX: usize = 100;

/// A name that a key may have: what stands in a line of signature and in a checkpoint.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+' || c.is_control())
}

/// Why a note is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    #[error("不是签名文本：{0}")]
    Form(&'static str),
    #[error("没有 {0} 的签名")]
    Unsigned(String),
    #[error("{0} 的签名不成立")]
    Signature(String),
    #[error("见证不足：需要{wanted}个，只有{found}个")]
    Witnesses { wanted: usize, found: usize },
}

/// A public key with its name, as `NAME+ID+KEY` hands it on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: u8,
    key: PublicKey,
}

impl VerifierKey {
    /// The key of a log, or with [`WITNESS`] of a witness; `None` for a name that no key may have.
    pub fn new(name: &str, key: PublicKey) -> Option<Self> {
        is_name(name).then(|| Self { name: name.to_owned(), kind: ED25519, key })
    }

    /// Reads `NAME+ID+KEY`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let bytes = BASE64.decode(key).ok()?;
        let (kind, key) = bytes.split_first()?;
        let key = PublicKey::from_bytes(key.try_into().ok()?).ok()?;
        let parsed = Self { name: name.to_owned(), kind: *kind, key };
        let known = matches!(parsed.kind, ED25519 | WITNESS);
        (is_name(name) && known && unhex(id)? == parsed.id()).then_some(parsed)
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The four bytes by which signatures name the key.
    pub fn id(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', self.kind])
            .chain_update(self.key.as_bytes())
            .finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// Whether the bytes behind the key's id are its signature under the text.
    fn signed(&self, text: &str, signature: &[u8]) -> bool {
        match self.kind {
            ED25519 => signature.try_into().is_ok_and(|signature| self.key.signed(text.as_bytes(), signature)),
            _ => {
                let Some((time, signature)) = signature.split_first_chunk::<8>() else { return false };
                let said = cosigned(u64::from_be_bytes(*time), text);
                signature.try_into().is_ok_and(|signature| self.key.signed(said.as_bytes(), signature))
            }
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![self.kind];
        key.extend(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, hex(&self.id()), BASE64.encode(key))
    }
}

/// What a witness signs.
fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// A log's key: its name, which is the origin of its checkpoints, and who signs.
pub struct LogKey<S> {
    verifier: VerifierKey,
    signer: S,
}

impl<S: Signer> LogKey<S> {
    /// `None` for a name that no key may have.
    pub fn new(origin: &str, signer: S) -> Option<Self> {
        Some(Self { verifier: VerifierKey::new(origin, signer.public())?, signer })
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The checkpoint of so many leaves under this root, signed.
    ///
    /// # Errors
    /// When the signer does not sign.
    pub fn checkpoint(&self, size: u64, root: Hash) -> Result<String, SignError> {
        let text = Checkpoint { origin: self.verifier.name.clone(), size, root }.text();
        let signature = self.signer.sign(text.as_bytes())?;
        Ok(format!("{text}\n{}", line(&self.verifier, &signature)))
    }
}

fn line(key: &VerifierKey, signature: &[u8]) -> String {
    let signed = [&key.id()[..], signature].concat();
    format!("{DASH}{} {}\n", key.name, BASE64.encode(signed))
}

/// A witness's line under a note: that it saw the checkpoint at this time, in seconds since 1970.
///
/// # Errors
/// When the signer does not sign, or the name is none that a key may have.
pub fn cosignature(name: &str, signer: &impl Signer, note: &str, time: u64) -> Result<String, SignError> {
    let key = VerifierKey::new(name, signer.public()).ok_or_else(|| SignError("名称不合规则".into()))?;
    let key = VerifierKey { kind: WITNESS, ..key };
    let (text, _) = parts(note).map_err(|fault| SignError(fault.to_string()))?;
    let signature = signer.sign(cosigned(time, text).as_bytes())?;
    Ok(line(&key, &[&time.to_be_bytes()[..], &signature].concat()))
}

/// The state of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many leaves.
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed: origin, size, root, a line each.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root.0))
    }

    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (origin, digits, root) = (lines.next()?, lines.next()?, lines.next()?);
        let size: u64 = digits.parse().ok()?;
        let root = Hash(BASE64.decode(root).ok()?.try_into().ok()?);
        // Further lines may say more; this log says nothing there.
        (is_name(origin) && size.to_string() == digits).then(|| Self { origin: origin.to_owned(), size, root })
    }

    /// Reads a signed checkpoint of the log with this key. Of the witnesses at least `wanted` must have signed as well.
    ///
    /// # Errors
    /// Where it is none, is of another log, or a signature is missing or does not hold.
    pub fn open(note: &str, log: &VerifierKey, witnesses: &[VerifierKey], wanted: usize) -> Result<Self, NoteFault> {
        let (text, lines) = parts(note)?;
        let signed = |key: &VerifierKey| -> Result<bool, NoteFault> {
            let own = lines.iter().filter(|(name, bytes)| *name == key.name && bytes.starts_with(&key.id()));
            let mut found = false;
            for (_, bytes) in own {
                if !key.signed(text, &bytes[4..]) {
                    return Err(NoteFault::Signature(key.name.clone()));
                }
                found = true;
            }
            Ok(found)
        };
        if !signed(log)? {
            return Err(NoteFault::Unsigned(log.name.clone()));
        }
        let mut found = 0;
        for witness in witnesses {
            found += usize::from(signed(witness)?);
        }
        if found < wanted {
            return Err(NoteFault::Witnesses { wanted, found });
        }
        let checkpoint = Self::read(text).ok_or(NoteFault::Form("不是日志的检查点"))?;
        if checkpoint.origin != log.name {
            return Err(NoteFault::Form("检查点属于另一个日志"));
        }
        Ok(checkpoint)
    }
}

/// The name of a key, and its id with its signature.
type Line<'a> = (&'a str, Vec<u8>);

/// The text of a note, with its last line feed, and its signatures.
fn parts(note: &str) -> Result<(&str, Vec<Line<'_>>), NoteFault> {
    let at = note.rfind("\n\n").ok_or(NoteFault::Form("没有签名"))?;
    let (text, rest) = (&note[..=at], &note[at + 2..]);
    if text.chars().any(|c| c.is_control() && c != '\n') || text.starts_with('\n') {
        return Err(NoteFault::Form("正文含控制字符"));
    }
    let rest = rest.strip_suffix('\n').ok_or(NoteFault::Form("末行没有结束"))?;
    let lines: Option<Vec<Line<'_>>> = rest
        .split('\n')
        .map(|line| {
            let (name, signed) = line.strip_prefix(DASH)?.split_once(' ')?;
            let bytes = BASE64.decode(signed).ok().filter(|bytes| bytes.len() > 4)?;
            is_name(name).then_some((name, bytes))
        })
        .collect();
    match lines {
        Some(lines) if lines.len() <= SIGNATURES_MAX => Ok((text, lines)),
        _ => Err(NoteFault::Form("签名行不合格式")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_format_is_believed() {
        let key =
            VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").expect("a key");
        let note = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        let (text, lines) = parts(note).expect("a note");
        assert_eq!((lines.len(), lines[0].0), (1, "PeterNeumann"));
        assert!(lines[0].1.starts_with(&key.id()) && key.signed(text, &lines[0].1[4..]));
        assert!(!key.signed(&text.replace("answer", "Answer"), &lines[0].1[4..]));
    }
}
