//! 二（二）4, 三（三）7: a body signs with its own key, gets another from a day on, and at once where one is in other hands.

use std::path::Path;

use axum::http::StatusCode;
use office::public_log::seal;
use rules::people::Role;
use serde_json::{Value, json};

use crate::chain::{issued, jiangce};
use crate::change::messages;
use crate::held::Held;
use crate::world::{World, on_each_database};

fn body_of(world: &World, held: &Held) -> i64 {
    world.get(&held.head, &format!("/batches/{}", held.batch)).done()["body"].as_i64().expect("a body")
}

/// The keys of a body as the list says: generation from 1, first and last day.
fn listed(world: &World, number: &str) -> Vec<(String, Value, Value)> {
    let list: Value =
        serde_json::from_slice(&world.page(None, "/.well-known/jiangce-keys.json").bytes).expect("a list");
    let keys = list["list"]["keys"].as_array().expect("keys").clone();
    let own = keys.into_iter().map(|key| key["certificate"].clone()).filter(|key| key["filing_number"] == number);
    own.map(|key| {
        (key["key"].as_str().expect("a key").to_owned(), key["valid_from"].clone(), key["valid_until"].clone())
    })
    .collect()
}

#[test]
fn s2_2_4b_a_key_is_replaced_from_a_day_on_by_the_province_alone() {
    on_each_database("2026-09-01", |world| {
        let (held, _) = issued(world);
        let (body, province) = (body_of(world, &held), world.officer_at(Role::ProvincialCentre, "province-centre"));
        let path = format!("/bodies/{body}/signing-keys");
        let view = world.get(&held.head, &path).done();
        let number = view["filing_number"].as_str().expect("a number").to_owned();
        assert_eq!((view["keys"].as_array().map(Vec::len), &view["keys"][0]["signs"]), (Some(1), &json!(true)));
        assert_eq!((&view["may_rotate"], &view["may_report"]), (&json!(false), &json!(true)));
        let rotate = |from: &str, reason: &str| world.post(&province, &path, json!({"from": from, "reason": reason}));
        for person in [&held.head, &held.clerk, &held.centre] {
            let fields = json!({"from": "2026-10-10", "reason": "例行更换"});
            assert_eq!(world.post(person, &path, fields).status, StatusCode::FORBIDDEN, "{}", person.login);
        }
        assert_eq!(rotate(&world.office.today().to_string(), "例行更换").refused("2.2.4b").field, "from");
        assert_eq!(rotate("2026-10-10", " ").refused("2.2.4b").field, "reason");
        let given = rotate("2026-10-10", "例行更换").done();
        assert_eq!((&given["generation"], &given["from"]), (&json!(2), &json!("2026-10-10")));
        assert_eq!(rotate("2026-10-11", "例行更换").refused("2.2.4b").field, "from");

        // The list says it to everyone, and the log holds it.
        let keys = listed(world, &number);
        assert_eq!((keys.len(), &keys[0].2, &keys[1].1), (2, &json!("2026-10-09"), &json!("2026-10-10")));
        assert_ne!(keys[0].0, keys[1].0);
        world.log_holds(&["key.changed"]);
        let signs = |world: &World| {
            let view = world.get(&held.head, &path).done();
            let keys = view["keys"].as_array().expect("keys").clone();
            keys.into_iter().find(|key| key["signs"] == true).expect("one signs")["generation"].clone()
        };
        assert_eq!(signs(world), json!(1));
        world.on("2026-10-10");
        assert_eq!(signs(world), json!(2));
        assert!(messages(world, &held.head).iter().any(|title| title.contains("签名密钥将更换")));
        let page = world.page(Some(&province), "/signing-keys?of=示例").text();
        assert!(page.contains("第2代"), "{page}");
        let own = world.page(Some(&held.clerk), &path).text();
        assert!(own.contains("已更换，签过的仍有效") && !own.contains("/signing-keys/loss"), "{own}");
        // A body that was never listed has none.
        let bare = world.school("示例未备案学校", "city", "350102", "12350000T00T00016F");
        world.get(&province, &format!("/bodies/{bare}/signing-keys")).refused("2.1.3b");
    });
}

#[test]
fn s2_2_4b_a_lost_key_is_reported_once_with_care_and_stops_at_once() {
    on_each_database("2026-09-01", |world| {
        let (held, _) = issued(world);
        seal(&world.office).expect("sealed");
        let body = body_of(world, &held);
        let path = format!("/bodies/{body}/signing-keys/1/loss");
        let number = world.get(&held.head, &format!("/bodies/{body}/signing-keys")).done()["filing_number"].clone();
        let report = |person, changes: Value| {
            let mut fields = json!({"confirm": number, "reason": "办公电脑被盗"});
            fields.as_object_mut().expect("fields").extend(changes.as_object().expect("changes").clone());
            world.post(person, &path, fields)
        };
        assert_eq!(report(&held.clerk, json!({})).status, StatusCode::FORBIDDEN);
        assert_eq!(report(&held.centre, json!({})).status, StatusCode::FORBIDDEN);
        assert_eq!(report(&held.head, json!({"confirm": ""})).refused("2.2.4b").field, "confirm");
        assert_eq!(report(&held.head, json!({"on": "2026-12-01"})).refused("2.2.4b").field, "on");
        assert_eq!(report(&held.head, json!({"on": "2020-12-01"})).refused("2.2.4b").field, "on");
        assert_eq!(report(&held.head, json!({"on": "2026-09-28", "time": "25:00"})).refused("2.2.4b").field, "time");
        assert_eq!(world.text("SELECT MAX(filing_number) FROM body_key"), "");
        // The day before everything was issued: both certificates are in doubt.
        let given = report(&held.head, json!({"on": "2026-09-27", "time": "10:30"})).done();
        assert_eq!((&given["generation"], &given["signed"], &given["doubtful"]), (&json!(2), &json!(2), &json!(2)));
        assert_eq!(report(&held.head, json!({})).refused("2.2.4b").field, "generation");
        let keys = listed(world, number.as_str().expect("a number"));
        assert_eq!((&keys[0].1, &keys[1].1, &keys[1].2), (&keys[0].1, &keys[0].1, &json!(null)));
        let list: Value =
            serde_json::from_slice(&world.page(None, "/.well-known/jiangce-keys.json").bytes).expect("a list");
        let lost = &list["list"]["compromised"];
        assert_eq!(lost.as_array().map(Vec::len), Some(1));
        // What the log held by that morning is what is believed: everything but the certificates.
        let before = world.count("SELECT MIN(position) FROM log_leaf WHERE kind = 'certificate.issued'");
        assert_eq!(lost[0]["log_size"], json!(before));
        world.log_holds(&["key.changed"]);
        let view = world.get(&held.head, &format!("/bodies/{body}/signing-keys")).done();
        assert_eq!((&view["keys"][1]["lost_on"], &view["keys"][0]["signs"]), (&json!("2026-09-27"), &json!(true)));
        let page = world.page(Some(&held.head), &format!("/bodies/{body}/signing-keys")).text();
        assert!(page.contains("已报失") && page.contains("/signing-keys/loss"), "{page}");
    });
}

#[test]
fn s2_2_4b_paper_under_a_lost_key_is_believed_only_by_the_log_and_printed_anew_it_stands() {
    let world = World::on_sqlite("2026-09-01");
    let (held, certificates) = issued(&world);
    let id = certificates[0]["id"].as_i64().expect("an id");
    let body = body_of(&world, &held);
    seal(&world.office).expect("sealed");
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let get = |path: &str, name: &str| std::fs::write(at(name), world.page(None, path).bytes).expect("written");
    let print = |name: &str| {
        let pdf = world.page(Some(&held.head), &format!("/certificates/{id}.pdf")).bytes;
        std::fs::write(at(&format!("{name}.pdf")), &pdf).expect("written");
        scan(&at(&format!("{name}.pdf")), &at(name));
    };
    let trust = || {
        get("/.well-known/jiangce-keys.json", "keys.json");
        get("/.well-known/jiangce-root.pem", "root.pem");
        get("/.well-known/jiangce-root.crl", "root.crl");
    };
    let verify = |what: &str, more: &[&str]| {
        let asked = ["verify", &at(what), "--key", &at("keys.json"), "--ca", &at("root.pem"), "--crl", &at("root.crl")];
        jiangce(&[&asked[..], more].concat())
    };
    print("before");
    trust();
    assert_eq!((verify("before.png", &[]).0, verify("before.pdf", &[]).0), (Some(0), Some(0)));
    assert!(verify("before.pdf", &[]).1.to_string().contains("签名密钥没有报失"));

    let number = world.get(&held.head, &format!("/bodies/{body}/signing-keys")).done()["filing_number"].clone();
    let fields = json!({"confirm": number, "reason": "办公电脑被盗"});
    world.post(&held.head, &format!("/bodies/{body}/signing-keys/1/loss"), fields).done();
    trust();
    let (ended, said) = verify("before.png", &[]);
    assert_eq!(ended, Some(1), "{said}");
    let (ended, said) = verify("before.pdf", &[]);
    assert_eq!(ended, Some(1), "{said}");
    assert!(said.to_string().contains("报失，不能凭签名认定"), "{said}");
    // The log held it before: with the proof of that it is believed.
    let leaf =
        world.text(&format!("SELECT commitment FROM log_leaf WHERE kind = 'certificate.issued' AND subject = {id}"));
    let list: Value = serde_json::from_slice(&std::fs::read(at("keys.json")).expect("the list")).expect("JSON");
    let size = list["list"]["compromised"][0]["log_size"].as_i64().expect("a size");
    let proof = world.public(&format!("/log/leaves/{leaf}?size={size}"));
    std::fs::write(at("proof.json"), &proof.bytes).expect("written");
    let (ended, said) = verify("before.png", &["--proof", &at("proof.json")]);
    assert_eq!(ended, Some(0), "{said}");
    // Printed anew it is signed with the next key and needs no proof.
    print("after");
    assert_eq!(verify("after.png", &[]).0, Some(0));
    let (ended, said) = verify("after.pdf", &[]);
    assert_eq!(ended, Some(0), "{said}");
    assert!(said.to_string().contains("第2代签名密钥"), "{said}");
    // A list that was altered is not used.
    let mut list = std::fs::read(at("root.crl")).expect("the list");
    let middle = list.len() / 2;
    list[middle] ^= 1;
    std::fs::write(at("root.crl"), list).expect("written");
    assert_eq!(verify("after.pdf", &[]).0, Some(2));
}

/// The first page of a PDF as a picture of a scanner, at `to` with the ending of a PNG.
fn scan(pdf: &str, to: &str) {
    let output = std::process::Command::new("pdftoppm")
        .args(["-r", "300", "-gray", "-png", "-singlefile", pdf, to])
        .output()
        .expect("the program");
    assert!(output.status.success() && Path::new(&format!("{to}.png")).exists());
}
