//! What has to go up and what went, one package with its rows, the differences, the template, and numbers that were given
//! elsewhere.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::civil::Date;
use rules::exchange::{
    ExchangeCode, ExchangeColumn, ExchangeDifferenceKind, ExchangeDifferenceState, ExchangeField, RowState,
};
use rules::permission::ActKind;
use rules::{Clause, Day, Refusal};

use super::{
    BuildExchange, ChangeExchangeTemplate, Differences, DifferencesView, DifferencesWorkbook, DueLine, Elsewhere,
    ElsewhereView, Exchange, ExchangeDifferenceLine, ExchangeFile, ExchangePackage, ExchangeTemplates,
    ExchangeTemplatesView, ExchangeView, ImportElsewhere, ImportExchangeReceipt, ImportNational, MarkExchange, PAGE,
    PackageFile, PackageView, PushExchange, ResolveDifference, SendExchangeAgain, WithdrawExchange,
};
use crate::door::{FileHash, Stop};
use crate::marks::pages::file;
use crate::web::page::{
    Bar, Choice, Crumb, FoundLine, Page, Paging, RefusalPanel, XLSX, asked, bars, done, found_lines, handed, plain_day,
    refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/exchange", get(overview).post(build))
        .route("/exchange/packages/{package}", get(package).post(answer_package))
        .route("/exchange/packages/{package}/sheet.xlsx", get(sheet))
        .route("/exchange/packages/{package}/summary.pdf", get(summary))
        .route("/exchange/packages/{package}/proof", get(proof))
        .route("/exchange/differences", get(differences).post(import_national))
        .route("/exchange/differences.xlsx", get(workbook))
        .route("/exchange/differences/{difference}", post(resolve))
        .route("/exchange/elsewhere", get(elsewhere).post(import_elsewhere))
        .route("/exchange/template", get(template).post(change_template))
}

fn page_asked(query: Option<&str>) -> Option<i64> {
    asked(query, "page").and_then(|page| page.parse().ok())
}

fn trail() -> Vec<Crumb> {
    vec![Crumb::new("/certificates", "证书"), Crumb::new("/exchange", "国家平台交换")]
}

/// A file that came with a form, kept for an act; its hash and its name.
async fn kept(
    web: &Web,
    visit: &Visit,
    posted: &Posted,
    act: ActKind,
    label: &'static str,
) -> Result<(FileHash, String), Stop> {
    let (posted, caller) = (posted.clone(), visit.caller.clone());
    web.work(move |office| posted.keep_file(office, (&caller, act), ("file", label))).await
}

#[derive(Template)]
#[template(path = "exchange/views/overview.html")]
struct OverviewPage {
    page: Page,
    trail: Vec<Crumb>,
    view: ExchangeView,
    paging: Paging,
    today: Day,
    /// Whether the caller makes packages.
    may_build: bool,
    is_body: bool,
    /// Whether the caller sees to what was given elsewhere and to the template.
    is_province: bool,
    bodies: Vec<Choice>,
    from: String,
    until: String,
    refusal: Option<RefusalPanel>,
}

impl OverviewPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    fn is_late(&self, line: &DueLine) -> bool {
        line.due_on.is_some_and(|due| due < self.today)
    }
}

async fn overview(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    overview_page(&web, &visit, page_asked(query.as_deref()), &Posted::default(), None).await
}

async fn overview_page(
    web: &Web,
    visit: &Visit,
    asked: Option<i64>,
    typed: &Posted,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, Exchange { page: asked }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let (today, chosen) = (web.office.today(), typed.text("body"));
    let bodies = view.due.iter().map(|line| {
        let label = format!("{}（{} 本）", line.body_name, line.certificates);
        Choice::new(line.body.to_string(), label, chosen)
    });
    let since = view.due.iter().map(|line| line.since).min().unwrap_or(today);
    let page = OverviewPage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/certificates", "证书")],
        paging: Paging::new(view.page, PAGE, view.total, |page| format!("/exchange?page={page}")),
        may_build: visit.caller.granted(ActKind::BuildExchange).is_ok(),
        is_body: visit.caller.body().is_some(),
        is_province: visit.caller.granted(ActKind::ImportElsewhere).is_ok(),
        bodies: bodies.collect(),
        from: typed.some("from").unwrap_or_else(|| since.to_string()),
        until: typed.some("until").unwrap_or_else(|| today.to_string()),
        today,
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn build(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = async {
        let body = match visit.caller.body() {
            Some(body) => body,
            None => posted.int("body", "评价机构")?,
        };
        let act = BuildExchange::new(body, posted.day("from", "起始日期")?, posted.day("until", "截止日期")?);
        web.act(&visit, posted.once(), act).await
    };
    match outcome.await {
        Ok(built) => {
            let more = if built.more { "同一期间还有证书没有放下，请再制作一个。" } else { "" };
            let said = format!("交换包 {} 已制作，{} 行。{more}", built.number, built.rows);
            done(&format!("/exchange/packages/{}", built.package), &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => overview_page(&web, &visit, None, &posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "exchange/views/package.html")]
struct PackagePage {
    page: Page,
    trail: Vec<Crumb>,
    view: PackageView,
    paging: Paging,
    bars: Vec<Bar>,
    may_act: bool,
    may_push: bool,
    is_open: bool,
    /// Which form was sent.
    sent: String,
    typed: Posted,
    uploaded_on: String,
    faults: Vec<FoundLine>,
    refusal: Option<RefusalPanel>,
}

impl PackagePage {
    fn wrong(&self, form: &str, field: &str) -> &str {
        if self.sent == form { RefusalPanel::beside(self.refusal.as_ref(), field) } else { "" }
    }

    fn typed(&self, form: &str, field: &str) -> &str {
        if self.sent == form { self.typed.text(field) } else { "" }
    }
}

/// The colour of a row's tag.
fn row_kind(state: &RowState) -> &'static str {
    match state {
        RowState::ToSend => "warn",
        RowState::Sent => "waiting",
        RowState::Accepted => "ok",
        RowState::Rejected => "danger",
        RowState::Withdrawn => "neutral",
    }
}

async fn package(
    State(web): State<Web>,
    visit: Visit,
    Path(package): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    package_page(&web, &visit, (package, page_asked(query.as_deref())), Posted::default(), None).await
}

async fn package_page(
    web: &Web,
    visit: &Visit,
    (package, asked): (i64, Option<i64>),
    typed: Posted,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, ExchangePackage { package, page: asked }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let line = &view.package;
    let counts = [
        (RowState::ToSend, line.to_send),
        (RowState::Sent, line.sent),
        (RowState::Accepted, line.accepted),
        (RowState::Rejected, line.rejected),
        (RowState::Withdrawn, line.withdrawn),
    ];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    let found = view.receipts.first().map(|receipt| receipt.findings.as_slice()).unwrap_or_default();
    let page = PackagePage {
        page: Page::new(web, visit),
        trail: trail(),
        paging: Paging::new(view.page, PAGE, line.rows, |page| format!("/exchange/packages/{package}?page={page}")),
        bars: bars(
            counts.map(|(state, count)| (state.name().to_owned(), usize::try_from(count).unwrap_or(0))).collect(),
        ),
        may_act: visit.caller.granted(ActKind::MarkExchange).is_ok(),
        may_push: visit.caller.granted(ActKind::PushExchange).is_ok(),
        is_open: line.withdrawn_on.is_none() && line.uploaded_on.is_none() && line.handed_on.is_none(),
        sent: typed.text("do").to_owned(),
        uploaded_on: typed.some("uploaded_on").unwrap_or_else(|| web.office.today().to_string()),
        faults: found_lines(found.iter()).0,
        typed,
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// One address for the forms of a package; each says which it is.
async fn answer_package(State(web): State<Web>, visit: Visit, Path(package): Path<i64>, posted: Posted) -> Response {
    let (once, reason) = (posted.once(), posted.text("reason").to_owned());
    let outcome = async {
        Ok::<String, Stop>(match posted.text("do") {
            "mark" => {
                let has_file = posted.files("file").next().is_some();
                let proof = match has_file {
                    true => Some(kept(&web, &visit, &posted, ActKind::MarkExchange, "上传凭证").await?),
                    false => None,
                };
                let uploaded_on = posted.day("uploaded_on", "上传日期")?;
                let act = MarkExchange::new(package, uploaded_on, posted.text("place").to_owned(), proof);
                web.act(&visit, once, act).await?;
                "已登记上传，请在国家平台处理后导入回执。".into()
            }
            "push" => {
                let handed = web.act(&visit, once, PushExchange { package }).await?;
                format!("已交由接口上传，分 {} 次。", handed.parts)
            }
            "withdraw" => {
                web.act(&visit, once, WithdrawExchange { package, reason }).await?;
                "已撤回，其中的证书进入下一个交换包。".into()
            }
            "again" => {
                let again = web.act(&visit, once, SendExchangeAgain { package, reason }).await?;
                format!("{} 本证书进入下一个交换包。", again.rows)
            }
            _ => {
                let act = ActKind::ImportExchangeReceipt;
                let (file, name) = kept(&web, &visit, &posted, act, "回执文件").await?;
                let read = web.act(&visit, once, ImportExchangeReceipt::new(package, file, name)).await?;
                let wrong = match read.findings.len() {
                    0 => String::new(),
                    count => format!("另有 {count} 处与交换记录不符，见下面的清单。"),
                };
                format!("回执已导入：入库 {} 行，退回 {} 行。{wrong}", read.accepted, read.rejected)
            }
        })
    };
    match outcome.await {
        Ok(said) => done(&format!("/exchange/packages/{package}"), &said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => package_page(&web, &visit, (package, None), posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn handed_file(web: Web, visit: Visit, package: i64, what: PackageFile, kind: Option<&'static str>) -> Response {
    let made = web.look(&visit, ExchangeFile { package, what }).await;
    handed(&web, &visit, kind, made.map(|file| (file.name, file.bytes)))
}

async fn sheet(State(web): State<Web>, visit: Visit, Path(package): Path<i64>) -> Response {
    handed_file(web, visit, package, PackageFile::Sheet, Some(XLSX)).await
}

async fn summary(State(web): State<Web>, visit: Visit, Path(package): Path<i64>) -> Response {
    handed_file(web, visit, package, PackageFile::Summary, None).await
}

async fn proof(State(web): State<Web>, visit: Visit, Path(package): Path<i64>) -> Response {
    handed_file(web, visit, package, PackageFile::Proof, None).await
}

#[derive(Template)]
#[template(path = "exchange/views/differences.html")]
struct DifferencesPage {
    page: Page,
    trail: Vec<Crumb>,
    view: DifferencesView,
    paging: Paging,
    states: Vec<Choice>,
    /// The state that is shown, for links.
    state: String,
    may_import: bool,
    may_resolve: bool,
    /// The one that is being answered.
    answering: Option<ExchangeDifferenceLine>,
    reason: String,
    refusal: Option<RefusalPanel>,
}

impl DifferencesPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    fn may_go_again(&self, line: &ExchangeDifferenceLine) -> bool {
        line.kind != ExchangeDifferenceKind::Foreign || line.body.is_some()
    }
}

/// The colour of a difference's tag.
fn difference_kind(line: &ExchangeDifferenceLine, today: &Date) -> &'static str {
    match line.state {
        ExchangeDifferenceState::Open if line.due_on < *today => "danger",
        ExchangeDifferenceState::Open => "warn",
        ExchangeDifferenceState::Noted => "neutral",
        ExchangeDifferenceState::Again => "waiting",
        ExchangeDifferenceState::Gone => "ok",
    }
}

async fn differences(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let answer = asked(query.as_deref(), "answer").and_then(|id| id.parse().ok());
    let state = asked(query.as_deref(), "state");
    differences_page(&web, &visit, (state, page_asked(query.as_deref())), answer, String::new(), None).await
}

async fn differences_page(
    web: &Web,
    visit: &Visit,
    (state, page): (Option<String>, Option<i64>),
    answer: Option<i64>,
    reason: String,
    refusal: Option<RefusalPanel>,
) -> Response {
    let wanted = state.as_deref().and_then(ExchangeDifferenceState::from_code);
    let view = match web.look(visit, Differences { state: wanted, page }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let chosen = wanted.map_or("", |state| state.code());
    let states = std::iter::once(Choice::new("", "全部", chosen));
    let states =
        states.chain(ExchangeDifferenceState::ALL.iter().map(|one| Choice::new(one.code(), one.name(), chosen)));
    let may_resolve = visit.caller.granted(ActKind::ResolveDifference).is_ok();
    let is_asked =
        |line: &&ExchangeDifferenceLine| Some(line.id) == answer && line.state == ExchangeDifferenceState::Open;
    let page = DifferencesPage {
        page: Page::new(web, visit),
        trail: trail(),
        paging: Paging::new(view.page, PAGE, view.total, |page| {
            format!("/exchange/differences?state={chosen}&page={page}")
        }),
        states: states.collect(),
        state: chosen.to_owned(),
        may_import: visit.caller.granted(ActKind::ImportNational).is_ok(),
        may_resolve,
        answering: view.differences.iter().find(is_asked).filter(|_| may_resolve).cloned(),
        view,
        reason,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn import_national(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = async {
        let (file, name) = kept(&web, &visit, &posted, ActKind::ImportNational, "国家平台清单").await?;
        web.act(&visit, posted.once(), ImportNational::new(file, name)).await
    };
    match outcome.await {
        Ok(read) => {
            let said = format!("清单 {} 本已对账，发现差异 {} 处。", read.certificates, read.differences);
            done("/exchange/differences", &said)
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => differences_page(&web, &visit, (None, None), None, String::new(), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn resolve(State(web): State<Web>, visit: Visit, Path(difference): Path<i64>, posted: Posted) -> Response {
    let reason = posted.text("reason").to_owned();
    let act = ResolveDifference { difference, again: posted.text("do") == "again", reason: reason.clone() };
    match web.act(&visit, posted.once(), act).await {
        Ok(_) => done("/exchange/differences", "已处理。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let page = posted.some("page").and_then(|page| page.parse().ok());
                let shown = (posted.some("state"), page);
                differences_page(&web, &visit, shown, Some(difference), reason, Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn workbook(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let state = asked(query.as_deref(), "state").and_then(|code| ExchangeDifferenceState::from_code(&code));
    file(&web, &visit, DifferencesWorkbook { state }).await
}

#[derive(Template)]
#[template(path = "exchange/views/elsewhere.html")]
struct ElsewherePage {
    page: Page,
    trail: Vec<Crumb>,
    view: ElsewhereView,
    paging: Paging,
    may_import: bool,
    refusal: Option<RefusalPanel>,
}

impl ElsewherePage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn elsewhere(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    elsewhere_page(&web, &visit, page_asked(query.as_deref()), None).await
}

async fn elsewhere_page(web: &Web, visit: &Visit, page: Option<i64>, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, Elsewhere { page }).await {
        Ok(view) => {
            let page = ElsewherePage {
                page: Page::new(web, visit),
                trail: trail(),
                paging: Paging::new(view.page, PAGE, view.total, |page| format!("/exchange/elsewhere?page={page}")),
                may_import: visit.caller.granted(ActKind::ImportElsewhere).is_ok(),
                view,
                refusal,
            };
            with_status(status_for(page.refusal.as_ref()), &page)
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn import_elsewhere(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = async {
        let (file, name) = kept(&web, &visit, &posted, ActKind::ImportElsewhere, "外部编号的证书").await?;
        web.act(&visit, posted.once(), ImportElsewhere::new(file, name)).await
    };
    match outcome.await {
        Ok(read) => {
            let first = read.findings.first().map_or(String::new(), |one| {
                let count = read.findings.len();
                format!("另有 {count} 处没有导入，首处：第{}行“{}”{}。", one.row, one.column_name, one.reason)
            });
            done("/exchange/elsewhere", &format!("读到 {} 行，新增 {} 本。{first}", read.rows_read, read.new))
        }
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => elsewhere_page(&web, &visit, None, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

#[derive(Template)]
#[template(path = "exchange/views/template.html")]
struct TemplatePage {
    page: Page,
    trail: Vec<Crumb>,
    view: ExchangeTemplatesView,
    may_change: bool,
    title: String,
    columns: String,
    from: String,
    reason: String,
    refusal: Option<RefusalPanel>,
}

impl TemplatePage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    /// What a column may say, as the form reads it.
    fn fields() -> String {
        ExchangeField::ALL.iter().map(|field| field.name()).collect::<Vec<_>>().join("、")
    }
}

/// Codes of a column as they are typed.
fn codes(column: &ExchangeColumn) -> String {
    column.codes.iter().map(|code| format!("{}={}", code.ours, code.theirs)).collect::<Vec<_>>().join("、")
}

/// A column as a line of the form.
fn line(column: &ExchangeColumn) -> String {
    let must = if column.must { "必填" } else { "" };
    format!("{} | {} | {must} | {} | {}", column.heading, column.field.name(), column.otherwise, codes(column))
        .trim_end_matches([' ', '|'])
        .to_owned()
}

/// A line of the form as a column.
fn read_line(text: &str) -> Result<ExchangeColumn, Stop> {
    let cells: Vec<&str> = text.split(['|', '｜']).map(str::trim).collect();
    let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
    let refuse = |what: String, remedy: &str| Refusal::new(Clause::S3_3_6, what).remedy(remedy).at("columns");
    let field = ExchangeField::ALL.iter().copied().find(|field| field.name() == cell(1));
    let field = field.ok_or_else(|| {
        refuse(format!("“{text}”的第二格不是取值"), &format!("可用的取值：{}", TemplatePage::fields()))
    })?;
    let codes = cell(4).split(['、', ',', '，']).map(str::trim).filter(|code| !code.is_empty()).map(|code| {
        let (ours, theirs) =
            code.split_once('=').ok_or_else(|| refuse(format!("“{code}”不是代码"), "请写成 201=201 的样式"))?;
        Ok(ExchangeCode { ours: ours.trim().into(), theirs: theirs.trim().into() })
    });
    Ok(ExchangeColumn {
        heading: cell(0).to_owned(),
        field,
        must: cell(2) == "必填",
        otherwise: cell(3).to_owned(),
        codes: codes.collect::<Result<_, Refusal>>()?,
    })
}

async fn template(State(web): State<Web>, visit: Visit) -> Response {
    template_page(&web, &visit, &Posted::default(), None).await
}

async fn template_page(web: &Web, visit: &Visit, typed: &Posted, refusal: Option<RefusalPanel>) -> Response {
    let view = match web.look(visit, ExchangeTemplates {}).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let held = view.columns.iter().map(line).collect::<Vec<_>>().join("\n");
    let page = TemplatePage {
        page: Page::new(web, visit),
        trail: trail(),
        may_change: visit.caller.granted(ActKind::ChangeExchangeTemplate).is_ok(),
        title: typed.some("name").unwrap_or_else(|| view.name.clone()),
        columns: typed.some("columns").unwrap_or(held),
        from: typed.some("from").unwrap_or_else(|| view.today.to_string()),
        reason: typed.text("reason").to_owned(),
        view,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn change_template(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let read = || {
        let lines = posted.text("columns").lines().map(str::trim).filter(|line| !line.is_empty());
        Ok::<_, Stop>(ChangeExchangeTemplate {
            name: posted.text("name").to_owned(),
            columns: lines.map(read_line).collect::<Result<_, Stop>>()?,
            from: posted.day("from", "生效日期")?,
            reason: posted.text("reason").to_owned(),
        })
    };
    let outcome = match read() {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(_) => done("/exchange/template", "已调整，从生效日期起制作的交换包按新的模板。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => template_page(&web, &visit, &posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}
