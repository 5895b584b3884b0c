//! Who signs what: each body with a key of its own and its PDFs with another, the province as the root of the bodies' keys, the
//! public log with its own. All of them come from the secret of the house.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use press::{SignatureNote, Unsigned};
use proof::log::LogKey;
use proof::{
    Compromise, DocumentRoot, DocumentSigner as _, Holder, KeyCertificate, KeyList, PaperStatement, Signer as _,
    SoftwareKey, SoftwareSigner, sign_document,
};
use rules::certificate::Level;
use rules::trade::CODE_EDITION;

use super::{Face, signer, signer_of, store};
use crate::door::{Office, Seals, Sight, Stop, hex};
use crate::signing_key;

/// The key with which the body of a filing number signs; `signing_key` says which generation signs what.
pub(crate) fn body_key(seals: &Seals, filing_number: &str, generation: i64) -> SoftwareKey {
    SoftwareKey::new(&seals.body_key(filing_number, generation))
}

/// The root has one generation.
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
    let body =
        Signing { filing_number: &face.filing_number, name: &face.body_name, listed_on: face.listed_on, key: face.key };
    sign_by(office, &body, ("核发职业技能等级证书", face.signed_at()?), pdf)
}

/// A body that signs a document.
pub(crate) struct Signing<'a> {
    pub filing_number: &'a str,
    pub name: &'a str,
    pub listed_on: Date,
    /// With which of its keys.
    pub key: i64,
}

/// A document of the press with a body's signature: why, and when as it claims.
///
/// # Errors
/// A fault when the house can't sign.
pub(crate) fn sign_by(
    office: &Office,
    body: &Signing<'_>,
    (reason, at): (&str, Timestamp),
    pdf: Vec<u8>,
) -> Result<Vec<u8>, Stop> {
    let signer = document_signer(office, body)?;
    let note = SignatureNote { name: body.name.to_owned(), reason: reason.into(), at };
    let unsigned = Unsigned::new(pdf, &note, ROOM).map_err(Stop::fault)?;
    let signature = sign_document(&unsigned.parts(), &signer).map_err(Stop::fault)?;
    unsigned.with(&signature).map_err(Stop::fault)
}

/// The key of a body for documents, under the root: the same certificate each time.
fn document_signer(office: &Office, body: &Signing<'_>) -> Result<SoftwareSigner, Stop> {
    let Signing { filing_number, name, listed_on, key: generation } = *body;
    let holder = Holder { name: name.to_owned(), filing_number: Some(filing_number.to_owned()), generation };
    let since = listed_on.to_zoned(CHINA).map_err(Stop::fault)?.timestamp();
    let key = office.seals().document_key(filing_number, generation);
    office.document_root()?.signer(key, &holder, since).map_err(Stop::fault)
}

/// The certificates of lost keys, under the root, as programs elsewhere read it (RFC 5280, 5): DER. It is signed anew each time
/// and good for a week.
///
/// # Errors
/// A fault when the house can't read or sign.
pub(crate) fn revocations(office: &Office) -> Result<Vec<u8>, Stop> {
    let (bearers, later) = office
        .public(|sight: &mut Sight<'_>| Ok((store::bearers(&mut sight.tx())?, signing_key::all(&mut sight.tx())?)))?;
    let by_number: BTreeMap<_, _> = bearers.iter().map(|bearer| (bearer.filing_number.as_str(), bearer)).collect();
    let mut revoked = Vec::new();
    for (one, lost) in later.iter().filter_map(|one| Some((one, one.lost.as_ref()?))) {
        let Some(bearer) = by_number.get(one.filing_number.as_str()) else { continue };
        // Its certificate bore the name that the body had; the serial number follows from that.
        let mut names: BTreeSet<String> =
            office.public(|sight: &mut Sight<'_>| Ok(store::names_of(&mut sight.tx(), &one.filing_number)?))?;
        names.insert(bearer.name.clone());
        for name in &names {
            let (filing_number, listed_on) = (&one.filing_number, bearer.listed_on);
            let signer = document_signer(office, &Signing { filing_number, name, listed_on, key: lost.generation })?;
            revoked.push((signer.chain()[0].clone(), Timestamp::from_millisecond(lost.at).map_err(Stop::fault)?));
        }
    }
    let now = Timestamp::from_millisecond(office.now()).map_err(Stop::fault)?;
    office.document_root()?.revocations(&revoked, now).map_err(Stop::fault)
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
    let (bearers, later) = office
        .public(|sight: &mut Sight<'_>| Ok((store::bearers(&mut sight.tx())?, signing_key::all(&mut sight.tx())?)))?;
    let mut by_number: BTreeMap<String, Vec<signing_key::Later>> = BTreeMap::new();
    for one in later {
        by_number.entry(one.filing_number.clone()).or_default().push(one);
    }
    let (mut keys, mut compromised) = (Vec::new(), Vec::new());
    for bearer in bearers {
        let later = by_number.remove(&bearer.filing_number).unwrap_or_default();
        let public = |generation| body_key(office.seals(), &bearer.filing_number, generation).public();
        for key in signing_key::keys_of(bearer.listed_on, &later) {
            let certificate = KeyCertificate {
                body: bearer.name.clone(),
                filing_number: bearer.filing_number.clone(),
                key: hex(public(key.generation).as_bytes()),
                valid_from: key.from,
                valid_until: key.until,
            };
            keys.push(certificate.sign(&root).map_err(Stop::fault)?);
        }
        compromised.extend(later.iter().filter_map(|one| one.lost.as_ref()).map(|lost| Compromise {
            key: public(lost.generation).id(),
            at: lost.at,
            log_size: lost.log_size.try_into().unwrap_or_default(),
            log_root: lost.log_root.clone(),
        }));
    }
    let list = KeyList {
        signed_at: office.now(),
        root: hex(root.public().as_bytes()),
        log: log_key(office.seals())?.verifier().to_string(),
        keys,
        compromised,
    };
    list.sign(&root).map_err(Stop::fault)
}
