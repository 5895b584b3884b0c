//! A made-up directory of five thousand bodies with sixty thousand occupations and ten years of changes, for measuring;
//! and the questions about it, in `current.txt` and `as-of.txt`. `bench/directory` runs it.
//!
//! `cargo run --release -p office --example directory_data -- FOLDER`

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use office::args;
use office::db::{self, Engine, Keep, Sql, Value};

const BODIES: i64 = 5_000;
const TRADES: i64 = 6;
const LEVELS: [&str; 2] = ["4", "3"];
/// A renewal every third year, and a new responsible person in the years between.
const YEARS: i64 = 10;
const QUESTIONS: i64 = 2_000;
const COUNTIES: [&str; 10] =
    ["350102", "350128", "350203", "350302", "350403", "350502", "350602", "350702", "350802", "350902"];
const NAMES: &str = "春夏秋冬山川林海云风雨雪松竹梅兰江河湖泊";

fn name(body: i64) -> String {
    let sign = |at: i64| NAMES.chars().nth((at % 20) as usize).unwrap_or('一');
    format!("示例{}{}{}技工学校", sign(body), sign(body / 20), sign(body / 400))
}

fn code(trade: i64) -> String {
    format!("6-{:02}-{:02}-{:02}", 11 + trade / 100, trade / 10 % 10, trade % 10)
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let engine = Engine::open(&folder.join("jiangce.db").display().to_string())?;
    db::migrate(&engine)?;
    engine.write(|tx| {
        let mut run = |text: &'static str, args: &[Value]| tx.run(&Sql { name: "bench", text }, args);
        run("INSERT INTO office (code, kind, name, division) VALUES ('province-centre', 'centre', '福建省职业技能鉴定指导中心', '350000') ON CONFLICT (code) DO NOTHING", &[])?;
        Ok::<_, db::DbError>((Keep::Yes, ()))
    })?;
    let mut seq = 0;
    for first in (0..BODIES).step_by(250) {
        engine.write(move |tx| {
            let mut id = first * 1_000;
            let mut run = |text: &'static str, args: &[Value]| tx.run(&Sql { name: "bench", text }, args);
            for body in first..first + 250 {
                let (b, county) = (body + 1, COUNTIES[(body % 10) as usize]);
                run("INSERT INTO body (id, name, kind, affiliation, public_body, level_cap, county, uscc, address, legal_representative, head, contact, phone, superior, station_name, station_number, centre, version)
                  VALUES (?1, ?2, 'technical_school', 'city', 1, '3', ?3, ?4, '', '', '', '', '', '', '', '', 'province-centre', 1)", args![b, name(body), county, format!("BENCH{b:013}")])?;
                run("INSERT INTO filing (id, body, stage, opened_on, version) VALUES (?1, ?1, 'listed', '2017-01-05', 1)", args![b])?;
                run("INSERT INTO listing (id, body, filing, number, listed_on) VALUES (?1, ?1, ?1, ?2, '2017-02-01')", args![b, format!("Y000035{b:06}")])?;
                // Numbers stand in the order of bodies, not of days; nobody asks the file what it measures.
                let mut closed: Option<(i64, i64)> = None;
                for year in 0..YEARS {
                    seq = body * YEARS + year + 1;
                    let (from, day) = (format!("{}-02-01", 2017 + year / 3 * 3), format!("{}-02-01", 2017 + year));
                    let until = format!("{}-01-31", 2020 + year / 3 * 3);
                    let renewed = year % 3 == 0;
                    let kind = if year == 0 { "listed" } else if renewed { "renewed" } else { "amended" };
                    run("INSERT INTO listing_change (seq, listing, kind, effective_on, recorded_on, recorded_at, clause, what, document, filing, seat, digest)
                      VALUES (?1, ?2, ?3, ?4, ?4, 0, '2.1.3d', '示例变更', '', ?2, '示例中心', '')", args![seq, b, kind, &day])?;
                    if let Some((term, scopes)) = closed {
                        run("UPDATE listing_term SET closed = ?2 WHERE id = ?1", args![term, seq])?;
                        if renewed {
                            run("UPDATE listing_scope SET closed = ?3 WHERE id >= ?1 AND id < ?2", args![scopes, scopes + TRADES * 2, seq])?;
                        }
                    }
                    id += 1;
                    let term = id;
                    run("INSERT INTO listing_term (id, listing, name, county, address, responsible, centre, valid_from, valid_until, opened)
                      VALUES (?1, ?2, ?3, ?4, '示例路1号', ?5, 'province-centre', ?6, ?7, ?8)", args![term, b, name(body), county, format!("示例{year}"), &from, &until, seq])?;
                    let mut scopes = closed.map_or(0, |closed| closed.1);
                    if renewed {
                        scopes = id + 1;
                        for trade in 0..TRADES {
                            for level in LEVELS {
                                id += 1;
                                let at = (body * 7 + trade * 31) % 400;
                                run("INSERT INTO listing_scope (id, listing, filing, code, name, work_type, level, standard, edition, valid_from, valid_until, opened)
                                  VALUES (?1, ?2, ?2, ?3, ?4, '', ?5, ?4, 2019, ?6, ?7, ?8)", args![id, b, code(at), format!("示例职业{at}"), level, &from, &until, seq])?;
                            }
                        }
                    }
                    closed = Some((term, scopes));
                }
            }
            run("INSERT INTO counter (series, last) VALUES ('directory', ?1) ON CONFLICT (series) DO UPDATE SET last = excluded.last", args![seq])?;
            Ok::<_, db::DbError>((Keep::Yes, ()))
        })?;
    }
    let (mut current, mut as_of) = (String::new(), String::new());
    for n in 0..QUESTIONS {
        let asked = match n % 4 {
            0 => format!("name={}", encoded(&name(n * 3).chars().skip(2).take(2).collect::<String>())),
            1 => format!("occupation={}", code(n % 400)),
            2 => format!("place={}&level=3", COUNTIES[(n % 10) as usize]),
            _ => format!("occupation={}&level=4&page=2", encoded(&format!("示例职业{}", n % 40))),
        };
        writeln!(current, "/directory?{asked}")?;
        writeln!(as_of, "/directory?{asked}&on={}-06-15&known={}-03-01", 2018 + n % 8, 2018 + n % 8)?;
    }
    std::fs::write(folder.join("current.txt"), current)?;
    std::fs::write(folder.join("as-of.txt"), as_of)?;
    Ok(())
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
