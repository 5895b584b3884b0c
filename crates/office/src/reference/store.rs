//! Imported reference tables.

use super::{Reference, TableKind};
use crate::args;
use crate::db::{DbError, Tx};

crate::statements! {
    IMPORTS = "SELECT kind, content FROM reference_table ORDER BY id";
    LATEST = "SELECT MAX(id) FROM reference_table";
    LIST = "SELECT kind, source, digest, content, imported_at FROM reference_table ORDER BY id";
    INSERT = "INSERT INTO reference_table (id, kind, source, digest, content, imported_at, account) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
}

/// Kind and content of every import, oldest first.
pub(super) fn imports(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>, DbError> {
    tx.rows(&IMPORTS, &[])?.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The imports of one kind, oldest first.
pub(super) fn of_kind(imports: &[(String, String)], kind: TableKind) -> Vec<String> {
    imports.iter().filter(|(code, _)| code == kind.code()).map(|(_, content)| content.clone()).collect()
}

/// The id of the latest import.
pub(crate) fn latest(tx: &mut Tx<'_>) -> Result<Option<i64>, DbError> {
    tx.first(&LATEST, &[])?.map_or(Ok(None), |row| row.get(0))
}

/// The tables in force.
///
/// # Errors
/// If what is stored can't be read.
pub(crate) fn load(tx: &mut Tx<'_>) -> Result<Reference, DbError> {
    let imports = imports(tx)?;
    let mut reference = Reference::read(|kind| of_kind(&imports, kind)).map_err(DbError::stored)?;
    reference.latest = latest(tx)?;
    Ok(reference)
}

/// An imported table.
pub(super) struct Imported {
    pub kind: String,
    pub source: String,
    pub digest: String,
    pub content: String,
    pub at: i64,
}

pub(super) fn list(tx: &mut Tx<'_>) -> Result<Vec<Imported>, DbError> {
    let rows = tx.rows(&LIST, &[])?;
    rows.into_iter()
        .map(|row| {
            Ok(Imported {
                kind: row.get(0)?,
                source: row.get(1)?,
                digest: row.get(2)?,
                content: row.get(3)?,
                at: row.get(4)?,
            })
        })
        .collect()
}

pub(super) struct NewTable<'a> {
    pub id: i64,
    pub kind: &'a str,
    pub source: &'a str,
    pub digest: &'a str,
    pub content: &'a str,
    pub now: i64,
    pub account: Option<i64>,
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &NewTable<'_>) -> Result<(), DbError> {
    tx.run(&INSERT, args![new.id, new.kind, new.source, new.digest, new.content, new.now, new.account]).map(|_| ())
}
