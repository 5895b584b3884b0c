//! What is signed is believed whole or not at all.

use proof::{KeyError, PublicKey, Signer, SoftwareKey, Statement, Verdict, holder_hash, read_keys, sign, verify};
use proptest::prelude::*;

fn statement() -> Statement {
    Statement {
        number: "Y000035000001264000001".into(),
        body: "示例一技工学校".into(),
        filing_number: "Y000035000001".into(),
        occupation_code: "6-18-01-01".into(),
        occupation: "车工".into(),
        level: "四级/中级工".into(),
        exam_on: "2026-10-16".into(),
        issued_on: "2026-11-12".into(),
        salt: "00112233445566778899aabbccddeeff".into(),
        holder: holder_hash("00112233445566778899aabbccddeeff", "陈示例", "350199188001010011"),
        url: "http://example.invalid/c/x".into(),
        key: String::new(),
    }
}

fn house() -> (SoftwareKey, Vec<PublicKey>) {
    let key = SoftwareKey::new(&[7; 32]);
    let keys = read_keys(&key.public().line()).expect("a key's own line");
    (key, keys)
}

#[test]
fn what_the_house_signed_is_verified_and_names_its_holder_only_to_who_knows_him() {
    let (key, keys) = house();
    let bytes = sign(statement(), &key).expect("signed");
    assert_eq!(bytes, sign(statement(), &key).expect("signed"), "signing again gives the same bytes");
    let Verdict::Verified(found) = verify(&bytes, &keys) else { panic!("{:?}", verify(&bytes, &keys)) };
    assert_eq!(*found, Statement { key: key.public().id(), ..statement() });
    assert!(found.is_of("陈示例", "350199188001010011"));
    assert!(!found.is_of("陈示例", "350199188001010038"));
    let text = String::from_utf8(bytes).expect("text");
    assert!(!text.contains("350199188001010011") && !text.contains("陈示例"));
}

#[test]
fn another_key_is_not_ours() {
    let (_, keys) = house();
    let other = SoftwareKey::new(&[8; 32]);
    let bytes = sign(statement(), &other).expect("signed");
    assert_eq!(verify(&bytes, &keys), Verdict::NotOurs(other.public().id()));
    // Naming our key does not make it our signature.
    let text = String::from_utf8(bytes).expect("text").replace(&other.public().id(), &keys[0].id());
    assert_eq!(verify(text.as_bytes(), &keys), Verdict::Broken);
}

#[test]
fn what_reads_the_same_but_is_written_otherwise_is_broken() {
    let (key, keys) = house();
    let text = String::from_utf8(sign(statement(), &key).expect("signed")).expect("text");
    let doubled = text.replace("\"body\":", "\"body\":\"甲\",\"body\":");
    let escaped = text.replace("车工", "\\u8f66工");
    for other in [format!(" {text}"), format!("{text}\n"), text.replace(':', ": "), doubled, escaped] {
        assert_ne!(other, text);
        assert_eq!(verify(other.as_bytes(), &keys), Verdict::Broken, "{other}");
    }
    for nothing in ["", "{}", "null", "[]", "不是"] {
        assert_eq!(verify(nothing.as_bytes(), &keys), Verdict::Broken);
    }
}

#[test]
fn a_key_file_is_lines_of_keys_and_says_which_line_is_not() {
    let (key, keys) = house();
    let line = key.public().line();
    let file = format!("# 示例\n\n{line} # 2026\n{}\n", SoftwareKey::new(&[8; 32]).public().line());
    assert_eq!(read_keys(&file).expect("two keys").len(), 2);
    assert_eq!(read_keys(&file).expect("two keys")[0], keys[0]);
    assert_eq!(read_keys("# 空\n"), Err(KeyError::Empty));
    assert_eq!(read_keys(&format!("{line}\nssh-ed25519 AAAA")), Err(KeyError::Form(2)));
    assert_eq!(read_keys(&line.replace(&keys[0].id(), "0000000000000000")), Err(KeyError::Id(1)));
}

proptest! {
    #[test]
    fn any_altered_byte_is_noticed(at in any::<prop::sample::Index>(), other in any::<u8>()) {
        let (key, keys) = house();
        let mut bytes = sign(statement(), &key).expect("signed");
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != other);
        bytes[at] = other;
        prop_assert!(!matches!(verify(&bytes, &keys), Verdict::Verified(_)));
    }

    #[test]
    fn any_byte_taken_away_or_put_in_is_noticed(at in any::<prop::sample::Index>(), other in any::<Option<u8>>()) {
        let (key, keys) = house();
        let mut bytes = sign(statement(), &key).expect("signed");
        let at = at.index(bytes.len());
        match other {
            Some(byte) => bytes.insert(at, byte),
            None => drop(bytes.remove(at)),
        }
        prop_assert!(!matches!(verify(&bytes, &keys), Verdict::Verified(_)));
    }

    #[test]
    fn whatever_is_stated_comes_back(number in ".*", body in ".*", url in ".*", name in "[^\n]*", id in "[^\n]*") {
        let (key, keys) = house();
        let holder = holder_hash("s", &name, &id);
        let stated = Statement { number, body, url, salt: "s".into(), holder, ..statement() };
        let bytes = sign(stated.clone(), &key).expect("signed");
        let found = verify(&bytes, &keys);
        prop_assert_eq!(&found, &Verdict::Verified(Box::new(Statement { key: key.public().id(), ..stated })));
    }
}
