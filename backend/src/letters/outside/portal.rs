//! The portal's side of letters that are made on the town's own computer: reserves numbers, takes the answer, and opens a
//! sealed name for whoever holds the letter.

use super::{Answer, Job, open_recipient, print_file, store};
use crate::{
    Ctx, Failure, accounts,
    audit::{self, Event},
    db::{self, Tx},
    keys::Key,
    letters::{
        BatchLine, PartLine, ProofRow, batch_store, codes::bound, create::draw_numbers, store as letter_store,
    },
    municipality, residents,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    letters::{
        code::{LookupNumber, QrSecret},
        state::{BatchState, LetterState, Route, SEAL_AFTER_DOWNLOAD_DAYS},
        template::Occasion,
    },
    residents::ResidentData,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Largest answer, in bytes: some 200,000 letters.
pub const MAX_ANSWER: usize = 200_000_000;
/// Most numbers of one job.
pub const MOST: i64 = 200_000;

/// Reserves numbers for letters that are made elsewhere.
pub async fn reserve(ctx: &Ctx, actor: Actor, count: i64) -> Result<Uuid, Failure> {
    if !actor.may(Permission::MakeLetters) || !actor.may(Permission::ImportResidents) {
        return Err(Failure::Denied);
    }
    let count = count.clamp(1, MOST);
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let settings = municipality::current_in(&mut tx).await?.settings;
    let batch = ctx.new_id();
    let mac_key = Key::random();
    let numbers = draw_numbers(&mut tx, usize::try_from(count).unwrap_or(0)).await?;
    let new = batch_store::NewBatch {
        id: batch,
        number: batch_store::next_number(&mut tx, Route::Ordinary).await?,
        route: Route::Ordinary,
        frozen: None,
        wrapped_key: None,
        wrapped_mac_key: &ctx.master.wrap(&mac_key, &bound(batch, "mac"))?,
        letters: count,
        validity_days: settings.validity_days,
        by: actor.account(),
        at: ctx.clock.now(),
        state: BatchState::Reserved.key(),
        offline: true,
    };
    batch_store::insert_batch(&mut tx, &new).await?;
    store::insert_numbers(&mut tx, batch, &numbers).await?;
    tx.commit(ctx, Event::new(actor, "letters.reserve").on(batch))
        .await?;
    Ok(batch)
}

/// The job file of a reserved batch. It holds the fingerprint key: only for staff who make letters and keep the register.
pub async fn job_file(ctx: &Ctx, actor: Actor, batch: Uuid) -> Result<Job, Failure> {
    if !actor.may(Permission::MakeLetters) || !actor.may(Permission::ImportResidents) {
        return Err(Failure::Denied);
    }
    let mut print = print_file(ctx, actor, Occasion::First).await?;
    let mut tx = ctx.db.begin().await?;
    let line: BatchLine = batch_store::batch_line(&mut tx, batch)
        .await?
        .filter(|b| b.state == BatchState::Reserved.key())
        .ok_or(Failure::Denied)?;
    let wrapped = store::mac_key(&mut tx, batch).await?.ok_or(Failure::Denied)?;
    let mac_key = ctx.master.unwrap_key(&wrapped, &bound(batch, "mac"))?;
    print.frozen.number = line.number;
    let numbers = store::numbers(&mut tx, batch).await?;
    tx.commit(ctx, Event::new(actor, "letters.job-file").on(batch))
        .await?;
    Ok(Job {
        batch,
        mac_key: STANDARD.encode(mac_key.bytes()),
        numbers,
        print,
    })
}

/// Gives back the numbers of a job that will not come.
pub(crate) async fn release(tx: &mut Tx, batch: Uuid) -> db::Result<()> {
    store::clear_numbers(tx, batch).await
}

/// Why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerRefusal {
    /// This is no answer file, or it is damaged.
    Damaged,
    /// It belongs to another job.
    OtherJob,
    /// The job was finished or discarded before.
    WrongState,
    /// A number is not one of those that were reserved, or comes twice.
    Numbers,
}

impl AnswerRefusal {
    /// The key of its sentence.
    pub fn key(self) -> &'static str {
        match self {
            AnswerRefusal::Damaged => "answer-damaged",
            AnswerRefusal::OtherJob => "answer-other-job",
            AnswerRefusal::WrongState => "letters-wrong-state",
            AnswerRefusal::Numbers => "answer-numbers",
        }
    }
}

/// Takes the answer: from now on the letters can be redeemed. A former open letter of the same person is replaced.
pub async fn take_answer(
    ctx: &Ctx,
    actor: Actor,
    batch: Uuid,
    file: &[u8],
) -> Result<(), Failure<AnswerRefusal>> {
    if !actor.may(Permission::MakeLetters) || !actor.may(Permission::ImportResidents) {
        return Err(Failure::Denied);
    }
    let refuse = |r| Err(Failure::Refused(r));
    // some hundred megabytes of base64: not on the thread that answers others, and before anybody waits for the store
    let bytes = file.to_vec();
    let read = tokio::task::spawn_blocking(move || read_answer(&bytes)).await?;
    let (answer, read) = match read {
        Ok(both) => both,
        Err(refusal) => return refuse(refusal),
    };
    if answer.batch != batch {
        return refuse(AnswerRefusal::OtherJob);
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let line = batch_store::batch_line(&mut tx, batch)
        .await?
        .ok_or(Failure::Denied)?;
    if !batch_store::set_state(
        &mut tx,
        batch,
        BatchState::Reserved.key(),
        BatchState::Sealed.key(),
    )
    .await?
    {
        return refuse(AnswerRefusal::WrongState);
    }
    let reserved: HashMap<i64, String> = store::numbers(&mut tx, batch).await?.into_iter().collect();
    let persons: HashSet<String> = read.iter().map(|r| r.person.clone()).collect();
    let lookups: HashSet<i64> = read.iter().map(|r| r.lookup).collect();
    if persons.len() != read.len() || lookups.len() != read.len() {
        return refuse(AnswerRefusal::Numbers);
    }
    let mut letters = Vec::with_capacity(read.len());
    let mut sealed = Vec::with_capacity(read.len());
    for (i, letter) in read.into_iter().enumerate() {
        let Some(number) = reserved.get(&letter.lookup) else {
            return refuse(AnswerRefusal::Numbers);
        };
        let id = ctx.new_id();
        sealed.push(store::Sealed {
            letter: id,
            by_qr: letter.by_qr,
            by_typed: letter.by_typed,
            person: letter.person,
        });
        letters.push(letter_store::NewLetter {
            id,
            position: i64::try_from(i).unwrap_or(0) + 1,
            resident: None,
            control: None,
            organisation: None,
            district: letter.district,
            letter_number: number.clone(),
            lookup: letter.lookup,
            issue: 1,
            qr_mac: letter.qr_mac,
            typed_mac: letter.typed_mac,
            recipient: None,
        });
    }
    store::replace_former(&mut tx, &persons, now).await?;
    letter_store::insert_letters(&mut tx, batch, &letters, now).await?;
    store::insert_sealed(&mut tx, &sealed).await?;
    store::clear_numbers(&mut tx, batch).await?;
    // if nobody reports the posting, the letters end all the same
    let days = line.validity_days + SEAL_AFTER_DOWNLOAD_DAYS;
    batch_store::expire(&mut tx, batch, now + Duration::days(days)).await?;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let part = PartLine {
        part: 1,
        first_position: 1,
        last_position: count(letters.len()),
        letters: count(letters.len()),
        pages: count(answer.pages),
        sheets: count(if answer.pages > letters.len() {
            answer.pages / 2
        } else {
            answer.pages
        }),
        bytes: i64::try_from(answer.bytes).unwrap_or(i64::MAX),
        sha256: answer.sha256.chars().take(64).collect(),
        first_number: answer.first.chars().take(20).collect(),
        last_number: answer.last.chars().take(20).collect(),
        downloaded_at: None,
    };
    batch_store::insert_part(&mut tx, batch, &part).await?;
    store::finish(&mut tx, batch, part.letters, part.bytes, &part.sha256, now).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "letters.answer").on(batch))
        .await?)
}

/// A letter of an answer, decoded.
struct Read {
    lookup: i64,
    qr_mac: Vec<u8>,
    typed_mac: Vec<u8>,
    district: String,
    person: String,
    by_qr: Vec<u8>,
    by_typed: Vec<u8>,
}

/// Most bytes of a sealed name and address.
const MAX_SEALED: usize = 4_096;

fn read_answer(file: &[u8]) -> Result<(Answer, Vec<Read>), AnswerRefusal> {
    let mut answer: Answer = serde_json::from_slice(file).map_err(|_| AnswerRefusal::Damaged)?;
    let letters = std::mem::take(&mut answer.letters);
    if letters.is_empty() {
        return Err(AnswerRefusal::Damaged);
    }
    let read = letters
        .into_iter()
        .map(|letter| {
            let bytes = |text: &str| STANDARD.decode(text).ok();
            let mac = |text: &str| bytes(text).filter(|m| m.len() == 32);
            let sealed = |text: &str| bytes(text).filter(|s| s.len() <= MAX_SEALED);
            let hex = letter.person.len() == 32 && letter.person.bytes().all(|b| b.is_ascii_hexdigit());
            Some(Read {
                lookup: letter.lookup,
                qr_mac: mac(&letter.qr_mac)?,
                typed_mac: mac(&letter.typed_mac)?,
                district: letter.district.chars().take(100).collect(),
                by_qr: sealed(&letter.by_qr)?,
                by_typed: sealed(&letter.by_typed)?,
                person: hex.then_some(letter.person)?,
            })
        })
        .collect::<Option<Vec<Read>>>()
        .ok_or(AnswerRefusal::Damaged)?;
    Ok((answer, read))
}

/// Do letters exist that were made elsewhere? Then every typed secret is hashed slowly: time must not tell which.
pub(crate) async fn any(tx: &mut Tx) -> db::Result<bool> {
    store::any(tx).await
}

/// The person in the register who has registered with a former letter of the same kind.
pub(crate) async fn known_person(tx: &mut Tx, letter: Uuid) -> db::Result<Option<Uuid>> {
    store::settled(tx, letter).await
}

/// Whose letter it is, opened with the secret that was proven; `None` if the letter was made by the portal.
pub(crate) async fn sealed_person(
    tx: &mut Tx,
    row: &ProofRow,
    lookup: LookupNumber,
    qr: Option<QrSecret>,
    slow: Option<&Key>,
) -> Result<Option<ResidentData>, Failure> {
    let Some(sealed) = store::sealed(tx, row.id).await? else {
        return Ok(None);
    };
    Ok(open_recipient(
        lookup,
        qr.as_ref(),
        slow,
        &sealed.by_qr,
        &sealed.by_typed,
    ))
}

/// Somebody registers with a letter that was made elsewhere: only now the person enters the register. Gives the person, who
/// may be there from a former letter of this kind. `None` if the portal knows better: the person is gone, has a register
/// block, is not surely told from somebody else, or has an account by a letter of the portal (a letter from elsewhere must
/// not open that one).
pub(crate) async fn settle(
    ctx: &Ctx,
    tx: &mut Tx,
    letter: Uuid,
    data: &ResidentData,
) -> db::Result<Option<Uuid>> {
    let resident = match store::settled(tx, letter).await? {
        Some(resident) => resident,
        None => match residents::enter(ctx, tx, data).await? {
            Some(resident) if !accounts::has_account(tx, resident).await? => resident,
            _ => return Ok(None),
        },
    };
    // first, for only one letter of a person is open
    letter_store::end_others(tx, letter, resident, LetterState::Replaced.key(), ctx.clock.now()).await?;
    store::settle(tx, letter, resident).await?;
    Ok(Some(resident))
}

/// Sealed names behind codes that do not work any more are of no use to anybody.
pub(crate) async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> db::Result<()> {
    store::empty_ended(tx, now).await
}
