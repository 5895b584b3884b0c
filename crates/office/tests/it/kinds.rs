//! 一（一）, 二（一）, 三（四）: four kinds of body. Enterprises on file and selected organisations come into the directory by
//! what was announced and assess a technical school's students by agreement or request; colleges and universities file as
//! schools do, with the centre of their own station; the public is assessed where that is on file.

use axum::http::StatusCode;
use office::door::Caller;
use rules::people::Role;
use serde_json::{Value, json};

use crate::certificate::photo;
use crate::held::{name_of, number_of};
use crate::roster::zipped;
use crate::stages::{PDF, School, TRADES, batch_fields, decisions, roster, uscc};
use crate::world::{Answer, Person, World, on_each_database};

/// A registered body of a kind with its people; nothing is filed or announced yet. `station` is the centre of a college's
/// own station.
fn registered(world: &World, kind: &str, name: &str, n: u32, station: Option<&str>) -> School {
    let fields = json!({
        "name": name, "kind": kind, "affiliation": "city", "public_body": false, "level_cap": "3",
        "county": "350203", "uscc": uscc(n), "address": "示例路9号", "legal_representative": "示例法人", "head": "示例负责人",
        "contact": "示例联系人", "phone": "0592-00000009", "superior": "示例主管部门",
        "station_name": "示例鉴定站", "station_number": "示例站第9号", "station_centre": station,
    });
    let act: office::body::RegisterBody = serde_json::from_value(fields).expect("the fields");
    let body = world.office.act(&Caller::operator(), act).expect("a body").id;
    let (centre, bureau) = match station {
        Some("province-centre") => (world.officer_at(Role::ProvincialCentre, "province-centre"), None),
        Some(station) => {
            let bureau = station.replace("centre", "bureau");
            (world.officer_at(Role::CityCentre, station), Some(world.officer_at(Role::CityBureau, &bureau)))
        }
        None => (world.officer_at(Role::CityCentre, "city-350200-centre"), None),
    };
    School {
        body,
        clerk: world.person_of(&format!("clerk-of-{n}"), Role::Clerk, body),
        head: world.person_of(&format!("head-of-{n}"), Role::Head, body),
        centre,
        bureau,
        provincial_centre: world.officer_at(Role::ProvincialCentre, "province-centre"),
        department: world.officer_at(Role::ProvincialDepartment, "province-department"),
        filing: 0,
        listing: 0,
        number: String::new(),
    }
}

/// What the department enters of a body: [`TRADES`] at level 4.
fn announced(number: &str, from: &str, until: &str) -> Value {
    json!({
        "number": number, "valid_from": from, "valid_until": until, "reference": "示例人社公告〔2026〕9号",
        "announced_on": from, "file_name": "公布.pdf",
        "trades": TRADES.iter().map(|(code, _)| json!({"trade": code, "level": "4"})).collect::<Vec<_>>(),
    })
}

fn enter(world: &World, body: &School, changes: Value) -> Answer {
    let file = world.keep(&body.department, PDF);
    let fields = with(json!({"file": file}), changes);
    let entered = world.post(&body.department, &format!("/bodies/{}/entry", body.body), fields);
    if entered.status == StatusCode::OK {
        world.plan_years(&body.head, body.body);
    }
    entered
}

/// An evaluator in the directory from 1 May 2026 to the end of 2028.
fn evaluator(world: &World, kind: &str, name: &str, n: u32, number: &str) -> School {
    let mut body = registered(world, kind, name, n, None);
    let entered = enter(world, &body, announced(number, "2026-05-01", "2028-12-31")).done();
    body.listing = entered["listing"].as_i64().expect("a listing");
    body.number = number.to_owned();
    body
}

fn with(mut fields: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().expect("fields") {
        fields[name] = value.clone();
    }
    fields
}

/// What is proposed: 中式烹调师 at level 4 from June 2026 to May 2027.
fn terms(world: &World, by: &Person, partner: &str) -> Value {
    json!({
        "partner": partner, "from": "2026-06-01", "until": "2027-05-31", "signed_on": "2026-05-20",
        "trades": [{"code": "4-03-02-01", "level": "4"}], "expected": 30, "file": world.keep(by, PDF), "file_name": "协议.pdf",
    })
}

fn propose(world: &World, by: &Person, partner: &str) -> i64 {
    let made = world.post(by, "/cooperations", terms(world, by, partner)).done();
    made["id"].as_i64().expect("an id")
}

fn step(world: &World, by: &Person, cooperation: i64, step: &str, reason: &str) -> Answer {
    world.post(by, &format!("/cooperations/{cooperation}/{step}"), json!({"reason": reason}))
}

fn upload(world: &World, clerk: &Person, batch: i64, text: &str) -> Answer {
    let file = world.keep(clerk, text.as_bytes());
    world.post(clerk, &format!("/batches/{batch}/roster"), json!({"file": file, "name": "名册.csv"}))
}

/// The grounds and kinds of what an upload found.
fn findings(world: &World, clerk: &Person, batch: i64, made: &Value) -> Vec<(String, String)> {
    let seen = world.get(clerk, &format!("/batches/{batch}/roster/uploads/{}", made["upload"])).done();
    let list = seen["findings"].as_array().expect("a list").clone();
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    list.iter().map(|finding| (text(finding, "kind"), text(finding, "ground"))).collect()
}

/// Takes a batch that starts on 15 June 2026 with so many registered persons to its certificates; the numbers given.
fn certified(world: &World, body: &School, batch: i64, persons: usize) -> Vec<String> {
    let path = |part: &str| format!("/batches/{batch}/{part}");
    let seen = world.get(&body.clerk, &path("roster")).done();
    let candidates: Vec<Value> =
        seen["candidates"].as_array().expect("candidates").iter().map(|one| one["id"].clone()).collect();
    assert_eq!(candidates.len(), persons);
    let photo = photo();
    let names: Vec<String> = (0..persons).map(|n| format!("{}.png", number_of(n))).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), photo.as_slice())).collect();
    let file = world.keep(&body.clerk, &zipped(&entries));
    world.post(&body.clerk, &path("photos"), json!({"file": file})).done();
    world.on("2026-06-17");
    let marks: Vec<Value> = candidates
        .iter()
        .flat_map(|id| ["theory", "practical"].map(|part| json!({"candidate": id, "part": part, "outcome": "80"})))
        .collect();
    world.post(&body.clerk, &path("marks"), json!({"entries": marks})).done();
    world.confirm_marks(&body.head, batch);
    world.post(&body.head, &path("publicity"), json!({})).done();
    world.on("2026-06-29");
    world.post(&body.head, &path("report"), json!({})).done();
    world.post(&body.centre, &path("reports/1/reviews"), json!({"rest": true, "approved": true})).done();
    world.post(&body.head, &path("certificates"), json!({})).done();
    let numbers = world.get(&body.head, "/certificates").done();
    let list = numbers["certificates"].as_array().expect("certificates").clone();
    list.iter().map(|one| one["number"].as_str().expect("a number").to_owned()).collect()
}

#[test]
fn s1_1_1_an_enterprise_comes_into_the_directory_by_its_filing_with_the_department() {
    on_each_database("2026-05-18", |world| {
        let enterprise = registered(world, "enterprise", "示例鼓岭餐饮集团", 700, None);
        // It does not apply here, and holds nothing before it is entered.
        let said = world.post(&enterprise.clerk, "/filings", json!({})).refused("1.1.1");
        assert!(said.remedy.contains("省人社厅"), "{said:?}");
        world.post(&enterprise.clerk, "/batches", batch_fields("2026-06-15")).refused("1.1.1");
        assert_eq!(world.get(&enterprise.clerk, "/filings").done()["may_open"], false);
        // So its pages don't lead there, and speak of a body, not of a school.
        let page = world.page(Some(&enterprise.clerk), "/work").text();
        assert!(!page.contains("href=\"/filings\"") && !page.contains("href=\"/enrolment\""), "{page}");
        assert!(page.contains("href=\"/batches\"") && page.contains("机构经办人"), "{page}");
        let good = || announced("Y000035000701", "2026-05-01", "2028-12-31");
        let entry = |changes: Value| enter(world, &enterprise, with(good(), changes));
        entry(json!({"number": "S000035000701"})).refused("1.1.1");
        assert_eq!(entry(json!({"number": "Y00003500070"})).status, StatusCode::UNPROCESSABLE_ENTITY);
        entry(json!({"reference": " "})).refused("1.1.1");
        entry(json!({"announced_on": "2026-05-19"})).refused("1.1.1");
        entry(json!({"valid_until": "2026-05-17"})).refused("1.1.1");
        entry(json!({"file": null})).refused("1.1.1");
        entry(json!({"trades": []})).refused("1.1.1");
        // 一（三）, 一（四）: the same tables as for a school's filing.
        entry(json!({"trades": [{"trade": "1-01-00-00", "level": "4"}]})).refused("1.3.1");
        entry(json!({"trades": [{"trade": "4-03-02-01", "level": "4", "standard": "校本标准"}]})).refused("1.4.1");
        // Only the department enters.
        let path = format!("/bodies/{}/entry", enterprise.body);
        for other in [&enterprise.head, &enterprise.centre, &enterprise.provincial_centre] {
            assert_eq!(world.post(other, &path, good()).status, StatusCode::FORBIDDEN);
        }
        assert_eq!(world.public("/directory?kind=enterprise").done()["total"], 0);
        entry(json!({})).done();
        let found = world.public("/directory?kind=enterprise").done();
        assert_eq!((found["total"].as_i64(), found["entries"][0]["number"].as_str()), (Some(1), Some("Y000035000701")));
        assert_eq!(world.public("/directory?kind=technical_school").done()["total"], 0);
        let page = world.page(None, "/directory/Y000035000701").text();
        assert!(page.contains("合作院校的学生") && page.contains("示例人社公告〔2026〕9号"), "{page}");
        assert!(!page.contains("备案回执发放"), "nobody handed out a receipt: {page}");
        // The same number is nobody else's; the same period takes further occupations, another follows it.
        let other = registered(world, "enterprise", "示例马尾船厂", 701, None);
        enter(world, &other, good()).refused("1.1.1");
        entry(json!({"valid_until": "2029-06-30"})).refused("1.1.1");
        entry(json!({"number": "Y000035000702"})).refused("1.1.1");
        entry(json!({"trades": [{"trade": "4-03-02-01", "level": "3"}]})).done();
        let scope = world.public("/directory/Y000035000701").done()["scope"].as_array().expect("a scope").len();
        assert_eq!(scope, 3);
        entry(json!({"valid_from": "2029-01-01", "valid_until": "2031-12-31"})).done();
        assert_eq!(world.public("/directory/Y000035000701?on=2030-01-01").done()["state"], "valid");
        // The validity is the department's: it is not extended by an application, and ends by itself.
        let renewal = json!({"statement": "示例"});
        world.post(&enterprise.head, &format!("/bodies/{}/renewals", enterprise.body), renewal).refused("2.1.3c");
        world.on("2032-01-05");
        assert_eq!(world.public("/directory/Y000035000701").done()["state"], "expired");
    });
}

#[test]
fn s1_1_1_an_agreement_is_proposed_by_one_side_and_confirmed_by_the_head_of_the_other() {
    on_each_database("2026-05-25", |world| {
        let school = world.filed_school("示例一技工学校");
        let stranger = world.filed_school_in("示例二技工学校", "city", "350502");
        let enterprise = evaluator(world, "enterprise", "示例鼓岭餐饮集团", 710, "Y000035000710");
        let say = |changes: Value| {
            let fields = with(terms(world, &enterprise.clerk, &school.number), changes);
            world.post(&enterprise.clerk, "/cooperations", fields)
        };
        say(json!({"file": null})).refused("1.1.1");
        say(json!({"trades": []})).refused("1.1.1");
        say(json!({"until": "2026-05-31"})).refused("1.1.1");
        say(json!({"signed_on": "2026-05-26"})).refused("1.1.1");
        say(json!({"partner": "Y000035999999"})).refused("平台规则·合作");
        say(json!({"partner": enterprise.number})).refused("1.1.1");
        let said = say(json!({"trades": [{"code": "4-03-02-01", "level": "3"}]})).refused("1.1.1");
        assert!(said.remedy.contains("四级/中级工"), "{said:?}");
        let id = propose(world, &enterprise.clerk, &school.number);

        // Both sides and the offices in charge of either see it, nobody else does.
        let path = format!("/cooperations/{id}");
        for person in [&enterprise.head, &school.clerk, &school.centre, &enterprise.centre, &school.department] {
            assert_eq!(world.get(person, &path).status, StatusCode::OK);
            assert_eq!(world.page(Some(person), &path).status, StatusCode::OK);
            let listed = world.get(person, "/cooperations").done();
            assert_eq!(listed["cooperations"].as_array().map(Vec::len), Some(1));
        }
        for person in [&stranger.head, &stranger.centre] {
            assert_eq!(world.get(person, &path).status, StatusCode::NOT_FOUND);
            assert_eq!(world.page(Some(person), &format!("{path}/file")).status, StatusCode::NOT_FOUND);
            assert_eq!(world.get(person, "/cooperations").done()["cooperations"], json!([]));
        }
        assert_eq!(step(world, &stranger.head, id, "confirmation", "").status, StatusCode::NOT_FOUND);
        assert_eq!(step(world, &school.clerk, id, "confirmation", "").status, StatusCode::FORBIDDEN);
        step(world, &enterprise.head, id, "confirmation", "").refused("1.1.1");
        let work = world.get(&school.head, "/work").done()["tasks"].to_string();
        assert!(work.contains("答复示例鼓岭餐饮集团的企校合作协议"), "{work}");

        // Not agreed to, for a reason; taken back; agreed to; ended, for a reason.
        step(world, &school.head, id, "decline", " ").refused("1.1.1");
        step(world, &school.head, id, "decline", "今年没有安排").done();
        step(world, &school.head, id, "confirmation", "").refused("1.1.1");
        let taken_back = propose(world, &school.clerk, &enterprise.number);
        step(world, &enterprise.head, taken_back, "withdrawal", "").refused("1.1.1");
        step(world, &school.clerk, taken_back, "withdrawal", "").done();
        let agreed = propose(world, &school.clerk, &enterprise.number);
        step(world, &enterprise.head, agreed, "confirmation", "").done();
        let seen = world.get(&school.head, &format!("/cooperations/{agreed}")).done();
        assert_eq!((seen["state"].as_str(), seen["acts"].as_array().map(Vec::len)), (Some("standing"), Some(1)));
        step(world, &school.head, agreed, "end", "").refused("1.1.1");
        step(world, &school.head, agreed, "end", "企业停业整顿").done();
        let seen = world.get(&enterprise.head, &format!("/cooperations/{agreed}")).done();
        assert_eq!((seen["state"].as_str(), seen["end_reason"].as_str()), (Some("ended"), Some("企业停业整顿")));
        // The message says that it ended; the reason, which somebody typed, stands on the page alone.
        world.on("2026-05-26");
        let messages = world.get(&enterprise.clerk, "/work").done()["messages"].to_string();
        assert!(messages.contains("示例一技工学校终止企校合作协议") && !messages.contains("停业整顿"), "{messages}");
    });
}

#[test]
fn s1_1_1_a_batch_for_a_school_rests_on_the_agreement_and_its_certificates_bear_the_enterprises_number() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let enterprise = evaluator(world, "enterprise", "示例鼓岭餐饮集团", 720, "Y000035000720");
        let id = propose(world, &enterprise.clerk, &school.number);
        let say = |changes: Value| world.post(&enterprise.clerk, "/batches", with(batch_fields("2026-06-15"), changes));
        say(json!({})).refused("1.1.1");
        let said = say(json!({"cooperation": id})).refused("1.1.1");
        assert!(said.what.contains("待答复"), "{said:?}");
        step(world, &school.head, id, "confirmation", "").done();
        let on = |day: &str| json!({"cooperation": id, "starts_on": day, "ends_on": day, "theory_on": day, "practical_on": day});
        let said = say(on("2027-06-01")).refused("1.1.1");
        assert!(said.what.contains("合作期限"), "{said:?}");
        let lathe = json!({"cooperation": id, "code": "6-18-01-01", "standard": "《车工》（2018年版）"});
        let said = say(lathe).refused("1.1.1");
        assert!(said.remedy.contains("4-03-02-01"), "{said:?}");
        say(json!({"cooperation": id, "audience": "public"})).refused("1.1.1");
        // Another's agreement is not there; a school rests on its own filing alone.
        let other = evaluator(world, "enterprise", "示例马尾船厂", 721, "Y000035000721");
        let foreign = with(batch_fields("2026-06-15"), json!({"cooperation": id}));
        assert_eq!(world.post(&other.clerk, "/batches", foreign.clone()).status, StatusCode::NOT_FOUND);
        assert_eq!(world.post(&school.clerk, "/batches", foreign).status, StatusCode::NOT_FOUND);
        let batch = say(json!({"cooperation": id})).done()["id"].as_i64().expect("an id");
        let seen = world.get(&enterprise.clerk, &format!("/batches/{batch}")).done();
        assert_eq!(
            (seen["school_name"].as_str(), seen["body_number"].as_str(), seen["identity"].as_str()),
            (Some("示例一技工学校"), Some("Y000035000720"), Some("enterprise"))
        );
        // It is held under the enterprise's centre; the school sees count and stage and does not open the batch.
        assert_eq!(world.get(&enterprise.centre, &format!("/batches/{batch}")).status, StatusCode::OK);
        assert_eq!(world.get(&school.head, &format!("/batches/{batch}")).status, StatusCode::NOT_FOUND);

        // The school's register says who is a student, not the enterprise's.
        let said = upload(world, &enterprise.clerk, batch, &roster(0..4)).refused("1.1.1");
        assert!(said.remedy.contains("示例一技工学校"), "{said:?}");
        world.enrol(&school, 3);
        let made = upload(world, &enterprise.clerk, batch, &roster(0..4)).done();
        assert_eq!((made["new"].as_i64(), made["faults"].as_i64()), (Some(3), Some(1)), "{made}");
        let found = findings(world, &enterprise.clerk, batch, &made);
        assert_eq!(found, [("not_enrolled".to_owned(), "一（一）1".to_owned())]);

        let numbers = certified(world, &enterprise, batch, 3);
        assert_eq!(numbers.len(), 3);
        assert!(numbers.iter().all(|number| number.starts_with("Y000035000720264")), "{numbers:?}");
        let asked = json!({"name": name_of(0), "number": numbers.iter().min().expect("a number")});
        let answer = world.call(None, axum::http::Method::POST, "/certificates/query", Some(asked)).text();
        assert!(answer.contains("示例鼓岭餐饮集团") && !answer.contains("示例一技工学校"), "{answer}");
        let seen = world.get(&school.head, &format!("/cooperations/{id}")).done();
        let held = &seen["batches"][0];
        assert_eq!(
            (held["registered"].as_i64(), held["issued"].as_i64(), held["stage"].as_str()),
            (Some(3), Some(3), Some("issued"))
        );
        assert_eq!(seen["opens_batches"], false);
        let page = world.page(Some(&school.head), &format!("/cooperations/{id}")).text();
        assert!(page.contains("已办结") && !page.contains(&format!("href=\"/batches/{batch}\"")), "{page}");
    });
}

#[test]
fn s1_1_1_after_an_agreement_has_ended_nobody_more_is_registered() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let enterprise = evaluator(world, "enterprise", "示例鼓岭餐饮集团", 730, "Y000035000730");
        let id = propose(world, &school.clerk, &enterprise.number);
        step(world, &enterprise.head, id, "confirmation", "").done();
        let fields = with(batch_fields("2026-06-15"), json!({"cooperation": id}));
        let batch = world.post(&enterprise.clerk, "/batches", fields.clone()).done()["id"].as_i64().expect("an id");
        world.enrol(&school, 4);
        upload(world, &enterprise.clerk, batch, &roster(0..3)).done();
        step(world, &school.head, id, "end", "专业停办").done();
        let said = upload(world, &enterprise.clerk, batch, &roster(0..4)).refused("1.1.1");
        assert!(said.what.contains("已终止"), "{said:?}");
        world.post(&enterprise.clerk, "/batches", fields).refused("1.1.1");
        // Who is registered is examined all the same.
        assert_eq!(certified(world, &enterprise, batch, 3).len(), 3);
    });
}

#[test]
fn s1_1_2_an_organisation_accepts_a_schools_request_and_certifies_under_its_s_number() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let organisation = registered(world, "social_organisation", "示例闽越评价中心", 740, None);
        // Nobody asks, and nothing is held, before the department has published it.
        let by_code = uscc(740);
        let said = world.post(&school.clerk, "/cooperations", terms(world, &school.clerk, &by_code)).refused("1.1.2");
        assert!(said.what.contains("名单"), "{said:?}");
        world.post(&organisation.clerk, "/batches", batch_fields("2026-06-15")).refused("1.1.2");
        world.post(&organisation.clerk, "/filings", json!({})).refused("1.1.2");
        enter(world, &organisation, announced("Y000035000740", "2026-05-01", "2026-12-31")).refused("1.1.2");
        enter(world, &organisation, announced("S000035000740", "2026-05-01", "2026-12-31")).done();
        let organisation = School { number: "S000035000740".into(), ..organisation };
        // The school asks; the organisation doesn't.
        let own = terms(world, &organisation.clerk, &school.number);
        world.post(&organisation.clerk, "/cooperations", own).refused("1.1.2");
        let nobody = with(terms(world, &school.clerk, &organisation.number), json!({"expected": 0}));
        world.post(&school.clerk, "/cooperations", nobody).refused("1.1.2");
        let declined = propose(world, &school.clerk, &organisation.number);
        step(world, &organisation.head, declined, "decline", "").refused("1.1.2");
        step(world, &organisation.head, declined, "decline", "本季度名额已满").done();
        let id = propose(world, &school.clerk, &organisation.number);
        step(world, &school.head, id, "confirmation", "").refused("1.1.2");
        step(world, &organisation.head, id, "confirmation", "").done();
        let say =
            |changes: Value| world.post(&organisation.clerk, "/batches", with(batch_fields("2026-06-15"), changes));
        say(json!({})).refused("1.1.2");
        // Out of the validity that was published, though the request goes on.
        let late = json!({"cooperation": id, "starts_on": "2027-01-11", "ends_on": "2027-01-11", "theory_on": "2027-01-11", "practical_on": "2027-01-11"});
        let said = say(late).refused("1.1.2");
        assert!(said.what.contains("2026-12-31"), "{said:?}");
        let batch = say(json!({"cooperation": id})).done()["id"].as_i64().expect("an id");
        world.enrol(&school, 2);
        let made = upload(world, &organisation.clerk, batch, &roster(0..3)).done();
        assert_eq!(
            findings(world, &organisation.clerk, batch, &made),
            [("not_enrolled".to_owned(), "一（一）2".to_owned())]
        );
        let numbers = certified(world, &organisation, batch, 2);
        assert!(numbers.iter().all(|number| number.starts_with("S000035000740264")), "{numbers:?}");
        // When the list has run out, no further request stands.
        world.on("2027-01-04");
        let late = with(terms(world, &school.clerk, &organisation.number), json!({"from": "2027-01-05"}));
        world.post(&school.clerk, "/cooperations", late).refused("1.1.2");
    });
}

#[test]
fn s1_1_2_a_school_that_was_selected_bears_a_second_number_and_chooses_under_which_it_assesses() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let selected = world.filed_school_in("示例二技工学校", "city", "350502");
        // By its own letter it is not entered: that is its own filing.
        enter(world, &selected, announced("Y000035000750", "2026-05-01", "2028-12-31")).refused("1.1.2");
        enter(world, &selected, announced("S000035000750", "2026-05-01", "2028-12-31")).done();
        let by_kind = world.public("/directory?kind=social_organisation").done();
        assert_eq!(by_kind["entries"][0]["name"], "示例二技工学校");
        let found = world.public("/directory?name=%E7%A4%BA%E4%BE%8B%E4%BA%8C").done();
        assert_eq!(found["total"], 2, "both identities stand in the directory");
        let standing = world.get(&selected.head, "/standing").done();
        assert_eq!(
            (standing["number"].as_str(), standing["others"][0]["number"].as_str()),
            (Some(selected.number.as_str()), Some("S000035000750"))
        );
        // Named by its own number a school is not asked: that would be delegation (三（三）).
        let own = terms(world, &school.clerk, &selected.number);
        world.post(&school.clerk, "/cooperations", own).refused("3.3.3");
        let id = propose(world, &school.clerk, "S000035000750");
        step(world, &selected.head, id, "confirmation", "").done();
        let scopes = world.get(&selected.clerk, "/batch-scopes").done();
        let numbers: std::collections::BTreeSet<_> =
            scopes["scopes"].as_array().expect("scopes").iter().map(|one| one["number"].to_string()).collect();
        assert_eq!((numbers.len(), scopes["cooperations"].as_array().map(Vec::len)), (2, Some(1)));
        let say = |changes: Value| world.post(&selected.clerk, "/batches", with(batch_fields("2026-06-15"), changes));
        say(json!({"number": "S000035000750"})).refused("1.1.2");
        say(json!({"number": selected.number, "cooperation": id})).refused("1.1.3");
        say(json!({"number": "S000035000751"})).refused("2.1.3b");
        let seen = |made: Value| world.get(&selected.clerk, &format!("/batches/{}", made["id"])).done();
        let own = seen(say(json!({})).done());
        assert_eq!(
            (own["body_number"].as_str(), own["identity"].as_str()),
            (Some(selected.number.as_str()), Some("technical_school"))
        );
        let made = say(json!({"cooperation": id})).done();
        let batch = made["id"].as_i64().expect("an id");
        let held = seen(made);
        assert_eq!(
            (held["body_number"].as_str(), held["identity"].as_str()),
            (Some("S000035000750"), Some("organisation"))
        );
        world.enrol(&school, 2);
        upload(world, &selected.clerk, batch, &roster(0..2)).done();
        let numbers = certified(world, &selected, batch, 2);
        assert!(numbers.iter().all(|number| number.starts_with("S000035000750264")), "{numbers:?}");
        // The department narrows the entry that it names.
        let narrow = |number: &str| {
            json!({"number": number, "trades": [{"code": "6-18-01-01", "work_type": "", "level": "4"}],
                   "last_day": "2026-06-30", "reason": "设备停用", "document": "示例人社〔2026〕7号"})
        };
        let path = format!("/bodies/{}/narrowing", selected.body);
        world.post(&selected.department, &path, narrow("S000035000799")).refused("2.1.3d");
        // On the page each number has a form of its own, with what stands under it.
        let from = format!("/bodies/{}/standing", selected.body);
        let to = format!("{from}/narrowing");
        let form = |document: &'static str| {
            let fields = [
                ("number", "S000035000750"),
                ("trade", "6-18-01-01|4|"),
                ("last_day", "2026-06-30"),
                ("reason", "设备停用"),
                ("document", document),
            ];
            world.submit(Some(&selected.department), &from, &to, &fields)
        };
        let refused = form("");
        let page = refused.text();
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
        let open = page.split("<details class=\"more\" open>").nth(1).expect("the form that was sent");
        assert!(open.starts_with("<summary>缩小编号 S000035000750 的范围") && open.contains("设备停用"), "{open}");
        assert_eq!(form("示例人社〔2026〕7号").status, StatusCode::SEE_OTHER);
        let scope = |number: &str| {
            let entry = world.public(&format!("/directory/{number}?on=2026-07-01")).done();
            entry["scope"].as_array().expect("a scope").len()
        };
        assert_eq!((scope("S000035000750"), scope(&selected.number)), (1, 4));
        // A stop takes the body out of the directory under both numbers.
        let stop = json!({"reason": "委托他人组织考试", "document": "示例人社监〔2026〕8号"});
        world.post(&selected.department, &format!("/bodies/{}/stop", selected.body), stop).done();
        for number in [selected.number.as_str(), "S000035000750"] {
            assert_eq!(world.public(&format!("/directory/{number}")).done()["state"], "removed", "{number}");
        }
        let lift = json!({"reason": "复议撤销", "document": "示例政复〔2026〕8号"});
        world.post(&selected.department, &format!("/bodies/{}/reinstatement", selected.body), lift).done();
        for number in [selected.number.as_str(), "S000035000750"] {
            assert_eq!(world.public(&format!("/directory/{number}")).done()["state"], "valid", "{number}");
        }
    });
}

#[test]
fn s2_1_4_a_college_files_with_the_centre_of_its_own_station() {
    on_each_database("2026-03-02", |world| {
        // It stands in 厦门, its station belongs to 福州: 福州's centre reviews and 福州's bureau consents.
        let mut college = registered(world, "college", "示例鹭江职业学院", 760, Some("city-350100-centre"));
        let here = world.officer_at(Role::CityCentre, "city-350200-centre");
        world.fill_filing(&mut college);
        world.submit_filing(&college);
        let path = format!("/filings/{}", college.filing);
        assert_eq!(world.get(&here, &path).status, StatusCode::NOT_FOUND);
        let seen = world.get(&college.centre, &path).done();
        assert_eq!(
            (seen["centre"].as_str(), seen["bureau"].as_str()),
            (Some("福州市职业技能鉴定指导中心"), Some("福州市人力资源和社会保障局"))
        );
        world.review_filing(&college);
        world.list_filing(&mut college);
        assert_eq!(world.public("/directory?kind=college").done()["entries"][0]["number"], college.number.as_str());

        // With a station of the provincial centre, that reviews and no bureau is asked.
        let mut university = registered(world, "college", "示例鹭江大学", 761, Some("province-centre"));
        world.fill_filing(&mut university);
        world.submit_filing(&university);
        let seen = world.get(&university.centre, &format!("/filings/{}", university.filing)).done();
        assert_eq!((seen["centre"].as_str(), &seen["bureau"]), (Some("福建省职业技能鉴定指导中心"), &Value::Null));
        world.review_filing(&university);
        world.list_filing(&mut university);
        // Without a station there is nobody to file with.
        let fields = json!({
            "name": "示例无站学院", "kind": "college", "affiliation": "city", "public_body": true, "level_cap": "3",
            "county": "350203", "uscc": uscc(762), "address": "", "legal_representative": "", "head": "", "contact": "",
            "phone": "", "superior": "", "station_name": "", "station_number": "", "station_centre": null,
        });
        world.post(&world.administrator("root"), "/bodies", fields).refused("2.1.4");
    });
}

#[test]
fn s1_1_4_a_college_names_its_former_station_and_assesses_its_own_students_only() {
    on_each_database("2026-06-01", |world| {
        let mut college = registered(world, "college", "示例鹭江职业学院", 770, Some("city-350200-centre"));
        world.fill_filing(&mut college);
        let path = format!("/filings/{}/body", college.filing);
        let form = |changes: Value| json!({"form": with(crate::stages::body_form(), changes)});
        let said = world.post(&college.clerk, &path, form(json!({"station_name": " "}))).refused("1.1.4");
        assert!(said.what.contains("鉴定所（站）"), "{said:?}");
        world.post(&college.clerk, &path, form(json!({"station_number": ""}))).refused("1.1.4");
        let school = world.new_school("示例一技工学校", "city", "350102");
        let mut school = school;
        world.fill_filing(&mut school);
        let own = format!("/filings/{}/body", school.filing);
        world.post(&school.clerk, &own, form(json!({"station_name": " "}))).refused("1.1.3");
        world.post(&college.clerk, &path, form(json!({}))).done();
        world.submit_filing(&college);
        world.review_filing(&college);
        world.list_filing(&mut college);
        let batch = world.notified_batch(&college, "2026-06-15");
        upload(world, &college.clerk, batch, &roster(0..3)).refused("1.1.4");
        world.enrol(&college, 2);
        let made = upload(world, &college.clerk, batch, &roster(0..3)).done();
        assert_eq!(
            findings(world, &college.clerk, batch, &made),
            [("not_enrolled".to_owned(), "一（一）4".to_owned())]
        );
        let numbers = certified(world, &college, batch, 2);
        assert!(numbers.iter().all(|number| number.starts_with(&college.number)), "{numbers:?}");
        // 一（一）1 and 2 speak of technical schools: an enterprise's agreement is not for a college's students.
        let enterprise = evaluator(world, "enterprise", "示例鼓岭餐饮集团", 771, "Y000035000771");
        let said = world
            .post(&college.clerk, "/cooperations", terms(world, &college.clerk, &enterprise.number))
            .refused("1.1.1");
        assert!(said.remedy.contains("一（一）4"), "{said:?}");
    });
}

/// The school files for these occupations at level 4 and asks for the public in the first; the reviewer decides.
fn file_for_public(world: &World, school: &mut School, agrees: bool) -> Answer {
    world.fill_filing(school);
    let path = |part: &str| format!("/filings/{}/{part}", school.filing);
    let rows: Vec<Value> = TRADES
        .iter()
        .flat_map(|(code, name)| {
            ["4", "3"].map(|level| {
                json!({"trade": code, "level": level, "major": format!("{name}专业"), "papers": "国家题库", "capacity": 200,
                       "for_public": *code == TRADES[0].0 && level == "4"})
            })
        })
        .collect();
    world.post(&school.clerk, &path("trades"), json!({"trades": rows})).done();
    world.submit_filing(school);
    world.post(&school.centre, &path("acceptance"), json!({})).done();
    world.evaluate_filing(school);
    // What was not asked for is not opened.
    let mut decided = decisions(TRADES, &["4", "3"]);
    decided[1]["for_public"] = json!(true);
    world.post(&school.centre, &path("assessment"), json!({"decisions": decided.clone()})).refused("3.4.1");
    decided[1]["for_public"] = json!(false);
    decided[0]["for_public"] = json!(agrees);
    let answer = world.post(&school.centre, &path("assessment"), json!({"decisions": decided}));
    world.post(school.bureau.as_ref().expect("a bureau"), &path("consent"), json!({"opinion": ""})).done();
    world.post(&school.provincial_centre, &path("summary"), json!({})).done();
    world.list_filing(school);
    answer
}

#[test]
fn s3_4_1_the_public_is_assessed_where_the_reviewer_agreed_and_the_directory_says_so() {
    on_each_database("2026-06-01", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        file_for_public(world, &mut school, true).done();
        let entry = world.public(&format!("/directory/{}", school.number)).done();
        let open: Vec<_> =
            entry["scope"].as_array().expect("a scope").iter().filter(|one| one["for_public"] == true).collect();
        assert_eq!(open.len(), 1);
        assert_eq!((open[0]["code"].as_str(), open[0]["level"].as_str()), (Some("4-03-02-01"), Some("4")));
        assert_eq!(world.public("/directory?for_public=true").done()["total"], 1);
        assert!(world.page(None, &format!("/directory/{}", school.number)).text().contains("面向社会"));
        let say = |changes: Value| world.post(&school.clerk, "/batches", with(batch_fields("2026-06-15"), changes));
        let said = say(json!({"audience": "public", "level": "3"})).refused("3.4.1");
        assert!(said.remedy.contains("面向社会"), "{said:?}");
        // Without a register, for nobody has to be a student; what else a roster must hold is checked as ever.
        let public = say(json!({"audience": "public"})).done()["id"].as_i64().expect("an id");
        let conditions = roster(0..3).replace("手机号码", "手机号码,文化程度,参加工作时间,专业年限");
        let rows: String = conditions
            .lines()
            .enumerate()
            .map(|(n, line)| if n == 0 { format!("{line}\n") } else { format!("{line},高中,2010-07-01,12\n") })
            .collect();
        let broken = rows.replace(&number_of(2), &format!("{}0", &number_of(2)[..17]));
        let made = upload(world, &school.clerk, public, &broken).done();
        let kinds: Vec<String> = findings(world, &school.clerk, public, &made).into_iter().map(|one| one.0).collect();
        assert!(!kinds.iter().any(|kind| kind == "not_enrolled"), "{kinds:?}");
        assert_eq!(made["new"], 2, "{made} {kinds:?}");
        assert!(made["faults"].as_i64().expect("a count") >= 1, "a wrong number is still a fault: {made}");
        // Students as ever: only one's own.
        let own = say(json!({"starts_on": "2026-06-22", "ends_on": "2026-06-22", "theory_on": "2026-06-22", "practical_on": "2026-06-22"}))
            .done()["id"]
            .as_i64()
            .expect("an id");
        upload(world, &school.clerk, own, &rows).refused("1.1.3");
        let seen = world.get(&school.centre, &format!("/batches/{public}")).done();
        assert_eq!(seen["audience"], "public");
        assert!(world.page(Some(&school.centre), &format!("/batches/{public}")).text().contains("社会人员"));
    });
}

#[test]
fn s3_4_1_without_a_public_scope_only_own_students_and_it_may_be_added_by_a_filing() {
    on_each_database("2026-06-01", |world| {
        let mut school = world.new_school("示例一技工学校", "city", "350102");
        file_for_public(world, &mut school, false).done();
        assert_eq!(world.public("/directory?for_public=true").done()["total"], 0);
        let public = with(batch_fields("2026-06-15"), json!({"audience": "public"}));
        world.post(&school.clerk, "/batches", public.clone()).refused("3.4.1");
        // Filed again for the public alone; for nothing it is still refused.
        let mut again = School { filing: 0, ..clone_of(&school) };
        world.fill_filing(&mut again);
        let path = |part: &str| format!("/filings/{}/{part}", again.filing);
        let row = |for_public: bool| json!({"trades": [{"trade": TRADES[0].0, "level": "4", "major": "烹饪专业", "capacity": 200, "for_public": for_public}]});
        world.post(&again.clerk, &path("people"), json!({"people": crate::stages::people(&TRADES[..1])})).done();
        world.post(&again.clerk, &path("sites"), json!({"sites": crate::stages::sites(&TRADES[..1])})).done();
        world.post(&again.clerk, &path("trades"), row(false)).done();
        world.post(&again.head, &path("submission"), json!({})).refused("2.1.1a");
        world.post(&again.clerk, &path("trades"), row(true)).done();
        world.submit_filing(&again);
        world.post(&again.centre, &path("acceptance"), json!({})).done();
        world.evaluate_filing(&again);
        let agreed = json!([{"code": TRADES[0].0, "level": "4", "passed": true, "for_public": true}]);
        world.post(&again.centre, &path("assessment"), json!({"decisions": agreed})).done();
        world.post(again.bureau.as_ref().expect("a bureau"), &path("consent"), json!({"opinion": ""})).done();
        world.post(&again.provincial_centre, &path("summary"), json!({})).done();
        world.list_filing(&mut again);
        assert_eq!(again.number, school.number);
        let entry = world.public(&format!("/directory/{}", school.number)).done();
        assert_eq!(entry["scope"].as_array().map(Vec::len), Some(4), "nothing is doubled");
        world.post(&school.clerk, "/batches", public).done();
        let changes = world.public(&format!("/directory/{}/changes", school.number)).done().to_string();
        assert!(changes.contains("面向社会"), "{changes}");
    });
}

fn clone_of(school: &School) -> School {
    School {
        body: school.body,
        clerk: school.clerk.clone(),
        head: school.head.clone(),
        centre: school.centre.clone(),
        bureau: school.bureau.clone(),
        provincial_centre: school.provincial_centre.clone(),
        department: school.department.clone(),
        filing: school.filing,
        listing: school.listing,
        number: school.number.clone(),
    }
}

#[test]
fn s1_1_1_the_pages_enter_a_body_propose_and_confirm_a_cooperation() {
    on_each_database("2026-06-01", |world| {
        let school = world.filed_school("示例一技工学校");
        let enterprise = evaluator(world, "enterprise", "示例鼓岭餐饮集团", 780, "Y000035000780");
        let list = world.page(Some(&enterprise.department), "/announcements").text();
        assert!(list.contains("示例鼓岭餐饮集团") && list.contains("登记备案或公布"), "{list}");
        assert_eq!(world.page(Some(&school.head), "/announcements/new").status, StatusCode::FORBIDDEN);
        let other = registered(world, "social_organisation", "示例闽越评价中心", 781, None);
        let body = other.body.to_string();
        let fields = [
            ("body", body.as_str()),
            ("number", "S000035000781"),
            ("trade[]", "4-03-02-01"),
            ("work_type[]", ""),
            ("level[]", "4"),
            ("standard[]", ""),
            ("do", "enter"),
        ];
        let from = "/announcements/new";
        let refused = world.submit(Some(&other.department), from, "/announcements", &fields);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = refused.text();
        assert!(text.contains("S000035000781") && text.contains("4-03-02-01"), "what was typed stays: {text}");
        let more =
            world.submit(Some(&other.department), from, "/announcements", &[&fields[..6], &[("do", "more")]].concat());
        assert!(more.text().matches("name=\"trade[]\"").count() > 8, "{}", more.text());

        // The school chooses the enterprise, and is shown what it may assess.
        let form = world.page(Some(&school.clerk), "/cooperations/new").text();
        assert!(form.contains("示例鼓岭餐饮集团，Y000035000780"), "{form}");
        let chosen = world.page(Some(&school.clerk), "/cooperations/new?partner=Y000035000780").text();
        assert!(chosen.contains("4-03-02-01|4") && chosen.contains("提出协议"), "{chosen}");
        let paperless = [
            ("partner", "Y000035000780"),
            ("trade", "4-03-02-01|4"),
            ("from", "2026-06-01"),
            ("until", "2027-05-31"),
            ("signed_on", "2026-05-20"),
        ];
        let refused = world.submit(Some(&school.clerk), "/cooperations/new", "/cooperations", &paperless);
        assert!(
            refused.text().contains("缺少企校合作协议") && refused.text().contains("checked"),
            "{}",
            refused.text()
        );
        let id = propose(world, &school.clerk, &enterprise.number);
        let page = format!("/cooperations/{id}");
        assert!(world.page(Some(&school.clerk), &page).text().contains("撤回"));
        assert!(world.page(Some(&enterprise.clerk), &page).text().contains("由本单位负责人登录后答复"));
        let reasonless = world.submit(Some(&enterprise.head), &page, &format!("{page}/decline"), &[("reason", "")]);
        assert_eq!(reasonless.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = world.submit(Some(&enterprise.head), &page, &format!("{page}/confirmation"), &[]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        assert!(world.page(Some(&school.centre), "/cooperations").text().contains("已确认"));
        // The enterprise's form for a batch offers the agreement.
        let form = world.page(Some(&enterprise.clerk), "/batches/new").text();
        assert!(form.contains("依据的合作") && form.contains("示例一技工学校，企校合作协议"), "{form}");
        let scope = form
            .split("<option value=\"")
            .find(|part| part.contains("|4-03-02-01|"))
            .and_then(|rest| rest.split('"').next())
            .expect("an option");
        let id = id.to_string();
        let fields = [
            ("scope", scope),
            ("cooperation", id.as_str()),
            ("starts_on", "2026-06-15"),
            ("theory_place", "示例楼"),
            ("practical_place", "示例楼"),
            ("expected", "30"),
            ("plan", "示例工作计划"),
        ];
        let without: Vec<_> = fields.iter().filter(|field| field.0 != "cooperation").copied().collect();
        let refused = world.submit(Some(&enterprise.clerk), "/batches/new", "/batches", &without);
        assert!(refused.text().contains("企业为院校学生认定须有企校合作协议"), "{}", refused.text());
        let done = world.submit(Some(&enterprise.clerk), "/batches/new", "/batches", &fields);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let page = world.page(Some(&enterprise.clerk), done.headers["location"].to_str().expect("an address")).text();
        assert!(page.contains("示例一技工学校的学生"), "{page}");
    });
}
