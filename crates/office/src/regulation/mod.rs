//! 三（五）: a body's regulations for exam affairs, quality, certificates and fees, with its table of fees: published by its
//! head, in versions, read by anyone at an address that stays. No batch is notified for a day on which one is missing.

mod difference;
mod pages;
mod public;
mod store;

use std::sync::Arc;

use jiff::civil::Date;
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::regulation::{
    self, Draft, FILES_MAX, Fee, RegulationKind, TITLE_MAX, Version, VersionState, fees_complete, may_publish,
    may_withdraw,
};
use rules::{Clause, Day, Refusal};
use serde::{Deserialize, Serialize};
use sheets::Finding;
use utoipa::ToSchema;

pub use difference::{DifferenceKind, DifferenceLine, DifferencePiece};
pub use pages::pages;
pub(crate) use public::of_number;
pub use public::{
    PublicDifference, PublicDifferenceView, PublicRegulation, PublicRegulationView, PublicRegulations,
    PublicRegulationsView, public_pages,
};
pub(crate) use store::ALL;

use crate::account::{Done, Made};
use crate::db::{DbError, Tx};
use crate::directory::ledger;
use crate::door::files::FileKind;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::reference::Reference;
use crate::web::api::Registry;

/// Bodies on one page of the list for offices.
const PAGE: usize = 50;

/// A file that was kept before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NamedFile {
    pub file: FileHash,
    /// The name to show.
    #[schema(max_length = 120)]
    pub name: String,
}

/// Publishes a version of one of the four. It takes the place of the one before on the day from which it holds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublishRegulation {
    /// `exam`, `quality`, `certificate`, `fee`.
    pub kind: RegulationKind,
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// Plain paragraphs; may be empty where files hold it.
    #[serde(default)]
    #[schema(max_length = 60_000)]
    pub text: String,
    /// PDF, JPG or PNG.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub files: Vec<NamedFile>,
    /// The first day on which it holds, today or later.
    pub from: Date,
    /// The last day; without it, until another takes its place.
    pub until: Option<Date>,
    /// What is new in it; may be empty.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Vec<(KeptFile, String)>,
}

impl PublishRegulation {
    /// A version with files that were kept before.
    pub fn new(
        kind: RegulationKind,
        title: impl Into<String>,
        text: impl Into<String>,
        files: Vec<NamedFile>,
        (from, until): (Date, Option<Date>),
        note: impl Into<String>,
    ) -> Self {
        let (title, text, note) = (title.into(), text.into(), note.into());
        Self { kind, title, text, files, from, until, note, kept: Vec::new() }
    }
}

impl Act for PublishRegulation {
    const KIND: ActKind = ActKind::PublishRegulation;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.kept.clear();
        for NamedFile { file, name } in self.files.iter().take(FILES_MAX) {
            let bytes = brought(sight, file)?;
            let kept = KeptFile::of(file, &bytes)?;
            if !matches!(kept.kind, FileKind::Pdf | FileKind::Jpeg | FileKind::Png) {
                return Err(Refusal::new(Clause::S3_5_1, format!("“{name}”不是公众能直接打开的文件"))
                    .remedy("请上传 PDF，或 JPG、PNG 图片")
                    .at("file")
                    .into());
            }
            let name = crate::web::forms::plain_name(name);
            self.kept.push((kept, if name.is_empty() { "文件".into() } else { name }));
        }
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let (body, today, now) = (desk.body()?, desk.today(), desk.now());
        if self.kind == RegulationKind::FeeTable {
            return Err(Refusal::new(Clause::S3_5_1, "收费项目表不在这里公布")
                .remedy("请在“收费项目表”中填写或导入")
                .at("kind")
                .into());
        }
        let draft =
            Draft { title: &self.title, text: &self.text, files: self.files.len(), from: self.from, until: self.until };
        may_publish(&draft, today)?;
        noted(&self.note)?;
        let text = self.text.replace("\r\n", "\n");
        let id = published(desk, body, (self.kind, self.from, self.until), (&self.title, text.trim(), &self.note))?;
        for (kept, _) in &self.kept {
            note_file(&mut desk.tx(), kept, now)?;
        }
        store::add_files(&mut desk.tx(), id, &self.kept)?;
        Ok(Made { id })
    }
}

/// What was said to be new, within its bounds.
fn noted(note: &str) -> Result<(), Refusal> {
    if note.chars().count() <= TITLE_MAX {
        return Ok(());
    }
    Err(Refusal::house("填写", format!("修订说明超过{TITLE_MAX}字")).remedy("请用一两句话说明").at("note"))
}

/// Keeps the next version of a kind, and tells the centre in charge; its id.
fn published(
    desk: &mut Desk<'_>,
    body: i64,
    (kind, from, until): (RegulationKind, Date, Option<Date>),
    (title, text, note): (&str, &str, &str),
) -> Result<i64, Stop> {
    let (id, on) = (desk.new_id(), desk.today());
    let Some(number) = number_of(&mut desk.tx(), body)? else {
        return Err(Refusal::new(Clause::S3_5_1, "本机构还没有列入机构目录，没有公布的地方")
            .remedy("备案材料中的四项管理办法在列入目录时自动公布，此后在这里公布新版")
            .into());
    };
    let no = store::last(&mut desk.tx(), body, kind)? + 1;
    let version = Version { kind, no, from, until, withdrawn_on: None };
    let new = store::New { id, body, version: &version, title: title.trim(), text, note: note.trim(), on };
    store::add(&mut desk.tx(), &new)?;
    if let Some(centre) = desk.standing().centre.clone() {
        let said = format!("{}公布{}，{from} 起施行", desk.caller().seat_name(), kind.name());
        desk.tell_office(centre, said, format!("/directory/{number}/regulations/{id}"));
    }
    Ok(id)
}

/// The filing number of a body that is or was in the directory.
fn number_of(tx: &mut Tx<'_>, body: i64) -> Result<Option<String>, DbError> {
    Ok(ledger::entries(tx, body)?.into_iter().next().map(|entry| entry.number))
}

/// A file that was kept for an act.
fn brought(sight: &Sight<'_>, file: &FileHash) -> Result<Vec<u8>, Stop> {
    sight.office().files().bring(file).map_err(|stop| match stop {
        Stop::NotFound => Refusal::house("文件", "没有收到文件").remedy("请重新上传").at("file").into(),
        other => other,
    })
}

/// Withdraws a version, with a reason for everyone. It holds through today and stays to be read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WithdrawRegulation {
    pub regulation: i64,
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

impl Act for WithdrawRegulation {
    const KIND: ActKind = ActKind::WithdrawRegulation;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let (body, today) = (desk.body()?, desk.today());
        let all = store::of_body(&mut desk.tx(), body)?;
        let one = all.iter().find(|one| one.id == self.regulation).ok_or(Stop::NotFound)?;
        let versions: Vec<_> = all.iter().map(|one| one.version.clone()).collect();
        may_withdraw(&one.version, &versions, &self.reason, today)?;
        store::withdraw(&mut desk.tx(), self.regulation, today, self.reason.trim())?;
        if let Some(centre) = desk.standing().centre.clone() {
            let said = format!("{}废止{}：{}", desk.caller().seat_name(), one.version.kind.name(), self.reason.trim());
            desk.tell_office(centre, said, format!("/bodies/{body}/regulations"));
        }
        Ok(Done {})
    }
}

/// A line of a table of fees as it is sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FeeLine {
    /// What is paid for: `理论考试费`.
    #[schema(max_length = 200)]
    pub item: String,
    /// The occupation's code or full name; empty for all.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub trade: String,
    /// Without it, for all levels.
    pub level: Option<rules::certificate::Level>,
    /// In yuan with at most two decimals: `260.00`.
    #[schema(max_length = 40)]
    pub amount: String,
    /// `元/人`.
    #[schema(max_length = 200)]
    pub unit: String,
    /// The document that the fee rests on.
    #[schema(max_length = 200)]
    pub basis: String,
}

/// Publishes a version of the table of fees: the whole table, in lines or in a workbook.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublishFees {
    #[serde(default)]
    #[schema(max_items = 500)]
    pub fees: Vec<FeeLine>,
    /// A kept .xlsx, .xls or .csv in place of lines; published as a whole or, with a fault in it, not at all.
    pub file: Option<FileHash>,
    /// The first day on which it holds, today or later.
    pub from: Date,
    /// The last day; without it, until another takes its place.
    pub until: Option<Date>,
    /// What is new in it; may be empty.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<sheets::FeesCheck>>,
}

impl PublishFees {
    /// A table in lines, or in a file that was kept before.
    pub fn new(
        fees: Vec<FeeLine>,
        file: Option<FileHash>,
        (from, until): (Date, Option<Date>),
        note: impl Into<String>,
    ) -> Self {
        Self { fees, file, from, until, note: note.into(), read: None }
    }
}

impl Act for PublishFees {
    const KIND: ActKind = ActKind::PublishFees;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let Some(file) = &self.file else { return Ok(()) };
        let bytes = brought(sight, file)?;
        self.read = Some(Arc::new(read_fees(&bytes, &sight.reference())?));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let (body, today, reference) = (desk.body()?, desk.today(), desk.reference());
        let fees = match &self.read {
            Some(_) if !self.fees.is_empty() => {
                return Err(Refusal::new(Clause::S3_5_1, "既填写了收费项目，又上传了文件")
                    .remedy("请只用其中一种")
                    .at("file")
                    .into());
            }
            Some(read) => {
                if let Some(first) = read.findings.iter().find(|finding| finding.is_fault()) {
                    let faults = read.findings.iter().filter(|finding| finding.is_fault()).count();
                    let what = format!("文件有 {faults} 处问题，第一处在第 {} 行：{}", first.row, first.reason);
                    return Err(Refusal::new(Clause::S3_5_1, what).remedy(first.remedy.clone()).at("file").into());
                }
                read.fees.clone()
            }
            None => spoken(&self.fees, &reference)?,
        };
        fees_complete(&fees)?;
        let title = RegulationKind::FeeTable.name();
        let draft = Draft { title, text: title, files: 0, from: self.from, until: self.until };
        may_publish(&draft, today)?;
        noted(&self.note)?;
        let named: Vec<_> = fees
            .into_iter()
            .map(|fee| {
                let name = trade_name(&reference, &fee.code);
                (fee, name)
            })
            .collect();
        let id = published(desk, body, (RegulationKind::FeeTable, self.from, self.until), ("", "", &self.note))?;
        store::add_fees(&mut desk.tx(), id, &named)?;
        Ok(Made { id })
    }
}

/// Reads a table of fees; occupations are those of the classification.
pub(crate) fn read_fees(bytes: &[u8], reference: &Reference) -> Result<sheets::FeesCheck, Refusal> {
    sheets::read_fees(bytes, &|text| {
        let found = reference.trades.named(text)?;
        Ok(found.code.unwrap_or(found.name))
    })
}

/// The lines of a form as fees; what is wrong is said at its line.
fn spoken(lines: &[FeeLine], reference: &Reference) -> Result<Vec<Fee>, Refusal> {
    let at = |n: usize, refusal: Refusal| {
        Refusal::new(refusal.ground, format!("第{}项：{}", n + 1, refusal.what)).remedy(refusal.remedy).at("fees")
    };
    let fee = |(n, line): (usize, &FeeLine)| {
        let trade = line.trade.trim();
        let code = match trade {
            "" => String::new(),
            trade => {
                let found = reference.trades.named(trade).map_err(|refusal| at(n, refusal))?;
                found.code.unwrap_or(found.name)
            }
        };
        Ok(Fee {
            item: line.item.trim().into(),
            code,
            level: line.level,
            fen: regulation::fen(&line.amount).map_err(|refusal| at(n, refusal))?,
            unit: line.unit.trim().into(),
            basis: line.basis.trim().into(),
        })
    };
    lines.iter().enumerate().map(fee).collect()
}

/// The name of an occupation by its code; empty for all.
fn trade_name(reference: &Reference, code: &str) -> String {
    if code.is_empty() {
        return String::new();
    }
    reference.trades.named(code).map_or_else(|_| code.to_owned(), |found| found.name)
}

/// A file of a version.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RegulationFile {
    /// Its place among the version's files, from 1.
    pub no: i64,
    pub name: String,
    /// In bytes.
    pub size: i64,
}

/// A version in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RegulationLine {
    pub id: i64,
    pub kind: RegulationKind,
    pub kind_name: String,
    /// Versions of a kind are counted from 1.
    pub no: i64,
    pub title: String,
    pub from: Date,
    /// The last day on which it holds, where there is one.
    pub until: Option<Date>,
    /// As it stands on the day that is asked.
    pub state: VersionState,
    pub state_name: String,
    pub published_on: Date,
    /// Whether it came out of the filing, with the listing.
    pub is_from_filing: bool,
    /// What is new in it; may be empty.
    pub note: String,
    pub withdrawn_on: Option<Date>,
    /// Why it was withdrawn; empty where it wasn't.
    pub withdrawn_reason: String,
    /// Whether it has a text, by which versions can be compared.
    pub has_text: bool,
    pub files: Vec<RegulationFile>,
}

/// One kind with its versions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RegulationKindView {
    pub kind: RegulationKind,
    pub kind_name: String,
    /// The version that holds on the day that is asked.
    pub in_force: Option<RegulationLine>,
    /// Why none holds, in a few words.
    pub gap: Option<String>,
    /// The last day of what holds, where nothing follows it.
    pub lapses_on: Option<Date>,
    /// The latest first.
    pub versions: Vec<RegulationLine>,
}

/// A line of a table of fees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeeView {
    pub item: String,
    /// The occupation's code and name; empty for all.
    pub code: String,
    pub trade: String,
    pub level: Option<rules::certificate::Level>,
    /// Empty for all levels.
    pub level_name: String,
    /// The fee in fen.
    pub fen: i64,
    /// The same in yuan: `260.00`.
    pub amount: String,
    pub unit: String,
    pub basis: String,
}

impl From<(Fee, String)> for FeeView {
    fn from((fee, trade): (Fee, String)) -> Self {
        Self {
            item: fee.item,
            code: fee.code,
            trade,
            level: fee.level,
            level_name: fee.level.map(|level| level.name().to_owned()).unwrap_or_default(),
            fen: fee.fen,
            amount: regulation::yuan(fee.fen),
            unit: fee.unit,
            basis: fee.basis,
        }
    }
}

impl FeeView {
    /// The line as a paragraph, for comparing tables.
    fn said(&self) -> String {
        let all = |text: &str, word: &str| if text.is_empty() { word.to_owned() } else { text.to_owned() };
        let (trade, level) = (all(&self.trade, "全部职业"), all(&self.level_name, "全部等级"));
        format!("{}，{trade}，{level}：{} {}（{}）", self.item, self.amount, self.unit, self.basis)
    }
}

/// All that a body has published, as it stands on a day: the five kinds, which of the four are missing, the fees.
pub(crate) struct Board {
    pub kinds: Vec<RegulationKindView>,
    pub missing: Vec<String>,
    pub fees: Vec<FeeView>,
}

/// What a body has published, as it stands on a day.
fn board(tx: &mut Tx<'_>, body: i64, on: Day) -> Result<Board, DbError> {
    let all = store::of_body(tx, body)?;
    let files = store::files(tx, body)?;
    let versions: Vec<_> = all.iter().map(|one| one.version.clone()).collect();
    let lines: Vec<_> = all.iter().map(|one| line(one, &versions, &files, on)).collect();
    let kind_view = |kind: RegulationKind| {
        let of_kind: Vec<_> = lines.iter().filter(|line| line.kind == kind).cloned().collect();
        RegulationKindView {
            kind,
            kind_name: kind.name().into(),
            in_force: of_kind.iter().find(|line| line.state == VersionState::InForce).cloned(),
            gap: regulation::gap(&versions, kind, on).map(regulation::Gap::said),
            lapses_on: regulation::lapses_on(&versions, kind, on),
            versions: of_kind,
        }
    };
    let kinds: Vec<_> = RegulationKind::ALL.iter().map(|&kind| kind_view(kind)).collect();
    let table = kinds.iter().find(|one| one.kind == RegulationKind::FeeTable).and_then(|one| one.in_force.as_ref());
    let fees = match table {
        Some(table) => store::fees(tx, table.id)?.into_iter().map(FeeView::from).collect(),
        None => Vec::new(),
    };
    let missing = regulation::gaps(&versions, on).iter().map(|(kind, _)| kind.name().to_owned()).collect();
    Ok(Board { kinds, missing, fees })
}

fn line(one: &store::Stored, versions: &[Version], files: &[store::StoredFile], on: Day) -> RegulationLine {
    let state = regulation::state(&one.version, versions, on);
    let own = files.iter().filter(|file| file.0 == one.id);
    RegulationLine {
        id: one.id,
        kind: one.version.kind,
        kind_name: one.version.kind.name().into(),
        no: one.version.no,
        title: one.title.clone(),
        from: one.version.from,
        until: one.version.last_day(),
        state,
        state_name: state.name().into(),
        published_on: one.published_on,
        is_from_filing: one.is_from_filing,
        note: one.note.clone(),
        withdrawn_on: one.version.withdrawn_on,
        withdrawn_reason: one.withdrawn_reason.clone(),
        has_text: one.has_text,
        files: own.map(|(_, no, name, size)| RegulationFile { no: *no, name: name.clone(), size: *size }).collect(),
    }
}

/// What a body has published, for itself and for those in charge of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RegulationsView {
    pub body: i64,
    pub name: String,
    /// The filing number under which everyone reads it; none before the listing.
    pub number: Option<String>,
    pub today: Date,
    /// The four, then the table of fees.
    pub kinds: Vec<RegulationKindView>,
    /// Which of the four are missing today.
    pub missing: Vec<String>,
    /// The fees that hold today.
    pub fees: Vec<FeeView>,
}

/// What has this body published, and what is missing?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Regulations {
    pub body: i64,
}

impl Look for Regulations {
    const KIND: LookKind = LookKind::Filings;
    type View = RegulationsView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<RegulationsView, Stop> {
        let today = sight.today();
        let name = crate::body::name(&mut sight.tx(), self.body)?.ok_or(Stop::NotFound)?;
        let number = number_of(&mut sight.tx(), self.body)?;
        let Board { kinds, missing, fees } = board(&mut sight.tx(), self.body, today)?;
        Ok(RegulationsView { body: self.body, name, number, today, kinds, missing, fees })
    }
}

/// What have we published?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct OwnRegulations {}

impl Look for OwnRegulations {
    const KIND: LookKind = LookKind::Filings;
    type View = RegulationsView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<RegulationsView, Stop> {
        let body = sight.caller().body().ok_or(Stop::NotFound)?;
        Regulations { body }.view(sight)
    }
}

/// A body of the territory with what is missing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RegulationStanding {
    pub body: i64,
    pub name: String,
    pub number: String,
    /// Which of the four are missing today, and why.
    pub missing: Vec<String>,
    /// Which of the four end within thirty days, and when.
    pub ending: Vec<String>,
    /// Whether it has a table of fees.
    pub has_fees: bool,
}

/// Bodies of the territory, those with something missing first; fifty to a page.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RegulationOverviewView {
    pub bodies: Vec<RegulationStanding>,
    pub total: usize,
    /// How many of all lack one of the four.
    pub lacking: usize,
    /// From 0.
    pub page: i64,
    pub today: Date,
}

/// Which bodies of our territory have their four regulations, and which do not?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct RegulationOverview {
    /// From 0.
    #[schema(minimum = 0, maximum = 100000)]
    pub page: Option<i64>,
}

impl Look for RegulationOverview {
    const KIND: LookKind = LookKind::Filings;
    type View = RegulationOverviewView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<RegulationOverviewView, Stop> {
        let (scope, today) = (sight.scope(), sight.today());
        let listed = store::listed_within(&mut sight.tx(), &scope, today)?;
        let facts = store::facts_within(&mut sight.tx(), &scope)?;
        let of_body: std::collections::HashMap<i64, Vec<Version>> = facts
            .chunk_by(|one, next| one.0 == next.0)
            .map(|own| (own[0].0, own.iter().map(|(_, version)| version.clone()).collect()))
            .collect();
        let mut bodies: Vec<_> = listed
            .into_iter()
            .map(|(body, name, number)| {
                let versions = of_body.get(&body).map_or(&[][..], Vec::as_slice);
                let missing = regulation::gaps(versions, today);
                let ending = regulation::ending_soon(versions, today);
                RegulationStanding {
                    body,
                    name,
                    number,
                    missing: missing.iter().map(|(kind, gap)| format!("{}{}", kind.name(), gap.said())).collect(),
                    ending: ending.iter().map(|(kind, last)| format!("{}{last} 到期", kind.name())).collect(),
                    has_fees: regulation::in_force(versions, RegulationKind::FeeTable, today).is_some(),
                }
            })
            .collect();
        bodies.sort_by_key(|one| (one.missing.is_empty(), one.ending.is_empty()));
        let (total, lacking) = (bodies.len(), bodies.iter().filter(|one| !one.missing.is_empty()).count());
        let page = self.page.unwrap_or(0).clamp(0, 100_000);
        let bodies = bodies.into_iter().skip(page as usize * PAGE).take(PAGE).collect();
        Ok(RegulationOverviewView { bodies, total, lacking, page, today })
    }
}

/// What a workbook of fees says, and what is wrong in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FeeFindingsView {
    /// Lines without a fault.
    pub fees: Vec<FeeView>,
    pub findings: Vec<Finding>,
}

/// What is wrong with this workbook of fees, line by line?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct FeeFindings {
    /// The hash under which it was kept.
    pub file: FileHash,
}

impl Look for FeeFindings {
    const KIND: LookKind = LookKind::Filings;
    type View = FeeFindingsView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FeeFindingsView, Stop> {
        // Only who may publish fees reads files by their hash here.
        sight.caller().granted(ActKind::PublishFees)?;
        let (bytes, reference) = (brought(sight, &self.file)?, sight.reference());
        let check = read_fees(&bytes, &reference)?;
        let fees = check.fees.into_iter().map(|fee| {
            let name = trade_name(&reference, &fee.code);
            FeeView::from((fee, name))
        });
        Ok(FeeFindingsView { fees: fees.collect(), findings: check.findings })
    }
}

/// The four out of a filing become public when it is listed, unless the body has published its own before (三（五）).
pub(crate) fn publish_of_filing(desk: &mut Desk<'_>, filing: i64) -> Result<(), Stop> {
    let today = desk.today();
    Ok(store::publish_of(&mut desk.tx(), filing, today)?)
}

/// Whether a batch of a body may start on a day: its four regulations hold on it.
///
/// # Errors
/// The refusal that names what is missing; a fault.
pub(crate) fn may_hold(tx: &mut Tx<'_>, body: i64, starts_on: Day) -> Result<(), Stop> {
    Ok(regulation::may_hold(&store::facts(tx, body)?, starts_on)?)
}

/// What of a body's regulations will stand against a batch that starts on a day or later.
///
/// # Errors
/// A fault.
pub(crate) fn ahead(tx: &mut Tx<'_>, body: i64, from: Day) -> Result<Vec<Refusal>, DbError> {
    Ok(regulation::ahead(&store::facts(tx, body)?, from))
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let registry = registry
        .look::<OwnRegulations>("/regulations", "本机构公布的管理办法与收费")
        .look::<Regulations>("/bodies/{body}/regulations", "一所机构公布的管理办法与收费")
        .look::<RegulationOverview>("/regulation-overview", "辖区内各机构的管理办法")
        .look::<FeeFindings>("/fee-findings", "检查收费项目表文件")
        .act::<PublishRegulation>("/regulations")
        .act::<PublishFees>("/fees")
        .act::<WithdrawRegulation>("/regulations/{regulation}/withdrawal");
    public::api(registry)
}

/// A head publishes what is missing or about to end.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let today = sight.today();
    let Some(body) = sight.caller().body() else { return Ok(Vec::new()) };
    let entries = ledger::entries(&mut sight.tx(), body)?;
    if !entries.iter().any(|entry| !entry.announced && entry.term_on(today).is_some()) {
        return Ok(Vec::new());
    }
    let versions = store::facts(&mut sight.tx(), body)?;
    let by = if sight.caller().role() == Role::Head { "" } else { "，由负责人公布" };
    let mut tasks = Vec::new();
    for (kind, gap) in regulation::gaps(&versions, today) {
        let detail = format!("{}；缺少它，不能通报批次{by}", gap.said());
        let href = format!("/regulations/new?kind={}", kind.code());
        tasks.push(Task::new(Clause::S3_5_1, format!("公布{}", kind.name()), detail, href));
    }
    for (kind, last) in regulation::ending_soon(&versions, today) {
        let detail = format!("施行到 {last} 为止；此后开展的批次不能通报{by}");
        let href = format!("/regulations/new?kind={}", kind.code());
        let what = format!("{}将到期，公布新版", kind.name());
        tasks.push(Task::new(Clause::S3_5_1, what, detail, href).due(Some(last)));
    }
    Ok(tasks)
}
