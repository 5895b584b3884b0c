//! 二（二）1, 一（四）1, 三（三）: a batch is told to the centre in charge ten working days ahead, within the filed scope
//! and validity, by an issued standard; others don't see it.

use axum::http::StatusCode;
use rules::people::Role;
use serde_json::{Value, json};

use crate::stages::batch_fields;
use crate::world::{Person, World, on_each_database};

/// The centre of another city than the school's.
fn other_centre(world: &World) -> Person {
    world.officer_at(Role::CityCentre, "city-350500-centre")
}

fn with(mut fields: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().expect("fields") {
        fields[name] = value.clone();
    }
    fields
}

#[test]
fn s2_2_1b_a_batch_is_told_ten_working_days_ahead_and_the_centre_in_charge_sees_it() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let made = world.post(&school.clerk, "/batches", batch_fields("2026-06-15")).done();
        assert_eq!((made["number"].as_str(), made["title"].as_str()), (Some("PC2026-0001"), Some("2026年第1批")));
        let path = format!("/batches/{}", made["id"]);
        let seen = world.get(&school.centre, &path).done();
        assert_eq!(seen["standard"], "《中式烹调师》（2018年版）");
        assert_eq!(seen["body_name"], "示例一技工学校");
        let state_of = |view: &Value, code: &str| {
            let step = view["steps"].as_array().expect("steps").iter().find(|s| s["code"] == code).cloned();
            step.unwrap_or_else(|| panic!("no step {code}"))
        };
        let notification = state_of(&seen, "notification");
        assert_eq!((notification["state"].as_str(), notification["on"].as_str()), (Some("done"), Some("2026-06-01")));
        assert!(notification["who"].as_str().expect("who").contains("示例一技工学校"));
        assert_eq!(state_of(&seen, "registration")["state"], "now");
        assert_eq!(seen["next"]["mine"], false);
        let own = world.get(&school.clerk, &path).done();
        assert_eq!((own["next"]["mine"].as_bool(), own["next"]["part"].as_str()), (Some(true), Some("roster")));

        // Another city's centre finds nothing, by any way in; the list is bounded too.
        assert_eq!(world.get(&other_centre(world), &path).status, StatusCode::NOT_FOUND);
        assert_eq!(world.page(Some(&other_centre(world)), &path).status, StatusCode::NOT_FOUND);
        assert_eq!(world.get(&other_centre(world), "/batches").done()["total"], 0);
        assert_eq!(world.get(&school.centre, "/batches").done()["total"], 1);
        assert_eq!(world.get(&school.centre, "/batches?stage=posted").done()["total"], 0);

        // The centre is told, and the batch stands among what it has to see to; the school has to upload its roster.
        world.on("2026-06-02");
        let work = world.get(&school.centre, "/work").done();
        assert!(work["messages"][0]["title"].as_str().expect("a message").contains("2026年第1批"), "{work}");
        assert!(work["tasks"].to_string().contains("监督示例一技工学校2026年第1批"), "{work}");
        let work = world.get(&school.clerk, "/work").done();
        assert!(work["tasks"].to_string().contains("导入2026年第1批报名名册"), "{work}");
        let elsewhere = world.get(&other_centre(world), "/work").done();
        assert!(!elsewhere.to_string().contains("2026年第1批"), "{elsewhere}");
    });
}

#[test]
fn s2_2_1b_notice_less_than_ten_working_days_ahead_is_refused_with_the_earliest_day() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let refused = world.post(&school.clerk, "/batches", batch_fields("2026-06-12")).refused("2.2.1b");
        assert!(refused.remedy.contains("2026-06-15"), "{refused:?}");
        assert_eq!(world.get(&school.clerk, "/batches").done()["total"], 0);
        assert_eq!(world.get(&school.clerk, "/batch-scopes").done()["earliest"], "2026-06-15");
        // Beyond the years of the calendar nothing is guessed.
        world.on("2026-11-20");
        let beyond = with(
            batch_fields("2026-12-30"),
            json!({"starts_on": "2027-01-05", "ends_on": "2027-01-05",
            "theory_on": "2027-01-05", "practical_on": "2027-01-05"}),
        );
        world.post(&school.clerk, "/batches", beyond).done();
        world.on("2026-12-28");
        let refused = world.post(&school.clerk, "/batches", batch_fields("2027-02-01"));
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("2027"), "{}", refused.text());
    });
}

#[test]
fn s2_2_1a_s3_3_2_a_batch_stays_within_the_filed_scope_and_validity() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let say = |changes: Value| world.post(&school.clerk, "/batches", with(batch_fields("2026-06-15"), changes));
        let refused = say(json!({"code": "6-11-01-03"})).refused("3.3.2");
        assert!(refused.remedy.contains("4-03-02-01"), "{refused:?}");
        let refused = say(json!({"level": "5"})).refused("2.2.1a");
        assert!(refused.remedy.contains("四级/中级工"), "{refused:?}");
        let late = json!({"starts_on": "2030-06-17", "ends_on": "2030-06-17", "theory_on": "2030-06-17", "practical_on": "2030-06-17"});
        let refused = say(late).refused("2.1.3c");
        assert_eq!(refused.remedy, "请先办理备案延期");
        say(json!({"plan": " "})).refused("2.2.1a");
        say(json!({"ends_on": "2026-06-14"})).refused("2.2.1a");
        say(json!({"practical_place": " "})).refused("2.2.1a");
        say(json!({"comprehensive_on": "2026-06-16"})).refused("1.5.1");
        assert_eq!(world.get(&school.clerk, "/batches").done()["total"], 0);
        // A school without a filing has no scope at all.
        let body = world.school("示例二技工学校", "city", "350102", &crate::stages::uscc(901));
        let stranger = world.person_of("stranger", Role::Clerk, body);
        world.post(&stranger, "/batches", batch_fields("2026-06-15")).refused("3.3.2");
        // Nobody notifies for a school but the school.
        assert_eq!(world.post(&school.centre, "/batches", batch_fields("2026-06-15")).status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn s3_3_3_a_body_holds_its_batches_by_itself_with_its_own_people_in_its_own_rooms() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let say = |changes: Value| world.post(&school.clerk, "/batches", with(batch_fields("2026-06-15"), changes));
        let refused = say(json!({"organiser": "示例培训公司"})).refused("3.3.3");
        assert!(refused.what.contains("示例培训公司") && refused.remedy.contains("不得授权或委托"), "{refused:?}");
        let refused = say(json!({"responsible": "示例外人"})).refused("3.3.3");
        assert!(refused.remedy.contains("示例校长"), "{refused:?}");
        let refused = say(json!({"theory_place": "示例培训公司3楼"})).refused("3.3.3");
        assert!(refused.remedy.contains("示例教学楼"), "{refused:?}");
        say(json!({"practical_place": "示例培训公司车间"})).refused("3.3.3");
        assert_eq!(world.get(&school.clerk, "/batches").done()["total"], 0, "nothing of it stays");

        // The form offers what is on file, and comes back as it was filled in.
        let form = world.page(Some(&school.clerk), "/batches/new").text();
        assert!(form.contains("<option value=\"示例教学楼\">") && form.contains("value=\"示例一技工学校\""), "{form}");
        let made = say(json!({"responsible": "示例full_time"})).done();
        let batch = world.get(&school.centre, &format!("/batches/{}", made["id"])).done();
        assert_eq!(
            (batch["organiser"].as_str(), batch["responsible"].as_str()),
            (Some("示例一技工学校"), Some("示例full_time"))
        );
        // Left out, the body and its head answer for it.
        let made = say(json!({})).done();
        let page = world.page(Some(&school.centre), &format!("/batches/{}", made["id"])).text();
        assert!(page.contains("示例一技工学校，负责人示例校长"), "{page}");

        // New rooms count once the centre has approved them.
        let elsewhere = json!({"practical_place": "示例路88号实训楼"});
        say(elsewhere.clone()).refused("3.3.3");
        let file = world.keep(&school.clerk, crate::stages::PDF);
        let path = format!("/bodies/{}/changes", school.body);
        let apply = json!({"matter": "rooms", "value": "示例路88号", "reason": "新校区启用", "file": file, "file_name": "证明.pdf"});
        let change =
            world.post(&school.clerk, &format!("/bodies/{}/change-applications", school.body), apply).done()["id"]
                .clone();
        say(elsewhere.clone()).refused("3.3.3");
        let decision = format!("{path}/{change}/decision");
        world.post(&school.centre, &decision, json!({"approved": true, "reason": ""})).done();
        say(elsewhere).done();
    });
}

#[test]
fn s2_1_3b_a_school_whose_filing_has_expired_is_sent_to_renew_it() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        world.on("2029-07-02");
        let refused = world.post(&school.clerk, "/batches", batch_fields("2029-08-01")).refused("2.1.3c");
        assert!(refused.what.contains("已期满") && refused.remedy == "请先办理备案延期", "{refused:?}");
        assert_eq!(world.get(&school.clerk, "/batch-scopes").done()["scopes"], json!([]));
        let page = world.page(Some(&school.clerk), "/batches/new").text();
        assert!(page.contains("备案已期满") && page.contains("请先办理备案延期"), "{page}");
    });
}

#[test]
fn s1_4_1_a_batch_follows_an_issued_standard() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let scopes = world.get(&school.clerk, "/batch-scopes").done();
        let offered = scopes["scopes"][0]["standards"][0]["title"].as_str().expect("a standard").to_owned();
        let say = |standard: &str| {
            world.post(&school.clerk, "/batches", with(batch_fields("2026-06-15"), json!({"standard": standard})))
        };
        let refused = say("校本标准（2026年版）").refused("1.4.1");
        assert!(refused.remedy.contains("《中式烹调师》（2018年版）"), "{refused:?}");
        say("").refused("1.4.1");
        // A work type's standard of 2024 asks for other conditions; filed was the whole occupation by that of 2018.
        say("《中式烹调师（火锅料理师）》（2024年版）").refused("1.4.1");
        assert_eq!(scopes["scopes"][0]["standards"].as_array().map(Vec::len), Some(1), "{scopes}");
        let made = say(&offered).done();
        let seen = world.get(&school.head, &format!("/batches/{}", made["id"])).done();
        assert_eq!(seen["standard"].as_str(), Some(offered.as_str()));
    });
}

#[test]
fn s2_2_1b_a_batch_is_called_off_with_a_reason_before_its_results_are_posted() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let batch = world.notified_batch(&school, "2026-06-15");
        let path = format!("/batches/{batch}/cancellation");
        world.post(&school.clerk, &path, json!({"reason": " "})).refused("2.2.1b");
        assert_eq!(
            world.post(&other_centre(world), &path, json!({"reason": "与我无关"})).status,
            StatusCode::FORBIDDEN
        );
        world.post(&school.clerk, &path, json!({"reason": "实训设备检修"})).done();
        world.post(&school.clerk, &path, json!({"reason": "再次取消"})).refused("2.2.1b");
        let seen = world.get(&school.centre, &format!("/batches/{batch}")).done();
        assert_eq!((seen["stage"].as_str(), seen["cancel_reason"].as_str()), (Some("cancelled"), Some("实训设备检修")));
        assert!(seen["next"].is_null());
        // Numbers are not used again.
        let next = world.post(&school.clerk, "/batches", batch_fields("2026-06-15")).done();
        assert_eq!((next["number"].as_str(), next["title"].as_str()), (Some("PC2026-0002"), Some("2026年第2批")));
    });
}

#[test]
fn s2_2_1b_the_pages_notify_show_and_cancel_a_batch() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let form = world.page(Some(&school.clerk), "/batches/new").text();
        assert!(form.contains("2026年6月15日 周一"), "the earliest day stands on the form");
        let scope = form.split("<option value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an option");
        let fields = |starts_on| {
            [
                ("scope", scope),
                ("starts_on", starts_on),
                ("theory_place", "示例教学楼301"),
                ("practical_place", "示例实训楼2层"),
                ("expected", "30"),
                ("plan", "示例工作计划"),
            ]
        };
        let refused = world.submit(Some(&school.clerk), "/batches/new", "/batches", &fields("2026-06-12"));
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = refused.text();
        assert!(
            text.contains("最早可于2026年6月15日开展") && text.contains("示例教学楼301"),
            "refused, with what was filled in"
        );
        let planless = world.submit(Some(&school.clerk), "/batches/new", "/batches", &fields("2026-06-15")[..5]);
        assert!(planless.text().contains("没有工作计划"), "{}", planless.text());
        let done = world.submit(Some(&school.clerk), "/batches/new", "/batches", &fields("2026-06-15"));
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let page = done.headers["location"].to_str().expect("an address").to_owned();
        let seen = world.page(Some(&school.clerk), &page).text();
        assert!(
            seen.contains("导入报名名册") && seen.contains("aria-current=\"step\"") && seen.contains("PC2026-0001")
        );
        assert!(world.page(Some(&school.centre), &page).text().contains("下一步由机构办理"));
        assert!(world.page(Some(&school.centre), "/batches").text().contains("示例一技工学校"));
        assert_eq!(world.page(Some(&school.centre), "/batches/new").status, StatusCode::FORBIDDEN);
        let cancel = format!("{page}/cancellation");
        let done = world.submit(Some(&school.clerk), &cancel, &cancel, &[("reason", "实训设备检修")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        assert!(world.page(Some(&school.clerk), &page).text().contains("实训设备检修"));
    });
}
