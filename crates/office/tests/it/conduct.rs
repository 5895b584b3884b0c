//! 一（五）1, 三（三）: the day of the examination: rooms that begin and end, who signs in, who is absent.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::held::{name_of, number_of};
use crate::stages::School;
use crate::world::{Person, World, on_each_database};

/// A batch of Tuesday 15 December 2026, notified when sign-ins are asked for, arranged, with its day come.
pub struct Day {
    pub school: School,
    /// Another account of the school.
    pub second: Person,
    pub batch: i64,
    /// Of theory; practice is held on the day after.
    pub session: i64,
    pub practical: i64,
    /// By seat in theory.
    pub candidates: Vec<i64>,
}

pub fn day(world: &World, candidates: usize) -> Day {
    let school = world.filed_school("示例第一技工学校");
    let batch = world.rostered_batch(&school, "2026-12-15", candidates);
    world.enter_examiners("示例第一技工学校", "甲");
    let people = json!({"people": World::examiners("甲")});
    world.post(&school.clerk, &format!("/batches/{batch}/assignment"), people).done();
    world.post(&school.clerk, &format!("/batches/{batch}/arrangement"), json!({})).done();
    world.on("2026-12-15");
    let view = world.get(&school.clerk, &format!("/batches/{batch}/conduct")).done();
    let session = |at: usize| view["halls"][at]["session"]["id"].as_i64().expect("an id");
    let (session, practical) = (session(0), session(1));
    let list = world.get(&school.clerk, &format!("/batches/{batch}/conduct/{session}")).done();
    let candidates = ids(&list);
    let second = school.head.clone();
    Day { school, second, batch, session, practical, candidates }
}

fn ids(list: &Value) -> Vec<i64> {
    let persons = list["persons"].as_array().expect("persons");
    persons.iter().map(|one| one["candidate"].as_i64().expect("an id")).collect()
}

impl Day {
    pub fn path(&self, what: &str) -> String {
        format!("/batches/{}/sessions/{}/{what}", self.batch, self.session)
    }

    pub fn start(&self, world: &World) {
        let list = world.get(&self.school.clerk, &format!("/batches/{}/conduct/{}", self.batch, self.session)).done();
        let staff: Vec<&Value> =
            list["staff"].as_array().expect("staff").iter().map(|one| &one["assignment"]).collect();
        world.post(&self.school.clerk, &self.path("beginning"), json!({"at": "08:30", "present": staff})).done();
    }

    /// The theory room with everyone but those at these places, begun, ended and recorded.
    pub fn hold(&self, world: &World, absent: &[usize]) {
        self.hold_unrecorded(world, absent);
        world.record_room(&self.school.clerk, self.batch, self.session, ("08:00", "09:00"));
    }

    /// As [`Day::hold`], without recordings.
    pub fn hold_unrecorded(&self, world: &World, absent: &[usize]) {
        self.start(world);
        let here: Vec<i64> =
            (0..self.candidates.len()).filter(|at| !absent.contains(at)).map(|at| self.candidates[at]).collect();
        world.post(&self.school.clerk, &self.path("arrivals"), json!({"candidates": here, "at": "08:15"})).done();
        let end = json!({"at": "09:00", "absent": absent.len()});
        world.post(&self.school.clerk, &self.path("ending"), end).done();
    }

    pub fn mark(&self, world: &World, at: usize, outcome: &str) -> crate::world::Answer {
        let entries = json!([{"candidate": self.candidates[at], "part": "theory", "outcome": outcome}]);
        world.post(&self.school.clerk, &format!("/batches/{}/marks", self.batch), json!({"entries": entries}))
    }
}

#[test]
fn s3_3_1_a_room_begins_with_who_is_there_and_says_why_it_is_late() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 4);
        let tasks = world.get(&day.school.clerk, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("登记考试现场") && tasks.contains("还有 1 个考场没有登记结束"), "{tasks}");
        let start = |fields: Value| world.post(&day.school.clerk, &day.path("beginning"), fields);
        // It is nine o'clock; the room was arranged for half past eight.
        let refused = start(json!({})).refused("3.3.1");
        assert!(refused.what.contains("晚 30 分钟开考") && refused.remedy.contains("写明原因"), "{refused:?}");
        start(json!({"at": "23:59"})).refused("平台规则·现场实施");
        let made = start(json!({"reason": "停电"})).done();
        assert_eq!((&made["late"], &made["staff"], &made["needed"]), (&json!(30), &json!(0), &json!(2)));
        start(json!({"reason": "停电"})).refused("平台规则·现场实施");
        world.on("2026-12-15");
        let told = world.get(&day.school.centre, "/work").done()["messages"].to_string();
        assert!(told.contains("晚 30 分钟开考"), "{told}");
        // Not before its day.
        let tomorrow = format!("/batches/{}/sessions/{}/beginning", day.batch, day.practical);
        world.post(&day.school.clerk, &tomorrow, json!({})).refused("平台规则·现场实施");
        // The centre looks on and writes nothing.
        let denied = world.post(&day.school.centre, &day.path("ending"), json!({}));
        assert_eq!(denied.status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn s3_3_1_several_people_sign_in_one_room_and_nothing_is_lost() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 6);
        day.start(world);
        let c = &day.candidates;
        let sign = |by: &Person, who: &[i64]| {
            world.post(by, &day.path("arrivals"), json!({"candidates": who, "at": "08:20"})).done()
        };
        let first = sign(&day.school.clerk, &[c[0], c[1], c[2]]);
        let second = sign(&day.second, &[c[1], c[2], c[3]]);
        assert_eq!((&first["arrived"], &first["before"]), (&json!(3), &json!(0)));
        assert_eq!((&second["arrived"], &second["before"]), (&json!(1), &json!(2)));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| sign(&day.school.clerk, &[c[4], c[5]]));
            }
        });
        let view = world.get(&day.school.centre, &format!("/batches/{}/conduct", day.batch)).done();
        assert_eq!((&view["halls"][0]["present"], &view["halls"][0]["session"]["seated"]), (&json!(6), &json!(6)));
        assert_eq!(world.count("SELECT COUNT(*) FROM attendance"), 6);
        // Who was noted first, stays.
        let list = world.get(&day.school.clerk, &format!("/batches/{}/conduct/{}", day.batch, day.session)).done();
        assert!(list["persons"].to_string().contains("点名"), "{list}");
        assert!(!list.to_string().contains(&name_of(0)), "names are masked: {list}");
        // Somebody of another room is not of this one.
        let wrong = format!("/batches/{}/sessions/{}/arrivals", day.batch, day.practical);
        world.post(&day.school.clerk, &wrong, json!({"candidates": [c[0]]})).refused("平台规则·现场实施");
        let page = world.page(Some(&day.school.clerk), &format!("/batches/{}/conduct", day.batch)).text();
        assert!(page.contains("6 / 6") && page.contains("考试中"), "{page}");
    });
}

#[test]
fn house_who_comes_more_than_half_an_hour_late_is_not_let_in() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 2);
        let sign = |at: &str| {
            world.post(&day.school.clerk, &day.path("arrivals"), json!({"candidates": [day.candidates[0]], "at": at}))
        };
        // Nine o'clock is half an hour after the beginning.
        let on_time = world.post(&day.school.clerk, &day.path("arrivals"), json!({"candidates": [day.candidates[1]]}));
        assert_eq!(on_time.done()["late"], 30);
        world.on("2026-12-16");
        let refused = sign("09:01").refused("平台规则·现场实施");
        assert!(refused.what.contains("31 分钟以后"), "{refused:?}");
        sign("09:00").done();
    });
}

#[test]
fn s1_5_1_who_is_not_signed_in_at_the_end_is_absent_and_that_is_a_result() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 4);
        let end = |fields: Value| world.post(&day.school.clerk, &day.path("ending"), fields);
        end(json!({"absent": 4})).refused("平台规则·现场实施");
        day.start(world);
        let here = json!({"candidates": &day.candidates[..3], "at": "08:15"});
        world.post(&day.school.clerk, &day.path("arrivals"), here).done();
        let refused = end(json!({})).refused("1.5.1");
        assert!(refused.what.contains("1 人没有签到") && refused.remedy.contains("补签"), "{refused:?}");
        let refused = end(json!({"absent": 2})).refused("平台规则·现场实施");
        assert!(refused.what.contains("现在是 1 人"), "{refused:?}");
        let done = end(json!({"absent": 1, "note": "一切正常"})).done();
        assert_eq!((&done["present"], &done["absent"]), (&json!(3), &json!(1)));
        let marks = world.get(&day.school.clerk, &format!("/batches/{}/marks", day.batch)).done();
        let absent = marks["persons"].as_array().expect("persons").iter().find(|p| p["candidate"] == day.candidates[3]);
        let theory = &absent.expect("the absent one")["marks"][0];
        assert_eq!((&theory["outcome"], &theory["checked"]), (&json!("缺考"), &json!(false)));
        assert!(theory["trace"].as_str().expect("a trace").contains("由现场签到"), "{theory}");
        // Nobody signs in any more, and nothing ends twice.
        let late = json!({"candidates": [day.candidates[3]], "at": "08:15"});
        let refused = world.post(&day.school.clerk, &day.path("arrivals"), late).refused("3.3.1");
        assert!(refused.remedy.contains("签到更正"), "{refused:?}");
        end(json!({"absent": 1})).refused("平台规则·现场实施");
        let view = world.get(&day.school.clerk, &format!("/batches/{}", day.batch)).done();
        let step =
            view["steps"].as_array().expect("steps").iter().find(|step| step["code"] == "theory").expect("theory");
        assert_eq!(step["note"], "已开考1个考场，结束1个，签到3人");
    });
}

#[test]
fn s3_3_1_a_mark_needs_a_person_who_was_there() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 3);
        let refused = day.mark(world, 0, "80").refused("3.3.1");
        assert!(refused.what.contains("没有签到记录") && refused.remedy.contains("现场"), "{refused:?}");
        day.hold(world, &[2]);
        day.mark(world, 0, "80").done();
        let refused = day.mark(world, 2, "80").refused("3.3.1");
        assert!(refused.what.contains("已记为缺考") && refused.remedy.contains("签到更正"), "{refused:?}");
        day.mark(world, 0, "缺考").refused("3.3.1");
        day.mark(world, 2, "缺考").done();
        // A sheet says it at the row and keeps the others.
        let list = world.get(&day.school.clerk, &format!("/batches/{}/marks", day.batch)).done();
        let place = |at: usize| {
            let persons = list["persons"].as_array().expect("persons");
            persons.iter().position(|p| p["candidate"] == day.candidates[at]).expect("a person")
        };
        let row = |at: usize, mark: &str| vec![name_of(place(at)), number_of(place(at)), mark.to_owned()];
        let rows = vec![row(1, "71"), row(2, "90")];
        let sheet = sheets::table("成绩", &["姓名", "证件号码", "理论成绩"], rows).expect("a workbook");
        let file = world.keep(&day.school.clerk, &sheet);
        let upload = json!({"file": file, "name": "成绩.xlsx"});
        let read = world.post(&day.school.clerk, &format!("/batches/{}/marks/uploads", day.batch), upload).done();
        assert_eq!(read["entered"], 1, "{read}");
        let found = &read["findings"][0];
        assert_eq!((&found["kind"], &found["row"]), (&json!("not_signed_in"), &json!(4)), "{read}");
        // What was notified before sign-ins were asked for is as it was.
        assert!(!rules::conduct::is_asked(rules::Day::constant(2026, 11, 30)));
    });
}

#[test]
fn s3_3_1_a_missed_sign_in_is_corrected_by_two_persons_until_the_mark_is_confirmed() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 3);
        day.hold(world, &[1, 2]);
        let propose = |at: usize, reason: &str| {
            let fields = json!({"candidate": day.candidates[at], "was_there": true, "at": "08:25", "reason": reason});
            world.post(&day.school.clerk, &day.path("attendance-changes"), fields)
        };
        propose(1, "漏").refused("3.3.1");
        propose(0, "监考员签名的纸质签到表").refused("3.3.1");
        let change = propose(1, "监考员签名的纸质签到表").done()["id"].as_i64().expect("an id");
        propose(1, "监考员签名的纸质签到表").refused("3.3.1");
        let answer = |by: &Person, agreed: bool, reason: &str| {
            let path = format!("/batches/{}/attendance-changes/{change}/answer", day.batch);
            world.post(by, &path, json!({"agreed": agreed, "reason": reason}))
        };
        let refused = answer(&day.school.clerk, true, "").refused("3.3.1");
        assert!(refused.remedy.contains("另一个账号"), "{refused:?}");
        let tasks = world.get(&day.second, "/work").done()["tasks"].to_string();
        assert!(tasks.contains("核实签到更正"), "{tasks}");
        answer(&day.second, false, "").refused("3.3.1");
        answer(&day.second, true, "").done();
        answer(&day.second, true, "").refused("3.3.1");
        // The absence stands as a mark until the score is entered, and can't be confirmed.
        let confirm = |at: usize| {
            let chosen = json!({"candidates": [day.candidates[at]]});
            world.post(&day.second, &format!("/batches/{}/marks/confirmation", day.batch), chosen)
        };
        let refused = confirm(1).refused("3.3.1");
        assert!(refused.what.contains("已签到，不能记为缺考"), "{refused:?}");
        day.mark(world, 1, "66").done();
        confirm(1).done();
        // Who was absent and is confirmed so changes by the way of marks.
        confirm(2).done();
        let refused = propose(2, "监考员签名的纸质签到表").refused("3.3.1");
        assert!(refused.remedy.contains("成绩更改"), "{refused:?}");
        let page = world.page(Some(&day.second), &format!("/batches/{}/conduct/{}", day.batch, day.session)).text();
        assert!(page.contains("签到更正") && page.contains("08:25") && page.contains("更正，"), "{page}");
    });
}

#[test]
fn s3_3_1_the_code_on_a_ticket_leads_to_one_button() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 2);
        let candidate = day.candidates[0];
        let list = world.get(&day.school.clerk, &format!("/batches/{}/conduct/{}", day.batch, day.session)).done();
        let page = format!("/arrivals/{}", list["persons"][0]["code"].as_str().expect("a code"));
        // Who has not signed in is asked to; who is of another school finds nothing.
        let answer = world.page(None, &page);
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let other = world.filed_school("示例第二技工学校");
        assert_eq!(world.page(Some(&other.clerk), &page).status, StatusCode::NOT_FOUND);
        let forged = format!("/arrivals/{candidate:x}-0123456789abcdef");
        assert_eq!(world.page(Some(&day.school.clerk), &forged).status, StatusCode::NOT_FOUND);
        let seen = world.page(Some(&day.school.clerk), &page).text();
        assert!(seen.contains(">到场</button>") && seen.contains("号座位"), "{seen}");
        assert!(!seen.contains(&number_of(0)) && !seen.contains(&name_of(0)), "{seen}");
        let (batch, session) = (day.batch.to_string(), day.session.to_string());
        let fields = [("batch", batch.as_str()), ("session", session.as_str())];
        let done = world.submit(Some(&day.school.clerk), &page, &page, &fields);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let seen = world.page(Some(&day.school.clerk), &page).text();
        assert!(seen.contains("已到场") && seen.contains("今天没有待签到的科目"), "{seen}");
        // The same act by list and by code.
        let list = world.get(&day.school.clerk, &format!("/batches/{}/conduct/{}", day.batch, day.session)).done();
        let one = list["persons"].as_array().expect("persons").iter().find(|one| one["candidate"] == candidate);
        assert!(one.expect("the one")["trace"].as_str().expect("a trace").starts_with("扫码"), "{list}");
        // The centre sees who it is and has no button.
        let seen = world.page(Some(&day.school.centre), &page).text();
        assert!(!seen.contains(">到场</button>"), "{seen}");
    });
}

#[test]
fn s3_3_1_a_refused_form_of_a_room_shows_what_was_typed_and_the_record_is_printed() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 3);
        let page = format!("/batches/{}/conduct/{}", day.batch, day.session);
        let form = [("do", "start"), ("began", "25:00"), ("late", "供电检修")];
        let answer = world.submit(Some(&day.school.clerk), &page, &page, &form);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("value=\"25:00\"") && answer.text().contains("供电检修"), "{}", answer.text());
        day.hold(world, &[0]);
        let record = world.page(Some(&day.school.centre), &format!("{page}/record"));
        assert_eq!(record.status, StatusCode::OK);
        assert!(record.bytes.starts_with(b"%PDF"));
    });
}
