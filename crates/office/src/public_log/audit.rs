//! `jiangce log audit`: walks the whole log and the records that it commits to, and says what does not agree. What was altered
//! past the product, by whoever holds the database, is found here and named.

use proof::log::{Checkpoint, Frontier, LeafKind, Tile};
use std::collections::BTreeMap;

use super::seal::RECORDED;
use super::{fact, store};
use crate::certificate::log_key;
use crate::db::{DbError, Tx};
use crate::door::{Office, Stop};

/// Leaves that are looked at together.
const AT_ONCE: i64 = 1_000;
/// Findings that are named one by one.
const NAMED: usize = 200;

/// What an audit found.
#[derive(Debug, Default, Clone, serde::Serialize)]
pub struct Audit {
    /// Leaves in the published log.
    pub size: u64,
    /// Leaves whose records were made again and compared.
    pub compared: u64,
    /// What does not agree, at most two hundred.
    pub findings: Vec<String>,
    /// How many findings there are.
    pub found: u64,
}

impl Audit {
    fn find(&mut self, what: impl Into<String>) {
        self.found += 1;
        if self.findings.len() < NAMED {
            self.findings.push(what.into());
        }
    }
}

/// Audits the house on one snapshot of its database.
///
/// # Errors
/// If it can't be read; what does not agree is no error.
pub fn audit(office: &Office) -> Result<Audit, Stop> {
    let key = log_key(office.seals())?;
    let guard = match office.log_guard() {
        Some(guard) => guard.last(key.verifier())?,
        None => None,
    };
    office.engine().read(|tx| {
        let mut audit = Audit::default();
        let head = store::head(tx)?;
        let published = match Checkpoint::open(&head.note, key.verifier(), &[], 0) {
            Ok(checkpoint) => Some(checkpoint),
            Err(_) if head.note.is_empty() => None,
            Err(fault) => {
                audit.find(format!("公布的检查点不成立：{fault}"));
                None
            }
        };
        audit.size = published.as_ref().map_or(0, |checkpoint| checkpoint.size);
        for (checkpoint, whose) in [(published, "公布的检查点"), (guard, "密钥旁留存的检查点")] {
            let Some(Checkpoint { size, root, .. }) = checkpoint else { continue };
            if size > head.size || super::seal::root_at(tx, size)? != Some(root) {
                audit.find(format!("日志的前 {size} 条与{whose}不符"));
            }
        }
        walk(tx, office, &head, &mut audit)?;
        for (what, unsaid) in [
            ("证书没有记入日志，记录编号", store::unsaid_certificates(tx, AT_ONCE)?),
            ("证书的变更没有记入日志，变更编号", store::unsaid_certificate_changes(tx, AT_ONCE)?),
            ("证书的状态与记入日志的变更不符，记录编号", store::unsaid_states(tx, AT_ONCE)?),
            ("目录变动没有记入日志，第几项", store::unsaid_changes(tx, AT_ONCE)?),
        ] {
            for subject in unsaid.into_iter().filter(|_| head.begun > 0) {
                audit.find(format!("{what} {subject}"));
            }
        }
        for kind in LeafKind::ALL.iter().copied().filter(|_| head.begun >= RECORDED) {
            let Some((_, unsaid)) = store::recorded(kind) else { continue };
            for of in store::unsaid_facts(tx, unsaid, AT_ONCE)? {
                audit.find(format!("{}没有记入日志", fact::told(kind, of)));
            }
        }
        Ok(audit)
    })
}

/// Every leaf against its record, and all of them against the tiles.
fn walk(tx: &mut Tx<'_>, office: &Office, head: &store::Head, audit: &mut Audit) -> Result<(), Stop> {
    let (mut edge, mut tiles) = (Frontier::default(), BTreeMap::<Tile, Vec<_>>::new());
    let stored: BTreeMap<Tile, Vec<_>> = store::tiles(tx)?.into_iter().collect();
    loop {
        let kept = match store::kept(tx, edge.size(), AT_ONCE) {
            Ok(kept) => kept,
            Err(error @ DbError::Stored(_)) => {
                audit.find(format!("第 {} 条之后的条目读不出来：{error}", edge.size()));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        if kept.is_empty() {
            break;
        }
        for one in &kept {
            if one.position != edge.size() {
                audit.find(format!("缺少日志第 {} 条", edge.size()));
                return Ok(());
            }
            let hash = one.leaf.hash();
            let tile = Tile { level: 0, index: one.position / proof::log::TILE_WIDTH };
            let there =
                stored.get(&tile).and_then(|hashes| hashes.get((one.position % proof::log::TILE_WIDTH) as usize));
            if there != Some(&hash) {
                audit.find(format!("日志第 {} 条（{}）被改动过", one.position, one.leaf.kind.name()));
            }
            edge.append([hash], |tile, hashes| drop(tiles.insert(tile, hashes.to_vec())));
            compare(tx, office, one, audit)?;
        }
    }
    if edge.size() != head.size {
        audit.find(format!("日志应有 {} 条，实有 {} 条", head.size, edge.size()));
    } else if edge.root() != head.root {
        audit.find("日志的根与条目不符");
    }
    for (tile, hashes) in &tiles {
        if stored.get(tile).is_none_or(|there| there[..] != hashes[..]) {
            audit.find(format!("日志第 {} 层第 {} 块与条目不符", tile.level, tile.index));
        }
    }
    Ok(())
}

fn compare(tx: &mut Tx<'_>, office: &Office, one: &store::Kept, audit: &mut Audit) -> Result<(), Stop> {
    let kind: LeafKind = one.leaf.kind;
    let about = format!("日志第 {} 条（{}）", one.position, kind.name());
    let Some(salt) = salt(&one.salt) else {
        audit.find(format!("{about}的盐被改动过"));
        return Ok(());
    };
    match fact::again(tx, office.seals(), kind, (one.subject, one.turn), salt)? {
        None => audit.find(format!("{about}所记的记录不在了，或读不出来：编号 {}", one.subject)),
        Some((commitment, what)) if commitment != one.leaf.commitment => {
            audit.find(format!("{what}与{about}不符：记录在日志之外被改动过"));
        }
        Some(_) => audit.compared += 1,
    }
    Ok(())
}

fn salt(text: &str) -> Option<[u8; 16]> {
    let digits: Option<Vec<u8>> = (0..text.len() / 2)
        .map(|at| text.get(2 * at..2 * at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    digits?.try_into().ok().filter(|_| text.len() == 32)
}
