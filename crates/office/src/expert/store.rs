//! Experts in the database: the register, what each may judge, whom each avoids, uploads of it.

use std::collections::HashMap;

use rules::Day;
use rules::certificate::Level;
use sheets::Finding;

use super::{Expert, ExpertUploadLine, Tie};
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::store::{from_text, to_text};
use crate::door::{FileHash, KeptFile, Seals};

macro_rules! experts {
    ($bound:literal) => {
        concat!(
            "SELECT e.id, e.name, e.employer, e.superior, e.title, e.level_max, e.card_number, e.card_valid_until, e.phone, e.suspended_on, e.suspended_reason, e.entered_on ",
            "FROM expert e ",
            $bound
        )
    };
}

crate::statements! {
    EVERYONE = experts!("ORDER BY e.name, e.card_number");
    FIND = experts!("WHERE e.id = ?1");
    BY_CARD = "SELECT id FROM expert WHERE card_number = ?1";
    TRADES = "SELECT expert, code FROM expert_trade WHERE CAST(?1 AS BIGINT) IS NULL OR expert = ?1 ORDER BY expert, code";
    TIES = "SELECT t.expert, t.body, b.name, t.relation FROM expert_tie t JOIN body b ON b.id = t.body WHERE CAST(?1 AS BIGINT) IS NULL OR t.expert = ?1 ORDER BY t.expert, b.name";
    BODIES = "SELECT id, name, uscc FROM body";
    ADD = "INSERT INTO expert (id, name, employer, superior, title, level_max, card_number, card_valid_until, phone, entered_on) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    CHANGE = "UPDATE expert SET name = ?2, employer = ?3, superior = ?4, title = ?5, level_max = ?6, card_number = ?7, card_valid_until = ?8, phone = ?9 WHERE id = ?1";
    CLEAR_TRADES = "DELETE FROM expert_trade WHERE expert = ?1";
    ADD_TRADE = "INSERT INTO expert_trade (expert, code) VALUES (?1, ?2)";
    CLEAR_TIES = "DELETE FROM expert_tie WHERE expert = ?1";
    ADD_TIE = "INSERT INTO expert_tie (expert, body, relation) VALUES (?1, ?2, ?3)";
    SUSPEND = "UPDATE expert SET suspended_on = ?2, suspended_reason = ?3 WHERE id = ?1";
    RESUME = "UPDATE expert SET suspended_on = NULL, suspended_reason = NULL WHERE id = ?1";
    UPLOADED = "INSERT INTO expert_upload (id, file, name, rows_read, rows_new, rows_changed, rows_same, findings, faults, uploaded_on, uploaded_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    UPLOADS = "SELECT id, file, name, rows_read, rows_new, rows_changed, rows_same, faults, uploaded_on, uploaded_by FROM expert_upload ORDER BY id DESC LIMIT 20";
    UPLOAD = "SELECT id, file, name, rows_read, rows_new, rows_changed, rows_same, faults, uploaded_on, uploaded_by, findings FROM expert_upload WHERE id = ?1";
}

impl TryFrom<Row> for Expert {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let level: String = row.get(5)?;
        let level_max = level.chars().next().and_then(Level::from_digit);
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            employer: row.get(2)?,
            superior: row.get(3)?,
            title: row.get(4)?,
            trades: Vec::new(),
            level_max: level_max.ok_or_else(|| DbError::stored(format!("level {level}")))?,
            card_number: row.get(6)?,
            card_valid_until: row.get(7)?,
            phone: row.get(8)?,
            ties: Vec::new(),
            suspended_on: row.get(9)?,
            suspended_reason: row.get(10)?,
            entered_on: row.get(11)?,
        })
    }
}

fn with_lists(tx: &mut Tx<'_>, mut experts: Vec<Expert>, only: Option<i64>) -> Result<Vec<Expert>, DbError> {
    let mut at: HashMap<i64, usize> = HashMap::new();
    for (place, expert) in experts.iter().enumerate() {
        at.insert(expert.id, place);
    }
    for row in tx.rows(&TRADES, args![only])? {
        if let Some(&place) = at.get(&row.get::<i64>(0)?) {
            experts[place].trades.push(row.get(1)?);
        }
    }
    for row in tx.rows(&TIES, args![only])? {
        if let Some(&place) = at.get(&row.get::<i64>(0)?) {
            experts[place].ties.push(Tie { body: row.get(1)?, body_name: row.get(2)?, relation: row.get(3)? });
        }
    }
    Ok(experts)
}

/// The whole register, by name.
pub(super) fn everyone(tx: &mut Tx<'_>) -> Result<Vec<Expert>, DbError> {
    let experts = tx.rows(&EVERYONE, &[])?.into_iter().map(Expert::try_from).collect::<Result<_, _>>()?;
    with_lists(tx, experts, None)
}

pub(super) fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<Expert>, DbError> {
    let Some(row) = tx.first(&FIND, args![id])? else { return Ok(None) };
    let found = vec![Expert::try_from(row)?];
    Ok(with_lists(tx, found, Some(id))?.pop())
}

/// Who bears a card.
pub(super) fn by_card(tx: &mut Tx<'_>, card: &str) -> Result<Option<i64>, DbError> {
    tx.first(&BY_CARD, args![card])?.map(|row| row.get(0)).transpose()
}

/// Every registered body by its name and by its credit code.
pub(super) fn bodies(tx: &mut Tx<'_>) -> Result<HashMap<String, i64>, DbError> {
    let mut bodies = HashMap::new();
    for row in tx.rows(&BODIES, &[])? {
        let (id, name, uscc): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        bodies.insert(name, id);
        bodies.insert(uscc, id);
    }
    Ok(bodies)
}

/// Writes an expert, new or known; the phone is sealed already.
pub(super) fn save(tx: &mut Tx<'_>, expert: &Expert, is_new: bool) -> Result<(), DbError> {
    let level = expert.level_max.digit().to_string();
    let Expert { id, name, employer, superior, title, card_number, card_valid_until, phone, .. } = expert;
    if is_new {
        let entered = expert.entered_on;
        tx.run(
            &ADD,
            args![*id, name, employer, superior, title, level, card_number, *card_valid_until, phone, entered],
        )?;
    } else {
        tx.run(&CHANGE, args![*id, name, employer, superior, title, level, card_number, *card_valid_until, phone])?;
        tx.run(&CLEAR_TRADES, args![*id])?;
        tx.run(&CLEAR_TIES, args![*id])?;
    }
    for code in &expert.trades {
        tx.run(&ADD_TRADE, args![*id, code])?;
    }
    for tie in &expert.ties {
        tx.run(&ADD_TIE, args![*id, tie.body, &tie.relation])?;
    }
    Ok(())
}

pub(super) fn suspend(tx: &mut Tx<'_>, id: i64, on: Day, reason: &str) -> Result<(), DbError> {
    tx.run(&SUSPEND, args![id, on, reason]).map(|_| ())
}

pub(super) fn resume(tx: &mut Tx<'_>, id: i64) -> Result<(), DbError> {
    tx.run(&RESUME, args![id]).map(|_| ())
}

/// An upload with what came of it.
pub(super) struct NewUpload<'a> {
    pub id: i64,
    pub file: &'a KeptFile,
    pub name: &'a str,
    pub rows_read: usize,
    pub new: usize,
    pub changed: usize,
    pub same: usize,
    pub findings: &'a [Finding],
    pub on: Day,
    pub by: &'a str,
}

pub(super) fn uploaded(tx: &mut Tx<'_>, new: &NewUpload<'_>, seals: &Seals) -> Result<(), DbError> {
    let [read, fresh, changed, same] = [new.rows_read, new.new, new.changed, new.same].map(|count| count as i64);
    let faults = new.findings.iter().filter(|finding| finding.is_fault()).count() as i64;
    let sealed = seals.seal(&to_text(&new.findings)?);
    tx.run(
        &UPLOADED,
        args![new.id, &new.file.hash.0, new.name, read, fresh, changed, same, sealed, faults, new.on, new.by],
    )
    .map(|_| ())
}

fn line(row: &Row) -> Result<ExpertUploadLine, DbError> {
    Ok(ExpertUploadLine {
        id: row.get(0)?,
        file: FileHash(row.get(1)?),
        name: row.get(2)?,
        rows_read: row.get(3)?,
        new: row.get(4)?,
        changed: row.get(5)?,
        same: row.get(6)?,
        faults: row.get(7)?,
        on: row.get(8)?,
        by: row.get(9)?,
    })
}

pub(super) fn uploads(tx: &mut Tx<'_>) -> Result<Vec<ExpertUploadLine>, DbError> {
    tx.rows(&UPLOADS, &[])?.iter().map(line).collect()
}

pub(super) fn upload(
    tx: &mut Tx<'_>,
    id: i64,
    seals: &Seals,
) -> Result<Option<(ExpertUploadLine, Vec<Finding>)>, DbError> {
    let Some(row) = tx.first(&UPLOAD, args![id])? else { return Ok(None) };
    let sealed: String = row.get(10)?;
    let text = seals.open_text(&sealed).ok_or_else(|| DbError::stored("findings sealed by another house"))?;
    Ok(Some((line(&row)?, from_text(&text)?)))
}
