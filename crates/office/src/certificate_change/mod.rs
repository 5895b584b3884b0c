//! 三（三）: an issued certificate is never edited. It is corrected or issued anew as a new version with the same number,
//! suspended, revoked or voided; one person of the body proposes it with reason and evidence, the head agrees. Its holder may
//! ask for a correction or for new paper, and follow what comes of it, without an account.

mod pages;
mod request;
mod store;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::Date;
use rules::certificate::CertificateState;
use rules::certificate::change::{CertificateChangeKind, CertificateRequestState, Proposed, may_propose};
use rules::identity::{self, mask_name, mask_number};
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::proposal::ProposalState;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use pages::keep;
pub use pages::pages;
pub use request::{
    AskCertificateChange, CertificateAsked, CertificateRequestReceipt, CertificateRequestStanding,
    DeclineCertificateRequest, receipt,
};
pub(crate) use store::{ALL, Replaced, agreed, replaced, steps, version_of};

use crate::account::{Done, Made};
use crate::amendment::IdEntry;
use crate::badge;
use crate::certificate::{CertificateDetailView, CertificateSubject as Held};
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::marks::{self, FileView};
use crate::public_log;
use crate::report;
use crate::roster::bring;
use crate::web::api::Registry;

/// Proposes what is to become of a certificate; the body's head agrees or does not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposeCertificateChange {
    pub certificate: i64,
    pub kind: CertificateChangeKind,
    #[schema(min_length = 5, max_length = 500)]
    pub reason: String,
    /// The evidence, as a file that was kept before.
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    /// For a correction: the right name; empty where it stays.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub name: String,
    /// For a correction: the right identity number; empty where it stays.
    #[serde(default = "IdEntry::empty")]
    pub id_number: IdEntry,
    /// For a correction: the right photo, as a file that was kept before.
    #[serde(default)]
    pub photo: Option<FileHash>,
    /// The holder's request that it answers.
    #[serde(default)]
    pub certificate_request: Option<i64>,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
    #[serde(skip)]
    #[schema(ignore)]
    pictured: Option<KeptFile>,
}

impl Act for ProposeCertificateChange {
    const KIND: ActKind = ActKind::ProposeCertificateChange;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Certificate(self.certificate)
    }

    fn unspoken(&self) -> String {
        self.id_number.text().to_owned()
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        if let Some(hash) = &self.file {
            self.kept = Some(KeptFile::of(hash, &bring(sight, hash)?)?);
        }
        if let Some(hash) = &self.photo {
            let bytes = bring(sight, hash).map_err(|stop| match stop {
                Stop::Refused(refusal) => Stop::Refused(Box::new(refusal.at("photo"))),
                other => other,
            })?;
            let prepared = press::photo(&bytes).map_err(|error| {
                let what = match error {
                    press::PressError::Photo(what) => format!("照片{what}"),
                    other => other.to_string(),
                };
                Refusal::new(Clause::S2_2_4B, what)
                    .remedy("请换一张完好的 JPG 或 PNG 照片，每边不超过 8000 像素")
                    .at("photo")
            })?;
            let (hash, _) = sight.office().files().keep(&prepared)?;
            self.pictured = Some(KeptFile::of(&hash, &prepared)?);
        }
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let held = held(desk, self.certificate)?;
        let new = self.corrected(desk, &held)?;
        let open = store::open_of(&mut desk.tx(), held.id)?;
        may_propose(&Proposed {
            kind: self.kind,
            state: held.state,
            reason: &self.reason,
            has_evidence: self.kept.is_some(),
            changes_something: new.is_some(),
            open,
        })?;
        if let Some(id) = self.certificate_request {
            let request = store::request(&mut desk.tx(), held.id, id)?.ok_or(Stop::NotFound)?;
            request.state.is_open()?;
            if request.kind != self.kind {
                return Err(Refusal::new(Clause::S3_3_6, format!("持证人申请的是{}", request.kind.name()))
                    .remedy("请按申请的事项办理；不应办理的，请答复不予办理并写明理由")
                    .at("kind")
                    .into());
            }
        }
        let Some(kept) = &self.kept else { return Err(Stop::fault("a change without its evidence")) };
        let (id, now, today, by) = (desk.new_id(), desk.now(), desk.today(), marks::hand(desk));
        note_file(&mut desk.tx(), kept, now)?;
        if let Some(photo) = self.pictured.as_ref().filter(|_| new.is_some()) {
            note_file(&mut desk.tx(), photo, now)?;
        }
        let change = store::NewChange {
            id,
            certificate: held.id,
            body: held.body,
            kind: self.kind,
            new: new.unwrap_or_default(),
            reason: self.reason.trim(),
            file: kept,
            file_name: &crate::web::forms::plain_name(&self.file_name),
            request: self.certificate_request,
            now,
            on: today,
            by: &by,
        };
        store::propose(&mut desk.tx(), &change)?;
        let said = format!("证书 {} 提出{}，请机构负责人核对依据后答复", held.number, self.kind.name());
        desk.tell_body(held.body, said, page(held.id));
        Ok(Made { id })
    }
}

impl ProposeCertificateChange {
    /// What a correction puts in, if it differs from what stands; nothing for every other kind.
    fn corrected(&self, desk: &Desk<'_>, held: &Held) -> Result<Option<store::NewFace>, Stop> {
        if self.kind != CertificateChangeKind::Correct {
            return Ok(None);
        }
        let mut new = store::NewFace::default();
        if !self.name.trim().is_empty() {
            let name = sheets::person_name(&self.name)
                .map_err(|(_, what, remedy)| Refusal::new(Clause::S2_2_4B, what).remedy(remedy).at("name"))?;
            new.name = Some(name).filter(|name| *name != held.name);
        }
        let typed = self.id_number.text().trim();
        if !typed.is_empty() {
            let kind = identity::guess(typed).unwrap_or(held.id_kind);
            let read = identity::check(kind, typed, desk.today()).map_err(|refusal| refusal.at("id_number"))?;
            let key = desk.seals().find_key(&read.number);
            if key != held.id_key {
                new.identity = Some((read.kind, key, desk.seals().seal(&read.number)));
            }
        }
        new.photo = self.pictured.as_ref().map(|photo| photo.hash.0.clone());
        new.photo = new.photo.filter(|hash| held.photo.as_ref() != Some(hash));
        if let Some(name) = &new.name {
            crate::certificate::may_be_printed(desk, name)?;
        }
        Ok(Some(new).filter(|new| *new != store::NewFace::default()))
    }

    /// The act for evidence and photo that were kept before.
    fn with_files(mut self, file: Option<(FileHash, String)>, photo: Option<FileHash>) -> Self {
        let (hash, name) = file.unzip();
        (self.file, self.file_name, self.photo) = (hash, name.unwrap_or_default(), photo);
        self
    }
}

fn page(certificate: i64) -> String {
    format!("/certificates/{certificate}/changes")
}

fn held(sight: &mut Sight<'_>, certificate: i64) -> Result<Held, Stop> {
    crate::certificate::subject(&mut sight.tx(), certificate)?.ok_or(Stop::NotFound)
}

/// Answers a proposed change: the head agrees or does not; who proposed it may take it back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerCertificateChange {
    pub certificate: i64,
    pub certificate_change: i64,
    pub agreed: bool,
    /// What was looked at; needed where it is not agreed.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
}

/// What came of an answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CertificateChangeAnswered {
    pub state: ProposalState,
    /// Where the certificate stands now.
    pub certificate_state: CertificateState,
    /// Which version it is now, from 1.
    pub print_no: i64,
}

impl Act for AnswerCertificateChange {
    const KIND: ActKind = ActKind::AnswerCertificateChange;
    type Answer = CertificateChangeAnswered;

    fn subject(&self) -> Subject {
        Subject::Certificate(self.certificate)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<CertificateChangeAnswered, Stop> {
        let held = held(desk, self.certificate)?;
        let change = store::change(&mut desk.tx(), held.id, self.certificate_change)?.ok_or(Stop::NotFound)?;
        let (by, today, reason) = (marks::hand(desk), desk.today(), self.reason.trim());
        if reason.chars().count() > 500 {
            return Err(Refusal::house("填写", "内容超过500字").remedy("请概括要点").at("reason").into());
        }
        let state = change.state.answer(self.agreed, reason, &change.proposed, &by)?;
        // The head signs for what the body issues (三（三）: who issues answers for it).
        if state != ProposalState::Withdrawn && desk.caller().role() != Role::Head {
            return Err(Refusal::new(Clause::S3_3_7, "证书变更由机构负责人同意或不同意")
                .remedy("请机构负责人登录后答复；由您提出的，可以由您撤回")
                .into());
        }
        store::answer(&mut desk.tx(), change.id, state, (today, &by.name), reason)?;
        if state == ProposalState::Agreed {
            carry_out(desk, &held, &change, &by.name)?;
        }
        let after = self::held(desk, held.id)?;
        let said = format!("证书 {} 的{}：{}", held.number, change.kind.name(), state.name());
        desk.tell_body(held.body, said, page(held.id));
        Ok(CertificateChangeAnswered { state, certificate_state: after.state, print_no: after.print_no })
    }
}

/// Makes the new version, or changes whether the certificate stands; the request that asked for it is done.
fn carry_out(desk: &mut Desk<'_>, held: &Held, change: &store::Change, by: &str) -> Result<(), Stop> {
    let (today, state) = (desk.today(), change.kind.follows(held.state)?);
    if change.kind.is_new_version() {
        store::replace(&mut desk.tx(), held, change, today)?;
        let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
        store::renew(&mut desk.tx(), held, &change.new, &token)?;
        badge::place(&mut desk.tx(), held.batch)?;
        let seals = desk.seals();
        let face =
            version_of(&mut desk.tx(), seals, change.id)?.ok_or_else(|| Stop::fault("a version that is not there"))?;
        desk.log(public_log::issued(seals, change.id, &face.stated())?);
    } else {
        crate::certificate::stand(&mut desk.tx(), held.id, (state, today), &change.reason, by)?;
        let told = (today, change.reason.as_str());
        desk.log(public_log::stood(change.id, rand::random(), &held.number, change.kind, told));
        // The person is approved and without a certificate again: issued to anew, returned by the centre, or given up.
        report::settle(&mut desk.tx(), held.batch)?;
    }
    if let Some(request) = change.request {
        let answer = format!("已{}，请凭证件到机构领取", change.kind.name());
        store::end_request(&mut desk.tx(), request, CertificateRequestState::Done, (today, by), &answer)?;
    }
    if let Some(centre) = desk.standing().centre.clone() {
        let said = format!("{}{}证书 {}", desk.caller().seat_name(), change.kind.name(), held.number);
        desk.tell_office(centre, said, format!("/certificates/{}", held.id));
    }
    Ok(())
}

/// One change of a certificate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateChangeLine {
    pub id: i64,
    pub kind: CertificateChangeKind,
    pub kind_name: String,
    pub state: ProposalState,
    pub state_name: String,
    /// What a correction puts in, masked; empty where it stays.
    pub name: Option<String>,
    pub id_number: Option<String>,
    pub photo: bool,
    pub reason: String,
    pub file_name: String,
    pub certificate_request: Option<i64>,
    /// As people read it.
    pub proposed_at: String,
    pub proposed_by: String,
    /// Whether the caller proposed it.
    pub is_own: bool,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: Option<String>,
}

/// What a holder asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateRequestLine {
    pub id: i64,
    pub receipt: String,
    pub kind: CertificateChangeKind,
    pub kind_name: String,
    pub reason: String,
    /// For the body that answers; empty for everyone else.
    pub contact: String,
    pub asked_on: Date,
    pub due_on: Date,
    pub is_late: bool,
    pub state: CertificateRequestState,
    pub state_name: String,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: Option<String>,
}

/// A version that was replaced.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateVersionLine {
    /// From 1.
    pub no: i64,
    /// Masked.
    pub name: String,
    /// Masked.
    pub id_number: String,
    pub replaced_on: Date,
    pub kind_name: String,
}

/// What became of a certificate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateChangesView {
    pub certificate: CertificateDetailView,
    pub changes: Vec<CertificateChangeLine>,
    pub requests: Vec<CertificateRequestLine>,
    pub versions: Vec<CertificateVersionLine>,
    /// What can be proposed now.
    pub possible: Vec<CertificateChangeKind>,
}

/// What became of a certificate after its issue, and what waits?
#[derive(Debug, Deserialize, ToSchema)]
pub struct CertificateChanges {
    pub certificate: i64,
}

impl Look for CertificateChanges {
    const KIND: LookKind = LookKind::Certificates;
    type View = CertificateChangesView;

    fn subject(&self) -> Subject {
        Subject::Certificate(self.certificate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CertificateChangesView, Stop> {
        let certificate = crate::certificate::CertificateDetail { certificate: self.certificate }.view(sight)?;
        let (by, today, seals) = (marks::hand(sight), sight.today(), sight.seals());
        let reads_contacts = Some(seals).filter(|_| sight.caller().role().sits_in_body());
        let changes = store::changes(&mut sight.tx(), self.certificate)?;
        let waits = changes.iter().any(|change| change.state == ProposalState::Proposed);
        let requests = store::requests(&mut sight.tx(), self.certificate)?;
        let versions = store::versions(&mut sight.tx(), seals, self.certificate)?;
        let kinds = CertificateChangeKind::ALL.iter().copied();
        Ok(CertificateChangesView {
            possible: kinds.filter(|kind| !waits && kind.follows(certificate.state).is_ok()).collect(),
            changes: changes.into_iter().map(|change| change.line(&by, seals)).collect(),
            requests: requests.into_iter().map(|request| request.line(reads_contacts, today)).collect(),
            versions,
            certificate,
        })
    }
}

/// The evidence of a change; papers name people, so fetching it leaves a trace.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CertificateChangeFile {
    pub certificate: i64,
    pub certificate_change: i64,
}

impl Look for CertificateChangeFile {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Certificate(self.certificate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let change =
            store::change(&mut sight.tx(), self.certificate, self.certificate_change)?.ok_or(Stop::NotFound)?;
        let name = if change.file_name.is_empty() { "变更依据".to_owned() } else { change.file_name };
        Ok(FileView { bytes: sight.office().files().bring(&change.file)?, name })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<ProposeCertificateChange>("/certificates/{certificate}/changes")
        .look::<CertificateChanges>("/certificates/{certificate}/changes", "一本证书发出后的变更和申请")
        .look::<CertificateChangeFile>(
            "/certificates/{certificate}/changes/{certificate_change}/file",
            "证书变更的依据",
        )
        .act::<AnswerCertificateChange>("/certificates/{certificate}/changes/{certificate_change}/answer")
        .act::<DeclineCertificateRequest>("/certificates/{certificate}/requests/{certificate_request}/refusal")
        .act::<AskCertificateChange>("/certificate-requests")
        .public(
            "/certificate-request-receipts/{request_receipt}",
            "CertificateRequestReceipt",
            "凭回执号查看证书申请",
            receipt,
        )
}

/// Changes wait for the head's word, requests for an answer.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (caller, account) = (sight.caller(), sight.caller().account());
    let (Some(body), role) = (caller.body(), caller.role()) else { return Ok(Vec::new()) };
    let mut tasks = Vec::new();
    for waiting in store::waiting(&mut sight.tx(), body)? {
        let what = format!("答复证书{}：{}", waiting.kind.name(), waiting.number);
        let detail = format!("{}提出；由机构负责人核对依据后同意或不同意", waiting.proposed_by);
        let task = Task::new(Clause::S3_3_6, what, detail, page(waiting.certificate));
        let answers = role == Role::Head && waiting.proposed_account != account;
        tasks.push(if answers { task } else { task.waiting() });
    }
    for asked in store::asked(&mut sight.tx(), body)? {
        let what = format!("持证人申请{}：{}", asked.kind.name(), asked.number);
        let task = Task::new(Clause::S3_3_6, what, format!("回执 {}", asked.receipt), page(asked.certificate));
        let task = task.due(Some(asked.due_on));
        tasks.push(if asked.is_taken { task.waiting() } else { task });
    }
    Ok(tasks)
}

/// A name as it may leave.
fn masked(name: Option<&String>) -> Option<String> {
    name.map(|name| mask_name(name))
}

/// A sealed number as it may leave.
fn masked_number(seals: &crate::door::Seals, sealed: &str) -> String {
    seals.open_text(sealed).map(|number| mask_number(&number)).unwrap_or_default()
}
