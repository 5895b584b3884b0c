//! The plan of a year with how much of it was told, the form and the workbook that publish it, and a centre's overview.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use rules::certificate::Level;
use rules::permission::ActKind;
use sheets::Finding;

use super::{
    PublishYearPlan, YearPlan, YearPlanFindings, YearPlanLine, YearPlanRow, YearPlanView, YearPlans, YearPlansView,
    store,
};
use crate::door::{FileHash, Office, Stop};
use crate::web::page::{
    Choice, Crumb, Page, Paging, RefusalPanel, XLSX, asked, done, download, html, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, stopped};

/// Empty rows that a form begins with, and that it adds.
const SPARE: usize = 3;

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/year-plan", get(own))
        .route("/year-plan/form", get(form).post(publish))
        .route("/year-plan/form.xlsx", get(template))
        .route("/year-plans", get(overview))
        .route("/bodies/{body}/year-plan", get(of_body))
}

fn year_asked(query: Option<&str>) -> Option<i64> {
    asked(query, "year").and_then(|year| year.parse().ok())
}

#[derive(Template)]
#[template(path = "year_plan/views/plan.html")]
struct PlanPage {
    page: Page,
    trail: Vec<Crumb>,
    view: YearPlanView,
    is_own: bool,
    may_publish: bool,
    /// Where the plan of another year is.
    base: String,
}

impl PlanPage {
    /// The address of a notice begun from a row.
    fn begin(row: &YearPlanRow) -> String {
        let left = (row.expected - row.told).max(1).to_string();
        form_urlencoded::Serializer::new("/batches/new?".to_owned())
            .append_pair("code", &row.code)
            .append_pair("level", &row.level.digit().to_string())
            .append_pair("work_type", &row.work_type)
            .append_pair("expected", &left)
            .finish()
    }
}

async fn own(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let Some(body) = visit.caller.body() else {
        return stopped(&web, &visit, if visit.caller.is_signed_in() { Stop::NotGranted } else { Stop::SignInFirst });
    };
    show(&web, &visit, body, year_asked(query.as_deref())).await
}

async fn of_body(State(web): State<Web>, visit: Visit, Path(body): Path<i64>, RawQuery(query): RawQuery) -> Response {
    show(&web, &visit, body, year_asked(query.as_deref())).await
}

async fn show(web: &Web, visit: &Visit, body: i64, year: Option<i64>) -> Response {
    let view = match web.look(visit, YearPlan { body, year }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let is_own = visit.caller.body() == Some(body);
    html(&PlanPage {
        page: Page::new(web, visit),
        trail: if is_own {
            vec![Crumb::new("/batches", "批次")]
        } else {
            vec![Crumb::new("/year-plans", "年度工作计划")]
        },
        is_own,
        may_publish: is_own && visit.caller.granted(ActKind::PublishYearPlan).is_ok(),
        base: if is_own { "/year-plan".to_owned() } else { format!("/bodies/{body}/year-plan") },
        view,
    })
}

#[derive(Template)]
#[template(path = "year_plan/views/form.html")]
struct FormPage {
    page: Page,
    trail: Vec<Crumb>,
    view: YearPlanView,
    /// What is planned, expected persons, months.
    rows: Vec<[String; 3]>,
    reason: String,
    findings: Vec<Finding>,
    refusal: Option<RefusalPanel>,
}

impl FormPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    fn choices(&self, chosen: &str) -> Vec<Choice> {
        let all = self.view.choices.iter().map(|one| {
            let kind = if one.work_type.is_empty() { String::new() } else { format!("（{}）", one.work_type) };
            let label = format!("{}{kind}，{}", one.trade, one.level_name);
            Choice::new(key(&one.code, one.level, &one.work_type), label, chosen)
        });
        std::iter::once(Choice::new("", "请选择", chosen)).chain(all).collect()
    }
}

/// The value of an option; codes and levels hold no such bar.
fn key(code: &str, level: Level, work_type: &str) -> String {
    format!("{code}|{}|{work_type}", level.digit())
}

const COLUMNS: [&str; 3] = ["trade[]", "expected[]", "months[]"];

/// The rows as they were typed, those left empty among them.
fn rows_of(posted: &Posted) -> Vec<[String; 3]> {
    let columns = COLUMNS.map(|name| posted.all(name));
    let count = columns.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |column: &Vec<&str>, at: usize| column.get(at).map_or(String::new(), |text| (*text).to_owned());
    (0..count).map(|at| std::array::from_fn(|column| cell(&columns[column], at))).collect()
}

async fn form(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    form_page(&web, &visit, year_asked(query.as_deref()), None, Vec::new(), None).await
}

/// The form with the plan that holds, or with the rows and the reason that were typed.
async fn form_page(
    web: &Web,
    visit: &Visit,
    year: Option<i64>,
    typed: Option<(Vec<[String; 3]>, String)>,
    findings: Vec<Finding>,
    refusal: Option<RefusalPanel>,
) -> Response {
    if let Err(stop) = visit.caller.granted(ActKind::PublishYearPlan) {
        return stopped(web, visit, stop);
    }
    let Some(body) = visit.caller.body() else { return stopped(web, visit, Stop::NotGranted) };
    let view = match web.look(visit, YearPlan { body, year }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let (rows, reason) = typed.unwrap_or_else(|| {
        let held = view.versions.first().map(|version| version.rows.as_slice()).unwrap_or_default();
        let row = |row: &YearPlanRow| {
            [key(&row.code, row.level, &row.work_type), row.expected.to_string(), row.months_said.clone()]
        };
        let mut rows: Vec<_> = held.iter().map(row).collect();
        if rows.is_empty() {
            // A first plan begins with everything that is on file.
            let choice =
                |one: &super::YearPlanChoice| [key(&one.code, one.level, &one.work_type), String::new(), String::new()];
            rows = view.choices.iter().map(choice).collect();
        }
        rows.extend((0..SPARE).map(|_| <[String; 3]>::default()));
        (rows, String::new())
    });
    let trail =
        vec![Crumb::new("/batches", "批次"), Crumb::new(format!("/year-plan?year={}", view.year), "年度工作计划")];
    let page = FormPage { page: Page::new(web, visit), trail, view, rows, reason, findings, refusal };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn publish(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let (mut rows, reason, once) = (rows_of(&posted), posted.text("reason").to_owned(), posted.once());
    let year = posted.text("year").parse::<i64>().ok();
    if posted.text("do") == "more" {
        rows.extend((0..SPARE).map(|_| <[String; 3]>::default()));
        return form_page(&web, &visit, year, Some((rows, reason)), Vec::new(), None).await;
    }
    let mut file: Option<FileHash> = None;
    let outcome = async {
        let year = posted.int("year", "年度")?;
        if posted.files("file").next().is_some() {
            let (posted, caller) = (posted.clone(), visit.caller.clone());
            let keep = move |office: &Office| {
                posted.keep_file(office, (&caller, ActKind::PublishYearPlan), ("file", "年度工作计划文件"))
            };
            file = Some(web.work(keep).await?.0);
        }
        // A workbook takes the place of what the form still shows.
        let typed = if file.is_some() { &[] } else { rows.as_slice() };
        let lines = typed.iter().filter(|row| !row[1].trim().is_empty() || !row[2].trim().is_empty()).map(line);
        let act = PublishYearPlan::new(year, lines.collect(), file.clone(), reason.clone());
        web.act(&visit, once, act).await.map(|published| (year, published))
    };
    match outcome.await {
        Ok((year, published)) => done(
            &format!("/year-plan?year={year}"),
            &format!("{year}年度工作计划第{}版已公布，主管中心已收到。", published.no),
        ),
        Err(stop) => {
            let mut findings = Vec::new();
            if let Some(file) = file {
                // What else is wrong in the file is shown beside its first fault.
                let look = YearPlanFindings { file };
                findings = web.look(&visit, look).await.map(|view| view.findings).unwrap_or_default();
            }
            match refusal_in(stop) {
                Ok(refusal) => form_page(&web, &visit, year, Some((rows, reason)), findings, Some(refusal)).await,
                Err(stop) => stopped(&web, &visit, stop),
            }
        }
    }
}

/// A row of the form; what is no number is none, which the rule refuses at its row.
fn line([trade, expected, months]: &[String; 3]) -> YearPlanLine {
    let mut parts = trade.splitn(3, '|');
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let (code, level, work_type) = (part(), part(), part());
    YearPlanLine {
        trade: code,
        work_type,
        level: level.chars().next().and_then(Level::from_digit).unwrap_or(Level::L5),
        expected: expected.trim().trim_end_matches('人').parse().unwrap_or(0),
        months: months.clone(),
    }
}

/// The plan that holds, or what is on file, to be filled in and sent back.
async fn template(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let Some(body) = visit.caller.body() else {
        return stopped(&web, &visit, if visit.caller.is_signed_in() { Stop::NotGranted } else { Stop::SignInFirst });
    };
    let made = match web.look(&visit, YearPlan { body, year: year_asked(query.as_deref()) }).await {
        Ok(view) => web.work(move |_| Ok((view.year, workbook(&view)?))).await,
        Err(stop) => Err(stop),
    };
    match made {
        Ok((year, bytes)) => download(XLSX, &format!("{year}年度工作计划.xlsx"), bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

fn workbook(view: &YearPlanView) -> Result<Vec<u8>, Stop> {
    let planned = |row: &YearPlanRow| {
        let plan = rules::year_plan::YearPlanTrade {
            code: row.code.clone(),
            work_type: row.work_type.clone(),
            level: row.level,
            expected: row.expected,
            months: row.months.clone(),
        };
        (plan, row.trade.clone())
    };
    let rows: Vec<_> = view.versions.first().map(|held| held.rows.iter().map(planned).collect()).unwrap_or_default();
    sheets::year_plan_table(&rows).map_err(Stop::fault)
}

#[derive(Template)]
#[template(path = "year_plan/views/overview.html")]
struct OverviewPage {
    page: Page,
    trail: Vec<Crumb>,
    view: YearPlansView,
    paging: Paging,
}

async fn overview(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let page = asked(query.as_deref(), "page").and_then(|page| page.parse().ok());
    match web.look(&visit, YearPlans { year: year_asked(query.as_deref()), page }).await {
        Ok(view) => html(&OverviewPage {
            page: Page::new(&web, &visit),
            trail: vec![Crumb::new("/batches", "批次")],
            paging: Paging::new(view.page, store::PAGE, view.total, |page| {
                format!("/year-plans?year={}&page={page}", view.year)
            }),
            view,
        }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}
