//! The door: the only way anything changes and the only way anything private is read. It asks, once each: may this
//! role do this, is this record within reach, is the act new; then it runs the act in one transaction with its
//! record and its messages, and tries again when the database asks for it.

pub mod caller;
pub mod clock;
pub mod desk;
pub mod files;
pub mod seal;
pub mod store;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock, RwLock};

use proof::DocumentRoot;
use rules::permission::{self, ActKind, LookKind, Reach};
use rules::refusal::RefusalView;
use rules::{Day, Refusal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

pub use caller::{Caller, OwnPerson, Scope, Seat, Via};
pub use clock::Clock;
pub use desk::{Desk, Sight};
pub use files::{FileHash, Files, KeptFile};
pub use seal::Seals;
pub use store::Standing;

use crate::db::{DbError, Engine, Keep, Tx};
use crate::delivery::Channels;
use crate::directory::Book;
use crate::exchange::Connector;
use crate::public_log::{self, Guard};
use crate::reference::Reference;

/// One verb; its fields are what the record keeps. `perform` loads, asks `rules`, saves.
pub trait Act: Serialize + DeserializeOwned + ToSchema + Clone + Send + Sync + 'static {
    /// Which act this is: what permission and the record know it by.
    const KIND: ActKind;
    /// What the caller is told when it is done.
    type Answer: Serialize + DeserializeOwned + ToSchema + Send + 'static;

    /// Whether [`Act::prepare`] has something to do before the transaction.
    const PREPARES: bool = false;

    /// Whether its answer may be kept under an idempotency key: not where it opens something.
    const REMEMBERED: bool = true;

    /// The record that the act is about; the door checks that it is within reach.
    fn subject(&self) -> Subject;

    /// Does what takes long and writes nothing: reading a workbook, setting a document, hashing a password. What it finds
    /// it keeps in skipped fields of the act. Here each statement takes a connection and gives it back, so that nobody
    /// waits for one while a workbook is read; what must still hold afterwards, [`Act::perform`] reads again.
    ///
    /// # Errors
    /// As [`Act::perform`].
    fn prepare(&mut self, sight: &mut Sight<'_>) -> Result<(), Stop> {
        let _ = sight;
        Ok(())
    }

    /// What the record does not keep and yet makes this request another than that: passwords, contacts.
    fn unspoken(&self) -> String {
        String::new()
    }

    /// Does it.
    ///
    /// # Errors
    /// A refusal, *not found*, or a fault; in each case nothing of it stays.
    fn perform(&self, desk: &mut Desk<'_>) -> Result<Self::Answer, Stop>;
}

/// One question that a page asks about what is not public.
pub trait Look: DeserializeOwned + ToSchema + Send + Sync + 'static {
    const KIND: LookKind;
    type View: Serialize + ToSchema + Send + 'static;

    /// The record that the look is about.
    fn subject(&self) -> Subject;

    /// Reads it.
    ///
    /// # Errors
    /// A refusal, *not found*, or a fault.
    fn view(&self, sight: &mut Sight<'_>) -> Result<Self::View, Stop>;
}

/// What an act or a look is about. The door finds out whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nothing that belongs to anyone.
    Nothing,
    /// The body of the caller's own seat.
    Seat,
    Body(i64),
    Filing(i64),
    /// A card of the provincial register.
    Card(i64),
    /// Of two bodies: it stands with whichever of them the caller belongs to or is in charge of.
    Cooperation(i64),
    Batch(i64),
    Candidate(i64),
    Objection(i64),
    Certificate(i64),
    Account(i64),
    /// A package for the national system.
    Package(i64),
    /// A difference with the national system.
    Difference(i64),
}

impl Subject {
    /// Its kind and id, as the record keeps them.
    pub fn key(self) -> (&'static str, Option<i64>) {
        match self {
            Self::Nothing => ("nothing", None),
            Self::Seat => ("body", None),
            Self::Body(id) => ("body", Some(id)),
            Self::Filing(id) => ("filing", Some(id)),
            Self::Card(id) => ("card", Some(id)),
            Self::Cooperation(id) => ("cooperation", Some(id)),
            Self::Batch(id) => ("batch", Some(id)),
            Self::Candidate(id) => ("candidate", Some(id)),
            Self::Objection(id) => ("objection", Some(id)),
            Self::Certificate(id) => ("certificate", Some(id)),
            Self::Account(id) => ("account", Some(id)),
            Self::Package(id) => ("package", Some(id)),
            Self::Difference(id) => ("difference", Some(id)),
        }
    }
}

/// Why an act or a look did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Stop {
    /// The notice, a standard or the house says no.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// As [`Stop::Refused`], but what the act wrote stays (a counted sign-in failure).
    #[error(transparent)]
    RefusedAndKept(Box<Refusal>),
    /// Said again: the refusal that was stored under this idempotency key.
    #[error("{}", .0.what)]
    RefusedBefore(Box<RefusalView>),
    /// There is no such record, or it is out of the caller's reach.
    #[error("not found")]
    NotFound,
    /// The caller has to sign in first.
    #[error("sign in first")]
    SignInFirst,
    /// The caller's role is not granted this.
    #[error("not granted")]
    NotGranted,
    /// The idempotency key was used for something else.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Something broke.
    #[error(transparent)]
    Fault(#[from] DbError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl Stop {
    /// A fault of the house, in words for the operator.
    pub fn fault(what: impl std::fmt::Display) -> Self {
        Self::Fault(DbError::stored(what.to_string()))
    }
}

/// The house: database, files, keys, clock, reference tables. Cheap to clone.
#[derive(Clone)]
pub struct Office(Arc<Inner>);

struct Inner {
    engine: Engine,
    files: Files,
    seals: Seals,
    /// Under which bodies sign documents; made when it is first asked for.
    document_root: OnceLock<DocumentRoot>,
    clock: Clock,
    reference: RwLock<Arc<Reference>>,
    directory: RwLock<Arc<Book>>,
    channels: RwLock<Arc<Channels>>,
    connector: RwLock<Option<Arc<Connector>>>,
    log_guard: RwLock<Option<Guard>>,
    /// Why the public log signs nothing, while that is so.
    log_pause: RwLock<Option<String>>,
    press: press::Press,
    last_id: AtomicI64,
    demo: bool,
}

impl Office {
    /// Opens the house on a database that [`crate::db::migrate`] has brought up to date. A new database is bound to the
    /// secret that it is opened with first.
    ///
    /// # Errors
    /// A refusal when the database was begun with another secret; a fault when what is stored can't be read.
    pub fn open(engine: Engine, files: Files, seals: Seals, clock: Clock, demo: bool) -> Result<Self, Stop> {
        let mark = seals.find_key("jiangce");
        if !engine.write(move |tx| Ok((Keep::Yes, store::bound_to(tx, &mark)?)))? {
            return Err(Refusal::house("密钥", "secret.key 不是建立这个数据库时的那一个")
                .remedy("请核对 --data 与 --database 是否配套，或从备份中取回原来的 secret.key")
                .into());
        }
        if let Some(day) = engine.read(store::simulated_day)?
            && demo
        {
            clock.set(day);
        }
        Self::on(engine, files, seals, clock, demo)
    }

    /// Opens the house for reading alone, on a replica whose schema this program knows.
    ///
    /// # Errors
    /// A refusal when the database was begun with another secret; a fault when what is stored can't be read.
    pub fn open_replica(engine: Engine, files: Files, seals: Seals) -> Result<Self, Stop> {
        let mark = seals.find_key("jiangce");
        if !engine.read(|tx| store::is_bound_to(tx, &mark))? {
            return Err(Refusal::house("密钥", "查询密钥与这个数据库不配套")
                .remedy("请在主服务上用 jiangce export query-kit 重新导出")
                .into());
        }
        let demo = engine.read(store::is_make_believe)?;
        let day = engine.read(store::simulated_day)?.filter(|_| demo);
        let clock = day.map_or(Clock::Real, Clock::simulated);
        Self::on(engine, files, seals, clock, demo)
    }

    fn on(engine: Engine, files: Files, seals: Seals, clock: Clock, demo: bool) -> Result<Self, Stop> {
        let reference = engine.read(crate::reference::load)?;
        Ok(Self(Arc::new(Inner {
            engine,
            files,
            seals,
            document_root: OnceLock::new(),
            clock,
            reference: RwLock::new(Arc::new(reference)),
            directory: RwLock::new(Arc::new(Book::empty())),
            channels: RwLock::default(),
            connector: RwLock::default(),
            log_guard: RwLock::default(),
            log_pause: RwLock::default(),
            press: press::Press::new(),
            last_id: AtomicI64::new(0),
            demo,
        })))
    }

    /// The database, for migrations, health and the statements test.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// Stored files.
    pub fn files(&self) -> &Files {
        &self.0.files
    }

    /// The keys of the house.
    pub fn seals(&self) -> &Seals {
        &self.0.seals
    }

    /// The root under which bodies sign documents.
    ///
    /// # Errors
    /// A fault when it can't be made.
    pub(crate) fn document_root(&self) -> Result<&DocumentRoot, Stop> {
        match self.0.document_root.get() {
            Some(root) => Ok(root),
            None => {
                let root = crate::certificate::document_root_of(&self.0.seals)?;
                Ok(self.0.document_root.get_or_init(|| root))
            }
        }
    }

    /// Documents.
    pub fn press(&self) -> &press::Press {
        &self.0.press
    }

    /// The ways out of the house; none until the operator names them.
    pub fn channels(&self) -> Arc<Channels> {
        self.0.channels.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// From now on messages leave by these.
    pub fn send_by(&self, channels: Channels) {
        *self.0.channels.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(channels);
    }

    /// The interface of the national system, where the operator has named one.
    pub fn connector(&self) -> Option<Arc<Connector>> {
        self.0.connector.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// From now on packages are handed over by this.
    pub fn exchange_by(&self, connector: Option<Connector>) {
        *self.0.connector.write().unwrap_or_else(std::sync::PoisonError::into_inner) = connector.map(Arc::new);
    }

    /// Where the last signed checkpoint of the public log is kept; without such a place the log signs nothing.
    pub(crate) fn log_guard(&self) -> Option<Guard> {
        self.0.log_guard.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// From now on the public log keeps what it signs at this path, beside the key.
    pub fn guard_log(&self, path: std::path::PathBuf) {
        *self.0.log_guard.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Guard::new(path));
    }

    /// Why the public log signs nothing, while that is so.
    pub(crate) fn log_pause(&self) -> Option<String> {
        self.0.log_pause.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Notes why the public log signs nothing, or that it does again; whether that is news.
    pub(crate) fn pause_log(&self, why: Option<String>) -> bool {
        let mut pause = self.0.log_pause.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_news = *pause != why;
        *pause = why;
        is_news
    }

    /// Whether this is the make-believe province.
    pub fn is_demo(&self) -> bool {
        self.0.demo
    }

    /// Today in China.
    pub fn today(&self) -> Day {
        self.0.clock.today()
    }

    /// Now, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        self.0.clock.now()
    }

    /// Now and today, of one instant: what is done at midnight belongs to one day.
    fn moment(&self) -> (i64, Day) {
        let now = self.now();
        (now, clock::day_of(now))
    }

    /// The reference tables in force.
    pub fn reference(&self) -> Arc<Reference> {
        self.0.reference.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Reads the reference tables anew after an import, also one that another process made.
    ///
    /// # Errors
    /// If what is stored can't be read.
    pub fn reload_reference(&self) -> Result<(), DbError> {
        if self.0.engine.read(crate::reference::latest)? == self.reference().latest() {
            return Ok(());
        }
        let reference = Arc::new(self.0.engine.read(crate::reference::load)?);
        *self.0.reference.write().unwrap_or_else(std::sync::PoisonError::into_inner) = reference;
        Ok(())
    }

    /// The directory as it stands now, with everything that it ever said.
    ///
    /// # Errors
    /// If what is stored can't be read.
    pub(crate) fn directory(&self) -> Result<Arc<Book>, DbError> {
        let held = self.0.directory.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let book = held.kept_up(&self.0.engine, &self.reference())?;
        if !Arc::ptr_eq(&held, &book) {
            let mut shelf = self.0.directory.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            // Another reader may have come first with a later one.
            if shelf.seq <= book.seq {
                *shelf = book.clone();
            }
        }
        Ok(book)
    }

    /// Moves the simulated day; only in the make-believe province and in tests.
    ///
    /// # Errors
    /// *Not found* where days are real; otherwise whatever the database says.
    pub fn set_day(&self, day: Day) -> Result<(), Stop> {
        if !self.is_demo() {
            return Err(Stop::NotFound);
        }
        self.0.clock.set(day);
        Ok(self.0.engine.write(move |tx| Ok((Keep::Yes, store::set_simulated_day(tx, day)?)))?)
    }

    /// Whether the database answers a reader and lets someone write.
    ///
    /// # Errors
    /// Whatever it says.
    pub fn check(&self) -> Result<(), DbError> {
        self.0.engine.read(store::has_begun)?;
        self.0.engine.write(|tx| Ok((Keep::No, store::has_begun(tx)?))).map(|_| ())
    }

    /// A new id: seconds since 2020 and a counter, below 2^53 so that any JSON reader keeps it whole.
    pub fn new_id(&self) -> i64 {
        let seconds = clock::real_now() / 1000 - 1_577_836_800;
        let floor = (seconds << 21) | i64::from(rand::random_range(0..1_u32 << 20));
        let previous = self
            .0
            .last_id
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(floor.max(last + 1)))
            .unwrap_or(floor);
        floor.max(previous + 1)
    }

    /// Performs an act for a caller.
    ///
    /// # Errors
    /// [`Stop`]: refused, not found, not granted, or broken; then nothing of it stays but its record.
    pub fn act<A: Act>(&self, caller: &Caller, act: A) -> Result<A::Answer, Stop> {
        self.act_once(caller, None, act)
    }

    /// Performs an act once for an idempotency key: said again, it answers again and does nothing.
    ///
    /// # Errors
    /// As [`Office::act`], and [`Stop::KeyReused`].
    pub fn act_once<A: Act>(&self, caller: &Caller, key: Option<&str>, act: A) -> Result<A::Answer, Stop> {
        let reach = caller.granted(A::KIND)?;
        let mut fields = serde_json::to_value(&act).map_err(Stop::fault)?;
        let key = key.filter(|_| A::REMEMBERED).map(|key| {
            let said = format!("{fields}\n{}", act.unspoken());
            store::OnceKey::new(key, caller, A::KIND, &self.seals().find_key(&said))
        });
        store::shorten(&mut fields);
        let fields = fields.to_string();
        let moment @ (now, day) = self.moment();
        let mut act = act;
        let prepared = if A::PREPARES { self.prepare(caller, &mut act, reach, moment) } else { Ok(()) };
        if let Err(stop @ (Stop::NotFound | Stop::Fault(_))) = prepared {
            return Err(stop);
        }
        let office = self.clone();
        let caller = caller.clone();
        let outcome = self.0.engine.write(move |tx| {
            if let Some(key) = &key
                && let Some(answer) = store::answered(tx, key)?
            {
                return Ok((Keep::No, answer.and_then(|text| serde_json::from_str(&text).map_err(Stop::fault))));
            }
            let standing = match store::standing(tx, act.subject(), &caller)? {
                Some(standing) if caller.reaches(reach, &standing) => standing,
                _ => return Ok((Keep::No, Err(Stop::NotFound))),
            };
            tx.mark()?;
            let mut desk = Desk::new(tx, &office, &caller, &standing, now, day);
            let outcome = match standing.hold.lets_through(A::KIND) {
                Err(refusal) => Err(refusal.into()),
                Ok(()) => prepared.clone().and_then(|()| act.perform(&mut desk)),
            };
            let told = desk.finish();
            let entry = store::Entry {
                id: office.new_id(),
                at: now,
                day,
                act: A::KIND,
                subject: told.subject.unwrap_or(act.subject()),
                standing: &standing,
                caller: &caller,
                fields: &fields,
            };
            let outcome = match outcome {
                Err(Stop::Fault(fault)) => return Err(fault),
                Err(Stop::Refused(refusal)) => {
                    tx.back_to_mark()?;
                    store::record(tx, &entry, Some(&refusal), None)?;
                    Err(Stop::Refused(refusal))
                }
                Err(Stop::RefusedAndKept(refusal)) => {
                    store::record(tx, &entry, Some(&refusal), None)?;
                    Err(Stop::RefusedAndKept(refusal))
                }
                Err(other) => {
                    tx.back_to_mark()?;
                    return Ok((Keep::No, Err(other)));
                }
                Ok(answer) => {
                    let version = store::bump(tx, act.subject(), &standing)?;
                    store::record(tx, &entry, None, version)?;
                    store::outbox(tx, &office, now, A::KIND, &told.messages)?;
                    for leaf in &told.leaves {
                        public_log::put(tx, office.new_id(), leaf, now)?;
                    }
                    Ok(answer)
                }
            };
            if let Some(key) = &key {
                store::remember(tx, key, now, &outcome)?;
            }
            Ok((Keep::Yes, outcome))
        })?;
        if A::KIND == ActKind::ImportTable && outcome.is_ok() {
            self.reload_reference()?;
        }
        outcome
    }

    /// Answers a look for a caller. A look at full personal data leaves a trace.
    ///
    /// # Errors
    /// [`Stop`], as for acts.
    pub fn look<L: Look>(&self, caller: &Caller, look: &L) -> Result<L::View, Stop> {
        let Some(reach) = permission::may_look(caller.role(), L::KIND) else {
            return Err(if caller.is_signed_in() { Stop::NotGranted } else { Stop::SignInFirst });
        };
        if caller.must_change() && L::KIND != LookKind::Account {
            return Err(password_first().into());
        }
        let (now, day) = self.moment();
        let view = self.0.engine.read(|tx| {
            let standing = self.within_reach(tx, caller, look.subject(), reach)?;
            look.view(&mut Sight::new(tx, self, caller, &standing, now, day))
        })?;
        if matches!(L::KIND, LookKind::Candidates | LookKind::Own) {
            let subject = caller.own().map_or(look.subject(), |own| Subject::Candidate(own.candidate));
            let trace = store::Trace::new(self.new_id(), now, L::KIND, subject, caller);
            self.0.engine.write(move |tx| Ok((Keep::Yes, store::trace(tx, &trace)?)))?;
        }
        Ok(view)
    }

    /// Reads what is public; there is nothing to reach and nobody to ask.
    ///
    /// # Errors
    /// Whatever `view` says.
    pub fn public<T>(&self, view: impl FnOnce(&mut Sight<'_>) -> Result<T, Stop>) -> Result<T, Stop> {
        let (now, day) = self.moment();
        self.0
            .engine
            .read(|tx| view(&mut Sight::new(tx, self, &Caller::public(Via::Web), &Standing::default(), now, day)))
    }

    fn prepare<A: Act>(&self, caller: &Caller, act: &mut A, reach: Reach, (now, day): (i64, Day)) -> Result<(), Stop> {
        let mut lent = Tx::Lent(&self.0.engine);
        let standing = self.within_reach(&mut lent, caller, act.subject(), reach)?;
        act.prepare(&mut Sight::new(&mut lent, self, caller, &standing, now, day))
    }

    fn within_reach(&self, tx: &mut Tx<'_>, caller: &Caller, subject: Subject, reach: Reach) -> Result<Standing, Stop> {
        match store::standing(tx, subject, caller)? {
            Some(standing) if caller.reaches(reach, &standing) => Ok(standing),
            _ => Err(Stop::NotFound),
        }
    }
}

/// An account whose password someone else knows does nothing before its holder has changed it.
fn password_first() -> Refusal {
    Refusal::house("登录", "初始密码还没有修改").remedy("请先在“我的账号”修改密码")
}

/// SHA-256 in hexadecimal: how files, tables and lists are named by their content.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
