//! 三（三）: every certificate leads back to what it rests on, and who did it when. A stranger checks it at his own desk.

use std::process::{Command, Output};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use office::door::{Clock, Files, Office, Seals};
use office::web::{Settings, Web, router};
use rules::people::Role;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::certificate::{photo, put};
use crate::held::{Held, name_of, number_of};
use crate::world::{World, on_each_database};

/// A batch that was examined, marked, posted, reported, reviewed and issued through the real acts; its certificates.
pub fn issued(world: &World) -> (Held, Vec<Value>) {
    let held = world.reviewed_batch(1, 3, &[(2, "50", "90")]);
    let (hash, _) = world.office.files().keep(&photo()).expect("a photo");
    put(
        world,
        "INSERT INTO file (hash, kind, size, stored_at) VALUES (?1, 'png', 1, 0)",
        vec![vec![hash.0.as_str().into()]],
    );
    put(world, "UPDATE roster_upload SET file = ?1", vec![vec![hash.0.as_str().into()]]);
    put(world, "UPDATE candidate SET photo = ?1", vec![vec![hash.0.as_str().into()]]);
    world.post(&held.head, &format!("/batches/{}/certificates", held.batch), json!({})).done();
    let list = world.get(&held.head, &format!("/certificates?batch={}", held.batch)).done();
    let mut certificates = list["certificates"].as_array().expect("a list").clone();
    certificates.reverse();
    (held, certificates)
}

#[test]
fn s3_3_7_the_whole_chain_behind_a_certificate_with_who_and_when() {
    on_each_database("2026-09-01", |world| {
        let (held, certificates) = issued(world);
        assert_eq!(certificates.len(), 2, "who failed has none");
        let id = certificates[0]["id"].as_i64().expect("an id");
        for person in [&held.head, &held.clerk, &held.centre] {
            assert_eq!(world.get(person, &format!("/certificates/{id}/chain")).status, StatusCode::OK);
        }
        let chain = world.get(&held.centre, &format!("/certificates/{id}/chain")).done();
        assert_eq!(chain["approval"]["on"], "2026-09-28");
        assert_eq!((&chain["report"]["reported_on"], &chain["report"]["persons"]), (&json!("2026-09-24"), &json!(3)));
        assert_eq!(
            (&chain["publicity"]["posted_on"], &chain["publicity"]["ends_on"]),
            (&json!("2026-09-17"), &json!("2026-09-23"))
        );
        let marks: Vec<(&str, &str)> = chain["marks"]
            .as_array()
            .expect("marks")
            .iter()
            .map(|mark| {
                assert!(!mark["by"].as_str().expect("who").is_empty());
                (mark["part"].as_str().expect("a part"), mark["outcome"].as_str().expect("a mark"))
            })
            .collect();
        assert_eq!(marks, [("theory", "80"), ("practical", "85")]);
        assert_eq!((&chain["roster"]["sheet"], &chain["roster"]["row"]), (&json!("名册"), &json!(2)));
        assert_eq!((&chain["batch"]["notified_on"], &chain["batch"]["id"]), (&json!("2026-08-31"), &json!(held.batch)));
        let listing = &chain["listing"];
        assert!(
            certificates[0]["number"]
                .as_str()
                .expect("a number")
                .starts_with(listing["number"].as_str().expect("a number"))
        );
        // Who looked at the school before it was listed can be asked, too.
        assert_eq!(listing["panel"].as_array().map(Vec::len), Some(3), "{listing}");
        assert_eq!(listing["evaluated_on"], listing["assessed_on"]);
        assert_eq!((&listing["submitted_on"], &listing["scope_from"]), (&json!("2026-08-31"), &listing["valid_from"]));
        let acts: Vec<&str> =
            chain["acts"].as_array().expect("acts").iter().map(|act| act["act"].as_str().expect("an act")).collect();
        for act in [
            "提交备案申请",
            "市局同意备案",
            "列入机构目录",
            "通报认定批次",
            "登记成绩",
            "公示认定结果",
            "上报认定结果",
            "逐人审核结果",
            "核发职业技能等级证书",
        ] {
            assert!(acts.contains(&act), "{act} is missing in {acts:?}");
        }
        let page = world.page(Some(&held.head), &format!("/certificates/{id}/chain")).text();
        for word in ["通报批次", "公示认定结果", "上报认定结果", "审核通过", "颁发证书", "名册.xlsx", "同意"]
        {
            assert!(page.contains(word), "{word}");
        }
        assert!(!page.contains(&name_of(0)) && !page.contains(&number_of(0)), "the chain is masked");
        let file = chain["roster"]["file"]["hash"].as_str().expect("a hash");
        assert_eq!(world.get(&held.head, &format!("/certificates/{id}/chain/files/{file}")).bytes, photo());
        let other = "0".repeat(64);
        assert_eq!(
            world.get(&held.head, &format!("/certificates/{id}/chain/files/{other}")).status,
            StatusCode::NOT_FOUND
        );
    });
}

#[test]
fn s3_3_1_a_problem_is_traced_both_ways_and_only_by_who_is_responsible() {
    on_each_database("2026-09-01", |world| {
        let (held, certificates) = issued(world);
        let id = certificates[0]["id"].as_i64().expect("an id");
        // From the certificate to the batch, and from the batch to its certificates.
        let chain = world.get(&held.head, &format!("/certificates/{id}/chain")).done();
        assert_eq!(chain["batch"]["id"], held.batch);
        let page = world.page(Some(&held.head), &format!("/certificates?batch={}", held.batch)).text();
        for certificate in &certificates {
            assert!(page.contains(certificate["number"].as_str().expect("a number")));
        }
        // A refused attempt is part of the story.
        world.post(&held.head, &format!("/batches/{}/certificates", held.batch), json!({})).refused("2.2.4b");
        let chain = world.get(&held.head, &format!("/certificates/{id}/chain")).done();
        let refused = chain["acts"].as_array().expect("acts").iter().filter(|act| !act["refused"].is_null()).count();
        assert_eq!(refused, 1);
        let far = world.officer("far", Role::CityCentre, "city-350200-centre");
        assert_eq!(world.get(&far, &format!("/certificates/{id}/chain")).status, StatusCode::NOT_FOUND);
        assert_eq!(world.public(&format!("/certificates/{id}/chain")).status, StatusCode::UNAUTHORIZED);
        let administrator = world.administrator("guanli");
        assert_eq!(world.get(&administrator, &format!("/certificates/{id}/chain")).status, StatusCode::FORBIDDEN);
    });
}

/// Runs the program, and says how it ended and what it printed.
pub fn jiangce(arguments: &[&str]) -> (Option<i32>, Value) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_jiangce"))
        .args(arguments)
        .arg("--json")
        .env_remove("JIANGCE_DATA")
        .env_remove("JIANGCE_DATABASE")
        .output()
        .expect("the program runs");
    let said = serde_json::from_slice(&stdout)
        .unwrap_or_else(|_| panic!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)));
    (status.code(), said)
}

#[test]
fn s3_3_7_a_long_record_loses_its_oldest_lines_and_says_so() {
    on_each_database("2026-09-01", |world| {
        let (held, certificates) = issued(world);
        let id = certificates[0]["id"].as_i64().expect("an id");
        let early = world.count("SELECT MIN(at) FROM record") - 1_000_000;
        let many = (0..2_100_i64).map(|n| vec![n.into(), (early + n).into(), held.batch.into()]).collect();
        put(
            world,
            "INSERT INTO record (id, at, day, act, subject, subject_id, account_name, role, seat, via, fields) VALUES (?1, ?2, '2026-08-31', 'EnterMarks', 'batch', ?3, '示例', 'clerk', '示例', 'web', '{}')",
            many,
        );
        let chain = world.get(&held.centre, &format!("/certificates/{id}/chain")).done();
        let acts = chain["acts"].as_array().expect("acts");
        let named = |name: &str| acts.iter().filter(|act| act["act"] == name).count();
        assert_eq!((named("逐人审核结果"), named("核发职业技能等级证书")), (1, 1), "what came last stays");
        assert_eq!(chain["acts_cut"], true);
        let page = world.page(Some(&held.head), &format!("/certificates/{id}/chain")).text();
        assert!(page.contains("更早的没有列出"), "{page}");
    });
}

#[test]
fn s2_2_4b_a_stranger_verifies_a_certificate_offline_and_a_forged_one_fails() {
    let world = World::on_sqlite("2026-09-01");
    let (held, certificates) = issued(&world);
    let id = certificates[0]["id"].as_i64().expect("an id");
    let number = certificates[0]["number"].as_str().expect("a number");
    let pdf = world.page(Some(&held.head), &format!("/certificates/{id}.pdf")).bytes;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("certificate.pdf"), &pdf).expect("written");
    std::fs::write(at("keys.txt"), world.page(None, "/.well-known/jiangce-keys.txt").bytes).expect("written");

    let (ended, said) = jiangce(&["verify", &at("certificate.pdf"), "--key", &at("keys.txt")]);
    assert_eq!(
        (ended, &said["signed"], &said["statement"]["number"]),
        (Some(0), &json!(true), &json!(number)),
        "{said}"
    );
    // A signature outlives the certificate: whether it was voided only the record knows.
    assert_eq!((&said["valid"], &said["conclusion"]), (&json!(null), &json!("签名有效；是否已注销须查记录")));
    let whose = |id_number: &str| {
        jiangce(&["verify", &at("certificate.pdf"), "--key", &at("keys.txt"), "--name", &name_of(0), "--id", id_number])
            .0
    };
    assert_eq!((whose(&number_of(0)), whose(&number_of(1))), (Some(0), Some(1)));
    let (ended, said) = jiangce(&["verify", &at("certificate.pdf")]);
    assert_eq!((ended, &said["valid"]), (Some(1), &json!(false)), "without a key nothing is confirmed: {said}");
    let stranger = proof::Signer::public(&proof::SoftwareKey::new(&[9; 32])).line();
    std::fs::write(at("other.txt"), stranger).expect("written");
    assert_eq!(jiangce(&["verify", &at("certificate.pdf"), "--key", &at("other.txt")]).0, Some(1));
    // A picture of paper carries no statement.
    let paper = world.page(Some(&held.head), &format!("/batches/{}/certificates.pdf", held.batch)).bytes;
    std::fs::write(at("paper.pdf"), paper).expect("written");
    assert_eq!(jiangce(&["verify", &at("paper.pdf"), "--key", &at("keys.txt")]).0, Some(1));

    // A number that fits the code says nothing about a certificate.
    let (ended, said) = jiangce(&["verify", number]);
    assert_eq!((ended, &said["valid"]), (Some(1), &json!(null)), "{said}");
    assert_eq!(said["conclusion"], "编号符合规则，未查记录，不能确认");
    let database = world.folder.join("jiangce.db").display().to_string();
    let (ended, said) = jiangce(&["verify", number, "--database", &database]);
    assert_eq!((ended, &said["valid"]), (Some(0), &json!(true)), "{said}");
    // Paper that was replaced is found out, though its signature stands.
    world.change_certificate((&held.clerk, &held.head), &json!(id), "reissue", json!({}));
    let (ended, said) = jiangce(&["verify", &at("certificate.pdf"), "--key", &at("keys.txt"), "--database", &database]);
    assert_eq!(ended, Some(1));
    assert!(said.to_string().contains("已被更正或补发替换，现行的是第2版"), "{said}");
    let reissued = world.page(Some(&held.head), &format!("/certificates/{id}.pdf")).bytes;
    std::fs::write(at("certificate.pdf"), reissued).expect("written");
    let (ended, said) = jiangce(&["verify", &at("certificate.pdf"), "--key", &at("keys.txt"), "--database", &database]);
    assert_eq!((ended, &said["valid"]), (Some(0), &json!(true)), "{said}");
    world.change_certificate((&held.clerk, &held.head), &json!(id), "void", json!({"reason": "等级录入有误"}));
    let (ended, said) = jiangce(&["verify", &at("certificate.pdf"), "--key", &at("keys.txt"), "--database", &database]);
    let said_no = said["checks"].as_array().expect("checks").iter().filter(|check| check["holds"] == false).count();
    assert_eq!((ended, said_no), (Some(1), 1), "the signature stands, the record says void: {said}");
    let (ended, said) = jiangce(&["verify", "Y000035000001264999999", "--database", &database]);
    assert_eq!(ended, Some(1));
    assert!(said.to_string().contains("没有编号为"), "{said}");
    assert_eq!(jiangce(&["verify", "Y000035000001269000001"]).0, Some(2), "no level has the digit 9");
}

#[test]
fn s2_2_4b_the_file_of_a_certificate_is_signed_by_its_body_and_one_altered_bit_shows() {
    let world = World::on_sqlite("2026-09-01");
    let (held, certificates) = issued(&world);
    let id = certificates[0]["id"].as_i64().expect("an id");
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let pdf = world.page(Some(&held.head), &format!("/certificates/{id}.pdf")).bytes;
    std::fs::write(at("keys.txt"), world.page(None, "/.well-known/jiangce-keys.txt").bytes).expect("written");
    let root = world.page(None, "/.well-known/jiangce-root.pem");
    assert_eq!(root.headers["content-type"], "application/x-pem-file");
    std::fs::write(at("root.pem"), &root.bytes).expect("written");
    let said = |pdf: &[u8], more: &[&str]| {
        std::fs::write(at("certificate.pdf"), pdf).expect("written");
        let asked = ["verify", &at("certificate.pdf"), "--key", &at("keys.txt")];
        let (ended, said) = jiangce(&[&asked[..], more].concat());
        let checks = said["checks"].as_array().expect("checks").clone();
        let of_signature: Vec<_> =
            checks.into_iter().filter(|check| check["text"].to_string().contains("数字签名")).collect();
        (ended, of_signature)
    };
    let ca = ["--ca", &at("root.pem")];
    let line = |(ended, lines): (Option<i32>, Vec<serde_json::Value>), well: bool, words: &[&str]| {
        assert_eq!(ended, Some(if well { 0 } else { 1 }), "{lines:?}");
        assert_eq!(lines[0]["holds"], well, "{lines:?}");
        words.iter().for_each(|word| assert!(lines[0]["text"].to_string().contains(word), "{word}: {lines:?}"));
    };
    let body = certificates[0]["body"].as_str().expect("a body").to_owned();
    line(said(&pdf, &ca), true, &["数字签名成立", &body, "第1代签名密钥"]);
    assert_eq!(said(&pdf, &ca).1.len(), 2, "who signed the file is who states");
    // Without a root nothing is said of who signed.
    line(said(&pdf, &[]), true, &["未核实"]);
    let own = press::signature(&pdf).expect("a signature");
    let (own_at, middle) = (own.at, own.parts[0].len() / 2);
    let mut altered = pdf.clone();
    altered[middle] ^= 1;
    line(said(&altered, &ca), false, &["被改动过"]);
    line(said(&[&pdf[..], b"\n"].concat(), &ca), false, &["没有覆盖全文的数字签名"]);
    // Whoever calls their own root by the same name has another one all the same.
    let name = proof::read_certificate(&root.bytes).expect("the root").tbs_certificate().subject().to_string();
    let holder = proof::Holder { name, filing_number: None, generation: 1 };
    let key = proof::DocumentKey::new(&[9; 32]).expect("a key");
    let theirs = proof::DocumentRoot::new(key, &holder, jiff::Timestamp::UNIX_EPOCH).expect("a root");
    std::fs::write(at("root.pem"), proof::certificate_pem(theirs.certificate()).expect("PEM")).expect("written");
    line(said(&pdf, &ca), false, &["不是由所给的签名根证书签发"]);
    std::fs::write(at("root.pem"), b"-----BEGIN CERTIFICATE-----").expect("written");
    assert_eq!(jiangce(&["verify", &at("certificate.pdf"), "--ca", &at("root.pem")]).0, Some(2));

    // The same page as OFD has the statement inside.
    let ofd = world.page(Some(&held.head), &format!("/certificates/{id}.ofd"));
    assert_eq!(ofd.headers["content-type"], "application/ofd");
    assert_eq!(press::attachment(&ofd.bytes), press::attachment(&pdf));
    assert_eq!(world.get(&held.head, &format!("/certificates/{id}/ofd")).bytes, ofd.bytes);
    std::fs::write(at("certificate.ofd"), &ofd.bytes).expect("written");
    let (ended, said) = jiangce(&["verify", &at("certificate.ofd"), "--key", &at("keys.txt")]);
    assert_eq!((ended, &said["signed"]), (Some(0), &json!(true)), "{said}");

    // Paper that was issued anew is signed anew, as of its own day.
    world.change_certificate((&held.clerk, &held.head), &json!(id), "reissue", json!({}));
    let anew = world.page(Some(&held.head), &format!("/certificates/{id}.pdf")).bytes;
    let signed = press::signature(&anew).expect("a signature");
    let day = signed.at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).date();
    assert_eq!((day, signed.at >= own_at), (world.office.today(), true));
}

#[test]
fn s2_2_4c_paper_proves_itself_from_a_crooked_scan_with_the_network_cable_out() {
    let world = World::on_sqlite("2026-09-01");
    let (held, certificates) = issued(&world);
    let (id, number) =
        (certificates[0]["id"].as_i64().expect("an id"), certificates[0]["number"].as_str().expect("a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("keys.json"), world.page(None, "/.well-known/jiangce-keys.json").bytes).expect("written");
    std::fs::write(at("root.txt"), world.page(None, "/.well-known/jiangce-keys.txt").bytes).expect("written");
    std::fs::write(at("paper.pdf"), world.page(Some(&held.head), &format!("/certificates/{id}.pdf")).bytes)
        .expect("written");
    let ran = |program: &str, arguments: &[&str]| {
        let output = std::process::Command::new(program).args(arguments).output().expect("the program");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    ran("pdftoppm", &["-r", "300", "-gray", "-png", "-singlefile", &at("paper.pdf"), &at("page")]);
    let page = image::open(at("page.png")).expect("a page").into_luma8();
    crooked(&page).save(at("scan.png")).expect("written");
    // What a reader of codes of its own finds in it.
    let read = String::from_utf8(ran("zbarimg", &["-q", "--raw", "-Sdisable", "-Sqrcode.enable", &at("scan.png")]));
    let code = read.expect("text").trim().to_owned();
    assert!(code.starts_with("http://test.invalid/c/") && code.len() <= 412, "{} bytes: {code}", code.len());
    assert!(!code.contains(&number_of(0)));

    let verify = |what: &str, more: &[&str]| {
        jiangce(&[&["verify", what, "--key", &at("keys.json"), "--root", &at("root.txt")], more].concat())
    };
    let (ended, said) = verify(&code, &[]);
    assert_eq!(
        (ended, &said["signed"], &said["statement"]["number"]),
        (Some(0), &json!(true), &json!(number)),
        "{said}"
    );
    assert_eq!((&said["valid"], &said["conclusion"]), (&json!(null), &json!("签名有效；是否已注销须查记录")));
    let (ended, by_picture) = verify(&at("scan.png"), &[]);
    assert_eq!((ended, &by_picture["statement"]), (Some(0), &said["statement"]), "{by_picture}");
    let whose = |id_number: &str| verify(&code, &["--name", &name_of(0), "--id", id_number]).0;
    assert_eq!((whose(&number_of(0)), whose(&number_of(1))), (Some(0), Some(1)));
    // Electronic certificates of before are read as they were, by the list as well.
    assert_eq!(jiangce(&["verify", &at("paper.pdf"), "--key", &at("keys.json")]).0, Some(0));

    let refused = |what: &str, why: &str| {
        let (ended, said) = verify(what, &[]);
        assert_eq!((ended, &said["signed"]), (Some(1), &json!(false)), "{what}: {said}");
        assert!(said.to_string().contains(why), "{what}: {said}");
    };
    let address = code.split('#').next().expect("an address");
    refused(address, "不是本平台的证书");
    refused(&code.replace("test.invalid", "test.example"), "被改动过");
    let mut altered = code.clone().into_bytes();
    let last = altered.len() - 10;
    altered[last] = if altered[last] == b'A' { b'B' } else { b'A' };
    refused(&String::from_utf8(altered).expect("text"), "被改动过");
    // A list of another root than the one that is trusted is not even read.
    let stranger = proof::Signer::public(&proof::SoftwareKey::new(&[9; 32])).line();
    std::fs::write(at("other.txt"), stranger).expect("written");
    let pinned = jiangce(&["verify", &code, "--key", &at("keys.json"), "--root", &at("other.txt")]);
    assert_eq!(pinned.0, Some(2), "{}", pinned.1);
    let list = std::fs::read_to_string(at("keys.json")).expect("the list");
    std::fs::write(at("keys.json"), list.replace("valid_from\":\"2", "valid_from\":\"1")).expect("written");
    assert_eq!(verify(&code, &[]).0, Some(2), "a list that was altered is not used");

    // With the record in reach it is also known that nothing was voided, and then that it was.
    let database = world.folder.join("jiangce.db").display().to_string();
    std::fs::write(at("keys.json"), &list).expect("written");
    let (ended, said) = verify(&code, &["--database", &database]);
    assert_eq!((ended, &said["valid"]), (Some(0), &json!(true)), "{said}");
    world.change_certificate((&held.clerk, &held.head), &json!(id), "void", json!({}));
    let (ended, said) = verify(&code, &["--database", &database]);
    assert_eq!((ended, &said["valid"]), (Some(1), &json!(false)), "{said}");
}

/// The page as a scanner gives it: turned by three degrees, with noise all over.
fn crooked(page: &image::GrayImage) -> image::GrayImage {
    let (width, height) = page.dimensions();
    let (sin, cos) = 3.0_f64.to_radians().sin_cos();
    let (half_width, half_height) = (f64::from(width) / 2.0, f64::from(height) / 2.0);
    let mut noise = 1_u32;
    image::GrayImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (f64::from(x) - half_width, f64::from(y) - half_height);
        let (from_x, from_y) = (dx * cos + dy * sin + half_width, dy * cos - dx * sin + half_height);
        let on_page = from_x >= 0.0 && from_y >= 0.0 && from_x < f64::from(width) && from_y < f64::from(height);
        let ink = if on_page { page.get_pixel(from_x as u32, from_y as u32).0[0] } else { 255 };
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = i32::try_from(noise >> 26).unwrap_or_default() - 32;
        image::Luma([(i32::from(ink) + grain).clamp(0, 255) as u8])
    })
}

#[test]
fn s3_3_6_issued_certificates_leave_as_the_national_sheet_and_the_export_is_traced() {
    let world = World::on_sqlite("2026-09-01");
    let (held, certificates) = issued(&world);
    let out = world.folder.join("out.xlsx").display().to_string();
    let house = [
        "--data",
        &world.folder.display().to_string(),
        "--database",
        &world.folder.join("jiangce.db").display().to_string(),
    ]
    .map(str::to_owned);
    let house: Vec<&str> = house.iter().map(String::as_str).collect();
    let batch = held.batch.to_string();
    let seen = crate::certificate::column(&world, "SELECT look FROM sight").len();
    // The command opens the same secret as the server that runs beside it.
    std::fs::write(world.folder.join("secret.key"), [7; 32]).expect("the secret");
    let (ended, said) = jiangce(
        &[&["export", "certificates", "--batch", &batch, "--out", &out, "--as", &held.head.login], &house[..]].concat(),
    );
    assert_eq!((ended, &said["certificates"]), (Some(0), &json!(2)), "{said}");
    assert_eq!(crate::certificate::column(&world, "SELECT look FROM sight").len(), seen + 1);
    let sheet = rules::exchange::ExchangeTemplate::shipped();
    let file = std::fs::read(&out).expect("the sheet");
    let rows = rows_of(&file);
    assert_eq!(rows[0], sheet.headings());
    let number = certificates[0]["number"].as_str().expect("a number");
    let body = "示例第1技工学校";
    let expected = [&name_of(0), "201", &number_of(0), "其他", "中式烹调师", "", "4", number, "2026-09-28", body, body];
    assert_eq!(rows[1], expected);
    let by_page = world.page(Some(&held.head), &format!("/batches/{batch}/certificates.xlsx"));
    assert_eq!(rows_of(&by_page.bytes), rows);
    assert_eq!(
        jiangce(&[&["export", "certificates", "--batch", &batch, "--out", &out], &house[..]].concat()).0,
        Some(2)
    );
    let (ended, said) = jiangce(&[&["export", "key"], &house[..]].concat());
    let served = world.page(None, "/.well-known/jiangce-keys.txt").text();
    assert_eq!((ended, said["line"].as_str()), (Some(0), Some(served.trim())));
}

/// The cells of the first worksheet.
fn rows_of(bytes: &[u8]) -> Vec<Vec<String>> {
    use calamine::{Data, Reader as _};
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(bytes.to_vec())).expect("a workbook");
    let sheet = book.worksheet_range_at(0).expect("a sheet").expect("its cells");
    let text = |cell: &Data| cell.to_string();
    sheet.rows().map(|row| row.iter().map(text).collect()).collect()
}

#[test]
fn house_a_house_is_filled_for_measuring_only_when_it_is_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("bench").display().to_string();
    let (ended, said) = jiangce(&["bench-data", "--certificates", "2500", "--data", &data]);
    assert_eq!((ended, &said["certificates"]), (Some(0), &json!(2500)), "{said}");
    let urls = std::fs::read_to_string(folder.path().join("bench/urls.txt")).expect("the questions");
    assert_eq!(urls.lines().count(), 2500);
    let by_certificate = urls.lines().filter(|line| line.contains("number=Y")).count();
    assert_eq!(by_certificate, 1250);
    // Each question finds exactly its certificate.
    let house = folder.path().join("bench");
    let engine = office::db::Engine::open(&house.join("jiangce.db").display().to_string()).expect("the database");
    let seals = Seals::open(&house.join("secret.key")).expect("the secret");
    let files = Files::folder(&house.join("files"), &seals).expect("the files");
    let office = Office::open(engine, files, seals, Clock::Real, false).expect("the house");
    let app = router(Web { office, settings: Settings { queries_per_minute: 0, ..Settings::default() }.into() });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for line in urls.lines().step_by(97) {
        let answer = runtime.block_on(async {
            let response = app
                .clone()
                .oneshot(Request::get(line).body(Body::empty()).expect("a request"))
                .await
                .expect("an answer");
            axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body")
        });
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        let found = answer["certificates"].as_array().expect("a list");
        assert_eq!(found.len(), 1, "{line}: {answer}");
        // Nothing was issued here by an act, so nothing of it waits for the public log; one in ten is revoked.
        let is_log = |check: &Value| check["clause"] == "2.2.4c";
        let stands = found[0]["state"] == "valid";
        let checks = found[0]["checks"].as_array().expect("checks");
        assert_eq!(checks[0]["holds"], stands, "{answer}");
        assert!(checks[1..].iter().all(|check| check["holds"] == true || is_log(check)), "{answer}");
    }
    drop(app);
    assert_eq!(jiangce(&["bench-data", "--certificates", "10", "--data", &data]).0, Some(2));
}
