//! 二（二）4: anyone asks, without an account; whatever does not fit gets one answer.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use office::web::{Settings, Web, router};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::certificate::{Approved, id_number};
use crate::world::{World, on_each_database};

const DAY: &str = "2026-11-12";

/// A text as a part of an address.
pub fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn ask(world: &World, name: &str, number: &str) -> Vec<u8> {
    let answer = world.public(&format!("/certificates/query?name={}&number={}", escaped(name), escaped(number)));
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.bytes
}

fn issued(world: &World, people: usize) -> (Approved, String) {
    let approved = world.approved_batch("示例一技工学校", people);
    let first = world.issue(&approved)["first"].as_str().expect("a number").to_owned();
    (approved, first)
}

#[test]
fn s2_2_4c_name_and_either_number_show_the_certificate_masked_and_proven() {
    on_each_database(DAY, |world| {
        let (approved, number) = issued(world, 2);
        let one = &approved.people[0];
        let by_id = ask(world, &one.name, &one.id_number);
        assert_eq!(by_id, ask(world, &one.name, &number), "either number leads to the same answer");
        assert_eq!(by_id, ask(world, &format!(" {} ", one.name), &number.to_lowercase()));
        let posted = world.call(
            None,
            Method::POST,
            "/certificates/query",
            Some(json!({"name": one.name, "number": one.id_number})),
        );
        assert_eq!(posted.done(), serde_json::from_slice::<Value>(&by_id).expect("JSON"));
        let text = String::from_utf8(by_id).expect("text");
        assert!(!text.contains(&one.name) && !text.contains(&one.id_number), "{text}");
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        let certificate = &answer["certificates"][0];
        assert_eq!((&certificate["number"], &certificate["state"]), (&json!(number), &json!("valid")));
        // This batch was put there as it stands, so its publicity and report are not known; nor is anything sealed yet.
        let said = |holds: Value| -> Vec<&str> {
            let checks = certificate["checks"].as_array().expect("checks").iter();
            checks
                .filter(|check| check["holds"] == holds)
                .map(|check| check["clause"].as_str().expect("a clause"))
                .collect()
        };
        assert_eq!(said(json!(true)), ["2.2.4b", "2.2.4b", "2.1.3b", "3.3.2", "3.3.2", "2.2.1b", "2.2.4a"]);
        assert_eq!(said(Value::Null), ["2.2.3a", "2.2.3b", "2.2.4c"]);
        assert_eq!(said(json!(false)), [""; 0]);
        let page = world.submit(None, "/query", "/query", &[("name", &one.name), ("number", &one.id_number)]);
        assert!(page.text().contains("证书有效") && page.text().contains("在备案范围内"), "{}", page.text());
    });
}

#[test]
fn s2_2_4c_wrong_pairs_get_one_uniform_answer() {
    on_each_database(DAY, |world| {
        let (approved, number) = issued(world, 2);
        let (one, other) = (&approved.people[0], &approved.people[1]);
        let nothing = ask(world, "无此人", "Y000035999999264000001");
        let unknown_id = id_number(9_999);
        for (name, wrong) in [
            (one.name.as_str(), other.id_number.as_str()),
            (other.name.as_str(), number.as_str()),
            (one.name.as_str(), unknown_id.as_str()),
            (one.name.as_str(), "不是号码"),
            ("示", number.as_str()),
        ] {
            assert_eq!(ask(world, name, wrong), nothing, "{name} {wrong}");
        }
        let page = |name: &str, number: &str| {
            let answer = world.submit(None, "/query", "/query", &[("name", name), ("number", number)]);
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.text().contains("没有查到相符的证书"), "{}", answer.text());
            // What was typed comes back in the form, and each form has a key of its own; nothing else differs.
            let text = answer.text().replace(name, "").replace(number, "");
            let (before, rest) = text.split_once("name=\"once\" value=\"").expect("the form's key");
            format!("{before}{}", &rest[32..])
        };
        assert_eq!(page(&one.name, &other.id_number), page("无此人", "Y000035999999264000001"));
        let empty = world.submit(None, "/query", "/query", &[("name", ""), ("number", "")]);
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(world.public("/certificates/query?name=x").status, StatusCode::BAD_REQUEST);
        assert_eq!(world.public("/certificates/query?name=x&number=1&more=2").status, StatusCode::BAD_REQUEST);
    });
}

#[test]
fn s3_3_2_the_scope_is_that_of_the_examination_day() {
    on_each_database(DAY, |world| {
        let (approved, number) = issued(world, 1);
        let holds = || {
            let answer: Value = serde_json::from_slice(&ask(world, &approved.people[0].name, &number)).expect("JSON");
            let checks = answer["certificates"][0]["checks"].as_array().expect("checks").clone();
            checks.iter().find(|check| check["clause"] == "3.3.2").expect("the scope")["holds"].clone()
        };
        assert_eq!(holds(), true);
        // Filed only from the day after the examination on.
        crate::certificate::put(world, "UPDATE listing_scope SET valid_from = '2026-10-18'", vec![vec![]]);
        assert_eq!(holds(), false);
        crate::certificate::put(world, "UPDATE listing_scope SET valid_from = '2026-10-17'", vec![vec![]]);
        assert_eq!(holds(), true);
    });
}

#[test]
fn s2_2_4c_the_code_on_the_paper_shows_little_until_the_holder_is_named() {
    on_each_database(DAY, |world| {
        let (approved, number) = issued(world, 1);
        let tokens = crate::certificate::column(world, "SELECT token FROM certificate");
        let office::db::Value::Text(token) = &tokens[0] else { panic!("a token is text") };
        let path = format!("/c/{token}");
        let page = world.page(None, &path).text();
        assert!(page.contains(&number) && page.contains("现为有效") && !page.contains("逐项核验</h3>"), "{page}");
        assert!(!page.contains(&approved.people[0].name));
        let wrong = world.submit(None, &path, &path, &[("name", "无此人")]);
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let shown = world.submit(None, &path, &path, &[("name", &approved.people[0].name)]);
        assert!(shown.text().contains("逐项核验</h3>") && !shown.text().contains(&approved.people[0].id_number));
        assert_eq!(world.page(None, "/c/AAAAAAAAAAAAAAAAAAAAAA").status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn house_an_address_that_asks_too_often_waits_and_others_do_not() {
    let world = World::on_sqlite(DAY);
    let settings = |behind_proxy| Settings { queries_per_minute: 3, behind_proxy, ..Settings::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let app = |behind_proxy| router(Web { office: world.office.clone(), settings: settings(behind_proxy).into() });
    let send = |app: &axum::Router, from: [u8; 4], forwarded: &str, path: &str| {
        let mut request = Request::builder().uri(path).header("x-forwarded-for", forwarded);
        if path == "/query" {
            request = request.method(Method::POST).header("content-type", "application/x-www-form-urlencoded");
        }
        let mut request = request.body(Body::from("name=x&number=1")).expect("a request");
        request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from((from, 1))));
        runtime.block_on(app.clone().oneshot(request)).expect("an answer").status()
    };
    let api = "/api/certificates/query?name=x&number=1";
    let direct = app(false);
    let statuses: Vec<u16> =
        (0..5).map(|n| send(&direct, [10, 0, 0, 1], &format!("1.1.1.{n}"), api).as_u16()).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429], "what a visitor writes into a header does not help");
    assert_eq!(send(&direct, [10, 0, 0, 1], "", "/query").as_u16(), 429);
    assert_eq!(send(&direct, [10, 0, 0, 1], "", "/clauses").as_u16(), 200, "only questions are counted");
    assert_eq!(send(&direct, [10, 0, 0, 2], "", api).as_u16(), 200);
    // Objections and their receipts are counted too; looking at a list is not.
    for path in ["/api/objection-receipts/YY20260917-0001", "/objections?receipt=YY20260917-0001"] {
        let guessing = app(false);
        let statuses: Vec<u16> = (0..4).map(|_| send(&guessing, [10, 0, 0, 3], "", path).as_u16()).collect();
        assert!(statuses[..3].iter().all(|status| *status != 429) && statuses[3] == 429, "{path}: {statuses:?}");
        assert_eq!(send(&guessing, [10, 0, 0, 3], "", "/publicity/x").as_u16(), 404);
        assert_eq!(send(&guessing, [10, 0, 0, 3], "", "/objections").as_u16(), 200);
    }
    let flooded = app(false);
    let flood = |path: &str| {
        let request = Request::builder().method(Method::POST).uri(path).header("content-type", "application/json");
        let mut request = request.body(Body::from("{}")).expect("a request");
        request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([10, 0, 0, 4], 1))));
        runtime.block_on(flooded.clone().oneshot(request)).expect("an answer").status().as_u16()
    };
    let statuses: Vec<u16> = (0..4).map(|_| flood("/api/publicity/x/objections")).collect();
    assert!(statuses[..3].iter().all(|status| *status != 429) && statuses[3] == 429, "{statuses:?}");
    assert_eq!(flood("/publicity/x/objections"), 429);
    let proxied = app(true);
    for n in 0..5 {
        assert_eq!(send(&proxied, [10, 0, 0, 1], &format!("9.9.9.9, 1.1.1.{n}"), api).as_u16(), 200);
    }
}

#[test]
fn s3_3_2_a_body_taken_from_the_directory_before_the_examination_is_named_as_such() {
    on_each_database(DAY, |world| {
        let (approved, number) = issued(world, 1);
        crate::certificate::put(world, "UPDATE listing_term SET valid_until = '2026-09-30'", vec![vec![]]);
        let stopped = "INSERT INTO listing_change (seq, listing, kind, effective_on, recorded_on, recorded_at, clause, what, document, seat, digest)
          SELECT 1000, MIN(id), 'stopped', '2026-10-01', '2026-10-01', 0, '3.3.8', '', '', '', '' FROM listing";
        crate::certificate::put(world, stopped, vec![vec![]]);
        let answer: Value = serde_json::from_slice(&ask(world, &approved.people[0].name, &number)).expect("JSON");
        let checks = answer["certificates"][0]["checks"].as_array().expect("checks");
        let failed: Vec<&Value> = checks.iter().filter(|check| check["holds"] == false).collect();
        assert_eq!(failed.len(), 1, "{checks:?}");
        assert!(failed[0]["text"].as_str().expect("words").ends_with("，已于2026年10月1日移出目录"), "{failed:?}");
    });
}
