//! Addresses, codes, choices and deliveries in the database. A delivery is claimed by lease, so that of two servers one
//! sends it; what it came to is written afterwards, so that a crash between the two sends it again.

use rules::Day;
use rules::delivery::{Channel, MessageKind};

use super::{ChannelCount, Choice, Trouble};
use crate::args;
use crate::db::{DbError, Row, Tx};
use crate::door::clock::read_out;

crate::statements! {
    CONTACTS = "SELECT c.channel, c.address, c.confirmed_at,
        COALESCE((SELECT d.outcome FROM delivery d WHERE d.account = c.account AND d.channel = c.channel AND d.outcome IS NOT NULL
          AND d.made_at >= c.confirmed_at ORDER BY d.made_at DESC, d.message DESC LIMIT 1), '')
      FROM contact c WHERE c.account = ?1 ORDER BY c.channel";
    CONFIRM = "INSERT INTO contact (account, channel, address, confirmed_at) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (account, channel) DO UPDATE SET address = excluded.address, confirmed_at = excluded.confirmed_at";
    HAS_CONTACT = "SELECT 1 FROM contact WHERE account = ?1 AND channel = ?2";
    REMOVE = "DELETE FROM contact WHERE account = ?1 AND channel = ?2";
    FORGET_CHOICES = "DELETE FROM contact_choice WHERE account = ?1 AND channel = ?2";
    CHOOSE = "INSERT INTO contact_choice (account, channel, kind) VALUES (?1, ?2, ?3) ON CONFLICT (account, channel, kind) DO NOTHING";
    CHOICES = "SELECT channel, kind FROM contact_choice WHERE account = ?1";
    DIGEST_HOUR = "SELECT hour FROM digest WHERE account = ?1";
    SET_DIGEST = "INSERT INTO digest (account, hour) VALUES (?1, ?2) ON CONFLICT (account) DO UPDATE SET hour = excluded.hour";
    END_DIGEST = "DELETE FROM digest WHERE account = ?1";
    ASKED_BY = "SELECT COUNT(*), MAX(asked_at) FROM contact_code WHERE account = ?1 AND channel = ?2 AND asked_at > ?3";
    ASKED_FOR = "SELECT COUNT(*), MAX(asked_at) FROM contact_code WHERE find_key = ?1 AND asked_at > ?2";
    ASK = "INSERT INTO contact_code (id, account, channel, address, find_key, digest, asked_at, expires_at, tries, is_used)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0)";
    PENDING = "SELECT id, address, digest, expires_at, tries FROM contact_code
      WHERE account = ?1 AND channel = ?2 AND is_used = 0 ORDER BY id DESC LIMIT 1";
    MISSED = "UPDATE contact_code SET tries = tries + 1 WHERE id = ?1";
    USED = "UPDATE contact_code SET is_used = 1 WHERE account = ?1 AND channel = ?2";
    FORGET_CODES = "DELETE FROM contact_code WHERE asked_at < ?1";
    /// What was claimed from the outbox under this lease, to everyone on the seat who wants this kind by a channel.
    SPREAD = "INSERT INTO delivery (message, account, channel, kind, title, link, clause, due_on, made_at, next_at, leased_until, tries)
      SELECT o.id, c.account, c.channel, w.kind, o.title, o.link, o.clause, o.due_on, o.at, CAST(?2 AS BIGINT), 0, 0
      FROM outbox o
      JOIN account a ON (a.body = o.body OR a.office = o.office) AND a.closed_at IS NULL
      JOIN contact c ON c.account = a.id
      JOIN contact_choice w ON w.account = c.account AND w.channel = c.channel
        AND w.kind = CASE WHEN o.due_on IS NULL THEN 'matter' ELSE 'deadline' END
      WHERE o.sent_at IS NULL AND o.leased_until = ?1
      ON CONFLICT (message, account, channel) DO NOTHING";
    PUT = "INSERT INTO delivery (message, account, channel, kind, title, link, sealed, made_at, next_at, leased_until, tries)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, 0, 0)";
    PUT_OWN_CODE = "INSERT INTO delivery (message, account, channel, kind, title, link, sealed, made_at, next_at, leased_until, tries, outcome, ended_at)
      VALUES (?1, 0, ?2, ?3, ?4, '', ?5, ?6, ?6, 0, 0, ?7, ?8)";
    WAITS = "SELECT message FROM delivery WHERE channel = ?1 AND outcome IS NULL AND next_at <= ?2 AND leased_until <= ?2 LIMIT 1";
    CLAIM = "UPDATE delivery SET leased_until = ?3, tries = tries + 1 WHERE (message, account, channel) IN
      (SELECT message, account, channel FROM delivery WHERE channel = ?1 AND outcome IS NULL AND next_at <= ?2 AND leased_until <= ?2
       ORDER BY CASE WHEN kind IN ('code', 'own_code') THEN 0 ELSE 1 END, next_at, message LIMIT 1)
      RETURNING message, account, kind, title, link, clause, due_on, sealed, made_at, tries";
    WHO = "SELECT COALESCE(b.name, o.name, '平台'), a.closed_at, c.address FROM account a LEFT JOIN body b ON b.id = a.body
      LEFT JOIN office o ON o.code = a.office LEFT JOIN contact c ON c.account = a.id AND c.channel = ?2 WHERE a.id = ?1";
    OWN_CODE_LIVES = "SELECT 1 FROM candidate_code WHERE id = ?1 AND is_used = 0 AND expires_at > ?2";
    CODE_LIVES = "SELECT 1 FROM contact_code WHERE id = ?1 AND is_used = 0 AND expires_at > ?2";
    SENT = "UPDATE delivery SET outcome = 'sent', ended_at = ?4, sealed = NULL
      WHERE message = ?1 AND account = ?2 AND channel = ?3 AND outcome IS NULL";
    AGAIN = "UPDATE delivery SET next_at = ?5, leased_until = 0, error = ?6, failed_at = ?7
      WHERE message = ?1 AND account = ?2 AND channel = ?3 AND leased_until = ?4 AND outcome IS NULL";
    GIVE_UP = "UPDATE delivery SET outcome = 'given_up', ended_at = ?6, error = ?5, failed_at = ?6, sealed = NULL
      WHERE message = ?1 AND account = ?2 AND channel = ?3 AND leased_until = ?4 AND outcome IS NULL";
    DROP_ONE = "UPDATE delivery SET outcome = 'dropped', ended_at = ?4, sealed = NULL
      WHERE message = ?1 AND account = ?2 AND channel = ?3 AND outcome IS NULL";
    DROP_ALL = "UPDATE delivery SET outcome = 'dropped', ended_at = ?3, sealed = NULL
      WHERE account = ?1 AND channel = ?2 AND outcome IS NULL";
    /// What carried a secret text, a code or a digest, can't be sent again: the text is gone.
    RETRY = "UPDATE delivery SET outcome = NULL, ended_at = NULL, tries = 0, next_at = ?1, leased_until = 0
      WHERE outcome = 'given_up' AND kind IN ('deadline', 'matter')";
    COUNTS = "SELECT channel, CASE WHEN outcome IS NULL THEN 'waiting' ELSE outcome END, COUNT(*), MIN(made_at) FROM delivery
      GROUP BY channel, 2 ORDER BY 1, 2";
    WAITING = "SELECT COUNT(*), MIN(made_at) FROM delivery WHERE outcome IS NULL";
    GIVEN_UP = "SELECT COUNT(*) FROM delivery WHERE failed_at IS NOT NULL AND outcome = 'given_up'";
    TROUBLES = "SELECT d.failed_at, d.channel, d.kind, CASE WHEN a.id IS NULL THEN '考生' ELSE COALESCE(b.name, o.name, '平台') END, d.tries, d.error, COALESCE(d.outcome, 'waiting')
      FROM delivery d LEFT JOIN account a ON a.id = d.account LEFT JOIN body b ON b.id = a.body LEFT JOIN office o ON o.code = a.office
      WHERE d.failed_at IS NOT NULL ORDER BY d.failed_at DESC, d.message DESC LIMIT 50";
    FORGET = "DELETE FROM delivery WHERE ended_at < ?1";
    DIGESTS_DUE = "SELECT d.account, a.login FROM digest d JOIN account a ON a.id = d.account
      JOIN contact c ON c.account = d.account AND c.channel = 'mail'
      WHERE d.hour <= ?1 AND (d.last_on IS NULL OR d.last_on < ?2) AND a.closed_at IS NULL ORDER BY d.account";
    DIGESTED = "UPDATE digest SET last_on = ?2 WHERE account = ?1 AND (last_on IS NULL OR last_on < ?2)";
}

/// A confirmed address: channel, sealed address, since when, and what its last message came to.
pub(super) struct ContactRow {
    pub channel: Channel,
    pub sealed: String,
    pub confirmed_at: i64,
    pub last_failed: bool,
}

pub(super) fn contacts(tx: &mut Tx<'_>, account: i64) -> Result<Vec<ContactRow>, DbError> {
    let read = |row: Row| {
        Ok(ContactRow {
            channel: read_channel(&row, 0)?,
            sealed: row.get(1)?,
            confirmed_at: row.get(2)?,
            last_failed: row.get::<String>(3)? == "given_up",
        })
    };
    tx.rows(&CONTACTS, args![account])?.into_iter().map(read).collect()
}

fn read_channel(row: &Row, at: usize) -> Result<Channel, DbError> {
    let code: String = row.get(at)?;
    Channel::from_code(&code).ok_or_else(|| DbError::stored(format!("channel {code}")))
}

fn read_kind(row: &Row, at: usize) -> Result<MessageKind, DbError> {
    let code: String = row.get(at)?;
    MessageKind::from_code(&code).ok_or_else(|| DbError::stored(format!("kind of message {code}")))
}

/// Keeps a confirmed address. Whoever had none before is sent by this channel what is sent at first.
pub(super) fn confirm(tx: &mut Tx<'_>, account: i64, channel: Channel, sealed: &str, now: i64) -> Result<(), DbError> {
    let is_new = tx.first(&HAS_CONTACT, args![account, channel.code()])?.is_none();
    tx.run(&CONFIRM, args![account, channel.code(), sealed, now])?;
    tx.run(&USED, args![account, channel.code()])?;
    if is_new {
        for kind in channel.chosen_at_first() {
            tx.run(&CHOOSE, args![account, channel.code(), kind.code()])?;
        }
    }
    Ok(())
}

/// Forgets an address, the choices for it, and what was on its way to it; whether there was one.
pub(super) fn remove(tx: &mut Tx<'_>, account: i64, channel: Channel, now: i64) -> Result<bool, DbError> {
    let gone = tx.run(&REMOVE, args![account, channel.code()])?;
    tx.run(&FORGET_CHOICES, args![account, channel.code()])?;
    tx.run(&USED, args![account, channel.code()])?;
    tx.run(&DROP_ALL, args![account, channel.code(), now])?;
    if channel == Channel::Mail {
        tx.run(&END_DIGEST, args![account])?;
    }
    Ok(gone > 0)
}

pub(super) fn has_contact(tx: &mut Tx<'_>, account: i64, channel: Channel) -> Result<bool, DbError> {
    Ok(tx.first(&HAS_CONTACT, args![account, channel.code()])?.is_some())
}

pub(super) fn choices(tx: &mut Tx<'_>, account: i64) -> Result<Vec<Choice>, DbError> {
    let read = |row: Row| Ok(Choice { channel: read_channel(&row, 0)?, kind: read_kind(&row, 1)? });
    tx.rows(&CHOICES, args![account])?.into_iter().map(read).collect()
}

/// Puts these choices in the place of what was chosen before.
pub(super) fn choose(tx: &mut Tx<'_>, account: i64, choices: &[Choice]) -> Result<(), DbError> {
    for channel in Channel::ALL {
        tx.run(&FORGET_CHOICES, args![account, channel.code()])?;
    }
    for choice in choices {
        tx.run(&CHOOSE, args![account, choice.channel.code(), choice.kind.code()])?;
    }
    Ok(())
}

pub(super) fn digest_hour(tx: &mut Tx<'_>, account: i64) -> Result<Option<i64>, DbError> {
    tx.first(&DIGEST_HOUR, args![account])?.map(|row| row.get(0)).transpose()
}

pub(super) fn set_digest(tx: &mut Tx<'_>, account: i64, hour: Option<i64>) -> Result<(), DbError> {
    match hour {
        Some(hour) => tx.run(&SET_DIGEST, args![account, hour])?,
        None => tx.run(&END_DIGEST, args![account])?,
    };
    Ok(())
}

/// How many codes were sent since `since` for this account by this channel and to this address, whichever is more, and
/// when the last one was.
pub(super) fn codes_since(
    tx: &mut Tx<'_>,
    (account, channel): (i64, Channel),
    find_key: &str,
    since: i64,
) -> Result<(i64, Option<i64>), DbError> {
    let mut most = (0, None);
    let rows =
        [tx.first(&ASKED_BY, args![account, channel.code(), since])?, tx.first(&ASKED_FOR, args![find_key, since])?];
    for row in rows.into_iter().flatten() {
        most = (row.get::<i64>(0)?.max(most.0), row.get::<Option<i64>>(1)?.max(most.1));
    }
    Ok(most)
}

pub(super) struct NewCode<'a> {
    pub id: i64,
    pub account: i64,
    pub channel: Channel,
    /// Sealed.
    pub address: &'a str,
    pub find_key: &'a str,
    pub digest: &'a str,
    pub now: i64,
    pub expires_at: i64,
}

pub(super) fn ask(tx: &mut Tx<'_>, new: &NewCode<'_>) -> Result<(), DbError> {
    // The one before is worth nothing any more.
    tx.run(&USED, args![new.account, new.channel.code()])?;
    let channel = new.channel.code();
    tx.run(&ASK, args![new.id, new.account, channel, new.address, new.find_key, new.digest, new.now, new.expires_at])
        .map(|_| ())
}

/// A code that waits to be told.
pub(super) struct Pending {
    pub id: i64,
    /// Sealed.
    pub address: String,
    pub digest: String,
    pub expires_at: i64,
    pub tries: i64,
}

pub(super) fn pending(tx: &mut Tx<'_>, account: i64, channel: Channel) -> Result<Option<Pending>, DbError> {
    let read = |row: Row| {
        Ok(Pending {
            id: row.get(0)?,
            address: row.get(1)?,
            digest: row.get(2)?,
            expires_at: row.get(3)?,
            tries: row.get(4)?,
        })
    };
    tx.first(&PENDING, args![account, channel.code()])?.map(read).transpose()
}

pub(super) fn missed(tx: &mut Tx<'_>, code: i64) -> Result<(), DbError> {
    tx.run(&MISSED, args![code]).map(|_| ())
}

/// Puts what was claimed from the outbox under `lease` on its way to the addresses of the seats.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn spread(tx: &mut Tx<'_>, lease: i64, now: i64) -> Result<u64, DbError> {
    tx.run(&SPREAD, args![lease, now])
}

pub(super) struct NewDelivery<'a> {
    pub message: i64,
    pub account: i64,
    pub channel: Channel,
    pub kind: MessageKind,
    pub title: &'a str,
    pub link: &'a str,
    /// What nobody may read in the table.
    pub sealed: &'a str,
    pub now: i64,
}

pub(super) fn put(tx: &mut Tx<'_>, new: &NewDelivery<'_>) -> Result<(), DbError> {
    let (channel, kind) = (new.channel.code(), new.kind.code());
    tx.run(&PUT, args![new.message, new.account, channel, kind, new.title, new.link, new.sealed, new.now]).map(|_| ())
}

/// Puts a candidate's code on its way to a telephone. For whom nobody is registered the same is written, and goes nowhere.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn put_own_code(tx: &mut Tx<'_>, code: i64, sealed: &str, goes: bool, now: i64) -> Result<(), DbError> {
    let (channel, kind) = (Channel::Sms.code(), MessageKind::OwnCode.code());
    let ended = (!goes).then_some(now);
    let outcome = (!goes).then_some("dropped");
    let sealed = Some(sealed).filter(|_| goes);
    tx.run(&PUT_OWN_CODE, args![code, channel, kind, "考生验证码", sealed, now, outcome, ended]).map(|_| ())
}

/// A delivery that was claimed, with what is needed to send it.
pub(super) struct Claimed {
    pub message: i64,
    pub account: i64,
    pub kind: MessageKind,
    pub title: String,
    pub link: String,
    pub clause: Option<String>,
    pub due_on: Option<Day>,
    pub sealed: Option<String>,
    pub made_at: i64,
    pub tries: i64,
    pub seat: String,
    /// The confirmed address, sealed, of an account that is open.
    pub address: Option<String>,
    pub lease: i64,
}

/// Whether something waits for this channel.
pub(super) fn waits(tx: &mut Tx<'_>, channel: Channel, now: i64) -> Result<bool, DbError> {
    Ok(tx.first(&WAITS, args![channel.code(), now])?.is_some())
}

/// Claims the next delivery of a channel until `lease`, codes first. One that has nobody to go to any more is dropped here.
pub(super) fn claim(tx: &mut Tx<'_>, channel: Channel, now: i64, lease: i64) -> Result<Option<Claimed>, DbError> {
    loop {
        let Some(row) = tx.first(&CLAIM, args![channel.code(), now, lease])? else { return Ok(None) };
        let (message, account, kind): (i64, i64, _) = (row.get(0)?, row.get(1)?, read_kind(&row, 2)?);
        let (seat, is_closed, address) = match kind {
            MessageKind::OwnCode => (String::new(), false, None),
            _ => {
                let who = tx.first(&WHO, args![account, channel.code()])?;
                let who = who.ok_or_else(|| DbError::stored("no such account"))?;
                (who.get(0)?, who.get::<Option<i64>>(1)?.is_some(), who.get::<Option<String>>(2)?)
            }
        };
        let lives = match kind {
            MessageKind::Code => tx.first(&CODE_LIVES, args![message, now])?.is_some(),
            MessageKind::OwnCode => tx.first(&OWN_CODE_LIVES, args![message, now])?.is_some(),
            _ => address.is_some(),
        };
        if is_closed || !lives {
            tx.run(&DROP_ONE, args![message, account, channel.code(), now])?;
            continue;
        }
        return Ok(Some(Claimed {
            message,
            account,
            kind,
            title: row.get(3)?,
            link: row.get(4)?,
            clause: row.get(5)?,
            due_on: row.get(6)?,
            sealed: row.get(7)?,
            made_at: row.get(8)?,
            tries: row.get(9)?,
            seat,
            address,
            lease,
        }));
    }
}

/// What a try came to.
pub(super) enum Came<'a> {
    Sent,
    Again { next_at: i64, error: &'a str },
    GivenUp { error: &'a str },
}

pub(super) fn came_to(
    tx: &mut Tx<'_>,
    channel: Channel,
    (message, account, lease): (i64, i64, i64),
    came: &Came<'_>,
    now: i64,
) -> Result<(), DbError> {
    let channel = channel.code();
    match came {
        Came::Sent => tx.run(&SENT, args![message, account, channel, now])?,
        Came::Again { next_at, error } => {
            tx.run(&AGAIN, args![message, account, channel, lease, *next_at, *error, now])?
        }
        Came::GivenUp { error } => tx.run(&GIVE_UP, args![message, account, channel, lease, *error, now])?,
    };
    Ok(())
}

/// Sends again what was given up; how many.
pub(super) fn retry(tx: &mut Tx<'_>, now: i64) -> Result<u64, DbError> {
    tx.run(&RETRY, args![now])
}

pub(super) fn counts(tx: &mut Tx<'_>) -> Result<Vec<ChannelCount>, DbError> {
    let mut counts: Vec<ChannelCount> = Channel::ALL.iter().map(|&channel| ChannelCount::none(channel)).collect();
    for row in tx.rows(&COUNTS, &[])? {
        let channel = read_channel(&row, 0)?;
        let Some(count) = counts.iter_mut().find(|count| count.channel == channel) else { continue };
        let (outcome, number): (String, i64) = (row.get(1)?, row.get(2)?);
        match outcome.as_str() {
            "waiting" => {
                count.waiting = number;
                count.oldest_at = row.get::<Option<i64>>(3)?.map(read_out);
            }
            "sent" => count.sent = number,
            "given_up" => count.given_up = number,
            _ => count.dropped = number,
        }
    }
    Ok(counts)
}

/// How many wait, since when the oldest does, and how many were given up.
pub(super) fn waiting(tx: &mut Tx<'_>) -> Result<(i64, Option<i64>, i64), DbError> {
    let row = tx.first(&WAITING, &[])?.ok_or_else(|| DbError::stored("a count gave nothing"))?;
    let given_up = tx.first(&GIVEN_UP, &[])?.map_or(Ok(0), |row| row.get(0))?;
    Ok((row.get(0)?, row.get(1)?, given_up))
}

pub(super) fn troubles(tx: &mut Tx<'_>) -> Result<Vec<Trouble>, DbError> {
    let read = |row: Row| {
        let (channel, kind, outcome) = (read_channel(&row, 1)?, read_kind(&row, 2)?, row.get::<String>(6)?);
        Ok(Trouble {
            at: read_out(row.get(0)?),
            channel,
            channel_name: channel.name().into(),
            kind,
            kind_name: kind.name().into(),
            seat: row.get(3)?,
            tries: row.get(4)?,
            error: row.get::<Option<String>>(5)?.unwrap_or_default(),
            state: match outcome.as_str() {
                "waiting" => "等待再试",
                "sent" => "后来已送出",
                "given_up" => "没有送达",
                _ => "不再投递",
            }
            .into(),
            is_given_up: outcome == "given_up",
        })
    };
    tx.rows(&TROUBLES, &[])?.into_iter().map(read).collect()
}

const DAY_MS: i64 = 86_400_000;
/// How long is kept what a delivery came to, in days.
const KEPT_DAYS: i64 = 30;

/// Forgets deliveries that ended long ago, and codes of the day before yesterday.
///
/// # Errors
/// Whatever the database says.
pub(crate) fn forget(tx: &mut Tx<'_>, now: i64) -> Result<u64, DbError> {
    Ok(tx.run(&FORGET, args![now - KEPT_DAYS * DAY_MS])? + tx.run(&FORGET_CODES, args![now - 2 * DAY_MS])?)
}

/// Accounts whose digest is due at this hour of this day, with their logins.
pub(super) fn digests_due(tx: &mut Tx<'_>, hour: i64, today: Day) -> Result<Vec<(i64, String)>, DbError> {
    let rows = tx.rows(&DIGESTS_DUE, args![hour, today])?;
    rows.into_iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Notes that today's digest was made; whether this was the first to do so.
pub(super) fn digested(tx: &mut Tx<'_>, account: i64, today: Day) -> Result<bool, DbError> {
    Ok(tx.run(&DIGESTED, args![account, today])? > 0)
}
