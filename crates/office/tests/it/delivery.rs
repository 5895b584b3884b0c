//! How messages reach people outside the house: addresses confirmed by a code, mail and short messages, what is tried again
//! and what is given up; and that what the notice wants to be reminded of arrives on its day.

use axum::http::StatusCode;
use office::db::Engine;
use office::delivery::{Channels, Protection, Send, SmsFile, send_waiting};
use office::door::{Clock, Files, Office, Seals};
use rules::people::Role;
use serde_json::{Value, json};

use crate::mailbox::{Arrived, MailServer, Manner};
use crate::stages::School;
use crate::world::{Person, World, on_each_database};

const URL: &str = "https://example.gov.cn";

/// The world sends its mail to this server.
fn sends_to(world: &World, server: &MailServer) {
    let way = server.way(Protection::None, None).expect("a way out");
    world.office.send_by(Channels::new(URL, vec![Box::new(way)]));
}

fn ask(world: &World, person: &Person, address: &str) -> crate::world::Answer {
    world.post(person, "/account/codes", json!({"channel": "mail", "address": address}))
}

fn tell(world: &World, person: &Person, code: &str) -> crate::world::Answer {
    world.post(person, "/account/contacts", json!({"channel": "mail", "code": code}))
}

/// Confirms an address for someone by the code that arrives there.
fn confirm(world: &World, server: &MailServer, person: &Person, address: &str) {
    // What was said before has reached the work pages, and goes to nobody new.
    office::cli::due::run(&world.office).expect("delivered inside");
    ask(world, person, address).done();
    send_waiting(&world.office).expect("sent");
    let code = server.arrived().into_iter().find(|letter| letter.to == address).expect("a code").code();
    tell(world, person, &code).done();
}

/// Someone is sent everything by mail.
fn wants_all(world: &World, person: &Person) {
    let all = json!([{"channel": "mail", "kind": "deadline"}, {"channel": "mail", "kind": "matter"}]);
    world.post(person, "/account/messages", json!({"choices": all})).done();
}

/// What arrives of what waits now.
fn arriving(world: &World, server: &MailServer) -> Vec<Arrived> {
    send_waiting(&world.office).expect("sent");
    server.arrived()
}

/// Says something to everyone who sits in the school: it goes through the outbox as any message does.
fn tell_school(world: &World, school: &School) {
    let path = format!("/bodies/{}/changes", school.body);
    let value = format!("示例负责{}", world.records());
    let told = json!({"matter": "responsible", "value": value, "reason": "人事调整"});
    world.post(&school.head, &path, told).done();
    office::cli::due::run(&world.office).expect("delivered inside");
}

fn contact_of(world: &World, person: &Person) -> Value {
    world.get(person, "/account/contacts").done()["contacts"][0].clone()
}

#[test]
fn house_an_address_is_confirmed_by_a_code_and_read_by_nobody() {
    on_each_database("2026-03-02", |world| {
        let (server, administrator) = (MailServer::new(), world.administrator("guanli"));
        let person = world.officer("zhongxin", Role::CityCentre, "city-350100-centre");
        let none = ask(world, &person, "zhiban@example.com").refused("平台规则·消息");
        assert!(none.what.contains("没有配置邮件"), "{none:?}");
        assert!(world.page(Some(&person), "/account/contacts").text().contains("还没有配置邮件"));

        sends_to(world, &server);
        tell(world, &person, "000000").refused("平台规则·消息");
        ask(world, &person, "zhiban").refused("平台规则·消息");
        let asked = ask(world, &person, "zhiban@example.com").done();
        assert_eq!(asked["address"], "z***@example.com");
        // Not again at once, for this account or to this address.
        assert!(ask(world, &person, "other@example.com").refused("平台规则·消息").remedy.contains("秒后"));
        ask(world, &administrator, "zhiban@example.com").refused("平台规则·消息");
        let letters = arriving(world, &server);
        let [letter] = letters.as_slice() else { panic!("one letter: {letters:?}") };
        let code = letter.code();
        assert_eq!((letter.to.as_str(), code.len()), ("zhiban@example.com", 6));
        assert!(arriving(world, &server).is_empty(), "once");
        // Neither code nor address lies anywhere in clear.
        for text in [
            "SELECT digest || address FROM contact_code",
            "SELECT COALESCE(sealed, '') || title || COALESCE(error, '') FROM delivery",
            "SELECT fields FROM record WHERE act = 'AskCode' AND refused IS NULL",
        ] {
            let kept = world.text(text);
            assert!(!kept.contains(&code) && !kept.contains("zhiban"), "{text}: {kept}");
        }
        assert_eq!(world.text("SELECT COALESCE(sealed, 'nothing') FROM delivery"), "nothing");

        let wrong = if code == "123456" { "654321" } else { "123456" };
        for _ in 0..5 {
            assert!(tell(world, &person, wrong).refused("平台规则·消息").what.contains("不正确"));
        }
        assert!(tell(world, &person, &code).refused("平台规则·消息").what.contains("作废"));
        world.on("2026-03-03");
        ask(world, &person, "zhiban@example.com").done();
        let old = arriving(world, &server)[0].code();
        world.on("2026-03-04");
        assert!(tell(world, &person, &old).refused("平台规则·消息").what.contains("过期"));
        ask(world, &person, "zhiban@example.com").done();
        let code = arriving(world, &server)[0].code();
        assert_eq!(contact_of(world, &person)["pending"], "z***@example.com");
        tell(world, &person, &code).done();
        tell(world, &person, &code).refused("平台规则·消息");
        let contact = contact_of(world, &person);
        assert_eq!((&contact["address"], &contact["confirmed_on"]), (&json!("z***@example.com"), &json!("2026-03-04")));
        let page = world.page(Some(&person), "/account/contacts").text();
        assert!(page.contains("z***@example.com") && !page.contains("zhiban@"), "{page}");
        // Deadlines come by mail from now on, everything else when it is chosen.
        let view = world.get(&person, "/account/contacts").done();
        assert_eq!(view["choices"], json!([{"channel": "mail", "kind": "deadline"}]));
        for path in ["/admin/accounts", "/admin/deliveries", "/admin/records"] {
            let page = world.page(Some(&administrator), path).text();
            assert!(!page.contains("example.com"), "{path}: {page}");
        }
        world.post(&person, "/account/contacts/removal", json!({"channel": "mail"})).done();
        world.post(&person, "/account/contacts/removal", json!({"channel": "mail"})).refused("平台规则·消息");
        let sms = json!({"choices": [{"channel": "sms", "kind": "matter"}]});
        world.post(&person, "/account/messages", sms).refused("平台规则·消息");
    });
}

#[test]
fn house_a_code_that_was_not_sent_in_time_is_not_sent() {
    on_each_database("2026-03-02", |world| {
        let (server, person) = (MailServer::new(), world.administrator("guanli"));
        sends_to(world, &server);
        ask(world, &person, "guanli@example.com").done();
        world.on("2026-03-03");
        assert!(arriving(world, &server).is_empty());
        assert_eq!(world.text("SELECT outcome FROM delivery"), "dropped");
        assert_eq!(world.text("SELECT COALESCE(sealed, 'nothing') FROM delivery"), "nothing");
    });
}

#[test]
fn house_a_message_leaves_for_everyone_on_the_seat_who_wants_it_and_names_nobody() {
    on_each_database("2026-08-31", |world| {
        let (server, administrator) = (MailServer::new(), world.administrator("guanli"));
        let school = world.filed_school("示例城");
        let other = world.filed_school("示例乡");
        sends_to(world, &server);
        confirm(world, &server, &school.head, "head@example.com");
        confirm(world, &server, &school.clerk, "clerk@example.com");
        confirm(world, &server, &school.centre, "centre@example.com");
        confirm(world, &server, &other.head, "other@example.com");
        wants_all(world, &school.centre);
        tell_school(world, &school);
        let letters = arriving(world, &server);
        let [letter] = letters.as_slice() else { panic!("only the centre wants all: {letters:?}") };
        assert_eq!(letter.to, "centre@example.com");
        assert_eq!(letter.headers["auto-submitted"], "auto-generated");
        assert_eq!(letter.headers["from"].split_once(" <").map(|(_, from)| from), Some("jiangce@example.com>"));
        assert!(letter.headers["subject"].starts_with("匠册："), "{letter:?}");
        let link = format!("{URL}/bodies/{}/standing", school.body);
        assert!(letter.text.contains(&link) && letter.text.contains("二（一）3"), "{}", letter.text);
        assert!(letter.text.starts_with("福州市"), "the seat, not the person: {}", letter.text);
        assert!(!letter.text.contains("示例市中心") && !letter.text.contains("示例负责"), "{}", letter.text);
        assert!(arriving(world, &server).is_empty(), "once");

        // Who chose deadlines is told of what is due, and of nothing else.
        let deadlines = json!({"choices": [{"channel": "mail", "kind": "deadline"}]});
        world.post(&school.centre, "/account/messages", deadlines).done();
        tell_school(world, &school);
        let mut third = world.new_school("示例镇", "city", "350102");
        confirm(world, &server, &third.head, "third-head@example.com");
        confirm(world, &server, &third.clerk, "third-clerk@example.com");
        wants_all(world, &third.head);
        wants_all(world, &third.clerk);
        world.fill_filing(&mut third);
        world.submit_filing(&third);
        office::cli::due::run(&world.office).expect("delivered inside");
        let mut letters = arriving(world, &server);
        letters.sort_by(|a, b| a.to.cmp(&b.to));
        let to: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
        assert_eq!(to, ["centre@example.com", "third-clerk@example.com", "third-head@example.com"]);
        let text = &letters[0].text;
        assert!(
            text.contains("请受理") && text.contains("最迟：2026年9月14日 周一") && text.contains("二（一）2"),
            "{text}"
        );
        assert!(!letters[1].text.contains("最迟"), "{}", letters[1].text);
        assert_ne!(letters[1].id(), letters[2].id());

        // An address that was removed and an account that was closed are sent nothing more, not even what waits.
        world.review_filing(&third);
        office::cli::due::run(&world.office).expect("delivered inside");
        let waiting = "SELECT COUNT(*) FROM delivery WHERE outcome IS NULL";
        let waits = world.count(waiting);
        assert!(waits >= 4, "{waits}");
        world.post(&third.head, "/account/contacts/removal", json!({"channel": "mail"})).done();
        let accounts = world.get(&administrator, "/accounts").done();
        let accounts = accounts["accounts"].as_array().expect("a list").clone();
        let clerk = accounts.iter().find(|account| account["login"] == json!(third.clerk.login)).expect("the clerk");
        world.post(&administrator, &format!("/accounts/{}/closure", clerk["id"]), json!({})).done();
        assert!(arriving(world, &server).is_empty());
        assert_eq!(
            (world.count("SELECT COUNT(*) FROM delivery WHERE outcome = 'dropped'"), world.count(waiting)),
            (waits, 0)
        );
    });
}

#[test]
fn house_what_a_mail_server_puts_off_is_sent_later_and_what_it_refuses_is_told() {
    on_each_database("2026-08-31", |world| {
        let (server, administrator) = (MailServer::new(), world.administrator("guanli"));
        let school = world.filed_school("示例城");
        sends_to(world, &server);
        confirm(world, &server, &school.centre, "centre@example.com");
        wants_all(world, &school.centre);
        let health = || -> Value { world.page(None, "/healthz").json()["deliveries"].clone() };
        assert_eq!(health(), json!({"waiting": 0, "oldest_seconds": 0, "given_up": 0}));

        server.becomes(Manner::PutsOff);
        tell_school(world, &school);
        assert!(arriving(world, &server).is_empty());
        assert_eq!(health()["waiting"], 1);
        let view = || world.get(&administrator, "/deliveries").done();
        let trouble = view()["troubles"][0].clone();
        assert_eq!((&trouble["error"], &trouble["tries"]), (&json!("邮件服务器暂不接收（451）"), &json!(1)));
        assert!(view()["channels"][0]["oldest_at"].is_string());
        server.becomes(Manner::Takes);
        assert!(arriving(world, &server).is_empty(), "not before its wait is over");
        world.on("2026-09-01");
        let first = arriving(world, &server);
        assert_eq!(first.len(), 1);
        assert_eq!(view()["troubles"][0]["state"], "后来已送出");

        // Taken, and the answer lost: it comes again, and whoever has it already can tell.
        server.becomes(Manner::HangsUp);
        tell_school(world, &school);
        let once = arriving(world, &server);
        server.becomes(Manner::Takes);
        world.on("2026-09-02");
        let twice = arriving(world, &server);
        assert_eq!((once.len(), twice.len()), (1, 1));
        assert_eq!(once[0].id(), twice[0].id());
        assert_eq!(once[0].headers["date"], twice[0].headers["date"]);
        assert_ne!(once[0].id(), first[0].id());

        server.becomes(Manner::Refuses);
        tell_school(world, &school);
        assert!(arriving(world, &server).is_empty());
        assert_eq!((health()["waiting"].clone(), health()["given_up"].clone()), (json!(0), json!(1)));
        let page = world.page(Some(&administrator), "/admin/deliveries").text();
        assert!(page.contains("邮件服务器拒收（550）") && page.contains("没有送达"), "{page}");
        assert!(!page.contains("centre@") && !page.contains("nobody"), "{page}");
        let work = world.get(&administrator, "/work").done();
        assert!(work["tasks"].to_string().contains("没有送达"), "{work}");
        let own = world.page(Some(&school.centre), "/account/contacts").text();
        assert!(own.contains("最近一次没有送达"), "{own}");
        server.becomes(Manner::Takes);
        assert_eq!(world.post(&school.centre, "/deliveries/retry", json!({})).status, StatusCode::FORBIDDEN);
        let sent = world.submit(Some(&administrator), "/admin/deliveries", "/admin/deliveries", &[]);
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        assert_eq!(arriving(world, &server).len(), 1);
        let work = world.get(&administrator, "/work").done();
        assert!(!work["tasks"].to_string().contains("没有送达"), "{work}");

        // Put off again and again, it is given up at last. The longest wait is a day, so every other day is a try.
        server.becomes(Manner::PutsOff);
        tell_school(world, &school);
        let tries = rules::terms::DELIVERY_WAITS.len() + 1;
        for day in (1..=tries).map(|n| 2 + 2 * n) {
            assert_eq!(health()["given_up"], 0, "day {day}");
            world.on(&format!("2026-09-{day:02}"));
            let _ = arriving(world, &server);
        }
        assert_eq!((health()["waiting"].clone(), health()["given_up"].clone()), (json!(0), json!(1)));
        assert_eq!(view()["troubles"][0]["tries"], json!(tries));
    });
}

#[test]
fn house_a_mail_server_that_is_down_is_left_alone_and_loses_nothing() {
    on_each_database("2026-08-31", |world| {
        let server = MailServer::new();
        let school = world.filed_school("示例城");
        sends_to(world, &server);
        confirm(world, &server, &school.centre, "centre@example.com");
        wants_all(world, &school.centre);
        (0..3).for_each(|_| tell_school(world, &school));
        // The house asks for encryption which this server doesn't offer: nothing leaves in clear, nothing is given up.
        let way = server.way(Protection::Starttls, None).expect("a way out");
        world.office.send_by(Channels::new(URL, vec![Box::new(way)]));
        let before = server.connections();
        assert!(arriving(world, &server).is_empty());
        assert!(arriving(world, &server).is_empty());
        assert_eq!(server.connections(), before + 1, "one try shows that it is down");
        // It lets nobody in: that is not the letter's fault either.
        world.on("2026-09-01");
        server.becomes(Manner::LetsNobodyIn);
        let way = server.way(Protection::None, Some("jiangce")).expect("a way out");
        world.office.send_by(Channels::new(URL, vec![Box::new(way)]));
        assert!(arriving(world, &server).is_empty());
        assert_eq!(world.count("SELECT COUNT(*) FROM delivery WHERE outcome = 'given_up'"), 0);
        world.on("2026-09-02");
        server.becomes(Manner::Takes);
        assert_eq!(arriving(world, &server).len(), 3);
        assert_eq!(server.signed_in(), ["jiangce 示例密码"]);
        // A password never goes to another machine in clear.
        let settings = office::delivery::MailSettings {
            host: "mail.example.com".into(),
            port: None,
            user: Some("jiangce".into()),
            password: Some("示例密码".into()),
            from: "jiangce@example.com".into(),
            protection: Protection::None,
            authority: None,
        };
        let Err(office::door::Stop::Refused(refusal)) = office::delivery::Mail::new(&settings) else {
            panic!("a password in clear")
        };
        assert!(refusal.remedy.contains("--smtp-tls"), "{refusal:?}");
    });
}

/// Another server over the same database.
fn second_server(world: &World) -> Office {
    let seals = Seals::from_secret(&[7; 32]);
    let files = Files::folder(&world.folder.join("files"), &seals).expect("the files");
    let engine = Engine::open(&world.url).expect("the database");
    Office::open(engine, files, seals, Clock::simulated(world.office.today()), true).expect("the house")
}

#[test]
fn house_two_servers_send_each_letter_once_and_a_crash_sends_it_again_under_the_same_id() {
    on_each_database("2026-08-31", |world| {
        let server = MailServer::new();
        let school = world.filed_school("示例城");
        sends_to(world, &server);
        confirm(world, &server, &school.centre, "centre@example.com");
        wants_all(world, &school.centre);
        (0..20).for_each(|_| tell_school(world, &school));
        let second = second_server(world);
        let way = server.way(Protection::None, None).expect("a way out");
        second.send_by(Channels::new(URL, vec![Box::new(way)]));
        let sent: usize = std::thread::scope(|scope| {
            let both = [&world.office, &second].map(|office| scope.spawn(move || send_waiting(office).expect("sent")));
            both.into_iter().map(|one| one.join().expect("an answer")).sum()
        });
        let letters = server.arrived();
        let mut ids: Vec<&str> = letters.iter().map(Arrived::id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((sent, letters.len(), ids.len()), (20, 20, 20));

        // As a server leaves it that is killed after the letter left and before it is written down.
        let lease = world.office.now() + 600_000;
        world.set(
            "UPDATE delivery SET outcome = NULL, ended_at = NULL WHERE message = (SELECT MAX(message) FROM delivery)",
        );
        world.set(format!("UPDATE delivery SET leased_until = {lease} WHERE outcome IS NULL").leak());
        assert!(arriving(world, &server).is_empty(), "it is still another's");
        world.on("2026-09-01");
        let again = arriving(world, &server);
        assert_eq!(again.len(), 1);
        assert!(ids.contains(&again[0].id()), "{again:?}");
        // Inside it stands once, whatever happened outside.
        let doubles = world.count("SELECT COUNT(*) - COUNT(DISTINCT id) FROM message");
        assert_eq!((doubles, world.count("SELECT COUNT(*) FROM outbox WHERE sent_at IS NULL")), (0, 0));
    });
}

#[test]
fn house_short_messages_are_lines_of_a_file_that_a_gateway_reads() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let path = world.folder.join("sms.jsonl");
        let way: Box<dyn Send> = Box::new(SmsFile::open(&path).expect("a file"));
        world.office.send_by(Channels::new(URL, vec![way]));
        let lines = || -> Vec<Value> {
            send_waiting(&world.office).expect("written");
            let text = std::fs::read_to_string(&path).expect("the file");
            text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
        };
        let centre = &school.centre;
        world
            .post(centre, "/account/codes", json!({"channel": "mail", "address": "a@example.com"}))
            .refused("平台规则·消息");
        world.post(centre, "/account/codes", json!({"channel": "sms", "address": "+86 100-0000-0001"})).done();
        let told = lines();
        assert_eq!((told.len(), &told[0]["to"]), (1, &json!("10000000001")));
        let text = told[0]["text"].as_str().expect("a text");
        let code: String = text.split_once("验证码 ").expect("a code").1.chars().take(6).collect();
        world.post(centre, "/account/contacts", json!({"channel": "sms", "code": code})).done();
        // Nothing is chosen for short messages at first.
        tell_school(world, &school);
        assert_eq!(lines().len(), 1);
        let form = [("sms-kinds", "matter")];
        let chosen = world.submit(Some(centre), "/account/contacts", "/account/messages", &form);
        assert_eq!(chosen.status, StatusCode::SEE_OTHER, "{}", chosen.text());
        tell_school(world, &school);
        let told = lines();
        let text = told[1]["text"].as_str().expect("a text");
        assert!(told.len() == 2 && text.starts_with("【匠册】") && text.contains(URL), "{text}");
        assert!(world.page(Some(centre), "/account/contacts").text().contains("100****0001"));
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);

        // The operator's own command sends what waits, too.
        tell_school(world, &school);
        std::fs::write(world.folder.join("secret.key"), [7_u8; 32]).expect("written");
        let said = std::process::Command::new(env!("CARGO_BIN_EXE_jiangce"))
            .args(["due", "--json", "--public-url", URL, "--database", &world.url, "--data"])
            .arg(&world.folder)
            .arg("--sms-sink")
            .arg(&path)
            .output()
            .expect("the program runs");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let done: Value = serde_json::from_slice(&said.stdout).expect("JSON");
        assert_eq!(done["letters"], 1, "{done}");
        assert_eq!(lines().len(), 3);
    });
}

#[test]
fn house_a_digest_comes_once_on_a_working_day_that_has_something_to_do() {
    on_each_database("2026-08-28", |world| {
        let server = MailServer::new();
        let school = world.filed_school("示例城");
        sends_to(world, &server);
        let digest = json!({"choices": [], "digest_hour": 8});
        world.post(&school.centre, "/account/messages", digest.clone()).refused("平台规则·消息");
        confirm(world, &server, &school.centre, "centre@example.com");
        confirm(world, &server, &school.head, "head@example.com");
        let beyond = json!({"choices": [], "digest_hour": 24});
        world.post(&school.centre, "/account/messages", beyond).refused("平台规则·消息");
        world.post(&school.centre, "/account/messages", digest.clone()).done();
        world.post(&school.head, "/account/messages", digest).done();
        world.notified_batch(&school, "2026-09-21");
        let _ = arriving(world, &server);
        // Saturday.
        world.on("2026-08-29");
        assert!(arriving(world, &server).is_empty());
        world.on("2026-08-31");
        let letters = arriving(world, &server);
        let centre: Vec<&Arrived> = letters.iter().filter(|letter| letter.to == "centre@example.com").collect();
        let [letter] = centre.as_slice() else { panic!("one for the centre: {letters:?}") };
        assert!(letter.text.contains("监督") && letter.text.contains("最迟2026年9月21日"), "{}", letter.text);
        assert!(letter.text.contains(&format!("{URL}/work")), "{}", letter.text);
        office::cli::due::run(&world.office).expect("what is due");
        office::cli::due::run(&second_server(world)).expect("what is due");
        assert!(arriving(world, &server).is_empty(), "once a day");
        // The hour is not over yet at nine in the morning.
        world.post(&school.centre, "/account/messages", json!({"choices": [], "digest_hour": 20})).done();
        world.on("2026-09-01");
        assert!(arriving(world, &server).iter().all(|letter| letter.to != "centre@example.com"));
        world.post(&school.centre, "/account/messages", json!({"choices": []})).done();
        world.on("2026-09-02");
        assert!(arriving(world, &server).iter().all(|letter| letter.to != "centre@example.com"));
    });
}

#[test]
fn s2_1_3c_a_reminder_of_renewal_arrives_by_mail_on_its_day() {
    on_each_database("2023-08-31", |world| {
        let server = MailServer::new();
        let school = world.filed_school("示例城");
        for (told, held) in [("2024-09-16", "2024-10-16"), ("2025-05-12", "2025-06-11")] {
            world.on(told);
            world.notified_batch(&school, held);
        }
        // Valid through 2026-08-30: a hundred and twenty days before it is 2026-05-02.
        world.on("2026-05-01");
        sends_to(world, &server);
        confirm(world, &server, &school.head, "head@example.com");
        assert!(arriving(world, &server).is_empty());
        world.on("2026-05-02");
        let letters = arriving(world, &server);
        let [letter] = letters.as_slice() else { panic!("one reminder: {letters:?}") };
        for words in ["请决定是否申请延期", "最迟：2026年8月30日 周日", "二（一）3", "https://example.gov.cn/standing"]
        {
            assert!(letter.text.contains(words), "{words}: {}", letter.text);
        }
        assert!(letter.text.starts_with("示例城"), "{}", letter.text);
        world.on("2026-05-03");
        assert!(arriving(world, &server).is_empty(), "once");
    });
}

#[test]
fn s3_3_4_a_warning_of_idleness_arrives_by_mail_on_its_day() {
    on_each_database("2024-03-29", |world| {
        let server = MailServer::new();
        let school = world.filed_school("示例城");
        world.on("2024-09-02");
        world.notified_batch(&school, "2024-10-16");
        sends_to(world, &server);
        confirm(world, &server, &school.head, "head@example.com");
        world.on("2025-09-28");
        assert!(arriving(world, &server).is_empty());
        world.on("2025-09-29");
        let letters = arriving(world, &server);
        let [letter] = letters.as_slice() else { panic!("one warning: {letters:?}") };
        for words in ["到2026年3月29日满两年，视同退出", "最迟：2026年3月29日", "三（三）"] {
            assert!(letter.text.contains(words), "{words}: {}", letter.text);
        }
    });
}
