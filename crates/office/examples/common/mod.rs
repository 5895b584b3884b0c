//! What the measurements of a school's work share: a house with one school on file, that may notify a batch.

use std::error::Error;
use std::path::Path;

use office::account::{self, CreateAccount, Secret};
use office::args;
use office::body::{RegisterBody, seed_offices};
use office::db::{self, Engine, Keep, Sql};
use office::door::{Caller, Clock, Files, Office, Seals, Via};
use office::regulation::PublishRegulation;
use office::year_plan::{PublishYearPlan, YearPlanLine};
use rules::Day;
use rules::certificate::Level;
use rules::people::Role;
use serde_json::json;
use sheets::specimen::{OCCUPATION, OCCUPATION_CODE};

/// A house in the folder `at` on the day `today`: one school on file, with its regulations and the plan of the year, and its
/// clerk. Its database is the empty one at this address; without one, SQLite in the folder.
///
/// # Errors
/// Whatever an act or the database says.
pub fn house(at: &Path, today: Day, database: Option<&str>) -> Result<(Office, Caller), Box<dyn Error>> {
    let engine = match database {
        Some(url) => Engine::open(url)?,
        None => Engine::open(&at.join("jiangce.db").display().to_string())?,
    };
    db::migrate(&engine)?;
    let seals = Seals::from_secret(&[7; 32]);
    let files = Files::folder(&at.join("files"), &seals)?;
    let office = Office::open(engine, files, seals, Clock::simulated(today), true)?;
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
            "kind": kind, "title": "示例管理办法", "text": "第一条　示例。", "files": [], "from": today, "until": null, "note": "",
        }))?;
        office.act(&head, regulation)?;
    }
    let line = YearPlanLine {
        trade: OCCUPATION_CODE.into(),
        work_type: String::new(),
        level: Level::L4,
        expected: rules::year_plan::EXPECTED_MAX,
        months: "全年".into(),
    };
    office.act(&head, PublishYearPlan::new(i64::from(today.year()), vec![line], None, ""))?;
    let clerk = account::caller_for(&office, "clerk", Via::Cli)?;
    Ok((office, clerk))
}
