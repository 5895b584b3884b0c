//! A violation is reported by one person with what shows it, the candidate is heard, and another person decides.

use rules::conduct::open_to_note;
use rules::conduct::violation::{self, Deciding, ViolationEffect, ViolationKind};
use rules::permission::ActKind;
use rules::result::{Outcome, Part, has_part, parts_for};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{brought, keep_files, page, store};
use crate::account::{Done, Made};
use crate::batch::{self, Batch};
use crate::conduct::short;
use crate::door::{Act, Desk, KeptFile, Sight, Stop, Subject};
use crate::marks::{self, Book, NewMark, Origin};
use crate::regulation::NamedFile;

/// A batch whose day may be noted.
pub(super) fn open_batch(desk: &mut Desk<'_>, batch: i64) -> Result<Batch, Stop> {
    let batch = batch::find(&mut desk.tx(), batch)?.ok_or(Stop::NotFound)?;
    open_to_note(batch.stage)?;
    Ok(batch)
}

/// Reports that a candidate broke the rules in a part.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportViolation {
    pub batch: i64,
    pub candidate: i64,
    pub part: Part,
    pub kind: ViolationKind,
    #[schema(min_length = 5, max_length = 2000)]
    pub what: String,
    /// What shows it; may be added with the statement.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub files: Vec<NamedFile>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) kept: Vec<(KeptFile, String)>,
}

impl Act for ReportViolation {
    const KIND: ActKind = ActKind::ReportViolation;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.kept = brought(sight, &self.files)?;
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let batch = open_batch(desk, self.batch)?;
        has_part(batch.level, self.part)?;
        let head = marks::batch(&mut desk.tx(), batch.id)?.ok_or(Stop::NotFound)?;
        let exam_on = head.exam_on(self.part);
        if desk.today() < exam_on {
            return Err(Refusal::new(Clause::S1_5_1, format!("{}于 {exam_on} 举行，今天还没有考试", self.part.name()))
                .remedy("请在考试当天或之后报告")
                .at("part")
                .into());
        }
        let candidates = store::candidates(&mut desk.tx(), batch.id)?;
        let of = candidates.into_iter().find(|one| one.candidate == self.candidate).ok_or(Stop::NotFound)?;
        let before = store::violations(&mut desk.tx(), batch.id)?;
        let is_open = |one: &store::Violation| {
            (one.of.candidate, one.part) == (self.candidate, self.part) && one.effect.is_none()
        };
        let what = short(&self.what, "what")?;
        violation::may_report(&of.name, what, before.iter().any(is_open))?;
        let (id, now, today, by) = (desk.new_id(), desk.now(), desk.today(), marks::hand(desk));
        let said = (self.part, self.kind, what);
        store::report(&mut desk.tx(), (id, batch.id, of.candidate), said, (now, today, &by))?;
        keep_files(desk, batch.id, ("violation", id), &self.kept)?;
        let said = format!("{}有一件违纪报告，请报告人以外的负责人决定", batch.name());
        desk.tell_body(batch.body, said, page(batch.id, "violations"));
        Ok(Made { id })
    }
}

/// Notes what the candidate said about a reported violation, or how they declined to, with further evidence.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HearViolation {
    pub batch: i64,
    pub violation: i64,
    #[schema(min_length = 2, max_length = 2000)]
    pub statement: String,
    #[serde(default)]
    #[schema(max_items = 10)]
    pub files: Vec<NamedFile>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) kept: Vec<(KeptFile, String)>,
}

impl Act for HearViolation {
    const KIND: ActKind = ActKind::HearViolation;
    const PREPARES: bool = true;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.kept = brought(sight, &self.files)?;
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let batch = open_batch(desk, self.batch)?;
        let one = one(desk, batch.id, self.violation)?;
        let statement = short(&self.statement, "statement")?;
        if let Some(effect) = one.effect {
            return Err(Refusal::new(Clause::S3_3_1, format!("这件违纪已有决定：{}", effect.name()))
                .remedy("决定之后不再登记陈述；考生有异议的，在公示期内提出")
                .into());
        }
        if statement.is_empty() {
            return Err(Refusal::new(Clause::S3_3_1, "没有写明考生的陈述")
                .remedy("请写明考生怎样陈述；本人放弃陈述的，写明怎样告知、怎样放弃")
                .at("statement")
                .into());
        }
        let (now, by) = (desk.now(), desk.caller().name().to_owned());
        store::hear(&mut desk.tx(), one.id, statement, (now, &by))?;
        keep_files(desk, batch.id, ("violation", one.id), &self.kept)?;
        Ok(Done {})
    }
}

fn one(desk: &mut Desk<'_>, batch: i64, id: i64) -> Result<store::Violation, Stop> {
    let found = store::violations(&mut desk.tx(), batch)?;
    found.into_iter().find(|one| one.id == id).ok_or(Stop::NotFound)
}

/// Decides on a violation: by somebody else than who reported it. What it voids gets the violation as its outcome at once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DecideViolation {
    pub batch: i64,
    pub violation: i64,
    pub effect: ViolationEffect,
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
}

impl Act for DecideViolation {
    const KIND: ActKind = ActKind::DecideViolation;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let batch = open_batch(desk, self.batch)?;
        let one = one(desk, batch.id, self.violation)?;
        let files = store::files(&mut desk.tx(), batch.id)?;
        let evidence = files.get(&("violation".to_owned(), one.id)).map_or(0, Vec::len);
        let (by, reason) = (marks::hand(desk), short(&self.reason, "reason")?);
        violation::may_decide(&Deciding {
            decided: one.effect,
            kind: one.kind,
            reported: &one.reported,
            by: &by,
            evidence: i64::try_from(evidence).unwrap_or(i64::MAX),
            is_heard: one.heard.is_some(),
            effect: self.effect,
            reason,
        })?;
        let now = desk.now();
        store::decide(&mut desk.tx(), one.id, (self.effect, reason), (now, &by.name))?;
        let voids = |part: &&Part| self.effect.voids(one.part, **part);
        let parts: Vec<Part> = parts_for(batch.level).iter().filter(voids).copied().collect();
        if !parts.is_empty() {
            let head = marks::batch(&mut desk.tx(), batch.id)?.ok_or(Stop::NotFound)?;
            let mut book = Book::open(desk, &head)?;
            for part in parts {
                let confirmed = Some((by.name.clone(), "decided"));
                let mark = NewMark::plain(one.of.candidate, part, Outcome::Violation, None);
                book.decide(NewMark { confirmed, ..mark });
            }
            book.close(desk, Origin { source: "day", file: None })?;
        }
        Ok(Done {})
    }
}
