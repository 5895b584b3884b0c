//! How long a document takes to sign and to check: `cargo run --release -p proof --example sign_bench`.

use std::time::Instant;

use proof::{DocumentKey, DocumentRoot, Holder, check_document, sign_document};

// A bench is what clocks are for.
#[allow(clippy::disallowed_methods)]
fn main() {
    const COUNT: u32 = 1_000;
    let key = |byte| DocumentKey::new(&[byte; 32]).expect("a key");
    let holder = |name: &str| Holder { name: name.into(), filing_number: None, generation: 1 };
    let since = jiff::Timestamp::UNIX_EPOCH;
    let root = DocumentRoot::new(key(1), &holder("示例签名根"), since).expect("a root");
    let document = vec![7; 70_000];
    let begun = Instant::now();
    let mut signature = Vec::new();
    for _ in 0..COUNT {
        // As a server does it: the signer is made for each file.
        let signer = root.signer(key(2), &holder("示例技工学校"), since).expect("a signer");
        signature = sign_document(&[&document], &signer).expect("signed");
    }
    println!("signed in {:?} each, {} bytes", begun.elapsed() / COUNT, signature.len());
    let begun = Instant::now();
    for _ in 0..COUNT {
        check_document(&[&document], &signature, since, &[root.certificate().clone()]);
    }
    println!("checked in {:?} each", begun.elapsed() / COUNT);
}
