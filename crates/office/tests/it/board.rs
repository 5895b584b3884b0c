//! 二（二）1: a centre sees all open batches of its territory, late ones first, with what each waits for.

use rules::people::Role;
use serde_json::{Value, json};

use crate::stages::batch_fields;
use crate::world::{Person, World, on_each_database};

fn titles(board: &Value) -> Vec<(String, bool)> {
    let lines = board["batches"].as_array().expect("batches").iter();
    lines
        .map(|line| {
            let name = format!("{}{}", line["body_name"].as_str().unwrap(), line["title"].as_str().unwrap());
            (name, line["late"].as_bool().unwrap())
        })
        .collect()
}

fn board(world: &World, person: &Person, query: &str) -> Value {
    world.get(person, &format!("/board{query}")).done()
}

#[test]
fn s2_2_1c_a_centre_sees_its_open_batches_the_late_ones_first() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let far = world.filed_school_in("示例二技工学校", "city", "350502");
        let early = world.rostered_batch(&school, "2026-06-15", 3);
        let bare = world.notified_batch(&school, "2026-06-29");
        let later = world.notified_batch(&far, "2026-07-06");
        let students = crate::stages::register(5..7, world.office.today());
        let file = world.keep(&far.clerk, students.as_bytes());
        world.post(&far.clerk, "/enrolment", json!({"file": file, "name": "学籍.csv"})).done();
        let file = world.keep(&far.clerk, crate::stages::roster(5..7).as_bytes());
        let upload = json!({"file": file, "name": "名册.csv"});
        assert_eq!(world.post(&far.clerk, &format!("/batches/{later}/roster"), upload).done()["new"], 2);
        let seen = board(world, &school.centre, "");
        assert_eq!((seen["total"].as_i64(), seen["late"].as_i64()), (Some(2), Some(0)), "{seen}");
        assert_eq!(board(world, &far.centre, "")["total"], 1);
        // Seven working days before the 29th the roster of the second is late, and the third has its own.
        world.on("2026-06-18");
        let seen = board(world, &school.provincial_centre, "");
        let first = "示例一技工学校2026年第1批".to_owned();
        let second = "示例一技工学校2026年第2批".to_owned();
        let third = "示例二技工学校2026年第1批".to_owned();
        assert_eq!(titles(&seen), [(second.clone(), true), (first.clone(), false), (third, false)], "{seen}");
        assert_eq!((seen["late"].as_i64(), seen["batches"][0]["next"].as_str()), (Some(1), Some("导入报名名册")));
        assert_eq!(seen["batches"][0]["due_on"], "2026-06-17");
        // Five working days after the 16th the first is to be posted.
        assert_eq!(
            (seen["batches"][1]["next"].as_str(), seen["batches"][1]["due_on"].as_str()),
            (Some("登记成绩并公示"), Some("2026-06-24"))
        );
        world.on("2026-06-25");
        let seen = board(world, &school.centre, "?late=true");
        assert_eq!(titles(&seen), [(first.clone(), true), (second, true)]);

        // Each filter leaves what it says.
        let total = |query: &str| board(world, &school.provincial_centre, query)["total"].as_i64().unwrap();
        assert_eq!((total("?city=350100"), total("?city=350500"), total("?city=350200")), (2, 1, 0));
        assert_eq!(
            (total(&format!("?body={}", far.body)), total("?code=4-03-02-01"), total("?code=6-18-01-01")),
            (1, 3, 0)
        );
        assert_eq!(
            (total("?level=4"), total("?level=3"), total("?stage=notified"), total("?stage=posted")),
            (3, 0, 3, 0)
        );
        assert_eq!(
            (total("?from=2026-06-29&to=2026-06-30"), total("?from=2026-07-01"), total("?to=2026-06-15")),
            (1, 1, 1)
        );
        // The month says how many are held on each day.
        let seen = board(world, &school.provincial_centre, "?month=2026-06-01");
        let on = |day: &str| seen["month"].as_array().unwrap().iter().find(|d| d["on"] == day).unwrap().clone();
        assert_eq!((on("2026-06-15")["batches"].as_i64(), on("2026-06-17")["batches"].as_i64()), (Some(1), Some(0)));
        assert_eq!(
            (on("2026-06-19")["working"].as_bool(), on("2026-06-18")["working"].as_bool()),
            (Some(false), Some(true))
        );

        // What is called off is open no more; more registered than told is said.
        world.post(&school.clerk, &format!("/batches/{bare}/cancellation"), json!({"reason": "没有人报名"})).done();
        assert_eq!(total(""), 2);
        world.set("UPDATE batch SET expected = 1 WHERE starts_on = '2026-07-06'");
        assert_eq!(board(world, &far.centre, "")["batches"][0]["beyond_told"], true);
        let work = world.get(&far.clerk, "/work").done();
        assert!(work["tasks"].to_string().contains(&format!("/batches/{later}/change")), "{work}");
        let page = world.page(Some(&school.centre), "/board").text();
        assert!(
            page.contains(&format!("/batches/{early}")) && page.contains("逾期") && page.contains("2026年6月"),
            "{page}"
        );
        let far_page = world.page(Some(&far.centre), "/board?month=2026-07-01").text();
        assert!(far_page.contains("超出") && !far_page.contains("示例一技工学校"), "{far_page}");
        let sheet = world.page(Some(&school.centre), "/board.xlsx?late=yes");
        assert_eq!(&sheet.bytes[..2], b"PK");
    });
}

#[test]
fn s2_2_1c_a_board_of_many_batches_is_turned_page_by_page_without_one_twice() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let centre = world.officer_at(Role::CityCentre, "city-350100-centre");
        for n in 0..53 {
            let day = format!("2026-06-{}", if n % 3 == 0 { 15 } else { 16 + n % 7 });
            world.post(&school.clerk, "/batches", batch_fields(&day)).done();
        }
        let first = board(world, &centre, "");
        assert_eq!((first["total"].as_i64(), first["batches"].as_array().map(Vec::len)), (Some(53), Some(50)));
        let after = first["next"].as_str().expect("a further page");
        let second = board(world, &centre, &format!("?after={after}"));
        assert_eq!((second["batches"].as_array().map(Vec::len), second["next"].is_null()), (Some(3), true));
        let mut ids: Vec<i64> = [&first, &second]
            .iter()
            .flat_map(|page| page["batches"].as_array().unwrap().iter().map(|line| line["id"].as_i64().unwrap()))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 53);
        let refused = world.get(&centre, "/board?after=nowhere");
        assert_eq!(refused.status, axum::http::StatusCode::UNPROCESSABLE_ENTITY);
    });
}
