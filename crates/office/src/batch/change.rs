//! 二（二）1: what was told of a batch is changed, put off or stopped. Each notice is a version that stays; the centre in
//! charge is told of each with what it said before, and stops a batch with a reason.

use jiff::civil::Date;
use proof::log::LeafKind;
use rules::Refusal;
use rules::batch::BatchStage;
use rules::batch::change::{self, Difference, Matter, differences};
use rules::batch::stop;
use rules::permission::{ActKind, LookKind};
use rules::{Clause, Day};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NotifyBatch, TEXT_MAX, find, store};
use crate::account::Done;
use crate::door::{Act, Desk, Look, Sight, Stop, Subject};

/// What a version of a batch's notice came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VersionKind {
    /// The first notice.
    Notified,
    /// Something else is told; after a postponement, the new day.
    Changed,
    /// Put off without a new day.
    Postponed,
}

impl VersionKind {
    /// The code word used in the database and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Notified => "notified",
            Self::Changed => "changed",
            Self::Postponed => "postponed",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Notified, Self::Changed, Self::Postponed].into_iter().find(|kind| kind.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notified => "首次通报",
            Self::Changed => "变更通报",
            Self::Postponed => "推迟",
        }
    }
}

/// A reason in a few sentences.
fn reason_of(said: &str, clause: Clause, what: &str, reader: &str) -> Result<String, Refusal> {
    let said = said.trim();
    if said.is_empty() || said.chars().count() > TEXT_MAX {
        return Err(Refusal::new(clause, format!("没有写明{what}的原因，或原因过长"))
            .remedy(format!("请用几句话写明原因，{reader}会看到"))
            .at("reason"));
    }
    Ok(said.to_owned())
}

/// Keeps what a batch says now as its next version, told by the caller.
pub(super) fn tell_version(
    desk: &mut Desk<'_>,
    batch: i64,
    kind: VersionKind,
    reason: &str,
    counted: bool,
) -> Result<i64, Stop> {
    let (today, caller) = (desk.today(), desk.caller());
    let by = match caller.seat_name() {
        "" => caller.name().to_owned(),
        seat => format!("{}（{seat}）", caller.name()),
    };
    let no = store::keep_version(&mut desk.tx(), batch, (kind, counted), (today, &by), reason)?;
    desk.log_recorded(LeafKind::BatchNotified, batch, no)?;
    Ok(no)
}

/// What changes, as a message says it: it names no person.
fn said_of(differences: &[Difference]) -> String {
    let one = |difference: &Difference| match difference.matter {
        Matter::Responsible | Matter::WorkPlan => difference.what.clone(),
        _ => format!("{}由{}改为{}", difference.what, difference.before, difference.after),
    };
    differences.iter().map(one).collect::<Vec<_>>().join("，")
}

/// Tells the centre that a notified batch changes: the whole notice as it holds from now on (二（二）1). Where the rule
/// says so the ten working days are counted again from today. A batch that was put off gets its new day so.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangeBatch {
    pub batch: i64,
    pub notice: NotifyBatch,
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// What a change came to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BatchChanged {
    /// The number of the version, from 1.
    pub no: i64,
    pub differences: Vec<Difference>,
    /// Whether the ten working days were counted again.
    pub counted_again: bool,
}

impl Act for ChangeBatch {
    const KIND: ActKind = ActKind::ChangeBatch;
    const PREPARES: bool = true;
    type Answer = BatchChanged;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        self.notice.prepare(sight)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<BatchChanged, Stop> {
        let batch = find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let (today, calendar) = (desk.today(), desk.reference());
        let progress = store::progress(&mut desk.tx(), &batch)?;
        let mut checked = self.notice.checked(desk, Some(batch.id))?;
        let is_same = checked.is_by_standard_of(&batch);
        if is_same {
            // What its standard said when it was notified holds on.
            checked.rules = batch.rules.clone();
        }
        let found = differences(&batch.told(), &self.notice.told(&checked));
        let change = change::may_change(&progress, &found, checked.plan.starts_on, &calendar.calendar, today)?;
        let reason = reason_of(&self.reason, Clause::S2_2_1B, "变更", "主管中心")?;
        self.notice.note_file(desk)?;
        store::change(&mut desk.tx(), batch.id, change.stage, &self.notice.kept_as(&checked))?;
        crate::scheme::adopt(&mut desk.tx(), batch.id, self.notice.scheme)?;
        if !is_same {
            checked.freeze_rubrics(desk, batch.id)?;
        }
        let no = tell_version(desk, batch.id, VersionKind::Changed, &reason, change.counted_again)?;
        let what = match (batch.stage, said_of(&found)) {
            (BatchStage::Postponed, _) => format!("重新定于{}开展", checked.plan.starts_on),
            (_, said) => said,
        };
        let again = if change.counted_again { "，已重新提前十个工作日" } else { "" };
        let said = format!("{}变更{}：{what}{again}", batch.body_name, batch.title);
        desk.tell_office(&batch.centre, said, format!("/batches/{}/versions", batch.id));
        if let Some(cooperation) = &checked.cooperation {
            let what = format!("{}（变更）：{}{}", batch.title, checked.entry.trade, checked.plan.level.name());
            cooperation.tell_of_batch(desk, &what, checked.plan.starts_on);
        }
        Ok(BatchChanged { no, differences: found, counted_again: change.counted_again })
    }
}

/// Puts a batch off without a new day, before its examination begins; its candidates stay.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PostponeBatch {
    pub batch: i64,
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl Act for PostponeBatch {
    const KIND: ActKind = ActKind::PostponeBatch;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let batch = find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let progress = store::progress(&mut desk.tx(), &batch)?;
        let stage = change::may_postpone(&progress, desk.today())?;
        let reason = reason_of(&self.reason, Clause::S2_2_1B, "推迟", "主管中心")?;
        store::set_stage(&mut desk.tx(), batch.id, stage)?;
        tell_version(desk, batch.id, VersionKind::Postponed, &reason, false)?;
        let said = format!("{}推迟{}，新的日期另行通报", batch.body_name, batch.name());
        desk.tell_office(&batch.centre, said, format!("/batches/{}/versions", batch.id));
        Ok(Done {})
    }
}

/// The centre in charge stops a batch: nothing of it moves until the stop is lifted (二（二）1).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StopBatch {
    pub batch: i64,
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl Act for StopBatch {
    const KIND: ActKind = ActKind::StopBatch;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let batch = find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        stop::may_stop(batch.stage, batch.stopped_on)?;
        let reason = reason_of(&self.reason, Clause::S2_2_1C, "叫停", "机构")?;
        let (id, today, by) = (desk.new_id(), desk.today(), officer(desk));
        store::stop(&mut desk.tx(), (id, batch.id), (today, &by), &reason)?;
        tell(desk, &batch, "叫停");
        Ok(Done {})
    }
}

/// Lifts the stop of a batch: it goes on, or tells a new day where its examination could not begin.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LiftBatchStop {
    pub batch: i64,
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl Act for LiftBatchStop {
    const KIND: ActKind = ActKind::LiftBatchStop;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let batch = find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let progress = store::progress(&mut desk.tx(), &batch)?;
        let (today, reference) = (desk.today(), desk.reference());
        let held = (progress.first_exam_on, progress.marks);
        let lifted = stop::lift(batch.stage, batch.stopped_on, held, batch.report_due_on, &reference.calendar, today)?;
        let reason = reason_of(&self.reason, Clause::S2_2_1C, "解除叫停", "机构")?;
        let by = officer(desk);
        store::lift(&mut desk.tx(), batch.id, (today, &by), &reason, false)?;
        if lifted.stage != batch.stage {
            store::set_stage(&mut desk.tx(), batch.id, lifted.stage)?;
            tell_version(desk, batch.id, VersionKind::Postponed, "叫停期间未能按期开考，须重新确定日期", false)?;
        }
        if lifted.report_due_on != batch.report_due_on {
            store::set_report_due(&mut desk.tx(), batch.id, lifted.report_due_on)?;
        }
        let how = if lifted.stage == batch.stage { "解除叫停" } else { "解除叫停，请重新通报日期" };
        tell(desk, &batch, how);
        Ok(Done {})
    }
}

/// The centre ends a batch that it has stopped, before its results are posted; marks that were entered come to nothing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EndBatch {
    pub batch: i64,
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl Act for EndBatch {
    const KIND: ActKind = ActKind::EndBatch;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let batch = find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let stage = stop::end(batch.stage, batch.stopped_on)?;
        let reason = reason_of(&self.reason, Clause::S2_2_1C, "终止", "机构")?;
        let (today, by) = (desk.today(), officer(desk));
        store::lift(&mut desk.tx(), batch.id, (today, &by), &reason, true)?;
        store::cancel(&mut desk.tx(), batch.id, stage, today, &format!("主管中心终止：{reason}"))?;
        tell(desk, &batch, "终止");
        Ok(Done {})
    }
}

fn officer(desk: &Desk<'_>) -> String {
    format!("{}（{}）", desk.caller().name(), desk.caller().seat_name())
}

/// The body hears of it, and whoever's students are examined.
fn tell(desk: &mut Desk<'_>, batch: &store::Batch, what: &str) {
    let said = format!("主管中心对{}{what}", batch.name());
    desk.tell_body(batch.body, said.clone(), format!("/batches/{}", batch.id));
    if let Some(cooperation) = &batch.cooperation {
        desk.tell_body(cooperation.school, said, format!("/cooperations/{}", cooperation.id));
    }
}

/// A stop of a batch by its centre.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StopView {
    pub stopped_on: Date,
    pub stopped_by: String,
    pub reason: String,
    /// When it was lifted, or the batch was ended; without it the batch stands still.
    pub lifted_on: Option<Date>,
    pub lifted_by: Option<String>,
    pub lift_reason: Option<String>,
    /// Whether the centre ended the batch instead of letting it go on.
    pub ended: bool,
}

/// One notice of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchVersionView {
    /// From 1.
    pub no: i64,
    pub kind: VersionKind,
    pub kind_name: String,
    pub told_on: Date,
    /// Blank for what was told before versions were kept.
    pub told_by: String,
    pub reason: String,
    /// Whether the ten working days count from this notice.
    pub counted: bool,
    pub starts_on: Date,
    pub ends_on: Date,
    pub expected: i64,
    /// What it says otherwise than the one before.
    pub differences: Vec<Difference>,
}

/// A row of the table that says what counts again.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangeRule {
    pub matter: Matter,
    pub name: String,
    pub counts_again: bool,
    pub decides_eligibility: bool,
}

/// Everything that was told of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchVersionsView {
    pub batch: i64,
    pub number: String,
    pub title: String,
    pub body_name: String,
    pub trade: String,
    pub level_name: String,
    pub stage: BatchStage,
    /// The last first.
    pub versions: Vec<BatchVersionView>,
    /// The last first.
    pub stops: Vec<StopView>,
    /// Which changes make the ten working days count again.
    pub rules: Vec<ChangeRule>,
    /// The earliest start of a batch whose change is told today and counted again.
    pub earliest: Option<Date>,
    pub today: Date,
}

/// What was told of this batch, when and by whom?
#[derive(Deserialize, ToSchema)]
pub struct BatchVersions {
    pub batch: i64,
}

impl Look for BatchVersions {
    const KIND: LookKind = LookKind::Batches;
    type View = BatchVersionsView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<BatchVersionsView, Stop> {
        let batch = find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let told = store::versions(&mut sight.tx(), batch.id)?;
        let mut stops = store::stops(&mut sight.tx(), batch.id)?;
        stops.reverse();
        let mut before: Option<&store::Version> = None;
        let mut versions = Vec::with_capacity(told.len());
        for version in &told {
            let found = before.map(|before| differences(&before.told, &version.told)).unwrap_or_default();
            versions.push(BatchVersionView {
                no: version.no,
                kind: version.kind,
                kind_name: version.kind.name().to_owned(),
                told_on: version.on,
                told_by: version.by.clone(),
                reason: version.reason.clone(),
                counted: version.counted,
                starts_on: version.told.plan.starts_on,
                ends_on: version.told.plan.ends_on,
                expected: version.told.plan.expected,
                differences: found,
            });
            before = Some(version);
        }
        versions.reverse();
        let today: Day = sight.today();
        let rules = Matter::ALL.iter().map(|&matter| ChangeRule {
            matter,
            name: matter.name().to_owned(),
            counts_again: matter.counts_again(),
            decides_eligibility: matter.decides_eligibility(),
        });
        Ok(BatchVersionsView {
            batch: batch.id,
            number: batch.number,
            title: batch.title,
            body_name: batch.body_name,
            trade: batch.trade,
            level_name: batch.level.name().to_owned(),
            stage: batch.stage,
            versions,
            stops,
            rules: rules.collect(),
            earliest: rules::batch::earliest_start(today, &sight.reference().calendar).ok(),
            today,
        })
    }
}
