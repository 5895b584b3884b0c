//! 一（四）: the standard's conditions and who is let past them. Whoever's evidence does not show a line is put forward by the body
//! with reason and evidence and decided by the centre, one by one; till then the person is not registered and everybody else
//! goes on. When a batch is told another day its candidates are checked again: who no longer meets what was checked is named.

mod pages;
mod recheck;
mod store;

use jiff::civil::Date;
use rules::candidate::{ExceptionState, decided_by, may_put_forward};
use rules::identity::{IdKind, Sex, mask_number};
use rules::permission::{ActKind, LookKind};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use sheets::GoodRow;
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use recheck::fall_due;
pub use recheck::{RecheckCandidates, Rechecked};
pub(crate) use store::ALL;

use crate::account::Made;
use crate::batch;
use crate::door::store::{note_file, to_text};
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::marks::FileView;
use crate::roster::{bring, check, open_batch, register_by_exception, running_elsewhere, uploaded_file};
use crate::web::api::Registry;

/// A row as it is kept until the centre has decided.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    sheet: String,
    row: u32,
    name: String,
    id_kind: IdKind,
    id_number: String,
    born: Date,
    sex: Option<Sex>,
    student_no: Option<String>,
    major: Option<String>,
    phone: Option<String>,
}

impl From<GoodRow> for Row {
    fn from(row: GoodRow) -> Self {
        let GoodRow { sheet, row, name, id_kind, id_number, born, sex, student_no, major, phone, .. } = row;
        Self { sheet, row, name, id_kind, id_number, born, sex, student_no, major, phone }
    }
}

impl From<Row> for GoodRow {
    fn from(row: Row) -> Self {
        let Row { sheet, row, name, id_kind, id_number, born, sex, student_no, major, phone } = row;
        Self { sheet, row, name, id_kind, id_number, born, sex, condition: "", student_no, major, phone }
    }
}

/// Puts somebody of a roster forward whose condition the evidence does not show: the centre in charge decides.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposeException {
    pub batch: i64,
    /// The upload that found the row wanting.
    pub upload: i64,
    #[schema(max_length = 200)]
    pub sheet: String,
    /// As the program numbers it, from 1.
    #[schema(minimum = 1, maximum = 2000000)]
    pub row: u32,
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
    /// The evidence, as a file that was kept before.
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    #[serde(skip)]
    #[schema(ignore)]
    read: Option<Box<Read>>,
}

/// What the roster's file and the evidence said; read before the transaction.
#[derive(Debug, Clone)]
struct Read {
    found: Option<(GoodRow, String)>,
    kept: Option<KeptFile>,
}

impl Act for ProposeException {
    const KIND: ActKind = ActKind::ProposeException;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let batch = open_batch(sight, self.batch)?;
        let roster = uploaded_file(sight, batch.id, self.upload)?;
        let bytes = bring(sight, &roster)?;
        let read = check(sight, &batch, &bytes)?;
        let found = read.short.into_iter().find(|(row, _)| row.sheet == self.sheet && row.row == self.row);
        let kept = match &self.file {
            Some(hash) => Some(KeptFile::of(hash, &bring(sight, hash)?)?),
            None => None,
        };
        self.read = Some(Box::new(Read { found, kept }));
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let read = self.read.as_ref().ok_or_else(|| Stop::fault("the roster was not read"))?;
        let batch = open_batch(desk, self.batch)?;
        let Some((row, lacks)) = &read.found else {
            return Err(Refusal::new(Clause::S1_4_1, "这一行不是“不符合申报条件”一项有误")
                .remedy("其他问题请先改正名册；符合条件的直接上传，不用提出例外")
                .at("row")
                .into());
        };
        let (today, now, seals) = (desk.today(), desk.now(), desk.seals());
        let key = seals.find_key(&row.id_number);
        let open = store::open_of(&mut desk.tx(), batch.id, &key)?;
        let first = batch.plan().first_exam_on();
        may_put_forward((first, today), (&self.reason, read.kept.is_some()), open)?;
        if store::is_registered(&mut desk.tx(), batch.id, &key)? {
            return Err(Refusal::new(Clause::S1_4_1, "这名人员已在本批次报名").remedy("不需要提出例外").into());
        }
        let Some(kept) = &read.kept else { return Err(Stop::fault("an exception without its evidence")) };
        let terms = crate::term::on(&mut desk.tx(), today)?;
        let due_on = decided_by(today, first, &terms, &desk.reference().calendar)?;
        note_file(&mut desk.tx(), kept, now)?;
        let (id, by) = (desk.new_id(), desk.caller().name().to_owned());
        let new = store::NewException {
            id,
            batch: batch.id,
            upload: self.upload,
            id_key: &key,
            person_sealed: &seals.seal(&to_text(&Row::from(row.clone()))?),
            lacks,
            reason: self.reason.trim(),
            file: kept,
            file_name: &crate::web::forms::plain_name(&self.file_name),
            on: today,
            by: &by,
            due_on,
        };
        store::put_forward(&mut desk.tx(), &new)?;
        let said = format!("{}为{}的1名人员提出报名资格例外，请于{due_on}前决定", batch.body_name, batch.name());
        desk.remind_office(batch.centre.clone(), (Clause::S1_4_1, due_on), said, page(batch.id));
        Ok(Made { id })
    }
}

fn page(batch: i64) -> String {
    format!("/batches/{batch}/exceptions")
}

/// The centre decides on one exception with its reason; whoever is let in is registered at once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DecideException {
    pub batch: i64,
    pub exception: i64,
    pub granted: bool,
    #[schema(min_length = 5, max_length = 500)]
    pub reason: String,
}

/// What came of a decision.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExceptionDecided {
    pub state: ExceptionState,
    /// The candidate, where the person was let in.
    pub candidate: Option<i64>,
}

impl Act for DecideException {
    const KIND: ActKind = ActKind::DecideException;
    type Answer = ExceptionDecided;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ExceptionDecided, Stop> {
        let batch = batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let found = store::exception(&mut desk.tx(), batch.id, self.exception)?.ok_or(Stop::NotFound)?;
        let state = found.state.decide(self.granted, &self.reason)?;
        let (today, seals) = (desk.today(), desk.seals());
        let mut candidate = None;
        if state == ExceptionState::Granted {
            let batch = open_batch(desk, batch.id)?;
            let first = batch.plan().first_exam_on();
            if today >= first {
                return Err(Refusal::new(Clause::S1_4_1, format!("批次已于 {first} 开考，不能再同意"))
                    .remedy("请写明理由，答复不同意；机构可在下一批次再提出")
                    .at("granted")
                    .into());
            }
            if store::is_registered(&mut desk.tx(), batch.id, &found.id_key)? {
                return Err(Refusal::new(Clause::S1_4_1, "这名人员已在本批次报名")
                    .remedy("已经符合条件报了名的，请答复不同意并写明")
                    .into());
            }
            if let Some(other) = running_elsewhere(desk, &batch, &found.id_key)? {
                return Err(Refusal::new(Clause::S1_4_1, format!("这名人员已在进行中的批次“{other}”报名"))
                    .remedy("请机构先在该批次撤销报名")
                    .into());
            }
            let row = found.row(seals)?;
            let id = register_by_exception(desk, &batch, found.upload, row.into())?;
            candidate = Some(id);
        }
        let by = format!("{}（{}）", desk.caller().name(), desk.caller().seat_name());
        store::decide(&mut desk.tx(), found.id, (state, candidate), (today, &by), self.reason.trim())?;
        let more = if candidate.is_some() { "，已报名，请补排座位" } else { "" };
        let said = format!("{}：1名人员的报名资格例外，主管中心{}{more}", batch.title, state.name());
        desk.tell_body(batch.body, said, page(batch.id));
        Ok(ExceptionDecided { state, candidate })
    }
}

/// An exception, names in full: the centre compares them with the evidence.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExceptionLine {
    pub id: i64,
    pub name: String,
    pub id_masked: String,
    pub born: Date,
    pub major: String,
    /// What the check found wanting.
    pub lacks: String,
    pub reason: String,
    pub file_name: String,
    pub state: ExceptionState,
    pub state_name: String,
    pub put_on: Date,
    pub put_by: String,
    pub due_on: Date,
    pub is_late: bool,
    pub decided_on: Option<Date>,
    pub decided_by: Option<String>,
    pub decision: Option<String>,
}

/// Somebody who no longer meets what was checked, masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DoubtLine {
    pub candidate: i64,
    pub ticket: String,
    pub name: String,
    pub reason: String,
    pub noted_on: Date,
}

/// The exceptions of a batch, and who no longer meets its conditions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExceptionsView {
    pub batch: i64,
    pub title: String,
    pub what: String,
    pub exceptions: Vec<ExceptionLine>,
    pub doubts: Vec<DoubtLine>,
}

/// Who of this batch was put forward as an exception, and what was decided? It shows names, so the look is recorded.
#[derive(Debug, Deserialize, ToSchema)]
pub struct Exceptions {
    pub batch: i64,
}

impl Look for Exceptions {
    const KIND: LookKind = LookKind::Candidates;
    type View = ExceptionsView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ExceptionsView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let (today, seals) = (sight.today(), sight.seals());
        let mut exceptions = Vec::new();
        for one in store::exceptions(&mut sight.tx(), batch.id)? {
            let row = one.row(seals)?;
            exceptions.push(ExceptionLine {
                id: one.id,
                name: row.name,
                id_masked: mask_number(&row.id_number),
                born: row.born,
                major: row.major.unwrap_or_default(),
                lacks: one.lacks,
                reason: one.reason,
                file_name: one.file_name,
                state: one.state,
                state_name: one.state.name().into(),
                put_on: one.put_on,
                put_by: one.put_by,
                due_on: one.due_on,
                is_late: one.state == ExceptionState::Open && one.due_on < today,
                decided_on: one.decided_on,
                decided_by: one.decided_by,
                decision: one.decision,
            });
        }
        let doubts = store::doubts(&mut sight.tx(), batch.id)?;
        let what = format!("{}，{}", batch.trade, batch.level.name());
        Ok(ExceptionsView { batch: batch.id, title: batch.title, what, exceptions, doubts })
    }
}

/// The evidence of an exception; fetching it leaves a trace.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ExceptionFile {
    pub batch: i64,
    pub exception: i64,
}

impl Look for ExceptionFile {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let one = store::exception(&mut sight.tx(), self.batch, self.exception)?.ok_or(Stop::NotFound)?;
        let name = if one.file_name.is_empty() { "例外依据".to_owned() } else { one.file_name };
        Ok(FileView { bytes: sight.office().files().bring(&one.file)?, name })
    }
}

/// A centre decides on exceptions; a body settles who no longer meets the conditions.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (caller, scope) = (sight.caller(), sight.scope());
    let decides = caller.granted(ActKind::DecideException).is_ok();
    let mut tasks = Vec::new();
    for store::Waiting { batch, title, body, open, due_on } in store::waiting(&mut sight.tx(), &scope)? {
        let detail = format!("{body}，{title}，{open}名；逐人看依据、写明理由");
        let task = Task::new(Clause::S1_4_1, "决定报名资格例外", detail, page(batch)).due(Some(due_on));
        tasks.push(if decides { task } else { task.waiting() });
    }
    if caller.role().sits_in_body() {
        for (batch, title, persons) in store::doubtful(&mut sight.tx(), &scope)? {
            let detail = format!("{title}改期后，{persons}名考生不再符合报名条件；请逐人核对，确不符合的撤销报名");
            tasks.push(Task::new(Clause::S1_4_1, "核对不再符合条件的考生", detail, page(batch)));
        }
    }
    Ok(tasks)
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<ProposeException>("/batches/{batch}/exceptions")
        .act::<DecideException>("/batches/{batch}/exceptions/{exception}/decision")
        .act::<RecheckCandidates>("/batches/{batch}/recheck")
        .look::<Exceptions>("/batches/{batch}/exceptions", "批次的报名资格例外与不再符合条件的考生，查看留痕")
        .look::<ExceptionFile>("/batches/{batch}/exceptions/{exception}/file", "报名资格例外的依据，查看留痕")
}
