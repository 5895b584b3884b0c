//! A batch that nobody arranged is held by list: the rooms are noted as they are, and everyone signs in all the same.

use std::collections::{BTreeMap, BTreeSet};

use rules::arrangement::DayTime;
use rules::conduct::plain::{PlainRoom, may_hold, may_list};
use rules::permission::ActKind;
use rules::result::{Part, has_part, parts_for};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{page, store, violation::open_batch};
use crate::door::{Act, Desk, Stop, Subject};
use crate::marks;

/// Rooms that one act notes, at most.
const ROOMS_MAX: usize = 200;

/// A room as it was, with whom it held.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PlainRoomEntry {
    pub part: Part,
    #[schema(min_length = 1, max_length = 100)]
    pub room: String,
    #[schema(value_type = String, max_length = 5)]
    pub from: DayTime,
    #[schema(value_type = String, max_length = 5)]
    pub to: DayTime,
    /// The first and the last ticket of whom it held; both blank for all whom no room before it held.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub first: String,
    #[serde(default)]
    #[schema(max_length = 40)]
    pub last: String,
}

/// Notes the rooms of a batch that was never arranged, from its first examination day on. Lots are drawn no more: who sat where is what
/// the list says. The centre learns of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HoldByList {
    pub batch: i64,
    #[schema(min_items = 1, max_items = 200)]
    pub rooms: Vec<PlainRoomEntry>,
}

/// What was noted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HeldByList {
    pub sessions: usize,
    pub places: usize,
}

impl Act for HoldByList {
    const KIND: ActKind = ActKind::HoldByList;
    type Answer = HeldByList;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<HeldByList, Stop> {
        let batch = open_batch(desk, self.batch)?;
        let is_arranged = store::has_sessions(&mut desk.tx(), batch.id)?;
        may_list(is_arranged, batch.plan().first_exam_on(), desk.today())?;
        let head = marks::batch(&mut desk.tx(), batch.id)?.ok_or(Stop::NotFound)?;
        let candidates = store::candidates(&mut desk.tx(), batch.id)?;
        let mut placed: BTreeMap<Part, BTreeSet<i64>> = BTreeMap::new();
        let mut rooms = Vec::new();
        for one in self.rooms.iter().take(ROOMS_MAX) {
            has_part(batch.level, one.part)?;
            let taken = placed.entry(one.part).or_default();
            let (first, last) = (one.first.trim(), one.last.trim());
            let is_within = |ticket: &str| (first.is_empty() || ticket >= first) && (last.is_empty() || ticket <= last);
            let here: Vec<i64> = candidates
                .iter()
                .filter(|of| is_within(&of.ticket) && !taken.contains(&of.candidate))
                .map(|of| of.candidate)
                .collect();
            let (room, from, to) = (one.room.trim(), one.from, one.to);
            may_hold(&PlainRoom { part: one.part, room, from, to, candidates: here.len() })?;
            taken.extend(&here);
            rooms.push(store::PlainSession {
                id: desk.new_id(),
                part: one.part,
                on: head.exam_on(one.part),
                from,
                to,
                room: room.to_owned(),
                candidates: here,
            });
        }
        for &part in parts_for(batch.level) {
            let seated = placed.get(&part).map_or(0, BTreeSet::len);
            if seated < candidates.len() {
                return Err(Refusal::new(
                    Clause::S1_5_1,
                    format!("{}还有 {} 名考生没有列入考场", part.name(), candidates.len() - seated),
                )
                .remedy("每名考生的每一科都要列入一个考场；准考证号起止不填的考场收入其余全部考生")
                .at("tickets")
                .into());
            }
        }
        rooms.sort_by_key(|one| (one.part, one.on, one.from));
        store::hold_by_list(&mut desk.tx(), batch.id, &rooms)?;
        let said = format!("{}{}考前没有编排考场，按名单登记", batch.body_name, batch.name());
        desk.tell_office(&batch.centre, said, page(batch.id, "conduct"));
        Ok(HeldByList { sessions: rooms.len(), places: rooms.iter().map(|one| one.candidates.len()).sum() })
    }
}
