//! 二（一）2: the evaluation on site of an accepted filing. The centre in charge sets the day, a panel is drawn by lot from
//! the register of experts, each member marks the conditions of 一（二）, and the marks come to a conclusion per occupation.
//! Without it the filing is not assessed.

mod acts;
mod looks;
mod pages;
mod print;
mod store;

use axum::http::Method;
use axum::routing::get;
use jiff::civil::Date;
use rules::evaluation::{EvaluationStage, TradeOutcome};
use rules::people::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use acts::{
    AttachEvidence, DrawPanel, FinishEvaluation, MarkEvaluation, MoveEvaluation, PlanEvaluation, RemoveEvidence,
    ReplaceMember,
};
pub use looks::{DrawRecord, EvaluationDetail, EvaluationView, EvidenceFile};
pub use pages::pages;
pub(crate) use store::ALL;

use crate::db::Tx;
use crate::door::{Sight, Stop};
use crate::home::Task;
use crate::web::api::{Registry, file_operation};

/// The item under which the sheet that all members signed is attached.
pub const SIGNED_SHEET: &str = "signed_sheet";

/// An expert of the right occupation who stayed out of a draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AvoidedExpert {
    pub name: String,
    pub reason: String,
}

/// An evaluation in a few words: for the page of the filing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EvaluationBrief {
    pub held_on: Date,
    pub stage: EvaluationStage,
    pub stage_name: String,
    /// What the panel came to, per occupation; empty before.
    pub outcomes: Vec<TradeOutcome>,
    pub opinion: String,
}

/// How the evaluation of a filing stands, and whether its assessment waits for one.
///
/// # Errors
/// *Not found*, or a fault.
pub(crate) fn brief(sight: &mut Sight<'_>, filing: i64) -> Result<(Option<EvaluationBrief>, bool), Stop> {
    let filing = store::filing(&mut sight.tx(), filing)?.ok_or(Stop::NotFound)?;
    let evaluation = store::of_filing(&mut sight.tx(), &filing)?;
    let is_finished = evaluation.as_ref().is_some_and(|one| one.stage() == EvaluationStage::Finished);
    let waits = !is_finished && is_needed(sight, filing.body)?;
    let brief = evaluation.map(|evaluation| EvaluationBrief {
        held_on: evaluation.held_on,
        stage: evaluation.stage(),
        stage_name: evaluation.stage().name().into(),
        outcomes: evaluation.outcome.unwrap_or_default(),
        opinion: evaluation.opinion.unwrap_or_default(),
    });
    Ok((brief, waits))
}

/// Whether a body's filing needs an evaluation.
///
/// # Errors
/// A fault.
pub(crate) fn is_needed(sight: &mut Sight<'_>, body: i64) -> Result<bool, Stop> {
    let (was_listed, today) = (store::was_listed(&mut sight.tx(), body)?, sight.today());
    Ok(rules::evaluation::is_needed(was_listed, &crate::term::on(&mut sight.tx(), today)?))
}

/// What a panel found on site counts for what is submitted again, where it passed every occupation: nobody visits twice for a
/// corrected paper.
///
/// # Errors
/// *Not found*, or a fault.
pub(crate) fn carry_over(tx: &mut Tx<'_>, filing: i64) -> Result<(), Stop> {
    let filing = store::filing(tx, filing)?.ok_or(Stop::NotFound)?;
    if let Some(evaluation) = store::before_return(tx, &filing)?
        && evaluation.outcome.iter().flatten().all(|outcome| outcome.passed)
        && evaluation.stage() == EvaluationStage::Finished
    {
        store::carry_over(tx, evaluation.id)?;
    }
    Ok(())
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<PlanEvaluation>("/filings/{filing}/evaluation")
        .look::<EvaluationDetail>("/filings/{filing}/evaluation", "一份备案申请的现场评估")
        .act::<MoveEvaluation>("/filings/{filing}/evaluation/day")
        .act::<DrawPanel>("/filings/{filing}/evaluation/draws")
        .look::<DrawRecord>("/filings/{filing}/evaluation/draws/{no}", "一次抽取的记录，可以复核")
        .act::<ReplaceMember>("/filings/{filing}/evaluation/members/{expert}/replacement")
        .act::<MarkEvaluation>("/filings/{filing}/evaluation/members/{expert}/marks")
        .act::<AttachEvidence>("/filings/{filing}/evaluation/evidence")
        .look::<EvidenceFile>("/filings/{filing}/evaluation/evidence/{evidence}", "一份评估材料")
        .act::<RemoveEvidence>("/filings/{filing}/evaluation/evidence/{evidence}/removal")
        .act::<FinishEvaluation>("/filings/{filing}/evaluation/conclusion")
        .other(
            Method::GET,
            "/filings/{filing}/evaluation/sheet.pdf",
            file_operation("filings", ("EvaluationSheetPdf", "评估评分表（PDF）"), &["filing"], "application/pdf"),
            get(pages::sheet),
        )
        .other(
            Method::GET,
            "/filings/{filing}/evaluation/evidence/{evidence}/content",
            file_operation(
                "filings",
                ("EvidenceContent", "一份评估材料的内容"),
                &["filing", "evidence"],
                "application/octet-stream",
            ),
            get(pages::evidence),
        )
}

/// What waits for the caller: for the centre the next step of each evaluation, for a body its day.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let (role, scope, today) = (sight.caller().role(), sight.scope(), sight.today());
    if !matches!(role, Role::CityCentre | Role::ProvincialCentre) && !role.sits_in_body() {
        return Ok(Vec::new());
    }
    let mut tasks = Vec::new();
    for filing in store::accepted(&mut sight.tx(), &scope)? {
        let clause = rules::evaluation::clause(filing.track);
        let evaluation = store::of_filing(&mut sight.tx(), &filing)?;
        let due = evaluation.as_ref().map(|one| one.held_on);
        if role.sits_in_body() {
            if let Some(one) = evaluation.filter(|one| one.stage() != EvaluationStage::Finished) {
                let detail = format!("{}到校评估，请准备场地、设备、监控和人员证卡", filing.centre_name);
                tasks.push(Task::new(clause, "现场评估", detail, filing.href()).due(Some(one.held_on)).waiting());
            }
            continue;
        }
        // A provincial centre sees every filing and evaluates its own.
        if filing.track.needs_bureau != (role == Role::CityCentre) || !is_needed(sight, filing.body)? {
            continue;
        }
        let what = match evaluation.as_ref().map(store::Evaluation::stage) {
            None => "安排现场评估",
            Some(EvaluationStage::Planned) => "抽取评估专家",
            Some(EvaluationStage::Drawn) if due.is_some_and(|day| day > today) => "准备现场评估",
            Some(EvaluationStage::Drawn) => "登记评分，形成评估结论",
            Some(EvaluationStage::Finished) => continue,
        };
        tasks.push(Task::new(clause, what, filing.body_name.as_str(), filing.href()).due(due));
    }
    Ok(tasks)
}
