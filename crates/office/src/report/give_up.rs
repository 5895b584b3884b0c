//! 二（二）3: a batch ends though somebody can't be put right. After the centre has returned a person, refused the late
//! report they were in, or approved someone to whom no certificate can be issued, the body may give the person up, with a
//! reason; who is given up may be registered in another batch.

use jiff::civil::Date;
use rules::batch::BatchStage;
use rules::permission::{ActKind, LookKind};
use rules::report::{Course, give_up};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{course, store};
use crate::door::{Act, Desk, Look, Sight, Stop, Subject};
use crate::marks::{self, BatchHead};
use rules::{Clause, Refusal};

/// Gives persons up: they are neither reported any more nor issued to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GiveUpPersons {
    pub batch: i64,
    #[schema(min_items = 1, max_items = 10_000)]
    pub candidates: Vec<i64>,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Persons who were given up.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GivenUp {
    pub persons: usize,
    /// Where the batch stands now.
    pub stage: BatchStage,
}

impl Act for GiveUpPersons {
    const KIND: ActKind = ActKind::GiveUpPersons;
    type Answer = GivenUp;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<GivenUp, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let reports = store::reports(&mut desk.tx(), self.batch)?;
        let persons = marks::persons(&mut desk.tx(), self.batch)?;
        let chosen: std::collections::BTreeSet<i64> = self.candidates.iter().copied().collect();
        let found: Vec<_> = persons.iter().filter(|person| chosen.contains(&person.id)).collect();
        if found.len() < chosen.len() {
            return Err(Stop::NotFound);
        }
        let mut reason = None;
        for person in &found {
            reason = Some(give_up(course(person, &reports), &person.name, &self.reason)?);
        }
        let reason = reason.ok_or_else(|| {
            Refusal::new(Clause::S2_2_3B, "没有选中人员").remedy("请勾选不再办理的人员").at("candidates")
        })?;
        let ids: Vec<i64> = found.iter().map(|person| person.id).collect();
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        store::give_up(&mut desk.tx(), &ids, &reason, (today, &by))?;
        let (_, stage) = store::settle(&mut desk.tx(), self.batch)?;
        let title = format!("{}“{}”有 {} 人不再办理", batch.body_name, batch.title, ids.len());
        desk.tell_office(batch.centre, title, format!("/batches/{}/report", self.batch));
        Ok(GivenUp { persons: ids.len(), stage })
    }
}

/// Somebody who was or may be given up.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GiveUpLine {
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    pub id_masked: String,
    /// Where the person stands, in words, or why they were given up.
    pub why: String,
}

/// Who of a batch was given up, and who may be.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct GiveUpView {
    pub batch: BatchHead,
    pub open: Vec<GiveUpLine>,
    pub given_up: Vec<GiveUpLine>,
    pub today: Date,
}

/// Who of a batch was given up, and who may be?
#[derive(Debug, Deserialize, ToSchema)]
pub struct GiveUpList {
    pub batch: i64,
}

impl Look for GiveUpList {
    const KIND: LookKind = LookKind::Batches;
    type View = GiveUpView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<GiveUpView, Stop> {
        let batch = marks::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let reports = store::reports(&mut sight.tx(), self.batch)?;
        let (mut open, mut given_up) = (Vec::new(), Vec::new());
        for person in &marks::persons(&mut sight.tx(), self.batch)? {
            let course = course(person, &reports);
            let (list, why) = match course {
                Course::GivenUp => (&mut given_up, person.given_up.clone().unwrap_or_default()),
                Course::Returned => {
                    (&mut open, format!("主管中心退回：{}", person.review_reason.as_deref().unwrap_or_default()))
                }
                Course::RefusedLate => (&mut open, "逾期上报不予受理".to_owned()),
                Course::Approved => (&mut open, "审核通过，未发证".to_owned()),
                _ => continue,
            };
            let (_, id_masked) = marks::masked(person, sight)?;
            let (ticket, name) = (person.ticket.clone(), person.name.clone());
            list.push(GiveUpLine { candidate: person.id, ticket, name, id_masked, why });
        }
        Ok(GiveUpView { batch: BatchHead::from(&batch), open, given_up, today: sight.today() })
    }
}
