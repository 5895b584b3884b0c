//! 二（二）4: anyone asks, without an account; whatever does not fit gets one answer.

use std::io::{BufRead as _, Read as _, Write as _};
use std::process::{Command, Stdio};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode};
use office::web::{Settings, Web, router};
use serde_json::{Value, json};
use sha2::Digest as _;
use tower::ServiceExt as _;

use crate::certificate::{Approved, id_number};
use crate::world::{Answer, World, on_each_database};

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

/// The public query of a world where misses are dear, asked from an address.
struct Guarded {
    app: axum::Router,
    runtime: tokio::runtime::Runtime,
}

impl Guarded {
    fn new(world: &World) -> Self {
        let settings = Settings { queries_per_minute: 0, misses_free: 3, puzzle_bits: 8, ..Settings::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { app: router(Web { office: world.office.clone(), settings: settings.into() }), runtime }
    }

    fn send(&self, from: &str, request: axum::http::request::Builder, body: String) -> Answer {
        let mut request = request.body(Body::from(body)).expect("a request");
        let from: std::net::IpAddr = from.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from((from, 1))));
        self.runtime.block_on(async {
            let (parts, body) = self.app.clone().oneshot(request).await.expect("an answer").into_parts();
            let bytes = axum::body::to_bytes(body, 1 << 20).await.expect("a body").to_vec();
            Answer { status: parts.status, headers: parts.headers, bytes }
        })
    }

    fn ask(&self, from: &str, name: &str, number: &str, solution: &str) -> Answer {
        let request = Request::builder().method(Method::POST).uri("/api/certificates/query");
        let request = request.header("content-type", "application/json").header("puzzle-solution", solution);
        self.send(from, request, json!({"name": name, "number": number}).to_string())
    }

    fn form(&self, from: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::builder().method(Method::POST).uri(path);
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        self.send(from, request.header("content-type", "application/x-www-form-urlencoded"), form.finish())
    }
}

/// What a puzzle in an answer of the API asks for, solved.
fn solved(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text());
    let problem = answer.json();
    let challenge = problem["puzzle"]["challenge"].as_str().expect("a challenge");
    let bits = problem["puzzle"]["bits"].as_u64().expect("bits");
    let holds = |counter: &u64| {
        let hash = sha2::Sha256::digest(format!("{challenge}:{counter}"));
        u64::from_be_bytes(std::array::from_fn(|at| hash[at])).leading_zeros() as u64 >= bits
    };
    format!("{challenge}:{}", (0..).find(holds).expect("a counter"))
}

#[test]
fn s2_2_4c_who_asks_in_vain_too_often_solves_a_puzzle_for_each_further_question() {
    on_each_database(DAY, |world| {
        let (approved, number) = issued(world, 1);
        let guarded = Guarded::new(world);
        let name = approved.people[0].name.as_str();
        // Two addresses of one network are one visitor; who finds something is never asked.
        let (here, beside, there) = ("2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:2::1");
        for _ in 0..5 {
            assert_eq!(guarded.ask(here, name, &number, "").status, StatusCode::OK);
        }
        for (from, wrong) in [(here, "甲"), (beside, "乙"), (here, "丙")] {
            assert_eq!(guarded.ask(from, wrong, &number, "").done()["certificates"], json!([]));
        }
        let held = guarded.ask(here, name, &number, "");
        assert_eq!(held.headers["retry-after"], "0");
        let solution = solved(&held);
        assert_eq!(guarded.ask(there, "丁", &number, "").status, StatusCode::OK, "another network");
        assert_eq!(guarded.ask(here, "丁", &number, &solution).status, StatusCode::TOO_MANY_REQUESTS, "another name");
        let found = guarded.ask(beside, name, &number, &solution).done();
        assert_eq!(found["certificates"][0]["number"], json!(number));
        let again = guarded.ask(here, name, &number, &solution);
        assert_eq!(again.status, StatusCode::TOO_MANY_REQUESTS, "solved once is not solved for ever");
        assert_eq!(again.json()["puzzle"]["wrong"], true);

        // The page keeps what was typed and offers a sum to whoever has no script.
        let fields = [("name", name), ("number", number.as_str())];
        let page = guarded.form(here, "/query", &fields);
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        let text = page.text();
        assert!(text.contains(&format!("value=\"{number}\"")) && text.contains("/assets/puzzle.js"), "{text}");
        let challenge = text.split_once("name=\"challenge\" value=\"").expect("a challenge").1;
        let challenge = challenge.split_once('"').expect("its end").0.to_owned();
        let (sum, _) = text.split_once("，等于多少").expect("a sum");
        let sum = answer_of(sum.rsplit_once('>').expect("its beginning").1);
        let wrong = [&fields[..], &[("challenge", &challenge), ("sum", "1")]].concat();
        let refused = guarded.form(here, "/query", &wrong).text();
        assert!(refused.contains("上一次的验证没有通过"), "{refused}");
        let right = [&fields[..], &[("challenge", &challenge), ("sum", &sum)]].concat();
        assert_eq!(guarded.form(here, "/query", &right).status, StatusCode::TOO_MANY_REQUESTS, "spent by a wrong sum");
        let text = guarded.form(here, "/query", &fields).text();
        let challenge = text.split_once("name=\"challenge\" value=\"").expect("a challenge").1;
        let challenge = challenge.split_once('"').expect("its end").0.to_owned();
        let (sum, _) = text.split_once("，等于多少").expect("a sum");
        let sum = answer_of(sum.rsplit_once('>').expect("its beginning").1);
        let right = [&fields[..], &[("challenge", &challenge), ("sum", &sum)]].concat();
        let shown = guarded.form(here, "/query", &right);
        assert!(shown.status == StatusCode::OK && shown.text().contains("证书有效"), "{}", shown.text());

        // The code on the paper is no way around it.
        let token = world.text("SELECT token FROM certificate");
        let named = guarded.form(here, &format!("/c/{token}"), &[("name", name)]);
        assert_eq!(named.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(!named.text().contains("逐项核验</h3>"), "{}", named.text());
    });
}

/// What a sum in words comes to, in digits: `三十七加五，再减十`.
fn answer_of(sum: &str) -> String {
    let number = |text: &str| {
        let digit = |c: char| "零一二三四五六七八九".chars().position(|d| d == c).expect("a digit") as i32;
        match text.split_once('十') {
            None => digit(text.chars().next().expect("a sign")),
            Some((tens, ones)) => 10 * tens.chars().next().map_or(1, digit) + ones.chars().next().map_or(0, digit),
        }
    };
    let (first, rest) = sum.trim().split_once('加').expect("a sum");
    let (second, third) = rest.split_once("，再减").expect("two steps");
    (number(first) + number(second) - number(third)).to_string()
}

/// A server of the program on a port of its own, with all that it writes to its log.
struct Running {
    process: std::process::Child,
    address: String,
    log: std::path::PathBuf,
}

impl Running {
    fn start(folder: &std::path::Path, arguments: &[&str]) -> Self {
        let log = folder.join("server.log");
        let mut process = Command::new(env!("CARGO_BIN_EXE_jiangce"))
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .env("RUST_LOG", "trace")
            .env_remove("JIANGCE_DATABASE")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).expect("a log"))
            .spawn()
            .expect("the program runs");
        let mut line = String::new();
        std::io::BufReader::new(process.stdout.take().expect("its output")).read_line(&mut line).expect("its address");
        let said = line.split_once("//").map(|(_, rest)| rest.split('/').next().unwrap_or(rest).trim().to_owned());
        let address = said.unwrap_or_else(|| panic!("{}", std::fs::read_to_string(&log).expect("the log")));
        Self { process, address, log }
    }

    /// Status and body.
    fn send(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut line = std::net::TcpStream::connect(&self.address).expect("a connection");
        let kind = if body.starts_with('{') { "application/json" } else { "application/x-www-form-urlencoded" };
        let size = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
        );
        line.write_all(format!("{head}{body}").as_bytes()).expect("a question");
        let mut said = String::new();
        line.read_to_string(&mut said).expect("an answer");
        let status = said.split(' ').nth(1).expect("a status").parse().expect("a number");
        let body = said.split_once("\r\n\r\n").expect("a body").1.to_owned();
        (status, body)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Gone already is fine.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn s2_2_4c_a_replica_answers_the_public_query_and_nothing_else() {
    on_each_database(DAY, |world| {
        let (approved, number) = issued(world, 1);
        let one = &approved.people[0];
        let folder = tempfile::tempdir().expect("a folder");
        let (data, kit) = (folder.path().join("data"), folder.path().join("kit"));
        std::fs::create_dir(&data).expect("a folder");
        std::fs::write(data.join("secret.key"), [7; 32]).expect("the secret");
        let (data, kit_path) = (data.display().to_string(), kit.display().to_string());
        let exported = Command::new(env!("CARGO_BIN_EXE_jiangce"))
            .args(["export", "query-kit", "--out", &kit_path, "--data", &data, "--database", &world.url])
            .output()
            .expect("the program runs");
        assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
        let key = std::fs::read(kit.join("query.key")).expect("the key");
        assert!(key.len() == 96 && !key.windows(8).any(|bytes| bytes == [7; 8]), "never the secret itself");

        let query = Running::start(folder.path(), &["query", "--database", &world.url, "--kit", &kit_path]);
        let question = json!({"name": one.name, "number": one.id_number}).to_string();
        let (status, said) = query.send("POST", "/api/certificates/query", &question);
        assert_eq!((status, said.as_bytes()), (200, ask(world, &one.name, &one.id_number).as_slice()));
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("name", &one.name)
            .append_pair("number", &one.id_number)
            .finish();
        let (status, page) = query.send("POST", "/query", &form);
        assert!(status == 200 && page.contains("证书有效"), "{page}");
        let keys = world.page(None, "/.well-known/jiangce-keys.txt");
        assert_eq!(query.send("GET", "/.well-known/jiangce-keys.txt", ""), (200, keys.text()));
        assert!(query.send("GET", "/verify-offline.html", "").1.contains("证书离线核验"));
        for (method, path) in [
            ("GET", "/sign-in"),
            ("POST", "/sign-in"),
            ("POST", "/api/session"),
            ("GET", "/batches"),
            ("GET", "/api/work"),
            ("POST", "/api/files"),
            ("POST", "/api/accounts"),
            ("POST", "/certificate-requests"),
            ("GET", "/me"),
        ] {
            assert_eq!(query.send(method, path, "").0, 404, "{method} {path}");
        }
        // What somebody asked is in no log and in no record, however much is logged.
        let (status, _) =
            query.send("GET", &format!("/api/certificates/query?name={}&number={number}", escaped(&one.name)), "");
        assert_eq!(status, 200);
        let log = std::fs::read_to_string(&query.log).expect("the log");
        assert!(log.contains("/api/certificates/query"), "requests are logged: {log}");
        for personal in [&one.id_number, &one.name, &escaped(&one.name)] {
            assert!(!log.contains(personal.as_str()), "{personal} in the log");
        }
        assert_eq!(world.count("SELECT COUNT(*) FROM record WHERE act LIKE '%uery%'"), 0);

        // Another version of the platform has been here: nothing is read any more, and nothing starts.
        assert_eq!(query.send("GET", "/healthz", "").0, 200);
        world.set("UPDATE schema_version SET version = version + 1");
        assert_eq!(query.send("GET", "/healthz", "").0, 503);
        let since = std::time::Instant::now();
        while query.send("POST", "/api/certificates/query", &question).0 != 503 {
            assert!(since.elapsed().as_secs() < 30, "it went on answering");
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        let started = Command::new(env!("CARGO_BIN_EXE_jiangce"))
            .args(["query", "--json", "--database", &world.url, "--kit", &kit_path, "--listen", "127.0.0.1:0"])
            .output()
            .expect("the program runs");
        assert_eq!(started.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&started.stdout).contains("数据库结构与本程序的版本不同"));
        world.set("UPDATE schema_version SET version = version - 1");
        std::fs::write(kit.join("query.key"), [8; 96]).expect("another key");
        let started = Command::new(env!("CARGO_BIN_EXE_jiangce"))
            .args(["query", "--json", "--database", &world.url, "--kit", &kit_path, "--listen", "127.0.0.1:0"])
            .output()
            .expect("the program runs");
        assert!(String::from_utf8_lossy(&started.stdout).contains("不配套"), "{started:?}");
    });
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
