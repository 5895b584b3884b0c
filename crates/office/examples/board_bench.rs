//! How long the board of a centre takes at the server with three thousand open batches: a made-up province of three hundred
//! bodies, their open batches at every stage and nine thousand that are finished; the page is asked through the router,
//! and its answers are held against what was put in. `bench/board` runs it.
//!
//! `cargo run --release -p office --example board_bench -- [DATABASE] [BATCHES] [ROUNDS]`; without a database, SQLite in a
//! folder that goes afterwards.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use office::account::{self, CreateAccount, Secret};
use office::args;
use office::body::seed_offices;
use office::db::{self, Engine, Keep, Sql, Value};
use office::door::{Caller, Clock, Files, Office, Seals, Via};
use office::web::{Settings, Web, router};
use rules::Day;
use rules::people::Role;
use tower::ServiceExt as _;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TODAY: Day = Day::constant(2026, 6, 15);
const BODIES: i64 = 300;
/// Finished batches for each open one.
const FINISHED: i64 = 3;
const CANDIDATES: i64 = 20;
const PLACES: [&str; 10] =
    ["350100", "350128", "350200", "350300", "350400", "350500", "350600", "350700", "350800", "350900"];
const STAGES: [&str; 6] = ["notified", "notified", "posted", "publicised", "reported", "reviewed"];

const FILE: &str = "INSERT INTO file (hash, kind, size, stored_at) VALUES ('roster', 'zip', 1, 0)";
const BODY: &str = "INSERT INTO body (id, name, kind, affiliation, public_body, level_cap, county, uscc, address, legal_representative, head, contact, phone, superior, station_name, station_number, centre, bureau, version)
  VALUES (?1, ?2, 'technical_school', 'city', 1, '3', ?3, ?4, '', '', '', '', '', '', '', '', ?5, ?6, 1)";
const FILING: &str =
    "INSERT INTO filing (id, body, stage, opened_on, version) VALUES (?1, ?1, 'listed', '2024-01-02', 1)";
const LISTING: &str = "INSERT INTO listing (id, body, filing, number, listed_on) VALUES (?1, ?1, ?1, ?2, '2024-01-02')";
const BATCH: &str = "INSERT INTO batch (id, number, body, listing, stage, title, code, trade, level, standard, notified_on, starts_on, ends_on, theory_on, practical_on, theory_place, practical_place, expected, plan, ends_publicity_on, report_due_on, closed_on, version)
  VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, '示例标准', '2026-01-05', ?9, ?10, ?9, ?10, '示例教学楼', '示例实训楼', 30, '示例计划', ?11, ?12, ?13, 1)";
const VERSION: &str = "INSERT INTO batch_version (batch, no, kind, told_on, told_by, reason, counted, code, trade, work_type, level, standard, starts_on, ends_on, theory_on, practical_on, theory_place, practical_place, expected, plan, responsible, audience)
  SELECT id, 1, 'notified', notified_on, '', '', 1, code, trade, work_type, level, standard, starts_on, ends_on, theory_on, practical_on, theory_place, practical_place, expected, plan, responsible, audience FROM batch WHERE id > ?1 AND id <= ?2";
const UPLOAD: &str = "INSERT INTO roster_upload (id, batch, file, name, rows_read, rows_good, rows_new, findings, at, account_name) VALUES (?1, ?1, 'roster', '名册.csv', 0, 0, 0, '', 0, '示例')";
const CANDIDATE: &str = "INSERT INTO candidate (id, batch, upload, sheet, row_no, ticket, name, id_kind, id_key, id_sealed, sex, student_no, major, condition, phone_sealed, held)
  VALUES (?1, ?2, ?2, '名册', 1, ?3, '示例', '201', ?4, '', '男', '', '', '', '', 0)";

/// Fills the house; how many of the open batches wait for a roster, of all those that are open.
fn fill(office: &Office, batches: i64) -> Result<i64, Box<dyn Error>> {
    let run = |tx: &mut db::Tx<'_>, text: &'static str, args: &[Value]| tx.run(&Sql { name: "bench", text }, args);
    office.engine().write(move |tx| {
        run(tx, FILE, args![])?;
        for body in 1..=BODIES {
            let place = PLACES[(body % 10) as usize];
            let county = if place == "350128" { place.to_owned() } else { format!("{}02", &place[..4]) };
            let (centre, bureau) = (format!("city-{place}-centre"), format!("city-{place}-bureau"));
            let name = format!("示例第{body}技工学校");
            run(tx, BODY, args![body, name, county, format!("{body:018}"), centre, bureau])?;
            run(tx, FILING, args![body])?;
            run(tx, LISTING, args![body, format!("Y000035{body:06}")])?;
        }
        Ok((Keep::Yes, ()))
    })?;
    let all = batches * (FINISHED + 1);
    let mut bare = 0;
    for from in (0..all).step_by(500) {
        let to = (from + 500).min(all);
        bare += office.engine().write(move |tx| {
            let mut without = 0;
            for id in from + 1..=to {
                // One of four is open; what it is of goes round.
                let open = id % (FINISHED + 1) == 0;
                let turn = id / (FINISHED + 1);
                let stage = if open { STAGES[(turn % 6) as usize] } else { "issued" };
                let starts = TODAY.saturating_add(jiff::Span::new().days((turn * 7 % 90 - 40) as i32));
                let (ends, later) =
                    (starts.tomorrow().unwrap_or(starts), starts.saturating_add(jiff::Span::new().days(20)));
                let body = turn % BODIES + 1;
                let (code, trade) = (format!("4-03-{:02}-01", turn % 40), format!("示例职业{}", turn % 40));
                let level = ["5", "4", "3"][(turn % 3) as usize];
                let posted = (stage == "posted").then_some(later);
                let due = matches!(stage, "publicised").then_some(later);
                let closed = matches!(stage, "publicised" | "reported" | "reviewed").then_some(later);
                let (number, title) = (format!("PC2026-{id:05}"), format!("2026年第{}批", id % 60 + 1));
                run(
                    tx,
                    BATCH,
                    args![id, number, body, stage, title, code, trade, level, starts, ends, posted, due, closed],
                )?;
                let has_roster = !open || turn % 12 != 0;
                without += i64::from(!has_roster);
                if has_roster {
                    run(tx, UPLOAD, args![id])?;
                    for n in 0..if open { CANDIDATES } else { 1 } {
                        let candidate = id * 100 + n;
                        let (ticket, key) = (format!("{n:04}"), format!("{candidate:064}"));
                        run(tx, CANDIDATE, args![candidate, id, ticket, key])?;
                    }
                }
            }
            run(tx, VERSION, args![from, to])?;
            Ok((Keep::Yes, without))
        })?;
    }
    Ok(bare)
}

fn person(office: &Office, login: &str, role: Role, seat: &str) -> Result<String, Box<dyn Error>> {
    let password = Secret::new("一二三四五六七八九十");
    let act = CreateAccount {
        login: login.into(),
        name: "示例".into(),
        role,
        body: None,
        office: Some(seat.into()),
        password: password.clone(),
    };
    office.act(&Caller::operator(), act)?;
    let changed = Sql { name: "bench", text: "UPDATE account SET must_change = 0" };
    office.engine().write(move |tx| Ok((Keep::Yes, tx.run(&changed, &[])?)))?;
    Ok(account::sign_in(office, Via::Web, login, &password)?.token)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let folder = tempfile::tempdir()?;
    let url = words.next().filter(|url| !url.is_empty() && url != "sqlite");
    let url = url.unwrap_or_else(|| folder.path().join("jiangce.db").display().to_string());
    let batches: i64 = words.next().map_or(Ok(3_000), |text| text.parse())?;
    let rounds: usize = words.next().map_or(Ok(200), |text| text.parse())?;

    let engine = Engine::open(&url)?;
    db::migrate(&engine)?;
    let seals = Seals::from_secret(&[7; 32]);
    let files = Files::folder(&folder.path().join("files"), &seals)?;
    let office = Office::open(engine, files, seals, Clock::simulated(TODAY), true)?;
    seed_offices(&office)?;
    let begun = Instant::now();
    let bare = fill(&office, batches)?;
    println!(
        "{}: {batches} open batches of {BODIES} bodies, {bare} without a roster, {} finished; filled in {:.1} s",
        office.engine().name(),
        batches * FINISHED,
        begun.elapsed().as_secs_f64()
    );
    if office.engine().name() != "sqlite" {
        let analyze = Sql { name: "bench", text: "ANALYZE" };
        office.engine().write(move |tx| Ok((Keep::Yes, tx.run(&analyze, &[])?)))?;
    }
    let province = person(&office, "province", Role::ProvincialCentre, "province-centre")?;
    let city = person(&office, "city", Role::CityCentre, "city-350100-centre")?;
    let app = router(Web { office: office.clone(), settings: Arc::new(Settings::default()) });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let get = |token: &str, path: &str| -> Result<(Duration, String), Box<dyn Error>> {
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

    // The answers are right before they are quick.
    let (_, page) = get(&province, "/board")?;
    let says = format!("没有办结</dt><dd>{batches}<small>批");
    assert!(page.contains(&says), "the board does not say {batches}");
    let (_, own) = get(&city, "/board")?;
    assert!(own.contains(&format!("没有办结</dt><dd>{}<small>批", batches / 10)), "the city's board has not a tenth");
    let next = page.split("rel=\"next\" href=\"").last().and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let next = next.replace("&#38;", "&").replace("&amp;", "&");
    assert!(next.starts_with("/board?after="), "there is a further page: {next}");

    let mut slow = false;
    for (name, token, path) in [
        ("province, first page", &province, "/board".to_owned()),
        ("province, next page", &province, next),
        ("province, late ones", &province, "/board?late=yes".to_owned()),
        ("province, one city, one level", &province, "/board?city=350500&level=4".to_owned()),
        ("city centre", &city, "/board".to_owned()),
    ] {
        for _ in 0..5 {
            get(token, &path)?;
        }
        let mut took: Vec<Duration> =
            (0..rounds).map(|_| get(token, &path).map(|(took, _)| took)).collect::<Result<_, _>>()?;
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
