//! 一（五）1, 三（三）: rooms, seats and stations of a batch, and what is printed of them.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use rules::arrangement::{Entrant, Means, arrange};
use rules::batch::Plan;
use rules::certificate::Level;
use serde_json::{Value, json};

use crate::held::{name_of, number_of};
use crate::stages::{School, register, roster};
use crate::world::{World, on_each_database};

/// A batch of Monday 14 September 2026 with so many candidates, who are of two classes in turn; the school has forty seats
/// and forty stations on file.
fn rostered(world: &World, candidates: usize) -> (School, i64) {
    let school = world.filed_school("示例第一技工学校");
    let batch = world.rostered_batch(&school, "2026-09-14", candidates);
    in_two_classes(world, &school, candidates);
    (school, batch)
}

fn in_two_classes(world: &World, school: &School, students: usize) {
    let lines = register(0..students, world.office.today());
    let text: String = lines
        .lines()
        .enumerate()
        .map(|(at, line)| if at % 2 == 0 { line.replace("烹饪1班", "烹饪2班") } else { line.to_owned() } + "\n")
        .collect();
    let file = world.keep(&school.clerk, text.as_bytes());
    let made = world.post(&school.clerk, "/enrolment", json!({"file": file, "name": "学籍.csv"})).done();
    assert_eq!(made["faults"], 0, "{made}");
}

/// Seat by ticket in each session of a batch.
fn seats(world: &World, school: &School, batch: i64) -> BTreeMap<(String, String), (i64, i64)> {
    let view = world.get(&school.clerk, &format!("/batches/{batch}/arrangement")).done();
    let mut found = BTreeMap::new();
    for session in view["sessions"].as_array().expect("sessions") {
        let id = session["id"].as_i64().expect("an id");
        let seen = world.get(&school.clerk, &format!("/batches/{batch}/sessions/{id}")).done();
        for seat in seen["seats"].as_array().expect("seats").iter().filter(|seat| !seat["candidate"].is_null()) {
            let key = (session["part"].as_str().expect("a part").to_owned(), text(&seat["ticket"]));
            let before = found.insert(key.clone(), (id, seat["seat"].as_i64().expect("a seat")));
            assert_eq!(before, None, "{key:?} has two places");
        }
    }
    found
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[test]
fn s1_5_1_everyone_has_one_seat_and_one_station_before_the_examination() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = rostered(world, 20);
        let path = format!("/batches/{batch}/arrangement");
        let before = world.get(&school.clerk, &format!("/batches/{batch}")).done();
        assert_eq!((&before["next"]["part"], &before["next"]["due_on"]), (&json!("arrangement"), &json!("2026-09-07")));
        let tasks = world.get(&school.clerk, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("编排考场和座位") && tasks.contains("还有20人没有座位"), "{tasks}");

        let made = world.post(&school.clerk, &path, json!({})).done();
        assert_eq!((&made["no"], &made["persons"], &made["sessions"]), (&json!(1), &json!(20), &json!(3)), "{made}");
        assert_eq!(made["findings"], json!([]), "two classes of ten sit apart");
        let view = world.get(&school.centre, &path).done();
        let told: Vec<String> = view["sessions"]
            .as_array()
            .expect("sessions")
            .iter()
            .map(|s| {
                format!(
                    "{} {} {} {} {}/{}",
                    text(&s["on"]),
                    text(&s["from"]),
                    text(&s["room"]),
                    s["first"],
                    s["seated"],
                    s["seats"]
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                "2026-09-14 08:30 示例教学楼301第1考场 1 20/20",
                "2026-09-15 08:30 示例实训楼2层 1 10/15",
                "2026-09-15 08:30 示例实训楼2层 16 10/15",
            ]
        );
        assert_eq!((&view["seated"], &view["waiting"]), (&json!(20), &json!([])));
        assert_eq!(seats(world, &school, batch).len(), 40);
        let after = world.get(&school.clerk, &format!("/batches/{batch}")).done();
        let step =
            after["steps"].as_array().expect("steps").iter().find(|step| step["code"] == "rooms").expect("rooms");
        assert_eq!((&step["state"], &step["on"]), (&json!("done"), &json!("2026-08-31")));
        assert!(!world.get(&school.clerk, "/work").done()["tasks"].to_string().contains("编排考场和座位"));
        // The pages say it too.
        let page = world.page(Some(&school.clerk), &path).text();
        assert!(page.contains("每人都有座位") && page.contains("示例教学楼301第1考场"), "{page}");
        let session = view["sessions"][0]["id"].as_i64().expect("an id");
        let plan = world.page(Some(&school.clerk), &format!("/batches/{batch}/sessions/{session}")).text();
        assert!(plan.contains("讲台") && plan.contains("烹饪2班") && !plan.contains(&number_of(0)), "{plan}");
    });
}

#[test]
fn s1_5_1_too_few_seats_are_refused_in_numbers() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = rostered(world, 20);
        let path = format!("/batches/{batch}/arrangement");
        let hours = json!([{"from": "08:30", "to": "10:00"}]);
        let rooms = json!([{"name": "示例教学楼301", "seats": 4}]);
        let fields = json!({"rooms": rooms, "hours": hours, "stations": [{"name": "示例实训楼2层", "count": 6}]});
        let refused = world.post(&school.clerk, &path, fields).refused("1.5.1");
        assert_eq!(
            refused.what,
            "理论知识考试要安排 20 人，1 个考场、2 场次只剩 8 个座位，缺 12 个座位；操作技能考核要安排 20 人，1 处工位、1 场次只剩 6 个工位，缺 14 个工位"
        );
        assert!(refused.remedy.contains("请增加本机构的场地") && refused.remedy.contains("30 人"), "{refused:?}");
        // The form comes back as it was filled.
        let form =
            [("room[]", "示例教学楼301"), ("seats[]", "4"), ("columns[]", ""), ("from[]", "08:30"), ("to[]", "10:00")];
        let page = world.submit(Some(&school.clerk), &path, &path, &form);
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text().contains("缺 12 个座位") && page.text().contains("value=\"10:00\""), "{}", page.text());
        assert_eq!(world.get(&school.clerk, &path).done()["seated"], 0);
    });
}

#[test]
fn s3_3_3_rooms_and_stations_are_the_bodys_own() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = rostered(world, 4);
        let try_rooms = |rooms: Value| world.post(&school.clerk, &format!("/batches/{batch}/arrangement"), rooms);
        let refused = try_rooms(json!({"rooms": [{"name": "示例培训公司3楼", "seats": 30}]})).refused("3.3.3");
        assert!(refused.remedy.contains("示例教学楼"), "{refused:?}");
        let twice = json!([{"name": "示例教学楼301", "seats": 30}, {"name": "示例教学楼302", "seats": 11}]);
        let refused = try_rooms(json!({"rooms": twice})).refused("3.3.3");
        assert_eq!(refused.what, "示例教学楼备案 40 个，填了 41 个");
        try_rooms(json!({"stations": [{"name": "示例教学楼", "count": 9}]})).refused("3.3.3");
        try_rooms(json!({"rooms": [{"name": "示例教学楼301", "seats": 30}]})).done();
    });
}

#[test]
fn s3_3_1_the_same_lots_give_the_same_arrangement() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = rostered(world, 14);
        let path = format!("/batches/{batch}/arrangement");
        let first = world.post(&school.clerk, &path, json!({})).done();
        let second = world.post(&school.clerk, &path, json!({})).done();
        assert_ne!(first["seed"], second["seed"], "each time other lots");
        let view = world.get(&school.centre, &path).done();
        let history = view["history"].as_array().expect("the history");
        assert_eq!(history.len(), 2, "what was arranged before stays known");
        assert_eq!((&history[0]["seed"], &history[1]["seed"]), (&second["seed"], &first["seed"]));

        // A stranger draws again and arranges again.
        let record = world.get(&school.centre, &format!("/batches/{batch}/arrangements/2")).done();
        let draw = proof::redraw(text(&record["draw"]).as_bytes()).expect("the lots follow from the seed");
        assert_eq!(draw.seed, text(&second["seed"]));
        assert!(!text(&record["draw"]).contains("示例"), "tickets and classes, no names");
        let means: Means = serde_json::from_value(record["means"].clone()).expect("the means");
        let (tickets, entrants): (Vec<String>, Vec<Entrant>) = draw
            .order
            .iter()
            .enumerate()
            .map(|(at, line)| {
                let (ticket, class) = line.split_once(' ').expect("ticket and class");
                (ticket.to_owned(), Entrant { id: at as i64, class: class.to_owned() })
            })
            .unzip();
        let day = |text: &str| text.parse().expect("a day");
        let plan = Plan {
            code: "4-03-02-01".into(),
            level: Level::L4,
            starts_on: day("2026-09-14"),
            ends_on: day("2026-09-15"),
            theory_on: day("2026-09-14"),
            practical_on: day("2026-09-15"),
            comprehensive_on: None,
            expected: 30,
            standard: String::new(),
            places: String::new(),
            work_plan: String::new(),
        };
        let again = arrange(&plan, &means, &entrants).expect("arranged");
        let again: BTreeMap<(String, String), i64> = again
            .places
            .iter()
            .map(|place| {
                let part = again.sessions[place.session].part.code().to_owned();
                ((part, tickets[place.candidate as usize].clone()), i64::from(place.seat))
            })
            .collect();
        let kept: BTreeMap<_, i64> =
            seats(world, &school, batch).into_iter().map(|(key, (_, seat))| (key, seat)).collect();
        assert_eq!(kept, again);
    });
}

#[test]
fn house_a_seat_is_swapped_by_hand_unless_classmates_come_together() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = rostered(world, 20);
        let path = format!("/batches/{batch}/arrangement");
        world.post(&school.clerk, &path, json!({})).done();
        let session = world.get(&school.clerk, &path).done()["sessions"][0]["id"].as_i64().expect("an id");
        let page = format!("/batches/{batch}/sessions/{session}");
        let seen = world.get(&school.clerk, &page).done()["seats"].as_array().expect("seats").clone();
        // Twenty on twenty seats, the classes like the squares of a chessboard.
        let (one, mate) = (&seen[0], seen[1..].iter().find(|seat| seat["class"] == seen[0]["class"]).expect("a mate"));
        let other = seen.iter().find(|seat| seat["class"] != one["class"]).expect("another");
        let act = |candidate: &Value, seat: &Value| {
            let fields = json!({"part": "theory", "session": session, "seat": seat});
            world.post(&school.clerk, &format!("/candidates/{candidate}/seat"), fields)
        };
        let moved = act(&one["candidate"], &mate["seat"]).done();
        let told: BTreeSet<(i64, i64)> = moved["moved"]
            .as_array()
            .expect("two")
            .iter()
            .map(|one| (one["candidate"].as_i64().expect("an id"), one["seat"].as_i64().expect("a seat")))
            .collect();
        let id = |seat: &Value| (seat["candidate"].as_i64().expect("an id"), seat["seat"].as_i64().expect("a seat"));
        assert_eq!(told, BTreeSet::from([(id(one).0, id(mate).1), (id(mate).0, id(one).1)]));
        let refused = act(&one["candidate"], &other["seat"]).refused("平台规则·考场编排");
        assert!(refused.what.contains("同班考生相邻，由 0 对增加到"), "{refused:?}");
        act(&one["candidate"], &json!(21)).refused("平台规则·考场编排");
        // On the page a refusal stands beside the field.
        let (candidate, to) = (one["candidate"].to_string(), session.to_string());
        let form = [("candidate", candidate.as_str()), ("to", to.as_str()), ("seat", "99")];
        let answer = world.submit(Some(&school.clerk), &page, &page, &form);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            answer.text().contains("没有 99 号") && answer.text().contains("id=\"seat-error\""),
            "{}",
            answer.text()
        );
    });
}

#[test]
fn s1_5_1_who_comes_later_gets_a_place_and_nobody_else_moves() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = rostered(world, 18);
        let path = format!("/batches/{batch}/arrangement");
        let rest = format!("{path}/rest");
        world.post(&school.clerk, &rest, json!({})).refused("平台规则·考场编排");
        world.post(&school.clerk, &path, json!({})).done();
        world.post(&school.clerk, &rest, json!({})).refused("平台规则·考场编排");
        let before = seats(world, &school, batch);

        let gone = world.get(&school.clerk, &format!("/batches/{batch}/roster")).done()["candidates"][4].clone();
        let withdrawal = format!("/candidates/{}/withdrawal", gone["id"]);
        world.post(&school.clerk, &withdrawal, json!({"reason": "转学"})).done();
        world.enrol(&school, 22);
        let file = world.keep(&school.clerk, roster(18..22).as_bytes());
        let upload = json!({"file": file, "name": "补报.csv"});
        assert_eq!(world.post(&school.clerk, &format!("/batches/{batch}/roster"), upload).done()["new"], 4);
        let view = world.get(&school.clerk, &path).done();
        assert_eq!((&view["registered"], &view["seated"]), (&json!(21), &json!(17)));
        assert_eq!(view["waiting"].as_array().expect("who waits").len(), 4);
        let page = world.page(Some(&school.clerk), &path).text();
        assert!(page.contains("还有 4 名考生没有座位") && !page.contains(&name_of(19)), "{page}");
        assert_eq!(world.get(&school.clerk, &format!("/batches/{batch}")).done()["next"]["part"], "arrangement");

        let made = world.post(&school.clerk, &rest, json!({})).done();
        assert_eq!((&made["persons"], &made["no"]), (&json!(4), &json!(2)), "{made}");
        let after = seats(world, &school, batch);
        assert_eq!(after.len(), 42);
        let stayed = before.iter().filter(|((_, ticket), _)| *ticket != text(&gone["ticket"]));
        for (key, place) in stayed {
            assert_eq!(after.get(key), Some(place), "{key:?} was moved");
        }
        let places: BTreeSet<_> = after.values().collect();
        assert_eq!(places.len(), 42, "one seat, one person");
        assert_eq!(world.get(&school.clerk, &path).done()["history"][0]["is_rest"], true);
    });
}

#[test]
fn s3_3_1_places_do_not_change_once_the_examination_has_begun() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = rostered(world, 4);
        let path = format!("/batches/{batch}/arrangement");
        world.post(&school.clerk, &path, json!({})).done();
        let before = seats(world, &school, batch);
        world.on("2026-09-13");
        world.post(&school.head, &path, json!({})).done();
        world.on("2026-09-14");
        let refused = world.post(&school.clerk, &path, json!({})).refused("3.3.1");
        assert!(refused.what.contains("2026-09-14"), "{refused:?}");
        world.post(&school.clerk, &format!("{path}/rest"), json!({})).refused("3.3.1");
        let sessions = world.get(&school.clerk, &path).done()["sessions"].clone();
        let candidate =
            world.get(&school.clerk, &format!("/batches/{batch}/roster")).done()["candidates"][0]["id"].clone();
        let fields = json!({"part": "theory", "session": sessions[0]["id"], "seat": 5});
        world.post(&school.clerk, &format!("/candidates/{candidate}/seat"), fields).refused("3.3.1");
        assert_eq!(seats(world, &school, batch).len(), before.len());
        let page = world.page(Some(&school.clerk), &path).text();
        assert!(!page.contains("重新抽签") && page.contains("签到表"), "{page}");
    });
}

#[test]
fn s3_1_2_an_arrangement_is_for_the_own_body_and_its_offices() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = rostered(world, 4);
        let other = world.filed_school("示例第二技工学校");
        let path = format!("/batches/{batch}/arrangement");
        world.post(&school.clerk, &path, json!({})).done();
        let session = world.get(&school.clerk, &path).done()["sessions"][0]["id"].clone();
        for one in
            [path.clone(), format!("/batches/{batch}/sessions/{session}"), format!("/batches/{batch}/papers/tickets")]
        {
            assert_eq!(world.get(&other.clerk, &one).status, StatusCode::NOT_FOUND, "{one}");
            assert_eq!(world.page(Some(&other.clerk), &one).status, StatusCode::NOT_FOUND, "{one}");
            assert_eq!(world.get(&school.centre, &one).status, StatusCode::OK, "{one}");
        }
        assert_eq!(world.post(&other.clerk, &path, json!({})).status, StatusCode::NOT_FOUND);
        assert_eq!(world.post(&school.centre, &path, json!({})).status, StatusCode::FORBIDDEN);
        // A session of somebody else's batch is no place to move to, nor to look at beside one's own.
        let own = world.notified_batch(&other, "2026-09-14");
        world.enrol(&other, 12);
        let file = world.keep(&other.clerk, roster(10..12).as_bytes());
        world.post(&other.clerk, &format!("/batches/{own}/roster"), json!({"file": file, "name": "名册.csv"})).done();
        world.post(&other.clerk, &format!("/batches/{own}/arrangement"), json!({})).done();
        assert_eq!(
            world.get(&other.clerk, &format!("/batches/{own}/sessions/{session}")).status,
            StatusCode::NOT_FOUND
        );
        let candidate =
            world.get(&other.clerk, &format!("/batches/{own}/roster")).done()["candidates"][0]["id"].clone();
        let fields = json!({"part": "theory", "session": session, "seat": 9});
        let answer = world.post(&other.clerk, &format!("/candidates/{candidate}/seat"), fields);
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn house_tickets_and_lists_are_printed_and_tell_no_identity_number() {
    on_each_database("2026-08-31", |world| {
        let (school, batch) = rostered(world, 3);
        let papers = |paper: &str| format!("/batches/{batch}/papers/{paper}");
        let refused = world.get(&school.clerk, &papers("tickets")).refused("1.5.1");
        assert!(refused.what.contains("还没有编排座位"), "{refused:?}");
        world.post(&school.clerk, &format!("/batches/{batch}/arrangement"), json!({})).done();
        let traced = || world.count("SELECT COUNT(*) FROM sight WHERE look = 'Candidates'");
        let before = traced();
        for paper in ["tickets", "door-lists", "seat-labels", "sign-in-sheets", "score-sheets"] {
            let answer = world.page(Some(&school.clerk), &papers(paper));
            assert_eq!((answer.status, &answer.bytes[..5]), (StatusCode::OK, &b"%PDF-"[..]), "{paper}");
            assert_eq!(world.get(&school.clerk, &papers(paper)).status, StatusCode::OK, "{paper}");
        }
        assert_eq!(traced(), before + 10, "who fetched names leaves a trace");
        assert_eq!(world.page(Some(&school.clerk), &papers("nothing")).status, StatusCode::NOT_FOUND);

        let seen = world.get(&school.clerk, &format!("/batches/{batch}/exam-papers")).done();
        let seen_text = seen.to_string();
        assert!(seen_text.contains(&name_of(0)) && !seen_text.contains(&number_of(0)), "{seen_text}");
        assert_eq!(seen["lists"][0]["persons"][0]["id_masked"].as_str().expect("masked").matches('*').count(), 11);
        let candidate = seen["lists"][0]["persons"][0]["candidate"].clone();
        let one = world.page(Some(&school.clerk), &format!("{}?candidate={candidate}", papers("tickets")));
        assert_eq!(one.status, StatusCode::OK);
        let session = seen["lists"][0]["session"]["id"].clone();
        // A theory room has no score sheet.
        let none = world.get(&school.clerk, &format!("{}?session={session}", papers("score-sheets")));
        none.refused("1.5.1");
        assert_eq!(
            world.get(&school.clerk, &format!("{}?session={session}", papers("door-lists"))).status,
            StatusCode::OK
        );
    });
}
