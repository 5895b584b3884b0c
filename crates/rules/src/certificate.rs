//! 证书编号 and levels: the 22 characters of the code rule 人社鉴发〔2019〕2号 (二（二）4). The first 13 are the body's
//! filing number; the last six count without a gap per filing number, year and level. Who allocates them, and in
//! which transaction, is left to the acts.

pub mod change;
pub mod checks;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::notice::Clause;
use crate::{Ground, Refusal};

/// The rule that numbers are made by.
pub const CODE_RULE: Ground = Ground::Standard("人社鉴发〔2019〕2号");
/// The document that added levels below 五级 and above 一级 for posts in enterprises.
const EIGHT_LEVELS: Ground = Ground::Standard("人社部发〔2022〕14号");
/// The largest serial that six digits hold.
pub const SERIAL_MAX: u32 = 999_999;
/// 福建 in positions 6–7.
const PROVINCE: u8 = 35;

/// 职业技能等级, ordered by skill: 五级/初级工 is the lowest, 一级/高级技师 the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Level {
    /// 五级/初级工
    #[serde(rename = "5")]
    L5,
    /// 四级/中级工
    #[serde(rename = "4")]
    L4,
    /// 三级/高级工
    #[serde(rename = "3")]
    L3,
    /// 二级/技师
    #[serde(rename = "2")]
    L2,
    /// 一级/高级技师
    #[serde(rename = "1")]
    L1,
}

impl Level {
    /// Every level, the lowest skill first.
    pub const ALL: &'static [Self] = &[Self::L5, Self::L4, Self::L3, Self::L2, Self::L1];

    /// The digit of certificate numbers and sheets, `5` the lowest skill.
    pub const fn digit(self) -> u8 {
        5 - self as u8
    }

    /// The level of a digit, as a number or as a character.
    pub fn from_digit(digit: impl Into<u32>) -> Option<Self> {
        let digit = digit.into();
        let number = char::from_u32(digit).and_then(|c| c.to_digit(10)).unwrap_or(digit);
        Self::ALL.iter().copied().find(|level| u32::from(level.digit()) == number)
    }

    /// The name as certificates print it: `三级/高级工`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::L5 => "五级/初级工",
            Self::L4 => "四级/中级工",
            Self::L3 => "三级/高级工",
            Self::L2 => "二级/技师",
            Self::L1 => "一级/高级技师",
        }
    }

    /// The level that a person means: `5`, `五级`, `初级工`, `五级/初级工`, full width or not. Two words that
    /// contradict each other are refused, and so are the levels that only enterprises have.
    pub fn from_text(text: &str) -> Result<Self, Refusal> {
        let plain: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
        let refuse = |ground, what: String| {
            Err(Refusal::new(ground, what)
                .remedy("请填写五级/初级工、四级/中级工、三级/高级工、二级/技师或一级/高级技师，或数字5至1")
                .at("level"))
        };
        if let Some(above) = ["学徒工", "特级技师", "首席技师"].into_iter().find(|name| plain.contains(name))
        {
            return refuse(EIGHT_LEVELS, format!("“{above}”是企业内的岗位等级，院校不能开展认定"));
        }
        let mut found = None;
        for word in plain.split(['/', '(', ')', '、']).filter(|word| !word.is_empty()) {
            let word = ["国家职业资格", "职业资格", "职业技能等级"].iter().fold(word, |w, p| w.trim_start_matches(p));
            let level = match word {
                "5" | "五" | "5级" | "五级" | "初级" | "初级工" => Self::L5,
                "4" | "四" | "4级" | "四级" | "中级" | "中级工" => Self::L4,
                "3" | "三" | "3级" | "三级" | "高级" | "高级工" => Self::L3,
                "2" | "二" | "2级" | "二级" | "技师" => Self::L2,
                "1" | "一" | "1级" | "一级" | "高级技师" => Self::L1,
                _ => return refuse(Ground::Standard("职业技能等级"), format!("“{text}”不是职业技能等级")),
            };
            match found {
                Some(other) if other != level => {
                    return refuse(Ground::Standard("职业技能等级"), format!("“{text}”前后不是同一等级"));
                }
                _ => found = Some(level),
            }
        }
        match found {
            Some(level) => Ok(level),
            None => refuse(Ground::Standard("职业技能等级"), "职业技能等级为空".into()),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// 机构备案编号: 13 characters that a province assigns with the receipt (二（一）3), never computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilingNumber {
    kind: u8,
    digits: u64,
}

impl FilingNumber {
    /// Reads a filing number as it was typed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let plain = plain(text);
        Self::of(&plain).ok_or_else(|| {
            Refusal::new(CODE_RULE, format!("机构备案编号“{plain}”应为字母Y或S加12位数字"))
                .remedy("请按备案回执上的机构备案编号填写")
                .at("filing_number")
        })
    }

    /// The number that the platform gives to a school filed with Fujian: `Y`, `0000` for filed with a province, `35`, and
    /// its place in the province's series, from 1 to 999,999.
    pub fn given(serial: i64) -> Result<Self, Refusal> {
        match u64::try_from(serial) {
            Ok(serial @ 1..=999_999) => Ok(Self { kind: b'Y', digits: u64::from(PROVINCE) * 1_000_000 + serial }),
            _ => Err(Refusal::new(CODE_RULE, format!("机构备案编号序列应在000001至999999之间，现为{serial}"))
                .remedy("序列已用完，请填写部省另行分配的机构备案编号")
                .at("number")),
        }
    }

    /// Reads a filing number that the province has assigned to a school: kind `Y`, province `35`.
    pub fn assigned(text: &str) -> Result<Self, Refusal> {
        let number = Self::parse(text).map_err(|refusal| refusal.at("number"))?;
        if number.kind() == 'Y' && number.province() == PROVINCE {
            return Ok(number);
        }
        Err(Refusal::new(CODE_RULE, format!("“{number}”不是福建省院校的机构备案编号"))
            .remedy("院校的编号以Y开头，第6、7位为35")
            .at("number"))
    }

    /// `Y` for a body that assesses its own people, `S` for a social evaluation organisation.
    pub const fn kind(self) -> char {
        self.kind as char
    }

    /// The province's two digits (positions 6–7), `35` for Fujian.
    pub fn province(self) -> u8 {
        (self.digits / 1_000_000 % 100) as u8
    }

    fn of(plain: &str) -> Option<Self> {
        let (&kind, digits) = plain.as_bytes().split_first()?;
        (matches!(kind, b'Y' | b'S') && digits.len() == 12)
            .then(|| Some(Self { kind, digits: number(digits)? }))
            .flatten()
    }
}

impl fmt::Display for FilingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:012}", self.kind(), self.digits)
    }
}

/// 证书编号: 22 characters, `Y` `0000` `35` `000001` `26` `4` `000001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CertificateNumber {
    filing: FilingNumber,
    year: u8,
    level: Level,
    serial: u32,
}

impl CertificateNumber {
    /// The number of a certificate: the last two digits of the year of issue, and its place in the counter of
    /// (filing, year, level), from 1 to 999,999.
    pub fn new(filing: FilingNumber, year: u8, level: Level, serial: u32) -> Result<Self, Refusal> {
        if year > 99 {
            return Err(
                Refusal::new(CODE_RULE, format!("核发年份应为两位数字，现为{year}")).remedy("请用发证日期年份的后两位")
            );
        }
        if !(1..=SERIAL_MAX).contains(&serial) {
            return Err(Refusal::new(CODE_RULE, format!("证书序列号应在000001至999999之间，现为{serial}"))
                .remedy("本机构该年度该等级的序列号已用完时，请联系备案的职业技能鉴定指导中心"));
        }
        Ok(Self { filing, year, level, serial })
    }

    /// Reads a certificate number as it was typed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let plain = plain(text);
        Self::of(&plain).ok_or_else(|| {
            let length = plain.chars().count();
            let what = match length {
                22 => format!("证书编号“{plain}”不符合编码规则"),
                _ => format!("证书编号应为22位，现为{length}位"),
            };
            Refusal::new(CODE_RULE, what)
                .remedy("请对照证书填写：字母Y或S开头，后为21位数字，第16位为等级5至1，序列号不为000000")
                .at("certificate_number")
        })
    }

    /// The filing number of the body that issued it: the first 13 characters.
    pub const fn filing(self) -> FilingNumber {
        self.filing
    }

    /// The last two digits of the year of issue.
    pub const fn year(self) -> u8 {
        self.year
    }

    pub const fn level(self) -> Level {
        self.level
    }

    /// The place in the counter of (filing, year, level), from 1.
    pub const fn serial(self) -> u32 {
        self.serial
    }

    fn of(plain: &str) -> Option<Self> {
        if plain.len() != 22 {
            return None;
        }
        let filing = FilingNumber::of(plain.get(..13)?)?;
        let digits = &plain.as_bytes()[13..];
        let level = Level::from_digit(digits[2])?;
        Self::new(filing, number(&digits[..2])? as u8, level, number(&digits[3..])? as u32).ok()
    }
}

impl fmt::Display for CertificateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:02}{}{:06}", self.filing, self.year, self.level.digit(), self.serial)
    }
}

/// Whether a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateState {
    Valid,
    /// Not to be relied on while something is looked into.
    Suspended,
    /// Come by wrongly; the number is never given out again.
    Revoked,
    /// Should not have been issued as it is; the number is never given out again.
    Void,
}

impl CertificateState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Valid, Self::Suspended, Self::Revoked, Self::Void];

    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Void => "void",
        }
    }

    /// The state with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "有效",
            Self::Suspended => "暂停使用",
            Self::Revoked => "已撤销",
            Self::Void => "已注销",
        }
    }

    /// Whether it may be printed: what does not stand must not go about as if it were good (三（三）).
    pub fn may_print(self) -> Result<(), Refusal> {
        match self {
            Self::Valid => Ok(()),
            other => Err(Refusal::new(Clause::S3_3_6, format!("证书{}，不再制作", other.name()))
                .remedy("需要说明它的状态时，请用证书查询的结果页，那里写明状态和日期")),
        }
    }
}

/// A number of the old scheme of 职业资格证书: 16 digits, year of issue first, level at the eleventh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OldNumber(u64);

impl OldNumber {
    /// Reads an old number as it was typed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let plain = plain(text);
        Self::of(&plain).ok_or_else(|| {
            Refusal::new(Ground::Standard("职业资格证书编码规则"), format!("“{plain}”不是16位数字"))
                .remedy("请对照职业资格证书填写")
                .at("certificate_number")
        })
    }

    /// The last two digits of the year of issue; the scheme ran from the 1990s to 2020.
    pub const fn year(self) -> u8 {
        (self.0 / 100_000_000_000_000) as u8
    }

    /// The level, where the eleventh digit is one.
    pub fn level(self) -> Option<Level> {
        Level::from_digit((self.0 / 100_000 % 10) as u8)
    }

    fn of(plain: &str) -> Option<Self> {
        (plain.len() == 16).then(|| number(plain.as_bytes()).map(Self)).flatten()
    }
}

impl fmt::Display for OldNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016}", self.0)
    }
}

/// The number of a certificate that someone already holds, of either scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeldNumber {
    /// 职业技能等级证书, 22 characters.
    Certificate(CertificateNumber),
    /// 职业资格证书, 16 digits.
    Old(OldNumber),
}

impl HeldNumber {
    /// The last two digits of the year of issue.
    pub const fn year(self) -> u8 {
        match self {
            Self::Certificate(number) => number.year(),
            Self::Old(number) => number.year(),
        }
    }

    /// The level that the number names, where it names one.
    pub fn level(self) -> Option<Level> {
        match self {
            Self::Certificate(number) => Some(number.level()),
            Self::Old(number) => number.level(),
        }
    }
}

impl fmt::Display for HeldNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(number) => number.fmt(f),
            Self::Old(number) => number.fmt(f),
        }
    }
}

/// Reads the number of a certificate held before: 22 characters, or 16 digits of the old scheme.
pub fn parse_any_held(text: &str) -> Result<HeldNumber, Refusal> {
    let plain = plain(text);
    if let Some(number) = CertificateNumber::of(&plain) {
        return Ok(HeldNumber::Certificate(number));
    }
    OldNumber::of(&plain).map(HeldNumber::Old).ok_or_else(|| {
        Refusal::new(CODE_RULE, format!("“{plain}”既不是22位职业技能等级证书编号，也不是16位职业资格证书编号"))
            .remedy("请对照所持证书填写；Excel中该列须为文本格式")
            .at("held_number")
    })
}

/// Half width, upper case, without spaces.
fn plain(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

/// The number that ASCII digits write; nothing but digits passes.
fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0u64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u64::from(byte - b'0')))
}

macro_rules! as_text {
    ($($kind:ident $pattern:literal $example:literal;)*) => {$(
        impl FromStr for $kind {
            type Err = Refusal;
            fn from_str(text: &str) -> Result<Self, Refusal> {
                Self::parse(text)
            }
        }

        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $kind {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).pattern(Some($pattern)).examples([$example]).into()
            }
        }

        impl utoipa::ToSchema for $kind {}
    )*};
}

as_text! {
    FilingNumber r"^[YS]\d{12}$" "Y000035000001";
    CertificateNumber r"^[YS]\d{14}[1-5]\d{6}$" "Y000035000001264000001";
    OldNumber r"^\d{16}$" "1935001234400001";
}
