//! What a school has in lists of its own when it applies: its majors, its people with their cards, its rooms, equipment and
//! cameras. Columns in any order and under the names people give them; good rows are kept, the others are findings.

use rules::certificate::Level;
use rules::filing::{PersonKind, SiteKind};
use rules::terms::RECORDING_DAYS;
use rules::{Clause, Day, Ground, Refusal};
use rust_xlsxwriter::XlsxError;

use crate::finding::{FaultKind, Finding};
use crate::roster::{Reading, Seen};
use crate::table::{self, Columns, columns};
use crate::template::{explain, fill_in};
use crate::value::{self, Dated, Value};
use crate::workbook::Workbook;

/// Rows of one file at most; an application holds no more.
const ROWS_MAX: usize = 500;
/// Characters of one entry.
const TEXT_MAX: usize = 200;
/// The most that a count may be.
const COUNT_MAX: i64 = 1_000_000;
const HOUSE: Ground = Ground::House("申请表格");

/// What came of reading a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListCheck<R> {
    pub rows_read: usize,
    /// Rows without a fault.
    pub rows: Vec<R>,
    pub findings: Vec<Finding>,
}

/// A major of the school's catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MajorRow {
    pub code: String,
    pub name: String,
    /// 中级工班, 高级工班 …; empty where the file says nothing.
    pub class_kind: String,
    pub is_main: bool,
    /// The year in which it was opened.
    pub since: Option<i64>,
}

/// Someone of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    pub kind: PersonKind,
    pub name: String,
    /// The code of the occupation; `None` for all of them.
    pub trade_code: Option<String>,
    pub level_max: Option<Level>,
    pub card_number: String,
    pub card_valid_until: Option<Day>,
}

/// A room, station, machine or camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRow {
    pub kind: SiteKind,
    pub name: String,
    /// The code of the occupation; `None` for all of them.
    pub trade_code: Option<String>,
    pub count: i64,
    pub note: String,
    pub days_kept: Option<i64>,
}

columns! {
    /// Columns of a catalogue of majors.
    MajorColumn {
        Code "专业代码" "代码" "专业编号";
        Name "专业名称" "专业";
        ClassKind "培养层次" "班型" "层次" "培养目标" "学制层次";
        Main "主干专业" "是否主干专业" "是否主干" "主干";
        Since "开设年份" "开设时间" "开设年月" "设置年份" "开始年份" "开办年份";
    }
}

columns! {
    /// Columns of a list of people.
    PersonColumn {
        Name "姓名" "人员姓名";
        Kind "类别" "人员类别" "人员类型" "岗位" "岗位类别";
        Trade "职业" "职业工种" "职业名称" "职业（工种）" "考评职业" "职业代码";
        Level "最高等级" "可考评的最高等级" "可考评等级" "考评等级" "等级";
        Card "证卡编号" "证卡号" "证卡号码" "证书编号" "证件编号";
        Until "证卡有效期至" "有效期至" "证卡有效期" "有效期" "有效期截止";
    }
}

columns! {
    /// Columns of a list of rooms, stations, equipment and cameras.
    SiteColumn {
        Name "名称" "场地名称" "设备名称" "场地设备名称";
        Kind "类别" "类型" "场地设备类别";
        Trade "职业" "职业工种" "职业名称" "职业（工种）" "适用职业" "职业代码";
        Count "数量" "座位数" "工位数" "台套数" "数量（台套）";
        Note "位置、型号、分辨率" "说明" "位置" "型号" "规格型号" "备注";
        Days "录像保存天数" "保存天数" "录像保存（天）" "录像保存";
    }
}

/// Reads a catalogue of majors. Refused when the file cannot be read as a table; everything else is a finding.
///
/// # Errors
/// A refusal that names the file.
pub fn read_majors(bytes: &[u8], today: Day) -> Result<ListCheck<MajorRow>, Refusal> {
    use MajorColumn as C;
    read(bytes, &[C::Code, C::Name], |reading, seen| {
        let (code, name) = (reading.number(C::Code, "专业代码"), reading.words(C::Name, "专业名称"));
        let code = reading.needed(C::Code, Clause::S1_2_1, "专业代码", code);
        let name = reading.needed(C::Name, Clause::S1_2_1, "专业名称", name);
        let class_kind = reading.words(C::ClassKind, "培养层次");
        let is_main = match reading.row.text(C::Main).as_deref() {
            None | Some("否" | "不是" | "×" | "0" | "N" | "n" | "no") => false,
            Some("是" | "√" | "✓" | "1" | "Y" | "y" | "yes" | "主干" | "主干专业" | "TRUE") => true,
            Some(other) => {
                let reason = format!("“{other}”看不出是不是主干专业");
                reading.report(C::Main, FaultKind::MainUnknown, Clause::S1_2_1, reason, "请填写“是”或“否”，空着为“否”");
                false
            }
        };
        let since = reading.row.get(C::Since).and_then(|value| {
            let year = year_of(value).filter(|year| (1900..=i64::from(today.year()) + 1).contains(year));
            if year.is_none() {
                let reason = format!("“{}”不是能识别的年份", value.shown());
                reading.report(C::Since, FaultKind::YearUnreadable, HOUSE, reason, "请按 2018 的样式填写");
            }
            year
        });
        let (code, name) = (code?, name?);
        reading.once(seen, C::Code, &code, "专业代码");
        Some(MajorRow { code, name, class_kind, is_main, since })
    })
}

/// Reads a list of people; `planned` are code and name of the application's occupations.
///
/// # Errors
/// A refusal that names the file.
pub fn read_people(bytes: &[u8], planned: &[(String, String)], today: Day) -> Result<ListCheck<PersonRow>, Refusal> {
    use PersonColumn as C;
    read(bytes, &[C::Name, C::Kind], |reading, seen| {
        let name = reading.name(C::Name);
        let kinds: Vec<_> = PersonKind::ALL.iter().map(|kind| (kind.name(), *kind)).collect();
        let kind = reading.one_of(
            C::Kind,
            Clause::S1_2_2,
            &kinds,
            &[
                ("专职人员", PersonKind::FullTime),
                ("考评员", PersonKind::Assessor),
                ("高级考评员", PersonKind::Assessor),
                ("质量督导员", PersonKind::Inspector),
                ("督导员", PersonKind::Inspector),
            ],
        );
        let trade_code = reading.trade(C::Trade, planned);
        let level_max = reading.row.text(C::Level).and_then(|text| {
            Level::from_text(&text).map_err(|refusal| reading.refuse(C::Level, FaultKind::LevelUnknown, refusal)).ok()
        });
        let card_number = reading.number(C::Card, "证卡编号");
        let card_valid_until = match reading.date(C::Until) {
            Some(Dated::Day(day)) => Some(day),
            Some(Dated::Month(_)) => {
                let remedy = "请对照证卡写到日，如 2028-12-31";
                reading.report(C::Until, FaultKind::DateUnreadable, Clause::S1_2_2, "有效期只写到了月", remedy);
                None
            }
            None => None,
        };
        if let Some(until) = card_valid_until.filter(|until| *until < today) {
            let remedy = "请补填仍有效的证卡，否则不能提交";
            reading.report(C::Until, FaultKind::CardExpired, Clause::S1_2_2, format!("证卡已于 {until} 到期"), remedy);
        }
        let (name, kind) = (name?, kind?);
        let key = format!("{}|{name}|{}", kind.code(), trade_code.as_deref().unwrap_or_default());
        reading.once(seen, C::Name, &key, "姓名、类别和职业");
        Some(PersonRow { kind, name, trade_code, level_max, card_number, card_valid_until })
    })
}

/// Reads a list of rooms, stations, equipment and cameras; `planned` as for [`read_people`].
///
/// # Errors
/// A refusal that names the file.
pub fn read_sites(bytes: &[u8], planned: &[(String, String)]) -> Result<ListCheck<SiteRow>, Refusal> {
    use SiteColumn as C;
    read(bytes, &[C::Name, C::Kind], |reading, seen| {
        let name = reading.words(C::Name, "名称");
        let name = reading.needed(C::Name, Clause::S1_2_3, "名称", name);
        let kinds: Vec<_> = SiteKind::ALL.iter().map(|kind| (kind.name(), *kind)).collect();
        let kind = reading.one_of(
            C::Kind,
            Clause::S1_2_3,
            &kinds,
            &[
                ("理论教室", SiteKind::TheoryRoom),
                ("实操场地", SiteKind::PracticalStation),
                ("设备", SiteKind::Equipment),
                ("监控", SiteKind::Camera),
                ("摄像头", SiteKind::Camera),
            ],
        );
        let trade_code = reading.trade(C::Trade, planned);
        let count = match reading.row.get(C::Count) {
            None => {
                let remedy = "请填写座位、工位、设备或摄像头的数量";
                reading.report(C::Count, FaultKind::CountUnreadable, Clause::S1_2_3, "没有填写数量", remedy);
                None
            }
            Some(_) => reading.count(C::Count, "数量"),
        };
        let note = reading.words(C::Note, "说明");
        let days_kept = reading.row.get(C::Days).and_then(|_| reading.count(C::Days, "录像保存天数"));
        if kind == Some(SiteKind::Camera) && days_kept.is_none_or(|days| days < i64::from(RECORDING_DAYS)) {
            let reason =
                days_kept.map_or("没有填写录像保存天数".to_owned(), |days| format!("录像只保存 {days} 天"));
            let remedy = format!("录像至少保存 {RECORDING_DAYS} 天，否则不能提交");
            reading.report(C::Days, FaultKind::RecordingShort, Ground::House("录像保存"), reason, remedy);
        }
        let (name, kind, count) = (name?, kind?, count?);
        let key = format!("{}|{name}|{}", kind.code(), trade_code.as_deref().unwrap_or_default());
        reading.once(seen, C::Name, &key, "名称、类别和职业");
        Some(SiteRow { kind, name, trade_code, count, note, days_kept })
    })
}

/// Walks a file's rows; a row in which `required` is wholly blank is a note, not a row.
fn read<C: Columns, R>(
    bytes: &[u8],
    required: &[C],
    mut each: impl FnMut(&mut Reading<'_, '_, ()>, &mut Seen) -> Option<R>,
) -> Result<ListCheck<R>, Refusal> {
    let mut book = Workbook::open(bytes)?;
    let mut check = ListCheck { rows_read: 0, rows: Vec::new(), findings: Vec::new() };
    let (mut seen, mut findings) = (Seen::default(), Vec::new());
    let missing = table::read(&mut book, required, |row| {
        if required.iter().all(|column| row.get(*column).is_none()) {
            return true;
        }
        if check.rows_read == ROWS_MAX {
            let reason = format!("一个文件最多{ROWS_MAX}行，从这一行起没有读取");
            let place = row.place(required[0]);
            findings.push(Finding::new(place, FaultKind::RowBeyondLimit, HOUSE, reason, "请合并同类项"));
            return false;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context: (), findings: &mut findings, faults: 0 };
        let read = each(&mut reading, &mut seen);
        if reading.faults == 0 {
            check.rows.extend(read);
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}

/// The year of a cell: `2018`, `2018年`, `2018-09`, a day.
fn year_of(value: &Value) -> Option<i64> {
    let text = value.text();
    let digits = text.trim_end_matches('年').trim();
    if digits.len() == 4 {
        return digits.parse().ok();
    }
    value.date().map(|date| i64::from(date.month().year))
}

impl Reading<'_, '_, ()> {
    /// A text that must be there.
    fn needed(&mut self, column: impl Columns, clause: Clause, what: &str, text: String) -> Option<String> {
        if text.is_empty() {
            if self.faults == 0 || self.row.get(column).is_none() {
                let reason = format!("没有填写{what}");
                self.report(column, FaultKind::EntryMissing, clause, reason, format!("请填写{what}，或删去这一行"));
            }
            return None;
        }
        Some(text)
    }

    /// Words as they were written, wide brackets and all; they may be absent.
    fn words(&mut self, column: impl Columns, what: &str) -> String {
        let text = self.row.get(column).map(Value::shown).unwrap_or_default();
        self.bounded(column, what, text)
    }

    fn bounded(&mut self, column: impl Columns, what: &str, text: String) -> String {
        let length = text.chars().count();
        if length > TEXT_MAX {
            let reason = format!("{what}有{length}字，超过{TEXT_MAX}字");
            self.report(column, FaultKind::EntryTooLong, HOUSE, reason, "请写得简短一些，详细内容作为材料上传");
        }
        text
    }

    /// A number that is a name: narrow text, or a number that has kept its digits.
    fn number(&mut self, column: impl Columns, what: &str) -> String {
        match self.row.get(column) {
            Some(Value::Number(number) | Value::Date(_, number)) if *number >= 1e15 => {
                let reason = format!("{what}被存成数字，超过15位的末尾各位已经丢失，无法还原");
                let remedy = "请把该列单元格格式设为“文本”后重新填写";
                self.report(column, FaultKind::IdAsNumber, HOUSE, reason, remedy);
                String::new()
            }
            Some(Value::Date(_, number)) => value::plain_number(*number),
            Some(Value::Broken(error)) => {
                let reason = format!("单元格是公式错误值 {error}");
                self.report(column, FaultKind::CellBroken, HOUSE, reason, format!("请改为直接填写{what}"));
                String::new()
            }
            _ => {
                let text = self.row.text(column).map(|text| text.into_owned()).unwrap_or_default();
                self.bounded(column, what, text)
            }
        }
    }

    /// A whole number from nought.
    fn count(&mut self, column: impl Columns, what: &str) -> Option<i64> {
        let text = self.row.text(column)?;
        let bare = text.trim_end_matches(['个', '台', '套', '天', '座', '间']).trim();
        let number = bare.parse::<i64>().ok().filter(|number| (0..=COUNT_MAX).contains(number));
        if number.is_none() {
            let reason = format!("{what}“{text}”不是0至{COUNT_MAX}的整数");
            self.report(column, FaultKind::CountUnreadable, HOUSE, reason, "请填写整数，例如 40");
        }
        number
    }

    fn one_of<T: Copy>(
        &mut self,
        column: impl Columns,
        clause: Clause,
        known: &[(&str, T)],
        also: &[(&str, T)],
    ) -> Option<T> {
        let names = known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join("、");
        let text = self.row.text(column).map(|text| value::squeezed(&text));
        let found = text.as_ref().and_then(|text| known.iter().chain(also).find(|(name, _)| name == text));
        if found.is_none() {
            let reason = text.map_or("没有填写类别".to_owned(), |text| format!("没有“{text}”这一类别"));
            self.report(column, FaultKind::EntryUnknown, clause, reason, format!("请填写{names}之一"));
        }
        found.map(|(_, value)| *value)
    }

    /// The occupation that a row serves; blank or 全部 is all of them.
    fn trade(&mut self, column: impl Columns, planned: &[(String, String)]) -> Option<String> {
        let text = value::squeezed(&self.row.text(column)?);
        if matches!(text.as_str(), "全部" | "全部职业" | "所有职业") {
            return None;
        }
        let found = planned.iter().find(|(code, name)| {
            text == *code || text == value::squeezed(name) || text == value::squeezed(&format!("{code}{name}"))
        });
        if found.is_none() {
            let names = planned.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("、");
            let remedy = match names.as_str() {
                "" => "请先在“拟备案职业与等级”中填写该职业，或填“全部职业”".to_owned(),
                names => format!("请填写{names}之一，或填“全部职业”"),
            };
            let reason = format!("“{text}”不在拟备案的职业中");
            self.report(column, FaultKind::TradeNotPlanned, Clause::A1, reason, remedy);
        }
        found.map(|(code, _)| code.clone())
    }

    fn once(&mut self, seen: &mut Seen, column: impl Columns, key: &str, what: &str) {
        let Some((_, first)) = seen.before(key, self.row.sheet, self.row.number) else { return };
        let reason = format!("与第{first}行的{what}相同");
        self.report(column, FaultKind::DuplicateInFile, HOUSE, reason, "请只保留一行；同名的请在名字后加注区别");
    }
}

/// Columns of the catalogue of majors, with what to write in each and whether it must be filled.
const MAJORS: &[(&str, &str, bool)] = &[
    ("专业代码", "本列已设为文本格式，请勿改动", true),
    ("专业名称", "与办学许可一致；学籍名册、备案申请用同一名称", true),
    ("培养层次", "中级工班、高级工班、预备技师班等", false),
    ("主干专业", "是或否，空着为否；拟备案的职业应与主干专业相适应", false),
    ("开设年份", "如 2018", false),
];

/// Columns of the list of people.
const PEOPLE: &[(&str, &str, bool)] = &[
    ("姓名", "与证卡一致", true),
    ("类别", "从列表中选择", true),
    ("职业", "填拟备案职业的全称或代码；适用于全部职业的空着", false),
    ("最高等级", "考评人员填证卡上可考评的最高等级", false),
    ("证卡编号", "本列已设为文本格式，请勿改动；专职工作人员没有的空着", false),
    ("证卡有效期至", "如 2028-12-31", false),
];

/// Columns of the list of rooms, stations, equipment and cameras.
const SITES: &[(&str, &str, bool)] = &[
    ("名称", "一行一项", true),
    ("类别", "从列表中选择", true),
    ("职业", "填拟备案职业的全称或代码；几个职业共用的空着", false),
    ("数量", "座位、工位、设备或摄像头的数量", true),
    ("位置、型号、分辨率", "", false),
    ("录像保存天数", "只对视频监控填写，至少 180 天", false),
];

/// An empty catalogue of majors.
///
/// # Errors
/// If the workbook can't be written.
pub fn majors_template() -> Result<Vec<u8>, XlsxError> {
    let headings: Vec<_> = MAJORS.iter().map(|(name, _, must)| (*name, *must)).collect();
    let lists: &[(&str, &[&str])] =
        &[("培养层次", &["中级工班", "高级工班", "预备技师班"]), ("主干专业", &["是", "否"])];
    fill_in("专业目录", &headings, lists, &explain(MAJORS))
}

/// An empty list of people, with the application's occupations to choose from.
///
/// # Errors
/// If the workbook can't be written.
pub fn people_template(occupations: &[&str]) -> Result<Vec<u8>, XlsxError> {
    let headings: Vec<_> = PEOPLE.iter().map(|(name, _, must)| (*name, *must)).collect();
    let kinds: Vec<&str> = PersonKind::ALL.iter().map(|kind| kind.name()).collect();
    let levels: Vec<&str> = Level::ALL.iter().map(|level| level.name()).collect();
    let lists: &[(&str, &[&str])] = &[("类别", &kinds), ("职业", short_enough(occupations)), ("最高等级", &levels)];
    fill_in("人员队伍", &headings, lists, &explain(PEOPLE))
}

/// An empty list of rooms, stations, equipment and cameras, with the application's occupations to choose from.
///
/// # Errors
/// If the workbook can't be written.
pub fn sites_template(occupations: &[&str]) -> Result<Vec<u8>, XlsxError> {
    let headings: Vec<_> = SITES.iter().map(|(name, _, must)| (*name, *must)).collect();
    let kinds: Vec<&str> = SiteKind::ALL.iter().map(|kind| kind.name()).collect();
    let lists: &[(&str, &[&str])] = &[("类别", &kinds), ("职业", short_enough(occupations))];
    fill_in("场地设备监控", &headings, lists, &explain(SITES))
}

/// A list to choose from holds 255 characters at most; a longer one is not offered.
fn short_enough<'s, 't>(choices: &'s [&'t str]) -> &'s [&'t str] {
    let length: usize = choices.iter().map(|choice| choice.chars().count() + 1).sum();
    if length <= 255 { choices } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn planned() -> Vec<(String, String)> {
        [("6-18-01-01", "车工"), ("4-03-02-01", "中式烹调师")].map(|(c, n)| (c.to_owned(), n.to_owned())).to_vec()
    }

    fn said(findings: &[Finding]) -> Vec<(u32, &str, &str)> {
        findings.iter().map(|f| (f.row, f.column.as_str(), f.reason.as_str())).collect()
    }

    #[test]
    fn s1_2_2_people_are_read_from_what_schools_write() {
        let text = "示例学校人员名册,,,,,\n姓名,人员类别,职业（工种）,考评等级,证卡号,有效期至\n示例甲,考评员,车工,高级工,００１２３,2028年12月31日\n示例乙,专职工作人员,,,,\n示例丙,专家,全部职业,,示例证3,20281231\n";
        let check = read_people(text.as_bytes(), &planned(), day("2026-03-02")).unwrap();
        assert_eq!(check.findings, []);
        assert_eq!(check.rows_read, 3);
        let first = PersonRow {
            kind: PersonKind::Assessor,
            name: "示例甲".into(),
            trade_code: Some("6-18-01-01".into()),
            level_max: Some(Level::L3),
            card_number: "00123".into(),
            card_valid_until: Some(day("2028-12-31")),
        };
        assert_eq!(check.rows[0], first);
        assert_eq!((check.rows[1].kind, check.rows[2].trade_code.as_deref()), (PersonKind::FullTime, None));
        // The same in GBK.
        let (gbk, _, _) = encoding_rs::GBK.encode(text);
        assert_eq!(read_people(&gbk, &planned(), day("2026-03-02")).unwrap().rows, check.rows);
    }

    #[test]
    fn s1_2_2_each_fault_has_its_cell_and_good_rows_are_kept() {
        let text = "姓名,类别,职业,最高等级,证卡编号,证卡有效期至\n\
            示例甲,考评人员,车工,三级,1,2028-12-31\n\
            示例乙,考官,电工,九级,2,明年\n\
            ,专家,,,3,2028-12\n\
            示例丁,专家,,,4,2026-03-01\n\
            示例甲,考评人员,6-18-01-01,三级,5,2028-12-31\n";
        let check = read_people(text.as_bytes(), &planned(), day("2026-03-02")).unwrap();
        assert_eq!(
            said(&check.findings),
            [
                (3, "B", "没有“考官”这一类别"),
                (3, "C", "“电工”不在拟备案的职业中"),
                (3, "D", "“九级”不是职业技能等级"),
                (3, "F", "“明年”不是能识别的日期"),
                (4, "A", "没有填写姓名"),
                (4, "F", "有效期只写到了月"),
                (5, "F", "证卡已于 2026-03-01 到期"),
                (6, "A", "与第2行的姓名、类别和职业相同"),
            ]
        );
        // An expired card is a warning: the row is kept, the submission is what it stops.
        let kept: Vec<_> = check.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!((check.rows_read, kept), (5, vec!["示例甲", "示例丁"]));
        assert!(check.findings.iter().all(|finding| !finding.remedy.is_empty()));
    }

    #[test]
    fn s1_2_3_rooms_and_cameras_are_read_with_their_counts() {
        let text = "名称,类别,职业,数量,说明,录像保存（天）\n\
            示例教室,理论考场,,６０个,3层,\n\
            示例摄像头,视频监控,车工,8,,180天\n\
            示例监控,监控,,8,,90\n\
            示例设备,设备,车工,很多,,\n\
            示例工位,实操工位,车工,,,\n";
        let check = read_sites(text.as_bytes(), &planned()).unwrap();
        assert_eq!(
            said(&check.findings),
            [(4, "F", "录像只保存 90 天"), (5, "D", "数量“很多”不是0至1000000的整数"), (6, "D", "没有填写数量"),]
        );
        let kept: Vec<_> = check.rows.iter().map(|row| (row.name.as_str(), row.count, row.days_kept)).collect();
        assert_eq!(kept, [("示例教室", 60, None), ("示例摄像头", 8, Some(180)), ("示例监控", 8, Some(90))]);
    }

    #[test]
    fn s1_2_1_majors_are_read_with_what_is_main() {
        let text = "专业代码,专业名称,培养层次,是否主干专业,开设时间\n0501-4,烹饪（中式烹调）,高级工班,是,2018-09\n0202,数控加工,,√,2016年\n0603,茶艺,,,\n,无代码,,是,\n0704,汽车维修,,也许,去年\n0202,重复,,,\n";
        let check = read_majors(text.as_bytes(), day("2026-03-02")).unwrap();
        assert_eq!(
            said(&check.findings),
            [
                (5, "A", "没有填写专业代码"),
                (6, "D", "“也许”看不出是不是主干专业"),
                (6, "E", "“去年”不是能识别的年份"),
                (7, "A", "与第3行的专业代码相同"),
            ]
        );
        let kept: Vec<_> = check.rows.iter().map(|row| (row.code.as_str(), row.is_main, row.since)).collect();
        assert_eq!(kept, [("0501-4", true, Some(2018)), ("0202", true, Some(2016)), ("0603", false, None)]);
        assert_eq!(check.rows[0].name, "烹饪（中式烹调）", "as it was written");
    }

    #[test]
    fn a1_templates_are_read_as_they_are_written() {
        for bytes in [people_template(&["车工"]).unwrap(), sites_template(&[]).unwrap(), majors_template().unwrap()] {
            assert!(bytes.starts_with(b"PK"));
        }
        let empty = read_people(&people_template(&["车工"]).unwrap(), &planned(), day("2026-03-02")).unwrap();
        assert_eq!((empty.rows_read, empty.findings), (0, vec![]));
        assert_eq!(read_sites(&sites_template(&[]).unwrap(), &planned()).unwrap().findings, []);
        assert_eq!(read_majors(&majors_template().unwrap(), day("2026-03-02")).unwrap().findings, []);
    }
}
