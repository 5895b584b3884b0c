//! Pages: publicity from the inside, the public lists, objections and their receipts, the sheet to hang up.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use rules::Day;
use rules::people::Role;
use rules::refusal::RefusalView;

use super::{
    Contact, CorrectionLine, DecideObjection, ListLine, ListMark, LodgeObjection, Lodged, ObjectionReceipt,
    ObjectionStanding, PostResults, PublicList, PublicListView, PublicPage, PublicPageView, PublicityDetail,
    PublicityView,
};
use crate::door::Stop;
use crate::marks::pages::{asked, page_asked, paged, trail, verdict_kind};
use crate::web::page::{
    Bar, Crumb, Page, Paging, RefusalPanel, done, download, long_day, not_printed, refusal_in, status_for, tally,
    with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/publicity", get(inside).post(post_results))
        .route("/batches/{batch}/publicity.pdf", get(sheet))
        .route("/batches/{batch}/corrections.pdf", get(correction_sheet))
        .route("/batches/{batch}/objections/{objection}/decision", post(decide))
        .route("/publicity", get(list))
        .route("/publicity/{token}", get(public))
        .route("/publicity/{token}/objections", post(lodge))
        .route("/objections", get(receipt))
}

#[derive(Template)]
#[template(path = "publicity/views/inside.html")]
struct InsidePage {
    page: Page,
    trail: Vec<Crumb>,
    view: PublicityView,
    rows: Vec<ListLine>,
    paging: Paging,
    results: Vec<Bar>,
    hindrance: Option<RefusalPanel>,
    public_url: String,
    is_head: bool,
    /// What was typed as the decision on an objection, and on which.
    typed: (i64, String),
    refusal: Option<RefusalPanel>,
}

async fn inside(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    inside_page(&web, &visit, (batch, page_asked(query.as_deref())), (0, String::new()), None).await
}

async fn inside_page(
    web: &Web,
    visit: &Visit,
    (batch, number): (i64, i64),
    typed: (i64, String),
    refusal: Option<RefusalPanel>,
) -> Response {
    match web.look(visit, PublicityDetail { batch }).await {
        Ok(mut view) => {
            let results = tally(view.rows.iter().map(|row| row.verdict_name.as_str()));
            let rows = std::mem::take(&mut view.rows);
            let (rows, paging) = paged(rows, number, |page| format!("?page={page}#list"));
            let page = InsidePage {
                page: Page::new(web, visit),
                trail: trail(&view.batch),
                results,
                hindrance: view.hindrance.clone().map(Into::into),
                public_url: web.settings.public_url.clone(),
                is_head: visit.caller.role() == Role::Head,
                typed,
                view,
                rows,
                paging,
                refusal,
            };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn post_results(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    match web.act(&visit, posted.once(), PostResults { batch }).await {
        Ok(done_with) => {
            let ends = long_day(done_with.window.ends_on);
            done(
                &format!("/batches/{batch}/publicity"),
                &format!("已公示 {} 人，到{ends} 24:00 自动撤下。", done_with.persons),
            )
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => inside_page(&web, &visit, (batch, 0), (0, String::new()), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn decide(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, objection)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let reason = posted.text("reason").to_owned();
    let act = DecideObjection { objection, upheld: posted.text("upheld") == "yes", reason: reason.clone() };
    match web.act(&visit, posted.once(), act).await {
        Ok(decided) => {
            let held = if decided.held { "该考生继续暂缓上报。" } else { "该考生可以上报。" };
            done(&format!("/batches/{batch}/publicity"), &format!("{}，{held}", decided.state.name()))
        }
        Err(stop) => match refusal_in(stop) {
            Ok(mut refusal) => {
                refusal.field = refusal.field.map(|field| format!("{field}-{objection}"));
                inside_page(&web, &visit, (batch, 0), (objection, reason), Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The list as a sheet to hang up in the school.
async fn sheet(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    let view = match web.look(&visit, PublicityDetail { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let (Some(window), Some(token)) = (view.window, view.token.clone()) else {
        return stopped(&web, &visit, Stop::NotFound);
    };
    let name = format!("公示名单-{}.pdf", view.batch.number);
    let public_url = web.settings.public_url.clone();
    let printed = web.print(move |office| {
        let column = |heading: &str, share| press::Column { heading: heading.into(), share };
        let mut columns = vec![column("序号", 2), column("姓名", 4), column("证件号码", 7)];
        columns.extend(view.parts.iter().map(|part| column(part, 4)));
        columns.push(column("认定结果", 4));
        let rows = view.rows.iter().map(|line| cells(line, &view.parts));
        let table = press::Table {
            title: "职业技能等级认定结果公示".into(),
            subtitle: Some(format!(
                "{}　{}　{}　{}",
                view.batch.body, view.batch.title, view.batch.trade, view.batch.level
            )),
            columns,
            rows: rows.collect(),
            notes: vec![
                format!(
                    "公示期 5 个工作日：{}至{} 24:00（闽人社办〔2020〕60号 二（二）3）。",
                    long_day(window.first_on),
                    long_day(window.ends_on)
                ),
                format!("对结果有异议的，请在公示期内到 {public_url}/publicity/{token} 提出，凭回执号查询处理结果。"),
                format!("名单摘要（SHA-256）：{}", grouped(view.digest.as_deref().unwrap_or_default())),
            ],
            on: window.posted_on,
            landscape: false,
        };
        office.press().table(&table).map_err(|error| not_printed(&error))
    });
    match printed.await {
        Ok(bytes) => download("application/pdf", &name, bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// The results that were changed after posting, as a notice to hang up beside the list.
async fn correction_sheet(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    let view = match web.look(&visit, PublicityDetail { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let (Some(last), Some(token)) = (view.corrections.last(), view.token.clone()) else {
        return stopped(&web, &visit, Stop::NotFound);
    };
    let (name, on) = (format!("更正公示-{}.pdf", view.batch.number), last.window.posted_on);
    let public_url = web.settings.public_url.clone();
    let printed = web.print(move |office| {
        let column = |heading: &str, share| press::Column { heading: heading.into(), share };
        let mut columns = vec![column("序号", 2), column("姓名", 3), column("证件号码", 6)];
        columns.extend(view.parts.iter().map(|part| column(part, 4)));
        columns.extend([column("认定结果", 4), column("公示期（至 24:00）", 5)]);
        let table = press::Table {
            title: "职业技能等级认定结果更正公示".into(),
            subtitle: Some(format!(
                "{}　{}　{}　{}",
                view.batch.body, view.batch.title, view.batch.trade, view.batch.level
            )),
            columns,
            rows: view.corrections.iter().map(|one| correction_cells(one, &view.parts)).collect(),
            notes: vec![
                "序号与原公示名单一致；“原”为原公示的成绩和结果，更正后的成绩和结果在前。".to_owned(),
                "更正的结果另行公示 5 个工作日，期满后上报（闽人社办〔2020〕60号 二（二）3）。".to_owned(),
                format!("对更正有异议的，请在公示期内到 {public_url}/publicity/{token} 提出，凭回执号查询处理结果。"),
            ],
            on,
            landscape: false,
        };
        office.press().table(&table).map_err(|error| not_printed(&error))
    });
    match printed.await {
        Ok(bytes) => download("application/pdf", &name, bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// A line of the notice of corrections: what holds now, and what was posted where that was something else.
fn correction_cells(one: &CorrectionLine, parts: &[String]) -> Vec<String> {
    let of = |marks: &[ListMark], part: &String| {
        marks.iter().find(|mark| mark.part == *part).map_or_else(|| "--".to_owned(), |mark| mark.outcome.clone())
    };
    let both = |now: String, before: String| if now == before { now } else { format!("{now}（原 {before}）") };
    let mut row = vec![one.line.no.to_string(), one.line.name.clone(), one.line.id.clone()];
    row.extend(parts.iter().map(|part| both(of(&one.line.marks, part), of(&one.marks_before, part))));
    row.push(both(one.line.verdict_name.clone(), one.verdict_before.clone()));
    row.push(format!("{} 至 {}", one.window.first_on, one.window.ends_on));
    row
}

/// A line of the sheet, each mark under its own part: whoever broke the rules in one may lack the other.
fn cells(line: &ListLine, parts: &[String]) -> Vec<String> {
    let outcome = |part: &String| line.marks.iter().find(|mark| mark.part == *part).map(|mark| mark.outcome.clone());
    let mut row = vec![line.no.to_string(), line.name.clone(), line.id.clone()];
    row.extend(parts.iter().map(|part| outcome(part).unwrap_or_default()));
    row.push(line.verdict_name.clone());
    row
}

#[derive(Template)]
#[template(path = "publicity/views/list.html")]
struct ListPage {
    page: Page,
    view: PublicListView,
}

async fn list(State(web): State<Web>, visit: Visit) -> Response {
    match web.work(|office| super::public_list(office, PublicList {})).await {
        Ok(view) => html(&ListPage { page: Page::new(&web, &visit), view }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// What was typed into the form of an objection.
#[derive(Default)]
struct Typed {
    no: String,
    reason: String,
    contact: String,
}

#[derive(Template)]
#[template(path = "publicity/views/public.html")]
struct PublicListPage {
    page: Page,
    token: String,
    view: PublicPageView,
    rows: Vec<ListLine>,
    paging: Paging,
    results: Vec<Bar>,
    typed: Typed,
    /// Objections come from the public; who works here has other ways.
    may_object: bool,
    /// What the form still lacks, all at once.
    missing: Vec<Missing>,
    refusal: Option<RefusalPanel>,
}

/// A field that was left empty.
struct Missing {
    field: &'static str,
    message: &'static str,
}

impl Typed {
    fn missing(&self) -> Vec<Missing> {
        [
            ("no", "请填写名单中的序号", &self.no),
            ("reason", "请写明哪里不对、依据是什么", &self.reason),
            ("contact", "请填写联系方式", &self.contact),
        ]
        .into_iter()
        .filter(|(.., typed)| typed.trim().is_empty())
        .map(|(field, message, _)| Missing { field, message })
        .collect()
    }
}

impl PublicListPage {
    /// What is wrong with a field, to stand beside it.
    fn wrong(&self, field: &str) -> &str {
        let missing = self.missing.iter().find(|missing| missing.field == field).map(|missing| missing.message);
        missing.unwrap_or_else(|| RefusalPanel::beside(self.refusal.as_ref(), field))
    }
}

#[derive(Template)]
#[template(path = "publicity/views/gone.html")]
struct GonePage {
    page: Page,
    view: PublicPageView,
    refusal: Option<RefusalPanel>,
}

async fn public(
    State(web): State<Web>,
    visit: Visit,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let typed = Typed { no: asked(query.as_deref(), "no").unwrap_or_default(), ..Typed::default() };
    public_page(&web, &visit, (token, page_asked(query.as_deref())), typed, Vec::new(), None).await
}

async fn public_page(
    web: &Web,
    visit: &Visit,
    (token, number): (String, i64),
    typed: Typed,
    missing: Vec<Missing>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let asked = PublicPage { token: token.clone() };
    let page = Page::new(web, visit);
    match web.work(move |office| super::public_page(office, asked)).await {
        Ok(mut view) if view.open || !view.corrections.is_empty() => {
            let may_object = !visit.caller.is_signed_in();
            let status =
                if missing.is_empty() { status_for(refusal.as_ref()) } else { StatusCode::UNPROCESSABLE_ENTITY };
            let results = tally(view.rows.iter().map(|row| row.verdict_name.as_str()));
            let rows = std::mem::take(&mut view.rows);
            let (rows, paging) = paged(rows, number, |page| format!("?page={page}"));
            let shown =
                PublicListPage { page, token, view, rows, paging, results, typed, may_object, missing, refusal };
            with_status(status, &shown)
        }
        Ok(view) => with_status(StatusCode::GONE, &GonePage { page, view, refusal }),
        Err(stop) => stopped(web, visit, stop),
    }
}

#[derive(Template)]
#[template(path = "publicity/views/lodged.html")]
struct LodgedPage {
    page: Page,
    lodged: Lodged,
}

async fn lodge(State(web): State<Web>, visit: Visit, Path(token): Path<String>, posted: Posted) -> Response {
    let typed = Typed {
        no: posted.text("no").into(),
        reason: posted.text("reason").into(),
        contact: posted.text("contact").into(),
    };
    let missing = typed.missing();
    if !missing.is_empty() {
        return public_page(&web, &visit, (token, 0), typed, missing, None).await;
    }
    let outcome = match posted.int("no", "序号") {
        Ok(no) => {
            let contact = Contact::new(typed.contact.clone());
            let act = LodgeObjection { token: token.clone(), no, reason: typed.reason.clone(), contact };
            web.act(&visit, posted.once(), act).await
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(lodged) => html(&LodgedPage { page: Page::new(&web, &visit), lodged }),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => public_page(&web, &visit, (token, 0), typed, Vec::new(), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "publicity/views/receipt.html")]
struct ReceiptPage {
    page: Page,
    asked: String,
    found: Option<ObjectionStanding>,
    refusal: Option<RefusalPanel>,
}

async fn receipt(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let asked = asked(query.as_deref(), "receipt").unwrap_or_default();
    let mut page = ReceiptPage { page: Page::new(&web, &visit), asked: asked.clone(), found: None, refusal: None };
    if asked.is_empty() {
        return html(&page);
    }
    match web.work(move |office| super::receipt(office, ObjectionReceipt { receipt: asked })).await {
        Ok(found) => page.found = Some(found),
        Err(Stop::NotFound) => {
            let refusal = rules::Refusal::house("公示异议", "没有这个回执号")
                .remedy("请对照提出异议时给出的回执号填写，例如 YY20260917-0001-K7MQ3FX9")
                .at("receipt");
            page.refusal = Some(RefusalView::from(&refusal).into());
        }
        Err(stop) => return stopped(&web, &visit, stop),
    }
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// The colour of an objection's tag.
fn state_kind(state: &str) -> &'static str {
    match state {
        "open" => "warn",
        "upheld" => "danger",
        _ => "ok",
    }
}

/// The window in one sentence.
fn days(window: &rules::publicity::Window) -> String {
    format!(
        "{}公示，公示期 {} 至 {} 24:00",
        long_day(window.posted_on),
        long_day(window.first_on),
        long_day(window.ends_on)
    )
}

/// A day for people, for the templates.
fn day(day: &Day) -> String {
    long_day(*day)
}

/// A digest in groups of eight, so that it breaks over lines and can be compared by eye.
fn grouped(digest: &str) -> String {
    let signs: Vec<char> = digest.chars().collect();
    signs.chunks(8).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_2_3a_a_mark_stands_under_its_own_part_though_another_is_missing() {
        let parts = ["理论知识", "操作技能"].map(str::to_owned);
        let line = ListLine {
            no: 1,
            name: "示**".into(),
            id: "350***********0018".into(),
            marks: vec![ListMark { part: parts[1].clone(), outcome: "违纪".into(), note: String::new() }],
            verdict: "violation".into(),
            verdict_name: "违纪".into(),
        };
        assert_eq!(cells(&line, &parts)[3..], ["", "违纪", "违纪"]);
    }
}
