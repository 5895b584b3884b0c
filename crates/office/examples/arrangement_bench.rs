//! How much memory a batch of 20,000 candidates takes to be registered by its roster and arranged, and how long, through
//! the very acts; on SQLite in a folder of its own.
//!
//! `cargo run --release -p office --example arrangement_bench [CANDIDATES]`

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use office::account::{self, CreateAccount, Secret};
use office::args;
use office::arrangement::{ArrangeBatch, ArrangementDetail};
use office::batch::NotifyBatch;
use office::body::{RegisterBody, seed_offices};
use office::db::{self, Engine, Keep, Sql};
use office::door::{Caller, Clock, Files, Office, Seals, Via};
use office::regulation::PublishRegulation;
use office::roster::{UploadEnrolment, UploadRoster};
use rules::Day;
use rules::people::Role;
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

/// A house with one school on file and its clerk.
fn house(at: &Path) -> Result<(Office, Caller), Box<dyn Error>> {
    let engine = Engine::open(&at.join("jiangce.db").display().to_string())?;
    db::migrate(&engine)?;
    let seals = Seals::from_secret(&[7; 32]);
    let files = Files::folder(&at.join("files"), &seals)?;
    let office = Office::open(engine, files, seals, Clock::simulated(TODAY), true)?;
    seed_offices(&office)?;
    let operator = Caller::operator();
    let school: RegisterBody = serde_json::from_value(json!({
        "name": "示例技工学校", "kind": "technical_school", "affiliation": "city", "public_body": true, "level_cap": "3",
        "county": "350102", "uscc": "12350000T00T00016F", "address": "示例路1号", "legal_representative": "示例校长",
        "head": "示例校长", "contact": "示例老师", "phone": "0591-00000001", "superior": "示例主管部门",
        "station_name": "示例职业技能鉴定所", "station_number": "示例鉴定所第001号", "station_centre": null,
    }))?;
    let body = office.act(&operator, school)?.id;
    let ids = [office.new_id(), office.new_id(), office.new_id(), office.new_id()];
    office.engine().write(move |tx| {
        let [filing, trade, listing, scope] = ids;
        let mut run = |text: &'static str, args: &[db::Value]| tx.run(&Sql { name: "bench", text }, args);
        run("INSERT INTO filing (id, body, stage, opened_on, version) VALUES (?1, ?2, 'listed', '2026-01-05', 1)", args![filing, body])?;
        run("INSERT INTO filing_trade (id, filing, code, name, work_type, level, major, standard, edition, papers, capacity) VALUES (?1, ?2, ?3, ?4, '', '4', ?4, ?4, 2024, '国家题库', 20000)", args![trade, filing, OCCUPATION_CODE, OCCUPATION])?;
        run("INSERT INTO listing (id, body, filing, number, listed_on) VALUES (?1, ?2, ?3, 'Y000035000001', '2026-02-01')", args![listing, body, filing])?;
        run("INSERT INTO listing_change (seq, listing, kind, effective_on, recorded_on, recorded_at, clause, what, document, filing, seat, digest) VALUES (1, ?1, 'listed', '2026-02-01', '2026-02-01', 0, '2.1.3a', '列入目录', '', ?2, '', '')", args![listing, filing])?;
        run("INSERT INTO listing_term (id, listing, name, county, address, responsible, centre, valid_from, valid_until, opened) VALUES (?1, ?1, '示例技工学校', '350102', '', '', 'city-350100-centre', '2026-02-01', '2029-01-31', 1)", args![listing])?;
        run("INSERT INTO listing_scope (id, listing, filing, code, name, work_type, level, standard, edition, valid_from, valid_until, opened) VALUES (?1, ?2, ?3, ?4, ?5, '', '4', ?5, 2024, '2026-02-01', '2029-01-31', 1)", args![scope, listing, filing, OCCUPATION_CODE, OCCUPATION])?;
        Ok((Keep::Yes, ()))
    })?;
    let person = |login: &str, role| CreateAccount {
        login: login.into(),
        name: "示例".into(),
        role,
        body: Some(body),
        office: None,
        password: Secret::new("一二三四五六七八九十"),
    };
    office.act(&operator, person("clerk", Role::Clerk))?;
    office.act(&operator, person("head", Role::Head))?;
    let head = account::caller_for(&office, "head", Via::Cli)?;
    for kind in ["exam", "quality", "certificate", "fee"] {
        let regulation: PublishRegulation = serde_json::from_value(json!({
            "kind": kind, "title": "示例管理办法", "text": "第一条　示例。", "files": [], "from": TODAY, "until": null, "note": "",
        }))?;
        office.act(&head, regulation)?;
    }
    let clerk = account::caller_for(&office, "clerk", Via::Cli)?;
    Ok((office, clerk))
}

fn main() -> Result<(), Box<dyn Error>> {
    let people: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let at = tempfile::tempdir()?;
    let (office, clerk) = house(at.path())?;
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
