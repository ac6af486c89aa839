//! Letters: templates, batches, codes, the two passes, sealing, and what becomes of each letter.

mod anew;
mod batch_store;
mod cancel;
mod codes;
pub mod control;
pub mod council;
mod create;
pub mod engine;
mod export;
mod figures;
pub mod genuine;
mod making;
mod manifest;
mod organisation;
pub mod outside;
mod posting;
pub mod requests;
pub mod returns;
mod sample;
mod store;
mod templates;
mod withdraw;

pub use anew::{make_anew, without_key};
pub use cancel::cancel;
pub(crate) use codes::{proves, slow};
pub use create::{
    MAX_BATCH, Order, Selection, count_blocked_waiting, count_silent, count_waiting, create_batch, long_date,
};
pub use engine::{DoesNotFit, artwork};
pub use export::batches_workbook;
pub(crate) use figures::redeemed_since;
pub use figures::{LetterCounts, counts};
pub(crate) use making::make;
pub use making::{Download, download, finish};
pub use manifest::{Manifest, ManifestKind, manifest};
pub use organisation::{OrganisationLetter, accessible_letter, organisation_letter_sent};
pub(crate) use organisation::{addressed_organisation, end_letter_of, letter_of, write_to};
pub(crate) use posting::seal_overdue;
pub use posting::{discard, mark_posted};
pub use sample::{
    HelpPicture, Person, Preview, draw, example, help_picture, longest, preview, sample, specimen,
};
pub(crate) use store::ProofRow;
pub use templates::{TemplateLine, save_template, template, template_version, template_versions};

use codes::{bound, codes};
use withdraw::withdraw;

use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    residents,
};
use chrono::{DateTime, Utc};
use domain::{
    access::{Actor, Permission},
    letters::{
        code::{LookupNumber, parse_letter_number},
        state::{LetterState, Route},
    },
};
use uuid::Uuid;

/// Why letters are not made, downloaded or posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetterRefusal {
    /// Nobody is waiting for a letter.
    Nobody,
    /// The registration method for residents is not `letter`.
    MethodOff,
    /// The texts do not fit on a page.
    TextsTooLong(DoesNotFit),
    /// Names or addresses of these people do not fit into the window; at most some are named.
    AddressTooLong(Vec<(Uuid, String)>),
    /// This person got enough letters lately.
    TooMany {
        /// Most letters.
        most: i64,
        /// In so many days.
        days: i64,
    },
    /// Somebody else has to agree; the request is noted.
    NeedsSecond,
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
    /// The batch was ready, or stopped by somebody else, before it could be cancelled.
    TooLate,
}

impl LetterRefusal {
    /// The key of its sentence.
    pub fn key(&self) -> &'static str {
        match self {
            LetterRefusal::Nobody => "letters-nobody",
            LetterRefusal::MethodOff => "letters-method-off",
            LetterRefusal::TextsTooLong(_) => "letters-texts-too-long",
            LetterRefusal::AddressTooLong(_) => "letters-address-too-long",
            LetterRefusal::TooMany { .. } => "letters-too-many",
            LetterRefusal::NeedsSecond => "letters-needs-second",
            LetterRefusal::Banned => "letters-banned",
            LetterRefusal::Registered => "letters-registered",
            LetterRefusal::WrongState => "letters-wrong-state",
            LetterRefusal::Collision => "letters-collision",
            LetterRefusal::NotDownloaded => "letters-not-downloaded",
            LetterRefusal::PostingDay => "letters-posting-day",
            LetterRefusal::TooLate => "letters-too-late",
        }
    }

    /// What its sentence tells besides.
    pub fn values(&self) -> Vec<(&'static str, String)> {
        match self {
            LetterRefusal::TextsTooLong(DoesNotFit::Front(lines) | DoesNotFit::Back(lines)) => {
                vec![("zeilen", lines.to_string())]
            }
            LetterRefusal::AddressTooLong(people) => vec![("n", people.len().to_string())],
            LetterRefusal::TooMany { most, days } => {
                vec![("n", most.to_string()), ("tage", days.to_string())]
            }
            _ => Vec::new(),
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
    /// For which occasion: key of the occasion.
    pub occasion: String,
    /// Version of the template; 0 if it was never changed.
    pub template_version: i64,
    /// In large print.
    pub large: bool,
    /// Made on the town's own computer.
    pub offline: bool,
    /// Somebody stopped it before it was ready.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Who did, if the account still exists.
    pub cancelled_by: Option<String>,
}

impl BatchLine {
    /// The key of the words for its state.
    pub fn state_words(&self) -> &'static str {
        match self.state.as_str() {
            "sealed" if self.posted_at.is_some() => "batch-state-posted",
            "sealed" => "batch-state-sealed",
            "ready" => "batch-state-ready",
            "making" => "batch-state-making",
            "failed" => "batch-state-failed",
            "reserved" => "batch-state-reserved",
            _ if self.cancelled_at.is_some() => "batch-state-cancelled",
            _ => "batch-state-discarded",
        }
    }
}

/// One file of a batch.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PartLine {
    /// 1, 2, 3 …
    pub part: i64,
    /// Place of its first letter in the batch.
    pub first_position: i64,
    /// Place of its last letter.
    pub last_position: i64,
    /// Letters.
    pub letters: i64,
    /// Pages.
    pub pages: i64,
    /// Sheets of paper.
    pub sheets: i64,
    /// Bytes.
    pub bytes: i64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Number of its first letter.
    pub first_number: String,
    /// Number of its last letter.
    pub last_number: String,
    /// First download at.
    pub downloaded_at: Option<DateTime<Utc>>,
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
    /// Why it came back.
    pub return_reason: Option<String>,
}

/// Letters to people with a register block exist only for staff who may see blocks.
fn shown_to(actor: Actor, line: Option<BatchLine>) -> Option<BatchLine> {
    line.filter(|b| b.route == Route::Ordinary.key() || actor.may(Permission::SeeBlocks))
}

/// Batches on the page.
const SHOWN: i64 = 100;

/// The newest batches, newest first.
pub async fn batches(ctx: &Ctx, actor: Actor) -> Result<Vec<BatchLine>, Failure> {
    if !actor.may(Permission::SeeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(batch_store::batches(&mut tx, actor.may(Permission::SeeBlocks), None, SHOWN).await?)
}

/// The person to whom a letter with this number went, however it was typed; `None` if there is nobody whom this member of
/// staff may see.
pub async fn holder(ctx: &Ctx, actor: Actor, number: &str) -> Result<Option<Uuid>, Failure> {
    if !actor.may(Permission::SeeLetters) || !actor.may(Permission::SeeResidents) {
        return Err(Failure::Denied);
    }
    let Some(number) = parse_letter_number(number) else {
        return Ok(None);
    };
    let mut tx = ctx.db.read().await?;
    let found = store::holder(&mut tx, &number, actor.may(Permission::SeeBlocks)).await?;
    Ok(match found {
        Some(resident) if residents::exists_for(&mut tx, actor, resident).await? => Some(resident),
        _ => None,
    })
}

/// One batch.
pub async fn batch(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<BatchLine, Failure> {
    if !actor.may(Permission::SeeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    shown_to(actor, batch_store::batch_line(&mut tx, id).await?).ok_or(Failure::Denied)
}

/// The files of a batch; none before the check has passed.
pub async fn parts(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<Vec<PartLine>, Failure> {
    batch(ctx, actor, id).await?;
    let mut tx = ctx.db.read().await?;
    Ok(batch_store::parts(&mut tx, id).await?)
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

/// Remembers when a letter's code was first proven.
pub(crate) async fn opened(tx: &mut Tx, letter: Uuid, at: DateTime<Utc>) -> db::Result<()> {
    store::opened(tx, letter, at).await
}

/// Marks a letter as redeemed; false if it was not open any more.
pub(crate) async fn redeem(tx: &mut Tx, letter: Uuid, account: Uuid, at: DateTime<Utc>) -> db::Result<bool> {
    store::redeem(tx, letter, account, at).await
}

/// Links and user IDs of a batch that still has its key: for the demo and for tests, where no printed letter is at
/// hand. Needs the master key, so whoever runs it holds everything anyway.
pub async fn reveal(ctx: &Ctx, id: Uuid, limit: i64) -> Result<Vec<(String, String)>, Failure> {
    let mut tx = ctx.db.read().await?;
    let batch = batch_store::batch(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let wrapped = batch.wrapped_key.ok_or(Failure::Denied)?;
    let key = ctx.master.unwrap_key(&wrapped, &bound(id, "key"))?;
    let rows = store::print_rows(&mut tx, id, 0, i64::MAX, limit).await?;
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
