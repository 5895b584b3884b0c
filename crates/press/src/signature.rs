//! The place of a signature in a PDF: made as an incremental update, so that what was set stays as it is byte for byte, and
//! read back from a file that anyone may have sent. What is signed how, the press does not know: it hands out the bytes
//! and takes a signature for them.
//!
//! The field has no area. A page shows no sign of it, readers list it, and archival PDF asks for no picture of a field
//! without area; the seal on paper has its own place on the page.

use std::ops::Range;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, ObjectIdentifier, String as Text};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::PressError;

/// What a signature's entry says beside the signature. It is part of what is signed.
#[derive(Clone, Debug)]
pub struct SignatureNote {
    /// Who signs.
    pub name: String,
    /// Why, such as `核发职业技能等级证书`.
    pub reason: String,
    /// When, as the signer claims.
    pub at: Timestamp,
}

/// A PDF with a place for a signature.
pub struct Unsigned {
    pdf: Vec<u8>,
    /// The hexadecimal digits of the place, without the brackets around them.
    place: Range<usize>,
}

/// The signature of a PDF as it was found.
#[derive(Debug)]
pub struct FileSignature<'a> {
    /// The bytes that are signed: everything before and after the place.
    pub parts: [&'a [u8]; 2],
    /// The signature, with the zeros that fill its place.
    pub signature: Vec<u8>,
    /// When it was made, as the signer claims.
    pub at: Timestamp,
}

impl Unsigned {
    /// Adds a place for a signature of up to `room` bytes to a PDF that the press made itself.
    ///
    /// # Errors
    /// [`PressError::Signature`] where the file is not of the form in which the press leaves it.
    pub fn new(mut pdf: Vec<u8>, note: &SignatureNote, room: usize) -> Result<Unsigned, PressError> {
        let update = Update::of(&pdf).ok_or(PressError::Signature("文件不是本机排版的形式"))?;
        let (field, value) = (update.size, update.size + 1);
        let zoned = note.at.to_zoned(CHINA);
        let mut added = b"\n".to_vec();
        let (mut offsets, start) = (Vec::new(), pdf.len());
        let mut object = |added: &mut Vec<u8>, number: i32, parts: [&[u8]; 3]| {
            offsets.push((number, start + added.len()));
            added.extend(format!("{number} 0 obj\n").bytes());
            parts.iter().for_each(|part| added.extend(*part));
            added.extend(b"\nendobj\n");
        };
        let form = format!("/AcroForm<</Fields[{field} 0 R]/SigFlags 3>>>>");
        object(&mut added, update.catalog.0, [&update.catalog.1, form.as_bytes(), b""]);
        let annotations = format!("/Annots[{field} 0 R]>>");
        object(&mut added, update.page.0, [&update.page.1, annotations.as_bytes(), b""]);
        // Printed (4) and locked (128): archival PDF allows no field that printing leaves out.
        let widget = format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/F 132/Rect[0 0 0 0]/P {} 0 R/T(signature)/TU{}/V {value} 0 R>>",
            update.page.0,
            text("机构数字签名")
        );
        object(&mut added, field, [widget.as_bytes(), b"", b""]);
        let entry = format!(
            "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Name{}/Reason{}/M({})/ByteRange {}/Contents<",
            text(&note.name),
            text(&note.reason),
            zoned.strftime("D:%Y%m%d%H%M%S+08'00'"),
            // As wide as it can become; what is not needed of it is filled with spaces.
            " ".repeat(RANGE),
        );
        let head = start + added.len() + format!("{value} 0 obj\n").len();
        let place = head + entry.len()..head + entry.len() + 2 * room;
        object(&mut added, value, [entry.as_bytes(), "0".repeat(2 * room).as_bytes(), b">>>"]);

        offsets.sort_unstable();
        let xref = start + added.len();
        added.extend(b"xref\n");
        for (number, offset) in offsets {
            added.extend(format!("{number} 1\n{offset:010} 00000 n \n").bytes());
        }
        added.extend(format!("trailer\n<</Size {}/Prev {}", update.size + 2, update.xref).bytes());
        added.extend(update.trailer);
        added.extend(format!(">>\nstartxref\n{xref}\n%%EOF\n").bytes());
        pdf.extend(added);

        let (before, after) = (place.start - 1, place.end + 1);
        let range = format!("[0 {before} {after} {}]", pdf.len() - after);
        let at = before - b"/Contents".len() - RANGE;
        pdf[at..at + range.len()].copy_from_slice(range.as_bytes());
        Ok(Unsigned { pdf, place })
    }

    /// What is to be signed.
    pub fn parts(&self) -> [&[u8]; 2] {
        [&self.pdf[..self.place.start - 1], &self.pdf[self.place.end + 1..]]
    }

    /// Puts the signature into its place.
    ///
    /// # Errors
    /// [`PressError::Signature`] where it is longer than the room that was left for it.
    pub fn with(mut self, signature: &[u8]) -> Result<Vec<u8>, PressError> {
        if 2 * signature.len() > self.place.len() {
            return Err(PressError::Signature("签名长于预留的位置"));
        }
        for (at, byte) in signature.iter().enumerate() {
            let digits = format!("{byte:02x}");
            self.pdf[self.place.start + 2 * at..][..2].copy_from_slice(digits.as_bytes());
        }
        Ok(self.pdf)
    }
}

/// Finds the signature of a PDF, or nothing when it has none that covers the file from its first byte to its last. A file
/// with something added after it was signed shows other things than were signed, so it counts as not signed.
pub fn signature(pdf: &[u8]) -> Option<FileSignature<'_>> {
    let read = Pdf::new(pdf.to_vec()).ok()?;
    let catalog = read.xref().get::<Dict<'_>>(read.xref().root_id())?;
    let fields = catalog.get::<Dict<'_>>("AcroForm")?.get::<Array<'_>>("Fields")?;
    let mut signed = fields.iter::<Dict<'_>>().filter(|field| {
        field.get::<Name<'_>>("FT").is_some_and(|kind| kind.as_str() == "Sig") && field.contains_key("V")
    });
    let (field, none) = (signed.next()?, signed.next());
    let entry = field.get::<Dict<'_>>("V").filter(|_| none.is_none())?;
    let kind = entry.get::<Name<'_>>("SubFilter")?;
    let range: Vec<usize> =
        entry.get::<Array<'_>>("ByteRange")?.iter::<i32>().map(usize::try_from).collect::<Result<_, _>>().ok()?;
    let [0, before, after, rest] = range[..] else { return None };
    let whole = kind.as_str() == "ETSI.CAdES.detached" && before < after && after.checked_add(rest)? == pdf.len();
    // What is left out is the signature and nothing else.
    let place = pdf.get(before..after).filter(|_| whole)?.strip_prefix(b"<")?.strip_suffix(b">")?;
    let signature = unhex(place)?;
    let same = entry.get::<Text<'_>>("Contents")?.as_ref() == signature;
    let at = instant(std::str::from_utf8(entry.get::<Text<'_>>("M")?.as_ref()).ok()?).filter(|_| same)?;
    Some(FileSignature { parts: [&pdf[..before], &pdf[after..]], signature, at })
}

/// What an update has to say again of the file that it is appended to.
struct Update {
    /// One more than the highest number of an object.
    size: i32,
    /// Where the table of objects begins.
    xref: usize,
    /// The entries of the trailer that stay: root, information, identifier.
    trailer: Vec<u8>,
    /// Number and entries, without the closing brackets.
    catalog: (i32, Vec<u8>),
    page: (i32, Vec<u8>),
}

impl Update {
    fn of(pdf: &[u8]) -> Option<Update> {
        let read = Pdf::new(pdf.to_vec()).ok()?;
        let get = |id: ObjectIdentifier| read.xref().get::<Dict<'_>>(id);
        let catalog = get(read.xref().root_id()).filter(|dict| !dict.contains_key("AcroForm"))?;
        let pages = catalog.get::<Dict<'_>>("Pages")?;
        let first = pages.get::<Array<'_>>("Kids")?.raw_iter().next()?;
        let MaybeRef::Ref(first) = first else { return None };
        let page = get(first.into()).filter(|dict| !dict.contains_key("Annots"))?;
        let (at, size, kept) = trailer(pdf)?;
        let open = |dict: &Dict<'_>| dict.data().strip_suffix(b">>").map(<[u8]>::to_vec);
        Some(Update {
            size,
            xref: at,
            trailer: kept,
            catalog: (read.xref().root_id().obj_number, open(&catalog)?),
            page: (first.obj_number, open(&page)?),
        })
    }
}

/// Where the table of objects begins, how many there are, and the trailer's entries but `Size`, as the press writes them.
fn trailer(pdf: &[u8]) -> Option<(usize, i32, Vec<u8>)> {
    let tail = &pdf[pdf.len().saturating_sub(TAIL)..];
    let (_, after) = cut(tail, b"trailer")?;
    let (dict, after) = cut(after, b"startxref")?;
    let (xref, _) = cut(after, b"%%EOF")?;
    let dict = dict.trim_ascii().strip_prefix(b"<<")?.strip_suffix(b">>")?;
    let (before, after) = cut(dict, b"/Size ")?;
    let digits = after.iter().take_while(|c| c.is_ascii_digit()).count();
    let (size, after) = after.split_at(digits);
    let xref = std::str::from_utf8(xref).ok()?.trim().parse().ok()?;
    let size = std::str::from_utf8(size).ok()?.parse().ok()?;
    Some((xref, size, [before, after].concat()))
}

/// What stands before a word where it occurs last, and after it.
fn cut<'a>(bytes: &'a [u8], word: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(word.len()).rposition(|window| window == word)?;
    Some((&bytes[..at], &bytes[at + word.len()..]))
}

/// The trailer stands within so many bytes of the end.
const TAIL: usize = 1024;
/// `[0 9999999999 9999999999 9999999999]`
const RANGE: usize = 36;

const CHINA: TimeZone = TimeZone::fixed(Offset::constant(8));

/// A text string of a PDF: UTF-16, in hexadecimal.
fn text(said: &str) -> String {
    let digits: String = said.encode_utf16().map(|unit| format!("{unit:04x}")).collect();
    format!("<feff{digits}>")
}

/// `D:20261207093000+08'00'`.
fn instant(said: &str) -> Option<Timestamp> {
    let local = said.strip_prefix("D:")?.strip_suffix("+08'00'")?;
    CHINA.to_timestamp(DateTime::strptime("%Y%m%d%H%M%S", local).ok()?).ok()
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16).map(|digit| digit as u8);
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect()
}
