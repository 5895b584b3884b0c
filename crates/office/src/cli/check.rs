//! Checks that need neither server nor database: identity numbers, working days, rosters on the clerk's own desk.

use std::path::Path;

use clap::Subcommand;
use rules::identity::{self, IdKind};
use rules::refusal::RefusalView;
use rules::{Day, Refusal};
use serde_json::json;

use super::Outcome;
use crate::db::Engine;
use crate::door::{Stop, clock};
use crate::reference::Reference;

#[derive(Subcommand)]
pub enum Check {
    /// 检查证件号码
    Id {
        #[arg(required = true)]
        numbers: Vec<String>,
        /// 证件类型，不给则按号码判断
        #[arg(long)]
        kind: Option<String>,
    },
}

pub(super) fn run(what: Check) -> Result<Outcome, Stop> {
    match what {
        Check::Id { numbers, kind } => Ok(ids(&numbers, kind.as_deref())),
    }
}

fn ids(numbers: &[String], kind: Option<&str>) -> Outcome {
    let today = clock::day_of(clock::real_now());
    let mut text = String::new();
    let mut rows = Vec::new();
    let mut well = true;
    for raw in numbers {
        let kind = kind.map_or_else(|| identity::guess(raw), IdKind::from_text).unwrap_or(IdKind::ResidentId);
        match identity::check(kind, raw, today) {
            Ok(found) => {
                let warning = found.warning.clone().unwrap_or_default();
                text += &format!("{raw}\t有效\t{}\t{warning}\n", found.kind.name());
                rows.push(json!({"value": raw, "valid": true, "kind": found.kind.code(), "number": found.number,
                    "born": found.born.map(|day| day.to_string()), "warning": found.warning}));
            }
            Err(refusal) => {
                well = false;
                text += &format!("{raw}\t无效\t{}\t{}\n", refusal.what, refusal.remedy);
                rows.push(
                    json!({"value": raw, "valid": false, "kind": kind.code(), "refusal": RefusalView::from(&refusal)}),
                );
            }
        }
    }
    Outcome { text, json: json!(rows), well }
}

pub(super) fn workdays(start: &str, count: &str, data: Option<&Path>) -> Result<Outcome, Stop> {
    let wrong = |what: String| Refusal::house("命令行", what).remedy("例如 jiangce workdays 2026-09-30 +5");
    let start: Day = start.parse().map_err(|_| wrong(format!("“{start}”不是日期")))?;
    let count: i32 = count.parse().map_err(|_| wrong(format!("“{count}”不是整数")))?;
    let day = reference(data)?.calendar.add(start, count)?;
    Ok(Outcome::well(
        day.to_string(),
        json!({"start": start.to_string(), "working_days": count, "day": day.to_string()}),
    ))
}

/// The tables that ship, with what was imported into a data folder where one is named and has a database.
pub(super) fn reference(data: Option<&Path>) -> Result<Reference, Stop> {
    match data.map(|data| data.join("jiangce.db")).filter(|file| file.exists()) {
        Some(file) => Ok(Engine::open(&file.display().to_string())?.read(crate::reference::load)?),
        None => Reference::shipped().map_err(Stop::fault),
    }
}
