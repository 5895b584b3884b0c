//! The only place that knows which database is behind the house: one SQL text, two engines. Statements are named
//! constants with `?1` placeholders; values are text, 64-bit integers, doubles or null. Days are ISO text, instants
//! milliseconds since 1970 (UTC), ids are made by the application.

mod migrate;
mod postgres;
mod sqlite;

use std::sync::Arc;

pub use migrate::{SCHEMA, migrate, of_this_version};

/// One statement, by name; its text runs unchanged on both engines.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    pub name: &'static str,
    pub text: &'static str,
}

/// Names the statements of a `store.rs` and lists them as `ALL`, so that a test can prepare each on both engines.
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$meta])* pub(crate) const $name: $crate::db::Sql =
            $crate::db::Sql { name: concat!(module_path!(), "::", stringify!($name)), text: $text };)*
        /// Every statement of this module.
        pub(crate) const ALL: &[$crate::db::Sql] = &[$($name,)*];
    };
}

/// Turns arguments into the values of a statement.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::db::Value::from($value)),*] };
}

/// A value on its way into or out of the database.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}
impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
impl From<rules::Day> for Value {
    fn from(value: rules::Day) -> Self {
        Self::Text(value.to_string())
    }
}
impl<T> From<Option<T>> for Value
where
    Value: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Value::from)
    }
}

/// One row of an answer; columns are read by position, in the order that the statement names them.
#[derive(Debug, Clone)]
pub struct Row(pub(crate) Vec<Value>);

impl Row {
    /// The column at `index` as `T`.
    ///
    /// # Errors
    /// If the column is missing, null or of another type.
    pub fn get<T: FromValue>(&self, index: usize) -> Result<T, DbError> {
        let value = self.0.get(index).ok_or(DbError::Column { index, wanted: "a column" })?;
        T::from_value(value).ok_or(DbError::Column { index, wanted: std::any::type_name::<T>() })
    }
}

/// What a column can be read as.
pub trait FromValue: Sized {
    fn from_value(value: &Value) -> Option<Self>;
}
impl FromValue for i64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }
}
impl FromValue for bool {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).map(|value| value != 0)
    }
}
impl FromValue for f64 {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Real(value) => Some(*value),
            Value::Int(value) => Some(*value as f64),
            _ => None,
        }
    }
}
impl FromValue for String {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(value) => Some(value.clone()),
            _ => None,
        }
    }
}
impl FromValue for rules::Day {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Text(value) => value.parse().ok(),
            _ => None,
        }
    }
}
/// A level is kept as its digit.
impl FromValue for rules::certificate::Level {
    fn from_value(value: &Value) -> Option<Self> {
        String::from_value(value)?.chars().next().and_then(Self::from_digit)
    }
}
impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// Something went wrong in or on the way to the database.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DbError {
    #[error("sqlite: {0}")]
    Sqlite(Arc<rusqlite::Error>),
    #[error("postgres: {0} {detail}", detail = .0.as_db_error().map(|e| format!("{}: {}", e.code().code(), e.message())).unwrap_or_default())]
    Postgres(Arc<::postgres::Error>),
    #[error("column {index} is not {wanted}")]
    Column { index: usize, wanted: &'static str },
    #[error("stored value: {0}")]
    Stored(String),
    #[error("the database is closed")]
    Closed,
    #[error("the answer to the commit was lost, whether it stands is not known: {0}")]
    InDoubt(Arc<::postgres::Error>),
    #[error("{0}")]
    Schema(String),
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}
impl From<::postgres::Error> for DbError {
    fn from(error: ::postgres::Error) -> Self {
        Self::Postgres(Arc::new(error))
    }
}

impl DbError {
    /// Whether the same transaction may succeed when it is tried again: it lost against another, or the server went away
    /// before it was asked to commit.
    pub fn may_retry(&self) -> bool {
        let again = |code: &str| matches!(code, "40001" | "40P01" | "57P01" | "57P02" | "57P03");
        match self {
            Self::Postgres(error) => error.is_closed() || error.code().is_some_and(|code| again(code.code())),
            _ => false,
        }
    }

    /// Whether a unique index said no.
    pub(super) fn is_collision(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code().is_some_and(|code| code.code() == "23505"))
    }

    /// A stored value that the code can't read back: a fault of ours, never of a person.
    pub fn stored(what: impl Into<String>) -> Self {
        Self::Stored(what.into())
    }
}

/// A transaction, or a read snapshot, on either engine.
pub enum Tx<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a mut (dyn Session + 'a)),
    /// No transaction: each statement takes a connection and gives it back.
    Lent(&'a Engine),
}

/// A read snapshot of either engine; it ends when it is dropped.
enum Snapshot<'a> {
    Sqlite(sqlite::Lent<'a>),
    Postgres(Box<postgres::Lent<'a>>),
}

impl Snapshot<'_> {
    fn tx(&mut self) -> Result<Tx<'_>, DbError> {
        match self {
            Self::Sqlite(lent) => lent.tx(),
            Self::Postgres(lent) => lent.tx(),
        }
    }
}

/// What a transaction of the client–server engine can do.
pub trait Session {
    #[doc(hidden)]
    fn run(&mut self, sql: &Sql, args: &[Value]) -> Result<u64, DbError>;
    #[doc(hidden)]
    fn each(
        &mut self,
        sql: &Sql,
        args: &[Value],
        take: &mut dyn FnMut(Row) -> Result<(), DbError>,
    ) -> Result<(), DbError>;
    #[doc(hidden)]
    fn plain(&mut self, text: &str) -> Result<(), DbError>;
}

impl Tx<'_> {
    /// Every row of the answer.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn rows(&mut self, sql: &Sql, args: &[Value]) -> Result<Vec<Row>, DbError> {
        let mut rows = Vec::new();
        self.each(sql, args, |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn first(&mut self, sql: &Sql, args: &[Value]) -> Result<Option<Row>, DbError> {
        Ok(self.rows(sql, args)?.into_iter().next())
    }

    /// Rows one by one as they come, for answers of any length.
    ///
    /// # Errors
    /// Whatever the database or `take` says.
    pub fn each(
        &mut self,
        sql: &Sql,
        args: &[Value],
        mut take: impl FnMut(Row) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        match self {
            Self::Sqlite(connection) => sqlite::each(connection, sql, args, take),
            Self::Postgres(tx) => tx.each(sql, args, &mut take),
            Self::Lent(engine) => {
                engine.snapshot()?.tx()?.each(sql, args, &mut take as &mut dyn FnMut(Row) -> Result<(), DbError>)
            }
        }
    }

    /// Runs a statement that changes rows; how many.
    ///
    /// # Errors
    /// Whatever the database says.
    pub fn run(&mut self, sql: &Sql, args: &[Value]) -> Result<u64, DbError> {
        match self {
            Self::Sqlite(connection) => sqlite::run(connection, sql, args),
            Self::Postgres(tx) => tx.run(sql, args),
            Self::Lent(engine) => engine.snapshot()?.tx()?.run(sql, args),
        }
    }

    /// Sets a mark to which [`Tx::back_to_mark`] returns.
    pub(crate) fn mark(&mut self) -> Result<(), DbError> {
        self.plain("SAVEPOINT act")
    }

    /// Undoes everything since the mark.
    pub(crate) fn back_to_mark(&mut self) -> Result<(), DbError> {
        self.plain("ROLLBACK TO SAVEPOINT act")
    }

    fn plain(&mut self, text: &'static str) -> Result<(), DbError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.execute_batch(text)?),
            Self::Postgres(tx) => tx.plain(text),
            Self::Lent(engine) => engine.snapshot()?.tx()?.plain(text),
        }
    }
}

/// The database behind the house.
#[derive(Clone)]
pub enum Engine {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

impl Engine {
    /// Opens `sqlite://PATH`, a plain path, or `postgres://…`; [`migrate`] brings its schema up to date.
    ///
    /// # Errors
    /// If it can't be opened.
    pub fn open(url: &str) -> Result<Self, DbError> {
        let engine = if is_server(url) {
            Self::Postgres(Arc::new(postgres::Postgres::open(url)?))
        } else {
            Self::Sqlite(Arc::new(sqlite::Sqlite::open(file_of(url))?))
        };
        Ok(engine)
    }

    /// Opens a database that is only read: a replica, which another process writes.
    ///
    /// # Errors
    /// If it can't be opened.
    pub fn open_replica(url: &str) -> Result<Self, DbError> {
        Ok(if is_server(url) {
            Self::Postgres(Arc::new(postgres::Postgres::open_replica(url)?))
        } else {
            Self::Sqlite(Arc::new(sqlite::Sqlite::open_replica(file_of(url))?))
        })
    }

    /// Whether [`Engine::open`] would find a database: SQLite would make the file. A server is asked when it is opened.
    pub fn is_there(url: &str) -> bool {
        is_server(url) || file_of(url).is_file()
    }

    /// Which engine this is: `sqlite` or `postgres`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The file behind SQLite; for point reads on a reader of one's own.
    pub(crate) fn sqlite_path(&self) -> Option<&std::path::Path> {
        match self {
            Self::Sqlite(engine) => Some(engine.path()),
            Self::Postgres(_) => None,
        }
    }

    /// A reader of one's own, on SQLite alone.
    pub(crate) fn own_reader(&self) -> Option<Result<rusqlite::Connection, DbError>> {
        match self {
            Self::Sqlite(engine) => Some(engine.open_reader()),
            Self::Postgres(_) => None,
        }
    }

    /// Runs `job` in one write transaction. It is kept when `job` says [`Keep::Yes`] and undone when it says
    /// [`Keep::No`]; the answer comes after the commit is on the disk. `job` runs again when the database asks for a retry.
    ///
    /// # Errors
    /// Whatever the database says; then nothing was kept.
    pub fn write<T, F>(&self, job: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<(Keep, T), DbError> + Send + 'static,
    {
        match self {
            Self::Sqlite(engine) => engine.write(job),
            Self::Postgres(engine) => engine.write(job),
        }
    }

    /// Runs `job` on one consistent snapshot; it can't write.
    ///
    /// # Errors
    /// Whatever the database or `job` says.
    pub fn read<T, E: From<DbError>>(&self, job: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        job(&mut self.snapshot()?.tx()?)
    }

    fn snapshot(&self) -> Result<Snapshot<'_>, DbError> {
        Ok(match self {
            Self::Sqlite(engine) => Snapshot::Sqlite(engine.snapshot()?),
            Self::Postgres(engine) => Snapshot::Postgres(Box::new(engine.snapshot()?)),
        })
    }

    /// Prepares a statement without running it and returns the names of its columns.
    ///
    /// # Errors
    /// If the engine does not accept the statement.
    pub fn describe(&self, sql: &Sql) -> Result<Vec<String>, DbError> {
        match self {
            Self::Sqlite(engine) => engine.describe(sql),
            Self::Postgres(engine) => engine.describe(sql),
        }
    }
}

/// Whether what a job wrote is to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    Yes,
    No,
}

fn is_server(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// The file that SQLite opens.
fn file_of(url: &str) -> &std::path::Path {
    std::path::Path::new(url.strip_prefix("sqlite://").unwrap_or(url))
}
