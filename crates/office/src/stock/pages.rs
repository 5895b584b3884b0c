//! The ledger of blanks, the forms by which it grows, the serials of a batch, and a centre's overview.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::permission::ActKind;

use super::{
    AnswerBlankDestruction, BatchSerials, BatchSerialsView, BlankDestructionFile, PAGE, ProposeBlankDestruction,
    ReceiveBlanks, ReverseStockEntry, SpoilBlanks, Stock, StockFile, StockLine, StockView, StockWhole, StockWorkbook,
    Stocks, StocksView, TakeSerials, print,
};
use crate::door::{FileHash, Office, Stop};
use crate::marks::pages::file;
use crate::web::page::{
    Bar, Crumb, Page, Paging, RefusalPanel, asked, batch_trail, done, handed, not_printed, plain_day, proposal_kind,
    refusal_in, status_for, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// Where a body's own ledger is.
const OWN: &str = "/certificates/stock";

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/certificates/stock", get(own))
        .route("/certificates/stock/received", get(received_form).post(receive))
        .route("/certificates/stock/spoiled", get(spoiled_form).post(spoil))
        .route("/certificates/stock/entries/{stock_entry}/reversal", get(reversal_form).post(reverse))
        .route("/certificates/stock/destructions", get(destruction_form).post(propose))
        .route("/certificates/stock/destructions/{blank_destruction}/answer", post(answer))
        .route("/bodies/{body}/certificates/stock", get(of_body))
        .route("/bodies/{body}/certificates/stock.xlsx", get(workbook))
        .route("/bodies/{body}/certificates/stock.pdf", get(paper))
        .route("/bodies/{body}/certificates/stock/entries/{stock_entry}/file", get(evidence))
        .route("/bodies/{body}/certificates/stock/destructions/{blank_destruction}/file", get(destruction_evidence))
        .route("/batches/{batch}/certificates/serials", get(serials).post(take))
}

#[derive(Template)]
#[template(path = "stock/views/ledger.html")]
struct LedgerPage {
    page: Page,
    trail: Vec<Crumb>,
    view: StockView,
    bars: Vec<Bar>,
    is_own: bool,
    may_enter: bool,
    may_reverse: bool,
    paging: Paging,
}

impl LedgerPage {
    /// What stands last in the way to the page.
    fn here(&self) -> &str {
        if self.is_own { "空白证书" } else { &self.view.body_name }
    }

    /// Whether an entry may be taken back as far as can be seen from it.
    fn is_reversible(&self, line: &StockLine) -> bool {
        let is_destruction = line.kind == rules::stock::StockKind::Destroyed;
        self.may_reverse && line.reverses.is_none() && line.reversed_by.is_none() && !is_destruction
    }
}

#[derive(Template)]
#[template(path = "stock/views/overview.html")]
struct OverviewPage {
    page: Page,
    trail: Vec<Crumb>,
    view: StocksView,
}

async fn own(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    if let Some(body) = visit.caller.body() {
        return ledger(&web, &visit, body, query.as_deref()).await;
    }
    match web.look(&visit, Stocks {}).await {
        Ok(view) => html(&OverviewPage {
            page: Page::new(&web, &visit),
            trail: vec![Crumb::new("/certificates", "证书")],
            view,
        }),
        Err(stop) => stopped(&web, &visit, stop),
    }
}

async fn of_body(State(web): State<Web>, visit: Visit, Path(body): Path<i64>, RawQuery(query): RawQuery) -> Response {
    ledger(&web, &visit, body, query.as_deref()).await
}

async fn ledger(web: &Web, visit: &Visit, body: i64, query: Option<&str>) -> Response {
    let page = asked(query, "page").and_then(|page| page.parse().ok());
    let view = match web.look(visit, Stock { body, page }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let is_own = visit.caller.body() == Some(body);
    let mut trail = vec![Crumb::new("/certificates", "证书")];
    if !is_own {
        trail.push(Crumb::new(OWN, "空白证书"));
    }
    html(&LedgerPage {
        page: Page::new(web, visit),
        trail,
        bars: bars(&view),
        is_own,
        may_enter: is_own && visit.caller.granted(ActKind::ReceiveBlanks).is_ok(),
        may_reverse: is_own && visit.caller.granted(ActKind::ReverseStockEntry).is_ok(),
        paging: Paging::new(view.page, PAGE, view.count, |page| format!("{}?page={page}", super::page(body))),
        view,
    })
}

/// What is left of each series, as a part of what came; marked where it is less than a tenth.
fn bars(view: &StockView) -> Vec<Bar> {
    let bar = |(at, line): (usize, &super::StockSeriesLine)| {
        let (left, received) = (line.balance.left, line.balance.received);
        Bar {
            label: format!("{}（{}位）", line.prefix, line.width),
            value: left as usize,
            share: (left * 100 / received.max(1)) as usize,
            y: at * 36,
            marked: left * 10 < received,
        }
    };
    view.series.iter().enumerate().map(bar).collect()
}

/// What a form enters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Received,
    Spoiled,
    Reversal(i64),
    Destruction,
}

impl Form {
    /// The act behind it.
    fn act(self) -> ActKind {
        match self {
            Self::Received => ActKind::ReceiveBlanks,
            Self::Spoiled => ActKind::SpoilBlanks,
            Self::Reversal(_) => ActKind::ReverseStockEntry,
            Self::Destruction => ActKind::ProposeBlankDestruction,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Received => "登记收到空白证书",
            Self::Spoiled => "登记作废",
            Self::Reversal(_) => "冲销登记",
            Self::Destruction => "销毁作废的空白证书",
        }
    }
}

#[derive(Template)]
#[template(path = "stock/views/form.html")]
struct FormPage {
    page: Page,
    trail: Vec<Crumb>,
    form: Form,
    view: StockView,
    /// The entry that is taken back.
    line: Option<StockLine>,
    /// As typed, or today.
    received_on: String,
    typed: Posted,
    refusal: Option<RefusalPanel>,
}

impl FormPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    fn typed(&self, field: &str) -> &str {
        self.typed.text(field)
    }
}

async fn received_form(State(web): State<Web>, visit: Visit) -> Response {
    form(&web, &visit, Form::Received, Posted::default(), None).await
}

async fn spoiled_form(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    form(&web, &visit, Form::Spoiled, Posted::of_query(&query.unwrap_or_default()), None).await
}

async fn reversal_form(State(web): State<Web>, visit: Visit, Path(entry): Path<i64>) -> Response {
    form(&web, &visit, Form::Reversal(entry), Posted::default(), None).await
}

async fn destruction_form(State(web): State<Web>, visit: Visit) -> Response {
    form(&web, &visit, Form::Destruction, Posted::default(), None).await
}

async fn form(web: &Web, visit: &Visit, form: Form, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    if let Err(stop) = visit.caller.granted(form.act()) {
        return stopped(web, visit, stop);
    }
    let Some(body) = visit.caller.body() else { return stopped(web, visit, Stop::NotGranted) };
    let mut line = None;
    let view = match form {
        // What is taken back may stand on any page of the ledger.
        Form::Reversal(entry) => match web.look(visit, StockWhole { body }).await {
            Ok(view) => {
                line = view.entries.iter().find(|line| line.id == entry).cloned();
                if line.is_some() { Ok(view) } else { Err(Stop::NotFound) }
            }
            Err(stop) => Err(stop),
        },
        _ => web.look(visit, Stock { body, page: None }).await,
    };
    let view = match view {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let page = FormPage {
        page: Page::new(web, visit),
        trail: vec![Crumb::new("/certificates", "证书"), Crumb::new(OWN, "空白证书")],
        form,
        view,
        line,
        received_on: typed.some("received_on").unwrap_or_else(|| web.office.today().to_string()),
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// What was said of an act that was done, or its form again with the refusal.
async fn told(web: &Web, visit: &Visit, which: Form, posted: Posted, outcome: Result<String, Stop>) -> Response {
    match outcome {
        Ok(said) if which == Form::Destruction => done("/certificates/stock/destructions", &said),
        Ok(said) => done(OWN, &said),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => form(web, visit, which, posted, Some(refusal)).await,
            Err(stop) => stopped(web, visit, stop),
        },
    }
}

/// Keeps the file that came with a form, if one did.
async fn keep(web: &Web, visit: &Visit, posted: &Posted, act: ActKind) -> Result<Option<(FileHash, String)>, Stop> {
    if posted.files("file").next().is_none() {
        return Ok(None);
    }
    let (posted, caller) = (posted.clone(), visit.caller.clone());
    let kept = move |office: &Office| posted.keep_file(office, (&caller, act), ("file", "文件"));
    web.work(kept).await.map(Some)
}

async fn receive(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = async {
        let received_on = posted.day("received_on", "收到日期")?;
        let (file, file_name) = keep(&web, &visit, &posted, ActKind::ReceiveBlanks).await?.unzip();
        let act = ReceiveBlanks {
            first: posted.text("first").to_owned(),
            last: posted.text("last").to_owned(),
            received_on,
            from: posted.text("from").to_owned(),
            file,
            file_name: file_name.unwrap_or_default(),
            kept: None,
        };
        let entered = web.act(&visit, posted.once(), act).await?;
        Ok(format!("已登记收到 {}，{} 张。", entered.serials, entered.count))
    };
    let outcome = outcome.await;
    told(&web, &visit, Form::Received, posted, outcome).await
}

async fn spoil(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let text = |field: &str| posted.text(field).to_owned();
    let act =
        SpoilBlanks { first: text("first"), last: text("last"), reason: text("reason"), instead: text("instead") };
    let outcome = web.act(&visit, posted.once(), act).await.map(|spoiled| {
        let then = match (spoiled.certificates, spoiled.taken) {
            (0, _) => String::new(),
            (count, Some(taken)) => format!("其上 {count} 本证书改用 {taken}，请重新套打。"),
            (count, None) => format!("其上 {count} 本证书待重新取号套打。"),
        };
        format!("已登记作废 {}，{} 张。{then}", spoiled.entered.serials, spoiled.entered.count)
    });
    told(&web, &visit, Form::Spoiled, posted, outcome).await
}

async fn reverse(State(web): State<Web>, visit: Visit, Path(entry): Path<i64>, posted: Posted) -> Response {
    let act = ReverseStockEntry { stock_entry: entry, reason: posted.text("reason").to_owned() };
    let outcome = web.act(&visit, posted.once(), act).await;
    let outcome = outcome.map(|entered| format!("已冲销，记为第{}笔；原来的登记仍在台账中。", entered.no));
    told(&web, &visit, Form::Reversal(entry), posted, outcome).await
}

async fn propose(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = async {
        let (file, file_name) = keep(&web, &visit, &posted, ActKind::ProposeBlankDestruction).await?.unzip();
        let reason = posted.text("reason").to_owned();
        let act = ProposeBlankDestruction { reason, file, file_name: file_name.unwrap_or_default(), kept: None };
        web.act(&visit, posted.once(), act).await?;
        Ok("已提出销毁，由另一人核对实物后答复。".to_owned())
    };
    let outcome = outcome.await;
    told(&web, &visit, Form::Destruction, posted, outcome).await
}

async fn answer(State(web): State<Web>, visit: Visit, Path(destruction): Path<i64>, posted: Posted) -> Response {
    let (agreed, reason) = (posted.text("agreed") == "yes", posted.text("objection").to_owned());
    let act = AnswerBlankDestruction { blank_destruction: destruction, agreed, reason };
    let outcome = web.act(&visit, posted.once(), act).await.map(|answered| match answered.count {
        0 => format!("{}。", answered.state.name()),
        count => format!("已登记销毁 {count} 张。"),
    });
    let outcome = outcome.map_err(|stop| match stop {
        Stop::Refused(refusal) if refusal.field == Some("reason") => Stop::Refused(Box::new(refusal.at("objection"))),
        other => other,
    });
    told(&web, &visit, Form::Destruction, posted, outcome).await
}

async fn workbook(State(web): State<Web>, visit: Visit, Path(body): Path<i64>) -> Response {
    file(&web, &visit, StockWorkbook { body }).await
}

async fn paper(State(web): State<Web>, visit: Visit, Path(body): Path<i64>) -> Response {
    let made = match web.look(&visit, StockWhole { body }).await {
        Ok(view) => {
            let table = print::ledger(&view, web.office.today());
            let name = format!("{}空白证书台账.pdf", view.body_name);
            web.print(move |office| Ok((name, office.press().table(&table).map_err(|error| not_printed(&error))?)))
                .await
        }
        Err(stop) => Err(stop),
    };
    handed(&web, &visit, Some("application/pdf"), made)
}

async fn evidence(State(web): State<Web>, visit: Visit, Path((body, stock_entry)): Path<(i64, i64)>) -> Response {
    let made = web.look(&visit, StockFile { body, stock_entry }).await;
    handed(&web, &visit, None, made.map(|file| (file.name, file.bytes)))
}

async fn destruction_evidence(
    State(web): State<Web>,
    visit: Visit,
    Path((body, blank_destruction)): Path<(i64, i64)>,
) -> Response {
    let made = web.look(&visit, BlankDestructionFile { body, blank_destruction }).await;
    handed(&web, &visit, None, made.map(|file| (file.name, file.bytes)))
}

#[derive(Template)]
#[template(path = "stock/views/serials.html")]
struct SerialsPage {
    page: Page,
    trail: Vec<Crumb>,
    view: BatchSerialsView,
    may_take: bool,
    /// As typed, or as it is proposed.
    first: String,
    count: String,
    refusal: Option<RefusalPanel>,
}

impl SerialsPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn serials(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    serials_page(&web, &visit, batch, None, None).await
}

async fn serials_page(
    web: &Web,
    visit: &Visit,
    batch: i64,
    typed: Option<(String, String)>,
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, BatchSerials { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let proposed = || (view.next.clone().unwrap_or_default(), view.waiting.min(view.in_a_row).max(1).to_string());
    let (first, count) = typed.unwrap_or_else(proposed);
    let mut trail = batch_trail(batch, &view.title);
    trail.push(Crumb::new(format!("/batches/{batch}/certificates"), "证书"));
    let may_take = visit.caller.granted(ActKind::TakeSerials).is_ok();
    let page = SerialsPage { page: Page::new(web, visit), trail, view, may_take, first, count, refusal };
    with_status(status_for(page.refusal.as_ref()), &page)
}

async fn take(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let typed = (posted.text("first").to_owned(), posted.text("count").to_owned());
    let outcome = async {
        let count = posted.int("count", "本数")?;
        let act = TakeSerials { batch, first: typed.0.clone(), count: Some(count.max(0)), certificates: None };
        web.act(&visit, posted.once(), act).await
    };
    match outcome.await {
        Ok(entered) => done(
            &format!("/batches/{batch}/certificates/serials"),
            &format!("{} 本证书取号 {}，请下载套打文件，按顺序放纸。", entered.count, entered.serials),
        ),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => serials_page(&web, &visit, batch, Some(typed), Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}
