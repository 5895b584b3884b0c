//! The form for number and name, the form for the code, the own page with its two files; for the school the codes to hand out.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use rules::Day;
use rules::delivery::Channel;
use rules::people::Role;

use super::{
    AskOwnCode, EnterOwnPage, IssueOwnCodes, LeaveOwnPage, OwnCertificate, OwnCodeLine, OwnCodePerson, OwnCodes,
    OwnCodesView, OwnEntry, OwnPage, OwnPageView, OwnTicket,
};
use crate::badge::{self, BadgeForm};
use crate::door::Stop;
use crate::marks::pages::{page_asked, paged, verdict_kind};
use crate::web::api::{Registry, file_operation};
use crate::web::page::{
    Crumb, Page, Paging, RefusalPanel, asked, batch_trail, done, download, long_day, not_done, refusal_in, status_for,
    with_status,
};
use crate::web::session::{begin_own, end_own};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/me", get(own))
        .route("/me/codes", post(ask))
        .route("/me/session", get(enter_form).post(enter))
        .route("/me/departure", post(leave))
        .route("/me/candidacies/{candidate}/ticket.pdf", get(ticket))
        .route("/me/certificates/{certificate}/certificate.pdf", get(certificate))
        .route("/me/certificates/{certificate}/credential/{form}", get(credential))
        .route("/batches/{batch}/own-codes", get(codes).post(issue))
}

/// The two files under `/api`.
pub(super) fn api(registry: Registry) -> Registry {
    const PDF: &str = "application/pdf";
    registry
        .other(
            Method::GET,
            "/me/candidacies/{candidate}/ticket",
            file_operation("me", ("OwnTicketDocument", "考生本人的准考证，下载留痕"), &["candidate"], PDF),
            get(ticket),
        )
        .other(
            Method::GET,
            "/me/certificates/{certificate}/document",
            file_operation("me", ("OwnCertificateDocument", "考生本人的证书，下载留痕"), &["certificate"], PDF),
            get(certificate),
        )
        .other(
            Method::GET,
            "/me/certificates/{certificate}/credential/{form}",
            badge::operation("me", ("OwnCertificateCredential", "考生本人的电子证书，下载留痕")),
            get(credential),
        )
}

#[derive(Template)]
#[template(path = "candidate/views/ask.html")]
struct AskPage {
    page: Page,
    typed: Posted,
    /// Whether a code can be sent.
    has_sms: bool,
    expired: bool,
    refusal: Option<RefusalPanel>,
}

impl AskPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

fn ask_page(web: &Web, visit: &Visit, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    let has_sms = web.office.channels().has(Channel::Sms);
    let (page, expired) = (Page::new(web, visit), visit.expired);
    with_status(status_for(refusal.as_ref()), &AskPage { page, typed, has_sms, expired, refusal })
}

#[derive(Template)]
#[template(path = "candidate/views/own.html")]
struct OwnViewPage {
    page: Page,
    view: OwnPageView,
    /// What to bring and to mind, for whoever has an examination to come.
    rules: &'static [&'static str],
}

fn day(day: &Day) -> String {
    long_day(*day)
}

fn certificate_kind(state: &rules::certificate::CertificateState) -> &'static str {
    if *state == rules::certificate::CertificateState::Valid { "ok" } else { "danger" }
}

async fn own(State(web): State<Web>, visit: Visit) -> Response {
    if visit.caller.role() != Role::Candidate {
        return ask_page(&web, &visit, Posted::default(), None);
    }
    match web.look(&visit, OwnPage {}).await {
        Ok(view) => {
            // Who has no result has an examination to come.
            let is_to_come = view.candidacies.iter().any(|one| one.marks.is_empty());
            let rules: &[_] = if is_to_come { crate::arrangement::TICKET_RULES } else { &[] };
            html(&OwnViewPage { page: Page::new(&web, &visit), view, rules })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "candidate/views/code.html")]
struct CodePage {
    page: Page,
    /// Name and number of who asked for a code, sealed, so that they travel in no address and stand on no page; without them
    /// both are typed beside the code.
    person: Option<String>,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

fn code_page(
    web: &Web,
    visit: &Visit,
    (person, typed): (Option<String>, Posted),
    refusal: Option<RefusalPanel>,
) -> Response {
    with_status(status_for(refusal.as_ref()), &CodePage { page: Page::new(web, visit), person, typed, refusal })
}

async fn enter_form(State(web): State<Web>, visit: Visit) -> Response {
    code_page(&web, &visit, (None, Posted::default()), None)
}

impl CodePage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

/// Name and number on their way from one form to the next.
#[derive(serde::Serialize, serde::Deserialize)]
struct Sealed {
    name: String,
    id_number: String,
    /// Until when, milliseconds since 1970.
    until: i64,
}

/// How long the second form is good, in milliseconds: longer than the code.
const FORM_MS: i64 = 30 * 60_000;

async fn ask(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let read = (|| {
        let (name, number) = (posted.needed("name", "姓名")?, posted.needed("id_number", "证件号码")?);
        Ok::<_, Stop>((name.chars().take(100).collect::<String>(), number.chars().take(100).collect::<String>()))
    })();
    let outcome = match read {
        Ok((name, id_number)) => {
            let act = AskOwnCode { name: OwnEntry::new(&name), id_number: OwnEntry::new(&id_number) };
            web.act(&visit, posted.once(), act).await.map(|_| (name, id_number))
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok((name, id_number)) => {
            let sealed = Sealed { name, id_number, until: web.office.now() + FORM_MS };
            let person = web.office.seals().seal(&serde_json::to_string(&sealed).unwrap_or_default());
            code_page(&web, &visit, (Some(person), Posted::default()), None)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => ask_page(&web, &visit, posted, Some(refusal)),
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn enter(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let sealed = posted.some("person");
    let opened = sealed.as_ref().and_then(|sealed| {
        let text = web.office.seals().open_text(sealed)?;
        serde_json::from_str::<Sealed>(&text).ok().filter(|sealed| web.office.now() < sealed.until)
    });
    let read = || {
        let (name, id_number) = match &opened {
            Some(person) => (person.name.clone(), person.id_number.clone()),
            None => (posted.needed("name", "姓名")?, posted.needed("id_number", "证件号码")?),
        };
        let code = posted.needed("code", "验证码或查询码")?;
        Ok::<_, Stop>(EnterOwnPage {
            name: OwnEntry::new(name),
            id_number: OwnEntry::new(id_number),
            code: OwnEntry::new(code),
        })
    };
    let outcome = match read() {
        Ok(act) => web.act(&visit, None, act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(entered) => {
            let mut response = Redirect::to("/me").into_response();
            response.headers_mut().append(header::SET_COOKIE, begin_own(&web, &entered.token));
            response
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => code_page(&web, &visit, (sealed.filter(|_| opened.is_some()), posted), Some(refusal)),
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn leave(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = web.act(&visit, posted.once(), LeaveOwnPage {}).await;
    match outcome {
        Ok(_) | Err(Stop::SignInFirst) => {
            let mut response = done("/me", "已退出。在别人的手机或公用电脑上，请再关闭浏览器。");
            response.headers_mut().append(header::SET_COOKIE, end_own());
            response
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// Whoever has not shown to be the candidate is asked to.
pub(crate) fn not_own(web: &Web, visit: &Visit, stop: Stop) -> Response {
    match stop {
        Stop::SignInFirst | Stop::NotGranted if visit.caller.via() == crate::door::Via::Web => {
            Redirect::to("/me").into_response()
        }
        stop => not_done(web, visit, stop),
    }
}

async fn ticket(State(web): State<Web>, visit: Visit, Path(candidate): Path<i64>) -> Response {
    let view = match web.look(&visit, OwnTicket { candidate }).await {
        Ok(view) => view,
        Err(stop) => return not_own(&web, &visit, stop),
    };
    crate::arrangement::ticket_of(&web, &visit, view).await
}

async fn certificate(State(web): State<Web>, visit: Visit, Path(certificate): Path<i64>) -> Response {
    let face = match web.look(&visit, OwnCertificate { certificate }).await {
        Ok(face) => face,
        Err(stop) => return not_own(&web, &visit, stop),
    };
    let (name, public_url) = (format!("{}.pdf", face.number), web.settings.public_url.clone());
    match web.print(move |office| crate::certificate::set(office, &public_url, &face)).await {
        Ok(pdf) => download("application/pdf", &name, pdf),
        Err(stop) => not_own(&web, &visit, stop),
    }
}

async fn credential(State(web): State<Web>, visit: Visit, Path((certificate, form)): Path<(i64, String)>) -> Response {
    let Some(form) = BadgeForm::from_code(&form) else { return not_own(&web, &visit, Stop::NotFound) };
    let made = async { badge::download_of(&web, web.look(&visit, OwnCertificate { certificate }).await?, form).await };
    made.await.unwrap_or_else(|stop| not_own(&web, &visit, stop))
}

#[derive(Template)]
#[template(path = "candidate/views/codes.html")]
struct CodesPage {
    page: Page,
    trail: Vec<Crumb>,
    view: OwnCodesView,
    codes: Vec<OwnCodeLine>,
    persons: Vec<OwnCodePerson>,
    /// The way through the codes, and through everyone who may be handed one.
    codes_paging: Paging,
    paging: Paging,
    /// Who was chosen before the form was refused.
    chosen: Vec<String>,
    refusal: Option<RefusalPanel>,
}

impl CodesPage {
    fn is_chosen(&self, candidate: &i64) -> bool {
        self.chosen.iter().any(|one| one.parse() == Ok(*candidate))
    }
}

async fn codes(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    codes_page(&web, &visit, (batch, query.as_deref()), Vec::new(), None).await
}

async fn codes_page(
    web: &Web,
    visit: &Visit,
    (batch, query): (i64, Option<&str>),
    chosen: Vec<String>,
    refusal: Option<RefusalPanel>,
) -> Response {
    match web.look(visit, OwnCodes { batch }).await {
        Ok(mut view) => {
            let number = page_asked(query);
            let of_codes = asked(query, "codes").and_then(|page| page.parse().ok()).unwrap_or(0);
            let (codes, persons) = (std::mem::take(&mut view.codes), std::mem::take(&mut view.persons));
            let (codes, codes_paging) = paged(codes, of_codes, |page| format!("?codes={page}&page={number}#codes"));
            let (persons, paging) = paged(persons, number, |page| format!("?codes={of_codes}&page={page}#candidate"));
            let mut trail = batch_trail(batch, &view.title);
            trail.push(Crumb::new(format!("/batches/{batch}/roster"), "名册与照片"));
            let page = Page::new(web, visit);
            let status = status_for(refusal.as_ref());
            let shown = CodesPage { page, trail, view, codes, persons, codes_paging, paging, chosen, refusal };
            with_status(status, &shown)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn issue(
    State(web): State<Web>,
    visit: Visit,
    Path(batch): Path<i64>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Response {
    let candidates = match posted.text("whom") {
        "chosen" => Some(posted.all("candidate").iter().filter_map(|id| id.parse().ok()).collect()),
        _ => None,
    };
    match web.act(&visit, posted.once(), IssueOwnCodes { batch, candidates }).await {
        Ok(made) => {
            let said = format!("已发放{}个查询码，以前发的同时作废；重新打印准考证即印上。", made.issued);
            done(&format!("/batches/{batch}/own-codes"), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let chosen = posted.all("candidate").into_iter().map(str::to_owned).collect();
                codes_page(&web, &visit, (batch, query.as_deref()), chosen, Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}
