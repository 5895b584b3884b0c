//! Filings in the database: the filing itself, its lists, what was given back, who did what, and the entry in the
//! directory that it leads to.

use rules::Day;
use rules::certificate::Level;
use rules::filing::{
    Decision, FilingFacts, FilingStage, MaterialFacts, PersonFacts, PersonKind, SiteFacts, SiteKind, Track, TradeFacts,
};
use rules::major::Major;
use rules::submission::{FilingPart, Snapshot};
use serde::{Deserialize, Serialize};

use super::draft::{BodyForm, ListedPerson, ListedSite};
use super::lists::MajorLine;
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::directory::ledger::{ScopeFact, TermFact};
use crate::door::store::{from_text, to_text};
use crate::door::{FileHash, Scope};

/// Filings with whose they are and who is in charge.
macro_rules! filings {
    ($bound:literal) => {
        concat!(
            "SELECT f.id, f.body, b.name, b.bureau, f.stage, f.opened_on, f.body_form, f.submitted_on, f.accept_due_on, ",
            "f.assessment, f.consent, f.summarised_on, f.ministry_reference, f.ministry_on, f.listed_on, f.number, ",
            "f.valid_from, f.valid_until, f.receipt_on, b.centre, c.name, f.applied_on ",
            "FROM filing f JOIN body b ON b.id = f.body JOIN office c ON c.code = b.centre ",
            $bound
        )
    };
}

crate::statements! {
    // What was announced was never applied for and has no way through the offices.
    FIND = filings!("WHERE f.id = ?1 AND f.origin = 'applied'");
    LIST = filings!("WHERE f.origin = 'applied' AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
        AND (CAST(?4 AS TEXT) IS NULL OR f.stage = ?4) ORDER BY f.id DESC LIMIT 1000");
    WAITING = filings!("WHERE f.origin = 'applied' AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
        AND f.stage <> 'rejected' AND (f.stage <> 'listed' OR f.receipt_on IS NULL) ORDER BY f.id");
    OPEN_OF_BODY = "SELECT stage FROM filing WHERE body = ?1 AND stage NOT IN ('listed', 'rejected') ORDER BY id LIMIT 1";
    HAS_FILED = "SELECT COUNT(*) FROM filing WHERE body = ?1 AND origin = 'applied'";
    OPEN = "INSERT INTO filing (id, body, stage, opened_on, version) VALUES (?1, ?2, 'drafting', ?3, 1)";
    DESCRIBE = "UPDATE filing SET body_form = ?2 WHERE id = ?1";

    TRADES = "SELECT code, name, work_type, level, major, standard, edition, papers, capacity, decision, decision_reason, asks_public, for_public FROM filing_trade WHERE filing = ?1 ORDER BY id";
    CLEAR_TRADES = "DELETE FROM filing_trade WHERE filing = ?1";
    ADD_TRADE = "INSERT INTO filing_trade (id, filing, code, name, work_type, level, major, standard, edition, papers, capacity, asks_public) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    DECIDE_TRADE = "UPDATE filing_trade SET decision = ?5, decision_reason = ?6, for_public = ?7 WHERE filing = ?1 AND code = ?2 AND work_type = ?3 AND level = ?4";
    UNDECIDE = "UPDATE filing_trade SET decision = NULL, decision_reason = NULL, for_public = 0 WHERE filing = ?1";
    PEOPLE = "SELECT kind, name, trade_code, level_max, card_number, card_valid_until FROM filing_person WHERE filing = ?1 ORDER BY id";
    CLEAR_PEOPLE = "DELETE FROM filing_person WHERE filing = ?1";
    ADD_PERSON = "INSERT INTO filing_person (id, filing, kind, name, trade_code, level_max, card_number, card_valid_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    SITES = "SELECT kind, name, trade_code, count, note, days_kept FROM filing_site WHERE filing = ?1 ORDER BY id";
    CLEAR_SITES = "DELETE FROM filing_site WHERE filing = ?1";
    ADD_SITE = "INSERT INTO filing_site (id, filing, kind, name, trade_code, count, note, days_kept) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    MATERIALS = "SELECT m.id, m.code, m.trade_code, m.file, m.name, f.kind, f.size, m.attached_at FROM filing_material m JOIN file f ON f.hash = m.file WHERE m.filing = ?1 ORDER BY m.id";
    ATTACH = "INSERT INTO filing_material (id, filing, code, trade_code, file, name, attached_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    REMOVE = "DELETE FROM filing_material WHERE filing = ?1 AND id = ?2";
    RETURNS = "SELECT returned_on, reasons, account_name, parts, seat FROM filing_return WHERE filing = ?1 ORDER BY id";
    GIVE_BACK = "INSERT INTO filing_return (id, filing, returned_on, reasons, account_name, parts, seat) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    HISTORY = "SELECT act, day, account_name, seat FROM record WHERE subject = 'filing' AND subject_id = ?1 AND refused IS NULL ORDER BY id";

    // What was decided before it was given back is decided anew.
    SUBMITTED = "UPDATE filing SET stage = ?2, submitted_on = ?3, accept_due_on = ?4, applied_on = COALESCE(applied_on, ?3),
        accepted_on = NULL, assessed_on = NULL, assessment = NULL, consented_on = NULL, consent = NULL, summarised_on = NULL WHERE id = ?1";
    SUBMISSIONS = "SELECT no, submitted_on, content, account_name FROM filing_submission WHERE filing = ?1 ORDER BY no DESC LIMIT 2";
    KEEP_SUBMISSION = "INSERT INTO filing_submission (id, filing, no, submitted_on, content, account_name)
        SELECT ?1, ?2, (SELECT COUNT(*) FROM filing_submission WHERE filing = ?2) + 1, ?3, ?4, ?5";
    MOVED = "UPDATE filing SET stage = ?2 WHERE id = ?1";
    ACCEPTED = "UPDATE filing SET stage = ?2, accepted_on = ?3 WHERE id = ?1";
    ASSESSED = "UPDATE filing SET stage = ?2, assessed_on = ?3, assessment = ?4 WHERE id = ?1";
    CONSENTED = "UPDATE filing SET stage = ?2, consented_on = ?3, consent = ?4 WHERE id = ?1";
    SUMMARISED = "UPDATE filing SET stage = ?2, summarised_on = ?3 WHERE id = ?1";
    REPORTED = "UPDATE filing SET stage = ?2, ministry_reference = ?3, ministry_on = ?4 WHERE id = ?1";
    LISTED = "UPDATE filing SET stage = ?2, listed_on = ?3, number = ?4, valid_from = ?5, valid_until = ?6 WHERE id = ?1";
    RECEIPTED = "UPDATE filing SET receipt_on = ?2 WHERE id = ?1";

    PLACE_OF_BODY = "SELECT county, address, head FROM body WHERE id = ?1";
    VALID_SCOPE = "SELECT s.code, s.work_type, s.level, s.valid_until, s.for_public FROM listing l JOIN filing f ON f.id = l.filing AND f.origin = 'applied'
        JOIN listing_scope s ON s.listing = l.id AND s.closed IS NULL WHERE l.body = ?1 AND s.valid_until >= ?2";
    OFFICE_NAME = "SELECT name FROM office WHERE code = ?1";
}

/// A filing as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Filing {
    pub id: i64,
    pub body: i64,
    pub body_name: String,
    pub bureau: Option<String>,
    pub stage: FilingStage,
    pub opened_on: Day,
    pub form: Option<BodyForm>,
    pub submitted_on: Option<Day>,
    pub accept_due_on: Option<Day>,
    pub assessment: Option<String>,
    pub consent: Option<String>,
    pub summarised_on: Option<Day>,
    pub ministry_reference: Option<String>,
    pub ministry_on: Option<Day>,
    pub listed_on: Option<Day>,
    pub number: Option<String>,
    pub valid_from: Option<Day>,
    pub valid_until: Option<Day>,
    pub receipt_on: Option<Day>,
    pub centre: String,
    pub centre_name: String,
    /// The day on which it was first submitted.
    pub applied_on: Option<Day>,
}

impl Filing {
    /// Which way it takes: with a bureau's consent where a bureau is in charge of the place.
    pub fn track(&self) -> Track {
        Track { needs_bureau: self.bureau.is_some() }
    }

    /// Its page.
    pub fn href(&self) -> String {
        format!("/filings/{}", self.id)
    }
}

impl TryFrom<Row> for Filing {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            body: row.get(1)?,
            body_name: row.get(2)?,
            bureau: row.get(3)?,
            stage: known(&row, 4, FilingStage::from_code)?,
            opened_on: row.get(5)?,
            form: row.get::<Option<String>>(6)?.map(|text| from_text(&text)).transpose()?,
            submitted_on: row.get(7)?,
            accept_due_on: row.get(8)?,
            assessment: row.get(9)?,
            consent: row.get(10)?,
            summarised_on: row.get(11)?,
            ministry_reference: row.get(12)?,
            ministry_on: row.get(13)?,
            listed_on: row.get(14)?,
            number: row.get(15)?,
            valid_from: row.get(16)?,
            valid_until: row.get(17)?,
            receipt_on: row.get(18)?,
            centre: row.get(19)?,
            centre_name: row.get(20)?,
            applied_on: row.get(21)?,
        })
    }
}

/// One occupation at one level, as planned and as decided.
#[derive(Debug, Clone)]
pub(super) struct Trade {
    pub code: String,
    pub name: String,
    pub work_type: String,
    pub level: Level,
    pub major: String,
    /// The standard's title without its edition.
    pub standard: String,
    pub edition: Option<i64>,
    pub papers: String,
    pub capacity: i64,
    /// Whether it was found qualified.
    pub passed: Option<bool>,
    pub reason: String,
    /// Whether the body asks for the public, and whether the reviewer agrees (三（四）).
    pub asks_public: bool,
    pub for_public: bool,
}

impl Trade {
    /// The standard as people cite it; empty while not stated.
    pub fn standard_label(&self) -> String {
        match (self.standard.is_empty(), self.edition) {
            (true, _) => String::new(),
            (_, Some(year)) => format!("《{}》（{year}年版）", self.standard),
            _ => format!("《{}》", self.standard),
        }
    }
}

impl TryFrom<Row> for Trade {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            code: row.get(0)?,
            name: row.get(1)?,
            work_type: row.get(2)?,
            level: known(&row, 3, level)?,
            major: row.get(4)?,
            standard: row.get(5)?,
            edition: row.get(6)?,
            papers: row.get(7)?,
            capacity: row.get(8)?,
            passed: row.get::<Option<String>>(9)?.map(|decision| decision == PASSED),
            reason: row.get::<Option<String>>(10)?.unwrap_or_default(),
            asks_public: row.get(11)?,
            for_public: row.get(12)?,
        })
    }
}

const PASSED: &str = "passed";
const REFUSED: &str = "refused";

impl TryFrom<Row> for ListedPerson {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let highest: String = row.get(3)?;
        Ok(Self {
            kind: known(&row, 0, PersonKind::from_code)?,
            name: row.get(1)?,
            trade_code: filled(row.get(2)?),
            level_max: level(&highest),
            card_number: row.get(4)?,
            card_valid_until: row.get(5)?,
        })
    }
}

impl TryFrom<Row> for ListedSite {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            kind: known(&row, 0, SiteKind::from_code)?,
            name: row.get(1)?,
            trade_code: filled(row.get(2)?),
            count: row.get(3)?,
            note: row.get(4)?,
            days_kept: row.get(5)?,
        })
    }
}

/// An attached file.
#[derive(Debug, Clone)]
pub(super) struct Material {
    pub id: i64,
    pub code: String,
    pub trade_code: Option<String>,
    pub file: FileHash,
    pub name: String,
    pub kind: String,
    pub size: i64,
    pub attached_at: i64,
}

impl TryFrom<Row> for Material {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            code: row.get(1)?,
            trade_code: filled(row.get(2)?),
            file: FileHash(row.get(3)?),
            name: row.get(4)?,
            kind: row.get(5)?,
            size: row.get(6)?,
            attached_at: row.get(7)?,
        })
    }
}

/// Once given back.
#[derive(Debug, Clone)]
pub(super) struct Return {
    pub on: Day,
    /// About the whole.
    pub reasons: Vec<String>,
    pub by: String,
    /// About a part or a row of it.
    pub parts: Vec<Reason>,
    pub seat: String,
}

/// A reason about a part, with the words for what it is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Reason {
    pub part: FilingPart,
    pub about: String,
    pub label: String,
    pub text: String,
}

/// What a filing said when it was submitted.
#[derive(Debug, Clone)]
pub(super) struct Submission {
    pub no: i64,
    pub on: Day,
    pub content: Snapshot,
    pub by: String,
}

/// Something done to the filing, as the record says.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub act: String,
    pub on: Day,
    pub who: String,
    pub seat: String,
}

/// A filing with everything in it.
#[derive(Debug, Clone)]
pub(super) struct Dossier {
    pub filing: Filing,
    /// The catalogue of its school.
    pub majors: Vec<MajorLine>,
    pub trades: Vec<Trade>,
    pub people: Vec<ListedPerson>,
    pub sites: Vec<ListedSite>,
    pub materials: Vec<Material>,
}

impl Dossier {
    /// The catalogue of majors as the rules ask for it.
    pub fn catalogue(&self) -> Vec<Major> {
        let major =
            |line: &MajorLine| Major { code: line.code.clone(), name: line.name.clone(), is_main: line.is_main };
        self.majors.iter().map(major).collect()
    }

    /// The facts that the rules ask for.
    pub fn facts(&self) -> FilingFacts {
        FilingFacts {
            body_described: self.filing.form.is_some(),
            majors: self.catalogue(),
            trades: self
                .trades
                .iter()
                .map(|trade| TradeFacts {
                    code: trade.code.clone(),
                    name: trade.name.clone(),
                    work_type: trade.work_type.clone(),
                    level: trade.level,
                    major: trade.major.clone(),
                    standard: trade.standard.clone(),
                    asks_public: trade.asks_public,
                })
                .collect(),
            people: self
                .people
                .iter()
                .map(|person| PersonFacts {
                    kind: person.kind,
                    name: person.name.clone(),
                    trade_code: person.trade_code.clone(),
                    level_max: person.level_max,
                    card_number: person.card_number.clone(),
                    card_valid_until: person.card_valid_until,
                })
                .collect(),
            sites: self
                .sites
                .iter()
                .map(|site| SiteFacts {
                    trade_code: site.trade_code.clone(),
                    kind: site.kind,
                    name: site.name.clone(),
                    count: site.count,
                    note: site.note.clone(),
                    days_kept: site.days_kept,
                })
                .collect(),
            materials: self
                .materials
                .iter()
                .map(|material| MaterialFacts { code: material.code.clone(), trade_code: material.trade_code.clone() })
                .collect(),
        }
    }
}

pub(super) fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<Filing>, DbError> {
    tx.first(&FIND, args![id])?.map(Filing::try_from).transpose()
}

pub(super) fn list(tx: &mut Tx<'_>, scope: &Scope, stage: Option<FilingStage>) -> Result<Vec<Filing>, DbError> {
    let stage = stage.map(FilingStage::code);
    all(tx.rows(&LIST, args![scope.body, scope.centre.clone(), scope.bureau.clone(), stage])?)
}

/// Filings that somebody has to do something about.
pub(super) fn waiting(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<Filing>, DbError> {
    all(tx.rows(&WAITING, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?)
}

pub(super) fn dossier(tx: &mut Tx<'_>, filing: Filing) -> Result<Dossier, DbError> {
    let id = filing.id;
    Ok(Dossier {
        majors: super::lists::majors(tx, filing.body)?,
        trades: trades(tx, id)?,
        people: all(tx.rows(&PEOPLE, args![id])?)?,
        sites: all(tx.rows(&SITES, args![id])?)?,
        materials: materials(tx, id)?,
        filing,
    })
}

pub(super) fn trades(tx: &mut Tx<'_>, filing: i64) -> Result<Vec<Trade>, DbError> {
    all(tx.rows(&TRADES, args![filing])?)
}

pub(super) fn materials(tx: &mut Tx<'_>, filing: i64) -> Result<Vec<Material>, DbError> {
    all(tx.rows(&MATERIALS, args![filing])?)
}

pub(super) fn returns(tx: &mut Tx<'_>, filing: i64) -> Result<Vec<Return>, DbError> {
    let rows = tx.rows(&RETURNS, args![filing])?;
    rows.into_iter()
        .map(|row| {
            let parts: Option<String> = row.get(3)?;
            Ok(Return {
                on: row.get(0)?,
                reasons: from_text(&row.get::<String>(1)?)?,
                by: row.get(2)?,
                parts: parts.map_or_else(|| Ok(Vec::new()), |text| from_text(&text))?,
                seat: row.get::<Option<String>>(4)?.unwrap_or_default(),
            })
        })
        .collect()
}

/// The latest submissions, the last first; two at most.
pub(super) fn submissions(tx: &mut Tx<'_>, filing: i64) -> Result<Vec<Submission>, DbError> {
    let rows = tx.rows(&SUBMISSIONS, args![filing])?;
    rows.into_iter()
        .map(|row| {
            Ok(Submission {
                no: row.get(0)?,
                on: row.get(1)?,
                content: from_text(&row.get::<String>(2)?)?,
                by: row.get(3)?,
            })
        })
        .collect()
}

/// Keeps what a filing says at its submission.
pub(super) fn keep_submission(
    tx: &mut Tx<'_>,
    (id, filing): (i64, i64),
    on: Day,
    content: &Snapshot,
    by: &str,
) -> Result<(), DbError> {
    tx.run(&KEEP_SUBMISSION, args![id, filing, on, to_text(content)?, by]).map(|_| ())
}

pub(super) fn history(tx: &mut Tx<'_>, filing: i64) -> Result<Vec<Step>, DbError> {
    let rows = tx.rows(&HISTORY, args![filing])?;
    rows.into_iter()
        .map(|row| Ok(Step { act: row.get(0)?, on: row.get(1)?, who: row.get(2)?, seat: row.get(3)? }))
        .collect()
}

/// The stage of the filing that the body has under way, if there is one.
pub(super) fn open_of_body(tx: &mut Tx<'_>, body: i64) -> Result<Option<FilingStage>, DbError> {
    tx.first(&OPEN_OF_BODY, args![body])?.map(|row| known(&row, 0, FilingStage::from_code)).transpose()
}

/// Whether the body has ever started a filing.
pub(super) fn has_filed(tx: &mut Tx<'_>, body: i64) -> Result<bool, DbError> {
    Ok(tx.first(&HAS_FILED, args![body])?.map(|row| row.get::<i64>(0)).transpose()?.unwrap_or(0) > 0)
}

pub(super) fn open(tx: &mut Tx<'_>, id: i64, body: i64, today: Day) -> Result<(), DbError> {
    tx.run(&OPEN, args![id, body, today]).map(|_| ())
}

pub(super) fn describe(tx: &mut Tx<'_>, filing: i64, form: &BodyForm) -> Result<(), DbError> {
    tx.run(&DESCRIBE, args![filing, to_text(form)?]).map(|_| ())
}

pub(super) fn replace_trades(
    tx: &mut Tx<'_>,
    filing: i64,
    trades: &[Trade],
    mut new_id: impl FnMut() -> i64,
) -> Result<(), DbError> {
    tx.run(&CLEAR_TRADES, args![filing])?;
    for trade in trades {
        tx.run(
            &ADD_TRADE,
            args![
                new_id(),
                filing,
                &trade.code,
                &trade.name,
                &trade.work_type,
                digit(trade.level),
                &trade.major,
                &trade.standard,
                trade.edition,
                &trade.papers,
                trade.capacity,
                trade.asks_public,
            ],
        )?;
    }
    Ok(())
}

pub(super) fn replace_people(
    tx: &mut Tx<'_>,
    filing: i64,
    people: &[ListedPerson],
    mut new_id: impl FnMut() -> i64,
) -> Result<(), DbError> {
    tx.run(&CLEAR_PEOPLE, args![filing])?;
    for person in people {
        tx.run(
            &ADD_PERSON,
            args![
                new_id(),
                filing,
                person.kind.code(),
                person.name.trim(),
                person.trade_code.as_deref().unwrap_or_default(),
                person.level_max.map(digit).unwrap_or_default(),
                person.card_number.trim(),
                person.card_valid_until,
            ],
        )?;
    }
    Ok(())
}

pub(super) fn replace_sites(
    tx: &mut Tx<'_>,
    filing: i64,
    sites: &[ListedSite],
    mut new_id: impl FnMut() -> i64,
) -> Result<(), DbError> {
    tx.run(&CLEAR_SITES, args![filing])?;
    for site in sites {
        tx.run(
            &ADD_SITE,
            args![
                new_id(),
                filing,
                site.kind.code(),
                site.name.trim(),
                site.trade_code.as_deref().unwrap_or_default(),
                site.count,
                site.note.trim(),
                site.days_kept,
            ],
        )?;
    }
    Ok(())
}

/// A file to attach.
pub(super) struct NewMaterial<'a> {
    pub id: i64,
    pub code: &'a str,
    pub trade_code: &'a str,
    pub file: &'a FileHash,
    pub name: &'a str,
    pub now: i64,
}

pub(super) fn attach(tx: &mut Tx<'_>, filing: i64, new: &NewMaterial<'_>) -> Result<(), DbError> {
    tx.run(&ATTACH, args![new.id, filing, new.code, new.trade_code, &new.file.0, new.name, new.now]).map(|_| ())
}

/// Takes an attached file off the filing; whether there was one.
pub(super) fn remove(tx: &mut Tx<'_>, filing: i64, material: i64) -> Result<bool, DbError> {
    Ok(tx.run(&REMOVE, args![filing, material])? > 0)
}

pub(super) fn submitted(
    tx: &mut Tx<'_>,
    filing: i64,
    stage: FilingStage,
    on: Day,
    accept_due_on: Day,
) -> Result<(), DbError> {
    tx.run(&UNDECIDE, args![filing])?;
    tx.run(&SUBMITTED, args![filing, stage.code(), on, accept_due_on]).map(|_| ())
}

pub(super) fn accepted(tx: &mut Tx<'_>, filing: i64, stage: FilingStage, on: Day) -> Result<(), DbError> {
    tx.run(&ACCEPTED, args![filing, stage.code(), on]).map(|_| ())
}

pub(super) fn given_back(
    tx: &mut Tx<'_>,
    id: i64,
    filing: i64,
    stage: FilingStage,
    back: &Return,
) -> Result<(), DbError> {
    tx.run(&MOVED, args![filing, stage.code()])?;
    tx.run(&GIVE_BACK, args![id, filing, back.on, to_text(&back.reasons)?, &back.by, to_text(&back.parts)?, &back.seat])
        .map(|_| ())
}

pub(super) fn assessed(
    tx: &mut Tx<'_>,
    filing: i64,
    stage: FilingStage,
    on: Day,
    opinion: &str,
    decisions: &[Decision],
) -> Result<(), DbError> {
    for decision in decisions {
        let word = if decision.passed { PASSED } else { REFUSED };
        let (code, work_type, level) = decision.key();
        let row = args![filing, code, work_type, digit(level), word, decision.reason.trim(), decision.for_public];
        tx.run(&DECIDE_TRADE, row)?;
    }
    tx.run(&ASSESSED, args![filing, stage.code(), on, opinion]).map(|_| ())
}

pub(super) fn consented(
    tx: &mut Tx<'_>,
    filing: i64,
    stage: FilingStage,
    on: Day,
    opinion: &str,
) -> Result<(), DbError> {
    tx.run(&CONSENTED, args![filing, stage.code(), on, opinion]).map(|_| ())
}

pub(super) fn summarised(tx: &mut Tx<'_>, filing: i64, stage: FilingStage, on: Day) -> Result<(), DbError> {
    tx.run(&SUMMARISED, args![filing, stage.code(), on]).map(|_| ())
}

pub(super) fn reported(
    tx: &mut Tx<'_>,
    filing: i64,
    stage: FilingStage,
    reference: &str,
    on: Day,
) -> Result<(), DbError> {
    tx.run(&REPORTED, args![filing, stage.code(), reference, on]).map(|_| ())
}

/// The number and the days that an entry bears.
pub(super) struct Validity<'a> {
    pub number: &'a str,
    pub from: Day,
    pub until: Day,
}

pub(super) fn listed(
    tx: &mut Tx<'_>,
    filing: i64,
    stage: FilingStage,
    on: Day,
    validity: &Validity<'_>,
) -> Result<(), DbError> {
    let Validity { number, from, until } = validity;
    tx.run(&LISTED, args![filing, stage.code(), on, *number, *from, *until]).map(|_| ())
}

pub(super) fn receipted(tx: &mut Tx<'_>, filing: i64, on: Day) -> Result<(), DbError> {
    tx.run(&RECEIPTED, args![filing, on]).map(|_| ())
}

/// What the directory says of the body of a filing, as it is known now.
pub(super) fn term_fact(tx: &mut Tx<'_>, filing: &Filing) -> Result<TermFact, DbError> {
    let row = tx.first(&PLACE_OF_BODY, args![filing.body])?.ok_or_else(|| DbError::stored("a body is gone"))?;
    let form = filing.form.as_ref();
    let told = |text: Option<&String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(TermFact {
        name: filing.body_name.clone(),
        county: row.get(0)?,
        address: told(form.map(|form| &form.address)).map_or_else(|| row.get(1), Ok)?,
        responsible: told(form.map(|form| &form.head)).map_or_else(|| row.get(2), Ok)?,
        centre: filing.centre.clone(),
    })
}

/// What the filing brings into the directory: everything that was found qualified.
pub(super) fn scope_facts(tx: &mut Tx<'_>, filing: i64) -> Result<Vec<ScopeFact>, DbError> {
    let trades = trades(tx, filing)?.into_iter().filter(|trade| trade.passed == Some(true));
    Ok(trades
        .map(|trade| ScopeFact {
            filing,
            code: trade.code,
            name: trade.name,
            work_type: trade.work_type,
            level: trade.level,
            standard: trade.standard,
            edition: trade.edition,
            for_public: trade.for_public,
        })
        .collect())
}

/// A row of the directory: code, work type, level, last day, whether for the public.
type ScopeRow = (String, String, Level, Day, bool);

/// What the body has in the directory on a day by its own filing.
pub(super) fn valid_scope(tx: &mut Tx<'_>, body: i64, on: Day) -> Result<Vec<ScopeRow>, DbError> {
    let rows = tx.rows(&VALID_SCOPE, args![body, on])?;
    let scope = |row: Row| Ok((row.get(0)?, row.get(1)?, known(&row, 2, level)?, row.get(3)?, row.get(4)?));
    rows.into_iter().map(scope).collect()
}

/// The name of an office; its code while it has none.
pub(super) fn office_name(tx: &mut Tx<'_>, code: &str) -> Result<String, DbError> {
    tx.first(&OFFICE_NAME, args![code])?.map_or_else(|| Ok(code.to_owned()), |row| row.get(0))
}

fn all<T: TryFrom<Row, Error = DbError>>(rows: Vec<Row>) -> Result<Vec<T>, DbError> {
    rows.into_iter().map(T::try_from).collect()
}

/// A column that holds one of a list of code words.
fn known<T>(row: &Row, index: usize, read: impl Fn(&str) -> Option<T>) -> Result<T, DbError> {
    let text: String = row.get(index)?;
    read(&text).ok_or_else(|| DbError::stored(format!("unknown code word {text}")))
}

fn level(text: &str) -> Option<Level> {
    text.chars().next().and_then(Level::from_digit)
}

fn digit(level: Level) -> String {
    level.digit().to_string()
}

fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
