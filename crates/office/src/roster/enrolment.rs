//! 一（一）3: a body's register of its own students, the evidence that a candidate is one of them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rules::permission::{ActKind, LookKind};
use serde::{Deserialize, Serialize};
use sheets::Finding;
use utoipa::ToSchema;

use super::{UploadLine, bring, store};
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};

/// Takes students out of a workbook into the register: new ones are added, known ones changed by their identity
/// number where the file says otherwise, and what it does not say stays. A student number with another identity number
/// puts a wrong one right. Nobody goes by being left out; who has left is marked so.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadEnrolment {
    /// The kept file: .xlsx, .xls or .csv.
    pub file: FileHash,
    /// Its name, for showing.
    #[schema(max_length = 120)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<ReadEnrolment>>,
}

/// What the workbook said; read before the transaction.
#[derive(Debug)]
struct ReadEnrolment {
    kept: KeptFile,
    rows_read: usize,
    students: Vec<(String, store::Student)>,
    findings: Vec<Finding>,
}

/// What came of an upload.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnrolmentUploaded {
    pub upload: i64,
    pub rows_read: usize,
    pub rows_good: usize,
    pub new: usize,
    pub changed: usize,
    pub same: usize,
    pub faults: usize,
    pub warnings: usize,
}

impl UploadEnrolment {
    /// An upload of a kept file.
    pub fn new(file: FileHash, name: impl Into<String>) -> Self {
        Self { file, name: name.into(), read: None }
    }
}

impl Act for UploadEnrolment {
    const KIND: ActKind = ActKind::UploadEnrolment;
    const PREPARES: bool = true;
    type Answer = EnrolmentUploaded;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let bytes = bring(sight, &self.file)?;
        let check = sheets::read_enrolment(&bytes, sight.today(), sight.office().is_demo())?;
        let seals = sight.seals();
        let students =
            check.rows.iter().map(|row| (seals.find_key(&row.id_number), store::Student::of(row, seals))).collect();
        let kept = KeptFile::of(&self.file, &bytes)?;
        self.read =
            Some(Arc::new(ReadEnrolment { kept, rows_read: check.rows_read, students, findings: check.findings }));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<EnrolmentUploaded, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the register was not read"))?;
        let body = desk.body()?;
        let register = store::register(&mut desk.tx(), body)?;
        let named: HashSet<&str> = read.students.iter().map(|(key, _)| key.as_str()).collect();
        let unnamed = register.iter().filter(|(key, _)| !named.contains(key.as_str()));
        let by_student: HashMap<&str, (&str, &store::Student)> =
            unnamed.map(|(key, student)| (student.student_no.as_str(), (key.as_str(), student))).collect();
        let (mut write, mut strike) = (BTreeMap::new(), BTreeMap::new());
        let (mut new, mut changed, mut same) = (0, 0, 0);
        for (key, said) in &read.students {
            let misnumbered = by_student.get(said.student_no.as_str());
            strike.extend(misnumbered.map(|(wrong, _)| (*wrong, ())));
            let known = register.get(key).or(misnumbered.map(|(_, student)| *student));
            let student = known.map_or_else(|| said.clone(), |known| said.clone().over(known));
            match known {
                Some(known) if misnumbered.is_none() && known.says_the_same(&student) => {
                    same += 1;
                    continue;
                }
                Some(_) => changed += 1,
                None => new += 1,
            }
            write.insert(key.clone(), student);
        }
        store::strike(&mut desk.tx(), body, &strike)?;
        store::enrol(&mut desk.tx(), body, &write)?;
        let (id, now) = (desk.new_id(), desk.now());
        note_file(&mut desk.tx(), &read.kept, now)?;
        let by = desk.caller().name().to_owned();
        let upload = store::NewUpload {
            id,
            of: body,
            file: &read.kept,
            name: &self.name,
            rows_read: read.rows_read,
            rows_good: read.students.len(),
            new,
            changed,
            withdrawn: 0,
            findings: &read.findings,
            now,
            by: &by,
        };
        let seals = desk.seals();
        store::enrolment_uploaded(&mut desk.tx(), &upload, seals)?;
        let faults = read.findings.iter().filter(|finding| finding.is_fault()).count();
        Ok(EnrolmentUploaded {
            upload: id,
            rows_read: read.rows_read,
            rows_good: read.students.len(),
            new,
            changed,
            same,
            faults,
            warnings: read.findings.len() - faults,
        })
    }
}

/// A student, masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StudentLine {
    pub student_no: String,
    pub name_masked: String,
    pub id_masked: String,
    pub major: String,
    pub class: String,
    pub class_kind: String,
    /// Month of entry and of graduation: `2024-09`; empty where unknown.
    pub entered: String,
    pub graduates: String,
    /// 在籍, or how the student left; empty where the register never said.
    pub standing: String,
}

/// One page of the register, masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnrolmentView {
    pub students: Vec<StudentLine>,
    /// How many match.
    pub total: i64,
    /// How many are students still.
    pub enrolled: i64,
    /// From 0; a page has 50.
    pub page: i64,
    /// The latest, the last first.
    pub uploads: Vec<UploadLine>,
}

/// Who is in our register?
#[derive(Deserialize, ToSchema)]
pub struct Enrolment {
    /// A whole name, student number or identity number.
    #[schema(max_length = 60)]
    pub find: Option<String>,
    /// From 0.
    #[schema(minimum = 0, maximum = 100000)]
    pub page: Option<i64>,
}

impl Look for Enrolment {
    const KIND: LookKind = LookKind::Enrolment;
    type View = EnrolmentView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<EnrolmentView, Stop> {
        let (body, seals, page) = (sight.body()?, sight.seals(), self.page.unwrap_or(0).clamp(0, 100_000));
        let (students, total) = store::students(&mut sight.tx(), body, self.find.as_deref(), page, seals)?;
        Ok(EnrolmentView {
            students,
            total,
            enrolled: store::register_size(&mut sight.tx(), body)?,
            page,
            uploads: store::enrolment_uploads(&mut sight.tx(), body)?,
        })
    }
}

/// One upload of the register with everything that it found, values in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EnrolmentUploadView {
    pub upload: UploadLine,
    pub findings: Vec<Finding>,
}

/// What did this upload find? Findings quote the file, so the look is recorded.
#[derive(Deserialize, ToSchema)]
pub struct EnrolmentUpload {
    pub upload: i64,
}

impl Look for EnrolmentUpload {
    const KIND: LookKind = LookKind::Candidates;
    type View = EnrolmentUploadView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<EnrolmentUploadView, Stop> {
        // A register is its own body's affair alone: an office has none.
        let (body, seals) = (sight.body()?, sight.seals());
        let found = store::enrolment_upload(&mut sight.tx(), body, self.upload, seals)?;
        let (upload, findings) = found.ok_or(Stop::NotFound)?;
        Ok(EnrolmentUploadView { upload, findings })
    }
}
