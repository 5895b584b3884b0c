//! The ledger of a year and of a batch, to look at, to print, to take away.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;

use super::{BatchLedger, BatchLedgerView, BatchLedgerWorkbook, Ledger, LedgerLine, LedgerView, LedgerWorkbook, print};
use crate::marks::pages::file;
use crate::web::page::{Bar, Choice, Crumb, Page, asked, bars, handed, not_printed, plain_day};
use crate::web::{Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/ledger", get(year))
        .route("/ledger.xlsx", get(year_workbook))
        .route("/ledger.pdf", get(year_paper))
        .route("/batches/{batch}/ledger", get(batch))
        .route("/batches/{batch}/ledger.xlsx", get(batch_workbook))
        .route("/batches/{batch}/ledger.pdf", get(batch_paper))
}

#[derive(Template)]
#[template(path = "ledger/views/year.html")]
struct YearPage {
    page: Page,
    years: Vec<Choice>,
    is_body: bool,
    bars: Vec<Bar>,
    batches: usize,
    view: LedgerView,
}

fn year_asked(query: Option<&str>) -> Option<i16> {
    asked(query, "year").and_then(|year| year.parse().ok()).filter(|year| (2000..3000).contains(year))
}

async fn year(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let view = match web.look(&visit, Ledger { year: year_asked(query.as_deref()), body: None }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let issued = view.sums.iter().filter(|sum| sum.people.issued > 0);
    // On a phone there is room for 四级, not for 四级/中级工.
    let level = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    let counts = issued.map(|sum| (format!("{}{}", sum.trade, level(&sum.level_name)), sum.people.issued as usize));
    let bars = bars(counts.collect());
    let chosen = view.year.to_string();
    html(&YearPage {
        page: Page::new(&web, &visit),
        years: view.years.iter().map(|year| Choice::new(year.to_string(), format!("{year}年"), &chosen)).collect(),
        is_body: visit.caller.role().sits_in_body(),
        bars,
        batches: view.lines.iter().filter(|line| line.cancelled_on.is_none()).count(),
        view,
    })
}

async fn year_workbook(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    file(&web, &visit, LedgerWorkbook { year: year_asked(query.as_deref()), body: None }).await
}

/// The ledger of a year on paper.
async fn year_paper(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let asked = Ledger { year: year_asked(query.as_deref()), body: None };
    let made = match web.look(&visit, asked).await {
        Ok(view) => {
            let table = print::year(&view, &visit.caller, web.office.today());
            let name = format!("{}.pdf", table.title);
            web.print(move |office| Ok((name, office.press().table(&table).map_err(|error| not_printed(&error))?)))
                .await
        }
        Err(stop) => Err(stop),
    };
    handed(&web, &visit, Some("application/pdf"), made)
}

/// The ledger of a batch on paper; it names no candidate.
async fn batch_paper(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    let made = match web.look(&visit, BatchLedger { batch }).await {
        Ok(view) => {
            let (form, name) = (print::batch(&view, web.office.today()), format!("工作台账-{}.pdf", view.line.number));
            web.print(move |office| Ok((name, office.press().form(&form).map_err(|error| not_printed(&error))?))).await
        }
        Err(stop) => Err(stop),
    };
    handed(&web, &visit, Some("application/pdf"), made)
}

#[derive(Template)]
#[template(path = "ledger/views/batch.html")]
struct BatchPage {
    page: Page,
    trail: Vec<Crumb>,
    view: BatchLedgerView,
}

async fn batch(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    let view = match web.look(&visit, BatchLedger { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let trail = vec![Crumb::new("/batches", "批次"), Crumb::new(format!("/batches/{batch}"), view.line.title.clone())];
    html(&BatchPage { page: Page::new(&web, &visit), trail, view })
}

async fn batch_workbook(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    file(&web, &visit, BatchLedgerWorkbook { batch }).await
}

/// A day in words, or what stands where there is none.
pub(super) fn day(on: &Option<Date>) -> String {
    on.map_or_else(|| "--".into(), plain_day)
}

/// How the report stands: on time, late, still to come.
pub(super) fn reported(line: &LedgerLine) -> String {
    match (line.reported_on, line.report_due_on) {
        (Some(on), _) if line.is_late() => format!("{}，逾期", plain_day(on)),
        (Some(on), _) => plain_day(on),
        (None, Some(due)) => format!("期限{}", plain_day(due)),
        (None, None) => "--".into(),
    }
}
