//! 二（二）4 and 三（三）: on which blank a certificate lies, what became of the others, and whose stamp stands on it.

use std::io::Cursor;

use axum::http::StatusCode;
use base64::Engine as _;
use calamine::{Reader as _, Xlsx};
use rules::people::Role;
use serde_json::{Value, json};

use crate::certificate::Approved;
use crate::face::hidden;
use crate::query::escaped;
use crate::stages::PDF;
use crate::world::{Answer, Person, World, on_each_database};

const DAY: &str = "2026-11-12";

/// What a clerk enters of blanks that came.
fn receive(world: &World, by: &Person, first: &str, last: &str) -> Answer {
    let fields = json!({"first": first, "last": last, "received_on": DAY, "from": "示例证件印刷厂",
        "file": world.keep(by, PDF), "file_name": "送货单.pdf"});
    world.post(by, "/stock/receipts", fields)
}

fn take(world: &World, approved: &Approved, first: &str, count: Option<i64>) -> Answer {
    let path = format!("/batches/{}/certificates/serials", approved.batch);
    world.post(&approved.school.clerk, &path, json!({"first": first, "count": count}))
}

fn spoil(world: &World, by: &Person, first: &str, instead: &str) -> Answer {
    world.post(by, "/stock/spoiled", json!({"first": first, "reason": "卡纸", "instead": instead}))
}

/// The ledger of a school.
fn ledger(world: &World, by: &Person, body: i64) -> Value {
    world.get(by, &format!("/bodies/{body}/stock")).done()
}

/// Received, left, printed, spoiled, destroyed.
fn balance(of: &Value) -> [i64; 5] {
    ["received", "left", "printed", "spoiled", "destroyed"].map(|name| of[name].as_i64().expect("a number"))
}

/// The certificates of a batch with their serials, by number.
fn serials(world: &World, approved: &Approved) -> Vec<(Value, String)> {
    let seen = world.get(&approved.school.head, &format!("/batches/{}/certificates/serials", approved.batch)).done();
    let lines = seen["certificates"].as_array().expect("certificates").iter();
    lines.map(|line| (line["certificate"].clone(), line["serial"].as_str().unwrap_or("--").to_owned())).collect()
}

fn only_serials(world: &World, approved: &Approved) -> Vec<String> {
    serials(world, approved).into_iter().map(|(_, serial)| serial).collect()
}

/// The id of the ledger's entry of this number.
fn entry(world: &World, by: &Person, body: i64, no: i64) -> Value {
    let seen = ledger(world, by, body);
    let mut lines = seen["entries"].as_array().expect("entries").iter();
    lines.find(|line| line["no"] == no).unwrap_or_else(|| panic!("no entry {no}: {seen}"))["id"].clone()
}

#[test]
fn s2_2_4b_a_certificate_lies_on_a_blank_that_came_and_bears_no_other() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 5);
        world.issue(&approved);
        let (clerk, head, body) = (&approved.school.clerk, &approved.school.head, approved.school.body);
        let empty = ledger(world, clerk, body);
        assert_eq!((balance(&empty["total"]), &empty["waiting"]), ([0; 5], &json!(0)), "who keeps no ledger waits not");

        // What never came can't be printed on.
        let refused = take(world, &approved, "FJ0001", None).refused("2.2.4b");
        assert!(refused.what.contains("FJ0001 至 FJ0005 没有登记收到") && refused.field == "first", "{refused:?}");
        let came = receive(world, clerk, " fj0001", "FJ0004").done();
        assert_eq!((&came["no"], &came["count"], &came["serials"]), (&json!(1), &json!(4), &json!("FJ0001 至 FJ0004")));
        for (first, last, what, field) in [
            ("FJ0004", "FJ0009", "FJ0004 已经登记收到", "first"),
            ("FJ0001A", "", "不是流水号", "first"),
            ("FJ0010", "FX0012", "不是同一个号段", "last"),
            ("FJ0012", "FJ0010", "止号小于起号", "last"),
        ] {
            let refused = receive(world, clerk, first, last).refused("2.2.4b");
            assert!(refused.what.contains(what) && refused.field == field, "{refused:?}");
        }
        let fields = |on: &str, from: &str| json!({"first": "FJ0100", "received_on": on, "from": from});
        let refused = world.post(clerk, "/stock/receipts", fields("2026-11-13", "示例印务")).refused("2.2.4b");
        assert_eq!(refused.field, "received_on");
        assert_eq!(world.post(clerk, "/stock/receipts", fields(DAY, " ")).refused("2.2.4b").field, "from");
        let by_centre = receive(world, &approved.school.centre, "FJ0100", "");
        assert_eq!(by_centre.status, StatusCode::FORBIDDEN);

        // Too few in a row: said with how many there are; then as many, in the order of the numbers.
        let refused = take(world, &approved, "FJ0001", None).refused("2.2.4b");
        assert!(refused.remedy.contains("FJ0001 至 FJ0004（4 张）"), "{refused:?}");
        let taken = take(world, &approved, "FJ0001", Some(3)).done();
        assert_eq!((&taken["serials"], &taken["no"]), (&json!("FJ0001 至 FJ0003"), &json!(2)));
        assert_eq!(only_serials(world, &approved), ["FJ0001", "FJ0002", "FJ0003", "--", "--"]);
        let refused = take(world, &approved, "FJ0003", Some(2)).refused("2.2.4b");
        assert!(refused.what.contains("FJ0003 已经套打"), "{refused:?}");
        receive(world, clerk, "甲-000001", "甲-000050").done();
        take(world, &approved, "甲-000007", None).done();
        assert_eq!(only_serials(world, &approved), ["FJ0001", "FJ0002", "FJ0003", "甲-000007", "甲-000008"]);
        take(world, &approved, "甲-000009", None).refused("2.2.4b");
        let id = serials(world, &approved)[0].0.clone();
        let path = format!("/batches/{}/certificates/serials", approved.batch);
        let again = json!({"first": "甲-000020", "certificates": [id]});
        assert!(world.post(clerk, &path, again).refused("2.2.4b").what.contains("已经套打在 FJ0001 上"));

        let seen = ledger(world, clerk, body);
        assert_eq!(balance(&seen["total"]), [54, 49, 5, 0, 0]);
        assert_eq!(balance(&seen["series"][0]), [4, 1, 3, 0, 0]);
        assert_eq!(seen["series"][1]["left_serials"], json!(["甲-000001 至 甲-000006", "甲-000009 至 甲-000050"]));
        let file = world.get(clerk, &format!("/bodies/{body}/stock/entries/{}/file", entry(world, clerk, body, 1)));
        assert_eq!(file.done()["name"], "送货单.pdf");

        // The batch, its pages and the chain say it; a stranger's query does not.
        let batch = world.get(head, &format!("/batches/{}/certificates", approved.batch)).done();
        assert_eq!(batch["serials"], json!(["FJ0001 至 FJ0003", "甲-000007 至 甲-000008"]));
        let page = world.page(Some(head), &format!("/batches/{}/certificates", approved.batch)).text();
        assert!(page.contains("FJ0001 至 FJ0003"), "{page}");
        let chain = world.get(&approved.school.centre, &format!("/certificates/{id}/chain")).done();
        assert_eq!((&chain["serials"][0]["serial"], &chain["serials"][0]["stands"]), (&json!("FJ0001"), &json!(true)));
        let page = world.page(Some(head), &format!("/certificates/{id}/chain")).text();
        assert!(page.contains("第1版套打在 <span class=\"num\">FJ0001</span>"), "{page}");
        let someone = &approved.people[0];
        let query = format!("name={}&number={}", escaped(&someone.name), someone.id_number);
        let asked = world.public(&format!("/certificates/query?{query}")).text();
        assert!(asked.contains("print_no") && !asked.contains("FJ0001"), "{asked}");
        let token =
            world.get(head, &format!("/certificates/{id}/face")).done()["token"].as_str().expect("one").to_owned();
        assert!(!world.page(None, &format!("/c/{token}")).text().contains("FJ0001"));

        // What is printed of one row of blanks is these certificates and no others.
        let printed = |printing: &str| {
            let path = format!("/batches/{}/certificates-on-blanks.pdf{printing}", approved.batch);
            world.page(Some(head), &path)
        };
        let three = printed(&format!("?printing={}", entry(world, clerk, body, 2)));
        assert!(three.bytes.starts_with(b"%PDF") && three.bytes.len() < printed("").bytes.len());
        let faces = |no| {
            let printing = entry(world, clerk, body, no);
            let path = format!("/batches/{}/certificates/faces?printing={printing}", approved.batch);
            world.get(head, &path).done()["faces"].as_array().map(Vec::len)
        };
        assert_eq!((faces(2), faces(4), faces(1)), (Some(3), Some(2), Some(0)));
    });
}

#[test]
fn s3_3_7_a_spoiled_blank_is_never_used_again_and_its_certificate_takes_another() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 3);
        world.issue(&approved);
        let (clerk, head, body) = (&approved.school.clerk, &approved.school.head, approved.school.body);
        receive(world, clerk, "FJ0001", "FJ0010").done();
        take(world, &approved, "FJ0001", None).done();

        spoil(world, clerk, "FJ0011", "").refused("2.2.4b");
        let no_reason = json!({"first": "FJ0002", "reason": " "});
        assert_eq!(world.post(clerk, "/stock/spoiled", no_reason).refused("3.3.7").field, "reason");
        // In one act: the spoiled blank goes out, its certificate lies on another one.
        let refused = spoil(world, clerk, "FJ0002", "FJ0003").refused("2.2.4b");
        assert!(refused.field == "instead" && refused.what.contains("FJ0003 已经套打"), "{refused:?}");
        assert_eq!(balance(&ledger(world, clerk, body)["total"]), [10, 7, 3, 0, 0], "nothing of it stays");
        let spoiled = spoil(world, clerk, "FJ0002", "FJ0004").done();
        assert_eq!((&spoiled["certificates"], &spoiled["taken"]), (&json!(1), &json!("FJ0004")));
        assert_eq!(only_serials(world, &approved), ["FJ0001", "FJ0004", "FJ0003"]);
        let id = serials(world, &approved)[1].0.clone();
        let chain = |id: &Value| world.get(head, &format!("/certificates/{id}/chain")).done()["serials"].clone();
        let borne = chain(&id);
        assert_eq!((&borne[0]["serial"], &borne[0]["stands"]), (&json!("FJ0002"), &json!(false)));
        assert_eq!((&borne[0]["reason"], &borne[1]["serial"]), (&json!("卡纸"), &json!("FJ0004")));

        // Without another blank it waits; neither the spoiled one nor an unprinted one that was torn is given out again.
        spoil(world, clerk, "FJ0001", "").done();
        spoil(world, clerk, "FJ0010", "").done();
        let seen = ledger(world, clerk, body);
        assert_eq!((balance(&seen["total"]), &seen["waiting"]), ([10, 5, 2, 3, 0], &json!(1)));
        assert_eq!(seen["spoiled"], json!(["FJ0001 至 FJ0002", "FJ0010"]));
        for first in ["FJ0001", "FJ0010"] {
            let refused = take(world, &approved, first, None).refused("2.2.4b");
            assert!(refused.what.contains("已经作废") && refused.remedy.contains("FJ0005"), "{refused:?}");
        }
        spoil(world, clerk, "FJ0002", "").refused("2.2.4b");
        take(world, &approved, "FJ0005", None).done();
        assert_eq!(only_serials(world, &approved), ["FJ0005", "FJ0004", "FJ0003"]);

        // Issued anew it is another version on another blank; the old paper stays in the chain until it is handed in.
        world.change_certificate((clerk, head), &id, "reissue", json!({}));
        assert_eq!(only_serials(world, &approved), ["FJ0005", "--", "FJ0003"]);
        take(world, &approved, "FJ0006", None).done();
        assert_eq!(only_serials(world, &approved), ["FJ0005", "FJ0006", "FJ0003"]);
        let versions: Vec<_> = chain(&id)
            .as_array()
            .expect("serials")
            .iter()
            .map(|one| (one["print_no"].as_i64(), one["serial"].as_str().map(str::to_owned), one["stands"] == true))
            .collect();
        let serial = |text: &str| Some(text.to_owned());
        assert_eq!(
            versions,
            [(Some(1), serial("FJ0002"), false), (Some(1), serial("FJ0004"), true), (Some(2), serial("FJ0006"), true)]
        );
        // Handed in, the old sheet is spoiled and nothing waits for it.
        let old = json!({"first": "FJ0004", "reason": "补发后收回"});
        assert_eq!(world.post(clerk, "/stock/spoiled", old).done()["certificates"], 0);
        assert_eq!(ledger(world, clerk, body)["waiting"], 0);
        // What is void waits for no blank.
        let last = serials(world, &approved)[2].0.clone();
        world.change_certificate((clerk, head), &last, "revoke", json!({}));
        spoil(world, clerk, "FJ0003", "FJ0007").done();
        let seen = ledger(world, clerk, body);
        assert_eq!((balance(&seen["total"]), &seen["waiting"]), ([10, 3, 2, 5, 0], &json!(0)));
    });
}

#[test]
fn s3_3_7_spoiled_blanks_are_destroyed_by_two_persons() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 1);
        world.issue(&approved);
        let (clerk, head, body) = (&approved.school.clerk, &approved.school.head, approved.school.body);
        receive(world, clerk, "FJ0001", "FJ0010").done();
        let propose = |reason: &str, file: Option<String>| {
            let fields = json!({"reason": reason, "file": file, "file_name": "销毁清单.pdf"});
            world.post(clerk, "/stock/destructions", fields)
        };
        let file = || Some(world.keep(clerk, PDF));
        let answer = |by: &Person, made: &Value, agreed: bool, reason: &str| {
            let path = format!("/stock/destructions/{}/answer", made["id"]);
            world.post(by, &path, json!({"agreed": agreed, "reason": reason}))
        };
        propose("在教务处碎纸", file()).refused("3.3.7");
        spoil(world, clerk, "FJ0001", "").done();
        spoil(world, clerk, "FJ0005", "").done();
        assert_eq!(propose("碎纸", file()).refused("3.3.7").field, "reason");
        assert_eq!(propose("在教务处碎纸", None).refused("3.3.7").field, "file");
        let made = propose("在教务处碎纸", file()).done();
        propose("在教务处碎纸", file()).refused("3.3.7");
        // Who proposed never agrees; who does not agree says why.
        answer(clerk, &made, true, "").refused("3.3.1");
        answer(head, &made, false, " ").refused("3.3.1");
        let work = world.get(head, "/work").done()["tasks"].to_string();
        assert!(work.contains("答复销毁作废证书：2 张"), "{work}");
        // An entry that was taken back since makes it another list.
        let spoiled = entry(world, clerk, body, 3);
        let reversal = format!("/stock/entries/{spoiled}/reversal");
        world.post(head, &reversal, json!({"reason": "登记错了号"})).done();
        let refused = answer(head, &made, true, "").refused("3.3.7");
        assert!(refused.what.contains("FJ0005 的登记有变化"), "{refused:?}");
        assert_eq!(answer(clerk, &made, false, "").done()["state"], "withdrawn");
        let made = propose("在教务处碎纸", file()).done();
        let elsewhere = world.new_school("示例二技工学校", "city", "350102");
        assert_eq!(answer(&elsewhere.head, &made, true, "").status, StatusCode::NOT_FOUND);
        let done = answer(head, &made, true, "已清点").done();
        assert_eq!((&done["state"], &done["count"]), (&json!("agreed"), &json!(1)));
        let seen = ledger(world, &approved.school.centre, body);
        assert_eq!(balance(&seen["total"]), [10, 9, 0, 0, 1]);
        assert_eq!(seen["destructions"][0]["state"], "agreed");
        let note = seen["entries"][0]["note"].as_str().expect("a note");
        assert!(note.contains("示例机构经办人提出") && note.contains("示例机构负责人同意"), "{note}");
        let file = format!("/bodies/{body}/stock/destructions/{}/file", made["id"]);
        assert_eq!(world.get(&approved.school.centre, &file).done()["name"], "销毁清单.pdf");
        // What two persons did, one does not take back.
        let destroyed = entry(world, clerk, body, seen["count"].as_i64().expect("a number"));
        let refused = world.post(head, &format!("/stock/entries/{destroyed}/reversal"), json!({"reason": "登记错了"}));
        assert!(refused.refused("3.3.7").what.contains("两人办理"));
        world.on("2026-11-13");
        assert!(world.page(Some(&approved.school.centre), "/work").text().contains("销毁作废的空白证书 1 张"));
    });
}

#[test]
fn s3_3_7_a_wrong_entry_is_taken_back_by_another_and_both_stay() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 2);
        world.issue(&approved);
        let (clerk, head, body) = (&approved.school.clerk, &approved.school.head, approved.school.body);
        let reverse = |by: &Person, no: i64, reason: &str| {
            let path = format!("/stock/entries/{}/reversal", entry(world, clerk, body, no));
            world.post(by, &path, json!({"reason": reason}))
        };
        receive(world, clerk, "FJ0001", "FJ0100").done();
        take(world, &approved, "FJ0001", None).done();
        assert_eq!(reverse(clerk, 1, "止号错误").status, StatusCode::FORBIDDEN, "the head answers for it");
        assert_eq!(reverse(head, 2, "").refused("3.3.7").field, "reason");
        let refused = reverse(head, 1, "止号错误").refused("3.3.7");
        assert!(refused.what.contains("套打（FJ0001 至 FJ0002）以这一笔为前提"), "{refused:?}");
        // Printing that never was: the certificates wait again, the blanks are there again.
        reverse(head, 2, "没有打印").done();
        assert_eq!(only_serials(world, &approved), ["--", "--"]);
        reverse(head, 2, "没有打印").refused("3.3.7");
        reverse(head, 3, "没有打印").refused("3.3.7");
        reverse(head, 1, "止号错误").done();
        assert_eq!(balance(&ledger(world, clerk, body)["total"]), [0; 5]);
        receive(world, clerk, "FJ0001", "FJ0010").done();
        take(world, &approved, "FJ0001", None).done();
        spoil(world, clerk, "FJ0001", "FJ0003").done();
        // The certificate lies on FJ0003 by now; it may not lie on FJ0001 as well.
        let refused = reverse(head, 7, "没有损坏").refused("3.3.7");
        assert!(refused.what.contains("1 本已经换号套打"), "{refused:?}");
        reverse(head, 8, "没有换").done();
        reverse(head, 7, "没有损坏").done();
        assert_eq!(only_serials(world, &approved), ["FJ0001", "FJ0002"]);
        let seen = ledger(world, clerk, body);
        assert_eq!(
            (balance(&seen["total"]), &seen["count"]),
            ([10, 8, 2, 0, 0], &json!(10)),
            "nothing is gone: {seen}"
        );
        let lines = seen["entries"].as_array().expect("entries");
        let marks: Vec<_> =
            lines.iter().rev().map(|line| (line["reverses"].as_i64(), line["reversed_by"].as_i64())).collect();
        assert_eq!((marks[0], marks[3], marks[6]), ((None, Some(4)), (Some(1), None), (None, Some(10))));

        // On paper and as a workbook, everything is there.
        let book = world.get(clerk, &format!("/bodies/{body}/stock/workbook")).done();
        let bytes = base64::engine::general_purpose::STANDARD.decode(book["bytes"].as_str().expect("bytes"));
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.expect("base 64"))).expect("a workbook");
        let range = book.worksheet_range("登记").expect("a sheet");
        let rows: Vec<String> =
            range.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")).collect();
        assert!(rows.iter().any(|row| row.starts_with("4|冲销第1笔（收到）|FJ0001 至 FJ0100|-100|")), "{rows:?}");
        assert!(book.worksheet_range("结存").is_ok());
        let paper = world.page(Some(&approved.school.centre), &format!("/bodies/{body}/certificates/stock.pdf"));
        assert!(paper.bytes.starts_with(b"%PDF"), "{}", paper.text());
    });
}

#[test]
fn s3_3_7_the_centre_sees_the_ledgers_of_its_territory_and_a_school_its_own() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 2);
        world.issue(&approved);
        let (clerk, centre, body) = (&approved.school.clerk, &approved.school.centre, approved.school.body);
        receive(world, clerk, "FJ0001", "FJ0010").done();
        take(world, &approved, "FJ0001", None).done();
        spoil(world, clerk, "FJ0001", "").done();
        let other = world.new_school("示例二技工学校", "city", "350102");
        receive(world, &other.clerk, "FJ0001", "FJ0003").done();
        let seen = world.get(centre, "/stocks").done();
        let lines: Vec<_> = seen["bodies"].as_array().expect("bodies").iter().map(balance).collect();
        assert_eq!(lines, [[10, 8, 1, 1, 0], [3, 3, 0, 0, 0]], "a school's numbers are its own: {seen}");
        assert_eq!(balance(&seen["total"]), [13, 11, 1, 1, 0]);
        // As the ledger itself says.
        assert_eq!(balance(&ledger(world, centre, body)["total"]), lines[0]);
        let page = world.page(Some(centre), "/certificates/stock").text();
        assert!(page.contains("示例一技工学校") && page.contains("示例二技工学校"), "{page}");
        let page = world.page(Some(centre), &format!("/bodies/{body}/certificates/stock")).text();
        assert!(page.contains("FJ0002") && !page.contains("登记收到</a>"), "{page}");
        // Another city, another school, the public.
        let far = world.officer_at(Role::CityCentre, "city-350200-centre");
        assert_eq!(world.get(&far, "/stocks").done()["bodies"], json!([]));
        for person in [&far, &other.head] {
            assert_eq!(world.get(person, &format!("/bodies/{body}/stock")).status, StatusCode::NOT_FOUND);
            let path = format!("/batches/{}/certificates/serials", approved.batch);
            assert_eq!(world.get(person, &path).status, StatusCode::NOT_FOUND);
        }
        assert_eq!(world.get(&other.head, "/stocks").done()["bodies"].as_array().map(Vec::len), Some(1));
        assert_eq!(world.public("/stocks").status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn s2_2_4b_too_few_blanks_for_what_waits_is_something_to_do() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 3);
        world.issue(&approved);
        let (clerk, head) = (&approved.school.clerk, &approved.school.head);
        let asked = |person: &Person| world.get(person, "/work").done()["tasks"].to_string();
        assert!(!asked(clerk).contains("空白证书"), "who never had blanks prints on white paper");
        receive(world, clerk, "FJ0001", "FJ0002").done();
        assert!(asked(clerk).contains("空白证书不够：待套打 3 本，只剩 2 张"), "{}", asked(clerk));
        assert!(asked(head).contains("只剩 2 张"));
        receive(world, clerk, "FJ0003", "").done();
        assert!(!asked(clerk).contains("空白证书"));
        take(world, &approved, "FJ0001", None).done();
        assert!(!asked(clerk).contains("空白证书"), "nothing waits");
    });
}

#[test]
fn s2_2_4b_the_ledger_grows_on_pages_and_loses_nothing_that_was_typed() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 2);
        world.issue(&approved);
        let (clerk, head, body) = (&approved.school.clerk, &approved.school.head, approved.school.body);
        assert!(world.page(Some(clerk), "/certificates/stock").text().contains("还没有登记"));
        let received = "/certificates/stock/received";
        let typed = [("first", "FJ0005"), ("last", "FJ0001"), ("received_on", DAY), ("from", "示例证件印刷厂")];
        let refused = world.submit(Some(clerk), received, received, &typed);
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = refused.text();
        assert!(page.contains("id=\"last-error\"") && page.contains("value=\"示例证件印刷厂\""), "{page}");
        let typed = [("first", "FJ0001"), ("last", "FJ0005"), ("received_on", DAY), ("from", "示例证件印刷厂")];
        let done = world.submit(Some(clerk), received, received, &typed);
        assert_eq!(
            (done.status, &done.headers["location"]),
            (StatusCode::SEE_OTHER, &"/certificates/stock".parse().unwrap())
        );
        let serials = format!("/batches/{}/certificates/serials", approved.batch);
        let page = world.page(Some(clerk), &serials).text();
        assert!(page.contains("value=\"FJ0001\"") && page.contains("value=\"2\""), "it proposes: {page}");
        let refused = world.submit(Some(clerk), &serials, &serials, &[("first", "FJ0009"), ("count", "2")]);
        let page = refused.text();
        assert!(page.contains("id=\"first-error\"") && page.contains("value=\"FJ0009\""), "{page}");
        let done = world.submit(Some(clerk), &serials, &serials, &[("first", "FJ0001"), ("count", "2")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let page = world.page(Some(clerk), &serials).text();
        assert!(page.contains("FJ0001 至 FJ0002") && page.contains("?printing="), "{page}");
        let spoiled = "/certificates/stock/spoiled";
        let page = world.page(Some(clerk), &format!("{spoiled}?first=FJ0002")).text();
        assert!(page.contains("value=\"FJ0002\""), "{page}");
        let fields = [("first", "FJ0002"), ("reason", "卡纸"), ("instead", "FJ0001")];
        let page = world.submit(Some(clerk), spoiled, spoiled, &fields).text();
        assert!(page.contains("id=\"instead-error\"") && page.contains(">卡纸</textarea>"), "{page}");
        let done =
            world.submit(Some(clerk), spoiled, spoiled, &[("first", "FJ0002"), ("reason", "卡纸"), ("instead", "")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        // Destroyed: with the list, by the clerk; agreed by the head.
        let destroy = "/certificates/stock/destructions";
        let refused = upload(world, clerk, destroy, &[("reason", "在教务处碎纸")], None);
        assert!(refused.text().contains("id=\"file-error\""), "{}", refused.text());
        let done = upload(world, clerk, destroy, &[("reason", "在教务处碎纸")], Some(("清单.pdf", PDF)));
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let made = world.text("SELECT CAST(id AS TEXT) FROM blank_destruction");
        let answer = format!("{destroy}/{made}/answer");
        let refused = world.submit(Some(head), destroy, &answer, &[("agreed", "no"), ("objection", "")]).text();
        assert!(refused.contains("id=\"objection-error\""), "{refused}");
        let done = world.submit(Some(head), destroy, &answer, &[("agreed", "yes"), ("objection", "")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let seen = ledger(world, clerk, body);
        assert_eq!(balance(&seen["total"]), [5, 3, 1, 0, 1]);
        // The head takes back on a page of its own.
        let reversal = format!("/certificates/stock/entries/{}/reversal", entry(world, clerk, body, 1));
        let page = world.submit(Some(head), &reversal, &reversal, &[("reason", "没有打印")]).text();
        assert!(
            page.contains("套打（FJ0001 至 FJ0002）以这一笔为前提") && page.contains(">没有打印</textarea>"),
            "{page}"
        );
        assert_eq!(world.page(Some(clerk), &reversal).status, StatusCode::FORBIDDEN);
    });
}

/// Posts the form of a page with its file.
fn upload(world: &World, by: &Person, path: &str, texts: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Answer {
    let csrf = hidden(&world.page(Some(by), path).text(), "csrf");
    let texts = [texts, &[("csrf", &csrf)]].concat();
    world.upload(Some(by), path, &texts, file.map(|(name, bytes)| ("file", name, bytes)))
}

/// A made-up stamp: a ring of this colour and a bar, so many points across.
fn ring(side: u32, colour: [u8; 3]) -> Vec<u8> {
    let middle = f64::from(side) / 2.0;
    let picture = image::RgbImage::from_fn(side, side, |x, y| {
        let (across, down) = (f64::from(x) + 0.5 - middle, f64::from(y) + 0.5 - middle);
        let is_ink =
            (middle - 14.0..middle).contains(&across.hypot(down)) || (across.abs() < 90.0 && down.abs() < 20.0);
        image::Rgb(if is_ink { colour } else { [255; 3] })
    });
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).expect("a picture");
    png.into_inner()
}

const RED: [u8; 3] = [200, 20, 30];

/// Proposes a stamp from a day on; its id.
fn propose_stamp(world: &World, by: &Person, picture: Option<Vec<u8>>, from_on: &str) -> Answer {
    let file = picture.map(|bytes| world.keep(by, &bytes));
    world.post(by, "/stamps", json!({"file": file, "from_on": from_on, "reason": "首次启用"}))
}

fn answer_stamp(world: &World, by: &Person, body: i64, stamp: &Value, agreed: bool, reason: &str) -> Answer {
    let path = format!("/bodies/{body}/stamps/{stamp}/answer");
    world.post(by, &path, json!({"agreed": agreed, "reason": reason}))
}

#[test]
fn s2_2_4b_a_stamp_that_the_centre_accepts_stands_from_the_day_after_and_changes_nothing_before() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 3);
        let (clerk, head, centre, body) =
            (&approved.school.clerk, &approved.school.head, &approved.school.centre, approved.school.body);
        let issue = |nth: usize| {
            let fields = json!({"candidates": [approved.people[nth].candidate]});
            world.post(head, &format!("/batches/{}/certificates", approved.batch), fields).done();
            let seen = world.get(head, &format!("/certificates?batch={}", approved.batch)).done();
            let lines = seen["certificates"].as_array().expect("certificates");
            lines.iter().max_by_key(|line| line["number"].to_string()).expect("one")["id"].clone()
        };
        let printed = |id: &Value, kind: &str| world.page(Some(head), &format!("/certificates/{id}.{kind}")).bytes;
        let first = issue(0);
        let before = [printed(&first, "pdf"), printed(&first, "ofd")];

        // What is no stamp is refused with what it should be.
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec();
        for (picture, what) in [
            (svg, "不是 PNG"),
            (PDF.to_vec(), "不是 PNG"),
            (ring(300, RED), "300×300 像素"),
            (ring(700, RED), "不是直径"),
            (ring(472, [20, 20, 20]), "0% 是红色"),
            (ring(472, [20, 30, 200]), "0% 是红色"),
            (crate::certificate::portrait((472, 472), 255, 200), "像素"),
        ] {
            let refused = propose_stamp(world, head, Some(picture), DAY).refused("2.2.4b");
            assert!(refused.what.contains(what) && refused.field == "file", "{what}: {refused:?}");
        }
        assert_eq!(propose_stamp(world, clerk, Some(ring(472, RED)), DAY).status, StatusCode::FORBIDDEN);
        let made = propose_stamp(world, head, Some(ring(472, RED)), DAY).done()["id"].clone();
        propose_stamp(world, head, Some(ring(472, RED)), DAY).refused("2.2.4b");
        assert!(world.get(centre, "/work").done()["tasks"].to_string().contains("答复证书印章：示例一技工学校"));
        // The body itself never agrees; another centre finds nothing.
        answer_stamp(world, head, body, &made, true, "").refused("2.2.4b");
        let far = world.officer_at(Role::CityCentre, "city-350200-centre");
        assert_eq!(answer_stamp(world, &far, body, &made, true, "").status, StatusCode::NOT_FOUND);
        assert_eq!(answer_stamp(world, clerk, body, &made, true, "").status, StatusCode::FORBIDDEN);
        answer_stamp(world, centre, body, &made, false, "").refused("3.3.1");
        let done = answer_stamp(world, centre, body, &made, true, "与备案一致").done();
        assert_eq!((&done["state"], &done["from_on"]), (&json!("agreed"), &json!("2026-11-13")));
        answer_stamp(world, centre, body, &made, true, "").refused("3.3.1");
        let picture = world.get(head, &format!("/bodies/{body}/stamps/{made}/picture")).done();
        assert_eq!(picture["name"], "证书印章.png");

        // Nothing that was made until then looks otherwise; what is made from the day after bears it.
        assert_eq!([printed(&first, "pdf"), printed(&first, "ofd")], before);
        world.on("2026-11-13");
        assert_eq!([printed(&first, "pdf"), printed(&first, "ofd")], before);
        let second = issue(1);
        let stamped = [printed(&second, "pdf"), printed(&second, "ofd")];
        assert!(stamped[0].len() > before[0].len() + 1_000, "{} {}", stamped[0].len(), before[0].len());
        assert!(stamped[1].len() > before[1].len() + 1_000, "{} {}", stamped[1].len(), before[1].len());
        assert!(stamped[0].len() < 120_000, "{} bytes", stamped[0].len());
        let statement = press::attachment(&stamped[0]).expect("a statement");
        assert_eq!(press::attachment(&stamped[1]), Some(statement));
        // The signature over the whole file is good.
        let root = proof::read_certificate(&world.page(None, "/.well-known/jiangce-root.pem").bytes).expect("the root");
        let signed = press::signature(&stamped[0]).expect("a signature");
        let found = proof::check_document(&signed.parts, &signed.signature, signed.at, std::slice::from_ref(&root));
        assert!(matches!(found, proof::DocumentFinding::Signed { trusted: true, .. }), "{found:?}");
        // On blanks it is printed as well; the blank has none.
        let blanks = world.page(Some(head), &format!("/batches/{}/certificates-on-blanks.pdf", approved.batch));
        assert!(blanks.bytes.starts_with(b"%PDF"));

        // Another stamp, and later none: each version keeps its own.
        let made = propose_stamp(world, head, Some(ring(520, RED)), "2026-11-16").done()["id"].clone();
        answer_stamp(world, centre, body, &made, true, "").done();
        world.on("2026-11-16");
        let third = issue(2);
        let ends = propose_stamp(world, head, None, "2026-11-16").done()["id"].clone();
        answer_stamp(world, centre, body, &ends, true, "").done();
        let (second_again, larger) = (printed(&second, "pdf"), printed(&third, "pdf"));
        assert!(second_again == stamped[0] && larger != stamped[0]);
        world.on("2026-11-17");
        assert_eq!([printed(&second, "pdf"), printed(&third, "pdf")], [second_again, larger]);
        let faces = || world.get(head, &format!("/certificates/{second}/face")).done()["stamp"].clone();
        assert!(faces().is_string());
        world.change_certificate((clerk, head), &second, "reissue", json!({}));
        assert_eq!(faces(), Value::Null, "the new version is of a day without one");

        // What was declined or taken back is never printed.
        let made = propose_stamp(world, head, Some(ring(472, RED)), "2026-11-17").done()["id"].clone();
        assert_eq!(answer_stamp(world, centre, body, &made, false, "与备案不一致").done()["state"], "declined");
        let made = propose_stamp(world, head, Some(ring(472, RED)), "2026-11-17").done()["id"].clone();
        assert_eq!(answer_stamp(world, head, body, &made, false, "").done()["state"], "withdrawn");
        let seen = world.get(centre, &format!("/bodies/{body}/stamps")).done();
        let held = seen["stamps"].as_array().expect("stamps").iter().find(|line| line["is_in_force"] == true);
        assert_eq!(held.map(|line| &line["id"]), Some(&ends), "{seen}");
    });
}

#[test]
fn s2_2_4b_a_stamp_is_proposed_and_accepted_on_pages() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 1);
        let (head, centre, body) = (&approved.school.head, &approved.school.centre, approved.school.body);
        let own = "/certificates/stamp";
        let fields = [("from_on", DAY), ("reason", "首次启用"), ("do", "propose")];
        let refused = upload(world, head, own, &fields, None).text();
        assert!(refused.contains("id=\"file-error\"") && refused.contains(">首次启用</textarea>"), "{refused}");
        let refused = upload(world, head, own, &fields, Some(("印章.png", &ring(300, RED)))).text();
        assert!(refused.contains("id=\"file-error\"") && refused.contains("300×300 像素"), "{refused}");
        let done = upload(world, head, own, &fields, Some(("印章.png", &ring(472, RED))));
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let path = format!("/bodies/{body}/certificates/stamp");
        let page = world.page(Some(centre), &path).text();
        assert!(page.contains("直径 40.0 毫米") && page.contains("同意启用"), "{page}");
        let stamp = world.text("SELECT CAST(id AS TEXT) FROM stamp");
        let picture = world.page(Some(centre), &format!("/bodies/{body}/certificates/stamps/{stamp}/picture"));
        assert_eq!((picture.status, picture.headers["content-type"].as_bytes()), (StatusCode::OK, &b"image/png"[..]));
        let answer = format!("/bodies/{body}/certificates/stamps/{stamp}/answer");
        let refused = world.submit(Some(centre), &path, &answer, &[("agreed", "no"), ("objection", "")]).text();
        assert!(refused.contains("id=\"objection-error\""), "{refused}");
        let done = world.submit(Some(centre), &path, &answer, &[("agreed", "yes")]);
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        assert!(world.page(Some(head), own).text().contains("2026年11月13日起"));
    });
}
