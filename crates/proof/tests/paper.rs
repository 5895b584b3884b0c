//! What stands in a QR code is believed whole or not at all, and only from the body whose key it is.

use ciborium::Value;
use jiff::civil::{Date, date};
use proof::log::{Frontier, Hash, Leaf, LeafKind, LogKey, Tile, Tiles, inclusion};
use proof::{
    Compromise, KeyCertificate, KeyList, ListFault, PaperFinding, PaperStatement, PaperVerdict, PublicKey, Signer,
    SoftwareKey, read_paper,
};
use proptest::prelude::*;

const ADDRESS: &str = "https://jiangce.example.cn/c/7Qm2vK9rT4xW8yB1nC5dF0";
const SALT: [u8; 16] = [9; 16];
const NAME: &str = "陈示例";
const ID: &str = "350199188001010011";

fn statement() -> PaperStatement {
    PaperStatement {
        number: "Y000035000001264000001".into(),
        filing_number: "Y000035000001".into(),
        occupation_code: "6-18-01-01".into(),
        edition: 2022,
        level: 4,
        exam_on: date(2026, 10, 16),
        issued_on: date(2026, 11, 12),
        salt: SALT,
        holder: PaperStatement::holder_of(&SALT, NAME, ID),
        log: [1, 2, 3, 4],
    }
}

fn root() -> SoftwareKey {
    SoftwareKey::new(&[1; 32])
}

fn body() -> SoftwareKey {
    SoftwareKey::new(&[2; 32])
}

fn certificate(key: &SoftwareKey, filing_number: &str, from: Date, until: Option<Date>) -> KeyCertificate {
    KeyCertificate {
        body: "示例一技工学校".into(),
        filing_number: filing_number.into(),
        key: key.public().line().rsplit(' ').next().expect("a key").into(),
        valid_from: from,
        valid_until: until,
    }
}

fn list(certificates: Vec<KeyCertificate>, compromised: Vec<Compromise>) -> KeyList {
    let keys = certificates.into_iter().map(|one| one.sign(&root()).expect("signed")).collect();
    let log = LogKey::new("jiangce.example.cn/log", SoftwareKey::new(&[3; 32])).expect("a name");
    KeyList {
        signed_at: 1_762_000_000_000,
        root: certificate(&root(), "", Date::MIN, None).key,
        log: log.verifier().to_string(),
        keys,
        compromised,
    }
}

fn usual() -> KeyList {
    list(vec![certificate(&body(), "Y000035000001", date(2026, 1, 1), None)], Vec::new())
}

#[test]
fn a_code_is_verified_without_a_network_and_names_its_holder_only_to_who_knows_him() {
    let text = statement().sign(ADDRESS, &body()).expect("signed");
    assert_eq!(text, statement().sign(ADDRESS, &body()).expect("signed"), "signing again gives the same text");
    assert!(text.starts_with(&format!("{ADDRESS}#jc1.")) && text.is_ascii(), "{text}");
    // 412 bytes is what a code of version 15 holds at level M.
    assert!(text.len() <= 412, "{} bytes", text.len());
    let PaperFinding::Verified { statement: found, body, .. } = usual().check(&text, None) else { panic!("{text}") };
    assert_eq!((*found).clone(), statement());
    assert_eq!(body, "示例一技工学校");
    assert!(found.is_of(NAME, ID));
    assert!(!found.is_of(NAME, "350199188001010038") && !found.is_of("陈示", ID));
}

#[test]
fn another_reader_of_cbor_finds_the_same_in_it() {
    use base64::Engine as _;
    let text = statement().sign(ADDRESS, &body()).expect("signed");
    let (_, cose) = text.split_once("#jc1.").expect("a statement");
    let cose = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(cose).expect("base64url");
    let Value::Tag(18, parts) = ciborium::from_reader::<Value, _>(&cose[..]).expect("CBOR") else { panic!("no tag") };
    let parts = parts.into_array().expect("an array");
    assert_eq!(parts[1], Value::Map(Vec::new()));
    let header: Value = ciborium::from_reader(&parts[0].as_bytes().expect("bytes")[..]).expect("a header");
    let kid = body().public().id_bytes().to_vec();
    assert_eq!(header, Value::Map(vec![(1.into(), (-8).into()), (4.into(), Value::Bytes(kid))]));
    let claims: Value = ciborium::from_reader(&parts[2].as_bytes().expect("bytes")[..]).expect("claims");
    let claims = claims.into_map().expect("a map");
    assert_eq!(claims[0], (1.into(), "Y000035000001".into()));
    assert_eq!(claims[1], (2.into(), "Y000035000001264000001".into()));
    // 2026-11-12 00:00 in China is 2026-11-11 16:00 UTC.
    assert_eq!(claims[2], (6.into(), 1_794_412_800.into()));
    assert_eq!(claims[3].0, (-65537).into());
    let ours = claims[3].1.as_array().expect("an array");
    assert_eq!(ours[..4], [1.into(), "6-18-01-01".into(), 2022.into(), 4.into()]);
    assert_eq!(ours[7], Value::Bytes(vec![1, 2, 3, 4]));
    // Its own writer, which is deterministic for these, gives the same bytes.
    let mut again = Vec::new();
    let parts = Value::Tag(18, Box::new(Value::Array(parts)));
    ciborium::into_writer(&parts, &mut again).expect("written");
    assert_eq!(again, cose);
}

#[test]
fn every_byte_of_a_code_counts() {
    let text = statement().sign(ADDRESS, &body()).expect("signed").into_bytes();
    let list = usual();
    let verified = |bytes: &[u8]| {
        std::str::from_utf8(bytes).is_ok_and(|text| matches!(list.check(text, None), PaperFinding::Verified { .. }))
    };
    assert!(verified(&text));
    for at in 0..text.len() {
        for other in [text[at] ^ 1, text[at] ^ 32, b'A', b'_', b'#', b'0'] {
            let mut altered = text.clone();
            altered[at] = other;
            assert!(other == text[at] || !verified(&altered), "byte {at} as {other}");
        }
        let mut cut = text.clone();
        cut.remove(at);
        assert!(cut == text || !verified(&cut), "byte {at} left out");
        assert!(!verified(&text[..at]), "cut at {at}");
    }
    assert!(!verified(&[&text[..], b"="].concat()) && !verified(&[&text[..], b"A"].concat()));
}

#[test]
fn an_address_alone_and_another_signer_are_not_ours() {
    let list = usual();
    let ours = |text: &str| !matches!(list.check(text, None), PaperFinding::NotOurs(_));
    for text in ["", ADDRESS, "https://example.com/c/abc#x", "WIFI:S:示例;;"] {
        assert!(!ours(text), "{text}");
    }
    let stranger = SoftwareKey::new(&[8; 32]);
    assert!(!ours(&statement().sign(ADDRESS, &stranger).expect("signed")));
    assert_eq!(list.check(&format!("{ADDRESS}#jc1."), None), PaperFinding::Broken);
    // A signature of the body under something else is no statement.
    let moved = statement().sign(ADDRESS, &body()).expect("signed").replace("jiangce.example.cn", "jiangce.example.cc");
    assert_eq!(list.check(&moved, None), PaperFinding::Broken);
}

#[test]
fn a_key_signs_for_its_own_body_and_in_its_own_time() {
    let text = statement().sign(ADDRESS, &body()).expect("signed");
    let check = |filing_number: &str, from, until| {
        list(vec![certificate(&body(), filing_number, from, until)], Vec::new()).check(&text, None)
    };
    let (from, until) = (date(2026, 1, 1), date(2026, 11, 12));
    assert!(matches!(check("Y000035000001", from, Some(until)), PaperFinding::Verified { .. }));
    assert!(matches!(check("Y000035000001", until, None), PaperFinding::Verified { .. }));
    assert!(matches!(check("Y000035000001", from, Some(date(2026, 11, 11))), PaperFinding::NotItsKey(_)));
    assert!(matches!(check("Y000035000001", date(2026, 11, 13), None), PaperFinding::NotItsKey(_)));
    assert!(matches!(check("Y000035000002", from, None), PaperFinding::NotItsKey(_)));
    // A number under another filing number than the one that is stated.
    let other = PaperStatement { number: "Y000035000002264000001".into(), ..statement() };
    let text = other.sign(ADDRESS, &body()).expect("signed");
    assert!(matches!(usual().check(&text, None), PaperFinding::NotItsKey(_)));
}

#[test]
fn a_key_in_other_hands_is_believed_only_for_what_the_log_held_before() {
    let leaf_of = |statement: &PaperStatement| statement.leaf(5);
    let late = PaperStatement { number: "Y000035000001264000009".into(), ..statement() };
    // The third of five leaves is the certificate; the key is reported then, and another certificate comes as the sixth.
    let other = |n: i64| Leaf::new(LeafKind::DirectoryChanged, n, Hash([7; 32])).hash();
    let leaves = [other(1), other(2), leaf_of(&statement()).hash(), other(3), other(4), leaf_of(&late).hash()];
    let mut tiles = std::collections::BTreeMap::new();
    let mut edge = Frontier::default();
    edge.append(leaves[..5].iter().copied(), |_, _| {});
    let at_report = edge.root();
    edge.append(leaves[5..].iter().copied(), |tile, hashes| drop(tiles.insert(tile, hashes.to_vec())));
    let source = || Tiles::new(|tile: Tile| Ok::<_, proof::log::Missing>(tiles[&tile].clone()));
    let lost = Compromise { key: body().public().id(), at: 99, log_size: 5, log_root: at_report.to_string() };
    let list = list(vec![certificate(&body(), "Y000035000001", date(2026, 1, 1), None)], vec![lost]);
    let text = statement().sign(ADDRESS, &body()).expect("signed");
    assert_eq!(list.check(&text, None), PaperFinding::Compromised(99));
    let proof = inclusion(&mut source(), 2, 5).expect("tiles").expect("a proof");
    let hash = leaf_of(&statement()).hash();
    assert!(matches!(list.check(&text, Some((&hash, &proof))), PaperFinding::Verified { .. }));
    // What came after the report is not believed, whatever proof comes with it.
    let text = late.sign(ADDRESS, &body()).expect("signed");
    let after = inclusion(&mut source(), 5, 6).expect("tiles").expect("a proof");
    assert_eq!(list.check(&text, Some((&leaf_of(&late).hash(), &after))), PaperFinding::Compromised(99));
}

#[test]
fn a_list_is_read_whole_or_not_at_all() {
    let bytes = usual().sign(&root()).expect("signed");
    assert_eq!(KeyList::read(&bytes, None), Ok(usual()));
    assert_eq!(KeyList::read(&bytes, Some(&root().public())), Ok(usual()));
    let other = body().public();
    assert_eq!(KeyList::read(&bytes, Some(&other)), Err(ListFault::OtherRoot(root().public().id())));
    assert_eq!(KeyList::read(&usual().sign(&body()).expect("signed"), None), Err(ListFault::Signature));
    assert!(matches!(KeyList::read(b"{}", None), Err(ListFault::Form(_))));
    // A key whose certificate the root did not sign.
    let mut forged = usual();
    forged.keys[0].certificate.filing_number = "Y000035000002".into();
    let forged = forged.sign(&root()).expect("signed");
    assert!(matches!(KeyList::read(&forged, None), Err(ListFault::Key(_))));
    let mut at = 0;
    while at < bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert_ne!(KeyList::read(&altered, None), Ok(usual()), "byte {at}");
        at += 1;
    }
}

proptest! {
    #[test]
    fn whatever_is_stated_comes_back(number in "[A-Z0-9]{22}", code in ".{0,12}", edition in any::<u16>(), level in any::<u8>(), days in 0_i64..40_000, salt in any::<[u8; 16]>(), holder in any::<[u8; 32]>()) {
        let day = date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).expect("a day");
        let stated = PaperStatement { filing_number: number[..13].into(), number, occupation_code: code, edition, level, exam_on: day, issued_on: day, salt, holder, ..statement() };
        let text = stated.sign(ADDRESS, &body()).expect("signed");
        let keys: Vec<PublicKey> = vec![root().public(), body().public()];
        prop_assert_eq!(read_paper(&text, &keys), PaperVerdict::Signed(Box::new(stated), body().public()));
    }

    #[test]
    fn nothing_that_is_read_brings_the_reader_down(text in ".*", bytes in any::<Vec<u8>>()) {
        use base64::Engine as _;
        let list = usual();
        let coded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        for text in [text.clone(), format!("{text}#jc1.{text}"), format!("{ADDRESS}#jc1.{coded}")] {
            prop_assert!(!matches!(list.check(&text, None), PaperFinding::Verified { .. }), "{}", text);
        }
    }
}
