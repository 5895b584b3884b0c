//! 二（二）4: what a photo must be like that a certificate is to carry: one inch, enough points, white ground. Nobody looks
//! for a face; that the picture shows its candidate is for people to see.

use crate::notice::Clause;
use crate::refusal::Refusal;
use crate::terms::{PHOTO_HIGH, PHOTO_HIGH_MIN, PHOTO_RATIO_OFF, PHOTO_WHITE_SHARE, PHOTO_WIDE, PHOTO_WIDE_MIN};

/// What is measured of a picture that stands upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Pixels across.
    pub wide: u32,
    /// Pixels down.
    pub high: u32,
    /// How many in a hundred points of the ground are white (`PHOTO_GROUND`, `PHOTO_WHITE_FROM`).
    pub white: u32,
}

/// Whether a picture may be printed on a certificate.
///
/// # Errors
/// A refusal that says what is wrong with it: its shape, its size or its ground.
pub fn may_print(measured: Measured) -> Result<(), Refusal> {
    let Measured { wide, high, white } = measured;
    let refuse = |what: String, remedy: String| Err(Refusal::new(Clause::S2_2_4B, what).remedy(remedy).at("photos"));
    // 25 : 35 as wide × 350 against high × 250, which differ by no more than so many in a hundred.
    let (across, down) = (u64::from(wide) * u64::from(PHOTO_HIGH), u64::from(high) * u64::from(PHOTO_WIDE));
    if across.abs_diff(down) * 100 > down * u64::from(PHOTO_RATIO_OFF) {
        return refuse(
            format!("照片为{wide}×{high}像素，不是一寸照的比例（宽25毫米、高35毫米）"),
            "请按25∶35裁剪，例如295×413像素；不要拉伸".into(),
        );
    }
    if wide < PHOTO_WIDE_MIN || high < PHOTO_HIGH_MIN {
        return refuse(
            format!("照片只有{wide}×{high}像素，印到证书上不清楚"),
            format!("请用原始照片，至少{PHOTO_WIDE_MIN}×{PHOTO_HIGH_MIN}像素；不要放大小图"),
        );
    }
    if white < PHOTO_WHITE_SHARE {
        return refuse(
            format!("照片上边和两侧只有{white}%是白色，不是白底"),
            format!("请换白底照片，背景至少{PHOTO_WHITE_SHARE}%为白色，没有边框和阴影"),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_inch_on_white_is_printed_and_whatever_differs_is_told() {
        let table = [
            (295, 413, 100, None),
            (240, 336, 85, None),
            // The usual sizes of photo shops.
            (260, 378, 100, None),
            (413, 579, 100, None),
            (2000, 2800, 100, None),
            // The card of residents and a square stand apart.
            (358, 441, 100, Some("比例")),
            (400, 400, 100, Some("比例")),
            (413, 295, 100, Some("比例")),
            (0, 0, 100, Some("像素")),
            (239, 336, 100, Some("像素")),
            (240, 335, 100, Some("像素")),
            (295, 413, 84, Some("白底")),
        ];
        for (wide, high, white, wrong) in table {
            let said = may_print(Measured { wide, high, white });
            match wrong {
                None => assert_eq!(said, Ok(()), "{wide}×{high}"),
                Some(word) => {
                    let refusal = said.expect_err("refused");
                    assert!(refusal.what.contains(word), "{wide}×{high}: {}", refusal.what);
                    assert!(!refusal.remedy.is_empty());
                }
            }
        }
    }

    #[test]
    fn the_ratio_is_within_five_in_a_hundred_and_no_further() {
        for high in 336..1200_u32 {
            for wide in 240..900_u32 {
                let off = (f64::from(wide) / f64::from(high) / (25.0 / 35.0) - 1.0).abs();
                if (off - 0.05).abs() > 1e-9 {
                    let is_taken = may_print(Measured { wide, high, white: 100 }).is_ok();
                    assert_eq!(is_taken, off < 0.05, "{wide}×{high}");
                }
            }
        }
    }
}
