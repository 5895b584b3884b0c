//! 二（二）1, 三（三）: a body works by its yearly plan, and within what is on file.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::stages::{School, batch_fields};
use crate::world::{World, on_each_database};

fn row(level: &str, expected: i64, months: &str) -> Value {
    json!({"trade": "中式烹调师", "work_type": "", "level": level, "expected": expected, "months": months})
}

fn publish(world: &World, school: &School, rows: Value, reason: &str) -> crate::world::Answer {
    world.post(&school.head, "/year-plans", json!({"year": 2026, "rows": rows, "file": null, "reason": reason}))
}

fn bounded(world: &World) -> School {
    let school = world.filed_school("示例一技工学校");
    // What the story says of the plan takes the place of what every school begins with.
    world.set("DELETE FROM year_plan_row");
    world.set("DELETE FROM year_plan");
    school
}

#[test]
fn s2_2_1a_a_batch_outside_the_plan_of_its_year_is_refused_until_the_plan_changes() {
    on_each_database("2026-06-01", |world| {
        let school = bounded(world);
        let say = |starts_on: &str, expected: i64| {
            let mut fields = batch_fields(starts_on);
            fields["expected"] = json!(expected);
            world.post(&school.clerk, "/batches", fields)
        };
        let refused = say("2026-06-15", 30).refused("2.2.1a");
        assert!(refused.remedy.contains("先公布2026年度工作计划"), "{refused:?}");
        let work = world.get(&school.head, "/work").done();
        assert!(work["tasks"].to_string().contains("公布2026年度工作计划"), "{work}");
        publish(world, &school, json!([row("3", 40, "全年")]), "").done();
        let refused = say("2026-06-15", 30).refused("2.2.1a");
        assert!(refused.what.contains("不在2026年度工作计划内"), "{refused:?}");
        publish(world, &school, json!([row("3", 40, "全年"), row("4", 40, "9-11月")]), "").refused("2.2.1a");
        publish(world, &school, json!([row("3", 40, "全年"), row("4", 40, "9-11月")]), "四级需求增加").done();
        let refused = say("2026-06-15", 30).refused("2.2.1a");
        assert!(refused.what.contains("9-11月") && refused.remedy.contains("6月"), "{refused:?}");
        let rows = json!([row("3", 40, "全年"), row("4", 40, "6月、9-11月")]);
        let told = publish(world, &school, rows, "六月增加一批").done();
        assert_eq!(told["no"], 3);
        say("2026-06-15", 41).refused("2.2.1a");
        let first = say("2026-06-15", 30).done()["id"].clone();
        let refused = say("2026-06-15", 11).refused("2.2.1a");
        assert!(refused.remedy.contains("最多 10 人"), "{refused:?}");
        // A change of the batch doesn't count the batch itself; one that is called off counts no more.
        let mut fields = batch_fields("2026-06-15");
        fields["expected"] = json!(40);
        let change = json!({"notice": fields, "reason": "增加十人"});
        world.post(&school.clerk, &format!("/batches/{first}/versions"), change).done();
        say("2026-06-15", 1).refused("2.2.1a");
        world.post(&school.clerk, &format!("/batches/{first}/cancellation"), json!({"reason": "设备检修"})).done();
        say("2026-06-15", 40).done();

        // The centre is told of the plan and of each change, and reads every version.
        world.on("2026-06-02");
        let work = world.get(&school.centre, "/work").done()["messages"].to_string();
        assert!(work.contains("公布2026年度工作计划") && work.contains("变更2026年度工作计划：六月增加一批"), "{work}");
        let seen = world.get(&school.centre, &format!("/bodies/{}/year-plan?year=2026", school.body)).done();
        let versions = seen["versions"].as_array().expect("versions");
        assert_eq!(versions.len(), 3);
        assert!(versions[1]["changes"].to_string().contains("增加中式烹调师四级/中级工，40人"), "{seen}");
        assert!(versions[0]["changes"].to_string().contains("改为6、9-11月"), "{seen}");
        let held = versions[0]["rows"].as_array().expect("rows").iter().find(|row| row["level"] == "4").expect("a row");
        assert_eq!((held["told"].as_i64(), held["batches"].as_i64()), (Some(40), Some(1)));
        let overview = world.get(&school.centre, "/year-plans?year=2026").done();
        assert_eq!((overview["total"].as_i64(), overview["lacking"].as_i64()), (Some(1), Some(0)));
        assert_eq!(world.get(&school.centre, "/year-plans?year=2027").done()["lacking"], 1);
    });
}

#[test]
fn s2_2_1a_s3_3_2_a_plan_is_of_what_is_on_file_and_published_by_the_head() {
    on_each_database("2026-06-01", |world| {
        let school = bounded(world);
        let plan = json!({"year": 2026, "rows": [row("4", 40, "全年")], "file": null, "reason": ""});
        assert_eq!(world.post(&school.clerk, "/year-plans", plan.clone()).status, StatusCode::FORBIDDEN);
        assert_eq!(world.post(&school.centre, "/year-plans", plan).status, StatusCode::FORBIDDEN);
        publish(world, &school, json!([]), "").refused("2.2.1a");
        publish(world, &school, json!([row("5", 40, "全年")]), "").refused("2.2.1a");
        let mut other = row("4", 40, "全年");
        other["trade"] = json!("车工");
        let known = world.text("SELECT code FROM listing_scope WHERE name = '车工'");
        if known.is_empty() {
            publish(world, &school, json!([other]), "").refused("3.3.2");
        } else {
            publish(world, &school, json!([other]), "").done();
            world.set("DELETE FROM year_plan_row");
            world.set("DELETE FROM year_plan");
        }
        let mut unknown = row("4", 40, "全年");
        unknown["trade"] = json!("6-11-01-03");
        publish(world, &school, json!([unknown]), "").refused("3.3.2");
        let refused = publish(world, &school, json!([row("4", 40, "春季")]), "").refused("2.2.1a");
        assert!(refused.what.contains("第1行") && refused.what.contains("春季"), "{refused:?}");
        let old = json!({"year": 2025, "rows": [row("4", 40, "全年")], "file": null, "reason": ""});
        world.post(&school.head, "/year-plans", old).refused("2.2.1a");
        assert_eq!(world.count("SELECT COUNT(*) FROM year_plan"), 0);
        let elsewhere = world.officer_at(rules::people::Role::CityCentre, "city-350500-centre");
        let path = format!("/bodies/{}/year-plan", school.body);
        assert_eq!(world.get(&elsewhere, &path).status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn s2_2_1a_a_plan_comes_as_a_workbook_with_findings_and_begins_a_notice() {
    on_each_database("2026-06-01", |world| {
        let school = bounded(world);
        let send = |text: &str| {
            let file = world.keep(&school.head, text.as_bytes());
            let plan = json!({"year": 2026, "rows": [], "file": file, "reason": "以此为准"});
            (world.post(&school.head, "/year-plans", plan), file)
        };
        let (answer, file) =
            send("职业,工种,等级,预计人数,开展月份\n中式烹调师,,四级,60,6月\n中式烹调师,,三级,许多,春季\n");
        let refused = answer.refused("2.2.1a");
        assert!(refused.what.contains("2 处问题") && refused.what.contains("第 3 行"), "{refused:?}");
        let found = world.get(&school.head, &format!("/year-plan-findings?file={file}")).done();
        assert_eq!(
            (found["rows"].as_array().map(Vec::len), found["findings"].as_array().map(Vec::len)),
            (Some(1), Some(2))
        );
        assert_eq!(world.get(&school.clerk, &format!("/year-plan-findings?file={file}")).status, StatusCode::FORBIDDEN);
        let (answer, _) = send("职业,工种,等级,预计人数,开展月份\n中式烹调师,,四级,60,6月、9-11月\n");
        assert_eq!(answer.done()["rows"], 1);

        let page = world.page(Some(&school.clerk), "/year-plan?year=2026").text();
        let link =
            page.split("href=\"/batches/new?").nth(1).and_then(|rest| rest.split('"').next()).expect("a way to begin");
        let form = world
            .page(Some(&school.clerk), &format!("/batches/new?{}", link.replace("&#38;", "&").replace("&amp;", "&")))
            .text();
        assert!(form.contains("value=\"60\"") && form.contains("|4-03-02-01|4|"), "{form}");
        let chosen = form.split("<option value=\"").find(|option| option.contains(" selected")).expect("a choice");
        assert!(chosen.contains("|4-03-02-01|4|"), "{chosen}");
        assert!(world.page(Some(&school.centre), "/year-plans?year=2026").text().contains("示例一技工学校"));
        let sheet = world.page(Some(&school.head), "/year-plan/form.xlsx?year=2026");
        assert_eq!((sheet.status, &sheet.bytes[..2]), (StatusCode::OK, &b"PK"[..]));

        // The form shows what holds, and comes back as it was filled in.
        let from = "/year-plan/form?year=2026";
        let fields = |months| {
            [
                ("year", "2026"),
                ("trade[]", "4-03-02-01|4|"),
                ("expected[]", "80"),
                ("months[]", months),
                ("reason", "扩招"),
                ("do", "publish"),
            ]
        };
        let refused = world.submit(Some(&school.head), from, "/year-plan/form", &fields("春季"));
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("value=\"80\"") && refused.text().contains("春季"));
        let done = world.submit(Some(&school.head), from, "/year-plan/form", &fields("6-12月"));
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        assert!(world.page(Some(&school.clerk), "/year-plan?year=2026").text().contains("由60人改为80人"));
        assert_eq!(world.page(Some(&school.clerk), from).status, StatusCode::FORBIDDEN);
    });
}
