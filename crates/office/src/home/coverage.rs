//! Where each duty of the notice is enforced and which story proves it, as the tests about the source wrote it down.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// One duty of the notice and what stands behind it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Covered {
    /// The clause id: `2.2.1b`.
    pub id: String,
    /// The place as people cite it: `二（二）1`.
    pub place: String,
    /// The notice's own words.
    pub quote: String,
    /// The files that enforce it.
    pub enforced: Vec<String>,
    /// The stories that prove it, `file::test`.
    pub stories: Vec<String>,
    /// Why there is no story yet, where there is none.
    pub excuse: Option<String>,
}

static COVERAGE: LazyLock<Vec<Covered>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../../docs/generated/clauses.json")).unwrap_or_default());

/// Every duty, in the notice's reading order.
pub fn coverage() -> &'static [Covered] {
    &COVERAGE
}
