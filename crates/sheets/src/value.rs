//! What stands in a cell, and what people mean by it: digits in full width, dates in five spellings, numbers that
//! were text and text that was a number.

use std::borrow::Cow;

use rules::Day;
use rules::arrangement::DayTime;
use rules::eligibility::Month;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::finding::FaultKind;

/// A cell that is not blank.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Text(Cow<'a, str>),
    Number(f64),
    /// A number shown as a date, with the number itself: formats are often wrong about which it is.
    Date(Day, f64),
    Flag(bool),
    /// `#N/A` and its kin.
    Broken(String),
}

impl Value<'_> {
    /// The value as the clerk sees it.
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Number(number) => plain_number(*number),
            Self::Date(day, _) => day.to_string(),
            Self::Flag(true) => "TRUE".to_owned(),
            Self::Flag(false) => "FALSE".to_owned(),
            Self::Broken(error) => error.clone(),
        }
    }

    /// The value as text: NFKC, trimmed, whole numbers without `.0`.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => narrow(text),
            other => Cow::Owned(other.shown()),
        }
    }

    /// The day or month that a cell of a date column holds.
    pub fn date(&self) -> Option<Dated> {
        match self {
            Self::Date(day, _) => Some(Dated::Day(*day)),
            Self::Text(text) => Dated::parse(&narrow(text)),
            Self::Number(number) => Dated::from_number(*number),
            Self::Flag(_) | Self::Broken(_) => None,
        }
    }

    /// A count of years: `5`, `5.5`, `5年`.
    pub fn years(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => narrow(text).trim_end_matches('年').trim().parse().ok(),
            _ => None,
        }
        .filter(|years| (0.0..100.0).contains(years))
    }

    /// A time of day as programs and people write it: `8:15`, `08：15:30`, `2026-12-15 08:15`, a part of a day.
    pub fn time(&self) -> Option<DayTime> {
        match self {
            Self::Number(number) | Self::Date(_, number) => {
                let minutes = (number.rem_euclid(1.0) * 1440.0 + 1e-6).floor();
                // A whole number is a day, or something else that is no time.
                (number.fract() > 0.0).then(|| DayTime::at(minutes as u16 / 60, minutes as u16 % 60))
            }
            Self::Text(text) => {
                let text = narrow(text);
                let text = text.trim().rsplit([' ', 'T']).next()?;
                let mut parts = text.split(':').map(str::parse::<u16>);
                let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
                (hour < 24 && minute < 60).then(|| DayTime::at(hour, minute))
            }
            Self::Flag(_) | Self::Broken(_) => None,
        }
    }
}

/// A day, or a month where nobody wrote the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dated {
    Day(Day),
    Month(Month),
}

impl Dated {
    /// `1880-01-01`, `1880/1/1`, `1880.1.1`, `1880年1月1日`, `18800101`, and months alike: `1880-01`, `188001`. A time
    /// of day behind it is ignored.
    pub fn parse(text: &str) -> Option<Self> {
        let date = text.split([' ', 'T']).next().unwrap_or_default();
        let mut groups = date.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty());
        let parts = [groups.next(), groups.next(), groups.next()];
        if date.chars().any(|c| !c.is_ascii_digit() && !"-/.年月日".contains(c)) || groups.next().is_some() {
            return None;
        }
        let number = |text: &str| text.parse::<i16>().ok();
        match parts {
            [Some(all), None, None] if all.len() == 8 => {
                Self::new(number(&all[..4])?, number(&all[4..6])?, Some(number(&all[6..])?))
            }
            [Some(all), None, None] if all.len() == 6 => Self::new(number(&all[..4])?, number(&all[4..])?, None),
            [Some(year), Some(month), day] if year.len() == 4 => {
                Self::new(number(year)?, number(month)?, day.map(number).map_or(Some(None), |d| d.map(Some))?)
            }
            _ => None,
        }
    }

    /// `20080501`, `200805` and `2008.05` typed as numbers, or a serial day of 1927 and later (below, it may be a bare
    /// year). `2008.1` is none: it was January or, before the cell dropped its zero, October.
    fn from_number(number: f64) -> Option<Self> {
        if number.fract() != 0.0 && (1_000.0..10_000.0).contains(&number) {
            let hundredths = (number * 100.0).round();
            let exact = (number * 100.0 - hundredths).abs() < 1e-6;
            let (year, month) = (hundredths as i32 / 100, hundredths as i32 % 100);
            let month = match month {
                10 => return None,
                tenths if tenths % 10 == 0 => tenths / 10,
                month => month,
            };
            return Self::new(year as i16, month as i16, None).filter(|_| exact);
        }
        if number.fract() == 0.0 && (100_000.0..1e8).contains(&number) {
            return Self::parse(&plain_number(number));
        }
        if !(10_000.0..100_000.0).contains(&number) {
            return None;
        }
        let epoch = jiff::civil::date(1899, 12, 30);
        epoch.checked_add(jiff::Span::new().days(number as i64)).ok().map(Self::Day)
    }

    fn new(year: i16, month: i16, day: Option<i16>) -> Option<Self> {
        let (month, day) = (i8::try_from(month).ok()?, day.map(i8::try_from).transpose().ok()?);
        let start = Day::new(year, month, day.unwrap_or(1)).ok()?;
        Some(if day.is_some() { Self::Day(start) } else { Self::Month(Month { year, month }) })
    }

    /// The month.
    pub fn month(self) -> Month {
        match self {
            Self::Day(day) => Month::of(day),
            Self::Month(month) => month,
        }
    }

    /// The day, a month's first where only the month is known.
    pub fn first_day(self) -> Option<Day> {
        match self {
            Self::Day(day) => Some(day),
            Self::Month(month) => Day::new(month.year, month.month, 1).ok(),
        }
    }

    /// Whether a day agrees with what was written.
    pub fn agrees(self, day: Day) -> bool {
        match self {
            Self::Day(written) => written == day,
            Self::Month(month) => month == Month::of(day),
        }
    }
}

/// A number without exponent, whole ones without a decimal point; what a formula leaves beyond the sixth decimal is
/// no digit that anyone typed or sees.
pub fn plain_number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e20 {
        return format!("{number:.0}");
    }
    let rounded = if number.abs() < 1e9 { (number * 1e6).round() / 1e6 } else { number };
    rounded.to_string()
}

/// Text in its compatibility form: full-width digits and letters become narrow, ideographic spaces plain ones.
pub fn narrow(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.is_ascii() || is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    let narrow: String = text.nfkc().collect();
    Cow::Owned(narrow.trim().to_owned())
}

/// Text without any white space, for headings, occupations and the like, where people break lines and pad.
pub fn squeezed(text: &str) -> String {
    narrow(text).chars().filter(|c| !c.is_whitespace() && !is_invisible(*c)).collect()
}

/// A person's name: padding between Chinese characters goes, one space between Latin words stays, every kind of
/// middle dot becomes `·`. Characters are never replaced by others: compatibility ideographs are part of names.
pub fn name(text: &str) -> String {
    let narrow = text.chars().filter(|c| !is_invisible(*c)).map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '•' | '・' | '‧' | '･' | '∙' | '⋅' | '●' => '·',
        c if c.is_whitespace() => ' ',
        c => c,
    });
    let mut name = String::with_capacity(text.len());
    let mut gap = false;
    for c in narrow {
        if c == ' ' {
            gap = true;
            continue;
        }
        if gap && c.is_ascii_alphabetic() && name.ends_with(|last: char| last.is_ascii_alphanumeric() || last == '.') {
            name.push(' ');
        }
        gap = false;
        name.push(c);
    }
    name
}

/// Longest name of a person, in characters.
const NAME_MAX: usize = 50;

/// A person's name as it is to be stored, or what is wrong with it: kind, reason, remedy.
///
/// # Errors
/// When it is empty, too long, or holds a character that no name has.
pub fn person_name(raw: &str) -> Result<String, (FaultKind, String, &'static str)> {
    let name = name(raw);
    if name.is_empty() {
        return Err((FaultKind::NameMissing, "没有填写姓名".into(), "请对照证件填写姓名"));
    }
    if let Some(odd) = odd_in_name(&name) {
        let (reason, remedy) = match odd {
            '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => {
                ("姓名含造字区字符，别的电脑上显示不出来".to_owned(), "请用支持生僻字的输入法重新输入该字")
            }
            odd => (format!("姓名含“{odd}”"), "请对照证件填写，间隔号用“·”，不加序号、备注"),
        };
        return Err((FaultKind::NameOdd, reason, remedy));
    }
    let length = name.chars().count();
    if length > NAME_MAX {
        let reason = format!("姓名有{length}个字，超过{NAME_MAX}个");
        return Err((FaultKind::NameTooLong, reason, "请核对是否把别的内容填进了姓名"));
    }
    Ok(name)
}

/// Marks that take no room and come along from web pages and other programs.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// The first character of a name that no name has; `None` when all are fine.
pub fn odd_in_name(name: &str) -> Option<char> {
    name.chars().find(|&c| {
        let private = matches!(u32::from(c), 0xe000..=0xf8ff | 0xf0000..=0x10ffff);
        let rare_ideograph = matches!(u32::from(c), 0x20000..=0x3ffff);
        private || !(c.is_alphabetic() || rare_ideograph || "·-'’. 〇".contains(c))
    })
}

/// `A`, `B`, … `Z`, `AA` for a column counted from 0.
pub fn letters(mut column: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + (column % 26) as u8);
        match column / 26 {
            0 => break,
            rest => column = rest - 1,
        }
    }
    letters.iter().rev().map(|&b| char::from(b)).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in [
            "1880-01-05",
            "1880/1/5",
            "1880.1.5",
            "1880年1月5日",
            "18800105",
            "1880-01-05 00:00:00",
            "１８８０年１月５日",
        ] {
            assert_eq!(Value::Text(text.into()).date(), Some(Dated::Day(date(1880, 1, 5))), "{text}");
        }
        for text in ["1880-01", "188001", "1880年1月", "1880/1"] {
            assert_eq!(
                Value::Text(text.into()).date().map(Dated::month),
                Some(Month { year: 1880, month: 1 }),
                "{text}"
            );
        }
        for text in ["1880", "80-1-5", "1880-13-01", "1880-02-30", "不详", "1880-01-05-07"] {
            assert_eq!(Value::Text(text.into()).date(), None, "{text}");
        }
        assert_eq!(Value::Number(39569.0).date(), Some(Dated::Day(date(2008, 5, 1))));
        assert_eq!(Value::Number(20080501.0).date(), Some(Dated::Day(date(2008, 5, 1))));
        assert_eq!(Value::Number(2008.0).date(), None);
        for (number, expected) in [
            (2026.07, Some(7)),
            (2026.7, Some(7)),
            (2026.12, Some(12)),
            (2026.11, Some(11)),
            // 2026.1 and 2026.10 are one number.
            (2026.1, None),
            (2026.13, None),
            (2026.075, None),
            (2026.0, None),
        ] {
            let expected = expected.map(|month| Dated::Month(Month { year: 2026, month }));
            assert_eq!(Value::Number(number).date(), expected, "{number}");
        }
    }

    #[test]
    fn names_lose_padding_and_nothing_else() {
        for (raw, expected) in [
            (" 张　三 ", "张三"),
            ("买买提•艾力", "买买提·艾力"),
            ("John  Smith", "John Smith"),
            ("ＬＩ　ＭＩＮＧ", "LI MING"),
            ("䶮𬎆\u{fa0e}", "䶮𬎆\u{fa0e}"),
            ("王\u{200b}五\n", "王五"),
        ] {
            assert_eq!(name(raw), expected);
            assert_eq!(odd_in_name(&name(raw)), None, "{raw}");
        }
        for (raw, odd) in [("张3", '3'), ("张?", '?'), ("\u{e001}三", '\u{e001}'), ("张三(大)", '(')] {
            assert_eq!(odd_in_name(&name(raw)), Some(odd));
        }
    }

    #[test]
    fn numbers_and_columns_are_shown_as_the_program_shows_them() {
        assert_eq!(Value::Number(13_900_000_000.0).text(), "13900000000");
        assert_eq!(Value::Number(87.5).text(), "87.5");
        assert_eq!(Value::Number(85.300_000_000_000_01).text(), "85.3");
        assert_eq!(Value::Number(0.1 + 0.2 + 84.0).text(), "84.3");
        assert_eq!(Value::Number(89.999_999_999_999_99).text(), "90");
        assert_eq!(Value::Number(85.25).text(), "85.25");
        assert_eq!(["A", "Z", "AA", "AG", "BA"], [0, 25, 26, 32, 52].map(letters).each_ref().map(String::as_str));
    }
}
