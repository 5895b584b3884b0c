//! The list of cooperations, the form that proposes one, and one cooperation with what can be done about it now.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use rules::certificate::Level;
use rules::cooperation::{CooperationKind, CooperationState};
use rules::permission::ActKind;
use rules::{Day, Refusal};

use super::{
    AgreedTrade, ConfirmCooperation, CooperationDetail, CooperationOffer, CooperationOfferView, CooperationTrade,
    CooperationView, Cooperations, CooperationsView, DeclineCooperation, EndCooperation, ProposeCooperation,
    WithdrawCooperation,
};
use crate::door::files::FileKind;
use crate::door::{Act, Stop};
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, asked, done, download, long_day, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/cooperations", get(list).post(propose))
        .route("/cooperations/new", get(form))
        .route("/cooperations/{cooperation}", get(detail))
        .route("/cooperations/{cooperation}/file", get(file))
        .route("/cooperations/{cooperation}/confirmation", to("confirmation"))
        .route("/cooperations/{cooperation}/decline", to("decline"))
        .route("/cooperations/{cooperation}/withdrawal", to("withdrawal"))
        .route("/cooperations/{cooperation}/end", to("end"))
}

/// Where a form of the page is sent.
fn to(form: &'static str) -> MethodRouter<Web> {
    post(move |State(web): State<Web>, visit: Visit, Path(id): Path<i64>, posted: Posted| async move {
        step(web, visit, id, form, posted).await
    })
}

/// The kind of tag that a state wears.
fn tag(state: CooperationState) -> &'static str {
    match state {
        CooperationState::Proposed => "waiting",
        CooperationState::Standing => "ok",
        CooperationState::Declined => "danger",
        CooperationState::Withdrawn | CooperationState::Ended => "neutral",
    }
}

/// Occupations with their levels on one line.
fn trades(list: &[AgreedTrade]) -> String {
    list.iter().map(|trade| format!("{} {}", trade.name, trade.level_name)).collect::<Vec<_>>().join("、")
}

#[derive(Template)]
#[template(path = "cooperation/views/list.html")]
struct ListPage {
    page: Page,
    view: CooperationsView,
    states: Vec<Choice>,
    filtered: bool,
    is_body: bool,
}

async fn list(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let state = asked(query.as_deref(), "state").and_then(|code| CooperationState::from_code(&code));
    match web.look(&visit, Cooperations { state }).await {
        Ok(view) => {
            let chosen = state.map(CooperationState::code).unwrap_or_default();
            let all = CooperationState::ALL.iter().map(|one| Choice::new(one.code(), one.name(), chosen));
            let states = std::iter::once(Choice::new("", "全部", chosen)).chain(all).collect();
            let (filtered, is_body) = (state.is_some(), visit.caller.body().is_some());
            html(&ListPage { page: Page::new(&web, &visit), view, states, filtered, is_body })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// An occupation as a box of the form sends it.
fn key(trade: &AgreedTrade) -> String {
    format!("{}|{}", trade.code, trade.level.digit())
}

#[derive(Template)]
#[template(path = "cooperation/views/new.html")]
struct NewPage {
    page: Page,
    trail: Vec<Crumb>,
    view: CooperationOfferView,
    evaluators: Vec<Choice>,
    boxes: Vec<Choice>,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl NewPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    fn is_request(&self) -> bool {
        self.view.kind == Some(CooperationKind::Request)
    }
}

async fn form(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    form_page(&web, &visit, Posted::of_query(&query.unwrap_or_default()), None).await
}

async fn form_page(web: &Web, visit: &Visit, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    if visit.caller.is_signed_in() && visit.caller.body().is_none() {
        return stopped(web, visit, Stop::NotGranted);
    }
    let partner = typed.text("partner").to_owned();
    let (view, refusal) = match web.look(visit, CooperationOffer { partner: typed.some("partner") }).await {
        Ok(view) => (view, refusal),
        // A partner that can't be one is told on the same page, with the list to choose from.
        Err(stop) => match refusal_in(stop) {
            Ok(wrong) => match web.look(visit, CooperationOffer { partner: None }).await {
                Ok(view) => (view, refusal.or(Some(wrong))),
                Err(stop) => return stopped(web, visit, stop),
            },
            Err(stop) => return stopped(web, visit, stop),
        },
    };
    let mut evaluators = vec![Choice::new("", "请选择", &partner)];
    evaluators.extend(
        view.evaluators.iter().map(|one| Choice::new(&one.number, format!("{}，{}", one.name, one.number), &partner)),
    );
    let chosen = typed.all("trade");
    let boxes = view.trades.iter().map(|trade| {
        let value = key(trade);
        Choice {
            chosen: chosen.contains(&value.as_str()),
            label: format!("{} {}（{}）", trade.name, trade.level_name, trade.code),
            value,
        }
    });
    let page = NewPage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/cooperations", "合作")],
        evaluators,
        boxes: boxes.collect(),
        view,
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

fn read(posted: &Posted) -> Result<ProposeCooperation, Stop> {
    let trades = posted.all("trade").into_iter().filter_map(|text| {
        let (code, level) = text.split_once('|')?;
        let level = level.chars().next().and_then(Level::from_digit)?;
        Some(CooperationTrade { code: code.into(), level })
    });
    Ok(ProposeCooperation {
        partner: posted.needed("partner", "对方机构")?,
        from: posted.day("from", "合作期限起")?,
        until: posted.day("until", "合作期限止")?,
        signed_on: posted.day("signed_on", "签署日期")?,
        trades: trades.collect(),
        expected: if posted.some("expected").is_some() { posted.int("expected", "预计人数")? } else { 0 },
        note: posted.text("note").to_owned(),
        file: None,
        file_name: String::new(),
        kept: None,
    })
}

async fn propose(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = match read(&posted) {
        Ok(act) => {
            let (once, caller, sent) = (posted.once(), visit.caller.clone(), posted.clone());
            let kept = if posted.files("file").next().is_some() {
                let what = ("file", "协议或函件");
                let granted = ActKind::ProposeCooperation;
                web.work(move |office| sent.keep_file(office, (&caller, granted), what)).await.map(Some)
            } else {
                Ok(None)
            };
            match kept {
                Ok(file) => web.act(&visit, once, act.with_file(file)).await,
                Err(stop) => Err(stop),
            }
        }
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(made) => done(&format!("/cooperations/{}", made.id), "已提出，对方已收到，由其负责人答复。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => form_page(&web, &visit, posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// A step of the way as the timeline shows it.
struct Step {
    label: String,
    iso: String,
    date: String,
    who: String,
    note: String,
    state: &'static str,
}

/// What was done, and whose turn it is.
fn steps(view: &CooperationView) -> Vec<Step> {
    let (proposer, other) = match view.by_school {
        true => (&view.line.school_name, &view.line.evaluator_name),
        false => (&view.line.evaluator_name, &view.line.school_name),
    };
    let done = |label: &str, on: Day, who: &str, note: Option<&String>| Step {
        label: label.into(),
        iso: on.to_string(),
        date: long_day(on),
        who: who.into(),
        note: note.cloned().unwrap_or_default(),
        state: "done",
    };
    let mut steps = vec![done("提出", view.proposed_on, &format!("{proposer}，{}", view.proposed_by), None)];
    if let Some(on) = view.answered_on {
        let label = if view.line.state == CooperationState::Declined { "不同意" } else { "确认" };
        steps.push(done(label, on, view.answered_by.as_deref().unwrap_or_default(), view.answer.as_ref()));
    }
    if let Some(on) = view.ended_on {
        let who = view.ended_by.as_deref().unwrap_or_default();
        steps.push(done(&view.line.state_name, on, who, view.end_reason.as_ref()));
    }
    if view.line.state == CooperationState::Proposed {
        steps.push(Step {
            label: "答复".into(),
            iso: String::new(),
            date: String::new(),
            who: format!("{other}，负责人"),
            note: String::new(),
            state: "now",
        });
    }
    steps
}

#[derive(Template)]
#[template(path = "cooperation/views/detail.html")]
struct DetailPage {
    page: Page,
    trail: Vec<Crumb>,
    steps: Vec<Step>,
    view: CooperationView,
    /// The form that was sent, and what was typed into it.
    form: String,
    reason: String,
    refusal: Option<RefusalPanel>,
}

impl DetailPage {
    fn can(&self, act: &str) -> bool {
        self.view.acts.iter().any(|kind| kind.code() == act)
    }

    fn long(&self, day: &Day) -> String {
        long_day(*day)
    }

    fn wrong(&self, form: &str) -> &str {
        if self.form == form { RefusalPanel::beside(self.refusal.as_ref(), "reason") } else { "" }
    }

    fn typed(&self, form: &str) -> &str {
        if self.form == form { &self.reason } else { "" }
    }
}

async fn detail(State(web): State<Web>, visit: Visit, Path(cooperation): Path<i64>) -> Response {
    detail_page(&web, &visit, cooperation, ("", ""), None).await
}

async fn detail_page(
    web: &Web,
    visit: &Visit,
    cooperation: i64,
    (form, reason): (&str, &str),
    refusal: Option<RefusalPanel>,
) -> Response {
    match web.look(visit, CooperationDetail { cooperation }).await {
        Ok(view) => {
            let page = DetailPage {
                page: Page::new(web, visit),
                trail: vec![Crumb::new("/cooperations", "合作")],
                steps: steps(&view),
                view,
                form: form.to_owned(),
                reason: reason.to_owned(),
                refusal,
            };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn step(web: Web, visit: Visit, cooperation: i64, form: &str, posted: Posted) -> Response {
    let reason = posted.text("reason").to_owned();
    match form {
        "confirmation" => {
            let act = ConfirmCooperation { cooperation, reason };
            finish(&web, &visit, cooperation, (form, "已确认，对方已收到。"), &posted, act).await
        }
        "decline" => {
            let act = DeclineCooperation { cooperation, reason };
            finish(&web, &visit, cooperation, (form, "已答复不同意，对方已收到理由。"), &posted, act).await
        }
        "withdrawal" => {
            let act = WithdrawCooperation { cooperation, reason };
            finish(&web, &visit, cooperation, (form, "已撤回。"), &posted, act).await
        }
        _ => {
            let act = EndCooperation { cooperation, reason };
            finish(&web, &visit, cooperation, (form, "已终止，对方已收到理由。"), &posted, act).await
        }
    }
}

async fn finish<A: Act>(
    web: &Web,
    visit: &Visit,
    cooperation: i64,
    (form, said): (&str, &str),
    posted: &Posted,
    act: A,
) -> Response {
    match web.act(visit, posted.once(), act).await {
        Ok(_) => done(&format!("/cooperations/{cooperation}"), said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => detail_page(web, visit, cooperation, (form, posted.text("reason")), Some(refusal)).await,
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

/// The agreement or the letter as it was uploaded.
async fn file(State(web): State<Web>, visit: Visit, Path(cooperation): Path<i64>) -> Response {
    let view = match web.look(&visit, CooperationDetail { cooperation }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let (hash, name) = (view.file, view.file_name);
    let brought = web.work(move |office| {
        let absent = || Refusal::house("文件", "没有找到这个文件").remedy("请联系系统管理员");
        office.files().bring(&hash).map_err(|stop| match stop {
            Stop::NotFound => absent().into(),
            other => other,
        })
    });
    match brought.await {
        Ok(bytes) => {
            let kind = FileKind::of(&bytes);
            let name = if name.is_empty() { "合作文件".to_owned() } else { name };
            download(FileKind::content_type(kind), &name, bytes)
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}
