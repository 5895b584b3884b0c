//! QR codes as drawings: one path of whole runs, which stays sharp at any size. And read back from a picture of a page.

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

/// The texts of the QR codes in a picture (JPEG or PNG) of a page: a photo or a scan, any way up.
///
/// # Errors
/// Where it is no picture.
pub fn read_qr(bytes: &[u8]) -> Result<Vec<String>, PressError> {
    let grey = crate::photo::decode(bytes)?.into_luma8();
    // A clean scan is black and white: what is darker than grey is ink, whatever grain lies over it. A photo has shadows, and
    // the reader finds what is ink around each spot; where that is too grainy, at a half or a third of the size.
    for (shrink, is_scan) in [(1, true), (1, false), (2, false), (3, false)] {
        let (width, height) = (grey.width() / shrink, grey.height() / shrink);
        let at = |x: usize, y: usize| {
            let (x, y) = (x as u32 * shrink, y as u32 * shrink);
            let square = (0..shrink).flat_map(|dy| (0..shrink).map(move |dx| (x + dx, y + dy)));
            let sum: u32 = square.map(|(x, y)| u32::from(grey.get_pixel(x, y).0[0])).sum();
            let grey = (sum / (shrink * shrink)) as u8;
            if is_scan { if grey < 128 { 0 } else { 255 } } else { grey }
        };
        let mut page = rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, at);
        let grids = page.detect_grids();
        let mut texts: Vec<String> = grids.iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect();
        texts.dedup();
        if !texts.is_empty() {
            return Ok(texts);
        }
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificates_code_stays_within_version_20() {
        // An address of 64 characters and a statement as it is signed.
        for (length, version) in [(412, 15), (666, 20)] {
            let code = QRBuilder::new("a".repeat(length)).ecl(ECL::M).build().expect("a code");
            assert_eq!(code.size, 17 + 4 * version);
        }
    }
}
