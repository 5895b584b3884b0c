//! The schema, brought up to date at start. Migrations only go forward; a database that is newer than this program is refused.

use super::{DbError, Engine, Sql};

/// The schema that this program writes; one file a step.
pub const SCHEMA: &[&str] = &[
    include_str!("../../migrations/0001_spine.sql"),
    include_str!("../../migrations/0002_late.sql"),
    include_str!("../../migrations/0003_roster.sql"),
    include_str!("../../migrations/0006_directory.sql"),
    include_str!("../../migrations/0007_standing.sql"),
];

const VERSION: Sql = Sql { name: "db::VERSION", text: "SELECT version FROM schema_version" };
const BEGIN_VERSION: &str = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL);
INSERT INTO schema_version (version) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM schema_version);";

/// Brings the schema up to date; returns how many steps were taken.
///
/// # Errors
/// If the database is newer than this program, or a step fails.
pub fn migrate(engine: &Engine) -> Result<usize, DbError> {
    engine.script(BEGIN_VERSION)?;
    let version: i64 =
        engine.read(|tx| tx.first(&VERSION, &[])?.ok_or_else(|| DbError::stored("schema_version is empty"))?.get(0))?;
    let known = SCHEMA.len() as i64;
    if version > known {
        return Err(DbError::Schema(format!(
            "数据库结构版本为 {version}，高于本程序支持的 {known}；请使用更新版本的程序打开，数据未作任何改动"
        )));
    }
    let steps = &SCHEMA[version as usize..];
    for (offset, step) in steps.iter().enumerate() {
        let next = version + offset as i64 + 1;
        // The step and its version number commit together, so a step is never half taken.
        engine.script(&format!(
            "{}{step};\nUPDATE schema_version SET version = {next};{}",
            begin(engine),
            end(engine)
        ))?;
    }
    Ok(steps.len())
}

/// PostgreSQL runs a script outside a transaction unless told so; SQLite's writer already stands in one.
fn begin(engine: &Engine) -> &'static str {
    match engine {
        Engine::Sqlite(_) => "",
        Engine::Postgres(_) => "BEGIN;\n",
    }
}

fn end(engine: &Engine) -> &'static str {
    match engine {
        Engine::Sqlite(_) => "",
        Engine::Postgres(_) => "\nCOMMIT;",
    }
}
