//! 一（四）: who is let past the conditions of the standard, and who no longer meets them when a batch is put to another day.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::held::{name_of, number_of};
use crate::stages::{PDF, School, batch_fields};
use crate::world::{Person, World, on_each_database};

/// Two students of whom the second graduates in three years, so that level 4 is not shown; a batch of Monday 14 September 2026.
fn one_short(world: &World) -> (School, i64, Value) {
    let school = world.filed_school("示例第一技工学校");
    let batch = world.notified_batch(&school, "2026-09-14");
    let register = format!(
        "学号,姓名,证件号码,专业,班级,培养层次,入学年月,毕业年月\nS0000,{},{},中式烹调,烹饪1班,中级工班,2024-09,2027-02\nS0001,{},{},中式烹调,烹饪1班,中级工班,2026-09,2029-07\n",
        name_of(0),
        number_of(0),
        name_of(1),
        number_of(1)
    );
    let file = world.keep(&school.clerk, register.as_bytes());
    world.post(&school.clerk, "/enrolment", json!({"file": file, "name": "学籍.csv"})).done();
    let file = world.keep(&school.clerk, crate::stages::roster(0..2).as_bytes());
    let upload = json!({"file": file, "name": "名册.csv"});
    let made = world.post(&school.clerk, &format!("/batches/{batch}/roster"), upload).done();
    assert_eq!((&made["new"], &made["faults"]), (&json!(1), &json!(1)), "{made}");
    (school, batch, made["upload"].clone())
}

fn put_forward(world: &World, by: &Person, batch: i64, upload: &Value, row: u32) -> crate::world::Answer {
    let fields = json!({"upload": upload, "sheet": "", "row": row, "reason": "入学前已从事本职业六年，证明见附件",
                        "file": world.keep(by, PDF), "file_name": "工作证明.pdf"});
    world.post(by, &format!("/batches/{batch}/exceptions"), fields)
}

#[test]
fn s1_4_1_an_exception_is_decided_by_the_centre_person_by_person_and_others_go_on() {
    on_each_database("2026-08-31", |world| {
        let (school, batch, upload) = one_short(world);
        let path = format!("/batches/{batch}/exceptions");
        let registered = || world.get(&school.clerk, &format!("/batches/{batch}/roster")).done()["registered"].clone();
        assert_eq!(registered(), 1);
        // The upload's page leads to the form of the one row that lacks nothing else.
        let page = world.page(Some(&school.clerk), &format!("/batches/{batch}/roster/uploads/{upload}")).text();
        assert!(page.contains(&format!("/batches/{batch}/exceptions?upload={upload}&#38;sheet=&#38;row=3")), "{page}");
        put_forward(world, &school.clerk, batch, &upload, 2).refused("1.4.1");
        let without =
            json!({"upload": upload, "sheet": "", "row": 3, "reason": "入学前已从事本职业六年", "file": null});
        assert_eq!(world.post(&school.clerk, &path, without).refused("1.4.1").field, "file");
        let made = put_forward(world, &school.clerk, batch, &upload, 3).done();
        put_forward(world, &school.head, batch, &upload, 3).refused("1.4.1");
        assert_eq!(registered(), 1, "nobody is registered who was not decided on");
        let view = world.get(&school.centre, &path).done();
        let one = &view["exceptions"][0];
        assert_eq!((&one["name"], &one["due_on"]), (&json!(name_of(1)), &json!("2026-09-03")), "{one}");
        assert!(one["lacks"].as_str().expect("a text").contains("尚未进入毕业学年"), "{one}");
        let tasks = world.get(&school.centre, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("决定报名资格例外"), "{tasks}");
        // The school does not decide, and the centre says why.
        let decision = format!("{path}/{}/decision", made["id"]);
        let agree = json!({"granted": true, "reason": "社保缴费六年，符合从事本职业的年限"});
        assert_eq!(world.post(&school.head, &decision, agree.clone()).status, StatusCode::FORBIDDEN);
        assert_eq!(
            world.post(&school.centre, &decision, json!({"granted": true, "reason": "可"})).refused("1.4.1").field,
            "reason"
        );
        let decided = world.post(&school.centre, &decision, agree.clone()).done();
        assert_eq!((&decided["state"], registered()), (&json!("granted"), json!(2)));
        let roster = world.get(&school.clerk, &format!("/batches/{batch}/roster")).done();
        let candidate = &roster["candidates"][1];
        assert_eq!((&candidate["id"], &candidate["condition"]), (&decided["candidate"], &json!("例外")));
        world.post(&school.centre, &decision, agree).refused("1.4.1");
    });
}

#[test]
fn s1_4_1_who_was_refused_is_not_examined_and_may_be_put_forward_anew() {
    on_each_database("2026-08-31", |world| {
        let (school, batch, upload) = one_short(world);
        let made = put_forward(world, &school.clerk, batch, &upload, 3).done();
        let decision = format!("/batches/{batch}/exceptions/{}/decision", made["id"]);
        let refuse = json!({"granted": false, "reason": "证明的工种与本职业不相关"});
        assert_eq!(world.post(&school.centre, &decision, refuse).done()["state"], "refused");
        let arrange = json!({"rooms": [{"name": "示例教学楼301", "seats": 30}], "stations": [{"name": "示例实训楼2层", "count": 20}]});
        world.post(&school.clerk, &format!("/batches/{batch}/arrangement"), arrange).done();
        let arranged = world.get(&school.clerk, &format!("/batches/{batch}/arrangement")).done();
        assert_eq!(arranged["seated"], 1, "the others go on");
        put_forward(world, &school.clerk, batch, &upload, 3).done();
        world.on("2026-09-14");
        put_forward(world, &school.clerk, batch, &upload, 3).refused("1.4.1");
    });
}

#[test]
fn s2_2_1b_who_no_longer_meets_the_conditions_on_the_new_day_is_named() {
    on_each_database("2026-08-31", |world| {
        let (school, batch, _) = one_short(world);
        // The graduate of February 2027 is a student of the final year in September; in April 2027 the register says gone.
        world.on("2026-09-01");
        let change = json!({"notice": batch_fields("2026-09-21"), "reason": "场地检修"});
        world.post(&school.clerk, &format!("/batches/{batch}/versions"), change).done();
        world.on("2026-09-02");
        let path = format!("/batches/{batch}/exceptions");
        let doubts = || world.get(&school.clerk, &path).done()["doubts"].clone();
        assert_eq!(doubts(), json!([]), "a week later changes nothing");
        // The register is brought up to date: gone before the new day.
        let register = format!(
            "学号,姓名,证件号码,专业,班级,培养层次,入学年月,毕业年月\nS0000,{},{},中式烹调,烹饪1班,中级工班,2023-09,2026-08\n",
            name_of(0),
            number_of(0)
        );
        let file = world.keep(&school.clerk, register.as_bytes());
        world.post(&school.clerk, "/enrolment", json!({"file": file, "name": "学籍.csv"})).done();
        let change = json!({"notice": batch_fields("2026-09-28"), "reason": "场地检修延长"});
        world.post(&school.clerk, &format!("/batches/{batch}/versions"), change).done();
        world.on("2026-09-03");
        let found = doubts();
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
        assert!(found[0]["reason"].as_str().expect("a text").contains("毕业"), "{found}");
        let tasks = world.get(&school.clerk, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("核对不再符合条件的考生"), "{tasks}");
        // Withdrawn, nothing waits; checked again by hand, nothing is left.
        let withdraw = json!({"reason": "已毕业离校，不再符合条件"});
        world.post(&school.clerk, &format!("/candidates/{}/withdrawal", found[0]["candidate"]), withdraw).done();
        assert_eq!(doubts(), json!([]));
        let again = world.post(&school.clerk, &format!("/batches/{batch}/recheck"), json!({})).done();
        assert_eq!((&again["persons"], &again["doubtful"]), (&json!(0), &json!(0)));
    });
}
