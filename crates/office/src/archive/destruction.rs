//! 三（三）: what was kept as long as it has to be may be destroyed, by two persons and with a list that is kept for ever. Results
//! and certificates never are. Content that anything else needs stays; the rest goes from the store in a round of its own.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rules::archive::{Volume, may_destroy};
use rules::marking::Hand;
use rules::permission::ActKind;
use rules::proposal::ProposalState;
use rules::{Day, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ArchiveEntry, ArchiveList, BASIS, list, page, store};
use crate::account::Made;
use crate::batch;
use crate::db::Keep;
use crate::door::store::to_text;
use crate::door::{Act, Desk, FileHash, Office, Sight, Stop, Subject, digest};
use crate::marks::hand;

/// How much content goes from the store in one round.
const ROUND: i64 = 500;

/// A piece of an archive on a list of what is destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DestroyedPiece {
    pub volume: Volume,
    /// Within its volume, from 1.
    pub no: usize,
    pub title: String,
    pub extent: String,
    /// Of paper: room and shelf number.
    pub place: String,
    /// The last day on which it had to be kept.
    pub kept_until: Date,
    /// Where its files lay in the ZIP.
    pub paths: Vec<String>,
    /// SHA-256 of its files.
    pub hashes: Vec<String>,
}

/// A list of what is destroyed, and where it stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DestructionLine {
    pub id: i64,
    pub state: ProposalState,
    pub state_name: String,
    pub reason: String,
    pub pieces: Vec<DestroyedPiece>,
    /// SHA-256 of the list.
    pub digest: String,
    pub proposed_on: Date,
    pub proposed_by: String,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: String,
    /// Whether the caller proposed it, so that somebody else has to agree.
    #[serde(skip_deserializing)]
    pub is_own: bool,
}

/// What of an archive has no day left to be kept and is not destroyed, and the next day on which something has not.
pub(super) fn due(
    contents: &[(Volume, ArchiveEntry)],
    gone: &BTreeSet<(Volume, usize)>,
    (closed_on, is_disputed): (Day, bool),
    today: Day,
) -> (Vec<DestroyedPiece>, Option<Day>) {
    let mut next = None;
    let mut due = Vec::new();
    for (volume, entry) in contents.iter().filter(|(volume, entry)| !gone.contains(&(*volume, entry.no))) {
        match list::keeping(entry, closed_on, is_disputed) {
            Some(until) if until < today => due.push(DestroyedPiece {
                volume: *volume,
                no: entry.no,
                title: entry.title.clone(),
                extent: entry.extent.clone(),
                place: entry.place.clone(),
                kept_until: until,
                paths: entry.files.iter().map(|file| file.path.clone()).collect(),
                hashes: entry.files.iter().map(|file| file.sha256.clone()).collect(),
            }),
            Some(until) => next = Some(next.map_or(until, |next: Day| next.min(until))),
            None => {}
        }
    }
    (due, next)
}

/// Everything in an archive, supplements among it.
pub(super) fn contents(
    sight: &mut Sight<'_>,
    batch: i64,
    list: &ArchiveList,
) -> Result<Vec<(Volume, ArchiveEntry)>, Stop> {
    let pieces = store::pieces(&mut sight.tx(), batch)?;
    let held = list.volumes.iter().flat_map(|held| held.entries.iter().map(|entry| (held.volume, entry.clone())));
    Ok(held.chain(list::supplements(list, &pieces)).collect())
}

/// Which pieces were destroyed.
pub(super) fn gone(destructions: &[DestructionLine]) -> BTreeSet<(Volume, usize)> {
    let agreed = destructions.iter().filter(|one| one.state == ProposalState::Agreed);
    agreed.flat_map(|one| one.pieces.iter().map(|piece| (piece.volume, piece.no))).collect()
}

/// What stands in an archive, what of it may be destroyed today, and from when the next of it may be.
type DueNow = (Vec<(Volume, ArchiveEntry)>, Vec<DestroyedPiece>, Option<Day>);

/// What may be destroyed of the archive of a batch today.
fn due_now(sight: &mut Sight<'_>, batch: i64) -> Result<DueNow, Stop> {
    let closed = store::closed(&mut sight.tx(), batch)?
        .ok_or_else(|| Refusal::new(BASIS, "本批次还没有归档").remedy("归档并满保管期限后，才能提出销毁"))?;
    let list = super::kept_list(sight, &closed.list)?;
    let contents = contents(sight, batch, &list)?;
    let destructions = store::destructions(&mut sight.tx(), batch)?;
    let is_disputed = store::is_disputed(&mut sight.tx(), batch)?;
    let (due, next) = due(&contents, &gone(&destructions), (closed.on, is_disputed), sight.today());
    Ok((contents, due, next))
}

/// Proposes to destroy everything of an archive that has no day left to be kept; results and certificates are never among it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposeDestruction {
    pub batch: i64,
    /// Who identified it, by which rule.
    #[schema(min_length = 5, max_length = 500)]
    pub reason: String,
}

impl Act for ProposeDestruction {
    const KIND: ActKind = ActKind::ProposeDestruction;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let batch = batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let (_, due, next) = due_now(desk, self.batch)?;
        let open = store::destructions(&mut desk.tx(), self.batch)?;
        let open = open.iter().any(|one| one.state == ProposalState::Proposed);
        let reason = self.reason.trim();
        may_destroy((due.len(), next), open, reason)?;
        let (id, today, by) = (desk.new_id(), desk.today(), hand(desk));
        let text = to_text(&due)?;
        let new =
            store::NewDestruction { id, batch: self.batch, reason, digest: &digest(text.as_bytes()), list: &text };
        store::propose(&mut desk.tx(), &new, (today, &by))?;
        desk.tell_body(
            batch.body,
            format!("“{}”的档案有 {} 件提出销毁，请另一人核对后答复", batch.name(), due.len()),
            page(self.batch),
        );
        Ok(Made { id })
    }
}

/// Answers a proposal to destroy: another person agrees and it is carried out, or not; who proposed it may take it back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerDestruction {
    pub batch: i64,
    pub destruction: i64,
    pub agreed: bool,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
}

/// What came of a proposal to destroy.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DestructionAnswered {
    pub state: ProposalState,
    /// Pieces that were destroyed.
    pub pieces: usize,
    /// Files of them that nothing else needs, which go from the store.
    pub files: usize,
}

impl Act for AnswerDestruction {
    const KIND: ActKind = ActKind::AnswerDestruction;
    type Answer = DestructionAnswered;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<DestructionAnswered, Stop> {
        let batch = batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let destructions = store::destructions(&mut desk.tx(), self.batch)?;
        let proposed = destructions.into_iter().find(|one| one.id == self.destruction).ok_or(Stop::NotFound)?;
        let account = store::proposer(&mut desk.tx(), self.destruction)?;
        let by = hand(desk);
        let proposer = Hand { account, name: proposed.proposed_by.clone() };
        let state = proposed.state.answer(self.agreed, &self.reason, &proposer, &by)?;
        let mut answered = DestructionAnswered { state, pieces: 0, files: 0 };
        if state == ProposalState::Agreed {
            // A dispute that came up since keeps everything longer, and a supplement may have come.
            let (contents, due, _) = due_now(desk, self.batch)?;
            if due != proposed.pieces {
                return Err(Refusal::new(BASIS, "提出以后，可以销毁的件有变化，清单不再一致")
                    .remedy("请先撤回，按现在的清单重新提出")
                    .into());
            }
            let going: BTreeSet<(Volume, usize)> = due.iter().map(|piece| (piece.volume, piece.no)).collect();
            let staying = contents.iter().filter(|(volume, entry)| !going.contains(&(*volume, entry.no)));
            let staying: BTreeSet<&str> =
                staying.flat_map(|(_, entry)| entry.files.iter().map(|file| file.sha256.as_str())).collect();
            let hashes: BTreeSet<&str> = due
                .iter()
                .flat_map(|piece| piece.hashes.iter().map(String::as_str))
                .filter(|hash| !staying.contains(hash))
                .collect();
            answered.files = store::give_up(&mut desk.tx(), (self.batch, self.destruction), &hashes)?;
            answered.pieces = due.len();
        }
        let today = desk.today();
        store::answer(&mut desk.tx(), self.destruction, state, (today, &by.name), self.reason.trim())?;
        if let (ProposalState::Agreed, Some(centre)) = (state, desk.standing().centre.clone()) {
            let said = format!("{}按期销毁“{}”档案 {} 件", desk.caller().seat_name(), batch.name(), answered.pieces);
            desk.tell_office(centre, said, page(self.batch));
        }
        Ok(answered)
    }
}

/// Lets content go from the store that was given up, and notes that it is gone; what is broken off is taken up again in the
/// next round.
///
/// # Errors
/// A fault.
pub(crate) fn sweep(office: &Office) -> Result<usize, Stop> {
    let left = office.engine().read(|tx| store::left(tx, ROUND))?;
    for hash in &left {
        office.files().remove(&FileHash(hash.clone()))?;
    }
    let count = left.len();
    if count > 0 {
        office.engine().write(move |tx| Ok((Keep::Yes, store::are_gone(tx, &left)?)))?;
    }
    Ok(count)
}
