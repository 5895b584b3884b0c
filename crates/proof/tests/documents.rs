//! Signatures of documents: who signed, under which root, and that nothing was altered.

use jiff::Timestamp;
use proof::{
    DocumentFinding, DocumentKey, DocumentRoot, DocumentSigner as _, Holder, SoftwareSigner, certificate_pem,
    check_document, read_certificate, sign_document,
};

const DOCUMENT: [&[u8]; 2] = [b"before the signature", b"and after it"];

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn key(byte: u8) -> DocumentKey {
    DocumentKey::new(&[byte; 32]).expect("a key")
}

fn root(byte: u8) -> DocumentRoot {
    let holder = Holder { name: "示例签名根".into(), filing_number: None, generation: 1 };
    DocumentRoot::new(key(byte), &holder, at("2026-03-01T16:00:00Z")).expect("a root")
}

fn body(generation: i64) -> Holder {
    Holder { name: "示例“海峡”, 技工学校".into(), filing_number: Some("Y001350000001".into()), generation }
}

fn signer(root: &DocumentRoot, byte: u8, generation: i64) -> SoftwareSigner {
    root.signer(key(byte), &body(generation), at("2026-03-01T16:00:00Z")).expect("a signer")
}

fn checked(document: &[&[u8]], signature: &[u8], when: &str, roots: &[DocumentRoot]) -> DocumentFinding {
    let roots: Vec<_> = roots.iter().map(|root| root.certificate().clone()).collect();
    check_document(document, signature, at(when), &roots)
}

#[test]
fn a_signature_says_whose_key_signed_and_whether_a_root_stands_above_it() {
    let signed = sign_document(&DOCUMENT, &signer(&root(1), 2, 3)).expect("signed");
    let now = "2026-12-07T01:30:00Z";
    let by = |trusted| DocumentFinding::Signed { by: body(3), trusted };
    for (roots, when, trusted) in [
        (vec![root(1)], now, true),
        (vec![root(9), root(1)], now, true),
        // Another root of the same name, none, and before the key was its body's.
        (vec![root(9)], now, false),
        (vec![], now, false),
        (vec![root(1)], "2026-03-01T15:59:59Z", false),
    ] {
        assert_eq!(checked(&DOCUMENT, &signed, when, &roots), by(trusted));
    }
    // Where the parts are cut is the file's affair.
    let whole = DOCUMENT.concat();
    assert_eq!(checked(&[&whole], &signed, now, &[root(1)]), by(true));
    // The room that a file leaves is filled with zeros, and with nothing else.
    assert_eq!(checked(&DOCUMENT, &[&signed[..], &[0; 8]].concat(), now, &[root(1)]), by(true));
    let filled = [&signed[..], &[0, 1]].concat();
    assert!(matches!(checked(&DOCUMENT, &filled, now, &[root(1)]), DocumentFinding::Unread(_)));
}

#[test]
fn whoever_signs_under_their_own_root_with_a_bodys_name_is_not_trusted() {
    let forged = sign_document(&DOCUMENT, &signer(&root(9), 2, 3)).expect("signed");
    let found = checked(&DOCUMENT, &forged, "2026-12-07T01:30:00Z", &[root(1)]);
    assert_eq!(found, DocumentFinding::Signed { by: body(3), trusted: false });
}

#[test]
fn a_body_is_no_root() {
    // Somebody whose key was certified signs a certificate for another body.
    let own = signer(&root(1), 2, 1);
    let below = DocumentRoot::new(key(2), &body(1), at("2026-03-01T16:00:00Z")).expect("a root of their own");
    let forged = sign_document(&DOCUMENT, &signer(&below, 3, 2)).expect("signed");
    let trusted = [own.chain()[0].clone(), root(1).certificate().clone()];
    let found = check_document(&DOCUMENT, &forged, at("2026-12-07T01:30:00Z"), &trusted);
    assert_eq!(found, DocumentFinding::Signed { by: body(2), trusted: false });
}

#[test]
fn no_altered_byte_passes() {
    let signed = sign_document(&DOCUMENT, &signer(&root(1), 2, 3)).expect("signed");
    let now = "2026-12-07T01:30:00Z";
    for (place, part) in DOCUMENT.iter().enumerate() {
        for byte in 0..part.len() {
            let mut altered = DOCUMENT.map(<[u8]>::to_vec);
            altered[place][byte] ^= 1;
            let parts: Vec<&[u8]> = altered.iter().map(Vec::as_slice).collect();
            assert_eq!(checked(&parts, &signed, now, &[root(1)]), DocumentFinding::Broken);
        }
    }
    let good = DocumentFinding::Signed { by: body(3), trusted: true };
    let mut unread = Vec::new();
    for byte in 0..signed.len() {
        let mut altered = signed.clone();
        altered[byte] ^= 1;
        let found = checked(&DOCUMENT, &altered, now, &[root(1)]);
        if found == good {
            unread.push(byte);
        }
    }
    assert_eq!(unread, Vec::<usize>::new(), "of {}", signed.len());
}

#[test]
fn a_certificate_is_the_same_each_time_and_read_back_as_text() {
    let pem = certificate_pem(root(1).certificate()).expect("PEM");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\n"));
    assert_eq!(read_certificate(pem.as_bytes()).as_ref(), Some(root(1).certificate()));
    assert_eq!(signer(&root(1), 2, 3).chain(), signer(&root(1), 2, 3).chain());
    let serial = |one: &SoftwareSigner| one.chain()[0].tbs_certificate().serial_number().clone();
    assert_ne!(serial(&signer(&root(1), 2, 3)), serial(&signer(&root(1), 4, 4)), "another key, another number");
    assert!(read_certificate(b"-----BEGIN CERTIFICATE-----").is_none());
    assert!(DocumentKey::new(&[0; 32]).is_none(), "nought is no key");
}
