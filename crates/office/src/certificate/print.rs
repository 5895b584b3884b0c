//! Certificates as files: one PDF, a batch as a ZIP of PDFs, a batch as one PDF for the printer. Both leave the house as
//! they are made, so that a batch of any size takes the memory of a few certificates.

use std::io::{Seek as _, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Method, header};
use axum::response::Response;
use axum::routing::get;
use futures_util::stream;
use press::Layout;
use rules::exchange::ExchangeTemplate;
use serde_json::Value;
use tokio::io::AsyncReadExt as _;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::issue::{printable, unprintable};
use super::keys::sign_pdf;
use super::{BatchFaces, CertificateFace, Face, FacesView, PrintOffsetDetail, blank};
use crate::door::{Office, Stop};
use crate::web::api::{Registry, file_operation};
use crate::web::page::{download, not_done};
use crate::web::{Visit, Web};

/// The form of a certificate's file.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Pdf,
    /// GB/T 33190.
    Ofd,
}

/// The content type of an OFD.
const OFD: &str = "application/ofd";

/// What a batch is printed on.
#[derive(Clone, Copy)]
pub(super) enum Sheets {
    /// White paper.
    Whole,
    /// Blanks: all certificates, or those of one entry of the ledger.
    Data(Option<i64>),
}

impl Sheets {
    /// The entry of the ledger whose certificates alone are wanted.
    const fn printing(self) -> Option<i64> {
        match self {
            Self::Whole => None,
            Self::Data(printing) => printing,
        }
    }
}

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// The content type of a workbook.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The documents under `/api`.
pub(super) fn api(registry: Registry) -> Registry {
    let certificate = ("certificate", "CertificateDocument", "一本证书的 PDF，下载留痕", "application/pdf");
    let ofd = ("certificate", "CertificateOfd", "一本证书的 OFD，下载留痕", OFD);
    let archive = ("batch", "CertificatesArchive", "批次证书的 ZIP，下载留痕", "application/zip");
    let paper = ("batch", "CertificatesForPrint", "批次证书合印的 PDF，下载留痕", "application/pdf");
    let data = ("batch", "CertificatesOnBlanks", "批次证书套打的 PDF，只有持证人的内容，下载留痕", "application/pdf");
    let sheet = |id, summary| file_operation("certificates", (id, summary), &[], "application/pdf");
    registry
        .other(Method::GET, "/certificates/{certificate}/document", operation(certificate), get(document_by_api))
        .other(Method::GET, "/certificates/{certificate}/ofd", operation(ofd), get(ofd_by_api))
        .other(Method::GET, "/batches/{batch}/certificates/archive", operation(archive), get(archive_by_api))
        .other(Method::GET, "/batches/{batch}/certificates/paper", operation(paper), get(paper_by_api))
        .other(Method::GET, "/batches/{batch}/certificates/data", operation(data), get(data_by_api))
        .other(Method::GET, "/print-offset/blank", sheet("CertificateBlank", "空白证书的 PDF"), get(blank_by_api))
        .other(Method::GET, "/print-offset/trial", sheet("PrintTrial", "套打校准页的 PDF"), get(trial_by_api))
}

fn operation((of, id, summary, kind): (&str, &str, &str, &str)) -> Value {
    file_operation("certificates", (id, summary), &[of], kind)
}

async fn document_by_api(State(web): State<Web>, visit: Visit, Path(certificate): Path<i64>) -> Response {
    document(&web, &visit, certificate, Form::Pdf).await
}

async fn ofd_by_api(State(web): State<Web>, visit: Visit, Path(certificate): Path<i64>) -> Response {
    document(&web, &visit, certificate, Form::Ofd).await
}

async fn archive_by_api(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    archive(web, visit, batch).await
}

async fn paper_by_api(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    paper(web, visit, batch, Sheets::Whole).await
}

async fn data_by_api(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    paper(web, visit, batch, Sheets::Data(None)).await
}

async fn blank_by_api(State(web): State<Web>, visit: Visit) -> Response {
    on_blanks(&web, &visit, true).await
}

async fn trial_by_api(State(web): State<Web>, visit: Visit) -> Response {
    on_blanks(&web, &visit, false).await
}

/// The blank itself, or the sheet to try.
pub(super) async fn on_blanks(web: &Web, visit: &Visit, is_blank: bool) -> Response {
    let view = match web.look(visit, PrintOffsetDetail {}).await {
        Ok(view) => view,
        Err(stop) => return not_done(web, visit, stop),
    };
    let public_url = web.settings.public_url.clone();
    let made = web.print(move |office| match is_blank {
        true => blank::blank(office, &public_url),
        false => blank::trial(office, &public_url, &view),
    });
    match made.await {
        Ok(pdf) => download("application/pdf", if is_blank { "空白证书.pdf" } else { "套打校准页.pdf" }, pdf),
        Err(stop) => not_done(web, visit, stop),
    }
}

/// One certificate.
pub(super) async fn document(web: &Web, visit: &Visit, certificate: i64, form: Form) -> Response {
    let face = match web.look(visit, CertificateFace { certificate }).await {
        Ok(face) => face,
        Err(stop) => return not_done(web, visit, stop),
    };
    let (suffix, kind) = match form {
        Form::Pdf => ("pdf", "application/pdf"),
        Form::Ofd => ("ofd", OFD),
    };
    let (name, public_url) = (format!("{}.{suffix}", face.number), web.settings.public_url.clone());
    let made = web.print(move |office| match form {
        Form::Pdf => print(office, &public_url, &face),
        Form::Ofd => ofd(office, &public_url, &face),
    });
    match made.await {
        Ok(file) => download(kind, &name, file),
        Err(stop) => not_done(web, visit, stop),
    }
}

/// A certificate as its PDF, signed by its body.
///
/// # Errors
/// A refusal when it is void or can't be set.
pub(crate) fn print(office: &Office, public_url: &str, face: &Face) -> Result<Vec<u8>, Stop> {
    face.state.may_print()?;
    let certificate = printable(office, public_url, face)?;
    let pdf = office.press().certificate(&certificate).map_err(|error| unprintable(&error))?;
    sign_pdf(office, face, pdf)
}

/// A certificate as OFD. Its form of signature asks for an approved device, so only the statement inside is signed.
fn ofd(office: &Office, public_url: &str, face: &Face) -> Result<Vec<u8>, Stop> {
    face.state.may_print()?;
    let certificate = printable(office, public_url, face)?;
    Ok(office.press().certificate_ofd(&certificate).map_err(|error| unprintable(&error))?)
}

/// The certificates of a batch, each a PDF of its own.
pub(super) async fn archive(web: Web, visit: Visit, batch: i64) -> Response {
    let view = match web.look(&visit, BatchFaces { batch, printing: None }).await.and_then(some) {
        Ok(view) => view,
        Err(stop) => return not_done(&web, &visit, stop),
    };
    let name = format!("{}-证书.zip", view.number);
    // A reader that is slow or gone holds nothing up: the next certificate is set when this one has been taken.
    let pieces = stream::try_unfold(Some(Packing::new(web, view.faces)), |packing| async {
        match packing {
            Some(packing) => packing.next().await,
            None => Ok(None),
        }
    });
    attachment("application/zip", &name, Body::from_stream(pieces))
}

/// Refuses a batch without certificates.
fn some(view: FacesView) -> Result<FacesView, Stop> {
    if view.faces.is_empty() {
        return Err(rules::Refusal::new(rules::Clause::S2_2_4B, "本批次还没有有效的证书")
            .remedy("请先为审核通过的人员发证")
            .into());
    }
    Ok(view)
}

/// A ZIP on its way to the browser, a certificate at a time.
struct Packing {
    web: Web,
    left: std::vec::IntoIter<Face>,
    zip: ZipWriter<StreamWriter<Sink>>,
    made: Sink,
    /// What the archive says of certificates that could not be printed.
    missing: String,
}

/// What a step of packing leaves: bytes, and the rest of the work if there is any.
type Packed = Option<(Bytes, Option<Packing>)>;

impl Packing {
    fn new(web: Web, faces: Vec<Face>) -> Self {
        let made = Sink::default();
        Self { web, left: faces.into_iter(), zip: ZipWriter::new_stream(made.clone()), made, missing: String::new() }
    }

    /// Sets the next certificate, or ends the archive.
    async fn next(mut self) -> std::io::Result<Packed> {
        let (web, face) = (self.web.clone(), self.left.next());
        let public_url = web.settings.public_url.clone();
        let step = web.print(move |office| {
            let rest = match face {
                Some(face) => {
                    self.put(office, &public_url, &face)?;
                    Some(self)
                }
                None => return Ok((self.end().map_err(Stop::fault)?, None)),
            };
            Ok((rest.as_ref().map(|rest| rest.made.take()).unwrap_or_default(), rest))
        });
        // The reader sees a broken download, never a short one that looks whole.
        step.await.map(Some).map_err(|stop| {
            tracing::warn!(%stop, "a ZIP of certificates was broken off");
            std::io::Error::other(stop)
        })
    }

    fn put(&mut self, office: &Office, public_url: &str, face: &Face) -> Result<(), Stop> {
        match print(office, public_url, face) {
            Ok(pdf) => {
                let name = format!("{}.pdf", face.number);
                self.zip.start_file(name, packed()).map_err(Stop::fault)?;
                self.zip.write_all(&pdf).map_err(Stop::fault)
            }
            Err(Stop::Refused(refusal)) => {
                self.missing += &format!("{}\t{}。{}\r\n", face.number, refusal.what, refusal.remedy);
                Ok(())
            }
            Err(stop) => Err(stop),
        }
    }

    fn end(mut self) -> std::io::Result<Bytes> {
        if !self.missing.is_empty() {
            self.zip.start_file("未生成的证书.txt", packed())?;
            self.zip.write_all(self.missing.as_bytes())?;
        }
        self.zip.finish()?;
        Ok(self.made.take())
    }
}

/// PDFs are compressed inside, but readers of streams take only deflated entries whose size comes after them.
pub(crate) fn packed() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(1))
}

/// Bytes that were made and not yet taken.
#[derive(Clone, Default)]
pub(crate) struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    /// What was made since it was last taken.
    pub(crate) fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The certificates of a batch as the pages of one PDF, without statements inside; a file without a name holds it
/// until it is sent. How many could not be printed, the name of the download says.
pub(super) async fn paper(web: Web, visit: Visit, batch: i64, sheets: Sheets) -> Response {
    let view = match web.look(&visit, BatchFaces { batch, printing: sheets.printing() }).await.and_then(some) {
        Ok(view) => view,
        Err(stop) => return not_done(&web, &visit, stop),
    };
    let (number, public_url) = (view.number.clone(), web.settings.public_url.clone());
    let (layout, word) = match sheets {
        Sheets::Whole => (Layout::Whole, "合印"),
        Sheets::Data(_) => (view.offset.layout(), "套打"),
    };
    let made = web.print(move |office| {
        let mut file = tempfile::tempfile().map_err(Stop::fault)?;
        let mut fault = None;
        let certificates = view
            .faces
            .iter()
            .map_while(|face| printable(office, &public_url, face).map_err(|stop| fault = Some(stop)).ok());
        let bound = office
            .press()
            .certificates(certificates, layout, std::io::BufWriter::new(&mut file))
            .map_err(Stop::fault)?;
        if let Some(stop) = fault {
            return Err(stop);
        }
        let length = file.seek(SeekFrom::End(0)).map_err(Stop::fault)?;
        file.rewind().map_err(Stop::fault)?;
        Ok((file, length, bound.refused.len()))
    });
    let (file, length, missing) = match made.await {
        Ok(made) => made,
        Err(stop) => return not_done(&web, &visit, stop),
    };
    let name = match missing {
        0 => format!("{number}-证书{word}.pdf"),
        count => format!("{number}-证书{word}（缺{count}本，见各证书页）.pdf"),
    };
    let pieces = stream::unfold(tokio::fs::File::from_std(file), |mut file| async {
        let mut piece = Vec::with_capacity(PIECE);
        match file.read_buf(&mut piece).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(Bytes::from(piece)), file)),
            Err(error) => Some((Err(error), file)),
        }
    });
    let mut response = attachment("application/pdf", &name, Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    response
}

/// The national exchange sheet of a batch.
pub(super) async fn exchange(web: Web, visit: Visit, batch: i64) -> Response {
    let made = match web.look(&visit, BatchFaces { batch, printing: None }).await.and_then(some) {
        Ok(view) => web.work(move |office| Ok((super::sheet(&held(office)?, &view.faces)?, view.number))).await,
        Err(stop) => Err(stop),
    };
    match made {
        Ok((bytes, number)) => download(XLSX, &format!("{number}-证书信息.xlsx"), bytes),
        Err(stop) => not_done(&web, &visit, stop),
    }
}

/// The template of the national sheet that holds today.
pub(crate) fn held(office: &Office) -> Result<ExchangeTemplate, Stop> {
    office.public(|sight| {
        let today = sight.today();
        Ok(crate::exchange::template_on(&mut sight.tx(), today)?.1)
    })
}

/// A download whose length is not known before its end.
pub(crate) fn attachment(kind: &'static str, name: &str, body: Body) -> Response {
    let (mut parts, _) = download(kind, name, Vec::new()).into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, body)
}
