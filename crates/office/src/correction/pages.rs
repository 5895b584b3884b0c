//! The form for a correction of one candidate, and the corrections of a batch with their answers.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::Day;
use rules::identity::Sex;
use rules::permission::{ActKind, may};
use rules::proposal::ProposalState;

use super::{
    AnswerCandidateChange, CandidateChangeFile, CandidateChanges, CandidateChangesView, ProposeCandidateChange,
};
use crate::amendment::IdEntry;
use crate::candidate::OwnEntry;
use crate::certificate_change::keep;
use crate::door::{Act, Stop};
use crate::roster::{CandidateDetail, CandidateView};
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, asked, batch_trail, done, handed, long_day, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/candidate-changes", get(list))
        .route("/candidates/{candidate}/changes", get(form).post(propose))
        .route("/candidates/{candidate}/changes/{candidate_change}/answer", post(answer))
        .route("/candidates/{candidate}/changes/{candidate_change}/file", get(file))
}

fn trail(batch: i64, title: &str) -> Vec<Crumb> {
    let mut trail = batch_trail(batch, title);
    trail.push(Crumb::new(format!("/batches/{batch}/roster"), "名册与照片"));
    trail
}

fn day(day: &Day) -> String {
    long_day(*day)
}

#[derive(Template)]
#[template(path = "correction/views/list.html")]
struct ListPage {
    page: Page,
    trail: Vec<Crumb>,
    view: CandidateChangesView,
    may_answer: bool,
    typed: Posted,
    /// The correction whose form was refused.
    form: i64,
    refusal: Option<RefusalPanel>,
}

impl ListPage {
    fn typed(&self, form: &i64) -> &str {
        if self.form == *form { self.typed.text("reason") } else { "" }
    }
}

async fn list(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    list_page(&web, &visit, batch, (0, Posted::default()), None).await
}

async fn list_page(
    web: &Web,
    visit: &Visit,
    batch: i64,
    (form, typed): (i64, Posted),
    refusal: Option<RefusalPanel>,
) -> Response {
    match web.look(visit, CandidateChanges { batch }).await {
        Ok(view) => {
            let page = ListPage {
                page: Page::new(web, visit),
                trail: trail(batch, &view.title),
                may_answer: may(visit.caller.role(), ActKind::AnswerCandidateChange).is_some(),
                view,
                typed,
                form,
                refusal,
            };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

#[derive(Template)]
#[template(path = "correction/views/form.html")]
struct FormPage {
    page: Page,
    trail: Vec<Crumb>,
    view: CandidateView,
    sexes: Vec<Choice>,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl FormPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn form(State(web): State<Web>, visit: Visit, Path(candidate): Path<i64>) -> Response {
    form_page(&web, &visit, candidate, Posted::default(), None).await
}

async fn form_page(web: &Web, visit: &Visit, candidate: i64, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    if let Err(stop) = visit.caller.granted(ActKind::ProposeCandidateChange) {
        return stopped(web, visit, stop);
    }
    match web.look(visit, CandidateDetail { candidate }).await {
        Ok(view) => {
            let chosen = typed.text("sex");
            let sexes = [("", "不更正"), ("男", "男"), ("女", "女")];
            let page = FormPage {
                page: Page::new(web, visit),
                trail: trail(view.batch.id, &view.batch.title),
                sexes: sexes.map(|(value, label)| Choice::new(value, label, chosen)).into(),
                view,
                typed,
                refusal,
            };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

/// The act that a form holds; its files are still to come.
fn read(candidate: i64, posted: &Posted) -> Result<ProposeCandidateChange, Stop> {
    let born = match posted.some("born") {
        Some(_) => Some(posted.day("born", "出生日期")?),
        None => None,
    };
    Ok(ProposeCandidateChange {
        candidate,
        name: OwnEntry::new(posted.text("name")),
        id_number: IdEntry::new(posted.text("id_number")),
        sex: Sex::from_text(posted.text("sex")),
        born,
        phone: OwnEntry::new(posted.text("phone")),
        photo: None,
        reason: posted.text("reason").to_owned(),
        file: None,
        file_name: String::new(),
        kept: None,
        pictured: None,
    })
}

async fn propose(State(web): State<Web>, visit: Visit, Path(candidate): Path<i64>, posted: Posted) -> Response {
    let outcome = match read(candidate, &posted) {
        Ok(act) => {
            let (caller, own) = (visit.caller.clone(), posted.clone());
            let kept = web.work(move |office| {
                caller.granted(ProposeCandidateChange::KIND)?;
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
        Ok(_) => match web.look(&visit, CandidateDetail { candidate }).await {
            Ok(view) => {
                let to = format!("/batches/{}/candidate-changes", view.batch.id);
                done(&to, "已提出，由另一人核对依据后答复。")
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => form_page(&web, &visit, candidate, posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn answer(
    State(web): State<Web>,
    visit: Visit,
    Path((candidate, candidate_change)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let (agreed, reason) = (posted.text("agreed") == "yes", posted.text("reason").to_owned());
    let batch = match web.look(&visit, CandidateDetail { candidate }).await {
        Ok(view) => view.batch.id,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let act = AnswerCandidateChange { candidate, candidate_change, agreed, reason };
    match web.act(&visit, posted.once(), act).await {
        Ok(answered) => {
            let more = match answered.state {
                ProposalState::Agreed => "，报名信息已更正，原来的内容留在记录里；准考证请重新打印",
                _ => "",
            };
            done(&format!("/batches/{batch}/candidate-changes"), &format!("{}{more}。", answered.state.name()))
        }
        Err(stop) => match refusal_in(stop) {
            Ok(mut refusal) => {
                refusal.field = refusal.field.map(|field| format!("{field}-{candidate_change}"));
                list_page(&web, &visit, batch, (candidate_change, posted), Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The evidence as it was uploaded, or with `?photo=1` the photo.
async fn file(
    State(web): State<Web>,
    visit: Visit,
    Path((candidate, candidate_change)): Path<(i64, i64)>,
    RawQuery(query): RawQuery,
) -> Response {
    let photo = asked(query.as_deref(), "photo").is_some();
    let made = web.look(&visit, CandidateChangeFile { candidate, candidate_change, photo }).await;
    handed(&web, &visit, None, made.map(|file| (file.name, file.bytes)))
}
