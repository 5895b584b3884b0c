//! Who examines a batch in the database, and what the rules ask of them: cards, other batches, kin among the candidates.

use std::collections::{BTreeMap, HashMap, HashSet};

use rules::Day;
use rules::assignment::{Booking, Duty, HeldCard};
use rules::certificate::Level;
use rules::register::CardKind;
use rules::result::Part;
use serde_json::{Value as Json, json};

use super::FitCard;
use crate::args;
use crate::db::{DbError, Row, Sql, Tx, Value};
use crate::door::store::to_text;

/// Cards that a page offers to choose from.
const FIT_MAX: i64 = 300;

// Batches of a body before another one, in which assessors were assigned, the latest first.
macro_rules! before {
    ($bound:literal) => {
        concat!(
            "SELECT t.id, c.person FROM batch t JOIN assignment a ON a.batch = t.id AND a.ended_on IS NULL AND a.duty IN ('group_head', 'assessor') JOIN card c ON c.id = a.card ",
            "WHERE t.id IN (SELECT x.id FROM batch x WHERE x.body = ?1 AND x.stage <> 'cancelled' AND x.id <> ?2 AND (x.starts_on < ?3 OR (x.starts_on = ?3 AND x.id < ?2)) ",
            $bound,
            " AND EXISTS (SELECT 1 FROM assignment y WHERE y.batch = x.id AND y.ended_on IS NULL AND y.duty IN ('group_head', 'assessor')) ORDER BY x.starts_on DESC, x.id DESC LIMIT ?4) ",
            "ORDER BY t.starts_on DESC, t.id DESC"
        )
    };
}

crate::statements! {
    EVERYONE = "SELECT a.id, a.duty, a.part, a.card, c.person, a.name, a.employer, a.card_number, a.teaches, a.assigned_on, a.assigned_by, a.ended_on, a.ended_by, a.ended_reason,
        c.kind, c.card_valid_until, CASE WHEN s.card IS NULL THEN 0 ELSE 1 END,
        COALESCE((SELECT string_agg(CAST(g.session AS TEXT), ' ') FROM assignment_session g JOIN exam_session x ON x.id = g.session WHERE g.assignment = a.id), '')
      FROM assignment a LEFT JOIN card c ON c.id = a.card LEFT JOIN card_suspension s ON s.card = c.id AND s.lifted_on IS NULL WHERE a.batch = ?1 ORDER BY a.place, a.id";
    COUNT = "SELECT count(*) FROM assignment WHERE batch = ?1 AND ended_on IS NULL AND duty <> 'external_inspector'";
    WHERE_HELD = "SELECT t.at_once, b.county, (SELECT count(*) FROM candidate c WHERE c.batch = t.id AND c.withdrawn_on IS NULL) FROM batch t JOIN body b ON b.id = t.body WHERE t.id = ?1";
    CARDS = "SELECT c.id, c.person, c.kind, p.name, p.employer, p.body, c.level_max, c.card_number, c.card_valid_until, CASE WHEN s.card IS NULL THEN 0 ELSE 1 END,
        COALESCE((SELECT string_agg(t.code, ' ') FROM card_trade t WHERE t.card = c.id), '')
      FROM json_each(?1) AS r JOIN card c ON c.card_number = r.key JOIN register_person p ON p.id = c.person LEFT JOIN card_suspension s ON s.card = c.id AND s.lifted_on IS NULL";
    // Who is assigned to groups is there on the days of those.
    BUSY = "SELECT DISTINCT c.person, a.name, b.id, a.part, t.theory_on, t.practical_on, t.comprehensive_on, b.county, b.name, t.title, x.held_on
      FROM batch t JOIN body b ON b.id = t.body JOIN assignment a ON a.batch = t.id AND a.ended_on IS NULL LEFT JOIN card c ON c.id = a.card
        LEFT JOIN assignment_session g ON g.assignment = a.id LEFT JOIN exam_session x ON x.id = g.session
      WHERE t.id <> ?1 AND t.stage <> 'cancelled' AND t.starts_on <= ?3 AND t.ends_on >= ?2";
    KIN = "SELECT t.person, t.relation, t.shown FROM person_tie t JOIN candidate c ON c.id_key = t.id_key WHERE c.batch = ?1 AND c.withdrawn_on IS NULL AND t.id_key <> ''";
    TEACHING = "SELECT DISTINCT t.person, p.session FROM person_tie t JOIN enrolment e ON e.body = t.body AND e.class = t.class JOIN candidate c ON c.id_key = e.id_key
      LEFT JOIN exam_place p ON p.candidate = c.id WHERE c.batch = ?1 AND c.withdrawn_on IS NULL AND t.class <> ''";
    TIED = "SELECT t.person, t.relation FROM person_tie t WHERE t.body = ?1 AND t.class = ''";
    BEFORE = before!("");
    BEFORE_OF_TRADE = before!(" AND x.code = ?5");
    END = "UPDATE assignment SET ended_on = ?2, ended_by = ?3, ended_reason = ?4 WHERE id IN (SELECT CAST(r.key AS BIGINT) FROM json_each(?1) AS r)";
    STAY = "UPDATE assignment SET place = CAST(r.value ->> 0 AS BIGINT), teaches = CAST(r.value ->> 1 AS BIGINT) FROM json_each(?1) AS r WHERE assignment.id = CAST(r.key AS BIGINT)";
    // The keys of the object are those who stay.
    LEAVE_GROUPS = "DELETE FROM assignment_session WHERE assignment IN (SELECT CAST(r.key AS BIGINT) FROM json_each(?1) AS r)";
    // A row lists: 0 the assignment, 1 the session.
    JOIN_GROUPS = "INSERT INTO assignment_session (assignment, session) SELECT CAST(r.value ->> 0 AS BIGINT), CAST(r.value ->> 1 AS BIGINT) FROM json_each(?1) AS r";
    // Rows come as an object of arrays by id, which both engines unfold.
    ADD = "INSERT INTO assignment (id, batch, duty, part, card, name, employer, card_number, teaches, place, assigned_on, assigned_by)
      SELECT CAST(r.key AS BIGINT), CAST(?2 AS BIGINT), r.value ->> 0, r.value ->> 1, CAST(r.value ->> 2 AS BIGINT), r.value ->> 3, r.value ->> 4, r.value ->> 5, CAST(r.value ->> 6 AS BIGINT), CAST(r.value ->> 7 AS BIGINT), CAST(?3 AS TEXT), CAST(?4 AS TEXT) FROM json_each(?1) AS r";
    AT_ONCE = "UPDATE batch SET at_once = ?2 WHERE id = ?1";
    FIT = "SELECT c.card_number, p.name, p.employer, c.kind, c.level_max, c.card_valid_until FROM card c JOIN register_person p ON p.id = c.person
      WHERE c.kind IN ('assessor', 'senior_assessor') AND c.card_valid_until >= ?2 AND c.id IN (SELECT t.card FROM card_trade t WHERE t.code = ?1)
        AND NOT EXISTS (SELECT 1 FROM card_suspension s WHERE s.card = c.id AND s.lifted_on IS NULL)
      ORDER BY CASE WHEN p.body = ?3 THEN 0 ELSE 1 END, p.name, c.card_number LIMIT ?4";
    FIT_INSPECTORS = "SELECT c.card_number, p.name, p.employer, c.kind, c.level_max, c.card_valid_until FROM card c JOIN register_person p ON p.id = c.person
      WHERE ((c.kind = 'inspector' AND p.body = ?1) OR (c.kind = 'external_inspector' AND (p.body IS NULL OR p.body <> ?1))) AND c.card_valid_until >= ?2
        AND NOT EXISTS (SELECT 1 FROM card_suspension s WHERE s.card = c.id AND s.lifted_on IS NULL)
      ORDER BY c.kind, p.name, c.card_number LIMIT ?3";
    UNSTAFFED = "SELECT t.id, t.title, t.trade, t.level, t.theory_on, t.practical_on, t.comprehensive_on, t.starts_on FROM batch t
      WHERE t.body = ?1 AND t.stage = 'notified' AND t.ends_on >= ?2
        AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.batch = t.id AND a.ended_on IS NULL AND a.duty <> 'external_inspector') ORDER BY t.starts_on, t.id LIMIT 50";
}

/// Somebody who is or was assigned.
#[derive(Debug, Clone)]
pub(super) struct Assigned {
    pub id: i64,
    pub duty: Duty,
    pub part: Option<Part>,
    pub card: Option<i64>,
    pub name: String,
    pub employer: String,
    pub card_number: String,
    pub teaches: bool,
    pub assigned_on: Day,
    pub assigned_by: String,
    pub ended_on: Option<Day>,
    pub ended_by: Option<String>,
    pub ended_reason: Option<String>,
    pub kind: Option<CardKind>,
    /// The rooms and groups of the arrangement in force, by id.
    pub sessions: Vec<i64>,
}

fn duty(row: &Row, index: usize) -> Result<Duty, DbError> {
    let code: String = row.get(index)?;
    Duty::from_code(&code).ok_or_else(|| DbError::stored(format!("duty {code}")))
}

fn kind(code: &str) -> Result<CardKind, DbError> {
    CardKind::from_code(code).ok_or_else(|| DbError::stored(format!("card kind {code}")))
}

fn part(row: &Row, index: usize) -> Result<Option<Part>, DbError> {
    Ok(Part::from_code(&row.get::<String>(index)?))
}

/// Ids that stand in one text, in order.
pub(crate) fn ids(text: &str) -> Vec<i64> {
    let mut ids: Vec<i64> = text.split_whitespace().filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable();
    ids
}

impl TryFrom<Row> for Assigned {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            duty: duty(&row, 1)?,
            part: part(&row, 2)?,
            card: row.get(3)?,
            name: row.get(5)?,
            employer: row.get(6)?,
            card_number: row.get(7)?,
            teaches: row.get(8)?,
            assigned_on: row.get(9)?,
            assigned_by: row.get(10)?,
            ended_on: row.get(11)?,
            ended_by: row.get(12)?,
            ended_reason: row.get(13)?,
            kind: row.get::<Option<String>>(14)?.as_deref().map(kind).transpose()?,
            sessions: ids(&row.get::<String>(17)?),
        })
    }
}

/// Everyone who is or was assigned to a batch, in the order in which they were listed.
pub(super) fn everyone(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Assigned>, DbError> {
    tx.rows(&EVERYONE, args![batch])?.into_iter().map(Assigned::try_from).collect()
}

/// How many the body has assigned to a batch.
pub(super) fn count(tx: &mut Tx<'_>, batch: i64) -> Result<i64, DbError> {
    tx.first(&COUNT, args![batch])?.map_or(Ok(0), |row| row.get(0))
}

/// How many are assessed at a time as far as the body has said, the county, and how many are registered.
pub(super) fn where_held(tx: &mut Tx<'_>, batch: i64) -> Result<(Option<i64>, String, i64), DbError> {
    let row = tx.first(&WHERE_HELD, args![batch])?.ok_or_else(|| DbError::stored(format!("batch {batch}")))?;
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// A card by its number.
#[derive(Debug, Clone)]
pub(super) struct NamedCard {
    pub id: i64,
    pub name: String,
    pub employer: String,
    pub body: Option<i64>,
    pub held: HeldCard,
}

/// The cards with these numbers.
pub(super) fn cards(tx: &mut Tx<'_>, numbers: &[String]) -> Result<HashMap<String, NamedCard>, DbError> {
    let wanted: BTreeMap<&str, i64> = numbers.iter().map(|number| (number.as_str(), 1)).collect();
    let card = |row: Row| {
        let (code, level, trades): (String, String, String) = (row.get(2)?, row.get(6)?, row.get(10)?);
        let held = HeldCard {
            kind: kind(&code)?,
            person: row.get(1)?,
            trades: trades.split_whitespace().map(str::to_owned).collect(),
            level_max: level.chars().next().and_then(Level::from_digit),
            valid_until: row.get(8)?,
            suspended: row.get(9)?,
        };
        let named = NamedCard { id: row.get(0)?, name: row.get(3)?, employer: row.get(4)?, body: row.get(5)?, held };
        Ok((row.get(7)?, named))
    };
    tx.rows(&CARDS, args![to_text(&wanted)?])?.into_iter().map(card).collect()
}

/// Where people are expected in other batches about these days: by person, and by body and name where they have no card.
#[derive(Default)]
pub(super) struct Busy {
    pub persons: HashMap<i64, Vec<Booking>>,
    pub names: HashMap<(i64, String), Vec<Booking>>,
}

pub(super) fn busy(
    tx: &mut Tx<'_>,
    batch: i64,
    (from, until): (Day, Day),
    city: &dyn Fn(&str) -> String,
) -> Result<Busy, DbError> {
    let mut busy = Busy::default();
    for row in tx.rows(&BUSY, args![batch, from, until])? {
        let exams: [Option<Day>; 3] = [row.get(4)?, row.get(5)?, row.get(6)?];
        let days = match part(&row, 3)? {
            Some(Part::Theory) => vec![exams[0]],
            Some(Part::Practical) => vec![exams[1]],
            Some(Part::Comprehensive) => vec![exams[2]],
            None => exams.to_vec(),
        };
        let days = row.get::<Option<Day>>(10)?.map_or(days, |held_on| vec![Some(held_on)]);
        let (body, county, title): (String, String, String) = (row.get(8)?, row.get(7)?, row.get(9)?);
        let bookings =
            days.into_iter().flatten().map(|on| Booking { on, city: city(&county), what: format!("{body}{title}") });
        match row.get::<Option<i64>>(0)? {
            Some(person) => busy.persons.entry(person).or_default().extend(bookings),
            None => busy.names.entry((row.get(2)?, row.get(1)?)).or_default().extend(bookings),
        }
    }
    Ok(busy)
}

/// What ties people to a batch: kin among its candidates, classes that they teach, the body itself.
pub(super) struct Near {
    pub kin: HashMap<i64, Vec<String>>,
    /// The sessions in which candidates of their classes have a place; none where none has one.
    teaching: HashMap<i64, HashSet<Option<i64>>>,
    pub tied: HashMap<i64, String>,
}

impl Near {
    /// Whether somebody teaches a class of the candidates, or of those who sit in these sessions.
    pub fn teaches(&self, person: i64, sessions: &[i64]) -> bool {
        let of = self.teaching.get(&person);
        of.is_some_and(|of| sessions.is_empty() || sessions.iter().any(|session| of.contains(&Some(*session))))
    }
}

pub(super) fn near(tx: &mut Tx<'_>, batch: i64, body: i64) -> Result<Near, DbError> {
    let mut kin: HashMap<i64, Vec<String>> = HashMap::new();
    for row in tx.rows(&KIN, args![batch])? {
        let (relation, shown): (String, String) = (row.get(1)?, row.get(2)?);
        kin.entry(row.get(0)?).or_default().push(format!("{relation}，{shown}"));
    }
    let mut teaching: HashMap<i64, HashSet<Option<i64>>> = HashMap::new();
    for row in tx.rows(&TEACHING, args![batch])? {
        teaching.entry(row.get(0)?).or_default().insert(row.get(1)?);
    }
    let tied = tx.rows(&TIED, args![body])?.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?)));
    Ok(Near { kin, teaching, tied: tied.collect::<Result<_, DbError>>()? })
}

/// Who assessed in the body's batches before this one, the latest first, so many batches.
pub(super) fn before(
    tx: &mut Tx<'_>,
    (body, batch, starts_on): (i64, i64, Day),
    most: usize,
    trade: Option<&str>,
) -> Result<Vec<Vec<i64>>, DbError> {
    let mut args = vec![Value::from(body), Value::from(batch), Value::from(starts_on), Value::from(most as i64)];
    let sql: &Sql = match trade {
        Some(code) => {
            args.push(Value::from(code));
            &BEFORE_OF_TRADE
        }
        None => &BEFORE,
    };
    let mut groups: Vec<(i64, Vec<i64>)> = Vec::new();
    for row in tx.rows(sql, &args)? {
        let (batch, person): (i64, i64) = (row.get(0)?, row.get(1)?);
        match groups.last_mut() {
            Some((last, persons)) if *last == batch => persons.push(person),
            _ => groups.push((batch, vec![person])),
        }
    }
    Ok(groups.into_iter().map(|(_, persons)| persons).collect())
}

/// Somebody to be assigned.
pub(super) struct NewAssigned<'a> {
    pub id: i64,
    pub duty: Duty,
    pub part: Option<Part>,
    pub card: Option<i64>,
    pub name: &'a str,
    pub employer: &'a str,
    pub card_number: &'a str,
    pub teaches: bool,
    pub place: usize,
    pub sessions: &'a [i64],
}

/// Who goes with the reason, who stays with their place, who comes.
pub(super) struct Change<'a> {
    pub batch: i64,
    pub goes: &'a [i64],
    pub stays: &'a [(i64, usize, bool, &'a [i64])],
    pub comes: &'a [NewAssigned<'a>],
    pub reason: &'a str,
    pub on: Day,
    pub by: &'a str,
}

pub(super) fn change(tx: &mut Tx<'_>, change: &Change<'_>) -> Result<(), DbError> {
    let goes: BTreeMap<String, i64> = change.goes.iter().map(|id| (id.to_string(), 1)).collect();
    tx.run(&END, args![to_text(&goes)?, change.on, change.by, change.reason])?;
    let stay =
        |(id, place, teaches, _): &(i64, usize, bool, &[i64])| (id.to_string(), json!([place, i64::from(*teaches)]));
    let stays = to_text(&change.stays.iter().map(stay).collect::<BTreeMap<String, Json>>())?;
    tx.run(&STAY, args![&stays])?;
    tx.run(&LEAVE_GROUPS, args![&stays])?;
    let comes: BTreeMap<String, Json> = change
        .comes
        .iter()
        .map(|one| {
            let part = one.part.map(Part::code).unwrap_or_default();
            let row = json!([
                one.duty.code(),
                part,
                one.card,
                one.name,
                one.employer,
                one.card_number,
                i64::from(one.teaches),
                one.place
            ]);
            (one.id.to_string(), row)
        })
        .collect();
    tx.run(&ADD, args![to_text(&comes)?, change.batch, change.on, change.by])?;
    let stay = change.stays.iter().map(|(id, _, _, sessions)| (*id, *sessions));
    let of = stay.chain(change.comes.iter().map(|one| (one.id, one.sessions)));
    let of = of.flat_map(|(id, sessions)| sessions.iter().map(move |session| [id, *session]));
    let groups: BTreeMap<usize, [i64; 2]> = of.enumerate().collect();
    tx.run(&JOIN_GROUPS, args![to_text(&groups)?]).map(|_| ())
}

pub(super) fn set_at_once(tx: &mut Tx<'_>, batch: i64, at_once: Option<i64>) -> Result<(), DbError> {
    tx.run(&AT_ONCE, args![batch, at_once]).map(|_| ())
}

fn fit_card(row: &Row) -> Result<FitCard, DbError> {
    let (code, level): (String, String) = (row.get(3)?, row.get(4)?);
    let kind = kind(&code)?;
    let level_max = level.chars().next().and_then(Level::from_digit);
    Ok(FitCard {
        card_number: row.get(0)?,
        name: row.get(1)?,
        employer: row.get(2)?,
        kind,
        kind_name: kind.name().to_owned(),
        level_max,
        card_valid_until: row.get(5)?,
    })
}

/// Cards to choose from: assessors of the occupation, those of the body first, its inspectors and those whom a centre may
/// send; valid to the last day and not suspended.
pub(super) fn fit(tx: &mut Tx<'_>, code: &str, until: Day, body: i64) -> Result<Vec<FitCard>, DbError> {
    let mut fit = tx.rows(&FIT, args![code, until, body, FIT_MAX])?;
    fit.append(&mut tx.rows(&FIT_INSPECTORS, args![body, until, FIT_MAX])?);
    fit.iter().map(fit_card).collect()
}

/// A notified batch without examiners, whose last day is not over.
pub(super) struct Unstaffed {
    pub id: i64,
    pub title: String,
    pub trade: String,
    pub level: Level,
    pub first_exam_on: Day,
    pub last_exam_on: Day,
}

pub(super) fn unstaffed(tx: &mut Tx<'_>, body: i64, today: Day) -> Result<Vec<Unstaffed>, DbError> {
    let batch = |row: Row| {
        let exams: [Option<Day>; 3] = [row.get(4)?, row.get(5)?, row.get(6)?];
        let starts_on = row.get(7)?;
        Ok(Unstaffed {
            id: row.get(0)?,
            title: row.get(1)?,
            trade: row.get(2)?,
            level: row.get(3)?,
            first_exam_on: exams.into_iter().flatten().min().unwrap_or(starts_on),
            last_exam_on: exams.into_iter().flatten().max().unwrap_or(starts_on),
        })
    };
    tx.rows(&UNSTAFFED, args![body, today])?.into_iter().map(batch).collect()
}
