//! The provincial register in the database: persons, their cards with every validity and suspension, whom they avoid, what
//! was found of them, where they were assigned, uploads of it.

use std::collections::{BTreeMap, HashMap};

use rules::Day;
use rules::assignment::Duty;
use rules::certificate::Level;
use rules::register::{CardKind, CardState};
use rules::result::Part;
use serde_json::{Value as Json, json};
use sheets::Finding;

use super::{Card, CardAssignment, CardFinding, CardPanel, CardSuspension, CardTerm, CardUploadLine, PAGE, Tie};
use crate::args;
use crate::db::{DbError, Row, Sql, Tx};
use crate::door::store::{from_text, to_text, within};
use crate::door::{FileHash, KeptFile, Seals};

macro_rules! cards {
    ($bound:expr) => {
        concat!(
            "SELECT c.id, c.person, c.kind, p.name, p.employer, p.body, p.superior, p.title, c.level_max, c.card_number, c.issued_on, c.card_valid_until, p.phone, s.suspended_on, s.reason, c.entered_on, p.entered_on, ",
            "COALESCE((SELECT string_agg(t.code, ' ') FROM card_trade t WHERE t.card = c.id), '') ",
            "FROM card c JOIN register_person p ON p.id = c.person LEFT JOIN card_suspension s ON s.card = c.id AND s.lifted_on IS NULL ",
            $bound
        )
    };
}

// By a word in name, employer or number, kind, occupation, the body that employs, and state on a day.
macro_rules! asked {
    ($rest:literal) => {
        concat!(
            "WHERE (p.name LIKE ?1 ESCAPE '!' OR p.employer LIKE ?1 ESCAPE '!' OR c.card_number LIKE ?1 ESCAPE '!') ",
            "AND (CAST(?2 AS TEXT) IS NULL OR c.kind = ?2) ",
            "AND (CAST(?3 AS TEXT) IS NULL OR c.id IN (SELECT t.card FROM card_trade t WHERE t.code = ?3)) ",
            "AND (CAST(?4 AS BIGINT) IS NULL OR p.body = ?4) ",
            "AND (CAST(?5 AS TEXT) IS NULL OR CASE WHEN s.card IS NOT NULL THEN 'suspended' WHEN c.card_valid_until < ?6 THEN 'expired' ELSE 'valid' END = ?5) ",
            $rest
        )
    };
}

crate::statements! {
    EVERYONE = cards!("ORDER BY c.id");
    EXPERTS = cards!("WHERE c.kind = 'expert' ORDER BY p.name, c.card_number");
    FIND = cards!("WHERE c.id = ?1");
    OF_PERSON = cards!("WHERE c.person = ?1 ORDER BY c.kind, c.card_number");
    BY_CARD = cards!("WHERE c.card_number = ?1");
    LIST = cards!(asked!("ORDER BY p.name, p.id, c.kind, c.card_number LIMIT ?7 OFFSET ?8"));
    COUNT = concat!(
        "SELECT count(*) FROM card c JOIN register_person p ON p.id = c.person LEFT JOIN card_suspension s ON s.card = c.id AND s.lifted_on IS NULL ",
        asked!("")
    );
    NAMED = "SELECT p.id, p.phone FROM register_person p WHERE p.name = ?1 AND p.employer = ?2 ORDER BY p.id";
    TIES = "SELECT t.person, t.body, COALESCE(b.name, ''), t.class, t.id_key, t.shown, t.relation FROM person_tie t LEFT JOIN body b ON b.id = t.body
      WHERE CAST(?1 AS BIGINT) IS NULL OR t.person = ?1 ORDER BY t.person, t.no";
    BODIES = "SELECT id, name, uscc FROM body";
    // Rows come as an object of arrays by id, which both engines unfold.
    SAVE_PERSONS = "INSERT INTO register_person (id, name, employer, body, superior, title, phone, entered_on)
      SELECT CAST(r.key AS BIGINT), r.value ->> 0, r.value ->> 1, CAST(r.value ->> 2 AS BIGINT), r.value ->> 3, r.value ->> 4, r.value ->> 5, r.value ->> 6 FROM json_each(?1) AS r WHERE 1 = 1
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, employer = excluded.employer, body = excluded.body, superior = excluded.superior, title = excluded.title, phone = excluded.phone";
    SAVE_CARDS = "INSERT INTO card (id, person, kind, level_max, card_number, issued_on, card_valid_until, entered_on)
      SELECT CAST(r.key AS BIGINT), CAST(r.value ->> 0 AS BIGINT), r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4, r.value ->> 5, r.value ->> 6 FROM json_each(?1) AS r WHERE 1 = 1
      ON CONFLICT (id) DO UPDATE SET person = excluded.person, kind = excluded.kind, level_max = excluded.level_max, card_number = excluded.card_number, issued_on = excluded.issued_on, card_valid_until = excluded.card_valid_until";
    CLEAR_TRADES = "DELETE FROM card_trade WHERE card IN (SELECT CAST(r.key AS BIGINT) FROM json_each(?1) AS r)";
    ADD_TRADES = "INSERT INTO card_trade (card, code) SELECT CAST(r.value ->> 0 AS BIGINT), r.value ->> 1 FROM json_each(?1) AS r";
    CLEAR_TIES = "DELETE FROM person_tie WHERE person IN (SELECT CAST(r.key AS BIGINT) FROM json_each(?1) AS r)";
    ADD_TIES = "INSERT INTO person_tie (person, no, body, class, id_key, shown, relation)
      SELECT CAST(r.value ->> 0 AS BIGINT), CAST(r.value ->> 1 AS BIGINT), CAST(r.value ->> 2 AS BIGINT), r.value ->> 3, r.value ->> 4, r.value ->> 5, r.value ->> 6 FROM json_each(?1) AS r";
    ADD_TERMS = "INSERT INTO card_term (card, no, issued_on, valid_until, entered_on, entered_by)
      SELECT CAST(r.key AS BIGINT), 1 + COALESCE((SELECT max(t.no) FROM card_term t WHERE t.card = CAST(r.key AS BIGINT)), 0), r.value ->> 0, r.value ->> 1, CAST(?2 AS TEXT), CAST(?3 AS TEXT) FROM json_each(?1) AS r";
    TERMS = "SELECT issued_on, valid_until, entered_on, entered_by FROM card_term WHERE card = ?1 ORDER BY no DESC";
    SUSPEND = "INSERT INTO card_suspension (card, no, suspended_on, reason, suspended_by)
      SELECT CAST(?1 AS BIGINT), 1 + COALESCE(max(s.no), 0), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT) FROM card_suspension s WHERE s.card = ?1";
    RESUME = "UPDATE card_suspension SET lifted_on = ?2, lifted_reason = ?3, lifted_by = ?4 WHERE card = ?1 AND lifted_on IS NULL";
    SUSPENSIONS = "SELECT suspended_on, reason, suspended_by, lifted_on, lifted_reason, lifted_by FROM card_suspension WHERE card = ?1 ORDER BY no DESC";
    NOTE = "INSERT INTO card_finding (id, card, batch, finding, found_on, found_by, seat) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    NOTED = "SELECT f.found_on, f.finding, f.found_by, f.seat, COALESCE(t.number, '') FROM card_finding f JOIN card c ON c.id = f.card LEFT JOIN batch t ON t.id = f.batch
      WHERE c.person = ?1 ORDER BY f.id DESC LIMIT 200";
    ASSIGNED_TO = "SELECT t.id, t.number, t.title, b.name, t.trade, t.level, t.starts_on, t.ends_on, a.duty, a.part, a.card_number, a.assigned_on, a.ended_on, a.ended_reason, CASE WHEN t.stage = 'cancelled' THEN 1 ELSE 0 END
      FROM assignment a JOIN card c ON c.id = a.card JOIN batch t ON t.id = a.batch JOIN body b ON b.id = t.body
      WHERE c.person = ?1 ORDER BY t.starts_on DESC, a.id DESC LIMIT 200";
    PANELS = "SELECT b.name, e.held_on, m.card_number, m.replaced_on, m.replaced_reason FROM evaluation_member m JOIN card c ON c.id = m.expert
      JOIN evaluation e ON e.id = m.evaluation JOIN filing f ON f.id = e.filing JOIN body b ON b.id = f.body
      WHERE c.person = ?1 ORDER BY e.held_on DESC, e.id DESC LIMIT 200";
    IN_FILING = "SELECT DISTINCT f.card_number, c.card_valid_until, CASE WHEN s.card IS NULL THEN 0 ELSE 1 END, p.name
      FROM filing_person f JOIN card c ON c.card_number = f.card_number JOIN register_person p ON p.id = c.person LEFT JOIN card_suspension s ON s.card = c.id AND s.lifted_on IS NULL WHERE f.filing = ?1";
    UPLOADED = "INSERT INTO card_upload (id, file, name, rows_read, rows_new, rows_changed, rows_same, findings, faults, uploaded_on, uploaded_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    UPLOADS = "SELECT id, file, name, rows_read, rows_new, rows_changed, rows_same, faults, uploaded_on, uploaded_by FROM card_upload ORDER BY id DESC LIMIT 20";
    UPLOAD = "SELECT id, file, name, rows_read, rows_new, rows_changed, rows_same, faults, uploaded_on, uploaded_by, findings FROM card_upload WHERE id = ?1";
}

impl TryFrom<Row> for Card {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let (kind, level, trades): (String, String, String) = (row.get(2)?, row.get(8)?, row.get(17)?);
        let mut trades: Vec<String> = trades.split_whitespace().map(str::to_owned).collect();
        trades.sort();
        Ok(Self {
            id: row.get(0)?,
            person: row.get(1)?,
            kind: CardKind::from_code(&kind).ok_or_else(|| DbError::stored(format!("card kind {kind}")))?,
            name: row.get(3)?,
            employer: row.get(4)?,
            body: row.get(5)?,
            superior: row.get(6)?,
            title: row.get(7)?,
            trades,
            level_max: level.chars().next().and_then(Level::from_digit),
            card_number: row.get(9)?,
            issued_on: row.get(10)?,
            card_valid_until: row.get(11)?,
            phone: row.get(12)?,
            ties: Vec::new(),
            suspended_on: row.get(13)?,
            suspended_reason: row.get(14)?,
            entered_on: row.get(15)?,
            person_entered_on: row.get(16)?,
        })
    }
}

fn cards(tx: &mut Tx<'_>, sql: &Sql, args: &[crate::db::Value]) -> Result<Vec<Card>, DbError> {
    tx.rows(sql, args)?.into_iter().map(Card::try_from).collect()
}

fn with_ties(tx: &mut Tx<'_>, mut cards: Vec<Card>, person: Option<i64>) -> Result<Vec<Card>, DbError> {
    let mut ties: HashMap<i64, Vec<Tie>> = HashMap::new();
    for row in tx.rows(&TIES, args![person])? {
        ties.entry(row.get(0)?).or_default().push(Tie {
            body: row.get(1)?,
            body_name: row.get(2)?,
            class: row.get(3)?,
            id_key: row.get(4)?,
            shown: row.get(5)?,
            relation: row.get(6)?,
        });
    }
    for card in &mut cards {
        card.ties = ties.get(&card.person).cloned().unwrap_or_default();
    }
    Ok(cards)
}

/// The whole register.
pub(super) fn everyone(tx: &mut Tx<'_>) -> Result<Vec<Card>, DbError> {
    let all = cards(tx, &EVERYONE, &[])?;
    with_ties(tx, all, None)
}

/// Every expert's card, by name.
pub(super) fn experts(tx: &mut Tx<'_>) -> Result<Vec<Card>, DbError> {
    let experts = cards(tx, &EXPERTS, &[])?;
    with_ties(tx, experts, None)
}

pub(super) fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<Card>, DbError> {
    let found = cards(tx, &FIND, args![id])?;
    let person = found.first().map(|card| card.person);
    Ok(with_ties(tx, found, person)?.pop())
}

/// Every card of a person.
pub(super) fn of_person(tx: &mut Tx<'_>, person: i64) -> Result<Vec<Card>, DbError> {
    cards(tx, &OF_PERSON, args![person])
}

/// The card with this number.
pub(super) fn by_card(tx: &mut Tx<'_>, number: &str) -> Result<Option<Card>, DbError> {
    Ok(cards(tx, &BY_CARD, args![number])?.pop())
}

/// Who has this name at this employer: ids and sealed telephones.
pub(super) fn named(tx: &mut Tx<'_>, name: &str, employer: &str) -> Result<Vec<(i64, String)>, DbError> {
    tx.rows(&NAMED, args![name, employer])?.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// What a list of cards is asked by.
#[derive(Default)]
pub(super) struct Asked {
    pub find: String,
    pub kind: Option<CardKind>,
    pub trade: Option<String>,
    pub body: Option<i64>,
    pub state: Option<CardState>,
}

/// Cards that match, from a place on, and how many match in all.
pub(super) fn list(
    tx: &mut Tx<'_>,
    asked: &Asked,
    today: Day,
    (from, most): (i64, i64),
) -> Result<(Vec<Card>, i64), DbError> {
    let like = within(&asked.find);
    let (kind, state) = (asked.kind.map(CardKind::code), asked.state.map(CardState::code));
    let trade = asked.trade.as_deref();
    let found = cards(tx, &LIST, args![&like, kind, trade, asked.body, state, today, most, from])?;
    let total = tx.first(&COUNT, args![&like, kind, trade, asked.body, state, today])?;
    Ok((found, total.map_or(Ok(0), |row| row.get(0))?))
}

/// Cards on one page.
pub(super) const fn page(page: i64) -> (i64, i64) {
    (page * PAGE, PAGE)
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

/// Writes cards, new or known, with their persons, occupations and ties; phones are sealed already. `renewed` are the
/// places of those whose validity is another than before.
pub(super) fn save(tx: &mut Tx<'_>, cards: &[Card], renewed: &[usize], (on, by): (Day, &str)) -> Result<(), DbError> {
    if cards.is_empty() {
        return Ok(());
    }
    let (mut persons, mut rows, mut terms) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let (mut trades, mut ties) = (BTreeMap::new(), BTreeMap::<String, Json>::new());
    for (at, card) in cards.iter().enumerate() {
        let Card { id, person, name, employer, body, superior, title, phone, .. } = card;
        let entered = card.person_entered_on.to_string();
        persons.insert(person.to_string(), json!([name, employer, body, superior, title, phone, entered]));
        let level = card.level_max.map(|level| level.digit().to_string()).unwrap_or_default();
        let (issued, until) = (card.issued_on.map(|on| on.to_string()), card.card_valid_until.to_string());
        let (kind, entered) = (card.kind.code(), card.entered_on.to_string());
        rows.insert(id.to_string(), json!([person, kind, level, card.card_number, issued, until, entered]));
        for code in &card.trades {
            trades.insert(format!("{id} {code}"), json!([id, code]));
        }
        ties.retain(|_, tie| tie[0] != json!(person));
        for (no, tie) in card.ties.iter().enumerate() {
            let Tie { body, class, id_key, shown, relation, .. } = tie;
            ties.insert(format!("{person} {no}"), json!([person, no + 1, body, class, id_key, shown, relation]));
        }
        if renewed.contains(&at) {
            terms.insert(id.to_string(), json!([issued, until]));
        }
    }
    let (persons, rows) = (to_text(&persons)?, to_text(&rows)?);
    tx.run(&SAVE_PERSONS, args![&persons])?;
    tx.run(&SAVE_CARDS, args![&rows])?;
    tx.run(&CLEAR_TRADES, args![&rows])?;
    tx.run(&ADD_TRADES, args![to_text(&trades)?])?;
    tx.run(&CLEAR_TIES, args![&persons])?;
    tx.run(&ADD_TIES, args![to_text(&ties)?])?;
    tx.run(&ADD_TERMS, args![to_text(&terms)?, on, by])?;
    Ok(())
}

/// Every validity of a card, the one in force first.
pub(super) fn terms(tx: &mut Tx<'_>, card: i64) -> Result<Vec<CardTerm>, DbError> {
    let term = |row: Row| {
        Ok(CardTerm {
            issued_on: row.get(0)?,
            valid_until: row.get(1)?,
            entered_on: row.get(2)?,
            entered_by: row.get(3)?,
        })
    };
    tx.rows(&TERMS, args![card])?.into_iter().map(term).collect()
}

pub(super) fn suspend(tx: &mut Tx<'_>, id: i64, on: Day, reason: &str, by: &str) -> Result<(), DbError> {
    tx.run(&SUSPEND, args![id, on, reason, by]).map(|_| ())
}

pub(super) fn resume(tx: &mut Tx<'_>, id: i64, on: Day, reason: &str, by: &str) -> Result<(), DbError> {
    tx.run(&RESUME, args![id, on, reason, by]).map(|_| ())
}

/// Every suspension of a card, the last one first.
pub(super) fn suspensions(tx: &mut Tx<'_>, card: i64) -> Result<Vec<CardSuspension>, DbError> {
    let suspension = |row: Row| {
        Ok(CardSuspension {
            suspended_on: row.get(0)?,
            reason: row.get(1)?,
            suspended_by: row.get(2)?,
            lifted_on: row.get(3)?,
            lifted_reason: row.get(4)?,
            lifted_by: row.get(5)?,
        })
    };
    tx.rows(&SUSPENSIONS, args![card])?.into_iter().map(suspension).collect()
}

/// What a centre found.
pub(super) struct NewFinding<'a> {
    pub id: i64,
    pub card: i64,
    pub batch: Option<i64>,
    pub finding: &'a str,
    pub on: Day,
    pub by: &'a str,
    pub seat: &'a str,
}

pub(super) fn note(tx: &mut Tx<'_>, new: &NewFinding<'_>) -> Result<(), DbError> {
    tx.run(&NOTE, args![new.id, new.card, new.batch, new.finding, new.on, new.by, new.seat]).map(|_| ())
}

/// What was found of a person, the last first.
pub(super) fn findings(tx: &mut Tx<'_>, person: i64) -> Result<Vec<CardFinding>, DbError> {
    let finding = |row: Row| {
        Ok(CardFinding {
            found_on: row.get(0)?,
            finding: row.get(1)?,
            found_by: row.get(2)?,
            seat: row.get(3)?,
            batch_number: row.get(4)?,
        })
    };
    tx.rows(&NOTED, args![person])?.into_iter().map(finding).collect()
}

/// Where a person was assigned, over all bodies, the last first.
pub(super) fn assignments(tx: &mut Tx<'_>, person: i64) -> Result<Vec<CardAssignment>, DbError> {
    let assignment = |row: Row| {
        let (level, duty, part): (Level, String, String) = (row.get(5)?, row.get(8)?, row.get(9)?);
        let duty = Duty::from_code(&duty).ok_or_else(|| DbError::stored(format!("duty {duty}")))?;
        Ok(CardAssignment {
            batch: row.get(0)?,
            batch_number: row.get(1)?,
            batch_title: row.get(2)?,
            body_name: row.get(3)?,
            trade: row.get(4)?,
            level_name: level.name().to_owned(),
            starts_on: row.get(6)?,
            ends_on: row.get(7)?,
            duty,
            duty_name: duty.name().to_owned(),
            part_name: Part::from_code(&part).map(|part| part.name().to_owned()).unwrap_or_default(),
            card_number: row.get(10)?,
            assigned_on: row.get(11)?,
            ended_on: row.get(12)?,
            ended_reason: row.get(13)?,
            cancelled: row.get(14)?,
        })
    };
    tx.rows(&ASSIGNED_TO, args![person])?.into_iter().map(assignment).collect()
}

/// The panels that a person was drawn into, the last first.
pub(super) fn panels(tx: &mut Tx<'_>, person: i64) -> Result<Vec<CardPanel>, DbError> {
    let panel = |row: Row| {
        Ok(CardPanel {
            body_name: row.get(0)?,
            held_on: row.get(1)?,
            card_number: row.get(2)?,
            replaced_on: row.get(3)?,
            replaced_reason: row.get(4)?,
        })
    };
    tx.rows(&PANELS, args![person])?.into_iter().map(panel).collect()
}

/// The cards that a filing names and the register has: by number, how each stands and whose it is.
pub(super) fn in_filing(
    tx: &mut Tx<'_>,
    filing: i64,
    today: Day,
) -> Result<HashMap<String, (CardState, String)>, DbError> {
    let known = |row: Row| {
        let state = CardState::of(row.get(1)?, row.get(2)?, today);
        Ok((row.get(0)?, (state, row.get(3)?)))
    };
    tx.rows(&IN_FILING, args![filing])?.into_iter().map(known).collect()
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

fn line(row: &Row) -> Result<CardUploadLine, DbError> {
    Ok(CardUploadLine {
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

pub(super) fn uploads(tx: &mut Tx<'_>) -> Result<Vec<CardUploadLine>, DbError> {
    tx.rows(&UPLOADS, &[])?.iter().map(line).collect()
}

pub(super) fn upload(
    tx: &mut Tx<'_>,
    id: i64,
    seals: &Seals,
) -> Result<Option<(CardUploadLine, Vec<Finding>)>, DbError> {
    let Some(row) = tx.first(&UPLOAD, args![id])? else { return Ok(None) };
    let sealed: String = row.get(10)?;
    let text = seals.open_text(&sealed).ok_or_else(|| DbError::stored("findings sealed by another house"))?;
    Ok(Some((line(&row)?, from_text(&text)?)))
}
