//! One page for the department: what waits for the ministry, to be exported and answered many at once.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;

use super::{ExportMinistry, Ministry, MinistryExport, MinistryView};
use crate::door::{Act, Stop};
use crate::filing::RecordMinistryFilings;
use crate::web::page::{Page, RefusalPanel, XLSX, done, handed, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new().route("/ministry", get(page).post(act)).route("/ministry/exports/{export}/filings.xlsx", get(content))
}

#[derive(Template)]
#[template(path = "ministry/views/ministry.html")]
struct MinistryPage {
    page: Page,
    view: MinistryView,
    chosen: Vec<i64>,
    reference: String,
    filed_on: String,
    refusal: Option<RefusalPanel>,
}

impl MinistryPage {
    fn is_chosen(&self, filing: &i64) -> bool {
        self.chosen.contains(filing)
    }

    fn problem(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn page(State(web): State<Web>, visit: Visit) -> Response {
    shown(&web, &visit, &Posted::default(), None).await
}

async fn shown(web: &Web, visit: &Visit, posted: &Posted, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, Ministry {}).await {
        Ok(view) => {
            let status = status_for(refusal.as_ref());
            let page = MinistryPage {
                page: Page::new(web, visit),
                view,
                chosen: chosen(posted),
                reference: posted.text("reference").to_owned(),
                filed_on: posted.text("filed_on").to_owned(),
                refusal,
            };
            with_status(status, &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

fn chosen(posted: &Posted) -> Vec<i64> {
    posted.all("filing").into_iter().filter_map(|id| id.parse().ok()).collect()
}

/// One form, two buttons: export the chosen, or record the answer for them.
async fn act(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = if posted.text("do") == "answer" {
        let act = posted.day("filed_on", "部级备案日期").map(|filed_on| RecordMinistryFilings {
            filings: chosen(&posted),
            reference: posted.text("reference").to_owned(),
            filed_on,
        });
        performed(&web, &visit, &posted, act).await.map(|_| "部级备案已登记，请列入目录。")
    } else {
        let act = Ok(ExportMinistry::new(chosen(&posted)));
        performed(&web, &visit, &posted, act).await.map(|_| "已导出，在下面的导出记录中下载。")
    };
    match outcome {
        Ok(said) => done("/ministry", said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => shown(&web, &visit, &posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn performed<A: Act>(web: &Web, visit: &Visit, posted: &Posted, act: Result<A, Stop>) -> Result<A::Answer, Stop> {
    web.act(visit, posted.once(), act?).await
}

pub(super) async fn content(State(web): State<Web>, visit: Visit, Path(export): Path<i64>) -> Response {
    handed(&web, &visit, Some(XLSX), workbook(&web, &visit, export).await)
}

async fn workbook(web: &Web, visit: &Visit, export: i64) -> Result<(String, Vec<u8>), Stop> {
    let line = web.look(visit, MinistryExport { export }).await?;
    web.work(move |office| Ok((format!("报部备案表{}.xlsx", line.exported_on), office.files().bring(&line.file)?)))
        .await
}
