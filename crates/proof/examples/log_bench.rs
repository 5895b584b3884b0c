//! How fast leaves are hashed and given their places, how large a proof is, and that every proof holds.
//!
//! `cargo run --release -p proof --example log_bench [LEAVES]`

use std::collections::BTreeMap;
use std::time::Instant;

use proof::SoftwareKey;
use proof::log::{Checkpoint, Frontier, Hash, Leaf, LeafKind, LogKey, Missing, Tile, Tiles, commitment, inclusion};

/// Leaves that get their places together, as in the sealer.
const AT_ONCE: usize = 2_000;

// A bench is what clocks are for.
#[allow(clippy::disallowed_methods)]
fn main() {
    let count: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let key = LogKey::new("jiangce/bench", SoftwareKey::new(&[3; 32])).expect("a name");
    let start = Instant::now();
    let leaves: Vec<Leaf> = (0..count)
        .map(|n| {
            let kind = LeafKind::CertificateIssued;
            Leaf::new(kind, n as i64, commitment(kind, &[1; 16], &n.to_be_bytes()))
        })
        .collect();
    let (mut edge, mut tiles, mut note) = (Frontier::default(), BTreeMap::<Tile, Vec<Hash>>::new(), String::new());
    for some in leaves.chunks(AT_ONCE) {
        edge.append(some.iter().map(Leaf::hash), |tile, hashes| drop(tiles.insert(tile, hashes.to_vec())));
        note = key.checkpoint(edge.size(), edge.root()).expect("signed");
    }
    let took = start.elapsed();
    println!("{count} leaves committed, placed and signed: {took:.2?}, {:.0}/s", count as f64 / took.as_secs_f64());
    let checkpoint = Checkpoint::open(&note, key.verifier(), &[], 0).expect("a checkpoint");
    let start = Instant::now();
    let (mut proven, mut largest) = (0, 0);
    for index in (0..count).step_by(97) {
        let mut source = Tiles::new(|tile: Tile| tiles.get(&tile).cloned().ok_or(Missing(tile)));
        let proof = inclusion(&mut source, index as u64, checkpoint.size).expect("tiles").expect("a proof");
        assert!(proof.holds(&leaves[index].hash(), &checkpoint.root), "the proof of leaf {index} holds");
        largest = largest.max(serde_json::to_vec(&proof).expect("JSON").len());
        proven += 1;
    }
    let took = start.elapsed();
    println!(
        "{proven} proofs made and checked: {took:.2?}, {:.0}/s, the largest {largest} bytes",
        proven as f64 / took.as_secs_f64()
    );
}
