//! Changes of confirmed marks, reviews of marks, and corrections of what was posted, in the database.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::marking::{Hand, MarkReviewScope, MarkReviewState};
use rules::proposal::ProposalState;
use rules::publicity::Window;
use rules::result::{Outcome, Part};

use super::{MarkChangeLine, MarkReviewLine, MarkReviewStanding, MarkStepLine};
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::clock::read_out;
use crate::door::store::to_text;
use crate::door::{FileHash, KeptFile, Scope, Seals};

/// Changes with whom they are about.
macro_rules! changes {
    ($bound:literal) => {
        concat!(
            "SELECT h.id, h.batch, h.candidate, h.part, h.state, h.outcome_before, h.score_before, h.outcome, h.score, h.reason, h.file, h.file_name, h.mark_review, h.objection, ",
            "h.proposed_at, h.proposed_by, h.proposed_account, h.answered_on, h.answered_by, h.answer, c.name, c.ticket FROM mark_change h JOIN candidate c ON c.id = h.candidate ",
            $bound
        )
    };
}

/// Reviews with whom they are about.
macro_rules! reviews {
    ($bound:literal) => {
        concat!(
            "SELECT r.id, r.receipt, r.batch, r.candidate, r.part, r.scope, r.reason, r.contact_sealed, r.asked_on, r.due_on, r.state, r.answered_on, r.answered_by, r.answer, c.name, c.ticket ",
            "FROM mark_review r JOIN candidate c ON c.id = r.candidate ",
            $bound
        )
    };
}

crate::statements! {
    CHANGE = changes!("WHERE h.batch = ?1 AND h.id = ?2");
    CHANGES = changes!("WHERE h.batch = ?1 ORDER BY CASE h.state WHEN 'proposed' THEN 0 ELSE 1 END, h.id DESC LIMIT 500");
    OPEN_CHANGES_OF = "SELECT COUNT(*) FROM mark_change WHERE candidate = ?1 AND part = ?2 AND state = 'proposed'";
    PROPOSE = "INSERT INTO mark_change (id, batch, candidate, part, state, outcome_before, score_before, outcome, score, reason, file, file_name, mark_review, objection, proposed_at, proposed_on, proposed_by, proposed_account)
      VALUES (?1, ?2, ?3, ?4, 'proposed', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    ANSWER = "UPDATE mark_change SET state = ?2, answered_on = ?3, answered_by = ?4, answer = ?5 WHERE id = ?1";
    STEPS = "SELECT s.part, s.no, s.outcome, s.score, s.source, s.at, s.account_name, h.reason, h.answered_by, h.id, h.batch
      FROM mark_step s LEFT JOIN mark_change h ON h.id = s.mark_change WHERE s.candidate = ?1 ORDER BY s.part, s.no";
    REVIEW = reviews!("WHERE r.batch = ?1 AND r.id = ?2");
    REVIEWS = reviews!("WHERE r.batch = ?1 ORDER BY CASE r.state WHEN 'open' THEN 0 ELSE 1 END, r.id LIMIT 500");
    BY_RECEIPT = "SELECT r.receipt, b.name, t.title, r.part, r.scope, r.asked_on, r.due_on, r.state, r.answered_on, r.answer
      FROM mark_review r JOIN batch t ON t.id = r.batch JOIN body b ON b.id = t.body WHERE r.receipt = ?1";
    OPEN_REVIEWS_OF = "SELECT COUNT(*) FROM mark_review WHERE candidate = ?1 AND part = ?2 AND state = 'open'";
    ASK = "INSERT INTO mark_review (id, receipt, batch, candidate, part, scope, reason, contact_sealed, asked_on, due_on, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'open')";
    END_REVIEW = "UPDATE mark_review SET state = ?2, answered_on = ?3, answered_by = ?4, answer = ?5 WHERE id = ?1";
    CORRECT = "INSERT INTO publicity_correction (mark_change, batch, candidate, no, marks, verdict, posted_on, first_on, ends_on) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    // A report without a decision on the person no longer says what the marks come to.
    UNREPORT = "UPDATE candidate SET report = NULL WHERE id = ?1 AND review IS NULL";
    REFUSED_LATE = "SELECT COUNT(*) FROM report WHERE id = ?1 AND late_decision = 'refused'";
    CARRY_OUT = "UPDATE objection SET mark_change = ?2 WHERE id = ?1 AND state = 'upheld'";
    HOLD = "UPDATE candidate SET held = CASE WHEN EXISTS (SELECT 1 FROM objection o WHERE o.candidate = candidate.id AND (o.state = 'open' OR (o.state = 'upheld' AND o.mark_change IS NULL))) THEN 1 ELSE 0 END WHERE id = ?1";
    UPHELD_OF = "SELECT id, receipt FROM objection WHERE candidate = ?1 AND state = 'upheld' AND mark_change IS NULL AND COALESCE(effect, 'change') = 'change' ORDER BY id";
    CHANGES_IN = "SELECT t.id, t.title, COUNT(*), COUNT(CASE WHEN h.proposed_account = ?4 THEN 1 END) FROM mark_change h JOIN batch t ON t.id = h.batch JOIN body b ON b.id = t.body
      WHERE h.state = 'proposed' AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      GROUP BY t.id, t.title ORDER BY t.id";
    REVIEWS_IN = "SELECT t.id, t.title, COUNT(*), MIN(r.due_on) FROM mark_review r JOIN batch t ON t.id = r.batch JOIN body b ON b.id = t.body
      WHERE r.state = 'open' AND (CAST(?1 AS BIGINT) IS NULL OR b.id = ?1) AND (CAST(?2 AS TEXT) IS NULL OR b.centre = ?2) AND (CAST(?3 AS TEXT) IS NULL OR b.bureau = ?3)
      GROUP BY t.id, t.title ORDER BY t.id";
}

fn part_of(row: &Row, at: usize) -> Result<Part, DbError> {
    let code: String = row.get(at)?;
    Part::from_code(&code).ok_or_else(|| DbError::stored(format!("part {code}")))
}

fn outcome_of(row: &Row, at: usize) -> Result<Outcome, DbError> {
    let code: String = row.get(at)?;
    Outcome::from_code(&code, row.get(at + 1)?).ok_or_else(|| DbError::stored(format!("outcome {code}")))
}

/// A change as it is stored.
pub(super) struct Change {
    pub id: i64,
    pub candidate: i64,
    pub part: Part,
    pub state: ProposalState,
    pub before: Outcome,
    pub after: Outcome,
    pub reason: String,
    pub file: FileHash,
    pub file_name: String,
    pub review: Option<i64>,
    pub objection: Option<i64>,
    pub proposed_at: i64,
    pub proposed: Hand,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: Option<String>,
    pub name: String,
    pub ticket: String,
}

impl TryFrom<Row> for Change {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        let state: String = row.get(4)?;
        Ok(Self {
            id: row.get(0)?,
            candidate: row.get(2)?,
            part: part_of(&row, 3)?,
            state: ProposalState::from_code(&state).ok_or_else(|| DbError::stored(format!("mark change {state}")))?,
            before: outcome_of(&row, 5)?,
            after: outcome_of(&row, 7)?,
            reason: row.get(9)?,
            file: FileHash(row.get(10)?),
            file_name: row.get(11)?,
            review: row.get(12)?,
            objection: row.get(13)?,
            proposed_at: row.get(14)?,
            proposed: Hand { account: row.get(16)?, name: row.get(15)? },
            answered_on: row.get(17)?,
            answered_by: row.get(18)?,
            answer: row.get(19)?,
            name: row.get(20)?,
            ticket: row.get(21)?,
        })
    }
}

impl Change {
    /// As pages inside the house show it to whoever looks.
    pub fn line(self, by: &Hand) -> MarkChangeLine {
        MarkChangeLine {
            id: self.id,
            candidate: self.candidate,
            ticket: self.ticket,
            name: self.name,
            part: self.part,
            part_name: self.part.name().into(),
            before: self.before.to_string(),
            after: self.after.to_string(),
            reason: self.reason,
            file_name: self.file_name,
            mark_review: self.review,
            objection: self.objection,
            state: self.state,
            state_name: self.state.name().into(),
            proposed_at: read_out(self.proposed_at),
            proposed_by: self.proposed.name.clone(),
            is_own: self.proposed.is_same(by),
            answered_on: self.answered_on,
            answered_by: self.answered_by,
            answer: self.answer,
        }
    }
}

pub(super) fn change(tx: &mut Tx<'_>, batch: i64, id: i64) -> Result<Option<Change>, DbError> {
    tx.first(&CHANGE, args![batch, id])?.map(Change::try_from).transpose()
}

/// The changes of a batch, the open ones first, then the latest.
pub(super) fn changes(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Change>, DbError> {
    tx.rows(&CHANGES, args![batch])?.into_iter().map(Change::try_from).collect()
}

/// How many changes of this mark are not answered yet.
pub(super) fn open_changes_of(tx: &mut Tx<'_>, candidate: i64, part: Part) -> Result<i64, DbError> {
    tx.first(&OPEN_CHANGES_OF, args![candidate, part.code()])?.map_or(Ok(0), |row| row.get(0))
}

/// A change to be kept.
pub(super) struct NewChange<'a> {
    pub id: i64,
    pub batch: i64,
    pub candidate: i64,
    pub part: Part,
    pub before: Outcome,
    pub after: Outcome,
    pub reason: &'a str,
    pub file: &'a KeptFile,
    pub file_name: &'a str,
    pub review: Option<i64>,
    pub objection: Option<i64>,
    pub now: i64,
    pub on: Date,
    pub by: &'a Hand,
}

pub(super) fn propose(tx: &mut Tx<'_>, new: &NewChange<'_>) -> Result<(), DbError> {
    let values = args![
        new.id,
        new.batch,
        new.candidate,
        new.part.code(),
        new.before.code(),
        new.before.mark(),
        new.after.code(),
        new.after.mark(),
        new.reason,
        &new.file.hash.0,
        new.file_name,
        new.review,
        new.objection,
        new.now,
        new.on,
        &new.by.name,
        new.by.account,
    ];
    tx.run(&PROPOSE, values).map(|_| ())
}

pub(super) fn answer(
    tx: &mut Tx<'_>,
    id: i64,
    state: ProposalState,
    (on, by): (Date, &str),
    answer: &str,
) -> Result<(), DbError> {
    tx.run(&ANSWER, args![id, state.code(), on, by, answer]).map(|_| ())
}

/// Every value that the marks of a candidate have had.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn steps(tx: &mut Tx<'_>, candidate: i64) -> Result<Vec<MarkStepLine>, DbError> {
    let mut before: BTreeMap<Part, String> = BTreeMap::new();
    let mut steps = Vec::new();
    for row in tx.rows(&STEPS, args![candidate])? {
        let part = part_of(&row, 0)?;
        let outcome = outcome_of(&row, 2)?.to_string();
        steps.push(MarkStepLine {
            part,
            part_name: part.name().into(),
            no: row.get(1)?,
            before: before.insert(part, outcome.clone()),
            after: outcome,
            how: crate::marks::source_name(&row.get::<String>(4)?).into(),
            at: read_out(row.get(5)?),
            by: row.get(6)?,
            reason: row.get(7)?,
            agreed_by: row.get(8)?,
            mark_change: row.get(9)?,
            batch: row.get(10)?,
        });
    }
    steps.sort_by_key(|step| (step.part, step.no));
    Ok(steps)
}

/// A review as it is stored.
pub(super) struct Review {
    pub id: i64,
    pub receipt: String,
    pub candidate: i64,
    pub part: Part,
    pub scope: MarkReviewScope,
    pub reason: String,
    pub contact_sealed: String,
    pub asked_on: Date,
    pub due_on: Date,
    pub state: MarkReviewState,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: Option<String>,
    pub name: String,
    pub ticket: String,
}

fn review_state(code: &str) -> Result<MarkReviewState, DbError> {
    MarkReviewState::from_code(code).ok_or_else(|| DbError::stored(format!("mark review {code}")))
}

fn scope_of(code: &str) -> Result<MarkReviewScope, DbError> {
    MarkReviewScope::from_code(code).ok_or_else(|| DbError::stored(format!("scope of a mark review {code}")))
}

impl TryFrom<Row> for Review {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            receipt: row.get(1)?,
            candidate: row.get(3)?,
            part: part_of(&row, 4)?,
            scope: scope_of(&row.get::<String>(5)?)?,
            reason: row.get(6)?,
            contact_sealed: row.get(7)?,
            asked_on: row.get(8)?,
            due_on: row.get(9)?,
            state: review_state(&row.get::<String>(10)?)?,
            answered_on: row.get(11)?,
            answered_by: row.get(12)?,
            answer: row.get(13)?,
            name: row.get(14)?,
            ticket: row.get(15)?,
        })
    }
}

impl Review {
    /// As the body sees it; others see no contact.
    pub fn line(self, seals: Option<&Seals>, today: Date) -> MarkReviewLine {
        MarkReviewLine {
            id: self.id,
            receipt: self.receipt,
            candidate: self.candidate,
            ticket: self.ticket,
            name: self.name,
            part: self.part,
            part_name: self.part.name().into(),
            scope: self.scope,
            scope_name: self.scope.name().into(),
            reason: self.reason,
            contact: seals.and_then(|seals| seals.open_text(&self.contact_sealed)).unwrap_or_default(),
            asked_on: self.asked_on,
            due_on: self.due_on,
            is_late: self.state == MarkReviewState::Open && today > self.due_on,
            state: self.state,
            state_name: self.state.name().into(),
            answered_on: self.answered_on,
            answered_by: self.answered_by,
            answer: self.answer,
        }
    }
}

pub(super) fn review(tx: &mut Tx<'_>, batch: i64, id: i64) -> Result<Option<Review>, DbError> {
    tx.first(&REVIEW, args![batch, id])?.map(Review::try_from).transpose()
}

/// The reviews of a batch, the open ones first.
pub(super) fn reviews(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<Review>, DbError> {
    tx.rows(&REVIEWS, args![batch])?.into_iter().map(Review::try_from).collect()
}

pub(super) fn open_reviews_of(tx: &mut Tx<'_>, candidate: i64, part: Part) -> Result<i64, DbError> {
    tx.first(&OPEN_REVIEWS_OF, args![candidate, part.code()])?.map_or(Ok(0), |row| row.get(0))
}

/// A review to be kept.
pub(super) struct NewReview<'a> {
    pub id: i64,
    pub receipt: &'a str,
    pub batch: i64,
    pub candidate: i64,
    pub part: Part,
    pub scope: MarkReviewScope,
    pub reason: &'a str,
    pub contact_sealed: &'a str,
    pub on: Date,
    pub due_on: Date,
}

pub(super) fn ask(tx: &mut Tx<'_>, new: &NewReview<'_>) -> Result<(), DbError> {
    let (part, scope) = (new.part.code(), new.scope.code());
    let values = args![
        new.id,
        new.receipt,
        new.batch,
        new.candidate,
        part,
        scope,
        new.reason,
        new.contact_sealed,
        new.on,
        new.due_on,
    ];
    tx.run(&ASK, values).map(|_| ())
}

pub(super) fn end_review(
    tx: &mut Tx<'_>,
    id: i64,
    state: MarkReviewState,
    (on, by): (Date, &str),
    answer: &str,
) -> Result<(), DbError> {
    tx.run(&END_REVIEW, args![id, state.code(), on, by, answer]).map(|_| ())
}

/// Where the review with this receipt stands; nothing of it names a person.
pub(super) fn by_receipt(tx: &mut Tx<'_>, receipt: &str) -> Result<Option<MarkReviewStanding>, DbError> {
    tx.first(&BY_RECEIPT, args![receipt])?
        .map(|row| {
            let state = review_state(&row.get::<String>(7)?)?;
            Ok(MarkReviewStanding {
                receipt: row.get(0)?,
                body: row.get(1)?,
                title: row.get(2)?,
                part: part_of(&row, 3)?.name().into(),
                scope: scope_of(&row.get::<String>(4)?)?.name().into(),
                asked_on: row.get(5)?,
                due_on: row.get(6)?,
                state: state.code().into(),
                state_name: state.name().into(),
                answered_on: row.get(8)?,
                answer: row.get(9)?,
            })
        })
        .transpose()
}

/// What a changed result is, as it goes on public notice.
pub(super) struct Correction<'a> {
    pub change: i64,
    pub batch: i64,
    pub candidate: i64,
    pub no: i64,
    pub marks: &'a [(Part, Outcome)],
    pub verdict: &'a str,
    pub window: Window,
}

/// Puts a changed result on public notice; the person is reported anew after it.
pub(super) fn correct(tx: &mut Tx<'_>, new: &Correction<'_>) -> Result<(), DbError> {
    let Window { posted_on, first_on, ends_on } = new.window;
    let marks = to_text(&new.marks)?;
    let values = args![new.change, new.batch, new.candidate, new.no, marks, new.verdict, posted_on, first_on, ends_on];
    tx.run(&CORRECT, values)?;
    tx.run(&UNREPORT, args![new.candidate]).map(|_| ())
}

/// Whether a report was refused as late.
pub(super) fn refused_late(tx: &mut Tx<'_>, report: i64) -> Result<bool, DbError> {
    let count: i64 = tx.first(&REFUSED_LATE, args![report])?.map_or(Ok(0), |row| row.get(0))?;
    Ok(count > 0)
}

/// Notes that a change carries an upheld objection out, and whether anything still holds the person.
pub(super) fn carry_out(tx: &mut Tx<'_>, objection: i64, change: i64, candidate: i64) -> Result<(), DbError> {
    tx.run(&CARRY_OUT, args![objection, change])?;
    tx.run(&HOLD, args![candidate]).map(|_| ())
}

/// The upheld objections to a person that no change has carried out: id and receipt.
pub(super) fn upheld_of(tx: &mut Tx<'_>, candidate: i64) -> Result<Vec<(i64, String)>, DbError> {
    tx.rows(&UPHELD_OF, args![candidate])?.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// A batch in which changes wait: how many, and how many of them the account has proposed.
pub(super) struct WaitingChanges {
    pub batch: i64,
    pub title: String,
    pub count: i64,
    pub own: i64,
}

pub(super) fn changes_in(tx: &mut Tx<'_>, scope: &Scope, account: Option<i64>) -> Result<Vec<WaitingChanges>, DbError> {
    let values = args![scope.body, scope.centre.clone(), scope.bureau.clone(), account];
    tx.rows(&CHANGES_IN, values)?
        .into_iter()
        .map(|row| Ok(WaitingChanges { batch: row.get(0)?, title: row.get(1)?, count: row.get(2)?, own: row.get(3)? }))
        .collect()
}

/// Batches in which reviews wait: batch, title, how many, and the first last day.
pub(super) fn reviews_in(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<(i64, String, i64, Date)>, DbError> {
    tx.rows(&REVIEWS_IN, args![scope.body, scope.centre.clone(), scope.bureau.clone()])?
        .into_iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .collect()
}
