//! An employer's lists and what came of them; the provincial centre's list of employers.

use askama::Template;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use proof::Signer as _;
use rules::certificate_check::CheckVerdict;
use rules::permission::ActKind;
use rules::{Clause, Refusal};

use super::{
    CertificateChecks, CertificateChecksView, CheckCertificates, CheckResult, CheckResultView, CheckedRow, Employers,
    EmployersView, EnterEmployer,
};
use crate::door::{Stop, hex};
use crate::web::api::problem;
use crate::web::page::{Crumb, Page, RefusalPanel, XLSX, done, download, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, html, stopped};

/// Under which duty all of it stands.
const BASIS: Clause = Clause::S2_2_4C;
/// Rows that the page of a result shows; the workbook has them all.
const SHOWN: usize = 50;

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/employers", get(employers).post(enter))
        .route("/checks", get(checks).post(check))
        .route("/checks/index.txt", get(index))
        .route("/checks/offline.html", get(offline))
        .route("/checks/{check}", get(result))
        .route("/checks/{check}/result.xlsx", get(workbook))
}

#[derive(Template)]
#[template(path = "employer/views/employers.html")]
struct EmployersPage {
    page: Page,
    view: EmployersView,
    may_enter: bool,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl EmployersPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn employers(State(web): State<Web>, visit: Visit) -> Response {
    employers_page(&web, &visit, Posted::default(), None).await
}

async fn employers_page(web: &Web, visit: &Visit, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, Employers {}).await {
        Ok(view) => {
            let may_enter = visit.caller.granted(ActKind::EnterEmployer).is_ok();
            let page = EmployersPage { page: Page::new(web, visit), view, may_enter, typed, refusal };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn enter(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let text = |name: &str| posted.text(name).to_owned();
    let act = EnterEmployer { name: text("name"), uscc: text("uscc"), reason: text("reason") };
    match web.act(&visit, posted.once(), act).await {
        Ok(_) => done("/employers", "已开通。请系统管理员在该单位名下开设账号。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => employers_page(&web, &visit, posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "employer/views/checks.html")]
struct ChecksPage {
    page: Page,
    view: CertificateChecksView,
    refusal: Option<RefusalPanel>,
}

impl ChecksPage {
    fn hint(&self) -> String {
        let left = self.view.left;
        format!("表头为：姓名、证件号码、证书编号；两种号码至少填一种，都填的须都相符。今天还可核验 {left} 行")
    }

    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn checks(State(web): State<Web>, visit: Visit) -> Response {
    checks_page(&web, &visit, None).await
}

async fn checks_page(web: &Web, visit: &Visit, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, CertificateChecks {}).await {
        Ok(view) => {
            let page = ChecksPage { page: Page::new(web, visit), view, refusal };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn check(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = match posted.files("file").next() {
        Some(file) => {
            let act = CheckCertificates::of(file.name.clone(), &file.bytes);
            web.act(&visit, posted.once(), act).await
        }
        None => Err(Refusal::house("批量核验", "没有选择文件").remedy("请选择要核验的文件").at("file").into()),
    };
    match outcome {
        Ok(checked) => {
            let said = format!("已核验 {} 行，其中有效 {} 行。", checked.rows, checked.valid);
            done(&format!("/checks/{}", checked.id), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => checks_page(&web, &visit, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "employer/views/result.html")]
struct ResultPage {
    page: Page,
    trail: Vec<Crumb>,
    view: CheckResultView,
    /// How many rows came to what.
    counts: Vec<(&'static str, &'static str, usize)>,
    /// The first rows that need a look.
    shown: Vec<CheckedRow>,
    more: usize,
}

/// The kind of tag that a verdict wears.
fn tag(verdict: CheckVerdict) -> &'static str {
    match verdict {
        CheckVerdict::Valid => "ok",
        CheckVerdict::Suspended | CheckVerdict::Unreadable => "warn",
        CheckVerdict::Revoked | CheckVerdict::Void | CheckVerdict::NoMatch => "danger",
    }
}

async fn result(State(web): State<Web>, visit: Visit, Path(check): Path<i64>) -> Response {
    let view = match web.look(&visit, CheckResult { check }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let mut counts: Vec<(&str, &str, usize)> = Vec::new();
    for row in &view.rows {
        match counts.iter_mut().find(|(name, ..)| *name == row.verdict.name()) {
            Some((.., count)) => *count += 1,
            None => counts.push((row.verdict.name(), tag(row.verdict), 1)),
        }
    }
    let doubtful = || view.rows.iter().filter(|row| row.verdict != CheckVerdict::Valid);
    let shown: Vec<CheckedRow> = doubtful().take(SHOWN).cloned().collect();
    let page = ResultPage {
        page: Page::new(&web, &visit),
        trail: vec![Crumb::new("/checks", "批量核验")],
        counts,
        more: doubtful().count() - shown.len(),
        shown,
        view,
    };
    html(&page)
}

async fn workbook(State(web): State<Web>, visit: Visit, Path(check): Path<i64>) -> Response {
    let view = match web.look(&visit, CheckResult { check }).await {
        Ok(view) if view.check.is_kept => view,
        Ok(_) => return stopped(&web, &visit, Stop::NotFound),
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let name = format!("核验结果-{}.xlsx", view.check.checked_on);
    match web.work(move |_| super::workbook(&view.rows)).await {
        Ok(bytes) => download(XLSX, &name, bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// The index of certificates, for whoever has lists checked here; as the operator wrote it last.
async fn index(State(web): State<Web>, visit: Visit) -> Response {
    index_file(&web, &visit).await.unwrap_or_else(|stop| stopped(&web, &visit, stop))
}

/// As the page's, for programs.
pub(super) async fn index_by_api(State(web): State<Web>, visit: Visit) -> Response {
    index_file(&web, &visit).await.unwrap_or_else(|stop| problem(stop).into_response())
}

async fn index_file(web: &Web, visit: &Visit) -> Result<Response, Stop> {
    web.look(visit, CertificateChecks {}).await?;
    tracing::info!(account = visit.caller.account(), "the index of certificates is fetched");
    let path = web.settings.index.clone().ok_or(Stop::NotFound)?;
    let opened = web.work(move |_| {
        let file = std::fs::File::open(&path).map_err(|_| Stop::NotFound)?;
        let size = file.metadata().map_err(Stop::fault)?.len();
        Ok((file, size))
    });
    let (file, size) = opened.await?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_LENGTH, size.to_string()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"certificate-index.txt\"".to_owned()),
    ];
    Ok((headers, Body::from_stream(slices(web.clone(), file))).into_response())
}

/// Bytes of a file that are held at once.
const SLICE: usize = 256 * 1024;

/// A file slice by slice: it may be far larger than what the house takes for itself.
fn slices(web: Web, file: std::fs::File) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> {
    futures_util::stream::unfold(Some((web, file)), |state| async {
        let (web, mut file) = state?;
        let read = web.work(move |_| {
            let mut slice = vec![0; SLICE];
            let size = std::io::Read::read(&mut file, &mut slice).map_err(Stop::fault)?;
            slice.truncate(size);
            Ok((file, slice))
        });
        match read.await {
            Ok((_, slice)) if slice.is_empty() => None,
            Ok((file, slice)) => Some((Ok(Bytes::from(slice)), Some((web, file)))),
            Err(stop) => Some((Err(std::io::Error::other(stop)), None)),
        }
    })
}

/// A page to keep, which checks a list by an index without sending anything anywhere.
#[derive(Template)]
#[template(path = "employer/views/offline.html")]
struct OfflinePage {
    house: String,
    /// The root's public key, in hexadecimal, and its id.
    root: String,
    root_id: String,
}

async fn offline(State(web): State<Web>) -> Response {
    let root = crate::certificate::signer(&web.office).public();
    let page = OfflinePage { house: web.settings.public_url.clone(), root: hex(root.as_bytes()), root_id: root.id() };
    match page.render() {
        Ok(page) => download("text/html; charset=utf-8", "名单离线核验.html", page.into_bytes()),
        Err(error) => crate::web::api::answer::<()>(Err(Stop::fault(error))),
    }
}
