//! Where a body publishes: what holds and what is missing, a form for a version, the table of fees by form or by
//! workbook, and withdrawing. Offices see the bodies of their territory.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use rules::Refusal;
use rules::certificate::Level;
use rules::people::Role;
use rules::permission::ActKind;
use rules::regulation::{RegulationKind, VersionState};
use sheets::Finding;

use super::public::{tag, workbook};
use super::{
    FeeFindings, FeeLine, FeeView, NamedFile, OwnRegulations, PAGE, PublishFees, PublishRegulation, RegulationLine,
    RegulationOverview, RegulationOverviewView, Regulations, RegulationsView, WithdrawRegulation,
};
use crate::door::{FileHash, Stop};
use crate::web::page::{
    Choice, Crumb, Page, Paging, RefusalPanel, XLSX, asked, done, download, long_day, refusal_in, spoken, status_for,
    with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// Empty rows below what is filled in, and those that a button adds.
const SPARE: usize = 3;
const MORE: usize = 5;

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/regulations", get(home))
        .route("/regulations/new", get(form).post(publish))
        .route("/regulations/fees", get(fees_form).post(publish_fees))
        .route("/regulations/fees.xlsx", get(fees_template))
        .route("/regulations/{regulation}/withdrawal", get(withdraw_form).post(withdraw))
        .route("/bodies/{body}/regulations", get(of_body))
        .merge(super::public_pages())
}

/// The page of a body, for itself and for those in charge of it.
#[derive(Template)]
#[template(path = "regulation/views/own.html")]
struct OwnPage {
    page: Page,
    trail: Vec<Crumb>,
    view: RegulationsView,
    is_head: bool,
    is_own: bool,
}

impl OwnPage {
    fn said(&self, gap: &str) -> String {
        spoken(gap)
    }

    fn tag(&self, line: &RegulationLine) -> &'static str {
        tag(line.state)
    }

    /// Whether a version can still be withdrawn.
    fn can_withdraw(&self, line: &RegulationLine) -> bool {
        let runs = matches!(line.state, VersionState::InForce | VersionState::Ahead);
        self.is_head && runs && line.withdrawn_on.is_none()
    }

    /// The form in which a new version of a kind is published.
    fn form(&self, kind: &RegulationKind) -> String {
        match kind {
            RegulationKind::FeeTable => "/regulations/fees".into(),
            kind => format!("/regulations/new?kind={}", kind.code()),
        }
    }

    /// Where everyone reads a version.
    fn address(&self, line: &RegulationLine) -> String {
        let number = self.view.number.as_deref().unwrap_or_default();
        format!("/directory/{number}/regulations/{}", line.id)
    }
}

async fn home(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    if visit.caller.role().sits_in_body() {
        return match web.look(&visit, OwnRegulations {}).await {
            Ok(view) => own_page(&web, &visit, view),
            Err(stop) => stopped(&web, &visit, stop),
        };
    }
    let page = asked(query.as_deref(), "page").and_then(|page| page.parse().ok());
    match web.look(&visit, RegulationOverview { page }).await {
        Ok(view) => {
            let link = |page| format!("/regulations?page={page}");
            let paging = Paging::new(view.page, PAGE as i64, view.total as i64, link);
            html(&OverviewPage { page: Page::new(&web, &visit), view, paging })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "regulation/views/overview.html")]
struct OverviewPage {
    page: Page,
    view: RegulationOverviewView,
    paging: Paging,
}

impl OverviewPage {
    fn said(&self, what: &[String]) -> String {
        spoken(&what.join("，"))
    }
}

async fn of_body(State(web): State<Web>, visit: Visit, Path(body): Path<i64>) -> Response {
    match web.look(&visit, Regulations { body }).await {
        Ok(view) => own_page(&web, &visit, view),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

fn own_page(web: &Web, visit: &Visit, view: RegulationsView) -> Response {
    let is_own = visit.caller.body() == Some(view.body);
    let trail = match is_own {
        true => vec![Crumb::new("/work", "待办")],
        false => vec![Crumb::new("/regulations", "各机构的管理办法")],
    };
    let is_head = is_own && visit.caller.role() == Role::Head;
    html(&OwnPage { page: Page::new(web, visit), trail, view, is_head, is_own })
}

/// Shows a form only to whom its act is granted.
fn granted(web: &Web, visit: &Visit, act: ActKind) -> Result<(), Box<Response>> {
    visit.caller.granted(act).map(|_| ()).map_err(|stop| Box::new(stopped(web, visit, stop)))
}

#[derive(Template)]
#[template(path = "regulation/views/new.html")]
struct NewPage {
    page: Page,
    trail: Vec<Crumb>,
    kinds: Vec<Choice>,
    typed: Posted,
    from: String,
    refusal: Option<RefusalPanel>,
}

impl NewPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

fn way() -> Vec<Crumb> {
    vec![Crumb::new("/work", "待办"), Crumb::new("/regulations", "管理办法与收费")]
}

async fn form(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    if let Err(response) = granted(&web, &visit, ActKind::PublishRegulation) {
        return *response;
    }
    new_page(&web, &visit, Posted::of_query(query.as_deref().unwrap_or_default()), None)
}

fn new_page(web: &Web, visit: &Visit, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    let kinds = RegulationKind::NAMED.iter().map(|kind| Choice::new(kind.code(), kind.name(), typed.text("kind")));
    let from = typed.some("from").unwrap_or_else(|| web.office.today().to_string());
    let kinds = kinds.collect();
    let page = NewPage { page: Page::new(web, visit), trail: way(), kinds, typed, from, refusal };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn publish(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = match read_version(&web, &visit, &posted).await {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(_) => done("/regulations", "已向社会公布，主管中心已收到消息。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => new_page(&web, &visit, posted, Some(refusal)),
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

async fn read_version(web: &Web, visit: &Visit, posted: &Posted) -> Result<PublishRegulation, Stop> {
    let caller = visit.caller.clone();
    caller.granted(ActKind::PublishRegulation)?;
    let kind = RegulationKind::from_code(posted.text("kind"))
        .ok_or_else(|| Refusal::house("填写", "没有选择是哪一项管理办法").remedy("请选择一项").at("kind"))?;
    let from = posted.day("from", "施行日期")?;
    let until = posted.some("until").map(|_| posted.day("until", "截止日期")).transpose()?;
    let sent: Vec<_> = posted.files("file").cloned().collect();
    let files = web
        .work(move |office| {
            let kept = sent.iter().map(|file| {
                let (hash, _) = office.files().keep(&file.bytes)?;
                Ok(NamedFile { file: hash, name: file.name.clone() })
            });
            kept.collect::<Result<Vec<_>, Stop>>()
        })
        .await?;
    Ok(PublishRegulation::new(
        kind,
        posted.text("title"),
        posted.text("text"),
        files,
        (from, until),
        posted.text("note"),
    ))
}

#[derive(Template)]
#[template(path = "regulation/views/fees.html")]
struct FeesPage {
    page: Page,
    trail: Vec<Crumb>,
    /// Item, occupation, level, amount, unit, basis.
    rows: Vec<[String; 6]>,
    typed: Posted,
    from: String,
    findings: Vec<Finding>,
    has_table: bool,
    refusal: Option<RefusalPanel>,
}

impl FeesPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    fn levels(&self, chosen: &str) -> Vec<Choice> {
        let all = Level::ALL.iter().map(|level| Choice::new(level.digit().to_string(), level.name(), chosen));
        std::iter::once(Choice::new("", "全部等级", chosen)).chain(all).collect()
    }
}

const COLUMNS: [&str; 6] = ["item[]", "trade[]", "level[]", "amount[]", "unit[]", "basis[]"];

/// The rows as they were typed, those left empty among them.
fn rows_of(posted: &Posted) -> Vec<[String; 6]> {
    let columns = COLUMNS.map(|name| posted.all(name));
    let count = columns.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |column: &Vec<&str>, at: usize| column.get(at).map_or(String::new(), |text| (*text).to_owned());
    (0..count).map(|at| std::array::from_fn(|column| cell(&columns[column], at))).collect()
}

fn row(fee: &FeeView) -> [String; 6] {
    let level = fee.level.map(|level| level.digit().to_string()).unwrap_or_default();
    [fee.item.clone(), fee.trade.clone(), level, fee.amount.clone(), fee.unit.clone(), fee.basis.clone()]
}

/// Whether anything but a level stands in a row.
fn is_filled(row: &[String; 6]) -> bool {
    row.iter().enumerate().any(|(at, text)| at != 2 && !text.is_empty())
}

async fn fees_form(State(web): State<Web>, visit: Visit) -> Response {
    if let Err(response) = granted(&web, &visit, ActKind::PublishFees) {
        return *response;
    }
    fees_page(&web, &visit, Posted::default(), (None, SPARE), Vec::new(), None).await
}

/// The form: with the table that holds, or with the rows that were typed.
async fn fees_page(
    web: &Web,
    visit: &Visit,
    typed: Posted,
    (rows, spare): (Option<Vec<[String; 6]>>, usize),
    findings: Vec<Finding>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let held = match web.look(visit, OwnRegulations {}).await {
        Ok(view) => view.fees,
        Err(stop) => return stopped(web, visit, stop),
    };
    let mut rows = rows.unwrap_or_else(|| held.iter().map(row).collect());
    rows.extend((0..spare).map(|_| <[String; 6]>::default()));
    let from = typed.some("from").unwrap_or_else(|| web.office.today().to_string());
    let has_table = !held.is_empty();
    let trail = way();
    let page = FeesPage { page: Page::new(web, visit), trail, rows, typed, from, findings, has_table, refusal };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn publish_fees(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    if let Err(response) = granted(&web, &visit, ActKind::PublishFees) {
        return *response;
    }
    let rows = rows_of(&posted);
    if posted.text("do") == "more" {
        return fees_page(&web, &visit, posted, (Some(rows), MORE), Vec::new(), None).await;
    }
    let has_file = posted.files("file").next().is_some();
    let file = match has_file {
        true => match kept(&web, &visit, &posted).await {
            Ok(file) => Some(file),
            Err(stop) => return again(&web, &visit, posted, rows, Vec::new(), stop).await,
        },
        false => None,
    };
    let act = read_table(&posted, &rows, file.clone());
    let outcome = match act {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(_) => done("/regulations", "收费项目表已向社会公布，主管中心已收到消息。"),
        Err(stop) => {
            let mut findings = Vec::new();
            if let Some(file) = file {
                // What else is wrong in the file is shown beside its first fault.
                findings = web.look(&visit, FeeFindings { file }).await.map(|view| view.findings).unwrap_or_default();
            }
            again(&web, &visit, posted, rows, findings, stop).await
        }
    }
}

async fn again(
    web: &Web,
    visit: &Visit,
    posted: Posted,
    rows: Vec<[String; 6]>,
    findings: Vec<Finding>,
    stop: Stop,
) -> Response {
    match refusal_in(stop) {
        Ok(refusal) => fees_page(web, visit, posted, (Some(rows), 0), findings, Some(refusal)).await,
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn kept(web: &Web, visit: &Visit, posted: &Posted) -> Result<FileHash, Stop> {
    let (posted, caller) = (posted.clone(), visit.caller.clone());
    let keep = move |office: &crate::door::Office| {
        posted.keep_file(office, (&caller, ActKind::PublishFees), ("file", "收费项目表文件"))
    };
    Ok(web.work(keep).await?.0)
}

fn read_table(posted: &Posted, rows: &[[String; 6]], file: Option<FileHash>) -> Result<PublishFees, Stop> {
    let from = posted.day("from", "施行日期")?;
    let until = posted.some("until").map(|_| posted.day("until", "截止日期")).transpose()?;
    // A workbook takes the place of what the form still shows.
    let rows = if file.is_some() { &[] } else { rows };
    let lines = rows.iter().filter(|row| is_filled(row)).map(|[item, trade, level, amount, unit, basis]| FeeLine {
        item: item.clone(),
        trade: trade.clone(),
        level: level.chars().next().and_then(Level::from_digit),
        amount: amount.clone(),
        unit: unit.clone(),
        basis: basis.clone(),
    });
    Ok(PublishFees::new(lines.collect(), file, (from, until), posted.text("note")))
}

/// The table that holds, or an empty one, to be filled in and sent back.
async fn fees_template(State(web): State<Web>, visit: Visit) -> Response {
    let made = match web.look(&visit, OwnRegulations {}).await {
        Ok(view) => web.work(move |_| workbook(&view.fees)).await,
        Err(stop) => Err(stop),
    };
    match made {
        Ok(bytes) => download(XLSX, "收费项目表.xlsx", bytes),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "regulation/views/withdraw.html")]
struct WithdrawPage {
    page: Page,
    trail: Vec<Crumb>,
    line: RegulationLine,
    reason: String,
    refusal: Option<RefusalPanel>,
}

impl WithdrawPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn withdraw_form(State(web): State<Web>, visit: Visit, Path(regulation): Path<i64>) -> Response {
    if let Err(response) = granted(&web, &visit, ActKind::WithdrawRegulation) {
        return *response;
    }
    withdraw_page(&web, &visit, regulation, String::new(), None).await
}

async fn withdraw_page(
    web: &Web,
    visit: &Visit,
    regulation: i64,
    reason: String,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, OwnRegulations {}).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let found = view.kinds.into_iter().flat_map(|kind| kind.versions).find(|line| line.id == regulation);
    let Some(line) = found else { return stopped(web, visit, Stop::NotFound) };
    let page = WithdrawPage { page: Page::new(web, visit), trail: way(), line, reason, refusal };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn withdraw(State(web): State<Web>, visit: Visit, Path(regulation): Path<i64>, posted: Posted) -> Response {
    let reason = posted.text("reason").to_owned();
    match web.act(&visit, posted.once(), WithdrawRegulation { regulation, reason: reason.clone() }).await {
        Ok(_) => done("/regulations", "已废止，明天起不再施行。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => withdraw_page(&web, &visit, regulation, reason, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}
