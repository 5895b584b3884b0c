//! The sheet of marks: one row a candidate, one column a part; an empty cell leaves the part open.

use rules::Refusal;
use rules::identity;
use rules::result::{Outcome, Part};

use crate::finding::{FaultKind, Finding};
use crate::roster::{HOUSE, Reading, Seen};
use crate::table::{self, Columns, columns};
use crate::value::{self, Value};
use crate::workbook::Workbook;

columns! {
    /// Columns of a sheet of marks.
    Column {
        Name "姓名" "考生姓名" "学生姓名";
        IdNumber "证件号码" "身份证号" "身份证号码" "证件号" "身份证件号码" "公民身份号码";
        Theory "理论成绩" "理论知识考试" "理论知识" "理论" "理论考试成绩" "理论知识成绩" "理论考试";
        Practical "实操成绩" "操作技能考核" "操作技能" "实操" "技能成绩" "操作技能成绩" "实操考核成绩" "实操考核" "技能";
        Comprehensive "综合评审" "综合评审成绩" "综合" "评审成绩";
    }
}

const fn column_of(part: Part) -> Column {
    match part {
        Part::Theory => Column::Theory,
        Part::Practical => Column::Practical,
        Part::Comprehensive => Column::Comprehensive,
    }
}

/// What a sheet of marks is checked against.
pub struct MarksContext<'a> {
    /// The parts of the batch's level.
    pub parts: &'a [Part],
    /// The name of the batch's candidate with a normalised identity number.
    pub name_of: &'a dyn Fn(&str) -> Option<String>,
}

/// The outcomes of one candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkRow {
    pub sheet: String,
    pub row: u32,
    pub name: String,
    /// Normalised.
    pub id_number: String,
    pub outcomes: Vec<(Part, Outcome)>,
}

/// What came of reading a sheet of marks.
#[derive(Debug, Clone, Default)]
pub struct MarksCheck {
    pub rows_read: usize,
    /// Rows without a fault that have at least one outcome.
    pub good: Vec<MarkRow>,
    pub findings: Vec<Finding>,
}

/// Reads a sheet of marks. Refused when the file cannot be read as a table; everything else is a finding.
pub fn read_marks(bytes: &[u8], context: &MarksContext) -> Result<MarksCheck, Refusal> {
    let mut book = Workbook::open(bytes)?;
    let mut check = MarksCheck::default();
    let mut seen = Seen::default();
    let mut findings = Vec::new();
    let required = [Column::Name, Column::IdNumber];
    let missing = table::read(&mut book, &required, |row| {
        let any_mark = context.parts.iter().any(|part| row.get(column_of(*part)).is_some());
        if row.get(Column::IdNumber).is_none() && !(row.get(Column::Name).is_some() && any_mark) {
            return true;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context, findings: &mut findings, faults: 0 };
        let name = reading.name(Column::Name);
        let id_number = reading.of_batch((Column::Name, Column::IdNumber), name.as_deref(), context.name_of, &mut seen);
        let outcomes = reading.outcomes();
        if reading.faults == 0
            && let (Some(name), Some(id_number)) = (name, id_number)
        {
            if outcomes.is_empty() {
                let column = context.parts.first().map_or(Column::Theory, |part| column_of(*part));
                let remedy = "没有参加的请填写缺考、违纪或缓考";
                reading.report(column, FaultKind::MarkMissing, HOUSE, "这名考生没有任何成绩", remedy);
            } else {
                let sheet = row.sheet.to_owned();
                check.good.push(MarkRow { sheet, row: row.number, name, id_number, outcomes });
            }
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}

impl<X> Reading<'_, '_, X> {
    /// The number of a candidate of the batch, once in a file; which document it stands on was settled with the roster.
    /// The columns are those of the name and of the number.
    pub(crate) fn of_batch(
        &mut self,
        (of_name, of_number): (impl Columns, impl Columns),
        name: Option<&str>,
        name_of: &dyn Fn(&str) -> Option<String>,
        seen: &mut Seen,
    ) -> Option<String> {
        let number = match self.row.get(of_number) {
            None => {
                self.report(of_number, FaultKind::IdMissing, HOUSE, "没有填写证件号码", "请填写报名时的证件号码");
                return None;
            }
            Some(Value::Number(number) | Value::Date(_, number)) if *number >= 1e15 => {
                let reason = "号码被存成数字，超过15位的末尾各位已经丢失，无法还原";
                let remedy = "请下载带考生名单的成绩模板填写，或把该列设为“文本”后重新填写";
                self.report(of_number, FaultKind::IdAsNumber, HOUSE, reason, remedy);
                return None;
            }
            Some(value) => value::squeezed(&value.text()).to_ascii_uppercase(),
        };
        // Old numbers of 15 digits and unbracketed Hong Kong ones are stored in their full form.
        let known = [Some(number.clone()), identity::hk_id(&number).ok()]
            .into_iter()
            .flatten()
            .find_map(|number| name_of(&number).map(|name| (number, name)));
        let Some((number, registered)) = known else {
            let reason = "本批次的考生中没有这个证件号码";
            self.report(of_number, FaultKind::CandidateUnknown, HOUSE, reason, "请核对证件号码，或删除本行");
            return None;
        };
        if name.is_some_and(|name| name != registered) {
            let reason = format!("这个证件号码的考生是“{registered}”");
            let remedy = "请核对是否错行，成绩与姓名是否对应";
            self.report(of_name, FaultKind::CandidateNameDiffers, HOUSE, reason, remedy);
        }
        if let Some((_, first)) = seen.before(&number, self.row.sheet, self.row.number) {
            let reason = format!("与第{first}行是同一名考生");
            self.report(of_number, FaultKind::DuplicateInFile, HOUSE, reason, "请只保留一行");
        }
        Some(number)
    }
}

impl Reading<'_, '_, &MarksContext<'_>> {
    fn outcomes(&mut self) -> Vec<(Part, Outcome)> {
        let mut outcomes = Vec::new();
        for &part in Part::ALL {
            let column = column_of(part);
            let Some(text) = self.row.text(column) else { continue };
            let outcome =
                match self.context.parts.contains(&part) {
                    true => Outcome::read(&text),
                    false => Err(Refusal::new(rules::Clause::S1_5_1, format!("本批次不设{}", part.name()))
                        .remedy("请清空这一列")),
                };
            match outcome {
                Ok(outcome) => outcomes.push((part, outcome)),
                Err(refusal) => self.refuse(column, FaultKind::MarkUnreadable, refusal),
            }
        }
        outcomes
    }
}
