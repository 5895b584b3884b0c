//! Marks are checked by a second person, changed by two, kept for a make-up and reviewed; what changes after posting stands on
//! public notice by itself.

use axum::http::StatusCode;
use rules::people::Role;
use serde_json::{Value, json};

use crate::held::{Held, name_of, number_of};
use crate::stages::PDF;
use crate::world::{Answer, Person, World, on_each_database};

fn entry(held: &Held, at: usize, part: &str, outcome: &str) -> Value {
    json!({"candidate": held.candidates[at], "part": part, "outcome": outcome})
}

fn marks_path(held: &Held) -> String {
    format!("/batches/{}/marks", held.batch)
}

fn changes_path(held: &Held) -> String {
    format!("/batches/{}/mark-changes", held.batch)
}

/// Somebody proposes a change with evidence.
fn propose(world: &World, by: &Person, held: &Held, at: usize, part: &str, outcome: &str, more: Value) -> Answer {
    let file = world.keep(by, PDF);
    let mut fields = json!({
        "candidate": held.candidates[at], "part": part, "outcome": outcome, "reason": "合分时漏加第三题",
        "file": file, "file_name": "试卷.pdf",
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        fields[name] = value.clone();
    }
    world.post(by, &changes_path(held), fields)
}

fn answer(world: &World, by: &Person, held: &Held, change: &Value, agreed: bool, reason: &str) -> Answer {
    let path = format!("{}/{}/answer", changes_path(held), change["id"]);
    world.post(by, &path, json!({"agreed": agreed, "reason": reason}))
}

/// The mark of a candidate as the house shows it.
fn mark(world: &World, held: &Held, at: usize, part: usize) -> Value {
    world.get(&held.clerk, &marks_path(held)).done()["persons"][at]["marks"][part].clone()
}

#[test]
fn s1_5_1_marks_are_checked_by_another_person_before_they_are_posted() {
    on_each_database("2026-08-31", |world| {
        let held = world.entered_batch(1, 3, &[(2, "缺考", "缺考")]);
        let (confirm, post) =
            (format!("{}/confirmation", marks_path(&held)), format!("/batches/{}/publicity", held.batch));
        world.on("2026-09-17");
        let refused = world.post(&held.head, &post, json!({})).refused("2.2.3a");
        assert!(refused.what.contains("3 名考生的成绩还没有经第二人核对"), "{refused:?}");
        assert!(refused.remedy.contains("另一个账号"), "{refused:?}");
        let hindrance = world.get(&held.head, &post).done()["hindrance"].to_string();
        assert!(hindrance.contains("第二人核对"), "{hindrance}");

        // Nobody checks their own; the tasks say whose turn it is.
        let refused = world.post(&held.clerk, &confirm, json!({})).refused("平台规则·成绩核对");
        assert!(refused.remedy.contains("另一个账号"), "{refused:?}");
        let tasks = world.get(&held.head, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("核对成绩") && tasks.contains("6 科次"), "{tasks}");
        assert!(!tasks.contains("公示认定结果"), "{tasks}");

        // What changed since it was seen is not confirmed unseen.
        let seen = world.get(&held.head, &marks_path(&held)).done()["seen"].clone();
        world.post(&held.clerk, &marks_path(&held), json!({"entries": [entry(&held, 0, "theory", "81")]})).done();
        world.post(&held.head, &confirm, json!({"seen": seen})).refused("平台规则·成绩核对");
        let some = json!({"candidates": [held.candidates[0]]});
        assert_eq!(world.post(&held.head, &confirm, some).done()["confirmed"], 2);
        let seen = world.get(&held.head, &marks_path(&held)).done()["seen"].clone();
        assert_eq!(world.post(&held.head, &confirm, json!({"seen": seen})).done()["confirmed"], 4);
        world.post(&held.head, &confirm, json!({})).refused("平台规则·成绩核对");
        let shown = mark(world, &held, 0, 0);
        assert!(shown["trace"].as_str().expect("a trace").contains("核对确认"), "{shown}");

        // A confirmed mark is not entered over, by hand or by a sheet; the same again changes nothing.
        let over = json!({"entries": [entry(&held, 0, "theory", "82")]});
        let refused = world.post(&held.clerk, &marks_path(&held), over).refused("3.3.1");
        assert!(refused.remedy.contains("成绩更改"), "{refused:?}");
        let row = |mark: &str| vec![name_of(0), number_of(0), mark.to_owned(), "85".to_owned()];
        let sheet = |mark: &str| {
            let bytes = sheets::table("成绩", &["姓名", "证件号码", "理论成绩", "实操成绩"], [row(mark)]);
            let file = world.keep(&held.clerk, &bytes.expect("a workbook"));
            let upload = json!({"file": file, "name": "成绩.xlsx"});
            world.post(&held.clerk, &format!("{}/uploads", marks_path(&held)), upload).done()
        };
        let read = sheet("82");
        assert_eq!((&read["changed"], &read["findings"][0]["kind"]), (&json!(0), &json!("mark_confirmed")), "{read}");
        assert_eq!(sheet("81")["unchanged"], 2);
        world.post(&held.head, &post, json!({})).done();
    });
}

#[test]
fn s1_5_1_marks_entered_twice_and_blind_are_confirmed_where_both_agree() {
    on_each_database("2026-08-31", |world| {
        let held = world.entered_batch(1, 2, &[(1, "59", "88")]);
        let second = format!("{}/second-entry", marks_path(&held));
        let enter = |by: &Person, entries: &[(usize, &str, &str)]| {
            let entries: Vec<Value> = entries.iter().map(|(at, part, mark)| entry(&held, *at, part, mark)).collect();
            world.post(by, &second, json!({"entries": entries}))
        };
        // The page does not show what was entered first.
        let page = world.page(Some(&held.head), &second).text();
        assert!(
            page.contains(&name_of(1)) && !page.contains("value=\"59\"") && !page.contains("value=\"88\""),
            "{page}"
        );
        enter(&held.clerk, &[(0, "theory", "80")]).refused("平台规则·成绩核对");
        enter(&held.head, &[]).refused("平台规则·成绩核对");
        let entries = [(0, "theory", "80"), (0, "practical", "85"), (1, "theory", "95"), (1, "practical", "88")];
        let compared = enter(&held.head, &entries).done();
        assert_eq!(compared["confirmed"], 3);
        let difference = &compared["differing"][0];
        assert_eq!(
            (&difference["name"], &difference["first"], &difference["second"]),
            (&json!(name_of(1)), &json!("59"), &json!("95"))
        );
        // Neither looking over nor posting gets past it.
        let refused = world
            .post(&held.head, &format!("{}/confirmation", marks_path(&held)), json!({}))
            .refused("平台规则·成绩核对");
        assert!(refused.what.contains("两次登记不一致") && refused.remedy.contains("原始试卷"), "{refused:?}");
        world.on("2026-09-17");
        world.post(&held.head, &format!("/batches/{}/publicity", held.batch), json!({})).refused("2.2.3a");
        assert_eq!(mark(world, &held, 1, 0)["differing"], "95");
        // The paper says 95: the clerk had it wrong, and both have said it now.
        world.post(&held.clerk, &marks_path(&held), json!({"entries": [entry(&held, 1, "theory", "95")]})).done();
        let shown = mark(world, &held, 1, 0);
        assert_eq!((&shown["checked"], &shown["differing"]), (&json!(true), &Value::Null), "{shown}");
        world.post(&held.head, &format!("/batches/{}/publicity", held.batch), json!({})).done();
    });
}

#[test]
fn s3_3_1_a_confirmed_mark_changes_by_two_persons_with_reason_and_evidence() {
    on_each_database("2026-08-31", |world| {
        let held = world.marked_batch(1, 2, &[(1, "58", "88")]);
        let change = |outcome: &str| propose(world, &held.clerk, &held, 1, "theory", outcome, json!({}));
        change("58").refused("3.3.1");
        propose(world, &held.clerk, &held, 1, "theory", "68", json!({"reason": "错"})).refused("3.3.1");
        let refused = propose(world, &held.clerk, &held, 1, "theory", "68", json!({"file": null})).refused("3.3.1");
        assert!(refused.remedy.contains("扫描件"), "{refused:?}");
        let made = change("68").done();
        change("69").refused("3.3.1");
        let refused = answer(world, &held.clerk, &held, &made, true, "").refused("3.3.1");
        assert!(refused.what.contains("本人提出") && refused.remedy.contains("另一个账号"), "{refused:?}");
        answer(world, &held.head, &held, &made, false, "").refused("3.3.1");
        assert_eq!(answer(world, &held.head, &held, &made, false, "试卷上就是 58").done()["state"], "declined");
        assert_eq!(mark(world, &held, 1, 0)["outcome"], "58");
        let made = change("67").done();
        assert_eq!(answer(world, &held.clerk, &held, &made, false, "").done()["state"], "withdrawn");
        let made = change("68").done();
        let tasks = |who: &Person| world.get(who, "/work").done()["tasks"].to_string();
        assert!(tasks(&held.head).contains("答复成绩更改"), "{}", tasks(&held.head));
        let done = answer(world, &held.head, &held, &made, true, "已核对试卷").done();
        assert_eq!((&done["state"], &done["corrected_until"]), (&json!("agreed"), &Value::Null));
        answer(world, &held.head, &held, &made, true, "").refused("3.3.1");

        // Its every value stays to be read, with both persons.
        let shown = mark(world, &held, 1, 0);
        assert_eq!((&shown["outcome"], &shown["checked"], &shown["changes"]), (&json!("68"), &json!(true), &json!(1)));
        let look = format!("{}?candidate={}", changes_path(&held), held.candidates[1]);
        let seen = world.get(&held.centre, &look).done();
        let steps = seen["subject"]["steps"].as_array().expect("steps").clone();
        assert_eq!((&steps[1]["before"], &steps[1]["after"]), (&json!("58"), &json!("68")), "{steps:?}");
        assert_eq!((&steps[1]["by"], &steps[1]["agreed_by"]), (&json!("示例机构经办人"), &json!("示例机构负责人")));
        assert_eq!(steps[1]["reason"], "合分时漏加第三题");
        let evidence = world.page(Some(&held.centre), &format!("{}/{}/file", changes_path(&held), made["id"]));
        assert_eq!((evidence.status, evidence.bytes.as_slice()), (StatusCode::OK, PDF));
        assert_eq!(world.get(&held.head, &format!("/batches/{}", held.batch)).done()["counts"]["passed"], 2);

        // A mark that nobody confirmed is simply put right; others have no business here.
        let open = world.entered_batch(2, 1, &[]);
        propose(world, &open.clerk, &open, 0, "theory", "81", json!({})).refused("平台规则·成绩核对");
        let path = changes_path(&held);
        assert_eq!(world.get(&open.head, &path).status, StatusCode::NOT_FOUND);
        assert_eq!(world.page(Some(&open.head), &path).status, StatusCode::NOT_FOUND);
        assert_eq!(answer(world, &open.head, &held, &made, true, "").status, StatusCode::NOT_FOUND);
        for who in [&held.clerk, &held.head, &held.centre] {
            let page = world.page(Some(who), &look);
            assert_eq!(page.status, StatusCode::OK, "{}", page.text());
            assert!(page.text().contains("合分时漏加第三题"));
        }
    });
}

/// The batch's stage.
fn stage(world: &World, held: &Held) -> Value {
    world.get(&held.head, &format!("/batches/{}", held.batch)).done()["stage"].clone()
}

fn report(world: &World, held: &Held) -> Answer {
    world.post(&held.head, &format!("/batches/{}/report", held.batch), json!({}))
}

#[test]
fn s2_2_3a_a_result_that_changes_after_posting_is_public_for_its_own_five_days() {
    on_each_database("2026-08-31", |world| {
        let (held, token) = world.posted_batch(1, 3, &[(1, "58", "88"), (2, "90", "50")]);
        // A review finds points that were not counted; two persons change the mark.
        let ask = |number: &str, part: &str| {
            let fields = json!({"name": name_of(1), "id_number": number, "part": part, "scope": "addition",
                "reason": "理论第三题没有计分", "contact": "0591-00000009"});
            world.call(None, axum::http::Method::POST, &format!("/publicity/{token}/mark-reviews"), Some(fields))
        };
        ask(&number_of(2), "theory").refused("平台规则·成绩复核");
        let asked = ask(&number_of(1), "theory").done();
        assert_eq!(asked["due_on"], "2026-09-23");
        ask(&number_of(1), "theory").refused("平台规则·成绩复核");
        let receipt = asked["receipt"].as_str().expect("a receipt").to_owned();
        assert!(receipt.starts_with("FH20260917-0001-"), "{receipt}");
        assert!(
            world.text("SELECT fields FROM record WHERE act = 'AskMarkReview' AND refused IS NULL").contains("***")
        );
        assert_eq!(world.count("SELECT COUNT(*) FROM candidate WHERE held = 1"), 0, "a review holds nobody");
        let tasks = world.get(&held.clerk, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("成绩复核") && tasks.contains("2026-09-23"), "{tasks}");

        let seen = world.get(&held.head, &changes_path(&held)).done();
        let review = &seen["reviews"][0];
        assert_eq!((&review["name"], &review["contact"]), (&json!(name_of(1)), &json!("0591-00000009")));
        assert_eq!(world.get(&held.centre, &changes_path(&held)).done()["reviews"][0]["contact"], "");
        let names = json!({"mark_review": review["id"]});
        propose(world, &held.clerk, &held, 2, "theory", "91", names.clone()).refused("平台规则·成绩复核");
        let made = propose(world, &held.clerk, &held, 1, "theory", "68", names).done();
        world.on("2026-09-21");
        let done = answer(world, &held.head, &held, &made, true, "已核对").done();
        assert_eq!(done["corrected_until"], "2026-09-29", "the 25th, 26th and 27th are holidays");
        let standing = world.public(&format!("/mark-review-receipts/{receipt}")).done();
        assert_eq!(standing["state"], "changed");
        assert!(standing["answer"].as_str().expect("an answer").contains("由 58 更改为 68"), "{standing}");
        assert!(!standing.to_string().contains(&name_of(1)));
        assert!(world.page(None, &format!("/mark-reviews?receipt={receipt}")).text().contains("已更改"));

        // What was posted stays as it was posted; beside it stands what it was corrected to.
        let public = world.public(&format!("/publicity/{token}")).done();
        assert_eq!(public["rows"][1]["verdict"], "failed");
        let correction = &public["corrections"][0];
        assert_eq!((&correction["line"]["no"], &correction["line"]["verdict"]), (&json!(2), &json!("passed")));
        // The correction is a sheet to hang up, too.
        let sheet = world.page(Some(&held.clerk), &format!("/batches/{}/corrections.pdf", held.batch));
        assert_eq!(sheet.status, StatusCode::OK, "{}", sheet.text());
        assert!(sheet.bytes.starts_with(b"%PDF") && sheet.bytes.len() > 1000);
        assert!(!public.to_string().contains(&name_of(1)));
        assert_eq!(world.get(&held.head, &format!("/batches/{}/publicity", held.batch)).done()["intact"], true);

        // The list goes; the correction stays its own days, and holds its one person.
        world.on("2026-09-24");
        let page = world.page(None, &format!("/publicity/{token}"));
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("更正") && page.text().contains("已撤下"), "{}", page.text());
        assert!(world.page(None, "/publicity").text().contains("（更正）"));
        let reported = report(world, &held).done();
        assert_eq!((&reported["reports"][0]["persons"], &reported["held"]), (&json!(2), &json!(1)));
        report(world, &held).refused("2.2.3b");
        world.on("2026-09-29");
        report(world, &held).refused("2.2.3b");
        assert!(!world.get(&held.head, "/work").done()["tasks"].to_string().contains("补充上报"));
        world.on("2026-09-30");
        assert_eq!(world.page(None, &format!("/publicity/{token}")).status, StatusCode::GONE);
        let tasks = world.get(&held.head, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("补充上报"), "{tasks}");
        let reported = report(world, &held).done();
        assert_eq!((&reported["reports"][0]["passed"], &reported["reports"][0]["late"]), (&json!(1), &json!(false)));

        // Who passed and is with the centre is returned first; who did not pass can still be put right.
        let refused = propose(world, &held.clerk, &held, 0, "theory", "50", json!({})).refused("3.3.1");
        assert!(refused.remedy.contains("退回"), "{refused:?}");
        let made = propose(world, &held.clerk, &held, 2, "practical", "60", json!({})).done();
        answer(world, &held.head, &held, &made, true, "").done();
        // The others go on with the centre; this one is reported again after the correction.
        assert_eq!(stage(world, &held), "reported");
        assert_eq!(world.count("SELECT COUNT(*) FROM candidate WHERE report IS NULL AND verdict = 'passed'"), 1);
    });
}

#[test]
fn s2_2_3b_an_upheld_objection_is_carried_out_by_a_change_and_holds_no_longer() {
    on_each_database("2026-08-31", |world| {
        let (held, token) = world.posted_batch(1, 2, &[]);
        let object = |reason: &str| {
            let fields = json!({"no": 2, "reason": reason, "contact": "0591-00000009"});
            world.call(None, axum::http::Method::POST, &format!("/publicity/{token}/objections"), Some(fields))
        };
        object("他的实操不是本人做的").done();
        let seen = world.get(&held.head, &format!("/batches/{}/publicity", held.batch)).done();
        let objection = seen["objections"][0]["id"].clone();
        let names = json!({"objection": objection, "reason": "查看录像，实操由他人代做"});
        propose(world, &held.clerk, &held, 1, "practical", "违纪", names.clone()).refused("2.2.3b");
        world.on("2026-09-18");
        world
            .post(
                &held.head,
                &format!("/objections/{objection}/decision"),
                json!({"upheld": true, "reason": "录像属实"}),
            )
            .done();
        assert!(
            world
                .page(Some(&held.head), &format!("/batches/{}/publicity", held.batch))
                .text()
                .contains("更改该考生的成绩")
        );
        let made = propose(world, &held.clerk, &held, 1, "practical", "违纪", names).done();
        answer(world, &held.head, &held, &made, true, "录像属实").done();
        assert_eq!(world.count("SELECT COUNT(*) FROM candidate WHERE held = 1"), 0);
        // The corrected result can be objected to in its own days, also when the list is gone.
        world.on("2026-09-24");
        let again = object("处理过重，只代做了一项").done();
        assert!(again["receipt"].as_str().is_some_and(|receipt| receipt.starts_with("YY20260924")), "{again}");
        let seen = world.get(&held.head, &format!("/batches/{}/publicity", held.batch)).done();
        let objection = &seen["objections"][0]["id"];
        let decided = world
            .post(&held.head, &format!("/objections/{objection}/decision"), json!({"upheld": false, "reason": "维持"}))
            .done();
        assert_eq!(decided["held"], false, "what was carried out holds no longer");
        world.on("2026-09-25");
        let reported = report(world, &held).done();
        assert_eq!(reported["reports"][0]["persons"], 2);
        let view = world.get(&held.centre, &format!("/batches/{}/report", held.batch)).done();
        assert_eq!(view["persons"][1]["person"]["verdict"], "violation");
        assert_eq!(view["for_review"], 1);
    });
}

#[test]
fn s1_5_1_a_review_of_marks_is_answered_by_another_than_who_entered_them() {
    on_each_database("2026-08-31", |world| {
        let (held, token) = world.posted_batch(1, 1, &[(0, "58", "88")]);
        let page = format!("/publicity/{token}/mark-reviews");
        let number = number_of(0);
        let name = name_of(0);
        let form = [
            ("name", name.as_str()),
            ("id_number", number.as_str()),
            ("part", "theory"),
            ("scope", "missed"),
            ("reason", "最后一题没有评分"),
            ("contact", "0591-00000009"),
        ];
        assert!(world.page(None, &page).text().contains("申请成绩复核"));
        let missing = world.submit(None, &page, &page, &form[..1]);
        assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(missing.text().contains(&name), "what was typed is kept");
        let asked = world.submit(None, &page, &page, &form);
        assert!(asked.status == StatusCode::OK && asked.text().contains("FH20260917-0001"), "{}", asked.text());
        let review = world.get(&held.head, &changes_path(&held)).done()["reviews"][0]["id"].clone();
        let leave = |by: &Person, text: &str| {
            world.post(by, &format!("/batches/{}/mark-reviews/{review}/answer", held.batch), json!({"answer": text}))
        };
        let refused = leave(&held.clerk, "已核对").refused("平台规则·成绩复核");
        assert!(refused.remedy.contains("另一个账号"), "{refused:?}");
        leave(&held.head, " ").refused("平台规则·成绩复核");
        assert_eq!(leave(&held.head, "逐题核对，没有漏评").done()["state"], "unchanged");
        leave(&held.head, "再答一次").refused("平台规则·成绩复核");
        assert_eq!(mark(world, &held, 0, 0)["outcome"], "58");
        // Only while the results are public.
        world.on("2026-09-24");
        let late = json!({"name": name_of(0), "id_number": number_of(0), "part": "practical", "scope": "entry",
            "reason": "登记有误", "contact": "0591-00000009"});
        world.call(None, axum::http::Method::POST, &page, Some(late)).refused("平台规则·成绩复核");
    });
}

/// A second batch of the same school, examined half a year later by the same candidates.
fn next_batch(world: &World, held: &Held, school: &crate::stages::School, start: &str, day: &str) -> Held {
    let batch = world.notified_batch(school, start);
    let candidates = world.register(batch, held.candidates.len());
    world.on(day);
    let (clerk, head, centre) = (held.clerk.clone(), held.head.clone(), held.centre.clone());
    Held { batch, clerk, head, centre, candidates }
}

#[test]
fn s1_5_1_a_passed_part_is_kept_for_one_make_up() {
    on_each_database("2026-08-31", |world| {
        let (held, school) = world.examined_at_school(1, 4);
        let others = [(0, "80", "85"), (1, "70", "50"), (2, "50", "50"), (3, "缺考", "90")];
        let entries: Vec<Value> = others
            .iter()
            .flat_map(|(at, theory, practical)| {
                [entry(&held, *at, "theory", theory), entry(&held, *at, "practical", practical)]
            })
            .collect();
        world.post(&held.clerk, &marks_path(&held), json!({"entries": entries})).done();
        world.confirm_marks(&held.head, held.batch);
        world.on("2026-09-17");
        world.post(&held.head, &format!("/batches/{}/publicity", held.batch), json!({})).done();
        let keep = |held: &Held| world.post(&held.clerk, &format!("{}/kept", marks_path(held)), json!({}));
        keep(&held).refused("2.2.3a");
        // Before publicity is over nothing of it is final.
        world.on("2026-09-18");
        let make_up = next_batch(world, &held, &school, "2026-10-12", "2026-09-21");
        keep(&make_up).refused("1.5.1");
        world.on("2026-09-24");
        let seen = world.get(&make_up.clerk, &marks_path(&make_up)).done();
        let keepable: Vec<(&str, &str)> = seen["keepable"]
            .as_array()
            .expect("keepable")
            .iter()
            .map(|one| (one["name"].as_str().unwrap(), one["part"].as_str().unwrap()))
            .collect();
        assert_eq!(keepable, [(name_of(1).as_str(), "theory"), (name_of(3).as_str(), "practical")]);
        assert_eq!(seen["keepable"][0]["good_until"], "2028-09-14");
        assert_eq!(seen["keepable"][1]["reached_on"], "2026-09-15");
        assert!(world.page(Some(&make_up.clerk), &marks_path(&make_up)).text().contains("采用 2 科次保留成绩"));
        let kept = keep(&make_up).done();
        assert_eq!((&kept["persons"], &kept["marks"]), (&json!(2), &json!(2)));
        keep(&make_up).refused("1.5.1");
        let shown = mark(world, &make_up, 1, 0);
        assert_eq!((&shown["outcome"], &shown["note"]), (&json!("70"), &json!("保留成绩（PC2026-0001，2026-09-14）")));
        // Keeping marks nobody: a person can still be withdrawn, the batch called off; what is kept is not marked anew.
        let withdraw = format!("/candidates/{}/withdrawal", make_up.candidates[3]);
        world.post(&make_up.clerk, &withdraw, json!({"reason": "本次不参加"})).done();
        world.on("2026-10-14");
        let over = json!({"entries": [entry(&make_up, 1, "theory", "90")]});
        world.post(&make_up.clerk, &marks_path(&make_up), over).refused("3.3.1");
        propose(world, &make_up.clerk, &make_up, 1, "theory", "90", json!({})).refused("1.5.1");

        // Only the failed part is marked; both make the verdict, and everybody sees where the kept one is from.
        let entries = [
            (0, "theory", "60"),
            (0, "practical", "60"),
            (1, "practical", "65"),
            (2, "theory", "66"),
            (2, "practical", "58"),
        ];
        let entries: Vec<Value> = entries.iter().map(|(at, part, mark)| entry(&make_up, *at, part, mark)).collect();
        world.post(&make_up.clerk, &marks_path(&make_up), json!({"entries": entries})).done();
        world.confirm_marks(&make_up.head, make_up.batch);
        world.photograph(&make_up, &[0, 1]);
        let posted = world.post(&make_up.head, &format!("/batches/{}/publicity", make_up.batch), json!({})).done();
        let public = world.public(&format!("/publicity/{}", posted["token"].as_str().unwrap())).done();
        assert_eq!(public["rows"][1]["verdict"], "passed");
        assert_eq!(public["rows"][1]["marks"][0]["note"], "保留成绩（PC2026-0001，2026-09-14）");
        assert_eq!(public["rows"][0]["marks"][0]["note"], "");
        assert_eq!(world.get(&held.head, &format!("/batches/{}/publicity", make_up.batch)).done()["intact"], true);
        world.on("2026-10-22");
        report(world, &make_up).done();
        let view = world.get(&held.centre, &format!("/batches/{}/report", make_up.batch)).done();
        assert_eq!(view["persons"][1]["person"]["marks"][0]["note"], "保留成绩（PC2026-0001，2026-09-14）");
        world
            .post(
                &held.centre,
                &format!("/batches/{}/reports/1/reviews", make_up.batch),
                json!({"rest": true, "approved": true}),
            )
            .done();
        world.post(&held.head, &format!("/batches/{}/certificates", make_up.batch), json!({"candidates": null})).done();
        let certificate = world
            .text(&format!("SELECT CAST(id AS TEXT) FROM certificate WHERE candidate = {}", make_up.candidates[1]));
        let chain = world.get(&held.centre, &format!("/certificates/{certificate}/chain")).done();
        assert_eq!(
            (&chain["marks"][0]["kept_from"]["number"], &chain["marks"][0]["source"]),
            (&json!("PC2026-0001"), &json!("kept"))
        );
        assert!(
            world.page(Some(&held.centre), &format!("/certificates/{certificate}/chain")).text().contains("保留成绩")
        );

        // The third person has one part now; it is kept once, and a second failing ends it.
        let third = next_batch(world, &held, &school, "2026-11-16", "2026-11-18");
        let seen = world.get(&third.clerk, &marks_path(&third)).done();
        assert_eq!(seen["keepable"].as_array().expect("keepable").len(), 2, "{}", seen["keepable"]);
        assert_eq!(
            (&seen["keepable"][0]["name"], &seen["keepable"][0]["batch_number"]),
            (&json!(name_of(2)), &json!("PC2026-0002"))
        );
        keep(&third).done();
        let entries = [
            (0, "theory", "60"),
            (0, "practical", "60"),
            (1, "theory", "60"),
            (1, "practical", "60"),
            (2, "practical", "40"),
            (3, "theory", "60"),
        ];
        let entries: Vec<Value> = entries.iter().map(|(at, part, mark)| entry(&third, *at, part, mark)).collect();
        world.post(&third.clerk, &marks_path(&third), json!({"entries": entries})).done();
        world.confirm_marks(&third.head, third.batch);
        world.post(&third.head, &format!("/batches/{}/publicity", third.batch), json!({})).done();
        world.on("2026-11-30");
        let fourth = next_batch(world, &held, &school, "2026-12-15", "2026-12-17");
        let seen = world.get(&fourth.clerk, &marks_path(&fourth)).done();
        assert_eq!(seen["keepable"], json!([]), "one make-up, not two");
    });
}

#[test]
fn house_pages_of_marks_say_whose_turn_it_is() {
    on_each_database("2026-08-31", |world| {
        let held = world.entered_batch(1, 120, &[]);
        let second = world.person_of(
            "clerk-two",
            Role::Clerk,
            world.get(&held.head, &format!("/batches/{}", held.batch)).done()["body"].as_i64().unwrap(),
        );
        let (marks, confirmation) = (marks_path(&held), format!("{}/confirmation", marks_path(&held)));
        assert!(world.page(Some(&held.clerk), &marks).text().contains("待另一个账号核对"));
        assert!(world.page(Some(&held.clerk), &confirmation).text().contains("没有待您核对的成绩"));
        assert!(world.page(Some(&second), &marks).text().contains("240 科次待您核对"));
        let page = world.page(Some(&second), &confirmation).text();
        assert!(page.contains("全部 120 人已核对，一并确认") && page.contains(&name_of(99)), "{page}");
        let none = world.submit(Some(&second), &confirmation, &confirmation, &[]);
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        let one = held.candidates[0].to_string();
        let seen = page
            .split_once("name=\"seen\" value=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .expect("a digest")
            .0
            .to_owned();
        let done = world.submit(Some(&second), &confirmation, &confirmation, &[("candidate", &one), ("seen", &seen)]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let stale = world.submit(Some(&second), &confirmation, &confirmation, &[("all", "yes"), ("seen", &seen)]);
        assert!(
            stale.status == StatusCode::UNPROCESSABLE_ENTITY && stale.text().contains("有变动"),
            "{}",
            stale.text()
        );
        let blind = format!("{}/second-entry", marks_path(&held));
        let cell = format!("m-{}-theory", held.candidates[1]);
        let done = world.submit(Some(&second), &blind, &blind, &[(&cell, "80")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let done = world.submit(Some(&second), &confirmation, &confirmation, &[("all", "yes")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        assert!(world.page(Some(&held.head), &marks).text().contains("成绩已齐并经核对"));
        assert!(!world.page(Some(&held.centre), &confirmation).text().contains("一并确认"));
    });
}
