//! 二（二）4, 三（三）: a body that prints certificates on blanks answers for each of them. Its ledger says what came, on which blank
//! which version of which certificate lies, what was spoiled and what two persons destroyed; what is left is computed.

mod acts;
mod pages;
mod print;
mod store;

use jiff::civil::Date;
use rules::identity::mask_name;
use rules::permission::LookKind;
use rules::proposal::ProposalState;
use rules::stock::{Balance, BlankState, Blanks, Stock as Series, StockKind};
use rules::{Clause, Day};
use serde::{Deserialize, Serialize};
use sheets::TableSheet;
use utoipa::ToSchema;

pub use acts::{
    AnswerBlankDestruction, BlankDestructionAnswered, BlanksSpoiled, ProposeBlankDestruction, ReceiveBlanks,
    ReverseStockEntry, SpoilBlanks, StockEntered, TakeSerials,
};
pub use pages::pages;
pub(crate) use store::{ALL, Borne, of_certificate, ranges_of_batch};

use crate::batch;
use crate::door::{FileHash, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::marks::{self, FileView};
use crate::web::api::Registry;

/// Entries on one page of a ledger.
pub const PAGE: i64 = 50;
/// No ledger has so many pages.
const LAST_PAGE: i64 = 100_000;
/// Certificates of a batch that are listed with their serials.
const SHOWN: usize = 500;
/// Ranges that are listed of a series.
const RANGES: usize = 10;

/// Where the ledger of a body is.
fn page(body: i64) -> String {
    format!("/bodies/{body}/certificates/stock")
}

/// An entry of a ledger.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StockLine {
    pub id: i64,
    /// Within the ledger, from 1.
    pub no: i64,
    pub kind: StockKind,
    pub kind_name: String,
    /// As people read them.
    pub serials: String,
    pub count: i64,
    pub happened_on: Date,
    /// From whom, or why.
    pub note: String,
    pub has_file: bool,
    pub file_name: String,
    /// The number of the entry that this one takes back.
    pub reverses: Option<i64>,
    /// The number of the entry that takes this one back.
    pub reversed_by: Option<i64>,
    pub entered_on: Date,
    pub entered_by: String,
    /// The batch whose certificates were printed, or the first of them.
    pub batch_number: String,
    pub batch: Option<i64>,
}

impl StockLine {
    /// `收到`, `冲销第3笔收到`.
    fn what(&self) -> String {
        match self.reverses {
            Some(no) => format!("冲销第{no}笔（{}）", self.kind_name),
            None => self.kind_name.clone(),
        }
    }
}

/// A series of a ledger and where its blanks are.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StockSeriesLine {
    /// What its serials begin with; may be blank.
    pub prefix: String,
    /// How many digits end them.
    pub width: usize,
    #[serde(flatten)]
    pub balance: Balance,
    /// The first ranges of what is left, as people read them.
    pub left_serials: Vec<String>,
    /// The lowest blank that is left.
    pub next: Option<String>,
}

/// A batch with certificates that lie on no blank.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StockBatchLine {
    pub batch: i64,
    pub number: String,
    pub title: String,
    pub waiting: i64,
}

/// A proposal to destroy spoiled blanks, and where it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BlankDestructionLine {
    pub id: i64,
    pub state: ProposalState,
    pub state_name: String,
    pub reason: String,
    /// As people read them.
    pub serials: Vec<String>,
    pub count: i64,
    pub file_name: String,
    pub proposed_on: Date,
    pub proposed_by: String,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: String,
    /// Whether the caller proposed it, so that somebody else has to agree.
    pub is_own: bool,
}

/// The ledger of a body.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StockView {
    pub body: i64,
    pub body_name: String,
    pub series: Vec<StockSeriesLine>,
    pub total: Balance,
    /// One page of entries, the latest first.
    pub entries: Vec<StockLine>,
    /// How many entries there are.
    pub count: i64,
    /// From 0.
    pub page: i64,
    /// What was spoiled and is still there, as people read it.
    pub spoiled: Vec<String>,
    pub destructions: Vec<BlankDestructionLine>,
    /// Certificates made since the first blanks came that lie on none.
    pub waiting: i64,
    /// Their batches, the latest first.
    pub batches: Vec<StockBatchLine>,
}

/// Which blanks of certificates does a body have, and what became of them?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Stock {
    pub body: i64,
    /// A page of entries, from 0.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000)]
    pub page: Option<i64>,
}

impl Look for Stock {
    const KIND: LookKind = LookKind::Certificates;
    type View = StockView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<StockView, Stop> {
        let page = self.page.unwrap_or(0).clamp(0, LAST_PAGE);
        view(sight, self.body, page, (PAGE, page * PAGE))
    }
}

/// The ledger with these of its lines: so many, after so many.
fn view(sight: &mut Sight<'_>, body: i64, page: i64, lines: (i64, i64)) -> Result<StockView, Stop> {
    let body_name = crate::body::name(&mut sight.tx(), body)?.ok_or(Stop::NotFound)?;
    let entries = store::entries(&mut sight.tx(), body)?;
    let series: Vec<StockSeriesLine> = Series::of(&entries).iter().map(series_line).collect();
    let mut total = Balance::default();
    series.iter().for_each(|line| total += line.balance);
    let by = marks::hand(sight);
    let destructions = store::destructions(&mut sight.tx(), body)?.into_iter().map(|one| {
        let is_own = by.account.is_some() && one.account == by.account;
        BlankDestructionLine { is_own, ..one.line }
    });
    let destructions = destructions.collect();
    let batches = match store::since(&mut sight.tx(), body)? {
        Some(since) => store::waiting_by_batch(&mut sight.tx(), body, since)?,
        None => Vec::new(),
    };
    let batches: Vec<StockBatchLine> = batches
        .into_iter()
        .map(|(batch, number, title, waiting)| StockBatchLine { batch, number, title, waiting })
        .collect();
    Ok(StockView {
        body,
        body_name,
        series,
        total,
        entries: store::lines(&mut sight.tx(), body, lines)?,
        count: store::count(&mut sight.tx(), body)?,
        page,
        spoiled: acts::spoiled(&entries).iter().map(Blanks::said).collect(),
        destructions,
        waiting: batches.iter().map(|line| line.waiting).sum(),
        batches,
    })
}

fn series_line(stock: &Series) -> StockSeriesLine {
    let (series, left) = (stock.series(), stock.at(BlankState::Left));
    StockSeriesLine {
        prefix: series.prefix.clone(),
        width: series.width,
        balance: stock.balance(),
        next: left.first().map(|blanks| series.serial(blanks.first)),
        left_serials: left.iter().take(RANGES).map(Blanks::said).collect(),
    }
}

/// The ledger of a body as a workbook: every entry, and what is left of each series.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StockWorkbook {
    pub body: i64,
}

impl Look for StockWorkbook {
    const KIND: LookKind = LookKind::Certificates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let view = whole(sight, self.body)?;
        let title = format!("{}空白证书台账", view.body_name);
        let sheet = |name: &str, headers: &[&'static str], rows| TableSheet {
            name: name.to_owned(),
            title: title.clone(),
            headers: headers.to_vec(),
            rows,
        };
        let sheets = [
            sheet("登记", &print::HEADERS, view.entries.iter().map(print::row).collect()),
            sheet(
                "结存",
                &["号段", "收到", "结存", "套打", "作废待销毁", "已销毁", "可用流水号"],
                view.series.iter().map(series_row).collect(),
            ),
        ];
        let bytes = sheets::tables(&sheets).map_err(Stop::fault)?;
        Ok(FileView { name: format!("{title}.xlsx"), bytes })
    }
}

fn series_row(line: &StockSeriesLine) -> Vec<String> {
    let Balance { received, left, printed, spoiled, destroyed } = line.balance;
    let mut row = vec![format!("{}（{}位）", line.prefix, line.width)];
    row.extend([received, left, printed, spoiled, destroyed].map(|count| count.to_string()));
    row.push(line.left_serials.join("；"));
    row
}

/// Every entry of the ledger, the first first.
fn whole(sight: &mut Sight<'_>, body: i64) -> Result<StockView, Stop> {
    let count = store::count(&mut sight.tx(), body)?;
    let mut view = view(sight, body, 0, (count, 0))?;
    view.entries.reverse();
    Ok(view)
}

/// Every entry of a ledger, to be printed.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StockWhole {
    pub body: i64,
}

impl Look for StockWhole {
    const KIND: LookKind = LookKind::Certificates;
    type View = StockView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<StockView, Stop> {
        whole(sight, self.body)
    }
}

/// The evidence of an entry.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StockFile {
    pub body: i64,
    pub stock_entry: i64,
}

impl Look for StockFile {
    const KIND: LookKind = LookKind::Certificates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let found = store::file(&mut sight.tx(), self.body, self.stock_entry)?;
        brought(sight, found, "收货凭证")
    }
}

/// The evidence of a destruction.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BlankDestructionFile {
    pub body: i64,
    pub blank_destruction: i64,
}

impl Look for BlankDestructionFile {
    const KIND: LookKind = LookKind::Certificates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let found = store::destruction_file(&mut sight.tx(), self.body, self.blank_destruction)?;
        brought(sight, found, "销毁依据")
    }
}

/// A stored file under its own name, or under this one.
fn brought(sight: &Sight<'_>, found: Option<(String, String)>, or: &str) -> Result<FileView, Stop> {
    let (hash, name) = found.ok_or(Stop::NotFound)?;
    let name = if name.is_empty() { or.to_owned() } else { name };
    Ok(FileView { bytes: sight.office().files().bring(&FileHash(hash))?, name })
}

/// The ledger of a body in a list of them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StockBodyLine {
    pub body: i64,
    pub name: String,
    #[serde(flatten)]
    pub balance: Balance,
    /// The day of the last entry.
    pub last_on: Date,
}

/// The ledgers that the caller may see, as balances.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StocksView {
    pub bodies: Vec<StockBodyLine>,
    pub total: Balance,
}

/// Which bodies keep blanks of certificates, and how many are where?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Stocks {}

impl Look for Stocks {
    const KIND: LookKind = LookKind::Certificates;
    type View = StocksView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<StocksView, Stop> {
        let scope = sight.scope();
        let bodies = store::overview(&mut sight.tx(), &scope)?;
        let mut total = Balance::default();
        bodies.iter().for_each(|line| total += line.balance);
        Ok(StocksView { bodies, total })
    }
}

/// A certificate with the serial of its blank.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SerialLine {
    pub certificate: i64,
    pub number: String,
    /// Masked.
    pub name: String,
    /// The version in force, from 1.
    pub print_no: i64,
    /// Whether the certificate is valid.
    pub is_valid: bool,
    pub serial: Option<String>,
}

/// Certificates of a batch that were printed together.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PrintingLine {
    pub entry: i64,
    /// Its number in the ledger.
    pub no: i64,
    pub serials: String,
    pub count: i64,
    /// How many certificates of the batch still lie on these blanks.
    pub standing: i64,
    pub on: Date,
    pub by: String,
}

/// A batch as printing on blanks sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchSerialsView {
    pub batch: i64,
    pub number: String,
    pub title: String,
    pub body: i64,
    pub printings: Vec<PrintingLine>,
    /// Up to 500, by number.
    pub certificates: Vec<SerialLine>,
    /// Certificates ever issued.
    pub count: i64,
    /// Valid certificates that lie on no blank.
    pub waiting: i64,
    /// From which serial on they could be printed: the lowest range that holds them all, or else the longest.
    pub next: Option<String>,
    /// How many blanks lie there in a row.
    pub in_a_row: i64,
    /// How many blanks the body has left.
    pub left: i64,
}

/// On which blanks do the certificates of a batch lie?
#[derive(Debug, Deserialize, ToSchema)]
pub struct BatchSerials {
    pub batch: i64,
}

impl Look for BatchSerials {
    const KIND: LookKind = LookKind::Certificates;
    type View = BatchSerialsView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<BatchSerialsView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let all = store::of_batch(&mut sight.tx(), self.batch)?;
        let waiting = all.iter().filter(|one| one.is_valid && one.serial.is_none()).count() as i64;
        let stocks = Series::of(&store::entries(&mut sight.tx(), batch.body)?);
        let offers: Vec<Blanks> = stocks.iter().filter_map(|stock| stock.next(waiting.max(1))).collect();
        let longest = offers.iter().max_by_key(|blanks| blanks.count());
        let next = offers.iter().find(|blanks| blanks.count() >= waiting).or(longest);
        let printings = store::printings(&mut sight.tx(), self.batch)?.into_iter().map(|one| PrintingLine {
            entry: one.id,
            no: one.no,
            serials: one.blanks.said(),
            count: one.blanks.count(),
            standing: one.standing,
            on: one.on,
            by: one.by,
        });
        Ok(BatchSerialsView {
            batch: batch.id,
            number: batch.number.clone(),
            title: batch.title.clone(),
            body: batch.body,
            printings: printings.collect(),
            count: all.len() as i64,
            certificates: all.into_iter().take(SHOWN).map(serial_line).collect(),
            waiting,
            next: next.map(|blanks| blanks.series.serial(blanks.first)),
            in_a_row: next.map_or(0, Blanks::count),
            left: stocks.iter().map(|stock| stock.balance().left).sum(),
        })
    }
}

fn serial_line(one: store::OfBatch) -> SerialLine {
    SerialLine {
        certificate: one.id,
        number: one.number,
        name: mask_name(&one.name),
        print_no: one.print_no,
        is_valid: one.is_valid,
        serial: one.serial,
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .look::<Stocks>("/stocks", "各机构的空白证书结存")
        .act::<ReceiveBlanks>("/stock/receipts")
        .act::<SpoilBlanks>("/stock/spoiled")
        .act::<ReverseStockEntry>("/stock/entries/{stock_entry}/reversal")
        .act::<ProposeBlankDestruction>("/stock/destructions")
        .act::<AnswerBlankDestruction>("/stock/destructions/{blank_destruction}/answer")
        .look::<Stock>("/bodies/{body}/stock", "一所机构的空白证书台账")
        .look::<StockWhole>("/bodies/{body}/stock/entries", "一所机构的空白证书台账，全部登记")
        .look::<StockWorkbook>("/bodies/{body}/stock/workbook", "一所机构的空白证书台账（表格）")
        .look::<StockFile>("/bodies/{body}/stock/entries/{stock_entry}/file", "空白证书登记的凭证")
        .look::<BlankDestructionFile>(
            "/bodies/{body}/stock/destructions/{blank_destruction}/file",
            "销毁作废证书的依据",
        )
        .act::<TakeSerials>("/batches/{batch}/certificates/serials")
        .look::<BatchSerials>("/batches/{batch}/certificates/serials", "批次证书的流水号")
}

/// Too few blanks for the certificates that wait, and what another person has proposed to destroy.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (caller, account) = (sight.caller(), sight.caller().account());
    let Some(body) = caller.body() else { return Ok(Vec::new()) };
    // Who never received blanks prints whole pages.
    let Some(since): Option<Day> = store::since(&mut sight.tx(), body)? else { return Ok(Vec::new()) };
    let mut tasks = Vec::new();
    let waiting = store::waiting(&mut sight.tx(), body, since)?;
    if waiting > 0 {
        let entries = store::entries(&mut sight.tx(), body)?;
        let left: i64 = Series::of(&entries).iter().map(|stock| stock.balance().left).sum();
        if left < waiting {
            let what = format!("空白证书不够：待套打 {waiting} 本，只剩 {left} 张");
            let detail = "收到新的空白证书后先登记，再取号套打";
            tasks.push(Task::new(Clause::S2_2_4B, what, detail, page(body)));
        }
    }
    for one in store::destructions(&mut sight.tx(), body)? {
        if one.line.state != ProposalState::Proposed {
            continue;
        }
        let what = format!("答复销毁作废证书：{} 张", one.line.count);
        let detail = format!("{}提出；由另一人核对实物后同意或不同意", one.line.proposed_by);
        let task = Task::new(Clause::S3_3_7, what, detail, page(body));
        tasks.push(if one.account == account { task.waiting() } else { task });
    }
    Ok(tasks)
}
