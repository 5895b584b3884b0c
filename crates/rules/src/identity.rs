//! Identity numbers: who someone is by the number on their document (GB 11643 and its kin), which body it is by
//! its credit code (GB 32100). A number is normalised, then judged; what is merely odd is a warning, not a refusal.
//! Whether someone is old enough to take part is left to `eligibility`.

use std::collections::HashSet;
use std::sync::LazyLock;

use jiff::civil::date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{Day, Ground, Refusal};

/// What someone proves their identity with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdKind {
    /// 居民身份证, 18 characters; old numbers of 15 digits are converted.
    ResidentId,
    /// 港澳台居民居住证, numbered like a resident ID with 81, 82 or 83 in front.
    ResidencePermit,
    /// 外国人永久居留身份证 since 2023, 18 digits from 9.
    ForeignPr,
    /// 外国人永久居留身份证 until 2023, three letters and 12 digits.
    ForeignPrOld,
    /// 港澳居民来往内地通行证.
    HkMoTravelPermit,
    /// 台湾居民来往大陆通行证.
    TwTravelPermit,
    /// 中华人民共和国护照.
    Passport,
    /// A passport of another country; its number follows no common rule.
    ForeignPassport,
    /// 香港居民身份证.
    HkId,
    /// Another document; only its characters are checked.
    Other,
}

impl IdKind {
    /// Every kind, the usual first.
    pub const ALL: &'static [Self] = &[
        Self::ResidentId,
        Self::ResidencePermit,
        Self::ForeignPr,
        Self::ForeignPrOld,
        Self::HkMoTravelPermit,
        Self::TwTravelPermit,
        Self::Passport,
        Self::ForeignPassport,
        Self::HkId,
        Self::Other,
    ];

    /// The code that is stored: `201` as in the national sheet for a resident ID. The sheet's codes for the other
    /// kinds are not published, so theirs are words of the platform.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ResidentId => "201",
            Self::ResidencePermit => "residence_permit",
            Self::ForeignPr => "foreign_pr",
            Self::ForeignPrOld => "foreign_pr_old",
            Self::HkMoTravelPermit => "hkmo_travel_permit",
            Self::TwTravelPermit => "tw_travel_permit",
            Self::Passport => "passport",
            Self::ForeignPassport => "foreign_passport",
            Self::HkId => "hk_id",
            Self::Other => "other",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResidentId => "居民身份证",
            Self::ResidencePermit => "港澳台居民居住证",
            Self::ForeignPr => "外国人永久居留身份证",
            Self::ForeignPrOld => "外国人永久居留身份证（旧版）",
            Self::HkMoTravelPermit => "港澳居民来往内地通行证",
            Self::TwTravelPermit => "台湾居民来往大陆通行证",
            Self::Passport => "护照",
            Self::ForeignPassport => "外国护照",
            Self::HkId => "香港居民身份证",
            Self::Other => "其他证件",
        }
    }

    /// The kind that people mean by what they write in a sheet: its name, a usual short name or its code.
    pub fn from_text(text: &str) -> Option<Self> {
        let (plain, _) = plain(text);
        Some(match plain.as_str() {
            "身份证" | "居民身份证" | "中华人民共和国居民身份证" | "第二代居民身份证" | "二代身份证" => {
                Self::ResidentId
            }
            "居住证" | "港澳台居住证" | "港澳居民居住证" | "台湾居民居住证" | "港澳台居民居住证" => {
                Self::ResidencePermit
            }
            "外国人永久居留证" | "外国人永久居留身份证" | "永久居留证" | "永居证" => {
                Self::ForeignPr
            }
            "港澳居民来往内地通行证" | "港澳通行证" | "港澳来往内地通行证" | "回乡证" => {
                Self::HkMoTravelPermit
            }
            "台湾居民来往大陆通行证" | "台湾通行证" | "台胞证" => Self::TwTravelPermit,
            "护照" | "中国护照" | "中华人民共和国护照" | "普通护照" => Self::Passport,
            "外国护照" | "外国人护照" | "外籍护照" => Self::ForeignPassport,
            "香港身份证" | "香港居民身份证" | "香港永久性居民身份证" => Self::HkId,
            "其他" | "其它" | "其他证件" | "其它证件" => Self::Other,
            other => return Self::ALL.iter().copied().find(|k| k.code() == other || plain == self::plain(k.name()).0),
        })
    }

    /// What the number of this kind rests on.
    const fn ground(self) -> Ground {
        Ground::Standard(match self {
            Self::ResidentId | Self::ResidencePermit | Self::ForeignPr => "GB 11643",
            Self::ForeignPrOld => "外国人永久居留身份证编号规则",
            Self::HkMoTravelPermit | Self::TwTravelPermit => "出入境通行证编号规则",
            Self::Passport | Self::ForeignPassport => "护照编号规则",
            Self::HkId => "香港身份证编号规则",
            Self::Other => "证件号码",
        })
    }
}

/// 性别, as the number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
}

impl Sex {
    /// `男` or `女`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Male => "男",
            Self::Female => "女",
        }
    }

    /// The sex that a sheet says: `男`, `女`, or `1` and `2` as GB/T 2261.1 codes them.
    pub fn from_text(text: &str) -> Option<Self> {
        match plain(text).0.as_str() {
            "男" | "男性" | "1" => Some(Self::Male),
            "女" | "女性" | "2" => Some(Self::Female),
            _ => None,
        }
    }
}

/// A number that was checked, with what it says about its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The kind as the number shows it; an old-style permanent residence number says so here.
    pub kind: IdKind,
    /// The number as it is stored and compared.
    pub number: String,
    pub born: Option<Day>,
    pub sex: Option<Sex>,
    /// What a person should look at, one sentence or several.
    pub warning: Option<String>,
}

/// Checks a number as it was typed or read, on a day (nobody is born after it).
pub fn check(kind: IdKind, raw: &str, on: Day) -> Result<Identity, Refusal> {
    let (number, changed) = plain(raw);
    let refuse = |what: String, remedy: &str| Refusal::new(kind.ground(), what).remedy(remedy).at("number");
    if number.is_empty() {
        return Err(refuse("证件号码为空".into(), "请填写证件号码"));
    }
    let mut identity = Identity { kind, number, born: None, sex: None, warning: None };
    match kind {
        IdKind::ResidentId | IdKind::ResidencePermit => eighteen(&mut identity, on)?,
        IdKind::ForeignPr if fits(&identity.number, "AAA############") => {
            identity.kind = IdKind::ForeignPrOld;
            return check(IdKind::ForeignPrOld, raw, on);
        }
        IdKind::ForeignPr => eighteen(&mut identity, on)?,
        IdKind::ForeignPrOld => foreign_pr_old(&mut identity, on)?,
        IdKind::HkMoTravelPermit => {
            let number = &identity.number;
            if !(number.starts_with(['H', 'M']) && (fits(number, "A########") || fits(number, "A##########"))) {
                return Err(refuse(
                    "号码应为大写字母H或M加8位数字（旧版加10位）".into(),
                    "请对照港澳居民来往内地通行证原件填写，字母用大写",
                ));
            }
        }
        IdKind::TwTravelPermit => {
            if !fits(&identity.number, "########") {
                return Err(refuse(
                    format!("号码应为8位数字，现为{}位", identity.number.chars().count()),
                    "请对照台湾居民来往大陆通行证原件填写，签发次数不填",
                ));
            }
        }
        IdKind::Passport => {
            if !is_cn_passport(&identity.number) {
                return Err(refuse(
                    "号码不符合我国护照的编号样式（如E加8位数字，或E加一位字母和7位数字，字母不用I和O）".into(),
                    "请对照护照原件填写；外国护照请把证件类型改为“外国护照”",
                ));
            }
        }
        IdKind::HkId => identity.number = hk_id(&identity.number)?,
        IdKind::ForeignPassport | IdKind::Other => {
            let number = &identity.number;
            let known = number.chars().all(|c| c.is_ascii_alphanumeric() || "()-/".contains(c));
            if !known || !(4..=32).contains(&number.len()) {
                return Err(refuse("号码应为4至32位，只含字母、数字和 ( ) - /".into(), "请对照证件原件填写"));
            }
        }
    }
    for sentence in changed {
        warn(&mut identity, sentence);
    }
    Ok(identity)
}

/// The kind that a number looks like, for people who give a number alone. A number that a spreadsheet mangled
/// still looks like the resident ID it was, so that the check can explain what happened.
pub fn guess(raw: &str) -> Option<IdKind> {
    let (number, _) = plain(raw);
    let digits = number.chars().take_while(char::is_ascii_digit).count();
    let resident_like = digits >= 14
        && number.len() <= 20
        && (digits == number.len() || matches!(&number[digits..], "X" | "x") || is_float(&number));
    let kind = if is_float(&number) || resident_like {
        match &number[..2] {
            "81" | "82" | "83" if number.len() == 18 => IdKind::ResidencePermit,
            prefix if prefix.starts_with('9') && number.len() == 18 => IdKind::ForeignPr,
            _ => IdKind::ResidentId,
        }
    } else if fits(&number, "AAA############") {
        IdKind::ForeignPrOld
    } else if number.starts_with(['H', 'M']) && (fits(&number, "A########") || fits(&number, "A##########")) {
        IdKind::HkMoTravelPermit
    } else if fits(&number, "########") {
        IdKind::TwTravelPermit
    } else if is_cn_passport(&number) {
        IdKind::Passport
    } else if number.ends_with(')') && hk_id(&number).is_ok() {
        IdKind::HkId
    } else {
        return None;
    };
    Some(kind)
}

/// Whole years on a day; a birthday counts from its own day, 29 February from 1 March in common years.
pub fn age_on(born: Day, on: Day) -> i16 {
    on.year() - born.year() - i16::from((on.month(), on.day()) < (born.month(), born.day()))
}

/// A unified social credit code (GB 32100), normalised.
pub fn uscc(raw: &str) -> Result<String, Refusal> {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let refuse = |what: String| {
        Refusal::new(Ground::Standard("GB 32100"), what)
            .remedy("请对照法人证书上的统一社会信用代码填写")
            .at("credit_code")
    };
    let code = plain(raw).0.to_ascii_uppercase();
    if code.chars().count() != 18 {
        return Err(refuse(format!("统一社会信用代码应为18位，现为{}位", code.chars().count())));
    }
    let mut values = Vec::with_capacity(18);
    for (at, c) in code.chars().enumerate() {
        match ALPHABET.iter().position(|&a| char::from(a) == c) {
            Some(value) if !(2..8).contains(&at) || c.is_ascii_digit() => values.push(value as u32),
            _ if (2..8).contains(&at) => return Err(refuse(format!("第{}位应为数字，现为“{c}”", at + 1))),
            _ => return Err(refuse(format!("第{}位不能是“{c}”（不用字母I、O、S、V、Z）", at + 1))),
        }
    }
    let sum: u32 = values[..17].iter().scan(1, |w, v| Some(v * std::mem::replace(w, *w * 3 % 31))).sum();
    if !(sum + values[17]).is_multiple_of(31) {
        return Err(refuse("统一社会信用代码的校验码不符".into()));
    }
    Ok(code)
}

/// An organisation code (GB 11714), normalised to nine characters without a hyphen.
pub fn org_code(raw: &str) -> Result<String, Refusal> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let refuse =
        |what: &str| Refusal::new(Ground::Standard("GB 11714"), what).remedy("请对照组织机构代码证填写").at("org_code");
    let code = plain(raw).0.to_ascii_uppercase().replace('-', "");
    if code.len() != 9 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(refuse("组织机构代码应为9位数字或大写字母"));
    }
    let sum: u32 = code.chars().zip(WEIGHTS).map(|(c, w)| c.to_digit(36).unwrap_or(0) * w).sum();
    let right = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    if !code.ends_with(right) {
        return Err(refuse("组织机构代码的校验码不符"));
    }
    Ok(code)
}

/// A Hong Kong identity card number, normalised to `A123456(3)`; brackets may be missing in what is given.
pub fn hk_id(raw: &str) -> Result<String, Refusal> {
    let refuse =
        |what: &str| Refusal::new(IdKind::HkId.ground(), what).remedy("请对照香港居民身份证原件填写").at("number");
    let number: String = plain(raw).0.to_ascii_uppercase().chars().filter(|c| !"()".contains(*c)).collect();
    if !fits(&number, "A######N") && !fits(&number, "AA######N") {
        return Err(refuse("号码应为一或两个字母、6位数字和括号内的校验码"));
    }
    // An absent first letter counts as 36; weights run from 9 down to 1, the check character's own weight.
    let values = std::iter::repeat_n(36, 9 - number.len()).chain(number.chars().filter_map(|c| c.to_digit(36)));
    if !number.ends_with(|c: char| c.is_ascii_digit() || c == 'A')
        || values.zip((1..=9).rev()).map(|(v, w)| v * w).sum::<u32>() % 11 != 0
    {
        return Err(refuse("号码的校验码不符"));
    }
    let (body, last) = number.split_at(number.len() - 1);
    Ok(format!("{body}({last})"))
}

/// The second line of a passport's machine-readable zone (ICAO 9303, TD3): returns the passport number.
pub fn mrz_td3_line2(raw: &str) -> Result<String, Refusal> {
    let refuse = |what: String| {
        Refusal::new(Ground::Standard("ICAO 9303"), what).remedy("请重新扫描护照资料页最下面的第二行").at("number")
    };
    let (line, _) = plain(raw);
    if line.len() != 44 || !line.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'<') {
        return Err(refuse("机读码第二行应为44个大写字母、数字或“<”".into()));
    }
    let composite = [&line[..10], &line[13..20], &line[21..43]].concat();
    for (what, text, at) in [
        ("护照号码", &line[..9], 9),
        ("出生日期", &line[13..19], 19),
        ("有效期", &line[21..27], 27),
        ("个人号码", &line[28..42], 42),
        ("全行", composite.as_str(), 43),
    ] {
        let check = line.as_bytes()[at];
        // An empty personal number may carry `<` for its check digit 0.
        if u32::from(check.wrapping_sub(b'0')) != icao_check(text)
            && !(at == 42 && check == b'<' && icao_check(text) == 0)
        {
            return Err(refuse(format!("{what}的校验码不符")));
        }
    }
    Ok(line[..9].trim_end_matches('<').to_owned())
}

/// A number for public lists: the first three and last four characters of a long one (`350***********1234`, which
/// shows neither the county nor the day of birth), one and two of a shorter one.
pub fn mask_number(number: &str) -> String {
    masked(number, |length| match length {
        15.. => (3, 4),
        8.. => (1, 2),
        _ => (1, 0),
    })
}

/// The same for somebody under age: the last two characters, which tell the person from a neighbour in the list and nothing else.
pub fn mask_minor_number(number: &str) -> String {
    masked(number, |length| if length >= 8 { (0, 2) } else { (0, 0) })
}

fn masked(number: &str, shown: impl Fn(usize) -> (usize, usize)) -> String {
    let length = number.chars().count();
    let (head, tail) = shown(length);
    number.chars().enumerate().map(|(at, c)| if at < head || at + tail >= length { c } else { '*' }).collect()
}

/// What somebody wrote into a cell, for pages that show no numbers: masked where it may be a number, with blanks,
/// hyphens, full-width digits or words around it as well; anything else stays.
pub fn mask_written(text: &str) -> String {
    let plain: String = text.nfkc().filter(char::is_ascii_alphanumeric).collect();
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    if plain.len() >= 8 && digits >= 6 { mask_number(&plain) } else { text.to_owned() }
}

/// A name for public lists: the family name stays (`张*`, `欧阳**`); of a name in parts only the first character
/// (`买**·**`). A name of one character is hidden whole.
pub fn mask_name(name: &str) -> String {
    const DOUBLE: &[&str] = &[
        "欧阳", "上官", "司马", "司徒", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "宇文", "长孙", "夏侯",
        "轩辕", "端木", "百里", "呼延", "南宫", "西门", "独孤", "闻人", "澹台", "钟离", "申屠", "太史",
    ];
    const SEPARATORS: &str = "·•・‧ ";
    let name = name.trim();
    let length = name.chars().count();
    let in_parts = name.contains(|c| SEPARATORS.contains(c));
    let head = match length {
        0 | 1 => 0,
        3.. if !in_parts && DOUBLE.iter().any(|family| name.starts_with(family)) => 2,
        _ => 1,
    };
    name.chars().enumerate().map(|(at, c)| if at < head || SEPARATORS.contains(c) { c } else { '*' }).collect()
}

/// Checks an 18-character number of GB 11643; an old one of 15 digits is converted first.
fn eighteen(identity: &mut Identity, on: Day) -> Result<(), Refusal> {
    const REMEDY: &str = "请对照证件原件逐位核对后重新填写";
    let kind = identity.kind;
    let refuse = |what: String, remedy: &str| Refusal::new(kind.ground(), what).remedy(remedy).at("number");
    let excel = || {
        refuse(
            "号码已被Excel按数字处理，末尾几位已经丢失，无法还原".into(),
            "请把该列单元格格式设为“文本”后，对照证件原件重新填写",
        )
    };
    if is_float(&identity.number) {
        return Err(excel());
    }
    if let Some(last) = identity.number.strip_suffix('x') {
        identity.number = format!("{last}X");
    }
    if kind == IdKind::ResidentId && fits(&identity.number, "###############") {
        let (region, rest) = identity.number.split_at(6);
        let body = format!("{region}19{rest}");
        let check = gb11643_check(body.as_bytes());
        identity.number = format!("{body}{check}");
        warn(identity, "15位旧号码已换算为18位，请核对现用证件");
    }
    let number = identity.number.clone();
    let length = number.chars().count();
    if length != 18 {
        return Err(refuse(format!("号码应为18位，现为{length}位"), REMEDY));
    }
    for (at, c) in number.chars().enumerate() {
        if !(c.is_ascii_digit() || (at == 17 && c == 'X')) {
            let expected = if at == 17 { "数字或X" } else { "数字" };
            return Err(refuse(format!("第{}位应为{expected}，现为“{c}”", at + 1), REMEDY));
        }
    }
    let right = number.ends_with(gb11643_check(&number.as_bytes()[..17]));
    if !right && number.ends_with("000") {
        return Err(excel());
    }
    region(identity)?;
    let part = |from: usize, to: usize| number[from..to].parse::<i16>().unwrap_or_default();
    let (year, month, day) = (part(6, 10), part(10, 12), part(12, 14));
    let text = format!("{year:04}-{month:02}-{day:02}");
    let born = Day::new(year, month as i8, day as i8)
        .map_err(|_| refuse(format!("号码中的出生日期 {text} 不存在"), REMEDY))?;
    if born < date(1800, 1, 1) {
        return Err(refuse(format!("号码中的出生日期 {text} 早于1800年"), REMEDY));
    }
    if born > on {
        return Err(refuse(format!("号码中的出生日期 {text} 晚于 {on}"), REMEDY));
    }
    if !right {
        return Err(refuse("校验码不符，号码中至少有一位填错或两位颠倒".into(), REMEDY));
    }
    if number.ends_with("000") {
        warn(identity, "号码末三位均为0，可能是Excel按数字处理后丢失了末位，请对照证件原件核对");
    }
    identity.born = Some(born);
    identity.sex = Some(if part(16, 17) % 2 == 1 { Sex::Male } else { Sex::Female });
    Ok(())
}

/// Checks the first six digits against the kind. A county is never compared with the year of birth: numbers
/// outlive the counties that gave them, and follow people into new ones.
fn region(identity: &mut Identity) -> Result<(), Refusal> {
    /// Codes of provinces (GB/T 2260) that resident IDs begin with.
    const PROVINCES: &[&str] = &[
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43",
        "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
    ];
    let number = identity.number.as_str();
    let looks = match &number[..2] {
        "81" | "82" | "83" => IdKind::ResidencePermit,
        prefix if prefix.starts_with('9') => IdKind::ForeignPr,
        _ => IdKind::ResidentId,
    };
    let refuse = |what: String, remedy: String| Err(Refusal::new(identity.kind.ground(), what).remedy(remedy));
    if looks != identity.kind {
        return refuse(
            format!("号码是{}的样式，证件类型却是{}", looks.name(), identity.kind.name()),
            format!("请把证件类型改为“{}”，或对照原件核对号码", looks.name()),
        )
        .map_err(|refusal: Refusal| refusal.at("kind"));
    }
    match identity.kind {
        IdKind::ResidencePermit if &number[2..6] != "0000" => {
            refuse("居住证号码的前六位应为810000、820000或830000".into(), "请对照港澳台居民居住证原件填写".into())
                .map_err(|refusal: Refusal| refusal.at("number"))
        }
        IdKind::ResidentId if !PROVINCES.contains(&&number[..2]) => {
            refuse(format!("前两位“{}”不是省级行政区划代码", &number[..2]), "请对照证件原件逐位核对后重新填写".into())
                .map_err(|refusal: Refusal| refusal.at("number"))
        }
        IdKind::ResidentId if number.starts_with("35") && !FUJIAN.contains(&number[..6]) => {
            let county = number[..6].to_owned();
            warn(identity, &format!("前六位“{county}”在福建省历年行政区划中没有，请核对证件原件"));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Checks the old permanent residence number: country, place, then birth as YYMMDD, order, ICAO check digit.
fn foreign_pr_old(identity: &mut Identity, on: Day) -> Result<(), Refusal> {
    let refuse = |what: &str| {
        Refusal::new(IdKind::ForeignPrOld.ground(), what).remedy("请对照外国人永久居留身份证原件填写").at("number")
    };
    let number = identity.number.as_str();
    if !fits(number, "AAA############") {
        return Err(refuse("旧版号码应为3个大写字母加12位数字"));
    }
    if icao_check(&number[..14]) != u32::from(number.as_bytes()[14] - b'0') {
        return Err(refuse("校验码不符"));
    }
    let part = |from: usize| number[from..from + 2].parse::<i16>().unwrap_or_default();
    let (year, month, day) = (part(7), part(9) as i8, part(11) as i8);
    // Two digits of a year mean the latest one that is not in the future.
    identity.born = [2000 + year, 1900 + year]
        .into_iter()
        .filter_map(|year| Day::new(year, month, day).ok())
        .find(|born| *born <= on);
    if identity.born.is_none() {
        return Err(refuse("号码中的出生日期不存在"));
    }
    Ok(())
}

/// Every county that Fujian ever had a code for.
static FUJIAN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../../reference/gb2260-fujian-historical.csv")
        .lines()
        .filter_map(|line| line.split(',').next().filter(|code| fits(code, "######") && !code.ends_with("00")))
        .collect()
});

/// The text with NFKC applied and without spaces, invisible characters and the apostrophe by which spreadsheets
/// mark text; with it, what was changed beyond its edges.
fn plain(raw: &str) -> (String, Vec<&'static str>) {
    let invisible =
        |c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{feff}');
    let raw = raw.trim_matches(invisible).trim_start_matches('\'');
    let narrow: String = raw.nfkc().collect();
    let mut changed = Vec::new();
    if narrow != raw {
        changed.push("号码中的全角字符已转换为半角，请核对");
    }
    let text: String = narrow.chars().filter(|c| !invisible(*c)).collect();
    if text.len() != narrow.len() {
        changed.push("号码中间的空格已去除，请核对");
    }
    (text, changed)
}

fn warn(identity: &mut Identity, sentence: &str) {
    match &mut identity.warning {
        Some(warning) => {
            warning.push('；');
            warning.push_str(sentence);
        }
        none => *none = Some(sentence.to_owned()),
    }
}

/// Whether a text is what a number cell turns a long number into: `3.50102E+17`, `350102188001010000.0`.
fn is_float(text: &str) -> bool {
    text.len() > 2
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.contains(['.', 'E', 'e'])
        && text.parse::<f64>().is_ok_and(|value| value >= 1e13)
}

/// Whether a text has the shape of a pattern: `A` a capital letter, `#` a digit, `N` either.
fn fits(text: &str, pattern: &str) -> bool {
    text.len() == pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(byte, p)| match p {
            b'A' => byte.is_ascii_uppercase(),
            b'#' => byte.is_ascii_digit(),
            _ => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        })
}

/// Ordinary passports E and G, their second series with a letter other than I and O, diplomatic, service and
/// public-affairs ones, those of the special administrative regions, and the old ones of digits.
fn is_cn_passport(number: &str) -> bool {
    let letters = number.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = number[letters..].bytes().all(|b| b.is_ascii_digit()).then_some(number.len() - letters);
    match (&number[..letters], digits) {
        ("E" | "G" | "H" | "K", Some(8)) | ("D" | "P" | "S", Some(7..=8)) => true,
        ("DE" | "PE" | "SE" | "HJ" | "KJ" | "MA" | "MB", Some(7)) => true,
        ("", Some(9)) => number.starts_with("14") || number.starts_with("15"),
        (two, Some(7)) => two.len() == 2 && two.starts_with('E') && !two.ends_with(['I', 'O']),
        _ => false,
    }
}

/// The check character of the first 17 digits (ISO 7064, MOD 11-2).
fn gb11643_check(digits: &[u8]) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    CHECK[sum as usize % 11]
}

/// The check digit of ICAO 9303: weights 7, 3, 1; letters from A = 10, `<` = 0.
fn icao_check(text: &str) -> u32 {
    text.chars().zip([7, 3, 1].into_iter().cycle()).map(|(c, weight)| c.to_digit(36).unwrap_or(0) * weight).sum::<u32>()
        % 10
}
