//! Reference tables for administrators.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use rules::Refusal;

use super::{ImportTable, TableKind, Tables, TablesView, checklist};
use crate::door::Stop;
use crate::web::page::{Page, RefusalPanel, done, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/admin/reference", get(tables).post(import))
        .route("/admin/checklist", get(checklist::checklist).post(checklist::set))
        .route("/admin/checklist.csv", get(checklist::csv))
}

#[derive(Template)]
#[template(path = "reference/views/tables.html")]
struct TablesPage {
    page: Page,
    view: TablesView,
    kinds: &'static [TableKind],
    refusal: Option<RefusalPanel>,
}

async fn tables(State(web): State<Web>, visit: Visit) -> Response {
    tables_page(&web, &visit, None).await
}

async fn tables_page(web: &Web, visit: &Visit, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, Tables {}).await {
        Ok(view) => with_status(
            status_for(refusal.as_ref()),
            &TablesPage { page: Page::new(web, visit), view, kinds: TableKind::ALL, refusal },
        ),
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn import(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = match read_import(&posted) {
        Ok(act) => web.act(&visit, posted.once(), act).await.map(|_| ()),
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(()) => done("/admin/reference", "已导入，立即生效。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => tables_page(&web, &visit, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

fn read_import(posted: &Posted) -> Result<ImportTable, Stop> {
    let kind = TableKind::from_code(posted.text("kind"))
        .ok_or_else(|| Refusal::house("参考数据", "没有选择数据表").remedy("请选择要替换的数据表").at("kind"))?;
    let file = posted
        .files("file")
        .next()
        .ok_or_else(|| Refusal::house("参考数据", "没有选择文件").remedy("请选择 CSV 文件").at("file"))?;
    let content = String::from_utf8(file.bytes.to_vec()).map_err(|_| {
        Refusal::house("参考数据", "文件不是 UTF-8 编码").remedy("请另存为 UTF-8 编码的 CSV").at("file")
    })?;
    Ok(ImportTable { kind, source: posted.text("source").to_owned(), content })
}
