//! 二（二）4: an employer has certificates checked by the list and learns what the public query would have said.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use calamine::{Reader as _, Xlsx};
use office::web::{Settings, Web, router};
use rules::people::Role;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::certificate::put;
use crate::world::{Person, World, on_each_database};

const DAY: &str = "2026-11-12";
const USCC: &str = "91350100T00T00001P";

/// An employer that the provincial centre has let in, with somebody of it.
fn employer(world: &World) -> Person {
    let centre = world.officer("shengzhongxin", Role::ProvincialCentre, "province-centre");
    let entered = world.post(
        &centre,
        "/employers",
        json!({"name": "示例机械有限公司", "uscc": uscc(), "reason": "来函〔2026〕1号"}),
    );
    let office = entered.done()["office"].as_str().expect("a seat").to_owned();
    world.officer("renshi", Role::Employer, &office)
}

/// A code whose last sign is right.
fn uscc() -> String {
    let base = &USCC[..17];
    let fits = |sign: &char| rules::identity::uscc(&format!("{base}{sign}")).is_ok();
    format!("{base}{}", "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().find(fits).expect("a check character"))
}

fn list(rows: &[[&str; 3]]) -> Vec<u8> {
    let lines = rows.iter().map(|row| format!("{}\n", row.join(",")));
    format!("姓名,证件号码,证书编号\n{}", lines.collect::<String>()).into_bytes()
}

fn check(world: &World, person: &Person, file: &[u8]) -> crate::world::Answer {
    world.post(person, "/certificate-checks", json!({"name": "名单.csv", "content": BASE64.encode(file)}))
}

/// What came of each row of a list.
fn verdicts(world: &World, person: &Person, checked: &Value) -> Vec<(String, String)> {
    let result = world.get(person, &format!("/certificate-checks/{}", checked["id"])).done();
    let text = |row: &Value, name: &str| row[name].as_str().expect("a text").to_owned();
    result["rows"].as_array().expect("rows").iter().map(|row| (text(row, "verdict"), text(row, "reason"))).collect()
}

#[test]
fn s2_2_4c_a_list_is_checked_row_by_row_and_says_no_more_than_the_public_query() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 4);
        let first = world.issue(&approved)["first"].as_str().expect("a number").to_owned();
        let number = |n: usize| format!("{}{:06}", &first[..16], n + 1);
        let people = &approved.people;
        put(
            world,
            "UPDATE certificate SET state = 'revoked', state_on = '2026-11-12' WHERE number = (SELECT MAX(number) FROM certificate)",
            vec![vec![]],
        );
        let person = employer(world);
        let (one, two, last) = (&people[0], &people[1], &people[3]);
        let file = list(&[
            [&one.name, &one.id_number, &number(0)],
            [&one.name, "", &number(0)],
            [&one.name, &one.id_number, ""],
            [&one.name, &two.id_number, &number(0)],
            [&two.name, "", &number(0)],
            [&one.name, "", "Y000035999999264000001"],
            [&last.name, "", &number(3)],
            [&one.name, "", ""],
            ["", &one.id_number, ""],
            [&one.name, "", "12345"],
        ]);
        let checked = check(world, &person, &file).done();
        assert_eq!((&checked["rows"], &checked["valid"]), (&json!(10), &json!(3)));
        let said = verdicts(world, &person, &checked);
        let words: Vec<&str> = said.iter().map(|(verdict, _)| verdict.as_str()).collect();
        let expected = [
            "valid",
            "valid",
            "valid",
            "no_match",
            "no_match",
            "no_match",
            "revoked",
            "unreadable",
            "unreadable",
            "unreadable",
        ];
        assert_eq!(words, expected);
        assert!(said[0].1.contains(&number(0)) && said[0].1.contains("示例一技工学校"), "{:?}", said[0]);
        // Whether the name or the number is wrong, or there is no such number: one and the same.
        assert!(said[3].1 == said[4].1 && said[4].1 == said[5].1, "{said:?}");
        assert!(said[6].1.contains("已撤销（2026年11月12日起）"), "{:?}", said[6]);

        // Nothing of the list lies anywhere in the clear: not in the record, not in the result.
        for text in
            ["SELECT fields FROM record WHERE act = 'CheckCertificates'", "SELECT result_sealed FROM certificate_check"]
        {
            let kept = world.text(text);
            assert!(!kept.is_empty() && !kept.contains(&one.id_number) && !kept.contains(&one.name), "{kept}");
        }

        // The page shows what needs a look, and the whole as a workbook.
        let path = format!("/checks/{}", checked["id"]);
        let page = world.page(Some(&person), &path).text();
        assert!(page.contains("需要留意的") && page.contains("没有姓名") && !page.contains(&number(1)), "{page}");
        let workbook = world.page(Some(&person), &format!("{path}/result.xlsx"));
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(workbook.bytes)).expect("a workbook");
        let range = book.worksheet_range_at(0).expect("a sheet").expect("rows");
        let cells: Vec<String> = range.rows().flat_map(|row| row.iter().map(ToString::to_string)).collect();
        assert!(cells.contains(&one.id_number) && cells.contains(&"已撤销".to_owned()), "{cells:?}");

        // After its days the result is gone, the line that it was checked stays.
        world.on("2026-11-19");
        assert_eq!(verdicts(world, &person, &checked).len(), 10, "the last day");
        world.on("2026-11-20");
        assert_eq!(verdicts(world, &person, &checked).len(), 0);
        assert!(world.page(Some(&person), &path).text().contains("结果已经清除"));
        assert_eq!(world.page(Some(&person), &format!("{path}/result.xlsx")).status, StatusCode::NOT_FOUND);
        assert_eq!(world.text("SELECT result_sealed FROM certificate_check"), "");
    });
}

#[test]
fn s2_2_4c_an_employer_is_let_in_by_the_provincial_centre_and_sees_its_own_alone() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 1);
        world.issue(&approved);
        let person = employer(world);
        let head = &approved.school.head;
        let file = list(&[["示例甲", "", "Y000035999999264000001"]]);
        let checked = check(world, &person, &file).done();
        let path = format!("/certificate-checks/{}", checked["id"]);
        assert_eq!(check(world, head, &file).status, StatusCode::FORBIDDEN);
        assert_eq!(world.get(head, &path).status, StatusCode::FORBIDDEN);
        assert_eq!(world.call(None, Method::GET, &path, None).status, StatusCode::UNAUTHORIZED);
        for forbidden in ["/batches", "/certificates", "/accounts", "/employers", "/filings"] {
            let status = world.get(&person, forbidden).status;
            assert!(matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), "{forbidden}: {status}");
        }
        // Another employer finds nothing of it.
        let other =
            "INSERT INTO office (code, kind, name, division) VALUES ('employer-2', 'employer', '示例乙公司', '350000')";
        put(world, other, vec![vec![]]);
        put(
            world,
            "INSERT INTO employer (office, uscc, reason, entered_on, entered_by) VALUES ('employer-2', '2', '', '2026-11-12', '')",
            vec![vec![]],
        );
        let stranger = world.officer("bieren", Role::Employer, "employer-2");
        assert_eq!(world.get(&stranger, &path).status, StatusCode::NOT_FOUND);
        // Let in once, by the provincial centre alone, under a code that is right.
        let enter = |uscc: &str| json!({"name": "示例机械有限公司", "uscc": uscc, "reason": "来函"});
        let centre = world.officer("shengzhongxin2", Role::ProvincialCentre, "province-centre");
        let twice = world.post(&centre, "/employers", enter(&uscc())).refused("平台规则·用人单位");
        assert!(twice.what.contains("已经开通") && twice.field == "uscc", "{twice:?}");
        assert_eq!(world.post(&centre, "/employers", enter("1")).refused("GB 32100").field, "uscc");
        assert_eq!(world.post(head, "/employers", enter(&uscc())).status, StatusCode::FORBIDDEN);
        // An account of an employer sits on an employer's seat, and nobody else does.
        let administrator = world.administrator("guanli");
        let account = |role: &str, office: &str| {
            let fields = json!({"login": "renshi2", "name": "示例", "role": role, "body": null, "office": office, "password": "一二三四五六七八九十"});
            world.post(&administrator, "/accounts", fields)
        };
        account("employer", "province-centre").refused("平台规则·账号");
        account("city_centre", "employer-2").refused("平台规则·账号");
        account("employer", "employer-2").done();
    });
}

#[test]
fn s2_2_4c_ten_thousand_rows_are_checked_at_once_and_a_day_has_its_measure() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 1);
        let number = world.issue(&approved)["first"].as_str().expect("a number").to_owned();
        let person = employer(world);
        let one = &approved.people[0];
        let rows = |count: usize| {
            let wrong: Vec<String> = (1..count).map(|n| format!("Y00003599999926{:07}", 4_000_000 + n)).collect();
            let mut rows: Vec<[&str; 3]> = wrong.iter().map(|number| ["示例甲", "", number.as_str()]).collect();
            rows.push([&one.name, &one.id_number, &number]);
            list(&rows)
        };
        let full = rows(10_000);
        for _ in 0..5 {
            let checked = check(world, &person, &full).done();
            assert_eq!((&checked["rows"], &checked["valid"]), (&json!(10_000), &json!(1)));
        }
        let refused = check(world, &person, &rows(1)).refused("2.2.4c");
        assert!(refused.what.contains("还可核验0行"), "{refused:?}");
        check(world, &person, &rows(10_001)).refused("平台规则·批量核验");
        check(world, &person, b"\x89PNG\r\n\x1a\n").refused("平台规则·表格文件");
        world.on("2026-11-13");
        check(world, &person, &rows(1)).done();
    });
}

/// Runs the program on the database of a world; its exit status and what it printed.
fn jiangce(arguments: &[&str]) -> (Option<i32>, Value) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_jiangce"))
        .args(arguments)
        .arg("--json")
        .env_remove("JIANGCE_DATA")
        .env_remove("JIANGCE_DATABASE")
        .output()
        .expect("the program runs");
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}

#[test]
fn s2_2_4c_a_list_is_checked_at_home_by_a_signed_index_that_names_nobody() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 2);
        let first = world.issue(&approved)["first"].as_str().expect("a number").to_owned();
        let second = format!("{}000002", &first[..16]);
        put(
            world,
            "UPDATE certificate SET state = 'void', state_on = '2026-11-12' WHERE number = (SELECT MAX(number) FROM certificate)",
            vec![vec![]],
        );
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(at("secret.key"), [7; 32]).expect("the secret");
        let house = ["--data", &folder.path().display().to_string(), "--database", &world.url].map(str::to_owned);
        let house: Vec<&str> = house.iter().map(String::as_str).collect();
        let export = || jiangce(&[&["export", "index", "--out", &at("index.txt")], &house[..]].concat());
        let (status, said) = export();
        assert_eq!((status, &said["rows"], &said["made"]), (Some(0), &json!(2), &json!(2)), "{said}");
        assert_eq!(export().1["made"], 0, "a digest is made once");
        let index = std::fs::read_to_string(at("index.txt")).expect("the index");
        for (person, number) in approved.people.iter().zip([&first, &second]) {
            for personal in [&person.name, &person.id_number, number] {
                assert!(!index.contains(personal.as_str()), "{personal} in the index");
            }
        }

        let key = world.page(None, "/.well-known/jiangce-keys.txt").text();
        std::fs::write(at("keys.txt"), &key).expect("the key");
        let (one, two) = (&approved.people[0], &approved.people[1]);
        std::fs::write(
            at("list.csv"),
            list(&[
                [&one.name, "", &first],
                [&two.name, "", &second],
                [&two.name, "", &first],
                [&one.name, &one.id_number, ""],
            ]),
        )
        .expect("the list");
        let check = || {
            jiangce(&[
                "check",
                "list",
                &at("list.csv"),
                "--index",
                &at("index.txt"),
                "--key",
                &at("keys.txt"),
                "--out",
                &at("out.xlsx"),
            ])
        };
        let (status, said) = check();
        assert_eq!((status, &said["rows"], &said["valid"]), (Some(1), &json!(4), &json!(1)), "{said}");
        let mut book: Xlsx<_> = calamine::open_workbook(at("out.xlsx")).expect("a workbook");
        let range = book.worksheet_range_at(0).expect("a sheet").expect("rows");
        let verdicts: Vec<String> =
            range.rows().map(|row| row[5].to_string()).filter(|cell| !cell.is_empty()).collect();
        assert_eq!(verdicts, ["核验结果", "有效", "已注销", "不符", "未核验"]);

        // An altered state, or an index of somebody else, is refused.
        std::fs::write(at("index.txt"), index.replacen("d\n", "v\n", 1)).expect("altered");
        let (status, said) = check();
        assert!(status == Some(2) && said["error"].as_str().expect("words").contains("签名不成立"), "{said}");

        // Employers fetch it, nobody else does.
        std::fs::write(at("index.txt"), &index).expect("as it was");
        let settings = Settings { index: Some(at("index.txt").into()), ..Settings::default() };
        let app = router(Web { office: world.office.clone(), settings: settings.into() });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let fetch = |person: &Person| {
            let request = Request::builder().uri("/api/certificate-index");
            let request = request.header("authorization", format!("Bearer {}", person.token));
            runtime.block_on(async {
                let response =
                    app.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
                let status = response.status();
                (status, axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body"))
            })
        };
        let (status, body) = fetch(&employer(world));
        assert!(status == StatusCode::OK && body == index.as_bytes());
        assert_eq!(fetch(&approved.school.head).0, StatusCode::FORBIDDEN);
    });
}
