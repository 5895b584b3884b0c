//! 二（二）4: the body issues by itself, so its stamp stands on the certificate. What its picture must be like, and from which day
//! on it is printed.

use crate::terms::{
    STAMP_BYTES_MAX, STAMP_CORNER_SHARE, STAMP_DOTS, STAMP_MM_MAX, STAMP_MM_MIN, STAMP_RED_SHARE, STAMP_ROUND_OFF,
};
use crate::{Clause, Day, Refusal};

/// What is measured of a picture on white or transparent ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StampMeasured {
    /// Bytes of the file.
    pub bytes: u64,
    /// Points of the ink from left to right; 0 where there is none.
    pub wide: u32,
    /// Points of the ink from top to bottom.
    pub high: u32,
    /// How many in a hundred points of the ink are red.
    pub red: u32,
    /// How many in a hundred points outside the circle that the ink should fill bear ink.
    pub outside: u32,
}

/// Dots that so many millimetres take.
const fn dots(millimetres: u32) -> u32 {
    (millimetres * STAMP_DOTS * 10 + 127) / 254
}

/// Whether a picture may be a body's stamp.
///
/// # Errors
/// A refusal that says what is wrong with it: its size, its colour, its shape or its ground.
pub fn may_stamp(measured: StampMeasured) -> Result<(), Refusal> {
    let StampMeasured { bytes, wide, high, red, outside } = measured;
    let refuse = |what: String, remedy: String| Err(Refusal::new(Clause::S2_2_4B, what).remedy(remedy).at("file"));
    if bytes > STAMP_BYTES_MAX {
        return refuse(
            format!("文件超过 {} KB", STAMP_BYTES_MAX >> 10),
            format!("一枚印章按 {STAMP_DOTS} dpi 只需几十 KB，请裁去四周的空白后重新保存"),
        );
    }
    let (least, most) = (dots(STAMP_MM_MIN), dots(STAMP_MM_MAX));
    if wide.max(high) < least || wide.max(high) > most {
        return refuse(
            format!("印面为 {wide}×{high} 像素，按 {STAMP_DOTS} dpi 不是直径 {STAMP_MM_MIN} 至 {STAMP_MM_MAX} 毫米"),
            format!("请按实际大小、{STAMP_DOTS} dpi 扫描或导出，印面每边 {least} 至 {most} 像素；40 毫米是 472 像素"),
        );
    }
    if wide.abs_diff(high) * 100 > wide.max(high) * STAMP_ROUND_OFF || outside > STAMP_CORNER_SHARE {
        return refuse(
            format!("印面 {wide}×{high} 像素，不是正圆"),
            "请用圆形的机构印章，正放、不拉伸，四角没有别的内容".into(),
        );
    }
    if red < STAMP_RED_SHARE {
        return refuse(
            format!("印面只有 {red}% 是红色"),
            "请用红色印章，白底或透明底，没有文字、阴影和其他颜色".into(),
        );
    }
    Ok(())
}

/// From which day on an accepted stamp is printed: no version that was made before it changes, so not before the day after.
pub fn holds_from(wanted: Day, accepted_on: Day) -> Day {
    wanted.max(accepted_on.tomorrow().unwrap_or(accepted_on))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_2_4b_a_round_red_stamp_of_its_own_size_is_taken_and_whatever_differs_is_told() {
        let good = StampMeasured { bytes: 40_000, wide: 472, high: 472, red: 100, outside: 0 };
        let table = [
            (good, None),
            (StampMeasured { wide: 449, high: 449, ..good }, None),
            (StampMeasured { wide: 531, high: 531, ..good }, None),
            (StampMeasured { wide: 472, high: 460, red: 90, outside: 2, ..good }, None),
            (StampMeasured { bytes: 3 << 20, ..good }, Some("KB")),
            (StampMeasured { wide: 448, high: 448, ..good }, Some("毫米")),
            (StampMeasured { wide: 533, high: 533, ..good }, Some("毫米")),
            (StampMeasured { wide: 0, high: 0, ..good }, Some("毫米")),
            (StampMeasured { wide: 472, high: 440, ..good }, Some("正圆")),
            (StampMeasured { outside: 3, ..good }, Some("正圆")),
            (StampMeasured { red: 89, ..good }, Some("红色")),
        ];
        for (measured, what) in table {
            match (may_stamp(measured), what) {
                (Ok(()), None) => {}
                (Err(refusal), Some(what)) => {
                    assert!(refusal.what.contains(what) && !refusal.remedy.is_empty(), "{refusal:?}");
                    assert_eq!((refusal.ground.clause(), refusal.field), (Some(Clause::S2_2_4B), Some("file")));
                }
                (found, what) => panic!("{measured:?}: {found:?}, not {what:?}"),
            }
        }
    }

    #[test]
    fn s2_2_4b_a_stamp_changes_nothing_that_was_made_before_it_was_accepted() {
        let day = |day| Day::constant(2026, 3, day);
        assert_eq!(holds_from(day(2), day(2)), day(3));
        assert_eq!(holds_from(day(1), day(9)), day(10));
        assert_eq!(holds_from(day(20), day(9)), day(20));
    }
}
