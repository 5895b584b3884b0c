//! 一（五）1: theory and practice, each passed by itself; marks out of a workbook and typed in.

use axum::http::StatusCode;
use rules::people::Role;
use serde_json::{Value, json};

use crate::held::{name_of, number_of};
use crate::world::on_each_database;

fn verdicts(view: &Value) -> Vec<String> {
    view["persons"]
        .as_array()
        .expect("persons")
        .iter()
        .map(|p| p["verdict"].as_str().expect("a verdict").to_owned())
        .collect()
}

/// A workbook of marks as a clerk sends it.
fn workbook(rows: &[[&str; 4]]) -> Vec<u8> {
    let rows = rows.iter().map(|row| row.map(str::to_owned).to_vec());
    sheets::table("成绩", &["姓名", "证件号码", "理论成绩", "实操成绩"], rows).expect("a workbook")
}

#[test]
fn s1_5_1_each_part_is_passed_by_itself_and_parts_are_never_averaged() {
    on_each_database("2026-08-31", |world| {
        let held = world.examined_batch(1, 7);
        let path = format!("/batches/{}/marks", held.batch);
        let enter = |marks: &[(usize, &str, &str)]| {
            let entries: Vec<_> = marks
                .iter()
                .map(|(at, part, outcome)| json!({"candidate": held.candidates[*at], "part": part, "outcome": outcome}))
                .collect();
            world.post(&held.clerk, &path, json!({"entries": entries}))
        };
        enter(&[(0, "theory", "60"), (0, "practical", "60"), (1, "theory", "100"), (1, "practical", "59.5")]).done();
        enter(&[
            (2, "theory", "缺考"),
            (2, "practical", "90"),
            (3, "theory", "违纪"),
            (4, "theory", "缓考"),
            (4, "practical", "30"),
        ])
        .done();
        let done = enter(&[(5, "theory", "70"), (0, "theory", "60"), (1, "theory", "99")]).done();
        assert_eq!((&done["entered"], &done["changed"], &done["unchanged"]), (&json!(1), &json!(1), &json!(1)));
        let view = world.get(&held.clerk, &path).done();
        assert_eq!(verdicts(&view), ["passed", "failed", "absent", "violation", "deferred", "pending", "pending"]);
        assert_eq!(view["pending"], 2);

        let refused = enter(&[(6, "theory", "101")]).refused("国家职业标准");
        assert!(refused.what.contains(&name_of(6)) && refused.remedy.contains("0 至 100"), "{refused:?}");
        enter(&[(6, "theory", "")]).refused("国家职业标准");
        let refused = enter(&[(6, "comprehensive", "80")]).refused("1.5.1");
        assert!(refused.what.contains("不设综合评审"), "{refused:?}");
        enter(&[]).refused("1.5.1");
        // All or nothing: the good entry beside a bad one was not kept.
        enter(&[(6, "theory", "80"), (6, "practical", "85.55")]).refused("国家职业标准");
        assert_eq!(verdicts(&world.get(&held.clerk, &path).done())[6], "pending");
        assert_eq!(world.get(&held.clerk, &path).done()["persons"][6]["marks"][0]["outcome"], "");
    });
}

#[test]
fn s1_5_1_a_verdict_counts_as_soon_as_it_is_settled() {
    on_each_database("2026-08-31", |world| {
        let held = world.examined_batch(1, 3);
        let enter = |marks: &[(usize, &str, &str)]| {
            let entries: Vec<_> = marks
                .iter()
                .map(|(at, part, outcome)| json!({"candidate": held.candidates[*at], "part": part, "outcome": outcome}))
                .collect();
            world.post(&held.clerk, &format!("/batches/{}/marks", held.batch), json!({"entries": entries})).done()
        };
        let batch = || world.get(&held.head, &format!("/batches/{}", held.batch)).done();
        enter(&[(0, "theory", "80"), (0, "practical", "85"), (1, "theory", "50")]);
        let counts = batch()["counts"].clone();
        assert_eq!((&counts["passed"], &counts["marked"]), (&json!(1), &json!(1)));
        assert!(world.get(&held.head, "/work").done()["tasks"].to_string().contains("还缺 3 科次成绩（2 名考生）"));
        enter(&[(0, "practical", "59")]);
        assert_eq!(batch()["counts"]["passed"], 0);
        enter(&[(0, "practical", "85")]);
        // Who broke the rules has a verdict without the second part.
        enter(&[(1, "practical", "90"), (2, "theory", "违纪")]);
        let seen = batch();
        assert_eq!((&seen["counts"]["passed"], &seen["counts"]["marked"]), (&json!(1), &json!(3)));
        assert_eq!(seen["next"]["what"], "核对确认成绩");
        enter(&[(0, "practical", "86")]);
        world.confirm_marks(&held.head, held.batch);
        assert_eq!(batch()["next"]["what"], "公示认定结果");
        let tasks = world.get(&held.head, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("公示认定结果") && !tasks.contains("登记成绩"), "{tasks}");
    });
}

#[test]
fn s1_5_1_no_mark_before_the_examination() {
    on_each_database("2026-08-31", |world| {
        let held = world.examined_batch(1, 1);
        let enter = |part: &str| {
            let entries = json!([{"candidate": held.candidates[0], "part": part, "outcome": "80"}]);
            world.post(&held.clerk, &format!("/batches/{}/marks", held.batch), json!({"entries": entries}))
        };
        world.on("2026-09-14");
        let refused = enter("practical").refused("1.5.1");
        assert_eq!(refused.remedy, "请在 2026-09-15 考试之后登记");
        let file = world.keep(&held.clerk, &workbook(&[[&name_of(0), &number_of(0), "80", "85"]]));
        let upload = json!({"file": file, "name": "成绩.xlsx"});
        world.post(&held.clerk, &format!("/batches/{}/marks/uploads", held.batch), upload).refused("1.5.1");
        enter("theory").done();
        world.on("2026-09-15");
        enter("practical").done();
    });
}

#[test]
fn s1_5_1_a_workbook_keeps_its_good_rows_and_the_same_file_again_changes_nothing() {
    on_each_database("2026-08-31", |world| {
        let held = world.examined_batch(1, 4);
        let path = format!("/batches/{}/marks", held.batch);
        let upload = |bytes: &[u8]| {
            let file = world.keep(&held.clerk, bytes);
            world.post(&held.clerk, &format!("{path}/uploads"), json!({"file": file, "name": "成绩.xlsx"}))
        };
        let spaced = format!("{} {}", &number_of(8)[..6], &number_of(8)[6..]);
        let first = workbook(&[
            [&name_of(0), &number_of(0), "80", "85.5"],
            [&name_of(1), &number_of(1), "缺考", "缺考"],
            [&name_of(2), &number_of(2), "800", "85"],
            [&name_of(0), &number_of(3), "70", "70"],
            ["示例外人", &number_of(9), "70", "70"],
            ["示例外人", &spaced, "70", "70"],
        ]);
        let read = upload(&first).done();
        assert_eq!((&read["rows_read"], &read["rows_good"], &read["entered"]), (&json!(6), &json!(2), &json!(4)));
        let kinds: Vec<&str> =
            read["findings"].as_array().expect("findings").iter().filter_map(|f| f["kind"].as_str()).collect();
        assert_eq!(kinds, ["mark_unreadable", "candidate_name_differs", "candidate_unknown", "candidate_unknown"]);
        assert_eq!(read["findings"][0]["value"], "800");
        let again = upload(&first).done();
        assert_eq!((&again["entered"], &again["changed"], &again["unchanged"]), (&json!(0), &json!(0), &json!(4)));

        let view = world.get(&held.clerk, &path).done();
        assert_eq!(verdicts(&view), ["passed", "absent", "pending", "pending"]);
        assert_eq!(view["uploads"].as_array().expect("uploads").len(), 2);
        let text = view.to_string();
        assert!(!text.contains(&number_of(0)) && !text.contains(&number_of(9)), "numbers are masked on pages");
        assert!(!text.contains(&spaced), "also one with blanks in it");

        // The template names everybody; filled in, it is read without a finding.
        let template = world.get(&held.clerk, &format!("{path}/template")).done();
        assert!(template["name"].as_str().expect("a name").ends_with(".xlsx"));
        let mended: Vec<[String; 4]> = (0..4).map(|n| [name_of(n), number_of(n), "80".into(), "90".into()]).collect();
        let mended: Vec<[&str; 4]> = mended.iter().map(|row| row.each_ref().map(String::as_str)).collect();
        let read = upload(&workbook(&mended)).done();
        assert_eq!((&read["entered"], &read["changed"], &read["unchanged"]), (&json!(4), &json!(3), &json!(1)));
        assert_eq!(read["findings"], json!([]));

        // What can't be read as a table at all is refused.
        upload(b"%PDF-1.7 nothing").refused("平台规则·表格文件");
        let unknown = json!({"file": "0".repeat(64), "name": "成绩.xlsx"});
        world.post(&held.clerk, &format!("{path}/uploads"), unknown).refused("平台规则·文件");
    });
}

#[test]
fn s1_5_1_marks_are_for_the_own_body_and_its_centre() {
    on_each_database("2026-08-31", |world| {
        let (held, other) = (world.examined_batch(1, 2), world.examined_batch(2, 1));
        let far = world.officer("far", Role::CityCentre, "city-350200-centre");
        let path = format!("/batches/{}/marks", held.batch);
        for stranger in [&other.clerk, &far] {
            assert_eq!(world.get(stranger, &path).status, StatusCode::NOT_FOUND);
            assert_eq!(world.page(Some(stranger), &path).status, StatusCode::NOT_FOUND);
        }
        let entry = |candidate: i64| json!({"entries": [{"candidate": candidate, "part": "theory", "outcome": "80"}]});
        assert_eq!(world.post(&other.clerk, &path, entry(held.candidates[0])).status, StatusCode::NOT_FOUND);
        assert_eq!(world.post(&held.clerk, &path, entry(other.candidates[0])).status, StatusCode::NOT_FOUND);
        assert_eq!(world.post(&held.centre, &path, entry(held.candidates[0])).status, StatusCode::FORBIDDEN);
        assert_eq!(world.get(&held.centre, &path).done()["persons"].as_array().expect("persons").len(), 2);
        // The work page names what is missing.
        let tasks = world.get(&held.clerk, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("登记成绩") && tasks.contains("还缺 4 科次"), "{tasks}");
        assert!(tasks.contains("2026-09-18"), "three working days after the last examination: {tasks}");
    });
}
