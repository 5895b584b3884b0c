//! The public log in the database.

use proof::log::{Hash, Leaf, LeafKind, Tile};

use crate::args;
use crate::db::{DbError, Row, Sql, Tx, Value};
use crate::door::hex;
use crate::door::store::to_text;

crate::statements! {
    PUT = "INSERT INTO log_leaf (id, kind, subject, turn, salt, commitment, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    HEAD = "SELECT size, root, note, note_size, has_begun FROM log_head WHERE id = 1";
    // Whoever holds the lease, or nobody any more.
    CLAIM = "UPDATE log_head SET leased_by = ?1, leased_until = ?3 WHERE id = 1 AND (leased_by = ?1 OR leased_until < ?2)";
    BEGUN = "UPDATE log_head SET has_begun = ?1 WHERE id = 1";
    // Only from the size that was read: who comes second changes nothing.
    GROW = "UPDATE log_head SET size = ?2, root = ?3 WHERE id = 1 AND size = ?1";
    PUBLISH = "UPDATE log_head SET note = ?1, note_size = ?2 WHERE id = 1 AND note_size <= ?2";
    IS_WAITING = "SELECT id FROM log_leaf WHERE position IS NULL LIMIT 1";
    WAITING = "SELECT id, kind, commitment, at FROM log_leaf WHERE position IS NULL ORDER BY id LIMIT ?1";
    PLACE = "UPDATE log_leaf SET position = w.place + ?1 FROM
      (SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS place FROM log_leaf WHERE position IS NULL ORDER BY id LIMIT ?2) w WHERE log_leaf.id = w.id";
    // How many leaves were on their way before an instant, one after the other without a later one between.
    STOOD_AT = "SELECT COALESCE((SELECT MIN(f.position) FROM log_leaf f WHERE f.at > ?1 AND f.position IS NOT NULL), h.size) FROM log_head h WHERE h.id = 1";
    TILE = "SELECT hashes FROM log_tile WHERE level = ?1 AND place = ?2";
    PUT_TILE = "INSERT INTO log_tile (level, place, hashes) VALUES (?1, ?2, ?3) ON CONFLICT (level, place) DO UPDATE SET hashes = excluded.hashes";
    ENTRIES = "SELECT id, kind, commitment, at FROM log_leaf WHERE position >= ?1 AND position < ?2 ORDER BY position";
    BY_COMMITMENT = "SELECT id, kind, commitment, at, position FROM log_leaf WHERE commitment = ?1";
    KEPT = "SELECT id, kind, commitment, at, position, subject, salt, turn FROM log_leaf WHERE position >= ?1 ORDER BY position LIMIT ?2";
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
    // What the record has of each fact, and which facts have no leaf: `?1` is the subject and `?2` the turn of it.
    NOTICE = "SELECT t.number, v.no, v.kind, v.told_on, v.told_by, v.reason, v.counted, v.code, v.trade, v.work_type, v.level, v.standard, v.starts_on, v.ends_on, v.theory_on, v.practical_on, v.comprehensive_on, v.theory_place, v.practical_place, v.expected, v.plan, v.plan_file, v.responsible, v.audience, v.cooperation, v.scheme
      FROM batch_version v JOIN batch t ON t.id = v.batch WHERE v.batch = ?1 AND v.no = ?2";
    UNSAID_NOTICES = "SELECT v.batch, v.no FROM batch_version v WHERE NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'batch.notified' AND f.subject = v.batch AND f.turn = v.no) ORDER BY v.batch, v.no LIMIT ?1";
    // A round of publicity: one that was broken off, or the one that stands.
    POSTING = "SELECT t.number, p.no, p.digest, p.posted_on, p.first_on, p.ends_on FROM broken_publicity p JOIN batch t ON t.id = p.batch WHERE p.batch = ?1 AND p.no = ?2
      UNION ALL SELECT t.number, CAST(?2 AS BIGINT), t.publicity_digest, t.posted_on, t.first_on, t.ends_publicity_on FROM batch t
      WHERE t.id = ?1 AND t.publicity_digest IS NOT NULL AND 1 + (SELECT count(*) FROM broken_publicity p WHERE p.batch = t.id) = ?2";
    UNSAID_POSTINGS = "SELECT r.batch, r.no FROM (SELECT p.batch, p.no FROM broken_publicity p
        UNION ALL SELECT t.id, 1 + (SELECT count(*) FROM broken_publicity p WHERE p.batch = t.id) FROM batch t WHERE t.publicity_digest IS NOT NULL) r
      WHERE NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'publicity.posted' AND f.subject = r.batch AND f.turn = r.no) ORDER BY r.batch, r.no LIMIT ?1";
    REPORT = "SELECT t.number, r.no, r.reported_on, r.due_on, r.persons, r.reported_by, r.late_reason, r.digest FROM report r JOIN batch t ON t.id = r.batch WHERE r.id = ?1 AND CAST(?2 AS BIGINT) = 0";
    UNSAID_REPORTS = "SELECT r.id, 0 FROM report r WHERE NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'results.reported' AND f.subject = r.id) ORDER BY r.id LIMIT ?1";
    SEATS = "SELECT t.number, a.no, a.is_rest, a.means, a.draw, a.seed, a.persons, a.arranged_at FROM arrangement a JOIN batch t ON t.id = a.batch WHERE a.id = ?1 AND CAST(?2 AS BIGINT) = 0";
    UNSAID_SEATS = "SELECT a.id, 0 FROM arrangement a WHERE NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'seats.drawn' AND f.subject = a.id) ORDER BY a.id LIMIT ?1";
    PANEL = "SELECT e.filing, e.round, d.no, d.record, d.reason, d.left_out, d.drawn_on, d.uncovered FROM evaluation_draw d JOIN evaluation e ON e.id = d.evaluation WHERE d.evaluation = ?1 AND d.no = ?2";
    UNSAID_PANELS = "SELECT d.evaluation, d.no FROM evaluation_draw d WHERE NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'panel.drawn' AND f.subject = d.evaluation AND f.turn = d.no) ORDER BY d.evaluation, d.no LIMIT ?1";
    SAMPLE = "SELECT t.number, r.no, s.no, s.draw, s.drawn_at FROM review_sample s JOIN report r ON r.id = s.report JOIN batch t ON t.id = r.batch WHERE s.report = ?1 AND s.no = ?2";
    UNSAID_SAMPLES = "SELECT s.report, s.no FROM review_sample s WHERE NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'sample.drawn' AND f.subject = s.report AND f.turn = s.no) ORDER BY s.report, s.no LIMIT ?1";
    STANDARD = "SELECT code, standard, level, valid_from, rule_values, source, set_on FROM standard_rule WHERE id = ?1 AND CAST(?2 AS BIGINT) = 0";
    UNSAID_STANDARDS = "SELECT s.id, 0 FROM standard_rule s WHERE NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'standard.set' AND f.subject = s.id) ORDER BY s.id LIMIT ?1";
    RUBRIC = "SELECT code, standard, level, part, valid_from, items, source, set_on FROM standard_rubric WHERE id = ?1 AND CAST(?2 AS BIGINT) = 0";
    UNSAID_RUBRICS = "SELECT s.id, 0 FROM standard_rubric s WHERE NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'rubric.set' AND f.subject = s.id) ORDER BY s.id LIMIT ?1";
    TERM = "SELECT term, value, from_on, reason, set_on FROM term_version WHERE id = ?1 AND CAST(?2 AS BIGINT) = 0";
    UNSAID_TERMS = "SELECT v.id, 0 FROM term_version v WHERE NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'term.set' AND f.subject = v.id) ORDER BY v.id LIMIT ?1";
    TABLE = "SELECT kind, source, digest, content, imported_at FROM reference_table WHERE id = ?1 AND CAST(?2 AS BIGINT) = 0";
    UNSAID_TABLES = "SELECT r.id, 0 FROM reference_table r WHERE NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'table.imported' AND f.subject = r.id) ORDER BY r.id LIMIT ?1";
    KEY = "SELECT filing_number, generation, from_on, lost_generation, lost_at, log_size, log_root, reason, set_on FROM body_key WHERE id = ?1 AND CAST(?2 AS BIGINT) = 0";
    UNSAID_KEYS = "SELECT k.id, 0 FROM body_key k WHERE NOT EXISTS (SELECT 1 FROM log_leaf f WHERE f.kind = 'key.changed' AND f.subject = k.id) ORDER BY k.id LIMIT ?1";
}

/// The statements about a fact that is committed to as the record has it: what the record has of one, and of which there is no
/// leaf. `None` for kinds whose leaf is made from something else.
pub(super) const fn recorded(kind: LeafKind) -> Option<(&'static Sql, &'static Sql)> {
    match kind {
        LeafKind::CertificateIssued
        | LeafKind::CertificateChanged
        | LeafKind::CertificateVoided
        | LeafKind::DirectoryChanged => None,
        LeafKind::BatchNotified => Some((&NOTICE, &UNSAID_NOTICES)),
        LeafKind::PublicityPosted => Some((&POSTING, &UNSAID_POSTINGS)),
        LeafKind::ResultsReported => Some((&REPORT, &UNSAID_REPORTS)),
        LeafKind::SeatsDrawn => Some((&SEATS, &UNSAID_SEATS)),
        LeafKind::PanelDrawn => Some((&PANEL, &UNSAID_PANELS)),
        LeafKind::SampleDrawn => Some((&SAMPLE, &UNSAID_SAMPLES)),
        LeafKind::StandardSet => Some((&STANDARD, &UNSAID_STANDARDS)),
        LeafKind::RubricSet => Some((&RUBRIC, &UNSAID_RUBRICS)),
        LeafKind::TermSet => Some((&TERM, &UNSAID_TERMS)),
        LeafKind::TableImported => Some((&TABLE, &UNSAID_TABLES)),
        LeafKind::KeyChanged => Some((&KEY, &UNSAID_KEYS)),
    }
}

/// What the record has of a fact, as text that is the same on both engines: JSON, a value for each column.
pub(super) fn fact(tx: &mut Tx<'_>, sql: &Sql, (subject, turn): (i64, i64)) -> Result<Option<String>, DbError> {
    let Some(Row(values)) = tx.first(sql, args![subject, turn])? else { return Ok(None) };
    let values: Vec<serde_json::Value> = values
        .into_iter()
        .map(|value| match value {
            Value::Null => serde_json::Value::Null,
            Value::Int(number) => number.into(),
            Value::Real(number) => number.into(),
            Value::Text(text) => text.into(),
        })
        .collect();
    to_text(&values).map(Some)
}

/// Facts of a kind that no leaf commits to, by subject and turn.
pub(super) fn unsaid_facts(tx: &mut Tx<'_>, sql: &Sql, most: i64) -> Result<Vec<(i64, i64)>, DbError> {
    tx.rows(sql, args![most])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// A leaf on its way into the log.
pub(crate) struct NewLeaf {
    pub kind: LeafKind,
    pub subject: i64,
    /// Which fact of the subject, where it has several of this kind; 0 where it has one.
    pub turn: i64,
    pub salt: [u8; 16],
    pub commitment: Hash,
}

/// Puts a leaf on its way.
pub(crate) fn put(tx: &mut Tx<'_>, id: i64, leaf: &NewLeaf, at: i64) -> Result<(), DbError> {
    let NewLeaf { kind, subject, turn, salt, commitment } = leaf;
    tx.run(&PUT, args![id, kind.code(), *subject, *turn, hex(salt), commitment.to_string(), at]).map(|_| ())
}

/// The state of the log.
pub(super) struct Head {
    pub size: u64,
    pub root: Hash,
    /// The checkpoint published last; empty before the first.
    pub note: String,
    pub note_size: u64,
    /// Up to which group of kinds what was there before is in the log; 0 before its first round.
    pub begun: i64,
}

pub(super) fn head(tx: &mut Tx<'_>) -> Result<Head, DbError> {
    let row = tx.first(&HEAD, &[])?.ok_or_else(|| DbError::stored("the public log has no head"))?;
    Ok(Head {
        size: count(&row, 0)?,
        root: hash(&row, 1)?,
        note: row.get(2)?,
        note_size: count(&row, 3)?,
        begun: row.get(4)?,
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

pub(super) fn set_begun(tx: &mut Tx<'_>, group: i64) -> Result<(), DbError> {
    tx.run(&BEGUN, args![group]).map(|_| ())
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

/// How many leaves the log had at an instant.
pub(super) fn stood_at(tx: &mut Tx<'_>, at: i64) -> Result<i64, DbError> {
    tx.first(&STOOD_AT, args![at])?.map_or(Ok(0), |row| row.get(0))
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
    pub turn: i64,
    pub salt: String,
}

/// Kept leaves from a place on, at most so many.
pub(super) fn kept(tx: &mut Tx<'_>, from: u64, most: i64) -> Result<Vec<Kept>, DbError> {
    let rows = tx.rows(&KEPT, args![from as i64, most])?;
    rows.iter()
        .map(|row| {
            Ok(Kept {
                leaf: leaf(row)?,
                position: count(row, 4)?,
                subject: row.get(5)?,
                turn: row.get(7)?,
                salt: row.get(6)?,
            })
        })
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
