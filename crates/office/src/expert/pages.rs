//! The register of experts: the list with imports, one expert as a form, who stays out of draws.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use rules::certificate::Level;
use rules::permission::ActKind;
use sheets::Finding;

use super::{
    AvoidedBody, ChangeExpert, EnterExpert, ExpertContact, ExpertContactView, ExpertDetail, ExpertEntry, ExpertLine,
    ExpertUpload, ExpertUploadView, Experts, ExpertsView, ImportExperts, PAGE, Phone, ResumeExpert, SuspendExpert,
};
use crate::door::{Act, Stop};
use crate::web::page::{
    Choice, Crumb, Page, Paging, RefusalPanel, XLSX, asked, done, download, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/experts", get(list).post(enter))
        .route("/experts/new", get(new))
        .route("/experts/imports", post(import))
        .route("/experts/imports/{import}", get(imported))
        .route("/experts/imports/{import}/marked.xlsx", get(marked))
        .route("/experts/{expert}", get(detail).post(change))
        .route("/experts/{expert}/contact", get(contact))
        .route("/experts/{expert}/suspension", post(suspend))
        .route("/experts/{expert}/resumption", post(resume))
        .route("/templates/experts.xlsx", get(template))
}

#[derive(Template)]
#[template(path = "expert/views/experts.html")]
struct ListPage {
    page: Page,
    view: ExpertsView,
    find: String,
    trade: String,
    paging: Paging,
    refusal: Option<RefusalPanel>,
}

async fn list(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    list_page(&web, &visit, query.as_deref(), None).await
}

async fn list_page(web: &Web, visit: &Visit, query: Option<&str>, refusal: Option<RefusalPanel>) -> Response {
    let (find, trade) = (asked(query, "find"), asked(query, "trade"));
    let page = asked(query, "page").and_then(|page| page.parse().ok());
    let look = Experts { find: find.clone(), trade: trade.clone(), page };
    match web.look(visit, look).await {
        Ok(view) => {
            let (find, trade) = (find.unwrap_or_default(), trade.unwrap_or_default());
            let link = |page: i64| {
                let mut link = form_urlencoded::Serializer::new("/experts?".to_owned());
                link.append_pair("find", &find).append_pair("trade", &trade).append_pair("page", &page.to_string());
                link.finish()
            };
            let paging = Paging::new(view.page, PAGE as i64, view.total as i64, link);
            let status = status_for(refusal.as_ref());
            with_status(status, &ListPage { page: Page::new(web, visit), view, find, trade, paging, refusal })
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn import(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let (once, caller) = (posted.once(), visit.caller.clone());
    let kept = web
        .work(move |office| posted.keep_file(office, (&caller, ImportExperts::KIND), ("file", "评估专家名册")))
        .await;
    let outcome = match kept {
        Ok((file, name)) => web.act(&visit, once, ImportExperts::new(file, name)).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(made) => Redirect::to(&format!("/experts/imports/{}", made.upload)).into_response(),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => list_page(&web, &visit, None, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// A finding as the table shows it.
struct Shown {
    sheet: String,
    row: u32,
    column: String,
    value: String,
    reason: String,
    remedy: String,
}

impl From<&Finding> for Shown {
    fn from(finding: &Finding) -> Self {
        Self {
            sheet: if finding.sheet.is_empty() { "（文本）".into() } else { finding.sheet.clone() },
            row: finding.row,
            column: format!("{} {}", finding.column, finding.column_name).trim().to_owned(),
            value: finding.value.clone(),
            reason: format!("{}（{}）", finding.reason, finding.ground),
            remedy: finding.remedy.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "expert/views/import.html")]
struct ImportPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ExpertUploadView,
    faults: Vec<Shown>,
    warnings: Vec<Shown>,
}

async fn imported(State(web): State<Web>, visit: Visit, Path(import): Path<i64>) -> Response {
    match web.look(&visit, ExpertUpload { import }).await {
        Ok(view) => {
            let pick = |fault| view.findings.iter().filter(|f| f.is_fault() == fault).map(Shown::from).collect();
            let (faults, warnings) = (pick(true), pick(false));
            let trail = vec![Crumb::new("/experts", "评估专家")];
            html(&ImportPage { page: Page::new(&web, &visit), trail, view, faults, warnings })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// The own file again, with what was found.
async fn marked(State(web): State<Web>, visit: Visit, Path(import): Path<i64>) -> Response {
    let view = match web.look(&visit, ExpertUpload { import }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let made = web.work(move |office| {
        let bytes = office.files().bring(&view.line.file)?;
        let stem = view.line.name.rsplit_once('.').map_or(view.line.name.as_str(), |(stem, _)| stem);
        Ok((format!("{stem}（已标注）.xlsx"), sheets::marked_up(&bytes, &view.findings)?))
    });
    match made.await {
        Ok((name, bytes)) => download(XLSX, &name, bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

async fn template(State(web): State<Web>, visit: Visit) -> Response {
    match web.work(|_| sheets::experts_template().map_err(Stop::fault)).await {
        Ok(bytes) => download(XLSX, "评估专家名册.xlsx", bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// What was typed into the form, or what the register says.
#[derive(Default)]
struct Typed {
    name: String,
    employer: String,
    superior: String,
    title: String,
    trades: String,
    level_max: String,
    card_number: String,
    card_valid_until: String,
    ties: String,
    reason: String,
}

impl Typed {
    fn of(posted: &Posted) -> Self {
        let text = |name: &str| posted.text(name).to_owned();
        Self {
            name: text("name"),
            employer: text("employer"),
            superior: text("superior"),
            title: text("title"),
            trades: text("trades"),
            level_max: text("level_max"),
            card_number: text("card_number"),
            card_valid_until: text("card_valid_until"),
            ties: text("ties"),
            reason: text("reason"),
        }
    }

    fn known(line: &ExpertLine) -> Self {
        let ties: Vec<String> = line.ties.iter().map(|tie| format!("{}，{}", tie.body, tie.relation)).collect();
        Self {
            name: line.name.clone(),
            employer: line.employer.clone(),
            superior: line.superior.clone(),
            title: line.title.clone(),
            trades: line.trades.iter().map(|trade| trade.name.as_str()).collect::<Vec<_>>().join("、"),
            level_max: line.level_max.digit().to_string(),
            card_number: line.card_number.clone(),
            card_valid_until: line.card_valid_until.to_string(),
            ties: ties.join("\n"),
            reason: String::new(),
        }
    }
}

fn entry(posted: &Posted) -> Result<ExpertEntry, Stop> {
    let text = |name: &str| posted.text(name).to_owned();
    let ties = posted.text("ties").lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let (body, relation) = line.split_once(['，', ',']).unwrap_or((line, ""));
        AvoidedBody { body: body.trim().into(), relation: relation.trim().into() }
    });
    Ok(ExpertEntry {
        name: text("name"),
        employer: text("employer"),
        superior: text("superior"),
        title: text("title"),
        trades: posted.text("trades").split(['、', ',', '，', '\n']).map(|name| name.trim().to_owned()).collect(),
        level_max: Level::from_text(posted.text("level_max")).map_err(|refusal| refusal.at("level_max"))?,
        card_number: text("card_number"),
        card_valid_until: posted.day("card_valid_until", "证卡有效期")?,
        phone: Phone::new(posted.text("phone")),
        ties: ties.collect(),
    })
}

#[derive(Template)]
#[template(path = "expert/views/expert.html")]
struct ExpertPage {
    page: Page,
    trail: Vec<Crumb>,
    /// Who is changed; nobody when someone new is entered.
    line: Option<ExpertLine>,
    typed: Typed,
    levels: Vec<Choice>,
    may_change: bool,
    refusal: Option<RefusalPanel>,
}

impl ExpertPage {
    fn problem(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn form(
    web: &Web,
    visit: &Visit,
    expert: Option<i64>,
    typed: Option<Typed>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let may_change = match visit.caller.granted(ActKind::ChangeExpert) {
        Ok(_) => true,
        Err(stop) if expert.is_none() => return stopped(web, visit, stop),
        Err(_) => false,
    };
    let line = match expert {
        Some(expert) => match web.look(visit, ExpertDetail { expert }).await {
            Ok(line) => Some(line),
            Err(stop) => return stopped(web, visit, stop),
        },
        None => None,
    };
    let typed = typed.unwrap_or_else(|| line.as_ref().map(Typed::known).unwrap_or_default());
    let levels = Level::ALL.iter().map(|level| Choice::new(level.digit().to_string(), level.name(), &typed.level_max));
    let levels = levels.collect();
    let (page, trail) = (Page::new(web, visit), vec![Crumb::new("/experts", "评估专家")]);
    let status = status_for(refusal.as_ref());
    with_status(status, &ExpertPage { page, trail, line, typed, levels, may_change, refusal })
}

async fn new(State(web): State<Web>, visit: Visit) -> Response {
    form(&web, &visit, None, None, None).await
}

async fn detail(State(web): State<Web>, visit: Visit, Path(expert): Path<i64>) -> Response {
    form(&web, &visit, Some(expert), None, None).await
}

async fn enter(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let act = entry(&posted).map(|entry| EnterExpert { entry });
    finish(&web, &visit, None, &posted, act, "已登记评估专家。").await
}

async fn change(State(web): State<Web>, visit: Visit, Path(expert): Path<i64>, posted: Posted) -> Response {
    let act = entry(&posted).map(|entry| ChangeExpert { expert, entry });
    finish(&web, &visit, Some(expert), &posted, act, "已修改。").await
}

async fn suspend(State(web): State<Web>, visit: Visit, Path(expert): Path<i64>, posted: Posted) -> Response {
    let act = SuspendExpert { expert, reason: posted.text("reason").to_owned() };
    finish(&web, &visit, Some(expert), &posted, Ok(act), "已暂停，不再参加抽取。").await
}

async fn resume(State(web): State<Web>, visit: Visit, Path(expert): Path<i64>, posted: Posted) -> Response {
    let act = ResumeExpert { expert, reason: posted.text("reason").to_owned() };
    finish(&web, &visit, Some(expert), &posted, Ok(act), "已恢复，可以参加抽取。").await
}

async fn finish<A: Act>(
    web: &Web,
    visit: &Visit,
    expert: Option<i64>,
    posted: &Posted,
    act: Result<A, Stop>,
    said: &str,
) -> Response {
    let outcome = match act {
        Ok(act) => web.act(visit, posted.once(), act).await.map(|_| ()),
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(()) => done("/experts", said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                // The reason has a form of its own; the entry was not sent with it.
                let mut typed = Typed::of(posted);
                if let Some(expert) = expert.filter(|_| typed.name.is_empty() && typed.card_number.is_empty())
                    && let Ok(line) = web.look(visit, ExpertDetail { expert }).await
                {
                    typed = Typed { reason: typed.reason, ..Typed::known(&line) };
                }
                form(web, visit, expert, Some(typed), Some(refusal)).await
            }
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "expert/views/contact.html")]
struct ContactPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ExpertContactView,
}

async fn contact(State(web): State<Web>, visit: Visit, Path(expert): Path<i64>) -> Response {
    match web.look(&visit, ExpertContact { expert }).await {
        Ok(view) => {
            let trail =
                vec![Crumb::new("/experts", "评估专家"), Crumb::new(format!("/experts/{expert}"), view.name.clone())];
            html(&ContactPage { page: Page::new(&web, &visit), trail, view })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}
