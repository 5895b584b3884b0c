//! Who signs what: each body with a key of its own and its PDFs with another, the province as the root of the bodies' keys, the
//! public log with its own. All of them come from the secret of the house.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use press::{SignatureNote, Unsigned};
use proof::log::LogKey;
use proof::{DocumentRoot, Holder, KeyCertificate, KeyList, PaperStatement, Signer as _, SoftwareKey, sign_document};
use rules::certificate::Level;
use rules::trade::CODE_EDITION;

use super::{Face, signer, signer_of, store};
use crate::door::{Office, Seals, Sight, Stop, hex};

/// The key with which the body of a filing number signs.
pub(crate) fn body_key(seals: &Seals, filing_number: &str) -> SoftwareKey {
    SoftwareKey::new(&seals.body_key(filing_number, FIRST))
}

/// The first key of a body.
const FIRST: i64 = 1;

/// The key of the public log. Its name, which is the origin of its checkpoints, follows from the key: it stays the same
/// whatever address the house has.
///
/// # Errors
/// Never for such a name.
pub(crate) fn log_key(seals: &Seals) -> Result<LogKey<SoftwareKey>, Stop> {
    log_key_of(&seals.log_key()).ok_or_else(|| Stop::fault("the key of the public log has no name"))
}

/// As [`log_key`], of these secret bytes.
pub(crate) fn log_key_of(secret: &[u8; 32]) -> Option<LogKey<SoftwareKey>> {
    let key = SoftwareKey::new(secret);
    let origin = format!("jiangce/{}", key.public().id());
    LogKey::new(&origin, key)
}

/// The root under which these seals let bodies sign documents. Its name ends with the id of the house's public key, which
/// tells houses apart.
///
/// # Errors
/// Never for such a name.
pub(crate) fn document_root_of(seals: &Seals) -> Result<DocumentRoot, Stop> {
    let name = format!("匠册证书签名根 {}", signer_of(seals).public().id());
    let holder = Holder { name, filing_number: None, generation: FIRST };
    let since = BEGINNING.to_zoned(CHINA).map_err(Stop::fault)?.timestamp();
    DocumentRoot::new(seals.document_key("root", FIRST), &holder, since).map_err(Stop::fault)
}

/// No root of ours is older than the notice (闽人社办〔2020〕60号).
const BEGINNING: Date = Date::constant(2020, 1, 1);
const CHINA: TimeZone = TimeZone::fixed(Offset::constant(8));

/// A certificate's PDF with its body's signature. It says that it was signed when this version was issued, so that it is the
/// same file whenever it is asked for.
///
/// # Errors
/// A fault when the house can't sign.
pub(super) fn sign_pdf(office: &Office, face: &Face, pdf: Vec<u8>) -> Result<Vec<u8>, Stop> {
    let (number, name) = (&face.filing_number, &face.body_name);
    let holder = Holder { name: name.clone(), filing_number: Some(number.clone()), generation: FIRST };
    let since = face.listed_on.to_zoned(CHINA).map_err(Stop::fault)?.timestamp();
    let key = office.seals().document_key(number, FIRST);
    let signer = office.document_root()?.signer(key, &holder, since).map_err(Stop::fault)?;
    let note =
        SignatureNote { name: name.clone(), reason: "核发职业技能等级证书".into(), at: face.signed_at()? };
    let unsigned = Unsigned::new(pdf, &note, ROOM).map_err(Stop::fault)?;
    let signature = sign_document(&unsigned.parts(), &signer).map_err(Stop::fault)?;
    unsigned.with(&signature).map_err(Stop::fault)
}

/// Bytes that a signature may take; with a certificate of ours it takes a thousand.
const ROOM: usize = 2048;

/// Of a certificate, what its QR code states.
pub(crate) struct Stated<'a> {
    pub number: &'a str,
    pub token: &'a str,
    pub filing_number: &'a str,
    pub trade_code: &'a str,
    pub level: Level,
    pub exam_on: Date,
    pub issued_on: Date,
    pub name: &'a str,
    pub id_number: &'a str,
}

impl Face {
    /// When this version was issued.
    ///
    /// # Errors
    /// Never for an instant that was stored.
    pub(crate) fn signed_at(&self) -> Result<Timestamp, Stop> {
        let issued_at = Timestamp::from_millisecond(self.issued_at).map_err(Stop::fault)?;
        Ok(match self.replaced_on {
            Some(day) => day.to_zoned(CHINA).map_err(Stop::fault)?.timestamp().max(issued_at),
            None => issued_at,
        })
    }

    /// What the QR code states.
    pub(crate) fn stated(&self) -> Stated<'_> {
        Stated {
            number: &self.number,
            token: &self.token,
            filing_number: &self.filing_number,
            trade_code: &self.trade_code,
            level: self.level,
            exam_on: self.exam_on,
            issued_on: self.issued_on,
            name: &self.name,
            id_number: &self.id_number,
        }
    }
}

/// What the QR code of a certificate states; the same each time.
///
/// # Errors
/// As [`log_key`]'s.
pub(crate) fn statement(seals: &Seals, stated: &Stated<'_>) -> Result<PaperStatement, Stop> {
    // A salt of its own for each certificate, and the same each time it is printed.
    let salt = seals.find_bytes(&format!("salt {}", stated.token));
    Ok(PaperStatement {
        number: stated.number.to_owned(),
        filing_number: stated.filing_number.to_owned(),
        occupation_code: stated.trade_code.to_owned(),
        edition: CODE_EDITION.parse().map_err(Stop::fault)?,
        level: stated.level.digit(),
        exam_on: stated.exam_on,
        issued_on: stated.issued_on,
        salt,
        holder: PaperStatement::holder_of(&salt, stated.name, stated.id_number),
        log: seals.log_id(),
    })
}

/// The list of keys as it is published, signed by the root.
///
/// # Errors
/// A fault when the house can't read or sign.
pub(crate) fn key_list(office: &Office) -> Result<Vec<u8>, Stop> {
    let root = signer(office);
    let bearers = office.public(|sight: &mut Sight<'_>| Ok(store::bearers(&mut sight.tx())?))?;
    let keys = bearers.into_iter().map(|bearer| {
        let key = hex(body_key(office.seals(), &bearer.filing_number).public().as_bytes());
        let certificate = KeyCertificate {
            body: bearer.name,
            filing_number: bearer.filing_number,
            key,
            valid_from: bearer.listed_on,
            valid_until: None,
        };
        certificate.sign(&root)
    });
    let list = KeyList {
        signed_at: office.now(),
        root: hex(root.public().as_bytes()),
        log: log_key(office.seals())?.verifier().to_string(),
        keys: keys.collect::<Result<_, _>>().map_err(Stop::fault)?,
        compromised: Vec::new(),
    };
    list.sign(&root).map_err(Stop::fault)
}
