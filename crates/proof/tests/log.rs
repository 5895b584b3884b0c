//! The public log against the vectors of Certificate Transparency, against another implementation of the same texts, and
//! against those who would alter it.

use std::collections::BTreeMap;

use proof::log::{
    Checkpoint, Consistency, Frontier, Hash, Leaf, LeafKind, LogKey, Missing, NoteFault, Proof, TILE_WIDTH, Tile,
    TilePath, Tiles, VerifierKey, bundle, commitment, consistency, cosignature, empty_root, inclusion, leaf_hash,
    node_hash, read_bundle, root,
};
use proof::{Signer as _, SoftwareKey};
use proptest::prelude::*;

/// A log in memory: what is served, and nothing else.
#[derive(Default)]
struct Served {
    edge: Frontier,
    tiles: BTreeMap<Tile, Vec<Hash>>,
}

impl Served {
    fn of(leaves: &[Hash]) -> Self {
        let mut served = Self::default();
        served.append(leaves);
        served
    }

    fn append(&mut self, leaves: &[Hash]) {
        let Self { edge, tiles } = self;
        edge.append(leaves.iter().copied(), |tile, hashes| {
            let before = tiles.insert(tile, hashes.to_vec()).unwrap_or_default();
            assert_eq!(before[..], hashes[..before.len()], "a hash in a tile never changes");
        });
    }

    fn source(&self) -> Tiles<impl FnMut(Tile) -> Result<Vec<Hash>, Missing>> {
        Tiles::new(|tile| self.tiles.get(&tile).cloned().ok_or(Missing(tile)))
    }
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

/// The root as RFC 6962 defines it.
fn by_definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [one] => *one,
        leaves => {
            let mut left = 1;
            while left * 2 < leaves.len() {
                left *= 2;
            }
            node_hash(&by_definition(&leaves[..left]), &by_definition(&leaves[left..]))
        }
    }
}

#[test]
fn the_roots_are_those_of_certificate_transparency() {
    let entries: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut edge = Frontier::default();
    assert_eq!(edge.root().to_string(), roots[0]);
    for (entry, root) in entries.iter().zip(&roots[1..]) {
        edge.append([leaf_hash(entry)], |_, _| {});
        assert_eq!(edge.root().to_string(), *root);
    }
}

#[test]
fn roots_and_edges_hold_around_full_tiles() {
    for size in [1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_049] {
        let leaves = leaves(size);
        let served = Served::of(&leaves);
        assert_eq!(served.edge.root(), by_definition(&leaves), "{size}");
        assert_eq!(root(&mut served.source(), size as u64), Ok(served.edge.root()), "{size}");
        let again = Frontier::load(size as u64, |tile| served.tiles.get(&tile).cloned().ok_or(Missing(tile)));
        assert_eq!(again.as_ref(), Ok(&served.edge), "{size}");
        // In two parts, as a log grows.
        let mut parts = Served::of(&leaves[..size / 3]);
        parts.append(&leaves[size / 3..]);
        assert_eq!((parts.edge, parts.tiles), (served.edge, served.tiles), "{size}");
    }
}

/// The tiles as the other implementation reads them.
struct Other<'a>(&'a Served);

impl tlog_tiles::HashReader for Other<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        let hash = |index: &u64| {
            let tile = tlog_tiles::Tile::from_index(8, *index);
            let mine = Tile { level: tile.level(), index: tile.level_index() };
            let data: Vec<u8> = self.0.tiles[&mine].iter().flat_map(|hash| hash.0).collect();
            tile.hash_at_index(&data, *index)
        };
        indexes.iter().map(hash).collect()
    }
}

#[test]
fn another_implementation_makes_and_takes_the_same_proofs() {
    let theirs = |hash: &Hash| tlog_tiles::Hash(hash.0);
    for size in [1_u64, 2, 3, 7, 64, 255, 256, 300, 700] {
        let leaves = leaves(size as usize);
        let served = Served::of(&leaves);
        let whole = served.edge.root();
        assert_eq!(tlog_tiles::tree_hash(size, &Other(&served)).expect("a root"), theirs(&whole));
        for index in (0..size).step_by(1 + size as usize / 40) {
            let mine = inclusion(&mut served.source(), index, size).expect("tiles").expect("a proof");
            let path: Vec<tlog_tiles::Hash> = mine.path.iter().map(theirs).collect();
            assert_eq!(tlog_tiles::prove_record(size, index, &Other(&served)).expect("a proof"), path);
            assert!(mine.holds(&leaves[index as usize], &whole));
        }
        for old in (1..=size).step_by(1 + size as usize / 40) {
            let mine = consistency(&mut served.source(), old, size).expect("tiles").expect("a proof");
            let path: Vec<tlog_tiles::Hash> = mine.path.iter().map(theirs).collect();
            assert_eq!(tlog_tiles::prove_tree(size, old, &Other(&served)).expect("a proof"), path);
            assert!(mine.holds(&by_definition(&leaves[..old as usize]), &whole), "{old} of {size}");
        }
    }
}

#[test]
fn another_implementation_reads_the_paths_of_tiles() {
    for (path, needs) in [
        ("0/000", Some(256)),
        ("0/000.p/1", Some(1)),
        ("1/x001/x234/067.p/255", Some((1_234_067 * 256 + 255) * 256)),
        ("entries/x001/000", Some(1001 * 256)),
        ("entries/000.p/12", Some(12)),
        ("63/000", None),
    ] {
        let mine = TilePath::parse(path).unwrap_or_else(|| panic!("{path}"));
        assert_eq!((mine.to_string().as_str(), mine.needs()), (path, needs));
        let level = path.replace("entries", "data");
        let theirs = tlog_tiles::Tile::from_path(&format!("tile/8/{level}")).expect("a path");
        assert_eq!((theirs.level_index(), u64::from(theirs.width())), (mine.index, mine.width), "{path}");
    }
    for path in [
        "",
        "0",
        "0/0",
        "0/1000",
        "0/x000/001",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/012",
        "64/000",
        "-1/000",
        "data/000",
        "0/001/000",
        "0/xx1/000",
        "0/+01",
    ] {
        assert_eq!(TilePath::parse(path), None, "{path}");
    }
}

#[test]
fn another_implementation_believes_the_checkpoint() {
    let key = LogKey::new("jiangce.example.cn/log", SoftwareKey::new(&[3; 32])).expect("a name");
    let note = key.checkpoint(5, by_definition(&leaves(5))).expect("signed");
    let verifier = signed_note::StandardVerifier::new(&key.verifier().to_string()).expect("a key");
    let theirs = signed_note::Note::from_bytes(note.as_bytes()).expect("a note");
    let (signed, unknown) =
        theirs.verify(&signed_note::VerifierList::new(vec![Box::new(verifier)])).expect("a signature");
    assert_eq!((signed.len(), unknown.len()), (1, 0));
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(theirs.text()).expect("a checkpoint");
    assert_eq!((checkpoint.origin(), checkpoint.size()), ("jiangce.example.cn/log", 5));
    assert_eq!(VerifierKey::parse(&key.verifier().to_string()).as_ref(), Some(key.verifier()));
}

#[test]
fn a_checkpoint_is_believed_whole_and_from_its_own_log_alone() {
    let origin = "jiangce.example.cn/log";
    let key = LogKey::new(origin, SoftwareKey::new(&[3; 32])).expect("a name");
    let note = key.checkpoint(5, by_definition(&leaves(5))).expect("signed");
    let opened = Checkpoint::open(&note, key.verifier(), &[], 0).expect("a checkpoint");
    assert_eq!((opened.size, opened.root), (5, by_definition(&leaves(5))));
    for at in 0..note.len() {
        let mut altered = note.clone().into_bytes();
        altered[at] ^= 1;
        let Ok(altered) = String::from_utf8(altered) else { continue };
        assert!(Checkpoint::open(&altered, key.verifier(), &[], 0).is_err(), "byte {at}");
    }
    let namesake = LogKey::new(origin, SoftwareKey::new(&[4; 32])).expect("a name");
    assert_eq!(Checkpoint::open(&note, namesake.verifier(), &[], 0), Err(NoteFault::Unsigned(origin.into())));
    assert!(
        LogKey::new("名 称", SoftwareKey::new(&[4; 32])).is_none() && VerifierKey::parse("a+00000000+AQ==").is_none()
    );
}

#[test]
fn witnesses_are_asked_for_only_where_they_are_wanted() {
    let key = LogKey::new("jiangce.example.cn/log", SoftwareKey::new(&[3; 32])).expect("a name");
    let note = key.checkpoint(5, by_definition(&leaves(5))).expect("signed");
    let witness = SoftwareKey::new(&[5; 32]);
    let cosigned =
        format!("{note}{}", cosignature("witness.example.cn/1", &witness, &note, 1_790_000_000).expect("signed"));
    // The witness's key as it is handed on: another type of key than the log's.
    let known = {
        use base64::Engine as _;
        use sha2::Digest as _;
        let key = [&[proof::log::WITNESS][..], witness.public().as_bytes()].concat();
        let id = sha2::Sha256::digest([b"witness.example.cn/1\n", &key[..]].concat());
        let id: String = id[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        let key = base64::engine::general_purpose::STANDARD.encode(key);
        VerifierKey::parse(&format!("witness.example.cn/1+{id}+{key}")).expect("a key")
    };
    let open = |note: &str, wanted| Checkpoint::open(note, key.verifier(), std::slice::from_ref(&known), wanted);
    assert!(open(&note, 0).is_ok() && open(&cosigned, 1).is_ok());
    assert_eq!(open(&note, 1), Err(NoteFault::Witnesses { wanted: 1, found: 0 }));
    // Under another time it is not what the witness signed.
    let later = format!(
        "{note}{}",
        cosignature("witness.example.cn/1", &SoftwareKey::new(&[6; 32]), &note, 1).expect("signed")
    );
    assert_eq!(open(&later, 1), Err(NoteFault::Witnesses { wanted: 1, found: 0 }), "another key of that name");
}

#[test]
fn a_leaf_names_no_person_and_is_read_as_it_was_written() {
    let commitment = commitment(LeafKind::CertificateIssued, &[1; 16], b"...");
    let leaf = Leaf::new(LeafKind::CertificateIssued, 1_794_412_800_000, commitment);
    let entry = leaf.entry();
    assert_eq!(
        entry,
        format!(r#"{{"at":1794412800000,"commitment":"{commitment}","kind":"certificate.issued","v":1}}"#)
    );
    assert_eq!(Leaf::read(entry.as_bytes()), Some(leaf));
    for other in
        [format!(" {entry}"), entry.replace("\"v\":1", "\"v\":2"), entry.replace("issued", "granted"), String::new()]
    {
        assert_eq!(Leaf::read(other.as_bytes()), None, "{other}");
    }
    for kind in LeafKind::ALL {
        assert_eq!(LeafKind::from_code(kind.code()), Some(*kind));
        let leaf = Leaf::new(*kind, 0, commitment);
        assert!(leaf.entry().contains(kind.code()), "the word in the leaf is the kind's code");
        assert_eq!(Leaf::read(leaf.entry().as_bytes()), Some(leaf));
    }
    let entries: Vec<&[u8]> = vec![entry.as_bytes(), b"", b"x"];
    let bytes = bundle(entries.iter().copied());
    assert_eq!(read_bundle(&bytes), Some(entries));
    assert_eq!(read_bundle(&bytes[..bytes.len() - 1]), None);
}

#[test]
fn a_proof_of_a_million_leaves_stays_small() {
    let path = vec![Hash([255; 32]); 20];
    let proof = serde_json::to_string(&Proof { index: 999_999, size: 1_048_576, path }).expect("JSON");
    assert!(proof.len() < 1500, "{} bytes", proof.len());
}

proptest! {
    #[test]
    fn proofs_hold_for_their_leaf_and_their_logs_alone(size in 1_usize..900, at in any::<prop::sample::Index>(), old in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>()) {
        let leaves = leaves(size);
        let served = Served::of(&leaves);
        let whole = by_definition(&leaves);
        let index = at.index(size);
        let proof = inclusion(&mut served.source(), index as u64, size as u64).unwrap().unwrap();
        prop_assert!(proof.holds(&leaves[index], &whole));
        let other = leaves[(index + 1) % size];
        prop_assert!(size == 1 || !proof.holds(&other, &whole));
        for elsewhere in [proof.index + 1, proof.index ^ 1] {
            let moved = Proof { index: elsewhere, ..proof.clone() };
            prop_assert!(!moved.holds(&leaves[index], &whole), "{} is not {}", elsewhere, index);
        }
        if !proof.path.is_empty() {
            let mut altered = proof.clone();
            altered.path[flip.index(proof.path.len())].0[0] ^= 1;
            prop_assert!(!altered.holds(&leaves[index], &whole));
        }
        let old = old.index(size + 1);
        let grown = consistency(&mut served.source(), old as u64, size as u64).unwrap().unwrap();
        let before = by_definition(&leaves[..old]);
        prop_assert!(grown.holds(&before, &whole));
        if old > 0 && old < size {
            let mut forged = leaves[..old].to_vec();
            forged[flip.index(old)].0[0] ^= 1;
            prop_assert!(!grown.holds(&by_definition(&forged), &whole));
            let short = Consistency { path: grown.path[1..].to_vec(), ..grown.clone() };
            prop_assert!(!short.holds(&before, &whole));
        }
        prop_assert_eq!(inclusion(&mut served.source(), size as u64, size as u64).unwrap(), None);
        prop_assert_eq!(consistency(&mut served.source(), size as u64 + 1, size as u64).unwrap(), None);
    }

    #[test]
    fn a_tile_that_is_cut_gives_no_proof(size in 2_u64..600) {
        let mut served = Served::of(&leaves(size as usize));
        // Of leaves that fill their tiles the root is made from the hashes of those tiles alone.
        let level = u8::from(size % TILE_WIDTH == 0);
        let tile = served.tiles.get_mut(&Tile { level, index: ((size >> (8 * level)) - 1) / TILE_WIDTH }).unwrap();
        tile.pop();
        prop_assert!(root(&mut served.source(), size).is_err());
    }
}
