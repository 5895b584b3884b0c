//! The pages of filings: the list, a new one, one filing as a list of tasks for the body and as a case for the offices,
//! with a button for each next step only for whom it is.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::filing::{FilingStage, FilingStep};
use rules::people::Role;
use rules::permission::ActKind;
use rules::submission::{FilingPart, PartReason};
use rules::{Clause, Day, Refusal};

use super::lists::pages as lists;
use super::looks::{FilingDetailView, FilingsView, PartView};
use super::{
    AcceptFiling, AssessFiling, ConsentFiling, Decision, FilingDetail, FilingReceipt, Filings, GiveBackFiling,
    IssueReceipt, ListFiling, MaterialFile, OpenFiling, RecordMinistryFiling, SubmitFiling, SummariseFiling, form,
    parts,
};
use crate::door::{Act, Stop};
use crate::web::page::{
    Choice, Crumb, Page, RefusalPanel, done, handed, long_day, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/filings", get(list).post(open))
        .route("/filings/new", get(new))
        .route("/filings/{filing}", get(detail))
        .route("/filings/{filing}/body", get(parts::body).post(parts::save_body))
        .route("/filings/{filing}/trades", get(parts::trades).post(parts::save_trades))
        .route("/filings/{filing}/people", get(parts::people).post(parts::save_people))
        .route("/filings/{filing}/people/uploads", get(lists::people).post(lists::import_people))
        .route("/filings/{filing}/people/template.xlsx", get(lists::people_template))
        .route("/filings/{filing}/sites", get(parts::sites).post(parts::save_sites))
        .route("/filings/{filing}/sites/uploads", get(lists::sites).post(lists::import_sites))
        .route("/filings/{filing}/sites/template.xlsx", get(lists::sites_template))
        .route("/majors", get(lists::majors).post(lists::import_majors))
        .route("/majors/removal", post(lists::remove_major))
        .route("/templates/majors.xlsx", get(lists::majors_template))
        .route("/list-uploads/{list}", get(lists::upload))
        .route("/list-uploads/{list}/marked.xlsx", get(lists::marked))
        .route("/filings/{filing}/materials", get(parts::materials).post(parts::attach))
        .route("/filings/{filing}/materials/{material}", get(material))
        .route("/filings/{filing}/materials/{material}/removal", post(parts::remove))
        .route("/filings/{filing}/submission", post(submit))
        .route("/filings/{filing}/acceptance", post(accept))
        .route("/filings/{filing}/return", post(give_back))
        .route("/filings/{filing}/assessment", post(assess))
        .route("/filings/{filing}/consent", post(consent))
        .route("/filings/{filing}/summary", post(summarise))
        .route("/filings/{filing}/ministry-filing", post(record_ministry))
        .route("/filings/{filing}/listing", post(list_body))
        .route("/filings/{filing}/receipt", post(issue_receipt))
        .route("/filings/{filing}/receipt.pdf", get(receipt))
        .route("/filings/{filing}/form.pdf", get(filing_form))
}

#[derive(Template)]
#[template(path = "filing/views/list.html")]
struct ListPage {
    page: Page,
    view: FilingsView,
    stages: Vec<Choice>,
    /// Whether the list is for a body, which knows its own name.
    is_own: bool,
}

impl ListPage {
    fn late(&self, due: &Day) -> String {
        format!("{due} 已逾期")
    }
}

async fn list(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let asked = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find(|(name, _)| name == "stage")
        .and_then(|(_, code)| FilingStage::from_code(&code));
    let chosen = asked.map(FilingStage::code).unwrap_or_default();
    let mut stages = vec![Choice::new("", "全部", chosen)];
    stages.extend(FilingStage::ALL.iter().map(|stage| Choice::new(stage.code(), stage.name(), chosen)));
    match web.look(&visit, Filings { stage: asked }).await {
        Ok(view) => {
            let is_own = visit.caller.body().is_some();
            html(&ListPage { page: Page::new(&web, &visit), view, stages, is_own })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "filing/views/new.html")]
struct NewPage {
    page: Page,
    trail: Vec<Crumb>,
    refusal: Option<RefusalPanel>,
}

async fn new(State(web): State<Web>, visit: Visit) -> Response {
    new_page(&web, &visit, None).await
}

async fn new_page(web: &Web, visit: &Visit, refusal: Option<RefusalPanel>) -> Response {
    if !visit.caller.role().sits_in_body() {
        let stop = if visit.caller.is_signed_in() { Stop::NotGranted } else { Stop::SignInFirst };
        return stopped(web, visit, stop);
    }
    let status = status_for(refusal.as_ref());
    with_status(status, &NewPage { page: Page::new(web, visit), trail: vec![Crumb::new("/filings", "备案")], refusal })
}

async fn open(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    match web.act(&visit, posted.once(), OpenFiling {}).await {
        Ok(made) => done(&format!("/filings/{}", made.id), "已开始备案申请。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => new_page(&web, &visit, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// A part of the filing as the task list shows it.
struct Item {
    href: String,
    what: String,
    detail: String,
    kind: &'static str,
    state: &'static str,
    due: String,
}

/// A step of the way as the timeline shows it.
struct Step {
    label: String,
    iso: String,
    date: String,
    who: String,
    note: String,
    state: String,
}

/// What was typed into the forms of the page, kept when it was refused.
#[derive(Default)]
struct Kept {
    reasons: String,
    /// Reasons about a part: what each is about, as the select sends it, and its words.
    about: Vec<(String, String)>,
    /// Rows for more of them.
    spare: usize,
    opinion: String,
    reference: String,
    filed_on: String,
    number: String,
    valid_until: String,
    /// For each occupation and level in order: `yes`, `no` or nothing, the reason, and whether it opens to the public.
    decisions: Vec<(String, String, bool)>,
}

impl Kept {
    fn of(posted: &Posted) -> Self {
        let text = |name: &str| posted.text(name).to_owned();
        let decided = (0..posted.all("code[]").len())
            .map(|n| {
                let is_public = posted.text(&format!("public-{n}")) == "yes";
                (text(&format!("decision-{n}")), text(&format!("reason-{n}")), is_public)
            })
            .collect();
        let about = posted.all("about[]").into_iter().zip(posted.all("why[]"));
        Self {
            reasons: text("reasons"),
            about: about
                .filter(|(about, why)| !(about.is_empty() && why.is_empty()))
                .map(|(about, why)| (about.to_owned(), why.to_owned()))
                .collect(),
            spare: if posted.text("do") == "more" { 5 } else { 0 },
            opinion: text("opinion"),
            reference: text("reference"),
            filed_on: text("filed_on"),
            number: text("number"),
            valid_until: text("valid_until"),
            decisions: decided,
        }
    }

    /// Rows for reasons about a part: those that were typed, and some for more.
    fn about_rows(&self) -> Vec<(String, String)> {
        let blank = (0..3 + self.spare).map(|_| (String::new(), String::new()));
        self.about.iter().cloned().chain(blank).collect()
    }

    fn decision(&self, n: &usize) -> (&str, &str, bool) {
        self.decisions.get(*n).map_or(("", "", false), |(word, reason, is_public)| (word, reason, *is_public))
    }
}

#[derive(Template)]
#[template(path = "filing/views/detail.html")]
struct DetailPage {
    page: Page,
    trail: Vec<Crumb>,
    view: FilingDetailView,
    parts: Vec<Item>,
    steps: Vec<Step>,
    kept: Kept,
    /// The body is writing: it sees its tasks rather than the case.
    is_writing: bool,
    /// The head signs; a clerk is told so.
    is_clerk: bool,
    /// The centre that assesses it.
    is_reviewer: bool,
    tag: &'static str,
    refusal: Option<RefusalPanel>,
    /// Everything that stops the submission, with the part where it is mended, when it was tried.
    missing: Vec<Missing>,
}

/// Something that stops the submission.
struct Missing {
    href: String,
    message: String,
}

/// A group of the select that says what a reason is about.
struct AboutGroup {
    label: &'static str,
    choices: Vec<Choice>,
}

impl DetailPage {
    /// What a reason can be about: each part, and each row or item of it.
    fn about(&self, chosen: &str) -> Vec<AboutGroup> {
        let group = |part: &PartView| {
            let code = part.part.code();
            let mut choices = vec![Choice::new(code, format!("整个“{}”", part.name), chosen)];
            let entry = |entry: &rules::submission::Entry| {
                Choice::new(format!("{code}:{}", entry.key), entry.label.clone(), chosen)
            };
            choices.extend(part.entries.iter().map(entry));
            AboutGroup { label: part.part.name(), choices }
        };
        self.view.parts.iter().map(group).collect()
    }

    /// A reason about a part in words.
    fn said(&self, reason: &super::looks::ReasonView) -> String {
        match reason.label.as_str() {
            "" => format!("{}：{}", reason.part_name, reason.text),
            label => format!("{}，{label}：{}", reason.part_name, reason.text),
        }
    }

    fn long(&self, day: &Day) -> String {
        long_day(*day)
    }

    fn is_about(&self, field: &str) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| refusal.field.as_deref() == Some(field))
    }

    fn size(&self, bytes: &i64) -> String {
        match bytes {
            ..1_048_576 => format!("{} KB", (bytes + 1023) / 1024),
            _ => format!("{:.1} MB", *bytes as f64 / 1_048_576.0),
        }
    }
}

async fn detail(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    detail_page(&web, &visit, filing, Kept::default(), None).await
}

async fn detail_page(web: &Web, visit: &Visit, filing: i64, kept: Kept, refusal: Option<RefusalPanel>) -> Response {
    let view = match web.look(visit, FilingDetail { filing }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let stage = view.line.stage;
    let track = rules::filing::Track { needs_bureau: view.bureau.is_some() };
    let tag = match stage {
        FilingStage::Drafting => "neutral",
        FilingStage::Returned => "warn",
        FilingStage::Rejected => "danger",
        FilingStage::Listed => "ok",
        _ => "waiting",
    };
    let status = status_for(refusal.as_ref());
    // A submission that something stops says all of it, each with the way to where it is mended.
    let is_submission = refusal.is_some() && view.may(ActKind::DescribeBody);
    let page = DetailPage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/filings", "备案")],
        parts: task_list(&view),
        missing: if is_submission { missing(&view) } else { Vec::new() },
        steps: timeline(&view),
        kept,
        is_writing: view.may(ActKind::DescribeBody),
        is_clerk: visit.caller.role() == Role::Clerk,
        is_reviewer: visit.caller.role() == FilingStep::Accept.by(track),
        tag,
        view,
        refusal,
    };
    with_status(status, &page)
}

/// The part that a check belongs to.
fn part_of(code: &str) -> FilingPart {
    let owns = |part: &&FilingPart| super::looks::checks_of(**part).contains(&code);
    FilingPart::ALL.iter().find(owns).copied().unwrap_or(FilingPart::Body)
}

fn missing(view: &FilingDetailView) -> Vec<Missing> {
    let items = view.completeness.items.iter();
    items
        .flat_map(|item| {
            let href = format!("/filings/{}/{}", view.line.id, part_of(&item.code).code());
            let message = |what: &str, remedy: &str| format!("{what}。{remedy}");
            let line = move |finding: &rules::refusal::RefusalView| Missing {
                href: href.clone(),
                message: message(&finding.what, &finding.remedy),
            };
            item.findings.iter().map(line).collect::<Vec<_>>()
        })
        .collect()
}

/// The parts of the form, each with what is missing in it and why it came back.
fn task_list(view: &FilingDetailView) -> Vec<Item> {
    let files = view.checklist.iter().map(|item| item.files.len()).sum::<usize>();
    let is_back = view.line.stage == FilingStage::Returned;
    let back = view.returns.last().filter(|_| is_back);
    let item = |part: &PartView| {
        let filled = match part.part {
            FilingPart::Body => "名称、地址、法定代表人、负责人、主干专业".to_owned(),
            FilingPart::Trades => format!("已填{}项", view.trades.len()),
            FilingPart::People => format!("已填{}人", view.people.len()),
            FilingPart::Sites => format!("已填{}项", view.sites.len()),
            FilingPart::Materials => format!("已上传{files}份"),
        };
        let missing: Vec<&str> = view
            .completeness
            .items
            .iter()
            .filter(|item| part_of(&item.code) == part.part)
            .flat_map(|item| item.findings.iter().map(|finding| finding.what.as_str()))
            .collect();
        let reasons: Vec<String> = back
            .into_iter()
            .flat_map(|back| &back.parts)
            .filter(|reason| reason.part == part.part)
            .map(|reason| match reason.label.as_str() {
                "" => reason.text.clone(),
                label => format!("{label}：{}", reason.text),
            })
            .collect();
        let more = missing.len().saturating_sub(3);
        let lacks = match missing.as_slice() {
            [] => filled,
            _ if more > 0 => format!("{}；等{}处", missing[..3].join("；"), missing.len()),
            _ => missing.join("；"),
        };
        let (kind, state) = match (missing.is_empty(), reasons.is_empty(), part.is_changed) {
            (false, ..) => ("neutral", "未完成"),
            (true, false, false) => ("warn", "待补正"),
            (true, false, true) => ("ok", "已修改"),
            (true, true, _) => ("ok", "已完成"),
        };
        Item {
            href: format!("/filings/{}/{}", view.line.id, part.part.code()),
            what: part.name.clone(),
            detail: if reasons.is_empty() {
                lacks
            } else {
                format!("退回理由：{}。{lacks}", reasons.join("；"))
            },
            kind,
            state,
            due: format!("{}/{}", part.done, part.total),
        }
    };
    view.parts.iter().map(item).collect()
}

fn timeline(view: &FilingDetailView) -> Vec<Step> {
    let due = view.line.accept_due_on;
    let step = |step: &super::looks::StepView| {
        let is_due = step.state == "now" && view.line.stage == FilingStage::Submitted;
        let on = step.on.or(due.filter(|_| is_due));
        Step {
            label: step.label.clone(),
            iso: on.map(|day| day.to_string()).unwrap_or_default(),
            date: on
                .map(|day| if is_due { format!("最迟{}", long_day(day)) } else { long_day(day) })
                .unwrap_or_default(),
            who: step.who.clone(),
            note: step.note.clone(),
            state: step.state.clone(),
        }
    };
    view.steps.iter().map(step).collect()
}

/// Takes a step and says so; what is refused is shown on the same page, with what was typed.
async fn step<A: Act>(
    web: &Web,
    visit: &Visit,
    filing: i64,
    posted: &Posted,
    act: Result<A, Stop>,
    said: &str,
) -> Response {
    let outcome = match act {
        Ok(act) => web.act(visit, posted.once(), act).await.map(|_| ()),
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(()) => done(&format!("/filings/{filing}"), said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => detail_page(web, visit, filing, Kept::of(posted), Some(refusal)).await,
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

async fn submit(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    step(&web, &visit, filing, &posted, Ok(SubmitFiling { filing }), "备案申请已提交。").await
}

async fn accept(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    step(&web, &visit, filing, &posted, Ok(AcceptFiling { filing }), "已受理，院校已收到消息。").await
}

async fn give_back(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    if posted.text("do") == "more" {
        return detail_page(&web, &visit, filing, Kept::of(&posted), None).await;
    }
    let reasons = posted.text("reasons").lines().map(str::to_owned).collect();
    let act = read_reasons(&posted).map(|parts| GiveBackFiling { filing, reasons, parts });
    step(&web, &visit, filing, &posted, act, "已退回，院校已收到理由。").await
}

/// The rows of reasons about a part: what is about nothing is not lost, it is asked for.
fn read_reasons(posted: &Posted) -> Result<Vec<PartReason>, Stop> {
    let mut reasons = Vec::new();
    for (about, text) in posted.all("about[]").into_iter().zip(posted.all("why[]")) {
        let (code, key) = about.split_once(':').unwrap_or((about, ""));
        match FilingPart::from_code(code) {
            Some(part) => reasons.push(PartReason { part, about: key.to_owned(), text: text.to_owned() }),
            None if text.is_empty() => {}
            None => {
                let what = format!("“{text}”没有选择针对哪一部分");
                return Err(typed_wrong(what, "请选择这条理由针对的部分或某一行", "reasons"));
            }
        }
    }
    Ok(reasons)
}

async fn assess(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    let act = read_decisions(&posted).map(|decisions| AssessFiling {
        filing,
        decisions,
        opinion: posted.text("opinion").to_owned(),
    });
    step(&web, &visit, filing, &posted, act, "评估结论已登记。").await
}

/// The rows of the assessment that were decided; a row left open is missing, and the rules say so.
fn read_decisions(posted: &Posted) -> Result<Vec<Decision>, Stop> {
    let (codes, levels, work_types) = (posted.all("code[]"), posted.all("level[]"), posted.all("work_type[]"));
    let mut decisions = Vec::new();
    for (n, (code, level)) in codes.into_iter().zip(levels).enumerate() {
        let passed = match posted.text(&format!("decision-{n}")) {
            "yes" => true,
            "no" => false,
            _ => continue,
        };
        decisions.push(Decision {
            code: code.to_owned(),
            work_type: work_types.get(n).copied().unwrap_or_default().to_owned(),
            level: rules::certificate::Level::from_text(level)?,
            passed,
            reason: posted.text(&format!("reason-{n}")).to_owned(),
            for_public: posted.text(&format!("public-{n}")) == "yes",
        });
    }
    Ok(decisions)
}

async fn consent(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    let opinion = posted.text("opinion").to_owned();
    step(&web, &visit, filing, &posted, Ok(ConsentFiling { filing, opinion }), "已同意，转省中心汇总。").await
}

async fn summarise(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    step(&web, &visit, filing, &posted, Ok(SummariseFiling { filing }), "已汇总，转省人社厅。").await
}

async fn record_ministry(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    let act = posted.day("filed_on", "部级备案日期").map(|filed_on| RecordMinistryFiling {
        filing,
        reference: posted.text("reference").to_owned(),
        filed_on,
    });
    step(&web, &visit, filing, &posted, act, "部级备案已登记。").await
}

async fn list_body(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    let valid_until = posted.some("valid_until").map(|_| posted.day("valid_until", "有效期截止")).transpose();
    let act = valid_until.map(|valid_until| ListFiling { filing, number: posted.some("number"), valid_until });
    step(&web, &visit, filing, &posted, act, "已列入机构目录，即时向社会公布。").await
}

async fn issue_receipt(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>, posted: Posted) -> Response {
    step(&web, &visit, filing, &posted, Ok(IssueReceipt { filing }), "备案回执已发放，院校可以下载。").await
}

/// The filing form (附件1) as a PDF; before the submission it is a draft and says so.
pub(super) async fn filing_form(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    handed(&web, &visit, Some("application/pdf"), form_pdf(&web, &visit, filing).await)
}

async fn form_pdf(web: &Web, visit: &Visit, filing: i64) -> Result<(String, Vec<u8>), Stop> {
    let view = web.look(visit, FilingDetail { filing }).await?;
    let made = form::filing_form(&view, web.office.today());
    let name = format!("备案表（{}）.pdf", view.line.body_name);
    web.print(move |office| {
        let bytes = office.press().form(&made).map_err(|error| {
            Refusal::new(Clause::A1, format!("备案表不能打印：{error}")).remedy("请按提示修改申请内容后重试")
        })?;
        Ok((name, bytes))
    })
    .await
}

/// The receipt as a PDF; its QR code leads to the entry of the directory.
pub(super) async fn receipt(State(web): State<Web>, visit: Visit, Path(filing): Path<i64>) -> Response {
    handed(&web, &visit, Some("application/pdf"), receipt_pdf(&web, &visit, filing).await)
}

async fn receipt_pdf(web: &Web, visit: &Visit, filing: i64) -> Result<(String, Vec<u8>), Stop> {
    let view = web.look(visit, FilingReceipt { filing }).await?;
    let address = format!("{}/directory/{}", web.settings.public_url, view.number);
    web.work(move |office| {
        let bytes = office.press().receipt(&view.print(Some(address))).map_err(Stop::fault)?;
        Ok((format!("备案回执{}.pdf", view.number), bytes))
    })
    .await
}

pub(super) async fn material(
    State(web): State<Web>,
    visit: Visit,
    Path((filing, material)): Path<(i64, i64)>,
) -> Response {
    handed(&web, &visit, None, material_file(&web, &visit, filing, material).await)
}

async fn material_file(web: &Web, visit: &Visit, filing: i64, material: i64) -> Result<(String, Vec<u8>), Stop> {
    let view = web.look(visit, MaterialFile { filing, material }).await?;
    web.work(move |office| Ok((view.name, office.files().bring(&view.file)?))).await
}

/// A refusal of what was typed, before any act.
pub(super) fn typed_wrong(what: String, remedy: &str, field: &'static str) -> Stop {
    Refusal::new(Clause::A1, what).remedy(remedy).at(field).into()
}
