//! Lists that a school has already, taken from its own workbooks: the catalogue of its majors, its people, its rooms and
//! equipment. Good rows are kept, the others are findings; the same file again changes nothing; nobody goes by being
//! left out.

pub(super) mod pages;
mod store;

use std::sync::Arc;

use rules::permission::{ActKind, LookKind};
use rules::submission::FilingPart;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use sheets::{Finding, MajorRow, PersonRow, SiteRow};
use utoipa::ToSchema;

pub(crate) use store::{ALL, majors};

use super::draft::{ListedPerson, ListedSite, changeable};
use super::{check, content};
use crate::account::Done;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};

/// Majors of one school at most.
const MAJORS_MAX: usize = 500;

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// 专业目录.
    Majors,
    /// 人员队伍.
    People,
    /// 场地设备监控.
    Sites,
}

impl ListKind {
    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Majors => "majors",
            Self::People => "people",
            Self::Sites => "sites",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Majors, Self::People, Self::Sites].into_iter().find(|kind| kind.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Majors => "专业目录",
            Self::People => FilingPart::People.name(),
            Self::Sites => FilingPart::Sites.name(),
        }
    }
}

/// A major of the school's own catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MajorLine {
    pub code: String,
    pub name: String,
    /// 中级工班, 高级工班 …; may be empty.
    pub class_kind: String,
    /// Whether it is one of the main majors (一（二）1).
    pub is_main: bool,
    /// The year in which it was opened.
    pub since: Option<i64>,
}

impl From<&MajorRow> for MajorLine {
    fn from(row: &MajorRow) -> Self {
        Self {
            code: row.code.clone(),
            name: row.name.clone(),
            class_kind: row.class_kind.clone(),
            is_main: row.is_main,
            since: row.since,
        }
    }
}

impl From<&PersonRow> for ListedPerson {
    fn from(row: &PersonRow) -> Self {
        Self {
            kind: row.kind,
            name: row.name.clone(),
            trade_code: row.trade_code.clone(),
            level_max: row.level_max,
            card_number: row.card_number.clone(),
            card_valid_until: row.card_valid_until,
        }
    }
}

impl From<&SiteRow> for ListedSite {
    fn from(row: &SiteRow) -> Self {
        Self {
            kind: row.kind,
            name: row.name.clone(),
            trade_code: row.trade_code.clone(),
            count: row.count,
            note: row.note.clone(),
            days_kept: row.days_kept,
        }
    }
}

/// What came of a file, in rows.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    read: usize,
    good: usize,
    new: usize,
    changed: usize,
}

/// What came of an import.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ListImported {
    pub upload: i64,
    pub rows_read: usize,
    pub rows_good: usize,
    pub new: usize,
    pub changed: usize,
    pub same: usize,
    pub faults: usize,
    pub warnings: usize,
}

/// What a workbook said; read before the transaction.
#[derive(Debug)]
struct Read<R> {
    kept: KeptFile,
    rows_read: usize,
    rows: Vec<R>,
    findings: Vec<Finding>,
}

/// Brings a kept file and reads it.
fn read<R>(
    sight: &Sight<'_>,
    file: &FileHash,
    check: impl FnOnce(&[u8]) -> Result<sheets::ListCheck<R>, Refusal>,
) -> Result<Arc<Read<R>>, Stop> {
    let bytes = crate::roster::bring(sight, file)?;
    let check = check(&bytes)?;
    let kept = KeptFile::of(file, &bytes)?;
    Ok(Arc::new(Read { kept, rows_read: check.rows_read, rows: check.rows, findings: check.findings }))
}

/// Notes the file, what was kept of it and what was found.
fn note<R>(
    desk: &mut Desk<'_>,
    (kind, body, filing): (ListKind, i64, Option<i64>),
    (read, name): (&Read<R>, &str),
    (new, changed): (usize, usize),
) -> Result<ListImported, Stop> {
    let (id, now, by) = (desk.new_id(), desk.now(), desk.caller().name().to_owned());
    note_file(&mut desk.tx(), &read.kept, now)?;
    let counts = Counts { read: read.rows_read, good: read.rows.len(), new, changed };
    let name = crate::web::forms::plain_name(name);
    let upload = store::NewUpload {
        id,
        body,
        filing,
        kind,
        file: &read.kept,
        name: &name,
        counts,
        findings: &read.findings,
        now,
        by: &by,
    };
    let seals = desk.seals();
    store::uploaded(&mut desk.tx(), &upload, seals)?;
    let faults = read.findings.iter().filter(|finding| finding.is_fault()).count();
    Ok(ListImported {
        upload: id,
        rows_read: counts.read,
        rows_good: counts.good,
        new,
        changed,
        same: counts.good - new - changed,
        faults,
        warnings: read.findings.len() - faults,
    })
}

/// Puts the rows of a file into a list: a row of a known key takes the place of the one there is, others are added. Gives
/// how many were new and how many changed.
fn merge<T: PartialEq>(list: &mut Vec<T>, rows: impl IntoIterator<Item = T>, key: fn(&T) -> String) -> (usize, usize) {
    let (mut new, mut changed) = (0, 0);
    for row in rows {
        let own = key(&row);
        match list.iter_mut().find(|known| key(known) == own) {
            Some(known) if *known == row => {}
            Some(known) => {
                *known = row;
                changed += 1;
            }
            None => {
                list.push(row);
                new += 1;
            }
        }
    }
    (new, changed)
}

/// Takes majors out of a workbook into the school's catalogue: known ones are changed by their code.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportMajors {
    /// The kept file: .xlsx, .xls or .csv.
    pub file: FileHash,
    /// Its name, for showing.
    #[schema(max_length = 120)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<Read<MajorRow>>>,
}

impl ImportMajors {
    /// An import of a kept file.
    pub fn new(file: FileHash, name: impl Into<String>) -> Self {
        Self { file, name: name.into(), read: None }
    }
}

impl Act for ImportMajors {
    const KIND: ActKind = ActKind::ImportMajors;
    const PREPARES: bool = true;
    type Answer = ListImported;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let today = sight.today();
        self.read = Some(read(sight, &self.file, |bytes| sheets::read_majors(bytes, today))?);
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ListImported, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the file was not read"))?;
        let body = desk.body()?;
        let mut majors = store::majors(&mut desk.tx(), body)?;
        let before = majors.clone();
        let (new, changed) = merge(&mut majors, read.rows.iter().map(MajorLine::from), |major| major.code.clone());
        if majors.len() > MAJORS_MAX {
            let refusal = Refusal::house("申请表格", format!("专业目录共{}个专业，超过{MAJORS_MAX}个", majors.len()));
            return Err(refusal.remedy("请先移除不再开设的专业").at("file").into());
        }
        let touched: Vec<&MajorLine> = majors.iter().filter(|major| !before.contains(major)).collect();
        store::keep_majors(&mut desk.tx(), body, &touched)?;
        note(desk, (ListKind::Majors, body, None), (read, &self.name), (new, changed))
    }
}

/// Takes a major out of the school's catalogue. What was submitted before stays as it was kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RemoveMajor {
    /// The code of the major.
    #[schema(max_length = 200)]
    pub code: String,
}

impl Act for RemoveMajor {
    const KIND: ActKind = ActKind::RemoveMajor;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let body = desk.body()?;
        if store::remove_major(&mut desk.tx(), body, &self.code)? {
            return Ok(Done {});
        }
        let refusal = Refusal::new(Clause::S1_2_1, format!("专业目录中没有代码“{}”", self.code));
        Err(refusal.remedy("请核对代码").at("code").into())
    }
}

/// Code and name of the occupations of a filing, once each.
fn planned(sight: &mut Sight<'_>, filing: i64) -> Result<Vec<(String, String)>, Stop> {
    let mut occupations: Vec<(String, String)> = Vec::new();
    for trade in super::store::trades(&mut sight.tx(), filing)? {
        if !occupations.iter().any(|(code, _)| *code == trade.code) {
            occupations.push((trade.code, trade.name));
        }
    }
    Ok(occupations)
}

/// Takes people out of a workbook into the filing: who is there already, by kind, name and occupation, is changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportPeople {
    pub filing: i64,
    /// The kept file: .xlsx, .xls or .csv.
    pub file: FileHash,
    /// Its name, for showing.
    #[schema(max_length = 120)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<Read<PersonRow>>>,
}

impl ImportPeople {
    /// An import of a kept file.
    pub fn new(filing: i64, file: FileHash, name: impl Into<String>) -> Self {
        Self { filing, file, name: name.into(), read: None }
    }
}

impl Act for ImportPeople {
    const KIND: ActKind = ActKind::ImportPeople;
    const PREPARES: bool = true;
    type Answer = ListImported;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let (planned, today) = (planned(sight, self.filing)?, sight.today());
        self.read = Some(read(sight, &self.file, |bytes| sheets::read_people(bytes, &planned, today))?);
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ListImported, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the file was not read"))?;
        let filing = changeable(desk, self.filing)?;
        let dossier = super::store::dossier(&mut desk.tx(), filing)?;
        let mut people = dossier.people;
        let rows = read.rows.iter().map(ListedPerson::from);
        let (new, changed) = merge(&mut people, rows, content::person_key);
        check::few_enough(people.len(), "file")?;
        check::none_of(check::people(&check::codes(&dossier.trades), &people), Some("file"))?;
        if new + changed > 0 {
            let office = desk.office();
            super::store::replace_people(&mut desk.tx(), self.filing, &people, || office.new_id())?;
        }
        let of = (ListKind::People, dossier.filing.body, Some(self.filing));
        note(desk, of, (read, &self.name), (new, changed))
    }
}

/// Takes rooms, stations, equipment and cameras out of a workbook into the filing, as [`ImportPeople`] does people.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImportSites {
    pub filing: i64,
    /// The kept file: .xlsx, .xls or .csv.
    pub file: FileHash,
    /// Its name, for showing.
    #[schema(max_length = 120)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<Read<SiteRow>>>,
}

impl ImportSites {
    /// An import of a kept file.
    pub fn new(filing: i64, file: FileHash, name: impl Into<String>) -> Self {
        Self { filing, file, name: name.into(), read: None }
    }
}

impl Act for ImportSites {
    const KIND: ActKind = ActKind::ImportSites;
    const PREPARES: bool = true;
    type Answer = ListImported;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let planned = planned(sight, self.filing)?;
        self.read = Some(read(sight, &self.file, |bytes| sheets::read_sites(bytes, &planned))?);
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ListImported, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the file was not read"))?;
        let filing = changeable(desk, self.filing)?;
        let dossier = super::store::dossier(&mut desk.tx(), filing)?;
        let mut sites = dossier.sites;
        let rows = read.rows.iter().map(ListedSite::from);
        let (new, changed) = merge(&mut sites, rows, content::site_key);
        check::few_enough(sites.len(), "file")?;
        check::none_of(check::sites(&check::codes(&dossier.trades), &sites), Some("file"))?;
        if new + changed > 0 {
            let office = desk.office();
            super::store::replace_sites(&mut desk.tx(), self.filing, &sites, || office.new_id())?;
        }
        let of = (ListKind::Sites, dossier.filing.body, Some(self.filing));
        note(desk, of, (read, &self.name), (new, changed))
    }
}

/// A file that was imported.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListUploadLine {
    pub id: i64,
    /// The application that it belongs to; none for the catalogue of majors.
    pub filing: Option<i64>,
    pub kind: ListKind,
    /// The file's name.
    pub name: String,
    pub rows_read: i64,
    pub rows_good: i64,
    pub new: i64,
    pub changed: i64,
    pub same: i64,
    pub faults: i64,
    pub warnings: i64,
    /// As people read it.
    pub at: String,
    pub by: String,
    pub file: FileHash,
}

/// The school's catalogue of majors.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MajorsView {
    /// Main majors first.
    pub majors: Vec<MajorLine>,
    /// The latest imports, the last first.
    pub uploads: Vec<ListUploadLine>,
}

/// Which majors does our school have?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Majors {}

impl Look for Majors {
    const KIND: LookKind = LookKind::Filings;
    type View = MajorsView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<MajorsView, Stop> {
        let body = sight.body()?;
        Ok(MajorsView {
            majors: store::majors(&mut sight.tx(), body)?,
            uploads: store::uploads(&mut sight.tx(), body, ListKind::Majors)?,
        })
    }
}

/// One import with everything that it found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListUploadView {
    pub upload: ListUploadLine,
    pub findings: Vec<Finding>,
}

/// What did this import find? A list is its own body's affair.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ListUpload {
    pub list: i64,
}

impl Look for ListUpload {
    const KIND: LookKind = LookKind::Filings;
    type View = ListUploadView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ListUploadView, Stop> {
        let (body, seals) = (sight.body()?, sight.seals());
        let found = store::upload(&mut sight.tx(), body, self.list, seals)?;
        let (upload, findings) = found.ok_or(Stop::NotFound)?;
        Ok(ListUploadView { upload, findings })
    }
}
