//! 二（二）4 and 三（三）: certificates are issued to whom the centre approved, numbered without a gap, printed, voided.

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _};

use axum::http::StatusCode;
use office::account;
use office::certificate::IssueCertificates;
use office::db::{Keep, Sql, Value as Cell};
use office::door::Via;
use rules::identity::{IdKind, check};
use serde_json::{Value, json};

use crate::stages::School;
use crate::world::{World, on_each_database};

/// The day on which these stories begin.
const DAY: &str = "2026-11-12";

/// A batch of a filed school at stage 已审核, its persons put there as a roster, a review and a photo would leave them.
pub struct Approved {
    pub school: School,
    pub batch: i64,
    pub people: Vec<Someone>,
}

/// A person of such a batch.
#[derive(Clone)]
pub struct Someone {
    pub candidate: i64,
    pub name: String,
    pub id_number: String,
}

/// A made-up resident ID number of someone born in 1880 in a county that does not exist.
pub fn id_number(n: usize) -> String {
    let (month, day, serial) = (n % 12 + 1, n / 12 % 28 + 1, n / 336);
    let base = format!("3501991880{month:02}{day:02}{serial:03}");
    let numbers = "0123456789X".chars().map(|last| format!("{base}{last}"));
    let today = DAY.parse().expect("a day");
    numbers.into_iter().find(|number| check(IdKind::ResidentId, number, today).is_ok()).expect("one of eleven fits")
}

/// A photo as rules ask for it: one inch, a colourful person on white.
pub fn photo() -> Vec<u8> {
    portrait((295, 413), 255, 200)
}

/// A picture of this size: a person of this blue before a ground of this brightness.
pub fn portrait((wide, high): (u32, u32), ground: u8, blue: u8) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::from_fn(wide, high, |x, y| {
        let is_person = (wide / 4..wide * 3 / 4).contains(&x) && y > high / 4;
        image::Rgb(if is_person { [(x % 50 * 5) as u8, (y % 70 * 3) as u8, blue] } else { [ground; 3] })
    })
    .write_to(&mut bytes, image::ImageFormat::Png)
    .expect("a picture");
    bytes.into_inner()
}

/// Puts rows straight into tables, for what these stories start from.
pub fn put(world: &World, text: &'static str, rows: Vec<Vec<Cell>>) {
    let sql = Sql { name: "story", text };
    let job = move |tx: &mut office::db::Tx<'_>| {
        for row in &rows {
            tx.run(&sql, row)?;
        }
        Ok((Keep::Yes, ()))
    };
    world.office.engine().write(job).expect("rows");
}

/// The first column of every row.
pub fn column(world: &World, text: &'static str) -> Vec<Cell> {
    let sql = Sql { name: "story", text };
    let mut found = Vec::new();
    let read: Result<(), office::db::DbError> = world.office.engine().read(|tx| {
        tx.each(&sql, &[], |row| {
            let cell = row.get::<String>(0).map(Cell::from).or_else(|_| row.get::<i64>(0).map(Cell::from))?;
            found.push(cell);
            Ok(())
        })
    });
    read.expect("a column");
    found
}

impl World {
    /// `count` approved persons of a batch of 车工, level 4, examined on 16 and 17 October 2026.
    pub fn approved_batch(&self, name: &str, count: usize) -> Approved {
        let today = self.office.today().to_string();
        self.on("2026-09-01");
        let school = self.filed_school(name);
        self.on(&today);
        let (batch, upload) = (self.office.new_id(), self.office.new_id());
        let text = |text: &str| Cell::from(text);
        let (hash, _) = self.office.files().keep(&photo()).expect("a photo");
        put(
            self,
            "INSERT INTO file (hash, kind, size, stored_at) VALUES (?1, 'png', 1, 0) ON CONFLICT (hash) DO NOTHING",
            vec![vec![text(&hash.0)]],
        );
        put(
            self,
            "INSERT INTO batch (id, number, body, listing, stage, title, code, trade, level, standard, notified_on, starts_on, ends_on, theory_on, practical_on, theory_place, practical_place, expected, plan, version)
             VALUES (?1, ?2, ?3, ?4, 'reviewed', '秋季批次', '6-18-01-01', '车工', '4', '《车工》（2018年版）', '2026-09-18', '2026-10-16', '2026-10-17', '2026-10-16', '2026-10-17', '教学楼', '实训楼', 40, '', 1)",
            vec![vec![Cell::from(batch), Cell::from(format!("P{batch}")), Cell::from(school.body), Cell::from(school.listing)]],
        );
        put(
            self,
            "INSERT INTO roster_upload (id, batch, file, name, rows_read, rows_good, rows_new, findings, at, account_name)
             VALUES (?1, ?2, ?3, '报名表.xlsx', 1, 1, 1, '[]', 0, '示例经办人')",
            vec![vec![Cell::from(upload), Cell::from(batch), text(&hash.0)]],
        );
        let people: Vec<Someone> = (0..count)
            .map(|n| Someone {
                candidate: self.office.new_id(),
                name: format!("示例{}", "甲乙丙丁戊己庚辛壬癸".chars().nth(n % 10).expect("ten")),
                id_number: id_number(n),
            })
            .collect();
        let seals = self.office.seals();
        let rows = people.iter().enumerate().map(|(n, one)| {
            vec![
                Cell::from(one.candidate),
                Cell::from(batch),
                Cell::from(upload),
                Cell::from(n as i64 + 2),
                Cell::from(format!("T{n:05}")),
                text(&one.name),
                Cell::from(seals.find_key(&one.id_number)),
                Cell::from(seals.seal(&one.id_number)),
                text(&hash.0),
            ]
        });
        put(
            self,
            "INSERT INTO candidate (id, batch, upload, sheet, row_no, ticket, name, id_kind, id_key, id_sealed, sex, student_no, major, condition, phone_sealed, photo, verdict, held, review, reviewed_on, reviewed_by)
             VALUES (?1, ?2, ?3, 'Sheet1', ?4, ?5, ?6, '201', ?7, ?8, '男', 'S1', '数控加工', '在校生', '', ?9, 'passed', 0, 'approved', '2026-11-10', '示例审核人')",
            rows.collect(),
        );
        Approved { school, batch, people }
    }

    /// The head issues to everyone approved.
    pub fn issue(&self, approved: &Approved) -> Value {
        self.post(&approved.school.head, &format!("/batches/{}/certificates", approved.batch), json!({})).done()
    }
}

/// Changes one column of a person: what a roster, a review or an objection would have left otherwise.
fn change(world: &World, text: &'static str, candidate: i64) {
    put(world, text, vec![vec![Cell::from(candidate)]]);
}

#[test]
fn s2_2_4b_approved_persons_receive_numbered_certificates_and_the_batch_is_done() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 3);
        let (head, batch) = (&approved.school.head, approved.batch);
        let work = world.get(head, "/work").done();
        let task =
            work["tasks"].as_array().expect("tasks").iter().find(|task| task["clause"] == "2.2.4b").expect("the task");
        assert!(task["what"].as_str().expect("words").starts_with("核发证书："), "{task}");
        assert!(task["detail"].as_str().expect("words").contains("审核通过 3 人"), "{task}");
        let page = world.page(Some(head), &format!("/batches/{batch}/certificates"));
        assert!(page.text().contains("为 3 人发证"), "{}", page.text());

        let issued = world.issue(&approved);
        let prefix = format!("{}264", approved.school.number);
        assert_eq!(issued["first"], format!("{prefix}000001"));
        assert_eq!((&issued["last"], &issued["issued"]), (&json!(format!("{prefix}000003")), &json!(3)));
        let view = world.get(head, &format!("/batches/{batch}/certificates")).done();
        assert_eq!((&view["stage"], &view["ready"], &view["valid"]), (&json!("issued"), &json!(0), &json!(3)));
        world.post(head, &format!("/batches/{batch}/certificates"), json!({})).refused("2.2.4b");
        let centre = world.page(Some(&approved.school.centre), "/work").text();
        assert!(!centre.contains("核发证书 3 本"), "messages wait for delivery");
        world.on(DAY);
        assert!(world.page(Some(&approved.school.centre), "/work").text().contains("核发证书 3 本"));
        // The next batch of the same year and level goes on where this one ended; another level or year begins anew.
        world.on("2026-11-13");
        assert!(world.page(None, "/query").text().contains("查一本职业技能等级证书"));
    });
}

#[test]
fn s2_2_4a_who_is_not_approved_not_passed_or_held_receives_none() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 5);
        let path = format!("/batches/{}/certificates", approved.batch);
        let head = &approved.school.head;
        let one = |n: usize| json!({"candidates": [approved.people[n].candidate]});
        change(world, "UPDATE candidate SET review = NULL WHERE id = ?1", approved.people[0].candidate);
        change(
            world,
            "UPDATE candidate SET review = 'returned', review_reason = '照片不符' WHERE id = ?1",
            approved.people[1].candidate,
        );
        change(world, "UPDATE candidate SET held = 1 WHERE id = ?1", approved.people[2].candidate);
        change(world, "UPDATE candidate SET verdict = 'failed' WHERE id = ?1", approved.people[3].candidate);
        assert!(world.post(head, &path, one(0)).refused("2.2.4a").remedy.contains("审核通过后再制证"));
        assert!(world.post(head, &path, one(1)).refused("2.2.4a").what.contains("照片不符"));
        world.post(head, &path, one(2)).refused("2.2.3b");
        world.post(head, &path, one(3)).refused("1.5.1");
        // Chosen together with someone who may have one, the others are named and left out.
        let all: Vec<i64> = approved.people.iter().map(|one| one.candidate).collect();
        let issued = world.post(head, &path, json!({"candidates": all})).done();
        assert_eq!((issued["issued"].as_i64(), issued["left_out"].as_array().map(Vec::len)), (Some(1), Some(4)));
        world.post(head, &path, one(4)).refused("2.2.4b");
        // Neither the clerk nor the centre signs for the body; another body's head sees nothing.
        assert_eq!(world.post(&approved.school.clerk, &path, json!({})).status, StatusCode::FORBIDDEN);
        assert_eq!(world.post(&approved.school.centre, &path, json!({})).status, StatusCode::FORBIDDEN);
        let other = world.new_school("示例二技工学校", "city", "350102");
        assert_eq!(world.post(&other.head, &path, json!({})).status, StatusCode::NOT_FOUND);
        assert_eq!(world.get(&other.head, &path).status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn s2_2_4b_nobody_receives_two_certificates_of_one_occupation_and_level_from_batches_side_by_side() {
    on_each_database(DAY, |world| {
        let (first, second) = (world.approved_batch("示例一技工学校", 2), world.approved_batch("示例二技工学校", 3));
        world.issue(&first);
        let issued = world.issue(&second);
        assert_eq!((&issued["issued"], issued["left_out"].as_array().map(Vec::len)), (&json!(1), Some(2)));
        let refusal = &issued["left_out"][0]["refusal"];
        assert!(refusal["what"].as_str().expect("words").contains(&first.school.number), "{refusal}");
        // Without the other certificate nothing stands in the way.
        let list = world.get(&first.school.head, "/certificates").done();
        for certificate in list["certificates"].as_array().expect("certificates") {
            let pair = (&first.school.clerk, &first.school.head);
            world.change_certificate(pair, &certificate["id"], "void", json!({"reason": "与另一批次重复发证"}));
        }
        assert_eq!(world.issue(&second)["issued"], 2);
    });
}

#[test]
fn s2_2_4b_a_name_that_no_font_has_and_a_missing_photo_stop_that_one_certificate() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 7);
        let names = ["陈䶮", "王𬎆", "林㛃", "李堃", "买买提·艾山"];
        for (one, name) in approved.people.iter().zip(names) {
            put(
                world,
                "UPDATE candidate SET name = ?2 WHERE id = ?1",
                vec![vec![Cell::from(one.candidate), Cell::from(name)]],
            );
        }
        let (odd, bare) = (approved.people[5].candidate, approved.people[6].candidate);
        put(
            world,
            "UPDATE candidate SET name = ?2 WHERE id = ?1",
            vec![vec![Cell::from(odd), Cell::from("赵\u{E123}")]],
        );
        change(world, "UPDATE candidate SET photo = NULL WHERE id = ?1", bare);
        let path = format!("/batches/{}/certificates", approved.batch);
        let page = world.page(Some(&approved.school.head), &path).text();
        assert!(page.contains("没有可用的字形") && page.contains("没有照片"), "{page}");
        let issued = world.issue(&approved);
        assert_eq!(issued["issued"], 5);
        let left: Vec<&Value> = issued["left_out"].as_array().expect("a list").iter().collect();
        assert_eq!(left.iter().map(|one| one["candidate"].as_i64()).collect::<Vec<_>>(), [Some(odd), Some(bare)]);
        assert!(left[0]["refusal"]["what"].as_str().expect("words").contains("U+E123"), "{left:?}");
        assert!(left[1]["refusal"]["remedy"].as_str().expect("words").contains("证件照"), "{left:?}");
        let view = world.get(&approved.school.head, &path).done();
        assert_eq!((&view["stage"], &view["stuck"]), (&json!("reviewed"), &json!(2)), "the batch waits for the two");
        // Their numbers were not used up: when the name is put right the counter goes on without a gap.
        put(
            world,
            "UPDATE candidate SET name = '赵示例', photo = (SELECT MAX(photo) FROM candidate) WHERE id = ?1",
            vec![vec![Cell::from(odd)], vec![Cell::from(bare)]],
        );
        let rest = world.issue(&approved);
        assert!(rest["first"].as_str().expect("a number").ends_with("000006"), "{rest}");
        // Every name that was issued prints.
        let zip = world.page(Some(&approved.school.head), &format!("{path}.zip"));
        let mut archive = zip::ZipArchive::new(Cursor::new(zip.bytes)).expect("a ZIP");
        assert_eq!(archive.len(), 7);
        for n in 0..archive.len() {
            let mut pdf = Vec::new();
            archive.by_index(n).expect("an entry").read_to_end(&mut pdf).expect("its bytes");
            assert!(pdf.starts_with(b"%PDF"), "entry {n}");
        }
    });
}

#[test]
fn s2_2_4b_a_certificate_leaves_as_pdf_with_a_statement_inside_and_a_trace_behind() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 2);
        world.issue(&approved);
        let (head, batch) = (&approved.school.head, approved.batch);
        let list = world.get(head, &format!("/certificates?batch={batch}")).done();
        let line = &list["certificates"][1];
        assert_eq!(
            (&line["name"], &line["id_number"]),
            (&json!("示**"), &json!("350***********0018".replace("0018", &approved.people[0].id_number[14..])))
        );
        let id = line["id"].as_i64().expect("an id");
        let before = column(world, "SELECT look FROM sight").len();
        let pdf = world.page(Some(head), &format!("/certificates/{id}.pdf"));
        assert_eq!(pdf.headers["content-type"], "application/pdf");
        assert!(pdf.bytes.len() < 120_000, "{} bytes", pdf.bytes.len());
        assert_eq!(column(world, "SELECT look FROM sight").len(), before + 1);
        let statement = press::attachment(&pdf.bytes).expect("a statement");
        let keys = world.page(None, "/.well-known/jiangce-keys.txt").text();
        let keys = proof::read_keys(&keys).expect("the keys");
        let proof::Verdict::Verified(stated) = proof::verify(&statement, &keys) else { panic!("not verified") };
        assert_eq!(Value::from(stated.number.as_str()), line["number"]);
        assert!(stated.is_of(&approved.people[0].name, &approved.people[0].id_number));
        assert!(
            stated.url.starts_with("http://test.invalid/c/") && !stated.url.contains(&approved.people[0].id_number)
        );
        let by_api = world.get(head, &format!("/certificates/{id}/document"));
        assert_eq!(by_api.bytes, pdf.bytes, "the same certificate, the same bytes");
        let paper = world.page(Some(head), &format!("/batches/{batch}/certificates.pdf"));
        assert!(paper.bytes.starts_with(b"%PDF") && paper.headers["content-length"] == paper.bytes.len().to_string());
        assert_eq!(world.get(head, &format!("/batches/{batch}/certificates/paper")).status, StatusCode::OK);
        assert_eq!(world.get(head, &format!("/batches/{batch}/certificates/archive")).status, StatusCode::OK);
        // The centre in charge may fetch it as well; another city and the public may not.
        assert_eq!(
            world.page(Some(&approved.school.centre), &format!("/certificates/{id}.pdf")).status,
            StatusCode::OK
        );
        let other = world.officer_at(rules::people::Role::CityCentre, "city-350200-centre");
        assert_eq!(world.get(&other, &format!("/certificates/{id}/document")).status, StatusCode::NOT_FOUND);
        assert_eq!(world.get(&other, "/certificates").done()["certificates"], json!([]));
        assert_eq!(world.public(&format!("/certificates/{id}/document")).status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn s3_3_6_a_certificate_is_voided_with_its_reason_and_its_number_stays_used() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 1);
        world.issue(&approved);
        let head = &approved.school.head;
        let list = world.get(head, "/certificates").done();
        let id = list["certificates"][0]["id"].as_i64().expect("an id");
        let number = list["certificates"][0]["number"].as_str().expect("a number").to_owned();
        let pair = (&approved.school.clerk, head);
        world.change_certificate(pair, &json!(id), "void", json!({"reason": "等级录入有误"}));
        // Voided, the person has none, and a right one can be issued under another number.
        let batch = world.get(head, &format!("/batches/{}/certificates", approved.batch)).done();
        assert_eq!((&batch["stage"], &batch["ready"], &batch["valid"]), (&json!("reviewed"), &json!(1), &json!(0)));
        assert!(world.get(head, "/work").done()["tasks"].to_string().contains("已审核通过 1 人"));
        assert!(world.issue(&approved)["first"].as_str().expect("a number").ends_with("000002"));
        let detail = world.get(head, &format!("/certificates/{id}")).done();
        assert_eq!((&detail["state"], &detail["state_reason"]), (&json!("void"), &json!("等级录入有误")));
        let one = &approved.people[0];
        let asked = world
            .public(&format!("/certificates/query?name={}&number={number}", crate::query::escaped(&one.name)))
            .done();
        assert_eq!(asked["certificates"][0]["state"], "void");
        let page = world.page(Some(head), &format!("/certificates/{id}")).text();
        assert!(page.contains("已注销") && page.contains("等级录入有误"));
        // What was voided is never printed again as if it were good.
        assert!(!page.contains(&format!("/certificates/{id}.pdf")), "{page}");
        let paper = world.page(Some(head), &format!("/certificates/{id}.pdf"));
        assert_eq!(paper.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(paper.text().contains("已注销"), "{}", paper.text());
        world.get(head, &format!("/certificates/{id}/document")).refused("3.3.6");
        // The next certificate of the series takes the next number.
        let second = world.approved_batch("示例二技工学校", 1);
        change(world, "UPDATE batch SET listing = (SELECT MIN(id) FROM listing) WHERE id = ?1", second.batch);
        put(world, "UPDATE certificate SET state = 'void'", vec![vec![]]);
        assert!(world.issue(&second)["first"].as_str().expect("a number").ends_with("000003"));
    });
}

#[test]
fn s2_2_4b_five_hundred_issue_at_once_and_leave_no_gap_and_no_duplicate() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 500);
        let office = &world.office;
        let head = account::caller_for(office, &approved.school.head.login, Via::Api).expect("the head");
        std::thread::scope(|scope| {
            for thread in 0..32 {
                let (head, approved) = (&head, &approved);
                scope.spawn(move || {
                    for one in approved.people.iter().skip(thread).step_by(32) {
                        let act = IssueCertificates { batch: approved.batch, candidates: Some(vec![one.candidate]) };
                        assert_eq!(office.act(head, act).expect("issued").issued, 1);
                    }
                });
            }
        });
        let numbers: BTreeSet<String> = column(world, "SELECT number FROM certificate")
            .into_iter()
            .map(|cell| if let Cell::Text(number) = cell { number } else { panic!("a number is text") })
            .collect();
        let expected: BTreeSet<String> = (1..=500).map(|n| format!("{}264{n:06}", approved.school.number)).collect();
        assert_eq!(numbers, expected);
        assert_eq!(column(world, "SELECT stage FROM batch"), [Cell::from("issued")]);
    });
}

#[test]
fn house_ten_thousand_certificates_are_issued_in_one_act() {
    let world = World::on_sqlite(DAY);
    let approved = world.approved_batch("示例一技工学校", 10_000);
    let began = std::time::Instant::now();
    let issued = world.issue(&approved);
    let took = began.elapsed();
    assert_eq!(issued["issued"], 10_000);
    assert!(issued["last"].as_str().expect("a number").ends_with("010000"));
    // Five seconds are for a release build on an idle machine; without optimisation it may take this long.
    assert!(took.as_secs() < 30, "{took:?}");
    println!("10,000 certificates in {took:?}");
}

#[test]
fn house_a_list_of_certificates_goes_on_where_it_ended_and_finds_by_name_number_and_batch() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 60);
        world.issue(&approved);
        let (school, batch) = (&approved.school, approved.batch);
        let department = world.officer_at(rules::people::Role::ProvincialDepartment, "province-department");
        for person in [&school.head, &school.centre, &department] {
            let first = world.get(person, "/certificates").done();
            let second = world.get(person, &format!("/certificates?before={}", first["earlier"])).done();
            let numbers = |view: &Value| -> Vec<String> {
                let lines = view["certificates"].as_array().expect("a list").iter();
                lines.map(|line| line["number"].as_str().expect("a number").to_owned()).collect()
            };
            let (mut all, rest) = (numbers(&first), numbers(&second));
            assert_eq!((all.len(), rest.len(), &second["earlier"]), (50, 10, &Value::Null), "{}", person.login);
            all.extend(rest);
            assert!(all.is_sorted_by(|a, b| a > b), "the latest first");
            let named = crate::query::escaped(&approved.people[3].name);
            for wanted in [format!("batch={batch}&wanted={named}"), format!("wanted={named}")] {
                assert_eq!(numbers(&world.get(person, &format!("/certificates?{wanted}")).done()).len(), 6);
            }
            let one = world.get(person, &format!("/certificates?wanted={}", all[7])).done();
            assert_eq!(numbers(&one), [all[7].clone()]);
            assert_eq!(numbers(&world.get(person, &format!("/certificates?batch={batch}")).done()).len(), 50);
        }
        let page = world.page(Some(&school.head), "/certificates").text();
        assert!(page.contains("更早的证书") && !page.contains("回到最新"), "{page}");
        let other = world.officer_at(rules::people::Role::CityCentre, "city-350200-centre");
        for path in ["/certificates", "/certificates?wanted=示例甲", "/records"] {
            let seen = world.get(&other, &path.replace("示例甲", &crate::query::escaped("示例甲"))).done();
            let lists = [&seen["certificates"], &seen["records"]];
            assert!(lists.iter().all(|list| list.as_array().is_none_or(Vec::is_empty)), "{path}: {seen}");
        }
    });
}

#[test]
fn house_no_list_reads_every_certificate_or_every_record() {
    let world = World::on_sqlite(DAY);
    // Which index each begins with; those of everything go along the key and end at the page's length.
    let expected = [
        ("certificate::store::BY_NUMBER", "certificate_number"),
        ("certificate::store::BY_NAME", "certificate_name"),
        ("certificate::store::OF_BATCH", "certificate_batch"),
        ("certificate::store::OF_BODIES", "certificate_body"),
        ("certificate::store::OF_ALL", "certificate_1 (id<?)"),
        ("audit::store::PAGE", "record_1 (id<?)"),
        ("audit::store::REFUSED", "record_refused"),
        ("audit::store::OF_BODIES", "record_body"),
        ("audit::store::REFUSED_OF_BODIES", "record_body"),
    ];
    for (name, index) in expected {
        let statements = office::statements();
        let sql = statements.iter().find(|sql| sql.name.ends_with(name)).unwrap_or_else(|| panic!("{name}"));
        let plan = Sql { name: "plan", text: format!("EXPLAIN QUERY PLAN {}", sql.text).leak() };
        let nothing = vec![Cell::Null; sql.text.matches('?').count()];
        let wanted = (1..=7).rev().find(|n| sql.text.contains(&format!("?{n}"))).expect("a placeholder");
        let mut steps = Vec::new();
        let read: Result<(), office::db::DbError> = world.office.engine().read(|tx| {
            tx.each(&plan, &nothing[..wanted], |row| {
                steps.push(row.get::<String>(3)?);
                Ok(())
            })
        });
        read.expect("a plan");
        let uses = steps.iter().any(|step| step.contains(index));
        let scans = steps.iter().any(|step| ["SCAN c", "SCAN r", "SCAN x"].iter().any(|scan| step == scan));
        assert!(uses && !scans, "{name}: {steps:?}");
    }
}

#[test]
fn house_who_reads_slowly_holds_nothing_up() {
    use tower::ServiceExt as _;
    let world = World::on_sqlite(DAY);
    let approved = world.approved_batch("示例一技工学校", 24);
    world.issue(&approved);
    let settings = office::web::Settings { queries_per_minute: 0, ..Default::default() };
    let app = office::web::router(office::web::Web { office: world.office.clone(), settings: settings.into() });
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(2).build().expect("a runtime");
    let ask = |path: String| {
        let cookie = format!("jiangce={}", approved.school.head.token);
        let request = axum::http::Request::get(path).header("cookie", cookie).body(axum::body::Body::empty());
        app.clone().oneshot(request.expect("a request"))
    };
    runtime.block_on(async {
        let mut unread = Vec::new();
        for _ in 0..3 {
            unread.push(ask(format!("/batches/{}/certificates.zip", approved.batch)).await.expect("an answer"));
        }
        // Long enough for what is printed without being asked for to fill every pipe.
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        let page = tokio::time::timeout(std::time::Duration::from_secs(20), ask("/work".into())).await;
        assert_eq!(page.expect("in time").expect("an answer").status(), StatusCode::OK);
        // Each is whole when it is read at last.
        for answer in unread {
            let bytes = axum::body::to_bytes(answer.into_body(), 64 << 20).await.expect("a ZIP");
            assert_eq!(zip::ZipArchive::new(Cursor::new(bytes)).expect("a ZIP").len(), 24);
        }
    });
}

#[test]
fn s2_2_4b_a_certificate_goes_on_blanks_as_far_aside_as_its_body_says() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 2);
        world.issue(&approved);
        let (head, clerk, batch) = (&approved.school.head, &approved.school.clerk, approved.batch);
        let unset = world.get(clerk, "/print-offset").done();
        assert_eq!((&unset["right"], &unset["down"], &unset["set_by"]), (&json!(0), &json!(0), &Value::Null));
        let printed = || world.page(Some(head), &format!("/batches/{batch}/certificates-on-blanks.pdf"));
        let before = printed();
        assert_eq!(before.headers["content-type"], "application/pdf");

        // On the page as people write millimetres; what can't be is refused at its field and stays as it was typed.
        let path = "/certificates/printing";
        for (right, down, why) in [("一点", "0", "不是毫米数"), ("1.2", "10.1", "超过 10 毫米")] {
            let refused = world.submit(Some(clerk), path, path, &[("right", right), ("down", down)]);
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            let page = refused.text();
            assert!(page.contains(why) && page.contains(&format!("value=\"{right}\"")), "{page}");
        }
        world.post(clerk, "/print-offset", json!({"right": -101, "down": 0})).refused("2.2.4b");
        let kept = world.submit(Some(clerk), path, path, &[("right", "1.2"), ("down", "－0.5")]);
        assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.text());
        let set = world.get(head, "/print-offset").done();
        assert_eq!((&set["right"], &set["down"], &set["set_on"]), (&json!(12), &json!(-5), &json!(DAY)));
        assert!(world.page(Some(head), path).text().contains("向右 1.2 毫米，向下 -0.5 毫米"));
        assert_ne!(printed().bytes, before.bytes, "what is printed has moved");
        assert_eq!(world.get(head, &format!("/batches/{batch}/certificates/data")).bytes, printed().bytes);

        // The blank and the sheet to try are a body's own; another's offset is another's.
        for file in ["blank", "trial"] {
            let by_page = world.page(Some(clerk), &format!("{path}/{file}.pdf"));
            assert!(by_page.bytes.starts_with(b"%PDF"), "{file}");
            assert_eq!(world.get(clerk, &format!("/print-offset/{file}")).bytes, by_page.bytes, "{file}");
            assert_eq!(world.public(&format!("/print-offset/{file}")).status, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(world.get(&approved.school.centre, "/print-offset").status, StatusCode::NOT_FOUND);
        let by_centre = world.post(&approved.school.centre, "/print-offset", json!({"right": 0, "down": 0}));
        assert_eq!(by_centre.status, StatusCode::FORBIDDEN);
    });
}
