//! The same page as OFD (GB/T 33190), the national form of fixed pages: what typst has set, item by item, in millimetres from
//! the upper left corner. Fonts travel along, reduced to the page's glyphs and with a table from characters to glyphs, so
//! that readers which look glyphs up find them as well as those which take them by number.
//!
//! Only what our templates use is written: text, lines, curves, drawings, photos and stamps. Whatever else came would fail here
//! rather than be left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Cursor, Read as _, Write as _};

use quick_xml::escape::escape;
use subsetter::GlyphRemapper;
use typst::layout::{Abs, Frame, FrameItem, Point, Ratio, Size, Transform};
use typst::text::{Font, FontWeight, TextItem};
use typst::visualize::{CurveItem, FixedStroke, Geometry, Image, ImageKind, Paint, Shape};
use typst_layout::PagedDocument;
use usvg::tiny_skia_path::PathSegment;
use write_fonts::FontBuilder;
use write_fonts::tables::cmap::Cmap;
use write_fonts::types::{GlyphId, Tag};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::{Certificate, PressError};

const NAMESPACE: &str = "http://www.ofdspec.org/2016";
/// Where the statement of a certificate lies.
const STATEMENT: &str = "Doc_0/Attachs/jiangce.json";
/// A statement is a few kilobytes; what inflates beyond this is not one.
const MAX_STATEMENT: u64 = 1 << 20;

/// Writes a page of a certificate.
///
/// # Errors
/// [`PressError::Typesetting`] for what has no counterpart here.
pub(crate) fn write(document: &PagedDocument, certificate: &Certificate) -> Result<Vec<u8>, PressError> {
    let mut page = Page::default();
    for one in document.pages().iter().take(1) {
        page.frame(&one.frame, Transform::identity())?;
    }
    page.file(certificate)
}

/// The statement inside an OFD that anyone may have sent, or nothing where there is none.
pub(crate) fn statement(ofd: &[u8]) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(ofd)).ok()?;
    let mut bytes = Vec::new();
    archive.by_name(STATEMENT).ok()?.take(MAX_STATEMENT + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= MAX_STATEMENT).then_some(bytes)
}

/// A page as it is written.
#[derive(Default)]
struct Page {
    /// Its objects as XML.
    content: String,
    /// The last number given to anything.
    last: usize,
    fonts: Vec<Face>,
    /// JPEG and PNG files with their numbers.
    pictures: Vec<(usize, Vec<u8>)>,
}

/// A font with the glyphs that the page takes of it.
struct Face {
    number: usize,
    font: Font,
    glyphs: GlyphRemapper,
    characters: BTreeMap<char, u16>,
}

impl Page {
    fn number(&mut self) -> usize {
        self.last += 1;
        self.last
    }

    fn frame(&mut self, frame: &Frame, at: Transform) -> Result<(), PressError> {
        for (place, item) in frame.items() {
            let at = at.pre_concat(Transform::translate(place.x, place.y));
            match item {
                FrameItem::Group(group) => self.frame(&group.frame, at.pre_concat(group.transform))?,
                FrameItem::Text(text) => self.text(text, at)?,
                FrameItem::Shape(shape, _) => self.shape(shape, at)?,
                FrameItem::Image(image, size, _) => self.image(image, *size, at)?,
                FrameItem::Link(..) | FrameItem::Tag(_) => {}
            }
        }
        Ok(())
    }

    /// A run of text. What a reader copies is the text, what it shows the glyphs.
    fn text(&mut self, item: &TextItem, at: Transform) -> Result<(), PressError> {
        if !at.is_only_translate() {
            return Err(unknown("斜排的文字"));
        }
        let face = self.face(item.font.font());
        let number = self.fonts[face].number;
        let size = item.size.to_mm();
        let (mut codes, mut glyphs, mut steps) = (String::new(), Vec::new(), Vec::new());
        let (mut x, mut before) = (0.0, 0.0);
        for glyph in &item.glyphs {
            let place = x + glyph.x_offset.at(item.size).to_mm();
            if !glyphs.is_empty() {
                steps.push(millimetres(place - before));
            }
            before = place;
            x += glyph.x_advance.at(item.size).to_mm();
            let text = &item.text[glyph.range()];
            let mut characters = text.chars();
            let (Some(character), None) = (characters.next(), characters.next()) else {
                return Err(unknown("连字"));
            };
            let face = &mut self.fonts[face];
            let own = face.glyphs.remap(glyph.id);
            face.characters.insert(character, own);
            codes.push(character);
            glyphs.push(own.to_string());
        }
        let metrics = item.font.metrics();
        let (up, down) = (metrics.ascender.at(item.size).to_mm(), -metrics.descender.at(item.size).to_mm());
        let (left, base) = (at.tx.to_mm(), at.ty.to_mm());
        let (id, count) = (self.number(), glyphs.len());
        let step = if steps.is_empty() { String::new() } else { format!(r#" DeltaX="{}""#, steps.join(" ")) };
        write!(
            self.content,
            r#"<ofd:TextObject ID="{id}" Boundary="{} {} {} {}" Font="{number}" Size="{}"><ofd:FillColor Value="{}"/><ofd:CGTransform CodePosition="0" CodeCount="{count}" GlyphCount="{count}"><ofd:Glyphs>{}</ofd:Glyphs></ofd:CGTransform><ofd:TextCode X="0" Y="{}"{step}>{}</ofd:TextCode></ofd:TextObject>"#,
            millimetres(left),
            millimetres(base - up),
            millimetres(x),
            millimetres(up + down),
            millimetres(size),
            colour(&item.fill)?.0,
            glyphs.join(" "),
            millimetres(up),
            escape(codes.as_str()),
        )
        .expect("a string takes all");
        Ok(())
    }

    fn face(&mut self, font: &Font) -> usize {
        if let Some(known) = self.fonts.iter().position(|face| face.font == *font) {
            return known;
        }
        let number = self.number();
        self.fonts.push(Face { number, font: font.clone(), glyphs: GlyphRemapper::new(), characters: BTreeMap::new() });
        self.fonts.len() - 1
    }

    fn shape(&mut self, shape: &Shape, at: Transform) -> Result<(), PressError> {
        let mut path = Path::new(at);
        let corner = |x, y| Point::new(x, y);
        match &shape.geometry {
            Geometry::Line(end) => {
                path.go('M', &[Point::zero()]);
                path.go('L', &[*end]);
            }
            Geometry::Rect(size) => {
                path.go('M', &[Point::zero()]);
                path.go('L', &[corner(size.x, Abs::zero())]);
                path.go('L', &[corner(size.x, size.y)]);
                path.go('L', &[corner(Abs::zero(), size.y)]);
                path.go('C', &[]);
            }
            Geometry::Curve(curve) => {
                for item in &curve.0 {
                    match item {
                        CurveItem::Move(point) => path.go('M', &[*point]),
                        CurveItem::Line(point) => path.go('L', &[*point]),
                        CurveItem::Cubic(a, b, c) => path.go('B', &[*a, *b, *c]),
                        CurveItem::Close => path.go('C', &[]),
                    }
                }
            }
        }
        let fill = shape.fill.as_ref().map(colour).transpose()?;
        let line = shape.stroke.as_ref().map(stroke).transpose()?;
        self.path(&path.data, fill, line, None);
        Ok(())
    }

    /// A path in the page's own measure, filled or drawn as a line of this width, as far as a clip shows it.
    fn path(&mut self, data: &str, fill: Option<Ink>, line: Option<(Ink, f64)>, clip: Option<&str>) {
        let id = self.number();
        let (filled, drawn) = (fill.is_some(), line.is_some());
        let width = millimetres(line.as_ref().map_or(0.0, |(_, width)| *width));
        let clips = clip.map_or(String::new(), |clip| {
            let path =
                format!(r#"<ofd:Path Boundary="{PAGE}"><ofd:AbbreviatedData>{clip}</ofd:AbbreviatedData></ofd:Path>"#);
            format!("<ofd:Clips><ofd:Clip><ofd:Area>{path}</ofd:Area></ofd:Clip></ofd:Clips>")
        });
        let inks = [("StrokeColor", line.map(|(ink, _)| ink)), ("FillColor", fill)];
        let inks: String = inks
            .into_iter()
            .filter_map(|(name, ink)| ink.map(|Ink(value)| format!(r#"<ofd:{name} Value="{value}"/>"#)))
            .collect();
        write!(
            self.content,
            r#"<ofd:PathObject ID="{id}" Boundary="{PAGE}" LineWidth="{width}" Stroke="{drawn}" Fill="{filled}">{clips}{inks}<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"#
        )
        .expect("a string takes all");
    }

    fn image(&mut self, image: &Image, size: Size, at: Transform) -> Result<(), PressError> {
        match image.kind() {
            ImageKind::Raster(raster) => {
                let resource = self.number();
                self.pictures.push((resource, raster.data().to_vec()));
                let id = self.number();
                let [x, y, w, h] = [at.tx, at.ty, size.x, size.y].map(|length| millimetres(length.to_mm()));
                write!(
                    self.content,
                    r#"<ofd:ImageObject ID="{id}" Boundary="{x} {y} {w} {h}" CTM="{w} 0 0 {h} 0 0" ResourceID="{resource}"/>"#
                )
                .expect("a string takes all");
                Ok(())
            }
            ImageKind::Svg(svg) => {
                let tree = svg.tree();
                let scale = |to: Abs, from: f32| Ratio::new(to.to_mm() / f64::from(from) / Abs::mm(1.0).to_mm());
                let (wide, high) = (scale(size.x, tree.size().width()), scale(size.y, tree.size().height()));
                self.drawing(tree.root(), &at.pre_concat(Transform::scale(wide, high)), None)
            }
            ImageKind::Pdf(_) => Err(unknown("嵌入的 PDF")),
        }
    }

    /// A drawing whose unit is a millimetre after `at`.
    fn drawing(&mut self, group: &usvg::Group, at: &Transform, clip: Option<&str>) -> Result<(), PressError> {
        let own = group.clip_path().map(|path| {
            // Nested drawings are clipped to their rectangle, and by nothing else.
            let mut outline = Path::new(*at);
            let all = path.root().abs_bounding_box();
            let turn = group.abs_transform();
            let [l, t, r, b] = [all.left(), all.top(), all.right(), all.bottom()];
            for (command, x, y) in [('M', l, t), ('L', r, t), ('L', r, b), ('L', l, b)] {
                outline.go(command, &[mapped(turn, x, y)]);
            }
            outline.go('C', &[]);
            outline.data
        });
        let clip = own.as_deref().or(clip);
        for node in group.children() {
            match node {
                usvg::Node::Group(inner) => self.drawing(inner, at, clip)?,
                usvg::Node::Path(drawn) => {
                    let turn = drawn.abs_transform();
                    let mut path = Path::new(*at);
                    let point = |p: usvg::tiny_skia_path::Point| mapped(turn, p.x, p.y);
                    for segment in drawn.data().segments() {
                        match segment {
                            PathSegment::MoveTo(p) => path.go('M', &[point(p)]),
                            PathSegment::LineTo(p) => path.go('L', &[point(p)]),
                            PathSegment::QuadTo(a, b) => path.go('Q', &[point(a), point(b)]),
                            PathSegment::CubicTo(a, b, c) => path.go('B', &[point(a), point(b), point(c)]),
                            PathSegment::Close => path.go('C', &[]),
                        }
                    }
                    let ink = |paint: &usvg::Paint| match paint {
                        usvg::Paint::Color(c) => Ok(Ink(format!("{} {} {}", c.red, c.green, c.blue))),
                        _ => Err(unknown("渐变或图案")),
                    };
                    let fill = drawn.fill().map(|fill| ink(fill.paint())).transpose()?;
                    let line = drawn.stroke().map(|line| {
                        let width = f64::from(line.width().get()) * at.sx.get() * Abs::mm(1.0).to_mm();
                        Ok::<_, PressError>((ink(line.paint())?, width))
                    });
                    self.path(&path.data, fill, line.transpose()?, clip);
                }
                usvg::Node::Image(_) | usvg::Node::Text(_) => return Err(unknown("图中的图或文字")),
            }
        }
        Ok(())
    }

    /// The page with everything it needs as one file.
    fn file(mut self, certificate: &Certificate) -> Result<Vec<u8>, PressError> {
        let (page, layer) = (self.number(), self.number());
        let document = certificate_id(certificate);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut put = |name: &str, bytes: &[u8]| -> Result<(), PressError> {
            let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
            zip.start_file(name, packed).map_err(std::io::Error::other)?;
            Ok(zip.write_all(bytes)?)
        };
        let xml = |root: &str, attributes: &str, inside: &str| {
            format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><ofd:{root} xmlns:ofd="{NAMESPACE}"{attributes}>{inside}</ofd:{root}>"#
            )
        };
        let body = escape(certificate.body_name.as_str());
        let entry = format!(
            "<ofd:DocBody><ofd:DocInfo><ofd:DocID>{document}</ofd:DocID><ofd:Title>职业技能等级证书</ofd:Title><ofd:Author>{body}</ofd:Author><ofd:CreationDate>{}</ofd:CreationDate><ofd:Creator>Jiangce 匠册</ofd:Creator></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>",
            certificate.issued_on
        );
        put("OFD.xml", xml("OFD", r#" Version="1.1" DocType="OFD""#, &entry).as_bytes())?;
        let attached = certificate
            .attachment
            .as_ref()
            .map_or("", |_| "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>");
        let about = format!(
            r#"<ofd:CommonData><ofd:MaxUnitID>{}</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>{PAGE}</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData><ofd:Pages><ofd:Page ID="{page}" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages>{attached}"#,
            self.last
        );
        put("Doc_0/Document.xml", xml("Document", "", &about).as_bytes())?;
        let content = format!(
            r#"<ofd:Area><ofd:PhysicalBox>{PAGE}</ofd:PhysicalBox></ofd:Area><ofd:Content><ofd:Layer ID="{layer}" Type="Body">{}</ofd:Layer></ofd:Content>"#,
            self.content
        );
        put("Doc_0/Pages/Page_0/Content.xml", xml("Page", "", &content).as_bytes())?;
        let mut listed = String::new();
        for face in &self.fonts {
            let (number, family) = (face.number, escape(face.font.info().family.as_str()).into_owned());
            // Readers tell fonts apart by their names.
            let (bold, name) = match face.font.info().variant.weight >= FontWeight::BOLD {
                true => (r#" Bold="true""#, format!("{family} Bold")),
                false => ("", family.clone()),
            };
            write!(
                listed,
                r#"<ofd:Font ID="{number}" FontName="{name}" FamilyName="{family}"{bold}><ofd:FontFile>font_{number}.ttf</ofd:FontFile></ofd:Font>"#
            )
            .expect("a string takes all");
            put(&format!("Doc_0/Res/font_{number}.ttf"), &face.reduced()?)?;
        }
        let fonts = format!("<ofd:Fonts>{listed}</ofd:Fonts>");
        put("Doc_0/PublicRes.xml", xml("Res", r#" BaseLoc="Res""#, &fonts).as_bytes())?;
        let mut listed = String::new();
        for (number, bytes) in &self.pictures {
            let (format, end) = if bytes.starts_with(b"\x89PNG") { ("PNG", "png") } else { ("JPEG", "jpg") };
            write!(
                listed,
                r#"<ofd:MultiMedia ID="{number}" Type="Image" Format="{format}"><ofd:MediaFile>image_{number}.{end}</ofd:MediaFile></ofd:MultiMedia>"#
            )
            .expect("a string takes all");
            put(&format!("Doc_0/Res/image_{number}.{end}"), bytes)?;
        }
        let media = format!("<ofd:MultiMedias>{listed}</ofd:MultiMedias>");
        put("Doc_0/DocumentRes.xml", xml("Res", r#" BaseLoc="Res""#, &media).as_bytes())?;
        if let Some((_, statement)) = &certificate.attachment {
            let list = format!(
                r#"<ofd:Attachment ID="jiangce" Name="证书核验声明" Format="json" Size="{:.3}" Visible="true"><ofd:FileLoc>jiangce.json</ofd:FileLoc></ofd:Attachment>"#,
                statement.len() as f64 / 1024.0
            );
            put("Doc_0/Attachs/Attachments.xml", xml("Attachments", "", &list).as_bytes())?;
            put(STATEMENT, statement)?;
        }
        Ok(zip.finish().map_err(std::io::Error::other)?.into_inner())
    }
}

impl Face {
    /// The font with these glyphs alone, and a table that finds them by their characters.
    fn reduced(&self) -> Result<Vec<u8>, PressError> {
        let failed = |why: String| PressError::Typesetting(why);
        let subset = subsetter::subset(self.font.data(), self.font.index(), &self.glyphs)
            .map_err(|error| failed(error.to_string()))?;
        let found = self.characters.iter().map(|(character, glyph)| (*character, GlyphId::new((*glyph).into())));
        let cmap = Cmap::from_mappings(found).map_err(|error| failed(error.to_string()))?;
        let mut builder = FontBuilder::new();
        builder.add_table(&cmap).map_err(|error| failed(error.to_string()))?;
        for (tag, table) in tables(&subset).ok_or_else(|| failed("字体不可读".into()))? {
            builder.add_raw(Tag::new(&tag), table);
        }
        Ok(builder.build())
    }
}

/// The tables of a font file.
fn tables(font: &[u8]) -> Option<Vec<([u8; 4], &[u8])>> {
    let count = u16::from_be_bytes(font.get(4..6)?.try_into().ok()?);
    let record = |n: u16| {
        let at = 12 + 16 * usize::from(n);
        let number = |at: usize| Some(u32::from_be_bytes(font.get(at..at + 4)?.try_into().ok()?) as usize);
        let (offset, length) = (number(at + 8)?, number(at + 12)?);
        Some((font.get(at..at + 4)?.try_into().ok()?, font.get(offset..offset.checked_add(length)?)?))
    };
    (0..count).map(record).collect()
}

/// The box of an A4 page.
const PAGE: &str = "0 0 210 297";

/// Red, green and blue.
struct Ink(String);

fn colour(paint: &Paint) -> Result<Ink, PressError> {
    let Paint::Solid(colour) = paint else { return Err(unknown("渐变或图案")) };
    let [r, g, b, _] = colour.to_vec4_u8();
    Ok(Ink(format!("{r} {g} {b}")))
}

fn stroke(line: &FixedStroke) -> Result<(Ink, f64), PressError> {
    if line.dash.is_some() {
        return Err(unknown("虚线"));
    }
    Ok((colour(&line.paint)?, line.thickness.to_mm()))
}

/// A path under way: commands and points in millimetres of the page.
struct Path {
    at: Transform,
    data: String,
}

impl Path {
    fn new(at: Transform) -> Path {
        Path { at, data: String::new() }
    }

    fn go(&mut self, command: char, points: &[Point]) {
        if !self.data.is_empty() {
            self.data.push(' ');
        }
        self.data.push(command);
        for point in points {
            let point = point.transform(self.at);
            write!(self.data, " {} {}", millimetres(point.x.to_mm()), millimetres(point.y.to_mm()))
                .expect("a string takes all");
        }
    }
}

/// A point of a drawing in its own unit.
fn mapped(turn: usvg::Transform, x: f32, y: f32) -> Point {
    let mut point = usvg::tiny_skia_path::Point::from_xy(x, y);
    turn.map_point(&mut point);
    Point::new(Abs::mm(f64::from(point.x)), Abs::mm(f64::from(point.y)))
}

/// To the thousandth, without zeros at the end.
fn millimetres(length: f64) -> String {
    let text = format!("{length:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.to_owned() }
}

/// Thirty-two digits that follow from the number of the certificate.
fn certificate_id(certificate: &Certificate) -> String {
    let digits: String = certificate.number.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{digits:0>32}").chars().rev().take(32).collect::<Vec<_>>().into_iter().rev().collect()
}

fn unknown(what: &str) -> PressError {
    PressError::Typesetting(format!("{what}没有 OFD 的写法"))
}
