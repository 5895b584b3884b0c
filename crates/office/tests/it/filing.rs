//! 二（一）备案, 一（二）条件, 一（三）职业范围, 附件1, 附件2: from a school's application to its place in the directory.

use axum::http::{Method, StatusCode};
use rules::people::Role;
use serde_json::{Value, json};

use crate::stages::{PDF, School, TRADES, body_form, decisions, people, sites, trades};
use crate::world::{Person, World, on_each_database};

/// The path of a part of the school's filing.
fn path(school: &School, part: &str) -> String {
    format!("/filings/{}{}{part}", school.filing, if part.is_empty() { "" } else { "/" })
}

/// What waits for someone on the work page, without what waits for others.
fn to_do(world: &World, person: &Person) -> Vec<String> {
    let work = world.get(person, "/work").done();
    let tasks = work["tasks"].as_array().expect("tasks").iter().filter(|task| task["waiting"] == json!(false));
    tasks.map(|task| task["what"].as_str().expect("a text").to_owned()).collect()
}

fn stage(world: &World, school: &School) -> String {
    world.get(&school.head, &path(school, "")).done()["stage"].as_str().expect("a stage").to_owned()
}

#[test]
fn s2_1_1a_a_school_applies_of_its_own_will_and_can_leave_and_come_back() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        assert_eq!(to_do(world, &school.clerk), ["开始备案申请"]);
        let made = world.post(&school.clerk, "/filings", json!({})).done();
        school.filing = made["id"].as_i64().expect("an id");
        let said = world.post(&school.clerk, "/filings", json!({})).refused("2.1.1a");
        assert!(said.remedy.contains("已有的申请"), "{said:?}");
        world.post(&school.clerk, &path(&school, "body"), json!({"form": body_form()})).done();
        world.on("2026-03-20");
        let view = world.get(&school.head, &path(&school, "")).done();
        assert_eq!((&view["form"]["majors"], &view["is_ready"]), (&body_form()["majors"], &json!(false)));
        let missing = view["completeness"]["items"].as_array().expect("items");
        assert_eq!(missing.iter().filter(|item| item["done"] == json!(true)).count(), 1, "{missing:?}");
        // The first of what is missing, and how much more there is.
        let said = world.post(&school.head, &path(&school, "submission"), json!({})).refused("1.2.1");
        assert!(said.remedy.contains("另有"), "{said:?}");
        assert_eq!(to_do(world, &school.clerk), ["填完并提交备案申请"]);
        assert_eq!(world.post(&school.centre, "/filings", json!({})).status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn s2_1_1b_affiliation_and_place_decide_which_centre_gets_it() {
    on_each_database("2026-03-02", |world| {
        let xiamen = world.officer_at(Role::CityCentre, "city-350200-centre");
        let fuzhou = world.officer_at(Role::CityCentre, "city-350100-centre");
        let province = world.officer_at(Role::ProvincialCentre, "province-centre");
        for (name, affiliation, county, centre, others) in [
            ("示例市属技工学校", "city", "350102", "福州市职业技能鉴定指导中心", vec![&xiamen, &province]),
            ("示例省属技工学校", "provincial", "350102", "福建省职业技能鉴定指导中心", vec![&xiamen, &fuzhou]),
            (
                "示例平潭技工学校",
                "city",
                "350128",
                "平潭综合实验区职业技能鉴定指导中心",
                vec![&xiamen, &fuzhou, &province],
            ),
        ] {
            let mut school = world.new_school(name, affiliation, county);
            world.fill_filing(&mut school);
            // The centre is not a field of anything that the school sends.
            let chosen = json!({"centre": "city-350200-centre"});
            let answer = world.post(&school.head, &path(&school, "submission"), chosen);
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
            assert_eq!(
                world.post(&school.clerk, &path(&school, "submission"), json!({})).status,
                StatusCode::FORBIDDEN,
                "the head signs"
            );
            let submitted = world.submit_filing(&school);
            assert_eq!(submitted["centre"], centre);
            // 2026-03-02 is a Monday; ten working days later is Monday, 16 March.
            assert_eq!(submitted["accept_due_on"], "2026-03-16");
            assert!(to_do(world, &school.centre).contains(&"受理备案申请".to_owned()), "{name}");
            for other in others {
                let answer = world.post(other, &path(&school, "acceptance"), json!({}));
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}: {}", other.login);
            }
            world.post(&school.head, &path(&school, "submission"), json!({})).refused(if affiliation == "city" {
                "2.1.2b"
            } else {
                "2.1.2a"
            });
            let said = world.post(&school.clerk, &path(&school, "trades"), json!({"trades": []})).refused("2.1.1b");
            assert!(said.remedy.contains("退回申请"), "{said:?}");
        }
    });
}

#[test]
fn s2_1_2a_the_provincial_centre_reviews_a_provincial_school() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例省属技工学校", "provincial", "350102");
        let bureau = world.officer_at(Role::CityBureau, "city-350100-bureau");
        world.fill_filing(&mut school);
        world.submit_filing(&school);
        let assessment = json!({"decisions": decisions(TRADES, &["4", "3"]), "opinion": "条件具备"});
        let said = world.post(&school.centre, &path(&school, "assessment"), assessment.clone()).refused("2.1.2a");
        assert!(said.remedy.contains("受理"), "{said:?}");
        world.post(&school.centre, &path(&school, "acceptance"), json!({})).done();
        assert_eq!(to_do(world, &school.centre), ["安排现场评估"]);
        world.post(&school.centre, &path(&school, "assessment"), assessment.clone()).refused("2.1.2a");
        world.evaluate_filing(&school);
        assert_eq!(to_do(world, &school.centre), ["审核评估备案申请"]);
        assert_eq!(world.post(&bureau, &path(&school, "consent"), json!({})).status, StatusCode::NOT_FOUND);
        world.post(&school.centre, &path(&school, "assessment"), assessment).done();
        // Nobody's consent is asked: the provincial centre gathers at once.
        assert_eq!(to_do(world, &school.centre), ["汇总备案申请"]);
        world.post(&school.centre, &path(&school, "summary"), json!({})).done();
        assert_eq!(stage(world, &school), "summarised");
        let steps = world.get(&school.head, &path(&school, "")).done()["steps"].clone();
        let steps = steps.as_array().expect("steps");
        assert!(!steps.iter().any(|step| step["label"] == "市局同意备案"), "{steps:?}");
        let assessed = steps.iter().find(|step| step["label"] == "备案审核评估").expect("the step");
        assert_eq!((&assessed["state"], &assessed["on"]), (&json!("done"), &json!("2026-03-02")));
        assert_eq!(assessed["who"], "福建省职业技能鉴定指导中心，示例省中心");
        assert_eq!(assessed["note"], "合格：条件具备");
    });
}

#[test]
fn s2_1_2b_given_back_once_with_reasons_assessed_consented_and_no_step_skipped() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        let bureau = school.bureau.clone().expect("a city school");
        world.fill_filing(&mut school);
        world.submit_filing(&school);
        world.post(&school.centre, &path(&school, "return"), json!({"reasons": [" "]})).refused("2.1.2b");
        let reasons = json!({"reasons": ["收费管理办法缺少公示方式", "考评人员证卡不清晰"]});
        world.post(&school.centre, &path(&school, "return"), reasons).done();
        assert_eq!(to_do(world, &school.clerk), ["补正后重新提交备案申请"]);
        let view = world.get(&school.clerk, &path(&school, "")).done();
        assert_eq!(view["returns"][0]["reasons"], json!(["收费管理办法缺少公示方式", "考评人员证卡不清晰"]));
        world.post(&school.clerk, &path(&school, "people"), json!({"people": people(TRADES)})).done();
        world.on("2026-03-04");
        assert_eq!(world.submit_filing(&school)["accept_due_on"], "2026-03-18");
        world.post(&school.centre, &path(&school, "acceptance"), json!({})).done();
        world.evaluate_filing(&school);

        let mut decisions = decisions(TRADES, &["4", "3"]);
        let mut short = decisions.clone();
        short.as_array_mut().expect("a list").pop();
        let said =
            world.post(&school.centre, &path(&school, "assessment"), json!({"decisions": short})).refused("2.1.2b");
        assert!(said.what.contains("6-18-01-01 三级/高级工没有结论"), "{said:?}");
        decisions[3]["passed"] = json!(false);
        let silent = json!({"decisions": decisions});
        world.post(&school.centre, &path(&school, "assessment"), silent).refused("2.1.2b");
        decisions[3]["reason"] = json!("高级工实操设备数量不足");
        let answer = world.post(&school.centre, &path(&school, "assessment"), json!({"decisions": decisions})).done();
        assert_eq!(answer["passed"], true);

        let said = world.post(&school.provincial_centre, &path(&school, "summary"), json!({})).refused("2.1.2b");
        assert!(said.remedy.contains("市人社局"), "{said:?}");
        let elsewhere = world.officer_at(Role::CityBureau, "city-350200-bureau");
        assert_eq!(world.post(&elsewhere, &path(&school, "consent"), json!({})).status, StatusCode::NOT_FOUND);
        assert_eq!(to_do(world, &bureau), ["决定是否同意备案"]);
        world.post(&bureau, &path(&school, "consent"), json!({"opinion": "同意"})).done();
        world.post(&bureau, &path(&school, "consent"), json!({})).refused("2.1.2b");
        assert_eq!(to_do(world, &school.provincial_centre), ["汇总备案申请"]);
        world.post(&school.provincial_centre, &path(&school, "summary"), json!({})).done();
        world.list_filing(&mut school);
        // Only what was found qualified stands in the directory.
        let entry = world.public(&format!("/directory/{}", school.number)).done();
        let scope = entry["scope"].as_array().expect("a scope");
        let filed: Vec<_> = scope.iter().map(|one| (one["code"].clone(), one["level"].clone())).collect();
        let expected = [("4-03-02-01", "4"), ("4-03-02-01", "3"), ("6-18-01-01", "4")];
        assert_eq!(filed, expected.map(|(code, level)| (json!(code), json!(level))));
    });
}

#[test]
fn s2_1_2b_a_filing_that_is_not_qualified_ends_and_the_school_may_start_anew() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        world.fill_filing(&mut school);
        world.submit_filing(&school);
        world.post(&school.centre, &path(&school, "acceptance"), json!({})).done();
        world.evaluate_filing(&school);
        let mut decisions = decisions(TRADES, &["4", "3"]);
        for decision in decisions.as_array_mut().expect("a list") {
            decision["passed"] = json!(false);
            decision["reason"] = json!("场地已停用");
        }
        world.post(&school.centre, &path(&school, "assessment"), json!({"decisions": decisions})).done();
        assert_eq!(stage(world, &school), "rejected");
        let bureau = school.bureau.clone().expect("a city school");
        let said = world.post(&bureau, &path(&school, "consent"), json!({})).refused("2.1.2b");
        assert!(said.remedy.contains("重新开始"), "{said:?}");
        world.post(&school.clerk, "/filings", json!({})).done();
    });
}

#[test]
fn s2_1_3a_listed_and_published_only_after_the_ministry_filing_is_recorded() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        world.fill_filing(&mut school);
        world.submit_filing(&school);
        world.review_filing(&school);
        assert_eq!(to_do(world, &school.department), ["报部备案并登记"]);
        let said = world.post(&school.department, &path(&school, "listing"), json!({})).refused("2.1.3a");
        assert!(said.remedy.contains("登记部级备案"), "{said:?}");
        let ministry = |reference: &str, on: &str| json!({"reference": reference, "filed_on": on});
        let record = |fields: Value| world.post(&school.department, &path(&school, "ministry-filing"), fields);
        record(ministry(" ", "2026-03-02")).refused("2.1.3a");
        record(ministry("示例部备〔2026〕1号", "2026-03-03")).refused("2.1.3a");
        record(ministry("示例部备〔2026〕1号", "2026-03-01")).refused("2.1.3a");
        assert_eq!(world.public("/directory").done()["entries"], json!([]));
        world.list_filing(&mut school);
        world.post(&school.department, &path(&school, "listing"), json!({})).refused("2.1.3a");

        let found = |question: &str| {
            let entries = world.public(&format!("/directory{question}")).done()["entries"].clone();
            entries.as_array().expect("a list").len()
        };
        assert_eq!(found(""), 1);
        // 示例, 厦门, 中式烹调师, and a percent sign that is no wildcard.
        for (question, expected) in [
            ("?name=%E7%A4%BA%E4%BE%8B", 1),
            ("?name=%25", 0),
            ("?place=350100", 1),
            ("?place=350200", 0),
            ("?occupation=4-03-02-01&level=3", 1),
            ("?occupation=4-03-02-01&level=2", 0),
            ("?occupation=%E7%83%B9%E8%B0%83", 1),
            ("?occupation=6-31-01-03", 0),
        ] {
            assert_eq!(found(question), expected, "{question}");
        }
        let page = world.page(None, &format!("/directory/{}", school.number));
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("备案有效") && page.text().contains("福建省职业技能鉴定指导中心"));
        assert_eq!(world.public("/directory/Y000035999999").status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn s2_1_3a_what_has_run_out_leaves_the_list_and_says_so_on_its_own_page() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        world.fill_filing(&mut school);
        world.submit_filing(&school);
        world.review_filing(&school);
        let ministry = json!({"reference": "示例部备〔2026〕1号", "filed_on": "2026-03-02"});
        world.post(&school.department, &path(&school, "ministry-filing"), ministry).done();
        world.post(&school.department, &path(&school, "listing"), json!({"valid_until": "2026-08-31"})).done();
        world.on("2026-08-31");
        assert_eq!(world.public("/directory").done()["entries"][0]["state"], "valid");
        world.on("2026-09-01");
        assert_eq!(world.public("/directory").done()["entries"], json!([]));
        assert_eq!(world.public("/directory/Y000035000001").done()["state"], "expired");
        assert!(world.page(None, "/directory/Y000035000001").text().contains("备案已到期"));
    });
}

#[test]
fn s2_1_3b_a_filed_school_has_a_receipt_with_number_and_validity() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        world.fill_filing(&mut school);
        let receipt = path(&school, "receipt");
        world.submit_filing(&school);
        world.review_filing(&school);
        world.post(&school.provincial_centre, &receipt, json!({})).refused("2.1.3a");
        world.list_filing(&mut school);
        world.get(&school.clerk, &receipt).refused("2.1.3b");
        assert_eq!(world.post(&school.centre, &receipt, json!({})).status, StatusCode::FORBIDDEN);
        assert_eq!(to_do(world, &school.provincial_centre), ["发放备案回执"]);
        world.post(&school.provincial_centre, &receipt, json!({})).done();
        let said = world.post(&school.provincial_centre, &receipt, json!({})).refused("2.1.3b");
        assert!(said.what.contains("已发放"), "{said:?}");
        let told = world.get(&school.clerk, &receipt).done();
        assert_eq!(told["number"], "Y000035000001");
        assert_eq!(
            (&told["valid_from"], &told["valid_until"], &told["centre_name"]),
            (&json!("2026-03-02"), &json!("2029-03-01"), &json!("福建省职业技能鉴定指导中心"))
        );
        assert_eq!(told["scope"][0]["levels"], json!(["四级/中级工", "三级/高级工"]));
        for answer in [
            world.get(&school.clerk, &format!("{receipt}.pdf")),
            world.page(Some(&school.clerk), &format!("{receipt}.pdf")),
        ] {
            assert_eq!(answer.status, StatusCode::OK);
            assert!(answer.bytes.starts_with(b"%PDF-"), "a PDF");
        }
        // The next school gets the next number, and another's receipt is out of its reach.
        let next = world.filed_school("示例二技工学校");
        assert_eq!(next.number, "Y000035000002");
        assert_eq!(world.get(&next.clerk, &receipt).status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn s2_1_3b_a_number_is_given_in_order_or_typed_as_assigned_and_belongs_to_one_body() {
    on_each_database("2026-03-02", |world| {
        let reported = |name: &str| {
            let mut school = world.new_school(name, "city", "350102");
            world.fill_filing(&mut school);
            world.submit_filing(&school);
            world.review_filing(&school);
            let ministry = json!({"reference": "示例部备〔2026〕1号", "filed_on": "2026-03-02"});
            world.post(&school.department, &path(&school, "ministry-filing"), ministry).done();
            school
        };
        let list = |school: &School, fields: Value| world.post(&school.department, &path(school, "listing"), fields);
        let (one, two, three) = (reported("示例一技工学校"), reported("示例二技工学校"), reported("示例三技工学校"));
        for number in ["Y00003500001", "S000035000001", "Y000036000001"] {
            list(&one, json!({"number": number})).refused("人社鉴发〔2019〕2号");
        }
        list(&one, json!({"valid_until": "2026-03-02"})).refused("2.1.3b");
        let listed = list(&one, json!({"number": " y000035000001", "valid_until": "2028-12-31"})).done();
        assert_eq!((&listed["number"], &listed["valid_until"]), (&json!("Y000035000001"), &json!("2028-12-31")));
        list(&two, json!({"number": "Y000035000001"})).refused("2.1.3b");
        // The first of the platform's series is taken: the second is given.
        assert_eq!(list(&two, json!({})).done()["number"], "Y000035000002");
        assert_eq!(list(&three, json!({})).done()["number"], "Y000035000003");
    });
}

#[test]
fn s2_1_3b_an_occupation_that_is_added_keeps_number_and_end() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.filed_school("示例一技工学校");
        let first = (school.number.clone(), school.listing);
        world.on("2026-06-01");
        world.fill_filing(&mut school);
        let said = world.post(&school.head, &path(&school, "submission"), json!({})).refused("2.1.1a");
        assert!(said.what.contains("已在机构目录中"), "{said:?}");
        let more = [("6-31-01-03", "电工")];
        world.post(&school.clerk, &path(&school, "trades"), json!({"trades": trades(&more, &["4"])})).done();
        world.post(&school.clerk, &path(&school, "people"), json!({"people": people(&more)})).done();
        world.post(&school.clerk, &path(&school, "sites"), json!({"sites": sites(&more)})).done();
        let file = world.keep(&school.clerk, PDF);
        let proof = json!({"code": "site_proof", "trade_code": "6-31-01-03", "file": file, "name": "场地证明.pdf"});
        world.post(&school.clerk, &path(&school, "materials"), proof).done();
        world.submit_filing(&school);
        world.post(&school.centre, &path(&school, "acceptance"), json!({})).done();
        world.evaluate_filing(&school);
        let decisions = json!({"decisions": decisions(&more, &["4"])});
        world.post(&school.centre, &path(&school, "assessment"), decisions).done();
        world.post(school.bureau.as_ref().expect("a bureau"), &path(&school, "consent"), json!({})).done();
        world.post(&school.provincial_centre, &path(&school, "summary"), json!({})).done();
        let ministry = json!({"reference": "示例部备〔2026〕9号", "filed_on": "2026-06-01"});
        world.post(&school.department, &path(&school, "ministry-filing"), ministry).done();
        let longer = json!({"valid_until": "2029-05-31"});
        world.post(&school.department, &path(&school, "listing"), longer).refused("2.1.3b");
        let listed = world.post(&school.department, &path(&school, "listing"), json!({})).done();
        assert_eq!((listed["number"].as_str(), listed["listing"].as_i64()), (Some(&*first.0), Some(first.1)));
        assert_eq!((&listed["valid_from"], &listed["valid_until"]), (&json!("2026-06-01"), &json!("2029-03-01")));
        let scope = world.public(&format!("/directory/{}", first.0)).done()["scope"].clone();
        assert_eq!(scope.as_array().expect("a scope").len(), 5);
    });
}

/// A school whose filing is complete, to take something away from.
fn complete(world: &World) -> School {
    let mut school = world.new_school("示例一技工学校", "city", "350102");
    world.fill_filing(&mut school);
    school
}

#[test]
fn s1_2_1_occupations_fit_the_main_majors_and_the_reviewer_decides() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let mut planned = trades(TRADES, &["4", "3"]);
        planned[0]["major"] = json!("");
        world.post(&school.clerk, &path(&school, "trades"), json!({"trades": planned})).done();
        let said = world.post(&school.head, &path(&school, "submission"), json!({})).refused("1.2.1");
        assert!(said.what.contains("4-03-02-01 中式烹调师四级/中级工没有对应的主干专业"), "{said:?}");
        // A school files up to level 3; a technician college was registered with level 2.
        planned[0]["major"] = json!("烹饪（中式烹调）");
        planned[1]["level"] = json!("2");
        world.post(&school.clerk, &path(&school, "trades"), json!({"trades": planned})).done();
        let said = world.post(&school.head, &path(&school, "submission"), json!({})).refused("1.2.1");
        assert!(said.what.contains("最高等级三级/高级工"), "{said:?}");
        planned[1]["level"] = json!("4");
        world.post(&school.clerk, &path(&school, "trades"), json!({"trades": planned})).refused("A1");
        planned[1]["level"] = json!("3");
        world.post(&school.clerk, &path(&school, "trades"), json!({"trades": planned})).done();
        world.submit_filing(&school);
        let page = world.page(Some(&school.centre), &path(&school, "")).text();
        assert!(
            page.contains("烹饪（中式烹调）") && page.contains("《中式烹调师》（2018年版）"),
            "the reviewer sees it"
        );
    });
}

#[test]
fn s1_2_2_people_with_valid_cards_or_no_submission() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let list = |people: &Value| world.post(&school.clerk, &path(&school, "people"), json!({"people": people}));
        let submit = || world.post(&school.head, &path(&school, "submission"), json!({}));
        let full = people(TRADES);
        for (row, field, value, what) in [
            (0, "card_valid_until", json!("2026-03-01"), "的证卡已于 2026-03-01 到期"),
            (0, "level_max", json!("4"), "能考评到三级/高级工的考评人员只有 2 名"),
            (0, "card_number", json!(""), "没有填写证卡编号"),
            (7, "kind", json!("expert"), "没有质量督导人员"),
        ] {
            let mut people = full.clone();
            people[row][field] = value;
            list(&people).done();
            let said = submit().refused("1.2.2");
            assert!(said.what.contains(what), "{said:?}");
        }
        let mut astray = full.clone();
        astray[0]["trade_code"] = json!("6-31-01-03");
        list(&astray).refused("A1");
        list(&full).done();
        submit().done();
        let page = world.page(Some(&school.centre), &path(&school, "")).text();
        assert!(page.contains("示例车工考评员3") && page.contains("示例考评证3"), "the reviewer sees people and cards");
    });
}

#[test]
fn s1_2_3_rooms_stations_equipment_and_cameras_for_each_occupation() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let list = |sites: &Value| world.post(&school.clerk, &path(&school, "sites"), json!({"sites": sites}));
        let submit = || world.post(&school.head, &path(&school, "submission"), json!({}));
        let full = sites(TRADES);
        for (row, what) in [(4, "没有理论考场"), (5, "没有实操工位"), (6, "没有设施设备"), (7, "没有视频监控")]
        {
            let mut sites = full.clone();
            sites.as_array_mut().expect("rows").remove(row);
            list(&sites).done();
            let said = submit().refused("1.2.3");
            assert!(said.what.contains(&format!("6-18-01-01 车工{what}")), "{said:?}");
        }
        let mut forgetful = full.clone();
        forgetful[3]["days_kept"] = json!(90);
        list(&forgetful).done();
        submit().refused("平台规则·录像保存");
        let mut impossible = full.clone();
        impossible[0]["count"] = json!(-1);
        list(&impossible).refused("平台规则·填写");
        list(&full).done();
        submit().done();
    });
}

/// Plans one occupation at level 4.
fn plan(world: &World, school: &School, trade: &str) -> crate::world::Answer {
    let fields = json!({"trades": [{"trade": trade, "level": "4", "major": "示例专业"}]});
    world.post(&school.clerk, &path(school, "trades"), fields)
}

#[test]
fn s1_3_1_only_skilled_and_new_occupations_by_code_or_name() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let said = plan(world, &school, "1-01-00-01").refused("1.3.1");
        assert!(said.what.contains("不是技能类职业"), "{said:?}");
        let said = plan(world, &school, "烹调师").refused("1.3.1");
        assert!(said.remedy.contains("4-03-02-01 中式烹调师"), "{said:?}");
        plan(world, &school, "4-03-02").refused("1.3.1");
        // What was refused changed nothing.
        assert_eq!(world.get(&school.clerk, &path(&school, "")).done()["trades"].as_array().map(Vec::len), Some(4));
        plan(world, &school, " 中式烹调师 ").done();
        let trade = world.get(&school.clerk, &path(&school, "")).done()["trades"][0].clone();
        assert_eq!((&trade["code"], &trade["name"]), (&json!("4-03-02-01"), &json!("中式烹调师")));
    });
}

#[test]
fn s1_3_2_what_stands_in_the_qualification_catalogue_is_refused() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let said = plan(world, &school, "保安员").refused("1.3.2");
        assert!(said.what.contains("国家职业资格目录"), "{said:?}");
        plan(world, &school, "6-18-01-01").done();
    });
}

#[test]
fn s1_3_3_an_occupation_without_an_issued_standard_is_refused() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let said = plan(world, &school, "4-01-02-03").refused("1.3.3");
        assert!(said.what.contains("尚未颁布国家职业技能标准"), "{said:?}");
        plan(world, &school, "4-03-02-01").done();
    });
}

#[test]
fn s1_4_1_the_filing_names_an_issued_standard_with_its_edition() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let plan = |standard: &str| {
            let trade = json!({"trade": "4-03-02-01", "level": "4", "major": "示例专业", "standard": standard});
            world.post(&school.clerk, &path(&school, "trades"), json!({"trades": [trade]}))
        };
        let said = plan("西式烹调师").refused("1.4.1");
        assert!(said.remedy.contains("《中式烹调师》（2018年版）"), "{said:?}");
        plan("中式烹调师（火锅料理师）").done();
        let trade = world.get(&school.clerk, &path(&school, "")).done()["trades"][0].clone();
        assert_eq!(trade["standard"], "《中式烹调师（火锅料理师）》（2024年版）");
    });
}

#[test]
fn a1_the_filing_form_is_filled_in_and_the_body_itself_is_not_rewritten() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let describe = |form: Value| world.post(&school.clerk, &path(&school, "body"), json!({"form": form}));
        for (field, ground) in
            [("address", "A1"), ("legal_representative", "A1"), ("station_number", "1.1.3"), ("majors", "A1")]
        {
            let mut form = body_form();
            form[field] = json!(" ");
            describe(form).refused(ground);
        }
        let mut form = body_form();
        form["address"] = json!("示例新校区2号");
        describe(form).done();
        let view = world.get(&school.centre, &path(&school, "")).done();
        assert_eq!((&view["form"]["address"], &view["body_name"]), (&json!("示例新校区2号"), &json!("示例一技工学校")));
        let stranger = world.new_school("示例二技工学校", "city", "350102");
        let answer = world.post(&stranger.clerk, &path(&school, "body"), json!({"form": body_form()}));
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn a2_the_required_materials_are_attached_and_reach_only_those_concerned() {
    on_each_database("2026-03-02", |world| {
        let school = complete(world);
        let view = world.get(&school.clerk, &path(&school, "")).done();
        let item = |code: &str| {
            let list = view["checklist"].as_array().expect("a list");
            list.iter().find(|item| item["code"] == code).expect("an item").clone()
        };
        let material = item("work_plan")["files"][0]["id"].as_i64().expect("an id");
        let file = format!("{}/materials/{material}", path(&school, ""));
        world.post(&school.clerk, &format!("{file}/removal"), json!({})).done();
        let said = world.post(&school.head, &path(&school, "submission"), json!({})).refused("A2");
        assert!(said.what.contains("职业技能等级认定工作方案"), "{said:?}");
        assert_eq!(world.get(&school.clerk, &file).status, StatusCode::NOT_FOUND);

        let attach = |code: &str, trade: Value, file: &str| {
            let fields = json!({"code": code, "trade_code": trade, "file": file, "name": "../../示例 方案.pdf"});
            world.post(&school.clerk, &path(&school, "materials"), fields)
        };
        let plan = world.keep(&school.clerk, b"%PDF-1.7\nwork plan");
        attach("no_such_item", json!(null), &plan).refused("A2");
        attach("site_proof", json!(null), &plan).refused("A2");
        attach("work_plan", json!("4-03-02-01"), &plan).refused("A2");
        attach("site_proof", json!("6-31-01-03"), &plan).refused("A1");
        attach("work_plan", json!(null), &"0".repeat(64)).refused("A2");
        attach("work_plan", json!(null), &world.keep(&school.clerk, "只是文字".as_bytes())).refused("A2");
        let made = attach("work_plan", json!(null), &plan).done();
        let file = format!("{}/materials/{}", path(&school, ""), made["id"]);
        world.submit_filing(&school);

        assert_eq!(world.get(&school.centre, &file).done()["name"], "示例 方案.pdf");
        assert_eq!(world.get(&school.centre, &format!("{file}/content")).bytes, b"%PDF-1.7\nwork plan");
        assert_eq!(world.page(Some(&school.centre), &file).bytes, b"%PDF-1.7\nwork plan");
        let elsewhere = world.officer_at(Role::CityCentre, "city-350200-centre");
        assert_eq!(world.get(&elsewhere, &format!("{file}/content")).status, StatusCode::NOT_FOUND);
        assert_eq!(world.page(Some(&elsewhere), &file).status, StatusCode::NOT_FOUND);
        assert_eq!(world.page(None, &file).status, StatusCode::SEE_OTHER);
        assert_eq!(world.public(&format!("{file}/content")).status, StatusCode::UNAUTHORIZED);
        // Submitted is submitted.
        world.post(&school.clerk, &format!("{file}/removal"), json!({})).refused("2.1.1b");
    });
}

#[test]
fn s2_1_1a_the_whole_application_is_made_with_the_forms_of_the_pages() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        let clerk = Some(&school.clerk);
        let made = world.submit(clerk, "/filings/new", "/filings", &[]);
        assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
        let home = made.headers["location"].to_str().expect("a path").to_owned();
        school.filing = home.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
        let send = |part: &str, fields: &[(&str, &str)]| {
            let page = format!("{home}/{part}");
            world.submit(clerk, &page, &page, fields)
        };
        world.import_majors(&school, &[("0501", "烹饪", true)]);
        // A refusal keeps what was typed and names the field.
        let refused = send("body", &[("address", "示例路9号")]);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("示例路9号") && refused.text().contains("href=\"#legal_representative\""));
        let form = body_form();
        let form: Vec<(&str, &str)> = form
            .as_object()
            .expect("fields")
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str().unwrap()))
            .collect();
        assert_eq!(send("body", &form).status, StatusCode::SEE_OTHER);

        let cook = [
            ("trade[]", "中式烹调师"),
            ("work_type[]", ""),
            ("level[]", "4"),
            ("major[]", "烹饪"),
            ("standard[]", ""),
            ("papers[]", "国家题库"),
            ("capacity[]", "120"),
        ];
        let empty = cook.map(|(name, _)| (name, ""));
        let rows = [&cook[..], &empty[..]].concat();
        let found = send("trades", &[&rows[..], &[("find", "数控"), ("do", "find")]].concat());
        assert_eq!(found.status, StatusCode::OK);
        assert!(found.text().contains("找到的职业") && found.text().contains("value=\"烹饪\""), "typed rows are kept");
        let more = send("trades", &[&rows[..], &[("do", "more")]].concat()).text();
        assert_eq!(more.matches("name=\"trade[]\"").count(), 9, "one row, three spare, five more");
        assert!(more.contains("value=\"烹饪\""));
        let mut wrong = rows.clone();
        wrong[2].1 = "";
        assert_eq!(send("trades", &wrong).status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(send("trades", &rows).status, StatusCode::SEE_OTHER);

        let person = |kind: &'static str, name: &'static str| {
            [
                ("name[]", name),
                ("kind[]", kind),
                ("trade_code[]", ""),
                ("level_max[]", "3"),
                ("card_number[]", "示例证1"),
                ("card_valid_until[]", "2028-12-31"),
            ]
        };
        let staff = [
            person("assessor", "示例甲"),
            person("assessor", "示例乙"),
            person("assessor", "示例丙"),
            person("full_time", "示例丁"),
            person("inspector", "示例戊"),
            person("expert", "示例己"),
        ];
        let blank = [
            ("name[]", ""),
            ("kind[]", "full_time"),
            ("trade_code[]", ""),
            ("level_max[]", ""),
            ("card_number[]", ""),
            ("card_valid_until[]", ""),
        ];
        assert_eq!(send("people", &[&staff.concat()[..], &blank].concat()).status, StatusCode::SEE_OTHER);
        let site = |kind: &'static str, days: &'static str| {
            [
                ("name[]", "示例实训楼"),
                ("kind[]", kind),
                ("trade_code[]", "4-03-02-01"),
                ("count[]", "40"),
                ("note[]", "2 层"),
                ("days_kept[]", days),
            ]
        };
        let places =
            [site("theory_room", ""), site("practical_station", ""), site("equipment", ""), site("camera", "180")];
        let mut vague = places.concat();
        vague[3].1 = "很多";
        let refused = send("sites", &vague);
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text().contains("value=\"很多\""));
        assert_eq!(send("sites", &places.concat()).status, StatusCode::SEE_OTHER);
        assert!(
            world.page(clerk, &home).text().contains("必交") || world.page(clerk, &home).text().contains("缺少材料")
        );

        let file = world.keep(&school.clerk, PDF);
        for item in rules::filing::default_checklist().iter().filter(|item| item.required) {
            let trade = (item.code == "site_proof").then_some("4-03-02-01");
            let fields = json!({"code": item.code, "trade_code": trade, "file": file, "name": "材料.pdf"});
            world.post(&school.clerk, &path(&school, "materials"), fields).done();
        }
        assert!(world.page(clerk, &home).text().contains("请机构负责人登录后提交"));
        assert!(world.page(clerk, &format!("{home}/materials")).text().contains("必交材料都已上传"));
        let head = Some(&school.head);
        assert_eq!(world.submit(head, &home, &format!("{home}/submission"), &[]).status, StatusCode::SEE_OTHER);
        assert_eq!(stage(world, &school), "submitted");
        assert_eq!(world.page(clerk, &format!("{home}/trades")).status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}

#[test]
fn s2_1_2b_each_next_step_has_a_button_only_for_whom_it_is() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        let bureau = school.bureau.clone().expect("a city school");
        world.fill_filing(&mut school);
        let home = path(&school, "");
        let everyone = [
            ("head", &school.head),
            ("clerk", &school.clerk),
            ("centre", &school.centre),
            ("bureau", &bureau),
            ("provincial centre", &school.provincial_centre),
            ("department", &school.department),
        ];
        // Everyone in reach sees the page; only one may press the button.
        let only = |step: &str, who: &str| {
            for (name, person) in everyone {
                let page = world.page(Some(person), &home);
                assert_eq!(page.status, StatusCode::OK, "{name}");
                let has = page.text().contains(&format!("action=\"{home}/{step}\""));
                assert_eq!(has, name == who, "{step} on the page of {name}");
            }
        };
        let press = |person: &Person, step: &str, fields: &[(&str, &str)]| {
            let answer = world.submit(Some(person), &home, &format!("{home}/{step}"), fields);
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{step}: {}", answer.text());
        };
        only("submission", "head");
        press(&school.head, "submission", &[]);
        only("acceptance", "centre");
        let refused = world.submit(Some(&school.centre), &home, &format!("{home}/return"), &[("reasons", "")]);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        press(&school.centre, "return", &[("reasons", "补交收费管理办法\n补交保密制度")]);
        let page = world.page(Some(&school.clerk), &home).text();
        assert!(
            page.contains("<li>补交收费管理办法</li>") && page.contains("<li>补交保密制度</li>"),
            "each reason on its line"
        );
        press(&school.head, "submission", &[]);
        press(&school.centre, "acceptance", &[]);
        world.evaluate_filing(&school);
        only("assessment", "centre");
        let codes = ["4-03-02-01", "4-03-02-01", "6-18-01-01", "6-18-01-01"];
        let mut fields: Vec<(&str, &str)> = codes
            .iter()
            .zip(["4", "3", "4", "3"])
            .flat_map(|(code, level)| [("code[]", *code), ("level[]", level)])
            .collect();
        fields.extend([("decision-0", "yes"), ("decision-1", "yes"), ("decision-2", "yes")]);
        let kept = [&fields[..], &[("decision-3", "no"), ("opinion", "总体具备条件")]].concat();
        let refused = world.submit(Some(&school.centre), &home, &format!("{home}/assessment"), &kept);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.text().contains("总体具备条件") && refused.text().contains("value=\"no\" checked"),
            "typed is kept"
        );
        press(&school.centre, "assessment", &[&fields[..], &[("decision-3", "no"), ("reason-3", "设备不足")]].concat());
        only("consent", "bureau");
        press(&bureau, "consent", &[("opinion", "同意")]);
        only("summary", "provincial centre");
        press(&school.provincial_centre, "summary", &[]);
        only("ministry-filing", "department");
        press(
            &school.department,
            "ministry-filing",
            &[("reference", "示例部备〔2026〕1号"), ("filed_on", "2026-03-02")],
        );
        only("listing", "department");
        press(&school.department, "listing", &[]);
        only("receipt", "provincial centre");
        press(&school.provincial_centre, "receipt", &[]);
        let page = world.page(Some(&school.clerk), &home).text();
        assert!(page.contains("Y000035000001") && page.contains("/receipt.pdf"), "number and receipt");
        for person in [&school.clerk, &school.centre, &school.department] {
            let list = world.page(Some(person), "/filings?stage=listed");
            assert!(list.status == StatusCode::OK && list.text().contains(&home), "{}", person.login);
        }
        let elsewhere = world.officer_at(Role::CityCentre, "city-350200-centre");
        assert!(!world.page(Some(&elsewhere), "/filings").text().contains(&home));
        assert_eq!(world.page(Some(&elsewhere), &home).status, StatusCode::NOT_FOUND);
        let messages = world.get(&school.head, "/work").done()["messages"].to_string();
        assert!(!messages.is_empty());
        assert_eq!(world.call(None, Method::GET, "/filings", None).status, StatusCode::UNAUTHORIZED);
    });
}
