//! Bitstring Status List 1.0: one bit for each certificate in a list so long that asking for it tells nobody which one
//! was asked about. The list says nothing of persons, and a certificate's place in it nothing of the order of issue.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::integrity::written;
use crate::json::each;
use crate::model::is_of_type;
use crate::{CREDENTIALS_V2, Flaw};

/// Places in a list: the least that the standard allows, 16 KB.
pub const LIST_LENGTH: u32 = 131_072;
/// Half the bits of a place, rounded up: the permutation walks over 2^18 and steps on while it is beyond the list.
const HALF: u32 = 9;
/// A stranger's list may be longer, but no bomb.
const LONGEST: u64 = 16 * 1024 * 1024;

/// What a list answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPurpose {
    /// Void for good.
    Revocation,
    /// Void for now.
    Suspension,
}

impl StatusPurpose {
    /// As entries and lists name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
        }
    }
}

/// Where a credential's bit stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusEntry {
    /// What the bit says.
    pub purpose: StatusPurpose,
    /// Address of the list.
    pub list: String,
    /// Its place.
    pub place: u32,
}

impl StatusEntry {
    /// As it stands in `credentialStatus`.
    pub fn document(&self) -> Value {
        json!({
            "id": format!("{}#{}", self.list, self.place),
            "type": "BitstringStatusListEntry",
            "statusPurpose": self.purpose.name(),
            "statusListIndex": self.place.to_string(),
            "statusListCredential": self.list,
        })
    }
}

/// The place of the n-th certificate of a list: a permutation under the issuer's key, so that whoever holds the key
/// computes it again, and nobody else learns from two places which certificate came first. None beyond the list.
pub fn place_of(key: &[u8; 32], list: u32, ordinal: u32) -> Option<u32> {
    if ordinal >= LIST_LENGTH {
        return None;
    }
    let mut place = ordinal;
    loop {
        place = shuffled(key, list, place);
        if place < LIST_LENGTH {
            return Some(place);
        }
    }
}

/// Eight rounds of Feistel over 18 bits.
fn shuffled(key: &[u8; 32], list: u32, place: u32) -> u32 {
    let mask = (1 << HALF) - 1;
    let (mut left, mut right) = (place >> HALF, place & mask);
    for round in 0..8_u8 {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes every key"));
        mac.update(b"jiangce status place 1\n");
        mac.update(&list.to_be_bytes());
        mac.update(&[round]);
        mac.update(&right.to_be_bytes());
        let out = mac.finalize().into_bytes();
        let mixed = u32::from(u16::from_be_bytes([out[0], out[1]])) & mask;
        (left, right) = (right, left ^ mixed);
    }
    left << HALF | right
}

/// The bits of a list; the first place is the leftmost bit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusList(Vec<u8>);

impl Default for StatusList {
    fn default() -> Self {
        Self(vec![0; LIST_LENGTH as usize / 8])
    }
}

impl StatusList {
    /// How many places there are.
    pub fn length(&self) -> u64 {
        self.0.len() as u64 * 8
    }

    /// Sets or clears the bit at a place.
    ///
    /// # Errors
    /// [`Flaw::StatusRange`] beyond the end.
    pub fn set(&mut self, place: u32, is_set: bool) -> Result<(), Flaw> {
        let byte = self.0.get_mut(place as usize / 8).ok_or_else(|| Flaw::StatusRange(place.to_string()))?;
        let bit = 0x80 >> (place % 8);
        if is_set {
            *byte |= bit
        } else {
            *byte &= !bit
        }
        Ok(())
    }

    /// The bit at a place.
    ///
    /// # Errors
    /// [`Flaw::StatusRange`] beyond the end.
    pub fn get(&self, place: u64) -> Result<bool, Flaw> {
        let byte = usize::try_from(place / 8).ok().and_then(|at| self.0.get(at));
        let byte = byte.ok_or_else(|| Flaw::StatusRange(place.to_string()))?;
        Ok(byte & (0x80 >> (place % 8)) != 0)
    }

    /// Packed, in base 64 with its `u`.
    ///
    /// # Errors
    /// [`Flaw::StatusListEncoding`]; a list in memory can be packed.
    pub fn encoded(&self) -> Result<String, Flaw> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(&self.0).map_err(|_| Flaw::StatusListEncoding)?;
        let packed = packer.finish().map_err(|_| Flaw::StatusListEncoding)?;
        Ok(format!("u{}", URL_SAFE_NO_PAD.encode(packed)))
    }

    /// Unpacks a list.
    ///
    /// # Errors
    /// When it is no packed list, shorter than the standard allows, or too long.
    pub fn decode(encoded: &str) -> Result<Self, Flaw> {
        let packed = encoded.strip_prefix('u').and_then(|rest| URL_SAFE_NO_PAD.decode(rest).ok());
        let packed = packed.ok_or(Flaw::StatusListEncoding)?;
        let mut bits = Vec::new();
        GzDecoder::new(&packed[..]).take(LONGEST + 1).read_to_end(&mut bits).map_err(|_| Flaw::StatusListEncoding)?;
        if bits.len() as u64 > LONGEST || bits.len() < LIST_LENGTH as usize / 8 {
            return Err(Flaw::StatusListLength);
        }
        Ok(Self(bits))
    }
}

/// A list as the issuer publishes it.
#[derive(Debug, Clone)]
pub struct ListOf<'a> {
    /// Its address.
    pub id: &'a str,
    /// Who issues it: whoever issues the credentials.
    pub issuer: &'a str,
    /// What it answers.
    pub purpose: StatusPurpose,
    /// From when it is good.
    pub valid_from: Timestamp,
    /// Until when; after that a verifier wants a newer one.
    pub valid_until: Option<Timestamp>,
    /// The bits.
    pub bits: &'a StatusList,
}

impl ListOf<'_> {
    /// The credential that carries the list; still to be signed.
    ///
    /// # Errors
    /// As [`StatusList::encoded`].
    pub fn document(&self) -> Result<Value, Flaw> {
        let mut document = json!({
            "@context": [CREDENTIALS_V2],
            "id": self.id,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": self.issuer,
            "validFrom": written(self.valid_from),
            "credentialSubject": {
                "id": format!("{}#list", self.id),
                "type": "BitstringStatusList",
                "statusPurpose": self.purpose.name(),
                "encodedList": self.bits.encoded()?,
            },
        });
        if let Some(until) = self.valid_until {
            document["validUntil"] = written(until).into();
        }
        Ok(document)
    }
}

/// The bit that a list credential, already verified, gives for an entry.
pub(crate) fn bit(entry: &Value, list: &Value) -> Result<bool, Flaw> {
    let purpose = entry.get("statusPurpose").and_then(Value::as_str).unwrap_or_default();
    if !is_of_type(list, "BitstringStatusListCredential") {
        return Err(Flaw::model("type", "缺少 BitstringStatusListCredential"));
    }
    let subject = &list["credentialSubject"];
    if subject.get("type").and_then(Value::as_str) != Some("BitstringStatusList") {
        return Err(Flaw::model("credentialSubject.type", "不是 BitstringStatusList"));
    }
    if !each(subject.get("statusPurpose")).iter().any(|found| found == purpose) {
        return Err(Flaw::StatusListPurpose(purpose.to_owned()));
    }
    if entry.get("statusSize").is_some_and(|size| size != 1) {
        return Err(Flaw::model("credentialStatus.statusSize", "大于 1，不支持"));
    }
    let bits = StatusList::decode(subject.get("encodedList").and_then(Value::as_str).unwrap_or_default())?;
    let place = entry.get("statusListIndex").and_then(Value::as_str).unwrap_or_default();
    bits.get(place.parse().map_err(|_| Flaw::StatusRange(place.to_owned()))?)
}
