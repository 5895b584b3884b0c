//! The parts of a filing as forms: the body, occupations, people, sites, materials. Lists are tables with some empty
//! rows; more rows and a search come by a button of the same form. Nothing typed is lost: not by a fault, not by someone
//! who saved in between, not by a filing that has gone on, not by a session that has ended.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use rules::Refusal;
use rules::certificate::Level;
use rules::filing::{PersonKind, SiteKind, Track, open_to_change};
use rules::permission::ActKind;
use rules::submission::{Entry, FilingPart};

use super::check::{self, Fault};
use super::looks::{ChecklistView, FilingDetailView, checks_of};
use super::{
    AttachMaterial, BodyForm, DescribeBody, FilingDetail, ListPeople, ListSites, ListedPerson, ListedSite, PlanTrades,
    PlannedTrade, RemoveMaterial,
};
use crate::door::{Act, Stop};
use crate::web::page::{Choice, Crumb, Page, RefusalPanel, done, refusal_in, with_status};
use crate::web::{Posted, Visit, Web, stopped};

/// Empty rows below what is filled in.
const SPARE: usize = 3;
/// Empty rows that a button adds.
const MORE: usize = 5;
/// Occupations that a search shows.
const FOUND_MAX: usize = 12;

/// A fault as the list above a form shows it.
struct FormError {
    /// The `id` of the input.
    field: String,
    message: String,
}

/// A sentence about the part with what to do.
struct Said {
    what: String,
    remedy: String,
}

/// What every part's page has.
struct Frame {
    page: Page,
    trail: Vec<Crumb>,
    filing: i64,
    refusal: Option<RefusalPanel>,
    errors: Vec<FormError>,
    /// The mark of what the part said when its writer began.
    seen: String,
    /// What someone else has saved since, where that is so.
    theirs: Option<Vec<Entry>>,
    /// Why the part came back, as far as it is about the whole part or about a row that is not there any more.
    reasons: Vec<String>,
    missing: Vec<Said>,
    done: usize,
    total: usize,
    part_done: usize,
    part_total: usize,
}

/// What went wrong with a form that was sent, if anything did.
#[derive(Default)]
struct Wrong {
    refusal: Option<RefusalPanel>,
    faults: Vec<Fault>,
    /// The mark that the form carried.
    seen: Option<String>,
}

impl Frame {
    fn new(web: &Web, visit: &Visit, view: &FilingDetailView, part: FilingPart, wrong: &Wrong) -> Self {
        let trail = vec![
            Crumb::new("/filings", "备案"),
            Crumb::new(format!("/filings/{}", view.line.id), format!("{}备案申请", view.line.body_name)),
        ];
        let own = view.parts.iter().find(|own| own.part == part);
        let now = own.map(|own| own.seen.clone()).unwrap_or_default();
        let is_conflict = wrong.refusal.as_ref().is_some_and(|refusal| refusal.field.as_deref() == Some("seen"));
        // Who has been shown what the other saved may save over it.
        let seen = if is_conflict { now } else { wrong.seen.clone().unwrap_or(now) };
        let codes = checks_of(part);
        let missing = view
            .completeness
            .items
            .iter()
            .filter(|item| codes.contains(&item.code.as_str()))
            .flat_map(|item| &item.findings)
            .map(|finding| Said { what: finding.what.clone(), remedy: finding.remedy.clone() })
            .collect();
        let entries = own.map(|own| own.entries.as_slice()).unwrap_or_default();
        let is_there = |about: &str| entries.iter().any(|entry| entry.key == about);
        let reasons = reasons(view, part)
            .filter(|reason| reason.about.is_empty() || !is_there(&reason.about))
            .map(|reason| match reason.label.as_str() {
                "" => reason.text.clone(),
                label => format!("{label}：{}", reason.text),
            })
            .collect();
        let field = |fault: &Fault| FormError {
            field: field_id(fault.row, fault.column),
            message: format!("{}。{}", fault.what(), fault.refusal.remedy),
        };
        let mut refusal = wrong.refusal.clone();
        if let Some(panel) = refusal.as_mut().filter(|_| is_conflict) {
            panel.field = Some("theirs".to_owned());
        }
        Self {
            page: Page::new(web, visit),
            trail,
            filing: view.line.id,
            refusal,
            errors: wrong.faults.iter().map(field).collect(),
            seen,
            theirs: is_conflict.then(|| entries.to_vec()),
            reasons,
            missing,
            done: view.completeness.done(),
            total: view.completeness.items.len(),
            part_done: own.map_or(0, |own| own.done),
            part_total: own.map_or(0, |own| own.total),
        }
    }

    fn status(&self) -> StatusCode {
        if self.refusal.is_some() || !self.errors.is_empty() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        }
    }
}

/// Why a part came back, while the filing is back with its body.
fn reasons(view: &FilingDetailView, part: FilingPart) -> impl Iterator<Item = &super::looks::ReasonView> {
    let is_back = view.line.stage == rules::filing::FilingStage::Returned;
    let last = view.returns.last().filter(|_| is_back);
    last.into_iter().flat_map(|back| &back.parts).filter(move |reason| reason.part == part)
}

/// The `id` of an input: its column, and its row from 1.
fn field_id(row: Option<usize>, column: &str) -> String {
    row.map_or_else(|| column.to_owned(), |row| format!("{column}-{}", row + 1))
}

/// The filing as the caller sees it, and why its parts may not be changed now, if they may not.
async fn looked(web: &Web, visit: &Visit, filing: i64) -> Result<(FilingDetailView, Option<Refusal>), Response> {
    let view = web.look(visit, FilingDetail { filing }).await.map_err(|stop| stopped(web, visit, stop))?;
    if view.may(ActKind::DescribeBody) {
        return Ok((view, None));
    }
    if !visit.caller.role().sits_in_body() {
        return Err(stopped(web, visit, Stop::NotGranted));
    }
    match open_to_change(view.line.stage, Track { needs_bureau: view.bureau.is_some() }) {
        Err(refusal) => Ok((view, Some(refusal))),
        Ok(()) => Err(stopped(web, visit, Stop::NotGranted)),
    }
}

/// The filing, if the caller may change it now; everyone else reads it on its own page.
async fn writable(web: &Web, visit: &Visit, filing: i64) -> Result<FilingDetailView, Response> {
    match looked(web, visit, filing).await? {
        (view, None) => Ok(view),
        (_, Some(refusal)) => Err(stopped(web, visit, refusal.into())),
    }
}

/// Saves a part and goes back to the task list; what went wrong is given back for the same page.
async fn save<A: Act>(
    web: &Web,
    visit: &Visit,
    (filing, posted): (i64, &Posted),
    closed: Option<Refusal>,
    act: Result<A, Vec<Fault>>,
) -> Result<Response, Wrong> {
    let seen = posted.some("seen");
    let outcome = match (closed, act) {
        (Some(refusal), _) => Err(refusal.into()),
        (None, Err(faults)) => return Err(Wrong { refusal: None, faults, seen }),
        (None, Ok(act)) => web.act(visit, posted.once(), act).await.map(|_| ()),
    };
    match outcome {
        Ok(()) => Ok(done(&format!("/filings/{filing}"), "已保存。")),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => Err(Wrong { refusal: Some(refusal), faults: Vec::new(), seen }),
            Err(stop) => Ok(stopped(web, visit, stop)),
        },
    }
}

#[derive(Template)]
#[template(path = "filing/views/body.html")]
struct BodyPage {
    frame: Frame,
    page: Page,
    view: FilingDetailView,
    form: BodyForm,
    faults: Vec<Fault>,
}

impl BodyPage {
    /// What is wrong with a field, or why it came back.
    fn error(&self, field: &str) -> String {
        let fault = self.faults.iter().find(|fault| fault.column == field).map(|fault| fault.refusal.what.clone());
        let back = || {
            let about = reasons(&self.view, FilingPart::Body).filter(|reason| reason.about == field);
            let texts: Vec<_> = about.map(|reason| format!("退回理由：{}", reason.text)).collect();
            texts.join("；")
        };
        fault.unwrap_or_else(back)
    }
}

pub(super) async fn body(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    match writable(&web, &visit, filing).await {
        Ok(view) => body_page(&web, &visit, view, None, Wrong::default()),
        Err(response) => response,
    }
}

fn body_page(web: &Web, visit: &Visit, view: FilingDetailView, form: Option<BodyForm>, wrong: Wrong) -> Response {
    let frame = Frame::new(web, visit, &view, FilingPart::Body, &wrong);
    let form = form.unwrap_or_else(|| view.form.clone());
    let status = frame.status();
    with_status(status, &BodyPage { page: frame.page.clone(), frame, view, form, faults: wrong.faults })
}

pub(super) async fn save_body(
    State(web): State<Web>,
    visit: Visit,
    Path(filing): Path<i64>,
    posted: Posted,
) -> Response {
    let text = |name: &str| posted.text(name).to_owned();
    let form = BodyForm {
        address: text("address"),
        legal_representative: text("legal_representative"),
        head: text("head"),
        contact: text("contact"),
        phone: text("phone"),
        superior: text("superior"),
        station_name: text("station_name"),
        station_number: text("station_number"),
        majors: text("majors"),
        note: text("note"),
    };
    let (view, closed) = match looked(&web, &visit, filing).await {
        Ok(looked) => looked,
        Err(response) => return response,
    };
    let faults = check::body(view.kind, &form);
    let act = DescribeBody { filing, form: form.clone(), seen: posted.some("seen") };
    let act = if faults.is_empty() { Ok(act) } else { Err(faults) };
    match save(&web, &visit, (filing, &posted), closed, act).await {
        Ok(response) => response,
        // Read anew: what someone else has saved is shown beside.
        Err(wrong) => match looked(&web, &visit, filing).await {
            Ok((view, _)) => body_page(&web, &visit, view, Some(form), wrong),
            Err(response) => response,
        },
    }
}

/// What a button of a table's form asks for.
enum Wanted {
    Save,
    MoreRows,
    Find,
}

impl Wanted {
    fn of(posted: &Posted) -> Self {
        match posted.text("do") {
            "more" => Self::MoreRows,
            "find" => Self::Find,
            _ => Self::Save,
        }
    }

    fn spare(&self) -> usize {
        if matches!(self, Self::MoreRows) { SPARE + MORE } else { SPARE }
    }
}

/// A row of a table to fill in: its cells, what is wrong with each, and why it came back.
struct RowView<const N: usize> {
    cells: [String; N],
    errors: [String; N],
    reasons: Vec<String>,
    /// Whether there is something to be struck out.
    is_filled: bool,
}

/// The rows that were posted: each column was sent once for every row. Rows that were ticked to be struck out, and those
/// in which nobody typed anything, are left out; `typed` are the columns that people type into.
fn rows<const N: usize>(posted: &Posted, columns: [&str; N], typed: &[usize]) -> Vec<[String; N]> {
    let cells: [Vec<&str>; N] = columns.map(|column| posted.all(&format!("{column}[]")));
    let count = cells.iter().map(Vec::len).max().unwrap_or(0);
    let struck = posted.all("strike");
    let cell = |column: usize, row: usize| cells[column].get(row).copied().unwrap_or_default().to_owned();
    (0..count)
        .filter(|row| !struck.contains(&row.to_string().as_str()))
        .map(|row| std::array::from_fn(|column| cell(column, row)))
        .filter(|row: &[String; N]| typed.iter().any(|&column| !row[column].is_empty()))
        .collect()
}

/// Rows for the form: with their faults and reasons, and some empty ones below.
fn shown<const N: usize>(
    rows: Vec<[String; N]>,
    spare: usize,
    columns: [&str; N],
    faults: &[Fault],
    reasons: impl Fn(&[String; N]) -> Vec<String>,
) -> Vec<RowView<N>> {
    let view = |(at, cells): (usize, [String; N])| RowView {
        errors: columns.map(|column| {
            let about = faults.iter().filter(|fault| fault.row == Some(at) && fault.column == column);
            about.map(|fault| fault.refusal.what.as_str()).collect::<Vec<_>>().join("；")
        }),
        reasons: reasons(&cells),
        is_filled: true,
        cells,
    };
    let mut views: Vec<_> = rows.into_iter().enumerate().map(view).collect();
    let blank = || RowView {
        cells: std::array::from_fn(|_| String::new()),
        errors: std::array::from_fn(|_| String::new()),
        reasons: Vec::new(),
        is_filled: false,
    };
    views.extend((0..spare).map(|_| blank()));
    views
}

/// Why a row came back, by its key.
fn back_for(view: &FilingDetailView, part: FilingPart, key: &str) -> Vec<String> {
    reasons(view, part).filter(|reason| reason.about == key).map(|reason| reason.text.clone()).collect()
}

/// A refusal of what was typed, before any act.
fn wrong(row: usize, column: &'static str, what: String, remedy: &str) -> Fault {
    Fault::new(row, column, Refusal::new(rules::Clause::A1, what).remedy(remedy))
}

/// A whole number of a cell; an empty one is none.
fn whole(text: &str, label: &str, (row, column): (usize, &'static str)) -> Result<Option<i64>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse().map(Some);
    number.map_err(|_| wrong(row, column, format!("{label}“{text}”不是整数"), "请填写整数，例如 40"))
}

/// A level of a select; an empty one is none.
fn level(text: &str) -> Option<Level> {
    text.chars().next().and_then(Level::from_digit)
}

fn level_choices(chosen: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "选择", chosen)];
    choices.extend(Level::ALL.iter().map(|level| Choice::new(level.digit().to_string(), level.name(), chosen)));
    choices
}

/// The occupations of the filing once each, to tie a person or a site to; one that was taken off the plan stays to be
/// seen.
fn trade_choices(view: &FilingDetailView, chosen: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "全部职业", chosen)];
    for trade in &view.trades {
        if !choices.iter().any(|choice| choice.value == trade.code) {
            choices.push(Choice::new(&trade.code, &trade.name, chosen));
        }
    }
    if !choices.iter().any(|choice| choice.value == chosen) {
        choices.push(Choice::new(chosen, format!("{chosen}（不在拟备案职业中）"), chosen));
    }
    choices
}

/// The codes of the plan.
fn codes(view: &FilingDetailView) -> Vec<&str> {
    view.trades.iter().map(|trade| trade.code.as_str()).collect()
}

/// The search for an occupation beside the table.
#[derive(Default)]
struct Search {
    text: String,
    found: Vec<rules::trade::Found>,
    more: usize,
}

/// 职业, 工种, 等级, 对应专业, 标准, 试卷来源, 年规模, 面向社会.
type TradeRow = [String; 8];
const TRADE_COLUMNS: [&str; 8] =
    ["trade", "work_type", "level", "major", "standard", "papers", "capacity", "for_public"];
const TRADE_TYPED: &[usize] = &[0, 1, 3, 4, 5, 6];

#[derive(Template)]
#[template(path = "filing/views/trades.html")]
struct TradesPage {
    frame: Frame,
    page: Page,
    view: FilingDetailView,
    rows: Vec<RowView<8>>,
    search: Option<Search>,
}

impl TradesPage {
    /// The name behind a code that was saved before.
    fn name_of(&self, code: &str) -> Option<&str> {
        self.view.trades.iter().find(|trade| trade.code == code).map(|trade| trade.name.as_str())
    }

    /// What the catalogue says of the majors of a row that was saved before.
    fn asked(&self, cells: &TradeRow) -> Vec<String> {
        let catalogue: Vec<_> = catalogue(&self.view);
        if catalogue.is_empty() { Vec::new() } else { rules::major::questions(&catalogue, &cells[3]) }
    }

    fn audiences(&self, chosen: &str) -> Vec<Choice> {
        vec![Choice::new("", "本校学生", chosen), Choice::new("yes", "申请面向社会", chosen)]
    }

    fn main_majors(&self) -> String {
        let main = self.view.majors.iter().filter(|major| major.is_main);
        main.map(|major| major.name.as_str()).collect::<Vec<_>>().join("、")
    }

    fn levels(&self, found: &rules::trade::Found) -> String {
        match found.levels.iter().map(|level| level.name()).collect::<Vec<_>>().join("、") {
            names if names.is_empty() => "以标准文本为准".into(),
            names => names,
        }
    }
}

fn catalogue(view: &FilingDetailView) -> Vec<rules::major::Major> {
    let major = |line: &super::lists::MajorLine| rules::major::Major {
        code: line.code.clone(),
        name: line.name.clone(),
        is_main: line.is_main,
    };
    view.majors.iter().map(major).collect()
}

/// The rows as they were saved.
fn saved_trades(view: &FilingDetailView) -> Vec<TradeRow> {
    let row = |trade: &super::looks::TradeView| {
        [
            trade.code.clone(),
            trade.work_type.clone(),
            trade.level.digit().to_string(),
            trade.major.clone(),
            trade.standard.clone(),
            trade.papers.clone(),
            trade.capacity.to_string(),
            if trade.asks_public { "yes" } else { "" }.to_owned(),
        ]
    };
    view.trades.iter().map(row).collect()
}

pub(super) async fn trades(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    match writable(&web, &visit, filing).await {
        Ok(view) => trades_page(&web, &visit, view, None, None, Wrong::default()),
        Err(response) => response,
    }
}

fn trades_page(
    web: &Web,
    visit: &Visit,
    view: FilingDetailView,
    typed: Option<(Vec<TradeRow>, usize)>,
    search: Option<Search>,
    wrong: Wrong,
) -> Response {
    let (rows, spare) = typed.unwrap_or_else(|| (saved_trades(&view), SPARE));
    let back =
        |cells: &TradeRow| back_for(&view, FilingPart::Trades, &format!("{}|{}|{}", cells[0], cells[1], cells[2]));
    let rows = shown(rows, spare, TRADE_COLUMNS, &wrong.faults, back);
    let frame = Frame::new(web, visit, &view, FilingPart::Trades, &wrong);
    let status = frame.status();
    with_status(status, &TradesPage { page: frame.page.clone(), frame, view, rows, search })
}

pub(super) async fn save_trades(
    State(web): State<Web>,
    visit: Visit,
    Path(filing): Path<i64>,
    posted: Posted,
) -> Response {
    let (view, closed) = match looked(&web, &visit, filing).await {
        Ok(looked) => looked,
        Err(response) => return response,
    };
    let wanted = Wanted::of(&posted);
    let typed = rows(&posted, TRADE_COLUMNS, TRADE_TYPED);
    let kept = (typed.clone(), wanted.spare());
    let search = matches!(wanted, Wanted::Find).then(|| {
        let text = posted.text("find").to_owned();
        let mut found = web.office.reference().trades.find(&text);
        found.retain(|one| one.skilled);
        let more = found.len().saturating_sub(FOUND_MAX);
        found.truncate(FOUND_MAX);
        Search { text, found, more }
    });
    if !matches!(wanted, Wanted::Save) {
        let wrong = Wrong { seen: posted.some("seen"), ..Wrong::default() };
        return trades_page(&web, &visit, view, Some(kept), search, wrong);
    }
    let act = planned(&web, &typed).map(|trades| PlanTrades { filing, trades, seen: posted.some("seen") });
    match save(&web, &visit, (filing, &posted), closed, act).await {
        Ok(response) => response,
        Err(wrong) => match looked(&web, &visit, filing).await {
            Ok((view, _)) => trades_page(&web, &visit, view, Some(kept), None, wrong),
            Err(response) => response,
        },
    }
}

/// The plan that was typed, or everything that is wrong with it.
fn planned(web: &Web, typed: &[TradeRow]) -> Result<Vec<PlannedTrade>, Vec<Fault>> {
    let (mut plan, mut places, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (row, [trade, work_type, digit, major, standard, papers, capacity, public]) in typed.iter().cloned().enumerate()
    {
        let before = faults.len();
        let label = if trade.is_empty() { "这一行" } else { trade.as_str() };
        if trade.is_empty() {
            let remedy = "请填写职业的代码或全称；不要这一行的，请勾选“删去”";
            faults.push(wrong(row, "trade", "没有填写职业".to_owned(), remedy));
        }
        let level = level(&digit);
        if level.is_none() {
            let what = format!("{label}没有选择等级");
            faults.push(wrong(row, "level", what, "请选择等级；同一职业的不同等级各填一行"));
        }
        let capacity = whole(&capacity, "年评价规模", (row, "capacity")).unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        if let Some(level) = level.filter(|_| faults.len() == before) {
            let capacity = capacity.unwrap_or(0);
            let for_public = public == "yes";
            plan.push(PlannedTrade { trade, work_type, level, major, standard, papers, capacity, for_public });
            places.push(row);
        }
    }
    let (_, found) = check::trades(&web.office.reference(), web.office.today(), &plan);
    faults.extend(placed(found, &places));
    sorted(faults).map_or(Ok(plan), Err)
}

/// Faults of rows that were read, at the rows where they stand in the form.
fn placed(faults: Vec<Fault>, places: &[usize]) -> impl Iterator<Item = Fault> {
    faults.into_iter().map(|fault| Fault { row: fault.row.and_then(|row| places.get(row).copied()), ..fault })
}

/// Faults from the top of the form to its end; nothing where there are none.
fn sorted(mut faults: Vec<Fault>) -> Option<Vec<Fault>> {
    faults.sort_by_key(|fault| fault.row);
    (!faults.is_empty()).then_some(faults)
}

/// 姓名, 类别, 职业, 最高等级, 证卡编号, 有效期.
type PersonRow = [String; 6];
const PERSON_COLUMNS: [&str; 6] = ["name", "kind", "trade_code", "level_max", "card_number", "card_valid_until"];
const PERSON_TYPED: &[usize] = &[0, 4, 5];

#[derive(Template)]
#[template(path = "filing/views/people.html")]
struct PeoplePage {
    frame: Frame,
    page: Page,
    view: FilingDetailView,
    rows: Vec<RowView<6>>,
}

impl PeoplePage {
    fn kinds(&self, chosen: &str) -> Vec<Choice> {
        PersonKind::ALL.iter().map(|kind| Choice::new(kind.code(), kind.name(), chosen)).collect()
    }
}

fn saved_people(view: &FilingDetailView) -> Vec<PersonRow> {
    let row = |person: &super::looks::PersonView| {
        [
            person.name.clone(),
            person.kind.code().to_owned(),
            person.trade_code.clone().unwrap_or_default(),
            person.level_max.map(|level| level.digit().to_string()).unwrap_or_default(),
            person.card_number.clone(),
            person.card_valid_until.map(|day| day.to_string()).unwrap_or_default(),
        ]
    };
    view.people.iter().map(row).collect()
}

pub(super) async fn people(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    match writable(&web, &visit, filing).await {
        Ok(view) => people_page(&web, &visit, view, None, Wrong::default()),
        Err(response) => response,
    }
}

fn people_page(
    web: &Web,
    visit: &Visit,
    view: FilingDetailView,
    typed: Option<(Vec<PersonRow>, usize)>,
    wrong: Wrong,
) -> Response {
    let (rows, spare) = typed.unwrap_or_else(|| (saved_people(&view), SPARE));
    let back =
        |cells: &PersonRow| back_for(&view, FilingPart::People, &format!("{}|{}|{}", cells[1], cells[0], cells[2]));
    let rows = shown(rows, spare, PERSON_COLUMNS, &wrong.faults, back);
    let frame = Frame::new(web, visit, &view, FilingPart::People, &wrong);
    let status = frame.status();
    with_status(status, &PeoplePage { page: frame.page.clone(), frame, view, rows })
}

pub(super) async fn save_people(
    State(web): State<Web>,
    visit: Visit,
    Path(filing): Path<i64>,
    posted: Posted,
) -> Response {
    let (view, closed) = match looked(&web, &visit, filing).await {
        Ok(looked) => looked,
        Err(response) => return response,
    };
    let wanted = Wanted::of(&posted);
    let typed = rows(&posted, PERSON_COLUMNS, PERSON_TYPED);
    let kept = (typed.clone(), wanted.spare());
    if !matches!(wanted, Wanted::Save) {
        let wrong = Wrong { seen: posted.some("seen"), ..Wrong::default() };
        return people_page(&web, &visit, view, Some(kept), wrong);
    }
    let act = listed_people(&codes(&view), &typed);
    let act = act.map(|people| ListPeople { filing, people, seen: posted.some("seen") });
    match save(&web, &visit, (filing, &posted), closed, act).await {
        Ok(response) => response,
        Err(wrong) => match looked(&web, &visit, filing).await {
            Ok((view, _)) => people_page(&web, &visit, view, Some(kept), wrong),
            Err(response) => response,
        },
    }
}

/// The people that were typed, or everything that is wrong with them.
fn listed_people(planned: &[&str], typed: &[PersonRow]) -> Result<Vec<ListedPerson>, Vec<Fault>> {
    let (mut people, mut places, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (row, [name, kind, trade_code, level_max, card_number, until]) in typed.iter().cloned().enumerate() {
        let before = faults.len();
        let kind = PersonKind::from_code(&kind);
        if kind.is_none() {
            faults.push(wrong(row, "kind", format!("{name}没有选择类别"), "请选择类别"));
        }
        let card_valid_until = Some(until.as_str()).filter(|text| !text.is_empty()).and_then(|text| {
            let day = text.parse().ok();
            if day.is_none() {
                let what = format!("证卡有效期“{text}”不是日期");
                faults.push(wrong(row, "card_valid_until", what, "请按 2028-12-31 的格式填写"));
            }
            day
        });
        if let Some(kind) = kind.filter(|_| faults.len() == before) {
            people.push(ListedPerson {
                kind,
                name,
                trade_code: Some(trade_code).filter(|code| !code.is_empty()),
                level_max: level(&level_max),
                card_number,
                card_valid_until,
            });
            places.push(row);
        }
    }
    faults.extend(placed(check::people(planned, &people), &places));
    sorted(faults).map_or(Ok(people), Err)
}

/// 名称, 类别, 职业, 数量, 说明, 录像保存天数.
type SiteRow = [String; 6];
const SITE_COLUMNS: [&str; 6] = ["name", "kind", "trade_code", "count", "note", "days_kept"];
const SITE_TYPED: &[usize] = &[0, 3, 4, 5];

#[derive(Template)]
#[template(path = "filing/views/sites.html")]
struct SitesPage {
    frame: Frame,
    page: Page,
    view: FilingDetailView,
    rows: Vec<RowView<6>>,
}

impl SitesPage {
    fn kinds(&self, chosen: &str) -> Vec<Choice> {
        SiteKind::ALL.iter().map(|kind| Choice::new(kind.code(), kind.name(), chosen)).collect()
    }
}

fn saved_sites(view: &FilingDetailView) -> Vec<SiteRow> {
    let row = |site: &super::looks::SiteView| {
        [
            site.name.clone(),
            site.kind.code().to_owned(),
            site.trade_code.clone().unwrap_or_default(),
            site.count.to_string(),
            site.note.clone(),
            site.days_kept.map(|days| days.to_string()).unwrap_or_default(),
        ]
    };
    view.sites.iter().map(row).collect()
}

pub(super) async fn sites(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    match writable(&web, &visit, filing).await {
        Ok(view) => sites_page(&web, &visit, view, None, Wrong::default()),
        Err(response) => response,
    }
}

fn sites_page(
    web: &Web,
    visit: &Visit,
    view: FilingDetailView,
    typed: Option<(Vec<SiteRow>, usize)>,
    wrong: Wrong,
) -> Response {
    let (rows, spare) = typed.unwrap_or_else(|| (saved_sites(&view), SPARE));
    let back = |cells: &SiteRow| back_for(&view, FilingPart::Sites, &format!("{}|{}|{}", cells[1], cells[0], cells[2]));
    let rows = shown(rows, spare, SITE_COLUMNS, &wrong.faults, back);
    let frame = Frame::new(web, visit, &view, FilingPart::Sites, &wrong);
    let status = frame.status();
    with_status(status, &SitesPage { page: frame.page.clone(), frame, view, rows })
}

pub(super) async fn save_sites(
    State(web): State<Web>,
    visit: Visit,
    Path(filing): Path<i64>,
    posted: Posted,
) -> Response {
    let (view, closed) = match looked(&web, &visit, filing).await {
        Ok(looked) => looked,
        Err(response) => return response,
    };
    let wanted = Wanted::of(&posted);
    let typed = rows(&posted, SITE_COLUMNS, SITE_TYPED);
    let kept = (typed.clone(), wanted.spare());
    if !matches!(wanted, Wanted::Save) {
        let wrong = Wrong { seen: posted.some("seen"), ..Wrong::default() };
        return sites_page(&web, &visit, view, Some(kept), wrong);
    }
    let act = listed_sites(&codes(&view), &typed);
    let act = act.map(|sites| ListSites { filing, sites, seen: posted.some("seen") });
    match save(&web, &visit, (filing, &posted), closed, act).await {
        Ok(response) => response,
        Err(wrong) => match looked(&web, &visit, filing).await {
            Ok((view, _)) => sites_page(&web, &visit, view, Some(kept), wrong),
            Err(response) => response,
        },
    }
}

/// The rooms and machines that were typed, or everything that is wrong with them.
fn listed_sites(planned: &[&str], typed: &[SiteRow]) -> Result<Vec<ListedSite>, Vec<Fault>> {
    let (mut sites, mut places, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (row, [name, kind, trade_code, count, note, days_kept]) in typed.iter().cloned().enumerate() {
        let before = faults.len();
        let kind = SiteKind::from_code(&kind);
        if kind.is_none() {
            faults.push(wrong(row, "kind", format!("{name}没有选择类别"), "请选择类别"));
        }
        let mut number = |text: &str, label: &str, column: &'static str| {
            whole(text, label, (row, column)).unwrap_or_else(|fault| {
                faults.push(fault);
                None
            })
        };
        let days_kept = number(&days_kept, "录像保存天数", "days_kept");
        let counted = number(&count, "数量", "count");
        if count.is_empty() {
            let remedy = "请填写座位、工位、设备或摄像头的数量";
            faults.push(wrong(row, "count", format!("{name}没有填写数量"), remedy));
        }
        if let (Some(kind), Some(count), true) = (kind, counted, faults.len() == before) {
            let trade_code = Some(trade_code).filter(|code| !code.is_empty());
            sites.push(ListedSite { kind, name, trade_code, count, note, days_kept });
            places.push(row);
        }
    }
    faults.extend(placed(check::sites(planned, &sites), &places));
    sorted(faults).map_or(Ok(sites), Err)
}

/// Whether a material is read by everyone once the filing is listed (三（五）).
fn becomes_public(code: &str) -> bool {
    rules::regulation::RegulationKind::of_material(code).is_some()
}

#[derive(Template)]
#[template(path = "filing/views/materials.html")]
struct MaterialsPage {
    frame: Frame,
    page: Page,
    view: FilingDetailView,
    items: Vec<Choice>,
    missing: usize,
}

impl MaterialsPage {
    fn error(&self, field: &str) -> &str {
        RefusalPanel::beside(self.frame.refusal.as_ref(), field)
    }

    /// Why an item came back.
    fn back(&self, key: &str) -> Vec<String> {
        back_for(&self.view, FilingPart::Materials, key)
    }

    /// Whether an item is asked for, rather than left over.
    fn is_listed(&self, item: &ChecklistView) -> bool {
        !item.takes.is_empty()
    }
}

/// An item of the checklist as the select sends it: its code, and the occupation behind a bar.
fn key(item: &ChecklistView) -> String {
    match &item.trade_code {
        Some(code) => format!("{}|{code}", item.code),
        None => item.code.clone(),
    }
}

pub(super) async fn materials(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    materials_page(&web, &visit, filing, None, None).await
}

async fn materials_page(
    web: &Web,
    visit: &Visit,
    filing: i64,
    chosen: Option<String>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match writable(web, visit, filing).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let is_missing = |item: &&ChecklistView| item.required && item.files.is_empty();
    // The first item that is missing stands ready, so that one file after the other can be uploaded.
    let chosen = chosen.or_else(|| view.checklist.iter().find(is_missing).map(key)).unwrap_or_default();
    let label = |item: &ChecklistView| match item.trade_name.as_str() {
        "" => format!("{}（{}）", item.title, item.takes),
        trade => format!("{}：{trade}（{}）", item.title, item.takes),
    };
    let asked = view.checklist.iter().filter(|item| !item.takes.is_empty());
    let items = asked.map(|item| Choice::new(key(item), label(item), &chosen)).collect();
    let missing = view.checklist.iter().filter(is_missing).count();
    let wrong = Wrong { refusal, ..Wrong::default() };
    let frame = Frame::new(web, visit, &view, FilingPart::Materials, &wrong);
    let status = frame.status();
    with_status(status, &MaterialsPage { page: frame.page.clone(), frame, view, items, missing })
}

pub(super) async fn attach(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    let (chosen, once, caller) = (posted.text("code").to_owned(), posted.once(), visit.caller.clone());
    // Whoever may not change the filing leaves no file behind either.
    if let Err(response) = writable(&web, &visit, filing).await {
        return response;
    }
    let kept =
        web.work(move |office| posted.keep_file(office, (&caller, AttachMaterial::KIND), ("file", "文件"))).await;
    let outcome = match kept {
        Ok((file, name)) => {
            let (code, trade) =
                chosen.split_once('|').map_or((chosen.as_str(), None), |(code, trade)| (code, Some(trade.to_owned())));
            web.act(&visit, once, AttachMaterial::new(filing, code, trade, file, &name)).await.map(|_| name)
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(name) => done(&format!("/filings/{filing}/materials"), &format!("已上传“{name}”。")),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => materials_page(&web, &visit, filing, Some(chosen), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

pub(super) async fn remove(
    State(web): State<Web>,
    visit: Visit,
    Path((filing, material)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    match web.act(&visit, posted.once(), RemoveMaterial { filing, material }).await {
        Ok(_) => done(&format!("/filings/{filing}/materials"), "已移除。"),
        Err(stop) => stopped(&web, &visit, stop),
    }
}
