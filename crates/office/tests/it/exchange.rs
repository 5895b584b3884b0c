//! 三（三）, 二（二）4: what is issued goes to the national system in packages, is answered row by row and compared with its list.

use axum::http::StatusCode;
use calamine::{Reader as _, Xlsx};
use office::exchange::{Connector, ConnectorSettings, push_waiting};
use serde_json::{Value, json};

use crate::certificate::Approved;
use crate::national::{Held, National, Rates};
use crate::stages::PDF;
use crate::world::{Answer, Person, World, on_each_database};

const DAY: &str = "2026-11-12";

/// The headings of the sheet of 2020.
const HEADINGS: [&str; 11] = [
    "姓名",
    "证件类型",
    "证件号码",
    "所在单位",
    "职业名称",
    "工种名称",
    "职业技能等级",
    "证书编号",
    "发证日期",
    "评价机构",
    "发证机构",
];

/// A school with so many certificates of today.
fn issued(world: &World, persons: usize) -> Approved {
    let approved = world.approved_batch("示例一技工学校", persons);
    world.issue(&approved);
    approved
}

fn build(world: &World, by: &Person, body: i64) -> Answer {
    let until = world.office.today().to_string();
    world.post(by, &format!("/bodies/{body}/exchange-packages"), json!({"from": DAY, "until": until}))
}

fn package(world: &World, by: &Person, id: &Value) -> Value {
    world.get(by, &format!("/exchange-packages/{id}")).done()
}

fn upload(world: &World, by: &Person, id: &Value) -> Answer {
    let day = world.office.today().to_string();
    let fields = json!({"uploaded_on": day, "place": "国家平台，示例账号"});
    world.post(by, &format!("/exchange-packages/{id}/upload"), fields)
}

fn receipt(world: &World, by: &Person, id: &Value, text: &str) -> Answer {
    let file = world.keep(by, text.as_bytes());
    world.post(by, &format!("/exchange-packages/{id}/receipts"), json!({"file": file, "name": "回执.csv"}))
}

/// The cells of a workbook's first sheet, row by row.
fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).expect("a workbook");
    let sheet = book.worksheet_range_at(0).expect("a sheet").expect("cells");
    sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

/// Numbers of the body's certificates, in order.
fn numbers(world: &World, by: &Person) -> Vec<String> {
    let list = world.get(by, "/certificates").done();
    let mut numbers: Vec<String> = list["certificates"]
        .as_array()
        .expect("certificates")
        .iter()
        .map(|one| one["number"].as_str().expect("a number").to_owned())
        .collect();
    numbers.sort();
    numbers
}

/// Says of every row of a package that it was taken.
fn accept_all(world: &World, by: &Person, id: &Value) {
    let rows = package(world, by, id)["rows"].as_array().expect("rows").clone();
    let text = rows.iter().fold("证书编号,处理结果,国家平台编号\n".to_owned(), |text, row| {
        let number = row["number"].as_str().expect("a number");
        text + &format!("{number},成功,N{}\n", &number[16..])
    });
    receipt(world, by, id, &text).done();
}

#[test]
fn s3_3_6_a_package_is_made_once_and_never_altered() {
    on_each_database(DAY, |world| {
        let approved = issued(world, 3);
        let (school, body) = (&approved.school, approved.school.body);
        let other = world.new_school("示例二技工学校", "city", "350102");
        assert_eq!(build(world, &other.head, body).status, StatusCode::NOT_FOUND);
        assert_eq!(build(world, &school.centre, body).status, StatusCode::FORBIDDEN);
        let reversed = json!({"from": "2026-11-13", "until": DAY});
        let refused =
            world.post(&school.clerk, &format!("/bodies/{body}/exchange-packages"), reversed).refused("3.3.6");
        assert_eq!(refused.field, "from");

        let work = world.get(&school.clerk, "/work").done()["tasks"].to_string();
        assert!(work.contains("制作国家平台交换包") && work.contains("2026-11-26"), "ten working days: {work}");
        let made = build(world, &school.clerk, body).done();
        let id = &made["package"];
        assert_eq!((&made["rows"], &made["number"]), (&json!(3), &json!(format!("{}-JH0001", school.number))));
        let refused = build(world, &school.clerk, body).refused("3.3.6");
        assert!(refused.what.contains("没有需要上传"), "each certificate once: {refused:?}");

        // The sheet has the eleven columns, its digest is the one that the package names; the summary is signed.
        let sheet = world.page(Some(&school.clerk), &format!("/exchange/packages/{id}/sheet.xlsx"));
        let rows = cells(&sheet.bytes);
        assert_eq!(rows[0], HEADINGS);
        assert_eq!((rows.len(), &*rows[1][3], &*rows[1][6]), (4, "其他", "4"));
        assert_eq!(rows.iter().skip(1).map(|row| row[7].clone()).collect::<Vec<_>>(), numbers(world, &school.head));
        assert_eq!(json!(office::door::digest(&sheet.bytes)), made["digest"]);
        let summary = world.page(Some(&school.clerk), &format!("/exchange/packages/{id}/summary.pdf"));
        let signed = press::signature(&summary.bytes).expect("a signature");
        assert!(summary.bytes.starts_with(b"%PDF") && !signed.signature.is_empty());
        assert_eq!(
            world.page(Some(&other.head), &format!("/exchange/packages/{id}/sheet.xlsx")).status,
            StatusCode::NOT_FOUND
        );
        // Who reads the sheet leaves a trace; lists show nobody in full.
        assert!(world.count("SELECT COUNT(*) FROM sight WHERE subject = 'package'") >= 2);
        let shown = package(world, &school.centre, id).to_string();
        assert!(!shown.contains(&approved.people[0].id_number) && !shown.contains(&approved.people[0].name), "{shown}");

        // Withdrawn before it left, its certificates go into the next.
        let path = format!("/exchange-packages/{id}/withdrawal");
        assert_eq!(world.post(&school.clerk, &path, json!({"reason": "无"})).refused("3.3.6").field, "reason");
        world.post(&school.clerk, &path, json!({"reason": "期间选错了"})).done();
        upload(world, &school.clerk, id).refused("3.3.6");
        let again = build(world, &school.head, body).done();
        assert_eq!((&again["rows"], again["number"].as_str().map(|n| n.ends_with("JH0002"))), (&json!(3), Some(true)));
        let page = world.page(Some(&school.clerk), "/exchange").text();
        assert!(page.contains("JH0001") && page.contains("已撤回") && page.contains("待上传"), "{page}");
    });
}

#[test]
fn s3_3_6_a_receipt_is_noted_row_by_row_and_rejected_rows_go_up_again() {
    on_each_database(DAY, |world| {
        let approved = issued(world, 3);
        let (clerk, body) = (&approved.school.clerk, approved.school.body);
        let made = build(world, clerk, body).done();
        let (id, numbers) = (&made["package"], numbers(world, clerk));

        // A person says when and where; evidence lies beside it.
        let path = format!("/exchange-packages/{id}/upload");
        let mark = |day: &str, place: &str| json!({"uploaded_on": day, "place": place});
        assert_eq!(world.post(clerk, &path, mark("2026-11-13", "国家平台")).refused("3.3.6").field, "uploaded_on");
        assert_eq!(world.post(clerk, &path, mark(DAY, " ")).refused("3.3.6").field, "place");
        let proof = world.keep(clerk, PDF);
        let with_proof =
            json!({"uploaded_on": DAY, "place": "国家平台，示例账号", "proof": proof, "proof_name": "截图.pdf"});
        world.post(clerk, &path, with_proof).done();
        upload(world, clerk, id).refused("3.3.6");
        assert_eq!(world.page(Some(clerk), &format!("/exchange/packages/{id}/proof")).bytes, PDF);
        world.post(clerk, &format!("/exchange-packages/{id}/withdrawal"), json!({"reason": "想撤回"})).refused("3.3.6");

        // What does not fit is named by row and column; what fits is noted.
        let text = format!(
            "证书编号,处理结果,国家平台编号,出错字段,原因\n{},成功,N1,,\n{},失败,,证件号码,公安库中姓名不符\nY000000000000000000009,成功,N9,,\n{},处理中,,,\n",
            numbers[0], numbers[1], numbers[2]
        );
        let read = receipt(world, clerk, id, &text).done();
        assert_eq!((&read["accepted"], &read["rejected"]), (&json!(1), &json!(1)));
        let found: Vec<_> = read["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .map(|f| (f["row"].clone(), f["column_name"].clone()))
            .collect();
        assert_eq!(found, [(json!(4), json!("证书编号")), (json!(5), json!("处理结果"))]);
        // The same again changes nothing; a contradiction is named and changes nothing.
        let twice = receipt(world, clerk, id, &text).done();
        assert_eq!((&twice["accepted"], &twice["rejected"]), (&json!(0), &json!(0)));
        let refused = receipt(world, clerk, id, &format!("证书编号,处理结果,国家平台编号\n{},成功,N2\n", numbers[0]))
            .refused("3.3.6");
        assert!(refused.what.contains("N1"), "{refused:?}");
        let rows = package(world, clerk, id)["rows"].clone();
        assert_eq!((&rows[0]["state"], &rows[0]["fault_column"]), (&json!("rejected"), &json!("证件号码")));
        assert_eq!(
            (&rows[1]["state"], &rows[1]["national_id"], &rows[2]["state"]),
            (&json!("accepted"), &json!("N1"), &json!("sent"))
        );
        assert!(world.get(clerk, "/work").done()["tasks"].to_string().contains("处理退回"));
        let json_text = json!({"results": [{"number": numbers[2], "outcome": "accepted", "id": "N3"}]}).to_string();
        assert_eq!(receipt(world, clerk, id, &json_text).done()["accepted"], 1);

        // Sent again with a reason, it is the only row of the next package.
        build(world, clerk, body).refused("3.3.6");
        let path = format!("/exchange-packages/{id}/resending");
        assert_eq!(world.post(clerk, &path, json!({"reason": ""})).refused("3.3.6").field, "reason");
        assert_eq!(world.post(clerk, &path, json!({"reason": "公安库已更新"})).done()["rows"], 1);
        world.post(clerk, &path, json!({"reason": "公安库已更新"})).refused("3.3.6");
        let next = build(world, clerk, body).done();
        assert_eq!(next["rows"], 1);
        let rows = package(world, clerk, &next["package"])["rows"].clone();
        assert_eq!((&rows[0]["number"], &rows[0]["kind"]), (&json!(numbers[1]), &json!("issue")));
        let page = world.page(Some(clerk), &format!("/exchange/packages/{id}")).text();
        assert!(page.contains("公安库中姓名不符") && page.contains("公安库已更新"), "{page}");
    });
}

#[test]
fn s3_3_6_what_changes_after_issue_goes_up_as_it_stands() {
    on_each_database(DAY, |world| {
        let approved = issued(world, 4);
        let (clerk, head, body) = (&approved.school.clerk, &approved.school.head, approved.school.body);
        let list = world.get(head, "/certificates").done();
        let mut lines = list["certificates"].as_array().expect("certificates").clone();
        lines.sort_by_key(|line| line["number"].as_str().map(str::to_owned));
        let ids: Vec<Value> = lines.iter().map(|line| line["id"].clone()).collect();
        // Voided before it ever went up, it is nothing to tell; corrected before, it goes up as it reads now.
        world.change_certificate((clerk, head), &ids[3], "void", json!({}));
        world.change_certificate((clerk, head), &ids[2], "correct", json!({"name": "示例改名"}));
        let made = build(world, clerk, body).done();
        assert_eq!(made["rows"], 3);
        let sheet = world.page(Some(clerk), &format!("/exchange/packages/{}/sheet.xlsx", made["package"]));
        assert_eq!(cells(&sheet.bytes)[3][0], "示例改名");
        upload(world, clerk, &made["package"]).done();
        // While the first is on its way, nothing of the same certificate follows.
        world.change_certificate((clerk, head), &ids[0], "correct", json!({"name": "示例新名"}));
        build(world, clerk, body).refused("3.3.6");
        accept_all(world, clerk, &made["package"]);

        world.change_certificate((clerk, head), &ids[1], "revoke", json!({}));
        world.change_certificate((clerk, head), &ids[2], "reissue", json!({}));
        let changes = build(world, clerk, body).done();
        assert_eq!(changes["rows"], 2, "new paper changes nothing that goes up");
        let sheet = world.page(Some(clerk), &format!("/exchange/packages/{}/sheet.xlsx", changes["package"]));
        let rows = cells(&sheet.bytes);
        assert_eq!((rows[0].len(), &*rows[0][0]), (12, "操作类型"));
        assert_eq!((&*rows[1][0], &*rows[1][1], &*rows[2][0]), ("更正", "示例新名", "撤销"));
        // Withdrawn, what was told before stands again and the change still waits.
        let path = format!("/exchange-packages/{}/withdrawal", changes["package"]);
        world.post(clerk, &path, json!({"reason": "先不上传"})).done();
        let changes = build(world, clerk, body).done();
        assert_eq!(changes["rows"], 2);
        upload(world, clerk, &changes["package"]).done();
        accept_all(world, clerk, &changes["package"]);
        build(world, clerk, body).refused("3.3.6");
        assert_eq!(world.count("SELECT COUNT(*) FROM exchange_row WHERE is_live = 1 AND state = 'accepted'"), 3);
    });
}

#[test]
fn s3_3_6_the_provincial_centre_changes_the_template_from_a_day_on() {
    on_each_database(DAY, |world| {
        let approved = issued(world, 1);
        let centre = &approved.school.provincial_centre;
        let held = world.get(centre, "/exchange-templates").done();
        assert_eq!(held["columns"].as_array().map(Vec::len), Some(11));
        let mut columns = held["columns"].clone();
        columns[1]["codes"] = json!([{"ours": "201", "theirs": "01"}]);
        let last = json!({"heading": "职业编码", "field": "trade_code", "must": true});
        columns.as_array_mut().expect("columns").push(last);
        let fields = json!({"name": "证书信息表（2027）", "columns": columns, "from": "2026-11-13", "reason": "示例函〔2026〕1号"});
        assert_eq!(
            world.post(&approved.school.head, "/exchange-templates", fields.clone()).status,
            StatusCode::FORBIDDEN
        );
        let mut wrong = fields.clone();
        wrong["columns"].as_array_mut().expect("columns").remove(7);
        assert_eq!(world.post(centre, "/exchange-templates", wrong).refused("3.3.6").field, "columns");
        let mut early = fields.clone();
        early["from"] = json!("2026-11-11");
        assert_eq!(world.post(centre, "/exchange-templates", early).refused("3.3.6").field, "from");
        world.post(centre, "/exchange-templates", fields).done();
        // Today's package has the columns of today; withdrawn and made tomorrow, those of tomorrow.
        let clerk = &approved.school.clerk;
        let made = build(world, clerk, approved.school.body).done();
        let before = package(world, clerk, &made["package"])["package"].clone();
        assert_eq!((&before["template"], &before["template_name"]), (&json!(0), &json!("证书信息表（2020）")));
        world
            .post(clerk, &format!("/exchange-packages/{}/withdrawal", made["package"]), json!({"reason": "改用新模板"}))
            .done();
        world.on("2026-11-13");
        let made = build(world, clerk, approved.school.body).done();
        let sheet = world.page(Some(clerk), &format!("/exchange/packages/{}/sheet.xlsx", made["package"]));
        let rows = cells(&sheet.bytes);
        assert_eq!((&*rows[0][11], &*rows[1][11], &*rows[1][1]), ("职业编码", "6-18-01-01", "01"));
        // By a form, each column a line; what was typed stays when it is refused.
        let typed = "姓名 | 姓名 | 必填\n证件号码 | 没有这个取值";
        let form = [("do", "x"), ("name", "新表"), ("columns", typed), ("from", "2026-11-14"), ("reason", "示例")];
        let page = world.submit(Some(centre), "/exchange/template", "/exchange/template", &form);
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text().contains("没有这个取值") && page.text().contains("可用的取值"), "{}", page.text());
    });
}

#[test]
fn s3_3_6_differences_are_found_both_ways_counted_on_their_day_and_answered() {
    on_each_database(DAY, |world| {
        let approved = issued(world, 3);
        let school = &approved.school;
        let (clerk, centre, body) = (&school.clerk, &school.provincial_centre, school.body);
        let made = build(world, clerk, body).done();
        upload(world, clerk, &made["package"]).done();
        accept_all(world, clerk, &made["package"]);
        let sheet =
            cells(&world.page(Some(clerk), &format!("/exchange/packages/{}/sheet.xlsx", made["package"])).bytes);
        world.on("2026-11-16");
        let import = |by: &Person, rows: &[Vec<String>]| {
            let text = rows.iter().fold(String::new(), |text, row| text + &row.join(",") + "\n");
            let file = world.keep(by, text.as_bytes());
            world.post(by, "/national-lists", json!({"file": file, "name": "清单.csv"}))
        };
        let differences = |by: &Person| world.get(by, "/exchange-differences?state=open").done()["differences"].clone();
        assert_eq!(import(clerk, &sheet).status, StatusCode::FORBIDDEN);
        assert_eq!(import(centre, &sheet).done()["differences"], 0);
        // A list with a row that can't be read is not compared: the row would count as one that they lack.
        let mut torn = sheet.clone();
        torn[1][7] = String::new();
        assert!(import(centre, &torn).refused("3.3.6").what.contains("第2行"));

        // They lack the first, have another name in the second, and one that nobody here has issued.
        let mut theirs = sheet.clone();
        theirs.remove(1);
        theirs[1][0] = "示例错名".into();
        let mut foreign = sheet[1].clone();
        foreign[7] = "Y000035999999264000001".into();
        theirs.push(foreign);
        assert_eq!(import(centre, &theirs).done()["differences"], 3);
        let all = differences(centre);
        let kinds: Vec<&str> =
            all.as_array().expect("differences").iter().map(|one| one["kind"].as_str().expect("a kind")).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == "missing").count(), 1);
        let field = all.as_array().expect("differences").iter().find(|one| one["kind"] == "field").expect("a field");
        assert_eq!(
            (&field["column"], &field["theirs"], &field["due_on"]),
            (&json!("姓名"), &json!("示***"), &json!("2026-11-23"))
        );
        assert_eq!(differences(clerk).as_array().map(Vec::len), Some(2), "a body sees its own");
        // The same list the next day finds nothing new.
        world.on("2026-11-17");
        import(centre, &theirs).done();
        assert_eq!(differences(centre).as_array().map(Vec::len), Some(3));
        assert!(world.get(clerk, "/work").done()["tasks"].to_string().contains("2 处与国家平台不一致"));
        world.on("2026-11-24");
        assert_eq!(world.get(clerk, "/exchange-packages").done()["late_differences"], 2);
        let book = cells(&world.page(Some(clerk), "/exchange/differences.xlsx?state=open").bytes);
        assert_eq!(book.len(), 2 + 2, "a title, a heading and two lines: {book:?}");

        // Each is answered with a reason: sent again, or noted. What nobody here has issued can't be sent.
        let answer = |by: &Person, one: &Value, again: bool, reason: &str| {
            world.post(
                by,
                &format!("/exchange-differences/{}/resolution", one["id"]),
                json!({"again": again, "reason": reason}),
            )
        };
        let of = |kind: &str| all.as_array().expect("all").iter().find(|one| one["kind"] == kind).expect("one").clone();
        assert_eq!(answer(clerk, &of("foreign"), false, "不是我校的").status, StatusCode::NOT_FOUND);
        assert_eq!(answer(centre, &of("foreign"), true, "重新上传").refused("3.3.6").field, "again");
        answer(centre, &of("foreign"), false, "国家平台误录，已去函").done();
        assert_eq!(answer(clerk, &of("missing"), true, " ").refused("3.3.6").field, "reason");
        answer(clerk, &of("missing"), true, "国家平台清理数据时误删").done();
        answer(clerk, &of("missing"), true, "再来一次").refused("3.3.6");
        answer(clerk, &of("field"), true, "按身份证更正国家平台").done();
        assert_eq!(differences(centre), json!([]));
        // What they lost is new to them again; what differs goes up as a correction, in a package of its own.
        let first = build(world, clerk, body).done();
        assert_eq!((&first["rows"], &first["more"]), (&json!(1), &json!(true)));
        assert_eq!(package(world, clerk, &first["package"])["rows"][0]["kind"], "issue");
        let second = build(world, clerk, body).done();
        assert_eq!(package(world, clerk, &second["package"])["rows"][0]["kind"], "correct");
        for made in [&first, &second] {
            upload(world, clerk, &made["package"]).done();
            accept_all(world, clerk, &made["package"]);
        }
        // The noted one stays noted while the list shows it, and is gone when it no longer does.
        world.on("2026-11-25");
        let mut healed = sheet.clone();
        healed.push(theirs[3].clone());
        assert_eq!(import(centre, &healed).done()["differences"], 1);
        assert_eq!(differences(centre), json!([]));
        world.on("2026-11-26");
        assert_eq!(import(centre, &sheet).done()["differences"], 0);
        assert_eq!(world.count("SELECT COUNT(*) FROM exchange_difference WHERE state = 'gone'"), 1);
    });
}

#[test]
fn s3_3_6_a_list_settles_what_was_uploaded_without_a_receipt() {
    on_each_database(DAY, |world| {
        let approved = issued(world, 2);
        let (clerk, centre) = (&approved.school.clerk, &approved.school.provincial_centre);
        let made = build(world, clerk, approved.school.body).done();
        upload(world, clerk, &made["package"]).done();
        let sheet =
            cells(&world.page(Some(clerk), &format!("/exchange/packages/{}/sheet.xlsx", made["package"])).bytes);
        let text = sheet.iter().take(2).enumerate().fold(String::new(), |text, (n, row)| {
            text + &row.join(",") + if n == 0 { ",国家平台编号\n" } else { ",N77\n" }
        });
        let file = world.keep(centre, text.as_bytes());
        world.post(centre, "/national-lists", json!({"file": file, "name": "清单.csv"})).done();
        let rows = package(world, clerk, &made["package"])["rows"].clone();
        assert_eq!((&rows[0]["state"], &rows[0]["national_id"]), (&json!("accepted"), &json!("N77")));
        assert_eq!(rows[1]["state"], "sent");
    });
}

#[test]
fn s2_2_4b_a_number_that_was_given_elsewhere_is_never_given_here() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 3);
        let (school, centre) = (&approved.school, &approved.school.provincial_centre);
        let taken = format!("{}264000002", school.number);
        let rows = |number: &str, level: &str| {
            format!(
                "{}\n示例外,201,350199188001010011,其他,车工,,{level},{number},2026-03-01,示例一技工学校,示例一技工学校\n",
                HEADINGS.join(",")
            )
        };
        let import = |by: &Person, text: &str| {
            let file = world.keep(by, text.as_bytes());
            world.post(by, "/elsewhere-certificates", json!({"file": file, "name": "外部编号.csv"}))
        };
        assert_eq!(import(&school.head, &rows(&taken, "4")).status, StatusCode::FORBIDDEN);
        assert!(import(centre, &rows("Y1", "4")).refused("2.2.4b").what.contains("第2行"));
        assert!(import(centre, &rows(&taken, "九")).refused("2.2.4b").what.contains("职业技能等级"));
        assert_eq!(import(centre, &rows(&taken, "4")).done()["new"], 1);
        assert_eq!(import(centre, &rows(&taken, "4")).done()["new"], 0, "twice is once");
        world.issue(&approved);
        let serials: Vec<String> = numbers(world, &school.head).iter().map(|number| number[16..].to_owned()).collect();
        assert_eq!(serials, ["000001", "000003", "000004"]);
        let ours = format!("{}264000003", school.number);
        assert!(import(centre, &rows(&ours, "4")).refused("2.2.4b").what.contains("本平台核发"));
        let seen = world.get(centre, "/elsewhere-certificates").done();
        assert_eq!(
            (&seen["certificates"][0]["number"], &seen["certificates"][0]["name"]),
            (&json!(taken), &json!("示**"))
        );
        assert_eq!(world.get(&school.head, "/elsewhere-certificates").status, StatusCode::FORBIDDEN);
        assert!(world.page(Some(centre), "/exchange/elsewhere").text().contains("外部编号"));
    });
}

/// More certificates of the same batch, as issuing would leave them: so many beside the first.
fn multiply(world: &World, count: i64) {
    let text = format!(
        "INSERT INTO certificate (id, number, token, candidate, batch, body, body_name, name, id_kind, id_key, id_sealed, trade_code, trade, work_type, level, exam_on, issued_on, issued_at, issued_by, photo, state, version)
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         SELECT 1000 + n.i, substr(c.number, 1, 17) || substr(CAST(100000 + n.i AS TEXT), 2), 'many-' || CAST(n.i AS TEXT), -n.i, c.batch, c.body, c.body_name, c.name, c.id_kind, c.id_key, c.id_sealed,
           c.trade_code, c.trade, c.work_type, c.level, c.exam_on, c.issued_on, c.issued_at, c.issued_by, c.photo, c.state, c.version
         FROM n CROSS JOIN (SELECT * FROM certificate ORDER BY number LIMIT 1) c WHERE n.i > 1"
    );
    world.set(text.leak());
}

/// Lets days pass until nothing is on its way, sending again what was rejected without a fault; how many days.
fn until_quiet(world: &World, national: &National, by: &Person, body: i64, heal_after: usize) -> usize {
    let first = world.office.today();
    for day in 0..200 {
        let today = first.saturating_add(jiff::Span::new().days(day as i64));
        world.office.set_day(today).expect("the next day");
        if day == heal_after {
            national.heal();
        }
        push_waiting(&world.office).expect("a round");
        let rejected = world
            .count("SELECT COALESCE(MAX(package), 0) FROM exchange_row WHERE state = 'rejected' AND again_on IS NULL");
        if rejected > 0 {
            world
                .post(by, &format!("/exchange-packages/{rejected}/resending"), json!({"reason": "国家平台校验超时"}))
                .done();
        }
        let open = world.count("SELECT COUNT(*) FROM exchange_row WHERE state IN ('to_send', 'sent')");
        if open == 0 {
            let until = today.to_string();
            let built =
                world.post(by, &format!("/bodies/{body}/exchange-packages"), json!({"from": DAY, "until": until}));
            if built.status != StatusCode::OK {
                built.refused("3.3.6");
                national.heal();
                return day;
            }
            let path = format!("/exchange-packages/{}/hand-over", built.done()["package"]);
            world.post(by, &path, json!({})).done();
        }
    }
    panic!("it never came to rest");
}

/// What counts as equal: every certificate once on both sides, with the same cells and the same id.
fn assert_equal(world: &World, national: &National, by: &Person, count: usize) {
    let held = national.held();
    assert_eq!(held.len(), count);
    assert!(held.values().all(|one| one.entered == 1), "nothing is entered twice");
    let accepted = world.count("SELECT COUNT(*) FROM exchange_row WHERE is_live = 1 AND state = 'accepted'");
    let certificates =
        world.count("SELECT COUNT(DISTINCT certificate) FROM exchange_row WHERE is_live = 1 AND state = 'accepted'");
    assert_eq!((accepted, certificates), (count as i64, count as i64));
    let ids =
        world.count("SELECT COUNT(DISTINCT national_id) FROM exchange_row WHERE is_live = 1 AND state = 'accepted'");
    assert_eq!(ids, count as i64, "each has an id of its own");
    // Its own list says the same: fetched page by page on the next day, compared by the timer.
    let tomorrow = world.office.today().tomorrow().expect("a day").to_string();
    world.on(&tomorrow);
    push_waiting(&world.office).expect("the list");
    let view = world.get(by, "/exchange-differences").done();
    assert_eq!(
        (&view["inventory"]["is_compared"], &view["inventory"]["ours"], &view["inventory"]["theirs"]),
        (&json!(true), &json!(count), &json!(count))
    );
    assert_eq!(view["differences"], json!([]), "no difference");
}

#[test]
fn s3_3_6_with_one_in_twenty_going_wrong_both_sides_are_equal_once_it_heals() {
    const COUNT: usize = 2_000;
    on_each_database(DAY, |world| {
        let approved = issued(world, 1);
        multiply(world, COUNT as i64);
        let (centre, body) = (&approved.school.provincial_centre, approved.school.body);
        let national = National::new(20_261_112, Rates::all(50));
        world.office.exchange_by(Some(national.connector()));
        let days = until_quiet(world, &national, centre, body, 12);
        let (heard, badly_signed) = national.heard();
        assert_eq!(badly_signed, 0);
        assert!(heard > COUNT / 50, "more than one request a part: {heard}");
        assert!(
            world.count("SELECT COUNT(*) FROM exchange_row WHERE state = 'rejected'") > 50,
            "rows were rejected on the way"
        );
        assert!(world.count("SELECT COUNT(*) FROM exchange_package") > 1 && days > 2, "{days} days");
        assert_equal(world, &national, centre, COUNT);

        // Where the national side then changes by itself, the next day's list says so.
        let (lost, changed) = {
            let held = national.held();
            let mut numbers = held.into_keys();
            (numbers.next().expect("one"), numbers.next().expect("another"))
        };
        national.change(|held| {
            held.remove(&lost);
            held.get_mut(&changed).expect("held").cells[4] = "钳工".into();
            let stranger = Held { id: "N99999999".into(), ..held[&changed].clone() };
            held.insert("Y000035999999264000001".into(), stranger);
        });
        let tomorrow = world.office.today().tomorrow().expect("a day").to_string();
        world.on(&tomorrow);
        push_waiting(&world.office).expect("the list");
        let found = world.get(centre, "/exchange-differences").done()["differences"].clone();
        let kinds: std::collections::BTreeSet<&str> =
            found.as_array().expect("differences").iter().map(|one| one["kind"].as_str().expect("a kind")).collect();
        assert_eq!((found.as_array().map(Vec::len), kinds.len()), (Some(3), 3), "{found}");
    });
}

#[test]
fn s3_3_6_the_interface_is_asked_for_only_where_it_is_named_and_what_it_refuses_is_given_up() {
    on_each_database(DAY, |world| {
        let approved = issued(world, 1);
        let (centre, clerk) = (&approved.school.provincial_centre, &approved.school.clerk);
        let made = build(world, clerk, approved.school.body).done();
        let path = format!("/exchange-packages/{}/hand-over", made["package"]);
        assert!(world.post(centre, &path, json!({})).refused("3.3.6").remedy.contains("--exchange-endpoint"));
        let national = National::new(1, Rates::default());
        // Its key is another than the one it knows: refused for good, shown, and tried anew when somebody says so.
        let stranger = ConnectorSettings { key: "22".repeat(32), ..national.settings() };
        world.office.exchange_by(Some(Connector::new(&stranger).expect("a connector")));
        assert_eq!(world.post(clerk, &path, json!({})).status, StatusCode::FORBIDDEN);
        world.post(centre, &path, json!({})).done();
        world.post(centre, &path, json!({})).refused("3.3.6");
        push_waiting(&world.office).expect("a round");
        let line = package(world, centre, &made["package"])["package"].clone();
        assert_eq!(
            (&line["given_up"], &line["error"], &line["sent"]),
            (&json!(1), &json!("国家平台拒收（403）"), &json!(1))
        );
        assert!(world.get(centre, "/work").done()["tasks"].to_string().contains("没有送达"));
        world.office.exchange_by(Some(national.connector()));
        world.post(centre, &path, json!({})).done();
        push_waiting(&world.office).expect("a round");
        assert_eq!(package(world, centre, &made["package"])["package"]["accepted"], 1);
    });
}

#[test]
fn s3_3_6_candidates_data_leaves_only_over_https_or_to_this_machine() {
    let settings = |endpoint: &str, key: &str| ConnectorSettings {
        endpoint: endpoint.into(),
        key: key.into(),
        authority: None,
        timeout: std::time::Duration::from_secs(1),
    };
    let good = "11".repeat(32);
    for endpoint in ["https://national.invalid/v1", "http://127.0.0.1:9/v1", "http://localhost/v1", "http://[::1]:9"] {
        assert!(Connector::new(&settings(endpoint, &good)).is_ok(), "{endpoint}");
    }
    for (endpoint, key) in [
        ("http://national.invalid/v1", good.as_str()),
        ("http://127.0.0.1.invalid/", &good),
        ("ftp://127.0.0.1/", &good),
        ("no address", &good),
        ("https://national.invalid", "11"),
        ("https://national.invalid", &"00".repeat(32)),
    ] {
        assert!(Connector::new(&settings(endpoint, key)).is_err(), "{endpoint}");
    }
}

/// `cargo test --release -p office --test it bench_exchange -- --ignored --nocapture`, as `bench/exchange` runs it.
#[test]
#[ignore = "a measurement"]
fn bench_exchange() {
    let count: usize = std::env::var("ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(20_000);
    let rate: u64 = std::env::var("RATE").ok().and_then(|rate| rate.parse().ok()).unwrap_or(50);
    on_each_database(DAY, |world| {
        let approved = issued(world, 1);
        multiply(world, count as i64);
        let (centre, body) = (&approved.school.provincial_centre, approved.school.body);
        let national = National::new(7, Rates::all(rate));
        world.office.exchange_by(Some(national.connector()));
        #[allow(clippy::disallowed_methods, reason = "a measurement")]
        let began = std::time::Instant::now();
        let days = until_quiet(world, &national, centre, body, 12);
        let sent = began.elapsed();
        assert_equal(world, &national, centre, count);
        println!(
            "{}: {count} rows, {rate} ‰ of each going wrong: {:.1} s until both sides agree ({} requests, {days} days simulated), {:.1} s for the list",
            world.office.engine().name(),
            sent.as_secs_f64(),
            national.heard().0,
            (began.elapsed() - sent).as_secs_f64(),
        );
    });
}
