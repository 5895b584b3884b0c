//! The school's enrolment register: the evidence that a candidate is its own student, in which class and until when.

use std::collections::HashMap;

use rules::eligibility::{Enrolled, Month, Standing};
use rules::{Day, Refusal};

use crate::finding::{FaultKind, Finding};
use crate::roster::{HOUSE, Reading, Seen};
use crate::table::{self, columns};
use crate::workbook::Workbook;

/// Most students in one file; a default of the platform.
const ROWS_MAX: usize = 50_000;

columns! {
    /// Columns of an enrolment register.
    Column {
        StudentNumber "学号" "学籍号" "学生学号";
        Name "姓名" "学生姓名";
        IdKind "证件类型" "证件类别" "证件种类" "身份证件类型";
        IdNumber "证件号码" "身份证号" "身份证号码" "证件号" "身份证件号" "身份证件号码" "公民身份号码";
        Major "专业" "专业名称" "所学专业";
        ClassName "班级" "班级名称" "所在班级";
        ClassKind "班型" "培养层次" "班型(培养层次)" "班型/培养层次" "学制层次" "培养目标" "办学层次";
        Entry "入学年月" "入学时间" "入学日期";
        Graduation "毕业年月" "预计毕业年月" "毕业时间" "预计毕业时间" "毕业日期" "预计毕业日期";
        Standing "学籍状态" "状态" "在校状态" "学生状态";
    }
}

/// A student as a register has them; `None` where it says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentRow {
    pub student_no: String,
    pub name: String,
    /// Normalised.
    pub id_number: String,
    pub class_name: Option<String>,
    pub enrolled: Enrolled,
}

/// A register by identity number.
#[derive(Debug, Clone, Default)]
pub struct EnrolmentIndex {
    by_number: HashMap<String, EnrolmentRow>,
}

impl EnrolmentIndex {
    /// The register of these students; of two with one number the later one counts.
    pub fn new(rows: impl IntoIterator<Item = EnrolmentRow>) -> Self {
        Self { by_number: rows.into_iter().map(|row| (row.id_number.clone(), row)).collect() }
    }

    /// The student with a normalised identity number.
    pub fn get(&self, id_number: &str) -> Option<&EnrolmentRow> {
        self.by_number.get(id_number)
    }

    /// How many students there are.
    pub fn len(&self) -> usize {
        self.by_number.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_number.is_empty()
    }
}

/// What came of reading a register.
#[derive(Debug, Clone, Default)]
pub struct EnrolmentCheck {
    pub rows_read: usize,
    /// Students without a fault.
    pub rows: Vec<EnrolmentRow>,
    pub findings: Vec<Finding>,
}

/// Reads an enrolment register. Refused when the file cannot be read as a table; everything else is a finding.
pub fn read_enrolment(bytes: &[u8], today: Day, made_up_people: bool) -> Result<EnrolmentCheck, Refusal> {
    let mut book = Workbook::open(bytes)?;
    let mut check = EnrolmentCheck::default();
    let (mut numbers, mut student_numbers) = (Seen::default(), Seen::default());
    let mut findings = Vec::new();
    let required = [Column::StudentNumber, Column::Name, Column::IdNumber];
    let missing = table::read(&mut book, &required, |row| {
        if required.iter().filter(|column| row.get(**column).is_some()).count() < 2 {
            return true;
        }
        if check.rows_read == ROWS_MAX {
            let place = row.place(Column::Name);
            let reason = format!("一个文件最多{ROWS_MAX}行，从这一行起没有读取");
            let remedy = "请把其余各行放进另一个文件上传";
            findings.push(Finding::new(place, FaultKind::RowBeyondLimit, HOUSE, reason, remedy));
            return false;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context: (), findings: &mut findings, faults: 0 };
        let name = reading.name(Column::Name);
        let identity = reading.identity(Column::IdKind, Column::IdNumber, today, made_up_people);
        let student_no = row.text(Column::StudentNumber);
        if student_no.is_none() {
            reading.report(Column::StudentNumber, FaultKind::StudentNumberMissing, HOUSE, "没有填写学号", "请填写学号");
        }
        let mut month = |column| -> Option<Month> { reading.date(column).map(|date| date.month()) };
        let (entry, graduation) = (month(Column::Entry), month(Column::Graduation));
        let standing = row.text(Column::Standing).and_then(|text| {
            let standing = Standing::from_text(&text);
            if standing.is_none() {
                let reason = format!("“{text}”不是学籍状态");
                let remedy = "请填写在籍、退学、转学、开除、毕业或离校，留空表示不变";
                reading.report(Column::Standing, FaultKind::StandingUnknown, HOUSE, reason, remedy);
            }
            standing
        });
        let (Some(name), Some(identity), Some(student_no)) = (name, identity, student_no) else { return true };
        let mut again = |seen: &mut Seen, column, number: &str, what: &str| {
            let Some((_, first)) = seen.before(number, row.sheet, row.number) else { return };
            let reason = format!("与第{first}行的{what}相同");
            reading.report(column, FaultKind::DuplicateInFile, HOUSE, reason, "请核对，每名学生只保留一行");
        };
        again(&mut numbers, Column::IdNumber, &identity.number, "证件号码");
        again(&mut student_numbers, Column::StudentNumber, &student_no, "学号");
        if reading.faults == 0 {
            let own = |column| row.text(column).map(std::borrow::Cow::into_owned);
            check.rows.push(EnrolmentRow {
                student_no: student_no.into_owned(),
                name,
                id_number: identity.number,
                class_name: own(Column::ClassName),
                enrolled: Enrolled {
                    class_kind: own(Column::ClassKind),
                    major: own(Column::Major),
                    entry,
                    graduation,
                    standing,
                },
            });
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}
