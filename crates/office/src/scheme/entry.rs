//! Marks by a scheme: of the course's final examination, person by person with day, paper and approver; or of the modules of
//! the process, out of which the parts are computed.

use std::collections::HashMap;

use jiff::civil::Date;
use rules::batch::open_to_change;
use rules::permission::{ActKind, LookKind};
use rules::result::{Outcome, Part};
use rules::scheme::{CourseMark, SchemeKind, SchemeModule, course_mark, may_stand_in, process_result};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use sheets::Finding;
use utoipa::ToSchema;

use super::store::{self, Scheme};
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::marks::{
    self, Basis, Batch, BatchHead, Book, FileView, MarkUploadView, MarkedPerson, MarksEntered, MarksRead, NewMark,
    Origin,
};

/// Enters marks of the course's final examination in place of theory.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterCourseMarks {
    pub batch: i64,
    #[schema(min_items = 1, max_items = 20_000)]
    pub entries: Vec<CourseEntry>,
}

/// One candidate's mark in the final examination.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CourseEntry {
    pub candidate: i64,
    /// The day of the final examination.
    pub exam_on: Date,
    /// `85`, `85.5`.
    #[schema(max_length = 20)]
    pub mark: String,
    /// The paper, by which it is found in the archive.
    #[schema(min_length = 1, max_length = 200)]
    pub paper: String,
    /// Who has approved the mark.
    #[schema(min_length = 1, max_length = 100)]
    pub approver: String,
}

/// The scheme that a batch names, which must be of this kind.
fn named(desk: &mut Sight<'_>, batch: &Batch, kind: SchemeKind) -> Result<Scheme, Stop> {
    let scheme = any_named(desk, batch)?;
    may_stand_in(kind, scheme.as_ref().map(|scheme| scheme.kind))?;
    scheme.ok_or(Stop::NotFound)
}

/// The scheme that a batch names, if it does.
fn any_named(sight: &mut Sight<'_>, batch: &Batch) -> Result<Option<Scheme>, Stop> {
    Ok(match batch.scheme {
        Some(id) => store::by_id(&mut sight.tx(), id)?,
        None => None,
    })
}

fn none_named() -> Refusal {
    Refusal::new(Clause::S1_5_2, "本批次没有采用替代考核方案").remedy("各科成绩按考试登记")
}

/// The mark that a candidate's final examination of the scheme's course is.
fn of_course(scheme: &Scheme, candidate: i64, entry: (&CourseMark<'_>, Option<u32>)) -> NewMark {
    let (mark, row) = entry;
    let basis = Basis::Course {
        course: scheme.subject.clone(),
        paper: mark.paper.to_owned(),
        approver: mark.approver.to_owned(),
    };
    NewMark {
        reached_on: Some(mark.exam_on),
        basis: Some(basis),
        ..NewMark::plain(candidate, Part::Theory, mark.outcome, row)
    }
}

/// The marks that a candidate's modules come to, part by part, with the modules behind each.
fn of_modules(
    scheme: &Scheme,
    candidate: i64,
    (outcomes, marks): (&[(Part, Outcome)], &[String]),
    row: Option<u32>,
) -> Vec<NewMark> {
    let new = |&(part, outcome): &(Part, Outcome)| {
        let of_part = scheme.modules.iter().zip(marks).filter(|(module, _)| module.part == part);
        let modules = of_part.map(|(module, mark)| (module.name.clone(), module.weight, mark.trim().to_owned()));
        NewMark { basis: Some(Basis::Modules(modules.collect())), ..NewMark::plain(candidate, part, outcome, row) }
    };
    outcomes.iter().map(new).collect()
}

fn nothing(kind: SchemeKind) -> Stop {
    Refusal::new(kind.clause(), "没有要登记的成绩").remedy("请至少填写一名考生").into()
}

/// A refusal that says whom it is about.
fn about(name: &str) -> impl Fn(Refusal) -> Refusal {
    move |refusal| Refusal { what: format!("{name}：{}", refusal.what), ..refusal }
}

impl Act for EnterCourseMarks {
    const KIND: ActKind = ActKind::EnterCourseMarks;
    type Answer = MarksEntered;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<MarksEntered, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_change(batch.stage)?;
        let scheme = named(desk, &batch, SchemeKind::Course)?;
        if self.entries.is_empty() {
            return Err(nothing(SchemeKind::Course));
        }
        let starts_on = store::starts_on(&mut desk.tx(), batch.id)?.ok_or(Stop::NotFound)?;
        let today = desk.today();
        let mut book = Book::by_scheme(desk, &batch, scheme.id)?;
        for entry in &self.entries {
            let name = book.name(entry.candidate).ok_or(Stop::NotFound)?.to_owned();
            let (paper, approver) = (entry.paper.trim(), entry.approver.trim());
            if paper.chars().count() > 200 || approver.chars().count() > 100 {
                return Err(Refusal::house("填写", "试卷或审批人过长").remedy("请精简").at("paper").into());
            }
            let mark = Outcome::read(&entry.mark)
                .and_then(|outcome| {
                    let mark = CourseMark { exam_on: entry.exam_on, outcome, paper, approver };
                    course_mark(&mark, starts_on, today).map(|()| mark)
                })
                .map_err(about(&name))?;
            book.enter(of_course(&scheme, entry.candidate, (&mark, None)))?;
        }
        book.close(desk, Origin { source: "course", file: None })?;
        Ok(MarksEntered { entered: book.entered, changed: book.changed, unchanged: book.unchanged })
    }
}

/// Enters marks of the modules of a process assessment; what they come to is computed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterModuleMarks {
    pub batch: i64,
    #[schema(min_items = 1, max_items = 20_000)]
    pub entries: Vec<ModuleEntry>,
}

/// One candidate's marks, in the order of the scheme's modules.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ModuleEntry {
    pub candidate: i64,
    /// `85`, `85.5`.
    #[schema(max_items = 100)]
    pub marks: Vec<String>,
}

impl Act for EnterModuleMarks {
    const KIND: ActKind = ActKind::EnterModuleMarks;
    type Answer = MarksEntered;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<MarksEntered, Stop> {
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_change(batch.stage)?;
        let scheme = named(desk, &batch, SchemeKind::Process)?;
        if self.entries.is_empty() {
            return Err(nothing(SchemeKind::Process));
        }
        let mut book = Book::by_scheme(desk, &batch, scheme.id)?;
        for entry in &self.entries {
            let name = book.name(entry.candidate).ok_or(Stop::NotFound)?.to_owned();
            let read: Result<Vec<_>, _> = entry.marks.iter().map(|text| Outcome::read(text)).collect();
            let outcomes = read.and_then(|marks| process_result(&scheme.modules, &marks)).map_err(about(&name))?;
            for mark in of_modules(&scheme, entry.candidate, (&outcomes, &entry.marks), None) {
                book.enter(mark)?;
            }
        }
        book.close(desk, Origin { source: "process", file: None })?;
        Ok(MarksEntered { entered: book.entered, changed: book.changed, unchanged: book.unchanged })
    }
}

/// Takes marks by the scheme that the batch names out of a workbook: of the course's final examination, or of the modules.
/// Rows without a fault are kept, the others are told. The same file again changes nothing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadSchemeMarks {
    pub batch: i64,
    /// The kept file.
    pub file: FileHash,
    /// Its name, for showing.
    #[schema(max_length = 120)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<ReadScheme>,
}

/// What [`UploadSchemeMarks`] found in its file.
#[derive(Debug, Clone)]
struct ReadScheme {
    kept: KeptFile,
    scheme: i64,
    kind: SchemeKind,
    rows_read: usize,
    /// The good rows: where each stands, and the marks that it is.
    rows: Vec<(String, u32, Vec<NewMark>)>,
    findings: Vec<Finding>,
}

impl UploadSchemeMarks {
    /// An upload of a kept file.
    pub fn new(batch: i64, file: FileHash, name: impl Into<String>) -> Self {
        Self { batch, file, name: name.into(), read: None }
    }
}

impl Act for UploadSchemeMarks {
    const KIND: ActKind = ActKind::UploadSchemeMarks;
    const PREPARES: bool = true;
    type Answer = MarksRead;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let batch = marks::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_change(batch.stage)?;
        let scheme = any_named(sight, &batch)?.ok_or_else(none_named)?;
        let starts_on = store::starts_on(&mut sight.tx(), batch.id)?.ok_or(Stop::NotFound)?;
        let persons = marks::persons(&mut sight.tx(), batch.id)?;
        let mut by_number = HashMap::with_capacity(persons.len());
        for person in &persons {
            by_number.insert(person.number(sight.seals())?, person);
        }
        let name_of = |number: &str| by_number.get(number).map(|person| person.name.clone());
        let candidate = |number: &str| by_number.get(number).map(|person| person.id);
        let bytes = crate::roster::bring(sight, &self.file)?;
        let (rows_read, rows, findings) = match scheme.kind {
            SchemeKind::Course => {
                let context = sheets::CourseContext { name_of: &name_of, starts_on, today: sight.today() };
                let check = sheets::read_course_marks(&bytes, &context)?;
                let row = |row: &sheets::CourseRow| {
                    let (paper, approver) = (row.paper.as_str(), row.approver.as_str());
                    let mark = CourseMark { exam_on: row.exam_on, outcome: row.outcome, paper, approver };
                    let mark = of_course(&scheme, candidate(&row.id_number)?, (&mark, Some(row.row)));
                    Some((row.sheet.clone(), row.row, vec![mark]))
                };
                (check.rows_read, check.good.iter().filter_map(row).collect(), check.findings)
            }
            SchemeKind::Process => {
                let check = sheets::read_module_marks(&bytes, &scheme.modules, &name_of)?;
                let row = |row: &sheets::ModuleRow| {
                    let said: Vec<String> = row.marks.iter().map(Outcome::to_string).collect();
                    let id = candidate(&row.id_number)?;
                    let marks = of_modules(&scheme, id, (&row.outcomes, &said), Some(row.row));
                    Some((row.sheet.clone(), row.row, marks))
                };
                (check.rows_read, check.good.iter().filter_map(row).collect(), check.findings)
            }
        };
        let kept = KeptFile::of(&self.file, &bytes)?;
        self.read = Some(ReadScheme { kept, scheme: scheme.id, kind: scheme.kind, rows_read, rows, findings });
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<MarksRead, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the workbook was not read"))?;
        let batch = marks::batch(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_change(batch.stage)?;
        if batch.scheme != Some(read.scheme) {
            return Err(Refusal::new(read.kind.clause(), "上传期间批次改用了别的方案")
                .remedy("请重新下载登记表填写后上传")
                .into());
        }
        let now = desk.now();
        note_file(&mut desk.tx(), &read.kept, now)?;
        let mut book = Book::by_scheme(desk, &batch, read.scheme)?;
        let mut findings = read.findings.clone();
        for (sheet, row, new) in &read.rows {
            for mark in new {
                // What was confirmed stays as it is, and the sheet is told so at its row.
                if let Err(refusal) = book.enter(mark.clone()) {
                    findings.push(marks::confirmed_before((sheet, *row), mark.part, mark.outcome, refusal));
                }
            }
        }
        book.close(desk, Origin { source: read.kind.code(), file: Some(&self.file) })?;
        let rows = (read.rows_read, read.rows.len());
        marks::kept_upload(desk, &batch, (&self.file, &self.name), rows, &book, findings)
    }
}

/// The workbook in which a clerk fills in marks by the scheme: the batch's persons stand in it.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SchemeMarksTemplate {
    pub batch: i64,
}

impl Look for SchemeMarksTemplate {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let batch = marks::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let scheme = any_named(sight, &batch)?.ok_or_else(none_named)?;
        let persons = marks::persons(&mut sight.tx(), batch.id)?;
        let numbers = persons.iter().map(|p| p.number(sight.seals())).collect::<Result<Vec<_>, _>>()?;
        let rows = persons.iter().zip(&numbers).map(|(person, number)| (person.name.as_str(), number.as_str()));
        let bytes = match scheme.kind {
            SchemeKind::Course => sheets::course_marks_template(rows),
            SchemeKind::Process => sheets::module_marks_template(&scheme.modules, rows),
        };
        let name = format!("{}登记表-{}.xlsx", scheme.kind.mark_name(), batch.number);
        Ok(FileView { name, bytes: bytes.map_err(Stop::fault)? })
    }
}

/// A candidate with what was entered by the scheme.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SchemeMarked {
    pub person: MarkedPerson,
    /// Of a course: day, mark, paper, approver; empty while nothing is entered.
    pub exam_on: Option<Date>,
    pub mark: String,
    pub paper: String,
    pub approver: String,
    /// Of a process: the marks in the order of the modules.
    pub modules: Vec<String>,
}

/// The marks of a batch by its scheme.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SchemeMarksView {
    pub batch: BatchHead,
    pub kind: SchemeKind,
    pub kind_name: String,
    pub clause: String,
    /// The course, or the major.
    pub course: String,
    pub scheme: i64,
    pub body: i64,
    pub modules: Vec<SchemeModule>,
    pub persons: Vec<SchemeMarked>,
    pub open: bool,
    /// The latest uploads, the last first.
    pub uploads: Vec<MarkUploadView>,
    /// What the last upload found; identity numbers are masked.
    pub findings: Vec<Finding>,
}

/// What marks does a batch have by the scheme that it names?
#[derive(Debug, Deserialize, ToSchema)]
pub struct SchemeMarks {
    pub batch: i64,
}

impl Look for SchemeMarks {
    const KIND: LookKind = LookKind::Batches;
    type View = SchemeMarksView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<SchemeMarksView, Stop> {
        let batch = marks::batch(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let scheme = any_named(sight, &batch)?.ok_or_else(none_named)?;
        let (uploads, findings) = marks::latest_uploads(sight, batch.id, Some(scheme.id))?;
        let mut lines = Vec::new();
        for person in marks::persons(&mut sight.tx(), batch.id)? {
            let shown = marks::marked(&person, &batch, sight)?;
            let mut line = SchemeMarked {
                person: shown,
                exam_on: None,
                mark: String::new(),
                paper: String::new(),
                approver: String::new(),
                modules: vec![String::new(); scheme.modules.len()],
            };
            for mark in &person.marks {
                match &mark.basis {
                    Some(Basis::Course { paper, approver, .. }) => {
                        (line.exam_on, line.mark) = (mark.reached_on, mark.outcome.to_string());
                        (line.paper, line.approver) = (paper.clone(), approver.clone());
                    }
                    Some(Basis::Modules(modules)) => {
                        for (at, module) in scheme.modules.iter().enumerate() {
                            let own = modules.iter().find(|(name, ..)| *name == module.name);
                            if let Some((.., mark)) = own {
                                line.modules[at].clone_from(mark);
                            }
                        }
                    }
                    Some(Basis::Scores { .. }) | None => {}
                }
            }
            lines.push(line);
        }
        Ok(SchemeMarksView {
            open: open_to_change(batch.stage).is_ok(),
            batch: BatchHead::from(&batch),
            kind: scheme.kind,
            kind_name: scheme.kind.name().into(),
            clause: scheme.kind.clause().id().into(),
            course: scheme.subject,
            scheme: scheme.id,
            body: scheme.body,
            modules: scheme.modules,
            persons: lines,
            uploads,
            findings,
        })
    }
}
