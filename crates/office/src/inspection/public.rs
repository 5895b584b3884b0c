//! What everyone reads (一公开): the list of inspection items, the results of inspections. A result is made of the items and of
//! how what was found stands; no name of a person and no text that somebody typed is in it.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use jiff::civil::Date;
use rules::inspection::{InspectionItem, InspectionKind, RectificationState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{InspectedItem, PAGE, store};
use crate::directory::ledger;
use crate::door::{Office, Stop};
use crate::web::api::Registry;
use crate::web::page::{Choice, Crumb, Page, Paging, asked};
use crate::web::{Visit, Web, html, stopped};

/// The result of an inspection in a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicInspectionLine {
    pub id: i64,
    pub body_name: String,
    /// The filing number of the body.
    pub number: String,
    pub kind: InspectionKind,
    pub kind_name: String,
    pub held_on: Date,
    pub office_name: String,
    pub findings: i64,
    pub ordered: i64,
    /// How many of those ordered are mended.
    pub accepted: i64,
    /// The result in words.
    pub result: String,
}

/// The results of inspections, the latest first; fifty to a page.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicInspectionsView {
    pub inspections: Vec<PublicInspectionLine>,
    pub total: i64,
    /// From 0.
    pub page: i64,
}

/// Which inspections were held, with what result?
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct PublicInspections {
    /// Only those of the body with this filing number.
    pub number: Option<String>,
    pub kind: Option<InspectionKind>,
    /// From 0.
    #[schema(minimum = 0, maximum = 100000)]
    pub page: Option<i64>,
}

/// What does the result of an inspection say?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct PublicInspection {
    pub inspection: i64,
}

/// A rectification as everyone reads of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicRectification {
    /// The item that the finding is about.
    pub title: String,
    /// The clause id.
    pub clause: String,
    /// The clause as the notice is cited.
    pub clause_place: String,
    /// Where it stands; none where nothing had to be mended afterwards.
    pub state: Option<RectificationState>,
    pub state_name: String,
    pub due_on: Option<Date>,
}

/// The result of an inspection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicInspectionView {
    pub line: PublicInspectionLine,
    /// What was checked.
    pub checks: Vec<InspectedItem>,
    pub findings: Vec<PublicRectification>,
    /// Whether it came from a draw by lot.
    pub by_lot: bool,
    pub recorded_on: Date,
    pub today: Date,
}

/// What may be inspected?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct PublicInspectionItems {}

/// The list of inspection items.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicInspectionItemsView {
    pub items: Vec<InspectionItem>,
}

fn result(findings: i64, ordered: i64, unsettled: i64) -> String {
    match (findings, ordered) {
        (0, _) => "未发现问题".into(),
        (findings, 0) => format!("发现{findings}项问题"),
        (findings, ordered) if unsettled == 0 => format!("发现{findings}项问题，责令整改{ordered}项，已全部整改"),
        (findings, ordered) => format!("发现{findings}项问题，责令整改{ordered}项，已整改{}项", ordered - unsettled),
    }
}

fn line(one: store::Published) -> PublicInspectionLine {
    PublicInspectionLine {
        id: one.id,
        body_name: one.name,
        number: one.number,
        kind: one.kind,
        kind_name: one.kind.name().into(),
        held_on: one.held_on,
        office_name: one.office_name,
        findings: one.findings,
        ordered: one.ordered,
        accepted: one.ordered - one.unsettled,
        result: result(one.findings, one.ordered, one.unsettled),
    }
}

fn all(office: &Office, asked: &PublicInspections) -> Result<PublicInspectionsView, Stop> {
    let page = asked.page.unwrap_or(0).clamp(0, 100_000);
    office.public(|sight| {
        let number = asked.number.as_deref().map(str::trim).filter(|number| !number.is_empty());
        let body = number.map(|number| ledger::bearer(&mut sight.tx(), number)).transpose()?;
        if body == Some(None) {
            return Ok(PublicInspectionsView { inspections: Vec::new(), total: 0, page });
        }
        let body = body.flatten();
        let (found, total) = store::published(&mut sight.tx(), (body, asked.kind), (PAGE, page * PAGE))?;
        Ok(PublicInspectionsView { inspections: found.into_iter().map(line).collect(), total, page })
    })
}

fn one(office: &Office, id: i64) -> Result<PublicInspectionView, Stop> {
    office.public(|sight| {
        let today = sight.today();
        let body = store::body_of(&mut sight.tx(), id)?.ok_or(Stop::NotFound)?;
        let stored = store::one(&mut sight.tx(), id, body)?.ok_or(Stop::NotFound)?;
        let found = store::findings(&mut sight.tx(), id)?;
        let ordered = found.iter().filter_map(|one| one.state(today));
        let unsettled = ordered.clone().filter(|state| *state != RectificationState::Accepted).count() as i64;
        let counts = (found.len() as i64, ordered.count() as i64);
        let line = line(store::Published {
            id,
            name: stored.body_name,
            number: stored.number,
            kind: stored.kind,
            held_on: stored.held_on,
            office_name: stored.office_name,
            findings: counts.0,
            ordered: counts.1,
            unsettled,
        });
        let findings = found.into_iter().map(|one| {
            let state = one.state(today);
            PublicRectification {
                state,
                state_name: state.map_or_else(|| "已指出".into(), |state| state.name().into()),
                due_on: one.last.map(|(_, turn)| turn.due_on),
                title: one.title,
                clause: one.clause.id().into(),
                clause_place: one.clause.place().into(),
            }
        });
        Ok(PublicInspectionView {
            findings: findings.collect(),
            line,
            checks: store::checks(&mut sight.tx(), id)?,
            by_lot: stored.draw.is_some(),
            recorded_on: stored.recorded_on,
            today,
        })
    })
}

fn items(office: &Office) -> PublicInspectionItemsView {
    PublicInspectionItemsView { items: office.reference().inspection_items.all().to_vec() }
}

/// The public part of the API.
pub(super) fn api(registry: Registry) -> Registry {
    registry
        .public::<PublicInspections, PublicInspectionsView>(
            "/inspection-results",
            "PublicInspections",
            "检查结果",
            |office, asked| all(office, &asked),
        )
        .public::<PublicInspection, PublicInspectionView>(
            "/inspection-results/{inspection}",
            "PublicInspection",
            "一次检查的结果",
            |office, asked| one(office, asked.inspection),
        )
        .public::<PublicInspectionItems, PublicInspectionItemsView>(
            "/inspection-items",
            "PublicInspectionItems",
            "检查事项清单",
            |office, _| Ok(items(office)),
        )
}

#[derive(Template)]
#[template(path = "inspection/views/results.html")]
struct ResultsPage {
    page: Page,
    view: PublicInspectionsView,
    kinds: Vec<Choice>,
    number: String,
    paging: Paging,
    filtered: bool,
}

pub(super) async fn results(State(web): State<Web>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let of = |name: &str| asked(query.as_deref(), name);
    let (number, kind) = (of("number").unwrap_or_default(), of("kind").unwrap_or_default());
    let question = PublicInspections {
        number: Some(number.clone()),
        kind: InspectionKind::from_code(&kind),
        page: of("page").and_then(|page| page.parse().ok()),
    };
    match web.work(move |office| all(office, &question)).await {
        Ok(view) => {
            let paging = Paging::new(view.page, PAGE, view.total, |page| {
                format!("/inspection-results?number={number}&kind={kind}&page={page}")
            });
            let filtered = !(number.is_empty() && kind.is_empty());
            let kinds = super::pages::kinds(&kind, "全部方式");
            html(&ResultsPage { page: Page::new(&web, &visit), view, kinds, number, paging, filtered })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "inspection/views/result.html")]
struct ResultPage {
    page: Page,
    trail: Vec<Crumb>,
    view: PublicInspectionView,
}

pub(super) async fn result_page(State(web): State<Web>, visit: Visit, Path(inspection): Path<i64>) -> Response {
    match web.work(move |office| one(office, inspection)).await {
        Ok(view) => {
            let trail = vec![Crumb::new("/inspection-results", "检查结果")];
            html(&ResultPage { page: Page::new(&web, &visit), trail, view })
        }
        Err(stop) => stopped(&web, &visit, stop),
    }
}

#[derive(Template)]
#[template(path = "inspection/views/items.html")]
struct ItemsPage {
    page: Page,
    trail: Vec<Crumb>,
    view: PublicInspectionItemsView,
}

pub(super) async fn items_page(State(web): State<Web>, visit: Visit) -> Response {
    let trail = vec![Crumb::new("/inspection-results", "检查结果")];
    html(&ItemsPage { page: Page::new(&web, &visit), trail, view: items(&web.office) })
}
