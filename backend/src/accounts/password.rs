//! Passwords: Argon2id on the blocking pool, bounded so that a rush queues instead of exhausting memory.
//! The only file that knows argon2.

use crate::{Ctx, Failure};
use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::SaltString,
};
use std::sync::LazyLock;

/// OWASP's minimum for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// What an unknown account is compared with, so that it takes the same time.
static NOBODY: LazyLock<String> = LazyLock::new(|| make("nobody has this password").unwrap_or_default());

fn make(password: &str) -> Option<String> {
    let salt = SaltString::encode_b64(&crate::keys::random_bytes::<16>()).ok()?;
    argon2()
        .hash_password(password.as_bytes(), &salt)
        .ok()
        .map(|h| h.to_string())
}

/// A place among the hashes that run at the same time; nobody waits for ever.
async fn permit<R>(ctx: &Ctx) -> Result<tokio::sync::OwnedSemaphorePermit, Failure<R>> {
    let place = ctx.hashing.clone().acquire_owned();
    match tokio::time::timeout(std::time::Duration::from_secs(30), place).await {
        Ok(permit) => permit.map_err(Failure::broken),
        Err(_) => Err(Failure::broken("too many passwords wait to be hashed")),
    }
}

/// Hashes a password. Slow on purpose: call it before a write transaction, never inside.
pub async fn hash<R>(ctx: &Ctx, password: &str) -> Result<String, Failure<R>> {
    let permit = permit(ctx).await?;
    let password = zeroize::Zeroizing::new(password.to_owned());
    let hash = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        make(&password)
    })
    .await?;
    hash.ok_or_else(|| Failure::broken("password hash"))
}

/// Does the password fit? `None` (no such account) takes as long as a wrong password.
pub(super) async fn verify<R>(ctx: &Ctx, password: &str, stored: Option<String>) -> Result<bool, Failure<R>> {
    let permit = permit(ctx).await?;
    // a password longer than any that could be set is not worth hashing
    let password = zeroize::Zeroizing::new(
        password
            .chars()
            .take(domain::accounts::PASSWORD_MAX + 1)
            .collect::<String>(),
    );
    let right = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        // no account, or one that has no password: both take as long as a wrong password
        let stored = stored.filter(|s| !s.is_empty());
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.clone());
        let fits = PasswordHash::new(&stored)
            .is_ok_and(|h| argon2().verify_password(password.as_bytes(), &h).is_ok());
        fits && known
    })
    .await?;
    Ok(right)
}
