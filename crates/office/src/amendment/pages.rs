//! Changes and reviews of a batch's marks; the public form that asks for a review, and its receipt.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::Day;
use rules::marking::{MarkReviewScope, MarkReviewState};
use rules::proposal::ProposalState;
use rules::refusal::RefusalView;
use rules::result::Part;

use super::{
    AnswerMarkChange, AnswerMarkReview, AskMarkReview, IdEntry, MarkChangeFile, MarkChanges, MarkChangesView,
    MarkReviewAsked, MarkReviewReceipt, MarkReviewStanding, ProposeMarkChange,
};
use crate::door::{Act, Stop};
use crate::marks::pages::trail;
use crate::publicity::{Contact, PublicPage, PublicPageView};
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, asked, done, handed, long_day, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/mark-changes", get(list).post(propose))
        .route("/batches/{batch}/mark-changes/{mark_change}/file", get(file))
        .route("/batches/{batch}/mark-changes/{mark_change}/answer", post(answer))
        .route("/batches/{batch}/mark-reviews/{mark_review}/answer", post(answer_review))
        .route("/publicity/{token}/mark-reviews", get(ask_form).post(ask))
        .route("/mark-reviews", get(receipt))
}

/// The colour of a review's tag.
fn review_kind(state: &str) -> &'static str {
    if state == MarkReviewState::Open.code() { "warn" } else { "ok" }
}

fn day(day: &Day) -> String {
    long_day(*day)
}

#[derive(Template)]
#[template(path = "amendment/views/list.html")]
struct ListPage {
    page: Page,
    trail: Vec<Crumb>,
    view: MarkChangesView,
    parts: Vec<Choice>,
    objections: Vec<Choice>,
    /// The review that a change would answer.
    mark_review: String,
    may_act: bool,
    /// What was typed, and into which form.
    typed: Posted,
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

async fn list(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    let typed = Posted::of_query(&query.unwrap_or_default());
    list_page(&web, &visit, batch, typed, "", None).await
}

async fn list_page(
    web: &Web,
    visit: &Visit,
    batch: i64,
    typed: Posted,
    form: &str,
    refusal: Option<RefusalPanel>,
) -> Response {
    let candidate = typed.text("candidate").parse().ok();
    let view = match web.look(visit, MarkChanges { batch, candidate }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let subject = view.subject.as_ref();
    let chosen = typed.text("part");
    let marks = subject.map(|subject| subject.person.marks.clone()).unwrap_or_default();
    let parts = marks
        .iter()
        .filter(|mark| mark.checked)
        .map(|mark| Choice::new(mark.part.code(), format!("{}，现为 {}", mark.part.name(), mark.outcome), chosen));
    let upheld = subject.map(|subject| subject.upheld.as_slice()).unwrap_or_default();
    let mut objections: Vec<Choice> = upheld
        .iter()
        .map(|one| Choice::new(one.id.to_string(), format!("异议 {}", one.receipt), typed.text("objection")))
        .collect();
    if !objections.is_empty() {
        objections.insert(0, Choice::new("", "不是因为异议", typed.text("objection")));
    }
    let page = ListPage {
        page: Page::new(web, visit),
        trail: {
            let mut trail = trail(&view.batch);
            trail.push(Crumb::new(format!("/batches/{batch}/marks"), "成绩"));
            trail
        },
        parts: parts.collect(),
        objections,
        mark_review: typed.text("mark_review").to_owned(),
        may_act: visit.caller.role().sits_in_body(),
        form: form.to_owned(),
        typed,
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// The act that a form holds; its file is still to come.
fn read(batch: i64, posted: &Posted) -> Result<ProposeMarkChange, Stop> {
    let optional = |name: &'static str, label: &str| match posted.some(name) {
        Some(_) => posted.int(name, label).map(Some),
        None => Ok(None),
    };
    let part = posted.needed("part", "科目")?;
    Ok(ProposeMarkChange {
        batch,
        candidate: posted.int("candidate", "考生")?,
        part: Part::from_code(&part).ok_or(Stop::NotFound)?,
        outcome: posted.text("outcome").to_owned(),
        reason: posted.text("reason").to_owned(),
        file: None,
        file_name: String::new(),
        mark_review: optional("mark_review", "复核申请")?,
        objection: optional("objection", "异议")?,
        kept: None,
    })
}

async fn propose(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let outcome = match read(batch, &posted) {
        Ok(act) => {
            let (caller, own) = (visit.caller.clone(), posted.clone());
            let kept = web
                .work(move |office| own.keep_file(office, (&caller, ProposeMarkChange::KIND), ("file", "依据")))
                .await;
            match kept {
                Ok(kept) => web.act(&visit, posted.once(), act.with_file(kept)).await,
                Err(stop) => Err(stop),
            }
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(_) => done(&format!("/batches/{batch}/mark-changes"), "已提出，由本机构的另一个账号核对依据后答复。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => list_page(&web, &visit, batch, posted, "propose", Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn answer(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, mark_change)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let (agreed, reason) = (posted.text("agreed") == "yes", posted.text("reason").to_owned());
    match web.act(&visit, posted.once(), AnswerMarkChange { batch, mark_change, agreed, reason }).await {
        Ok(answered) => {
            let public = answered
                .corrected_until
                .map_or_else(String::new, |until| format!("更正的结果公示至{} 24:00，期满后上报。", long_day(until)));
            done(&format!("/batches/{batch}/mark-changes"), &format!("{}。{public}", answered.state.name()))
        }
        Err(stop) => match refusal_in(stop) {
            Ok(mut refusal) => {
                refusal.field = refusal.field.map(|field| format!("{field}-{mark_change}"));
                list_page(&web, &visit, batch, posted, &mark_change.to_string(), Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn answer_review(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, mark_review)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let act = AnswerMarkReview { batch, mark_review, answer: posted.text("answer").to_owned() };
    match web.act(&visit, posted.once(), act).await {
        Ok(answered) => done(
            &format!("/batches/{batch}/mark-changes"),
            &format!("已答复：{}。考生凭回执号可以看到。", answered.state.name()),
        ),
        Err(stop) => match refusal_in(stop) {
            Ok(mut refusal) => {
                refusal.field = refusal.field.map(|field| format!("{field}-{mark_review}"));
                list_page(&web, &visit, batch, posted, &mark_review.to_string(), Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The evidence as it was uploaded.
async fn file(State(web): State<Web>, visit: Visit, Path((batch, mark_change)): Path<(i64, i64)>) -> Response {
    let made = web.look(&visit, MarkChangeFile { batch, mark_change }).await;
    handed(&web, &visit, None, made.map(|file| (file.name, file.bytes)))
}

#[derive(Template)]
#[template(path = "amendment/views/ask.html")]
struct AskPage {
    page: Page,
    token: String,
    view: PublicPageView,
    parts: Vec<Choice>,
    scopes: Vec<Choice>,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl AskPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn ask_form(State(web): State<Web>, visit: Visit, Path(token): Path<String>) -> Response {
    ask_page(&web, &visit, token, Posted::default(), None).await
}

async fn ask_page(web: &Web, visit: &Visit, token: String, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    let asked = PublicPage { token: token.clone() };
    let view = match web.work(move |office| crate::publicity::public_page(office, asked)).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    // Who kept the address of a list that was posted anew goes on where it stands now, with what was typed.
    if let Some(broken) = view.broken {
        if refusal.is_some() {
            return Box::pin(ask_page(web, visit, broken.token, typed, refusal)).await;
        }
        let days = [broken.broken_on, broken.restarted_on].map(long_day);
        let said = format!("原公示于{}中断，名单已于{}重新公示，请在这里按现在的名单申请复核。", days[0], days[1]);
        return done(&format!("/publicity/{}/mark-reviews", broken.token), &said);
    }
    let part = typed.text("part");
    let named = Part::ALL.iter().filter(|part| view.parts.iter().any(|name| name == part.name()));
    let page = AskPage {
        page: Page::new(web, visit),
        parts: named.map(|one| Choice::new(one.code(), one.name(), part)).collect(),
        scopes: MarkReviewScope::ALL
            .iter()
            .map(|one| Choice::new(one.code(), one.name(), typed.text("scope")))
            .collect(),
        token,
        view,
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

#[derive(Template)]
#[template(path = "amendment/views/asked.html")]
struct AskedPage {
    page: Page,
    asked: MarkReviewAsked,
}

/// The act that the public form holds.
fn read_ask(token: &str, posted: &Posted) -> Result<AskMarkReview, Stop> {
    let (part, scope) = (posted.needed("part", "科目")?, posted.needed("scope", "哪里有误")?);
    Ok(AskMarkReview {
        token: token.to_owned(),
        name: posted.needed("name", "姓名")?,
        id_number: IdEntry::new(posted.needed("id_number", "证件号码")?),
        part: Part::from_code(&part).ok_or(Stop::NotFound)?,
        scope: MarkReviewScope::from_code(&scope).ok_or(Stop::NotFound)?,
        reason: posted.text("reason").to_owned(),
        contact: Contact::new(posted.text("contact")),
    })
}

async fn ask(State(web): State<Web>, visit: Visit, Path(token): Path<String>, posted: Posted) -> Response {
    let outcome = match read_ask(&token, &posted) {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(asked) => html(&AskedPage { page: Page::new(&web, &visit), asked }),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => ask_page(&web, &visit, token, posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "amendment/views/receipt.html")]
struct ReceiptPage {
    page: Page,
    asked: String,
    found: Option<MarkReviewStanding>,
    refusal: Option<RefusalPanel>,
}

async fn receipt(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let asked = asked(query.as_deref(), "receipt").unwrap_or_default();
    let mut page = ReceiptPage { page: Page::new(&web, &visit), asked: asked.clone(), found: None, refusal: None };
    if asked.is_empty() {
        return html(&page);
    }
    match web.work(move |office| super::receipt(office, MarkReviewReceipt { review_receipt: asked })).await {
        Ok(found) => page.found = Some(found),
        Err(Stop::NotFound) => {
            let refusal = rules::Refusal::house("成绩复核", "没有这个回执号")
                .remedy("请对照申请复核时给出的回执号填写，例如 FH20260917-0001-K7MQ3FX9")
                .at("receipt");
            page.refusal = Some(RefusalView::from(&refusal).into());
        }
        Err(stop) => return stopped(&web, &visit, stop),
    }
    with_status(status_for(page.refusal.as_ref()), &page)
}
