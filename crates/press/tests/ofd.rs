//! The page as OFD, read back: the files that the form asks for, the text, and fonts that show it.

use std::io::{Cursor, Read as _};

use image::{ImageFormat, Rgb, RgbImage};
use press::{Certificate, Press, PressError, attachment};
use quick_xml::Reader;
use quick_xml::events::Event;
use ttf_parser::Face;
use zip::ZipArchive;

fn certificate() -> Certificate {
    let mut photo = Cursor::new(Vec::new());
    RgbImage::from_fn(295, 413, |x, y| Rgb([x as u8, y as u8, 90]))
        .write_to(&mut photo, ImageFormat::Jpeg)
        .expect("JPEG");
    Certificate {
        body_name: "示例“海峡”<&>高级技工学校".into(),
        name: "林䶮𬎆".into(),
        id_type: "居民身份证".into(),
        id_number: "35019918800101001X".into(),
        occupation: "中式烹调师".into(),
        level: "四级/中级工".into(),
        number: "Y001350000001260000001".into(),
        photo: Some(photo.into_inner()),
        stamp: None,
        qr_text: "https://jiangce.example.cn/c/7Qm2vK9rT4xW8yB1nC5dF0".into(),
        attachment: Some(("jiangce.json".into(), b"{\"signed\":true}".to_vec())),
        ..Certificate::empty(jiff::civil::date(2026, 12, 7))
    }
}

fn entry(ofd: &[u8], name: &str) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(ofd)).expect("a ZIP");
    let mut bytes = Vec::new();
    archive.by_name(name).unwrap_or_else(|_| panic!("{name}")).read_to_end(&mut bytes).expect("its bytes");
    bytes
}

/// Each run of text of the page: font, glyphs, text.
fn runs(content: &str) -> Vec<(String, Vec<u16>, String)> {
    let mut reader = Reader::from_str(content);
    let (mut runs, mut font, mut glyphs, mut text, mut within) =
        (Vec::new(), String::new(), Vec::new(), String::new(), String::new());
    loop {
        match reader.read_event().expect("XML") {
            Event::Start(start) => {
                within = start.name().as_ref().to_owned();
                if within == "ofd:TextObject" {
                    let number = start.try_get_attribute("Font").expect("attributes").expect("a font");
                    font = number.value.into_owned();
                    text.clear();
                }
            }
            Event::Text(said) if within == "ofd:Glyphs" => {
                glyphs = said.split(' ').map(|glyph| glyph.parse().expect("a glyph")).collect();
            }
            Event::Text(said) if within == "ofd:TextCode" => text.push_str(&said),
            Event::GeneralRef(named) if within == "ofd:TextCode" => {
                text.push(match &*named {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    "quot" => '"',
                    other => panic!("{other}"),
                });
            }
            Event::End(end) if end.name().as_ref() == "ofd:TextObject" => {
                runs.push((font.clone(), std::mem::take(&mut glyphs), text.clone()));
            }
            Event::Eof => return runs,
            _ => {}
        }
    }
}

#[test]
fn an_ofd_says_what_the_page_says_and_its_fonts_show_it() {
    let ofd = Press::new().certificate_ofd(&certificate()).expect("an OFD");
    let runs = runs(&String::from_utf8(entry(&ofd, "Doc_0/Pages/Page_0/Content.xml")).expect("text"));
    let text: String = runs.iter().map(|(.., text)| text.as_str()).collect();
    for said in ["职业技能等级证书", "林䶮𬎆", "35019918800101001X", "工种/职业方向", "--", "示例“海峡”<&>高级技工学校"]
    {
        assert!(text.contains(said), "{said} is not in {text}");
    }
    for (font, glyphs, text) in runs {
        let file = entry(&ofd, &format!("Doc_0/Res/font_{font}.ttf"));
        let face = Face::parse(&file, 0).expect("a font");
        assert_eq!(text.chars().count(), glyphs.len(), "{text}");
        for (character, glyph) in text.chars().zip(glyphs) {
            // By number and by character it is the same glyph, and it is not the box of what is missing.
            assert_eq!(face.glyph_index(character).map(|found| found.0), Some(glyph), "{character}");
            assert!(glyph > 0, "{character}");
        }
    }
}

#[test]
fn an_ofd_has_the_files_that_its_form_asks_for() {
    let press = Press::new();
    let ofd = press.certificate_ofd(&certificate()).expect("an OFD");
    assert!(ofd == press.certificate_ofd(&certificate()).expect("an OFD"), "the same certificate, the same bytes");
    let about = String::from_utf8(entry(&ofd, "OFD.xml")).expect("text");
    assert!(
        about.contains("<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>") && about.contains("&lt;&amp;&gt;"),
        "{about}"
    );
    let document = String::from_utf8(entry(&ofd, "Doc_0/Document.xml")).expect("text");
    for named in ["PublicRes.xml", "DocumentRes.xml", "Pages/Page_0/Content.xml", "Attachs/Attachments.xml"] {
        assert!(document.contains(named), "{named}: {document}");
        entry(&ofd, &format!("Doc_0/{named}"));
    }
    let content = String::from_utf8(entry(&ofd, "Doc_0/Pages/Page_0/Content.xml")).expect("text");
    assert_eq!(content.matches("<ofd:ImageObject").count(), 1, "the photo");
    assert!(content.contains("<ofd:PathObject") && content.contains("<ofd:Clips>"), "the border and the code");
    assert_eq!(attachment(&ofd), Some(b"{\"signed\":true}".to_vec()));
    assert_eq!(attachment(b"PK but no more"), None);
    let unprintable = Certificate { name: "林😀".into(), ..certificate() };
    assert!(matches!(press.certificate_ofd(&unprintable), Err(PressError::NoGlyph { .. })));
}
