//! Stamps: from the picture of a body's seal to what is printed over its name and day, at the size that it has.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _, ImageFormat, RgbaImage};

use crate::PressError;
use crate::photo::decode;

/// Dots per inch of a stamp.
const DOTS: f64 = 300.0;
/// Longest side in points that is read: six times a stamp.
const MAX_SIDE: u32 = 3_000;
/// How much of a point's ink covers the ground from which it counts, of 255: paler is the haze of a scan.
const INK: u8 = 40;
/// By how much red stands above green and blue in a red point, of 255, where the ink covers it wholly.
const RED: i32 = 70;

/// The picture of a stamp, its ink apart from its ground.
pub struct Stamp {
    /// Red, green and blue of the ink, and how much of it covers each point.
    ink: RgbaImage,
    /// Left, top, width and height of what bears ink.
    bounds: (u32, u32, u32, u32),
}

impl Stamp {
    /// Reads a PNG on white or transparent ground.
    ///
    /// # Errors
    /// [`PressError::Photo`] when it is no PNG, is damaged, or measures more than 3,000 pixels on a side.
    pub fn open(bytes: &[u8]) -> Result<Self, PressError> {
        if image::guess_format(bytes).ok() != Some(ImageFormat::Png) {
            return Err(PressError::Photo("不是 PNG 图片"));
        }
        if side(bytes, 16)?.max(side(bytes, 20)?) > MAX_SIDE {
            return Err(PressError::Photo("每边超过 3000 像素"));
        }
        let mut ink = decode(bytes)?.into_rgba8();
        ink.pixels_mut().for_each(|point| point.0 = lifted(point.0));
        let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
        for (x, y, _) in ink.enumerate_pixels().filter(|(.., point)| point.0[3] >= INK) {
            (left, right) = (left.min(x), right.max(x + 1));
            (top, bottom) = (top.min(y), bottom.max(y + 1));
        }
        let bounds = if right == 0 { (0, 0, 0, 0) } else { (left, top, right - left, bottom - top) };
        Ok(Self { ink, bounds })
    }

    /// Width and height of what bears ink, in points.
    pub fn dimensions(&self) -> (u32, u32) {
        (self.bounds.2, self.bounds.3)
    }

    /// How many in a hundred points of the ink are red. Rounded down.
    pub fn red(&self) -> u32 {
        let inked = || self.ink.pixels().filter(|point| point.0[3] >= INK);
        let red = inked().filter(|point| {
            let [r, g, b, _] = point.0.map(i32::from);
            r - g.max(b) >= RED
        });
        share(red.count(), inked().count())
    }

    /// How many in a hundred points outside the circle that fills the ink's width and height bear ink. Rounded up.
    pub fn outside(&self) -> u32 {
        let (left, top, wide, high) = self.bounds;
        let (mut points, mut inked) = (0_usize, 0);
        for y in 0..high {
            for x in 0..wide {
                let part = |at: u32, of: u32| (f64::from(at) + 0.5) / f64::from(of) * 2.0 - 1.0;
                let (across, down) = (part(x, wide), part(y, high));
                // A little wider than the circle, for the edge of a scan.
                if across * across + down * down > 1.06 {
                    points += 1;
                    inked += usize::from(self.ink.get_pixel(left + x, top + y).0[3] >= INK);
                }
            }
        }
        (inked * 100).div_ceil(points.max(1)) as u32
    }

    /// The stamp as it is printed: cut to its ink, in the one red that it has on the whole, on transparent ground; the same
    /// picture gives the same bytes. Without metadata.
    ///
    /// # Errors
    /// [`PressError::Photo`] when it can't be written.
    pub fn print(&self) -> Result<Vec<u8>, PressError> {
        let (left, top, wide, high) = self.bounds;
        // One colour with a varying cover takes a tenth of the bytes of a scan and looks the same.
        let (mut sums, mut covers) = ([0_u64; 3], 0_u64);
        for point in self.ink.pixels().filter(|point| point.0[3] >= INK) {
            let [r, g, b, cover] = point.0.map(u64::from);
            sums.iter_mut().zip([r, g, b]).for_each(|(sum, colour)| *sum += colour * cover);
            covers += cover;
        }
        let [r, g, b] = sums.map(|sum| (sum / covers.max(1)) as u8);
        let cut = RgbaImage::from_fn(wide, high, |x, y| {
            let cover = self.ink.get_pixel(left + x, top + y).0[3];
            image::Rgba([r, g, b, if cover >= INK / 2 { cover } else { 0 }])
        });
        let mut png = Vec::new();
        PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive)
            .write_image(&cut, wide, high, ExtendedColorType::Rgba8)
            .map_err(|_| PressError::Photo("无法处理"))?;
        Ok(png)
    }
}

/// How many millimetres a printed stamp is wide, by the head of its PNG.
///
/// # Errors
/// [`PressError::Photo`] when it is none of [`Stamp::print`].
pub(crate) fn millimetres(png: &[u8]) -> Result<f64, PressError> {
    Ok(f64::from(side(png, 16)?) / DOTS * 25.4)
}

/// The width or the height that the head of a PNG says, by where it stands there.
fn side(png: &[u8], at: usize) -> Result<u32, PressError> {
    let head = png.get(at..at + 4).filter(|_| png.starts_with(b"\x89PNG"));
    let side = head.and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    side.ok_or(PressError::Photo("不是 PNG 图片"))
}

/// A point without its white ground: the palest colour that covers the ground just so much.
fn lifted([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    let over_white = |c: u8| 255 - (255 - u16::from(c)) * u16::from(a) / 255;
    let [r, g, b] = [r, g, b].map(over_white);
    let cover = 255 - r.min(g).min(b);
    if cover == 0 {
        return [255, 255, 255, 0];
    }
    let pure = |c: u16| (255 - (255 - c) * 255 / cover) as u8;
    [pure(r), pure(g), pure(b), cover as u8]
}

fn share(part: usize, of: usize) -> u32 {
    (part * 100 / of.max(1)) as u32
}
