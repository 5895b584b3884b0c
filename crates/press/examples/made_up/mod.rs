//! Holders, portraits and a signer that nobody has.

use image::{ImageFormat, Rgb, RgbImage};
use jiff::Timestamp;
use jiff::civil::date;
use press::{Certificate, Press, SignatureNote, Unsigned};
use proof::{DocumentKey, DocumentRoot, Holder, SoftwareSigner, sign_document};

/// A signer under a root of its own.
pub fn signer(body_name: &str) -> Result<SoftwareSigner, Box<dyn std::error::Error>> {
    let holder = |name: &str, filing_number: Option<&str>| Holder {
        name: name.into(),
        filing_number: filing_number.map(str::to_owned),
        generation: 1,
    };
    let key = |byte| DocumentKey::new(&[byte; 32]).ok_or("no key");
    let since: Timestamp = "2026-03-01T16:00:00Z".parse()?;
    let root = DocumentRoot::new(key(1)?, &holder("示例省职业技能等级证书签名根", None), since)?;
    Ok(root.signer(key(2)?, &holder(body_name, Some("Y001350000001")), since)?)
}

/// A certificate as its signed PDF.
pub fn signed(one: &Certificate, signer: &SoftwareSigner) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let note = SignatureNote {
        name: one.body_name.clone(),
        reason: "核发职业技能等级证书".into(),
        at: "2026-12-07T01:30:00Z".parse()?,
    };
    let unsigned = Unsigned::new(Press::new().certificate(one)?, &note, 2048)?;
    let signature = sign_document(&unsigned.parts(), signer)?;
    Ok(unsigned.with(&signature)?)
}

/// A made-up holder; the names walk through common and rare characters, so that fonts are reduced anew each time.
pub fn certificate(i: usize, photo: &[u8]) -> Certificate {
    const FAMILY: [&str; 8] = ["林", "陈", "䶮", "欧阳", "阿卜杜拉·", "郑", "翁", "佘"];
    const GIVEN: [&str; 7] = ["子昇", "堃", "喆宇", "㛃晴", "𬎆", "若萱", "建国"];
    Certificate {
        body_name: "示例海峡高级技工学校".into(),
        issued_on: date(2026, 12, 7),
        name: format!("{}{}", FAMILY[i % 8], GIVEN[i % 7]),
        id_type: "居民身份证".into(),
        id_number: format!("35019918800101{:03}X", i % 1000),
        occupation: "中式烹调师".into(),
        work_type: None,
        level: "四级/中级工".into(),
        number: format!("Y00135000000126{:07}", i),
        photo: Some(photo.to_vec()),
        stamp: None,
        qr_text: format!("https://jiangce.example.cn/c/7Qm2vK9rT4xW8yB1nC5dF{i:04}"),
        province_query: None,
        attachment: Some((
            "statement.json".into(),
            format!(r#"{{"number":"{i:022}","proof":"{i:0512x}"}}"#).into_bytes(),
        )),
    }
}

/// A drawn portrait with the grain of a real one, so that it compresses like one.
pub fn portrait(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let (w, h) = (width as f32, height as f32);
    let mut seed = seed;
    let image = RgbImage::from_fn(width, height, |x, y| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (seed >> 28) as f32;
        let (x, y) = ((x as f32 - w / 2.0) / w, y as f32 / h);
        let inside = |cx: f32, cy: f32, rx: f32, ry: f32| ((x - cx) / rx).powi(2) + ((y - cy) / ry).powi(2) < 1.0;
        let eye = inside(-0.09, 0.40, 0.03, 0.012) || inside(0.09, 0.40, 0.03, 0.012);
        let shade = 1.0 - 0.25 * x.abs();
        let [r, g, b] = if eye || inside(0.0, 0.56, 0.07, 0.012) {
            [70.0, 45.0, 40.0]
        } else if inside(0.0, 0.43, 0.21, 0.22) && y > 0.29 {
            [228.0 * shade, 190.0 * shade, 165.0 * shade]
        } else if inside(0.0, 0.40, 0.24, 0.24) {
            [38.0, 34.0, 36.0]
        } else if inside(0.0, 0.66, 0.09, 0.12) {
            [210.0 * shade, 172.0 * shade, 150.0 * shade]
        } else if inside(0.0, 1.05, 0.42, 0.32) {
            [40.0, 56.0, 84.0]
        } else {
            [250.0, 250.0, 250.0]
        };
        Rgb([r, g, b].map(|c| (c + grain - 8.0).clamp(0.0, 255.0) as u8))
    });
    let mut jpeg = std::io::Cursor::new(Vec::new());
    image.write_to(&mut jpeg, ImageFormat::Jpeg).expect("a picture becomes a JPEG");
    jpeg.into_inner()
}
