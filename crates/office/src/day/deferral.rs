//! A deferral is asked for in a candidate's name, with what proves it, and agreed by another person of the body.

use rules::conduct::Presence;
use rules::conduct::deferral::{self, Asking, DeferralState};
use rules::permission::ActKind;
use rules::result::{Outcome, Part, has_part, parts_for};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::violation::open_batch;
use super::{brought, keep_files, page, presence, put_off, store};
use crate::account::{Done, Made};
use crate::batch::Batch;
use crate::conduct::short;
use crate::door::{Act, Desk, KeptFile, Sight, Stop, Subject};
use crate::marks;
use crate::regulation::NamedFile;

/// Asks to put a candidate off, for one part or for all of them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AskDeferral {
    pub batch: i64,
    pub candidate: i64,
    /// Left out it is about every part.
    #[serde(default)]
    pub part: Option<Part>,
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
    /// The signed application, and what proves the reason.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub files: Vec<NamedFile>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) kept: Vec<(KeptFile, String)>,
}

/// The parts that a deferral is about.
fn parts(batch: &Batch, part: Option<Part>) -> Vec<Part> {
    part.map_or_else(|| parts_for(batch.level).to_vec(), |part| vec![part])
}

/// Whether the candidate signed in for one of the parts.
fn has_sat(desk: &mut Desk<'_>, batch: i64, candidate: i64, parts: &[Part]) -> Result<bool, Stop> {
    let presence = presence(desk, batch)?;
    Ok(parts.iter().any(|part| presence.get(&(candidate, *part)) == Some(&Presence::Present)))
}

impl Act for AskDeferral {
    const KIND: ActKind = ActKind::AskDeferral;
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
        if let Some(part) = self.part {
            has_part(batch.level, part)?;
        }
        let head = marks::batch(&mut desk.tx(), batch.id)?.ok_or(Stop::NotFound)?;
        let candidates = store::candidates(&mut desk.tx(), batch.id)?;
        let of = candidates.into_iter().find(|one| one.candidate == self.candidate).ok_or(Stop::NotFound)?;
        let parts = parts(&batch, self.part);
        let before = store::deferrals(&mut desk.tx(), batch.id)?;
        let stands = |one: &store::Deferral| {
            one.state.stands() && one.of.candidate == of.candidate && parts.iter().any(|part| one.is_of(*part))
        };
        let reason = short(&self.reason, "reason")?;
        deferral::may_ask(&Asking {
            name: &of.name,
            exam_on: parts.iter().map(|part| head.exam_on(*part)).min().unwrap_or(head.theory_on),
            today: desk.today(),
            is_present: has_sat(desk, batch.id, of.candidate, &parts)?,
            is_asked: before.iter().any(stands),
            has_evidence: !self.kept.is_empty(),
            reason,
        })?;
        let (id, now, today, by) = (desk.new_id(), desk.now(), desk.today(), marks::hand(desk));
        store::ask(&mut desk.tx(), (id, batch.id, of.candidate), (self.part, reason), (now, today, &by))?;
        keep_files(desk, batch.id, ("deferral", id), &self.kept)?;
        desk.tell_body(batch.body, format!("{}有一项缓考申请待答复", batch.name()), page(batch.id, "deferrals"));
        Ok(Made { id })
    }
}

/// Agrees to a deferral, or does not; whoever entered it may take it back. On the day of a part and after it the result is put down at
/// once, before that when the room ends.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerDeferral {
    pub batch: i64,
    pub deferral: i64,
    pub agreed: bool,
    /// Why not, where somebody else does not agree.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: String,
}

impl Act for AnswerDeferral {
    const KIND: ActKind = ActKind::AnswerDeferral;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let batch = open_batch(desk, self.batch)?;
        let found = store::deferrals(&mut desk.tx(), batch.id)?;
        let one = found.into_iter().find(|one| one.id == self.deferral).ok_or(Stop::NotFound)?;
        let (by, reason) = (marks::hand(desk), short(&self.reason, "reason")?);
        let state = one.state.answer(self.agreed, reason, &one.asked, &by)?;
        let parts = parts(&batch, one.part);
        if state == DeferralState::Agreed {
            deferral::may_agree(&one.of.name, has_sat(desk, batch.id, one.of.candidate, &parts)?)?;
        }
        let (now, today) = (desk.now(), desk.today());
        store::answer(&mut desk.tx(), one.id, (state, reason), (now, &by.name))?;
        if state == DeferralState::Agreed {
            let head = marks::batch(&mut desk.tx(), batch.id)?.ok_or(Stop::NotFound)?;
            let due: Vec<(i64, Part)> = parts
                .into_iter()
                .filter(|part| head.exam_on(*part) <= today)
                .map(|part| (one.of.candidate, part))
                .collect();
            put_off(desk, batch.id, &due, Some(&by.name), &[Outcome::Violation])?;
        }
        Ok(Done {})
    }
}
