//! 二（二）4: a certificate may be printed on blanks that a printing house has made. No two printers take paper in at the
//! same place, so each body says how far its own is off.

use crate::terms::PRINT_OFFSET_MAX;
use crate::{Clause, Refusal};

/// How far what is printed on a blank is moved, in tenths of a millimetre: to the right and downwards, below zero the other
/// way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PrintOffset {
    pub right: i64,
    pub down: i64,
}

/// Reads millimetres with one decimal as people write them: `1.2`, `-0.5`, `＋3`; nothing is nought.
///
/// # Errors
/// A refusal at the field where it is no such number.
pub fn tenths(text: &str, field: &'static str) -> Result<i64, Refusal> {
    let refuse = || {
        Refusal::new(Clause::S2_2_4B, format!("“{text}”不是毫米数"))
            .remedy("请填写最多一位小数的毫米数，例如 1.2；向左、向上写负数，例如 -0.5")
            .at(field)
    };
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            '－' | '−' | '–' => '-',
            '＋' => '+',
            '．' | '。' => '.',
            c => c,
        })
        .collect();
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    if plain.is_empty() {
        return Ok(0);
    }
    let (whole, decimal) = digits.split_once('.').unwrap_or((digits, "0"));
    let number = |digits: &str, longest: usize| -> Result<i64, Refusal> {
        let good = (1..=longest).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse().ok().filter(|_| good).ok_or_else(refuse)
    };
    Ok(sign * (number(whole, 4)? * 10 + number(decimal, 1)?))
}

/// Whether a page can be moved so far.
///
/// # Errors
/// A refusal at the field that is out of bounds.
pub fn may_set(offset: PrintOffset) -> Result<(), Refusal> {
    for (field, word, tenths) in [("right", "向右", offset.right), ("down", "向下", offset.down)] {
        if tenths.abs() > PRINT_OFFSET_MAX {
            let (is, most) = (tenths as f64 / 10.0, PRINT_OFFSET_MAX / 10);
            return Err(Refusal::new(Clause::S2_2_4B, format!("{word} {is:.1} 毫米，超过 {most} 毫米"))
                .remedy("偏这么多，多半是纸放反了或打印时选了“适合页面”，请按实际大小重新打印校准页再量")
                .at(field));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn millimetres_are_read_as_people_write_them() {
        for (text, read) in [
            ("1.2", Some(12)),
            ("-0.5", Some(-5)),
            ("－０．５", Some(-5)),
            ("+3", Some(30)),
            (" 10 ", Some(100)),
            ("", Some(0)),
            ("-", None),
            ("1.25", None),
            ("1.", None),
            (".5", None),
            ("1,2", None),
            ("99999", None),
            ("一", None),
        ] {
            assert_eq!(tenths(text, "right").ok(), read, "{text}");
        }
    }

    #[test]
    fn a_page_moves_ten_millimetres_at_most() {
        for (right, down, at) in [(100, -100, None), (101, 0, Some("right")), (0, -101, Some("down")), (0, 0, None)] {
            let refused = may_set(PrintOffset { right, down }).err();
            assert_eq!(refused.and_then(|refusal| refusal.field), at, "{right}, {down}");
        }
    }
}
