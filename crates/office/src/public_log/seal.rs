//! The sealer: gives waiting leaves their places, in order, and signs where the log then stands. One at a time by lease; what
//! must never happen does not rest on the lease: places are given in one transaction from the head that it read, and nothing
//! is signed that does not go on from what was signed before.

use proof::log::{Checkpoint, Frontier, Hash, LeafKind, Tile, Tiles, root};

use super::guard::{Guard, refusal};
use super::{fact, store};
use crate::certificate::{face, log_key};
use crate::certificate_change::{agreed, version_of};
use crate::db::{DbError, Keep, Tx};
use crate::door::{Office, Stop, clock};

/// Leaves that get their places in one transaction.
const AT_ONCE: i64 = 2_000;
/// What the log holds from its beginning: certificates and the directory.
const CERTIFIED: i64 = 1;
/// What it holds besides: the facts that are committed to as the record has them.
pub(super) const RECORDED: i64 = 2;
/// How long a sealer keeps the others away without a sign of life, in milliseconds.
const LEASE_MS: i64 = 15_000;

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sealed {
    /// Leaves that got their places.
    pub leaves: u64,
    /// Whether a checkpoint was signed and published.
    pub signed: bool,
}

/// A round of the sealer: what waits gets its place, and the checkpoint over it is published.
///
/// # Errors
/// A refusal where the log may not go on: the database is behind what was signed, or other than it; a fault if anything
/// breaks. Then nothing is signed.
pub fn seal(office: &Office) -> Result<Sealed, Stop> {
    let Some(guard) = office.log_guard() else { return Ok(Sealed::default()) };
    let (head, waits) = office.engine().read(|tx| Ok::<_, DbError>((store::head(tx)?, store::is_waiting(tx)?)))?;
    let is_published = head.note_size == head.size && !head.note.is_empty();
    if head.begun == RECORDED && !waits && is_published {
        return Ok(Sealed::default());
    }
    if !claim(office, &guard)? {
        return Ok(Sealed::default());
    }
    let key = log_key(office.seals())?;
    goes_on(office, &guard)?;
    if head.begun < CERTIFIED {
        begin(office)?;
    }
    if head.begun < RECORDED {
        begin_recorded(office)?;
    }
    let mut leaves = 0;
    loop {
        let placed = office.engine().write(move |tx| Ok((Keep::Yes, place(tx)?)))?;
        leaves += placed;
        if placed < AT_ONCE as u64 {
            break;
        }
        claim(office, &guard)?;
    }
    // Asked again: another sealer may have signed meanwhile, from the same head or a later one.
    let head = goes_on(office, &guard)?;
    let note = key.checkpoint(head.size, head.root).map_err(Stop::fault)?;
    guard.keep(&note)?;
    office.engine().write(move |tx| Ok((Keep::Yes, store::publish(tx, &note, head.size)?)))?;
    Ok(Sealed { leaves, signed: true })
}

fn claim(office: &Office, guard: &Guard) -> Result<bool, Stop> {
    let holder = format!("{} {}", std::process::id(), guard.path().display());
    // The lease is about processes that run now, also where the day is simulated.
    let now = clock::real_now();
    Ok(office.engine().write(move |tx| Ok((Keep::Yes, store::claim(tx, &holder, now, now + LEASE_MS)?)))?)
}

/// The head, if it goes on from what was signed last.
fn goes_on(office: &Office, guard: &Guard) -> Result<store::Head, Stop> {
    let key = log_key(office.seals())?;
    let last = guard.last(key.verifier())?;
    let path = guard.path().display();
    office.engine().read(|tx| {
        let head = store::head(tx)?;
        let Some(Checkpoint { size, root: signed, .. }) = last else {
            if head.note.is_empty() {
                return Ok(head);
            }
            return Err(refusal(format!("记有最后一次签署的文件 {path} 不见了，不能确认日志没有倒退，已暂停签署"))
                .remedy("请从备份或另一台服务器取回该文件；或取最后公布的检查点（网站 /log/checkpoint，或任何人留存的更新的一份），用 jiangce log trust 写入")
                .into());
        };
        if head.size < size {
            return Err(refusal(format!(
                "已签署过 {size} 条的检查点，而数据库中只有 {} 条：数据库是较早的备份。日志已暂停签署，其余业务不受影响",
                head.size
            ))
            .remedy("请恢复包含这些条目的备份；未恢复之前不要删除或改动该文件，否则日志将自相矛盾")
            .into());
        }
        if root_at(tx, size)? != Some(signed) {
            return Err(refusal(format!("数据库中前 {size} 条与已签署的检查点不符：条目被改动，或接在较早的备份之后。日志已暂停签署"))
                .remedy("请用 jiangce log audit 找出不符之处，恢复未被改动的备份")
                .into());
        }
        Ok(head)
    })
}

/// The root of the log when it had so many leaves, by its tiles; `None` where they are not whole.
pub(super) fn root_at(tx: &mut Tx<'_>, size: u64) -> Result<Option<Hash>, Stop> {
    match root(&mut Tiles::new(|tile: Tile| Ok::<_, Broken>(store::tile(tx, tile)?)), size) {
        Ok(root) => Ok(Some(root)),
        Err(Broken::Missing) => Ok(None),
        Err(Broken::Fault(fault)) => Err(fault.into()),
    }
}

/// Why a hash could not be had.
#[derive(Debug)]
pub(super) enum Broken {
    Missing,
    Fault(DbError),
}

impl From<proof::log::Missing> for Broken {
    fn from(_: proof::log::Missing) -> Self {
        Self::Missing
    }
}

impl From<DbError> for Broken {
    fn from(fault: DbError) -> Self {
        Self::Fault(fault)
    }
}

/// Gives the next waiting leaves their places; how many.
fn place(tx: &mut Tx<'_>) -> Result<u64, DbError> {
    let head = store::head(tx)?;
    let leaves = store::place(tx, head.size, AT_ONCE)?;
    if leaves.is_empty() {
        return Ok(0);
    }
    let mut edge = Frontier::load(head.size, |tile| store::tile(tx, tile))?;
    if edge.root() != head.root {
        return Err(DbError::stored("the tiles of the public log do not give its root"));
    }
    let mut changed = Vec::new();
    edge.append(leaves.iter().map(proof::log::Leaf::hash), |tile, hashes| changed.push((tile, hashes.to_vec())));
    for (tile, hashes) in &changed {
        store::put_tile(tx, *tile, hashes)?;
    }
    if !store::grow(tx, head.size, edge.size(), &edge.root())? {
        return Err(DbError::stored("the head of the public log moved under its sealer"));
    }
    Ok(leaves.len() as u64)
}

/// Puts on its way what was there before the log: once, in pieces. Later only the facts themselves do, so that what comes past
/// them into the tables stays without a leaf, and is found.
fn begin(office: &Office) -> Result<(), Stop> {
    loop {
        let house = office.clone();
        let done = office.engine().write(move |tx| {
            let (certificates, altered, voidings, changes) = (
                store::unsaid_certificates(tx, AT_ONCE)?,
                store::unsaid_certificate_changes(tx, AT_ONCE)?,
                store::unsaid_voidings(tx, AT_ONCE)?,
                store::unsaid_changes(tx, AT_ONCE)?,
            );
            let at = house.now();
            for seq in &changes {
                let digest = crate::directory::ledger::kept_digest(tx, *seq)?;
                store::put(tx, house.new_id(), &fact::changed(*seq, rand::random(), &digest), at)?;
            }
            for id in &certificates {
                let Some(face) = version_of(tx, house.seals(), *id)? else { continue };
                match fact::issued(house.seals(), *id, &face.stated()) {
                    Ok(leaf) => store::put(tx, house.new_id(), &leaf, at)?,
                    Err(stop) => return Ok((Keep::No, Err(stop))),
                }
            }
            for id in &altered {
                let Some((number, kind, on, reason)) = agreed(tx, *id)? else { continue };
                if !kind.is_new_version() {
                    let leaf = fact::stood(*id, rand::random(), &number, kind, (on, &reason));
                    store::put(tx, house.new_id(), &leaf, at)?;
                    continue;
                }
                let Some(face) = version_of(tx, house.seals(), *id)? else { continue };
                match fact::issued(house.seals(), *id, &face.stated()) {
                    Ok(leaf) => store::put(tx, house.new_id(), &leaf, at)?,
                    Err(stop) => return Ok((Keep::No, Err(stop))),
                }
            }
            for id in &voidings {
                let Some(face) = face(tx, house.seals(), *id)? else { continue };
                let (on, reason) = (face.state_on.unwrap_or(face.issued_on), face.state_reason.unwrap_or_default());
                store::put(tx, house.new_id(), &fact::voided(*id, rand::random(), &face.number, on, &reason), at)?;
            }
            let is_done = certificates.is_empty() && altered.is_empty() && voidings.is_empty() && changes.is_empty();
            if is_done {
                store::set_begun(tx, CERTIFIED)?;
            }
            Ok((Keep::Yes, Ok(is_done)))
        })??;
        if done {
            return Ok(());
        }
    }
}

/// As [`begin`], for the facts that are committed to as the record has them.
fn begin_recorded(office: &Office) -> Result<(), Stop> {
    loop {
        let house = office.clone();
        let done = office.engine().write(move |tx| {
            let (at, mut put) = (house.now(), 0);
            for kind in LeafKind::ALL.iter().copied() {
                let Some((_, unsaid)) = store::recorded(kind) else { continue };
                for (subject, turn) in store::unsaid_facts(tx, unsaid, AT_ONCE)? {
                    match fact::recorded(tx, kind, subject, turn) {
                        Ok(leaf) => store::put(tx, house.new_id(), &leaf, at)?,
                        Err(stop) => return Ok((Keep::No, Err(stop))),
                    }
                    put += 1;
                }
            }
            if put == 0 {
                store::set_begun(tx, RECORDED)?;
            }
            Ok((Keep::Yes, Ok(put == 0)))
        })??;
        if done {
            return Ok(());
        }
    }
}
