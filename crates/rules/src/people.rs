//! Who takes part: roles and the seats they hold. A role says what someone may do, a seat for whom.

use serde::{Deserialize, Serialize};

/// What someone is on the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 学校经办: prepares filings, batches, rosters and marks for a body.
    Clerk,
    /// 学校负责人: signs for the body; who evaluates, issues and is responsible (三（三）).
    Head,
    /// 市中心: reviews and supervises the bodies in its charge.
    CityCentre,
    /// 市人社局: consents to filings of its place and sees its territory.
    CityBureau,
    /// 省中心: in charge of provincial bodies, gathers the province's filings, issues receipts.
    ProvincialCentre,
    /// 省人社厅: reports to the ministry, lists in the directory.
    ProvincialDepartment,
    /// 系统管理员: accounts and reference tables, never anything of a body.
    Administrator,
    /// The platform's own timer, for what falls due.
    Timer,
    /// 考生: who has shown to be one by a one-time code, for what is their own; no account.
    Candidate,
    /// Anyone, without an account.
    Public,
    /// 用人单位: has certificates checked by the list.
    Employer,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Role] = &[
        Self::Clerk,
        Self::Head,
        Self::CityCentre,
        Self::CityBureau,
        Self::ProvincialCentre,
        Self::ProvincialDepartment,
        Self::Administrator,
        Self::Timer,
        Self::Candidate,
        Self::Public,
        Self::Employer,
    ];

    /// The code word used in the database, the API and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Head => "head",
            Self::CityCentre => "city_centre",
            Self::CityBureau => "city_bureau",
            Self::ProvincialCentre => "provincial_centre",
            Self::ProvincialDepartment => "provincial_department",
            Self::Administrator => "administrator",
            Self::Timer => "timer",
            Self::Candidate => "candidate",
            Self::Public => "public",
            Self::Employer => "employer",
        }
    }

    /// The role with this code word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.code() == code)
    }

    /// The name that people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clerk => "机构经办人",
            Self::Head => "机构负责人",
            Self::CityCentre => "市中心",
            Self::CityBureau => "市人社局",
            Self::ProvincialCentre => "省中心",
            Self::ProvincialDepartment => "省人社厅",
            Self::Administrator => "系统管理员",
            Self::Timer => "系统定时任务",
            Self::Candidate => "考生本人",
            Self::Public => "社会公众",
            Self::Employer => "用人单位",
        }
    }

    /// Whether the seat of this role is a body rather than an office.
    pub const fn sits_in_body(self) -> bool {
        matches!(self, Self::Clerk | Self::Head)
    }

    /// Whether someone can hold an account in this role.
    pub const fn has_account(self) -> bool {
        !matches!(self, Self::Timer | Self::Candidate | Self::Public)
    }
}
