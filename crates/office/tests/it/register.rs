//! 三（一）: the provincial register of assessors, inspectors and experts: cards, validity, suspension, what was done and found.

use axum::http::StatusCode;
use office::db::{self, DbError, Engine, Keep, Sql, Tx};
use rules::people::Role;
use serde_json::{Value, json};

use crate::held::number_of;
use crate::world::{Person, World, on_each_database};

fn entry(change: impl Fn(&mut Value)) -> Value {
    let mut entry = json!({
        "kind": "assessor", "name": "示例考甲", "employer": "示例一技工学校", "trades": ["中式烹调师"], "level_max": "3",
        "card_number": "示例考评证1", "issued_on": "2026-03-02",
    });
    change(&mut entry);
    json!({"entry": entry})
}

fn centre(world: &World) -> Person {
    world.officer_at(Role::ProvincialCentre, "province-centre")
}

#[test]
fn s3_1_1_the_provincial_centre_keeps_the_cards_of_all_kinds_in_one_register() {
    on_each_database("2026-03-02", |world| {
        let school = world.new_school("示例一技工学校", "city", "350102");
        let other = world.new_school("示例二技工学校", "city", "350102");
        let centre = centre(world);
        let enter = |change: &dyn Fn(&mut Value)| world.post(&centre, "/cards", entry(change));
        // What each kind of card may say.
        for (field, value, at) in [
            ("level_max", json!("2"), "考评员最高考评三级"),
            ("level_max", Value::Null, "没有填写考评员能考评的最高等级"),
            ("trades", json!([]), "没有填写考评员能评价的职业"),
            ("issued_on", Value::Null, "没有填写证卡的发证日期或有效期"),
            ("card_number", json!(" "), "没有填写证卡编号"),
            ("kind", json!("external_inspector"), "不是外部质量督导员的证卡编号"),
        ] {
            let said = enter(&|entry| entry[field] = value.clone()).refused("3.1.1");
            assert!(said.what.contains(at), "{said:?}");
        }
        assert_eq!(world.post(&school.centre, "/cards", entry(|_| ())).status, StatusCode::FORBIDDEN);
        let id = enter(&|_| ()).done()["id"].clone();
        let said = enter(&|_| ()).refused("3.1.1");
        assert!(said.what.contains("已登记"), "{said:?}");
        // A second card of the same name and employer is the same person's; an inspector has neither occupation nor level.
        let senior = enter(&|entry| {
            entry["kind"] = json!("senior_assessor");
            entry["level_max"] = json!("1");
            entry["card_number"] = json!("示例高考证1");
        });
        senior.done();
        let external = enter(&|entry| {
            entry["kind"] = json!("external_inspector");
            entry["employer"] = json!("示例市中心");
            entry["card_number"] = json!(" R3526 0001");
        });
        external.done();
        assert_eq!(world.count("SELECT COUNT(*) FROM register_person"), 2);
        let card = world.get(&school.clerk, &format!("/cards/{id}")).done();
        assert_eq!(card["card_valid_until"], json!("2029-03-01"), "three years from the issue");
        assert_eq!(card["others"][0]["card_number"], json!("示例高考证1"));
        // A body sees its own people, the offices everyone; a name, a kind and an occupation lead to them.
        let total = |person: &Person, query: &str| world.get(person, &format!("/cards{query}")).done()["total"].clone();
        assert_eq!((total(&school.clerk, ""), total(&other.clerk, "")), (json!(2), json!(0)));
        assert_eq!(world.get(&other.clerk, &format!("/cards/{id}")).status, StatusCode::NOT_FOUND);
        assert_eq!(total(&school.centre, ""), json!(3));
        assert_eq!(total(&school.centre, "?kind=external_inspector"), json!(1));
        assert_eq!(total(&school.centre, "?find=%E9%AB%98%E8%80%83"), json!(1));
        assert_eq!(total(&school.centre, "?trade=4-03-02-01&state=valid"), json!(2));
        assert_eq!(total(&school.centre, "?find=%25"), json!(0), "a percent sign is a percent sign");
        let workbook = world.page(Some(&school.centre), "/cards.xlsx?kind=assessor");
        assert!(workbook.status == StatusCode::OK && workbook.bytes.starts_with(b"PK"));
        let page = world.page(Some(&school.clerk), &format!("/cards/{id}")).text();
        assert!(page.contains("示例高考证1") && !page.contains("保存修改"), "{page}");
    });
}

#[test]
fn s3_1_1_a_card_is_renewed_and_suspended_and_its_history_stays() {
    on_each_database("2026-03-02", |world| {
        let centre = centre(world);
        let id = world.post(&centre, "/cards", entry(|_| ())).done()["id"].clone();
        let path = |part: &str| format!("/cards/{id}{part}");
        let renew = |fields: Value| world.post(&centre, &path("/renewal"), fields);
        renew(json!({"card_valid_until": "2029-03-01"})).refused("3.1.1");
        renew(json!({})).refused("3.1.1");
        world.on("2028-12-01");
        renew(json!({"issued_on": "2028-12-01"})).done();
        let card = world.get(&centre, &path("")).done();
        let ends: Vec<&str> =
            card["terms"].as_array().expect("terms").iter().filter_map(|term| term["valid_until"].as_str()).collect();
        assert_eq!(ends, ["2031-11-30", "2029-03-01"]);
        let suspend = |reason: &str| world.post(&centre, &path("/suspension"), json!({"reason": reason}));
        let resume = |reason: &str| world.post(&centre, &path("/resumption"), json!({"reason": reason}));
        suspend(" ").refused("3.1.1");
        resume("没有暂停").refused("3.1.1");
        suspend("评分核查").done();
        suspend("再次").refused("3.1.1");
        assert_eq!(world.get(&centre, "/cards?state=suspended").done()["total"], json!(1));
        resume("核查完毕").done();
        suspend("再次核查").done();
        let card = world.get(&centre, &path("")).done();
        assert_eq!(card["state"], json!("suspended"));
        let reasons: Vec<_> = card["suspensions"].as_array().expect("some").iter().map(|one| &one["reason"]).collect();
        assert_eq!(reasons, ["再次核查", "评分核查"]);
        resume("核查完毕").done();
        world.on("2031-12-01");
        assert_eq!(world.get(&centre, &path("")).done()["state"], json!("expired"));
    });
}

#[test]
fn s3_1_1_rosters_of_cards_are_imported_row_by_row_and_come_out_again() {
    on_each_database("2026-03-02", |world| {
        let school = world.new_school("示例一技工学校", "city", "350102");
        let centre = centre(world);
        let import = |text: &str, kind: Value| {
            let file = world.keep(&centre, text.as_bytes());
            world.post(&centre, "/card-imports", json!({"file": file, "name": "证卡.csv", "kind": kind})).done()
        };
        let csv = "类别,姓名,工作单位,职业,最高等级,证卡编号,发证日期,证卡有效期,手机号码\n\
            考评员,示例考甲,示例一技工学校,中式烹调师、车工,三级,示例考评证1,2026-01-05,,19900000001\n\
            高级考评员,示例考甲,示例一技工学校,中式烹调师,一级,示例高考证1,,2028-12-31,\n\
            质量督导员,示例督乙,示例一技工学校,,,示例督导证1,2026-01-05,,\n\
            质量督导员,示例督丙,示例市中心,,,R35260001,2026-01-05,,\n\
            考评员,示例考丁,示例一技工学校,车工,二级,示例考评证2,2026-01-05,,\n\
            门卫,示例戊,示例一技工学校,,,示例证3,2026-01-05,,\n";
        let made = import(csv, Value::Null);
        assert_eq!((&made["rows_read"], &made["new"]), (&json!(6), &json!(4)), "{made}");
        let view = world.get(&centre, &format!("/card-imports/{}", made["upload"])).done();
        let rows: Vec<_> = view["findings"].as_array().expect("findings").iter().map(|one| &one["row"]).collect();
        assert_eq!(rows[0], &json!(6));
        assert!(view["findings"].as_array().expect("some").iter().all(|one| one["remedy"] != json!("")), "{view}");
        assert_eq!(world.count("SELECT COUNT(*) FROM register_person"), 3, "two cards are one person's");
        // The same file again changes nothing; a later end is a change and leaves the one before in the history.
        assert_eq!(import(csv, Value::Null)["same"], json!(4));
        let later = csv.replace("示例督导证1,2026-01-05,,", "示例督导证1,2026-01-05,2030-01-04,");
        let again = import(&later, Value::Null);
        assert_eq!((&again["changed"], &again["same"]), (&json!(1), &json!(3)), "{again}");
        assert_eq!(world.count("SELECT COUNT(*) FROM card_term"), 5);
        // Without a column of kinds the file is of one kind; who goes elsewhere stays the same person.
        let moved = "姓名,工作单位,职业,最高等级,证卡编号,发证日期\n示例考甲,示例大酒店,中式烹调师,三级,示例考评证1,2026-01-05\n";
        let mut bare = import(moved, Value::Null);
        assert_eq!((&bare["new"], &bare["changed"]), (&json!(0), &json!(0)));
        bare = import(moved, json!("assessor"));
        assert_eq!((&bare["changed"], &bare["new"]), (&json!(1), &json!(0)), "{bare}");
        assert_eq!(world.count("SELECT COUNT(*) FROM register_person"), 3);
        assert_eq!(
            world.get(&school.clerk, "/cards").done()["total"],
            json!(1),
            "only the inspector works there still"
        );
        let contact = world.get(&centre, "/cards?kind=assessor").done()["cards"][0]["id"].clone();
        assert_eq!(world.get(&centre, &format!("/cards/{contact}/contact")).done()["phone"], json!("19900000001"));
    });
}

#[test]
fn s3_1_1_whom_somebody_avoids_is_kept_without_anyones_number_in_the_open() {
    on_each_database("2026-03-02", |world| {
        let school = world.new_school("示例一技工学校", "city", "350102");
        let centre = centre(world);
        let ties = json!([
            {"body": "示例一技工学校", "class": "烹饪1班", "relation": "任教"},
            {"body": "示例一技工学校", "relation": "配偶在该校任教"},
        ]);
        let kin = |number: &str| json!([{"id_number": number, "relation": "父子"}]);
        let enter = |kin: Value| {
            let fields = entry(|entry| {
                entry["employer"] = json!("示例大酒店");
                entry["ties"] = ties.clone();
                entry["kin"] = kin.clone();
            });
            world.post(&centre, "/cards", fields)
        };
        let said = enter(kin("350199188001010019")).refused("GB 11643");
        assert_eq!(said.field, "kin", "{said:?}");
        let id = enter(kin(&number_of(0))).done()["id"].clone();
        let card = world.get(&school.centre, &format!("/cards/{id}")).done();
        assert_eq!((card["ties"].as_array().map(Vec::len), &card["kin"][0]["relation"]), (Some(2), &json!("父子")));
        let number = number_of(0);
        assert!(!card.to_string().contains(&number));
        assert_eq!(world.text(&format!("SELECT COUNT(*) || '' FROM record WHERE fields LIKE '%{number}%'")), "0");
        assert_eq!(
            world.text(&format!("SELECT COUNT(*) || '' FROM person_tie WHERE shown || id_key LIKE '%{number}%'")),
            "0"
        );
        // Without a word on kin, those who are known stay; an empty list takes them away.
        let change = |kin: Option<Value>| {
            let fields = entry(|entry| {
                entry["employer"] = json!("示例大酒店");
                if let Some(kin) = &kin {
                    entry["kin"] = kin.clone();
                }
            });
            world.post(&centre, &format!("/cards/{id}"), fields).done();
            world.count("SELECT COUNT(*) FROM person_tie")
        };
        assert_eq!((change(None), change(Some(json!([])))), (1, 0));
    });
}

#[test]
fn s3_1_1_the_pages_of_the_register_lead_through_entering_renewing_and_noting() {
    on_each_database("2026-03-02", |world| {
        let centre = centre(world);
        let fields = |number: &'static str| {
            [
                ("kind", "assessor"),
                ("name", "示例考甲"),
                ("employer", "示例大酒店"),
                ("trades", "中式烹调师、车工"),
                ("level_max", "3"),
                ("card_number", number),
                ("issued_on", "2026-03-02"),
                ("kin", ""),
            ]
        };
        let wrong = world.submit(Some(&centre), "/cards/new", "/cards", &fields(""));
        assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text().contains("value=\"示例大酒店\""));
        assert_eq!(
            world.submit(Some(&centre), "/cards/new", "/cards", &fields("示例考评证1")).status,
            StatusCode::SEE_OTHER
        );
        let id = world.get(&centre, "/cards").done()["cards"][0]["id"].to_string();
        let home = format!("/cards/{id}");
        let press = |part: &str, fields: &[(&str, &str)]| {
            world.submit(Some(&centre), &home, &format!("{home}{part}"), fields).status
        };
        assert_eq!(press("/renewal", &[("renewed_until", "2026-04-01")]), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(press("/renewal", &[("renewed_on", "2028-03-02")]), StatusCode::SEE_OTHER);
        assert_eq!(press("/findings", &[("finding", " ")]), StatusCode::UNPROCESSABLE_ENTITY);
        let unknown = [("finding", "评分认真"), ("batch_number", "PC2026-0001")];
        assert_eq!(press("/findings", &unknown), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(press("/findings", &[("finding", "评分认真")]), StatusCode::SEE_OTHER);
        assert_eq!(press("/suspension", &[("reason", "核查")]), StatusCode::SEE_OTHER);
        let page = world.page(Some(&centre), &home).text();
        for said in ["评分认真", "2031-03-01", "原有效期", "核查", "恢复证卡"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let like = world.page(Some(&centre), &format!("/cards/new?like={id}")).text();
        assert!(like.contains("value=\"示例大酒店\"") && !like.contains("value=\"示例考评证1\""), "{like}");
    });
}

/// Runs the statements of a text one by one.
fn plain(tx: &mut Tx<'_>, text: &str) -> Result<(), DbError> {
    let says =
        |statement: &&str| statement.lines().any(|line| !line.trim().is_empty() && !line.trim().starts_with("--"));
    for statement in text.split(";\n").filter(says) {
        tx.run(&Sql { name: "test", text: statement.to_owned().leak() }, &[])?;
    }
    Ok(())
}

#[test]
fn house_experts_of_a_house_before_the_register_are_persons_with_cards_afterwards() {
    let upgrade = |url: &str| {
        let engine = Engine::open(url).expect("the database");
        let begin = move |tx: &mut Tx<'_>| {
            for step in &db::SCHEMA[..13] {
                plain(tx, step)?;
            }
            plain(
                tx,
                "CREATE TABLE schema_version (version BIGINT NOT NULL);
                 INSERT INTO schema_version (version) VALUES (13);
                 INSERT INTO office (code, kind, name, division) VALUES ('c', 'centre', '示例中心', '350100');
                 INSERT INTO body (id, name, kind, affiliation, public_body, level_cap, county, uscc, address, legal_representative, head, contact, phone, superior, station_name, station_number, centre, bureau, version)
                   VALUES (7, '示例一技工学校', 'technical_school', 'city', 1, '2', '350102', 'u', '', '', '', '', '', '', '', '', 'c', NULL, 1);
                 INSERT INTO expert (id, name, employer, superior, title, level_max, card_number, card_valid_until, phone, suspended_on, suspended_reason, entered_on)
                   VALUES (1, '示例甲', '示例一技工学校', '', '', '1', '示例证1', '2028-12-31', 'sealed', NULL, NULL, '2026-01-05');
                 INSERT INTO expert (id, name, employer, superior, title, level_max, card_number, card_valid_until, phone, suspended_on, suspended_reason, entered_on)
                   VALUES (2, '示例乙', '示例研究院', '', '', '3', '示例证2', '2027-12-31', '', '2026-02-02', '接受核查', '2026-01-05');
                 INSERT INTO expert_trade (expert, code) VALUES (1, '6-18-01-01');
                 INSERT INTO expert_tie (expert, body, relation) VALUES (2, 7, '配偶在该校任教');
                 ",
            )?;
            Ok::<_, DbError>((Keep::Yes, ()))
        };
        engine.write(begin).expect("a house before the register");
        db::migrate(&engine).expect("up to date");
        let says = |text: &'static str| -> String {
            let row = engine.read(|tx| tx.first(&Sql { name: "test", text }, &[])).expect("an answer");
            row.expect("a row").get(0).expect("text")
        };
        assert_eq!(
            says(
                "SELECT c.kind || ' ' || c.card_number || ' ' || p.name || ' ' || CAST(p.body AS TEXT) || ' ' || p.phone || ' ' || t.code || ' ' || v.valid_until
                  FROM card c JOIN register_person p ON p.id = c.person JOIN card_trade t ON t.card = c.id JOIN card_term v ON v.card = c.id WHERE c.id = 1"
            ),
            "expert 示例证1 示例甲 7 sealed 6-18-01-01 2028-12-31"
        );
        assert_eq!(
            says(
                "SELECT s.suspended_on || ' ' || s.reason || ' ' || t.relation || ' ' || CAST(t.body AS TEXT)
                  FROM card c JOIN card_suspension s ON s.card = c.id AND s.lifted_on IS NULL JOIN person_tie t ON t.person = c.person WHERE c.id = 2"
            ),
            "2026-02-02 接受核查 配偶在该校任教 7"
        );
    };
    let folder = tempfile::tempdir().expect("a folder");
    upgrade(&folder.path().join("old.db").display().to_string());
    if let Ok(server) = std::env::var("JIANGCE_TEST_POSTGRES") {
        World::with_empty_database(&server, upgrade);
    }
}
