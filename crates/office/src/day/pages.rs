//! Pages about the day of a batch beside its plain course: incidents, violations, deferrals, recordings, rooms that stand still,
//! rooms that are held by list, and what was found at the site. All of them show one look, each a section of it.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use rules::arrangement::DayTime;
use rules::conduct::incident::{IncidentEffect, IncidentKind, IncidentOutcome};
use rules::conduct::violation::{ViolationEffect, ViolationKind};
use rules::permission::ActKind;
use rules::result::Part;
use rules::{Clause, Refusal};
use sheets::Finding;

use super::{
    AnswerDeferral, AskDeferral, CloseIncident, Day, DayFile, DayView, DecideViolation, HearViolation, HoldByList,
    KeepRecordings, LiftRoomStop, MarkedUpArrivals, MarkedUpRecordings, NoteAtSite, NoteIncident, NoteRecordings,
    PlainRoomEntry, RecordingEntry, RecordingsTemplate, ReportViolation, StopRoom, UploadArrivals, UploadRecordings,
    VoidRecording,
};
use crate::door::Stop;
use crate::inspection::kept_files;
use crate::regulation::NamedFile;
use crate::web::page::{
    Choice, Crumb, FoundLine, Page, RefusalPanel, XLSX, batch_trail, done, found_lines, handed, long_day, refusal_in,
    status_for, with_status,
};
use crate::web::{Posted, Visit, Web, stopped};

/// Rows of the form of rooms that are held by list.
const PLAIN_ROWS: usize = 8;

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches/{batch}/incidents", get(incidents).post(incident))
        .route("/batches/{batch}/violations", get(violations).post(violation))
        .route("/batches/{batch}/deferrals", get(deferrals).post(deferral))
        .route("/batches/{batch}/recordings", get(recordings).post(recording))
        .route("/batches/{batch}/recordings/list", post(upload_recordings))
        .route("/batches/{batch}/recordings/template.xlsx", get(recordings_template))
        .route("/batches/{batch}/recordings/marked.xlsx", get(marked_recordings))
        .route("/batches/{batch}/room-stops", get(stops).post(stop))
        .route("/batches/{batch}/plain-rooms", get(plain).post(hold))
        .route("/batches/{batch}/site", get(site).post(note))
        .route("/batches/{batch}/day-files/{day_file}", get(file))
        .route("/batches/{batch}/conduct/{session}/arrivals", post(upload))
        .route("/batches/{batch}/conduct/{session}/arrivals.xlsx", get(marked_up))
}

/// What of the day a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Incidents,
    Violations,
    Deferrals,
    Recordings,
    Stops,
    Plain,
    Site,
}

impl Section {
    /// The last part of its address, its title, and the clause that it rests on.
    const fn told(self) -> (&'static str, &'static str, Clause) {
        match self {
            Self::Incidents => ("incidents", "异常情况", Clause::S3_3_1),
            Self::Violations => ("violations", "违纪", Clause::S3_3_1),
            Self::Deferrals => ("deferrals", "缓考", Clause::S1_5_1),
            Self::Recordings => ("recordings", "录像", Clause::S3_3_1),
            Self::Stops => ("room-stops", "叫停考场", Clause::S2_2_1C),
            Self::Plain => ("plain-rooms", "按名单登记考场", Clause::S1_5_1),
            Self::Site => ("site", "现场督导", Clause::S2_2_1C),
        }
    }
}

/// The sections that a page leads to.
const SECTIONS: &[Section] =
    &[Section::Incidents, Section::Violations, Section::Deferrals, Section::Recordings, Section::Stops, Section::Site];

#[derive(Template)]
#[template(path = "day/views/day.html")]
struct DayPage {
    page: Page,
    trail: Vec<Crumb>,
    section: Section,
    view: DayView,
    here: String,
    title: &'static str,
    clause: Clause,
    /// Addresses and titles of the other sections.
    others: Vec<(String, &'static str)>,
    /// Whether the caller sits in the body and something may be noted.
    may_note: bool,
    /// Whether the caller sits in the body: recordings are kept longer after the results were posted, too.
    may_keep: bool,
    is_head: bool,
    /// Whether the caller may note what is found at the site, and stop rooms.
    may_inspect: bool,
    is_in_charge: bool,
    rooms: Vec<Choice>,
    parts: Vec<Choice>,
    candidates: Vec<Choice>,
    kinds: Vec<Choice>,
    effects: Vec<Choice>,
    rows: Vec<usize>,
    /// What the last list of recordings was found to have: to be put right, and to be looked at.
    faults: Vec<FoundLine>,
    hints: Vec<FoundLine>,
    typed: Posted,
    /// Files that were sent before: hash and name in one value, and the name.
    kept: Vec<(String, String)>,
    refusal: Option<RefusalPanel>,
}

impl DayPage {
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }

    /// What was typed into a field of the form that was refused.
    fn text(&self, field: &str) -> &str {
        self.typed.text(field)
    }

    /// The name of a field that each line has one of.
    fn of(&self, field: &str, id: impl std::fmt::Display) -> String {
        format!("{field}-{id}")
    }

    fn day(&self, day: &rules::Day) -> String {
        long_day(*day)
    }

    /// The parts as a row of the table of rooms chooses among them.
    fn parts_of(&self, row: &usize) -> Vec<Choice> {
        let typed = self.typed.text(&format!("part-{row}")).to_owned();
        let usual = self.view.part_names.get(*row).or(self.view.part_names.first()).map(|(code, _)| code.as_str());
        let chosen = if typed.is_empty() { usual.unwrap_or_default().to_owned() } else { typed };
        self.view.part_names.iter().map(|(code, name)| Choice::new(code, name, &chosen)).collect()
    }

    /// What stands in the field of how long recordings are kept: what was typed, or what is asked.
    fn keep_until(&self) -> String {
        match self.typed.text("kept_until") {
            "" => self.view.keep_until.map(|day| day.to_string()).unwrap_or_default(),
            typed => typed.to_owned(),
        }
    }

    /// How an incident may end; what was chosen for this one stays chosen.
    fn outcomes_of(&self, id: &i64) -> Vec<Choice> {
        let chosen = self.typed.text(&self.of("outcome", id));
        words(IncidentOutcome::ALL, |one| (one.code(), one.name()), chosen)
    }

    /// What may be decided of a violation.
    fn effects_of(&self, id: &i64) -> Vec<Choice> {
        let chosen = self.typed.text(&self.of("effect", id));
        words(ViolationEffect::ALL, |one| (one.code(), one.name()), chosen)
    }

    /// Rooms that ended and were not recorded throughout.
    fn uncovered(&self) -> usize {
        self.view.rooms.iter().filter(|room| !room.gaps.is_empty()).count()
    }
}

/// A list of words to choose from, the one that was typed chosen.
fn words<T: Copy>(all: &[T], of: fn(T) -> (&'static str, &'static str), chosen: &str) -> Vec<Choice> {
    let choice = |one: &T| {
        let (code, name) = of(*one);
        Choice::new(code, name, chosen)
    };
    all.iter().map(choice).collect()
}

async fn shown(
    web: &Web,
    visit: &Visit,
    (batch, section): (i64, Section),
    typed: Posted,
    files: &[NamedFile],
    refusal: Option<RefusalPanel>,
) -> Response {
    let view = match web.look(visit, Day { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let (path, title, clause) = section.told();
    let mut trail = batch_trail(batch, &view.batch.title);
    trail.push(Crumb::new(format!("/batches/{batch}/conduct"), "现场"));
    let caller = &visit.caller;
    let is_granted = |act: ActKind| caller.granted(act).is_ok();
    let rooms = view.rooms.iter().map(|room| Choice::new(room.session.to_string(), room.said(), typed.text("session")));
    let candidates = view.candidates.iter().map(|one| {
        let label = format!("{} {}", one.ticket, one.name_masked);
        Choice::new(one.candidate.to_string(), label, typed.text("candidate"))
    });
    let parts = view.part_names.iter().map(|(code, name)| Choice::new(code, name, typed.text("part")));
    let (kinds, effects) = match section {
        Section::Incidents => (
            words(IncidentKind::ALL, |one| (one.code(), one.name()), typed.text("kind")),
            words(IncidentEffect::ALL, |one| (one.code(), one.name()), typed.text("effect")),
        ),
        Section::Violations => {
            (words(ViolationKind::ALL, |one| (one.code(), one.name()), typed.text("kind")), Vec::new())
        }
        _ => (Vec::new(), Vec::new()),
    };
    let (faults, hints) = found_lines(view.recording_findings.iter());
    let page = DayPage {
        page: Page::new(web, visit),
        trail,
        here: format!("/batches/{batch}/{path}"),
        title,
        clause,
        others: SECTIONS
            .iter()
            .filter(|other| **other != section)
            .map(|other| (format!("/batches/{batch}/{}", other.told().0), other.told().1))
            .collect(),
        may_note: view.open && is_granted(ActKind::NoteIncident),
        may_keep: is_granted(ActKind::KeepRecordings),
        is_head: is_granted(ActKind::CloseIncident),
        may_inspect: is_granted(ActKind::NoteAtSite),
        is_in_charge: caller.office() == Some(view.centre.as_str()),
        rooms: rooms.collect(),
        parts: parts.collect(),
        candidates: std::iter::once(Choice::new("", "请选择", typed.text("candidate"))).chain(candidates).collect(),
        kinds,
        effects,
        rows: (0..PLAIN_ROWS).collect(),
        faults,
        hints,
        kept: files.iter().map(|one| (format!("{}|{}", one.file.0, one.name), one.name.clone())).collect(),
        section,
        view,
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// What an act came to: said on the page again, or the form as it was filled with the refusal at the field of its line.
async fn told(
    web: &Web,
    visit: &Visit,
    at: (i64, Section),
    posted: Posted,
    files: &[NamedFile],
    outcome: Result<String, Stop>,
) -> Response {
    let stop = match outcome {
        Ok(said) => return done(&format!("/batches/{}/{}", at.0, at.1.told().0), &said),
        Err(stop) => stop,
    };
    match refusal_in(stop) {
        Ok(mut refusal) => {
            // Each line has a form of its own; its fields carry the line's id.
            let line = posted.text("line");
            if !line.is_empty() {
                refusal.field = refusal.field.map(|field| format!("{field}-{line}"));
            }
            shown(web, visit, at, posted, files, Some(refusal)).await
        }
        Err(stop) => stopped(web, visit, stop),
    }
}

fn wrong(what: impl Into<String>, remedy: &str, field: &'static str) -> Stop {
    Refusal::house("填写", what).remedy(remedy).at(field).into()
}

/// A time as it was typed, if it was.
fn time(posted: &Posted, name: &str, field: &'static str) -> Result<Option<DayTime>, Stop> {
    let read = |text: String| text.parse().map_err(|what: String| wrong(what, "请按 08:30 的格式填写", field));
    posted.some(name).map(read).transpose()
}

fn needed_time(posted: &Posted, name: &str, field: &'static str) -> Result<DayTime, Stop> {
    time(posted, name, field)?.ok_or_else(|| wrong("没有填写时间", "请按 08:30 的格式填写", field))
}

/// The word of a list that was chosen.
fn chosen<T>(posted: &Posted, name: &str, of: fn(&str) -> Option<T>, field: &'static str) -> Result<T, Stop> {
    of(posted.text(name)).ok_or_else(|| wrong("没有选择", "请选择一项", field))
}

/// The text of a field of the line that a form is about.
fn of_line(posted: &Posted, field: &str) -> String {
    posted.text(&format!("{field}-{}", posted.text("line"))).to_owned()
}

fn line(posted: &Posted) -> Result<i64, Stop> {
    posted.int("line", "要办理的一项")
}

async fn incidents(
    State(web): State<Web>,
    visit: Visit,
    Path(batch): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    let typed = Posted::of_query(query.as_deref().unwrap_or_default());
    shown(&web, &visit, (batch, Section::Incidents), typed, &[], None).await
}

/// The candidates whose tickets were typed.
async fn by_tickets(web: &Web, visit: &Visit, batch: i64, typed: &str) -> Result<Vec<i64>, Stop> {
    let is_between = |letter: char| letter.is_whitespace() || matches!(letter, '、' | '，' | ',' | ';' | '；');
    let tickets: Vec<&str> = typed.split(is_between).filter(|ticket| !ticket.is_empty()).collect();
    if tickets.is_empty() {
        return Ok(Vec::new());
    }
    let view = web.look(visit, Day { batch }).await?;
    let of = |ticket: &&str| {
        let found = view.candidates.iter().find(|one| one.ticket == **ticket).map(|one| one.candidate);
        found.ok_or_else(|| wrong(format!("没有准考证号 {ticket}"), "请核对准考证号，多名考生用空格分开", "persons"))
    };
    tickets.iter().map(of).collect()
}

async fn incident(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let once = posted.once();
    let outcome = match posted.text("do") {
        "close" => {
            let read = || -> Result<CloseIncident, Stop> {
                let outcome = IncidentOutcome::from_code(&of_line(&posted, "outcome"));
                let outcome = outcome.ok_or_else(|| wrong("没有选择结论", "请选择怎样了结", "outcome"))?;
                Ok(CloseIncident { batch, incident: line(&posted)?, outcome, reason: of_line(&posted, "reason") })
            };
            match read() {
                Ok(act) => web.act(&visit, once, act).await.map(|made| match made.put_off {
                    0 => "已作结论。".to_owned(),
                    put_off => format!("已作结论，{put_off} 科次记为缓考，请编入下一批次。"),
                }),
                Err(stop) => Err(stop),
            }
        }
        _ => match by_tickets(&web, &visit, batch, posted.text("persons")).await {
            Ok(persons) => {
                let read = || -> Result<NoteIncident, Stop> {
                    Ok(NoteIncident {
                        batch,
                        session: posted.int("session", "考场")?,
                        kind: chosen(&posted, "kind", IncidentKind::from_code, "kind")?,
                        effect: chosen(&posted, "effect", IncidentEffect::from_code, "effect")?,
                        at: time(&posted, "at", "at")?,
                        what: posted.text("what").to_owned(),
                        persons,
                    })
                };
                match read() {
                    Ok(act) => {
                        let said = "已登记，受影响考生的成绩在作出结论以前不能确认。".to_owned();
                        web.act(&visit, once, act).await.map(|_| said)
                    }
                    Err(stop) => Err(stop),
                }
            }
            Err(stop) => Err(stop),
        },
    };
    told(&web, &visit, (batch, Section::Incidents), posted, &[], outcome).await
}

async fn violations(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    shown(&web, &visit, (batch, Section::Violations), Posted::default(), &[], None).await
}

/// The files of a form, each kept.
async fn files_of(
    web: &Web,
    visit: &Visit,
    posted: &Posted,
    act: ActKind,
    suffix: &str,
) -> Result<Vec<NamedFile>, Stop> {
    kept_files(web, visit, posted, act, ("kept".to_owned(), format!("files{suffix}"))).await
}

async fn violation(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let (once, of) = (posted.once(), (batch, Section::Violations));
    let mut files = Vec::new();
    let outcome = match posted.text("do") {
        "hear" => {
            let suffix = format!("-{}", posted.text("line"));
            match (line(&posted), files_of(&web, &visit, &posted, ActKind::HearViolation, &suffix).await) {
                (Ok(violation), Ok(sent)) => {
                    files.clone_from(&sent);
                    let statement = of_line(&posted, "statement");
                    let act = HearViolation { batch, violation, statement, files: sent, kept: Vec::new() };
                    web.act(&visit, once, act).await.map(|_| "陈述已登记。".to_owned())
                }
                (Err(stop), _) | (_, Err(stop)) => Err(stop),
            }
        }
        "decide" => {
            let read = || -> Result<DecideViolation, Stop> {
                let effect = ViolationEffect::from_code(&of_line(&posted, "effect"));
                let effect = effect.ok_or_else(|| wrong("没有选择决定", "请选择怎样处理", "effect"))?;
                Ok(DecideViolation { batch, violation: line(&posted)?, effect, reason: of_line(&posted, "reason") })
            };
            match read() {
                Ok(act) => web.act(&visit, once, act).await.map(|_| "已决定。".to_owned()),
                Err(stop) => Err(stop),
            }
        }
        _ => match files_of(&web, &visit, &posted, ActKind::ReportViolation, "").await {
            Ok(sent) => {
                files.clone_from(&sent);
                let read = || -> Result<ReportViolation, Stop> {
                    Ok(ReportViolation {
                        batch,
                        candidate: posted.int("candidate", "考生")?,
                        part: chosen(&posted, "part", Part::from_code, "part")?,
                        kind: chosen(&posted, "kind", ViolationKind::from_code, "kind")?,
                        what: posted.text("what").to_owned(),
                        files: sent,
                        kept: Vec::new(),
                    })
                };
                match read() {
                    Ok(act) => {
                        web.act(&visit, once, act).await.map(|_| "已报告，由报告人以外的负责人决定。".to_owned())
                    }
                    Err(stop) => Err(stop),
                }
            }
            Err(stop) => Err(stop),
        },
    };
    told(&web, &visit, of, posted, &files, outcome).await
}

async fn deferrals(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    shown(&web, &visit, (batch, Section::Deferrals), Posted::default(), &[], None).await
}

async fn deferral(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let once = posted.once();
    let mut files = Vec::new();
    let outcome = match posted.text("do") {
        how @ ("agree" | "decline") => match line(&posted) {
            Ok(deferral) => {
                let (agreed, reason) = (how == "agree", of_line(&posted, "reason"));
                let said = if agreed { "已同意缓考。" } else { "没有同意，或已撤回。" };
                web.act(&visit, once, AnswerDeferral { batch, deferral, agreed, reason }).await.map(|_| said.to_owned())
            }
            Err(stop) => Err(stop),
        },
        _ => match files_of(&web, &visit, &posted, ActKind::AskDeferral, "").await {
            Ok(sent) => {
                files.clone_from(&sent);
                let read = || -> Result<AskDeferral, Stop> {
                    Ok(AskDeferral {
                        batch,
                        candidate: posted.int("candidate", "考生")?,
                        part: Part::from_code(posted.text("part")),
                        reason: posted.text("reason").to_owned(),
                        files: sent,
                        kept: Vec::new(),
                    })
                };
                match read() {
                    Ok(act) => web.act(&visit, once, act).await.map(|_| "申请已登记，由另一个账号答复。".to_owned()),
                    Err(stop) => Err(stop),
                }
            }
            Err(stop) => Err(stop),
        },
    };
    told(&web, &visit, (batch, Section::Deferrals), posted, &files, outcome).await
}

async fn recordings(
    State(web): State<Web>,
    visit: Visit,
    Path(batch): Path<i64>,
    RawQuery(query): RawQuery,
) -> Response {
    let typed = Posted::of_query(query.as_deref().unwrap_or_default());
    shown(&web, &visit, (batch, Section::Recordings), typed, &[], None).await
}

async fn recording(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let once = posted.once();
    let outcome = match posted.text("do") {
        "keep" => match posted.day("kept_until", "保存到") {
            Ok(kept_until) => web
                .act(&visit, once, KeepRecordings { batch, kept_until })
                .await
                .map(|made| format!("已延长 {} 段录像的保存。", made.changed)),
            Err(stop) => Err(stop),
        },
        "void" => match line(&posted) {
            Ok(recording) => {
                let act = VoidRecording { batch, recording, reason: of_line(&posted, "reason") };
                web.act(&visit, once, act).await.map(|_| "已作废这段登记。".to_owned())
            }
            Err(stop) => Err(stop),
        },
        _ => {
            let read = || -> Result<NoteRecordings, Stop> {
                let kept_until = match posted.some("until") {
                    Some(_) => Some(posted.day("until", "保存到")?),
                    None => None,
                };
                let recordings = vec![RecordingEntry {
                    session: posted.int("session", "考场")?,
                    camera: posted.text("camera").to_owned(),
                    from: needed_time(&posted, "from", "from")?,
                    to: needed_time(&posted, "to", "to")?,
                    file_name: posted.text("file_name").to_owned(),
                    digest: posted.text("digest").to_owned(),
                    address: posted.text("address").to_owned(),
                    kept_until,
                }];
                Ok(NoteRecordings { batch, recordings })
            };
            match read() {
                Ok(act) => match web.act(&visit, once, act).await.map(|_| "录像已登记。".to_owned()) {
                    // The form of a recording calls the field otherwise than the form that keeps all of them longer.
                    Err(Stop::Refused(mut refusal)) if refusal.field == Some("kept_until") => {
                        refusal.field = Some("until");
                        Err(Stop::Refused(refusal))
                    }
                    other => other,
                },
                Err(stop) => Err(stop),
            }
        }
    };
    told(&web, &visit, (batch, Section::Recordings), posted, &[], outcome).await
}

async fn upload_recordings(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let (once, caller, sent) = (posted.once(), visit.caller.clone(), posted.clone());
    let what = ("file", "录像清单");
    let kept = web.work(move |office| sent.keep_file(office, (&caller, ActKind::UploadRecordings), what)).await;
    let outcome = match kept {
        Ok((hash, name)) => web.act(&visit, once, UploadRecordings::new(batch, hash, name)).await,
        Err(stop) => Err(stop),
    };
    let said = outcome.map(|made| {
        let counts = format!("登记 {} 段录像，先前已登记 {} 段", made.noted, made.before);
        taken(made.rows_read, &counts, &made.findings)
    });
    told(&web, &visit, (batch, Section::Recordings), posted, &[], said).await
}

/// What came of a list, in a sentence.
fn taken(rows: usize, counts: &str, findings: &[Finding]) -> String {
    let faults = findings.iter().filter(|finding| finding.is_fault()).count();
    let rest = if faults > 0 { format!("，有 {faults} 处需要改正，见下") } else { String::new() };
    format!("读入 {rows} 行：{counts}{rest}。")
}

async fn recordings_template(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    let made = web.look(&visit, RecordingsTemplate { batch }).await.map(|view| (view.name, view.bytes));
    handed(&web, &visit, Some(XLSX), made)
}

async fn marked_recordings(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    let made = web.look(&visit, MarkedUpRecordings { batch }).await.map(|view| (view.name, view.bytes));
    handed(&web, &visit, Some(XLSX), made)
}

async fn stops(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    let typed = Posted::of_query(query.as_deref().unwrap_or_default());
    shown(&web, &visit, (batch, Section::Stops), typed, &[], None).await
}

async fn stop(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let once = posted.once();
    let outcome = match posted.text("do") {
        how @ ("lift" | "again") => match line(&posted) {
            Ok(session) => {
                let (again, reason) = (how == "again", of_line(&posted, "reason"));
                let said =
                    if again { "已决定重考，机构已收到。" } else { "叫停已解除，机构已收到。" };
                web.act(&visit, once, LiftRoomStop { batch, session, again, reason }).await.map(|_| said.to_owned())
            }
            Err(stop) => Err(stop),
        },
        _ => match posted.int("session", "考场") {
            Ok(session) => {
                let act = StopRoom { batch, session, reason: posted.text("reason").to_owned() };
                web.act(&visit, once, act).await.map(|_| "考场已叫停，机构已收到。".to_owned())
            }
            Err(stop) => Err(stop),
        },
    };
    told(&web, &visit, (batch, Section::Stops), posted, &[], outcome).await
}

async fn plain(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    shown(&web, &visit, (batch, Section::Plain), Posted::default(), &[], None).await
}

async fn hold(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let once = posted.once();
    let read = || -> Result<HoldByList, Stop> {
        let text = |row: usize, field: &str| posted.text(&format!("{field}-{row}")).to_owned();
        let is_filled = |row: &usize| ["room", "from", "to"].iter().any(|field| !text(*row, field).is_empty());
        let room = |row: usize| -> Result<PlainRoomEntry, Stop> {
            Ok(PlainRoomEntry {
                part: chosen(&posted, &format!("part-{row}"), Part::from_code, "part")?,
                room: text(row, "room"),
                from: needed_time(&posted, &format!("from-{row}"), "from")?,
                to: needed_time(&posted, &format!("to-{row}"), "to")?,
                first: text(row, "first"),
                last: text(row, "last"),
            })
        };
        Ok(HoldByList { batch, rooms: (0..PLAIN_ROWS).filter(is_filled).map(room).collect::<Result<_, _>>()? })
    };
    let outcome = match read() {
        Ok(act) => web.act(&visit, once, act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(made) => {
            let said = format!("已登记 {} 个考场，请登记开考、签到和结束。", made.sessions);
            done(&format!("/batches/{batch}/conduct"), &said)
        }
        Err(stop) => told(&web, &visit, (batch, Section::Plain), posted, &[], Err(stop)).await,
    }
}

async fn site(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, RawQuery(query): RawQuery) -> Response {
    let typed = Posted::of_query(query.as_deref().unwrap_or_default());
    shown(&web, &visit, (batch, Section::Site), typed, &[], None).await
}

async fn note(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let (once, mut files) = (posted.once(), Vec::new());
    let outcome = match files_of(&web, &visit, &posted, ActKind::NoteAtSite, "").await {
        Ok(sent) => {
            files.clone_from(&sent);
            let (session, what) = (posted.text("session").parse().ok(), posted.text("what").to_owned());
            let act = NoteAtSite { batch, session, what, photos: sent, kept: Vec::new() };
            web.act(&visit, once, act).await.map(|_| "已登记，机构已收到。".to_owned())
        }
        Err(stop) => Err(stop),
    };
    told(&web, &visit, (batch, Section::Site), posted, &files, outcome).await
}

async fn file(State(web): State<Web>, visit: Visit, Path((batch, day_file)): Path<(i64, i64)>) -> Response {
    let made = web.look(&visit, DayFile { batch, day_file }).await.map(|view| (view.name, view.bytes));
    handed(&web, &visit, None, made)
}

async fn upload(
    State(web): State<Web>,
    visit: Visit,
    Path((batch, session)): Path<(i64, i64)>,
    posted: Posted,
) -> Response {
    let (once, caller) = (posted.once(), visit.caller.clone());
    let at = match time(&posted, "came_at", "came_at") {
        Ok(at) => at,
        Err(stop) => return crate::conduct::hall_refused(&web, &visit, (batch, session), stop).await,
    };
    let sent = posted.clone();
    let what = ("file", "签到名单");
    let kept = web.work(move |office| sent.keep_file(office, (&caller, ActKind::UploadArrivals), what)).await;
    let outcome = match kept {
        Ok((hash, name)) => web.act(&visit, once, UploadArrivals::new((batch, session), hash, name, at)).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(made) => {
            let counts = format!("签到 {} 人，先前已签到 {} 人", made.arrived, made.before);
            let said = taken(made.rows_read, &counts, &made.findings);
            done(&format!("/batches/{batch}/conduct/{session}"), &said)
        }
        Err(stop) => crate::conduct::hall_refused(&web, &visit, (batch, session), stop).await,
    }
}

async fn marked_up(State(web): State<Web>, visit: Visit, Path((batch, session)): Path<(i64, i64)>) -> Response {
    let made = web.look(&visit, MarkedUpArrivals { batch, session }).await.map(|view| (view.name, view.bytes));
    handed(&web, &visit, Some(XLSX), made)
}
