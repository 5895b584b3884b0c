//! Everything that touches the world: the door, the database, pages, API and command line of Jiangce (匠册).

pub mod account;
pub mod amendment;
pub mod announcement;
pub mod archive;
pub mod arrangement;
pub mod assignment;
pub mod audit;
pub mod badge;
pub mod batch;
pub mod board;
pub mod body;
pub mod candidate;
pub mod certificate;
pub mod certificate_change;
pub mod chain;
pub mod cli;
pub mod conduct;
pub mod cooperation;
pub mod correction;
pub mod day;
pub mod db;
pub mod delivery;
pub mod demo;
pub mod directory;
pub mod door;
pub mod employer;
pub mod evaluation;
pub mod exception;
pub mod exchange;
pub mod filing;
pub mod home;
pub mod inspection;
pub mod ledger;
pub mod marks;
pub mod ministry;
pub mod public_log;
pub mod publicity;
pub mod query;
pub mod reference;
pub mod register;
pub mod regulation;
pub mod report;
pub mod roster;
pub mod scheme;
pub mod scoring;
pub mod share;
pub mod signing_key;
pub mod stamp;
pub mod standard;
pub mod standing;
pub mod stock;
pub mod term;
pub mod verify;
pub mod web;
pub mod year_plan;

use axum::Router;

use crate::db::Sql;
use crate::web::Web;
use crate::web::api::Registry;

/// Every feature's part of the API and of the command line.
pub fn features() -> Registry {
    let registry = web::api::files(Registry::default());
    let registry = home::api(registry);
    let registry = account::api(registry);
    let registry = audit::api(registry);
    let registry = delivery::api(registry);
    let registry = body::api(registry);
    let registry = filing::api(registry);
    let registry = register::api(registry);
    let registry = evaluation::api(registry);
    let registry = ministry::api(registry);
    let registry = directory::api(registry);
    let registry = standing::api(registry);
    let registry = announcement::api(registry);
    let registry = standard::api(registry);
    let registry = term::api(registry);
    let registry = cooperation::api(registry);
    let registry = regulation::api(registry);
    let registry = year_plan::api(registry);
    let registry = batch::api(registry);
    let registry = assignment::api(registry);
    let registry = board::api(registry);
    let registry = inspection::api(registry);
    let registry = roster::api(registry);
    let registry = arrangement::api(registry);
    let registry = candidate::api(registry);
    let registry = correction::api(registry);
    let registry = exception::api(registry);
    let registry = conduct::api(registry);
    let registry = day::api(registry);
    let registry = marks::api(registry);
    let registry = scheme::api(registry);
    let registry = scoring::api(registry);
    let registry = amendment::api(registry);
    let registry = publicity::api(registry);
    let registry = report::api(registry);
    let registry = certificate::api(registry);
    let registry = certificate_change::api(registry);
    let registry = signing_key::api(registry);
    let registry = stock::api(registry);
    let registry = stamp::api(registry);
    let registry = exchange::api(registry);
    let registry = badge::api(registry);
    let registry = share::api(registry);
    let registry = verify::api(registry);
    let registry = archive::api(registry);
    let registry = query::api(registry);
    let registry = public_log::api(registry);
    let registry = chain::api(registry);
    let registry = ledger::api(registry);
    let registry = employer::api(registry);
    reference::api(registry)
}

/// Every feature's pages.
pub fn pages() -> Router<Web> {
    Router::new()
        .merge(home::pages())
        .merge(account::pages())
        .merge(audit::pages())
        .merge(delivery::pages())
        .merge(body::pages())
        .merge(filing::pages())
        .merge(register::pages())
        .merge(evaluation::pages())
        .merge(ministry::pages())
        .merge(directory::pages())
        .merge(standing::pages())
        .merge(announcement::pages())
        .merge(standard::pages())
        .merge(term::pages())
        .merge(signing_key::pages())
        .merge(cooperation::pages())
        .merge(regulation::pages())
        .merge(year_plan::pages())
        .merge(batch::pages())
        .merge(assignment::pages())
        .merge(board::pages())
        .merge(inspection::pages())
        .merge(roster::pages())
        .merge(arrangement::pages())
        .merge(candidate::pages())
        .merge(correction::pages())
        .merge(exception::pages())
        .merge(conduct::pages())
        .merge(day::pages())
        .merge(marks::pages())
        .merge(scheme::pages())
        .merge(scoring::pages())
        .merge(amendment::pages())
        .merge(publicity::pages())
        .merge(report::pages())
        .merge(reference::pages())
        .merge(certificate::pages())
        .merge(certificate_change::pages())
        .merge(stock::pages())
        .merge(stamp::pages())
        .merge(exchange::pages())
        .merge(badge::pages())
        .merge(share::pages())
        .merge(verify::pages())
        .merge(archive::pages())
        .merge(query::pages())
        .merge(public_log::pages())
        .merge(chain::pages())
        .merge(ledger::pages())
        .merge(employer::pages())
}

/// How a feature tells what waits for someone.
pub(crate) type TellTasks = fn(&mut door::Sight<'_>) -> Result<Vec<home::Task>, door::Stop>;

/// What each feature has for the work page.
pub(crate) fn tasks() -> Vec<TellTasks> {
    vec![
        archive::tasks,
        assignment::tasks,
        arrangement::tasks,
        amendment::tasks,
        batch::tasks,
        certificate::tasks,
        certificate_change::tasks,
        conduct::tasks,
        cooperation::tasks,
        correction::tasks,
        day::tasks,
        delivery::tasks,
        evaluation::tasks,
        exception::tasks,
        exchange::tasks,
        filing::tasks,
        inspection::tasks,
        marks::tasks,
        publicity::tasks,
        reference::tasks,
        regulation::tasks,
        report::tasks,
        scheme::tasks,
        scoring::tasks,
        stamp::tasks,
        standing::tasks,
        stock::tasks,
        year_plan::tasks,
    ]
}

/// Every statement of the house, for the test that prepares each on both engines.
pub fn statements() -> Vec<Sql> {
    [
        account::ALL,
        amendment::ALL,
        announcement::ALL,
        archive::ALL,
        assignment::ALL,
        arrangement::ALL,
        standard::ALL,
        audit::ALL,
        badge::ALL,
        batch::ALL,
        board::ALL,
        body::ALL,
        candidate::ALL,
        certificate::ALL,
        certificate_change::ALL,
        chain::ALL,
        conduct::ALL,
        cooperation::ALL,
        correction::ALL,
        day::ALL,
        delivery::ALL,
        directory::ALL,
        door::store::ALL,
        evaluation::ALL,
        exception::ALL,
        exchange::ALL,
        filing::ALL,
        filing::LISTS,
        home::ALL,
        inspection::ALL,
        ledger::ALL,
        employer::ALL,
        marks::ALL,
        ministry::ALL,
        public_log::ALL,
        publicity::ALL,
        query::ALL,
        reference::ALL,
        register::ALL,
        regulation::ALL,
        report::ALL,
        roster::ALL,
        scheme::ALL,
        scoring::ALL,
        share::ALL,
        signing_key::ALL,
        stamp::ALL,
        standing::ALL,
        stock::ALL,
        term::ALL,
        year_plan::ALL,
    ]
    .concat()
}
