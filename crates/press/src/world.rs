//! What typst may see: five templates, three fonts and the values of one document. Nothing else exists for it: no folder, no
//! network, no clock. Values reach a template as the JSON file `/data.json` and as numbered picture files, never as
//! markup, so whatever a person is called is printed and not obeyed.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::PressError;
use crate::border::BORDER;

/// The templates, by what they print.
#[derive(Clone, Copy)]
pub(crate) enum Template {
    Certificate,
    Receipt,
    Table,
    Form,
    Exam,
}

/// What every document shares; read once, on first use.
pub(crate) struct Shelf {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    templates: [Source; 5],
    common: Source,
    data: FileId,
    border: FileId,
}

static SHELF: LazyLock<Shelf> = LazyLock::new(|| Shelf {
    library: LazyHash::new(Library::default()),
    book: LazyHash::new(FontBook::from_fonts(&FONTS[..])),
    fonts: FONTS.clone(),
    templates: [
        source("/certificate.typ", include_str!("../templates/certificate.typ")),
        source("/receipt.typ", include_str!("../templates/receipt.typ")),
        source("/table.typ", include_str!("../templates/table.typ")),
        source("/form.typ", include_str!("../templates/form.typ")),
        source("/exam.typ", include_str!("../templates/exam.typ")),
    ],
    common: source("/common.typ", include_str!("../templates/common.typ")),
    data: file_id("/data.json"),
    border: file_id("/border.svg"),
});

/// The fonts' files.
static FACES: [&[u8]; 3] = [
    include_bytes!("../fonts/LXGWWenKai-Regular.ttf"),
    include_bytes!("../fonts/NotoSerifSC-Regular.ttf"),
    include_bytes!("../fonts/NotoSerifSC-Bold-GB2312.ttf"),
];

/// The faces in the order in which they are asked for a character.
pub(crate) static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| FACES.into_iter().flat_map(|face| Font::iter(Bytes::new(face))).collect());

fn file_id(path: &str) -> FileId {
    let path = VirtualPath::new(path).expect("a fixed, valid path");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

fn source(path: &str, text: &str) -> Source {
    Source::new(file_id(path), text.to_owned())
}

/// One document before it is typeset.
pub(crate) struct Sheet {
    template: Template,
    data: Bytes,
    /// Served as `/0`, `/1`, …
    files: Vec<Bytes>,
}

impl Sheet {
    /// Takes the values for a template and the files they speak of.
    pub fn new(template: Template, data: &impl Serialize, files: Vec<Bytes>) -> Result<Sheet, PressError> {
        let data = serde_json::to_vec(data).map_err(|e| PressError::Typesetting(e.to_string()))?;
        Ok(Sheet { template, data: Bytes::new(data), files })
    }

    /// Typesets and exports; the number says how many pages it took.
    pub fn print(&self, output: &Output) -> Result<(Vec<u8>, usize), PressError> {
        self.write(output.pages, |document| typst_pdf::pdf(document, &output.options()).map_err(complaint))
    }

    /// Typesets and hands over to whoever writes the file; only where it has as many pages as it must.
    pub fn write(
        &self,
        fixed: Option<usize>,
        write: impl FnOnce(&PagedDocument) -> Result<Vec<u8>, PressError>,
    ) -> Result<(Vec<u8>, usize), PressError> {
        let document: PagedDocument = typst::compile(self).output.map_err(complaint)?;
        let pages = document.pages().len();
        let file = match fixed {
            Some(fixed) if fixed != pages => Err(PressError::TooLong),
            _ => write(&document),
        };
        drop(document);
        tidy(pages);
        Ok((file?, pages))
    }
}

/// How a document leaves.
pub(crate) struct Output {
    /// A stable name of the document, from which its identifier is derived.
    pub ident: String,
    /// The date that the document bears; archival PDF requires one and the press has no clock.
    pub on: jiff::civil::Date,
    pub kind: Kind,
    /// The number of pages it must have, where that is fixed.
    pub pages: Option<usize>,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// PDF/A-2a and PDF/UA-1: archives and screen readers.
    Archival,
    /// PDF/A-3a and PDF/UA-1: PDF/A-2 admits no attached JSON.
    ArchivalWithAttachment,
    /// For paper alone, to be bound with others: no tags.
    Raw,
}

impl Output {
    fn options(&self) -> PdfOptions {
        let standards: &[PdfStandard] = match self.kind {
            Kind::Archival => &[PdfStandard::A_2a, PdfStandard::Ua_1],
            Kind::ArchivalWithAttachment => &[PdfStandard::A_3a, PdfStandard::Ua_1],
            Kind::Raw => &[PdfStandard::V_1_7],
        };
        let day = Datetime::from_ymd_hms(self.on.year().into(), self.on.month() as u8, self.on.day() as u8, 0, 0, 0)
            .expect("a civil date is a date");
        PdfOptions {
            ident: Smart::Custom(self.ident.clone()),
            creator: Smart::Custom(Some("Jiangce 匠册".into())),
            // Midnight in China.
            timestamp: Timestamp::new_local(day, 8 * 60),
            standards: PdfStandards::new(standards).expect("compatible standards"),
            tagged: self.kind != Kind::Raw,
            ..PdfOptions::default()
        }
    }
}

/// Forgets what typst remembered of documents gone by. What they share (evaluated templates, the border) is used each
/// time and stays, except after a thick document, which is worth more than that. Measured with `examples/speed.rs`.
fn tidy(pages: usize) {
    static PRINTED: AtomicUsize = AtomicUsize::new(0);
    if pages > THIN {
        comemo::evict(0);
    } else if PRINTED.fetch_add(1, Ordering::Relaxed) % THIN == THIN - 1 {
        comemo::evict(1);
    }
}

/// Lets go of everything that was remembered of documents gone by, and of the pages of the program's file that hold the
/// fonts: typst reads each font whole once, of which a document needs little. The next one takes a little longer.
pub fn rest() {
    comemo::evict(0);
    FACES.into_iter().for_each(give_back);
}

/// Has the system forget what it read of bytes that stand in the program's file, until they are asked for again.
#[cfg(target_os = "linux")]
fn give_back(bytes: &'static [u8]) {
    const PAGE: usize = 4096;
    let begins = bytes.as_ptr().align_offset(PAGE);
    let whole = bytes.len().saturating_sub(begins) / PAGE * PAGE;
    if whole > 0 {
        let from = bytes[begins..].as_ptr().cast_mut().cast();
        // SAFETY: whole pages of constants that nobody ever wrote to; they are read from the file again when needed.
        // When the system doesn't want to, nothing is lost.
        let _ = unsafe { rustix::mm::madvise(from, whole, rustix::mm::Advice::LinuxDontNeed) };
    }
}

/// Elsewhere the system sees to it by itself.
#[cfg(not(target_os = "linux"))]
fn give_back(_: &'static [u8]) {}

/// Pages of a thin document, and thin documents between two tidyings.
const THIN: usize = 8;

fn complaint<E: AsRef<[SourceDiagnostic]>>(errors: E) -> PressError {
    let lines: Vec<String> = errors.as_ref().iter().map(|e| e.message.to_string()).collect();
    PressError::Typesetting(lines.join("；"))
}

impl World for Sheet {
    fn library(&self) -> &LazyHash<Library> {
        &SHELF.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &SHELF.book
    }

    fn main(&self) -> FileId {
        SHELF.templates[self.template as usize].id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let mut known = SHELF.templates.iter().chain([&SHELF.common]);
        known.find(|s| s.id() == id).cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == SHELF.data {
            return Ok(self.data.clone());
        }
        if id == SHELF.border {
            return Ok(BORDER.clone());
        }
        let number = id.get().vpath().get_without_slash().parse::<usize>().ok();
        number.and_then(|n| self.files.get(n)).cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        SHELF.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
