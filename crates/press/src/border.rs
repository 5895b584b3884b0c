//! The ground of a certificate: a border of interlaced waves after the engraving on securities, and a pale rosette below the
//! text. Drawn once as an SVG, which reaches the page three times faster than the same curves as typst shapes; in
//! whole twentieths of a millimetre, which keeps the page small.

use std::fmt::Write;
use std::sync::LazyLock;

use typst::foundations::Bytes;

const WIDTH: i32 = 4200;
const HEIGHT: i32 = 5940;
/// From the edge of the paper to the band, and the width of the band.
const EDGE: i32 = 220;
const BAND: i32 = 140;
/// Height of a wave and its shift in quarters of its length.
const WAVES: [(i32, i32); 6] = [(52, 0), (52, 1), (52, 2), (52, 3), (24, 0), (24, 2)];
/// Half the length of a wave. The sides inside the corners, 3480 and 5220, are 20 and 30 whole waves.
const HALF: i32 = 87;

const GOLD: &str = "#a98545";
const PALE: &str = "#f1e8d6";

/// The drawing, as large as the page.
pub(crate) static BORDER: LazyLock<Bytes> = LazyLock::new(|| Bytes::from_string(draw()));

fn draw() -> String {
    let (right, bottom) = (WIDTH - EDGE - BAND, HEIGHT - EDGE - BAND);
    let (across, down) = (right - EDGE - BAND, bottom - EDGE - BAND);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" fill="none" stroke="{GOLD}" stroke-width="2">"#
    );
    let mut put = |piece: String| svg.push_str(&piece);

    put(format!(r#"<g stroke="{PALE}" stroke-width="3">{}</g>"#, rosette(WIDTH / 2, HEIGHT / 2 + 160, 1280, 580, 24)));
    for (inset, weight) in [(EDGE - 32, 8), (EDGE, 2), (EDGE + BAND, 2), (EDGE + BAND + 20, 5)] {
        let (w, h) = (WIDTH - 2 * inset, HEIGHT - 2 * inset);
        put(format!(r#"<rect x="{inset}" y="{inset}" width="{w}" height="{h}" stroke-width="{weight}"/>"#));
    }
    let inner = EDGE + BAND;
    for (x, y, length, turn) in [
        (inner, EDGE, across, 0),
        (inner, bottom, across, 0),
        (inner, inner, down, 90),
        (right + BAND, inner, down, 90),
    ] {
        let waves = waves(length);
        put(format!(
            r#"<g transform="translate({x} {y}) rotate({turn})"><svg width="{length}" height="{BAND}">{waves}</svg></g>"#
        ));
    }
    for x in [EDGE, right] {
        for y in [EDGE, bottom] {
            let (cx, cy) = (x + BAND / 2, y + BAND / 2);
            put(format!(r#"<rect x="{x}" y="{y}" width="{BAND}" height="{BAND}" stroke-width="4"/>"#));
            put(rosette(cx, cy, 60, 25, 6));
            put(format!(r#"<circle cx="{cx}" cy="{cy}" r="10" fill="{GOLD}" stroke="none"/>"#));
        }
    }
    put("</svg>".into());
    svg
}

/// Waves from end to end. Half a sine is one cubic curve with handles at 0.364 of its length and 4/3 of its height.
fn waves(length: i32) -> String {
    let middle = BAND / 2;
    let handle = HALF * 364 / 1000;
    let mut paths = String::new();
    for (height, shift) in WAVES {
        let start = -shift * HALF / 2;
        write!(paths, r#"<path d="M{start} {middle}"#).expect("a string takes all");
        for i in 0..(length - start) / HALF + 1 {
            let lift = if i % 2 == 0 { height } else { -height } * 4 / 3;
            write!(paths, "c{handle} {lift} {} {lift} {HALF} 0", HALF - handle).expect("a string takes all");
        }
        paths.push_str("\"/>");
    }
    paths
}

/// Ellipses turned around their common centre.
fn rosette(cx: i32, cy: i32, rx: i32, ry: i32, count: i32) -> String {
    let turned = |i| {
        let angle = f64::from(i) * 180.0 / f64::from(count);
        format!(r#"<ellipse cx="{cx}" cy="{cy}" rx="{rx}" ry="{ry}" transform="rotate({angle} {cx} {cy})"/>"#)
    };
    (0..count).map(turned).collect()
}
