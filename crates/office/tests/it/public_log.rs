//! 二（二）4 and 三（三）: what was issued, voided and adjusted stands in a log that nobody rewrites unseen, not even who holds
//! the database.

use std::path::{Path, PathBuf};
use std::process::Command;

use axum::http::{Method, StatusCode};
use office::db::Value as Cell;
use office::door::Stop;
use office::public_log::{Sealed, audit, seal, trust};
use proof::log::{Checkpoint, Consistency, Hash, Leaf, Proof, VerifierKey};
use rules::people::Role;
use serde_json::{Value, json};

use crate::certificate::{Approved, column, put};
use crate::world::{World, on_each_database};

const DAY: &str = "2026-11-12";

/// The published checkpoint, believed by the log's own key.
fn checkpoint(world: &World) -> Checkpoint {
    let list: Value =
        serde_json::from_slice(&world.page(None, "/.well-known/jiangce-keys.json").bytes).expect("the keys");
    let key = VerifierKey::parse(list["list"]["log"].as_str().expect("a key")).expect("the log's key");
    let note = world.page(None, "/log/checkpoint").text();
    Checkpoint::open(&note, &key, &[], 0).unwrap_or_else(|fault| panic!("{fault}: {note}"))
}

/// One of the certificates of a batch, and the commitment to it.
fn first(world: &World, approved: &Approved) -> (i64, String) {
    let line = world.get(&approved.school.head, "/certificates").done()["certificates"][0].clone();
    let id = line["id"].as_i64().expect("an id");
    let all = column(world, "SELECT subject || ' ' || commitment FROM log_leaf WHERE kind = 'certificate.issued'");
    let own = all.iter().find_map(|cell| match cell {
        Cell::Text(text) => text.strip_prefix(&format!("{id} ")).map(str::to_owned),
        _ => None,
    });
    (id, own.expect("its leaf"))
}

/// What a stranger gets of a leaf.
fn logged(world: &World, commitment: &str) -> (Leaf, Hash, Option<Proof>) {
    let said = world.public(&format!("/log/leaves/{commitment}")).done();
    let part = |name: &str| said[name].clone();
    (
        serde_json::from_value(part("leaf")).expect("a leaf"),
        serde_json::from_value(part("hash")).expect("a hash"),
        serde_json::from_value(part("proof")).expect("a proof or none"),
    )
}

#[test]
fn s2_2_4c_a_certificate_stands_in_the_public_log_with_a_proof_that_a_stranger_checks() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 3);
        assert_eq!(world.page(None, "/log/checkpoint").status, StatusCode::NOT_FOUND);
        assert!(world.page(None, "/log").text().contains("还没有检查点"));
        assert!(seal(&world.office).expect("sealed").signed);
        let before = checkpoint(world);
        world.issue(&approved);
        let (id, commitment) = first(world, &approved);
        let (_, _, proof) = logged(world, &commitment);
        assert_eq!(proof, None, "the fact is there, its place comes a moment later");
        assert_eq!(seal(&world.office).expect("sealed"), Sealed { leaves: 3, signed: true });
        assert_eq!(seal(&world.office).expect("sealed"), Sealed::default(), "nothing waits, nothing is signed");

        let now = checkpoint(world);
        assert_eq!(now.size, before.size + 3);
        let (leaf, hash, proof) = logged(world, &commitment);
        let proof = proof.expect("a proof");
        assert_eq!(leaf.hash(), hash);
        assert!(proof.holds(&hash, &now.root) && proof.size == now.size);
        let grown = world.public(&format!("/log/consistency?from={}&to={}", before.size, now.size)).done();
        let grown: Consistency = serde_json::from_value(grown).expect("a proof");
        assert!(grown.holds(&before.root, &now.root));
        assert_eq!(world.public(&format!("/log/consistency?from=0&to={}", now.size + 1)).status, StatusCode::NOT_FOUND);
        assert_eq!(world.public(&format!("/log/leaves/{}", "0".repeat(64))).status, StatusCode::NOT_FOUND);
        assert_eq!(world.public("/log/leaves/no-hash").status, StatusCode::NOT_FOUND);

        // What is served names nobody; the answer to a query says where the certificate stands.
        let entries = world.page(None, &format!("/log/tile/entries/000.p/{}", now.size));
        let text = String::from_utf8_lossy(&entries.bytes).into_owned();
        assert!(text.contains("certificate.issued") && text.contains(&commitment), "{text}");
        for person in &approved.people {
            assert!(!text.contains(&person.name) && !text.contains(&person.id_number));
        }
        assert_eq!(world.page(None, &format!("/log/tile/0/000.p/{}", now.size + 1)).status, StatusCode::NOT_FOUND);
        assert_eq!(world.page(None, "/log/tile/0/0").status, StatusCode::NOT_FOUND);
        let number = world.text("SELECT MIN(number) FROM certificate");
        let asked = json!({"name": approved.people[0].name, "number": number});
        let answer = world.call(None, Method::POST, "/certificates/query", Some(asked)).done();
        assert!(answer.to_string().contains("已记入公开日志"), "{answer}");
        let page = world.page(None, "/log").text();
        assert!(page.contains("检查点原文") && page.contains(&now.size.to_string()), "{page}");

        // A new version and a voiding are leaves of their own; nothing that stood there is touched.
        let pair = (&approved.school.clerk, &approved.school.head);
        world.change_certificate(pair, &json!(id), "reissue", json!({}));
        world.change_certificate(pair, &json!(id), "correct", json!({"name": "示例新名"}));
        world.change_certificate(pair, &json!(id), "void", json!({}));
        assert_eq!(seal(&world.office).expect("sealed").leaves, 3);
        let (_, hash, proof) = logged(world, &commitment);
        assert!(proof.expect("a proof").holds(&hash, &checkpoint(world).root));
        let found = audit(&world.office).expect("an audit");
        assert_eq!((found.found, found.compared), (0, now.size + 3), "{found:?}");
    });
}

#[test]
fn s3_3_1_whatever_was_altered_past_the_product_is_found_and_named() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 2);
        world.issue(&approved);
        seal(&world.office).expect("sealed");
        let sound = audit(&world.office).expect("an audit");
        assert_eq!(sound.found, 0, "{sound:?}");
        let (id, _) = first(world, &approved);
        let number = world.text("SELECT MAX(number) FROM certificate");
        let named = |what: &str| {
            let found = audit(&world.office).expect("an audit");
            assert!(found.found > 0 && found.findings.iter().any(|one| one.contains(what)), "{what}: {found:?}");
        };
        let alter = |text: &'static str, row: Vec<Cell>| put(world, text, vec![row]);
        // Each is done and undone again by whoever holds the database; only what stands altered is found.
        for (there, back, subject) in [
            (
                "UPDATE certificate SET level = '3' WHERE id = ?1",
                "UPDATE certificate SET level = '4' WHERE id = ?1",
                &number,
            ),
            ("UPDATE certificate SET name = '另一人' WHERE id = ?1", "", &number),
        ] {
            let name = world.text("SELECT name FROM certificate ORDER BY id DESC LIMIT 1");
            alter(there, vec![id.into()]);
            named(subject);
            match back {
                "" => alter("UPDATE certificate SET name = ?2 WHERE id = ?1", vec![id.into(), name.as_str().into()]),
                back => alter(back, vec![id.into()]),
            }
            assert_eq!(audit(&world.office).expect("an audit").found, 0);
        }
        let what = world.text("SELECT what FROM listing_change WHERE seq = 1");
        alter("UPDATE listing_change SET what = '另一句' WHERE seq = ?1", vec![1_i64.into()]);
        named("目录变动第 1 项");
        alter("UPDATE listing_change SET what = ?2 WHERE seq = ?1", vec![1_i64.into(), what.as_str().into()]);
        // A voiding that no act did, and a certificate that nobody issued.
        alter(
            "UPDATE certificate SET state = 'void', state_on = '2026-11-12', state_reason = 'x', state_by = 'x' WHERE id = ?1",
            vec![id.into()],
        );
        named(&format!("证书的状态与记入日志的变更不符，记录编号 {id}"));
        alter(
            "UPDATE certificate SET state = 'valid', state_on = NULL, state_reason = NULL, state_by = NULL WHERE id = ?1",
            vec![id.into()],
        );
        alter(
            "INSERT INTO certificate (id, number, token, candidate, batch, body, body_name, name, id_kind, id_key, id_sealed, trade_code, trade, work_type, level, exam_on, issued_on, issued_at, issued_by, photo, state, version)
             SELECT 7, 'Y000035000001264999999', 'forged', candidate, batch, body, body_name, name, id_kind, id_key, id_sealed, trade_code, trade, work_type, level, exam_on, issued_on, issued_at, issued_by, photo, 'void', 1 FROM certificate WHERE id = ?1",
            vec![id.into()],
        );
        named("证书没有记入日志，记录编号 7");
        alter("DELETE FROM certificate WHERE id = ?1", vec![7_i64.into()]);
        // A revoked certificate that is good again, and a reason that is another.
        let pair = (&approved.school.clerk, &approved.school.head);
        world.change_certificate(pair, &json!(id), "revoke", json!({}));
        seal(&world.office).expect("sealed");
        assert_eq!(audit(&world.office).expect("an audit").found, 0);
        alter("UPDATE certificate SET state = 'valid' WHERE id = ?1", vec![id.into()]);
        named(&format!("证书的状态与记入日志的变更不符，记录编号 {id}"));
        alter("UPDATE certificate SET state = 'revoked' WHERE id = ?1", vec![id.into()]);
        alter(
            "UPDATE certificate_change SET reason = reason || ?2 WHERE certificate = ?1",
            vec![id.into(), "。".into()],
        );
        named("的撤销");
        alter("UPDATE certificate_change SET reason = '核对报名材料后发现' WHERE certificate = ?1", vec![id.into()]);
        // The log itself.
        alter("UPDATE log_leaf SET at = at + ?1 WHERE position = 0", vec![1_i64.into()]);
        named("日志第 0 条");
        alter("UPDATE log_leaf SET at = at - ?1 WHERE position = 0", vec![1_i64.into()]);
        assert_eq!(audit(&world.office).expect("an audit").found, 0);
    });
}

/// What the log refuses to sign, in words.
fn refused(world: &World) -> (String, String) {
    match seal(&world.office) {
        Err(Stop::Refused(refusal)) => (refusal.what.clone(), refusal.remedy.clone()),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn house_a_log_never_signs_two_pasts_not_even_from_an_old_backup() {
    on_each_database(DAY, |world| {
        let approved = world.approved_batch("示例一技工学校", 2);
        seal(&world.office).expect("sealed");
        let guard = world.folder.join("log.checkpoint");
        let alter = |text: &'static str, row: Vec<Cell>| put(world, text, vec![row]);
        // The database as it was before the certificates: what an old backup would bring back.
        let old = column(world, "SELECT size || ' ' || root || ' ' || note_size || ' ' || note FROM log_head");
        let Cell::Text(old) = &old[0] else { panic!("no head") };
        let mut words = old.splitn(4, ' ');
        let mut next = || words.next().expect("four").to_owned();
        let (size, root, note_size, note) = (next(), next(), next(), next());
        let tile = world.text("SELECT hashes FROM log_tile WHERE level = 0 AND place = 0");
        world.issue(&approved);
        seal(&world.office).expect("sealed");
        let signed = std::fs::read(&guard).expect("the guard");
        let published = world.page(None, "/log/checkpoint").text();
        assert_eq!(String::from_utf8_lossy(&signed), published, "what is published was kept first");

        alter(
            "UPDATE log_leaf SET position = NULL WHERE position >= ?1",
            vec![size.parse::<i64>().expect("a number").into()],
        );
        alter("UPDATE log_tile SET hashes = ?1 WHERE level = 0 AND place = 0", vec![tile.as_str().into()]);
        alter(
            "UPDATE log_head SET size = CAST(?1 AS BIGINT), root = ?2, note_size = CAST(?3 AS BIGINT), note = ?4",
            vec![
                size.parse::<i64>().expect("a number").into(),
                root.as_str().into(),
                note_size.parse::<i64>().expect("a number").into(),
                note.as_str().into(),
            ],
        );
        let (what, remedy) = refused(world);
        assert!(what.contains("较早的备份") && remedy.contains("恢复"), "{what}，{remedy}");
        assert_eq!(world.page(None, "/log/checkpoint").text(), note, "nothing was signed");
        assert_eq!(std::fs::read(&guard).expect("the guard"), signed, "nothing was forgotten");
        // Business goes on; only the log stands still.
        world.get(&approved.school.head, "/certificates").done();

        // Without the file there is nothing to compare with: that is no way round.
        std::fs::remove_file(&guard).expect("removed");
        let (what, remedy) = refused(world);
        assert!(what.contains("不见了") && remedy.contains("jiangce log trust"), "{what}，{remedy}");
        let brought = world.folder.join("brought.txt");
        std::fs::write(&brought, &published).expect("written");
        assert!(trust(&world.office, &brought).is_ok());
        assert!(refused(world).0.contains("较早的备份"));
        std::fs::write(&brought, &note).expect("written");
        assert!(trust(&world.office, &brought).is_err(), "an older checkpoint takes no newer one's place");

        // Another past of the same length is found too.
        alter(
            "UPDATE log_leaf SET position = -1 - position WHERE position IS NOT NULL AND position >= ?1",
            vec![0_i64.into()],
        );
        alter("UPDATE log_leaf SET position = NULL, at = at + 1 WHERE position < ?1", vec![0_i64.into()]);
        alter("DELETE FROM log_tile WHERE level >= ?1", vec![0_i64.into()]);
        alter(
            "UPDATE log_head SET size = 0, root = ?1, note = '', note_size = 0",
            vec![proof::log::empty_root().to_string().as_str().into()],
        );
        std::fs::remove_file(&guard).expect("removed");
        seal(&world.office).expect("a log of its own");
        assert!(trust(&world.office, &write(world, &published)).is_ok());
        put(world, "UPDATE log_head SET has_begun = ?1", vec![vec![0_i64.into()]]);
        assert!(refused(world).0.contains("不符"));
    });
}

impl World {
    /// Seals what waits, and asks that the log holds facts of these kinds and agrees with the record.
    #[track_caller]
    pub fn log_holds(&self, kinds: &[&str]) {
        seal(&self.office).expect("sealed");
        let found = audit(&self.office).expect("an audit");
        assert_eq!(found.found, 0, "{found:?}");
        let held = column(self, "SELECT DISTINCT kind FROM log_leaf WHERE position IS NOT NULL");
        let held: Vec<&str> =
            held.iter().filter_map(|cell| if let Cell::Text(kind) = cell { Some(&**kind) } else { None }).collect();
        for kind in kinds {
            assert!(held.contains(kind), "{kind} is not among {held:?}");
        }
    }
}

#[test]
fn s2_2_1b_s2_2_3a_s2_2_3b_notices_lists_reports_and_terms_that_were_altered_are_found_too() {
    on_each_database("2026-08-31", |world| {
        let held = world.reported_batch(1, 2, &[]);
        let officer = world.officer_at(Role::ProvincialCentre, "province-centre");
        let term = json!({"term": "filing_years", "value": 4, "from": "2027-01-01", "reason": "示例"});
        world.post(&officer, "/terms", term).done();
        world.log_holds(&["batch.notified", "publicity.posted", "results.reported", "term.set"]);
        let named = |what: &str| {
            let found = audit(&world.office).expect("an audit");
            assert!(found.findings.iter().any(|one| one.contains(what)), "{what}: {found:?}");
        };
        // The column that is altered and put back, and how the audit names it.
        for (table, set, what) in [
            ("batch_version", "told_on = '2026-08-01'", "认定批次告知的记录"),
            ("batch", "posted_on = '2026-09-01'", "结果公示的记录"),
            ("publicity_row", "verdict = 'failed'", "结果公示的记录"),
            ("publicity_row", "marks = '{'", "结果公示"),
            ("report", "reported_on = '2026-09-01'", "结果上报的记录"),
            ("report_person", "line = '另一行'", "结果上报的记录"),
            ("term_version", "value = 9", "期限与数额的记录"),
        ] {
            let (name, _) = set.split_once(" = ").expect("a column");
            let backup = format!("CREATE TABLE aside AS SELECT * FROM {table}");
            let back = format!(
                "UPDATE {table} SET {name} = (SELECT a.{name} FROM aside a WHERE {})",
                match table {
                    "batch_version" => "a.batch = batch_version.batch AND a.no = batch_version.no",
                    "publicity_row" => "a.candidate = publicity_row.candidate",
                    "report_person" => "a.candidate = report_person.candidate",
                    table =>
                        if table == "batch" {
                            "a.id = batch.id"
                        } else if table == "report" {
                            "a.id = report.id"
                        } else {
                            "a.id = term_version.id"
                        },
                }
            );
            for text in [backup, format!("UPDATE {table} SET {set}")] {
                world.set(&text);
            }
            named(what);
            for text in [back, "DROP TABLE aside".to_owned()] {
                world.set(&text);
            }
            let found = audit(&world.office).expect("an audit");
            assert_eq!(found.found, 0, "{table} {set}: {found:?}");
        }
        // A notice that no act made, and a leaf whose fact is gone.
        world.set(&format!("UPDATE batch_version SET no = 2 WHERE batch = {}", held.batch));
        named("所记的记录不在了");
        named("没有记入日志");
    });
}

#[test]
fn house_a_log_of_before_takes_in_once_what_it_did_not_hold() {
    on_each_database("2026-08-31", |world| {
        world.reported_batch(1, 2, &[]);
        let before = "DELETE FROM log_leaf WHERE kind IN ('batch.notified', 'publicity.posted', 'results.reported')";
        world.set(before);
        world.set("UPDATE log_head SET has_begun = 1");
        world.log_holds(&["batch.notified", "publicity.posted", "results.reported"]);
        // What comes past the acts from then on is named, and not taken in.
        world.set("INSERT INTO term_version (id, term, value, from_on, reason, set_on, set_by, seat_name) VALUES (1, 'filing_years', 4, '2027-01-01', '示例', '2026-08-31', '示例', '')");
        seal(&world.office).expect("sealed");
        let found = audit(&world.office).expect("an audit");
        assert!(found.findings.iter().any(|one| one.contains("期限与数额的记录 1没有记入日志")), "{found:?}");
    });
}

fn write(world: &World, text: &str) -> PathBuf {
    let path = world.folder.join("written.txt");
    std::fs::write(&path, text).expect("written");
    path
}

/// Writes what the log serves into a folder, as a mirror would.
fn mirror(world: &World, folder: &Path) -> u64 {
    let size = checkpoint(world).size;
    let keep = |path: &str| {
        let answer = world.page(None, &format!("/log/{path}"));
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let at = folder.join(path);
        std::fs::create_dir_all(at.parent().expect("a folder")).expect("made");
        std::fs::write(at, &answer.bytes).expect("written");
    };
    keep("checkpoint");
    for kind in ["0", "entries"] {
        for full in 0..size / 256 {
            keep(&format!("tile/{kind}/{full:03}"));
        }
        if !size.is_multiple_of(256) {
            keep(&format!("tile/{kind}/{:03}.p/{}", size / 256, size % 256));
        }
    }
    if size / 256 > 0 {
        keep(&format!("tile/1/000.p/{}", size / 256));
    }
    size
}

#[test]
fn s2_2_4c_an_auditor_in_another_language_accepts_the_log_and_no_altered_one() {
    let world = World::on_sqlite(DAY);
    let approved = world.approved_batch("示例一技工学校", 300);
    world.issue(&approved);
    seal(&world.office).expect("sealed");
    let folder = tempfile::tempdir().expect("a folder");
    let size = mirror(&world, folder.path());
    assert!(size > 300);
    let list: Value =
        serde_json::from_slice(&world.page(None, "/.well-known/jiangce-keys.json").bytes).expect("the keys");
    let key = list["list"]["log"].as_str().expect("a key").to_owned();
    let auditor = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/log/audit.py");
    let run = |more: &[&str]| {
        let url = format!("file://{}/", folder.path().display());
        Command::new("python3").arg(&auditor).arg(url).arg(&key).args(more).output().expect("python3")
    };
    let output = run(&[]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(&format!("{size} leaves")), "{said}");
    let kept = folder.path().join("kept");
    std::fs::copy(folder.path().join("checkpoint"), &kept).expect("kept");
    for altered in ["checkpoint", "tile/entries/000", "tile/0/001.p/45", "tile/1/000.p/1"] {
        let at = folder.path().join(altered.replace(".p/45", &format!(".p/{}", size % 256)));
        let sound = std::fs::read(&at).expect("served");
        let mut bytes = sound.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&at, bytes).expect("altered");
        assert!(!run(&[]).status.success(), "{altered}");
        std::fs::write(&at, sound).expect("restored");
    }
    // Whoever kept an earlier checkpoint finds the log to go on from it.
    assert!(run(&["--kept", &kept.display().to_string()]).status.success());
}
