//! The list of batches, the form that notifies one, the page of a batch, and calling it off.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::get;
use jiff::civil::Date;
use rules::batch::{Audience, BatchStage};
use rules::certificate::Level;
use rules::people::Role;
use rules::permission::ActKind;
use rules::{Clause, Day};

use super::{
    BatchDetail, BatchScopes, BatchScopesView, BatchView, Batches, BatchesView, CancelBatch, NextStep, NotifyBatch,
    StepState, each_once, store,
};
use crate::door::files::FileKind;
use crate::door::{FileHash, Stop};
use crate::web::page::{
    Choice, Crumb, Page, Paging, RefusalPanel, asked, batch_trail, done, download, long_day, refusal_in, status_for,
    weekday, with_status,
};
use crate::web::{Posted, Visit, Web, html, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .route("/batches", get(list).post(notify))
        .route("/batches/new", get(form))
        .route("/batches/{batch}", get(batch_page))
        .route("/batches/{batch}/plan", get(plan_file))
        .route("/batches/{batch}/cancellation", get(cancel_form).post(cancel))
}

#[derive(Template)]
#[template(path = "batch/views/list.html")]
struct ListPage {
    page: Page,
    view: BatchesView,
    stages: Vec<Choice>,
    bodies: Vec<Choice>,
    filtered: bool,
    is_school: bool,
    paging: Paging,
}

/// The kind of tag that a stage wears.
pub(super) fn tag(stage: BatchStage) -> &'static str {
    match stage {
        BatchStage::Notified => "neutral",
        BatchStage::Postponed => "warn",
        BatchStage::Posted | BatchStage::Publicised | BatchStage::Reported | BatchStage::Reviewed => "waiting",
        BatchStage::Issued => "ok",
        BatchStage::Cancelled => "danger",
    }
}

async fn list(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let asked = |name| asked(query.as_deref(), name);
    let stage = asked("stage").and_then(|code| BatchStage::from_code(&code));
    let body: Option<i64> = asked("body").and_then(|id| id.parse().ok());
    let page = asked("page").and_then(|page| page.parse().ok());
    let view = match web.look(&visit, Batches { stage, body, page }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let all = |label: &str, chosen| Choice { value: String::new(), label: label.into(), chosen };
    let stages = BatchStage::ALL.iter().map(|&s| Choice {
        value: s.code().into(),
        label: s.name().into(),
        chosen: stage == Some(s),
    });
    let bodies = view.bodies.iter().map(|b| Choice {
        value: b.id.to_string(),
        label: b.name.clone(),
        chosen: body == Some(b.id),
    });
    let paging = Paging::new(view.page, store::PAGE, view.total, |page| {
        let mut link = form_urlencoded::Serializer::new("/batches?".to_owned());
        if let Some(stage) = stage {
            link.append_pair("stage", stage.code());
        }
        if let Some(body) = body {
            link.append_pair("body", &body.to_string());
        }
        link.append_pair("page", &page.to_string()).finish()
    });
    html(&ListPage {
        page: Page::new(&web, &visit),
        stages: std::iter::once(all("全部", stage.is_none())).chain(stages).collect(),
        bodies: std::iter::once(all("全部", body.is_none())).chain(bodies).collect(),
        filtered: stage.is_some() || body.is_some(),
        is_school: visit.caller.role().sits_in_body(),
        paging,
        view,
    })
}

/// What the form holds.
#[derive(Default)]
pub(super) struct Form {
    scope: String,
    starts_on: String,
    ends_on: String,
    theory_on: String,
    practical_on: String,
    comprehensive_on: String,
    theory_place: String,
    practical_place: String,
    organiser: String,
    responsible: String,
    expected: String,
    plan: String,
    cooperation: String,
    audience: String,
    scheme: String,
}

impl Form {
    /// As it was typed.
    pub(super) fn typed(posted: &Posted) -> Self {
        let text = |name: &str| posted.text(name).to_owned();
        Self {
            scope: text("scope"),
            starts_on: text("starts_on"),
            ends_on: text("ends_on"),
            theory_on: text("theory_on"),
            practical_on: text("practical_on"),
            comprehensive_on: text("comprehensive_on"),
            theory_place: text("theory_place"),
            practical_place: text("practical_place"),
            organiser: text("organiser"),
            responsible: text("responsible"),
            expected: text("expected"),
            plan: text("plan"),
            cooperation: text("cooperation"),
            audience: text("audience"),
            scheme: text("scheme"),
        }
    }

    /// What holds of a batch.
    pub(super) fn of(view: &BatchView) -> Self {
        let work_type = if view.work_type.is_empty() { String::new() } else { format!("|{}", view.work_type) };
        Self {
            scope: format!("{}|{}|{}|{}{work_type}", view.body_number, view.code, view.level.digit(), view.standard),
            starts_on: view.starts_on.to_string(),
            ends_on: view.ends_on.to_string(),
            theory_on: view.theory_on.to_string(),
            practical_on: view.practical_on.to_string(),
            comprehensive_on: view.comprehensive_on.map(|day| day.to_string()).unwrap_or_default(),
            theory_place: view.theory_place.clone(),
            practical_place: view.practical_place.clone(),
            organiser: view.organiser.clone(),
            responsible: view.responsible.clone(),
            expected: view.expected.to_string(),
            plan: view.plan.clone(),
            cooperation: view.cooperation.map(|id| id.to_string()).unwrap_or_default(),
            audience: view.audience.code().to_owned(),
            scheme: view.scheme.map(|scheme| scheme.to_string()).unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "batch/views/new.html")]
struct NewPage {
    page: Page,
    scopes: Vec<Choice>,
    earliest: String,
    earliest_iso: String,
    unknown: String,
    /// What stands against a batch, said before it is told of.
    ahead: Vec<RefusalPanel>,
    /// The last day of what was on file, where nothing is any more.
    expired: String,
    today: String,
    /// Whether a filed level has a comprehensive review.
    reviews: bool,
    /// What a batch for another school's students may rest on.
    cooperations: Vec<Choice>,
    /// Whether a batch must, or may, rest on one.
    cooperates: bool,
    /// Students or the public, where the public is on file.
    audiences: Vec<Choice>,
    /// Approved schemes that it may name (一（五）2, 3).
    schemes: Vec<Choice>,
    /// What is on file to choose from.
    rooms: Vec<String>,
    stations: Vec<String>,
    staff: Vec<String>,
    form: Form,
    /// The batch that it changes; without one it tells of a new one.
    changes: Option<Changes>,
    trail: Vec<Crumb>,
    refusal: Option<RefusalPanel>,
}

impl NewPage {
    /// What is wrong with a field, to stand beside it.
    fn wrong(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

/// The form, empty or begun from a row of the yearly work plan (`code`, `level`, `work_type`, `expected`).
async fn form(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let asked = |name| asked(query.as_deref(), name).unwrap_or_default();
    let planned = Form { expected: asked("expected"), ..Form::default() };
    let row = (asked("code"), asked("level"), asked("work_type"));
    new_page(&web, &visit, Filled::Begun(planned, row), None).await
}

/// What a form shows: what was typed, what holds, or what a plan says.
pub(super) enum Filled {
    /// As it was typed.
    Typed(Form),
    /// A new one: with an occupation, level and work type to choose, where they are given.
    Begun(Form, (String, String, String)),
}

/// The batch that a form changes.
pub(super) struct Changes {
    pub batch: i64,
    pub title: String,
    pub reason: String,
    pub is_postponed: bool,
    /// Candidates who are registered.
    pub registered: i64,
    /// The name of the working plan's file that stays unless another is sent.
    pub has_file: bool,
    pub rules: Vec<super::ChangeRule>,
}

/// The value of an option: filing number, occupation, level, standard and, where it is one, work type; they hold no such
/// bar.
fn key(scope: &super::BatchScope, standard: &str) -> String {
    let work_type = if scope.work_type.is_empty() { String::new() } else { format!("|{}", scope.work_type) };
    format!("{}|{}|{}|{standard}{work_type}", scope.number, scope.code, scope.level.digit())
}

async fn new_page(web: &Web, visit: &Visit, form: Filled, refusal: Option<RefusalPanel>) -> Response {
    notice_page(web, visit, form, None, refusal).await
}

/// The form of a notice: of a new batch, or of one that it changes.
pub(super) async fn notice_page(
    web: &Web,
    visit: &Visit,
    form: Filled,
    changes: Option<(Changes, Vec<Crumb>)>,
    refusal: Option<RefusalPanel>,
) -> Response {
    if !visit.caller.role().sits_in_body() {
        return stopped(web, visit, if visit.caller.is_signed_in() { Stop::NotGranted } else { Stop::SignInFirst });
    }
    let view: BatchScopesView = match web.look(visit, BatchScopes {}).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let approved = crate::scheme::Schemes { state: Some(rules::scheme::SchemeState::Approved) };
    let approved = match web.look(visit, approved).await {
        Ok(found) => found.schemes,
        Err(stop) => return stopped(web, visit, stop),
    };
    let form = match form {
        Filled::Typed(form) => form,
        Filled::Begun(form, (code, level, work_type)) => {
            let planned = view.scopes.iter().find(|scope| {
                (&scope.code, &scope.work_type) == (&code, &work_type) && scope.level.digit().to_string() == level
            });
            let planned = planned.and_then(|scope| scope.standards.first().map(|first| key(scope, &first.title)));
            Form {
                scope: planned.unwrap_or_default(),
                organiser: view.organiser.clone(),
                responsible: view.responsible.clone(),
                ..form
            }
        }
    };
    let rests_on = cooperations(&view, &form.cooperation);
    let mut numbers: Vec<&str> = view.scopes.iter().map(|scope| scope.number.as_str()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let several = numbers.len() > 1;
    let scopes = view.scopes.iter().flat_map(|scope| {
        scope.standards.iter().map(move |standard| (scope, standard)).map(|(scope, standard)| {
            let value = key(scope, &standard.title);
            let work_type =
                if scope.work_type.is_empty() { String::new() } else { format!("（{}）", scope.work_type) };
            let under = if several { format!("，编号 {}", scope.number) } else { String::new() };
            let public = if scope.for_public { "，可面向社会" } else { "" };
            Choice {
                label: format!("{}{work_type}，{}，按{}{public}{under}", scope.trade, scope.level_name, standard.title),
                chosen: value == form.scope,
                value,
            }
        })
    });
    let (changes, trail) = match changes {
        Some((changes, trail)) => (Some(changes), trail),
        None => (None, vec![Crumb::new("/batches", "批次")]),
    };
    let page = NewPage {
        page: Page::new(web, visit),
        scopes: scopes.collect(),
        earliest: view.earliest.map(long_day).unwrap_or_default(),
        earliest_iso: view.earliest.map(|day| day.to_string()).unwrap_or_default(),
        unknown: view.unknown.map(|unknown| format!("{}。{}", unknown.what, unknown.remedy)).unwrap_or_default(),
        ahead: view.ahead.into_iter().map(RefusalPanel::from).collect(),
        expired: view.expired_on.map(long_day).unwrap_or_default(),
        today: long_day(view.today),
        cooperations: rests_on,
        schemes: schemes(&approved, &form.scheme),
        cooperates: !view.cooperations.is_empty() || view.needs_cooperation,
        audiences: if view.scopes.iter().any(|scope| scope.for_public) {
            Audience::ALL
                .iter()
                .map(|one| {
                    let label = if *one == Audience::Own { "本校学生" } else { "社会人员" };
                    let chosen = if form.audience.is_empty() { Audience::Own.code() } else { &form.audience };
                    Choice::new(one.code(), label, chosen)
                })
                .collect()
        } else {
            Vec::new()
        },
        rooms: each_once(view.scopes.iter().flat_map(|scope| &scope.rooms)),
        stations: each_once(view.scopes.iter().flat_map(|scope| &scope.stations)),
        staff: view.staff,
        reviews: view.scopes.iter().any(|scope| rules::result::parts_for(scope.level).len() > 2),
        form,
        changes,
        trail,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

/// The approved schemes, as options; nothing where there is none.
fn schemes(approved: &[crate::scheme::SchemeLine], chosen: &str) -> Vec<Choice> {
    if approved.is_empty() {
        return Vec::new();
    }
    let all = approved.iter().map(|one| {
        let label = format!("{}{}，{}，{}", one.trade, one.level_name, one.kind_name, one.course);
        Choice::new(one.id.to_string(), label, chosen)
    });
    std::iter::once(Choice::new("", "不采用，各科都考", chosen)).chain(all).collect()
}

/// What a batch may rest on, as options.
fn cooperations(view: &BatchScopesView, chosen: &str) -> Vec<Choice> {
    let none = if view.needs_cooperation { "请选择" } else { "不依据合作，认定本校学生" };
    let all = view.cooperations.iter().map(|one| {
        let label = format!("{}，{}，{} 至 {}", one.school_name, one.kind.name(), one.from, one.until);
        Choice::new(one.id.to_string(), label, chosen)
    });
    std::iter::once(Choice::new("", none, chosen)).chain(all).collect()
}

async fn notify(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let form = Form::typed(&posted);
    let once = posted.once();
    let outcome = match notice(&web, &visit, ActKind::NotifyBatch, posted).await {
        Ok(act) => web.act(&visit, once, act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(made) => done(
            &format!("/batches/{}", made.id),
            &format!("{}已通报，编号 {}。主管中心已收到。", made.title, made.number),
        ),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => {
                let refusal = at_the_form(refusal, &form);
                new_page(&web, &visit, Filled::Typed(form), Some(refusal)).await
            }
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

/// The notice that a form says, with its file kept for an act of this kind.
pub(super) async fn notice(web: &Web, visit: &Visit, kind: ActKind, posted: Posted) -> Result<NotifyBatch, Stop> {
    let mut act = read(&posted)?;
    if posted.files("plan_file").next().is_some() {
        let (caller, plan) = (visit.caller.clone(), ("plan_file", "计划文件"));
        let kept = web.work(move |office| posted.keep_file(office, (&caller, kind), plan)).await?;
        act.plan_file = Some(kept.0);
    }
    Ok(act)
}

/// The form asks for several fields of the act in one.
pub(super) fn at_the_form(mut refusal: RefusalPanel, form: &Form) -> RefusalPanel {
    refusal.field = refusal.field.map(|field| match field.as_str() {
        "code" | "level" | "standard" | "number" => "scope".into(),
        "places" if form.theory_place.is_empty() => "theory_place".into(),
        "places" => "practical_place".into(),
        "file" => "plan_file".into(),
        _ => field,
    });
    refusal
}

fn read(posted: &Posted) -> Result<NotifyBatch, Stop> {
    let scope = posted.needed("scope", "职业、等级与标准")?;
    let mut parts = scope.splitn(5, '|');
    let mut part = || parts.next().unwrap_or_default().to_owned();
    let (number, code, level, standard, work_type) = (part(), part(), part(), part(), part());
    let level = level.chars().next().and_then(Level::from_digit).unwrap_or(Level::L5);
    let comprehensive_on = match posted.some("comprehensive_on") {
        Some(_) => Some(posted.day("comprehensive_on", "综合评审日期")?),
        None => None,
    };
    let starts_on = posted.day("starts_on", "开展日期")?;
    let or = |field, label, otherwise: Day| match posted.some(field) {
        Some(_) => posted.day(field, label),
        None => Ok(otherwise),
    };
    let theory_on = or("theory_on", "理论考试日期", starts_on)?;
    let practical_on = or("practical_on", "实操考核日期", starts_on)?;
    let last = [Some(starts_on), Some(theory_on), Some(practical_on), comprehensive_on].into_iter().flatten().max();
    Ok(NotifyBatch {
        code,
        level,
        standard,
        starts_on,
        ends_on: or("ends_on", "结束日期", last.unwrap_or(starts_on))?,
        theory_on,
        practical_on,
        comprehensive_on,
        theory_place: posted.text("theory_place").to_owned(),
        practical_place: posted.text("practical_place").to_owned(),
        organiser: posted.text("organiser").to_owned(),
        responsible: posted.text("responsible").to_owned(),
        expected: posted.int("expected", "预计人数")?,
        plan: posted.text("plan").to_owned(),
        // An option says which work type it is, or that it is the whole occupation.
        work_type: Some(work_type),
        plan_file: None,
        cooperation: posted.some("cooperation").map(|_| posted.int("cooperation", "依据的合作")).transpose()?,
        number: Some(number),
        audience: Audience::from_code(posted.text("audience")).unwrap_or_default(),
        scheme: posted.some("scheme").map(|_| posted.int("scheme", "替代考核方案")).transpose()?,
        kept: None,
    })
}

/// A step as the timeline shows it.
struct Shown {
    label: String,
    iso: String,
    date: String,
    who: String,
    note: String,
    state: &'static str,
    /// Empty where the day is a default of the platform.
    clause: String,
    clause_label: &'static str,
}

/// What the ruler draws.
struct Ruler {
    said: String,
    spans: Vec<Span>,
    ticks: Vec<Tick>,
    today: String,
    today_label: String,
}
struct Span {
    x: String,
    width: String,
    label: String,
    kind: &'static str,
    /// Where the label stands, in pixels from the top.
    y: i32,
}
struct Tick {
    x: String,
    label: String,
}

/// The next step as the panel shows it.
struct Now {
    what: String,
    why: String,
    kind: &'static str,
    month: String,
    date: String,
    weekday: &'static str,
    iso: String,
    left: String,
    clause_label: String,
    clause_href: String,
}

/// A part of a batch.
struct Part {
    href: String,
    what: &'static str,
    detail: String,
    kind: &'static str,
    state: &'static str,
    due: String,
}

#[derive(Template)]
#[template(path = "batch/views/batch.html")]
struct BatchPage {
    page: Page,
    trail: Vec<Crumb>,
    view: BatchView,
    stage_kind: &'static str,
    now: Option<Now>,
    /// The step that the panel does not show: it waits for others, or has no last day.
    waits: Option<NextStep>,
    next_href: String,
    next_due: String,
    clause_label: &'static str,
    comprehensive: String,
    parts: Vec<Part>,
    steps: Vec<Shown>,
    ruler: Option<Ruler>,
    may_cancel: bool,
    /// What may be done about the notice itself.
    may_change: bool,
    may_postpone: bool,
    may_stop: bool,
    /// The stop that stands.
    stop: Option<super::StopView>,
}

async fn batch_page(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    let view = match web.look(&visit, BatchDetail { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let next_href = match &view.next {
        Some(next) if !next.part.is_empty() => format!("/batches/{}/{}", view.id, next.part),
        _ => String::new(),
    };
    let clause_label =
        view.next.as_ref().and_then(|next| Clause::from_id(&next.clause)).map_or("", |clause| clause.place());
    let (now, waits) = match view.next.clone() {
        Some(next) if next.mine && next.due_on.is_some() => (now_panel(&web, &next, view.today), None),
        other => (None, other),
    };
    let is_own = visit.caller.role().sits_in_body();
    let is_in_charge = visit.caller.office() == Some(view.centre.as_str());
    let is_open = matches!(view.stage, BatchStage::Notified | BatchStage::Postponed);
    let begun = view.stage == BatchStage::Notified && view.has_begun();
    let stop = view.stop.clone().filter(|stop| stop.lifted_on.is_none());
    html(&BatchPage {
        page: Page::new(&web, &visit),
        trail: vec![Crumb::new("/batches", "批次")],
        stage_kind: tag(view.stage),
        now,
        waits,
        next_href,
        next_due: view.next.as_ref().and_then(|next| next.due_on).map(long_day).unwrap_or_default(),
        clause_label,
        comprehensive: view.comprehensive_on.map(long_day).unwrap_or_default(),
        parts: parts(&view, visit.caller.role()),
        steps: view.steps.iter().map(shown).collect(),
        ruler: ruler(&view),
        may_cancel: is_own && is_open && view.counts.marked == 0 && stop.is_none(),
        may_change: is_own && is_open && !begun && stop.is_none(),
        may_postpone: is_own && view.stage == BatchStage::Notified && !begun && stop.is_none(),
        may_stop: is_in_charge && rules::batch::stop::may_stop(view.stage, stop.as_ref().map(|s| s.stopped_on)).is_ok(),
        stop,
        view,
    })
}

fn now_panel(web: &Web, next: &NextStep, today: Day) -> Option<Now> {
    let due = next.due_on?;
    let left = match web.office.reference().calendar.between(today, due) {
        Ok(_) if due == today => "今天截止".to_owned(),
        Ok(days) if days >= 0 => format!("还有{days}个工作日"),
        Ok(days) => format!("已逾期{}个工作日", -days),
        Err(_) => String::new(),
    };
    let soon = today.saturating_add(jiff::Span::new().days(3));
    let clause = Clause::from_id(&next.clause);
    Some(Now {
        what: next.what.clone(),
        why: next.why.clone(),
        kind: if due < today {
            "danger"
        } else if due <= soon {
            "warn"
        } else {
            "neutral"
        },
        month: format!("{}月", due.month()),
        date: due.day().to_string(),
        weekday: weekday(due),
        iso: due.to_string(),
        left,
        clause_label: clause.map(|clause| clause.place().to_owned()).unwrap_or_default(),
        clause_href: format!("/clauses#{}", next.clause),
    })
}

fn shown(step: &super::Step) -> Shown {
    let day = step.on.or(step.due_on);
    let date = match (step.on, step.due_on) {
        (Some(on), _) => long_day(on),
        (None, Some(due)) => format!("{}前", long_day(due)),
        (None, None) => String::new(),
    };
    Shown {
        label: step.name.clone(),
        iso: day.map(|day| day.to_string()).unwrap_or_default(),
        date,
        who: step.who.clone(),
        note: step.note.clone(),
        state: step.state.code(),
        clause: step.clause.clone().unwrap_or_default(),
        clause_label: step.clause.as_deref().and_then(Clause::from_id).map_or("", |clause| clause.place()),
    }
}

/// The parts of a batch, each with how far it is; what is not open yet has no link.
fn parts(view: &BatchView, role: Role) -> Vec<Part> {
    use BatchStage::{Cancelled, Issued, Notified, Posted, Postponed, Publicised, Reported, Reviewed};
    let counts = &view.counts;
    let stage = view.stage;
    let part = |open: bool, name: &str, what, detail: String, finished: bool| Part {
        href: if open { format!("/batches/{}/{name}", view.id) } else { String::new() },
        what,
        detail,
        kind: match (open, finished) {
            (_, true) => "ok",
            (true, false) => "neutral",
            (false, false) => "waiting",
        },
        state: match (open, finished) {
            (_, true) => "已完成",
            (true, false) => "可办理",
            (false, false) => "未开始",
        },
        due: String::new(),
    };
    let is_school = role.sits_in_body();
    let has_begun = view.has_begun();
    let past = |stages: &[BatchStage]| stages.contains(&stage);
    let mut parts = vec![
        part(
            true,
            "roster",
            "名册与照片",
            format!("已报名{}人，预计{}人，照片{}人", counts.registered, view.expected, counts.photos),
            counts.registered > 0 && counts.photos >= counts.registered,
        ),
        part(
            true,
            "assignment",
            "考评人员",
            if counts.assigned > 0 {
                format!("已安排{}人次", counts.assigned)
            } else {
                "考评组、监考员、质量督导员，考前五个工作日安排好".to_owned()
            },
            counts.assigned > 0,
        ),
        part(
            counts.registered > 0 && (stage == Notified || counts.seated > 0),
            "arrangement",
            "考场与座位",
            match counts.seated {
                0 => "考场、座位、工位、准考证和签到表".to_owned(),
                seated => format!("有座位{seated}人，共{}人", counts.registered),
            },
            counts.registered > 0 && counts.seated >= counts.registered,
        ),
        part(
            (counts.seated > 0 && stage != Postponed) || (stage == Notified && counts.registered > 0 && has_begun),
            "conduct",
            "现场",
            match counts.held_parts.iter().fold((0, 0, 0), |(halls, ended, arrivals), one| {
                (halls + one.halls, ended + one.ended, arrivals + one.arrivals)
            }) {
                (0, ..) if counts.seated == 0 && has_begun => "考前没有编排，按名单登记考场和签到".to_owned(),
                (0, ..) => "各考场开考、签到、结束和考场记录单".to_owned(),
                (halls, ended, arrivals) => {
                    let open = view.day.incidents + view.day.violations + view.day.stopped;
                    let rest = if open > 0 { format!("，{open}件待了结") } else { String::new() };
                    format!("已开考{halls}个考场，结束{ended}个，签到{arrivals}人次{rest}")
                }
            },
            !counts.held_parts.is_empty() && stage != Notified,
        ),
        part(
            counts.registered > 0 && stage != Postponed,
            "marks",
            "成绩",
            if counts.registered > 0 {
                let waits =
                    if counts.unchecked > 0 { format!("，待核对{}人", counts.unchecked) } else { String::new() };
                format!("已登记{}人，合格{}人{waits}", counts.marked, counts.passed)
            } else {
                "有考生报名后登记".to_owned()
            },
            counts.registered > 0 && counts.marked >= counts.registered && counts.unchecked == 0,
        ),
        part(
            past(&[Posted, Publicised, Reported, Reviewed, Issued])
                || is_school && stage == Notified && counts.registered > 0 && counts.marked >= counts.registered,
            "publicity",
            "公示",
            view.publicity_ends_on.map_or("五个整工作日".to_owned(), |on| format!("{} 24:00 结束", long_day(on))),
            past(&[Publicised, Reported, Reviewed, Issued]),
        ),
        part(
            past(&[Publicised, Reported, Reviewed, Issued]),
            "report",
            "上报",
            view.report_due_on
                .map_or("公示结束后十个工作日内".to_owned(), |on| format!("最迟{}", long_day(on))),
            past(&[Reported, Reviewed, Issued]),
        ),
        part(
            past(&[Reported, Reviewed, Issued]) || counts.reported > 0,
            "report#persons",
            "审核",
            if counts.reported > 0 {
                format!("同意{}人，退回{}人，上报{}人", counts.approved, counts.returned, counts.reported)
            } else {
                "上报后由主管中心逐人审核".to_owned()
            },
            past(&[Reviewed, Issued]) || counts.reported > 0 && counts.undecided() == 0,
        ),
        part(
            past(&[Reported, Reviewed, Issued]) || counts.issued > 0,
            "certificates",
            "证书",
            if past(&[Reviewed, Issued]) || counts.issued > 0 {
                format!("已发{}本", counts.issued)
            } else {
                "审核通过后由机构颁发".to_owned()
            },
            stage == Issued,
        ),
        part(
            true,
            "archive",
            "档案",
            "五卷目录，证书核发后十个工作日内归档".to_owned(),
            view.steps.iter().any(|step| step.code == "archive" && step.state == super::StepState::Done),
        ),
    ];
    if stage == Cancelled {
        parts.truncate(1);
    }
    parts
}

/// The batch drawn to scale: from its notification to the last day that is known.
fn ruler(view: &BatchView) -> Option<Ruler> {
    if matches!(view.stage, BatchStage::Cancelled | BatchStage::Postponed) {
        return None;
    }
    let exams: Vec<Date> =
        [Some(view.theory_on), Some(view.practical_on), view.comprehensive_on].into_iter().flatten().collect();
    let (first, last) = (*exams.iter().min()?, *exams.iter().max()?);
    let day_of = |code: &str| view.steps.iter().find(|step| step.code == code).and_then(|step| step.on.or(step.due_on));
    let state_of = |code: &str| view.steps.iter().find(|step| step.code == code).map(|step| step.state);
    let begin = view.notified_on;
    let end = view.steps.iter().filter_map(|step| step.on.max(step.due_on)).max()?.max(view.today).max(view.ends_on);
    let total = begin.until(end).ok()?.get_days().max(1);
    let place = |day: Date| {
        let days = begin.until(day).map_or(0, |span| span.get_days());
        // Labels stand in the middle of their day and must not be cut off at either end.
        2.0 + 96.0 * f64::from(days) / f64::from(total)
    };
    let percent = |share: f64| format!("{share:.1}");
    let mut spans = Vec::new();
    // Where the label before ends, and on which line it stands: labels of short spans go up a line, and the third of
    // three that would stand on each other is left to the timeline.
    let (mut taken, mut line) = (f64::MIN, 0);
    let mut span = |from: Option<Date>, to: Option<Date>, label: &str, code: &str| {
        let (Some(from), Some(to)) = (from, to) else { return };
        if to < from {
            return;
        }
        let kind = match state_of(code) {
            Some(StepState::Done) => "done",
            Some(StepState::Late) => "late",
            _ => "",
        };
        let width = (place(to) - place(from)).max(1.2);
        line = if place(from) >= taken { 0 } else { line + 1 };
        taken = taken.max(place(from) + 4.0);
        let label = if line < 2 { label } else { "" };
        spans.push(Span {
            x: percent(place(from)),
            width: percent(width),
            label: label.into(),
            y: 52 - 18 * line,
            kind,
        });
    };
    let posted = view.posted_on.or(day_of("posting"));
    span(Some(begin), first.yesterday().ok(), "报名", "registration");
    span(Some(first), Some(last), "考试", "practical");
    span(last.tomorrow().ok(), posted, "成绩", "marks");
    span(posted, day_of("publicity_end"), "公示", "publicity_end");
    span(day_of("publicity_end"), day_of("report"), "上报", "report");
    let short = |day: Date| format!("{}-{}", day.month(), day.day());
    let mut ticks: Vec<Tick> = Vec::new();
    let mut at = f64::MIN;
    for day in [Some(begin), Some(first), posted, day_of("publicity_end"), day_of("report")].into_iter().flatten() {
        // Labels that would stand on each other are left to the timeline.
        if place(day) - at >= 7.0 {
            at = place(day);
            ticks.push(Tick { x: percent(at), label: short(day) });
        }
    }
    let said = format!(
        "{}通报，{}至{}考试，{}公示，最迟{}上报",
        long_day(begin),
        long_day(first),
        long_day(last),
        posted.map(long_day).unwrap_or_default(),
        day_of("report").map(long_day).unwrap_or_default(),
    );
    Some(Ruler {
        said,
        spans,
        ticks,
        today: percent(place(view.today)),
        today_label: format!("今天 {}", short(view.today)),
    })
}

/// The plan as it was uploaded.
async fn plan_file(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    let view = match web.look(&visit, BatchDetail { batch }).await {
        Ok(view) => view,
        Err(stop) => return stopped(&web, &visit, stop),
    };
    let Some(hash) = view.plan_file else { return stopped(&web, &visit, Stop::NotFound) };
    match web.work(move |office| office.files().bring(&FileHash(hash.0))).await {
        Ok(bytes) => {
            let kind = FileKind::of(&bytes);
            let extension = match kind {
                Some(FileKind::Zip) => "zip",
                Some(FileKind::Jpeg) => "jpg",
                Some(FileKind::Text) => "txt",
                Some(kind) => kind.code(),
                None => "bin",
            };
            download(FileKind::content_type(kind), &format!("{}工作计划.{extension}", view.number), bytes)
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "batch/views/cancel.html")]
struct CancelPage {
    page: Page,
    trail: Vec<Crumb>,
    view: BatchView,
    reason: String,
    refusal: Option<RefusalPanel>,
}

impl CancelPage {
    fn wrong(&self) -> &str {
        self.refusal.as_ref().filter(|r| r.field.is_some()).map_or("", |r| r.what.as_str())
    }
}

async fn cancel_form(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>) -> Response {
    cancel_page(&web, &visit, batch, String::new(), None).await
}

async fn cancel_page(web: &Web, visit: &Visit, batch: i64, reason: String, refusal: Option<RefusalPanel>) -> Response {
    match web.look(visit, BatchDetail { batch }).await {
        Ok(_) if !visit.caller.role().sits_in_body() => stopped(web, visit, Stop::NotGranted),
        Ok(view) => with_status(
            status_for(refusal.as_ref()),
            &CancelPage { page: Page::new(web, visit), trail: batch_trail(batch, &view.title), view, reason, refusal },
        ),
        Err(stop) => stopped(web, visit, stop),
    }
}

async fn cancel(State(web): State<Web>, visit: Visit, Path(batch): Path<i64>, posted: Posted) -> Response {
    let reason = posted.text("reason").to_owned();
    match web.act(&visit, posted.once(), CancelBatch { batch, reason: reason.clone() }).await {
        Ok(_) => done(&format!("/batches/{batch}"), "批次已取消，主管中心已收到。"),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => cancel_page(&web, &visit, batch, reason, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}
