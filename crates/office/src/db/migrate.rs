//! The schema, brought up to date at start. Migrations only go forward; a database that is newer than this program is refused.

use super::{DbError, Engine, Keep, Sql};
use crate::args;

/// The schema that this program writes; one file a step.
pub const SCHEMA: &[&str] = &[
    include_str!("../../migrations/0001_spine.sql"),
    include_str!("../../migrations/0002_late.sql"),
    include_str!("../../migrations/0003_roster.sql"),
    include_str!("../../migrations/0006_directory.sql"),
    include_str!("../../migrations/0007_standing.sql"),
    include_str!("../../migrations/0008_door.sql"),
    include_str!("../../migrations/0009_lists.sql"),
    include_str!("../../migrations/0010_cooperation.sql"),
    include_str!("../../migrations/0011_application.sql"),
    include_str!("../../migrations/0012_evaluation.sql"),
    include_str!("../../migrations/0013_regulation.sql"),
    include_str!("../../migrations/0014_delivery.sql"),
    include_str!("../../migrations/0015_own_hand.sql"),
    include_str!("../../migrations/0016_register.sql"),
    include_str!("../../migrations/0017_arrangement.sql"),
    include_str!("../../migrations/0018_board.sql"),
    include_str!("../../migrations/0019_marks.sql"),
    include_str!("../../migrations/0020_standard.sql"),
    include_str!("../../migrations/0021_told_scheme.sql"),
    include_str!("../../migrations/0022_certificate_change.sql"),
    include_str!("../../migrations/0023_public_log.sql"),
    include_str!("../../migrations/0024_inspection.sql"),
    include_str!("../../migrations/0025_panel.sql"),
    include_str!("../../migrations/0026_term.sql"),
    include_str!("../../migrations/0027_conduct.sql"),
    include_str!("../../migrations/0028_review_desk.sql"),
    include_str!("../../migrations/0029_archive.sql"),
    include_str!("../../migrations/0030_photo.sql"),
    include_str!("../../migrations/0031_scoring.sql"),
    include_str!("../../migrations/0032_day.sql"),
    include_str!("../../migrations/0033_publicity.sql"),
    include_str!("../../migrations/0034_candidate.sql"),
    include_str!("../../migrations/0035_print_offset.sql"),
    include_str!("../../migrations/0036_groups_and_recordings.sql"),
    include_str!("../../migrations/0037_badge.sql"),
    include_str!("../../migrations/0038_employer.sql"),
    include_str!("../../migrations/0039_exchange.sql"),
    include_str!("../../migrations/0040_stock.sql"),
    include_str!("../../migrations/0041_log_facts.sql"),
];

const MAKE: Sql =
    Sql { name: "db::MAKE_VERSION", text: "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)" };
const BEGIN: Sql = Sql {
    name: "db::BEGIN_VERSION",
    text: "INSERT INTO schema_version (version) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM schema_version)",
};
const VERSION: Sql = Sql { name: "db::VERSION", text: "SELECT version FROM schema_version" };
const COUNT_UP: Sql =
    Sql { name: "db::COUNT_VERSION_UP", text: "UPDATE schema_version SET version = version + 1 WHERE version = ?1" };

/// How often the table of the version is asked for before its absence is a fault.
const BEGINNINGS: usize = 10;

/// Whether the schema is the one that this program knows, neither older nor newer; a database without one is not.
///
/// # Errors
/// Whatever the database says.
pub fn of_this_version(engine: &Engine) -> Result<bool, DbError> {
    let version: Option<i64> = engine.read(|tx| tx.first(&VERSION, &[])?.map(|row| row.get(0)).transpose())?;
    Ok(version == Some(SCHEMA.len() as i64))
}

/// Brings the schema up to date; returns how many steps were taken here. Another process may do the same at the same time:
/// each step is taken once.
///
/// # Errors
/// If the database is newer than this program, or a step fails.
pub fn migrate(engine: &Engine) -> Result<usize, DbError> {
    let begin = || {
        engine.write(|tx| {
            tx.run(&MAKE, &[])?;
            Ok((Keep::Yes, tx.run(&BEGIN, &[])?))
        })
    };
    // Where several begin at the same moment, PostgreSQL lets one make the table and fails the others; then it is there.
    (0..BEGINNINGS).find_map(|_| begin().ok()).map_or_else(begin, Ok)?;
    let known = SCHEMA.len() as i64;
    let mut taken = 0;
    loop {
        let version: i64 = engine
            .read(|tx| tx.first(&VERSION, &[])?.ok_or_else(|| DbError::stored("schema_version is empty"))?.get(0))?;
        if version > known {
            return Err(DbError::Schema(format!(
                "数据库结构版本为 {version}，高于本程序支持的 {known}；请使用更新版本的程序打开，数据未作任何改动"
            )));
        }
        let Some(step) = SCHEMA.get(version as usize) else { return Ok(taken) };
        // The step and its version number commit together, so a step is never half taken; who finds the number counted up
        // already has come second.
        taken += engine.write(move |tx| {
            if tx.run(&COUNT_UP, args![version])? == 0 {
                return Ok((Keep::No, 0));
            }
            tx.plain(step)?;
            Ok((Keep::Yes, 1))
        })?;
    }
}
