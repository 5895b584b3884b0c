//! How a body stays in the directory and how it leaves (二（一）3、三（三）), and how the directory stood on any day.

use axum::http::{Method, StatusCode};
use office::cli::due;
use serde_json::{Value, json};

use crate::stages::{PDF, School, TRADES};
use crate::world::{World, on_each_database};

fn standing(school: &School, what: &str) -> String {
    format!("/bodies/{}/{what}", school.body)
}

/// A school's levels of its first occupation, as the directory shows them on a day, by what was known on another.
fn levels(world: &World, school: &School, on: &str, known: Option<&str>) -> Vec<String> {
    let known = known.map(|known| format!("&known={known}")).unwrap_or_default();
    let entry = world.public(&format!("/directory/{}?on={on}{known}", school.number)).done();
    let scope = entry["scope"].as_array().expect("a scope").clone();
    scope
        .iter()
        .filter(|one| one["code"] == TRADES[0].0)
        .map(|one| one["level_name"].as_str().expect("a level").to_owned())
        .collect()
}

fn changes(world: &World, school: &School) -> Vec<Value> {
    let answer = world.public(&format!("/directory/{}/changes", school.number)).done();
    answer["changes"].as_array().expect("changes").clone()
}

fn key(level: &str) -> Value {
    json!([{"code": TRADES[0].0, "work_type": "", "level": level}])
}

#[test]
fn s2_1_3d_a_scope_narrowed_afterwards_is_seen_as_it_was_known_on_each_day() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let both = ["四级/中级工", "三级/高级工"];
        assert_eq!(levels(world, &school, "2026-09-07", None), both);
        world.on("2026-10-15");
        let narrow = |last_day: &str| json!({"trades": key("3"), "last_day": last_day, "reason": "设备停用", "document": "示例人社〔2026〕7号"});
        // Only the department adjusts; the centre doesn't.
        let refused =
            world.call(Some(&school.centre), Method::POST, &standing(&school, "narrowing"), Some(narrow("2026-09-30")));
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        world.post(&school.department, &standing(&school, "narrowing"), narrow("2026-09-30")).done();
        // By what is known now, the level ended with September; by what was known before, it went on.
        assert_eq!(levels(world, &school, "2026-09-30", None), both);
        assert_eq!(levels(world, &school, "2026-10-01", None), both[..1]);
        assert_eq!(levels(world, &school, "2026-10-01", Some("2026-10-14")), both);
        assert_eq!(levels(world, &school, "2026-10-01", Some("2026-10-15")), both[..1]);
        let change = &changes(world, &school)[0];
        assert_eq!(
            (&change["kind"], &change["effective_on"], &change["recorded_on"], &change["clause"]),
            (&json!("dropped"), &json!("2026-10-01"), &json!("2026-10-15"), &json!("2.1.3d"))
        );
        let page = world.page(None, &format!("/directory/{}", school.number)).text();
        assert!(page.contains("补登记") && page.contains("示例人社〔2026〕7号"), "{page}");
        let page = world.page(None, &format!("/directory/{}?on=2026-10-01&known=2026-10-14", school.number)).text();
        assert!(page.contains("不是今天的") && page.contains("三级/高级工"), "{page}");

        // A batch before that day was within the scope, a batch after it is refused.
        let fields = |level: &str| {
            let mut fields = crate::stages::batch_fields("2026-11-02");
            fields["level"] = json!(level);
            fields
        };
        world.post(&school.clerk, "/batches", fields("3")).refused("2.2.1a");
        // What isn't there can't be dropped twice.
        world.post(&school.department, &standing(&school, "narrowing"), narrow("2026-10-10")).refused("3.3.2");
    });
}

#[test]
fn s2_1_3d_changes_of_the_directory_leave_one_by_one_and_an_altered_past_is_noticed() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let other = world.filed_school("示例乡");
        world
            .post(&school.head, &standing(&school, "dropped-trades"), json!({"trades": key("3"), "reason": "不再开设"}))
            .done();
        let lines = |after: i64| -> Vec<Value> {
            let text = world.public(&format!("/directory-changes?after={after}")).text();
            text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
        };
        let all = lines(0);
        let seqs: Vec<_> = all.iter().map(|line| line["change"]["seq"].as_i64().expect("a number")).collect();
        assert_eq!(seqs, [1, 2, 3]);
        assert_eq!(lines(2), all[2..]);
        assert!(lines(3).is_empty());
        assert_eq!(all[1]["change"]["number"], json!(other.number));
        assert_eq!(all[2]["change"]["scope"].as_array().expect("a scope").len(), 4);
        // Anyone can recompute the digests: each is over the one before and the change as it was published.
        let mut before = String::new();
        for line in &all {
            let change = serde_json_canonicalizer::to_string(&line["change"]).expect("canonical");
            let digest = sha256(&format!("{before}\n{change}"));
            assert_eq!(line["digest"], json!(digest), "{change}");
            before = digest;
        }
        let whole = world.public("/directory.json").done();
        assert_eq!((whole["seq"].as_i64(), whole["entries"].as_array().map(Vec::len)), (Some(3), Some(2)));
        let csv = world.public("/directory.csv").text();
        assert!(csv.starts_with('\u{feff}') && csv.lines().count() == 1 + 8, "{csv}");
        // The number is the address, and the map counts what the list shows.
        let found = world.public("/directory?occupation=中式烹调师&level=3").done();
        assert_eq!((found["total"].as_u64(), &found["places"][0]["bodies"]), (Some(2), &json!(2)));
    });
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn s2_1_3d_a_name_is_reviewed_and_who_is_responsible_is_told() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let elsewhere = world.filed_school_in("示例海", "city", "350203");
        let file = world.keep(&school.clerk, PDF);
        let name = json!({"matter": "name", "value": "示例新城技工学校", "reason": "更名批复", "file": file, "file_name": "批复.pdf"});
        let without = json!({"matter": "name", "value": "示例新城技工学校", "reason": "更名批复"});
        world.post(&school.clerk, &standing(&school, "change-applications"), without).refused("2.1.3d");
        world.post(&school.clerk, &standing(&school, "changes"), name.clone()).refused("2.1.3d");
        let change = world.post(&school.clerk, &standing(&school, "change-applications"), name.clone()).done();
        world.post(&school.clerk, &standing(&school, "change-applications"), name).refused("2.1.3d");
        let decision = format!("changes/{}/decision", change["id"]);
        let path = standing(&school, &decision);
        assert_eq!(world.post(&elsewhere.centre, &path, json!({"approved": true})).status, StatusCode::NOT_FOUND);
        world.post(&school.centre, &path, json!({"approved": false})).refused("2.1.3d");
        let work = world.get(&school.centre, "/work").done();
        assert!(work["tasks"].to_string().contains("机构名称"), "{work}");
        world.on("2026-09-10");
        world.post(&school.centre, &path, json!({"approved": true})).done();
        world.post(&school.centre, &path, json!({"approved": true})).refused("2.1.3d");
        let entry = |on: &str| world.public(&format!("/directory/{}?on={on}", school.number)).done();
        assert_eq!(entry("2026-09-10")["name"], json!("示例新城技工学校"));
        assert_ne!(entry("2026-09-09")["name"], json!("示例新城技工学校"));
        // One period still, whatever the name.
        assert_eq!(entry("2026-09-10")["valid_from"], json!("2026-08-31"));
        let told = json!({"matter": "responsible", "value": "示例负责", "reason": "人事调整"});
        world.post(&school.head, &standing(&school, "changes"), told.clone()).done();
        world.post(&school.head, &standing(&school, "changes"), told).refused("3.3.7");
        assert_eq!(entry("2026-09-10")["responsible"], json!("示例负责"));
        let page = world.page(Some(&school.head), "/standing").text();
        assert!(page.contains("示例新城技工学校") && page.contains("变更记录"), "{page}");
    });
}

#[test]
fn s2_1_3c_a_renewal_is_asked_for_evaluated_and_decided_or_the_validity_ends() {
    on_each_database("2023-08-31", |world| {
        let school = world.filed_school("示例城");
        let silent = world.filed_school("示例乡");
        let apply =
            || world.post(&school.head, &standing(&school, "renewals"), json!({"statement": "开展六批，管理规范"}));
        // Valid through 2026-08-30; six batches in the period.
        for month in ["2024-01-10", "2024-04-10", "2024-10-16", "2025-03-12", "2025-06-11"] {
            world.on(&earlier(month));
            world.notified_batch(&school, month);
        }
        world.on("2026-05-06");
        apply().refused("2.1.3c");
        world.notified_batch(&school, "2026-05-20");
        due::run(&world.office).expect("what is due");
        let work = world.get(&school.head, "/work").done();
        assert!(work["tasks"].to_string().contains("备案将到期"), "{work}");
        assert!(work["messages"].to_string().contains("请决定是否申请延期"), "{work}");
        let said = work["messages"].as_array().map(Vec::len);
        due::run(&world.office).expect("what is due");
        assert_eq!(world.get(&school.head, "/work").done()["messages"].as_array().map(Vec::len), said, "once");
        world.on("2026-05-31");
        let early = apply().refused("2.1.3c");
        assert!(early.remedy.contains("2026-06-01"), "{}", early.remedy);
        world.on("2026-06-01");
        let renewal = apply().done()["id"].clone();
        apply().refused("2.1.3c");
        let path = |what: &str| standing(&school, &format!("renewals/{renewal}/{what}"));
        // The order can't be skipped, and silence extends nothing.
        let decide = json!({"approved": true});
        world.post(&school.provincial_centre, &path("decision"), decide.clone()).refused("2.1.3c");
        world
            .post(&school.centre, &path("evaluation"), json!({"passed": true, "opinion": "材料齐全，批次合规"}))
            .done();
        assert_eq!(world.post(&school.centre, &path("decision"), decide.clone()).status, StatusCode::FORBIDDEN);
        world.get(&school.head, &path("receipt")).refused("2.1.3b");
        world.post(&school.provincial_centre, &path("decision"), decide.clone()).done();
        // The new receipt goes on where the first one ends, and the first one stays.
        let receipt = world.get(&school.head, &path("receipt")).done();
        assert_eq!(
            (&receipt["number"], &receipt["valid_from"], &receipt["valid_until"], &receipt["issued_on"]),
            (&json!(school.number), &json!("2026-08-31"), &json!("2029-08-30"), &json!("2026-06-01"))
        );
        // The occupation that lay idle for two years has left by itself.
        assert_eq!(receipt["scope"].as_array().map(Vec::len), Some(1));
        let first = world.get(&school.head, &format!("/filings/{}/receipt", school.filing)).done();
        assert_eq!(first["valid_until"], json!("2026-08-30"));
        let pdf =
            world.page(Some(&school.clerk), &standing(&school, &format!("standing/renewals/{renewal}/receipt.pdf")));
        assert!(pdf.status == StatusCode::OK && pdf.bytes.starts_with(b"%PDF-"), "{}", pdf.status);
        assert_eq!(world.get(&silent.head, &path("receipt")).status, StatusCode::NOT_FOUND);
        assert!(world.page(Some(&school.head), "/standing").text().contains("下载回执"));
        let entry = |school: &School| world.public(&format!("/directory/{}", school.number)).done();
        assert_eq!(entry(&school)["valid_until"], json!("2029-08-30"));
        world.on("2026-08-31");
        due::run(&world.office).expect("what is due");
        assert_eq!(entry(&school)["state"], json!("valid"));
        assert_eq!(entry(&silent)["state"], json!("removed"));
        assert_eq!(entry(&silent)["ended"], json!("withdrawn"), "two idle years had passed long before");
        let page = world.page(None, &format!("/directory/{}", school.number)).text();
        assert!(page.contains("备案延期"), "{page}");
    });
}

#[test]
fn s2_1_3c_why_a_renewal_is_refused_stands_on_the_page_and_leaves_the_house_in_no_message() {
    on_each_database("2023-08-31", |world| {
        let school = world.filed_school("示例城");
        for month in ["2024-01-10", "2024-04-10", "2024-10-16", "2025-03-12", "2025-06-11", "2026-05-20"] {
            world.on(&earlier(month));
            world.notified_batch(&school, month);
        }
        world.on("2026-06-01");
        let path = |what: &str| standing(&school, what);
        let renewal =
            world.post(&school.head, &path("renewals"), json!({"statement": "开展六批"})).done()["id"].clone();
        let step = |what: &str| path(&format!("renewals/{renewal}/{what}"));
        world.post(&school.centre, &step("evaluation"), json!({"passed": false, "opinion": "录像保存不足"})).done();
        let no = |reason: &str| json!({"approved": false, "reason": reason});
        world.post(&school.provincial_centre, &step("decision"), no(" ")).refused("2.1.3c");
        world.post(&school.provincial_centre, &step("decision"), no("示例监考缺席两次")).done();
        due::run(&world.office).expect("what is due");
        let page = world.page(Some(&school.head), "/standing").text();
        assert!(page.contains("上次申请不予延期") && page.contains("示例监考缺席两次"), "{page}");
        let messages = world.get(&school.head, "/work").done()["messages"].to_string();
        assert!(messages.contains("不予延期，理由见备案情形") && !messages.contains("缺席"), "{messages}");
    });
}

#[test]
fn s2_1_3d_whoever_is_in_charge_of_a_body_reaches_its_standing_from_the_directory() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let elsewhere = world.filed_school_in("示例海", "city", "350203");
        let path = format!("/directory/{}", school.number);
        let link = format!("href=\"/bodies/{}/standing\"", school.body);
        for person in [&school.centre, &school.department, &school.provincial_centre, &school.head] {
            assert!(world.page(Some(person), &path).text().contains(&link), "{}", person.login);
            assert_eq!(world.page(Some(person), &format!("/bodies/{}/standing", school.body)).status, StatusCode::OK);
        }
        for person in [Some(&elsewhere.centre), Some(&elsewhere.head), None] {
            assert!(!world.page(person, &path).text().contains("/bodies/"), "out of reach");
        }
    });
}

/// A day early enough to notify a batch of another.
fn earlier(starts_on: &str) -> String {
    let day: jiff::civil::Date = starts_on.parse().expect("a day");
    day.saturating_sub(jiff::Span::new().days(30)).to_string()
}

#[test]
fn s2_1_3c_a_validity_that_nobody_renewed_ends_and_the_directory_says_so() {
    on_each_database("2023-08-31", |world| {
        let school = world.filed_school("示例城");
        for month in ["2024-10-16", "2025-06-11"] {
            world.on(&earlier(month));
            world.notified_batch(&school, month);
        }
        world.on("2026-08-30");
        due::run(&world.office).expect("what is due");
        let entry = || world.public(&format!("/directory/{}", school.number)).done();
        assert_eq!(entry()["state"], json!("valid"));
        world.on("2026-08-31");
        due::run(&world.office).expect("what is due");
        assert_eq!((&entry()["state"], &entry()["ended"]), (&json!("expired"), &json!("expired")));
        assert_eq!(changes(world, &school)[0]["kind"], json!("expired"));
        let count = changes(world, &school).len();
        due::run(&world.office).expect("what is due");
        assert_eq!(changes(world, &school).len(), count, "once");
        world.post(&school.clerk, "/batches", crate::stages::batch_fields("2026-10-12")).refused("2.1.3c");
        world.post(&school.head, &standing(&school, "renewals"), json!({"statement": "晚了"})).refused("2.1.3c");
    });
}

#[test]
fn s3_3_4_two_idle_years_count_as_withdrawn_after_warnings() {
    on_each_database("2024-03-29", |world| {
        let school = world.filed_school("示例城");
        world.on("2024-09-02");
        world.notified_batch(&school, "2024-10-16");
        let messages = || {
            due::run(&world.office).expect("what is due");
            let work = world.get(&school.head, "/work").done();
            work["messages"].to_string().matches("视同退出").count()
        };
        // The second occupation is idle since the listing, the first since October.
        world.on("2025-09-28");
        assert_eq!(messages(), 0);
        world.on("2025-09-29");
        assert_eq!((messages(), messages()), (1, 1));
        world.on("2025-12-29");
        assert_eq!(messages(), 2);
        world.on("2026-02-26");
        assert_eq!(messages(), 2);
        world.on("2026-02-27");
        assert_eq!(messages(), 3);
        world.on("2026-03-28");
        let work = world.get(&school.head, "/work").done();
        assert!(work["tasks"].to_string().contains("很久没有开展认定"), "{work}");
        world.on("2026-03-29");
        due::run(&world.office).expect("what is due");
        let entry = world.public(&format!("/directory/{}", school.number)).done();
        let codes: Vec<_> = entry["scope"].as_array().expect("a scope").iter().map(|one| one["code"].clone()).collect();
        assert_eq!((entry["state"].as_str(), codes), (Some("valid"), vec![json!(TRADES[0].0); 2]));
        world.on("2026-10-20");
        due::run(&world.office).expect("what is due");
        let entry = world.public(&format!("/directory/{}", school.number)).done();
        assert_eq!((entry["state"].as_str(), entry["ended"].as_str()), (Some("removed"), Some("withdrawn")));
        assert!(changes(world, &school)[0]["what"].as_str().expect("a text").contains("连续两年没有开展"));
        assert_eq!(changes(world, &school)[0]["clause"], json!("3.3.4"));
    });
}

#[test]
fn s2_1_3d_who_leaves_settles_what_runs_first() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let batch = world.notified_batch(&school, "2026-09-21");
        let leave = || world.post(&school.head, &standing(&school, "exit"), json!({"reason": "不再开办"}));
        assert!(leave().refused("2.1.3d").what.contains("2026年第1批"));
        let drop = json!({"trades": key("4"), "reason": "不再开设"});
        world.post(&school.head, &standing(&school, "dropped-trades"), drop.clone()).refused("2.1.3d");
        world.post(&school.clerk, &format!("/batches/{batch}/cancellation"), json!({"reason": "停办"})).done();
        world.post(&school.head, &standing(&school, "dropped-trades"), drop).done();
        leave().done();
        let entry = |on: &str| world.public(&format!("/directory/{}?on={on}", school.number)).done();
        assert_eq!(entry("2026-08-31")["state"], json!("valid"));
        assert_eq!(
            (&entry("2026-09-01")["state"], &entry("2026-09-01")["ended"]),
            (&json!("removed"), &json!("exited"))
        );
        world.on("2026-09-01");
        leave().refused("2.1.3d");
    });
}

#[test]
fn s3_3_8_a_stopped_pilot_leaves_the_directory_and_its_batches_stand_still_until_it_is_lifted() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let batch = world.rostered_batch(&school, "2026-09-21", 3);
        world.on("2026-09-22");
        let stop = json!({"reason": "委托他人组织考试", "document": "示例人社监〔2026〕3号"});
        let empty = json!({"reason": "委托他人组织考试", "document": " "});
        world.post(&school.department, &standing(&school, "stop"), empty).refused("3.3.8");
        assert_eq!(world.post(&school.centre, &standing(&school, "stop"), stop.clone()).status, StatusCode::FORBIDDEN);
        world.post(&school.department, &standing(&school, "stop"), stop.clone()).done();
        world.post(&school.department, &standing(&school, "stop"), stop).refused("2.1.3d");
        let entry = |on: &str| world.public(&format!("/directory/{}?on={on}", school.number)).done();
        assert_eq!(entry("2026-09-21")["state"], json!("valid"));
        assert_eq!(
            (&entry("2026-09-22")["state"], &entry("2026-09-22")["ended"]),
            (&json!("removed"), &json!("stopped"))
        );
        let page = world.page(None, &format!("/directory/{}", school.number)).text();
        assert!(
            page.contains("已移出目录") && page.contains("委托他人组织考试") && page.contains("1个批次停止办理"),
            "{page}"
        );
        // Nothing moves in the batch, and no new one starts.
        let cancel = || world.post(&school.clerk, &format!("/batches/{batch}/cancellation"), json!({"reason": "停办"}));
        cancel().refused("3.3.8");
        world.post(&school.clerk, "/batches", crate::stages::batch_fields("2026-10-19")).refused("3.3.8");
        world.on("2026-10-09");
        let lift = json!({"reason": "复议撤销", "document": "示例政复〔2026〕1号"});
        world.post(&school.department, &standing(&school, "reinstatement"), lift.clone()).done();
        world.post(&school.department, &standing(&school, "reinstatement"), lift).refused("3.3.8");
        assert_eq!(entry("2026-10-09")["state"], json!("valid"));
        assert_eq!(entry("2026-10-09")["scope"].as_array().map(Vec::len), Some(4));
        assert_eq!(entry("2026-10-08")["state"], json!("removed"));
        cancel().done();
    });
}
