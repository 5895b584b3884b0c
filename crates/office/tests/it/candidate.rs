//! 一（五）1, 二（二）3, 4: the candidate's own page, for whom it opens and what it shows.

use std::path::PathBuf;

use axum::http::{Method, StatusCode, header};
use office::delivery::{Channels, Send, SmsFile, send_waiting};
use office::door::Caller;
use office::{args, db};
use serde_json::{Value, json};

use crate::held::{name_of, number_of};
use crate::stages::{PDF, School, roster};
use crate::world::{Answer, Person, World, on_each_database};

/// What refusals of the own page rest on.
const OWN: &str = "平台规则·考生本人查询";
pub const PHONE: &str = "19900000001";

/// Whoever has opened the own page; the login is nobody's.
fn own(token: &Value) -> Person {
    Person { login: "nobody".into(), token: token.as_str().expect("a token").to_owned() }
}

impl World {
    /// Short messages go to a file, by its path.
    pub fn with_telephones(&self) -> PathBuf {
        let path = self.folder.join("sms.jsonl");
        let way: Box<dyn Send> = Box::new(SmsFile::open(&path).expect("a file"));
        self.office.send_by(Channels::new("", vec![way]));
        path
    }

    /// The texts that have left, the last one last.
    fn texts(&self) -> Vec<Value> {
        send_waiting(&self.office).expect("sent");
        let text = std::fs::read_to_string(self.folder.join("sms.jsonl")).expect("the file");
        text.lines().map(|line| serde_json::from_str(line).expect("a line")).collect()
    }

    /// The code of the last text.
    fn last_code(&self) -> String {
        let last = self.texts().pop().expect("a text");
        let (_, rest) = last["text"].as_str().expect("a text").split_once("验证码 ").expect("a code");
        rest.chars().take_while(char::is_ascii_digit).collect()
    }

    fn ask_own_code(&self, name: &str, number: &str) -> Answer {
        self.call(None, Method::POST, "/me/codes", Some(json!({"name": name, "id_number": number})))
    }

    fn enter_own_page(&self, name: &str, number: &str, code: &str) -> Answer {
        self.call(None, Method::POST, "/me/session", Some(json!({"name": name, "id_number": number, "code": code})))
    }

    /// What waits a minute between one code and the next is not what a story is about.
    fn minutes_pass(&self) {
        self.set("UPDATE candidate_code SET asked_at = asked_at - 61000");
    }

    /// The own page of a candidate with a telephone, opened.
    pub fn own_page(&self, name: &str, number: &str) -> Person {
        self.minutes_pass();
        self.ask_own_code(name, number).done();
        own(&self.enter_own_page(name, number, &self.last_code()).done()["token"])
    }
}

/// A batch of Monday 14 September 2026 whose first candidate has a telephone; the others have none.
fn with_a_telephone(world: &World, candidates: usize) -> (School, i64) {
    let school = world.filed_school("示例第一技工学校");
    let batch = world.notified_batch(&school, "2026-09-14");
    world.enrol(&school, candidates);
    let text = roster(0..candidates).replacen("S0000,\n", &format!("S0000,{PHONE}\n"), 1);
    let file = world.keep(&school.clerk, text.as_bytes());
    let made =
        world.post(&school.clerk, &format!("/batches/{batch}/roster"), json!({"file": file, "name": "名册.csv"}));
    assert_eq!(made.done()["new"], json!(candidates));
    (school, batch)
}

fn candidates(world: &World, school: &School, batch: i64) -> Vec<i64> {
    let view = world.get(&school.clerk, &format!("/batches/{batch}/roster")).done();
    view["candidates"].as_array().expect("candidates").iter().map(|one| one["id"].as_i64().expect("an id")).collect()
}

#[test]
fn s1_5_1_a_candidate_reads_ticket_and_place_by_a_code_and_nobody_elses() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = with_a_telephone(world, 12);
        world.with_telephones();
        let ids = candidates(world, &school, batch);
        let (name, number) = (name_of(0), number_of(0));
        // Blanks and small letters don't count.
        world.ask_own_code(&format!(" {name} "), &number.to_lowercase()).done();
        let text = world.texts().pop().expect("a text");
        assert_eq!(text["to"], PHONE);
        assert!(text["text"].as_str().expect("a text").ends_with("不是本人操作的，请勿告诉他人。"), "{text}");
        let code = world.last_code();
        let entered = world.enter_own_page(&name, &number, &code).done();
        let me = own(&entered["token"]);
        let view = world.get(&me, "/me").done();
        assert_eq!((&view["name"], view["candidacies"].as_array().map(Vec::len)), (&json!(name), Some(1)));
        let one = &view["candidacies"][0];
        assert_eq!(one["candidate"], json!(ids[0]));
        assert_eq!((&one["places"], &one["marks"], &one["verdict"]), (&json!([]), &json!([]), &Value::Null));
        assert_eq!(one["days"][0]["on"], "2026-09-14");
        // Without a place there is no ticket yet, which is said as a rule.
        let path = format!("/me/candidacies/{}/ticket", ids[0]);
        world.get(&me, &path).refused("1.5.1");
        world.post(&school.clerk, &format!("/batches/{batch}/arrangement"), arrangement()).done();
        let one = world.get(&me, "/me").done()["candidacies"][0].clone();
        assert_eq!(one["places"].as_array().map(Vec::len), Some(2), "{one}");
        let ticket = world.get(&me, &path);
        assert_eq!((ticket.status, &ticket.bytes[..5]), (StatusCode::OK, &b"%PDF-"[..]));
        // Another's is not found, whatever its id, and nothing of the house opens.
        for path in [format!("/me/candidacies/{}/ticket", ids[1]), format!("/me/candidacies/{}", ids[1])] {
            assert_eq!(world.get(&me, &path).status, StatusCode::NOT_FOUND);
        }
        for path in ["/work", "/batches", "/account"] {
            assert_eq!(world.get(&me, path).status, StatusCode::UNAUTHORIZED, "{path}");
        }
        // Each reading is traced, by the candidate's id and without a name.
        let traced = format!("SELECT CAST(COUNT(*) AS TEXT) FROM sight WHERE look = 'Own' AND subject_id = {}", ids[0]);
        assert_eq!(world.text(&traced), "4");
        let named = format!(
            "SELECT CAST(COUNT(*) AS TEXT) FROM record WHERE fields LIKE '%{number}%' OR fields LIKE '%{name}%'"
        );
        assert_eq!(world.text(&named), "0", "the record holds neither number nor name");
        // It closes when it is left, and the code opens nothing twice.
        world.post(&me, "/me/departure", json!({})).done();
        assert_eq!(world.get(&me, "/me").status, StatusCode::UNAUTHORIZED);
        world.enter_own_page(&name, &number, &code).refused(OWN);
    });
}

/// What the school of these stories arranges with.
fn arrangement() -> Value {
    json!({
        "rooms": [{"name": "示例教学楼301", "seats": 30}],
        "stations": [{"name": "示例实训楼2层", "count": 20}],
    })
}

#[test]
fn house_whoever_asks_learns_nothing_of_who_is_registered() {
    on_each_database("2026-08-31", |world| {
        with_a_telephone(world, 3);
        world.with_telephones();
        let (name, number) = (name_of(0), number_of(0));
        // Registered with a telephone, registered without, another's name, nobody.
        let asked =
            [(&name, &number), (&name_of(1), &number_of(1)), (&name_of(2), &number), (&name_of(7), &number_of(7))];
        let shape = |answer: Answer| {
            let text = answer.text();
            let plain = text.split("value=\"").map(|part| part.split_once('"').map_or("", |(_, rest)| rest));
            (answer.status, plain.collect::<Vec<_>>().join("·"), text.len())
        };
        let shapes: Vec<_> = asked
            .iter()
            .map(|(name, number)| {
                let fields = [("name", name.as_str()), ("id_number", number.as_str())];
                shape(world.submit(None, "/me", "/me/codes", &fields))
            })
            .collect();
        assert_eq!(shapes[0].0, StatusCode::OK);
        assert!(shapes[0].1.contains("已经发往那部手机"));
        for other in &shapes[1..] {
            assert_eq!(other, &shapes[0], "same status, same words, same size");
        }
        assert_eq!(world.texts().len(), 1, "one of them was sent something");
        assert_eq!(world.count("SELECT COUNT(*) FROM candidate_code"), 4, "the same is kept of each");
        assert_eq!(world.count("SELECT COUNT(*) FROM delivery WHERE kind = 'own_code'"), 4);
        assert_eq!(world.count("SELECT COUNT(*) FROM delivery WHERE kind = 'own_code' AND sealed IS NOT NULL"), 0);
        // Asking again is put off alike, and so is a wrong code.
        let again: Vec<_> =
            asked.iter().map(|(name, number)| world.ask_own_code(name, number).refused(OWN).what).collect();
        assert!(again.iter().all(|what| *what == "刚刚获取过验证码"), "{again:?}");
        let wrong: Vec<_> =
            asked.iter().map(|(name, number)| shape(world.enter_own_page(name, number, "00000A"))).collect();
        assert!(wrong.iter().all(|answer| *answer == wrong[0]), "{wrong:?}");
        assert_eq!(wrong[0].0, StatusCode::UNPROCESSABLE_ENTITY);
        // The page of the code holds name and number sealed, and a number stands in no address.
        let page = world.submit(None, "/me", "/me/codes", &[("name", &name), ("id_number", &number)]).text();
        assert!(!page.contains(&number_of(7)));
        assert!(world.page(None, "/me").headers[header::CACHE_CONTROL] == "no-store");
    });
}

#[test]
fn house_a_code_is_good_once_for_ten_minutes_and_five_tries() {
    on_each_database("2026-08-31", |world| {
        with_a_telephone(world, 1);
        world.with_telephones();
        let (name, number) = (name_of(0), number_of(0));
        let ask = || {
            world.minutes_pass();
            world.ask_own_code(&name, &number).done();
            world.last_code()
        };
        let refused = |code: &str| world.enter_own_page(&name, &number, code).refused(OWN);
        // A newer code voids the one before.
        let (first, second) = (ask(), ask());
        assert_eq!(refused(&first).field, "code");
        world.enter_own_page(&name, &number, &second).done();
        refused(&second);
        let third = ask();
        (0..5).for_each(|_| drop(refused("999999x")));
        refused(&third);
        let fourth = ask();
        world.set("UPDATE candidate_code SET expires_at = 0 WHERE is_used = 0");
        refused(&fourth);
        // Five within the hour, for whoever asks; then ten within the day.
        ask();
        world.minutes_pass();
        assert!(world.ask_own_code(&name, &number).refused(OWN).what.contains("一小时内最多"));
        world.set("UPDATE candidate_code SET asked_at = asked_at - 3600000");
        (0..5).for_each(|_| drop(ask()));
        world.set("UPDATE candidate_code SET asked_at = asked_at - 3600000");
        assert!(world.ask_own_code(&name, &number).refused(OWN).what.contains("一天内最多"));
        // What ran out is forgotten by itself.
        world.on("2026-09-04");
        assert_eq!(world.count("SELECT COUNT(*) FROM candidate_code"), 0);
        assert_eq!(world.count("SELECT COUNT(*) FROM candidate_session"), 0);
    });
}

#[test]
fn house_the_codes_of_a_large_batch_are_read_page_by_page() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例第一技工学校");
        let batch = world.rostered_batch(&school, "2026-09-14", 101);
        let path = format!("/batches/{batch}/own-codes");
        let chosen = world.submit(Some(&school.clerk), &path, &format!("{path}?page=1"), &[("whom", "chosen")]);
        assert_eq!(chosen.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", chosen.text());
        assert!(chosen.text().contains("第 101–101 条，共 101 条"), "the page stays: {}", chosen.text());
        assert_eq!(world.post(&school.clerk, &path, json!({})).done()["issued"], 101);
        let shown = |query: &str| {
            let page = world.page(Some(&school.clerk), &format!("{path}{query}")).text();
            let codes = page.matches("data-label=\"查询码\"").count();
            (codes, page.matches("name=\"candidate\"").count())
        };
        assert_eq!(shown(""), (100, 100));
        assert_eq!(shown("?codes=1"), (1, 100));
        assert_eq!(shown("?codes=1&page=1"), (1, 1));
    });
}

#[test]
fn s3_3_1_a_school_hands_out_a_code_to_who_has_no_telephone() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = with_a_telephone(world, 3);
        let path = format!("/batches/{batch}/own-codes");
        let (name, number) = (name_of(1), number_of(1));
        // Without a gateway nobody is sent anything, and everybody is told so.
        assert!(world.ask_own_code(&name, &number).refused(OWN).remedy.contains("向学校领取查询码"));
        assert_eq!(
            world.post(&school.clerk, &path, json!({})).done()["issued"],
            2,
            "the one with a telephone needs none"
        );
        let view = world.get(&school.clerk, &path).done();
        let code = |view: &Value, at: usize| view["codes"][at]["code"].as_str().expect("a code").to_owned();
        let first = code(&view, 0);
        assert_eq!((view["codes"].as_array().map(Vec::len), first.len()), (Some(2), 8), "{view}");
        assert_eq!(view["codes"][0]["valid_until"], "2026-09-30");
        assert_eq!(
            world.get(&school.centre, &path).status,
            StatusCode::FORBIDDEN,
            "a code is for the school to hand out"
        );
        let kept = format!("SELECT CAST(COUNT(*) AS TEXT) FROM candidate_code WHERE digest LIKE '%{first}%'");
        assert_eq!(world.text(&kept), "0");
        // Another's code opens nothing; one's own does, once, typed as people type it.
        world.enter_own_page(&name, &number, &code(&view, 1)).refused(OWN);
        let typed = format!(" {} {} ", &first[..4].to_lowercase(), &first[4..]);
        let me = own(&world.enter_own_page(&name, &number, &typed).done()["token"]);
        assert_eq!(world.get(&me, "/me").done()["name"], json!(name));
        world.enter_own_page(&name, &number, &first).refused(OWN);
        // At the counter, for one who has a telephone and lost it; the ticket shows what is good.
        let ids = candidates(world, &school, batch);
        world.post(&school.clerk, &path, json!({"candidates": [ids[0]]})).done();
        world.post(&school.clerk, &path, json!({"candidates": [1]})).refused("3.3.1");
        let again = world.get(&school.clerk, &path).done();
        let of: Vec<_> = again["codes"].as_array().expect("codes").iter().map(|one| &one["candidate"]).collect();
        assert_eq!(of, [&json!(ids[0]), &json!(ids[2])]);
        let page = world.page(Some(&school.clerk), &path).text();
        assert!(page.contains(&code(&again, 0)));
    });
}

#[test]
fn s2_2_3a_a_result_is_the_candidates_only_once_it_was_posted() {
    on_each_database("2026-08-31", |world| {
        let held = world.marked_batch(1, 2, &[(1, "55", "85")]);
        telephone(world, held.candidates[1], PHONE);
        world.with_telephones();
        let (name, number) = (name_of(1), number_of(1));
        let me = world.own_page(&name, &number);
        let one = || world.get(&me, "/me").done()["candidacies"][0].clone();
        assert_eq!((&one()["marks"], &one()["verdict"]), (&json!([]), &Value::Null), "marks stand, nothing is posted");
        world.post(&held.head, &format!("/batches/{}/publicity", held.batch), json!({})).done();
        let posted = one();
        assert_eq!((&posted["verdict_name"], &posted["marks"][0]["outcome"]), (&json!("不合格"), &json!("55")));
        let token = posted["publicity_token"].as_str().expect("a token").to_owned();
        // The receipt of what the candidate asks for is found again.
        let review = json!({"name": name, "id_number": number, "part": "theory", "scope": "addition",
                            "reason": "自己加出来是65分", "contact": "示例联系方式"});
        let receipt = world.call(None, Method::POST, &format!("/publicity/{token}/mark-reviews"), Some(review)).done();
        let asked = one()["requests"][0].clone();
        assert_eq!((&asked["receipt"], &asked["state"]), (&receipt["receipt"], &json!("复核中")));
        world.post(&held.centre, &format!("/batches/{}/stop", held.batch), json!({"reason": "示例叫停"})).done();
        assert_eq!((&one()["marks"], &one()["publicity_token"]), (&json!([]), &Value::Null), "while it stands still");
        // The publicity ends, the page says where it stood.
        let lift = json!({"reason": "示例解除"});
        world.post(&held.centre, &format!("/batches/{}/stop-lifting", held.batch), lift).done();
        let office = &world.office;
        office.set_day("2026-09-28".parse().expect("a day")).expect("the day");
        let me = world.own_page(&name, &number);
        let one = world.get(&me, "/me").done()["candidacies"][0].clone();
        assert_eq!((&one["publicity_token"], &one["marks"][0]["outcome"]), (&Value::Null, &json!("55")));
    });
}

#[test]
fn s2_2_3a_a_public_list_shows_less_of_a_minor() {
    on_each_database("2026-08-31", |world| {
        let held = world.marked_batch(1, 2, &[]);
        world.set("UPDATE candidate SET born = '2008-09-15' WHERE ticket = '0001'");
        world.set("UPDATE candidate SET born = '2008-09-14' WHERE ticket = '0002'");
        // Eighteen on the first day, 14 September 2026, or a day later.
        let roster = world.get(&held.clerk, &format!("/batches/{}/roster", held.batch)).done();
        assert_eq!(
            (&roster["candidates"][0]["is_minor"], &roster["candidates"][1]["is_minor"]),
            (&json!(true), &json!(false))
        );
        assert!(world.page(Some(&held.clerk), &format!("/batches/{}/roster", held.batch)).text().contains("未成年人"));
        let posted = world.post(&held.head, &format!("/batches/{}/publicity", held.batch), json!({})).done();
        let list = world.public(&format!("/publicity/{}", posted["token"].as_str().expect("a token"))).done();
        let shown = |at: usize| list["rows"][at]["id"].as_str().expect("a number").to_owned();
        assert_eq!(shown(0), format!("{}{}", "*".repeat(16), &number_of(0)[16..]));
        assert_eq!(shown(1), format!("350{}{}", "*".repeat(11), &number_of(1)[14..]));
        assert!(!list.to_string().contains("未成年"), "the list does not say who is one");
    });
}

/// Writes down a telephone, as a roster leaves it.
pub fn telephone(world: &World, candidate: i64, number: &str) {
    let (seals, number) = (world.office.seals().clone(), number.to_owned());
    let set = db::Sql { name: "test", text: "UPDATE candidate SET phone_sealed = ?2 WHERE id = ?1" };
    let write = move |tx: &mut db::Tx<'_>| {
        Ok::<_, db::DbError>((db::Keep::Yes, tx.run(&set, args![candidate, seals.seal(&number)])?))
    };
    world.office.engine().write(write).expect("a telephone");
}

#[test]
fn s2_2_4b_a_candidate_fetches_the_own_certificate_and_no_other() {
    on_each_database("2026-11-12", |world| {
        let approved = world.approved_batch("示例一技工学校", 2);
        world.issue(&approved);
        world.with_telephones();
        let one = &approved.people[0];
        telephone(world, one.candidate, PHONE);
        let me = world.own_page(&one.name, &one.id_number);
        let held = world.get(&me, "/me").done()["candidacies"][0]["certificate"].clone();
        assert_eq!((&held["state_name"], held["number"].as_str().map(str::len)), (&json!("有效"), Some(22)), "{held}");
        let pdf = world.get(&me, &format!("/me/certificates/{}/document", held["id"]));
        assert_eq!((pdf.status, &pdf.bytes[..5]), (StatusCode::OK, &b"%PDF-"[..]));
        let other = world.text(&format!(
            "SELECT CAST(id AS TEXT) FROM certificate WHERE candidate = {}",
            approved.people[1].candidate
        ));
        assert_eq!(world.get(&me, &format!("/me/certificates/{other}/document")).status, StatusCode::NOT_FOUND);
        // A correction of the certificate is a correction of whom it opens to: under the wrong name it is nobody's.
        let people = (&approved.school.clerk, &approved.school.head);
        world.change_certificate(people, &held["id"], "correct", json!({"name": "示例改"}));
        assert_eq!(world.get(&me, "/me").status, StatusCode::NOT_FOUND);
        let me = world.own_page("示例改", &one.id_number);
        assert_eq!(world.get(&me, "/me").done()["name"], "示例改");
        world.change_certificate(people, &held["id"], "suspend", json!({}));
        let held = world.get(&me, "/me").done()["candidacies"][0]["certificate"].clone();
        assert_eq!(held["state_name"], "暂停使用");
        world.get(&me, &format!("/me/certificates/{}/document", held["id"])).refused("3.3.6");
    });
}

#[test]
fn s3_3_1_telephones_go_half_a_year_after_a_batch_has_ended() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = with_a_telephone(world, 2);
        let phones = || {
            let rows = world.get(&school.clerk, &format!("/batches/{batch}/roster/full")).done()["candidates"].clone();
            rows.as_array().expect("candidates").iter().filter(|one| one["phone"] != "").count()
        };
        let early = world.office.act(&Caller::timer(), office::candidate::ForgetPhones { batch });
        assert!(early.is_err(), "the batch goes on");
        world.post(&school.clerk, &format!("/batches/{batch}/cancellation"), json!({"reason": "示例取消"})).done();
        world.on("2026-12-31");
        assert_eq!(phones(), 1);
        world.set("UPDATE batch SET theory_on = '2026-03-02', practical_on = '2026-03-02'");
        world.on("2026-12-31");
        assert_eq!(phones(), 0);
        let done = "SELECT CAST(COUNT(*) AS TEXT) FROM record WHERE act = 'ForgetPhones' AND refused IS NULL";
        assert_eq!(world.text(done), "1");
        world.on("2026-12-31");
        assert_eq!(world.text(done), "1", "once");
    });
}

/// What the clerk proposes about a candidate; a `null` takes a field away.
fn propose(world: &World, by: &Person, candidate: i64, more: Value) -> Answer {
    let file = world.keep(by, PDF);
    let mut fields = json!({"reason": "核对证件后发现名册写错", "file": file, "file_name": "证件.pdf"});
    for (name, value) in more.as_object().expect("fields") {
        fields[name] = value.clone();
    }
    world.post(by, &format!("/candidates/{candidate}/changes"), fields)
}

fn answer(world: &World, by: &Person, candidate: i64, made: &Value, agreed: bool, reason: &str) -> Answer {
    let path = format!("/candidates/{candidate}/changes/{}/answer", made["id"]);
    world.post(by, &path, json!({"agreed": agreed, "reason": reason}))
}

#[test]
fn s3_3_1_a_candidate_is_corrected_by_two_and_a_roster_changes_nothing_back() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = with_a_telephone(world, 3);
        let ids = candidates(world, &school, batch);
        let full = |at: usize| {
            world.get(&school.clerk, &format!("/batches/{batch}/roster/full")).done()["candidates"][at].clone()
        };
        // Without evidence, without a reason, without anything else: refused at the field.
        for (more, field) in [
            (json!({"name": "示例正", "file": null}), "file"),
            (json!({"name": "示例正", "reason": "错"}), "reason"),
            (json!({"name": name_of(0)}), "name"),
            (json!({"id_number": number_of(1)}), "id_number"),
            (json!({"id_number": "350199188001010012"}), "id_number"),
            (json!({"born": "1990-01-01"}), "born"),
            (json!({"phone": "123"}), "phone"),
        ] {
            let answer = propose(world, &school.clerk, ids[0], more.clone());
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{more}: {}", answer.text());
            assert_eq!(answer.json()["refusal"]["field"], field, "{more}");
        }
        // The right number has to stand in the register.
        let right = number_of(20);
        assert!(
            propose(world, &school.clerk, ids[0], json!({"id_number": right}))
                .refused("1.1.3")
                .remedy
                .contains("学籍名册")
        );
        let register = format!(
            "学号,姓名,证件号码,专业,培养层次,入学年月,毕业年月\nS0100,示例正,{right},中式烹调,中级工班,2024-09,2027-07\n"
        );
        let file = world.keep(&school.clerk, register.as_bytes());
        world.post(&school.clerk, "/enrolment", json!({"file": file, "name": "学籍.csv"})).done();
        let made = propose(
            world,
            &school.clerk,
            ids[0],
            json!({"name": "示例正", "id_number": right, "phone": "19900000002"}),
        )
        .done();
        propose(world, &school.head, ids[0], json!({"name": "示例另"})).refused("3.3.1");
        assert!(answer(world, &school.clerk, ids[0], &made, true, "").refused("3.3.1").what.contains("本人"));
        assert_eq!(full(0)["name"], json!(name_of(0)), "nothing changes before it is agreed");
        let tasks = world.get(&school.head, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("答复考生信息更正"), "{tasks}");
        // A page that was opened under what was wrong closes.
        world.with_telephones();
        let me = world.own_page(&name_of(0), &number_of(0));
        assert_eq!(answer(world, &school.head, ids[0], &made, true, "").done()["state"], "agreed");
        assert_eq!(world.get(&me, "/me").status, StatusCode::UNAUTHORIZED);
        let now = full(0);
        assert_eq!(
            (&now["name"], &now["id_number"], &now["phone"]),
            (&json!("示例正"), &json!(right), &json!("19900000002"))
        );
        let me = world.own_page("示例正", &right);
        assert_eq!(world.get(&me, "/me").done()["name"], "示例正");
        // What stood before stays, for whoever looks with a trace.
        let changes =
            world.get(&school.centre, &format!("/batches/{batch}/candidate-changes")).done()["changes"].clone();
        let facts: Vec<(&str, &str)> = changes[0]["facts"]
            .as_array()
            .expect("facts")
            .iter()
            .map(|fact| (fact["before"].as_str().expect("a text"), fact["after"].as_str().expect("a text")))
            .collect();
        let (before, after) = (format!("居民身份证 {}", number_of(0)), format!("居民身份证 {right}"));
        assert_eq!(facts[..2], [(name_of(0).as_str(), "示例正"), (before.as_str(), after.as_str())]);
        // The old roster again changes nothing back and registers nobody anew.
        let text = roster(0..3).replacen("S0000,\n", &format!("S0000,{PHONE}\n"), 1);
        let file = world.keep(&school.clerk, text.as_bytes());
        let upload = json!({"file": file, "name": "名册.csv"});
        let again = world.post(&school.clerk, &format!("/batches/{batch}/roster"), upload).done();
        assert_eq!((&again["new"], &again["changed"], &again["same"]), (&json!(0), &json!(0), &json!(3)), "{again}");
        assert_eq!(full(0)["name"], "示例正");
    });
}

#[test]
fn s3_3_1_after_issue_the_certificate_is_corrected_and_not_the_roster() {
    on_each_database("2026-11-12", |world| {
        let approved = world.approved_batch("示例一技工学校", 1);
        let (clerk, head) = (&approved.school.clerk, &approved.school.head);
        let one = approved.people[0].candidate;
        // Until the issue it is the registration that is corrected, and the centre hears of who was reported.
        let made = propose(world, clerk, one, json!({"name": "示例正"})).done();
        assert_eq!(answer(world, head, one, &made, false, "与证件不符").done()["state"], "declined");
        let made = propose(world, clerk, one, json!({"name": "示例正"})).done();
        assert_eq!(answer(world, head, one, &made, true, "").done()["state"], "agreed");
        world.issue(&approved);
        let refused = propose(world, clerk, one, json!({"name": "示例再"})).refused("3.3.1");
        assert!(refused.remedy.contains("证书页提出“更正”"), "{refused:?}");
        let list = world.get(head, "/certificates").done();
        let page = world.page(Some(clerk), &format!("/candidates/{one}/changes"));
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(list["certificates"][0]["name"], "示**", "{list}");
    });
}
