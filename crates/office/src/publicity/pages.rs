//! Pages: publicity from the inside, the public lists, objections and their receipts, the sheet to hang up.

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Path, RawQuery, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use rules::people::Role;
use rules::permission::{ActKind, may};
use rules::publicity::{ObjectionEffect, may_enclose};
use rules::refusal::RefusalView;
use rules::{Clause, Day, Refusal};
use serde_json::json;

use super::hearing::readable;
use super::{
    Contact, CorrectionLine, DecideObjection, HearingMinutes, ListLine, ListMark, LodgeObjection, Lodged, NoteHearing,
    ObjectionFile, ObjectionLine, ObjectionReceipt, ObjectionStanding, PostResults, PostingPhoto, Present,
    ProvePosting, PublicList, PublicListView, PublicPage, PublicPageView, PublicityDetail, PublicityView,
    RestartPreview, RestartPublicity, RestartView,
};
use crate::door::files::FileKind;
use crate::door::{Office, Stop};
use crate::inspection::kept_files;
use crate::marks::pages::{asked, page_asked, paged, trail, verdict_kind};
use crate::regulation::NamedFile;
use crate::web::api::{FileKept, Registry, answer, responses, schema_ref};
use crate::web::page::{
    Bar, Crumb, Page, Paging, RefusalPanel, done, download, handed, long_day, not_printed, refusal_in, status_for,
    tally, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/publicity", get(inside).post(post_results))
        .route("/batches/{batch}/publicity.pdf", get(sheet))
        .route("/batches/{batch}/corrections.pdf", get(correction_sheet))
        .route("/batches/{batch}/postings", get(posting).post(prove))
        .route("/batches/{batch}/postings/photos/{photo}", get(photo))
        .route("/batches/{batch}/publicity/restart", get(restart).post(begin_anew))
        .route("/batches/{batch}/objections/{objection}/decision", post(decide))
        .route("/batches/{batch}/objections/{objection}/hearing", get(hearing).post(hear))
        .route("/batches/{batch}/objections/{objection}/enclosures/{enclosure}", get(enclosure))
        .route("/batches/{batch}/objections/{objection}/hearings/{hearing}", get(minutes))
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
    /// Whether the caller may say where the list hangs and note hearings; whether publicity may begin anew by the caller.
    is_body: bool,
    restarts: bool,
    effects: &'static [ObjectionEffect],
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
                is_body: visit.caller.body().is_some(),
                effects: ObjectionEffect::ALL,
                restarts: view.may_restart && may(visit.caller.role(), ActKind::RestartPublicity).is_some(),
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
    let effect = ObjectionEffect::from_code(posted.text("effect"));
    let act = DecideObjection { objection, upheld: posted.text("upheld") == "yes", reason: reason.clone(), effect };
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

#[derive(Template)]
#[template(path = "publicity/views/posting.html")]
struct PostingPage {
    page: Page,
    trail: Vec<Crumb>,
    view: PublicityView,
    /// Whether the caller may add to it now.
    may_prove: bool,
    typed: Posted,
    kept: Vec<(String, String)>,
    refusal: Option<RefusalPanel>,
}

impl PostingPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn posting(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    posting_page(&web, &visit, batch, Posted::default(), &[], None).await
}

/// Files that were kept before, as hidden fields name them.
fn named(files: &[NamedFile]) -> Vec<(String, String)> {
    files.iter().map(|one| (format!("{}|{}", one.file.0, one.name), one.name.clone())).collect()
}

async fn posting_page(
    web: &Web,
    visit: &Visit,
    batch: i64,
    typed: Posted,
    kept: &[NamedFile],
    refusal: Option<RefusalPanel>,
) -> Response {
    match web.look(visit, PublicityDetail { batch }).await {
        Ok(view) => {
            let mut trail = trail(&view.batch);
            trail.push(Crumb::new(format!("/batches/{batch}/publicity"), "公示"));
            let may_prove = view.takes_proof && visit.caller.body().is_some();
            let page =
                PostingPage { page: Page::new(web, visit), trail, view, may_prove, typed, kept: named(kept), refusal };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn prove(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let names = ("kept".to_owned(), "photos".to_owned());
    let (photos, outcome) = match kept_files(&web, &visit, &posted, ActKind::ProvePosting, names).await {
        Ok(photos) => {
            let act = posted.day("hung_on", "张贴日期").map(|hung_on| ProvePosting {
                batch,
                address: posted.text("address").into(),
                place: posted.text("place").into(),
                hung_on,
                hung_by: posted.text("hung_by").into(),
                digest: posted.text("digest").into(),
                photos: photos.clone(),
                kept: Vec::new(),
            });
            let outcome = match act {
                Ok(act) => web.act(&visit, posted.once(), act).await,
                Err(stop) => Err(stop),
            };
            (photos, outcome)
        }
        Err(stop) => (Vec::new(), Err(stop)),
    };
    match outcome {
        Ok(_) => done(&format!("/batches/{batch}/postings"), "校内张贴已登记。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let refusal = at_field(refusal, "file", "photos");
                posting_page(&web, &visit, batch, posted, &photos, Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// A refusal of a file as such, at the field that the form has for it.
fn at_field(mut refusal: RefusalPanel, from: &str, to: &str) -> RefusalPanel {
    if refusal.field.as_deref() == Some(from) {
        refusal.field = Some(to.into());
    }
    refusal
}

async fn photo(State(web): State<Web>, visit: Visit, Path((batch, photo)): Path<(i64, i64)>) -> Response {
    let made = web.look(&visit, PostingPhoto { batch, photo }).await.map(|view| (view.name, view.bytes));
    handed(&web, &visit, None, made)
}

#[derive(Template)]
#[template(path = "publicity/views/restart.html")]
struct RestartPage {
    page: Page,
    trail: Vec<Crumb>,
    view: RestartView,
    may_restart: bool,
    hindrance: Option<RefusalPanel>,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl RestartPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn restart(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    restart_page(&web, &visit, batch, Posted::default(), None).await
}

async fn restart_page(web: &Web, visit: &Visit, batch: i64, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, RestartPreview { batch }).await {
        Ok(view) => {
            let mut trail = trail(&view.batch);
            trail.push(Crumb::new(format!("/batches/{batch}/publicity"), "公示"));
            let granted = may(visit.caller.role(), ActKind::RestartPublicity).is_some();
            let page = RestartPage {
                page: Page::new(web, visit),
                trail,
                may_restart: granted && view.hindrance.is_none(),
                hindrance: view.hindrance.clone().map(Into::into),
                view,
                typed,
                refusal,
            };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn begin_anew(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let outcome = match posted.day("broken_on", "中断日期") {
        Ok(broken_on) => {
            let act = RestartPublicity { batch, broken_on, reason: posted.text("reason").into() };
            web.act(&visit, posted.once(), act).await
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(anew) => {
            let ends = long_day(anew.window.ends_on);
            let said = format!("已重新公示 {} 人，到{ends} 24:00 自动撤下。请重新张贴并登记。", anew.persons);
            done(&format!("/batches/{batch}/publicity"), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => restart_page(&web, &visit, batch, posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "publicity/views/hearing.html")]
struct HearingPage {
    page: Page,
    trail: Vec<Crumb>,
    batch: i64,
    one: ObjectionLine,
    may_hear: bool,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl HearingPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn hearing(State(web): State<Web>, visit: Visit, Path(at): Path<(i64, i64)>) -> Response {
    hearing_page(&web, &visit, at, Posted::default(), None).await
}

async fn hearing_page(
    web: &Web,
    visit: &Visit,
    (batch, objection): (i64, i64),
    typed: Posted,
    refusal: Option<RefusalPanel>,
) -> Response {
    match web.look(visit, PublicityDetail { batch }).await {
        Ok(mut view) => {
            let Some(at) = view.objections.iter().position(|one| one.id == objection) else {
                return stopped(web, visit, Stop::NotFound);
            };
            let one = view.objections.swap_remove(at);
            let mut trail = trail(&view.batch);
            trail.push(Crumb::new(format!("/batches/{batch}/publicity"), "公示"));
            let may_hear = one.state == "open" && visit.caller.body().is_some();
            let page = HearingPage { page: Page::new(web, visit), trail, batch, one, may_hear, typed, refusal };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn hear(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, objection)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let caller = visit.caller.clone();
    let sent = posted.clone();
    let file = web.work(move |office| sent.keep_file(office, (&caller, ActKind::NoteHearing), ("file", "签字的笔录")));
    let outcome = match (posted.day("held_on", "听取陈述的日期"), file.await) {
        (Ok(held_on), Ok((file, file_name))) => {
            let present = Present::new(posted.text("present"));
            let act = NoteHearing { objection, held_on, present, file: Some(file), file_name, kept: None };
            web.act(&visit, posted.once(), act).await
        }
        (Err(stop), _) | (_, Err(stop)) => Err(stop),
    };
    match outcome {
        Ok(_) => done(&format!("/batches/{batch}/objections/{objection}/hearing"), "听取陈述已登记。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => hearing_page(&web, &visit, (batch, objection), posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn enclosure(
    State(web): State<Web>,
    visit: Visit,
    Path((_, objection, enclosure)): Path<(i64, i64, i64)>,
) -> Response {
    let made = web.look(&visit, ObjectionFile { objection, enclosure }).await;
    handed(&web, &visit, None, made.map(|view| (view.name, view.bytes)))
}

async fn minutes(
    State(web): State<Web>,
    visit: Visit,
    Path((_, objection, hearing)): Path<(i64, i64, i64)>,
) -> Response {
    let made = web.look(&visit, HearingMinutes { objection, hearing }).await;
    handed(&web, &visit, None, made.map(|view| (view.name, view.bytes)))
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
                signed(&view.batch.body, window.posted_on),
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
                signed(&view.batch.body, on),
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

/// Who posts a list and when, the last line on its sheet, where the seal goes.
fn signed(body: &str, on: Day) -> String {
    format!("{body}（盖章）　{}", long_day(on))
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
    files: Vec<NamedFile>,
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
    /// Files that came with the form before.
    kept: Vec<(String, String)>,
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
            let kept = named(&typed.files);
            let shown =
                PublicListPage { page, token, view, rows, paging, results, typed, kept, may_object, missing, refusal };
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

/// Whether what was sent may come with an objection; asked before anything of it is kept.
fn enclosable<'b>(before: usize, sent: impl Iterator<Item = &'b Bytes>) -> Result<(), Stop> {
    let mut count = before;
    for bytes in sent {
        count += 1;
        may_enclose(count, bytes.len())?;
        readable(FileKind::of(bytes), "files")?;
    }
    Ok(())
}

/// The upload under `/api` of what comes with an objection, by whoever objects.
pub(super) fn enclosures(registry: Registry) -> Registry {
    let token = json!({"name": "token", "in": "path", "required": true, "schema": {"type": "string"}});
    let operation = json!({
        "operationId": "KeepEnclosure", "summary": "上传随异议提交的证据", "tags": ["publicity"], "security": [],
        "parameters": [token],
        "requestBody": {"required": true, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
        "responses": responses(&[200, 400, 404, 413, 422, 429], schema_ref("FileKept")),
    });
    registry.schema::<FileKept>().other(Method::POST, "/publicity/{token}/enclosures", operation, post(enclose))
}

async fn enclose(State(web): State<Web>, Path(token): Path<String>, request: Request) -> Response {
    let bytes = match Bytes::from_request(request, &web).await {
        Ok(bytes) => bytes,
        Err(rejected) => return rejected.into_response(),
    };
    answer(web.work(move |office| keep_enclosure(office, token, &bytes)).await)
}

/// Keeps a file for an objection, as long as the list takes objections.
fn keep_enclosure(office: &Office, token: String, bytes: &Bytes) -> Result<FileKept, Stop> {
    let list = super::public_page(office, PublicPage { token })?;
    if !list.open && list.corrections.is_empty() {
        let what = format!("公示期为 {} 至 {}，不在公示期内", list.window.posted_on, list.window.ends_on);
        return Err(Refusal::new(Clause::S2_2_3A, what)
            .remedy("公示期外发现问题的，请向该机构的主管职业技能鉴定指导中心反映")
            .into());
    }
    enclosable(0, [bytes].into_iter())?;
    let (hash, kind) = office.files().keep(bytes)?;
    Ok(FileKept { hash, kind, size: bytes.len() })
}

async fn lodge(State(web): State<Web>, visit: Visit, Path(token): Path<String>, posted: Posted) -> Response {
    let mut typed = Typed {
        no: posted.text("no").into(),
        reason: posted.text("reason").into(),
        contact: posted.text("contact").into(),
        files: Vec::new(),
    };
    let names = ("kept".to_owned(), "files".to_owned());
    let kept = match enclosable(posted.all("kept").len(), posted.files("files").map(|file| &file.bytes)) {
        Ok(()) => kept_files(&web, &visit, &posted, ActKind::LodgeObjection, names).await,
        Err(stop) => Err(stop),
    };
    match kept {
        Ok(files) => typed.files = files,
        Err(stop) => return lodge_again(&web, &visit, token, typed, stop).await,
    }
    let missing = typed.missing();
    if !missing.is_empty() {
        return public_page(&web, &visit, (token, 0), typed, missing, None).await;
    }
    let outcome = match posted.int("no", "序号") {
        Ok(no) => {
            let contact = Contact::new(typed.contact.clone());
            let act = LodgeObjection::new(token.clone(), no, typed.reason.clone(), contact, typed.files.clone());
            web.act(&visit, posted.once(), act).await
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(lodged) => html(&LodgedPage { page: Page::new(&web, &visit), lodged }),
        Err(stop) => lodge_again(&web, &visit, token, typed, stop).await,
    }
}

/// The form as it was filled, with why nothing was lodged.
async fn lodge_again(web: &Web, visit: &Visit, token: String, typed: Typed, stop: Stop) -> Response {
    match refusal_in(stop) {
        Ok(refusal) => {
            let refusal = at_field(refusal, "file", "files");
            public_page(web, visit, (token, 0), typed, Vec::new(), Some(refusal)).await
        }
        Err(stop) => stopped(web, visit, stop),
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
