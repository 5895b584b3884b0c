//! The versions of a batch's notice, the form that changes it, putting it off, and its centre's stop.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use rules::batch::BatchStage;
use rules::permission::ActKind;

use super::pages::{Changes, Filled, Form, at_the_form, notice, notice_page, tag};
use super::{
    BatchDetail, BatchVersions, BatchVersionsView, BatchView, ChangeBatch, EndBatch, LiftBatchStop, PostponeBatch,
    StopBatch, StopView, VersionKind,
};
use crate::door::Stop;
use crate::web::page::{Crumb, Page, RefusalPanel, batch_trail, done, html, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, stopped};

/// The pages of a batch's changes.
pub(super) fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/versions", get(versions))
        .route("/batches/{batch}/change", get(change_form).post(change))
        .route("/batches/{batch}/postponement", get(postpone_form).post(postpone))
        .route("/batches/{batch}/stop", get(stop_form).post(stop))
}

#[derive(Template)]
#[template(path = "batch/views/versions.html")]
struct VersionsPage {
    page: Page,
    trail: Vec<Crumb>,
    stage_kind: &'static str,
    view: BatchVersionsView,
}

async fn versions(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    match web.look(&visit, BatchVersions { batch }).await {
        Ok(view) => html(&VersionsPage {
            page: Page::new(&web, &visit),
            trail: batch_trail(batch, &view.title),
            stage_kind: tag(view.stage),
            view,
        }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

async fn change_form(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    change_page(&web, &visit, batch, None, None).await
}

/// The form with what holds, or with what was typed and the reason for it.
async fn change_page(
    web: &Web,
    visit: &Visit,
    batch: i64,
    typed: Option<(Form, String)>,
    refusal: Option<RefusalPanel>,
) -> Response {
    if visit.caller.is_signed_in() && !visit.caller.role().sits_in_body() {
        return stopped(web, visit, Stop::NotGranted);
    }
    let (view, versions) =
        match (web.look(visit, BatchDetail { batch }).await, web.look(visit, BatchVersions { batch }).await) {
            (Ok(view), Ok(versions)) => (view, versions),
            (Err(stop), _) | (_, Err(stop)) => return stopped(web, visit, stop),
        };
    let (form, reason) = typed.unwrap_or_else(|| (Form::of(&view), String::new()));
    let changes = Changes {
        batch,
        title: format!("{}，{}{}", view.title, view.trade, view.level_name),
        reason,
        is_postponed: view.stage == BatchStage::Postponed,
        registered: view.counts.registered,
        has_file: view.plan_file.is_some(),
        rules: versions.rules,
    };
    let trail = batch_trail(batch, &view.title);
    notice_page(web, visit, Filled::Typed(form), Some((changes, trail)), refusal).await
}

async fn change(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let (form, reason, once) = (Form::typed(&posted), posted.text("reason").to_owned(), posted.once());
    let told = async {
        let mut notice = notice(&web, &visit, ActKind::ChangeBatch, posted).await?;
        if notice.plan_file.is_none() {
            notice.plan_file = web.look(&visit, BatchDetail { batch }).await?.plan_file;
        }
        web.act(&visit, once, ChangeBatch { batch, notice, reason: reason.clone() }).await
    };
    match told.await {
        Ok(changed) => {
            let again = if changed.counted_again { "，十个工作日从今天起重新计算" } else { "" };
            done(&format!("/batches/{batch}/versions"), &format!("变更已通报，主管中心已收到{again}。"))
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let refusal = at_the_form(refusal, &form);
                change_page(&web, &visit, batch, Some((form, reason)), Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "batch/views/postpone.html")]
struct PostponePage {
    page: Page,
    trail: Vec<Crumb>,
    view: BatchView,
    reason: String,
    refusal: Option<RefusalPanel>,
}

impl PostponePage {
    fn wrong(&self) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), "reason")
    }
}

async fn postpone_form(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    postpone_page(&web, &visit, batch, String::new(), None).await
}

async fn postpone_page(
    web: &Web,
    visit: &Visit,
    batch: i64,
    reason: String,
    refusal: Option<RefusalPanel>,
) -> Response {
    match web.look(visit, BatchDetail { batch }).await {
        Ok(_) if !visit.caller.role().sits_in_body() => stopped(web, visit, Stop::NotGranted),
        Ok(view) => with_status(
            status_for(refusal.as_ref()),
            &PostponePage {
                page: Page::new(web, visit),
                trail: batch_trail(batch, &view.title),
                view,
                reason,
                refusal,
            },
        ),
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn postpone(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let reason = posted.text("reason").to_owned();
    match web.act(&visit, posted.once(), PostponeBatch { batch, reason: reason.clone() }).await {
        Ok(_) => done(&format!("/batches/{batch}"), "批次已推迟，考生都保留，主管中心已收到。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => postpone_page(&web, &visit, batch, reason, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "batch/views/stop.html")]
struct StopPage {
    page: Page,
    trail: Vec<Crumb>,
    view: BatchView,
    /// The stop that stands.
    stop: Option<StopView>,
    is_in_charge: bool,
    may_end: bool,
    reason: String,
    refusal: Option<RefusalPanel>,
}

impl StopPage {
    fn wrong(&self) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), "reason")
    }
}

async fn stop_form(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    stop_page(&web, &visit, batch, String::new(), None).await
}

async fn stop_page(web: &Web, visit: &Visit, batch: i64, reason: String, refusal: Option<RefusalPanel>) -> Response {
    let view = match web.look(visit, BatchDetail { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let is_in_charge = visit.caller.office() == Some(view.centre.as_str());
    let stop = view.stop.clone().filter(|stop| stop.lifted_on.is_none());
    if stop.is_none() && !is_in_charge {
        return stopped(web, visit, Stop::NotGranted);
    }
    let page = StopPage {
        page: Page::new(web, visit),
        trail: batch_trail(batch, &view.title),
        is_in_charge,
        may_end: rules::batch::stop::end(view.stage, stop.as_ref().map(|stop| stop.stopped_on)).is_ok(),
        stop,
        view,
        reason,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn stop(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let (reason, once) = (posted.text("reason").to_owned(), posted.once());
    let said = reason.clone();
    let (outcome, told) = match posted.text("do") {
        "lift" => (web.act(&visit, once, LiftBatchStop { batch, reason: said }).await, "叫停已解除，机构已收到。"),
        "end" => (web.act(&visit, once, EndBatch { batch, reason: said }).await, "批次已终止，机构已收到。"),
        _ => (web.act(&visit, once, StopBatch { batch, reason: said }).await, "批次已叫停，机构已收到。"),
    };
    match outcome {
        Ok(_) => done(&format!("/batches/{batch}"), told),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => stop_page(&web, &visit, batch, reason, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}
