//! What holds, and what is refused and why: certificates, presentations, lists, chosen disclosure, the test profile.

use credential::vc_api::VcApi;
use credential::{
    Badge, Claim, Contexts, Documents, Expected, Flaw, Holder, HolderProof, Issuer, LIST_LENGTH, ListOf, LogReference,
    Place, ProofOptions, Purpose, SdJwt, StatusEntry, StatusList, StatusPurpose, Suite, Verifier, add_proof,
    bind_holder, canonical, canonical_plain, check_proofs, did_document, did_key, identity_hash, issue_sd_jwt,
    place_of, read_json, read_multikey, verify_sd_jwt, write_multikey,
};
use jiff::Timestamp;
use proof::{Signer, SoftwareKey};
use proptest::prelude::*;
use serde_json::{Value, json};

const DID: &str = "did:web:jiangce.example:bodies:000012";
const LIST: &str = "https://jiangce.example/status/1";
const HOLD: &str = "https://jiangce.example/status/2";

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn now() -> Timestamp {
    at("2026-11-28T02:00:00Z")
}

fn key() -> SoftwareKey {
    SoftwareKey::new(&[7; 32])
}

fn documents() -> Documents {
    Documents::new([did_document(DID, &[("2026", key().public())])]).expect("a document with an id")
}

fn options(suite: Suite) -> ProofOptions {
    ProofOptions::assertion(suite, format!("{DID}#2026"), at("2026-10-08T02:00:00Z"))
}

fn entry(purpose: StatusPurpose, place: u32) -> StatusEntry {
    let list = if purpose == StatusPurpose::Revocation { LIST } else { HOLD };
    StatusEntry { purpose, list: list.into(), place }
}

fn badge() -> Badge {
    Badge {
        place: Place {
            credential: "https://jiangce.example/certificates/Y003500000012600000012".into(),
            achievement: "https://jiangce.example/achievements/6-18-01-01/3".into(),
            criteria: "https://jiangce.example/standards/6-18-01-01".into(),
        },
        number: "Y003500000012600000012".into(),
        occupation_code: "6-18-01-01".into(),
        occupation: "车工".into(),
        level: "三级/高级工".into(),
        criteria: "理论知识、技能操作均达到 60 分以上。".into(),
        issuer: Issuer {
            id: DID.into(), name: "示例技师学院".into(), url: Some("https://jiangce.example/".into())
        },
        holder: Holder {
            name: Some("示例甲".into()),
            identity_hash: identity_hash("350199188001010019", "5f"),
            salt: "5f".into(),
            id: None,
        },
        exam_on: "2026-09-20".parse().expect("a day"),
        issued_at: at("2026-10-08T02:00:00Z"),
        status: vec![entry(StatusPurpose::Revocation, 7), entry(StatusPurpose::Suspension, 9)],
        log: Some(LogReference {
            url: "https://jiangce.example/log/12".into(), narrative: "公开登记第 12 行".into()
        }),
    }
}

fn signed(suite: Suite) -> Value {
    badge().issue(&Contexts::shipped(), &options(suite), &key()).expect("issued")
}

/// The list at an address with these bits set.
fn list(url: &str, set: &[u32]) -> Value {
    let mut bits = StatusList::default();
    set.iter().for_each(|place| bits.set(*place, true).expect("within the list"));
    let purpose = if url == LIST { StatusPurpose::Revocation } else { StatusPurpose::Suspension };
    let valid_from = at("2026-11-27T00:00:00Z");
    let list = ListOf {
        id: url,
        issuer: DID,
        purpose,
        valid_from,
        valid_until: Some(at("2026-12-27T00:00:00Z")),
        bits: &bits,
    };
    add_proof(&Contexts::shipped(), list.document().expect("packed"), &options(Suite::Rdfc), &key()).expect("signed")
}

fn lists(url: &str) -> Option<Value> {
    [LIST, HOLD].contains(&url).then(|| list(url, &[1]))
}

fn judge(credential: &Value) -> Result<String, Flaw> {
    judge_with(credential, &documents(), &lists, now())
}

fn judge_with(
    credential: &Value,
    documents: &Documents,
    lists: &dyn Fn(&str) -> Option<Value>,
    at: Timestamp,
) -> Result<String, Flaw> {
    let contexts = Contexts::shipped();
    Verifier { contexts: &contexts, documents, lists: &lists, at }
        .credential(credential)
        .map(|verified| verified.issuer)
}

/// A copy with one thing changed.
fn with(document: &Value, change: impl FnOnce(&mut Value)) -> Value {
    let mut copy = document.clone();
    change(&mut copy);
    copy
}

/// Every text, number and truth value below a value, as JSON pointers.
fn leaves(value: &Value, at: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{name}"), all)),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| leaves(item, &format!("{at}/{n}"), all)),
        _ => all.push(at.to_owned()),
    }
}

#[test]
fn house_a_certificate_is_an_open_badge_and_holds_under_both_suites() {
    for suite in [Suite::Rdfc, Suite::Jcs] {
        assert_eq!(judge(&signed(suite)), Ok(DID.to_owned()), "{suite:?}");
    }
    let document = badge().document();
    assert_eq!(document["type"], json!(["VerifiableCredential", "OpenBadgeCredential"]));
    assert_eq!(document["credentialSubject"]["achievement"]["name"], "车工（三级/高级工）");
    // SHA-256 over number and salt, as the standard says; the number itself is nowhere.
    assert_eq!(
        document["credentialSubject"]["identifier"][0]["identityHash"],
        "sha256$53a5185941d1924bd3171d5caa6ec379b17e88a4979044608289f3a7686b0dd0"
    );
    assert!(!document.to_string().contains("350199188001010019"));
}

#[test]
fn house_whatever_is_altered_in_a_certificate_breaks_it() {
    for suite in [Suite::Rdfc, Suite::Jcs] {
        let good = signed(suite);
        let mut all = Vec::new();
        leaves(&good, "", &mut all);
        assert!(all.len() > 45, "{} leaves", all.len());
        for leaf in all {
            let altered = with(&good, |copy| {
                let value = copy.pointer_mut(&leaf).expect("a leaf");
                *value = match &*value {
                    Value::String(text) => Value::String(format!("{text}0")),
                    Value::Bool(truth) => Value::Bool(!truth),
                    other => panic!("{leaf} is {other}"),
                };
            });
            assert!(judge(&altered).is_err(), "{suite:?}: {leaf} altered, and nobody noticed");
        }
        // What is left out, and what is put in, likewise.
        for name in good.as_object().expect("an object").keys() {
            let shorter = with(&good, |copy| {
                copy.as_object_mut().expect("an object").remove(name);
            });
            assert!(judge(&shorter).is_err(), "{suite:?}: {name} left out, and nobody noticed");
        }
        let more = with(&good, |copy| copy["credentialSubject"]["role"] = "师傅".into());
        assert_eq!(judge(&more), Err(Flaw::Signature));
    }
}

#[test]
fn house_what_the_signature_would_not_cover_is_refused_instead_of_dropped() {
    let sign = |change: fn(&mut Value)| {
        add_proof(&Contexts::shipped(), with(&badge().document(), change), &options(Suite::Rdfc), &key())
    };
    let check = |change: fn(&mut Value), flaw: Flaw| assert_eq!(sign(change), Err(flaw));
    check(|d| d["credentialSubject"]["grade"] = "优".into(), Flaw::UndefinedTerm("grade".into()));
    check(|d| d["type"][1] = "SkillCredential".into(), Flaw::UndefinedTerm("SkillCredential".into()));
    check(|d| d["credentialSubject"]["achievement"]["@note"] = "x".into(), Flaw::UndefinedTerm("@note".into()));
    check(|d| d["id"] = "certificates/12".into(), Flaw::RelativeIri("certificates/12".into()));
    check(|d| d["id"] = "https://jiangce.example/a b".into(), Flaw::BadIri("https://jiangce.example/a b".into()));
    check(|d| d["evidence"] = Value::Null, Flaw::Null("evidence".into()));
    check(
        |d| d["@context"][1] = "https://elsewhere.example/context".into(),
        Flaw::UnknownContext("https://elsewhere.example/context".into()),
    );
    check(
        |d| d["@context"].as_array_mut().expect("contexts").push(json!({"grade": null})),
        Flaw::InlineContext("grade: null".into()),
    );
    check(
        |d| d["@context"].as_array_mut().expect("contexts").push(json!({"@base": "https://a.example/"})),
        Flaw::InlineContext("@base".into()),
    );
    // A context in the document that gives the term a meaning makes it something that can be signed.
    let defined = sign(|d| {
        d["@context"].as_array_mut().expect("contexts").push(json!({"grade": "https://jiangce.example/terms#grade"}));
        d["credentialSubject"]["grade"] = "优".into();
    })
    .expect("signed");
    assert!(judge(&defined).is_ok());
    assert_eq!(judge(&with(&defined, |d| d["credentialSubject"]["grade"] = "良".into())), Err(Flaw::Signature));
    // Seven parts that look alike would take 5040 comparisons, twenty for ever.
    let alike = |count: usize| {
        let parts: Vec<Value> = vec![json!({"type": ["Evidence"], "name": "同"}); count];
        with(&badge().document(), |d| d["evidence"] = parts.into())
    };
    assert!(canonical(&Contexts::shipped(), &alike(6)).is_ok());
    assert_eq!(canonical(&Contexts::shipped(), &alike(7)), Err(Flaw::TooSymmetric));
    assert!(matches!(read_json(br#"{"name":"A","name":"B"}"#), Err(Flaw::Json(_))));
}

/// RDF knows no names of properties, only addresses. What is signed stays signed under another name, and whoever reads the
/// JSON would no longer find the date of expiry or the status.
#[test]
fn house_expiry_and_status_can_not_be_hidden_under_another_name() {
    let until = with(&badge().document(), |d| d["validUntil"] = "2026-11-01T00:00:00Z".into());
    let ended = add_proof(&Contexts::shipped(), until, &options(Suite::Rdfc), &key()).expect("signed");
    assert_eq!(judge(&ended), Err(Flaw::Expired("2026-11-01T00:00:00Z".into())));
    let address = "https://www.w3.org/2018/credentials#validUntil";
    let date = json!({"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": "2026-11-01T00:00:00Z"});
    let hidden = |name: &str, value: &Value, context: Option<Value>| {
        judge(&with(&ended, |copy| {
            let map = copy.as_object_mut().expect("an object");
            map.remove("validUntil");
            map.insert(name.to_owned(), value.clone());
            if let (Some(context), Some(Value::Array(contexts))) = (context, map.get_mut("@context")) {
                contexts.push(context);
            }
        }))
    };
    assert_eq!(hidden(address, &date, None), Err(Flaw::SecondName(address.into())));
    let text = json!("2026-11-01T00:00:00Z");
    let definition = json!({"@id": address, "@type": "http://www.w3.org/2001/XMLSchema#dateTime"});
    let named = hidden("until", &text, Some(json!({"until": definition})));
    assert_eq!(named, Err(Flaw::SecondName("until".into())));
    let prefixed = json!({"w": "https://www.w3.org/2018/", "until": {"@id": "w:credentials#validUntil"}});
    assert_eq!(hidden("until", &date, Some(prefixed)), Err(Flaw::SecondName("w".into())));
    let halved = hidden("Until", &date, Some(json!({"@vocab": "https://www.w3.org/2018/credentials#valid"})));
    assert_eq!(halved, Err(Flaw::SecondName("@vocab".into())));
    let turned = json!({"until": {"@reverse": address}});
    assert_eq!(hidden("until", &date, Some(turned)), Err(Flaw::SecondName("until".into())));
    let typed = with(&ended, |copy| {
        let status = copy["credentialStatus"][0].as_object_mut().expect("an object");
        let kind = status.remove("type").expect("a type");
        status.insert("@type".into(), kind);
    });
    assert!(judge(&typed).is_err());
    let kind = with(&ended, |copy| {
        let subject = copy["credentialSubject"].as_object_mut().expect("an object");
        let kind = subject.remove("type").expect("a type");
        subject.insert("@type".into(), kind);
    });
    assert_eq!(judge(&kind), Err(Flaw::SecondName("@type".into())));
}

#[test]
fn house_a_proof_that_is_not_exactly_right_is_refused_with_its_reason() {
    let good = signed(Suite::Rdfc);
    let check = |name: &str, value: Value, flaw: Flaw| {
        assert_eq!(judge(&with(&good, |copy| copy["proof"][name] = value)), Err(flaw), "{name}");
    };
    check("type", "Ed25519Signature2020".into(), Flaw::ProofType("Ed25519Signature2020".into()));
    check("type", json!(["DataIntegrityProof"]), Flaw::Proof { at: "type", what: "不是文字" });
    check("cryptosuite", "eddsa-2022".into(), Flaw::Cryptosuite("eddsa-2022".into()));
    check("cryptosuite", "eddsa-jcs-2022".into(), Flaw::Signature);
    let purpose = Flaw::ProofPurpose { found: "authentication".into(), wanted: "assertionMethod" };
    check("proofPurpose", "authentication".into(), purpose);
    check("created", "2026-11-28T02:06:00Z".into(), Flaw::ProofFromFuture("2026-11-28T02:06:00Z".into()));
    check("created", "2026-10-08T02:00:00".into(), Flaw::Proof { at: "created", what: "不是带时区的时间" });
    check("expires", "2026-11-28T02:00:00Z".into(), Flaw::ProofExpired("2026-11-28T02:00:00Z".into()));
    check("expires", "2026-11-28T02:00:01Z".into(), Flaw::Signature);
    check("previousProof", "urn:uuid:1".into(), Flaw::PreviousProof("urn:uuid:1".into()));
    check("previousProof", json!(1), Flaw::Proof { at: "previousProof", what: "不是标识" });
    check("challenge", json!(1), Flaw::Proof { at: "challenge", what: "不是文字" });
    check("proofValue", Value::Null, Flaw::Proof { at: "proofValue", what: "不是文字" });
    check("verificationMethod", "2026".into(), Flaw::Proof { at: "verificationMethod", what: "不是标识（URI）" });
    let other = format!("{DID}#2027");
    check("verificationMethod", other.clone().into(), Flaw::UnknownMethod(other));
    check("verificationMethod", DID.into(), Flaw::UnknownMethod(DID.into()));
    check(
        "verificationMethod",
        "did:web:other.example#2026".into(),
        Flaw::UnknownController("did:web:other.example".into()),
    );
    // Another alphabet, another length: the text is not even looked at.
    let value = good["proof"]["proofValue"].as_str().expect("a text").to_owned();
    for wrong in
        [value[1..].to_owned(), format!("u{}", &value[1..]), format!("{value}1"), format!("z{}", "1".repeat(500))]
    {
        check("proofValue", wrong.into(), Flaw::Multibase("proofValue"));
    }
    assert_eq!(judge(&with(&good, |copy| copy["proof"] = Value::Null)), Err(Flaw::NoProof));
    assert_eq!(judge(&with(&good, |copy| copy["proof"] = json!([]))), Err(Flaw::NoProof));
    let twice = with(&good, |copy| {
        copy["proof"]["id"] = "urn:uuid:1".into();
        copy["proof"] = json!([copy["proof"], copy["proof"]]);
    });
    assert_eq!(judge(&twice), Err(Flaw::ProofChain));
    // The contexts in another order are another document, and a proof's own ones have to be the document's first ones.
    let jcs = signed(Suite::Jcs);
    let turned = with(&jcs, |copy| copy["proof"]["@context"].as_array_mut().expect("contexts").reverse());
    assert_eq!(judge(&turned), Err(Flaw::ProofContext));
    let later = with(&jcs, |copy| {
        copy["@context"].as_array_mut().expect("contexts").push("https://www.w3.org/ns/did/v1".into());
    });
    assert_eq!(judge(&later), Ok(DID.to_owned()), "contexts behind those that were signed change nothing");
}

#[test]
fn house_a_signature_that_fits_in_two_ways_fits_in_none() {
    // The order of the group added to S: the same equation, another text.
    let good = signed(Suite::Rdfc);
    let value = good["proof"]["proofValue"].as_str().expect("a text");
    let mut bytes = bs58::decode(&value[1..]).into_vec().expect("base 58");
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0;
    for (byte, more) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    let malleable =
        with(&good, |copy| copy["proof"]["proofValue"] = format!("z{}", bs58::encode(bytes).into_string()).into());
    assert_eq!(judge(&malleable), Err(Flaw::Signature));
    // Keys of small order, which anyone could sign for, are no keys.
    for weak in [[0_u8; 32], {
        let mut one = [0; 32];
        one[0] = 1;
        one
    }] {
        let multikey = format!("z{}", bs58::encode([&[0xed, 0x01][..], &weak].concat()).into_string());
        assert!(matches!(read_multikey(&multikey), Err(Flaw::Key(_))));
    }
    let p256 = "zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169";
    assert_eq!(read_multikey(p256).err(), Some(Flaw::Key(p256.into())));
    assert_eq!(read_multikey(&write_multikey(&key().public())).map(|k| k.id()), Ok(key().public().id()));
}

#[test]
fn house_a_key_counts_only_for_its_owner_for_its_purpose_and_in_its_time() {
    let good = signed(Suite::Rdfc);
    let judge = |change: &dyn Fn(&mut Value)| {
        let documents = Documents::new([with(&did_document(DID, &[("2026", key().public())]), |d| change(d))]);
        judge_with(&good, &documents.expect("an id"), &lists, now())
    };
    let method = format!("{DID}#2026");
    assert_eq!(judge(&|_| ()), Ok(DID.to_owned()));
    assert_eq!(
        judge(&|d| d["assertionMethod"] = json!([])),
        Err(Flaw::NotAuthorised(method.clone(), "assertionMethod"))
    );
    assert_eq!(judge(&|d| d["verificationMethod"] = json!([])), Err(Flaw::UnknownMethod(method.clone())));
    let elsewhere = |d: &mut Value| d["verificationMethod"][0]["controller"] = "did:web:other.example".into();
    assert_eq!(judge(&elsewhere), Err(Flaw::Controller(DID.into())));
    let kind = |d: &mut Value| d["verificationMethod"][0]["type"] = "Ed25519VerificationKey2020".into();
    assert_eq!(judge(&kind), Err(Flaw::Key(method.clone())));
    let ended = |d: &mut Value| d["verificationMethod"][0]["revoked"] = "2026-11-01T00:00:00Z".into();
    assert_eq!(judge(&ended), Err(Flaw::KeyEnded(method.clone())));
    let later = |d: &mut Value| d["verificationMethod"][0]["expires"] = "2027-11-01T00:00:00Z".into();
    assert_eq!(judge(&later), Ok(DID.to_owned()));
    let embedded = |d: &mut Value| d["assertionMethod"] = d["verificationMethod"].clone();
    assert_eq!(judge(&embedded), Ok(DID.to_owned()));
    // A stranger signs in the body's name, with a key that is truly the stranger's.
    let stranger = SoftwareKey::new(&[8; 32]);
    let did = did_key(&stranger.public());
    let method = format!("{did}#{}", write_multikey(&stranger.public()));
    let options = ProofOptions::assertion(Suite::Rdfc, method, at("2026-10-08T02:00:00Z"));
    let forged = add_proof(&Contexts::shipped(), badge().document(), &options, &stranger).expect("signed");
    assert_eq!(judge_strangers(&forged), Err(Flaw::NotTheIssuer(DID.into())));
    // Beside the body's own signature, the stranger's is another one of a set; both have to hold.
    let both = add_proof(&Contexts::shipped(), signed(Suite::Rdfc), &options, &stranger).expect("signed");
    assert_eq!(judge_strangers(&both), Ok(DID.to_owned()));
    let one_broken = with(&both, |copy| copy["proof"][1]["created"] = "2026-10-08T02:00:01Z".into());
    assert_eq!(judge_strangers(&one_broken), Err(Flaw::Signature));
}

fn judge_strangers(credential: &Value) -> Result<String, Flaw> {
    judge(credential)
}

#[test]
fn house_a_certificate_holds_from_its_first_to_its_last_instant() {
    let until = with(&badge().document(), |d| d["validUntil"] = "2026-12-01T08:00:00+08:00".into());
    let until = add_proof(&Contexts::shipped(), until, &options(Suite::Rdfc), &key()).expect("signed");
    let judge = |text: &str| judge_with(&until, &documents(), &lists, at(text)).err();
    assert_eq!(judge("2026-10-08T01:59:59Z"), Some(Flaw::NotYetValid("2026-10-08T02:00:00Z".into())));
    assert_eq!(judge("2026-11-30T23:59:59Z"), None);
    assert_eq!(judge("2026-12-01T00:00:00Z"), None);
    assert_eq!(judge("2026-12-01T00:00:01Z"), Some(Flaw::Expired("2026-12-01T00:00:00Z".into())));
}

#[test]
fn house_the_data_model_is_held() {
    let check = |change: fn(&mut Value), at: &str| {
        let found = credential::check_credential(&Contexts::shipped(), &with(&badge().document(), change));
        assert!(matches!(&found, Err(Flaw::Model { at: found, .. }) if found == at), "{at}: {found:?}");
    };
    assert_eq!(credential::check_credential(&Contexts::shipped(), &badge().document()), Ok(()));
    check(|d| d["@context"].as_array_mut().expect("contexts").reverse(), "@context");
    check(|d| d["@context"] = "https://www.w3.org/ns/credentials/v2".into(), "@context");
    check(|d| d["type"] = "OpenBadgeCredential".into(), "type");
    check(|d| d["id"] = json!(["https://a.example/1", "https://a.example/2"]), "id");
    check(|d| d["issuer"] = json!([DID]), "issuer");
    check(|d| d["issuer"]["id"] = "示例技师学院".into(), "issuer");
    check(|d| d["credentialSubject"] = json!({}), "credentialSubject");
    check(|d| d["credentialSubject"] = json!([]), "credentialSubject");
    check(|d| d["validFrom"] = "2026-10-08".into(), "validFrom");
    check(|d| d["validFrom"] = "2026-10-08T02:00:00".into(), "validFrom");
    check(|d| d["validUntil"] = "2026-10-08T01:59:59Z".into(), "validUntil");
    check(|d| d["name"] = json!({"@value": "x", "url": "y"}), "name");
    check(|d| d["credentialStatus"][0]["type"] = json!([]), "credentialStatus.type");
    check(|d| d["credentialStatus"][0]["statusListIndex"] = json!(7), "credentialStatus.statusListIndex");
    check(|d| d["credentialStatus"][0]["statusListIndex"] = "-7".into(), "credentialStatus.statusListIndex");
    check(|d| d["credentialStatus"][0]["statusPurpose"] = Value::Null, "credentialStatus.statusPurpose");
    check(|d| d["credentialStatus"][0]["statusListCredential"] = "7".into(), "credentialStatus.statusListCredential");
    check(|d| d["credentialSchema"] = json!({"type": "JsonSchema"}), "credentialSchema.id");
    check(|d| d["termsOfUse"] = json!({"id": "urn:a:b"}), "termsOfUse.type");
    check(|d| d["relatedResource"] = json!({"id": "urn:a:b"}), "relatedResource");
    check(|d| d["relatedResource"] = json!({"id": "urn:a:b", "digestMultibase": "uAAAA"}), "relatedResource");
    // SHA-256 of the context as the recommendation prints it.
    let resource = |digest: &str| {
        let id = "https://www.w3.org/ns/credentials/v2";
        let document = with(&badge().document(), |d| d["relatedResource"] = json!([{"id": id, "digestSRI": digest}]));
        credential::check_credential(&Contexts::shipped(), &document)
    };
    assert_eq!(resource("sha256-WZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ="), Ok(()));
    let other = Flaw::ResourceDigest("https://www.w3.org/ns/credentials/v2".into());
    assert_eq!(resource("sha256-AZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ="), Err(other));
}

#[test]
fn house_a_revoked_or_suspended_certificate_is_refused_and_a_list_must_deserve_trust() {
    let good = signed(Suite::Rdfc);
    let judge = |revoked: Value, held: Value| {
        let lists = move |url: &str| Some(if url == LIST { revoked.clone() } else { held.clone() });
        judge_with(&good, &documents(), &lists, now())
    };
    assert_eq!(judge(list(LIST, &[1, 6, 8]), list(HOLD, &[1])), Ok(DID.to_owned()));
    assert_eq!(judge(list(LIST, &[7]), list(HOLD, &[])), Err(Flaw::Revoked));
    assert_eq!(judge(list(LIST, &[]), list(HOLD, &[9])), Err(Flaw::Suspended));
    assert_eq!(judge_with(&good, &documents(), &|_| None, now()), Err(Flaw::NoStatusList(LIST.into())));
    assert_eq!(
        judge(list(HOLD, &[]), list(HOLD, &[])),
        Err(Flaw::StatusList {
            list: LIST.into(),
            flaw: Box::new(Flaw::Model { at: "id".into(), what: "与取得状态列表的地址不同" }),
        })
    );
    let altered = with(&list(LIST, &[7]), |copy| {
        copy["credentialSubject"]["encodedList"] = StatusList::default().encoded().expect("packed").into();
    });
    let broken = Flaw::StatusList { list: LIST.into(), flaw: Box::new(Flaw::Signature) };
    assert_eq!(judge(altered, list(HOLD, &[])), Err(broken));
    // A list that ran out says nothing about today.
    let lists = |url: &str| Some(list(url, &[]));
    let late = judge_with(&good, &documents(), &lists, at("2026-12-27T00:00:01Z"));
    let ended = Box::new(Flaw::Expired("2026-12-27T00:00:00Z".into()));
    assert_eq!(late, Err(Flaw::StatusList { list: LIST.into(), flaw: ended }));
    // Another's list does not free what this body revoked.
    let stranger = SoftwareKey::new(&[8; 32]);
    let did = did_key(&stranger.public());
    let options = ProofOptions::assertion(
        Suite::Rdfc,
        format!("{did}#{}", write_multikey(&stranger.public())),
        at("2026-11-27T00:00:00Z"),
    );
    let mut theirs = list(LIST, &[]);
    theirs.as_object_mut().expect("an object").remove("proof");
    theirs["issuer"] = did.into();
    let theirs = add_proof(&Contexts::shipped(), theirs, &options, &stranger).expect("signed");
    let other = Flaw::StatusList { list: LIST.into(), flaw: Box::new(Flaw::NotTheIssuer(DID.into())) };
    assert_eq!(judge(theirs, list(HOLD, &[])), Err(other));
    let unknown = with(&badge().document(), |d| d["credentialStatus"] = json!({"type": "Evidence", "id": "urn:a:b"}));
    let unknown = add_proof(&Contexts::shipped(), unknown, &self::options(Suite::Rdfc), &key()).expect("signed");
    assert_eq!(judge_strangers(&unknown), Err(Flaw::StatusType("Evidence".into())));
}

#[test]
fn house_a_list_has_131072_places_and_their_order_tells_nothing() {
    let mut bits = StatusList::default();
    assert_eq!(bits.length(), 131_072);
    bits.set(0, true).expect("the first");
    bits.set(131_071, true).expect("the last");
    assert_eq!(bits.set(131_072, true), Err(Flaw::StatusRange("131072".into())));
    let read = StatusList::decode(&bits.encoded().expect("packed")).expect("unpacked");
    assert_eq!((read.get(0), read.get(1), read.get(131_071)), (Ok(true), Ok(false), Ok(true)));
    assert_eq!(read.get(131_072), Err(Flaw::StatusRange("131072".into())));
    // The example of the recommendation: all zeros.
    let zeros = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
    assert_eq!(StatusList::decode(zeros), Ok(StatusList::default()));
    assert_eq!(StatusList::decode(&zeros[1..]), Err(Flaw::StatusListEncoding));
    assert_eq!(StatusList::decode("uAAAA"), Err(Flaw::StatusListEncoding));

    let places: Vec<u32> = (0..8192).map(|n| place_of(&[7; 32], 0, n).expect("a place")).collect();
    let different: std::collections::HashSet<&u32> = places.iter().collect();
    assert_eq!(different.len(), 8192, "no two certificates share a place");
    assert_eq!(place_of(&[7; 32], 0, LIST_LENGTH), None);
    let neighbours = places.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) == 1).count();
    assert!(neighbours < 9, "{neighbours} of 8,191 pairs in order of issue stand side by side");
    let others = (0..100).filter(|n| place_of(&[8; 32], 0, *n) == Some(places[*n as usize])).count();
    let lists = (0..100).filter(|n| place_of(&[7; 32], 1, *n) == Some(places[*n as usize])).count();
    assert!(others < 3 && lists < 3, "another key or list puts them elsewhere");
}

#[test]
fn house_a_presentation_answers_the_one_who_asked() {
    let wallet = SoftwareKey::new(&[9; 32]);
    let did = did_key(&wallet.public());
    let shown = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": did,
        "verifiableCredential": [signed(Suite::Rdfc)],
    });
    let options = ProofOptions {
        purpose: Purpose::Authentication,
        domain: Some("https://employer.example".into()),
        challenge: Some("k7".into()),
        ..ProofOptions::assertion(Suite::Rdfc, format!("{did}#{}", write_multikey(&wallet.public())), now())
    };
    let shown = add_proof(&Contexts::shipped(), shown, &options, &wallet).expect("signed");
    let (contexts, documents) = (Contexts::shipped(), documents());
    let verifier = Verifier { contexts: &contexts, documents: &documents, lists: &lists, at: now() };
    let judge = |shown: &Value, domain, challenge| verifier.presentation(shown, Some(domain), Some(challenge));
    let held = judge(&shown, "https://employer.example", "k7").expect("holds");
    assert_eq!((held.signers, held.credentials[0].issuer.as_str()), (vec![did], DID));
    assert_eq!(judge(&shown, "https://other.example", "k7"), Err(Flaw::Domain));
    assert_eq!(judge(&shown, "https://employer.example", "k8"), Err(Flaw::Challenge));
    let taken = with(&shown, |copy| copy["holder"] = DID.into());
    assert_eq!(judge(&taken, "https://employer.example", "k7"), Err(Flaw::Signature));
    let inner = with(&shown, |copy| copy["verifiableCredential"][0]["name"] = "钳工".into());
    assert_eq!(judge(&inner, "https://employer.example", "k7"), Err(Flaw::Signature));
    // What the holder says of themselves needs no second signature, and what they say in another's name does not count.
    let own = |holder: Value, issuer: &str| {
        let mut shown = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": [{
                "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
                "issuer": issuer, "credentialSubject": {"id": issuer},
            }],
        });
        if !holder.is_null() {
            shown["holder"] = holder;
        }
        let shown = add_proof(&contexts, shown, &options, &wallet).expect("signed");
        verifier.presentation(&shown, None, None).map(|held| held.credentials.len())
    };
    let wallet_did = did_key(&wallet.public());
    assert_eq!(own(wallet_did.clone().into(), &wallet_did), Ok(1));
    assert_eq!(own(Value::Null, &wallet_did), Err(Flaw::NoProof));
    assert_eq!(own(wallet_did.into(), DID), Err(Flaw::NoProof));
    let as_assertion = Expected { purpose: Purpose::Assertion, at: now(), domain: None, challenge: None };
    let wrong = check_proofs(&contexts, &documents, &shown, as_assertion);
    assert_eq!(wrong, Err(Flaw::ProofPurpose { found: "authentication".into(), wanted: "assertionMethod" }));
}

fn sd_jwt(holder: &SoftwareKey) -> SdJwt {
    let claim = |n: u8, name: &str, value: Value| Claim { name: name.into(), value, salt: [n; 16] };
    let Value::Object(open) = json!({
        "iss": DID, "vct": "https://jiangce.example/credentials/skill-level", "iat": 1_791_424_800, "exp": 1_796_000_000,
    }) else {
        unreachable!()
    };
    SdJwt {
        open,
        hidden: vec![
            claim(1, "name", "示例甲".into()),
            claim(2, "number", "Y003500000012600000012".into()),
            claim(3, "occupation", json!({"code": "6-18-01-01", "name": "车工"})),
            claim(4, "level", "三级/高级工".into()),
        ],
        holder: Some(holder.public()),
        key_id: format!("{DID}#2026"),
    }
}

#[test]
fn house_the_holder_shows_occupation_and_level_and_keeps_the_name() {
    let wallet = SoftwareKey::new(&[9; 32]);
    let issued = issue_sd_jwt(&sd_jwt(&wallet), &key()).expect("issued");
    let public = key().public();
    let whole = verify_sd_jwt(&issued, &public, DID, now(), None).expect("holds");
    assert_eq!((whole.claims["name"].as_str(), whole.is_bound), (Some("示例甲"), false));

    let asked = HolderProof { audience: "https://employer.example", nonce: "k7", at: now() };
    let shown = bind_holder(&issued, &["occupation", "level"], Some((asked, &wallet as &dyn Signer))).expect("bound");
    let verify = |text: &str, audience, nonce| verify_sd_jwt(text, &public, DID, now(), Some((audience, nonce)));
    let seen = verify(&shown, "https://employer.example", "k7").expect("holds");
    assert!(seen.is_bound);
    assert_eq!(seen.claims["occupation"]["name"], "车工");
    assert!(!seen.claims.contains_key("name") && !seen.claims.contains_key("number"), "{:?}", seen.claims);
    assert!(!seen.claims.contains_key("_sd"));
    assert_eq!(verify(&shown, "https://other.example", "k7"), Err(Flaw::Domain));
    assert_eq!(verify(&shown, "https://employer.example", "k8"), Err(Flaw::Challenge));
    assert_eq!(verify(&issued, "https://employer.example", "k7"), Err(Flaw::SdJwt("缺少持有人的签名")));
    assert!(verify_sd_jwt(&shown, &public, DID, now(), None).is_err(), "an answer that nobody asked for");

    // One more disclosure than the holder signed for.
    let name = issued.split('~').nth(1).expect("the first disclosure");
    let more = shown.replacen('~', &format!("~{name}~"), 1);
    assert_eq!(verify(&more, "https://employer.example", "k7"), Err(Flaw::Signature));
    // The thief has the certificate, but not the key.
    let thief = SoftwareKey::new(&[10; 32]);
    let stolen = bind_holder(&issued, &["level"], Some((asked, &thief as &dyn Signer))).expect("bound");
    assert_eq!(verify(&stolen, "https://employer.example", "k7"), Err(Flaw::Signature));

    let plain = |text: &str, at| verify_sd_jwt(text, &public, DID, at, None);
    // A disclosure of somebody else's, one that stands twice, one that was altered.
    assert_eq!(plain(&format!("{issued}WyJhYSIsIm5hbWUiLCJ4Il0~"), now()), Err(Flaw::SdJwt("披露项不属于这张凭证")));
    assert_eq!(plain(&format!("{issued}{name}~"), now()), Err(Flaw::SdJwt("披露项重复或过多")));
    let other = SoftwareKey::new(&[11; 32]).public();
    assert_eq!(verify_sd_jwt(&issued, &other, DID, now(), None), Err(Flaw::Signature));
    assert_eq!(
        verify_sd_jwt(&issued, &public, "did:web:other.example", now(), None).err(),
        Some(Flaw::NotTheIssuer("did:web:other.example".into()))
    );
    assert_eq!(plain(&issued, at("2026-12-01T00:00:00Z")).err(), Some(Flaw::Expired("1796000000".into())));
    let mut reserved = sd_jwt(&wallet);
    reserved.hidden[0].name = "exp".into();
    assert_eq!(issue_sd_jwt(&reserved, &key()), Err(Flaw::SdJwt("该项不能隐藏，或者重复")));
}

fn post(api: &VcApi, path: &str, body: Value) -> (u16, Value) {
    let answer = api.answer("POST", path, body.to_string().as_bytes(), now());
    (answer.status, answer.body)
}

#[test]
fn house_the_test_profile_issues_verifies_and_refuses_as_the_vc_api_says() {
    let api = VcApi::new([7; 32], "http://127.0.0.1:8090");
    let credential = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "ExampleSkillCredential"],
        "name": {"@value": "مهارة", "@language": "ar", "@direction": "rtl"},
        "issuer": api.did(),
        "credentialSubject": {"skill": "车工"},
    });
    for path in ["/credentials/issue", "/jcs/credentials/issue", "/bsl/credentials/issue"] {
        let (status, body) = post(&api, path, json!({"credential": credential, "options": {}}));
        assert_eq!(status, 201, "{path}: {body}");
        let issued = body["verifiableCredential"].clone();
        let (status, body) = post(&api, "/credentials/verify", json!({"verifiableCredential": issued}));
        assert_eq!((status, &body["verified"]), (200, &json!(true)), "{path}: {body}");
        let altered = with(&issued, |copy| copy["credentialSubject"]["skill"] = "钳工".into());
        let (status, body) = post(&api, "/credentials/verify", json!({"verifiableCredential": altered}));
        assert_eq!((status, &body["verified"]), (400, &json!(false)));
        assert_eq!(body["problemDetails"][0]["type"], "https://w3id.org/security#PROOF_VERIFICATION_ERROR");
        let presentation = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"], "type": "VerifiablePresentation",
            "verifiableCredential": issued,
        });
        let (status, _) = post(&api, "/presentations/verify", json!({"presentation": presentation}));
        assert_eq!(status, 200);
        let (status, _) = post(&api, "/presentations/verify", json!({"verifiablePresentation": presentation}));
        assert_eq!(status, 400, "nobody signed it");
    }
    let (_, body) = post(&api, "/bsl/credentials/issue", json!({"credential": credential}));
    let issued = &body["verifiableCredential"];
    assert_eq!(issued["credentialStatus"][0]["statusListCredential"], "http://127.0.0.1:8090/status/1");
    let list = api.answer("GET", "/status/1", b"", now());
    assert_eq!((list.status, &list.body["issuer"]), (200, &json!(api.did())));
    let change = json!({
        "credentialId": credential["id"], "credentialStatus": [{"statusPurpose": "revocation"}], "status": true,
    });
    assert_eq!(post(&api, "/credentials/status", change).0, 200);
    let (status, body) = post(&api, "/credentials/verify", json!({"verifiableCredential": issued}));
    assert_eq!((status, &body["detail"]), (400, &json!("凭证已被撤销")));
    assert_eq!(body["type"], "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR");

    let refused =
        |change: fn(&mut Value)| post(&api, "/credentials/issue", json!({"credential": with(&credential, change)})).0;
    assert_eq!(refused(|c| c["issuer"] = "me".into()), 400);
    assert_eq!(refused(|c| c["@context"] = json!(["https://elsewhere.example"])), 400);
    assert_eq!(post(&api, "/credentials/issue", json!({"credential": credential, "more": 1})).0, 400);
    assert_eq!(api.answer("POST", "/credentials/issue", b"{", now()).status, 400);
    assert_eq!(api.answer("GET", "/status/3", b"", now()).status, 404);
    assert_eq!(api.answer("POST", "/elsewhere", b"{}", now()).status, 404);
    assert_eq!(api.answer("PUT", "/credentials/issue", b"{}", now()).status, 405);
    let authentication = json!({"verifiableCredential": issued, "options": {"expectedProofPurpose": "authentication"}});
    assert_eq!(post(&api, "/credentials/verify", authentication).1["title"], "PROOF_VERIFICATION_ERROR");
}

/// Any text, and more often those that have to be escaped or could be mistaken for something else.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".*",
        "[\\x00-\\x1f\"\\\\\\x7f\u{fffe}车工]{0,12}",
        Just("https://www.w3.org/ns/credentials/v2".to_owned()),
        Just("schema:name".to_owned()),
        Just("name".to_owned()),
        Just("urn:x-jiangce-slot:3".to_owned()),
        Just("_:c14n0".to_owned()),
        Just("@id".to_owned()),
    ]
}

fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "https://[a-z]{1,8}\\.example/[a-z0-9/?=]{0,12}",
        4 => "urn:uuid:[0-9a-f]{8}",
        4 => "did:web:[a-z]{1,8}\\.example",
        1 => "[a-z]{1,6}:[a-z%#/]{0,6}",
        1 => text(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever stands in a certificate, both ways come to the same bytes or refuse alike.
    #[test]
    fn house_the_fast_way_and_the_plain_way_come_to_the_same_bytes(
        texts in prop::collection::vec(text(), 9),
        addresses in prop::collection::vec(address(), 6),
        named in any::<bool>(),
        logged in any::<bool>(),
        states in 0..3_usize,
        own in any::<bool>(),
    ) {
        let badge = Badge {
            place: Place {
                credential: addresses[0].clone(), achievement: addresses[1].clone(), criteria: addresses[2].clone(),
            },
            number: texts[0].clone(),
            occupation_code: texts[1].clone(),
            occupation: texts[2].clone(),
            level: texts[3].clone(),
            criteria: texts[4].clone(),
            issuer: Issuer { id: addresses[3].clone(), name: texts[5].clone(), url: None },
            holder: Holder {
                name: named.then(|| texts[6].clone()),
                identity_hash: texts[7].clone(),
                salt: texts[8].clone(),
                id: own.then(|| addresses[4].clone()),
            },
            log: logged.then(|| LogReference { url: addresses[5].clone(), narrative: texts[0].clone() }),
            status: (0..states).map(|n| entry(StatusPurpose::Revocation, u32::try_from(n).unwrap_or(0))).collect(),
            ..badge()
        };
        let contexts = Contexts::shipped();
        let document = badge.document();
        let plain = canonical_plain(&contexts, &document);
        // The first time compiles the shape, the second fills it in.
        prop_assert_eq!(canonical(&contexts, &document), plain.clone());
        prop_assert_eq!(canonical(&contexts, &document), plain);
    }
}
