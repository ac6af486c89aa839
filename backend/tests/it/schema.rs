//! Both migration folders give the same schema.

use backend::db::{Db, testing};
use std::collections::BTreeSet;

#[test]
fn migration_folders_have_the_same_files() {
    let names = |kind: &str| -> BTreeSet<String> {
        let folder = format!("{}/../migrations/{kind}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let Some(postgres) = testing::postgres().await else {
        return;
    };
    let sqlite = testing::sqlite().await;
    let (Db::Sqlite { read, .. }, Db::Postgres(pool)) = (&sqlite.db, &postgres.db) else {
        panic!("wrong kinds")
    };
    let of_sqlite: Vec<(String, String, bool)> = sqlx_rows_sqlite(read).await;
    let of_postgres: Vec<(String, String, bool)> = sqlx_rows_postgres(pool.pool()).await;
    let set = |rows: Vec<(String, String, bool)>| {
        rows.into_iter()
            .filter(|r| !r.0.starts_with("_sqlx"))
            .collect::<BTreeSet<_>>()
    };
    let (a, b) = (set(of_sqlite), set(of_postgres));
    assert!(a.len() > 80, "{}", a.len());
    assert_eq!(a, b);
}

async fn sqlx_rows_sqlite(pool: &sqlx::SqlitePool) -> Vec<(String, String, bool)> {
    sqlx::query_as(
        "SELECT m.name, c.name, c.\"notnull\" = 1 OR c.pk > 0 FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

async fn sqlx_rows_postgres(pool: &sqlx::PgPool) -> Vec<(String, String, bool)> {
    sqlx::query_as(
        "SELECT table_name::text, column_name::text, is_nullable = 'NO' FROM information_schema.columns WHERE table_schema = 'public'",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}
