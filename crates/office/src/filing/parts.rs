//! The parts of a filing as forms: the body, occupations, people, sites, materials. Lists are tables with some empty
//! rows; more rows and a search come by a button of the same form, so that nothing typed is lost.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use rules::certificate::Level;
use rules::filing::{PersonKind, SiteKind};
use rules::permission::ActKind;

use super::looks::{ChecklistView, FilingDetailView};
use super::pages::typed_wrong;
use super::{
    AttachMaterial, BodyForm, DescribeBody, FilingDetail, ListPeople, ListSites, ListedPerson, ListedSite, PlanTrades,
    PlannedTrade, RemoveMaterial,
};
use crate::door::{Act, Stop};
use crate::web::page::{Choice, Crumb, Page, RefusalPanel, done, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, stopped};

/// Empty rows below what is filled in.
const SPARE: usize = 3;
/// Empty rows that a button adds.
const MORE: usize = 5;
/// Occupations that a search shows.
const FOUND_MAX: usize = 12;

/// What every part's page has.
struct Frame {
    page: Page,
    trail: Vec<Crumb>,
    filing: i64,
    refusal: Option<RefusalPanel>,
}

impl Frame {
    fn new(web: &Web, visit: &Visit, view: &FilingDetailView, refusal: Option<RefusalPanel>) -> Self {
        let trail = vec![
            Crumb::new("/filings", "备案"),
            Crumb::new(format!("/filings/{}", view.line.id), format!("{}备案申请", view.line.body_name)),
        ];
        Self { page: Page::new(web, visit), trail, filing: view.line.id, refusal }
    }
}

/// What is said at a field: the refusal, where it is about this field.
fn error_at<'a>(frame: &'a Frame, field: &str) -> &'a str {
    match &frame.refusal {
        Some(refusal) if refusal.field.as_deref() == Some(field) => &refusal.what,
        _ => "",
    }
}

/// The filing, if the caller may change it now; everyone else reads it on its own page.
async fn writable(web: &Web, visit: &Visit, filing: i64) -> Result<FilingDetailView, Response> {
    let view = web.look(visit, FilingDetail { filing }).await.map_err(|stop| stopped(web, visit, stop))?;
    if view.may(ActKind::DescribeBody) {
        return Ok(view);
    }
    let role = visit.caller.role();
    if !role.sits_in_body() {
        return Err(stopped(web, visit, Stop::NotGranted));
    }
    let track = rules::filing::Track { needs_bureau: view.bureau.is_some() };
    match rules::filing::open_to_change(view.line.stage, track) {
        Err(refusal) => Err(stopped(web, visit, refusal.into())),
        Ok(()) => Err(stopped(web, visit, Stop::NotGranted)),
    }
}

/// Saves a part and goes back to the task list; what is refused is shown on the same page by `again`.
async fn save<A: Act, F: Future<Output = Response>>(
    web: &Web,
    visit: &Visit,
    (filing, posted): (i64, &Posted),
    act: Result<A, Stop>,
    again: impl FnOnce(RefusalPanel) -> F,
) -> Response {
    let outcome = match act {
        Ok(act) => web.act(visit, posted.once(), act).await.map(|_| ()),
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(()) => done(&format!("/filings/{filing}"), "已保存。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => again(refusal).await,
            Err(stop) => stopped(web, visit, stop),
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
}

impl BodyPage {
    fn error(&self, field: &str) -> &str {
        error_at(&self.frame, field)
    }
}

pub(super) async fn body(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    body_page(&web, &visit, filing, None, None).await
}

async fn body_page(
    web: &Web,
    visit: &Visit,
    filing: i64,
    form: Option<BodyForm>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match writable(web, visit, filing).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let frame = Frame::new(web, visit, &view, refusal);
    let form = form.unwrap_or_else(|| view.form.clone());
    let status = status_for(frame.refusal.as_ref());
    with_status(status, &BodyPage { page: frame.page.clone(), frame, view, form })
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
    let act = Ok(DescribeBody { filing, form: form.clone() });
    let again = |refusal| body_page(&web, &visit, filing, Some(form), Some(refusal));
    save(&web, &visit, (filing, &posted), act, again).await
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
}

/// The rows that were posted: each column was sent once for every row. Rows without their key cell are left out.
fn rows<const N: usize>(posted: &Posted, columns: [&str; N], keys: usize) -> Vec<[String; N]> {
    let cells: [Vec<&str>; N] = columns.map(|column| posted.all(&format!("{column}[]")));
    let count = cells.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |column: usize, row: usize| cells[column].get(row).copied().unwrap_or_default().to_owned();
    (0..count)
        .map(|row| std::array::from_fn(|column| cell(column, row)))
        .filter(|row: &[String; N]| row[..keys].iter().any(|cell| !cell.is_empty()))
        .collect()
}

fn with_spare<const N: usize>(mut rows: Vec<[String; N]>, spare: usize) -> Vec<[String; N]> {
    rows.extend((0..spare).map(|_| std::array::from_fn(|_| String::new())));
    rows
}

fn spare(wanted: &Wanted) -> usize {
    if matches!(wanted, Wanted::MoreRows) { SPARE + MORE } else { SPARE }
}

/// A whole number of a cell; an empty one is none.
fn whole(text: &str, label: &str, field: &'static str) -> Result<Option<i64>, Stop> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| typed_wrong(format!("{label}“{text}”不是整数"), "请填写整数，例如 40", field))
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

/// The occupations of the filing once each, to tie a person or a site to.
fn trade_choices(view: &FilingDetailView, chosen: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "全部职业", chosen)];
    for trade in &view.trades {
        if !choices.iter().any(|choice| choice.value == trade.code) {
            choices.push(Choice::new(&trade.code, &trade.name, chosen));
        }
    }
    choices
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

#[derive(Template)]
#[template(path = "filing/views/trades.html")]
struct TradesPage {
    frame: Frame,
    page: Page,
    view: FilingDetailView,
    rows: Vec<TradeRow>,
    search: Option<Search>,
}

impl TradesPage {
    /// The name behind a code that was saved before.
    fn name_of(&self, code: &str) -> Option<&str> {
        self.view.trades.iter().find(|trade| trade.code == code).map(|trade| trade.name.as_str())
    }

    fn levels(&self, found: &rules::trade::Found) -> String {
        match found.levels.iter().map(|level| level.name()).collect::<Vec<_>>().join("、") {
            names if names.is_empty() => "以标准文本为准".into(),
            names => names,
        }
    }
}

pub(super) async fn trades(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    trades_page(&web, &visit, filing, None, None, None).await
}

async fn trades_page(
    web: &Web,
    visit: &Visit,
    filing: i64,
    rows: Option<Vec<TradeRow>>,
    search: Option<Search>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match writable(web, visit, filing).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let rows = rows.unwrap_or_else(|| {
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
        with_spare(view.trades.iter().map(row).collect(), SPARE)
    });
    let frame = Frame::new(web, visit, &view, refusal);
    let status = status_for(frame.refusal.as_ref());
    with_status(status, &TradesPage { page: frame.page.clone(), frame, view, rows, search })
}

pub(super) async fn save_trades(
    State(web): State<Web>,
    visit: Visit,
    Path(filing): Path<i64>,
    posted: Posted,
) -> Response {
    let wanted = Wanted::of(&posted);
    let typed = rows(&posted, TRADE_COLUMNS, 1);
    let kept = with_spare(typed.clone(), spare(&wanted));
    let search = matches!(wanted, Wanted::Find).then(|| {
        let text = posted.text("find").to_owned();
        let mut found = web.office.reference().trades.find(&text);
        found.retain(|one| one.skilled);
        let more = found.len().saturating_sub(FOUND_MAX);
        found.truncate(FOUND_MAX);
        Search { text, found, more }
    });
    if !matches!(wanted, Wanted::Save) {
        return trades_page(&web, &visit, filing, Some(kept), search, None).await;
    }
    let act = typed.into_iter().map(planned).collect::<Result<_, _>>().map(|trades| PlanTrades { filing, trades });
    let again = |refusal| trades_page(&web, &visit, filing, Some(kept), None, Some(refusal));
    save(&web, &visit, (filing, &posted), act, again).await
}

fn planned(
    [trade, work_type, digit, major, standard, papers, capacity, public]: TradeRow,
) -> Result<PlannedTrade, Stop> {
    let level = level(&digit).ok_or_else(|| {
        typed_wrong(format!("{trade}没有选择等级"), "请选择等级；同一职业的不同等级各填一行", "trades")
    })?;
    let capacity = whole(&capacity, "年评价规模", "trades")?.unwrap_or(0);
    let for_public = public == "yes";
    Ok(PlannedTrade { trade, work_type, level, major, standard, papers, capacity, for_public })
}

/// 类别, 姓名, 职业, 最高等级, 证卡编号, 有效期.
type PersonRow = [String; 6];
const PERSON_COLUMNS: [&str; 6] = ["name", "kind", "trade_code", "level_max", "card_number", "card_valid_until"];

#[derive(Template)]
#[template(path = "filing/views/people.html")]
struct PeoplePage {
    frame: Frame,
    page: Page,
    view: FilingDetailView,
    rows: Vec<PersonRow>,
}

impl PeoplePage {
    fn kinds(&self, chosen: &str) -> Vec<Choice> {
        PersonKind::ALL.iter().map(|kind| Choice::new(kind.code(), kind.name(), chosen)).collect()
    }
}

pub(super) async fn people(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    people_page(&web, &visit, filing, None, None).await
}

async fn people_page(
    web: &Web,
    visit: &Visit,
    filing: i64,
    rows: Option<Vec<PersonRow>>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match writable(web, visit, filing).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let rows = rows.unwrap_or_else(|| {
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
        with_spare(view.people.iter().map(row).collect(), SPARE)
    });
    let frame = Frame::new(web, visit, &view, refusal);
    let status = status_for(frame.refusal.as_ref());
    with_status(status, &PeoplePage { page: frame.page.clone(), frame, view, rows })
}

pub(super) async fn save_people(
    State(web): State<Web>,
    visit: Visit,
    Path(filing): Path<i64>,
    posted: Posted,
) -> Response {
    let wanted = Wanted::of(&posted);
    let typed = rows(&posted, PERSON_COLUMNS, 1);
    let kept = with_spare(typed.clone(), spare(&wanted));
    if !matches!(wanted, Wanted::Save) {
        return people_page(&web, &visit, filing, Some(kept), None).await;
    }
    let act = typed.into_iter().map(listed_person).collect::<Result<_, _>>();
    let act = act.map(|people| ListPeople { filing, people });
    let again = |refusal| people_page(&web, &visit, filing, Some(kept), Some(refusal));
    save(&web, &visit, (filing, &posted), act, again).await
}

fn listed_person([name, kind, trade_code, level_max, card_number, until]: PersonRow) -> Result<ListedPerson, Stop> {
    let kind = PersonKind::from_code(&kind)
        .ok_or_else(|| typed_wrong(format!("{name}没有选择类别"), "请选择类别", "people"))?;
    let card_valid_until = Some(until.as_str())
        .filter(|text| !text.is_empty())
        .map(|text| {
            let wrong = || typed_wrong(format!("证卡有效期“{text}”不是日期"), "请按 2028-12-31 的格式填写", "people");
            text.parse().map_err(|_| wrong())
        })
        .transpose()?;
    Ok(ListedPerson {
        kind,
        name,
        trade_code: Some(trade_code).filter(|code| !code.is_empty()),
        level_max: level(&level_max),
        card_number,
        card_valid_until,
    })
}

/// 名称, 类别, 职业, 数量, 说明, 录像保存天数.
type SiteRow = [String; 6];
const SITE_COLUMNS: [&str; 6] = ["name", "kind", "trade_code", "count", "note", "days_kept"];

#[derive(Template)]
#[template(path = "filing/views/sites.html")]
struct SitesPage {
    frame: Frame,
    page: Page,
    view: FilingDetailView,
    rows: Vec<SiteRow>,
}

impl SitesPage {
    fn kinds(&self, chosen: &str) -> Vec<Choice> {
        SiteKind::ALL.iter().map(|kind| Choice::new(kind.code(), kind.name(), chosen)).collect()
    }
}

pub(super) async fn sites(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    sites_page(&web, &visit, filing, None, None).await
}

async fn sites_page(
    web: &Web,
    visit: &Visit,
    filing: i64,
    rows: Option<Vec<SiteRow>>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match writable(web, visit, filing).await {
        Ok(view) => view,
        Err(response) => return response,
    };
    let rows = rows.unwrap_or_else(|| {
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
        with_spare(view.sites.iter().map(row).collect(), SPARE)
    });
    let frame = Frame::new(web, visit, &view, refusal);
    let status = status_for(frame.refusal.as_ref());
    with_status(status, &SitesPage { page: frame.page.clone(), frame, view, rows })
}

pub(super) async fn save_sites(
    State(web): State<Web>,
    visit: Visit,
    Path(filing): Path<i64>,
    posted: Posted,
) -> Response {
    let wanted = Wanted::of(&posted);
    let typed = rows(&posted, SITE_COLUMNS, 1);
    let kept = with_spare(typed.clone(), spare(&wanted));
    if !matches!(wanted, Wanted::Save) {
        return sites_page(&web, &visit, filing, Some(kept), None).await;
    }
    let act = typed.into_iter().map(listed_site).collect::<Result<_, _>>().map(|sites| ListSites { filing, sites });
    let again = |refusal| sites_page(&web, &visit, filing, Some(kept), Some(refusal));
    save(&web, &visit, (filing, &posted), act, again).await
}

fn listed_site([name, kind, trade_code, count, note, days_kept]: SiteRow) -> Result<ListedSite, Stop> {
    let kind =
        SiteKind::from_code(&kind).ok_or_else(|| typed_wrong(format!("{name}没有选择类别"), "请选择类别", "sites"))?;
    let count = whole(&count, "数量", "sites")?
        .ok_or_else(|| typed_wrong(format!("{name}没有填写数量"), "请填写座位、工位、设备或摄像头的数量", "sites"))?;
    Ok(ListedSite {
        kind,
        name,
        trade_code: Some(trade_code).filter(|code| !code.is_empty()),
        count,
        note,
        days_kept: whole(&days_kept, "录像保存天数", "sites")?,
    })
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
        error_at(&self.frame, field)
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
        "" => item.title.clone(),
        trade => format!("{}：{trade}", item.title),
    };
    let items = view.checklist.iter().map(|item| Choice::new(key(item), label(item), &chosen)).collect();
    let missing = view.checklist.iter().filter(is_missing).count();
    let frame = Frame::new(web, visit, &view, refusal);
    let status = status_for(frame.refusal.as_ref());
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
