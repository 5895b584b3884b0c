//! Personal data at rest: sealed with a key of the house, and found again by a keyed hash of what was sealed.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The keys of the house.
#[derive(Clone)]
pub struct Seals {
    cipher: ChaCha20Poly1305,
    /// Keyed once; each text begins with a copy, which halves the work.
    finder: Hmac<Sha256>,
    signer: [u8; 32],
}

impl Seals {
    /// Reads the secret at `path`, or makes one that only its owner may read.
    ///
    /// # Errors
    /// If it can't be read or written, or is not a secret of ours.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        match fs::read(path) {
            Ok(bytes) => <[u8; 32]>::try_from(bytes.as_slice())
                .map(|secret| Self::from_secret(&secret))
                .map_err(|_| std::io::Error::other("the secret must be 32 bytes")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secret: [u8; 32] = rand::random();
                let mut options = fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let mut file = options.open(path)?;
                file.write_all(&secret)?;
                file.sync_all()?;
                Ok(Self::from_secret(&secret))
            }
            Err(error) => Err(error),
        }
    }

    /// The keys that a secret gives.
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        let derive = |label: &[u8]| -> [u8; 32] {
            let mut mac = keyed(secret);
            mac.update(label);
            mac.finalize().into_bytes().into()
        };
        let cipher = ChaCha20Poly1305::new(&derive(b"jiangce seal 1").into());
        Self { cipher, finder: keyed(&derive(b"jiangce find 1")), signer: derive(b"jiangce sign 1") }
    }

    /// Seals a text; the same text never looks the same twice.
    pub fn seal(&self, text: &str) -> String {
        let nonce: [u8; 12] = rand::random();
        // Encryption in memory fails only beyond 256 GiB.
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), text.as_bytes()).unwrap_or_default();
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        BASE64.encode(bytes)
    }

    /// Opens what [`Seals::seal`] sealed, or `None` if it was not sealed by this house or was altered.
    pub fn open_text(&self, sealed: &str) -> Option<String> {
        let bytes = BASE64.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(12)?;
        let nonce: [u8; 12] = nonce.try_into().ok()?;
        String::from_utf8(self.cipher.decrypt(&Nonce::from(nonce), sealed).ok()?).ok()
    }

    /// The keyed hash by which a text is found again: 32 hexadecimal digits.
    pub fn find_key(&self, text: &str) -> String {
        let mut mac = self.finder.clone();
        mac.update(text.as_bytes());
        super::hex(&mac.finalize().into_bytes()[..16])
    }

    /// The secret key with which the house signs its statements.
    pub fn signing_key(&self) -> [u8; 32] {
        self.signer
    }
}

/// HMAC-SHA-256 under a key of 32 bytes; it takes keys of any length, so it can't fail.
fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_whole_and_only_here() {
        let seals = Seals::from_secret(&[7; 32]);
        let sealed = seals.seal("350199188001010011");
        assert_eq!(seals.open_text(&sealed).as_deref(), Some("350199188001010011"));
        assert_ne!(seals.seal("350199188001010011"), sealed);
        assert_eq!(seals.open_text(&format!("A{}", &sealed[1..])).filter(|_| !sealed.starts_with('A')), None);
        assert_eq!(Seals::from_secret(&[8; 32]).open_text(&sealed), None);
        assert_eq!(seals.find_key("甲"), seals.find_key("甲"));
        assert_ne!(seals.find_key("甲"), seals.find_key("乙"));
    }
}
