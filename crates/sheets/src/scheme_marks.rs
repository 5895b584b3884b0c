//! The sheets of a scheme: marks of a course's final examination with day, paper and approver, and marks of the modules of a
//! process, one column a module. One row a candidate; a row without a mark is passed over.

use rules::result::{Outcome, Part};
use rules::scheme::{CourseMark, SchemeModule, course_mark, process_result};
use rules::{Clause, Day, Refusal};

use crate::finding::{FaultKind, Finding};
use crate::roster::{HOUSE, Reading, Seen};
use crate::table::{self, columns};
use crate::value::Dated;
use crate::workbook::Workbook;

columns! {
    /// Columns of a sheet of course marks.
    CourseColumn {
        Name "姓名" "考生姓名" "学生姓名";
        IdNumber "证件号码" "身份证号" "身份证号码" "证件号" "身份证件号码" "公民身份号码";
        ExamOn "结课考试日期" "考试日期" "结课日期" "考试时间";
        Mark "结课成绩" "成绩" "结课考试成绩" "考试成绩" "分数";
        Paper "试卷" "试卷编号" "试卷号";
        Approver "审定人" "审批人" "核定人" "审核人";
    }
}

columns! {
    /// Columns of a sheet of module marks, beside the modules.
    ModuleColumn {
        Name "姓名" "考生姓名" "学生姓名";
        IdNumber "证件号码" "身份证号" "身份证号码" "证件号" "身份证件号码" "公民身份号码";
    }
}

/// Longest paper and approver, in characters.
const PAPER_MAX: usize = 200;
const APPROVER_MAX: usize = 100;

/// What a sheet of course marks is checked against.
pub struct CourseContext<'a> {
    /// The name of the batch's candidate with a normalised identity number.
    pub name_of: &'a dyn Fn(&str) -> Option<String>,
    /// The day on which the batch begins.
    pub starts_on: Day,
    pub today: Day,
}

/// The course mark of one candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct CourseRow {
    pub sheet: String,
    pub row: u32,
    /// Normalised.
    pub id_number: String,
    pub exam_on: Day,
    pub outcome: Outcome,
    pub paper: String,
    pub approver: String,
}

/// The module marks of one candidate, in the order of the scheme's modules.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleRow {
    pub sheet: String,
    pub row: u32,
    /// Normalised.
    pub id_number: String,
    pub marks: Vec<Outcome>,
    /// What they come to, part by part.
    pub outcomes: Vec<(Part, Outcome)>,
}

/// What came of reading a sheet of a scheme.
#[derive(Debug, Clone)]
pub struct SchemeCheck<R> {
    pub rows_read: usize,
    /// Rows without a fault that have a mark.
    pub good: Vec<R>,
    pub findings: Vec<Finding>,
}

impl<R> SchemeCheck<R> {
    fn new() -> Self {
        Self { rows_read: 0, good: Vec::new(), findings: Vec::new() }
    }
}

/// Reads a sheet of course marks. Refused when the file cannot be read as a table; everything else is a finding.
pub fn read_course_marks(bytes: &[u8], context: &CourseContext) -> Result<SchemeCheck<CourseRow>, Refusal> {
    use CourseColumn as C;
    let mut book = Workbook::open(bytes)?;
    let (mut check, mut seen, mut findings) = (SchemeCheck::new(), Seen::default(), Vec::new());
    let missing = table::read(&mut book, &[C::Name, C::IdNumber, C::ExamOn, C::Mark, C::Paper, C::Approver], |row| {
        // Who has no mark takes the examination; notes below the table have none either.
        if row.get(C::Mark).is_none() {
            return true;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context, findings: &mut findings, faults: 0 };
        let name = reading.name(C::Name);
        let id_number = reading.of_batch((C::Name, C::IdNumber), name.as_deref(), context.name_of, &mut seen);
        let exam_on = reading.exam_on();
        let outcome = Outcome::read(&row.text(C::Mark).unwrap_or_default())
            .map_err(|refusal| reading.refuse(C::Mark, FaultKind::MarkUnreadable, refusal))
            .ok();
        let paper = reading.some(C::Paper, PAPER_MAX);
        let approver = reading.some(C::Approver, APPROVER_MAX);
        if let (Some(exam_on), Some(outcome), Some(paper), Some(approver)) = (exam_on, outcome, paper, approver) {
            let mark = CourseMark { exam_on, outcome, paper: &paper, approver: &approver };
            if let Err(refusal) = course_mark(&mark, context.starts_on, context.today) {
                let column = if refusal.field == Some("exam_on") { C::ExamOn } else { C::Mark };
                reading.refuse(column, FaultKind::MarkNotAllowed, refusal);
            }
            if let Some(id_number) = id_number.filter(|_| reading.faults == 0) {
                let sheet = row.sheet.to_owned();
                check.good.push(CourseRow { sheet, row: row.number, id_number, exam_on, outcome, paper, approver });
            }
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}

impl Reading<'_, '_, &CourseContext<'_>> {
    fn exam_on(&mut self) -> Option<Day> {
        let column = CourseColumn::ExamOn;
        match self.row.get(column).map(|value| (value, value.date())) {
            Some((_, Some(Dated::Day(day)))) => Some(day),
            Some(_) => {
                let reason = "结课考试日期不是某一天";
                self.report(column, FaultKind::DateUnreadable, Clause::S1_5_2, reason, "请填写到日，如 2026-06-24");
                None
            }
            None => {
                let reason = "没有填写结课考试日期";
                self.report(column, FaultKind::EntryMissing, Clause::S1_5_2, reason, "请填写结课考试的日期");
                None
            }
        }
    }

    /// What stands in a column that has to be filled.
    fn some(&mut self, column: CourseColumn, most: usize) -> Option<String> {
        let name = table::Columns::names(column)[0];
        match self.row.text(column) {
            Some(text) if text.chars().count() > most => {
                self.report(column, FaultKind::EntryTooLong, HOUSE, format!("{name}超过{most}字"), "请精简");
                None
            }
            Some(text) => Some(text.into_owned()),
            None => {
                let reason = format!("没有写明{name}");
                let remedy = "成绩凭试卷和审定人留档，请补填";
                self.report(column, FaultKind::EntryMissing, Clause::S1_5_2, reason, remedy);
                None
            }
        }
    }
}

/// Reads a sheet of module marks. Refused when the file cannot be read as a table; everything else is a finding.
pub fn read_module_marks(
    bytes: &[u8],
    modules: &[SchemeModule],
    name_of: &dyn Fn(&str) -> Option<String>,
) -> Result<SchemeCheck<ModuleRow>, Refusal> {
    use ModuleColumn as C;
    let mut book = Workbook::open(bytes)?;
    let (mut check, mut seen, mut findings) = (SchemeCheck::new(), Seen::default(), Vec::new());
    let columns: Vec<Vec<String>> = modules.iter().map(|module| vec![module.name.clone()]).collect();
    let missing = table::read_more(&mut book, &[C::Name, C::IdNumber], &columns, |row| {
        if (0..columns.len()).all(|n| row.get_more(n).is_none()) {
            return true;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context: (), findings: &mut findings, faults: 0 };
        let name = reading.name(C::Name);
        let id_number = reading.of_batch((C::Name, C::IdNumber), name.as_deref(), name_of, &mut seen);
        let mut marks = Vec::with_capacity(modules.len());
        for (n, module) in modules.iter().enumerate() {
            let text = row.get_more(n).map(|value| value.text().into_owned()).unwrap_or_default();
            match Outcome::read(&text) {
                Ok(mark @ Outcome::Mark(_)) => marks.push(mark),
                Err(_) if text.is_empty() => {
                    let refusal = Refusal::new(Clause::S1_5_3, format!("模块“{}”没有成绩", module.name))
                        .remedy("每个模块都要有成绩；没有完成过程考核的考生请清空整行，参加考试");
                    reading.refuse_more(n, FaultKind::MarkMissingOfModule, refusal);
                }
                Ok(word) => {
                    let refusal = Refusal::new(Clause::S1_5_3, format!("模块“{}”填的是“{word}”", module.name))
                        .remedy("没有完成过程考核的考生请清空整行，参加考试");
                    reading.refuse_more(n, FaultKind::MarkNotAllowed, refusal);
                }
                Err(refusal) => reading.refuse_more(n, FaultKind::MarkUnreadable, refusal),
            }
        }
        if reading.faults == 0
            && let Some(id_number) = id_number
        {
            match process_result(modules, &marks) {
                Ok(outcomes) => {
                    let sheet = row.sheet.to_owned();
                    check.good.push(ModuleRow { sheet, row: row.number, id_number, marks, outcomes });
                }
                Err(refusal) => reading.refuse(C::Name, FaultKind::MarkNotAllowed, refusal),
            }
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}
