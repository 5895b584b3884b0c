//! Who signs what: each body with a key of its own, the province as the root of the bodies' keys, the public log with its own.
//! All of them come from the secret of the house.

use jiff::civil::Date;
use proof::log::LogKey;
use proof::{KeyCertificate, KeyList, PaperStatement, Signer as _, SoftwareKey};
use rules::certificate::Level;
use rules::trade::CODE_EDITION;

use super::{Face, signer, store};
use crate::door::{Office, Seals, Sight, Stop, hex};

/// The key with which the body of a filing number signs.
pub(super) fn body_key(seals: &Seals, filing_number: &str) -> SoftwareKey {
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
