//! The roster of a batch: the registration sheet of 33 columns and our shorter template, by one reader. Every row is
//! read on its own; one cause gives one finding, and a row with a fault waits for the corrected file.

use std::borrow::Cow;
use std::collections::HashMap;

use rules::certificate::{self, Level};
use rules::eligibility::{self, Claim, Generation, Rank, Stated, Title};
use rules::identity::{self, IdKind, Sex};
use rules::{Clause, Day, Ground, Refusal, terms};

use crate::enrolment::{EnrolmentIndex, EnrolmentRow};
use crate::finding::{FaultKind, Finding};
use crate::table::{self, Row, columns};
use crate::value::{self, Value};
use crate::workbook::Workbook;

/// Most rows of candidates in one file; a default of the platform.
pub const ROWS_MAX: usize = 20_000;
/// Longest name, in characters: the longest that certificates have to carry.
/// What the platform's own checks are cited as.
pub(crate) const HOUSE: Ground = Ground::House("名册");

columns! {
    /// Columns of a roster that a rule uses.
    Column {
        Serial "序号" "编号";
        Occupation "职业工种名称" "职业(工种)名称" "职业(工种)" "职业名称" "职业工种" "申报职业" "申报职业(工种)" "职业" "工种名称";
        Level "认定等级" "申报等级" "申报级别" "认定级别" "职业技能等级" "级别" "等级";
        Condition "申报条件" "报考条件" "申报条件代码";
        IdKind "证件类型" "证件类别" "证件种类" "证件名称";
        IdNumber "证件号码" "身份证号" "身份证号码" "证件号" "身份证件号码" "公民身份号码" "居民身份证号码";
        Name "姓名" "考生姓名" "学生姓名" "名字";
        Sex "性别";
        Born "出生日期" "出生年月" "出生年月日" "生日";
        Phone "手机号码" "手机号" "手机" "联系电话" "联系方式" "移动电话" "电话";
        HeldLevel "证书等级" "原证书等级" "已持证书等级" "持证等级" "所持证书等级";
        HeldNumber "证书编号" "原证书编号" "已持证书编号" "所持证书编号" "证书号码" "证书号";
        HeldOn "证书取得日期" "取得证书日期" "取得证书时间" "原证书发证日期" "证书发证日期" "发证日期";
        Education "文化程度" "学历" "最高学历";
        Major "专业" "所学专业" "专业名称";
        WorkSince "参加工作时间" "参加工作日期" "从业起始日期";
        WorkYears "专业年限" "从业年限" "本职业年限" "本职业从业年限" "工作年限" "工龄";
        StudentNumber "学号" "学籍号" "学生学号";
        Title "职称" "专业技术职称" "职称等级";
        TitleOn "职称取得日期" "取得职称日期" "职称取得时间";
    }
}

/// What a roster is checked against.
pub struct RosterContext<'a> {
    pub level: Level,
    pub occupation_code: &'a str,
    /// Every name that the occupation and the work types of the batch go by.
    pub occupation_names: &'a [String],
    /// Majors that the filing pairs with the occupation; empty asks nobody.
    pub majors: &'a [String],
    pub generation: Generation,
    /// First day of the examination.
    pub on: Day,
    pub today: Day,
    pub enrolment: Option<&'a EnrolmentIndex>,
    /// The name of a running batch of this occupation and level that a number is already registered in.
    pub running: &'a dyn Fn(&str) -> Option<String>,
    /// The clause by which only the body's own students may be examined (一（一）3, 一（一）4), where one says so.
    pub own_students: Option<Clause>,
    /// Whether made-up people are expected, as in the demonstration: nobody is asked about county 350199 or about
    /// having been born in 1880.
    pub made_up_people: bool,
}

/// A row without a fault: what a later rule uses, nothing else. `None` where neither row nor register says it.
#[derive(Debug, Clone, PartialEq)]
pub struct GoodRow {
    pub sheet: String,
    /// As the program numbers it, from 1.
    pub row: u32,
    pub name: String,
    pub id_kind: IdKind,
    /// Normalised.
    pub id_number: String,
    pub born: Day,
    pub sex: Option<Sex>,
    /// The code of the condition that holds: `N4-3`.
    pub condition: &'static str,
    pub student_no: Option<String>,
    pub major: Option<String>,
    pub phone: Option<String>,
}

/// What came of reading a roster.
#[derive(Debug, Clone, Default)]
pub struct RosterCheck {
    /// Rows that speak of a candidate.
    pub rows_read: usize,
    pub good: Vec<GoodRow>,
    /// Rows whose one fault is that no line of the conditions is shown, each with what is wanting; their condition is blank. The
    /// centre may let such a person be examined as an exception.
    pub short: Vec<(GoodRow, String)>,
    /// In the order of the file.
    pub findings: Vec<Finding>,
}

/// Reads and checks a roster. Refused when the file cannot be read as a table at all; everything else is a finding.
pub fn check_roster<'a>(bytes: &[u8], context: &'a RosterContext<'a>) -> Result<RosterCheck, Refusal> {
    let mut book = Workbook::open(bytes)?;
    let mut check = RosterCheck::default();
    let mut seen = Seen::default();
    let mut findings = Vec::new();
    let missing = table::read(&mut book, &[Column::Name, Column::IdNumber], |row| {
        if !speaks_of_someone(row) {
            return true;
        }
        if check.rows_read == ROWS_MAX {
            findings.push(Finding::new(
                row.place(Column::Name),
                FaultKind::RowBeyondLimit,
                HOUSE,
                format!("一个文件最多{ROWS_MAX}行，从这一行起没有读取"),
                "请把其余各行放进另一个文件上传",
            ));
            return false;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context, findings: &mut findings, faults: 0 };
        match reading.candidate(&mut seen) {
            Some((good, None)) => check.good.push(good),
            Some((short, Some(lacks))) => check.short.push((short, lacks)),
            None => {}
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}

/// Whether a row is about a person rather than a note below the table or an empty line with preset values.
fn speaks_of_someone(row: &Row) -> bool {
    const PERSONAL: &[Column] = &[Column::Sex, Column::Born, Column::Phone, Column::StudentNumber];
    row.get(Column::Name).is_some()
        || row.get(Column::IdNumber).is_some()
        || PERSONAL.iter().filter(|column| row.get(**column).is_some()).count() >= 2
}

/// Where each number was seen first.
#[derive(Default)]
pub(crate) struct Seen {
    sheets: Vec<String>,
    rows: HashMap<String, (usize, u32)>,
}

impl Seen {
    /// The sheet and row where the number stood before, or a note of where it stands now.
    pub(crate) fn before(&mut self, number: &str, sheet: &str, row: u32) -> Option<(&str, u32)> {
        if let Some(&(at, row)) = self.rows.get(number) {
            return Some((&self.sheets[at], row));
        }
        if self.sheets.last().is_none_or(|last| last != sheet) {
            self.sheets.push(sheet.to_owned());
        }
        self.rows.insert(number.to_owned(), (self.sheets.len() - 1, row));
        None
    }
}

/// A row being read.
pub(crate) struct Reading<'r, 'a, X> {
    pub row: &'r Row<'r, 'a>,
    pub context: X,
    pub findings: &'r mut Vec<Finding>,
    /// Faults of this row so far.
    pub faults: usize,
}

impl<X> Reading<'_, '_, X> {
    /// Reports something at a column's cell.
    pub fn report(
        &mut self,
        column: impl table::Columns,
        kind: FaultKind,
        ground: impl Into<Ground>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.push(Finding::new(self.row.place(column), kind, ground, reason, remedy));
    }

    /// Passes on a refusal of `rules`.
    pub fn refuse(&mut self, column: impl table::Columns, kind: FaultKind, refusal: Refusal) {
        self.push(Finding::from_refusal(self.row.place(column), kind, refusal));
    }

    /// Passes on a refusal of `rules` at the cell of a column that is named at run time.
    pub fn refuse_more(&mut self, n: usize, kind: FaultKind, refusal: Refusal) {
        self.push(Finding::from_refusal(self.row.place_more(n), kind, refusal));
    }

    fn push(&mut self, finding: Finding) {
        self.faults += usize::from(finding.is_fault());
        self.findings.push(finding);
    }

    /// The name in a column, as it is to be stored.
    pub fn name(&mut self, column: impl table::Columns) -> Option<String> {
        let raw = match self.row.get(column) {
            Some(Value::Broken(error)) => {
                let reason = format!("单元格是公式错误值 {error}");
                self.report(column, FaultKind::CellBroken, HOUSE, reason, "请改为直接填写姓名");
                return None;
            }
            Some(Value::Text(text)) => text.clone(),
            Some(other) => Cow::Owned(other.shown()),
            None => Cow::Borrowed(""),
        };
        match value::person_name(&raw) {
            Ok(name) => Some(name),
            Err((kind, reason, remedy)) => {
                self.report(column, kind, HOUSE, reason, remedy);
                None
            }
        }
    }

    /// The identity in two columns; a number without a kind is what it looks like.
    pub fn identity(
        &mut self,
        kind_at: impl table::Columns,
        number_at: impl table::Columns,
        today: Day,
        made_up_people: bool,
    ) -> Option<identity::Identity> {
        const TEXT_FORMAT: &str = "请把该列单元格格式设为“文本”后，对照证件原件重新填写";
        let number = match self.row.get(number_at) {
            None => {
                self.report(number_at, FaultKind::IdMissing, HOUSE, "没有填写证件号码", "请对照证件原件填写");
                return None;
            }
            Some(Value::Broken(error)) => {
                let reason = format!("单元格是公式错误值 {error}");
                self.report(number_at, FaultKind::CellBroken, HOUSE, reason, "请改为直接填写证件号码");
                return None;
            }
            // From 16 digits on, a number in a cell has lost its last ones; shorter ones are whole.
            Some(Value::Number(number) | Value::Date(_, number)) if *number >= 1e15 => {
                let reason = "号码被存成数字，超过15位的末尾各位已经丢失，无法还原";
                self.report(number_at, FaultKind::IdAsNumber, Ground::Standard("GB 11643"), reason, TEXT_FORMAT);
                return None;
            }
            Some(Value::Date(_, number)) => Cow::Owned(value::plain_number(*number)),
            Some(other) => other.text(),
        };
        let kind = match self.row.text(kind_at) {
            None => identity::guess(&number).unwrap_or(IdKind::ResidentId),
            Some(text) => match IdKind::from_text(&text) {
                Some(kind) => kind,
                None => {
                    let names: Vec<_> = IdKind::ALL.iter().map(|kind| kind.name()).collect();
                    let remedy = format!("请填写{}之一", names.join("、"));
                    let reason = format!("没有“{text}”这种证件类型");
                    self.report(kind_at, FaultKind::IdKindUnknown, HOUSE, reason, remedy);
                    return None;
                }
            },
        };
        let digits = number.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && digits < 15 && number.contains(['e', 'E']) && number.contains('+') {
            let reason = "号码成了科学计数法，末尾各位已经丢失，无法还原";
            self.report(number_at, FaultKind::IdScientific, Ground::Standard("GB 11643"), reason, TEXT_FORMAT);
            return None;
        }
        let mut found = match identity::check(kind, &number, today) {
            Ok(found) => found,
            Err(refusal) => {
                let fault = fault_of(kind, &number, today, &refusal);
                if fault == FaultKind::IdKindMismatch {
                    let looks = identity::guess(&number).map_or("其他证件", IdKind::name);
                    let reason = format!("号码是{looks}的样式，证件类型却是{}", kind.name());
                    let remedy = format!("请把证件类型改为“{looks}”，或对照原件核对号码");
                    self.report(kind_at, fault, refusal.ground, reason, remedy);
                } else {
                    self.refuse(number_at, fault, refusal);
                }
                return None;
            }
        };
        if let Some(Value::Text(raw)) = self.row.get(number_at)
            && raw.chars().any(|c| matches!(c, '\u{ff01}'..='\u{ff5e}'))
        {
            let reason = format!("号码含全角字符，已按 {} 读取", found.number);
            self.report(number_at, FaultKind::IdFullWidth, HOUSE, reason, "请改为半角字符，以免别的系统读不出来");
        }
        // Warnings are sentences; the one about the county that made-up people live in is not worth 10,000 repeats.
        let asked = found.warning.take().unwrap_or_default();
        let asked: Vec<_> =
            asked.split(['。', '；']).filter(|s| !(s.is_empty() || made_up_people && s.contains("350199"))).collect();
        if !asked.is_empty() {
            self.report(
                number_at,
                FaultKind::IdAsked,
                Ground::Standard("GB 11643"),
                asked.join("；"),
                "请对照证件原件核对",
            );
        }
        Some(found)
    }

    /// The date in a column; a value that is none is a fault.
    pub fn date(&mut self, column: impl table::Columns) -> Option<value::Dated> {
        let value = self.row.get(column)?;
        let date = value.date();
        if date.is_none() {
            let shown = value.shown();
            let (reason, remedy) = match value {
                Value::Number(_) if shown.len() == 6 && shown.ends_with(".1") => {
                    (format!("“{shown}”分不清是1月还是10月"), "请按 2008-10 的样式填写")
                }
                _ => (format!("“{shown}”不是能识别的日期"), "请按 2008-05-01 的样式填写"),
            };
            self.report(column, FaultKind::DateUnreadable, HOUSE, reason, remedy);
        }
        date
    }
}

/// Why a number was refused, by the number itself.
fn fault_of(kind: IdKind, number: &str, today: Day, refusal: &Refusal) -> FaultKind {
    let number: String = value::squeezed(number);
    if refusal.field == Some("kind") || identity::guess(&number).is_some_and(|looks| !alike(looks, kind)) {
        return FaultKind::IdKindMismatch;
    }
    if !matches!(kind, IdKind::ResidentId | IdKind::ResidencePermit | IdKind::ForeignPr) {
        return if refusal.what.contains("校验码") { FaultKind::IdCheck } else { FaultKind::IdMalformed };
    }
    if number.chars().count() != 18 {
        return FaultKind::IdLength;
    }
    if !number.bytes().take(17).all(|b| b.is_ascii_digit()) {
        return FaultKind::IdMalformed;
    }
    if refusal.what.contains("Excel") {
        return FaultKind::IdAsNumber;
    }
    let part = |from: usize, to: usize| number[from..to].parse::<i16>().unwrap_or_default();
    match Day::new(part(6, 10), part(10, 12) as i8, part(12, 14) as i8) {
        Err(_) => FaultKind::IdBirthImpossible,
        Ok(born) if born > today => FaultKind::IdBirthFuture,
        Ok(_) if refusal.what.contains("校验码") => FaultKind::IdCheck,
        Ok(_) => FaultKind::IdMalformed,
    }
}

/// Whether a guess speaks for the kind that is claimed: kinds without a pattern of their own look like others.
fn alike(looks: IdKind, kind: IdKind) -> bool {
    looks == kind
        || matches!(kind, IdKind::Other | IdKind::ForeignPassport)
        || (kind == IdKind::ForeignPr && looks == IdKind::ForeignPrOld)
}

impl<'c> Reading<'_, '_, &'c RosterContext<'c>> {
    /// Checks the row; the candidate when nothing is wrong with it, or nothing but what is said beside it.
    fn candidate(&mut self, seen: &mut Seen) -> Option<(GoodRow, Option<String>)> {
        let context = self.context;
        let name = self.name(Column::Name);
        self.batch();
        let identity = self.identity(Column::IdKind, Column::IdNumber, context.today, context.made_up_people);
        self.phone();
        let Some(identity) = identity else {
            self.rest_without_identity();
            return None;
        };
        let (sex, born) = (self.sex(identity.sex), self.born(identity.born));
        if let Some((sheet, row)) = seen.before(&identity.number, self.row.sheet, self.row.number) {
            let place = if sheet == self.row.sheet { String::new() } else { format!("工作表“{sheet}”") };
            let reason = format!("与{place}第{row}行是同一个证件号码");
            self.report(Column::IdNumber, FaultKind::DuplicateInFile, HOUSE, reason, "请只保留一行");
            return None;
        }
        if let Some(batch) = (context.running)(&identity.number) {
            let reason = format!("已在进行中的批次“{batch}”报名");
            let remedy = "请删除本行，或先在该批次中退出报名";
            self.report(Column::IdNumber, FaultKind::AlreadyRunning, HOUSE, reason, remedy);
        }
        let student = self.student(&identity.number, name.as_deref());
        let held_level = self.held_level();
        let held_number = self.held_number(held_level);
        let work_since = self.date(Column::WorkSince).and_then(value::Dated::first_day);
        let work_years = self.years();
        let held_on = self.date(Column::HeldOn).and_then(value::Dated::first_day);
        let title = self.title();
        let born = born?;
        if !self.old_enough(born) || self.faults > 0 {
            return None;
        }
        let major = student.and_then(|s| s.enrolled.major.clone()).or_else(|| self.own(Column::Major));
        let education = self.own(Column::Education);
        let condition = self.own(Column::Condition);
        let claim = Claim {
            condition: condition.as_deref(),
            born,
            on: context.on,
            work_years,
            work_since,
            education: education.as_deref(),
            held_level,
            held_number: held_number.as_deref(),
            held_on,
            title,
            enrolled: student.map(|student| &student.enrolled),
            major_matches: context.major_matches(major.as_deref()),
        };
        let (code, lacks) = match eligibility::check(context.level, context.generation, &claim) {
            Ok(line) => (line.code, None),
            Err(refusal) => {
                let stated =
                    eligibility::stated(context.level, context.generation, condition.as_deref().unwrap_or_default());
                let kind = match stated {
                    Stated::Unknown => FaultKind::ConditionUnknown,
                    _ => FaultKind::ConditionNotMet,
                };
                let lacks = refusal.what.clone();
                self.refuse(Column::Condition, kind, refusal);
                if kind == FaultKind::ConditionUnknown {
                    return None;
                }
                ("", Some(lacks))
            }
        };
        let row = GoodRow {
            sheet: self.row.sheet.to_owned(),
            row: self.row.number,
            name: name?,
            id_kind: identity.kind,
            id_number: identity.number,
            born,
            sex,
            condition: code,
            student_no: student.map(|s| s.student_no.clone()).or_else(|| self.own(Column::StudentNumber)),
            major,
            phone: self.own(Column::Phone),
        };
        Some((row, lacks))
    }

    fn own(&self, column: Column) -> Option<String> {
        self.row.text(column).map(Cow::into_owned)
    }

    /// Columns that can be read although nobody knows whose they are.
    fn rest_without_identity(&mut self) {
        self.date(Column::WorkSince);
        self.date(Column::HeldOn);
        self.years();
        let level = self.held_level();
        self.held_number(level);
    }

    /// The occupation and level that the row names must be the batch's; a row that names none means the batch.
    fn batch(&mut self) {
        if let Some(text) = self.row.text(Column::Occupation)
            && !self.context.is_occupation(&text)
        {
            let batch = self.context.occupation_names.first().map_or(self.context.occupation_code, String::as_str);
            let reason = format!("本批次的职业是{batch}");
            self.report(
                Column::Occupation,
                FaultKind::OccupationDiffers,
                HOUSE,
                reason,
                "请改正，或把本行放到相应批次",
            );
        }
        let Some(text) = self.row.text(Column::Level) else { return };
        match Level::from_text(&text) {
            Err(refusal) => self.refuse(Column::Level, FaultKind::LevelUnknown, refusal),
            Ok(level) if level != self.context.level => {
                let reason = format!("本批次的等级是{}", self.context.level.name());
                self.report(Column::Level, FaultKind::LevelDiffers, HOUSE, reason, "请改正，或把本行放到相应批次");
            }
            Ok(_) => {}
        }
    }

    fn sex(&mut self, by_number: Option<Sex>) -> Option<Sex> {
        let text = self.row.text(Column::Sex);
        let written = text.as_deref().and_then(Sex::from_text);
        match (&text, written, by_number) {
            (Some(text), None, _) => {
                let reason = format!("“{text}”不是性别");
                self.report(Column::Sex, FaultKind::SexUnknown, HOUSE, reason, "请填写男或女");
            }
            (_, Some(written), Some(number)) if written != number => {
                let reason = format!("证件号码显示为{}", number.name());
                let remedy = "请对照证件原件核对性别和证件号码";
                self.report(Column::Sex, FaultKind::SexMismatch, Ground::Standard("GB 11643"), reason, remedy);
            }
            _ => {}
        }
        by_number.or(written)
    }

    /// The birthday: the number's, which a written one must agree with, or the written one where numbers have none.
    fn born(&mut self, by_number: Option<Day>) -> Option<Day> {
        let written = self.date(Column::Born);
        match (by_number, written) {
            (Some(born), Some(written)) if !written.agrees(born) => {
                let reason = format!("证件号码显示为{born}");
                let remedy = "请对照证件原件核对出生日期和证件号码";
                self.report(Column::Born, FaultKind::BirthMismatch, Ground::Standard("GB 11643"), reason, remedy);
                Some(born)
            }
            (Some(born), _) => Some(born),
            (None, Some(value::Dated::Day(born))) => Some(born),
            (None, Some(value::Dated::Month(_)) | None)
                if self.row.get(Column::Born).is_none() || written.is_some() =>
            {
                let reason = "这种证件的号码不含出生日期，须另填年月日";
                self.report(Column::Born, FaultKind::BirthMissing, HOUSE, reason, "请对照证件填写出生日期");
                None
            }
            _ => None,
        }
    }

    fn old_enough(&mut self, born: Day) -> bool {
        let age = identity::age_on(born, self.context.on);
        let column = if self.row.get(Column::Born).is_some() { Column::Born } else { Column::IdNumber };
        if age < terms::AGE_MIN {
            let from = born.saturating_add(jiff::Span::new().years(i64::from(terms::AGE_MIN)));
            let reason = format!("考试当天（{}）{age}周岁，未满{}周岁", self.context.on, terms::AGE_MIN);
            let remedy = format!("请删除本行；该生{from}起可以报名参加考试");
            self.report(column, FaultKind::UnderAge, eligibility::GROUND, reason, remedy);
            return false;
        }
        if age > terms::AGE_ASKED && !(self.context.made_up_people && born.year() == 1880) {
            let reason = format!("考试当天{age}周岁，超过{}周岁", terms::AGE_ASKED);
            self.report(column, FaultKind::AgeAsked, HOUSE, reason, "请对照证件原件核对号码");
        }
        true
    }

    /// A phone number serves to reach someone; no rule turns on it.
    fn phone(&mut self) {
        let Some(text) = self.row.text(Column::Phone) else { return };
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let digits = digits.strip_prefix("+86").unwrap_or(&digits);
        let mobile = digits.len() == 11
            && digits.bytes().all(|b| b.is_ascii_digit())
            && matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..]);
        if !mobile {
            let reason = "不是11位的手机号码，考生收不到通知";
            self.report(Column::Phone, FaultKind::PhoneMalformed, HOUSE, reason, "请核对手机号码");
        }
    }

    /// The candidate in the enrolment register, with which the row must agree.
    fn student(&mut self, number: &str, name: Option<&str>) -> Option<&'c EnrolmentRow> {
        let Some(student) = self.context.enrolment?.get(number) else {
            if let Some(clause) = self.context.own_students {
                let reason = "学籍名册中没有这个证件号码，只能认定本校学生";
                let remedy = "请核对证件号码；确是本校学生的，先更新学籍名册";
                self.report(Column::IdNumber, FaultKind::NotEnrolled, clause, reason, remedy);
            }
            return None;
        };
        if let (Some(clause), Some(gone)) = (self.context.own_students, student.enrolled.gone_by(self.context.on)) {
            let reason = format!("学籍名册显示该生{gone}，考试时不是本校学生");
            let remedy = "请删除本行；名册有误的，先更新学籍名册";
            self.report(Column::IdNumber, FaultKind::NotEnrolled, clause, reason, remedy);
        }
        if name.is_some_and(|name| name != student.name) {
            let reason = format!("学籍名册中这个证件号码的姓名是“{}”", student.name);
            let remedy = "请对照证件核对姓名；名册有误的，先更新学籍名册";
            self.report(Column::Name, FaultKind::EnrolmentNameDiffers, HOUSE, reason, remedy);
        }
        if self.row.text(Column::StudentNumber).is_some_and(|number| number != student.student_no) {
            let reason = format!("学籍名册中的学号是{}", student.student_no);
            let remedy = "请核对学号；名册有误的，先更新学籍名册";
            self.report(Column::StudentNumber, FaultKind::EnrolmentNumberDiffers, HOUSE, reason, remedy);
        }
        Some(student)
    }

    fn held_level(&mut self) -> Option<Level> {
        let text = self.row.text(Column::HeldLevel)?;
        if matches!(&*text, "无" | "没有" | "/" | "-" | "--") {
            return None;
        }
        match Level::from_text(&text) {
            Ok(level) => Some(level),
            Err(refusal) => {
                self.refuse(Column::HeldLevel, FaultKind::LevelUnknown, refusal);
                None
            }
        }
    }

    fn held_number(&mut self, level: Option<Level>) -> Option<String> {
        let text = self.row.text(Column::HeldNumber)?;
        if matches!(&*text, "无" | "没有" | "/" | "-" | "--") {
            return None;
        }
        match certificate::parse_any_held(&text) {
            Err(refusal) => {
                self.refuse(Column::HeldNumber, FaultKind::HeldNumberMalformed, refusal);
                None
            }
            Ok(number) => {
                if let (Some(written), Some(shown)) = (level, number.level())
                    && written != shown
                {
                    let reason = format!("证书编号显示为{}", shown.name());
                    let remedy = "请对照所持证书核对等级和编号";
                    self.report(Column::HeldLevel, FaultKind::HeldLevelDiffers, certificate::CODE_RULE, reason, remedy);
                }
                Some(number.to_string())
            }
        }
    }

    fn years(&mut self) -> Option<f64> {
        let value = self.row.get(Column::WorkYears)?;
        let years = value.years();
        if years.is_none() {
            let reason = format!("“{}”不是年数", value.shown());
            self.report(Column::WorkYears, FaultKind::YearsUnreadable, HOUSE, reason, "请只填数字，如 3 或 2.5");
        }
        years
    }

    fn title(&mut self) -> Option<Title> {
        let awarded_on = self.date(Column::TitleOn).and_then(value::Dated::first_day);
        let rank = Rank::from_text(&self.row.text(Column::Title)?)?;
        Some(Title { rank, awarded_on })
    }
}

impl RosterContext<'_> {
    /// Whether a cell names the occupation of the batch: its code, or one of its names, alone or beside others.
    fn is_occupation(&self, text: &str) -> bool {
        if self.occupation_names.iter().any(|name| name == text) {
            return true;
        }
        let text = value::squeezed(text);
        let named = |part: &str| self.occupation_names.iter().any(|name| value::squeezed(name) == part);
        text.contains(self.occupation_code)
            || named(&text)
            || text.split(['/', '(', ')', '、', '-', '—', '|', ',', ':']).any(|part| !part.is_empty() && named(part))
    }

    /// Whether a major is one that the filing pairs with the occupation; one contains the other's name where schools
    /// add a direction.
    fn major_matches(&self, major: Option<&str>) -> bool {
        self.majors.is_empty()
            || major.is_some_and(|major| {
                if self.majors.iter().any(|name| name == major) {
                    return true;
                }
                let major = value::squeezed(major);
                self.majors.iter().any(|name| {
                    let name = value::squeezed(name);
                    !name.is_empty() && !major.is_empty() && (major.contains(&name) || name.contains(&major))
                })
            })
    }
}
