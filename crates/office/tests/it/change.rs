//! 二（二）1: what was told of a batch changes, is put off, or is stopped by its centre; everything that was told stays.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::stages::batch_fields;
use crate::world::{Person, World, on_each_database};

fn with(mut fields: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().expect("fields") {
        fields[name] = value.clone();
    }
    fields
}

fn change(notice: Value) -> Value {
    json!({"notice": notice, "reason": "实训设备检修，改期"})
}

/// The titles of the messages of a seat, the last first.
pub fn messages(world: &World, person: &Person) -> Vec<String> {
    let work = world.get(person, "/work").done();
    let titles = work["messages"].as_array().expect("messages").iter();
    titles.map(|message| message["title"].as_str().expect("a title").to_owned()).collect()
}

#[test]
fn s2_2_1b_a_change_is_told_again_and_counted_again_where_the_rule_says_so() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let batch = world.rostered_batch(&school, "2026-06-22", 3);
        let (path, page) = (format!("/batches/{batch}/versions"), format!("/batches/{batch}"));
        // The 8th is the last day for the 23rd: Dragon Boat rests on Friday the 19th.
        world.on("2026-06-08");
        let refused = world.post(&school.clerk, &path, change(batch_fields("2026-06-22"))).refused("2.2.1b");
        assert_eq!(refused.what, "没有改变任何内容");
        // Another room is counted again, and the 22nd is too near.
        let room = with(batch_fields("2026-06-22"), json!({"theory_place": "示例教学楼302"}));
        let refused = world.post(&school.clerk, &path, change(room.clone())).refused("2.2.1b");
        assert!(refused.what.contains("变更理论考场") && refused.remedy.contains("2026-06-23"), "{refused:?}");
        let more = with(batch_fields("2026-06-22"), json!({"expected": 31}));
        let refused = world.post(&school.clerk, &path, change(more)).refused("2.2.1b");
        assert!(refused.remedy.contains("下一批次"), "{refused:?}");
        // Fewer persons and who is responsible are told only.
        let fewer = with(batch_fields("2026-06-22"), json!({"expected": 20, "responsible": "示例full_time"}));
        let told = world.post(&school.clerk, &path, change(fewer.clone())).done();
        assert_eq!((told["no"].as_i64(), told["counted_again"].as_bool()), (Some(2), Some(false)), "{told}");
        // A later day is counted from today.
        let later = with(
            fewer,
            json!({"starts_on": "2026-06-23", "ends_on": "2026-06-24", "theory_on": "2026-06-23", "practical_on": "2026-06-24",
                   "theory_place": "示例教学楼302"}),
        );
        let told = world.post(&school.clerk, &path, change(later)).done();
        assert_eq!((told["no"].as_i64(), told["counted_again"].as_bool()), (Some(3), Some(true)), "{told}");

        // The centre hears of both, no message names a person, and both read every version: who, when, what.
        world.on("2026-06-09");
        let said = messages(world, &school.centre);
        let latest = said.iter().find(|title| title.contains("2026-06-23")).expect("the change");
        assert!(latest.contains("开展日期由2026-06-22改为2026-06-23") && latest.contains("已重新提前"), "{said:?}");
        assert!(said.iter().any(|title| title.contains("预计人数由30人改为20人")), "{said:?}");
        assert!(!said.concat().contains("示例full_time"), "{said:?}");
        for person in [&school.centre, &school.clerk, &school.provincial_centre] {
            let seen = world.get(person, &path).done();
            let versions = seen["versions"].as_array().expect("versions");
            assert_eq!(versions.iter().map(|v| v["no"].as_i64().unwrap()).collect::<Vec<_>>(), [3, 2, 1]);
            assert!(versions[0]["told_by"].as_str().unwrap().contains("示例一技工学校"), "{seen}");
            assert_eq!(versions[1]["differences"].as_array().map(Vec::len), Some(2), "{seen}");
            assert_eq!(versions[2]["starts_on"], "2026-06-22", "what was told first stays");
            assert_eq!(versions[0]["reason"], "实训设备检修，改期");
        }
        let seen = world.get(&school.centre, &page).done();
        assert_eq!((seen["starts_on"].as_str(), seen["expected"].as_i64()), (Some("2026-06-23"), Some(20)));
        assert_eq!(seen["counts"]["registered"], 3, "the candidates stay");
        let board = world.get(&school.centre, "/board").done();
        assert_eq!(
            (board["batches"][0]["versions"].as_i64(), board["batches"][0]["starts_on"].as_str()),
            (Some(3), Some("2026-06-23"))
        );
        let elsewhere = world.officer_at(rules::people::Role::CityCentre, "city-350500-centre");
        assert_eq!(world.get(&elsewhere, &path).status, StatusCode::NOT_FOUND);
        assert_eq!(world.post(&school.centre, &path, change(room)).status, StatusCode::FORBIDDEN);
    });
}

#[test]
fn s2_2_1b_a_change_is_checked_as_a_new_notice_is_and_not_over_the_heads_of_candidates() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let batch = world.rostered_batch(&school, "2026-06-22", 3);
        let path = format!("/batches/{batch}/versions");
        let say = |changes: Value| world.post(&school.clerk, &path, change(with(batch_fields("2026-06-22"), changes)));
        say(json!({"theory_place": "示例培训公司3楼"})).refused("3.3.3");
        say(json!({"code": "6-11-01-03"})).refused("3.3.2");
        say(json!({"ends_on": "2026-06-21"})).refused("2.2.1a");
        say(json!({"standard": "校本标准"})).refused("1.4.1");
        let late = json!({"starts_on": "2030-06-17", "ends_on": "2030-06-17", "theory_on": "2030-06-17", "practical_on": "2030-06-17"});
        say(late).refused("2.1.3c");
        // Three are registered under the conditions of level 4.
        let refused = say(json!({"level": "3"})).refused("1.4.1");
        assert!(refused.what.contains("3 名考生"), "{refused:?}");
        let mut reasonless = change(with(batch_fields("2026-06-22"), json!({"expected": 29})));
        reasonless["reason"] = json!(" ");
        world.post(&school.clerk, &path, reasonless).refused("2.2.1b");
        assert_eq!(world.get(&school.clerk, &path).done()["versions"].as_array().map(Vec::len), Some(1));
        // A batch without candidates may change its level, in time.
        let empty = world.notified_batch(&school, "2026-06-22");
        let other = change(with(batch_fields("2026-06-22"), json!({"level": "3"})));
        world.post(&school.clerk, &format!("/batches/{empty}/versions"), other).done();
        // From the examination day on, and when it is called off, nothing changes.
        world.on("2026-06-22");
        let refused = say(json!({"expected": 29})).refused("2.2.1b");
        assert!(refused.what.contains("考试已于 2026-06-22 开始"), "{refused:?}");
        world
            .post(&school.clerk, &format!("/batches/{batch}/postponement"), json!({"reason": "太晚"}))
            .refused("2.2.1b");
        world.post(&school.clerk, &format!("/batches/{batch}/cancellation"), json!({"reason": "设备故障"})).done();
        let refused = say(json!({"expected": 29})).refused("2.2.1b");
        assert!(refused.what.contains("已取消"), "{refused:?}");
    });
}

#[test]
fn s2_2_1b_a_batch_is_put_off_keeps_its_candidates_and_is_told_anew() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let batch = world.rostered_batch(&school, "2026-06-15", 3);
        let page = format!("/batches/{batch}");
        world.post(&school.clerk, &format!("{page}/postponement"), json!({"reason": ""})).refused("2.2.1b");
        world.post(&school.clerk, &format!("{page}/postponement"), json!({"reason": "台风停课"})).done();
        world.post(&school.clerk, &format!("{page}/postponement"), json!({"reason": "再推"})).refused("2.2.1b");
        // Nothing goes on but the new day and calling it off; the old day passes without a trace.
        world.on("2026-06-16");
        let seen = world.get(&school.centre, &page).done();
        assert_eq!((seen["stage"].as_str(), seen["counts"]["registered"].as_i64()), (Some("postponed"), Some(3)));
        assert!(
            seen["steps"].to_string().contains("通报新的日期") && !seen["steps"].to_string().contains("late"),
            "{seen}"
        );
        assert!(messages(world, &school.centre)[0].contains("推迟2026年第1批"));
        let candidate = world.count("SELECT MIN(id) FROM candidate");
        let mark = json!({"entries": [{"candidate": candidate, "part": "theory", "outcome": "80"}]});
        let refused = world.post(&school.clerk, &format!("{page}/marks"), mark).refused("2.2.1b");
        assert!(refused.remedy.contains("新的日期"), "{refused:?}");
        let board = world.get(&school.centre, "/board").done();
        assert_eq!((board["batches"][0]["next"].as_str(), board["late"].as_i64()), (Some("通报新的日期"), Some(0)));
        // It stands on no day, neither in the list of that day nor in the month.
        let on = world.get(&school.centre, "/board?from=2026-06-15&to=2026-06-15&month=2026-06-15").done();
        assert_eq!(on["total"], 0, "{on}");
        assert!(on["month"].as_array().expect("days").iter().all(|day| day["batches"] == 0), "{on}");
        let told = world.page(Some(&school.clerk), &page).text();
        assert!(told.contains("已推迟") && told.contains("通报新的日期"), "{told}");

        let refused = world
            .post(&school.clerk, &format!("{page}/versions"), change(batch_fields("2026-06-29")))
            .refused("2.2.1b");
        assert!(refused.remedy.contains("2026-07-01"), "{refused:?}");
        let told = world.post(&school.clerk, &format!("{page}/versions"), change(batch_fields("2026-07-01"))).done();
        assert_eq!((told["no"].as_i64(), told["counted_again"].as_bool()), (Some(3), Some(true)));
        let seen = world.get(&school.clerk, &page).done();
        assert_eq!((seen["stage"].as_str(), seen["starts_on"].as_str()), (Some("notified"), Some("2026-07-01")));
        assert_eq!(seen["counts"]["registered"], 3);
    });
}

#[test]
fn s2_2_1c_a_centre_stops_a_batch_and_nothing_of_it_moves_until_it_is_lifted() {
    on_each_database("2026-08-24", |world| {
        let held = world.entered_batch(1, 3, &[]);
        let page = format!("/batches/{}", held.batch);
        let stop = format!("{page}/stop");
        world.post(&held.centre, &stop, json!({"reason": " "})).refused("2.2.1c");
        assert_eq!(world.post(&held.head, &stop, json!({"reason": "自己停"})).status, StatusCode::FORBIDDEN);
        let elsewhere = world.officer_at(rules::people::Role::CityCentre, "city-350500-centre");
        assert_eq!(world.post(&elsewhere, &stop, json!({"reason": "与我无关"})).status, StatusCode::NOT_FOUND);
        // The provincial centre sees the batch and isn't in charge of it.
        let provincial = world.officer_at(rules::people::Role::ProvincialCentre, "province-centre");
        assert_eq!(world.post(&provincial, &stop, json!({"reason": "不主管"})).status, StatusCode::NOT_FOUND);
        world.post(&held.centre, &stop, json!({"reason": "考评人员不足三人"})).done();
        world.post(&held.centre, &stop, json!({"reason": "再次叫停"})).refused("2.2.1c");

        let mark = json!({"entries": [{"candidate": held.candidates[0], "part": "theory", "outcome": "81"}]});
        let refused = world.post(&held.clerk, &format!("{page}/marks"), mark.clone()).refused("2.2.1c");
        assert!(refused.what.contains("2026-09-16") && refused.what.contains("登记成绩"), "{refused:?}");
        world.post(&held.head, &format!("{page}/publicity"), json!({})).refused("2.2.1c");
        world.post(&held.clerk, &format!("{page}/cancellation"), json!({"reason": "不办了"})).refused("2.2.1c");
        let seen = world.get(&held.clerk, &page).done();
        assert_eq!(seen["stop"]["reason"], "考评人员不足三人");
        assert!(world.page(Some(&held.clerk), &page).text().contains("考评人员不足三人"));
        let board = world.get(&held.centre, "/board").done();
        assert_eq!((board["stopped"].as_i64(), board["batches"][0]["by"].as_str()), (Some(1), Some("主管中心")));

        world.post(&held.centre, &format!("{page}/stop-lifting"), json!({"reason": ""})).refused("2.2.1c");
        world.post(&held.centre, &format!("{page}/stop-lifting"), json!({"reason": "已补足考评人员"})).done();
        world.post(&held.centre, &format!("{page}/stop-lifting"), json!({"reason": "再次解除"})).refused("2.2.1c");
        world.post(&held.clerk, &format!("{page}/marks"), mark).done();
        world.confirm_marks(&held.head, held.batch);
        world.on("2026-09-17");
        let said = messages(world, &held.head);
        assert!(
            said[0].contains("解除叫停") && said[1].contains("对2026年第1批") && said[1].ends_with("叫停"),
            "{said:?}"
        );
        world.post(&held.head, &format!("{page}/publicity"), json!({})).done();
        // What happened stays to be read.
        let seen = world.get(&held.clerk, &format!("{page}/versions")).done();
        assert_eq!(seen["stops"][0]["lift_reason"], "已补足考评人员");
    });
}

#[test]
fn s2_2_1c_a_stop_shows_nothing_in_public_and_gives_the_report_its_days_again() {
    on_each_database("2026-08-24", |world| {
        let (held, token) = world.posted_batch(1, 3, &[]);
        let page = format!("/batches/{}", held.batch);
        world.post(&held.centre, &format!("{page}/stop"), json!({"reason": "录像缺失，待查"})).done();
        let list = world.page(None, &format!("/publicity/{token}"));
        assert_eq!(list.status, StatusCode::OK);
        assert!(!list.text().contains("叫停") && !list.text().contains("录像缺失"), "{}", list.text());
        // The list goes when its five days are over; the report waits.
        world.on("2026-09-24");
        assert_eq!(world.get(&held.head, &page).done()["stage"], "publicised");
        world.post(&held.head, &format!("{page}/report"), json!({})).refused("2.2.1c");
        world.on("2026-10-20");
        world.post(&held.centre, &format!("{page}/stop-lifting"), json!({"reason": "录像已补"})).done();
        let seen = world.get(&held.head, &page).done();
        assert_eq!(seen["report_due_on"], "2026-11-03", "ten working days from the lifting");
        world.post(&held.head, &format!("{page}/report"), json!({})).done();
        world.post(&held.centre, &format!("{page}/stop"), json!({"reason": "太晚"})).refused("2.2.1c");
    });
}

#[test]
fn s2_2_1c_a_stopped_batch_is_ended_or_tells_a_new_day() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let missed = world.rostered_batch(&school, "2026-06-15", 2);
        let ended = world.notified_batch(&school, "2026-06-15");
        world.on("2026-06-12");
        for batch in [missed, ended] {
            world
                .post(&school.centre, &format!("/batches/{batch}/ending"), json!({"reason": "没有叫停"}))
                .refused("2.2.1c");
            let stop = json!({"reason": "场地不符"});
            world.post(&school.centre, &format!("/batches/{batch}/stop"), stop).done();
        }
        world.on("2026-06-17");
        let lift = json!({"reason": "场地已整改"});
        world.post(&school.centre, &format!("/batches/{missed}/stop-lifting"), lift).done();
        assert_eq!(world.get(&school.clerk, &format!("/batches/{missed}")).done()["stage"], "postponed");
        let again = change(batch_fields("2026-07-02"));
        world.post(&school.clerk, &format!("/batches/{missed}/versions"), again).done();
        world.post(&school.centre, &format!("/batches/{ended}/ending"), json!({"reason": "场地无法整改"})).done();
        let seen = world.get(&school.clerk, &format!("/batches/{ended}")).done();
        assert_eq!(seen["stage"], "cancelled");
        assert!(seen["cancel_reason"].as_str().unwrap().contains("场地无法整改"), "{seen}");
    });
}

#[test]
fn s2_2_1b_the_pages_change_put_off_and_stop_a_batch() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let batch = world.notified_batch(&school, "2026-06-15");
        let page = format!("/batches/{batch}");
        let form = format!("{page}/change");
        let shown = world.page(Some(&school.clerk), &form).text();
        assert!(shown.contains("value=\"2026-06-15\"") && shown.contains("示例教学楼301"), "{shown}");
        let scope = shown
            .split("<option value=\"")
            .filter_map(|rest| rest.split_once('"'))
            .find(|(value, rest)| value.contains("4-03-02-01|4|") && rest.starts_with(" selected"))
            .map(|(value, _)| value)
            .expect("the batch's own scope is chosen");
        let fields = |expected, reason| {
            [
                ("scope", scope),
                ("starts_on", "2026-06-15"),
                ("ends_on", "2026-06-16"),
                ("theory_on", "2026-06-15"),
                ("practical_on", "2026-06-16"),
                ("theory_place", "示例教学楼301"),
                ("practical_place", "示例实训楼2层"),
                ("responsible", "示例校长"),
                ("organiser", "示例一技工学校"),
                ("expected", expected),
                ("plan", "示例工作计划"),
                ("reason", reason),
            ]
        };
        let refused = world.submit(Some(&school.clerk), &form, &form, &fields("25", ""));
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains("没有写明变更的原因") && refused.text().contains("value=\"25\""));
        let done = world.submit(Some(&school.clerk), &form, &form, &fields("25", "两人转学"));
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let versions = world.page(Some(&school.centre), &format!("{page}/versions")).text();
        assert!(
            versions.contains("<del>30人</del>")
                && versions.contains("<ins>25人</ins>")
                && versions.contains("两人转学")
        );
        assert!(versions.contains("从通报变更之日重新计算"), "the table of what counts again stands on the page");
        assert_eq!(world.page(Some(&school.centre), &form).status, StatusCode::FORBIDDEN);

        let put_off = format!("{page}/postponement");
        let done = world.submit(Some(&school.clerk), &put_off, &put_off, &[("reason", "台风停课")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        assert!(world.page(Some(&school.clerk), &form).text().contains("通报新的日期"));
        let other = world.notified_batch(&school, "2026-06-15");
        let stop = format!("/batches/{other}/stop");
        assert_eq!(world.page(Some(&school.clerk), &stop).status, StatusCode::FORBIDDEN);
        let done = world.submit(Some(&school.centre), &stop, &stop, &[("reason", "场地不符"), ("do", "stop")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        assert!(world.page(Some(&school.clerk), &stop).text().contains("场地不符"));
        let done = world.submit(Some(&school.centre), &stop, &stop, &[("reason", "已整改"), ("do", "lift")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        assert_eq!(world.get(&school.clerk, &format!("/batches/{other}")).done()["stop"]["lift_reason"], "已整改");
    });
}
