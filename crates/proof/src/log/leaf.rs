//! What stands in a leaf: which kind of fact, when it was put on its way, and a commitment to it. No personal data; what is
//! committed to, and the salt, stay in the record.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::merkle::{Hash, leaf_hash};
use crate::hex;

/// The form of leaves that is written now.
const FORM: u8 = 1;

/// Which fact a leaf commits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LeafKind {
    /// A certificate was issued (二（二）4): over its claims, see [`crate::PaperStatement::claims`].
    #[serde(rename = "certificate.issued")]
    CertificateIssued,
    /// Whether a certificate stands was changed (三（三）6): over its number, what was done, the day and the digest of the reason.
    #[serde(rename = "certificate.changed")]
    CertificateChanged,
    /// A certificate was voided before its changes were recorded by themselves: over its number, the day and the digest of the
    /// reason.
    #[serde(rename = "certificate.voided")]
    CertificateVoided,
    /// The directory was adjusted (二（一）3): over the number and the digest of the change.
    #[serde(rename = "directory.changed")]
    DirectoryChanged,
    /// A batch was notified, or changed and told again (二（二）1): over the whole notice of this version.
    #[serde(rename = "batch.notified")]
    BatchNotified,
    /// Results went on public notice (二（二）3): over the batch, the window and the digest of the list.
    #[serde(rename = "publicity.posted")]
    PublicityPosted,
    /// Results were reported to the centre (二（二）3): over the batch, the days and the digest of the package.
    #[serde(rename = "results.reported")]
    ResultsReported,
    /// Seats were given by lot: over what the lot was drawn from, and the seed.
    #[serde(rename = "seats.drawn")]
    SeatsDrawn,
    /// The experts of an evaluation were drawn (二（一）2): over the record of the draw.
    #[serde(rename = "panel.drawn")]
    PanelDrawn,
    /// Persons of a report were drawn for a closer look (二（二）4): over the record of the draw.
    #[serde(rename = "sample.drawn")]
    SampleDrawn,
    /// The rules of a standard were set (一（四）1): over their values and the day from which they hold.
    #[serde(rename = "standard.set")]
    StandardSet,
    /// A rubric was set (一（四）1): over its items and the day from which it holds.
    #[serde(rename = "rubric.set")]
    RubricSet,
    /// A term was set: over its value and the day from which it holds.
    #[serde(rename = "term.set")]
    TermSet,
    /// A reference table was imported: over its text.
    #[serde(rename = "table.imported")]
    TableImported,
    /// A body signs with another key from now on (二（二）4): over the filing number, the key, and why.
    #[serde(rename = "key.changed")]
    KeyChanged,
}

impl LeafKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::CertificateIssued,
        Self::CertificateChanged,
        Self::CertificateVoided,
        Self::DirectoryChanged,
        Self::BatchNotified,
        Self::PublicityPosted,
        Self::ResultsReported,
        Self::SeatsDrawn,
        Self::PanelDrawn,
        Self::SampleDrawn,
        Self::StandardSet,
        Self::RubricSet,
        Self::TermSet,
        Self::TableImported,
        Self::KeyChanged,
    ];

    /// The word that stands in the leaf.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CertificateIssued => "certificate.issued",
            Self::CertificateChanged => "certificate.changed",
            Self::CertificateVoided => "certificate.voided",
            Self::DirectoryChanged => "directory.changed",
            Self::BatchNotified => "batch.notified",
            Self::PublicityPosted => "publicity.posted",
            Self::ResultsReported => "results.reported",
            Self::SeatsDrawn => "seats.drawn",
            Self::PanelDrawn => "panel.drawn",
            Self::SampleDrawn => "sample.drawn",
            Self::StandardSet => "standard.set",
            Self::RubricSet => "rubric.set",
            Self::TermSet => "term.set",
            Self::TableImported => "table.imported",
            Self::KeyChanged => "key.changed",
        }
    }

    /// The kind of a word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// In Chinese.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CertificateIssued => "核发证书",
            Self::CertificateChanged => "变更证书",
            Self::CertificateVoided => "注销证书",
            Self::DirectoryChanged => "目录变动",
            Self::BatchNotified => "认定批次告知",
            Self::PublicityPosted => "结果公示",
            Self::ResultsReported => "结果上报",
            Self::SeatsDrawn => "考场编排抽签",
            Self::PanelDrawn => "专家抽取",
            Self::SampleDrawn => "审核抽样",
            Self::StandardSet => "标准规则",
            Self::RubricSet => "评分表",
            Self::TermSet => "期限与数额",
            Self::TableImported => "参考数据",
            Self::KeyChanged => "签名密钥变更",
        }
    }
}

/// A leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// When the fact was put on its way into the log, milliseconds since 1970.
    pub at: i64,
    /// [`commitment`] to the fact.
    pub commitment: Hash,
    pub kind: LeafKind,
    /// The form, 1.
    pub v: u8,
}

impl Leaf {
    /// A leaf of the form that is written now.
    pub fn new(kind: LeafKind, at: i64, commitment: Hash) -> Self {
        Self { at, commitment, kind, v: FORM }
    }

    /// The entry as it stands in the log: canonical JSON (RFC 8785).
    pub fn entry(&self) -> String {
        // A number, a word and a hash always have a canonical form.
        serde_json_canonicalizer::to_string(self).unwrap_or_default()
    }

    /// Reads an entry; `None` if it is none of the known forms, byte for byte.
    pub fn read(entry: &[u8]) -> Option<Self> {
        let leaf: Self = serde_json::from_slice(entry).ok()?;
        (leaf.v == FORM && leaf.entry().as_bytes() == entry).then_some(leaf)
    }

    /// The hash of the leaf in the tree.
    pub fn hash(&self) -> Hash {
        leaf_hash(self.entry().as_bytes())
    }
}

/// The commitment to a fact: SHA-256 over `jiangce leaf 1\n`, the kind's word and `\n`, the salt in hexadecimal and `\n`, the
/// content. The salt keeps those who don't know the fact from trying all that it might be.
pub fn commitment(kind: LeafKind, salt: &[u8; 16], content: &[u8]) -> Hash {
    let hash = Sha256::new()
        .chain_update(b"jiangce leaf 1\n")
        .chain_update(kind.code())
        .chain_update(b"\n")
        .chain_update(hex(salt))
        .chain_update(b"\n")
        .chain_update(content);
    Hash(hash.finalize().into())
}
