//! Tests about the source: SQL only where it belongs, every clause with code and story or an excuse, generated tables
//! current. `UPDATE=1 cargo test` rewrites what is generated; a plain run compares.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use office::db::Sql;
use rules::Clause;
use rules::batch::{BatchStage, BatchStep};
use rules::cooperation::{CooperationKind, CooperationState, CooperationStep, Side, next as next_of};
use rules::people::Role;
use rules::permission::{ActKind, LookKind, Reach, grants, may_look};
use serde_json::json;

use crate::world::World;

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project")
}

/// Every file below `folder` with this ending, with its text; paths are relative to the project.
fn sources(folder: &str, ending: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|e| e == ending) {
                let name = entry.strip_prefix(root()).expect("inside").display().to_string();
                found.insert(name, fs::read_to_string(&entry).expect("text"));
            }
        }
    }
    found
}

/// Compares a generated file, or rewrites it under `UPDATE=1`.
pub fn generated(name: &str, text: &str) {
    let path = root().join("docs/generated").join(name);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs::write(&path, text).expect("written");
        return;
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "docs/generated/{name} is not current: run UPDATE=1 cargo test and read the difference");
}

#[test]
fn sql_stands_only_in_stores_the_door_and_the_hot_path() {
    let verbs = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "];
    for (name, text) in sources("crates/office/src", "rs") {
        let may = name.ends_with("store.rs")
            || name.contains("/src/db/")
            || name.contains("/door/")
            || name.ends_with("hot.rs");
        let holds = text.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
            verbs.iter().any(|verb| line.contains(&format!("\"{verb}")) || line.contains(&format!("= \"{verb}")))
        });
        assert!(may || !holds, "{name} holds SQL; it belongs into a store.rs");
        assert!(!text.contains("SELECT *"), "{name}: columns are named");
    }
}

#[test]
fn every_store_is_in_the_list_of_statements() {
    let listed: BTreeSet<String> = office::statements()
        .iter()
        .filter_map(|sql| {
            sql.name.rsplit_once("::").map(|(module, _)| module.trim_start_matches("office::").to_owned())
        })
        .collect();
    for (name, text) in sources("crates/office/src", "rs") {
        if text.contains("statements! {") && !name.contains("/src/db/") {
            let module = name
                .trim_start_matches("crates/office/src/")
                .trim_end_matches(".rs")
                .trim_end_matches("/mod")
                .replace('/', "::");
            assert!(listed.contains(&module), "{module} is missing in office::statements()");
        }
    }
}

#[test]
fn a_place_for_a_count_holds_the_number_alone() {
    for (name, text) in sources("crates/office/src", "html") {
        for (_, rest) in text.split("<span").filter_map(|part| part.split_once("data-count")) {
            assert!(
                rest.starts_with(">0</span>") || rest.starts_with(">{{"),
                "{name}: words stand around the number, not in its place"
            );
        }
        assert!(!text.contains("<p class=\"meta\" data-count"), "{name}");
    }
    let script = fs::read_to_string(root().join("crates/office/src/web/assets/jiangce.js")).expect("the script");
    assert!(script.contains("place.textContent = ticked;"), "the script writes the number alone");
}

#[test]
fn no_module_is_unfinished_or_unexplained() {
    for folder in ["crates/rules/src", "crates/proof/src", "crates/press/src", "crates/sheets/src", "crates/office/src"]
    {
        for (name, text) in sources(folder, "rs") {
            assert!(text.starts_with("//!"), "{name} does not open with what it is");
            for word in ["todo!(", "unimplemented!(", "dbg!("] {
                assert!(!text.contains(word), "{name} holds {word}");
            }
        }
    }
}

/// Where a clause is enforced and which stories show it.
fn coverage() -> BTreeMap<&'static str, (BTreeSet<String>, BTreeSet<String>)> {
    let mut code = BTreeMap::new();
    for folder in ["crates/rules/src", "crates/office/src"] {
        code.extend(sources(folder, "rs"));
    }
    let stories = sources("crates/office/tests/it", "rs");
    Clause::ALL
        .iter()
        .map(|clause| {
            let variant = format!("{clause:?}");
            let word = |text: &str| {
                text.match_indices(&variant).any(|(at, _)| {
                    let next = text[at + variant.len()..].chars().next();
                    !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
                })
            };
            let enforced = code
                .iter()
                .filter(|(name, text)| !name.ends_with("notice.rs") && word(text))
                .map(|(name, _)| name.trim_start_matches("crates/").to_owned())
                .collect();
            let prefix = format!("fn {}_", variant.to_lowercase());
            let shown = stories
                .iter()
                .flat_map(|(name, text)| {
                    let file = Path::new(name).file_stem().expect("a name").to_string_lossy().into_owned();
                    text.lines()
                        .filter_map(|line| line.trim_start().strip_prefix("fn "))
                        .filter(|line| format!("fn {line}").starts_with(&prefix))
                        .filter_map(|line| line.split('(').next())
                        .map(|test| format!("{file}::{test}"))
                        .collect::<Vec<_>>()
                })
                .collect();
            (clause.id(), (enforced, shown))
        })
        .collect()
}

#[test]
fn every_clause_has_code_and_a_story_or_an_excuse() {
    let excuses: toml::Table =
        fs::read_to_string(root().join("docs/excuses.toml")).expect("excuses").parse().expect("TOML");
    let mut rows = Vec::new();
    for (id, (enforced, stories)) in coverage() {
        let excuse = excuses.get(id).and_then(|reason| reason.as_str());
        let is_done = !enforced.is_empty() && !stories.is_empty();
        if std::env::var_os("UPDATE").is_none() {
            assert!(
                is_done || excuse.is_some_and(|reason| reason.chars().count() > 10),
                "{id}: neither story nor excuse"
            );
            assert!(!is_done || excuse.is_none(), "{id} has code and a story: take its excuse away");
        }
        let clause = Clause::from_id(id).expect("a clause");
        rows.push(json!({
            "id": id, "place": clause.place(), "quote": clause.quote(),
            "enforced": enforced, "stories": stories, "excuse": excuse,
        }));
    }
    for id in excuses.keys() {
        assert!(Clause::from_id(id).is_some(), "an excuse for {id}, which is no clause");
    }
    generated("clauses.json", &(serde_json::to_string_pretty(&rows).expect("JSON") + "\n"));
}

#[test]
fn the_permission_table_is_current() {
    let roles: Vec<Role> = Role::ALL.to_vec();
    let head: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    let word = |reach: Option<Reach>| match reach {
        None => "",
        Some(Reach::Own) => "本机构",
        Some(Reach::Charge) => "所负责的机构",
        Some(Reach::Territory) => "辖区",
        Some(Reach::Anywhere) => "是",
    };
    let mut text = format!(
        "# Who may do what\n\n| act | 动作 | clause | {} |\n|---|---|---|{}\n",
        head.join(" | "),
        "---|".repeat(roles.len())
    );
    for &act in ActKind::ALL {
        let cells: Vec<&str> = roles
            .iter()
            .map(|role| word(grants(act).iter().find(|(granted, _)| granted == role).map(|(_, r)| *r)))
            .collect();
        let clause = act.clause().map_or("", |clause| clause.id());
        text += &format!("| {} | {} | {clause} | {} |\n", act.code(), act.name(), cells.join(" | "));
    }
    text +=
        &format!("\n# Who may look at what\n\n| look | {} |\n|---|{}\n", head.join(" | "), "---|".repeat(roles.len()));
    for &look in LookKind::ALL {
        let cells: Vec<&str> = roles.iter().map(|&role| word(may_look(role, look))).collect();
        text += &format!("| {look:?} | {} |\n", cells.join(" | "));
    }
    generated("permissions.md", &text);
}

#[test]
fn the_table_of_states_is_current() {
    let mut text = String::from(
        "# How a filing moves\n\n| from | step | to | bureau consents | by | clause |\n|---|---|---|---|---|---|\n",
    );
    for row in rules::filing::steps() {
        text += &format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            row.from.name(),
            row.step.name(),
            row.to.name(),
            if row.track.needs_bureau { "是" } else { "否" },
            row.by.name(),
            row.clause.id()
        );
    }
    text += "\n# How a batch moves\n\n| from | step | to | by | clause |\n|---|---|---|---|---|\n";
    for &from in BatchStage::ALL {
        for &step in BatchStep::ALL {
            if let Ok(to) = rules::batch::next(from, step) {
                let (by, clause) = (step.by(), step.clause());
                text += &format!("| {} | {} | {} | {by} | {} |\n", from.name(), step.name(), to.name(), clause.id());
            }
        }
    }
    text += "\n# How a cooperation moves\n\n| from | step | to | by |\n|---|---|---|---|\n";
    for &from in CooperationState::ALL {
        for &step in CooperationStep::ALL {
            let moves = |side| next_of(CooperationKind::Agreement, from, step, side).ok();
            let by = match (moves(Side::Proposer), moves(Side::Other)) {
                (Some(to), Some(_)) => (to, "任何一方的负责人"),
                (Some(to), None) => (to, "提出的一方"),
                (None, Some(to)) => (to, "对方负责人"),
                (None, None) => continue,
            };
            text += &format!("| {} | {} | {} | {} |\n", from.name(), step.name(), by.0.name(), by.1);
        }
    }
    generated("states.md", &text);
}

#[test]
fn the_table_of_deadlines_is_current() {
    let terms = fs::read_to_string(root().join("crates/rules/src/terms.rs")).expect("terms");
    let mut text = String::from(
        "# Every number of the notice and of the rules beside it\n\n| term | value | meaning and source |\n|---|---|---|\n",
    );
    let mut said = String::new();
    for line in terms.lines() {
        if let Some(sentence) = line.strip_prefix("/// ") {
            said = if said.is_empty() { sentence.to_owned() } else { format!("{said} {sentence}") };
        } else if let Some(rest) = line.strip_prefix("pub const ") {
            let (name, rest) = rest.split_once(':').expect("a type");
            let value = rest.split_once('=').expect("a value").1.trim().trim_end_matches(';');
            text += &format!("| {name} | {value} | {said} |\n");
            said.clear();
        }
    }
    generated("deadlines.md", &text);
}

#[test]
fn no_two_types_share_a_name_in_the_api() {
    assert_eq!(office::features().clashes, Vec::<String>::new());
}

#[test]
fn the_tables_of_routes_and_schema_are_current() {
    let mut features = office::features();
    let document = features.document();
    let mut text = String::from(
        "# The API\n\nThe document itself is served at `/api/openapi.json`.\n\n| method | path | operation | what |\n|---|---|---|---|\n",
    );
    let mut listed = features.listed.clone();
    listed.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    for (method, path) in listed {
        let inner = path.trim_start_matches("/api");
        let operation = &document["paths"][inner][method.to_lowercase()];
        let (id, summary) =
            (operation["operationId"].as_str().unwrap_or(""), operation["summary"].as_str().unwrap_or(""));
        text += &format!("| {method} | {path} | {id} | {summary} |\n");
    }
    text += "\n# The pages\n\n| path | file |\n|---|---|\n";
    for (path, file) in page_routes() {
        text += &format!("| {path} | {file} |\n");
    }
    generated("routes.md", &text);

    let mut text = String::from("# The schema\n\n| table | columns |\n|---|---|\n");
    let columns = Sql {
        name: "test",
        text: "SELECT t.name, p.name FROM sqlite_master t, pragma_table_info(t.name) p WHERE t.type = 'table' ORDER BY t.rowid, p.cid",
    };
    let world = World::on_sqlite("2026-03-02");
    let rows = world.office.engine().read(|tx| tx.rows(&columns, &[])).expect("the columns");
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows {
        let (table, column): (String, String) = (row.get(0).expect("a name"), row.get(1).expect("a name"));
        match tables.last_mut() {
            Some((last, columns)) if *last == table => columns.push(column),
            _ => tables.push((table, vec![column])),
        }
    }
    for (table, columns) in tables.iter().filter(|(table, _)| table != "schema_version") {
        text += &format!("| {table} | {} |\n", columns.join(", "));
    }
    generated("schema.md", &text);
}

/// Every path of a page with the file that serves it.
pub fn page_routes() -> Vec<(String, String)> {
    let mut routes = BTreeSet::new();
    for (name, text) in sources("crates/office/src", "rs") {
        if name.ends_with("/api.rs") || !text.contains("Router<Web>") {
            continue;
        }
        for (at, _) in text.match_indices(".route(") {
            let path = text[at + 7..].trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
            if let Some(path) = path.filter(|path| path.starts_with('/')) {
                routes.insert((path.to_owned(), name.trim_start_matches("crates/office/src/").to_owned()));
            }
        }
    }
    routes.into_iter().collect()
}

#[test]
fn every_table_and_every_role_stands_in_the_glossary() {
    let glossary = fs::read_to_string(root().join("CONTEXT.md")).expect("CONTEXT.md");
    for step in office::db::SCHEMA {
        for table in step.split("CREATE TABLE ").skip(1) {
            let name = table.split_once(" (").expect("a table").0.replace('_', " ");
            assert!(glossary.contains(&name), "CONTEXT.md does not say what “{name}” is");
        }
    }
    for role in Role::ALL {
        assert!(glossary.contains(role.name()), "CONTEXT.md does not name {}", role.name());
    }
}
