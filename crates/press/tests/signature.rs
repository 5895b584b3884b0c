//! A signed certificate is signed whole: from its first byte to its last.

use jiff::Timestamp;
use press::{Certificate, Press, PressError, SignatureNote, Unsigned, attachment, signature};
use proof::{DocumentFinding, DocumentKey, DocumentRoot, Holder, check_document, sign_document};

fn holder(name: &str, filing_number: Option<&str>) -> Holder {
    Holder { name: name.into(), filing_number: filing_number.map(str::to_owned), generation: 1 }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn root() -> DocumentRoot {
    let key = DocumentKey::new(&[1; 32]).expect("a key");
    DocumentRoot::new(key, &holder("示例签名根", None), at("2026-03-01T16:00:00Z")).expect("a root")
}

fn certificate() -> Certificate {
    Certificate {
        body_name: "示例海峡高级技工学校".into(),
        name: "林子昇".into(),
        qr_text: "https://jiangce.example.cn/c/7Qm2vK9rT4xW8yB1nC5dF0".into(),
        attachment: Some(("jiangce.json".into(), b"{\"signed\":true}".to_vec())),
        ..Certificate::empty(jiff::civil::date(2026, 12, 7))
    }
}

fn unsigned(room: usize) -> Unsigned {
    let note = SignatureNote {
        name: "示例海峡高级技工学校".into(),
        reason: "核发职业技能等级证书".into(),
        at: at("2026-12-07T01:30:00Z"),
    };
    Unsigned::new(Press::new().certificate(&certificate()).expect("a certificate"), &note, room).expect("a place")
}

fn signed() -> Vec<u8> {
    let key = DocumentKey::new(&[2; 32]).expect("a key");
    let body = holder("示例海峡高级技工学校", Some("Y001350000001"));
    let signer = root().signer(key, &body, at("2026-03-01T16:00:00Z")).expect("a signer");
    let unsigned = unsigned(4096);
    let signature = sign_document(&unsigned.parts(), &signer).expect("a signature");
    unsigned.with(&signature).expect("a signed file")
}

/// What is said of a file: nothing where it has no signature over all of it.
fn checked(pdf: &[u8]) -> Option<DocumentFinding> {
    let found = signature(pdf)?;
    Some(check_document(&found.parts, &found.signature, found.at, &[root().certificate().clone()]))
}

#[test]
fn a_signed_certificate_says_who_signed_and_keeps_what_was_set() {
    let pdf = signed();
    let by = holder("示例海峡高级技工学校", Some("Y001350000001"));
    assert_eq!(checked(&pdf), Some(DocumentFinding::Signed { by, trusted: true }));
    assert_eq!(signature(&pdf).expect("a signature").at, at("2026-12-07T01:30:00Z"));
    let plain = Press::new().certificate(&certificate()).expect("a certificate");
    assert!(pdf.starts_with(&plain), "the update follows what was set");
    assert_eq!(attachment(&pdf), attachment(&plain));
    assert!(pdf == signed(), "the same certificate signed twice has other bytes");
    assert!(signature(&plain).is_none());
}

#[test]
fn one_altered_bit_is_found_wherever_it_is() {
    let pdf = signed();
    let update = Press::new().certificate(&certificate()).expect("a certificate").len();
    let places = (0..update).step_by(211).chain((update..pdf.len()).step_by(29)).chain([pdf.len() - 1]);
    for place in places {
        let mut altered = pdf.clone();
        altered[place] ^= 1;
        let found = checked(&altered);
        assert!(!matches!(found, Some(DocumentFinding::Signed { trusted: true, .. })), "byte {place}: {found:?}");
    }
}

#[test]
fn what_is_added_after_signing_is_not_signed() {
    let pdf = signed();
    assert!(checked(&[&pdf[..], b"\n"].concat()).is_none());
    // The update once more, as if somebody had replaced the page: the whole is longer than what was signed.
    let update = Press::new().certificate(&certificate()).expect("a certificate").len();
    assert!(checked(&[&pdf[..], &pdf[update..]].concat()).is_none());
    assert!(checked(&pdf[..pdf.len() - 1]).is_none());
}

#[test]
fn a_signature_needs_its_room_and_a_file_of_the_press() {
    assert!(matches!(unsigned(16).with(&[0; 17]), Err(PressError::Signature(_))));
    let note = SignatureNote { name: String::new(), reason: String::new(), at: at("2026-12-07T01:30:00Z") };
    assert!(matches!(Unsigned::new(b"%PDF-1.7".to_vec(), &note, 16), Err(PressError::Signature(_))));
    assert!(matches!(Unsigned::new(signed(), &note, 16), Err(PressError::Signature(_))), "one signature a file");
}
