//! The make-believe province: its bodies and personas, and a year of batches driven through the real acts.

mod mail;
mod people;
mod phone;
mod year;

use std::sync::LazyLock;

use rules::jurisdiction::BodyKind;
use rules::people::Role;
use rules::{Day, Refusal};
use serde::Deserialize;

pub use phone::Phone;
pub(crate) use phone::{Arrived, arrived};

use crate::account;
use crate::body::RegisterBody;
use crate::db::{DbError, Keep};
use crate::door::{Caller, Office, Seat, Stop, Via, store};
use crate::employer::EnterEmployer;

/// The day on which the make-believe province begins.
pub const FIRST_DAY: Day = Day::constant(2025, 9, 1);

/// Someone whose place a visitor can take.
#[derive(Debug, Clone, Deserialize)]
pub struct Persona {
    pub login: String,
    pub name: String,
    #[serde(deserialize_with = "role")]
    pub role: Role,
    /// The code of a body or office; in what is shown, its name.
    pub seat: String,
    #[serde(rename = "try")]
    pub description: String,
}

impl Persona {
    /// The one character on the persona's chop.
    pub fn chop(&self) -> &'static str {
        match self.role {
            Role::Clerk => "办",
            Role::Head => "校",
            Role::CityCentre => "市",
            Role::CityBureau => "局",
            Role::ProvincialCentre => "省",
            Role::ProvincialDepartment => "厅",
            Role::Employer => "企",
            _ => "管",
        }
    }
}

/// One body of the make-believe province.
#[derive(Debug, Clone, Deserialize)]
struct DemoBody {
    code: String,
    name: String,
    kind: String,
    affiliation: rules::jurisdiction::Affiliation,
    ownership: String,
    county: String,
    uscc: String,
    address: String,
    superior: String,
    head: String,
    contact: String,
    phone: String,
    station_name: String,
    station_number: String,
    station_centre: String,
}

impl DemoBody {
    /// What it is in the notice's words; schools of every rank are technical schools.
    fn kind(&self) -> BodyKind {
        BodyKind::from_code(&self.kind).unwrap_or(BodyKind::TechnicalSchool)
    }

    /// The centre that its own station belongs to, for a college.
    fn station_centre(&self) -> Option<&str> {
        Some(self.station_centre.as_str()).filter(|code| !code.is_empty())
    }
}

/// One office of the make-believe province; the same that a real one has.
#[derive(Debug, Clone, Deserialize)]
struct DemoOffice {
    code: String,
    name: String,
}

fn role<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    let code = String::deserialize(deserializer)?;
    Role::from_code(&code).ok_or_else(|| serde::de::Error::custom("no such role"))
}

fn table<T: serde::de::DeserializeOwned>(text: &str) -> Vec<T> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .unwrap_or_else(|error| panic!("a table of demo/ is broken: {error}"))
}

static BODIES: LazyLock<Vec<DemoBody>> = LazyLock::new(|| table(include_str!("../../../../demo/bodies.csv")));

static OFFICES: LazyLock<Vec<DemoOffice>> = LazyLock::new(|| table(include_str!("../../../../demo/offices.csv")));

static PERSONAS: LazyLock<Vec<Persona>> = LazyLock::new(|| {
    let mut personas = personas_by_code();
    for persona in &mut personas {
        let body = BODIES.iter().find(|body| body.code == persona.seat).map(|body| body.name.clone());
        let office = || OFFICES.iter().find(|office| office.code == persona.seat).map(|office| office.name.clone());
        persona.seat = body.or_else(office).unwrap_or_else(|| "平台".into());
    }
    personas
});

/// Everyone whose place a visitor can take; `seat` is the seat's name.
pub fn personas() -> &'static [Persona] {
    &PERSONAS
}

/// Whether a persona sits in a body that has students of its own.
pub fn sits_in_school(persona: &Persona) -> bool {
    let body = BODIES.iter().find(|body| body.name == persona.seat);
    body.is_some_and(|body| rules::filing::files_under(body.kind()).is_ok())
}

/// As the table has them: `seat` is a code.
fn personas_by_code() -> Vec<Persona> {
    table(include_str!("../../../../demo/personas.csv"))
}

/// The setting that says how far the province is: `begun`, or `made`.
const PROVINCE: &str = "demo_province";

/// Fills the make-believe province on its first day; nothing happens when that was done before. Whether it did
/// anything.
///
/// # Errors
/// A refusal when an earlier run was broken off and left half a province, or whatever an act says.
pub fn fill(office: &Office) -> Result<bool, Stop> {
    let (state, logins) =
        office.engine().read(|tx| Ok::<_, DbError>((store::setting(tx, PROVINCE)?, account::login_names(tx)?)))?;
    match state.as_deref() {
        Some("made") => return Ok(false),
        None if logins.is_empty() => {}
        _ => {
            return Err(Refusal::house("演示", "上次制作演示数据时中断，数据不完整")
                .remedy("请删除演示的数据目录（默认为 demo-data）或换一个 --data 目录，再重新启动")
                .into());
        }
    }
    let note = |state: &'static str| office.engine().write(move |tx| Ok((Keep::Yes, store::set(tx, PROVINCE, state)?)));
    note("begun")?;
    make(office)?;
    note("made")?;
    Ok(true)
}

fn make(office: &Office) -> Result<(), Stop> {
    let operator = Caller::operator();
    let mut seats = std::collections::BTreeMap::new();
    for body in BODIES.iter() {
        let registered = RegisterBody {
            name: body.name.clone(),
            kind: body.kind(),
            affiliation: body.affiliation,
            public_body: body.ownership == "public",
            level_cap: if body.kind == "technician_college" { "2" } else { "3" }.into(),
            county: body.county.clone(),
            uscc: body.uscc.clone(),
            address: body.address.clone(),
            legal_representative: body.head.clone(),
            head: body.head.clone(),
            contact: body.contact.clone(),
            phone: body.phone.clone(),
            superior: body.superior.clone(),
            station_name: body.station_name.clone(),
            station_number: body.station_number.clone(),
            station_centre: body.station_centre().map(str::to_owned),
        };
        seats.insert(body.code.clone(), Seat::Body(office.act(&operator, registered)?.id));
    }
    for persona in personas_by_code() {
        let seat = match persona.role {
            Role::Administrator => Seat::Platform,
            Role::Employer => let_in(office, &persona.seat)?,
            _ => seats.get(&persona.seat).cloned().unwrap_or_else(|| Seat::Office(persona.seat.clone())),
        };
        account::insert_persona(office, &persona.login, &persona.name, persona.role, &seat)?;
    }
    year::drive(office, &seats)
}

/// The seat of an employer, which the provincial centre lets in.
fn let_in(office: &Office, seat: &str) -> Result<Seat, Stop> {
    let centre = personas_by_code().into_iter().find(|persona| persona.role == Role::ProvincialCentre);
    let centre = account::caller_for(office, &centre.map(|persona| persona.login).unwrap_or_default(), Via::Cli)?;
    let name = OFFICES.iter().find(|office| office.code == seat).map(|office| office.name.clone()).unwrap_or_default();
    let uscc = seat.rsplit('-').next().unwrap_or_default().to_owned();
    let entered = office.act(&centre, EnterEmployer { name, uscc, reason: "来函申请成批核验".into() })?;
    Ok(Seat::Office(entered.office))
}
