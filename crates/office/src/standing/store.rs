//! Changes, renewals, reminders and the clocks of a body in the database.

use rules::Day;
use rules::batch::BatchStage;
use rules::jurisdiction::{Affiliation, Belonging, BodyKind, Charge};
use rules::permission::ActKind;
use rules::standing::{ChangeMatter, OpenBatch};

use super::{ChangeState, ChangeView, FormerBody, FormerDecision, RenewalState, RenewalView};
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::Scope;
use crate::door::clock::read_out;
use crate::door::store::{from_text, to_text};
use crate::filing::ReceiptView;

macro_rules! changes {
    ($bound:literal) => {
        concat!(
            "SELECT c.id, c.body, b.name, c.matter, c.before_value, c.value, c.reason, c.file, c.file_name, c.state, c.told_on, c.due_on, c.told_by, c.decided_on, c.decided_by, c.decision_reason ",
            "FROM body_change c JOIN body b ON b.id = c.body ",
            $bound
        )
    };
}

macro_rules! renewals {
    ($bound:literal) => {
        concat!(
            "SELECT r.id, r.body, b.name, r.listing, r.state, r.until_before, r.statement, r.batches, r.applied_on, r.applied_by, r.passed, r.opinion, r.evaluated_on, r.evaluated_by, r.decision, r.decided_on, r.decided_by, r.until_after, CASE WHEN r.receipt IS NULL THEN 0 ELSE 1 END ",
            "FROM renewal r JOIN body b ON b.id = r.body ",
            $bound
        )
    };
}

crate::statements! {
    BODY_OF_NUMBER = "SELECT body FROM listing WHERE number = ?1 ORDER BY id DESC LIMIT 1";
    BODY = "SELECT b.name, b.address, b.head, b.centre, c.name FROM body b JOIN office c ON c.code = b.centre WHERE b.id = ?1";
    RENAME = "UPDATE body SET name = ?2 WHERE id = ?1";
    MOVE = "UPDATE body SET address = ?2 WHERE id = ?1";
    ANSWER = "UPDATE body SET head = ?2 WHERE id = ?1";
    CHANGES = changes!("WHERE c.body = ?1 ORDER BY c.id DESC LIMIT 100");
    CHANGE = changes!("WHERE c.id = ?1 AND c.body = ?2");
    CHANGES_WAITING = changes!("WHERE c.state = 'submitted' AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) ORDER BY c.due_on, c.id LIMIT 200");
    TELL = "INSERT INTO body_change (id, body, matter, before_value, value, reason, file, file_name, state, told_on, due_on, told_by)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    DECIDE = "UPDATE body_change SET state = ?2, decided_on = ?3, decided_by = ?4, decision_reason = ?5 WHERE id = ?1 AND state = 'submitted'";
    RENEWALS = renewals!("WHERE r.body = ?1 ORDER BY r.id DESC LIMIT 20");
    RENEWAL = renewals!("WHERE r.id = ?1 AND r.body = ?2");
    RENEWALS_WAITING = renewals!("WHERE r.state = ?3 AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) ORDER BY r.until_before, r.id LIMIT 200");
    APPLY = "INSERT INTO renewal (id, body, listing, state, until_before, statement, batches, applied_on, applied_by) VALUES (?1, ?2, ?3, 'applied', ?4, ?5, ?6, ?7, ?8)";
    EVALUATE = "UPDATE renewal SET state = 'evaluated', passed = ?2, opinion = ?3, evaluated_on = ?4, evaluated_by = ?5 WHERE id = ?1";
    SETTLE = "UPDATE renewal SET state = ?2, decision = ?3, decided_on = ?4, decided_by = ?5, until_after = ?6 WHERE id = ?1";
    RECEIPTED = "UPDATE renewal SET receipt = ?2 WHERE id = ?1";
    RECEIPT = "SELECT receipt FROM renewal WHERE id = ?1";
    HELD = "SELECT COUNT(*) FROM batch t WHERE t.body = ?1 AND t.cooperation IS NULL AND t.stage <> 'cancelled' AND t.starts_on >= ?2 AND t.starts_on <= ?3";
    UNFINDABLE = "SELECT COUNT(*) FROM certificate c WHERE c.body = ?1 AND c.issued_on >= ?2 AND (c.id_key = '' OR c.name = '')";
    OPEN = "SELECT t.title, t.stage, t.code, t.level FROM batch t WHERE t.body = ?1 AND t.frozen_on IS NULL AND t.stage NOT IN ('issued', 'cancelled') ORDER BY t.starts_on, t.id LIMIT 200";
    FREEZE = "UPDATE batch SET frozen_on = ?2, frozen_reason = ?3 WHERE body = ?1 AND stage NOT IN ('issued', 'cancelled') AND frozen_on IS NULL";
    THAW = "UPDATE batch SET frozen_on = NULL, frozen_reason = NULL WHERE body = ?1 AND frozen_on IS NOT NULL";
    // The last day of activity of each occupation that an entry may assess, without regard to the level. 三（三） speaks of
    // schools with a filing of their own.
    ACTIVE = "SELECT l.id, l.body, s.code, MIN(s.name), MIN(s.valid_from), (SELECT MAX(t.ends_on) FROM batch t WHERE t.body = l.body AND t.cooperation IS NULL AND t.code = s.code AND t.stage <> 'cancelled' AND t.starts_on <= ?1)
      FROM listing l JOIN filing f ON f.id = l.filing AND f.origin = 'applied' JOIN listing_scope s ON s.listing = l.id AND s.closed IS NULL
      WHERE s.valid_from <= ?1 AND s.valid_until >= ?1 AND (CAST(?2 AS BIGINT) IS NULL OR l.body = ?2)
      GROUP BY l.id, l.body, s.code ORDER BY l.id, s.code";
    // Entries whose term ends or has ended, and nothing was recorded of it.
    ENDING = "SELECT l.id, l.body, MAX(e.valid_until), MAX(CASE WHEN f.origin = 'announced' THEN 1 ELSE 0 END) FROM listing l JOIN filing f ON f.id = l.filing JOIN listing_term e ON e.listing = l.id AND e.closed IS NULL
      WHERE NOT EXISTS (SELECT 1 FROM listing_change x WHERE x.listing = l.id AND x.kind IN ('expired', 'withdrawn', 'exited', 'stopped')
        AND NOT EXISTS (SELECT 1 FROM listing_change y WHERE y.listing = x.listing AND y.kind IN ('reinstated', 'renewed') AND y.seq > x.seq))
      GROUP BY l.id, l.body HAVING MAX(e.valid_until) <= ?1 ORDER BY l.id";
    REMIND = "INSERT INTO reminder (listing, code, what, ends_on, told_on) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (listing, code, what, ends_on) DO NOTHING";
    PLACE = "SELECT b.name, b.kind, b.affiliation, b.public_body, b.county, b.centre, b.bureau FROM body b WHERE b.id = ?1";
    OFFICE_NAME = "SELECT o.name FROM office o WHERE o.code = ?1";
    LAST_TRANSFER = "SELECT MAX(t.effective_on) FROM transfer t WHERE t.body = ?1";
    TRANSFER = "INSERT INTO transfer (id, body, county_before, county_after, affiliation_before, affiliation_after, centre_before, centre_after, bureau_before, bureau_after, effective_on, recorded_on, document, reason)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    MOVE_CHARGE = "UPDATE body SET county = ?2, affiliation = ?3, centre = ?4, bureau = ?5 WHERE id = ?1";
    // Bodies that left the office, by the last time that each did.
    FORMER = "SELECT b.id, b.name, (SELECT MAX(l.number) FROM listing l WHERE l.body = b.id), o.name, t.effective_on, t.recorded_on, t.document, t.reason
      FROM transfer t JOIN body b ON b.id = t.body JOIN office o ON o.code = b.centre
      WHERE b.centre <> ?1 AND COALESCE(b.bureau, '') <> ?1
        AND t.id = (SELECT MAX(x.id) FROM transfer x WHERE x.body = t.body AND (x.centre_before = ?1 OR x.bureau_before = ?1))
      ORDER BY t.id DESC LIMIT 200";
    DECISIONS = "SELECT r.id, r.at, r.act, r.clause, r.subject, r.subject_id, t.title, r.fields, r.account_name
      FROM record r JOIN account a ON a.id = r.account LEFT JOIN batch t ON r.subject = 'batch' AND t.id = r.subject_id
      WHERE r.body = ?1 AND a.office = ?2 AND r.refused IS NULL AND r.id < ?3 ORDER BY r.id DESC LIMIT ?4";
    REMINDED = "SELECT listing, code, what, ends_on FROM reminder";
}

/// A body as changes see it.
pub(super) struct Body {
    pub name: String,
    pub address: String,
    pub head: String,
    pub centre: String,
    pub centre_name: String,
}

/// The body that a filing number was given to.
pub(super) fn body_of(tx: &mut Tx<'_>, number: &str) -> Result<Option<i64>, DbError> {
    tx.first(&BODY_OF_NUMBER, args![number])?.map(|row| row.get(0)).transpose()
}

pub(super) fn body(tx: &mut Tx<'_>, id: i64) -> Result<Option<Body>, DbError> {
    tx.first(&BODY, args![id])?
        .map(|row| {
            Ok(Body {
                name: row.get(0)?,
                address: row.get(1)?,
                head: row.get(2)?,
                centre: row.get(3)?,
                centre_name: row.get(4)?,
            })
        })
        .transpose()
}

/// What decides who is in charge of a body, and who is.
pub(super) struct Place {
    pub name: String,
    pub kind: BodyKind,
    pub affiliation: Affiliation,
    /// Whether it is publicly run (公办).
    pub is_public: bool,
    pub county: String,
    pub centre: String,
    pub bureau: Option<String>,
}

pub(super) fn place(tx: &mut Tx<'_>, body: i64) -> Result<Option<Place>, DbError> {
    tx.first(&PLACE, args![body])?
        .map(|row| {
            let (kind, affiliation): (String, String) = (row.get(1)?, row.get(2)?);
            Ok(Place {
                name: row.get(0)?,
                kind: BodyKind::from_code(&kind).ok_or_else(|| DbError::stored(format!("body kind {kind}")))?,
                affiliation: Affiliation::from_code(&affiliation)
                    .ok_or_else(|| DbError::stored(format!("affiliation {affiliation}")))?,
                is_public: row.get(3)?,
                county: row.get(4)?,
                centre: row.get(5)?,
                bureau: row.get(6)?,
            })
        })
        .transpose()
}

pub(super) fn office_name(tx: &mut Tx<'_>, code: &str) -> Result<String, DbError> {
    tx.first(&OFFICE_NAME, args![code])?.map_or(Ok(String::new()), |row| row.get(0))
}

/// The day from which the last transfer of a body holds.
pub(super) fn last_transfer(tx: &mut Tx<'_>, body: i64) -> Result<Option<Day>, DbError> {
    tx.first(&LAST_TRANSFER, args![body])?.map_or(Ok(None), |row| row.get(0))
}

/// A transfer to be kept.
pub(super) struct Transfer<'a> {
    pub id: i64,
    pub body: i64,
    pub from: &'a Place,
    pub to: &'a Belonging,
    pub charge: &'a Charge,
    pub effective_on: Day,
    pub on: Day,
    pub document: &'a str,
    pub reason: &'a str,
}

/// Keeps a transfer and puts who is in charge in place.
pub(super) fn transfer(tx: &mut Tx<'_>, moved: &Transfer<'_>) -> Result<(), DbError> {
    let Transfer { id, body, from, to, charge, effective_on, on, document, reason } = *moved;
    let affiliation = to.affiliation.code();
    tx.run(
        &TRANSFER,
        args![
            id,
            body,
            &from.county,
            &to.county,
            from.affiliation.code(),
            affiliation,
            &from.centre,
            &charge.centre,
            from.bureau.clone(),
            charge.bureau.clone(),
            effective_on,
            on,
            document,
            reason
        ],
    )?;
    tx.run(&MOVE_CHARGE, args![body, &to.county, affiliation, &charge.centre, charge.bureau.clone()]).map(|_| ())
}

/// Bodies that were in an office's charge and are no longer, those that left last first.
pub(super) fn former_bodies(tx: &mut Tx<'_>, office: &str) -> Result<Vec<FormerBody>, DbError> {
    tx.rows(&FORMER, args![office])?
        .iter()
        .map(|row| {
            Ok(FormerBody {
                body: row.get(0)?,
                name: row.get(1)?,
                number: row.get(2)?,
                centre_name: row.get(3)?,
                effective_on: row.get(4)?,
                recorded_on: row.get(5)?,
                document: row.get(6)?,
                reason: row.get(7)?,
            })
        })
        .collect()
}

/// What people of an office did about a body, before a record, the latest first; each with its record's id.
pub(super) fn decisions(
    tx: &mut Tx<'_>,
    (body, office): (i64, &str),
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, FormerDecision)>, DbError> {
    tx.rows(&DECISIONS, args![body, office, before, limit])?
        .iter()
        .map(|row| {
            let (act, subject, fields): (String, String, String) = (row.get(2)?, row.get(4)?, row.get(7)?);
            let kind = ActKind::ALL.iter().find(|kind| kind.code() == act);
            let batch: Option<String> = row.get(6)?;
            let decision = FormerDecision {
                at: read_out(row.get(1)?),
                act_name: kind.map_or(&*act, |kind| kind.name()).to_owned(),
                clause: row.get(3)?,
                subject_name: batch
                    .unwrap_or_else(|| if subject == "filing" { "备案申请".into() } else { String::new() }),
                subject,
                subject_id: row.get(5)?,
                said: said(&from_text(&fields)?),
                account_name: row.get(8)?,
                act,
            };
            Ok((row.get(0)?, decision))
        })
        .collect()
}

/// Opinion and reasons out of the fields of an act.
fn said(fields: &serde_json::Value) -> String {
    let reasons = fields["reasons"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
    let texts = ["opinion", "reason"].iter().filter_map(|name| fields[*name].as_str());
    texts.chain(reasons).map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("；")
}

/// Keeps what is now said of a body beside what the directory says.
pub(super) fn set(tx: &mut Tx<'_>, body: i64, matter: ChangeMatter, value: &str) -> Result<(), DbError> {
    let sql = match matter {
        ChangeMatter::Name => RENAME,
        ChangeMatter::Rooms => MOVE,
        ChangeMatter::Responsible => ANSWER,
        ChangeMatter::AddTrade | ChangeMatter::DropTrade | ChangeMatter::Assessors => return Ok(()),
    };
    tx.run(&sql, args![body, value]).map(|_| ())
}

impl TryFrom<&Row> for ChangeView {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        let (matter, state): (String, String) = (row.get(3)?, row.get(9)?);
        let matter = ChangeMatter::from_code(&matter).ok_or_else(|| DbError::stored(format!("matter {matter}")))?;
        let state = ChangeState::from_code(&state).ok_or_else(|| DbError::stored(format!("change {state}")))?;
        Ok(Self {
            id: row.get(0)?,
            body: row.get(1)?,
            body_name: row.get(2)?,
            matter,
            matter_name: matter.name().into(),
            before: row.get(4)?,
            value: row.get(5)?,
            reason: row.get(6)?,
            file: row.get(7)?,
            file_name: row.get(8)?,
            state,
            state_name: state.name().into(),
            told_on: row.get(10)?,
            due_on: row.get(11)?,
            told_by: row.get(12)?,
            decided_on: row.get(13)?,
            decided_by: row.get(14)?,
            decision_reason: row.get(15)?,
        })
    }
}

impl TryFrom<&Row> for RenewalView {
    type Error = DbError;
    fn try_from(row: &Row) -> Result<Self, DbError> {
        let state: String = row.get(4)?;
        let state = RenewalState::from_code(&state).ok_or_else(|| DbError::stored(format!("renewal {state}")))?;
        Ok(Self {
            id: row.get(0)?,
            body: row.get(1)?,
            body_name: row.get(2)?,
            listing: row.get(3)?,
            state,
            state_name: state.name().into(),
            until_before: row.get(5)?,
            statement: row.get(6)?,
            batches: row.get(7)?,
            applied_on: row.get(8)?,
            applied_by: row.get(9)?,
            passed: row.get(10)?,
            opinion: row.get(11)?,
            evaluated_on: row.get(12)?,
            evaluated_by: row.get(13)?,
            decision: row.get(14)?,
            decided_on: row.get(15)?,
            decided_by: row.get(16)?,
            until_after: row.get(17)?,
            has_receipt: row.get(18)?,
        })
    }
}

fn each<T: for<'r> TryFrom<&'r Row, Error = DbError>>(rows: &[Row]) -> Result<Vec<T>, DbError> {
    rows.iter().map(T::try_from).collect()
}

pub(super) fn changes(tx: &mut Tx<'_>, body: i64) -> Result<Vec<ChangeView>, DbError> {
    each(&tx.rows(&CHANGES, args![body])?)
}

pub(super) fn change(tx: &mut Tx<'_>, id: i64, body: i64) -> Result<Option<ChangeView>, DbError> {
    tx.first(&CHANGE, args![id, body])?.map(|row| ChangeView::try_from(&row)).transpose()
}

/// Changes that somebody has to decide.
pub(super) fn changes_waiting(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<ChangeView>, DbError> {
    each(&tx.rows(&CHANGES_WAITING, args![scope.body, scope.centre.clone()])?)
}

/// A change to be kept.
pub(super) struct NewChange<'a> {
    pub id: i64,
    pub body: i64,
    pub matter: ChangeMatter,
    pub before: &'a str,
    pub value: &'a str,
    pub reason: &'a str,
    pub file: Option<&'a str>,
    pub file_name: &'a str,
    pub state: ChangeState,
    pub told_on: Day,
    pub due_on: Option<Day>,
    pub told_by: &'a str,
}

pub(super) fn tell(tx: &mut Tx<'_>, new: &NewChange<'_>) -> Result<(), DbError> {
    let NewChange { id, body, matter, before, value, reason, file, file_name, state, told_on, due_on, told_by } = *new;
    let (matter, state) = (matter.code(), state.code());
    tx.run(&TELL, args![id, body, matter, before, value, reason, file, file_name, state, told_on, due_on, told_by])
        .map(|_| ())
}

pub(super) fn decide(
    tx: &mut Tx<'_>,
    change: i64,
    state: ChangeState,
    on: Day,
    by: &str,
    reason: &str,
) -> Result<(), DbError> {
    tx.run(&DECIDE, args![change, state.code(), on, by, reason]).map(|_| ())
}

pub(super) fn renewals(tx: &mut Tx<'_>, body: i64) -> Result<Vec<RenewalView>, DbError> {
    each(&tx.rows(&RENEWALS, args![body])?)
}

pub(super) fn renewal(tx: &mut Tx<'_>, id: i64, body: i64) -> Result<Option<RenewalView>, DbError> {
    tx.first(&RENEWAL, args![id, body])?.map(|row| RenewalView::try_from(&row)).transpose()
}

/// Renewals in a state that somebody has to do something about.
pub(super) fn renewals_waiting(
    tx: &mut Tx<'_>,
    scope: &Scope,
    state: RenewalState,
) -> Result<Vec<RenewalView>, DbError> {
    each(&tx.rows(&RENEWALS_WAITING, args![scope.body, scope.centre.clone(), state.code()])?)
}

/// A renewal to be kept.
pub(super) struct NewRenewal<'a> {
    pub id: i64,
    pub body: i64,
    pub listing: i64,
    pub until: Day,
    pub statement: &'a str,
    pub batches: i64,
    pub on: Day,
    pub by: &'a str,
}

pub(super) fn apply(tx: &mut Tx<'_>, new: &NewRenewal<'_>) -> Result<(), DbError> {
    let NewRenewal { id, body, listing, until, statement, batches, on, by } = *new;
    tx.run(&APPLY, args![id, body, listing, until, statement, batches, on, by]).map(|_| ())
}

pub(super) fn evaluate(
    tx: &mut Tx<'_>,
    renewal: i64,
    passed: bool,
    opinion: &str,
    on: Day,
    by: &str,
) -> Result<(), DbError> {
    tx.run(&EVALUATE, args![renewal, passed, opinion, on, by]).map(|_| ())
}

pub(super) fn settle(
    tx: &mut Tx<'_>,
    renewal: i64,
    (state, until): (RenewalState, Option<Day>),
    decision: &str,
    on: Day,
    by: &str,
) -> Result<(), DbError> {
    tx.run(&SETTLE, args![renewal, state.code(), decision, on, by, until]).map(|_| ())
}

/// Keeps what the receipt of a renewal says.
pub(super) fn receipted(tx: &mut Tx<'_>, renewal: i64, receipt: &ReceiptView) -> Result<(), DbError> {
    tx.run(&RECEIPTED, args![renewal, to_text(receipt)?]).map(|_| ())
}

pub(super) fn receipt(tx: &mut Tx<'_>, renewal: i64) -> Result<Option<ReceiptView>, DbError> {
    let Some(row) = tx.first(&RECEIPT, args![renewal])? else { return Ok(None) };
    row.get::<Option<String>>(0)?.map(|text| from_text(&text)).transpose()
}

/// Batches that a body held from one day to another.
pub(super) fn held(tx: &mut Tx<'_>, body: i64, from: Day, to: Day) -> Result<i64, DbError> {
    tx.first(&HELD, args![body, from, to])?.map_or(Ok(0), |row| row.get(0))
}

/// Certificates issued since a day that the public query can't find.
pub(super) fn unfindable(tx: &mut Tx<'_>, body: i64, from: Day) -> Result<i64, DbError> {
    tx.first(&UNFINDABLE, args![body, from])?.map_or(Ok(0), |row| row.get(0))
}

/// Batches of a body that are not finished, with occupation code and level.
pub(super) fn open(tx: &mut Tx<'_>, body: i64) -> Result<Vec<(OpenBatch, String, String)>, DbError> {
    tx.rows(&OPEN, args![body])?
        .iter()
        .map(|row| {
            let stage: String = row.get(1)?;
            let stage = BatchStage::from_code(&stage).ok_or_else(|| DbError::stored(format!("stage {stage}")))?;
            Ok((OpenBatch { title: row.get(0)?, stage }, row.get(2)?, row.get(3)?))
        })
        .collect()
}

/// Makes every running batch of a body stand still; how many.
pub(super) fn freeze(tx: &mut Tx<'_>, body: i64, on: Day, reason: &str) -> Result<usize, DbError> {
    tx.run(&FREEZE, args![body, on, reason]).map(|count| count as usize)
}

/// Lets what stood still go on; how many.
pub(super) fn thaw(tx: &mut Tx<'_>, body: i64) -> Result<usize, DbError> {
    tx.run(&THAW, args![body]).map(|count| count as usize)
}

/// An occupation of an entry and the last day on which something was done in it.
pub(super) struct Activity {
    pub listing: i64,
    pub body: i64,
    pub code: String,
    pub name: String,
    pub since: Day,
}

/// The activity of every entry in force on a day, or of one body's; the day of listing counts as activity.
pub(super) fn activity(tx: &mut Tx<'_>, today: Day, body: Option<i64>) -> Result<Vec<Activity>, DbError> {
    tx.rows(&ACTIVE, args![today, body])?
        .iter()
        .map(|row| {
            let (from, last): (Day, Option<Day>) = (row.get(4)?, row.get(5)?);
            let since = last.map_or(from, |last| last.max(from));
            Ok(Activity { listing: row.get(0)?, body: row.get(1)?, code: row.get(2)?, name: row.get(3)?, since })
        })
        .collect()
}

/// Entries, with their bodies and whether they were announced, whose last day is not after this one, and nothing was
/// recorded of it.
pub(super) fn ending(tx: &mut Tx<'_>, by: Day) -> Result<Vec<(i64, i64, Day, bool)>, DbError> {
    tx.rows(&ENDING, args![by])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).collect()
}

/// Remembers that a body was reminded.
pub(super) fn remind(
    tx: &mut Tx<'_>,
    (listing, code, what): (i64, &str, &str),
    ends_on: Day,
    on: Day,
) -> Result<(), DbError> {
    tx.run(&REMIND, args![listing, code, what, ends_on, on]).map(|_| ())
}

/// Everything that bodies were reminded of: entry, occupation, what, the end it was about.
pub(super) fn reminded(tx: &mut Tx<'_>) -> Result<std::collections::HashSet<(i64, String, String, Day)>, DbError> {
    tx.rows(&REMINDED, &[])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).collect()
}
