//! What waits for the ministry, what was exported for it, and when.

use rules::Day;
use rules::certificate::Level;
use rules::jurisdiction::{Affiliation, BodyKind};

use super::{ExportLine, WaitingLine};
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::FileHash;
use crate::door::store::from_text;
use crate::filing::BodyForm;

crate::statements! {
    WAITING = "SELECT f.id, b.name, c.name, f.summarised_on, (SELECT COUNT(*) FROM filing_trade t WHERE t.filing = f.id AND t.decision = 'passed'),
        (SELECT MAX(e.exported_on) FROM ministry_export_filing x JOIN ministry_export e ON e.id = x.export WHERE x.filing = f.id)
      FROM filing f JOIN body b ON b.id = f.body JOIN office c ON c.code = b.centre WHERE f.stage = 'summarised' ORDER BY f.summarised_on, f.id LIMIT 1000";
    QUALIFIED = "SELECT f.id, b.name, b.uscc, b.kind, b.affiliation, b.county, b.address, b.legal_representative, b.head, b.contact, b.phone, f.body_form, c.name, f.summarised_on,
        t.code, t.name, t.work_type, t.level, t.standard, t.edition
      FROM filing f JOIN body b ON b.id = f.body JOIN office c ON c.code = b.centre JOIN filing_trade t ON t.filing = f.id
      WHERE f.stage = 'summarised' AND t.decision = 'passed' ORDER BY b.name, f.id, t.code, t.level DESC, t.work_type";
    EXPORTED = "INSERT INTO ministry_export (id, template, file, rows_written, exported_on, exported_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    EXPORTED_FILING = "INSERT INTO ministry_export_filing (export, filing) VALUES (?1, ?2)";
    EXPORTS = "SELECT e.id, e.template, e.file, e.rows_written, e.exported_on, e.exported_by, (SELECT COUNT(*) FROM ministry_export_filing x WHERE x.export = e.id)
      FROM ministry_export e ORDER BY e.id DESC LIMIT 100";
    EXPORT = "SELECT e.id, e.template, e.file, e.rows_written, e.exported_on, e.exported_by, (SELECT COUNT(*) FROM ministry_export_filing x WHERE x.export = e.id)
      FROM ministry_export e WHERE e.id = ?1";
}

pub(super) fn waiting(tx: &mut Tx<'_>) -> Result<Vec<WaitingLine>, DbError> {
    let rows = tx.rows(&WAITING, &[])?;
    rows.iter()
        .map(|row| {
            Ok(WaitingLine {
                filing: row.get(0)?,
                body_name: row.get(1)?,
                centre: row.get(2)?,
                summarised_on: row.get(3)?,
                trades: row.get(4)?,
                exported_on: row.get(5)?,
            })
        })
        .collect()
}

/// One occupation at one level that was found qualified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Qualified {
    pub filing: i64,
    pub body_name: String,
    pub uscc: String,
    pub kind: BodyKind,
    pub affiliation: Affiliation,
    /// The county's code.
    pub county: String,
    pub address: String,
    pub legal_representative: String,
    pub head: String,
    pub contact: String,
    pub phone: String,
    pub centre: String,
    pub summarised_on: Option<Day>,
    pub code: String,
    pub occupation: String,
    pub work_type: String,
    pub level: Level,
    pub standard: String,
}

impl TryFrom<&Row> for Qualified {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        let (kind, affiliation, level): (String, String, String) = (row.get(3)?, row.get(4)?, row.get(17)?);
        let form = row.get::<Option<String>>(11)?.map(|text| from_text::<BodyForm>(&text)).transpose()?;
        // The form says more and later than the registration does.
        let told = |said: Option<String>, registered: usize| match said.filter(|text| !text.trim().is_empty()) {
            Some(text) => Ok(text),
            None => row.get(registered),
        };
        let (standard, edition): (String, Option<i64>) = (row.get(18)?, row.get(19)?);
        Ok(Self {
            filing: row.get(0)?,
            body_name: row.get(1)?,
            uscc: row.get(2)?,
            kind: BodyKind::from_code(&kind).ok_or_else(|| DbError::stored(format!("body kind {kind}")))?,
            affiliation: Affiliation::from_code(&affiliation)
                .ok_or_else(|| DbError::stored(format!("affiliation {affiliation}")))?,
            county: row.get(5)?,
            address: told(form.as_ref().map(|form| form.address.clone()), 6)?,
            legal_representative: told(form.as_ref().map(|form| form.legal_representative.clone()), 7)?,
            head: told(form.as_ref().map(|form| form.head.clone()), 8)?,
            contact: told(form.as_ref().map(|form| form.contact.clone()), 9)?,
            phone: told(form.as_ref().map(|form| form.phone.clone()), 10)?,
            centre: row.get(12)?,
            summarised_on: row.get(13)?,
            code: row.get(14)?,
            occupation: row.get(15)?,
            work_type: row.get(16)?,
            level: level
                .chars()
                .next()
                .and_then(Level::from_digit)
                .ok_or_else(|| DbError::stored(format!("level {level}")))?,
            standard: match (standard.as_str(), edition) {
                ("", _) => String::new(),
                (title, Some(year)) => format!("《{title}》（{year}年版）"),
                (title, None) => format!("《{title}》"),
            },
        })
    }
}

/// Everything that is gathered and qualified, by body.
pub(super) fn qualified(tx: &mut Tx<'_>) -> Result<Vec<Qualified>, DbError> {
    tx.rows(&QUALIFIED, &[])?.iter().map(Qualified::try_from).collect()
}

pub(super) fn exported(
    tx: &mut Tx<'_>,
    (id, template, file): (i64, &str, &FileHash),
    rows: usize,
    filings: &[i64],
    (on, by): (Day, &str),
) -> Result<(), DbError> {
    tx.run(&EXPORTED, args![id, template, &file.0, rows as i64, on, by])?;
    for filing in filings {
        tx.run(&EXPORTED_FILING, args![id, *filing])?;
    }
    Ok(())
}

fn line(row: &Row) -> Result<ExportLine, DbError> {
    Ok(ExportLine {
        id: row.get(0)?,
        template: row.get(1)?,
        file: FileHash(row.get(2)?),
        rows: row.get(3)?,
        exported_on: row.get(4)?,
        exported_by: row.get(5)?,
        filings: row.get(6)?,
    })
}

pub(super) fn exports(tx: &mut Tx<'_>) -> Result<Vec<ExportLine>, DbError> {
    tx.rows(&EXPORTS, &[])?.iter().map(line).collect()
}

pub(super) fn export(tx: &mut Tx<'_>, id: i64) -> Result<Option<ExportLine>, DbError> {
    tx.first(&EXPORT, args![id])?.map(|row| line(&row)).transpose()
}
