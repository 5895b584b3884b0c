//! Tiles (C2SP tlog-tiles): 256 hashes in a row of every eighth level of the tree. A full tile never changes; the one at the
//! right edge grows and is served by its width as well.

use std::fmt;

use super::merkle::{Hash, TileSource, node_hash};

/// Levels of the tree in a tile.
pub const HEIGHT: u32 = 8;
/// Hashes in a full tile.
pub const TILE_WIDTH: u64 = 1 << HEIGHT;

/// Which tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// 0 for the hashes of the leaves.
    pub level: u8,
    pub index: u64,
}

/// What a path asks for: a tile, or the entries under one, of a width from 1 to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TilePath {
    /// The tile's level; `None` for entries.
    pub level: Option<u8>,
    pub index: u64,
    pub width: u64,
}

impl TilePath {
    /// Reads what stands behind `tile/`: `0/x001/234`, `entries/000.p/12`. Only the one way of writing each is taken.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.split_once('/')?;
        let level = match level {
            "entries" => None,
            level => Some(level.parse::<u8>().ok().filter(|level| *level < 64)?),
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, width.parse().ok().filter(|width| (1..TILE_WIDTH).contains(width))?),
            None => (rest, TILE_WIDTH),
        };
        let mut number = 0_u64;
        for group in index.split('/') {
            let digits = group.trim_start_matches('x');
            number = number.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
        }
        let parsed = Self { level, index: number, width };
        (parsed.to_string() == path).then_some(parsed)
    }

    /// How many leaves a log must have before this exists; `None` beyond all bounds.
    pub fn needs(&self) -> Option<u64> {
        let hashes = self.index.checked_mul(TILE_WIDTH)?.checked_add(self.width)?;
        let leaves_each = 1_u64.checked_shl(HEIGHT * u32::from(self.level.unwrap_or(0)))?;
        hashes.checked_mul(leaves_each)
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Some(level) => write!(f, "{level}/")?,
            None => f.write_str("entries/")?,
        }
        let mut groups = vec![format!("{:03}", self.index % 1000)];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(format!("x{:03}", rest % 1000));
            rest /= 1000;
        }
        groups.reverse();
        f.write_str(&groups.join("/"))?;
        if self.width < TILE_WIDTH { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// The entries of a bundle, each behind its length in two bytes.
///
/// # Panics
/// Never for a [`super::Leaf`], which is far shorter than 64 KiB.
pub fn bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        let length = u16::try_from(entry.len()).expect("an entry of at most 64 KiB");
        bytes.extend(length.to_be_bytes());
        bytes.extend(entry);
    }
    bytes
}

/// The entries of a bundle; `None` if it is cut.
pub fn read_bundle(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_at_checked(2)?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([length[0], length[1]])))?;
        entries.push(entry);
        bytes = rest;
    }
    Some(entries)
}

/// The right edge of a log, to which leaves are appended: the tile at the edge of each level, not yet full.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// For each level of tiles the hashes of the tile at the edge, fewer than 256.
    edge: Vec<Vec<Hash>>,
}

impl Frontier {
    /// The edge of a log of so many leaves.
    ///
    /// # Errors
    /// As `tile`'s, which is asked for the hashes of each tile at the edge that has any.
    pub fn load<E>(size: u64, mut tile: impl FnMut(Tile) -> Result<Vec<Hash>, E>) -> Result<Self, E> {
        let (mut edge, mut hashes, mut level) = (Vec::new(), size, 0);
        while hashes > 0 {
            let width = (hashes % TILE_WIDTH) as usize;
            let mut known = if width == 0 { Vec::new() } else { tile(Tile { level, index: hashes / TILE_WIDTH })? };
            known.truncate(width);
            edge.push(known);
            hashes /= TILE_WIDTH;
            level += 1;
        }
        Ok(Self { size, edge })
    }

    /// How many leaves the log has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends leaves by their hashes. What came of it, each tile as it stands now, `changed` is told: full tiles first.
    pub fn append(&mut self, leaves: impl IntoIterator<Item = Hash>, mut changed: impl FnMut(Tile, &[Hash])) {
        for leaf in leaves {
            let (mut hash, mut level) = (leaf, 0_usize);
            loop {
                if self.edge.len() == level {
                    self.edge.push(Vec::new());
                }
                self.edge[level].push(hash);
                if (self.edge[level].len() as u64) < TILE_WIDTH {
                    break;
                }
                let index = (self.size >> (HEIGHT * level as u32)) / TILE_WIDTH;
                changed(Tile { level: level as u8, index }, &self.edge[level]);
                hash = over(&self.edge[level]);
                self.edge[level].clear();
                level += 1;
            }
            self.size += 1;
        }
        for (level, edge) in self.edge.iter().enumerate().filter(|(_, edge)| !edge.is_empty()) {
            let index = (self.size >> (HEIGHT * level as u32)) / TILE_WIDTH;
            changed(Tile { level: level as u8, index }, edge);
        }
    }

    /// The root of the log.
    pub fn root(&self) -> Hash {
        // From the highest level down: full subtrees stand left, what is smaller right of them.
        let mut right: Option<Hash> = None;
        for tile in &self.edge {
            let mut row = tile.clone();
            row.extend(right);
            // A hash from below stands for fewer leaves than its neighbours, so it may only be paired last.
            right = edge_hash(&row);
        }
        right.unwrap_or_else(super::empty_root)
    }
}

/// The hash over a row whose full subtrees stand left: RFC 6962 splits at the largest power of two below its length.
fn edge_hash(row: &[Hash]) -> Option<Hash> {
    match row {
        [] => None,
        [one] => Some(*one),
        row => {
            let left = 1_usize << (row.len() - 1).ilog2();
            Some(node_hash(&edge_hash(&row[..left])?, &edge_hash(&row[left..])?))
        }
    }
}

/// The hash over a row of a power of two.
fn over(row: &[Hash]) -> Hash {
    let mut row = row.to_vec();
    while row.len() > 1 {
        row = row.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    row[0]
}

/// Hashes out of tiles, each fetched once.
pub struct Tiles<F> {
    fetch: F,
    known: std::collections::BTreeMap<Tile, Vec<Hash>>,
}

impl<F> Tiles<F> {
    /// `fetch` gives the hashes of a tile, as many as it has by now.
    pub fn new(fetch: F) -> Self {
        Self { fetch, known: std::collections::BTreeMap::new() }
    }
}

impl<E: From<Missing>, F: FnMut(Tile) -> Result<Vec<Hash>, E>> TileSource for Tiles<F> {
    type Error = E;

    fn subtree(&mut self, level: u32, index: u64) -> Result<Hash, E> {
        let (tile_level, within) = (level / HEIGHT, level % HEIGHT);
        // The subtree lies over 2^within hashes of its tile, or is one of them.
        let first = index << within;
        let tile = Tile { level: tile_level as u8, index: first / TILE_WIDTH };
        let hashes = match self.known.entry(tile) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert((self.fetch)(tile)?),
        };
        let begin = (first % TILE_WIDTH) as usize;
        let row = hashes.get(begin..begin + (1 << within)).ok_or(Missing(tile))?;
        Ok(over(row))
    }
}

/// A tile that is not there, or has fewer hashes than it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("日志的第{}层第{}块不完整", .0.level, .0.index)]
pub struct Missing(pub Tile);
