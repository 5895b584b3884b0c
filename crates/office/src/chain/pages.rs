//! The chain as a page, from the filing to the certificate and back, and the files that it rests on.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rules::Day;
use rules::certificate::change::CertificateChangeKind;
use rules::eligibility::CONDITIONS;

use super::{Chain, ChainFile, ChainView, PersonChain, PersonChainView, PersonFile, SourceFile};
use crate::door::files::FileKind;
use crate::door::{FileHash, Stop, Via};
use crate::web::api::problem;
use crate::web::page::{Crumb, Page, asked, download, grouped, is_ours, long_day, plain_day};
use crate::web::{Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/certificates/{certificate}/chain", get(chain))
        .route("/certificates/{certificate}/chain/files/{hash}", get(file))
        .route("/candidates/{candidate}/chain", get(person))
        .route("/candidates/{candidate}/chain/files/{hash}", get(person_file))
}

/// One step of the way to the certificate.
struct Step {
    label: &'static str,
    iso: String,
    date: String,
    who: String,
    note: String,
    state: &'static str,
}

impl Step {
    fn new(label: &'static str, on: Day, who: impl Into<String>, note: impl Into<String>) -> Self {
        Self { label, iso: on.to_string(), date: long_day(on), who: who.into(), note: note.into(), state: "done" }
    }
}

/// From the filing to the certificate, in the order of time.
fn steps(view: &ChainView) -> Vec<Step> {
    let listing = &view.listing;
    let panel = format!("专家{}", listing.panel.join("、"));
    let mut steps: Vec<Step> = [
        ("提交备案申请", listing.submitted_on, listing.name.as_str()),
        ("受理", listing.accepted_on, "主管中心"),
        ("现场评估", listing.evaluated_on, panel.as_str()),
        ("审核评估", listing.assessed_on, "主管中心"),
        ("当地人社局同意", listing.consented_on, "人社局"),
        ("汇总", listing.summarised_on, "省中心"),
        ("部级备案", listing.ministry_on, "省人社厅"),
        ("备案或公布", listing.announced_on, "人社部门"),
        ("列入机构目录", Some(listing.listed_on), "省人社厅"),
    ]
    .into_iter()
    .filter_map(|(label, on, who)| Some(Step::new(label, on?, who, "")))
    .collect();
    let batch = &view.batch;
    steps.push(Step::new("通报批次", batch.notified_on, listing.name.as_str(), format!("批次 {}", batch.number)));
    steps.push(Step::new("理论知识考试", batch.theory_on, "", batch.theory_place.as_str()));
    steps.push(Step::new("操作技能考核", batch.practical_on, "", batch.practical_place.as_str()));
    steps.extend(batch.comprehensive_on.map(|on| Step::new("综合评审", on, "", "")));
    if let Some(publicity) = &view.publicity {
        let note = publicity.ends_on.map(|on| format!("公示至{}", long_day(on))).unwrap_or_default();
        steps.push(Step::new("公示认定结果", publicity.posted_on, listing.name.as_str(), note));
    }
    if let Some(report) = &view.report {
        steps.push(Step::new("上报认定结果", report.reported_on, report.by.as_str(), format!("第{}次上报", report.no)));
    }
    steps.extend(view.approval.iter().map(|approval| Step::new("审核通过", approval.on, approval.by.as_str(), "")));
    let certificate = &view.certificate;
    steps.push(Step::new(
        "颁发证书",
        certificate.issued_on,
        certificate.issued_by.as_str(),
        certificate.number.as_str(),
    ));
    for change in &view.changes {
        let step = Step::new(change.kind.name(), change.on, change.who.as_str(), change.reason.as_str());
        let ends = !matches!(
            change.kind,
            CertificateChangeKind::Correct | CertificateChangeKind::Reissue | CertificateChangeKind::Resume
        );
        steps.push(if ends { Step { state: "late", ..step } } else { step });
    }
    steps
}

#[derive(Template)]
#[template(path = "chain/views/chain.html")]
struct ChainPage {
    page: Page,
    trail: Vec<Crumb>,
    steps: Vec<Step>,
    /// Where the files are fetched.
    files: String,
    view: ChainView,
}

async fn chain(State(web): State<Web>, visit: Visit, Path(certificate): Path<i64>) -> Response {
    match web.look(&visit, Chain { certificate }).await {
        Ok(view) => html(&ChainPage {
            page: Page::new(&web, &visit),
            trail: vec![
                Crumb::new("/certificates", "证书"),
                Crumb::new(format!("/certificates/{certificate}"), view.certificate.number.clone()),
            ],
            steps: steps(&view),
            files: format!("/certificates/{certificate}/chain/files"),
            view,
        }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "chain/views/person.html")]
struct PersonPage {
    page: Page,
    trail: Vec<Crumb>,
    files: String,
    /// Where whoever looks came from.
    back: Option<String>,
    view: PersonChainView,
}

async fn person(
    State(web): State<Web>,
    visit: Visit,
    Path(candidate): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    match web.look(&visit, PersonChain { candidate }).await {
        Ok(view) => html(&PersonPage {
            page: Page::new(&web, &visit),
            trail: vec![
                Crumb::new("/batches", "批次"),
                Crumb::new(format!("/batches/{}", view.batch.id), view.batch.title.clone()),
            ],
            files: format!("/candidates/{candidate}/chain/files"),
            back: asked(query.as_deref(), "back").filter(|back| is_ours(back)),
            view,
        }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

async fn person_file(State(web): State<Web>, visit: Visit, Path((candidate, hash)): Path<(i64, String)>) -> Response {
    let found = web.look(&visit, PersonFile { candidate, hash }).await;
    brought(&web, &visit, found).await
}

/// A file of the chain, as it was uploaded.
pub(super) async fn file(
    State(web): State<Web>,
    visit: Visit,
    Path((certificate, hash)): Path<(i64, String)>,
) -> Response {
    let found = web.look(&visit, ChainFile { certificate, hash }).await;
    brought(&web, &visit, found).await
}

/// The file that a look found, or why there is none.
async fn brought(web: &Web, visit: &Visit, found: Result<SourceFile, Stop>) -> Response {
    let brought = match found {
        Ok(file) => web.work(move |office| Ok((office.files().bring(&FileHash(file.hash))?, file.name))).await,
        Err(stop) => Err(stop),
    };
    match brought {
        Ok((bytes, name)) => {
            let kind = FileKind::content_type(FileKind::of(&bytes));
            download(kind, if name.is_empty() { "原始文件" } else { &name }, bytes)
        }
        Err(stop) if visit.caller.via() == Via::Api => problem(stop).into_response(),
        Err(stop) => stopped(web, visit, stop),
    }
}

/// How a mark came in, in words.
fn source_name(source: &str) -> &'static str {
    match source {
        "sheet" => "成绩表",
        "course" => "结课考试成绩",
        "process" => "过程考核成绩",
        "kept" => "保留成绩",
        "change" => "成绩更改",
        "attendance" => "现场签到",
        "day" => "现场决定",
        _ => "逐人登记",
    }
}

/// A day in a sentence.
fn day(day: &Day) -> String {
    plain_day(*day)
}

/// A day, or a dash where there is none.
fn day_or_dash(day: &Option<Day>) -> String {
    day.map_or_else(|| "--".to_owned(), plain_day)
}

/// The words of a line of the conditions.
fn condition(code: &str) -> &'static str {
    CONDITIONS.iter().find(|line| line.code == code).map_or("", |line| line.text)
}
