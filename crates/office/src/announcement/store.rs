//! What was announced, in the database: a filing that nobody applied for here, with its paper. What it is for stands in
//! the directory alone.

use rules::Day;
use rules::jurisdiction::BodyKind;

use super::{AnnouncedBody, EnterableBody};
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::directory::ledger::TermFact;
use crate::door::Scope;

crate::statements! {
    BODY = "SELECT name, kind, county, address, head, centre FROM body WHERE id = ?1";
    INSERT_FILING = "INSERT INTO filing (id, body, stage, opened_on, listed_on, number, valid_from, valid_until, receipt_on, origin, version)
      VALUES (?1, ?2, 'listed', ?3, ?3, ?4, ?5, ?6, ?3, 'announced', 1)";
    INSERT = "INSERT INTO announcement (filing, reference, announced_on, file, file_name, entered_on, entered_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    // A school is listed here only once it was entered.
    LIST = "SELECT b.id, b.name, b.kind, l.number, e.valid_until, a.reference
      FROM body b LEFT JOIN filing f ON f.id = (SELECT MAX(x.id) FROM filing x WHERE x.body = b.id AND x.origin = 'announced')
      LEFT JOIN announcement a ON a.filing = f.id
      LEFT JOIN listing l ON l.id = (SELECT MAX(y.id) FROM listing y JOIN filing z ON z.id = y.filing WHERE y.body = b.id AND z.origin = 'announced')
      LEFT JOIN listing_term e ON e.id = (SELECT MAX(u.id) FROM listing_term u WHERE u.listing = l.id AND u.closed IS NULL)
      WHERE (b.kind IN ('enterprise', 'social_organisation') OR l.id IS NOT NULL)
        AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      ORDER BY CASE WHEN l.id IS NULL THEN 0 ELSE 1 END, b.name LIMIT 1000";
    CHOICES = "SELECT id, name, kind FROM body ORDER BY CASE WHEN kind IN ('enterprise', 'social_organisation') THEN 0 ELSE 1 END, name LIMIT 5000";
}

/// A body as it is entered.
pub(super) struct Body {
    pub name: String,
    pub kind: BodyKind,
    /// What the directory says of it.
    pub term: TermFact,
}

fn kind(row: &Row, index: usize) -> Result<BodyKind, DbError> {
    let code: String = row.get(index)?;
    BodyKind::from_code(&code).ok_or_else(|| DbError::stored(format!("body kind {code}")))
}

pub(super) fn body(tx: &mut Tx<'_>, id: i64) -> Result<Option<Body>, DbError> {
    tx.first(&BODY, args![id])?
        .map(|row| {
            let name: String = row.get(0)?;
            let term = TermFact {
                name: name.clone(),
                county: row.get(2)?,
                address: row.get(3)?,
                responsible: row.get(4)?,
                centre: row.get(5)?,
            };
            Ok(Body { name, kind: kind(&row, 1)?, term })
        })
        .transpose()
}

/// An announcement to be kept.
pub(super) struct New<'a> {
    pub filing: i64,
    pub body: i64,
    pub number: &'a str,
    pub from: Day,
    pub until: Day,
    pub reference: &'a str,
    pub announced_on: Day,
    pub file: &'a str,
    pub file_name: &'a str,
    pub on: Day,
    pub by: &'a str,
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &New<'_>) -> Result<(), DbError> {
    tx.run(&INSERT_FILING, args![new.filing, new.body, new.on, new.number, new.from, new.until])?;
    let row = args![new.filing, new.reference, new.announced_on, new.file, new.file_name, new.on, new.by];
    tx.run(&INSERT, row).map(|_| ())
}

/// Who was entered, and which enterprise or organisation was not.
pub(super) fn list(tx: &mut Tx<'_>, scope: &Scope, today: Day) -> Result<Vec<AnnouncedBody>, DbError> {
    let rows = tx.rows(&LIST, args![scope.body, scope.centre.as_deref(), scope.bureau.as_deref()])?;
    rows.into_iter()
        .map(|row| {
            let (kind, valid_until) = (kind(&row, 2)?, row.get::<Option<Day>>(4)?);
            Ok(AnnouncedBody {
                body: row.get(0)?,
                name: row.get(1)?,
                kind,
                kind_name: kind.name().into(),
                number: row.get(3)?,
                valid_until,
                reference: row.get(5)?,
                is_valid: valid_until.is_some_and(|until| until >= today),
            })
        })
        .collect()
}

/// Every body that may be entered, enterprises and organisations first.
pub(super) fn choices(tx: &mut Tx<'_>) -> Result<Vec<EnterableBody>, DbError> {
    tx.rows(&CHOICES, &[])?
        .iter()
        .map(|row| Ok(EnterableBody { body: row.get(0)?, name: row.get(1)?, kind_name: kind(row, 2)?.name().into() }))
        .collect()
}
