//! Pages: reporting, lateness, the review of persons with its sampling aid, the summary and the list to take away.

mod desk;

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::Day;
use rules::people::Role;
use rules::report::Hint;

use super::give_up::{GiveUpLine, GiveUpView};
use super::{
    DecideLateReport, GiveUpList, GiveUpPersons, ReportBrief, ReportDetail, ReportResults, ReportView, ReportWorkbook,
    ReportedPerson, ReviewLine, ReviewList, ReviewListView, ReviewPersons,
};
use crate::door::Stop;
use crate::marks::pages::{asked, file, page_asked, paged, trail, verdict_kind};
use crate::web::page::{
    Crumb, Page, Paging, RefusalPanel, done, download, long_day, not_printed, refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/report", get(report).post(make))
        .route("/batches/{batch}/given-up", get(given_up).post(give_up))
        .route("/batches/{batch}/reports/{no}/lateness", post(lateness))
        .route("/batches/{batch}/reports/{no}/reviews", post(review))
        .route("/batches/{batch}/reports/{no}/desk", get(desk::desk).post(desk::form))
        .route("/batches/{batch}/reports/{no}/desk/words", post(desk::words))
        .route("/batches/{batch}/reports/{no}/samples", post(desk::sample))
        .route("/batches/{batch}/report.pdf", get(summary))
        .route("/batches/{batch}/report.xlsx", get(workbook))
        .route("/reviews", get(reviews))
}

/// What the list of persons is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Filter {
    hint: Option<Hint>,
    /// Only persons on whom nothing was decided yet.
    undecided: bool,
}

impl Filter {
    /// The address of a page of the list of a report.
    fn address(&self, no: i64, page: i64) -> String {
        let hint = self.hint.map(|hint| format!("&hint={}", hint.code())).unwrap_or_default();
        let state = if self.undecided { "&state=undecided" } else { "" };
        let page = if page > 0 { format!("&page={page}") } else { String::new() };
        format!("?report={no}{hint}{state}{page}#persons")
    }

    fn read(query: Option<&str>) -> Self {
        let hint = asked(query, "hint");
        Self {
            hint: hint.and_then(|code| Hint::ALL.iter().copied().find(|hint| hint.code() == code)),
            undecided: asked(query, "state").as_deref() == Some("undecided"),
        }
    }

    fn lets(&self, person: &ReportedPerson) -> bool {
        self.hint.is_none_or(|hint| person.hints.contains(&hint)) && (!self.undecided || person.awaits)
    }
}

/// Whether the centre may decide on a person here, for the first time or differently.
fn is_open(line: &ReportedPerson) -> bool {
    let passed = line.person.verdict == "passed";
    passed && line.is_current && !line.has_certificate && line.given_up.is_none()
}

/// One way to narrow the list.
struct Way {
    href: String,
    label: String,
    count: usize,
    current: bool,
}

#[derive(Template)]
#[template(path = "report/views/report.html")]
struct ReportPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ReportView,
    shown: Option<ReportBrief>,
    persons: Vec<ReportedPerson>,
    paging: Paging,
    ways: Vec<Way>,
    is_school: bool,
    is_head: bool,
    /// Whether boxes to tick are there.
    may_review: bool,
    hindrance: Option<RefusalPanel>,
    report_hindrance: Option<RefusalPanel>,
    due_unknown: Option<RefusalPanel>,
    typed: Typed,
    refusal: Option<RefusalPanel>,
}

impl ReportPage {
    /// What is wrong with a field, to stand beside it.
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

/// What was typed or ticked before the page is shown again.
#[derive(Default)]
struct Typed {
    late_reason: String,
    reason: String,
    ticked: Vec<i64>,
}

async fn report(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    show(&web, &visit, (batch, None), query.as_deref(), Typed::default(), None).await
}

async fn show(
    web: &Web,
    visit: &Visit,
    (batch, no): (i64, Option<i64>),
    query: Option<&str>,
    typed: Typed,
    refusal: Option<RefusalPanel>,
) -> Response {
    let no = no.or_else(|| asked(query, "report").and_then(|no| no.parse().ok()));
    let view = match web.look(visit, ReportDetail { batch, report: no }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let filter = Filter::read(query);
    let may_review = view.reviewable && view.in_charge && view.persons.iter().any(is_open);
    let persons: Vec<_> = view.persons.iter().filter(|person| filter.lets(person)).cloned().collect();
    let no = view.shown.unwrap_or(1);
    let (persons, paging) = paged(persons, page_asked(query), |page| filter.address(no, page));
    let page = ReportPage {
        page: Page::new(web, visit),
        trail: trail(&view.batch),
        shown: view.shown.and_then(|no| view.reports.iter().find(|report| report.no == no).cloned()),
        persons,
        paging,
        ways: ways(&view, &filter),
        is_school: visit.caller.role().sits_in_body(),
        is_head: visit.caller.role() == Role::Head,
        may_review,
        hindrance: view.hindrance.clone().map(Into::into),
        report_hindrance: view.report_hindrance.clone().map(Into::into),
        due_unknown: view.due_unknown.clone().map(Into::into),
        typed,
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// The sampling aid: whom to look at first, and how many there are.
fn ways(view: &ReportView, filter: &Filter) -> Vec<Way> {
    let Some(no) = view.shown else { return Vec::new() };
    let way = |label: &str, of: Filter| Way {
        href: of.address(no, 0),
        label: label.into(),
        count: view.persons.iter().filter(|person| of.lets(person)).count(),
        current: of == *filter,
    };
    let mut ways = vec![way("全部", Filter::default()), way("待审核", Filter { undecided: true, ..Filter::default() })];
    ways.extend(Hint::OF_MARKS.iter().map(|&hint| way(hint.name(), Filter { hint: Some(hint), ..Filter::default() })));
    ways
}

async fn make(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let late_reason = posted.some("late_reason");
    match web.act(&visit, posted.once(), ReportResults { batch, late_reason: late_reason.clone() }).await {
        Ok(made) => {
            let said: Vec<String> = made
                .reports
                .iter()
                .map(|report| {
                    let word = if report.late { "已逾期上报，等主管中心裁定" } else { "已上报" };
                    format!("{word}：{} 人，其中拟发证 {} 人。", report.persons, report.passed)
                })
                .collect();
            done(&format!("/batches/{batch}/report"), &said.concat())
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let typed = Typed { late_reason: late_reason.unwrap_or_default(), ..Typed::default() };
                show(&web, &visit, (batch, None), None, typed, Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn lateness(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, no)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let reason = posted.text("reason").to_owned();
    let act = DecideLateReport { batch, no, accepted: posted.text("accepted") == "yes", reason: reason.clone() };
    match web.act(&visit, posted.once(), act).await {
        Ok(decided) => {
            done(&format!("/batches/{batch}/report?report={no}"), &format!("已裁定：{}。", decided.decision.name()))
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let typed = Typed { reason, ..Typed::default() };
                show(&web, &visit, (batch, Some(no)), None, typed, Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn review(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, no)): Path<(i64, i64)>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Response {
    let decision = posted.text("decision");
    let rest = decision.ends_with("-rest");
    let ticked: Vec<i64> = posted.all("person").iter().filter_map(|id| id.parse().ok()).collect();
    let reason = posted.text("reason").to_owned();
    let act = ReviewPersons {
        batch,
        no,
        candidates: if rest { Vec::new() } else { ticked.clone() },
        rest,
        approved: decision.starts_with("approve"),
        held: false,
        reason: reason.clone(),
        words: Vec::new(),
    };
    match web.act(&visit, posted.once(), act).await {
        Ok(reviewed) => {
            let left = if reviewed.undecided > 0 {
                format!("还有 {} 人待审核。", reviewed.undecided)
            } else if reviewed.to_issue > 0 {
                "本批次审核完毕，机构可以核发证书。".into()
            } else {
                "本批次审核完毕，没有待发的证书。".into()
            };
            done(&format!("/batches/{batch}/report?report={no}"), &format!("已审核 {} 人。{left}", reviewed.decided))
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let typed = Typed { reason, ticked, ..Typed::default() };
                show(&web, &visit, (batch, Some(no)), query.as_deref(), typed, Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "report/views/give_up.html")]
struct GiveUpPage {
    page: Page,
    trail: Vec<Crumb>,
    view: GiveUpView,
    open: Vec<GiveUpLine>,
    paging: Paging,
    is_head: bool,
    typed: Typed,
    refusal: Option<RefusalPanel>,
}

async fn given_up(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    given_up_page(&web, &visit, (batch, query.as_deref()), Typed::default(), None).await
}

async fn given_up_page(
    web: &Web,
    visit: &Visit,
    (batch, query): (i64, Option<&str>),
    typed: Typed,
    refusal: Option<RefusalPanel>,
) -> Response {
    let mut view = match web.look(visit, GiveUpList { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let open = std::mem::take(&mut view.open);
    let (open, paging) = paged(open, page_asked(query), |page| format!("?page={page}"));
    let mut trail = trail(&view.batch);
    trail.push(Crumb::new(format!("/batches/{batch}/report"), "上报与审核"));
    let is_head = visit.caller.role() == Role::Head;
    let status = status_for(refusal.as_ref());
    let page = Page::new(web, visit);
    with_status(status, &GiveUpPage { page, trail, view, open, paging, is_head, typed, refusal })
}

async fn give_up(
    State(web): State<Web>,
    visit: Visit,
    Path(batch): Path<i64>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Response {
    let ticked: Vec<i64> = posted.all("person").iter().filter_map(|id| id.parse().ok()).collect();
    let reason = posted.text("reason").to_owned();
    let act = GiveUpPersons { batch, candidates: ticked.clone(), reason: reason.clone() };
    match web.act(&visit, posted.once(), act).await {
        Ok(made) => done(&format!("/batches/{batch}/given-up"), &format!("{} 人不再办理。", made.persons)),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let typed = Typed { reason, ticked, ..Typed::default() };
                given_up_page(&web, &visit, (batch, query.as_deref()), typed, Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The summary of a report, for the files of the centre and of the body.
async fn summary(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    let no = asked(query.as_deref(), "report").and_then(|no| no.parse().ok());
    let view = match web.look(&visit, ReportDetail { batch, report: no }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let Some(report) = view.reports.iter().find(|report| Some(report.no) == view.shown).cloned() else {
        return stopped(&web, &visit, Stop::NotFound);
    };
    let name = format!("认定结果汇总-{}-第{}次上报.pdf", view.batch.number, report.no);
    let printed =
        web.print(move |office| office.press().table(&sheet(&view, &report)).map_err(|error| not_printed(&error)));
    match printed.await {
        Ok(bytes) => download("application/pdf", &name, bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

fn sheet(view: &ReportView, report: &ReportBrief) -> press::Table {
    let column = |heading: &str, share| press::Column { heading: heading.into(), share };
    let mut columns = vec![column("序号", 2), column("姓名", 4), column("证件号码", 7)];
    columns.extend(view.parts.iter().map(|part| column(&part.name, 4)));
    columns.extend([column("认定结果", 4), column("审核结论", 4)]);
    let rows = view.persons.iter().map(|line| {
        let mut row = vec![
            line.no.map(|no| no.to_string()).unwrap_or_default(),
            line.person.name.clone(),
            line.person.id_masked.clone(),
        ];
        row.extend(line.person.marks.iter().map(|mark| mark.outcome.clone()));
        row.extend([line.person.verdict_name.clone(), line.review_name.clone().unwrap_or_default()]);
        row
    });
    let approved = view.persons.iter().filter(|line| line.review.as_deref() == Some("approved")).count();
    let late = match (&report.late_reason, &report.late_decision) {
        (Some(reason), Some(decision)) => {
            format!("逾期上报（{reason}）；主管中心裁定：{}，{}。", decision.name(), decision.reason())
        }
        (Some(reason), None) => format!("逾期上报（{reason}）；主管中心尚未裁定。"),
        _ => "按期上报。".into(),
    };
    let mut notes = vec![
        format!(
            "本次上报 {} 人，拟发证 {} 人，已审核通过 {approved} 人。上报日期 {}，期限 {}（闽人社办〔2020〕60号 二（二）3）。{late}",
            report.persons,
            view.for_review,
            long_day(report.reported_on),
            long_day(report.due_on)
        ),
        format!("上报人：{}。主管中心：{}。", report.reported_by, view.batch.centre),
        "机构负责人（签字）：　　　　　　　　　　　　机构（盖章）：".into(),
    ];
    if let Some(window) = view.window {
        let days = format!("公示期 {} 至 {}，已满 5 个工作日。", long_day(window.first_on), long_day(window.ends_on));
        notes.insert(0, days);
    }
    press::Table {
        title: format!("职业技能等级认定结果汇总表（第 {} 次上报）", report.no),
        subtitle: Some(format!(
            "{}　{}　{}　{}",
            view.batch.body, view.batch.title, view.batch.trade, view.batch.level
        )),
        columns,
        rows: rows.collect(),
        notes,
        on: report.reported_on,
        landscape: false,
    }
}

async fn workbook(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    let report = asked(query.as_deref(), "report").and_then(|no| no.parse().ok()).unwrap_or(1);
    file(&web, &visit, ReportWorkbook { batch, report }).await
}

#[derive(Template)]
#[template(path = "report/views/reviews.html")]
struct ReviewsPage {
    page: Page,
    view: ReviewListView,
}

async fn reviews(State(web): State<Web>, visit: Visit) -> Response {
    match web.look(&visit, ReviewList {}).await {
        Ok(view) => html(&ReviewsPage { page: Page::new(&web, &visit), view }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

/// Where a report stands: the colour of its tag and its word.
fn standing(report: &ReviewLine) -> (&'static str, &'static str) {
    if report.awaits_late_decision() {
        ("danger", "逾期，待裁定")
    } else if report.late_decision.as_deref() == Some("refused") {
        ("danger", "逾期，不予受理")
    } else if report.awaits_review() {
        ("waiting", "待审核")
    } else if report.for_review == 0 {
        ("neutral", "无人发证")
    } else {
        ("ok", "已审核")
    }
}

/// The colour of a report's tag and its word.
fn word(report: &ReportBrief) -> (&'static str, String) {
    match (report.late, &report.late_decision) {
        (false, _) => ("ok", "按期上报".into()),
        (true, None) => ("danger", "逾期，待裁定".into()),
        (true, Some(decision)) => ("danger", format!("逾期，{}", decision.name())),
    }
}

/// The colour of a review's tag.
fn review_kind(code: &str) -> &'static str {
    if code == "approved" { "ok" } else { "danger" }
}

/// A day for people, for the templates.
fn day(day: &Day) -> String {
    long_day(*day)
}
