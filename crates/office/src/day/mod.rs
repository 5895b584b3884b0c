//! 三（三）, 一（五）1, 二（二）1: what the day of an examination brings beside its plain course. Incidents that somebody has to close,
//! violations that are reported, heard and decided, deferrals, recordings and what they do not cover, rooms that the centre
//! stopped, and what its people found at the site. What is not settled holds the mark of its person; everybody else goes on.

mod deferral;
mod event;
mod incident;
mod looks;
mod pages;
mod plain;
mod recording;
mod sheet;
mod site;
mod stop;
mod store;
mod violation;

use rules::Clause;
use rules::conduct::Presence;
use rules::people::Role;
use rules::result::{Outcome, Part};
use rules::term::Term;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

pub use deferral::{AnswerDeferral, AskDeferral};
pub use event::DayEvent;
pub(crate) use event::of_person;
pub use incident::{CloseIncident, IncidentClosed, NoteIncident};
pub use looks::{
    Day, DayFile, DayFileLine, DayPerson, DayRoom, DayView, DeferralLine, Gap, IncidentLine, RecordingLine,
    RoomStopLine, SiteNoteLine, ViolationLine,
};
pub use pages::pages;
pub use plain::{HeldByList, HoldByList, PlainRoomEntry};
pub use recording::{
    KeepRecordings, MarkedUpRecordings, NoteRecordings, RecordingEntry, RecordingsKept, RecordingsNoted,
    RecordingsRead, RecordingsTemplate, UploadRecordings, VoidRecording,
};
pub(crate) use sheet::last_findings;
pub use sheet::{ArrivalsRead, MarkedUpArrivals, UploadArrivals};
pub use site::NoteAtSite;
pub use stop::{LiftRoomStop, StopRoom};
pub(crate) use store::{ALL, Standing, standing};
pub use violation::{DecideViolation, HearViolation, ReportViolation};

use crate::db::{DbError, Tx};
use crate::door::{Desk, KeptFile, Sight, Stop};
use crate::home::Task;
use crate::marks::{self, Book, NewMark, Origin};
use crate::regulation::NamedFile;
use crate::roster::bring;
use crate::web::api::Registry;

/// Files that go with one thing, at most.
const FILES_MAX: usize = 10;

/// How much of the day of a batch is not settled.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct DaySummary {
    /// Incidents that nobody has closed.
    pub incidents: i64,
    /// Violations that are not decided.
    pub violations: i64,
    /// Deferrals that are not answered.
    pub deferrals: i64,
    /// Rooms that the centre has stopped.
    pub stopped: i64,
    /// What offices found at the site.
    pub site_notes: i64,
    /// Inspections of the batch.
    pub inspections: i64,
}

/// How much of the day of a batch is not settled.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn summary(tx: &mut Tx<'_>, batch: i64) -> Result<DaySummary, DbError> {
    store::summary(tx, batch)
}

/// Reads what was kept before, so that the table of files can note it.
fn brought(sight: &Sight<'_>, files: &[NamedFile]) -> Result<Vec<(KeptFile, String)>, Stop> {
    let kept = files.iter().take(FILES_MAX).map(|NamedFile { file, name }| {
        let bytes = bring(sight, file)?;
        let name = crate::web::forms::plain_name(name);
        Ok((KeptFile::of(file, &bytes)?, if name.is_empty() { "附件".into() } else { name }))
    });
    kept.collect()
}

fn keep_files(desk: &mut Desk<'_>, batch: i64, about: (&str, i64), files: &[(KeptFile, String)]) -> Result<(), Stop> {
    let now = desk.now();
    for file in files {
        let id = desk.new_id();
        store::add_file(&mut desk.tx(), (id, batch), about, file, now)?;
    }
    Ok(())
}

/// Results that stay where a room sits again.
const ABSENT_OR_VOID: &[Outcome] = &[Outcome::Absent, Outcome::Violation];

/// Puts persons off: whoever has nothing yet in the batch's own examination, or something else than what `stays`, gets a deferral as the
/// outcome of the part. Where two persons have decided so it is confirmed at once. How many it were.
fn put_off(
    desk: &mut Desk<'_>,
    batch: i64,
    of: &[(i64, Part)],
    confirmed_by: Option<&str>,
    stays: &[Outcome],
) -> Result<usize, Stop> {
    let head = marks::batch(&mut desk.tx(), batch)?.ok_or(Stop::NotFound)?;
    let mut book = Book::open(desk, &head)?;
    for (candidate, part) in of {
        if book.examined(*candidate, *part).is_some_and(|outcome| stays.contains(&outcome)) {
            continue;
        }
        let confirmed = confirmed_by.map(|by| (by.to_owned(), "decided"));
        book.decide(NewMark { confirmed, ..NewMark::plain(*candidate, *part, Outcome::Deferred, None) });
    }
    let done = book.entered + book.changed;
    book.close(desk, Origin { source: "day", file: None })?;
    Ok(done)
}

/// Who was there, as the holds look at it.
fn presence(desk: &mut Desk<'_>, batch: i64) -> Result<HashMap<(i64, Part), Presence>, Stop> {
    Ok(crate::conduct::noted(&mut desk.tx(), batch)?.presence)
}

fn page(batch: i64, what: &str) -> String {
    format!("/batches/{batch}/{what}")
}

/// What is not settled of the days of one's batches.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (role, today, calendar) = (sight.caller().role(), sight.today(), &sight.reference().calendar);
    let terms = crate::term::on(&mut sight.tx(), today)?;
    let mut tasks = Vec::new();
    if let Some(body) = sight.scope().body {
        let account = sight.caller().account();
        let [incidents, violations, deferrals] = store::unsettled(&mut sight.tx(), body, account)?;
        let unrecorded = store::unrecorded(&mut sight.tx(), body)?;
        let told = [
            (
                "了结异常情况",
                "件没有结论，受影响考生的成绩不能确认",
                "incidents",
                Clause::S3_3_7,
                Some(Term::IncidentWithin),
            ),
            (
                "决定违纪",
                "件没有决定，当事考生的成绩不能确认",
                "violations",
                Clause::S3_3_7,
                Some(Term::ViolationWithin),
            ),
            ("答复缓考申请", "项待另一人答复", "deferrals", Clause::S1_5_1, None),
            (
                "登记考试录像",
                "个考场的录像没有覆盖全程，考生的成绩不能确认",
                "recordings",
                Clause::S3_3_1,
                Some(Term::RecordingWithin),
            ),
        ];
        for (found, (what, rest, part, clause, within)) in
            [incidents, violations, deferrals, unrecorded].into_iter().zip(told)
        {
            tasks.extend(found.into_iter().map(|one| {
                let due = match within {
                    Some(term) => calendar.add(one.since, terms.count(term)).ok(),
                    None => Some(one.since),
                };
                let task =
                    Task::new(clause, what, format!("{}，{} {rest}", one.title, one.count), page(one.batch, part));
                let waits = role == Role::Clerk && clause == Clause::S3_3_7;
                if waits { task.due(due).waiting() } else { task.due(due) }
            }));
        }
        for one in store::stopped(&mut sight.tx(), Some(body), None)? {
            let detail = format!("{}，{}：{}", one.title, one.room, one.reason);
            tasks.push(Task::new(Clause::S2_2_1C, "整改被叫停的考场", detail, page(one.batch, "conduct")));
        }
    }
    if matches!(role, Role::CityCentre | Role::ProvincialCentre | Role::CityBureau) {
        let office = sight.caller().office().map(str::to_owned);
        let is_centre = role != Role::CityBureau;
        if is_centre {
            for one in store::stopped(&mut sight.tx(), None, office.as_deref())? {
                let detail = format!("{}{}，{}：{}", one.body_name, one.title, one.room, one.reason);
                let what = "解除考场叫停或决定重考";
                tasks.push(Task::new(Clause::S2_2_1C, what, detail, page(one.batch, "conduct")));
            }
        }
        let reach = if is_centre { (office.as_deref(), None) } else { (None, office.as_deref()) };
        for (batch, name, places) in store::of_today(&mut sight.tx(), reach, today)? {
            let what = format!("今天考试：{name}");
            tasks.push(Task::new(Clause::S2_2_1C, what, places, page(batch, "site")).due(Some(today)));
        }
    }
    Ok(tasks)
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<NoteIncident>("/batches/{batch}/sessions/{session}/incidents")
        .act::<CloseIncident>("/batches/{batch}/incidents/{incident}/closure")
        .act::<ReportViolation>("/batches/{batch}/violations")
        .act::<HearViolation>("/batches/{batch}/violations/{violation}/statement")
        .act::<DecideViolation>("/batches/{batch}/violations/{violation}/decision")
        .act::<AskDeferral>("/batches/{batch}/deferrals")
        .act::<AnswerDeferral>("/batches/{batch}/deferrals/{deferral}/answer")
        .act::<NoteRecordings>("/batches/{batch}/recordings")
        .act::<UploadRecordings>("/batches/{batch}/recordings/uploads")
        .act::<KeepRecordings>("/batches/{batch}/recordings/keeping")
        .act::<VoidRecording>("/batches/{batch}/recordings/{recording}/voiding")
        .act::<StopRoom>("/batches/{batch}/sessions/{session}/stop")
        .act::<LiftRoomStop>("/batches/{batch}/sessions/{session}/stop-lifting")
        .act::<UploadArrivals>("/batches/{batch}/sessions/{session}/arrivals/uploads")
        .act::<HoldByList>("/batches/{batch}/plain-rooms")
        .act::<NoteAtSite>("/batches/{batch}/site-notes")
        .look::<Day>("/batches/{batch}/day", "批次考试日的异常情况、违纪、缓考、录像、叫停和现场督导")
        .look::<DayFile>("/batches/{batch}/day-files/{day_file}", "考试日的一份证据、证明或照片，查看留痕")
        .look::<MarkedUpRecordings>("/batches/{batch}/recordings/marked", "标出问题的录像清单")
        .look::<RecordingsTemplate>("/batches/{batch}/recordings/template", "列好考场的录像登记表")
        .look::<MarkedUpArrivals>("/batches/{batch}/sessions/{session}/arrivals/marked", "标出问题的签到名单")
}
