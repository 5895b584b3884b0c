//! The holder's links, and the page behind one.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::response::Response;
use axum::routing::{get, post};
use rules::Day;
use rules::certificate::CertificateState;
use rules::share::ShareField;

use super::{CertificateShared, EndShare, OwnShares, OwnSharesView, SeeShare, ShareCertificate, SharedView};
use crate::candidate::{OwnEntry, not_own};
use crate::door::{Caller, Via};
use crate::web::page::{Choice, Page, RefusalPanel, done, long_day, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/me/certificates/{certificate}/shares", get(own).post(share))
        .route("/me/certificates/{certificate}/shares/{share}/end", post(end))
        .route("/s/{token}", get(shared))
}

#[derive(Template)]
#[template(path = "share/views/own.html")]
struct OwnPage {
    page: Page,
    view: OwnSharesView,
    /// The address that was just made; it is shown once.
    made: Option<String>,
    fields: Vec<Choice>,
    days: String,
    days_hint: String,
    refusal: Option<RefusalPanel>,
}

impl OwnPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

/// What a link shows in full, in words.
fn shown(fields: &std::collections::BTreeSet<ShareField>) -> String {
    match fields.is_empty() {
        true => "只有职业、等级、机构和状态".into(),
        false => fields.iter().map(|field| field.name()).collect::<Vec<_>>().join("、"),
    }
}

/// What is chosen where nothing was typed.
const USUAL: [&str; 2] = ["name", "number"];
const USUAL_DAYS: &str = "30";

async fn own(State(web): State<Web>, visit: Visit, Path(certificate): Path<i64>) -> Response {
    own_page(&web, &visit, certificate, None, Ok(None)).await
}

/// The links with the form, and with what came of it: an address, or a refusal with what was typed.
async fn own_page(
    web: &Web,
    visit: &Visit,
    certificate: i64,
    typed: Option<&Posted>,
    outcome: Result<Option<CertificateShared>, RefusalPanel>,
) -> Response {
    let view = match web.look(visit, OwnShares { certificate }).await {
        Ok(view) => view,
        Err(stop) => return not_own(web, visit, stop),
    };
    let chosen = typed.map_or(USUAL.to_vec(), |posted| posted.all("fields"));
    let fields = ShareField::ALL.iter().map(|field| Choice {
        value: field.code().into(),
        label: field.name().into(),
        chosen: chosen.contains(&field.code()),
    });
    let (made, refusal) = match outcome {
        Ok(made) => (made.map(|made| format!("{}/s/{}", web.settings.public_url, made.token)), None),
        Err(refusal) => (None, Some(refusal)),
    };
    let page = OwnPage {
        page: Page::new(web, visit),
        made,
        fields: fields.collect(),
        days: typed.map_or(USUAL_DAYS, |posted| posted.text("days")).to_owned(),
        days_hint: format!("1 至 {} 天", view.days_max),
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn share(State(web): State<Web>, visit: Visit, Path(certificate): Path<i64>, posted: Posted) -> Response {
    let made = async {
        let fields = posted.all("fields").into_iter().filter_map(ShareField::from_code).collect();
        let days = posted.int("days", "有效天数")?;
        web.act(&visit, posted.once(), ShareCertificate { certificate, fields, days }).await
    };
    match made.await {
        Ok(made) => own_page(&web, &visit, certificate, None, Ok(Some(made))).await,
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => own_page(&web, &visit, certificate, Some(&posted), Err(refusal)).await,
            Err(stop) => not_own(&web, &visit, stop),
        },
    }
}

async fn end(
    State(web): State<Web>,
    visit: Visit,
    Path((certificate, share)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    match web.act(&visit, posted.once(), EndShare { certificate, share }).await {
        Ok(_) => done(&format!("/me/certificates/{certificate}/shares"), "链接已停用，打不开了。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => own_page(&web, &visit, certificate, None, Err(refusal)).await,
            Err(stop) => not_own(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "share/views/shared.html")]
struct SharedPage {
    page: Page,
    view: SharedView,
    stands: bool,
}

fn day(day: &Day) -> String {
    long_day(*day)
}

async fn shared(State(web): State<Web>, visit: Visit, Path(token): Path<String>) -> Response {
    // Whoever opens it does so as anybody, also where somebody has signed in at the same browser.
    let seen = SeeShare { token: OwnEntry::new(token) };
    let mut response = match web.work(move |office| office.act(&Caller::public(Via::Web), seen)).await {
        Ok(view) => {
            let stands = view.state == CertificateState::Valid;
            html(&SharedPage { page: Page::new(&web, &visit), view, stands })
        }
        Err(stop) => stopped(&web, &visit, stop),
    };
    response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow, noarchive"));
    response
}
