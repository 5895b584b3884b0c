//! Links by which holders show their certificates. What a link ends with is kept as a hash.

use std::collections::BTreeSet;

use rules::share::ShareField;

use crate::args;
use crate::db::{DbError, Row, Tx};

crate::statements! {
    INSERT = "INSERT INTO share (id, certificate, token, fields, made_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    OF = "SELECT id, certificate, fields, made_at, expires_at, ended_at, seen, seen_at FROM share WHERE certificate = ?1 ORDER BY id DESC LIMIT 100";
    BY_TOKEN = "SELECT id, certificate, fields, made_at, expires_at, ended_at, seen, seen_at FROM share WHERE token = ?1";
    OPEN = "SELECT COUNT(*) FROM share WHERE certificate = ?1 AND ended_at IS NULL AND expires_at > ?2";
    END = "UPDATE share SET ended_at = ?2 WHERE id = ?1";
    SEEN = "UPDATE share SET seen = seen + 1, seen_at = ?2 WHERE id = ?1";
}

/// A link as it is kept. Instants are milliseconds since 1970.
pub(super) struct Share {
    pub id: i64,
    pub certificate: i64,
    pub fields: BTreeSet<ShareField>,
    pub made_at: i64,
    pub expires_at: i64,
    pub ended_at: Option<i64>,
    pub seen: i64,
    pub seen_at: Option<i64>,
}

impl TryFrom<Row> for Share {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            certificate: row.get(1)?,
            fields: ShareField::read(&row.get::<String>(2)?),
            made_at: row.get(3)?,
            expires_at: row.get(4)?,
            ended_at: row.get(5)?,
            seen: row.get(6)?,
            seen_at: row.get(7)?,
        })
    }
}

/// Keeps a new link under the hash of its token.
pub(super) fn insert(tx: &mut Tx<'_>, share: &Share, token: &str) -> Result<(), DbError> {
    let fields = ShareField::written(&share.fields);
    tx.run(&INSERT, args![share.id, share.certificate, token, fields, share.made_at, share.expires_at]).map(drop)
}

/// The links of a certificate, the latest first.
pub(super) fn of(tx: &mut Tx<'_>, certificate: i64) -> Result<Vec<Share>, DbError> {
    tx.rows(&OF, args![certificate])?.into_iter().map(Share::try_from).collect()
}

/// The link with the hash of this token.
pub(super) fn by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Share>, DbError> {
    tx.first(&BY_TOKEN, args![token])?.map(Share::try_from).transpose()
}

/// How many links of a certificate open now.
pub(super) fn open(tx: &mut Tx<'_>, certificate: i64, now: i64) -> Result<i64, DbError> {
    tx.first(&OPEN, args![certificate, now])?.map_or(Ok(0), |row| row.get(0))
}

pub(super) fn end(tx: &mut Tx<'_>, id: i64, now: i64) -> Result<(), DbError> {
    tx.run(&END, args![id, now]).map(drop)
}

/// Counts that a link was opened.
pub(super) fn seen(tx: &mut Tx<'_>, id: i64, now: i64) -> Result<(), DbError> {
    tx.run(&SEEN, args![id, now]).map(drop)
}
