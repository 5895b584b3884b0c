//! 二（二）3, first half: five whole working days in public, frozen and masked; objections and their receipts.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::held::{name_of, number_of};
use crate::world::{Answer, World, on_each_database};

fn object(world: &World, token: &str, no: i64, reason: &str) -> Answer {
    let fields = json!({"no": no, "reason": reason, "contact": "0591-00000009"});
    world.call(None, Method::POST, &format!("/publicity/{token}/objections"), Some(fields))
}

#[test]
fn s2_2_3a_results_stand_five_whole_working_days_over_holidays_and_go_by_themselves() {
    on_each_database("2026-08-31", |world| {
        let held = world.marked_batch(1, 3, &[(1, "59.5", "90"), (2, "缺考", "缺考")]);
        let path = format!("/batches/{}/publicity", held.batch);
        assert_eq!(world.post(&held.clerk, &path, json!({})).status, StatusCode::FORBIDDEN);
        world.on("2026-09-17");
        let posted = world.post(&held.head, &path, json!({})).done();
        let token = posted["token"].as_str().expect("a token");
        // Thursday the 17th does not count; Sunday the 20th is worked for the holidays.
        assert_eq!(
            posted["window"],
            json!({"posted_on": "2026-09-17", "first_on": "2026-09-18", "ends_on": "2026-09-23"})
        );
        world.post(&held.head, &path, json!({})).refused("2.2.3a");

        let public = world.public(&format!("/publicity/{token}")).done();
        let rows = public["rows"].as_array().expect("rows");
        let seen: Vec<(&str, &str)> =
            rows.iter().map(|r| (r["name"].as_str().unwrap(), r["verdict"].as_str().unwrap())).collect();
        assert_eq!(seen, [("示***", "passed"), ("示***", "failed"), ("示***", "absent")]);
        let page = world.page(None, &format!("/publicity/{token}"));
        assert_eq!(page.status, StatusCode::OK);
        for text in [page.text(), public.to_string()] {
            assert!(!text.contains(&name_of(0)) && !text.contains(&number_of(0)), "masked");
            assert!(text.contains("59.5") && text.contains("350***********"), "{text}");
        }
        assert!(world.page(None, "/publicity").text().contains("2026年第1批"));

        // Frozen: no mark and no second list.
        let entries = json!({"entries": [{"candidate": held.candidates[1], "part": "theory", "outcome": "60"}]});
        world.post(&held.clerk, &format!("/batches/{}/marks", held.batch), entries).refused("2.2.3a");
        let inside = world.get(&held.centre, &path).done();
        assert_eq!((&inside["intact"], &inside["digest"]), (&json!(true), &posted["digest"]));
        // Nobody takes it down early, not even the timer.
        assert_eq!(world.post(&held.head, &format!("{path}/closure"), json!({})).status, StatusCode::FORBIDDEN);
        world.on("2026-09-23");
        assert_eq!(world.page(None, &format!("/publicity/{token}")).status, StatusCode::OK);
        assert_eq!(world.get(&held.head, &path).done()["batch"]["stage"], "posted");

        world.on("2026-09-24");
        let gone = world.page(None, &format!("/publicity/{token}"));
        assert_eq!(gone.status, StatusCode::GONE);
        assert!(gone.text().contains("2026年9月23日") && !gone.text().contains("示***"), "{}", gone.text());
        assert_eq!(world.public(&format!("/publicity/{token}")).done()["rows"], json!([]));
        assert!(!world.page(None, "/publicity").text().contains("2026年第1批"));
        let after = world.get(&held.head, &path).done();
        assert_eq!((&after["batch"]["stage"], &after["report_due_on"]), (&json!("publicised"), &json!("2026-10-14")));
        // Once is enough.
        assert_eq!(office::cli::due::run(&world.office).expect("what falls due").closed, 0);
        assert_eq!(world.public("/publicity/0123").status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn s2_2_3a_nothing_is_posted_before_every_result_is_there() {
    on_each_database("2026-08-31", |world| {
        let held = world.examined_batch(1, 2);
        let path = format!("/batches/{}/publicity", held.batch);
        let refused = world.post(&held.head, &path, json!({})).refused("2.2.3a");
        assert!(refused.what.contains("2 名考生成绩未齐") && refused.what.contains(&name_of(1)), "{refused:?}");
        world.on("2026-09-14");
        let refused = world.post(&held.head, &path, json!({})).refused("2.2.3a");
        assert!(refused.remedy.contains("2026-09-15"), "{refused:?}");
        let shown = world.get(&held.head, &path).done();
        assert_eq!(shown["hindrance"]["clause"], "2.2.3a");
        assert_eq!(world.page(Some(&held.head), &path).status, StatusCode::OK);

        let empty = world.examined_batch(2, 0);
        let refused =
            world.post(&empty.head, &format!("/batches/{}/publicity", empty.batch), json!({})).refused("2.2.3a");
        assert!(refused.what.contains("没有考生"), "{refused:?}");
        let (ours, theirs) = (&held.head, &empty.head);
        assert_eq!(world.get(theirs, &path).status, StatusCode::NOT_FOUND);
        assert_eq!(world.post(theirs, &path, json!({})).status, StatusCode::NOT_FOUND);
        assert_eq!(world.get(ours, &path).status, StatusCode::OK);
    });
}

#[test]
fn s2_2_3b_an_objection_holds_the_one_person_it_names_until_it_is_dismissed() {
    on_each_database("2026-08-31", |world| {
        let (held, token) = world.posted_batch(1, 3, &[]);
        let receipt =
            object(world, &token, 2, "实操当天他没有到场").done()["receipt"].as_str().expect("a receipt").to_owned();
        assert!(receipt.starts_with("YY20260917-0001-"), "{receipt}");
        let second = object(world, &token, 3, "理论成绩登记有误").done()["receipt"].clone();
        assert!(second.as_str().expect("a receipt").starts_with("YY20260917-0002-"), "{second}");
        object(world, &token, 9, "没有这个人的成绩").refused("2.2.3a");
        object(world, &token, 2, "不对").refused("2.2.3a");
        assert_eq!(object(world, "0123", 2, "实操当天他没有到场").status, StatusCode::NOT_FOUND);

        // Who holds the receipt sees where it stands, and no person's data.
        let state = world.public(&format!("/objection-receipts/{receipt}")).done();
        assert_eq!(state["state"], "open");
        assert!(!state.to_string().contains("示例二") && !state.to_string().contains("没有到场"), "{state}");
        // Counting up finds nothing: what follows the number is chance.
        assert_eq!(world.public("/objection-receipts/YY20260917-0001").status, StatusCode::NOT_FOUND);
        let (counted, chance) = receipt.rsplit_once('-').expect("a part of chance");
        assert!(second.as_str().is_some_and(|second| !second.ends_with(chance)) && chance.len() == 8, "{receipt}");
        assert_eq!(world.public(&format!("/objection-receipts/{counted}-AAAAAAAA")).status, StatusCode::NOT_FOUND);
        let typed = receipt.to_lowercase();
        assert!(
            world.page(None, &format!("/objections?receipt={typed}")).text().contains("待处理"),
            "as people type it"
        );
        assert!(world.page(None, &format!("/objections?receipt={receipt}")).text().contains("待处理"));

        // The contact is for the body alone, and the record keeps none.
        let path = format!("/batches/{}/publicity", held.batch);
        let contact = |view: Value| view["objections"][0]["contact"].as_str().expect("a contact").to_owned();
        assert_eq!(contact(world.get(&held.head, &path).done()), "0591-00000009");
        assert_eq!(contact(world.get(&held.centre, &path).done()), "");
        assert_eq!(world.count("SELECT COUNT(*) FROM record WHERE act = 'LodgeObjection' AND refused IS NULL"), 2);
        assert_eq!(world.count("SELECT COUNT(*) FROM record WHERE fields LIKE '%00000009%'"), 0);
        assert_eq!(world.count("SELECT COUNT(*) FROM objection WHERE contact_sealed LIKE '%00000009%'"), 0);

        world.on("2026-09-24");
        let refused = object(world, &token, 1, "公示结束才发现的问题").refused("2.2.3a");
        assert!(refused.remedy.contains("主管职业技能鉴定指导中心"), "{refused:?}");
        let reported = world.post(&held.head, &format!("/batches/{}/report", held.batch), json!({})).done();
        assert_eq!((&reported["reports"][0]["persons"], &reported["held"]), (&json!(1), &json!(2)));

        let objections = world.get(&held.head, &path).done()["objections"].clone();
        let id = |receipt: &Value| {
            objections.as_array().unwrap().iter().find(|o| &o["receipt"] == receipt).expect("it")["id"].clone()
        };
        let decide = |receipt: &Value, upheld: bool, reason: &str| {
            world.post(
                &held.head,
                &format!("/objections/{}/decision", id(receipt)),
                json!({"upheld": upheld, "reason": reason}),
            )
        };
        let first = json!(receipt);
        decide(&first, false, " ").refused("2.2.3b");
        assert_eq!(
            world
                .post(
                    &held.clerk,
                    &format!("/objections/{}/decision", id(&first)),
                    json!({"upheld": false, "reason": "x"})
                )
                .status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(decide(&first, false, "监控录像可见其到场").done()["held"], false);
        decide(&first, true, "再议").refused("2.2.3b");
        assert_eq!(decide(&second, true, "登分有误").done()["held"], true);
        let state = world.public(&format!("/objection-receipts/{receipt}")).done();
        assert_eq!((&state["state"], &state["decision"]), (&json!("dismissed"), &json!("监控录像可见其到场")));

        // The one who was cleared is reported; the other is not.
        let reported = world.post(&held.head, &format!("/batches/{}/report", held.batch), json!({})).done();
        let made = &reported["reports"][0];
        assert_eq!((&made["no"], &made["persons"], &reported["held"]), (&json!(2), &json!(1), &json!(0)));
        world.post(&held.head, &format!("/batches/{}/report", held.batch), json!({})).refused("2.2.3b");
    });
}

#[test]
fn s2_2_3a_a_flood_of_objections_is_refused_and_one_form_counts_once() {
    on_each_database("2026-08-31", |world| {
        let (held, token) = world.posted_batch(1, 2, &[]);
        for n in 0..rules::terms::OBJECTIONS_OPEN_MAX {
            object(world, &token, 1, &format!("重复的异议第 {n} 件")).done();
        }
        object(world, &token, 1, "又一件重复的异议").refused("平台规则·公示异议");
        object(world, &token, 2, "另一个人的异议").done();
        let form =
            [("no", "2"), ("reason", "表单里写的异议"), ("contact", "0591-00000009"), ("once", "0123456789abcdef")];
        let page = format!("/publicity/{token}");
        let first = world.submit(None, &page, &format!("{page}/objections"), &form);
        assert_eq!(first.status, StatusCode::OK, "{}", first.text());
        let again = world.submit(None, &page, &format!("{page}/objections"), &form);
        assert!(
            first.text().contains("YY20260917-0022") && again.text().contains("YY20260917-0022"),
            "{}",
            again.text()
        );
        let wrong = world.submit(
            None,
            &page,
            &format!("{page}/objections"),
            &[("no", "2"), ("reason", "短"), ("contact", "0591-00000009")],
        );
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().contains("0591-00000009"), "what was typed is kept");
        let tasks = world.get(&held.head, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("处理公示异议") && tasks.contains("22 件待处理"), "{tasks}");
    });
}

#[test]
fn s2_2_3a_a_long_list_comes_in_pages_and_is_posted_reported_and_reviewed_whole() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 150, &[]);
        let rows = |person: Option<&crate::world::Person>, path: &str| {
            let answer = world.page(person, path);
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
            answer.text().matches("***********").count()
        };
        let inside = format!("/batches/{}/publicity", held.batch);
        let report = format!("/batches/{}/report", held.batch);
        for path in [&inside, &report] {
            let at = |page: &str| rows(Some(&held.centre), &format!("{path}?page={page}"));
            assert_eq!((at("0"), at("1"), at("7"), at("-1")), (100, 50, 50, 100), "{path}");
        }
        let (_, token) = world.posted_batch(2, 101, &[]);
        let public = format!("/publicity/{token}");
        assert_eq!((rows(None, &public), rows(None, &format!("{public}?page=1"))), (100, 1));
        assert!(world.page(None, &public).text().contains("101 名考生的结果"));
        let all = json!({"rest": true, "approved": true});
        let path = format!("/batches/{}/reports/1/reviews", held.batch);
        assert_eq!(world.post(&held.centre, &path, all).done()["decided"], 150);
    });
}
