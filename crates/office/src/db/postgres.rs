//! PostgreSQL: serializable writes that are tried again when the database asks for it, and a pool of clients.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use postgres::error::Severity;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, NoTls, Statement};

use super::{DbError, Keep, Row, Session, Sql, Tx, Value};

/// Clients at the same time.
const CLIENTS: usize = 12;
/// How long a write is tried again before its serialisation failure becomes a fault.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a unique index may say no to the same write before that is a fault. Conflicts are decided before inserting,
/// so the first no is another writer who came between; the next attempt sees what they wrote.
const COLLISIONS_MAX: u32 = 3;

/// The PostgreSQL engine.
pub struct Postgres {
    url: String,
    is_replica: bool,
    pool: Mutex<Pool>,
    returned: Condvar,
}

struct Pool {
    idle: Vec<Connected>,
    out: usize,
}

/// A client with the statements it has prepared.
struct Connected {
    client: Client,
    prepared: HashMap<(usize, usize), Statement>,
}

impl Postgres {
    pub(super) fn open(url: &str) -> Result<Self, DbError> {
        Self::open_as(url, false)
    }

    /// A server, or a database of it, that is only read.
    pub(super) fn open_replica(url: &str) -> Result<Self, DbError> {
        Self::open_as(url, true)
    }

    fn open_as(url: &str, is_replica: bool) -> Result<Self, DbError> {
        let pool = Mutex::new(Pool { idle: Vec::new(), out: 0 });
        let engine = Self { url: url.to_owned(), is_replica, pool, returned: Condvar::new() };
        let client = engine.connect()?;
        engine.pool.lock().map_err(|_| DbError::Closed)?.idle.push(client);
        Ok(engine)
    }

    fn connect(&self) -> Result<Connected, DbError> {
        let mut client = Client::connect(&self.url, NoTls)?;
        if self.is_replica {
            client.batch_execute("SET default_transaction_read_only = on")?;
        }
        Ok(Connected { client, prepared: HashMap::new() })
    }

    pub(super) fn write<T, F>(&self, mut job: F) -> Result<T, DbError>
    where
        F: FnMut(&mut Tx<'_>) -> Result<(Keep, T), DbError>,
    {
        if self.is_replica {
            return Err(DbError::Closed);
        }
        let began = Instant::now();
        let mut pause = Duration::from_millis(1);
        let mut collisions = 0;
        loop {
            let outcome = self.attempt(&mut job);
            collisions += u32::from(outcome.as_ref().is_err_and(DbError::is_collision));
            match outcome {
                Err(error)
                    if (error.may_retry() || error.is_collision() && collisions <= COLLISIONS_MAX)
                        && began.elapsed() < PATIENCE =>
                {
                    let jitter = rand::random_range(0.5..1.5);
                    std::thread::sleep(pause.mul_f64(jitter));
                    pause = (pause * 2).min(Duration::from_millis(100));
                }
                outcome => return outcome,
            }
        }
    }

    fn attempt<T>(&self, job: &mut impl FnMut(&mut Tx<'_>) -> Result<(Keep, T), DbError>) -> Result<T, DbError> {
        let mut lent = self.begin("BEGIN ISOLATION LEVEL SERIALIZABLE")?;
        let (keep, value) = job(&mut lent.tx()?)?;
        if keep == Keep::Yes {
            lent.commit()?;
        }
        Ok(value)
    }

    /// A client with its snapshot begun.
    pub(super) fn snapshot(&self) -> Result<Lent<'_>, DbError> {
        self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    /// A client whose transaction has begun. One that died while it lay idle says so at its first word; then nothing has
    /// run, and the next is asked, in the end a new one.
    fn begin(&self, how: &str) -> Result<Lent<'_>, DbError> {
        let mut tries = 0..=CLIENTS;
        loop {
            let mut lent = self.borrow()?;
            match lent.connected()?.client.batch_execute(how) {
                Ok(()) => {
                    lent.begun = true;
                    return Ok(lent);
                }
                Err(error) => {
                    // The server may have said that it ends before the client has noticed that it did.
                    let fatal = |said: &postgres::error::DbError| said.parsed_severity() == Some(Severity::Fatal);
                    let died = lent.connected()?.client.is_closed() || error.as_db_error().is_some_and(fatal);
                    if !died || tries.next().is_none() {
                        return Err(error.into());
                    }
                    lent.connected = None;
                }
            }
        }
    }

    pub(super) fn describe(&self, sql: &Sql) -> Result<Vec<String>, DbError> {
        let statement = self.borrow()?.connected()?.client.prepare(&dollar(sql.text))?;
        Ok(statement.columns().iter().map(|column| column.name().to_owned()).collect())
    }

    fn borrow(&self) -> Result<Lent<'_>, DbError> {
        let mut pool = self.pool.lock().map_err(|_| DbError::Closed)?;
        loop {
            if let Some(connected) = pool.idle.pop() {
                if connected.client.is_closed() {
                    continue;
                }
                pool.out += 1;
                return Ok(Lent { of: self, connected: Some(connected), begun: false });
            }
            if pool.out < CLIENTS {
                pool.out += 1;
                drop(pool);
                let mut lent = Lent { of: self, connected: None, begun: false };
                lent.connected = Some(self.connect()?);
                return Ok(lent);
            }
            pool = self.returned.wait(pool).map_err(|_| DbError::Closed)?;
        }
    }
}

/// A client on loan; it returns by itself, also when the work panics, and what was begun and not committed is undone.
pub(super) struct Lent<'a> {
    of: &'a Postgres,
    connected: Option<Connected>,
    begun: bool,
}

impl Lent<'_> {
    pub(super) fn tx(&mut self) -> Result<Tx<'_>, DbError> {
        self.connected().map(|connected| Tx::Postgres(connected))
    }

    fn connected(&mut self) -> Result<&mut Connected, DbError> {
        self.connected.as_mut().ok_or(DbError::Closed)
    }

    fn commit(&mut self) -> Result<(), DbError> {
        self.begun = false;
        self.connected()?.client.batch_execute("COMMIT").map_err(|error| match error.as_db_error() {
            // The server says that it did not: it lost against another, or a deferred check failed.
            Some(said) if said.parsed_severity() == Some(Severity::Error) => error.into(),
            _ => DbError::InDoubt(Arc::new(error)),
        })
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let ended = match &mut self.connected {
            Some(connected) if self.begun => connected.client.batch_execute("ROLLBACK").is_ok(),
            _ => true,
        };
        if let Ok(mut pool) = self.of.pool.lock() {
            pool.out -= 1;
            if let Some(connected) = self.connected.take()
                && ended
                && !connected.client.is_closed()
            {
                pool.idle.push(connected);
            }
            self.of.returned.notify_one();
        }
    }
}

impl Connected {
    fn statement(&mut self, sql: &Sql) -> Result<Statement, DbError> {
        let key = (sql.text.as_ptr() as usize, sql.text.len());
        if let Some(statement) = self.prepared.get(&key) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&dollar(sql.text))?;
        self.prepared.insert(key, statement.clone());
        Ok(statement)
    }
}

impl Session for Connected {
    fn run(&mut self, sql: &Sql, args: &[Value]) -> Result<u64, DbError> {
        let statement = self.statement(sql)?;
        let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        Ok(self.client.execute(&statement, &args)?)
    }

    fn each(
        &mut self,
        sql: &Sql,
        args: &[Value],
        take: &mut dyn FnMut(Row) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let statement = self.statement(sql)?;
        let mut rows = self.client.query_raw(&statement, args.iter().map(|value| value as &dyn ToSql))?;
        while let Some(row) = rows.next()? {
            let mut values = Vec::with_capacity(row.len());
            for (index, column) in row.columns().iter().enumerate() {
                let value = match *column.type_() {
                    Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map_or(Value::Null, Value::Int),
                    Type::INT4 => row.try_get::<_, Option<i32>>(index)?.map_or(Value::Null, |v| Value::Int(v.into())),
                    Type::BOOL => row.try_get::<_, Option<bool>>(index)?.map_or(Value::Null, |v| Value::Int(v.into())),
                    Type::FLOAT8 => row.try_get::<_, Option<f64>>(index)?.map_or(Value::Null, Value::Real),
                    _ => row.try_get::<_, Option<String>>(index)?.map_or(Value::Null, Value::Text),
                };
                values.push(value);
            }
            take(Row(values))?;
        }
        Ok(())
    }

    fn plain(&mut self, text: &str) -> Result<(), DbError> {
        Ok(self.client.batch_execute(text)?)
    }
}

/// `?1` is ours, `$1` is PostgreSQL's. A quoted question mark does not occur in our statements; a test sees to that.
fn dollar(text: &str) -> String {
    text.replace('?', "$")
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => match *ty {
                Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
                Type::FLOAT8 => (*value as f64).to_sql(ty, out),
                Type::BOOL => (*value != 0).to_sql(ty, out),
                Type::TEXT | Type::VARCHAR => Err(format!("{value} is a number, the statement wants text").into()),
                _ => value.to_sql(ty, out),
            },
            Self::Real(value) => value.to_sql(ty, out),
            Self::Text(value) => match *ty {
                // JSON travels as its text.
                Type::TEXT | Type::VARCHAR | Type::JSON | Type::UNKNOWN => value.to_sql(ty, out),
                _ => Err(format!("text where the statement wants {ty}").into()),
            },
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
