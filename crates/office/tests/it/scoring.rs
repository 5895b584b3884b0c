//! 一（四）, 一（五）1: rubrics of standards, assessors who mark alone, and what the head of the group makes of it.

use axum::http::{Method, StatusCode};
use rules::people::Role;
use serde_json::{Value, json};

use crate::held::name_of;
use crate::stages::{PDF, School, TRADES, batch_fields, decisions, people, trades};
use crate::world::{Answer, Person, World, on_each_database};

/// Three items of which the second is key.
fn items() -> Value {
    json!([
        {"code": "1", "title": "刀工", "points": 30},
        {"code": "2", "title": "火候", "points": 50, "is_key": true},
        {"code": "3", "title": "卫生", "points": 20},
    ])
}

/// The provincial centre sets a rubric of the practical assessment for every issued standard of the first occupation.
fn set_rubric(world: &World, from: &str, items: &Value) {
    let centre = world.officer_at(Role::ProvincialCentre, "province-centre");
    let (code, _) = TRADES[0];
    let found = world.get(&centre, &format!("/standards?find={code}")).done();
    for one in found["found"].as_array().expect("standards") {
        let fields = json!({"code": code, "standard": one["standard"], "part": "practical", "from": from,
                            "items": items, "source": "2018年版 4.2"});
        world.post(&centre, "/standards/rubric", fields).done();
    }
}

/// A batch with its assessors, on the day after the practical assessment of Tuesday 15 September 2026.
struct Scored {
    school: School,
    batch: i64,
    candidates: Vec<i64>,
    /// Assignments: the head of the group, two assessors.
    assessors: Vec<i64>,
}

/// So many candidates, three assessors; the rubric of [`items`] where it is asked for.
fn scored(world: &World, candidates: usize, divided: bool) -> Scored {
    scored_on(world, "2026-09-16", candidates, divided)
}

/// As [`scored`], on another day from that of the practical assessment on.
fn scored_on(world: &World, day: &str, candidates: usize, divided: bool) -> Scored {
    world.on("2026-08-31");
    let school = world.filed_school("示例第一技工学校");
    world.enter_examiners("示例第一技工学校", "甲");
    if divided {
        set_rubric(world, "2026-08-31", &items());
    }
    let batch = world.notified_batch(&school, "2026-09-14");
    let candidates = world.register(batch, candidates);
    let people = json!({"people": World::examiners("甲"), "at_once": null});
    world.post(&school.clerk, &format!("/batches/{batch}/assignment"), people).done();
    let view = world.get(&school.clerk, &format!("/batches/{batch}/scores")).done();
    let assessors = view["panels"][0]["assessors"].as_array().expect("assessors").iter();
    let assessors = assessors.map(|one| one["assessor"].as_i64().expect("an id")).collect();
    world.on(day);
    Scored { school, batch, candidates, assessors }
}

impl Scored {
    fn path(&self, assessor: usize) -> String {
        format!("/batches/{}/scores/{}", self.batch, self.assessors[assessor])
    }

    fn enter(&self, world: &World, by: &Person, assessor: usize, candidate: usize, points: &[&str]) -> Answer {
        let entries = json!([{"candidate": self.candidates[candidate], "points": points}]);
        world.post(by, &self.path(assessor), json!({"entries": entries}))
    }

    fn hand_in(&self, world: &World, by: &Person, assessor: usize) -> Answer {
        let signed = json!({"file": world.keep(by, PDF), "file_name": "评分表.pdf"});
        world.post(by, &format!("{}/submission", self.path(assessor)), signed)
    }

    /// Every assessor gives everyone these points and hands in, typed by the clerk.
    fn all(&self, world: &World, points: &[&str]) {
        for assessor in 0..self.assessors.len() {
            for candidate in 0..self.candidates.len() {
                self.enter(world, &self.school.clerk, assessor, candidate, points).done();
            }
            self.hand_in(world, &self.school.clerk, assessor).done();
        }
    }

    fn merge(&self, world: &World, by: &Person, more: Value) -> Answer {
        let mut fields = json!({"part": "practical"});
        for (name, value) in more.as_object().into_iter().flatten() {
            fields[name] = value.clone();
        }
        world.post(by, &format!("/batches/{}/score-merge", self.batch), fields)
    }

    fn panel(&self, world: &World) -> Value {
        world.get(&self.school.clerk, &format!("/batches/{}/scores", self.batch)).done()["panels"][0].clone()
    }

    /// The mark of the practical assessment.
    fn mark(&self, world: &World, candidate: usize) -> Value {
        let view = world.get(&self.school.clerk, &format!("/batches/{}/marks", self.batch)).done();
        view["persons"][candidate]["marks"][1].clone()
    }
}

#[test]
fn s1_4_1_a_standard_has_a_rubric_and_a_batch_keeps_the_one_of_its_notice() {
    on_each_database("2026-08-31", |world| {
        let centre = world.officer_at(Role::ProvincialCentre, "province-centre");
        let (code, _) = TRADES[0];
        let standard = world.get(&centre, &format!("/standards?find={code}")).done()["found"][0]["standard"].clone();
        let set = |more: Value| {
            let mut fields = json!({"code": code, "standard": standard, "part": "practical", "from": "2026-08-31",
                                    "items": items(), "source": "2018年版 4.2"});
            for (name, value) in more.as_object().into_iter().flatten() {
                fields[name] = value.clone();
            }
            world.post(&centre, "/standards/rubric", fields)
        };
        let mut short = items();
        short[0]["points"] = json!(20);
        assert!(set(json!({"items": short})).refused("1.4.1").what.contains("合计 90 分，应为 100 分"));
        set(json!({"part": "theory"})).refused("1.4.1");
        set(json!({"from": "2026-08-30"})).refused("1.4.1");
        set(json!({"source": ""})).refused("1.4.1");
        set(json!({"standard": "《没有这一份》（2022年版）"})).refused("1.3.3");
        let other = world.officer_at(Role::CityCentre, "city-350100-centre");
        let fields =
            json!({"code": code, "standard": standard, "part": "practical", "from": "2026-08-31", "source": "1"});
        assert_eq!(world.post(&other, "/standards/rubric", fields).status, StatusCode::FORBIDDEN);
        // Out of a workbook: with a fault nothing is set, and each fault has its row and column.
        let file = |text: &str| world.keep(&centre, text.as_bytes());
        let bad = file("编号,项目,配分,关键项\n1,刀工,三十,\n2,火候,50,是\n3,火候,20,可能\n");
        let read = set(json!({"items": [], "file": bad})).done();
        assert_eq!(read["id"], Value::Null, "{read}");
        let at: Vec<_> = read["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .map(|one| (one["row"].clone(), one["column"].clone()))
            .collect();
        assert_eq!(at, [(json!(2), json!("C")), (json!(4), json!("B")), (json!(4), json!("D"))]);
        let good = file("编号,考核内容,分值,是否关键\n1,刀工,３０,\n2,火候,50分,是\n3,卫生,20,否\n,合计,100,\n");
        assert_eq!(set(json!({"items": [], "file": good})).done()["items"], 3);
        set_rubric(world, "2026-08-31", &items());
        let held = scored(world, 1, false);
        let panel = held.panel(world);
        assert_eq!(
            (&panel["items"][1]["title"], &panel["items"][1]["is_key"]),
            (&json!("火候"), &json!(true)),
            "{panel}"
        );
        assert_eq!(panel["source"], "2018年版 4.2");
        // What is set later is for batches that are notified later.
        set_rubric(world, "2026-09-16", &json!([{"title": "成品", "points": 100}]));
        assert_eq!(held.panel(world)["items"].as_array().map(Vec::len), Some(3));
        let next = world.notified_batch(&held.school, "2026-10-14");
        let view = world.get(&held.school.clerk, &format!("/batches/{next}/scores")).done();
        assert_eq!(view["panels"][0]["items"][0]["title"], "成品");
        // Taken back, a part is judged as a whole again.
        set_rubric(world, "2026-09-16", &json!([]));
        let last = world.notified_batch(&held.school, "2026-10-15");
        let view = world.get(&held.school.clerk, &format!("/batches/{last}/scores")).done();
        assert_eq!(
            (&view["panels"][0]["is_divided"], view["panels"][0]["items"].as_array().map(Vec::len)),
            (&json!(false), Some(1))
        );
        let query: String = form_urlencoded::byte_serialize(standard.as_str().unwrap().as_bytes()).collect();
        let page = world.page(Some(&centre), &format!("/standards/rules?code={code}&standard={query}")).text();
        assert!(page.contains("评分细则") && page.contains("2018年版 4.2"), "{page}");
    });
}

#[test]
fn s1_5_1_assessors_mark_alone_and_the_head_of_the_group_merges() {
    on_each_database("2026-08-31", |world| {
        let held = scored(world, 2, true);
        let (clerk, head) = (&held.school.clerk, &held.school.head);
        let enter =
            |assessor: usize, candidate: usize, points: &[&str]| held.enter(world, clerk, assessor, candidate, points);
        // Item by item, within the points.
        let refused = enter(0, 0, &["31", "40", "20"]).refused("平台规则·考评评分");
        assert!(refused.what.contains(&name_of(0)) && refused.what.contains("超过配分 30 分"), "{refused:?}");
        enter(0, 0, &["25", "", "20"]).refused("平台规则·考评评分");
        enter(0, 0, &["25", "40"]).refused("平台规则·考评评分");
        held.merge(world, clerk, json!({})).refused("1.5.1");
        assert_eq!(enter(0, 0, &["25", "40", "20"]).done()["kept"], 1);
        assert_eq!(enter(0, 0, &["25", "40", "20"]).done()["unchanged"], 1);
        // Not handed in half done, nor without the paper that the assessor signed.
        held.hand_in(world, clerk, 0).refused("1.5.1");
        enter(0, 1, &["20", "35", "10"]).done();
        let bare = world.post(clerk, &format!("{}/submission", held.path(0)), json!({})).refused("3.3.1");
        assert!(bare.what.contains("签字的评分表"), "{bare:?}");
        held.hand_in(world, clerk, 0).done();
        enter(0, 1, &["30", "50", "20"]).refused("3.3.1");
        // Until all sheets are in nobody sees what the others gave.
        enter(1, 0, &["24", "41", "20"]).done();
        let panel = held.panel(world);
        assert_eq!(
            (&panel["is_closed"], &panel["persons"][0]["totals"]),
            (&json!(false), &json!(["", "", ""])),
            "{panel}"
        );
        let page = world.page(Some(clerk), &format!("/batches/{}/scores", held.batch)).text();
        assert!(page.contains("不显示任何人的评分") && !page.contains(">85<"), "{page}");
        let refused = held.merge(world, head, json!({})).refused("1.5.1");
        assert!(refused.what.contains("没有提交"), "{refused:?}");
        for (candidate, points) in [(0, ["26", "40.5", "20"]), (1, ["10", "34", "9"])] {
            enter(2, candidate, &points).done();
        }
        enter(1, 1, &["20", "35", "11"]).done();
        held.hand_in(world, clerk, 1).done();
        held.hand_in(world, clerk, 2).done();
        let panel = held.panel(world);
        assert_eq!(panel["persons"][0]["totals"], json!(["85", "85", "86.5"]));
        // 65, 66 and 53 are thirteen points apart: the head says why, or has it scored again.
        let refused = held.merge(world, head, json!({})).refused("3.3.1");
        assert!(refused.what.contains(&name_of(1)) && refused.what.contains("相差 13 分"), "{refused:?}");
        let back = json!({"reason": "刀工评分与标准不符，请重新评分"});
        world.post(head, &format!("{}/return", held.path(2)), json!({"reason": "重评"})).refused("3.3.1");
        world.post(head, &format!("{}/return", held.path(2)), back).done();
        enter(2, 1, &["12", "34", "9"]).done();
        held.hand_in(world, clerk, 2).done();
        let answers = json!([{"candidate": held.candidates[1], "reason": "刀工一项掌握尺度不同，已复看录像"}]);
        let merged = held.merge(world, head, json!({"answers": answers})).done();
        assert_eq!(
            (&merged["entered"], &merged["confirmed"], &merged["wide"]),
            (&json!(2), &json!(2), &json!(1)),
            "{merged}"
        );
        // 256.5 in three is 85.5; 65, 66 and 55 are 62 on the mean.
        assert_eq!((&held.mark(world, 0)["outcome"], &held.mark(world, 1)["outcome"]), (&json!("85.5"), &json!("62")));
        // Who typed the sheets and who merged are two persons: no third is asked.
        let mark = held.mark(world, 0);
        assert!(mark["checked"] == true && mark["trace"].as_str().unwrap().contains("独立评分"), "{mark}");
        let panel = held.panel(world);
        assert_eq!(panel["persons"][1]["reason"], "刀工一项掌握尺度不同，已复看录像");
        assert_eq!(panel["assessors"][2]["returns"], 1);
        // Whoever reviews the batch is told where to look.
        let seen = world.get(&held.school.centre, &format!("/batches/{}/scores", held.batch)).done();
        let spread = &seen["spreads"][0];
        assert_eq!((&spread["candidate"], &spread["points"]), (&json!(held.candidates[1]), &json!(11.0)), "{seen}");
        assert_eq!(held.merge(world, head, json!({})).done()["unchanged"], 2);
        // From then on the mark changes by two persons with evidence alone.
        world.post(head, &format!("{}/return", held.path(2)), json!({"reason": "还想再改一次"})).refused("3.3.1");
    });
}

#[test]
fn house_who_types_the_sheets_and_merges_them_needs_a_second_person() {
    on_each_database("2026-08-31", |world| {
        let held = scored(world, 1, false);
        held.all(world, &["80"]);
        let (clerk, head) = (&held.school.clerk, &held.school.head);
        let merged = held.merge(world, clerk, json!({})).done();
        assert_eq!((&merged["entered"], &merged["confirmed"]), (&json!(1), &json!(0)));
        assert_eq!(held.mark(world, 0)["checked"], false);
        let confirm = format!("/batches/{}/marks/confirmation", held.batch);
        world.post(clerk, &confirm, json!({})).refused("平台规则·成绩核对");
        world.post(head, &confirm, json!({})).done();
        assert_eq!(held.mark(world, 0)["checked"], true);
    });
}

#[test]
fn s1_4_1_fewer_assessors_than_the_ratio_decide_nothing() {
    on_each_database("2026-08-31", |world| {
        let held = scored(world, 1, false);
        let clerk = &held.school.clerk;
        for assessor in 0..2 {
            held.enter(world, clerk, assessor, 0, &["70"]).done();
            held.hand_in(world, clerk, assessor).done();
        }
        let refused = held.merge(world, clerk, json!({})).refused("3.3.1");
        assert!(refused.what.contains("没有提交评分表"), "{refused:?}");
        let refused = held.merge(world, clerk, json!({"missing_reason": "当日因病没有到场"})).refused("1.4.1");
        assert!(refused.what.contains("只有 2 名考评人员的评分，至少要 3 名"), "{refused:?}");
        let page = world.page(Some(clerk), &format!("/batches/{}/scores", held.batch)).text();
        assert!(page.contains("不能汇总"), "{page}");
        held.enter(world, clerk, 2, 0, &["缺考"]).done();
        held.hand_in(world, clerk, 2).done();
        let refused = held.merge(world, clerk, json!({})).refused("1.5.1");
        assert!(refused.what.contains("登记不一致"), "{refused:?}");
    });
}

#[test]
fn s1_2_2_an_assessor_whose_card_was_out_on_the_day_scores_nothing() {
    on_each_database("2026-08-31", |world| {
        let held = scored_on(world, "2026-09-15", 1, false);
        let card = world.text("SELECT CAST(id AS TEXT) FROM card WHERE card_number = '甲考1'");
        let fields = json!({"reason": "接到举报，核查期间暂停"});
        world.post(&held.school.provincial_centre, &format!("/cards/{card}/suspension"), fields).done();
        world.on("2026-09-16");
        let clerk = &held.school.clerk;
        let out = held.panel(world)["assessors"]
            .as_array()
            .unwrap()
            .iter()
            .position(|one| one["card_number"] == "甲考1")
            .unwrap();
        let refused = held.enter(world, clerk, out, 0, &["70"]).refused("1.2.2");
        assert!(refused.what.contains("2026-09-15") && refused.remedy.contains("不作数"), "{refused:?}");
        held.enter(world, clerk, 0, 0, &["70"]).done();
        assert!(world.page(Some(clerk), &format!("/batches/{}/scores", held.batch)).text().contains("不作数"));
    });
}

#[test]
fn s1_5_1_a_failed_key_item_fails_the_part() {
    on_each_database("2026-08-31", |world| {
        let held = scored(world, 2, true);
        for assessor in 0..3 {
            held.enter(world, &held.school.clerk, assessor, 0, &["30", "29.9", "20"]).done();
            held.enter(world, &held.school.clerk, assessor, 1, &["30", "30", "20"]).done();
            held.hand_in(world, &held.school.clerk, assessor).done();
        }
        held.merge(world, &held.school.head, json!({})).done();
        let panel = held.panel(world);
        assert_eq!(panel["persons"][0]["failed"], json!(["火候"]));
        // 79.9 in all, and yet below sixty.
        assert_eq!((&held.mark(world, 0)["outcome"], &held.mark(world, 1)["outcome"]), (&json!("59.9"), &json!("80")));
        assert!(
            held.mark(world, 0)["note"].as_str().unwrap().contains("关键项“火候”不达标"),
            "{}",
            held.mark(world, 0)
        );
        assert_eq!(held.mark(world, 1)["note"], "");
    });
}

#[test]
fn s1_5_1_an_assessor_without_an_account_scores_at_the_station_by_a_code() {
    on_each_database("2026-08-31", |world| {
        let held = scored_on(world, "2026-09-15", 2, true);
        let (clerk, codes) = (&held.school.clerk, format!("/batches/{}/station-codes", held.batch));
        assert_eq!(world.post(clerk, &codes, json!({})).done()["issued"], 3);
        assert_eq!(world.get(&held.school.centre, &codes).status, StatusCode::FORBIDDEN);
        let seen = world.get(clerk, &codes).done();
        let code = |at: usize| seen["codes"][at]["code"].as_str().expect("a code").to_owned();
        assert_eq!((code(0).len(), &seen["codes"][0]["valid_until"]), (12, &json!("2026-09-16")));
        assert!(world.page(Some(clerk), &codes).text().contains("/station"));
        // The code opens the one sheet, with masked names; another opens nothing.
        let sheet = world.public(&format!("/station/{}", code(0))).done();
        assert!(sheet["persons"][0]["name"].as_str().unwrap().contains('*'), "{sheet}");
        assert_eq!(world.public("/station/ABCDEFGHJKLM").status, StatusCode::NOT_FOUND);
        let page = format!("/station/{}", code(0));
        let fields = |at: usize, points: [&str; 3]| {
            let candidate = held.candidates[at].to_string();
            [
                ("candidate", candidate),
                ("item-0", points[0].into()),
                ("item-1", points[1].into()),
                ("item-2", points[2].into()),
            ]
        };
        let submit = |page: &str, at: usize, points: [&str; 3]| {
            let fields = fields(at, points);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            world.submit(None, page, page, &fields)
        };
        let wrong = submit(&page, 0, ["25", "51", "20"]);
        assert!(
            wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text().contains("value=\"51\""),
            "{}",
            wrong.text()
        );
        for at in 0..3 {
            let page = format!("/station/{}", code(at));
            for candidate in 0..2 {
                let done = submit(&page, candidate, ["25", "40", "20"]);
                assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
            }
            let done = world.submit(None, &page, &format!("{page}/submission"), &[]);
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        }
        let again =
            json!({"code": code(0), "entries": [{"candidate": held.candidates[0], "points": ["30", "50", "20"]}]});
        world.call(None, Method::POST, "/station-scores", Some(again)).refused("3.3.1");
        assert!(world.page(None, &page).text().contains("已提交"));
        // The record says who, and keeps no code.
        assert_eq!(
            world.count("SELECT COUNT(*) FROM record WHERE act = 'EnterStationScores' AND refused IS NULL AND fields LIKE '%***%'"),
            6
        );
        // Each assessor wrote the own sheet, so that whoever merges is another person.
        let merged = held.merge(world, clerk, json!({})).done();
        assert_eq!((&merged["entered"], &merged["confirmed"]), (&json!(2), &json!(2)));
        // New codes void the old ones, and on the second day after nothing opens.
        world.post(clerk, &codes, json!({})).done();
        assert_eq!(world.public(&format!("/station/{}", code(0))).status, StatusCode::NOT_FOUND);
        let new = world.get(clerk, &codes).done()["codes"][0]["code"].as_str().unwrap().to_owned();
        world.on("2026-09-17");
        let refused = world.public(&format!("/station/{new}")).refused("3.3.1");
        assert!(refused.what.contains("2026-09-16 过期"), "{refused:?}");
        world.post(clerk, &codes, json!({})).refused("3.3.1");
    });
}

#[test]
fn s1_5_1_an_assessors_workbook_is_read_row_by_row_and_printed_sheets_carry_the_items() {
    on_each_database("2026-08-31", |world| {
        let held = scored(world, 2, true);
        let clerk = &held.school.clerk;
        let template = world.get(clerk, &format!("{}/template", held.path(1))).done();
        assert!(template["name"].as_str().unwrap().starts_with("评分登记表-"), "{template}");
        let text = format!(
            "准考证号,姓名,刀工（30分）,火候,卫生\n0001,{},25,40,20\n0002,{},31,40,20\n0009,{},25,40,20\n",
            name_of(0),
            name_of(1),
            name_of(2)
        );
        let upload = |text: &str| {
            let file = world.keep(clerk, text.as_bytes());
            world.post(clerk, &format!("{}/uploads", held.path(1)), json!({"file": file, "name": "评分.csv"})).done()
        };
        let read = upload(&text);
        assert_eq!((&read["rows_read"], &read["kept"]), (&json!(3), &json!(1)), "{read}");
        let at = |n: usize| (read["findings"][n]["row"].clone(), read["findings"][n]["column"].clone());
        assert_eq!((at(0), at(1)), ((json!(3), json!("C")), (json!(4), json!("A"))));
        let good = text.replace("31,40", "21,40").lines().take(3).collect::<Vec<_>>().join("\n");
        let read = upload(&good);
        assert_eq!((&read["kept"], &read["unchanged"], &read["findings"]), (&json!(1), &json!(1), &json!([])));
        // By the page, one candidate after the other, on a phone as well.
        let from = held.path(0);
        let candidate = held.candidates[1].to_string();
        let fields = [("candidate", candidate.as_str()), ("item-0", "20"), ("item-1", "缺考"), ("item-2", "10")];
        let wrong = world.submit(Some(clerk), &from, &from, &fields);
        assert!(
            wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text().contains("value=\"缺考\""),
            "{}",
            wrong.text()
        );
        let fields = [("candidate", candidate.as_str()), ("item-0", "20"), ("item-1", "40"), ("item-2", "10")];
        assert_eq!(world.submit(Some(clerk), &from, &from, &fields).status, StatusCode::SEE_OTHER);
        for who in [&held.school.centre, clerk] {
            assert_eq!(world.page(Some(who), &from).status, StatusCode::OK);
        }
        assert!(world.get(clerk, "/work").done()["tasks"].to_string().contains("汇总考评评分"));
    });
}

/// A school that is on file for the first occupations at level 2, and everyone whom a batch of it needs, in the register.
fn school_of_technicians(world: &World) -> School {
    let name = "示例第一技师学院";
    let mut school = world.new_school(name, "city", "350102");
    world.set("UPDATE body SET level_cap = '2'");
    world.fill_filing(&mut school);
    let path = |part: &str| format!("/filings/{}/{part}", school.filing);
    let mut staff = people(TRADES);
    for one in staff.as_array_mut().expect("people").iter_mut().filter(|one| one["kind"] == "assessor") {
        one["level_max"] = json!("2");
    }
    world.post(&school.clerk, &path("trades"), json!({"trades": trades(TRADES, &["2"])})).done();
    world.post(&school.clerk, &path("people"), json!({"people": staff})).done();
    world.submit_filing(&school);
    world.post(&school.centre, &path("acceptance"), json!({})).done();
    world.evaluate_filing(&school);
    world.post(&school.centre, &path("assessment"), json!({"decisions": decisions(TRADES, &["2"])})).done();
    world.post(school.bureau.as_ref().expect("a bureau"), &path("consent"), json!({"opinion": "同意"})).done();
    world.post(&school.provincial_centre, &path("summary"), json!({})).done();
    let receipt = path("receipt");
    world.list_filing(&mut school);
    world.post(&school.provincial_centre, &receipt, json!({})).done();
    let senior = |n: &'static str, employer: &'static str, number: &'static str| {
        ("高级考评员", n, employer, "中式烹调师", "一级", number)
    };
    world.enter_cards(&[
        senior("示例高一", "示例大酒店", "高1"),
        senior("示例高二", name, "高2"),
        senior("示例高三", name, "高3"),
        ("内部质量督导员", "示例督一", name, "", "", "高督1"),
    ]);
    school
}

#[test]
fn s1_5_1_levels_two_and_one_face_a_review_before_a_panel_as_well() {
    on_each_database("2026-08-31", |world| {
        let school = school_of_technicians(world);
        let mut fields = batch_fields("2026-09-14");
        fields["level"] = json!("2");
        // The review is told with the batch: its day belongs to the notice.
        world.post(&school.clerk, "/batches", fields.clone()).refused("1.5.1");
        fields["comprehensive_on"] = json!("2026-09-15");
        let batch = world.post(&school.clerk, "/batches", fields).done()["id"].as_i64().expect("an id");
        let candidates = world.register(batch, 1);
        let assessor =
            |duty: &str, part: &str, number: &str| json!({"duty": duty, "part": part, "card_number": number});
        let panel = |part: &'static str| {
            vec![
                assessor("group_head", part, "高1"),
                assessor("assessor", part, "高2"),
                assessor("assessor", part, "高3"),
            ]
        };
        let invigilator = |name: &str| json!({"duty": "invigilator", "part": "theory", "name": name});
        let others = vec![
            invigilator("示例监一"),
            invigilator("示例监二"),
            json!({"duty": "inspector", "card_number": "高督1"}),
        ];
        let assign = |people: Vec<Value>| {
            world.post(&school.clerk, &format!("/batches/{batch}/assignment"), json!({"people": people}))
        };
        let refused = assign([panel("practical"), others.clone()].concat()).refused("1.4.1");
        assert!(refused.what.contains("综合评审安排了0名考评人员，至少要3名"), "{refused:?}");
        assign([panel("practical"), panel("comprehensive"), others].concat()).done();
        world.on("2026-09-16");
        let view = world.get(&school.clerk, &format!("/batches/{batch}/scores")).done();
        assert_eq!(
            (&view["panels"][0]["part"], &view["panels"][1]["part"]),
            (&json!("practical"), &json!("comprehensive"))
        );
        let signed = json!({"file": world.keep(&school.clerk, PDF), "file_name": "评分表.pdf"});
        let judge = |panel: usize, points: &str, sheets: usize| {
            for one in view["panels"][panel]["assessors"].as_array().expect("assessors").iter().take(sheets) {
                let path = format!("/batches/{batch}/scores/{}", one["assessor"]);
                let entries = json!([{"candidate": candidates[0], "points": [points]}]);
                world.post(&school.clerk, &path, json!({"entries": entries})).done();
                world.post(&school.clerk, &format!("{path}/submission"), signed.clone()).done();
            }
        };
        let merge = |part: &str, missing: &str| {
            let fields = json!({"part": part, "missing_reason": missing});
            world.post(&school.head, &format!("/batches/{batch}/score-merge"), fields)
        };
        judge(0, "80", 3);
        merge("practical", "").done();
        let theory = json!({"entries": [{"candidate": candidates[0], "part": "theory", "outcome": "75"}]});
        world.post(&school.clerk, &format!("/batches/{batch}/marks"), theory).done();
        world.confirm_marks(&school.head, batch);
        // Theory and practice alone decide nothing.
        let person = || world.get(&school.clerk, &format!("/batches/{batch}/marks")).done()["persons"][0].clone();
        assert_eq!(person()["verdict"], "pending");
        let refused = world.post(&school.head, &format!("/batches/{batch}/publicity"), json!({})).refused("2.2.3a");
        assert!(refused.what.contains(&name_of(0)) || refused.what.contains("成绩"), "{refused:?}");
        // Two are no panel.
        judge(1, "59.9", 2);
        merge("comprehensive", "当日因公没有到场").refused("1.4.1");
        let last = view["panels"][1]["assessors"][2]["assessor"].clone();
        let path = format!("/batches/{batch}/scores/{last}");
        let entries = json!([{"candidate": candidates[0], "points": ["59.9"]}]);
        world.post(&school.clerk, &path, json!({"entries": entries})).done();
        world.post(&school.clerk, &format!("{path}/submission"), signed.clone()).done();
        merge("comprehensive", "").done();
        assert_eq!((&person()["verdict"], &person()["marks"][2]["outcome"]), (&json!("failed"), &json!("59.9")));
        let posted = world.post(&school.head, &format!("/batches/{batch}/publicity"), json!({})).done();
        let public = world.public(&format!("/publicity/{}", posted["token"].as_str().unwrap())).done();
        assert_eq!(public["rows"][0]["marks"][2]["part"], "综合评审", "{public}");
    });
}
