//! The public log (二（二）4, 三（三）): what was issued, voided and changed in the directory stands in an append-only log that
//! anyone can check and nobody, whoever holds the database, can rewrite unseen. The form is `proof::log`'s; here is what of
//! the house goes into it, who seals it, and how it is served.
//!
//! A fact puts its leaf on the desk ([`crate::door::Desk::log`]); the door writes it in the fact's own transaction; the
//! sealer gives it its place a moment later.

mod audit;
mod fact;
mod guard;
mod pages;
mod seal;
mod store;

use std::path::Path;

use axum::http::Method;
use proof::log::{Checkpoint, Consistency, Hash, Leaf, Proof, Tile, Tiles, consistency, inclusion};
use serde::Serialize;
use serde_json::json;

pub use audit::{Audit, audit};
pub(crate) use fact::{changed, issued, recorded, stood};
pub use guard::Guard;
pub use pages::pages;
pub use seal::{Sealed, seal};
pub(crate) use store::{ALL, NewLeaf, put};

use crate::certificate::log_key;
use crate::db::Tx;
use crate::door::{Office, Stop};
use crate::web::api::{Registry, responses};

/// A leaf with the proof that it stands in the log.
#[derive(Debug, Serialize)]
pub(crate) struct Logged {
    pub leaf: Leaf,
    /// The hash of the leaf in the tree.
    pub hash: Hash,
    /// While the leaf waits for its place there is none.
    pub proof: Option<Proof>,
    /// The published checkpoint.
    pub checkpoint: String,
}

/// The leaf of a commitment, proven for the published log or, with `size`, for an earlier state of it.
pub(crate) fn logged(office: &Office, commitment: &Hash, size: Option<u64>) -> Result<Logged, Stop> {
    office.engine().read(|tx| {
        let (leaf, position) = store::by_commitment(tx, commitment)?.ok_or(Stop::NotFound)?;
        let head = store::head(tx)?;
        let size = size.unwrap_or(head.note_size);
        if size > head.note_size {
            return Err(Stop::NotFound);
        }
        let proof = match position {
            Some(index) => {
                inclusion(&mut Tiles::new(|tile: Tile| Ok::<_, seal::Broken>(store::tile(tx, tile)?)), index, size)
                    .map_err(broken)?
            }
            None => None,
        };
        Ok(Logged { hash: leaf.hash(), leaf, proof, checkpoint: head.note })
    })
}

/// That the log of `to` leaves goes on from the one of `from`; both must have been published.
pub(crate) fn grown(office: &Office, from: u64, to: u64) -> Result<Consistency, Stop> {
    office.engine().read(|tx| {
        if to > store::head(tx)?.note_size {
            return Err(Stop::NotFound);
        }
        consistency(&mut Tiles::new(|tile: Tile| Ok::<_, seal::Broken>(store::tile(tx, tile)?)), from, to)
            .map_err(broken)?
            .ok_or(Stop::NotFound)
    })
}

/// How many leaves the log had at an instant, and its root then.
pub(crate) fn stood_at(tx: &mut Tx<'_>, at: i64) -> Result<(i64, Hash), Stop> {
    let size = store::stood_at(tx, at)?;
    let root = seal::root_at(tx, size.try_into().unwrap_or_default())?;
    Ok((size, root.ok_or_else(|| broken(seal::Broken::Missing))?))
}

fn broken(broken: seal::Broken) -> Stop {
    match broken {
        seal::Broken::Missing => Stop::fault("the tiles of the public log are not whole"),
        seal::Broken::Fault(fault) => fault.into(),
    }
}

/// Writes a checkpoint that the operator brings as the last one that was signed; never an older one than is known.
///
/// # Errors
/// A refusal where it is no checkpoint of this log or is older; a fault if it can't be written.
pub fn trust(office: &Office, file: &Path) -> Result<Checkpoint, Stop> {
    let refuse =
        |what: String| guard::refusal(what).remedy("请给出本日志最后公布的检查点，即网站 /log/checkpoint 的内容");
    let guard = office.log_guard().ok_or_else(|| refuse("没有数据目录".into()))?;
    let note = std::fs::read_to_string(file).map_err(|error| refuse(format!("读不了检查点：{error}")))?;
    let key = log_key(office.seals())?;
    let brought =
        Checkpoint::open(&note, key.verifier(), &[], 0).map_err(|fault| refuse(format!("不能采用：{fault}")))?;
    if let Ok(Some(known)) = guard.last(key.verifier())
        && known.size > brought.size
    {
        return Err(refuse(format!("已知有 {} 条的检查点，给出的只有 {} 条", known.size, brought.size)).into());
    }
    guard.keep(&note)?;
    Ok(brought)
}

/// The feature's part of the API: proofs. The log itself is served at `/log`, as its format says.
pub fn api(registry: Registry) -> Registry {
    let hashes = json!({"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"}});
    let number = json!({"type": "integer", "format": "int64", "minimum": 0});
    let proof = json!({"type": ["object", "null"], "required": ["index", "size", "path"], "properties": {"index": number, "size": number, "path": hashes}});
    let leaf = json!({"type": "object", "required": ["at", "commitment", "kind", "v"], "properties": {"at": {"type": "integer", "format": "int64"}, "commitment": {"type": "string"}, "kind": {"type": "string"}, "v": {"type": "integer"}}});
    let logged = json!({"type": "object", "required": ["leaf", "hash", "proof", "checkpoint"], "properties": {"leaf": leaf, "hash": {"type": "string"}, "proof": proof, "checkpoint": {"type": "string"}}});
    let grown = json!({"type": "object", "required": ["old_size", "new_size", "path"], "properties": {"old_size": number, "new_size": number, "path": hashes}});
    let query =
        |name: &str, required: bool| json!({"name": name, "in": "query", "required": required, "schema": number});
    let leaves = json!({
        "operationId": "LoggedLeaf", "summary": "公开日志：一条承诺的存证", "tags": ["log"], "security": [],
        "parameters": [{"name": "commitment", "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}, query("size", false)],
        "responses": responses(&[200, 400, 404], logged),
    });
    let grows = json!({
        "operationId": "LogConsistency", "summary": "公开日志：后一状态接续前一状态的证明", "tags": ["log"], "security": [],
        "parameters": [query("from", true), query("to", true)],
        "responses": responses(&[200, 400, 404], grown),
    });
    registry.other(Method::GET, "/log/leaves/{commitment}", leaves, axum::routing::get(pages::leaf)).other(
        Method::GET,
        "/log/consistency",
        grows,
        axum::routing::get(pages::grown),
    )
}
