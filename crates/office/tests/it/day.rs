//! 三（三）, 一（五）1, 二（二）1: what the day of an examination brings beside its plain course, and how it holds the marks of
//! those whom it touches while everybody else goes on.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::conduct::{Day, day};
use crate::held::name_of;
use crate::stages::PDF;
use crate::world::{Answer, Person, World, on_each_database};

impl Day {
    fn of(&self, what: &str) -> String {
        format!("/batches/{}/{what}", self.batch)
    }

    /// The marks of these candidates, confirmed by the second account.
    fn confirm(&self, world: &World, places: &[usize]) -> Answer {
        let chosen: Vec<i64> = places.iter().map(|at| self.candidates[*at]).collect();
        world.post(&self.second, &self.of("marks/confirmation"), json!({"candidates": chosen}))
    }

    /// What stands as the outcome of theory for somebody, and whether it is confirmed.
    fn theory(&self, world: &World, at: usize) -> (String, bool) {
        let marks = world.get(&self.school.clerk, &self.of("marks")).done();
        let person =
            marks["persons"].as_array().expect("persons").iter().find(|p| p["candidate"] == self.candidates[at]);
        let theory = &person.expect("a person")["marks"][0];
        (theory["outcome"].as_str().expect("text").to_owned(), theory["checked"] == true)
    }

    fn incident(&self, world: &World, by: &Person, effect: &str, persons: &[usize]) -> Answer {
        let persons: Vec<i64> = persons.iter().map(|at| self.candidates[*at]).collect();
        let fields =
            json!({"kind": "power", "effect": effect, "at": "08:45", "what": "两台电脑断电重启", "persons": persons});
        world.post(by, &self.path("incidents"), fields)
    }

    fn close(&self, world: &World, by: &Person, incident: &Value, outcome: &str) -> Answer {
        let fields = json!({"outcome": outcome, "reason": "核对监控和机房日志"});
        world.post(by, &self.of(&format!("incidents/{incident}/closure")), fields)
    }

    fn tasks(&self, world: &World, of: &Person) -> String {
        world.get(of, "/work").done()["tasks"].to_string()
    }
}

#[test]
fn s3_3_1_an_open_incident_holds_the_marks_of_whom_it_touches_and_nobody_else() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 4);
        day.hold(world, &[3]);
        for at in 0..3 {
            day.mark(world, at, "80").done();
        }
        let none = day.incident(world, &day.school.clerk, "persons", &[]).refused("3.3.1");
        assert!(none.what.contains("没有写明是哪些考生"), "{none:?}");
        let made = day.incident(world, &day.school.clerk, "persons", &[0]).done();
        let refused = day.confirm(world, &[0]).refused("3.3.1");
        assert!(
            refused.what.contains("未了结的异常情况") && refused.remedy.contains("其他考生不受影响"),
            "{refused:?}"
        );
        // A second entry that says the same is no way around.
        let again = json!({"entries": [{"candidate": day.candidates[0], "part": "theory", "outcome": "80"}]});
        world.post(&day.second, &day.of("marks/second-entry"), again).refused("3.3.1");
        // Everybody else goes on: all together, the one who is held is left.
        let all = world.confirm_marks(&day.second, day.batch);
        assert_eq!((&all["confirmed"], &all["held"]), (&json!(3), &json!(1)), "{all}");
        let tasks = day.tasks(world, &day.second);
        assert!(tasks.contains("了结异常情况") && tasks.contains("2026-12-18"), "{tasks}");
        // Who noted it does not close it; the head does.
        let denied = day.close(world, &day.school.clerk, &made["id"], "stands");
        assert_eq!(denied.status, StatusCode::FORBIDDEN);
        let own = day.incident(world, &day.second, "note", &[]).done();
        let refused = day.close(world, &day.second, &own["id"], "stands").refused("3.3.1");
        assert!(refused.what.contains("由您本人登记"), "{refused:?}");
        assert_eq!(day.close(world, &day.second, &made["id"], "time_added").done()["put_off"], 0);
        day.close(world, &day.second, &made["id"], "stands").refused("3.3.1");
        day.confirm(world, &[0]).done();
        let page = world.page(Some(&day.second), &day.of("incidents")).text();
        assert!(page.contains("已补足考试时间") && page.contains("未了结") && !page.contains(&name_of(0)), "{page}");
    });
}

#[test]
fn s1_5_1_who_sits_again_is_put_off_and_uses_no_make_up() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 3);
        day.hold(world, &[2]);
        day.mark(world, 0, "80").done();
        day.mark(world, 1, "90").done();
        day.confirm(world, &[0]).done();
        // A leak touches every room of the part, also whose mark was confirmed before; the centre hears of it.
        let made = day.incident(world, &day.school.clerk, "leak", &[]).done();
        // Messages leave with the next round.
        world.on("2026-12-15");
        let told = world.get(&day.school.centre, "/work").done()["messages"].to_string();
        assert!(told.contains("异常情况"), "{told}");
        assert_eq!(day.close(world, &day.second, &made["id"], "again").done()["put_off"], 2);
        assert_eq!(day.theory(world, 0), ("缓考".to_owned(), true));
        assert_eq!(day.theory(world, 1), ("缓考".to_owned(), true));
        // Who was absent is not put off.
        assert_eq!(day.theory(world, 2).0, "缺考");
        day.confirm(world, &[2]).done();
        let refused = day.mark(world, 1, "90").refused("1.5.1");
        assert!(refused.what.contains("决定重考"), "{refused:?}");
        // The value before stays to be read.
        assert_eq!(world.count("SELECT COUNT(*) FROM mark_step WHERE outcome = 'mark'"), 2);
    });
}

#[test]
fn s3_3_1_a_violation_is_reported_heard_and_decided_by_another() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 3);
        day.hold(world, &[]);
        for at in 0..3 {
            day.mark(world, at, "80").done();
        }
        let refused = day.mark(world, 0, "违纪").refused("1.5.1");
        assert!(refused.what.contains("没有违纪决定"), "{refused:?}");
        let report = |at: usize, kind: &str, files: Value| {
            let what = "开考二十分钟后翻看手机";
            let fields =
                json!({"candidate": day.candidates[at], "part": "theory", "kind": kind, "what": what, "files": files});
            world.post(&day.school.clerk, &day.of("violations"), fields)
        };
        let made = report(0, "cheating", json!([])).done();
        report(0, "cheating", json!([])).refused("3.3.1");
        let refused = day.confirm(world, &[0]).refused("3.3.1");
        assert!(refused.what.contains("违纪报告还没有决定"), "{refused:?}");
        let tasks = day.tasks(world, &day.second);
        assert!(tasks.contains("决定违纪") && tasks.contains("2026-12-22"), "{tasks}");
        let decide = |id: &Value, effect: &str| {
            let fields = json!({"effect": effect, "reason": "录像与陈述一致"});
            world.post(&day.second, &day.of(&format!("violations/{id}/decision")), fields)
        };
        let refused = decide(&made["id"], "part").refused("3.3.1");
        assert!(refused.what.contains("没有证据"), "{refused:?}");
        let evidence = json!([{"file": world.keep(&day.school.clerk, PDF), "name": "截图.pdf"}]);
        let hear = |statement: &str| {
            let fields = json!({"statement": statement, "files": evidence});
            world.post(&day.school.clerk, &day.of(&format!("violations/{}/statement", made["id"])), fields)
        };
        hear(" ").refused("3.3.1");
        hear("承认查看手机").done();
        decide(&made["id"], "part").done();
        decide(&made["id"], "dismissed").refused("3.3.1");
        assert_eq!(day.theory(world, 0), ("违纪".to_owned(), true));
        let refused = day.mark(world, 0, "80").refused("1.5.1");
        assert!(refused.what.contains("已决定违纪"), "{refused:?}");
        // Impersonation voids the whole batch, the part of tomorrow with it: the person does not sit.
        let files = json!([{"file": world.keep(&day.school.clerk, PDF), "name": "照片.pdf"}]);
        let other = report(1, "impersonation", files).done();
        let heard = json!({"statement": "本人未到，电话告知后放弃陈述"});
        world.post(&day.school.clerk, &day.of(&format!("violations/{}/statement", other["id"])), heard).done();
        decide(&other["id"], "part").refused("3.3.1");
        decide(&other["id"], "batch").done();
        world.on("2026-12-16");
        let sign = json!({"candidates": [day.candidates[1]], "at": "08:20"});
        let path = format!("/batches/{}/sessions/{}/arrivals", day.batch, day.practical);
        let refused = world.post(&day.school.clerk, &path, sign).refused("1.5.1");
        assert!(refused.what.contains("已决定违纪"), "{refused:?}");
        // Who reported it does not decide, though granted.
        let fields =
            json!({"candidate": day.candidates[2], "part": "theory", "kind": "disorder", "what": "大声喧哗两次"});
        let third = world.post(&day.second, &day.of("violations"), fields).done();
        decide(&third["id"], "warned").refused("3.3.1");
        // The evidence is for who may look into the batch, and looking leaves its trace.
        let view = world.get(&day.school.centre, &day.of("day")).done();
        let file =
            &view["violations"].as_array().expect("violations").iter().find(|one| one["id"] == made["id"]).expect("it")
                ["files"][0]["id"];
        let seen = world.page(Some(&day.school.centre), &day.of(&format!("day-files/{file}")));
        assert!(seen.status == StatusCode::OK && seen.bytes == PDF, "{}", seen.status);
        let far = world.filed_school("示例第二技工学校");
        assert_eq!(world.page(Some(&far.clerk), &day.of(&format!("day-files/{file}"))).status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn s1_5_1_a_deferral_is_a_result_of_its_own_and_agreed_by_another() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 4);
        let ask = |at: usize, part: Value, files: Value| {
            let reason = "住院手术，附医院证明";
            let fields = json!({"candidate": day.candidates[at], "part": part, "reason": reason, "files": files});
            world.post(&day.school.clerk, &day.of("deferrals"), fields)
        };
        let proof = || json!([{"file": world.keep(&day.school.clerk, PDF), "name": "证明.pdf"}]);
        let answer = |by: &Person, id: &Value, agreed: bool, reason: &str| {
            let fields = json!({"agreed": agreed, "reason": reason});
            world.post(by, &day.of(&format!("deferrals/{id}/answer")), fields)
        };
        world.on("2026-12-14");
        let refused = ask(0, Value::Null, json!([])).refused("1.5.1");
        assert!(refused.what.contains("没有附上证明"), "{refused:?}");
        let first = ask(0, Value::Null, proof()).done();
        ask(0, json!("theory"), proof()).refused("1.5.1");
        let refused = answer(&day.school.clerk, &first["id"], true, "").refused("1.5.1");
        assert!(refused.remedy.contains("另一个账号"), "{refused:?}");
        assert!(day.tasks(world, &day.second).contains("答复缓考申请"));
        answer(&day.second, &first["id"], true, "").done();
        answer(&day.second, &first["id"], true, "").refused("1.5.1");
        // Before the day there is no result yet, so that the batch may still be put off.
        assert_eq!(day.theory(world, 0).0, "");
        let declined = ask(1, Value::Null, proof()).done();
        answer(&day.second, &declined["id"], false, "").refused("1.5.1");
        answer(&day.second, &declined["id"], false, "证明不是本人的").done();
        world.on("2026-12-15");
        let sign = json!({"candidates": [day.candidates[0]], "at": "08:20"});
        let refused = world.post(&day.school.clerk, &day.path("arrivals"), sign).refused("1.5.1");
        assert!(refused.what.contains("缓考"), "{refused:?}");
        // Nobody waits for the person: one is absent, and the deferral is the result, confirmed by two.
        day.start(world);
        let here = json!({"candidates": [day.candidates[1], day.candidates[2]], "at": "08:15"});
        world.post(&day.school.clerk, &day.path("arrivals"), here).done();
        let ended = world.post(&day.school.clerk, &day.path("ending"), json!({"at": "09:00", "absent": 1})).done();
        assert_eq!(ended["absent"], 1);
        assert_eq!(day.theory(world, 0), ("缓考".to_owned(), true));
        assert_eq!(day.theory(world, 3), ("缺考".to_owned(), false));
        // Whoever sat is not put off; who was absent still may ask on the very day.
        let refused = ask(1, json!("theory"), proof()).refused("1.5.1");
        assert!(refused.what.contains("已经签到"), "{refused:?}");
        let late = ask(3, json!("theory"), proof()).done();
        answer(&day.second, &late["id"], true, "").done();
        assert_eq!(day.theory(world, 3), ("缓考".to_owned(), true));
        let refused = day.mark(world, 2, "缓考").refused("1.5.1");
        assert!(refused.what.contains("没有同意的缓考"), "{refused:?}");
        world.on("2026-12-16");
        let refused = ask(2, json!("theory"), proof()).refused("1.5.1");
        assert!(refused.what.contains("当天结束以前"), "{refused:?}");
    });
}

#[test]
fn s3_3_1_a_room_that_was_not_recorded_throughout_has_no_confirmed_mark() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 2);
        day.hold_unrecorded(world, &[]);
        day.mark(world, 0, "80").done();
        let refused = day.confirm(world, &[0]).refused("3.3.1");
        assert!(refused.what.contains("08:30–09:00没有录像"), "{refused:?}");
        let tasks = day.tasks(world, &day.school.clerk);
        assert!(tasks.contains("登记考试录像") && tasks.contains("2026-12-18"), "{tasks}");
        let record =
            |fields: Value| world.post(&day.school.clerk, &day.of("recordings"), json!({"recordings": [fields]}));
        let entry = |from: &str, to: &str| json!({"session": day.session, "camera": "前门", "from": from, "to": to, "digest": "a1".repeat(32)});
        let mut short = entry("08:00", "09:00");
        short["kept_until"] = json!("2027-03-01");
        let refused = record(short).refused("1.2.3");
        assert!(refused.what.contains("须保存到 2027-06-13"), "{refused:?}");
        let mut nowhere = entry("08:00", "09:00");
        nowhere["digest"] = json!("");
        record(nowhere).refused("平台规则·现场实施");
        let refused = record(entry("08:00", "09:01")).refused("平台规则·现场实施");
        assert!(refused.what.contains("还没到"), "{refused:?}");
        record(entry("08:20", "08:45")).done();
        let refused = day.confirm(world, &[0]).refused("3.3.1");
        assert!(refused.what.contains("08:45–09:00没有录像"), "{refused:?}");
        // Another camera covers the rest; a minute for the change is let pass.
        let mut second = entry("08:46", "09:00");
        second["camera"] = json!("后门");
        record(second).done();
        let view = world.get(&day.school.centre, &day.of("day")).done();
        assert_eq!(view["rooms"][0]["gaps"], json!([]), "{view}");
        // What was noted wrongly covers nothing.
        let id = &view["recordings"][0]["id"];
        let void = |reason: &str| {
            world.post(&day.school.clerk, &day.of(&format!("recordings/{id}/voiding")), json!({"reason": reason}))
        };
        void(" ").refused("平台规则·考试录像");
        void("起止时间登记错了").done();
        day.confirm(world, &[0]).refused("3.3.1");
        record(entry("08:25", "08:46")).done();
        day.confirm(world, &[0]).done();
        let page = world.page(Some(&day.school.clerk), &day.of("recordings")).text();
        assert!(page.contains("已覆盖全程") && page.contains("已作废") && page.contains("起止时间登记错了"), "{page}");
    });
}

#[test]
fn s3_3_1_a_list_of_recordings_is_noted_row_by_row_and_the_good_rows_stay() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 2);
        day.hold_unrecorded(world, &[]);
        let view = || world.get(&day.school.clerk, &day.of("day")).done();
        let room = view()["rooms"][0]["room"].as_str().expect("text").to_owned();
        let send = |by: &Person, bytes: &[u8]| {
            let file = world.keep(by, bytes);
            world.post(by, &day.of("recordings/uploads"), json!({"file": file, "name": "录像.csv"}))
        };
        let list = format!(
            "考场,摄像头,录像从,录像到,文件名,SHA-256摘要,存放位置\n\
            {room},前门,08:20,08:50,ch01.mp4,{},\n{room},后门,08:49,09:00,,,硬盘2\n\
            {room},前门,早上,09:00,,,硬盘1\n示例教学楼999,前门,08:20,09:00,,,硬盘1\n{room},走廊,08:20,23:59,,,硬盘1\n",
            "b2".repeat(32)
        );
        // As an older program writes it.
        let (gbk, _, lossy) = encoding_rs::GBK.encode(&list);
        assert!(!lossy);
        let made = send(&day.school.clerk, &gbk).done();
        assert_eq!((&made["rows_read"], &made["noted"], &made["before"]), (&json!(5), &json!(2), &json!(0)), "{made}");
        let found: Vec<_> = made["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .map(|one| (one["row"].as_u64().expect("a row"), one["column"].as_str().expect("text")))
            .collect();
        // What is recorded at this moment has not ended.
        assert_eq!(found, [(4, "C"), (5, "A"), (6, "")], "{made}");
        assert!(made["findings"][2]["reason"].as_str().expect("text").contains("还没到"), "{made}");
        assert_eq!(view()["rooms"][0]["gaps"], json!([]), "the good rows cover the room");
        let again = send(&day.school.clerk, list.as_bytes()).done();
        assert_eq!((&again["noted"], &again["before"]), (&json!(0), &json!(2)), "{again}");
        // A file that is no list is refused as a whole; whoever only looks on notes nothing.
        send(&day.school.clerk, b"a,b\n1,2\n").refused("平台规则·表格文件");
        assert_eq!(send(&day.school.centre, list.as_bytes()).status, StatusCode::FORBIDDEN);
        let page = world.page(Some(&day.school.clerk), &day.of("recordings")).text();
        for word in ["ch01.mp4", "已覆盖全程", "示例教学楼999", "需要改正的地方", "recordings/marked.xlsx"]
        {
            assert!(page.contains(word), "{word}: {page}");
        }
        for (path, head) in [("recordings/marked.xlsx", "考场"), ("recordings/template.xlsx", "摄像头")] {
            let file = world.page(Some(&day.school.clerk), &day.of(path));
            assert!(file.status == StatusCode::OK && file.bytes.starts_with(b"PK"), "{path} {head}");
        }
        // The list itself goes into the archive.
        assert_eq!(world.count("SELECT COUNT(*) FROM recording_upload WHERE noted = 2 AND faults = 3"), 1);
    });
}

#[test]
fn s3_3_1_a_persons_chain_lists_what_the_day_brought_for_the_person_and_the_own_room() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 3);
        let proof = json!([{"file": world.keep(&day.school.clerk, PDF), "name": "证明.pdf"}]);
        world.on("2026-12-14");
        let asked =
            json!({"candidate": day.candidates[1], "part": "practical", "reason": "家中有事请假一天", "files": proof});
        let made = world.post(&day.school.clerk, &day.of("deferrals"), asked).done();
        let answer = json!({"agreed": false, "reason": "事由不足"});
        world.post(&day.second, &day.of(&format!("deferrals/{}/answer", made["id"])), answer).done();
        world.on("2026-12-15");
        day.hold(world, &[]);
        let power = day.incident(world, &day.school.clerk, "room", &[]).done();
        day.close(world, &day.second, &power["id"], "time_added").done();
        let fields =
            json!({"candidate": day.candidates[0], "part": "theory", "kind": "disorder", "what": "大声喧哗两次"});
        world.post(&day.school.clerk, &day.of("violations"), fields).done();
        let chain = |at: usize| {
            let view = world.get(&day.school.centre, &format!("/candidates/{}/chain", day.candidates[at])).done();
            let events = view["day"].as_array().expect("a list").clone();
            events
                .iter()
                .map(|one| {
                    format!(
                        "{} {}",
                        one["kind_name"].as_str().unwrap_or_default(),
                        one["outcome"].as_str().unwrap_or_default()
                    )
                })
                .collect::<Vec<_>>()
        };
        // What happened in the room is everybody's; what somebody did or asked for is their own.
        assert_eq!(chain(0), ["异常情况 已补足考试时间，成绩有效", "违纪 尚未了结"]);
        assert_eq!(chain(1), ["异常情况 已补足考试时间，成绩有效", "缓考 未同意"]);
        assert_eq!(chain(2), ["异常情况 已补足考试时间，成绩有效"]);
        let page = world.page(Some(&day.school.centre), &format!("/candidates/{}/chain", day.candidates[0])).text();
        assert!(page.contains("大声喧哗两次") && page.contains("两台电脑断电重启"), "{page}");
        assert!(
            !world
                .page(Some(&day.school.centre), &format!("/candidates/{}/chain", day.candidates[2]))
                .text()
                .contains("大声喧哗")
        );
    });
}

#[test]
fn s1_2_3_recordings_of_a_disputed_batch_are_kept_for_five_years() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 2);
        day.hold(world, &[]);
        let short = |world: &World| world.get(&day.school.clerk, &day.of("day")).done()["kept_too_short"].clone();
        assert_eq!(short(world), 0);
        let fields =
            json!({"candidate": day.candidates[0], "part": "theory", "kind": "disorder", "what": "大声喧哗两次"});
        world.post(&day.school.clerk, &day.of("violations"), fields).done();
        assert_eq!(short(world), 1);
        let keep =
            |until: &str| world.post(&day.school.clerk, &day.of("recordings/keeping"), json!({"kept_until": until}));
        let refused = keep("2031-12-14").refused("1.2.3");
        assert!(refused.what.contains("2031-12-1"), "{refused:?}");
        assert_eq!(keep("2031-12-16").done()["changed"], 1);
        assert_eq!(short(world), 0);
    });
}

#[test]
fn s2_2_1c_the_centre_stops_one_room_and_the_others_go_on() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 3);
        let stop = |by: &Person, session: i64, reason: &str| {
            let path = format!("/batches/{}/sessions/{session}/stop", day.batch);
            world.post(by, &path, json!({"reason": reason}))
        };
        assert_eq!(stop(&day.school.clerk, day.session, "监考人员不足").status, StatusCode::FORBIDDEN);
        stop(&day.school.centre, day.session, "乱").refused("2.2.1c");
        stop(&day.school.centre, day.session, "监考人员不足两人").done();
        stop(&day.school.centre, day.session, "监考人员不足两人").refused("2.2.1c");
        let begin = world.post(&day.school.clerk, &day.path("beginning"), json!({"at": "08:30"}));
        let refused = begin.refused("2.2.1c");
        assert!(refused.what.contains("已叫停") && refused.remedy.contains("其他考场照常"), "{refused:?}");
        world.on("2026-12-15");
        let told = world.get(&day.school.clerk, "/work").done();
        assert!(
            told["messages"].to_string().contains("叫停了") && told["tasks"].to_string().contains("整改被叫停的考场")
        );
        let board = world.get(&day.school.centre, "/board").done();
        assert_eq!(
            (&board["batches"][0]["stopped_rooms"], &board["batches"][0]["stopped_on"]),
            (&json!(1), &Value::Null)
        );
        let page = world.page(Some(&day.school.clerk), &format!("/batches/{}", day.batch)).text();
        assert!(page.contains("主管中心叫停了 1 个考场"), "{page}");
        let lift = |again: bool, reason: &str| {
            world.post(&day.school.centre, &day.path("stop-lifting"), json!({"again": again, "reason": reason}))
        };
        lift(false, "").refused("2.2.1c");
        lift(false, "监考人员已经补足").done();
        lift(false, "监考人员已经补足").refused("2.2.1c");
        day.hold(world, &[2]);
        day.mark(world, 0, "80").done();
        // Stopped again after it was held: the marks wait; the room of practice is not touched.
        stop(&day.school.centre, day.session, "录像显示监考人员离场").done();
        let refused = day.confirm(world, &[0]).refused("2.2.1c");
        assert!(refused.what.contains("已被主管中心叫停"), "{refused:?}");
        world.on("2026-12-16");
        let path = format!("/batches/{}/sessions/{}/beginning", day.batch, day.practical);
        world.post(&day.school.clerk, &path, json!({"at": "08:30"})).done();
        assert!(day.tasks(world, &day.school.centre).contains("解除考场叫停或决定重考"));
        lift(true, "监考缺位，成绩不可信").done();
        assert_eq!(day.theory(world, 0), ("缓考".to_owned(), false));
        assert_eq!(day.theory(world, 1), ("缓考".to_owned(), false));
        assert_eq!(day.theory(world, 2).0, "缺考");
        day.confirm(world, &[0, 1, 2]).done();
    });
}

#[test]
fn s3_3_1_a_sign_in_list_is_imported_row_by_row() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 5);
        day.start(world);
        let list = world.get(&day.school.clerk, &day.of(&format!("conduct/{}", day.session))).done();
        let ticket = |at: usize| list["persons"][at]["ticket"].as_str().expect("a ticket").to_owned();
        let send = |rows: Vec<Vec<String>>| {
            let sheet = sheets::table("签到", &["准考证号", "签到", "到场时间"], rows).expect("a workbook");
            let upload = json!({"file": world.keep(&day.school.clerk, &sheet), "name": "签到.xlsx"});
            world.post(&day.school.clerk, &day.path("arrivals/uploads"), upload)
        };
        let row = |ticket: String, signed: &str, came: &str| vec![ticket, signed.to_owned(), came.to_owned()];
        let rows = vec![
            row(ticket(0), "√", ""),
            row(ticket(1), "", "08:21"),
            row(ticket(2), "√", "09:01"),
            row(ticket(3), "缺考", ""),
            row("26999999999".into(), "√", ""),
        ];
        // It is nine o'clock; somebody who comes at one minute past has not come yet.
        let read = send(rows.clone()).done();
        assert_eq!((&read["rows_read"], &read["arrived"]), (&json!(5), &json!(2)), "{read}");
        let kinds: Vec<&str> = read["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .map(|one| one["kind"].as_str().expect("a kind"))
            .collect();
        assert_eq!(kinds, ["candidate_unknown", "arrival_not_taken"]);
        assert!(read["findings"][1]["row"] == 5 && read["findings"][1]["remedy"] != "", "{read}");
        // The same list again changes nothing.
        let again = send(rows).done();
        assert_eq!((&again["arrived"], &again["before"]), (&json!(0), &json!(2)));
        let list = world.get(&day.school.clerk, &day.of(&format!("conduct/{}", day.session))).done();
        let came = |at: usize| list["persons"][at]["came"].as_str().unwrap_or_default().to_owned();
        assert_eq!([came(0), came(1), came(3)], ["08:30", "08:21", ""]);
        assert!(list["persons"][0]["trace"].as_str().expect("a trace").starts_with("导入"));
        let page = world.page(Some(&day.school.clerk), &day.of(&format!("conduct/{}", day.session))).text();
        assert!(page.contains("需要改正") && page.contains("还没到"), "{page}");
        let marked = world.page(Some(&day.school.clerk), &day.of(&format!("conduct/{}/arrivals.xlsx", day.session)));
        assert!(marked.status == StatusCode::OK && marked.bytes.starts_with(b"PK"));
    });
}

#[test]
fn s2_2_1c_what_is_found_at_the_site_is_noted_on_the_spot_and_the_body_reads_it() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 2);
        let tasks = day.tasks(world, &day.school.centre);
        assert!(tasks.contains("今天考试") && tasks.contains(&day.of("site")), "{tasks}");
        let bureau = day.school.bureau.clone().expect("a bureau");
        let note = |by: &Person, what: &str| {
            let photos = json!([{"file": world.keep(by, PDF), "name": "现场.pdf"}]);
            let fields = json!({"session": day.session, "what": what, "photos": photos});
            world.post(by, &day.of("site-notes"), fields)
        };
        note(&day.school.centre, "").refused("2.2.1c");
        note(&day.school.centre, "监考人员两名在岗").done();
        note(&bureau, "候考区没有指引").done();
        assert_eq!(note(&day.school.clerk, "自己写的").status, StatusCode::FORBIDDEN);
        world.on("2026-12-15");
        let told = world.get(&day.school.clerk, "/work").done()["messages"].to_string();
        assert!(told.contains("现场督导情况"), "{told}");
        let view = world.get(&day.school.clerk, &day.of("day")).done();
        assert_eq!(view["site_notes"].as_array().map(Vec::len), Some(2));
        assert_eq!(
            (&view["site_notes"][1]["what"], &view["site_notes"][1]["files"][0]["name"]),
            (&json!("监考人员两名在岗"), &json!("现场.pdf"))
        );
        let page = world.page(Some(&day.school.centre), &day.of("site")).text();
        assert!(
            page.contains("候考区没有指引") && page.contains("登记情况") && page.contains("叫停一个考场"),
            "{page}"
        );
        let seen = world.page(Some(&day.school.clerk), &day.of("site")).text();
        assert!(seen.contains("候考区没有指引") && !seen.contains("登记情况</button>"), "{seen}");
    });
}

#[test]
fn s1_5_1_a_batch_that_was_never_arranged_signs_in_by_list() {
    on_each_database("2026-12-01", |world| {
        let school = world.filed_school("示例第一技工学校");
        let batch = world.rostered_batch(&school, "2026-12-15", 4);
        let of = |what: &str| format!("/batches/{batch}/{what}");
        let rooms = |first: &str| {
            let room = |part: &str, room: &str, first: &str, last: &str| json!({"part": part, "room": room, "from": "08:30", "to": "10:00", "first": first, "last": last});
            let roster = world.get(&school.clerk, &of("day")).done();
            let ticket = |at: usize| roster["candidates"][at]["ticket"].as_str().expect("a ticket").to_owned();
            json!({"rooms": [room("theory", first, &ticket(0), &ticket(1)), room("theory", "教学楼302", "", ""), room("practical", "实训楼", "", "")]})
        };
        let refused = world.post(&school.clerk, &of("plain-rooms"), rooms("教学楼301")).refused("1.5.1");
        assert!(refused.remedy.contains("抽签编排"), "{refused:?}");
        world.on("2026-12-15");
        // It can't be arranged any more, and a mark without a sign-in is refused all the same.
        world.post(&school.clerk, &of("arrangement"), json!({})).refused("3.3.1");
        let roster = world.get(&school.clerk, &of("day")).done();
        let candidate = |at: usize| roster["candidates"][at]["candidate"].as_i64().expect("an id");
        let mark = |at: usize| {
            let entries = json!([{"candidate": candidate(at), "part": "theory", "outcome": "80"}]);
            world.post(&school.clerk, &of("marks"), json!({"entries": entries}))
        };
        mark(0).refused("3.3.1");
        let next = world.get(&school.clerk, &format!("/batches/{batch}")).done()["next"].clone();
        assert_eq!((&next["part"], &next["mine"]), (&json!("plain-rooms"), &json!(true)), "{next}");
        let page = world.page(Some(&school.clerk), &of("conduct")).text();
        assert!(page.contains("按名单登记实际的考场"), "{page}");
        let only = json!({"rooms": [{"part": "theory", "room": "教学楼301", "from": "08:30", "to": "10:00"}]});
        let refused = world.post(&school.clerk, &of("plain-rooms"), only).refused("1.5.1");
        assert!(refused.what.contains("操作技能考核还有 4 名考生"), "{refused:?}");
        world.post(&school.clerk, &of("plain-rooms"), rooms("")).refused("平台规则·现场实施");
        let made = world.post(&school.clerk, &of("plain-rooms"), rooms("教学楼301")).done();
        assert_eq!((&made["sessions"], &made["places"]), (&json!(3), &json!(8)), "{made}");
        world.post(&school.clerk, &of("plain-rooms"), rooms("教学楼301")).refused("1.5.1");
        world.on("2026-12-15");
        let told = world.get(&school.centre, "/work").done()["messages"].to_string();
        assert!(told.contains("考前没有编排考场"), "{told}");
        let halls = world.get(&school.clerk, &of("conduct")).done()["halls"].clone();
        let session = halls[0]["session"]["id"].as_i64().expect("an id");
        assert_eq!((&halls[0]["session"]["room"], &halls[0]["session"]["seated"]), (&json!("教学楼301"), &json!(2)));
        let act = |what: &str, fields: Value| {
            world.post(&school.clerk, &format!("/batches/{batch}/sessions/{session}/{what}"), fields).done()
        };
        act("beginning", json!({"at": "08:30"}));
        act("arrivals", json!({"candidates": [candidate(0)], "at": "08:20"}));
        act("ending", json!({"at": "09:00", "absent": 1}));
        world.record_room(&school.clerk, batch, session, ("08:00", "09:00"));
        mark(0).done();
        let chosen = json!({"candidates": [candidate(0), candidate(1)]});
        world.post(&school.head, &of("marks/confirmation"), chosen).done();
    });
}

#[test]
fn house_a_refused_form_of_the_day_shows_what_was_typed() {
    on_each_database("2026-12-01", |world| {
        let day = day(world, 2);
        let session = day.session.to_string();
        let check = |by: &Person, part: &str, fields: &[(&str, &str)], kept: &[&str]| {
            let page = day.of(part);
            let answer = world.submit(Some(by), &page, &page, fields);
            let text = answer.text();
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{part}: {text}");
            for word in kept {
                assert!(text.contains(word), "{part} lost {word}: {text}");
            }
        };
        let clerk = &day.school.clerk;
        let incident = [
            ("do", "note"),
            ("session", session.as_str()),
            ("kind", "power"),
            ("effect", "room"),
            ("at", "25:99"),
            ("what", "全场停电"),
            ("persons", ""),
        ];
        check(
            clerk,
            "incidents",
            &incident,
            &["value=\"25:99\"", "全场停电</textarea>", "<option value=\"power\" selected"],
        );
        let recording = [
            ("do", "record"),
            ("session", session.as_str()),
            ("camera", "前门3号"),
            ("from", "08:00"),
            ("to", "07:00"),
            ("address", "硬盘1"),
        ];
        check(clerk, "recordings", &recording, &["前门3号", "硬盘1", "不晚于开始时间"]);
        check(
            &day.school.centre,
            "room-stops",
            &[("do", "stop"), ("session", session.as_str()), ("reason", "乱")],
            &["乱</textarea>"],
        );
        check(&day.school.centre, "site", &[("session", session.as_str()), ("what", "")], &["没有写明看到的情况"]);
        // A form of one line comes back at its line.
        let made = day.incident(world, clerk, "room", &[]).done()["id"].to_string();
        let (outcome, reason) = (format!("outcome-{made}"), format!("reason-{made}"));
        let close = [("do", "close"), ("line", made.as_str()), (outcome.as_str(), "stands"), (reason.as_str(), "无")];
        check(
            &day.second,
            "incidents",
            &close,
            &[&format!("href=\"#reason-{made}\""), "无</textarea>", "value=\"stands\" checked"],
        );
    });
}
