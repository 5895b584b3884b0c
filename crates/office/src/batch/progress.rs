//! How far a batch is: its steps in the order of the work, each done, due, late or still to come, and the one that is
//! next. Days are counted by `rules`, what was done comes from the record.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rules::batch::{BatchStage, Node, timeline};
use rules::calendar::Calendar;
use rules::people::Role;
use rules::permission::ActKind;
use rules::{Clause, Day};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Counts;
use super::store::{Batch, Doing};
use crate::door::Caller;

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    Done,
    /// Its turn.
    Now,
    /// Its last day has passed.
    Late,
    /// Still to come.
    Next,
}

impl StepState {
    /// As the timeline's markup knows it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Late => "late",
            Self::Next => "next",
        }
    }
}

/// One step of a batch.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Step {
    /// The code word: `notification`, `marks`.
    pub code: String,
    pub name: String,
    pub state: StepState,
    /// When it was done, or the very day of an examination.
    pub on: Option<Date>,
    /// The last day, where one is set and the calendar reaches.
    pub due_on: Option<Date>,
    /// Who did it, or whose turn it will be.
    pub who: String,
    pub note: String,
    /// The clause that sets the day; without one it is a default of the platform.
    pub clause: Option<String>,
}

/// The steps that the platform has a record of, in the order of the work. Papers are the school's own and leave no trace
/// here, so nothing could be said of them.
const ORDER: [&str; 13] = [
    "notification",
    "registration",
    "assessors",
    "rooms",
    "theory",
    "practical",
    "comprehensive",
    "marks",
    "posting",
    "publicity_end",
    "report",
    "certificates",
    "archive",
];

pub(super) fn steps(
    batch: &Batch,
    counts: &Counts,
    done: &BTreeMap<String, Doing>,
    calendar: &Calendar,
    today: Day,
) -> Vec<Step> {
    let mut nodes = timeline(&batch.plan(), batch.posted_on, calendar);
    nodes.retain(|node| ORDER.contains(&node.code.as_str()));
    nodes.sort_by_key(|node| (ORDER.iter().position(|code| *code == node.code), node.due_on));
    // Examinations stand by their day, whatever their part.
    let exams = nodes.iter().position(is_exam).unwrap_or(0);
    let count = nodes.iter().filter(|node| is_exam(node)).count();
    nodes[exams..exams + count].sort_by_key(|node| node.due_on);

    // Once the examination has begun nothing can be arranged any more: what was not stays out of the list.
    let is_open = batch.stage == BatchStage::Notified && today < batch.plan().first_exam_on();
    if !is_open && (counts.registered == 0 || counts.seated < counts.registered) {
        nodes.retain(|node| node.code != "rooms");
    }

    let told = Told { batch, counts, done, calendar, today };
    let mut steps: Vec<Step> = nodes.iter().map(|node| told.step(node)).collect();
    if let Some(at) = steps.iter().position(|step| step.code == "certificates") {
        steps.insert(at, told.review());
    }
    // Nobody is assigned afterwards any more, so it is nobody's turn; the centre sees it in the review.
    if batch.stage != BatchStage::Notified || today > batch.plan().last_exam_on() {
        steps.retain(|step| step.code != "assessors" || step.state == StepState::Done);
    }
    if batch.stage == BatchStage::Cancelled {
        steps.retain(|step| step.state == StepState::Done && step.on.is_none_or(|on| Some(on) <= batch.cancelled_on));
        steps.push(told.cancelled());
    } else if batch.stage == BatchStage::Postponed {
        // The days that were told hold no more; the ones that come are counted from the new one.
        let is_done = |step: &Step| {
            matches!(step.code.as_str(), "notification" | "registration") && step.state == StepState::Done
        };
        for step in steps.iter_mut().filter(|step| !is_done(step)) {
            (step.state, step.on, step.due_on) = (StepState::Next, None, None);
        }
        let at = steps.iter().take_while(|step| is_done(step)).count();
        steps.insert(at, told.new_day());
    } else if batch.stage == BatchStage::Issued {
        // Where nobody was to receive a certificate, nothing but the archive is still to come.
        steps.retain(|step| step.state == StepState::Done || step.code == "archive");
        if let Some(archive) = steps.iter_mut().find(|step| step.state == StepState::Next) {
            archive.state = StepState::Now;
        }
    } else if let Some(turn) = steps.iter_mut().find(|step| step.state != StepState::Done)
        && turn.state == StepState::Next
        && turn.on.is_none()
    {
        turn.state = StepState::Now;
    }
    steps
}

fn is_exam(node: &Node) -> bool {
    matches!(node.code.as_str(), "theory" | "practical" | "comprehensive")
}

/// What is known of a batch.
struct Told<'a> {
    batch: &'a Batch,
    counts: &'a Counts,
    done: &'a BTreeMap<String, Doing>,
    calendar: &'a Calendar,
    today: Day,
}

/// The day of the last certificate; the end of publicity where a finished batch has none.
fn finished_on(batch: &Batch, done: &BTreeMap<String, Doing>) -> Option<Day> {
    let issued = done.get(ActKind::IssueCertificates.code()).map(|doing| doing.on);
    issued.or(batch.closed_on).filter(|_| batch.stage == BatchStage::Issued)
}

impl Told<'_> {
    fn step(&self, node: &Node) -> Step {
        let Self { batch, counts, today, .. } = self;
        let mut step = Step {
            code: node.code.clone(),
            name: node.name.clone(),
            state: StepState::Next,
            on: None,
            due_on: node.due_on,
            who: node.owner.name().to_owned(),
            note: node.unknown.as_ref().map(|unknown| unknown.remedy.clone()).unwrap_or_default(),
            clause: node.clause.map(|clause| clause.id().to_owned()),
        };
        let all_seated = counts.registered > 0 && counts.seated >= counts.registered;
        let all_marked = counts.registered > 0 && counts.marked >= counts.registered;
        let is_archived = self.done.contains_key(ActKind::CloseArchive.code());
        let act = match node.code.as_str() {
            "archive" => is_archived.then_some(ActKind::CloseArchive),
            "notification" => Some(ActKind::NotifyBatch),
            "registration" => (counts.registered > 0).then_some(ActKind::UploadRoster),
            "assessors" => (counts.assigned > 0).then_some(ActKind::AssignExaminers),
            "rooms" => all_seated.then_some(ActKind::ArrangeBatch),
            "marks" => all_marked.then_some(ActKind::UploadMarks),
            "posting" => batch.posted_on.map(|_| ActKind::PostResults),
            "publicity_end" => batch.closed_on.map(|_| ActKind::ClosePublicity),
            "report" => (counts.reported > 0).then_some(ActKind::ReportResults),
            "certificates" => (counts.issued > 0).then_some(ActKind::IssueCertificates),
            _ => None,
        };
        match node.code.as_str() {
            "registration" if counts.registered > 0 => {
                step.note = format!("已报名{}人，照片{}人", counts.registered, counts.photos);
            }
            "assessors" if counts.assigned > 0 => step.note = format!("已安排{}人次", counts.assigned),
            "rooms" => {
                step.name = "考场与座位安排".into();
                if counts.registered > 0 {
                    step.note = format!("有座位{}人，共{}人", counts.seated, counts.registered);
                }
            }
            "marks" if counts.registered > 0 => {
                step.note = format!("已登记{}人，共{}人", counts.marked, counts.registered);
            }
            "report" if counts.reported > 0 => step.note = format!("已上报{}人", counts.reported),
            // Counted from the last certificate, which the day of the examination knows nothing of.
            "archive" => {
                step.who = Role::Head.name().to_owned();
                step.due_on = crate::archive::due_on(finished_on(batch, self.done), self.calendar);
                step.note =
                    if is_archived { String::new() } else { "证书核发后十个工作日内归档".to_owned() };
            }
            // Certificates follow the review; the platform's default day would stand before the report's.
            "certificates" => {
                step.due_on = None;
                step.note = if counts.issued > 0 {
                    format!("已发{}本", counts.issued)
                } else {
                    "审核通过后核发".to_owned()
                };
            }
            _ => {}
        }
        if is_exam(node) {
            step.on = node.due_on;
            step.due_on = None;
            step.state = match node.due_on {
                Some(on) if on < *today => StepState::Done,
                Some(on) if on == *today => StepState::Now,
                _ => StepState::Next,
            };
            if let Some(held) = counts.held_parts.iter().find(|held| held.part.code() == node.code) {
                step.note = format!("已开考{}个考场，结束{}个，签到{}人", held.halls, held.ended, held.arrivals);
            }
            step.who = if node.code == "theory" { &batch.theory_place } else { &batch.practical_place }.clone();
        } else if let Some(act) = act {
            step.state = StepState::Done;
            self.by(&mut step, act);
        } else if node.due_on.is_some_and(|due| due < *today) && step.due_on.is_some() && self.is_open(&node.code) {
            step.state = StepState::Late;
        }
        step
    }

    /// Whether a step can still be done or missed: the days of those that the batch has passed by don't matter.
    fn is_open(&self, code: &str) -> bool {
        match code {
            "registration" | "assessors" | "rooms" | "marks" | "posting" => self.batch.stage == BatchStage::Notified,
            // It ends by itself.
            "publicity_end" => false,
            "report" => self.batch.stage == BatchStage::Publicised,
            _ => true,
        }
    }

    fn review(&self) -> Step {
        let Counts { reported, approved, returned, given_up, .. } = self.counts;
        let dropped = if *given_up > 0 { format!("不再办理{given_up}人，") } else { String::new() };
        let mut step = Step {
            code: "review".into(),
            name: "主管中心审核".into(),
            state: StepState::Next,
            on: None,
            due_on: None,
            who: self.batch.centre_name.clone(),
            note: if *reported > 0 {
                format!("同意{approved}人，退回{returned}人，{dropped}共上报{reported}人")
            } else {
                String::new()
            },
            clause: Some(Clause::S2_2_4A.id().into()),
        };
        if *reported > 0 && self.counts.undecided() == 0 {
            step.state = StepState::Done;
            self.by(&mut step, ActKind::ReviewPersons);
        }
        step
    }

    fn new_day(&self) -> Step {
        Step {
            code: "new_day".into(),
            name: "通报新的日期".into(),
            state: StepState::Now,
            on: None,
            due_on: None,
            who: Role::Clerk.name().into(),
            note: "批次已推迟，考生都保留；提前十个工作日通报新的日期".into(),
            clause: Some(Clause::S2_2_1B.id().into()),
        }
    }

    fn cancelled(&self) -> Step {
        let mut step = Step {
            code: "cancelled".into(),
            name: "取消批次".into(),
            state: StepState::Done,
            on: self.batch.cancelled_on,
            due_on: None,
            who: String::new(),
            note: self.batch.cancel_reason.clone().unwrap_or_default(),
            clause: Some(Clause::S2_2_1B.id().into()),
        };
        self.by(&mut step, ActKind::CancelBatch);
        step
    }

    /// Who did it and when, as the record says.
    fn by(&self, step: &mut Step, act: ActKind) {
        if let Some(doing) = self.done.get(act.code()) {
            step.on = Some(doing.on);
            step.who = doing.who.clone();
        }
    }
}

/// What is next in a batch, and for whom.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NextStep {
    pub what: String,
    pub why: String,
    /// Who has to do it, as people say it.
    pub by: String,
    /// Whether that is the caller.
    pub mine: bool,
    pub due_on: Option<Date>,
    pub clause: String,
    /// The part of the batch's page where it is done: `roster`, `marks`; empty when the day does it.
    pub part: String,
}

/// A batch that its centre has stopped waits for the centre, and for what the body puts right.
pub(super) fn stopped(batch: &Batch, caller: &Caller) -> NextStep {
    NextStep {
        what: "解除叫停或终止批次".into(),
        why: "主管中心已叫停本批次，其间不登记成绩、不公示、不上报".into(),
        by: batch.centre_name.clone(),
        mine: caller.office() == Some(batch.centre.as_str()),
        due_on: None,
        clause: Clause::S2_2_1C.id().to_owned(),
        part: "stop".into(),
    }
}

pub(super) fn next(
    batch: &Batch,
    counts: &Counts,
    done: &BTreeMap<String, Doing>,
    calendar: &Calendar,
    today: Day,
    caller: &Caller,
) -> Option<NextStep> {
    let plan = batch.plan();
    let nodes = timeline(&plan, batch.posted_on, calendar);
    let due = |code: &str| nodes.iter().find(|node| node.code == code).and_then(|node| node.due_on);
    let role = caller.role();
    let body = |role: Role| role.sits_in_body();
    let head = |role: Role| role == Role::Head;
    let centre = |_: Role| caller.office() == Some(batch.centre.as_str());
    let step = |what: String, why: String, by: &str, mine: bool, due_on, clause: Clause, part: &str| NextStep {
        what,
        why,
        by: by.to_owned(),
        mine,
        due_on,
        clause: clause.id().to_owned(),
        part: part.to_owned(),
    };
    let exam_over = today > plan.last_exam_on();
    let said = |act: ActKind| act.name().to_owned();
    Some(match batch.stage {
        BatchStage::Notified if counts.registered == 0 && !exam_over => step(
            said(ActKind::UploadRoster),
            format!("通报预计{}人，还没有考生", batch.expected),
            "机构",
            body(role),
            due("registration"),
            Clause::S1_1_3,
            "roster",
        ),
        BatchStage::Notified if counts.seated < counts.registered && today < plan.first_exam_on() => step(
            said(ActKind::ArrangeBatch),
            match counts.seated {
                0 => format!("已报名{}人，还没有安排考场和座位", counts.registered),
                seated => format!("还有{}人没有座位", counts.registered - seated),
            },
            "机构",
            body(role),
            due("rooms"),
            Clause::S1_5_1,
            "arrangement",
        ),
        // Who was never arranged does not escape the sign-in.
        BatchStage::Notified
            if counts.registered > 0 && counts.seated == 0 && rules::conduct::is_asked(batch.notified_on) =>
        {
            step(
                said(ActKind::HoldByList),
                "考前没有编排考场；按实际的考场登记，考生逐人签到以后才能登记成绩".into(),
                "机构",
                body(role),
                Some(plan.last_exam_on()),
                Clause::S1_5_1,
                "plain-rooms",
            )
        }
        BatchStage::Notified if !exam_over && counts.assigned == 0 => step(
            said(ActKind::AssignExaminers),
            format!("已报名{}人，还没有安排考评组、监考员和质量督导员", counts.registered),
            "机构",
            body(role),
            due("assessors"),
            Clause::S1_2_2,
            "assignment",
        ),
        BatchStage::Notified if !exam_over => step(
            "开展考试".into(),
            format!("已报名{}人，考试结束前名册仍可更正", counts.registered),
            "机构",
            false,
            Some(plan.last_exam_on()),
            Clause::S1_5_1,
            "roster",
        ),
        BatchStage::Notified if counts.registered == 0 => step(
            said(ActKind::CancelBatch),
            "考试日期已过，没有考生报名".into(),
            "机构",
            body(role),
            None,
            Clause::S2_2_1B,
            "cancellation",
        ),
        BatchStage::Notified if counts.marked < counts.registered => step(
            said(ActKind::EnterMark),
            format!("还有{}人没有完整成绩", counts.registered - counts.marked),
            "机构",
            body(role),
            due("marks"),
            Clause::S1_5_1,
            "marks",
        ),
        BatchStage::Notified if counts.unchecked > 0 => step(
            said(ActKind::ConfirmMarks),
            format!("{}人的成绩还没有经第二人核对，登记人不能核对自己登记的", counts.unchecked),
            "机构",
            body(role),
            due("marks"),
            Clause::S1_5_1,
            "marks/confirmation",
        ),
        BatchStage::Notified => step(
            said(ActKind::PostResults),
            format!("{}人成绩齐全，公示五个整工作日", counts.registered),
            "机构负责人",
            head(role),
            due("posting"),
            Clause::S2_2_3A,
            "publicity",
        ),
        BatchStage::Postponed => step(
            "通报新的日期".into(),
            format!("批次已推迟，{}名考生的报名都保留；新的日期须提前十个工作日通报", counts.registered),
            "机构",
            body(role),
            None,
            Clause::S2_2_1B,
            "change",
        ),
        BatchStage::Posted => step(
            said(ActKind::ClosePublicity),
            "到期自动撤下；其间的异议须逐件处理".into(),
            "系统",
            false,
            batch.ends_publicity_on,
            Clause::S2_2_3A,
            "publicity",
        ),
        BatchStage::Publicised if counts.reported > 0 => step(
            format!("补充{}", ActKind::ReportResults.name()),
            format!("被退回{}人，异议暂缓{}人；期限见上报页", counts.returned, counts.held),
            "机构负责人",
            head(role),
            None,
            Clause::S2_2_3B,
            "report",
        ),
        BatchStage::Publicised => step(
            said(ActKind::ReportResults),
            format!("合格{}人，异议暂缓{}人", counts.passed, counts.held),
            "机构负责人",
            head(role),
            batch.report_due_on,
            Clause::S2_2_3B,
            "report",
        ),
        BatchStage::Reported => step(
            said(ActKind::ReviewPersons),
            format!("上报{}人，待审核{}人", counts.reported, counts.undecided()),
            &batch.centre_name,
            centre(role),
            None,
            Clause::S2_2_4A,
            "report",
        ),
        BatchStage::Reviewed => step(
            said(ActKind::IssueCertificates),
            format!("审核同意{}人，已发{}本", counts.approved, counts.issued),
            "机构负责人",
            head(role),
            None,
            Clause::S2_2_4B,
            "certificates",
        ),
        BatchStage::Issued if !done.contains_key(ActKind::CloseArchive.code()) => step(
            said(ActKind::CloseArchive),
            "证书已办结，核对五卷目录，补齐缺件后归档".into(),
            "机构负责人",
            head(role),
            crate::archive::due_on(finished_on(batch, done), calendar),
            Clause::S3_3_1,
            "archive",
        ),
        BatchStage::Issued | BatchStage::Cancelled => return None,
    })
}
