//! One page: how a body stands in the directory, what comes, and what can be done about it now.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use rules::certificate::Level;
use rules::jurisdiction::Affiliation;
use rules::permission::ActKind;
use rules::standing::ChangeMatter;

use super::{
    ApplyChange, ApplyRenewal, ChangeState, DecideChange, DecideRenewal, DropTrades, EvaluateRenewal, FormerBodies,
    FormerBodiesView, FormerDecisions, FormerDecisionsView, HeldTrade, LeaveDirectory, LiftStop, NarrowListing,
    OwnStanding, RenewalReceipt, RenewalState, RenewalView, Standing, StandingView, StopPilot, TellChange, TradeKey,
    TransferBody,
};
use crate::body::{centres, counties};
use crate::door::{Act, FileHash, Stop};
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, asked, done, handed, long_day, refusal_in, spoken, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/standing", get(own))
        .route("/bodies/{body}/standing", get(page))
        .route("/bodies/{body}/standing/telling", to("telling"))
        .route("/bodies/{body}/standing/application", to("application"))
        .route("/bodies/{body}/standing/dropping", to("dropping"))
        .route("/bodies/{body}/standing/exit", to("exit"))
        .route("/bodies/{body}/standing/renewal", to("renewal"))
        .route("/bodies/{body}/standing/narrowing", to("narrowing"))
        .route("/bodies/{body}/standing/stop", to("stop"))
        .route("/bodies/{body}/standing/reinstatement", to("reinstatement"))
        .route("/bodies/{body}/standing/transfer", to("transfer"))
        .route("/former-bodies", get(former))
        .route("/former-bodies/{body}", get(former_decisions))
        .route("/bodies/{body}/standing/changes/{change}", post(decide_change))
        .route("/bodies/{body}/standing/renewals/{renewal}/evaluation", of_renewal("evaluation"))
        .route("/bodies/{body}/standing/renewals/{renewal}/decision", of_renewal("decision"))
        .route("/bodies/{body}/standing/renewals/{renewal}/receipt.pdf", get(receipt))
}

/// Where a form of the page is sent.
fn to(form: &'static str) -> MethodRouter<Web> {
    post(move |State(web): State<Web>, visit: Visit, Path(body): Path<i64>, posted: Posted| async move {
        act(web, visit, body, form, posted).await
    })
}

/// Where a form about a renewal is sent.
fn of_renewal(form: &'static str) -> MethodRouter<Web> {
    post(
        move |State(web): State<Web>, visit: Visit, Path((body, renewal)): Path<(i64, i64)>, posted: Posted| async move {
            decide_renewal(web, visit, (body, renewal), form, posted).await
        },
    )
}

/// What was typed, for the page that says what was wrong with it.
#[derive(Default)]
struct Typed(Vec<(String, String)>);

impl Typed {
    fn of(posted: &Posted) -> Self {
        let names = [
            "form",
            "matter",
            "value",
            "reason",
            "statement",
            "opinion",
            "document",
            "last_day",
            "valid_until",
            "county",
            "affiliation",
            "station_centre",
            "effective_on",
        ];
        Self(names.iter().map(|name| ((*name).to_owned(), posted.text(name).to_owned())).collect())
    }

    fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, text)| text)
    }
}

#[derive(Template)]
#[template(path = "standing/views/standing.html")]
struct StandingPage {
    page: Page,
    trail: Vec<Crumb>,
    view: StandingView,
    /// The form that was sent.
    form: String,
    typed: Typed,
    chosen: Vec<String>,
    /// What the form of a transfer offers.
    counties: Vec<Choice>,
    centres: Vec<Choice>,
    refusal: Option<RefusalPanel>,
}

impl StandingPage {
    fn can(&self, act: &str) -> bool {
        self.view.may.iter().any(|kind| kind.code() == act)
    }

    /// What was typed into a field of a form.
    fn typed(&self, form: &str, name: &str) -> &str {
        if self.form == form { self.typed.text(name) } else { "" }
    }

    /// What is wrong with a field of a form.
    fn wrong(&self, form: &str, name: &str) -> &str {
        match &self.refusal {
            Some(refusal) if self.form == form && refusal.field.as_deref() == Some(name) => &refusal.what,
            _ => "",
        }
    }

    fn is_open(&self, form: &str) -> bool {
        self.form == form
    }

    fn affiliations(&self) -> Vec<Choice> {
        let chosen = match self.typed("transfer", "affiliation") {
            "" => self.view.affiliation.code(),
            typed => typed,
        };
        Affiliation::ALL.iter().map(|one| Choice::new(one.code(), one.name(), chosen)).collect()
    }

    fn is_chosen(&self, trade: &HeldTrade) -> bool {
        self.chosen.contains(&key(trade))
    }

    fn waiting(&self) -> Vec<&super::ChangeView> {
        self.view.changes.iter().filter(|change| change.state == ChangeState::Submitted).collect()
    }

    /// The last renewal, where it was refused, with the reason.
    fn refused(&self) -> Option<&str> {
        let refused = |one: &&RenewalView| one.state == RenewalState::Refused;
        self.view.renewals.first().filter(refused).and_then(|one| one.decision.as_deref())
    }

    /// The renewals that were decided, the latest first.
    fn decided(&self) -> Vec<&RenewalView> {
        let decided = |one: &&RenewalView| matches!(one.state, RenewalState::Renewed | RenewalState::Refused);
        self.view.renewals.iter().filter(decided).collect()
    }

    /// The renewal that is running.
    fn running(&self) -> Option<&RenewalView> {
        let running = |one: &&RenewalView| matches!(one.state, RenewalState::Applied | RenewalState::Evaluated);
        self.view.renewals.first().filter(running)
    }
}

/// An occupation as a box of a form sends it.
fn key(trade: &HeldTrade) -> String {
    format!("{}|{}|{}", trade.code, trade.level.digit(), trade.work_type)
}

/// The form that narrows the entry of another number.
fn narrowing(number: &str) -> String {
    format!("narrowing-{number}")
}

fn read_keys(posted: &Posted) -> Vec<TradeKey> {
    posted
        .all("trade")
        .into_iter()
        .filter_map(|text| {
            let mut parts = text.splitn(3, '|');
            let (code, level, work_type) = (parts.next()?, parts.next()?, parts.next()?);
            let level = level.chars().next().and_then(Level::from_digit)?;
            Some(TradeKey { code: code.into(), work_type: work_type.into(), level })
        })
        .collect()
}

async fn own(State(web): State<Web>, visit: Visit) -> Response {
    match web.look(&visit, OwnStanding {}).await {
        Ok(view) => shown(&web, &visit, view, None, None),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

pub(super) async fn receipt(State(web): State<Web>, visit: Visit, Path((body, renewal)): Path<(i64, i64)>) -> Response {
    handed(&web, &visit, Some("application/pdf"), receipt_pdf(&web, &visit, body, renewal).await)
}

async fn receipt_pdf(web: &Web, visit: &Visit, body: i64, renewal: i64) -> Result<(String, Vec<u8>), Stop> {
    let view = web.look(visit, RenewalReceipt { body, renewal }).await?;
    let address = format!("{}/directory/{}", web.settings.public_url, view.number);
    web.print(move |office| {
        let bytes = office.press().receipt(&view.print(Some(address))).map_err(Stop::fault)?;
        Ok((format!("备案回执{}（延期至{}）.pdf", view.number, view.valid_until), bytes))
    })
    .await
}

async fn page(State(web): State<Web>, visit: Visit, Path(body): Path<i64>) -> Response {
    again(&web, &visit, body, None, None).await
}

async fn again(
    web: &Web,
    visit: &Visit,
    body: i64,
    posted: Option<(&str, &Posted)>,
    refusal: Option<RefusalPanel>,
) -> Response {
    match web.look(visit, Standing { body }).await {
        Ok(view) => shown(web, visit, view, posted, refusal),
        Err(stop) => stopped(web, visit, stop),
    }
}

fn shown(
    web: &Web,
    visit: &Visit,
    view: StandingView,
    posted: Option<(&str, &Posted)>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let trail = match visit.caller.body() {
        Some(_) => vec![Crumb::new("/work", "待办")],
        None => vec![Crumb::new("/directory", "机构目录")],
    };
    let reference = web.office.reference();
    let typed = |name: &str, otherwise: &str| {
        posted
            .filter(|(form, _)| *form == "transfer")
            .and_then(|(_, posted)| posted.some(name))
            .unwrap_or(otherwise.into())
    };
    let may_move = view.can(ActKind::TransferBody);
    let counties = if may_move { counties(&reference, &typed("county", &view.county)) } else { Vec::new() };
    let centres = if may_move && view.is_college {
        centres(&reference, &typed("station_centre", &view.centre))
    } else {
        Vec::new()
    };
    let page = StandingPage {
        counties,
        centres,
        page: Page::new(web, visit),
        trail,
        view,
        form: posted.map(|(form, _)| form.to_owned()).unwrap_or_default(),
        typed: posted.map(|(_, posted)| Typed::of(posted)).unwrap_or_default(),
        chosen: posted
            .map(|(_, posted)| posted.all("trade").into_iter().map(str::to_owned).collect())
            .unwrap_or_default(),
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn finish<A: Act>(
    web: &Web,
    visit: &Visit,
    (body, form, said): (i64, &str, &str),
    posted: &Posted,
    act: Result<A, Stop>,
) -> Response {
    let outcome = match act {
        Ok(act) => web.act(visit, posted.once(), act).await.map(|_| ()),
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(()) => done(&format!("/bodies/{body}/standing"), said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => again(web, visit, body, Some((form, posted)), Some(refusal)).await,
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

/// Keeps the file of a form, if there is one and the caller may send it.
async fn kept(web: &Web, visit: &Visit, kind: ActKind, posted: &Posted) -> Result<Option<(FileHash, String)>, Stop> {
    if posted.files("file").next().is_none() {
        return Ok(None);
    }
    let (posted, caller) = (posted.clone(), visit.caller.clone());
    web.work(move |office| posted.keep_file(office, (&caller, kind), ("file", "证明文件")).map(Some)).await
}

async fn act(web: Web, visit: Visit, body: i64, form: &str, posted: Posted) -> Response {
    let text = |name: &str| posted.text(name).to_owned();
    let matter = ChangeMatter::from_code(posted.text("matter")).unwrap_or(ChangeMatter::Name);
    let to = |said| (body, form, said);
    match form {
        "telling" => {
            let act = kept(&web, &visit, ActKind::TellChange, &posted)
                .await
                .map(|file| TellChange::new(body, matter, text("value"), text("reason"), file));
            finish(&web, &visit, to("已告知主管中心。"), &posted, act).await
        }
        "application" => {
            let act = kept(&web, &visit, ActKind::ApplyChange, &posted)
                .await
                .map(|file| ApplyChange::new(body, matter, text("value"), text("reason"), file));
            finish(&web, &visit, to("变更申请已提交，主管中心十个工作日内决定。"), &posted, act).await
        }
        "dropping" => {
            let act = DropTrades { body, trades: read_keys(&posted), reason: text("reason") };
            finish(&web, &visit, to("已减少，明天起生效。"), &posted, Ok(act)).await
        }
        "exit" => {
            let act = LeaveDirectory { body, reason: text("reason") };
            finish(&web, &visit, to("已退出目录，明天起生效。"), &posted, Ok(act)).await
        }
        "renewal" => {
            let act = ApplyRenewal { body, statement: text("statement") };
            finish(&web, &visit, to("延期申请已提交，由主管中心评估。"), &posted, Ok(act)).await
        }
        "narrowing" => {
            let act = posted.day("last_day", "最后有效日").map(|last_day| NarrowListing {
                body,
                trades: read_keys(&posted),
                number: posted.some("number"),
                last_day,
                reason: text("reason"),
                document: text("document"),
            });
            let form = posted.some("number").map_or_else(|| form.to_owned(), |number| narrowing(&number));
            finish(&web, &visit, (body, &form, "目录已调整。"), &posted, act).await
        }
        "stop" => {
            let act = StopPilot { body, reason: text("reason"), document: text("document") };
            finish(&web, &visit, to("已停止试点，移出目录。"), &posted, Ok(act)).await
        }
        "transfer" => {
            let act = posted.day("effective_on", "生效日期").and_then(|effective_on| {
                let affiliation = Affiliation::from_code(posted.text("affiliation")).ok_or_else(|| {
                    rules::Refusal::house("填写", "没有选择隶属关系").remedy("请选择一项").at("affiliation")
                })?;
                Ok(TransferBody {
                    body,
                    county: text("county"),
                    affiliation,
                    station_centre: posted.some("station_centre"),
                    effective_on,
                    reason: text("reason"),
                    document: text("document"),
                })
            });
            finish(&web, &visit, to("已调整主管，双方和机构都已收到消息。"), &posted, act).await
        }
        "reinstatement" => {
            let act = LiftStop { body, reason: text("reason"), document: text("document") };
            finish(&web, &visit, to("已恢复。"), &posted, Ok(act)).await
        }
        _ => stopped(&web, &visit, Stop::NotFound),
    }
}

async fn decide_change(
    State(web): State<Web>,
    visit: Visit,
    Path((body, change)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let approved = posted.text("approved") == "yes";
    let act = DecideChange { body, change, approved, reason: posted.text("reason").to_owned() };
    let form = format!("change-{change}");
    finish(&web, &visit, (body, &form, "决定已登记，机构已收到。"), &posted, Ok(act)).await
}

async fn decide_renewal(web: Web, visit: Visit, (body, renewal): (i64, i64), form: &str, posted: Posted) -> Response {
    let agreed = posted.text("approved") == "yes";
    match form {
        "evaluation" => {
            let act = EvaluateRenewal { body, renewal, passed: agreed, opinion: posted.text("opinion").to_owned() };
            finish(&web, &visit, (body, form, "评估已登记，由省中心决定。"), &posted, Ok(act)).await
        }
        "decision" => {
            let until = posted.some("valid_until").map(|_| posted.day("valid_until", "新的截止日")).transpose();
            let act = until.map(|valid_until| DecideRenewal {
                body,
                renewal,
                approved: agreed,
                reason: posted.text("reason").to_owned(),
                valid_until,
            });
            finish(&web, &visit, (body, form, "决定已登记，机构已收到。"), &posted, act).await
        }
        _ => stopped(&web, &visit, Stop::NotFound),
    }
}

#[derive(Template)]
#[template(path = "standing/views/former.html")]
struct FormerPage {
    page: Page,
    view: FormerBodiesView,
}

async fn former(State(web): State<Web>, visit: Visit) -> Response {
    match web.look(&visit, FormerBodies {}).await {
        Ok(view) => html(&FormerPage { page: Page::new(&web, &visit), view }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "standing/views/decisions.html")]
struct DecisionsPage {
    page: Page,
    trail: Vec<Crumb>,
    view: FormerDecisionsView,
}

async fn former_decisions(
    State(web): State<Web>,
    visit: Visit,
    Path(body): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    let before = asked(query.as_deref(), "before").and_then(|id| id.parse().ok());
    match web.look(&visit, FormerDecisions { body, before }).await {
        Ok(view) => {
            let trail = vec![Crumb::new("/former-bodies", "曾主管的机构")];
            html(&DecisionsPage { page: Page::new(&web, &visit), trail, view })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}
