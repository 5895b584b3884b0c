//! 三（三）: the archive of a batch: five volumes, what is missing, closing, opening with a reason, checking offline.

use std::io::{Cursor, Read as _};

use axum::http::StatusCode;
use office::cli::archive::verify;
use office::door::FileHash;
use rules::people::Role;
use serde_json::{Value, json};

use crate::held::Held;
use crate::stages::PDF;
use crate::world::{Answer, Person, World, on_each_database};

/// A batch of five, one of them absent, whose four certificates were issued on Monday 28 September 2026.
fn issued(world: &World) -> Held {
    let held = world.reviewed_batch(1, 5, &[(4, "缺考", "85")]);
    world.photograph(&held, &[0, 1, 2, 3]);
    world.post(&held.head, &format!("/batches/{}/certificates", held.batch), json!({})).done();
    held
}

fn path(held: &Held, part: &str) -> String {
    format!("/batches/{}/archive{part}", held.batch)
}

/// A piece in the cupboard.
fn paper(kind: &str) -> Value {
    json!({"kind": kind, "title": format!("示例{kind}"), "made_on": "2026-09-14", "place": "档案室2号柜", "shelf": "3-1", "pages": 12})
}

/// The codes of what is missing.
fn missing(view: &Value) -> Vec<&str> {
    view["missing"].as_array().expect("a list").iter().filter_map(|one| one["kind"].as_str()).collect()
}

/// The titles of a volume, counted from 1.
fn titles(view: &Value, volume: usize) -> Vec<&str> {
    let entries = view["volumes"][volume - 1]["entries"].as_array().expect("entries");
    entries.iter().filter_map(|entry| entry["title"].as_str()).collect()
}

/// Opens the whole archive and fetches it.
fn fetch(world: &World, person: &Person, held: &Held) -> Answer {
    let why = json!({"reason": "核查考评记录"});
    let opening = world.post(person, &path(held, "/openings"), why).done()["id"].clone();
    world.get(person, &path(held, &format!("/openings/{opening}/file")))
}

/// What `jiangce archive verify` says of these bytes.
fn verified(bytes: &[u8], digest: Option<&str>) -> (bool, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("档案.zip");
    std::fs::write(&file, bytes).expect("a file");
    let outcome = verify(&file, digest).expect("an archive");
    (outcome.well, outcome.text)
}

#[test]
fn s3_3_1_a_batch_is_archived_in_five_volumes_and_a_stranger_checks_the_zip() {
    on_each_database("2026-08-31", |world: &World| {
        let held = issued(world);
        // What the records have stands in its volume by itself; what arose on paper is missed, with clause and remedy.
        let open = world.get(&held.centre, &path(&held, "")).done();
        assert_eq!((&open["due_on"], &open["closed_on"]), (&json!("2026-10-16"), &Value::Null));
        assert_eq!(titles(&open, 1)[0], "考生名册");
        assert!(titles(&open, 4).contains(&"成绩册") && titles(&open, 4).contains(&"公示名单"));
        assert_eq!(titles(&open, 5), ["上报和逐人审核", "证书名册"]);
        let asked = missing(&open);
        assert!(
            asked.contains(&"answers") && asked.contains(&"score_sheet") && asked.contains(&"assignment"),
            "{asked:?}"
        );
        assert!(!asked.contains(&"review_sheet") && !asked.contains(&"course_paper"), "{asked:?}");
        let answers =
            open["missing"].as_array().and_then(|all| all.iter().find(|one| one["kind"] == "answers")).expect("one");
        assert_eq!(answers["clause"], "1.5.1");
        assert!(answers["remedy"].as_str().is_some_and(|text| text.contains("登记“理论答卷”的存放位置")));

        // Paper with its shelf, a scan checked by its content, and one entered in error.
        world.post(&held.clerk, &path(&held, "/pieces"), paper("answers")).done();
        let scan = |bytes: &[u8]| {
            let file = world.keep(&held.clerk, bytes);
            json!({"kind": "sign_in", "title": "签到表", "made_on": "2026-09-14", "file": file, "file_name": "签到.pdf"})
        };
        world.post(&held.clerk, &path(&held, "/pieces"), scan(PDF)).done();
        let no = world.post(&held.clerk, &path(&held, "/pieces"), scan("签到表".as_bytes())).refused("3.3.1");
        assert_eq!(no.field, "file");
        let wrong = world.post(&held.clerk, &path(&held, "/pieces"), paper("inspection")).done()["id"].clone();
        let removal = path(&held, &format!("/pieces/{wrong}/removal"));
        world.post(&held.clerk, &removal, json!({})).done();
        let now = world.get(&held.head, &path(&held, "")).done();
        assert!(!missing(&now).contains(&"answers") && missing(&now).contains(&"inspection"));

        // The head closes it, with the reason why pieces are missing.
        assert_eq!(world.post(&held.clerk, &path(&held, ""), json!({"note": "…"})).status, StatusCode::FORBIDDEN);
        let no = world.post(&held.head, &path(&held, ""), json!({})).refused("3.3.1");
        assert!(no.what.starts_with("还缺") && no.what.contains("质量督导报告"), "{no:?}");
        let closed = world.post(&held.head, &path(&held, ""), json!({"note": "存于教务处，另行移交"})).done();
        let digest = closed["digest"].as_str().expect("a digest").to_owned();
        let view = world.get(&held.clerk, &path(&held, "")).done();
        assert_eq!((&view["digest"], &view["closed_on"]), (&json!(digest), &json!("2026-09-28")));
        world.post(&held.head, &path(&held, ""), json!({"note": "…"})).refused("3.3.1");
        let batch = world.get(&held.head, &format!("/batches/{}", held.batch)).done();
        assert!(batch["next"].is_null());
        let step = batch["steps"].as_array().and_then(|steps| steps.last()).expect("a step");
        assert_eq!(
            (&step["code"], &step["state"], &step["on"]),
            (&json!("archive"), &json!("done"), &json!("2026-09-28"))
        );

        // The ZIP holds the five folders, says so itself, and is the same each time.
        let zip = fetch(world, &held.centre, &held).bytes;
        assert_eq!(zip, fetch(world, &held.head, &held).bytes, "the same state gives the same bytes");
        let (well, said) = verified(&zip, Some(&digest));
        assert!(well, "{said}");
        assert!(!verified(&zip, Some(&digest.replace(char::is_numeric, "0"))).0);
        let mut archive = zip::ZipArchive::new(Cursor::new(&zip)).expect("a ZIP");
        let names: Vec<String> = archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
        for wanted in ["1-报名卷/000-封面和目录.pdf", "5-证书卷/002-证书名册.xlsx", "目录.json", "SHA256SUMS"]
        {
            assert!(names.iter().any(|name| name == wanted), "{wanted} in {names:?}");
        }
        assert_eq!(names.iter().filter(|name| name.starts_with("5-证书卷/证书/")).count(), 4);
        assert_eq!(names.iter().filter(|name| name.contains("考生照片/")).count(), 4);

        // One mark changed inside, with the ZIP's own lists left alone, is found.
        let mut forged = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for at in 0..archive.len() {
            let mut entry = archive.by_index(at).expect("an entry");
            let name = entry.name().expect("a name").into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("its bytes");
            if name.ends_with("成绩册.xlsx") {
                bytes.push(b' ');
            }
            forged.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
            std::io::Write::write_all(&mut forged, &bytes).expect("its bytes");
        }
        let (well, said) = verified(&forged.finish().expect("a ZIP").into_inner(), Some(&digest));
        assert!(!well && said.contains("成绩册.xlsx”与摘要不符"), "{said}");
    });
}

#[test]
fn s3_3_1_who_opens_an_archive_says_why_and_what_comes_later_is_a_supplement() {
    on_each_database("2026-08-31", |world: &World| {
        let held = issued(world);
        let no = world.post(&held.centre, &path(&held, "/openings"), json!({"reason": "核查"})).refused("3.3.1");
        assert_eq!(no.what, "本批次还没有归档");
        let scan = json!({"kind": "answers", "title": "理论答卷", "made_on": "2026-09-14", "file": world.keep(&held.clerk, PDF), "file_name": "a.pdf"});
        let scan = world.post(&held.clerk, &path(&held, "/pieces"), scan).done()["id"].clone();
        world.post(&held.head, &path(&held, ""), json!({"note": "另行移交"})).done();

        // Without a reason nothing opens; with one, only who gave it, only today, and the look leaves a trace.
        let no = world.post(&held.centre, &path(&held, "/openings"), json!({"reason": " "})).refused("3.3.1");
        assert_eq!((&*no.what, &*no.field), ("没有写明调阅原因", "reason"));
        let why = json!({"piece": scan, "reason": "核查第3号考生的答卷"});
        let opening = world.post(&held.centre, &path(&held, "/openings"), why).done()["id"].clone();
        let file = path(&held, &format!("/openings/{opening}/file"));
        let traces = || world.count("SELECT COUNT(*) FROM sight WHERE look = 'Candidates'");
        let before = traces();
        assert_eq!(world.get(&held.centre, &file).bytes, PDF);
        assert_eq!(traces(), before + 1);
        assert_eq!(world.get(&held.head, &file).status, StatusCode::NOT_FOUND);
        let elsewhere = world.officer("xiamen", Role::CityCentre, "city-350200-centre");
        assert_eq!(world.get(&elsewhere, &file).status, StatusCode::NOT_FOUND);
        let no_grant = world.post(&elsewhere, &path(&held, "/openings"), json!({"reason": "核查"}));
        assert_eq!(no_grant.status, StatusCode::NOT_FOUND);

        // Head and centre see who opened it; the clerk does not; the ledger has it among the acts.
        let seen = world.get(&held.head, &path(&held, "")).done();
        let opening = &seen["openings"][0];
        assert_eq!((&opening["reason"], &opening["piece"]), (&json!("核查第3号考生的答卷"), &json!("理论答卷")));
        assert_eq!(world.get(&held.clerk, &path(&held, "")).done()["openings"], json!([]));
        let ledger = world.get(&held.head, &format!("/batches/{}/ledger", held.batch)).done();
        assert!(ledger["acts"].as_array().is_some_and(|acts| acts.iter().any(|act| act["act"] == "调阅档案")));
        world.on("2026-09-29");
        assert_eq!(world.get(&held.centre, &file).json()["refusal"]["clause"], "3.3.1");

        // Later pieces say why they come later; the list that was closed stays as it is.
        let digest = seen["digest"].as_str().expect("a digest").to_owned();
        assert_eq!(
            world.post(&held.clerk, &path(&held, "/pieces"), paper("inspection")).refused("3.3.1").field,
            "reason"
        );
        let mut late = json!({"kind": "inspection", "title": "质量督导报告", "made_on": "2026-09-16", "file": world.keep(&held.clerk, PDF), "file_name": "b.pdf"});
        late["reason"] = json!("督导员归档后交来");
        world.post(&held.clerk, &path(&held, "/pieces"), late).done();
        let removal = path(&held, &format!("/pieces/{scan}/removal"));
        world.post(&held.clerk, &removal, json!({})).refused("3.3.1");
        let after = world.get(&held.head, &path(&held, "")).done();
        assert_eq!(after["digest"], json!(digest));
        let added = &after["volumes"][2]["entries"];
        let last = added.as_array().and_then(|entries| entries.last()).expect("an entry");
        assert_eq!((&last["title"], &last["supplement"]), (&json!("质量督导报告"), &json!("督导员归档后交来")));
        let (well, said) = verified(&fetch(world, &held.head, &held).bytes, Some(&digest));
        assert!(well, "{said}");

        // Papers are kept three years, files five, results and certificates for ever.
        let until = |volume: usize, title: &str| {
            let entries = after["volumes"][volume - 1]["entries"].as_array().expect("entries");
            let entry = entries.iter().find(|entry| entry["title"] == title).expect("an entry");
            (entry["kept_until"].as_str().map(str::to_owned), entry["for_ever"].as_bool())
        };
        assert_eq!(until(4, "理论答卷"), (Some("2031-09-28".into()), Some(false)));
        assert_eq!(until(4, "成绩册"), (None, Some(true)));
        assert_eq!(until(5, "证书名册"), (None, Some(true)));
    });
}

#[test]
fn s3_3_1_what_was_kept_long_enough_is_destroyed_by_two_persons_and_results_and_certificates_never() {
    on_each_database("2026-08-31", |world: &World| {
        let held = issued(world);
        let own = [PDF, b"% only here"].concat();
        let scan = |title: &str, bytes: &[u8]| {
            let file = world.keep(&held.clerk, bytes);
            let fields = json!({"kind": "sign_in", "title": title, "made_on": "2026-09-14", "file": file, "file_name": "签到.pdf"});
            (world.post(&held.clerk, &path(&held, "/pieces"), fields).done()["id"].clone(), FileHash(file))
        };
        let (piece, alone) = scan("理论签到表", &own);
        // The same bytes are a material of the school's filing.
        let (_, shared) = scan("实操签到表", PDF);
        world.post(&held.clerk, &path(&held, "/pieces"), paper("answers")).done();
        let note = json!({"note": "存于教务处，另行移交"});
        let digest = world.post(&held.head, &path(&held, ""), note).done()["digest"].as_str().expect("it").to_owned();
        let before = fetch(world, &held.centre, &held).bytes;

        let why = json!({"reason": "档案室示例老师鉴定，保管期满"});
        let propose = |by: &Person| world.post(by, &path(&held, "/destructions"), why.clone());
        let early = propose(&held.clerk).refused("3.3.1");
        assert!(early.what.contains("2029-09-28") && early.remedy.contains("永久保管"), "{early:?}");
        assert_eq!(propose(&held.centre).status, StatusCode::FORBIDDEN);
        let answer = |by: &Person, id: &Value, agreed: bool, reason: &str| {
            let fields = json!({"agreed": agreed, "reason": reason});
            world.post(by, &path(&held, &format!("/destructions/{id}/answer")), fields)
        };

        // Paper first: three years.
        world.on("2029-09-29");
        let other = world.examined_at_school(2, 0).0;
        world.on("2029-09-29");
        assert_eq!(propose(&other.head).status, StatusCode::NOT_FOUND);
        let id = propose(&held.clerk).done()["id"].clone();
        propose(&held.head).refused("3.3.1");
        // It waits for another person, and for nobody else.
        let waits = |of: &Person| world.get(of, "/work").done()["tasks"].to_string().contains("答复档案销毁");
        assert_eq!([&held.head, &held.clerk, &held.centre].map(waits), [true, false, false]);
        assert!(answer(&held.clerk, &id, true, "").refused("3.3.1").what.contains("本人"));
        answer(&held.head, &id, false, " ").refused("3.3.1");
        let done = answer(&held.head, &id, true, "").done();
        assert_eq!((&done["pieces"], &done["files"]), (&json!(1), &json!(0)));
        assert!(!waits(&held.head));
        let late = propose(&held.clerk).refused("3.3.1");
        assert!(late.what.contains("2031-09-28"), "{late:?}");

        // Everything electronic that is no result and no certificate: five years.
        world.on("2031-09-29");
        let page = world.page(Some(&held.head), &path(&held, "")).text();
        assert!(page.contains("提出销毁期满的") && page.contains("2029年9月29日销毁"), "{page}");
        let id = propose(&held.head).done()["id"].clone();
        assert_eq!(answer(&held.head, &id, false, "").done()["state"], "withdrawn");
        let id = propose(&held.head).done()["id"].clone();
        let list = world.get(&held.head, &path(&held, "")).done()["destructions"][2].clone();
        let titles: Vec<&str> =
            list["pieces"].as_array().expect("pieces").iter().filter_map(|one| one["title"].as_str()).collect();
        assert!(titles.contains(&"考生名册") && titles.contains(&"理论签到表"), "{titles:?}");
        assert!(!titles.iter().any(|title| title.contains("成绩") || title.contains("证书")), "{titles:?}");
        let done = answer(&held.clerk, &id, true, "").done();
        assert_eq!(done["pieces"], titles.len());
        world.on("2031-09-29");
        let files = world.office.files();
        assert!(files.bring(&alone).is_err(), "gone from the store");
        assert!(files.bring(&shared).is_ok(), "the filing still needs it");
        assert_eq!(office::cli::due::run(&world.office).expect("what falls due").destroyed, 0, "once");
        let refused = world.post(&held.head, &path(&held, "/openings"), json!({"reason": "核查签到", "piece": piece}));
        let opening = refused.done()["id"].clone();
        let gone = world.get(&held.head, &path(&held, &format!("/openings/{opening}/file"))).refused("3.3.1");
        assert!(gone.what.contains("已按规定销毁"), "{gone:?}");
        assert!(propose(&held.clerk).refused("3.3.1").what.contains("没有可以销毁的材料"));

        // What is left is whole, says what was destroyed, and the package of before stays good.
        let after = fetch(world, &held.centre, &held).bytes;
        let (well, said) = verified(&after, Some(&digest));
        assert!(well && said.contains("部分材料保管期满已销毁") && said.contains("销毁\t2031-09-29"), "{said}");
        let (well, said) = verified(&before, Some(&digest));
        assert!(well && !said.contains("销毁"), "{said}");
        let mut zip = zip::ZipArchive::new(Cursor::new(&after)).expect("a ZIP");
        let names: Vec<String> = zip.file_names().map(|name| name.expect("a name").into_owned()).collect();
        assert_eq!(names.iter().filter(|name| name.contains("/证书/")).count(), 4, "{names:?}");
        assert!(
            names.iter().any(|name| name.contains("成绩册")) && !names.iter().any(|name| name.contains("考生名册"))
        );
        let mut told = String::new();
        zip.by_name("销毁清单.json").expect("the list").read_to_string(&mut told).expect("text");
        assert!(told.contains("理论签到表") && told.contains("档案室示例老师鉴定"), "{told}");
    });
}

#[test]
fn house_no_table_that_names_files_is_forgotten_when_archives_are_destroyed() {
    let statements = office::statements();
    let needed =
        statements.iter().find(|sql| sql.text.contains("SELECT file AS hash FROM filing_material")).expect("it");
    let mut tables = std::collections::BTreeSet::new();
    for step in office::db::SCHEMA {
        let mut table = "";
        for line in step.lines() {
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                table = rest.trim_end_matches(" (");
            }
            if line.contains("REFERENCES file (hash)") {
                tables.insert(table);
            }
            if let Some((before, after)) =
                line.strip_prefix("ALTER TABLE ").and_then(|rest| rest.split_once(" RENAME TO "))
                && tables.remove(before)
            {
                tables.insert(after.trim_end_matches(';'));
            }
        }
    }
    tables.remove("destroyed_file");
    for table in &tables {
        let is_named = [" ", "\n"].iter().any(|end| needed.text.contains(&format!(" FROM {table}{end}")));
        assert!(is_named, "{table} names files: what it needs must not be destroyed");
    }
    assert!(tables.len() > 20, "{tables:?}");
}
