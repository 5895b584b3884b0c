//! What standards say otherwise than usual, in the database.

use std::collections::BTreeMap;

use rules::Day;
use rules::certificate::Level;
use rules::result::Part;
use rules::rubric::RubricSet;
use rules::standard::{RuleKey, RulesSet};

use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::store::{from_text, to_text};

crate::statements! {
    INSERT = "INSERT INTO standard_rule (id, code, standard, level, valid_from, rule_values, source, set_on, set_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    OF = "SELECT level, valid_from, rule_values, source, set_on, set_by FROM standard_rule WHERE standard = ?1 AND code = ?2 ORDER BY valid_from, id";
    WITH_RULES = "SELECT code, standard FROM standard_rule UNION SELECT code, standard FROM standard_rubric ORDER BY code, standard LIMIT 500";
    INSERT_RUBRIC = "INSERT INTO standard_rubric (id, code, standard, level, part, valid_from, items, source, set_on, set_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    RUBRICS = "SELECT level, part, valid_from, items, source, set_on, set_by FROM standard_rubric WHERE standard = ?1 AND code = ?2 ORDER BY valid_from, id";
}

/// What was set once, by whom and by what the standard says where.
pub(super) struct Kept {
    pub set: RulesSet,
    pub source: String,
    pub set_on: Day,
    pub set_by: String,
}

impl TryFrom<Row> for Kept {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let digit: String = row.get(0)?;
        let values: BTreeMap<RuleKey, i64> = from_text(&row.get::<String>(2)?)?;
        let level = match digit.chars().next() {
            None => None,
            Some(sign) => Some(Level::from_digit(sign).ok_or_else(|| DbError::stored(format!("level {digit}")))?),
        };
        Ok(Self {
            set: RulesSet { level, from: row.get(1)?, values },
            source: row.get(3)?,
            set_on: row.get(4)?,
            set_by: row.get(5)?,
        })
    }
}

/// Everything that was set for a standard, the earliest day first.
pub(super) fn of(tx: &mut Tx<'_>, code: &str, standard: &str) -> Result<Vec<Kept>, DbError> {
    tx.rows(&OF, args![standard, code])?.into_iter().map(Kept::try_from).collect()
}

/// The standards for which anything was set.
pub(super) fn with_rules(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>, DbError> {
    tx.rows(&WITH_RULES, &[])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// What is to be kept.
pub(super) struct New<'a> {
    pub id: i64,
    pub code: &'a str,
    pub standard: &'a str,
    pub set: &'a RulesSet,
    pub source: &'a str,
    pub on: Day,
    pub by: &'a str,
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &New<'_>) -> Result<(), DbError> {
    let level = new.set.level.map(|level| level.digit().to_string()).unwrap_or_default();
    let values = to_text(&new.set.values)?;
    let row = args![new.id, new.code, new.standard, level, new.set.from, values, new.source, new.on, new.by];
    tx.run(&INSERT, row).map(|_| ())
}

/// A rubric that was set once, and by whom.
pub(super) struct KeptRubric {
    pub set: RubricSet,
    pub set_on: Day,
    pub set_by: String,
}

/// Every rubric that was set for a standard, the earliest day first.
pub(super) fn rubrics(tx: &mut Tx<'_>, code: &str, standard: &str) -> Result<Vec<KeptRubric>, DbError> {
    let kept = |row: Row| {
        let (digit, part): (String, String) = (row.get(0)?, row.get(1)?);
        let level = match digit.chars().next() {
            None => None,
            Some(sign) => Some(Level::from_digit(sign).ok_or_else(|| DbError::stored(format!("level {digit}")))?),
        };
        let part = Part::from_code(&part).ok_or_else(|| DbError::stored(format!("part {part}")))?;
        let items = from_text(&row.get::<String>(3)?)?;
        let set = RubricSet { part, level, from: row.get(2)?, items, source: row.get(4)? };
        Ok(KeptRubric { set, set_on: row.get(5)?, set_by: row.get(6)? })
    };
    tx.rows(&RUBRICS, args![standard, code])?.into_iter().map(kept).collect()
}

pub(super) fn insert_rubric(
    tx: &mut Tx<'_>,
    id: i64,
    (code, standard): (&str, &str),
    set: &RubricSet,
    (on, by): (Day, &str),
) -> Result<(), DbError> {
    let level = set.level.map(|level| level.digit().to_string()).unwrap_or_default();
    let row = args![id, code, standard, level, set.part.code(), set.from, to_text(&set.items)?, &set.source, on, by];
    tx.run(&INSERT_RUBRIC, row).map(|_| ())
}
