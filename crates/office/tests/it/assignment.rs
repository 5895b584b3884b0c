//! 一（二）2 and 三（一）: who examines a batch: assigned by the body, checked person by person, inspected by the centre.

use axum::http::StatusCode;
use rules::people::Role;
use serde_json::{Value, json};

use crate::held::{name_of, number_of};
use crate::stages::{School, TRADES, batch_fields};
use crate::world::{Answer, World, on_each_database};

/// Names have no digits.
const DIGITS: [&str; 7] = ["零", "一", "二", "三", "四", "五", "六"];

/// A school with a batch on Monday 14 and Tuesday 15 September 2026, notified on 31 August, and its examiners in the register.
fn notified(world: &World) -> (School, i64) {
    world.on("2026-08-31");
    let school = world.filed_school("示例一技工学校");
    world.enter_examiners("示例一技工学校", "甲");
    let mut fields = batch_fields("2026-09-14");
    fields["expected"] = json!(15);
    let batch = world.post(&school.clerk, "/batches", fields).done()["id"].as_i64().expect("an id");
    (school, batch)
}

fn assign(world: &World, school: &School, batch: i64, people: &[Value], reason: &str) -> Answer {
    let fields = json!({"people": people, "reason": reason});
    world.post(&school.clerk, &format!("/batches/{batch}/assignment"), fields)
}

fn view(world: &World, school: &School, batch: i64) -> Value {
    world.get(&school.clerk, &format!("/batches/{batch}/assignment")).done()
}

fn card_id(world: &World, school: &School, number: &str) -> String {
    let find: String = form_urlencoded::byte_serialize(number.as_bytes()).collect();
    world.get(&school.centre, &format!("/cards?find={find}")).done()["cards"][0]["id"].to_string()
}

#[test]
fn s1_2_2_a_body_assigns_who_examines_and_everything_against_it_is_told_at_once() {
    on_each_database("2026-03-02", |world| {
        let (school, batch) = notified(world);
        let tasks = world.get(&school.clerk, "/work").done()["tasks"].clone();
        let task = tasks.as_array().expect("tasks").iter().find(|task| task["what"] == "安排2026年第1批的考评人员");
        assert_eq!(task.expect("the task")["due_on"], json!("2026-09-07"), "five working days before");
        let good = World::examiners("甲");
        let said = assign(world, &school, batch, &[], "").refused("1.4.1");
        for what in ["安排了0名监考员", "安排了0名考评人员", "没有安排内部质量督导员"] {
            assert!(said.what.contains(what), "{what}: {said:?}");
        }
        // Each person's fault is told, and all of them together.
        world.enter_cards(&[
            ("考评员", "示例外行", "示例厂", "车工", "三级", "车1"),
            ("考评员", "示例初级", "示例厂", "中式烹调师", "五级", "低1"),
            ("专家", "示例专家", "示例厂", "中式烹调师", "一级", "专1"),
            ("内部质量督导员", "示例外督", "示例二技工学校", "", "", "督2"),
        ]);
        let suspended = card_id(world, &school, "甲考2");
        world
            .post(&school.provincial_centre, &format!("/cards/{suspended}/suspension"), json!({"reason": "核查"}))
            .done();
        let mut wrong = good.clone();
        wrong[1]["card_number"] = json!("车1");
        let more = |number: &str| json!({"duty": "assessor", "part": "practical", "card_number": number});
        wrong.extend([more("低1"), more("专1"), more("没有的"), more("甲考4")]);
        wrong[5]["card_number"] = json!("督2");
        wrong[6]["name"] = json!("示例别人");
        let said = assign(world, &school, batch, &wrong, "").refused("1.2.2");
        for what in [
            "示例外行的证卡不含中式烹调师",
            "示例考二的证卡已暂停",
            "示例外督不是本机构人员",
            "示例初级的证卡写在“示例别人”名下",
            "示例初级的证卡最高考评五级",
            "示例专家持有的是专家证卡",
            "没有的的证卡编号不在全省名册中",
        ] {
            assert!(said.what.contains(what), "{what}: {said:?}");
        }
        assert_eq!(said.field, "people");
        world
            .post(&school.provincial_centre, &format!("/cards/{suspended}/resumption"), json!({"reason": "完毕"}))
            .done();
        // A card has to hold on the last day; here everyone's ends with 2028.
        assign(world, &school, batch, &good, "").done();
        let seen = view(world, &school, batch);
        assert_eq!((seen["people"].as_array().map(Vec::len), &seen["findings"]), (Some(6), &json!([])), "{seen}");
        assert_eq!(
            (&seen["people"][2]["duty"], &seen["people"][2]["employer"]),
            (&json!("group_head"), &json!("示例餐饮协会")),
            "by part, the head of a group first"
        );
        let tasks = world.get(&school.clerk, "/work").done()["tasks"].to_string();
        assert!(!tasks.contains("安排2026年第1批的考评人员"), "{tasks}");
        let detail = world.get(&school.centre, &format!("/batches/{batch}")).done();
        let step = detail["steps"].as_array().expect("steps").iter().find(|step| step["code"] == "assessors");
        assert_eq!(step.expect("the step")["state"], json!("done"), "{detail}");
        assert_eq!(
            world.count("SELECT COUNT(*) FROM outbox WHERE title LIKE '%安排了2026年第1批%' AND office IS NOT NULL"),
            1
        );
        // Nobody else's to see or to do.
        let elsewhere = world.new_school("示例二技工学校", "city", "350102");
        let path = format!("/batches/{batch}/assignment");
        assert_eq!(world.get(&elsewhere.clerk, &path).status, StatusCode::NOT_FOUND);
        assert_eq!(world.post(&elsewhere.clerk, &path, json!({"people": []})).status, StatusCode::NOT_FOUND);
        assert_eq!(world.post(&school.centre, &path, json!({"people": []})).status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn s1_2_2_cards_in_a_filing_are_looked_up_in_the_register_as_a_hint() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        let name = format!("示例{}考评员1", TRADES[0].1);
        for (name, number) in [(name.as_str(), "示例考评证1"), ("示例别人", "示例考评证2")] {
            let entry = json!({"entry": {"kind": "assessor", "name": name, "employer": "示例一技工学校", "level_max": "3",
                "trades": ["中式烹调师"], "card_number": number, "card_valid_until": "2028-12-31"}});
            world.post(&school.provincial_centre, "/cards", entry).done();
        }
        world.fill_filing(&mut school);
        world.submit_filing(&school);
        let people = world.get(&school.centre, &format!("/filings/{}", school.filing)).done()["people"].clone();
        let states: Vec<_> = people
            .as_array()
            .expect("people")
            .iter()
            .filter(|one| one["trade_code"] == "4-03-02-01")
            .map(|one| one["in_register"].clone())
            .collect();
        assert_eq!(states, ["valid", "other_name", "unknown"]);
        let page = world.page(Some(&school.centre), &format!("/filings/{}", school.filing)).text();
        assert!(page.contains("名册有效") && page.contains("名册中不是此人"), "{page}");
    });
}

#[test]
fn s1_4_1_there_are_as_many_examiners_as_the_candidates_need() {
    on_each_database("2026-03-02", |world| {
        world.on("2026-08-31");
        let school = world.filed_school("示例一技工学校");
        world.enter_examiners("示例一技工学校", "甲");
        let batch = world.rostered_batch(&school, "2026-09-14", 40);
        let good = World::examiners("甲");
        let said = assign(world, &school, batch, &good, "").refused("1.4.1");
        assert!(said.what.contains("40名考生、2个考场至少要4名"), "{said:?}");
        assert!(said.what.contains("安排了3名考评人员，同场3组，至少要9名"), "{said:?}");
        // Assessed in turns, so many at a time; more invigilators.
        let mut people = good;
        let invigilator = |name: &str| json!({"duty": "invigilator", "part": "theory", "name": name});
        people.extend([invigilator("示例监三"), invigilator("示例监四")]);
        let assign = |at_once: i64, people: &[Value]| {
            let fields = json!({"people": people, "at_once": at_once});
            world.post(&school.clerk, &format!("/batches/{batch}/assignment"), fields)
        };
        assign(41, &people).refused("1.4.1");
        assign(16, &people).refused("1.4.1");
        assign(15, &people).done();
        // An even number is no group, and neither is one without a head.
        let mut even = people.clone();
        even.push(json!({"duty": "assessor", "part": "practical", "card_number": "甲考4"}));
        assert!(assign(15, &even).refused("1.4.1").what.contains("不是单数"));
        people[0]["duty"] = json!("assessor");
        assert!(assign(15, &people).refused("1.2.2").what.contains("有0名考评组长"));
    });
}

#[test]
fn s1_4_1_assignment_and_arrangement_ask_for_the_same_number() {
    on_each_database("2026-03-02", |world| {
        world.on("2026-08-31");
        let school = world.filed_school("示例一技工学校");
        world.enter_examiners("示例一技工学校", "甲");
        let batch = world.rostered_batch(&school, "2026-09-14", 40);
        let needs = |duty: &str| {
            let view = world.get(&school.clerk, &format!("/batches/{batch}/assignment")).done();
            let need = view["needs"].as_array().expect("needs").iter().find(|one| one["duty"] == duty).cloned();
            let need = need.expect("a need");
            (need["wanted"].as_u64().expect("a number"), need["is_arranged"].as_bool().expect("yes or no"))
        };
        assert_eq!((needs("invigilator"), needs("assessor")), ((4, false), (9, false)));
        // Fifteen stations are one group at a time: three assessors, whatever was said of how many are there at once.
        let means = json!({"stations": [{"name": "示例实训楼2层", "count": 15}]});
        world.post(&school.clerk, &format!("/batches/{batch}/arrangement"), means).done();
        let sessions = world.get(&school.clerk, &format!("/batches/{batch}/arrangement")).done()["sessions"].clone();
        let mut at_a_time = std::collections::BTreeMap::<String, u64>::new();
        for session in sessions.as_array().expect("sessions") {
            let time = format!("{} {} {}", session["part"], session["on"], session["from"]);
            *at_a_time.entry(time).or_default() += session["staff"].as_u64().expect("a number");
        }
        let most = |part: &str| {
            let of_part = at_a_time.iter().filter(|(time, _)| time.contains(part));
            of_part.map(|(_, staff)| *staff).max().expect("a session")
        };
        assert_eq!(needs("invigilator"), (most("theory"), true));
        assert_eq!((needs("assessor"), most("practical")), ((3, true), 3));
        let page = world.page(Some(&school.clerk), &format!("/batches/{batch}/assignment")).text();
        assert!(page.contains("按编排，同场1组"), "{page}");
        let mut people = World::examiners("甲");
        let invigilator = |name: &str| json!({"duty": "invigilator", "part": "theory", "name": name});
        people.extend([invigilator("示例监三"), invigilator("示例监四")]);
        assign(world, &school, batch, &people, "").done();
        // All forty stations at a time are three groups, and three assessors are too few again.
        world.post(&school.clerk, &format!("/batches/{batch}/arrangement"), json!({})).done();
        assert_eq!(needs("assessor"), (9, true));
        let said = assign(world, &school, batch, &people, "").refused("1.4.1");
        assert!(said.what.contains("同场3组，至少要9名") && said.remedy.contains("每组"), "{said:?}");
    });
}

#[test]
fn s3_1_1_relatives_teachers_and_colleagues_of_the_candidates_stand_back() {
    on_each_database("2026-03-02", |world| {
        world.on("2026-08-31");
        let school = world.filed_school("示例一技工学校");
        world.enter_examiners("示例一技工学校", "甲");
        let batch = world.rostered_batch(&school, "2026-09-14", 10);
        let good = World::examiners("甲");
        // The father of the second candidate; who teaches the class by the register.
        let entry = |number: &str, name: &str, employer: &str, kin: Value, ties: Value| {
            json!({"entry": {"kind": "assessor", "name": name, "employer": employer, "trades": ["中式烹调师"],
                "level_max": "3", "card_number": number, "card_valid_until": "2028-12-31", "kin": kin, "ties": ties}})
        };
        let father = json!([{"id_number": number_of(1), "relation": "父子"}]);
        let fields = entry("乙考1", "示例父", "示例大酒店", father, json!([]));
        world.post(&school.provincial_centre, "/cards", fields).done();
        let class = json!([{"body": "示例一技工学校", "class": "烹饪1班", "relation": "任教"}]);
        let fields = entry("乙考2", "示例师", "示例大酒店", json!([]), class);
        world.post(&school.provincial_centre, "/cards", fields).done();
        let with = |at: usize, change: &dyn Fn(&mut Value)| {
            let mut people = good.clone();
            change(&mut people[at]);
            assign(world, &school, batch, &people, "")
        };
        let said = with(1, &|one| one["card_number"] = json!("乙考1")).refused("3.1.1");
        assert!(said.what.contains("父子") && !said.what.contains(&number_of(1)), "{said:?}");
        assert!(!said.what.contains(&name_of(1)), "{said:?}");
        let said = with(0, &|one| one["card_number"] = json!("乙考2")).refused("3.1.1");
        assert!(said.what.contains("任教本批考生的班级"), "{said:?}");
        let said = with(0, &|one| one["teaches"] = json!(true)).refused("3.1.1");
        assert!(said.what.contains("任教本批考生的班级"), "{said:?}");
        let mut people = good.clone();
        (people[1]["teaches"], people[2]["teaches"]) = (json!(true), json!(true));
        let said = assign(world, &school, batch, &people, "").refused("3.1.1");
        assert!(said.what.contains("没有不任教本批班级的考评员"), "{said:?}");
        // All of the school's own.
        world.enter_cards(&[("考评员", "示例考五", "示例一技工学校", "中式烹调师", "三级", "甲考5")]);
        let said = with(0, &|one| one["card_number"] = json!("甲考5")).refused("3.1.1");
        assert!(said.what.contains("全部是本机构人员"), "{said:?}");
        // One of them may teach the class.
        with(1, &|one| one["teaches"] = json!(true)).done();
    });
}

#[test]
fn s3_1_1_nobody_is_in_two_batches_on_a_day_and_groups_change() {
    on_each_database("2026-03-02", |world| {
        let (school, batch) = notified(world);
        let near = world.filed_school("示例二技工学校");
        let far = world.filed_school_in("示例三技工学校", "city", "350203");
        world.enter_examiners("示例二技工学校", "乙");
        world.enter_examiners("示例三技工学校", "丙");
        assign(world, &school, batch, &World::examiners("甲"), "").done();
        // The head of the first batch is asked for elsewhere: on the same day, in the same city and in another.
        let batch_of = |school: &School, starts_on: &str| {
            let mut fields = batch_fields(starts_on);
            fields["expected"] = json!(15);
            world.post(&school.clerk, "/batches", fields).done()["id"].as_i64().expect("an id")
        };
        let with_head = |tag: &str| {
            let mut people = World::examiners(tag);
            people[0]["card_number"] = json!("甲考3");
            people
        };
        let (near_batch, far_batch) = (batch_of(&near, "2026-09-14"), batch_of(&far, "2026-09-14"));
        let said = assign(world, &near, near_batch, &with_head("乙"), "").refused("3.1.1");
        assert!(said.what.contains("示例考三于 2026-09-15 已安排在示例一技工学校2026年第1批"), "{said:?}");
        let said = assign(world, &far, far_batch, &with_head("丙"), "").refused("3.1.1");
        assert!(said.what.contains("同一天不能往返两地"), "{said:?}");
        // The day after in another city is only asked about.
        let next_day = batch_of(&far, "2026-09-15");
        assign(world, &far, next_day, &with_head("丙"), "").done();
        let seen = view(world, &far, next_day);
        assert_eq!((seen["findings"].as_array().map(Vec::len), &seen["findings"][0]["hint"]), (Some(1), &json!(true)));
        // A batch that is called off binds nobody.
        world.post(&school.clerk, &format!("/batches/{batch}/cancellation"), json!({"reason": "停电"})).done();
        assign(world, &near, near_batch, &with_head("乙"), "").done();

        // The school's next batches of the occupation: half of the group changes, and nobody comes a fourth time.
        let second = batch_of(&near, "2026-09-21");
        let said = assign(world, &near, second, &World::examiners("乙"), "").refused("3.1.1");
        assert!(said.what.contains("有3名参加过上一批同职业的考评，超过一半"), "{said:?}");
        world.enter_cards(&[
            ("考评员", "示例考六", "示例二技工学校", "中式烹调师", "三级", "乙考6"),
            ("考评员", "示例考七", "示例二技工学校", "中式烹调师", "三级", "乙考7"),
            ("考评员", "示例考八", "示例二技工学校", "中式烹调师", "三级", "乙考8"),
        ]);
        let group = |head: &str, second: &str| {
            let mut people = World::examiners("乙");
            (people[0]["card_number"], people[2]["card_number"]) = (json!(head), json!(second));
            people
        };
        assign(world, &near, second, &group("乙考4", "乙考6"), "").done();
        let third = batch_of(&near, "2026-09-28");
        assign(world, &near, third, &group("乙考3", "乙考7"), "").done();
        let fourth = batch_of(&near, "2026-10-12");
        let said = assign(world, &near, fourth, &group("乙考4", "乙考8"), "").refused("3.1.1");
        assert!(said.what.contains("示例考一已连续参加本机构3个批次的考评"), "{said:?}");
        let mut rested = group("乙考4", "乙考8");
        rested[1]["card_number"] = json!("乙考2");
        assign(world, &near, fourth, &rested, "").done();
    });
}

#[test]
fn s3_1_1_who_was_replaced_and_why_stays_and_the_register_knows_every_assignment() {
    on_each_database("2026-03-02", |world| {
        let (school, batch) = notified(world);
        assign(world, &school, batch, &World::examiners("甲"), "").done();
        let mut people = World::examiners("甲");
        people[0]["card_number"] = json!("甲考4");
        let said = assign(world, &school, batch, &people, "  ").refused("3.3.1");
        assert_eq!(said.field, "reason", "{said:?}");
        world.on("2026-09-14");
        assign(world, &school, batch, &people, "示例考三突发疾病").done();
        let seen = view(world, &school, batch);
        assert_eq!(
            (&seen["former"][0]["name"], &seen["former"][0]["ended_reason"]),
            (&json!("示例考三"), &json!("示例考三突发疾病"))
        );
        assert_eq!(seen["people"][3]["assigned_on"], json!("2026-08-31"), "who stays was assigned then");
        // Whoever invigilated yesterday did; after the last day nothing changes.
        world.on("2026-09-15");
        let mut others = people.clone();
        others[3]["name"] = json!("示例监九");
        assign(world, &school, batch, &others, "换人").refused("3.3.1");
        world.on("2026-09-16");
        assign(world, &school, batch, &people, "").refused("3.3.1");

        // One person, all bodies, whichever card; what a centre found is not for the body.
        let id = card_id(world, &school, "甲考3");
        let card = world.get(&school.centre, &format!("/cards/{id}")).done();
        assert_eq!(card["assignments"][0]["ended_reason"], json!("示例考三突发疾病"), "{card}");
        let number = world.get(&school.clerk, &format!("/batches/{batch}")).done()["number"].clone();
        let id = card_id(world, &school, "甲考1");
        let note = |fields: Value| world.post(&school.centre, &format!("/cards/{id}/findings"), fields);
        note(json!({"finding": "评分表漏签", "batch_number": "PC2026-9999"})).refused("3.1.1");
        note(json!({"finding": "评分表漏签", "batch_number": number})).done();
        let found = world.get(&school.centre, &format!("/cards/{id}")).done()["findings"].clone();
        assert_eq!((&found[0]["finding"], &found[0]["batch_number"]), (&json!("评分表漏签"), &number));
        assert_eq!(world.get(&school.clerk, &format!("/cards/{id}")).done()["findings"], json!([]));
        assert_eq!(
            world.post(&school.clerk, &format!("/cards/{id}/findings"), json!({"finding": "好"})).status,
            StatusCode::FORBIDDEN
        );
    });
}

#[test]
fn s3_1_1_the_centre_sends_an_inspector_who_has_nothing_to_do_with_the_body() {
    on_each_database("2026-03-02", |world| {
        let (school, batch) = notified(world);
        world.enter_cards(&[
            ("外部质量督导员", "示例督甲", "福州市职业技能鉴定指导中心", "", "", "R35260001"),
            ("外部质量督导员", "示例督乙", "示例一技工学校", "", "", "R35260002"),
        ]);
        let send = |person: &crate::world::Person, numbers: &[&str], reason: &str| {
            let fields = json!({"card_numbers": numbers, "reason": reason});
            world.post(person, &format!("/batches/{batch}/supervisors"), fields)
        };
        assert_eq!(send(&school.clerk, &["R35260001"], "").status, StatusCode::FORBIDDEN);
        let elsewhere = world.officer_at(Role::CityCentre, "city-350200-centre");
        assert_eq!(send(&elsewhere, &["R35260001"], "").status, StatusCode::NOT_FOUND);
        let said = send(&school.centre, &["R35260002"], "").refused("3.1.1");
        assert!(said.what.contains("在该机构任职"), "{said:?}");
        send(&school.centre, &["甲督1"], "").refused("1.2.2");
        send(&school.centre, &["R35260001"], "").done();
        // The body's own list leaves them alone, and may not name one.
        let mut people = World::examiners("甲");
        people.push(json!({"duty": "external_inspector", "card_number": "R35260001"}));
        assign(world, &school, batch, &people, "").refused("2.2.1c");
        assign(world, &school, batch, &World::examiners("甲"), "").done();
        let seen = view(world, &school, batch);
        assert_eq!(seen["people"].as_array().map(Vec::len), Some(7));
        assert_eq!(
            world.count("SELECT COUNT(*) FROM outbox WHERE title LIKE '%派出质量督导员%' AND body IS NOT NULL"),
            1
        );
        send(&school.centre, &[], "").refused("3.3.1");
        send(&school.centre, &[], "另有任务").done();
        assert_eq!(view(world, &school, batch)["former"][0]["name"], json!("示例督甲"));
    });
}

#[test]
fn s1_2_2_the_page_of_an_assignment_keeps_what_was_typed_and_the_centre_sees_what_is_missing() {
    on_each_database("2026-03-02", |world| {
        let (school, batch) = notified(world);
        let home = format!("/batches/{batch}/assignment");
        let page = world.page(Some(&school.clerk), &home).text();
        assert!(page.contains("甲考3") && page.contains("示例餐饮协会") && page.contains("实操考评组长"), "{page}");
        let rows = [
            ("practical/group_head", "甲考3", ""),
            ("practical/assessor", "甲考1", "示例考一"),
            ("practical/assessor", "甲考2", ""),
            ("theory/invigilator", "", "示例监一"),
            ("theory/invigilator", "", "示例监二"),
            ("/inspector", "", ""),
        ];
        let fields = |inspector: &'static str, what: &'static str| {
            let mut fields: Vec<(&str, &str)> = vec![("at_once", "15"), ("do", what)];
            for (n, (post, card, name)) in rows.iter().enumerate() {
                let card = if n == 5 { inspector } else { card };
                fields.extend([("post[]", *post), ("card_number[]", card), ("name[]", *name), ("teaches[]", "")]);
            }
            fields
        };
        let press = |fields: &[(&str, &str)]| world.submit(Some(&school.clerk), &home, &home, fields);
        let refused = press(&fields("", "assign"));
        let text = refused.text();
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text.contains("没有安排内部质量督导员") && text.contains("value=\"示例监二\""), "{text}");
        let more = press(&fields("甲督1", "more"));
        assert!(more.status == StatusCode::OK && more.text().contains("value=\"甲督1\""));
        assert_eq!(press(&fields("甲督1", "assign")).status, StatusCode::SEE_OTHER);
        let page = world.page(Some(&school.centre), &home).text();
        assert!(page.contains("示例考三") && page.contains("派出督导员"), "{page}");
        let sent = world.submit(
            Some(&school.centre),
            &home,
            &format!("/batches/{batch}/supervisors"),
            &[("card_numbers", "R00000000")],
        );
        assert!(sent.status == StatusCode::UNPROCESSABLE_ENTITY && sent.text().contains("value=\"R00000000\""));
    });
}

#[test]
fn s3_3_1_the_chain_names_the_examiners_and_the_review_says_where_there_are_none() {
    on_each_database("2026-03-02", |world| {
        // Nobody was assigned: nothing was held up by it, and the reviewer is told.
        let held = world.reported_batch(1, 2, &[]);
        let report = format!("/batches/{}/report", held.batch);
        let page = world.page(Some(&held.centre), &report).text();
        assert!(page.contains("没有登记考评人员的安排"), "{page}");
        assert!(!world.page(Some(&held.head), &report).text().contains("没有登记考评人员的安排"));
        world.on("2026-09-28");
        let all = json!({"rest": true, "approved": true});
        world.post(&held.centre, &format!("/batches/{}/reports/1/reviews", held.batch), all).done();
        world.photograph(&held, &[0, 1]);
        world.post(&held.head, &format!("/batches/{}/certificates", held.batch), json!({})).done();
        let id = world.get(&held.head, "/certificates").done()["certificates"][0]["id"].clone();
        let chain = |what: &str| {
            let chain = world.get(&held.head, &format!("/certificates/{id}/chain")).done();
            let page = world.page(Some(&held.head), &format!("/certificates/{id}/chain")).text();
            assert!(page.contains(what), "{page}");
            chain["batch"]["examiners"].clone()
        };
        assert_eq!(chain("没有登记考评人员的安排"), json!([]));
    });
}

#[test]
fn s3_3_1_a_certificate_leads_back_to_those_who_assessed() {
    on_each_database("2026-03-02", |world| {
        world.on("2026-08-31");
        let school = world.filed_school("示例一技工学校");
        world.enter_examiners("示例一技工学校", "甲");
        let batch = world.rostered_batch(&school, "2026-09-14", 2);
        assign(world, &school, batch, &World::examiners("甲"), "").done();
        world.on("2026-09-16");
        let candidates = world.get(&school.clerk, &format!("/batches/{batch}/marks")).done()["persons"].clone();
        let entries: Vec<Value> = candidates
            .as_array()
            .expect("persons")
            .iter()
            .flat_map(|one| {
                ["theory", "practical"]
                    .map(|part| json!({"candidate": one["candidate"], "part": part, "outcome": "80"}))
            })
            .collect();
        world.post(&school.clerk, &format!("/batches/{batch}/marks"), json!({"entries": entries})).done();
        world.confirm_marks(&school.head, batch);
        world.on("2026-09-17");
        world.post(&school.head, &format!("/batches/{batch}/publicity"), json!({})).done();
        world.on("2026-09-24");
        world.post(&school.head, &format!("/batches/{batch}/report"), json!({})).done();
        let page = world.page(Some(&school.centre), &format!("/batches/{batch}/report")).text();
        assert!(!page.contains("考评人员请先核对"), "{page}");
        // A head who was suspended meanwhile is something to look at.
        let id = card_id(world, &school, "甲考3");
        world.post(&school.provincial_centre, &format!("/cards/{id}/suspension"), json!({"reason": "违规评分"})).done();
        let page = world.page(Some(&school.centre), &format!("/batches/{batch}/report")).text();
        assert!(page.contains("示例考三的证卡已暂停"), "{page}");
        let all = json!({"rest": true, "approved": true});
        world.post(&school.centre, &format!("/batches/{batch}/reports/1/reviews"), all).done();
        let (photo, names) = (crate::certificate::photo(), [0, 1].map(|n| format!("{}.png", number_of(n))));
        let photos: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), photo.as_slice())).collect();
        let file = world.keep(&school.clerk, &crate::roster::zipped(&photos));
        world.post(&school.clerk, &format!("/batches/{batch}/photos"), json!({"file": file})).done();
        world.post(&school.head, &format!("/batches/{batch}/certificates"), json!({})).done();
        let id = world.get(&school.head, "/certificates").done()["certificates"][0]["id"].clone();
        let chain = world.get(&school.centre, &format!("/certificates/{id}/chain")).done();
        let examiners = chain["batch"]["examiners"].as_array().expect("examiners").clone();
        assert_eq!(examiners.len(), 6);
        assert_eq!(
            (&examiners[2]["name"], &examiners[2]["duty_name"], &examiners[2]["card_number"]),
            (&json!("示例考三"), &json!("考评组长"), &json!("甲考3"))
        );
        let page = world.page(Some(&school.centre), &format!("/certificates/{id}/chain")).text();
        assert!(page.contains("示例监一") && page.contains("操作技能考核，考评组长"), "{page}");
    });
}

#[test]
fn s1_2_2_assessors_are_assigned_to_single_groups_and_each_group_is_checked() {
    on_each_database("2026-03-02", |world| {
        world.on("2026-08-31");
        let school = world.filed_school("示例一技工学校");
        world.enter_examiners("示例一技工学校", "甲");
        let card = |n: usize, employer: &'static str| {
            let (name, number) = (format!("示例评{}", DIGITS[n]), format!("组考{n}"));
            (name, employer, number)
        };
        let more: Vec<_> =
            (1..=3).map(|n| card(n, "示例餐饮协会")).chain((4..=6).map(|n| card(n, "示例一技工学校"))).collect();
        let rows: Vec<_> = more
            .iter()
            .map(|(name, employer, number)| ("考评员", name.as_str(), *employer, "中式烹调师", "三级", number.as_str()))
            .collect();
        world.enter_cards(&rows);
        let batch = world.rostered_batch(&school, "2026-09-14", 40);
        // All forty stations at a time are three groups.
        world.post(&school.clerk, &format!("/batches/{batch}/arrangement"), json!({})).done();
        let seen = view(world, &school, batch);
        let sessions = |part: &str| -> Vec<i64> {
            let groups = seen["groups"].as_array().expect("groups").iter();
            groups.filter(|one| one["part"] == part).map(|one| one["session"].as_i64().expect("an id")).collect()
        };
        let groups = sessions("practical");
        assert_eq!((groups.len(), &seen["at_once"], &seen["is_arranged"]), (3, &json!(40), &json!(true)), "{seen}");
        let assessor = |duty: &str, number: &str, sessions: &[i64]| json!({"duty": duty, "part": "practical", "card_number": number, "sessions": sessions});
        let people = |own_in_third: bool, twice: &[i64]| {
            let (second, third) = if own_in_third { ("组考1", "组考4") } else { ("组考4", "组考1") };
            let mut people = vec![
                assessor("group_head", "甲考3", &groups[..1]),
                assessor("assessor", "甲考1", &groups[..1]),
                assessor("assessor", "甲考2", twice),
                assessor("group_head", "组考2", &groups[1..2]),
                assessor("assessor", second, &groups[1..2]),
                assessor("assessor", "组考3", &groups[1..2]),
                assessor("group_head", "组考5", &groups[2..]),
                assessor("assessor", third, &groups[2..]),
                assessor("assessor", "组考6", &groups[2..]),
                json!({"duty": "inspector", "card_number": "甲督1"}),
            ];
            let invigilator =
                |n: usize| json!({"duty": "invigilator", "part": "theory", "name": format!("示例监{}", DIGITS[n])});
            people.extend((1..=4).map(invigilator));
            people
        };
        let said = assign(world, &school, batch, &people(true, &groups[..1]), "").refused("3.1.1");
        assert!(said.what.contains("28–40 号工位") && said.what.contains("全部是本机构人员"), "{said:?}");
        let said = assign(world, &school, batch, &people(false, &groups[..2]), "").refused("3.1.1");
        assert!(said.what.contains("示例考二同一时间安排在"), "{said:?}");
        assert!(said.what.contains("安排了4名考评人员，不是单数"), "{said:?}");
        let said = assign(world, &school, batch, &people(false, &[]), "").refused("1.4.1");
        assert!(said.what.contains("示例考二没有分到操作技能考核的考场或组"), "{said:?}");
        assert!(said.what.contains("安排了2名考评人员，至少要3名"), "{said:?}");
        let said = assign(world, &school, batch, &people(false, &sessions("theory")[..1]), "").refused("1.5.1");
        assert!(said.what.contains("所在的考场或组不在操作技能考核的编排中"), "{said:?}");
        // What is arranged counts, whatever is said beside it.
        let other = json!({"people": people(false, &groups[..1]), "at_once": 20});
        let said = world.post(&school.clerk, &format!("/batches/{batch}/assignment"), other).refused("1.4.1");
        assert!(said.field == "at_once" && said.what.contains("是 40 人，不是 20 人"), "{said:?}");
        assign(world, &school, batch, &people(false, &groups[..1]), "").done();
        let seen = view(world, &school, batch);
        let third = seen["groups"].as_array().expect("groups").iter().find(|one| one["session"] == groups[2]);
        assert_eq!(third.expect("it")["people"], json!(["示例评五（组长）", "示例评一", "示例评六"]), "{seen}");
        assert_eq!(seen["findings"], json!([]), "{seen}");
        // Both pages count alike: nine wanted, nine there.
        let home = format!("/batches/{batch}/assignment");
        let page = world.page(Some(&school.clerk), &home).text();
        assert!(page.contains("示例评五（组长）") && page.contains("实操按编排同场 40 人"), "{page}");
        let page = world.page(Some(&school.clerk), &format!("/batches/{batch}/arrangement")).text();
        assert!(page.contains("按编排，同场3组：14、13、13人，至少 9 名，已安排 9 名"), "{page}");
        // In the room those of the group come first, the others are told apart.
        let hall = world.get(&school.clerk, &format!("/batches/{batch}/conduct/{}", groups[2])).done();
        let staff: Vec<_> = hall["staff"].as_array().expect("staff").iter().map(|one| &one["is_of_group"]).collect();
        assert_eq!(staff.iter().filter(|one| ***one == json!(true)).count(), 4, "{hall}");
        assert!(staff[..4].iter().all(|one| **one == json!(true)), "{hall}");
        // A sheet has those of the own group and nobody else.
        world.on("2026-09-15");
        let scores = world.get(&school.clerk, &format!("/batches/{batch}/scores")).done();
        let of = |name: &str| {
            let all = scores["panels"][0]["assessors"].as_array().expect("assessors");
            all.iter().find(|one| one["name"] == name).expect("the assessor")["assessor"].clone()
        };
        let sheet = |name: &str| {
            let sheet = world.get(&school.clerk, &format!("/batches/{batch}/scores/{}", of(name))).done();
            sheet["persons"].as_array().expect("persons").clone()
        };
        let (first, third) = (sheet("示例考三"), sheet("示例评五"));
        assert_eq!((first.len(), third.len()), (14, 13));
        let stranger = json!({"entries": [{"candidate": first[0]["candidate"], "points": ["80"]}]});
        let answer = world.post(&school.clerk, &format!("/batches/{batch}/scores/{}", of("示例评五")), stranger);
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "not of this group");
    });
}

#[test]
fn s1_2_2_groups_that_are_arranged_anew_are_assigned_anew() {
    on_each_database("2026-03-02", |world| {
        world.on("2026-08-31");
        let school = world.filed_school("示例一技工学校");
        world.enter_examiners("示例一技工学校", "甲");
        let batch = world.rostered_batch(&school, "2026-09-14", 10);
        let arrange = || world.post(&school.clerk, &format!("/batches/{batch}/arrangement"), json!({})).done();
        arrange();
        let session = |at: usize| view(world, &school, batch)["groups"][at]["session"].clone();
        let (theory, practical) = (session(0), session(1));
        let mut people = World::examiners("甲");
        people[..3].iter_mut().for_each(|one| one["sessions"] = json!([practical]));
        people[3..5].iter_mut().for_each(|one| one["sessions"] = json!([theory]));
        assign(world, &school, batch, &people, "").done();
        let page = world.page(Some(&school.clerk), &format!("/batches/{batch}/assignment")).text();
        assert!(page.contains(&format!("<option value=\"{practical}\" selected>")), "{page}");
        arrange();
        let seen = view(world, &school, batch);
        assert!(seen["people"].as_array().expect("people").iter().all(|one| one["sessions"] == json!([])), "{seen}");
        assert_eq!(seen["findings"], json!([]), "as the whole part they still are enough");
        // The rooms of before are no more.
        let said = assign(world, &school, batch, &people, "").refused("1.5.1");
        assert!(said.remedy.contains("按现在的编排选择考场或组"), "{said:?}");
    });
}
