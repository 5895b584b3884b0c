//! 三（三）: everything of a batch in five volumes, so that a problem can be traced back and somebody is accountable. The
//! tables of contents are told from the records; what arose on paper is entered by hand. Closing writes everything down
//! once and for all under one digest; who opens it says why, and that stays too.

mod destruction;
mod list;
mod pack;
mod pages;
mod store;

use jiff::civil::Date;
use rules::archive::{Entered, PIECES, PieceKind, Source, Volume, due, may_close, may_enter, may_open};
use rules::batch::BatchStage;
use rules::people::Role;
use rules::permission::{ActKind, LookKind, may};
use rules::proposal::ProposalState;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use destruction::sweep;
pub use destruction::{AnswerDestruction, DestroyedPiece, DestructionAnswered, DestructionLine, ProposeDestruction};
pub use list::{ArchiveBatch, ArchiveEntry, ArchiveFile, ArchiveList, ArchiveVolume, MissingPiece};
pub use pack::{DESTROYED, DIGESTS, LIST};
pub use pages::pages;
pub(crate) use store::{ALL, is_disputed};

use crate::account::{Done, Made};
use crate::batch;
use crate::certificate::{BatchFaces, Face};
use crate::door::files::FileKind;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::roster::bring;
use crate::web::api::Registry;
use crate::web::forms::plain_name;

/// The duty that the archive answers to.
pub(crate) const BASIS: Clause = Clause::S3_3_1;

/// Bytes as people read them.
fn extent_of(size: i64) -> String {
    match size {
        ..1024 => format!("{size} B"),
        1024..1_048_576 => format!("{} KB", size / 1024),
        _ => format!("{:.1} MB", size as f64 / 1_048_576.0),
    }
}

/// A piece that was entered by hand, as it is kept.
struct PieceLine {
    id: i64,
    kind: String,
    title: String,
    made_on: Date,
    place: String,
    shelf: String,
    pages: i64,
    file: Option<String>,
    reason: String,
    entered_by: String,
    is_supplement: bool,
    size: i64,
    file_kind: String,
}

/// Enters a piece of the archive that arose on paper: where it lies, or its scan. After closing it is a supplement and says
/// why.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterPiece {
    pub batch: i64,
    /// The code of its kind: `answers`.
    #[schema(max_length = 40)]
    pub kind: String,
    #[schema(max_length = 500)]
    pub title: String,
    /// The day on which it arose.
    pub made_on: Date,
    /// Of paper: room or cupboard.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub place: String,
    /// Of paper: shelf number.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub shelf: String,
    /// Of paper: how many.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000)]
    pub pages: i64,
    /// The scan as a file that was kept before: PDF or JPEG.
    #[serde(default)]
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    /// Why it comes after the archive was closed; blank before.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
}

impl Act for EnterPiece {
    const KIND: ActKind = ActKind::EnterPiece;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let Some(hash) = &self.file else { return Ok(()) };
        let kept = KeptFile::of(hash, &bring(sight, hash)?)?;
        if !matches!(kept.kind, FileKind::Pdf | FileKind::Jpeg) {
            return Err(Refusal::new(BASIS, "扫描件不是 PDF 或 JPEG 文件")
                .remedy("请扫描为 PDF 或 JPG 后上传；按内容检查，改文件名没有用")
                .at("file")
                .into());
        }
        self.kept = Some(kept);
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let (today, now, id) = (desk.today(), desk.now(), desk.new_id());
        let by = desk.caller().name();
        let batch = batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let closed_on = store::closed(&mut desk.tx(), self.batch)?.map(|closed| closed.on);
        let piece = Entered {
            kind: &self.kind,
            title: &self.title,
            made_on: self.made_on,
            place: &self.place,
            shelf: &self.shelf,
            pages: self.pages,
            has_scan: self.kept.is_some(),
            reason: &self.reason,
        };
        may_enter(&piece, batch.stage, closed_on, today)?;
        let name = plain_name(&self.file_name);
        if let Some(kept) = &self.kept {
            note_file(&mut desk.tx(), kept, now)?;
        }
        let new = store::NewPiece {
            id,
            batch: self.batch,
            piece,
            file: self.kept.as_ref().map(|kept| (kept.hash.0.as_str(), name.as_str())),
            on: today,
            by,
            is_supplement: closed_on.is_some(),
        };
        store::enter(&mut desk.tx(), &new)?;
        if closed_on.is_some()
            && let Some(centre) = desk.standing().centre.clone()
        {
            let said = format!("{}在归档后补充材料：{}", desk.caller().seat_name(), batch.title);
            desk.tell_office(centre, said, page(self.batch));
        }
        Ok(Made { id })
    }
}

/// Takes out a piece that was entered in error, before the archive is closed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RemovePiece {
    pub batch: i64,
    pub piece: i64,
}

impl Act for RemovePiece {
    const KIND: ActKind = ActKind::RemovePiece;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        if let Some(closed) = store::closed(&mut desk.tx(), self.batch)? {
            return Err(Refusal::new(BASIS, format!("本批次已于 {} 归档，目录已固定", closed.on))
                .remedy("归档的材料不能移除；有误的请补充入卷并写明原因")
                .into());
        }
        if !store::remove(&mut desk.tx(), self.batch, self.piece)? {
            return Err(Stop::NotFound);
        }
        Ok(Done {})
    }
}

/// Closes the archive of a finished batch: everything is written down once, and the list of it has one digest.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CloseArchive {
    pub batch: i64,
    /// Why pieces are missing; blank where none is.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
    #[serde(skip)]
    #[schema(ignore)]
    made: Option<Closing>,
}

/// What was written before the transaction, and of which state of the batch.
#[derive(Debug, Clone)]
struct Closing {
    latest: i64,
    entries: i64,
    list: KeptFile,
    tables: Vec<KeptFile>,
}

/// An archive that was closed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Archived {
    /// SHA-256 of the list.
    pub digest: String,
    pub entries: i64,
}

impl Act for CloseArchive {
    const KIND: ActKind = ActKind::CloseArchive;
    const PREPARES: bool = true;
    type Answer = Archived;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let latest = store::latest(&mut sight.tx(), self.batch)?;
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let closed_on = store::closed(&mut sight.tx(), self.batch)?.map(|closed| closed.on);
        let missing = list::contents(sight, &batch, None)?.missing;
        may_close(batch.stage, closed_on, &missing, &self.note)?;
        let written = list::write(sight, &batch)?;
        let contents = list::contents(sight, &batch, Some(&written))?;
        let (list, file) = list::closed(sight, &batch, contents, &self.note)?;
        let tables = written.into_iter().map(|(_, _, kept)| kept).collect();
        self.made = Some(Closing { latest, entries: list.entries() as i64, list: file, tables });
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Archived, Stop> {
        let Some(made) = &self.made else { return Err(Stop::fault("an archive without its list")) };
        let (today, now, by) = (desk.today(), desk.now(), desk.caller().name());
        let batch = batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let closed_on = store::closed(&mut desk.tx(), self.batch)?.map(|closed| closed.on);
        may_close(batch.stage, closed_on, &[], &self.note)?;
        if store::latest(&mut desk.tx(), self.batch)? != made.latest {
            return Err(Refusal::new(BASIS, "归档过程中本批次有新的办理，目录没有固定")
                .remedy("请再次归档，按最新的记录形成目录")
                .into());
        }
        for kept in made.tables.iter().chain([&made.list]) {
            note_file(&mut desk.tx(), kept, now)?;
        }
        let kept = (made.list.hash.0.as_str(), made.entries, self.note.trim());
        store::close(&mut desk.tx(), self.batch, kept, (today, now, by))?;
        if let Some(centre) = desk.standing().centre.clone() {
            let said = format!("{}已归档：{}", desk.caller().seat_name(), batch.name());
            desk.tell_office(centre, said, page(self.batch));
        }
        Ok(Archived { digest: made.list.hash.0.clone(), entries: made.entries })
    }
}

/// Opens the archive of a batch, or one scan of it, for a reason. Who opened it may fetch it on the same day.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OpenArchive {
    pub batch: i64,
    /// The whole archive without it.
    #[serde(default)]
    pub piece: Option<i64>,
    #[schema(max_length = 500)]
    pub reason: String,
}

impl Act for OpenArchive {
    const KIND: ActKind = ActKind::OpenArchive;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        may_open(&self.reason)?;
        match self.piece {
            Some(piece) => {
                let pieces = store::pieces(&mut desk.tx(), self.batch)?;
                let found = pieces.iter().find(|one| one.id == piece).ok_or(Stop::NotFound)?;
                if found.file.is_none() {
                    let at = format!("{} {}", found.place, found.shelf);
                    return Err(Refusal::new(BASIS, "这一件是纸质件，没有扫描件")
                        .remedy(format!("请到{}调阅，并在那里登记", at.trim()))
                        .into());
                }
            }
            None if store::closed(&mut desk.tx(), self.batch)?.is_none() => {
                return Err(Refusal::new(BASIS, "本批次还没有归档")
                    .remedy("各项记录见批次的各页；由机构负责人归档后可以调阅整卷")
                    .into());
            }
            None => {}
        }
        let (id, today, now) = (desk.new_id(), desk.today(), desk.now());
        let caller = desk.caller();
        let opener = (id, caller.account(), caller.name(), caller.seat_name());
        store::open(&mut desk.tx(), self.batch, (self.piece, self.reason.trim()), (today, now), opener)?;
        Ok(Made { id })
    }
}

fn page(batch: i64) -> String {
    format!("/batches/{batch}/archive")
}

/// One opening of an archive.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Opening {
    /// When, as people read it.
    pub at: String,
    pub by: String,
    pub seat: String,
    /// The title of the piece; blank for the whole archive.
    pub piece: String,
    pub reason: String,
}

/// A kind of piece that a body may enter.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PieceChoice {
    pub code: String,
    pub name: String,
    pub volume_name: String,
}

/// A volume as it is shown: its contents, and until when they are kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VolumeView {
    pub no: usize,
    pub name: String,
    pub entries: Vec<EntryView>,
}

/// An entry as it is shown: without the names of its files.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EntryView {
    #[serde(flatten)]
    pub entry: ArchiveEntry,
    /// The last day on which it has to be kept, once the archive is closed.
    pub kept_until: Option<Date>,
    /// Whether it is kept for ever.
    pub for_ever: bool,
    /// The day on which it was destroyed, its time being over.
    pub destroyed_on: Option<Date>,
}

/// The archive of a batch: closed, or as it would be closed today.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ArchiveView {
    pub batch: i64,
    pub number: String,
    pub title: String,
    pub body: String,
    pub trade: String,
    pub level_name: String,
    pub stage: BatchStage,
    pub stage_name: String,
    /// By when it is to be closed, once the batch is finished.
    pub due_on: Option<Date>,
    pub closed_on: Option<Date>,
    pub closed_by: Option<String>,
    /// SHA-256 of the closed list.
    pub digest: Option<String>,
    /// Why pieces are missing.
    pub note: String,
    /// Whether anything was objected to, changed, stopped or voided: then everything is kept longer.
    pub is_disputed: bool,
    pub volumes: Vec<VolumeView>,
    pub missing: Vec<MissingPiece>,
    /// Acts in the batch since it was closed.
    pub acts_since: i64,
    /// What was proposed to be destroyed, and what was.
    pub destructions: Vec<DestructionLine>,
    /// How many pieces have no day left to be kept.
    pub to_destroy: usize,
    /// The next day whose end leaves one without.
    pub kept_until: Option<Date>,
    /// The latest first; for those who answer for the archive.
    pub openings: Vec<Opening>,
    pub choices: Vec<PieceChoice>,
    /// What the caller may do now.
    pub acts: Vec<ActKind>,
}

/// What is in the archive of a batch, what is missing, and who opened it?
#[derive(Debug, Deserialize, ToSchema)]
pub struct ArchiveContents {
    pub batch: i64,
}

impl Look for ArchiveContents {
    const KIND: LookKind = LookKind::Batches;
    type View = ArchiveView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ArchiveView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let closed = store::closed(&mut sight.tx(), self.batch)?;
        let is_disputed = store::is_disputed(&mut sight.tx(), self.batch)?;
        let (volumes, missing) = match &closed {
            Some(closed) => {
                let list = kept_list(sight, &closed.list)?;
                let pieces = store::pieces(&mut sight.tx(), self.batch)?;
                let mut volumes = list.volumes.clone();
                for (volume, entry) in list::supplements(&list, &pieces) {
                    if let Some(held) = volumes.iter_mut().find(|held| held.volume == volume) {
                        held.entries.push(entry);
                    }
                }
                (volumes, list.missing)
            }
            None if batch.stage == BatchStage::Cancelled => (Vec::new(), Vec::new()),
            None => {
                let contents = list::contents(sight, &batch, None)?;
                (contents.volumes, contents.missing.into_iter().map(MissingPiece::from).collect())
            }
        };
        let closed_on = closed.as_ref().map(|closed| closed.on);
        let mut destructions = store::destructions(&mut sight.tx(), self.batch)?;
        let account = sight.caller().account();
        for one in &mut destructions {
            one.is_own = store::proposer(&mut sight.tx(), one.id)? == account;
        }
        let gone = destruction::gone(&destructions);
        let (to_destroy, kept_until) = match closed_on {
            Some(on) => {
                let held =
                    |volume: &ArchiveVolume| volume.entries.iter().map(|one| (volume.volume, one.clone())).collect();
                let all: Vec<_> = volumes.iter().flat_map(|volume| -> Vec<_> { held(volume) }).collect();
                let (due, next) = destruction::due(&all, &gone, (on, is_disputed), sight.today());
                (due.len(), next)
            }
            None => (0, None),
        };
        let destroyed_on = |volume: Volume, no: usize| {
            let mut agreed = destructions.iter().filter(|one| one.state == ProposalState::Agreed);
            agreed
                .find(|one| one.pieces.iter().any(|p| (p.volume, p.no) == (volume, no)))
                .and_then(|one| one.answered_on)
        };
        let shown = |volume: Volume, mut entry: ArchiveEntry| {
            let until = closed_on.and_then(|on| list::keeping(&entry, on, is_disputed));
            let for_ever = PieceKind::from_code(&entry.kind).is_some_and(|kind| kind.is_permanent);
            entry.files.clear();
            let destroyed_on = destroyed_on(volume, entry.no);
            EntryView { entry, kept_until: until, for_ever, destroyed_on }
        };
        let volumes = volumes.into_iter().map(|volume| VolumeView {
            no: volume.volume.no(),
            name: volume.name,
            entries: volume.entries.into_iter().map(|entry| shown(volume.volume, entry)).collect(),
        });
        let volumes: Vec<VolumeView> = volumes.collect();
        let acts_since = match &closed {
            Some(closed) => store::since(&mut sight.tx(), self.batch, closed.at)?,
            None => 0,
        };
        let role = sight.caller().role();
        let openings = match role {
            Role::Clerk => Vec::new(),
            _ => store::openings(&mut sight.tx(), self.batch)?,
        };
        let is_finished = batch.stage == BatchStage::Issued;
        let finished_on = store::finished_on(&mut sight.tx(), self.batch)?.filter(|_| is_finished);
        let calendar = &sight.reference().calendar;
        let possible = |act: &ActKind| match act {
            ActKind::EnterPiece => batch.stage != BatchStage::Cancelled,
            ActKind::CloseArchive => closed.is_none() && is_finished,
            ActKind::OpenArchive => true,
            ActKind::ProposeDestruction | ActKind::AnswerDestruction => closed.is_some(),
            _ => closed.is_none(),
        };
        let acts = [
            ActKind::EnterPiece,
            ActKind::RemovePiece,
            ActKind::CloseArchive,
            ActKind::OpenArchive,
            ActKind::ProposeDestruction,
            ActKind::AnswerDestruction,
        ];
        Ok(ArchiveView {
            batch: batch.id,
            number: batch.number.clone(),
            title: batch.title.clone(),
            body: batch.body_name.clone(),
            trade: batch.trade.clone(),
            level_name: batch.level.name().into(),
            stage: batch.stage,
            stage_name: batch.stage.name().into(),
            due_on: finished_on.and_then(|on| due(on, calendar).ok()),
            closed_on,
            closed_by: closed.as_ref().map(|closed| closed.by.clone()),
            digest: closed.as_ref().map(|closed| closed.list.clone()),
            note: closed.as_ref().map(|closed| closed.note.clone()).unwrap_or_default(),
            is_disputed,
            volumes,
            missing,
            acts_since,
            destructions,
            to_destroy,
            kept_until,
            openings,
            choices: choices(),
            acts: acts.into_iter().filter(|act| may(role, *act).is_some() && possible(act)).collect(),
        })
    }
}

/// What a body may enter by hand, in the order of the volumes.
fn choices() -> Vec<PieceChoice> {
    let by_hand = PIECES.iter().filter(|kind| kind.source == Source::Hand);
    by_hand
        .map(|kind| PieceChoice {
            code: kind.code.into(),
            name: kind.name.into(),
            volume_name: kind.volume.name().into(),
        })
        .collect()
}

fn kept_list(sight: &Sight<'_>, hash: &str) -> Result<ArchiveList, Stop> {
    let bytes = sight.office().files().bring(&FileHash(hash.to_owned()))?;
    serde_json::from_slice(&bytes).map_err(Stop::fault)
}

/// What an opening lets out: the whole archive, or one scan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OpenedView {
    /// The name of the download, without its extension.
    pub name: String,
    /// The hash of the one scan.
    pub scan: Option<String>,
    /// The hash of the closed list; with it comes everything below.
    pub digest: Option<String>,
    pub list: Option<ArchiveList>,
    pub supplements: Vec<Supplement>,
    /// What was destroyed of it.
    pub destroyed: Vec<DestructionLine>,
    pub is_disputed: bool,
    /// The certificates that are valid.
    pub faces: Vec<Face>,
}

/// What was added after the archive was closed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Supplement {
    pub volume: Volume,
    #[serde(flatten)]
    pub entry: ArchiveEntry,
}

/// What does an opening let out? Only who opened it asks, and only on the same day.
#[derive(Debug, Deserialize, ToSchema)]
pub struct OpenedArchive {
    pub batch: i64,
    pub opening: i64,
}

impl Look for OpenedArchive {
    const KIND: LookKind = LookKind::Candidates;
    type View = OpenedView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<OpenedView, Stop> {
        let opened = store::opened(&mut sight.tx(), self.batch, self.opening)?;
        let (piece, on, account) = opened.ok_or(Stop::NotFound)?;
        if account != sight.caller().account() {
            return Err(Stop::NotFound);
        }
        if on != sight.today() {
            return Err(Refusal::new(BASIS, format!("这次调阅登记于 {on}，已经过期"))
                .remedy("请重新登记调阅，写明原因")
                .into());
        }
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let pieces = store::pieces(&mut sight.tx(), self.batch)?;
        let nothing = OpenedView {
            name: format!("{}-档案", batch.number),
            scan: None,
            digest: None,
            list: None,
            supplements: Vec::new(),
            destroyed: Vec::new(),
            is_disputed: false,
            faces: Vec::new(),
        };
        let mut destroyed = store::destructions(&mut sight.tx(), self.batch)?;
        destroyed.retain(|one| one.state == ProposalState::Agreed);
        if let Some(piece) = piece {
            let found = pieces.iter().find(|one| one.id == piece).ok_or(Stop::NotFound)?;
            let gone = |hash: &String| destroyed.iter().any(|one| one.pieces.iter().any(|p| p.hashes.contains(hash)));
            if found.file.as_ref().is_some_and(gone) {
                return Err(Refusal::new(BASIS, format!("“{}”保管期满，已按规定销毁", found.title))
                    .remedy("销毁的经过见档案页的销毁清单，清单永久保管")
                    .into());
            }
            return Ok(OpenedView { name: plain_name(&found.title), scan: found.file.clone(), ..nothing });
        }
        let closed = store::closed(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let list = kept_list(sight, &closed.list)?;
        let supplements = list::supplements(&list, &pieces);
        Ok(OpenedView {
            digest: Some(closed.list),
            destroyed,
            supplements: supplements.into_iter().map(|(volume, entry)| Supplement { volume, entry }).collect(),
            is_disputed: store::is_disputed(&mut sight.tx(), self.batch)?,
            faces: BatchFaces { batch: self.batch, printing: None }.view(sight)?.faces,
            list: Some(list),
            ..nothing
        })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let registry = registry
        .act::<EnterPiece>("/batches/{batch}/archive/pieces")
        .act::<RemovePiece>("/batches/{batch}/archive/pieces/{piece}/removal")
        .act::<CloseArchive>("/batches/{batch}/archive")
        .act::<OpenArchive>("/batches/{batch}/archive/openings")
        .act::<ProposeDestruction>("/batches/{batch}/archive/destructions")
        .act::<AnswerDestruction>("/batches/{batch}/archive/destructions/{destruction}/answer")
        .look::<ArchiveContents>("/batches/{batch}/archive", "批次档案的五卷目录、缺件和调阅登记");
    pack::api(registry)
}

/// Finished batches whose archive is open.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let caller = sight.caller();
    let Some(body) = caller.body() else { return Ok(Vec::new()) };
    let (role, account) = (caller.role(), caller.account());
    let calendar = &sight.reference().calendar;
    let waiting = store::to_close(&mut sight.tx(), body)?;
    let tasks = waiting.into_iter().map(|one| {
        let what = format!("批次归档：{}", one.name);
        let detail = "核对五卷目录，补齐缺件，由负责人固定目录";
        let task =
            Task::new(BASIS, what, detail, page(one.batch)).due(one.finished_on.and_then(|on| due(on, calendar).ok()));
        if role == Role::Head { task } else { task.waiting() }
    });
    let mut tasks: Vec<Task> = tasks.collect();
    if may(role, ActKind::AnswerDestruction).is_some() {
        for (batch, name, proposed_on) in store::to_destroy(&mut sight.tx(), body, account)? {
            let detail = format!("{name}，{proposed_on} 提出；请逐件核对清单，同意或不同意");
            tasks.push(Task::new(BASIS, "答复档案销毁", detail, page(batch)));
        }
    }
    Ok(tasks)
}

/// The day on which a finished batch is to be archived at the latest, as its timeline shows it.
pub(crate) fn due_on(finished_on: Option<Date>, calendar: &rules::calendar::Calendar) -> Option<Date> {
    finished_on.and_then(|on| due(on, calendar).ok())
}
