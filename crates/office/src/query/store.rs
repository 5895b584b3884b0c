//! Certificates for the public, with what was on file on the examination day.

use rules::certificate::CertificateState;
use rules::certificate::checks::Reported;

use super::Found;
use crate::args;
use crate::certificate::{coded, level};
use crate::db::{DbError, Row, Tx};

/// The columns of `Found`, for a certificate `c`.
macro_rules! found {
    ($which:literal) => {
        concat!(
            "SELECT c.number, c.state, c.state_on, c.name, c.id_sealed, c.trade_code, c.trade, c.work_type, c.level, c.body_name, c.exam_on, c.issued_on,
      l.number, e.valid_from, e.valid_until,
      (SELECT x.effective_on FROM listing_change x WHERE x.listing = l.id AND x.kind IN ('withdrawn', 'exited', 'stopped')
        AND NOT EXISTS (SELECT 1 FROM listing_change y WHERE y.listing = x.listing AND y.kind = 'reinstated' AND y.seq > x.seq) ORDER BY x.seq DESC LIMIT 1),
      CASE WHEN EXISTS (SELECT 1 FROM listing_scope s WHERE s.listing = l.id AND s.closed IS NULL AND s.code = c.trade_code AND s.level = c.level AND s.work_type = c.work_type AND s.valid_from <= c.exam_on AND s.valid_until >= c.exam_on) THEN 1 ELSE 0 END,
      d.reviewed_on,
      (SELECT f.position FROM log_leaf f WHERE f.kind = 'certificate.issued' AND f.subject = CASE WHEN c.print_no = 1 THEN c.id ELSE
        (SELECT p.certificate_change FROM certificate_print p WHERE p.certificate = c.id AND p.no = c.print_no - 1) END),
      c.print_no, c.token,
      CASE WHEN EXISTS (SELECT 1 FROM listing_scope s WHERE s.listing = l.id AND s.closed IS NULL AND s.code = c.trade_code AND s.level = c.level AND s.work_type = c.work_type AND s.valid_from <= c.issued_on AND s.valid_until >= c.issued_on) THEN 1 ELSE 0 END,
      COALESCE((SELECT MAX(v.told_on) FROM batch_version v WHERE v.batch = t.id AND v.counted = 1), t.notified_on), t.starts_on,
      COALESCE(k.posted_on, t.posted_on), COALESCE(k.ends_on, t.ends_publicity_on), r.reported_on, r.due_on, r.late_decision
      FROM certificate c JOIN batch t ON t.id = c.batch JOIN listing l ON l.id = t.listing LEFT JOIN candidate d ON d.id = c.candidate LEFT JOIN report r ON r.id = d.report
      LEFT JOIN publicity_correction k ON k.mark_change = (SELECT MAX(x.mark_change) FROM publicity_correction x WHERE x.candidate = c.candidate AND x.round IS NULL)
      LEFT JOIN listing_term e ON e.id = (SELECT x.id FROM listing_term x WHERE x.listing = l.id AND x.closed IS NULL AND x.valid_from <= c.exam_on ORDER BY x.valid_from DESC LIMIT 1) WHERE ",
            $which
        )
    };
}

crate::statements! {
    BY_NUMBER = found!("c.number = ?1");
    BY_PERSON = found!("c.id_key = ?1 ORDER BY c.issued_on DESC, c.number DESC LIMIT 50");
    BY_TOKEN = found!("c.token = ?1");
}

impl TryFrom<&Row> for Found {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        Ok(Self {
            number: row.get(0)?,
            state: coded(row, 1, CertificateState::from_code)?,
            state_on: row.get(2)?,
            name: row.get(3)?,
            id_sealed: row.get(4)?,
            trade_code: row.get(5)?,
            trade: row.get(6)?,
            work_type: row.get(7)?,
            level: level(row, 8)?,
            body: row.get(9)?,
            exam_on: row.get(10)?,
            issued_on: row.get(11)?,
            filing_number: row.get(12)?,
            valid_from: row.get(13)?,
            valid_until: row.get(14)?,
            removed_on: row.get(15)?,
            in_scope: row.get(16)?,
            approved_on: row.get(17)?,
            logged_at: row.get(18)?,
            print_no: row.get(19)?,
            token: row.get(20)?,
            in_scope_at_issue: row.get(21)?,
            told_on: row.get(22)?,
            starts_on: row.get(23)?,
            posted_on: row.get(24)?,
            public_until: row.get(25)?,
            reported: reported(row)?,
        })
    }
}

fn reported(row: &Row) -> Result<Option<Reported>, DbError> {
    let (Some(on), Some(due_on)) = (row.get(26)?, row.get(27)?) else { return Ok(None) };
    let decision: Option<String> = row.get(28)?;
    Ok(Some(Reported { on, due_on, is_excused: decision.as_deref() == Some("accepted") }))
}

/// The certificate with this number.
pub(crate) fn by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<Found>, DbError> {
    tx.first(&BY_NUMBER, args![number])?.map(|row| Found::try_from(&row)).transpose()
}

/// The certificates of a person, the latest first.
pub(super) fn by_person(tx: &mut Tx<'_>, key: &str) -> Result<Vec<Found>, DbError> {
    tx.rows(&BY_PERSON, args![key])?.iter().map(Found::try_from).collect()
}

pub(super) fn by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Found>, DbError> {
    tx.first(&BY_TOKEN, args![token])?.map(|row| Found::try_from(&row)).transpose()
}
