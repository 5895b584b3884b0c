//! Where inspections are listed and recorded, one of them with its findings, and a rectification with its turns, where the
//! body answers and the office looks again.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::inspection::{InspectionItem, InspectionKind, RectificationState};
use rules::permission::ActKind;
use rules::{Clause, Day, Refusal};

use super::{
    AnswerRectification, CheckRectification, InspectionDetail, InspectionFile, InspectionFinding,
    InspectionFindingView, InspectionLine, InspectionOffer, InspectionView, Inspections, InspectionsView, PAGE,
    RecordInspection, Rectification, public, rectification_page,
};
use crate::door::{FileHash, Stop};
use crate::regulation::NamedFile;
use crate::web::page::{
    Choice, Crumb, Page, Paging, RefusalPanel, asked, done, handed, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// Findings that the form has room for, when it is opened and at most.
const BLOCKS: usize = 1;
const BLOCKS_MAX: usize = rules::inspection::FINDINGS_MAX;
/// Inspectors that the form has room for.
const INSPECTORS: usize = 4;

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/inspections", get(list))
        .route("/inspections/new", get(form))
        .route("/bodies/{body}/inspections", post(record))
        .route("/bodies/{body}/inspections/{inspection}", get(detail))
        .route("/bodies/{body}/inspection-files/{file}", get(file))
        .route("/bodies/{body}/rectifications/{finding}", get(rectification))
        .route("/bodies/{body}/rectifications/{finding}/answer", post(answer))
        .route("/bodies/{body}/rectifications/{finding}/check", post(check))
        .route("/inspection-results", get(public::results))
        .route("/inspection-results/{inspection}", get(public::result_page))
        .route("/inspection-items", get(public::items_page))
}

/// The kinds to choose from, below a first choice.
pub(super) fn kinds(chosen: &str, first: &str) -> Vec<Choice> {
    let all = InspectionKind::ALL.iter().map(|kind| Choice::new(kind.code(), kind.name(), chosen));
    std::iter::once(Choice::new("", first, chosen)).chain(all).collect()
}

/// The kind of tag that a state wears.
pub(crate) fn tag(state: &RectificationState) -> &'static str {
    match state {
        RectificationState::Overdue => "danger",
        RectificationState::Open => "warn",
        RectificationState::Answered => "waiting",
        RectificationState::Accepted => "ok",
    }
}

#[derive(Template)]
#[template(path = "inspection/views/list.html")]
struct ListPage {
    page: Page,
    view: InspectionsView,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    of: String,
    batch: String,
    paging: Paging,
    filtered: bool,
    is_body: bool,
    may_record: bool,
}

impl ListPage {
    /// How the rectifications of a line stand, in words and the tag of the most pressing.
    fn standing(&self, line: &InspectionLine) -> (&'static str, String) {
        let parts = [(line.overdue, "项逾期"), (line.open, "项整改中"), (line.answered, "项待复查")];
        let said: Vec<_> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count}{what}")).collect();
        match line {
            line if line.overdue > 0 => ("danger", said.join("，")),
            line if line.open > 0 => ("warn", said.join("，")),
            line if line.answered > 0 => ("waiting", said.join("，")),
            line if line.ordered > 0 => ("ok", "已全部整改".into()),
            line if line.findings > 0 => ("neutral", "已指出，未责令整改".into()),
            _ => ("ok", "未发现问题".into()),
        }
    }
}

async fn list(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let of = |name: &str| asked(query.as_deref(), name).unwrap_or_default();
    let (kind, state, body) = (of("kind"), of("state"), of("of"));
    let question = Inspections {
        kind: InspectionKind::from_code(&kind),
        state: RectificationState::from_code(&state),
        of: body.parse().ok(),
        batch: of("batch").parse().ok(),
        page: of("page").parse().ok(),
    };
    let narrowed = question.of.is_some() || question.batch.is_some();
    let filtered = question.kind.is_some() || question.state.is_some() || narrowed;
    let said = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
    let (of, batch) = (said(question.of), said(question.batch));
    match web.look(&visit, question).await {
        Ok(view) => {
            let paging = Paging::new(view.page, PAGE, view.total, |page| {
                format!("/inspections?kind={kind}&state={state}&of={of}&batch={batch}&page={page}")
            });
            let all = RectificationState::ALL.iter().map(|one| Choice::new(one.code(), one.name(), &state));
            let states = std::iter::once(Choice::new("", "全部情形", &state)).chain(all).collect();
            html(&ListPage {
                page: Page::new(&web, &visit),
                view,
                kinds: kinds(&kind, "全部方式"),
                states,
                of,
                batch,
                paging,
                filtered,
                is_body: visit.caller.body().is_some(),
                may_record: visit.caller.granted(ActKind::RecordInspection).is_ok(),
            })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// One finding of the form, as it was typed.
struct Block {
    n: usize,
    items: Vec<Choice>,
    clauses: Vec<Choice>,
    what: String,
    order: String,
    proof: String,
    due_on: String,
    /// Files that were sent before: hash and name in one value, and the name.
    kept: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "inspection/views/new.html")]
struct NewPage {
    page: Page,
    trail: Vec<Crumb>,
    body: i64,
    body_name: String,
    typed: Posted,
    kinds: Vec<Choice>,
    batches: Vec<Choice>,
    items: Vec<InspectionItem>,
    inspectors: Vec<String>,
    /// How many inspectors there must be at least.
    least: usize,
    blocks: Vec<Block>,
    due_on: Day,
    today: Day,
    refusal: Option<RefusalPanel>,
}

impl NewPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    fn is_checked(&self, item: &InspectionItem) -> bool {
        self.typed.all("checked").contains(&item.code.as_str())
    }

    fn held_on(&self) -> String {
        self.typed.some("held_on").unwrap_or_else(|| self.today.to_string())
    }
}

#[derive(Template)]
#[template(path = "inspection/views/choose.html")]
struct ChoosePage {
    page: Page,
    trail: Vec<Crumb>,
    bodies: Vec<Choice>,
}

fn way() -> Vec<Crumb> {
    vec![Crumb::new("/inspections", "检查与整改")]
}

async fn form(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let Some(body) = asked(query.as_deref(), "of").and_then(|body| body.parse().ok()) else {
        return match web.look(&visit, InspectionOffer { of: None }).await {
            Ok(view) => {
                let bodies = view.bodies.iter().map(|body| Choice::new(body.id.to_string(), &body.name, "")).collect();
                html(&ChoosePage { page: Page::new(&web, &visit), trail: way(), bodies })
            }
            Err(stop) => stopped(&web, &visit, stop),
        };
    };
    // Who comes from a batch finds it chosen.
    let typed = Posted::of_query(query.as_deref().unwrap_or_default());
    form_page(&web, &visit, body, typed, Vec::new(), BLOCKS, None).await
}

async fn form_page(
    web: &Web,
    visit: &Visit,
    body: i64,
    typed: Posted,
    kept: Vec<Vec<NamedFile>>,
    blocks: usize,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, InspectionOffer { of: Some(body) }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let Some(chosen) = view.bodies.iter().find(|one| one.id == body) else {
        let refusal = Refusal::new(Clause::S2_2_2B, "该机构没有列入过机构目录，不是检查对象")
            .remedy("请选择辖区内列入目录的机构");
        return stopped(web, visit, refusal.into());
    };
    let block = |n: usize| {
        let of = |name: &str| typed.text(&format!("{name}_{n}")).to_owned();
        let (item, clause) = (of("item"), of("clause"));
        let items = view.items.iter().map(|one| Choice::new(&one.code, &one.title, &item));
        let clauses = Clause::ALL.iter().map(|one| Choice::new(one.id(), clause_said(*one), &clause));
        let files = kept.get(n - 1).into_iter().flatten();
        Block {
            n,
            items: std::iter::once(Choice::new("", "请选择", &item)).chain(items).collect(),
            clauses: std::iter::once(Choice::new("", "该事项的条款", &clause)).chain(clauses).collect(),
            what: of("what"),
            order: of("order"),
            proof: of("proof"),
            due_on: of("due_on"),
            kept: files.map(|one| (format!("{}|{}", one.file.0, one.name), one.name.clone())).collect(),
        }
    };
    let mut inspectors: Vec<_> = typed.all("inspector[]").into_iter().map(str::to_owned).collect();
    inspectors.resize(inspectors.len().max(INSPECTORS), String::new());
    let none = std::iter::once(Choice::new("", "不针对某一批次", typed.text("batch")));
    let of_body = view.batches.iter().map(|one| Choice::new(one.id.to_string(), &one.name, typed.text("batch")));
    let page = NewPage {
        page: Page::new(web, visit),
        trail: way(),
        body,
        body_name: chosen.name.clone(),
        kinds: InspectionKind::ALL
            .iter()
            .map(|kind| Choice::new(kind.code(), kind.name(), typed.text("kind")))
            .collect(),
        batches: none.chain(of_body).collect(),
        blocks: (1..=blocks).map(block).collect(),
        items: view.items,
        least: view.inspectors,
        inspectors,
        due_on: view.due_on,
        today: view.today,
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// A clause in a list to choose from: its place and the beginning of its words.
fn clause_said(clause: Clause) -> String {
    let begin: String = clause.quote().chars().take(24).collect();
    format!("{} {begin}…", clause.place())
}

/// Files that a form named before, and those that came with it now.
pub(crate) async fn kept_files(
    web: &Web,
    visit: &Visit,
    posted: &Posted,
    act: ActKind,
    (kept, sent): (String, String),
) -> Result<Vec<NamedFile>, Stop> {
    visit.caller.granted(act)?;
    let mut files: Vec<_> = posted
        .all(&kept)
        .into_iter()
        .filter_map(|value| value.split_once('|'))
        .map(|(hash, name)| NamedFile { file: FileHash(hash.to_owned()), name: name.to_owned() })
        .collect();
    let sent: Vec<_> = posted.files(&sent).cloned().collect();
    let new = web.work(move |office| {
        let kept = sent.iter().map(|file| {
            let (hash, _) = office.files().keep(&file.bytes)?;
            Ok(NamedFile { file: hash, name: file.name.clone() })
        });
        kept.collect::<Result<Vec<_>, Stop>>()
    });
    files.extend(new.await?);
    Ok(files)
}

async fn record(State(web): State<Web>, visit: Visit, Path(body): Path<i64>, posted: Posted) -> Response {
    let blocks = posted.text("blocks").parse().unwrap_or(BLOCKS).clamp(1, BLOCKS_MAX);
    let mut files = Vec::new();
    for n in 1..=blocks {
        let names = (format!("kept_{n}"), format!("file_{n}"));
        match kept_files(&web, &visit, &posted, ActKind::RecordInspection, names).await {
            Ok(kept) => files.push(kept),
            Err(stop) => {
                return match refusal_in(stop) {
                    Ok(refusal) => form_page(&web, &visit, body, posted, files, blocks, Some(refusal)).await,
                    Err(stop) => stopped(&web, &visit, stop),
                };
            }
        }
    }
    if posted.text("do") == "more" {
        return form_page(&web, &visit, body, posted, files, (blocks + 1).min(BLOCKS_MAX), None).await;
    }
    let outcome = match read(&posted, body, &files) {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(made) => {
            done(&format!("/bodies/{body}/inspections/{}", made.id), "检查已登记，机构已收到消息，检查结果已公开。")
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => form_page(&web, &visit, body, posted, files, blocks, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

fn read(posted: &Posted, body: i64, files: &[Vec<NamedFile>]) -> Result<RecordInspection, Stop> {
    let kind = InspectionKind::from_code(posted.text("kind"))
        .ok_or_else(|| Refusal::new(Clause::S2_2_2B, "没有选择检查方式").remedy("请选择一种").at("kind"))?;
    let mut findings = Vec::new();
    for (at, files) in files.iter().enumerate() {
        let n = at + 1;
        let of = |name: &str| posted.text(&format!("{name}_{n}")).to_owned();
        let typed = ["item", "what", "order", "proof", "due_on"].iter().any(|name| !of(name).is_empty());
        if !typed && files.is_empty() {
            continue;
        }
        let due_on = match of("due_on").as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| {
                Refusal::house("填写", format!("整改期限“{text}”不是日期"))
                    .remedy("请按 2026-12-07 的格式填写")
                    .at("findings")
            })?),
        };
        findings.push(InspectionFinding {
            item: of("item"),
            clause: Some(of("clause")).filter(|clause| !clause.is_empty()),
            what: of("what"),
            order: of("order"),
            proof: of("proof"),
            due_on,
            files: files.clone(),
        });
    }
    Ok(RecordInspection {
        body,
        kind,
        held_on: posted.day("held_on", "检查日期")?,
        inspectors: posted.all("inspector[]").into_iter().map(str::to_owned).collect(),
        batch: posted.text("batch").parse().ok(),
        checked: posted.all("checked").into_iter().map(str::to_owned).collect(),
        findings,
        note: posted.text("note").to_owned(),
        kept: Vec::new(),
    })
}

#[derive(Template)]
#[template(path = "inspection/views/detail.html")]
struct DetailPage {
    page: Page,
    trail: Vec<Crumb>,
    view: InspectionView,
}

async fn detail(State(web): State<Web>, visit: Visit, Path((body, inspection)): Path<(i64, i64)>) -> Response {
    match web.look(&visit, InspectionDetail { body, inspection }).await {
        Ok(view) => html(&DetailPage { page: Page::new(&web, &visit), trail: way(), view }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

pub(super) async fn file(State(web): State<Web>, visit: Visit, Path((body, file)): Path<(i64, i64)>) -> Response {
    let made = web.look(&visit, InspectionFile { body, file }).await.map(|view| (view.name, view.bytes));
    handed(&web, &visit, None, made)
}

#[derive(Template)]
#[template(path = "inspection/views/rectification.html")]
struct RectificationPage {
    page: Page,
    trail: Vec<Crumb>,
    view: InspectionView,
    one: InspectionFindingView,
    typed: Posted,
    kept: Vec<(String, String)>,
    refusal: Option<RefusalPanel>,
}

impl RectificationPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn rectification(State(web): State<Web>, visit: Visit, Path((body, finding)): Path<(i64, i64)>) -> Response {
    rectification_again(&web, &visit, (body, finding), Posted::default(), &[], None).await
}

async fn rectification_again(
    web: &Web,
    visit: &Visit,
    (body, finding): (i64, i64),
    typed: Posted,
    kept: &[NamedFile],
    refusal: Option<RefusalPanel>,
) -> Response {
    let mut view = match web.look(visit, Rectification { body, finding }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let Some(one) = view.findings.pop() else { return stopped(web, visit, Stop::NotFound) };
    let mut trail = way();
    trail.push(Crumb::new(
        format!("/bodies/{body}/inspections/{}", view.id),
        format!("{}，{}", view.body_name, view.kind_name),
    ));
    let kept = kept.iter().map(|one| (format!("{}|{}", one.file.0, one.name), one.name.clone())).collect();
    let page = RectificationPage { page: Page::new(web, visit), trail, view, one, typed, kept, refusal };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn answer(
    State(web): State<Web>,
    visit: Visit,
    Path((body, finding)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let names = ("kept".to_owned(), "files".to_owned());
    let (files, outcome) = match kept_files(&web, &visit, &posted, ActKind::AnswerRectification, names).await {
        Ok(files) => {
            let answer = posted.text("answer").to_owned();
            let act = AnswerRectification { body, finding, answer, files: files.clone(), kept: Vec::new() };
            (files, web.act(&visit, posted.once(), act).await)
        }
        Err(stop) => (Vec::new(), Err(stop)),
    };
    match outcome {
        Ok(_) => done(&rectification_page(body, finding), "整改情况已提交，等待复查。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => rectification_again(&web, &visit, (body, finding), posted, &files, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn check(
    State(web): State<Web>,
    visit: Visit,
    Path((body, finding)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let accepted = posted.text("accepted") == "yes";
    let due_on = match posted.some("due_on") {
        Some(_) if !accepted => posted.day("due_on", "新的整改期限").map(Some),
        _ => Ok(None),
    };
    let outcome = match due_on {
        Ok(due_on) => {
            let reason = posted.text("reason").to_owned();
            web.act(&visit, posted.once(), CheckRectification { body, finding, accepted, reason, due_on }).await
        }
        Err(stop) => Err(stop),
    };
    let said = if accepted { "整改已通过复查。" } else { "已要求继续整改，机构已收到消息。" };
    match outcome {
        Ok(_) => done(&rectification_page(body, finding), said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => rectification_again(&web, &visit, (body, finding), posted, &[], Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}
