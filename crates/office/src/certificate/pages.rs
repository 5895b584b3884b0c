//! The certificates of a batch, the list, one certificate.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use rules::batch::{BatchStep, next};
use rules::permission::{ActKind, may};
use rules::print_offset::tenths;

use super::{
    BatchCertificates, BatchCertificatesView, CertificateDetail, CertificateDetailView, CertificateState, Certificates,
    CertificatesView, IssueCertificates, PrintOffsetDetail, PrintOffsetView, SetPrintOffset, print,
};
use crate::door::Stop;
use crate::web::page::{Crumb, Page, RefusalPanel, asked, done, long_day, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/certificates", get(batch).post(issue))
        .route("/batches/{batch}/certificates.zip", get(archive))
        .route("/batches/{batch}/certificates.pdf", get(paper))
        .route("/batches/{batch}/certificates.xlsx", get(exchange))
        .route("/batches/{batch}/certificates-on-blanks.pdf", get(data))
        .route("/certificates/printing", get(printing).post(set_offset))
        .route("/certificates/printing/blank.pdf", get(blank))
        .route("/certificates/printing/trial.pdf", get(trial))
        .route("/certificates", get(list))
        // `123` is the page of a certificate, `123.pdf` and `123.ofd` the certificate.
        .route("/certificates/{certificate}", get(detail))
}

#[derive(Template)]
#[template(path = "certificate/views/batch.html")]
struct BatchPage {
    page: Page,
    trail: Vec<Crumb>,
    view: BatchCertificatesView,
    /// Whether the caller may issue, and the batch is at this step.
    may_issue: bool,
    awaiting: &'static str,
    refusal: Option<RefusalPanel>,
}

async fn batch(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    batch_page(&web, &visit, batch, None).await
}

async fn batch_page(web: &Web, visit: &Visit, batch: i64, refusal: Option<RefusalPanel>) -> Response {
    let view = match web.look(visit, BatchCertificates { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let granted = may(visit.caller.role(), ActKind::IssueCertificates).is_some();
    let page = BatchPage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/batches", "批次"), Crumb::new(format!("/batches/{batch}"), view.title.clone())],
        may_issue: granted && next(view.stage, BatchStep::Issue).is_ok() && view.ready > 0,
        awaiting: view.stage.awaits().map_or("", |step| step.name()),
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn issue(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let candidates = match posted.text("whom") {
        "chosen" => Some(posted.all("candidate").iter().filter_map(|id| id.parse().ok()).collect()),
        _ => None,
    };
    match web.act(&visit, posted.once(), IssueCertificates { batch, candidates }).await {
        Ok(issued) => {
            let numbers =
                if issued.issued == 1 { issued.first } else { format!("{} 至 {}", issued.first, issued.last) };
            let left = match issued.left_out.len() {
                0 => String::new(),
                count => format!("另有{count}人未发证，原因见下。"),
            };
            done(
                &format!("/batches/{batch}/certificates"),
                &format!("已核发证书{}本，编号 {numbers}。{left}", issued.issued),
            )
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => batch_page(&web, &visit, batch, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn archive(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    print::archive(web, visit, batch).await
}

async fn paper(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    print::paper(web, visit, batch, print::Sheets::Whole).await
}

async fn data(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    let printing = asked(query.as_deref(), "printing").and_then(|entry| entry.parse().ok());
    print::paper(web, visit, batch, print::Sheets::Data(printing)).await
}

async fn blank(State(web): State<Web>, visit: Visit) -> Response {
    print::on_blanks(&web, &visit, true).await
}

async fn trial(State(web): State<Web>, visit: Visit) -> Response {
    print::on_blanks(&web, &visit, false).await
}

#[derive(Template)]
#[template(path = "certificate/views/printing.html")]
struct PrintingPage {
    page: Page,
    trail: Vec<Crumb>,
    view: PrintOffsetView,
    said: String,
    /// As typed, or as it was said last.
    right: String,
    down: String,
    may_set: bool,
    refusal: Option<RefusalPanel>,
}

impl PrintingPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn printing(State(web): State<Web>, visit: Visit) -> Response {
    printing_page(&web, &visit, None, None).await
}

async fn printing_page(
    web: &Web,
    visit: &Visit,
    typed: Option<(String, String)>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, PrintOffsetDetail {}).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let millimetres = |tenths: i64| format!("{:.1}", tenths as f64 / 10.0);
    let (right, down) = typed.unwrap_or_else(|| (millimetres(view.right), millimetres(view.down)));
    let page = PrintingPage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/certificates", "证书")],
        said: view.said(),
        may_set: may(visit.caller.role(), ActKind::SetPrintOffset).is_some(),
        view,
        right,
        down,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn set_offset(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let typed = (posted.text("right").to_owned(), posted.text("down").to_owned());
    let read = tenths(&typed.0, "right").and_then(|right| Ok((right, tenths(&typed.1, "down")?)));
    let done_or_not = match read {
        Ok((right, down)) => web.act(&visit, posted.once(), SetPrintOffset { right, down }).await,
        Err(refusal) => Err(refusal.into()),
    };
    match done_or_not {
        Ok(view) => done("/certificates/printing", &format!("已保存偏移：{}。", view.said())),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => printing_page(&web, &visit, Some(typed), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn exchange(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    print::exchange(web, visit, batch).await
}

#[derive(Template)]
#[template(path = "certificate/views/list.html")]
struct ListPage {
    page: Page,
    view: CertificatesView,
    wanted: String,
    batch: Option<i64>,
    /// Whether this is not the beginning of the list.
    goes_on: bool,
    earlier: Option<String>,
    /// Whether it is a body's own, which prints.
    may_print: bool,
}

async fn list(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let asked: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let text = |name: &str| asked.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim());
    let (wanted, batch) = (text("wanted").to_owned(), text("batch").parse().ok());
    let look = Certificates {
        wanted: Some(wanted.clone()).filter(|text| !text.is_empty()),
        batch,
        before: text("before").parse().ok(),
    };
    let view = match web.look(&visit, look).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let earlier = view.earlier.map(|before| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("wanted", &wanted).append_pair("before", &before.to_string());
        if let Some(batch) = batch {
            query.append_pair("batch", &batch.to_string());
        }
        format!("/certificates?{}", query.finish())
    });
    let goes_on = !text("before").is_empty();
    let may_print = may(visit.caller.role(), ActKind::SetPrintOffset).is_some();
    html(&ListPage { page: Page::new(&web, &visit), view, wanted, batch, goes_on, earlier, may_print })
}

#[derive(Template)]
#[template(path = "certificate/views/detail.html")]
struct DetailPage {
    page: Page,
    trail: Vec<Crumb>,
    view: CertificateDetailView,
    exam_on: String,
    issued_on: String,
    /// Since when it does not stand; empty while it does.
    state_on: String,
    stands: bool,
    may_change: bool,
}

async fn detail(State(web): State<Web>, visit: Visit, Path(certificate): Path<String>) -> Response {
    let (id, form) = match certificate.split_once('.') {
        Some((id, "pdf")) => (id, Some(print::Form::Pdf)),
        Some((id, "ofd")) => (id, Some(print::Form::Ofd)),
        _ => (certificate.as_str(), None),
    };
    let Ok(certificate) = id.parse::<i64>() else { return stopped(&web, &visit, Stop::NotFound) };
    if let Some(form) = form {
        return print::document(&web, &visit, certificate, form).await;
    }
    match web.look(&visit, CertificateDetail { certificate }).await {
        Ok(view) => html(&DetailPage {
            page: Page::new(&web, &visit),
            trail: trail(&view)[..2].to_vec(),
            exam_on: long_day(view.exam_on),
            issued_on: long_day(view.issued_on),
            state_on: view.state_on.map(long_day).unwrap_or_default(),
            stands: view.state == CertificateState::Valid,
            may_change: may(visit.caller.role(), ActKind::ProposeCertificateChange).is_some(),
            view,
        }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// List, batch, certificate.
pub(crate) fn trail(view: &CertificateDetailView) -> Vec<Crumb> {
    vec![
        Crumb::new("/certificates", "证书"),
        Crumb::new(format!("/batches/{}/certificates", view.batch), format!("批次 {}", view.batch_number)),
        Crumb::new(format!("/certificates/{}", view.id), view.number.clone()),
    ]
}
