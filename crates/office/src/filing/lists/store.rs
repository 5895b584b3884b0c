//! A school's catalogue of majors, and the files of lists that were imported, in the database.

use sheets::Finding;

use super::{ListKind, ListUploadLine, MajorLine};
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::clock;
use crate::door::store::{from_text, to_text};
use crate::door::{FileHash, KeptFile, Seals};

crate::statements! {
    MAJORS = "SELECT code, name, class_kind, is_main, since FROM major WHERE body = ?1 ORDER BY is_main DESC, code";
    KEEP_MAJORS = "INSERT INTO major (body, code, name, class_kind, is_main, since)
      SELECT CAST(?2 AS BIGINT), r.key, r.value ->> 'name', r.value ->> 'class_kind', CAST(r.value ->> 'is_main' AS BIGINT), CAST(r.value ->> 'since' AS BIGINT)
      FROM json_each(?1) AS r WHERE 1 = 1
      ON CONFLICT (body, code) DO UPDATE SET name = excluded.name, class_kind = excluded.class_kind, is_main = excluded.is_main, since = excluded.since";
    REMOVE_MAJOR = "DELETE FROM major WHERE body = ?1 AND code = ?2";
    UPLOADED = "INSERT INTO list_upload (id, body, filing, kind, file, name, rows_read, rows_good, rows_new, rows_changed, faults, warnings, findings, at, account_name)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    UPLOADS = "SELECT id, filing, kind, name, rows_read, rows_good, rows_new, rows_changed, faults, warnings, at, account_name, file
      FROM list_upload WHERE body = ?1 AND kind = ?2 ORDER BY id DESC LIMIT 10";
    UPLOAD = "SELECT id, filing, kind, name, rows_read, rows_good, rows_new, rows_changed, faults, warnings, at, account_name, file
      FROM list_upload WHERE id = ?1 AND body = ?2";
    FINDINGS = "SELECT findings FROM list_upload WHERE id = ?1 AND body = ?2";
}

/// The catalogue of a school, main majors first.
pub(crate) fn majors(tx: &mut Tx<'_>, body: i64) -> Result<Vec<MajorLine>, DbError> {
    let rows = tx.rows(&MAJORS, args![body])?;
    rows.into_iter()
        .map(|row| {
            Ok(MajorLine {
                code: row.get(0)?,
                name: row.get(1)?,
                class_kind: row.get(2)?,
                is_main: row.get::<i64>(3)? != 0,
                since: row.get(4)?,
            })
        })
        .collect()
}

/// Adds majors to the catalogue, in place of those with the same code.
pub(super) fn keep_majors(tx: &mut Tx<'_>, body: i64, majors: &[&MajorLine]) -> Result<(), DbError> {
    let row = |major: &&MajorLine| {
        let fields = serde_json::json!({
            "name": major.name, "class_kind": major.class_kind, "is_main": i64::from(major.is_main), "since": major.since,
        });
        (major.code.clone(), fields)
    };
    let rows: serde_json::Map<String, serde_json::Value> = majors.iter().map(row).collect();
    tx.run(&KEEP_MAJORS, args![to_text(&rows)?, body]).map(|_| ())
}

/// Takes a major out of the catalogue; whether it was in it.
pub(super) fn remove_major(tx: &mut Tx<'_>, body: i64, code: &str) -> Result<bool, DbError> {
    Ok(tx.run(&REMOVE_MAJOR, args![body, code])? > 0)
}

/// A file to be kept with what was found in it.
pub(super) struct NewUpload<'a> {
    pub id: i64,
    pub body: i64,
    pub filing: Option<i64>,
    pub kind: ListKind,
    pub file: &'a KeptFile,
    pub name: &'a str,
    pub counts: super::Counts,
    pub findings: &'a [Finding],
    pub now: i64,
    pub by: &'a str,
}

pub(super) fn uploaded(tx: &mut Tx<'_>, new: &NewUpload<'_>, seals: &Seals) -> Result<(), DbError> {
    let faults = new.findings.iter().filter(|finding| finding.is_fault()).count() as i64;
    let warnings = new.findings.len() as i64 - faults;
    let counts = new.counts;
    let [read, good, fresh, changed] = [counts.read, counts.good, counts.new, counts.changed].map(|n| n as i64);
    let sealed = seals.seal(&to_text(&new.findings)?);
    tx.run(
        &UPLOADED,
        args![
            new.id,
            new.body,
            new.filing,
            new.kind.code(),
            &new.file.hash.0,
            new.name,
            read,
            good,
            fresh,
            changed,
            faults,
            warnings,
            sealed,
            new.now,
            new.by
        ],
    )
    .map(|_| ())
}

/// The latest files of a kind, the last first.
pub(super) fn uploads(tx: &mut Tx<'_>, body: i64, kind: ListKind) -> Result<Vec<ListUploadLine>, DbError> {
    tx.rows(&UPLOADS, args![body, kind.code()])?.iter().map(line).collect()
}

/// One file of a body's own with everything that was found in it.
pub(super) fn upload(
    tx: &mut Tx<'_>,
    body: i64,
    id: i64,
    seals: &Seals,
) -> Result<Option<(ListUploadLine, Vec<Finding>)>, DbError> {
    let Some(row) = tx.first(&UPLOAD, args![id, body])? else { return Ok(None) };
    let upload = line(&row)?;
    let Some(row) = tx.first(&FINDINGS, args![id, body])? else { return Ok(None) };
    let sealed: String = row.get(0)?;
    let opened = seals.open_text(&sealed).ok_or_else(|| DbError::stored("findings that can't be opened"))?;
    Ok(Some((upload, from_text(&opened)?)))
}

fn line(row: &Row) -> Result<ListUploadLine, DbError> {
    let kind: String = row.get(2)?;
    let (good, new, changed): (i64, i64, i64) = (row.get(5)?, row.get(6)?, row.get(7)?);
    Ok(ListUploadLine {
        id: row.get(0)?,
        filing: row.get(1)?,
        kind: ListKind::from_code(&kind).ok_or_else(|| DbError::stored(format!("unknown code word {kind}")))?,
        name: row.get(3)?,
        rows_read: row.get(4)?,
        rows_good: good,
        new,
        changed,
        same: good - new - changed,
        faults: row.get(8)?,
        warnings: row.get(9)?,
        at: clock::read_out(row.get(10)?),
        by: row.get(11)?,
        file: FileHash(row.get(12)?),
    })
}
