//! 二（二）4: the photo that a certificate carries. A ZIP of pictures, each named by its candidate's identity number or
//! student number; every one is prepared as it will be printed before it is kept.

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read as _};
use std::sync::Arc;

use rules::batch::{BatchStage, Photographed, open_to_photograph};
use rules::permission::ActKind;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zip::ZipArchive;

use super::{bring, store};
use crate::batch;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Sight, Stop, Subject};
use crate::web::forms::plain_name;

/// Most entries of one ZIP.
const ENTRIES_MAX: usize = 5_000;
/// Largest picture, in bytes; a camera's JPEG stays below.
const PICTURE_MAX: u64 = 12 << 20;
/// Most that one ZIP may unpack to, in bytes.
const UNPACKED_MAX: u64 = 256 << 20;

/// Takes candidates' photos out of a ZIP. A photo that is there already is replaced.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadPhotos {
    pub batch: i64,
    /// The kept ZIP of JPG or PNG pictures.
    pub file: FileHash,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<ReadPhotos>>,
}

/// What the ZIP held; prepared and kept before the transaction.
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
    /// The picture's name in the ZIP.
    pub name: String,
    pub reason: String,
    pub remedy: String,
}

/// What came of an upload.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PhotosUploaded {
    /// Pictures in the ZIP.
    pub pictures: usize,
    /// Candidates who have a new photo.
    pub taken: usize,
    /// Candidates who had this photo already.
    pub same: usize,
    /// Candidates who have no photo yet.
    pub missing: i64,
    pub findings: Vec<PhotoFinding>,
}

impl UploadPhotos {
    /// An upload of a kept ZIP.
    pub fn new(batch: i64, file: FileHash) -> Self {
        Self { batch, file, read: None }
    }
}

impl Act for UploadPhotos {
    const KIND: ActKind = ActKind::UploadPhotos;
    const PREPARES: bool = true;
    type Answer = PhotosUploaded;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
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
        self.read = Some(Arc::new(read(sight, (&self.file, &bytes), found.stage, &candidates)?));
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
        let mut photos = read.photos.clone();
        photos.retain(|id, _| {
            let candidate = candidates.iter().find(|candidate| candidate.id == *id);
            candidate.is_some_and(|candidate| open_to_photograph(found.stage, &candidate.photographed()).is_ok())
        });
        store::set_photos(&mut desk.tx(), self.batch, &photos, now)?;
        let (registered, with_photo, _) = store::summary(&mut desk.tx(), self.batch)?;
        Ok(PhotosUploaded {
            pictures: read.pictures,
            taken: photos.len(),
            same: read.same,
            missing: registered - with_photo,
            findings: read.findings.clone(),
        })
    }
}

/// Whether anybody's photo may change at all.
fn is_held(stage: BatchStage) -> Result<(), Refusal> {
    open_to_photograph(stage, &Photographed { has_photo: false, is_approved: false, has_certificate: false })
}

fn read(
    sight: &Sight<'_>,
    (hash, bytes): (&FileHash, &[u8]),
    stage: BatchStage,
    candidates: &[store::Named],
) -> Result<ReadPhotos, Stop> {
    let refuse = |what: String| Refusal::house("照片", what).at("photos");
    let damaged =
        |_| refuse("文件不是完好的 ZIP 压缩包".into()).remedy("请把照片放进一个文件夹，压缩成 ZIP 后重新上传");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > ENTRIES_MAX {
        return Err(refuse(format!("压缩包里有{}个文件，超过{ENTRIES_MAX}个", archive.len()))
            .remedy("请分成几个压缩包上传")
            .into());
    }
    let by_key: HashMap<&str, &store::Named> = candidates.iter().map(|c| (c.id_key.as_str(), c)).collect();
    let mut by_student: HashMap<String, Vec<&store::Named>> = HashMap::new();
    for candidate in candidates.iter().filter(|candidate| !candidate.student_no.is_empty()) {
        by_student.entry(candidate.student_no.to_uppercase()).or_default().push(candidate);
    }
    let mut read = ReadPhotos {
        kept: KeptFile::of(hash, bytes)?,
        pictures: 0,
        photos: BTreeMap::new(),
        same: 0,
        findings: Vec::new(),
    };
    let mut unpacked = 0;
    let mut seen: HashMap<i64, String> = HashMap::new();
    for index in 0..archive.len() {
        let mut entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(_) => {
                read.pictures += 1;
                read.findings.push(PhotoFinding {
                    name: format!("第{}个文件", index + 1),
                    reason: "在压缩包里已损坏，或压缩包有密码".into(),
                    remedy: "请重新压缩，不设密码".into(),
                });
                continue;
            }
        };
        // Older programs write names in the local code; identity numbers and student numbers are the same in all.
        let full_name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let name = plain_name(&full_name);
        if entry.is_dir() || full_name.starts_with("__MACOSX/") || name.starts_with('.') || name == "Thumbs.db" {
            continue;
        }
        read.pictures += 1;
        let mut report = |reason: String, remedy: &str| {
            read.findings.push(PhotoFinding { name: name.clone(), reason, remedy: remedy.to_owned() });
        };
        // Whatever an entry declares, no more than this is unpacked.
        let room = UNPACKED_MAX - unpacked;
        let mut picture = Vec::new();
        let whole = entry.by_ref().take(PICTURE_MAX.min(room) + 1).read_to_end(&mut picture);
        unpacked += picture.len() as u64;
        if unpacked > UNPACKED_MAX {
            return Err(refuse(format!("压缩包解开后超过{}MB", UNPACKED_MAX >> 20))
                .remedy("请分成几个压缩包上传")
                .into());
        }
        if whole.is_err() {
            report("照片在压缩包里已损坏，或压缩包有密码".into(), "请重新压缩，不设密码");
            continue;
        }
        if picture.len() as u64 > PICTURE_MAX {
            report(format!("照片超过{}MB", PICTURE_MAX >> 20), "请缩小后再上传，印到证书上只需 295×413 像素");
            continue;
        }
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).trim().to_uppercase();
        let id = |text: &str| by_key.get(sight.seals().find_key(text).as_str()).copied();
        let first: &str = stem.split(['_', '-', ' ', '（', '(']).next().unwrap_or_default();
        let named = |text: &str| match id(text) {
            Some(candidate) => vec![candidate],
            None => by_student.get(text).cloned().unwrap_or_default(),
        };
        let whose = Some(named(&stem)).filter(|whose| !whose.is_empty()).unwrap_or_else(|| named(first));
        let candidate = match whose[..] {
            [candidate] => candidate,
            [] => {
                report("本批次没有证件号码或学号是这个文件名的考生".into(), "请把照片命名为“证件号码.jpg”或“学号.jpg”");
                continue;
            }
            [..] => {
                report(format!("本批次有{}名考生是这个学号", whose.len()), "请把照片命名为“证件号码.jpg”");
                continue;
            }
        };
        if let Some(before) = seen.insert(candidate.id, name.clone()) {
            report(format!("与“{before}”是同一名考生的照片"), "每名考生只放一张照片");
            continue;
        }
        if let Err(refusal) = open_to_photograph(stage, &candidate.photographed()) {
            report(refusal.what, &refusal.remedy);
            continue;
        }
        let prepared = match press::photo(&picture) {
            Ok(prepared) => prepared,
            Err(error) => {
                let reason = match error {
                    press::PressError::Photo(what) => format!("照片{what}"),
                    other => other.to_string(),
                };
                report(reason, "请换一张完好的 JPG 或 PNG 照片，每边不超过 8000 像素");
                continue;
            }
        };
        let (hash, _) = sight.office().files().keep(&prepared)?;
        if candidate.photo.as_deref() == Some(hash.0.as_str()) {
            read.same += 1;
        } else {
            read.photos.insert(candidate.id, store::Photo { hash: hash.0, size: prepared.len() as i64 });
        }
    }
    if read.pictures == 0 {
        return Err(refuse("压缩包里没有照片".into()).remedy("请放入以证件号码或学号命名的 JPG 或 PNG 照片").into());
    }
    Ok(read)
}
