//! The register of experts as a workbook: who may be drawn into the panel that evaluates a body on site.

use rules::certificate::Level;
use rules::{Day, Refusal};

use crate::finding::{FaultKind, Finding};
use crate::roster::{HOUSE, Reading, Seen};
use crate::table::{self, Columns as _, columns};
use crate::value::{self, Dated};
use crate::workbook::Workbook;

/// Most experts in one file; a default of the platform.
const ROWS_MAX: usize = 5_000;
/// Characters of one entry.
const TEXT_MAX: usize = 200;

columns! {
    /// Columns of a register of experts.
    Column {
        Name "姓名" "专家姓名";
        Employer "工作单位" "单位" "单位名称" "所在单位";
        Superior "主管部门" "上级主管部门" "单位主管部门";
        Title "职称" "专业技术职务" "职称职务";
        Trades "职业(工种)" "职业工种" "职业" "职业名称" "评价职业" "职业工种名称" "工种";
        LevelMax "最高等级" "等级" "可评价最高等级" "职业等级";
        Card "证卡编号" "专家证卡编号" "证卡号" "证书编号" "聘书编号";
        Until "证卡有效期" "证卡有效期至" "有效期" "有效期至" "有效期截止";
        Phone "手机号码" "手机" "联系电话" "电话";
        Avoided "回避机构" "回避单位" "回避院校";
        Relation "回避原因" "回避关系" "回避情形";
    }
}

/// What the house knows that a row is read against.
pub struct ExpertsContext<'c> {
    /// The code of an occupation by its code or name.
    pub trade: &'c dyn Fn(&str) -> Result<String, Refusal>,
    /// The id of a registered body by its name or credit code.
    pub body: &'c dyn Fn(&str) -> Option<i64>,
}

/// An expert as a register has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpertRow {
    pub name: String,
    pub employer: String,
    pub superior: String,
    pub title: String,
    /// Occupation codes, sorted.
    pub trades: Vec<String>,
    pub level_max: Level,
    pub card_number: String,
    pub card_valid_until: Day,
    /// Eleven digits, or empty.
    pub phone: String,
    /// Bodies to avoid, sorted, with the reason.
    pub ties: Vec<(i64, String)>,
}

/// What came of reading a register.
#[derive(Debug, Clone, Default)]
pub struct ExpertsCheck {
    pub rows_read: usize,
    /// Experts without a fault.
    pub rows: Vec<ExpertRow>,
    pub findings: Vec<Finding>,
}

/// Reads a register of experts. Refused when the file cannot be read as a table; everything else is a finding.
pub fn read_experts(bytes: &[u8], context: &ExpertsContext<'_>) -> Result<ExpertsCheck, Refusal> {
    let mut book = Workbook::open(bytes)?;
    let mut check = ExpertsCheck::default();
    let mut cards = Seen::default();
    let mut findings = Vec::new();
    let required = [Column::Name, Column::Employer, Column::Trades, Column::LevelMax, Column::Card, Column::Until];
    let missing = table::read(&mut book, &required, |row| {
        if required.iter().filter(|column| row.get(**column).is_some()).count() < 2 {
            return true;
        }
        if check.rows_read == ROWS_MAX {
            let reason = format!("一个文件最多{ROWS_MAX}行，从这一行起没有读取");
            let remedy = "请把其余各行放进另一个文件上传";
            findings.push(Finding::new(row.place(Column::Name), FaultKind::RowBeyondLimit, HOUSE, reason, remedy));
            return false;
        }
        check.rows_read += 1;
        let mut reading = Reading { row, context, findings: &mut findings, faults: 0 };
        let name = reading.name(Column::Name);
        let employer = reading.filled(Column::Employer);
        let trades = reading.trades();
        let level_max = reading.level();
        let card = reading.filled(Column::Card);
        let until = reading.until();
        let (superior, title) = (reading.short(Column::Superior), reading.short(Column::Title));
        let phone = reading.mobile();
        let ties = reading.ties();
        if let Some(card) = &card
            && let Some((_, first)) = cards.before(card, row.sheet, row.number)
        {
            let reason = format!("与第{first}行的证卡编号相同");
            reading.report(Column::Card, FaultKind::DuplicateInFile, HOUSE, reason, "请核对，每名专家只保留一行");
        }
        let (Some(name), Some(employer), Some(card_number), Some(level_max), Some(card_valid_until)) =
            (name, employer, card, level_max, until)
        else {
            return true;
        };
        if reading.faults == 0 {
            check.rows.push(ExpertRow {
                name,
                employer,
                superior,
                title,
                trades,
                level_max,
                card_number,
                card_valid_until,
                phone,
                ties,
            });
        }
        true
    })?;
    check.findings = missing;
    check.findings.append(&mut findings);
    Ok(check)
}

impl Reading<'_, '_, &ExpertsContext<'_>> {
    /// A text without the blanks that people pad with; one that is too long is reported.
    fn short(&mut self, column: Column) -> String {
        let text = self.row.get(column).map(|value| value::squeezed(&value.text())).unwrap_or_default();
        if text.chars().count() > TEXT_MAX {
            let reason = format!("超过{TEXT_MAX}个字");
            self.report(column, FaultKind::NameTooLong, HOUSE, reason, "请核对是否把别的内容填进了这一格");
        }
        text
    }

    /// A text that must be there.
    fn filled(&mut self, column: Column) -> Option<String> {
        let text = self.short(column);
        if text.is_empty() {
            let name = column.names()[0];
            let (reason, remedy) = (format!("没有填写{name}"), format!("请填写{name}"));
            self.report(column, FaultKind::FieldMissing, HOUSE, reason, remedy);
            return None;
        }
        Some(text)
    }

    fn trades(&mut self) -> Vec<String> {
        let Some(text) = self.filled(Column::Trades) else { return Vec::new() };
        let mut codes = Vec::new();
        for name in text.split(['、', ',', ';', '，', '；']).filter(|name| !name.is_empty()) {
            match (self.context.trade)(name) {
                Ok(code) => codes.push(code),
                Err(refusal) => self.refuse(Column::Trades, FaultKind::TradeUnknown, refusal),
            }
        }
        codes.sort();
        codes.dedup();
        codes
    }

    fn level(&mut self) -> Option<Level> {
        let text = self.filled(Column::LevelMax)?;
        match Level::from_text(&text) {
            Ok(level) => Some(level),
            Err(refusal) => {
                self.refuse(Column::LevelMax, FaultKind::LevelUnknown, refusal);
                None
            }
        }
    }

    fn until(&mut self) -> Option<Day> {
        if self.row.get(Column::Until).is_none() {
            self.report(
                Column::Until,
                FaultKind::FieldMissing,
                HOUSE,
                "没有填写证卡有效期",
                "请按 2028-12-31 的样式填写",
            );
            return None;
        }
        match self.date(Column::Until)? {
            Dated::Day(day) => Some(day),
            Dated::Month(_) => {
                let reason = "只写到月，看不出有效期的最后一天";
                self.report(Column::Until, FaultKind::DateUnreadable, HOUSE, reason, "请按 2028-12-31 的样式填写");
                None
            }
        }
    }

    fn mobile(&mut self) -> String {
        let text = self.short(Column::Phone);
        if text.is_empty() {
            return text;
        }
        let digits = plain_mobile(&text);
        if digits.is_none() {
            let reason = "不是11位的手机号码，抽中后联系不上";
            self.report(Column::Phone, FaultKind::PhoneMalformed, HOUSE, reason, "请核对手机号码");
        }
        digits.unwrap_or_default()
    }

    fn ties(&mut self) -> Vec<(i64, String)> {
        let (names, relation) = (self.short(Column::Avoided), self.short(Column::Relation));
        if names.is_empty() {
            return Vec::new();
        }
        if relation.is_empty() {
            let remedy = "请写明回避的原因，如 亲属在该校任职";
            self.report(Column::Relation, FaultKind::FieldMissing, HOUSE, "没有填写回避原因", remedy);
        }
        let mut ties = Vec::new();
        for name in names.split(['、', ',', ';', '，', '；']).filter(|name| !name.is_empty()) {
            match (self.context.body)(name) {
                Some(body) => ties.push((body, relation.clone())),
                None => {
                    let reason = format!("没有登记过名为“{name}”的机构");
                    let remedy = "请填写已登记机构的全称或统一社会信用代码";
                    self.report(Column::Avoided, FaultKind::BodyUnknown, HOUSE, reason, remedy);
                }
            }
        }
        ties.sort();
        ties.dedup_by_key(|tie| tie.0);
        ties
    }
}

/// The eleven digits of a mobile number, or nothing.
fn plain_mobile(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let digits = digits.strip_prefix("+86").unwrap_or(&digits);
    let is_mobile = digits.len() == 11
        && digits.bytes().all(|b| b.is_ascii_digit())
        && matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..]);
    is_mobile.then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(csv: &str) -> ExpertsCheck {
        let trade = |text: &str| match text {
            "车工" | "6-18-01-01" => Ok("6-18-01-01".to_owned()),
            "钳工" => Ok("6-20-01-01".to_owned()),
            _ => Err(Refusal::new(rules::Clause::S1_3_1, format!("“{text}”不是职业")).remedy("请填写全称或代码")),
        };
        let body = |text: &str| (text == "示例技工学校").then_some(7);
        read_experts(csv.as_bytes(), &ExpertsContext { trade: &trade, body: &body }).expect("a table")
    }

    const HEAD: &str =
        "评估专家名册,,,\n姓名,单位,职业（工种）,最高等级,证卡编号,证卡有效期至,手机号码,回避单位,回避原因\n";

    #[test]
    fn s3_1_1_an_expert_is_read_as_people_write_them() {
        let check = read(&format!(
            "{HEAD}示 例甲,示例研究院,钳工、车工，6-18-01-01,高级工,ＺＪ001,2028年12月31日,199 0000 0001,示例技工学校,亲属在该校任职\n"
        ));
        assert_eq!(check.findings, []);
        let row = &check.rows[0];
        assert_eq!(
            (row.name.as_str(), row.card_number.as_str(), row.phone.as_str()),
            ("示例甲", "ZJ001", "19900000001")
        );
        assert_eq!(row.trades, ["6-18-01-01", "6-20-01-01"]);
        assert_eq!((row.level_max, row.card_valid_until.to_string().as_str()), (Level::L3, "2028-12-31"));
        assert_eq!(row.ties, [(7, "亲属在该校任职".to_owned())]);
    }

    #[test]
    fn s3_1_1_what_is_wrong_with_a_row_keeps_it_out_and_says_where() {
        let check = read(&format!(
            "{HEAD}示例甲,,车床,高工,ZJ001,2028年,1990000,示例大学,\n示例乙,示例厂,车工,三级,ZJ002,2028-12-31,,,\n示例丙,示例厂,车工,三级,ZJ002,2028-12-31,,,\n"
        ));
        assert_eq!(check.rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["示例乙"]);
        let kinds: Vec<_> = check.findings.iter().map(|finding| (finding.row, finding.kind)).collect();
        use FaultKind as K;
        assert_eq!(
            kinds,
            [
                (3, K::FieldMissing),
                (3, K::TradeUnknown),
                (3, K::LevelUnknown),
                (3, K::DateUnreadable),
                (3, K::PhoneMalformed),
                (3, K::FieldMissing),
                (3, K::BodyUnknown),
                (5, K::DuplicateInFile),
            ]
        );
        assert!(check.findings.iter().all(|finding| !finding.reason.is_empty() && !finding.remedy.is_empty()));
    }
}
