//! 一（五）2, 3: a course's final examination instead of theory, and the assessment of the process in a pilot major, each by
//! a scheme that was approved beforehand and that the batch names.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::held::{name_of, number_of};
use crate::stages::{PDF, School, batch_fields};
use crate::world::{Answer, World, on_each_database};

/// A scheme for the first occupation at level 4.
fn scheme(world: &World, school: &School, more: Value) -> Answer {
    let file = world.keep(&school.clerk, PDF);
    let mut fields = json!({
        "kind": "course", "code": "4-03-02-01", "level": "4", "course": "烹饪原料与营养",
        "exam": "闭卷，90 分钟，满分 100 分，教考分离", "mapping": "第一至第四章对应标准的基本要求和相关知识",
        "from": "2026-09-01", "until": "2027-08-31", "file": file, "file_name": "方案.pdf",
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        fields[name] = value.clone();
    }
    world.post(&school.clerk, "/schemes", fields)
}

fn decide(world: &World, school: &School, made: &Value, fields: Value) -> Answer {
    world.post(&school.centre, &format!("/bodies/{}/schemes/{}/decision", school.body, made["id"]), fields)
}

/// A batch of two that names a scheme, on the day after its examinations.
fn batch(world: &World, school: &School, scheme: &Value) -> (i64, Vec<i64>) {
    let mut fields = batch_fields("2026-09-14");
    fields["scheme"] = scheme.clone();
    let batch = world.post(&school.clerk, "/batches", fields).done()["id"].as_i64().expect("an id");
    let candidates = world.register(batch, 2);
    world.on("2026-09-16");
    (batch, candidates)
}

#[test]
fn s1_5_2_a_course_mark_stands_for_theory_by_a_scheme_approved_beforehand() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例第一技工学校");
        // What a scheme lacks is refused; so is what is not on file.
        scheme(world, &school, json!({"exam": ""})).refused("1.5.2");
        scheme(world, &school, json!({"file": null})).refused("1.5.2");
        let refused = scheme(world, &school, json!({"code": "6-31-01-03"})).refused("1.5.2");
        assert!(refused.remedy.contains("已备案"), "{refused:?}");
        let declined = scheme(world, &school, json!({})).done();
        decide(world, &school, &declined, json!({"approved": false, "reason": ""})).refused("1.5.2");
        decide(world, &school, &declined, json!({"approved": false, "reason": "对应关系不清"})).done();
        decide(world, &school, &declined, json!({"approved": true})).refused("1.5.2");
        let made = scheme(world, &school, json!({"until": "2026-09-30"})).done();
        let tasks = world.get(&school.centre, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("结课考试替代理论考试"), "{tasks}");
        // Nobody but the centre in charge decides; a batch can't name what is not approved.
        let path = format!("/bodies/{}/schemes/{}/decision", school.body, made["id"]);
        assert_eq!(world.post(&school.head, &path, json!({"approved": true})).status, StatusCode::FORBIDDEN);
        let name = |scheme: &Value, starts_on: &str| {
            let mut fields = batch_fields(starts_on);
            fields["scheme"] = scheme.clone();
            world.post(&school.clerk, "/batches", fields)
        };
        name(&made["id"], "2026-09-14").refused("1.5.2");
        name(&declined["id"], "2026-09-14").refused("1.5.2");
        decide(world, &school, &made, json!({"approved": true, "reason": ""})).done();
        name(&made["id"], "2026-10-12").refused("1.5.2");
        assert_eq!(name(&json!(1), "2026-09-14").status, StatusCode::NOT_FOUND);
        assert!(world.page(Some(&school.clerk), "/batches/new").text().contains("烹饪原料与营养"));

        let plain = world.notified_batch(&school, "2026-09-14");
        let plain = (plain, world.register(plain, 1));
        let (with, candidates) = batch(world, &school, &made["id"]);
        let entry = |candidate: i64, more: Value| {
            let mut entry = json!({"candidate": candidate, "exam_on": "2026-06-24", "mark": "72", "paper": "2026春-烹原-A", "approver": "示例教务主任"});
            for (name, value) in more.as_object().into_iter().flatten() {
                entry[name] = value.clone();
            }
            json!({"entries": [entry]})
        };
        let enter =
            |batch: i64, fields: Value| world.post(&school.clerk, &format!("/batches/{batch}/course-marks"), fields);
        let refused = enter(plain.0, entry(plain.1[0], json!({}))).refused("1.5.2");
        assert!(refused.what.contains("没有采用") && refused.remedy.contains("通报时写明"), "{refused:?}");
        for wrong in [
            json!({"exam_on": "2026-09-17"}),
            json!({"exam_on": "2023-01-10"}),
            json!({"mark": "缺考"}),
            json!({"paper": " "}),
            json!({"approver": ""}),
        ] {
            let refused = enter(with, entry(candidates[0], wrong)).refused("1.5.2");
            assert!(refused.what.starts_with(&name_of(0)), "{refused:?}");
        }
        enter(with, json!({"entries": []})).refused("1.5.2");
        assert_eq!(enter(with, entry(candidates[0], json!({}))).done()["entered"], 1);
        assert_eq!(enter(with, entry(candidates[0], json!({}))).done()["unchanged"], 1);
        assert_eq!(enter(with, entry(candidates[0], json!({"paper": "2026春-烹原-B"}))).done()["changed"], 1);

        // Practice is examined all the same; the course mark is checked by another person and named wherever it is shown.
        let marks = format!("/batches/{with}/marks");
        let others = json!({"entries": [
            {"candidate": candidates[0], "part": "practical", "outcome": "80"},
            {"candidate": candidates[1], "part": "theory", "outcome": "65"}, {"candidate": candidates[1], "part": "practical", "outcome": "70"}]});
        world.post(&school.clerk, &marks, others).done();
        let post = format!("/batches/{with}/publicity");
        world.post(&school.head, &post, json!({})).refused("2.2.3a");
        world.confirm_marks(&school.head, with);
        enter(with, entry(candidates[0], json!({"mark": "99"}))).refused("3.3.1");
        let note = "结课考试成绩（烹饪原料与营养，2026-06-24）";
        let posted = world.post(&school.head, &post, json!({})).done();
        let public = world.public(&format!("/publicity/{}", posted["token"].as_str().unwrap())).done();
        assert_eq!(
            (&public["rows"][0]["marks"][0]["note"], &public["rows"][1]["marks"][0]["note"]),
            (&json!(note), &json!(""))
        );
        assert!(world.page(None, &format!("/publicity/{}", posted["token"].as_str().unwrap())).text().contains(note));
        world.on("2026-09-24");
        world.post(&school.head, &format!("/batches/{with}/report"), json!({})).done();
        let view = world.get(&school.centre, &format!("/batches/{with}/report")).done();
        assert_eq!(view["persons"][0]["person"]["marks"][0]["note"], note);
        let page = world.page(Some(&school.centre), &format!("/batches/{with}/report")).text();
        assert!(page.contains(note), "{page}");
        let page = world.page(Some(&school.centre), &format!("/batches/{with}/scheme-marks")).text();
        assert!(page.contains("2026春-烹原-B") && page.contains("示例教务主任"), "{page}");
    });
}

#[test]
fn s2_2_1b_a_change_that_names_another_scheme_is_a_change() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例第一技工学校");
        let made = scheme(world, &school, json!({})).done();
        decide(world, &school, &made, json!({"approved": true, "reason": ""})).done();
        let batch = world.rostered_batch(&school, "2026-09-15", 2);
        let path = format!("/batches/{batch}/versions");
        let mut notice = batch_fields("2026-09-15");
        let tell = |notice: &Value| {
            world.post(&school.clerk, &path, json!({"notice": notice, "reason": "采用结课考试替代理论考试"}))
        };
        assert_eq!(tell(&notice).refused("2.2.1b").what, "没有改变任何内容");
        // The centre would supervise something else: counted again, and ten working days before the start at the latest.
        notice["scheme"] = made["id"].clone();
        let told = tell(&notice).done();
        let difference = &told["differences"][0];
        assert_eq!((&told["counted_again"], &difference["matter"]), (&json!(true), &json!("scheme")), "{told}");
        assert_eq!(difference["before"], "无");
        assert_eq!(difference["after"], "结课考试替代理论考试：烹饪原料与营养（2026-08-31提出）");
        world.on("2026-09-02");
        let mut without = notice.clone();
        without["scheme"] = Value::Null;
        let refused = tell(&without).refused("2.2.1b");
        assert!(refused.what.contains("变更替代考核方案"), "{refused:?}");
        let versions = world.get(&school.centre, &path).done();
        assert_eq!(versions["versions"][0]["differences"][0]["matter"], "scheme", "{versions}");
        assert!(world.page(Some(&school.centre), &path).text().contains("替代考核方案"));
    });
}

#[test]
fn s1_5_2_course_marks_come_out_of_a_workbook_and_good_rows_are_kept() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例第一技工学校");
        let made = scheme(world, &school, json!({})).done();
        decide(world, &school, &made, json!({"approved": true, "reason": ""})).done();
        let plain = world.notified_batch(&school, "2026-09-14");
        world.register(plain, 1);
        let (with, _) = batch(world, &school, &made["id"]);
        let path = format!("/batches/{with}/scheme-marks");
        let template = world.get(&school.clerk, &format!("{path}/template")).done();
        assert!(template["name"].as_str().unwrap().starts_with("结课考试成绩登记表"), "{template}");
        let upload = |batch: i64, text: &str| {
            let file = world.keep(&school.clerk, text.as_bytes());
            let fields = json!({"file": file, "name": "结课成绩.csv"});
            world.post(&school.clerk, &format!("/batches/{batch}/scheme-marks/uploads"), fields)
        };
        let head = "姓名,证件号码,结课考试日期,结课成绩,试卷,审定人\n";
        let line = |n: usize, rest: &str| format!("{},{},{rest}\n", name_of(n), number_of(n));
        let both = |second: &str| format!("{head}{}{}", line(0, "2026-06-24,72,2026春-A,示例主任"), line(1, second));
        // A batch that names no scheme takes no such sheet.
        upload(plain, &both("2026-06-24,80,2026春-A,示例主任")).refused("1.5.2");
        let read = upload(with, &both("2026-06-24,80,,示例主任")).done();
        assert_eq!((&read["rows_read"], &read["rows_good"], &read["entered"]), (&json!(2), &json!(1), &json!(1)));
        let finding = &read["findings"][0];
        assert_eq!((&finding["row"], &finding["column"]), (&json!(3), &json!("E")), "{finding}");
        assert_eq!(finding["ground"], "一（五）");
        let page = world.page(Some(&school.clerk), &path).text();
        assert!(page.contains("没有写明试卷") && page.contains("2026春-A"), "{page}");
        assert!(!page.contains(&number_of(1)), "numbers are masked");
        let read = upload(with, &both("2026-06-24,80,2026春-B,示例主任")).done();
        assert_eq!((&read["entered"], &read["unchanged"]), (&json!(1), &json!(1)));
        // What somebody has confirmed is not entered over, and the sheet is told so at its row.
        world.confirm_marks(&school.head, with);
        let read = upload(with, &both("2026-06-24,90,2026春-B,示例主任")).done();
        assert_eq!((&read["changed"], &read["findings"][0]["row"]), (&json!(0), &json!(3)), "{read}");
        assert_eq!(read["findings"][0]["ground"], "三（三）");
        let view = world.get(&school.centre, &path).done();
        assert_eq!((&view["persons"][1]["mark"], &view["uploads"][0]["faults"]), (&json!("80"), &json!(1)));
        // The sheet of examinations is another list.
        assert_eq!(world.get(&school.clerk, &format!("/batches/{with}/marks")).done()["uploads"], json!([]));
    });
}

/// The modules of a process assessment: practice in two, theory in one.
fn modules(weights: [i64; 3]) -> Value {
    json!([
        {"name": "凉菜制作", "part": "practical", "weight": weights[0], "evidence": "工作页和成品照片"},
        {"name": "热菜制作", "part": "practical", "weight": weights[1], "evidence": "工作页和成品照片"},
        {"name": "原料知识", "part": "theory", "weight": weights[2], "evidence": "单元测验"},
    ])
}

#[test]
fn s1_5_3_process_assessment_is_the_basis_in_a_pilot_major_by_an_approved_scheme() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例第一技工学校");
        let process = |weights| json!({"kind": "process", "course": "0501", "modules": modules(weights)});
        let refused = scheme(world, &school, process([40, 60, 100])).refused("1.5.3");
        assert!(refused.what.contains("试点专业名单") && refused.remedy.contains("省中心"), "{refused:?}");
        // The provincial centre keeps the list, out of the school's own catalogue.
        let path = format!("/bodies/{}/pilot-majors", school.body);
        let pilot = |code: &str, document: &str| {
            world.post(&school.provincial_centre, &path, json!({"code": code, "document": document}))
        };
        pilot("9999", "示例人社〔2025〕1号").refused("1.5.3");
        pilot("0501", "").refused("1.5.3");
        pilot("0501", "示例人社〔2025〕1号").done();
        assert_eq!(
            world.post(&school.centre, &path, json!({"code": "0502", "document": "示例"})).status,
            StatusCode::FORBIDDEN
        );
        let page = format!("/pilot-majors?body={}", school.body);
        assert!(world.page(Some(&school.provincial_centre), &page).text().contains("示例人社〔2025〕1号"));
        assert!(world.page(Some(&school.clerk), "/pilot-majors").text().contains("中式烹调师专业"));

        let refused = scheme(world, &school, process([40, 50, 100])).refused("1.5.3");
        assert!(refused.what.contains("权重合计 90，应为 100"), "{refused:?}");
        let made = scheme(world, &school, process([40, 60, 100])).done();
        decide(world, &school, &made, json!({"approved": true, "reason": ""})).done();
        let page = format!("/bodies/{}/schemes/{}", school.body, made["id"]);
        for who in [&school.clerk, &school.centre, &school.provincial_centre] {
            assert!(world.page(Some(who), &page).text().contains("凉菜制作"));
        }
        let (with, candidates) = batch(world, &school, &made["id"]);
        let enter = |marks: &[&str]| {
            let entries = json!([{"candidate": candidates[0], "marks": marks}]);
            world.post(&school.clerk, &format!("/batches/{with}/module-marks"), json!({"entries": entries}))
        };
        // By this scheme no course mark, and every module needs its mark.
        let course = json!({"entries": [{"candidate": candidates[0], "exam_on": "2026-06-24", "mark": "72", "paper": "A", "approver": "示例"}]});
        world.post(&school.clerk, &format!("/batches/{with}/course-marks"), course).refused("1.5.2");
        enter(&["70", "85.5"]).refused("1.5.3");
        enter(&["70", "缺考", "80"]).refused("1.5.3");
        assert_eq!(enter(&["59.8", "60.1", "80"]).done()["entered"], 2);
        let marks = format!("/batches/{with}/marks");
        let person = |at: usize| world.get(&school.clerk, &marks).done()["persons"][at].clone();
        // 0.4 × 59.8 + 0.6 × 60.1 = 59.98: below 60, for nobody passes by rounding.
        assert_eq!((&person(0)["marks"][1]["outcome"], &person(0)["verdict"]), (&json!("59.9"), &json!("failed")));
        assert_eq!(enter(&["70", "85.5", "80"]).done()["changed"], 1);
        assert_eq!(
            (&person(0)["marks"][1]["outcome"], &person(0)["marks"][1]["note"]),
            (&json!("79.3"), &json!("过程考核成绩"))
        );
        assert_eq!(person(0)["verdict"], "passed");
        // By the page, and for who did not complete the process the examination.
        let from = format!("/batches/{with}/scheme-marks");
        let cell = |at: usize| format!("c-{}-{at}", candidates[1]);
        let (a, b, c) = (cell(0), cell(1), cell(2));
        let wrong = world.submit(Some(&school.clerk), &from, &from, &[(&a, "70"), (&b, "")]);
        assert!(
            wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text().contains("value=\"70\""),
            "{}",
            wrong.text()
        );
        let done = world.submit(Some(&school.clerk), &from, &from, &[(&a, "70"), (&b, "80"), (&c, "90")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        assert_eq!(person(1)["marks"][1]["outcome"], "76");
        // By a workbook: a column a module.
        let text = format!(
            "姓名,证件号码,凉菜制作,热菜制作,原料知识\n{},{},72,81,90\n{},{},70,,90\n",
            name_of(0),
            number_of(0),
            name_of(1),
            number_of(1)
        );
        let file = world.keep(&school.clerk, text.as_bytes());
        let fields = json!({"file": file, "name": "模块成绩.csv"});
        let read = world.post(&school.clerk, &format!("{from}/uploads"), fields).done();
        assert_eq!((&read["changed"], &read["findings"][0]["column"]), (&json!(2), &json!("D")), "{read}");
        assert_eq!(person(0)["marks"][1]["outcome"], "77.4");
        world.confirm_marks(&school.head, with);
        world.post(&school.head, &format!("/batches/{with}/publicity"), json!({})).done();
        // Off the list, no new scheme; what was approved stays.
        world.post(&school.provincial_centre, &format!("{path}/removal"), json!({"code": "0501"})).done();
        scheme(world, &school, process([40, 60, 100])).refused("1.5.3");
        // A scheme can also be put forward by the page.
        let file = world.page(Some(&school.clerk), "/schemes/new?kind=course").text();
        assert!(file.contains("结课考试") && file.contains("中式烹调师"), "{file}");
        assert!(world.page(Some(&school.clerk), "/schemes").text().contains("已批准"));
    });
}
