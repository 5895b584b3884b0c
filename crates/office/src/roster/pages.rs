//! The register, the roster of a batch with its uploads, photos, templates to fill in, and withdrawing a candidate.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use rules::Refusal;
use rules::certificate::Level;
use rules::eligibility::{self, Condition, Generation};
use sheets::{FaultKind, Finding, RosterForm};

use super::{
    CandidateDetail, CandidateView, Enrolment, EnrolmentUpload, EnrolmentView, FullRoster, FullRosterView, PhotoUpload,
    PhotoUploadView, RestoreCandidate, Roster, RosterUpload, RosterView, UploadEnrolment, UploadLine, UploadPhotos,
    UploadRoster, WithdrawCandidate, store,
};
use crate::door::{Act, FileHash, Stop};
use crate::web::page::{
    Crumb, FoundLine, Page, Paging, RefusalPanel, XLSX, asked, batch_trail, done, download, found_lines, refusal_in,
    status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// Findings on one page.
const FINDINGS: usize = 100;

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/enrolment", get(enrolment).post(upload_enrolment))
        .route("/enrolment/uploads/{upload}", get(enrolment_upload))
        .route("/enrolment/uploads/{upload}/marked.xlsx", get(enrolment_marked))
        .route("/batches/{batch}/roster", get(roster).post(upload_roster))
        .route("/batches/{batch}/roster/full", get(full_roster))
        .route("/batches/{batch}/roster/uploads/{upload}", get(roster_upload))
        .route("/batches/{batch}/roster/uploads/{upload}/marked.xlsx", get(roster_marked))
        .route("/batches/{batch}/photos", post(upload_photos))
        .route("/batches/{batch}/photos/uploads/{upload}", get(photo_upload))
        .route("/batches/{batch}/photos/uploads/{upload}/findings.xlsx", get(photo_findings))
        .route("/batches/{batch}/candidates/{candidate}/withdrawal", get(withdraw_form).post(withdraw))
        .route("/batches/{batch}/candidates/{candidate}/restoration", get(restore_form).post(restore))
        .route("/templates/roster.xlsx", get(short_template))
        .route("/templates/roster-33.xlsx", get(registration_template))
        .route("/templates/enrolment.xlsx", get(enrolment_template))
}

/// Keeps the one posted file and performs the act that it makes.
async fn uploaded<A: Act>(
    web: &Web,
    visit: &Visit,
    posted: Posted,
    (field, label): (&'static str, &'static str),
    make: impl FnOnce(FileHash, String) -> A,
) -> Result<A::Answer, Stop> {
    let (once, caller) = (posted.once(), visit.caller.clone());
    let kept = web.work(move |office| posted.keep_file(office, (&caller, A::KIND), (field, label))).await;
    let (hash, name) = kept.map_err(|stop| match stop {
        Stop::Refused(refusal) if refusal.field == Some("file") => {
            Stop::from(Refusal { field: Some(field), ..*refusal })
        }
        other => other,
    })?;
    web.act(visit, once, make(hash, name)).await
}

/// A refusal of a file that an act names, at the input of this page.
fn at(field: &str, refusal: RefusalPanel) -> RefusalPanel {
    let named = refusal.field.as_deref().is_none_or(|at| at == "file");
    if named { RefusalPanel { field: Some(field.to_owned()), ..refusal } } else { refusal }
}

fn page_asked(query: Option<&str>) -> Option<i64> {
    asked(query, "page").and_then(|page| page.parse().ok())
}

fn link(path: &str, find: Option<&str>, page: i64) -> String {
    let mut link = form_urlencoded::Serializer::new(format!("{path}?"));
    if let Some(find) = find {
        link.append_pair("find", find);
    }
    link.append_pair("page", &page.to_string()).finish()
}

#[derive(Template)]
#[template(path = "roster/views/enrolment.html")]
struct EnrolmentPage {
    page: Page,
    view: EnrolmentView,
    find: String,
    paging: Paging,
    refusal: Option<RefusalPanel>,
}

async fn enrolment(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    enrolment_page(&web, &visit, query.as_deref(), None).await
}

async fn enrolment_page(web: &Web, visit: &Visit, query: Option<&str>, refusal: Option<RefusalPanel>) -> Response {
    let find = asked(query, "find");
    match web.look(visit, Enrolment { find: find.clone(), page: page_asked(query) }).await {
        Ok(view) => {
            let paging =
                Paging::new(view.page, store::PAGE, view.total, |page| link("/enrolment", find.as_deref(), page));
            let (page, find) = (Page::new(web, visit), find.unwrap_or_default());
            with_status(status_for(refusal.as_ref()), &EnrolmentPage { page, view, find, paging, refusal })
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn upload_enrolment(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    match uploaded(&web, &visit, posted, ("register", "学籍名册"), UploadEnrolment::new).await {
        Ok(made) => Redirect::to(&format!("/enrolment/uploads/{}", made.upload)).into_response(),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => enrolment_page(&web, &visit, None, Some(at("register", refusal))).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "roster/views/upload.html")]
struct UploadPage {
    page: Page,
    trail: Vec<Crumb>,
    /// What was uploaded, and what its rows are: 报名名册, 考生.
    what: &'static str,
    of: &'static str,
    over: String,
    upload: UploadLine,
    faults: Vec<FoundLine>,
    warnings: Vec<FoundLine>,
    /// Where the list of people is, and this page.
    list: String,
    here: String,
    paging: Option<Paging>,
    /// Rows that lack a condition: what each is called, and where it is put forward as an exception.
    short: Vec<(String, String)>,
}

/// Rows of an upload in which nothing but the condition is wrong, with the address that puts each forward as an exception.
fn short_rows(batch: i64, upload: i64, findings: &[Finding]) -> Vec<(String, String)> {
    let is_alone = |one: &&Finding| {
        let row = |other: &&Finding| other.sheet == one.sheet && other.row == one.row && other.is_fault();
        one.kind == FaultKind::ConditionNotMet && findings.iter().filter(row).count() == 1
    };
    let link = |one: &Finding| {
        let path = format!("/batches/{batch}/exceptions?");
        let start = path.len();
        let mut link = form_urlencoded::Serializer::for_suffix(path, start);
        link.append_pair("upload", &upload.to_string()).append_pair("sheet", &one.sheet);
        link.append_pair("row", &one.row.to_string()).finish()
    };
    let called = |one: &Finding| match one.sheet.as_str() {
        "" => format!("第{}行", one.row),
        sheet => format!("工作表“{sheet}”第{}行", one.row),
    };
    findings.iter().filter(is_alone).take(FINDINGS).map(|one| (called(one), link(one))).collect()
}

/// One page of findings: faults first, then what someone should look at.
fn findings_page(findings: &[Finding], here: &str, page: i64) -> (Vec<FoundLine>, Vec<FoundLine>, Option<Paging>) {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| !finding.is_fault());
    let start = (page.max(0) as usize).saturating_mul(FINDINGS).min(sorted.len());
    let part = &sorted[start..(start + FINDINGS).min(sorted.len())];
    let (faults, warnings) = found_lines(part.iter().copied());
    let paging = (sorted.len() > FINDINGS)
        .then(|| Paging::new(page.max(0), FINDINGS as i64, sorted.len() as i64, |page| format!("{here}?page={page}")));
    (faults, warnings, paging)
}

async fn enrolment_upload(
    State(web): State<Web>,
    visit: Visit,
    Path(upload): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    match web.look(&visit, EnrolmentUpload { upload }).await {
        Ok(view) => {
            let here = format!("/enrolment/uploads/{upload}");
            let (faults, warnings, paging) =
                findings_page(&view.findings, &here, page_asked(query.as_deref()).unwrap_or(0));
            html(&UploadPage {
                page: Page::new(&web, &visit),
                trail: vec![Crumb::new("/enrolment", "学籍")],
                what: "学籍名册",
                of: "学生",
                over: String::new(),
                upload: view.upload,
                faults,
                warnings,
                list: "/enrolment".into(),
                here,
                paging,
                short: Vec::new(),
            })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

async fn enrolment_marked(State(web): State<Web>, visit: Visit, Path(upload): Path<i64>) -> Response {
    match web.look(&visit, EnrolmentUpload { upload }).await {
        Ok(view) => marked(&web, &visit, view.upload, view.findings).await,
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// The clerk's own file again, with what was found; made anew from what was stored.
async fn marked(web: &Web, visit: &Visit, upload: UploadLine, findings: Vec<Finding>) -> Response {
    let made = web.work(move |office| {
        let bytes = office.files().bring(&upload.file)?;
        let stem = upload.name.rsplit_once('.').map_or(upload.name.as_str(), |(stem, _)| stem);
        Ok((format!("{stem}（已标注）.xlsx"), sheets::marked_up(&bytes, &findings)?))
    });
    match made.await {
        Ok((name, bytes)) => download(XLSX, &name, bytes),
        Err(stop) => stopped(web, visit, stop),
    }
}

#[derive(Template)]
#[template(path = "roster/views/roster.html")]
struct RosterPage {
    page: Page,
    trail: Vec<Crumb>,
    view: RosterView,
    find: String,
    paging: Paging,
    is_school: bool,
    is_public: bool,
    /// The lines of the level, to be read before anything is uploaded.
    conditions: Vec<&'static Condition>,
    template: String,
    last_exam: String,
    refusal: Option<RefusalPanel>,
}

impl RosterPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

impl EnrolmentPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn roster(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    roster_page(&web, &visit, batch, query.as_deref(), None).await
}

async fn roster_page(
    web: &Web,
    visit: &Visit,
    batch: i64,
    query: Option<&str>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let find = asked(query, "find");
    let view = match web.look(visit, Roster { batch, find: find.clone(), page: page_asked(query) }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let path = format!("/batches/{batch}/roster");
    let paging = Paging::new(view.page, store::PAGE, view.total, |page| link(&path, find.as_deref(), page));
    let page = RosterPage {
        page: Page::new(web, visit),
        trail: batch_trail(batch, &view.batch.title),
        conditions: eligibility::lines(view.batch.level, view.batch.generation).collect(),
        template: format!("level={}&edition={}", view.batch.level.digit(), year_of(view.batch.generation)),
        last_exam: crate::web::page::long_day(view.last_exam_on),
        is_school: visit.caller.role().sits_in_body(),
        is_public: view.batch.audience == rules::batch::Audience::Public,
        find: find.unwrap_or_default(),
        paging,
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// A year whose standards ask for these conditions, as the address of a template names it.
fn year_of(generation: Generation) -> i16 {
    match generation {
        Generation::Before2023 => 2022,
        Generation::Since2023 => 2023,
    }
}

async fn upload_roster(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let make = |file, name| UploadRoster::new(batch, file, name);
    match uploaded(&web, &visit, posted, ("roster", "报名名册"), make).await {
        Ok(made) => Redirect::to(&format!("/batches/{batch}/roster/uploads/{}", made.upload)).into_response(),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => roster_page(&web, &visit, batch, None, Some(at("roster", refusal))).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn roster_upload(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, upload)): Path<(i64, i64)>,
    RawQuery(query): RawQuery,
) -> Response {
    match web.look(&visit, RosterUpload { batch, upload }).await {
        Ok(view) => {
            let here = format!("/batches/{batch}/roster/uploads/{upload}");
            let (faults, warnings, paging) =
                findings_page(&view.findings, &here, page_asked(query.as_deref()).unwrap_or(0));
            let mut trail = batch_trail(batch, &view.batch.title);
            trail.push(Crumb::new(format!("/batches/{batch}/roster"), "名册与照片"));
            html(&UploadPage {
                page: Page::new(&web, &visit),
                trail,
                what: "报名名册",
                of: "考生",
                over: format!("{}，{}", view.batch.title, view.batch.what),
                upload: view.upload,
                faults,
                warnings,
                list: format!("/batches/{batch}/roster"),
                here,
                paging,
                short: match visit.caller.role().sits_in_body() {
                    true => short_rows(batch, upload, &view.findings),
                    false => Vec::new(),
                },
            })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

async fn roster_marked(State(web): State<Web>, visit: Visit, Path((batch, upload)): Path<(i64, i64)>) -> Response {
    match web.look(&visit, RosterUpload { batch, upload }).await {
        Ok(view) => marked(&web, &visit, view.upload, view.findings).await,
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "roster/views/full.html")]
struct FullPage {
    page: Page,
    trail: Vec<Crumb>,
    view: FullRosterView,
    find: String,
    paging: Paging,
}

async fn full_roster(
    State(web): State<Web>,
    visit: Visit,
    Path(batch): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    let find = asked(query.as_deref(), "find");
    match web.look(&visit, FullRoster { batch, find: find.clone(), page: page_asked(query.as_deref()) }).await {
        Ok(view) => {
            let path = format!("/batches/{batch}/roster/full");
            let paging = Paging::new(view.page, store::PAGE, view.total, |page| link(&path, find.as_deref(), page));
            let mut trail = batch_trail(batch, &view.batch.title);
            trail.push(Crumb::new(format!("/batches/{batch}/roster"), "名册与照片"));
            let (page, find) = (Page::new(&web, &visit), find.unwrap_or_default());
            html(&FullPage { page, trail, view, find, paging })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "roster/views/photos.html")]
struct PhotosPage {
    page: Page,
    trail: Vec<Crumb>,
    view: PhotoUploadView,
    here: String,
    paging: Option<Paging>,
}

async fn upload_photos(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let make = |file, name| UploadPhotos::new(batch, file, name);
    match uploaded(&web, &visit, posted, ("photos", "照片压缩包或照片"), make).await {
        Ok(made) if made.faults == 0 => {
            let said = format!("已导入{}张照片，{}张没有变动。", made.taken, made.same);
            done(&format!("/batches/{batch}/roster"), &said)
        }
        Ok(made) => Redirect::to(&format!("/batches/{batch}/photos/uploads/{}", made.upload)).into_response(),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => roster_page(&web, &visit, batch, None, Some(at("photos", refusal))).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn photo_upload(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, upload)): Path<(i64, i64)>,
    RawQuery(query): RawQuery,
) -> Response {
    match web.look(&visit, PhotoUpload { batch, upload }).await {
        Ok(mut view) => {
            let here = format!("/batches/{batch}/photos/uploads/{upload}");
            let (asked, total) = (page_asked(query.as_deref()).unwrap_or(0).max(0), view.findings.len());
            let start = (asked as usize).saturating_mul(FINDINGS).min(total);
            view.findings = view.findings.drain(start..(start + FINDINGS).min(total)).collect();
            let paging = (total > FINDINGS)
                .then(|| Paging::new(asked, FINDINGS as i64, total as i64, |page| format!("{here}?page={page}")));
            let mut trail = batch_trail(batch, &view.batch.title);
            trail.push(Crumb::new(format!("/batches/{batch}/roster"), "名册与照片"));
            html(&PhotosPage { page: Page::new(&web, &visit), trail, view, here, paging })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

async fn photo_findings(State(web): State<Web>, visit: Visit, Path((batch, upload)): Path<(i64, i64)>) -> Response {
    match web.look(&visit, PhotoUpload { batch, upload }).await {
        Ok(view) => {
            written(&web, &visit, "没收下的照片.xlsx", move || {
                let rows = view.findings.into_iter().map(|finding| vec![finding.name, finding.reason, finding.remedy]);
                sheets::table("没收下的照片", &["文件", "问题", "怎么改"], rows).map_err(Stop::fault)
            })
            .await
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// Withdrawing a candidate and taking that back: the same page with other words.
#[derive(Template)]
#[template(path = "roster/views/withdraw.html")]
struct ReasonPage {
    page: Page,
    trail: Vec<Crumb>,
    view: CandidateView,
    /// What is done: 撤销, 恢复.
    what: &'static str,
    restores: bool,
    reason: String,
    refusal: Option<RefusalPanel>,
}

impl ReasonPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn withdraw_form(State(web): State<Web>, visit: Visit, Path(path): Path<(i64, i64)>) -> Response {
    reason_page(&web, &visit, path, false, String::new(), None).await
}

async fn restore_form(State(web): State<Web>, visit: Visit, Path(path): Path<(i64, i64)>) -> Response {
    reason_page(&web, &visit, path, true, String::new(), None).await
}

async fn reason_page(
    web: &Web,
    visit: &Visit,
    (batch, candidate): (i64, i64),
    restores: bool,
    reason: String,
    refusal: Option<RefusalPanel>,
) -> Response {
    match web.look(visit, CandidateDetail { candidate }).await {
        Ok(view) if view.batch.id != batch => stopped(web, visit, Stop::NotFound),
        Ok(_) if !visit.caller.role().sits_in_body() => stopped(web, visit, Stop::NotGranted),
        Ok(view) => {
            let mut trail = batch_trail(batch, &view.batch.title);
            trail.push(Crumb::new(format!("/batches/{batch}/roster"), "名册与照片"));
            let (page, what) = (Page::new(web, visit), if restores { "恢复" } else { "撤销" });
            let status = status_for(refusal.as_ref());
            with_status(status, &ReasonPage { page, trail, view, what, restores, reason, refusal })
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn withdraw(State(web): State<Web>, visit: Visit, Path(path): Path<(i64, i64)>, posted: Posted) -> Response {
    let reason = posted.text("reason").to_owned();
    let act = WithdrawCandidate { candidate: path.1, reason: reason.clone() };
    let outcome = web.act(&visit, posted.once(), act).await;
    reasoned(&web, &visit, path, false, reason, outcome).await
}

async fn restore(State(web): State<Web>, visit: Visit, Path(path): Path<(i64, i64)>, posted: Posted) -> Response {
    let reason = posted.text("reason").to_owned();
    let act = RestoreCandidate { candidate: path.1, reason: reason.clone() };
    let outcome = web.act(&visit, posted.once(), act).await;
    reasoned(&web, &visit, path, true, reason, outcome).await
}

async fn reasoned<T>(
    web: &Web,
    visit: &Visit,
    path: (i64, i64),
    restores: bool,
    reason: String,
    outcome: Result<T, Stop>,
) -> Response {
    match outcome {
        Ok(_) => {
            let said = if restores { "已恢复该考生的报名。" } else { "已撤销该考生的报名。" };
            done(&format!("/batches/{}/roster", path.0), said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => reason_page(web, visit, path, restores, reason, Some(refusal)).await,
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

async fn short_template(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    template(&web, &visit, query.as_deref(), RosterForm::Short, "报名名册.xlsx").await
}

async fn registration_template(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    template(&web, &visit, query.as_deref(), RosterForm::Registration, "报名登记表（33列）.xlsx").await
}

/// An empty roster; with `level` and `edition` its conditions are explained and offered in a list.
async fn template(web: &Web, visit: &Visit, query: Option<&str>, form: RosterForm, name: &'static str) -> Response {
    let level = asked(query, "level").and_then(|digit| digit.chars().next()).and_then(Level::from_digit);
    let edition = asked(query, "edition").and_then(|year| year.parse().ok());
    let lines = |level| eligibility::lines(level, eligibility::generation(edition)).collect();
    let lines: Vec<&Condition> = level.map(lines).unwrap_or_default();
    written(web, visit, name, move || sheets::roster_template(form, level, &lines).map_err(Stop::fault)).await
}

async fn enrolment_template(State(web): State<Web>, visit: Visit) -> Response {
    written(&web, &visit, "学籍名册.xlsx", || sheets::enrolment_template().map_err(Stop::fault)).await
}

async fn written(
    web: &Web,
    visit: &Visit,
    name: &'static str,
    write: impl FnOnce() -> Result<Vec<u8>, Stop> + Send + 'static,
) -> Response {
    match web.work(move |_| write()).await {
        Ok(bytes) => download(XLSX, name, bytes),
        Err(stop) => stopped(web, visit, stop),
    }
}
