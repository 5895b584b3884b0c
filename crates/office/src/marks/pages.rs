//! The page of marks: a table to type into, a workbook to upload, the template to fill in.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};

use super::{
    BatchHead, ConfirmMarks, EnterMark, EnterMarksAgain, KeepMarks, MarkEntry, MarkedPerson, MarkedUpMarks, Marks,
    MarksTemplate, MarksView, PartMark, UploadMarks,
};
use crate::door::{Act, Look};
pub(crate) use crate::web::page::asked;
use crate::web::page::{Crumb, Page, Paging, RefusalPanel, XLSX, done, download, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, stopped};

/// Persons on one page of a list.
const ROWS: i64 = 100;

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/marks", get(marks).post(enter))
        .route("/batches/{batch}/marks/uploads", post(upload))
        .route("/batches/{batch}/marks/confirmation", get(confirmation).post(confirm))
        .route("/batches/{batch}/marks/second-entry", get(second_entry).post(enter_again))
        .route("/batches/{batch}/marks/kept", post(keep))
        .route("/batches/{batch}/marks/template.xlsx", get(template))
        .route("/batches/{batch}/marks/uploads/{upload}/marked.xlsx", get(marked_up))
}

/// The way to a page about a batch.
pub(crate) fn trail(batch: &BatchHead) -> Vec<Crumb> {
    vec![Crumb::new("/batches", "批次"), Crumb::new(format!("/batches/{}", batch.id), batch.title.clone())]
}

/// The number of the page that is asked for, from 0.
pub(crate) fn page_asked(query: Option<&str>) -> i64 {
    asked(query, "page").and_then(|page| page.parse().ok()).unwrap_or(0)
}

/// The part of a list of persons that stands on page `page`, from 0, and the way to the others.
pub(crate) fn paged<T>(list: Vec<T>, page: i64, link: impl Fn(i64) -> String) -> (Vec<T>, Paging) {
    let total = list.len() as i64;
    let page = page.clamp(0, (total - 1).max(0) / ROWS);
    let paging = Paging::new(page, ROWS, total, link);
    (list.into_iter().skip((page * ROWS) as usize).take(ROWS as usize).collect(), paging)
}

/// The colour of a verdict's tag.
pub(crate) fn verdict_kind(verdict: &str) -> &'static str {
    match verdict {
        "passed" => "ok",
        "pending" => "waiting",
        "violation" => "danger",
        _ => "neutral",
    }
}

/// The bytes of a look that gives a file, for saving.
pub(crate) async fn file<L>(web: &Web, visit: &Visit, look: L) -> Response
where
    L: Look<View = super::FileView>,
{
    match web.look(visit, look).await {
        Ok(file) => download(XLSX, &file.name, file.bytes),
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn template(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    file(&web, &visit, MarksTemplate { batch }).await
}

async fn marked_up(State(web): State<Web>, visit: Visit, Path((batch, upload)): Path<(i64, i64)>) -> Response {
    file(&web, &visit, MarkedUpMarks { batch, upload }).await
}

/// One cell of the table: the mark that is there, and what was typed.
struct Cell {
    name: String,
    part: &'static str,
    label: String,
    was: String,
    value: String,
    mark: PartMark,
    /// Whether the day of the part has come.
    open: bool,
}

struct Line {
    person: MarkedPerson,
    cells: Vec<Cell>,
}

#[derive(Template)]
#[template(path = "marks/views/marks.html")]
struct MarksPage {
    page: Page,
    trail: Vec<Crumb>,
    view: MarksView,
    lines: Vec<Line>,
    paging: Paging,
    /// Whether only persons without a verdict are shown.
    missing_only: bool,
    /// The part of the address that says what is shown.
    query: String,
    may_edit: bool,
    /// Whether the caller may propose to change a confirmed mark.
    may_amend: bool,
    refusal: Option<RefusalPanel>,
}

async fn marks(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    show(&web, &visit, batch, query.as_deref(), &Posted::default(), None).await
}

async fn show(
    web: &Web,
    visit: &Visit,
    batch: i64,
    query: Option<&str>,
    posted: &Posted,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, Marks { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let missing_only = asked(query, "show").as_deref() == Some("missing");
    let number = page_asked(query);
    let chosen: Vec<&MarkedPerson> =
        view.persons.iter().filter(|person| !missing_only || person.verdict == "pending").collect();
    let address = |number: i64| {
        let show = if missing_only { "show=missing&" } else { "" };
        format!("?{show}page={number}")
    };
    let (chosen, paging) = paged(chosen, number, address);
    let lines =
        chosen.into_iter().map(|person| Line { person: person.clone(), cells: cells(person, &view, posted) }).collect();
    let page = MarksPage {
        page: Page::new(web, visit),
        trail: trail(&view.batch),
        may_edit: view.open && visit.caller.role().sits_in_body(),
        may_amend: visit.caller.role().sits_in_body(),
        lines,
        paging,
        missing_only,
        query: address(number),
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// The cells of a person, with what was typed into them where the page is shown again.
fn cells(person: &MarkedPerson, view: &MarksView, posted: &Posted) -> Vec<Cell> {
    let cell = |mark: &PartMark| {
        let name = format!("m-{}-{}", person.candidate, mark.part.code());
        let part = view.parts.iter().find(|part| part.part == mark.part);
        Cell {
            value: posted.some(&name).unwrap_or_else(|| mark.outcome.clone()),
            part: mark.part.name(),
            label: format!("{}，{}", person.name, mark.part.name()),
            was: mark.outcome.clone(),
            mark: mark.clone(),
            open: part.is_some_and(|part| part.open),
            name,
        }
    };
    person.marks.iter().map(cell).collect()
}

async fn enter(
    State(web): State<Web>,
    visit: Visit,
    Path(batch): Path<i64>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Response {
    let entries = match web.look(&visit, Marks { batch }).await {
        Ok(view) => typed(&view, &posted),
        Err(stop) => return stopped(&web, &visit, stop),
    };
    match web.act(&visit, posted.once(), EnterMark { batch, entries }).await {
        Ok(saved) => {
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            let said = format!("已登记 {} 科次，更改 {} 科次。", saved.entered, saved.changed);
            done(&format!("/batches/{batch}/marks{query}"), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => show(&web, &visit, batch, query.as_deref(), &posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The cells that were typed over; what someone else changed meanwhile is left alone.
fn typed(view: &MarksView, posted: &Posted) -> Vec<MarkEntry> {
    let mut entries = Vec::new();
    for person in &view.persons {
        for mark in &person.marks {
            let name = format!("m-{}-{}", person.candidate, mark.part.code());
            let (typed, was) = (posted.text(&name), posted.text(&format!("was-{name}")));
            if typed != was {
                entries.push(MarkEntry { candidate: person.candidate, part: mark.part, outcome: typed.to_owned() });
            }
        }
    }
    entries
}

async fn upload(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let (once, caller) = (posted.once(), visit.caller.clone());
    let kept = web.work(move |office| posted.keep_file(office, (&caller, UploadMarks::KIND), ("file", "成绩表"))).await;
    let outcome = match kept {
        Ok((hash, name)) => web.act(&visit, once, UploadMarks::new(batch, hash, name)).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(read) => done(&format!("/batches/{batch}/marks"), &read.said()),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => show(&web, &visit, batch, None, &Posted::default(), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "marks/views/confirmation.html")]
struct ConfirmationPage {
    page: Page,
    trail: Vec<Crumb>,
    view: MarksView,
    /// Who has a mark that somebody else entered and nobody checked.
    lines: Vec<MarkedPerson>,
    paging: Paging,
    may_confirm: bool,
    refusal: Option<RefusalPanel>,
}

async fn confirmation(
    State(web): State<Web>,
    visit: Visit,
    Path(batch): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    confirmation_page(&web, &visit, batch, page_asked(query.as_deref()), None).await
}

async fn confirmation_page(
    web: &Web,
    visit: &Visit,
    batch: i64,
    number: i64,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, Marks { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let waiting: Vec<MarkedPerson> = view.persons.iter().filter(|person| person.is_waiting()).cloned().collect();
    let (lines, paging) = paged(waiting, number, |number| format!("?page={number}"));
    let page = ConfirmationPage {
        page: Page::new(web, visit),
        trail: below(&view.batch),
        may_confirm: view.open && visit.caller.role().sits_in_body(),
        lines,
        paging,
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// The way to a page about a batch's marks.
fn below(batch: &BatchHead) -> Vec<Crumb> {
    let mut trail = trail(batch);
    trail.push(Crumb::new(format!("/batches/{}/marks", batch.id), "成绩"));
    trail
}

async fn confirm(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    // The boxes of the page, or everything that was entered by others.
    let chosen = posted.all("candidate").iter().filter_map(|id| id.parse().ok()).collect();
    let all = posted.text("all") == "yes";
    let candidates: Vec<i64> = if all { Vec::new() } else { chosen };
    let outcome = if candidates.is_empty() && !all {
        Err(rules::Refusal::house("成绩核对", "没有选中考生").remedy("请勾选核对过的考生，或一并确认").into())
    } else {
        web.act(&visit, posted.once(), ConfirmMarks { batch, candidates, seen: posted.some("seen") }).await
    };
    match outcome {
        Ok(confirmed) => {
            let differing = match confirmed.differing {
                0 => String::new(),
                count => format!("{count} 科次两次登记不一致，没有确认。"),
            };
            let own = match confirmed.own {
                0 => String::new(),
                count => format!("您本人登记的 {count} 科次待另一个账号核对。"),
            };
            let held = match confirmed.held {
                0 => String::new(),
                count => format!("{count} 科次与签到不符，或有没有了结的异常情况、违纪、缺录像，没有确认，见“现场”。"),
            };
            let said = format!("已核对确认 {} 科次。{differing}{own}{held}", confirmed.confirmed);
            done(&format!("/batches/{batch}/marks"), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => confirmation_page(&web, &visit, batch, 0, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "marks/views/second.html")]
struct SecondPage {
    page: Page,
    trail: Vec<Crumb>,
    view: MarksView,
    lines: Vec<Line>,
    paging: Paging,
    /// The part of the address that says what is shown.
    query: String,
    may_enter: bool,
    refusal: Option<RefusalPanel>,
}

async fn second_entry(
    State(web): State<Web>,
    visit: Visit,
    Path(batch): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    second_page(&web, &visit, batch, page_asked(query.as_deref()), &Posted::default(), None).await
}

/// The marks that somebody else entered, without what was entered.
async fn second_page(
    web: &Web,
    visit: &Visit,
    batch: i64,
    number: i64,
    posted: &Posted,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, Marks { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let waiting: Vec<MarkedPerson> = view.persons.iter().filter(|person| person.is_waiting()).cloned().collect();
    let (lines, paging) = paged(waiting, number, |number| format!("?page={number}"));
    let blind = |person: MarkedPerson| {
        let mut cells = cells(&person, &view, posted);
        for cell in &mut cells {
            cell.value = posted.text(&cell.name).to_owned();
        }
        Line { person, cells }
    };
    let lines = lines.into_iter().map(blind).collect();
    let page = SecondPage {
        page: Page::new(web, visit),
        trail: below(&view.batch),
        may_enter: view.open && visit.caller.role().sits_in_body(),
        lines,
        paging,
        query: format!("?page={number}"),
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn enter_again(
    State(web): State<Web>,
    visit: Visit,
    Path(batch): Path<i64>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Response {
    let entries = match web.look(&visit, Marks { batch }).await {
        Ok(view) => {
            let marks = view.persons.iter().flat_map(|person| person.marks.iter().map(|mark| (person.candidate, mark)));
            marks
                .filter_map(|(candidate, mark)| {
                    let outcome = posted.some(&format!("m-{candidate}-{}", mark.part.code()))?;
                    Some(MarkEntry { candidate, part: mark.part, outcome })
                })
                .collect()
        }
        Err(stop) => return stopped(&web, &visit, stop),
    };
    match web.act(&visit, posted.once(), EnterMarksAgain { batch, entries }).await {
        Ok(compared) => {
            let rest = match compared.differing.len() {
                0 => String::new(),
                count => format!("{count} 科次不一致，见下。"),
            };
            done(&format!("/batches/{batch}/marks"), &format!("{} 科次两次一致，已确认。{rest}", compared.confirmed))
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let number = page_asked(query.as_deref());
                second_page(&web, &visit, batch, number, &posted, Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn keep(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    match web.act(&visit, posted.once(), KeepMarks { batch }).await {
        Ok(kept) => {
            let said = format!("已为 {} 名考生保留 {} 科次成绩，只登记其余科目。", kept.persons, kept.marks);
            done(&format!("/batches/{batch}/marks"), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => show(&web, &visit, batch, None, &Posted::default(), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}
