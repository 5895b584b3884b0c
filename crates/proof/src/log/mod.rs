//! The public log: an append-only list of leaves under a Merkle tree (RFC 6962), whose state is a signed checkpoint and whose
//! hashes lie in tiles (C2SP tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature). Whoever kept an old checkpoint can
//! tell whether anything before it was changed or left out.
//!
//! A leaf ([`Leaf`]) names no person: it holds a commitment, and what it commits to stands in the record with its salt.

mod leaf;
mod merkle;
mod note;
mod tile;

pub use leaf::{Leaf, LeafKind, commitment};
pub use merkle::{
    Consistency, Hash, Proof, TileSource, consistency, empty_root, inclusion, leaf_hash, node_hash, root,
};
pub use note::{Checkpoint, LogKey, NoteFault, VerifierKey, WITNESS, cosignature};
pub use tile::{Frontier, Missing, TILE_WIDTH, Tile, TilePath, Tiles, bundle, read_bundle};
