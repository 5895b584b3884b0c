//! An incident in a room is noted by whoever is there and closed by who answers for the batch.

use rules::arrangement::DayTime;
use rules::conduct::incident::{self, Closing, IncidentEffect, IncidentKind, IncidentOutcome};
use rules::conduct::open_to_note;
use rules::permission::ActKind;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ABSENT_OR_VOID, page, presence, put_off, store};
use crate::account::Made;
use crate::batch;
use crate::conduct::{moment, open_hall, short, sitters};
use crate::door::{Act, Desk, Stop, Subject};
use crate::marks;

/// Notes what went wrong in a room: when, what, and whom it touches.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NoteIncident {
    pub batch: i64,
    pub session: i64,
    pub kind: IncidentKind,
    pub effect: IncidentEffect,
    /// When it happened, `09:10`; now, where it is left out on the very day.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 5)]
    pub at: Option<DayTime>,
    #[schema(min_length = 5, max_length = 2000)]
    pub what: String,
    /// Whom it touches, where it touches some of the room.
    #[serde(default)]
    #[schema(max_items = 2000)]
    pub persons: Vec<i64>,
}

impl Act for NoteIncident {
    const KIND: ActKind = ActKind::NoteIncident;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let (batch, kept) = open_hall(desk, self.batch, self.session)?;
        let happened = kept.hall.said(self.at, moment(desk), "at")?;
        let what = short(&self.what, "what")?;
        let mut persons = self.persons.clone();
        persons.sort_unstable();
        persons.dedup();
        incident::may_note(self.effect, persons.len(), what)?;
        let here = sitters(&mut desk.tx(), kept.id)?;
        if persons.iter().any(|id| !here.iter().any(|one| one.candidate == *id)) {
            return Err(Refusal::new(Clause::S3_3_1, "所选的考生不在这一场")
                .remedy("请在这一场的名单上选择")
                .at("persons")
                .into());
        }
        let (id, now, today, by) = (desk.new_id(), desk.now(), desk.today(), marks::hand(desk));
        let new = store::NewIncident {
            id,
            batch: batch.id,
            kept: &kept,
            kind: self.kind,
            effect: self.effect,
            happened,
            what,
            persons: &persons,
        };
        store::note_incident(&mut desk.tx(), &new, (now, today, &by))?;
        let said = format!("{}{}有异常情况：{}", batch.name(), kept.hall.room, self.kind.name());
        desk.tell_body(batch.body, format!("{said}，请负责人核实并作结论"), page(batch.id, "incidents"));
        if matches!(self.effect, IncidentEffect::Room | IncidentEffect::Leak) {
            desk.tell_office(&batch.centre, format!("{}{said}", batch.body_name), page(batch.id, "incidents"));
        }
        Ok(Made { id })
    }
}

/// Closes an incident with its outcome; by somebody else than who noted it. Where those whom it touched sit again, they are put off.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CloseIncident {
    pub batch: i64,
    pub incident: i64,
    pub outcome: IncidentOutcome,
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
}

/// What came of closing an incident.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IncidentClosed {
    /// Whom it touched and who sit again.
    pub put_off: usize,
}

impl Act for CloseIncident {
    const KIND: ActKind = ActKind::CloseIncident;
    type Answer = IncidentClosed;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<IncidentClosed, Stop> {
        let batch = batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_note(batch.stage)?;
        let found = store::incidents(&mut desk.tx(), batch.id)?;
        let one = found.into_iter().find(|one| one.id == self.incident).ok_or(Stop::NotFound)?;
        let (by, reason) = (marks::hand(desk), short(&self.reason, "reason")?);
        incident::may_close(&Closing {
            closed: one.outcome,
            effect: one.effect,
            noted: &one.noted,
            by: &by,
            outcome: self.outcome,
            reason,
        })?;
        let now = desk.now();
        store::close_incident(&mut desk.tx(), one.id, (self.outcome, reason), (now, &by.name))?;
        if self.outcome != IncidentOutcome::Again {
            return Ok(IncidentClosed { put_off: 0 });
        }
        let (seats, presence) = (store::seats(&mut desk.tx(), batch.id)?, presence(desk, batch.id)?);
        let touched = store::touched(&one, &seats, &presence);
        Ok(IncidentClosed { put_off: put_off(desk, batch.id, &touched, Some(&by.name), ABSENT_OR_VOID)? })
    }
}
