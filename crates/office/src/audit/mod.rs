//! The record of acts, as an administrator sees it: who did what when, and what was refused. What an act said of a body
//! or of a person stays with the body and its centre.

mod pages;
mod store;

use rules::people::Role;
use rules::permission::LookKind;
use rules::refusal::RefusalView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::door::{Look, Sight, Stop, Subject};
use crate::web::api::Registry;

/// Lines on one page of the record.
const PAGE: i64 = 100;

/// One line of the record.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordLine {
    pub id: i64,
    /// When, as people read it.
    pub at: String,
    /// The act's code word and its name.
    pub act: String,
    pub act_name: String,
    /// The clause that it carries out, if there is one.
    pub clause: Option<String>,
    pub account_name: String,
    pub role_name: String,
    pub seat: String,
    /// The way in: `web`, `api`, `cli`, `timer`.
    pub via: String,
    pub subject: String,
    pub subject_id: Option<i64>,
    /// Why it was refused, if it was; administrators are told the ground alone.
    pub refused: Option<RefusalView>,
}

/// A page of the record, latest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecordsView {
    pub records: Vec<RecordLine>,
    /// Ask with this `before` for what came earlier.
    pub earlier: Option<i64>,
}

/// What was done here, and what was refused?
#[derive(Deserialize, ToSchema)]
pub struct Records {
    /// Only what came before this record.
    pub before: Option<i64>,
    /// Only what was refused.
    pub refused: Option<bool>,
}

impl Look for Records {
    const KIND: LookKind = LookKind::Records;
    type View = RecordsView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<RecordsView, Stop> {
        let scope = sight.scope();
        let before = self.before.unwrap_or(i64::MAX);
        let only_refused = self.refused.unwrap_or(false);
        let mut records = store::page(&mut sight.tx(), &scope, before, only_refused, PAGE + 1)?;
        let more = records.len() as i64 > PAGE;
        records.truncate(PAGE as usize);
        if sight.caller().role() == Role::Administrator {
            // A refusal may name a student; who runs the platform needs to know on what ground it was refused.
            for refused in records.iter_mut().filter_map(|line| line.refused.as_mut()) {
                (refused.what, refused.remedy) = Default::default();
            }
        }
        let earlier = records.last().filter(|_| more).map(|line| line.id);
        Ok(RecordsView { records, earlier })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry.look::<Records>("/records", "操作记录")
}
