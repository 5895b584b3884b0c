//! How long it takes to arrange a batch: so many candidates (5,000 without an argument) of classes of 45, theory and
//! practice on days that overlap, so that nobody may be in two places at once.
//!
//! `cargo run --release -p rules --example arrangement [CANDIDATES]`

use std::time::Instant;

use rules::arrangement::{Entrant, ExamRoom, ExamStations, Means, arrange};
use rules::batch::Plan;
use rules::certificate::Level;

fn main() {
    let people = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(5_000_usize);
    let day = |text: &str| text.parse().expect("a day");
    let plan = Plan {
        code: "4-03-02-01".into(),
        level: Level::L2,
        starts_on: day("2026-09-14"),
        ends_on: day("2026-09-25"),
        theory_on: day("2026-09-14"),
        practical_on: day("2026-09-14"),
        comprehensive_on: Some(day("2026-09-14")),
        expected: people as i64,
        standard: String::new(),
        places: String::new(),
        work_plan: String::new(),
    };
    let share = |per: usize| people.div_ceil(per).max(1);
    let rooms = (0..share(400)).map(|n| ExamRoom { name: format!("考场{n}"), seats: 30, columns: 6 });
    let stations = (0..share(1_000)).map(|n| ExamStations { name: format!("车间{n}"), count: 40 });
    let reviews = (0..share(150)).map(|n| format!("评审室{n}"));
    let means =
        Means::with(rooms.collect(), stations.collect(), reviews.collect(), &rules::standard::Rules::usual(None));
    // In no order, as lots leave them.
    let entrants: Vec<Entrant> = (0..people)
        .map(|n| n * 7_919 % people)
        .map(|n| Entrant { id: n as i64, class: format!("{}班", n / 45) })
        .collect();
    let start = Instant::now();
    let made = arrange(&plan, &means, &entrants);
    let took = start.elapsed();
    match made {
        Ok(made) => println!(
            "{people} candidates, {} sessions, {} places, {} findings, {:.0} ms",
            made.sessions.len(),
            made.places.len(),
            made.findings.len(),
            took.as_secs_f64() * 1e3
        ),
        Err(refusals) => refusals.iter().for_each(|refusal| println!("{refusal}")),
    }
}
