//! How long a roster of 10,000 rows and 33 columns takes, beside what the spreadsheet reader alone takes for it.
//!
//! `cargo run --release -p sheets --example roster_bench`

use std::hint::black_box;
use std::io::Cursor;
use std::time::{Duration, Instant};

use calamine::{Reader, Xlsx};
use sheets::check_roster;
use sheets::specimen::{SHEET, Specimen};

const ROWS: usize = 10_000;
const FAULTS: usize = 137;
const SEED: u64 = 20_260_060;
const RUNS: usize = 7;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::temp_dir().join("roster_bench.xlsx");
    // The file is written by another process, whose memory is not counted.
    if std::env::args().nth(1).as_deref() == Some("write") {
        std::fs::write(&file, Specimen::new(ROWS, FAULTS, SEED)?.workbook)?;
        return Ok(());
    }
    std::process::Command::new(std::env::current_exe()?).arg("write").status()?;
    let bytes = std::fs::read(&file)?;
    std::fs::remove_file(&file)?;

    let reader = best(|| {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&bytes[..])).expect("a workbook");
        let mut cells = book.worksheet_cells_reader(SHEET).expect("the worksheet");
        let mut count = 0;
        while let Some(cell) = cells.next_cell().expect("a cell") {
            black_box(cell.get_value());
            count += 1;
        }
        count
    });
    // The register and the list of running batches are the caller's; only what they answer is needed here.
    let register = Specimen::new(ROWS, FAULTS, SEED)?;
    let running = |number: &str| register.is_running(number);
    let context = register.context(&running);
    let before = memory("VmRSS");
    std::fs::write("/proc/self/clear_refs", "5")?;
    let check = best(|| check_roster(&bytes, &context).expect("a roster").findings.len());
    let peak = memory("VmHWM");

    println!("file {:.1} MB, {} cells", bytes.len() as f64 / 1e6, reader.1);
    println!("reader alone {:.0} ms", reader.0.as_secs_f64() * 1e3);
    println!("check        {:.0} ms, {} findings", check.0.as_secs_f64() * 1e3, check.1);
    println!("ratio        {:.2}", check.0.as_secs_f64() / reader.0.as_secs_f64());
    println!("memory       {peak} MB at most, {before} MB of it before the check");
    Ok(())
}

/// The shortest of some runs, and what the last one gave.
fn best<T>(mut run: impl FnMut() -> T) -> (Duration, T) {
    let mut shortest = Duration::MAX;
    let mut last = None;
    for _ in 0..RUNS {
        let start = Instant::now();
        last = Some(run());
        shortest = shortest.min(start.elapsed());
    }
    (shortest, last.expect("at least one run"))
}

/// A line of the process's status, in MB.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find(|l| l.starts_with(line)).and_then(|l| l.split_whitespace().nth(1));
    kilobytes.and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() / 1024
}
