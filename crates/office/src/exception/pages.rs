//! The exceptions of a batch: put forward by the body out of an upload's findings, decided by the centre one by one.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::Day;
use rules::candidate::ExceptionState;
use rules::permission::{ActKind, may};

use super::{DecideException, ExceptionFile, Exceptions, ExceptionsView, ProposeException};
use crate::door::{Act, Stop};
use crate::web::page::{
    Crumb, Page, RefusalPanel, batch_trail, done, handed, long_day, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/exceptions", get(list).post(propose))
        .route("/batches/{batch}/exceptions/{exception}/decision", post(decide))
        .route("/batches/{batch}/exceptions/{exception}/file", get(file))
}

fn day(day: &Day) -> String {
    long_day(*day)
}

/// The colour of an exception's tag.
fn state_kind(state: &ExceptionState) -> &'static str {
    match state {
        ExceptionState::Open => "warn",
        ExceptionState::Granted => "ok",
        ExceptionState::Refused => "danger",
    }
}

#[derive(Template)]
#[template(path = "exception/views/list.html")]
struct ListPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ExceptionsView,
    may_propose: bool,
    may_decide: bool,
    typed: Posted,
    /// The form that was refused: `propose`, or the exception's.
    form: String,
    refusal: Option<RefusalPanel>,
}

impl ListPage {
    fn wrong(&self, field: &str) -> &str {
        if self.form == "propose" { RefusalPanel::beside(self.refusal.as_ref(), field) } else { "" }
    }

    fn typed(&self, form: &str, field: &str) -> &str {
        if self.form == form { self.typed.text(field) } else { "" }
    }

    /// Whether the form to put somebody forward is shown: from a row of an upload.
    fn names_a_row(&self) -> bool {
        self.may_propose && !self.typed.text("upload").is_empty()
    }
}

async fn list(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    let typed = Posted::of_query(&query.unwrap_or_default());
    list_page(&web, &visit, batch, ("propose", typed), None).await
}

async fn list_page(
    web: &Web,
    visit: &Visit,
    batch: i64,
    (form, typed): (&str, Posted),
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, Exceptions { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let granted = |act| may(visit.caller.role(), act).is_some();
    let mut trail = batch_trail(batch, &view.title);
    trail.push(Crumb::new(format!("/batches/{batch}/roster"), "名册与照片"));
    let page = ListPage {
        page: Page::new(web, visit),
        trail,
        may_propose: granted(ActKind::ProposeException),
        may_decide: granted(ActKind::DecideException),
        view,
        typed,
        form: form.to_owned(),
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn propose(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let read = || {
        let row = u32::try_from(posted.int("row", "行号")?).unwrap_or_default();
        Ok::<_, Stop>((posted.int("upload", "导入")?, posted.text("sheet").to_owned(), row))
    };
    let outcome = match read() {
        Ok((upload, sheet, row)) => {
            let (caller, own) = (visit.caller.clone(), posted.clone());
            let kept = web.work(move |office| {
                caller.granted(ProposeException::KIND)?;
                let Some(file) = own.files("file").next() else { return Ok(None) };
                Ok(Some((office.files().keep(&file.bytes)?.0, file.name.clone())))
            });
            match kept.await {
                Ok(kept) => {
                    let (file, name) = kept.unzip();
                    let (reason, file_name) = (posted.text("reason").to_owned(), name.unwrap_or_default());
                    let act = ProposeException { batch, upload, sheet, row, reason, file, file_name, read: None };
                    web.act(&visit, posted.once(), act).await
                }
                Err(stop) => Err(stop),
            }
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(_) => done(&format!("/batches/{batch}/exceptions"), "已提出，由主管中心逐人决定；其他考生照常进行。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => list_page(&web, &visit, batch, ("propose", posted), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn decide(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, exception)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let (granted, reason) = (posted.text("granted") == "yes", posted.text("reason").to_owned());
    match web.act(&visit, posted.once(), DecideException { batch, exception, granted, reason }).await {
        Ok(decided) => {
            let more = if decided.candidate.is_some() { "，该人员已列入考生" } else { "" };
            done(&format!("/batches/{batch}/exceptions"), &format!("{}{more}。", decided.state.name()))
        }
        Err(stop) => match refusal_in(stop) {
            Ok(mut refusal) => {
                refusal.field = refusal.field.map(|_| format!("reason-{exception}"));
                list_page(&web, &visit, batch, (&exception.to_string(), posted), Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The evidence as it was uploaded.
async fn file(State(web): State<Web>, visit: Visit, Path((batch, exception)): Path<(i64, i64)>) -> Response {
    let made = web.look(&visit, ExceptionFile { batch, exception }).await;
    handed(&web, &visit, None, made.map(|file| (file.name, file.bytes)))
}
