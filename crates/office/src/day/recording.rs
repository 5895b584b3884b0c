//! What cameras recorded of rooms, how long it is kept, and what was noted wrongly.

use jiff::civil::Date;
use rules::Refusal;
use rules::arrangement::DayTime;
use rules::batch::BatchStage;
use rules::conduct::recording::{self, Recorded, Telling, kept_at_least};
use rules::permission::ActKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::account::Done;
use crate::batch::{self, Batch};
use crate::conduct::{halls, moment, short};
use crate::door::{Act, Desk, Stop, Subject};

/// What one camera recorded of one room.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordingEntry {
    pub session: i64,
    #[schema(min_length = 1, max_length = 100)]
    pub camera: String,
    /// `08:20`, on the day of the room.
    #[schema(value_type = String, max_length = 5)]
    pub from: DayTime,
    #[schema(value_type = String, max_length = 5)]
    pub to: DayTime,
    /// SHA-256 of the file, 64 hexadecimal digits; may be blank where the place is said.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub digest: String,
    /// Where the recording lies.
    #[serde(default)]
    #[schema(max_length = 300)]
    pub address: String,
    /// The last day of keeping; left out it is the least that is asked.
    #[serde(default)]
    pub kept_until: Option<Date>,
}

/// Notes recordings of the rooms of a batch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NoteRecordings {
    pub batch: i64,
    #[schema(min_items = 1, max_items = 500)]
    pub recordings: Vec<RecordingEntry>,
}

/// What was noted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordingsNoted {
    pub noted: usize,
}

/// A batch whose recordings may be told of: also after its results were posted, for they are kept long after.
fn open_batch(desk: &mut Desk<'_>, batch: i64) -> Result<Batch, Stop> {
    let batch = batch::find(&mut desk.tx(), batch)?.ok_or(Stop::NotFound)?;
    if matches!(batch.stage, BatchStage::Cancelled | BatchStage::Postponed) {
        return Err(Refusal::house("考试录像", format!("本批次{}", batch.stage.name()))
            .remedy("没有举行的考试没有录像；请核对批次")
            .into());
    }
    Ok(batch)
}

impl Act for NoteRecordings {
    const KIND: ActKind = ActKind::NoteRecordings;
    type Answer = RecordingsNoted;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<RecordingsNoted, Stop> {
        let batch = open_batch(desk, self.batch)?;
        if self.recordings.is_empty() || self.recordings.len() > 500 {
            return Err(Refusal::house("考试录像", "没有要登记的录像，或一次超过500段")
                .remedy("请填写至少一段录像，分次登记")
                .at("camera")
                .into());
        }
        let (today, now_here, halls) = (desk.today(), moment(desk), halls(&mut desk.tx(), batch.id)?);
        let terms = crate::term::on(&mut desk.tx(), today)?;
        let is_disputed = crate::archive::is_disputed(&mut desk.tx(), batch.id)?;
        let mut new = Vec::with_capacity(self.recordings.len());
        for one in &self.recordings {
            let kept = halls.iter().find(|hall| hall.id == one.session).ok_or(Stop::NotFound)?;
            // What is recorded at this moment is told when it has ended.
            kept.hall.said(Some(one.to), now_here, "to")?;
            let at_least = kept_at_least(kept.hall.on, is_disputed, &terms);
            let kept_until = one.kept_until.unwrap_or(at_least);
            let (at, digest, address) =
                (Recorded { from: one.from, to: one.to }, one.digest.trim(), one.address.trim());
            recording::may_note(&Telling { camera: &one.camera, at, digest, address, kept_until, at_least })?;
            new.push(store::NewRecording {
                id: desk.new_id(),
                session: kept.id,
                room: kept.hall.room.clone(),
                held_on: kept.hall.on,
                camera: one.camera.trim().to_owned(),
                at,
                digest: digest.to_ascii_lowercase(),
                address: address.to_owned(),
                kept_until,
            });
        }
        let (now, by) = (desk.now(), desk.caller().name().to_owned());
        store::record(&mut desk.tx(), batch.id, &new, (now, &by))?;
        Ok(RecordingsNoted { noted: new.len() })
    }
}

/// Keeps all recordings of a batch until a later day.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KeepRecordings {
    pub batch: i64,
    pub kept_until: Date,
}

/// How many recordings are kept longer now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordingsKept {
    pub changed: u64,
}

impl Act for KeepRecordings {
    const KIND: ActKind = ActKind::KeepRecordings;
    type Answer = RecordingsKept;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<RecordingsKept, Stop> {
        let batch = open_batch(desk, self.batch)?;
        let today = desk.today();
        let terms = crate::term::on(&mut desk.tx(), today)?;
        let is_disputed = crate::archive::is_disputed(&mut desk.tx(), batch.id)?;
        let last = store::recordings(&mut desk.tx(), batch.id)?.into_iter().map(|one| one.held_on).max();
        let last = last.ok_or_else(|| {
            Refusal::house("考试录像", "本批次还没有登记录像").remedy("请先登记各考场的录像").at("kept_until")
        })?;
        recording::may_keep(self.kept_until, kept_at_least(last, is_disputed, &terms))?;
        Ok(RecordingsKept { changed: store::keep(&mut desk.tx(), batch.id, self.kept_until)? })
    }
}

/// Takes back a recording that was noted wrongly; it stays to be read and covers nothing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VoidRecording {
    pub batch: i64,
    pub recording: i64,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

impl Act for VoidRecording {
    const KIND: ActKind = ActKind::VoidRecording;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let batch = super::violation::open_batch(desk, self.batch)?;
        let reason = short(&self.reason, "reason")?;
        if reason.is_empty() {
            return Err(Refusal::house("考试录像", "没有写明作废的原因")
                .remedy("请写明哪里登记错了；正确的另行登记")
                .at("reason")
                .into());
        }
        let (now, by) = (desk.now(), desk.caller().name().to_owned());
        match store::void(&mut desk.tx(), (batch.id, self.recording), reason, (now, &by))? {
            true => Ok(Done {}),
            false => Err(Stop::NotFound),
        }
    }
}
