//! 一（五）1, 三（三）, 二（二）1: the day of the examination. A room begins at a time and with the people who are there; whoever
//! comes is signed in from the list or by the code on the ticket; who did not come by the end is absent, and that is a
//! result of its own. A sign-in that was missed is corrected by two persons.

mod looks;
mod pages;
mod record;
mod store;

use rules::arrangement::DayTime;
use rules::conduct::{self, Correction, Moment, Presence, confirm_absent, deferral, hold, open_to_note, stop};
use rules::marking::Hand;
use rules::permission::ActKind;
use rules::proposal::ProposalState;
use rules::result::{Outcome, Part};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use looks::{
    Arrival, ArrivalPlace, ArrivalView, AttendanceChangeLine, ConductDetail, ConductView, HallDetail, HallLine,
    HallPerson, HallStaff, HallView,
};
pub(crate) use pages::hall_refused;
pub use pages::pages;
pub(crate) use store::{ALL, KeptHall, Noted, Noting, hall, halls, note, noted, parts, sitters};

use crate::account::{Done, Made};
use crate::batch::{self, Batch};
use crate::door::{Act, Desk, Seals, Sight, Stop, Subject, clock};
use crate::home::Task;
use crate::marks::{self, Book, NewMark, Origin};
use crate::web::api::Registry;

/// Characters of a reason or a note.
const TEXT_MAX: usize = 2_000;
/// Names that a refusal lists.
const NAMES_MAX: usize = 10;

/// The code in the address of a ticket: whose it is, and a mark that only this house makes. It opens nothing by itself.
pub(crate) fn ticket_code(seals: &Seals, candidate: i64) -> String {
    format!("{candidate:x}-{}", &seals.find_key(&format!("arrival {candidate}"))[..16])
}

/// The candidate of a ticket's code, if it is one of ours.
pub(crate) fn of_ticket_code(seals: &Seals, code: &str) -> Option<i64> {
    let (candidate, _) = code.split_once('-')?;
    let candidate = i64::from_str_radix(candidate, 16).ok()?;
    (ticket_code(seals, candidate) == code).then_some(candidate)
}

/// Today and the time of day, as the rules look at it.
pub(crate) fn moment(sight: &Sight<'_>) -> Moment {
    let shown = clock::read_out(sight.now());
    let time = shown.rsplit(' ').next().and_then(|time| time.parse().ok());
    Moment { today: sight.today(), now: time.unwrap_or(DayTime::at(0, 0)) }
}

/// A batch whose day may be noted, with one of its sessions.
pub(crate) fn open_hall(desk: &mut Desk<'_>, batch: i64, session: i64) -> Result<(Batch, store::KeptHall), Stop> {
    let batch = batch::find(&mut desk.tx(), batch)?.ok_or(Stop::NotFound)?;
    let hall = store::hall(&mut desk.tx(), batch.id, session)?.ok_or(Stop::NotFound)?;
    open_to_note(batch.stage)?;
    Ok((batch, hall))
}

pub(crate) fn short<'a>(text: &'a str, field: &'static str) -> Result<&'a str, Refusal> {
    let text = text.trim();
    if text.chars().count() <= TEXT_MAX {
        return Ok(text);
    }
    Err(Refusal::house("填写", format!("文字超过{TEXT_MAX}个字")).remedy("请写得简短一些").at(field))
}

/// A room begins: when, who of those assigned is there, and why where it is late.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StartSession {
    pub batch: i64,
    pub session: i64,
    /// When it really began, `08:30`; now, where it is left out on the very day.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 5)]
    pub at: Option<DayTime>,
    /// Who is there, by the ids of their assignments.
    #[serde(default)]
    #[schema(max_items = 400)]
    pub present: Vec<i64>,
    /// Why it is late.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: String,
}

/// How a room began.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionStarted {
    /// Minutes after the arranged time.
    pub late: u16,
    /// Invigilators or assessors of the part who are there, and how many it needs.
    pub staff: usize,
    pub needed: usize,
}

impl Act for StartSession {
    const KIND: ActKind = ActKind::StartSession;
    type Answer = SessionStarted;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<SessionStarted, Stop> {
        let (batch, kept) = open_hall(desk, self.batch, self.session)?;
        stop::may_go_on(&kept.hall.name(), kept.is_stopped)?;
        let at = kept.hall.said(self.at, moment(desk), "at")?;
        let reason = short(&self.reason, "reason")?;
        let late = kept.hall.start(at, reason)?;
        let assigned = store::assigned(&mut desk.tx(), batch.id, kept.id)?;
        let mut present = self.present.clone();
        present.sort_unstable();
        present.dedup();
        if present.iter().any(|id| !assigned.iter().any(|one| one.id == *id)) {
            return Err(Stop::NotFound);
        }
        let (now, by) = (desk.now(), desk.caller().name().to_owned());
        store::begin(&mut desk.tx(), (batch.id, &kept), (at, late, reason), &present, (now, &by))?;
        let part = kept.hall.part;
        let of_part = |id: &&i64| assigned.iter().any(|one| one.id == **id && one.part == Some(part));
        let staff = present.iter().filter(of_part).count();
        let needed = batch.rules.ratios().staff(part, usize::try_from(kept.seated).unwrap_or_default());
        if late > rules::terms::LATE_START_MINUTES {
            let said = format!("{}{}：{}晚 {late} 分钟开考", batch.body_name, batch.name(), kept.hall.room);
            desk.tell_office(&batch.centre, said, format!("/batches/{}/conduct", batch.id));
        }
        Ok(SessionStarted { late, staff, needed })
    }
}

/// Signs in candidates of a session: one by the code on the ticket, or many from the list. Who is signed in already stays
/// as they were noted first, so that several people may do it at once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NoteArrivals {
    pub batch: i64,
    pub session: i64,
    #[schema(min_items = 1, max_items = 2000)]
    pub candidates: Vec<i64>,
    /// When they came, `08:15`; now, where it is left out on the very day.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 5)]
    pub at: Option<DayTime>,
    /// Whether the ticket was scanned.
    #[serde(default)]
    pub by_ticket: bool,
}

/// Who was signed in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ArrivalsNoted {
    pub arrived: u64,
    /// Who had been signed in before.
    pub before: u64,
    /// Minutes after the beginning.
    pub late: u16,
}

impl Act for NoteArrivals {
    const KIND: ActKind = ActKind::NoteArrivals;
    type Answer = ArrivalsNoted;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<ArrivalsNoted, Stop> {
        let (batch, kept) = open_hall(desk, self.batch, self.session)?;
        let mut chosen = self.candidates.clone();
        chosen.sort_unstable();
        chosen.dedup();
        if chosen.is_empty() {
            return Err(Refusal::house("现场实施", "没有选择考生")
                .remedy("请在名单上选择到场的考生")
                .at("candidates")
                .into());
        }
        let sitters = store::sitters(&mut desk.tx(), kept.id)?;
        let here = |id: &i64| sitters.iter().find(|one| one.candidate == *id);
        if chosen.iter().any(|id| here(id).is_none()) {
            return Err(Refusal::house("现场实施", "所选的考生不在这一场")
                .remedy("请核对准考证上的考场和时间")
                .at("candidates")
                .into());
        }
        let came = kept.hall.said(self.at, moment(desk), "at")?;
        let mut waiting = chosen.clone();
        waiting.retain(|id| here(id).is_some_and(|one| one.presence != Some(Presence::Present)));
        let before = (chosen.len() - waiting.len()) as u64;
        if waiting.is_empty() {
            return Ok(ArrivalsNoted { arrived: 0, before, late: 0 });
        }
        stop::may_go_on(&kept.hall.name(), kept.is_stopped)?;
        let noted = noted(&mut desk.tx(), batch.id)?;
        for one in waiting.iter().filter_map(here) {
            deferral::may_sit(&one.name, noted.day.decided((one.candidate, kept.hall.part)))?;
        }
        let late = kept.hall.admit(came)?;
        let noting = store::Noting {
            batch: batch.id,
            session: kept.id,
            part: kept.hall.part,
            state: Presence::Present,
            came: Some(came),
            how: if self.by_ticket { "ticket" } else { "list" },
            now: desk.now(),
            by: desk.caller().name(),
        };
        let arrived = store::note(&mut desk.tx(), &waiting, &noting)?;
        Ok(ArrivalsNoted { arrived, before, late })
    }
}

/// A room ends: whoever is not signed in is absent, and gets that as the outcome of the part.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EndSession {
    pub batch: i64,
    pub session: i64,
    /// When it really ended, `10:00`; now, where it is left out on the very day.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 5)]
    pub at: Option<DayTime>,
    /// How many are not signed in, as whoever ends it has seen; needed where there are any.
    #[serde(default)]
    pub absent: Option<usize>,
    /// What else there is to say of it.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
}

/// How a room ended.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionEnded {
    pub present: i64,
    pub absent: usize,
}

impl Act for EndSession {
    const KIND: ActKind = ActKind::EndSession;
    type Answer = SessionEnded;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<SessionEnded, Stop> {
        let (batch, kept) = open_hall(desk, self.batch, self.session)?;
        let at = kept.hall.said(self.at, moment(desk), "at")?;
        kept.hall.end(at)?;
        let note = short(&self.note, "note")?;
        let sitters = store::sitters(&mut desk.tx(), kept.id)?;
        let missing: Vec<&store::Sitter> = sitters.iter().filter(|one| is_missing(one)).collect();
        let marked: Vec<&str> = missing
            .iter()
            .filter(|one| one.outcome.as_deref() == Some("mark"))
            .map(|one| one.name.as_str())
            .take(NAMES_MAX)
            .collect();
        if !marked.is_empty() {
            return Err(Refusal::new(Clause::S3_3_1, format!("{}没有签到，却已登记了分数", marked.join("、")))
                .remedy("到场的请先补签；没有到场的，请先改正成绩")
                .into());
        }
        if !missing.is_empty() || self.absent.is_some() {
            confirm_absent(self.absent, missing.len())?;
        }
        let (now, by) = (desk.now(), desk.caller().name().to_owned());
        let part = kept.hall.part;
        let absent: Vec<i64> = missing.iter().map(|one| one.candidate).collect();
        let noting = store::Noting {
            batch: batch.id,
            session: kept.id,
            part,
            state: Presence::Absent,
            came: None,
            how: "end",
            now,
            by: &by,
        };
        store::note(&mut desk.tx(), &absent, &noting)?;
        store::end(&mut desk.tx(), kept.id, (at, note), (now, &by))?;
        let put_off: Vec<&store::Sitter> =
            sitters.iter().filter(|one| one.is_put_off && one.presence.is_none() && one.outcome.is_none()).collect();
        if !absent.is_empty() || !put_off.is_empty() {
            let of = marks::batch(&mut desk.tx(), batch.id)?.ok_or(Stop::NotFound)?;
            let mut book = Book::open(desk, &of)?;
            for candidate in &absent {
                book.enter(NewMark::plain(*candidate, part, Outcome::Absent, None))?;
            }
            // Two persons have agreed to it before.
            for one in put_off {
                let confirmed = Some((one.put_off_by.clone(), "decided"));
                book.enter(NewMark { confirmed, ..NewMark::plain(one.candidate, part, Outcome::Deferred, None) })?;
            }
            book.close(desk, Origin { source: "attendance", file: None })?;
        }
        Ok(SessionEnded { present: kept.present, absent: absent.len() })
    }
}

/// Whether somebody is expected and did not come: not who keeps the part from before, has it by a scheme, was put off or
/// broke the rules.
pub(crate) fn is_missing(one: &store::Sitter) -> bool {
    let is_settled = matches!(one.outcome.as_deref(), Some("deferred" | "violation"));
    one.presence.is_none() && !one.exempt && !one.is_put_off && !is_settled
}

/// Proposes to correct a sign-in after the end of the room; somebody else of the body agrees or does not.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProposeAttendance {
    pub batch: i64,
    pub session: i64,
    pub candidate: i64,
    /// Whether the person was there.
    pub was_there: bool,
    /// When they came, `08:15`, where they were there and it is known.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 5)]
    pub at: Option<DayTime>,
    #[schema(min_length = 5, max_length = 2000)]
    pub reason: String,
}

impl Act for ProposeAttendance {
    const KIND: ActKind = ActKind::ProposeAttendance;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let (batch, kept) = open_hall(desk, self.batch, self.session)?;
        let sitters = store::sitters(&mut desk.tx(), kept.id)?;
        let one = sitters.iter().find(|one| one.candidate == self.candidate).ok_or(Stop::NotFound)?;
        let after = if self.was_there { Presence::Present } else { Presence::Absent };
        let reason = short(&self.reason, "reason")?;
        conduct::may_correct(&Correction {
            name: &one.name,
            before: one.presence,
            after,
            has_ended: kept.hall.ended.is_some(),
            confirmed_by: one.confirmed_by.as_deref(),
            open: store::has_open_change(&mut desk.tx(), kept.id, one.candidate)?,
            reason,
        })?;
        let (id, now, by) = (desk.new_id(), desk.now(), marks::hand(desk));
        let new = store::NewChange {
            id,
            batch: batch.id,
            session: kept.id,
            candidate: one.candidate,
            part: kept.hall.part,
            after,
            came: self.at.filter(|_| self.was_there),
            reason,
        };
        store::propose(&mut desk.tx(), &new, (now, &by))?;
        Ok(Made { id })
    }
}

/// Agrees to a correction of a sign-in, or does not; whoever proposed it may take it back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnswerAttendance {
    pub batch: i64,
    pub change: i64,
    pub agreed: bool,
    /// Why not, where somebody else does not agree.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: String,
}

impl Act for AnswerAttendance {
    const KIND: ActKind = ActKind::AnswerAttendance;
    type Answer = Done;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Done, Stop> {
        let batch = batch::find(&mut desk.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        open_to_note(batch.stage)?;
        let change = store::change(&mut desk.tx(), batch.id, self.change)?.ok_or(Stop::NotFound)?;
        let by: Hand = marks::hand(desk);
        let reason = short(&self.reason, "reason")?;
        let state = change.state.answer(self.agreed, reason, &change.proposed, &by)?;
        if state == ProposalState::Agreed {
            // Meanwhile somebody may have confirmed the mark.
            let sitters = store::sitters(&mut desk.tx(), change.session)?;
            let one = sitters.iter().find(|one| one.candidate == change.candidate).ok_or(Stop::NotFound)?;
            conduct::may_correct(&Correction {
                name: &one.name,
                before: one.presence,
                after: change.after,
                has_ended: true,
                confirmed_by: one.confirmed_by.as_deref(),
                open: false,
                reason: &change.reason,
            })?;
        }
        let now = desk.now();
        store::answer(&mut desk.tx(), batch.id, &change, (state, reason), (now, &by.name))?;
        if state == ProposalState::Agreed && change.after == Presence::Absent {
            let of = marks::batch(&mut desk.tx(), batch.id)?.ok_or(Stop::NotFound)?;
            let mut book = Book::open(desk, &of)?;
            book.enter(NewMark::plain(change.candidate, change.part, Outcome::Absent, None))?;
            book.close(desk, Origin { source: "attendance", file: None })?;
        }
        Ok(Done {})
    }
}

impl Noted {
    /// Whether an outcome goes together with what was noted and decided of the day.
    ///
    /// # Errors
    /// A refusal that names the person.
    pub fn fits(&self, name: &str, of: (i64, Part), outcome: Outcome) -> Result<(), Refusal> {
        hold::agrees(name, of.1, outcome, self.day.decided(of), self.asked)?;
        conduct::fits(name, of.1, self.presence.get(&of).copied(), self.asked, outcome)
    }

    /// Whether nothing of the day is unsettled that holds the mark.
    ///
    /// # Errors
    /// A refusal that names the person.
    pub fn may_confirm(&self, name: &str, of: (i64, Part), outcome: Outcome) -> Result<(), Refusal> {
        hold::may_confirm(name, of.1, outcome, self.day.holds(of))
    }

    /// Whether a mark may be confirmed: it goes together with the day, and nothing holds it.
    ///
    /// # Errors
    /// A refusal that names the person.
    pub fn stands(&self, name: &str, of: (i64, Part), outcome: Outcome) -> Result<(), Refusal> {
        self.fits(name, of, outcome)?;
        self.may_confirm(name, of, outcome)
    }
}

/// Who signed in is noted on the day, and corrections wait for a second person.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let Some(body) = sight.scope().body else { return Ok(Vec::new()) };
    let (account, today) = (sight.caller().account(), sight.today());
    let open = store::unnoted(&mut sight.tx(), body, today)?;
    let waiting = store::unanswered(&mut sight.tx(), body, account)?;
    let open = open.into_iter().map(|(one, first)| {
        let detail = format!("{}，还有 {} 个考场没有登记结束", one.title, one.count);
        Task::new(Clause::S3_3_1, "登记考试现场", detail, format!("/batches/{}/conduct", one.batch)).due(Some(first))
    });
    let waiting = waiting.into_iter().map(|one| {
        let detail = format!("{}，{} 项", one.title, one.count);
        Task::new(Clause::S3_3_1, "核实签到更正", detail, format!("/batches/{}/conduct", one.batch))
    });
    Ok(open.chain(waiting).collect())
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    let registry = registry
        .act::<StartSession>("/batches/{batch}/sessions/{session}/beginning")
        .act::<NoteArrivals>("/batches/{batch}/sessions/{session}/arrivals")
        .act::<EndSession>("/batches/{batch}/sessions/{session}/ending")
        .act::<ProposeAttendance>("/batches/{batch}/sessions/{session}/attendance-changes")
        .act::<AnswerAttendance>("/batches/{batch}/attendance-changes/{change}/answer")
        .look::<ConductDetail>("/batches/{batch}/conduct", "批次的考试现场：各考场开考、签到和结束")
        .look::<HallDetail>("/batches/{batch}/conduct/{session}", "一个考场一场的签到名单和到场人员")
        .look::<Arrival>("/candidates/{candidate}/arrival", "一名考生各科的考场与签到，查看留痕");
    record::api(registry)
}
