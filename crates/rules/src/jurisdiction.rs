//! 隶属与属地: which centre is in charge of a body and whose bureau consents (二（一）). Routed by affiliation and place,
//! never chosen by the applicant; a college goes to the centre that its own station belongs to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::trade::{filled, read_rows};
use crate::{Clause, Day, Refusal};

/// The provincial centre's office code.
pub const PROVINCE_CENTRE: &str = "province-centre";
/// The provincial department's office code.
pub const PROVINCE_DEPARTMENT: &str = "province-department";
/// 平潭综合实验区: a county of 福州 in GB/T 2260, a place of jurisdiction beside the nine cities in the notice.
pub const PINGTAN: &str = "350128";

/// What a body is (一（一）).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyKind {
    /// 技工院校
    TechnicalSchool,
    /// 职业院校、高等院校
    College,
    /// 已备案的企业
    Enterprise,
    /// 经遴选公布的社会培训评价组织
    SocialOrganisation,
}

impl BodyKind {
    /// Every kind, in the notice's order of duties.
    pub const ALL: &'static [Self] =
        &[Self::TechnicalSchool, Self::College, Self::Enterprise, Self::SocialOrganisation];

    /// The code word: `technical_school`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TechnicalSchool => "technical_school",
            Self::College => "college",
            Self::Enterprise => "enterprise",
            Self::SocialOrganisation => "social_organisation",
        }
    }

    /// The kind with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TechnicalSchool => "技工院校",
            Self::College => "职业院校、高等院校",
            Self::Enterprise => "企业",
            Self::SocialOrganisation => "社会培训评价组织",
        }
    }
}

/// 隶属关系: whose body it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Affiliation {
    /// 省属
    Provincial,
    /// 市属, counties included.
    City,
}

impl Affiliation {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Provincial, Self::City];

    /// The code word: `provincial`, `city`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Provincial => "provincial",
            Self::City => "city",
        }
    }

    /// The affiliation with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|affiliation| affiliation.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provincial => "省属",
            Self::City => "市属",
        }
    }
}

/// Who is in charge of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Charge {
    /// The office code of the centre that reviews and supervises.
    pub centre: String,
    /// The office code of the bureau whose consent a filing needs (二（一）2); none at the provincial centre.
    pub bureau: Option<String>,
}

/// The centre in charge of a body by its affiliation and the county it stands in. `public` means run by the state
/// (公办); `station_centre` is the office code of the centre that a college's own station belongs to.
pub fn centre_for(
    kind: BodyKind,
    affiliation: Affiliation,
    public: bool,
    county: &str,
    station_centre: Option<&str>,
    divisions: &Divisions,
) -> Result<Charge, Refusal> {
    let provincial = Charge { centre: PROVINCE_CENTRE.to_owned(), bureau: None };
    match (kind, affiliation) {
        (BodyKind::College, _) => {
            let refuse = |what: String| {
                Refusal::new(Clause::S2_1_4, what)
                    .remedy("请填写本单位鉴定站所属的职业技能鉴定指导中心（省中心、设区市中心或平潭综合实验区中心）")
                    .at("station_centre")
            };
            let Some(centre) = station_centre.map(str::trim).filter(|centre| !centre.is_empty()) else {
                return Err(refuse(
                    "职业院校、高等院校按本单位鉴定站的所属关系申报，但未填写鉴定站所属中心".to_owned(),
                ));
            };
            if centre == PROVINCE_CENTRE {
                return Ok(provincial);
            }
            let place = divisions.places().into_iter().find(|place| place.centre() == centre);
            place
                .map(|place| place.charge())
                .ok_or_else(|| refuse(format!("没有代码为“{centre}”的职业技能鉴定指导中心")))
        }
        (BodyKind::TechnicalSchool, Affiliation::Provincial) if public => Ok(provincial),
        // The notice routes schools only; enterprises and organisations report by affiliation (二（二）1), public or not.
        (BodyKind::Enterprise | BodyKind::SocialOrganisation, Affiliation::Provincial) => Ok(provincial),
        _ => divisions.city_of(county).map(|place| place.charge()).ok_or_else(|| {
            Refusal::new(Clause::S2_1_1B, format!("所在地“{county}”不是福建省的县级或设区市行政区划代码"))
                .remedy("请选择机构所在的县（市、区）")
                .at("county")
        }),
    }
}

/// What of a body decides who is in charge of it, beside what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belonging {
    pub affiliation: Affiliation,
    /// The county's code.
    pub county: String,
    /// The office code of the centre that a college's own station belongs to.
    pub station_centre: Option<String>,
}

/// Whether a body may move from one belonging to another from a day on: something changes, and the day has come and
/// lies after the last move. Who is in charge of whom is said for today, never for a day to come (三（一）).
pub fn may_transfer(
    from: &Belonging,
    to: &Belonging,
    effective_on: Day,
    last: Option<Day>,
    today: Day,
) -> Result<(), Refusal> {
    if from == to {
        return Err(Refusal::new(Clause::S3_1_2, "隶属关系和所在地都没有变化")
            .remedy("请选择调整后的隶属关系、所在县（市、区）或鉴定站所属中心")
            .at("county"));
    }
    if effective_on > today {
        return Err(Refusal::new(Clause::S3_1_2, format!("生效日期 {effective_on} 还没有到"))
            .remedy("请到生效之日再办理，主管中心当天移交")
            .at("effective_on"));
    }
    if let Some(last) = last.filter(|last| effective_on <= *last) {
        return Err(Refusal::new(Clause::S3_1_2, format!("该机构已自 {last} 起调整过主管"))
            .remedy(format!("生效日期须在 {last} 之后"))
            .at("effective_on"));
    }
    Ok(())
}

/// A place of jurisdiction: one of the nine cities, or 平潭.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The code in GB/T 2260: `350100`, `350128`.
    pub code: String,
    pub name: String,
}

impl Place {
    /// The office code of its centre: `city-350100-centre`.
    pub fn centre(&self) -> String {
        format!("city-{}-centre", self.code)
    }

    /// The office code of its bureau: `city-350100-bureau`.
    pub fn bureau(&self) -> String {
        format!("city-{}-bureau", self.code)
    }

    /// The name of its centre.
    pub fn centre_name(&self) -> String {
        format!("{}职业技能鉴定指导中心", self.name)
    }

    /// The name of the office that consents; in 平潭 it is the one that the notice is addressed to.
    pub fn bureau_name(&self) -> String {
        match self.code.as_str() {
            PINGTAN => format!("{}党工委党群工作部", self.name),
            _ => format!("{}人力资源和社会保障局", self.name),
        }
    }

    fn charge(&self) -> Charge {
        Charge { centre: self.centre(), bureau: Some(self.bureau()) }
    }
}

/// An administrative division of GB/T 2260.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    pub code: String,
    pub name: String,
    pub rank: Rank,
}

/// How high a division stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    Province,
    Prefecture,
    County,
}

/// The divisions of Fujian, with those of the past for addresses that still name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divisions {
    current: BTreeMap<String, Division>,
    past: BTreeMap<String, String>,
}

impl Divisions {
    /// Reads a table with the columns `code`, `name`, `level` (`province`, `prefecture`, `county`) and `parent`.
    pub fn read(csv: &str) -> Result<Self, String> {
        let mut current = BTreeMap::new();
        let mut parents = Vec::new();
        read_rows(csv, ["code", "name", "level", "parent"], |[code, name, level, parent]| {
            let rank = match level {
                "province" => Rank::Province,
                "prefecture" => Rank::Prefecture,
                "county" => Rank::County,
                other => return Err(format!("层级“{other}”应为 province、prefecture 或 county")),
            };
            let division = Division { code: coded(code)?, name: filled(name, "名称")?, rank };
            if rank != Rank::Province {
                parents.push((division.code.clone(), parent.to_owned()));
            }
            match current.insert(division.code.clone(), division) {
                Some(twin) => Err(format!("代码 {} 重复", twin.code)),
                None => Ok(()),
            }
        })?;
        if let Some((code, parent)) = parents.iter().find(|(_, parent)| !current.contains_key(parent)) {
            return Err(format!("{code} 的上级“{parent}”不在表中"));
        }
        Ok(Self { current, past: BTreeMap::new() })
    }

    /// With the codes of the past, from a table with the columns `code` and `name`.
    pub fn with_historical(mut self, csv: &str) -> Result<Self, String> {
        let past = read_rows(csv, ["code", "name"], |[code, name]| Ok((coded(code)?, filled(name, "名称")?)))?;
        self.past = past.into_iter().filter(|(code, _)| !self.current.contains_key(code)).collect();
        Ok(self)
    }

    /// The place of jurisdiction of a county, of a city itself, or of a county of the past whose city still stands.
    pub fn city_of(&self, county: &str) -> Option<Place> {
        let county = county.trim();
        if !self.current.contains_key(county) && !self.past.contains_key(county) {
            return None;
        }
        let code = if county == PINGTAN { county.to_owned() } else { format!("{}00", &county[..4]) };
        self.places().into_iter().find(|place| place.code == code)
    }

    /// The places of jurisdiction: the cities by code, then 平潭.
    pub fn places(&self) -> Vec<Place> {
        let cities = self.current.values().filter(|division| division.rank == Rank::Prefecture);
        let mut places: Vec<Place> =
            cities.map(|city| Place { code: city.code.clone(), name: city.name.clone() }).collect();
        if self.current.contains_key(PINGTAN) {
            places.push(Place { code: PINGTAN.to_owned(), name: "平潭综合实验区".to_owned() });
        }
        places
    }

    /// The counties of a place, by code; 平潭 is its own only one.
    pub fn counties_of(&self, place: &str) -> Vec<&Division> {
        let inside = |division: &&Division| {
            division.rank == Rank::County && self.city_of(&division.code).is_some_and(|city| city.code == place)
        };
        self.current.values().filter(inside).collect()
    }

    /// The name of a division, of the past ones too.
    pub fn name(&self, code: &str) -> Option<&str> {
        self.current.get(code).map(|division| &division.name).or_else(|| self.past.get(code)).map(String::as_str)
    }
}

/// A code of GB/T 2260: six digits.
fn coded(cell: &str) -> Result<String, String> {
    if cell.len() == 6 && cell.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(cell.to_owned())
    } else {
        Err(format!("行政区划代码“{cell}”应为6位数字"))
    }
}
