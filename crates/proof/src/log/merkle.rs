//! Hashes, roots and proofs of RFC 6962, section 2.1.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{hex, unhex};

/// A SHA-256 hash in the tree; written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl std::str::FromStr for Hash {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        unhex(text).map(Self).ok_or("应为64位小写十六进制")
    }
}

impl Serialize for Hash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The hash of a leaf.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// The hash over two subtrees.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The root of a log without leaves.
pub fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// Where the hashes of a log's full subtrees come from.
pub trait TileSource {
    type Error;

    /// The hash over the `2^level` leaves that begin with leaf `index · 2^level`, all of which are in the log.
    ///
    /// # Errors
    /// Where it can't be had.
    fn subtree(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The largest power of two below `size`, which is at least 2.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The hash over the leaves `begin..begin + count`; `begin` is a multiple of the smallest power of two that is not below
/// `count`, which is at least 1.
fn range<S: TileSource>(source: &mut S, begin: u64, count: u64) -> Result<Hash, S::Error> {
    if count.is_power_of_two() {
        return source.subtree(count.ilog2(), begin >> count.ilog2());
    }
    let left = split(count);
    let (a, b) = (range(source, begin, left)?, range(source, begin + left, count - left)?);
    Ok(node_hash(&a, &b))
}

/// The root of the log when it had `size` leaves.
///
/// # Errors
/// As the source's.
pub fn root<S: TileSource>(source: &mut S, size: u64) -> Result<Hash, S::Error> {
    if size == 0 { Ok(empty_root()) } else { range(source, 0, size) }
}

/// That a leaf stands in a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Which leaf, from 0.
    pub index: u64,
    /// How many leaves the log had.
    pub size: u64,
    /// The hashes beside the way from the leaf to the root.
    pub path: Vec<Hash>,
}

/// The proof for a leaf of the log when it had `size` leaves; `None` if the leaf is not among them.
///
/// # Errors
/// As the source's.
pub fn inclusion<S: TileSource>(source: &mut S, index: u64, size: u64) -> Result<Option<Proof>, S::Error> {
    if index >= size {
        return Ok(None);
    }
    let (mut begin, mut count, mut path) = (0, size, Vec::new());
    while count > 1 {
        let left = split(count);
        if index - begin < left {
            path.push(range(source, begin + left, count - left)?);
            count = left;
        } else {
            path.push(range(source, begin, left)?);
            begin += left;
            count -= left;
        }
    }
    path.reverse();
    Ok(Some(Proof { index, size, path }))
}

impl Proof {
    /// Whether it proves that the leaf with this hash stands in the log with this root.
    pub fn holds(&self, leaf: &Hash, root: &Hash) -> bool {
        if self.index >= self.size {
            return false;
        }
        // Where the way turns at each step: left of a full subtree, right of one, or over the edge without a neighbour.
        let (mut at, mut last, mut hash) = (self.index, self.size - 1, *leaf);
        for beside in &self.path {
            if last == 0 {
                return false;
            }
            if at & 1 == 1 || at == last {
                hash = node_hash(beside, &hash);
                while at & 1 == 0 && at != 0 {
                    at >>= 1;
                    last >>= 1;
                }
            } else {
                hash = node_hash(&hash, beside);
            }
            at >>= 1;
            last >>= 1;
        }
        last == 0 && hash == *root
    }
}

/// That a log went on from an earlier state of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consistency {
    pub old_size: u64,
    pub new_size: u64,
    pub path: Vec<Hash>,
}

/// The proof that the log with `new_size` leaves goes on from the one with `old_size`; `None` if it is not larger or equal.
///
/// # Errors
/// As the source's.
pub fn consistency<S: TileSource>(
    source: &mut S,
    old_size: u64,
    new_size: u64,
) -> Result<Option<Consistency>, S::Error> {
    if old_size > new_size {
        return Ok(None);
    }
    let mut path = Vec::new();
    if old_size > 0 && old_size < new_size {
        // Whether the old log is a subtree of its own: then its root is known and need not be said.
        let (mut begin, mut count, mut old, mut is_whole) = (0, new_size, old_size, true);
        while old != count {
            let left = split(count);
            if old <= left {
                path.push(range(source, begin + left, count - left)?);
                count = left;
            } else {
                path.push(range(source, begin, left)?);
                begin += left;
                count -= left;
                old -= left;
                is_whole = false;
            }
        }
        if !is_whole {
            path.push(range(source, begin, count)?);
        }
        path.reverse();
    }
    Ok(Some(Consistency { old_size, new_size, path }))
}

impl Consistency {
    /// Whether it proves that the log with `new_root` goes on from the one with `old_root`.
    pub fn holds(&self, old_root: &Hash, new_root: &Hash) -> bool {
        let Self { old_size, new_size, path } = self;
        match (*old_size, *new_size) {
            (old, new) if old > new => return false,
            (0, _) => return path.is_empty() && *old_root == empty_root(),
            (old, new) if old == new => return path.is_empty() && old_root == new_root,
            _ => {}
        }
        // From the last subtree that is whole in the old log upwards.
        let whole = old_size.trailing_zeros();
        let (mut at, mut last) = ((old_size - 1) >> whole, (new_size - 1) >> whole);
        let mut rest = path.iter();
        let first = if old_size.is_power_of_two() { Some(old_root) } else { rest.next() };
        let Some(first) = first else { return false };
        let (mut old, mut new) = (*first, *first);
        for beside in rest {
            if last == 0 {
                return false;
            }
            if at & 1 == 1 || at == last {
                old = node_hash(beside, &old);
                new = node_hash(beside, &new);
                while at & 1 == 0 && at != 0 {
                    at >>= 1;
                    last >>= 1;
                }
            } else {
                new = node_hash(&new, beside);
            }
            at >>= 1;
            last >>= 1;
        }
        last == 0 && old == *old_root && new == *new_root
    }
}
