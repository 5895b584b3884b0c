//! Keys as the web of documents writes them: Multikey and `did:key`.

use proof::PublicKey;

use crate::Flaw;

/// Stands before the bytes of an Ed25519 public key in a Multikey.
const ED25519: [u8; 2] = [0xed, 0x01];
/// 34 bytes fill at most 47 characters of base 58; 64 bytes at most 88. Longer texts are not even decoded.
const KEY_LENGTH: usize = 48;
const SIGNATURE_LENGTH: usize = 89;

/// A public key as a Multikey: `z6Mk…`.
pub fn write_multikey(key: &PublicKey) -> String {
    let bytes: Vec<u8> = ED25519.iter().chain(key.as_bytes()).copied().collect();
    format!("z{}", bs58::encode(bytes).into_string())
}

/// The public key that a Multikey writes.
///
/// # Errors
/// [`Flaw::Key`] when it is another kind of key, or one of no effect.
pub fn read_multikey(text: &str) -> Result<PublicKey, Flaw> {
    let no_key = || Flaw::Key(text.chars().take(64).collect());
    let encoded = text.strip_prefix('z').filter(|rest| rest.len() < KEY_LENGTH).ok_or_else(no_key)?;
    let bytes = bs58::decode(encoded).into_vec().map_err(|_| no_key())?;
    let key: &[u8; 32] = bytes.strip_prefix(&ED25519).and_then(|bytes| bytes.try_into().ok()).ok_or_else(no_key)?;
    PublicKey::from_bytes(key).map_err(|_| no_key())
}

/// The DID that a key is for itself.
pub fn did_key(key: &PublicKey) -> String {
    format!("did:key:{}", write_multikey(key))
}

pub(crate) fn write_signature(signature: &[u8; 64]) -> String {
    format!("z{}", bs58::encode(signature).into_string())
}

/// 64 bytes in base 58 with their `z`, and nothing else.
pub(crate) fn read_signature(text: &str) -> Result<[u8; 64], Flaw> {
    let encoded = text.strip_prefix('z').filter(|rest| rest.len() < SIGNATURE_LENGTH);
    let bytes = encoded.and_then(|rest| bs58::decode(rest).into_vec().ok());
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(Flaw::Multibase("proofValue"))
}
