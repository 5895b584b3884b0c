//! What became of a certificate, what waits and what can be proposed; the public form and its receipt.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::Day;
use rules::certificate::change::{CertificateChangeKind, CertificateRequestState, REQUEST};
use rules::permission::{ActKind, may};
use rules::proposal::ProposalState;
use rules::refusal::RefusalView;
use rules::{Clause, Refusal};

use super::{
    AnswerCertificateChange, AskCertificateChange, CertificateAsked, CertificateChangeFile, CertificateChanges,
    CertificateChangesView, CertificateRequestReceipt, CertificateRequestStanding, DeclineCertificateRequest, IdEntry,
    ProposeCertificateChange,
};
use crate::certificate::pages::trail;
use crate::door::{Act, FileHash, Stop};
use crate::publicity::Contact;
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, asked, done, handed, long_day, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/certificates/{certificate}/changes", get(list).post(propose))
        .route("/certificates/{certificate}/changes/{certificate_change}/file", get(file))
        .route("/certificates/{certificate}/changes/{certificate_change}/answer", post(answer))
        .route("/certificates/{certificate}/requests/{certificate_request}/refusal", post(decline))
        .route("/certificate-requests", get(receipt).post(ask))
        .route("/certificate-requests/new", get(ask_form))
}

/// The colour of a request's tag.
fn request_kind(state: &CertificateRequestState) -> &'static str {
    match state {
        CertificateRequestState::Open => "warn",
        CertificateRequestState::Done => "ok",
        CertificateRequestState::Declined => "danger",
    }
}

fn day(day: &Day) -> String {
    long_day(*day)
}

#[derive(Template)]
#[template(path = "certificate_change/views/list.html")]
struct ListPage {
    page: Page,
    trail: Vec<Crumb>,
    view: CertificateChangesView,
    /// The kind that the form is for, once chosen.
    chosen: Option<CertificateChangeKind>,
    /// The request that the change would answer.
    request: String,
    may_propose: bool,
    /// Whether the caller signs for the body.
    is_head: bool,
    stands: bool,
    typed: Posted,
    /// Which form was refused.
    form: String,
    refusal: Option<RefusalPanel>,
}

impl ListPage {
    fn wrong(&self, form: &str, field: &str) -> &str {
        if self.form == form { RefusalPanel::beside(self.refusal.as_ref(), field) } else { "" }
    }

    fn typed(&self, form: &str, field: &str) -> &str {
        if self.form == form { self.typed.text(field) } else { "" }
    }
}

async fn list(
    State(web): State<Web>,
    visit: Visit,
    Path(certificate): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    let typed = Posted::of_query(&query.unwrap_or_default());
    list_page(&web, &visit, certificate, typed, "", None).await
}

async fn list_page(
    web: &Web,
    visit: &Visit,
    certificate: i64,
    typed: Posted,
    form: &str,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, CertificateChanges { certificate }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let granted = |act| may(visit.caller.role(), act).is_some();
    let page = ListPage {
        page: Page::new(web, visit),
        trail: trail(&view.certificate),
        chosen: CertificateChangeKind::from_code(typed.text("kind")),
        request: typed.text("certificate_request").to_owned(),
        may_propose: granted(ActKind::ProposeCertificateChange),
        is_head: granted(ActKind::DeclineCertificateRequest),
        stands: view.certificate.state == rules::certificate::CertificateState::Valid,
        form: form.to_owned(),
        typed,
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// The kind that a form names.
fn kind(posted: &Posted, ground: rules::Ground) -> Result<CertificateChangeKind, Stop> {
    CertificateChangeKind::from_code(posted.text("kind"))
        .ok_or_else(|| Refusal::new(ground, "没有选择办理什么").remedy("请选择更正、补发等其中一项").at("kind").into())
}

/// The act that a form holds; its files are still to come.
fn read(certificate: i64, posted: &Posted) -> Result<ProposeCertificateChange, Stop> {
    let request = match posted.some("certificate_request") {
        Some(_) => Some(posted.int("certificate_request", "持证人的申请")?),
        None => None,
    };
    Ok(ProposeCertificateChange {
        certificate,
        kind: kind(posted, Clause::S3_3_6.into())?,
        reason: posted.text("reason").to_owned(),
        file: None,
        file_name: String::new(),
        name: posted.text("name").to_owned(),
        id_number: IdEntry::new(posted.text("id_number")),
        photo: None,
        certificate_request: request,
        kept: None,
        pictured: None,
    })
}

/// A file that was kept, and its name.
pub(crate) type Kept = (FileHash, String);

/// Keeps evidence and photo; either may be missing, which the rule then says.
pub(crate) fn keep(office: &crate::door::Office, posted: &Posted) -> Result<(Option<Kept>, Option<FileHash>), Stop> {
    let keep = |field: &str| -> Result<Option<Kept>, Stop> {
        let Some(file) = posted.files(field).next() else { return Ok(None) };
        let (hash, _) = office.files().keep(&file.bytes)?;
        Ok(Some((hash, file.name.clone())))
    };
    Ok((keep("file")?, keep("photo")?.map(|(hash, _)| hash)))
}

async fn propose(State(web): State<Web>, visit: Visit, Path(certificate): Path<i64>, posted: Posted) -> Response {
    let outcome = match read(certificate, &posted) {
        Ok(act) => {
            let (caller, own) = (visit.caller.clone(), posted.clone());
            let kept = web.work(move |office| {
                caller.granted(ProposeCertificateChange::KIND)?;
                keep(office, &own)
            });
            match kept.await {
                Ok((file, photo)) => web.act(&visit, posted.once(), act.with_files(file, photo)).await,
                Err(stop) => Err(stop),
            }
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(_) => done(&format!("/certificates/{certificate}/changes"), "已提出，由机构负责人核对依据后答复。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => list_page(&web, &visit, certificate, posted, "propose", Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn answer(
    State(web): State<Web>,
    visit: Visit,
    Path((certificate, certificate_change)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let (agreed, reason) = (posted.text("agreed") == "yes", posted.text("reason").to_owned());
    let act = AnswerCertificateChange { certificate, certificate_change, agreed, reason };
    match web.act(&visit, posted.once(), act).await {
        Ok(answered) => {
            let now = match (answered.state, answered.print_no) {
                (ProposalState::Agreed, no) => {
                    format!("。证书现为{}，第{no}版，查询结果同时更新", answered.certificate_state.name())
                }
                _ => String::new(),
            };
            done(&format!("/certificates/{certificate}/changes"), &format!("{}{now}。", answered.state.name()))
        }
        Err(stop) => beside(&web, &visit, (certificate, certificate_change), posted, stop).await,
    }
}

async fn decline(
    State(web): State<Web>,
    visit: Visit,
    Path((certificate, certificate_request)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let act = DeclineCertificateRequest { certificate, certificate_request, answer: posted.text("answer").to_owned() };
    match web.act(&visit, posted.once(), act).await {
        Ok(_) => done(&format!("/certificates/{certificate}/changes"), "已答复不予办理，持证人凭回执号可以看到理由。"),
        Err(stop) => beside(&web, &visit, (certificate, certificate_request), posted, stop).await,
    }
}

/// The page again, with the refusal beside the one of its forms that was sent.
async fn beside(web: &Web, visit: &Visit, (certificate, form): (i64, i64), posted: Posted, stop: Stop) -> Response {
    match refusal_in(stop) {
        Ok(mut refusal) => {
            refusal.field = refusal.field.map(|field| format!("{field}-{form}"));
            list_page(web, visit, certificate, posted, &form.to_string(), Some(refusal)).await
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

/// The evidence as it was uploaded.
async fn file(
    State(web): State<Web>,
    visit: Visit,
    Path((certificate, certificate_change)): Path<(i64, i64)>,
) -> Response {
    let made = web.look(&visit, CertificateChangeFile { certificate, certificate_change }).await;
    handed(&web, &visit, None, made.map(|file| (file.name, file.bytes)))
}

#[derive(Template)]
#[template(path = "certificate_change/views/ask.html")]
struct AskPage {
    page: Page,
    kinds: Vec<Choice>,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl AskPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn ask_form(State(web): State<Web>, visit: Visit) -> Response {
    ask_page(&web, &visit, Posted::default(), None)
}

fn ask_page(web: &Web, visit: &Visit, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    let asked = CertificateChangeKind::ALL.iter().filter(|kind| kind.may_be_asked());
    let label = |kind: &CertificateChangeKind| match kind {
        CertificateChangeKind::Correct => "更正：姓名、证件号码或照片有误",
        _ => "补发：证书遗失或损毁",
    };
    let kinds = asked.map(|kind| Choice::new(kind.code(), label(kind), typed.text("kind"))).collect();
    with_status(status_for(refusal.as_ref()), &AskPage { page: Page::new(web, visit), kinds, typed, refusal })
}

#[derive(Template)]
#[template(path = "certificate_change/views/asked.html")]
struct AskedPage {
    page: Page,
    asked: CertificateAsked,
}

/// The act that the public form holds.
fn read_ask(posted: &Posted) -> Result<AskCertificateChange, Stop> {
    Ok(AskCertificateChange {
        kind: kind(posted, REQUEST)?,
        name: posted.needed("name", "姓名")?,
        id_number: IdEntry::new(posted.needed("id_number", "证件号码")?),
        number: posted.needed("number", "证书编号")?,
        reason: posted.text("reason").to_owned(),
        contact: Contact::new(posted.text("contact")),
    })
}

async fn ask(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = match read_ask(&posted) {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(asked) => html(&AskedPage { page: Page::new(&web, &visit), asked }),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => ask_page(&web, &visit, posted, Some(refusal)),
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "certificate_change/views/receipt.html")]
struct ReceiptPage {
    page: Page,
    asked: String,
    found: Option<CertificateRequestStanding>,
    refusal: Option<RefusalPanel>,
}

async fn receipt(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let asked = asked(query.as_deref(), "receipt").unwrap_or_default();
    let mut page = ReceiptPage { page: Page::new(&web, &visit), asked: asked.clone(), found: None, refusal: None };
    if asked.is_empty() {
        return html(&page);
    }
    match web.work(move |office| super::receipt(office, CertificateRequestReceipt { request_receipt: asked })).await {
        Ok(found) => page.found = Some(found),
        Err(Stop::NotFound) => {
            let refusal = Refusal::new(REQUEST, "没有这个回执号")
                .remedy("请对照申请时给出的回执号填写，例如 BZ20260917-0001-K7MQ3FX9")
                .at("receipt");
            page.refusal = Some(RefusalView::from(&refusal).into());
        }
        Err(stop) => return stopped(&web, &visit, stop),
    }
    with_status(status_for(page.refusal.as_ref()), &page)
}
