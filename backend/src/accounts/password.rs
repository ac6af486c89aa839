//! Passwords: Argon2id on the blocking pool, bounded so that a rush queues instead of exhausting memory.
//! The only file that knows argon2.

use crate::{Ctx, Failure};
use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::{Output, ParamsString, SaltString},
};
use domain::{accounts::check_password, problem::Problems};
use std::sync::{LazyLock, Mutex, PoisonError};
use subtle::ConstantTimeEq;

/// Complains about a password: the rules of `domain`, and what a guesser tries first (OWASP ASVS 5.0, 6.2.4): words, names,
/// dates, keyboard rows, and their spellings with digits, as zxcvbn knows them.
pub(crate) fn check(field: &str, password: &str, known: &[&str]) -> Problems {
    let problems = check_password(field, password, known);
    if !problems.is_empty() {
        return problems;
    }
    // its work grows with the square of the length; the beginning is enough to be strong
    let beginning: String = password.chars().take(64).collect();
    if zxcvbn::zxcvbn(&beginning, known).score() < zxcvbn::Score::Three {
        return Problems::one(field, "problem-password-common");
    }
    problems
}

/// OWASP's minimum for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// What an unknown account is compared with, so that it takes the same time.
static NOBODY: LazyLock<String> = LazyLock::new(|| make("nobody has this password").unwrap_or_default());

/// The memory of hashes that are done, for the next ones: there are never more than may run at the same time. Given back to
/// the allocator each time, 19 MiB after 19 MiB, it would stay with the process in pieces (measured: 650 MB after 300 sign-ins
/// at once, `cargo xtask bench serve`).
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

fn with_memory<T>(blocks: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
    let kept = MEMORY.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut memory = kept.unwrap_or_default();
    memory.resize(blocks, Block::default());
    let done = work(&mut memory);
    MEMORY.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    done
}

/// The hash's own bytes.
fn derive(argon2: &Argon2<'_>, password: &str, salt: &[u8], out: &mut [u8]) -> Option<()> {
    with_memory(argon2.params().block_count(), |memory| {
        argon2
            .hash_password_into_with_memory(password.as_bytes(), salt, out, memory)
            .ok()
    })
}

/// A new hash as PHC string.
fn make(password: &str) -> Option<String> {
    let (argon2, salt, mut out) = (argon2(), crate::keys::random_bytes::<16>(), [0; 32]);
    derive(&argon2, password, &salt, &mut out)?;
    let encoded = SaltString::encode_b64(&salt).ok()?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params()).ok()?,
        salt: Some(encoded.as_salt()),
        hash: Some(Output::new(&out).ok()?),
    };
    Some(hash.to_string())
}

/// Does the password give this hash? Compared in constant time.
fn fits(password: &str, stored: &str) -> Option<bool> {
    let hash = PasswordHash::new(stored).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm).ok()?;
    let version = Version::try_from(hash.version?).ok()?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(&hash).ok()?);
    let (mut salt, wanted) = ([0; 64], hash.hash?);
    let salt = hash.salt?.decode_b64(&mut salt).ok()?;
    let mut out = vec![0; wanted.len()];
    derive(&argon2, password, salt, &mut out)?;
    Some(out.ct_eq(wanted.as_bytes()).into())
}

/// A place among the hashes that run at the same time; nobody waits for ever.
async fn permit<R>(ctx: &Ctx) -> Result<tokio::sync::OwnedSemaphorePermit, Failure<R>> {
    let place = ctx.hashing.clone().acquire_owned();
    match tokio::time::timeout(std::time::Duration::from_secs(30), place).await {
        Ok(permit) => permit.map_err(Failure::broken),
        Err(_) => Err(Failure::busy("passwords wait to be hashed")),
    }
}

/// Was it hashed with other parameters than today's?
pub(super) fn is_outdated(stored: &str) -> bool {
    let today = argon2();
    let same = |hash: &PasswordHash<'_>| {
        hash.algorithm == Algorithm::Argon2id.ident()
            && Params::try_from(hash).is_ok_and(|p| {
                (p.m_cost(), p.t_cost(), p.p_cost())
                    == (
                        today.params().m_cost(),
                        today.params().t_cost(),
                        today.params().p_cost(),
                    )
            })
    };
    PasswordHash::new(stored).is_ok_and(|hash| !same(&hash))
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
        fits(&password, &stored).unwrap_or(false) && known
    })
    .await?;
    Ok(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::{PasswordHasher, PasswordVerifier};

    #[test]
    fn the_library_agrees() {
        let ours = make("grüner Tee um vier").unwrap();
        assert!(ours.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{ours}");
        let parsed = PasswordHash::new(&ours).unwrap();
        assert!(
            argon2()
                .verify_password("grüner Tee um vier".as_bytes(), &parsed)
                .is_ok()
        );
        let salt = SaltString::encode_b64(b"0123456789abcdef").unwrap();
        let theirs = argon2().hash_password(b"green tea", &salt).unwrap().to_string();
        assert_eq!(fits("green tea", &theirs), Some(true));
        assert_eq!(fits("green teA", &theirs), Some(false));
        assert_eq!(fits("x", "not a hash"), None);
    }

    #[test]
    fn memory_is_used_again() {
        for _ in 0..5 {
            make("x").unwrap();
        }
        let kept = MEMORY.lock().unwrap().len();
        assert!((1..=8).contains(&kept), "{kept}");
    }
}
