//! Make-believe certificates as Open Badges 3.0, for measuring and for others' verifiers (`bench/credential`).
//!
//! ```text
//! badges documents N                  N credentials without proof, a line each
//! badges measure FILE OUT             issues and verifies the lines of FILE; OUT holds what was issued; prints the seconds
//! badges verify FILE                  verifies the lines of FILE, each signed by its issuer's did:key
//! badges samples FOLDER ADDRESS       one good, one altered, one revoked and one expired credential, with the status list at
//!                                     ADDRESS and its SM2 proof, for the checks with other programs
//! ```

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use credential::{
    Badge, Contexts, Documents, Holder, Issuer, ListOf, Place, ProofOptions, Sm2SecretKey, StatusEntry, StatusList,
    StatusPurpose, Suite, Verifier, add_proof, did_key, identity_hash, jcs, place_of, read_json, sign_sm2,
    write_multikey,
};
use jiff::Timestamp;
use proof::{Signer as _, SoftwareKey};
use serde_json::{Value, json};

type Outcome = Result<(), Box<dyn Error>>;

/// A key of the make-believe province: nobody's.
const SECRET: [u8; 32] = [7; 32];
/// The instant of issue, and a later one at which everything is verified.
const ISSUED: &str = "2026-10-08T02:00:00Z";
const CHECKED: &str = "2026-11-28T02:00:00Z";

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["documents", count] => documents(count.parse()?),
        ["measure", file, out] => measure(file, out),
        ["verify", file] => verify(file),
        ["samples", folder, address] => samples(Path::new(folder), address),
        _ => Err("badges documents N | measure FILE OUT | verify FILE | samples FOLDER ADDRESS".into()),
    }
}

fn method() -> (SoftwareKey, String, String) {
    let key = SoftwareKey::new(&SECRET);
    let did = did_key(&key.public());
    let method = format!("{did}#{}", write_multikey(&key.public()));
    (key, did, method)
}

fn badge(n: u32, did: &str) -> Result<Badge, Box<dyn Error>> {
    let salt = format!("{n:016x}");
    Ok(Badge {
        place: Place {
            credential: format!("https://jiangce.example/certificates/{n}"),
            achievement: "https://jiangce.example/achievements/6-18-01-01/3".into(),
            criteria: "https://jiangce.example/standards/6-18-01-01".into(),
        },
        number: format!("Y0035000000126{n:08}"),
        occupation_code: "6-18-01-01".into(),
        occupation: "车工".into(),
        level: "三级/高级工".into(),
        criteria: "理论知识、技能操作均达到 60 分以上。".into(),
        issuer: Issuer {
            id: did.into(), name: "示例技师学院".into(), url: Some("https://jiangce.example/".into())
        },
        holder: Holder {
            name: Some(format!("示例{n}")),
            identity_hash: identity_hash(&format!("350199188001{:06}", n % 1_000_000), &salt),
            salt,
            id: None,
        },
        exam_on: "2026-09-20".parse()?,
        issued_at: ISSUED.parse()?,
        status: Vec::new(),
        log: None,
    })
}

fn documents(count: u32) -> Outcome {
    let (_, did, _) = method();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for n in 0..count {
        writeln!(out, "{}", badge(n, &did)?.document())?;
    }
    Ok(out.flush()?)
}

fn lines(file: &str) -> Result<Vec<Value>, Box<dyn Error>> {
    let text = fs::read_to_string(file)?;
    Ok(text.lines().map(|line| read_json(line.as_bytes())).collect::<Result<_, _>>()?)
}

/// Processor seconds of this process, in hundredths, so that others on the machine do not count.
fn processor() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit_once(')').ok_or("stat")?.1.split_whitespace().collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
}

fn measure(file: &str, out: &str) -> Outcome {
    let unsigned = lines(file)?;
    let (key, _, method) = method();
    let contexts = Contexts::shipped();
    let options = ProofOptions::assertion(Suite::Rdfc, method, ISSUED.parse()?);
    let documents = Documents::default();
    let nothing = |_: &str| None;
    let verifier = Verifier { contexts: &contexts, documents: &documents, lists: &nothing, at: CHECKED.parse()? };
    let (begun, began) = (Instant::now(), processor()?);
    let mut signed = Vec::with_capacity(unsigned.len());
    for document in unsigned {
        signed.push(add_proof(&contexts, document, &options, &key)?);
    }
    let (issue, issue_cpu) = (begun.elapsed().as_secs_f64(), processor()? - began);
    let (begun, began) = (Instant::now(), processor()?);
    for document in &signed {
        verifier.credential(document)?;
    }
    let (check, check_cpu) = (begun.elapsed().as_secs_f64(), processor()? - began);
    let mut file = std::io::BufWriter::new(fs::File::create(out)?);
    for document in &signed {
        writeln!(file, "{document}")?;
    }
    file.flush()?;
    let measured = json!({
        "count": signed.len(), "issue": issue, "verify": check, "issueCpu": issue_cpu, "verifyCpu": check_cpu,
    });
    println!("{measured}");
    Ok(())
}

fn verify(file: &str) -> Outcome {
    let contexts = Contexts::shipped();
    let documents = Documents::default();
    let nothing = |_: &str| None;
    let verifier =
        Verifier { contexts: &contexts, documents: &documents, lists: &nothing, at: "2100-01-01T00:00:00Z".parse()? };
    let all = lines(file)?;
    for (at, document) in all.iter().enumerate() {
        verifier.credential(document).map_err(|flaw| format!("line {}: {flaw}", at + 1))?;
    }
    println!("{}", json!({"verified": all.len()}));
    Ok(())
}

fn samples(folder: &Path, address: &str) -> Outcome {
    let (key, did, method) = method();
    let contexts = Contexts::shipped();
    let options = ProofOptions::assertion(Suite::Rdfc, method.clone(), ISSUED.parse()?);
    let place = |n| place_of(&SECRET, 0, n).ok_or("beyond the list");
    let (good_at, revoked_at) = (place(0)?, place(1)?);
    let mut bits = StatusList::default();
    bits.set(revoked_at, true)?;
    let entry = |place| StatusEntry { purpose: StatusPurpose::Revocation, list: address.to_owned(), place };
    let issue = |n, place, until: Option<&str>| -> Result<Value, Box<dyn Error>> {
        let mut one = badge(n, &did)?;
        one.status = vec![entry(place)];
        let mut document = one.document();
        if let Some(until) = until {
            document["validUntil"] = until.into();
        }
        Ok(add_proof(&contexts, document, &options, &key)?)
    };
    let list = ListOf {
        id: address,
        issuer: &did,
        purpose: StatusPurpose::Revocation,
        valid_from: ISSUED.parse::<Timestamp>()?,
        valid_until: None,
        bits: &bits,
    };
    let good = issue(1, good_at, None)?;
    let mut altered = good.clone();
    altered["credentialSubject"]["licenseNumber"] = "Y003500000012699999999".into();
    let national = Sm2SecretKey::from_bytes(&SECRET)?;
    let canonical = jcs(&good)?;
    let plain = add_proof(&contexts, badge(3, &did)?.document(), &options, &key)?;
    let mut plain_altered = plain.clone();
    plain_altered["credentialSubject"]["licenseNumber"] = "Y003500000012699999999".into();
    fs::create_dir_all(folder)?;
    for (name, document) in [
        ("good.json", &good),
        ("altered.json", &altered),
        ("revoked.json", &issue(2, revoked_at, None)?),
        ("expired.json", &issue(4, good_at, Some("2026-10-09T00:00:00Z"))?),
        ("plain.json", &plain),
        ("plain-altered.json", &plain_altered),
        ("status.json", &add_proof(&contexts, list.document()?, &options, &key)?),
        ("sm2.json", &sign_sm2(&good, &national)?),
    ] {
        fs::write(folder.join(name), format!("{document:#}\n"))?;
    }
    Ok(fs::write(folder.join("good.jcs"), canonical)?)
}
