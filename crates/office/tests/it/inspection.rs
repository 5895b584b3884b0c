//! Inspections in four kinds, what they ordered and how it was mended (二（二）2), and what follows for a renewal (二（一）3).

use axum::http::{Method, StatusCode};
use office::cli::due;
use serde_json::{Value, json};

use crate::stages::{PDF, School};
use crate::world::{Answer, Person, World, on_each_database};

/// An inspection on site on a day, that found the cameras wanting and orders them mended by another.
fn ordered(held_on: &str, due_on: Option<&str>) -> Value {
    json!({
        "kind": "on_site", "held_on": held_on, "inspectors": ["示例督导甲", "示例督导乙"], "checked": ["site", "staff", "organiser"],
        "findings": [
            {"item": "site", "what": "二号考场东侧没有监控", "order": "补装监控并覆盖全场", "proof": "安装后的照片", "due_on": due_on},
            {"item": "staff", "what": "签到表缺一人签字，当场补正"},
        ],
        "note": "",
    })
}

fn record(world: &World, person: &Person, school: &School, fields: Value) -> Answer {
    world.post(person, &format!("/bodies/{}/inspections", school.body), fields)
}

/// The ids of an inspection and of its first finding.
fn recorded(world: &World, person: &Person, school: &School, fields: Value) -> (i64, i64) {
    let id = record(world, person, school, fields).done()["id"].as_i64().expect("an id");
    let view = world.get(person, &format!("/bodies/{}/inspections/{id}", school.body)).done();
    (id, view["findings"][0]["id"].as_i64().expect("a finding"))
}

fn turn(world: &World, person: &Person, school: &School, finding: i64, what: &str, fields: Value) -> Answer {
    world.post(person, &format!("/bodies/{}/rectifications/{finding}/{what}", school.body), fields)
}

fn state(world: &World, person: &Person, school: &School, finding: i64) -> (String, bool) {
    let view = world.get(person, &format!("/bodies/{}/rectifications/{finding}", school.body)).done();
    let one = &view["findings"][0];
    (one["state"].as_str().expect("a state").to_owned(), one["is_late"].as_bool().expect("late or not"))
}

fn tasks(world: &World, person: &Person) -> String {
    world.get(person, "/work").done()["tasks"].to_string()
}

fn told(world: &World, person: &Person, words: &str) -> usize {
    due::run(&world.office).expect("what is due");
    world.get(person, "/work").done()["messages"].to_string().matches(words).count()
}

#[test]
fn s2_2_2b_an_inspection_names_two_inspectors_items_of_the_list_and_a_working_day() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let unlisted = world.new_school("示例村", "city", "350102");
        let elsewhere = world.filed_school_in("示例海", "city", "350203");
        world.on("2026-09-07");
        let good = || ordered("2026-09-07", Some("2026-09-18"));
        let with = |name: &str, value: Value| {
            let mut fields = good();
            fields[name] = value;
            record(world, &school.centre, &school, fields)
        };
        with("inspectors", json!(["示例督导甲", " "])).refused("2.2.2b");
        with("inspectors", json!(["示例督导甲", "示例督导甲"])).refused("2.2.2b");
        with("held_on", json!("2026-09-08")).refused("2.2.2b");
        with("checked", json!([])).refused("2.2.2b");
        with("checked", json!(["site", "cellar"])).refused("2.2.2b");
        with("checked", json!(["site"])).refused("2.2.2b");
        with("batch", json!(1)).refused("2.2.2b");
        let due = |day: &str| record(world, &school.centre, &school, ordered("2026-09-07", Some(day)));
        let weekend = due("2026-09-19").refused("2.2.2b");
        // 20 September is worked for the National Day.
        assert!(weekend.remedy.contains("2026-09-20"), "{weekend:?}");
        due("2026-09-07").refused("2.2.2b");
        due("2027-03-01").refused("国务院办公厅节假日安排");
        // Who is not in the directory is evaluated, not inspected.
        record(world, &school.centre, &unlisted, good()).refused("2.2.2b");
        assert_eq!(record(world, &elsewhere.centre, &school, good()).status, StatusCode::NOT_FOUND);
        assert_eq!(record(world, &school.head, &school, good()).status, StatusCode::FORBIDDEN);
        // Without a day it is counted: fifteen working days, one of them a Sunday, without 中秋 and the National Day.
        let (id, _) = recorded(world, &school.centre, &school, ordered("2026-09-04", None));
        let view = world.get(&school.clerk, &format!("/bodies/{}/inspections/{id}", school.body)).done();
        assert_eq!(
            (&view["findings"][0]["due_on"], &view["findings"][1]["due_on"]),
            (&json!("2026-09-28"), &Value::Null)
        );
        assert_eq!(view["findings"][0]["clause"], json!("1.2.3"));
        assert_eq!(world.count("SELECT COUNT(*) FROM inspection"), 1);
    });
}

#[test]
fn s2_2_2b_what_was_ordered_is_answered_with_proof_and_looked_at_again_by_who_ordered() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let bureau = school.bureau.clone().expect("a bureau");
        world.on("2026-09-07");
        let batch = world.notified_batch(&school, "2026-10-19");
        let mut fields = ordered("2026-09-07", Some("2026-09-18"));
        let evidence = world.keep(&school.centre, PDF);
        fields["batch"] = json!(batch);
        fields["findings"][0]["files"] = json!([{"file": evidence, "name": "现场照片.pdf"}]);
        let (id, finding) = recorded(world, &school.centre, &school, fields);
        assert!(told(world, &school.head, "的检查要求整改") == 1 && tasks(world, &school.head).contains("完成整改"));
        let page = world.page(Some(&school.head), &format!("/bodies/{}/inspections/{id}", school.body)).text();
        assert!(
            page.contains("2026年9月18日 周五") && page.contains("现场照片.pdf") && page.contains("答复整改"),
            "{page}"
        );
        let of_batch = world.page(Some(&school.head), &format!("/batches/{batch}")).text();
        assert!(of_batch.contains("看对这一批的检查（共1次）"), "{of_batch}");
        for (asked, found) in [(batch, 1), (batch + 1, 0)] {
            let list = world.get(&school.centre, &format!("/inspections?batch={asked}")).done();
            assert_eq!(list["total"], json!(found), "{list}");
        }
        let go = |person: &Person, what: &str, fields: Value| turn(world, person, &school, finding, what, fields);

        // The head answers, with the proof that was asked for, once.
        let photo = world.keep(&school.head, PDF);
        let proof = json!([{"file": photo, "name": "整改后.pdf"}]);
        let answer = |text: &str| json!({"answer": text, "files": proof});
        assert_eq!(go(&school.clerk, "answers", answer("已补装")).status, StatusCode::FORBIDDEN);
        go(&school.head, "answers", json!({"answer": "已补装"})).refused("2.2.2b");
        go(&school.centre, "checks", json!({"accepted": true})).refused("2.2.2b");
        go(&school.head, "answers", answer("已补装两台")).done();
        go(&school.head, "answers", answer("再答")).refused("2.2.2b");
        assert_eq!(state(world, &school.head, &school, finding), ("answered".into(), false));
        assert!(told(world, &school.centre, "答复了整改") == 1 && tasks(world, &school.centre).contains("复查"));

        // Who ordered looks again; the bureau reads and does not decide in its place.
        go(&bureau, "checks", json!({"accepted": true})).refused("2.2.2b");
        go(&school.centre, "checks", json!({"accepted": false})).refused("2.2.2b");
        go(&school.centre, "checks", json!({"accepted": false, "reason": "仍有盲区", "due_on": "2026-09-26"}))
            .refused("2.2.2b");
        go(&school.centre, "checks", json!({"accepted": false, "reason": "仍有盲区", "due_on": "2026-09-29"})).done();
        assert_eq!(state(world, &school.head, &school, finding), ("open".into(), false));

        // Reminded once before, once after; overdue is seen by everyone above, first in the list.
        assert_eq!((told(world, &school.head, "即将到期"), told(world, &school.head, "已逾期")), (0, 0));
        world.on("2026-09-26");
        assert_eq!((told(world, &school.head, "即将到期"), told(world, &school.head, "即将到期")), (1, 1));
        world.on("2026-09-30");
        assert_eq!((told(world, &school.head, "一项整改已逾期"), told(world, &school.head, "一项整改已逾期")), (1, 1));
        recorded(world, &school.centre, &school, ordered("2026-09-29", Some("2026-10-15")));
        for person in [&school.centre, &bureau, &school.provincial_centre, &school.department] {
            let list = world.get(person, "/inspections").done();
            assert_eq!((&list["inspections"][0]["id"], &list["overdue"]), (&json!(id), &json!(1)), "{}", person.login);
            let narrowed = world.get(person, "/inspections?state=overdue").done();
            assert_eq!(
                (narrowed["total"].as_i64(), narrowed["inspections"][0]["overdue"].as_i64()),
                (Some(1), Some(1))
            );
            assert!(tasks(world, person).contains("整改"), "{}", person.login);
            assert!(world.page(Some(person), "/inspections").text().contains("1项逾期"), "{}", person.login);
        }
        assert_eq!(told(world, &bureau, "有一项整改逾期"), 1);
        assert!(world.page(Some(&school.head), "/standing").text().contains("通过复查前不能申请延期"));

        // Late answers are taken and stay marked.
        go(&school.head, "answers", answer("全部覆盖")).done();
        assert_eq!(state(world, &school.centre, &school, finding), ("answered".into(), true));
        go(&school.centre, "checks", json!({"accepted": true})).done();
        assert_eq!(state(world, &school.centre, &school, finding).0, "accepted");
        go(&school.head, "answers", answer("又")).refused("2.2.2b");
        go(&school.centre, "checks", json!({"accepted": true})).refused("2.2.2b");
        let page = world.page(Some(&bureau), &format!("/bodies/{}/rectifications/{finding}", school.body)).text();
        for words in ["第1次答复", "复查未通过", "仍有盲区", "第2次答复（逾期）", "复查通过", "整改后.pdf"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        let all = world.get(&school.centre, "/inspections?state=accepted").done();
        assert_eq!((all["total"].as_i64(), &all["inspections"][0]["id"]), (Some(1), &json!(id)));
    });
}

#[test]
fn s2_2_2b_the_bureau_inspects_its_place_and_a_body_that_moved_is_looked_at_by_who_is_in_charge_now() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let bureau = school.bureau.clone().expect("a bureau");
        let there = world.filed_school_in("示例海", "city", "350203");
        world.on("2026-09-07");
        let (id, finding) = recorded(world, &bureau, &school, ordered("2026-09-07", Some("2026-09-18")));
        assert_eq!(told(world, &school.centre, "登记了一次现场督导"), 1);
        let proof = json!([{"file": world.keep(&school.head, PDF), "name": "照片.pdf"}]);
        turn(world, &school.head, &school, finding, "answers", json!({"answer": "已补装", "files": proof})).done();
        turn(world, &school.centre, &school, finding, "checks", json!({"accepted": true})).refused("2.2.2b");
        let moved = json!({"county": "350203", "affiliation": "city", "effective_on": "2026-09-07", "reason": "迁址", "document": "示例人社〔2026〕9号"});
        world.post(&school.department, &format!("/bodies/{}/transfer", school.body), moved).done();
        let gone = turn(world, &bureau, &school, finding, "checks", json!({"accepted": true}));
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
        assert!(tasks(world, &there.centre).contains("复查"));
        turn(world, &there.centre, &school, finding, "checks", json!({"accepted": true})).done();
        let result = world.public(&format!("/inspection-results/{id}")).done();
        assert_eq!(result["findings"][0]["state"], json!("accepted"));
    });
}

#[test]
fn s2_2_2b_results_are_public_and_name_no_person() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        world.on("2026-09-07");
        let (id, finding) = recorded(world, &school.centre, &school, ordered("2026-09-07", Some("2026-09-18")));
        let mut clean = ordered("2026-09-04", None);
        (clean["findings"], clean["kind"]) = (json!([]), json!("random"));
        record(world, &school.centre, &school, clean).done();
        let list = world.public(&format!("/inspection-results?number={}", school.number)).done();
        let results: Vec<_> =
            list["inspections"].as_array().expect("results").iter().map(|one| one["result"].clone()).collect();
        assert_eq!(results, ["发现2项问题，责令整改1项，已整改0项", "未发现问题"]);
        assert_eq!(world.public("/inspection-results?number=Y000035000000").done()["total"], json!(0));
        world.on("2026-09-21");
        let result = world.public(&format!("/inspection-results/{id}")).done();
        assert_eq!(result["findings"][0]["state"], json!("overdue"));
        let page = world.page(None, &format!("/inspection-results/{id}")).text();
        assert!(
            page.contains("整改逾期") && page.contains("场地设备与视频监控") && page.contains("现场督导"),
            "{page}"
        );
        for hidden in ["示例督导甲", "二号考场", "补装监控", "安装后的照片"] {
            assert!(!page.contains(hidden) && !result.to_string().contains(hidden), "{hidden}");
        }
        let proof = json!([{"file": world.keep(&school.head, PDF), "name": "照片.pdf"}]);
        turn(world, &school.head, &school, finding, "answers", json!({"answer": "已补装", "files": proof})).done();
        turn(world, &school.centre, &school, finding, "checks", json!({"accepted": true})).done();
        assert!(world.page(None, "/inspection-results").text().contains("已全部整改"));
        assert!(
            world.page(None, &format!("/directory/{}", school.number)).text().contains("/inspection-results?number=")
        );
        // What lies behind it is not.
        for person in [None, Some(&world.filed_school_in("示例海", "city", "350203").head)] {
            let path = format!("/bodies/{}/inspections/{id}", school.body);
            assert_ne!(world.call(person, Method::GET, &path, None).status, StatusCode::OK);
        }
        assert_eq!(world.public("/inspection-results/1").status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn s2_2_2b_the_list_of_items_is_data_and_what_was_checked_keeps_its_words() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        let administrator = world.administrator("admin");
        world.on("2026-09-07");
        let (id, _) = recorded(world, &school.centre, &school, ordered("2026-09-07", None));
        let items = world.public("/inspection-items").done();
        assert!(items["items"].as_array().is_some_and(|items| items.iter().all(|one| one["basis"] != json!(""))));
        let import = |content: &str| {
            let fields = json!({"kind": "inspection-items", "source": "示例人社〔2026〕12号", "content": content});
            world.post(&administrator, "/reference", fields)
        };
        let head = "code,title,clause,basis,subject,content,method\n";
        import(&format!("{head}site,考场,9.9,依据,机构,内容,方式")).refused("平台规则·参考数据");
        import(&format!("{head}site,考场与监控,1.2.3,示例人社〔2026〕12号,机构,监控是否完好,现场查看")).done();
        due::run(&world.office).expect("what is due");
        assert_eq!(world.public("/inspection-items").done()["items"][0]["title"], json!("考场与监控"));
        record(world, &school.centre, &school, ordered("2026-09-07", None)).refused("2.2.2b");
        let kept = world.get(&school.centre, &format!("/bodies/{}/inspections/{id}", school.body)).done();
        assert!(kept["checks"].to_string().contains("场地设备与视频监控"), "{kept}");
        assert!(world.page(None, "/inspection-items").text().contains("考场与监控"));
    });
}

#[test]
fn s2_2_2b_a_refused_form_shows_again_what_was_typed() {
    on_each_database("2026-08-31", |world| {
        let school = world.filed_school("示例城");
        world.on("2026-09-07");
        let form = format!("/inspections/new?of={}", school.body);
        let to = format!("/bodies/{}/inspections", school.body);
        let typed = |inspector: &'static str, action: &'static str| {
            vec![
                ("kind", "daily"),
                ("held_on", "2026-09-07"),
                ("inspector[]", "示例督导甲"),
                ("inspector[]", inspector),
                ("checked", "site"),
                ("blocks", "1"),
                ("item_1", "site"),
                ("what_1", "监控坏了一台"),
                ("order_1", "修好"),
                ("do", action),
            ]
        };
        let more = world.submit(Some(&school.centre), &form, &to, &typed("", "more"));
        assert!(more.status == StatusCode::OK && more.text().contains("第2项") && more.text().contains("监控坏了一台"));
        let refused = world.submit(Some(&school.centre), &form, &to, &typed("", ""));
        let page = refused.text();
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
        for words in [
            "检查人员只有1名",
            "监控坏了一台",
            "value=\"示例督导甲\"",
            "id=\"checked-site\" name=\"checked\" value=\"site\" checked",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let done = world.submit(Some(&school.centre), &form, &to, &typed("示例督导乙", ""));
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        // Who chooses no body is asked which.
        let choose = world.page(Some(&school.centre), "/inspections/new").text();
        assert!(choose.contains("先选择检查的机构") && choose.contains("示例城"), "{choose}");
        assert_eq!(world.page(Some(&school.head), "/inspections/new").status, StatusCode::FORBIDDEN);
        let finding: i64 = world.count("SELECT MAX(id) FROM inspection_finding");
        let page = format!("/bodies/{}/rectifications/{finding}", school.body);
        let refused = world.submit(Some(&school.head), &page, &format!("{page}/answer"), &[("answer", " ")]);
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text().contains("没有写明整改情况"));
        world.submit(Some(&school.head), &page, &format!("{page}/answer"), &[("answer", "已修好")]);
        let check =
            |fields: &[(&str, &str)]| world.submit(Some(&school.centre), &page, &format!("{page}/check"), fields);
        let refused = check(&[("accepted", "no"), ("reason", "仍不清晰"), ("due_on", "2026-09-19")]);
        assert!(refused.text().contains("不是工作日") && refused.text().contains("仍不清晰"));
        assert_eq!(check(&[("accepted", "yes")]).status, StatusCode::SEE_OTHER);
        assert_eq!(state(world, &school.head, &school, finding).0, "accepted");
    });
}

#[test]
fn s2_1_3c_an_overdue_rectification_stands_against_a_renewal_until_it_is_accepted() {
    on_each_database("2023-08-31", |world| {
        let school = world.filed_school("示例城");
        for (told_on, month) in [
            ("2023-12-11", "2024-01-10"),
            ("2024-03-11", "2024-04-10"),
            ("2024-09-16", "2024-10-16"),
            ("2025-02-10", "2025-03-12"),
            ("2025-05-12", "2025-06-11"),
            ("2026-04-20", "2026-05-20"),
        ] {
            world.on(told_on);
            world.notified_batch(&school, month);
        }
        world.on("2026-05-20");
        let (_, finding) = recorded(world, &school.centre, &school, ordered("2026-05-20", Some("2026-05-29")));
        world.on("2026-06-01");
        let apply = || {
            let path = format!("/bodies/{}/renewals", school.body);
            world.post(&school.head, &path, json!({"statement": "开展六批，管理规范"}))
        };
        let refused = apply().refused("2.1.3c");
        assert!(refused.what.contains("1项整改逾期") && refused.remedy.contains("通过复查"), "{refused:?}");
        let proof = json!([{"file": world.keep(&school.head, PDF), "name": "照片.pdf"}]);
        let go = |person: &Person, what: &str, fields: Value| turn(world, person, &school, finding, what, fields);
        go(&school.head, "answers", json!({"answer": "已补装", "files": proof})).done();
        // A late answer alone mends nothing.
        apply().refused("2.1.3c");
        go(&school.centre, "checks", json!({"accepted": true})).done();
        apply().done();
    });
}
