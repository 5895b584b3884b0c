//! The numbers that rules ask for, as anyone reads them for any day, each with its unit, its clause and who set it; what no
//! law sets the provincial centre may change from a day on, with the reason (三（一）).

mod pages;
mod store;

use jiff::civil::Date;
use proof::log::LeafKind;
use rules::Day;
use rules::permission::ActKind;
use rules::term::{Term, TermMark, Terms, may_change};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use pages::pages;
pub(crate) use store::ALL;

use crate::account::Made;
use crate::db::{DbError, Tx};
use crate::door::{Act, Desk, Office, Stop, Subject};
use crate::web::api::Registry;

/// The terms that hold on a day.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn on(tx: &mut Tx<'_>, day: Day) -> Result<Terms, DbError> {
    store::on(tx, day)
}

/// Changes a term from a day on. What was done before stays as it was.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChangeTerm {
    pub term: Term,
    /// In the unit of the term.
    pub value: i64,
    /// The first day on which it holds, today or later.
    pub from: Date,
    /// Why, or by which document; public.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

impl Act for ChangeTerm {
    const KIND: ActKind = ActKind::ChangeTerm;
    type Answer = Made;

    fn subject(&self) -> Subject {
        Subject::Nothing
    }

    fn perform(&self, desk: &mut Desk<'_>) -> Result<Made, Stop> {
        let today = desk.today();
        may_change(self.term, self.value, self.from, &self.reason, today)?;
        let change = store::Change {
            term: self.term,
            value: self.value,
            from: self.from,
            reason: self.reason.trim().to_owned(),
            set_on: today,
            set_by: desk.caller().name().to_owned(),
            seat_name: desk.caller().seat_name().to_owned(),
        };
        let id = desk.new_id();
        store::add(&mut desk.tx(), id, &change)?;
        desk.log_recorded(LeafKind::TermSet, id, 0)?;
        Ok(Made { id })
    }
}

/// A change of a term.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TermChange {
    pub value: i64,
    pub from: Date,
    pub reason: String,
    pub set_on: Date,
    /// The office that set it.
    pub by: String,
}

/// A term as it holds on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TermLine {
    pub term: Term,
    pub name: String,
    pub value: i64,
    pub unit: String,
    /// The clause id.
    pub clause: String,
    /// The clause as the notice is cited.
    pub clause_place: String,
    pub mark: TermMark,
    pub mark_name: String,
    /// What the platform ships.
    pub shipped: i64,
    /// Whether the provincial centre may change it.
    pub may_change: bool,
    pub least: i64,
    pub most: i64,
    /// Every change, the latest day first; those that are still to come among them.
    pub changes: Vec<TermChange>,
}

/// The terms that hold on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PublicTermsView {
    pub on: Date,
    pub terms: Vec<TermLine>,
}

/// Which terms hold on a day?
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct PublicTerms {
    /// Without it, today.
    pub on: Option<Date>,
}

fn of_day(office: &Office, on: Option<Date>) -> Result<PublicTermsView, Stop> {
    office.public(|sight| {
        let on = on.unwrap_or_else(|| sight.today());
        let (held, changes) = (store::on(&mut sight.tx(), on)?, store::all(&mut sight.tx())?);
        let line = |term: &Term| TermLine {
            term: *term,
            name: term.name().into(),
            value: held.get(*term),
            unit: term.unit().into(),
            clause: term.clause().id().into(),
            clause_place: term.clause().place().into(),
            mark: term.mark(),
            mark_name: term.mark().name().into(),
            shipped: term.value(),
            may_change: term.mark().may_change(),
            least: term.bounds().0,
            most: term.bounds().1,
            changes: changes
                .iter()
                .rev()
                .filter(|change| change.term == *term)
                .map(|change| TermChange {
                    value: change.value,
                    from: change.from,
                    reason: change.reason.clone(),
                    set_on: change.set_on,
                    by: change.seat_name.clone(),
                })
                .collect(),
        };
        Ok(PublicTermsView { on, terms: Term::ALL.iter().map(line).collect() })
    })
}

/// The feature's part of the API.
pub fn api(registry: Registry) -> Registry {
    registry.act::<ChangeTerm>("/terms").public::<PublicTerms, PublicTermsView>(
        "/terms",
        "PublicTerms",
        "期限与数值，可查任何一天",
        |office, asked| of_day(office, asked.on),
    )
}
