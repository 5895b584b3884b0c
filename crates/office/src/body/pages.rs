//! Registering a body, for administrators. Who is in charge of it is computed and shown, never asked.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use rules::Refusal;
use rules::certificate::Level;
use rules::jurisdiction::{Affiliation, BodyKind, PROVINCE_CENTRE};

use super::{Bodies, BodiesView, RegisterBody};
use crate::door::Stop;
use crate::reference::Reference;
use crate::web::page::{Choice, Page, RefusalPanel, done, refusal_in, status_for, with_status};
use crate::web::{Posted, Visit, Web, stopped};

/// The feature's pages.
pub fn pages() -> Router<Web> {
    Router::new().route("/admin/bodies", get(bodies).post(register))
}

#[derive(Template)]
#[template(path = "body/views/bodies.html")]
struct BodiesPage {
    page: Page,
    view: BodiesView,
    typed: Posted,
    kinds: Vec<Choice>,
    affiliations: Vec<Choice>,
    owners: Vec<Choice>,
    levels: Vec<Choice>,
    counties: Vec<Choice>,
    centres: Vec<Choice>,
    refusal: Option<RefusalPanel>,
}

impl BodiesPage {
    /// What is wrong with a field, if it is this one that was refused.
    fn problem(&self, field: &str) -> &str {
        RefusalPanel::beside(self.refusal.as_ref(), field)
    }
}

async fn bodies(State(web): State<Web>, visit: Visit) -> Response {
    bodies_page(&web, &visit, Posted::default(), None).await
}

async fn bodies_page(web: &Web, visit: &Visit, typed: Posted, refusal: Option<RefusalPanel>) -> Response {
    let view = match web.look(visit, Bodies {}).await {
        Ok(view) => view,
        Err(stop) => return stopped(web, visit, stop),
    };
    let chosen = |field: &str| typed.text(field).to_owned();
    let reference = web.office.reference();
    let page = BodiesPage {
        page: Page::new(web, visit),
        kinds: choices(BodyKind::ALL.iter().map(|kind| (kind.code(), kind.name())), &chosen("kind")),
        affiliations: choices(Affiliation::ALL.iter().map(|one| (one.code(), one.name())), &chosen("affiliation")),
        owners: choices([("true", "公办"), ("false", "民办")].into_iter(), &chosen("public_body")),
        levels: levels(&chosen("level_cap")),
        counties: counties(&reference, &chosen("county")),
        centres: centres(&reference, &chosen("station_centre")),
        view,
        typed,
        refusal,
    };
    with_status(status_for(page.refusal.as_ref()), &page)
}

fn choices<'a>(list: impl Iterator<Item = (&'a str, &'a str)>, chosen: &str) -> Vec<Choice> {
    list.map(|(value, label)| Choice::new(value, label, chosen)).collect()
}

/// The highest level that a body may assess, the lowest first.
fn levels(chosen: &str) -> Vec<Choice> {
    let all = "54321".chars().filter_map(Level::from_digit);
    let levels = all.map(|level| Choice::new(level.digit().to_string(), level.name(), chosen));
    std::iter::once(Choice::new("", "请选择", chosen)).chain(levels).collect()
}

/// Every county behind its city.
pub(crate) fn counties(reference: &Reference, chosen: &str) -> Vec<Choice> {
    let divisions = &reference.divisions;
    let mut list = vec![Choice::new("", "请选择", chosen)];
    for place in divisions.places() {
        let counties = divisions.counties_of(&place.code).into_iter();
        list.extend(counties.map(|county| match county.code == place.code {
            true => Choice::new(&county.code, &place.name, chosen),
            false => Choice::new(&county.code, format!("{} {}", place.name, county.name), chosen),
        }));
    }
    list
}

/// The centres that a college's own station may belong to.
pub(crate) fn centres(reference: &Reference, chosen: &str) -> Vec<Choice> {
    let mut list =
        vec![Choice::new("", "不适用", chosen), Choice::new(PROVINCE_CENTRE, super::PROVINCE_CENTRE_NAME, chosen)];
    list.extend(
        reference.divisions.places().iter().map(|place| Choice::new(place.centre(), place.centre_name(), chosen)),
    );
    list
}

async fn register(State(web): State<Web>, visit: Visit, posted: Posted) -> Response {
    let outcome = match read_body(&posted) {
        Ok(act) => web.act(&visit, posted.once(), act).await,
        Err(stop) => Err(stop),
    };
    match outcome {
        Ok(made) => done(
            &format!("/admin/accounts?seat={}#new", made.id),
            &format!("{}已登记。请接着为它开设经办人和负责人的账号。", posted.text("name")),
        ),
        Err(stop) => match refusal_in(stop) {
            Ok(refusal) => bodies_page(&web, &visit, posted, Some(refusal)).await,
            Err(stop) => stopped(&web, &visit, stop),
        },
    }
}

fn read_body(posted: &Posted) -> Result<RegisterBody, Stop> {
    let choose = |label: &str, field| Refusal::house("填写", format!("没有选择{label}")).remedy("请选择一项").at(field);
    let text = |field: &str| posted.text(field).to_owned();
    Ok(RegisterBody {
        name: posted.needed("name", "机构全称")?,
        kind: BodyKind::from_code(posted.text("kind")).ok_or_else(|| choose("机构类别", "kind"))?,
        affiliation: Affiliation::from_code(posted.text("affiliation"))
            .ok_or_else(|| choose("隶属关系", "affiliation"))?,
        public_body: posted.text("public_body").parse().map_err(|_| choose("举办性质", "public_body"))?,
        level_cap: text("level_cap"),
        county: text("county"),
        uscc: posted.needed("uscc", "统一社会信用代码")?,
        address: text("address"),
        legal_representative: text("legal_representative"),
        head: text("head"),
        contact: text("contact"),
        phone: text("phone"),
        superior: text("superior"),
        station_name: text("station_name"),
        station_number: text("station_number"),
        station_centre: posted.some("station_centre"),
    })
}
