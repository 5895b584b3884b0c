//! What a leaf commits to, made from the record: once when the fact happens, and again by whoever audits.

use jiff::civil::Date;
use proof::log::{LeafKind, commitment};
use proof::{PaperStatement, log::Hash};
use rules::certificate::change::CertificateChangeKind;

use super::store::{self, NewLeaf};
use crate::certificate::{Stated, face, statement};
use crate::certificate_change::{agreed, version_of};
use crate::db::{DbError, Tx};
use crate::door::{Seals, Stop, digest};

/// The leaf of a certificate: over what its QR code states, with the statement's own salt, so that whoever holds the paper
/// can find it in the log.
pub(crate) fn issued(seals: &Seals, id: i64, stated: &Stated<'_>) -> Result<NewLeaf, Stop> {
    let statement: PaperStatement = statement(seals, stated)?;
    let commitment = statement.leaf(0).commitment;
    Ok(NewLeaf { kind: LeafKind::CertificateIssued, subject: id, turn: 0, salt: statement.salt, commitment })
}

/// What is committed to when a certificate is voided.
fn voiding(number: &str, on: Date, reason: &str) -> String {
    format!("{number}\n{on}\n{}", digest(reason.as_bytes()))
}

/// The leaf of a voiding.
pub(crate) fn voided(id: i64, salt: [u8; 16], number: &str, on: Date, reason: &str) -> NewLeaf {
    leaf(LeafKind::CertificateVoided, id, salt, &voiding(number, on, reason))
}

/// The leaf of what changes whether a certificate stands; its subject is the change.
pub(crate) fn stood(
    change: i64,
    salt: [u8; 16],
    number: &str,
    kind: CertificateChangeKind,
    (on, reason): (Date, &str),
) -> NewLeaf {
    let content = format!("{number}\n{}\n{on}\n{}", kind.code(), digest(reason.as_bytes()));
    leaf(LeafKind::CertificateChanged, change, salt, &content)
}

/// The leaf of a change of the directory: over its number and the digest that binds it to all before it.
pub(crate) fn changed(seq: i64, salt: [u8; 16], digest: &str) -> NewLeaf {
    leaf(LeafKind::DirectoryChanged, seq, salt, &format!("{seq}\n{digest}"))
}

fn leaf(kind: LeafKind, subject: i64, salt: [u8; 16], content: &str) -> NewLeaf {
    NewLeaf { kind, subject, turn: 0, salt, commitment: commitment(kind, &salt, content.as_bytes()) }
}

/// The leaf of a fact that is committed to as the record has it, read back from there: `turn` says which of the subject's facts
/// of this kind it is, 0 where there is one.
///
/// # Errors
/// A fault where the record has nothing of it.
pub(crate) fn recorded(tx: &mut Tx<'_>, kind: LeafKind, subject: i64, turn: i64) -> Result<NewLeaf, Stop> {
    let salt = rand::random();
    let commitment = recorded_again(tx, kind, (subject, turn), salt)?
        .ok_or_else(|| Stop::fault(format!("nothing is recorded of {} {subject} {turn}", kind.code())))?;
    Ok(NewLeaf { kind, subject, turn, salt, commitment })
}

/// The commitment to what the record has of a fact; where the fact has a digest over rows, that is counted again.
fn recorded_again(tx: &mut Tx<'_>, kind: LeafKind, of: (i64, i64), salt: [u8; 16]) -> Result<Option<Hash>, Stop> {
    let Some((fact, _)) = store::recorded(kind) else { return Ok(None) };
    let Some(mut content) = sound(store::fact(tx, fact, of))? else { return Ok(None) };
    let counted = match kind {
        LeafKind::PublicityPosted => sound(crate::publicity::digest_again(tx, of.0, of.1).map(Some))?,
        LeafKind::ResultsReported => sound(crate::report::digest_again(tx, of.0).map(Some))?,
        _ => Some(None),
    };
    let Some(counted) = counted else { return Ok(None) };
    if let Some(digest) = counted {
        content.push('\n');
        content.push_str(&digest);
    }
    Ok(Some(commitment(kind, &salt, content.as_bytes())))
}

/// The commitment as the record makes it now, with what it is about in words; `None` if the record has nothing of it.
pub(super) fn again(
    tx: &mut Tx<'_>,
    seals: &Seals,
    kind: LeafKind,
    (subject, turn): (i64, i64),
    salt: [u8; 16],
) -> Result<Option<(Hash, String)>, Stop> {
    match kind {
        LeafKind::CertificateIssued => {
            // The first version stands under the certificate, every later one under the change that made it.
            let Some(face) = sound(version_of(tx, seals, subject))? else { return Ok(None) };
            let made = issued(seals, subject, &face.stated())?;
            Ok(Some((made.commitment, format!("证书 {}", face.number))))
        }
        LeafKind::CertificateChanged => {
            let Some((number, kind, on, reason)) = sound(agreed(tx, subject))? else { return Ok(None) };
            let made = stood(subject, salt, &number, kind, (on, &reason));
            Ok(Some((made.commitment, format!("证书 {number} 的{}", kind.name()))))
        }
        LeafKind::CertificateVoided => {
            let Some(face) = sound(face(tx, seals, subject))? else { return Ok(None) };
            let (Some(on), Some(reason)) = (face.state_on, face.state_reason.as_deref()) else { return Ok(None) };
            let made = voided(subject, salt, &face.number, on, reason);
            Ok(Some((made.commitment, format!("证书 {} 的注销", face.number))))
        }
        LeafKind::DirectoryChanged => {
            let Some(digest) = crate::directory::ledger::digest_again(tx, subject)? else { return Ok(None) };
            Ok(Some((changed(subject, salt, &digest).commitment, format!("目录变动第 {subject} 项"))))
        }
        _ => {
            let made = recorded_again(tx, kind, (subject, turn), salt)?;
            Ok(made.map(|commitment| (commitment, told(kind, (subject, turn)))))
        }
    }
}

/// A fact by the number of its record, as the audit names it.
pub(super) fn told(kind: LeafKind, (subject, turn): (i64, i64)) -> String {
    match turn {
        0 => format!("{}的记录 {subject}", kind.name()),
        _ => format!("{}的记录 {subject} 之 {turn}", kind.name()),
    }
}

/// What can't be read back was altered, like what is not there: it is no fault of the audit.
fn sound<T>(read: Result<Option<T>, DbError>) -> Result<Option<T>, Stop> {
    match read {
        Ok(found) => Ok(found),
        Err(DbError::Stored(_) | DbError::Column { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
