//! A roster of made-up people with known faults, to prove and to measure the check. The same seed gives the same file.
//! Everyone is of county 350199, which was never assigned; phones begin with 154, which no operator has.

use jiff::civil::date;
use rules::certificate::Level;
use rules::eligibility::{Enrolled, Generation, Month};
use rules::{Clause, Day};
use rust_xlsxwriter::{Workbook, XlsxError};

use crate::enrolment::{EnrolmentIndex, EnrolmentRow};
use crate::finding::FaultKind;
use crate::roster::RosterContext;
use crate::template::REGISTRATION;
use crate::value::letters;

/// First day of the examination.
pub const ON: Day = date(2026, 12, 7);
/// The day of the check.
pub const TODAY: Day = date(2026, 11, 20);
/// The occupation's code in the edition of 2022.
pub const OCCUPATION_CODE: &str = "6-20-01-01";
/// The occupation and its major.
pub const OCCUPATION: &str = "钳工";
/// The worksheet.
pub const SHEET: &str = "报名表";

/// The faults that are planted, in turn.
pub const KINDS: &[FaultKind] = &[
    FaultKind::NameMissing,
    FaultKind::NameOdd,
    FaultKind::NameTooLong,
    FaultKind::IdMissing,
    FaultKind::IdKindUnknown,
    FaultKind::IdKindMismatch,
    FaultKind::IdLength,
    FaultKind::IdMalformed,
    FaultKind::IdCheck,
    FaultKind::IdBirthImpossible,
    FaultKind::IdBirthFuture,
    FaultKind::IdAsNumber,
    FaultKind::IdScientific,
    FaultKind::IdFullWidth,
    FaultKind::SexUnknown,
    FaultKind::SexMismatch,
    FaultKind::BirthMissing,
    FaultKind::BirthMismatch,
    FaultKind::UnderAge,
    FaultKind::AgeAsked,
    FaultKind::LevelUnknown,
    FaultKind::LevelDiffers,
    FaultKind::OccupationDiffers,
    FaultKind::ConditionUnknown,
    FaultKind::ConditionNotMet,
    FaultKind::HeldNumberMalformed,
    FaultKind::HeldLevelDiffers,
    FaultKind::DuplicateInFile,
    FaultKind::AlreadyRunning,
    FaultKind::NotEnrolled,
    FaultKind::EnrolmentNameDiffers,
    FaultKind::DateUnreadable,
    FaultKind::YearsUnreadable,
    FaultKind::PhoneMalformed,
];

/// A fault and where it must be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planted {
    /// As the program numbers it, from 1.
    pub row: u32,
    pub column: String,
    pub kind: FaultKind,
}

/// A made-up roster, the register it is checked against, and its faults.
pub struct Specimen {
    pub workbook: Vec<u8>,
    pub enrolment: EnrolmentIndex,
    /// Numbers that are registered in a running batch.
    pub running: Vec<String>,
    /// In the order of the rows.
    pub planted: Vec<Planted>,
    occupations: Vec<String>,
}

impl Specimen {
    /// A registration sheet of so many rows below two title rows and the heading, with so many faults spread over it.
    pub fn new(rows: usize, faults: usize, seed: u64) -> Result<Self, XlsxError> {
        let mut chance = Chance(seed);
        let mut students = Vec::with_capacity(rows);
        let (mut running, mut planted) = (Vec::new(), Vec::with_capacity(faults));
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.set_name(SHEET)?;
        sheet.write_string(0, 0, "示例技工学校职业技能等级认定报名表")?;
        sheet.write_string(1, 0, "填表日期：2026年11月20日")?;
        for (column, name) in (0..).zip(REGISTRATION) {
            sheet.write_string(2, column, name)?;
        }
        let mut first: Option<Person> = None;
        for index in 0..rows {
            let mut person = Person::new(index, &mut chance);
            let due = (index + 1) * faults / rows > index * faults / rows;
            if due {
                let kind = KINDS[planted.len() % KINDS.len()];
                let column = person.spoil(kind, first.as_ref(), &mut running);
                planted.push(Planted { row: index as u32 + 4, column: letters(column), kind });
            } else {
                first.get_or_insert_with(|| person.clone());
            }
            person.write(sheet, index as u32 + 3)?;
            students.extend(person.student);
        }
        Ok(Self {
            workbook: workbook.save_to_buffer()?,
            enrolment: EnrolmentIndex::new(students),
            running,
            planted,
            occupations: vec![OCCUPATION.to_owned()],
        })
    }

    /// What the roster is checked against; `running` comes from [`Specimen::is_running`].
    pub fn context<'a>(&'a self, running: &'a dyn Fn(&str) -> Option<String>) -> RosterContext<'a> {
        RosterContext {
            level: Level::L4,
            occupation_code: OCCUPATION_CODE,
            occupation_names: &self.occupations,
            majors: &self.occupations,
            generation: Generation::Since2023,
            on: ON,
            today: TODAY,
            enrolment: Some(&self.enrolment),
            running,
            own_students: Some(Clause::S1_1_3),
            made_up_people: true,
        }
    }

    /// The name of the running batch that a number is registered in.
    pub fn is_running(&self, number: &str) -> Option<String> {
        self.running.iter().any(|other| other == number).then(|| "2026年第3批".to_owned())
    }
}

/// A sequence of numbers that look random (the multiplier and increment of Knuth's MMIX).
pub struct Chance(pub u64);

impl Chance {
    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound.max(1)
    }
}

/// A resident number of county 350199 with the right check character.
pub fn resident_number(birth: &str, order: usize) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("350199{birth}{order:03}");
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// A row, cell by cell, and the student behind it.
#[derive(Clone)]
struct Person {
    cells: Vec<Cell>,
    student: Option<EnrolmentRow>,
}

#[derive(Clone)]
enum Cell {
    Blank,
    Text(String),
    Number(f64),
}

// Places of columns in the registration sheet.
const OCCUPATION_AT: usize = 1;
const LEVEL_AT: usize = 2;
const CONDITION_AT: usize = 3;
const KIND_AT: usize = 4;
const NUMBER_AT: usize = 5;
const NAME_AT: usize = 6;
const SEX_AT: usize = 7;
const BORN_AT: usize = 8;
const PHONE_AT: usize = 9;
const HELD_LEVEL_AT: usize = 11;
const HELD_NUMBER_AT: usize = 12;
const WORK_SINCE_AT: usize = 22;
const WORK_YEARS_AT: usize = 24;

impl Person {
    fn new(index: usize, chance: &mut Chance) -> Self {
        const FAMILY: &[&str] = &["陈", "林", "黄", "张", "吴", "李", "郑", "王", "刘", "苏", "欧阳", "上官"];
        const GIVEN: &[&str] = &["伟", "芳", "堃", "喆", "昇", "䶮", "𬎆", "㛃", "敏", "静", "强", "磊", "洋", "艳"];
        let mut pick = |list: &[&'static str]| list[chance.below(list.len())];
        let name = format!("{}{}{}", pick(FAMILY), pick(GIVEN), pick(GIVEN));
        // Ten thousand people share 972 birthdays of three years; the order within a day tells them apart. It
        // never ends in 0, so no number looks like one that a program rounded.
        let (year, month, day) = (2005 + index % 3, 1 + index / 3 % 12, 1 + index / 36 % 27);
        let order = 100 + index / 972 * 10 % 800 + 1 + chance.below(9);
        let number = resident_number(&format!("{year}{month:02}{day:02}"), order);
        let sex = if order % 2 == 1 { "男" } else { "女" };
        let student_no = format!("S{index:06}");
        let text = |text: &str| Cell::Text(text.to_owned());
        let spellings = [
            format!("{year}-{month:02}-{day:02}"),
            format!("{year}/{month}/{day}"),
            format!("{year}年{month}月{day}日"),
            format!("{year}{month:02}{day:02}"),
        ];
        let mut cells = vec![
            Cell::Number(index as f64 + 1.0),
            text(OCCUPATION),
            text(["四级/中级工", "四级", "中级工", "4"][index % 4]),
            text(["N4-3", "4-3", "3", ""][index % 4]),
            text(["居民身份证", "201", "身份证"][index % 3]),
            Cell::Text(number.clone()),
            Cell::Text(name.clone()),
            text(sex),
            Cell::Text(spellings[index % 4].clone()),
            if index.is_multiple_of(2) {
                Cell::Number(15_400_000_000.0 + index as f64)
            } else {
                Cell::Text(format!("154{index:08}"))
            },
            text("否"),
            Cell::Blank,
            Cell::Blank,
            text("初中"),
        ];
        let rest = [
            "福建省",
            "院校学生",
            "示例技工学校",
            "示例技工学校",
            "院校学生认定",
            OCCUPATION,
            "正考",
            "汉族",
            "",
            "",
            "",
            "福建省示例县",
            "群众",
            "",
            "2024年9月起在示例技工学校学习",
            "示例路1号",
            "自取",
            "350000",
            "示例路1号",
        ];
        cells.extend(rest.map(text));
        cells[23] = Cell::Text(format!("s{index:06}@example.org"));
        let graduation = Some(Month { year: 2027, month: 7 });
        let entry = Some(Month { year: 2024, month: 9 });
        let student = EnrolmentRow {
            student_no,
            name,
            id_number: number,
            class_name: Some(format!("2024级{}班", 1 + index / 50)),
            enrolled: Enrolled {
                class_kind: Some("中级工班".to_owned()),
                major: Some(OCCUPATION.to_owned()),
                entry,
                graduation,
                standing: None,
            },
        };
        Self { cells, student: Some(student) }
    }

    /// Plants a fault; the place of the column where it must be found.
    fn spoil(&mut self, kind: FaultKind, first: Option<&Person>, running: &mut Vec<String>) -> u32 {
        let number = self.number();
        let set = |cells: &mut Vec<Cell>, at: usize, text: &str| {
            cells[at] = Cell::Text(text.to_owned());
            at as u32
        };
        let cells = &mut self.cells;
        match kind {
            FaultKind::NameMissing => set(cells, NAME_AT, " "),
            FaultKind::NameOdd => set(cells, NAME_AT, "张三2"),
            FaultKind::NameTooLong => set(cells, NAME_AT, &"张".repeat(51)),
            FaultKind::IdMissing => set(cells, NUMBER_AT, ""),
            FaultKind::IdKindUnknown => set(cells, KIND_AT, "学生卡"),
            FaultKind::IdKindMismatch => set(cells, KIND_AT, "护照"),
            FaultKind::IdLength => set(cells, NUMBER_AT, &number[..17]),
            FaultKind::IdMalformed => set(cells, NUMBER_AT, &format!("{}O{}", &number[..8], &number[9..])),
            FaultKind::IdCheck => {
                let wrong = if number.ends_with('7') { '8' } else { '7' };
                set(cells, NUMBER_AT, &format!("{}{wrong}", &number[..17]))
            }
            FaultKind::IdBirthImpossible => set(cells, NUMBER_AT, &resident_number("20070231", 123)),
            FaultKind::IdBirthFuture => set(cells, NUMBER_AT, &resident_number("20990101", 123)),
            FaultKind::IdAsNumber => {
                cells[NUMBER_AT] = Cell::Number(number[..17].parse::<f64>().unwrap_or_default() * 10.0);
                NUMBER_AT as u32
            }
            FaultKind::IdScientific => set(cells, NUMBER_AT, "3.50199E+17"),
            FaultKind::IdFullWidth => {
                let wide: String = number.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xfee0)).collect();
                set(cells, NUMBER_AT, &wide)
            }
            FaultKind::SexUnknown => set(cells, SEX_AT, "未知"),
            FaultKind::SexMismatch => {
                let other = if matches!(&cells[SEX_AT], Cell::Text(sex) if sex == "男") { "女" } else { "男" };
                set(cells, SEX_AT, other)
            }
            FaultKind::BirthMissing => {
                let passport = format!("E{}", &number[6..14]);
                set(cells, KIND_AT, "护照");
                set(cells, NUMBER_AT, &passport);
                self.enrol(&passport);
                set(&mut self.cells, BORN_AT, "")
            }
            FaultKind::BirthMismatch => set(cells, BORN_AT, "2001-01-01"),
            FaultKind::UnderAge => self.rebirth("20101208", "2010-12-08", &number),
            FaultKind::AgeAsked => self.rebirth("19400105", "1940-01-05", &number),
            FaultKind::LevelUnknown => set(cells, LEVEL_AT, "九级"),
            FaultKind::LevelDiffers => set(cells, LEVEL_AT, "三级/高级工"),
            FaultKind::OccupationDiffers => set(cells, OCCUPATION_AT, "焊工"),
            FaultKind::ConditionUnknown => set(cells, CONDITION_AT, "N4-9"),
            FaultKind::ConditionNotMet => {
                if let Some(student) = &mut self.student {
                    student.enrolled.graduation = Some(Month { year: 2029, month: 7 });
                }
                CONDITION_AT as u32
            }
            FaultKind::HeldNumberMalformed => set(cells, HELD_NUMBER_AT, "Y0000350000012"),
            FaultKind::HeldLevelDiffers => {
                set(cells, HELD_NUMBER_AT, "Y000035000001254000001");
                set(cells, HELD_LEVEL_AT, "五级")
            }
            FaultKind::DuplicateInFile => {
                if let Some(first) = first {
                    for at in [KIND_AT, NUMBER_AT, NAME_AT, SEX_AT, BORN_AT] {
                        cells[at] = first.cells[at].clone();
                    }
                }
                self.student = None;
                NUMBER_AT as u32
            }
            FaultKind::AlreadyRunning => {
                running.push(number);
                NUMBER_AT as u32
            }
            FaultKind::NotEnrolled => {
                self.student = None;
                NUMBER_AT as u32
            }
            FaultKind::EnrolmentNameDiffers => set(cells, NAME_AT, "示例生"),
            FaultKind::DateUnreadable => set(cells, WORK_SINCE_AT, "去年"),
            FaultKind::YearsUnreadable => set(cells, WORK_YEARS_AT, "三年多"),
            FaultKind::PhoneMalformed => set(cells, PHONE_AT, "0591-00000000"),
            other => unreachable!("{other:?} cannot be planted in one row"),
        }
    }

    fn number(&self) -> String {
        match &self.cells[NUMBER_AT] {
            Cell::Text(number) => number.clone(),
            _ => String::new(),
        }
    }

    fn enrol(&mut self, number: &str) {
        if let Some(student) = &mut self.student {
            student.id_number = number.to_owned();
        }
    }

    /// Gives another birthday, the same in number, date and register; the order of the old number keeps it unique.
    fn rebirth(&mut self, digits: &str, written: &str, number: &str) -> u32 {
        let order = number[14..17].parse().unwrap_or_default();
        let number = resident_number(digits, order);
        self.cells[NUMBER_AT] = Cell::Text(number.clone());
        self.cells[BORN_AT] = Cell::Text(written.to_owned());
        self.enrol(&number);
        BORN_AT as u32
    }

    fn write(&self, sheet: &mut rust_xlsxwriter::Worksheet, row: u32) -> Result<(), XlsxError> {
        for (column, cell) in (0..).zip(&self.cells) {
            match cell {
                Cell::Text(text) if text.is_empty() => {}
                Cell::Text(text) => {
                    sheet.write_string(row, column, text)?;
                }
                Cell::Number(number) => {
                    sheet.write_number(row, column, *number)?;
                }
                Cell::Blank => {}
            }
        }
        Ok(())
    }
}
