//! Photos: from whatever was uploaded to what is printed, one inch (25 × 35 mm) at 300 dots per inch.

use std::borrow::Cow;
use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

use crate::PressError;

const WIDTH: u32 = 295;
const HEIGHT: u32 = 413;
/// Longest side and bytes of memory that an upload may ask for; a 24-megapixel camera stays below.
const MAX_SIDE: u32 = 8_000;
const MAX_ALLOC: u64 = 128 << 20;
/// What a prepared photo takes at most, so that a certificate stays below 120 KB whatever was photographed. Portraits
/// take 15 to 30 KB at the first quality.
const MAX_PREPARED: usize = 44 << 10;
const QUALITIES: [u8; 4] = [85, 70, 45, 20];

/// Turns an uploaded JPEG or PNG into the photo as it is printed: upright, cut to 5 : 7, 295 × 413 pixels, on white,
/// JPEG without any metadata. Preparing a prepared photo returns it unchanged, so a stored one costs nothing to print.
///
/// # Errors
/// [`PressError::Photo`] when it is neither JPEG nor PNG, is damaged, or measures more than 8,000 pixels on a side.
pub fn photo(bytes: &[u8]) -> Result<Cow<'_, [u8]>, PressError> {
    if is_prepared(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    Picture::open(bytes)?.print()
}

/// An uploaded picture, upright and on white, to be measured before it is prepared.
pub struct Picture<'a> {
    bytes: &'a [u8],
    upright: RgbImage,
}

impl<'a> Picture<'a> {
    /// Reads a JPEG or PNG, whatever its name says.
    ///
    /// # Errors
    /// As [`photo`].
    pub fn open(bytes: &'a [u8]) -> Result<Self, PressError> {
        Ok(Self { bytes, upright: white_ground(decode(bytes)?) })
    }

    /// Pixels across and down.
    pub fn dimensions(&self) -> (u32, u32) {
        self.upright.dimensions()
    }

    /// How many in a hundred points are white along the top and along both sides down to half the height. The strip is
    /// `strip` hundredths of the width; a point is white when neither of its colours is below `from`. Rounded down.
    pub fn white_ground(&self, strip: u32, from: u8) -> u32 {
        let (wide, high) = self.upright.dimensions();
        let strip = (wide * strip / 100).max(1);
        let (mut points, mut white) = (0_u64, 0_u64);
        for (y, row) in self.upright.rows().enumerate().take((high / 2).max(strip) as usize) {
            for (x, point) in row.enumerate() {
                let (x, y) = (x as u32, y as u32);
                if y < strip || x < strip || x + strip >= wide {
                    points += 1;
                    white += u64::from(point.0.iter().all(|&colour| colour >= from));
                }
            }
        }
        (white * 100 / points.max(1)) as u32
    }

    /// The picture as it is printed; what [`photo`] makes of it. One that was printed before is left as it is.
    ///
    /// # Errors
    /// [`PressError::Photo`] when it can't be written.
    pub fn print(&self) -> Result<Cow<'a, [u8]>, PressError> {
        if is_prepared(self.bytes) {
            return Ok(Cow::Borrowed(self.bytes));
        }
        let (w, h) = self.dimensions();
        // The largest 5 : 7 piece, centred; of a photo that is too tall more is cut below than above the head.
        let is_wide = w * HEIGHT > h * WIDTH;
        let (cut_w, cut_h) =
            if is_wide { ((h * WIDTH / HEIGHT).max(1), h) } else { (w, (w * HEIGHT / WIDTH).max(1).min(h)) };
        let piece = imageops::crop_imm(&self.upright, (w - cut_w) / 2, (h - cut_h) / 3, cut_w, cut_h).to_image();
        let small = if cut_w >= 2 * WIDTH {
            imageops::thumbnail(&piece, WIDTH, HEIGHT)
        } else {
            imageops::resize(&piece, WIDTH, HEIGHT, FilterType::CatmullRom)
        };
        let mut jpeg = Vec::new();
        for quality in QUALITIES {
            jpeg.clear();
            JpegEncoder::new_with_quality(&mut jpeg, quality)
                .encode_image(&small)
                .map_err(|_| PressError::Photo("无法处理"))?;
            if jpeg.len() <= MAX_PREPARED {
                break;
            }
        }
        Ok(Cow::Owned(jpeg))
    }
}

pub(crate) fn decode(bytes: &[u8]) -> Result<DynamicImage, PressError> {
    let damaged = |_| PressError::Photo("文件已损坏或尺寸过大");
    let mut reader = ImageReader::new(Cursor::new(bytes));
    match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png)) => reader.set_format(format),
        _ => return Err(PressError::Photo("不是 JPEG 或 PNG 图片")),
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// Lays what is transparent on white, the ground that the rules ask for.
fn white_ground(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let rgba = image.into_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0;
        let over_white = |c: u8| ((c as u16 * a as u16 + 255 * (255 - a as u16) + 127) / 255) as u8;
        Rgb([r, g, b].map(over_white))
    })
}

/// Walks the segments up to the scan: a baseline JPEG of the printed size that carries nothing but tables.
fn is_prepared(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(&[0xFF, 0xD8]) else { return false };
    if bytes.len() > MAX_PREPARED || !bytes.ends_with(&[0xFF, 0xD9]) {
        return false;
    }
    let mut sized = false;
    while let [0xFF, marker, high, low, ..] = *rest {
        let length = u16::from_be_bytes([high, low]) as usize + 2;
        let Some(segment) = rest.get(..length) else { return false };
        match marker {
            0xC0 => sized = segment[5..].starts_with(&[1, 157, 1, 39]), // height 413, width 295
            0xDA => return sized,
            0xC4 | 0xDB | 0xE0 if length >= 9 => {}
            _ => return false,
        }
        rest = &rest[length..];
    }
    false
}
