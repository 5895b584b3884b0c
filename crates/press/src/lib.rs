//! Documents as PDF: certificates, receipts, lists and forms. Plain values in, bytes out; who may print what, and when, is
//! decided elsewhere.
//!
//! Every document is one page template and the values for it. The same values give the same bytes: dates are passed in
//! and nothing asks a clock. What comes out is PDF/A and PDF/UA with embedded, reduced fonts and selectable text.

mod attachment;
mod bind;
mod border;
mod exam;
mod glyphs;
mod ofd;
mod photo;
mod qr;
mod signature;
mod stamp;
mod world;

use std::io::Write;

use jiff::civil::Date;
use serde::Serialize;
use typst::foundations::Bytes;

pub use attachment::attachment;
pub use exam::{ExamKind, ExamRow, ExamSheet, ScoreItem, Ticket};
pub use photo::{Picture, photo};
pub use qr::read_qr;
pub use signature::{FileSignature, SignatureNote, Unsigned, signature};
pub use stamp::Stamp;
pub use world::rest;

use bind::Binder;
use glyphs::check;
use world::{Kind, Output, Sheet, Template};

/// Why a document was not printed. The text is for the person who asked for it.
#[derive(Debug, thiserror::Error)]
pub enum PressError {
    /// No font has this character; the document is not printed rather than printed with a box.
    #[error(
        "{field}中的“{character}”（U+{:04X}）没有可用的字形，本件未生成。请核对是否为规范汉字或误录；确为该字的，\
         请把该字及其编码告知系统管理员，补充字体后重新生成",
        *character as u32
    )]
    NoGlyph {
        /// The character.
        character: char,
        /// Where it stands, in Chinese, as the document calls it.
        field: &'static str,
    },
    /// The photo can't be used, and why.
    #[error("照片{0}，本件未生成。请上传 JPEG 或 PNG 格式、每边不超过 8000 像素的证件照")]
    Photo(&'static str),
    /// The text of the QR code is longer than a QR code can hold.
    #[error("二维码内容过长，本件未生成。请缩短查询网址")]
    Qr,
    /// The entries don't fit on the one page that the document has.
    #[error("内容过长，一页容纳不下，本件未生成。请核对各项内容是否误录")]
    TooLong,
    /// The file has no place for a signature, or not for this one.
    #[error("签名没有放入文件：{0}")]
    Signature(&'static str),
    /// The typesetter refused, which correct values do not cause.
    #[error("排版未成功：{0}")]
    Typesetting(String),
    /// The finished document could not be written.
    #[error("文件写入失败：{0}")]
    Write(#[from] std::io::Error),
}

/// A vocational skill level certificate; the face is prescribed by 人社鉴发〔2021〕1号.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The issuing body's name as filed. No other organisation appears.
    pub body_name: String,
    /// Day of issue.
    pub issued_on: Date,
    /// The holder's name.
    pub name: String,
    /// Kind of identity document, such as `居民身份证`.
    pub id_type: String,
    /// Number of the identity document.
    pub id_number: String,
    /// Occupation.
    pub occupation: String,
    /// Work type or direction; printed as `--` when there is none.
    pub work_type: Option<String>,
    /// Level in full, such as `三级/高级工`.
    pub level: String,
    /// The certificate's 22 characters.
    pub number: String,
    /// JPEG or PNG; best prepared once by [`photo()`] and stored so.
    pub photo: Option<Vec<u8>>,
    /// The body's stamp, as [`Stamp::print`] makes it; it goes over name and day, in its own size.
    pub stamp: Option<Vec<u8>>,
    /// What the QR code says: an address with an opaque token, never the identity number.
    pub qr_text: String,
    /// The province's own query address, printed below the national ones.
    pub province_query: Option<String>,
    /// File name and bytes of the machine-readable statement that travels inside; [`attachment()`] reads it back.
    pub attachment: Option<(String, Vec<u8>)>,
}

/// What of a certificate's page goes on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Everything, on white paper.
    Whole,
    /// What differs from holder to holder, on a blank that a printing house has made from [`Press::blank`].
    Data(Offset),
}

/// How far a printer has to be put right, in tenths of a millimetre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offset {
    /// To the right; to the left below zero.
    pub right: i32,
    /// Downwards; upwards below zero.
    pub down: i32,
}

impl std::fmt::Display for Offset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let millimetres = |tenths: i32| f64::from(tenths) / 10.0;
        write!(f, "向右 {:.1} 毫米，向下 {:.1} 毫米", millimetres(self.right), millimetres(self.down))
    }
}

/// The receipt that the provincial centre hands to a filed body (闽人社办〔2020〕60号 二（一）3).
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The filed body's name.
    pub body_name: String,
    /// Its filing number, 机构备案编号.
    pub number: String,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity.
    pub valid_until: Date,
    /// What was filed.
    pub scope: Vec<Scope>,
    /// The centre that issues the receipt.
    pub centre_name: String,
    /// Day of issue.
    pub issued_on: Date,
    /// Whether it confirms that the validity was extended, rather than a filing.
    pub renewed: bool,
    /// Address of the directory entry, printed as a QR code.
    pub qr_text: Option<String>,
}

/// One filed occupation with its levels.
#[derive(Clone, Debug, Serialize)]
pub struct Scope {
    /// Code of the occupation, such as `4-03-02-01`.
    pub code: String,
    /// Name of the occupation.
    pub occupation: String,
    /// Work type or direction; printed as `--` when there is none.
    pub work_type: Option<String>,
    /// Levels in full, such as `五级/初级工`, in the order to print.
    pub levels: Vec<String>,
}

/// A list on as many pages as it takes, its head repeated on each: publicity sheet, summary, register.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// Title.
    pub title: String,
    /// Line below the title.
    pub subtitle: Option<String>,
    /// Columns from left to right.
    pub columns: Vec<Column>,
    /// Rows; a missing cell is printed empty.
    #[serde(skip)]
    pub rows: Vec<Vec<String>>,
    /// Lines below the table.
    pub notes: Vec<String>,
    /// The day that the list bears in its properties.
    #[serde(skip)]
    pub on: Date,
    /// Whether the page lies on its side.
    pub landscape: bool,
}

/// A column of a [`Table`] or [`Content::Table`].
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// Heading.
    pub heading: String,
    /// Width relative to the other columns.
    pub share: u16,
}

/// A form filled in: headed sections of entries and tables, and lines to sign.
#[derive(Clone, Debug, Serialize)]
pub struct Form {
    /// Title.
    pub title: String,
    /// Number of the matter, printed above the sections.
    pub number: Option<String>,
    /// Sections from top to bottom.
    pub sections: Vec<Section>,
    /// Who signs, one line each, such as `申请机构负责人（签字）`.
    pub signature_lines: Vec<String>,
    /// The day that the form bears in its properties.
    #[serde(skip)]
    pub on: Date,
    /// A word across each page behind the text, such as `草稿`.
    pub mark: Option<String>,
}

/// A section of a [`Form`].
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// Heading.
    pub heading: String,
    /// What stands below it.
    pub content: Content,
}

/// What a [`Section`] holds.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Labels and values, two pairs to a line where both are short.
    Pairs(Vec<(String, String)>),
    /// A table.
    Table {
        /// Columns from left to right.
        columns: Vec<Column>,
        /// Rows; a missing cell is printed empty.
        rows: Vec<Vec<String>>,
    },
    /// Boxes in which one after the other says what they think, with room for a seal.
    Opinions(Vec<Opinion>),
}

/// A box of [`Content::Opinions`].
#[derive(Clone, Debug, Serialize)]
pub struct Opinion {
    /// Whose it is, such as `市级职业技能鉴定指导中心审核评估意见`.
    pub who: String,
    /// What is printed in it; may be empty.
    pub text: String,
    /// Who signs and seals, such as `负责人（签字）　　（盖章）`.
    pub seal: String,
    /// The day, where it is known; otherwise there is room to write it.
    pub on: Option<String>,
}

/// What came of printing many certificates into one file.
#[derive(Debug, Default)]
pub struct Bound {
    /// Pages printed, one per certificate, in the order given.
    pub pages: usize,
    /// Certificate numbers that were left out, and why.
    pub refused: Vec<(String, PressError)>,
}

/// Certificates that are typeset together for one file. Each part brings its own fonts, so that fewer parts
/// make a smaller file and larger parts take more memory.
const PART: usize = 50;

/// Characters of the longest entry that a blank has room for.
const LONGEST: usize = 54;

/// Rows of a list that are typeset together: a row takes some 100 KB of memory while it is.
const ROWS: usize = 400;

/// Prints documents. It holds nothing itself: the fonts are read on first use and shared by the whole process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Press;

impl Press {
    /// A press, ready at once.
    pub fn new() -> Press {
        Press
    }

    /// Says whether a certificate can be printed as far as its characters go, without printing it: for the moment of
    /// entry, long before issue.
    ///
    /// # Errors
    /// [`PressError::NoGlyph`] for the first character that no font has.
    pub fn check(&self, certificate: &Certificate) -> Result<(), PressError> {
        certificate.texts().into_iter().try_for_each(|(field, text)| check(field, text))
    }

    /// Prints one certificate: A4, one page, PDF/A-3a and PDF/UA-1 (PDF/A-2a without an attachment).
    ///
    /// # Errors
    /// Any [`PressError`] but `Write`.
    pub fn certificate(&self, certificate: &Certificate) -> Result<Vec<u8>, PressError> {
        let face = Face::new(certificate)?;
        let kind = if certificate.attachment.is_some() { Kind::ArchivalWithAttachment } else { Kind::Archival };
        let (number, on) = (&certificate.number, certificate.issued_on);
        let output = Output { ident: number.clone(), on, kind, pages: Some(1) };
        Page::of(Layout::Whole).print(vec![face], output)
    }

    /// The same page as OFD (GB/T 33190), with the attachment.
    ///
    /// # Errors
    /// Any [`PressError`].
    pub fn certificate_ofd(&self, certificate: &Certificate) -> Result<Vec<u8>, PressError> {
        let sheet = Page::of(Layout::Whole).sheet(vec![Face::new(certificate)?], false)?;
        Ok(sheet.write(Some(1), |document| ofd::write(document, certificate))?.0)
    }

    /// What a printing house prints: the page without anything of a holder. A4, PDF/A-2a and PDF/UA-1.
    ///
    /// # Errors
    /// [`PressError::NoGlyph`] or `Typesetting`.
    pub fn blank(&self, province_query: Option<String>, on: Date) -> Result<Vec<u8>, PressError> {
        let nobody = Certificate { province_query, ..Certificate::empty(on) };
        let output = Output { ident: "blank".into(), on, kind: Kind::Archival, pages: Some(1) };
        let page =
            Page { layout: "stock", title: "职业技能等级证书空白版", offset: Offset::default(), advice: "" };
        page.print(vec![Face::nobody(&nobody)], output)
    }

    /// The sheet by which one finds out how far a printer is off the blanks: crosses where corners of the blank should be,
    /// moved by what is set already, and a rule of 100 mm.
    ///
    /// # Errors
    /// [`PressError::Typesetting`].
    pub fn trial(&self, offset: Offset, province_query: Option<String>, on: Date) -> Result<Vec<u8>, PressError> {
        let someone = Certificate {
            name: "示例姓名".into(),
            id_type: "居民身份证".into(),
            id_number: "350199188001010011".into(),
            occupation: "示例职业".into(),
            level: "四级/中级工".into(),
            number: "Y000000000000000000000".into(),
            body_name: "示例学校".into(),
            province_query,
            ..Certificate::empty(on)
        };
        let output = Output { ident: "trial".into(), on, kind: Kind::Archival, pages: Some(1) };
        let page = Page { layout: "trial", title: "套打校准页", offset, advice: &format!("{ADVICE}{offset}。") };
        page.print(vec![Face::nobody(&someone)], output)
    }

    /// Prints many certificates as the pages of one file for paper, whole or on blanks, without tags and attachments, written as
    /// they come: memory stays that of fifty. A certificate that can't be printed is left out and reported.
    ///
    /// # Errors
    /// [`PressError::Write`] when `out` fails, after which the file is useless.
    pub fn certificates(
        &self,
        certificates: impl IntoIterator<Item = Certificate>,
        layout: Layout,
        out: impl Write,
    ) -> Result<Bound, PressError> {
        let mut binder = Binder::new(out)?;
        let mut bound = Bound::default();
        let mut part = Vec::with_capacity(PART);
        let mut all = certificates.into_iter().fuse();
        loop {
            let certificate = all.next();
            let ended = certificate.is_none();
            part.extend(certificate);
            if part.len() == PART || (ended && !part.is_empty()) {
                bind_part(&mut binder, &mut bound, layout, std::mem::take(&mut part))?;
            }
            if ended {
                binder.finish("职业技能等级证书")?;
                return Ok(bound);
            }
        }
    }

    /// Prints a receipt: A4, PDF/A-2a and PDF/UA-1.
    ///
    /// # Errors
    /// [`PressError::NoGlyph`], `Qr` or `Typesetting`.
    pub fn receipt(&self, receipt: &Receipt) -> Result<Vec<u8>, PressError> {
        check("机构名称", &receipt.body_name)?;
        check("机构备案编号", &receipt.number)?;
        check("发证中心", &receipt.centre_name)?;
        for row in &receipt.scope {
            check("职业编码", &row.code)?;
            check("职业名称", &row.occupation)?;
            check("工种/职业方向", row.work_type.as_deref().unwrap_or_default())?;
            row.levels.iter().try_for_each(|level| check("职业技能等级", level))?;
        }
        #[derive(Serialize)]
        struct View<'a> {
            body_name: &'a str,
            number: &'a str,
            valid_from: String,
            valid_until: String,
            scope: &'a [Scope],
            centre_name: &'a str,
            issued_on: String,
            renewed: bool,
            qr: bool,
        }
        let view = View {
            body_name: &receipt.body_name,
            number: &receipt.number,
            valid_from: chinese(receipt.valid_from),
            valid_until: chinese(receipt.valid_until),
            scope: &receipt.scope,
            centre_name: &receipt.centre_name,
            issued_on: chinese(receipt.issued_on),
            renewed: receipt.renewed,
            qr: receipt.qr_text.is_some(),
        };
        let qr = receipt.qr_text.as_deref().map(qr::svg).transpose()?;
        let files = qr.into_iter().map(Bytes::new).collect();
        archival(Template::Receipt, &view, files, receipt.number.clone(), receipt.issued_on)
    }

    /// Prints a list: PDF/A-2a and PDF/UA-1. Beyond 400 rows it is for paper and screen alone, without tags: parts of 400
    /// rows, each beginning on a new page, keep memory at that of one part.
    ///
    /// # Errors
    /// [`PressError::NoGlyph`], `Typesetting` or `Write`.
    pub fn table(&self, table: &Table) -> Result<Vec<u8>, PressError> {
        check("标题", &table.title)?;
        check("副标题", table.subtitle.as_deref().unwrap_or_default())?;
        check_table(&table.columns, &table.rows)?;
        table.notes.iter().try_for_each(|note| check("附注", note))?;
        #[derive(Serialize)]
        struct View<'a> {
            whole: &'a Table,
            rows: &'a [Vec<String>],
            /// The number of the first page, in a list of parts.
            page: Option<usize>,
            first: bool,
            last: bool,
        }
        if table.rows.len() <= ROWS {
            let view = View { whole: table, rows: &table.rows, page: None, first: true, last: true };
            return archival(Template::Table, &view, Vec::new(), table.title.clone(), table.on);
        }
        let mut file = Vec::new();
        let mut binder = Binder::new(&mut file)?;
        let (mut page, count) = (1, table.rows.len().div_ceil(ROWS));
        for (i, rows) in table.rows.chunks(ROWS).enumerate() {
            let view = View { whole: table, rows, page: Some(page), first: i == 0, last: i + 1 == count };
            let output = Output { ident: table.title.clone(), on: table.on, kind: Kind::Raw, pages: None };
            let (pdf, pages) = Sheet::new(Template::Table, &view, Vec::new())?.print(&output)?;
            binder.add(pdf)?;
            page += pages;
        }
        binder.finish(&table.title)?;
        Ok(file)
    }

    /// Prints a form: PDF/A-2a and PDF/UA-1.
    ///
    /// # Errors
    /// [`PressError::NoGlyph`] or `Typesetting`.
    pub fn form(&self, form: &Form) -> Result<Vec<u8>, PressError> {
        check("标题", &form.title)?;
        check("编号", form.number.as_deref().unwrap_or_default())?;
        check("标记", form.mark.as_deref().unwrap_or_default())?;
        for section in &form.sections {
            check("小标题", &section.heading)?;
            match &section.content {
                Content::Pairs(pairs) => {
                    for (label, value) in pairs {
                        check("栏目名称", label)?;
                        check("栏目内容", value)?;
                    }
                }
                Content::Table { columns, rows } => check_table(columns, rows)?,
                Content::Opinions(opinions) => {
                    for opinion in opinions {
                        check("意见栏名称", &opinion.who)?;
                        check("意见", &opinion.text)?;
                        check("签章栏", &opinion.seal)?;
                    }
                }
            }
        }
        form.signature_lines.iter().try_for_each(|line| check("签字栏", line))?;
        archival(Template::Form, form, Vec::new(), form.title.clone(), form.on)
    }
}

impl Certificate {
    /// A certificate that says nothing yet.
    pub fn empty(issued_on: Date) -> Certificate {
        Certificate {
            body_name: String::new(),
            issued_on,
            name: String::new(),
            id_type: String::new(),
            id_number: String::new(),
            occupation: String::new(),
            work_type: None,
            level: String::new(),
            number: String::new(),
            photo: None,
            stamp: None,
            qr_text: String::new(),
            province_query: None,
            attachment: None,
        }
    }

    /// What the page says of its holder: label and value.
    pub fn entries(&self) -> [(&'static str, &str); 7] {
        [
            ("姓名", &self.name),
            ("证件类型", &self.id_type),
            ("证件号码", &self.id_number),
            ("职业名称", &self.occupation),
            ("工种/职业方向", self.work_type.as_deref().unwrap_or("--")),
            ("职业技能等级", &self.level),
            ("证书编号", &self.number),
        ]
    }

    fn texts(&self) -> [(&'static str, &str); 9] {
        [
            ("评价机构名称", &self.body_name),
            ("姓名", &self.name),
            ("证件类型", &self.id_type),
            ("证件号码", &self.id_number),
            ("职业名称", &self.occupation),
            ("工种/职业方向", self.work_type.as_deref().unwrap_or_default()),
            ("职业技能等级", &self.level),
            ("证书编号", &self.number),
            ("查询网址", self.province_query.as_deref().unwrap_or_default()),
        ]
    }
}

/// A certificate that has been checked, and its pictures.
struct Face<'a> {
    certificate: &'a Certificate,
    photo: Option<Bytes>,
    /// With its width in millimetres.
    stamp: Option<(Bytes, f64)>,
    qr: Option<Bytes>,
}

impl<'a> Face<'a> {
    fn new(certificate: &'a Certificate) -> Result<Face<'a>, PressError> {
        Press.check(certificate)?;
        let photo = match &certificate.photo {
            Some(upload) => Some(Bytes::new(photo(upload)?.into_owned())),
            None => None,
        };
        let stamp = match &certificate.stamp {
            Some(png) => Some((Bytes::new(png.clone()), stamp::millimetres(png)?)),
            None => None,
        };
        Ok(Face { certificate, photo, stamp, qr: Some(Bytes::new(qr::svg(&certificate.qr_text)?)) })
    }

    /// A blank has two lines of the smallest type for an entry, and no more.
    fn fits(self, layout: Layout) -> Result<Face<'a>, PressError> {
        let long = self.certificate.entries().iter().any(|(_, text)| text.chars().count() > LONGEST);
        if long && layout != Layout::Whole { Err(PressError::TooLong) } else { Ok(self) }
    }

    /// Without pictures.
    fn nobody(certificate: &'a Certificate) -> Face<'a> {
        Face { certificate, photo: None, stamp: None, qr: None }
    }
}

/// How faces are set: which layout of the template, under which title, moved how far.
struct Page<'a> {
    layout: &'static str,
    title: &'static str,
    offset: Offset,
    /// What a trial sheet says above.
    advice: &'a str,
}

impl Page<'_> {
    fn of(layout: Layout) -> Page<'static> {
        let (layout, offset) = match layout {
            Layout::Whole => ("whole", Offset::default()),
            Layout::Data(offset) => ("data", offset),
        };
        Page { layout, title: "职业技能等级证书", offset, advice: "" }
    }

    /// Typesets faces, one page each.
    fn print(&self, faces: Vec<Face>, output: Output) -> Result<Vec<u8>, PressError> {
        let attach = output.kind == Kind::ArchivalWithAttachment;
        Ok(self.sheet(faces, attach)?.print(&output)?.0)
    }

    /// The sheet with faces, one page each. Files are numbered as they come; a template finds them by number.
    fn sheet(&self, faces: Vec<Face>, attach: bool) -> Result<Sheet, PressError> {
        #[derive(Serialize)]
        struct View<'a> {
            layout: &'a str,
            title: &'a str,
            advice: &'a str,
            /// Millimetres.
            right: f64,
            down: f64,
            faces: Vec<FaceView<'a>>,
        }
        #[derive(Serialize)]
        struct FaceView<'a> {
            body_name: &'a str,
            issued_on: String,
            entries: [(&'static str, &'a str); 7],
            province_query: Option<&'a str>,
            qr: Option<String>,
            photo: Option<String>,
            /// The file, and how many millimetres it is wide.
            stamp: Option<(String, f64)>,
            attachment: Option<(&'a str, String, &'static str)>,
        }
        let mut files: Vec<Bytes> = Vec::new();
        let mut file = |bytes: Bytes| {
            // The certificates of a batch bear one stamp.
            let known = files.iter().position(|known| *known == bytes);
            let at = known.unwrap_or_else(|| {
                files.push(bytes);
                files.len() - 1
            });
            format!("/{at}")
        };
        let faces = faces
            .into_iter()
            .map(|Face { certificate: c, photo, stamp, qr }| FaceView {
                body_name: &c.body_name,
                issued_on: chinese(c.issued_on),
                entries: c.entries(),
                province_query: c.province_query.as_deref(),
                qr: qr.map(&mut file),
                photo: photo.map(&mut file),
                stamp: stamp.map(|(picture, wide)| (file(picture), wide)),
                attachment: c.attachment.as_ref().filter(|_| attach).map(|(name, bytes)| {
                    let mime = if name.ends_with("json") { "application/json" } else { "application/octet-stream" };
                    (name.as_str(), file(Bytes::new(bytes.clone())), mime)
                }),
            })
            .collect();
        let millimetres = |tenths: i32| f64::from(tenths) / 10.0;
        let view = View {
            layout: self.layout,
            title: self.title,
            advice: self.advice,
            right: millimetres(self.offset.right),
            down: millimetres(self.offset.down),
            faces,
        };
        Sheet::new(Template::Certificate, &view, files)
    }
}

/// What the trial sheet asks one to do.
const ADVICE: &str = "在预印空白证书上（或用白纸打印后与空白证书叠在一起对光看）按实际大小打印本页，不要“适合页面”。先量下面的标尺应为 100 毫米；\
再看空白证书的相片框左上角、页脚横线左端各落在十字标尺的哪一格：向右、向下为正，把读数加到现在的偏移上，保存后再打印本页核对。现在的偏移：";

/// Prints up to [`PART`] certificates together. Should they fail together, each is tried alone to find the one to blame.
fn bind_part<W: Write>(
    binder: &mut Binder<W>,
    bound: &mut Bound,
    layout: Layout,
    part: Vec<Certificate>,
) -> Result<(), PressError> {
    let page = Page::of(layout);
    let mut faces = Vec::with_capacity(part.len());
    for certificate in &part {
        match Face::new(certificate).and_then(|face| face.fits(layout)) {
            Ok(face) => faces.push(face),
            Err(why) => bound.refused.push((certificate.number.clone(), why)),
        }
    }
    let Some(first) = faces.first() else { return Ok(()) };
    let count = faces.len();
    let raw = |c: &Certificate, pages| Output {
        ident: c.number.clone(),
        on: c.issued_on,
        kind: Kind::Raw,
        pages: Some(pages),
    };
    let numbers: Vec<&Certificate> = faces.iter().map(|face| face.certificate).collect();
    let together = raw(first.certificate, count);
    if let Ok(pdf) = page.print(faces, together) {
        binder.add(pdf)?;
        bound.pages += count;
        return Ok(());
    }
    for certificate in numbers {
        match Face::new(certificate).and_then(|face| page.print(vec![face], raw(certificate, 1))) {
            Ok(pdf) => {
                binder.add(pdf)?;
                bound.pages += 1;
            }
            Err(why) => bound.refused.push((certificate.number.clone(), why)),
        }
    }
    Ok(())
}

fn archival(
    template: Template,
    view: &impl Serialize,
    files: Vec<Bytes>,
    ident: String,
    on: Date,
) -> Result<Vec<u8>, PressError> {
    let output = Output { ident, on, kind: Kind::Archival, pages: None };
    Ok(Sheet::new(template, view, files)?.print(&output)?.0)
}

fn check_table(columns: &[Column], rows: &[Vec<String>]) -> Result<(), PressError> {
    columns.iter().try_for_each(|column| check("列标题", &column.heading))?;
    rows.iter().flatten().try_for_each(|cell| check("表格内容", cell))
}

/// `2026年12月7日`, as certificates write dates.
fn chinese(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}
