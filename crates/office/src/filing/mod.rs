//! 二（一）申请备案、备案审核、公布目录: a body files for occupations and levels with its people, places and materials; the
//! centre in charge reviews, the bureau of the place consents, the province gathers, reports and lists; the receipt
//! bears number and validity. The order of the steps and what is asked for are `rules::filing`.

mod check;
mod content;
mod draft;
mod form;
mod lists;
mod looks;
mod pages;
mod parts;
mod review;
mod store;

use axum::http::Method;
use axum::routing::get;
use rules::Clause;
use rules::filing::{FilingStage, FilingStep};
use rules::people::Role;

pub use draft::{
    AttachMaterial, BodyForm, DescribeBody, ListPeople, ListSites, ListedPerson, ListedSite, OpenFiling, PlanTrades,
    PlannedTrade, RemoveMaterial, SubmitFiling,
};
pub(crate) use lists::ALL as LISTS;
pub use lists::{ImportMajors, ImportPeople, ImportSites, ListUpload, Majors, RemoveMajor};
pub use looks::{FilingDetail, FilingDetailView, FilingReceipt, Filings, MaterialFile, ReceiptView};
pub(crate) use looks::{receipt_centre, receipt_scope};
pub use pages::pages;
pub use review::{
    AcceptFiling, AssessFiling, ConsentFiling, Decision, GiveBackFiling, IssueReceipt, ListFiling,
    RecordMinistryFiling, RecordMinistryFilings, SummariseFiling,
};
pub(crate) use store::ALL;

use crate::door::{Sight, Stop};
use crate::home::Task;
use crate::web::api::{Registry, file_operation};

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry
        .act::<OpenFiling>("/filings")
        .look::<Filings>("/filings", "备案申请")
        .look::<FilingDetail>("/filings/{filing}", "一份备案申请")
        .act::<ImportMajors>("/majors")
        .look::<Majors>("/majors", "专业目录")
        .act::<RemoveMajor>("/majors/removal")
        .look::<ListUpload>("/list-uploads/{list}", "一次表格导入与问题")
        .act::<DescribeBody>("/filings/{filing}/body")
        .act::<PlanTrades>("/filings/{filing}/trades")
        .act::<ListPeople>("/filings/{filing}/people")
        .act::<ImportPeople>("/filings/{filing}/people/uploads")
        .act::<ListSites>("/filings/{filing}/sites")
        .act::<ImportSites>("/filings/{filing}/sites/uploads")
        .act::<AttachMaterial>("/filings/{filing}/materials")
        .look::<MaterialFile>("/filings/{filing}/materials/{material}", "一份申请材料")
        .act::<RemoveMaterial>("/filings/{filing}/materials/{material}/removal")
        .act::<SubmitFiling>("/filings/{filing}/submission")
        .act::<AcceptFiling>("/filings/{filing}/acceptance")
        .act::<GiveBackFiling>("/filings/{filing}/return")
        .act::<AssessFiling>("/filings/{filing}/assessment")
        .act::<ConsentFiling>("/filings/{filing}/consent")
        .act::<SummariseFiling>("/filings/{filing}/summary")
        .act::<RecordMinistryFiling>("/filings/{filing}/ministry-filing")
        .act::<RecordMinistryFilings>("/ministry-filings")
        .act::<ListFiling>("/filings/{filing}/listing")
        .act::<IssueReceipt>("/filings/{filing}/receipt")
        .look::<FilingReceipt>("/filings/{filing}/receipt", "备案回执")
        .other(
            Method::GET,
            "/filings/{filing}/receipt.pdf",
            file_operation("filings", ("FilingReceiptPdf", "备案回执（PDF）"), &["filing"], "application/pdf"),
            get(pages::receipt),
        )
        .other(
            Method::GET,
            "/filings/{filing}/form.pdf",
            file_operation("filings", ("FilingFormPdf", "备案表（PDF）"), &["filing"], "application/pdf"),
            get(pages::filing_form),
        )
        .other(
            Method::GET,
            "/filings/{filing}/materials/{material}/content",
            file_operation(
                "filings",
                ("MaterialContent", "一份申请材料的内容"),
                &["filing", "material"],
                "application/octet-stream",
            ),
            get(pages::material),
        )
}

/// What waits for the caller, and for a body what it waits for.
///
/// # Errors
/// A fault.
pub(crate) fn tasks(sight: &mut Sight<'_>) -> Result<Vec<Task>, Stop> {
    let caller = sight.caller();
    let (role, body) = (caller.role(), caller.body());
    if matches!(role, Role::Administrator | Role::Timer | Role::Public) {
        return Ok(Vec::new());
    }
    if let Some(body) = body
        && !store::has_filed(&mut sight.tx(), body)?
    {
        let kind = crate::body::find(&mut sight.tx(), body)?.ok_or(Stop::NotFound)?.kind;
        if rules::filing::files_under(kind).is_err() {
            return Ok(Vec::new());
        }
        let detail = "本着自愿申报的原则，符合条件的院校提交备案申请，备案后开展认定";
        return Ok(vec![Task::new(Clause::S2_1_1A, "开始备案申请", detail, "/filings/new")]);
    }
    let scope = sight.scope();
    let filings = store::waiting(&mut sight.tx(), &scope)?;
    let mut tasks = Vec::new();
    for filing in &filings {
        // While the panel has not concluded, the evaluation is what is to be done.
        let reviews = matches!(role, Role::CityCentre | Role::ProvincialCentre);
        if reviews && filing.stage == FilingStage::Accepted && crate::evaluation::brief(sight, filing.id)?.1 {
            continue;
        }
        // Only who has to mend it is told why it came back.
        let is_back = role.sits_in_body() && filing.stage == FilingStage::Returned;
        let back = if is_back { store::returns(&mut sight.tx(), filing.id)?.pop() } else { None };
        tasks.extend(task(filing, role, back));
    }
    Ok(tasks)
}

/// Who gave it back and why: the first reasons, and how many there are.
fn why(filing: &store::Filing, back: Option<store::Return>) -> String {
    let Some(back) = back else { return format!("{}退回，理由见申请页", filing.centre_name) };
    let about = |reason: store::Reason| match reason.label.as_str() {
        "" => format!("{}：{}", reason.part.name(), reason.text),
        label => format!("{}，{label}：{}", reason.part.name(), reason.text),
    };
    let reasons: Vec<String> = back.reasons.into_iter().chain(back.parts.into_iter().map(about)).collect();
    let seat = if back.seat.is_empty() { &filing.centre_name } else { &back.seat };
    match reasons.as_slice() {
        all if all.len() <= 2 => format!("{seat}退回：{}", all.join("；")),
        all => format!("{seat}退回：{}；等{}处", all[..2].join("；"), all.len()),
    }
}

fn task(filing: &store::Filing, role: Role, back: Option<store::Return>) -> Option<Task> {
    let (stage, track) = (filing.stage, filing.track());
    let name = &filing.body_name;
    let Some(step) = stage.awaits(track) else {
        // Listed, and the receipt is still to be handed out.
        let number = filing.number.as_deref().unwrap_or_default();
        return match role {
            Role::ProvincialCentre => Some(Task::new(
                Clause::S2_1_3B,
                "发放备案回执",
                format!("{name}已列入机构目录，编号 {number}"),
                filing.href(),
            )),
            Role::Clerk | Role::Head => Some(
                Task::new(Clause::S2_1_3B, "等待省中心发放备案回执", format!("编号 {number}"), filing.href()).waiting(),
            ),
            _ => None,
        };
    };
    let (by, clause) = (step.by(track), step.clause(track));
    let due = filing.accept_due_on.filter(|_| step == FilingStep::Accept);
    if role.sits_in_body() {
        return Some(match stage {
            FilingStage::Drafting => {
                Task::new(clause, "填完并提交备案申请", "随时可以离开，已填的内容都在", filing.href())
            }
            FilingStage::Returned => Task::new(clause, "补正后重新提交备案申请", why(filing, back), filing.href()),
            _ => Task::new(clause, format!("等待{}：{}", by.name(), step.name()), stage.name(), filing.href())
                .due(due)
                .waiting(),
        });
    }
    let what = match step {
        FilingStep::Accept => "受理备案申请",
        FilingStep::Assess { .. } => "审核评估备案申请",
        FilingStep::Consent => "决定是否同意备案",
        FilingStep::Summarise => "汇总备案申请",
        FilingStep::RecordMinistry => "报部备案并登记",
        FilingStep::List => "列入机构目录",
        FilingStep::Submit | FilingStep::GiveBack => return None,
    };
    (by == role).then(|| Task::new(clause, what, name.as_str(), filing.href()).due(due))
}
