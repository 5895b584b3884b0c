//! 三（五）: what a body lays down for exam affairs, quality, certificates and fees is public, in versions; without it no
//! batch is held. 三（一）: who is in charge of a body, and what happens when it moves.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stages::{PDF, School, TRADES, batch_fields};
use crate::world::{Person, World, on_each_database};

fn public(world: &World, school: &School, rest: &str) -> Value {
    world.public(&format!("/directory/{}/regulations{rest}", school.number)).done()
}

/// The version of a kind that holds on a day: its number, or none.
fn in_force(world: &World, school: &School, kind: &str, on: &str) -> Option<i64> {
    let view = public(world, school, &format!("?on={on}"));
    let kinds = view["kinds"].as_array().expect("kinds").clone();
    kinds.iter().find(|one| one["kind"] == kind).expect("the kind")["in_force"]["no"].as_i64()
}

fn version(kind: &str, text: &str, from: &str) -> Value {
    json!({"kind": kind, "title": "示例城职业技能等级认定管理办法", "text": text, "files": [], "from": from, "until": null, "note": ""})
}

fn publish(world: &World, school: &School, fields: Value) -> i64 {
    world.post(&school.head, "/regulations", fields).done()["id"].as_i64().expect("an id")
}

#[test]
fn s3_5_1_the_four_of_a_filing_become_public_on_the_day_of_its_listing() {
    on_each_database("2026-08-31", |world| {
        let mut draft = world.new_school("示例乡", "city", "350102");
        world.fill_filing(&mut draft);
        let page = world.page(Some(&draft.clerk), &format!("/filings/{}/materials", draft.filing)).text();
        assert!(page.contains("列入目录时向社会公开"), "{page}");
        let early = world.post(&draft.head, "/regulations", version("fee", "第一条", "2026-08-31")).refused("3.5.1");
        assert!(early.what.contains("还没有列入机构目录"), "{}", early.what);

        let school = world.filed_school("示例城");
        let view = public(world, &school, "");
        assert_eq!((&view["missing"], &view["fees"]), (&json!([]), &json!([])));
        for kind in ["exam", "quality", "certificate", "fee"] {
            assert_eq!(in_force(world, &school, kind, "2026-08-31"), Some(1), "{kind}");
            assert_eq!(in_force(world, &school, kind, "2026-08-30"), None, "{kind}");
        }
        // Anyone reads them, at an address that stays.
        let held = &view["kinds"][0]["in_force"];
        assert_eq!((&held["title"], &held["is_from_filing"]), (&json!("考务管理办法"), &json!(true)));
        let path = format!("/directory/{}/regulations/{}", school.number, held["id"]);
        let file = world.page(None, &format!("{path}/files/1"));
        assert_eq!((file.status, file.bytes.as_slice()), (StatusCode::OK, PDF));
        assert_eq!(world.public(&format!("{path}/files/1")).bytes, PDF);
        assert_eq!(world.page(None, &format!("{path}/files/2")).status, StatusCode::NOT_FOUND);
        let page = world.page(None, &path).text();
        assert!(page.contains("随备案公布") && page.contains("考务管理办法.pdf"), "{page}");
        let entry = world.page(None, &format!("/directory/{}", school.number)).text();
        assert!(entry.contains("证书管理办法") && !entry.contains("没有施行的"), "{entry}");
        let page = world.page(None, &format!("/directory/{}/regulations", school.number)).text();
        assert!(page.contains("没有公布收费项目表"), "{page}");
        // What was never listed has no public page, and another's version doesn't stand under one's own number.
        let other = world.filed_school("示例海");
        let foreign = format!("/directory/{}/regulations/{}", other.number, held["id"]);
        assert_eq!(world.page(None, &foreign).status, StatusCode::NOT_FOUND);
        assert_eq!(world.public("/directory/Y000035999999/regulations").status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn s3_5_1_whose_filing_was_listed_before_has_its_four_public_since_then() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let before = public(world, &school, "?on=2026-09-30");
        world.set("DELETE FROM regulation_file");
        world.set("DELETE FROM regulation");
        world.on("2026-09-30");
        assert_eq!(public(world, &school, "")["missing"].as_array().map(Vec::len), Some(4));
        let step = office::db::SCHEMA.iter().find(|step| step.contains("CREATE TABLE regulation ")).expect("the step");
        for insert in step.split(";\n").filter_map(|part| part.find("INSERT INTO").map(|at| &part[at..])) {
            world.set(insert);
        }
        assert_eq!(public(world, &school, ""), before);
    });
}

#[test]
fn s3_5_1_versions_follow_one_another_and_nothing_is_overwritten() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let other = world.filed_school("示例乡");
        let old = "第一条 收费公开。\n第二条 理论考试每人60元。";
        let new = "第一条 收费公开。\n第二条 理论考试每人70元。\n第三条 家庭困难的学生减半收费。";
        let clerk =
            world.call(Some(&school.clerk), Method::POST, "/regulations", Some(version("fee", old, "2026-10-09")));
        assert_eq!(clerk.status, StatusCode::FORBIDDEN);
        let early = world.post(&school.head, "/regulations", version("fee", old, "2026-08-30")).refused("3.5.1");
        assert!(early.remedy.contains("2026-08-31"), "{}", early.remedy);
        world.post(&school.head, "/regulations", version("fee", " ", "2026-10-09")).refused("3.5.1");
        world.post(&school.head, "/regulations", version("fee_table", old, "2026-10-09")).refused("3.5.1");
        let second = publish(world, &school, version("fee", old, "2026-10-09"));
        let third = publish(world, &school, version("fee", new, "2027-01-04"));
        for (on, no) in [("2026-08-31", 1), ("2026-10-08", 1), ("2026-10-09", 2), ("2027-01-03", 2), ("2027-01-04", 3)]
        {
            assert_eq!(in_force(world, &school, "fee", on), Some(no), "{on}");
        }
        world.on("2026-08-31");
        let message = world.get(&school.centre, "/work").done()["messages"].to_string();
        assert!(message.contains("公布收费管理办法"), "{message}");

        // What the third says differently from the second, in words; the first is a file and can't be compared.
        let path = |id: i64| format!("/{id}/difference");
        let difference = public(world, &school, &path(third));
        assert_eq!((&difference["earlier"]["no"], &difference["later"]["no"]), (&json!(2), &json!(3)));
        let kinds: Vec<_> = difference["lines"].as_array().expect("lines").iter().map(|line| &line["kind"]).collect();
        assert_eq!(kinds, ["same", "changed", "added"]);
        assert_eq!(public(world, &school, &format!("{}?with={third}", path(second)))["lines"], difference["lines"]);
        assert_eq!(public(world, &school, &path(second))["is_comparable"], json!(false));
        let page = world.page(None, &format!("/directory/{}/regulations{}", school.number, path(third))).text();
        assert!(page.contains("<del>6</del><ins>7</ins>0元") && page.contains("<ins>第三条"), "{page}");
        let none = world.public(&format!("/directory/{}/regulations/{second}/difference?with={second}", school.number));
        assert_eq!(none.status, StatusCode::NOT_FOUND);

        // What is withdrawn stays to be read, with the reason; and what never held took nobody's place.
        let withdraw = |person, id: i64, reason: &str| {
            world.call(
                Some(person),
                Method::POST,
                &format!("/regulations/{id}/withdrawal"),
                Some(json!({"reason": reason})),
            )
        };
        assert_eq!(withdraw(&other.head, third, "不再施行").status, StatusCode::NOT_FOUND);
        withdraw(&school.head, third, " ").refused("3.5.1");
        withdraw(&school.head, third, "与物价部门意见不一致").done();
        withdraw(&school.head, third, "再次废止").refused("3.5.1");
        assert_eq!(in_force(world, &school, "fee", "2027-01-04"), Some(2));
        let page = world.page(None, &format!("/directory/{}/regulations/{third}", school.number)).text();
        assert!(page.contains("已废止") && page.contains("与物价部门意见不一致") && page.contains("减半"), "{page}");
        world.on("2026-10-09");
        withdraw(&school.head, second, "另行制定").done();
        assert_eq!(in_force(world, &school, "fee", "2026-10-09"), Some(2));
        assert_eq!(in_force(world, &school, "fee", "2026-10-10"), None);
        assert_eq!(in_force(world, &school, "fee", "2026-10-08"), Some(1), "the past stays");
        assert_eq!(world.count("SELECT COUNT(*) FROM regulation WHERE kind = 'fee'"), 4);
    });
}

#[test]
fn s3_5_1_a_version_is_published_and_withdrawn_on_pages() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let head = Some(&school.head);
        let form = [
            ("kind", "exam"),
            ("title", "示例城考务管理办法"),
            ("text", "第一条 考场按标准设置。\n第二条 <b>监考</b>两人。"),
            ("from", "2026-08-30"),
        ];
        let refused = world.submit(head, "/regulations/new", "/regulations/new", &form);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text();
        assert!(page.contains("公布之前不能施行") && page.contains("第一条 考场按标准设置。"), "{page}");
        let mut good = form;
        good[3].1 = "2026-09-07";
        assert_eq!(world.submit(head, "/regulations/new", "/regulations/new", &good).status, StatusCode::SEE_OTHER);
        let own = world.get(&school.head, "/regulations").done();
        let id = own["kinds"][0]["versions"][0]["id"].clone();
        let page = world.page(None, &format!("/directory/{}/regulations/{id}", school.number)).text();
        assert!(page.contains("尚未施行") && page.contains("&#60;b&#62;监考"), "{page}");
        let path = format!("/regulations/{id}/withdrawal");
        assert!(world.page(head, "/regulations").text().contains(&path));
        assert!(!world.page(Some(&school.clerk), "/regulations").text().contains(&path));
        assert_eq!(world.page(Some(&school.clerk), &path).status, StatusCode::FORBIDDEN);
        assert_eq!(world.submit(head, &path, &path, &[("reason", "")]).status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(world.submit(head, &path, &path, &[("reason", "重新征求意见")]).status, StatusCode::SEE_OTHER);
        let page = world.page(None, &format!("/directory/{}/regulations", school.number)).text();
        assert!(page.contains("废止原因：重新征求意见"), "{page}");
    });
}

#[test]
fn s3_5_1_a_later_filing_puts_nothing_in_the_place_of_what_the_body_has_published() {
    on_each_database("2026-06-01", |world| {
        let mut school = world.filed_school("示例城");
        let own = publish(world, &school, version("exam", "第一条 考场按标准设置。", "2026-06-01"));
        let before = public(world, &school, "")["kinds"].clone();
        // Filed again, for the public, with papers of the same four kinds.
        world.fill_filing(&mut school);
        let path = |part: &str| format!("/filings/{}/{part}", school.filing);
        let (trade, agreed) = (
            json!([{"trade": TRADES[0].0, "level": "4", "major": "烹饪专业", "capacity": 200, "for_public": true}]),
            json!([{"code": TRADES[0].0, "level": "4", "passed": true, "for_public": true}]),
        );
        world.post(&school.clerk, &path("people"), json!({"people": crate::stages::people(&TRADES[..1])})).done();
        world.post(&school.clerk, &path("sites"), json!({"sites": crate::stages::sites(&TRADES[..1])})).done();
        world.post(&school.clerk, &path("trades"), json!({"trades": trade})).done();
        world.submit_filing(&school);
        world.post(&school.centre, &path("acceptance"), json!({})).done();
        world.evaluate_filing(&school);
        world.post(&school.centre, &path("assessment"), json!({"decisions": agreed})).done();
        world.post(school.bureau.as_ref().expect("a bureau"), &path("consent"), json!({"opinion": ""})).done();
        world.post(&school.provincial_centre, &path("summary"), json!({})).done();
        world.list_filing(&mut school);
        let after = public(world, &school, "")["kinds"].clone();
        assert_eq!(after, before, "neither a version nor a file came with the second filing");
        assert_eq!((&after[0]["in_force"]["id"], &after[0]["in_force"]["no"]), (&json!(own), &json!(2)));
        assert_eq!(world.count("SELECT COUNT(*) FROM regulation"), 5);
    });
}

#[test]
fn s3_5_1_a_batch_is_refused_while_one_of_the_four_is_missing_on_its_first_day() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let far = world.filed_school_in("示例海", "city", "350203");
        let own = public(world, &school, "");
        let exam = own["kinds"][0]["in_force"]["id"].as_i64().expect("an id");
        let withdrawal = json!({"reason": "考务办法重新制定"});
        world.post(&school.head, &format!("/regulations/{exam}/withdrawal"), withdrawal).done();
        let trial = json!({"kind": "quality", "title": "质量管理办法（试行）", "text": "第一条", "files": [], "from": "2026-09-01", "until": "2026-10-09", "note": ""});
        world.post(&school.head, "/regulations", trial).done();

        // The form says so before anything is typed.
        let form = world.page(Some(&school.clerk), "/batches/new").text();
        assert!(form.contains("没有施行的考务管理办法") && form.contains("质量管理办法施行到"), "{form}");
        let refused = world.post(&school.clerk, "/batches", batch_fields("2026-09-21")).refused("3.5.1");
        assert_eq!(refused.what, "批次于 2026-09-21 开展，这一天考务管理办法已于 2026-08-31 废止");
        assert!(refused.remedy.contains("公布考务管理办法"), "{}", refused.remedy);
        let refused = world.post(&school.clerk, "/batches", batch_fields("2026-10-12")).refused("3.5.1");
        assert!(refused.what.contains("质量管理办法已于 2026-10-09 到期"), "{}", refused.what);

        world.on("2026-09-01");
        let work = world.get(&school.head, "/work").done()["tasks"].to_string();
        assert!(work.contains("公布考务管理办法") && !work.contains("质量管理办法将到期"), "{work}");
        let overview = |person| world.get(person, "/regulation-overview").done();
        let seen = overview(&school.centre);
        assert_eq!((&seen["total"], &seen["lacking"]), (&json!(1), &json!(1)));
        assert!(seen["bodies"][0]["missing"][0].as_str().expect("a text").contains("考务管理办法"), "{seen}");
        assert_eq!(overview(&far.centre)["lacking"], json!(0));
        assert_eq!(overview(&school.department)["total"], json!(2));
        assert_eq!(
            world.get(&far.centre, &format!("/bodies/{}/regulations", school.body)).status,
            StatusCode::NOT_FOUND
        );
        let page = world.page(Some(&school.centre), "/regulations").text();
        assert!(page.contains("有缺") && page.contains("考务管理办法"), "{page}");
        let entry = world.page(None, &format!("/directory/{}", school.number)).text();
        assert!(entry.contains("没有施行的：</strong>考务管理办法"), "{entry}");

        // Once a version holds by the first day, the batch is taken.
        publish(world, &school, version("exam", "第一条 考场按标准设置。", "2026-09-21"));
        world.notified_batch(&school, "2026-09-21");
        world.post(&school.clerk, "/batches", batch_fields("2026-09-18")).refused("3.5.1");
        world.on("2026-09-08");
        assert!(!world.get(&school.head, "/work").done()["tasks"].to_string().contains("质量管理办法将到期"));
        world.on("2026-09-09");
        let tasks = world.get(&school.clerk, "/work").done()["tasks"].clone();
        let soon = tasks.as_array().expect("tasks").iter().find(|task| task["what"] == "质量管理办法将到期，公布新版");
        assert_eq!(soon.expect("a reminder")["due_on"], json!("2026-10-09"));
        publish(world, &school, version("quality", "第一条", "2026-10-10"));
        assert!(!world.get(&school.head, "/work").done()["tasks"].to_string().contains("质量管理办法将到期"));
    });
}

#[test]
fn s3_5_1_fees_are_data_with_item_amount_and_basis_in_versions() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let fee = |item: &str, trade: &str, level: Value, amount: &str| json!({"item": item, "trade": trade, "level": level, "amount": amount, "unit": "元/人", "basis": "示例价费〔2026〕1号"});
        let table =
            |fees: Value, from: &str| json!({"fees": fees, "file": null, "from": from, "until": null, "note": ""});
        let good =
            json!([fee("理论考试费", "", Value::Null, "60"), fee("实操考核费", "中式烹调师", json!("4"), "260.5")]);
        let refused =
            world.post(&school.head, "/fees", table(json!([fee("理论考试费", "", Value::Null, "贰佰")]), "2026-08-31"));
        assert!(refused.refused("3.5.1").what.contains("第1项"));
        world.post(&school.head, "/fees", table(json!([]), "2026-08-31")).refused("3.5.1");
        world.post(&school.head, "/fees", table(good.clone(), "2026-08-30")).refused("3.5.1");
        world.post(&school.head, "/fees", table(good, "2026-08-31")).done();
        let view = public(world, &school, "");
        let shown: Vec<_> = view["fees"]
            .as_array()
            .expect("fees")
            .iter()
            .map(|fee| (fee["trade"].as_str().expect("a name"), fee["fen"].as_i64(), fee["amount"].as_str()))
            .collect();
        assert_eq!(shown, [("", Some(6_000), Some("60.00")), ("中式烹调师", Some(26_050), Some("260.50"))]);
        let page = world.page(None, &format!("/directory/{}/regulations", school.number)).text();
        assert!(page.contains("260.50") && page.contains("示例价费〔2026〕1号"), "{page}");

        // A file with a fault is published not at all, and says where; one without is.
        let csv = "收费项目,职业,等级,金额（元）,计费单位,收费依据\n理论考试费,全部,全部,70,元/人,示例价费〔2026〕2号\n实操考核费,6-18-01-01,四级,二百,元/人,\n";
        let file = world.keep(&school.head, csv.as_bytes());
        let by_file = |file: &str| json!({"fees": [], "file": file, "from": "2026-09-01", "until": null, "note": "按新的批文调整"});
        let refused = world.post(&school.head, "/fees", by_file(&file)).refused("3.5.1");
        assert!(refused.what.contains("2 处") && refused.what.contains("第 3 行"), "{}", refused.what);
        let findings = world.get(&school.head, &format!("/fee-findings?file={file}")).done();
        assert_eq!(
            (findings["findings"].as_array().map(Vec::len), findings["fees"].as_array().map(Vec::len)),
            (Some(2), Some(1))
        );
        assert_eq!(world.get(&school.centre, &format!("/fee-findings?file={file}")).status, StatusCode::FORBIDDEN);
        let file = world.keep(&school.head, csv.replace("二百,元/人,", "200,元/人,示例价费〔2026〕2号").as_bytes());
        let second = world.post(&school.head, "/fees", by_file(&file)).done()["id"].as_i64().expect("an id");
        assert_eq!(in_force(world, &school, "fee_table", "2026-08-31"), Some(1));
        assert_eq!(in_force(world, &school, "fee_table", "2026-09-01"), Some(2));
        let view = public(world, &school, &format!("/{second}"));
        assert_eq!((&view["fees"][1]["trade"], &view["fees"][1]["level"]), (&json!("车工"), &json!("4")));
        let difference = public(world, &school, &format!("/{second}/difference"));
        assert_eq!(difference["is_comparable"], json!(true));

        // It is taken away as a workbook, and the form publishes what it shows.
        let path = format!("/directory/{}/regulations/{second}/fees.xlsx", school.number);
        let book = world.page(None, &path);
        assert_eq!(&book.bytes[..2], b"PK");
        let kept = world.keep(&school.head, &book.bytes);
        let again = world.get(&school.head, &format!("/fee-findings?file={kept}")).done();
        assert_eq!((&again["findings"], &again["fees"]), (&json!([]), &view["fees"]));
        let head = Some(&school.head);
        let row = |amount| {
            [
                ("from", "2026-09-07"),
                ("item[]", "理论考试费"),
                ("trade[]", ""),
                ("level[]", ""),
                ("amount[]", amount),
                ("unit[]", "元/人"),
                ("basis[]", "示例价费〔2026〕3号"),
                ("item[]", ""),
                ("trade[]", ""),
                ("level[]", ""),
                ("amount[]", ""),
                ("unit[]", ""),
                ("basis[]", ""),
            ]
        };
        let wrong = world.submit(head, "/regulations/fees", "/regulations/fees", &row("-1"));
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().contains("value=\"-1\"") && wrong.text().contains("第1项"), "{}", wrong.text());
        let sent = world.submit(head, "/regulations/fees", "/regulations/fees", &row("0"));
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        assert_eq!(public(world, &school, "?on=2026-09-07")["fees"][0]["amount"], json!("0.00"));
    });
}

#[test]
fn s3_1_2_each_office_sees_and_acts_within_its_territory_before_and_after_a_body_moves() {
    on_each_database("2026-08-31", |world| {
        // 福州's school has a reported batch and another an open filing; the island has a school of its own.
        let held = world.reported_batch(0, 3, &[]);
        let batch = world.get(&held.head, &format!("/batches/{}", held.batch)).done();
        let body = batch["body"].as_i64().expect("a body");
        let mut open = world.new_school("示例乡", "city", "350102");
        world.fill_filing(&mut open);
        world.submit_filing(&open);
        let island = world.filed_school_in("示例岛", "city", "350128");
        let (fuzhou, pingtan) = (&open.centre, &island.centre);
        let (fuzhou_bureau, pingtan_bureau) =
            (open.bureau.as_ref().expect("a bureau"), island.bureau.as_ref().expect("a bureau"));
        let filing = format!("/filings/{}", open.filing);
        let batch = format!("/batches/{}", held.batch);
        let sees = |person, path: &str| world.get(person, path).status == StatusCode::OK;
        let count = |person, path: &str, list: &str| world.get(person, path).done()[list].as_array().map(Vec::len);
        let standing = format!("/bodies/{body}/standing");
        for path in [&filing, &batch, &standing] {
            assert!(sees(fuzhou, path) && sees(fuzhou_bureau, path) && sees(&open.department, path), "{path}");
            assert!(!sees(pingtan, path) && !sees(pingtan_bureau, path), "{path}");
        }
        // 平潭 stands beside the nine cities: its county's code begins like 福州's, its centre is another.
        assert!(sees(pingtan, &format!("/bodies/{}/standing", island.body)));
        assert!(!sees(fuzhou, &format!("/bodies/{}/standing", island.body)));
        assert_eq!((count(pingtan, "/batches", "batches"), count(fuzhou, "/batches", "batches")), (Some(0), Some(1)));
        let accept = |person| world.call(Some(person), Method::POST, &format!("{filing}/acceptance"), Some(json!({})));
        assert_eq!(accept(pingtan).status, StatusCode::NOT_FOUND);

        // Only the department moves a body, by a document, from a day that has come.
        let fields = |county: &str, on: &str, document: &str| {
            json!({"county": county, "affiliation": "city", "station_centre": null, "effective_on": on,
                   "reason": "迁址平潭", "document": document})
        };
        let moves = |person, body: i64, fields: Value| {
            world.call(Some(person), Method::POST, &format!("/bodies/{body}/transfer"), Some(fields))
        };
        let document = "示例人社〔2026〕9号";
        assert_eq!(moves(fuzhou, body, fields("350128", "2026-09-24", document)).status, StatusCode::FORBIDDEN);
        moves(&open.department, body, fields("350102", "2026-09-24", document)).refused("3.1.2");
        moves(&open.department, body, fields("350128", "2026-09-25", document)).refused("3.1.2");
        moves(&open.department, body, fields("350128", "2026-09-24", " ")).refused("3.1.2");
        moves(&open.department, body, fields("350999", "2026-09-24", document)).refused("3.1.2");
        moves(&open.department, body, fields("350128", "2026-09-21", document)).done();
        moves(&open.department, open.body, fields("350128", "2026-09-24", document)).done();
        moves(&open.department, body, fields("350102", "2026-09-21", document)).refused("3.1.2");

        // Everything under way goes along; who was in charge finds nothing to act on any more.
        for path in [&filing, &batch, &standing] {
            assert!(!sees(fuzhou, path) && !sees(fuzhou_bureau, path), "{path}");
            assert!(sees(pingtan, path) && sees(pingtan_bureau, path) && sees(&open.department, path), "{path}");
        }
        assert_eq!((count(pingtan, "/batches", "batches"), count(fuzhou, "/batches", "batches")), (Some(1), Some(0)));
        assert_eq!(accept(fuzhou).status, StatusCode::NOT_FOUND);
        accept(pingtan).done();
        let reviews = format!("{batch}/reports/1/reviews");
        let all = json!({"rest": true, "approved": true});
        assert_eq!(world.post(fuzhou, &reviews, all.clone()).status, StatusCode::NOT_FOUND);
        world.post(pingtan, &reviews, all).done();
        assert_eq!(
            world.post(fuzhou, &format!("{filing}/evaluation"), json!({"held_on": "2026-09-24"})).status,
            StatusCode::NOT_FOUND
        );
        world.evaluate_filing_by(pingtan, open.filing);
        let decisions = crate::stages::decisions(crate::stages::TRADES, &["4", "3"]);
        world.post(pingtan, &format!("{filing}/assessment"), json!({"decisions": decisions})).done();
        let consent = |person| {
            world.call(Some(person), Method::POST, &format!("{filing}/consent"), Some(json!({"opinion": "同意"})))
        };
        assert_eq!(consent(fuzhou_bureau).status, StatusCode::NOT_FOUND);
        consent(pingtan_bureau).done();

        // What the old centre and bureau decided they keep seeing; nobody else does.
        let former = format!("/former-bodies/{body}");
        let seen = world.get(fuzhou, &former).done();
        let acts: Vec<_> = seen["decisions"].as_array().expect("decisions").iter().map(|one| &one["act"]).collect();
        // The evaluation on site lies between the two.
        assert_eq!((acts.first(), acts.last()), (Some(&&json!("AssessFiling")), Some(&&json!("AcceptFiling"))));
        assert!(acts.contains(&&json!("FinishEvaluation")), "{acts:?}");
        let seen = world.get(fuzhou_bureau, &former).done();
        assert_eq!(
            (&seen["decisions"][0]["act"], &seen["decisions"][0]["said"]),
            (&json!("ConsentFiling"), &json!("同意"))
        );
        assert_eq!(count(fuzhou, "/former-bodies", "bodies"), Some(2));
        assert_eq!(count(pingtan, "/former-bodies", "bodies"), Some(0));
        assert_eq!(world.get(pingtan, &former).status, StatusCode::NOT_FOUND);
        assert_eq!(world.get(&open.head, &former).status, StatusCode::NOT_FOUND);
        let page = world.page(Some(fuzhou), &former).text();
        assert!(page.contains("备案审核评估") && page.contains("平潭综合实验区职业技能鉴定指导中心"), "{page}");

        // All three are told, and the directory says since when who is in charge.
        world.on("2026-09-29");
        let told = |person| world.get(person, "/work").done()["messages"].to_string();
        assert!(told(fuzhou).contains("一并移交") && told(pingtan).contains("一并转来"));
        assert!(told(fuzhou_bureau).contains("一并移交") && told(&held.head).contains("平潭综合实验区"));
        let number = world.text(&format!("SELECT number FROM listing WHERE body = {body}"));
        let centre = |on: &str| world.public(&format!("/directory/{number}?on={on}")).done()["centre"].clone();
        assert_eq!(centre("2026-09-20"), json!("福州市职业技能鉴定指导中心"));
        assert_eq!(centre("2026-09-21"), json!("平潭综合实验区职业技能鉴定指导中心"));
        let change = world.public(&format!("/directory/{number}/changes")).done()["changes"][0].clone();
        assert_eq!(
            (&change["kind"], &change["effective_on"], &change["recorded_on"], &change["document"]),
            (&json!("transferred"), &json!("2026-09-21"), &json!("2026-09-24"), &json!(document))
        );
        let found = world.public("/directory?place=350128").done();
        assert_eq!(found["total"], json!(2), "the island has two now");
        // The school goes on: it notifies its next batch, and the new centre is told.
        let next = world.post(&held.head, "/batches", batch_fields("2026-10-26")).done()["id"].clone();
        assert!(sees(pingtan, &format!("/batches/{next}")) && !sees(fuzhou, &format!("/batches/{next}")));

        // By affiliation it comes to the provincial centre, on the page; no bureau consents any more.
        let page = format!("/bodies/{body}/standing");
        let form = [
            ("county", "350128"),
            ("affiliation", "provincial"),
            ("effective_on", "2026-09-29"),
            ("reason", "划归省属"),
            ("document", "示例人社〔2026〕10号"),
        ];
        assert_eq!(world.submit(Some(fuzhou), &page, &format!("{page}/transfer"), &form).status, StatusCode::FORBIDDEN);
        let sent = world.submit(Some(&open.department), &page, &format!("{page}/transfer"), &form);
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        assert!(
            !sees(pingtan, &standing) && !sees(pingtan_bureau, &standing) && sees(&open.provincial_centre, &standing)
        );
        assert_eq!(centre("2026-09-29"), json!("福建省职业技能鉴定指导中心"));
        assert_eq!(count(fuzhou, "/former-bodies", "bodies"), Some(2));
        assert_eq!(count(pingtan, "/former-bodies", "bodies"), Some(1));
    });
}

#[test]
fn s3_2_2_the_platform_serves_from_the_filing_to_the_public_query() {
    on_each_database("2026-08-31", |world| {
        let tasks = |person: &Person| world.get(person, "/work").done()["tasks"].to_string();
        let page = |person: Option<&Person>, path: &str| {
            let answer = world.page(person, path);
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
            answer.text()
        };
        // Before: a filing is received, reviewed, consented to, gathered, listed, and the receipt handed out.
        let mut school = world.new_school("示例城", "city", "350102");
        world.fill_filing(&mut school);
        let filing = format!("/filings/{}", school.filing);
        let head = school.head.clone();
        let stage = || world.get(&head, &filing).done()["stage"].clone();
        assert_eq!(stage(), json!("drafting"));
        world.submit_filing(&school);
        assert_eq!(stage(), json!("submitted"));
        assert!(tasks(&school.centre).contains("示例城"));
        world.review_filing(&school);
        assert_eq!(stage(), json!("summarised"));
        assert!(tasks(&school.department).contains("示例城"));
        assert_eq!(world.public("/directory").done()["total"], json!(0));
        world.list_filing(&mut school);
        let listed = world.public(&format!("/directory/{}", school.number)).done();
        assert_eq!((&listed["state"], listed["scope"].as_array().map(Vec::len)), (&json!("valid"), Some(4)));
        assert!(page(None, "/directory").contains(&school.number));
        world.post(&school.provincial_centre, &format!("{filing}/receipt"), json!({})).done();
        let receipt = world.get(&school.head, &format!("{filing}/receipt.pdf"));
        assert!(receipt.bytes.starts_with(b"%PDF"), "{}", receipt.status);

        // During: the centre is told of the batch ten working days ahead and sees it through.
        let batch = world.rostered_batch(&school, "2026-09-14", 2);
        let path = format!("/batches/{batch}");
        assert!(tasks(&school.centre).contains("监督") && page(Some(&school.centre), &path).contains("2026年第1批"));
        let photo = crate::certificate::photo();
        let names = [0, 1].map(|n| format!("{}.png", crate::held::number_of(n)));
        let archive = crate::roster::zipped(&names.each_ref().map(|name| (name.as_str(), photo.as_slice())));
        let file = world.keep(&school.clerk, &archive);
        world.post(&school.clerk, &format!("{path}/photos"), json!({"file": file})).done();
        world.on("2026-09-16");
        let csv = [0, 1].iter().fold("姓名,证件号码,理论成绩,实操成绩\n".to_owned(), |text, &n| {
            text + &format!("{},{},80,85\n", crate::held::name_of(n), crate::held::number_of(n))
        });
        let file = world.keep(&school.clerk, csv.as_bytes());
        world.post(&school.clerk, &format!("{path}/marks/uploads"), json!({"file": file, "name": "成绩.csv"})).done();
        world.post(&school.head, &format!("{path}/marks/confirmation"), json!({})).done();
        world.on("2026-09-17");
        let token = world.post(&school.head, &format!("{path}/publicity"), json!({})).done()["token"].clone();
        let token = token.as_str().expect("a token");
        assert!(page(None, &format!("/publicity/{token}")).contains("中式烹调师"));

        // After: publicity ends by itself, the centre reviews, the school issues, anyone checks, and the chain is whole.
        world.on("2026-09-24");
        assert_eq!(world.page(None, &format!("/publicity/{token}")).status, StatusCode::GONE);
        world.post(&school.head, &format!("{path}/report"), json!({})).done();
        assert!(tasks(&school.centre).contains("审核"));
        let all = json!({"rest": true, "approved": true});
        world.post(&school.centre, &format!("{path}/reports/1/reviews"), all).done();
        let issued = world.post(&school.head, &format!("{path}/certificates"), json!({"candidates": null})).done();
        let number = issued["first"].as_str().expect("a number").to_owned();
        let name = crate::query::escaped(&crate::held::name_of(0));
        let query = format!("/certificates/query?name={name}&number={number}");
        let answer = world.public(&query).done();
        assert_eq!(answer["certificates"][0]["state"], json!("valid"));
        let proof =
            world.submit(None, "/query", "/query", &[("name", &crate::held::name_of(0)), ("number", &number)]).text();
        assert!(proof.contains("证书有效"), "{proof}");
        let certificate = world.text("SELECT CAST(MIN(id) AS TEXT) FROM certificate");
        let chain = page(Some(&school.centre), &format!("/certificates/{certificate}/chain"));
        assert!(chain.contains(&number) && chain.contains("列入机构目录"), "{chain}");
        assert_eq!(stage(), json!("listed"));
    });
}
