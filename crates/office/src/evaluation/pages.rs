//! One page for an evaluation: its day, the draw, the panel, the sheet of each member, what shows it, the conclusion.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::evaluation::{EvaluationStage, Mark};
use rules::permission::ActKind;
use rules::{Clause, Refusal};

use super::looks::{EvaluationDetail, EvaluationView, MemberView, SheetLine};
use super::{
    AttachEvidence, DrawPanel, DrawRecord, EvidenceFile, FinishEvaluation, MarkEvaluation, MoveEvaluation,
    PlanEvaluation, RemoveEvidence, ReplaceMember, SIGNED_SHEET, print,
};
use crate::door::{Act, Stop};
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, done, download, handed, long_day, not_printed, refusal_in, status_for,
    with_status,
};
use crate::web::{Posted, Visit, Web, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/filings/{filing}/evaluation", get(page).post(plan))
        .route("/filings/{filing}/evaluation/day", post(move_day))
        .route("/filings/{filing}/evaluation/draws", post(draw))
        .route("/filings/{filing}/evaluation/draws/{no}/record.json", get(record))
        .route("/filings/{filing}/evaluation/members/{expert}/replacement", post(replace))
        .route("/filings/{filing}/evaluation/members/{expert}/marks", get(marks).post(mark))
        .route("/filings/{filing}/evaluation/evidence", post(attach))
        .route("/filings/{filing}/evaluation/evidence/{evidence}", get(evidence))
        .route("/filings/{filing}/evaluation/evidence/{evidence}/removal", post(remove))
        .route("/filings/{filing}/evaluation/conclusion", post(finish))
        .route("/filings/{filing}/evaluation/sheet.pdf", get(sheet))
}

/// What was typed, for the page that says what was wrong with it.
#[derive(Default)]
struct Typed {
    /// The form that was sent: the last part of its address, or the expert of a replacement.
    form: String,
    held_on: String,
    members: String,
    reason: String,
    opinion: String,
    item: String,
}

impl Typed {
    fn of(form: &str, posted: &Posted) -> Self {
        let text = |name: &str| posted.text(name).to_owned();
        Self {
            form: form.into(),
            held_on: text("held_on"),
            members: text("members"),
            reason: text("reason"),
            opinion: text("opinion"),
            item: text("item"),
        }
    }
}

#[derive(Template)]
#[template(path = "evaluation/views/evaluation.html")]
struct EvaluationPage {
    page: Page,
    trail: Vec<Crumb>,
    view: EvaluationView,
    typed: Typed,
    items: Vec<Choice>,
    /// Whether the caller reads it as the body.
    is_body: bool,
    tag: &'static str,
    refusal: Option<RefusalPanel>,
}

impl EvaluationPage {
    /// What was typed into a form.
    fn typed<'t>(&self, form: &str, text: &'t str) -> &'t str {
        if self.typed.form == form { text } else { "" }
    }

    /// What is wrong with a field of a form.
    fn wrong(&self, form: &str, field: &str) -> &str {
        if self.typed.form == form { RefusalPanel::beside(self.refusal.as_ref(), field) } else { "" }
    }

    fn is_open(&self, form: &str) -> bool {
        self.typed.form == form
    }

    fn panel(&self) -> Vec<&MemberView> {
        self.view.panel().collect()
    }

    /// Drawn and not sitting: replaced, or of an earlier draw.
    fn others(&self) -> Vec<&MemberView> {
        self.view.members.iter().filter(|member| !member.sits).collect()
    }

    fn long(&self, day: &rules::Day) -> String {
        long_day(*day)
    }

    fn size(&self, bytes: &i64) -> String {
        match bytes {
            ..1_048_576 => format!("{} KB", (bytes + 1023) / 1024),
            _ => format!("{:.1} MB", *bytes as f64 / 1_048_576.0),
        }
    }

    fn is_complete(&self) -> bool {
        self.view.panel().all(|member| member.marked == self.view.sheet.len())
    }
}

async fn page(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    shown(&web, &visit, filing, Typed::default(), None).await
}

async fn shown(web: &Web, visit: &Visit, filing: i64, typed: Typed, refusal: Option<RefusalPanel>) -> Response {
    let view = match web.look(visit, EvaluationDetail { filing }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let tag = match view.stage {
        None => "neutral",
        Some(EvaluationStage::Planned | EvaluationStage::Drawn) => "waiting",
        Some(EvaluationStage::Finished) => "ok",
    };
    let chosen = if typed.item.is_empty() { SIGNED_SHEET } else { &typed.item };
    let mut items = vec![Choice::new(SIGNED_SHEET, "专家签字的评分表", chosen)];
    for line in &view.sheet {
        if !items.iter().any(|item| item.value == line.item) {
            items.push(Choice::new(&line.item, &line.title, chosen));
        }
    }
    let page = EvaluationPage {
        page: Page::new(web, visit),
        trail: trail(filing, &view.body_name),
        items,
        is_body: visit.caller.role().sits_in_body(),
        typed,
        tag,
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

fn trail(filing: i64, body_name: &str) -> Vec<Crumb> {
    vec![Crumb::new("/filings", "备案"), Crumb::new(format!("/filings/{filing}"), format!("{body_name}备案申请"))]
}

/// Acts and says so; what is refused is shown on the same page, with what was typed.
async fn act<A: Act>(
    web: &Web,
    visit: &Visit,
    (filing, form): (i64, &str),
    posted: &Posted,
    act: Result<A, Stop>,
    said: &str,
) -> Response {
    let outcome = match act {
        Ok(act) => web.act(visit, posted.once(), act).await.map(|_| ()),
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(()) => done(&format!("/filings/{filing}/evaluation"), said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => shown(web, visit, filing, Typed::of(form, posted), Some(refusal)).await,
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

async fn plan(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    let members = posted.some("members").map(|_| posted.int("members", "专家人数")).transpose();
    let made = members
        .and_then(|members| Ok(PlanEvaluation { filing, held_on: posted.day("held_on", "评估日期")?, members }));
    act(&web, &visit, (filing, "plan"), &posted, made, "已安排，院校已收到评估日期。").await
}

async fn move_day(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    let made = posted.day("held_on", "评估日期").map(|held_on| MoveEvaluation {
        filing,
        held_on,
        reason: posted.text("reason").to_owned(),
    });
    act(&web, &visit, (filing, "day"), &posted, made, "评估日期已更改，院校已收到。").await
}

async fn draw(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    let made = Ok(DrawPanel { filing, reason: posted.text("reason").to_owned() });
    act(&web, &visit, (filing, "draws"), &posted, made, "已抽取评估专家。").await
}

async fn replace(
    State(web): State<Web>,
    visit: Visit,
    Path((filing, expert)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let made = Ok(ReplaceMember { filing, expert, reason: posted.text("reason").to_owned() });
    let form = format!("replacement-{expert}");
    act(&web, &visit, (filing, &form), &posted, made, "已由下一名专家递补。").await
}

async fn attach(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    let (caller, again) = (visit.caller.clone(), posted.clone());
    let kept =
        web.work(move |office| again.keep_file(office, (&caller, AttachEvidence::KIND), ("file", "评估材料"))).await;
    let made = kept.map(|(file, name)| AttachEvidence::new(filing, posted.text("item"), file, &name));
    act(&web, &visit, (filing, "evidence"), &posted, made, "已上传。").await
}

async fn remove(
    State(web): State<Web>,
    visit: Visit,
    Path((filing, evidence)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    act(&web, &visit, (filing, "evidence"), &posted, Ok(RemoveEvidence { filing, evidence }), "已移除。").await
}

async fn finish(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    let made = Ok(FinishEvaluation { filing, opinion: posted.text("opinion").to_owned() });
    act(&web, &visit, (filing, "conclusion"), &posted, made, "评估结论已形成，可以作出审核评估结论。").await
}

/// A line of a member's sheet as the form shows it.
struct Row {
    line: SheetLine,
    points: String,
    remark: String,
}

#[derive(Template)]
#[template(path = "evaluation/views/marks.html")]
struct MarksPage {
    page: Page,
    trail: Vec<Crumb>,
    view: EvaluationView,
    member: MemberView,
    rows: Vec<Row>,
    refusal: Option<RefusalPanel>,
}

async fn marks(State(web): State<Web>, visit: Visit, Path((filing, expert)): Path<(i64, i64)>) -> Response {
    marks_page(&web, &visit, (filing, expert), None, None).await
}

async fn marks_page(
    web: &Web,
    visit: &Visit,
    (filing, expert): (i64, i64),
    posted: Option<&Posted>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, EvaluationDetail { filing }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let found = view.panel().position(|member| member.expert == expert);
    let Some(at) = found.filter(|_| view.can(ActKind::MarkEvaluation)) else {
        return stopped(web, visit, Stop::NotFound);
    };
    let typed = posted.map(|posted| (posted.all("points[]"), posted.all("remark[]")));
    let rows = view.sheet.iter().enumerate().map(|(n, line)| {
        let given = line.marks.get(at).and_then(Option::as_ref);
        let (points, remark) = match &typed {
            Some((points, remarks)) => {
                let pick = |list: &[&str]| list.get(n).map(|text| (*text).to_owned()).unwrap_or_default();
                (pick(points), pick(remarks))
            }
            None => (
                given.map(|mark| mark.points.to_string()).unwrap_or_default(),
                given.map(|mark| mark.remark.clone()).unwrap_or_default(),
            ),
        };
        Row { line: line.clone(), points, remark }
    });
    let rows: Vec<Row> = rows.collect();
    let mut trail = trail(filing, &view.body_name);
    trail.push(Crumb::new(format!("/filings/{filing}/evaluation"), "现场评估"));
    let Some(member) = view.panel().nth(at).cloned() else { return stopped(web, visit, Stop::NotFound) };
    let status = status_for(refusal.as_ref());
    with_status(status, &MarksPage { page: Page::new(web, visit), trail, view, member, rows, refusal })
}

/// The lines of the form that were filled in.
fn read_marks(posted: &Posted) -> Result<Vec<Mark>, Stop> {
    let (items, codes) = (posted.all("item[]"), posted.all("trade_code[]"));
    let (points, remarks) = (posted.all("points[]"), posted.all("remark[]"));
    let mut marks = Vec::new();
    for (n, item) in items.iter().enumerate() {
        let text = points.get(n).copied().unwrap_or_default();
        if text.is_empty() {
            continue;
        }
        let given = text.parse().map_err(|_| {
            Refusal::new(Clause::S2_1_2A, format!("第{}行的得分“{text}”不是整数", n + 1))
                .remedy("请填写整数，不填表示还没有评")
                .at("marks")
        })?;
        let code = codes.get(n).copied().unwrap_or_default();
        marks.push(Mark {
            item: (*item).to_owned(),
            trade_code: Some(code.to_owned()).filter(|code| !code.is_empty()),
            points: given,
            remark: remarks.get(n).copied().unwrap_or_default().to_owned(),
        });
    }
    Ok(marks)
}

async fn mark(
    State(web): State<Web>,
    visit: Visit,
    Path((filing, expert)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let outcome = match read_marks(&posted) {
        Ok(marks) => web.act(&visit, posted.once(), MarkEvaluation { filing, expert, marks }).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(_) => done(&format!("/filings/{filing}/evaluation"), "评分已登记。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => marks_page(&web, &visit, (filing, expert), Some(&posted), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The record of a draw as a file, for whoever draws again.
async fn record(State(web): State<Web>, visit: Visit, Path((filing, no)): Path<(i64, i64)>) -> Response {
    match web.look(&visit, DrawRecord { filing, no }).await {
        Ok(view) => match serde_json::to_string_pretty(&view) {
            Ok(text) => download("application/json", &format!("抽取记录{filing}-{no}.json"), text.into_bytes()),
            Err(error) => stopped(&web, &visit, Stop::fault(error)),
        },
        Err(stop) => stopped(&web, &visit, stop),
    }
}

pub(super) async fn evidence(
    State(web): State<Web>,
    visit: Visit,
    Path((filing, evidence)): Path<(i64, i64)>,
) -> Response {
    handed(&web, &visit, None, evidence_file(&web, &visit, filing, evidence).await)
}

async fn evidence_file(web: &Web, visit: &Visit, filing: i64, evidence: i64) -> Result<(String, Vec<u8>), Stop> {
    let view = web.look(visit, EvidenceFile { filing, evidence }).await?;
    web.work(move |office| Ok((view.name, office.files().bring(&view.file)?))).await
}

pub(super) async fn sheet(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    handed(&web, &visit, Some("application/pdf"), sheet_pdf(&web, &visit, filing).await)
}

async fn sheet_pdf(web: &Web, visit: &Visit, filing: i64) -> Result<(String, Vec<u8>), Stop> {
    let view = web.look(visit, EvaluationDetail { filing }).await?;
    if !view.sees_marks || view.panel().next().is_none() {
        return Err(Stop::NotFound);
    }
    let name = format!("{}评估评分表.pdf", view.body_name);
    let form = print::sheet(&view);
    web.print(move |office| Ok((name, office.press().form(&form).map_err(|error| not_printed(&error))?))).await
}
