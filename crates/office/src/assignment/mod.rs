//! 一（二）2 and 三（一）: who examines a batch. The body assigns assessors with the head of each group, invigilators and its own
//! quality inspector out of the provincial register; the centre in charge sends an inspector. Everything that speaks against
//! it is told at once; who was replaced stays with the reason.

mod pages;
mod store;

use jiff::civil::Date;
use rules::assignment::{AssignmentFinding, Duty, Examiner, Occasion};
use rules::certificate::Level;
use rules::permission::{ActKind, LookKind};
use rules::refusal::RefusalView;
use rules::register::CardKind;
use rules::result::Part;
use rules::{Clause, Day};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::{ALL, ids};

use crate::account::Done;
use crate::batch::{self, Batch};
use crate::db::{DbError, Tx};
use crate::door::{Act, Desk, Look, Sight, Stop, Subject};
use crate::home::Task;
use crate::web::api::Registry;

/// People of one assignment.
const PEOPLE_MAX: usize = 400;
/// Characters of a name or number.
const TEXT_MAX: usize = 100;

/// How many the body has assigned to a batch.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn count(tx: &mut Tx<'_>, batch: i64) -> Result<i64, DbError> {
    store::count(tx, batch)
}

/// Somebody to be assigned.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ExaminerEntry {
    pub duty: Duty,
    /// The part: practical or comprehensive for assessors, theory for invigilators, none for inspectors.
    #[serde(default)]
    pub part: Option<Part>,
    /// The number of the card; empty for invigilators without one.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub card_number: String,
    /// The name; may be empty where the card says it.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub name: String,
    /// Whether they teach a class of the candidates.
    #[serde(default)]
    pub teaches: bool,
    /// The rooms and groups of the arrangement that they watch or judge; left out it is the whole part.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub sessions: Vec<i64>,
}

/// Assigns who examines a batch: the whole list of the body, in place of the one before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AssignExaminers {
    pub batch: i64,
    #[schema(max_items = 400)]
    pub people: Vec<ExaminerEntry>,
    /// How many candidates are assessed at a time; all of them without it.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 20000)]
    pub at_once: Option<i64>,
    /// Why somebody who was assigned goes; may be empty while nobody does.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
}

impl Act for AssignExaminers {
    const KIND: ActKind = ActKind::AssignExaminers;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let staffing = Staffing::of(desk, self.batch, Some(self.at_once))?;
        let entries = entries(&self.people)?;
        let known = store::cards(&mut desk.tx(), &numbers(&entries))?;
        let examiners: Vec<Examiner> = entries.iter().map(|entry| staffing.examiner(entry, &known)).collect();
        let found = rules::assignment::findings(&staffing.occasion, &examiners);
        rules::assignment::settle(&found, "people")?;
        let is_first = staffing.standing().all(|one| one.duty == Duty::ExternalInspector);
        staffing.replace(desk, |duty| duty != Duty::ExternalInspector, (&entries, &known), &self.reason)?;
        store::set_at_once(&mut desk.tx(), self.batch, self.at_once)?;
        let batch = &staffing.batch;
        let did = if is_first { "安排了" } else { "调整了" };
        let said = format!("{}{did}{}的考评人员", batch.body_name, batch.name());
        desk.tell_office(&batch.centre, said, format!("/batches/{}/assignment", batch.id));
        Ok(Done {})
    }
}

/// Sends inspectors of the centre to a batch: the whole list, in place of the one before.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AssignSupervisors {
    pub batch: i64,
    /// Numbers of the cards of external inspectors.
    #[schema(max_items = 20)]
    pub card_numbers: Vec<String>,
    /// Why somebody who was sent goes; may be empty while nobody does.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
}

impl Act for AssignSupervisors {
    const KIND: ActKind = ActKind::AssignSupervisors;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let staffing = Staffing::of(desk, self.batch, None)?;
        let sent = self.card_numbers.iter().map(|number| ExaminerEntry {
            duty: Duty::ExternalInspector,
            part: None,
            card_number: number.clone(),
            name: String::new(),
            teaches: false,
            sessions: Vec::new(),
        });
        let entries = entries(&sent.collect::<Vec<_>>())?;
        let known = store::cards(&mut desk.tx(), &numbers(&entries))?;
        let inspectors: Vec<Examiner> = entries.iter().map(|entry| staffing.examiner(entry, &known)).collect();
        let found = rules::assignment::supervision(&staffing.occasion, &inspectors);
        rules::assignment::settle(&found, "card_numbers")?;
        staffing.replace(desk, |duty| duty == Duty::ExternalInspector, (&entries, &known), &self.reason)?;
        let batch = &staffing.batch;
        let said = format!("{}为{}派出质量督导员", batch.centre_name, batch.name());
        desk.tell_body(batch.body, said, format!("/batches/{}/assignment", batch.id));
        Ok(Done {})
    }
}

/// The entries as they are read: without blanks, and without rows that say nothing.
fn entries(people: &[ExaminerEntry]) -> Result<Vec<ExaminerEntry>, Stop> {
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let entries: Vec<ExaminerEntry> = people
        .iter()
        .map(|one| {
            let mut sessions = one.sessions.clone();
            sessions.sort_unstable();
            sessions.dedup();
            ExaminerEntry { card_number: plain(&one.card_number), name: plain(&one.name), sessions, ..one.clone() }
        })
        .filter(|one| !(one.card_number.is_empty() && one.name.is_empty()))
        .collect();
    let is_long = |text: &str| text.chars().count() > TEXT_MAX;
    if entries.len() > PEOPLE_MAX || entries.iter().any(|one| is_long(&one.name) || is_long(&one.card_number)) {
        let what = format!("一次最多安排{PEOPLE_MAX}人，姓名和证卡编号不超过{TEXT_MAX}个字");
        return Err(rules::Refusal::house("填写", what).remedy("请核对人员名单").at("people").into());
    }
    Ok(entries)
}

fn numbers(entries: &[ExaminerEntry]) -> Vec<String> {
    entries.iter().filter(|one| !one.card_number.is_empty()).map(|one| one.card_number.clone()).collect()
}

type Known = std::collections::HashMap<String, store::NamedCard>;

/// A batch with everything that is asked when it is staffed.
struct Staffing {
    batch: Batch,
    occasion: Occasion,
    busy: store::Busy,
    near: store::Near,
    /// Everyone who is or was assigned.
    everyone: Vec<store::Assigned>,
}

impl Staffing {
    /// The batch as it may be staffed today; `at_once` as the body says it now, where it says it.
    fn of(desk: &mut Desk<'_>, id: i64, at_once: Option<Option<i64>>) -> Result<Self, Stop> {
        let staffing = Self::seen(desk, id, at_once)?;
        let batch = &staffing.batch;
        rules::assignment::open_to_assign(batch.stage, batch.plan().last_exam_on(), desk.today())?;
        Ok(staffing)
    }

    fn seen(sight: &mut Sight<'_>, id: i64, at_once: Option<Option<i64>>) -> Result<Self, Stop> {
        let batch = batch::find(&mut sight.tx(), id)?.ok_or(Stop::NotFound)?;
        let reference = sight.reference();
        let city = |county: &str| reference.divisions.city_of(county).map_or_else(String::new, |place| place.name);
        let (said, county, registered) = store::where_held(&mut sight.tx(), id)?;
        let candidates = if registered > 0 { registered } else { batch.expected };
        let plan = batch.plan();
        let (first, last) = (plan.first_exam_on(), plan.last_exam_on());
        let about = (first.yesterday().unwrap_or(first), last.tomorrow().unwrap_or(last));
        let busy = store::busy(&mut sight.tx(), id, about, &city)?;
        let near = store::near(&mut sight.tx(), id, batch.body)?;
        let this = (batch.body, id, batch.starts_on);
        let today = sight.today();
        let in_a_row = crate::term::on(&mut sight.tx(), today)?.persons(rules::term::Term::BatchesInARow);
        let before = store::before(&mut sight.tx(), this, in_a_row, None)?;
        let before_of_trade = store::before(&mut sight.tx(), this, 1, Some(&batch.code))?.into_iter().next();
        let (arranged, sessions) = crate::arrangement::groups(&mut sight.tx(), &batch)?;
        let mut occasion = Occasion {
            arranged,
            sessions,
            code: batch.code.clone(),
            trade: batch.trade.clone(),
            level: batch.level,
            exams: plan.exams(),
            candidates,
            at_once: candidates,
            city: city(&county),
            ratios: batch.rules.ratios(),
            in_a_row,
            before,
            before_of_trade,
        };
        let at_once = match at_once {
            Some(now) => rules::assignment::at_once(now, candidates, occasion.arranged_at_once())?,
            // Since then somebody may have been withdrawn.
            None => said.map(|count| count.min(candidates)),
        };
        occasion.at_once = at_once.unwrap_or(candidates);
        let everyone = store::everyone(&mut sight.tx(), id)?;
        Ok(Self { batch, occasion, busy, near, everyone })
    }

    /// Who is assigned now.
    fn standing(&self) -> impl Iterator<Item = &store::Assigned> {
        self.everyone.iter().filter(|one| one.ended_on.is_none())
    }

    /// How many each part needs and has.
    fn needs(&self) -> Vec<AssignmentNeed> {
        let occasion = &self.occasion;
        let need = |(part, duty, wanted): (Option<Part>, Duty, i64)| {
            let is_of = |one: &&store::Assigned| {
                one.part == part && (one.duty == duty || duty == Duty::Assessor && one.duty == Duty::GroupHead)
            };
            AssignmentNeed {
                part,
                part_name: part.map_or("整个批次", Part::name).into(),
                duty,
                duty_name: if duty == Duty::Assessor { "考评人员（含组长）" } else { duty.name() }.into(),
                on: occasion.exams.iter().find(|(one, _)| Some(*one) == part).map(|(_, on)| *on),
                groups: part.map(|part| occasion.groups(part)).unwrap_or_default(),
                is_arranged: part
                    .and_then(|part| occasion.arranged.get(&part))
                    .is_some_and(|groups| !groups.is_empty()),
                wanted,
                have: self.standing().filter(is_of).count() as i64,
            }
        };
        rules::assignment::wanted(occasion).into_iter().map(need).collect()
    }

    /// What the rules ask of somebody.
    fn examiner(&self, entry: &ExaminerEntry, known: &Known) -> Examiner {
        let card = known.get(&entry.card_number);
        let person = card.map(|card| card.held.person);
        let bookings = match person {
            Some(person) => self.busy.persons.get(&person),
            None => self.busy.names.get(&(self.batch.body, entry.name.clone())),
        };
        let of = |person: Option<i64>| person.and_then(|person| self.near.kin.get(&person)).cloned();
        let written = if entry.name.is_empty() { &entry.card_number } else { &entry.name };
        Examiner {
            name: card.map_or_else(|| written.clone(), |card| card.name.clone()),
            written: entry.name.clone(),
            names_card: !entry.card_number.is_empty(),
            duty: entry.duty,
            part: entry.part,
            // Who has no card is of the body's own staff.
            employed_here: card.is_none_or(|card| card.body == Some(self.batch.body)),
            teaches: entry.teaches || person.is_some_and(|person| self.near.teaches(person, &entry.sessions)),
            sessions: entry.sessions.clone(),
            tie: person.and_then(|person| self.near.tied.get(&person)).cloned(),
            kin: of(person).unwrap_or_default(),
            bookings: bookings.cloned().unwrap_or_default(),
            card: card.map(|card| card.held.clone()),
        }
    }

    /// Puts a list in place of those whose duty it speaks of.
    fn replace(
        &self,
        desk: &mut Desk<'_>,
        speaks_of: impl Fn(Duty) -> bool,
        (entries, known): (&[ExaminerEntry], &Known),
        reason: &str,
    ) -> Result<(), Stop> {
        let (today, by) = (desk.today(), desk.caller().name().to_owned());
        let day_of =
            |part: Option<Part>| self.occasion.exams.iter().find(|(one, _)| Some(*one) == part).map(|(_, on)| *on);
        let mut before: Vec<&store::Assigned> = self.standing().filter(|one| speaks_of(one.duty)).collect();
        let (mut stays, mut comes) = (Vec::new(), Vec::new());
        for (place, entry) in entries.iter().enumerate() {
            let card = known.get(&entry.card_number);
            let name = card.map_or(entry.name.as_str(), |card| card.name.as_str());
            let same = |one: &&store::Assigned| {
                (one.duty, one.part, one.card) == (entry.duty, entry.part, card.map(|card| card.id)) && one.name == name
            };
            match before.iter().position(same) {
                Some(at) => {
                    let one = before.remove(at);
                    if one.sessions != entry.sessions {
                        rules::assignment::open_part(entry.part, day_of(entry.part), today)?;
                    }
                    stays.push((one.id, place, entry.teaches, entry.sessions.as_slice()));
                }
                None => {
                    rules::assignment::open_part(entry.part, day_of(entry.part), today)?;
                    comes.push(store::NewAssigned {
                        id: desk.new_id(),
                        duty: entry.duty,
                        part: entry.part,
                        card: card.map(|card| card.id),
                        name,
                        employer: card.map_or(self.batch.body_name.as_str(), |card| card.employer.as_str()),
                        card_number: &entry.card_number,
                        teaches: entry.teaches,
                        place,
                        sessions: &entry.sessions,
                    });
                }
            }
        }
        for one in &before {
            rules::assignment::open_part(one.part, day_of(one.part), today)?;
        }
        let reason = rules::assignment::replaced_for(before.len(), reason)?;
        let goes: Vec<i64> = before.iter().map(|one| one.id).collect();
        let change = store::Change {
            batch: self.batch.id,
            goes: &goes,
            stays: &stays,
            comes: &comes,
            reason: &reason,
            on: today,
            by: &by,
        };
        store::change(&mut desk.tx(), &change)?;
        Ok(())
    }
}

/// Somebody who is or was assigned to a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssignedPerson {
    pub duty: Duty,
    pub duty_name: String,
    /// None for inspectors, who see to the whole batch.
    pub part: Option<Part>,
    pub part_name: String,
    pub name: String,
    pub employer: String,
    /// Empty for invigilators without a card.
    pub card_number: String,
    pub card: Option<i64>,
    pub kind_name: String,
    pub teaches: bool,
    /// The rooms and groups that they watch or judge; none where it is the whole part.
    pub sessions: Vec<i64>,
    pub assigned_on: Date,
    pub assigned_by: String,
    pub ended_on: Option<Date>,
    pub ended_by: Option<String>,
    pub ended_reason: Option<String>,
}

impl From<&store::Assigned> for AssignedPerson {
    fn from(one: &store::Assigned) -> Self {
        Self {
            duty: one.duty,
            duty_name: one.duty.name().into(),
            part: one.part,
            part_name: one.part.map(|part| part.name().to_owned()).unwrap_or_default(),
            name: one.name.clone(),
            employer: one.employer.clone(),
            card_number: one.card_number.clone(),
            card: one.card,
            kind_name: one.kind.map(|kind| kind.name().to_owned()).unwrap_or_default(),
            teaches: one.teaches,
            sessions: one.sessions.clone(),
            assigned_on: one.assigned_on,
            assigned_by: one.assigned_by.clone(),
            ended_on: one.ended_on,
            ended_by: one.ended_by.clone(),
            ended_reason: one.ended_reason.clone(),
        }
    }
}

/// How many a part needs, and how many it has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssignmentNeed {
    pub part: Option<Part>,
    /// The part, or the whole batch.
    pub part_name: String,
    pub duty: Duty,
    pub duty_name: String,
    pub on: Option<Date>,
    /// The rooms or groups that sit at the same time, by how many are in each; empty for inspectors.
    pub groups: Vec<usize>,
    /// Whether they are as the batch is arranged.
    pub is_arranged: bool,
    pub wanted: i64,
    pub have: i64,
}

impl AssignmentNeed {
    /// By what it is counted, in a few words.
    pub(crate) fn basis(&self) -> String {
        let unit = match self.part {
            Some(Part::Theory) => "个考场",
            Some(_) => "组",
            None => return String::new(),
        };
        let how = if self.is_arranged { "按编排，" } else { "" };
        let sizes: Vec<String> = self.groups.iter().map(usize::to_string).collect();
        format!("{how}同场{}{unit}：{}人", sizes.len(), sizes.join("、"))
    }
}

/// A room or group of the arrangement, and who watches or judges it where people are assigned to single ones.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssignedGroup {
    pub session: i64,
    pub part: Part,
    pub part_name: String,
    /// Room and stations.
    pub place: String,
    pub on: Date,
    /// `08:30–10:00`.
    pub time: String,
    pub seated: i64,
    pub wanted: i64,
    /// The head of the group first; none where people are assigned to the whole part.
    pub people: Vec<String>,
}

/// A card to choose from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FitCard {
    pub card_number: String,
    pub name: String,
    pub employer: String,
    pub kind: CardKind,
    pub kind_name: String,
    pub level_max: Option<Level>,
    pub card_valid_until: Date,
}

/// Who examines a batch, what is still to be said of it, and who was replaced.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AssignmentView {
    pub batch: i64,
    pub title: String,
    pub body_name: String,
    pub trade: String,
    pub level_name: String,
    pub candidates: i64,
    /// How many are assessed at a time: as the batch is arranged, or as the body has said before.
    pub at_once: Option<i64>,
    /// Whether that is as it is arranged, so that it is not said.
    pub is_arranged: bool,
    /// In the order of parts and times; none before it is arranged.
    pub groups: Vec<AssignedGroup>,
    pub people: Vec<AssignedPerson>,
    pub former: Vec<AssignedPerson>,
    pub needs: Vec<AssignmentNeed>,
    /// As the register, the roster and other batches stand today; empty before anyone is assigned.
    pub findings: Vec<AssignmentFinding>,
    /// The last day by which the platform expects it.
    pub due_on: Option<Date>,
    /// Why nothing changes any more.
    pub closed: Option<RefusalView>,
    /// Whether the caller assigns examiners, or sends inspectors.
    pub may_assign: bool,
    pub may_send: bool,
    /// Cards to choose from, for those who may.
    pub fit: Vec<FitCard>,
}

/// Who examines this batch?
#[derive(Deserialize, ToSchema)]
pub struct AssignmentDetail {
    pub batch: i64,
}

impl Look for AssignmentDetail {
    const KIND: LookKind = LookKind::Batches;
    type View = AssignmentView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<AssignmentView, Stop> {
        let staffing = Staffing::seen(sight, self.batch, None)?;
        let (at_once, ..) = store::where_held(&mut sight.tx(), self.batch)?;
        let (today, role) = (sight.today(), sight.caller().role());
        let Staffing { batch, occasion, everyone, .. } = &staffing;
        let plan = batch.plan();
        let closed = rules::assignment::open_to_assign(batch.stage, plan.last_exam_on(), today).err();
        let may_assign = closed.is_none() && role.sits_in_body();
        let may_send = closed.is_none() && sight.caller().office() == Some(batch.centre.as_str());
        let fit = match may_assign || may_send {
            true => store::fit(&mut sight.tx(), &batch.code, plan.last_exam_on(), batch.body)?,
            false => Vec::new(),
        };
        let fits = |one: &FitCard| match one.kind {
            CardKind::ExternalInspector => may_send,
            CardKind::Inspector => may_assign,
            CardKind::Assessor => may_assign && batch.level <= Level::L3 && one.level_max >= Some(batch.level),
            _ => may_assign && one.level_max >= Some(batch.level),
        };
        let mut standing: Vec<&store::Assigned> = staffing.standing().collect();
        // By part, who sees to the whole batch last; within it the head first.
        standing.sort_by_key(|one| (one.part.is_none(), one.part, one.duty));
        let lines = crate::arrangement::lines(&mut sight.tx(), batch)?;
        let groups = lines.into_iter().map(|line| {
            let of_group = standing.iter().filter(|one| one.sessions.contains(&line.id));
            let said = |one: &&store::Assigned| match one.duty {
                Duty::GroupHead => format!("{}（组长）", one.name),
                _ => one.name.clone(),
            };
            AssignedGroup {
                session: line.id,
                part: line.part,
                place: line.room_name(),
                on: line.on,
                time: format!("{}–{}", line.from, line.to),
                seated: line.seated,
                wanted: i64::try_from(line.staff).unwrap_or_default(),
                people: of_group.map(said).collect(),
                part_name: line.part_name,
            }
        });
        let groups: Vec<AssignedGroup> = groups.filter(|group| group.seated > 0).collect();
        Ok(AssignmentView {
            batch: batch.id,
            title: batch.title.clone(),
            body_name: batch.body_name.clone(),
            trade: batch.trade.clone(),
            level_name: batch.level.name().to_owned(),
            candidates: occasion.candidates,
            at_once: occasion.arranged_at_once().or(at_once),
            is_arranged: occasion.arranged_at_once().is_some(),
            groups,
            people: standing.iter().map(|one| AssignedPerson::from(*one)).collect(),
            former: everyone.iter().filter(|one| one.ended_on.is_some()).map(AssignedPerson::from).collect(),
            needs: staffing.needs(),
            findings: today_findings(&staffing, &mut sight.tx())?,
            due_on: due(&sight.reference().calendar, plan.first_exam_on()),
            closed: closed.as_ref().map(Into::into),
            may_assign,
            may_send,
            fit: fit.into_iter().filter(fits).collect(),
        })
    }
}

/// What is to be said today of those who are assigned.
fn today_findings(staffing: &Staffing, tx: &mut Tx<'_>) -> Result<Vec<AssignmentFinding>, Stop> {
    let entry = |one: &store::Assigned| ExaminerEntry {
        duty: one.duty,
        part: one.part,
        card_number: one.card_number.clone(),
        name: one.name.clone(),
        teaches: one.teaches,
        sessions: one.sessions.clone(),
    };
    let entries: Vec<ExaminerEntry> = staffing.standing().map(entry).collect();
    let known = store::cards(tx, &numbers(&entries))?;
    let (sent, own): (Vec<Examiner>, Vec<Examiner>) = entries
        .iter()
        .map(|entry| staffing.examiner(entry, &known))
        .partition(|one| one.duty == Duty::ExternalInspector);
    let mut found = if own.is_empty() { Vec::new() } else { rules::assignment::findings(&staffing.occasion, &own) };
    found.append(&mut rules::assignment::supervision(&staffing.occasion, &sent));
    Ok(found)
}

/// What speaks against those who examine a batch, as things stand today; a line that nobody is assigned where that is so.
///
/// # Errors
/// *Not found*, or a fault.
pub(crate) fn doubts(sight: &mut Sight<'_>, batch: i64) -> Result<Vec<String>, Stop> {
    if store::count(&mut sight.tx(), batch)? == 0 {
        return Ok(vec!["没有登记考评人员的安排".to_owned()]);
    }
    let staffing = Staffing::seen(sight, batch, None)?;
    let found = today_findings(&staffing, &mut sight.tx())?;
    Ok(found.into_iter().filter(|one| !one.hint).map(|one| format!("{}{}", one.who, one.what)).collect())
}

/// How many who watch or judge the parts of a batch need and have, as whoever arranges it sees it too.
///
/// # Errors
/// *Not found*, or a fault.
pub(crate) fn needs(sight: &mut Sight<'_>, batch: i64) -> Result<Vec<AssignmentNeed>, Stop> {
    Ok(Staffing::seen(sight, batch, None)?.needs())
}

/// The last day by which the platform expects examiners to be assigned.
fn due(calendar: &rules::calendar::Calendar, first_exam_on: Day) -> Option<Day> {
    calendar.add(first_exam_on, -rules::terms::ROOMS_BEFORE).ok()
}

/// A body assigns examiners to each batch before it is held.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (today, reference) = (sight.today(), sight.reference());
    let Some(body) = sight.caller().body().filter(|_| sight.caller().role().sits_in_body()) else {
        return Ok(Vec::new());
    };
    let batches = store::unstaffed(&mut sight.tx(), body, today)?;
    let task = |batch: store::Unstaffed| {
        let what = format!("安排{}的考评人员", batch.title);
        let detail = format!("{}，{}", batch.trade, batch.level.name());
        Task::new(Clause::S1_2_2, what, detail, format!("/batches/{}/assignment", batch.id))
            .due(due(&reference.calendar, batch.first_exam_on))
    };
    Ok(batches.into_iter().filter(|batch| today <= batch.last_exam_on).map(task).collect())
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .look::<AssignmentDetail>("/batches/{batch}/assignment", "一个批次的考评人员")
        .act::<AssignExaminers>("/batches/{batch}/assignment")
        .act::<AssignSupervisors>("/batches/{batch}/supervisors")
}
