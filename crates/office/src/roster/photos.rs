//! 二（二）4: the photo that a certificate carries. A ZIP of pictures or a single one, each named by its candidate's
//! identity number or student number; every one is measured, and prepared as it will be printed before it is kept.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Cursor, Read as _};
use std::sync::Arc;

use rules::batch::{BatchStage, Photographed, open_to_photograph};
use rules::permission::{ActKind, LookKind};
use rules::photo::{Measured, may_print};
use rules::terms::{PHOTO_BYTES_MAX, PHOTO_GROUND, PHOTO_WHITE_FROM, PHOTOS_MAX, PHOTOS_UNPACKED_MAX};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zip::ZipArchive;

use super::{RosterHead, bring, store};
use crate::batch;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::web::forms::plain_name;

/// The name of a file of photos. A single picture is named by its candidate's number, so it is never written out.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(value_type = String, max_length = 120)]
pub struct PhotoFileName(String);

impl PhotoFileName {
    /// Takes it in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Serialize for PhotoFileName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// Takes candidates' photos out of a ZIP, or a single one by its name. A photo that is there already is replaced.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadPhotos {
    pub batch: i64,
    /// The kept ZIP of JPG or PNG pictures, or one picture.
    pub file: FileHash,
    /// Its name: whose photo a single picture is.
    #[serde(default)]
    pub name: PhotoFileName,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<ReadPhotos>>,
}

/// What the file held; prepared and kept before the transaction.
#[derive(Debug)]
struct ReadPhotos {
    kept: KeptFile,
    pictures: usize,
    photos: BTreeMap<i64, store::Photo>,
    same: usize,
    findings: Vec<PhotoFinding>,
}

/// A picture that could not be taken.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PhotoFinding {
    /// The picture's name in the file; mostly an identity number, so personal data.
    pub name: String,
    pub reason: String,
    pub remedy: String,
}

/// What came of an upload.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PhotosUploaded {
    pub upload: i64,
    /// Pictures in the file.
    pub pictures: usize,
    /// Candidates who have a new photo.
    pub taken: usize,
    /// Candidates who had this photo already.
    pub same: usize,
    /// Pictures that were not taken; the upload says why.
    pub faults: usize,
    /// Candidates who have no photo yet.
    pub missing: i64,
}

impl UploadPhotos {
    /// An upload of a kept file.
    pub fn new(batch: i64, file: FileHash, name: impl Into<String>) -> Self {
        Self { batch, file, name: PhotoFileName::new(name), read: None }
    }
}

impl Act for UploadPhotos {
    const KIND: ActKind = ActKind::UploadPhotos;
    const PREPARES: bool = true;
    type Answer = PhotosUploaded;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn unspoken(&self) -> String {
        self.name.0.clone()
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let found = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let candidates = store::named(&mut sight.tx(), self.batch)?;
        is_held(found.stage)?;
        if candidates.is_empty() {
            return Err(Refusal::new(Clause::S2_2_4B, "本批次还没有考生")
                .remedy("请先导入报名名册")
                .at("photos")
                .into());
        }
        let bytes = bring(sight, &self.file)?;
        let sent = Sent { hash: &self.file, bytes: &bytes, name: &self.name.0 };
        self.read = Some(Arc::new(read(sight, &sent, found.stage, &candidates)?));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<PhotosUploaded, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the photos were not read"))?;
        let found = batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        is_held(found.stage)?;
        let now = desk.now();
        note_file(&mut desk.tx(), &read.kept, now)?;
        // Somebody may have been approved while the pictures were read.
        let candidates = store::named(&mut desk.tx(), self.batch)?;
        let open: HashSet<i64> = candidates
            .iter()
            .filter(|candidate| open_to_photograph(found.stage, &candidate.photographed()).is_ok())
            .map(|candidate| candidate.id)
            .collect();
        let mut photos = read.photos.clone();
        photos.retain(|id, _| open.contains(id));
        store::set_photos(&mut desk.tx(), self.batch, &photos, now)?;
        let (registered, with_photo, _) = store::summary(&mut desk.tx(), self.batch)?;
        let made = PhotosUploaded {
            upload: desk.new_id(),
            pictures: read.pictures,
            taken: photos.len(),
            same: read.same,
            faults: read.findings.len(),
            missing: registered - with_photo,
        };
        let by = desk.caller().name().to_owned();
        let found = store::FoundPhotos { name: self.name.0.clone(), findings: read.findings.clone() };
        let seals = desk.seals();
        store::photos_uploaded(&mut desk.tx(), self.batch, (&made, &found), &read.kept, (now, &by), seals)?;
        Ok(made)
    }
}

/// One upload of photos, without what it quotes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PhotoUploadLine {
    pub id: i64,
    pub pictures: i64,
    pub taken: i64,
    pub same: i64,
    pub faults: i64,
    /// As people read it.
    pub at: String,
    pub by: String,
}

/// One upload of photos with everything that it found, file names in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PhotoUploadView {
    pub batch: RosterHead,
    pub upload: PhotoUploadLine,
    /// The file's name.
    pub name: String,
    /// Candidates who have no photo today.
    pub missing: i64,
    pub findings: Vec<PhotoFinding>,
}

/// What did this upload of photos find? Pictures are named by numbers, so the look is recorded.
#[derive(Deserialize, ToSchema)]
pub struct PhotoUpload {
    pub batch: i64,
    pub upload: i64,
}

impl Look for PhotoUpload {
    const KIND: LookKind = LookKind::Candidates;
    type View = PhotoUploadView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<PhotoUploadView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let seals = sight.seals();
        let found = store::photo_upload(&mut sight.tx(), batch.id, self.upload, seals)?;
        let (upload, store::FoundPhotos { name, findings }) = found.ok_or(Stop::NotFound)?;
        let (registered, with_photo, _) = store::summary(&mut sight.tx(), batch.id)?;
        let missing = registered - with_photo;
        Ok(PhotoUploadView { batch: RosterHead::from(&batch), upload, name, missing, findings })
    }
}

/// Whether anybody's photo may change at all.
fn is_held(stage: BatchStage) -> Result<(), Refusal> {
    open_to_photograph(stage, &Photographed { has_photo: false, is_approved: false, has_certificate: false })
}

/// A file that was sent.
struct Sent<'a> {
    hash: &'a FileHash,
    bytes: &'a [u8],
    name: &'a str,
}

fn refuse(what: impl Into<String>) -> Refusal {
    Refusal::house("照片", what).at("photos")
}

/// Reads one picture after another; of a ZIP no more than one is in memory at a time.
fn read(
    sight: &Sight<'_>,
    sent: &Sent<'_>,
    stage: BatchStage,
    candidates: &[store::Named],
) -> Result<ReadPhotos, Stop> {
    let mut sorting = Sorting::new(sight, stage, candidates);
    if matches!(sent.bytes, [b'P', b'K', ..]) {
        unpack(sent.bytes, &mut sorting)?;
    } else {
        sorting.take(plain_name(sent.name), sent.bytes)?;
    }
    if sorting.pictures == 0 {
        return Err(refuse("压缩包里没有照片").remedy("请放入以证件号码或学号命名的 JPG 或 PNG 照片").into());
    }
    sorting.sorted(KeptFile::of(sent.hash, sent.bytes)?)
}

/// Hands on each picture of a ZIP. Limits hold while it is inflated, whatever an entry declares.
fn unpack(bytes: &[u8], sorting: &mut Sorting<'_, '_, '_>) -> Result<(), Stop> {
    let many = || refuse(format!("压缩包里的文件超过{PHOTOS_MAX}个")).remedy("请分成几个压缩包上传");
    // Counted before the list of entries is built, which takes far more room than the list in the file.
    if bytes.windows(4).filter(|window| *window == b"PK\x01\x02").count() > 2 * PHOTOS_MAX {
        return Err(many().into());
    }
    let damaged = |_| refuse("文件不是完好的 ZIP 压缩包").remedy("请把照片放进一个文件夹，压缩成 ZIP 后重新上传");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > PHOTOS_MAX {
        return Err(many().into());
    }
    let mut unpacked = 0;
    let mut picture = Vec::new();
    for index in 0..archive.len() {
        const DAMAGED: (&str, &str) = ("在压缩包里已损坏，或压缩包有密码", "请重新压缩，不设密码");
        let Ok(mut entry) = archive.by_index(index) else {
            sorting.pictures += 1;
            sorting.report(format!("第{}个文件", index + 1), DAMAGED.0, DAMAGED.1);
            continue;
        };
        let full_name = decoded(entry.name_raw());
        let name = plain_name(&full_name);
        if entry.is_dir() || full_name.starts_with("__MACOSX/") || name.starts_with('.') || name == "Thumbs.db" {
            continue;
        }
        let room = PHOTOS_UNPACKED_MAX - unpacked;
        picture.clear();
        let whole = entry.by_ref().take(PHOTO_BYTES_MAX.min(room) + 1).read_to_end(&mut picture);
        unpacked += picture.len() as u64;
        if unpacked > PHOTOS_UNPACKED_MAX {
            sorting.pictures += 1;
            let reason = format!("压缩包解开后超过{}MB，从这个文件起没有再读", PHOTOS_UNPACKED_MAX >> 20);
            sorting.report(name, reason, "请把这个文件和排在它后面的另压成一个压缩包上传");
            return Ok(());
        }
        if whole.is_err() {
            sorting.pictures += 1;
            sorting.report(name, DAMAGED.0, DAMAGED.1);
            continue;
        }
        sorting.take(name, &picture)?;
    }
    Ok(())
}

/// The name of an entry: UTF-8, or the local code in which Windows writes Chinese names.
fn decoded(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::GBK.decode_without_bom_handling(raw).0.into_owned(),
    }
}

/// Pictures on their way to their candidates.
struct Sorting<'s, 'd, 'c> {
    sight: &'s Sight<'d>,
    stage: BatchStage,
    by_key: HashMap<&'c str, &'c store::Named>,
    by_student: HashMap<String, Vec<&'c store::Named>>,
    pictures: usize,
    findings: Vec<PhotoFinding>,
    /// The first good picture of each candidate.
    chosen: HashMap<i64, Chosen<'c>>,
    /// Candidates with two pictures that differ: nobody knows which is meant.
    torn: HashSet<i64>,
}

struct Chosen<'c> {
    of: &'c store::Named,
    name: String,
    photo: store::Photo,
}

impl<'s, 'd, 'c> Sorting<'s, 'd, 'c> {
    fn new(sight: &'s Sight<'d>, stage: BatchStage, candidates: &'c [store::Named]) -> Self {
        let by_key = candidates.iter().map(|candidate| (candidate.id_key.as_str(), candidate)).collect();
        let mut by_student: HashMap<String, Vec<&store::Named>> = HashMap::new();
        for candidate in candidates.iter().filter(|candidate| !candidate.student_no.is_empty()) {
            by_student.entry(sheets::narrow(&candidate.student_no).to_uppercase()).or_default().push(candidate);
        }
        let (findings, chosen, torn) = (Vec::new(), HashMap::new(), HashSet::new());
        Self { sight, stage, by_key, by_student, pictures: 0, findings, chosen, torn }
    }

    fn report(&mut self, name: String, reason: impl Into<String>, remedy: impl Into<String>) {
        self.findings.push(PhotoFinding { name, reason: reason.into(), remedy: remedy.into() });
    }

    /// Whose number stands in a file's name; digits and letters may be full-width, an `x` small, and something may
    /// follow the number.
    fn named(&self, name: &str) -> Vec<&'c store::Named> {
        let plain = sheets::narrow(name).to_uppercase();
        let stem = plain.rsplit_once('.').map_or(plain.as_str(), |(stem, _)| stem).trim();
        let first = stem.split(['_', '-', ' ', '(']).next().unwrap_or_default();
        let whose = |text: &str| match self.by_key.get(self.sight.seals().find_key(text).as_str()) {
            Some(candidate) => vec![*candidate],
            None => self.by_student.get(text).cloned().unwrap_or_default(),
        };
        Some(whose(stem)).filter(|found| !found.is_empty()).unwrap_or_else(|| whose(first))
    }

    /// Takes a picture, or reports why not.
    fn take(&mut self, name: String, picture: &[u8]) -> Result<(), Stop> {
        self.pictures += 1;
        if picture.len() as u64 > PHOTO_BYTES_MAX {
            let reason = format!("照片超过{}MB", PHOTO_BYTES_MAX >> 20);
            self.report(name, reason, "请缩小后再上传，印到证书上只需 295×413 像素");
            return Ok(());
        }
        let of = match self.named(&name)[..] {
            [candidate] => candidate,
            [] => {
                let reason = "本批次没有证件号码或学号是这个文件名的考生";
                self.report(name, reason, "请把照片命名为“证件号码.jpg”或“学号.jpg”，并核对该考生在本批次名册中");
                return Ok(());
            }
            ref more => {
                let reason = format!("本批次有{}名考生是这个学号", more.len());
                self.report(name, reason, "请把照片命名为“证件号码.jpg”");
                return Ok(());
            }
        };
        if let Err(refusal) = open_to_photograph(self.stage, &of.photographed()) {
            self.report(name, refusal.what, refusal.remedy);
            return Ok(());
        }
        let printed = match printed(picture) {
            Ok(printed) => printed,
            Err(refusal) => {
                self.report(name, refusal.what, refusal.remedy);
                return Ok(());
            }
        };
        let (hash, _) = self.sight.office().files().keep(&printed)?;
        let photo = store::Photo { hash: hash.0, size: printed.len() as i64 };
        let Some(before) = self.chosen.get(&of.id) else {
            self.chosen.insert(of.id, Chosen { of, name, photo });
            return Ok(());
        };
        if before.photo.hash == photo.hash {
            return Ok(());
        }
        const REMEDY: &str = "每名考生只放一张照片；这名考生的照片没有更换，请留下正确的一张重新上传";
        let before = before.name.clone();
        if self.torn.insert(of.id) {
            self.report(before.clone(), format!("与“{name}”是同一名考生的两张不同照片"), REMEDY);
        }
        self.report(name, format!("与“{before}”是同一名考生的两张不同照片"), REMEDY);
        Ok(())
    }

    /// What is to be kept.
    fn sorted(mut self, kept: KeptFile) -> Result<ReadPhotos, Stop> {
        let torn = std::mem::take(&mut self.torn);
        let (mut photos, mut same) = (BTreeMap::new(), 0);
        for (id, chosen) in self.chosen.into_iter().filter(|(id, _)| !torn.contains(id)) {
            if chosen.of.photo.as_ref() == Some(&chosen.photo.hash) {
                same += 1;
            } else {
                photos.insert(id, chosen.photo);
            }
        }
        Ok(ReadPhotos { kept, pictures: self.pictures, photos, same, findings: self.findings })
    }
}

/// A picture as it is printed, when it is one that may be.
pub(crate) fn printed(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let unreadable = |error: press::PressError| {
        let what = match error {
            press::PressError::Photo(what) => format!("照片{what}"),
            other => other.to_string(),
        };
        refuse(what).remedy("请换一张完好的 JPG 或 PNG 照片，每边不超过 8000 像素；改文件名不能改变格式")
    };
    let picture = press::Picture::open(bytes).map_err(unreadable)?;
    let (wide, high) = picture.dimensions();
    may_print(Measured { wide, high, white: picture.white_ground(PHOTO_GROUND, PHOTO_WHITE_FROM) })?;
    picture.print().map(std::borrow::Cow::into_owned).map_err(unreadable)
}
