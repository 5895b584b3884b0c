//! A made-up directory with ten years of changes, for measuring: as many bodies as are asked for, twelve occupations and
//! levels each; the questions about it, in `current.txt` and `as-of.txt`, and what some answers must hold, in
//! `checks.txt`. `bench/directory` runs it.
//!
//! `cargo run --release -p office --example directory_data -- FOLDER [BODIES]`

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use office::args;
use office::db::{self, Engine, Keep, Sql, Value};
use office::door::clock::{day_of, real_now};

const TRADES: i64 = 6;
const LEVELS: [&str; 2] = ["4", "3"];
/// A renewal every third year, and a new responsible person in the years between.
const YEARS: i16 = 10;
const QUESTIONS: i64 = 2_000;
/// Bodies of one transaction.
const CHUNK: i64 = 250;
const COUNTIES: [&str; 10] =
    ["350102", "350128", "350203", "350302", "350403", "350502", "350602", "350702", "350802", "350902"];
const NAMES: &str = "春夏秋冬山川林海云风雨雪松竹梅兰江河湖泊";

const LISTED: &str = "INSERT INTO listing (id, body, filing, number, listed_on) VALUES (?1, ?1, ?1, ?2, ?3)";
const BODY: &str = "INSERT INTO body (id, name, kind, affiliation, public_body, level_cap, county, uscc, address, legal_representative, head, contact, phone, superior, station_name, station_number, centre, version)
  VALUES (?1, ?2, 'technical_school', 'city', 1, '3', ?3, ?4, '', '', '', '', '', '', '', '', 'province-centre', 1)";
const FILING: &str = "INSERT INTO filing (id, body, stage, opened_on, version) VALUES (?1, ?1, 'listed', ?2, 1)";
const CHANGE: &str = "INSERT INTO listing_change (seq, listing, kind, effective_on, recorded_on, recorded_at, clause, what, document, filing, seat, digest)
  VALUES (?1, ?2, ?3, ?4, ?4, 0, '2.1.3d', '示例变更', '', ?2, '示例中心', '')";
const CLOSE_TERM: &str = "UPDATE listing_term SET closed = ?2 WHERE id = ?1";
const CLOSE_SCOPES: &str = "UPDATE listing_scope SET closed = ?3 WHERE id >= ?1 AND id < ?2";
const TERM: &str = "INSERT INTO listing_term (id, listing, name, county, address, responsible, centre, valid_from, valid_until, opened)
  VALUES (?1, ?2, ?3, ?4, '示例路1号', ?5, 'province-centre', ?6, ?7, ?8)";
const SCOPE: &str = "INSERT INTO listing_scope (id, listing, filing, code, name, work_type, level, standard, edition, valid_from, valid_until, opened)
  VALUES (?1, ?2, ?2, ?3, ?4, '', ?5, ?4, 2019, ?6, ?7, ?8)";
const COUNTER: &str = "INSERT INTO counter (series, last) VALUES ('directory', ?1) ON CONFLICT (series) DO UPDATE SET last = excluded.last";
const OFFICE: &str = "INSERT INTO office (code, kind, name, division) VALUES ('province-centre', 'provincial_centre', '福建省职业技能鉴定指导中心', '350000') ON CONFLICT (code) DO NOTHING";

fn name(body: i64) -> String {
    let sign = |at: i64| NAMES.chars().nth((at % 20) as usize).unwrap_or('一');
    format!("示例{}{}{}技工学校", sign(body), sign(body / 20), sign(body / 400))
}

fn number(body: i64) -> String {
    format!("Y000035{:06}", body + 1)
}

fn trade(at: i64) -> (String, String) {
    (format!("6-{:02}-{:02}-{:02}", 11 + at / 100, at / 10 % 10, at % 10), format!("示例职业{at}"))
}

/// What is on file of a body: its term, and the first of its occupations.
#[derive(Clone, Copy)]
struct Open {
    term: i64,
    scopes: i64,
}

/// Statements with their values, run in one transaction.
type Rows = Vec<(&'static str, Vec<Value>)>;

fn run(engine: &Engine, rows: Rows) -> Result<(), db::DbError> {
    engine.write(move |tx| {
        for (text, values) in &rows {
            tx.run(&Sql { name: "bench", text }, values)?;
        }
        Ok((Keep::Yes, ()))
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let bodies: i64 = std::env::args().nth(2).map_or(Ok(5_000), |text| text.parse())?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let engine = Engine::open(&folder.join("jiangce.db").display().to_string())?;
    db::migrate(&engine)?;

    // The last renewal lies less than a year back, so that nothing falls due while the directory is measured.
    let today = day_of(real_now());
    let last = if (today.month(), today.day()) >= (2, 1) { today.year() } else { today.year() - 1 };
    let first = last - YEARS + 1;
    let begins = |year: i16| format!("{year}-02-01");

    let mut rows: Rows = vec![(OFFICE, Vec::new())];
    for body in 0..bodies {
        let id = body + 1;
        let county = COUNTIES[(body % 10) as usize];
        rows.push((BODY, args![id, name(body), county, format!("BENCH{id:013}")].to_vec()));
        rows.push((FILING, args![id, begins(first)].to_vec()));
        rows.push((LISTED, args![id, number(body), begins(first)].to_vec()));
    }
    run(&engine, rows)?;

    // Changes are numbered in the order in which they became known: year by year, and in each year body by body.
    let (mut seq, mut id) = (0_i64, bodies * 1_000);
    let mut open: Vec<Option<Open>> = vec![None; bodies as usize];
    for year in 0..YEARS {
        let renews = year % 3 == 0;
        let (from, day) = (begins(first + year / 3 * 3), begins(first + year));
        let until = format!("{}-01-31", first + year / 3 * 3 + 3);
        for chunk in (0..bodies).step_by(CHUNK as usize) {
            let mut rows: Rows = Vec::new();
            for body in chunk..(chunk + CHUNK).min(bodies) {
                seq += 1;
                let listing = body + 1;
                let kind = if year == 0 {
                    "listed"
                } else if renews {
                    "renewed"
                } else {
                    "amended"
                };
                rows.push((CHANGE, args![seq, listing, kind, &day].to_vec()));
                let before = open[body as usize];
                if let Some(Open { term, scopes }) = before {
                    rows.push((CLOSE_TERM, args![term, seq].to_vec()));
                    if renews {
                        rows.push((CLOSE_SCOPES, args![scopes, scopes + TRADES * 2, seq].to_vec()));
                    }
                }
                id += 1;
                let term = id;
                let county = COUNTIES[(body % 10) as usize];
                let responsible = format!("示例{year}");
                rows.push((TERM, args![term, listing, name(body), county, responsible, &from, &until, seq].to_vec()));
                let mut scopes = before.map_or(0, |open| open.scopes);
                if renews {
                    scopes = id + 1;
                    for nth in 0..TRADES {
                        let (code, name) = trade((body * 7 + nth * 31) % 400);
                        for level in LEVELS {
                            id += 1;
                            rows.push((SCOPE, args![id, listing, &code, &name, level, &from, &until, seq].to_vec()));
                        }
                    }
                }
                open[body as usize] = Some(Open { term, scopes });
            }
            rows.push((COUNTER, args![seq].to_vec()));
            run(&engine, rows)?;
        }
    }

    let (mut current, mut as_of) = (String::new(), String::new());
    for n in 0..QUESTIONS {
        let asked = match n % 4 {
            0 => format!("name={}", encoded(&name(n * 3).chars().skip(2).take(2).collect::<String>())),
            1 => format!("occupation={}", trade(n % 400).0),
            2 => format!("place={}&level=3", COUNTIES[(n / 4 % 10) as usize]),
            _ => format!("occupation={}&level=4&page=2", encoded(&trade(n % 40).1)),
        };
        let year = i64::from(first) + 1 + n % 8;
        writeln!(current, "/directory?{asked}")?;
        writeln!(as_of, "/directory?{asked}&on={year}-06-15&known={year}-03-01")?;
    }
    std::fs::write(folder.join("current.txt"), current)?;
    std::fs::write(folder.join("as-of.txt"), as_of)?;

    // Who was responsible in the fifth year, as it was known after its change and before it; and before there was anything.
    let (fifth, one) = (first + 4, number(0));
    let mut checks = String::new();
    for (path, holds) in [
        ("/api/directory".to_owned(), format!("\"total\":{bodies}")),
        (format!("/api/directory?on={fifth}-06-15&known={fifth}-03-01"), format!("\"total\":{bodies}")),
        (format!("/api/directory?on={fifth}-06-15&known={}-01-31", first), "\"total\":0".to_owned()),
        (format!("/api/directory/{one}"), format!("\"responsible\":\"示例{}\"", YEARS - 1)),
        (format!("/api/directory/{one}?on={fifth}-06-15&known={fifth}-03-01"), "\"responsible\":\"示例4\"".to_owned()),
        (format!("/api/directory/{one}?on={fifth}-06-15&known={fifth}-01-31"), "\"responsible\":\"示例3\"".to_owned()),
        (format!("/api/directory?occupation={}&level=3", trade(0).0), "\"entries\":[{".to_owned()),
    ] {
        writeln!(checks, "{path}\t{holds}")?;
    }
    std::fs::write(folder.join("checks.txt"), checks)?;
    Ok(())
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
