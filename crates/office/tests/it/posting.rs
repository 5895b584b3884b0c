//! 二（二）3: the list hangs inside the body and somebody shows it; broken publicity starts anew; an objection brings evidence,
//! is heard and answered in time, and leaves everybody else alone.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use rules::people::Role;
use serde_json::{Value, json};

use crate::certificate::photo;
use crate::held::{Held, name_of};
use crate::stages::PDF;
use crate::world::{Answer, Person, World, on_each_database};

fn publicity(held: &Held) -> String {
    format!("/batches/{}/publicity", held.batch)
}

/// Somebody says where the list of a batch hangs.
fn prove(world: &World, by: &Person, held: &Held, hung_on: &str, other: &Value) -> Answer {
    let digest = world.text(&format!("SELECT publicity_digest FROM batch WHERE id = {}", held.batch));
    let mut fields = json!({
        "address": "示例校区", "place": "实训楼一层公告栏", "hung_on": hung_on, "hung_by": "示例老师", "digest": digest.get(..8).unwrap_or("00000000"),
        "photos": [{"file": world.keep(by, &photo()), "name": "公告栏.png"}],
    });
    for (name, value) in other.as_object().into_iter().flatten() {
        fields[name] = value.clone();
    }
    world.post(by, &format!("/batches/{}/postings", held.batch), fields)
}

/// Somebody without an account sends a file under the list with this token.
fn enclose(world: &World, token: &str, bytes: Vec<u8>) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/api/publicity/{token}/enclosures"))
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .body(Body::from(bytes));
    world.send(request.expect("a request"))
}

fn object(world: &World, token: &str, no: i64, files: &Value) -> Answer {
    let fields = json!({"no": no, "reason": "实操当天他没有到场", "contact": "0591-00000009", "files": files});
    world.call(None, Method::POST, &format!("/publicity/{token}/objections"), Some(fields))
}

fn restart(world: &World, by: &Person, held: &Held, broken_on: &str, reason: &str) -> Answer {
    world.post(by, &format!("{}/restart", publicity(held)), json!({"broken_on": broken_on, "reason": reason}))
}

fn tasks(world: &World, person: &Person) -> String {
    world.get(person, "/work").done()["tasks"].to_string()
}

#[test]
fn s2_2_3a_a_report_needs_proof_that_the_list_hung_inside_the_body() {
    on_each_database("2026-08-31", |world| {
        let held = world.marked_batch(1, 2, &[]);
        world.on("2026-12-01");
        let early = prove(world, &held.clerk, &held, "2026-12-01", &json!({"digest": "00000000"})).refused("2.2.3a");
        assert!(early.remedy.contains("请先公示认定结果"), "{early:?}");
        let posted = world.post(&held.head, &publicity(&held), json!({})).done();
        assert_eq!(posted["window"]["first_on"], "2026-12-02");
        assert_eq!(world.get(&held.clerk, &publicity(&held)).done()["lacks_proof"], true);
        let waiting = tasks(world, &held.clerk);
        assert!(waiting.contains("登记校内张贴") && waiting.contains("\"due_on\":\"2026-12-01\""), "{waiting}");

        world.on("2026-12-03");
        let late = prove(world, &held.clerk, &held, "2026-12-02", &json!({})).refused("2.2.3a");
        assert!(late.what.contains("校内公示不满 5 个工作日") && late.remedy.contains("重新公示"), "{late:?}");
        let other = json!({"digest": "0000000000000000"});
        assert_eq!(prove(world, &held.clerk, &held, "2026-12-01", &other).refused("2.2.3a").field, "digest");
        let none = json!({"photos": []});
        assert_eq!(prove(world, &held.clerk, &held, "2026-12-01", &none).refused("2.2.3a").field, "photos");
        let paper = json!({"photos": [{"file": world.keep(&held.clerk, PDF), "name": "公告栏.jpg"}]});
        let refused = prove(world, &held.clerk, &held, "2026-12-01", &paper).refused("2.2.3a");
        assert!(refused.what.contains("不是照片"), "{refused:?}");
        assert_eq!(prove(world, &held.centre, &held, "2026-12-01", &json!({})).status, StatusCode::FORBIDDEN);

        world.on("2026-12-09");
        let report = format!("/batches/{}/report", held.batch);
        let refused = world.post(&held.head, &report, json!({})).refused("2.2.3a");
        assert!(refused.what.contains("还没有登记校内张贴") && refused.remedy.contains("重新公示"), "{refused:?}");
        assert_eq!(world.get(&held.head, &report).done()["report_hindrance"]["clause"], "2.2.3a");

        prove(world, &held.clerk, &held, "2026-12-01", &json!({})).done();
        let seen = world.get(&held.centre, &publicity(&held)).done();
        let posting = &seen["postings"][0];
        assert_eq!((&posting["digest"], &posting["hung_on"]), (&posted["digest"], &json!("2026-12-01")));
        assert_eq!(seen["lacks_proof"], false);
        assert!(!tasks(world, &held.clerk).contains("登记校内张贴"));
        let photo = format!("/batches/{}/postings/photos/{}", held.batch, posting["photos"][0]["id"]);
        assert_eq!(world.get(&held.centre, &photo).done()["name"], "公告栏.png");
        let other = world.examined_batch(2, 0);
        assert_eq!(world.get(&other.head, &photo).status, StatusCode::NOT_FOUND);
        assert_eq!(prove(world, &other.head, &held, "2026-12-01", &json!({})).status, StatusCode::NOT_FOUND);
        assert_eq!(world.page(Some(&held.centre), &photo).status, StatusCode::OK);
        world.on("2026-12-09");
        world.post(&held.head, &report, json!({})).done();
        assert_eq!(world.get(&held.centre, &report).done()["postings"][0]["place"], "实训楼一层公告栏");
    });
}

#[test]
fn s2_2_3a_the_page_of_the_posting_keeps_what_was_typed_and_the_public_page_says_where_it_hangs() {
    on_each_database("2026-08-31", |world| {
        let (held, token) = world.posted_batch(1, 2, &[]);
        let page = format!("/batches/{}/postings", held.batch);
        assert!(world.page(Some(&held.head), &page).text().contains("登记张贴"));
        assert!(!world.page(Some(&held.centre), &page).text().contains("<form class=\"upload\""));
        let typed = [("address", "示例校区"), ("place", "公告栏"), ("hung_on", "2026-09-17"), ("hung_by", "示例老师")];
        let wrong = world.submit(Some(&held.head), &page, &page, &typed);
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().contains("示例校区") && wrong.text().contains("名单摘要"), "{}", wrong.text());

        prove(world, &held.head, &held, "2026-09-17", &json!({})).done();
        let public = world.public(&format!("/publicity/{token}")).done();
        assert_eq!(public["hangs_at"], json!(["示例校区实训楼一层公告栏"]));
        assert!(world.page(None, &format!("/publicity/{token}")).text().contains("张贴在示例校区"));
        // When the list is gone, so is where it hung.
        world.on("2026-09-24");
        assert_eq!(world.public(&format!("/publicity/{token}")).done()["hangs_at"], json!([]));
    });
}

#[test]
fn s2_2_3a_broken_publicity_starts_anew_and_what_hung_before_stays() {
    on_each_database("2026-08-31", |world| {
        let (held, token) = world.posted_batch(1, 3, &[]);
        let why = "实训楼停电检修，公告栏拆除";
        prove(world, &held.clerk, &held, "2026-09-17", &json!({})).done();
        let before = world.get(&held.head, &publicity(&held)).done();
        object(world, &token, 2, &json!([])).done();
        world.on("2026-09-21");
        assert_eq!(restart(world, &held.clerk, &held, "2026-09-21", why).status, StatusCode::FORBIDDEN);
        assert_eq!(restart(world, &held.head, &held, "2026-09-16", why).refused("2.2.3a").field, "broken_on");
        assert_eq!(restart(world, &held.head, &held, "2026-09-22", why).refused("2.2.3a").field, "broken_on");
        assert_eq!(restart(world, &held.head, &held, "2026-09-21", "停电").refused("2.2.3a").field, "reason");
        let anew = restart(world, &held.head, &held, "2026-09-21", why).done();
        // Friday the 18th and the worked Sunday had been whole days; the five begin again over the Mid-Autumn holiday.
        assert_eq!((&anew["stood"], &anew["broken"], &anew["persons"]), (&json!(2), &json!(1), &json!(3)));
        assert_eq!(
            anew["window"],
            json!({"posted_on": "2026-09-21", "first_on": "2026-09-22", "ends_on": "2026-09-29"})
        );
        // Nothing has changed in the results, so it is the same list.
        assert_eq!(anew["digest"], before["digest"]);
        let now = anew["token"].as_str().expect("a token").to_owned();
        assert_ne!(now, token);
        world.log_holds(&["publicity.posted"]);

        let old = world.page(None, &format!("/publicity/{token}"));
        assert_eq!(old.status, StatusCode::GONE);
        let text = old.text();
        assert!(text.contains("公示中断，已重新公示") && text.contains(why) && text.contains(&now), "{text}");
        assert!(!text.contains("示***"), "no list at the old address");
        let refused = object(world, &token, 1, &json!([])).refused("2.2.3a");
        assert!(refused.remedy.contains(&now), "{refused:?}");
        enclose(world, &token, PDF.to_vec()).refused("2.2.3a");
        assert_eq!(world.page(None, &format!("/publicity/{now}")).status, StatusCode::OK);
        // The form of a review leads to where the list stands now, and what was typed at the old address goes along.
        let (form, new_form) = (format!("/publicity/{token}/mark-reviews"), format!("/publicity/{now}/mark-reviews"));
        let moved = world.page(None, &form);
        assert_eq!(moved.status, StatusCode::SEE_OTHER);
        assert_eq!(moved.headers["location"], new_form.as_str());
        let name = crate::held::name_of(0);
        let number = crate::held::number_of(0);
        let typed = [
            ("name", name.as_str()),
            ("id_number", number.as_str()),
            ("part", "theory"),
            ("scope", "missed"),
            ("reason", "最后一题没有评分"),
            ("contact", "0591-00000009"),
        ];
        let late = world.submit(None, &new_form, &form, &typed);
        let text = late.text();
        assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
        for word in ["已重新公示", "最后一题没有评分", &format!("action=\"{new_form}\"")] {
            assert!(text.contains(word), "{word}: {text}");
        }
        let nowhere = format!("/publicity/{}/mark-reviews", "0".repeat(32));
        assert_eq!(world.page(None, &nowhere).status, StatusCode::NOT_FOUND);
        assert!(world.page(None, "/publicity").text().contains(&now));

        let seen = world.get(&held.head, &publicity(&held)).done();
        let broken = &seen["broken"][0];
        assert_eq!((&broken["intact"], &broken["reason"]), (&json!(true), &json!(why)));
        assert_eq!(broken["window"], before["window"]);
        assert_eq!((&seen["postings"][0]["round"], &seen["batch"]["stage"]), (&json!(1), &json!("posted")));
        assert_eq!(seen["objections"].as_array().map(Vec::len), Some(1), "an objection goes on");
        // What was kept can't be changed unseen.
        world.set("UPDATE broken_publicity SET list = REPLACE(list, '85', '58')");
        assert_eq!(world.get(&held.head, &publicity(&held)).done()["broken"][0]["intact"], false);

        // The days of before end nothing; the new ones do, and the report is counted from them.
        world.on("2026-09-24");
        assert_eq!(world.get(&held.head, &publicity(&held)).done()["batch"]["stage"], "posted");
        world.on("2026-09-30");
        let after = world.get(&held.head, &publicity(&held)).done();
        assert_eq!((&after["batch"]["stage"], &after["report_due_on"]), (&json!("publicised"), &json!("2026-10-19")));
        // Even then it may begin anew, by the centre that finds out, as long as nothing was reported.
        let page = format!("{}/restart", publicity(&held));
        assert!(world.page(Some(&held.clerk), &page).text().contains("由机构负责人或主管中心重新公示"));
        let form = [("broken_on", "2026-09-22"), ("reason", "检查时公告栏没有名单")];
        let done = world.submit(Some(&held.centre), &page, &page, &form);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let seen = world.get(&held.head, &publicity(&held)).done();
        assert_eq!((&seen["batch"]["stage"], &seen["report_due_on"]), (&json!("posted"), &Value::Null));
        assert_eq!(seen["window"]["ends_on"], "2026-10-13");
        assert_eq!(
            (&seen["broken"][1]["stood"], &seen["broken"][1]["seat"]),
            (&json!(0), &json!("福州市职业技能鉴定指导中心"))
        );
        world.on("2026-09-30");
        assert!(world.get(&held.head, "/work").done()["messages"].to_string().contains("责令重新公示"));
        world.on("2026-10-14");
        world.post(&held.head, &format!("/batches/{}/report", held.batch), json!({})).done();
        let refused = restart(world, &held.centre, &held, "2026-10-12", "检查时公告栏没有名单").refused("2.2.3a");
        assert!(refused.remedy.contains("退回"), "{refused:?}");
        let other = world.examined_batch(2, 0);
        assert_eq!(restart(world, &other.head, &held, "2026-10-12", why).status, StatusCode::NOT_FOUND);
        let far = world.officer("far-centre", Role::CityCentre, "city-350200-centre");
        assert_eq!(restart(world, &far, &held, "2026-10-12", why).status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn s2_2_3a_what_was_corrected_stands_in_the_list_that_begins_anew() {
    on_each_database("2026-08-31", |world| {
        let (held, token) = world.posted_batch(1, 2, &[(1, "59", "85")]);
        let changes = format!("/batches/{}/mark-changes", held.batch);
        let change = json!({"candidate": held.candidates[1], "part": "theory", "outcome": "61", "reason": "合分时漏加第三题",
            "file": world.keep(&held.clerk, PDF), "file_name": "试卷.pdf"});
        let id = world.post(&held.clerk, &changes, change).done()["id"].clone();
        world.post(&held.head, &format!("{changes}/{id}/answer"), json!({"agreed": true, "reason": "属实"})).done();
        let list = world.public(&format!("/publicity/{token}")).done();
        assert_eq!(list["corrections"].as_array().map(Vec::len), Some(1));
        assert_eq!(list["rows"][1]["verdict"], "failed");
        world.on("2026-09-18");
        let anew = restart(world, &held.head, &held, "2026-09-18", "网页公示以外没有张贴").done();
        assert_ne!(anew["digest"], list["digest"]);
        let now = world.public(&format!("/publicity/{}", anew["token"].as_str().expect("a token"))).done();
        assert_eq!((&now["rows"][1]["verdict"], &now["corrections"]), (&json!("passed"), &json!([])));
        assert!(!world.page(None, "/publicity").text().contains("（更正）"));
        let broken = world.get(&held.head, &publicity(&held)).done()["broken"][0].clone();
        assert_eq!((&broken["digest"], &broken["intact"]), (&list["digest"], &json!(true)));
    });
}

#[test]
fn s2_2_3b_an_objection_brings_evidence_is_heard_and_its_decision_names_nobody_in_public() {
    on_each_database("2026-08-31", |world| {
        let (held, token) = world.posted_batch(1, 3, &[]);
        let large = [PDF, &vec![b' '; rules::terms::EVIDENCE_BYTES_MAX]].concat();
        assert_eq!(enclose(world, &token, large).refused("平台规则·公示异议").field, "files");
        assert_eq!(enclose(world, &token, b"name,mark".to_vec()).refused("平台规则·文件").field, "files");
        assert_eq!(enclose(world, "0123", PDF.to_vec()).status, StatusCode::NOT_FOUND);
        let kept = enclose(world, &token, PDF.to_vec()).done();
        let file = json!({"file": kept["hash"], "name": "示例二的录像截图.pdf"});
        let four = json!([file, file, file, file]);
        assert_eq!(object(world, &token, 2, &four).status, StatusCode::BAD_REQUEST, "three at most");
        let unknown = json!([{"file": "0".repeat(64), "name": "没有传过.pdf"}]);
        object(world, &token, 2, &unknown).refused("平台规则·文件");
        let roster = json!([{"file": world.keep(&held.clerk, b"a,b\n1,2\n"), "name": "名册.csv"}]);
        object(world, &token, 2, &roster).refused("平台规则·文件");
        let lodged = object(world, &token, 2, &json!([file])).done();
        // Five working days, the worked Sunday among them.
        assert_eq!((&lodged["due_on"], &lodged["files"]), (&json!("2026-09-23"), &json!(1)));
        let receipt = format!("/objection-receipts/{}", lodged["receipt"].as_str().expect("a receipt"));
        let standing = world.public(&receipt).done();
        assert_eq!((&standing["files"], &standing["due_on"]), (&json!(1), &json!("2026-09-23")));
        let waiting = tasks(world, &held.head);
        assert!(waiting.contains("处理公示异议") && waiting.contains("\"due_on\":\"2026-09-23\""), "{waiting}");

        // The evidence is for the body and its offices, sealed in name and content, and each look leaves a trace.
        let one = world.get(&held.head, &publicity(&held)).done()["objections"][0].clone();
        assert_eq!(one["files"][0]["name"], "示例二的录像截图.pdf");
        assert_eq!(world.count("SELECT COUNT(*) FROM objection_file WHERE name_sealed LIKE '%录像%'"), 0);
        assert_eq!(world.count("SELECT COUNT(*) FROM record WHERE fields LIKE '%录像截图%'"), 0);
        let path = format!("/objections/{}/enclosures/{}", one["id"], one["files"][0]["id"]);
        let before = world.count("SELECT COUNT(*) FROM sight");
        assert_eq!(world.get(&held.centre, &path).done()["name"], "示例二的录像截图.pdf");
        assert_eq!(world.count("SELECT COUNT(*) FROM sight"), before + 1);
        assert_eq!(world.public(&path).status, StatusCode::UNAUTHORIZED);
        let other = world.examined_batch(2, 0);
        world.on("2026-09-17");
        assert_eq!(world.get(&other.head, &path).status, StatusCode::NOT_FOUND);

        // Heard before it is decided, with signed minutes.
        world.on("2026-09-21");
        let hear = |held_on: &str, file: Value| {
            let fields = json!({"held_on": held_on, "present": "示例主任主持，示例二到场", "file": file, "file_name": "笔录.pdf"});
            world.post(&held.clerk, &format!("/objections/{}/hearings", one["id"]), fields)
        };
        assert_eq!(hear("2026-09-22", json!(world.keep(&held.clerk, PDF))).refused("2.2.3b").field, "held_on");
        assert_eq!(hear("2026-09-21", Value::Null).refused("2.2.3b").field, "file");
        hear("2026-09-21", json!(world.keep(&held.clerk, PDF))).done();
        assert_eq!(
            world.count("SELECT COUNT(*) FROM record WHERE act = 'NoteHearing' AND fields LIKE '%示例主任%'"),
            0
        );
        let seen = world.get(&held.centre, &publicity(&held)).done()["objections"][0].clone();
        assert_eq!(seen["hearings"][0]["present"], "示例主任主持，示例二到场");
        let minutes = format!("/objections/{}/hearings/{}", one["id"], seen["hearings"][0]["id"]);
        assert_eq!(world.get(&held.head, &minutes).done()["name"], "笔录.pdf");
        assert_eq!(world.public(&receipt).done()["heard_on"], json!(["2026-09-21"]));

        let reason = format!("{}与录像不符，联系电话 13900000000", name_of(1));
        let decision = json!({"upheld": true, "reason": reason, "effect": "exclude"});
        let decided = world.post(&held.head, &format!("/objections/{}/decision", one["id"]), decision).done();
        assert_eq!(decided["held"], true);
        hear("2026-09-21", json!(world.keep(&held.clerk, PDF))).refused("2.2.3b");
        let told = "示***与录像不符，联系电话 1********00";
        let public = world.public(&format!("/publicity/{token}")).done();
        assert_eq!((&public["decisions"][0]["decision"], &public["decisions"][0]["no"]), (&json!(told), &json!(2)));
        let page = world.page(None, &format!("/publicity/{token}")).text();
        assert!(page.contains(told) && page.contains("本批次不上报") && !page.contains(&name_of(1)), "{page}");
        let standing = world.public(&receipt).done();
        assert_eq!((&standing["decision"], &standing["effect"]), (&json!(told), &json!("exclude")));
        // Who was excluded is not let in by a change of marks, and nobody else waits.
        let change = json!({"candidate": held.candidates[1], "part": "theory", "outcome": "61", "reason": "合分时漏加第三题",
            "file": world.keep(&held.clerk, PDF), "file_name": "试卷.pdf", "objection": one["id"]});
        world.post(&held.clerk, &format!("/batches/{}/mark-changes", held.batch), change).refused("2.2.3b");
        world.on("2026-09-24");
        assert_eq!(world.public(&format!("/publicity/{token}")).done()["decisions"], json!([]), "gone with the list");
        let reported = world.post(&held.head, &format!("/batches/{}/report", held.batch), json!({})).done();
        assert_eq!(reported["reports"][0]["persons"], 2);
        enclose(world, &token, PDF.to_vec()).refused("2.2.3a");
    });
}

#[test]
fn s2_2_3b_an_objection_not_answered_in_time_shows_on_the_board_and_the_day_follows_the_term() {
    on_each_database("2026-08-31", |world| {
        let (held, token) = world.posted_batch(1, 2, &[]);
        let centre = world.officer("province-terms", Role::ProvincialCentre, "province-centre");
        let change =
            json!({"term": "objection_within", "value": 3, "from": "2026-09-18", "reason": "示例人社〔2026〕3号"});
        world.post(&centre, "/terms", change).done();
        let due = |no: i64| object(world, &token, no, &json!([])).done()["due_on"].clone();
        assert_eq!(due(1), "2026-09-23");
        world.on("2026-09-18");
        // Sunday the 20th is worked: Sunday, Monday, Tuesday.
        assert_eq!(due(2), "2026-09-22");
        let board = |world: &World| world.get(&held.centre, "/board").done();
        let line = |board: &Value| board["batches"][0].clone();
        world.on("2026-09-22");
        assert_eq!((&board(world)["late"], &line(&board(world))["next"]), (&json!(0), &json!("公示期满")));
        world.on("2026-09-23");
        let late = board(world);
        assert_eq!((&late["late"], &line(&late)["late"]), (&json!(1), &json!(true)));
        assert_eq!((&line(&late)["next"], &line(&late)["due_on"]), (&json!("答复公示异议"), &json!("2026-09-22")));
        assert_eq!(line(&late)["clause"], "2.2.3b");
        let seen = world.get(&held.head, &publicity(&held)).done();
        let overdue: Vec<bool> =
            seen["objections"].as_array().expect("two").iter().map(|one| one["is_late"] == true).collect();
        assert_eq!(overdue, [false, true]);
        assert!(world.page(Some(&held.head), &publicity(&held)).text().contains("逾期未答复"));
        let id = &seen["objections"][1]["id"];
        let decision = json!({"upheld": true, "reason": "登分有误", "effect": "change"});
        world.post(&held.head, &format!("/objections/{id}/decision"), decision).done();
        assert_eq!(board(world)["late"], 0);
        assert!(tasks(world, &held.clerk).contains("按异议结论更改成绩"));
    });
}

/// A form of the public, with a file or without.
fn multipart(world: &World, to: &str, texts: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Answer {
    world.upload(None, to, texts, file.map(|(name, bytes)| ("files", name, bytes)))
}

#[test]
fn s2_2_3a_the_public_form_keeps_the_file_that_came_with_it_when_something_else_is_wrong() {
    on_each_database("2026-08-31", |world| {
        let (_, token) = world.posted_batch(1, 2, &[]);
        let to = format!("/publicity/{token}/objections");
        let incomplete = [("no", "2"), ("reason", "实操当天他没有到场"), ("contact", "")];
        let wrong = multipart(world, &to, &incomplete, Some(("截图.pdf", PDF)));
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = wrong.text();
        assert!(text.contains("已上传：截图.pdf") && text.contains("实操当天他没有到场"), "{text}");
        let kept = text.split_once("name=\"kept\" value=\"").and_then(|(_, rest)| rest.split_once('"')).expect("it").0;
        let whole = [("no", "2"), ("reason", "实操当天他没有到场"), ("contact", "0591-00000009"), ("kept", kept)];
        let lodged = multipart(world, &to, &whole, None);
        assert_eq!(lodged.status, StatusCode::OK, "{}", lodged.text());
        assert!(lodged.text().contains("1 个文件") && lodged.text().contains("2026年9月23日"), "{}", lodged.text());
        let script = multipart(world, &to, &whole[..3], Some(("截图.pdf", b"<script>")));
        assert!(script.text().contains("文件不是 PDF、JPG 或 PNG"), "{}", script.text());
        assert_eq!(world.count("SELECT COUNT(*) FROM objection"), 1);
        // Larger than all that may come with an objection: said so, nobody is sent to sign in.
        let most = rules::terms::EVIDENCE_MAX * rules::terms::EVIDENCE_BYTES_MAX;
        let large = multipart(world, &to, &whole[..3], Some(("录像.pdf", &vec![b' '; most + 1_000_000])));
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(large.text().contains("15 MB"), "{}", large.text());
    });
}

#[test]
fn s2_2_4a_the_desk_looks_first_at_short_rooms_missing_sign_ins_and_assessors_far_apart() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 4, &[]);
        let run = |text: String| world.set(text.leak());
        let batch = held.batch;
        for (session, part, began, ended) in [(1, "theory", "09:00", "'09:40'"), (2, "practical", "09:00", "'17:00'")] {
            run(format!(
                "INSERT INTO exam_session (id, batch, no, part, held_on, begins, ends, room, first_seat, seats, seat_columns) VALUES ({session}, {batch}, {session}, '{part}', '2026-09-14', '09:00', '10:30', '示例考场', 1, 30, 0)"
            ));
            run(format!(
                "INSERT INTO conduct (session, batch, part, held_on, room, began, late, late_reason, began_at, began_by, ended, note) VALUES ({session}, {batch}, '{part}', '2026-09-14', '示例考场', '{began}', 0, '', 0, '', {ended}, '')"
            ));
        }
        // The first two sat in the short room; the third has no sign-in, the fourth one of afterwards.
        for (at, session, part, how) in [
            (0, 1, "theory", Some("list")),
            (1, 1, "theory", Some("ticket")),
            (2, 2, "practical", None),
            (3, 2, "practical", Some("correction")),
        ] {
            let candidate = held.candidates[at];
            run(format!(
                "INSERT INTO exam_place (candidate, part, session, seat) VALUES ({candidate}, '{part}', {session}, {at})"
            ));
            if let Some(how) = how {
                run(format!(
                    "INSERT INTO attendance (session, candidate, batch, part, state, how, noted_at, noted_by) VALUES ({session}, {candidate}, {batch}, '{part}', 'present', '{how}', 0, '')"
                ));
            }
        }
        let apart = held.candidates[3];
        run(format!(
            "INSERT INTO score_merge (candidate, part, mean, spread, reason, missing_reason, group_head, merged_at, merged_by) VALUES ({apart}, 'practical', 850, 125, '设备故障', '', '示例考三', 0, '')"
        ));
        let desk = world.get(&held.centre, &format!("/batches/{batch}/reports/1/desk")).done();
        let found = |at: usize| {
            let lines = desk["lines"].as_array().expect("lines");
            let line = lines.iter().find(|line| line["person"]["person"]["candidate"] == held.candidates[at]);
            let line = line.expect("the person");
            let of: Vec<String> = line["person"]["findings"]
                .as_array()
                .expect("findings")
                .iter()
                .filter(|one| ["short", "gap", "spread"].iter().any(|hint| one["hint"] == *hint))
                .map(|one| one["said"].as_str().expect("words").to_owned())
                .collect();
            of
        };
        assert_eq!(found(0), ["理论知识考试考场开考到结束 40 分钟，标准为 90 分钟"]);
        assert_eq!(found(1), found(0));
        assert_eq!(found(2), ["操作技能考核没有签到，却有成绩"]);
        assert_eq!(
            found(3),
            ["操作技能考核考评员之间相差 12.5 分，组长说明：设备故障", "操作技能考核签到是事后更正的"]
        );
        assert_eq!(desk["publicity_doubts"], json!(["没有登记校内张贴，只有网页公示"]));
        let page = format!("/batches/{batch}/reports/1/desk?hint=short");
        let page = world.page(Some(&held.centre), &page).text();
        assert!(page.contains("考试时间短（2）") || page.contains("考试时间短"), "{page}");
    });
}
