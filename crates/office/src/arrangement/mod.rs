//! 一（四）1, 一（五）1, 三（三）: rooms, seats, stations and groups of a batch. The clerk says which of the body's own rooms there
//! are and when; whose turn comes first is decided by lot, the rest by rule. Everyone has one place for each part, changed by
//! hand only under the same checks, and nothing changes once the examination has begun. Tickets, lists and score
//! sheets are printed from the places.

mod acts;
mod looks;
mod pages;
mod print;
mod store;

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::Clause;
use rules::arrangement::Session;
use rules::assignment::Group;
use rules::batch::BatchStage;
use rules::certificate::Level;
use rules::refusal::RefusalView;
use rules::result::Part;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use acts::{ArrangeBatch, ArrangeRest, Arranged, MoveSeat, SeatMoved};
pub(crate) use looks::papers;
pub use looks::{
    ArrangementDetail, ArrangementRecord, ArrangementRecordView, ArrangementView, ExamPapers, ExamPapersView,
    ExamSessionDetail, ExamSessionView, SeatView,
};
pub use pages::pages;
pub(crate) use print::{TICKET_RULES, ticket_of};
pub(crate) use store::{ALL, batch_of};

use crate::batch::Batch;
use crate::db::{DbError, Tx};
use crate::door::{Sight, Stop};
use crate::home::Task;
use crate::web::api::Registry;

/// The batch that is arranged.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ArrangedBatch {
    pub id: i64,
    /// `PC2026-0001`.
    pub number: String,
    pub title: String,
    pub body_name: String,
    pub trade: String,
    pub work_type: String,
    pub level: Level,
    pub level_name: String,
    pub stage: BatchStage,
    pub first_exam_on: Date,
}

impl From<&Batch> for ArrangedBatch {
    fn from(batch: &Batch) -> Self {
        Self {
            id: batch.id,
            number: batch.number.clone(),
            title: batch.title.clone(),
            body_name: batch.body_name.clone(),
            trade: batch.trade.clone(),
            work_type: batch.work_type.clone(),
            level: batch.level,
            level_name: batch.level.name().to_owned(),
            stage: batch.stage,
            first_exam_on: batch.plan().first_exam_on(),
        }
    }
}

/// One room at one time: a theory room, a group at the stations, a review room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExamSessionLine {
    pub id: i64,
    /// Counted by batch.
    pub no: i64,
    pub part: Part,
    pub part_name: String,
    pub on: Date,
    /// `08:30`.
    pub from: String,
    pub to: String,
    pub room: String,
    /// The number of its first seat, station or turn.
    pub first: i64,
    pub seats: i64,
    /// Columns of seats; 0 where there is no plan of them.
    pub columns: i64,
    pub seated: i64,
    /// Invigilators or assessors that it needs.
    pub staff: usize,
}

impl ExamSessionLine {
    /// Who watches or judges, as people call them.
    pub fn staff_name(&self) -> &'static str {
        match self.part {
            Part::Theory => "监考人员",
            Part::Practical | Part::Comprehensive => "考评人员",
        }
    }

    /// The room as lists call it: groups at the same stations are told apart.
    pub fn room_name(&self) -> String {
        match self.part {
            Part::Practical => format!("{}，{}–{} 号工位", self.room, self.first, self.first + self.seats - 1),
            Part::Theory | Part::Comprehensive => self.room.clone(),
        }
    }
}

/// Someone with a place; names and numbers in full only where the look says so.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeatedPerson {
    pub seat: i64,
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    pub name_masked: String,
    pub id_masked: String,
    /// The hash of the photo.
    pub photo: Option<String>,
    /// As the register says; blank where it doesn't.
    pub class: String,
    pub major: String,
}

/// When a batch was arranged, by whom, by which lots.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ArrangementLine {
    /// Counted by batch.
    pub no: i64,
    /// Whether it only gave places to those who had none.
    pub is_rest: bool,
    /// What the lots follow from.
    pub seed: String,
    /// Who got a place.
    pub persons: i64,
    /// What could be had no better.
    pub findings: Vec<RefusalView>,
    /// As people read it.
    pub at: String,
    pub by: String,
}

/// A place as people call it.
pub(crate) fn part_seat(part: Part, seat: i64) -> String {
    match part {
        Part::Theory => format!("{seat} 号座位"),
        Part::Practical => format!("{seat} 号工位"),
        Part::Comprehensive => format!("第 {seat} 位"),
    }
}

/// How many of those registered in a batch have a place.
///
/// # Errors
/// A fault.
pub(crate) fn seated(sight: &mut Sight<'_>, batch: i64) -> Result<i64, Stop> {
    Ok(store::seated_count(&mut sight.tx(), batch)?)
}

/// How many are in each of the rooms and groups that sit at the same time, by part.
type Fullest = BTreeMap<Part, Vec<usize>>;

/// The rooms and groups of a batch that sit at the same time, by part, where it is arranged, each by how many are in it; and all of
/// them, as those who are assigned to single ones see them.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn groups(tx: &mut Tx<'_>, batch: &Batch) -> Result<(Fullest, Vec<Group>), DbError> {
    let kept = store::sessions(tx, batch.id)?;
    let sessions: Vec<_> = kept.iter().map(|one| (&one.session, usize::try_from(one.seated).unwrap_or(0))).collect();
    let ratios = batch.rules.ratios();
    let fullest = Part::ALL.iter().map(|&part| (part, rules::arrangement::fullest(part, &sessions, &ratios))).collect();
    let group = |one: &store::KeptSession| {
        let Session { part, on, from, to, .. } = one.session;
        let name = format!("{}（{on} {from}）", one.line(&ratios).room_name());
        let seated = usize::try_from(one.seated).unwrap_or(0);
        Group { session: one.id, part, name, on, from, to, seated }
    };
    Ok((fullest, kept.iter().map(group).collect()))
}

/// The rooms and groups of a batch in the order of parts and times, each with how many it needs to watch or judge it.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn lines(tx: &mut Tx<'_>, batch: &Batch) -> Result<Vec<ExamSessionLine>, DbError> {
    let ratios = batch.rules.ratios();
    Ok(store::sessions(tx, batch.id)?.iter().map(|one| one.line(&ratios)).collect())
}

/// A school arranges rooms and seats before the examination.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    if !sight.caller().role().sits_in_body() {
        return Ok(Vec::new());
    }
    let (scope, today, reference) = (sight.scope(), sight.today(), sight.reference());
    let waiting = store::unseated(&mut sight.tx(), &scope, today)?;
    let task = |batch: store::Unseated| {
        let due = reference.calendar.add(batch.first_exam_on, -rules::terms::ROOMS_BEFORE).ok();
        Task::new(
            Clause::S1_5_1,
            "编排考场和座位",
            format!("{}，还有{}人没有座位", batch.name, batch.waiting),
            format!("/batches/{}/arrangement", batch.id),
        )
        .due(due)
    };
    Ok(waiting.into_iter().map(task).collect())
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let registry = registry
        .act::<ArrangeBatch>("/batches/{batch}/arrangement")
        .act::<ArrangeRest>("/batches/{batch}/arrangement/rest")
        .act::<MoveSeat>("/candidates/{candidate}/seat")
        .look::<ArrangementDetail>("/batches/{batch}/arrangement", "批次的考场、座位与工位")
        .look::<ArrangementRecord>("/batches/{batch}/arrangements/{no}", "一次编排的抽签记录与场地")
        .look::<ExamSessionDetail>("/batches/{batch}/sessions/{session}", "一个考场一场的座位表")
        .look::<ExamPapers>("/batches/{batch}/exam-papers", "批次考生的座位与准考证内容，查看留痕");
    print::api(registry)
}

/// How a term of the request falls back to what the platform says.
fn or<T: Copy>(said: Option<T>, otherwise: T) -> T {
    said.unwrap_or(otherwise)
}

/// The tickets of an answer, so that an act tells whom it moved without telling their names.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MovedTo {
    pub candidate: i64,
    pub session: i64,
    pub seat: i64,
}
