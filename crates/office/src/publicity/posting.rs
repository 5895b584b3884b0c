//! 二（二）3: the list hangs inside the body for five whole working days. Somebody says where it hung and shows it; publicity
//! that was broken or shortened does not count and starts anew, with a window of its own.

use jiff::civil::Date;
use proof::log::LeafKind;
use rules::batch::{BatchStep, next};
use rules::permission::{ActKind, LookKind};
use rules::publicity::{Hung, Window, may_restart, open_to_prove, open_to_restart, proves, stood, window};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::account::Made;
use crate::door::files::FileKind;
use crate::door::store::note_file;
use crate::door::{Act, Desk, KeptFile, Look, Sight, Stop, Subject, hex};
use crate::inspection::brought;
use crate::marks::{self, FileView};
use crate::regulation::NamedFile;

/// Says that the posted list hangs inside the body: where, from when, by whom, with photos.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProvePosting {
    pub batch: i64,
    /// The campus or its address.
    #[schema(min_length = 1, max_length = 100)]
    pub address: String,
    /// Where in it: a building, a notice board.
    #[schema(min_length = 1, max_length = 100)]
    pub place: String,
    pub hung_on: Date,
    /// Who hung it up.
    #[schema(min_length = 1, max_length = 100)]
    pub hung_by: String,
    /// The first eight signs of the list's digest, as the sheet has them at its foot, or more.
    #[schema(min_length = 8, max_length = 80)]
    pub digest: String,
    /// JPG or PNG.
    #[schema(max_items = 6)]
    pub photos: Vec<NamedFile>,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) kept: Vec<(KeptFile, String)>,
}

impl Act for ProvePosting {
    const KIND: ActKind = ActKind::ProvePosting;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.kept = brought(sight, &self.photos)?;
        if let Some((_, name)) = self.kept.iter().find(|(kept, _)| !matches!(kept.kind, FileKind::Jpeg | FileKind::Png))
        {
            return Err(Refusal::new(Clause::S2_2_3A, format!("“{name}”不是照片"))
                .remedy("请上传 JPG 或 PNG 照片；按内容检查，改文件名没有用")
                .at("photos")
                .into());
        }
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_prove(batch.stage)?;
        let (Some(window), Some(digest)) = (batch.window, &batch.digest) else {
            return Err(Stop::fault("a posted batch without its list"));
        };
        let hung = Hung {
            address: &self.address,
            place: &self.place,
            hung_on: self.hung_on,
            hung_by: &self.hung_by,
            digest: &self.digest,
            photos: self.photos.len(),
        };
        proves(&hung, &window, digest, desk.today())?;
        let (id, now, by) = (desk.new_id(), desk.now(), desk.caller().name().to_owned());
        store::prove(&mut desk.tx(), (id, self.batch), &hung, digest, (now, &by))?;
        for (kept, name) in &self.kept {
            let photo = desk.new_id();
            note_file(&mut desk.tx(), kept, now)?;
            store::add_photo(&mut desk.tx(), (photo, id), &kept.hash, name)?;
        }
        Ok(Made { id })
    }
}

/// A photo of a list that hangs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PostingPhotoLine {
    pub id: i64,
    pub name: String,
}

/// Where a list hung inside the body.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PostingLine {
    pub id: i64,
    /// The number of the broken posting that it belongs to.
    pub round: Option<i64>,
    pub address: String,
    pub place: String,
    pub hung_on: Date,
    pub hung_by: String,
    /// SHA-256 of the list that hung.
    pub digest: String,
    pub photos: Vec<PostingPhotoLine>,
    /// As people read it.
    pub noted_at: String,
    pub noted_by: String,
}

/// Where the list of a batch hung, that of broken postings among them.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn postings(sight: &mut Sight<'_>, batch: i64) -> Result<Vec<PostingLine>, Stop> {
    Ok(store::postings(&mut sight.tx(), batch)?)
}

/// A photo of a list that hung inside the body.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PostingPhoto {
    pub batch: i64,
    pub photo: i64,
}

impl Look for PostingPhoto {
    const KIND: LookKind = LookKind::Batches;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let (hash, name) = store::photo(&mut sight.tx(), self.batch, self.photo)?.ok_or(Stop::NotFound)?;
        Ok(FileView { bytes: sight.office().files().bring(&hash)?, name })
    }
}

/// Puts the results on public notice anew because publicity was broken or shortened: five whole working days from today. What
/// hung before stays with its days and its list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RestartPublicity {
    pub batch: i64,
    /// From which of its days on the list was not public; the day of posting where it never hung.
    pub broken_on: Date,
    /// Public, at the address of before.
    #[schema(min_length = 5, max_length = 500)]
    pub reason: String,
}

/// Publicity that has begun anew.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Restarted {
    /// The number of the broken posting within the batch.
    pub broken: i64,
    /// How many whole working days it had stood.
    pub stood: i32,
    pub persons: usize,
    pub window: Window,
    /// Under which the public page stands now.
    pub token: String,
    /// SHA-256 of the list.
    pub digest: String,
}

impl Act for RestartPublicity {
    const KIND: ActKind = ActKind::RestartPublicity;
    type Answer = Restarted;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Restarted, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let stage = next(batch.stage, BatchStep::Restart)?;
        let (Some(before), Some(_)) = (batch.window, &batch.token) else {
            return Err(Stop::fault("a posted batch without a window"));
        };
        let (today, now, reference) = (desk.today(), desk.now(), desk.reference());
        let reports = store::reports(&mut desk.tx(), self.batch)?;
        let reason = self.reason.trim();
        may_restart(&before, reports, (self.broken_on, reason), today)?;
        let stood = stood(&before, self.broken_on, &reference.calendar)?;
        let window = window(today, &reference.calendar)?;
        rules::report::due(&window, &reference.calendar)?;
        // The results as they are now: what was corrected since stands in the list itself.
        let (rows, digest) = super::frozen_now(desk, &batch)?;
        let list = store::frozen(&mut desk.tx(), self.batch)?;
        let (by, seat) = (desk.caller().name().to_owned(), desk.caller().seat_name().to_owned());
        let broken =
            store::Broken { list: &list, on: self.broken_on, stood, reason, at: now, today, by: &by, seat: &seat };
        let no = store::break_off(&mut desk.tx(), self.batch, &broken)?;
        let token = hex(&rand::random::<[u8; 16]>());
        let posting = store::Posting { stage: stage.code(), at: now, window, token: &token, digest: &digest };
        store::post(&mut desk.tx(), self.batch, &rows, &posting)?;
        desk.log_recorded(LeafKind::PublicityPosted, self.batch, no + 1)?;
        let title = format!("“{}”的公示中断，已重新公示，至 {} 止", batch.title, window.ends_on);
        let link = format!("/batches/{}/publicity", self.batch);
        if desk.caller().body().is_none() {
            desk.tell_body(batch.body, format!("主管中心责令重新公示：{title}；请重新张贴并登记"), link);
        } else {
            desk.tell_office(batch.centre.clone(), format!("{}{title}", batch.body_name), link);
        }
        Ok(Restarted { broken: no, stood, persons: rows.len(), window, token, digest })
    }
}

/// A posting that did not count.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BrokenLine {
    pub no: i64,
    pub token: String,
    pub digest: String,
    pub window: Window,
    pub broken_on: Date,
    /// Whole working days that it had stood.
    pub stood: i64,
    pub reason: String,
    pub restarted_on: Date,
    pub restarted_by: String,
    /// Where who began it anew sits.
    pub seat: String,
    /// How many persons were on its list.
    pub persons: usize,
    /// Whether the kept list still has the digest of then.
    pub intact: bool,
}

/// The postings of a batch that were broken; `number` is the batch's.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn broken(sight: &mut Sight<'_>, batch: (i64, &str)) -> Result<Vec<BrokenLine>, Stop> {
    store::broken(&mut sight.tx(), batch)
}

/// What does a restart look like today?
#[derive(Debug, Deserialize, ToSchema)]
pub struct RestartPreview {
    pub batch: i64,
}

/// Publicity as it would begin anew today.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RestartView {
    pub batch: marks::BatchHead,
    /// The window that stands.
    pub window: Window,
    /// The window that today would give.
    pub would_be: Option<Window>,
    /// Why publicity can't begin anew.
    pub hindrance: Option<rules::refusal::RefusalView>,
    pub today: Date,
}

impl Look for RestartPreview {
    const KIND: LookKind = LookKind::Batches;
    type View = RestartView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<RestartView, Stop> {
        let batch = marks::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let before = batch.window.ok_or(Stop::NotFound)?;
        let today = sight.today();
        let would_be = window(today, &sight.reference().calendar);
        let reports = store::reports(&mut sight.tx(), self.batch)?;
        let hindrance = next(batch.stage, BatchStep::Restart)
            .and_then(|_| open_to_restart(reports))
            .and_then(|()| would_be.clone().map(|_| ()))
            .err();
        Ok(RestartView {
            batch: marks::BatchHead::from(&batch),
            window: before,
            would_be: would_be.ok(),
            hindrance: hindrance.as_ref().map(Into::into),
            today,
        })
    }
}
