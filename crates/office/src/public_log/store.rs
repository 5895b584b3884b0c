//! The public log in the database.

use proof::log::{Hash, Leaf, LeafKind, Tile};

use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::hex;

crate::statements! {
    PUT = "INSERT INTO log_leaf (id, kind, subject, salt, commitment, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    HEAD = "SELECT size, root, note, note_size, has_begun FROM log_head WHERE id = 1";
    // Whoever holds the lease, or nobody any more.
    CLAIM = "UPDATE log_head SET leased_by = ?1, leased_until = ?3 WHERE id = 1 AND (leased_by = ?1 OR leased_until < ?2)";
    BEGUN = "UPDATE log_head SET has_begun = 1 WHERE id = 1";
    // Only from the size that was read: who comes second changes nothing.
    GROW = "UPDATE log_head SET size = ?2, root = ?3 WHERE id = 1 AND size = ?1";
    PUBLISH = "UPDATE log_head SET note = ?1, note_size = ?2 WHERE id = 1 AND note_size <= ?2";
    IS_WAITING = "SELECT id FROM log_leaf WHERE position IS NULL LIMIT 1";
    WAITING = "SELECT id, kind, commitment, at FROM log_leaf WHERE position IS NULL ORDER BY id LIMIT ?1";
    PLACE = "UPDATE log_leaf SET position = w.place + ?1 FROM
      (SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS place FROM log_leaf WHERE position IS NULL ORDER BY id LIMIT ?2) w WHERE log_leaf.id = w.id";
    TILE = "SELECT hashes FROM log_tile WHERE level = ?1 AND place = ?2";
    PUT_TILE = "INSERT INTO log_tile (level, place, hashes) VALUES (?1, ?2, ?3) ON CONFLICT (level, place) DO UPDATE SET hashes = excluded.hashes";
    ENTRIES = "SELECT id, kind, commitment, at FROM log_leaf WHERE position >= ?1 AND position < ?2 ORDER BY position";
    BY_COMMITMENT = "SELECT id, kind, commitment, at, position FROM log_leaf WHERE commitment = ?1";
    KEPT = "SELECT id, kind, commitment, at, position, subject, salt FROM log_leaf WHERE position >= ?1 ORDER BY position LIMIT ?2";
    TILES = "SELECT level, place, hashes FROM log_tile ORDER BY level, place";
    // What was there before the log, or came past it.
    UNSAID_CERTIFICATES = "SELECT c.id FROM certificate c WHERE NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'certificate.issued' AND f.subject = c.id) ORDER BY c.id LIMIT ?1";
    UNSAID_VOIDINGS = "SELECT c.id FROM certificate c WHERE c.state = 'void' AND NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'certificate.voided' AND f.subject = c.id)
      AND NOT EXISTS (SELECT 1 FROM certificate_change h WHERE h.certificate = c.id AND h.kind = 'void' AND h.state = 'agreed') ORDER BY c.id LIMIT ?1";
    UNSAID_CERTIFICATE_CHANGES = "SELECT h.id FROM certificate_change h WHERE h.state = 'agreed' AND NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind IN ('certificate.issued', 'certificate.changed') AND f.subject = h.id) ORDER BY h.id LIMIT ?1";
    // Certificates that stand otherwise than their last change says.
    UNSAID_STATES = "SELECT c.id FROM certificate c WHERE c.state <> COALESCE(
        (SELECT CASE h.kind WHEN 'suspend' THEN 'suspended' WHEN 'revoke' THEN 'revoked' WHEN 'void' THEN 'void' ELSE 'valid' END FROM certificate_change h
          WHERE h.certificate = c.id AND h.state = 'agreed' AND h.kind IN ('suspend', 'resume', 'revoke', 'void') ORDER BY h.id DESC LIMIT 1),
        CASE WHEN EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'certificate.voided' AND f.subject = c.id) THEN 'void' ELSE 'valid' END) ORDER BY c.id LIMIT ?1";
    UNSAID_CHANGES = "SELECT c.seq FROM listing_change c WHERE c.digest <> '' AND NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'directory.changed' AND f.subject = c.seq) ORDER BY c.seq LIMIT ?1";
}

/// A leaf on its way into the log.
pub(crate) struct NewLeaf {
    pub kind: LeafKind,
    pub subject: i64,
    pub salt: [u8; 16],
    pub commitment: Hash,
}

/// Puts a leaf on its way.
pub(crate) fn put(tx: &mut Tx<'_>, id: i64, leaf: &NewLeaf, at: i64) -> Result<(), DbError> {
    let NewLeaf { kind, subject, salt, commitment } = leaf;
    tx.run(&PUT, args![id, kind.code(), *subject, hex(salt), commitment.to_string(), at]).map(|_| ())
}

/// The state of the log.
pub(super) struct Head {
    pub size: u64,
    pub root: Hash,
    /// The checkpoint published last; empty before the first.
    pub note: String,
    pub note_size: u64,
    pub has_begun: bool,
}

pub(super) fn head(tx: &mut Tx<'_>) -> Result<Head, DbError> {
    let row = tx.first(&HEAD, &[])?.ok_or_else(|| DbError::stored("the public log has no head"))?;
    Ok(Head {
        size: count(&row, 0)?,
        root: hash(&row, 1)?,
        note: row.get(2)?,
        note_size: count(&row, 3)?,
        has_begun: row.get(4)?,
    })
}

fn count(row: &Row, index: usize) -> Result<u64, DbError> {
    row.get::<i64>(index)?.try_into().map_err(|_| DbError::stored("a negative place in the log"))
}

fn hash(row: &Row, index: usize) -> Result<Hash, DbError> {
    row.get::<String>(index)?.parse().map_err(DbError::stored)
}

/// Takes or keeps the lease; whether it is ours until `until`.
pub(super) fn claim(tx: &mut Tx<'_>, holder: &str, now: i64, until: i64) -> Result<bool, DbError> {
    Ok(tx.run(&CLAIM, args![holder, now, until])? == 1)
}

pub(super) fn set_begun(tx: &mut Tx<'_>) -> Result<(), DbError> {
    tx.run(&BEGUN, &[]).map(|_| ())
}

/// Moves the head on; whether it still stood at `from`.
pub(super) fn grow(tx: &mut Tx<'_>, from: u64, size: u64, root: &Hash) -> Result<bool, DbError> {
    Ok(tx.run(&GROW, args![from as i64, size as i64, root.to_string()])? == 1)
}

pub(super) fn publish(tx: &mut Tx<'_>, note: &str, size: u64) -> Result<(), DbError> {
    tx.run(&PUBLISH, args![note, size as i64]).map(|_| ())
}

pub(super) fn is_waiting(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    Ok(tx.first(&IS_WAITING, &[])?.is_some())
}

fn leaf(row: &Row) -> Result<Leaf, DbError> {
    let kind: String = row.get(1)?;
    let kind = LeafKind::from_code(&kind).ok_or_else(|| DbError::stored(format!("a leaf of kind {kind}")))?;
    Ok(Leaf::new(kind, row.get(3)?, hash(row, 2)?))
}

/// Gives the next waiting leaves, at most so many, their places from `size` on; the leaves in this order.
pub(super) fn place(tx: &mut Tx<'_>, size: u64, most: i64) -> Result<Vec<Leaf>, DbError> {
    let waiting: Vec<Leaf> = tx.rows(&WAITING, args![most])?.iter().map(leaf).collect::<Result<_, _>>()?;
    if !waiting.is_empty() {
        tx.run(&PLACE, args![size as i64, most])?;
    }
    Ok(waiting)
}

fn read_hashes(text: &str) -> Result<Vec<Hash>, DbError> {
    // A tile that someone cut is read as far as it goes; what is missing is noticed where it is needed.
    let whole = text.as_bytes().chunks_exact(64).map(|digits| std::str::from_utf8(digits).unwrap_or_default());
    whole.map(|digits| digits.parse().map_err(DbError::stored)).collect()
}

/// The hashes of a tile, as many as there are.
pub(super) fn tile(tx: &mut Tx<'_>, tile: Tile) -> Result<Vec<Hash>, DbError> {
    match tx.first(&TILE, args![i64::from(tile.level), tile.index as i64])? {
        Some(row) => read_hashes(&row.get::<String>(0)?),
        None => Ok(Vec::new()),
    }
}

pub(super) fn put_tile(tx: &mut Tx<'_>, tile: Tile, hashes: &[Hash]) -> Result<(), DbError> {
    let text: String = hashes.iter().map(Hash::to_string).collect();
    tx.run(&PUT_TILE, args![i64::from(tile.level), tile.index as i64, text]).map(|_| ())
}

/// Every stored tile.
pub(super) fn tiles(tx: &mut Tx<'_>) -> Result<Vec<(Tile, Vec<Hash>)>, DbError> {
    let rows = tx.rows(&TILES, &[])?;
    rows.iter()
        .map(|row| {
            let level = u8::try_from(row.get::<i64>(0)?).map_err(|_| DbError::stored("a level of the log"))?;
            Ok((Tile { level, index: count(row, 1)? }, read_hashes(&row.get::<String>(2)?)?))
        })
        .collect()
}

/// The leaves with these places.
pub(super) fn entries(tx: &mut Tx<'_>, from: u64, until: u64) -> Result<Vec<Leaf>, DbError> {
    tx.rows(&ENTRIES, args![from as i64, until as i64])?.iter().map(leaf).collect()
}

/// The leaf of a commitment, and its place once it has one.
pub(super) fn by_commitment(tx: &mut Tx<'_>, commitment: &Hash) -> Result<Option<(Leaf, Option<u64>)>, DbError> {
    let found = tx.first(&BY_COMMITMENT, args![commitment.to_string()])?;
    found
        .map(|row| {
            let position: Option<i64> = row.get(4)?;
            Ok((leaf(&row)?, position.and_then(|place| u64::try_from(place).ok())))
        })
        .transpose()
}

/// A leaf as it is kept, with what it commits to.
pub(super) struct Kept {
    pub leaf: Leaf,
    pub position: u64,
    pub subject: i64,
    pub salt: String,
}

/// Kept leaves from a place on, at most so many.
pub(super) fn kept(tx: &mut Tx<'_>, from: u64, most: i64) -> Result<Vec<Kept>, DbError> {
    let rows = tx.rows(&KEPT, args![from as i64, most])?;
    rows.iter()
        .map(|row| Ok(Kept { leaf: leaf(row)?, position: count(row, 4)?, subject: row.get(5)?, salt: row.get(6)? }))
        .collect()
}

fn unsaid(tx: &mut Tx<'_>, sql: &crate::db::Sql, most: i64) -> Result<Vec<i64>, DbError> {
    tx.rows(sql, args![most])?.iter().map(|row| row.get(0)).collect()
}

/// Certificates that no leaf commits to.
pub(super) fn unsaid_certificates(tx: &mut Tx<'_>, most: i64) -> Result<Vec<i64>, DbError> {
    unsaid(tx, &UNSAID_CERTIFICATES, most)
}

/// Changes of certificates that no leaf commits to.
pub(super) fn unsaid_certificate_changes(tx: &mut Tx<'_>, most: i64) -> Result<Vec<i64>, DbError> {
    unsaid(tx, &UNSAID_CERTIFICATE_CHANGES, most)
}

/// Certificates that stand otherwise than the changes say that leaves commit to.
pub(super) fn unsaid_states(tx: &mut Tx<'_>, most: i64) -> Result<Vec<i64>, DbError> {
    unsaid(tx, &UNSAID_STATES, most)
}

/// Void certificates whose voiding no leaf commits to.
pub(super) fn unsaid_voidings(tx: &mut Tx<'_>, most: i64) -> Result<Vec<i64>, DbError> {
    unsaid(tx, &UNSAID_VOIDINGS, most)
}

/// Changes of the directory that no leaf commits to.
pub(super) fn unsaid_changes(tx: &mut Tx<'_>, most: i64) -> Result<Vec<i64>, DbError> {
    unsaid(tx, &UNSAID_CHANGES, most)
}
