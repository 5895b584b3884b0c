//! Personal data at rest: sealed with keys of the house, and found again by a keyed hash of what was sealed.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use credential::Sm2SecretKey;
use hmac::{Hmac, Mac};
use proof::DocumentKey;
use sha2::Sha256;

use crate::certificate::log_key_of;

/// The keys of the house.
#[derive(Clone)]
pub struct Seals {
    cipher: ChaCha20Poly1305,
    file_cipher: ChaCha20Poly1305,
    /// Keyed once; each text begins with a copy, which halves the work.
    finder: Hmac<Sha256>,
    signer: [u8; 32],
    /// Gives each body the key that it signs with.
    bodies: Hmac<Sha256>,
    /// Gives each body the key that it signs documents with, and their root its own.
    documents: Hmac<Sha256>,
    puzzles: Hmac<Sha256>,
    log: [u8; 32],
    /// By which statements name the log; made once, because it takes a point of the curve.
    log_id: [u8; 4],
}

impl Seals {
    /// Reads the secret at `path`, or makes one that only its owner may read. It is on the disk, name and all, before
    /// anything is sealed with it.
    ///
    /// # Errors
    /// If it can't be read or written, or is not a secret of ours.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make_secret(path)?;
                fs::read(path)?
            }
            read => read?,
        };
        <[u8; 32]>::try_from(bytes.as_slice())
            .map(|secret| Self::from_secret(&secret))
            .map_err(|_| std::io::Error::other("the secret must be 32 bytes"))
    }

    /// The keys that a secret gives.
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self::from_keys(|label| derived(secret, label))
    }

    /// What the public query needs of a secret and nothing more: to find an identity number, to open one so that it can be
    /// masked, to sign puzzles. It can sign no certificate, no list and no log.
    pub fn query_keys(secret: &[u8; 32]) -> [u8; QUERY_KEYS] {
        let mut keys = [0; QUERY_KEYS];
        for (key, label) in keys.chunks_exact_mut(32).zip(QUERY_LABELS) {
            key.copy_from_slice(&derived(secret, label));
        }
        keys
    }

    /// Seals of these keys alone. In place of every other key stands one that nobody knows: what is signed with it is worth
    /// nothing anywhere.
    pub fn for_query(keys: &[u8; QUERY_KEYS]) -> Self {
        Self::from_keys(|label| {
            let place = QUERY_LABELS.iter().position(|known| *known == label);
            place.map_or_else(rand::random, |at| std::array::from_fn(|byte| keys[at * 32 + byte]))
        })
    }

    fn from_keys(derive: impl Fn(&'static [u8]) -> [u8; 32]) -> Self {
        let log = derive(b"jiangce log 1");
        let cipher = |label| ChaCha20Poly1305::new(&derive(label).into());
        Self {
            cipher: cipher(b"jiangce seal 1"),
            file_cipher: cipher(b"jiangce file 1"),
            finder: keyed(&derive(b"jiangce find 1")),
            signer: derive(b"jiangce sign 1"),
            bodies: keyed(&derive(b"jiangce body 1")),
            documents: keyed(&derive(b"jiangce document 1")),
            puzzles: keyed(&derive(b"jiangce puzzle 1")),
            log,
            log_id: log_key_of(&log).map_or([0; 4], |key| key.verifier().id()),
        }
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

    /// Seals the content of a file under its name: what lies under another name does not open.
    pub(super) fn seal_file(&self, name: &str, content: &[u8]) -> Vec<u8> {
        let nonce: [u8; 12] = rand::random();
        let mut sealed = Vec::with_capacity(1 + nonce.len() + content.len() + 16);
        sealed.push(FILE_FORM);
        sealed.extend(nonce);
        sealed.extend(content);
        let tag = self
            .file_cipher
            .encrypt_inout_detached(&Nonce::from(nonce), name.as_bytes(), (&mut sealed[FILE_HEAD..]).into())
            // As for texts: it fails only beyond 256 GiB.
            .unwrap_or_default();
        sealed.extend(tag);
        sealed
    }

    /// Opens what [`Seals::seal_file`] sealed, in place, or `None` if it was not sealed by this house under this name or
    /// was altered.
    pub(super) fn open_file(&self, name: &str, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let end = sealed.len().checked_sub(16).filter(|end| *end >= FILE_HEAD && sealed[0] == FILE_FORM)?;
        let tag: [u8; 16] = sealed[end..].try_into().ok()?;
        let nonce: [u8; 12] = sealed[1..FILE_HEAD].try_into().ok()?;
        sealed.truncate(end);
        self.file_cipher
            .decrypt_inout_detached(
                &Nonce::from(nonce),
                name.as_bytes(),
                (&mut sealed[FILE_HEAD..]).into(),
                &tag.into(),
            )
            .ok()?;
        sealed.drain(..FILE_HEAD);
        Some(sealed)
    }

    /// The keyed hash by which a text is found again: 32 hexadecimal digits.
    pub fn find_key(&self, text: &str) -> String {
        super::hex(&self.find_bytes(text))
    }

    /// The same as the 16 bytes that it is.
    pub fn find_bytes(&self, text: &str) -> [u8; 16] {
        let mut mac = self.finder.clone();
        mac.update(text.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        bytes
    }

    /// Whether a text has this key, in a time that tells nothing of where they differ.
    pub fn fits(&self, text: &str, key: &str) -> bool {
        let bytes: Option<Vec<u8>> =
            (0..key.len()).step_by(2).map(|at| u8::from_str_radix(key.get(at..at + 2)?, 16).ok()).collect();
        let mut mac = self.finder.clone();
        mac.update(text.as_bytes());
        bytes.is_some_and(|bytes| bytes.len() == 16 && mac.verify_truncated_left(&bytes).is_ok())
    }

    /// The secret key with which the house signs its statements, and as the root the keys of the bodies.
    pub fn signing_key(&self) -> [u8; 32] {
        self.signer
    }

    /// The secret key with which the body of a filing number signs; each generation is another.
    pub fn body_key(&self, filing_number: &str, generation: i64) -> [u8; 32] {
        let mut mac = self.bodies.clone();
        mac.update(format!("{filing_number}\n{generation}").as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The secret key with which a holder signs documents: a filing number, or `root`. Each generation is another.
    pub(crate) fn document_key(&self, holder: &str, generation: i64) -> DocumentKey {
        // One in four thousand million is no key; then the next is taken.
        let key = |turn: u64| {
            let mut mac = self.documents.clone();
            mac.update(format!("{holder}\n{generation}\n{turn}").as_bytes());
            DocumentKey::new(&mac.finalize().into_bytes().into())
        };
        (0..).find_map(key).unwrap_or_else(|| unreachable!("some turn gives a key"))
    }

    /// The salt of the index of certificates: public, the same for ever, and another in each house.
    pub(crate) fn index_salt(&self) -> [u8; 16] {
        self.find_bytes("jiangce index 1")
    }

    /// By which puzzles of the public query are signed.
    pub(crate) fn puzzles(&self) -> Hmac<Sha256> {
        self.puzzles.clone()
    }

    /// The secret SM2 key of the body of a filing number.
    pub(crate) fn national_key(&self, filing_number: &str) -> Sm2SecretKey {
        // One in four thousand million is no key; then the next is taken.
        let key = |turn: u64| {
            let mut mac = self.bodies.clone();
            mac.update(format!("sm2\n{filing_number}\n{turn}").as_bytes());
            Sm2SecretKey::from_bytes(&mac.finalize().into_bytes().into()).ok()
        };
        (0..).find_map(key).unwrap_or_else(|| unreachable!("some turn gives a key"))
    }

    /// The secret by which the body of a filing number puts its certificates into its status lists.
    pub(crate) fn status_key(&self, filing_number: &str) -> [u8; 32] {
        let mut mac = self.bodies.clone();
        mac.update(format!("status\n{filing_number}").as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// By which four bytes statements name the public log.
    pub(crate) fn log_id(&self) -> [u8; 4] {
        self.log_id
    }

    /// The secret key with which the public log signs its checkpoints.
    pub fn log_key(&self) -> [u8; 32] {
        self.log
    }
}

/// Bytes of [`Seals::query_keys`], and which keys they are.
pub const QUERY_KEYS: usize = 96;
const QUERY_LABELS: [&[u8]; 3] = [b"jiangce seal 1", b"jiangce find 1", b"jiangce puzzle 1"];

fn derived(secret: &[u8; 32], label: &[u8]) -> [u8; 32] {
    let mut mac = keyed(secret);
    mac.update(label);
    mac.finalize().into_bytes().into()
}

/// The first byte of a sealed file: which way of sealing. Then come 12 bytes of nonce, the content, 16 bytes of tag.
const FILE_FORM: u8 = 1;
/// Bytes before the content.
const FILE_HEAD: usize = 13;

/// Makes a secret under this name: written and flushed beside it, then linked, so that the name never stands for less than
/// the whole. Where someone else was faster, theirs stays.
fn make_secret(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&rand::random::<[u8; 32]>())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error),
        _ => fs::File::open(folder)?.sync_all(),
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
        let file = seals.seal_file("甲", b"PK");
        assert_eq!(seals.open_file("甲", file.clone()).as_deref(), Some(b"PK".as_slice()));
        assert_eq!(seals.open_file("乙", file.clone()), None, "a file under another's name");
        for at in 0..file.len() {
            let mut altered = file.clone();
            altered[at] ^= 1;
            assert_eq!(seals.open_file("甲", altered), None, "byte {at}");
            assert_eq!(seals.open_file("甲", file[..at].to_vec()), None, "cut at {at}");
        }
        assert_eq!(seals.find_key("甲"), seals.find_key("甲"));
        assert_ne!(seals.find_key("甲"), seals.find_key("乙"));
        let key = seals.find_key("甲");
        assert!(seals.fits("甲", &key) && !seals.fits("乙", &key));
        assert!(!seals.fits("甲", &key[..30]) && !seals.fits("甲", "") && !seals.fits("甲", "甲甲甲甲甲甲甲甲甲甲"));
    }

    #[test]
    fn the_keys_of_the_query_find_and_open_and_sign_nothing_that_counts() {
        let (whole, part) = (Seals::from_secret(&[7; 32]), Seals::for_query(&Seals::query_keys(&[7; 32])));
        assert_eq!(part.open_text(&whole.seal("350199188001010011")).as_deref(), Some("350199188001010011"));
        assert_eq!(part.find_key("甲"), whole.find_key("甲"));
        assert_eq!(part.puzzles().finalize().into_bytes(), whole.puzzles().finalize().into_bytes());
        assert_ne!(part.signing_key(), whole.signing_key());
        assert_ne!(part.body_key("Y00003500001", 1), whole.body_key("Y00003500001", 1));
        assert_ne!(part.log_key(), whole.log_key());
        assert_eq!(part.open_file("甲", whole.seal_file("甲", b"PK")), None, "no file opens");
    }

    #[test]
    fn a_secret_is_made_once_and_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret.key");
        let keys: Vec<String> = std::thread::scope(|scope| {
            let opened: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| Seals::open(&path).map(|seals| seals.find_key("甲")).expect("a secret")))
                .collect();
            opened.into_iter().map(|thread| thread.join().expect("a key")).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
        assert_eq!(fs::metadata(&path).expect("the secret").permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1, "nothing else is left behind");
        fs::write(&path, b"short").expect("written");
        assert!(Seals::open(&path).is_err());
    }
}
