//! What is entered into a ledger of blanks: what came, what was printed and spoiled, what was taken back, what two persons destroyed.

use jiff::civil::Date;
use rules::marking::Hand;
use rules::permission::ActKind;
use rules::proposal::{ProposalState, rests_on};
use rules::stock::{BlankState, Blanks, Stock, StockEntry, StockKind, may_receive, may_reverse, says_why};
use rules::{Clause, Day, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{page, store};
use crate::account::Made;
use crate::batch;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Sight, Stop, Subject};
use crate::marks::hand;
use crate::roster::bring;
use crate::web::forms::plain_name;

/// What was entered.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StockEntered {
    pub entry: i64,
    /// Its number in the ledger.
    pub no: i64,
    /// How many blanks it is about.
    pub count: i64,
    /// As people read them.
    pub serials: String,
}

/// What an entry says beside kind and blanks.
#[derive(Default)]
struct Said<'a> {
    /// The day on which it happened; today without it.
    on: Option<Day>,
    note: &'a str,
    file: Option<(&'a KeptFile, &'a str)>,
    reverses: Option<i64>,
}

/// Adds an entry to the ledger of a body.
fn enter(
    desk: &mut Desk<'_>,
    body: i64,
    (kind, blanks): (StockKind, &Blanks),
    said: &Said<'_>,
) -> Result<StockEntered, Stop> {
    let (id, today, by) = (desk.new_id(), desk.today(), desk.caller().name());
    let new = store::NewEntry {
        id,
        body,
        kind,
        blanks,
        on: said.on.unwrap_or(today),
        note: said.note.trim(),
        file: said.file,
        reverses: said.reverses,
        entered_on: today,
        entered_by: by,
    };
    let no = store::add(&mut desk.tx(), &new)?;
    Ok(StockEntered { entry: id, no, count: blanks.count(), serials: blanks.said() })
}

/// Prints certificates on the blanks from a serial on, in their order.
fn print(
    desk: &mut Desk<'_>,
    body: i64,
    (entries, first): (&[StockEntry], &str),
    certificates: &[i64],
    note: &str,
) -> Result<StockEntered, Stop> {
    let from = Blanks::read(first, "")?;
    let blanks = Blanks::from(from.series, from.first, certificates.len() as i64);
    Stock::of_series(entries, &blanks.series).may(StockKind::Printed, &blanks)?;
    let entered = enter(desk, body, (StockKind::Printed, &blanks), &Said { note, ..Said::default() })?;
    store::add_prints(&mut desk.tx(), entered.entry, blanks.first, certificates)?;
    Ok(entered)
}

/// Enters blanks that came from whoever makes them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReceiveBlanks {
    /// The serial of the first, as it stands on it: `FJ0000001`.
    #[schema(max_length = 60)]
    pub first: String,
    /// The serial of the last; empty for a single one.
    #[serde(default)]
    #[schema(max_length = 60)]
    pub last: String,
    pub received_on: Date,
    /// Who made or handed them out.
    #[schema(max_length = 200)]
    pub from: String,
    /// The note of delivery, as a file that was kept before.
    #[serde(default)]
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) kept: Option<KeptFile>,
}

/// The kept file of this hash, where there is one.
fn kept(sight: &Sight<'_>, file: Option<&FileHash>) -> Result<Option<KeptFile>, Stop> {
    file.map(|hash| KeptFile::of(hash, &bring(sight, hash)?)).transpose()
}

impl Act for ReceiveBlanks {
    const KIND: ActKind = ActKind::ReceiveBlanks;
    const PREPARES: bool = true;
    type Answer = StockEntered;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.kept = kept(sight, self.file.as_ref())?;
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<StockEntered, Stop> {
        let body = desk.body()?;
        let blanks = Blanks::read(&self.first, &self.last)?;
        may_receive(&self.from, self.received_on, desk.today())?;
        let entries = store::entries(&mut desk.tx(), body)?;
        Stock::of_series(&entries, &blanks.series).may(StockKind::Received, &blanks)?;
        let (now, name) = (desk.now(), plain_name(&self.file_name));
        if let Some(file) = &self.kept {
            note_file(&mut desk.tx(), file, now)?;
        }
        let file = self.kept.as_ref().map(|file| (file, name.as_str()));
        let said = Said { on: Some(self.received_on), note: &self.from, file, ..Said::default() };
        enter(desk, body, (StockKind::Received, &blanks), &said)
    }
}

/// Says on which blanks certificates of a batch are printed: from a serial on, in the order of their numbers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TakeSerials {
    pub batch: i64,
    /// The first serial.
    #[schema(max_length = 60)]
    pub first: String,
    /// How many of those that lie on no blank; all without it.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    pub count: Option<i64>,
    /// These alone, in the order of their numbers.
    #[serde(default)]
    #[schema(max_items = 10_000)]
    pub certificates: Option<Vec<i64>>,
}

impl Act for TakeSerials {
    const KIND: ActKind = ActKind::TakeSerials;
    type Answer = StockEntered;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<StockEntered, Stop> {
        let batch = batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let all = store::of_batch(&mut desk.tx(), self.batch)?;
        if let Some(chosen) = &self.certificates {
            let mut others = all.iter().filter(|one| chosen.contains(&one.id));
            if let Some(held) = others.find(|one| one.serial.is_some()) {
                let serial = held.serial.as_deref().unwrap_or_default();
                return Err(Refusal::new(Clause::S2_2_4B, format!("证书 {} 已经套打在 {serial} 上", held.number))
                    .remedy("打坏了的，请先把原来的流水号登记作废，再取新号")
                    .at("first")
                    .into());
            }
        }
        let is_chosen = |id| self.certificates.as_ref().is_none_or(|chosen| chosen.contains(&id));
        let waiting = all.iter().filter(|one| one.is_valid && one.serial.is_none() && is_chosen(one.id));
        let most = self.count.and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
        let certificates: Vec<i64> = waiting.map(|one| one.id).take(most).collect();
        if certificates.is_empty() {
            return Err(Refusal::new(Clause::S2_2_4B, "没有待套打的证书")
                .remedy("只为有效、还没有流水号的证书取号；打坏了的，请先把原来的流水号登记作废")
                .into());
        }
        let entries = store::entries(&mut desk.tx(), batch.body)?;
        print(desk, batch.body, (&entries, &self.first), &certificates, "")
    }
}

/// Enters blanks that can't be given out any more. Certificates that lay on them wait for other ones, or take them at once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SpoilBlanks {
    #[schema(max_length = 60)]
    pub first: String,
    /// Empty for a single one.
    #[serde(default)]
    #[schema(max_length = 60)]
    pub last: String,
    #[schema(min_length = 2, max_length = 500)]
    pub reason: String,
    /// From which serial on the certificates take others; without it they wait.
    #[serde(default)]
    #[schema(max_length = 60)]
    pub instead: String,
}

/// What was spoiled, and what became of the certificates on it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BlanksSpoiled {
    #[serde(flatten)]
    pub entered: StockEntered,
    /// Certificates that lay on them and are still in force.
    pub certificates: i64,
    /// The serials that these took instead.
    pub taken: Option<String>,
}

impl Act for SpoilBlanks {
    const KIND: ActKind = ActKind::SpoilBlanks;
    type Answer = BlanksSpoiled;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<BlanksSpoiled, Stop> {
        let body = desk.body()?;
        let blanks = Blanks::read(&self.first, &self.last)?;
        says_why("作废", "卡纸", &self.reason)?;
        let mut entries = store::entries(&mut desk.tx(), body)?;
        Stock::of_series(&entries, &blanks.series).may(StockKind::Spoiled, &blanks)?;
        let certificates = store::lying_on(&mut desk.tx(), body, &blanks)?;
        let kind = (StockKind::Spoiled, &blanks);
        let entered = enter(desk, body, kind, &Said { note: &self.reason, ..Said::default() })?;
        let mut taken = None;
        if !self.instead.trim().is_empty() && !certificates.is_empty() {
            entries.push(StockEntry {
                id: entered.entry,
                kind: StockKind::Spoiled,
                blanks: blanks.clone(),
                reverses: None,
            });
            let note = format!("换下 {}", blanks.said());
            let printed = print(desk, body, (&entries, &self.instead), &certificates, &note);
            taken = Some(printed.map_err(at_instead)?.serials);
        }
        Ok(BlanksSpoiled { entered, certificates: certificates.len() as i64, taken })
    }
}

/// What is wrong with the serials that certificates take instead is said beside these.
fn at_instead(stop: Stop) -> Stop {
    match stop {
        Stop::Refused(refusal) => Stop::Refused(Box::new(refusal.at("instead"))),
        other => other,
    }
}

/// Takes an entry back by another one, with its reason; both stay.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReverseStockEntry {
    pub stock_entry: i64,
    #[schema(min_length = 2, max_length = 500)]
    pub reason: String,
}

impl Act for ReverseStockEntry {
    const KIND: ActKind = ActKind::ReverseStockEntry;
    type Answer = StockEntered;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<StockEntered, Stop> {
        let body = desk.body()?;
        let entries = store::entries(&mut desk.tx(), body)?;
        let entry = entries.iter().find(|entry| entry.id == self.stock_entry).ok_or(Stop::NotFound)?;
        says_why("冲销", "止号登记错误", &self.reason)?;
        let elsewhere = store::borne_elsewhere(&mut desk.tx(), entry.id)?;
        may_reverse(&entries, entry.id, elsewhere)?;
        let said = Said { note: &self.reason, reverses: Some(entry.id), ..Said::default() };
        enter(desk, body, (entry.kind, &entry.blanks), &said)
    }
}

/// Proposes to destroy everything that was spoiled and is still there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposeBlankDestruction {
    /// How, where and before whom.
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
    /// The signed list or a photo, as a file that was kept before.
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) kept: Option<KeptFile>,
}

/// Everything of a ledger that was spoiled and is still there.
pub(super) fn spoiled(entries: &[StockEntry]) -> Vec<Blanks> {
    Stock::of(entries).iter().flat_map(|stock| stock.at(BlankState::Spoiled)).collect()
}

impl Act for ProposeBlankDestruction {
    const KIND: ActKind = ActKind::ProposeBlankDestruction;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.kept = kept(sight, self.file.as_ref())?;
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let body = desk.body()?;
        rests_on(Clause::S3_3_7, "销毁", &self.reason, self.kept.is_some())?;
        let Some(file) = &self.kept else { return Err(Stop::fault("a destruction without its evidence")) };
        let ranges = spoiled(&store::entries(&mut desk.tx(), body)?);
        if ranges.is_empty() {
            return Err(Refusal::new(Clause::S3_3_7, "没有待销毁的作废证书")
                .remedy("打坏、收回的空白证书先登记作废，再提出销毁")
                .into());
        }
        let open = store::destructions(&mut desk.tx(), body)?;
        if open.iter().any(|one| one.line.state == ProposalState::Proposed) {
            return Err(Refusal::new(Clause::S3_3_7, "已经有一份销毁在等另一人答复")
                .remedy("请先答复或撤回那一份")
                .into());
        }
        let (id, now, today, by) = (desk.new_id(), desk.now(), desk.today(), hand(desk));
        note_file(&mut desk.tx(), file, now)?;
        let (reason, file_name) = (self.reason.trim(), plain_name(&self.file_name));
        let new = store::NewDestruction {
            id,
            body,
            reason,
            ranges: &ranges,
            file,
            file_name: &file_name,
            on: today,
            by: &by,
        };
        store::propose(&mut desk.tx(), &new)?;
        let count: i64 = ranges.iter().map(Blanks::count).sum();
        desk.tell_body(body, format!("提出销毁作废的空白证书 {count} 张，请另一人核对后答复"), page(body));
        Ok(Made { id })
    }
}

/// Answers a proposal to destroy: another person agrees and it is entered, or not; who proposed it may take it back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerBlankDestruction {
    pub blank_destruction: i64,
    pub agreed: bool,
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
}

/// What came of a proposal to destroy blanks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BlankDestructionAnswered {
    pub state: ProposalState,
    /// Blanks that were destroyed.
    pub count: i64,
}

impl Act for AnswerBlankDestruction {
    const KIND: ActKind = ActKind::AnswerBlankDestruction;
    type Answer = BlankDestructionAnswered;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<BlankDestructionAnswered, Stop> {
        let body = desk.body()?;
        let proposed = store::destructions(&mut desk.tx(), body)?;
        let proposed = proposed.into_iter().find(|one| one.line.id == self.blank_destruction).ok_or(Stop::NotFound)?;
        let by = hand(desk);
        let proposer = Hand { account: proposed.account, name: proposed.line.proposed_by.clone() };
        let state = proposed.line.state.answer(self.agreed, &self.reason, &proposer, &by)?;
        let mut count = 0;
        if state == ProposalState::Agreed {
            let entries = store::entries(&mut desk.tx(), body)?;
            let note = format!("{}（{}提出，{}同意）", proposed.line.reason, proposer.name, by.name);
            for blanks in &proposed.ranges {
                let stock = Stock::of_series(&entries, &blanks.series);
                if stock.may(StockKind::Destroyed, blanks).is_err() {
                    return Err(Refusal::new(Clause::S3_3_7, format!("提出以后，{} 的登记有变化", blanks.said()))
                        .remedy("请先撤回，按现在作废的重新提出")
                        .into());
                }
                enter(desk, body, (StockKind::Destroyed, blanks), &Said { note: &note, ..Said::default() })?;
                count += blanks.count();
            }
        }
        let today = desk.today();
        store::answer(&mut desk.tx(), proposed.line.id, state, (today, &by.name), self.reason.trim())?;
        if let (ProposalState::Agreed, Some(centre)) = (state, desk.standing().centre.clone()) {
            let said = format!("{}销毁作废的空白证书 {count} 张", desk.caller().seat_name());
            desk.tell_office(centre, said, page(body));
        }
        Ok(BlankDestructionAnswered { state, count })
    }
}
