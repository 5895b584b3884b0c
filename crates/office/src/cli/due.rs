//! What falls due: done by the server every minute and by `jiangce due`, through the same acts, recorded like any other.

use serde::Serialize;

use crate::db::Keep;
use crate::door::{Caller, Office, Stop, store};
use crate::publicity::{self, ClosePublicity};

/// What was done.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Done {
    /// Messages delivered.
    pub messages: usize,
    /// Digests made.
    pub digests: usize,
    /// Letters that left the house; by the server in a round of their own.
    pub letters: usize,
    /// Lists taken down whose five working days were over.
    pub closed: usize,
    /// Ends, warnings and withdrawals in the directory.
    pub directory: usize,
    /// Reminders of what inspections ordered.
    pub rectifications: usize,
    /// Files of archives that went from the store, their time being over.
    pub destroyed: usize,
    /// Batches whose telephones were erased.
    pub phones: usize,
    /// Batches whose candidates were checked again since the batch was changed.
    pub rechecked: usize,
    /// Lists of the national system that were compared.
    pub compared: usize,
    /// Requests that the national system answered; by the server in a round of their own.
    pub exchanged: usize,
}

impl Done {
    /// Everything that was done.
    pub fn total(&self) -> usize {
        self.messages
            + self.digests
            + self.letters
            + self.closed
            + self.directory
            + self.rectifications
            + self.destroyed
            + self.phones
            + self.rechecked
            + self.compared
            + self.exchanged
    }
}

/// Does what falls due today.
///
/// # Errors
/// A fault; what was done before it stays done.
pub fn run(office: &Office) -> Result<Done, Stop> {
    office.reload_reference()?;
    let closed = close_ended(office)?;
    let directory = crate::standing::fall_due(office)?;
    let rectifications = crate::inspection::fall_due(office)?;
    let phones = crate::candidate::fall_due(office)?;
    let rechecked = crate::exception::fall_due(office)?;
    let compared = crate::exchange::fall_due(office)?;
    let (now, today) = (office.now(), office.today());
    let messages = office.engine().write(move |tx| {
        store::forget(tx, now)?;
        crate::delivery::forget(tx, now)?;
        crate::candidate::forget(tx, now)?;
        crate::employer::forget(tx, today)?;
        Ok((Keep::Yes, crate::home::deliver(tx, now)?))
    })?;
    let digests = crate::delivery::digests(office)?;
    let destroyed = crate::archive::sweep(office)?;
    Ok(Done {
        messages,
        digests,
        letters: 0,
        closed,
        directory,
        rectifications,
        destroyed,
        phones,
        rechecked,
        compared,
        exchanged: 0,
    })
}

/// Takes down what has stood its time (二（二）3), batch by batch, so that one which fails keeps no other up.
fn close_ended(office: &Office) -> Result<usize, Stop> {
    let today = office.today();
    let mut closed = 0;
    for batch in office.engine().read(|tx| publicity::ended(tx, today))? {
        match office.act(&Caller::timer(), ClosePublicity { batch }) {
            Ok(_) => closed += 1,
            Err(stop) => tracing::error!(batch, %stop, "closing publicity"),
        }
    }
    Ok(closed)
}
