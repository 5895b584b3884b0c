//! 一（四）: what a standard says of its examinations is kept by the provincial centre and read by everyone; the latest of
//! each level holds, from its day on.

use axum::http::StatusCode;
use rules::people::Role;
use serde_json::{Value, json};

use crate::world::{Answer, Person, World, on_each_database};

/// An occupation with a standard of levels 5 to 1.
const CODE: &str = "4-03-02-01";

fn standard(world: &World, reader: &Person) -> String {
    let found = world.get(reader, &format!("/standards?find={CODE}")).done();
    found["found"][0]["standard"].as_str().unwrap_or_else(|| panic!("{found}")).to_owned()
}

fn rules(world: &World, reader: &Person, standard: &str) -> Value {
    let query: String = form_urlencoded::byte_serialize(standard.as_bytes()).collect();
    world.get(reader, &format!("/standards/rules?code={CODE}&standard={query}")).done()
}

/// What holds for a level: the value of a key and where it comes from.
fn held(view: &Value, level: &str, key: &str) -> (i64, String) {
    let level = view["levels"].as_array().expect("levels").iter().find(|one| one["level"] == level).expect("the level");
    let line = level["rules"].as_array().expect("rules").iter().find(|one| one["key"] == key).expect("the key");
    (line["value"].as_i64().expect("a number"), line["origin"].as_str().expect("an origin").to_owned())
}

#[test]
fn s1_4_1_a_standard_says_how_its_levels_are_examined_and_the_rest_is_usual() {
    on_each_database("2026-03-02", |world| {
        let centre = world.officer_at(Role::ProvincialCentre, "province-centre");
        let reader = world.officer_at(Role::CityCentre, "city-350100-centre");
        let standard = standard(world, &reader);
        let view = rules(world, &reader, &standard);
        assert_eq!(held(&view, "4", "theory_pass"), (60, "usual".into()));
        assert_eq!(view["may_set"], false);
        let set = |changes: Value| -> Answer {
            let mut fields = json!({
                "code": CODE, "standard": standard, "from": "2026-03-02", "source": "1.9.2",
                "values": [{"key": "practical_minutes", "value": 240}],
            });
            fields.as_object_mut().expect("fields").extend(changes.as_object().expect("changes").clone());
            world.post(&centre, "/standards/rules", fields)
        };
        set(json!({})).done();
        set(json!({"level": "3", "values": [{"key": "practical_minutes", "value": 300}, {"key": "assessor_per", "value": 4}]}))
            .done();
        set(json!({"from": "2026-06-01", "values": []})).done();
        world.log_holds(&["standard.set"]);
        let view = rules(world, &reader, &standard);
        assert_eq!(held(&view, "4", "practical_minutes"), (240, "standard".into()));
        assert_eq!(held(&view, "3", "practical_minutes"), (300, "level".into()));
        assert_eq!(view["history"].as_array().map(Vec::len), Some(3));
        let own = world.get(&reader, "/standards").done();
        assert_eq!((&own["own"][0]["code"], &own["own"][0]["standard"]), (&json!(CODE), &json!(standard)));
        // From its day on the later one counts whole; what a level says for itself stays.
        world.on("2026-06-01");
        let view = rules(world, &reader, &standard);
        assert_eq!(held(&view, "4", "practical_minutes").1, "usual");
        assert_eq!(held(&view, "3", "practical_minutes"), (300, "level".into()));
    });
}

#[test]
fn s1_4_1_what_no_standard_says_is_refused() {
    on_each_database("2026-03-02", |world| {
        let centre = world.officer_at(Role::ProvincialCentre, "province-centre");
        let standard = standard(world, &centre);
        let set = |changes: Value| -> Answer {
            let mut fields = json!({
                "code": CODE, "standard": standard, "from": "2026-03-02", "source": "1.9.2",
                "values": [{"key": "room_max", "value": 40}],
            });
            fields.as_object_mut().expect("fields").extend(changes.as_object().expect("changes").clone());
            world.post(&centre, "/standards/rules", fields)
        };
        let said = set(json!({"standard": "《没有这一份》（2022年版）"})).refused("1.3.3");
        assert!(said.remedy.contains(&standard), "{said:?}");
        set(json!({"code": "9-99-99-99"})).refused("1.3.3");
        let field = |answer: Answer| {
            let field = answer.json()["refusal"]["field"].as_str().unwrap_or_default().to_owned();
            answer.refused("1.4.1");
            field
        };
        assert_eq!(field(set(json!({"from": "2026-03-01"}))), "from");
        assert_eq!(field(set(json!({"source": " "}))), "source");
        assert_eq!(field(set(json!({"values": [{"key": "theory_pass", "value": 101}]}))), "theory_pass");
        assert_eq!(field(set(json!({"values": [{"key": "assessors_min", "value": 4}]}))), "assessors_min");
        let twice = json!({"values": [{"key": "room_max", "value": 40}, {"key": "room_max", "value": 30}]});
        assert_eq!(field(set(twice)), "room_max");
        let review = json!({"level": "4", "values": [{"key": "comprehensive_pass", "value": 70}]});
        assert_eq!(field(set(review)), "comprehensive_pass");
        // The provincial centre alone.
        let fields = json!({"code": CODE, "standard": standard, "from": "2026-03-02", "source": "1", "values": []});
        for other in [
            world.officer_at(Role::CityCentre, "city-350100-centre"),
            world.officer_at(Role::ProvincialDepartment, "province-department"),
        ] {
            assert_eq!(world.post(&other, "/standards/rules", fields.clone()).status, StatusCode::FORBIDDEN);
        }
    });
}

#[test]
fn s1_4_1_the_pages_find_a_standard_and_keep_what_was_typed() {
    on_each_database("2026-03-02", |world| {
        let centre = world.officer_at(Role::ProvincialCentre, "province-centre");
        let standard = standard(world, &centre);
        let query: String = form_urlencoded::byte_serialize(standard.as_bytes()).collect();
        let home = format!("/standards/rules?code={CODE}&standard={query}");
        let list = world.page(Some(&centre), &format!("/standards?find={CODE}")).text();
        assert!(list.contains(&standard) && list.contains("通用规则"), "{list}");
        let typed = [
            ("code", CODE),
            ("standard", standard.as_str()),
            ("level", ""),
            ("from", "2026-03-02"),
            ("source", "1.9.2"),
        ];
        let with = |more: &[(&'static str, &'static str)]| {
            let fields: Vec<(&str, &str)> = typed.iter().copied().chain(more.iter().copied()).collect();
            world.submit(Some(&centre), &home, "/standards/rules", &fields)
        };
        let wrong = with(&[("theory_minutes", "一百"), ("room_max", "41")]);
        assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text().contains("value=\"41\""));
        assert_eq!(with(&[("room_max", "41")]).status, StatusCode::SEE_OTHER);
        let page = world.page(Some(&centre), &home).text();
        assert!(page.contains("<strong>41人</strong>") && page.contains("理论考场人数上限 41人"), "{page}");
        let reader = world.officer_at(Role::CityCentre, "city-350100-centre");
        assert!(!world.page(Some(&reader), &home).text().contains("登记规定"));
    });
}

#[test]
fn s1_4_1_a_batch_is_examined_by_what_its_standard_said_when_it_was_notified() {
    on_each_database("2026-08-31", |world| {
        let centre = world.officer_at(Role::ProvincialCentre, "province-centre");
        let (code, _) = crate::stages::TRADES[0];
        let set = |from: &str, pass: i64| {
            let found = world.get(&centre, &format!("/standards?find={code}")).done();
            for one in found["found"].as_array().expect("standards") {
                let values = json!([{"key": "theory_pass", "value": pass}, {"key": "assessor_per", "value": 2}]);
                let rules = json!({"code": code, "standard": one["standard"], "from": from, "source": "1.9.2", "values": values});
                world.post(&centre, "/standards/rules", rules).done();
            }
        };
        set("2026-08-31", 70);
        // What is set for later does not touch a batch that was notified before.
        set("2026-09-01", 90);
        let held = world.marked_batch(1, 3, &[(0, "65", "85"), (1, "70", "85")]);
        let view = world.get(&held.clerk, &format!("/batches/{}", held.batch)).done();
        let said = view["rules"].as_array().expect("rules").iter().find(|one| one["key"] == "theory_pass").cloned();
        assert_eq!(said.expect("the key")["value"], 70);
        let marks = world.get(&held.clerk, &format!("/batches/{}/marks", held.batch)).done();
        let verdicts: Vec<_> = (0..3).map(|at| marks["persons"][at]["verdict"].clone()).collect();
        assert_eq!(verdicts, ["failed", "passed", "passed"]);
        let page = world.page(Some(&held.clerk), &format!("/batches/{}", held.batch)).text();
        assert!(page.contains("理论知识考试合格线：70分（本标准）"), "{page}");
    });
}
