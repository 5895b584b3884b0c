//! The statement inside a certificate: read back from a PDF that anyone may have sent.

use std::io::Read;

use flate2::read::ZlibDecoder;
use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Name, Stream};

/// A statement is a few kilobytes; what inflates beyond this is not one.
const MAX_ATTACHMENT: u64 = 1 << 20;

/// Returns the first file attached to a PDF or the statement in an OFD, as
/// [`Certificate::attachment`](crate::Certificate::attachment) put it there, or nothing when it is neither, has no attachment, or the attachment exceeds 1 MiB.
pub fn attachment(pdf: &[u8]) -> Option<Vec<u8>> {
    if pdf.starts_with(b"PK") {
        return crate::ofd::statement(pdf);
    }
    let pdf = Pdf::new(pdf.to_vec()).ok()?;
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id())?;
    let file = catalog.get::<Array<'_>>("AF")?.iter::<Dict<'_>>().next()?;
    let stream = file.get::<Dict<'_>>("EF")?.get::<Stream<'_>>("F")?;
    let raw = stream.raw_data();
    let mut bytes = Vec::new();
    match stream.dict().get::<Name<'_>>("Filter") {
        None => raw.take(MAX_ATTACHMENT + 1).read_to_end(&mut bytes).ok()?,
        Some(filter) if filter.as_str() == "FlateDecode" => {
            ZlibDecoder::new(&*raw).take(MAX_ATTACHMENT + 1).read_to_end(&mut bytes).ok()?
        }
        Some(_) => return None,
    };
    (bytes.len() as u64 <= MAX_ATTACHMENT).then_some(bytes)
}
