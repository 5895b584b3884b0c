//! 一（一）1, 2: an enterprise assesses a school's students by agreement with the school, a social organisation at its
//! request. Either is proposed by one side and answered by the head of the other; the batches held for the school's
//! students rest on it. Both sides and the offices in charge of either see it, nobody else does.

mod pages;
mod store;

use jiff::civil::Date;
use rules::Clause;
use rules::Refusal;
use rules::batch::BatchStage;
use rules::certificate::Level;
use rules::cooperation::{
    self, CooperationKind, CooperationState, CooperationStep, Listed, Parties, Side, Terms, may_stand, next, proposed,
    reason_given,
};
use rules::permission::{ActKind, LookKind};
use rules::terms::ANSWER_WITHIN;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::{ALL, Cooperation, of_evaluator, standing_of};

use crate::account::{Done, Made};
use crate::directory::ledger;
use crate::door::store::note_file;
use crate::door::{Act, Desk, FileHash, KeptFile, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::roster::bring;
use crate::web::api::Registry;

/// An occupation at one level that a cooperation is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CooperationTrade {
    /// Occupation code: `6-18-01-01`.
    #[schema(max_length = 40)]
    pub code: String,
    pub level: Level,
}

/// An occupation at one level with its name, as it was agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreedTrade {
    pub code: String,
    pub name: String,
    pub level: Level,
    pub level_name: String,
}

/// Proposes a cooperation: an enterprise or a school an agreement to the other, a school its request to an organisation.
/// What it is follows from who the two are.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposeCooperation {
    /// The other side: its filing number, or its unified social credit code.
    #[schema(min_length = 13, max_length = 18)]
    pub partner: String,
    /// First and last day on which batches may be held.
    pub from: Date,
    pub until: Date,
    /// The day on which the paper was signed.
    pub signed_on: Date,
    #[schema(max_items = 500)]
    pub trades: Vec<CooperationTrade>,
    /// Students expected; a request says how many.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000)]
    pub expected: i64,
    /// What the other side should know; may be empty.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
    /// The agreement, or the letter, as a file that was kept before.
    pub file: Option<FileHash>,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub file_name: String,
    #[serde(skip)]
    #[schema(ignore)]
    kept: Option<KeptFile>,
}

impl Act for ProposeCooperation {
    const KIND: ActKind = ActKind::ProposeCooperation;
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
        let (own, today, now) = (desk.body()?, desk.today(), desk.now());
        let (partner, selected) = find_partner(desk, &self.partner)?;
        let own_kind = crate::body::find(&mut desk.tx(), own)?.ok_or(Stop::NotFound)?.kind;
        let partner_kind = crate::body::find(&mut desk.tx(), partner)?.ok_or(Stop::NotFound)?.kind;
        let (kind, by_school) = proposed(own_kind, partner_kind, selected)?;
        let (evaluator, school) = if by_school { (partner, own) } else { (own, partner) };
        let scope: Vec<_> = self.trades.iter().map(|trade| (trade.code.trim().to_owned(), trade.level)).collect();
        let terms = Terms {
            kind,
            from: self.from,
            until: self.until,
            signed_on: self.signed_on,
            scope,
            expected: self.expected,
            has_file: self.kept.is_some(),
        };
        let offer = stands(desk, &terms, evaluator, school)?;
        if self.note.chars().count() > 2000 || !(0..=100_000).contains(&self.expected) {
            return Err(Refusal::house("填写", "说明超过2000字，或人数不合理").remedy("请精简说明，核对人数").into());
        }
        let Some(kept) = &self.kept else { return Err(Stop::fault("a cooperation without its paper")) };
        note_file(&mut desk.tx(), kept, now)?;
        let (id, by) = (desk.new_id(), desk.caller().name().to_owned());
        let new = store::New {
            id,
            terms: &terms,
            evaluator,
            school,
            by_school,
            scope: offer.agreed(&terms.scope),
            note: self.note.trim(),
            file: kept,
            file_name: &crate::web::forms::plain_name(&self.file_name),
            on: today,
            by: &by,
        };
        store::insert(&mut desk.tx(), &new)?;
        desk.made(Subject::Cooperation(id));
        let said = format!("{}提出{}，请答复", desk.caller().seat_name(), kind.name());
        desk.tell_body(partner, said, page(id));
        Ok(Made { id })
    }
}

impl ProposeCooperation {
    /// The act for a paper that was kept before.
    fn with_file(mut self, file: Option<(FileHash, String)>) -> Self {
        if let Some((hash, name)) = file {
            (self.file, self.file_name) = (Some(hash), name);
        }
        self
    }
}

fn page(id: i64) -> String {
    format!("/cooperations/{id}")
}

/// The body that was named by filing number or credit code, and whether by a number that begins with `S`.
fn find_partner(sight: &mut Sight<'_>, named: &str) -> Result<(i64, bool), Stop> {
    let named = named.trim().to_uppercase();
    let by_number = ledger::bearer(&mut sight.tx(), &named)?;
    let found = match by_number {
        Some(body) => Some(body),
        None => store::by_uscc(&mut sight.tx(), &named)?,
    };
    let found = found.ok_or_else(|| {
        Refusal::house("合作", format!("没有编号或统一社会信用代码为“{named}”的机构"))
            .remedy("请核对机构备案编号（13 位）或统一社会信用代码（18 位）；对方没有登记的，请联系系统管理员")
            .at("partner")
    })?;
    Ok((found, by_number.is_some() && named.starts_with('S')))
}

/// What an evaluator has in the directory under the identity that a kind of cooperation asks for.
struct Offer {
    name: String,
    listed: Vec<Listed>,
    /// Code and name.
    names: Vec<(String, String)>,
}

impl Offer {
    fn agreed(&self, scope: &[(String, Level)]) -> Vec<AgreedTrade> {
        let name = |code: &str| self.names.iter().find(|(known, _)| known == code).map(|(_, name)| name.clone());
        let agreed = scope.iter().map(|(code, level)| AgreedTrade {
            code: code.clone(),
            name: name(code).unwrap_or_else(|| code.clone()),
            level: *level,
            level_name: level.name().to_owned(),
        });
        agreed.collect()
    }
}

fn offer(sight: &mut Sight<'_>, evaluator: i64, kind: CooperationKind) -> Result<Offer, Stop> {
    let body_kind = crate::body::find(&mut sight.tx(), evaluator)?.ok_or(Stop::NotFound)?.kind;
    let mut offer = Offer { name: store::name(&mut sight.tx(), evaluator)?, listed: Vec::new(), names: Vec::new() };
    for entry in ledger::entries(&mut sight.tx(), evaluator)? {
        let letter = entry.number.chars().next().unwrap_or('Y');
        if cooperation::Identity::of(body_kind, letter) != kind.identity() {
            continue;
        }
        for scope in &entry.scopes {
            let (fact, span) = (&scope.version.fact, scope.version.span);
            offer.listed.push(Listed {
                code: fact.code.clone(),
                level: fact.level,
                from: span.from,
                until: span.until,
            });
            if !offer.names.iter().any(|(code, _)| *code == fact.code) {
                offer.names.push((fact.code.clone(), fact.name.clone()));
            }
        }
    }
    Ok(offer)
}

/// Whether the terms may stand today between these two.
fn stands(sight: &mut Sight<'_>, terms: &Terms, evaluator: i64, school: i64) -> Result<Offer, Stop> {
    let offer = offer(sight, evaluator, terms.kind)?;
    let school_kind = crate::body::find(&mut sight.tx(), school)?.ok_or(Stop::NotFound)?.kind;
    let parties = Parties { evaluator: &offer.name, listed: &offer.listed, school_kind, is_same: evaluator == school };
    may_stand(terms, &parties, sight.today())?;
    Ok(offer)
}

/// Takes a step on a cooperation by the side that the caller sits on, and tells the other.
fn step(desk: &mut Desk<'_>, id: i64, step: CooperationStep, reason: &str) -> Result<Done, Stop> {
    let found = store::find(&mut desk.tx(), id)?.ok_or(Stop::NotFound)?;
    let own = desk.caller().body().ok_or(Stop::NotFound)?;
    let state = next(found.kind, found.state, step, found.side_of(own))?;
    reason_given(found.kind, step, reason)?;
    if step == CooperationStep::Confirm {
        stands(desk, &found.terms(), found.evaluator, found.school)?;
    }
    let (today, by) = (desk.today(), desk.caller().name().to_owned());
    let by = format!("{}，{by}", desk.caller().seat_name());
    match step {
        CooperationStep::Confirm | CooperationStep::Decline => {
            store::answer(&mut desk.tx(), id, state, today, &by, reason.trim())?;
        }
        CooperationStep::Withdraw | CooperationStep::End => {
            store::end(&mut desk.tx(), id, state, today, &by, reason.trim())?;
        }
    }
    let other = if found.evaluator == own { found.school } else { found.evaluator };
    // The reason stands on the page: titles leave the house, and what someone typed does not.
    let said = format!("{}{}{}", desk.caller().seat_name(), step.name(), found.kind.name());
    desk.tell_body(other, said, page(id));
    if matches!(step, CooperationStep::Confirm | CooperationStep::End) {
        for centre in found.centres() {
            let said =
                format!("{}与{}的{}{}", found.evaluator_name, found.school_name, found.kind.name(), state.name());
            desk.tell_office(centre, said, page(id));
        }
    }
    Ok(Done {})
}

macro_rules! steps {
    ($($(#[doc = $doc:literal])* $name:ident, $step:ident;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
        pub struct $name {
            pub cooperation: i64,
            /// Why; the other side reads it.
            #[serde(default)]
            #[schema(max_length = 2000)]
            pub reason: String,
        }

        impl Act for $name {
            const KIND: ActKind = ActKind::$name;
            type Answer = Done;

            fn subject(&self) -> Subject {
                Subject::Cooperation(self.cooperation)
            }

            fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
                step(desk, self.cooperation, CooperationStep::$step, &self.reason)
            }
        }
    )*};
}

steps! {
    /// The head of the other side agrees: the school confirms the agreement, the organisation accepts the request.
    ConfirmCooperation, Confirm;
    /// The head of the other side does not agree, for a reason.
    DeclineCooperation, Decline;
    /// The proposer takes back what was not answered yet.
    WithdrawCooperation, Withdraw;
    /// Either side ends it, for a reason: no new batch rests on it, nobody more is registered.
    EndCooperation, End;
}

impl Cooperation {
    /// As a batch rests on it.
    pub(crate) fn basis(&self) -> cooperation::Cooperation {
        cooperation::Cooperation {
            kind: self.kind,
            state: self.state,
            school: self.school_name.clone(),
            from: self.from,
            until: self.until,
            scope: self.pairs(),
        }
    }

    /// Tells the school, and its centre where that is another, of a batch for its students.
    pub(crate) fn tell_of_batch(&self, desk: &mut Desk<'_>, batch: &str, starts_on: Date) {
        let said = format!("{}为{}的学生通报{batch}，{starts_on}开展", self.evaluator_name, self.school_name);
        desk.tell_body(self.school, said.clone(), page(self.id));
        if self.school_centre != self.evaluator_centre {
            desk.tell_office(&self.school_centre, said, page(self.id));
        }
    }

    fn side_of(&self, body: i64) -> Side {
        let proposer = if self.by_school { self.school } else { self.evaluator };
        if body == proposer { Side::Proposer } else { Side::Other }
    }

    fn pairs(&self) -> Vec<(String, Level)> {
        self.scope.iter().map(|trade| (trade.code.clone(), trade.level)).collect()
    }

    fn terms(&self) -> Terms {
        Terms {
            kind: self.kind,
            from: self.from,
            until: self.until,
            signed_on: self.signed_on,
            scope: self.pairs(),
            expected: self.expected,
            has_file: true,
        }
    }

    /// The centres in charge of the two, each once.
    fn centres(&self) -> Vec<String> {
        let mut centres = vec![self.evaluator_centre.clone(), self.school_centre.clone()];
        centres.dedup();
        centres
    }
}

/// One cooperation in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CooperationLine {
    pub id: i64,
    pub kind: CooperationKind,
    pub kind_name: String,
    pub state: CooperationState,
    pub state_name: String,
    pub evaluator: i64,
    pub evaluator_name: String,
    pub school: i64,
    pub school_name: String,
    pub from: Date,
    pub until: Date,
    pub trades: Vec<AgreedTrade>,
    /// Whether the caller's side has to answer it.
    pub waits_for_me: bool,
}

/// Cooperations within reach, the latest first; at most five hundred.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CooperationsView {
    pub cooperations: Vec<CooperationLine>,
    /// Whether the caller may propose one.
    pub may_propose: bool,
}

/// Which cooperations are there?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Cooperations {
    /// Only those in this state.
    pub state: Option<CooperationState>,
}

impl Look for Cooperations {
    const KIND: LookKind = LookKind::Cooperations;
    type View = CooperationsView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CooperationsView, Stop> {
        let (scope, own) = (sight.scope(), sight.caller().body());
        let found = store::list(&mut sight.tx(), &scope, self.state)?;
        let may_propose = match own {
            Some(body) => {
                let kind = crate::body::find(&mut sight.tx(), body)?.ok_or(Stop::NotFound)?.kind;
                kind != rules::jurisdiction::BodyKind::SocialOrganisation
            }
            None => false,
        };
        Ok(CooperationsView { cooperations: found.into_iter().map(|one| line(one, own)).collect(), may_propose })
    }
}

fn line(found: Cooperation, own: Option<i64>) -> CooperationLine {
    let waits = own.is_some_and(|own| found.side_of(own) == Side::Other) && found.state == CooperationState::Proposed;
    CooperationLine {
        id: found.id,
        kind: found.kind,
        kind_name: found.kind.name().into(),
        state: found.state,
        state_name: found.state.name().into(),
        evaluator: found.evaluator,
        evaluator_name: found.evaluator_name,
        school: found.school,
        school_name: found.school_name,
        from: found.from,
        until: found.until,
        trades: found.scope,
        waits_for_me: waits,
    }
}

/// A batch that is held for the school's students.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HeldBatch {
    pub id: i64,
    pub number: String,
    pub title: String,
    pub trade: String,
    pub level: Level,
    pub level_name: String,
    pub stage: BatchStage,
    pub stage_name: String,
    pub starts_on: Date,
    pub expected: i64,
    /// Candidates who are registered and not withdrawn.
    pub registered: i64,
    /// Certificates that were issued.
    pub issued: i64,
}

/// One cooperation with what became of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CooperationView {
    #[serde(flatten)]
    #[schema(inline)]
    pub line: CooperationLine,
    pub signed_on: Date,
    pub expected: i64,
    pub note: String,
    pub file: FileHash,
    pub file_name: String,
    pub by_school: bool,
    pub proposed_on: Date,
    pub proposed_by: String,
    pub answered_on: Option<Date>,
    pub answered_by: Option<String>,
    pub answer: Option<String>,
    pub ended_on: Option<Date>,
    pub ended_by: Option<String>,
    pub end_reason: Option<String>,
    pub batches: Vec<HeldBatch>,
    /// The acts that the caller may do on it now.
    #[schema(value_type = Vec<String>)]
    pub acts: Vec<ActKind>,
    /// Whether the batches are the caller's own or in its charge, to be opened.
    pub opens_batches: bool,
    pub today: Date,
}

/// How does this cooperation stand, and which batches rest on it?
#[derive(Debug, Deserialize, ToSchema)]
pub struct CooperationDetail {
    pub cooperation: i64,
}

impl Look for CooperationDetail {
    const KIND: LookKind = LookKind::Cooperations;
    type View = CooperationView;

    fn subject(&self) -> Subject {
        Subject::Cooperation(self.cooperation)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CooperationView, Stop> {
        let found = store::find(&mut sight.tx(), self.cooperation)?.ok_or(Stop::NotFound)?;
        let batches = store::batches(&mut sight.tx(), self.cooperation)?;
        let (role, own, office) = (sight.caller().role(), sight.caller().body(), sight.caller().office());
        let may = |step: CooperationStep, act: ActKind| {
            let granted = rules::permission::may(role, act).is_some();
            let stands = own.is_some_and(|own| next(found.kind, found.state, step, found.side_of(own)).is_ok());
            (granted && stands).then_some(act)
        };
        let acts = [
            may(CooperationStep::Confirm, ActKind::ConfirmCooperation),
            may(CooperationStep::Decline, ActKind::DeclineCooperation),
            may(CooperationStep::Withdraw, ActKind::WithdrawCooperation),
            may(CooperationStep::End, ActKind::EndCooperation),
        ];
        let opens_batches = match (own, office) {
            (Some(own), _) => own == found.evaluator,
            (None, Some(office)) => {
                role == rules::people::Role::ProvincialCentre
                    || role == rules::people::Role::ProvincialDepartment
                    || office == found.evaluator_centre
                    || Some(office) == found.evaluator_bureau.as_deref()
            }
            (None, None) => false,
        };
        Ok(CooperationView {
            signed_on: found.signed_on,
            expected: found.expected,
            note: found.note.clone(),
            file: found.file.clone(),
            file_name: found.file_name.clone(),
            by_school: found.by_school,
            proposed_on: found.proposed_on,
            proposed_by: found.proposed_by.clone(),
            answered_on: found.answered_on,
            answered_by: found.answered_by.clone(),
            answer: found.answer.clone(),
            ended_on: found.ended_on,
            ended_by: found.ended_by.clone(),
            end_reason: found.end_reason.clone(),
            batches,
            acts: acts.into_iter().flatten().collect(),
            opens_batches,
            today: sight.today(),
            line: line(found, own),
        })
    }
}

/// An evaluator in the directory that may be asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EvaluatorChoice {
    pub number: String,
    pub name: String,
}

/// With whom, and for what, a cooperation may be proposed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CooperationOfferView {
    /// Enterprises and organisations in the directory today, for a school to choose from.
    pub evaluators: Vec<EvaluatorChoice>,
    /// Whether the caller is the evaluator, whose own scope it is.
    pub is_evaluator: bool,
    /// The kind of cooperation that it would be; none before a partner is named.
    pub kind: Option<CooperationKind>,
    pub evaluator_name: String,
    /// What the evaluator may assess.
    pub trades: Vec<AgreedTrade>,
}

/// With whom may I cooperate, and for what?
#[derive(Debug, Deserialize, ToSchema)]
pub struct CooperationOffer {
    /// The filing number of an evaluator.
    #[schema(max_length = 18)]
    pub partner: Option<String>,
}

impl Look for CooperationOffer {
    const KIND: LookKind = LookKind::Cooperations;
    type View = CooperationOfferView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<CooperationOfferView, Stop> {
        let (own, today) = (sight.caller().body().ok_or(Stop::NotFound)?, sight.today());
        let own_kind = crate::body::find(&mut sight.tx(), own)?.ok_or(Stop::NotFound)?.kind;
        let is_evaluator = own_kind == rules::jurisdiction::BodyKind::Enterprise;
        let evaluators = match is_evaluator {
            true => Vec::new(),
            false => store::evaluators(&mut sight.tx(), today, own)?,
        };
        let named = self.partner.as_deref().map(str::trim).filter(|partner| !partner.is_empty());
        let chosen = match (is_evaluator, named) {
            (true, _) => Some((own, CooperationKind::Agreement)),
            (false, None) => None,
            (false, Some(partner)) => {
                let (partner, selected) = find_partner(sight, partner)?;
                let kind = crate::body::find(&mut sight.tx(), partner)?.ok_or(Stop::NotFound)?.kind;
                Some((partner, proposed(own_kind, kind, selected)?.0))
            }
        };
        let mut view = CooperationOfferView {
            evaluators,
            is_evaluator,
            kind: chosen.map(|(_, kind)| kind),
            evaluator_name: String::new(),
            trades: Vec::new(),
        };
        if let Some((evaluator, kind)) = chosen {
            let offer = offer(sight, evaluator, kind)?;
            let mut scope: Vec<(String, Level)> = Vec::new();
            for one in offer.listed.iter().filter(|one| one.until >= today) {
                if !scope.contains(&(one.code.clone(), one.level)) {
                    scope.push((one.code.clone(), one.level));
                }
            }
            view.trades = offer.agreed(&scope);
            view.evaluator_name = offer.name;
        }
        Ok(view)
    }
}

/// Who has to answer is told so: the head decides.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let Some(own) = sight.caller().body() else { return Ok(Vec::new()) };
    let (scope, reference) = (sight.scope(), sight.reference());
    let found = store::list(&mut sight.tx(), &scope, Some(CooperationState::Proposed))?;
    let tasks = found.into_iter().map(|one| {
        let (kind, href) = (one.kind, page(one.id));
        let due = reference.calendar.add(one.proposed_on, ANSWER_WITHIN).ok();
        let other = if one.school == own { &one.evaluator_name } else { &one.school_name };
        let clause: Clause = kind.clause();
        match one.side_of(own) {
            Side::Other => {
                let detail = format!("{other}提出，由负责人答复");
                Task::new(clause, format!("答复{other}的{}", kind.name()), detail, href).due(due)
            }
            Side::Proposer => {
                Task::new(clause, format!("等待{other}答复{}", kind.name()), "答复之前可以撤回", href).waiting()
            }
        }
    });
    Ok(tasks.collect())
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<ProposeCooperation>("/cooperations")
        .look::<Cooperations>("/cooperations", "院校合作：企校协议与认定需求")
        .look::<CooperationOffer>("/cooperation-offer", "可以合作的机构、职业与等级")
        .look::<CooperationDetail>("/cooperations/{cooperation}", "一项院校合作")
        .act::<ConfirmCooperation>("/cooperations/{cooperation}/confirmation")
        .act::<DeclineCooperation>("/cooperations/{cooperation}/decline")
        .act::<WithdrawCooperation>("/cooperations/{cooperation}/withdrawal")
        .act::<EndCooperation>("/cooperations/{cooperation}/end")
}
