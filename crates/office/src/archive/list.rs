//! The list of an archive: what lies in which volume. Before the archive is closed it is told anew each time; closing
//! writes the tables of the records as files and the list over everything as one more, whose hash is the digest.

use jiff::civil::Date;
use rules::archive::{Medium, PIECES, PieceKind, Source, Volume, kept_until};
use rules::certificate::Level;
use serde::{Deserialize, Serialize};
use sheets::TableSheet;
use utoipa::ToSchema;

use super::store::{self, Uploaded};
use super::{PieceLine, extent_of};
use crate::batch::Batch;
use crate::door::files::FileKind;
use crate::door::{KeptFile, Sight, Stop, digest};

/// The form of the list, for programs that read it.
const FORM: &str = "jiangce-archive-1";

/// A file of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArchiveFile {
    /// Where it lies in the ZIP.
    pub path: String,
    pub sha256: String,
    pub size: i64,
}

/// One entry of a table of contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArchiveEntry {
    /// Within its volume, from 1.
    pub no: usize,
    /// The code of its kind.
    pub kind: String,
    pub title: String,
    /// The day on which it arose; of what is told from the records, the day of closing.
    pub on: Option<Date>,
    pub who: String,
    pub medium: Medium,
    /// `28 行`, `120 页`, `56 个文件，3.1 MB`.
    pub extent: String,
    /// Of paper: room and shelf number. Of everything else: its page of the platform.
    pub place: String,
    pub files: Vec<ArchiveFile>,
    /// SHA-256 of its file; of several files, of their lines in SHA256SUMS. Paper has none.
    pub digest: Option<String>,
    /// Why it came after the archive was closed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub supplement: String,
    /// The id of what was entered by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub piece: Option<i64>,
}

/// A volume with its table of contents.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ArchiveVolume {
    pub volume: Volume,
    pub name: String,
    pub entries: Vec<ArchiveEntry>,
}

/// A kind of piece that ought to be there and is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MissingPiece {
    pub kind: String,
    pub name: String,
    pub volume: Volume,
    pub volume_name: String,
    pub clause: String,
    pub clause_label: String,
    pub remedy: String,
    /// Whether the body can enter it by hand.
    pub by_hand: bool,
}

impl From<&PieceKind> for MissingPiece {
    fn from(kind: &PieceKind) -> Self {
        Self {
            kind: kind.code.into(),
            name: kind.name.into(),
            volume: kind.volume,
            volume_name: kind.volume.name().into(),
            clause: kind.clause.id().into(),
            clause_label: kind.clause.place().into(),
            remedy: kind.remedy(),
            by_hand: kind.source == Source::Hand,
        }
    }
}

/// What a closed archive says of its batch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ArchiveBatch {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub body: String,
    pub filing_number: String,
    pub trade: String,
    pub code: String,
    pub level: Level,
    pub level_name: String,
    pub standard: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub responsible: String,
}

impl From<&Batch> for ArchiveBatch {
    fn from(batch: &Batch) -> Self {
        Self {
            id: batch.id,
            number: batch.number.clone(),
            title: batch.title.clone(),
            body: batch.body_name.clone(),
            filing_number: batch.body_number.clone(),
            trade: batch.trade.clone(),
            code: batch.code.clone(),
            level: batch.level,
            level_name: batch.level.name().into(),
            standard: batch.standard.clone(),
            starts_on: batch.starts_on,
            ends_on: batch.ends_on,
            responsible: batch.responsible.clone(),
        }
    }
}

/// The list of a closed archive, as it is kept and as it lies in the ZIP.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ArchiveList {
    pub form: String,
    pub batch: ArchiveBatch,
    pub closed_on: Date,
    pub closed_by: String,
    /// Why pieces are missing.
    pub note: String,
    pub is_disputed: bool,
    pub volumes: Vec<ArchiveVolume>,
    pub missing: Vec<MissingPiece>,
}

impl ArchiveList {
    /// How many entries there are.
    pub fn entries(&self) -> usize {
        self.volumes.iter().map(|volume| volume.entries.len()).sum()
    }
}

/// How long an entry is kept: its last day, or for ever.
pub(super) fn keeping(entry: &ArchiveEntry, closed_on: Date, is_disputed: bool) -> Option<Date> {
    PieceKind::from_code(&entry.kind).and_then(|kind| kept_until(kind, entry.medium, closed_on, is_disputed))
}

/// The folder of a volume in the ZIP.
pub(super) fn folder(volume: Volume) -> String {
    format!("{}-{}", volume.no(), volume.name())
}

/// A name that every system takes as part of a path, and `sha256sum` without escapes.
fn plain(name: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '（' | '）') { c } else { '_' };
    let plain: String = name.chars().map(kept).take(60).collect();
    plain.trim_matches(['.', '_']).to_owned()
}

fn extension(kind: &str) -> &str {
    match kind {
        "jpeg" => "jpg",
        "text" => "txt",
        other => other,
    }
}

/// A name with the extension of what the file is, unless it bears one already. A workbook is a ZIP inside.
fn named(name: &str, kind: &str) -> String {
    let has = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let known = ["pdf", "jpg", "jpeg", "png", "zip", "xlsx", "xls", "csv", "txt", "docx"];
    match has {
        Some(extension) if known.contains(&extension.as_str()) => plain(name),
        _ => format!("{}.{}", plain(name), extension(kind)),
    }
}

/// The page of the platform where a kind of piece is seen.
fn page(batch: i64, kind: &str) -> String {
    let part = match kind {
        "roster" | "roster_file" | "photo" => "/roster",
        "notification" | "plan_file" => "/versions",
        "assignment" => "/assignment",
        "places" => "/arrangement",
        "acts" => "/ledger",
        "marks" | "mark_steps" | "mark_file" | "mark_changes" | "change_file" | "mark_reviews" => "/marks",
        "publicity" | "broken_publicity" | "correction" | "objections" | "objection_file" | "hearing_minutes" => {
            "/publicity"
        }
        "posting_photo" => "/postings",
        "arrival_file" | "day_file" => "/conduct",
        "recording_file" => "/recordings",
        "report" => "/report",
        "certificates" => "/certificates",
        _ => "",
    };
    format!("/batches/{batch}{part}")
}

/// A file that an entry will hold, before its place in the volume is known.
struct Sheet {
    name: String,
    sha256: String,
    size: i64,
}

/// An entry without its place.
struct Draft {
    title: String,
    on: Option<Date>,
    who: String,
    medium: Medium,
    extent: String,
    place: String,
    files: Vec<Sheet>,
    supplement: String,
    piece: Option<i64>,
}

impl Draft {
    fn entry(self, kind: &PieceKind, no: usize) -> ArchiveEntry {
        let under = format!("{}/{no:03}-", folder(kind.volume));
        let several = self.files.len() > 1;
        let path = |name: &str| {
            if several { format!("{under}{}/{name}", plain(&self.title)) } else { format!("{under}{name}") }
        };
        let files: Vec<ArchiveFile> = self
            .files
            .iter()
            .map(|file| ArchiveFile { path: path(&file.name), sha256: file.sha256.clone(), size: file.size })
            .collect();
        let digest = match files.as_slice() {
            [] => None,
            [one] => Some(one.sha256.clone()),
            many => Some(digest(many.iter().map(sum_line).collect::<String>().as_bytes())),
        };
        ArchiveEntry {
            no,
            kind: kind.code.into(),
            title: self.title,
            on: self.on,
            who: self.who,
            medium: self.medium,
            extent: self.extent,
            place: self.place,
            files,
            digest,
            supplement: self.supplement,
            piece: self.piece,
        }
    }
}

/// A line as `sha256sum -c` reads it.
pub(super) fn sum_line(file: &ArchiveFile) -> String {
    format!("{}  {}\n", file.sha256, file.path)
}

/// What is there of a batch.
pub(super) struct Contents {
    pub volumes: Vec<ArchiveVolume>,
    pub missing: Vec<&'static PieceKind>,
}

/// The tables of a batch as files: code, rows, and the file that was kept.
pub(super) type Written = Vec<(&'static str, usize, KeptFile)>;

/// What is there of a batch today; with `written`, as it is about to be closed.
pub(super) fn contents(sight: &mut Sight<'_>, batch: &Batch, written: Option<&Written>) -> Result<Contents, Stop> {
    let counts = store::counts(&mut sight.tx(), batch.id)?;
    let uploaded = store::files(&mut sight.tx(), batch.id)?;
    let pieces = store::pieces(&mut sight.tx(), batch.id)?;
    let count = |code: &str| counts.get(code).copied().unwrap_or(0);
    let facts = store::facts(&mut sight.tx(), batch, count("certificates") > 0)?;
    let photos = match written {
        Some(_) => store::photos(&mut sight.tx(), batch.id)?,
        None => Vec::new(),
    };
    let today = sight.today();
    let mut volumes = Vec::new();
    for volume in Volume::ALL {
        let mut entries: Vec<ArchiveEntry> = Vec::new();
        for kind in PIECES.iter().filter(|kind| kind.volume == *volume) {
            let drafts = match (kind.source, kind.code) {
                (Source::Hand, code) => {
                    let own = pieces.iter().filter(|piece| piece.kind == code && !piece.is_supplement);
                    own.map(of_piece).collect()
                }
                (Source::Record, "photo") => of_photos(batch.id, count("photo"), &photos),
                (
                    Source::Record,
                    "roster_file" | "plan_file" | "cooperation" | "scheme" | "mark_file" | "change_file"
                    | "posting_photo" | "objection_file" | "hearing_minutes" | "arrival_file" | "recording_file"
                    | "day_file",
                ) => uploaded
                    .iter()
                    .filter(|file| file.code == kind.code)
                    .map(|file| of_upload(batch.id, kind, file))
                    .collect(),
                (Source::Record, code) => of_table(batch.id, kind, count(code), written, today),
            };
            for draft in drafts {
                entries.push(draft.entry(kind, entries.len() + 1));
            }
        }
        volumes.push(ArchiveVolume { volume: *volume, name: volume.name().into(), entries });
    }
    let has = |code: &str| volumes.iter().any(|volume| volume.entries.iter().any(|entry| entry.kind == code));
    let missing = rules::archive::missing(facts, has);
    Ok(Contents { volumes, missing })
}

fn of_table(batch: i64, kind: &PieceKind, count: i64, written: Option<&Written>, today: Date) -> Vec<Draft> {
    if count == 0 {
        return Vec::new();
    }
    let made = written.and_then(|written| written.iter().find(|(code, ..)| *code == kind.code));
    let files = made.map(|(_, _, kept)| Sheet {
        name: format!("{}.xlsx", kind.name),
        sha256: kept.hash.0.clone(),
        size: kept.size,
    });
    vec![Draft {
        title: kind.name.into(),
        on: made.map(|_| today),
        who: "平台记录".into(),
        medium: Medium::Electronic,
        extent: format!("{} 行", made.map_or(count, |(_, rows, _)| *rows as i64)),
        place: page(batch, kind.code),
        files: files.into_iter().collect(),
        supplement: String::new(),
        piece: None,
    }]
}

fn of_photos(batch: i64, count: i64, photos: &[(String, String, String, i64)]) -> Vec<Draft> {
    if count == 0 {
        return Vec::new();
    }
    let files = photos.iter().map(|(ticket, hash, kind, size)| Sheet {
        name: format!("{}.{}", plain(ticket), extension(kind)),
        sha256: hash.clone(),
        size: *size,
    });
    vec![Draft {
        title: "考生照片".into(),
        on: None,
        who: "机构上传".into(),
        medium: Medium::Electronic,
        extent: format!("{count} 张"),
        place: page(batch, "photo"),
        files: files.collect(),
        supplement: String::new(),
        piece: None,
    }]
}

fn of_upload(batch: i64, kind: &PieceKind, file: &Uploaded) -> Draft {
    let name = if file.name.trim().is_empty() { kind.name } else { &file.name };
    Draft {
        title: format!("{}：{name}", kind.name),
        on: file.on,
        who: file.who.clone(),
        medium: Medium::Electronic,
        extent: extent_of(file.size),
        place: page(batch, kind.code),
        files: vec![Sheet { name: named(name, &file.kind), sha256: file.hash.clone(), size: file.size }],
        supplement: String::new(),
        piece: None,
    }
}

fn of_piece(piece: &PieceLine) -> Draft {
    let on_paper = piece.file.is_none();
    let files = piece.file.iter().map(|hash| Sheet {
        name: named(&piece.title, &piece.file_kind),
        sha256: hash.clone(),
        size: piece.size,
    });
    Draft {
        title: piece.title.clone(),
        on: Some(piece.made_on),
        who: piece.entered_by.clone(),
        medium: if on_paper { Medium::Paper } else { Medium::Electronic },
        extent: if on_paper { format!("{} 页", piece.pages) } else { extent_of(piece.size) },
        place: if on_paper { format!("{} {}", piece.place, piece.shelf).trim().to_owned() } else { "扫描件".into() },
        files: files.collect(),
        supplement: piece.reason.clone(),
        piece: Some(piece.id),
    }
}

/// What was added after an archive was closed, numbered on from what its volumes hold.
pub(super) fn supplements(list: &ArchiveList, pieces: &[PieceLine]) -> Vec<(Volume, ArchiveEntry)> {
    let mut added: Vec<(Volume, ArchiveEntry)> = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.is_supplement) {
        let Some(kind) = PieceKind::from_code(&piece.kind) else { continue };
        let held = list.volumes.iter().find(|volume| volume.volume == kind.volume);
        let before = added.iter().filter(|(volume, _)| *volume == kind.volume).count();
        let no = held.map_or(0, |volume| volume.entries.len()) + before + 1;
        added.push((kind.volume, of_piece(piece).entry(kind, no)));
    }
    added
}

/// Writes the tables of the records as files; they hold personal data and are sealed like every file.
pub(super) fn write(sight: &mut Sight<'_>, batch: &Batch) -> Result<Written, Stop> {
    let seals = sight.seals();
    let tables = store::tables(&mut sight.tx(), seals, batch.id)?;
    let mut written = Vec::with_capacity(tables.len());
    for table in tables {
        let name = PieceKind::from_code(table.code).map_or(table.code, |kind| kind.name);
        let rows = table.rows.len();
        let sheet = TableSheet {
            name: name.into(),
            title: format!("{} {} {name}", batch.body_name, batch.name()),
            headers: table.headers,
            rows: table.rows,
        };
        let bytes = sheets::tables(&[sheet]).map_err(Stop::fault)?;
        let (hash, kind) = sight.office().files().keep(&bytes)?;
        written.push((table.code, rows, KeptFile { hash, kind, size: bytes.len() as i64 }));
    }
    Ok(written)
}

/// The list of a batch that is about to be closed, and the file that holds it.
pub(super) fn closed(
    sight: &mut Sight<'_>,
    batch: &Batch,
    contents: Contents,
    note: &str,
) -> Result<(ArchiveList, KeptFile), Stop> {
    let list = ArchiveList {
        form: FORM.into(),
        batch: batch.into(),
        closed_on: sight.today(),
        closed_by: sight.caller().name().to_owned(),
        note: note.trim().to_owned(),
        is_disputed: store::is_disputed(&mut sight.tx(), batch.id)?,
        volumes: contents.volumes,
        missing: contents.missing.into_iter().map(MissingPiece::from).collect(),
    };
    let bytes = serde_json::to_vec_pretty(&list).map_err(Stop::fault)?;
    let (hash, kind) = sight.office().files().keep(&bytes)?;
    debug_assert_eq!(kind, FileKind::Text);
    let size = bytes.len() as i64;
    Ok((list, KeptFile { hash, kind, size }))
}
