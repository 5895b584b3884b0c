//! 二（一）2: experts, the panel drawn by lot, its marks and its conclusion; 附件1 and 二（一）3: what is printed and exported
//! of a filing.

use axum::http::StatusCode;
use rules::people::Role;
use serde_json::{Value, json};

use crate::stages::{PDF, School, TRADES, decisions, full_marks};
use crate::world::{World, on_each_database};

fn path(school: &School, part: &str) -> String {
    format!("/filings/{}/evaluation{part}", school.filing)
}

/// A school whose filing is accepted, with experts in the register.
fn accepted(world: &World, affiliation: &str) -> School {
    let mut school = world.new_school("示例一技工学校", affiliation, "350102");
    world.fill_filing(&mut school);
    world.submit_filing(&school);
    world.enter_experts();
    world.post(&school.centre, &format!("/filings/{}/acceptance", school.filing), json!({})).done();
    school
}

fn assessment(world: &World, school: &School) -> crate::world::Answer {
    let fields = json!({"decisions": decisions(TRADES, &["4", "3"])});
    world.post(&school.centre, &format!("/filings/{}/assessment", school.filing), fields)
}

fn view(world: &World, school: &School) -> Value {
    world.get(&school.centre, &path(school, "")).done()
}

/// Takes down what every member gave; `change` may lower it.
fn mark(world: &World, school: &School, change: impl Fn(usize, &mut Value)) {
    let view = view(world, school);
    let panel = view["members"].as_array().expect("members").iter().filter(|one| one["sits"] == true);
    for (n, member) in panel.enumerate() {
        let mut marks = full_marks(&view["sheet"]);
        marks.iter_mut().for_each(|mark| change(n, mark));
        let to = path(school, &format!("/members/{}/marks", member["expert"]));
        world.post(&school.centre, &to, json!({"marks": marks})).done();
    }
}

fn attach(world: &World, school: &School, item: &str, bytes: &[u8]) -> crate::world::Answer {
    let fields = json!({"item": item, "file": world.keep(&school.centre, bytes), "name": "现场.pdf"});
    world.post(&school.centre, &path(school, "/evidence"), fields)
}

#[test]
fn s2_1_2a_a_provincial_filing_is_not_assessed_before_the_panel_has_concluded() {
    on_each_database("2026-03-02", |world| {
        let school = accepted(world, "provincial");
        assessment(world, &school).refused("2.1.2a");
        // Neither weekend nor yesterday; an odd panel of three at least.
        let plan = |fields: Value| world.post(&school.centre, &path(&school, ""), fields);
        plan(json!({"held_on": "2026-02-27"})).refused("2.1.2a");
        plan(json!({"held_on": "2026-03-07"})).refused("2.1.2a");
        plan(json!({"held_on": "2026-03-05", "members": 4})).refused("2.1.2a");
        world.post(&school.centre, &path(&school, "/draws"), json!({})).refused("2.1.2a");
        plan(json!({"held_on": "2026-03-05"})).done();
        plan(json!({"held_on": "2026-03-06"})).refused("2.1.2a");
        assert!(world.get(&school.head, "/work").done()["tasks"].to_string().contains("现场评估"));
        assert_eq!(world.post(&school.head, &path(&school, "/draws"), json!({})).status, StatusCode::FORBIDDEN);
        let drawn = world.post(&school.centre, &path(&school, "/draws"), json!({})).done();
        assert_eq!((&drawn["no"], &drawn["eligible"]), (&json!(1), &json!(5)));
        world.log_holds(&["panel.drawn"]);
        assert_eq!(drawn["members"].as_array().map(Vec::len), Some(3));
        // Before the day nothing is marked, and the body does not know whom to expect.
        let first = &drawn["members"][0]["expert"];
        let marks = path(&school, &format!("/members/{first}/marks"));
        let sheet = view(world, &school)["sheet"].clone();
        let full = json!({"marks": full_marks(&sheet)});
        world.post(&school.centre, &marks, full.clone()).refused("2.1.2a");
        let seen = world.get(&school.head, &path(&school, "")).done();
        assert_eq!((&seen["held_on"], &seen["members"]), (&json!("2026-03-05"), &json!([])));
        world.on("2026-03-05");
        let mut low = full.clone();
        low["marks"][0]["points"] = json!(99);
        world.post(&school.centre, &marks, low).refused("1.2.1");
        let mut silent = full.clone();
        silent["marks"][0]["points"] = json!(3);
        world.post(&school.centre, &marks, silent).refused("1.2.1");
        world.post(&school.centre, &marks, full).done();
        // The panel is not complete, then the signed sheet is missing.
        let conclude = || world.post(&school.centre, &path(&school, "/conclusion"), json!({"opinion": "条件具备"}));
        conclude().refused("2.1.2a");
        mark(world, &school, |_, _| ());
        let said = conclude().refused("2.1.2a");
        assert!(said.what.contains("签字"), "{said:?}");
        attach(world, &school, "rooms", "只是文字".as_bytes()).refused("2.1.2a");
        attach(world, &school, "no_such_line", PDF).refused("2.1.2a");
        let photo = attach(world, &school, "rooms", PDF).done()["id"].clone();
        attach(world, &school, "signed_sheet", PDF).done();
        assessment(world, &school).refused("2.1.2a");
        let said = conclude().done();
        assert!(said["outcomes"].as_array().expect("outcomes").iter().all(|one| one["passed"] == true), "{said}");
        conclude().refused("2.1.2a");
        // The body sees the result; single marks, photos and the draw only when the filing is decided.
        let seen = world.get(&school.clerk, &path(&school, "")).done();
        assert_eq!((&seen["sheet"], &seen["evidence"], &seen["draws"]), (&json!([]), &json!([]), &json!([])));
        assert_eq!(seen["outcomes"].as_array().map(Vec::len), Some(2));
        for hidden in [format!("/evidence/{photo}"), "/draws/1".to_owned()] {
            assert_eq!(world.get(&school.clerk, &path(&school, &hidden)).status, StatusCode::NOT_FOUND, "{hidden}");
        }
        assessment(world, &school).done();
        let seen = world.get(&school.clerk, &path(&school, "")).done();
        assert_eq!(seen["sheet"][0]["marks"].as_array().map(Vec::len), Some(3));
        assert_eq!(world.get(&school.clerk, &path(&school, &format!("/evidence/{photo}/content"))).bytes, PDF);
        let pdf = world.page(Some(&school.centre), &path(&school, "/sheet.pdf"));
        assert!(pdf.status == StatusCode::OK && pdf.bytes.starts_with(b"%PDF-"), "{}", pdf.status);
    });
}

#[test]
fn s2_1_2a_a_corrected_paper_needs_no_second_visit_and_other_people_do() {
    on_each_database("2026-03-02", |world| {
        let school = accepted(world, "provincial");
        world.evaluate_filing(&school);
        let step = |part: &str| format!("/filings/{}/{part}", school.filing);
        let again = |reason: Value, change: &dyn Fn()| {
            world.post(&school.centre, &step("return"), reason).done();
            change();
            world.submit_filing(&school);
            world.post(&school.centre, &step("acceptance"), json!({})).done();
        };
        again(json!({"reasons": ["申请报告没有盖章"]}), &|| ());
        assert_eq!(view(world, &school)["stage"], "finished");
        // It is about people: whoever went would have to look again, even if the school says that nothing changed.
        let people = json!({"parts": [{"part": "people", "about": "", "text": "请核对专职人员"}]});
        again(people, &|| ());
        assessment(world, &school).refused("2.1.2a");
        world.evaluate_filing(&school);
        // Nobody asked, but the school now has other rooms.
        again(json!({"reasons": ["申请报告没有盖章"]}), &|| {
            let mut sites = crate::stages::sites(TRADES);
            sites.as_array_mut().expect("sites")[0]["count"] = json!(41);
            world.post(&school.clerk, &step("sites"), json!({"sites": sites})).done();
        });
        let said = assessment(world, &school).refused("2.1.2a");
        assert!(said.what.contains("现场评估"), "{said:?}");
        world.evaluate_filing(&school);
        assessment(world, &school).done();
    });
}

#[test]
fn s2_1_2b_the_panel_is_drawn_by_lot_and_anyone_can_draw_again() {
    on_each_database("2026-03-02", |world| {
        let school = accepted(world, "city");
        let elsewhere = world.officer_at(Role::CityCentre, "city-350200-centre");
        let plan = json!({"held_on": "2026-03-03"});
        assert_eq!(world.post(&elsewhere, &path(&school, ""), plan.clone()).status, StatusCode::NOT_FOUND);
        world.post(&school.centre, &path(&school, ""), plan).done();
        let committed = view(world, &school)["commitment"].clone();

        // Who is tied to the school, suspended or without a valid card stays out, with the reason.
        let register = world.get(&school.provincial_centre, "/cards?kind=expert").done()["cards"].clone();
        let expert = |n: usize| register[n]["id"].clone();
        let entry = |n: usize| {
            let one = &register[n];
            json!({"kind": "expert", "name": one["name"], "employer": one["employer"], "superior": one["superior"], "title": "",
                   "trades": ["中式烹调师"], "level_max": "1", "card_number": one["card_number"],
                   "card_valid_until": one["card_valid_until"]})
        };
        let change = |n: usize, field: &str, value: Value| {
            let mut entry = entry(n);
            entry[field] = value;
            let fields = json!({"entry": entry});
            world.post(&school.provincial_centre, &format!("/cards/{}", expert(n)), fields)
        };
        let tie = |body: &str| json!([{"body": body, "relation": "配偶在该校任教"}]);
        change(0, "ties", tie("示例无此学校")).refused("3.1.1");
        change(0, "ties", tie("示例一技工学校")).done();
        change(1, "card_valid_until", json!("2026-03-02")).done();
        let suspension = format!("/cards/{}/suspension", expert(2));
        world.post(&school.provincial_centre, &suspension, json!({"reason": " "})).refused("3.1.1");
        assert_eq!(world.post(&school.centre, &suspension, json!({"reason": "示例"})).status, StatusCode::FORBIDDEN);
        world.post(&school.provincial_centre, &suspension, json!({"reason": "接受核查"})).done();
        let draw = |reason: &str| world.post(&school.centre, &path(&school, "/draws"), json!({"reason": reason}));
        let said = draw("").refused("2.1.2b");
        assert!(said.what.contains("只有2人"), "{said:?}");
        let resumption = format!("/cards/{}/resumption", expert(2));
        world.post(&school.provincial_centre, &resumption, json!({"reason": "核查完毕"})).done();
        draw("").done();
        let seen = view(world, &school);
        let left_out = seen["draws"][0]["left_out"].to_string();
        assert!(left_out.contains("回避：配偶在该校任教") && left_out.contains("证卡于 2026-03-02 到期"), "{left_out}");
        assert_eq!(seen["draws"][0]["commitment"], committed, "put aside before the list was known");

        // All three are drawn: who can't come has nobody to follow, until the register grows and it is drawn again.
        let member = seen["members"][0]["expert"].clone();
        let replace = |expert: &Value, reason: &str| {
            let to = path(&school, &format!("/members/{expert}/replacement"));
            world.post(&school.centre, &to, json!({"reason": reason}))
        };
        replace(&member, "").refused("2.1.2b");
        replace(&member, "出差").refused("2.1.2b");
        change(0, "ties", json!([])).done();
        draw("").refused("2.1.2b");
        draw("补充了专家").done();
        let seen = view(world, &school);
        assert_eq!(seen["draws"].as_array().map(Vec::len), Some(2), "the earlier draw stays in sight");
        let member = seen["members"][0]["expert"].clone();
        let next = replace(&member, "出差").done();
        replace(&member, "出差").status.is_client_error().then_some(()).expect("who left is not on the panel");
        let seen = view(world, &school);
        let panel: Vec<_> =
            seen["members"].as_array().expect("members").iter().filter(|one| one["sits"] == true).collect();
        assert_eq!(panel.len(), 3);
        assert_eq!((&panel[2]["expert"], &panel[2]["place"]), (&next["expert"], &json!(4)));

        // The record is checked without the house; one changed byte is noticed.
        let record = world.page(Some(&school.centre), &path(&school, "/draws/2/record.json"));
        let drawn = proof::redraw(&record.bytes).expect("the same draw");
        assert_eq!(drawn.list.len(), 4);
        let file = world.folder.join("record.json");
        let verify = |text: &str| {
            std::fs::write(&file, text).expect("written");
            let output = std::process::Command::new(env!("CARGO_BIN_EXE_jiangce"))
                .args(["verify", "draw", &file.display().to_string()])
                .output()
                .expect("the command");
            (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
        };
        let (well, said) = verify(&record.text());
        assert!(well && said.contains("抽取结果可以复核"), "{said}");
        let (well, said) = verify(&record.text().replacen("第2次抽取", "第3次抽取", 1));
        assert!(!well && said.contains("不能复核"), "{said}");
        // Once somebody has marked, nobody is drawn anew.
        world.on("2026-03-03");
        mark(world, &school, |_, _| ());
        draw("再来一次").refused("2.1.2b");
        replace(&panel[0]["expert"].clone(), "不舒服").refused("2.1.2b");
    });
}

/// A school whose filing is accepted, with these experts in the register: so many, and the occupations that they judge.
fn accepted_with(world: &World, experts: &[(usize, &str)]) -> School {
    let mut school = world.new_school("示例一技工学校", "city", "350102");
    world.fill_filing(&mut school);
    world.submit_filing(&school);
    let mut names = "甲乙丙丁戊己庚辛壬癸子丑寅卯".chars();
    let mut rows = "姓名,工作单位,主管部门,职业,最高等级,证卡编号,证卡有效期\n".to_owned();
    for (count, trades) in experts {
        for _ in 0..*count {
            let one = names.next().expect("a name");
            rows += &format!("示例{one},示例研究院{one},示例省直部门,{trades},一级,示例专家证{one},2099-12-31\n");
        }
    }
    let file = world.keep(&school.provincial_centre, rows.as_bytes());
    let fields = json!({"file": file, "name": "专家.csv", "kind": "expert"});
    let made = world.post(&school.provincial_centre, "/card-imports", fields).done();
    assert_eq!(made["faults"], json!(0), "{made}");
    world.post(&school.centre, &format!("/filings/{}/acceptance", school.filing), json!({})).done();
    school
}

#[test]
fn s2_1_2b_every_occupation_has_an_expert_on_the_panel() {
    on_each_database("2026-03-02", |world| {
        // One of fourteen may judge the second occupation: by lot alone the panel would nearly always lack them.
        let school = accepted_with(world, &[(13, "中式烹调师"), (1, "车工")]);
        world.post(&school.centre, &path(&school, ""), json!({"held_on": "2026-03-03"})).done();
        let drawn = world.post(&school.centre, &path(&school, "/draws"), json!({})).done();
        assert_eq!((&drawn["eligible"], &drawn["uncovered"]), (&json!(14), &json!([])));
        let names: Vec<_> =
            drawn["members"].as_array().expect("members").iter().map(|one| one["name"].clone()).collect();
        assert!(names.len() == 3 && names.contains(&json!("示例卯")), "{names:?}");
        let record = world.page(Some(&school.centre), &path(&school, "/draws/1/record.json"));
        let again = proof::redraw(&record.bytes).expect("the same draw");
        assert_eq!(again.cover, ["4-03-02-01", "6-18-01-01"]);
        let lines = again.drawn();
        assert!(names.iter().all(|name| lines.iter().any(|line| line.contains(name.as_str().expect("a name")))));
        let page = world.page(Some(&school.centre), &path(&school, "")).text();
        assert!(page.contains("覆盖 2 个职业"), "{page}");
        // Nobody else may judge it: whoever replaces another leaves that one where they are.
        let seen = view(world, &school);
        let other = seen["members"].as_array().expect("members").iter().find(|one| one["name"] != "示例卯");
        let to = path(&school, &format!("/members/{}/replacement", other.expect("another")["expert"]));
        world.post(&school.centre, &to, json!({"reason": "出差"})).done();
        let seen = view(world, &school)["members"].clone();
        let sits =
            |name: &str| seen.as_array().expect("members").iter().any(|one| one["sits"] == true && one["name"] == name);
        assert!(sits("示例卯"), "{seen}");
    });
}

#[test]
fn s2_1_2b_an_occupation_without_an_expert_is_named() {
    on_each_database("2026-03-02", |world| {
        let school = accepted_with(world, &[(4, "中式烹调师")]);
        world.post(&school.centre, &path(&school, ""), json!({"held_on": "2026-03-03"})).done();
        let drawn = world.post(&school.centre, &path(&school, "/draws"), json!({})).done();
        assert_eq!(drawn["uncovered"], json!(["车工（6-18-01-01）"]));
        let page = world.page(Some(&school.centre), &path(&school, "")).text();
        assert!(page.contains("没有专家的职业") && page.contains("车工（6-18-01-01）"), "{page}");
    });
}

#[test]
fn s2_1_2b_what_the_panel_finds_wanting_is_not_qualified() {
    on_each_database("2026-03-02", |world| {
        let school = accepted(world, "city");
        world.post(&school.centre, &path(&school, ""), json!({"held_on": "2026-03-03"})).done();
        world.post(&school.centre, &path(&school, "/draws"), json!({})).done();
        let moving = |on: &str, reason: &str| {
            world.post(&school.centre, &path(&school, "/day"), json!({"held_on": on, "reason": reason}))
        };
        moving("2026-03-04", "").refused("2.1.2b");
        moving("2026-03-04", "专家行程").done();
        world.on("2026-03-04");
        assert!(world.get(&school.centre, "/work").done()["tasks"].to_string().contains("登记评分，形成评估结论"));
        // Two of three find the lathes wanting.
        mark(world, &school, |n, mark| {
            if n < 2 && mark["item"] == "stations" && mark["trade_code"] == "6-18-01-01" {
                mark["points"] = json!(6);
                mark["remark"] = json!("车床只有四台");
            }
        });
        attach(world, &school, "signed_sheet", PDF).done();
        world.post(&school.centre, &path(&school, "/conclusion"), json!({})).done();
        let said = assessment(world, &school).refused("1.2.3");
        assert!(said.what.contains("6-18-01-01"), "{said:?}");
        // The reviewer sees it beside the decision.
        let page = world.page(Some(&school.centre), &format!("/filings/{}", school.filing)).text();
        assert!(page.contains("未达到条件") && page.contains("实操工位与设施设备不足"), "{page}");
        let mut decisions = decisions(TRADES, &["4", "3"]);
        for n in [2, 3] {
            decisions[n]["passed"] = json!(false);
            decisions[n]["reason"] = json!("实操工位不足");
        }
        let assess = format!("/filings/{}/assessment", school.filing);
        world.post(&school.centre, &assess, json!({"decisions": decisions})).done();
    });
}

#[test]
fn s2_1_2b_what_was_given_back_is_evaluated_anew_and_the_pages_lead_through() {
    on_each_database("2026-03-02", |world| {
        let school = accepted(world, "city");
        world.evaluate_filing(&school);
        let filing = format!("/filings/{}", school.filing);
        world
            .post(
                &school.centre,
                &format!("{filing}/return"),
                json!({"parts": [{"part": "sites", "about": "", "text": "车间搬迁，请更新"}]}),
            )
            .done();
        world.submit_filing(&school);
        world.post(&school.centre, &format!("{filing}/acceptance"), json!({})).done();
        assessment(world, &school).refused("2.1.2b");

        let home = path(&school, "");
        let press = |part: &str, fields: &[(&str, &str)]| {
            let answer = world.submit(Some(&school.centre), &home, &format!("{home}{part}"), fields);
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{part}: {}", answer.text());
        };
        let wrong = world.submit(Some(&school.centre), &home, &home, &[("held_on", "明天"), ("members", "5")]);
        assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text().contains("value=\"5\""));
        press("", &[("held_on", "2026-03-02"), ("members", "")]);
        press("/draws", &[]);
        let page = world.page(Some(&school.centre), &home).text();
        assert!(page.contains("下载评分表") && page.contains("抽取记录") && page.contains("不能到场"), "{page}");
        let seen = view(world, &school);
        for member in seen["members"].as_array().expect("members").iter().filter(|one| one["sits"] == true) {
            let marks = format!("/members/{}/marks", member["expert"]);
            let lines: Vec<(String, String, String)> = seen["sheet"]
                .as_array()
                .expect("a sheet")
                .iter()
                .map(|line| {
                    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
                    (text("item"), text("trade_code"), line["full"].to_string())
                })
                .collect();
            let fields = |points: &str| -> Vec<(&str, String)> {
                lines
                    .iter()
                    .flat_map(|(item, code, full)| {
                        let given = if points.is_empty() { full.clone() } else { points.to_owned() };
                        [
                            ("item[]", item.clone()),
                            ("trade_code[]", code.clone()),
                            ("points[]", given),
                            ("remark[]", String::new()),
                        ]
                    })
                    .collect()
            };
            let send = |points: &str| {
                let fields = fields(points);
                let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
                let page = format!("{home}{marks}");
                world.submit(Some(&school.centre), &page, &page, &fields)
            };
            let refused = send("许多");
            assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text().contains("value=\"许多\""));
            assert_eq!(send("").status, StatusCode::SEE_OTHER);
        }
        let refused =
            world.submit(Some(&school.centre), &home, &format!("{home}/conclusion"), &[("opinion", "总体具备")]);
        assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text().contains("总体具备"));
        attach(world, &school, "signed_sheet", PDF).done();
        press("/conclusion", &[("opinion", "总体具备")]);
        assert!(world.page(Some(&school.head), &home).text().contains("达到条件"));
        assessment(world, &school).done();
    });
}

#[test]
fn a1_the_filing_form_is_printed_from_the_application_as_a_draft_and_with_its_opinions() {
    on_each_database("2026-03-02", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        world.fill_filing(&mut school);
        let form = format!("/filings/{}/form.pdf", school.filing);
        let elsewhere = world.officer_at(Role::CityCentre, "city-350200-centre");
        let print = |person| {
            let answer = world.get(person, &form);
            assert!(answer.status == StatusCode::OK && answer.bytes.starts_with(b"%PDF-"), "{}", answer.text());
            answer.bytes
        };
        let draft = print(&school.clerk);
        assert_eq!(world.get(&elsewhere, &form).status, StatusCode::NOT_FOUND);
        assert_eq!(world.page(None, &form).status, StatusCode::SEE_OTHER);
        world.submit_filing(&school);
        let submitted = print(&school.centre);
        assert_ne!(draft, submitted, "a draft says so");
        world.review_filing(&school);
        assert_ne!(submitted, print(&school.department), "opinions are filled in");
        let page = world.page(Some(&school.clerk), &form);
        assert_eq!(page.headers["content-type"], "application/pdf");
        // A character that no font has is said, and nothing is printed.
        let mut other = world.new_school("示例二技工学校", "city", "350102");
        world.fill_filing(&mut other);
        let mut odd = crate::stages::body_form();
        odd["head"] = json!("示例\u{e001}");
        let path = format!("/filings/{}", other.filing);
        world.post(&other.clerk, &format!("{path}/body"), json!({"form": odd})).done();
        world.get(&other.clerk, &format!("{path}/form.pdf")).refused("A1");
    });
}

#[test]
fn s2_1_3a_gathered_filings_are_exported_for_the_ministry_and_answered_at_once() {
    on_each_database("2026-03-02", |world| {
        let gathered = |name: &str| {
            let mut school = world.new_school(name, "city", "350102");
            world.fill_filing(&mut school);
            world.submit_filing(&school);
            school
        };
        let (one, two, three) = (gathered("示例一技工学校"), gathered("示例二技工学校"), gathered("示例三技工学校"));
        world.review_filing(&one);
        world.review_filing(&two);
        let export = |filings: Value| world.post(&one.department, "/ministry-exports", json!({"filings": filings}));
        export(json!([])).refused("2.1.3a");
        // What is not gathered yet can't be exported, nor by anyone else.
        export(json!([one.filing, three.filing])).refused("2.1.3a");
        let fields = json!({"filings": [one.filing]});
        assert_eq!(world.post(&one.provincial_centre, "/ministry-exports", fields).status, StatusCode::FORBIDDEN);
        assert_eq!(world.get(&one.provincial_centre, "/ministry-exports").status, StatusCode::FORBIDDEN);
        let made = export(json!([two.filing, one.filing, one.filing])).done();
        assert_eq!(made["rows"], json!(8), "two schools, two occupations, two levels");
        let list = world.get(&one.department, "/ministry-exports").done();
        assert_eq!(list["exports"][0]["filings"], json!(2));
        assert_eq!(list["waiting"][0]["exported_on"], json!("2026-03-02"));
        let workbook = world.get(&one.department, &format!("/ministry-exports/{}/content", made["export"]));
        assert!(workbook.status == StatusCode::OK && workbook.bytes.starts_with(b"PK"), "{}", workbook.status);
        assert_eq!(world.page(Some(&one.centre), "/ministry").status, StatusCode::FORBIDDEN);

        // One answer for both, all or nothing.
        let answer = |filings: Value, on: &str| {
            let fields = json!({"filings": filings, "reference": "示例部备〔2026〕3号", "filed_on": on});
            world.post(&one.department, "/ministry-filings", fields)
        };
        answer(json!([one.filing, two.filing, three.filing]), "2026-03-02").refused("2.1.2b");
        answer(json!([one.filing, two.filing]), "2026-03-03").refused("2.1.3a");
        answer(json!([]), "2026-03-02").refused("2.1.3a");
        let stage = |school: &School| world.get(&school.head, &format!("/filings/{}", school.filing)).done();
        assert_eq!(stage(&one)["stage"], json!("summarised"));
        let chosen = [("filing", one.filing.to_string()), ("filing", two.filing.to_string())];
        let mut fields: Vec<(&str, &str)> = chosen.iter().map(|(name, id)| (*name, id.as_str())).collect();
        fields.extend([("reference", "示例部备〔2026〕3号"), ("filed_on", "2026-03-02"), ("do", "answer")]);
        let page = world.submit(Some(&one.department), "/ministry", "/ministry", &fields);
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text());
        for school in [&one, &two] {
            let seen = stage(school);
            assert_eq!(
                (&seen["stage"], &seen["ministry_reference"]),
                (&json!("reported"), &json!("示例部备〔2026〕3号"))
            );
            let step = seen["steps"].as_array().expect("steps").iter().find(|step| step["label"] == "登记部级备案");
            let step = step.expect("the step");
            assert_eq!(step["on"], json!("2026-03-02"));
            assert!(step["who"].as_str().expect("who").contains("福建省人力资源和社会保障厅"), "{step}");
        }
    });
}

#[test]
fn s2_1_2b_experts_are_imported_row_by_row_with_what_is_wrong_and_their_phones_are_sealed() {
    on_each_database("2026-03-02", |world| {
        let centre = world.officer_at(Role::ProvincialCentre, "province-centre");
        let city = world.officer_at(Role::CityCentre, "city-350100-centre");
        let elsewhere = world.new_school("示例二技工学校", "city", "350102").clerk;
        let csv = "姓名,工作单位,职业,最高等级,证卡编号,证卡有效期,手机号码\n\
                   示例甲,示例研究院,车工,一级,示例专家证1,2027-12-31,19900000001\n\
                   示例乙,示例研究院,车床,一级,示例专家证2,2027-12-31,\n";
        let import = |text: &str| {
            let file = world.keep(&centre, text.as_bytes());
            world.post(&centre, "/card-imports", json!({"file": file, "name": "专家.csv", "kind": "expert"}))
        };
        let made = import(csv).done();
        assert_eq!((&made["rows_read"], &made["new"], &made["faults"]), (&json!(2), &json!(1), &json!(1)));
        let found = world.get(&centre, &format!("/card-imports/{}", made["upload"])).done()["findings"][0].clone();
        assert_eq!((&found["row"], &found["column"], &found["value"]), (&json!(3), &json!("C"), &json!("车床")));
        assert!(
            !found["reason"].as_str().expect("why").is_empty() && !found["remedy"].as_str().expect("what").is_empty()
        );
        assert_eq!(world.get(&city, &format!("/card-imports/{}", made["upload"])).status, StatusCode::NOT_FOUND);
        // The same file again changes nothing; a later card is a change.
        assert_eq!(import(csv).done()["same"], json!(1));
        assert_eq!(import(&csv.replace("2027-12-31,199", "2029-12-31,199")).done()["changed"], json!(1));
        let list = world.get(&city, "/cards").done();
        let one = &list["cards"][0];
        assert_eq!((&list["total"], &one["card_valid_until"]), (&json!(1), &json!("2029-12-31")));
        let detail = world.get(&city, &format!("/cards/{}", one["id"])).done();
        assert_eq!(detail["phone_masked"], json!("199****0001"));
        assert_eq!(detail["terms"].as_array().map(Vec::len), Some(2), "the validity before stays in sight: {detail}");
        assert!(!list.to_string().contains("19900000001") && !detail.to_string().contains("19900000001"));
        assert_eq!(world.get(&elsewhere, "/cards").done()["total"], json!(0), "a body sees its own people");
        // Who calls an expert leaves a trace; the record and the database hold no number in the open.
        let looks = world.count("SELECT COUNT(*) FROM sight");
        let contact = format!("/cards/{}/contact", one["id"]);
        assert_eq!(world.get(&city, &contact).done()["phone"], json!("19900000001"));
        assert_eq!(world.get(&elsewhere, &contact).status, StatusCode::NOT_FOUND);
        assert!(world.count("SELECT COUNT(*) FROM sight") > looks);
        let entry = json!({"entry": {"kind": "expert", "name": "示例丙", "employer": "示例厂", "trades": ["车工"], "level_max": "1",
            "card_number": "示例专家证1", "card_valid_until": "2027-12-31", "phone": "19900000003"}});
        world.post(&centre, "/cards", entry.clone()).refused("3.1.1");
        let mut new = entry;
        new["entry"]["card_number"] = json!("示例专家证3");
        assert_eq!(world.post(&city, "/cards", new.clone()).status, StatusCode::FORBIDDEN);
        world.post(&centre, "/cards", new).done();
        assert_eq!(world.count("SELECT COUNT(*) FROM record WHERE fields LIKE '%19900000003%'"), 0);
        assert_eq!(world.count("SELECT COUNT(*) FROM register_person WHERE phone LIKE '%1990%'"), 0);
        for page in ["/cards", "/cards/new", "/cards.xlsx", "/templates/cards.xlsx"] {
            assert_eq!(world.page(Some(&centre), page).status, StatusCode::OK, "{page}");
        }
    });
}
