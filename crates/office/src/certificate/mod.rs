//! 二（二）4: certificates are issued and printed. What becomes of one afterwards is `certificate_change`'s; signing and what
//! strangers check is `proof`'s, the face is `press`'s.

mod bench;
mod blank;
mod exchange;
mod issue;
mod keys;
pub(crate) mod pages;
mod print;
mod store;

use jiff::civil::Date;
use rules::Clause;
use rules::batch::BatchStage;
use rules::certificate::{CertificateNumber, CertificateState, Level};
use rules::identity::{mask_name, mask_number};
use rules::people::Role;
use rules::permission::LookKind;
use rules::refusal::RefusalView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use bench::fill as bench;
pub use blank::{PrintOffsetDetail, PrintOffsetView, SetPrintOffset};
pub use exchange::{COLUMNS, sheet};
pub use issue::{IssueCertificates, Issued, LeftOut};
pub(crate) use issue::{may_be_printed, signer, signer_of};
pub(crate) use keys::{Stated, body_key, document_root_of, key_list, log_key, log_key_of, statement};
pub use pages::pages;
pub(crate) use print::{Sink, attachment, packed, print as set};
pub(crate) use store::{ALL, Subject as CertificateSubject, coded, face, level, stand, subject, subject_by_number};

use crate::door::{Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::web::api::Registry;

/// Lines on one page of a list.
pub const PAGE: i64 = 50;
/// Waiting persons shown on the page of a batch; those with a problem come first.
const SHOWN: usize = 200;

/// One certificate in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateLine {
    pub id: i64,
    pub number: String,
    /// Masked.
    pub name: String,
    /// Masked.
    pub id_number: String,
    pub body: String,
    pub trade: String,
    pub level: Level,
    pub issued_on: Date,
    pub state: CertificateState,
    pub batch: i64,
}

/// One page of certificates within the caller's scope, the latest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificatesView {
    pub certificates: Vec<CertificateLine>,
    /// Ask with this `before` for what was issued earlier.
    pub earlier: Option<i64>,
}

/// Which certificates were issued?
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Certificates {
    /// A name or a certificate number, whole.
    #[serde(default)]
    pub wanted: Option<String>,
    /// Those of one batch.
    #[serde(default)]
    pub batch: Option<i64>,
    /// Only what was issued before this certificate.
    #[serde(default)]
    pub before: Option<i64>,
}

impl Look for Certificates {
    const KIND: LookKind = LookKind::Certificates;
    type View = CertificatesView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CertificatesView, Stop> {
        let wanted = self.wanted.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let key = match (wanted.map(|text| (text, CertificateNumber::parse(text))), self.batch) {
            (Some((_, Ok(number))), Some(batch)) => store::Key::Batch(batch, Some(number.to_string())),
            (Some((name, Err(_))), Some(batch)) => store::Key::Batch(batch, Some(name.to_owned())),
            (None, Some(batch)) => store::Key::Batch(batch, None),
            (Some((_, Ok(number))), None) => store::Key::Number(number.to_string()),
            (Some((name, Err(_))), None) => store::Key::Name(name.to_owned()),
            (None, None) => store::Key::None,
        };
        let narrowed = store::Narrowed { scope: sight.scope(), key, before: self.before.unwrap_or(i64::MAX) };
        let seals = sight.seals();
        let mut certificates = store::list(&mut sight.tx(), seals, &narrowed, PAGE + 1)?;
        let more = certificates.len() as i64 > PAGE;
        certificates.truncate(PAGE as usize);
        let earlier = certificates.last().filter(|_| more).map(|line| line.id);
        Ok(CertificatesView { certificates, earlier })
    }
}

/// Someone approved who has no certificate yet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WaitingPerson {
    pub candidate: i64,
    pub ticket: String,
    /// Masked.
    pub name: String,
    /// Masked.
    pub id_number: String,
    /// Why no certificate can be issued now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<RefusalView>,
}

/// A batch as issuing sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchCertificatesView {
    pub batch: i64,
    pub number: String,
    pub title: String,
    pub body: String,
    pub trade: String,
    pub level: Level,
    pub stage: BatchStage,
    /// Approved persons who can receive a certificate now.
    pub ready: i64,
    /// Approved persons who can't, each with the reason in `waiting`.
    pub stuck: i64,
    /// Up to 200 of both; those with a problem come first.
    pub waiting: Vec<WaitingPerson>,
    /// Certificates that are valid.
    pub valid: i64,
    /// Certificates ever issued, voided and revoked ones too.
    pub issued: i64,
}

/// Who of a batch can receive a certificate, and who has one?
#[derive(Debug, Deserialize, ToSchema)]
pub struct BatchCertificates {
    pub batch: i64,
}

impl Look for BatchCertificates {
    const KIND: LookKind = LookKind::Certificates;
    type View = BatchCertificatesView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<BatchCertificatesView, Stop> {
        let batch = store::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let persons = store::waiting(&mut sight.tx(), self.batch)?;
        let (valid, issued) = store::counts(&mut sight.tx(), self.batch)?;
        let seals = sight.seals();
        let (mut stuck, mut ready) = (Vec::new(), Vec::new());
        for person in &persons {
            match issue::ready(sight, person) {
                Ok(()) => ready.push((person, None)),
                Err(refusal) => stuck.push((person, Some(RefusalView::from(&refusal)))),
            }
        }
        let (stuck_count, ready_count) = (stuck.len() as i64, ready.len() as i64);
        let waiting = stuck.into_iter().chain(ready).take(SHOWN).map(|(person, problem)| WaitingPerson {
            candidate: person.id,
            ticket: person.ticket.clone(),
            name: mask_name(&person.name),
            id_number: seals.open_text(&person.id_sealed).map(|number| mask_number(&number)).unwrap_or_default(),
            problem,
        });
        Ok(BatchCertificatesView {
            batch: batch.id,
            number: batch.number.clone(),
            title: batch.title.clone(),
            body: batch.body_name.clone(),
            trade: batch.trade.clone(),
            level: batch.level,
            stage: batch.stage,
            ready: ready_count,
            stuck: stuck_count,
            waiting: waiting.collect(),
            valid,
            issued,
        })
    }
}

/// One certificate, its holder masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateDetailView {
    pub id: i64,
    pub number: String,
    /// Masked.
    pub name: String,
    pub id_kind: String,
    /// Masked.
    pub id_number: String,
    pub body: String,
    pub filing_number: String,
    pub trade_code: String,
    pub trade: String,
    pub work_type: String,
    pub level: Level,
    pub exam_on: Date,
    pub issued_on: Date,
    pub issued_by: String,
    pub state: CertificateState,
    /// Since when it does not stand, why, and who agreed.
    pub state_on: Option<Date>,
    pub state_reason: Option<String>,
    pub state_by: Option<String>,
    /// Which version it is, from 1.
    pub print_no: i64,
    pub batch: i64,
    pub batch_number: String,
}

/// What is on a certificate?
#[derive(Debug, Deserialize, ToSchema)]
pub struct CertificateDetail {
    pub certificate: i64,
}

impl Look for CertificateDetail {
    const KIND: LookKind = LookKind::Certificates;
    type View = CertificateDetailView;

    fn subject(&self) -> Subject {
        Subject::Certificate(self.certificate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CertificateDetailView, Stop> {
        let seals = sight.seals();
        let face = store::face(&mut sight.tx(), seals, self.certificate)?.ok_or(Stop::NotFound)?;
        Ok(face.masked())
    }
}

/// Everything on a certificate, unmasked; reading it leaves a trace.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Face {
    pub id: i64,
    pub number: String,
    /// What the QR code's address ends with.
    pub token: String,
    /// As filed.
    pub body_name: String,
    pub filing_number: String,
    pub name: String,
    /// The kind of identity document: `201` for a resident ID.
    pub id_kind: String,
    pub id_kind_name: String,
    pub id_number: String,
    pub trade_code: String,
    pub trade: String,
    /// Empty where there is none.
    pub work_type: String,
    pub level: Level,
    /// The last examination day.
    pub exam_on: Date,
    pub issued_on: Date,
    pub issued_by: String,
    /// Hash of the photo's file.
    pub photo: Option<String>,
    pub state: CertificateState,
    /// Since when it does not stand, why, and who agreed.
    pub state_on: Option<Date>,
    pub state_reason: Option<String>,
    pub state_by: Option<String>,
    /// Which version it is, from 1.
    pub print_no: i64,
    pub batch: i64,
    pub batch_number: String,
    pub candidate: i64,
    /// When its number was given, milliseconds since 1970.
    pub issued_at: i64,
    /// When this version took the place of the one before.
    pub replaced_on: Option<Date>,
    /// When its body came into the directory.
    pub listed_on: Date,
}

impl Face {
    /// The same without what identifies its holder.
    pub(crate) fn masked(self) -> CertificateDetailView {
        CertificateDetailView {
            id: self.id,
            name: mask_name(&self.name),
            id_kind: self.id_kind_name,
            id_number: mask_number(&self.id_number),
            number: self.number,
            body: self.body_name,
            filing_number: self.filing_number,
            trade_code: self.trade_code,
            trade: self.trade,
            work_type: self.work_type,
            level: self.level,
            exam_on: self.exam_on,
            issued_on: self.issued_on,
            issued_by: self.issued_by,
            state: self.state,
            state_on: self.state_on,
            state_reason: self.state_reason,
            state_by: self.state_by,
            print_no: self.print_no,
            batch: self.batch,
            batch_number: self.batch_number,
        }
    }
}

/// What does a certificate say, in full?
#[derive(Debug, Deserialize, ToSchema)]
pub struct CertificateFace {
    pub certificate: i64,
}

impl Look for CertificateFace {
    const KIND: LookKind = LookKind::Candidates;
    type View = Face;

    fn subject(&self) -> Subject {
        Subject::Certificate(self.certificate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<Face, Stop> {
        let seals = sight.seals();
        store::face(&mut sight.tx(), seals, self.certificate)?.ok_or(Stop::NotFound)
    }
}

/// The valid certificates of a batch, in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FacesView {
    pub batch: i64,
    pub number: String,
    pub faces: Vec<Face>,
    /// How far the body's printer is off the blanks.
    pub offset: PrintOffsetView,
}

/// What do the valid certificates of a batch say, in full?
#[derive(Debug, Deserialize, ToSchema)]
pub struct BatchFaces {
    pub batch: i64,
}

impl Look for BatchFaces {
    const KIND: LookKind = LookKind::Candidates;
    type View = FacesView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FacesView, Stop> {
        let batch = store::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let seals = sight.seals();
        let faces = store::faces(&mut sight.tx(), seals, self.batch)?;
        let offset = store::print_offset(&mut sight.tx(), batch.body)?;
        Ok(FacesView { batch: batch.id, number: batch.number, faces, offset })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let registry = registry
        .act::<IssueCertificates>("/batches/{batch}/certificates")
        .act::<SetPrintOffset>("/print-offset")
        .look::<PrintOffsetDetail>("/print-offset", "本机构的套打偏移")
        .look::<BatchCertificates>("/batches/{batch}/certificates", "批次的待发证人员与证书")
        .look::<BatchFaces>("/batches/{batch}/certificates/faces", "批次有效证书的完整内容，查看留痕")
        .look::<Certificates>("/certificates", "证书列表")
        .look::<CertificateDetail>("/certificates/{certificate}", "一本证书")
        .look::<CertificateFace>("/certificates/{certificate}/face", "一本证书的完整内容，查看留痕");
    print::api(registry)
}

/// Approved persons who wait for their certificates.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let caller = sight.caller();
    let Some(body) = caller.body() else { return Ok(Vec::new()) };
    let batches = store::to_issue(&mut sight.tx(), body)?;
    Ok(batches
        .into_iter()
        .map(|batch| {
            let task = Task::new(
                Clause::S2_2_4B,
                format!("核发证书：{}", batch.title),
                format!("{}，{}，主管中心已审核通过 {} 人", batch.trade, batch.level.name(), batch.persons),
                format!("/batches/{}/certificates", batch.batch),
            );
            // The head signs for the body; the clerk sees that it waits.
            if caller.role() == Role::Head { task } else { task.waiting() }
        })
        .collect())
}
