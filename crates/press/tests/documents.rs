//! What is printed is read back glyph by glyph through the PDF's own character maps, as a reader who copies text would get it.

use hayro_interpret::font::Glyph;
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, InterpreterCache, InterpreterSettings, Paint,
    PathDrawMode, SoftMask, interpret_page,
};
use image::{ImageFormat, Rgba, RgbaImage};
use jiff::civil::date;
use kurbo::{Affine, BezPath, Rect};
use press::{
    Certificate, Column, Content, ExamKind, ExamRow, ExamSheet, Form, Layout, Offset, Press, PressError, Receipt,
    Scope, ScoreItem, Section, Stamp, Table, Ticket, attachment, photo,
};

const RARE: &str = "䶮𬎆㛃堃喆昇·";
/// Would do something if a value were ever taken for markup.
const HOSTILE: &str = r##"#panic("x") *b* $x^2$ @a <b> // c \u{41} #read("/data.json") "]}"##;

#[test]
fn a_certificate_has_the_prescribed_face_on_one_page() {
    let noise = RgbaImage::from_fn(300, 420, |x, y| Rgba([x as u8, y as u8, (x * y) as u8, 255]));
    let mut with_photo = certificate();
    with_photo.photo = Some(encode(&noise));
    let pdf = Press::new().certificate(&with_photo).unwrap();
    let pages = read(&pdf);
    assert_eq!(pages.len(), 1);
    assert!(pdf.len() < 120 * 1024, "{} bytes", pdf.len());
    for text in [
        "职业技能等级证书",
        "姓名林子昇",
        "证件类型居民身份证",
        "证件号码35019918800101001X",
        "职业名称中式烹调师",
        "工种/职业方向--",
        "职业技能等级四级/中级工",
        "证书编号Y001350000001260000001",
        "示例海峡高级技工学校2026年12月7日",
        "http://pjjg.osta.org.cn",
        "http://jndj.osta.org.cn",
    ] {
        assert!(pages[0].contains(text), "{text} is not in {}", pages[0]);
    }
    assert!(!pages[0].contains("人力资源"), "a department stands on a certificate that the body issues by itself");
}

#[test]
fn the_same_certificate_gives_the_same_bytes() {
    let press = Press::new();
    assert!(press.certificate(&certificate()).unwrap() == press.certificate(&certificate()).unwrap());
}

#[test]
fn rare_characters_print_in_the_name_and_in_the_bold_name_of_the_body() {
    let mut rare = certificate();
    rare.name = RARE.into();
    rare.body_name = format!("示例{RARE}学校");
    let page = &read(&Press::new().certificate(&rare).unwrap())[0];
    assert!(page.contains(&format!("姓名{RARE}证件")) && page.contains(&format!("示例{RARE}学校")), "{page}");
}

#[test]
fn a_character_without_a_glyph_is_refused_by_name() {
    for character in ['\u{31350}', '\u{E123}', '😀', '\u{202E}', '\t'] {
        let mut unprintable = certificate();
        unprintable.name = format!("林{character}");
        let refusal = Press::new().certificate(&unprintable).unwrap_err();
        assert!(matches!(refusal, PressError::NoGlyph { character: c, field: "姓名" } if c == character));
        assert!(refusal.to_string().contains(&format!("U+{:04X}", character as u32)), "{refusal}");
    }
}

#[test]
fn values_are_printed_and_not_obeyed() {
    let mut hostile = certificate();
    hostile.name = HOSTILE.into();
    hostile.work_type = Some(HOSTILE.into());
    hostile.body_name = HOSTILE.into();
    let page = squeeze(&read(&Press::new().certificate(&hostile).unwrap())[0]);
    assert_eq!(page.matches(&squeeze(HOSTILE)).count(), 3, "{page}");
}

#[test]
fn entries_that_need_a_second_page_are_refused() {
    let mut long = certificate();
    long.occupation = "中式烹调师".repeat(120);
    assert!(matches!(Press::new().certificate(&long), Err(PressError::TooLong)));
}

#[test]
fn the_statement_inside_is_read_back() {
    let statement = "{\"number\":\"Y001350000001260000001\",\"说明\":\"核验\"}".repeat(50).into_bytes();
    let mut with = certificate();
    with.attachment = Some(("statement.json".into(), statement.clone()));
    assert_eq!(attachment(&Press::new().certificate(&with).unwrap()), Some(statement));
    assert_eq!(attachment(&Press::new().certificate(&certificate()).unwrap()), None);
    assert_eq!(attachment(b"%PDF-1.7 but no more"), None);
}

#[test]
fn many_are_bound_in_order_and_the_unprintable_left_out() {
    let numbered = |i: usize| {
        let mut one = certificate();
        one.number = format!("Y00135000000126{i:07}");
        one.name = match i {
            7 => "林😀".into(),
            9 => "林".repeat(900),
            _ => format!("林{i}"),
        };
        one
    };
    let mut file = Vec::new();
    let bound = Press::new().certificates((0..54).map(numbered), Layout::Whole, &mut file).unwrap();
    let refused: Vec<_> = bound.refused.iter().map(|(number, why)| (&number[15..], why)).collect();
    assert!(
        matches!(refused[..], [("0000007", PressError::NoGlyph { .. }), ("0000009", PressError::TooLong)]),
        "{refused:?}"
    );
    let pages = read(&file);
    assert_eq!((bound.pages, pages.len()), (52, 52));
    for (page, i) in pages.iter().zip((0..54).filter(|i| ![7, 9].contains(i))) {
        assert!(page.contains(&format!("姓名林{i}证件")) && page.contains(&numbered(i).number), "page of {i}: {page}");
    }
}

#[test]
fn a_photo_becomes_one_inch_on_white_without_metadata() {
    let glass = RgbaImage::from_pixel(800, 1000, Rgba([200, 0, 0, 0]));
    let prepared = photo(&encode(&glass)).unwrap().into_owned();
    let picture = image::load_from_memory_with_format(&prepared, ImageFormat::Jpeg).unwrap().into_rgb8();
    assert_eq!(picture.dimensions(), (295, 413));
    assert!(picture.pixels().all(|p| p.0.iter().all(|&c| c > 250)), "what is transparent is printed white");
    assert_eq!(photo(&prepared).unwrap(), prepared, "a prepared photo is left alone");

    let mut tagged = prepared.clone();
    tagged.splice(2..2, [0xFF, 0xE1, 0, 12].into_iter().chain(*b"Exif\0\0here"));
    let cleaned = photo(&tagged).unwrap().into_owned();
    assert!(!cleaned.windows(4).any(|w| w == b"Exif"), "a camera's notes travel with the certificate");
}

#[test]
fn what_is_not_a_photo_is_refused() {
    let huge = RgbaImage::new(8001, 1);
    for bytes in
        [b"GIF89a\x01\x00\x01\x00\x00\x00\x00".to_vec(), b"\xFF\xD8\xFF\xE0broken".to_vec(), encode(&huge), vec![]]
    {
        let mut bad = certificate();
        bad.photo = Some(bytes);
        assert!(matches!(Press::new().certificate(&bad), Err(PressError::Photo(_))));
    }
}

#[test]
fn a_receipt_says_number_validity_scope_and_basis() {
    let receipt = Receipt {
        renewed: false,
        body_name: "示例海峡高级技工学校".into(),
        number: "Y001350000001".into(),
        valid_from: date(2026, 3, 2),
        valid_until: date(2029, 3, 1),
        scope: vec![Scope {
            code: "4-03-02-01".into(),
            occupation: "中式烹调师".into(),
            work_type: None,
            levels: vec!["五级/初级工".into(), "四级/中级工".into()],
        }],
        centre_name: "示例省职业技能鉴定指导中心".into(),
        issued_on: date(2026, 3, 2),
        qr_text: Some("https://jiangce.example.cn/directory/Y001350000001".into()),
    };
    let page = &read(&Press::new().receipt(&receipt).unwrap())[0];
    for text in [
        "备案回执",
        "机构备案编号：Y001350000001",
        "自2026年3月2日起至2029年3月1日止",
        "4-03-02-01中式烹调师--五级/初级工、四级/中级工",
        "闽人社办〔2020〕60号二（一）3",
        "示例省职业技能鉴定指导中心2026年3月2日",
    ] {
        assert!(squeeze(page).contains(text), "{text} is not in {page}");
    }
}

#[test]
fn a_list_repeats_its_head_and_numbers_its_pages() {
    let table = Table {
        title: "认定结果公示表".into(),
        subtitle: None,
        columns: vec![column("序号"), column("姓名"), column("结果")],
        rows: (1..=60).map(|i| vec![i.to_string(), HOSTILE.into()]).collect(),
        notes: vec!["共五个工作日。".into()],
        on: date(2026, 11, 30),
        landscape: true,
    };
    let pages: Vec<_> = read(&Press::new().table(&table).unwrap()).iter().map(|page| squeeze(page)).collect();
    assert!(pages.len() > 1);
    for (i, page) in pages.iter().enumerate() {
        assert!(page.contains("序号姓名结果"), "{page}");
        assert!(page.contains(&format!("第{}页共{}页", i + 1, pages.len())), "{page}");
    }
    assert_eq!(pages.concat().matches(&squeeze(HOSTILE)).count(), 60);
}

#[test]
fn a_list_too_long_for_one_piece_goes_on_in_the_next() {
    let table = Table {
        title: "登记表".into(),
        subtitle: None,
        columns: vec![column("编号")],
        rows: (1..=401).map(|i| vec![format!("第{i}号")]).collect(),
        notes: vec!["完。".into()],
        on: date(2026, 11, 30),
        landscape: false,
    };
    let pages = read(&Press::new().table(&table).unwrap());
    let text = pages.concat();
    assert!((1..=401).all(|i| text.matches(&format!("第{i}号")).count() == 1), "each row stands there once");
    assert_eq!((text.matches("登记表").count(), text.matches("完。").count()), (1, 1));
    assert!(
        pages
            .iter()
            .enumerate()
            .all(|(i, page)| page.contains("编号") && squeeze(page).contains(&format!("第{}页", i + 1)))
    );
}

#[test]
fn a_form_holds_its_entries_tables_and_signatures() {
    let form = Form {
        mark: None,
        title: "备案表".into(),
        number: Some("示例-0017".into()),
        sections: vec![
            Section {
                heading: "一、基本情况".into(),
                content: Content::Pairs(vec![
                    ("联系人".into(), RARE.into()),
                    ("地址".into(), "示例路1880号".repeat(5)),
                    ("备注".into(), HOSTILE.into()),
                ]),
            },
            Section {
                heading: "二、职业".into(),
                content: Content::Table {
                    columns: vec![column("职业"), column("等级")],
                    rows: vec![vec!["电工".into(), "三级".into()]],
                },
            },
        ],
        signature_lines: vec!["负责人（签字）".into()],
        on: date(2026, 2, 2),
    };
    let page = squeeze(&read(&Press::new().form(&form).unwrap())[0]);
    for text in
        ["备案表", "编号：示例-0017", "一、基本情况", RARE, &squeeze(HOSTILE), "职业等级电工三级", "负责人（签字）："]
    {
        assert!(page.contains(text), "{text} is not in {page}");
    }
    let mut unprintable = form;
    unprintable.sections[0].content = Content::Pairs(vec![("联系人".into(), "😀".into())]);
    assert!(matches!(Press::new().form(&unprintable), Err(PressError::NoGlyph { field: "栏目内容", .. })));
}

fn exam_sheet(rows: usize, staff: usize) -> ExamSheet {
    let row = |n: usize| ExamRow {
        seat: (n + 1).to_string(),
        ticket: format!("20260001{n:05}"),
        name: match n {
            0 => RARE.into(),
            1 => "林😀".into(),
            2 => HOSTILE.into(),
            3 => "买买提·示例·阿卜杜热合曼江".into(),
            _ => format!("示例{n}"),
        },
        name_masked: "示*".into(),
        id_masked: "350***********0011".into(),
    };
    ExamSheet {
        items: Vec::new(),
        over: "示例技工学校　2026年第3批".into(),
        room: "示例教学楼301".into(),
        part: "理论知识考试".into(),
        time: "2026年9月14日 周一 08:30–10:00".into(),
        seat: "座位".into(),
        facts: ["批次", "职业等级", "科目", "时间", "地点", "人数"].map(|label| (label.into(), "示例".into())).into(),
        rows: (0..rows).map(row).collect(),
        staff,
        staff_name: "监考人员".into(),
    }
}

#[test]
fn each_list_of_an_examination_stands_on_one_page() {
    let on = date(2026, 9, 14);
    let print = |kind, sheet: ExamSheet| read(&Press::new().exam_sheets(kind, &[sheet], on).unwrap());
    for (kind, rows, staff, pages) in [
        (ExamKind::Door, 30, 2, 1),
        (ExamKind::Door, 1, 2, 1),
        (ExamKind::SignIn, 30, 2, 1),
        (ExamKind::SignIn, 4, 2, 1),
        (ExamKind::Scores, 15, 3, 1),
        (ExamKind::Scores, 15, 5, 1),
        (ExamKind::Scores, 15, 7, 1),
        (ExamKind::Labels, 24, 2, 1),
        (ExamKind::Labels, 30, 2, 2),
    ] {
        let printed = print(kind, exam_sheet(rows, staff));
        assert_eq!(printed.len(), pages, "{kind:?} of {rows}");
    }
    // Of a part that is divided each assessor has a sheet of the own, and one merges them; ten items stand on a page.
    let divided = |items: usize| {
        let item = |n: usize| ScoreItem { title: format!("示例项目{n}"), points: "5".into(), key: n == 1 };
        ExamSheet { items: (0..items).map(item).collect(), ..exam_sheet(15, 3) }
    };
    for (items, pages) in [(4, 4), (10, 4), (12, 7)] {
        assert_eq!(print(ExamKind::Scores, divided(items)).len(), pages, "{items} items");
    }
    let own = squeeze(&print(ExamKind::Scores, divided(4))[0]);
    for text in ["示例项目3", "5分★", "合计", "（考评组长）", "独立评分"] {
        assert!(own.contains(text), "{text} is not in {own}");
    }
    assert!(squeeze(&print(ExamKind::Scores, divided(4))[3]).contains("评分汇总表"));
    let signed = squeeze(&print(ExamKind::SignIn, exam_sheet(30, 2))[0]);
    for text in ["签到表", RARE, "林〓", &squeeze(HOSTILE), "2026000100029", "350***********0011", "监考人员（签字）"]
    {
        assert!(signed.contains(text), "{text} is not in {signed}");
    }
    // Everyone passes by the door.
    let door = print(ExamKind::Door, exam_sheet(30, 2)).concat();
    assert!(door.contains("示*") && !door.contains(RARE) && !door.contains("350*"), "{door}");
    // Many rooms are bound in parts, each list on its own page.
    let many: Vec<_> = (0..23).map(|_| exam_sheet(3, 2)).collect();
    assert_eq!(read(&Press::new().exam_sheets(ExamKind::SignIn, &many, on).unwrap()).len(), 23);
}

#[test]
fn tickets_stand_two_to_a_page_and_the_unprintable_is_left_out() {
    let ticket = |n: usize| Ticket {
        body_name: "示例技工学校".into(),
        title: "2026年第3批职业技能等级认定".into(),
        number: format!("20260001{n:05}"),
        qr_text: format!("https://example.org/arrivals/{n:013x}-0123456789abcdef"),
        entries: vec![("姓名".into(), if n == 2 { "林😀".into() } else { format!("示例{n}") })],
        photo: None,
        places: vec![
            ["理论知识考试", "2026年9月14日 周一\n08:30–10:00", "示例教学楼301", "12 号座位"].map(str::to_owned),
        ],
    };
    let mut file = Vec::new();
    let rules = ["凭本准考证和身份证件入场。"];
    let bound = Press::new().tickets((0..46).map(ticket), &rules, date(2026, 9, 14), &mut file).unwrap();
    assert!(
        matches!(&bound.refused[..], [(number, PressError::NoGlyph { character: '😀', .. })] if number == "2026000100002")
    );
    let pages = read(&file);
    assert_eq!((pages.len(), bound.pages), (23, 23));
    assert!(pages[0].contains("示例0") && pages[0].contains("示例1") && pages[0].contains("12 号座位"), "{}", pages[0]);
    assert!(pages[22].contains("示例45") && pages[22].contains("凭本准考证"), "{}", pages[22]);
}

#[test]
fn a_blank_and_what_is_printed_on_it_come_to_the_whole_page() {
    let press = Press::new();
    let one = Certificate { province_query: Some("https://jiangce.example.cn/query".into()), ..certificate() };
    let whole = glyphs(&press.certificate(&one).unwrap());
    let mut put_together = glyphs(&press.blank(one.province_query.clone(), one.issued_on).unwrap());
    put_together.extend(glyphs(&data(&one, Offset::default())));
    put_together.sort();
    assert_eq!(put_together, whole);
}

#[test]
fn what_is_printed_on_a_blank_moves_as_far_as_the_printer_is_off() {
    let page = |right, down| glyphs(&data(&certificate(), Offset { right, down }));
    // A point has 2.8346 of them to a millimetre, and lies a hundred times as far from the next here.
    let moved: Vec<_> = page(0, 0).into_iter().map(|(text, x, y)| (text, x + 340, y - 142)).collect();
    let near = |(a, b): (&(String, i64, i64), &(String, i64, i64))| {
        a.0 == b.0 && (a.1 - b.1).abs() <= 1 && (a.2 - b.2).abs() <= 1
    };
    let now = page(12, 5);
    assert!(now.len() == moved.len() && now.iter().zip(&moved).all(near), "{now:?} is not {moved:?}");
    let trial = Press::new().trial(Offset { right: 12, down: -5 }, None, date(2026, 12, 7)).unwrap();
    let text = squeeze(&read(&trial).concat());
    assert!(text.contains("现在的偏移：向右1.2毫米，向下-0.5毫米"), "{text}");
}

#[test]
fn an_entry_that_a_blank_has_no_room_for_is_left_out() {
    let long = Certificate { occupation: "中式烹调师".repeat(11), ..certificate() };
    let bound = Press::new().certificates([long.clone()], Layout::Data(Offset::default()), std::io::sink()).unwrap();
    assert!(matches!(&bound.refused[..], [(_, PressError::TooLong)]) && bound.pages == 0);
    assert_eq!(Press::new().certificates([long], Layout::Whole, std::io::sink()).unwrap().pages, 1);
}

/// A made-up stamp: a red ring and a bar in its middle, before a ground.
fn ring(side: u32, ground: Rgba<u8>) -> Vec<u8> {
    let middle = f64::from(side) / 2.0;
    let picture = RgbaImage::from_fn(side + 40, side + 40, |x, y| {
        let (across, down) = (f64::from(x) - 19.5 - middle, f64::from(y) - 19.5 - middle);
        let far = across.hypot(down);
        let is_ink = (middle - 14.0..middle).contains(&far) || (across.abs() < 90.0 && down.abs() < 20.0);
        if is_ink { Rgba([200, 20, 30, 255]) } else { ground }
    });
    encode(&picture)
}

#[test]
fn a_stamp_is_measured_cut_to_its_ink_and_loses_its_ground() {
    for ground in [Rgba([255, 255, 255, 255]), Rgba([0, 0, 0, 0]), Rgba([255, 250, 250, 255])] {
        let stamp = Stamp::open(&ring(472, ground)).unwrap();
        assert_eq!((stamp.dimensions(), stamp.red(), stamp.outside()), ((472, 472), 100, 0), "{ground:?}");
        let printed = stamp.print().unwrap();
        assert!(printed.len() < 20_000, "{} bytes", printed.len());
        assert_eq!(stamp.print().unwrap(), printed);
        let picture = image::load_from_memory(&printed).unwrap().into_rgba8();
        assert_eq!(picture.dimensions(), (472, 472));
        // The corner shows what is below, the ring its red.
        assert_eq!(picture.get_pixel(2, 2).0[3], 0);
        let [r, g, b, cover] = picture.get_pixel(5, 236).0;
        assert!(r > 150 && g < 30 && b < 40 && cover > 200, "{r} {g} {b} {cover}");
    }
    let measured = |picture: RgbaImage| {
        let stamp = Stamp::open(&encode(&picture)).unwrap();
        (stamp.dimensions(), stamp.red(), stamp.outside())
    };
    let white = Rgba([255, 255, 255, 255]);
    assert_eq!(measured(RgbaImage::from_pixel(50, 50, white)), ((0, 0), 0, 0));
    assert_eq!(measured(RgbaImage::from_pixel(472, 472, Rgba([200, 20, 30, 255]))), ((472, 472), 100, 100));
    assert_eq!(measured(RgbaImage::from_pixel(472, 400, Rgba([0, 0, 0, 255]))).1, 0);
    for junk in
        [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"%PDF-1.7", b"\xFF\xD8\xFF\xE0", b"\x89PNG\r\n\x1a\n"]
    {
        assert!(matches!(Stamp::open(junk), Err(PressError::Photo(_))));
    }
}

#[test]
fn a_stamp_goes_over_name_and_day_and_moves_nothing() {
    let stamp = Stamp::open(&ring(496, Rgba([255, 255, 255, 255]))).unwrap().print().unwrap();
    let bare = certificate();
    let stamped = Certificate { stamp: Some(stamp), ..bare.clone() };
    let (without, with) = (Press::new().certificate(&bare).unwrap(), Press::new().certificate(&stamped).unwrap());
    assert_eq!(glyphs(&with), glyphs(&without));
    assert_eq!(glyphs(&data(&stamped, Offset::default())), glyphs(&data(&bare, Offset::default())));
    assert!(with.len() > without.len() && with.len() < without.len() + 30_000, "{} {}", without.len(), with.len());
    // 496 points at 300 to the inch are 42 mm, or 119.04 points of a page.
    let pictures = &drawn(&with)[0].1;
    assert!(pictures.iter().any(|wide| (wide - 119.04).abs() < 0.05), "{pictures:?}");
    // One picture for all pages of a part.
    let mut many = Vec::new();
    let twenty = (0..20).map(|_| stamped.clone());
    Press::new().certificates(twenty, Layout::Data(Offset::default()), &mut many).unwrap();
    let mut one = Vec::new();
    Press::new().certificates([stamped.clone()], Layout::Data(Offset::default()), &mut one).unwrap();
    assert!(many.len() < one.len() * 8, "{} {}", one.len(), many.len());
    let ofd = Press::new().certificate_ofd(&stamped).unwrap();
    assert!(ofd.len() > Press::new().certificate_ofd(&bare).unwrap().len());
}

/// What is printed of a certificate on a blank.
fn data(one: &Certificate, offset: Offset) -> Vec<u8> {
    let mut file = Vec::new();
    let bound = Press::new().certificates([one.clone()], Layout::Data(offset), &mut file).unwrap();
    assert_eq!((bound.pages, bound.refused.len()), (1, 0));
    file
}

fn certificate() -> Certificate {
    Certificate {
        body_name: "示例海峡高级技工学校".into(),
        issued_on: date(2026, 12, 7),
        name: "林子昇".into(),
        id_type: "居民身份证".into(),
        id_number: "35019918800101001X".into(),
        occupation: "中式烹调师".into(),
        work_type: None,
        level: "四级/中级工".into(),
        number: "Y001350000001260000001".into(),
        photo: None,
        stamp: None,
        qr_text: "https://jiangce.example.cn/c/7Qm2vK9rT4xW8yB1nC5dF0".into(),
        province_query: None,
        attachment: None,
    }
}

fn column(heading: &str) -> Column {
    Column { heading: heading.into(), share: 1 }
}

fn encode(picture: &RgbaImage) -> Vec<u8> {
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).unwrap();
    png.into_inner()
}

/// Without the spaces at which lines were broken.
fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The text of each page in the order of drawing.
fn read(pdf: &[u8]) -> Vec<String> {
    drawn(pdf).into_iter().map(|page| page.0.into_iter().map(|(text, ..)| text).collect()).collect()
}

/// The characters of a file of one page, each with its place in hundredths of a point, in order.
fn glyphs(pdf: &[u8]) -> Vec<(String, i64, i64)> {
    let [page] = &drawn(pdf)[..] else { panic!("one page") };
    let mut glyphs = page.0.clone();
    glyphs.sort();
    glyphs
}

fn drawn(pdf: &[u8]) -> Vec<Text> {
    let pdf = Pdf::new(pdf.to_vec()).expect("a readable PDF");
    let cache = InterpreterCache::new();
    let page_text = |page| {
        let mut text = Text(Vec::new(), Vec::new());
        let area = Rect::new(0.0, 0.0, 1000.0, 1000.0);
        let settings = InterpreterSettings::default();
        let mut context = Context::new(Affine::IDENTITY, area, &cache, pdf.xref(), settings);
        interpret_page(page, &mut context, &mut text);
        text
    };
    pdf.pages().iter().map(page_text).collect()
}

/// Listens to the drawing of a page and notes the characters and where each stands.
/// Characters with their places, and how wide pictures are.
struct Text(Vec<(String, i64, i64)>, Vec<f64>);

impl<'a> Device<'a> for Text {
    fn draw_glyph(&mut self, glyph: &Glyph<'a>, page: Affine, own: Affine, _: &Paint<'a>, _: &GlyphDrawMode) {
        let text = match glyph.as_unicode() {
            Some(BfString::Char(c)) => c.into(),
            Some(BfString::String(s)) => s,
            None => "\u{FFFD}".into(),
        };
        let place = (page * own).translation();
        self.0.push((text, (place.x * 100.0).round() as i64, (place.y * 100.0).round() as i64));
    }

    fn set_soft_mask(&mut self, _: Option<SoftMask<'a>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn draw_path(&mut self, _: &BezPath, _: Affine, _: &Paint<'a>, _: &PathDrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, picture: Image<'a, '_>, to: Affine) {
        self.1.push(to.as_coeffs()[0] * f64::from(picture.width()));
    }
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
