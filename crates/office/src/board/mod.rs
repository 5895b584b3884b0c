//! 二（二）1: a centre supervises the batches of its territory. The board shows all that are open, late ones first, with
//! what each waits for, by whom and until when; the month beside it says on which days examinations are held.

mod pages;
mod store;

use std::collections::HashMap;

use jiff::civil::Date;
use rules::Day;
use rules::batch::BatchStage;
use rules::batch::board::{Awaited, awaited, edges};
use rules::certificate::Level;
use rules::permission::LookKind;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use sheets::TableSheet;
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::batch::BodyChoice;
use crate::door::{Look, Sight, Stop, Subject};
use crate::marks::FileView;
use crate::web::api::Registry;

/// Batches on one page.
const PAGE: i64 = 50;
/// Batches in one workbook at most.
const WORKBOOK_MAX: i64 = 20_000;

/// Where a batch stands in the order of the board: late ones first, then by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    /// 0 for a batch that is late.
    rank: i64,
    anchor: Day,
    id: i64,
}

impl Key {
    /// As an address carries it: `0_2026-06-15_123`.
    fn word(self) -> String {
        format!("{}_{}_{}", self.rank, self.anchor, self.id)
    }

    fn of(word: &str) -> Result<Self, Refusal> {
        let mut parts = word.splitn(3, '_');
        let mut part = || parts.next().unwrap_or_default();
        let read = (part().parse().ok(), part().parse().ok(), part().parse().ok());
        let (Some(rank), Some(anchor), Some(id)) = read else {
            return Err(Refusal::house("看板", "翻页的位置无法识别").remedy("请从第一页看起").at("after"));
        };
        Ok(Self { rank, anchor, id })
    }
}

/// An open batch on the board.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardLine {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub body: i64,
    pub body_name: String,
    pub code: String,
    pub trade: String,
    /// Blank for the whole occupation.
    pub work_type: String,
    pub level: Level,
    pub level_name: String,
    pub stage: BatchStage,
    pub stage_name: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub expected: i64,
    /// Candidates who are registered and not withdrawn.
    pub registered: i64,
    /// Whether more are registered than were told.
    pub beyond_told: bool,
    /// Notices of it so far; more than one where something was changed.
    pub versions: i64,
    /// Since when it is stopped by its centre.
    pub stopped_on: Option<Date>,
    /// Rooms of it that its centre has stopped.
    pub stopped_rooms: i64,
    /// What it waits for, and who does it.
    pub next: String,
    pub by: String,
    pub due_on: Option<Date>,
    pub late: bool,
    pub clause: String,
}

/// A day of the month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardDay {
    pub on: Date,
    /// Open batches that are held on it.
    pub batches: i64,
    /// Whether it is a working day; unknown where the calendar doesn't reach.
    pub working: Option<bool>,
}

/// A city to filter by.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardCity {
    pub code: String,
    pub name: String,
}

/// An occupation to filter by.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardTrade {
    pub code: String,
    pub trade: String,
}

/// The board.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BoardView {
    pub batches: Vec<BoardLine>,
    pub total: i64,
    /// How many of them are late.
    pub late: i64,
    /// How many of them are stopped by their centre.
    pub stopped: i64,
    /// What `after` says on the next page; nothing on the last.
    pub next: Option<String>,
    /// The days of the month that is shown.
    pub month: Vec<BoardDay>,
    pub cities: Vec<BoardCity>,
    pub bodies: Vec<BodyChoice>,
    pub trades: Vec<BoardTrade>,
    pub today: Date,
}

/// How do the open batches of the territory stand?
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Board {
    /// The division code of a place: `350100`.
    #[schema(max_length = 6)]
    pub city: Option<String>,
    pub body: Option<i64>,
    /// The code of an occupation.
    #[schema(max_length = 20)]
    pub code: Option<String>,
    pub level: Option<Level>,
    pub stage: Option<BatchStage>,
    /// Late ones alone.
    pub late: Option<bool>,
    /// Held on or after this day.
    pub from: Option<Date>,
    /// Held on or before this day.
    pub to: Option<Date>,
    /// A day of the month to show; without it, today's.
    pub month: Option<Date>,
    /// Where the page begins, as the one before says in `next`.
    #[schema(max_length = 60)]
    pub after: Option<String>,
}

impl Board {
    fn lines(&self, sight: &mut Sight<'_>, limit: i64) -> Result<(Vec<BoardLine>, Option<String>), Stop> {
        let after = self.after.as_deref().map(Key::of).transpose()?;
        let (scope, today, reference) = (sight.scope(), sight.today(), sight.reference());
        let asked = store::Asked { scope: &scope, board: self, today, edges: edges(&reference.calendar, today) };
        let mut found = store::list(&mut sight.tx(), &asked, after.as_ref(), limit + 1)?;
        let more = found.len() as i64 > limit;
        found.truncate(limit as usize);
        let next = found.last().filter(|_| more).map(|last| last.key.word());
        // Many batches share their days: what follows from a day is computed once.
        let mut known: HashMap<rules::batch::board::Seen, Option<Awaited>> = HashMap::new();
        let lines = found.into_iter().map(|one| {
            let next = known.entry(one.seen).or_insert_with(|| awaited(&one.seen, &reference.calendar, today));
            line(&one, next.as_ref())
        });
        Ok((lines.collect(), next))
    }
}

fn line(one: &store::Open, next: Option<&Awaited>) -> BoardLine {
    // An objection that was not answered in time stands before what the batch waits for otherwise.
    let objection = one.objection_due_on.filter(|_| one.seen.stopped_on.is_none()).map(|due_on| Awaited {
        what: "答复公示异议",
        by: "机构负责人",
        due_on: Some(due_on),
        clause: Clause::S2_2_3B,
    });
    let next = objection.as_ref().or(next);
    BoardLine {
        id: one.id,
        number: one.number.clone(),
        title: one.title.clone(),
        body: one.body,
        body_name: one.body_name.clone(),
        code: one.code.clone(),
        trade: one.trade.clone(),
        work_type: one.work_type.clone(),
        level: one.level,
        level_name: one.level.name().to_owned(),
        stage: one.seen.stage,
        stage_name: one.seen.stage.name().to_owned(),
        starts_on: one.starts_on,
        ends_on: one.ends_on,
        expected: one.expected,
        registered: one.registered,
        beyond_told: one.registered > one.expected,
        versions: one.versions,
        stopped_on: one.seen.stopped_on,
        stopped_rooms: one.stopped_rooms,
        next: next.map_or_else(String::new, |next| next.what.to_owned()),
        by: next.map_or_else(String::new, |next| next.by.to_owned()),
        due_on: next.and_then(|next| next.due_on),
        late: one.is_late,
        clause: next.map_or(Clause::S2_2_1C, |next| next.clause).id().to_owned(),
    }
}

impl Look for Board {
    const KIND: LookKind = LookKind::Batches;
    type View = BoardView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<BoardView, Stop> {
        let (batches, next) = self.lines(sight, PAGE)?;
        let (scope, today, reference) = (sight.scope(), sight.today(), sight.reference());
        let edges = edges(&reference.calendar, today);
        let asked = store::Asked { scope: &scope, board: self, today, edges };
        let (total, late, stopped) = store::count(&mut sight.tx(), &asked)?;

        let shown = self.month.unwrap_or(today);
        let (first, last) = (shown.first_of_month(), shown.last_of_month());
        let of_month = Self { from: Some(first), to: Some(last), ..self.clone() };
        let asked = store::Asked { scope: &scope, board: &of_month, today, edges };
        let mut month: Vec<BoardDay> = (0..i32::from(shown.days_in_month()))
            .map(|n| first.saturating_add(jiff::Span::new().days(n)))
            .map(|on| BoardDay { on, batches: 0, working: reference.calendar.is_working_day(on).ok() })
            .collect();
        for (from, to, batches) in store::days(&mut sight.tx(), &asked)? {
            for day in month.iter_mut().filter(|day| from <= day.on && day.on <= to) {
                day.batches += batches;
            }
        }

        let bodies = store::bodies(&mut sight.tx(), &scope, self.city.as_deref())?;
        let trades = store::trades(&mut sight.tx(), &scope)?;
        // Who is in charge of one place has none to choose.
        let cities = if scope.body.is_none() && scope.centre.is_none() && scope.bureau.is_none() {
            reference.divisions.places().into_iter().map(|p| BoardCity { code: p.code, name: p.name }).collect()
        } else {
            Vec::new()
        };
        Ok(BoardView {
            batches,
            total,
            late,
            stopped,
            next,
            month,
            cities,
            bodies: bodies.into_iter().map(|(id, name)| BodyChoice { id, name }).collect(),
            trades: trades.into_iter().map(|(code, trade)| BoardTrade { code, trade }).collect(),
            today,
        })
    }
}

/// The open batches as a workbook, all that the filter leaves.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct BoardWorkbook {
    /// The division code of a place: `350100`.
    #[schema(max_length = 6)]
    pub city: Option<String>,
    pub body: Option<i64>,
    /// The code of an occupation.
    #[schema(max_length = 20)]
    pub code: Option<String>,
    pub level: Option<Level>,
    pub stage: Option<BatchStage>,
    /// Late ones alone.
    pub late: Option<bool>,
    /// Held on or after this day.
    pub from: Option<Date>,
    /// Held on or before this day.
    pub to: Option<Date>,
}

impl Look for BoardWorkbook {
    const KIND: LookKind = LookKind::Batches;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let Self { city, body, code, level, stage, late, from, to } = self.clone();
        let board = Board { city, body, code, level, stage, late, from, to, month: None, after: None };
        let (lines, _) = board.lines(sight, WORKBOOK_MAX)?;
        let title = format!("批次看板 {}", sight.today());
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let rows = lines.iter().map(|line| {
            vec![
                line.number.clone(),
                line.title.clone(),
                line.body_name.clone(),
                line.code.clone(),
                line.trade.clone(),
                line.work_type.clone(),
                line.level_name.clone(),
                line.stage_name.clone(),
                line.starts_on.to_string(),
                line.ends_on.to_string(),
                line.expected.to_string(),
                line.registered.to_string(),
                line.next.clone(),
                line.by.clone(),
                day(line.due_on),
                if line.late { "逾期".to_owned() } else { String::new() },
                day(line.stopped_on),
            ]
        });
        let sheet =
            TableSheet { name: "批次".into(), title: title.clone(), headers: HEADERS.to_vec(), rows: rows.collect() };
        let bytes = sheets::tables(&[sheet]).map_err(Stop::fault)?;
        Ok(FileView { name: format!("{title}.xlsx"), bytes })
    }
}

/// The columns of the workbook.
const HEADERS: [&str; 17] = [
    "批次编号",
    "批次",
    "机构",
    "职业编码",
    "职业",
    "工种",
    "等级",
    "阶段",
    "开展日期",
    "结束日期",
    "预计人数",
    "报名人数",
    "下一步",
    "由谁办理",
    "期限",
    "是否逾期",
    "叫停日期",
];

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .look::<Board>("/board", "辖区内未办结批次的看板")
        .look::<BoardWorkbook>("/board/workbook", "批次看板（表格）")
}
