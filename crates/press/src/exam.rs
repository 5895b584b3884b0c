//! What a batch needs on paper on its day: admission tickets, door lists, seat labels, sign-in sheets, score sheets.

use std::io::Write;

use jiff::civil::Date;
use serde::Serialize;
use typst::foundations::Bytes;

use crate::bind::Binder;
use crate::glyphs::{check, spelled};
use crate::world::{Kind, Output, Sheet, Template};
use crate::{Bound, Press, PressError, photo, qr};

/// An admission ticket (准考证), half a sheet of A4. The QR code says the ticket's number and nothing else.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub body_name: String,
    /// Batch, occupation and level.
    pub title: String,
    /// The number, below which it is left out and reported when it can't be printed.
    pub number: String,
    /// What stands beside the photo: label and value.
    pub entries: Vec<(String, String)>,
    /// JPEG or PNG; without it there is room to paste one.
    pub photo: Option<Vec<u8>>,
    /// Part, time, place and seat of each part.
    pub places: Vec<[String; 4]>,
}

/// Which list of a session is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ExamKind {
    /// 考场门贴: names masked.
    Door,
    /// 座位贴.
    Labels,
    /// 签到表.
    SignIn,
    /// 评分表.
    Scores,
}

impl ExamKind {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Door => "考场门贴",
            Self::Labels => "座位贴",
            Self::SignIn => "签到表",
            Self::Scores => "评分表",
        }
    }
}

/// One session's list.
#[derive(Clone, Debug, Serialize)]
pub struct ExamSheet {
    /// Body and batch, above the title.
    pub over: String,
    pub room: String,
    pub part: String,
    /// Day and hours.
    pub time: String,
    /// What a place is called: `座位`, `工位`, `次序`.
    pub seat: String,
    /// What stands above the list: label and value.
    pub facts: Vec<(String, String)>,
    pub rows: Vec<ExamRow>,
    /// What each assessor marks, on score sheets of a part that is divided; empty where it is judged as a whole.
    pub items: Vec<ScoreItem>,
    /// Who signs: how many, and what they are called.
    pub staff: usize,
    #[serde(rename = "staff-name")]
    pub staff_name: String,
}

/// An item that assessors mark, as a column of a score sheet.
#[derive(Clone, Debug, Serialize)]
pub struct ScoreItem {
    pub title: String,
    /// Full points.
    pub points: String,
    /// Whether failing it fails the part.
    pub key: bool,
}

/// Someone on a list.
#[derive(Clone, Debug, Serialize)]
pub struct ExamRow {
    pub seat: String,
    pub ticket: String,
    pub name: String,
    pub name_masked: String,
    pub id_masked: String,
}

/// Tickets that are typeset together.
const TICKETS: usize = 40;
/// Lists that are typeset together.
const LISTS: usize = 20;
/// Assessors, or items, beyond which a score sheet lies on its side.
const UPRIGHT: usize = 5;

/// Whether the score sheets of this list lie on their side.
fn lies(sheet: &ExamSheet) -> bool {
    sheet.staff > UPRIGHT || sheet.items.len() > UPRIGHT
}

impl Press {
    /// Prints tickets, two to a sheet, as they come: memory stays that of forty. One that can't be printed is left
    /// out and reported.
    ///
    /// # Errors
    /// [`PressError::Write`] when `out` fails, after which the file is useless; [`PressError::NoGlyph`] for the rules.
    pub fn tickets(
        &self,
        tickets: impl IntoIterator<Item = Ticket>,
        rules: &[&str],
        on: Date,
        out: impl Write,
    ) -> Result<Bound, PressError> {
        rules.iter().try_for_each(|rule| check("考生须知", rule))?;
        let (mut binder, mut bound) = (Binder::new(out)?, Bound::default());
        let mut part: Vec<Half> = Vec::with_capacity(TICKETS);
        let mut all = tickets.into_iter().fuse();
        loop {
            let ticket = all.next();
            let ended = ticket.is_none();
            if let Some(ticket) = ticket {
                let number = ticket.number.clone();
                match Half::new(ticket) {
                    Ok(half) => part.push(half),
                    Err(why) => bound.refused.push((number, why)),
                }
            }
            if part.len() == TICKETS || (ended && !part.is_empty()) {
                bound.pages += part.len().div_ceil(2);
                binder.add(print_tickets(std::mem::take(&mut part), rules, on)?)?;
            }
            if ended {
                binder.finish("准考证")?;
                return Ok(bound);
            }
        }
    }

    /// Prints one list for each session, each beginning on a page of its own; of a part that is divided into items one
    /// score sheet for each assessor and one to merge them. PDF/A-2a and PDF/UA-1 up to twenty, beyond
    /// that for paper alone. A character of a name that no font has is printed as 〓, so that one name holds no list up.
    ///
    /// # Errors
    /// [`PressError::NoGlyph`] for what is not a name, `Typesetting` or `Write`.
    pub fn exam_sheets(&self, kind: ExamKind, sheets: &[ExamSheet], on: Date) -> Result<Vec<u8>, PressError> {
        for sheet in sheets {
            let texts =
                [("标题", &sheet.over), ("考场名称", &sheet.room), ("科目", &sheet.part), ("时间", &sheet.time)];
            texts.into_iter().try_for_each(|(field, text)| check(field, text))?;
            sheet.facts.iter().try_for_each(|(label, value)| {
                check("栏目名称", label)?;
                check("栏目内容", value)
            })?;
            sheet.items.iter().try_for_each(|item| check("评分项目", &item.title))?;
            for row in &sheet.rows {
                check("准考证号", &row.ticket)?;
                check("证件号码", &row.id_masked)?;
            }
        }
        #[derive(Serialize)]
        struct List {
            #[serde(flatten)]
            sheet: ExamSheet,
            /// Of a row, in millimetres.
            height: f64,
        }
        #[derive(Serialize)]
        struct View {
            kind: ExamKind,
            title: &'static str,
            lists: Vec<List>,
            /// Whether the pages lie on their side.
            flipped: bool,
        }
        let flipped = kind == ExamKind::Scores && sheets.iter().any(lies);
        let view = |sheets: &[ExamSheet]| {
            // What head and signatures leave of the page, in millimetres.
            let room = |sheet: &ExamSheet| match kind {
                ExamKind::Scores if flipped => 78.0,
                ExamKind::Scores if !sheet.items.is_empty() => 150.0,
                ExamKind::Scores => 165.0,
                _ => 188.0,
            };
            let height = |sheet: &ExamSheet| room(sheet) / sheet.rows.len().max(1) as f64;
            let height = |sheet: &ExamSheet| height(sheet).clamp(5.2, 11.0);
            let spelled = |sheet: &ExamSheet| {
                let mut sheet = sheet.clone();
                for row in &mut sheet.rows {
                    (row.name, row.name_masked) = (spelled(&row.name), spelled(&row.name_masked));
                }
                sheet
            };
            let lists = sheets.iter().map(|sheet| List { height: height(sheet), sheet: spelled(sheet) }).collect();
            View { kind, title: kind.name(), lists, flipped }
        };
        let output = |kind_of| Output { ident: kind.name().into(), on, kind: kind_of, pages: None };
        if sheets.len() <= LISTS {
            return Ok(Sheet::new(Template::Exam, &view(sheets), Vec::new())?.print(&output(Kind::Archival))?.0);
        }
        let mut file = Vec::new();
        let mut binder = Binder::new(&mut file)?;
        for part in sheets.chunks(LISTS) {
            binder.add(Sheet::new(Template::Exam, &view(part), Vec::new())?.print(&output(Kind::Raw))?.0)?;
        }
        binder.finish(kind.name())?;
        Ok(file)
    }
}

/// A ticket whose characters, photo and QR code are known to print.
struct Half {
    ticket: Ticket,
    photo: Option<Bytes>,
    qr: Bytes,
}

impl Half {
    fn new(mut ticket: Ticket) -> Result<Self, PressError> {
        check("评价机构名称", &ticket.body_name)?;
        check("标题", &ticket.title)?;
        // The label that stands beside a value names it.
        ticket.entries.iter().try_for_each(|(_, value)| check("准考证内容", value))?;
        ticket.places.iter().flatten().try_for_each(|text| check("考试安排", text))?;
        let photo = ticket.photo.take().map(|bytes| photo(&bytes).map(|ready| Bytes::new(ready.into_owned())));
        let qr = Bytes::new(qr::svg(&ticket.number)?);
        Ok(Self { photo: photo.transpose()?, qr, ticket })
    }
}

fn print_tickets(halves: Vec<Half>, rules: &[&str], on: Date) -> Result<Vec<u8>, PressError> {
    #[derive(Serialize)]
    struct One {
        body_name: String,
        title: String,
        entries: Vec<(String, String)>,
        places: Vec<[String; 4]>,
        photo: Option<String>,
        qr: String,
    }
    #[derive(Serialize)]
    struct View<'a> {
        kind: &'static str,
        title: &'static str,
        rules: &'a [&'a str],
        tickets: Vec<One>,
    }
    let mut files = Vec::new();
    let mut file = |bytes: Bytes| {
        files.push(bytes);
        format!("/{}", files.len() - 1)
    };
    let tickets = halves
        .into_iter()
        .map(|Half { ticket, photo, qr }| One {
            body_name: ticket.body_name,
            title: ticket.title,
            entries: ticket.entries,
            places: ticket.places,
            photo: photo.map(&mut file),
            qr: file(qr),
        })
        .collect();
    let view = View { kind: "tickets", title: "准考证", rules, tickets };
    let output = Output { ident: "准考证".into(), on, kind: Kind::Raw, pages: None };
    Ok(Sheet::new(Template::Exam, &view, files)?.print(&output)?.0)
}
