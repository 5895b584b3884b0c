//! 二（二）2: inspections of four kinds, what they found, and what has to be mended by a day and is looked at again. The result
//! of each is public (一公开); an overdue rectification stands against a renewal (二（一）3).

mod acts;
mod pages;
mod public;
mod store;

use axum::http::Method;
use axum::routing::get;
use jiff::civil::Date;
use rules::Clause;
use rules::inspection::{InspectionItem, InspectionKind, RectificationState};
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::term::Term;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use acts::{AnswerRectification, CheckRectification, InspectionFinding, RecordInspection, RemindRectification};
pub(crate) use acts::{brought, fall_due};
pub use pages::pages;
pub(crate) use pages::{kept_files, tag};
pub use public::{
    PublicInspection, PublicInspectionItems, PublicInspectionItemsView, PublicInspectionLine, PublicInspectionView,
    PublicInspections, PublicInspectionsView, PublicRectification,
};
pub(crate) use store::ALL;

use crate::batch::BodyChoice;
use crate::door::{Look, Scope, Sight, Stop, Subject};
use crate::home::Task;
use crate::marks::FileView;
use crate::web::api::{Registry, file_operation};

/// Inspections on one page.
const PAGE: i64 = 50;

/// Where everyone within reach reads a rectification.
fn rectification_page(body: i64, finding: i64) -> String {
    format!("/bodies/{body}/rectifications/{finding}")
}

/// An item as it was checked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectedItem {
    pub code: String,
    pub title: String,
    pub content: String,
    /// The clause id.
    pub clause: String,
    /// The clause as the notice is cited.
    pub clause_place: String,
    /// How many findings it has; none means that it was met.
    pub findings: i64,
}

/// A file of a finding or of an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionFileLine {
    pub id: i64,
    pub name: String,
    /// In bytes.
    pub size: i64,
}

/// One turn of a rectification.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TurnView {
    pub no: i64,
    pub due_on: Date,
    pub answered_on: Option<Date>,
    pub answered_by: String,
    pub answer: String,
    pub files: Vec<InspectionFileLine>,
    /// Whether the answer came, or is missing, after the last day.
    pub is_late: bool,
    pub checked_on: Option<Date>,
    pub checked_by: String,
    /// What the office found; none until it has looked again.
    pub accepted: Option<bool>,
    pub reason: String,
}

/// A finding with what was ordered and what came of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionFindingView {
    pub id: i64,
    pub no: i64,
    /// The item that it is about.
    pub title: String,
    /// The clause id.
    pub clause: String,
    /// The clause as the notice is cited.
    pub clause_place: String,
    pub what: String,
    /// What has to be done; blank where nothing was ordered.
    pub ordered: String,
    /// What shows that it was done; may be blank.
    pub proof: String,
    pub files: Vec<InspectionFileLine>,
    /// Where the rectification stands; none where nothing was ordered.
    pub state: Option<RectificationState>,
    pub state_name: String,
    /// The last day of the turn that runs or ran last.
    pub due_on: Option<Date>,
    /// Whether the last answer came, or is missing, after the last day.
    pub is_late: bool,
    pub turns: Vec<TurnView>,
    /// Whether the caller may answer now.
    pub may_answer: bool,
    /// Whether the caller may look again now.
    pub may_check: bool,
}

/// An inspection with everything in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionView {
    pub id: i64,
    pub body: i64,
    pub body_name: String,
    /// The filing number of the body.
    pub number: String,
    pub kind: InspectionKind,
    pub kind_name: String,
    pub held_on: Date,
    pub batch: Option<i64>,
    pub batch_title: String,
    /// The draw by lot that it came from, where it came from one.
    pub draw: Option<i64>,
    pub note: String,
    pub office_name: String,
    pub recorded_on: Date,
    pub recorded_by: String,
    pub inspectors: Vec<String>,
    pub checks: Vec<InspectedItem>,
    pub findings: Vec<InspectionFindingView>,
    pub today: Date,
}

/// What did an inspection find, and what has come of it?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct InspectionDetail {
    pub body: i64,
    pub inspection: i64,
}

impl Look for InspectionDetail {
    const KIND: LookKind = LookKind::Inspections;
    type View = InspectionView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<InspectionView, Stop> {
        let today = sight.today();
        let one = store::one(&mut sight.tx(), self.inspection, self.body)?.ok_or(Stop::NotFound)?;
        let inspectors = store::inspectors(&mut sight.tx(), one.id)?;
        let checks = store::checks(&mut sight.tx(), one.id)?;
        let mut turns = store::turns(&mut sight.tx(), one.id)?;
        let mut files = store::files(&mut sight.tx(), one.id)?;
        let (caller, own) = (sight.caller(), sight.caller().body() == Some(one.body));
        let answers = own && rules::permission::may(caller.role(), ActKind::AnswerRectification).is_some();
        let checks_again = rules::permission::may(caller.role(), ActKind::CheckRectification).is_some();
        let findings = store::findings(&mut sight.tx(), one.id)?.into_iter().map(|found| {
            let state = found.state(today);
            let last = found.last.map(|(_, turn)| turn);
            let waits = state == Some(RectificationState::Answered);
            let mut turns = turns.remove(&found.id).unwrap_or_default();
            for turn in &mut turns {
                turn.files = files.remove(&(found.id, turn.no)).unwrap_or_default();
                turn.is_late = turn.answered_on.unwrap_or(today) > turn.due_on;
            }
            InspectionFindingView {
                id: found.id,
                no: found.no,
                files: files.remove(&(found.id, 0)).unwrap_or_default(),
                state,
                state_name: state.map_or_else(String::new, |state| state.name().into()),
                due_on: last.map(|turn| turn.due_on),
                is_late: last.is_some_and(|turn| turn.is_late(today)),
                may_answer: answers && matches!(state, Some(RectificationState::Open | RectificationState::Overdue)),
                may_check: waits && checks_again && found.rechecked_by(caller.office()),
                turns,
                clause: found.clause.id().into(),
                clause_place: found.clause.place().into(),
                title: found.title,
                what: found.what,
                ordered: found.ordered,
                proof: found.proof,
            }
        });
        Ok(InspectionView {
            findings: findings.collect(),
            id: one.id,
            body: one.body,
            body_name: one.body_name,
            number: one.number,
            kind: one.kind,
            kind_name: one.kind.name().into(),
            held_on: one.held_on,
            batch: one.batch,
            batch_title: one.batch_title,
            draw: one.draw,
            note: one.note,
            office_name: one.office_name,
            recorded_on: one.recorded_on,
            recorded_by: one.recorded_by,
            inspectors,
            checks,
            today,
        })
    }
}

/// How does a rectification stand? The inspection with that finding alone.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Rectification {
    pub body: i64,
    pub finding: i64,
}

impl Look for Rectification {
    const KIND: LookKind = LookKind::Inspections;
    type View = InspectionView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<InspectionView, Stop> {
        let found = store::finding(&mut sight.tx(), self.finding, self.body)?.ok_or(Stop::NotFound)?;
        found.last.ok_or(Stop::NotFound)?;
        let mut view = InspectionDetail { body: self.body, inspection: found.inspection }.view(sight)?;
        view.findings.retain(|one| one.id == self.finding);
        Ok(view)
    }
}

/// A file of an inspection.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct InspectionFile {
    pub body: i64,
    pub file: i64,
}

impl Look for InspectionFile {
    const KIND: LookKind = LookKind::Inspections;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let (hash, name) = store::file(&mut sight.tx(), self.file, self.body)?.ok_or(Stop::NotFound)?;
        Ok(FileView { bytes: sight.office().files().bring(&hash)?, name })
    }
}

/// An inspection in a list, with how many of its rectifications stand where.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionLine {
    pub id: i64,
    pub body: i64,
    pub body_name: String,
    pub kind: InspectionKind,
    pub kind_name: String,
    pub held_on: Date,
    pub office_name: String,
    pub findings: i64,
    /// Findings with an order.
    pub ordered: i64,
    pub overdue: i64,
    pub open: i64,
    /// Those that wait for the office.
    pub answered: i64,
    /// The next last day among those that the body has to answer.
    pub due_on: Option<Date>,
}

/// Inspections within reach, overdue ones first; fifty to a page.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionsView {
    pub inspections: Vec<InspectionLine>,
    pub total: i64,
    /// From 0.
    pub page: i64,
    /// Rectifications within reach that are overdue, whatever the list is narrowed to.
    pub overdue: i64,
    /// Those that wait for an office.
    pub answered: i64,
    pub today: Date,
}

/// Which inspections were held, and how do their rectifications stand?
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Inspections {
    pub kind: Option<InspectionKind>,
    /// Only those with a rectification that stands so.
    pub state: Option<RectificationState>,
    /// Only those of this body.
    pub of: Option<i64>,
    /// Only those of this batch.
    pub batch: Option<i64>,
    /// From 0.
    #[schema(minimum = 0, maximum = 100000)]
    pub page: Option<i64>,
}

impl Look for Inspections {
    const KIND: LookKind = LookKind::Inspections;
    type View = InspectionsView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<InspectionsView, Stop> {
        let (scope, today) = (sight.scope(), sight.today());
        let page = self.page.unwrap_or(0).clamp(0, 100_000);
        let (kind, state, body, batch) = (self.kind, self.state, self.of, self.batch);
        let asked = store::Asked { kind, state, body, batch, today, limit: PAGE, offset: page * PAGE };
        let (inspections, total) = store::list(&mut sight.tx(), &scope, &asked)?;
        let unsettled = store::unsettled(&mut sight.tx(), &scope)?;
        let count = |asked| unsettled.iter().filter(|one| one.state(today) == Some(asked)).count() as i64;
        let (overdue, answered) = (count(RectificationState::Overdue), count(RectificationState::Answered));
        Ok(InspectionsView { inspections, total, page, overdue, answered, today })
    }
}

/// What the form for an inspection offers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionOfferView {
    /// Bodies within reach that may be inspected.
    pub bodies: Vec<BodyChoice>,
    /// The batches of the body that was asked for, the latest first.
    pub batches: Vec<BodyChoice>,
    pub items: Vec<InspectionItem>,
    /// The last day of an order that names none.
    pub due_on: Date,
    /// How many inspectors there must be at least.
    pub inspectors: usize,
    pub today: Date,
}

/// What can be recorded of an inspection?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct InspectionOffer {
    /// The body to be inspected.
    pub of: Option<i64>,
}

impl Look for InspectionOffer {
    const KIND: LookKind = LookKind::Inspections;
    type View = InspectionOfferView;

    fn subject(&self) -> Subject {
        self.of.map_or(Subject::Seat, Subject::Body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<InspectionOfferView, Stop> {
        sight.caller().granted(ActKind::RecordInspection)?;
        let (mut scope, today, reference) = (sight.scope(), sight.today(), sight.reference());
        // A centre inspects the bodies in its charge, also where it sees the whole province.
        if sight.caller().role() == Role::ProvincialCentre {
            scope.centre = sight.caller().office().map(str::to_owned);
        }
        let bodies = store::bodies(&mut sight.tx(), &scope)?;
        let batches = match self.of {
            Some(body) => store::batches(&mut sight.tx(), body)?,
            None => Vec::new(),
        };
        let terms = crate::term::on(&mut sight.tx(), today)?;
        Ok(InspectionOfferView {
            inspectors: terms.persons(Term::InspectorsMin),
            bodies,
            batches,
            items: reference.inspection_items.all().to_vec(),
            due_on: reference.calendar.add(today, terms.count(Term::RectifyWithin))?,
            today,
        })
    }
}

/// A rectification of a body that is not accepted yet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RectificationLine {
    pub finding: i64,
    pub title: String,
    pub what: String,
    pub state: RectificationState,
    pub state_name: String,
    pub due_on: Date,
    /// Whether the answer came, or is missing, after the last day.
    pub is_late: bool,
    /// Whether it stands against a renewal (二（一）3).
    pub hinders_renewal: bool,
    pub office_name: String,
}

/// What a body has not yet mended to its office's satisfaction.
///
/// # Errors
/// A fault.
pub(crate) fn unsettled(sight: &mut Sight<'_>, body: i64) -> Result<Vec<RectificationLine>, Stop> {
    let (today, scope) = (sight.today(), Scope { body: Some(body), ..Scope::default() });
    let found = store::unsettled(&mut sight.tx(), &scope)?;
    let line = |one: store::StoredFinding| {
        let (_, turn) = one.last?;
        let state = turn.state(today);
        Some(RectificationLine {
            finding: one.id,
            title: one.title,
            what: one.what,
            state,
            state_name: state.name().into(),
            due_on: turn.due_on,
            is_late: turn.is_late(today),
            hinders_renewal: turn.hinders_renewal(today),
            office_name: one.office_name,
        })
    };
    Ok(found.into_iter().filter_map(line).collect())
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let registry = registry
        .look::<Inspections>("/inspections", "检查与整改")
        .look::<InspectionOffer>("/inspection-offer", "可登记的检查")
        .look::<InspectionDetail>("/bodies/{body}/inspections/{inspection}", "一次检查")
        .look::<Rectification>("/bodies/{body}/rectifications/{finding}", "一项整改")
        .act::<RecordInspection>("/bodies/{body}/inspections")
        .act::<AnswerRectification>("/bodies/{body}/rectifications/{finding}/answers")
        .act::<CheckRectification>("/bodies/{body}/rectifications/{finding}/checks")
        .act::<RemindRectification>("/bodies/{body}/rectifications/{finding}/reminders")
        .other(
            Method::GET,
            "/bodies/{body}/inspection-files/{file}",
            file_operation(
                "bodies",
                ("InspectionFile", "检查与整改的附件"),
                &["body", "file"],
                "application/octet-stream",
            ),
            get(pages::file),
        );
    public::api(registry)
}

/// What waits for the caller: a body mends, an office looks again, everyone above sees what is overdue.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (role, today) = (sight.caller().role(), sight.today());
    if matches!(role, Role::Administrator | Role::Timer | Role::Public) {
        return Ok(Vec::new());
    }
    let (scope, caller) = (sight.scope(), sight.caller());
    let (mut tasks, mut elsewhere) = (Vec::new(), Vec::new());
    for found in store::unsettled(&mut sight.tx(), &scope)? {
        let (Some(state), Some((_, turn))) = (found.state(today), found.last) else { continue };
        let href = rectification_page(found.body, found.id);
        let task = |what: String, detail: &str| Task::new(Clause::S2_2_2B, what, detail, href.clone());
        let (title, ordered) = (&found.title, &found.ordered);
        if caller.body().is_some() {
            let by = if role == Role::Head { "" } else { "；由负责人答复" };
            tasks.push(match state {
                RectificationState::Open | RectificationState::Overdue => {
                    task(format!("完成整改：{title}"), &format!("{ordered}{by}")).due(Some(turn.due_on))
                }
                RectificationState::Answered | RectificationState::Accepted => {
                    task(format!("整改待复查：{title}"), &format!("由{}复查", found.office_name)).waiting()
                }
            });
        } else if !found.rechecked_by(caller.office()) {
            elsewhere.extend((state == RectificationState::Overdue).then_some(turn.due_on));
        } else if state == RectificationState::Overdue {
            tasks.push(task(format!("督促{}整改", found.body_name), title).due(Some(turn.due_on)));
        } else if state == RectificationState::Answered {
            let late = if turn.is_late(today) { "（逾期后答复）" } else { "" };
            tasks.push(task(format!("复查{}的整改", found.body_name), &format!("{title}{late}")));
        }
    }
    if !elsewhere.is_empty() {
        let what = format!("辖区内有{}项整改逾期", elsewhere.len());
        let detail = "由责令整改的单位督促；逾期期间不予延期备案";
        let task = Task::new(Clause::S2_2_2B, what, detail, "/inspections?state=overdue");
        tasks.push(task.due(elsewhere.into_iter().min()));
    }
    Ok(tasks)
}
