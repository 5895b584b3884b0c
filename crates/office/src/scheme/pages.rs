//! Schemes as a list, the form that proposes one, one of them with the centre's decision, the list of pilot majors, and the
//! table in which marks are entered by the scheme of a batch.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::certificate::Level;
use rules::people::Role;
use rules::result::Part;
use rules::scheme::{SchemeKind, SchemeModule, SchemeState};
use rules::{Day, Refusal};

use super::{
    CourseEntry, DecideScheme, EnterCourseMarks, EnterModuleMarks, EnterPilotMajor, ModuleEntry, PilotMajors,
    PilotMajorsView, ProposeScheme, RemovePilotMajor, SchemeDetail, SchemeFile, SchemeLine, SchemeMarks,
    SchemeMarksTemplate, SchemeMarksView, SchemeOffer, Schemes, SchemesView, UploadSchemeMarks,
};
use crate::door::{Act, Stop};
use crate::marks::pages::{page_asked, paged, trail};
use crate::web::page::{
    Choice, Crumb, Page, Paging, RefusalPanel, asked, done, handed, long_day, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// Rows of modules in the form.
const MODULES: usize = 8;

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/schemes", get(list).post(propose))
        .route("/schemes/new", get(form))
        .route("/bodies/{body}/schemes/{scheme}", get(detail))
        .route("/bodies/{body}/schemes/{scheme}/file", get(file))
        .route("/bodies/{body}/schemes/{scheme}/decision", post(decide))
        .route("/pilot-majors", get(pilots).post(enter_pilot))
        .route("/pilot-majors/removal", post(remove_pilot))
        .route("/batches/{batch}/scheme-marks", get(marks).post(enter))
        .route("/batches/{batch}/scheme-marks/uploads", post(upload_marks))
        .route("/batches/{batch}/scheme-marks/template.xlsx", get(template))
}

/// The kind of tag that a state wears.
fn tag(state: &SchemeState) -> &'static str {
    match state {
        SchemeState::Proposed => "waiting",
        SchemeState::Approved => "ok",
        SchemeState::Declined => "danger",
    }
}

fn day(day: &Day) -> String {
    long_day(*day)
}

#[derive(Template)]
#[template(path = "scheme/views/list.html")]
struct ListPage {
    page: Page,
    view: SchemesView,
    is_body: bool,
    keeps_pilots: bool,
}

async fn list(State(web): State<Web>, visit: Visit) -> Response {
    match web.look(&visit, Schemes::default()).await {
        Ok(view) => html(&ListPage {
            page: Page::new(&web, &visit),
            view,
            is_body: visit.caller.body().is_some(),
            keeps_pilots: visit.caller.role() == Role::ProvincialCentre,
        }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// A row of the table of modules.
struct ModuleRow {
    name: String,
    parts: Vec<Choice>,
    weight: String,
    evidence: String,
}

#[derive(Template)]
#[template(path = "scheme/views/new.html")]
struct NewPage {
    page: Page,
    trail: Vec<Crumb>,
    is_process: bool,
    trades: Vec<Choice>,
    pilots: Vec<Choice>,
    rows: Vec<ModuleRow>,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl NewPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn form(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    form_page(&web, &visit, Posted::of_query(&query.unwrap_or_default()), None).await
}

async fn form_page(web: &Web, visit: &Visit, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    if visit.caller.is_signed_in() && visit.caller.body().is_none() {
        return stopped(web, visit, Stop::NotGranted);
    }
    let view = match web.look(visit, SchemeOffer {}).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let trades = view.trades.iter().map(|one| {
        let value = format!("{}|{}", one.code, one.level.digit());
        Choice::new(value, format!("{}，{}", one.name, one.level_name), typed.text("trade"))
    });
    let pilots = view.pilots.iter().map(|one| {
        Choice::new(&one.code, format!("{}（{}，{}）", one.name, one.code, one.document), typed.text("course"))
    });
    let column = |name: &str| typed.all(name);
    let (names, parts, weights, evidence) =
        (column("module[]"), column("part[]"), column("weight[]"), column("evidence[]"));
    let at = |list: &[&str], at: usize| list.get(at).map(|text| (*text).to_owned()).unwrap_or_default();
    let rows = (0..MODULES.max(names.len())).map(|row| {
        let part = at(&parts, row);
        ModuleRow {
            name: at(&names, row),
            parts: Part::ALL.iter().rev().skip(1).map(|one| Choice::new(one.code(), one.name(), &part)).collect(),
            weight: at(&weights, row),
            evidence: at(&evidence, row),
        }
    });
    let page = NewPage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/schemes", "替代考核方案")],
        is_process: typed.text("kind") == SchemeKind::Process.code(),
        trades: trades.collect(),
        pilots: pilots.collect(),
        rows: rows.collect(),
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// The act that a form holds; its file is still to come.
fn read(posted: &Posted) -> Result<ProposeScheme, Stop> {
    let trade = posted.needed("trade", "职业与等级")?;
    let (code, digit) = trade.rsplit_once('|').unwrap_or((&trade, ""));
    let level = digit.chars().next().and_then(Level::from_digit).ok_or(Stop::NotFound)?;
    let kind = SchemeKind::from_code(posted.text("kind")).ok_or(Stop::NotFound)?;
    let (names, parts) = (posted.all("module[]"), posted.all("part[]"));
    let (weights, evidence) = (posted.all("weight[]"), posted.all("evidence[]"));
    let mut modules = Vec::new();
    for (row, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        let at = |list: &[&str]| list.get(row).map(|text| (*text).to_owned()).unwrap_or_default();
        let weight = at(&weights).parse().map_err(|_| {
            Refusal::new(kind.clause(), format!("模块“{name}”的权重不是整数"))
                .remedy("权重为 1 至 100 的整数")
                .at("modules")
        })?;
        let part = Part::from_code(&at(&parts)).unwrap_or(Part::Practical);
        modules.push(SchemeModule { name: (*name).to_owned(), part, weight, evidence: at(&evidence) });
    }
    Ok(ProposeScheme {
        kind,
        code: code.to_owned(),
        level,
        course: posted.text("course").to_owned(),
        exam: posted.text("exam").to_owned(),
        mapping: posted.text("mapping").to_owned(),
        modules,
        from: posted.day("from", "适用期起")?,
        until: posted.day("until", "适用期止")?,
        file: None,
        file_name: String::new(),
        kept: None,
    })
}

async fn propose(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = match read(&posted) {
        Ok(act) => {
            let (caller, own) = (visit.caller.clone(), posted.clone());
            let kept =
                web.work(move |office| own.keep_file(office, (&caller, ProposeScheme::KIND), ("file", "方案"))).await;
            match kept {
                Ok(kept) => web.act(&visit, posted.once(), act.with_file(kept)).await,
                Err(stop) => Err(stop),
            }
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(_) => done("/schemes", "方案已提出，由主管中心审批；批准后在通报批次时选用。"),
        Err(stop) => match refusal_in(stop) {
            Ok(mut refusal) => {
                refusal.field = refusal.field.map(|field| match field.as_str() {
                    "code" => "trade".into(),
                    "subject" => "course".into(),
                    _ => field,
                });
                form_page(&web, &visit, posted, Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "scheme/views/detail.html")]
struct DetailPage {
    page: Page,
    trail: Vec<Crumb>,
    view: SchemeLine,
    reason: String,
    refusal: Option<RefusalPanel>,
}

impl DetailPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn detail(State(web): State<Web>, visit: Visit, Path((body, scheme)): Path<(i64, i64)>) -> Response {
    detail_page(&web, &visit, (body, scheme), String::new(), None).await
}

async fn detail_page(
    web: &Web,
    visit: &Visit,
    (body, scheme): (i64, i64),
    reason: String,
    refusal: Option<RefusalPanel>,
) -> Response {
    match web.look(visit, SchemeDetail { body, scheme }).await {
        Ok(view) => {
            let trail = vec![Crumb::new("/schemes", "替代考核方案")];
            let page = DetailPage { page: Page::new(web, visit), trail, view, reason, refusal };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn decide(
    State(web): State<Web>,
    visit: Visit,
    Path((body, scheme)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let (approved, reason) = (posted.text("approved") == "yes", posted.text("reason").to_owned());
    let act = DecideScheme { body, scheme, approved, reason: reason.clone() };
    match web.act(&visit, posted.once(), act).await {
        Ok(_) => {
            let said = if approved {
                "已批准，院校可以在通报批次时选用。"
            } else {
                "未批准，院校已收到理由。"
            };
            done(&format!("/bodies/{body}/schemes/{scheme}"), said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => detail_page(&web, &visit, (body, scheme), reason, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The scheme as it was uploaded.
async fn file(State(web): State<Web>, visit: Visit, Path((body, scheme)): Path<(i64, i64)>) -> Response {
    let made = web.look(&visit, SchemeFile { body, scheme }).await;
    handed(&web, &visit, None, made.map(|file| (file.name, file.bytes)))
}

#[derive(Template)]
#[template(path = "scheme/views/pilots.html")]
struct PilotsPage {
    page: Page,
    trail: Vec<Crumb>,
    view: PilotMajorsView,
    bodies: Vec<Choice>,
    majors: Vec<Choice>,
    body: String,
    document: String,
    keeps: bool,
    refusal: Option<RefusalPanel>,
}

impl PilotsPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn pilots(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let body = asked(query.as_deref(), "body").and_then(|id| id.parse().ok());
    pilots_page(&web, &visit, body, &Posted::default(), None).await
}

async fn pilots_page(
    web: &Web,
    visit: &Visit,
    body: Option<i64>,
    typed: &Posted,
    refusal: Option<RefusalPanel>,
) -> Response {
    match web.look(visit, PilotMajors { body }).await {
        Ok(view) => {
            let body = body.map(|id| id.to_string()).unwrap_or_default();
            let bodies = view.bodies.iter().map(|one| Choice::new(one.id.to_string(), one.name.clone(), &body));
            let majors = view
                .majors
                .iter()
                .map(|one| Choice::new(&one.code, format!("{}（{}）", one.name, one.code), typed.text("code")));
            let page = PilotsPage {
                page: Page::new(web, visit),
                trail: vec![Crumb::new("/schemes", "替代考核方案")],
                bodies: std::iter::once(Choice::new("", "请选择", &body)).chain(bodies).collect(),
                majors: majors.collect(),
                body,
                document: typed.text("document").to_owned(),
                keeps: visit.caller.role() == Role::ProvincialCentre,
                view,
                refusal,
            };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn enter_pilot(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let (code, document) = (posted.text("code").to_owned(), posted.text("document").to_owned());
    let outcome = match posted.int("body", "院校") {
        Ok(body) => web.act(&visit, posted.once(), EnterPilotMajor { body, code, document }).await,
        Err(stop) => Err(stop),
    };
    after_pilot(&web, &visit, &posted, outcome.map(|_| "已登记为试点专业。")).await
}

async fn remove_pilot(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let code = posted.text("code").to_owned();
    let outcome = match posted.int("body", "院校") {
        Ok(body) => web.act(&visit, posted.once(), RemovePilotMajor { body, code }).await,
        Err(stop) => Err(stop),
    };
    after_pilot(&web, &visit, &posted, outcome.map(|_| "已移出试点专业名单。")).await
}

async fn after_pilot(web: &Web, visit: &Visit, posted: &Posted, outcome: Result<&str, Stop>) -> Response {
    match outcome {
        Ok(said) => done("/pilot-majors", said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => pilots_page(web, visit, posted.text("body").parse().ok(), posted, Some(refusal)).await,
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

/// A candidate's row of the table.
struct Row {
    candidate: i64,
    ticket: String,
    name: String,
    /// Of a course: day, mark, paper, approver; of a process the marks of the modules.
    cells: Vec<String>,
    /// What it comes to.
    result: String,
    /// Whether it may be typed over: nobody has confirmed it.
    open: bool,
}

#[derive(Template)]
#[template(path = "scheme/views/marks.html")]
struct MarksPage {
    page: Page,
    trail: Vec<Crumb>,
    view: SchemeMarksView,
    /// The columns that are typed.
    columns: Vec<String>,
    rows: Vec<Row>,
    paging: Paging,
    query: String,
    may_edit: bool,
    refusal: Option<RefusalPanel>,
}

async fn marks(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    marks_page(&web, &visit, batch, page_asked(query.as_deref()), &Posted::default(), None).await
}

/// The name of a cell's input.
fn cell(candidate: i64, at: usize) -> String {
    format!("c-{candidate}-{at}")
}

async fn marks_page(
    web: &Web,
    visit: &Visit,
    batch: i64,
    number: i64,
    typed: &Posted,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, SchemeMarks { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let columns = match view.kind {
        SchemeKind::Course => ["结课考试日期", "成绩", "试卷", "审定人"].map(str::to_owned).to_vec(),
        SchemeKind::Process => view
            .modules
            .iter()
            .map(|module| format!("{}（{}，{}%）", module.name, module.part.name(), module.weight))
            .collect(),
    };
    let row = |line: &super::entry::SchemeMarked| {
        let candidate = line.person.candidate;
        let stored = match view.kind {
            SchemeKind::Course => vec![
                line.exam_on.map(|on| on.to_string()).unwrap_or_default(),
                line.mark.clone(),
                line.paper.clone(),
                line.approver.clone(),
            ],
            SchemeKind::Process => line.modules.clone(),
        };
        let of = |part: Part| match view.kind {
            SchemeKind::Course => part == Part::Theory,
            SchemeKind::Process => view.modules.iter().any(|module| module.part == part),
        };
        let own: Vec<_> = line.person.marks.iter().filter(|mark| of(mark.part)).collect();
        let shown = own.iter().filter(|mark| !mark.outcome.is_empty());
        Row {
            candidate,
            ticket: line.person.ticket.clone(),
            name: line.person.name.clone(),
            cells: stored
                .into_iter()
                .enumerate()
                .map(|(at, stored)| typed.some(&cell(candidate, at)).unwrap_or(stored))
                .collect(),
            result: shown.map(|mark| format!("{} {}", mark.part.name(), mark.outcome)).collect::<Vec<_>>().join("，"),
            open: own.iter().all(|mark| !mark.checked),
        }
    };
    let rows: Vec<Row> = view.persons.iter().map(row).collect();
    let (rows, paging) = paged(rows, number, |number| format!("?page={number}"));
    let page = MarksPage {
        page: Page::new(web, visit),
        trail: {
            let mut trail = trail(&view.batch);
            trail.push(Crumb::new(format!("/batches/{batch}/marks"), "成绩"));
            trail
        },
        columns,
        rows,
        paging,
        query: format!("?page={number}"),
        may_edit: view.open && visit.caller.role().sits_in_body(),
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn template(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    crate::marks::pages::file(&web, &visit, SchemeMarksTemplate { batch }).await
}

async fn upload_marks(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let (once, caller) = (posted.once(), visit.caller.clone());
    let of = UploadSchemeMarks::KIND;
    let kept = web.work(move |office| posted.keep_file(office, (&caller, of), ("file", "成绩登记表"))).await;
    let outcome = match kept {
        Ok((hash, name)) => web.act(&visit, once, UploadSchemeMarks::new(batch, hash, name)).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(read) => done(&format!("/batches/{batch}/scheme-marks"), &read.said()),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => marks_page(&web, &visit, batch, 0, &Posted::default(), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn enter(
    State(web): State<Web>,
    visit: Visit,
    Path(batch): Path<i64>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Response {
    let view = match web.look(&visit, SchemeMarks { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let typed = |candidate: i64, at: usize| posted.text(&cell(candidate, at)).to_owned();
    let candidates = view.persons.iter().map(|line| line.person.candidate);
    let outcome = match view.kind {
        SchemeKind::Course => {
            let chosen = candidates.filter(|id| !typed(*id, 1).is_empty());
            let entries: Result<Vec<CourseEntry>, Stop> = chosen
                .map(|id| {
                    let on = typed(id, 0);
                    let exam_on = on.parse().map_err(|_| {
                        Refusal::new(rules::Clause::S1_5_2, format!("结课考试日期“{on}”不是日期"))
                            .remedy("请按 2026-06-24 的格式填写结课考试日期")
                            .at("exam_on")
                    })?;
                    Ok(CourseEntry {
                        candidate: id,
                        exam_on,
                        mark: typed(id, 1),
                        paper: typed(id, 2),
                        approver: typed(id, 3),
                    })
                })
                .collect();
            match entries {
                Ok(entries) => web.act(&visit, posted.once(), EnterCourseMarks { batch, entries }).await,
                Err(stop) => Err(stop),
            }
        }
        SchemeKind::Process => {
            let count = view.modules.len();
            let entries = candidates
                .map(|id| ModuleEntry { candidate: id, marks: (0..count).map(|at| typed(id, at)).collect() })
                .filter(|entry| entry.marks.iter().any(|mark| !mark.is_empty()))
                .collect();
            web.act(&visit, posted.once(), EnterModuleMarks { batch, entries }).await
        }
    };
    match outcome {
        Ok(saved) => {
            let said = format!(
                "登记 {} 科次，更改 {} 科次，{} 科次与原来相同；待另一个账号核对。",
                saved.entered, saved.changed, saved.unchanged
            );
            done(&format!("/batches/{batch}/scheme-marks"), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => marks_page(&web, &visit, batch, page_asked(query.as_deref()), &posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}
