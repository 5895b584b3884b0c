//! What falls due: done by the server every minute and by `jiangce due`, through the same acts, recorded like any other.

use serde::Serialize;

use crate::db::Keep;
use crate::door::{Office, Stop, store};

/// What was done.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Done {
    /// Messages delivered.
    pub messages: usize,
}

impl Done {
    /// Everything that was done.
    pub fn total(&self) -> usize {
        self.messages
    }
}

/// Does what falls due today.
///
/// # Errors
/// A fault; what was done before it stays done.
pub fn run(office: &Office) -> Result<Done, Stop> {
    office.reload_reference()?;
    let now = office.now();
    let messages = office.engine().write(move |tx| {
        store::forget(tx, now)?;
        Ok((Keep::Yes, crate::home::deliver(tx, now)?))
    })?;
    Ok(Done { messages })
}
