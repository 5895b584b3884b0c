//! What an act and a look find in front of them: the transaction, the caller, the day. Private fields, so that nothing
//! can be brought in from outside or carried away.

use std::sync::Arc;

use proof::log::LeafKind;
use rules::{Clause, Day};

use super::{Caller, Office, Scope, Seals, Standing, Stop, Subject};
use crate::db::Tx;
use crate::public_log::{self, NewLeaf};
use crate::reference::Reference;

/// A message to a seat, on its way to the outbox.
pub(super) struct Note {
    pub body: Option<i64>,
    pub office: Option<String>,
    pub title: String,
    pub link: String,
    /// The last day that it reminds of, and its clause; without them it tells what was done.
    pub due: Option<(Clause, Day)>,
}

/// What an act leaves with the door when it is done.
pub(super) struct Told {
    pub subject: Option<Subject>,
    pub messages: Vec<Note>,
    pub leaves: Vec<NewLeaf>,
}

/// What an act finds in front of it.
pub struct Desk<'a> {
    sight: Sight<'a>,
    subject: Option<Subject>,
    messages: Vec<Note>,
    leaves: Vec<NewLeaf>,
}

/// What a look finds in front of it.
pub struct Sight<'a> {
    tx: TxRef<'a>,
    office: &'a Office,
    caller: &'a Caller,
    standing: &'a Standing,
    now: i64,
    today: Day,
}

/// The transaction behind a short-lived borrow, so that the desk's lifetime is not the transaction's.
struct TxRef<'a>(&'a mut dyn TxLike);

trait TxLike {
    fn reborrow(&mut self) -> Tx<'_>;
}

impl TxLike for Tx<'_> {
    fn reborrow(&mut self) -> Tx<'_> {
        match self {
            Tx::Sqlite(connection) => Tx::Sqlite(connection),
            Tx::Postgres(session) => Tx::Postgres(&mut **session),
            Tx::Lent(engine) => Tx::Lent(engine),
        }
    }
}

impl<'a> Sight<'a> {
    pub(super) fn new(
        tx: &'a mut Tx<'_>,
        office: &'a Office,
        caller: &'a Caller,
        standing: &'a Standing,
        now: i64,
        today: Day,
    ) -> Self {
        Self { tx: TxRef(tx), office, caller, standing, now, today }
    }

    /// The transaction: for the statements of `store.rs`.
    pub fn tx(&mut self) -> Tx<'_> {
        self.tx.0.reborrow()
    }

    /// Who asks.
    pub fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// What lists may hold for the caller.
    pub fn scope(&self) -> Scope {
        self.caller.scope()
    }

    /// Now, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Today in China.
    pub fn today(&self) -> Day {
        self.today
    }

    /// The reference tables in force: calendar, occupations, standards, divisions.
    pub fn reference(&self) -> Arc<Reference> {
        self.office.reference()
    }

    /// The keys for sealing and finding personal data.
    pub fn seals(&self) -> &'a Seals {
        self.office.seals()
    }

    /// The house; for files and documents.
    pub fn office(&self) -> &'a Office {
        self.office
    }

    /// The body that the subject belongs to.
    ///
    /// # Errors
    /// *Not found* if it belongs to none.
    pub fn body(&self) -> Result<i64, Stop> {
        self.standing.body.ok_or(Stop::NotFound)
    }

    /// Where the subject stands: body, centre in charge, bureau, version.
    pub fn standing(&self) -> &'a Standing {
        self.standing
    }
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        tx: &'a mut Tx<'_>,
        office: &'a Office,
        caller: &'a Caller,
        standing: &'a Standing,
        now: i64,
        today: Day,
    ) -> Self {
        let sight = Sight::new(tx, office, caller, standing, now, today);
        Self { sight, subject: None, messages: Vec::new(), leaves: Vec::new() }
    }

    /// A new id.
    pub fn new_id(&self) -> i64 {
        self.sight.office.new_id()
    }

    /// Says what the act turned out to be about: the record that it has just made.
    pub fn made(&mut self, subject: Subject) {
        self.subject = Some(subject);
    }

    /// Sends a message to everyone who sits in a body. Titles name no person: they leave the house by mail and short message.
    pub fn tell_body(&mut self, body: i64, title: impl Into<String>, link: impl Into<String>) {
        self.messages.push(Note { body: Some(body), office: None, title: title.into(), link: link.into(), due: None });
    }

    /// Sends a message to everyone who sits in an office.
    pub fn tell_office(&mut self, office: impl Into<String>, title: impl Into<String>, link: impl Into<String>) {
        let office = Some(office.into());
        self.messages.push(Note { body: None, office, title: title.into(), link: link.into(), due: None });
    }

    /// Reminds everyone who sits in a body of a last day.
    pub fn remind_body(&mut self, body: i64, due: (Clause, Day), title: impl Into<String>, link: impl Into<String>) {
        let (title, link) = (title.into(), link.into());
        self.messages.push(Note { body: Some(body), office: None, title, link, due: Some(due) });
    }

    /// Reminds everyone who sits in an office of a last day.
    pub fn remind_office(
        &mut self,
        office: impl Into<String>,
        due: (Clause, Day),
        title: impl Into<String>,
        link: impl Into<String>,
    ) {
        let (office, title, link) = (Some(office.into()), title.into(), link.into());
        self.messages.push(Note { body: None, office, title, link, due: Some(due) });
    }

    /// Puts what has happened on its way into the public log, in the act's own transaction.
    pub(crate) fn log(&mut self, leaf: NewLeaf) {
        self.leaves.push(leaf);
    }

    /// As [`Desk::log`], of a fact that was just written: the leaf commits to what the record has of it. `turn` says which of
    /// the subject's facts of this kind it is, 0 where there is one.
    ///
    /// # Errors
    /// A fault where the record has nothing of it.
    pub(crate) fn log_recorded(&mut self, kind: LeafKind, subject: i64, turn: i64) -> Result<(), Stop> {
        let leaf = public_log::recorded(&mut self.tx(), kind, subject, turn)?;
        self.log(leaf);
        Ok(())
    }

    pub(super) fn finish(self) -> Told {
        Told { subject: self.subject, messages: self.messages, leaves: self.leaves }
    }
}

impl<'a> std::ops::Deref for Desk<'a> {
    type Target = Sight<'a>;
    fn deref(&self) -> &Sight<'a> {
        &self.sight
    }
}

impl<'a> std::ops::DerefMut for Desk<'a> {
    fn deref_mut(&mut self) -> &mut Sight<'a> {
        &mut self.sight
    }
}
