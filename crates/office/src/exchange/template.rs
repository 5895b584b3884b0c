//! Which columns the national sheet has, from a day on. What was made before stays as it was made.

use jiff::civil::Date;
use rules::Day;
use rules::exchange::{ExchangeColumn, ExchangeTemplate};
use rules::permission::{ActKind, LookKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{TemplateLine, store};
use crate::account::Made;
use crate::db::{DbError, Tx};
use crate::door::{Act, Desk, Look, Sight, Stop, Subject};

/// The id under which packages name the template that ships.
const SHIPPED: i64 = 0;

/// The template that holds on a day, with its id.
pub(crate) fn on(tx: &mut Tx<'_>, day: Day) -> Result<(i64, ExchangeTemplate), DbError> {
    let set = store::templates(tx)?.into_iter().rfind(|line| line.from <= day);
    Ok(set.map_or_else(|| (SHIPPED, ExchangeTemplate::shipped()), |line| (line.id, line.into())))
}

/// The template with an id.
pub(super) fn of(tx: &mut Tx<'_>, id: i64) -> Result<ExchangeTemplate, DbError> {
    if id == SHIPPED {
        return Ok(ExchangeTemplate::shipped());
    }
    let line = store::templates(tx)?.into_iter().find(|line| line.id == id);
    line.map(ExchangeTemplate::from).ok_or_else(|| DbError::stored(format!("exchange template {id}")))
}

impl From<TemplateLine> for ExchangeTemplate {
    fn from(line: TemplateLine) -> Self {
        Self { name: line.name, columns: line.columns }
    }
}

/// Sets the columns of the national sheet from a day on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangeExchangeTemplate {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// In their order.
    #[schema(min_items = 1, max_items = 40)]
    pub columns: Vec<ExchangeColumn>,
    /// The first day on which it holds, today or later.
    pub from: Date,
    /// Why, or by which document.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

impl Act for ChangeExchangeTemplate {
    const KIND: ActKind = ActKind::ChangeExchangeTemplate;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let (today, id) = (desk.today(), desk.new_id());
        let template = ExchangeTemplate { name: self.name.trim().to_owned(), columns: self.columns.clone() };
        template.may_set(self.from, &self.reason, today)?;
        let who = (desk.caller().name(), desk.caller().seat_name());
        store::add_template(&mut desk.tx(), (id, self.from), &template, (self.reason.trim(), today), who)?;
        Ok(Made { id })
    }
}

/// The columns that hold today, and every version.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExchangeTemplatesView {
    pub today: Date,
    pub name: String,
    pub columns: Vec<ExchangeColumn>,
    /// The latest first; those that are still to come among them.
    pub versions: Vec<TemplateLine>,
}

/// Which columns has the national sheet?
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct ExchangeTemplates {}

impl Look for ExchangeTemplates {
    const KIND: LookKind = LookKind::Certificates;
    type View = ExchangeTemplatesView;

    fn subject(&self) -> Subject {
        Subject::Seat
    }

    fn view(&self, sight: &mut Sight<'_>) -> Result<ExchangeTemplatesView, Stop> {
        let today = sight.today();
        let (_, held) = on(&mut sight.tx(), today)?;
        let mut versions = store::templates(&mut sight.tx())?;
        versions.reverse();
        Ok(ExchangeTemplatesView { today, name: held.name, columns: held.columns, versions })
    }
}
