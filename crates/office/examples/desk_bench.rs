//! How long the reviewer's desk takes at the server with four hundred persons of one report, with marks, rooms that were noted, an earlier word on
//! each of them and other batches of the same persons; the page is asked through the router and its rows are counted.
//! `bench/desk` runs it.
//!
//! `cargo run --release -p office --example desk_bench -- [DATABASE] [PERSONS] [ROUNDS]`; without a database, SQLite in a
//! folder that goes afterwards.

mod common;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use office::account::{self, CreateAccount, Secret};
use office::args;
use office::db::{Keep, Sql, Value};
use office::door::{Caller, Office, Via};
use office::web::{Settings, Web, router};
use rules::Day;
use rules::people::Role;
use tower::ServiceExt as _;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TODAY: Day = Day::constant(2026, 6, 15);
const FILE: &str = "INSERT INTO file (hash, kind, size, stored_at) VALUES ('roster', 'zip', 1, 0)";
const BATCH: &str = "INSERT INTO batch (id, number, body, listing, stage, title, code, trade, level, standard, edition, notified_on, starts_on, ends_on, theory_on, practical_on, theory_place, practical_place, expected, plan, posted_on, first_on, ends_publicity_on, report_due_on, closed_on, version)
  SELECT CAST(?1 AS BIGINT), CAST(?2 AS TEXT), l.body, l.id, CAST(?3 AS TEXT), '示例批', '6-18-01-01', '示例职业', '4', '示例标准', 2024, '2026-04-01', '2026-05-11', '2026-05-12', '2026-05-11', '2026-05-12', '示例教学楼', '示例实训楼', 400, '示例计划', '2026-05-14', '2026-05-15', '2026-05-21', '2026-06-04', '2026-05-22', 1 FROM listing l";
const UPLOAD: &str = "INSERT INTO roster_upload (id, batch, file, name, rows_read, rows_good, rows_new, findings, at, account_name) VALUES (?1, ?1, 'roster', '名册.csv', 0, 0, 0, '', 1775000000000, '示例')";
const CANDIDATE: &str = "INSERT INTO candidate (id, batch, upload, sheet, row_no, ticket, name, id_kind, id_key, id_sealed, sex, born, student_no, major, condition, phone_sealed, held, verdict, publicity_no, report)
  VALUES (?1, ?2, ?2, '名册', 1, ?3, '示例', '201', ?4, ?5, '男', '2009-01-01', '', '', 'N4-3', '', 0, 'passed', ?6, ?7)";
const MARK: &str = "INSERT INTO mark (candidate, part, outcome, score, source, changes, entered_at, entered_by, confirmed_at, confirmed_by, confirmed_how) VALUES (?1, ?2, 'mark', ?3, 'form', ?4, 0, '示例', 0, '示例', 'looked')";
const REPORT: &str = "INSERT INTO report (id, batch, no, reported_on, due_on, persons, reported_by) VALUES (1, 1, 1, '2026-05-25', '2026-06-04', ?1, '示例')";
const HELD: &str = "INSERT INTO report_person (report, candidate) VALUES (1, ?1)";
const WORD: &str = "INSERT INTO review_word (report, candidate, no, word, reason, at, account, account_name) VALUES (1, ?1, 1, 'hold', '示例理由', 0, 1, '示例')";
const SESSION: &str = "INSERT INTO exam_session (id, batch, no, part, held_on, begins, ends, room, first_seat, seats, seat_columns) VALUES (?1, 1, ?1, ?2, '2026-05-11', '09:00', '10:30', '示例考场', 1, 1000, 0)";
const CONDUCT: &str = "INSERT INTO conduct (session, batch, part, held_on, room, began, late, late_reason, began_at, began_by, ended, note) VALUES (?1, 1, ?2, '2026-05-11', '示例考场', '09:00', 0, '', 0, '示例', '10:00', '')";
const PLACE: &str = "INSERT INTO exam_place (candidate, part, session, seat) VALUES (?1, ?2, ?3, ?4)";
const SIGNED: &str = "INSERT INTO attendance (session, candidate, batch, part, state, came, how, noted_at, noted_by) VALUES (?1, ?2, 1, ?3, 'present', '08:50', 'list', 0, '示例')";
const MERGED: &str = "INSERT INTO score_merge (candidate, part, mean, spread, reason, missing_reason, group_head, merged_at, merged_by) VALUES (?1, 'practical', 800, ?2, '示例原因', '', '示例', 0, '示例')";

/// One reported batch, and another in which the same persons are.
fn fill(office: &Office, persons: i64) -> Result<(), Box<dyn Error>> {
    let seals = office.seals().clone();
    office.engine().write(move |tx| {
        let mut run = |text: &'static str, args: &[Value]| tx.run(&Sql { name: "bench", text }, args);
        run(FILE, args![])?;
        for (batch, number, stage) in [(1_i64, "PC2026-00001", "reported"), (2, "PC2026-00002", "issued")] {
            run(BATCH, args![batch, number, stage])?;
            run(UPLOAD, args![batch])?;
            if batch == 1 {
                run(REPORT, args![persons])?;
                for (session, part) in [(1_i64, "theory"), (2, "practical")] {
                    run(SESSION, args![session, part])?;
                    run(CONDUCT, args![session, part])?;
                }
            }
            for n in 0..persons {
                let (id, number) = (batch * 100_000 + n, sheets::specimen::resident_number("18800101", n as usize + 1));
                let (key, sealed, ticket) = (seals.find_key(&number), seals.seal(&number), format!("{n:04}"));
                let report = (batch == 1).then_some(1_i64);
                run(CANDIDATE, args![id, batch, ticket, key, sealed, n + 1, report])?;
                for (part, spread) in [("theory", 37), ("practical", 31)] {
                    run(MARK, args![id, part, (60 + n * spread % 39) as f64, i64::from(n % 20 == 0)])?;
                }
                if batch == 1 {
                    run(HELD, args![id])?;
                    run(WORD, args![id])?;
                    // One in ten has no sign-in for practice, one in five assessors who were far apart.
                    for (session, part) in [(1_i64, "theory"), (2, "practical")] {
                        run(PLACE, args![id, part, session, n])?;
                        if session == 1 || n % 10 > 0 {
                            run(SIGNED, args![session, id, part])?;
                        }
                    }
                    run(MERGED, args![id, if n % 5 == 0 { 120_i64 } else { 40 }])?;
                }
            }
        }
        Ok((Keep::Yes, ()))
    })?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let folder = tempfile::tempdir()?;
    let url = words.next().filter(|url| !url.is_empty() && url != "sqlite");
    let persons: i64 = words.next().map_or(Ok(400), |text| text.parse())?;
    let rounds: usize = words.next().map_or(Ok(200), |text| text.parse())?;

    let (office, _) = common::house(folder.path(), TODAY, url.as_deref())?;
    fill(&office, persons)?;
    let password = Secret::new("一二三四五六七八九十");
    let reviewer = CreateAccount {
        login: "centre".into(),
        name: "示例".into(),
        role: Role::CityCentre,
        body: None,
        office: Some("city-350100-centre".into()),
        password: password.clone(),
    };
    office.act(&Caller::operator(), reviewer)?;
    let changed = Sql { name: "bench", text: "UPDATE account SET must_change = 0" };
    office.engine().write(move |tx| Ok((Keep::Yes, tx.run(&changed, &[])?)))?;
    if office.engine().name() != "sqlite" {
        let analyze = Sql { name: "bench", text: "ANALYZE" };
        office.engine().write(move |tx| Ok((Keep::Yes, tx.run(&analyze, &[])?)))?;
    }
    let token = account::sign_in(&office, Via::Web, "centre", &password)?.token;
    let app = router(Web { office: office.clone(), settings: Arc::new(Settings::default()) });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let get = |path: &str| -> Result<(Duration, String), Box<dyn Error>> {
        let mut request =
            Request::builder().uri(path).header(header::COOKIE, format!("jiangce={token}")).body(Body::empty())?;
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
        runtime.block_on(async {
            let begun = Instant::now();
            let response = app.clone().oneshot(request).await?;
            let bytes = axum::body::to_bytes(response.into_body(), 64 << 20).await?;
            let took = begun.elapsed();
            Ok((took, String::from_utf8(bytes.to_vec())?))
        })
    };

    // The answer is right before it is quick.
    let (_, page) = get("/batches/1/reports/1/desk")?;
    assert_eq!(page.matches("data-chain").count() as i64, persons, "rows of the desk");
    assert_eq!(page.matches("PC2026-00002 批次应考").count() as i64, persons, "everyone is in the other batch as well");
    println!("{}: {persons} persons, {} KB", office.engine().name(), page.len() / 1024);
    let mut slow = false;
    for (name, path) in [
        ("the desk of everyone", "/batches/1/reports/1/desk"),
        ("those whose mark was changed", "/batches/1/reports/1/desk?hint=changed"),
    ] {
        for _ in 0..5 {
            get(path)?;
        }
        let mut took: Vec<Duration> = (0..rounds).map(|_| get(path).map(|(took, _)| took)).collect::<Result<_, _>>()?;
        took.sort_unstable();
        let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
        println!("{name:<32} p50 {:>6.1} ms   p99 {:>6.1} ms", at(50), at(99));
        slow |= at(99) > 150.0;
    }
    if slow {
        return Err("a page took longer than 150 ms".into());
    }
    Ok(())
}
