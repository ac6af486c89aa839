//! The town's own computer: makes codes and PDF from the list, and an answer for the portal that holds fingerprints,
//! districts and sealed names, but no name, no address and no code. No network, no store.

use super::{CHUNK, PrintFile, make};
use crate::{
    keys::{self, Key, KeyError},
    letters::{
        codes::{codes, fingerprint, proof_of, slow},
        engine::{
            check::{Checker, Fault},
            pdf::{Engine, LetterInput},
        },
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    letters::{
        code::{LookupNumber, QrSecret},
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
    /// Number of the first printed letter.
    pub first: String,
    /// Number of the last printed letter.
    pub last: String,
    /// Letters, in no order: neighbours in the file must not be neighbours in the town.
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
    /// Two people of the list cannot be told apart (same register number, or same name and birth).
    Twice,
}

/// Sealed texts are filled up to a multiple of this: their length must not tell whose name it is.
const BLOCK: usize = 512;

/// The key that the slow hash of the typed secret gives.
fn typed_key(slow: &Key) -> Key {
    Key::from_bytes(slow.derive("stadtbrief offline typed", b""))
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
    slow: Option<&Key>,
    by_qr: &[u8],
    by_typed: &[u8],
) -> Option<ResidentData> {
    let opened = match (qr, slow) {
        (Some(secret), _) => qr_key(lookup, secret).open(by_qr, &bound(lookup)),
        (None, Some(slow)) => typed_key(slow).open(by_typed, &bound(lookup)),
        (None, None) => return None,
    };
    serde_json::from_slice(&opened.ok()?).ok()
}

/// What tells that two letters are for the same person, without telling for whom.
fn person_of(key: &Key, data: &ResidentData) -> String {
    // without the address, which changes; with it only where nothing else tells two people of one name apart
    let birth = data
        .birth_date
        .map(|d| d.to_string())
        .or(data.birth_year.map(|y| y.to_string()));
    let identity = match (&data.register_number, birth) {
        (Some(number), _) => format!("nr {number}"),
        (None, Some(birth)) => format!("{}|{birth}", data.name_key()),
        (None, None) => data.identity(),
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
    let persons: std::collections::HashSet<String> = people.iter().map(|p| person_of(town, p)).collect();
    if persons.len() != people.len() {
        return Err(JobError::Twice);
    }
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
    let printed =
        |place: Option<&(&ResidentData, &(i64, String))>| place.map(|p| p.1.1.clone()).unwrap_or_default();
    let (first, last) = (printed(with_numbers.first()), printed(with_numbers.last()));
    letters.sort_by_cached_key(|_| keys::random_bytes::<16>());
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
            first,
            last,
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
    let mut plain = serde_json::to_vec(data).map_err(|_| JobError::Damaged)?;
    plain.resize(plain.len().next_multiple_of(BLOCK), b' ');
    let slow = slow(lookup, &typed.secret).ok_or(JobError::Damaged)?;
    let sealed = |key: &Key| {
        key.seal(&plain, &bound(lookup))
            .map(|s| STANDARD.encode(s))
            .map_err(JobError::Key)
    };
    let mac = |path, secret: &[u8]| STANDARD.encode(fingerprint(mac_key, path, lookup, secret));
    Ok(SealedLetter {
        lookup: lookup.get(),
        qr_mac: mac(Path::Qr, &qr.secret.0),
        typed_mac: mac(Path::Typed, &proof_of(&slow)),
        district: data.district.clone().unwrap_or_default(),
        person: person_of(town, data),
        by_qr: sealed(&qr_key(lookup, &qr.secret))?,
        by_typed: sealed(&typed_key(&slow))?,
    })
}
