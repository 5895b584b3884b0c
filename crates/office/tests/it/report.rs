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
        assert_eq!((&done["persons"], &done["passed"], &done["late"]), (&json!(3), &json!(2), &json!(false)));
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
        assert_eq!(report(world, &held, Some("台风停课")).done()["late"], true);
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
        assert_eq!(report(world, &held, Some("台风停课，附证明")).done()["late"], true);
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
        review(world, &held, 1, json!({"rest": true, "approved": true})).refused("2.2.4b");

        let view = world.get(&held.head, &format!("/batches/{}/report", held.batch)).done();
        let reviews: Vec<&str> =
            view["persons"].as_array().unwrap().iter().map(|p| p["review"].as_str().unwrap_or("")).collect();
        assert_eq!(reviews, ["approved", "returned", "approved", "approved", ""]);
        assert_eq!(view["persons"][1]["review_reason"], "照片不清");

        // The person who was returned is reported again, alone, and approved.
        let done = report(world, &held, None).done();
        assert_eq!((&done["no"], &done["persons"], &done["late"]), (&json!(2), &json!(1), &json!(false)));
        assert_eq!(stage(world, &held), "reported");
        assert_eq!(review(world, &held, 2, one(0, true, "")).status, StatusCode::NOT_FOUND, "not in this report");
        let done = review(world, &held, 2, one(1, true, "")).done();
        assert_eq!(done["stage"], "reviewed");
    });
}

#[test]
fn s2_2_4a_the_sampling_aid_and_the_pages_show_whom_to_look_at_first() {
    on_each_database("2026-08-31", |world| {
        let held = world.marked_batch(1, 6, &[(0, "60", "90"), (1, "75", "71"), (2, "99", "98")]);
        let entry = json!({"entries": [{"candidate": held.candidates[1], "part": "theory", "outcome": "76"}]});
        world.post(&held.clerk, &format!("/batches/{}/marks", held.batch), entry).done();
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
