//! The town's own computer: makes codes and PDF from the list, and an answer for the portal that holds fingerprints,
//! districts and sealed names, but no name, no address and no code. No network, no store.

use super::{CHUNK, PrintFile, make};
use crate::{
    keys::{self, Key, KeyError},
    letters::{
        codes::{codes, fingerprint},
        engine::{
            check::{Checker, Fault},
            pdf::{Engine, LetterInput},
        },
    },
};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    letters::{
        code::{LookupNumber, QrSecret, TypedSecret},
        content::Recipient,
    },
    registration::Path,
    residents::ResidentData,
};
use serde::{Deserialize, Serialize};
use std::io::Write;
use uuid::Uuid;

/// What the portal hands out: reserved numbers, the batch's fingerprint key, and what letters print. Whoever has it can
/// make letters that the portal takes, so it is treated like the letters themselves.
#[derive(Clone, Serialize, Deserialize)]
pub struct Job {
    /// The batch.
    pub batch: Uuid,
    /// Fingerprint key, base64.
    pub mac_key: String,
    /// Look-up number and printed letter number, one pair per letter.
    pub numbers: Vec<(i64, String)>,
    /// What letters print.
    pub print: PrintFile,
}

/// What goes back to the portal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The batch.
    pub batch: Uuid,
    /// SHA-256 of the PDF.
    pub sha256: String,
    /// Pages.
    pub pages: usize,
    /// Bytes of the PDF.
    pub bytes: u64,
    /// Letters, in the order in which they are printed.
    pub letters: Vec<SealedLetter>,
}

/// A letter as the portal learns of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SealedLetter {
    /// Look-up number.
    pub lookup: i64,
    /// Fingerprint of the QR secret, base64.
    pub qr_mac: String,
    /// Fingerprint of the typed secret, base64.
    pub typed_mac: String,
    /// District.
    pub district: String,
    /// The same for all letters to one person, under a key that stays with the town.
    pub person: String,
    /// Name and address, sealed under the QR secret, base64.
    pub by_qr: String,
    /// The same, sealed under the typed secret, base64.
    pub by_typed: String,
}

/// What was made.
pub struct Made {
    /// For the portal.
    pub answer: Answer,
    /// People for whom there was no number left.
    pub without_number: usize,
}

/// Why nothing was made.
#[derive(Debug)]
pub enum JobError {
    /// The job file is damaged.
    Damaged,
    /// The check of the made pages found something, or something does not fit.
    Fault(Fault),
    /// The PDF cannot be written.
    Write(std::io::Error),
    /// Sealing failed.
    Key(KeyError),
}

/// Memory of the slow hash in KiB: what OWASP recommends for Argon2id with two passes.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;

/// The key that the typed secret opens: slow, because 40 bits could be tried by whoever has the store and the master key.
fn typed_key(lookup: LookupNumber, secret: &TypedSecret) -> Option<Key> {
    let params = Params::new(MEMORY, PASSES, 1, Some(32)).ok()?;
    let salt = [b"stadtbrief typed".as_slice(), &lookup.get().to_be_bytes()].concat();
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(&secret.0, &salt, &mut key)
        .ok()?;
    Some(Key::from_bytes(key))
}

/// The key that the QR secret opens.
fn qr_key(lookup: LookupNumber, secret: &QrSecret) -> Key {
    let mut long = [0; 32];
    long[..16].copy_from_slice(&secret.0);
    let key = Key::from_bytes(long);
    Key::from_bytes(key.derive("stadtbrief offline qr", &lookup.get().to_be_bytes()))
}

fn bound(lookup: LookupNumber) -> Vec<u8> {
    format!("offline letter {}", lookup.get()).into_bytes()
}

/// Name and address behind a secret that was proven. `None` if they cannot be opened.
pub(super) fn open_recipient(
    lookup: LookupNumber,
    qr: Option<&QrSecret>,
    typed: Option<&TypedSecret>,
    by_qr: &[u8],
    by_typed: &[u8],
) -> Option<ResidentData> {
    let opened = match (qr, typed) {
        (Some(secret), _) => qr_key(lookup, secret).open(by_qr, &bound(lookup)),
        (None, Some(secret)) => typed_key(lookup, secret)?.open(by_typed, &bound(lookup)),
        (None, None) => return None,
    };
    serde_json::from_slice(&opened.ok()?).ok()
}

/// What tells that two letters are for the same person, without telling for whom.
fn person_of(key: &Key, data: &ResidentData) -> String {
    let identity = match &data.register_number {
        Some(number) => format!("nr {number}"),
        None => data.identity(),
    };
    keys::hex(&key.mac("stadtbrief offline person", identity.as_bytes())[..16])
}

/// Makes letters for these people in order, and the answer. `town` is the key that stays on this computer, so that the next
/// job recognises people. `step` hears how many are done.
pub fn make_offline(
    job: &Job,
    people: &[ResidentData],
    town: &Key,
    out: &mut impl Write,
    mut step: impl FnMut(usize),
) -> Result<Made, JobError> {
    let mac_key: [u8; 32] = STANDARD
        .decode(&job.mac_key)
        .ok()
        .and_then(|k| k.try_into().ok())
        .ok_or(JobError::Damaged)?;
    let mac_key = Key::from_bytes(mac_key);
    // never leaves this function: the codes exist in the PDF alone
    let batch_key = Key::random();
    let frozen = &job.print.frozen;
    let fault = |e| JobError::Fault(Fault::Engine(e));
    let file_id = {
        let mut id = [0; 16];
        id.copy_from_slice(&keys::sha256(job.batch.as_bytes())[..16]);
        id
    };
    let mut engine = Engine::new(frozen, job.print.art(), file_id).map_err(fault)?;
    let mut checker = Checker::new(frozen);
    let mut letters = Vec::with_capacity(people.len());
    let with_numbers: Vec<(&ResidentData, &(i64, String))> = people.iter().zip(&job.numbers).collect();
    for (chunk_number, chunk) in with_numbers.chunks(CHUNK).enumerate() {
        let mut inputs = Vec::with_capacity(chunk.len());
        let mut to_seal = Vec::with_capacity(chunk.len());
        for (i, (data, (lookup, letter_number))) in chunk.iter().enumerate() {
            let lookup = LookupNumber::from_stored(*lookup).ok_or(JobError::Damaged)?;
            let (qr, typed) = codes(&batch_key, lookup, 1);
            inputs.push(LetterInput {
                recipient: Recipient {
                    name: data.display_name(),
                    address: data.address_lines(),
                },
                user_id: typed.printed(),
                payload: qr.printed(),
                letter_number: letter_number.clone(),
                position: chunk_number * CHUNK + i + 1,
            });
            to_seal.push((*data, qr, typed));
        }
        make(&mut engine, Some(&mut checker), &inputs).map_err(JobError::Fault)?;
        out.write_all(&engine.take()).map_err(JobError::Write)?;
        letters.extend(seal_all(&to_seal, &mac_key, town)?);
        step(letters.len());
    }
    let sides = engine.sides();
    let (rest, summary) = engine.finish();
    checker.file(&summary, sides, 0).map_err(JobError::Fault)?;
    out.write_all(&rest).map_err(JobError::Write)?;
    Ok(Made {
        without_number: people.len().saturating_sub(job.numbers.len()),
        answer: Answer {
            batch: job.batch,
            sha256: summary.sha256,
            pages: summary.pages,
            bytes: summary.bytes,
            letters,
        },
    })
}

type ToSeal<'a> = (
    &'a ResidentData,
    domain::letters::code::QrPayload,
    domain::letters::code::UserId,
);

/// Seals on all cores: the slow hash is most of the work.
fn seal_all(letters: &[ToSeal<'_>], mac_key: &Key, town: &Key) -> Result<Vec<SealedLetter>, JobError> {
    let threads = std::thread::available_parallelism()
        .map_or(1, std::num::NonZero::get)
        .min(8);
    let share = letters.len().div_ceil(threads).max(1);
    let parts: Vec<Result<Vec<SealedLetter>, JobError>> = std::thread::scope(|scope| {
        let handles: Vec<_> = letters
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(|l| seal(l, mac_key, town)).collect()))
            .collect();
        handles
            .into_iter()
            .map(|h| h.join().unwrap_or(Err(JobError::Damaged)))
            .collect()
    });
    let mut sealed = Vec::with_capacity(letters.len());
    for part in parts {
        sealed.extend(part?);
    }
    Ok(sealed)
}

fn seal((data, qr, typed): &ToSeal<'_>, mac_key: &Key, town: &Key) -> Result<SealedLetter, JobError> {
    let lookup = qr.lookup;
    let plain = serde_json::to_vec(data).map_err(|_| JobError::Damaged)?;
    let by_typed = typed_key(lookup, &typed.secret).ok_or(JobError::Damaged)?;
    let sealed = |key: &Key| {
        key.seal(&plain, &bound(lookup))
            .map(|s| STANDARD.encode(s))
            .map_err(JobError::Key)
    };
    let mac = |path, secret: &[u8]| STANDARD.encode(fingerprint(mac_key, path, lookup, secret));
    Ok(SealedLetter {
        lookup: lookup.get(),
        qr_mac: mac(Path::Qr, &qr.secret.0),
        typed_mac: mac(Path::Typed, &typed.secret.0),
        district: data.district.clone().unwrap_or_default(),
        person: person_of(town, data),
        by_qr: sealed(&qr_key(lookup, &qr.secret))?,
        by_typed: sealed(&by_typed)?,
    })
}
