//! What goes to a push service: encrypted for one browser (RFC 8291 with the coding of RFC 8188), signed by the town (VAPID,
//! RFC 8292). The push service can read neither what it says nor how long it is.

use crate::keys;
use aes_gcm::{
    Aes128Gcm,
    aead::{Aead, KeyInit},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use hkdf::Hkdf;
use p256::{
    PublicKey, SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer},
};
use sha2::Sha256;

/// A message could not be encrypted or signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a push message cannot be made")]
pub(super) struct MessageError;

/// Size of the one record. Push services take 4096 bytes.
const RECORD: u32 = 4096;
/// Every message is filled up to this many bytes: its length says nothing.
pub(super) const PADDED: usize = 512;
/// How long a signature holds. RFC 8292 allows 24 hours.
const SIGNED_HOURS: i64 = 12;

/// The browser's half of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Receiver {
    public: PublicKey,
    auth: [u8; 16],
}

impl Receiver {
    /// From what a browser gives: an uncompressed point of P-256 and 16 bytes, both base64url.
    pub(super) fn parse(p256dh: &str, auth: &str) -> Option<Self> {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let point = decode(p256dh).filter(|p| p.len() == 65)?;
        Some(Self {
            public: PublicKey::from_sec1_bytes(&point).ok()?,
            auth: decode(auth)?.try_into().ok()?,
        })
    }
}

/// A fresh key of the curve.
pub(super) fn fresh_key() -> SecretKey {
    loop {
        // fails for less than one of 2³² draws: zero, or above the order of the curve
        if let Ok(key) = SecretKey::from_slice(&keys::random_bytes::<32>()) {
            return key;
        }
    }
}

/// The public half, as browsers and push services want it.
pub(super) fn public_text(key: &SecretKey) -> String {
    URL_SAFE_NO_PAD.encode(key.public_key().to_sec1_bytes())
}

/// One encrypted message, with a fresh key and a fresh salt.
pub(super) fn encrypt(plain: &[u8], to: &Receiver) -> Result<Vec<u8>, MessageError> {
    encrypt_with(plain, PADDED, to, &fresh_key(), keys::random_bytes())
}

/// [`encrypt`] with a given key and salt; `padded` is the least length of what is encrypted.
fn encrypt_with(
    plain: &[u8],
    padded: usize,
    to: &Receiver,
    own: &SecretKey,
    salt: [u8; 16],
) -> Result<Vec<u8>, MessageError> {
    let (theirs, ours) = (to.public.to_sec1_bytes(), own.public_key().to_sec1_bytes());
    let shared = own.diffie_hellman(&to.public);
    let info = [b"WebPush: info\0", &theirs[..], &ours[..]].concat();
    let secret: [u8; 32] = expand(&to.auth, shared.raw_secret_bytes(), &info)?;
    let key: [u8; 16] = expand(&salt, &secret, b"Content-Encoding: aes128gcm\0")?;
    let nonce: [u8; 12] = expand(&salt, &secret, b"Content-Encoding: nonce\0")?;
    // 2: the last record; what follows is filling
    let mut record = [plain, &[2]].concat();
    record.resize(record.len().max(padded), 0);
    let sealed = Aes128Gcm::new(&key.into())
        .encrypt(&nonce.into(), &record[..])
        .map_err(|_| MessageError)?;
    let length = u8::try_from(ours.len()).map_err(|_| MessageError)?;
    Ok([&salt[..], &RECORD.to_be_bytes(), &[length], &ours, &sealed].concat())
}

fn expand<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> Result<[u8; N], MessageError> {
    let mut out = [0; N];
    Hkdf::<Sha256>::new(Some(salt), secret)
        .expand(info, &mut out)
        .map_err(|_| MessageError)?;
    Ok(out)
}

/// The header `Authorization`: who sends, for which push service, and until when that holds.
pub(super) fn authorization(
    key: &SecretKey,
    service: &str,
    portal: &str,
    now: DateTime<Utc>,
) -> Result<String, MessageError> {
    let claims = serde_json::json!({
        "aud": service,
        "exp": (now + Duration::hours(SIGNED_HOURS)).timestamp(),
        "sub": portal,
    });
    let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let head = part(serde_json::json!({ "typ": "JWT", "alg": "ES256" }));
    let text = format!("{head}.{}", part(claims));
    let signature: Signature = SigningKey::from(key)
        .try_sign(text.as_bytes())
        .map_err(|_| MessageError)?;
    let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
    Ok(format!("vapid t={text}.{signature}, k={}", public_text(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        URL_SAFE_NO_PAD.decode(text).unwrap().try_into().unwrap()
    }

    #[test]
    fn the_example_of_rfc_8291_appendix_a() {
        let to = Receiver::parse(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg",
        )
        .unwrap();
        let own = SecretKey::from_slice(&bytes::<32>("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw");
        let plain = b"When I grow up, I want to be a watermelon";
        let made = encrypt_with(plain, 0, &to, &own, salt).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(made),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn all_messages_have_one_length() {
        let theirs = fresh_key();
        let to = Receiver::parse(&public_text(&theirs), "BTBZMqHH6r4Tts7J_aSIgg").unwrap();
        let (short, long) = (
            encrypt(b"a", &to).unwrap(),
            encrypt("ä".repeat(200).as_bytes(), &to).unwrap(),
        );
        assert_eq!((short.len(), long.len()), (86 + PADDED + 16, 86 + PADDED + 16));
        assert_ne!(short, encrypt(b"a", &to).unwrap());
    }

    #[test]
    fn keys_of_browsers_are_checked() {
        let good = public_text(&fresh_key());
        for (key, auth) in [
            ("", "BTBZMqHH6r4Tts7J_aSIgg"),
            ("BCVx", "BTBZMqHH6r4Tts7J_aSIgg"),
            // not on the curve
            (&"B".repeat(87)[..], "BTBZMqHH6r4Tts7J_aSIgg"),
            (&good[..], "BTBZ"),
            (&good[..], "Ü"),
        ] {
            assert!(Receiver::parse(key, auth).is_none(), "{key} {auth}");
        }
        assert!(Receiver::parse(&format!("{good}="), "BTBZMqHH6r4Tts7J_aSIgg==").is_some());
    }
}
