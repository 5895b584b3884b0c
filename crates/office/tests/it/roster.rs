//! 一（一）3, 三（三）: who is examined. Own students only, each by a condition of the standard, each registered once; what
//! the clerk sends is read as it comes, and a corrected file may come as often as need be.

use std::io::Write as _;
use std::process::Command;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use rules::people::Role;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::held::{name_of, number_of};
use crate::stages::{School, batch_fields, register, roster};
use crate::world::{Answer, Person, World, on_each_database};

/// Uploads a roster by the API.
fn upload(world: &World, clerk: &Person, batch: i64, bytes: &[u8]) -> Answer {
    let file = world.keep(clerk, bytes);
    world.post(clerk, &format!("/batches/{batch}/roster"), json!({"file": file, "name": "名册.csv"}))
}

/// What an upload found.
fn findings(world: &World, person: &Person, batch: i64, upload: &Value) -> Vec<Value> {
    let seen = world.get(person, &format!("/batches/{batch}/roster/uploads/{}", upload["upload"])).done();
    seen["findings"].as_array().expect("a list").clone()
}

fn counts(made: &Value) -> [u64; 5] {
    ["new", "changed", "same", "withdrawn", "faults"].map(|name| made[name].as_u64().expect("a count"))
}

fn school(world: &World) -> School {
    world.filed_school("示例一技工学校")
}

/// Posts a file as a browser does.
fn send_file(
    world: &World,
    person: &Person,
    (from, to): (&str, &str),
    field: &str,
    (name, bytes): (&str, &[u8]),
) -> Answer {
    let page = world.page(Some(person), from).text();
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a form");
    world.upload(Some(person), to, &[("csrf", csrf)], Some((field, name, bytes)))
}

#[test]
fn s1_1_3_only_own_students_are_registered_and_good_rows_are_kept() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let batch = world.notified_batch(&school, "2026-06-15");
        // Nobody can be compared with a register that is not there.
        let refused = upload(world, &school.clerk, batch, roster(0..3).as_bytes()).refused("1.1.3");
        assert!(refused.remedy.contains("学籍"), "{refused:?}");
        world.enrol(&school, 3);
        // The fourth person is no student of this school.
        let made = upload(world, &school.clerk, batch, roster(0..4).as_bytes()).done();
        assert_eq!(counts(&made), [3, 0, 0, 0, 1]);
        let found = findings(world, &school.clerk, batch, &made);
        assert_eq!(found.len(), 1);
        let finding = &found[0];
        assert_eq!((finding["row"].as_i64(), finding["column"].as_str()), (Some(5), Some("B")));
        assert_eq!(
            (finding["column_name"].as_str(), finding["kind"].as_str()),
            (Some("证件号码"), Some("not_enrolled"))
        );
        assert_eq!(finding["value"].as_str(), Some(number_of(3).as_str()));
        assert_eq!(finding["ground"].as_str(), Some("一（一）3"));
        assert!(
            !finding["reason"].as_str().expect("why").is_empty()
                && !finding["remedy"].as_str().expect("what to do").is_empty()
        );

        // The list is masked; full data leaves a trace; tickets are given once, in the order of the file.
        let seen = world.get(&school.centre, &format!("/batches/{batch}/roster")).done();
        assert_eq!((seen["registered"].as_i64(), seen["total"].as_i64()), (Some(3), Some(3)));
        let text = seen["candidates"].to_string();
        assert!(!text.contains(&number_of(0)) && !text.contains(&name_of(0)), "{text}");
        let tickets: Vec<_> = seen["candidates"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|c| c["ticket"].as_str().expect("a ticket").to_owned())
            .collect();
        assert_eq!(tickets, ["2026000100001", "2026000100002", "2026000100003"]);
        let traces = || world.text("SELECT CAST(count(*) AS TEXT) FROM sight");
        let before: i64 = traces().parse().expect("a number");
        let full = world.get(&school.centre, &format!("/batches/{batch}/roster/full?find={}", number_of(1))).done();
        assert_eq!(
            (full["total"].as_i64(), full["candidates"][0]["id_number"].as_str()),
            (Some(1), Some(number_of(1).as_str()))
        );
        assert_eq!(full["candidates"][0]["condition"], "B4-3");
        assert_eq!(traces().parse::<i64>().expect("a number"), before + 1);

        // Another city's centre finds none of it.
        let other = world.officer_at(Role::CityCentre, "city-350500-centre");
        for path in ["roster", "roster/full", &format!("roster/uploads/{}", made["upload"])] {
            assert_eq!(world.get(&other, &format!("/batches/{batch}/{path}")).status, StatusCode::NOT_FOUND, "{path}");
        }
        // A register is its body's own affair.
        assert_eq!(world.get(&school.centre, "/enrolment").status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn s1_1_3_a_corrected_file_is_taken_again_without_doubling_anyone() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let batch = world.rostered_batch(&school, "2026-06-15", 5);
        let ids = || {
            world.text(&format!("SELECT string_agg(CAST(id AS TEXT) || ' ' || ticket || ' ' || row_no, ',' ORDER BY ticket) FROM candidate WHERE batch = {batch}"))
        };
        let before = ids();
        let again = upload(world, &school.clerk, batch, roster(0..5).as_bytes()).done();
        assert_eq!(counts(&again), [0, 0, 5, 0, 0]);
        assert_eq!(ids(), before, "what says the same is not touched");
        // Two of the five, one of them with a phone now: the other three stay.
        let corrected = roster(1..3).replace("S0002,", "S0002,13800000000");
        let made = upload(world, &school.clerk, batch, corrected.as_bytes()).done();
        assert_eq!(counts(&made), [0, 1, 1, 0, 0]);
        let seen = world.get(&school.clerk, &format!("/batches/{batch}/roster")).done();
        assert_eq!(seen["registered"], 5);
        let full = world.get(&school.clerk, &format!("/batches/{batch}/roster/full?find=S0002")).done();
        assert_eq!(full["candidates"][0]["phone"], "13800000000");
        // A roster that says nothing of phones erases none.
        let names = format!("姓名,证件号码\n{},{}\n", name_of(2), number_of(2));
        assert_eq!(counts(&upload(world, &school.clerk, batch, names.as_bytes()).done()), [0, 0, 1, 0, 0]);

        // Who is taken out is not brought back by the file.
        let candidate = seen["candidates"][4]["id"].clone();
        let path = format!("/candidates/{candidate}/withdrawal");
        world.post(&school.clerk, &path, json!({"reason": ""})).refused("3.3.1");
        world.post(&school.clerk, &path, json!({"reason": "本人转学"})).done();
        world.post(&school.clerk, &path, json!({"reason": "再撤一次"})).refused("3.3.1");
        assert_eq!(counts(&upload(world, &school.clerk, batch, roster(0..5).as_bytes()).done()), [0, 0, 4, 1, 0]);
        let full = world.get(&school.clerk, &format!("/batches/{batch}/roster/full?find=S0002")).done();
        assert_eq!(full["candidates"][0]["phone"], "13800000000");
        let seen = world.get(&school.clerk, &format!("/batches/{batch}/roster")).done();
        assert_eq!((seen["registered"].as_i64(), seen["withdrawn"].as_i64()), (Some(4), Some(1)));
        let stranger = world.filed_school("示例二技工学校");
        assert_eq!(world.post(&stranger.clerk, &path, json!({"reason": "不是我的"})).status, StatusCode::NOT_FOUND);
    });
}

/// Uploads a register by the API.
fn enrol(world: &World, clerk: &Person, text: &str) -> Value {
    let file = world.keep(clerk, text.as_bytes());
    world.post(clerk, "/enrolment", json!({"file": file, "name": "学籍.csv"})).done()
}

#[test]
fn s1_1_3_who_has_left_the_school_is_no_student_of_it() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let clerk = &school.clerk;
        let batch = world.notified_batch(&school, "2026-06-15");
        // The first graduated years ago, the second in the month of the examination, the third has left.
        let graduating = |n: usize, month: &str| register(n..n + 1, world.office.today()).replace("2026-12", month);
        enrol(world, clerk, &graduating(0, "2021-07"));
        enrol(world, clerk, &graduating(1, "2026-06"));
        enrol(world, clerk, &graduating(2, "2026-12"));
        let made =
            enrol(world, clerk, &format!("学号,姓名,证件号码,学籍状态\nS0002,{},{},退学\n", name_of(2), number_of(2)));
        assert_eq!((made["changed"].as_i64(), made["new"].as_i64()), (Some(1), Some(0)), "{made}");
        let made = upload(world, clerk, batch, roster(0..3).as_bytes()).done();
        assert_eq!(counts(&made), [1, 0, 0, 0, 2]);
        let found = findings(world, clerk, batch, &made);
        for (finding, says) in found.iter().zip(["2021-07毕业", "已退学"]) {
            assert_eq!(finding["kind"], "not_enrolled");
            assert!(finding["reason"].as_str().expect("why").contains(says), "{finding}");
        }
        let seen = world.get(clerk, "/enrolment").done();
        assert_eq!((seen["total"].as_i64(), seen["enrolled"].as_i64()), (Some(3), Some(2)), "{seen}");
        assert!(world.page(Some(clerk), "/enrolment").text().contains("退学"));
        // A file without the column does not bring the student back; one that says so does.
        enrol(world, clerk, &register(2..3, world.office.today()));
        assert_eq!(counts(&upload(world, clerk, batch, roster(2..3).as_bytes()).done()), [0, 0, 0, 0, 1]);
        enrol(world, clerk, &format!("学号,姓名,证件号码,学籍状态\nS0002,{},{},复学\n", name_of(2), number_of(2)));
        assert_eq!(counts(&upload(world, clerk, batch, roster(2..3).as_bytes()).done()), [1, 0, 0, 0, 0]);
        let made =
            enrol(world, clerk, &format!("学号,姓名,证件号码,学籍状态\nS0002,{},{},不详\n", name_of(2), number_of(2)));
        assert_eq!(made["faults"], 1);
    });
}

#[test]
fn s1_1_3_a_register_that_says_less_erases_nothing_and_a_wrong_number_is_put_right() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let clerk = &school.clerk;
        world.enrol(&school, 2);
        let line = |n: usize| world.get(clerk, &format!("/enrolment?find=S000{n}")).done()["students"][0].clone();
        let before = line(0);
        let less = format!(
            "学号,姓名,证件号码\nS0000,{},{}\nS0001,{},{}\n",
            name_of(0),
            number_of(0),
            name_of(1),
            number_of(7)
        );
        let made = enrol(world, clerk, &less);
        // The first says what is known; the second student's number was wrong.
        assert_eq!(
            [&made["new"], &made["changed"], &made["same"], &made["faults"]].map(Value::as_i64),
            [Some(0), Some(1), Some(1), Some(0)],
            "{made}"
        );
        assert_eq!(line(0), before);
        let seen = world.get(clerk, "/enrolment").done();
        assert_eq!((seen["total"].as_i64(), seen["enrolled"].as_i64()), (Some(2), Some(2)), "{seen}");
        assert_eq!((line(1)["major"].as_str(), line(1)["class_kind"].as_str()), (Some("中式烹调"), Some("中级工班")));
        let batch = world.notified_batch(&school, "2026-06-15");
        let right = roster(1..2).replace(&number_of(1), &number_of(7));
        assert_eq!(counts(&upload(world, clerk, batch, right.as_bytes()).done()), [1, 0, 0, 0, 0]);
        assert_eq!(counts(&upload(world, clerk, batch, roster(1..2).as_bytes()).done()), [0, 0, 0, 0, 1]);
        // Two students who were given each other's number change places.
        let swapped = format!(
            "学号,姓名,证件号码\nS0000,{},{}\nS0001,{},{}\n",
            name_of(1),
            number_of(7),
            name_of(0),
            number_of(0)
        );
        assert_eq!(enrol(world, clerk, &swapped)["changed"], 2);
        assert_eq!(world.get(clerk, "/enrolment").done()["total"], 2);
    });
}

#[test]
fn s1_4_1_the_schooling_a_sheet_names_does_not_outrank_the_register() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let batch = world.notified_batch(&school, "2026-06-15");
        enrol(world, &school.clerk, &register(0..1, world.office.today()).replace("2026-12", "2028-07"));
        let stated = format!("姓名,证件号码,文化程度\n{},{},中专\n", name_of(0), number_of(0));
        let made = upload(world, &school.clerk, batch, stated.as_bytes()).done();
        let found = findings(world, &school.clerk, batch, &made);
        assert_eq!(
            (made["new"].as_i64(), found[0]["kind"].as_str()),
            (Some(0), Some("condition_not_met")),
            "{found:?}"
        );
        assert!(found[0]["reason"].as_str().expect("why").contains("尚未进入毕业学年"), "{found:?}");
    });
}

#[test]
fn s3_3_1_a_withdrawn_candidate_is_brought_back_with_a_reason_and_nobody_with_a_mark_is_withdrawn() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let clerk = &school.clerk;
        let batch = world.rostered_batch(&school, "2026-06-15", 3);
        let page = format!("/batches/{batch}/roster");
        let seen = world.get(clerk, &page).done();
        let (ids, ticket) =
            ([0, 1, 2].map(|n: usize| seen["candidates"][n]["id"].clone()), seen["candidates"][0]["ticket"].clone());
        let path = |n: usize, what: &str| format!("/candidates/{}/{what}", ids[n]);
        world.post(clerk, &path(0, "restoration"), json!({"reason": "没有撤销过"})).refused("3.3.1");
        world.post(clerk, &path(0, "withdrawal"), json!({"reason": "误点"})).done();
        world.post(clerk, &path(0, "restoration"), json!({"reason": " "})).refused("3.3.1");
        let stranger = world.filed_school("示例二技工学校");
        let answer = world.post(&stranger.clerk, &path(0, "restoration"), json!({"reason": "不是我的"}));
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        // Registered elsewhere in the meantime, the person is not brought back here.
        let other = world.notified_batch(&school, "2026-06-22");
        upload(world, clerk, other, roster(0..1).as_bytes()).done();
        let refused =
            world.post(clerk, &path(0, "restoration"), json!({"reason": "本人申请"})).refused("平台规则·名册");
        assert!(refused.what.contains("2026年第2批"), "{refused:?}");
        world.post(clerk, &format!("/batches/{other}/cancellation"), json!({"reason": "示例原因"})).done();
        let form = format!("/batches/{batch}/candidates/{}/restoration", ids[0]);
        assert!(world.page(Some(clerk), &page).text().contains(&form), "the way back stands in the roster");
        assert!(world.page(Some(clerk), &form).text().contains("误点"));
        let refused = world.submit(Some(clerk), &form, &form, &[("reason", "")]);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = world.submit(Some(clerk), &form, &form, &[("reason", "撤销有误")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let seen = world.get(clerk, &page).done();
        assert_eq!((seen["registered"].as_i64(), seen["withdrawn"].as_i64()), (Some(3), Some(0)));
        assert_eq!(seen["candidates"][0]["ticket"], ticket);

        // Somebody who has a mark stays, also on the last examination day; so does the batch.
        world.on("2026-06-15");
        let entries = json!([{"candidate": ids[1], "part": "theory", "outcome": "40"}]);
        world.post(clerk, &format!("/batches/{batch}/marks"), json!({"entries": entries})).done();
        world.on("2026-06-16");
        let refused = world.post(clerk, &path(1, "withdrawal"), json!({"reason": "成绩不好"})).refused("3.3.1");
        assert!(refused.remedy.contains("缺考"), "{refused:?}");
        world.post(clerk, &path(2, "withdrawal"), json!({"reason": "没有参加"})).done();
        let cancel = format!("/batches/{batch}/cancellation");
        let refused = world.post(clerk, &cancel, json!({"reason": "成绩不好"})).refused("3.3.1");
        assert!(refused.what.contains("1 科次"), "{refused:?}");
        world.on("2026-06-17");
        world.post(clerk, &path(2, "restoration"), json!({"reason": "考试后"})).refused("2.2.1a");
    });
}

#[test]
fn s1_4_1_candidates_meet_a_condition_of_the_standard_that_the_batch_follows() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let batch = world.notified_batch(&school, "2026-06-15");
        // The second student has two years to go: not of the final year, with nothing else to show.
        let students = register(0..2, world.office.today());
        let later = students.trim_end().rsplit_once(',').map(|(rest, _)| format!("{rest},2028-07\n")).expect("rows");
        let file = world.keep(&school.clerk, later.as_bytes());
        world.post(&school.clerk, "/enrolment", json!({"file": file, "name": "学籍.csv"})).done();
        let made = upload(world, &school.clerk, batch, roster(0..2).as_bytes()).done();
        assert_eq!(counts(&made), [1, 0, 0, 0, 1]);
        let found = findings(world, &school.clerk, batch, &made);
        assert_eq!(found[0]["kind"], "condition_not_met");
        assert_eq!(found[0]["ground"], "国家职业标准·申报条件");
        // A line of the other generation is none of this standard's.
        let by_line = "姓名,证件号码,申报条件\n".to_owned() + &format!("{},{},N4-3\n", name_of(1), number_of(1));
        let made = upload(world, &school.clerk, batch, by_line.as_bytes()).done();
        assert_eq!(findings(world, &school.clerk, batch, &made)[0]["kind"], "condition_unknown");
    });
}

#[test]
fn s3_3_1_nobody_is_in_two_running_batches_of_one_occupation_and_level_or_on_one_day() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        world.rostered_batch(&school, "2026-06-15", 2);
        let again = world.notified_batch(&school, "2026-06-22");
        let made = upload(world, &school.clerk, again, roster(0..2).as_bytes()).done();
        assert_eq!(counts(&made), [0, 0, 0, 0, 2]);
        let found = findings(world, &school.clerk, again, &made);
        assert_eq!(found[0]["kind"], "already_running");
        assert!(found[0]["reason"].as_str().expect("why").contains("2026年第1批"), "{found:?}");

        // Another school is told the number alone; another level on other days is no hindrance, on the same day it is.
        let other = world.filed_school("示例二技工学校");
        let of_level_3 = |starts: &str| {
            let mut fields = batch_fields(starts);
            fields["level"] = json!("3");
            world.post(&other.clerk, "/batches", fields).done()["id"].as_i64().expect("an id")
        };
        let senior = register(0..2, world.office.today()).replace("中级工班", "高级工班");
        let file = world.keep(&other.clerk, senior.as_bytes());
        world.post(&other.clerk, "/enrolment", json!({"file": file, "name": "学籍.csv"})).done();
        let holding = ["S0000,", "S0001,"]
            .into_iter()
            .fold(roster(0..2).replace("手机号码", "证书等级,证书编号,从业年限"), |text, number| {
                text.replace(number, &format!("{number}4,Y000035123456204000001,9"))
            });
        let same_day = of_level_3("2026-06-15");
        let made = upload(world, &other.clerk, same_day, holding.as_bytes()).done();
        let found = findings(world, &other.clerk, same_day, &made);
        assert!(found.iter().all(|finding| finding["kind"] == "already_running"), "{found:?}");
        let reason = found[0]["reason"].as_str().expect("why");
        assert!(reason.contains("PC2026-0001") && !reason.contains("2026年第1批"), "{reason}");
        let other_day = of_level_3("2026-06-25");
        let made = upload(world, &other.clerk, other_day, holding.as_bytes()).done();
        assert_eq!(made["new"], 2, "{:?}", findings(world, &other.clerk, other_day, &made));
    });
}

#[test]
fn s2_2_1a_the_roster_closes_with_the_last_examination_day() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let batch = world.rostered_batch(&school, "2026-06-15", 2);
        let seen = world.get(&school.clerk, &format!("/batches/{batch}/roster")).done();
        let path = format!("/candidates/{}/withdrawal", seen["candidates"][0]["id"]);
        world.on("2026-06-16");
        upload(world, &school.clerk, batch, roster(0..2).as_bytes()).done();
        world.on("2026-06-17");
        let refused = upload(world, &school.clerk, batch, roster(0..2).as_bytes()).refused("2.2.1a");
        assert!(refused.remedy.contains("缺考"), "{refused:?}");
        world.post(&school.clerk, &path, json!({"reason": "没有来"})).refused("2.2.1a");
        world.post(&school.clerk, &format!("/batches/{batch}/cancellation"), json!({"reason": "示例原因"})).done();
        upload(world, &school.clerk, batch, roster(0..2).as_bytes()).refused("2.2.1b");
        let closed = world.get(&school.clerk, &format!("/batches/{batch}/roster")).done();
        assert!(closed["closed"].as_str().expect("why").contains("已取消"));
        assert!(world.page(Some(&school.clerk), &format!("/batches/{batch}/roster")).text().contains("名册已锁定"));
    });
}

#[test]
fn s1_1_3_files_are_read_as_other_programs_leave_them() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let batch = world.notified_batch(&school, "2026-06-15");
        // 学号,姓名,证件号码,专业,培养层次,毕业年月 in GBK with semicolons, as an old program exports it.
        let gbk: &[u8] = b"\xd1\xa7\xba\xc5;\xd0\xd5\xc3\xfb;\xd6\xa4\xbc\xfe\xba\xc5\xc2\xeb;\xd7\xa8\xd2\xb5;\xc5\xe0\xd1\xf8\xb2\xe3\xb4\xce;\xb1\xcf\xd2\xb5\xc4\xea\xd4\xc2\r\n";
        let mut file = gbk.to_vec();
        // 示例一, 中式烹调, 中级工班
        file.extend(b"A1;\xca\xbe\xc0\xfd\xd2\xbb;");
        file.extend(number_of(0).bytes());
        file.extend(b";\xd6\xd0\xca\xbd\xc5\xeb\xb5\xf7;\xd6\xd0\xbc\xb6\xb9\xa4\xb0\xe0;2026-12\r\n");
        let kept = world.keep(&school.clerk, &file);
        let made = world.post(&school.clerk, "/enrolment", json!({"file": kept, "name": "导出.csv"})).done();
        assert_eq!((made["new"].as_i64(), made["faults"].as_i64()), (Some(1), Some(0)), "{made}");
        let again = world.post(&school.clerk, "/enrolment", json!({"file": kept, "name": "导出.csv"})).done();
        assert_eq!((again["new"].as_i64(), again["same"].as_i64()), (Some(0), Some(1)));
        let line = &world.get(&school.clerk, "/enrolment").done()["students"][0];
        assert_eq!((line["name_masked"].as_str(), line["graduates"].as_str()), (Some("示**"), Some("2026-12")));

        let text = format!("姓名,证件号码\n{},3.50102E+17\n示例一,{}\n", name_of(1), number_of(0));
        let made = upload(world, &school.clerk, batch, text.as_bytes()).done();
        assert_eq!(made["new"], 1, "{:?}", findings(world, &school.clerk, batch, &made));
        let found = findings(world, &school.clerk, batch, &made);
        assert_eq!(
            (found[0]["kind"].as_str(), found[0]["value"].as_str()),
            (Some("id_scientific"), Some("3.50102E+17"))
        );
        assert!(found[0]["remedy"].as_str().expect("what to do").contains("文本"));
        // As Excel writes “Unicode text”: UTF-16 with its mark, separated by tabs.
        let text = format!("学号\t姓名\t证件号码\nA2\t示例二\t{}\n", number_of(2));
        let utf16: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let kept = world.keep(&school.clerk, &utf16);
        let made = world.post(&school.clerk, "/enrolment", json!({"file": kept, "name": "学籍.txt"})).done();
        assert_eq!((made["new"].as_i64(), made["faults"].as_i64()), (Some(1), Some(0)), "{made}");
        // What is no table at all is refused and says what to do.
        let refused = upload(world, &school.clerk, batch, crate::stages::PDF);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    });
}

#[test]
fn s1_1_3_the_pages_upload_tell_what_is_wrong_and_hand_back_the_marked_file() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let batch = world.notified_batch(&school, "2026-06-15");
        let clerk = &school.clerk;
        let path = format!("/batches/{batch}/roster");
        assert!(world.page(Some(clerk), &path).text().contains("先导入学籍名册"));
        let early = send_file(world, clerk, (&path, &path), "roster", ("名册.csv", roster(0..2).as_bytes()));
        assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
        let none = send_file(world, clerk, (&path, &path), "other", ("名册.csv", b"x"));
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        let students = register(0..2, world.office.today());
        let done = send_file(world, clerk, ("/enrolment", "/enrolment"), "register", ("学籍.csv", students.as_bytes()));
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        assert!(world.page(Some(clerk), "/enrolment").text().contains("在册学生 2 人"));

        // The check character of the second number is wrong.
        let wrong = roster(0..2).replace(&number_of(1), &format!("{}5", &number_of(1)[..17]));
        let done = send_file(world, clerk, (&path, &path), "roster", ("名册.csv", wrong.as_bytes()));
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let result = done.headers["location"].to_str().expect("an address").to_owned();
        let text = world.page(Some(clerk), &result).text();
        assert!(text.contains("校验码") && text.contains("GB 11643") && text.contains("证件号码"), "{text}");
        let marked = world.page(Some(clerk), &format!("{result}/marked.xlsx"));
        assert_eq!(marked.status, StatusCode::OK);
        assert!(marked.bytes.starts_with(b"PK"));
        // The marked file as it is finds the same again; put right, it is taken.
        let again = upload(world, clerk, batch, &marked.bytes).done();
        assert_eq!(counts(&again), [0, 0, 1, 0, 1]);
        assert_eq!(counts(&upload(world, clerk, batch, roster(0..2).as_bytes()).done()), [1, 0, 1, 0, 0]);

        for template in
            ["/templates/roster.xlsx?level=4&edition=2018", "/templates/roster-33.xlsx", "/templates/enrolment.xlsx"]
        {
            let file = world.page(None, template);
            assert!(file.status == StatusCode::OK && file.bytes.starts_with(b"PK"), "{template}");
        }
        assert!(world.page(Some(clerk), &format!("{path}/full")).text().contains(&number_of(1)));
        assert!(!world.page(Some(clerk), &path).text().contains(&number_of(1)));
        let seen = world.get(clerk, &path).done();
        let withdrawal = format!("/batches/{batch}/candidates/{}/withdrawal", seen["candidates"][0]["id"]);
        let refused = world.submit(Some(clerk), &withdrawal, &withdrawal, &[("reason", "")]);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = world.submit(Some(clerk), &withdrawal, &withdrawal, &[("reason", "本人转学")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        assert!(world.page(Some(clerk), &path).text().contains("本人转学"));
        assert_eq!(world.page(Some(&school.centre), &withdrawal).status, StatusCode::FORBIDDEN);
    });
}

/// A good photo that differs by its number.
fn png(blue: u8) -> Vec<u8> {
    crate::certificate::portrait((295, 413), 255, blue)
}

/// What an upload of photos did not take.
fn left_out(world: &World, clerk: &Person, batch: i64, made: &Value) -> Vec<Value> {
    let path = format!("/batches/{batch}/photos/uploads/{}", made["upload"]);
    world.get(clerk, &path).done()["findings"].as_array().expect("a list").clone()
}

/// A ZIP of files.
pub fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(bytes).expect("the entry");
    }
    zip.finish().expect("an archive").into_inner()
}

#[test]
fn s2_2_4b_a_wrong_or_missing_photo_is_mended_until_the_centre_has_approved_the_person_with_it() {
    on_each_database("2026-08-31", |world| {
        let held = world.marked_batch(1, 3, &[]);
        world.photograph(&held, &[0, 1]);
        let inside = world.page(Some(&held.head), &format!("/batches/{}/publicity", held.batch)).text();
        assert!(inside.contains("1 名合格考生还没有照片"), "{inside}");
        world.on("2026-09-17");
        world.post(&held.head, &format!("/batches/{}/publicity", held.batch), json!({})).done();
        world.on("2026-09-24");
        world.post(&held.head, &format!("/batches/{}/report", held.batch), json!({})).done();
        let review = |no: i64, at: usize, approved: bool| {
            let fields = json!({"candidates": [held.candidates[at]], "approved": approved, "reason": "照片不是本人"});
            world.post(&held.centre, &format!("/batches/{}/reports/{no}/reviews", held.batch), fields).done()
        };
        review(1, 0, true);
        review(1, 1, false);
        review(1, 2, true);
        // The wrong photo and the missing one are mended; whoever was approved with a photo keeps it.
        let file =
            world.keep(&held.clerk, &zipped(&[("0001.png", &png(1)), ("0002.png", &png(2)), ("0003.png", &png(3))]));
        let made = world.post(&held.clerk, &format!("/batches/{}/photos", held.batch), json!({"file": file})).done();
        assert_eq!((&made["taken"], &made["missing"]), (&json!(2), &json!(0)), "{made}");
        let finding = &left_out(world, &held.clerk, held.batch, &made)[0];
        assert!(finding["name"] == "0001.png" && finding["remedy"].as_str().expect("words").contains("退回"), "{made}");
        world.post(&held.head, &format!("/batches/{}/report", held.batch), json!({})).done();
        review(2, 1, true);
        world.post(&held.head, &format!("/batches/{}/certificates", held.batch), json!({})).done();
        let late = world.photograph(&held, &[2]);
        let late = &left_out(world, &held.clerk, held.batch, &late)[0]["reason"];
        assert_eq!(late, "证书已核发，照片不再更换");

        let called_off = world.examined_batch(2, 1);
        world
            .post(
                &called_off.head,
                &format!("/batches/{}/cancellation", called_off.batch),
                json!({"reason": "示例原因"}),
            )
            .done();
        let file = world.keep(&called_off.clerk, &zipped(&[("0001.png", &png(1))]));
        world
            .post(&called_off.clerk, &format!("/batches/{}/photos", called_off.batch), json!({"file": file}))
            .refused("2.2.4b");
    });
}

#[test]
fn s3_3_1_who_was_returned_given_up_or_objected_to_with_reason_may_register_elsewhere() {
    on_each_database("2026-08-31", |world| {
        let (held, token) = world.posted_batch(1, 4, &[]);
        let objection = json!({"no": 3, "reason": "实操当天他没有到场", "contact": "0591-00000009"});
        world.call(None, axum::http::Method::POST, &format!("/publicity/{token}/objections"), Some(objection)).done();
        let seen = world.get(&held.head, &format!("/batches/{}/publicity", held.batch)).done();
        let path = format!("/objections/{}/decision", seen["objections"][0]["id"]);
        world.post(&held.head, &path, json!({"upheld": true, "reason": "核查属实"})).done();
        world.on("2026-09-24");
        world.post(&held.head, &format!("/batches/{}/report", held.batch), json!({})).done();
        let other = world.filed_school("示例二技工学校");
        let batch = world.notified_batch(&other, "2026-10-19");
        world.enrol(&other, 4);
        let registered = || upload(world, &other.clerk, batch, roster(0..4).as_bytes()).done();
        // Whose objection was upheld waits for nothing; the three who were reported do.
        assert_eq!(counts(&registered()), [1, 0, 0, 0, 3]);
        let returned = json!({"candidates": [held.candidates[0]], "approved": false, "reason": "照片不是本人"});
        world.post(&held.centre, &format!("/batches/{}/reports/1/reviews", held.batch), returned).done();
        assert_eq!(counts(&registered()), [1, 0, 1, 0, 2]);
        let rest = json!({"rest": true, "approved": true});
        world.post(&held.centre, &format!("/batches/{}/reports/1/reviews", held.batch), rest).done();
        assert_eq!(counts(&registered()), [0, 0, 2, 0, 2]);
        let given_up = json!({"candidates": [held.candidates[1]], "reason": "本人放弃"});
        world.post(&held.head, &format!("/batches/{}/given-up", held.batch), given_up).done();
        assert_eq!(counts(&registered()), [1, 0, 2, 0, 1]);
    });
}

#[test]
fn house_whoever_may_not_act_leaves_no_file_behind() {
    on_each_database("2026-08-31", |world| {
        let held = world.examined_batch(1, 1);
        fn files(folder: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
            entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
        }
        let kept = || files(&world.folder.join("files"));
        let before = kept();
        let forms = [
            ("roster", format!("/batches/{}/roster", held.batch)),
            ("photos", format!("/batches/{}/photos", held.batch)),
            ("file", format!("/batches/{}/marks/uploads", held.batch)),
            ("enrolment", "/enrolment".to_owned()),
            ("plan_file", "/batches".to_owned()),
            ("file", "/filings/1/materials".to_owned()),
        ];
        let fields = crate::stages::batch_fields("2026-10-19");
        for (field, path) in forms {
            let mut body = String::new();
            let mut part = |name: &str, file: &str, value: &str| {
                body +=
                    &format!("--grenze\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n");
            };
            part("scope", "", "4-03-02-01|4|《中式烹调师》（2018年版）");
            for (name, value) in fields.as_object().expect("fields") {
                part(name, "", value.as_str().map_or_else(|| value.to_string(), str::to_owned).as_str());
            }
            part(field, "; filename=\"a.csv\"", &format!("落在{path}的文件"));
            body += "--grenze--\r\n";
            let request = |cookie: Option<&str>| {
                let mut request = Request::builder()
                    .method("POST")
                    .uri(&path)
                    .header(header::CONTENT_TYPE, "multipart/form-data; boundary=grenze");
                if let Some(token) = cookie {
                    request = request.header(header::COOKIE, format!("jiangce={token}"));
                }
                request.body(Body::from(body.clone())).expect("a request")
            };
            let answer = world.send(request(None));
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}: {}", answer.text());
            assert_eq!(kept(), before, "{path} keeps files of strangers");
        }
        // Somebody signed in whose role has nothing to upload.
        let (page, to) = (format!("/batches/{}/publicity", held.batch), format!("/batches/{}/photos", held.batch));
        world.post(&held.clerk, &format!("/batches/{}/marks", held.batch), json!({"entries": [
            {"candidate": held.candidates[0], "part": "theory", "outcome": "80"}, {"candidate": held.candidates[0], "part": "practical", "outcome": "80"}]})).done();
        world.confirm_marks(&held.head, held.batch);
        world.on("2026-09-17");
        world.post(&held.head, &page, json!({})).done();
        world.on("2026-09-24");
        world.post(&held.head, &format!("/batches/{}/report", held.batch), json!({})).done();
        let from = format!("/batches/{}/report", held.batch);
        let answer =
            send_file(world, &held.centre, (&from, &to), "photos", ("a.zip", &zipped(&[("0001.png", &png(7))])));
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
        assert_eq!(kept(), before);
    });
}

#[test]
fn s2_2_4b_photos_find_their_candidates_by_number_and_are_kept_as_printed() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let batch = world.rostered_batch(&school, "2026-06-15", 3);
        let send = |entries: &[(&str, &[u8])]| {
            let file = world.keep(&school.clerk, &zipped(entries));
            world.post(&school.clerk, &format!("/batches/{batch}/photos"), json!({"file": file}))
        };
        let by_number = format!("照片/{}.png", number_of(0));
        let twice = format!("{}_副本.png", number_of(0));
        let stranger = format!("{}.jpg", number_of(8));
        let made = send(&[
            (&by_number, &png(200)),
            ("S0001.PNG", &png(100)),
            (&twice, &png(50)),
            (&stranger, &png(50)),
            ("S0002.jpg", b"not a picture"),
            ("__MACOSX/._S0001.PNG", b"rest"),
        ])
        .done();
        assert_eq!(
            (made["pictures"].as_i64(), made["taken"].as_i64(), made["missing"].as_i64()),
            (Some(5), Some(1), Some(2))
        );
        // Of two photos of one person nobody knows which is meant.
        let found = left_out(world, &school.clerk, batch, &made);
        let named: Vec<_> = found.iter().map(|finding| finding["name"].as_str().expect("a name")).collect();
        assert_eq!(named, [by_number.trim_start_matches("照片/"), &twice, &stranger, "S0002.jpg"]);
        assert!(found.iter().all(|finding| finding["remedy"] != "" && finding["reason"] != ""), "{found:?}");
        send(&[(&by_number, &png(200)), (&twice, &png(200))]).done();
        let hash = world.text(&format!("SELECT photo FROM candidate WHERE batch = {batch} AND student_no = 'S0000'"));
        let kept = world.office.files().bring(&office::door::FileHash(hash)).expect("the photo");
        assert!(
            matches!(press::photo(&kept).expect("a photo"), std::borrow::Cow::Borrowed(_)),
            "kept as it is printed"
        );
        // The same again is no change; a new picture replaces the old one.
        let again = send(&[(&by_number, &png(200)), ("S0001.png", &png(220))]).done();
        assert_eq!((again["taken"].as_i64(), again["same"].as_i64()), (Some(1), Some(1)));
        send(&[("读我.txt", b"x")]).done();
        send(&[("__MACOSX/x", b"x")]).refused("平台规则·照片");
        let file = world.keep(&school.clerk, b"PK\x03\x04 but no archive");
        world.post(&school.clerk, &format!("/batches/{batch}/photos"), json!({"file": file})).refused("平台规则·照片");
        // A picture that unpacks to more than any picture is not taken.
        let bomb = vec![0_u8; 13 << 20];
        let made = send(&[("S0002.png", &bomb)]).done();
        let why = |made: &Value| left_out(world, &school.clerk, batch, made)[0]["reason"].to_string();
        assert!(why(&made).contains("超过"), "{made}");
        // Student numbers in lower case are found; one that two candidates have is nobody's.
        world.set("UPDATE candidate SET student_no = 's0000' WHERE student_no IN ('S0000', 'S0001')");
        let made = send(&[("s0000.png", &png(9)), ("s0002.png", &png(9))]).done();
        assert_eq!(made["taken"], 1, "{made}");
        assert!(why(&made).contains("2名考生"), "{made}");
        world.set("UPDATE candidate SET student_no = 's0001' WHERE ticket LIKE '%2'");
        assert_eq!(send(&[("S0001.png", &png(7)), ("s0000.PNG", &png(8))]).done()["taken"], 2);
        let page = format!("/batches/{batch}/roster");
        let to = format!("/batches/{batch}/photos");
        let answer =
            send_file(world, &school.clerk, (&page, &to), "photos", ("a.zip", &zipped(&[("无名.png", &png(1))])));
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let to_findings = answer.headers[header::LOCATION].to_str().expect("an address").to_owned();
        let shown = world.page(Some(&school.clerk), &to_findings).text();
        assert!(shown.contains("没收下的照片") && shown.contains("无名.png"), "{shown}");
        let list = world.page(Some(&school.clerk), &format!("{to_findings}/findings.xlsx"));
        assert!(list.status == StatusCode::OK && list.bytes.starts_with(b"PK"));
        let stranger = world.filed_school("示例二技工学校");
        assert_eq!(world.page(Some(&stranger.clerk), &to_findings).status, StatusCode::NOT_FOUND);
        let answer =
            send_file(world, &school.clerk, (&page, &to), "photos", ("a.zip", &zipped(&[("S0002.png", &png(1))])));
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(world.get(&school.clerk, &page).done()["photos"], 3);
    });
}

#[test]
fn s2_2_4b_a_photo_that_no_certificate_may_carry_is_told_by_name_reason_and_remedy() {
    use crate::certificate::portrait;
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let batch = world.rostered_batch(&school, "2026-06-15", 8);
        let path = format!("/batches/{batch}/photos");
        let send = |entries: &[(&str, &[u8])]| {
            let file = world.keep(&school.clerk, &zipped(entries));
            world.post(&school.clerk, &path, json!({"file": file, "name": "照片.zip"})).done()
        };
        let mut broken = png(1);
        broken.truncate(broken.len() / 2);
        let made = send(&[
            ("S0000.jpg", &png(1)),
            ("S0001.png", &portrait((336, 336), 255, 1)),
            ("S0002.png", &portrait((120, 168), 255, 1)),
            ("S0003.png", &portrait((240, 336), 120, 1)),
            ("S0004.png", &broken),
            ("S0005.png", b"GIF89a no picture of ours"),
            ("S0006.png", &portrait((240, 336), 235, 1)),
        ]);
        // Content decides, not the name: a PNG that is called JPG is good.
        assert_eq!((&made["taken"], &made["faults"]), (&json!(2), &json!(5)), "{made}");
        let found = left_out(world, &school.clerk, batch, &made);
        for (finding, (name, word)) in found.iter().zip([
            ("S0001.png", "比例"),
            ("S0002.png", "像素"),
            ("S0003.png", "白底"),
            ("S0004.png", "损坏"),
            ("S0005.png", "不是 JPEG"),
        ]) {
            assert_eq!(finding["name"], name);
            assert!(finding["reason"].as_str().expect("why").contains(word), "{finding}");
            assert!(finding["remedy"].as_str().expect("how").contains("请"), "{finding}");
        }
    });
}

#[test]
fn s2_2_4b_photos_are_found_whatever_program_packed_them_and_a_single_one_by_its_name() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let batch = world.rostered_batch(&school, "2026-06-15", 6);
        let path = format!("/batches/{batch}/photos");
        let post = |bytes: &[u8], name: &str| {
            let file = world.keep(&school.clerk, bytes);
            world.post(&school.clerk, &path, json!({"file": file, "name": name}))
        };
        let wide = |text: &str| -> String {
            text.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xfee0).filter(|_| c > ' ')).collect()
        };
        // Windows writes the names in GBK: 照片\\<number>张三.png. The name in the archive gives room for these bytes.
        let gbk = [&b"\xd5\xd5\xc6\xac\\"[..], number_of(1).as_bytes(), b"_\xd5\xc5.png"].concat();
        let room = "x".repeat(gbk.len());
        let mut packed = zipped(&[
            (&format!("{}.png", wide(&number_of(0))), &png(10)),
            (&room, &png(11)),
            (&format!("一班/{} 照片.PNG", number_of(2).to_lowercase()), &png(12)),
            ("s0003（2）.png", &png(13)),
            ("../../../etc/S0004.png", &png(14)),
        ]);
        for at in 0..packed.len() - room.len() {
            if packed[at..].starts_with(room.as_bytes()) {
                packed[at..at + gbk.len()].copy_from_slice(&gbk);
            }
        }
        let made = post(&packed, "照片.zip").done();
        assert_eq!((&made["taken"], &made["faults"]), (&json!(5), &json!(0)), "{made}");
        // A single picture goes by its own name, which stands nowhere in the open.
        let name = format!("{}.png", number_of(5));
        let made = post(&png(15), &name).done();
        assert_eq!((&made["taken"], &made["missing"]), (&json!(1), &json!(0)), "{made}");
        let lines = world.text("SELECT found FROM photo_upload ORDER BY id DESC LIMIT 1");
        assert!(!lines.contains(&number_of(5)));
        let made = post(&png(15), "无名.png").done();
        assert_eq!((&made["taken"], &made["faults"]), (&json!(0), &json!(1)), "{made}");
        post(b"%PDF-1.7 no picture", &name).done();
    });
}

#[test]
fn s2_2_4b_a_zip_that_unpacks_without_end_costs_no_more_than_its_limit_and_the_good_photos_stay() {
    on_each_database("2026-06-01", |world| {
        let school = school(world);
        let batch = world.rostered_batch(&school, "2026-06-15", 2);
        let path = format!("/batches/{batch}/photos");
        let bomb = vec![0_u8; 13 << 20];
        let names: Vec<String> = (0..25).map(|n| format!("{n}.png")).collect();
        let good = png(3);
        let mut entries: Vec<(&str, &[u8])> = vec![("S0000.png", &good)];
        entries.extend(names.iter().map(|name| (name.as_str(), bomb.as_slice())));
        entries.push(("S0001.png", &good));
        let file = world.keep(&school.clerk, &zipped(&entries));
        let made = world.post(&school.clerk, &path, json!({"file": file})).done();
        assert_eq!((&made["taken"], &made["missing"]), (&json!(1), &json!(1)), "{made}");
        let found = left_out(world, &school.clerk, batch, &made);
        let last = found.last().expect("a finding");
        assert!(last["reason"].as_str().expect("why").contains("没有再读"), "{last}");
        assert!(found.len() < 25, "{} were inflated", found.len());
        let many: Vec<String> = (0..10_001).map(|n| n.to_string()).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
        let file = world.keep(&school.clerk, &zipped(&many));
        world.post(&school.clerk, &path, json!({"file": file})).refused("平台规则·照片");
    });
}

#[test]
fn s1_1_3_the_clerk_checks_a_roster_on_the_desk_without_server_or_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let students = register(0..2, "2026-12-07".parse().expect("a day"));
    let (enrolment, good) = (file("学籍.csv", &students), file("good.csv", &roster(0..2)));
    let bad = file("bad.csv", &roster(0..3));
    let marked = folder.path().join("marked.xlsx");
    let run = |roster: &std::path::Path, on: &str, more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_jiangce"))
            .args(["check", "roster"])
            .arg(roster)
            .args(["--occupation", "4-03-02-01", "--level", "4", "--on", on, "--enrolment"])
            .arg(&enrolment)
            .args(["--json"])
            .args(more)
            .env_remove("JIANGCE_DATA")
            .output()
            .expect("the program");
        let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (output.status.code(), json)
    };
    let (code, said) = run(&good, "2026-12-07", &[]);
    assert_eq!((code, said["rows_good"].as_i64(), said["faults"].as_i64()), (Some(0), Some(2), Some(0)), "{said}");
    let (code, said) = run(&bad, "2026-12-07", &["--marked", marked.to_str().expect("a path")]);
    assert_eq!((code, said["faults"].as_i64()), (Some(1), Some(1)), "{said}");
    assert_eq!(
        (said["findings"][0]["row"].as_i64(), said["findings"][0]["kind"].as_str()),
        (Some(4), Some("not_enrolled"))
    );
    assert!(std::fs::read(&marked).expect("the marked file").starts_with(b"PK"));
    // No working day is counted, so a year without a calendar is no hindrance.
    let (code, said) = run(&good, "2027-03-01", &[]);
    assert_eq!((code, said["rows_good"].as_i64()), (Some(0), Some(2)), "{said}");
    let (code, _) = run(&folder.path().join("none.csv"), "2026-12-07", &[]);
    assert_eq!(code, Some(2));
}
