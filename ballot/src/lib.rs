//! Blind ballots of surveys: RSA blind signatures after RFC 9474 (RSABSSA-SHA384-PSS-Randomized, 2048 bits).
//!
//! The browser makes a random number, blinds it and has it signed by the town, which sees who asks but not the number. The
//! number with the unblinded signature is the ballot: it proves that somebody who may answer has asked, not who. The same
//! code runs in the browser ([`blind`], [`finish`]) and on the server ([`new_key`], [`sign`], [`verify`]). Why, and what it
//! does not protect from: docs/adr/0025.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use blind_rsa_signatures::{
    BlindMessage, BlindSignature, BlindingResult, DefaultRng, KeyPair, MessageRandomizer, PSS, PublicKey,
    Randomized, Secret, SecretKey, Sha384, Signature,
};

type Public = PublicKey<Sha384, PSS, Randomized>;
type Private = SecretKey<Sha384, PSS, Randomized>;

/// Bits of a key: what RFC 9474 tests with, and enough for the weeks that a survey lasts (BSI TR-02102-1 asks for 3000 from
/// 2024 on for what must stay secret longer; a ballot only must not be forged while the survey is open).
pub const KEY_BITS: usize = 2048;
/// Longest text that is looked at, in bytes: three numbers and a signature are below 1,000.
const MOST: usize = 2_000;
/// Bytes of the number of a ballot.
const NUMBER: usize = 32;

/// It was not made by this code, or not with this key. Says no more, because nobody who gets it can do more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid;

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a valid ballot")
    }
}

impl std::error::Error for Invalid {}

fn bytes(text: &str) -> Result<Vec<u8>, Invalid> {
    if text.len() > MOST {
        return Err(Invalid);
    }
    BASE64.decode(text).map_err(|_| Invalid)
}

fn number(text: &str) -> Result<[u8; NUMBER], Invalid> {
    bytes(text)?.try_into().map_err(|_| Invalid)
}

fn parts<const N: usize>(text: &str) -> Result<[&str; N], Invalid> {
    let all: Vec<&str> = text.split('.').collect();
    all.try_into().map_err(|_| Invalid)
}

/// What is signed: a ballot of one survey is none of another, even under the same key.
fn message(survey: &str, number: &[u8]) -> Vec<u8> {
    [b"stadtbrief ballot ", survey.as_bytes(), b" ", number].concat()
}

/// In the browser: makes a number and blinds it. The answer is kept until the signature is there; its first part (up to the
/// first point) goes to the town, the rest must not.
///
/// # Errors
/// [`Invalid`] if the key is none.
pub fn blind(key: &str, survey: &str) -> Result<String, Invalid> {
    let public = Public::from_der(&bytes(key)?).map_err(|_| Invalid)?;
    let number: [u8; NUMBER] = blind_rsa_signatures::reexports::rand::random();
    let blinded = public
        .blind(&mut DefaultRng, message(survey, &number))
        .map_err(|_| Invalid)?;
    let randomizer = blinded.msg_randomizer.ok_or(Invalid)?;
    Ok([
        BASE64.encode(&blinded.blind_message.0),
        BASE64.encode(&blinded.secret.0),
        BASE64.encode(randomizer.0),
        BASE64.encode(number),
    ]
    .join("."))
}

/// In the browser: takes the blinding off the town's signature and checks it. Gives the ballot.
///
/// # Errors
/// [`Invalid`] if the town did not sign what was asked, or with another key.
pub fn finish(key: &str, survey: &str, kept: &str, signature: &str) -> Result<String, Invalid> {
    let public = Public::from_der(&bytes(key)?).map_err(|_| Invalid)?;
    let [blinded, secret, randomizer, own] = parts(kept)?;
    let (randomizer, own) = (number(randomizer)?, number(own)?);
    let result = BlindingResult {
        blind_message: BlindMessage(bytes(blinded)?),
        secret: Secret(bytes(secret)?),
        msg_randomizer: Some(MessageRandomizer(randomizer)),
    };
    let signature = public
        .finalize(&BlindSignature(bytes(signature)?), &result, message(survey, &own))
        .map_err(|_| Invalid)?;
    Ok([
        BASE64.encode(own),
        BASE64.encode(randomizer),
        BASE64.encode(&signature.0),
    ]
    .join("."))
}

/// On the server: a new key pair, as (private, public), each as DER.
///
/// # Errors
/// [`Invalid`] if the machine has no random numbers.
pub fn new_key() -> Result<(Vec<u8>, Vec<u8>), Invalid> {
    let pair =
        KeyPair::<Sha384, PSS, Randomized>::generate(&mut DefaultRng, KEY_BITS).map_err(|_| Invalid)?;
    let private = pair.sk.to_der().map_err(|_| Invalid)?;
    let public = pair.pk.to_der().map_err(|_| Invalid)?;
    Ok((private, public))
}

/// A public key as it goes over the wire.
pub fn printed(public: &[u8]) -> String {
    BASE64.encode(public)
}

/// On the server: signs what the browser sent, unseen.
///
/// # Errors
/// [`Invalid`] if it is nothing that could be signed with this key.
pub fn sign(private: &[u8], blinded: &str) -> Result<String, Invalid> {
    let private = Private::from_der(private).map_err(|_| Invalid)?;
    let signature = private
        .blind_sign(BlindMessage(bytes(blinded)?))
        .map_err(|_| Invalid)?;
    Ok(BASE64.encode(&signature.0))
}

/// On the server: checks a ballot and gives its number, which may be used once.
///
/// # Errors
/// [`Invalid`] if it was not signed with this key for this survey.
pub fn verify(public: &[u8], survey: &str, ballot: &str) -> Result<[u8; NUMBER], Invalid> {
    let public = Public::from_der(public).map_err(|_| Invalid)?;
    let [own, randomizer, signature] = parts(ballot)?;
    let own = number(own)?;
    let randomizer = MessageRandomizer(number(randomizer)?);
    public
        .verify(
            &Signature(bytes(signature)?),
            Some(randomizer),
            message(survey, &own),
        )
        .map_err(|_| Invalid)?;
    Ok(own)
}

/// What the page's script calls.
#[cfg(target_family = "wasm")]
mod browser {
    use wasm_bindgen::prelude::{JsError, wasm_bindgen};

    /// See [`crate::blind`].
    #[wasm_bindgen]
    pub fn blind(key: &str, survey: &str) -> Result<String, JsError> {
        crate::blind(key, survey).map_err(JsError::from)
    }

    /// See [`crate::finish`].
    #[wasm_bindgen]
    pub fn finish(key: &str, survey: &str, kept: &str, signature: &str) -> Result<String, JsError> {
        crate::finish(key, survey, kept, signature).map_err(JsError::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ballot_proves_itself_and_nothing_else() {
        let (private, public) = new_key().unwrap();
        let key = printed(&public);
        let kept = blind(&key, "one").unwrap();
        let asked = kept.split('.').next().unwrap();
        let signed = sign(&private, asked).unwrap();
        let ballot = finish(&key, "one", &kept, &signed).unwrap();
        let number = verify(&public, "one", &ballot).unwrap();
        // the town has seen neither the number nor the signature
        assert!(!asked.contains(&BASE64.encode(number)));
        assert!(!ballot.contains(&signed) && !ballot.contains(asked));
        // the same request again gives the same signature: an answer that was lost can be asked for once more
        assert_eq!(sign(&private, asked).unwrap(), signed);

        let (other_private, other_public) = new_key().unwrap();
        assert_eq!(verify(&public, "two", &ballot), Err(Invalid), "another survey");
        assert_eq!(verify(&other_public, "one", &ballot), Err(Invalid), "another key");
        // what was blinded under one key may be too large for another, and is not signed then
        let wrong = sign(&other_private, asked).and_then(|wrong| finish(&key, "one", &kept, &wrong));
        assert_eq!(wrong, Err(Invalid), "signed by another key");
        for broken in ["", "a.b.c", "....", &ballot[1..], &ballot.replace('.', "")] {
            assert_eq!(verify(&public, "one", broken), Err(Invalid), "{broken}");
        }
        // another number under the same signature
        let forged = format!(
            "{}{}",
            BASE64.encode([7; NUMBER]),
            &ballot[ballot.find('.').unwrap()..]
        );
        assert_eq!(verify(&public, "one", &forged), Err(Invalid));
        assert_eq!(sign(&private, &"A".repeat(MOST + 1)), Err(Invalid));
        assert_eq!(blind("AAAA", "one"), Err(Invalid));
    }
}
