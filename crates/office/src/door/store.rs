//! What the door itself keeps: whose a record is, the record of acts, idempotency keys, the outbox, looks at personal data.

use rules::batch::stop::Hold;
use rules::permission::{ActKind, LookKind};
use rules::refusal::RefusalView;
use rules::{Day, Refusal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::desk::Note;
use super::files::KeptFile;
use super::{Caller, Office, Stop, Subject};
use crate::args;
use crate::db::{DbError, Sql, Tx};

crate::statements! {
    BODY_STANDS = "SELECT b.id, b.centre, b.bureau, b.version, CAST(NULL AS TEXT), CAST(NULL AS TEXT) FROM body b WHERE b.id = ?1";
    FILING_STANDS = "SELECT b.id, b.centre, b.bureau, f.version, CAST(NULL AS TEXT), CAST(NULL AS TEXT) FROM filing f JOIN body b ON b.id = f.body WHERE f.id = ?1";
    CARD_STANDS = "SELECT p.body FROM card c JOIN register_person p ON p.id = c.person WHERE c.id = ?1";
    COOPERATION_STANDS = "SELECT b.id, b.centre, b.bureau, k.version, CAST(NULL AS TEXT), CAST(NULL AS TEXT) FROM cooperation k JOIN body b ON b.id = k.evaluator OR b.id = k.school WHERE k.id = ?1 ORDER BY b.id";
    BATCH_STANDS = "SELECT b.id, b.centre, b.bureau, t.version, t.frozen_on, t.stopped_on FROM batch t JOIN body b ON b.id = t.body WHERE t.id = ?1";
    CANDIDATE_STANDS = "SELECT b.id, b.centre, b.bureau, t.version, t.frozen_on, t.stopped_on FROM candidate c JOIN batch t ON t.id = c.batch JOIN body b ON b.id = t.body WHERE c.id = ?1";
    OBJECTION_STANDS = "SELECT b.id, b.centre, b.bureau, o.version, t.frozen_on, t.stopped_on FROM objection o JOIN batch t ON t.id = o.batch JOIN body b ON b.id = t.body WHERE o.id = ?1";
    CERTIFICATE_STANDS = "SELECT b.id, b.centre, b.bureau, c.version, CAST(NULL AS TEXT), CAST(NULL AS TEXT) FROM certificate c JOIN body b ON b.id = c.body WHERE c.id = ?1";
    PACKAGE_STANDS = "SELECT b.id, b.centre, b.bureau, CAST(NULL AS BIGINT), CAST(NULL AS TEXT), CAST(NULL AS TEXT) FROM exchange_package p JOIN body b ON b.id = p.body WHERE p.id = ?1";
    DIFFERENCE_STANDS = "SELECT b.id, b.centre, b.bureau FROM exchange_difference d LEFT JOIN body b ON b.id = d.body WHERE d.id = ?1";
    ACCOUNT_STANDS = "SELECT version FROM account WHERE id = ?1";
    BUMP_BODY = "UPDATE body SET version = version + 1 WHERE id = ?1";
    BUMP_FILING = "UPDATE filing SET version = version + 1 WHERE id = ?1";
    BUMP_COOPERATION = "UPDATE cooperation SET version = version + 1 WHERE id = ?1";
    BUMP_BATCH = "UPDATE batch SET version = version + 1 WHERE id = ?1";
    BUMP_OBJECTION = "UPDATE objection SET version = version + 1 WHERE id = ?1";
    BUMP_CERTIFICATE = "UPDATE certificate SET version = version + 1 WHERE id = ?1";
    BUMP_ACCOUNT = "UPDATE account SET version = version + 1 WHERE id = ?1";
    RECORD = "INSERT INTO record (id, at, day, act, clause, subject, subject_id, body, account, account_name, role, seat, via, fields, refused, version_before, version_after)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    ANSWERED = "SELECT account, act, digest, answer FROM once WHERE key = ?1";
    REMEMBER = "INSERT INTO once (key, account, act, digest, answer, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    OUTBOX = "INSERT INTO outbox (id, at, body, office, title, link, clause, due_on, tries, leased_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0)";
    SIGHT = "INSERT INTO sight (id, at, look, subject, subject_id, account, account_name, seat) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    SETTING = "SELECT value FROM setting WHERE name = ?1";
    SET = "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    FORGET_ONCE = "DELETE FROM once WHERE at < ?1";
    FORGET_OUTBOX = "DELETE FROM outbox WHERE sent_at < ?1";
    FORGET_WAITS = "DELETE FROM sign_in_wait WHERE waits_until < ?1";
    FORGET_SESSIONS = "DELETE FROM session WHERE expires_at < ?1";
    HAS_ACCOUNT = "SELECT id FROM account LIMIT 1";
    NEXT = "INSERT INTO counter (series, last) VALUES (?1, ?2) ON CONFLICT (series) DO UPDATE SET last = counter.last + ?2 RETURNING last";
    NOTE_FILE = "INSERT INTO file (hash, kind, size, stored_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (hash) DO NOTHING";
}

/// Where a record stands: whose it is and which version it has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    pub body: Option<i64>,
    pub centre: Option<String>,
    pub bureau: Option<String>,
    pub account: Option<i64>,
    pub version: Option<i64>,
    /// Since when and why the batch stands still, where it does.
    pub hold: Hold,
}

/// Where the subject stands, or `None` if there is no such record.
pub(super) fn standing(tx: &mut Tx<'_>, subject: Subject, caller: &Caller) -> Result<Option<Standing>, DbError> {
    let (sql, id) = match subject {
        Subject::Nothing => return Ok(Some(Standing::default())),
        Subject::Seat => match caller.body() {
            Some(body) => (BODY_STANDS, body),
            None => return Ok(Some(Standing::default())),
        },
        Subject::Body(id) => (BODY_STANDS, id),
        Subject::Filing(id) => (FILING_STANDS, id),
        // A card belongs to the province; a body reaches those of its own people.
        Subject::Card(id) => {
            let Some(row) = tx.first(&CARD_STANDS, args![id])? else { return Ok(None) };
            let body = if caller.body().is_some() { row.get(0)? } else { None };
            return Ok(Some(Standing { body, ..Standing::default() }));
        }
        Subject::Cooperation(id) => (COOPERATION_STANDS, id),
        Subject::Batch(id) => (BATCH_STANDS, id),
        Subject::Candidate(id) => (CANDIDATE_STANDS, id),
        Subject::Objection(id) => (OBJECTION_STANDS, id),
        Subject::Certificate(id) => (CERTIFICATE_STANDS, id),
        Subject::Package(id) => (PACKAGE_STANDS, id),
        // One of a certificate that nobody here has issued is the province's.
        Subject::Difference(id) => {
            let Some(row) = tx.first(&DIFFERENCE_STANDS, args![id])? else { return Ok(None) };
            let (body, centre, bureau) = (row.get(0)?, row.get(1)?, row.get(2)?);
            return Ok(Some(Standing { body, centre, bureau, ..Standing::default() }));
        }
        Subject::Account(id) => {
            let row = tx.first(&ACCOUNT_STANDS, args![id])?;
            return row
                .map(|row| Ok(Standing { account: Some(id), version: Some(row.get(0)?), ..Standing::default() }))
                .transpose();
        }
    };
    let mut found = Vec::new();
    for row in tx.rows(&sql, args![id])? {
        found.push(Standing {
            body: Some(row.get(0)?),
            centre: Some(row.get(1)?),
            bureau: row.get(2)?,
            account: None,
            version: row.get(3)?,
            hold: Hold { frozen_on: row.get(4)?, stopped_on: row.get(5)? },
        });
    }
    // What belongs to two bodies stands where the caller can reach it; otherwise with the first of them.
    let is_near = |standing: &Standing| {
        let office = caller.office();
        standing.body == caller.body()
            || office.is_some() && (standing.centre.as_deref() == office || standing.bureau.as_deref() == office)
    };
    let near = found.iter().position(is_near).unwrap_or(0);
    Ok(found.into_iter().nth(near))
}

/// Counts the subject's version up; the new version, if the subject has one of its own.
pub(super) fn bump(tx: &mut Tx<'_>, subject: Subject, standing: &Standing) -> Result<Option<i64>, DbError> {
    let (sql, id): (&Sql, i64) = match subject {
        Subject::Body(id) => (&BUMP_BODY, id),
        Subject::Filing(id) => (&BUMP_FILING, id),
        Subject::Cooperation(id) => (&BUMP_COOPERATION, id),
        Subject::Batch(id) => (&BUMP_BATCH, id),
        Subject::Objection(id) => (&BUMP_OBJECTION, id),
        Subject::Certificate(id) => (&BUMP_CERTIFICATE, id),
        Subject::Account(id) => (&BUMP_ACCOUNT, id),
        Subject::Candidate(_)
        | Subject::Card(_)
        | Subject::Package(_)
        | Subject::Difference(_)
        | Subject::Seat
        | Subject::Nothing => return Ok(None),
    };
    tx.run(sql, args![id])?;
    Ok(standing.version.map(|version| version + 1))
}

/// One line of the record.
pub(super) struct Entry<'a> {
    pub id: i64,
    pub at: i64,
    pub day: Day,
    pub act: ActKind,
    pub subject: Subject,
    pub standing: &'a Standing,
    pub caller: &'a Caller,
    pub fields: &'a str,
}

/// Appends to the record; a refused attempt is kept with its refusal.
pub(super) fn record(
    tx: &mut Tx<'_>,
    entry: &Entry<'_>,
    refused: Option<&Refusal>,
    version: Option<i64>,
) -> Result<(), DbError> {
    let (subject, id) = entry.subject.key();
    let refused = refused.map(|refusal| to_text(&RefusalView::from(refusal))).transpose()?;
    let caller = entry.caller;
    tx.run(
        &RECORD,
        args![
            entry.id,
            entry.at,
            entry.day,
            entry.act.code(),
            entry.act.clause().map(|clause| clause.id()),
            subject,
            id.or(if subject == "body" { entry.standing.body } else { None }),
            entry.standing.body,
            caller.account(),
            caller.name(),
            caller.role().code(),
            caller.seat_name(),
            caller.via().code(),
            entry.fields,
            refused,
            entry.standing.version,
            version,
        ],
    )?;
    Ok(())
}

/// An idempotency key, bound to its owner and to what was asked.
pub(super) struct OnceKey {
    key: String,
    account: Option<i64>,
    act: &'static str,
    digest: String,
}

impl OnceKey {
    /// `digest` is of all that the request says, also of what the record does not keep.
    pub(super) fn new(key: &str, caller: &Caller, act: ActKind, digest: &str) -> Self {
        // The owner is part of the key, so that nobody can use up or read another's. Those without an account are told apart
        // by what they ask.
        let owner = caller.account().map_or_else(|| format!("{}\n{digest}", caller.role().code()), |id| id.to_string());
        Self {
            key: super::digest(format!("{owner}\n{key}").as_bytes()),
            account: caller.account(),
            act: act.code(),
            digest: digest.to_owned(),
        }
    }
}

/// The longest text that the record keeps whole, in bytes: more than any text within its bounds but an imported table.
const TEXT_MAX: usize = 16 * 1024;

/// Puts digest and size in place of texts that are too long for the record.
pub(super) fn shorten(fields: &mut Value) {
    match fields {
        Value::String(text) if text.len() > TEXT_MAX => {
            *fields = json!({"sha256": super::digest(text.as_bytes()), "size": text.len()});
        }
        Value::Array(values) => values.iter_mut().for_each(shorten),
        Value::Object(map) => map.values_mut().for_each(shorten),
        _ => {}
    }
}

/// What was answered under this key before, if anything.
pub(super) fn answered(tx: &mut Tx<'_>, key: &OnceKey) -> Result<Option<Result<String, Stop>>, DbError> {
    let Some(row) = tx.first(&ANSWERED, args![&key.key])? else { return Ok(None) };
    let (act, digest, answer): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
    if act != key.act || digest != key.digest {
        return Ok(Some(Err(Stop::KeyReused)));
    }
    Ok(Some(match from_text::<Stored>(&answer)? {
        Stored::Done(answer) => Ok(answer),
        Stored::Refused(view) => Err(Stop::RefusedBefore(Box::new(view))),
    }))
}

#[derive(Serialize, serde::Deserialize)]
enum Stored {
    Done(String),
    Refused(RefusalView),
}

/// Keeps the answer under its key.
pub(super) fn remember<T: Serialize>(
    tx: &mut Tx<'_>,
    key: &OnceKey,
    now: i64,
    outcome: &Result<T, Stop>,
) -> Result<(), DbError> {
    let stored = match outcome {
        Ok(answer) => Stored::Done(to_text(answer)?),
        Err(Stop::Refused(refusal) | Stop::RefusedAndKept(refusal)) => Stored::Refused(RefusalView::from(&**refusal)),
        Err(_) => return Ok(()),
    };
    tx.run(&REMEMBER, args![&key.key, key.account, key.act, &key.digest, to_text(&stored)?, now])?;
    Ok(())
}

/// Puts what an act has to say into the outbox.
pub(super) fn outbox(tx: &mut Tx<'_>, office: &Office, now: i64, act: ActKind, notes: &[Note]) -> Result<(), DbError> {
    for note in notes {
        let (body, seat) = (note.body, note.office.as_deref());
        let clause = note.due.map(|(clause, _)| clause).or(act.clause()).map(|clause| clause.id());
        let due_on = note.due.map(|(_, due_on)| due_on);
        tx.run(&OUTBOX, args![office.new_id(), now, body, seat, &note.title, &note.link, clause, due_on])?;
    }
    Ok(())
}

/// A look at personal data, to be traced.
pub(super) struct Trace {
    id: i64,
    at: i64,
    look: String,
    subject: Subject,
    caller: Caller,
}

impl Trace {
    pub(super) fn new(id: i64, at: i64, look: LookKind, subject: Subject, caller: &Caller) -> Self {
        Self { id, at, look: format!("{look:?}"), subject, caller: caller.clone() }
    }
}

/// Notes down who looked at a person's full data.
pub(super) fn trace(tx: &mut Tx<'_>, trace: &Trace) -> Result<(), DbError> {
    let (subject, id) = trace.subject.key();
    let caller = &trace.caller;
    tx.run(
        &SIGHT,
        args![trace.id, trace.at, &trace.look, subject, id, caller.account(), caller.name(), caller.seat_name()],
    )?;
    Ok(())
}

/// A setting, if it was set.
pub fn setting(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>, DbError> {
    tx.first(&SETTING, args![name])?.map(|row| row.get(0)).transpose()
}

/// Sets a setting.
pub fn set(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), DbError> {
    tx.run(&SET, args![name, value]).map(|_| ())
}

pub(super) fn simulated_day(tx: &mut Tx<'_>) -> Result<Option<Day>, DbError> {
    Ok(setting(tx, "simulated_day")?.and_then(|day| day.parse().ok()))
}

pub(super) fn set_simulated_day(tx: &mut Tx<'_>, day: Day) -> Result<(), DbError> {
    set(tx, "simulated_day", &day.to_string())
}

/// How long idempotency keys and delivered messages are kept, in milliseconds: thirty days.
const KEPT_MS: i64 = 30 * DAY_MS;
/// How long failures to sign in are counted, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Forgets what has served: old idempotency keys, delivered messages of the outbox, sessions that ended,
/// failures to sign in of yesterday.
///
/// # Errors
/// Whatever the database says.
pub fn forget(tx: &mut Tx<'_>, now: i64) -> Result<u64, DbError> {
    let mut forgotten = tx.run(&FORGET_ONCE, args![now - KEPT_MS])?;
    forgotten += tx.run(&FORGET_OUTBOX, args![now - KEPT_MS])?;
    forgotten += tx.run(&FORGET_SESSIONS, args![now])?;
    forgotten += tx.run(&FORGET_WAITS, args![now - DAY_MS])?;
    Ok(forgotten)
}

/// Whether the database is make-believe. A new one becomes what is `wanted`, for ever.
///
/// # Errors
/// Whatever the database says.
pub fn make_believe(tx: &mut Tx<'_>, wanted: bool) -> Result<bool, DbError> {
    match setting(tx, "make_believe")? {
        Some(value) => Ok(value == "yes"),
        None => {
            let is_new = tx.first(&HAS_ACCOUNT, &[])?.is_none();
            let becomes = wanted && is_new;
            set(tx, "make_believe", if becomes { "yes" } else { "no" })?;
            Ok(becomes)
        }
    }
}

/// Whether the database was begun with the secret that has this mark. A new one is bound to it for ever.
pub(super) fn bound_to(tx: &mut Tx<'_>, mark: &str) -> Result<bool, DbError> {
    match setting(tx, SECRET)? {
        Some(known) => Ok(known == mark),
        None if has_begun(tx)? => Ok(false),
        None => set(tx, SECRET, mark).map(|()| true),
    }
}

/// As [`bound_to`], of a database that is only read.
pub(super) fn is_bound_to(tx: &mut Tx<'_>, mark: &str) -> Result<bool, DbError> {
    Ok(setting(tx, SECRET)?.is_some_and(|known| known == mark))
}

/// Whether the database is of the make-believe province.
pub(super) fn is_make_believe(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    Ok(setting(tx, "make_believe")?.is_some_and(|value| value == "yes"))
}

/// Whether something may be sealed in the database: then a secret belongs to it.
///
/// # Errors
/// Whatever the database says.
pub fn has_begun(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    Ok(setting(tx, SECRET)?.is_some() || tx.first(&HAS_ACCOUNT, &[])?.is_some())
}

/// The setting that holds the mark of the secret.
const SECRET: &str = "secret";

/// Takes `count` numbers of a series in this transaction and returns the last of them; undone with it, so no gaps.
///
/// # Errors
/// Whatever the database says.
pub fn take_numbers(tx: &mut Tx<'_>, series: &str, count: i64) -> Result<i64, DbError> {
    tx.first(&NEXT, args![series, count])?.ok_or_else(|| DbError::stored("counter gave nothing"))?.get(0)
}

/// Notes a kept file in the table of files, so that rows may refer to it; noting it twice is noting it once.
///
/// # Errors
/// Whatever the database says.
pub fn note_file(tx: &mut Tx<'_>, file: &KeptFile, now: i64) -> Result<(), DbError> {
    tx.run(&NOTE_FILE, args![&file.hash.0, file.kind.code(), file.size, now]).map(|_| ())
}

/// What `LIKE … ESCAPE '!'` takes for a text that something stands around.
pub fn within(text: &str) -> String {
    let mut like = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            like.push('!');
        }
        like.push(c);
    }
    like.push('%');
    like
}

/// JSON text of a value for a column.
pub fn to_text<T: Serialize>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::stored(error.to_string()))
}

/// A value read back from a column of JSON text.
pub fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::stored(error.to_string()))
}
