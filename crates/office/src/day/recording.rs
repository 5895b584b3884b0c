//! What cameras recorded of rooms, how long it is kept, and what was noted wrongly.

use std::collections::HashSet;

use jiff::civil::Date;
use rules::Refusal;
use rules::arrangement::DayTime;
use rules::batch::BatchStage;
use rules::conduct::Moment;
use rules::conduct::recording::{self, Recorded, Telling, kept_at_least};
use rules::permission::{ActKind, LookKind};
use rules::term::Terms;
use serde::{Deserialize, Serialize};
use sheets::{FaultKind, Finding, RecordingRoom, RecordingsCheck, RecordingsContext};
use utoipa::ToSchema;

use super::sheet::{fault, marked_up};
use super::store;
use crate::account::Done;
use crate::batch::{self, Batch};
use crate::conduct::{KeptHall, halls, moment, short};
use crate::db::Tx;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::marks::FileView;

/// Characters of the name of a recording that are kept.
const FILE_NAME_MAX: usize = 200;

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
    /// What the file is called; may be blank.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
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

/// How long recordings of a batch are kept, as things stand today.
pub(super) struct Keeping {
    /// Whether something of the batch is disputed, so that they are kept longer.
    pub is_disputed: bool,
    terms: Terms,
}

impl Keeping {
    pub fn of(sight: &mut Sight<'_>, batch: i64) -> Result<Self, Stop> {
        let today = sight.today();
        let terms = crate::term::on(&mut sight.tx(), today)?;
        Ok(Self { is_disputed: crate::archive::is_disputed(&mut sight.tx(), batch)?, terms })
    }

    /// Until when what was recorded on a day is kept at least.
    pub fn at_least(&self, held_on: Date) -> Date {
        kept_at_least(held_on, self.is_disputed, &self.terms)
    }
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

/// A recording as it is kept, once nothing speaks against it at this moment.
fn noted(
    id: i64,
    one: &RecordingEntry,
    kept: &KeptHall,
    (moment, at_least): (Moment, Date),
) -> Result<store::NewRecording, Refusal> {
    // What is recorded at this moment is told when it has ended.
    kept.hall.said(Some(one.to), moment, "to")?;
    let kept_until = one.kept_until.unwrap_or(at_least);
    let (at, digest, address) = (Recorded { from: one.from, to: one.to }, one.digest.trim(), one.address.trim());
    recording::may_note(&Telling { camera: &one.camera, at, digest, address, kept_until, at_least })?;
    Ok(store::NewRecording {
        id,
        session: kept.id,
        room: kept.hall.room.clone(),
        held_on: kept.hall.on,
        camera: one.camera.trim().to_owned(),
        at,
        file_name: one.file_name.trim().chars().take(FILE_NAME_MAX).collect(),
        digest: digest.to_ascii_lowercase(),
        address: address.to_owned(),
        kept_until,
    })
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
        let (now_here, halls, keeping) = (moment(desk), halls(&mut desk.tx(), batch.id)?, Keeping::of(desk, batch.id)?);
        let mut new = Vec::with_capacity(self.recordings.len());
        for one in &self.recordings {
            let kept = halls.iter().find(|hall| hall.id == one.session).ok_or(Stop::NotFound)?;
            new.push(noted(desk.new_id(), one, kept, (now_here, keeping.at_least(kept.hall.on)))?);
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
        let keeping = Keeping::of(desk, batch.id)?;
        let last = store::recordings(&mut desk.tx(), batch.id)?.into_iter().map(|one| one.held_on).max();
        let last = last.ok_or_else(|| {
            Refusal::house("考试录像", "本批次还没有登记录像").remedy("请先登记各考场的录像").at("kept_until")
        })?;
        recording::may_keep(self.kept_until, keeping.at_least(last))?;
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

/// Notes what a list says that cameras recorded: rows without a fault are kept, the others are told. The same list again changes nothing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadRecordings {
    pub batch: i64,
    /// The kept file.
    pub file: FileHash,
    /// Its name, for showing.
    #[schema(max_length = 120)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<(KeptFile, RecordingsCheck)>,
}

impl UploadRecordings {
    /// An upload of a kept file.
    pub fn new(batch: i64, file: FileHash, name: impl Into<String>) -> Self {
        Self { batch, file, name: name.into(), read: None }
    }
}

/// What came of a list of recordings.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecordingsRead {
    pub rows_read: usize,
    /// Recordings of rooms: one that runs on while groups follow one another counts for each.
    pub noted: u64,
    /// What had been noted before.
    pub before: u64,
    pub findings: Vec<Finding>,
}

/// The rooms of a batch as a list of recordings speaks of them: as they were held, or as they were arranged before.
fn rooms(tx: &mut Tx<'_>, batch: i64) -> Result<Vec<RecordingRoom>, Stop> {
    let room = |kept: KeptHall| {
        let (from, to) = (kept.hall.started.unwrap_or(kept.hall.from), kept.hall.ended.unwrap_or(kept.hall.to));
        RecordingRoom { session: kept.id, room: kept.hall.room, part: kept.hall.part, on: kept.hall.on, from, to }
    };
    Ok(halls(tx, batch)?.into_iter().map(room).collect())
}

impl Act for UploadRecordings {
    const KIND: ActKind = ActKind::UploadRecordings;
    const PREPARES: bool = true;
    type Answer = RecordingsRead;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let (rooms, keeping) = (rooms(&mut sight.tx(), self.batch)?, Keeping::of(sight, self.batch)?);
        let kept_at_least = |on| keeping.at_least(on);
        let bytes = crate::roster::bring(sight, &self.file)?;
        let check =
            sheets::read_recordings(&bytes, &RecordingsContext { rooms: &rooms, kept_at_least: &kept_at_least })?;
        self.read = Some((KeptFile::of(&self.file, &bytes)?, check));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<RecordingsRead, Stop> {
        let (file, check) = self.read.as_ref().ok_or_else(|| Stop::fault("the workbook was not read"))?;
        let batch = open_batch(desk, self.batch)?;
        let (now_here, halls, keeping) = (moment(desk), halls(&mut desk.tx(), batch.id)?, Keeping::of(desk, batch.id)?);
        let known = store::recordings(&mut desk.tx(), batch.id)?.into_iter().filter(|one| one.void.is_none());
        let known: HashSet<(i64, String, Recorded)> = known.map(|one| (one.session, one.camera, one.at)).collect();
        let (mut findings, mut before, mut new) = (check.findings.clone(), 0, Vec::new());
        for row in &check.good {
            for &session in &row.sessions {
                // A room that was arranged anew since the list was read is passed over.
                let Some(kept) = halls.iter().find(|hall| hall.id == session) else { continue };
                if known.contains(&(session, row.camera.clone(), Recorded { from: row.from, to: row.to })) {
                    before += 1;
                    continue;
                }
                let entry = RecordingEntry {
                    session,
                    camera: row.camera.clone(),
                    from: row.from,
                    to: row.to,
                    file_name: row.file_name.clone(),
                    digest: row.digest.clone(),
                    address: row.address.clone(),
                    kept_until: row.kept_until,
                };
                match noted(desk.new_id(), &entry, kept, (now_here, keeping.at_least(kept.hall.on))) {
                    Ok(one) => new.push(one),
                    Err(refusal) => {
                        let said = ("录像", format!("{}–{}", row.from, row.to));
                        findings.push(fault((&row.sheet, row.row), said, FaultKind::RecordingNotTaken, refusal));
                        break;
                    }
                }
            }
        }
        let (now, by) = (desk.now(), desk.caller().name().to_owned());
        store::record(&mut desk.tx(), batch.id, &new, (now, &by))?;
        let upload = store::NewUpload {
            id: desk.new_id(),
            batch: batch.id,
            session: None,
            file,
            name: &crate::web::forms::plain_name(&self.name),
            rows_read: check.rows_read,
            taken: new.len() as u64,
            known: before,
            findings: &findings,
        };
        let seals = desk.seals();
        store::uploaded(&mut desk.tx(), &upload, seals, (now, &by))?;
        Ok(RecordingsRead { rows_read: check.rows_read, noted: new.len() as u64, before, findings })
    }
}

/// The last list of recordings of a batch again, with what was found in it marked.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MarkedUpRecordings {
    pub batch: i64,
}

impl Look for MarkedUpRecordings {
    const KIND: LookKind = LookKind::Batches;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        marked_up(sight, (self.batch, None))
    }
}

/// A list of the rooms of a batch, to write down what was recorded of them.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RecordingsTemplate {
    pub batch: i64,
}

impl Look for RecordingsTemplate {
    const KIND: LookKind = LookKind::Batches;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let rooms = rooms(&mut sight.tx(), batch.id)?;
        let bytes = sheets::recordings_table(&rooms).map_err(Stop::fault)?;
        Ok(FileView { name: format!("录像登记表-{}.xlsx", batch.number), bytes })
    }
}
