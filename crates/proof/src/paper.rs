//! What a certificate on paper proves by itself: its QR code carries the address of the certificate and, behind `#`, a
//! signed statement. A reader without a network checks it against the list of keys ([`crate::KeyList`]).
//!
//! The text of the code is `ADDRESS#jc1.STATEMENT`: `jc1` says which form, STATEMENT is a `COSE_Sign1` (RFC 9052, tag 18) in
//! base64url without padding, deterministic CBOR throughout:
//!
//! - protected header: `{1: -8, 4: KEY}`, EdDSA and the eight bytes of the key's id; the unprotected one is empty;
//! - external data: the bytes of ADDRESS, so that the statement can't be moved to another address;
//! - payload: the claims of a CWT (RFC 8392): `1` the filing number of the body, `2` the certificate's number, `6` the
//!   beginning of the day of issue in China, and under the private `-65537` an array: form (1), occupation code, edition of the
//!   classification, level (a digit), last examination day (days since 1970), salt (16 bytes), [`crate::holder_hash`] of
//!   the holder over the salt in hexadecimal (32 bytes), id of the public log (4 bytes, see [`crate::log`]).
//!
//! Part of the address behind `#` never leaves a browser: who scans the code asks for nothing but the page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::civil::{Date, date};

use crate::cbor::{Reader, Writer};
use crate::log::{Leaf, LeafKind, commitment};
use crate::{PublicKey, SignError, Signer, holder_hash, unhex};

/// What stands between address and statement: the form of what follows.
const MARK: &str = "#jc1.";
/// EdDSA in COSE.
const EDDSA: i64 = -8;
/// The tag of a `COSE_Sign1`.
const SIGN1: u64 = 18;
/// The claims' keys: issuer, subject, issued at, and our own.
const ISSUER: i64 = 1;
const SUBJECT: i64 = 2;
const ISSUED_AT: i64 = 6;
const OURS: i64 = -65537;
/// The form of our own claim.
const FORM: i64 = 1;
/// How far China is ahead of UTC, in seconds.
const CHINA: i64 = 8 * 3600;
const DAY: i64 = 86_400;

/// What a body states about one certificate, as it stands in a QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperStatement {
    /// 证书编号, 22 characters.
    pub number: String,
    /// 机构备案编号, 13 characters.
    pub filing_number: String,
    /// Occupation code.
    pub occupation_code: String,
    /// The edition of the classification that the code belongs to: a year.
    pub edition: u16,
    /// The level's digit, 1 to 5.
    pub level: u8,
    /// Day of the last examination.
    pub exam_on: Date,
    /// Day of issue.
    pub issued_on: Date,
    /// Makes the holder's hash unlike any other of the same person.
    pub salt: [u8; 16],
    /// [`holder_hash`] of the holder.
    pub holder: [u8; 32],
    /// Which public log holds the certificate.
    pub log: [u8; 4],
}

/// What came of reading a QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaperVerdict {
    /// Signed by this key, and nothing was changed since; whether the key may sign it is the list's to say.
    Signed(Box<PaperStatement>, PublicKey),
    /// No statement of ours: an address alone, something else, or signed by a key that the list does not know.
    NotOurs(&'static str),
    /// A statement in our form that was altered.
    Broken,
}

impl PaperStatement {
    /// The salted hash of a holder: of the name, and the number of the identity document.
    pub fn holder_of(salt: &[u8; 16], name: &str, id_number: &str) -> [u8; 32] {
        // The same hash as inside electronic certificates, as bytes.
        unhex(&holder_hash(&crate::hex(salt), name, id_number)).unwrap_or_default()
    }

    /// Whether the certificate is that of this person.
    pub fn is_of(&self, name: &str, id_number: &str) -> bool {
        Self::holder_of(&self.salt, name, id_number) == self.holder
    }

    /// The claims, as they are signed. Whoever knows them can find the certificate's leaf in the public log.
    pub fn claims(&self) -> Vec<u8> {
        let Self { number, filing_number, occupation_code, edition, level, exam_on, issued_on, salt, holder, log } =
            self;
        Writer::default()
            .map(4)
            .int(ISSUER)
            .text(filing_number)
            .int(SUBJECT)
            .text(number)
            .int(ISSUED_AT)
            .int(days(*issued_on) * DAY - CHINA)
            .int(OURS)
            .array(8)
            .int(FORM)
            .text(occupation_code)
            .int((*edition).into())
            .int((*level).into())
            .int(days(*exam_on))
            .bytes(salt)
            .bytes(holder)
            .bytes(log)
            .end()
    }

    /// The leaf of the certificate in the public log, put on its way at this instant (milliseconds since 1970).
    pub fn leaf(&self, at: i64) -> Leaf {
        let kind = LeafKind::CertificateIssued;
        Leaf::new(kind, at, commitment(kind, &self.salt, &self.claims()))
    }

    fn read(claims: &[u8]) -> Option<Self> {
        let mut read = Reader::new(claims);
        read.map(4)?;
        read.key(ISSUER)?;
        let filing_number = read.text()?.to_owned();
        read.key(SUBJECT)?;
        let number = read.text()?.to_owned();
        read.key(ISSUED_AT)?;
        let issued_at = read.int()?.checked_add(CHINA)?;
        read.key(OURS)?;
        read.array(8)?;
        read.key(FORM)?;
        let statement = Self {
            number,
            filing_number,
            occupation_code: read.text()?.to_owned(),
            edition: read.int()?.try_into().ok()?,
            level: read.int()?.try_into().ok()?,
            exam_on: day(read.int()?)?,
            issued_on: (issued_at.rem_euclid(DAY) == 0).then(|| day(issued_at / DAY))??,
            salt: read.bytes()?.try_into().ok()?,
            holder: read.bytes()?.try_into().ok()?,
            log: read.bytes()?.try_into().ok()?,
        };
        read.end()?;
        Some(statement)
    }

    /// The text of the QR code of a certificate that is shown at `address`, signed.
    ///
    /// # Errors
    /// When the signer does not sign.
    pub fn sign(&self, address: &str, signer: &(impl Signer + ?Sized)) -> Result<String, SignError> {
        let (protected, claims) = (protected(&signer.public()), self.claims());
        let signature = signer.sign(&to_sign(&protected, address, &claims))?;
        let cose =
            Writer::default().tag(SIGN1).array(4).bytes(&protected).map(0).bytes(&claims).bytes(&signature).end();
        Ok(format!("{address}{MARK}{}", BASE64.encode(cose)))
    }
}

/// Reads the text of a QR code and checks its signature with that of the keys which it names.
pub fn read_paper(text: &str, keys: &[PublicKey]) -> PaperVerdict {
    let Some((address, statement)) = text.split_once(MARK) else {
        return PaperVerdict::NotOurs("二维码中没有签名说明，只有网址或其他内容");
    };
    let Ok(cose) = BASE64.decode(statement) else { return PaperVerdict::Broken };
    let Some((protected, key, claims, signature)) = parts(&cose) else { return PaperVerdict::Broken };
    let Some(stated) = PaperStatement::read(claims) else { return PaperVerdict::Broken };
    let Some(key) = keys.iter().find(|known| known.id_bytes() == key) else {
        return PaperVerdict::NotOurs("签名所用的公钥不在公钥清单中");
    };
    if key.signed(&to_sign(protected, address, claims), &signature) {
        PaperVerdict::Signed(Box::new(stated), key.clone())
    } else {
        PaperVerdict::Broken
    }
}

/// Protected header, id of the key, claims, signature.
type Parts<'a> = (&'a [u8], [u8; 8], &'a [u8], [u8; 64]);

fn parts(cose: &[u8]) -> Option<Parts<'_>> {
    let mut read = Reader::new(cose);
    read.tag(SIGN1)?;
    read.array(4)?;
    let protected = read.bytes()?;
    read.map(0)?;
    let (claims, signature) = (read.bytes()?, read.bytes()?.try_into().ok()?);
    read.end()?;
    let mut header = Reader::new(protected);
    header.map(2)?;
    header.key(1)?;
    header.key(EDDSA)?;
    header.key(4)?;
    let key = header.bytes()?.try_into().ok()?;
    header.end()?;
    Some((protected, key, claims, signature))
}

fn protected(key: &PublicKey) -> Vec<u8> {
    Writer::default().map(2).int(1).int(EDDSA).int(4).bytes(&key.id_bytes()).end()
}

/// What is signed: the `Sig_structure` of a `COSE_Sign1`.
fn to_sign(protected: &[u8], address: &str, claims: &[u8]) -> Vec<u8> {
    Writer::default().array(4).text("Signature1").bytes(protected).bytes(address.as_bytes()).bytes(claims).end()
}

const EPOCH: Date = date(1970, 1, 1);

fn days(day: Date) -> i64 {
    day.duration_since(EPOCH).as_hours() / 24
}

fn day(days: i64) -> Option<Date> {
    EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}
