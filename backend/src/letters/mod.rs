//! Letters: batches, codes, the two passes, sealing, and what becomes of each letter.

pub mod artwork;
pub mod check;
mod codes;
mod figures;
mod font;
mod page;
pub mod pdf;
mod produce;
mod qr;
mod sample;
mod store;
mod withdraw;

pub(crate) use codes::proves;
pub(crate) use figures::redeemed_since;
pub use figures::{LetterCounts, counts};
pub use page::DoesNotFit;
pub use sample::sample;
pub(crate) use store::ProofRow;

use codes::{bound, codes, fingerprint};
use withdraw::withdraw;

use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    jobs::{self, Job},
    keys::{self, Key},
    municipality::{self, ImageUse},
    residents,
};
use bytes::Bytes;
use chrono::{DateTime, Datelike, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    letters::{
        code::{LookupNumber, letter_number},
        content::{Frozen, Recipient},
        state::{BatchState, DEFAULT_VALIDITY_DAYS, LetterState, Route, SEAL_AFTER_DOWNLOAD_DAYS},
    },
    municipality::{BlockedRoute, RegistrationMethod, Settings},
    registration::Path,
};
use futures::stream::BoxStream;
use std::collections::HashSet;
use uuid::Uuid;

/// Why letters are not made, downloaded or posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetterRefusal {
    /// Nobody is waiting for a letter.
    Nobody,
    /// The registration method for residents is not `letter`.
    MethodOff,
    /// The texts do not fit on a page.
    TextsTooLong,
    /// This resident must not get letters.
    Banned,
    /// This resident has an account and needs no letter.
    Registered,
    /// The batch is not in the right state for this.
    WrongState,
    /// Somebody else made letters for the same people at the same moment.
    Collision,
    /// The file was never downloaded, so it cannot have been posted.
    NotDownloaded,
    /// The day of posting is before the batch was made, or in the future.
    PostingDay,
}

impl LetterRefusal {
    /// The key of its sentence.
    pub fn key(&self) -> &'static str {
        match self {
            LetterRefusal::Nobody => "letters-nobody",
            LetterRefusal::MethodOff => "letters-method-off",
            LetterRefusal::TextsTooLong => "letters-texts-too-long",
            LetterRefusal::Banned => "letters-banned",
            LetterRefusal::Registered => "letters-registered",
            LetterRefusal::WrongState => "letters-wrong-state",
            LetterRefusal::Collision => "letters-collision",
            LetterRefusal::NotDownloaded => "letters-not-downloaded",
            LetterRefusal::PostingDay => "letters-posting-day",
        }
    }
}

/// A batch in the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BatchLine {
    /// The batch.
    pub id: Uuid,
    /// Running number; negative for batches to people with a register block.
    pub number: i64,
    /// Key of the [`Route`].
    pub route: String,
    /// State key.
    pub state: String,
    /// Letters in it.
    pub letters: i64,
    /// Letters made and checked.
    pub done: i64,
    /// Size of the file.
    pub bytes: i64,
    /// Hash of the file.
    pub sha256: Option<String>,
    /// What the check found.
    pub failure: Option<String>,
    /// Validity in days from posting.
    pub validity_days: i64,
    /// Made at.
    pub created_at: DateTime<Utc>,
    /// Check passed at.
    pub ready_at: Option<DateTime<Utc>>,
    /// First download at.
    pub downloaded_at: Option<DateTime<Utc>>,
    /// Posted on.
    pub posted_at: Option<DateTime<Utc>>,
    /// Letters of it that were redeemed.
    pub redeemed: i64,
}

/// A letter in the history of a resident.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LetterLine {
    /// The letter.
    pub id: Uuid,
    /// Printed number.
    pub letter_number: String,
    /// 1, 2, 3 …
    pub issue: i64,
    /// State key.
    pub state: String,
    /// Made at.
    pub created_at: DateTime<Utc>,
    /// Works until.
    pub expires_at: Option<DateTime<Utc>>,
    /// Redeemed, replaced or revoked at.
    pub ended_at: Option<DateTime<Utc>>,
    /// Wrong typed secrets.
    pub failed_tries: i64,
    /// Its batch.
    pub batch_id: Uuid,
    /// Number of its batch.
    pub batch_number: i64,
    /// Posted on.
    pub posted_at: Option<DateTime<Utc>>,
}

/// Most letters of one batch; larger selections make several batches.
const MAX_BATCH: i64 = 200_000;

/// German long date, as letters print it.
pub fn long_date(at: DateTime<Utc>) -> String {
    const MONTHS: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    let day = domain::time::local(at).date();
    let month = MONTHS[usize::try_from(day.month0()).unwrap_or(0).min(11)];
    format!("{}. {month} {}", day.day(), day.year())
}

/// Freezes what all letters of a batch print.
fn freeze(
    ctx: &Ctx,
    settings: &Settings,
    route: Route,
    logo: Option<String>,
    signature: Option<String>,
) -> Frozen {
    Frozen {
        texts: settings.letter.clone(),
        municipality: settings.name.clone(),
        return_line: match route {
            Route::Ordinary | Route::Desk => settings.return_line(),
            Route::Neutral => settings.neutral_return_line(),
        },
        contact: [
            settings.sender.clone(),
            settings.department.clone(),
            settings.street.clone(),
            format!("{} {}", settings.postcode, settings.city),
            format!("Telefon {}", settings.telephone),
            settings.email.clone(),
        ]
        .into_iter()
        .filter(|l| !l.trim().is_empty())
        .collect(),
        telephone: settings.telephone.clone(),
        base_url: ctx.base_url.to_string(),
        date: long_date(ctx.clock.now()),
        validity_days: settings.validity_days,
        logo,
        signature,
    }
}

/// Who gets letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Everybody without account and without open letter, in one district or in all (empty).
    Waiting {
        /// District, or empty.
        district: String,
    },
    /// Everybody with a register block, without account and without open letter: only where the town sends them
    /// neutral letters.
    Blocked,
    /// One person; a former open letter is replaced. Who has a register block gets the letter by the town's way for that.
    One(Uuid),
}

/// How many people would get a letter.
pub async fn count_waiting(ctx: &Ctx, actor: Actor, district: &str) -> Result<i64, Failure> {
    if !actor.may(Permission::SeeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::count_eligible(&mut tx, district, ctx.clock.now(), false).await?)
}

/// How many people with a register block would get a neutral letter; 0 where the town sends none.
pub async fn count_blocked_waiting(ctx: &Ctx, actor: Actor) -> Result<i64, Failure> {
    if !actor.may(Permission::SeeLetters) || !actor.may(Permission::SeeBlocks) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let settings = municipality::current_in(&mut tx).await?.settings;
    match settings.blocked_route {
        BlockedRoute::Neutral => Ok(store::count_eligible(&mut tx, "", ctx.clock.now(), true).await?),
        BlockedRoute::None | BlockedRoute::Desk => Ok(0),
    }
}

/// Letters to people with a register block exist only for staff who may see blocks.
fn shown_to(actor: Actor, line: Option<BatchLine>) -> Option<BatchLine> {
    line.filter(|b| b.route == Route::Ordinary.key() || actor.may(Permission::SeeBlocks))
}

/// Makes a batch: freezes what is printed, draws numbers, stores fingerprints, and enqueues the first pass.
pub async fn create_batch(
    ctx: &Ctx,
    actor: Actor,
    selection: &Selection,
) -> Result<Uuid, Failure<LetterRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let refuse = |r| Err(Failure::Refused(r));
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let settings = municipality::current_in(&mut tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    if settings.residents_register != RegistrationMethod::Letter {
        return refuse(LetterRefusal::MethodOff);
    }
    let logo = municipality::image_hash(&mut tx, ImageUse::Logo).await?;
    let signature = municipality::image_hash(&mut tx, ImageUse::Signature).await?;
    let now = ctx.clock.now();
    let mut route = Route::Ordinary;
    let chosen = match selection {
        Selection::Waiting { district } => {
            let chosen = store::eligible(&mut tx, district, now, false, MAX_BATCH).await?;
            store::replace_expired(&mut tx, district, now, false).await?;
            chosen
        }
        Selection::Blocked => {
            if !actor.may(Permission::SeeBlocks) {
                return Err(Failure::Denied);
            }
            if settings.blocked_route != BlockedRoute::Neutral {
                return refuse(LetterRefusal::Banned);
            }
            route = Route::Neutral;
            let chosen = store::eligible(&mut tx, "", now, true, MAX_BATCH).await?;
            store::replace_expired(&mut tx, "", now, true).await?;
            chosen
        }
        Selection::One(resident) => {
            let Some((_, banned)) = residents::data(&mut tx, *resident).await? else {
                return Err(Failure::Denied);
            };
            if !residents::exists_for(&mut tx, actor, *resident).await? {
                return Err(Failure::Denied);
            }
            let blocked = residents::is_blocked(&mut tx, *resident).await?;
            route = match settings.blocked_route {
                _ if !banned => Route::Ordinary,
                BlockedRoute::Desk if blocked => Route::Desk,
                BlockedRoute::Neutral if blocked => Route::Neutral,
                _ => return refuse(LetterRefusal::Banned),
            };
            withdraw(ctx, &mut tx, *resident, LetterState::Replaced).await?;
            vec![store::Eligible {
                id: *resident,
                issue: store::last_issue(&mut tx, *resident).await?,
            }]
        }
    };
    if chosen.is_empty() {
        return refuse(LetterRefusal::Nobody);
    }
    let frozen = freeze(ctx, &settings, route, logo, signature);
    let batch = ctx.new_id();
    let key = Key::random();
    let mac_key = Key::random();
    let mut letters = Vec::with_capacity(chosen.len());
    let numbers = draw_numbers(&mut tx, chosen.len()).await?;
    for (i, (person, (lookup, number))) in chosen.iter().zip(numbers).enumerate() {
        let Some((data, _)) = residents::data(&mut tx, person.id).await? else {
            continue;
        };
        let issue = person.issue + 1;
        let (qr, typed) = codes(&key, lookup, issue);
        letters.push(store::NewLetter {
            id: ctx.new_id(),
            position: i64::try_from(i).unwrap_or(0) + 1,
            resident: person.id,
            letter_number: number,
            lookup: lookup.get(),
            issue,
            qr_mac: fingerprint(&mac_key, Path::Qr, lookup, &qr.secret.0).to_vec(),
            typed_mac: fingerprint(&mac_key, Path::Typed, lookup, &typed.secret.0).to_vec(),
            recipient: Recipient {
                name: data.display_name(),
                // nobody needs the address of a letter that is handed over
                address: match route {
                    Route::Desk => Vec::new(),
                    Route::Ordinary | Route::Neutral => data.address_lines(),
                },
            },
        });
    }
    let count = i64::try_from(letters.len()).unwrap_or(0);
    let new = store::NewBatch {
        id: batch,
        route,
        frozen: &frozen,
        wrapped_key: &ctx.master.wrap(&key, &bound(batch, "key"))?,
        wrapped_mac_key: &ctx.master.wrap(&mac_key, &bound(batch, "mac"))?,
        letters: count,
        validity_days: settings.validity_days,
        by: actor.account(),
        at: now,
    };
    let stored = async {
        store::insert_batch(&mut tx, &new).await?;
        store::insert_letters(&mut tx, batch, &letters, now).await
    }
    .await;
    match stored {
        // two people pressed the button at once: the unique index on open letters lets one of them through
        Err(error) if db::is_duplicate(&error) => return refuse(LetterRefusal::Collision),
        result => result?,
    }
    jobs::enqueue(ctx, &mut tx, Job::MakeBatch(batch), now).await?;
    // without the number of letters: the log is read by people who may not see blocks, and the batch has it anyway
    tx.commit(ctx, Event::new(actor, "letters.create-batch").on(batch))
        .await?;
    Ok(batch)
}

/// Random look-up and letter numbers that nothing uses yet.
async fn draw_numbers(tx: &mut Tx, count: usize) -> db::Result<Vec<(LookupNumber, String)>> {
    let mut drawn: Vec<(LookupNumber, String)> = Vec::with_capacity(count);
    let (mut lookups, mut numbers) = (HashSet::new(), HashSet::new());
    while drawn.len() < count {
        let mut fresh = Vec::new();
        for _ in drawn.len()..count {
            let lookup = LookupNumber::from_random(u32::from_be_bytes(keys::random_bytes()));
            let number = letter_number(u64::from_be_bytes(keys::random_bytes()));
            if lookups.insert(lookup) && numbers.insert(number.clone()) {
                fresh.push((lookup, number));
            }
        }
        let some: Vec<i64> = fresh.iter().map(|f| f.0.get()).collect();
        let others: Vec<String> = fresh.iter().map(|f| f.1.clone()).collect();
        let (taken_lookups, taken_numbers) = store::taken_numbers(tx, &some, &others).await?;
        drawn.extend(
            fresh
                .into_iter()
                .filter(|f| !taken_lookups.contains(&f.0.get()) && !taken_numbers.contains(&f.1)),
        );
    }
    Ok(drawn)
}

/// All batches, newest first.
pub async fn batches(ctx: &Ctx, actor: Actor) -> Result<Vec<BatchLine>, Failure> {
    if !actor.may(Permission::SeeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::batches(&mut tx, actor.may(Permission::SeeBlocks)).await?)
}

/// One batch.
pub async fn batch(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<BatchLine, Failure> {
    if !actor.may(Permission::SeeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    shown_to(actor, store::batch_line(&mut tx, id).await?).ok_or(Failure::Denied)
}

/// The job of the first pass: makes the file, decodes every code from it, hashes it, and throws it away.
pub(crate) async fn make(ctx: &Ctx, id: Uuid) -> Result<(), String> {
    // a letter that was withdrawn meanwhile: the file is made anew without it
    while !make_once(ctx, id).await? {}
    Ok(())
}

/// False if the batch changed meanwhile.
async fn make_once(ctx: &Ctx, id: Uuid) -> Result<bool, String> {
    let text = |e: Failure| format!("{e:?}");
    let Some(mut producer) = produce::Producer::open(ctx, id, BatchState::Making, true)
        .await
        .map_err(text)?
    else {
        return Ok(true);
    };
    loop {
        match producer.next().await {
            Ok(Some(_)) => {
                jobs::renew(ctx, Job::MakeBatch(id))
                    .await
                    .map_err(|e| e.to_string())?;
                let mut tx = ctx.db.begin().await.map_err(|e| e.to_string())?;
                store::progress(&mut tx, id, producer.made())
                    .await
                    .map_err(|e| e.to_string())?;
                tx.commit_unaudited("progress of a batch")
                    .await
                    .map_err(|e| e.to_string())?;
            }
            Ok(None) => break,
            Err(produce::Stopped::Fault(fault)) => {
                fail(ctx, id, &fault.to_string())
                    .await
                    .map_err(|e| e.to_string())?;
                return Ok(true);
            }
            Err(produce::Stopped::Failure(failure)) => return Err(text(failure)),
        }
    }
    let Some(summary) = producer.summary() else {
        return Err("no summary".to_owned());
    };
    let done = async {
        let mut tx = ctx.db.begin().await?;
        let bytes = i64::try_from(summary.bytes).unwrap_or(i64::MAX);
        let (hash, revision) = (&summary.sha256, producer.revision());
        let ready = store::ready(&mut tx, id, bytes, hash, revision, ctx.clock.now()).await?;
        if ready {
            let event = Event::new(Actor::System, "letters.ready").on(id);
            tx.commit(ctx, event).await?;
        }
        Ok::<bool, sqlx::Error>(ready)
    };
    if done.await.map_err(|e| e.to_string())? {
        return Ok(true);
    }
    let mut tx = ctx.db.read().await.map_err(|e| e.to_string())?;
    let now = store::batch(&mut tx, id).await.map_err(|e| e.to_string())?;
    Ok(now.is_none_or(|b| b.state != BatchState::Making.key()))
}

async fn fail(ctx: &Ctx, id: Uuid, fault: &str) -> db::Result<()> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    store::failed(&mut tx, id, fault).await?;
    store::revoke_batch(&mut tx, id, now).await?;
    store::destroy_key(&mut tx, id, now).await?;
    tx.commit(ctx, Event::new(Actor::System, "letters.failed").on(id))
        .await
}

/// A file on its way.
pub struct Download {
    /// Name for the browser.
    pub name: String,
    /// Size, known from the first pass.
    pub bytes: u64,
    /// The bytes; an error in the middle if they are not those of the first pass.
    pub stream: BoxStream<'static, std::io::Result<Bytes>>,
}

/// The second pass: streams the very same file and compares its hash at the end.
pub async fn download(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<Download, Failure<LetterRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    shown_to(actor, store::batch_line(&mut tx, id).await?).ok_or(Failure::Denied)?;
    let batch = store::batch(&mut tx, id).await?.ok_or(Failure::Denied)?;
    if batch.state != BatchState::Ready.key() {
        return Err(Failure::Refused(LetterRefusal::WrongState));
    }
    store::downloaded(&mut tx, id, ctx.clock.now()).await?;
    tx.commit(ctx, Event::new(actor, "letters.download").on(id))
        .await?;
    let producer = produce::Producer::open(ctx, id, BatchState::Ready, false)
        .await
        .map_err(Failure::widen)?
        .ok_or(Failure::Refused(LetterRefusal::WrongState))?;
    Ok(Download {
        name: match batch.number {
            ..0 => format!("registrierungsbriefe-gesondert-{}.pdf", -batch.number),
            number => format!("registrierungsbriefe-druckauftrag-{number}.pdf"),
        },
        bytes: u64::try_from(batch.bytes).unwrap_or(0),
        stream: producer.stream(batch.sha256.unwrap_or_default()),
    })
}

/// Marks a batch as posted: validity starts, the key is destroyed.
pub async fn mark_posted(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    day: chrono::NaiveDate,
) -> Result<(), Failure<LetterRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let line = shown_to(actor, store::batch_line(&mut tx, id).await?).ok_or(Failure::Denied)?;
    if day > now.date_naive() || day < line.created_at.date_naive() {
        return Err(Failure::Refused(LetterRefusal::PostingDay));
    }
    // a file that nobody has downloaded cannot have been posted
    if line.downloaded_at.is_none() {
        return Err(Failure::Refused(LetterRefusal::NotDownloaded));
    }
    // a batch that was sealed by time can still be reported as posted
    let sealed_by_time = line.state == BatchState::Sealed.key() && line.posted_at.is_none();
    if !sealed_by_time
        && !store::set_state(&mut tx, id, BatchState::Ready.key(), BatchState::Sealed.key()).await?
    {
        return Err(Failure::Refused(LetterRefusal::WrongState));
    }
    let posted = day.and_time(chrono::NaiveTime::MIN).and_utc();
    // valid until the end of the last day
    let expires = posted + Duration::days(line.validity_days + 1);
    store::posted(&mut tx, id, posted, expires).await?;
    store::destroy_key(&mut tx, id, now).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "letters.posted").on(id).with("day", day))
        .await?)
}

/// Throws a batch away, also after posting (lost or wrongly printed): all its open letters are withdrawn.
pub async fn discard(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure<LetterRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    shown_to(actor, store::batch_line(&mut tx, id).await?).ok_or(Failure::Denied)?;
    let mut done = false;
    for state in [BatchState::Making, BatchState::Ready, BatchState::Sealed] {
        done = done || store::set_state(&mut tx, id, state.key(), BatchState::Discarded.key()).await?;
    }
    if !done {
        return Err(Failure::Refused(LetterRefusal::WrongState));
    }
    store::revoke_batch(&mut tx, id, now).await?;
    store::destroy_key(&mut tx, id, now).await?;
    let event = Event::new(actor, "letters.discard").on(id);
    Ok(tx.commit(ctx, event).await?)
}

/// Withdraws the open letter of the resident to whom this letter went.
pub async fn revoke(ctx: &Ctx, actor: Actor, letter: Uuid) -> Result<Uuid, Failure<LetterRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let resident = store::resident_of(&mut tx, letter)
        .await?
        .ok_or(Failure::Denied)?;
    if !residents::exists_for(&mut tx, actor, resident).await? {
        return Err(Failure::Denied);
    }
    if !withdraw(ctx, &mut tx, resident, LetterState::Revoked).await? {
        return Err(Failure::Refused(LetterRefusal::WrongState));
    }
    tx.commit(ctx, Event::new(actor, "letters.revoke").on(letter))
        .await?;
    Ok(resident)
}

/// Withdraws the open letter of a resident inside another feature's transaction.
pub(crate) async fn revoke_open(ctx: &Ctx, tx: &mut Tx, actor: Actor, resident: Uuid) -> db::Result<()> {
    if withdraw(ctx, tx, resident, LetterState::Revoked).await? {
        audit::append(
            tx,
            ctx.clock.now(),
            &Event::new(actor, "letters.revoke").on(resident),
        )
        .await?;
    }
    Ok(())
}

/// Seals batches that were downloaded long ago and never marked as posted.
pub(crate) async fn seal_overdue(ctx: &Ctx) -> db::Result<()> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.read().await?;
    let overdue = store::overdue(&mut tx, now - Duration::days(SEAL_AFTER_DOWNLOAD_DAYS)).await?;
    drop(tx);
    for id in overdue {
        let mut tx = ctx.db.begin().await?;
        if store::set_state(&mut tx, id, BatchState::Ready.key(), BatchState::Sealed.key()).await? {
            // nobody said when the letters were posted: they must end all the same
            let days = store::batch_line(&mut tx, id)
                .await?
                .map_or(DEFAULT_VALIDITY_DAYS, |b| b.validity_days);
            store::expire(&mut tx, id, now + Duration::days(days)).await?;
            store::destroy_key(&mut tx, id, now).await?;
            tx.commit(ctx, Event::new(Actor::System, "letters.seal").on(id))
                .await?;
        }
    }
    Ok(())
}

/// The letters of a resident, inside another feature's transaction.
pub(crate) async fn of_resident(tx: &mut Tx, actor: Actor, resident: Uuid) -> db::Result<Vec<LetterLine>> {
    store::of_resident(tx, resident, actor.may(Permission::SeeBlocks)).await
}

/// The letter behind a look-up number.
pub(crate) async fn proof(tx: &mut Tx, lookup: LookupNumber) -> db::Result<Option<ProofRow>> {
    store::proof(tx, lookup.get()).await
}

/// One more wrong secret; touches nothing for unknown numbers, in the same statement.
pub(crate) async fn count_failure(tx: &mut Tx, lookup: LookupNumber) -> db::Result<()> {
    store::count_failure(tx, lookup.get()).await
}

/// Marks a letter as redeemed; false if it was not open any more.
pub(crate) async fn redeem(tx: &mut Tx, letter: Uuid, account: Uuid, at: DateTime<Utc>) -> db::Result<bool> {
    store::redeem(tx, letter, account, at).await
}

/// Links and user IDs of a batch that still has its key: for the demo and for tests, where no printed letter is at
/// hand. Needs the master key, so whoever runs it holds everything anyway.
pub async fn reveal(ctx: &Ctx, id: Uuid, limit: i64) -> Result<Vec<(String, String)>, Failure> {
    let mut tx = ctx.db.read().await?;
    let batch = store::batch(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let wrapped = batch.wrapped_key.ok_or(Failure::Denied)?;
    let key = ctx.master.unwrap_key(&wrapped, &bound(id, "key"))?;
    let rows = store::print_rows(&mut tx, id, 0, limit).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let (qr, typed) = codes(&key, LookupNumber::from_stored(row.lookup_number)?, row.issue);
            Some((
                domain::urls::letter_link(&ctx.base_url, &qr.printed()),
                typed.printed(),
            ))
        })
        .collect())
}
