//! The day of a batch room by room, one room with its list, and one person at the door.

use jiff::civil::Date;
use rules::assignment::Duty;
use rules::conduct::{Presence, open_to_note};
use rules::identity::mask_name;
use rules::permission::LookKind;
use rules::proposal::ProposalState;
use rules::result::Part;
use serde::{Deserialize, Serialize};
use sheets::Finding;
use utoipa::ToSchema;

use super::{is_missing, moment, store, ticket_code};
use crate::arrangement::{ArrangedBatch, ExamSessionLine};
use crate::batch::{self, Batch};
use crate::day::DaySummary;
use crate::door::{Look, Seals, Sight, Stop, Subject};

/// A session as it was arranged and as it was held.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HallLine {
    pub session: ExamSessionLine,
    /// `08:31`; when it really began and ended.
    pub began: Option<String>,
    pub ended: Option<String>,
    /// Minutes after the arranged time.
    pub late: i64,
    pub late_reason: String,
    pub began_by: String,
    pub ended_by: String,
    pub note: String,
    pub present: i64,
    pub absent: i64,
    /// Of those assigned, how many were there.
    pub staff: i64,
    /// Whether its day has come.
    pub is_due: bool,
    /// Whether the centre has stopped it.
    pub is_stopped: bool,
}

fn line(kept: &store::KeptHall, batch: &Batch, today: Date) -> HallLine {
    let hall = &kept.hall;
    let seated = usize::try_from(kept.seated).unwrap_or_default();
    HallLine {
        session: ExamSessionLine {
            id: kept.id,
            no: kept.no,
            part: hall.part,
            part_name: hall.part.name().to_owned(),
            on: hall.on,
            from: hall.from.to_string(),
            to: hall.to.to_string(),
            room: hall.room.clone(),
            first: kept.first,
            seats: kept.seats,
            columns: 0,
            seated: kept.seated,
            staff: batch.rules.ratios().staff(hall.part, seated),
        },
        began: hall.started.map(|at| at.to_string()),
        ended: hall.ended.map(|at| at.to_string()),
        late: kept.late,
        late_reason: kept.late_reason.clone(),
        began_by: kept.began_by.clone(),
        ended_by: kept.ended_by.clone(),
        note: kept.note.clone(),
        present: kept.present,
        absent: kept.absent,
        staff: kept.staff,
        is_due: today >= hall.on,
        is_stopped: kept.is_stopped,
    }
}

/// A correction of a sign-in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttendanceChangeLine {
    pub id: i64,
    pub session: i64,
    pub candidate: i64,
    pub ticket: String,
    pub name_masked: String,
    pub part_name: String,
    /// What it is to be.
    pub after: Presence,
    pub after_name: String,
    pub came: Option<String>,
    pub reason: String,
    pub state: ProposalState,
    pub state_name: String,
    pub proposed_at: String,
    pub proposed_by: String,
    /// Whether the caller proposed it, so that somebody else has to answer.
    pub is_own: bool,
    pub answered_at: Option<String>,
    pub answered_by: Option<String>,
    pub answer_reason: Option<String>,
}

fn change(kept: store::KeptChange, sight: &Sight<'_>) -> AttendanceChangeLine {
    AttendanceChangeLine {
        id: kept.id,
        session: kept.session,
        candidate: kept.candidate,
        ticket: kept.ticket,
        name_masked: mask_name(&kept.name),
        part_name: kept.part.name().to_owned(),
        after: kept.after,
        after_name: kept.after.name().to_owned(),
        came: kept.came.map(|came| came.to_string()),
        reason: kept.reason,
        state: kept.state,
        state_name: kept.state.name().to_owned(),
        proposed_at: kept.proposed_at,
        is_own: kept.proposed.is_same(&crate::marks::hand(sight)),
        proposed_by: kept.proposed.name,
        answered_at: kept.answered_at,
        answered_by: kept.answered_by,
        answer_reason: kept.answer_reason,
    }
}

/// The day of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConductView {
    pub batch: ArrangedBatch,
    /// Whether a mark needs a sign-in.
    pub asked: bool,
    /// Whether something may still be noted.
    pub open: bool,
    /// What beside it is not settled.
    pub day: DaySummary,
    /// In the order of parts and times.
    pub halls: Vec<HallLine>,
    /// The last first.
    pub changes: Vec<AttendanceChangeLine>,
    pub today: Date,
}

/// How was this batch held?
#[derive(Debug, Deserialize, ToSchema)]
pub struct ConductDetail {
    pub batch: i64,
}

impl Look for ConductDetail {
    const KIND: LookKind = LookKind::Batches;
    type View = ConductView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ConductView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let today = sight.today();
        let halls = store::halls(&mut sight.tx(), batch.id)?;
        let changes = store::changes(&mut sight.tx(), batch.id)?;
        Ok(ConductView {
            asked: rules::conduct::is_asked(batch.notified_on),
            day: crate::day::summary(&mut sight.tx(), batch.id)?,
            open: open_to_note(batch.stage).is_ok() && batch.stopped_on.is_none(),
            halls: halls.iter().map(|kept| line(kept, &batch, today)).collect(),
            changes: changes.into_iter().map(|kept| change(kept, sight)).collect(),
            batch: ArrangedBatch::from(&batch),
            today,
        })
    }
}

/// Somebody on the list of a room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HallPerson {
    pub seat: i64,
    pub candidate: i64,
    pub ticket: String,
    /// The code on the ticket: `/arrivals/` and it is the address that the QR code says.
    pub code: String,
    pub name_masked: String,
    pub presence: Option<Presence>,
    /// 已到场, 缺考, or why nobody waits for the person; empty while that is open.
    pub presence_name: String,
    pub came: Option<String>,
    /// How and by whom it was noted.
    pub trace: String,
    /// Whether the person is waited for.
    pub is_missing: bool,
}

fn listed(one: store::Sitter, seals: &Seals) -> HallPerson {
    let is_missing = is_missing(&one);
    let presence_name = match (one.presence, one.outcome.as_deref()) {
        (Some(presence), _) => presence.name(),
        (None, Some("deferred")) => "缓考",
        (None, Some("violation")) => "违纪",
        (None, _) if one.is_put_off => "缓考",
        (None, _) if one.exempt => "本科免考",
        (None, _) => "",
    };
    let how = match one.how.as_str() {
        "ticket" => "扫码",
        "list" => "点名",
        "end" => "结束时",
        "sheet" => "导入",
        "correction" => "更正",
        _ => "",
    };
    HallPerson {
        seat: one.seat,
        candidate: one.candidate,
        ticket: one.ticket,
        code: ticket_code(seals, one.candidate),
        name_masked: mask_name(&one.name),
        presence: one.presence,
        presence_name: presence_name.to_owned(),
        came: one.came.map(|came| came.to_string()),
        trace: if how.is_empty() { String::new() } else { format!("{how}，{}", one.noted_by) },
        is_missing,
    }
}

/// Somebody assigned, and whether they were there.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HallStaff {
    pub assignment: i64,
    pub name: String,
    pub duty_name: String,
    /// Whether they are assigned to this room, or to no room in particular.
    pub is_of_group: bool,
    pub is_here: bool,
}

/// One room at one time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HallView {
    pub batch: ArrangedBatch,
    pub hall: HallLine,
    /// Whether something may still be noted.
    pub open: bool,
    /// By seat.
    pub persons: Vec<HallPerson>,
    /// Who is assigned to the part or to the whole batch; after the beginning, who was there.
    pub staff: Vec<HallStaff>,
    /// Of this room, the last first.
    pub changes: Vec<AttendanceChangeLine>,
    /// What the last sign-in list that was sent was found to have; identity numbers are masked.
    pub findings: Vec<Finding>,
    /// `09:00`.
    pub now: String,
    pub today: Date,
}

/// Who is in this room?
#[derive(Debug, Deserialize, ToSchema)]
pub struct HallDetail {
    pub batch: i64,
    pub session: i64,
}

impl Look for HallDetail {
    const KIND: LookKind = LookKind::Batches;
    type View = HallView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<HallView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let kept = store::hall(&mut sight.tx(), batch.id, self.session)?.ok_or(Stop::NotFound)?;
        let (today, now) = (sight.today(), moment(sight).now.to_string());
        let (persons, seals) = (store::sitters(&mut sight.tx(), kept.id)?, sight.seals());
        let here = store::staff(&mut sight.tx(), batch.id)?.remove(&kept.id).unwrap_or_default();
        let duty_name = |code: &str| Duty::from_code(code).map_or("", Duty::name).to_owned();
        let of_part = |part: Option<Part>| part.is_none_or(|part| part == kept.hall.part);
        let mut staff: Vec<HallStaff> = store::assigned(&mut sight.tx(), batch.id, kept.id)?
            .into_iter()
            .filter(|one| of_part(one.part))
            .map(|one| HallStaff {
                assignment: one.id,
                duty_name: duty_name(&one.duty),
                is_of_group: one.is_of_group,
                is_here: here.iter().any(|(other, ..)| *other == one.id),
                name: one.name,
            })
            .collect();
        // Who was replaced since was there all the same.
        for (id, name, duty) in here {
            if !staff.iter().any(|one| one.assignment == id) {
                let duty_name = duty_name(&duty);
                staff.push(HallStaff { assignment: id, name, duty_name, is_of_group: true, is_here: true });
            }
        }
        let changes = store::changes(&mut sight.tx(), batch.id)?;
        Ok(HallView {
            hall: line(&kept, &batch, today),
            open: open_to_note(batch.stage).is_ok() && batch.stopped_on.is_none(),
            persons: persons.into_iter().map(|one| listed(one, seals)).collect(),
            staff,
            changes: changes.into_iter().filter(|one| one.session == kept.id).map(|one| change(one, sight)).collect(),
            findings: crate::day::last_findings(sight, (batch.id, Some(kept.id)))?,
            batch: ArrangedBatch::from(&batch),
            now,
            today,
        })
    }
}

/// One place of somebody at the door.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ArrivalPlace {
    pub hall: HallLine,
    pub seat: i64,
    pub presence: Option<Presence>,
    pub came: Option<String>,
}

/// Somebody at the door.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ArrivalView {
    pub batch: ArrangedBatch,
    pub candidate: i64,
    pub name_masked: String,
    pub ticket: String,
    /// The hash of the photo.
    pub photo: Option<String>,
    /// In the order of time.
    pub places: Vec<ArrivalPlace>,
    pub open: bool,
    pub today: Date,
}

/// Who is it that stands at the door, and where do they sit?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Arrival {
    pub candidate: i64,
}

impl Look for Arrival {
    const KIND: LookKind = LookKind::Candidates;
    type View = ArrivalView;

    fn subject(&self) -> Subject {
        Subject::Candidate(self.candidate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ArrivalView, Stop> {
        let places = store::places(&mut sight.tx(), self.candidate)?;
        let first = places.first().ok_or(Stop::NotFound)?;
        let batch = batch::find(&mut sight.tx(), first.batch)?.ok_or(Stop::NotFound)?;
        let halls = store::halls(&mut sight.tx(), batch.id)?;
        let today = sight.today();
        Ok(ArrivalView {
            batch: ArrangedBatch::from(&batch),
            candidate: self.candidate,
            name_masked: first.name_masked.clone(),
            ticket: first.ticket.clone(),
            photo: first.photo.clone(),
            open: open_to_note(batch.stage).is_ok() && batch.stopped_on.is_none(),
            places: places
                .iter()
                .filter_map(|place| {
                    let kept = halls.iter().find(|kept| kept.id == place.session)?;
                    Some(ArrivalPlace {
                        hall: line(kept, &batch, today),
                        seat: place.seat,
                        presence: place.presence,
                        came: place.came.map(|came| came.to_string()),
                    })
                })
                .collect(),
            today,
        })
    }
}
