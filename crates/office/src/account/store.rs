//! Accounts and sessions in the database. Tokens are kept as hashes: who reads the table can't sign in with it.

use rules::jurisdiction::BodyKind;
use rules::people::Role;

use super::{AccountLine, SeatLine, Waiting};
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::{Caller, Seat, Via};

crate::statements! {
    BY_LOGIN = "SELECT id, login, password, must_change, closed_at FROM account WHERE login = ?1";
    BY_ID = "SELECT id, login, password, must_change, closed_at FROM account WHERE id = ?1";
    INSERT = "INSERT INTO account (id, login, name, role, body, office, password, must_change, created_at, version)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)";
    BODY_NAME = "SELECT name FROM body WHERE id = ?1";
    OFFICE_NAME = "SELECT name FROM office WHERE code = ?1";
    CLOSE = "UPDATE account SET closed_at = ?2 WHERE id = ?1 AND closed_at IS NULL";
    END_ALL = "DELETE FROM session WHERE account = ?1";
    END_OLD = "DELETE FROM session WHERE expires_at <= ?1";
    SET_PASSWORD = "UPDATE account SET password = ?2, must_change = ?3 WHERE id = ?1";
    WAITING = "SELECT failures, waits_until FROM sign_in_wait WHERE login = ?1 AND place = ?2";
    FAILED = "INSERT INTO sign_in_wait (login, place, failures, waits_until) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (login, place) DO UPDATE SET failures = excluded.failures, waits_until = excluded.waits_until";
    FORGIVE = "DELETE FROM sign_in_wait WHERE login = ?1 AND place = ?2";
    FORGIVE_ALL = "DELETE FROM sign_in_wait WHERE login = (SELECT login FROM account WHERE id = ?1)";
    BEGIN = "INSERT INTO session (token, account, csrf, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    END = "DELETE FROM session WHERE token = ?1";
    PROLONG = "UPDATE session SET expires_at = expires_at + ?1";
    RESUME = "SELECT a.id, a.name, a.role, a.body, a.office, COALESCE(b.name, o.name, '平台'), a.must_change, s.csrf, b.kind
      FROM session s JOIN account a ON a.id = s.account LEFT JOIN body b ON b.id = a.body LEFT JOIN office o ON o.code = a.office
      WHERE s.token = ?1 AND s.expires_at > ?2 AND a.closed_at IS NULL";
    CALLER = "SELECT a.id, a.name, a.role, a.body, a.office, COALESCE(b.name, o.name, '平台'), a.must_change, '', b.kind
      FROM account a LEFT JOIN body b ON b.id = a.body LEFT JOIN office o ON o.code = a.office
      WHERE a.login = ?1 AND a.closed_at IS NULL";
    LIST = "SELECT a.id, a.login, a.name, a.role, COALESCE(b.name, o.name, '平台'), a.closed_at
      FROM account a LEFT JOIN body b ON b.id = a.body LEFT JOIN office o ON o.code = a.office ORDER BY a.login";
    SEATS = "SELECT CAST(id AS TEXT), name, 1 FROM body UNION ALL SELECT code, name, 0 FROM office ORDER BY 3, 2";
    LOGINS = "SELECT login FROM account WHERE closed_at IS NULL ORDER BY login";
}

/// What signing in needs of an account.
pub(super) struct Found {
    pub id: i64,
    pub login: String,
    pub password: String,
    pub must_change: bool,
    pub closed_at: Option<i64>,
}

impl TryFrom<Row> for Found {
    type Error = DbError;
    fn try_from(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            login: row.get(1)?,
            password: row.get(2)?,
            must_change: row.get(3)?,
            closed_at: row.get(4)?,
        })
    }
}

pub(super) fn by_login(tx: &mut Tx<'_>, login: &str) -> Result<Option<Found>, DbError> {
    tx.first(&BY_LOGIN, args![login])?.map(Found::try_from).transpose()
}

pub(super) fn by_id(tx: &mut Tx<'_>, id: i64) -> Result<Option<Found>, DbError> {
    tx.first(&BY_ID, args![id])?.map(Found::try_from).transpose()
}

pub(super) struct NewAccount<'a> {
    pub id: i64,
    pub login: &'a str,
    pub name: &'a str,
    pub role: Role,
    pub seat: &'a Seat,
    pub password: &'a str,
    pub must_change: bool,
    pub now: i64,
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &NewAccount<'_>) -> Result<(), DbError> {
    let (body, office) = match new.seat {
        Seat::Body(id) => (Some(*id), None),
        Seat::Office(code) => (None, Some(code.as_str())),
        Seat::Platform | Seat::Nobody => (None, None),
    };
    tx.run(
        &INSERT,
        args![new.id, new.login, new.name, new.role.code(), body, office, new.password, new.must_change, new.now],
    )?;
    Ok(())
}

/// The name of a seat, or `None` if there is none such.
pub(super) fn seat_name(tx: &mut Tx<'_>, seat: &Seat) -> Result<Option<String>, DbError> {
    let row = match seat {
        Seat::Body(id) => tx.first(&BODY_NAME, args![*id])?,
        Seat::Office(code) => tx.first(&OFFICE_NAME, args![code])?,
        Seat::Platform => return Ok(Some("平台".into())),
        Seat::Nobody => None,
    };
    row.map(|row| row.get(0)).transpose()
}

pub(super) fn close(tx: &mut Tx<'_>, id: i64, now: i64) -> Result<(), DbError> {
    tx.run(&CLOSE, args![id, now])?;
    tx.run(&END_ALL, args![id])?;
    Ok(())
}

pub(super) fn set_password(tx: &mut Tx<'_>, id: i64, hash: &str, must_change: bool) -> Result<(), DbError> {
    tx.run(&SET_PASSWORD, args![id, hash, must_change])?;
    tx.run(&FORGIVE_ALL, args![id])?;
    tx.run(&END_ALL, args![id])?;
    Ok(())
}

pub(super) fn waiting(tx: &mut Tx<'_>, login: &str, place: &str) -> Result<Waiting, DbError> {
    let row = tx.first(&WAITING, args![login, place])?;
    row.map_or(Ok(Waiting::default()), |row| Ok(Waiting { failures: row.get(0)?, until: row.get(1)? }))
}

pub(super) fn failed(tx: &mut Tx<'_>, login: &str, place: &str, waiting: &Waiting) -> Result<(), DbError> {
    tx.run(&FAILED, args![login, place, waiting.failures, waiting.until]).map(|_| ())
}

pub(super) fn forgive(tx: &mut Tx<'_>, login: &str, place: &str) -> Result<(), DbError> {
    tx.run(&FORGIVE, args![login, place]).map(|_| ())
}

pub(super) struct NewSession<'a> {
    pub token: &'a str,
    pub account: i64,
    pub csrf: &'a str,
    pub now: i64,
    pub expires_at: i64,
}

pub(super) fn begin(tx: &mut Tx<'_>, new: &NewSession<'_>) -> Result<(), DbError> {
    tx.run(&END_OLD, args![new.now])?;
    tx.run(&BEGIN, args![new.token, new.account, new.csrf, new.now, new.expires_at]).map(|_| ())
}

pub(super) fn end(tx: &mut Tx<'_>, token: &str) -> Result<(), DbError> {
    tx.run(&END, args![token]).map(|_| ())
}

pub(super) fn prolong(tx: &mut Tx<'_>, by: i64) -> Result<u64, DbError> {
    tx.run(&PROLONG, args![by])
}

pub(super) fn resume(tx: &mut Tx<'_>, token: &str, now: i64, via: Via) -> Result<Option<(Caller, String)>, DbError> {
    let Some(row) = tx.first(&RESUME, args![token, now])? else { return Ok(None) };
    let csrf = row.get(7)?;
    Ok(Some((read_caller(&row, via)?, csrf)))
}

pub(super) fn caller(tx: &mut Tx<'_>, login: &str, via: Via) -> Result<Option<Caller>, DbError> {
    tx.first(&CALLER, args![login])?.map(|row| read_caller(&row, via)).transpose()
}

fn read_caller(row: &Row, via: Via) -> Result<Caller, DbError> {
    let role = read_role(&row.get::<String>(2)?)?;
    let seat = match (row.get::<Option<i64>>(3)?, row.get::<Option<String>>(4)?) {
        (Some(body), _) => Seat::Body(body),
        (None, Some(office)) => Seat::Office(office),
        (None, None) => Seat::Platform,
    };
    let kind = row
        .get::<Option<String>>(8)?
        .map(|code| BodyKind::from_code(&code).ok_or_else(|| DbError::stored(format!("kind of body {code}"))));
    let caller = Caller::signed_in(row.get(0)?, row.get(1)?, role, (seat, row.get(5)?), via, row.get(6)?);
    Ok(caller.of_kind(kind.transpose()?))
}

fn read_role(code: &str) -> Result<Role, DbError> {
    Role::from_code(code).ok_or_else(|| DbError::stored(format!("role {code}")))
}

pub(super) fn list(tx: &mut Tx<'_>) -> Result<Vec<AccountLine>, DbError> {
    let rows = tx.rows(&LIST, &[])?;
    rows.into_iter()
        .map(|row| {
            let role = read_role(&row.get::<String>(3)?)?;
            Ok(AccountLine {
                id: row.get(0)?,
                login: row.get(1)?,
                name: row.get(2)?,
                role,
                role_name: role.name().to_owned(),
                seat: row.get(4)?,
                closed: row.get::<Option<i64>>(5)?.is_some(),
            })
        })
        .collect()
}

pub(super) fn seats(tx: &mut Tx<'_>) -> Result<Vec<SeatLine>, DbError> {
    let rows = tx.rows(&SEATS, &[])?;
    rows.into_iter().map(|row| Ok(SeatLine { key: row.get(0)?, name: row.get(1)?, is_body: row.get(2)? })).collect()
}

/// Every open login.
pub(crate) fn login_names(tx: &mut Tx<'_>) -> Result<Vec<String>, DbError> {
    tx.rows(&LOGINS, &[])?.into_iter().map(|row| row.get(0)).collect()
}
