//! The day of a batch as people look at it: everything beside its plain course, room by room and person by person.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::conduct::deferral::DeferralState;
use rules::conduct::incident::{IncidentEffect, IncidentOutcome};
use rules::conduct::open_to_note;
use rules::conduct::recording::{self, Recorded, gaps};
use rules::conduct::violation::{ViolationEffect, ViolationKind};
use rules::permission::LookKind;
use rules::result::parts_for;
use serde::{Deserialize, Serialize};
use sheets::Finding;
use utoipa::ToSchema;

use super::recording::Keeping;
use super::store::{self, Ending, Meant};
use crate::arrangement::ArrangedBatch;
use crate::batch;
use crate::conduct::halls;
use crate::door::{Look, Sight, Stop, Subject};
use crate::marks::FileView;

/// A file that goes with something.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DayFileLine {
    pub id: i64,
    pub name: String,
}

/// A candidate, masked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DayPerson {
    pub candidate: i64,
    pub ticket: String,
    pub name_masked: String,
}

impl From<Meant> for DayPerson {
    fn from(of: Meant) -> Self {
        Self { candidate: of.candidate, ticket: of.ticket, name_masked: of.name_masked }
    }
}

/// An incident in a room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IncidentLine {
    pub id: i64,
    pub session: i64,
    pub room: String,
    pub part_name: String,
    pub kind_name: String,
    pub effect: IncidentEffect,
    pub effect_name: String,
    /// `09:10`.
    pub happened: String,
    pub on: Date,
    pub what: String,
    pub persons: Vec<DayPerson>,
    pub noted: String,
    /// Whether the caller noted it, so that somebody else has to close it.
    pub is_own: bool,
    /// None while it is open.
    pub outcome: Option<IncidentOutcome>,
    pub outcome_name: String,
    /// Who closed it, when and why; blank while it is open.
    pub closed: String,
    pub reason: String,
}

/// A violation of a candidate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ViolationLine {
    pub id: i64,
    pub of: DayPerson,
    pub part_name: String,
    pub kind: ViolationKind,
    pub kind_name: String,
    pub what: String,
    pub files: Vec<DayFileLine>,
    pub reported: String,
    /// Whether the caller reported it, so that somebody else has to decide.
    pub is_own: bool,
    /// What the candidate said; blank while nobody has asked.
    pub statement: String,
    pub heard: String,
    /// None while it is not decided.
    pub effect: Option<ViolationEffect>,
    pub effect_name: String,
    pub decided: String,
    pub decision: String,
}

/// A deferral of a candidate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeferralLine {
    pub id: i64,
    pub of: DayPerson,
    /// The part, or all.
    pub part_name: String,
    pub reason: String,
    pub files: Vec<DayFileLine>,
    pub state: DeferralState,
    pub state_name: String,
    pub asked: String,
    /// Whether the caller entered it, so that somebody else has to answer.
    pub is_own: bool,
    pub answered: String,
    pub answer_reason: String,
}

/// What one camera recorded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordingLine {
    pub id: i64,
    pub session: i64,
    pub room: String,
    pub on: Date,
    pub camera: String,
    pub from: String,
    pub to: String,
    pub file_name: String,
    pub digest: String,
    pub address: String,
    pub kept_until: Date,
    pub noted: String,
    /// Why it is void; blank where it counts.
    pub void: String,
}

/// Minutes that nobody recorded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Gap {
    pub from: String,
    pub to: String,
}

impl From<&Recorded> for Gap {
    fn from(gap: &Recorded) -> Self {
        Self { from: gap.from.to_string(), to: gap.to.to_string() }
    }
}

/// A room of the batch, with what of it was recorded.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DayRoom {
    pub session: i64,
    pub room: String,
    pub part_name: String,
    pub on: Date,
    /// `08:30–10:00`, as it was held; as it was arranged, before it ended.
    pub time: String,
    pub has_ended: bool,
    pub is_stopped: bool,
    pub seated: i64,
    /// Recordings that count.
    pub recordings: usize,
    /// Minutes that nobody recorded, once the room has ended.
    pub gaps: Vec<Gap>,
}

impl DayRoom {
    /// Room, day and time, as a choice shows them.
    pub fn said(&self) -> String {
        format!("{}，{}，{} {}", self.part_name, self.room, self.on, self.time)
    }
}

/// A stop of one room.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RoomStopLine {
    pub id: i64,
    pub session: i64,
    pub room: String,
    pub reason: String,
    pub stopped: String,
    /// When and by whom it was lifted; blank while it stands.
    pub lifted: String,
    pub lift_reason: String,
    /// Whether its candidates sit again.
    pub is_again: bool,
}

/// What an office found at the site.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SiteNoteLine {
    pub id: i64,
    /// Blank where it is about the whole.
    pub room: String,
    pub what: String,
    pub noted: String,
    pub files: Vec<DayFileLine>,
}

/// The day of a batch beside its plain course.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DayView {
    pub batch: ArrangedBatch,
    pub body: i64,
    /// The code of the centre in charge.
    pub centre: String,
    /// Whether something may still be noted.
    pub open: bool,
    /// Whether a score needs recordings of its room.
    pub asks_recordings: bool,
    /// Minutes that recordings may lack.
    pub gap_allowed: u16,
    /// Until when recordings of the last day are kept at least.
    pub keep_until: Option<Date>,
    /// Whether something of the batch is disputed, so that recordings are kept longer.
    pub is_disputed: bool,
    /// Recordings that are not kept long enough.
    pub kept_too_short: usize,
    pub rooms: Vec<DayRoom>,
    pub part_names: Vec<(String, String)>,
    /// Everyone who is registered, by ticket.
    pub candidates: Vec<DayPerson>,
    /// The last first; so are the others.
    pub incidents: Vec<IncidentLine>,
    pub violations: Vec<ViolationLine>,
    pub deferrals: Vec<DeferralLine>,
    pub stops: Vec<RoomStopLine>,
    pub site_notes: Vec<SiteNoteLine>,
    /// By room and time.
    pub recordings: Vec<RecordingLine>,
    /// What the last list of recordings was found to have.
    pub recording_findings: Vec<Finding>,
    pub today: Date,
}

/// What happened on the day of this batch beside its plain course?
#[derive(Debug, Deserialize, ToSchema)]
pub struct Day {
    pub batch: i64,
}

/// Who did it and when; blank where nobody has.
fn done(ending: Option<&Ending>) -> String {
    ending.map_or_else(String::new, |one| format!("{}，{}", one.by, one.at))
}

fn reason(ending: Option<&Ending>) -> String {
    ending.map_or_else(String::new, |one| one.reason.clone())
}

/// The files of one thing.
fn files_of(files: &mut store::Files, about: &str, id: i64) -> Vec<DayFileLine> {
    let found = files.remove(&(about.to_owned(), id)).unwrap_or_default();
    found.into_iter().map(|(id, name)| DayFileLine { id, name }).collect()
}

impl Look for Day {
    const KIND: LookKind = LookKind::Batches;
    type View = DayView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<DayView, Stop> {
        let batch = batch::find(&mut sight.tx(), self.batch)?.ok_or(Stop::NotFound)?;
        let (today, by) = (sight.today(), crate::marks::hand(sight));
        let halls = halls(&mut sight.tx(), batch.id)?;
        let on: BTreeMap<i64, Date> = halls.iter().map(|kept| (kept.id, kept.hall.on)).collect();
        let mut files = store::files(&mut sight.tx(), batch.id)?;
        let recordings = store::recordings(&mut sight.tx(), batch.id)?;
        let gap_allowed = store::allowed(&mut sight.tx(), batch.notified_on)?;
        let keeping = Keeping::of(sight, batch.id)?;
        let at_least = |held_on| keeping.at_least(held_on);
        let rooms = halls.iter().map(|kept| {
            let of_room = recordings.iter().filter(|one| one.session == kept.id && one.void.is_none());
            let recorded: Vec<Recorded> = of_room.map(|one| one.at).collect();
            let hall = &kept.hall;
            let (from, to) = (hall.started.unwrap_or(hall.from), hall.ended.unwrap_or(hall.to));
            let missing = hall.ended.map_or_else(Vec::new, |ended| gaps(from, ended, &recorded, gap_allowed));
            DayRoom {
                session: kept.id,
                room: hall.room.clone(),
                part_name: hall.part.name().to_owned(),
                on: hall.on,
                time: format!("{from}–{to}"),
                has_ended: hall.ended.is_some(),
                is_stopped: kept.is_stopped,
                seated: kept.seated,
                recordings: recorded.len(),
                gaps: missing.iter().map(Gap::from).collect(),
            }
        });
        let rooms: Vec<DayRoom> = rooms.collect();
        let incidents = store::incidents(&mut sight.tx(), batch.id)?.into_iter().map(|one| IncidentLine {
            id: one.id,
            session: one.session,
            on: on.get(&one.session).copied().unwrap_or(one.noted_on),
            room: one.room,
            part_name: one.part.name().to_owned(),
            kind_name: one.kind.name().to_owned(),
            effect: one.effect,
            effect_name: one.effect.name().to_owned(),
            happened: one.happened.to_string(),
            what: one.what,
            persons: one.persons.into_iter().map(DayPerson::from).collect(),
            is_own: one.noted.is_same(&by),
            noted: format!("{}，{}", one.noted.name, one.noted_at),
            outcome: one.outcome,
            outcome_name: one.outcome.map_or("", IncidentOutcome::name).to_owned(),
            closed: done(one.closed.as_ref()),
            reason: reason(one.closed.as_ref()),
        });
        let incidents = incidents.collect();
        let violations = store::violations(&mut sight.tx(), batch.id)?.into_iter().map(|one| ViolationLine {
            id: one.id,
            part_name: one.part.name().to_owned(),
            kind: one.kind,
            kind_name: one.kind.name().to_owned(),
            what: one.what,
            files: files_of(&mut files, "violation", one.id),
            is_own: one.reported.is_same(&by),
            reported: format!("{}，{}", one.reported.name, one.reported_at),
            statement: reason(one.heard.as_ref()),
            heard: done(one.heard.as_ref()),
            effect: one.effect,
            effect_name: one.effect.map_or("", ViolationEffect::name).to_owned(),
            decided: done(one.decided.as_ref()),
            decision: reason(one.decided.as_ref()),
            of: one.of.into(),
        });
        let violations = violations.collect();
        let deferrals = store::deferrals(&mut sight.tx(), batch.id)?.into_iter().map(|one| DeferralLine {
            id: one.id,
            part_name: one.part.map_or("各科", rules::result::Part::name).to_owned(),
            reason: one.reason,
            files: files_of(&mut files, "deferral", one.id),
            state: one.state,
            state_name: one.state.name().to_owned(),
            is_own: one.asked.is_same(&by),
            asked: format!("{}，{}", one.asked.name, one.asked_at),
            answered: done(one.answered.as_ref()),
            answer_reason: reason(one.answered.as_ref()),
            of: one.of.into(),
        });
        let deferrals = deferrals.collect();
        let stops = store::stops(&mut sight.tx(), batch.id)?.into_iter().map(|one| RoomStopLine {
            id: one.id,
            session: one.session,
            room: one.room,
            reason: one.reason,
            stopped: format!("{}，{}", one.stopped_by, one.stopped_at),
            lifted: done(one.lifted.as_ref()),
            lift_reason: reason(one.lifted.as_ref()),
            is_again: one.is_again,
        });
        let stops = stops.collect();
        let site_notes = store::site_notes(&mut sight.tx(), batch.id)?.into_iter().map(|one| SiteNoteLine {
            id: one.id,
            room: one.room,
            what: one.what,
            noted: format!("{}，{}", one.by, one.at),
            files: files_of(&mut files, "site", one.id),
        });
        let site_notes = site_notes.collect();
        let counted = |one: &&store::Recording| one.void.is_none();
        let kept_too_short =
            recordings.iter().filter(counted).filter(|one| one.kept_until < at_least(one.held_on)).count();
        let candidates = store::candidates(&mut sight.tx(), batch.id)?;
        Ok(DayView {
            body: batch.body,
            centre: batch.centre.clone(),
            open: open_to_note(batch.stage).is_ok() && batch.stopped_on.is_none(),
            asks_recordings: recording::is_asked(batch.notified_on),
            gap_allowed,
            keep_until: halls.iter().map(|kept| kept.hall.on).max().map(at_least),
            is_disputed: keeping.is_disputed,
            kept_too_short,
            rooms,
            part_names: parts_for(batch.level).iter().map(|part| (part.code().into(), part.name().into())).collect(),
            candidates: candidates.into_iter().map(DayPerson::from).collect(),
            incidents,
            violations,
            deferrals,
            stops,
            site_notes,
            recordings: recordings
                .into_iter()
                .map(|one| RecordingLine {
                    id: one.id,
                    session: one.session,
                    room: one.room,
                    on: one.held_on,
                    camera: one.camera,
                    from: one.at.from.to_string(),
                    to: one.at.to.to_string(),
                    file_name: one.file_name,
                    digest: one.digest,
                    address: one.address,
                    kept_until: one.kept_until,
                    noted: one.noted,
                    void: one.void.map_or_else(String::new, |(reason, by)| format!("{reason}（{by}）")),
                })
                .collect(),
            recording_findings: super::last_findings(sight, (batch.id, None))?,
            batch: ArrangedBatch::from(&batch),
            today,
        })
    }
}

/// A file that goes with the day of a batch: evidence, a statement, a photo.
#[derive(Debug, Deserialize, ToSchema)]
pub struct DayFile {
    pub batch: i64,
    pub day_file: i64,
}

impl Look for DayFile {
    const KIND: LookKind = LookKind::Candidates;
    type View = FileView;

    fn subject(&self) -> Subject {
        Subject::Batch(self.batch)
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<FileView, Stop> {
        let found = store::file(&mut sight.tx(), self.batch, self.day_file)?;
        let (file, name) = found.ok_or(Stop::NotFound)?;
        Ok(FileView { name, bytes: sight.office().files().bring(&file)? })
    }
}
