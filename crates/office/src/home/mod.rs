//! The first page, what each seat must do now, the notice clause by clause, and the personas of the make-believe province.

mod coverage;
mod pages;
mod store;

use jiff::civil::Date;
use rules::Clause;
use rules::people::Role;
use rules::permission::LookKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use coverage::{Covered, coverage};
pub use pages::pages;
pub(crate) use store::{ALL, deliver};

use crate::door::{Look, Sight, Stop, Subject};
use crate::web::api::Registry;

/// One thing to do: what, by when, under which clause. Features tell theirs; the page puts the most pressing first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Task {
    pub what: String,
    pub detail: String,
    pub href: String,
    /// The last day, where the notice or a rule sets one.
    pub due_on: Option<Date>,
    /// The clause id: `2.2.3b`.
    pub clause: String,
    /// Whether it waits for someone else.
    pub waiting: bool,
}

impl Task {
    /// Something that the caller must do.
    pub fn new(clause: Clause, what: impl Into<String>, detail: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            detail: detail.into(),
            href: href.into(),
            due_on: None,
            clause: clause.id().into(),
            waiting: false,
        }
    }

    /// By when.
    #[must_use]
    pub fn due(mut self, due_on: Option<Date>) -> Self {
        self.due_on = due_on;
        self
    }

    /// It waits for someone else.
    #[must_use]
    pub fn waiting(mut self) -> Self {
        self.waiting = true;
        self
    }
}

/// A message to the seat.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// When, as people read it.
    pub at: String,
    pub title: String,
    pub link: String,
}

/// What must be done now.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WorkView {
    pub today: Date,
    pub tasks: Vec<Task>,
    pub messages: Vec<Message>,
}

/// What must I do now, by when, under which clause?
#[derive(Deserialize, ToSchema)]
pub struct Work {}

impl Look for Work {
    const KIND: LookKind = LookKind::Work;
    type View = WorkView;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<WorkView, Stop> {
        let mut tasks = Vec::new();
        // An employer asks and is asked nothing.
        if sight.caller().role() != Role::Employer {
            for tell in crate::tasks() {
                tasks.extend(tell(sight)?);
            }
        }
        // What is due first stands first; what has no day comes after, what waits for others last.
        tasks.sort_by_key(|task| (task.waiting, task.due_on.is_none(), task.due_on));
        let caller = sight.caller();
        let messages = store::messages(&mut sight.tx(), caller.body(), caller.office())?;
        Ok(WorkView { today: sight.today(), tasks, messages })
    }
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry.look::<Work>("/work", "待办与消息")
}
