//! 二（二）1: a body tells its centre of each batch ten working days ahead, within its filed scope and validity, and
//! calls it off with a reason. What a batch has come to, and what is next for whom, is told here; roster, marks,
//! publicity, report and certificates are features of their own.

mod change;
mod change_pages;
mod pages;
mod progress;
mod store;

use jiff::civil::Date;
use rules::batch::change::Told;
use rules::batch::{Audience, BatchStage, Holding, IssuedStandard, Plan, ScopeEntry};
use rules::certificate::Level;
use rules::cooperation::Identity;
use rules::jurisdiction::BodyKind;
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::result::Part;
use rules::standard::Rules;
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use change::{
    BatchChanged, BatchVersionView, BatchVersions, BatchVersionsView, ChangeBatch, ChangeRule, EndBatch, LiftBatchStop,
    PostponeBatch, StopBatch, StopView, VersionKind,
};
pub use progress::{NextStep, Step, StepState};
pub(crate) use store::{ALL, Batch, BatchCooperation, FiledScope, filed_scopes, find};

use crate::account::Done;
use crate::cooperation::Cooperation;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject, store as door_store};
use crate::home::Task;
use crate::reference::Reference;
use crate::standard::RuleLine;
use crate::web::api::Registry;

/// Longest plan, place or reason, in characters.
const TEXT_MAX: usize = 4_000;

/// Tells the centre in charge of a batch (二（二）1). The standard is one issued for the occupation (一（四）1).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NotifyBatch {
    /// Occupation code, as filed: `4-01-02-05`.
    #[schema(max_length = 20)]
    pub code: String,
    pub level: Level,
    /// The national occupational standard as people cite it: `《电子商务师》（2022年版）`.
    #[schema(max_length = 200)]
    pub standard: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub theory_on: Date,
    pub practical_on: Date,
    /// Day of the comprehensive review; levels 2 and 1 have one, the others none.
    pub comprehensive_on: Option<Date>,
    #[schema(max_length = 200)]
    pub theory_place: String,
    #[schema(max_length = 200)]
    pub practical_place: String,
    /// The body that organises the examination; empty for the body itself, which must do it (三（三）).
    #[serde(default)]
    #[schema(max_length = 200)]
    pub organiser: String,
    /// Who is responsible for the batch, of the body's own staff; empty for who is responsible for the body.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub responsible: String,
    /// Candidates expected.
    #[schema(minimum = 1, maximum = 20000)]
    pub expected: i64,
    /// The plan of the batch in words; may be empty when a file says it.
    #[schema(max_length = 4000)]
    pub plan: String,
    /// The work type on file; without it the whole occupation, or the only one there is.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub work_type: Option<String>,
    /// The plan as a file that was kept before.
    pub plan_file: Option<FileHash>,
    /// The cooperation that it rests on: an enterprise's agreement, a school's request to an organisation (一（一）1, 2).
    #[serde(default)]
    pub cooperation: Option<i64>,
    /// The filing number under which it is held, where the body has several; without it the one that fits.
    #[serde(default)]
    #[schema(max_length = 13)]
    pub number: Option<String>,
    /// Students, or the public where that is on file (三（四）).
    #[serde(default)]
    pub audience: Audience,
    /// The approved scheme by which marks may come otherwise than from examinations (一（五）2, 3).
    #[serde(default)]
    pub scheme: Option<i64>,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
}

/// A batch that was notified.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Notified {
    pub id: i64,
    /// `PC2026-0001`.
    pub number: String,
    /// `2026年第3批`.
    pub title: String,
}

impl Act for NotifyBatch {
    const KIND: ActKind = ActKind::NotifyBatch;
    const PREPARES: bool = true;
    type Answer = Notified;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let Some(hash) = &self.plan_file else { return Ok(()) };
        let bytes = sight.office().files().bring(hash).map_err(|stop| match stop {
            Stop::NotFound => {
                Refusal::house("文件", "没有收到计划文件").remedy("请重新上传计划文件").at("plan_file").into()
            }
            other => other,
        })?;
        self.kept = Some(KeptFile::of(hash, &bytes)?);
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Notified, Stop> {
        let (body, today) = (desk.body()?, desk.today());
        let checked = self.checked(desk, None)?;
        let year = today.year();
        let number = door_store::take_numbers(&mut desk.tx(), &format!("batch/{year}"), 1)?;
        let nth = door_store::take_numbers(&mut desk.tx(), &format!("batch/{year}/{body}"), 1)?;
        let (number, title) = (format!("PC{year}-{number:04}"), format!("{year}年第{nth}批"));
        let id = desk.new_id();
        self.note_file(desk)?;
        store::insert(&mut desk.tx(), (id, &number, &title), body, &self.kept_as(&checked), today)?;
        crate::scheme::adopt(&mut desk.tx(), id, self.scheme)?;
        checked.freeze_rubrics(desk, id)?;
        change::tell_version(desk, id, VersionKind::Notified, "", true)?;
        desk.made(Subject::Batch(id));
        let (trade, level) = (&checked.entry.trade, checked.plan.level.name());
        if let Some(centre) = desk.standing().centre.clone() {
            let said =
                format!("{}通报{title}：{trade}{level}，{}开展", desk.caller().seat_name(), checked.plan.starts_on);
            desk.tell_office(centre, said, format!("/batches/{id}"));
        }
        if let Some(cooperation) = &checked.cooperation {
            cooperation.tell_of_batch(desk, &format!("{title}：{trade}{level}"), checked.plan.starts_on);
        }
        Ok(Notified { id, number, title })
    }
}

/// A notice that holds, with what it rests on.
pub(super) struct Checked {
    /// With the standard as it is cited.
    plan: Plan,
    /// The entry of the directory that it is within.
    entry: store::Filed,
    /// The year of the standard's edition.
    edition: Option<i16>,
    organiser: String,
    responsible: String,
    cooperation: Option<Cooperation>,
    /// By what its standard has it examined.
    rules: Rules,
    /// The scheme that it names, as people call it; blank without one.
    scheme: String,
}

impl Checked {
    /// Keeps the rubrics of today for the batch.
    fn freeze_rubrics(&self, desk: &mut Desk<'_>, batch: i64) -> Result<(), Stop> {
        let (plan, today) = (&self.plan, desk.today());
        let of = (plan.code.as_str(), plan.standard.as_str());
        Ok(crate::standard::freeze_rubrics(&mut desk.tx(), batch, of, plan.level, today)?)
    }

    /// Whether it is examined by the same standard, at the same level, as a batch.
    fn is_by_standard_of(&self, batch: &Batch) -> bool {
        let plan = &self.plan;
        (&plan.code, &plan.standard, plan.level) == (&batch.code, &batch.standard, batch.level)
    }
}

impl NotifyBatch {
    /// Whether the notice holds today: of a new batch, which must be ten working days ahead, or of the one that it
    /// changes, for which the caller asks when it is counted again.
    fn checked(&self, desk: &mut Desk<'_>, changes: Option<i64>) -> Result<Checked, Stop> {
        let (body, today) = (desk.body()?, desk.today());
        let reference = desk.reference();
        let mut filed = store::filed(&mut desk.tx(), body)?;
        let identity = self.identity(desk, body, &mut filed)?;
        let mut plan = self.plan();
        for (text, field) in
            [(&self.plan, "plan"), (&self.theory_place, "theory_place"), (&self.practical_place, "practical_place")]
        {
            if text.chars().count() > TEXT_MAX {
                return Err(Refusal::house("填写", format!("内容超过{TEXT_MAX}字"))
                    .remedy("请精简，或改用计划文件")
                    .at(field)
                    .into());
            }
        }
        let mut at_level: Vec<_> =
            filed.iter().filter(|f| f.scope.code == plan.code && f.scope.level == plan.level).collect();
        let types: Vec<&str> = at_level.iter().map(|f| f.work_type.as_str()).collect();
        let work_type = rules::batch::work_type_chosen(&types, self.work_type.as_deref())?;
        at_level.retain(|f| Some(f.work_type.as_str()) == work_type);
        let entry = at_level
            .iter()
            .find(|f| f.scope.from <= plan.starts_on && plan.ends_on <= f.scope.until)
            .or(at_level.first());
        let is_other = |f: &store::Filed| {
            (&f.scope.code, f.scope.level) == (&plan.code, plan.level) && Some(f.work_type.as_str()) != work_type
        };
        let scope: Vec<ScopeEntry> = filed.iter().filter(|f| !is_other(f)).map(|f| f.scope.clone()).collect();
        let cooperation = match self.cooperation {
            Some(id) => Some(crate::cooperation::of_evaluator(&mut desk.tx(), id, body)?.ok_or(Stop::NotFound)?),
            None => None,
        };
        let rests_on = cooperation.as_ref().map(|found| found.basis());
        rules::cooperation::basis(identity, self.audience, rests_on.as_ref(), &plan)?;
        rules::cooperation::is_published(identity, &scope, &plan)?;
        match changes {
            None => rules::batch::notify(&plan, &scope, &reference.calendar, today).map(|_| ())?,
            Some(_) => rules::batch::plan_holds(&plan, &scope)?,
        }
        // 三（五） asks its four regulations of schools; who was announced has its own rules elsewhere.
        if identity.rests_on().is_none() {
            crate::regulation::may_hold(&mut desk.tx(), body, plan.starts_on)?;
        }
        let own = store::filings(&mut desk.tx(), body)?;
        let or = |said: &str, otherwise: &str| match said.trim() {
            "" => otherwise.to_owned(),
            said => said.to_owned(),
        };
        let (organiser, responsible) = (or(&self.organiser, &own.name), or(&self.responsible, &own.head));
        let holding = Holding {
            organiser: &organiser,
            responsible: &responsible,
            theory_place: &self.theory_place,
            practical_place: &self.practical_place,
        };
        let mut means = own.means(&plan.code);
        if identity.rests_on().is_some() {
            // What was announced names no rooms, and who cooperates may examine at the school.
            (means.rooms, means.stations) = (Vec::new(), Vec::new());
        }
        rules::batch::held_by_itself(holding, &means)?;
        // The plan was within the scope, so there is an entry.
        let entry = (*entry.ok_or(Stop::NotFound)?).clone();
        rules::batch::audience_allowed(self.audience, entry.for_public, &plan)?;
        let issued = standards(&reference, &entry);
        let standard = rules::batch::standard_followed(&plan.standard, &issued)?;
        plan.standard = standard.title.clone();
        let edition = standard.edition;
        let scheme = match self.scheme {
            Some(scheme) => crate::scheme::fits(desk, scheme, body, &plan)?,
            None => String::new(),
        };
        crate::year_plan::may_hold(&mut desk.tx(), body, (&plan, &entry.work_type), changes)?;
        let rules =
            crate::standard::in_force(&mut desk.tx(), (&plan.code, &plan.standard, edition), plan.level, today)?;
        Ok(Checked { plan, entry, edition, organiser, responsible, cooperation, rules, scheme })
    }

    /// The checked notice as it is kept.
    fn kept_as<'n>(&'n self, checked: &'n Checked) -> store::NewNotice<'n> {
        store::NewNotice {
            listing: checked.entry.listing,
            trade: &checked.entry.trade,
            work_type: &checked.entry.work_type,
            edition: checked.edition,
            plan: &checked.plan,
            theory_place: self.theory_place.trim(),
            practical_place: self.practical_place.trim(),
            organiser: &checked.organiser,
            responsible: &checked.responsible,
            plan_text: self.plan.trim(),
            plan_file: self.kept.as_ref().map(|kept| kept.hash.0.as_str()),
            cooperation: self.cooperation,
            audience: self.audience,
            rules: &checked.rules,
        }
    }

    /// The checked notice as it is compared with another.
    fn told(&self, checked: &Checked) -> Told {
        Told {
            plan: checked.plan.clone(),
            trade: checked.entry.trade.clone(),
            work_type: checked.entry.work_type.clone(),
            theory_place: self.theory_place.trim().to_owned(),
            practical_place: self.practical_place.trim().to_owned(),
            responsible: checked.responsible.clone(),
            audience: self.audience,
            school: checked.cooperation.as_ref().map(|one| one.school_name.clone()).unwrap_or_default(),
            scheme: checked.scheme.clone(),
        }
    }

    fn note_file(&self, desk: &mut Desk<'_>) -> Result<(), Stop> {
        let now = desk.now();
        if let Some(kept) = &self.kept {
            door_store::note_file(&mut desk.tx(), kept, now)?;
        }
        Ok(())
    }

    /// As what the body holds the batch; `filed` keeps what is filed under that identity's number alone.
    fn identity(&self, desk: &mut Desk<'_>, body: i64, filed: &mut Vec<store::Filed>) -> Result<Identity, Stop> {
        let kind = crate::body::find(&mut desk.tx(), body)?.ok_or(Stop::NotFound)?.kind;
        let named = self.number.as_deref().map(str::trim).filter(|number| !number.is_empty());
        if let Some(number) = named {
            filed.retain(|one| one.number == number);
            if filed.is_empty() {
                return Err(Refusal::new(Clause::S2_1_3B, format!("“{number}”不是本机构的机构备案编号"))
                    .remedy("请选择目录中本机构的编号；只有一个编号的不必填写")
                    .at("number")
                    .into());
            }
        }
        // Whoever names a cooperation means the identity that rests on one.
        let has = |letter: char| filed.iter().any(|one| one.letter() == letter);
        let letter = if (self.cooperation.is_some() && has('S')) || !has('Y') { 'S' } else { 'Y' };
        let letter = if filed.is_empty() && kind != BodyKind::SocialOrganisation { 'Y' } else { letter };
        filed.retain(|one| one.letter() == letter);
        Ok(Identity::of(kind, letter))
    }

    fn plan(&self) -> Plan {
        let (theory, practical) = (self.theory_place.trim(), self.practical_place.trim());
        // Both places are needed: with either blank the plan has no places.
        let places =
            if theory.is_empty() || practical.is_empty() { String::new() } else { format!("{theory}；{practical}") };
        Plan {
            code: self.code.trim().to_owned(),
            level: self.level,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            theory_on: self.theory_on,
            practical_on: self.practical_on,
            comprehensive_on: self.comprehensive_on,
            expected: self.expected,
            standard: self.standard.clone(),
            places,
            work_plan: self.plan_file.as_ref().map_or_else(|| self.plan.clone(), |file| file.0.clone()),
        }
    }
}

/// Each name the first time that it comes.
fn each_once<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for name in names {
        if !seen.contains(name) {
            seen.push(name.clone());
        }
    }
    seen
}

/// The standards that a batch of a filed occupation may follow, the filed one first.
fn standards(reference: &Reference, filed: &store::Filed) -> Vec<IssuedStandard> {
    reference.trades.may_follow(&filed.scope.code, filed.scope.level, &filed.standard, filed.edition)
}

/// Calls a batch off before its results are posted and before anyone has a mark.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CancelBatch {
    pub batch: i64,
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl Act for CancelBatch {
    const KIND: ActKind = ActKind::CancelBatch;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let batch = find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let marks = store::marks(&mut desk.tx(), batch.id)?;
        let stage = rules::batch::may_cancel(batch.stage, marks)?;
        let reason = self.reason.trim();
        if reason.is_empty() || reason.chars().count() > TEXT_MAX {
            return Err(Refusal::new(Clause::S2_2_1B, "没有写明取消批次的原因，或原因过长")
                .remedy("请用几句话写明原因，主管中心会看到")
                .at("reason")
                .into());
        }
        let today = desk.today();
        store::cancel(&mut desk.tx(), batch.id, stage, today, reason)?;
        desk.tell_office(
            &batch.centre,
            format!("{}取消{}", batch.body_name, batch.name()),
            format!("/batches/{}", batch.id),
        );
        Ok(Done {})
    }
}

/// One batch in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchLine {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub body_name: String,
    pub trade: String,
    pub level: Level,
    pub level_name: String,
    pub stage: BatchStage,
    pub stage_name: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub expected: i64,
    /// Candidates who are registered and not withdrawn.
    pub registered: i64,
    /// The school for whose students it is held; empty for one's own.
    pub school_name: String,
    pub audience: Audience,
}

/// A body to filter by.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BodyChoice {
    pub id: i64,
    pub name: String,
}

/// One page of batches, those that start last first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchesView {
    pub batches: Vec<BatchLine>,
    pub total: i64,
    /// From 0; a page has 50.
    pub page: i64,
    pub bodies: Vec<BodyChoice>,
}

/// Which batches are there?
#[derive(Deserialize, ToSchema)]
pub struct Batches {
    pub stage: Option<BatchStage>,
    pub body: Option<i64>,
    /// From 0.
    #[schema(minimum = 0, maximum = 100000)]
    pub page: Option<i64>,
}

impl Look for Batches {
    const KIND: LookKind = LookKind::Batches;
    type View = BatchesView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<BatchesView, Stop> {
        let (scope, page) = (sight.scope(), self.page.unwrap_or(0).clamp(0, 100_000));
        let (batches, total) = store::list(&mut sight.tx(), &scope, self.stage, self.body, page)?;
        let bodies = store::bodies(&mut sight.tx(), &scope)?;
        let bodies = bodies.into_iter().map(|(id, name)| BodyChoice { id, name }).collect();
        Ok(BatchesView { batches, total, page, bodies })
    }
}

/// How many persons of a batch have come how far.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Counts {
    /// Registered and not withdrawn; so are the four that follow.
    pub registered: i64,
    pub photos: i64,
    /// With a seat and a station.
    pub seated: i64,
    /// With an outcome for every part.
    pub marked: i64,
    /// With a mark that no second person has checked.
    pub unchecked: i64,
    pub passed: i64,
    /// Held back by an objection.
    pub held: i64,
    pub withdrawn: i64,
    /// Examiners whom the body has assigned.
    pub assigned: i64,
    pub reported: i64,
    pub approved: i64,
    pub returned: i64,
    /// Given up by the body after the centre had spoken.
    pub given_up: i64,
    pub issued: i64,
    /// The parts that have begun on their day.
    pub held_parts: Vec<HeldPart>,
}

/// How a part was held.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HeldPart {
    pub part: Part,
    /// Rooms that began, and those of them that ended.
    pub halls: i64,
    pub ended: i64,
    /// Who signed in.
    pub arrivals: i64,
}

impl Counts {
    /// How many of those reported wait for the centre.
    pub fn undecided(&self) -> i64 {
        (self.reported - self.approved - self.returned - self.given_up).max(0)
    }
}

/// One batch: what was notified, how far it is, what is next.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchView {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub body: i64,
    pub body_name: String,
    /// The filing number under which it is held; certificates begin with it.
    pub body_number: String,
    /// As what the body holds it: own students, an enterprise's agreement, an organisation's request.
    pub identity: Identity,
    /// The cooperation that it rests on, and the school for whose students it is held.
    /// The approved scheme that it names (一（五）2, 3).
    pub scheme: Option<i64>,
    /// How it is examined, as its standard said when it was notified (一（四）).
    pub rules: Vec<RuleLine>,
    pub cooperation: Option<i64>,
    pub school_name: Option<String>,
    pub audience: Audience,
    /// Code of the centre in charge.
    pub centre: String,
    pub centre_name: String,
    pub stage: BatchStage,
    pub stage_name: String,
    pub code: String,
    pub trade: String,
    /// Blank for the whole occupation.
    pub work_type: String,
    pub level: Level,
    pub level_name: String,
    pub standard: String,
    pub notified_on: Date,
    pub starts_on: Date,
    pub ends_on: Date,
    pub theory_on: Date,
    pub practical_on: Date,
    pub comprehensive_on: Option<Date>,
    pub theory_place: String,
    pub practical_place: String,
    pub organiser: String,
    /// Blank in batches that were notified before it was asked for.
    pub responsible: String,
    pub expected: i64,
    pub plan: String,
    pub plan_file: Option<FileHash>,
    pub cancelled_on: Option<Date>,
    pub cancel_reason: Option<String>,
    /// Notices of it so far; the one that holds is the last.
    pub versions: i64,
    /// The last stop by its centre, where there was one; it stands until it is lifted.
    pub stop: Option<StopView>,
    pub posted_on: Option<Date>,
    pub publicity_ends_on: Option<Date>,
    pub report_due_on: Option<Date>,
    pub counts: Counts,
    /// What of its day is not settled: incidents, violations, rooms that stand still.
    pub day: crate::day::DaySummary,
    /// In the order of the work.
    pub steps: Vec<Step>,
    /// What is next and for whom; nothing when all is done or the batch is cancelled.
    pub next: Option<NextStep>,
    pub today: Date,
}

impl BatchView {
    /// Whether the first day of the examination has come.
    pub(super) fn has_begun(&self) -> bool {
        let exams = [Some(self.theory_on), Some(self.practical_on), self.comprehensive_on];
        exams.into_iter().flatten().any(|on| on <= self.today)
    }
}

/// How does this batch stand?
#[derive(Deserialize, ToSchema)]
pub struct BatchDetail {
    pub batch: i64,
}

impl Look for BatchDetail {
    const KIND: LookKind = LookKind::Batches;
    type View = BatchView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<BatchView, Stop> {
        let batch = find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let assigned = crate::assignment::count(&mut sight.tx(), batch.id)?;
        let seated = crate::arrangement::seated(sight, batch.id)?;
        let held_parts = crate::conduct::parts(&mut sight.tx(), batch.id)?;
        let counts = Counts { assigned, seated, held_parts, ..store::counts(&mut sight.tx(), &batch)? };
        let done = store::done(&mut sight.tx(), batch.id)?;
        let versions = store::versions_count(&mut sight.tx(), batch.id)?;
        let stop = store::stops(&mut sight.tx(), batch.id)?.pop();
        let day = crate::day::summary(&mut sight.tx(), batch.id)?;
        let (today, reference) = (sight.today(), sight.reference());
        let steps = progress::steps(&batch, &counts, &done, &reference.calendar, today);
        let next = match &stop {
            Some(stop) if stop.lifted_on.is_none() => Some(progress::stopped(&batch, sight.caller())),
            _ => progress::next(&batch, &counts, &done, &reference.calendar, today, sight.caller()),
        };
        Ok(BatchView {
            id: batch.id,
            number: batch.number,
            title: batch.title,
            body: batch.body,
            body_name: batch.body_name,
            body_number: batch.body_number,
            identity: batch.identity,
            scheme: batch.scheme,
            rules: RuleLine::all(&batch.rules, batch.level),
            cooperation: batch.cooperation.as_ref().map(|one| one.id),
            school_name: batch.cooperation.map(|one| one.school_name),
            audience: batch.audience,
            centre: batch.centre,
            centre_name: batch.centre_name,
            stage: batch.stage,
            stage_name: batch.stage.name().to_owned(),
            code: batch.code,
            trade: batch.trade,
            work_type: batch.work_type,
            level: batch.level,
            level_name: batch.level.name().to_owned(),
            standard: batch.standard,
            notified_on: batch.notified_on,
            starts_on: batch.starts_on,
            ends_on: batch.ends_on,
            theory_on: batch.theory_on,
            practical_on: batch.practical_on,
            comprehensive_on: batch.comprehensive_on,
            theory_place: batch.theory_place,
            practical_place: batch.practical_place,
            organiser: batch.organiser,
            responsible: batch.responsible,
            expected: batch.expected,
            plan: batch.plan_text,
            plan_file: batch.plan_file.map(FileHash),
            cancelled_on: batch.cancelled_on,
            cancel_reason: batch.cancel_reason,
            versions,
            stop,
            posted_on: batch.posted_on,
            publicity_ends_on: batch.ends_publicity_on,
            report_due_on: batch.report_due_on,
            counts,
            day,
            steps,
            next,
            today,
        })
    }
}

/// An occupation and level that may be notified, with the standards that it may follow.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchScope {
    pub code: String,
    pub trade: String,
    /// Work type or direction; empty for the whole occupation.
    pub work_type: String,
    pub level: Level,
    pub level_name: String,
    /// The filed one first.
    pub standards: Vec<IssuedStandard>,
    /// Rooms on file for its theory examination.
    pub rooms: Vec<String>,
    /// Places on file for its practical assessment.
    pub stations: Vec<String>,
    pub from: Date,
    pub until: Date,
    /// The filing number that it is filed under.
    pub number: String,
    /// Whether the public may be examined (三（四）).
    pub for_public: bool,
}

/// A cooperation that a batch may rest on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchBasis {
    pub id: i64,
    pub kind: rules::cooperation::CooperationKind,
    pub school_name: String,
    pub from: Date,
    pub until: Date,
}

/// What a batch may be notified for today.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BatchScopesView {
    pub scopes: Vec<BatchScope>,
    /// What the batches of an enterprise or an organisation rest on; those that stand today.
    pub cooperations: Vec<BatchBasis>,
    /// Whether the body has no own students, so that each batch rests on a cooperation.
    pub needs_cooperation: bool,
    /// The body itself: it organises its batches (三（三）).
    pub organiser: String,
    /// Who is responsible unless someone else of the staff is named.
    pub responsible: String,
    /// Who may be responsible; empty where no staff was filed.
    pub staff: Vec<String>,
    /// The last day of what was on file, where nothing is any more.
    pub expired_on: Option<Date>,
    /// The earliest day on which a batch notified today may start.
    pub earliest: Option<Date>,
    /// Why there is no earliest day: the calendar does not reach.
    pub unknown: Option<rules::refusal::RefusalView>,
    /// What stands, or from a day on will stand, against a batch that starts then or later: regulations that are missing or
    /// end (三（五）), the plan of the year (二（二）1).
    pub ahead: Vec<rules::refusal::RefusalView>,
    pub today: Date,
}

/// For what may I notify a batch, and from when?
#[derive(Deserialize, ToSchema)]
pub struct BatchScopes {}

impl Look for BatchScopes {
    const KIND: LookKind = LookKind::Batches;
    type View = BatchScopesView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<BatchScopesView, Stop> {
        let (today, reference) = (sight.today(), sight.reference());
        let (filed, own) = match sight.caller().body() {
            Some(body) => (store::filed(&mut sight.tx(), body)?, Some(store::filings(&mut sight.tx(), body)?)),
            None => (Vec::new(), None),
        };
        let last = filed.iter().map(|f| f.scope.until).max();
        let mut scopes: Vec<BatchScope> = Vec::new();
        for f in filed.into_iter().filter(|f| f.scope.until >= today) {
            // A renewed listing repeats what the one before had.
            let is_known = |known: &BatchScope| {
                (&known.code, &known.work_type, known.level, &known.number)
                    == (&f.scope.code, &f.work_type, f.scope.level, &f.number)
            };
            if scopes.iter().any(is_known) {
                continue;
            }
            let means = own.as_ref().map(|own| own.means(&f.scope.code)).unwrap_or_default();
            scopes.push(BatchScope {
                standards: standards(&reference, &f),
                rooms: means.rooms,
                stations: means.stations,
                code: f.scope.code,
                trade: f.trade,
                work_type: f.work_type,
                level: f.scope.level,
                level_name: f.scope.level.name().to_owned(),
                from: f.scope.from,
                until: f.scope.until,
                number: f.number,
                for_public: f.for_public,
            });
        }
        let (cooperations, needs_cooperation) = match sight.caller().body() {
            Some(body) => {
                let kind = crate::body::find(&mut sight.tx(), body)?.ok_or(Stop::NotFound)?.kind;
                let needs = rules::filing::files_under(kind).is_err();
                (crate::cooperation::standing_of(&mut sight.tx(), body, today)?, needs)
            }
            None => (Vec::new(), false),
        };
        let earliest = rules::batch::earliest_start(today, &reference.calendar);
        let unknown = earliest.as_ref().err().map(Into::into);
        let mut ahead = Vec::new();
        if let Some(body) = sight.caller().body() {
            let from = earliest.as_ref().map_or(today, |day| *day);
            // As when it is told of: who was announced has its own rules elsewhere.
            if !needs_cooperation {
                ahead = crate::regulation::ahead(&mut sight.tx(), body, from)?;
            }
            ahead.extend(crate::year_plan::ahead(&mut sight.tx(), body, from.year())?);
        }
        Ok(BatchScopesView {
            scopes,
            cooperations,
            needs_cooperation,
            organiser: own.as_ref().map(|own| own.name.clone()).unwrap_or_default(),
            responsible: own.as_ref().map(|own| own.head.clone()).unwrap_or_default(),
            staff: own.map(|own| own.staff).unwrap_or_default(),
            expired_on: last.filter(|last| *last < today),
            earliest: earliest.ok(),
            unknown,
            ahead: ahead.iter().map(Into::into).collect(),
            today,
        })
    }
}

/// The feature's pages.
pub fn pages() -> axum::Router<crate::web::Web> {
    pages::pages().merge(change_pages::pages())
}

/// A school uploads the roster of each batch before the examination; a centre sees to the batches that come.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (role, today) = (sight.caller().role(), sight.today());
    let is_school = role.sits_in_body();
    let is_centre = matches!(role, Role::CityCentre | Role::ProvincialCentre);
    if !is_school && !is_centre {
        return Ok(Vec::new());
    }
    let mut scope = sight.scope();
    // The provincial centre sees every batch and sees to those of provincial bodies.
    scope.centre = sight.caller().office().map(str::to_owned);
    let reference = sight.reference();
    let mut tasks = Vec::new();
    for batch in store::unfinished(&mut sight.tx(), &scope, today)? {
        let what = format!("{}，{}", batch.trade, batch.level.name());
        let page = format!("/batches/{}", batch.id);
        if is_centre && today <= batch.starts_on {
            tasks.push(
                Task::new(
                    Clause::S2_2_1C,
                    format!("监督{}{}", batch.body_name, batch.title),
                    format!("{what}，预计{}人，已通报", batch.expected),
                    page,
                )
                .due(Some(batch.starts_on)),
            );
        } else if is_school && batch.registered > batch.expected && today < batch.first_exam_on {
            let detail = format!(
                "{what}，已报名{}人，通报{}人；增加的人数须提前十个工作日通报",
                batch.registered, batch.expected
            );
            tasks.push(
                Task::new(Clause::S2_2_1B, format!("变更{}的通报人数", batch.title), detail, format!("{page}/change"))
                    .due(rules::batch::latest_notification(batch.starts_on, &reference.calendar).ok()),
            );
        } else if is_school && batch.registered == 0 && today <= batch.last_exam_on {
            let due = reference.calendar.add(batch.first_exam_on, -rules::terms::REGISTRATION_BEFORE).ok();
            tasks.push(
                Task::new(Clause::S1_1_3, format!("导入{}报名名册", batch.title), what, format!("{page}/roster"))
                    .due(due),
            );
        }
    }
    Ok(tasks)
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<NotifyBatch>("/batches")
        .act::<CancelBatch>("/batches/{batch}/cancellation")
        .act::<ChangeBatch>("/batches/{batch}/versions")
        .act::<PostponeBatch>("/batches/{batch}/postponement")
        .act::<StopBatch>("/batches/{batch}/stop")
        .act::<LiftBatchStop>("/batches/{batch}/stop-lifting")
        .act::<EndBatch>("/batches/{batch}/ending")
        .look::<Batches>("/batches", "批次列表")
        .look::<BatchScopes>("/batch-scopes", "可通报的职业、等级与标准")
        .look::<BatchDetail>("/batches/{batch}", "批次详情")
        .look::<BatchVersions>("/batches/{batch}/versions", "批次的各次通报")
}
