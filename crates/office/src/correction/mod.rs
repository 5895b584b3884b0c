//! 三（三）, 二（二）4: what is kept of a candidate is corrected by two persons with reason and evidence, until the certificate is
//! issued; from then on the certificate is (`certificate_change`). What stood before stays in the record, and a roster that
//! says the old again changes nothing back.

mod pages;
mod store;

use jiff::civil::Date;
use rules::batch::Audience;
use rules::candidate::{Correction, Registered, may_correct, open_to_correct};
use rules::delivery::{Channel, read_address};
use rules::identity::{self, IdKind, Sex};
use rules::permission::{ActKind, LookKind};
use rules::proposal::ProposalState;
use rules::terms::AGE_MIN;
use rules::{Clause, Refusal, eligibility};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::{ALL, corrected, former};

use crate::account::Made;
use crate::amendment::IdEntry;
use crate::batch::{self, Batch};
use crate::candidate::{OwnEntry, close_to};
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::marks::{self, FileView};
use crate::roster::{bring, is_enrolled, printed, running_elsewhere};
use crate::web::api::Registry;

/// Proposes to correct what is kept of a candidate; somebody else of the body agrees or does not. What is left empty stays.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposeCandidateChange {
    pub candidate: i64,
    #[serde(default = "OwnEntry::empty")]
    pub name: OwnEntry,
    /// The right identity number; birthday and sex follow from it where it says them.
    #[serde(default = "IdEntry::empty")]
    pub id_number: IdEntry,
    #[serde(default)]
    pub sex: Option<Sex>,
    #[serde(default)]
    pub born: Option<Date>,
    #[serde(default = "OwnEntry::empty")]
    pub phone: OwnEntry,
    /// The right photo, as a file that was kept before.
    #[serde(default)]
    pub photo: Option<FileHash>,
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
    /// The evidence, as a file that was kept before.
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
    #[serde(skip)]
    #[schema(ignore)]
    pictured: Option<KeptFile>,
}

impl Act for ProposeCandidateChange {
    const KIND: ActKind = ActKind::ProposeCandidateChange;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Candidate(self.candidate)
    }

    fn unspoken(&self) -> String {
        format!("{}\n{}\n{}", self.name.text(), self.id_number.text(), self.phone.text())
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        if let Some(hash) = &self.file {
            self.kept = Some(KeptFile::of(hash, &bring(sight, hash)?)?);
        }
        if let Some(hash) = &self.photo {
            let bytes = bring(sight, hash)?;
            let prepared = printed(&bytes).map_err(|refusal| refusal.at("photo"))?;
            let (hash, _) = sight.office().files().keep(&prepared)?;
            self.pictured = Some(KeptFile::of(&hash, &prepared)?);
        }
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let (person, batch) = found(desk, self.candidate)?;
        let new = self.read(desk, &person)?;
        let open = store::open_of(&mut desk.tx(), person.id)?;
        may_correct(&Correction {
            changes_something: new != store::NewFacts::default(),
            reason: &self.reason,
            has_evidence: self.kept.is_some(),
            open,
        })?;
        fits(desk, &batch, &person, &new)?;
        let Some(kept) = &self.kept else { return Err(Stop::fault("a correction without its evidence")) };
        let (id, now, today, by) = (desk.new_id(), desk.now(), desk.today(), marks::hand(desk));
        note_file(&mut desk.tx(), kept, now)?;
        if let Some(photo) = self.pictured.as_ref().filter(|_| new.photo.is_some()) {
            note_file(&mut desk.tx(), photo, now)?;
        }
        let change = store::NewChange {
            id,
            batch: batch.id,
            candidate: person.id,
            new,
            reason: self.reason.trim(),
            file: kept,
            file_name: &crate::web::forms::plain_name(&self.file_name),
            now,
            on: today,
            by: &by,
        };
        store::propose(&mut desk.tx(), &change)?;
        let said = format!("{}，准考证号 {}：提出更正考生信息，请另一人核对依据后答复", batch.title, person.ticket);
        desk.tell_body(batch.body, said, page(batch.id));
        Ok(Made { id })
    }
}

impl ProposeCandidateChange {
    /// What it puts in where it differs from what stands.
    fn read(&self, desk: &Desk<'_>, person: &store::Person) -> Result<store::NewFacts, Stop> {
        let (seals, mut new) = (desk.seals(), store::NewFacts::default());
        if !self.name.text().trim().is_empty() {
            let name = sheets::person_name(self.name.text())
                .map_err(|(_, what, remedy)| Refusal::new(Clause::S3_3_1, what).remedy(remedy).at("name"))?;
            new.name = Some(name).filter(|name| *name != person.name);
        }
        let (mut born, mut sex) = (self.born, self.sex);
        let typed = self.id_number.text().trim();
        if !typed.is_empty() {
            let kind = identity::guess(typed).unwrap_or(person.id_kind);
            let read = identity::check(kind, typed, desk.today()).map_err(|refusal| refusal.at("id_number"))?;
            if read.born.is_some_and(|says| born.is_some_and(|born| born != says)) {
                let refusal = Refusal::new(Clause::S3_3_1, "出生日期与更正后的证件号码不一致");
                return Err(refusal.remedy("请对照证件原件核对；由号码能看出的不必另填").at("born").into());
            }
            (born, sex) = (read.born.or(born), read.sex.or(sex));
            if !seals.fits(&read.number, &person.id_key) {
                new.identity = Some((read.kind, seals.find_key(&read.number), seals.seal(&read.number)));
            }
        } else if born.is_some() || sex.is_some() {
            let number = seals.open_text(&person.id_sealed).ok_or_else(|| Stop::fault("a seal"))?;
            let says = identity::check(person.id_kind, &number, desk.today()).ok();
            let says = says.map(|says| (says.born, says.sex)).unwrap_or_default();
            let differs = says.0.is_some_and(|says| born.is_some_and(|born| born != says))
                || says.1.is_some_and(|says| sex.is_some_and(|sex| sex != says));
            if differs {
                let refusal = Refusal::new(Clause::S3_3_1, "出生日期或性别与证件号码不一致");
                return Err(refusal.remedy("号码有误的，请一并更正证件号码").at("born").into());
            }
        }
        new.born = born.filter(|born| Some(*born) != person.born);
        new.sex = sex.filter(|sex| sex.name() != person.sex);
        if !self.phone.text().trim().is_empty() {
            let number = read_address(Channel::Sms, self.phone.text()).map_err(|refusal| refusal.at("phone"))?;
            let stands = seals.open_text(&person.phone_sealed);
            new.phone = (stands.as_ref() != Some(&number)).then(|| seals.seal(&number));
        }
        new.photo = self.pictured.as_ref().map(|photo| photo.hash.0.clone());
        new.photo = new.photo.filter(|hash| person.photo.as_ref() != Some(hash));
        if let Some(name) = &new.name {
            crate::certificate::may_be_printed(desk, name)?;
        }
        Ok(new)
    }

    /// The act for evidence and photo that were kept before.
    fn with_files(mut self, file: Option<(FileHash, String)>, photo: Option<FileHash>) -> Self {
        let (hash, name) = file.unzip();
        (self.file, self.file_name, self.photo) = (hash, name.unwrap_or_default(), photo);
        self
    }
}

fn page(batch: i64) -> String {
    format!("/batches/{batch}/candidate-changes")
}

/// A candidate who may still be corrected, with the batch.
fn found(sight: &mut Sight<'_>, candidate: i64) -> Result<(store::Person, Batch), Stop> {
    let person = store::person(&mut sight.tx(), candidate)?.ok_or(Stop::NotFound)?;
    let batch = batch::find(&mut sight.tx(), person.batch)?.ok_or(Stop::NotFound)?;
    let registered = Registered { has_certificate: person.has_certificate, is_withdrawn: person.is_withdrawn };
    open_to_correct(batch.stage, registered)?;
    Ok((person, batch))
}

/// Whether the corrected person may be in the batch: asked when it is proposed and again when it is agreed.
fn fits(sight: &mut Sight<'_>, batch: &Batch, person: &store::Person, new: &store::NewFacts) -> Result<(), Stop> {
    let first = batch.plan().first_exam_on();
    if let Some(born) = new.born.filter(|born| identity::age_on(*born, first) < AGE_MIN) {
        return Err(Refusal::new(eligibility::GROUND, format!("按 {born} 出生，考试当天未满{AGE_MIN}周岁"))
            .remedy("不符合报名条件的，请撤销报名")
            .at("id_number")
            .into());
    }
    let Some((_, key, _)) = &new.identity else { return Ok(()) };
    if store::is_taken(&mut sight.tx(), batch.id, key, person.id)? {
        return Err(Refusal::new(Clause::S3_3_1, "本批次已有这个证件号码的考生")
            .remedy("同一人报了两次的，请撤销其中一个；两人号码填反的，先核对是谁的号码")
            .at("id_number")
            .into());
    }
    if batch.audience == Audience::Own && !is_enrolled(&mut sight.tx(), batch.students_of(), key)? {
        return Err(Refusal::new(batch.identity.clause(), "学籍名册中没有更正后的证件号码")
            .remedy("请先更正学籍名册，再提出更正")
            .at("id_number")
            .into());
    }
    if let Some(other) = running_elsewhere(sight, batch, key)? {
        return Err(Refusal::new(Clause::S3_3_1, format!("这个证件号码已在进行中的批次“{other}”报名"))
            .remedy("请先核对是谁的号码；同一人的，在其中一个批次撤销报名")
            .at("id_number")
            .into());
    }
    Ok(())
}

/// Answers a proposed correction: another person agrees or does not; who proposed it may take it back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerCandidateChange {
    pub candidate: i64,
    pub candidate_change: i64,
    pub agreed: bool,
    /// What was looked at; needed where it is not agreed.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
}

/// What came of an answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CandidateChangeAnswered {
    pub state: ProposalState,
}

impl Act for AnswerCandidateChange {
    const KIND: ActKind = ActKind::AnswerCandidateChange;
    type Answer = CandidateChangeAnswered;

    fn subject(&self) -> Subject {
        Subject::Candidate(self.candidate)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<CandidateChangeAnswered, Stop> {
        let change = store::change(&mut desk.tx(), self.candidate, self.candidate_change)?.ok_or(Stop::NotFound)?;
        let (by, today, reason) = (marks::hand(desk), desk.today(), self.reason.trim());
        if reason.chars().count() > 500 {
            return Err(Refusal::house("填写", "内容超过500字").remedy("请概括要点").at("reason").into());
        }
        let state = change.state.answer(self.agreed, reason, &change.proposed, &by)?;
        store::answer(&mut desk.tx(), change.id, state, (today, &by.name), reason)?;
        if state == ProposalState::Agreed {
            let (person, batch) = found(desk, self.candidate)?;
            fits(desk, &batch, &person, &change.new)?;
            store::carry_out(&mut desk.tx(), &change)?;
            // Codes and pages that were opened under what was wrong close.
            close_to(&mut desk.tx(), person.id)?;
            if person.is_reported {
                let said = format!(
                    "{}更正了{}一名已上报考生的信息，准考证号 {}",
                    batch.body_name,
                    batch.name(),
                    person.ticket
                );
                desk.tell_office(&batch.centre, said, page(batch.id));
            }
            desk.tell_body(
                batch.body,
                format!("{}，准考证号 {}：考生信息已更正", batch.title, person.ticket),
                page(batch.id),
            );
        }
        Ok(CandidateChangeAnswered { state })
    }
}

/// One fact of a correction, as it stood and as it is to stand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CorrectedFact {
    pub what: String,
    pub before: String,
    pub after: String,
}

/// A correction with both values in full: whoever agrees compares them with the evidence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CandidateChangeLine {
    pub id: i64,
    pub candidate: i64,
    pub ticket: String,
    /// As it is kept now.
    pub name: String,
    pub state: ProposalState,
    pub state_name: String,
    pub facts: Vec<CorrectedFact>,
    /// Whether it puts in another photo.
    pub photo: bool,
    pub reason: String,
    pub file_name: String,
    /// As people read it.
    pub proposed_at: String,
    pub proposed_by: String,
    /// Whether the caller proposed it.
    pub is_own: bool,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: Option<String>,
}

/// The corrections of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CandidateChangesView {
    pub batch: i64,
    pub title: String,
    pub changes: Vec<CandidateChangeLine>,
}

/// What was and is to be corrected of a batch's candidates? Values stand in full, so the look is recorded.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CandidateChanges {
    pub batch: i64,
}

impl Look for CandidateChanges {
    const KIND: LookKind = LookKind::Candidates;
    type View = CandidateChangesView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CandidateChangesView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let (by, seals) = (marks::hand(sight), sight.seals());
        let changes = store::changes(&mut sight.tx(), batch.id)?;
        let lines: Result<Vec<_>, Stop> = changes.into_iter().map(|change| Ok(change.line(&by, seals)?)).collect();
        Ok(CandidateChangesView { batch: batch.id, title: batch.title, changes: lines? })
    }
}

/// The evidence of a correction, or the photo that it puts in; fetching it leaves a trace.
#[derive(Debug, Deserialize, ToSchema)]
pub struct CandidateChangeFile {
    pub candidate: i64,
    pub candidate_change: i64,
    /// The photo instead of the evidence.
    #[serde(default)]
    pub photo: bool,
}

impl Look for CandidateChangeFile {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Candidate(self.candidate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let change = store::change(&mut sight.tx(), self.candidate, self.candidate_change)?.ok_or(Stop::NotFound)?;
        let (hash, name) = if self.photo {
            (FileHash(change.new.photo.ok_or(Stop::NotFound)?), "更正的照片.jpg".to_owned())
        } else {
            let name = if change.file_name.is_empty() { "更正依据".to_owned() } else { change.file_name };
            (change.file, name)
        };
        Ok(FileView { bytes: sight.office().files().bring(&hash)?, name })
    }
}

/// What the kind of a corrected document is called.
fn id_name(kind: IdKind) -> &'static str {
    kind.name()
}

/// Corrections wait for another person of the body.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (Some(body), account) = (sight.caller().body(), sight.caller().account()) else { return Ok(Vec::new()) };
    let task = |(batch, title, open, own): (i64, String, i64, i64)| {
        let detail = format!("{title}，{open}项；由提出人以外的人核对依据后同意或不同意");
        let task = Task::new(Clause::S3_3_1, "答复考生信息更正", detail, page(batch));
        if open > own { task } else { task.waiting() }
    };
    Ok(store::waiting(&mut sight.tx(), body, account)?.into_iter().map(task).collect())
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<ProposeCandidateChange>("/candidates/{candidate}/changes")
        .act::<AnswerCandidateChange>("/candidates/{candidate}/changes/{candidate_change}/answer")
        .look::<CandidateChangeFile>(
            "/candidates/{candidate}/changes/{candidate_change}/file",
            "考生信息更正的依据，查看留痕",
        )
        .look::<CandidateChanges>("/batches/{batch}/candidate-changes", "批次考生信息的更正，查看留痕")
}
