//! What tables there are, read from the migrations themselves: for moving, backing up and comparing whole stores.
//! A test compares this with what PostgreSQL says of itself, so that a new kind of statement in a migration is noticed.

use super::migrate::POSTGRES;
use std::collections::BTreeSet;

/// What a column holds. The migrations for PostgreSQL say it; SQLite knows fewer kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `BIGINT`
    Int,
    /// `BOOLEAN`
    Bool,
    /// `TEXT`
    Text,
    /// `BYTEA`
    Bytes,
    /// `UUID`
    Uuid,
    /// `TIMESTAMPTZ`
    Time,
    /// `DATE`
    Date,
    /// `JSONB`
    Json,
}

impl Kind {
    fn of(word: &str) -> Option<Kind> {
        Some(match word {
            "BIGINT" => Kind::Int,
            "BOOLEAN" => Kind::Bool,
            "TEXT" => Kind::Text,
            "BYTEA" => Kind::Bytes,
            "UUID" => Kind::Uuid,
            "TIMESTAMPTZ" => Kind::Time,
            "DATE" => Kind::Date,
            "JSONB" => Kind::Json,
            _ => return None,
        })
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    /// Places of the primary key's columns, in the key's order.
    pub(crate) key: Vec<usize>,
    references: BTreeSet<String>,
}

/// The tables after the first `applied` migrations, each behind those that it refers to.
pub(crate) fn tables(applied: i64) -> Vec<Table> {
    let mut tables = Vec::new();
    let count = usize::try_from(applied).unwrap_or(0);
    for migration in POSTGRES.iter().take(count) {
        let text: String = migration
            .sql
            .as_str()
            .lines()
            .map(|line| line.split("--").next().unwrap_or_default())
            .collect::<Vec<_>>()
            .join("\n");
        for statement in text.split(';').map(str::trim) {
            read(statement, &mut tables);
        }
    }
    in_order(tables)
}

fn read(statement: &str, tables: &mut Vec<Table>) {
    if let Some(rest) = statement.strip_prefix("CREATE TABLE ") {
        let Some((name, body)) = rest.split_once('(') else {
            return;
        };
        let mut table = Table {
            name: name.trim().to_owned(),
            columns: Vec::new(),
            key: Vec::new(),
            references: BTreeSet::new(),
        };
        let body = body.trim_end().strip_suffix(')').unwrap_or(body);
        for line in parts(body) {
            add(&mut table, line.trim());
        }
        tables.push(table);
    } else if let Some(rest) = statement.strip_prefix("ALTER TABLE ")
        && let Some((name, column)) = rest.split_once(" ADD COLUMN ")
        && let Some(table) = tables.iter_mut().find(|t| t.name == name.trim())
    {
        add(table, column.trim());
    } else if let Some(name) = statement.strip_prefix("DROP TABLE ") {
        tables.retain(|t| t.name != name.trim());
    }
}

/// Splits at commas outside of brackets.
fn parts(body: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0, 0, Vec::new());
    for (at, c) in body.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&body[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(&body[from..]);
    found
}

fn add(table: &mut Table, line: &str) {
    let mut words = line.split_whitespace();
    let (Some(name), Some(kind)) = (words.next(), words.next()) else {
        return;
    };
    if let Some((_, after)) = line.split_once("REFERENCES ") {
        table
            .references
            .extend(after.split_whitespace().next().map(str::to_owned));
    }
    if name == "PRIMARY" {
        let inside = line.split_once('(').and_then(|(_, r)| r.split_once(')'));
        for column in inside.map_or("", |(names, _)| names).split(',') {
            let place = table.columns.iter().position(|c| c.name == column.trim());
            table.key.extend(place);
        }
    } else if let Some(kind) = Kind::of(kind) {
        if line.contains("PRIMARY KEY") {
            table.key.push(table.columns.len());
        }
        table.columns.push(Column {
            name: name.to_owned(),
            kind,
        });
    }
}

/// Tables behind those that they refer to.
fn in_order(mut waiting: Vec<Table>) -> Vec<Table> {
    let mut done: Vec<Table> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let free = |t: &Table| {
            let known = |r: &String| *r == t.name || done.iter().any(|d| d.name == *r);
            t.references.iter().all(known)
        };
        // a circle of references cannot be put in order; the first of them goes first
        let next = waiting.iter().position(free).unwrap_or(0);
        done.push(waiting.remove(next));
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_a_key_and_stands_behind_what_it_refers_to() {
        let tables = tables(i64::MAX);
        assert!(tables.len() > 70, "{}", tables.len());
        for (at, table) in tables.iter().enumerate() {
            assert!(!table.key.is_empty(), "{} has no primary key", table.name);
            for other in &table.references {
                let before = tables[..at].iter().any(|t| t.name == *other);
                assert!(before || *other == table.name, "{} before {other}", table.name);
            }
        }
    }

    #[cfg(feature = "testing")]
    #[tokio::test]
    async fn the_database_says_the_same() {
        let Some(ctx) = crate::db::testing::postgres().await else {
            return;
        };
        let crate::db::Db::Postgres(store) = &ctx.db else {
            return;
        };
        let said: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%' ORDER BY table_name, ordinal_position",
        )
        .fetch_all(store.pool())
        .await
        .unwrap();
        let mut read: Vec<(String, String, String)> = tables(i64::MAX)
            .into_iter()
            .flat_map(|t| t.columns.into_iter().map(move |c| (t.name.clone(), c)))
            .map(|(table, column)| {
                let kind = match column.kind {
                    Kind::Int => "bigint",
                    Kind::Bool => "boolean",
                    Kind::Text => "text",
                    Kind::Bytes => "bytea",
                    Kind::Uuid => "uuid",
                    Kind::Time => "timestamp with time zone",
                    Kind::Date => "date",
                    Kind::Json => "jsonb",
                };
                (table, column.name, kind.to_owned())
            })
            .collect();
        read.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(read, said);
    }

    #[test]
    fn an_older_version_has_fewer_tables() {
        let (old, new) = (tables(1), tables(i64::MAX));
        assert!(old.len() < new.len());
        assert!(old.iter().all(|t| t.name != "cases"));
    }
}
