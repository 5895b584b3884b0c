//! 三（三）: the working ledger of a body, told from the records.

use std::io::Cursor;

use axum::http::StatusCode;
use base64::Engine as _;
use calamine::{Reader as _, Xlsx};
use rules::people::Role;
use serde_json::{Value, json};

use crate::world::{World, on_each_database};

/// The sheets of a workbook that came in base 64: name, and each row's cells joined by a bar.
fn sheets(file: &Value) -> Vec<(String, Vec<String>)> {
    let bytes =
        base64::engine::general_purpose::STANDARD.decode(file["bytes"].as_str().expect("bytes")).expect("base 64");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let names = book.sheet_names();
    names
        .into_iter()
        .map(|name| {
            let range = book.worksheet_range(&name).expect("a sheet");
            let rows = range.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"));
            let rows = rows.collect();
            (name, rows)
        })
        .collect()
}

#[test]
fn s3_3_5_the_working_ledger_is_told_from_the_records_by_batch_and_by_year() {
    on_each_database("2026-08-31", |world: &World| {
        let others = [(1, "缺考", "85"), (2, "40", "85"), (3, "违纪", "85")];
        let held = world.reviewed_batch(1, 5, &others);
        world.photograph(&held, &[0, 4]);
        world.post(&held.head, &format!("/batches/{}/certificates", held.batch), json!({})).done();
        // Another batch of the school was called off; it stands in the ledger and counts for nothing.
        let off = world.post(&held.clerk, "/batches", crate::stages::batch_fields("2026-10-26")).done()["id"].clone();
        let because = json!({"reason": "实训设备检修"});
        world.post(&held.clerk, &format!("/batches/{off}/cancellation"), because).done();

        let ledger = world.get(&held.clerk, "/ledger?year=2026").done();
        assert_eq!(ledger["lines"].as_array().map(Vec::len), Some(2));
        let line = &ledger["lines"][0];
        let count = |name: &str| line[name].as_i64().expect("a number");
        assert_eq!(
            ["registered", "passed", "failed", "absent", "violated", "deferred", "approved", "issued", "voided"]
                .map(count),
            [5, 2, 1, 1, 1, 0, 2, 2, 0],
            "{line}"
        );
        assert_eq!(
            [&line["posted_on"], &line["publicity_ends_on"], &line["reported_on"], &line["issued_on"]],
            ["2026-09-17", "2026-09-23", "2026-09-24", "2026-09-28"]
        );
        assert!(line["last_number"].as_str().expect("a number").ends_with("264000002"), "{line}");
        assert_eq!(ledger["total"]["registered"], 5);
        assert_eq!((&ledger["sums"][0]["batches"], &ledger["sums"][0]["issued"]), (&json!(1), &json!(2)));
        assert_eq!(world.get(&held.clerk, "/ledger?year=2025").done()["lines"], json!([]));

        // The batch: every act, refused ones too, with who and when.
        world
            .post(&held.clerk, &format!("/batches/{}/cancellation", held.batch), json!({"reason": "不办了"}))
            .refused("2.2.1b");
        let of_batch = world.get(&held.centre, &format!("/batches/{}/ledger", held.batch)).done();
        let acts: Vec<_> =
            of_batch["acts"].as_array().expect("acts").iter().map(|act| act["act"].as_str().expect("a name")).collect();
        for act in ["通报认定批次", "登记成绩", "公示认定结果", "上报认定结果", "逐人审核结果", "核发职业技能等级证书"]
        {
            assert!(acts.contains(&act), "{act} in {acts:?}");
        }
        assert_eq!(acts.last(), Some(&"取消认定批次"));
        assert!(of_batch["acts"].as_array().and_then(|acts| acts.last()).is_some_and(|act| act["refused"].is_string()));

        // On paper: a year on its side, a batch with every act; neither names a candidate.
        for path in ["/ledger.pdf?year=2026".to_owned(), format!("/batches/{}/ledger.pdf", held.batch)] {
            let paper = world.page(Some(&held.centre), &path);
            assert_eq!((paper.status, &paper.bytes[..5]), (StatusCode::OK, &b"%PDF-"[..]), "{path}");
        }

        // Workbooks: of a batch with its persons, which leaves a trace; of a year without any.
        let traces = || world.count("SELECT COUNT(*) FROM sight");
        let before = traces();
        let book = sheets(&world.get(&held.clerk, &format!("/batches/{}/ledger/workbook", held.batch)).done());
        assert_eq!(traces(), before + 1);
        assert_eq!(book.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["批次", "人员", "办理记录"]);
        let persons = &book[1].1;
        assert_eq!(persons.len(), 2 + 5);
        assert!(persons[2].contains("合格|通过|Y0000350") && persons[2].ends_with("有效|"), "{}", persons[2]);
        assert!(persons[3].contains("|缺考|"), "{}", persons[3]);
        let year = sheets(&world.get(&held.clerk, "/ledger/workbook?year=2026").done());
        assert_eq!(year.iter().map(|(_, rows)| rows.len()).collect::<Vec<_>>(), [4, 3]);
        assert_eq!(traces(), before + 1);

        // Pages, and who finds nothing.
        let page = world.page(Some(&held.clerk), "/ledger?year=2026").text();
        assert!(page.contains("2026年工作台账") && page.contains("已取消"), "{page}");
        let page = world.page(Some(&held.centre), &format!("/batches/{}/ledger", held.batch)).text();
        assert!(page.contains("合格 2 人，不合格 1 人，缺考 1 人，违纪 1 人") && page.contains("未获办理"), "{page}");
        let elsewhere = world.officer("xiamen", Role::CityCentre, "city-350200-centre");
        assert_eq!(world.get(&elsewhere, &format!("/batches/{}/ledger", held.batch)).status, StatusCode::NOT_FOUND);
        assert_eq!(world.get(&elsewhere, "/ledger?year=2026").done()["lines"], json!([]));
    });
}
