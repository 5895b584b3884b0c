//! 二（二）3: what comes with an objection, and how a body hears those concerned before it decides.

use jiff::civil::Date;
use rules::permission::{ActKind, LookKind};
use rules::publicity::may_hear;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::account::Made;
use crate::door::files::FileKind;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::marks::FileView;
use crate::roster::bring;
use crate::web::forms::plain_name;

/// Who was heard; never written out, and sealed where it is kept.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 2, max_length = 200)]
pub struct Present(String);

impl Present {
    /// Takes in who was there.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Serialize for Present {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// Notes a hearing on an objection that is open, with its signed minutes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NoteHearing {
    pub objection: i64,
    pub held_on: Date,
    /// Who presided, who kept the minutes, who was heard.
    pub present: Present,
    /// The minutes as a file that was kept before: PDF, JPG or PNG.
    pub file: Option<FileHash>,
    #[serde(default, serialize_with = "hidden")]
    #[schema(max_length = 120)]
    pub file_name: String,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) kept: Option<KeptFile>,
}

/// What a file is called may name somebody, so the record keeps no name.
fn hidden<S: serde::Serializer>(_: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("***")
}

impl Act for NoteHearing {
    const KIND: ActKind = ActKind::NoteHearing;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Objection(self.objection)
    }

    fn unspoken(&self) -> String {
        self.present.0.clone()
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let Some(hash) = &self.file else { return Ok(()) };
        let kept = KeptFile::of(hash, &bring(sight, hash)?)?;
        readable(Some(kept.kind), "file")?;
        self.kept = Some(kept);
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let objection = store::objection(&mut desk.tx(), self.objection)?.ok_or(Stop::NotFound)?;
        let present = self.present.0.trim();
        may_hear(objection.state, objection.lodged_on, (self.held_on, present), desk.today())?;
        let Some(kept) = &self.kept else {
            return Err(Refusal::new(Clause::S2_2_3B, "没有上传签字的笔录")
                .remedy("请上传由到场人员签字的笔录，PDF 或 JPG、PNG 图片")
                .at("file")
                .into());
        };
        let (id, now, by) = (desk.new_id(), desk.now(), desk.caller().name().to_owned());
        note_file(&mut desk.tx(), kept, now)?;
        let name = plain_name(&self.file_name);
        let new = store::NewHearing {
            id,
            objection: self.objection,
            held_on: self.held_on,
            present_sealed: &desk.seals().seal(present),
            file: &kept.hash,
            name_sealed: &desk.seals().seal(if name.is_empty() { "笔录" } else { &name }),
            at: now,
            by: &by,
        };
        store::hear(&mut desk.tx(), &new)?;
        Ok(Made { id })
    }
}

/// Whether a file can be opened by whoever has to look at it, and runs nothing.
pub(super) fn readable(kind: Option<FileKind>, field: &'static str) -> Result<(), Stop> {
    if matches!(kind, Some(FileKind::Pdf | FileKind::Jpeg | FileKind::Png)) {
        return Ok(());
    }
    Err(Refusal::house("文件", "文件不是 PDF、JPG 或 PNG")
        .remedy("请上传 PDF 文件，或 JPG、PNG 图片；按内容检查，改文件名没有用")
        .at(field)
        .into())
}

/// A file of an objection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ObjectionFileLine {
    pub id: i64,
    pub name: String,
    /// In bytes.
    pub size: i64,
}

/// A hearing on an objection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HearingLine {
    pub id: i64,
    pub held_on: Date,
    /// For the body and its offices.
    pub present: String,
    pub file_name: String,
    pub noted_by: String,
}

/// A file that came with an objection.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ObjectionFile {
    pub objection: i64,
    pub enclosure: i64,
}

impl Look for ObjectionFile {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Objection(self.objection)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let found = store::enclosure(&mut sight.tx(), self.objection, self.enclosure)?;
        opened(sight, found)
    }
}

/// The minutes of a hearing.
#[derive(Debug, Deserialize, ToSchema)]
pub struct HearingMinutes {
    pub objection: i64,
    pub hearing: i64,
}

impl Look for HearingMinutes {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Objection(self.objection)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let found = store::minutes(&mut sight.tx(), self.objection, self.hearing)?;
        opened(sight, found)
    }
}

fn opened(sight: &Sight<'_>, found: Option<(FileHash, String)>) -> Result<FileView, Stop> {
    let (hash, name_sealed) = found.ok_or(Stop::NotFound)?;
    let name = sight.seals().open_text(&name_sealed).unwrap_or_else(|| "文件".into());
    Ok(FileView { bytes: sight.office().files().bring(&hash)?, name })
}
