//! How long a body stays in the directory (二（一）3、三（三）): changes that are told or reviewed, renewal, withdrawal after
//! two idle years, leaving, stopping. Whatever happens here adjusts the directory through its ledger and never touches
//! what was issued before.

mod changes;
mod pages;
mod renewal;
mod store;
mod timers;
mod transfer;

use axum::http::Method;
use axum::routing::get;
use jiff::civil::Date;
use rules::Clause;
use rules::certificate::Level;
use rules::jurisdiction::{Affiliation, BodyKind};
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::standing::{ChangeMatter, IdleClock, RenewalFacts, renewal_from, renewal_ready};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use changes::{
    ApplyChange, DecideChange, DropTrades, LeaveDirectory, LiftStop, NarrowListing, StopPilot, TellChange, TradeKey,
};
pub use pages::pages;
pub use renewal::{ApplyRenewal, DecideRenewal, EvaluateRenewal, RenewalReceipt};
pub(crate) use store::ALL;
pub(crate) use timers::fall_due;
pub use timers::{DeemWithdrawn, ExpireListing, Remind};
pub use transfer::{
    FormerBodies, FormerBodiesView, FormerBody, FormerDecision, FormerDecisions, FormerDecisionsView, TransferBody,
};

use crate::directory::ledger::{self, Entry};
use crate::door::{FileHash, Look, Office, Sight, Stop, Subject};
use crate::home::Task;
use crate::inspection::{self, RectificationLine};
use crate::web::api::{Registry, file_operation};

macro_rules! states {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $one:literal])* $variant:ident, $code:literal, $label:literal;)* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[doc = $one])* $variant,)* }

        impl $name {
            /// The code word used in the database and the API.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The state with this code word.
            pub fn from_code(code: &str) -> Option<Self> {
                [$(Self::$variant,)*].into_iter().find(|state| state.code() == code)
            }

            /// The name that people read.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }
    };
}

states! {
    /// Where a change stands.
    ChangeState {
        /// Told to the centre; it holds.
        Told, "told", "已告知";
        /// With the centre.
        Submitted, "submitted", "待审核";
        /// It holds.
        Approved, "approved", "已同意";
        /// It doesn't hold.
        Refused, "refused", "未同意";
    }
}

states! {
    /// Where a renewal stands.
    RenewalState {
        /// With the centre in charge.
        Applied, "applied", "待评估";
        /// With the provincial centre.
        Evaluated, "evaluated", "待决定";
        /// The validity was extended.
        Renewed, "renewed", "已延期";
        /// It was not.
        Refused, "refused", "不予延期";
    }
}

/// A change of a body as it was told or submitted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangeView {
    pub id: i64,
    pub body: i64,
    pub body_name: String,
    pub matter: ChangeMatter,
    pub matter_name: String,
    pub before: String,
    pub value: String,
    pub reason: String,
    pub file: Option<String>,
    pub file_name: String,
    pub state: ChangeState,
    pub state_name: String,
    pub told_on: Date,
    /// The last day of the centre's decision, where there is one.
    pub due_on: Option<Date>,
    pub told_by: String,
    pub decided_on: Option<Date>,
    pub decided_by: Option<String>,
    pub decision_reason: Option<String>,
}

/// A renewal as it was asked for, evaluated and decided.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RenewalView {
    pub id: i64,
    pub body: i64,
    pub body_name: String,
    pub listing: i64,
    pub state: RenewalState,
    pub state_name: String,
    pub until_before: Date,
    pub statement: String,
    /// Batches held in the period.
    pub batches: i64,
    pub applied_on: Date,
    pub applied_by: String,
    pub passed: Option<bool>,
    pub opinion: Option<String>,
    pub evaluated_on: Option<Date>,
    pub evaluated_by: Option<String>,
    pub decision: Option<String>,
    pub decided_on: Option<Date>,
    pub decided_by: Option<String>,
    pub until_after: Option<Date>,
    /// Whether a receipt was handed out on it.
    pub has_receipt: bool,
}

/// What of a renewal does not hold yet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Hindrance {
    pub what: String,
    pub remedy: String,
}

/// An occupation of the entry with its idle clock.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IdleLine {
    pub code: String,
    pub name: String,
    /// The last day on which something was done in it.
    pub since: Date,
    /// The first day on which it counts as withdrawn (三（三）).
    pub ends_on: Date,
    pub is_warned: bool,
}

/// An occupation at one level that may be given up.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HeldTrade {
    pub code: String,
    pub name: String,
    pub work_type: String,
    pub level: Level,
    pub level_name: String,
    pub until: Date,
}

/// Another entry of the body, under a number of its own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OtherIdentity {
    pub number: String,
    pub valid_until: Option<Date>,
    pub is_valid: bool,
    /// What it may assess today.
    pub trades: Vec<HeldTrade>,
}

/// What an entry may assess on a day.
fn held(entry: &Entry, today: Date) -> Vec<HeldTrade> {
    let trades = entry.scopes_on(today).map(|scope| HeldTrade {
        code: scope.fact.code.clone(),
        name: scope.fact.name.clone(),
        work_type: scope.fact.work_type.clone(),
        level: scope.fact.level,
        level_name: scope.fact.level.name().into(),
        until: scope.span.until,
    });
    trades.collect()
}

/// How a body stands in the directory, and what can be done about it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StandingView {
    pub body: i64,
    pub name: String,
    pub address: String,
    pub responsible: String,
    pub centre_name: String,
    /// The county's code (GB/T 2260) and whose body it is: what decides who is in charge (三（一）).
    pub county: String,
    pub affiliation: Affiliation,
    /// Whether the centre of its own station decides, as with colleges.
    pub is_college: bool,
    /// The office code of the centre in charge.
    pub centre: String,
    /// The filing number; none before the first listing.
    pub number: Option<String>,
    /// Whether it is in force today.
    pub is_valid: bool,
    pub valid_until: Option<Date>,
    /// The first day on which a renewal may be asked for.
    pub renewal_from: Option<Date>,
    /// What stands against a renewal today.
    pub hindrances: Vec<Hindrance>,
    pub trades: Vec<HeldTrade>,
    pub idle: Vec<IdleLine>,
    /// What else the body is in the directory as: a school that was selected as an organisation (一（一）2).
    pub others: Vec<OtherIdentity>,
    pub changes: Vec<ChangeView>,
    pub renewals: Vec<RenewalView>,
    /// What inspections ordered and is not accepted yet, the earliest last day first.
    pub rectifications: Vec<RectificationLine>,
    /// Batches that are not finished.
    pub open_batches: usize,
    /// The acts that the caller may do now.
    #[schema(value_type = Vec<String>)]
    pub may: Vec<ActKind>,
    pub today: Date,
}

impl StandingView {
    /// Whether the caller may do this now.
    pub fn can(&self, act: ActKind) -> bool {
        self.may.contains(&act)
    }
}

/// How does this body stand?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Standing {
    pub body: i64,
}

impl Look for Standing {
    const KIND: LookKind = LookKind::Filings;
    type View = StandingView;

    fn subject(&self) -> Subject {
        Subject::Body(self.body)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<StandingView, Stop> {
        let today = sight.today();
        let body = store::body(&mut sight.tx(), self.body)?.ok_or(Stop::NotFound)?;
        let place = store::place(&mut sight.tx(), self.body)?.ok_or(Stop::NotFound)?;
        let entry = latest(sight, self.body)?;
        let until = entry.as_ref().and_then(Entry::until);
        let is_valid = entry.as_ref().is_some_and(|entry| entry.term_on(today).is_some());
        let others = ledger::entries(&mut sight.tx(), self.body)?
            .into_iter()
            .filter(|other| entry.as_ref().is_some_and(|entry| entry.number != other.number))
            .map(|other| OtherIdentity {
                valid_until: other.until(),
                is_valid: other.term_on(today).is_some(),
                trades: held(&other, today),
                number: other.number,
            })
            .collect();
        let hindrances = match &entry {
            Some(entry) if entry.announced => vec![announced_elsewhere()],
            Some(entry) => match renewal_facts(sight, self.body, entry)? {
                Some(facts) => renewal_ready(&facts, today),
                None => Vec::new(),
            },
            None => Vec::new(),
        };
        let renewals = store::renewals(&mut sight.tx(), self.body)?;
        let changes = store::changes(&mut sight.tx(), self.body)?;
        let rectifications = inspection::unsettled(sight, self.body)?;
        let open_batches = store::open(&mut sight.tx(), self.body)?.len();
        let terms = crate::term::on(&mut sight.tx(), today)?;
        let idle = store::activity(&mut sight.tx(), today, Some(self.body))?
            .into_iter()
            .map(|one| {
                let clock = IdleClock::since(one.since);
                let is_warned = clock.warning(today, &terms).is_some();
                IdleLine { code: one.code, name: one.name, since: one.since, ends_on: clock.ends_on, is_warned }
            })
            .collect();
        let trades = entry.as_ref().map(|entry| held(entry, today)).unwrap_or_default();
        let role = sight.caller().role();
        let in_charge = sight.caller().office() == Some(body.centre.as_str());
        let running =
            renewals.first().filter(|one| matches!(one.state, RenewalState::Applied | RenewalState::Evaluated));
        let mut may = Vec::new();
        let mut allow = |condition: bool, act: ActKind| {
            if condition && rules::permission::may(role, act).is_some() {
                may.push(act);
            }
        };
        allow(is_valid, ActKind::TellChange);
        allow(is_valid, ActKind::ApplyChange);
        allow(is_valid, ActKind::DropTrades);
        allow(is_valid, ActKind::LeaveDirectory);
        allow(is_valid && running.is_none() && hindrances.is_empty(), ActKind::ApplyRenewal);
        allow(in_charge && changes.iter().any(|change| change.state == ChangeState::Submitted), ActKind::DecideChange);
        allow(in_charge && running.is_some_and(|one| one.state == RenewalState::Applied), ActKind::EvaluateRenewal);
        allow(running.is_some_and(|one| one.state == RenewalState::Evaluated), ActKind::DecideRenewal);
        allow(entry.is_some() && is_valid, ActKind::NarrowListing);
        allow(entry.is_some() && is_valid, ActKind::StopPilot);
        allow(true, ActKind::TransferBody);
        allow(!is_valid && entry.as_ref().is_some_and(|entry| entry.stopped.is_some()), ActKind::LiftStop);
        Ok(StandingView {
            body: self.body,
            name: body.name,
            address: body.address,
            responsible: body.head,
            centre_name: body.centre_name,
            county: place.county,
            affiliation: place.affiliation,
            is_college: place.kind == BodyKind::College,
            centre: place.centre,
            number: entry.as_ref().map(|entry| entry.number.clone()),
            is_valid,
            valid_until: until,
            renewal_from: until.filter(|_| entry.as_ref().is_some_and(|entry| !entry.announced)).map(renewal_from),
            hindrances: hindrances
                .into_iter()
                .map(|refusal| Hindrance { what: refusal.what.clone(), remedy: refusal.remedy.clone() })
                .collect(),
            trades,
            idle,
            others,
            changes,
            renewals,
            rectifications,
            open_batches,
            may,
            today,
        })
    }
}

/// How do I stand?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct OwnStanding {}

impl Look for OwnStanding {
    const KIND: LookKind = LookKind::Filings;
    type View = StandingView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<StandingView, Stop> {
        let body = sight.caller().body().ok_or(Stop::NotFound)?;
        Standing { body }.view(sight)
    }
}

/// The entry that a body has now, or had last: that of its own filing, where it has one, before what was announced of it.
pub(crate) fn latest(sight: &mut Sight<'_>, body: i64) -> Result<Option<Entry>, Stop> {
    let mut entries = ledger::entries(&mut sight.tx(), body)?;
    let own = entries.iter().position(|entry| !entry.announced).unwrap_or(0);
    Ok((!entries.is_empty()).then(|| entries.swap_remove(own)))
}

/// Every entry of a body that is in force today, that of its own filing first.
fn all_in_force(sight: &mut Sight<'_>, body: i64) -> Result<Vec<Entry>, Stop> {
    let today = sight.today();
    let mut entries = ledger::entries(&mut sight.tx(), body)?;
    entries.retain(|entry| entry.term_on(today).is_some());
    entries.sort_by_key(|entry| entry.announced);
    if entries.is_empty() {
        return Err(rules::Refusal::new(Clause::S2_1_3D, "该机构今天不在目录中")
            .remedy("列入目录后才能办理变更、延期和退出")
            .into());
    }
    Ok(entries)
}

/// The entry of a body that is in force today: that of its own filing, where it has one.
fn in_force(sight: &mut Sight<'_>, body: i64) -> Result<Entry, Stop> {
    Ok(all_in_force(sight, body)?.swap_remove(0))
}

/// What was announced is not extended by an application here.
fn announced_elsewhere() -> rules::Refusal {
    rules::Refusal::new(Clause::S2_1_3C, "企业、社会培训评价组织的有效期以人社部门的备案或公布为准")
        .remedy("重新备案或重新公布后，由省人社厅登记")
}

/// What a renewal is checked against.
fn renewal_facts(sight: &mut Sight<'_>, body: i64, entry: &Entry) -> Result<Option<RenewalFacts>, Stop> {
    let (today, Some(until)) = (sight.today(), entry.until()) else { return Ok(None) };
    let Some(from) = entry.terms.iter().map(|term| term.version.span.from).min() else { return Ok(None) };
    Ok(Some(RenewalFacts {
        until,
        batches: store::held(&mut sight.tx(), body, from, today)?,
        unfindable: store::unfindable(&mut sight.tx(), body, from)?,
        overdue_rectifications: inspection::unsettled(sight, body)?.iter().filter(|one| one.hinders_renewal).count()
            as i64,
    }))
}

/// A text of some length that must be there.
fn told(field: &'static str, label: &str, text: &str, clause: Clause) -> Result<String, Stop> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 2000 {
        return Err(rules::Refusal::new(clause, format!("没有填写{label}，或超过2000字"))
            .remedy(format!("请用几句话写明{label}"))
            .at(field)
            .into());
    }
    Ok(text.to_owned())
}

/// A file that was uploaded with an act.
fn brought(sight: &Sight<'_>, hash: &FileHash) -> Result<crate::door::KeptFile, Stop> {
    let bytes = sight.office().files().bring(hash).map_err(|stop| match stop {
        Stop::NotFound => rules::Refusal::house("文件", "没有收到证明文件").remedy("请重新上传").at("file").into(),
        other => other,
    })?;
    crate::door::KeptFile::of(hash, &bytes)
}

/// The body that a filing number was given to, if it was given.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn body_of(office: &Office, number: &str) -> Result<Option<i64>, Stop> {
    Ok(office.engine().read(|tx| store::body_of(tx, number))?)
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .look::<OwnStanding>("/standing", "本机构在目录中的情形")
        .look::<Standing>("/bodies/{body}/standing", "一所机构在目录中的情形")
        .act::<TellChange>("/bodies/{body}/changes")
        .act::<ApplyChange>("/bodies/{body}/change-applications")
        .act::<DecideChange>("/bodies/{body}/changes/{change}/decision")
        .act::<DropTrades>("/bodies/{body}/dropped-trades")
        .act::<LeaveDirectory>("/bodies/{body}/exit")
        .act::<ApplyRenewal>("/bodies/{body}/renewals")
        .act::<EvaluateRenewal>("/bodies/{body}/renewals/{renewal}/evaluation")
        .act::<DecideRenewal>("/bodies/{body}/renewals/{renewal}/decision")
        .look::<RenewalReceipt>("/bodies/{body}/renewals/{renewal}/receipt", "延期后的备案回执")
        .other(
            Method::GET,
            "/bodies/{body}/renewals/{renewal}/receipt.pdf",
            file_operation(
                "bodies",
                ("RenewalReceiptPdf", "延期后的备案回执（PDF）"),
                &["body", "renewal"],
                "application/pdf",
            ),
            get(pages::receipt),
        )
        .act::<NarrowListing>("/bodies/{body}/narrowing")
        .act::<StopPilot>("/bodies/{body}/stop")
        .act::<LiftStop>("/bodies/{body}/reinstatement")
        .act::<TransferBody>("/bodies/{body}/transfer")
        .look::<FormerBodies>("/former-bodies", "曾由本单位主管的机构")
        .look::<FormerDecisions>("/former-bodies/{body}", "本单位主管期间对一所机构的决定")
        .act::<Remind>("/bodies/{body}/reminders")
        .act::<ExpireListing>("/bodies/{body}/expiry")
        .act::<DeemWithdrawn>("/bodies/{body}/withdrawal")
}

/// What waits for the caller.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (role, today) = (sight.caller().role(), sight.today());
    if matches!(role, Role::Administrator | Role::Timer | Role::Public | Role::CityBureau | Role::ProvincialDepartment)
    {
        return Ok(Vec::new());
    }
    let mut tasks = Vec::new();
    if let Some(body) = sight.caller().body() {
        let Some(entry) = latest(sight, body)? else { return Ok(tasks) };
        if entry.term_on(today).is_none() || entry.announced {
            return Ok(tasks);
        }
        let terms = crate::term::on(&mut sight.tx(), today)?;
        let renewals = store::renewals(&mut sight.tx(), body)?;
        let running = renewals
            .first()
            .is_some_and(|one| one.state != RenewalState::Refused && Some(one.until_before) == entry.until());
        if let (Some(until), false) = (entry.until(), running)
            && rules::standing::renewal_told_on(until, &terms) <= today
        {
            let detail = format!("备案有效期至 {until}，{} 起可以申请延期", renewal_from(until));
            tasks
                .push(Task::new(Clause::S2_1_3C, "备案将到期，决定是否申请延期", detail, "/standing").due(Some(until)));
        }
        for one in store::activity(&mut sight.tx(), today, Some(body))? {
            let clock = IdleClock::since(one.since);
            if clock.warning(today, &terms).is_some() {
                let detail = format!("自 {} 起没有开展，满两年视同退出", one.since);
                let what = format!("{}很久没有开展认定", one.name);
                tasks.push(Task::new(Clause::S3_3_4, what, detail, "/standing").due(Some(clock.ends_on)));
            }
        }
        return Ok(tasks);
    }
    let mut scope = sight.scope();
    scope.centre = sight.caller().office().map(str::to_owned);
    for change in store::changes_waiting(&mut sight.tx(), &scope)? {
        let what = format!("审核{}的变更", change.body_name);
        let href = format!("/bodies/{}/standing", change.body);
        tasks.push(Task::new(change.matter.clause(), what, change.matter_name, href).due(change.due_on));
    }
    for renewal in store::renewals_waiting(&mut sight.tx(), &scope, RenewalState::Applied)? {
        let href = format!("/bodies/{}/standing", renewal.body);
        let what = format!("评估{}的延期申请", renewal.body_name);
        tasks.push(Task::new(Clause::S2_1_3C, what, "评估后由省中心决定", href).due(Some(renewal.until_before)));
    }
    if role == Role::ProvincialCentre {
        let everywhere = crate::door::Scope { body: None, centre: None, bureau: None };
        for renewal in store::renewals_waiting(&mut sight.tx(), &everywhere, RenewalState::Evaluated)? {
            let href = format!("/bodies/{}/standing", renewal.body);
            let what = format!("决定{}是否延期", renewal.body_name);
            let detail = if renewal.passed == Some(true) { "评估合格" } else { "评估不合格" };
            tasks.push(Task::new(Clause::S2_1_3C, what, detail, href).due(Some(renewal.until_before)));
        }
    }
    Ok(tasks)
}
