//! Certificates by the million, for measuring the public query. This is the one way past the acts, and it goes only into
//! a house that nobody has used: bodies, batches, persons and certificates as acts would leave them, in statements of a
//! thousand rows. Everyone in it is made up.

use std::io::Write as _;
use std::path::Path;

use rules::certificate::{CertificateNumber, FilingNumber, Level};
use rules::{Day, Refusal};
use serde_json::{Map, Value, json};

use super::store;
use crate::db::Keep;
use crate::door::{Office, Stop};

/// Certificates of one batch.
const BATCH: usize = 1_000;
/// Batches of one body.
const BATCHES: usize = 20;
/// Questions written down; more would only make the file longer.
const QUESTIONS: usize = 100_000;

/// Someone made up: the n-th.
struct Holder {
    name: String,
    id_number: String,
}

fn holder(n: usize) -> Holder {
    const GIVEN: &str = "春夏秋冬山川林海云风雨雪松竹梅兰江河湖泊";
    let sign = |at: usize| GIVEN.chars().nth(at % 20).unwrap_or('一');
    let (year, month, day) = (1880 + n / 336_000 % 20, n % 12 + 1, n / 12 % 28 + 1);
    Holder {
        name: format!("示例{}{}", sign(n), sign(n / 20)),
        id_number: sheets::specimen::resident_number(&format!("{year}{month:02}{day:02}"), n / 336 % 1_000),
    }
}

/// Fills a new house with certificates and writes the questions about them to `urls.txt` beside the database: half by
/// name and identity number, half by name and certificate number.
///
/// # Errors
/// A refusal when the house has been used, or a fault.
pub fn fill(office: &Office, count: usize, urls: &Path) -> Result<(), Stop> {
    if !office.engine().read(store::is_unused)? {
        return Err(Refusal::house("基准数据", "这里已有数据")
            .remedy("基准数据只写入新的目录，请用另一个 --data 目录")
            .into());
    }
    let issued_on = Day::constant(2026, 11, 12);
    let mut out = std::io::BufWriter::new(std::fs::File::create(urls).map_err(Stop::fault)?);
    let step = count.div_ceil(QUESTIONS).max(1);
    for (batch, first) in (0..count).step_by(BATCH).enumerate() {
        let last = (first + BATCH).min(count);
        let body = batch / BATCHES;
        let filing = FilingNumber::parse(&format!("Y000035{:06}", body + 1))?;
        let numbers: Vec<String> = (first..last)
            .map(|n| {
                let serial = (n - body * BATCHES * BATCH + 1) as u32;
                Ok(CertificateNumber::new(filing, 26, Level::L4, serial)?.to_string())
            })
            .collect::<Result<_, Stop>>()?;
        for (n, number) in (first..last).zip(&numbers).filter(|(n, _)| n % step == 0) {
            let holder = holder(n);
            let number = if (n / step).is_multiple_of(2) { &holder.id_number } else { number };
            let name: String = form_urlencoded::byte_serialize(holder.name.as_bytes()).collect();
            writeln!(out, "/api/certificates/query?name={name}&number={number}").map_err(Stop::fault)?;
        }
        let (house, body_id, batch_id) = (office.clone(), body as i64 + 1, batch as i64 + 1);
        office.engine().write(move |tx| {
            if batch % BATCHES == 0 {
                store::bench_body(tx, body_id, &filing.to_string())?;
            }
            store::bench_batch(tx, batch_id, body_id)?;
            let row = |(n, number): (usize, &String)| {
                let Holder { name, id_number } = holder(n);
                let (key, sealed) = (house.seals().find_key(&id_number), house.seals().seal(&id_number));
                // Some no longer stand, so that a question about one can be told from others or not.
                let state = if n % 10 == 9 { "revoked" } else { "valid" };
                ((n + 1).to_string(), json!([number, name, key, sealed, state]))
            };
            let rows: Map<String, Value> = (first..last).zip(&numbers).map(row).collect();
            store::bench_certificates(tx, (batch_id, body_id), &Value::Object(rows).to_string(), issued_on)?;
            Ok((Keep::Yes, ()))
        })?;
    }
    out.flush().map_err(Stop::fault)
}
