//! Templates, packages, rows, receipts, lists of the national system and differences in the database. What concerns many rows is
//! one statement over a JSON object: its keys are ids or numbers, its values the columns.

use std::collections::BTreeMap;

use rules::Day;
use rules::certificate::{CertificateState, Level};
use rules::exchange::{
    ExchangeColumn, ExchangeDifferenceKind, ExchangeDifferenceState, ExchangeKind, ExchangeTemplate, RowState,
};
use rules::identity::IdKind;
use serde_json::{Value as Json, json};

use super::{DueLine, ElsewhereLine, ExchangeDifferenceLine, InventoryLine, PackageLine, ReceiptLine, TemplateLine};
use crate::args;
use crate::certificate::{coded, level};
use crate::db::{DbError, Row, Tx, Value};
use crate::door::store::from_text;
use crate::door::{FileHash, KeptFile, Scope, Seals};

/// A certificate, what the national system was last told of it, and the last change that counts for it. New paper changes
/// nothing that goes up.
macro_rules! waiting {
    ($columns:literal, $which:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM certificate c JOIN body b ON b.id = c.body
      LEFT JOIN exchange_row r ON r.certificate = c.id AND r.is_live = 1
      LEFT JOIN certificate_change h ON h.id = (SELECT MAX(x.id) FROM certificate_change x WHERE x.certificate = c.id AND x.state = 'agreed' AND x.kind <> 'reissue')
      WHERE ",
            $which
        )
    };
}

/// The columns of [`PackageLine`], for a package `p`.
macro_rules! package {
    ($which:literal) => {
        concat!(
            "SELECT p.id, p.number, p.body, b.name, p.template, p.template_name, p.from_on, p.until_on, p.rows_written, p.file, p.summary, p.built_on, p.built_by,
        p.uploaded_on, p.uploaded_by, p.uploaded_to, p.proof_name, p.handed_on, p.handed_by, p.withdrawn_on, p.withdrawn_by, p.withdrawn_reason,
        (SELECT COUNT(*) FROM exchange_row w WHERE w.package = p.id AND w.state = 'to_send'), (SELECT COUNT(*) FROM exchange_row w WHERE w.package = p.id AND w.state = 'sent'),
        (SELECT COUNT(*) FROM exchange_row w WHERE w.package = p.id AND w.state = 'accepted'), (SELECT COUNT(*) FROM exchange_row w WHERE w.package = p.id AND w.state = 'rejected'),
        (SELECT COUNT(*) FROM exchange_row w WHERE w.package = p.id AND w.state = 'rejected' AND w.again_on IS NULL),
        (SELECT COUNT(*) FROM exchange_part x WHERE x.package = p.id AND x.outcome = 'given_up'), (SELECT MAX(x.error) FROM exchange_part x WHERE x.package = p.id AND (x.outcome IS NULL OR x.outcome = 'given_up'))
      FROM exchange_package p JOIN body b ON b.id = p.body WHERE ",
            $which
        )
    };
}

/// The columns of [`ExchangeDifferenceLine`], for a difference `d`.
macro_rules! difference {
    ($which:literal) => {
        concat!(
            "SELECT d.id, d.kind, d.number, d.column_name, d.ours, d.theirs, d.found_on, d.due_on, d.state, d.reason, d.resolved_on, d.resolved_by, b.id, COALESCE(b.name, '')
      FROM exchange_difference d LEFT JOIN body b ON b.id = d.body
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3) AND ",
            $which
        )
    };
}

crate::statements! {
    TEMPLATES = "SELECT id, from_on, name, columns, reason, set_on, seat_name FROM exchange_template ORDER BY from_on, id";
    ADD_TEMPLATE = "INSERT INTO exchange_template (id, from_on, name, columns, reason, set_on, set_by, seat_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    COLLECT = waiting!("c.id, c.number, c.body_name, c.name, c.id_kind, c.id_sealed, c.trade_code, c.trade, c.work_type, c.level, c.issued_on, c.state, COALESCE(h.id, 0), r.id, r.stands",
        "c.body = ?1 AND ((r.id IS NULL AND c.state = 'valid' AND c.issued_on >= ?2 AND c.issued_on <= ?3)
        OR (r.state = 'accepted' AND (r.again_on IS NOT NULL OR (h.id > r.change AND h.answered_on >= ?2 AND h.answered_on <= ?3)))) ORDER BY c.number LIMIT ?4");
    DUE = waiting!("b.id, b.name, COUNT(*), MIN(CASE WHEN r.id IS NULL THEN c.issued_on ELSE COALESCE(h.answered_on, r.again_on) END)",
        "(CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
        AND ((r.id IS NULL AND c.state = 'valid') OR (r.state = 'accepted' AND (r.again_on IS NOT NULL OR h.id > r.change)))
      GROUP BY b.id, b.name ORDER BY 4, b.id LIMIT 200");
    ISSUER = "SELECT b.name, b.head, l.number, l.listed_on, (SELECT COALESCE(MAX(p.no), 0) + 1 FROM exchange_package p WHERE p.body = b.id)
      FROM body b JOIN listing l ON l.body = b.id WHERE b.id = ?1 ORDER BY l.listed_on DESC, l.id DESC LIMIT 1";
    ADD_PACKAGE = "INSERT INTO exchange_package (id, body, no, number, template, template_name, from_on, until_on, rows_written, file, summary, built_on, built_by)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    SUPERSEDE = "UPDATE exchange_row SET is_live = 0 WHERE id IN (SELECT CAST(r.value ->> 10 AS BIGINT) FROM json_each(?1) AS r)";
    /// The object's keys are the rows' ids; each lists: 0 its place, 1 the certificate, 2 the change, 3 kind, 4 how it stands, 5 number, 6 occupation,
    /// 7 work type, 8 level, 9 digest, 10 the row before, 11 the cells, sealed.
    ADD_ROWS = "INSERT INTO exchange_row (id, package, no, certificate, change, kind, stands, number, trade, work_type, level, digest, cells_sealed, state, is_live, before)
      SELECT CAST(r.key AS BIGINT), CAST(?2 AS BIGINT), CAST(r.value ->> 0 AS BIGINT), CAST(r.value ->> 1 AS BIGINT), CAST(r.value ->> 2 AS BIGINT), r.value ->> 3, r.value ->> 4, r.value ->> 5,
        r.value ->> 6, r.value ->> 7, r.value ->> 8, r.value ->> 9, r.value ->> 11, 'to_send', 1, CAST(r.value ->> 10 AS BIGINT)
      FROM json_each(?1) AS r";
    PACKAGES = package!("(CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3) ORDER BY p.id DESC LIMIT ?4 OFFSET ?5");
    PACKAGE_COUNT = "SELECT COUNT(*) FROM exchange_package p JOIN body b ON b.id = p.body
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)";
    PACKAGE = package!("p.id = ?1");
    PROOF = "SELECT proof, proof_name FROM exchange_package WHERE id = ?1 AND proof IS NOT NULL";
    ROWS = "SELECT w.no, w.number, w.kind, w.trade, w.level, w.state, w.national_id, w.fault_column, w.fault_reason, w.again_on, w.again_reason, w.cells_sealed
      FROM exchange_row w WHERE w.package = ?1 ORDER BY CASE WHEN w.state = 'rejected' THEN 0 ELSE 1 END, w.no LIMIT ?2 OFFSET ?3";
    STATES = "SELECT w.number, w.state, w.national_id FROM exchange_row w WHERE w.package = ?1";
    UPLOADED = "UPDATE exchange_package SET uploaded_on = ?2, uploaded_by = ?3, uploaded_to = ?4, proof = ?5, proof_name = ?6 WHERE id = ?1";
    ROWS_SENT = "UPDATE exchange_row SET state = 'sent' WHERE package = ?1 AND state = 'to_send'";
    WITHDRAW = "UPDATE exchange_package SET withdrawn_on = ?2, withdrawn_by = ?3, withdrawn_reason = ?4 WHERE id = ?1";
    ROWS_WITHDRAWN = "UPDATE exchange_row SET state = 'withdrawn', is_live = 0 WHERE package = ?1 AND state = 'to_send'";
    /// What was accepted before stands again for certificates of which nothing else does.
    REVIVE = "UPDATE exchange_row SET is_live = 1 WHERE id IN (SELECT x.before FROM exchange_row x WHERE x.package = ?1 AND x.is_live = 0 AND x.state IN ('rejected', 'withdrawn')
        AND x.before IS NOT NULL AND NOT EXISTS (SELECT 1 FROM exchange_row y WHERE y.certificate = x.certificate AND y.is_live = 1))";
    ROWS_AGAIN = "UPDATE exchange_row SET is_live = 0, again_on = ?2, again_by = ?3, again_reason = ?4 WHERE package = ?1 AND state = 'rejected' AND again_on IS NULL";
    HAND = "UPDATE exchange_package SET handed_on = ?2, handed_by = ?3 WHERE id = ?1";
    ADD_PARTS = "INSERT INTO exchange_part (package, part, tries, next_at, leased_until) SELECT CAST(?2 AS BIGINT), CAST(r.key AS BIGINT), 0, CAST(?3 AS BIGINT), 0 FROM json_each(?1) AS r WHERE 1 = 1
      ON CONFLICT (package, part) DO UPDATE SET tries = 0, next_at = excluded.next_at, leased_until = 0, outcome = NULL WHERE exchange_part.outcome = 'given_up'";
    /// The object's keys are numbers of certificates; each lists: 0 the state, 1 their id, 2 the column to blame, 3 the reason.
    SETTLE = "UPDATE exchange_row SET state = r.value ->> 0, national_id = r.value ->> 1, fault_column = r.value ->> 2, fault_reason = r.value ->> 3, settled_on = ?3
      FROM json_each(?1) AS r WHERE exchange_row.package = ?2 AND exchange_row.number = r.key AND exchange_row.state IN ('to_send', 'sent')";
    ADD_RECEIPT = "INSERT INTO exchange_receipt (id, package, file, name, rows_read, accepted, rejected, findings_sealed, imported_on, imported_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    RECEIPTS = "SELECT id, name, rows_read, accepted, rejected, findings_sealed, imported_on, imported_by FROM exchange_receipt WHERE package = ?1 ORDER BY id DESC LIMIT 50";
    PART_WAITS = "SELECT package FROM exchange_part WHERE outcome IS NULL AND next_at <= ?1 AND leased_until <= ?1 LIMIT 1";
    CLAIM_PART = "UPDATE exchange_part SET leased_until = ?2, tries = tries + 1 WHERE (package, part) IN
      (SELECT package, part FROM exchange_part WHERE outcome IS NULL AND next_at <= ?1 AND leased_until <= ?1 ORDER BY next_at, package, part LIMIT 1)
      RETURNING package, part, tries";
    PART_PACKAGE = "SELECT p.number, p.template FROM exchange_package p WHERE p.id = ?1";
    PART_ROWS = "SELECT w.no, w.number, w.kind, w.stands, w.state, w.national_id, w.cells_sealed FROM exchange_row w WHERE w.package = ?1 AND w.no > ?2 AND w.no <= ?3 ORDER BY w.no";
    PART_SENT = "UPDATE exchange_row SET state = 'sent' WHERE package = ?1 AND no > ?2 AND no <= ?3 AND state = 'to_send'";
    PART_DONE = "UPDATE exchange_part SET outcome = 'done', error = NULL, leased_until = 0 WHERE package = ?1 AND part = ?2";
    PART_AGAIN = "UPDATE exchange_part SET next_at = ?3, leased_until = 0, error = ?4 WHERE package = ?1 AND part = ?2 AND outcome IS NULL";
    PART_GIVEN_UP = "UPDATE exchange_part SET outcome = 'given_up', leased_until = 0, error = ?3 WHERE package = ?1 AND part = ?2 AND outcome IS NULL";
    OPEN_INVENTORY = "INSERT INTO exchange_inventory (id, way, begun_on, begun_by, file, cursor, is_fetched, tries, next_at, leased_until) VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, 0, ?7, 0)";
    BEGUN = "SELECT 1 FROM exchange_inventory WHERE way = 'connector' AND (begun_on = ?1 OR outcome IS NULL) LIMIT 1";
    HAS_SENT = "SELECT 1 FROM exchange_row WHERE state IN ('sent', 'accepted') LIMIT 1";
    CLAIM_INVENTORY = "UPDATE exchange_inventory SET leased_until = ?2, tries = tries + 1 WHERE id IN
      (SELECT id FROM exchange_inventory WHERE outcome IS NULL AND is_fetched = 0 AND next_at <= ?1 AND leased_until <= ?1 ORDER BY id LIMIT 1)
      RETURNING id, cursor, tries";
    /// The object's keys are numbers; each lists: 0 their id, 1 how it stands, 2 digest, 3 the cells, sealed, 4 how often.
    ADD_NATIONAL = "INSERT INTO exchange_national (inventory, number, national_id, stands, digest, cells_sealed, times)
      SELECT CAST(?2 AS BIGINT), r.key, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, CAST(r.value ->> 4 AS BIGINT) FROM json_each(?1) AS r WHERE 1 = 1
      ON CONFLICT (inventory, number) DO UPDATE SET times = exchange_national.times + excluded.times";
    FETCHED = "UPDATE exchange_inventory SET cursor = ?2, is_fetched = ?3, tries = 0, leased_until = 0, error = NULL WHERE id = ?1";
    INVENTORY_AGAIN = "UPDATE exchange_inventory SET next_at = ?2, leased_until = 0, error = ?3 WHERE id = ?1 AND outcome IS NULL";
    INVENTORY_GIVEN_UP = "UPDATE exchange_inventory SET outcome = 'given_up', leased_until = 0, error = ?2 WHERE id = ?1 AND outcome IS NULL";
    TO_COMPARE = "SELECT id FROM exchange_inventory WHERE outcome IS NULL AND is_fetched = 1 ORDER BY id";
    INVENTORY = "SELECT id, way, begun_on, begun_by, outcome, COALESCE(ours, 0), COALESCE(theirs, 0), compared_on, error FROM exchange_inventory WHERE id = ?1";
    LATEST_INVENTORY = "SELECT id, way, begun_on, begun_by, outcome, COALESCE(ours, 0), COALESCE(theirs, 0), compared_on, error FROM exchange_inventory ORDER BY id DESC LIMIT 1";
    /// What went up and stands so on their list is there, whether or not a receipt came.
    ACCEPT_FOUND = "UPDATE exchange_row SET state = 'accepted', national_id = n.national_id, settled_on = ?2 FROM exchange_national n
      WHERE n.inventory = ?1 AND n.number = exchange_row.number AND n.digest = exchange_row.digest AND n.stands = exchange_row.stands AND exchange_row.state = 'sent' AND exchange_row.is_live = 1";
    MISSING = "SELECT p.body, w.number FROM exchange_row w JOIN exchange_package p ON p.id = w.package
      WHERE w.is_live = 1 AND w.state = 'accepted' AND w.again_on IS NULL AND w.settled_on < ?2
        AND NOT EXISTS (SELECT 1 FROM exchange_national n WHERE n.inventory = ?1 AND n.number = w.number) ORDER BY w.number";
    FOREIGN = "SELECT (SELECT c.body FROM certificate c WHERE c.number = n.number), n.number, n.digest, n.cells_sealed FROM exchange_national n
      WHERE n.inventory = ?1 AND NOT EXISTS (SELECT 1 FROM exchange_row w WHERE w.number = n.number AND w.state IN ('sent', 'accepted'))
        AND NOT EXISTS (SELECT 1 FROM elsewhere_certificate e WHERE e.number = n.number) ORDER BY n.number";
    DIFFERS = "SELECT p.body, p.template, w.number, w.stands, n.stands, n.digest, w.cells_sealed, n.cells_sealed FROM exchange_row w JOIN exchange_package p ON p.id = w.package
      JOIN exchange_national n ON n.inventory = ?1 AND n.number = w.number
      WHERE w.is_live = 1 AND w.state = 'accepted' AND w.again_on IS NULL AND w.settled_on < ?2 AND (w.digest <> n.digest OR w.stands <> n.stands) ORDER BY w.number";
    TWICE = "SELECT (SELECT c.body FROM certificate c WHERE c.number = n.number), n.number, n.times FROM exchange_national n WHERE n.inventory = ?1 AND n.times > 1 ORDER BY n.number";
    /// The object's keys are ids; each lists: 0 the body, 1 kind, 2 number, 3 column, 4 ours, 5 theirs, 6 mark.
    ADD_DIFFERENCES = "INSERT INTO exchange_difference (id, body, kind, number, column_name, ours, theirs, mark, found_on, due_on, inventory, state)
      SELECT CAST(r.key AS BIGINT), CAST(r.value ->> 0 AS BIGINT), r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5, r.value ->> 6, CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS BIGINT), 'open'
      FROM json_each(?1) AS r WHERE 1 = 1
      ON CONFLICT (number, kind, column_name, mark) WHERE state IN ('open', 'noted') DO UPDATE SET inventory = excluded.inventory";
    GONE = "UPDATE exchange_difference SET state = 'gone', resolved_on = ?2 WHERE state IN ('open', 'noted') AND inventory <> ?1";
    COMPARED = "UPDATE exchange_inventory SET outcome = 'compared', compared_on = ?2,
        ours = (SELECT COUNT(*) FROM exchange_row w WHERE w.is_live = 1 AND w.state = 'accepted'), theirs = (SELECT COUNT(*) FROM exchange_national n WHERE n.inventory = ?1) WHERE id = ?1";
    FORGET_NATIONAL = "DELETE FROM exchange_national WHERE inventory <> ?1";
    OPEN_DIFFERENCES = "SELECT COUNT(*), MIN(d.due_on) FROM exchange_difference d LEFT JOIN body b ON b.id = d.body
      WHERE d.state = 'open' AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)";
    LATE_DIFFERENCES = "SELECT COUNT(*) FROM exchange_difference d LEFT JOIN body b ON b.id = d.body
      WHERE d.state = 'open' AND d.due_on < ?4 AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)";
    DIFFERENCES = difference!("(CAST(?4 AS TEXT) IS NULL OR d.state = ?4) ORDER BY CASE WHEN d.state = 'open' THEN 0 ELSE 1 END, d.due_on, d.id LIMIT ?5 OFFSET ?6");
    DIFFERENCE_COUNT = "SELECT COUNT(*) FROM exchange_difference d LEFT JOIN body b ON b.id = d.body
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3) AND (CAST(?4 AS TEXT) IS NULL OR d.state = ?4)";
    DIFFERENCE = "SELECT kind, number, state FROM exchange_difference WHERE id = ?1";
    RESOLVE = "UPDATE exchange_difference SET state = ?1, reason = ?2, resolved_on = ?3, resolved_by = ?4 WHERE number = ?5 AND kind = ?6 AND state = 'open'";
    /// They have lost it: what was told counts no more, and the certificate is one that they do not know.
    LOST = "UPDATE exchange_row SET is_live = 0, again_on = ?2, again_by = ?3, again_reason = ?4 WHERE number = ?1 AND is_live = 1 AND state = 'accepted'";
    TOLD_AGAIN = "UPDATE exchange_row SET again_on = ?2, again_by = ?3, again_reason = ?4 WHERE number = ?1 AND is_live = 1 AND state = 'accepted'";
    STANDS = "SELECT state FROM certificate WHERE number = ?1";
    REJECTED = "SELECT p.id, p.number, COUNT(*) FROM exchange_row w JOIN exchange_package p ON p.id = w.package
      WHERE w.state = 'rejected' AND w.is_live = 1 AND p.body = ?1 GROUP BY p.id, p.number ORDER BY p.id LIMIT 20";
    UNSENT = "SELECT p.id, p.number, p.rows_written, p.built_on FROM exchange_package p
      WHERE p.body = ?1 AND p.uploaded_on IS NULL AND p.handed_on IS NULL AND p.withdrawn_on IS NULL AND EXISTS (SELECT 1 FROM exchange_row w WHERE w.package = p.id AND w.state = 'to_send')
      ORDER BY p.id LIMIT 20";
    GIVEN_UP = "SELECT COUNT(DISTINCT package) FROM exchange_part WHERE outcome = 'given_up'";
    OURS_AMONG = "SELECT c.number FROM certificate c WHERE c.number IN (SELECT r.key FROM json_each(?1) AS r)";
    /// The object's keys are numbers; each lists: 0 their id, 1 name, 2 and 3 key and seal of the identity number, 4 occupation, 5 work type, 6 level, 7 day, 8 body.
    ADD_ELSEWHERE = "INSERT INTO elsewhere_certificate (number, national_id, name, id_key, id_sealed, trade, work_type, level, issued_on, body_name, file, imported_on, imported_by)
      SELECT r.key, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5, r.value ->> 6, r.value ->> 7, r.value ->> 8, CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT)
      FROM json_each(?1) AS r WHERE 1 = 1 ON CONFLICT (number) DO NOTHING";
    ELSEWHERE = "SELECT number, national_id, name, id_sealed, trade, work_type, level, issued_on, body_name, imported_on, imported_by FROM elsewhere_certificate ORDER BY imported_on DESC, number LIMIT ?1 OFFSET ?2";
    ELSEWHERE_COUNT = "SELECT COUNT(*) FROM elsewhere_certificate";
    ELSEWHERE_BETWEEN = "SELECT number FROM elsewhere_certificate WHERE number >= ?1 AND number <= ?2 ORDER BY number";
}

/// The bounds of a list, as the statements take them.
fn bounds(scope: &Scope) -> [Value; 3] {
    [scope.body.into(), scope.centre.clone().into(), scope.bureau.clone().into()]
}

fn narrowed(scope: &Scope, more: impl IntoIterator<Item = Value>) -> Vec<Value> {
    bounds(scope).into_iter().chain(more).collect()
}

/// What was sealed by this house.
pub(super) fn opened<T: serde::de::DeserializeOwned>(seals: &Seals, sealed: &str) -> Result<T, DbError> {
    let text = seals.open_text(sealed).ok_or_else(|| DbError::stored("sealed by another house"))?;
    from_text(&text)
}

fn object(entries: impl IntoIterator<Item = (String, Json)>) -> String {
    Json::Object(entries.into_iter().collect()).to_string()
}

/// Every template that was set, by its first day.
pub(super) fn templates(tx: &mut Tx<'_>) -> Result<Vec<TemplateLine>, DbError> {
    let read = |row: &Row| {
        Ok(TemplateLine {
            id: row.get(0)?,
            from: row.get(1)?,
            name: row.get(2)?,
            columns: from_text::<Vec<ExchangeColumn>>(&row.get::<String>(3)?)?,
            reason: row.get(4)?,
            set_on: row.get(5)?,
            by: row.get(6)?,
        })
    };
    tx.rows(&TEMPLATES, &[])?.iter().map(read).collect()
}

pub(super) fn add_template(
    tx: &mut Tx<'_>,
    (id, from): (i64, Day),
    template: &ExchangeTemplate,
    (reason, on): (&str, Day),
    (by, seat): (&str, &str),
) -> Result<(), DbError> {
    let columns = crate::door::store::to_text(&template.columns)?;
    tx.run(&ADD_TEMPLATE, args![id, from, &template.name, columns, reason, on, by, seat]).map(drop)
}

/// A certificate that has to go up.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub id: i64,
    pub number: String,
    pub body_name: String,
    pub name: String,
    pub id_kind: IdKind,
    pub id_sealed: String,
    pub trade_code: String,
    pub trade: String,
    pub work_type: String,
    pub level: Level,
    pub issued_on: Day,
    pub state: CertificateState,
    /// The last change that counts; 0 where there was none.
    pub change: i64,
    /// What the national system was last told: the row, and how the certificate stood.
    pub before: Option<(i64, CertificateState)>,
}

/// What of a body has to go up of a period, by number.
pub(super) fn collect(
    tx: &mut Tx<'_>,
    body: i64,
    (from, until): (Day, Day),
    limit: usize,
) -> Result<Vec<Waiting>, DbError> {
    let mut found = Vec::new();
    tx.each(&COLLECT, args![body, from, until, limit as i64], |row| {
        let before: Option<i64> = row.get(13)?;
        found.push(Waiting {
            id: row.get(0)?,
            number: row.get(1)?,
            body_name: row.get(2)?,
            name: row.get(3)?,
            id_kind: coded(&row, 4, IdKind::from_code)?,
            id_sealed: row.get(5)?,
            trade_code: row.get(6)?,
            trade: row.get(7)?,
            work_type: row.get(8)?,
            level: level(&row, 9)?,
            issued_on: row.get(10)?,
            state: coded(&row, 11, CertificateState::from_code)?,
            change: row.get(12)?,
            before: before
                .map(|id| Ok::<_, DbError>((id, coded(&row, 14, CertificateState::from_code)?)))
                .transpose()?,
        });
        Ok(())
    })?;
    Ok(found)
}

/// What has to go up, by body, the oldest first; since when.
pub(super) fn due(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<DueLine>, DbError> {
    let read = |row: &Row| {
        Ok(DueLine {
            body: row.get(0)?,
            body_name: row.get(1)?,
            certificates: row.get(2)?,
            since: row.get(3)?,
            due_on: None,
        })
    };
    tx.rows(&DUE, &bounds(scope))?.iter().map(read).collect()
}

/// A body as its packages name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Issuer {
    pub name: String,
    pub head: String,
    pub filing_number: String,
    pub listed_on: Day,
    /// The how manieth its next package is.
    pub next_no: i64,
}

pub(super) fn issuer(tx: &mut Tx<'_>, body: i64) -> Result<Option<Issuer>, DbError> {
    let read = |row: Row| {
        Ok(Issuer {
            name: row.get(0)?,
            head: row.get(1)?,
            filing_number: row.get(2)?,
            listed_on: row.get(3)?,
            next_no: row.get(4)?,
        })
    };
    tx.first(&ISSUER, args![body])?.map(read).transpose()
}

/// A package on its way into the database.
pub(super) struct NewPackage<'a> {
    pub id: i64,
    pub body: i64,
    pub no: i64,
    pub number: &'a str,
    pub template: (i64, &'a str),
    pub period: (Day, Day),
    pub file: &'a FileHash,
    pub summary: &'a FileHash,
    pub on: Day,
    pub by: &'a str,
    pub rows: &'a [NewRow],
}

/// A row of it.
#[derive(Debug)]
pub(super) struct NewRow {
    pub waiting: Waiting,
    pub kind: ExchangeKind,
    pub digest: String,
    pub sealed: String,
}

pub(super) fn add_package(
    tx: &mut Tx<'_>,
    new: &NewPackage<'_>,
    mut new_id: impl FnMut() -> i64,
) -> Result<(), DbError> {
    let NewPackage { id, body, no, number, template, period, file, summary, on, by, rows } = new;
    tx.run(
        &ADD_PACKAGE,
        args![
            *id,
            *body,
            *no,
            *number,
            template.0,
            template.1,
            period.0,
            period.1,
            rows.len() as i64,
            &file.0,
            &summary.0,
            *on,
            *by
        ],
    )?;
    let entries = object(rows.iter().enumerate().map(|(n, row)| {
        let one = &row.waiting;
        let value = json!([
            n + 1,
            one.id,
            one.change,
            row.kind.code(),
            one.state.code(),
            one.number,
            one.trade,
            one.work_type,
            one.level.digit().to_string(),
            row.digest,
            one.before.map(|before| before.0),
            row.sealed,
        ]);
        (new_id().to_string(), value)
    }));
    tx.run(&SUPERSEDE, args![&entries])?;
    tx.run(&ADD_ROWS, args![entries, *id]).map(drop)
}

fn package_line(row: &Row) -> Result<PackageLine, DbError> {
    let rows: i64 = row.get(8)?;
    let (to_send, sent, accepted, rejected): (i64, i64, i64, i64) =
        (row.get(22)?, row.get(23)?, row.get(24)?, row.get(25)?);
    Ok(PackageLine {
        id: row.get(0)?,
        number: row.get(1)?,
        body: row.get(2)?,
        body_name: row.get(3)?,
        template: row.get(4)?,
        template_name: row.get(5)?,
        from: row.get(6)?,
        until: row.get(7)?,
        rows,
        digest: row.get(9)?,
        summary_digest: row.get(10)?,
        built_on: row.get(11)?,
        built_by: row.get(12)?,
        uploaded_on: row.get(13)?,
        uploaded_by: row.get(14)?,
        uploaded_to: row.get(15)?,
        proof_name: row.get(16)?,
        handed_on: row.get(17)?,
        handed_by: row.get(18)?,
        withdrawn_on: row.get(19)?,
        withdrawn_by: row.get(20)?,
        withdrawn_reason: row.get(21)?,
        to_send,
        sent,
        accepted,
        rejected,
        withdrawn: rows - to_send - sent - accepted - rejected,
        to_answer: row.get(26)?,
        given_up: row.get(27)?,
        error: row.get(28)?,
    })
}

/// A page of packages, the latest first.
pub(super) fn packages(tx: &mut Tx<'_>, scope: &Scope, limit: i64, offset: i64) -> Result<Vec<PackageLine>, DbError> {
    let rows = tx.rows(&PACKAGES, &narrowed(scope, [limit.into(), offset.into()]))?;
    rows.iter().map(package_line).collect()
}

pub(super) fn package_count(tx: &mut Tx<'_>, scope: &Scope) -> Result<i64, DbError> {
    first_number(tx.first(&PACKAGE_COUNT, &bounds(scope))?)
}

fn first_number(row: Option<Row>) -> Result<i64, DbError> {
    row.map_or(Ok(0), |row| row.get(0))
}

pub(super) fn package(tx: &mut Tx<'_>, id: i64) -> Result<Option<PackageLine>, DbError> {
    tx.first(&PACKAGE, args![id])?.map(|row| package_line(&row)).transpose()
}

/// What shows that a package was uploaded, and its name.
pub(super) fn proof(tx: &mut Tx<'_>, package: i64) -> Result<Option<(FileHash, String)>, DbError> {
    tx.first(&PROOF, args![package])?.map(|row| Ok((FileHash(row.get(0)?), row.get(1)?))).transpose()
}

/// A row as it is kept.
pub(super) struct Kept {
    pub no: i64,
    pub number: String,
    pub kind: ExchangeKind,
    pub trade: String,
    pub level: Level,
    pub state: RowState,
    pub national_id: Option<String>,
    pub fault_column: Option<String>,
    pub fault_reason: Option<String>,
    pub again_on: Option<Day>,
    pub again_reason: Option<String>,
    pub sealed: String,
}

/// Rows of a package, those that were rejected first.
pub(super) fn rows(tx: &mut Tx<'_>, package: i64, limit: i64, offset: i64) -> Result<Vec<Kept>, DbError> {
    let read = |row: &Row| {
        Ok(Kept {
            no: row.get(0)?,
            number: row.get(1)?,
            kind: coded(row, 2, ExchangeKind::from_code)?,
            trade: row.get(3)?,
            level: level(row, 4)?,
            state: coded(row, 5, RowState::from_code)?,
            national_id: row.get(6)?,
            fault_column: row.get(7)?,
            fault_reason: row.get(8)?,
            again_on: row.get(9)?,
            again_reason: row.get(10)?,
            sealed: row.get(11)?,
        })
    };
    tx.rows(&ROWS, args![package, limit, offset])?.iter().map(read).collect()
}

/// Where the rows of a package stand, by number, with their id at the national system.
pub(super) fn states(tx: &mut Tx<'_>, package: i64) -> Result<BTreeMap<String, (RowState, Option<String>)>, DbError> {
    let read = |row: &Row| Ok((row.get(0)?, (coded(row, 1, RowState::from_code)?, row.get(2)?)));
    tx.rows(&STATES, args![package])?.iter().map(read).collect()
}

/// A package was uploaded by a person.
pub(super) fn uploaded(
    tx: &mut Tx<'_>,
    package: i64,
    (on, by, to): (Day, &str, &str),
    proof: Option<(&KeptFile, &str)>,
) -> Result<(), DbError> {
    let (hash, name) = (proof.map(|proof| proof.0.hash.0.clone()), proof.map(|proof| proof.1));
    tx.run(&UPLOADED, args![package, on, by, to, hash, name])?;
    tx.run(&ROWS_SENT, args![package]).map(drop)
}

pub(super) fn withdraw(tx: &mut Tx<'_>, package: i64, (on, by, reason): (Day, &str, &str)) -> Result<(), DbError> {
    tx.run(&WITHDRAW, args![package, on, by, reason])?;
    tx.run(&ROWS_WITHDRAWN, args![package])?;
    tx.run(&REVIVE, args![package]).map(drop)
}

/// The rejected rows of a package go up again; how many.
pub(super) fn again(tx: &mut Tx<'_>, package: i64, (on, by, reason): (Day, &str, &str)) -> Result<u64, DbError> {
    let rows = tx.run(&ROWS_AGAIN, args![package, on, by, reason])?;
    tx.run(&REVIVE, args![package])?;
    Ok(rows)
}

/// Hands so many parts of a package to the connector.
pub(super) fn hand(tx: &mut Tx<'_>, package: i64, parts: i64, (on, by, now): (Day, &str, i64)) -> Result<(), DbError> {
    tx.run(&HAND, args![package, on, by])?;
    let keys = object((0..parts).map(|part| (part.to_string(), Json::Null)));
    tx.run(&ADD_PARTS, args![keys, package, now]).map(drop)
}

/// What the national system said of rows, by number.
pub(super) type Answers<'a> = BTreeMap<&'a str, (RowState, &'a str, &'a str, &'a str)>;

/// Notes what the national system said; what was answered before stays. How many rows moved.
pub(super) fn settle(tx: &mut Tx<'_>, package: i64, answers: &Answers<'_>, on: Day) -> Result<u64, DbError> {
    let said = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let entries = object(answers.iter().map(|(number, (state, id, column, reason))| {
        ((*number).to_owned(), json!([state.code(), said(id), said(column), said(reason)]))
    }));
    tx.run(&SETTLE, args![entries, package, on])
}

/// A receipt on its way into the database.
pub(super) struct NewReceipt<'a> {
    pub id: i64,
    pub package: i64,
    pub file: &'a FileHash,
    pub name: &'a str,
    pub rows_read: usize,
    pub accepted: usize,
    pub rejected: usize,
    pub findings: String,
    pub on: Day,
    pub by: &'a str,
}

pub(super) fn add_receipt(tx: &mut Tx<'_>, new: &NewReceipt<'_>) -> Result<(), DbError> {
    let NewReceipt { id, package, file, name, rows_read, accepted, rejected, findings, on, by } = new;
    let counts = (*rows_read as i64, *accepted as i64, *rejected as i64);
    tx.run(&ADD_RECEIPT, args![*id, *package, &file.0, *name, counts.0, counts.1, counts.2, findings, *on, *by])
        .map(drop)
}

pub(super) fn receipts(tx: &mut Tx<'_>, seals: &Seals, package: i64) -> Result<Vec<ReceiptLine>, DbError> {
    let read = |row: &Row| {
        Ok(ReceiptLine {
            id: row.get(0)?,
            name: row.get(1)?,
            rows_read: row.get(2)?,
            accepted: row.get(3)?,
            rejected: row.get(4)?,
            findings: opened(seals, &row.get::<String>(5)?)?,
            imported_on: row.get(6)?,
            imported_by: row.get(7)?,
        })
    };
    tx.rows(&RECEIPTS, args![package])?.iter().map(read).collect()
}

/// Whether the connector has something to hand over.
pub(super) fn part_waits(tx: &mut Tx<'_>, now: i64) -> Result<bool, DbError> {
    Ok(tx.first(&PART_WAITS, args![now])?.is_some())
}

/// A part that is this sender's own for the time of a lease.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub package: i64,
    pub part: i64,
    pub tries: i64,
    pub number: String,
    pub template: i64,
    pub rows: Vec<PartRow>,
}

/// A row of it.
#[derive(Debug, Clone)]
pub(super) struct PartRow {
    pub no: i64,
    pub number: String,
    pub kind: ExchangeKind,
    pub stands: CertificateState,
    pub state: RowState,
    pub national_id: Option<String>,
    pub sealed: String,
}

/// Claims the part that has waited longest. Its rows count as sent before they leave: they may arrive and no answer come back.
pub(super) fn claim_part(tx: &mut Tx<'_>, now: i64, lease: i64, size: i64) -> Result<Option<Part>, DbError> {
    let Some(row) = tx.first(&CLAIM_PART, args![now, lease])? else { return Ok(None) };
    let (package, part, tries): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let of = tx.first(&PART_PACKAGE, args![package])?.ok_or_else(|| DbError::stored("a part without its package"))?;
    tx.run(&PART_SENT, args![package, part * size, (part + 1) * size])?;
    let read = |row: &Row| {
        Ok(PartRow {
            no: row.get(0)?,
            number: row.get(1)?,
            kind: coded(row, 2, ExchangeKind::from_code)?,
            stands: coded(row, 3, CertificateState::from_code)?,
            state: coded(row, 4, RowState::from_code)?,
            national_id: row.get(5)?,
            sealed: row.get(6)?,
        })
    };
    let rows = tx.rows(&PART_ROWS, args![package, part * size, (part + 1) * size])?;
    let rows = rows.iter().map(read).collect::<Result<_, DbError>>()?;
    Ok(Some(Part { package, part, tries, number: of.get(0)?, template: of.get(1)?, rows }))
}

/// What a try of the connector came to.
pub(super) enum Came<'a> {
    Done,
    Again { next_at: i64, why: Option<&'a str> },
    GivenUp { why: &'a str },
}

pub(super) fn part_came_to(tx: &mut Tx<'_>, (package, part): (i64, i64), came: &Came<'_>) -> Result<(), DbError> {
    match came {
        Came::Done => tx.run(&PART_DONE, args![package, part]),
        Came::Again { next_at, why } => tx.run(&PART_AGAIN, args![package, part, *next_at, *why]),
        Came::GivenUp { why } => tx.run(&PART_GIVEN_UP, args![package, part, *why]),
    }
    .map(drop)
}

/// Begins a list of what the national system has: a file with everything in it, or one to be fetched.
pub(super) fn open_inventory(
    tx: &mut Tx<'_>,
    id: i64,
    file: Option<&FileHash>,
    (on, by, now): (Day, &str, i64),
) -> Result<(), DbError> {
    let (way, hash) = if file.is_some() { ("file", file.map(|file| file.0.clone())) } else { ("connector", None) };
    tx.run(&OPEN_INVENTORY, args![id, way, on, by, hash, file.is_some(), now]).map(drop)
}

/// Whether today's list is to be fetched: something went up, and none was begun today or is under way.
pub(super) fn inventory_is_due(tx: &mut Tx<'_>, today: Day) -> Result<bool, DbError> {
    Ok(tx.first(&BEGUN, args![today])?.is_none() && tx.first(&HAS_SENT, &[])?.is_some())
}

/// Claims the list that is being fetched: its id, after which number it goes on, and which try this is.
pub(super) fn claim_inventory(tx: &mut Tx<'_>, now: i64, lease: i64) -> Result<Option<(i64, String, i64)>, DbError> {
    let row = tx.first(&CLAIM_INVENTORY, args![now, lease])?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).transpose()
}

/// A certificate on their list.
#[derive(Debug)]
pub(super) struct National {
    pub national_id: String,
    pub stands: CertificateState,
    pub digest: String,
    pub sealed: String,
    pub times: i64,
}

/// Notes certificates of a list, by number.
pub(super) fn add_national(
    tx: &mut Tx<'_>,
    inventory: i64,
    entries: &BTreeMap<String, National>,
) -> Result<(), DbError> {
    let entries = object(entries.iter().map(|(number, one)| {
        (number.clone(), json!([one.national_id, one.stands.code(), one.digest, one.sealed, one.times]))
    }));
    tx.run(&ADD_NATIONAL, args![entries, inventory]).map(drop)
}

/// A page of a list was fetched.
pub(super) fn fetched(tx: &mut Tx<'_>, inventory: i64, cursor: &str, is_last: bool) -> Result<(), DbError> {
    tx.run(&FETCHED, args![inventory, cursor, is_last]).map(drop)
}

pub(super) fn inventory_came_to(tx: &mut Tx<'_>, inventory: i64, came: &Came<'_>) -> Result<(), DbError> {
    match came {
        Came::Done => Ok(0),
        Came::Again { next_at, why } => tx.run(&INVENTORY_AGAIN, args![inventory, *next_at, *why]),
        Came::GivenUp { why } => tx.run(&INVENTORY_GIVEN_UP, args![inventory, *why]),
    }
    .map(drop)
}

/// Lists that are whole and not compared.
pub(super) fn to_compare(tx: &mut Tx<'_>) -> Result<Vec<i64>, DbError> {
    tx.rows(&TO_COMPARE, &[])?.iter().map(|row| row.get(0)).collect()
}

fn inventory_line(row: &Row) -> Result<InventoryLine, DbError> {
    let (way, outcome): (String, Option<String>) = (row.get(1)?, row.get(4)?);
    Ok(InventoryLine {
        id: row.get(0)?,
        is_fetched_here: way == "connector",
        begun_on: row.get(2)?,
        begun_by: row.get(3)?,
        is_compared: outcome.as_deref() == Some("compared"),
        is_given_up: outcome.as_deref() == Some("given_up"),
        ours: row.get(5)?,
        theirs: row.get(6)?,
        compared_on: row.get(7)?,
        error: row.get(8)?,
    })
}

pub(super) fn inventory(tx: &mut Tx<'_>, id: i64) -> Result<Option<InventoryLine>, DbError> {
    tx.first(&INVENTORY, args![id])?.map(|row| inventory_line(&row)).transpose()
}

pub(super) fn latest_inventory(tx: &mut Tx<'_>) -> Result<Option<InventoryLine>, DbError> {
    tx.first(&LATEST_INVENTORY, &[])?.map(|row| inventory_line(&row)).transpose()
}

/// A difference as it was found.
pub(super) struct Found {
    pub body: Option<i64>,
    pub kind: ExchangeDifferenceKind,
    pub number: String,
    pub column: String,
    pub ours: String,
    pub theirs: String,
    pub mark: String,
}

/// What went up and is on the list as it went up, receipt or not, counts as accepted; how many.
pub(super) fn accept_found(tx: &mut Tx<'_>, inventory: i64, on: Day) -> Result<u64, DbError> {
    tx.run(&ACCEPT_FOUND, args![inventory, on])
}

/// What the list lacks: of which body, and the number.
pub(super) fn missing(tx: &mut Tx<'_>, inventory: i64, before: Day) -> Result<Vec<(i64, String)>, DbError> {
    tx.rows(&MISSING, args![inventory, before])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Of which body a line of the list is, its number, digest and cells.
type ForeignLine = (Option<i64>, String, String, String);

/// What the list has and nobody here has sent.
pub(super) fn foreign(tx: &mut Tx<'_>, inventory: i64) -> Result<Vec<ForeignLine>, DbError> {
    let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    tx.rows(&FOREIGN, args![inventory])?.iter().map(read).collect()
}

/// Both sides of a certificate that is not the same on both.
pub(super) struct Differing {
    pub body: i64,
    pub template: i64,
    pub number: String,
    pub stands: (CertificateState, CertificateState),
    pub digest: String,
    pub cells: (String, String),
}

pub(super) fn differing(tx: &mut Tx<'_>, inventory: i64, before: Day) -> Result<Vec<Differing>, DbError> {
    let read = |row: &Row| {
        Ok(Differing {
            body: row.get(0)?,
            template: row.get(1)?,
            number: row.get(2)?,
            stands: (coded(row, 3, CertificateState::from_code)?, coded(row, 4, CertificateState::from_code)?),
            digest: row.get(5)?,
            cells: (row.get(6)?, row.get(7)?),
        })
    };
    tx.rows(&DIFFERS, args![inventory, before])?.iter().map(read).collect()
}

/// What the list has more than once: of which body, the number, how often.
pub(super) fn twice(tx: &mut Tx<'_>, inventory: i64) -> Result<Vec<(Option<i64>, String, i64)>, DbError> {
    tx.rows(&TWICE, args![inventory])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// Notes what was found, ends what was not found again, and closes the list.
pub(super) fn compared(
    tx: &mut Tx<'_>,
    inventory: i64,
    found: &[Found],
    (on, due_on): (Day, Day),
    mut new_id: impl FnMut() -> i64,
) -> Result<(), DbError> {
    let entries = object(found.iter().map(|one| {
        let value = json!([one.body, one.kind.code(), one.number, one.column, one.ours, one.theirs, one.mark]);
        (new_id().to_string(), value)
    }));
    tx.run(&ADD_DIFFERENCES, args![entries, on, due_on, inventory])?;
    tx.run(&GONE, args![inventory, on])?;
    tx.run(&COMPARED, args![inventory, on])?;
    tx.run(&FORGET_NATIONAL, args![inventory]).map(drop)
}

/// How many differences are open, and by when the first is to be answered.
pub(super) fn open_differences(tx: &mut Tx<'_>, scope: &Scope) -> Result<(i64, Option<Day>), DbError> {
    tx.first(&OPEN_DIFFERENCES, &bounds(scope))?.map_or(Ok((0, None)), |row| Ok((row.get(0)?, row.get(1)?)))
}

pub(super) fn late_differences(tx: &mut Tx<'_>, scope: &Scope, today: Day) -> Result<i64, DbError> {
    first_number(tx.first(&LATE_DIFFERENCES, &narrowed(scope, [today.into()]))?)
}

/// Differences, the open ones first; `state` narrows them.
pub(super) fn differences(
    tx: &mut Tx<'_>,
    (scope, state): (&Scope, Option<ExchangeDifferenceState>),
    limit: i64,
    offset: i64,
) -> Result<Vec<ExchangeDifferenceLine>, DbError> {
    let state = state.map(|state| state.code());
    let read = |row: &Row| {
        let kind = coded(row, 1, ExchangeDifferenceKind::from_code)?;
        let state = coded(row, 8, ExchangeDifferenceState::from_code)?;
        Ok(ExchangeDifferenceLine {
            id: row.get(0)?,
            kind,
            kind_name: kind.name().into(),
            number: row.get(2)?,
            column: row.get(3)?,
            ours: row.get(4)?,
            theirs: row.get(5)?,
            found_on: row.get(6)?,
            due_on: row.get(7)?,
            state,
            state_name: state.name().into(),
            reason: row.get(9)?,
            resolved_on: row.get(10)?,
            resolved_by: row.get(11)?,
            body: row.get(12)?,
            body_name: row.get(13)?,
        })
    };
    let rows = tx.rows(&DIFFERENCES, &narrowed(scope, [state.into(), limit.into(), offset.into()]))?;
    rows.iter().map(read).collect()
}

pub(super) fn difference_count(
    tx: &mut Tx<'_>,
    scope: &Scope,
    state: Option<ExchangeDifferenceState>,
) -> Result<i64, DbError> {
    first_number(tx.first(&DIFFERENCE_COUNT, &narrowed(scope, [state.map(|state| state.code()).into()]))?)
}

/// What a difference is about.
pub(super) fn difference(
    tx: &mut Tx<'_>,
    id: i64,
) -> Result<Option<(ExchangeDifferenceKind, String, ExchangeDifferenceState)>, DbError> {
    let read = |row: Row| {
        Ok((
            coded(&row, 0, ExchangeDifferenceKind::from_code)?,
            row.get(1)?,
            coded(&row, 2, ExchangeDifferenceState::from_code)?,
        ))
    };
    tx.first(&DIFFERENCE, args![id])?.map(read).transpose()
}

/// Answers every open difference of one kind of a certificate; whether the certificate goes up again, and as what.
pub(super) fn resolve(
    tx: &mut Tx<'_>,
    (kind, number): (ExchangeDifferenceKind, &str),
    state: ExchangeDifferenceState,
    (on, by, reason): (Day, &str, &str),
) -> Result<(), DbError> {
    tx.run(&RESOLVE, args![state.code(), reason, on, by, number, kind.code()])?;
    if state == ExchangeDifferenceState::Again {
        let sql = if kind == ExchangeDifferenceKind::Missing { &LOST } else { &TOLD_AGAIN };
        tx.run(sql, args![number, on, by, reason])?;
    }
    Ok(())
}

/// How the certificate with a number stands here.
pub(super) fn stands(tx: &mut Tx<'_>, number: &str) -> Result<Option<CertificateState>, DbError> {
    tx.first(&STANDS, args![number])?.map(|row| coded(&row, 0, CertificateState::from_code)).transpose()
}

/// Packages of a body with rejected rows that nobody has answered: id, number, rows.
pub(super) fn rejected(tx: &mut Tx<'_>, body: i64) -> Result<Vec<(i64, String, i64)>, DbError> {
    tx.rows(&REJECTED, args![body])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

/// Packages of a body that were made and have not gone up: id, number, rows, since when.
pub(super) fn unsent(tx: &mut Tx<'_>, body: i64) -> Result<Vec<(i64, String, i64, Day)>, DbError> {
    let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    tx.rows(&UNSENT, args![body])?.iter().map(read).collect()
}

/// Packages of which the connector has given a part up.
pub(super) fn given_up(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    first_number(tx.first(&GIVEN_UP, &[])?)
}

/// Which of these numbers are of certificates that were issued here.
pub(super) fn ours_among<'a>(
    tx: &mut Tx<'_>,
    numbers: impl Iterator<Item = &'a str>,
) -> Result<std::collections::BTreeSet<String>, DbError> {
    let keys = object(numbers.map(|number| (number.to_owned(), Json::Null)));
    tx.rows(&OURS_AMONG, args![keys])?.iter().map(|row| row.get(0)).collect()
}

/// A certificate whose number was given elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Elsewhere {
    pub national_id: String,
    pub name: String,
    pub id_key: String,
    pub id_sealed: String,
    pub trade: String,
    pub work_type: String,
    pub level: Level,
    pub issued_on: Day,
    pub body_name: String,
}

/// Keeps certificates whose numbers were given elsewhere, by number; how many were new.
pub(super) fn add_elsewhere(
    tx: &mut Tx<'_>,
    entries: &BTreeMap<String, Elsewhere>,
    file: &FileHash,
    (on, by): (Day, &str),
) -> Result<u64, DbError> {
    let entries = object(entries.iter().map(|(number, one)| {
        let Elsewhere { national_id, name, id_key, id_sealed, trade, work_type, level, issued_on, body_name } = one;
        let level = level.digit().to_string();
        (number.clone(), json!([national_id, name, id_key, id_sealed, trade, work_type, level, issued_on, body_name]))
    }));
    tx.run(&ADD_ELSEWHERE, args![entries, &file.0, on, by])
}

pub(super) fn elsewhere(
    tx: &mut Tx<'_>,
    seals: &Seals,
    limit: i64,
    offset: i64,
) -> Result<Vec<ElsewhereLine>, DbError> {
    let read = |row: &Row| {
        let id_number = seals.open_text(&row.get::<String>(3)?).unwrap_or_default();
        Ok(ElsewhereLine {
            number: row.get(0)?,
            national_id: row.get(1)?,
            name: rules::identity::mask_name(&row.get::<String>(2)?),
            id_number: rules::identity::mask_number(&id_number),
            trade: row.get(4)?,
            work_type: row.get(5)?,
            level: level(row, 6)?,
            issued_on: row.get(7)?,
            body_name: row.get(8)?,
            imported_on: row.get(9)?,
            imported_by: row.get(10)?,
        })
    };
    tx.rows(&ELSEWHERE, args![limit, offset])?.iter().map(read).collect()
}

pub(super) fn elsewhere_count(tx: &mut Tx<'_>) -> Result<i64, DbError> {
    first_number(tx.first(&ELSEWHERE_COUNT, &[])?)
}

/// Numbers from one to another that were given elsewhere.
pub(crate) fn elsewhere_between(tx: &mut Tx<'_>, first: &str, last: &str) -> Result<Vec<String>, DbError> {
    tx.rows(&ELSEWHERE_BETWEEN, args![first, last])?.iter().map(|row| row.get(0)).collect()
}
