//! Workbooks that the platform writes: templates that people fill in, and lists that they take away. Numbers that are
//! names (identity numbers, phones, student numbers) stand in columns formatted as text, so no program rounds them.

use rules::certificate::Level;
use rules::eligibility::Condition;
use rules::identity::IdKind;
use rules::register::CardKind;
use rules::result::Part;
use rules::scheme::SchemeModule;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

/// Columns of the national registration sheet, in order.
pub const REGISTRATION: [&str; 33] = [
    "序号",
    "职业工种名称",
    "认定等级",
    "申报条件",
    "证件类型",
    "证件号码",
    "姓名",
    "性别",
    "出生日期",
    "手机号码",
    "是否有职业资格证书",
    "证书等级",
    "证书编号",
    "文化程度",
    "所在省(市)区",
    "考生来源",
    "所在单位",
    "报名单位",
    "认定分类",
    "专业",
    "考试类型",
    "民族",
    "参加工作时间",
    "电子邮箱",
    "专业年限",
    "户籍所在地",
    "政治面貌",
    "学历证书编号",
    "简要经历",
    "通讯地址",
    "证书领取方式",
    "邮政编码",
    "邮寄地址",
];

/// Columns of our own roster, with what to write in each and whether it must be filled.
const SHORT: &[(&str, &str, bool)] = &[
    ("姓名", "与证件一致；间隔号用“·”", true),
    ("证件类型", "从列表中选择；空着按居民身份证读取", false),
    ("证件号码", "本列已设为文本格式，请勿改动", true),
    ("学号", "与学籍名册一致", false),
    ("申报条件", "填编号，见下方各条；空着由系统按学籍和所填事实判断", false),
    ("手机号码", "11位", false),
    ("专业", "在籍学生以学籍名册为准，可不填", false),
    ("证书等级", "已持有的本职业证书的等级，没有的不填", false),
    ("证书编号", "已持有的本职业证书的编号，没有的不填", false),
    ("证书取得日期", "如 2023-07-01；空着按编号中的年份", false),
    ("从业年限", "从事本职业的年数，在校学生不填", false),
    ("文化程度", "毕业生填写，如 中专、大专", false),
    ("职称", "按职称申报的填写", false),
    ("职称取得日期", "按职称申报的填写", false),
];

/// Columns of the enrolment register, with what to write in each and whether it must be filled.
const ENROLMENT: &[(&str, &str, bool)] = &[
    ("学号", "", true),
    ("姓名", "与证件一致", true),
    ("证件类型", "空着按居民身份证读取", false),
    ("证件号码", "本列已设为文本格式，请勿改动", true),
    ("专业", "与备案的对应专业用同一名称", false),
    ("班级", "", false),
    ("培养层次", "中级工班、高级工班、预备技师班等", false),
    ("入学年月", "如 2024-09", false),
    ("毕业年月", "如 2027-07，未毕业的填预计年月", false),
    ("学籍状态", "在籍；离校的填退学、转学、开除、毕业等，之后不能再报名；空着表示不变", false),
];

/// Columns of the register of those who judge, with what to write in each and whether it must be filled.
const CARDS: &[(&str, &str, bool)] = &[
    ("证卡类别", "从列表中选择", true),
    ("姓名", "与证卡一致", true),
    ("工作单位", "全称；与平台登记的机构同名的，按该机构人员管理和回避", true),
    ("主管部门", "工作单位的上级主管部门；评估时与被评估院校相同的，自动回避", false),
    ("职称", "", false),
    ("职业（工种）", "职业全称或代码，多个以“、”分开；质量督导员不填", false),
    ("最高等级", "从列表中选择；考评员最高三级，质量督导员不填", false),
    ("证卡编号", "本列已设为文本格式；同一编号再次导入即更新", true),
    ("发证日期", "如 2026-03-02；不写有效期的，自发证起三年", false),
    ("证卡有效期", "如 2028-12-31", false),
    ("手机号码", "11位；加密保存", false),
    ("回避机构", "已登记机构的全称或统一社会信用代码，多个以“、”分开", false),
    ("回避原因", "如 亲属在该校任职；填写回避机构时必填", false),
];

/// Rows of a template that carry lists to choose from.
const LIST_ROWS: u32 = 5_000;

/// Which roster to fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RosterForm {
    /// The national registration sheet with its 33 columns.
    Registration,
    /// Our own, with what the rules use.
    Short,
}

/// An empty roster. The lines of the batch's level, where it is known, are explained and offered in a list.
pub fn roster_template(form: RosterForm, level: Option<Level>, lines: &[&Condition]) -> Result<Vec<u8>, XlsxError> {
    let mut notes: Vec<(String, String)> = match form {
        RosterForm::Short => explain(SHORT),
        RosterForm::Registration => vec![
            ("必填".to_owned(), "姓名、证件号码；其余各列有的填写，没有的空着".to_owned()),
            ("证件号码".to_owned(), "本列已设为文本格式，请勿改动；从别处粘贴时选“只粘贴数值”".to_owned()),
            ("日期".to_owned(), "如 2008-05-01".to_owned()),
        ],
    };
    notes.extend(lines.iter().map(|line| (format!("申报条件 {}", line.code), line.text.to_owned())));
    let headings: Vec<(&str, bool)> = match form {
        RosterForm::Registration => {
            REGISTRATION.iter().map(|name| (*name, matches!(*name, "姓名" | "证件号码"))).collect()
        }
        RosterForm::Short => SHORT.iter().map(|(name, _, must)| (*name, *must)).collect(),
    };
    let codes: Vec<&str> = lines.iter().map(|line| line.code).collect();
    let kinds: Vec<&str> = IdKind::ALL.iter().map(|kind| kind.name()).collect();
    let levels: Vec<&str> = level.map_or_else(|| Level::ALL.iter().map(|l| l.name()).collect(), |l| vec![l.name()]);
    let held: Vec<&str> = Level::ALL.iter().map(|level| level.name()).collect();
    let lists: [(&str, &[&str]); 6] = [
        ("证件类型", &kinds),
        ("性别", &["男", "女"]),
        ("认定等级", &levels),
        ("证书等级", &held),
        ("申报条件", &codes),
        ("是否有职业资格证书", &["是", "否"]),
    ];
    fill_in("名册", &headings, &lists, &notes)
}

/// An empty enrolment register.
pub fn enrolment_template() -> Result<Vec<u8>, XlsxError> {
    let headings: Vec<_> = ENROLMENT.iter().map(|(name, _, must)| (*name, *must)).collect();
    let lists: &[(&str, &[&str])] = &[
        ("培养层次", &["中级工班", "高级工班", "预备技师班"]),
        ("学籍状态", &["在籍", "退学", "转学", "开除", "毕业", "离校"]),
    ];
    fill_in("学籍名册", &headings, lists, &explain(ENROLMENT))
}

/// The headings of the register, in the order of its template.
pub fn cards_headings() -> Vec<&'static str> {
    CARDS.iter().map(|(name, ..)| *name).collect()
}

/// An empty register of those who judge.
pub fn cards_template() -> Result<Vec<u8>, XlsxError> {
    let headings: Vec<_> = CARDS.iter().map(|(name, _, must)| (*name, *must)).collect();
    let levels: Vec<&str> = Level::ALL.iter().map(|level| level.name()).collect();
    let kinds: Vec<&str> = CardKind::ALL.iter().map(|kind| kind.name()).collect();
    let lists: &[(&str, &[&str])] = &[("证卡类别", &kinds), ("最高等级", &levels)];
    fill_in("证卡名册", &headings, lists, &explain(CARDS))
}

/// A sheet of marks with the names and numbers of the batch's candidates, a column for each part.
pub fn marks_template<'c>(
    parts: &[Part],
    candidates: impl IntoIterator<Item = (&'c str, &'c str)>,
) -> Result<Vec<u8>, XlsxError> {
    let headings: Vec<_> = parts.iter().map(|part| marks_heading(*part)).collect();
    let notes = [("成绩", "0 至 100，最多一位小数；没有参加的填写缺考、违纪或缓考；还没有的空着，可以以后再上传")];
    candidates_template("成绩", &headings, candidates, &notes)
}

/// A sheet of course marks (一（五）2) with the batch's candidates.
pub fn course_marks_template<'c>(
    candidates: impl IntoIterator<Item = (&'c str, &'c str)>,
) -> Result<Vec<u8>, XlsxError> {
    let notes = [
        ("结课考试日期", "填写到日，如 2026-06-24"),
        ("结课成绩", "0 至 100，最多一位小数；没有结课成绩的考生整行空着，照常参加理论知识考试"),
        ("试卷、审定人", "试卷的编号或存放处，审定该成绩的人；逐人填写，留档备查"),
    ];
    candidates_template("结课成绩", &["结课考试日期", "结课成绩", "试卷", "审定人"], candidates, &notes)
}

/// A sheet of module marks (一（五）3) with the batch's candidates, a column for each module.
pub fn module_marks_template<'c>(
    modules: &[SchemeModule],
    candidates: impl IntoIterator<Item = (&'c str, &'c str)>,
) -> Result<Vec<u8>, XlsxError> {
    let heading = |module: &SchemeModule| format!("{}（{}，{}%）", module.name, module.part.name(), module.weight);
    let headings: Vec<String> = modules.iter().map(heading).collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let notes = [("各模块", "0 至 100，最多一位小数，每个模块都要有；没有完成过程考核的考生整行空着，照常参加考试")];
    candidates_template("过程考核成绩", &headings, candidates, &notes)
}

/// A sheet with the names and numbers of the batch's candidates, and columns to fill in.
fn candidates_template<'c>(
    name: &str,
    columns: &[&str],
    candidates: impl IntoIterator<Item = (&'c str, &'c str)>,
    notes: &[(&str, &str)],
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(name)?;
    let own = ["姓名", "证件号码"].into_iter().map(|name| (name, true));
    let headings: Vec<_> = own.chain(columns.iter().map(|name| (*name, false))).collect();
    head(sheet, &headings)?;
    let text = text_format();
    for (row, (name, number)) in (1..).zip(candidates) {
        sheet.write_string_with_format(row, 0, name, &text)?;
        sheet.write_string_with_format(row, 1, number, &text)?;
    }
    let own = ("姓名、证件号码", "请勿改动；不在本批次的行不会登记");
    let notes: Vec<(String, String)> =
        notes.iter().chain([&own]).map(|(what, how)| ((*what).to_owned(), (*how).to_owned())).collect();
    explanations(&mut workbook, &notes)?;
    workbook.save_to_buffer()
}

const fn marks_heading(part: Part) -> &'static str {
    match part {
        Part::Theory => "理论成绩",
        Part::Practical => "实操成绩",
        Part::Comprehensive => "综合评审",
    }
}

/// A list to take away: a title, headings, rows of text. Numbers that look like numbers stay text.
pub fn table(title: &str, headers: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    write_table(&mut workbook, title, title, headers, rows)?;
    workbook.save_to_buffer()
}

/// One sheet of [`tables`].
#[derive(Debug, Clone)]
pub struct TableSheet {
    /// What stands on its tab.
    pub name: String,
    pub title: String,
    pub headers: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

/// Several lists in one workbook, each as [`table`] makes it; their names differ.
pub fn tables(sheets: &[TableSheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    for sheet in sheets {
        write_table(&mut workbook, &sheet.name, &sheet.title, &sheet.headers, sheet.rows.iter().cloned())?;
    }
    workbook.save_to_buffer()
}

fn write_table(
    workbook: &mut Workbook,
    name: &str,
    title: &str,
    headers: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(sheet_name(name))?;
    let last = headers.len().saturating_sub(1) as u16;
    for column in 0..=last {
        sheet.set_column_width(column, 18)?;
    }
    let caption = Format::new().set_bold().set_font_size(14).set_align(FormatAlign::VerticalCenter);
    sheet.write_string_with_format(0, 0, title, &caption)?;
    for (column, header) in (0..).zip(headers) {
        sheet.write_string_with_format(1, column, *header, &head_format(false))?;
    }
    sheet.set_freeze_panes(2, 0)?;
    let text = text_format();
    for (row, cells) in (2..).zip(rows) {
        for (column, cell) in (0..).zip(&cells) {
            sheet.write_string_with_format(row, column, cell, &text)?;
        }
    }
    Ok(())
}

/// A sheet for another system to read: the headings stand in the first row, and every cell is text.
pub fn exchange(headers: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    let text = text_format();
    let heads = std::iter::once(headers.iter().map(|&header| header.to_owned()).collect());
    for (row, cells) in (0..).zip(heads.chain(rows)) {
        for (column, cell) in (0..).zip(&cells) {
            sheet.write_string_with_format(row, column, cell, &text)?;
        }
    }
    workbook.save_to_buffer()
}

/// A name that a worksheet may have: 31 characters, none of `[]:*?/\`.
pub(crate) fn sheet_name(title: &str) -> String {
    let name: String = title.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
    if name.trim().is_empty() { "表".to_owned() } else { name }
}

pub(crate) fn text_format() -> Format {
    Format::new().set_num_format("@")
}

pub(crate) fn head_format(must: bool) -> Format {
    Format::new()
        .set_bold()
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::Center)
        .set_text_wrap()
        .set_background_color(if must { Color::RGB(0xfce4d6) } else { Color::RGB(0xe7e6e6) })
}

fn head(sheet: &mut Worksheet, headings: &[(&str, bool)]) -> Result<(), XlsxError> {
    for (column, (name, must)) in (0..).zip(headings) {
        let wide = matches!(
            *name,
            "证件号码"
                | "证书编号"
                | "证卡编号"
                | "位置、型号、分辨率"
                | "专业名称"
                | "职业工种名称"
                | "通讯地址"
                | "邮寄地址"
                | "简要经历"
        );
        sheet.set_column_width(column, if wide { 24 } else { 14 })?;
        sheet.set_column_format(column, &text_format())?;
        sheet.write_string_with_format(0, column, *name, &head_format(*must))?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

pub(crate) fn fill_in(
    name: &str,
    headings: &[(&str, bool)],
    lists: &[(&str, &[&str])],
    notes: &[(String, String)],
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(name)?;
    head(sheet, headings)?;
    for (column, (heading, _)) in (0..).zip(headings) {
        let Some((_, choices)) = lists.iter().find(|(name, choices)| name == heading && !choices.is_empty()) else {
            continue;
        };
        // People may write what the list lacks; the check says what it makes of it.
        let list =
            DataValidation::new().allow_list_strings(choices)?.set_error_style(DataValidationErrorStyle::Information);
        sheet.add_data_validation(1, column, LIST_ROWS, column, &list)?;
    }
    explanations(&mut workbook, notes)?;
    workbook.save_to_buffer()
}

pub(crate) fn explain(columns: &[(&str, &str, bool)]) -> Vec<(String, String)> {
    columns
        .iter()
        .map(|(name, how, must)| {
            let must = if *must { "必填。" } else { "" };
            (format!("{name}列"), format!("{must}{how}"))
        })
        .collect()
}

pub(crate) fn explanations(workbook: &mut Workbook, notes: &[(String, String)]) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name("填写说明")?;
    sheet.set_column_width(0, 20)?;
    sheet.set_column_width(1, 80)?;
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (row, (what, how)) in (0..).zip(notes) {
        sheet.write_string_with_format(row, 0, what, &wrapped)?;
        sheet.write_string_with_format(row, 1, how, &wrapped)?;
    }
    Ok(())
}
