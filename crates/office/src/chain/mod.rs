//! 三（三）: the body answers for what it certifies, so every certificate leads back to what it rests on: approval,
//! report, publicity, marks with their sources, the row of the roster, the notified batch, the filing; and to every act
//! on them, with who and when. Refused attempts are part of the story.

mod pages;
mod store;

use axum::http::Method;
use jiff::civil::Date;
use rules::batch::BatchStage;
use rules::certificate::Level;
use rules::certificate::change::CertificateChangeKind;
use rules::permission::LookKind;
use rules::publicity::ObjectionState;
use rules::report::LateDecision;
use rules::result::Part;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::{ALL, LINES, act_line};

use crate::amendment::MarkStepLine;
use crate::certificate::{self, CertificateDetailView};
use crate::day::DayEvent;
use crate::door::{Look, Sight, Stop, Subject};
use crate::report::WordLine;
use crate::web::api::{Registry, responses};

/// Who evaluates, issues and is responsible can be seen from a certificate: the duty that the chain answers to.
pub(crate) const BASIS: rules::Clause = rules::Clause::S3_3_7;

/// What stands behind a certificate?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Chain {
    pub certificate: i64,
}

/// The chain behind a certificate, from the certificate back to the filing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChainView {
    pub certificate: CertificateDetailView,
    /// What became of it after its issue, the first first.
    pub changes: Vec<CertificateChangeLink>,
    /// The blanks that it was printed on, the first first.
    pub serials: Vec<SerialLink>,
    pub approval: Option<Approval>,
    pub report: Option<ReportLink>,
    pub publicity: Option<Publicity>,
    pub marks: Vec<MarkLink>,
    /// Every value that the marks have had, with reason and both persons where a confirmed one was changed.
    pub mark_steps: Vec<MarkStepLine>,
    /// What the day of the examination brought that concerned the person.
    pub day: Vec<DayEvent>,
    pub roster: Option<RosterLink>,
    pub batch: BatchLink,
    pub listing: ListingLink,
    /// The acts on certificate, candidate, batch and filing, the first first.
    pub acts: Vec<ActLine>,
    /// Whether there were so many that the earliest were left out.
    pub acts_cut: bool,
}

/// A stored file, by hash and by the name under which it came.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceFile {
    pub hash: String,
    pub name: String,
}

/// A change of the certificate that two persons made (三（三）).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateChangeLink {
    pub kind: CertificateChangeKind,
    pub on: Date,
    /// Who proposed and who agreed.
    pub who: String,
    pub reason: String,
}

/// A blank that a version of the certificate was printed on (二（二）4).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SerialLink {
    /// The version, from 1.
    pub print_no: i64,
    pub serial: String,
    pub on: Date,
    pub by: String,
    /// Whether it was not spoiled since.
    pub stands: bool,
    /// Why it was spoiled; blank while it stands.
    pub reason: String,
}

/// The centre's approval of the person (二（二）4).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Approval {
    pub on: Date,
    pub by: String,
}

/// The report that the person was in (二（二）3).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReportLink {
    pub no: i64,
    pub reported_on: Date,
    pub due_on: Date,
    pub persons: i64,
    pub by: String,
    pub late_reason: Option<String>,
    pub late_decision: Option<LateDecision>,
    pub late_decided_on: Option<Date>,
    pub late_decided_by: Option<String>,
}

/// The public notice of the results (二（二）3).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Publicity {
    pub posted_on: Date,
    pub first_on: Option<Date>,
    pub ends_on: Option<Date>,
    /// SHA-256 of the list as it was posted.
    pub digest: String,
    pub closed_on: Option<Date>,
    /// The person's number in the list.
    pub no: Option<i64>,
    /// Those about this person.
    pub objections: Vec<Objection>,
}

/// An objection about the person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Objection {
    pub receipt: String,
    pub lodged_on: Date,
    pub state: ObjectionState,
    pub decided_on: Option<Date>,
    pub decided_by: Option<String>,
    pub decision: Option<String>,
}

/// The mark of one part, and where it came from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MarkLink {
    pub part: Part,
    /// `85`, `缺考`.
    pub outcome: String,
    /// The way in: `sheet`, `form`, `course`, `process`, `kept`, `change`.
    pub source: String,
    pub file: Option<SourceFile>,
    /// Row of the file.
    pub row: Option<i64>,
    pub at: String,
    pub by: String,
    /// Who checked it, how and when, in one sentence; none where nobody did.
    pub checked: Option<String>,
    /// The earlier batch out of which it is kept (一（五）1).
    pub kept_from: Option<KeptLink>,
    /// The day on which it was reached, where that is not the day of the batch.
    pub reached_on: Option<Date>,
    /// What it rests on by a scheme, in one sentence (一（五）2, 3).
    pub basis: Option<String>,
}

/// The batch out of which a mark is kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KeptLink {
    pub batch: i64,
    pub number: String,
    /// The day of the examination in which it was reached.
    pub on: Option<Date>,
}

/// The row of the roster by which the person was registered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RosterLink {
    pub ticket: String,
    pub sheet: String,
    pub row: i64,
    pub student_no: String,
    pub major: String,
    /// The condition of the standard that was met.
    pub condition: String,
    pub file: SourceFile,
    pub rows_read: i64,
    pub rows_good: i64,
    pub at: String,
    pub by: String,
}

/// The batch as notified (二（二）1).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchLink {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub stage: BatchStage,
    pub code: String,
    pub trade: String,
    pub level: Level,
    pub standard: String,
    pub notified_on: Date,
    pub starts_on: Date,
    pub ends_on: Date,
    pub theory_on: Date,
    pub practical_on: Date,
    pub comprehensive_on: Option<Date>,
    pub theory_place: String,
    pub practical_place: String,
    /// The body that organised it and who was responsible (三（三）); blank before either was asked for.
    pub organiser: String,
    pub responsible: String,
    pub plan: Option<SourceFile>,
    /// Who examined it and who inspected it, as they were assigned (一（二）2).
    pub examiners: Vec<ExaminerLink>,
}

/// Somebody who was assigned to the batch and not replaced.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExaminerLink {
    pub duty_name: String,
    /// Empty for inspectors, who saw to the whole batch.
    pub part_name: String,
    pub name: String,
    pub employer: String,
    /// Empty for invigilators without a card.
    pub card_number: String,
    pub assigned_by: String,
    pub assigned_on: Date,
}

/// The entry of the directory and the filing behind it (二（一）).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListingLink {
    pub filing: i64,
    pub number: String,
    pub name: String,
    pub valid_from: Date,
    pub valid_until: Date,
    pub listed_on: Date,
    pub removed_on: Option<Date>,
    pub submitted_on: Option<Date>,
    pub accepted_on: Option<Date>,
    /// The day of the evaluation on site that counted, and who was on the panel.
    pub evaluated_on: Option<Date>,
    pub panel: Vec<String>,
    pub assessed_on: Option<Date>,
    pub consented_on: Option<Date>,
    pub summarised_on: Option<Date>,
    pub ministry_reference: Option<String>,
    pub ministry_on: Option<Date>,
    pub receipt_on: Option<Date>,
    /// The reference of what the department announced, where the body came in by that (一（一）1, 2).
    pub announcement: Option<String>,
    pub announced_on: Option<Date>,
    /// The standard of the occupation in the scope that held on the examination day; none where none held.
    pub standard: Option<String>,
    pub scope_from: Option<Date>,
    pub scope_until: Option<Date>,
}

/// One act of the record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActLine {
    /// When, as people read it.
    pub at: String,
    pub act: String,
    pub by: String,
    pub role: String,
    pub seat: String,
    /// `web`, `api`, `cli` or `timer`.
    pub via: String,
    /// What was wrong, where the attempt was refused.
    pub refused: Option<String>,
}

impl Look for Chain {
    const KIND: LookKind = LookKind::Chain;
    type View = ChainView;

    fn subject(&self) -> Subject {
        Subject::Certificate(self.certificate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ChainView, Stop> {
        let seals = sight.seals();
        let face = certificate::face(&mut sight.tx(), seals, self.certificate)?.ok_or(Stop::NotFound)?;
        let (batch, publicity, listing) = store::batch(&mut sight.tx(), face.batch)?.ok_or(Stop::NotFound)?;
        let listing = store::listing(&mut sight.tx(), listing, &batch, face.exam_on)?.ok_or(Stop::NotFound)?;
        let candidate = store::candidate(&mut sight.tx(), face.candidate)?;
        let report = match candidate.as_ref().and_then(|candidate| candidate.report) {
            Some(report) => store::report(&mut sight.tx(), report)?,
            None => None,
        };
        let publicity = match publicity {
            Some(publicity) => Some(Publicity {
                no: candidate.as_ref().and_then(|candidate| candidate.publicity_no),
                objections: store::objections(&mut sight.tx(), face.candidate)?,
                ..publicity
            }),
            None => None,
        };
        let subjects = (self.certificate, face.candidate, face.batch, listing.filing);
        let (acts, acts_cut) = store::acts(&mut sight.tx(), subjects)?;
        let changes = crate::certificate_change::steps(&mut sight.tx(), self.certificate)?.into_iter();
        let serials = crate::stock::of_certificate(&mut sight.tx(), self.certificate)?.into_iter().map(|borne| {
            let crate::stock::Borne { print_no, serial, on, by, stands, reason } = borne;
            SerialLink { print_no, serial, on, by, stands, reason }
        });
        Ok(ChainView {
            serials: serials.collect(),
            changes: changes.map(|(kind, on, who, reason)| CertificateChangeLink { kind, on, who, reason }).collect(),
            report,
            publicity,
            marks: store::marks(&mut sight.tx(), face.candidate)?,
            mark_steps: crate::amendment::steps(&mut sight.tx(), face.candidate)?,
            day: crate::day::of_person(&mut sight.tx(), face.batch, face.candidate)?,
            acts,
            acts_cut,
            approval: candidate.as_ref().and_then(|candidate| candidate.approval.clone()),
            roster: candidate.map(|candidate| candidate.roster),
            certificate: face.masked(),
            batch,
            listing,
        })
    }
}

/// A file that the chain of a certificate refers to: the roster, a sheet of marks, the plan.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ChainFile {
    pub certificate: i64,
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub hash: String,
}

impl Look for ChainFile {
    // A roster holds the full data of everyone in it, so fetching it leaves a trace.
    const KIND: LookKind = LookKind::Candidates;
    type View = SourceFile;

    fn subject(&self) -> Subject {
        Subject::Certificate(self.certificate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<SourceFile, Stop> {
        let seals = sight.seals();
        let face = certificate::face(&mut sight.tx(), seals, self.certificate)?.ok_or(Stop::NotFound)?;
        let name = store::file_name(&mut sight.tx(), face.candidate, face.batch, &self.hash)?.ok_or(Stop::NotFound)?;
        Ok(SourceFile { hash: self.hash.clone(), name })
    }
}

/// What stands behind a person of a batch, with a certificate or without?
#[derive(Debug, Deserialize, ToSchema)]
pub struct PersonChain {
    pub candidate: i64,
}

/// Everything behind a person, from the centre's words back to the filing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonChainView {
    pub name: String,
    pub certificate: Option<i64>,
    /// Every word of the centre on the person, the first first.
    pub words: Vec<WordLine>,
    pub report: Option<ReportLink>,
    pub publicity: Option<Publicity>,
    pub marks: Vec<MarkLink>,
    /// Every value that the marks have had.
    pub mark_steps: Vec<MarkStepLine>,
    /// What the day of the examination brought that concerned the person.
    pub day: Vec<DayEvent>,
    pub roster: Option<RosterLink>,
    pub batch: BatchLink,
    pub listing: ListingLink,
    /// The acts on candidate, batch and filing, the first first.
    pub acts: Vec<ActLine>,
    /// Whether there were so many that the earliest were left out.
    pub acts_cut: bool,
}

impl Look for PersonChain {
    // A reviewer who looks at the whole of a person leaves a trace; so it is seen who of a sample was looked at.
    const KIND: LookKind = LookKind::Candidates;
    type View = PersonChainView;

    fn subject(&self) -> Subject {
        Subject::Candidate(self.candidate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<PersonChainView, Stop> {
        let person = store::person(&mut sight.tx(), self.candidate)?.ok_or(Stop::NotFound)?;
        let (batch, publicity, listing) = store::batch(&mut sight.tx(), person.batch)?.ok_or(Stop::NotFound)?;
        let examined_on =
            batch.theory_on.max(batch.practical_on).max(batch.comprehensive_on.unwrap_or(batch.theory_on));
        let listing = store::listing(&mut sight.tx(), listing, &batch, examined_on)?.ok_or(Stop::NotFound)?;
        let candidate = store::candidate(&mut sight.tx(), self.candidate)?.ok_or(Stop::NotFound)?;
        let report = match candidate.report {
            Some(report) => store::report(&mut sight.tx(), report)?,
            None => None,
        };
        let publicity = match publicity {
            Some(publicity) => Some(Publicity {
                no: candidate.publicity_no,
                objections: store::objections(&mut sight.tx(), self.candidate)?,
                ..publicity
            }),
            None => None,
        };
        // No certificate has the number 0.
        let subjects = (person.certificate.unwrap_or(0), self.candidate, person.batch, listing.filing);
        let (acts, acts_cut) = store::acts(&mut sight.tx(), subjects)?;
        Ok(PersonChainView {
            words: crate::report::words_on(&mut sight.tx(), person.batch, self.candidate)?,
            marks: store::marks(&mut sight.tx(), self.candidate)?,
            mark_steps: crate::amendment::steps(&mut sight.tx(), self.candidate)?,
            day: crate::day::of_person(&mut sight.tx(), person.batch, self.candidate)?,
            roster: Some(candidate.roster),
            name: person.name,
            certificate: person.certificate,
            report,
            publicity,
            batch,
            listing,
            acts,
            acts_cut,
        })
    }
}

/// A file that stands behind a person: the roster, a sheet of marks, the plan.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PersonFile {
    pub candidate: i64,
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub hash: String,
}

impl Look for PersonFile {
    const KIND: LookKind = LookKind::Candidates;
    type View = SourceFile;

    fn subject(&self) -> Subject {
        Subject::Candidate(self.candidate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<SourceFile, Stop> {
        let person = store::person(&mut sight.tx(), self.candidate)?.ok_or(Stop::NotFound)?;
        let name = store::file_name(&mut sight.tx(), self.candidate, person.batch, &self.hash)?;
        Ok(SourceFile { hash: self.hash.clone(), name: name.ok_or(Stop::NotFound)? })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let mut answers = responses(&[200, 400, 401, 403, 404], json!(null));
    answers["200"]["content"] = json!({"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}});
    let file = json!({
        "operationId": "ChainFile", "summary": "溯源所涉的原始文件，下载留痕", "tags": ["certificates"], "security": [{"bearer": []}],
        "parameters": [
            {"name": "certificate", "in": "path", "required": true, "schema": {"type": "integer", "format": "int64"}},
            {"name": "hash", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
        ],
        "responses": answers,
    });
    let registry = registry
        .look::<Chain>("/certificates/{certificate}/chain", "证书溯源")
        .look::<PersonChain>("/candidates/{candidate}/chain", "一名考生的来历，查看留痕");
    registry.other(Method::GET, "/certificates/{certificate}/chain/files/{hash}", file, axum::routing::get(pages::file))
}
