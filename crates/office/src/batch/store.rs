//! Batches in the database, the filed scope that they stay within, and who did what in them.

use std::collections::BTreeMap;

use rules::Day;
use rules::batch::change::{Progress, Told};
use rules::batch::{Audience, BatchStage, OwnMeans, Plan, ScopeEntry};
use rules::certificate::Level;
use rules::cooperation::{CooperationState, Identity};
use rules::directory::ChangeKind;
use rules::filing::SiteKind;
use rules::jurisdiction::BodyKind;
use rules::standard::Rules;
use rules::year_plan::FiledTrade;

use super::{BatchLine, Counts, StopView, VersionKind};
use crate::args;
use crate::db::{DbError, Row, Sql, Tx};
use crate::door::Scope;
use crate::door::store::to_text;

/// Batches on one page of a list.
pub(super) const PAGE: i64 = 50;

crate::statements! {
    FILED = "SELECT l.id, s.code, s.name, s.level, s.standard, s.edition, s.valid_from, s.valid_until, s.work_type,
        CASE WHEN k.kind IN ('dropped', 'withdrawn', 'exited', 'stopped') THEN k.kind END, l.number, s.for_public
      FROM listing l JOIN listing_scope s ON s.listing = l.id AND s.closed IS NULL JOIN listing_change k ON k.seq = s.opened
      WHERE l.body = ?1 ORDER BY s.code, s.level DESC, s.valid_until DESC, l.id DESC";
    INSERT = "INSERT INTO batch (id, number, body, listing, stage, title, code, trade, level, standard, edition, notified_on, starts_on, ends_on, theory_on, practical_on, comprehensive_on, theory_place, practical_place, expected, plan, plan_file, work_type, cooperation, audience, organiser, responsible, rules, version)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, 1)";
    FIND = "SELECT t.id, t.number, t.body, b.name, b.centre, o.name, t.listing, t.stage, t.title, t.code, t.trade, t.level, t.standard, t.edition, t.notified_on, t.starts_on, t.ends_on, t.theory_on, t.practical_on, t.comprehensive_on, t.theory_place, t.practical_place, t.expected, t.plan, t.plan_file, t.cancelled_on, t.cancel_reason, t.posted_on, t.ends_publicity_on, t.closed_on, t.report_due_on, t.work_type, t.organiser, t.responsible, l.number, b.kind, t.cooperation, k.state, s.id, s.name, t.audience, t.stopped_on, t.rules, t.scheme, z.kind, z.subject, z.proposed_on
      FROM batch t JOIN body b ON b.id = t.body JOIN office o ON o.code = b.centre JOIN listing l ON l.id = t.listing
      LEFT JOIN cooperation k ON k.id = t.cooperation LEFT JOIN body s ON s.id = k.school LEFT JOIN scheme z ON z.id = t.scheme WHERE t.id = ?1";
    LIST = "SELECT t.id, t.number, t.title, b.name, t.trade, t.level, t.stage, t.starts_on, t.ends_on, t.expected,
        (SELECT count(*) FROM candidate c WHERE c.batch = t.id AND c.withdrawn_on IS NULL), COALESCE(s.name, ''), t.audience
      FROM batch t JOIN body b ON b.id = t.body LEFT JOIN cooperation k ON k.id = t.cooperation LEFT JOIN body s ON s.id = k.school
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
        AND (CAST(?4 AS TEXT) IS NULL OR t.stage = ?4) AND (CAST(?5 AS BIGINT) IS NULL OR t.body = ?5)
      ORDER BY t.starts_on DESC, t.id DESC LIMIT ?6 OFFSET ?7";
    COUNT = "SELECT count(*) FROM batch t JOIN body b ON b.id = t.body
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
        AND (CAST(?4 AS TEXT) IS NULL OR t.stage = ?4) AND (CAST(?5 AS BIGINT) IS NULL OR t.body = ?5)";
    BODIES = "SELECT DISTINCT b.id, b.name FROM batch t JOIN body b ON b.id = t.body
      WHERE (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      ORDER BY b.name";
    UNFINISHED = "SELECT t.id, b.name, t.title, t.trade, t.level, t.starts_on, t.theory_on, t.practical_on, t.comprehensive_on, t.expected,
        (SELECT count(*) FROM candidate c WHERE c.batch = t.id AND c.withdrawn_on IS NULL)
      FROM batch t JOIN body b ON b.id = t.body
      WHERE t.stage = 'notified' AND t.ends_on >= ?4
        AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      ORDER BY t.starts_on, t.id LIMIT 50";
    // Marked: every part has an outcome, or the verdict is settled without (a violation).
    COUNTS = "SELECT count(*) FILTER (WHERE c.withdrawn_on IS NULL), count(*) FILTER (WHERE c.withdrawn_on IS NOT NULL),
        count(*) FILTER (WHERE c.withdrawn_on IS NULL AND c.photo IS NOT NULL),
        count(*) FILTER (WHERE c.withdrawn_on IS NULL AND (c.verdict <> 'pending' OR (SELECT count(*) FROM mark m WHERE m.candidate = c.id) >= ?2)),
        count(*) FILTER (WHERE c.withdrawn_on IS NULL AND c.verdict = 'passed'), count(*) FILTER (WHERE c.withdrawn_on IS NULL AND c.held = 1),
        count(*) FILTER (WHERE c.report IS NOT NULL AND c.verdict = 'passed'), count(*) FILTER (WHERE c.given_up_on IS NULL AND c.review = 'approved'),
        count(*) FILTER (WHERE c.given_up_on IS NULL AND c.review = 'returned'), count(*) FILTER (WHERE c.given_up_on IS NOT NULL),
        count(*) FILTER (WHERE c.certificate IS NOT NULL),
        count(*) FILTER (WHERE c.withdrawn_on IS NULL AND EXISTS (SELECT 1 FROM mark m WHERE m.candidate = c.id AND m.confirmed_at IS NULL))
      FROM candidate c WHERE c.batch = ?1";
    DONE = "SELECT r.act, r.day, r.account_name, r.seat FROM record r
      JOIN (SELECT max(id) AS id FROM record WHERE subject = 'batch' AND subject_id = ?1 AND refused IS NULL GROUP BY act) l ON l.id = r.id";
    MARKS = "SELECT count(*) FROM mark m JOIN candidate c ON c.id = m.candidate WHERE c.batch = ?1 AND c.withdrawn_on IS NULL AND m.source <> 'kept'";
    OWN_SITES = "SELECT DISTINCT s.kind, s.name, s.trade_code FROM filing_site s JOIN filing f ON f.id = s.filing
      WHERE f.body = ?1 AND f.stage = 'listed' AND s.kind IN ('theory_room', 'practical_station', 'equipment') ORDER BY s.kind, s.name, s.trade_code";
    NEW_ROOMS = "SELECT value FROM body_change WHERE body = ?1 AND matter = 'rooms' AND state = 'approved' ORDER BY id";
    OWN_STAFF = "SELECT DISTINCT p.name FROM filing_person p JOIN filing f ON f.id = p.filing WHERE f.body = ?1 AND f.stage = 'listed' AND p.kind = 'full_time' ORDER BY p.name";
    BODY = "SELECT name, head FROM body WHERE id = ?1";
    CHANGE = "UPDATE batch SET stage = ?2, listing = ?3, code = ?4, trade = ?5, work_type = ?6, level = ?7, standard = ?8, edition = ?9, starts_on = ?10, ends_on = ?11, theory_on = ?12, practical_on = ?13, comprehensive_on = ?14, theory_place = ?15, practical_place = ?16, expected = ?17, plan = ?18, plan_file = ?19, cooperation = ?20, audience = ?21, organiser = ?22, responsible = ?23, rules = ?24 WHERE id = ?1";
    SET_STAGE = "UPDATE batch SET stage = ?2 WHERE id = ?1";
    KEEP_VERSION = "INSERT INTO batch_version (batch, no, kind, told_on, told_by, reason, counted, code, trade, work_type, level, standard, starts_on, ends_on, theory_on, practical_on, comprehensive_on, theory_place, practical_place, expected, plan, plan_file, responsible, audience, cooperation, scheme)
      SELECT t.id, 1 + (SELECT count(*) FROM batch_version v WHERE v.batch = t.id), CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT), CAST(?5 AS TEXT), CAST(?6 AS BIGINT), t.code, t.trade, t.work_type, t.level, t.standard, t.starts_on, t.ends_on, t.theory_on, t.practical_on, t.comprehensive_on, t.theory_place, t.practical_place, t.expected, t.plan, t.plan_file, t.responsible, t.audience, t.cooperation, t.scheme
      FROM batch t WHERE t.id = ?1";
    VERSIONS_COUNT = "SELECT count(*) FROM batch_version WHERE batch = ?1";
    VERSIONS = "SELECT v.no, v.kind, v.told_on, v.told_by, v.reason, v.counted, v.code, v.trade, v.work_type, v.level, v.standard, v.starts_on, v.ends_on, v.theory_on, v.practical_on, v.comprehensive_on, v.theory_place, v.practical_place, v.expected, v.plan, v.plan_file, v.responsible, v.audience, COALESCE(s.name, ''), z.kind, z.subject, z.proposed_on
      FROM batch_version v LEFT JOIN cooperation k ON k.id = v.cooperation LEFT JOIN body s ON s.id = k.school LEFT JOIN scheme z ON z.id = v.scheme WHERE v.batch = ?1 ORDER BY v.no";
    REGISTERED = "SELECT count(*) FROM candidate WHERE batch = ?1 AND withdrawn_on IS NULL";
    STOP = "INSERT INTO batch_stop (id, batch, stopped_on, stopped_by, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
    SET_STOPPED = "UPDATE batch SET stopped_on = ?2 WHERE id = ?1";
    LIFT = "UPDATE batch_stop SET lifted_on = ?2, lifted_by = ?3, lift_reason = ?4, ended = ?5 WHERE batch = ?1 AND lifted_on IS NULL";
    SET_REPORT_DUE = "UPDATE batch SET report_due_on = ?2 WHERE id = ?1";
    STOPS = "SELECT stopped_on, stopped_by, reason, lifted_on, lifted_by, lift_reason, ended FROM batch_stop WHERE batch = ?1 ORDER BY id";
    CANCEL = "UPDATE batch SET stage = ?2, cancelled_on = ?3, cancel_reason = ?4 WHERE id = ?1";
}

/// A batch as notified, and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub id: i64,
    /// `PC2026-0001`, unique in the province.
    pub number: String,
    pub body: i64,
    pub body_name: String,
    /// Code of the centre in charge.
    pub centre: String,
    pub centre_name: String,
    pub listing: i64,
    pub stage: BatchStage,
    /// `2026年第3批`, counted by body and year.
    pub title: String,
    /// Occupation code.
    pub code: String,
    /// The occupation's name as filed.
    pub trade: String,
    /// Blank for the whole occupation.
    pub work_type: String,
    pub level: Level,
    pub standard: String,
    pub notified_on: Day,
    pub starts_on: Day,
    pub ends_on: Day,
    pub theory_on: Day,
    pub practical_on: Day,
    pub comprehensive_on: Option<Day>,
    pub theory_place: String,
    pub practical_place: String,
    pub expected: i64,
    pub plan_text: String,
    pub plan_file: Option<String>,
    pub cancelled_on: Option<Day>,
    pub cancel_reason: Option<String>,
    pub posted_on: Option<Day>,
    pub ends_publicity_on: Option<Day>,
    pub closed_on: Option<Day>,
    pub report_due_on: Option<Day>,
    /// The body that organises it (三（三）).
    pub organiser: String,
    /// Who is responsible for it; blank in batches that were notified before it was asked for.
    pub responsible: String,
    /// The filing number under which it is held.
    pub body_number: String,
    /// As what the body holds it.
    pub identity: Identity,
    /// The cooperation that it rests on, for those who have no own students.
    pub cooperation: Option<BatchCooperation>,
    pub audience: Audience,
    /// Since when it is stopped by its centre.
    pub stopped_on: Option<Day>,
    /// By what its standard has it examined (一（四）), as it was when the batch was notified.
    pub rules: Rules,
    /// The approved scheme that it names (一（五）2, 3).
    pub scheme: Option<i64>,
    /// As people call it; blank without one.
    pub scheme_name: String,
}

/// For whose students a batch is held.
#[derive(Debug, Clone)]
pub(crate) struct BatchCooperation {
    pub id: i64,
    pub state: CooperationState,
    pub school: i64,
    pub school_name: String,
}

impl Batch {
    /// The body whose enrolment register says who may be examined.
    pub(crate) fn students_of(&self) -> i64 {
        self.cooperation.as_ref().map_or(self.body, |cooperation| cooperation.school)
    }

    /// What was notified, as `rules` asks for it.
    pub(crate) fn plan(&self) -> Plan {
        Plan {
            code: self.code.clone(),
            level: self.level,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            theory_on: self.theory_on,
            practical_on: self.practical_on,
            comprehensive_on: self.comprehensive_on,
            expected: self.expected,
            standard: self.standard.clone(),
            places: format!("{}；{}", self.theory_place, self.practical_place),
            work_plan: self.plan_file.clone().unwrap_or_else(|| self.plan_text.clone()),
        }
    }

    /// What was told of it, to be compared with what is told next.
    pub(super) fn told(&self) -> Told {
        Told {
            plan: self.plan(),
            trade: self.trade.clone(),
            work_type: self.work_type.clone(),
            theory_place: self.theory_place.clone(),
            practical_place: self.practical_place.clone(),
            responsible: self.responsible.clone(),
            audience: self.audience,
            school: self.cooperation.as_ref().map(|one| one.school_name.clone()).unwrap_or_default(),
            scheme: self.scheme_name.clone(),
        }
    }

    /// As people call it: `2026年第3批，电子商务师四级/中级工`.
    pub(crate) fn name(&self) -> String {
        format!("{}，{}{}", self.title, self.trade, self.level.name())
    }
}

impl TryFrom<Row> for Batch {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let edition: Option<i64> = row.get(13)?;
        Ok(Self {
            id: row.get(0)?,
            number: row.get(1)?,
            body: row.get(2)?,
            body_name: row.get(3)?,
            centre: row.get(4)?,
            centre_name: row.get(5)?,
            listing: row.get(6)?,
            stage: stage(&row, 7)?,
            title: row.get(8)?,
            code: row.get(9)?,
            trade: row.get(10)?,
            level: row.get(11)?,
            standard: row.get(12)?,
            notified_on: row.get(14)?,
            starts_on: row.get(15)?,
            ends_on: row.get(16)?,
            theory_on: row.get(17)?,
            practical_on: row.get(18)?,
            comprehensive_on: row.get(19)?,
            theory_place: row.get(20)?,
            practical_place: row.get(21)?,
            expected: row.get(22)?,
            plan_text: row.get(23)?,
            plan_file: row.get(24)?,
            cancelled_on: row.get(25)?,
            cancel_reason: row.get(26)?,
            posted_on: row.get(27)?,
            ends_publicity_on: row.get(28)?,
            closed_on: row.get(29)?,
            report_due_on: row.get(30)?,
            work_type: row.get(31)?,
            organiser: row.get(32)?,
            responsible: row.get(33)?,
            identity: identity(&row, (34, 35))?,
            body_number: row.get(34)?,
            cooperation: row.get::<Option<i64>>(36)?.map(|id| cooperation(&row, id)).transpose()?,
            audience: audience(&row, 40)?,
            stopped_on: row.get(41)?,
            rules: crate::standard::kept(row.get(42)?, edition)?,
            scheme: row.get(43)?,
            scheme_name: scheme_name(&row, 44)?,
        })
    }
}

/// The scheme whose kind, subject and day stand from this column on, as people call it; blank without one.
fn scheme_name(row: &Row, from: usize) -> Result<String, DbError> {
    let Some(kind) = row.get::<Option<String>>(from)? else { return Ok(String::new()) };
    let subject: String = row.get(from + 1)?;
    crate::scheme::called(&kind, &subject, row.get(from + 2)?)
}

fn identity(row: &Row, (number, kind): (usize, usize)) -> Result<Identity, DbError> {
    let (number, kind): (String, String) = (row.get(number)?, row.get(kind)?);
    let letter = number.chars().next().unwrap_or('Y');
    let kind = BodyKind::from_code(&kind).ok_or_else(|| DbError::stored(format!("body kind {kind}")))?;
    Ok(Identity::of(kind, letter))
}

fn cooperation(row: &Row, id: i64) -> Result<BatchCooperation, DbError> {
    let state: String = row.get(37)?;
    let state = CooperationState::from_code(&state).ok_or_else(|| DbError::stored(format!("cooperation {state}")))?;
    Ok(BatchCooperation { id, state, school: row.get(38)?, school_name: row.get(39)? })
}

fn audience(row: &Row, index: usize) -> Result<Audience, DbError> {
    let code: String = row.get(index)?;
    Audience::from_code(&code).ok_or_else(|| DbError::stored(format!("audience {code}")))
}

fn stage(row: &Row, index: usize) -> Result<BatchStage, DbError> {
    let code: String = row.get(index)?;
    BatchStage::from_code(&code).ok_or_else(|| DbError::stored(format!("batch stage {code}")))
}

/// The batch with this id.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<Batch>, DbError> {
    tx.first(&FIND, args![id])?.map(Batch::try_from).transpose()
}

/// An occupation and level that a body has on file, with the listing it stands in.
#[derive(Clone)]
pub(super) struct Filed {
    pub listing: i64,
    pub trade: String,
    pub work_type: String,
    /// Title and edition of the standard that was filed; blank where none was named.
    pub standard: String,
    pub edition: Option<i16>,
    pub scope: ScopeEntry,
    /// The filing number that it is filed under.
    pub number: String,
    pub for_public: bool,
}

impl Filed {
    /// The letter of its filing number.
    pub fn letter(&self) -> char {
        self.number.chars().next().unwrap_or('Y')
    }
}

impl TryFrom<Row> for Filed {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            listing: row.get(0)?,
            trade: row.get(2)?,
            work_type: row.get(8)?,
            standard: row.get(4)?,
            edition: row.get::<Option<i64>>(5)?.and_then(|year| year.try_into().ok()),
            scope: ScopeEntry {
                code: row.get(1)?,
                level: row.get(3)?,
                from: row.get(6)?,
                until: row.get(7)?,
                cut: row.get::<Option<String>>(9)?.and_then(|kind| ChangeKind::from_code(&kind)),
            },
            number: row.get(10)?,
            for_public: row.get(11)?,
        })
    }
}

/// What a body has, had and will have on file.
pub(super) fn filed(tx: &mut Tx<'_>, body: i64) -> Result<Vec<Filed>, DbError> {
    tx.rows(&FILED, args![body])?.into_iter().map(Filed::try_from).collect()
}

/// A notice of a batch to be kept.
pub(super) struct NewNotice<'a> {
    pub listing: i64,
    pub trade: &'a str,
    pub work_type: &'a str,
    pub edition: Option<i16>,
    pub plan: &'a Plan,
    pub theory_place: &'a str,
    pub practical_place: &'a str,
    pub organiser: &'a str,
    pub responsible: &'a str,
    pub plan_text: &'a str,
    pub plan_file: Option<&'a str>,
    pub cooperation: Option<i64>,
    pub audience: Audience,
    pub rules: &'a Rules,
}

/// Keeps a new batch, with its number and title, as it was notified.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    (id, number, title): (i64, &str, &str),
    body: i64,
    new: &NewNotice<'_>,
    today: Day,
) -> Result<(), DbError> {
    let plan = new.plan;
    tx.run(
        &INSERT,
        args![
            id,
            number,
            body,
            new.listing,
            BatchStage::Notified.code(),
            title,
            &plan.code,
            new.trade,
            plan.level.digit().to_string(),
            &plan.standard,
            new.edition.map(i64::from),
            today,
            plan.starts_on,
            plan.ends_on,
            plan.theory_on,
            plan.practical_on,
            plan.comprehensive_on,
            new.theory_place,
            new.practical_place,
            plan.expected,
            new.plan_text,
            new.plan_file,
            new.work_type,
            new.cooperation,
            new.audience.code(),
            new.organiser,
            new.responsible,
            to_text(new.rules)?,
        ],
    )
    .map(|_| ())
}

/// Puts another notice in the place of the one that held.
pub(super) fn change(tx: &mut Tx<'_>, id: i64, stage: BatchStage, new: &NewNotice<'_>) -> Result<(), DbError> {
    let plan = new.plan;
    tx.run(
        &CHANGE,
        args![
            id,
            stage.code(),
            new.listing,
            &plan.code,
            new.trade,
            new.work_type,
            plan.level.digit().to_string(),
            &plan.standard,
            new.edition.map(i64::from),
            plan.starts_on,
            plan.ends_on,
            plan.theory_on,
            plan.practical_on,
            plan.comprehensive_on,
            new.theory_place,
            new.practical_place,
            plan.expected,
            new.plan_text,
            new.plan_file,
            new.cooperation,
            new.audience.code(),
            new.organiser,
            new.responsible,
            to_text(new.rules)?,
        ],
    )
    .map(|_| ())
}

pub(super) fn set_stage(tx: &mut Tx<'_>, id: i64, stage: BatchStage) -> Result<(), DbError> {
    tx.run(&SET_STAGE, args![id, stage.code()]).map(|_| ())
}

/// Keeps what the batch says now as its next version; the number of that.
pub(super) fn keep_version(
    tx: &mut Tx<'_>,
    id: i64,
    (kind, counted): (VersionKind, bool),
    (on, by): (Day, &str),
    reason: &str,
) -> Result<i64, DbError> {
    tx.run(&KEEP_VERSION, args![id, kind.code(), on, by, reason, i64::from(counted)])?;
    versions_count(tx, id)
}

/// How many versions a batch has.
pub(super) fn versions_count(tx: &mut Tx<'_>, id: i64) -> Result<i64, DbError> {
    tx.first(&VERSIONS_COUNT, args![id])?.map_or(Ok(0), |row| row.get(0))
}

/// A version as it was told.
pub(super) struct Version {
    pub no: i64,
    pub kind: VersionKind,
    pub on: Day,
    pub by: String,
    pub reason: String,
    pub counted: bool,
    pub told: Told,
}

impl TryFrom<Row> for Version {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let kind: String = row.get(1)?;
        let (theory_place, practical_place): (String, String) = (row.get(16)?, row.get(17)?);
        let (plan_text, plan_file): (String, Option<String>) = (row.get(19)?, row.get(20)?);
        Ok(Self {
            no: row.get(0)?,
            kind: VersionKind::from_code(&kind).ok_or_else(|| DbError::stored(format!("version {kind}")))?,
            on: row.get(2)?,
            by: row.get(3)?,
            reason: row.get(4)?,
            counted: row.get::<i64>(5)? == 1,
            told: Told {
                plan: Plan {
                    code: row.get(6)?,
                    level: row.get(9)?,
                    standard: row.get(10)?,
                    starts_on: row.get(11)?,
                    ends_on: row.get(12)?,
                    theory_on: row.get(13)?,
                    practical_on: row.get(14)?,
                    comprehensive_on: row.get(15)?,
                    expected: row.get(18)?,
                    places: format!("{theory_place}；{practical_place}"),
                    work_plan: plan_file.unwrap_or(plan_text),
                },
                trade: row.get(7)?,
                work_type: row.get(8)?,
                theory_place,
                practical_place,
                responsible: row.get(21)?,
                audience: audience(&row, 22)?,
                school: row.get(23)?,
                scheme: scheme_name(&row, 24)?,
            },
        })
    }
}

/// Every version of a batch, the first first.
pub(super) fn versions(tx: &mut Tx<'_>, id: i64) -> Result<Vec<Version>, DbError> {
    tx.rows(&VERSIONS, args![id])?.into_iter().map(Version::try_from).collect()
}

/// How far a batch has come, as `rules` asks before it changes.
pub(super) fn progress(tx: &mut Tx<'_>, batch: &Batch) -> Result<Progress, DbError> {
    let row = tx.first(&REGISTERED, args![batch.id])?.ok_or_else(|| DbError::stored("a count gave nothing"))?;
    Ok(Progress {
        stage: batch.stage,
        first_exam_on: batch.plan().first_exam_on(),
        registered: row.get(0)?,
        marks: marks(tx, batch.id)?,
    })
}

/// Stops a batch.
pub(super) fn stop(
    tx: &mut Tx<'_>,
    (id, batch): (i64, i64),
    (on, by): (Day, &str),
    reason: &str,
) -> Result<(), DbError> {
    tx.run(&STOP, args![id, batch, on, by, reason])?;
    tx.run(&SET_STOPPED, args![batch, Some(on)]).map(|_| ())
}

/// Lifts the stop of a batch, or notes that it was ended.
pub(super) fn lift(
    tx: &mut Tx<'_>,
    batch: i64,
    (on, by): (Day, &str),
    reason: &str,
    ended: bool,
) -> Result<(), DbError> {
    tx.run(&LIFT, args![batch, on, by, reason, i64::from(ended)])?;
    tx.run(&SET_STOPPED, args![batch, None::<Day>]).map(|_| ())
}

pub(super) fn set_report_due(tx: &mut Tx<'_>, batch: i64, due_on: Option<Day>) -> Result<(), DbError> {
    tx.run(&SET_REPORT_DUE, args![batch, due_on]).map(|_| ())
}

/// Every stop of a batch, the first first.
pub(super) fn stops(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<StopView>, DbError> {
    let rows = tx.rows(&STOPS, args![batch])?;
    rows.into_iter()
        .map(|row| {
            Ok(StopView {
                stopped_on: row.get(0)?,
                stopped_by: row.get(1)?,
                reason: row.get(2)?,
                lifted_on: row.get(3)?,
                lifted_by: row.get(4)?,
                lift_reason: row.get(5)?,
                ended: row.get::<i64>(6)? == 1,
            })
        })
        .collect()
}

/// An occupation, work type and level that a body has on file, for the plan of a year.
pub(crate) struct FiledScope {
    pub trade: String,
    pub filed: FiledTrade,
}

/// What a body has, had and will have on file.
pub(crate) fn filed_scopes(tx: &mut Tx<'_>, body: i64) -> Result<Vec<FiledScope>, DbError> {
    let filed = filed(tx, body)?.into_iter();
    Ok(filed
        .map(|one| FiledScope { trade: one.trade, filed: FiledTrade { scope: one.scope, work_type: one.work_type } })
        .collect())
}

/// What a body has on file of its own.
pub(super) struct Filings {
    pub name: String,
    /// Who is responsible for the body's assessments.
    pub head: String,
    /// Full-time staff, whoever is responsible first; empty where none was asked for.
    pub staff: Vec<String>,
    /// Kind, name, and the occupation that it serves; blank for all of them.
    sites: Vec<(SiteKind, String, String)>,
    /// Rooms that were approved later serve whatever was filed.
    new_rooms: Vec<String>,
}

impl Filings {
    /// What serves an occupation.
    pub fn means(&self, code: &str) -> OwnMeans {
        let serving = |theory: bool| {
            let fits = |(kind, _, trade): &&(SiteKind, String, String)| {
                (*kind == SiteKind::TheoryRoom) == theory && (trade.is_empty() || trade == code)
            };
            let mut names = super::each_once(self.sites.iter().filter(fits).map(|(_, name, _)| name));
            if !names.is_empty() {
                names.extend_from_slice(&self.new_rooms);
            }
            names
        };
        OwnMeans { name: self.name.clone(), staff: self.staff.clone(), rooms: serving(true), stations: serving(false) }
    }
}

pub(super) fn filings(tx: &mut Tx<'_>, body: i64) -> Result<Filings, DbError> {
    let row = tx.first(&BODY, args![body])?.ok_or_else(|| DbError::stored(format!("body {body}")))?;
    let (name, head): (String, String) = (row.get(0)?, row.get(1)?);
    let sites = tx.rows(&OWN_SITES, args![body])?.into_iter().map(|row| {
        let kind: String = row.get(0)?;
        let kind = SiteKind::from_code(&kind).ok_or_else(|| DbError::stored(format!("site kind {kind}")))?;
        Ok((kind, row.get(1)?, row.get(2)?))
    });
    let sites = sites.collect::<Result<_, DbError>>()?;
    let mut column = |sql: &Sql| -> Result<Vec<String>, DbError> {
        tx.rows(sql, args![body])?.into_iter().map(|row| row.get(0)).collect()
    };
    let (new_rooms, mut staff) = (column(&NEW_ROOMS)?, column(&OWN_STAFF)?);
    if !staff.is_empty() && !staff.contains(&head) {
        staff.insert(0, head.clone());
    }
    Ok(Filings { name, head, staff, sites, new_rooms })
}

/// How many marks the persons of a batch have.
pub(super) fn marks(tx: &mut Tx<'_>, batch: i64) -> Result<i64, DbError> {
    tx.first(&MARKS, args![batch])?.map_or(Ok(0), |row| row.get(0))
}

pub(super) fn cancel(tx: &mut Tx<'_>, id: i64, stage: BatchStage, today: Day, reason: &str) -> Result<(), DbError> {
    tx.run(&CANCEL, args![id, stage.code(), today, reason]).map(|_| ())
}

/// One page of the batches within a scope, and how many there are in all.
pub(super) fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    stage: Option<BatchStage>,
    body: Option<i64>,
    page: i64,
) -> Result<(Vec<BatchLine>, i64), DbError> {
    let stage = stage.map(BatchStage::code);
    let (centre, bureau) = (scope.centre.as_deref(), scope.bureau.as_deref());
    let rows = tx.rows(&LIST, args![scope.body, centre, bureau, stage, body, PAGE, page * PAGE])?;
    let total = tx.first(&COUNT, args![scope.body, centre, bureau, stage, body])?;
    let total = total.map_or(Ok(0), |row| row.get(0))?;
    let lines = rows.into_iter().map(|row| {
        let (level, stage) = (row.get::<Level>(5)?, self::stage(&row, 6)?);
        Ok(BatchLine {
            id: row.get(0)?,
            number: row.get(1)?,
            title: row.get(2)?,
            body_name: row.get(3)?,
            trade: row.get(4)?,
            level,
            level_name: level.name().to_owned(),
            stage,
            stage_name: stage.name().to_owned(),
            starts_on: row.get(7)?,
            ends_on: row.get(8)?,
            expected: row.get(9)?,
            registered: row.get(10)?,
            school_name: row.get(11)?,
            audience: audience(&row, 12)?,
        })
    });
    Ok((lines.collect::<Result<_, DbError>>()?, total))
}

/// Bodies within a scope that have batches: id and name.
pub(super) fn bodies(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<(i64, String)>, DbError> {
    let rows = tx.rows(&BODIES, args![scope.body, scope.centre.as_deref(), scope.bureau.as_deref()])?;
    rows.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// A notified batch whose last day is not over.
pub(super) struct Unfinished {
    pub id: i64,
    pub body_name: String,
    pub title: String,
    pub trade: String,
    pub level: Level,
    pub starts_on: Day,
    pub first_exam_on: Day,
    pub last_exam_on: Day,
    pub expected: i64,
    pub registered: i64,
}

pub(super) fn unfinished(tx: &mut Tx<'_>, scope: &Scope, today: Day) -> Result<Vec<Unfinished>, DbError> {
    let rows = tx.rows(&UNFINISHED, args![scope.body, scope.centre.as_deref(), scope.bureau.as_deref(), today])?;
    rows.into_iter()
        .map(|row| {
            let exams: [Option<Day>; 3] = [row.get(6)?, row.get(7)?, row.get(8)?];
            let starts_on = row.get(5)?;
            Ok(Unfinished {
                id: row.get(0)?,
                body_name: row.get(1)?,
                title: row.get(2)?,
                trade: row.get(3)?,
                level: row.get(4)?,
                starts_on,
                first_exam_on: exams.into_iter().flatten().min().unwrap_or(starts_on),
                last_exam_on: exams.into_iter().flatten().max().unwrap_or(starts_on),
                expected: row.get(9)?,
                registered: row.get(10)?,
            })
        })
        .collect()
}

/// How many persons of a batch have come how far.
pub(super) fn counts(tx: &mut Tx<'_>, batch: &Batch) -> Result<Counts, DbError> {
    let parts = rules::result::parts_for(batch.level).len() as i64;
    let row = tx.first(&COUNTS, args![batch.id, parts])?.ok_or_else(|| DbError::stored("counts gave nothing"))?;
    Ok(Counts {
        registered: row.get(0)?,
        withdrawn: row.get(1)?,
        assigned: 0,
        photos: row.get(2)?,
        // Asked of the arrangement, and of the day.
        seated: 0,
        held_parts: Vec::new(),
        marked: row.get(3)?,
        passed: row.get(4)?,
        held: row.get(5)?,
        reported: row.get(6)?,
        approved: row.get(7)?,
        returned: row.get(8)?,
        given_up: row.get(9)?,
        issued: row.get(10)?,
        // What was posted stands.
        unchecked: if batch.stage == BatchStage::Notified { row.get(11)? } else { 0 },
    })
}

/// Who did an act, and when.
pub(super) struct Doing {
    pub on: Day,
    pub who: String,
}

/// For each act that was done in a batch: the last time.
pub(super) fn done(tx: &mut Tx<'_>, batch: i64) -> Result<BTreeMap<String, Doing>, DbError> {
    let rows = tx.rows(&DONE, args![batch])?;
    rows.into_iter()
        .map(|row| {
            let (name, seat): (String, String) = (row.get(2)?, row.get(3)?);
            let who = if seat.is_empty() { name } else { format!("{name}（{seat}）") };
            Ok((row.get(0)?, Doing { on: row.get(1)?, who }))
        })
        .collect()
}
