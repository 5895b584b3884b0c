//! What of the day of an examination concerned one person, as the chain behind a certificate lists it: what happened in the own
//! rooms, what was reported and decided of the person, what was asked for.

use rules::conduct::deferral::DeferralState;
use rules::conduct::incident::IncidentOutcome;
use rules::conduct::violation::ViolationEffect;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Ending, Seat};
use crate::db::{DbError, Tx};

/// Something that the day brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayEvent {
    /// 异常情况, 违纪, 缓考, 叫停考场.
    pub kind_name: String,
    /// The part, or all of them.
    pub part_name: String,
    /// Blank where it is of no room.
    pub room: String,
    pub what: String,
    /// Who noted it, and when.
    pub noted: String,
    /// What it came to; open while nobody has decided.
    pub outcome: String,
    /// Who decided so, when and why; blank while nobody has.
    pub decided: String,
}

const OPEN: &str = "尚未了结";

fn decided(ending: Option<&Ending>) -> String {
    ending.map_or_else(String::new, |one| match one.reason.as_str() {
        "" => format!("{}，{}", one.by, one.at),
        reason => format!("{}，{}：{reason}", one.by, one.at),
    })
}

/// What the day of a batch brought that concerned a candidate, kind by kind, the first first.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn of_person(tx: &mut Tx<'_>, batch: i64, candidate: i64) -> Result<Vec<DayEvent>, DbError> {
    let mut own: Vec<Seat> = store::seats(tx, batch)?;
    own.retain(|seat| seat.candidate == candidate);
    let mut found = Vec::new();
    for one in store::incidents(tx, batch)?.into_iter().rev().filter(|one| one.concerns(&own)) {
        found.push(DayEvent {
            kind_name: "异常情况".to_owned(),
            part_name: one.part.name().to_owned(),
            what: format!("{} {}：{}", one.kind.name(), one.happened, one.what),
            noted: format!("{}，{}", one.noted.name, one.noted_at),
            outcome: one.outcome.map_or(OPEN, IncidentOutcome::name).to_owned(),
            decided: decided(one.closed.as_ref()),
            room: one.room,
        });
    }
    for one in store::stops(tx, batch)?.into_iter().rev() {
        let Some(seat) = own.iter().find(|seat| seat.session == one.session) else { continue };
        let lifted = if one.is_again { "已决定重考" } else { "已解除" };
        found.push(DayEvent {
            kind_name: "叫停考场".to_owned(),
            part_name: seat.part.name().to_owned(),
            room: one.room,
            what: one.reason,
            noted: format!("{}，{}", one.stopped_by, one.stopped_at),
            outcome: if one.lifted.is_some() { lifted } else { OPEN }.to_owned(),
            decided: decided(one.lifted.as_ref()),
        });
    }
    for one in store::violations(tx, batch)?.into_iter().rev().filter(|one| one.of.candidate == candidate) {
        let heard = one.heard.as_ref().map_or_else(String::new, |heard| format!("；本人陈述：{}", heard.reason));
        found.push(DayEvent {
            kind_name: "违纪".to_owned(),
            part_name: one.part.name().to_owned(),
            room: String::new(),
            what: format!("{}：{}{heard}", one.kind.name(), one.what),
            noted: format!("{}，{}", one.reported.name, one.reported_at),
            outcome: one.effect.map_or(OPEN, ViolationEffect::name).to_owned(),
            decided: decided(one.decided.as_ref()),
        });
    }
    for one in store::deferrals(tx, batch)?.into_iter().rev().filter(|one| one.of.candidate == candidate) {
        found.push(DayEvent {
            kind_name: "缓考".to_owned(),
            part_name: one.part.map_or("各科", rules::result::Part::name).to_owned(),
            room: String::new(),
            what: one.reason,
            noted: format!("{}，{}", one.asked.name, one.asked_at),
            outcome: DeferralState::name(one.state).to_owned(),
            decided: decided(one.answered.as_ref()),
        });
    }
    Ok(found)
}
