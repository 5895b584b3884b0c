//! The ledgers of blanks in the database. Entries are added, never changed; which serial a certificate bears is computed from what
//! was printed, spoiled and taken back.

use std::collections::BTreeMap;

use rules::Day;
use rules::proposal::ProposalState;
use rules::stock::{Balance, Blanks, Series, StockEntry, StockKind};
use serde_json::{Map, Value as Json, json};

use super::{BlankDestructionLine, StockBodyLine, StockLine};
use crate::args;
use crate::certificate::coded;
use crate::db::{DbError, Row, Tx};
use crate::door::store::{from_text, to_text};
use crate::door::{KeptFile, Scope};

/// That a certificate printed as `p` under an entry `e` still lies on that blank: neither was the entry taken back nor the blank
/// spoiled.
macro_rules! stands {
    () => {
        "NOT EXISTS (SELECT 1 FROM stock_entry r WHERE r.reverses = e.id)
        AND NOT EXISTS (SELECT 1 FROM stock_entry s WHERE s.body = e.body AND s.prefix = e.prefix AND s.width = e.width AND s.kind = 'spoiled' AND s.reverses IS NULL
          AND s.first <= p.serial AND s.last >= p.serial AND NOT EXISTS (SELECT 1 FROM stock_entry r WHERE r.reverses = s.id))"
    };
}

/// That the version of a certificate `c` in force lies on no blank.
macro_rules! bare {
    () => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM stock_print p JOIN stock_entry e ON e.id = p.entry WHERE p.certificate = c.id AND p.print_no = c.print_no AND ",
            stands!(),
            ")"
        )
    };
}

/// Valid certificates `c` of a body (?1) that wait for a blank, made since it keeps a ledger (?2).
macro_rules! waiting {
    () => {
        concat!(
            "FROM certificate c WHERE c.body = ?1 AND c.state = 'valid' AND COALESCE((SELECT MAX(v.replaced_on) FROM certificate_print v WHERE v.certificate = c.id), c.issued_on) >= ?2 AND ",
            bare!()
        )
    };
}

crate::statements! {
    ENTRIES = "SELECT id, kind, prefix, width, first, last, reverses FROM stock_entry WHERE body = ?1 ORDER BY no";
    LINES = "SELECT e.id, e.no, e.kind, e.prefix, e.width, e.first, e.last, e.happened_on, e.note, CASE WHEN e.file IS NULL THEN 0 ELSE 1 END, e.file_name,
        (SELECT o.no FROM stock_entry o WHERE o.id = e.reverses), (SELECT r.no FROM stock_entry r WHERE r.reverses = e.id), e.entered_on, e.entered_by,
        COALESCE((SELECT MIN(t.number) FROM stock_print p JOIN certificate c ON c.id = p.certificate JOIN batch t ON t.id = c.batch WHERE p.entry = e.id), ''),
        (SELECT MIN(c.batch) FROM stock_print p JOIN certificate c ON c.id = p.certificate WHERE p.entry = e.id)
      FROM stock_entry e WHERE e.body = ?1 ORDER BY e.no DESC LIMIT ?2 OFFSET ?3";
    COUNT = "SELECT count(*) FROM stock_entry WHERE body = ?1";
    SINCE = "SELECT MIN(e.happened_on) FROM stock_entry e WHERE e.body = ?1 AND e.kind = 'received' AND e.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM stock_entry r WHERE r.reverses = e.id)";
    LAST_NO = "SELECT COALESCE(MAX(no), 0) FROM stock_entry WHERE body = ?1";
    ADD = "INSERT INTO stock_entry (id, body, no, kind, prefix, width, first, last, happened_on, note, file, file_name, reverses, entered_on, entered_by)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    // Keys and values of the object are certificates and serials.
    ADD_PRINTS = "INSERT INTO stock_print (entry, serial, certificate, print_no) SELECT CAST(?1 AS BIGINT), CAST(CAST(r.value AS TEXT) AS BIGINT), c.id, c.print_no
      FROM json_each(?2) AS r JOIN certificate c ON c.id = CAST(r.key AS BIGINT)";
    FILE = "SELECT file, file_name FROM stock_entry WHERE id = ?1 AND body = ?2 AND file IS NOT NULL";
    DESTRUCTION_FILE = "SELECT file, file_name FROM blank_destruction WHERE id = ?1 AND body = ?2";
    WAITING = concat!("SELECT count(*) ", waiting!());
    WAITING_BY_BATCH = concat!("SELECT t.id, t.number, t.title, w.waiting FROM (SELECT c.batch, count(*) AS waiting ", waiting!(), " GROUP BY c.batch) w JOIN batch t ON t.id = w.batch ORDER BY t.id DESC LIMIT 50");
    OF_BATCH = concat!("SELECT c.id, c.number, c.name, c.print_no, c.state, e.prefix, e.width, p.serial FROM certificate c
      LEFT JOIN stock_print p ON p.certificate = c.id AND p.print_no = c.print_no AND EXISTS (SELECT 1 FROM stock_entry e WHERE e.id = p.entry AND ", stands!(), ")
      LEFT JOIN stock_entry e ON e.id = p.entry WHERE c.batch = ?1 ORDER BY c.number");
    PRINTINGS = concat!("SELECT e.id, e.no, e.prefix, e.width, e.first, e.last, e.entered_on, e.entered_by, x.standing FROM stock_entry e
      JOIN (SELECT p.entry, CAST(SUM(CASE WHEN ", stands!(), " THEN 1 ELSE 0 END) AS BIGINT) AS standing FROM stock_print p JOIN stock_entry e ON e.id = p.entry JOIN certificate c ON c.id = p.certificate
        WHERE c.batch = ?1 GROUP BY p.entry) x ON x.entry = e.id ORDER BY e.no");
    OF_CERTIFICATE = concat!("SELECT p.print_no, e.prefix, e.width, p.serial, e.entered_on, e.entered_by, CASE WHEN ", stands!(), " THEN 1 ELSE 0 END,
        COALESCE((SELECT MIN(s.note) FROM stock_entry s WHERE s.body = e.body AND s.prefix = e.prefix AND s.width = e.width AND s.kind = 'spoiled' AND s.reverses IS NULL
          AND s.first <= p.serial AND s.last >= p.serial AND NOT EXISTS (SELECT 1 FROM stock_entry r WHERE r.reverses = s.id)), '')
      FROM stock_print p JOIN stock_entry e ON e.id = p.entry WHERE p.certificate = ?1 AND NOT EXISTS (SELECT 1 FROM stock_entry r WHERE r.reverses = e.id) ORDER BY e.no, p.serial");
    // Valid certificates whose version in force lies on these blanks.
    LYING_ON = concat!("SELECT c.id FROM stock_print p JOIN stock_entry e ON e.id = p.entry JOIN certificate c ON c.id = p.certificate AND c.print_no = p.print_no AND c.state = 'valid'
      WHERE e.body = ?1 AND e.prefix = ?2 AND e.width = ?3 AND p.serial >= ?4 AND p.serial <= ?5 AND ", stands!(), " ORDER BY p.serial");
    // Certificates that were printed on what an entry spoiled and lie on another blank by now.
    BORNE_ELSEWHERE = concat!("SELECT count(*) FROM stock_entry w JOIN stock_entry o ON o.body = w.body AND o.prefix = w.prefix AND o.width = w.width AND o.kind = 'printed' AND o.reverses IS NULL
        AND NOT EXISTS (SELECT 1 FROM stock_entry r WHERE r.reverses = o.id)
      JOIN stock_print q ON q.entry = o.id AND q.serial >= w.first AND q.serial <= w.last
      WHERE w.id = ?1 AND w.kind = 'spoiled' AND EXISTS (SELECT 1 FROM stock_print p JOIN stock_entry e ON e.id = p.entry
        WHERE p.certificate = q.certificate AND p.print_no = q.print_no AND ", stands!(), ")");
    DESTRUCTIONS = "SELECT id, state, reason, ranges, file_name, proposed_on, proposed_by, proposed_account, answered_on, answered_by, COALESCE(answer, '') FROM blank_destruction WHERE body = ?1 ORDER BY id DESC LIMIT 50";
    PROPOSE = "INSERT INTO blank_destruction (id, body, state, reason, ranges, file, file_name, proposed_on, proposed_by, proposed_account) VALUES (?1, ?2, 'proposed', ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    ANSWER = "UPDATE blank_destruction SET state = ?2, answered_on = ?3, answered_by = ?4, answer = ?5 WHERE id = ?1";
    OVERVIEW = concat!("SELECT b.id, b.name, x.received, x.spoiled, x.destroyed,
        (SELECT count(*) FROM stock_entry e JOIN stock_print p ON p.entry = e.id WHERE e.body = b.id AND ", stands!(), "), x.last_on
      FROM body b JOIN (SELECT n.body, CAST(SUM(CASE WHEN n.kind = 'received' THEN n.last - n.first + 1 ELSE 0 END) AS BIGINT) AS received,
          CAST(SUM(CASE WHEN n.kind = 'spoiled' THEN n.last - n.first + 1 ELSE 0 END) AS BIGINT) AS spoiled,
          CAST(SUM(CASE WHEN n.kind = 'destroyed' THEN n.last - n.first + 1 ELSE 0 END) AS BIGINT) AS destroyed, MAX(n.entered_on) AS last_on
        FROM stock_entry n WHERE n.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM stock_entry r WHERE r.reverses = n.id) GROUP BY n.body) x ON x.body = b.id
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3) ORDER BY b.name, b.id LIMIT 500");
}

/// The series that stands in two columns from this one on.
fn series(row: &Row, at: usize) -> Result<Series, DbError> {
    let width: i64 = row.get(at + 1)?;
    Ok(Series { prefix: row.get(at)?, width: width as usize })
}

/// The blanks that stand in four columns from this one on.
fn blanks(row: &Row, at: usize) -> Result<Blanks, DbError> {
    Ok(Blanks { series: series(row, at)?, first: row.get(at + 2)?, last: row.get(at + 3)? })
}

/// Every entry of a body's ledger, in order.
pub(super) fn entries(tx: &mut Tx<'_>, body: i64) -> Result<Vec<StockEntry>, DbError> {
    let rows = tx.rows(&ENTRIES, args![body])?;
    let entry = |row: Row| {
        let kind = coded(&row, 1, StockKind::from_code)?;
        Ok(StockEntry { id: row.get(0)?, kind, blanks: blanks(&row, 2)?, reverses: row.get(6)? })
    };
    rows.into_iter().map(entry).collect()
}

/// One page of a ledger, the latest first.
pub(super) fn lines(tx: &mut Tx<'_>, body: i64, (limit, from): (i64, i64)) -> Result<Vec<StockLine>, DbError> {
    let rows = tx.rows(&LINES, args![body, limit, from])?;
    let line = |row: Row| {
        let (kind, blanks) = (coded(&row, 2, StockKind::from_code)?, blanks(&row, 3)?);
        Ok(StockLine {
            id: row.get(0)?,
            no: row.get(1)?,
            kind,
            kind_name: kind.name().to_owned(),
            serials: blanks.said(),
            count: blanks.count(),
            happened_on: row.get(7)?,
            note: row.get(8)?,
            has_file: row.get(9)?,
            file_name: row.get(10)?,
            reverses: row.get(11)?,
            reversed_by: row.get(12)?,
            entered_on: row.get(13)?,
            entered_by: row.get(14)?,
            batch_number: row.get(15)?,
            batch: row.get(16)?,
        })
    };
    rows.into_iter().map(line).collect()
}

/// How many entries a ledger has.
pub(super) fn count(tx: &mut Tx<'_>, body: i64) -> Result<i64, DbError> {
    tx.first(&COUNT, args![body])?.map_or(Ok(0), |row| row.get(0))
}

/// Since when a body keeps a ledger; nothing where it keeps none.
pub(super) fn since(tx: &mut Tx<'_>, body: i64) -> Result<Option<Day>, DbError> {
    tx.first(&SINCE, args![body])?.map_or(Ok(None), |row| row.get(0))
}

/// An entry on its way into a ledger.
pub(super) struct NewEntry<'a> {
    pub id: i64,
    pub body: i64,
    pub kind: StockKind,
    pub blanks: &'a Blanks,
    pub on: Day,
    pub note: &'a str,
    pub file: Option<(&'a KeptFile, &'a str)>,
    pub reverses: Option<i64>,
    pub entered_on: Day,
    pub entered_by: &'a str,
}

/// Adds an entry; its number in the ledger.
pub(super) fn add(tx: &mut Tx<'_>, new: &NewEntry<'_>) -> Result<i64, DbError> {
    let last: i64 = tx.first(&LAST_NO, args![new.body])?.map_or(Ok(0), |row| row.get(0))?;
    let Blanks { series, first, last: until } = new.blanks;
    let (file, file_name) = new.file.map(|(file, name)| (file.hash.0.as_str(), name)).unzip();
    tx.run(
        &ADD,
        args![
            new.id,
            new.body,
            last + 1,
            new.kind.code(),
            &series.prefix,
            series.width as i64,
            *first,
            *until,
            new.on,
            new.note,
            file,
            file_name.unwrap_or_default(),
            new.reverses,
            new.entered_on,
            new.entered_by,
        ],
    )?;
    Ok(last + 1)
}

/// Puts certificates on the blanks of an entry, one after the other.
pub(super) fn add_prints(tx: &mut Tx<'_>, entry: i64, first: i64, certificates: &[i64]) -> Result<(), DbError> {
    let pairs: Map<String, Json> =
        certificates.iter().zip(first..).map(|(id, serial)| (id.to_string(), json!(serial))).collect();
    tx.run(&ADD_PRINTS, args![entry, Json::Object(pairs).to_string()]).map(drop)
}

/// The evidence of an entry: its hash and its name.
pub(super) fn file(tx: &mut Tx<'_>, body: i64, entry: i64) -> Result<Option<(String, String)>, DbError> {
    tx.first(&FILE, args![entry, body])?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// The evidence of a destruction.
pub(super) fn destruction_file(tx: &mut Tx<'_>, body: i64, id: i64) -> Result<Option<(String, String)>, DbError> {
    tx.first(&DESTRUCTION_FILE, args![id, body])?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// How many valid certificates made since a day lie on no blank.
pub(super) fn waiting(tx: &mut Tx<'_>, body: i64, since: Day) -> Result<i64, DbError> {
    tx.first(&WAITING, args![body, since])?.map_or(Ok(0), |row| row.get(0))
}

/// The same by batch, the latest first: id, number, title, how many.
pub(super) fn waiting_by_batch(
    tx: &mut Tx<'_>,
    body: i64,
    since: Day,
) -> Result<Vec<(i64, String, String, i64)>, DbError> {
    let rows = tx.rows(&WAITING_BY_BATCH, args![body, since])?;
    rows.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).collect()
}

/// A certificate of a batch with the serial that it bears.
pub(super) struct OfBatch {
    pub id: i64,
    pub number: String,
    pub name: String,
    pub print_no: i64,
    pub is_valid: bool,
    pub serial: Option<String>,
}

/// The certificates of a batch by number.
pub(super) fn of_batch(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<OfBatch>, DbError> {
    let rows = tx.rows(&OF_BATCH, args![batch])?;
    let one = |row: Row| {
        let serial = match row.get::<Option<i64>>(7)? {
            Some(number) => Some(series(&row, 5)?.serial(number)),
            None => None,
        };
        Ok(OfBatch {
            id: row.get(0)?,
            number: row.get(1)?,
            name: row.get(2)?,
            print_no: row.get(3)?,
            is_valid: row.get::<String>(4)? == "valid",
            serial,
        })
    };
    rows.into_iter().map(one).collect()
}

/// An entry by which certificates of a batch were printed.
pub(super) struct Printing {
    pub id: i64,
    pub no: i64,
    pub blanks: Blanks,
    pub on: Day,
    pub by: String,
    /// How many certificates of the batch still lie on its blanks.
    pub standing: i64,
}

/// The entries by which certificates of a batch were printed, in order.
pub(super) fn printings(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Printing>, DbError> {
    let rows = tx.rows(&PRINTINGS, args![batch])?;
    let one = |row: Row| {
        let (on, by, standing) = (row.get(6)?, row.get(7)?, row.get(8)?);
        Ok(Printing { id: row.get(0)?, no: row.get(1)?, blanks: blanks(&row, 2)?, on, by, standing })
    };
    rows.into_iter().map(one).collect()
}

/// A serial that a version of a certificate was printed on.
pub(crate) struct Borne {
    /// The version, from 1.
    pub print_no: i64,
    pub serial: String,
    pub on: Day,
    pub by: String,
    /// Whether it still lies on it.
    pub stands: bool,
    /// Why not.
    pub reason: String,
}

/// Every serial that a certificate was printed on, the first first.
pub(crate) fn of_certificate(tx: &mut Tx<'_>, certificate: i64) -> Result<Vec<Borne>, DbError> {
    let rows = tx.rows(&OF_CERTIFICATE, args![certificate])?;
    let one = |row: Row| {
        let serial = series(&row, 1)?.serial(row.get(3)?);
        let (on, by, stands, reason) = (row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?);
        Ok(Borne { print_no: row.get(0)?, serial, on, by, stands, reason })
    };
    rows.into_iter().map(one).collect()
}

/// Valid certificates whose version in force lies on these blanks of a body, in the order of the serials.
pub(super) fn lying_on(tx: &mut Tx<'_>, body: i64, blanks: &Blanks) -> Result<Vec<i64>, DbError> {
    let Blanks { series, first, last } = blanks;
    let rows = tx.rows(&LYING_ON, args![body, &series.prefix, series.width as i64, *first, *last])?;
    rows.into_iter().map(|row| row.get(0)).collect()
}

/// How many certificates printed on what an entry spoiled lie on another blank by now.
pub(super) fn borne_elsewhere(tx: &mut Tx<'_>, entry: i64) -> Result<i64, DbError> {
    tx.first(&BORNE_ELSEWHERE, args![entry])?.map_or(Ok(0), |row| row.get(0))
}

/// Ranges as a column keeps them.
type KeptRanges = Vec<(String, usize, i64, i64)>;

/// A proposal to destroy, with whose it is.
pub(super) struct Destruction {
    pub line: BlankDestructionLine,
    pub ranges: Vec<Blanks>,
    pub account: Option<i64>,
}

/// The proposals to destroy of a body, the latest first.
pub(super) fn destructions(tx: &mut Tx<'_>, body: i64) -> Result<Vec<Destruction>, DbError> {
    let rows = tx.rows(&DESTRUCTIONS, args![body])?;
    let one = |row: Row| {
        let state = coded(&row, 1, ProposalState::from_code)?;
        let kept: KeptRanges = from_text(&row.get::<String>(3)?)?;
        let range = |(prefix, width, first, last)| Blanks { series: Series { prefix, width }, first, last };
        let ranges: Vec<Blanks> = kept.into_iter().map(range).collect();
        let line = BlankDestructionLine {
            id: row.get(0)?,
            state,
            state_name: state.name().to_owned(),
            reason: row.get(2)?,
            serials: ranges.iter().map(Blanks::said).collect(),
            count: ranges.iter().map(Blanks::count).sum(),
            file_name: row.get(4)?,
            proposed_on: row.get(5)?,
            proposed_by: row.get(6)?,
            answered_on: row.get(8)?,
            answered_by: row.get(9)?,
            answer: row.get(10)?,
            is_own: false,
        };
        Ok(Destruction { line, ranges, account: row.get(7)? })
    };
    rows.into_iter().map(one).collect()
}

/// A proposal to destroy on its way into the database.
pub(super) struct NewDestruction<'a> {
    pub id: i64,
    pub body: i64,
    pub reason: &'a str,
    pub ranges: &'a [Blanks],
    pub file: &'a KeptFile,
    pub file_name: &'a str,
    pub on: Day,
    pub by: &'a rules::marking::Hand,
}

pub(super) fn propose(tx: &mut Tx<'_>, new: &NewDestruction<'_>) -> Result<(), DbError> {
    let kept = |blanks: &Blanks| (blanks.series.prefix.clone(), blanks.series.width, blanks.first, blanks.last);
    let ranges: KeptRanges = new.ranges.iter().map(kept).collect();
    let (hash, by) = (&new.file.hash.0, new.by);
    let args =
        args![new.id, new.body, new.reason, to_text(&ranges)?, hash, new.file_name, new.on, &by.name, by.account];
    tx.run(&PROPOSE, args).map(drop)
}

pub(super) fn answer(
    tx: &mut Tx<'_>,
    id: i64,
    state: ProposalState,
    (on, by): (Day, &str),
    answer: &str,
) -> Result<(), DbError> {
    tx.run(&ANSWER, args![id, state.code(), on, by, answer]).map(drop)
}

/// The ledgers of bodies within a scope, as balances.
pub(super) fn overview(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<StockBodyLine>, DbError> {
    let rows = tx.rows(&OVERVIEW, args![scope.body, scope.centre.as_deref(), scope.bureau.as_deref()])?;
    let one = |row: Row| {
        let (received, ruined, destroyed, printed) = (row.get(2)?, row.get::<i64>(3)?, row.get(4)?, row.get(5)?);
        let left = received - printed - ruined;
        let balance = Balance { received, left, printed, spoiled: ruined - destroyed, destroyed };
        Ok(StockBodyLine { body: row.get(0)?, name: row.get(1)?, balance, last_on: row.get(6)? })
    };
    rows.into_iter().map(one).collect()
}

/// The serials of certificates by batch number order, as ranges that people read.
pub(crate) fn ranges_of_batch(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<String>, DbError> {
    let mut held: BTreeMap<Series, Vec<i64>> = BTreeMap::new();
    for row in tx.rows(&OF_BATCH, args![batch])? {
        if let Some(number) = row.get::<Option<i64>>(7)? {
            held.entry(series(&row, 5)?).or_default().push(number);
        }
    }
    let mut ranges: Vec<Blanks> = Vec::new();
    for (series, mut numbers) in held {
        numbers.sort_unstable();
        for number in numbers {
            match ranges.last_mut() {
                Some(before) if before.series == series && before.last + 1 == number => before.last = number,
                _ => ranges.push(Blanks::from(series.clone(), number, 1)),
            }
        }
    }
    Ok(ranges.iter().map(Blanks::said).collect())
}
