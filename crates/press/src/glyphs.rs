//! Whether the fonts have every character of a text. Asked before typesetting, so that the answer can name the field.

use std::sync::LazyLock;

use typst::text::Coverage;

use crate::PressError;
use crate::world::FONTS;

static COVERAGE: LazyLock<Vec<Coverage>> = LazyLock::new(|| FONTS.iter().map(|f| f.info().coverage.clone()).collect());

/// Refuses the first character of `text` that no font has.
pub(crate) fn check(field: &'static str, text: &str) -> Result<(), PressError> {
    match text.chars().find(|&c| !prints(c)) {
        Some(character) => Err(PressError::NoGlyph { character, field }),
        None => Ok(()),
    }
}

/// A text with 〓 for each character that no font has, as printers leave a place for a character that is to be cut: for lists
/// that are needed on the day, whoever stands on them.
pub(crate) fn spelled(text: &str) -> String {
    text.chars().map(|c| if prints(c) { c } else { '〓' }).collect()
}

/// Private-use code points are refused even where a font draws something there: what one system means by them, another
/// shows as something else, and archival PDF forbids them. Line ends print as line ends.
fn prints(c: char) -> bool {
    match c {
        '\n' => true,
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'.. => false,
        c if c.is_control() => false,
        c => COVERAGE.iter().any(|font| font.contains(c as u32)),
    }
}
