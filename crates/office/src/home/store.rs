//! Messages: from the outbox, claimed by lease, to the seats.

use super::Message;
use crate::args;
use crate::db::{DbError, Tx};
use crate::door::clock::read_out;

crate::statements! {
    MESSAGES = "SELECT at, title, link FROM message WHERE body = CAST(?1 AS BIGINT) OR office = CAST(?2 AS TEXT) ORDER BY id DESC LIMIT 20";
    CLAIM = "UPDATE outbox SET leased_until = ?2, tries = tries + 1 WHERE id IN
      (SELECT id FROM outbox WHERE sent_at IS NULL AND leased_until <= ?1 ORDER BY id LIMIT 500)";
    DELIVER = "INSERT INTO message (id, at, body, office, title, link)
      SELECT id, at, body, office, title, link FROM outbox WHERE sent_at IS NULL AND leased_until = ?1
      ON CONFLICT (id) DO NOTHING";
    SENT = "UPDATE outbox SET sent_at = ?2 WHERE sent_at IS NULL AND leased_until = ?1";
}

pub(super) fn messages(tx: &mut Tx<'_>, body: Option<i64>, office: Option<&str>) -> Result<Vec<Message>, DbError> {
    let rows = tx.rows(&MESSAGES, args![body, office])?;
    rows.into_iter()
        .map(|row| Ok(Message { at: read_out(row.get(0)?), title: row.get(1)?, link: row.get(2)? }))
        .collect()
}

/// Delivers what waits in the outbox: onto the work pages, and onto its way to the addresses of those who sit on the seat,
/// all in one transaction; how many messages. A message keeps its id, so that it arrives once however often it is sent.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn deliver(tx: &mut Tx<'_>, now: i64) -> Result<usize, DbError> {
    let lease = now + 60_000;
    let claimed = tx.run(&CLAIM, args![now, lease])?;
    if claimed > 0 {
        tx.run(&DELIVER, args![lease])?;
        crate::delivery::spread(tx, lease, now)?;
        tx.run(&SENT, args![lease, now])?;
    }
    Ok(usize::try_from(claimed).unwrap_or_default())
}
