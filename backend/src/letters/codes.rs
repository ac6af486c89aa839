//! Secrets of letters: derived from the batch key when they are printed, known by fingerprints afterwards
//! (docs/adr/0004).

use super::store::ProofRow;
use crate::{
    Ctx,
    keys::{self, Key},
};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::{
    letters::code::{LookupNumber, QrPayload, QrSecret, TypedSecret, UserId},
    registration::Path,
};
use uuid::Uuid;

/// Ties a wrapped key to its batch and purpose.
pub(super) fn bound(id: Uuid, what: &str) -> Vec<u8> {
    format!("batch {id} {what}").into_bytes()
}

/// What distinguishes the secrets of letters under one batch key.
fn context(lookup: LookupNumber, issue: i64) -> [u8; 16] {
    let mut context = [0; 16];
    context[..8].copy_from_slice(&lookup.get().to_be_bytes());
    context[8..].copy_from_slice(&issue.to_be_bytes());
    context
}

/// The codes of a letter, derived and not stored (docs/adr/0004).
pub(super) fn codes(key: &Key, lookup: LookupNumber, issue: i64) -> (QrPayload, UserId) {
    let context = context(lookup, issue);
    let qr = QrPayload {
        lookup,
        secret: QrSecret(key.derive("stadtbrief letter qr", &context)),
    };
    let typed = UserId {
        lookup,
        secret: TypedSecret(key.derive("stadtbrief letter typed", &context)),
    };
    (qr, typed)
}

/// What the store keeps instead of a secret.
pub(super) fn fingerprint(mac_key: &Key, path: Path, lookup: LookupNumber, secret: &[u8]) -> [u8; 32] {
    let label = match path {
        Path::Qr => "stadtbrief mac qr",
        Path::Typed => "stadtbrief mac typed",
    };
    mac_key.mac(label, &[&lookup.get().to_be_bytes()[..], secret].concat())
}

/// Memory of the slow hash in KiB: what OWASP recommends for Argon2id with two passes.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;

/// The typed secret of a letter that was made elsewhere, hashed slowly: only this is compared, and only this opens the sealed
/// name. So whoever has the store and the master key cannot try 40 bits quickly. `None` only if memory runs out.
pub(crate) fn slow(lookup: LookupNumber, secret: &TypedSecret) -> Option<Key> {
    let params = Params::new(MEMORY, PASSES, 1, Some(32)).ok()?;
    let salt = [b"stadtbrief typed".as_slice(), &lookup.get().to_be_bytes()].concat();
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(&secret.0, &salt, &mut key)
        .ok()?;
    Some(Key::from_bytes(key))
}

/// What of the slow hash is compared; what seals is another part of it.
pub(super) fn proof_of(slow: &Key) -> [u8; 32] {
    slow.derive("stadtbrief offline proof", b"")
}

/// Does this secret fit the letter? Compares in constant time; unknown letters cost the same work.
pub(crate) fn proves(
    ctx: &Ctx,
    row: Option<&ProofRow>,
    path: Path,
    lookup: LookupNumber,
    secret: &[u8],
    slow: Option<&Key>,
) -> Result<bool, keys::KeyError> {
    use subtle::ConstantTimeEq;
    let (mac_key, stored) = match row {
        Some(row) => {
            let key = ctx
                .master
                .unwrap_key(&row.wrapped_mac_key, &bound(row.batch_id, "mac"))?;
            (
                key,
                if path == Path::Qr {
                    row.qr_mac.clone()
                } else {
                    row.typed_mac.clone()
                },
            )
        }
        None => {
            let nobody = Key::from_bytes(ctx.master.derive("nobody", b""));
            let wrapped = ctx.master.wrap(&nobody, b"nobody")?;
            (ctx.master.unwrap_key(&wrapped, b"nobody")?, vec![0; 32])
        }
    };
    let slow = slow.filter(|_| row.is_some_and(|r| r.is_offline) && path == Path::Typed);
    let shown = match slow {
        Some(slow) => fingerprint(&mac_key, path, lookup, &proof_of(slow)),
        None => fingerprint(&mac_key, path, lookup, secret),
    };
    Ok(bool::from(shown.as_slice().ct_eq(&stored)) && row.is_some())
}
