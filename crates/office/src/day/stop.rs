//! The centre in charge stops one room of a batch and lifts the stop again, or has its candidates sit again.

use rules::conduct::stop;
use rules::permission::ActKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ABSENT_OR_VOID, page, put_off, store};
use crate::account::Done;
use crate::conduct::{open_hall, short};
use crate::door::{Act, Desk, Stop, Subject};

/// Stops one room: nothing begins in it, and the marks of its candidates are held. The other rooms go on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StopRoom {
    pub batch: i64,
    pub session: i64,
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
}

/// Who acts, as the body reads it.
fn officer(desk: &Desk<'_>) -> String {
    format!("{}（{}）", desk.caller().name(), desk.caller().seat_name())
}

impl Act for StopRoom {
    const KIND: ActKind = ActKind::StopRoom;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (batch, kept) = open_hall(desk, self.batch, self.session)?;
        let reason = short(&self.reason, "reason")?;
        stop::may_stop(&kept.hall.name(), kept.is_stopped, reason)?;
        let (id, now, by) = (desk.new_id(), desk.now(), officer(desk));
        store::stop(&mut desk.tx(), (id, batch.id, &kept), reason, (now, &by))?;
        let said = format!("主管中心叫停了{}的考场{}", batch.name(), kept.hall.room);
        desk.tell_body(batch.body, said, page(batch.id, "conduct"));
        Ok(Done {})
    }
}

/// Lifts the stop of a room: it goes on, or its candidates sit again in a later batch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LiftRoomStop {
    pub batch: i64,
    pub session: i64,
    /// Whether its candidates sit again; otherwise what was held there stands.
    pub again: bool,
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
}

impl Act for LiftRoomStop {
    const KIND: ActKind = ActKind::LiftRoomStop;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (batch, kept) = open_hall(desk, self.batch, self.session)?;
        let reason = short(&self.reason, "reason")?;
        stop::may_lift(&kept.hall.name(), kept.is_stopped, reason)?;
        let (now, by) = (desk.now(), officer(desk));
        store::lift(&mut desk.tx(), kept.id, (reason, self.again), (now, &by))?;
        if self.again {
            let presence = super::presence(desk, batch.id)?;
            let seats = store::seats(&mut desk.tx(), batch.id)?;
            let of = seats.iter().filter(|seat| seat.session == kept.id).map(|seat| (seat.candidate, seat.part));
            let of: Vec<_> = of.filter(|of| presence.get(of) != Some(&rules::conduct::Presence::Absent)).collect();
            // The body confirms what its centre has decided.
            put_off(desk, batch.id, &of, None, ABSENT_OR_VOID)?;
        }
        let what = if self.again { "决定重考，其考生记为缓考" } else { "解除了叫停" };
        let said = format!("主管中心对{}的考场{}{what}", batch.name(), kept.hall.room);
        desk.tell_body(batch.body, said, page(batch.id, "conduct"));
        Ok(Done {})
    }
}
