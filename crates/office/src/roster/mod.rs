//! 一（一）3, 二（二）: who is examined. A body's enrolment register, the roster of each batch checked row by row against
//! it and against the conditions of the standard, candidates with their tickets and photos. A corrected file may be
//! uploaded as often as need be: what is registered already is left alone, and nobody goes by being left out.

mod enrolment;
mod pages;
mod photos;
mod store;

use std::sync::Arc;

use jiff::civil::Date;
use rules::batch::Audience;
use rules::candidate::{BY_EXCEPTION, is_minor};
use rules::certificate::Level;
use rules::eligibility::{self, Generation};
use rules::permission::{ActKind, LookKind};
use rules::trade::Trades;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use sheets::{Finding, GoodRow, RosterCheck, RosterContext};
use utoipa::ToSchema;

pub use enrolment::{Enrolment, EnrolmentUpload, EnrolmentUploaded, EnrolmentView, StudentLine, UploadEnrolment};
pub use pages::pages;
pub(crate) use photos::printed;
pub use photos::{
    PhotoFileName, PhotoFinding, PhotoUpload, PhotoUploadLine, PhotoUploadView, PhotosUploaded, UploadPhotos,
};
pub(crate) use store::{ALL, is_enrolled};

use crate::account::Done;
use crate::batch::{self, Batch, BatchCooperation};
use crate::correction;
use crate::door::store::{note_file, take_numbers};
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Seals, Sight, Stop, Subject};
use crate::web::api::Registry;

/// Takes candidates out of a roster: rows without a fault are kept, the others are told. Who is registered already is
/// changed where the row says otherwise, and left alone where it says the same or nothing; who is not in the file stays.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadRoster {
    pub batch: i64,
    /// The kept file: .xlsx, .xls or .csv.
    pub file: FileHash,
    /// Its name, for showing.
    #[schema(max_length = 120)]
    pub name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Arc<ReadRoster>>,
}

/// What the roster said; read before the transaction, so that nobody waits for it.
#[derive(Debug)]
struct ReadRoster {
    kept: KeptFile,
    rows_read: usize,
    /// In the order of the file.
    entrants: Vec<store::Entrant>,
    findings: Vec<Finding>,
}

/// What came of an upload.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RosterUploaded {
    pub upload: i64,
    pub rows_read: usize,
    pub rows_good: usize,
    pub new: usize,
    pub changed: usize,
    pub same: usize,
    /// Rows of persons whose registration was withdrawn; they stay withdrawn.
    pub withdrawn: usize,
    pub faults: usize,
    pub warnings: usize,
}

impl UploadRoster {
    /// An upload of a kept file.
    pub fn new(batch: i64, file: FileHash, name: impl Into<String>) -> Self {
        Self { batch, file, name: name.into(), read: None }
    }
}

impl Act for UploadRoster {
    const KIND: ActKind = ActKind::UploadRoster;
    const PREPARES: bool = true;
    type Answer = RosterUploaded;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let batch = open_batch(sight, self.batch)?;
        let bytes = bring(sight, &self.file)?;
        let check = check(sight, &batch, &bytes)?;
        let seals = sight.seals();
        let entrants = spread(check.good, |row| sealed(row, seals));
        let kept = KeptFile::of(&self.file, &bytes)?;
        self.read = Some(Arc::new(ReadRoster { kept, rows_read: check.rows_read, entrants, findings: check.findings }));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<RosterUploaded, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the roster was not read"))?;
        let batch = open_batch(desk, self.batch)?;
        let registered = store::registered(&mut desk.tx(), batch.id)?;
        // What two persons have corrected a roster does not change back (三（三）).
        let corrected = correction::corrected(&mut desk.tx(), batch.id)?;
        let former = correction::former(&mut desk.tx(), batch.id)?;
        let seals = desk.seals();
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        let (mut same, mut withdrawn) = (0, 0);
        for entrant in &read.entrants {
            match registered.get(&entrant.key) {
                None if former.get(&entrant.key) == Some(&entrant.name) => same += 1,
                None => new.push((desk.new_id(), String::new(), entrant)),
                Some(known) if known.withdrawn => withdrawn += 1,
                Some(known) if corrected.contains(&known.id) => same += 1,
                Some(known) if known.is_same(entrant, seals) => same += 1,
                Some(known) => changed.push((known.id, String::new(), entrant)),
            }
        }
        // Somebody may have been registered elsewhere while the roster was read.
        let running = store::running(&mut desk.tx(), &batch)?;
        if new.iter().any(|(_, _, entrant)| running.contains_key(&entrant.key)) {
            return Err(Refusal::house("名册", "检查名册期间，有考生在别的批次报了名")
                .remedy("请重新上传同一份文件，系统会指出是哪几行")
                .at("roster")
                .into());
        }
        let tickets = tickets(desk, &batch, new.len())?;
        new.iter_mut().zip(tickets).for_each(|((_, ticket, _), taken)| *ticket = taken);
        let (id, now) = (desk.new_id(), desk.now());
        note_file(&mut desk.tx(), &read.kept, now)?;
        let by = desk.caller().name().to_owned();
        let upload = store::NewUpload {
            id,
            of: batch.id,
            file: &read.kept,
            name: &self.name,
            rows_read: read.rows_read,
            rows_good: read.entrants.len(),
            new: new.len(),
            changed: changed.len(),
            withdrawn,
            findings: &read.findings,
            now,
            by: &by,
        };
        store::roster_uploaded(&mut desk.tx(), &upload, seals)?;
        store::add(&mut desk.tx(), batch.id, id, &new)?;
        store::change(&mut desk.tx(), id, &changed)?;
        let faults = read.findings.iter().filter(|finding| finding.is_fault()).count();
        Ok(RosterUploaded {
            upload: id,
            rows_read: read.rows_read,
            rows_good: read.entrants.len(),
            new: new.len(),
            changed: changed.len(),
            same,
            withdrawn,
            faults,
            warnings: read.findings.len() - faults,
        })
    }
}

/// The next tickets of a batch.
fn tickets(desk: &mut Desk<'_>, batch: &Batch, count: usize) -> Result<Vec<String>, Stop> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let count = count as i64;
    let first = take_numbers(&mut desk.tx(), &format!("ticket/{}", batch.id), count)? - count + 1;
    let prefix: String = batch.number.chars().filter(char::is_ascii_digit).collect();
    Ok((first..first + count).map(|n| format!("{prefix}{n:05}")).collect())
}

/// Registers somebody whom the centre has let in as an exception, out of a roster's row; the candidate's id.
///
/// # Errors
/// A fault.
pub(crate) fn register_by_exception(
    desk: &mut Desk<'_>,
    batch: &Batch,
    upload: i64,
    row: GoodRow,
) -> Result<i64, Stop> {
    let entrant = sealed(GoodRow { condition: BY_EXCEPTION, ..row }, desk.seals());
    let ticket = tickets(desk, batch, 1)?.pop().unwrap_or_default();
    let id = desk.new_id();
    store::add(&mut desk.tx(), batch.id, upload, &[(id, ticket, &entrant)])?;
    Ok(id)
}

/// The file of an upload of a batch's roster.
///
/// # Errors
/// *Not found* where the batch has no such upload.
pub(crate) fn uploaded_file(sight: &mut Sight<'_>, batch: i64, upload: i64) -> Result<FileHash, Stop> {
    store::uploaded_file(&mut sight.tx(), batch, upload)?.ok_or(Stop::NotFound)
}

/// The batch, if persons may still be registered in it.
pub(crate) fn open_batch(sight: &mut Sight<'_>, id: i64) -> Result<Batch, Stop> {
    let batch = batch::find(&mut sight.tx(), id)?.ok_or(Stop::NotFound)?;
    rules::batch::open_to_register(batch.stage, batch.plan().last_exam_on(), sight.today())?;
    if let Some(cooperation) = &batch.cooperation {
        rules::cooperation::open_to_register(batch.identity, cooperation.state, &cooperation.school_name)?;
    }
    Ok(batch)
}

/// The content of the file that an act names; a hash under which nothing was kept is refused.
pub(crate) fn bring(sight: &Sight<'_>, hash: &FileHash) -> Result<Vec<u8>, Stop> {
    sight.office().files().bring(hash).map_err(|stop| match stop {
        Stop::NotFound => {
            Refusal::house("文件", "没有收到这个文件").remedy("请先上传文件，再用返回的编号办理").at("file").into()
        }
        other => other,
    })
}

/// The batch in which a number, known by its key, is registered elsewhere and may not be again.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn running_elsewhere(sight: &mut Sight<'_>, batch: &Batch, key: &str) -> Result<Option<String>, Stop> {
    Ok(store::running(&mut sight.tx(), batch)?.remove(key))
}

/// Checks a roster against everything that the house knows.
pub(crate) fn check(sight: &mut Sight<'_>, batch: &Batch, bytes: &[u8]) -> Result<RosterCheck, Stop> {
    let own_students = (batch.audience == Audience::Own).then(|| batch.identity.clause());
    let seals = sight.seals();
    let enrolment = store::register_opened(&mut sight.tx(), batch.students_of(), seals)?;
    if let Some(clause) = own_students.filter(|_| enrolment.is_empty()) {
        let (what, remedy) = match &batch.cooperation {
            None => (
                "还没有导入学籍名册，无法核对是否为本校学生".to_owned(),
                "请先在“学籍”页导入学籍名册，再上传报名名册".to_owned(),
            ),
            Some(BatchCooperation { school_name, .. }) => (
                format!("{school_name}还没有导入学籍名册，无法核对是否为该校学生"),
                format!("请{school_name}先导入学籍名册，再上传报名名册"),
            ),
        };
        return Err(Refusal::new(clause, what).remedy(remedy).at("roster").into());
    }
    let majors = store::majors(&mut sight.tx(), batch)?;
    let running = store::running(&mut sight.tx(), batch)?;
    let running = |number: &str| if running.is_empty() { None } else { running.get(&seals.find_key(number)).cloned() };
    let reference = sight.reference();
    let names = occupation_names(&reference.trades, &batch.code, &[&batch.trade, &batch.work_type]);
    let context = RosterContext {
        level: batch.level,
        occupation_code: &batch.code,
        occupation_names: &names,
        majors: &majors,
        generation: batch.rules.generation(),
        on: batch.plan().first_exam_on(),
        today: sight.today(),
        enrolment: Some(&enrolment),
        running: &running,
        own_students,
        made_up_people: sight.office().is_demo(),
    };
    Ok(sheets::check_roster(bytes, &context)?)
}

/// Every name that an occupation goes by: those given first, then the classification's, then the titles and work types
/// of its standards.
pub(crate) fn occupation_names(trades: &Trades, code: &str, given: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if !name.is_empty() && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    given.iter().for_each(|name| add(name));
    if let Some(occupation) = trades.occupations.get(code) {
        add(&occupation.name);
    }
    for standard in trades.standards_of(code) {
        add(standard.occupation());
        add(&standard.name);
        if let Some((_, work_type)) = standard.name.strip_suffix('）').and_then(|name| name.rsplit_once('（')) {
            add(work_type);
        }
    }
    names
}

/// The conditions that an occupation's own standard carries, where no batch says which it follows: those of the latest
/// edition that is not about a single work type.
pub(crate) fn usual_generation(trades: &Trades, code: &str) -> Generation {
    let standards = trades.standards_of(code);
    let whole = standards.iter().filter(|standard| standard.name == standard.occupation());
    let edition = whole.map(|standard| standard.edition_year).max();
    let edition = edition.or_else(|| standards.iter().map(|standard| standard.edition_year).max());
    eligibility::generation(edition.flatten())
}

/// Does the same to each of many, in order, on as many threads as there are cores: sealing and opening thousands of
/// numbers is what an upload spends its time on beside the reading.
fn spread<T: Send, U: Send>(many: Vec<T>, each: impl Fn(T) -> U + Sync) -> Vec<U> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = many.len().div_ceil(cores).max(500);
    let mut rest = many.into_iter();
    let shares =
        std::iter::from_fn(|| Some(rest.by_ref().take(share).collect()).filter(|part: &Vec<T>| !part.is_empty()));
    let shares: Vec<Vec<T>> = shares.collect();
    std::thread::scope(|scope| {
        let each = &each;
        let threads: Vec<_> = shares
            .into_iter()
            .map(|part| scope.spawn(move || part.into_iter().map(each).collect::<Vec<U>>()))
            .collect();
        let done =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        done.flatten().collect()
    })
}

/// A good row as it is stored.
fn sealed(row: GoodRow, seals: &Seals) -> store::Entrant {
    let phone = row.phone.unwrap_or_default();
    store::Entrant {
        key: seals.find_key(&row.id_number),
        sheet: row.sheet,
        row: row.row,
        name: row.name,
        id_kind: row.id_kind.code(),
        id_sealed: seals.seal(&row.id_number),
        sex: row.sex.map_or("", |sex| sex.name()),
        born: row.born.to_string(),
        student_no: row.student_no.unwrap_or_default(),
        major: row.major.unwrap_or_default(),
        condition: row.condition,
        phone_sealed: if phone.is_empty() { String::new() } else { seals.seal(&phone) },
        phone,
    }
}

/// Takes a person who has no mark out of a batch before the examination is over, for a reason; the record keeps who did
/// it. A roster uploaded later does not bring the person back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WithdrawCandidate {
    pub candidate: i64,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

impl Act for WithdrawCandidate {
    const KIND: ActKind = ActKind::WithdrawCandidate;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Candidate(self.candidate)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let seals = desk.seals();
        let found = store::candidate(&mut desk.tx(), self.candidate, seals)?.ok_or(Stop::NotFound)?;
        open_batch(desk, found.batch)?;
        if let Some(on) = found.withdrawn_on {
            return Err(Refusal::new(Clause::S3_3_1, format!("该考生的报名已于 {on} 撤销"))
                .remedy("不需要再次撤销")
                .into());
        }
        rules::batch::may_withdraw(store::marks(&mut desk.tx(), self.candidate)?)?;
        let (reason, today) = (reason(&self.reason, "撤销")?, desk.today());
        store::withdraw(&mut desk.tx(), self.candidate, today, reason)?;
        Ok(Done {})
    }
}

/// Takes back a withdrawal, for a reason, while persons are still registered: under the old ticket, with what was known.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RestoreCandidate {
    pub candidate: i64,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

impl Act for RestoreCandidate {
    const KIND: ActKind = ActKind::RestoreCandidate;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Candidate(self.candidate)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let seals = desk.seals();
        let found = store::candidate(&mut desk.tx(), self.candidate, seals)?.ok_or(Stop::NotFound)?;
        let batch = open_batch(desk, found.batch)?;
        if found.withdrawn_on.is_none() {
            return Err(Refusal::new(Clause::S3_3_1, "该考生的报名没有撤销").remedy("不需要恢复").into());
        }
        reason(&self.reason, "恢复")?;
        if let Some(other) = store::running(&mut desk.tx(), &batch)?.get(&seals.find_key(&found.id_number)) {
            return Err(Refusal::house("名册", format!("该考生已在进行中的批次“{other}”报名"))
                .remedy("请先在该批次中撤销报名，再恢复")
                .into());
        }
        store::restore(&mut desk.tx(), self.candidate)?;
        Ok(Done {})
    }
}

/// A reason that the record keeps, in one to 500 characters.
fn reason<'r>(text: &'r str, what: &str) -> Result<&'r str, Refusal> {
    let reason = text.trim();
    if (1..=500).contains(&reason.chars().count()) {
        return Ok(reason);
    }
    Err(Refusal::new(Clause::S3_3_1, format!("没有写明{what}报名的原因，或原因超过500字"))
        .remedy("请用一句话写明原因，操作会留下记录")
        .at("reason"))
}

/// An upload of a roster or of a register.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UploadLine {
    pub id: i64,
    /// The file's name.
    pub name: String,
    pub rows_read: i64,
    pub rows_good: i64,
    pub new: i64,
    pub changed: i64,
    pub same: i64,
    /// Rows of persons whose registration was withdrawn.
    pub withdrawn: i64,
    pub faults: i64,
    pub warnings: i64,
    /// As people read it.
    pub at: String,
    pub by: String,
    pub file: FileHash,
}

/// A candidate, masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CandidateLine {
    pub id: i64,
    /// The number of the admission ticket (准考证号).
    pub ticket: String,
    pub name_masked: String,
    pub id_masked: String,
    pub student_no: String,
    pub major: String,
    /// The code of the condition that holds: `N4-3`.
    pub condition: String,
    pub has_photo: bool,
    /// Whether the person is under age on the first day of the examination.
    pub is_minor: bool,
    pub withdrawn_on: Option<Date>,
    pub withdrawn_reason: Option<String>,
}

/// The batch that a roster belongs to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RosterHead {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub body_name: String,
    pub trade: String,
    pub level: Level,
    pub level_name: String,
    /// Which conditions its standard asks for.
    pub generation: Generation,
    /// What the batch is for, in one line: `中式烹调师，四级/中级工`.
    pub what: String,
    /// The school for whose students it is held; none for one's own.
    pub school_name: Option<String>,
    pub audience: Audience,
}

impl From<&Batch> for RosterHead {
    fn from(batch: &Batch) -> Self {
        Self {
            id: batch.id,
            number: batch.number.clone(),
            title: batch.title.clone(),
            body_name: batch.body_name.clone(),
            trade: batch.trade.clone(),
            level: batch.level,
            level_name: batch.level.name().to_owned(),
            generation: batch.rules.generation(),
            what: format!("{}，{}", batch.trade, batch.level.name()),
            school_name: batch.cooperation.as_ref().map(|one| one.school_name.clone()),
            audience: batch.audience,
        }
    }
}

/// One page of a roster, masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RosterView {
    pub batch: RosterHead,
    pub registered: i64,
    pub photos: i64,
    pub withdrawn: i64,
    pub expected: i64,
    /// Students in the body's register.
    pub enrolled: i64,
    /// Why nobody can be registered any more; empty while it is open.
    pub closed: String,
    pub last_exam_on: Date,
    pub candidates: Vec<CandidateLine>,
    /// How many match, withdrawn ones too.
    pub total: i64,
    /// From 0; a page has 50.
    pub page: i64,
    /// The latest, the last first.
    pub uploads: Vec<UploadLine>,
    /// The latest of photos, the last first.
    pub photo_uploads: Vec<PhotoUploadLine>,
}

/// Who is registered in this batch?
#[derive(Deserialize, ToSchema)]
pub struct Roster {
    pub batch: i64,
    /// A whole name, ticket, student number or identity number.
    #[schema(max_length = 60)]
    pub find: Option<String>,
    /// From 0.
    #[schema(minimum = 0, maximum = 100000)]
    pub page: Option<i64>,
}

impl Look for Roster {
    const KIND: LookKind = LookKind::Batches;
    type View = RosterView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<RosterView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let (seals, page) = (sight.seals(), self.page.unwrap_or(0).clamp(0, 100_000));
        let (registered, photos, withdrawn) = store::summary(&mut sight.tx(), batch.id)?;
        let (candidates, total) = store::candidates(&mut sight.tx(), batch.id, self.find.as_deref(), page, seals)?;
        let last_exam_on = batch.plan().last_exam_on();
        let open = rules::batch::open_to_register(batch.stage, last_exam_on, sight.today());
        Ok(RosterView {
            registered,
            photos,
            withdrawn,
            expected: batch.expected,
            enrolled: store::register_size(&mut sight.tx(), batch.students_of())?,
            closed: open.err().map(|refusal| format!("{}。{}", refusal.what, refusal.remedy)).unwrap_or_default(),
            last_exam_on,
            candidates: candidates
                .into_iter()
                .map(|one| CandidateLine::of(one, batch.plan().first_exam_on()))
                .collect(),
            total,
            page,
            uploads: store::roster_uploads(&mut sight.tx(), batch.id)?,
            photo_uploads: store::photo_uploads(&mut sight.tx(), batch.id)?,
            batch: RosterHead::from(&batch),
        })
    }
}

/// A candidate with everything that is known.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FullLine {
    pub id: i64,
    pub batch: i64,
    pub ticket: String,
    pub name: String,
    pub id_kind: String,
    pub id_number: String,
    pub sex: String,
    pub born: Option<Date>,
    pub student_no: String,
    pub major: String,
    pub condition: String,
    pub phone: String,
    pub has_photo: bool,
    /// Whether the person is under age on the first day of the examination.
    pub is_minor: bool,
    pub withdrawn_on: Option<Date>,
    pub withdrawn_reason: Option<String>,
    /// Where the person stands in the file.
    pub sheet: String,
    pub row: i64,
}

/// One page of a roster with full data.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FullRosterView {
    pub batch: RosterHead,
    pub candidates: Vec<FullLine>,
    pub total: i64,
    pub page: i64,
}

/// Who is registered in this batch, with everything that is known? The look is recorded.
#[derive(Deserialize, ToSchema)]
pub struct FullRoster {
    pub batch: i64,
    /// A whole name, ticket, student number or identity number.
    #[schema(max_length = 60)]
    pub find: Option<String>,
    /// From 0.
    #[schema(minimum = 0, maximum = 100000)]
    pub page: Option<i64>,
}

impl Look for FullRoster {
    const KIND: LookKind = LookKind::Candidates;
    type View = FullRosterView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FullRosterView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let (seals, page) = (sight.seals(), self.page.unwrap_or(0).clamp(0, 100_000));
        let (candidates, total) = store::candidates(&mut sight.tx(), batch.id, self.find.as_deref(), page, seals)?;
        let first = batch.plan().first_exam_on();
        let of = |one: FullLine| FullLine { is_minor: is_minor(one.born, first), ..one };
        let candidates = candidates.into_iter().map(of).collect();
        Ok(FullRosterView { batch: RosterHead::from(&batch), candidates, total, page })
    }
}

/// One upload of a roster with everything that it found, values in full.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RosterUploadView {
    pub batch: RosterHead,
    pub upload: UploadLine,
    pub findings: Vec<Finding>,
}

/// What did this upload find? Findings quote the file, so the look is recorded.
#[derive(Deserialize, ToSchema)]
pub struct RosterUpload {
    pub batch: i64,
    pub upload: i64,
}

impl Look for RosterUpload {
    const KIND: LookKind = LookKind::Candidates;
    type View = RosterUploadView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<RosterUploadView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let seals = sight.seals();
        let found = store::roster_upload(&mut sight.tx(), batch.id, self.upload, seals)?;
        let (upload, findings) = found.ok_or(Stop::NotFound)?;
        Ok(RosterUploadView { batch: RosterHead::from(&batch), upload, findings })
    }
}

/// A candidate to be withdrawn, masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CandidateView {
    pub batch: RosterHead,
    pub candidate: CandidateLine,
}

/// Who is this candidate?
#[derive(Deserialize, ToSchema)]
pub struct CandidateDetail {
    pub candidate: i64,
}

impl Look for CandidateDetail {
    const KIND: LookKind = LookKind::Batches;
    type View = CandidateView;

    fn subject(&self) -> Subject {
        Subject::Candidate(self.candidate)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CandidateView, Stop> {
        let seals = sight.seals();
        let found = store::candidate(&mut sight.tx(), self.candidate, seals)?.ok_or(Stop::NotFound)?;
        let batch = batch::find(&mut sight.tx(), found.batch)?.ok_or(Stop::NotFound)?;
        let candidate = CandidateLine::of(found, batch.plan().first_exam_on());
        Ok(CandidateView { batch: RosterHead::from(&batch), candidate })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<UploadEnrolment>("/enrolment")
        .look::<Enrolment>("/enrolment", "学籍名册（脱敏）")
        .look::<EnrolmentUpload>("/enrolment/uploads/{upload}", "学籍名册的一次导入与问题")
        .act::<UploadRoster>("/batches/{batch}/roster")
        .look::<Roster>("/batches/{batch}/roster", "报名名册（脱敏）")
        .look::<FullRoster>("/batches/{batch}/roster/full", "报名名册（完整信息，留痕）")
        .look::<RosterUpload>("/batches/{batch}/roster/uploads/{upload}", "报名名册的一次导入与问题（留痕）")
        .look::<CandidateDetail>("/candidates/{candidate}", "考生（脱敏）")
        .act::<WithdrawCandidate>("/candidates/{candidate}/withdrawal")
        .act::<RestoreCandidate>("/candidates/{candidate}/restoration")
        .act::<UploadPhotos>("/batches/{batch}/photos")
        .look::<PhotoUpload>("/batches/{batch}/photos/uploads/{upload}", "照片的一次导入与问题（留痕）")
}
