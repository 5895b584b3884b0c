//! How much memory photos of 10,000 candidates take to be imported from ZIPs as large as one upload may be, and how long,
//! through the very act. `bench/photos` runs it.
//!
//! `cargo run --release -p office --example photo_bench -- [CANDIDATES] [KB] [postgres://…]`

mod common;

use std::error::Error;
use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};

use office::args;
use office::db::{Keep, Sql, Value};
use office::roster::UploadPhotos;
use rules::Day;
use sheets::specimen::resident_number;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TODAY: Day = Day::constant(2026, 8, 31);
const PORTRAIT: &[u8] = include_bytes!("../../../demo/photos/1.jpg");
const FILE: &str = "INSERT INTO file (hash, kind, size, stored_at) VALUES ('roster', 'zip', 1, 0)";
const BATCH: &str = "INSERT INTO batch (id, number, body, listing, stage, title, code, trade, level, standard, edition, notified_on, starts_on, ends_on, theory_on, practical_on, theory_place, practical_place, expected, plan, version)
  SELECT 1, 'PC2026-00001', l.body, l.id, 'notified', '示例批', '6-18-01-01', '示例职业', '4', '示例标准', 2024, '2026-08-03', '2026-09-14', '2026-09-15', '2026-09-14', '2026-09-15', '示例教学楼', '示例实训楼', 10000, '示例计划', 1 FROM listing l";
const UPLOAD: &str = "INSERT INTO roster_upload (id, batch, file, name, rows_read, rows_good, rows_new, findings, at, account_name) VALUES (1, 1, 'roster', '名册.csv', 0, 0, 0, '', 0, '示例')";
const CANDIDATE: &str = "INSERT INTO candidate (id, batch, upload, sheet, row_no, ticket, name, id_kind, id_key, id_sealed, sex, born, student_no, major, condition, phone_sealed, held)
  VALUES (?1, 1, 1, '名册', 1, ?2, '示例', '201', ?3, ?4, '男', '2009-01-01', ?2, '', 'N4-3', '', 0)";
/// What one upload holds, in bytes, with room for the ZIP's own list.
const UPLOAD_MAX: usize = 31 << 20;

/// The n-th photo: a portrait with a comment of its own, so long that the whole has so many kilobytes; a camera's
/// JPEG can't be packed any smaller either.
fn photo(n: usize, kilobytes: usize) -> Vec<u8> {
    let mut left = (kilobytes << 10).saturating_sub(PORTRAIT.len());
    let mut made = PORTRAIT[..2].to_vec();
    let mut chance = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    while left > 0 {
        let part = left.min(60_000);
        made.extend([0xff, 0xfe]);
        made.extend((part as u16 + 2).to_be_bytes());
        made.extend((0..part).map(|_| {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            chance as u8
        }));
        left -= part;
    }
    made.extend(&PORTRAIT[2..]);
    made
}

fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() >> 10
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let people: usize = words.next().map_or(Ok(10_000), |text| text.parse())?;
    let kilobytes: usize = words.next().map_or(Ok(20), |text| text.parse())?;
    let at = tempfile::tempdir()?;
    let (office, clerk) = common::house(at.path(), TODAY, words.next().filter(|url| url != "sqlite").as_deref())?;
    let seals = office.seals().clone();
    office.engine().write(move |tx| {
        let mut run = |text: &'static str, args: &[Value]| tx.run(&Sql { name: "bench", text }, args);
        run(FILE, args![])?;
        run(BATCH, args![])?;
        run(UPLOAD, args![])?;
        for n in 0..people {
            let number =
                resident_number(&format!("1880{:02}{:02}", n / 900 % 12 + 1, n / 10_800 % 28 + 1), n % 900 + 1);
            let (key, sealed) = (seals.find_key(&number), seals.seal(&number));
            run(CANDIDATE, args![n as i64 + 1, format!("S{n:05}"), key, sealed])?;
        }
        Ok((Keep::Yes, ()))
    })?;
    println!("{}: {people} candidates, {kilobytes} KB a photo, {} MB before", office.engine().name(), memory("VmHWM"));
    let (mut next, mut uploads, mut took, mut taken) = (0, 0, Duration::ZERO, 0);
    while next < people {
        // Made and written down before the clock runs; the house reads it back from its own files.
        let mut zip = ZipWriter::new(Cursor::new(Vec::with_capacity(UPLOAD_MAX)));
        let (mut size, stored) = (0, SimpleFileOptions::default().compression_method(CompressionMethod::Stored));
        while next < people && size < UPLOAD_MAX - (kilobytes << 10) - 100 {
            let photo = photo(next, kilobytes);
            zip.start_file(format!("S{next:05}.jpg"), stored)?;
            zip.write_all(&photo)?;
            size += photo.len() + 140;
            next += 1;
        }
        let (file, _) = office.files().keep(&zip.finish()?.into_inner())?;
        let begun = Instant::now();
        let made = office.act(&clerk, UploadPhotos::new(1, file, ""))?;
        let time = begun.elapsed();
        assert_eq!((made.pictures, made.faults), (made.taken, 0), "every photo is taken");
        uploads += 1;
        took += time;
        taken += made.taken;
        println!(
            "upload {uploads}: {} photos, {:.1} s, {} MB at most so far",
            made.taken,
            time.as_secs_f64(),
            memory("VmHWM")
        );
    }
    assert_eq!(taken, people);
    let each = took.as_secs_f64() * 1e3 / people as f64;
    println!(
        "{people} photos in {uploads} uploads: {:.1} s, {each:.2} ms a photo, {} MB at most",
        took.as_secs_f64(),
        memory("VmHWM")
    );
    Ok(())
}
