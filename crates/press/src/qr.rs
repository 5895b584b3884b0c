//! QR codes as drawings: one path of whole runs, which stays sharp at any size.

use std::fmt::Write;

use fast_qr::ECL;
use fast_qr::qr::QRBuilder;

use crate::PressError;

/// Draws `text` as an SVG without a margin; the template leaves one.
pub(crate) fn svg(text: &str) -> Result<Vec<u8>, PressError> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| PressError::Qr)?;
    let mut path = String::new();
    for y in 0..code.size {
        let mut x = 0;
        while x < code.size {
            let run = code[y][x..].iter().take_while(|module| module.value()).count();
            if run > 0 {
                write!(path, "M{x} {y}h{run}v1h-{run}z").expect("a string takes all");
            }
            x += run.max(1);
        }
    }
    let n = code.size;
    Ok(format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {n} {n}"><path d="{path}"/></svg>"#)
        .into_bytes())
}
