//! SQL of the sign-in service and of the accounts that use it.

use crate::db::{Result, Tx, on};
use uuid::Uuid;

/// The service as it is stored.
#[derive(Clone, sqlx::FromRow)]
pub(super) struct ServiceRow {
    pub(super) active: bool,
    pub(super) label: String,
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) secret: Vec<u8>,
    pub(super) claim: String,
    pub(super) roles: String,
    pub(super) trust_email: bool,
    pub(super) provider: String,
}

impl ServiceRow {
    /// Roles and the values that mean them; the first role that fits counts.
    pub(super) fn rules(&self) -> Vec<(String, Vec<String>)> {
        serde_json::from_str(&self.roles).unwrap_or_default()
    }
}

pub(super) async fn service(tx: &mut Tx) -> Result<Option<ServiceRow>> {
    on!(tx, |c| {
        sqlx::query_as(
            "SELECT active, label, issuer, client_id, secret, claim, roles, trust_email, provider FROM sign_in_service WHERE id = 1",
        )
        .fetch_optional(c)
        .await
    })
}

pub(super) async fn save_service(tx: &mut Tx, s: &ServiceRow) -> Result<()> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO sign_in_service (id, active, label, issuer, client_id, secret, claim, roles, trust_email, provider)
         VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE SET active = excluded.active, label = excluded.label, issuer = excluded.issuer,
         client_id = excluded.client_id, secret = excluded.secret, claim = excluded.claim, roles = excluded.roles,
         trust_email = excluded.trust_email, provider = excluded.provider",
        )
        .bind(s.active)
        .bind(&s.label)
        .bind(&s.issuer)
        .bind(&s.client_id)
        .bind(&s.secret)
        .bind(&s.claim)
        .bind(&s.roles)
        .bind(s.trust_email)
        .bind(&s.provider)
        .execute(c)
        .await
        .map(drop)
    })
}

/// The account of somebody whom the service knows as `subject`.
pub(super) async fn account_of(tx: &mut Tx, issuer: &str, subject: &str) -> Result<Option<Uuid>> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT account_id FROM service_accounts WHERE issuer = $1 AND subject = $2"
    )
    .bind(issuer)
    .bind(subject)
    .fetch_optional(c)
    .await)
}

/// Does this account sign in through the service?
pub(super) async fn is_bound(tx: &mut Tx, account: Uuid) -> Result<bool> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM service_accounts WHERE account_id = $1)"
    )
    .bind(account)
    .fetch_one(c)
    .await)
}

/// Is it bound to this service, not to a former one?
pub(super) async fn is_bound_to(tx: &mut Tx, account: Uuid, issuer: &str) -> Result<bool> {
    on!(tx, |c| sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM service_accounts WHERE account_id = $1 AND issuer = $2)"
    )
    .bind(account)
    .bind(issuer)
    .fetch_one(c)
    .await)
}

pub(super) async fn bind(tx: &mut Tx, account: Uuid, issuer: &str, subject: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "INSERT INTO service_accounts (account_id, issuer, subject) VALUES ($1, $2, $3)"
    )
    .bind(account)
    .bind(issuer)
    .bind(subject)
    .execute(c)
    .await
    .map(drop))
}

pub(super) async fn unbind(tx: &mut Tx, account: Uuid) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "DELETE FROM service_accounts WHERE account_id = $1"
    )
    .bind(account)
    .execute(c)
    .await
    .map(drop))
}

/// Active administrators who sign in without the service.
pub(super) async fn other_administrators(tx: &mut Tx) -> Result<i64> {
    on!(tx, |c| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM accounts WHERE role = 'administrator' AND state = 'active'
         AND id NOT IN (SELECT account_id FROM service_accounts)",
        )
        .fetch_one(c)
        .await
    })
}

pub(super) async fn set_name(tx: &mut Tx, account: Uuid, name: &str) -> Result<()> {
    on!(tx, |c| sqlx::query(
        "UPDATE accounts SET display_name = $2 WHERE id = $1"
    )
    .bind(account)
    .bind(name)
    .execute(c)
    .await
    .map(drop))
}
