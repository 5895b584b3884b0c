//! Bodies and offices: who may be on file, and who is in charge of whom. Where a body belongs is computed from what it
//! is and where it is, never chosen (二（一）1).

mod pages;
mod store;

use rules::jurisdiction::{Affiliation, BodyKind, PROVINCE_CENTRE, PROVINCE_DEPARTMENT, centre_for};
use rules::permission::{ActKind, LookKind};
use rules::{Clause, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use pages::{centres, counties};
pub(crate) use store::{ALL, find, name};

use crate::account::Made;
use crate::db::Keep;
use crate::door::{Act, Desk, Look, Office, Sight, Stop, Subject};
use crate::web::api::Registry;

/// The name of the provincial centre.
const PROVINCE_CENTRE_NAME: &str = "福建省职业技能鉴定指导中心";

/// Registers a body, so that accounts can be opened on it and it can file.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RegisterBody {
    #[schema(min_length = 2, max_length = 100)]
    pub name: String,
    pub kind: BodyKind,
    pub affiliation: Affiliation,
    /// Whether it is publicly run (公办).
    pub public_body: bool,
    /// The highest level it may assess: digit `5`–`1`; schools `3`, technician colleges `2`.
    #[schema(pattern = "^[1-5]$")]
    pub level_cap: String,
    /// The county's code (GB/T 2260): `350102`.
    #[schema(pattern = "^35[0-9]{4}$")]
    pub county: String,
    /// Unified social credit code (GB 32100).
    #[schema(min_length = 18, max_length = 18)]
    pub uscc: String,
    pub address: String,
    pub legal_representative: String,
    pub head: String,
    pub contact: String,
    pub phone: String,
    pub superior: String,
    /// The former appraisal station, its name and number (一（一）3).
    pub station_name: String,
    pub station_number: String,
    /// The centre that a college's own station belongs to (二（一）, last paragraph).
    pub station_centre: Option<String>,
}

impl Act for RegisterBody {
    const KIND: ActKind = ActKind::RegisterBody;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        if self.name.trim().chars().count() < 2 {
            return Err(Refusal::new(Clause::A1, "缺少机构名称")
                .remedy("请填写与法人登记一致的全称")
                .at("name")
                .into());
        }
        if !self.level_cap.chars().next().is_some_and(|c| ('1'..='5').contains(&c)) || self.level_cap.len() != 1 {
            return Err(Refusal::new(Clause::A1, "等级上限不正确")
                .remedy("请填写 5、4、3、2 或 1")
                .at("level_cap")
                .into());
        }
        let uscc = rules::identity::uscc(&self.uscc).map_err(|refusal| refusal.at("uscc"))?;
        let reference = desk.reference();
        let charge = centre_for(
            self.kind,
            self.affiliation,
            self.public_body,
            &self.county,
            self.station_centre.as_deref(),
            &reference.divisions,
        )?;
        if store::is_same(&mut desk.tx(), &uscc)? {
            return Err(Refusal::new(Clause::A1, format!("统一社会信用代码 {uscc} 已登记"))
                .remedy("同一机构只登记一次，请查找已有机构")
                .at("uscc")
                .into());
        }
        let id = desk.new_id();
        store::insert(&mut desk.tx(), id, self, &uscc, &charge)?;
        desk.made(Subject::Body(id));
        Ok(Made { id })
    }
}

/// One body with who is in charge of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BodyLine {
    pub id: i64,
    pub name: String,
    pub kind: String,
    pub uscc: String,
    pub centre: String,
    pub bureau: String,
}

/// Bodies for administrators.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BodiesView {
    pub bodies: Vec<BodyLine>,
}

/// Which bodies are registered?
#[derive(Deserialize, ToSchema)]
pub struct Bodies {}

impl Look for Bodies {
    const KIND: LookKind = LookKind::Administration;
    type View = BodiesView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<BodiesView, Stop> {
        Ok(BodiesView { bodies: store::list(&mut sight.tx())? })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry.act::<RegisterBody>("/bodies").look::<Bodies>("/bodies", "已登记的机构")
}

/// Puts the province's offices in place: department, provincial centre, and a centre and a bureau for each place of
/// jurisdiction. Nothing happens where they are there already.
///
/// # Errors
/// Whatever the database says.
pub fn seed_offices(office: &Office) -> Result<(), Stop> {
    let mut rows: Vec<[String; 4]> = [
        (PROVINCE_DEPARTMENT, "provincial_department", "福建省人力资源和社会保障厅"),
        (PROVINCE_CENTRE, "provincial_centre", PROVINCE_CENTRE_NAME),
    ]
    .map(|(code, kind, name)| [code, kind, name, "350000"].map(str::to_owned))
    .into();
    for place in office.reference().divisions.places() {
        rows.push([place.centre(), "city_centre".into(), place.centre_name(), place.code.clone()]);
        rows.push([place.bureau(), "city_bureau".into(), place.bureau_name(), place.code]);
    }
    office.engine().write(move |tx| {
        for [code, kind, name, division] in &rows {
            store::seed_office(tx, code, kind, name, division)?;
        }
        Ok((Keep::Yes, ()))
    })?;
    Ok(())
}
