//! The published test vectors, and those of the national standard.

use credential::{
    Contexts, Documents, EXAMPLES_V2, Expected, Flaw, ProofOptions, Purpose, Sm2PublicKey, Sm2SecretKey, Suite,
    add_proof, canonical_plain, check_proofs, check_sm2, did_document, jcs, read_json, read_multikey, sign_sm2,
};
use jiff::Timestamp;
use proof::SoftwareKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sm2::dsa::signature::Verifier as _;

const ISSUER: &str = "https://vc.example/issuers/5678";
const KEY: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
const SECRET: &str = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq";

fn vector(text: &str) -> Value {
    read_json(text.as_bytes()).expect("a vector")
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

fn contexts() -> Contexts {
    Contexts::with(&[EXAMPLES_V2])
}

fn documents() -> Documents {
    let of = |id: &str, key: &str| did_document(id, &[("", read_multikey(key).expect("a key"))]);
    Documents::new([
        of(ISSUER, KEY),
        of("https://vc.example/issuers/56781", "z6MktgKTsu1QhX6QPbyqG6geXdw6FQCZBPq7uQpieWbiQiG7"),
        of("https://vc.example/issuers/56782", "z6MkhWqdDBPojHA7cprTGTt5yHv5yUi1B8cnXn8ReLumkw6E"),
        of("https://vc.example/issuers/56783", "z6MkmEq87wkHCYnWnNZkigeDMGTN7oUw1upkhzd77KuXERS1"),
    ])
    .expect("documents with ids")
}

fn expected() -> Expected<'static> {
    let at = "2026-11-28T00:00:00Z".parse::<Timestamp>().expect("an instant");
    Expected { purpose: Purpose::Assertion, at, domain: None, challenge: None }
}

/// Both hashes of the published intermediate steps, and the published signature made again from the published key.
fn check(text: &str, suite: Suite, document_hash: &str) {
    let signed = vector(text);
    let mut unsigned = signed.clone();
    unsigned.as_object_mut().expect("an object").remove("proof");
    let form = match suite {
        Suite::Rdfc => canonical_plain(&contexts(), &unsigned).expect("canonical").into_bytes(),
        Suite::Jcs => jcs(&unsigned).expect("canonical"),
    };
    assert_eq!(hex(Sha256::digest(form)), document_hash);
    assert_eq!(check_proofs(&contexts(), &documents(), &signed, expected()), Ok(vec![ISSUER.to_owned()]));
    let secret = bs58::decode(&SECRET[1..]).into_vec().expect("base 58");
    let key = SoftwareKey::new(secret[2..].try_into().expect("32 bytes"));
    let created = "2023-02-24T23:36:38Z".parse().expect("an instant");
    let options = ProofOptions::assertion(suite, format!("{ISSUER}#{KEY}"), created);
    assert_eq!(add_proof(&contexts(), unsigned, &options, &key).expect("signed"), signed);
}

#[test]
fn house_the_published_credential_with_eddsa_rdfc_2022_is_made_and_verified_byte_for_byte() {
    check(
        include_str!("vectors/rdfc.json"),
        Suite::Rdfc,
        "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017",
    );
}

#[test]
fn house_the_published_credential_with_eddsa_jcs_2022_is_made_and_verified_byte_for_byte() {
    check(
        include_str!("vectors/jcs.json"),
        Suite::Jcs,
        "59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19",
    );
}

#[test]
fn house_the_published_set_and_chain_of_proofs_holds_and_breaks_with_each_of_its_links() {
    let chain = vector(include_str!("vectors/chain.json"));
    let signers = check_proofs(&contexts(), &documents(), &chain, expected()).expect("the chain holds");
    assert_eq!(signers, [1, 2, 3].map(|n| format!("{ISSUER}{n}")));
    let mut shorter = chain.clone();
    shorter["proof"].as_array_mut().expect("proofs").remove(1);
    assert_eq!(
        check_proofs(&contexts(), &documents(), &shorter, expected()),
        Err(Flaw::PreviousProof("urn:uuid:8cc9022b-6b14-4cf3-8571-74972c5feb54".into()))
    );
    // The last one covers the signatures before it: another signature of the same key over the same text breaks it.
    let mut other = chain.clone();
    other["proof"][2]["previousProof"] = json!(["urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"]);
    assert_eq!(check_proofs(&contexts(), &documents(), &other, expected()), Err(Flaw::Signature));
    let mut circle = chain;
    circle["proof"][0]["previousProof"] = json!("urn:uuid:d94f792a-c546-4d06-b38a-da070ab56c23");
    assert_eq!(check_proofs(&contexts(), &documents(), &circle, expected()), Err(Flaw::ProofChain));
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex")).collect()
}

/// GB/T 32918.5, annex A: private key, public key, and the signature of “message digest” by the signer 1234567812345678.
#[test]
fn house_the_national_standards_example_of_sm2_and_sm3_is_met() {
    use sm3::Digest as _;
    assert_eq!(hex(sm3::Sm3::digest("abc")), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    let secret: [u8; 32] =
        unhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8").try_into().expect("32");
    let public = unhex(concat!(
        "04",
        "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020",
        "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
    ));
    let key = Sm2SecretKey::from_bytes(&secret).expect("a key");
    assert_eq!(key.public().to_bytes(), public);
    let signature = unhex(concat!(
        "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3",
        "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
    ));
    let signature = sm2::dsa::Signature::from_slice(&signature).expect("a signature");
    let verifier = sm2::dsa::VerifyingKey::from_sec1_bytes("1234567812345678", &public).expect("a key");
    assert!(verifier.verify(b"message digest", &signature).is_ok());
    assert!(verifier.verify(b"message digesT", &signature).is_err());

    let document = vector(include_str!("vectors/rdfc.json"));
    let proof = sign_sm2(&document, &key).expect("signed");
    let trusted = Sm2PublicKey::from_bytes(&public).expect("a key");
    assert_eq!(check_sm2(&document, &proof, &trusted), Ok(()));
    let mut altered = document.clone();
    altered["name"] = "Alumni credential".into();
    assert_eq!(check_sm2(&altered, &proof, &trusted), Err(Flaw::Signature));
    let other = Sm2SecretKey::from_bytes(&[7; 32]).expect("a key");
    assert_eq!(check_sm2(&document, &proof, &other.public()), Err(Flaw::National("公钥不是所信任的那一把")));
    let mut renamed = proof.clone();
    renamed["signerId"] = "1234567812345679".into();
    assert!(matches!(check_sm2(&document, &renamed, &trusted), Err(Flaw::National(_))));
}
