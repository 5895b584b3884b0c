//! Every statement of the house is prepared on both engines, and both name the same columns.

use office::db::{self, Engine};

use crate::world::{World, on_each_database};

#[test]
fn every_statement_is_accepted_by_each_engine() {
    on_each_database("2026-03-02", |world| {
        for sql in office::statements() {
            assert!(!sql.text.contains('$'), "{}: placeholders are ?1", sql.name);
            let quoted = sql.text.split('\'').skip(1).step_by(2).any(|text| text.contains('?'));
            assert!(!quoted, "{}: a quoted question mark", sql.name);
            if let Err(error) = world.office.engine().describe(&sql) {
                panic!("{} on {}: {error}\n{}", sql.name, world.office.engine().name(), sql.text);
            }
        }
    });
}

#[test]
fn both_engines_name_the_same_columns() {
    let Ok(server) = std::env::var("JIANGCE_TEST_POSTGRES") else { return };
    let (sqlite, postgres) = (World::on_sqlite("2026-03-02"), World::on_postgres("2026-03-02", &server));
    for sql in office::statements() {
        let named = |world: &World| world.office.engine().describe(&sql).expect("accepted").len();
        assert_eq!(named(&sqlite), named(&postgres), "{}", sql.name);
    }
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = folder.path().join("jiangce.db").display().to_string();
    let engine = Engine::open(&url).expect("the database");
    assert_eq!(db::migrate(&engine).expect("the schema"), db::SCHEMA.len());
    assert_eq!(db::migrate(&engine).expect("the schema"), 0);
    drop(engine);
    rusqlite::Connection::open(&url)
        .expect("the file")
        .execute("UPDATE schema_version SET version = 999", [])
        .expect("a newer version");
    let engine = Engine::open(&url).expect("the database");
    let refused = db::migrate(&engine).expect_err("a newer schema");
    assert!(refused.to_string().contains("999"), "{refused}");
}
