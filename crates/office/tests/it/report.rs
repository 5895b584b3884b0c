//! 二（二）3, second half, and 二（二）4: reports in time and late, and the centre's word on every person.

use axum::http::StatusCode;
use rules::people::Role;
use serde_json::{Value, json};

use crate::held::Held;
use crate::world::{Answer, World, on_each_database};

fn report(world: &World, held: &Held, reason: Option<&str>) -> Answer {
    world.post(&held.head, &format!("/batches/{}/report", held.batch), json!({"late_reason": reason}))
}

fn review(world: &World, held: &Held, no: i64, fields: Value) -> Answer {
    world.post(&held.centre, &format!("/batches/{}/reports/{no}/reviews", held.batch), fields)
}

fn stage(world: &World, held: &Held) -> String {
    let view = world.get(&held.head, &format!("/batches/{}/report", held.batch)).done();
    view["batch"]["stage"].as_str().expect("a stage").to_owned()
}

#[test]
fn s2_2_3b_results_are_reported_within_ten_working_days_after_publicity() {
    on_each_database("2026-08-31", |world| {
        let (held, _) = world.posted_batch(1, 3, &[(2, "50", "90")]);
        report(world, &held, None).refused("2.2.3a");
        world.on("2026-09-24");
        let tasks = world.get(&held.head, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("上报认定结果") && tasks.contains("2026-10-14"), "{tasks}");
        world.on("2026-10-14");
        let done = report(world, &held, None).done();
        let made = &done["reports"][0];
        assert_eq!((&made["persons"], &made["passed"], &made["late"]), (&json!(3), &json!(2), &json!(false)));
        assert_eq!(stage(world, &held), "reported");
        report(world, &held, None).refused("2.2.3b");
        let tasks = world.get(&held.centre, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("审核认定结果") && tasks.contains("2 人待审核"), "{tasks}");
        assert_eq!(
            world.post(&held.clerk, &format!("/batches/{}/report", held.batch), json!({})).status,
            StatusCode::FORBIDDEN
        );
    });
}

#[test]
fn s2_2_3b_a_late_report_is_visible_and_waits_for_the_centres_decision() {
    on_each_database("2026-08-31", |world| {
        let (held, _) = world.posted_batch(1, 2, &[]);
        world.on("2026-10-15");
        let refused = report(world, &held, None).refused("2.2.3b");
        assert!(refused.what.contains("2026-10-14") && refused.remedy.contains("逾期原因"), "{refused:?}");
        assert_eq!(report(world, &held, Some("台风停课")).done()["reports"][0]["late"], true);
        let refused = review(world, &held, 1, json!({"rest": true, "approved": true})).refused("2.2.3b");
        assert!(refused.remedy.contains("裁定"), "{refused:?}");
        let page = world.page(Some(&held.centre), &format!("/batches/{}/report", held.batch)).text();
        assert!(page.contains("逾期") && page.contains("台风停课"), "{page}");
        assert!(world.get(&held.centre, "/work").done()["tasks"].to_string().contains("裁定逾期上报"));

        let decide = |no: i64, accepted: bool, reason: &str| {
            let fields = json!({"accepted": accepted, "reason": reason});
            world.post(&held.centre, &format!("/batches/{}/reports/{no}/lateness", held.batch), fields)
        };
        decide(1, true, "").refused("2.2.3b");
        decide(1, false, "须附停课证明").done();
        decide(1, true, "再议").refused("2.2.3b");
        let refused = review(world, &held, 1, json!({"rest": true, "approved": true})).refused("2.2.3b");
        assert!(refused.what.contains("须附停课证明"), "{refused:?}");
        // Reported once more it is still late, and this time accepted.
        assert_eq!(report(world, &held, Some("台风停课，附证明")).done()["reports"][0]["late"], true);
        decide(2, true, "证明属实").done();
        let done = review(world, &held, 2, json!({"rest": true, "approved": true})).done();
        assert_eq!((&done["decided"], &done["stage"]), (&json!(2), &json!("reviewed")));

        let in_time = world.reported_batch(2, 1, &[]);
        let fields = json!({"accepted": true, "reason": "x"});
        world
            .post(&in_time.centre, &format!("/batches/{}/reports/1/lateness", in_time.batch), fields)
            .refused("2.2.3b");
    });
}

#[test]
fn s2_2_4a_the_centre_decides_person_by_person_and_in_bulk_with_reasons() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 5, &[(4, "缺考", "90")]);
        let one = |at: usize, approved: bool, reason: &str| json!({"candidates": [held.candidates[at]], "approved": approved, "reason": reason});
        review(world, &held, 1, one(1, false, " ")).refused("2.2.4a");
        review(world, &held, 1, one(4, true, "")).refused("2.2.4a");
        review(world, &held, 1, json!({"candidates": [], "approved": true})).refused("2.2.4a");
        let done = review(world, &held, 1, one(1, false, "照片不清")).done();
        assert_eq!((&done["decided"], &done["undecided"], &done["stage"]), (&json!(1), &json!(3), &json!("reported")));
        let done = review(world, &held, 1, json!({"rest": true, "approved": true})).done();
        assert_eq!((&done["decided"], &done["undecided"], &done["stage"]), (&json!(3), &json!(0), &json!("reviewed")));
        review(world, &held, 1, json!({"rest": true, "approved": true})).refused("2.2.4a");

        let view = world.get(&held.head, &format!("/batches/{}/report", held.batch)).done();
        let reviews: Vec<&str> =
            view["persons"].as_array().unwrap().iter().map(|p| p["review"].as_str().unwrap_or("")).collect();
        assert_eq!(reviews, ["approved", "returned", "approved", "approved", ""]);
        assert_eq!(view["persons"][1]["review_reason"], "照片不清");

        // The person who was returned is reported again, alone, and approved.
        let done = report(world, &held, None).done()["reports"][0].clone();
        assert_eq!((&done["no"], &done["persons"], &done["late"]), (&json!(2), &json!(1), &json!(false)));
        // The first report still holds everyone, with what was decided in it.
        let first = world.get(&held.centre, &format!("/batches/{}/report?report=1", held.batch)).done();
        assert_eq!((first["persons"].as_array().unwrap().len(), &first["undecided"]), (5, &json!(0)));
        assert_eq!(
            (&first["persons"][1]["review"], &first["persons"][1]["is_current"]),
            (&json!("returned"), &json!(false))
        );
        assert_eq!(stage(world, &held), "reported");
        assert_eq!(review(world, &held, 2, one(0, true, "")).status, StatusCode::NOT_FOUND, "not in this report");
        let done = review(world, &held, 2, one(1, true, "")).done();
        assert_eq!(done["stage"], "reviewed");
    });
}

#[test]
fn s2_2_4a_the_sampling_aid_and_the_pages_show_whom_to_look_at_first() {
    on_each_database("2026-08-31", |world| {
        let held = world.entered_batch(1, 6, &[(0, "60", "90"), (1, "75", "71"), (2, "99", "98")]);
        let entry = json!({"entries": [{"candidate": held.candidates[1], "part": "theory", "outcome": "76"}]});
        world.post(&held.clerk, &format!("/batches/{}/marks", held.batch), entry).done();
        world.confirm_marks(&held.head, held.batch);
        world.on("2026-09-17");
        world.post(&held.head, &format!("/batches/{}/publicity", held.batch), json!({})).done();
        world.on("2026-09-24");
        report(world, &held, None).done();
        let path = format!("/batches/{}/report", held.batch);
        let view = world.get(&held.centre, &path).done();
        let hints: Vec<Value> = view["persons"].as_array().unwrap().iter().map(|p| p["hints"].clone()).collect();
        assert_eq!(
            hints,
            [
                json!(["borderline"]),
                json!(["changed"]),
                json!([]),
                json!(["identical"]),
                json!(["identical"]),
                json!(["identical"])
            ]
        );
        let shown = |query: &str| {
            world.page(Some(&held.centre), &format!("{path}{query}")).text().matches("name=\"person\"").count()
        };
        assert_eq!((shown(""), shown("?hint=changed"), shown("?hint=identical")), (6, 1, 3));
        // Everything can be printed and taken away.
        for (path, kind) in [
            ("report.pdf?report=1", "application/pdf"),
            ("publicity.pdf", "application/pdf"),
            ("report.xlsx?report=1", "application/vnd.openxmlformats-"),
        ] {
            let answer = world.page(Some(&held.centre), &format!("/batches/{}/{path}", held.batch));
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
            assert!(answer.headers["content-type"].to_str().unwrap().starts_with(kind), "{path}");
            assert!(answer.bytes.len() > 1000, "{path}");
        }
        // By the form, as a browser sends it.
        let form = [("person", held.candidates[0].to_string()), ("decision", "approve".into())];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer =
            world.submit(Some(&held.centre), &path, &format!("/batches/{}/reports/1/reviews", held.batch), &form);
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let answer = world.submit(
            Some(&held.centre),
            &path,
            &format!("/batches/{}/reports/1/reviews", held.batch),
            &[("decision", "return-rest")],
        );
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "returning needs a reason");
        assert_eq!(world.get(&held.centre, &path).done()["undecided"], 5);
    });
}

#[test]
fn s2_2_4b_who_is_approved_does_not_wait_for_who_is_returned() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 3, &[]);
        world.photograph(&held, &[0, 1, 2]);
        let one = |at: usize, approved: bool| json!({"candidates": [held.candidates[at]], "approved": approved, "reason": "照片不是本人"});
        review(world, &held, 1, one(2, false)).done();
        review(world, &held, 1, json!({"rest": true, "approved": true})).done();
        report(world, &held, None).done();
        assert_eq!(stage(world, &held), "reported");
        let certificates = format!("/batches/{}/certificates", held.batch);
        assert!(world.page(Some(&held.head), &certificates).text().contains("为 2 人发证"));
        assert!(world.get(&held.head, "/work").done()["tasks"].to_string().contains("已审核通过 2 人"));
        assert_eq!(world.post(&held.head, &certificates, json!({})).done()["issued"], 2);
        // The third is the centre's turn now; approved, it is the body's; with the certificate nobody waits.
        assert_eq!(stage(world, &held), "reported");
        assert_eq!(review(world, &held, 2, one(2, true)).done()["stage"], "reviewed");
        assert_eq!(world.post(&held.head, &certificates, json!({})).done()["issued"], 1);
        assert_eq!(stage(world, &held), "issued");
        world.post(&held.head, &certificates, json!({})).refused("2.2.4b");
    });
}

#[test]
fn s2_2_4a_a_batch_ends_when_nobody_waits_and_says_whose_turn_it_is_before() {
    on_each_database("2026-08-31", |world| {
        // Nobody passed: there is nothing to review and nothing to issue.
        let failed = world.reported_batch(1, 2, &[(0, "50", "90"), (1, "缺考", "缺考")]);
        assert_eq!(stage(world, &failed), "issued");
        let view = world.get(&failed.head, &format!("/batches/{}", failed.batch)).done();
        assert_eq!((&view["next"]["part"], &view["stage_name"]), (&json!("archive"), &json!("已办结")));
        // What is left is its archive, which is the head's.
        let tasks = |person| world.get(person, "/work").done()["tasks"].to_string();
        let own = format!("/batches/{}", failed.batch);
        assert!(tasks(&failed.head).contains("批次归档") && !tasks(&failed.head).contains("核发证书"));
        assert!(!tasks(&failed.centre).contains(&own), "{}", tasks(&failed.centre));
        // Under review: the page of the batch leads to where it is done.
        let waiting = world.reported_batch(4, 1, &[]);
        let page = world.page(Some(&waiting.centre), &format!("/batches/{}", waiting.batch)).text();
        let mine = format!("href=\"/batches/{}/", waiting.batch);
        for link in page.split(&mine).skip(1).filter_map(|rest| rest.split('"').next()) {
            let answer = world.page(Some(&waiting.centre), &format!("/batches/{}/{link}", waiting.batch));
            assert_eq!(answer.status, StatusCode::OK, "{link}");
        }
        // Everyone returned: the body reports again, and is not told to issue.
        let returned = world.reported_batch(2, 2, &[]);
        let done = review(world, &returned, 1, json!({"rest": true, "approved": false, "reason": "名单有误"})).done();
        assert_eq!((&done["stage"], &done["to_issue"]), (&json!("publicised"), &json!(0)));
        let view = world.get(&returned.head, &format!("/batches/{}", returned.batch)).done();
        assert_eq!(view["next"]["what"], "补充上报认定结果");
        world.on("2026-09-24");
        let messages = world.get(&returned.head, "/work").done()["messages"].to_string();
        assert!(messages.contains("没有待发的证书") && !messages.contains("核发证书"), "{messages}");
        // Refused as late: it is for the body to say it better.
        let (late, _) = world.posted_batch(3, 1, &[]);
        world.on("2026-10-15");
        report(world, &late, Some("忘了")).done();
        let fields = json!({"accepted": false, "reason": "无正当理由"});
        world.post(&late.centre, &format!("/batches/{}/reports/1/lateness", late.batch), fields).done();
        assert_eq!(stage(world, &late), "publicised");
        assert!(world.get(&late.head, "/work").done()["tasks"].to_string().contains("补充上报认定结果"));
    });
}

#[test]
fn s2_2_3b_who_cannot_be_put_right_is_given_up_with_a_reason_and_the_batch_ends() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 3, &[]);
        world.photograph(&held, &[0]);
        let give_up = |person: &crate::world::Person, at: usize, reason: &str| {
            let fields = json!({"candidates": [held.candidates[at]], "reason": reason});
            world.post(person, &format!("/batches/{}/given-up", held.batch), fields)
        };
        assert!(give_up(&held.head, 1, "本人放弃").refused("2.2.3b").remedy.contains("中心的结论"));
        let fields = json!({"candidates": [held.candidates[1]], "approved": false, "reason": "照片不是本人"});
        review(world, &held, 1, fields).done();
        review(world, &held, 1, json!({"rest": true, "approved": true})).done();
        assert_eq!(give_up(&held.clerk, 1, "本人放弃").status, StatusCode::FORBIDDEN);
        assert_eq!(give_up(&held.centre, 1, "本人放弃").status, StatusCode::FORBIDDEN);
        give_up(&held.head, 1, " ").refused("2.2.3b");
        let page = format!("/batches/{}/given-up", held.batch);
        assert!(world.page(Some(&held.head), &format!("/batches/{}/report", held.batch)).text().contains(&page));
        let shown = world.page(Some(&held.head), &page).text();
        assert!(shown.contains("主管中心退回：照片不是本人") && shown.contains("审核通过，未发证"), "{shown}");
        let form = [("person", held.candidates[1].to_string()), ("reason", String::new())];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = world.submit(Some(&held.head), &page, &page, &form);
        assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.text().contains("checked"));
        assert_eq!(give_up(&held.head, 1, "本人放弃").done()["stage"], "reviewed");
        give_up(&held.head, 1, "再次").refused("2.2.3b");
        report(world, &held, None).refused("2.2.3b");
        // The centre has nothing to decide on any more, and no photo stands in the batch's way.
        let again = json!({"candidates": [held.candidates[1]], "approved": true});
        review(world, &held, 1, again).refused("2.2.4a");
        world.post(&held.head, &format!("/batches/{}/certificates", held.batch), json!({})).done();
        assert_eq!(stage(world, &held), "reviewed", "one without a photo is left");
        assert_eq!(give_up(&held.head, 2, "联系不上本人，没有照片").done()["stage"], "issued");
        give_up(&held.head, 0, "误发").refused("2.2.3b");
        assert!(world.page(Some(&held.centre), &page).text().contains("联系不上本人"));
        let tasks = world.get(&held.head, "/work").done()["tasks"].to_string();
        assert!(!tasks.contains("上报") && !tasks.contains("发证"), "{tasks}");
    });
}

#[test]
fn s2_2_4a_the_centre_takes_back_an_approval_while_there_is_no_certificate() {
    on_each_database("2026-08-31", |world| {
        let held = world.reviewed_batch(1, 2, &[]);
        world.photograph(&held, &[0, 1]);
        let page = world.page(Some(&held.centre), &format!("/batches/{}/report", held.batch)).text();
        assert!(page.matches("name=\"person\"").count() == 2 && page.contains("审核结论可以更改"), "{page}");
        let one = |at: usize| json!({"candidates": [held.candidates[at]], "approved": false, "reason": "学籍有疑"});
        assert_eq!(review(world, &held, 1, one(1)).done()["to_issue"], 1);
        assert_eq!(
            world.post(&held.head, &format!("/batches/{}/certificates", held.batch), json!({})).done()["issued"],
            1
        );
        report(world, &held, None).done();
        assert!(review(world, &held, 1, one(0)).refused("2.2.4a").what.contains("证书已核发"));
    });
}

#[test]
fn s2_2_3b_one_late_person_does_not_make_the_others_late() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 3, &[]);
        let one = |at: usize| json!({"candidates": [held.candidates[at]], "approved": false, "reason": "照片不清"});
        review(world, &held, 1, one(0)).done();
        world.on("2026-10-12");
        review(world, &held, 1, one(1)).done();
        // Ten working days after the 24 September are the 14 October, after 12 October the 26th.
        world.on("2026-10-20");
        let page = world.page(Some(&held.head), &format!("/batches/{}/report", held.batch)).text();
        assert!(page.contains("另作一次上报") && page.contains("逾期原因"), "{page}");
        report(world, &held, None).refused("2.2.3b");
        let done = report(world, &held, Some("照片迟交")).done();
        let seen: Vec<_> = done["reports"]
            .as_array()
            .expect("reports")
            .iter()
            .map(|r| (&r["no"], &r["persons"], &r["late"]))
            .collect();
        let expected = [(json!(2), json!(1), json!(false)), (json!(3), json!(1), json!(true))];
        assert_eq!(seen, expected.each_ref().map(|(a, b, c)| (a, b, c)));
        review(world, &held, 2, json!({"rest": true, "approved": true})).done();
        review(world, &held, 3, json!({"rest": true, "approved": true})).refused("2.2.3b");
    });
}

#[test]
fn s2_2_3b_a_year_without_a_calendar_refuses_the_act_and_closes_no_page() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 2, &[]);
        world.on("2026-12-28");
        let one = json!({"candidates": [held.candidates[0]], "approved": false, "reason": "照片不清"});
        let refused = review(world, &held, 1, one).refused("国务院办公厅节假日安排");
        assert!(refused.remedy.contains("导入"), "{refused:?}");
        review(world, &held, 1, json!({"rest": true, "approved": true})).done();
        // Somebody was returned before the house knew that it can't count the days.
        let returned = "UPDATE candidate SET review = 'returned', review_reason = '照片不清', reviewed_on = '2026-12-28' WHERE id = ?1";
        crate::certificate::put(world, returned, vec![vec![office::db::Value::from(held.candidates[0])]]);
        let tasks = world.get(&held.head, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("补充上报认定结果") && tasks.contains("期限暂不能计算"), "{tasks}");
        assert_eq!(world.page(Some(&held.head), "/work").status, StatusCode::OK);
        let path = format!("/batches/{}/report", held.batch);
        assert_eq!(world.get(&held.head, &path).done()["due_on"], json!(null));
        let page = world.page(Some(&held.head), &path);
        assert!(page.status == StatusCode::OK && page.text().contains("导入"), "{}", page.text());
        report(world, &held, None).refused("国务院办公厅节假日安排");
    });
}

#[test]
fn s2_2_4a_the_provincial_centre_sees_its_own_reports_however_many_others_there_are() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 1, &[]);
        let province = world.officer("province", Role::ProvincialCentre, "province-centre");
        crate::certificate::put(world, "UPDATE body SET centre = 'province-centre'", vec![vec![]]);
        let city = world.reported_batch(2, 1, &[]);
        let rows = (0..600_i64).map(|n| vec![n.into(), city.batch.into(), (n + 2).into()]).collect();
        let text = "INSERT INTO report (id, batch, no, reported_on, due_on, persons, reported_by) VALUES (9000000000000000 + ?1, ?2, ?3, '2026-09-24', '2026-10-14', 0, '')";
        crate::certificate::put(world, text, rows);
        let tasks = world.get(&province, "/work").done()["tasks"].to_string();
        assert!(
            tasks.contains("审核认定结果") && tasks.contains(&format!("/batches/{}/report", held.batch)),
            "{tasks}"
        );
        assert!(!tasks.contains(&format!("/batches/{}/report", city.batch)), "{tasks}");
    });
}

#[test]
fn s2_2_4a_only_the_centre_in_charge_decides_and_others_find_nothing() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 1, &[]);
        let far = world.officer("far", Role::CityCentre, "city-350200-centre");
        let province = world.officer("province", Role::ProvincialCentre, "province-centre");
        let path = format!("/batches/{}/report", held.batch);
        let reviews = format!("/batches/{}/reports/1/reviews", held.batch);
        let all = json!({"rest": true, "approved": true});
        assert_eq!(world.get(&far, &path).status, StatusCode::NOT_FOUND);
        assert_eq!(world.page(Some(&far), &path).status, StatusCode::NOT_FOUND);
        assert_eq!(world.post(&far, &reviews, all.clone()).status, StatusCode::NOT_FOUND);
        // The provincial centre sees the whole province and decides only where it is in charge.
        assert_eq!(world.get(&province, &path).status, StatusCode::OK);
        assert_eq!(world.post(&province, &reviews, all.clone()).status, StatusCode::NOT_FOUND);
        assert!(!world.get(&province, "/work").done()["tasks"].to_string().contains("审核认定结果"));
        assert_eq!(world.post(&held.head, &reviews, all.clone()).status, StatusCode::FORBIDDEN);
        assert_eq!(world.get(&far, "/reviews").done()["reports"], json!([]));
        assert_eq!(world.get(&held.centre, "/reviews").done()["reports"][0]["undecided"], 1);
        world.post(&held.centre, &reviews, all).done();
    });
}

fn desk_of(held: &Held, no: i64) -> String {
    format!("/batches/{}/reports/{no}/desk", held.batch)
}

/// The person on the desk, by place among the candidates.
fn on_desk(world: &World, held: &Held, no: i64, at: usize) -> Value {
    let view = world.get(&held.centre, &desk_of(held, no)).done();
    let lines = view["lines"].as_array().expect("lines").iter();
    let mut mine = lines.filter(|line| line["person"]["person"]["candidate"] == held.candidates[at]);
    mine.next().expect("a line").clone()
}

#[test]
fn s2_2_4a_the_desk_says_of_each_person_what_to_look_at_and_whether_the_report_was_changed_behind_it() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 4, &[(0, "60", "90"), (1, "75", "71"), (2, "99", "98"), (3, "40", "98")]);
        let view = world.get(&held.centre, &desk_of(&held, 1)).done();
        assert_eq!((&view["intact"], &view["undecided"], &view["for_review"]), (&json!(true), &json!(3), &json!(3)));
        assert_eq!(view["digest"].as_str().map(str::len), Some(64));
        let first = &view["lines"][0];
        assert_eq!(
            first["person"]["person"]["candidate"], held.candidates[0],
            "whoever is to be looked at stands first"
        );
        assert_eq!(
            first["person"]["findings"],
            json!([{"hint": "borderline", "said": "理论知识考试 60 分，合格线 60 分"}])
        );
        // The body has its own page, and nobody else's centre finds anything.
        assert_eq!(world.get(&held.head, &desk_of(&held, 1)).status, StatusCode::FORBIDDEN);
        let far = world.officer("far", Role::CityCentre, "city-350200-centre");
        assert_eq!(world.get(&far, &desk_of(&held, 1)).status, StatusCode::NOT_FOUND);
        assert_eq!(world.get(&held.centre, &desk_of(&held, 2)).status, StatusCode::NOT_FOUND);
        // What is changed behind the report is seen, and so is what is changed in what is kept of it.
        let renamed = "UPDATE candidate SET name = '示例改名' WHERE id = ?1";
        crate::certificate::put(world, renamed, vec![vec![held.candidates[1].into()]]);
        let line = on_desk(world, &held, 1, 1);
        assert_eq!(line["person"]["hints"], json!(["altered"]));
        let said = line["person"]["findings"][0]["said"].as_str().expect("words").to_owned();
        assert!(said.contains("上报时为“示例一二") && said.contains("现在为“示例改名"), "{said}");
        let page = world.page(Some(&held.centre), &desk_of(&held, 1)).text();
        assert!(page.contains("与上报时一致") && page.contains("报后有变") && page.contains("desk.js"), "{page}");
        // Filters leave those who are meant.
        let shown = |query: &str| {
            let path = format!("{}?{query}", desk_of(&held, 1));
            world.page(Some(&held.centre), &path).text().matches("data-chain").count()
        };
        assert_eq!((shown(""), shown("hint=borderline"), shown("hint=any"), shown("state=undecided")), (4, 1, 2, 3));
        crate::certificate::put(world, "UPDATE report_person SET line = replace(line, '75.0', '95.0')", vec![vec![]]);
        assert_eq!(world.get(&held.centre, &desk_of(&held, 1)).done()["intact"], false);
        assert!(world.page(Some(&held.centre), &desk_of(&held, 1)).text().contains("留存内容已变动"));
    });
}

#[test]
fn s2_2_4a_persons_are_looked_at_first_for_photo_batch_roster_condition_objection_and_age() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 3, &[(0, "81", "90"), (1, "75", "71"), (2, "99", "98")]);
        let _other = world.examined_batch(2, 1);
        world.photograph(&held, &[1, 2]);
        world.on("2026-09-28");
        for (text, at) in [
            ("UPDATE candidate SET born = '2009-09-16' WHERE id = ?1", 2),
            ("UPDATE candidate SET condition = 'B5-2' WHERE id = ?1", 2),
            ("UPDATE roster_upload SET at = 1789300000000 WHERE id = (SELECT upload FROM candidate WHERE id = ?1)", 2),
        ] {
            crate::certificate::put(world, text, vec![vec![held.candidates[at].into()]]);
        }
        let said = |at: usize| -> Vec<String> {
            let line = on_desk(world, &held, 1, at);
            let found = line["person"]["findings"].as_array().expect("findings").iter();
            found.map(|one| one["said"].as_str().expect("words").to_owned()).collect()
        };
        let (first, last) = (said(0).join("\n"), said(2).join("\n"));
        assert!(first.contains("前后 90 天内还在") && !first.contains("照片"), "{first}");
        for word in ["同一张照片用于 2 人", "考试时 16 周岁", "申报条件 B5-2 由院校声明", "名册于 2026-09-13 导入"]
        {
            assert!(last.contains(word), "{word}: {last}");
        }
        assert!(!last.contains("前后 90 天"), "{last}");
    });
}

#[test]
fn s2_2_4a_a_word_of_the_desk_counts_once_and_never_passes_over_another_reviewers() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 5, &[(4, "40", "90")]);
        let second = world.officer("second", Role::CityCentre, "city-350100-centre");
        let say = |by: &crate::world::Person, at: usize, word: &str, reason: &str, seen: i64| {
            let fields =
                json!({"words": [{"candidate": held.candidates[at], "word": word, "reason": reason, "seen": seen}]});
            world.post(by, &format!("/batches/{}/reports/1/reviews", held.batch), fields).done()
        };
        let fate = |answer: &Value| answer["told"][0]["fate"].as_str().expect("a fate").to_owned();
        // One that can't be kept keeps no other back: no reason, no certificate to come.
        let words: Vec<Value> = [(0, "approve"), (1, "return"), (4, "approve")]
            .map(|(at, word)| json!({"candidate": held.candidates[at], "word": word, "reason": "", "seen": 0}))
            .into();
        let done = review(world, &held, 1, json!({"words": words})).done();
        let mut fates: Vec<(i64, String)> = done["told"]
            .as_array()
            .expect("told")
            .iter()
            .map(|one| (one["candidate"].as_i64().unwrap(), one["fate"].as_str().unwrap().to_owned()))
            .collect();
        fates.sort_by_key(|(id, _)| held.candidates.iter().position(|of| of == id));
        let fates: Vec<&str> = fates.iter().map(|(_, fate)| fate.as_str()).collect();
        assert_eq!(
            (fates, &done["decided"], &done["undecided"]),
            (vec!["kept", "refused", "refused"], &json!(1), &json!(3))
        );
        // Sent twice it counts once.
        let again = say(&held.centre, 0, "approve", "", 0);
        assert_eq!(
            (fate(&again).as_str(), &again["decided"], &again["told"][0]["no"]),
            ("repeated", &json!(0), &json!(1))
        );
        assert_eq!(on_desk(world, &held, 1, 0)["words"].as_array().expect("words").len(), 1);
        // The second reviewer sees who decided and when before it can be another decision.
        let late = say(&second, 0, "return", "照片不清", 0);
        assert_eq!(fate(&late), "overtaken");
        assert_eq!((&late["told"][0]["word"], &late["told"][0]["no"]), (&json!("approve"), &json!(1)));
        assert!(late["told"][0]["at"].as_str().expect("a time").starts_with("2026-09-24"), "{late}");
        assert_eq!(on_desk(world, &held, 1, 0)["person"]["review"], "approved");
        assert_eq!(fate(&say(&second, 0, "return", "照片不清", 1)), "kept");
        assert_eq!(on_desk(world, &held, 1, 0)["person"]["review"], "returned");
        // Who is held waits with a reason, also where all the others are approved at once.
        assert_eq!(fate(&say(&held.centre, 1, "hold", "调阅录像", 0)), "kept");
        let done = review(world, &held, 1, json!({"rest": true, "approved": true})).done();
        assert_eq!((&done["decided"], &done["undecided"], &done["stage"]), (&json!(2), &json!(1), &json!("reported")));
        assert!(world.page(Some(&held.centre), &desk_of(&held, 1)).text().contains("调阅录像"));
        let done = say(&held.centre, 1, "approve", "", 1);
        assert_eq!((fate(&done).as_str(), &done["undecided"]), ("kept", &json!(0)));
        // Returned alone the person is reported again alone; what was said before stays to be read.
        report(world, &held, None).done();
        let line = on_desk(world, &held, 2, 0);
        let words = line["words"].as_array().expect("words").iter();
        let words: Vec<_> = words.map(|word| (&word["report"], word["word"].as_str().unwrap_or_default())).collect();
        assert_eq!(words, [(&json!(1), "approve"), (&json!(1), "return")]);
        assert_eq!(world.get(&held.centre, &desk_of(&held, 2)).done()["lines"].as_array().expect("lines").len(), 1);
    });
}

#[test]
fn s2_2_4a_the_desk_works_by_its_forms_and_its_script_alike() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 6, &[]);
        let desk = desk_of(&held, 1);
        // A range of the public list, with a listed reason, as a browser without script sends it.
        let fields = [("from", "2"), ("until", "3"), ("reason_code", "photo"), ("reason", ""), ("word", "return")];
        let answer = world.submit(Some(&held.centre), &desk, &desk, &fields);
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let states = |name: &str| -> usize {
            let view = world.get(&held.centre, &desk).done();
            view["lines"].as_array().expect("lines").iter().filter(|line| line["person"]["review"] == name).count()
        };
        assert_eq!((states("returned"), states("approved")), (2, 0));
        // Without a reason nothing is returned, and what was ticked stays ticked.
        let first = held.candidates[0].to_string();
        let answer = world.submit(Some(&held.centre), &desk, &desk, &[("person", &first), ("word", "return")]);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("checked"));
        // The script sends words and is told of each what became of it.
        let words = format!(r#"[{{"candidate":{first},"word":"hold","seen":0,"code":"marks","reason":"差 5 分"}}]"#);
        let send = |words: &str| world.submit(Some(&held.centre), &desk, &format!("{desk}/words"), &[("words", words)]);
        let answer = send(&words);
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let told: Value = serde_json::from_str(&answer.text()).expect("JSON");
        assert_eq!(told["told"][0]["reason"], "成绩与原始评分表不一致，请核对；差 5 分");
        assert_eq!(serde_json::from_str::<Value>(&send(&words).text()).expect("JSON")["told"][0]["fate"], "repeated");
        assert_eq!(send("nonsense").status, StatusCode::BAD_REQUEST);
    });
}

#[test]
fn s2_2_4a_a_sample_can_be_drawn_again_by_anyone_and_shows_who_was_looked_at() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 6, &[(5, "40", "90")]);
        let samples = format!("/batches/{}/reports/1/samples", held.batch);
        assert!(world.post(&held.centre, &samples, json!({"take": 6})).refused("2.2.4a").what.contains("拟发证 5 人"));
        assert_eq!(world.post(&held.head, &samples, json!({"take": 2})).status, StatusCode::FORBIDDEN);
        let done = world.post(&held.centre, &samples, json!({"take": 2})).done();
        let draw = proof::redraw(done["draw"].to_string().as_bytes()).expect("the same draw");
        assert_eq!((draw.take, draw.list.len(), &done["sample"]), (2, 5, &json!(1)));
        let page = world.page(Some(&held.centre), &format!("{}?sample=1", desk_of(&held, 1))).text();
        assert!(page.matches("data-chain").count() == 2 && page.contains("已查看 0 人"), "{page}");
        // Whoever looks at a person of the sample leaves a trace, and comes back to the same place.
        let at = draw.order[0].parse::<usize>().expect("a ticket") - 1;
        let candidate = held.candidates[at];
        let back = format!("{}%3Fsample=1%23p{candidate}", desk_of(&held, 1));
        let person = world.page(Some(&held.centre), &format!("/candidates/{candidate}/chain?back={back}")).text();
        assert!(person.contains(&format!("?sample=1#p{candidate}")) || person.contains("sample=1&#35;p"), "{person}");
        let seen = world.get(&held.centre, &desk_of(&held, 1)).done();
        assert_eq!(seen["samples"][0]["looked"], 1);
        world.log_holds(&["sample.drawn"]);
    });
}

#[test]
fn s3_3_1_everything_behind_a_person_is_shown_before_there_is_a_certificate() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 2, &[]);
        let fields =
            json!({"words": [{"candidate": held.candidates[0], "word": "return", "reason": "照片不清", "seen": 0}]});
        review(world, &held, 1, fields).done();
        let path = format!("/candidates/{}/chain", held.candidates[0]);
        let view = world.get(&held.centre, &path).done();
        assert_eq!(
            (&view["certificate"], &view["report"]["no"], &view["publicity"]["no"]),
            (&json!(null), &json!(1), &json!(1))
        );
        assert_eq!(
            (view["marks"].as_array().map(Vec::len), &view["words"][0]["reason"]),
            (Some(2), &json!("照片不清"))
        );
        let acts = view["acts"].to_string();
        for name in ["通报认定批次", "公示认定结果", "上报认定结果", "逐人审核结果"] {
            assert!(acts.contains(name), "{name}: {acts}");
        }
        let page = world.page(Some(&held.centre), &path).text();
        assert!(page.contains("照片不清") && page.contains("名册.xlsx") && !page.contains("back="), "{page}");
        let far = world.officer("far", Role::CityCentre, "city-350200-centre");
        assert_eq!(world.page(Some(&far), &path).status, StatusCode::NOT_FOUND);
        assert_eq!(
            world.page(Some(&held.centre), &format!("{path}/files/{}", "0".repeat(64))).status,
            StatusCode::NOT_FOUND
        );
    });
}
