//! SQL of roles.

use super::roles::RoleLine;
use crate::db::{Result, Tx, on};
use domain::access::{Role, StaffRole};

/// All roles: the built-in ones first, then the municipality's own by name.
pub(super) async fn all(tx: &mut Tx) -> Result<Vec<RoleLine>> {
    let stored: Vec<(String, String, String)> = on!(tx, |c| sqlx::query_as(
        "SELECT key, name, permissions FROM roles ORDER BY name, key"
    )
    .fetch_all(c)
    .await)?;
    let people: Vec<(String, i64)> = on!(tx, |c| sqlx::query_as(
        "SELECT role, COUNT(*) FROM accounts WHERE role IS NOT NULL GROUP BY role"
    )
    .fetch_all(c)
    .await)?;
    let count = |key: &str| people.iter().find(|(k, _)| k == key).map_or(0, |(_, n)| *n);
    let built_in = Role::ALL.into_iter().map(|role| {
        let row = stored.iter().find(|(key, ..)| key == role.key());
        RoleLine {
            role: StaffRole {
                permissions: StaffRole::granted(role.key(), row.map(|(.., p)| p.as_str())),
                ..StaffRole::from(role)
            },
            changed: row.is_some(),
            people: count(role.key()),
        }
    });
    let own = stored
        .iter()
        .filter(|(key, ..)| Role::parse(key).is_none())
        .map(|(key, name, permissions)| RoleLine {
            role: StaffRole {
                key: key.clone(),
                name: name.clone(),
                permissions: StaffRole::granted(key, Some(permissions)),
            },
            changed: true,
            people: count(key),
        });
    Ok(built_in.chain(own).collect())
}

pub(super) async fn save(tx: &mut Tx, key: &str, name: &str, permissions: &str) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO roles (key, name, permissions) VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET name = excluded.name, permissions = excluded.permissions",
        )
        .bind(key)
        .bind(name)
        .bind(permissions)
        .execute(c)
        .await
        .map(drop)
    })
}

pub(super) async fn delete(tx: &mut Tx, key: &str) -> Result<()> {
    on!(tx, |c| sqlx::query("DELETE FROM roles WHERE key = $1")
        .bind(key)
        .execute(c)
        .await
        .map(drop))
}
