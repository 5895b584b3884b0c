//! The whole life of a batch in one story: from the plan of the year to the archive that a stranger checks, with what each
//! role sees on the way.

use axum::http::{Method, StatusCode};
use office::cli::archive::verify;
use serde_json::{Value, json};

use crate::held::{Held, name_of, number_of};
use crate::query::escaped;
use crate::roster::zipped;
use crate::stages::{PDF, batch_fields, roster};
use crate::world::{Person, World, on_each_database};

/// Who is who among the six candidates, by their places.
const RETURNED: usize = 0;
const UPHELD: usize = 1;
const CORRECTED: usize = 2;
const MAKES_UP: usize = 3;
const DISMISSED: usize = 4;
const OPEN: usize = 5;
const CANDIDATES: usize = 6;

/// The notice of the batch: theory on Tuesday 15 September 2026, practice the day after.
fn notice() -> Value {
    let mut fields = batch_fields("2026-09-15");
    fields["expected"] = json!(15);
    fields
}

fn tasks(world: &World, person: &Person) -> String {
    world.get(person, "/work").done()["tasks"].to_string()
}

fn stage(world: &World, held: &Held) -> String {
    let view = world.get(&held.head, &format!("/batches/{}", held.batch)).done();
    view["stage"].as_str().expect("a stage").to_owned()
}

/// The photos of everyone, named by their identity numbers.
fn photograph(world: &World, held: &Held) {
    let photo = crate::certificate::photo();
    let names: Vec<String> = (0..CANDIDATES).map(|at| format!("{}.png", number_of(at))).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), photo.as_slice())).collect();
    let file = world.keep(&held.clerk, &zipped(&entries));
    world.post(&held.clerk, &format!("/batches/{}/photos", held.batch), json!({"file": file})).done();
}

/// The candidates of a batch in the order of [`name_of`].
fn candidates(world: &World, clerk: &Person, batch: i64) -> Vec<i64> {
    let seen = world.get(clerk, &format!("/batches/{batch}/marks")).done();
    let persons = seen["persons"].as_array().expect("persons").clone();
    let of = |at: usize| persons.iter().find(|person| person["name"] == json!(name_of(at)));
    (0..persons.len()).filter_map(of).map(|person| person["candidate"].as_i64().expect("an id")).collect()
}

/// The clerk enters marks, the head looks them over.
fn mark(world: &World, held: &Held, marks: &[(usize, &str, &str)]) {
    let entries: Vec<Value> = marks
        .iter()
        .map(|(at, part, outcome)| json!({"candidate": held.candidates[*at], "part": part, "outcome": outcome}))
        .collect();
    world.post(&held.clerk, &format!("/batches/{}/marks", held.batch), json!({"entries": entries})).done();
    let own = world.post(&held.clerk, &format!("/batches/{}/marks/confirmation", held.batch), json!({}));
    own.refused("平台规则·成绩核对");
    world.confirm_marks(&held.head, held.batch);
}

#[test]
fn s2_2_1b_s2_2_3a_s2_2_4b_s3_3_1_a_batch_lives_from_the_plan_of_the_year_to_its_archive() {
    on_each_database("2026-08-31", |world| {
        // The school is on file; its head publishes what it examines this year. Another school sees nothing of what follows.
        let school = world.filed_school("示例一技工学校");
        let other = world.new_school("示例二技工学校", "city", "350102");
        world.enter_examiners("示例一技工学校", "甲");
        let plan = world.get(&school.head, &format!("/bodies/{}/year-plan?year=2026", school.body)).done();
        assert_ne!(plan["versions"], json!([]), "the plan of the year is published");

        // Notified for one day, told anew for the next; the centre hears of both.
        let first = batch_fields("2026-09-14");
        let batch = world.post(&school.clerk, "/batches", first).done()["id"].as_i64().expect("an id");
        let change = json!({"notice": notice(), "reason": "实训设备检修，改期一天"});
        let told = world.post(&school.clerk, &format!("/batches/{batch}/versions"), change).done();
        assert_eq!((&told["no"], &told["counted_again"]), (&json!(2), &json!(true)));
        let heard = world.get(&school.centre, &format!("/batches/{batch}/versions")).done();
        assert_eq!(heard["versions"].as_array().map(Vec::len), Some(2));
        assert_eq!(world.get(&other.head, &format!("/batches/{batch}")).status, StatusCode::NOT_FOUND);

        // A roster with one stranger: six are kept, the seventh is told at its row. Photos, seats, examiners.
        world.enrol(&school, CANDIDATES);
        let file = world.keep(&school.clerk, roster(0..CANDIDATES + 1).as_bytes());
        let made = world
            .post(&school.clerk, &format!("/batches/{batch}/roster"), json!({"file": file, "name": "名册.csv"}))
            .done();
        assert_eq!((&made["new"], &made["faults"]), (&json!(CANDIDATES), &json!(1)));
        let mut held = Held {
            batch,
            clerk: school.clerk.clone(),
            head: school.head.clone(),
            centre: school.centre.clone(),
            candidates: Vec::new(),
        };
        photograph(world, &held);
        let arranged = world.post(&held.clerk, &format!("/batches/{batch}/arrangement"), json!({})).done();
        assert_eq!(arranged["persons"], json!(CANDIDATES));
        let people = json!({"people": World::examiners("甲"), "reason": ""});
        world.post(&held.clerk, &format!("/batches/{batch}/assignment"), people).done();

        // Examined; marks by one, looked over by another. The fourth failed the practice.
        world.on("2026-09-17");
        held.candidates = candidates(world, &held.clerk, batch);
        assert!(tasks(world, &held.clerk).contains("登记成绩"));
        let mut marks: Vec<(usize, &str, &str)> =
            (0..CANDIDATES).flat_map(|at| [(at, "theory", "80"), (at, "practical", "85")]).collect();
        marks[CORRECTED * 2] = (CORRECTED, "theory", "58");
        marks[MAKES_UP * 2 + 1] = (MAKES_UP, "practical", "50");
        mark(world, &held, &marks);

        // Posted on Friday the 18th, public until the 28th over the holiday, masked.
        world.on("2026-09-18");
        let posted = world.post(&held.head, &format!("/batches/{batch}/publicity"), json!({})).done();
        let token = posted["token"].as_str().expect("a token").to_owned();
        let public = world.public(&format!("/publicity/{token}")).done();
        assert!(!public.to_string().contains(&name_of(0)) && !public.to_string().contains(&number_of(0)));
        world.on("2026-09-21");
        let object = |no: usize, reason: &str| {
            let fields = json!({"no": no, "reason": reason, "contact": "0591-00000009"});
            world.call(None, Method::POST, &format!("/publicity/{token}/objections"), Some(fields))
        };
        let upheld = object(UPHELD + 1, "他的实操不是本人做的").done()["receipt"].clone();
        let dismissed = object(DISMISSED + 1, "实操当天他没有到场").done()["receipt"].clone();
        let open = object(OPEN + 1, "理论考试时间到了还在作答").done()["receipt"].clone();
        let seen = world.get(&held.head, &format!("/batches/{batch}/publicity")).done();
        let decide = |receipt: &Value, is_upheld: bool, reason: &str| {
            let objections = seen["objections"].as_array().expect("objections");
            let id = &objections.iter().find(|one| &one["receipt"] == receipt).expect("the objection")["id"];
            let fields = json!({"upheld": is_upheld, "reason": reason});
            world.post(&held.head, &format!("/objections/{id}/decision"), fields).done()
        };
        assert_eq!(decide(&upheld, true, "录像属实，本人未操作")["held"], true);
        assert_eq!(decide(&dismissed, false, "监控录像可见其到场")["held"], false);

        // A mark was added up wrongly: one proposes, another agrees, and the correction is public for its own five days.
        let change = json!({"candidate": held.candidates[CORRECTED], "part": "theory", "outcome": "68",
            "reason": "合分时漏加第三题", "file": world.keep(&held.clerk, PDF), "file_name": "试卷.pdf"});
        let change = world.post(&held.clerk, &format!("/batches/{batch}/mark-changes"), change).done()["id"].clone();
        let answer = format!("/batches/{batch}/mark-changes/{change}/answer");
        let agreed = json!({"agreed": true, "reason": "已核对试卷"});
        world.post(&held.clerk, &answer, agreed.clone()).refused("3.3.1");
        assert_eq!(world.post(&held.head, &answer, agreed).done()["corrected_until"], "2026-09-29");
        let public = world.public(&format!("/publicity/{token}")).done();
        assert_eq!(public["corrections"][0]["line"]["verdict"], "passed");

        // It ends by itself; a fourth objection comes too late.
        world.on("2026-09-30");
        let late = object(CANDIDATES, "公示结束才发现的问题").status;
        assert!(matches!(late, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::GONE), "{late}");
        assert!(tasks(world, &held.head).contains("上报认定结果"));

        // Reported after the last day, with the reason; the centre decides on that before it decides on anybody.
        world.on("2026-10-20");
        let report = |reason: Option<&str>| {
            world.post(&held.head, &format!("/batches/{batch}/report"), json!({"late_reason": reason}))
        };
        report(None).refused("2.2.3b");
        let reported = report(Some("经办人更替，交接遗漏")).done()["reports"][0].clone();
        // The objection that nobody has answered holds its one person, as the one that was upheld does; who failed is reported too.
        let said = ["late", "persons", "passed"].map(|name| reported[name].clone());
        assert_eq!(said, [json!(true), json!(4), json!(3)], "{reported}");
        assert!(tasks(world, &held.head).contains("处理公示异议"), "{}", tasks(world, &held.head));
        assert_eq!(decide(&open, false, "监控录像可见其按时停笔")["held"], false);
        let review = |no: usize, fields: Value| {
            world.post(&held.centre, &format!("/batches/{batch}/reports/{no}/reviews"), fields)
        };
        review(1, json!({"rest": true, "approved": true})).refused("2.2.3b");
        assert!(tasks(world, &held.centre).contains("裁定逾期上报"));
        let lateness = json!({"accepted": true, "reason": "情况属实，已约谈"});
        world.post(&held.centre, &format!("/batches/{batch}/reports/1/lateness"), lateness).done();

        // One is returned and reported again, the others are approved; who was objected to with reason is given up.
        let returned = json!({"candidates": [held.candidates[RETURNED]], "approved": false, "reason": "照片不清"});
        review(1, returned).done();
        review(1, json!({"rest": true, "approved": true})).done();
        photograph(world, &held);
        assert_eq!(report(Some("退回后补报")).done()["reports"][0]["persons"], 2, "and who was held until then");
        review(2, json!({"rest": true, "approved": true})).done();
        let issued = world.post(&held.head, &format!("/batches/{batch}/certificates"), json!({})).done();
        assert_eq!(
            issued["issued"], 4,
            "the returned, the corrected and the two whose objections were dismissed: {issued}"
        );
        assert_eq!(world.get(&other.head, &format!("/batches/{batch}/certificates")).status, StatusCode::NOT_FOUND);

        // Anyone asks by name and number and gets the one masked answer; who was held has none.
        let ask = |at: usize| {
            let (name, number) = (escaped(&name_of(at)), escaped(&number_of(at)));
            world.public(&format!("/certificates/query?name={name}&number={number}")).done()["certificates"].clone()
        };
        assert_eq!(ask(CORRECTED)[0]["state"], "valid");
        assert!(!ask(CORRECTED).to_string().contains(&name_of(CORRECTED)));
        assert_eq!(ask(UPHELD), json!([]));

        // The ledger tells it all from the records.
        let ledger = world.get(&held.centre, "/ledger?year=2026").done();
        let line = &ledger["lines"][0];
        let told = ["registered", "passed", "failed", "approved", "issued", "objections", "reports"]
            .map(|name| line[name].clone());
        assert_eq!(told, [6, 5, 1, 4, 4, 3, 2].map(|count| json!(count)), "{line}");

        // The head closes the archive: the batch was disputed, so it is kept longer; a stranger checks the ZIP.
        assert_eq!(stage(world, &held), "issued");
        assert!(tasks(world, &held.head).contains("批次归档"));
        let archive = format!("/batches/{batch}/archive");
        let digest = world.post(&held.head, &archive, json!({"note": "纸质件存于教务处"})).done()["digest"].clone();
        assert!(!tasks(world, &held.head).contains("批次归档"));
        let view = world.get(&held.centre, &archive).done();
        assert_eq!((&view["is_disputed"], &view["closed_on"]), (&json!(true), &json!("2026-10-20")));
        let why = json!({"reason": "抽查归档情况"});
        let opening = world.post(&held.centre, &format!("{archive}/openings"), why).done()["id"].clone();
        let zip = world.get(&held.centre, &format!("{archive}/openings/{opening}/file")).bytes;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("档案.zip");
        std::fs::write(&file, &zip).expect("a file");
        let checked = verify(&file, digest.as_str()).expect("an archive");
        assert!(checked.well, "{}", checked.text);

        // Who failed the practice keeps the theory and makes up for the rest in the next batch.
        let make_up =
            world.post(&school.clerk, "/batches", batch_fields("2026-11-16")).done()["id"].as_i64().expect("an id");
        let file = world.keep(&school.clerk, roster(MAKES_UP..MAKES_UP + 1).as_bytes());
        let upload = json!({"file": file, "name": "补考名册.csv"});
        world.post(&school.clerk, &format!("/batches/{make_up}/roster"), upload).done();
        let kept = world.post(&school.clerk, &format!("/batches/{make_up}/marks/kept"), json!({})).done();
        assert_eq!((&kept["persons"], &kept["marks"]), (&json!(1), &json!(1)));
        world.on("2026-11-18");
        let seen = || world.get(&school.clerk, &format!("/batches/{make_up}/marks")).done()["persons"][0].clone();
        let again = json!({"entries": [{"candidate": seen()["candidate"], "part": "practical", "outcome": "72"}]});
        world.post(&school.clerk, &format!("/batches/{make_up}/marks"), again).done();
        world.confirm_marks(&school.head, make_up);
        assert_eq!((&seen()["name"], &seen()["verdict"]), (&json!(name_of(MAKES_UP)), &json!("passed")), "{}", seen());

        // All of it stands in the public log, and nothing beside the record.
        world.log_holds(&[
            "batch.notified",
            "seats.drawn",
            "publicity.posted",
            "results.reported",
            "certificate.issued",
        ]);
    });
}
