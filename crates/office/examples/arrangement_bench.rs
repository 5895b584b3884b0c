//! How much memory a batch of 20,000 candidates takes to be registered by its roster and arranged, and how long, through
//! the very acts; on SQLite in a folder of its own, or in the empty PostgreSQL database at the address given.
//!
//! `cargo run --release -p office --example arrangement_bench [CANDIDATES] [postgres://…]`

mod common;

use std::error::Error;
use std::fmt::Write as _;
use std::time::Instant;

use office::arrangement::{ArrangeBatch, ArrangementDetail};
use office::batch::NotifyBatch;
use office::roster::{UploadEnrolment, UploadRoster};
use rules::Day;
use serde_json::json;
use sheets::specimen::{OCCUPATION, OCCUPATION_CODE, resident_number};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TODAY: Day = Day::constant(2026, 8, 31);
const BEGINS: &str = "2026-09-14";
const ENDS: &str = "2026-09-30";

/// The register and the roster of so many students, in classes of 45.
fn files(people: usize) -> (String, String) {
    let mut register = "学号,姓名,证件号码,专业,班级,培养层次,入学年月,毕业年月\n".to_owned();
    let mut roster = "姓名,证件号码,学号,手机号码\n".to_owned();
    for n in 0..people {
        // A thousand numbers a day of birth.
        let born = Day::constant(1880, 1, 1).saturating_add(jiff::Span::new().days((n / 900) as i64));
        let born = format!("{}{:02}{:02}", born.year(), born.month(), born.day());
        let number = resident_number(&born, n % 900 + 1);
        let _ = writeln!(register, "S{n:05},示例考生,{number},{OCCUPATION},示例{}班,中级工班,2023-09,2027-02", n / 45);
        let _ = writeln!(roster, "示例考生,{number},S{n:05},");
    }
    (register, roster)
}

fn main() -> Result<(), Box<dyn Error>> {
    let people: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let at = tempfile::tempdir()?;
    let database = std::env::args().nth(2);
    let (office, clerk) = common::house(at.path(), TODAY, database.as_deref())?;
    println!("{}, {people} candidates", office.engine().name());
    let batch: NotifyBatch = serde_json::from_value(json!({
        "code": OCCUPATION_CODE, "level": "4", "standard": format!("《{OCCUPATION}》（2024年版）"), "starts_on": BEGINS, "ends_on": ENDS,
        "theory_on": BEGINS, "practical_on": BEGINS, "theory_place": "示例教学楼", "practical_place": "示例实训楼", "expected": people,
        "plan": "示例工作计划", "plan_file": null,
    }))?;
    let batch = office.act(&clerk, batch)?.id;
    let (register, roster) = files(people);
    let (register, _) = office.files().keep(register.as_bytes())?;
    let (roster, _) = office.files().keep(roster.as_bytes())?;
    let step = |what: &str, start: Instant| {
        println!("{what}: {:.0} ms, {} MB at most so far", start.elapsed().as_secs_f64() * 1e3, memory("VmHWM"));
    };
    let start = Instant::now();
    let enrolled = office.act(&clerk, UploadEnrolment::new(register, "学籍.csv"))?;
    assert_eq!(enrolled.faults, 0, "the register has no fault");
    step("register", start);
    let start = Instant::now();
    let made = office.act(&clerk, UploadRoster::new(batch, roster, "名册.csv"))?;
    assert_eq!((made.new, made.faults), (people, 0), "the roster has no fault");
    step("roster", start);
    let rooms: Vec<_> = (0..people.div_ceil(900).max(1))
        .map(|n| json!({"name": format!("示例教学楼{n}"), "seats": 30, "columns": 6}))
        .collect();
    let stations: Vec<_> =
        (0..people.div_ceil(1_200).max(1)).map(|n| json!({"name": format!("示例实训楼{n}"), "count": 45})).collect();
    let act: ArrangeBatch = serde_json::from_value(json!({"batch": batch, "rooms": rooms, "stations": stations}))?;
    let start = Instant::now();
    let arranged = office.act(&clerk, act)?;
    assert_eq!(arranged.persons, people, "everyone has a place");
    step("arranged", start);
    let start = Instant::now();
    let view = office.look(&clerk, &ArrangementDetail { batch })?;
    assert_eq!(view.seated, people as i64, "everyone has a place");
    step("looked at", start);
    println!("{people} candidates, {} sessions, {} findings", arranged.sessions, arranged.findings.len());
    Ok(())
}

/// A line of the process's status, in MB.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find(|l| l.starts_with(line)).and_then(|l| l.split_whitespace().nth(1));
    kilobytes.and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() / 1024
}
