//! Changes of certificates, replaced versions and holders' requests in the database.

use jiff::civil::Date;
use rules::certificate::change::{CertificateChangeKind, CertificateRequestState};
use rules::identity::{IdKind, mask_name};
use rules::marking::Hand;
use rules::proposal::ProposalState;

use super::{
    CertificateChangeLine, CertificateRequestLine, CertificateRequestStanding, CertificateVersionLine, Held, masked,
    masked_number,
};
use crate::args;
use crate::certificate::{Face, coded};
use crate::db::{DbError, Row, Tx};
use crate::door::clock::read_out;
use crate::door::{FileHash, KeptFile, Seals};

/// The columns of [`Change`].
macro_rules! changes {
    ($which:literal) => {
        concat!(
            "SELECT id, kind, state, name, id_kind, id_key, id_sealed, photo, reason, file, file_name, certificate_request, proposed_at, proposed_by, proposed_account, answered_on, answered_by, answer
      FROM certificate_change WHERE certificate = ?1",
            $which
        )
    };
}

/// The columns of [`Request`].
macro_rules! requests {
    ($which:literal) => {
        concat!(
            "SELECT id, receipt, kind, reason, contact_sealed, asked_on, due_on, state, answered_on, answered_by, answer
      FROM certificate_request WHERE certificate = ?1",
            $which
        )
    };
}

crate::statements! {
    CHANGE = changes!(" AND id = ?2");
    CHANGES = changes!(" ORDER BY id DESC LIMIT 200");
    OPEN_OF = "SELECT COUNT(*) FROM certificate_change WHERE certificate = ?1 AND state = 'proposed'";
    PROPOSE = "INSERT INTO certificate_change (id, certificate, body, kind, state, name, id_kind, id_key, id_sealed, photo, reason, file, file_name, certificate_request, proposed_at, proposed_on, proposed_by, proposed_account)
      VALUES (?1, ?2, ?3, ?4, 'proposed', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    ANSWER = "UPDATE certificate_change SET state = ?2, answered_on = ?3, answered_by = ?4, answer = ?5 WHERE id = ?1";
    REPLACE = "INSERT INTO certificate_print (certificate, no, token, name, id_kind, id_key, id_sealed, photo, replaced_on, certificate_change) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    RENEW = "UPDATE certificate SET token = ?2, print_no = print_no + 1, name = ?3, id_kind = ?4, id_key = ?5, id_sealed = ?6, photo = ?7 WHERE id = ?1";
    VERSIONS = "SELECT p.no, p.name, p.id_sealed, p.replaced_on, h.kind FROM certificate_print p JOIN certificate_change h ON h.id = p.certificate_change WHERE p.certificate = ?1 ORDER BY p.no";
    REPLACED = "SELECT p.no, c.number, c.body_name, p.replaced_on, h.kind FROM certificate_print p JOIN certificate c ON c.id = p.certificate JOIN certificate_change h ON h.id = p.certificate_change WHERE p.token = ?1";
    STEPS = "SELECT kind, answered_on, answered_by, proposed_by, reason FROM certificate_change WHERE certificate = ?1 AND state = 'agreed' ORDER BY id";
    AGREED = "SELECT c.number, h.kind, h.answered_on, h.reason FROM certificate_change h JOIN certificate c ON c.id = h.certificate WHERE h.id = ?1 AND h.state = 'agreed'";
    MADE_BY = "SELECT h.certificate, p.no + 1 FROM certificate_change h JOIN certificate_print p ON p.certificate = h.certificate AND p.certificate_change = h.id WHERE h.id = ?1 AND h.state = 'agreed'";
    VERSION = "SELECT token, name, id_kind, id_sealed FROM certificate_print WHERE certificate = ?1 AND no = ?2";
    WAITING = "SELECT h.certificate, h.kind, c.number, h.proposed_by, h.proposed_account FROM certificate_change h JOIN certificate c ON c.id = h.certificate
      WHERE h.body = ?1 AND h.state = 'proposed' ORDER BY h.id LIMIT 100";
    ASKED = "SELECT r.certificate, r.kind, c.number, r.receipt, r.due_on,
        CASE WHEN EXISTS (SELECT 1 FROM certificate_change h WHERE h.certificate_request = r.id AND h.state = 'proposed') THEN 1 ELSE 0 END
      FROM certificate_request r JOIN certificate c ON c.id = r.certificate WHERE c.body = ?1 AND r.state = 'open' ORDER BY r.due_on, r.id LIMIT 100";
    ASK = "INSERT INTO certificate_request (id, receipt, certificate, kind, reason, contact_sealed, asked_on, due_on, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'open')";
    REQUEST = requests!(" AND id = ?2");
    REQUESTS = requests!(" ORDER BY id DESC LIMIT 200");
    OPEN_REQUESTS_OF = "SELECT COUNT(*) FROM certificate_request WHERE certificate = ?1 AND state = 'open'";
    WAITS_FOR = "SELECT COUNT(*) FROM certificate_change WHERE certificate_request = ?1 AND state = 'proposed'";
    END_REQUEST = "UPDATE certificate_request SET state = ?2, answered_on = ?3, answered_by = ?4, answer = ?5 WHERE id = ?1 AND state = 'open'";
    BY_RECEIPT = "SELECT r.receipt, c.body_name, r.kind, r.asked_on, r.due_on, r.state, r.answered_on, r.answer FROM certificate_request r JOIN certificate c ON c.id = r.certificate WHERE r.receipt = ?1";
}

/// What a correction puts in; `None` where it stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NewFace {
    pub name: Option<String>,
    /// Kind, key and sealed number.
    pub identity: Option<(IdKind, String, String)>,
    /// Hash of the photo's file.
    pub photo: Option<String>,
}

/// A change as it is stored.
pub(super) struct Change {
    pub id: i64,
    pub kind: CertificateChangeKind,
    pub state: ProposalState,
    pub new: NewFace,
    pub reason: String,
    pub file: FileHash,
    pub file_name: String,
    pub request: Option<i64>,
    pub proposed_at: i64,
    pub proposed: Hand,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: Option<String>,
}

impl TryFrom<Row> for Change {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let identity = match row.get::<Option<String>>(4)? {
            Some(_) => Some((coded(&row, 4, IdKind::from_code)?, row.get(5)?, row.get(6)?)),
            None => None,
        };
        Ok(Self {
            id: row.get(0)?,
            kind: coded(&row, 1, CertificateChangeKind::from_code)?,
            state: coded(&row, 2, ProposalState::from_code)?,
            new: NewFace { name: row.get(3)?, identity, photo: row.get(7)? },
            reason: row.get(8)?,
            file: FileHash(row.get(9)?),
            file_name: row.get(10)?,
            request: row.get(11)?,
            proposed_at: row.get(12)?,
            proposed: Hand { name: row.get(13)?, account: row.get(14)? },
            answered_on: row.get(15)?,
            answered_by: row.get(16)?,
            answer: row.get(17)?,
        })
    }
}

impl Change {
    /// As pages inside the house show it to whoever looks.
    pub fn line(self, by: &Hand, seals: &Seals) -> CertificateChangeLine {
        CertificateChangeLine {
            id: self.id,
            kind: self.kind,
            kind_name: self.kind.name().into(),
            state: self.state,
            state_name: self.state.name().into(),
            name: masked(self.new.name.as_ref()),
            id_number: self.new.identity.as_ref().map(|(_, _, sealed)| masked_number(seals, sealed)),
            photo: self.new.photo.is_some(),
            reason: self.reason,
            file_name: self.file_name,
            certificate_request: self.request,
            proposed_at: read_out(self.proposed_at),
            is_own: self.proposed.is_same(by),
            proposed_by: self.proposed.name,
            answered_on: self.answered_on,
            answered_by: self.answered_by,
            answer: self.answer,
        }
    }
}

pub(super) fn change(tx: &mut Tx<'_>, certificate: i64, id: i64) -> Result<Option<Change>, DbError> {
    tx.first(&CHANGE, args![certificate, id])?.map(Change::try_from).transpose()
}

/// The changes of a certificate, the latest first.
pub(super) fn changes(tx: &mut Tx<'_>, certificate: i64) -> Result<Vec<Change>, DbError> {
    tx.rows(&CHANGES, args![certificate])?.into_iter().map(Change::try_from).collect()
}

/// How many changes of a certificate wait for their answer.
pub(super) fn open_of(tx: &mut Tx<'_>, certificate: i64) -> Result<i64, DbError> {
    tx.first(&OPEN_OF, args![certificate])?.map_or(Ok(0), |row| row.get(0))
}

/// A change on its way into the database.
pub(super) struct NewChange<'a> {
    pub id: i64,
    pub certificate: i64,
    pub body: i64,
    pub kind: CertificateChangeKind,
    pub new: NewFace,
    pub reason: &'a str,
    pub file: &'a KeptFile,
    pub file_name: &'a str,
    pub request: Option<i64>,
    pub now: i64,
    pub on: Date,
    pub by: &'a Hand,
}

pub(super) fn propose(tx: &mut Tx<'_>, new: &NewChange<'_>) -> Result<(), DbError> {
    let (kind, key, sealed) = match &new.new.identity {
        Some((kind, key, sealed)) => (Some(kind.code()), Some(key.as_str()), Some(sealed.as_str())),
        None => (None, None, None),
    };
    tx.run(
        &PROPOSE,
        args![
            new.id,
            new.certificate,
            new.body,
            new.kind.code(),
            new.new.name.clone(),
            kind,
            key,
            sealed,
            new.new.photo.clone(),
            new.reason,
            &new.file.hash.0,
            new.file_name,
            new.request,
            new.now,
            new.on,
            &new.by.name,
            new.by.account,
        ],
    )
    .map(|_| ())
}

pub(super) fn answer(
    tx: &mut Tx<'_>,
    id: i64,
    state: ProposalState,
    (on, by): (Date, &str),
    answer: &str,
) -> Result<(), DbError> {
    tx.run(&ANSWER, args![id, state.code(), on, by, answer]).map(|_| ())
}

/// Keeps the version that stands, as it is replaced.
pub(super) fn replace(tx: &mut Tx<'_>, held: &Held, change: &Change, on: Date) -> Result<(), DbError> {
    tx.run(
        &REPLACE,
        args![
            held.id,
            held.print_no,
            &held.token,
            &held.name,
            held.id_kind.code(),
            &held.id_key,
            &held.id_sealed,
            held.photo.clone(),
            on,
            change.id,
        ],
    )
    .map(|_| ())
}

/// Makes the next version: what is new, and everything else as it stood.
pub(super) fn renew(tx: &mut Tx<'_>, held: &Held, new: &NewFace, token: &str) -> Result<(), DbError> {
    let name = new.name.as_ref().unwrap_or(&held.name);
    let (kind, key, sealed) = match &new.identity {
        Some((kind, key, sealed)) => (*kind, key, sealed),
        None => (held.id_kind, &held.id_key, &held.id_sealed),
    };
    let photo = new.photo.clone().or_else(|| held.photo.clone());
    tx.run(&RENEW, args![held.id, token, name, kind.code(), key, sealed, photo]).map(|_| ())
}

/// The versions of a certificate that were replaced, the first first.
pub(super) fn versions(
    tx: &mut Tx<'_>,
    seals: &Seals,
    certificate: i64,
) -> Result<Vec<CertificateVersionLine>, DbError> {
    let rows = tx.rows(&VERSIONS, args![certificate])?;
    rows.iter()
        .map(|row| {
            Ok(CertificateVersionLine {
                no: row.get(0)?,
                name: mask_name(&row.get::<String>(1)?),
                id_number: masked_number(seals, &row.get::<String>(2)?),
                replaced_on: row.get(3)?,
                kind_name: coded(row, 4, CertificateChangeKind::from_code)?.name().to_owned(),
            })
        })
        .collect()
}

/// What the QR code of a version leads to that was replaced; nothing of it names a person.
pub(crate) struct Replaced {
    pub no: i64,
    pub number: String,
    pub body: String,
    pub on: Date,
    pub kind: CertificateChangeKind,
}

/// The version with this token, if one that was replaced has it.
pub(crate) fn replaced(tx: &mut Tx<'_>, token: &str) -> Result<Option<Replaced>, DbError> {
    tx.first(&REPLACED, args![token])?
        .map(|row| {
            Ok(Replaced {
                no: row.get(0)?,
                number: row.get(1)?,
                body: row.get(2)?,
                on: row.get(3)?,
                kind: coded(&row, 4, CertificateChangeKind::from_code)?,
            })
        })
        .transpose()
}

/// A change that was agreed: the certificate's number, what was done, when and why.
pub(crate) fn agreed(
    tx: &mut Tx<'_>,
    change: i64,
) -> Result<Option<(String, CertificateChangeKind, Date, String)>, DbError> {
    let row = tx.first(&AGREED, args![change])?;
    row.map(|row| Ok((row.get(0)?, coded(&row, 1, CertificateChangeKind::from_code)?, row.get(2)?, row.get(3)?)))
        .transpose()
}

/// What a version says: the first of a certificate under its own id, every later one under the change that made it.
pub(crate) fn version_of(tx: &mut Tx<'_>, seals: &Seals, subject: i64) -> Result<Option<Face>, DbError> {
    let (certificate, no): (i64, i64) = match tx.first(&MADE_BY, args![subject])? {
        Some(row) => (row.get(0)?, row.get(1)?),
        None => (subject, 1),
    };
    let Some(mut face) = crate::certificate::face(tx, seals, certificate)? else { return Ok(None) };
    if face.print_no == no {
        return Ok(Some(face));
    }
    let Some(row) = tx.first(&VERSION, args![certificate, no])? else { return Ok(None) };
    let kind = coded(&row, 2, IdKind::from_code)?;
    (face.token, face.name) = (row.get(0)?, row.get(1)?);
    (face.id_kind, face.id_kind_name) = (kind.code().to_owned(), kind.name().to_owned());
    face.id_number = seals.open_text(&row.get::<String>(3)?).ok_or_else(|| {
        DbError::stored(format!("version {no} of certificate {} is sealed with another key", face.number))
    })?;
    Ok(Some(face))
}

/// What was done to a certificate, for its chain: what, when, by whom, why.
pub(crate) fn steps(
    tx: &mut Tx<'_>,
    certificate: i64,
) -> Result<Vec<(CertificateChangeKind, Date, String, String)>, DbError> {
    let rows = tx.rows(&STEPS, args![certificate])?;
    rows.iter()
        .map(|row| {
            let (agreed, proposed): (String, String) = (row.get(2)?, row.get(3)?);
            let who = format!("{proposed}提出，{agreed}同意");
            Ok((coded(row, 0, CertificateChangeKind::from_code)?, row.get(1)?, who, row.get(4)?))
        })
        .collect()
}

/// A change that waits for the head's word.
pub(super) struct Waiting {
    pub certificate: i64,
    pub kind: CertificateChangeKind,
    pub number: String,
    pub proposed_by: String,
    pub proposed_account: Option<i64>,
}

pub(super) fn waiting(tx: &mut Tx<'_>, body: i64) -> Result<Vec<Waiting>, DbError> {
    let rows = tx.rows(&WAITING, args![body])?;
    rows.iter()
        .map(|row| {
            Ok(Waiting {
                certificate: row.get(0)?,
                kind: coded(row, 1, CertificateChangeKind::from_code)?,
                number: row.get(2)?,
                proposed_by: row.get(3)?,
                proposed_account: row.get(4)?,
            })
        })
        .collect()
}

/// A request that waits for an answer.
pub(super) struct Asked {
    pub certificate: i64,
    pub kind: CertificateChangeKind,
    pub number: String,
    pub receipt: String,
    pub due_on: Date,
    /// Whether a change for it waits for the head's word.
    pub is_taken: bool,
}

pub(super) fn asked(tx: &mut Tx<'_>, body: i64) -> Result<Vec<Asked>, DbError> {
    let rows = tx.rows(&ASKED, args![body])?;
    rows.iter()
        .map(|row| {
            Ok(Asked {
                certificate: row.get(0)?,
                kind: coded(row, 1, CertificateChangeKind::from_code)?,
                number: row.get(2)?,
                receipt: row.get(3)?,
                due_on: row.get(4)?,
                is_taken: row.get(5)?,
            })
        })
        .collect()
}

/// A request on its way into the database.
pub(super) struct NewRequest<'a> {
    pub id: i64,
    pub receipt: &'a str,
    pub certificate: i64,
    pub kind: CertificateChangeKind,
    pub reason: &'a str,
    pub contact_sealed: &'a str,
    pub on: Date,
    pub due_on: Date,
}

pub(super) fn ask(tx: &mut Tx<'_>, new: &NewRequest<'_>) -> Result<(), DbError> {
    tx.run(
        &ASK,
        args![
            new.id,
            new.receipt,
            new.certificate,
            new.kind.code(),
            new.reason,
            new.contact_sealed,
            new.on,
            new.due_on
        ],
    )
    .map(|_| ())
}

/// A request as it is stored.
pub(super) struct Request {
    pub id: i64,
    pub receipt: String,
    pub kind: CertificateChangeKind,
    pub reason: String,
    pub contact_sealed: String,
    pub asked_on: Date,
    pub due_on: Date,
    pub state: CertificateRequestState,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: Option<String>,
}

impl TryFrom<Row> for Request {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            receipt: row.get(1)?,
            kind: coded(&row, 2, CertificateChangeKind::from_code)?,
            reason: row.get(3)?,
            contact_sealed: row.get(4)?,
            asked_on: row.get(5)?,
            due_on: row.get(6)?,
            state: coded(&row, 7, CertificateRequestState::from_code)?,
            answered_on: row.get(8)?,
            answered_by: row.get(9)?,
            answer: row.get(10)?,
        })
    }
}

impl Request {
    /// As pages inside the house show it; who may not reach the holder gets no seals.
    pub fn line(self, seals: Option<&Seals>, today: Date) -> CertificateRequestLine {
        CertificateRequestLine {
            id: self.id,
            receipt: self.receipt,
            kind: self.kind,
            kind_name: self.kind.name().into(),
            reason: self.reason,
            contact: seals.and_then(|seals| seals.open_text(&self.contact_sealed)).unwrap_or_default(),
            asked_on: self.asked_on,
            due_on: self.due_on,
            is_late: self.state == CertificateRequestState::Open && today > self.due_on,
            state: self.state,
            state_name: self.state.name().into(),
            answered_on: self.answered_on,
            answered_by: self.answered_by,
            answer: self.answer,
        }
    }
}

pub(super) fn request(tx: &mut Tx<'_>, certificate: i64, id: i64) -> Result<Option<Request>, DbError> {
    tx.first(&REQUEST, args![certificate, id])?.map(Request::try_from).transpose()
}

/// The requests about a certificate, the latest first.
pub(super) fn requests(tx: &mut Tx<'_>, certificate: i64) -> Result<Vec<Request>, DbError> {
    tx.rows(&REQUESTS, args![certificate])?.into_iter().map(Request::try_from).collect()
}

/// How many requests about a certificate wait for their answer.
pub(super) fn open_requests_of(tx: &mut Tx<'_>, certificate: i64) -> Result<i64, DbError> {
    tx.first(&OPEN_REQUESTS_OF, args![certificate])?.map_or(Ok(0), |row| row.get(0))
}

/// Whether a change that answers the request waits for the head's word.
pub(super) fn waits_for(tx: &mut Tx<'_>, request: i64) -> Result<bool, DbError> {
    tx.first(&WAITS_FOR, args![request])?.map_or(Ok(false), |row| Ok(row.get::<i64>(0)? > 0))
}

pub(super) fn end_request(
    tx: &mut Tx<'_>,
    id: i64,
    state: CertificateRequestState,
    (on, by): (Date, &str),
    answer: &str,
) -> Result<(), DbError> {
    tx.run(&END_REQUEST, args![id, state.code(), on, by, answer]).map(|_| ())
}

pub(super) fn by_receipt(tx: &mut Tx<'_>, receipt: &str) -> Result<Option<CertificateRequestStanding>, DbError> {
    tx.first(&BY_RECEIPT, args![receipt])?
        .map(|row| {
            let state = coded(&row, 5, CertificateRequestState::from_code)?;
            Ok(CertificateRequestStanding {
                receipt: row.get(0)?,
                body: row.get(1)?,
                kind_name: coded(&row, 2, CertificateChangeKind::from_code)?.name().to_owned(),
                asked_on: row.get(3)?,
                due_on: row.get(4)?,
                state,
                state_name: state.name().into(),
                answered_on: row.get(6)?,
                answer: row.get(7)?,
            })
        })
        .transpose()
}
