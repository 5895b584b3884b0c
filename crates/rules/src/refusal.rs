//! How the notice says no. A refusal is not an error: it names its ground, what is wrong and what to do next,
//! in the words of the person who reads it.

use serde::{Deserialize, Serialize};

use crate::notice::Clause;

/// What a refusal rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ground {
    /// A duty of the notice.
    Notice(Clause),
    /// A published standard or a rule beside the notice, by its name (`GB 11643`, `国家职业标准`).
    Standard(&'static str),
    /// The platform's own rule, for what no law speaks of (a wrong password, a file that is too large).
    House(&'static str),
}

impl Ground {
    /// The short name that pages, the API and the record show: `二（二）1`, `GB 11643`, `平台规则·登录`.
    pub fn label(self) -> String {
        match self {
            Self::Notice(clause) => clause.place().to_owned(),
            Self::Standard(name) => name.to_owned(),
            Self::House(name) => format!("平台规则·{name}"),
        }
    }

    /// The clause id (`2.2.1b`) where the ground is the notice.
    pub fn clause(self) -> Option<Clause> {
        match self {
            Self::Notice(clause) => Some(clause),
            _ => None,
        }
    }
}

impl From<Clause> for Ground {
    fn from(clause: Clause) -> Self {
        Self::Notice(clause)
    }
}

/// The notice, a standard or the house says no: the ground, what is wrong, what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}：{what}。{remedy}", ground.label())]
pub struct Refusal {
    pub ground: Ground,
    /// What is wrong, one sentence without its full stop.
    pub what: String,
    /// What the reader can do next, one sentence.
    pub remedy: String,
    /// The field of the act that is to blame, if it is one.
    pub field: Option<&'static str>,
}

impl Refusal {
    /// A refusal on a ground; give its remedy with [`Refusal::remedy`].
    pub fn new(ground: impl Into<Ground>, what: impl Into<String>) -> Self {
        Self { ground: ground.into(), what: what.into(), remedy: String::new(), field: None }
    }

    /// A refusal by the platform's own rule named `rule`.
    pub fn house(rule: &'static str, what: impl Into<String>) -> Self {
        Self::new(Ground::House(rule), what)
    }

    /// What the reader can do next.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// The field of the act that is to blame.
    #[must_use]
    pub fn at(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }
}

/// A refusal as it leaves the house: in problem+json, in the record, in a stored answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RefusalView {
    /// Clause id of the notice (`2.2.1b`), where the ground is the notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The ground as people cite it: `二（二）1`, `GB 11643`, `平台规则·登录`.
    pub ground: String,
    pub what: String,
    pub remedy: String,
    /// The field of the act that is to blame, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl From<&Refusal> for RefusalView {
    fn from(refusal: &Refusal) -> Self {
        Self {
            clause: refusal.ground.clause().map(|c| c.id().to_owned()),
            ground: refusal.ground.label(),
            what: refusal.what.clone(),
            remedy: refusal.remedy.clone(),
            field: refusal.field.map(str::to_owned),
        }
    }
}
