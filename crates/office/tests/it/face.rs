//! 三（二）: how the house speaks to who stands in front of it: a page for whatever goes wrong, nothing typed lost, and a
//! command line that does what its words promise.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use office::demo;
use serde_json::json;

use crate::tidy::root;
use crate::world::{Answer, PASSWORD, World, on_each_database};

#[test]
fn house_an_address_that_makes_no_sense_is_answered_by_a_page() {
    let world = World::on_sqlite("2026-03-02");
    let person = world.administrator("guanli");
    let is_page = |answer: &Answer, status: StatusCode, words: &str| {
        assert_eq!(answer.status, status, "{}", answer.text());
        let text = answer.text();
        assert!(text.contains("<!DOCTYPE html>") && text.contains(words), "{text}");
    };
    is_page(&world.page(Some(&person), "/batches/abc/certificates"), StatusCode::NOT_FOUND, "没有找到");
    is_page(&world.page(None, "/sign-out"), StatusCode::METHOD_NOT_ALLOWED, "不能直接打开");
    let forged = Request::builder()
        .method(Method::POST)
        .uri("/admin/accounts")
        .header("cookie", format!("jiangce={}", person.token))
        .header("content-type", "application/x-www-form-urlencoded");
    is_page(&world.send(forged.body("login=x".into()).expect("a request")), StatusCode::FORBIDDEN, "表单已失效");
    let large = Request::builder()
        .method(Method::POST)
        .uri("/enrolment")
        .header("cookie", format!("jiangce={}", person.token))
        .header("content-type", "application/x-www-form-urlencoded");
    let large = world.send(large.body(Body::from(vec![b'a'; 36 * 1024 * 1024])).expect("a request"));
    is_page(&large, StatusCode::PAYLOAD_TOO_LARGE, "32 MB");
    // The API keeps its own words.
    assert_eq!(world.public("/batches/abc").headers["content-type"], "application/problem+json");
}

#[test]
fn house_what_the_refusal_of_an_unknown_year_says_can_be_done() {
    let world = World::on_sqlite("2026-12-01");
    let reference = world.office.reference();
    let refusal = reference.calendar.is_working_day(rules::Day::constant(2031, 5, 4)).expect_err("an unknown year");
    let warned = rules::deadline::warn_missing_year(&reference.calendar, world.office.today()).expect("a warning");
    let menu = world.page(Some(&world.administrator("guanli")), "/work").text();
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    for words in [refusal.remedy.as_str(), &warned, &readme] {
        assert!(words.contains("“参考数据”"), "{words}");
        assert!(!words.contains("参考数据表”中导入"), "{words}");
    }
    assert!(menu.contains(">参考数据</a>"), "{menu}");
    // The command as it is written there, with a file and a source in the places for them.
    let (_, command) = refusal.remedy.split_once("运行 jiangce ").expect("a command");
    assert!(warned.ends_with(command), "{warned}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("2031.csv");
    std::fs::write(&file, "date,kind,name\n2031-01-01,holiday,元旦\n2031-10-01,holiday,国庆节\n").expect("written");
    let mut program = Command::new(env!("CARGO_BIN_EXE_jiangce"));
    program.args(["migrate", "--data"]).arg(folder.path()).env_remove("JIANGCE_DATABASE");
    assert!(program.status().expect("the program runs").success());
    let said = Command::new(env!("CARGO_BIN_EXE_jiangce"))
        .args(command.split_whitespace().map(|word| match word {
            "FILE" => file.display().to_string(),
            word => word.to_owned(),
        }))
        .arg("--data")
        .arg(folder.path())
        .env_remove("JIANGCE_DATABASE")
        .output()
        .expect("the program runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn house_a_make_believe_province_half_made_is_not_taken_for_a_whole_one() {
    on_each_database(&demo::FIRST_DAY.to_string(), |world| {
        // As a process that was killed in its first seconds leaves it.
        world.administrator("administrator");
        let stop = demo::fill(&world.office).expect_err("half a province");
        let office::door::Stop::Refused(refusal) = stop else { panic!("{stop}") };
        assert!(refusal.remedy.contains("删除"), "{refusal:?}");
    });
}

#[test]
fn house_a_request_that_never_ends_does_not_keep_the_house_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Command::new(env!("CARGO_BIN_EXE_jiangce"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .env_remove("JIANGCE_DATABASE")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let mut said = std::io::BufReader::new(server.stdout.take().expect("its output"));
    let mut line = String::new();
    std::io::BufRead::read_line(&mut said, &mut line).expect("its address");
    let address = line.trim().trim_end_matches('/').rsplit_once("//").expect("an address").1.to_owned();
    let mut slow = std::net::TcpStream::connect(&address).expect("a connection");
    slow.write_all(b"POST /query HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nname=").expect("half a form");
    // Answered by the server, so that the slow one has been taken in before the signal.
    let mut other = std::net::TcpStream::connect(&address).expect("a connection");
    other.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("a question");
    other.read_to_string(&mut String::new()).expect("an answer");
    let told = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().expect("kill");
    assert!(told.success());
    let since = Instant::now();
    while server.try_wait().expect("its state").is_none() {
        if since.elapsed() > Duration::from_secs(40) {
            server.kill().expect("killed");
            panic!("still there after forty seconds");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(since.elapsed() > Duration::from_secs(5), "who is served gets some time to end");
    drop(slow);
}

/// The fields of a school's registration; its credit code is the one that stories use.
const SCHOOL: [(&str, &str); 9] = [
    ("name", "示例一技工学校"),
    ("uscc", "12350000T00T00016F"),
    ("kind", "technical_school"),
    ("affiliation", "city"),
    ("public_body", "true"),
    ("county", "350102"),
    ("level_cap", "3"),
    ("address", "示例路1号"),
    ("phone", "0591-00000001"),
];

#[test]
fn s2_1_1b_an_administrator_registers_a_school_and_opens_its_accounts_on_pages() {
    on_each_database("2026-03-02", |world| {
        let administrator = world.administrator("guanli");
        let bodies = "/admin/bodies";
        let register = |changed: (&str, &str)| {
            let fields = SCHOOL.map(|(name, value)| if name == changed.0 { changed } else { (name, value) });
            world.submit(Some(&administrator), bodies, bodies, &fields)
        };
        // Each refusal stands beside its field, and what was typed is still there.
        for (field, value) in [("uscc", "12350000T00T00016X"), ("county", "110101"), ("level_cap", ""), ("kind", "")] {
            let refused = register((field, value));
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
            let page = refused.text();
            assert!(page.contains(&format!("id=\"{field}-error\"")), "{field}: {page}");
            assert!(page.contains(&format!("href=\"#{field}\"")), "{field}: {page}");
            for kept in ["value=\"示例一技工学校\"", "value=\"示例路1号\"", "value=\"0591-00000001\""] {
                assert!(page.contains(kept), "{field} loses {kept}: {page}");
            }
            assert!(page.contains("value=\"true\" checked"), "{field}: {page}");
        }
        assert_eq!(world.count("SELECT COUNT(*) FROM body"), 0);
        let done = register(("", ""));
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let listed = world.page(Some(&administrator), bodies).text();
        assert!(listed.contains("示例一技工学校") && listed.contains("福州市职业技能鉴定指导中心"), "{listed}");

        let next = done.headers["location"].to_str().expect("an address").to_owned();
        let accounts = world.page(Some(&administrator), &next).text();
        let body = world.text("SELECT CAST(id AS TEXT) FROM body");
        assert!(accounts.contains(&format!("<option value=\"{body}\" selected>示例一技工学校</option>")), "{accounts}");
        let open = |login: &str, password: &str| {
            let fields =
                [("seat", &*body), ("role", "clerk"), ("login", login), ("name", "示例甲"), ("password", password)];
            world.submit(Some(&administrator), &next, "/admin/accounts", &fields)
        };
        for (login, password, field) in [("jing ban", PASSWORD, "login"), ("jingban", "短", "password")] {
            let refused = open(login, password);
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
            let page = refused.text();
            assert!(page.contains(&format!("id=\"{field}-error\"")), "{field}: {page}");
            assert!(
                page.contains("value=\"示例甲\"") && page.contains(&format!("value=\"{body}\" selected")),
                "{page}"
            );
            assert!(!page.contains(PASSWORD), "a password is never written back");
        }
        assert_eq!(open("jingban", PASSWORD).status, StatusCode::SEE_OTHER);
        let clerk = json!({"login": "jingban", "password": PASSWORD});
        world.call(None, Method::POST, "/session", Some(clerk)).done();
        // What is wrong with a new password stands beside the account that it is for.
        let id = world.text("SELECT CAST(id AS TEXT) FROM account WHERE login = 'jingban'");
        let field = format!("password-{id}");
        let reset = format!("/admin/accounts/{id}/password");
        let refused = world.submit(Some(&administrator), "/admin/accounts", &reset, &[(&field, "短")]).text();
        assert!(refused.contains(&format!("id=\"{field}-error\"")), "{refused}");
    });
}

#[test]
fn s2_1_1b_a_school_is_registered_at_the_command_line_as_it_is_written() {
    let world = World::on_sqlite("2026-03-02");
    world.administrator("guanli");
    // The command opens the same secret as the house that runs beside it.
    std::fs::write(world.folder.join("secret.key"), [7; 32]).expect("the secret");
    let fields = SCHOOL.iter().map(|(name, value)| format!("{name}={value}"));
    let rest = ["legal_representative", "head", "contact", "superior", "station_name", "station_number"];
    let said = Command::new(env!("CARGO_BIN_EXE_jiangce"))
        .args(["act", "RegisterBody", "--as", "guanli", "--database", &world.url, "--data"])
        .arg(&world.folder)
        .args(fields.chain(rest.iter().map(|name| format!("{name}=1"))))
        .output()
        .expect("the program runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    assert_eq!(world.text("SELECT county || ' ' || level_cap || ' ' || head FROM body"), "350102 3 1");
}

/// Posts a form with this body and the cookie of a session, which may have ended.
pub fn post_form(world: &World, to: &str, token: &str, kind: &str, body: String) -> Answer {
    let request = Request::builder().method(Method::POST).uri(to).header("content-type", kind);
    let request = if token.is_empty() { request } else { request.header("cookie", format!("jiangce={token}")) };
    world.send(request.body(Body::from(body)).expect("a request"))
}

/// How a form without files is sent.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// What stands in a hidden field of a page.
pub fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{name}: {page}"));
    rest.split_once('"').expect("its end").0.to_owned()
}

/// Fields as a form sends them.
pub fn encoded(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

#[test]
fn house_a_form_sent_after_its_session_ended_goes_on_once_its_holder_has_signed_in() {
    on_each_database("2026-03-02", |world| {
        let administrator = world.administrator("guanli");
        let csrf = hidden(&world.page(Some(&administrator), "/admin/bodies").text(), "csrf");
        let other = world.administrator("linghang");
        crate::certificate::put(world, "DELETE FROM session", vec![vec![]]);
        let fields = [&SCHOOL[..], &[("csrf", &csrf), ("once", "1234567890")]].concat();
        let send = |token: &str| post_form(world, "/admin/bodies", token, FORM, encoded(&fields));
        // The cookie may still be there, or may have gone with the session.
        for token in ["", administrator.token.as_str()] {
            let asked = send(token);
            assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
            assert!(asked.text().contains("没有丢失"), "{}", asked.text());
            assert!(!asked.text().contains("示例一技工学校"), "what was typed travels sealed");
        }
        let kept = hidden(&send("").text(), "kept");
        let sign_in = |login: &str, password: &str, kept: &str| {
            let fields = [("login", login), ("password", password), ("next", "/work"), ("kept", kept)];
            post_form(world, "/sign-in", "", FORM, encoded(&fields))
        };
        let bodies = || world.count("SELECT COUNT(*) FROM body");
        let wrong = sign_in("guanli", "不对的密码一二三四五", &kept);
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(hidden(&wrong.text(), "kept"), kept, "a wrong password loses nothing");
        // Neither another account nor an altered form goes on.
        let altered = format!("{}{}", if kept.starts_with('A') { 'B' } else { 'A' }, &kept[1..]);
        for (login, kept) in [(&*other.login, &kept), ("guanli", &altered)] {
            let entered = sign_in(login, PASSWORD, kept);
            assert_eq!(
                (entered.status, &entered.headers["location"]),
                (StatusCode::SEE_OTHER, &"/work".parse().unwrap())
            );
            assert_eq!(bodies(), 0, "{login}");
        }
        let done = sign_in("guanli", PASSWORD, &kept);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        assert!(
            done.headers["location"].to_str().expect("text").starts_with("/admin/accounts?seat="),
            "{:?}",
            done.headers
        );
        let cookies = done.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
        assert!(cookies.into_iter().any(|line| line.starts_with("jiangce=") && !line.starts_with("jiangce=;")));
        assert_eq!(bodies(), 1);
        assert_eq!(world.text("SELECT account_name FROM record WHERE act = 'RegisterBody'"), "示例系统管理员");
        // Sent once more it counts once, as any form does.
        sign_in("guanli", PASSWORD, &kept);
        assert_eq!(bodies(), 1);
    });
}

#[test]
fn house_what_cannot_go_on_after_signing_in_is_said() {
    let world = World::on_sqlite("2026-03-02");
    let administrator = world.administrator("guanli");
    let page = world.page(Some(&administrator), "/admin/reference").text();
    let csrf = hidden(&page, "csrf");
    crate::certificate::put(&world, "DELETE FROM session", vec![vec![]]);
    // Files don't travel: the texts do, and the page asks for the file again.
    let part =
        |name: &str, text: &str| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    let file = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\ndate\r\n--x--\r\n";
    let body = part("csrf", &csrf) + &part("kind", "workdays") + &part("source", "国办发明电〔2026〕1号") + file;
    let asked = post_form(&world, "/admin/reference", &administrator.token, "multipart/form-data; boundary=x", body);
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    assert!(asked.text().contains("选好的文件没有保存"), "{}", asked.text());
    let fields = [("login", "guanli"), ("password", PASSWORD), ("kept", &*hidden(&asked.text(), "kept"))];
    let again = post_form(&world, "/sign-in", "", FORM, encoded(&fields));
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text().contains("没有选择文件"), "{}", again.text());
    // What is too long to travel, and what came from no page of ours, is given up, and the page says so.
    crate::certificate::put(&world, "DELETE FROM session", vec![vec![]]);
    for fields in [[("csrf", &*csrf), ("name", &*"长".repeat(40_000))], [("csrf", ""), ("name", "示例")]] {
        let asked = post_form(&world, "/admin/bodies", &administrator.token, FORM, encoded(&fields));
        assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
        let text = asked.text();
        assert!(text.contains("没有保存") && !text.contains("name=\"kept\""), "{text}");
        assert_eq!(hidden(&text, "next"), "/work", "not to an address that only takes forms");
    }
    // Who only looked is sent to sign in and back; nothing was typed, and nothing is claimed of it.
    let moved = world.page(Some(&administrator), "/admin/bodies");
    assert_eq!(moved.headers["location"], "/sign-in?next=%2Fadmin%2Fbodies");
    let form = world.page(Some(&administrator), "/sign-in?next=%2Fadmin%2Fbodies").text();
    assert!(form.contains("登录已过期") && !form.contains("保存"), "{form}");
}
