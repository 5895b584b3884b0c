//! Messages: from the outbox, claimed by lease, to the seats.

use super::Message;
use crate::args;
use crate::db::{DbError, Tx};
use crate::door::clock::read_out;

crate::statements! {
    MESSAGES = "SELECT at, title, link FROM message WHERE body = CAST(?1 AS BIGINT) OR office = CAST(?2 AS TEXT) ORDER BY id DESC LIMIT 20";
    CLAIM = "UPDATE outbox SET leased_until = ?2, tries = tries + 1 WHERE id IN
      (SELECT id FROM outbox WHERE sent_at IS NULL AND leased_until <= ?1 ORDER BY id LIMIT 500)
      RETURNING id, at, body, office, title, link";
    DELIVER = "INSERT INTO message (id, at, body, office, title, link) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING";
    SENT = "UPDATE outbox SET sent_at = ?2 WHERE id = ?1";
}

pub(super) fn messages(tx: &mut Tx<'_>, body: Option<i64>, office: Option<&str>) -> Result<Vec<Message>, DbError> {
    let rows = tx.rows(&MESSAGES, args![body, office])?;
    rows.into_iter()
        .map(|row| Ok(Message { at: read_out(row.get(0)?), title: row.get(1)?, link: row.get(2)? }))
        .collect()
}

/// Delivers what waits in the outbox; how many. A message keeps its id, so that it arrives once however often it is sent.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn deliver(tx: &mut Tx<'_>, now: i64) -> Result<usize, DbError> {
    let rows = tx.rows(&CLAIM, args![now, now + 60_000])?;
    for row in &rows {
        let id: i64 = row.get(0)?;
        let (body, office) = (row.get::<Option<i64>>(2)?, row.get::<Option<String>>(3)?);
        let (at, title, link) = (row.get::<i64>(1)?, row.get::<String>(4)?, row.get::<String>(5)?);
        tx.run(&DELIVER, args![id, at, body, office, title, link])?;
        tx.run(&SENT, args![id, now])?;
    }
    Ok(rows.len())
}
