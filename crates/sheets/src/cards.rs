//! The provincial register as a workbook: assessors, quality inspectors and experts, one row for each card.

use rules::certificate::Level;
use rules::register::CardKind;
use rules::{Day, Refusal};

use crate::finding::{FaultKind, Finding};
use crate::roster::{HOUSE, Reading, Seen};
use crate::table::{self, Columns as _, columns};
use crate::value::{self, Dated};
use crate::workbook::Workbook;

/// Most cards in one file; a default of the platform.
const ROWS_MAX: usize = 20_000;
/// Characters of one entry.
const TEXT_MAX: usize = 200;

columns! {
    /// Columns of a register.
    Column {
        Kind "证卡类别" "人员类别" "类别" "考评员类别";
        Name "姓名" "专家姓名" "考评员姓名";
        Employer "工作单位" "单位" "单位名称" "所在单位";
        Superior "主管部门" "上级主管部门" "单位主管部门";
        Title "职称" "专业技术职务" "职称职务";
        Trades "职业(工种)" "职业工种" "职业" "职业名称" "评价职业" "考评职业" "职业工种名称" "工种";
        LevelMax "最高等级" "等级" "可评价最高等级" "考评等级" "职业等级";
        Card "证卡编号" "专家证卡编号" "考评员证卡编号" "证卡号" "证书编号" "聘书编号";
        Issued "发证日期" "证卡发证日期" "核发日期";
        Until "证卡有效期" "证卡有效期至" "有效期" "有效期至" "有效期截止";
        Phone "手机号码" "手机" "联系电话" "电话";
        Avoided "回避机构" "回避单位" "回避院校";
        Relation "回避原因" "回避关系" "回避情形";
    }
}

/// What the house knows that a row is read against.
pub struct CardsContext<'c> {
    /// The kind of rows that name none.
    pub kind: Option<CardKind>,
    /// The code of an occupation by its code or name.
    pub trade: &'c dyn Fn(&str) -> Result<String, Refusal>,
    /// The id of a registered body by its name or credit code.
    pub body: &'c dyn Fn(&str) -> Option<i64>,
}

/// A card as a register has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRow {
    pub kind: CardKind,
    pub name: String,
    pub employer: String,
    pub superior: String,
    pub title: String,
    /// Occupation codes, sorted.
    pub trades: Vec<String>,
    /// Nothing where the kind has none.
    pub level_max: Option<Level>,
    pub card_number: String,
    pub issued_on: Option<Day>,
    pub card_valid_until: Day,
    /// Eleven digits, or empty.
    pub phone: String,
    /// Bodies to avoid, sorted, with the reason.
    pub ties: Vec<(i64, String)>,
}

/// What came of reading a register.
#[derive(Debug, Clone, Default)]
pub struct CardsCheck {
    pub rows_read: usize,
    /// Cards without a fault.
    pub rows: Vec<CardRow>,
    pub findings: Vec<Finding>,
}

/// Reads a register. Refused when the file cannot be read as a table; everything else is a finding.
pub fn read_cards(bytes: &[u8], context: &CardsContext<'_>) -> Result<CardsCheck, Refusal> {
    let mut book = Workbook::open(bytes)?;
    let mut check = CardsCheck::default();
    let mut cards = Seen::default();
    let mut findings = Vec::new();
    let required = [Column::Name, Column::Employer, Column::Card];
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
        let card = reading.filled(Column::Card);
        let kind = reading.kind(card.as_deref().unwrap_or_default());
        let card = card.and_then(|card| reading.number(kind, &card));
        let trades = if kind.is_none_or(CardKind::judges) { reading.trades() } else { Vec::new() };
        let level_max = reading.level(kind);
        let (issued_on, until) = reading.validity();
        let (superior, title) = (reading.short(Column::Superior), reading.short(Column::Title));
        let phone = reading.mobile();
        let ties = reading.ties();
        if let Some(card) = &card
            && let Some((_, first)) = cards.before(card, row.sheet, row.number)
        {
            let reason = format!("与第{first}行的证卡编号相同");
            reading.report(Column::Card, FaultKind::DuplicateInFile, HOUSE, reason, "请核对，每张证卡只保留一行");
        }
        let (Some(kind), Some(name), Some(employer), Some(card_number), Some(card_valid_until)) =
            (kind, name, employer, card, until)
        else {
            return true;
        };
        if reading.faults == 0 {
            check.rows.push(CardRow {
                kind,
                name,
                employer,
                superior,
                title,
                trades,
                level_max,
                card_number,
                issued_on,
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

impl Reading<'_, '_, &CardsContext<'_>> {
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

    fn kind(&mut self, number: &str) -> Option<CardKind> {
        let text = self.short(Column::Kind);
        if text.is_empty() {
            if self.context.kind.is_none() {
                let remedy = "请填写考评员、高级考评员、内部质量督导员、外部质量督导员或专家";
                self.report(Column::Kind, FaultKind::FieldMissing, HOUSE, "没有填写证卡类别", remedy);
            }
            return self.context.kind;
        }
        let found = CardKind::from_text(&text, number);
        if found.is_none() {
            let reason = format!("“{text}”不是证卡类别");
            let remedy = "请填写考评员、高级考评员、内部质量督导员、外部质量督导员或专家";
            self.report(Column::Kind, FaultKind::CardKindUnknown, HOUSE, reason, remedy);
        }
        found
    }

    fn number(&mut self, kind: Option<CardKind>, text: &str) -> Option<String> {
        // Without a kind any number will do: the kind is reported.
        match rules::register::card_number(kind.unwrap_or(CardKind::Expert), text) {
            Ok(number) => Some(number),
            Err(refusal) => {
                self.refuse(Column::Card, FaultKind::CardNumberMalformed, refusal);
                None
            }
        }
    }

    fn level(&mut self, kind: Option<CardKind>) -> Option<Level> {
        if kind.is_some_and(|kind| !kind.judges()) {
            return None;
        }
        let text = self.filled(Column::LevelMax)?;
        let level = Level::from_text(&text).and_then(|level| match kind {
            Some(kind) => rules::register::level_held(kind, Some(level)),
            None => Ok(Some(level)),
        });
        level.unwrap_or_else(|refusal| {
            self.refuse(Column::LevelMax, FaultKind::LevelUnknown, refusal);
            None
        })
    }

    /// The day of issue, where it stands there, and the last day.
    fn validity(&mut self) -> (Option<Day>, Option<Day>) {
        let before = self.faults;
        let (issued, until) = (self.whole_day(Column::Issued), self.whole_day(Column::Until));
        if self.faults > before {
            return (issued, until);
        }
        match rules::register::last_day(issued, until) {
            Ok(until) => (issued, Some(until)),
            Err(refusal) => {
                self.refuse(Column::Until, FaultKind::DateUnreadable, refusal);
                (issued, None)
            }
        }
    }

    fn whole_day(&mut self, column: Column) -> Option<Day> {
        self.row.get(column)?;
        match self.date(column)? {
            Dated::Day(day) => Some(day),
            Dated::Month(_) => {
                let reason = "只写到月，看不出是哪一天";
                self.report(column, FaultKind::DateUnreadable, HOUSE, reason, "请按 2028-12-31 的样式填写");
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
            let reason = "不是11位的手机号码，需要时联系不上";
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

    fn read(csv: &str) -> CardsCheck {
        let trade = |text: &str| match text {
            "车工" | "6-18-01-01" => Ok("6-18-01-01".to_owned()),
            "钳工" => Ok("6-20-01-01".to_owned()),
            _ => Err(Refusal::new(rules::Clause::S1_3_1, format!("“{text}”不是职业")).remedy("请填写全称或代码")),
        };
        let body = |text: &str| (text == "示例技工学校").then_some(7);
        read_cards(csv.as_bytes(), &CardsContext { kind: Some(CardKind::Expert), trade: &trade, body: &body })
            .expect("a table")
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
        assert_eq!((row.level_max, row.card_valid_until.to_string().as_str()), (Some(Level::L3), "2028-12-31"));
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

    #[test]
    fn s3_1_1_assessors_and_inspectors_stand_in_the_same_table() {
        let csv = "类别,姓名,单位,职业（工种）,最高等级,证卡编号,发证日期,证卡有效期至\n\
            考评员,示例甲,示例技工学校,车工,三级,示例考评证1,2026-03-02,\n\
            高级考评员,示例甲,示例技工学校,车工,一级,示例考评证2,,2028-12-31\n\
            质量督导员,示例乙,示例技工学校,,,示例督导证1,2026-03-02,\n\
            质量督导员,示例丙,示例中心,,,R35260001,2026-03-02,\n\
            考评员,示例丁,示例技工学校,车工,二级,示例考评证3,2026-03-02,\n\
            外部督导员,示例戊,示例中心,,,督导1,2026-03-02,\n\
            保安,示例己,示例厂,,,示例证4,,\n";
        let check = read(csv);
        let kinds: Vec<_> = check.rows.iter().map(|row| (row.kind, row.level_max)).collect();
        let none = None::<Level>;
        assert_eq!(
            kinds,
            [
                (CardKind::Assessor, Some(Level::L3)),
                (CardKind::SeniorAssessor, Some(Level::L1)),
                (CardKind::Inspector, none),
                (CardKind::ExternalInspector, none),
            ]
        );
        assert_eq!(check.rows[0].card_valid_until.to_string(), "2029-03-01");
        let found: Vec<_> = check.findings.iter().map(|finding| (finding.row, finding.kind)).collect();
        use FaultKind as K;
        assert_eq!(
            found,
            [
                (6, K::LevelUnknown),
                (7, K::CardNumberMalformed),
                (8, K::CardKindUnknown),
                (8, K::FieldMissing),
                (8, K::FieldMissing),
                (8, K::DateUnreadable),
            ]
        );
        let (gbk, ..) = encoding_rs::GBK.encode(csv);
        let bytes = gbk.into_owned();
        let trade = |_: &str| Ok("6-18-01-01".to_owned());
        let again = read_cards(&bytes, &CardsContext { kind: None, trade: &trade, body: &|_| None }).expect("a table");
        assert_eq!(again.rows, check.rows);
    }
}
