//! What pages, the API and the command line ask about filings: the list, one filing with everything in it, its files
//! and its receipt.

use jiff::civil::Date;
use rules::Day;
use rules::certificate::Level;
use rules::evaluation::TradeOutcome;
use rules::filing::{
    Completeness, FilingStage, FilingStep, MaterialItem, MaterialPer, PersonKind, SiteKind, completeness,
    may_give_back, may_receipt,
};
use rules::jurisdiction::{BodyKind, PROVINCE_CENTRE};
use rules::people::Role;
use rules::permission::{ActKind, LookKind};
use rules::register::CardState;
use rules::submission::{Entry, FilingPart, PartChange, Snapshot, changes};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::content;
use super::draft::{BodyForm, load, load_dossier, requirements};
use super::lists::MajorLine;
use super::store::{self, Dossier, Filing};
use crate::door::{FileHash, Look, Sight, Stop, Subject};
use crate::evaluation::{self, EvaluationBrief};

/// One filing in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FilingLine {
    pub id: i64,
    pub body: i64,
    pub body_name: String,
    pub stage: FilingStage,
    pub stage_name: String,
    pub opened_on: Date,
    pub submitted_on: Option<Date>,
    /// The last day for accepting it, while it waits for that.
    pub accept_due_on: Option<Date>,
    pub number: Option<String>,
    pub valid_until: Option<Date>,
    /// The name of the centre in charge.
    pub centre: String,
    /// Whose turn it is, in words; empty where nobody's is.
    pub waits_for: String,
}

/// Filings within reach, the latest first; at most a thousand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FilingsView {
    pub filings: Vec<FilingLine>,
    /// Whether the caller may start one now.
    pub may_open: bool,
    pub today: Date,
}

/// Which filings are there?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Filings {
    /// Only those at this stage.
    pub stage: Option<FilingStage>,
}

impl Look for Filings {
    const KIND: LookKind = LookKind::Filings;
    type View = FilingsView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FilingsView, Stop> {
        let (scope, today, body) = (sight.scope(), sight.today(), sight.caller().body());
        let filings = store::list(&mut sight.tx(), &scope, self.stage)?;
        let may_open = match body {
            Some(body) => {
                let found = crate::body::find(&mut sight.tx(), body)?.ok_or(Stop::NotFound)?;
                rules::filing::files_under(found.kind).is_ok() && store::open_of_body(&mut sight.tx(), body)?.is_none()
            }
            None => false,
        };
        Ok(FilingsView { filings: filings.into_iter().map(line).collect(), may_open, today })
    }
}

fn line(filing: Filing) -> FilingLine {
    let (stage, track) = (filing.stage, filing.track());
    FilingLine {
        waits_for: stage.awaits(track).map(|step| step.by(track).name().to_owned()).unwrap_or_default(),
        id: filing.id,
        body: filing.body,
        body_name: filing.body_name,
        stage,
        stage_name: stage.name().into(),
        opened_on: filing.opened_on,
        submitted_on: filing.submitted_on,
        accept_due_on: filing.accept_due_on.filter(|_| stage == FilingStage::Submitted),
        number: filing.number,
        valid_until: filing.valid_until,
        centre: filing.centre_name,
    }
}

/// One occupation at one level, with what the reviewer has to ask.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TradeView {
    /// What a reason for giving back names it by.
    pub key: String,
    pub code: String,
    pub name: String,
    pub work_type: String,
    pub level: Level,
    pub level_name: String,
    /// The main major that it fits.
    pub major: String,
    /// The national standard with its edition; empty while not stated.
    pub standard: String,
    pub papers: String,
    /// Persons a year.
    pub capacity: i64,
    /// Whether it was found qualified; none before the assessment.
    pub passed: Option<bool>,
    pub reason: String,
    /// Whether the body asks to assess others than its own students (三（四）), and whether the reviewer agrees.
    pub asks_public: bool,
    pub for_public: bool,
    /// What the tables can't tell for certain (一（三）, 一（四）).
    pub questions: Vec<String>,
}

/// Someone of the staff.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonView {
    /// What a reason for giving back names the row by.
    pub key: String,
    pub kind: PersonKind,
    pub kind_name: String,
    pub name: String,
    pub trade_code: Option<String>,
    /// The occupation, or that the person serves all.
    pub trade_name: String,
    pub level_max: Option<Level>,
    pub level_name: String,
    pub card_number: String,
    pub card_valid_until: Option<Date>,
    /// Whether the card has run out.
    pub is_expired: bool,
    /// What the provincial register says of the card; a hint for the reviewer, nothing is refused for it.
    pub in_register: CardInRegister,
}

/// How a card that a filing names stands in the provincial register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardInRegister {
    /// No card was named.
    NotAsked,
    Valid,
    Suspended,
    Expired,
    /// It bears another name there.
    OtherName,
    Unknown,
}

impl CardInRegister {
    /// The kind of tag and the words, where there is something to say.
    pub const fn tag(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::NotAsked => None,
            Self::Valid => Some(("ok", "名册有效")),
            Self::Suspended => Some(("danger", "名册中已暂停")),
            Self::Expired => Some(("warn", "名册中已到期")),
            Self::OtherName => Some(("warn", "名册中不是此人")),
            Self::Unknown => Some(("neutral", "不在名册")),
        }
    }
}

/// A room, station, machine or camera.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SiteView {
    /// What a reason for giving back names the row by.
    pub key: String,
    pub kind: SiteKind,
    pub kind_name: String,
    pub name: String,
    pub trade_code: Option<String>,
    pub trade_name: String,
    pub count: i64,
    pub note: String,
    pub days_kept: Option<i64>,
}

/// An item of the checklist with the files attached to it; one line per occupation where it is asked for so.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChecklistView {
    /// What a reason for giving back names it by.
    pub key: String,
    pub code: String,
    pub title: String,
    pub required: bool,
    /// What it takes: `PDF、JPG，不超过 32 MB，最多 10 个文件`; empty for an item that is no longer asked for.
    pub takes: String,
    pub trade_code: Option<String>,
    pub trade_name: String,
    pub files: Vec<MaterialView>,
}

/// An attached file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MaterialView {
    pub id: i64,
    pub name: String,
    pub file: FileHash,
    /// In bytes.
    pub size: i64,
    /// When it was attached, as people read it.
    pub attached: String,
}

/// A step of the way, taken or to be taken.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StepView {
    pub label: String,
    /// `done`, `now`, `next`.
    pub state: String,
    pub on: Option<Date>,
    /// Who took it, or whose it is.
    pub who: String,
    pub note: String,
    pub clause: String,
}

/// Once given back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReturnView {
    pub returned_on: Date,
    /// About the whole.
    pub reasons: Vec<String>,
    /// About a part, or a row of it.
    pub parts: Vec<ReasonView>,
    pub by: String,
    /// The office that gave it back; empty where it was not noted.
    pub seat: String,
}

/// A reason for giving back that is about a part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReasonView {
    pub part: FilingPart,
    pub part_name: String,
    /// The key of the row; empty for the part as a whole.
    pub about: String,
    /// The row in words.
    pub label: String,
    pub text: String,
}

/// A part as it stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartView {
    pub part: FilingPart,
    pub name: String,
    /// The mark of what it says, which an act that writes it may send back as `seen`.
    pub seen: String,
    /// How many of its checks hold, out of how many.
    pub done: usize,
    pub total: usize,
    /// Whether it says something else than at the last submission.
    pub is_changed: bool,
    /// What it says, entry by entry; reasons name them by their keys.
    pub entries: Vec<Entry>,
}

/// What changed between the last two submissions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChangesView {
    /// The number of the later submission; the first is 1.
    pub no: i64,
    pub before_on: Date,
    pub after_on: Date,
    pub by: String,
    pub parts: Vec<PartChange>,
}

/// One filing with everything in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FilingDetailView {
    #[serde(flatten)]
    #[schema(inline)]
    pub line: FilingLine,
    pub body_kind: String,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) kind: BodyKind,
    pub affiliation: String,
    pub uscc: String,
    /// The highest level that the body may file.
    pub level_cap: Level,
    /// The name of the bureau that consents; none where the provincial centre assesses.
    pub bureau: Option<String>,
    /// What the form says, or what the body was registered with while it is not filled in.
    pub form: BodyForm,
    pub trades: Vec<TradeView>,
    pub people: Vec<PersonView>,
    pub sites: Vec<SiteView>,
    pub checklist: Vec<ChecklistView>,
    /// The school's catalogue of majors.
    pub majors: Vec<MajorLine>,
    /// From when the checklist holds that it is asked for.
    pub checklist_since: Option<Date>,
    pub completeness: Completeness,
    pub is_ready: bool,
    pub parts: Vec<PartView>,
    /// What changed since the submission before; none before the second.
    pub changes: Option<ChangesView>,
    pub steps: Vec<StepView>,
    pub returns: Vec<ReturnView>,
    pub assessment: Option<String>,
    pub consent: Option<String>,
    pub ministry_reference: Option<String>,
    pub ministry_on: Option<Date>,
    pub listed_on: Option<Date>,
    pub valid_from: Option<Date>,
    pub receipt_on: Option<Date>,
    /// The evaluation on site, once it has a day.
    pub evaluation: Option<EvaluationBrief>,
    /// Whether the assessment waits for the evaluation.
    pub awaits_evaluation: bool,
    /// The acts that the caller may do on it now.
    pub acts: Vec<ActKind>,
}

impl FilingDetailView {
    /// Whether the caller may do this now.
    pub fn may(&self, act: ActKind) -> bool {
        self.acts.contains(&act)
    }

    /// What the panel came to for an occupation.
    pub fn outcome(&self, code: &str) -> Option<&TradeOutcome> {
        self.evaluation.iter().flat_map(|one| &one.outcomes).find(|outcome| outcome.code == code)
    }
}

/// What is in this filing, what is missing, how far is it?
#[derive(Debug, Deserialize, ToSchema)]
pub struct FilingDetail {
    pub filing: i64,
}

impl Look for FilingDetail {
    const KIND: LookKind = LookKind::Filings;
    type View = FilingDetailView;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FilingDetailView, Stop> {
        let (today, role) = (sight.today(), sight.caller().role());
        let dossier = load_dossier(sight, self.filing)?;
        let filing = &dossier.filing;
        let requirements = requirements(sight, filing)?;
        let body = crate::body::find(&mut sight.tx(), filing.body)?.ok_or(Stop::NotFound)?;
        let returns = store::returns(&mut sight.tx(), filing.id)?;
        let history = store::history(&mut sight.tx(), filing.id)?;
        let registered = || BodyForm {
            address: body.address.clone(),
            legal_representative: body.legal_representative.clone(),
            head: body.head.clone(),
            contact: body.contact.clone(),
            phone: body.phone.clone(),
            superior: body.superior.clone(),
            station_name: body.station_name.clone(),
            station_number: body.station_number.clone(),
            ..BodyForm::default()
        };
        let completeness = completeness(&dossier.facts(), &requirements, today);
        let (evaluation, awaits_evaluation) = evaluation::brief(sight, self.filing)?;
        let mut acts = acts(filing, role);
        acts.retain(|act| *act != ActKind::AssessFiling || !awaits_evaluation);
        let said = content::snapshot(&dossier, &requirements.checklist);
        let submissions = store::submissions(&mut sight.tx(), filing.id)?;
        let changes = match submissions.as_slice() {
            [after, before] => Some(ChangesView {
                no: after.no,
                before_on: before.on,
                after_on: after.on,
                by: after.by.clone(),
                parts: changes(&before.content, &after.content),
            }),
            _ => None,
        };
        let lists = &sight.reference().checklists;
        Ok(FilingDetailView {
            checklist_since: lists.since(filing.applied_on.unwrap_or(today)),
            majors: dossier.majors.clone(),
            parts: parts(&said, submissions.first().map(|last| &last.content), &completeness),
            changes,
            body_kind: body.kind.name().into(),
            kind: body.kind,
            affiliation: body.affiliation.name().into(),
            uscc: body.uscc.clone(),
            level_cap: body.level_cap,
            bureau: body.bureau_name.clone(),
            form: filing.form.clone().unwrap_or_else(registered),
            trades: trades(sight, &dossier),
            people: people(&dossier, &crate::register::in_filing(&mut sight.tx(), self.filing, today)?, today),
            sites: sites(&dossier),
            checklist: checklist(&dossier, &requirements.checklist),
            is_ready: completeness.is_ready(),
            completeness,
            steps: steps(filing, &history),
            returns: returns.into_iter().map(returned).collect(),
            assessment: filing.assessment.clone(),
            consent: filing.consent.clone(),
            ministry_reference: filing.ministry_reference.clone(),
            ministry_on: filing.ministry_on,
            listed_on: filing.listed_on,
            valid_from: filing.valid_from,
            receipt_on: filing.receipt_on,
            evaluation,
            awaits_evaluation,
            acts,
            line: line(dossier.filing),
        })
    }
}

/// What this role may do on the filing now. Whose it is, the door has asked before.
pub(super) fn acts(filing: &Filing, role: Role) -> Vec<ActKind> {
    use ActKind as A;
    let (stage, track) = (filing.stage, filing.track());
    let mut acts = Vec::new();
    if matches!(stage, FilingStage::Drafting | FilingStage::Returned) && role.sits_in_body() {
        acts.extend([
            A::DescribeBody,
            A::PlanTrades,
            A::ListPeople,
            A::ListSites,
            A::AttachMaterial,
            A::RemoveMaterial,
            A::ImportPeople,
            A::ImportSites,
        ]);
    }
    if let Some(step) = stage.awaits(track).filter(|step| step.by(track) == role) {
        acts.push(kind_of(step));
    }
    if may_give_back(stage, track, role).is_ok() {
        acts.push(A::GiveBackFiling);
    }
    if role == Role::ProvincialCentre && may_receipt(stage, filing.receipt_on.is_some(), track).is_ok() {
        acts.push(A::IssueReceipt);
    }
    acts
}

/// The act that takes a step.
pub(super) const fn kind_of(step: FilingStep) -> ActKind {
    match step {
        FilingStep::Submit => ActKind::SubmitFiling,
        FilingStep::GiveBack => ActKind::GiveBackFiling,
        FilingStep::Accept => ActKind::AcceptFiling,
        FilingStep::Assess { .. } => ActKind::AssessFiling,
        FilingStep::Consent => ActKind::ConsentFiling,
        FilingStep::Summarise => ActKind::SummariseFiling,
        FilingStep::RecordMinistry => ActKind::RecordMinistryFiling,
        FilingStep::List => ActKind::ListFiling,
    }
}

fn returned(back: store::Return) -> ReturnView {
    let reason = |reason: store::Reason| ReasonView {
        part: reason.part,
        part_name: reason.part.name().into(),
        about: reason.about,
        label: reason.label,
        text: reason.text,
    };
    ReturnView {
        returned_on: back.on,
        reasons: back.reasons,
        parts: back.parts.into_iter().map(reason).collect(),
        by: back.by,
        seat: back.seat,
    }
}

/// The codes of the checks that a part has to pass.
pub(super) fn checks_of(part: FilingPart) -> Vec<&'static str> {
    match part {
        FilingPart::People => PersonKind::ALL.iter().map(|kind| kind.code()).collect(),
        FilingPart::Sites => SiteKind::ALL.iter().map(|kind| kind.code()).collect(),
        other => vec![other.code()],
    }
}

fn parts(said: &Snapshot, last: Option<&Snapshot>, completeness: &Completeness) -> Vec<PartView> {
    let view = |&part: &FilingPart| {
        let codes = checks_of(part);
        let checks: Vec<_> = completeness.items.iter().filter(|item| codes.contains(&item.code.as_str())).collect();
        let seen = content::mark(said, part);
        PartView {
            part,
            name: part.name().into(),
            done: checks.iter().filter(|item| item.done).count(),
            total: checks.len(),
            is_changed: last.is_none_or(|last| content::mark(last, part) != seen),
            seen,
            entries: said.entries(part).to_vec(),
        }
    };
    FilingPart::ALL.iter().map(view).collect()
}

fn trades(sight: &Sight<'_>, dossier: &Dossier) -> Vec<TradeView> {
    let (reference, catalogue) = (sight.reference(), dossier.catalogue());
    let on = dossier.filing.submitted_on.unwrap_or(sight.today());
    let asked = |trade: &store::Trade| {
        let of_tables = reference.trades.may_be_filed(&trade.code, trade.level, on);
        let mut questions = of_tables.unwrap_or_else(|refusal| vec![format!("{}。{}", refusal.what, refusal.remedy)]);
        if !catalogue.is_empty() {
            questions.extend(rules::major::questions(&catalogue, &trade.major));
        }
        questions
    };
    let view = |trade: &store::Trade| TradeView {
        key: content::trade_key(trade),
        questions: asked(trade),
        code: trade.code.clone(),
        name: trade.name.clone(),
        work_type: trade.work_type.clone(),
        level: trade.level,
        level_name: trade.level.name().into(),
        major: trade.major.clone(),
        standard: trade.standard_label(),
        papers: trade.papers.clone(),
        capacity: trade.capacity,
        passed: trade.passed,
        reason: trade.reason.clone(),
        asks_public: trade.asks_public,
        for_public: trade.for_public,
    };
    dossier.trades.iter().map(view).collect()
}

fn people(
    dossier: &Dossier,
    register: &std::collections::HashMap<String, (CardState, String)>,
    today: Day,
) -> Vec<PersonView> {
    let stands = |number: &str, name: &str| match register.get(number) {
        _ if number.is_empty() => CardInRegister::NotAsked,
        None => CardInRegister::Unknown,
        Some((_, bearer)) if bearer != name => CardInRegister::OtherName,
        Some((CardState::Valid, _)) => CardInRegister::Valid,
        Some((CardState::Suspended, _)) => CardInRegister::Suspended,
        Some((CardState::Expired, _)) => CardInRegister::Expired,
    };
    let view = |person: &super::draft::ListedPerson| PersonView {
        key: content::person_key(person),
        kind: person.kind,
        kind_name: person.kind.name().into(),
        name: person.name.clone(),
        trade_name: trade_name(dossier, person.trade_code.as_deref()),
        trade_code: person.trade_code.clone(),
        level_max: person.level_max,
        level_name: person.level_max.map(|level| level.name().to_owned()).unwrap_or_default(),
        card_number: person.card_number.clone(),
        card_valid_until: person.card_valid_until,
        is_expired: person.card_valid_until.is_some_and(|until| until < today),
        in_register: stands(&person.card_number, &person.name),
    };
    dossier.people.iter().map(view).collect()
}

fn sites(dossier: &Dossier) -> Vec<SiteView> {
    let view = |site: &super::draft::ListedSite| SiteView {
        key: content::site_key(site),
        kind: site.kind,
        kind_name: site.kind.name().into(),
        name: site.name.clone(),
        trade_name: trade_name(dossier, site.trade_code.as_deref()),
        trade_code: site.trade_code.clone(),
        count: site.count,
        note: site.note.clone(),
        days_kept: site.days_kept,
    };
    dossier.sites.iter().map(view).collect()
}

/// The occupation of this code in the filing; without a code, all of them.
fn trade_name(dossier: &Dossier, code: Option<&str>) -> String {
    match code {
        None => "全部职业".into(),
        Some(code) => dossier
            .trades
            .iter()
            .find(|trade| trade.code == code)
            .map_or_else(|| code.to_owned(), |trade| trade.name.clone()),
    }
}

fn checklist(dossier: &Dossier, items: &[MaterialItem]) -> Vec<ChecklistView> {
    let mut codes: Vec<&str> = Vec::new();
    for trade in &dossier.trades {
        if !codes.contains(&trade.code.as_str()) {
            codes.push(&trade.code);
        }
    }
    let file = |material: &store::Material| MaterialView {
        id: material.id,
        name: material.name.clone(),
        file: material.file.clone(),
        size: material.size,
        attached: crate::door::clock::read_out(material.attached_at),
    };
    let view = |item: &MaterialItem, code: Option<&str>| ChecklistView {
        key: content::material_key(&item.code, code),
        takes: format!("{}，不超过 {} MB，最多 {} 个文件", item.types_named(), item.largest_mb, item.files_max),
        code: item.code.clone(),
        title: item.title.clone(),
        required: item.required,
        trade_code: code.map(str::to_owned),
        trade_name: code.map(|code| trade_name(dossier, Some(code))).unwrap_or_default(),
        files: dossier
            .materials
            .iter()
            .filter(|material| material.code == item.code && material.trade_code.as_deref() == code)
            .map(file)
            .collect(),
    };
    let mut lines: Vec<ChecklistView> = items
        .iter()
        .flat_map(|item| match item.per {
            MaterialPer::Body => vec![view(item, None)],
            MaterialPer::Trade => codes.iter().map(|code| view(item, Some(code))).collect(),
        })
        .collect();
    // What was attached to an item that the list no longer has, or to an occupation that was taken off the plan, is shown:
    // it can be read and removed.
    for material in &dossier.materials {
        let key = content::material_key(&material.code, material.trade_code.as_deref());
        match lines.iter_mut().find(|line| line.key == key) {
            Some(line) if line.takes.is_empty() => line.files.push(file(material)),
            Some(_) => {}
            None => {
                let item = items.iter().find(|item| item.code == material.code);
                lines.push(ChecklistView {
                    key,
                    code: material.code.clone(),
                    title: format!("清单以外的材料（{}）", item.map_or(&material.code, |item| &item.title)),
                    required: false,
                    takes: String::new(),
                    trade_code: material.trade_code.clone(),
                    trade_name: material.trade_code.clone().unwrap_or_default(),
                    files: vec![file(material)],
                });
            }
        }
    }
    lines
}

/// The steps of the way in order, each with who took it and when, as the record says.
fn steps(filing: &Filing, history: &[store::Step]) -> Vec<StepView> {
    let (stage, track) = (filing.stage, filing.track());
    let order = [
        (FilingStep::Submit, FilingStage::Submitted),
        (FilingStep::Accept, FilingStage::Accepted),
        (FilingStep::Assess { passed: true }, FilingStage::Assessed),
        (FilingStep::Consent, FilingStage::Consented),
        (FilingStep::Summarise, FilingStage::Summarised),
        (FilingStep::RecordMinistry, FilingStage::Reported),
        (FilingStep::List, FilingStage::Listed),
    ];
    let way: Vec<_> = order.into_iter().filter(|(_, to)| track.passes(*to)).collect();
    // A refused assessment ends the way where a passed one would have led on.
    let reached = if stage == FilingStage::Rejected { FilingStage::Assessed } else { stage };
    let taken = way.iter().position(|(_, to)| *to == reached).map_or(0, |at| at + 1);
    let latest = |act: ActKind| history.iter().rev().find(|step| step.act == act.code());
    let view = |act: ActKind, by: Role, clause: Clause, state: &str, note: String| {
        let done = latest(act).filter(|_| state == "done");
        StepView {
            label: act.name().into(),
            state: state.into(),
            on: done.map(|step| step.on),
            who: done.map_or_else(|| by.name().to_owned(), |step| format!("{}，{}", step.seat, step.who)),
            note,
            clause: clause.id().into(),
        }
    };
    let mut views = vec![view(ActKind::OpenFiling, Role::Clerk, Clause::S2_1_1A, "done", String::new())];
    for (at, (step, _)) in way.iter().enumerate() {
        let state = match at {
            at if at < taken => "done",
            at if at == taken && stage != FilingStage::Rejected => "now",
            _ => "next",
        };
        let note = match step {
            _ if state != "done" => String::new(),
            FilingStep::Assess { .. } => {
                let word = if stage == FilingStage::Rejected { "不合格" } else { "合格" };
                said(word, filing.assessment.as_deref())
            }
            FilingStep::Consent => said("同意", filing.consent.as_deref()),
            FilingStep::RecordMinistry => filing.ministry_reference.clone().unwrap_or_default(),
            FilingStep::List => filing.number.clone().unwrap_or_default(),
            _ => String::new(),
        };
        views.push(view(kind_of(*step), step.by(track), step.clause(track), state, note));
    }
    let state = match (filing.receipt_on, stage) {
        (Some(_), _) => "done",
        (None, FilingStage::Listed) => "now",
        _ => "next",
    };
    views.push(view(ActKind::IssueReceipt, Role::ProvincialCentre, Clause::S2_1_3B, state, String::new()));
    views
}

fn said(word: &str, opinion: Option<&str>) -> String {
    match opinion.filter(|opinion| !opinion.is_empty()) {
        Some(opinion) => format!("{word}：{opinion}"),
        None => word.to_owned(),
    }
}

/// One file of a filing, for those in whose reach the filing is.
#[derive(Debug, Deserialize, ToSchema)]
pub struct MaterialFile {
    pub filing: i64,
    pub material: i64,
}

/// Where the file is kept and how it is called.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MaterialFileView {
    pub file: FileHash,
    pub name: String,
    /// `pdf`, `jpeg`, `png`, `zip`.
    pub kind: String,
}

impl Look for MaterialFile {
    const KIND: LookKind = LookKind::Filings;
    type View = MaterialFileView;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<MaterialFileView, Stop> {
        let materials = store::materials(&mut sight.tx(), self.filing)?;
        let found = materials.into_iter().find(|material| material.id == self.material).ok_or(Stop::NotFound)?;
        Ok(MaterialFileView { file: found.file, name: found.name, kind: found.kind })
    }
}

/// What the receipt says (二（一）3).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReceiptView {
    pub body_name: String,
    pub number: String,
    pub valid_from: Date,
    pub valid_until: Date,
    pub scope: Vec<ReceiptScope>,
    /// The centre that hands it out.
    pub centre_name: String,
    pub issued_on: Date,
    /// Whether it confirms a renewal.
    #[serde(default)]
    pub renewed: bool,
}

/// An occupation on the receipt with its levels.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReceiptScope {
    pub code: String,
    pub occupation: String,
    pub work_type: Option<String>,
    /// Levels in full, lowest skill first.
    pub levels: Vec<String>,
}

impl ReceiptView {
    /// The document; `address` is where the entry of the directory can be read.
    pub(crate) fn print(&self, address: Option<String>) -> press::Receipt {
        press::Receipt {
            body_name: self.body_name.clone(),
            number: self.number.clone(),
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            scope: self
                .scope
                .iter()
                .map(|scope| press::Scope {
                    code: scope.code.clone(),
                    occupation: scope.occupation.clone(),
                    work_type: scope.work_type.clone(),
                    levels: scope.levels.clone(),
                })
                .collect(),
            centre_name: self.centre_name.clone(),
            issued_on: self.issued_on,
            renewed: self.renewed,
            qr_text: address,
        }
    }
}

/// What the receipt of this filing says?
#[derive(Debug, Deserialize, ToSchema)]
pub struct FilingReceipt {
    pub filing: i64,
}

impl Look for FilingReceipt {
    const KIND: LookKind = LookKind::Filings;
    type View = ReceiptView;

    fn subject(&self) -> Subject {
        Subject::Filing(self.filing)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ReceiptView, Stop> {
        let filing = load(sight, self.filing)?;
        let absent = || {
            Refusal::new(Clause::S2_1_3B, "备案回执尚未发放").remedy("列入机构目录后，由省中心发放回执，发放后可下载")
        };
        let issued_on = filing.receipt_on.ok_or_else(absent)?;
        Ok(receipt(sight, self.filing, issued_on)?.ok_or_else(absent)?)
    }
}

/// The receipt of a filing as it would be on a day; none before the filing is listed.
pub(super) fn receipt(sight: &mut Sight<'_>, filing: i64, issued_on: Day) -> Result<Option<ReceiptView>, Stop> {
    let filing = load(sight, filing)?;
    let (Some(number), Some(valid_from), Some(valid_until)) = (filing.number, filing.valid_from, filing.valid_until)
    else {
        return Ok(None);
    };
    let mut trades = store::trades(&mut sight.tx(), filing.id)?;
    trades.retain(|trade| trade.passed == Some(true));
    trades.sort_by(|a, b| (&a.code, &a.work_type, a.level).cmp(&(&b.code, &b.work_type, b.level)));
    let scope = receipt_scope(trades.into_iter().map(|trade| (trade.code, trade.name, trade.work_type, trade.level)));
    let centre_name = store::office_name(&mut sight.tx(), PROVINCE_CENTRE)?;
    Ok(Some(ReceiptView {
        body_name: filing.body_name,
        number,
        valid_from,
        valid_until,
        scope,
        centre_name,
        issued_on,
        renewed: false,
    }))
}

/// Occupations with their levels as a receipt lists them; they come by code, work type and level.
pub(crate) fn receipt_scope(trades: impl Iterator<Item = (String, String, String, Level)>) -> Vec<ReceiptScope> {
    let mut scope: Vec<ReceiptScope> = Vec::new();
    for (code, occupation, work_type, level) in trades {
        let work_type = Some(work_type).filter(|work_type| !work_type.is_empty());
        match scope.last_mut().filter(|last| last.code == code && last.work_type == work_type) {
            Some(last) => last.levels.push(level.name().into()),
            None => scope.push(ReceiptScope { code, occupation, work_type, levels: vec![level.name().into()] }),
        }
    }
    scope
}

/// The name of the centre that hands out receipts.
pub(crate) fn receipt_centre(sight: &mut Sight<'_>) -> Result<String, Stop> {
    Ok(store::office_name(&mut sight.tx(), PROVINCE_CENTRE)?)
}
