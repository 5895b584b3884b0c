//! 一（五）2, 3: what may stand in for the examination. A body puts a scheme before its centre; what the centre has approved a
//! batch may name when it is notified; then marks come from the course's final examination, or out of the modules of the
//! process. Which majors are under the integrated curriculum the provincial centre keeps as a list.

mod entry;
mod pages;
mod store;

use jiff::civil::Date;
use rules::Refusal;
use rules::batch::Plan;
use rules::certificate::Level;
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::scheme::{Approved, Proposal, SchemeKind, SchemeModule, SchemeState, may_name, may_propose};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use entry::{
    CourseEntry, EnterCourseMarks, EnterModuleMarks, ModuleEntry, SchemeMarks, SchemeMarksTemplate, SchemeMarksView,
    UploadSchemeMarks,
};
pub use pages::pages;
pub(crate) use store::{ALL, adopt, of_batch};

use crate::account::{Done, Made};
use crate::batch::BodyChoice;
use crate::db::DbError;
use crate::directory::ledger;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::marks::FileView;
use crate::roster::bring;
use crate::web::api::Registry;

/// Longest text of a scheme, in characters.
const TEXT_MAX: usize = 4_000;

/// Puts a scheme before the centre in charge.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposeScheme {
    pub kind: SchemeKind,
    /// Occupation code, as filed.
    #[schema(max_length = 40)]
    pub code: String,
    pub level: Level,
    /// The course; of a process assessment the code of the pilot major.
    #[schema(max_length = 200)]
    pub course: String,
    /// The final examination of the course: form, duration, full marks.
    #[serde(default)]
    #[schema(max_length = 4000)]
    pub exam: String,
    /// How course or modules cover what the standard asks.
    #[schema(max_length = 4000)]
    pub mapping: String,
    /// The modules of a process assessment.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub modules: Vec<SchemeModule>,
    /// First and last day of the batches that may name it.
    pub from: Date,
    pub until: Date,
    /// The scheme with the body's seal, as a file that was kept before.
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
}

impl Act for ProposeScheme {
    const KIND: ActKind = ActKind::ProposeScheme;
    const PREPARES: bool = true;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        if let Some(hash) = &self.file {
            let bytes = bring(sight, hash)?;
            self.kept = Some(KeptFile::of(hash, &bytes)?);
        }
        Ok(())
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let (body, today, now) = (desk.body()?, desk.today(), desk.now());
        let too_long = [&self.exam, &self.mapping].iter().any(|text| text.chars().count() > TEXT_MAX);
        if too_long || self.course.chars().count() > 200 || self.modules.len() > 100 {
            return Err(Refusal::house("填写", "内容过长").remedy("请精简，详细内容放进方案文件").at("mapping").into());
        }
        let code = self.code.trim();
        let trade = filed(desk, body, code, self.level)?;
        let named = self.course.trim();
        let scope = crate::door::Scope { body: Some(body), ..crate::door::Scope::default() };
        let pilots = store::pilots(&mut desk.tx(), &scope)?;
        let pilot = pilots.iter().find(|pilot| pilot.code == named || pilot.name == named);
        let proposal = Proposal {
            kind: self.kind,
            level: self.level,
            is_filed: trade.is_some(),
            subject: named,
            is_integrated: pilot.is_some(),
            exam: &self.exam,
            mapping: &self.mapping,
            modules: &self.modules,
            has_file: self.kept.is_some(),
            from: self.from,
            until: self.until,
        };
        may_propose(&proposal)?;
        let (Some(kept), Some(trade)) = (&self.kept, trade) else {
            return Err(Stop::fault("a scheme without its paper"));
        };
        note_file(&mut desk.tx(), kept, now)?;
        let (id, by) = (desk.new_id(), desk.caller().name().to_owned());
        let is_process = self.kind == SchemeKind::Process;
        let new = store::New {
            id,
            body,
            kind: self.kind,
            code,
            trade: &trade,
            level: self.level,
            subject: pilot.filter(|_| is_process).map_or(named, |pilot| pilot.name.as_str()),
            exam: if is_process { "" } else { self.exam.trim() },
            mapping: self.mapping.trim(),
            modules: if is_process { &self.modules } else { &[] },
            from: self.from,
            until: self.until,
            file: kept,
            file_name: &crate::web::forms::plain_name(&self.file_name),
            on: today,
            by: &by,
        };
        store::insert(&mut desk.tx(), &new)?;
        if let Some(centre) = desk.standing().centre.clone() {
            let said = format!("{}提出{}方案，请审批", desk.caller().seat_name(), self.kind.name());
            desk.tell_office(centre, said, page(body, id));
        }
        Ok(Made { id })
    }
}

impl ProposeScheme {
    /// The act for a paper that was kept before.
    fn with_file(mut self, (hash, name): (FileHash, String)) -> Self {
        (self.file, self.file_name) = (Some(hash), name);
        self
    }
}

fn page(body: i64, scheme: i64) -> String {
    format!("/bodies/{body}/schemes/{scheme}")
}

/// The name of the occupation that the body has on file at this level today or later, if it has.
fn filed(sight: &mut Sight<'_>, body: i64, code: &str, level: Level) -> Result<Option<String>, Stop> {
    let today = sight.today();
    let entries = ledger::entries(&mut sight.tx(), body)?;
    let scopes = entries.iter().flat_map(|entry| &entry.scopes).map(|scope| &scope.version);
    let found = scopes.filter(|version| version.span.until >= today).map(|version| &version.fact);
    Ok(found.into_iter().find(|fact| fact.code == code && fact.level == level).map(|fact| fact.name.clone()))
}

/// A scheme as people call it, by the code of its kind, its course or major and the day on which it was proposed.
///
/// # Errors
/// If there is no such kind.
pub(crate) fn called(kind: &str, subject: &str, proposed_on: Date) -> Result<String, DbError> {
    let kind = SchemeKind::from_code(kind).ok_or_else(|| DbError::stored(format!("scheme {kind}")))?;
    Ok(format!("{}：{subject}（{proposed_on}提出）", kind.name()))
}

/// Whether a batch with this plan may name the scheme, and how people call it.
///
/// # Errors
/// *Not found* if it is not the body's; a refusal if it does not fit the plan.
pub(crate) fn fits(sight: &mut Sight<'_>, scheme: i64, body: i64, plan: &Plan) -> Result<String, Stop> {
    let found = store::find(&mut sight.tx(), scheme, body)?.ok_or(Stop::NotFound)?;
    let approved = Approved {
        kind: found.kind,
        state: found.state,
        code: &found.code,
        level: found.level,
        from: found.from,
        until: found.until,
    };
    may_name(&approved, &plan.code, plan.level, plan.starts_on, plan.ends_on)?;
    Ok(called(found.kind.code(), &found.subject, found.proposed_on)?)
}

/// The centre in charge approves a scheme or does not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DecideScheme {
    pub body: i64,
    pub scheme: i64,
    pub approved: bool,
    /// Why not; the body reads it.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: String,
}

impl Act for DecideScheme {
    const KIND: ActKind = ActKind::DecideScheme;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let found = store::find(&mut desk.tx(), self.scheme, self.body)?.ok_or(Stop::NotFound)?;
        let reason = self.reason.trim();
        let state = found.state.decide(found.kind, self.approved, reason)?;
        let (today, by) = (desk.today(), format!("{}，{}", desk.caller().seat_name(), desk.caller().name()));
        store::decide(&mut desk.tx(), found.id, state, (today, &by), reason)?;
        desk.tell_body(self.body, format!("{}方案{}", found.kind.name(), state.name()), page(self.body, found.id));
        Ok(Done {})
    }
}

/// Enters a body's major into the list of the integrated curriculum.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnterPilotMajor {
    pub body: i64,
    /// The code of the major in the body's catalogue.
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    /// The paper that says so.
    #[schema(min_length = 1, max_length = 200)]
    pub document: String,
}

impl Act for EnterPilotMajor {
    const KIND: ActKind = ActKind::EnterPilotMajor;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let refuse = |what: String, remedy: &str, field| {
            Err(Refusal::new(rules::Clause::S1_5_3, what).remedy(remedy).at(field).into())
        };
        let (code, document) = (self.code.trim(), self.document.trim());
        let majors = store::majors(&mut desk.tx(), self.body)?;
        let Some(major) = majors.iter().find(|major| major.code == code) else {
            return refuse(format!("该院校的专业目录中没有“{code}”"), "请院校先导入专业目录，再登记试点专业", "code");
        };
        if document.is_empty() || document.chars().count() > 200 {
            return refuse("没有写明试点文件，或过长".into(), "请填写列入试点的文号", "document");
        }
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        store::enter_pilot(&mut desk.tx(), self.body, major, document, (today, &by))?;
        desk.tell_body(self.body, format!("“{}”已登记为一体化试点专业", major.name), "/schemes");
        Ok(Done {})
    }
}

/// Takes a major off the list; what was approved for it stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RemovePilotMajor {
    pub body: i64,
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
}

impl Act for RemovePilotMajor {
    const KIND: ActKind = ActKind::RemovePilotMajor;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        match store::remove_pilot(&mut desk.tx(), self.body, self.code.trim())? {
            true => Ok(Done {}),
            false => Err(Stop::NotFound),
        }
    }
}

/// A scheme.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SchemeLine {
    pub id: i64,
    pub body: i64,
    pub body_name: String,
    pub kind: SchemeKind,
    pub kind_name: String,
    pub clause: String,
    pub state: SchemeState,
    pub state_name: String,
    pub code: String,
    pub trade: String,
    pub level: Level,
    pub level_name: String,
    /// The course, or the major.
    pub course: String,
    pub exam: String,
    pub mapping: String,
    pub modules: Vec<SchemeModule>,
    pub from: Date,
    pub until: Date,
    pub file_name: String,
    pub proposed_on: Date,
    pub proposed_by: String,
    pub decided_on: Option<Date>,
    pub decided_by: Option<String>,
    pub decision: Option<String>,
    /// Whether the caller sits in the centre in charge, which decides.
    pub in_charge: bool,
}

fn line(found: store::Scheme, sight: &Sight<'_>) -> SchemeLine {
    SchemeLine {
        id: found.id,
        body: found.body,
        body_name: found.body_name,
        kind: found.kind,
        kind_name: found.kind.name().into(),
        clause: found.kind.clause().id().into(),
        state: found.state,
        state_name: found.state.name().into(),
        code: found.code,
        trade: found.trade,
        level: found.level,
        level_name: found.level.name().into(),
        course: found.subject,
        exam: found.exam,
        mapping: found.mapping,
        modules: found.modules,
        from: found.from,
        until: found.until,
        file_name: found.file_name,
        proposed_on: found.proposed_on,
        proposed_by: found.proposed_by,
        decided_on: found.decided_on,
        decided_by: found.decided_by,
        decision: found.decision,
        in_charge: sight.caller().office() == Some(found.centre.as_str()),
    }
}

/// A pilot major.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PilotMajorLine {
    pub body: i64,
    pub body_name: String,
    pub code: String,
    pub name: String,
    pub document: String,
    pub since_on: Date,
    pub entered_by: String,
}

/// Schemes within reach, those that wait first; at most five hundred.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SchemesView {
    pub schemes: Vec<SchemeLine>,
    /// The pilot majors within reach.
    pub pilots: Vec<PilotMajorLine>,
    pub today: Date,
}

/// Which schemes are there?
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct Schemes {
    /// Only those in this state.
    pub state: Option<SchemeState>,
}

impl Look for Schemes {
    const KIND: LookKind = LookKind::Filings;
    type View = SchemesView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<SchemesView, Stop> {
        let scope = sight.scope();
        let found = store::list(&mut sight.tx(), &scope, self.state)?;
        let pilots = store::pilots(&mut sight.tx(), &scope)?;
        Ok(SchemesView {
            schemes: found.into_iter().map(|one| line(one, sight)).collect(),
            pilots,
            today: sight.today(),
        })
    }
}

/// What does a scheme say, and where does it stand?
#[derive(Debug, Deserialize, ToSchema)]
pub struct SchemeDetail {
    pub body: i64,
    pub scheme: i64,
}

impl Look for SchemeDetail {
    const KIND: LookKind = LookKind::Filings;
    type View = SchemeLine;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<SchemeLine, Stop> {
        let found = store::find(&mut sight.tx(), self.scheme, self.body)?.ok_or(Stop::NotFound)?;
        Ok(line(found, sight))
    }
}

/// The scheme with the body's seal.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SchemeFile {
    pub body: i64,
    pub scheme: i64,
}

impl Look for SchemeFile {
    const KIND: LookKind = LookKind::Filings;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let found = store::find(&mut sight.tx(), self.scheme, self.body)?.ok_or(Stop::NotFound)?;
        let name = if found.file_name.is_empty() { "方案".to_owned() } else { found.file_name };
        Ok(FileView { bytes: sight.office().files().bring(&found.file)?, name })
    }
}

/// An occupation and level that a body has on file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SchemeTrade {
    pub code: String,
    pub name: String,
    pub level: Level,
    pub level_name: String,
}

/// What a scheme may be proposed for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SchemeOfferView {
    pub trades: Vec<SchemeTrade>,
    pub pilots: Vec<PilotMajorLine>,
    pub today: Date,
}

/// For what may my body propose a scheme?
#[derive(Debug, Deserialize, ToSchema)]
pub struct SchemeOffer {}

impl Look for SchemeOffer {
    const KIND: LookKind = LookKind::Filings;
    type View = SchemeOfferView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<SchemeOfferView, Stop> {
        let (body, today) = (sight.caller().body().ok_or(Stop::NotFound)?, sight.today());
        let mut trades: Vec<SchemeTrade> = Vec::new();
        for entry in ledger::entries(&mut sight.tx(), body)? {
            for version in entry.scopes.iter().map(|scope| &scope.version).filter(|v| v.span.until >= today) {
                let fact = &version.fact;
                if !trades.iter().any(|trade| trade.code == fact.code && trade.level == fact.level) {
                    let level_name = fact.level.name().to_owned();
                    let (code, name) = (fact.code.clone(), fact.name.clone());
                    trades.push(SchemeTrade { code, name, level: fact.level, level_name });
                }
            }
        }
        let scope = sight.scope();
        Ok(SchemeOfferView { trades, pilots: store::pilots(&mut sight.tx(), &scope)?, today })
    }
}

/// A major of a body's catalogue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MajorChoice {
    pub code: String,
    pub name: String,
}

/// The list of pilot majors, and what may be added.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PilotMajorsView {
    pub pilots: Vec<PilotMajorLine>,
    /// Bodies with a catalogue of majors.
    pub bodies: Vec<BodyChoice>,
    /// The catalogue of the body that was asked for.
    pub majors: Vec<MajorChoice>,
}

/// Which majors are under the integrated curriculum?
#[derive(Debug, Deserialize, ToSchema)]
pub struct PilotMajors {
    /// The body whose catalogue is to be shown.
    pub body: Option<i64>,
}

impl Look for PilotMajors {
    const KIND: LookKind = LookKind::Filings;
    type View = PilotMajorsView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<PilotMajorsView, Stop> {
        let scope = sight.scope();
        let pilots = store::pilots(&mut sight.tx(), &scope)?;
        // Only who keeps the list chooses from everybody's catalogue.
        let keeps = sight.caller().role() == Role::ProvincialCentre;
        let (bodies, majors) = match (keeps, self.body) {
            (true, Some(body)) => (store::with_majors(&mut sight.tx())?, store::majors(&mut sight.tx(), body)?),
            (true, None) => (store::with_majors(&mut sight.tx())?, Vec::new()),
            (false, _) => (Vec::new(), Vec::new()),
        };
        Ok(PilotMajorsView { pilots, bodies, majors })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<ProposeScheme>("/schemes")
        .look::<Schemes>("/schemes", "替代考核方案")
        .look::<SchemeOffer>("/scheme-offer", "可以提出方案的职业、等级和试点专业")
        .look::<SchemeDetail>("/bodies/{body}/schemes/{scheme}", "一个替代考核方案")
        .look::<SchemeFile>("/bodies/{body}/schemes/{scheme}/file", "方案文件")
        .act::<DecideScheme>("/bodies/{body}/schemes/{scheme}/decision")
        .look::<PilotMajors>("/pilot-majors", "一体化课程教学改革试点专业")
        .act::<EnterPilotMajor>("/bodies/{body}/pilot-majors")
        .act::<RemovePilotMajor>("/bodies/{body}/pilot-majors/removal")
        .act::<EnterCourseMarks>("/batches/{batch}/course-marks")
        .act::<EnterModuleMarks>("/batches/{batch}/module-marks")
        .look::<SchemeMarks>("/batches/{batch}/scheme-marks", "按方案登记的成绩")
        .act::<UploadSchemeMarks>("/batches/{batch}/scheme-marks/uploads")
        .look::<SchemeMarksTemplate>("/batches/{batch}/scheme-marks/template", "带考生名单的方案成绩登记表")
}

/// Schemes wait for the centre in charge.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (role, reference) = (sight.caller().role(), sight.reference());
    if !matches!(role, Role::Clerk | Role::Head | Role::CityCentre | Role::ProvincialCentre) {
        return Ok(Vec::new());
    }
    // The provincial centre sees every scheme and decides on those of the bodies in its charge.
    let scope = match sight.caller().body() {
        Some(_) => sight.scope(),
        None => crate::door::Scope { centre: sight.caller().office().map(str::to_owned), ..sight.scope() },
    };
    let found = store::list(&mut sight.tx(), &scope, Some(SchemeState::Proposed))?;
    let tasks = found.into_iter().map(|one| {
        let (clause, href) = (one.kind.clause(), page(one.body, one.id));
        let what = format!("{}{}，{}", one.trade, one.level.name(), one.subject);
        if role.sits_in_body() {
            return Task::new(clause, format!("等主管中心审批{}方案", one.kind.name()), what, href).waiting();
        }
        let due = reference.calendar.add(one.proposed_on, rules::terms::SCHEME_WITHIN).ok();
        Task::new(clause, format!("审批{}的{}方案", one.body_name, one.kind.name()), what, href).due(due)
    });
    Ok(tasks.collect())
}
