//! The stamp that a body's certificates bear: what holds, what was, the form that proposes and the one that answers.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::permission::ActKind;
use rules::proposal::ProposalState;
use rules::terms::{STAMP_DOTS, STAMP_MM_MAX, STAMP_MM_MIN};

use super::{AnswerStamp, ProposeStamp, StampPicture, Stamps, StampsView};
use crate::door::{Office, Stop};
use crate::web::page::{
    Crumb, Page, RefusalPanel, done, handed, plain_day, proposal_kind, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, stopped};

/// Where a body's own stamp is.
const OWN: &str = "/certificates/stamp";

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/certificates/stamp", get(own).post(propose))
        .route("/bodies/{body}/certificates/stamp", get(of_body))
        .route("/bodies/{body}/certificates/stamps/{stamp}/answer", post(answer))
        .route("/bodies/{body}/certificates/stamps/{stamp}/picture", get(picture))
}

#[derive(Template)]
#[template(path = "stamp/views/stamp.html")]
struct StampPage {
    page: Page,
    trail: Vec<Crumb>,
    view: StampsView,
    is_own: bool,
    may_propose: bool,
    may_answer: bool,
    is_open: bool,
    /// What the form wants, in words.
    wanted: String,
    /// As typed, or tomorrow.
    from_on: String,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl StampPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    fn typed(&self, field: &str) -> &str {
        self.typed.text(field)
    }
}

async fn own(State(web): State<Web>, visit: Visit) -> Response {
    let Some(body) = visit.caller.body() else {
        return stopped(&web, &visit, if visit.caller.is_signed_in() { Stop::NotGranted } else { Stop::SignInFirst });
    };
    show(&web, &visit, body, Posted::default(), None).await
}

async fn of_body(State(web): State<Web>, visit: Visit, Path(body): Path<i64>) -> Response {
    show(&web, &visit, body, Posted::default(), None).await
}

async fn show(web: &Web, visit: &Visit, body: i64, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    let view = match web.look(visit, Stamps { body }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let is_own = visit.caller.body() == Some(body);
    let is_open = view.stamps.iter().any(|line| line.state == ProposalState::Proposed);
    let tomorrow = web.office.today().tomorrow().unwrap_or(web.office.today());
    let page = StampPage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/certificates", "证书")],
        is_own,
        may_propose: is_own && visit.caller.granted(ActKind::ProposeStamp).is_ok(),
        may_answer: visit.caller.granted(ActKind::AnswerStamp).is_ok(),
        is_open,
        wanted: format!(
            "PNG，圆形红色，白底或透明底，{STAMP_DOTS} dpi，直径 {STAMP_MM_MIN} 至 {STAMP_MM_MAX} 毫米（40 毫米是 472 像素）；停用的不选文件"
        ),
        from_on: typed.some("from_on").unwrap_or_else(|| tomorrow.to_string()),
        view,
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn propose(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let Some(body) = visit.caller.body() else { return stopped(&web, &visit, Stop::NotGranted) };
    let outcome = async {
        let from_on = posted.day("from_on", "启用日期")?;
        let ends = posted.text("do") == "end";
        let mut file = None;
        if !ends {
            let (posted, caller) = (posted.clone(), visit.caller.clone());
            let keep =
                move |office: &Office| posted.keep_file(office, (&caller, ActKind::ProposeStamp), ("file", "印章图片"));
            file = Some(web.work(keep).await?.0);
        }
        let act = ProposeStamp { file, from_on, reason: posted.text("reason").to_owned(), prepared: None };
        web.act(&visit, posted.once(), act).await
    };
    match outcome.await {
        Ok(_) => done(OWN, "已提出，主管中心核对后答复。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => show(&web, &visit, body, posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn answer(
    State(web): State<Web>,
    visit: Visit,
    Path((body, stamp)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let act = AnswerStamp {
        body,
        stamp,
        agreed: posted.text("agreed") == "yes",
        reason: posted.text("objection").to_owned(),
    };
    match web.act(&visit, posted.once(), act).await {
        Ok(answered) => {
            let said = match answered.state {
                ProposalState::Agreed => format!("已同意，{}起印在证书上。", plain_day(answered.from_on)),
                state => format!("{}。", state.name()),
            };
            let own = visit.caller.body() == Some(body);
            done(&if own { OWN.to_owned() } else { super::page(body) }, &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(mut refusal) => {
                refusal.field = refusal.field.map(|_| "objection".to_owned());
                show(&web, &visit, body, posted, Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn picture(State(web): State<Web>, visit: Visit, Path((body, stamp)): Path<(i64, i64)>) -> Response {
    let made = web.look(&visit, StampPicture { body, stamp }).await;
    handed(&web, &visit, Some("image/png"), made.map(|file| (file.name, file.bytes)))
}
