//! The numbers that rules ask for (三（二）): read by anyone for any day, changed by the provincial centre where no law sets
//! them, and asked by the day of the act.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::stages::School;
use crate::world::{Answer, World, on_each_database};

fn change(world: &World, school: &School, term: &str, value: i64, from: &str) -> Answer {
    let fields = json!({"term": term, "value": value, "from": from, "reason": "示例省中心〔2026〕5号"});
    world.post(&school.provincial_centre, "/terms", fields)
}

/// A term as it holds on a day.
fn term(world: &World, code: &str, on: &str) -> Value {
    let view = world.public(&format!("/terms?on={on}")).done();
    let terms = view["terms"].as_array().expect("terms").clone();
    terms.into_iter().find(|one| one["term"] == code).expect("the term")
}

#[test]
fn s3_2_2_what_no_law_sets_is_changed_from_a_day_on_and_asked_by_the_day_of_the_act() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let entry = |school: &School| world.public(&format!("/directory/{}", school.number)).done();
        assert_eq!(entry(&school)["valid_until"], json!("2029-08-30"));
        let fields = json!({"term": "filing_years", "value": 5, "from": "2026-09-10", "reason": "示例"});
        for person in [&school.centre, &school.head, &school.department] {
            assert_eq!(world.post(person, "/terms", fields.clone()).status, StatusCode::FORBIDDEN, "{}", person.login);
        }
        change(world, &school, "filing_years", 5, "2026-09-10").done();
        change(world, &school, "filing_years", 5, "2026-08-30").refused("2.1.3b");
        change(world, &school, "filing_years", 0, "2026-09-10").refused("2.1.3b");
        change(world, &school, "evaluation_members", 5, "2026-09-10").done();
        change(world, &school, "inspectors_min", 3, "2026-09-10").done();
        change(world, &school, "rectify_within", 5, "2026-09-10").done();
        let held = |on: &str| term(world, "filing_years", on)["value"].as_i64();
        assert_eq!([held("2026-09-09"), held("2026-09-10"), held("2027-01-01")], [Some(3), Some(5), Some(5)]);
        let line = term(world, "filing_years", "2026-08-31");
        assert_eq!(
            (&line["mark"], &line["unit"], &line["clause"]),
            (&json!("default"), &json!("年"), &json!("2.1.3b"))
        );
        assert_eq!(line["changes"][0]["from"], json!("2026-09-10"), "what is still to come is said");

        // The day before it is as it was.
        let inspect = |inspectors: &[&str]| {
            let finding = json!([{"item": "site", "what": "监控坏了", "order": "修好"}]);
            let fields = json!({"kind": "daily", "held_on": world.office.today(), "inspectors": inspectors, "checked": ["site"], "findings": finding});
            world.post(&school.centre, &format!("/bodies/{}/inspections", school.body), fields)
        };
        world.on("2026-09-09");
        inspect(&["示例甲", "示例乙"]).done();
        world.on("2026-09-10");
        inspect(&["示例甲", "示例乙"]).refused("2.2.2b");
        let made = inspect(&["示例甲", "示例乙", "示例丙"]).done();
        let view = world.get(&school.centre, &format!("/bodies/{}/inspections/{}", school.body, made["id"])).done();
        assert_eq!(view["findings"][0]["due_on"], json!("2026-09-17"));
        let later = world.filed_school("示例乡");
        assert_eq!(
            (&entry(&later)["valid_until"], &entry(&school)["valid_until"]),
            (&json!("2031-09-09"), &json!("2029-08-30"))
        );
        let view = world.get(&later.centre, &format!("/filings/{}/evaluation", later.filing)).done();
        assert_eq!(view["members_wanted"], json!(5));
    });
}

#[test]
fn s1_2_2_more_assessors_are_asked_of_who_submits_after_the_change_alone() {
    on_each_database("2026-08-31", |world| {
        let mut early = world.new_school("示例城", "city", "350102");
        world.fill_filing(&mut early);
        world.submit_filing(&early);
        let mut late = world.new_school("示例乡", "city", "350102");
        world.fill_filing(&mut late);
        change(world, &early, "assessors_per_trade", 20, "2026-09-01").done();
        world.on("2026-09-01");
        let submit =
            |school: &School| world.post(&school.head, &format!("/filings/{}/submission", school.filing), json!({}));
        let refused = submit(&late).refused("1.2.2");
        assert!(refused.remedy.contains("至少 20 名"), "{refused:?}");
        // Who was given something back completes it by what was asked when it came first.
        let back = json!({"reasons": ["申请报告没有盖章"]});
        world.post(&early.centre, &format!("/filings/{}/return", early.filing), back).done();
        submit(&early).done();
    });
}

#[test]
fn s2_2_3a_what_the_notice_sets_is_shown_with_its_clause_and_never_changed() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let refused = change(world, &school, "publicity_days", 3, "2026-09-10").refused("2.2.3a");
        assert!(refused.what.contains("通知的规定"), "{refused:?}");
        change(world, &school, "report_within", 20, "2026-09-10").refused("2.2.3b");
        change(world, &school, "renewal_batches", 3, "2026-09-10").refused("2.1.3c");
        let page = world.page(None, "/terms").text();
        assert!(page.contains("通知规定") && page.contains("#2.2.3a") && page.contains("平台默认"), "{page}");
        assert!(world.page(None, "/clauses").text().contains("href=\"/terms\""));
        // The form stands where it may be used, and keeps what was typed.
        let form = "/terms/filing_years";
        let centre = Some(&school.provincial_centre);
        assert!(world.page(centre, form).text().contains("新的数值"));
        assert!(!world.page(centre, "/terms/publicity_days").text().contains("新的数值"));
        assert!(!world.page(Some(&school.centre), form).text().contains("新的数值"));
        assert_eq!(world.page(None, "/terms/no_such").status, StatusCode::NOT_FOUND);
        let typed = |value: &'static str| [("value", value), ("from", "2026-09-10"), ("reason", "示例文号")];
        let refused = world.submit(centre, form, form, &typed("11"));
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("value=\"11\"") && refused.text().contains("示例文号"));
        assert_eq!(world.submit(centre, form, form, &typed("4")).status, StatusCode::SEE_OTHER);
        let page = world.page(None, form).text();
        assert!(page.contains("尚未生效") && page.contains("示例文号"), "{page}");
    });
}
