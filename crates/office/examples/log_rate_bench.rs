//! How fast the public log takes leaves in and gives them their places, and how large the proof of one is. `bench/log/rate` runs
//! it.
//!
//! `cargo run --release -p office --example log_rate_bench -- [DATABASE] [LEAVES]`; without a database, SQLite in a folder that
//! goes afterwards.

use std::error::Error;
use std::time::Instant;

use office::args;
use office::db::{self, Engine, Keep, Sql};
use office::door::{Clock, Files, Office, Seals};
use office::public_log;
use rules::Day;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TODAY: Day = Day::constant(2026, 6, 15);
/// Leaves that one act brings.
const AT_ONCE: usize = 1_000;
const LEAF: Sql = Sql {
    name: "bench",
    text: "INSERT INTO log_leaf (id, kind, subject, turn, salt, commitment, at) VALUES (?1, 'certificate.issued', ?1, 0, ?2, ?3, 0)",
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut asked = std::env::args().skip(1);
    let database = asked.next().filter(|url| url != "sqlite");
    let leaves: usize = asked.next().map_or(Ok(100_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let engine = match &database {
        Some(url) => Engine::open(url)?,
        None => Engine::open(&folder.path().join("jiangce.db").display().to_string())?,
    };
    db::migrate(&engine)?;
    let seals = Seals::from_secret(&[7; 32]);
    let files = Files::folder(&folder.path().join("files"), &seals)?;
    let office = Office::open(engine, files, seals, Clock::simulated(TODAY), true)?;
    office.guard_log(folder.path().join("log.checkpoint"));
    public_log::seal(&office)?;

    let began = Instant::now();
    for first in (0..leaves).step_by(AT_ONCE) {
        office.engine().write(move |tx| {
            for n in first..(first + AT_ONCE).min(leaves) {
                let commitment = format!("{n:064x}");
                tx.run(&LEAF, args![n as i64 + 1, commitment[..32].to_owned(), commitment])?;
            }
            Ok((Keep::Yes, ()))
        })?;
    }
    let appended = began.elapsed();
    let began = Instant::now();
    let sealed = public_log::seal(&office)?;
    let integrated = began.elapsed();
    let rate = |took: std::time::Duration| leaves as f64 / took.as_secs_f64();
    println!("{} leaves, sealed {}", leaves, sealed.leaves);
    println!("appended    {:8.2} s  {:9.0}/s", appended.as_secs_f64(), rate(appended));
    println!("integrated  {:8.2} s  {:9.0}/s", integrated.as_secs_f64(), rate(integrated));
    println!("both        {:8.2} s  {:9.0}/s", (appended + integrated).as_secs_f64(), rate(appended + integrated));

    // The proof as it is handed out: for the leaf in the middle.
    let router = office::web::router(office::web::Web {
        office: office.clone(),
        settings: std::sync::Arc::new(office::web::Settings::default()),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let path = format!("/api/log/leaves/{:064x}", leaves / 2);
    let answer = runtime.block_on(async {
        use tower::ServiceExt as _;
        let request = axum::http::Request::builder().uri(&path).body(axum::body::Body::empty())?;
        let answer = router.oneshot(request).await?;
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await?;
        Ok::<_, Box<dyn Error>>(bytes)
    })?;
    let said: serde_json::Value = serde_json::from_slice(&answer)?;
    println!(
        "proof       {:8} bytes, {} hashes",
        said["proof"].to_string().len(),
        said["proof"]["path"].as_array().map_or(0, Vec::len)
    );
    Ok(())
}
