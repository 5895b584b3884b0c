//! Whose keys were replaced, and the keys of one body, where the provincial centre gives the next one and a lost one is reported.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;

use super::{KeyBearers, KeyBearersView, PAGE, ReportLostKey, RotateKey, SigningKeys, SigningKeysView};
use crate::door::Stop;
use crate::web::page::{
    Choice, Crumb, Page, Paging, RefusalPanel, asked, done, plain_day, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/signing-keys", get(list))
        .route("/bodies/{body}/signing-keys", get(one).post(rotate))
        .route("/bodies/{body}/signing-keys/loss", get(loss).post(report))
}

#[derive(Template)]
#[template(path = "signing_key/views/list.html")]
struct ListPage {
    page: Page,
    view: KeyBearersView,
    of: String,
    paging: Paging,
}

async fn list(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let of = asked(query.as_deref(), "of").unwrap_or_default();
    let page = asked(query.as_deref(), "page").and_then(|page| page.parse().ok());
    match web.look(&visit, KeyBearers { of: Some(of.clone()), page }).await {
        Ok(view) => {
            let address = |page| {
                let query = form_urlencoded::Serializer::new(String::new()).append_pair("of", &of).finish();
                format!("/signing-keys?{query}&page={page}")
            };
            let paging = Paging::new(view.page, PAGE, view.total, address);
            html(&ListPage { page: Page::new(&web, &visit), view, of, paging })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "signing_key/views/one.html")]
struct OnePage {
    page: Page,
    trail: Vec<Crumb>,
    view: SigningKeysView,
    generations: Vec<Choice>,
    typed: Posted,
    refusal: Option<RefusalPanel>,
    /// Whether it is the page on which a loss is reported.
    of_loss: bool,
}

impl OnePage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn one(State(web): State<Web>, visit: Visit, Path(body): Path<i64>) -> Response {
    one_page(&web, &visit, body, Posted::default(), None, false).await
}

async fn loss(State(web): State<Web>, visit: Visit, Path(body): Path<i64>) -> Response {
    one_page(&web, &visit, body, Posted::default(), None, true).await
}

async fn one_page(
    web: &Web,
    visit: &Visit,
    body: i64,
    typed: Posted,
    refusal: Option<RefusalPanel>,
    of_loss: bool,
) -> Response {
    let view = match web.look(visit, SigningKeys { body }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let chosen = typed.some("generation").unwrap_or_else(|| {
        view.keys.iter().find(|key| key.signs).map(|key| key.generation.to_string()).unwrap_or_default()
    });
    let good = view.keys.iter().filter(|key| key.lost_on.is_none());
    let generations = good
        .map(|key| Choice::new(key.generation.to_string(), format!("第{}代（{}）", key.generation, key.key), &chosen));
    let mut trail = vec![Crumb::new("/certificates", "证书"), Crumb::new("/signing-keys", "签名密钥")];
    if of_loss {
        trail.push(Crumb::new(format!("/bodies/{body}/signing-keys"), view.name.clone()));
    }
    let page = OnePage {
        page: Page::new(web, visit),
        trail,
        generations: generations.collect(),
        view,
        typed,
        refusal,
        of_loss,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn rotate(State(web): State<Web>, visit: Visit, Path(body): Path<i64>, posted: Posted) -> Response {
    let read =
        || Ok(RotateKey { body, from: posted.day("from", "启用日期")?, reason: posted.text("reason").to_owned() });
    let outcome = match read() {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    let said = outcome.map(|given| format!("第{}代密钥将于 {} 启用。", given.generation, plain_day(given.from)));
    answered(&web, &visit, body, posted, said, false).await
}

async fn report(State(web): State<Web>, visit: Visit, Path(body): Path<i64>, posted: Posted) -> Response {
    let read = || {
        let on = if posted.text("on").is_empty() { None } else { Some(posted.day("on", "日期")?) };
        Ok(ReportLostKey {
            body,
            generation: posted.int("generation", "密钥")?,
            on,
            time: posted.some("time"),
            confirm: posted.text("confirm").to_owned(),
            reason: posted.text("reason").to_owned(),
        })
    };
    let outcome = match read() {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    let said = outcome.map(|given| {
        format!(
            "已报失，第{}代密钥即时接替。原密钥签过 {} 份证书，其中 {} 份在此之后颁发，须重新打印或下载。",
            given.generation, given.signed, given.doubtful
        )
    });
    answered(&web, &visit, body, posted, said, true).await
}

async fn answered(
    web: &Web,
    visit: &Visit,
    body: i64,
    posted: Posted,
    outcome: Result<String, Stop>,
    of_loss: bool,
) -> Response {
    match outcome {
        Ok(said) => done(&format!("/bodies/{body}/signing-keys"), &said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => one_page(web, visit, body, posted, Some(refusal), of_loss).await,
            Err(stop) => stopped(web, visit, stop),
        },
    }
}
