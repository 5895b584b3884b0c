//! Marks by a scheme: of the course's final examination, person by person with day, paper and approver; or of the modules of
//! the process, out of which the parts are computed.

use jiff::civil::Date;
use rules::batch::open_to_change;
use rules::permission::{ActKind, LookKind};
use rules::result::{Outcome, Part};
use rules::scheme::{CourseMark, SchemeKind, SchemeModule, course_mark, may_stand_in, process_result};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::{self, Scheme};
use crate::door::{Act, Desk, Look, Sight, Stop, Subject};
use crate::marks::{self, Basis, Batch, BatchHead, Book, MarkedPerson, MarksEntered, NewMark, Origin};

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
    let scheme = match batch.scheme {
        Some(id) => store::by_id(&mut desk.tx(), id)?,
        None => None,
    };
    may_stand_in(kind, scheme.as_ref().map(|scheme| scheme.kind))?;
    scheme.ok_or(Stop::NotFound)
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
        let mut book = Book::open(desk, &batch)?;
        for entry in &self.entries {
            let name = book.name(entry.candidate).ok_or(Stop::NotFound)?.to_owned();
            let (paper, approver) = (entry.paper.trim(), entry.approver.trim());
            if paper.chars().count() > 200 || approver.chars().count() > 100 {
                return Err(Refusal::house("填写", "试卷或审批人过长").remedy("请精简").at("paper").into());
            }
            let outcome = Outcome::read(&entry.mark)
                .and_then(|outcome| {
                    let mark = CourseMark { exam_on: entry.exam_on, outcome, paper, approver };
                    course_mark(&mark, starts_on, today).map(|()| outcome)
                })
                .map_err(about(&name))?;
            let basis = Basis::Course {
                course: scheme.subject.clone(),
                paper: paper.to_owned(),
                approver: approver.to_owned(),
            };
            book.enter(NewMark {
                reached_on: Some(entry.exam_on),
                basis: Some(basis),
                ..NewMark::plain(entry.candidate, Part::Theory, outcome, None)
            })?;
        }
        book.close(desk, Origin { source: "course", file: None, scheme: Some(scheme.id) })?;
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
        let mut book = Book::open(desk, &batch)?;
        for entry in &self.entries {
            let name = book.name(entry.candidate).ok_or(Stop::NotFound)?.to_owned();
            let read: Result<Vec<_>, _> = entry.marks.iter().map(|text| Outcome::read(text)).collect();
            let outcomes = read.and_then(|marks| process_result(&scheme.modules, &marks)).map_err(about(&name))?;
            for (part, outcome) in outcomes {
                let of_part = scheme.modules.iter().zip(&entry.marks).filter(|(module, _)| module.part == part);
                let modules =
                    of_part.map(|(module, mark)| (module.name.clone(), module.weight, mark.trim().to_owned()));
                book.enter(NewMark {
                    basis: Some(Basis::Modules(modules.collect())),
                    ..NewMark::plain(entry.candidate, part, outcome, None)
                })?;
            }
        }
        book.close(desk, Origin { source: "process", file: None, scheme: Some(scheme.id) })?;
        Ok(MarksEntered { entered: book.entered, changed: book.changed, unchanged: book.unchanged })
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
        let scheme = match batch.scheme {
            Some(id) => store::by_id(&mut sight.tx(), id)?,
            None => None,
        };
        let scheme = scheme
            .ok_or_else(|| Refusal::new(Clause::S1_5_2, "本批次没有采用替代考核方案").remedy("各科成绩按考试登记"))?;
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
                    None => {}
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
        })
    }
}
