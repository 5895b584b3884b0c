//! SQLite: one writer thread, so that several acts share one flush when many wait; readers on a WAL snapshot.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, mpsc};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, params_from_iter};

use super::{DbError, Keep, Row, Sql, Tx, Value};

/// Acts that share one flush at most; more would make the first of them wait too long.
const GROUP_MAX: usize = 64;
/// Connections that read at the same time.
const READERS: usize = 8;

/// The SQLite engine.
pub struct Sqlite {
    path: PathBuf,
    is_replica: bool,
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
    readers: Mutex<Readers>,
    returned: Condvar,
}

struct Readers {
    idle: Vec<Connection>,
    out: usize,
}

/// One waiting write: it runs inside the group's transaction and is told afterwards whether that was flushed.
trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Keep, DbError>;
    fn done(self: Box<Self>, flushed: Result<(), DbError>);
}

struct Waiting<T, F> {
    work: F,
    value: Option<T>,
    answer: mpsc::SyncSender<Result<T, DbError>>,
}

impl<T, F> Job for Waiting<T, F>
where
    T: Send,
    F: FnMut(&mut Tx<'_>) -> Result<(Keep, T), DbError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<Keep, DbError> {
        let (keep, value) = (self.work)(tx)?;
        self.value = Some(value);
        Ok(keep)
    }

    fn done(self: Box<Self>, flushed: Result<(), DbError>) {
        let Waiting { value, answer: asker, .. } = *self;
        let answer = flushed.and_then(|()| value.ok_or(DbError::Closed));
        // The asker may have gone away; its act stands all the same.
        let _ = asker.send(answer);
    }
}

/// Where jobs for the one writer go, and the thread that does them.
type Writing = (mpsc::Sender<Box<dyn Job>>, std::thread::JoinHandle<()>);

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Self, DbError> {
        owners_alone(path);
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(30))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // FULL flushes the log at every commit: what is acknowledged survives a power cut.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -16_000)?;
        connection.set_prepared_statement_cache_capacity(256);
        keep_plans(&connection)?;
        let (queue, jobs) = mpsc::channel::<Box<dyn Job>>();
        let writer = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || write_loop(&connection, &jobs))
            .map_err(|error| DbError::Schema(format!("can't start the writer thread: {error}")))?;
        Ok(Self::of(path, Some((queue, writer))))
    }

    /// A file that is only read: it is opened so that not even SQLite itself could write it, and has no writer.
    pub(super) fn open_replica(path: &Path) -> Result<Self, DbError> {
        let engine = Self::of(path, None);
        engine.borrow().map(|reader| engine.give_back(reader))?;
        Ok(engine)
    }

    fn of(path: &Path, writer: Option<Writing>) -> Self {
        let is_replica = writer.is_none();
        let (queue, writer) = writer.unzip();
        Self {
            path: path.to_owned(),
            is_replica,
            queue: Mutex::new(queue),
            writer: Mutex::new(writer),
            readers: Mutex::new(Readers { idle: Vec::new(), out: 0 }),
            returned: Condvar::new(),
        }
    }

    pub(super) fn write<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<(Keep, T), DbError> + Send + 'static,
    {
        let (answer, answered) = mpsc::sync_channel(1);
        let job = Box::new(Waiting { work, value: None, answer });
        {
            let queue = self.queue.lock().map_err(|_| DbError::Closed)?;
            let queue = queue.as_ref().ok_or(DbError::Closed)?;
            queue.send(job).map_err(|_| DbError::Closed)?;
        }
        answered.recv().map_err(|_| DbError::Closed)?
    }

    /// A reader with its snapshot begun.
    pub(super) fn snapshot(&self) -> Result<Lent<'_>, DbError> {
        let mut lent = Lent { of: self, connection: Some(self.borrow()?) };
        lent.tx()?.plain("BEGIN")?;
        Ok(lent)
    }

    pub(super) fn describe(&self, sql: &Sql) -> Result<Vec<String>, DbError> {
        let connection = self.open_reader()?;
        let statement = connection.prepare(sql.text)?;
        Ok(statement.column_names().map(str::to_owned).collect())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn borrow(&self) -> Result<Connection, DbError> {
        let mut readers = self.readers.lock().map_err(|_| DbError::Closed)?;
        loop {
            if let Some(connection) = readers.idle.pop() {
                readers.out += 1;
                return Ok(connection);
            }
            if readers.out < READERS {
                readers.out += 1;
                drop(readers);
                return self.open_reader().inspect_err(|_| {
                    if let Ok(mut readers) = self.readers.lock() {
                        readers.out -= 1;
                    }
                });
            }
            readers = self.returned.wait(readers).map_err(|_| DbError::Closed)?;
        }
    }

    fn give_back(&self, connection: Connection) {
        if let Ok(mut readers) = self.readers.lock() {
            readers.out -= 1;
            readers.idle.push(connection);
        }
    }

    /// A connection that reads and can't write.
    pub(super) fn open_reader(&self) -> Result<Connection, DbError> {
        let access = if self.is_replica { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
        let connection = Connection::open_with_flags(&self.path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "query_only", "ON")?;
        // No memory map: it would read a fifth faster and count every page it touched as resident, for each reader anew.
        connection.pragma_update(None, "cache_size", -4_000)?;
        connection.set_prepared_statement_cache_capacity(128);
        keep_plans(&connection)?;
        Ok(connection)
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        if let Ok(mut queue) = self.queue.lock() {
            queue.take();
        }
        if let Ok(mut writer) = self.writer.lock()
            && let Some(writer) = writer.take()
            // The last holder of the house may be a job on the writer itself, which ends with it.
            && writer.thread().id() != std::thread::current().id()
        {
            let _ = writer.join();
        }
    }
}

/// A reader on loan with its snapshot; it returns by itself, also when the look panics.
pub(super) struct Lent<'a> {
    of: &'a Sqlite,
    connection: Option<Connection>,
}

impl Lent<'_> {
    pub(super) fn tx(&mut self) -> Result<Tx<'_>, DbError> {
        self.connection.as_ref().map(Tx::Sqlite).ok_or(DbError::Closed)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let (Some(connection), Ok(mut readers)) = (self.connection.take(), self.of.readers.lock()) {
            readers.out -= 1;
            // One that can't end its snapshot is not used again.
            if connection.execute_batch("ROLLBACK").is_ok() {
                readers.idle.push(connection);
            }
            self.of.returned.notify_one();
        }
    }
}

/// Makes a new database file for its owner alone; the files that SQLite puts beside it take after it. What goes wrong,
/// opening it says.
fn owners_alone(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(path);
}

/// A prepared statement keeps its plan. Otherwise SQLite looks at the values too and plans anew each time that they
/// change, which takes several times as long as a point read.
fn keep_plans(connection: &Connection) -> Result<(), DbError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn write_loop(connection: &Connection, jobs: &mpsc::Receiver<Box<dyn Job>>) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        while group.len() < GROUP_MAX
            && let Ok(next) = jobs.try_recv()
        {
            group.push(next);
        }
        write_group(connection, group);
    }
    // A clean end folds the log into the file, so that a copy of the folder is one file.
    if let Err(error) = connection.pragma_update(None, "wal_checkpoint", "TRUNCATE") {
        tracing::debug!(%error, "checkpoint at the end");
    }
}

/// Runs a group of waiting writes in one transaction. Each stands on a savepoint of its own; all share the flush.
fn write_group(connection: &Connection, group: Vec<Box<dyn Job>>) {
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
        let error = DbError::from(error);
        group.into_iter().for_each(|job| job.done(Err(error.clone())));
        return;
    }
    let mut kept: Vec<Box<dyn Job>> = Vec::with_capacity(group.len());
    let mut jobs = group.into_iter();
    let mut lost = None;
    for mut job in jobs.by_ref() {
        match run_one(connection, job.as_mut()) {
            Ok(()) => kept.push(job),
            // On a full disk or an I/O error SQLite may have undone the whole group.
            Err(error) if connection.is_autocommit() => {
                job.done(Err(error.clone()));
                lost = Some(error);
                break;
            }
            Err(error) => job.done(Err(error)),
        }
    }
    let flushed = match lost {
        Some(error) => Err(error),
        None => connection.execute_batch("COMMIT").map_err(DbError::from),
    };
    if flushed.is_err() && !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    for job in kept.into_iter().chain(jobs) {
        job.done(flushed.clone());
    }
}

fn run_one(connection: &Connection, job: &mut dyn Job) -> Result<(), DbError> {
    connection.execute_batch("SAVEPOINT job")?;
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job.run(&mut Tx::Sqlite(connection))))
        .unwrap_or_else(|_| Err(DbError::Schema("the act panicked".into())));
    match outcome {
        Ok(Keep::Yes) => Ok(connection.execute_batch("RELEASE job")?),
        Ok(Keep::No) => Ok(connection.execute_batch("ROLLBACK TO job; RELEASE job")?),
        Err(error) => {
            if !connection.is_autocommit() {
                connection.execute_batch("ROLLBACK TO job; RELEASE job")?;
            }
            Err(error)
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(value) => ToSqlOutput::Borrowed(ValueRef::Integer(*value)),
            Self::Real(value) => ToSqlOutput::Borrowed(ValueRef::Real(*value)),
            Self::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
        })
    }
}

pub(super) fn run(connection: &Connection, sql: &Sql, args: &[Value]) -> Result<u64, DbError> {
    let mut statement = connection.prepare_cached(sql.text)?;
    Ok(statement.execute(params_from_iter(args))? as u64)
}

pub(super) fn each(
    connection: &Connection,
    sql: &Sql,
    args: &[Value],
    mut take: impl FnMut(Row) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let mut statement = connection.prepare_cached(sql.text)?;
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(args))?;
    while let Some(row) = rows.next()? {
        let mut values = Vec::with_capacity(columns);
        for index in 0..columns {
            values.push(match row.get_ref(index)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(value) => Value::Int(value),
                ValueRef::Real(value) => Value::Real(value),
                ValueRef::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned()),
                ValueRef::Blob(_) => return Err(DbError::Column { index, wanted: "text, number or null" }),
            });
        }
        take(Row(values))?;
    }
    Ok(())
}
