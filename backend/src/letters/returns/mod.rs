//! Letters that the post brings back: the code dies at once, the reason is kept, and the address becomes doubtful.

mod store;

use crate::{
    Ctx, Failure, accounts,
    audit::{self, Event},
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    letters::{
        code::parse_letter_number,
        state::{LetterState, ReturnReason},
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What became of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Noted {
    /// The code is dead now.
    Returned,
    /// It was dead already (expired, replaced, withdrawn); the reason is kept.
    WasDead,
    /// Scanned before; the reason is the new one.
    Again,
    /// Somebody has an account with this letter: its confirmation is taken back, and staff must look.
    WasRedeemed,
}

/// Why a scan is not noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReturnRefusal {
    /// This is no letter number, or one sign is wrong.
    NotANumber,
    /// No letter of this town has this number.
    Unknown,
    /// The batch was never reported as posted.
    NotPosted,
}

impl ReturnRefusal {
    /// The key of its sentence.
    pub fn key(self) -> &'static str {
        match self {
            ReturnRefusal::NotANumber => "return-not-a-number",
            ReturnRefusal::Unknown => "return-unknown",
            ReturnRefusal::NotPosted => "return-not-posted",
        }
    }
}

/// Notes a letter that came back. Letters to people with a register block exist only for staff who may see blocks.
pub async fn note_return(
    ctx: &Ctx,
    actor: Actor,
    number: &str,
    reason: ReturnReason,
) -> Result<(String, Noted), Failure<ReturnRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let refuse = |r| Err(Failure::Refused(r));
    let Some(number) = parse_letter_number(number) else {
        return refuse(ReturnRefusal::NotANumber);
    };
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let letter = store::by_number(&mut tx, &number)
        .await?
        .filter(|l| l.route == "ordinary" || actor.may(Permission::SeeBlocks));
    let Some(letter) = letter else {
        return refuse(ReturnRefusal::Unknown);
    };
    if letter.posted_at.is_none() {
        return refuse(ReturnRefusal::NotPosted);
    }
    let noted = match LetterState::parse(&letter.state) {
        Some(LetterState::Open) if letter.expires_at.is_none_or(|end| end > now) => Noted::Returned,
        Some(LetterState::Open | LetterState::Replaced | LetterState::Revoked) | None => Noted::WasDead,
        Some(LetterState::Returned) => Noted::Again,
        // the same sheet scanned once more: what follows from it has followed
        Some(LetterState::Redeemed) if letter.return_reason.is_some() => Noted::Again,
        Some(LetterState::Redeemed) => Noted::WasRedeemed,
    };
    match noted {
        // the letter is in our hands, and its code was used all the same: whoever did it did not get it by post
        Noted::WasRedeemed => {
            accounts::lock_by_letter(ctx, &mut tx, letter.id, now).await?;
            store::reason(&mut tx, letter.id, reason.key()).await?;
        }
        Noted::Again if letter.state == LetterState::Redeemed.key() => {}
        _ => store::returned(&mut tx, letter.id, reason.key(), now).await?,
    }
    let event = Event::new(actor, "letters.returned")
        .on(letter.id)
        .with("reason", reason.key());
    tx.commit(ctx, event).await?;
    Ok((number, noted))
}

/// Hours in which a record can be taken back.
const UNDO_HOURS: i64 = 24;

/// Takes a record back that was a slip: the code works again. False if it is too late, or the person has a newer letter.
pub async fn undo_return(ctx: &Ctx, actor: Actor, number: &str) -> Result<bool, Failure> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let number = parse_letter_number(number).ok_or(Failure::Denied)?;
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let letter = store::by_number(&mut tx, &number)
        .await?
        .filter(|l| l.route == "ordinary" || actor.may(Permission::SeeBlocks))
        .ok_or(Failure::Denied)?;
    let fresh = letter
        .ended_at
        .is_some_and(|at| now - at < Duration::hours(UNDO_HOURS));
    if !fresh || !store::undo(&mut tx, letter.id).await? {
        return Ok(false);
    }
    tx.commit(ctx, Event::new(actor, "letters.return-undo").on(letter.id))
        .await?;
    Ok(true)
}

/// A letter that came back, for the list of what was done today.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReturnLine {
    /// Printed number.
    pub letter_number: String,
    /// Key of the reason.
    pub return_reason: String,
    /// When it was noted.
    pub ended_at: Option<DateTime<Utc>>,
    /// State key: redeemed if the code was used before it came back.
    pub state: String,
    /// The person, if it is still in the register.
    pub resident_id: Option<Uuid>,
}

/// The newest letters that came back, and how many per reason.
pub async fn returned(
    ctx: &Ctx,
    actor: Actor,
    limit: i64,
) -> Result<(Vec<ReturnLine>, Vec<(String, i64)>), Failure> {
    if !actor.may(Permission::SeeLetters) {
        return Err(Failure::Denied);
    }
    let blocks = actor.may(Permission::SeeBlocks);
    let mut tx = ctx.db.read().await?;
    Ok((
        store::newest(&mut tx, blocks, limit).await?,
        store::by_reason(&mut tx, blocks).await?,
    ))
}

/// Somebody whose address is doubtful.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Doubtful {
    /// The person.
    pub id: Uuid,
    /// The register's number.
    pub register_number: Option<String>,
    /// Family name.
    pub family_name: String,
    /// Given names.
    pub given_names: String,
    /// Street.
    pub street: String,
    /// House number.
    pub house_number: String,
    /// Postcode.
    pub postcode: String,
    /// Place.
    pub city: String,
    /// Printed number of the letter.
    pub letter_number: String,
    /// Key of the reason.
    pub return_reason: String,
    /// When it was noted.
    pub ended_at: Option<DateTime<Utc>>,
}

/// People whose newest returned letter makes their address doubtful, and whose data nobody has changed since.
pub async fn doubtful(ctx: &Ctx, actor: Actor) -> Result<Vec<Doubtful>, Failure> {
    if !actor.may(Permission::SeeLetters) || !actor.may(Permission::SeeResidents) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::doubtful(&mut tx, actor.may(Permission::SeeBlocks)).await?)
}

/// The same as a workbook, to hand to the registry.
pub async fn doubtful_workbook(ctx: &Ctx, actor: Actor, lang: locales::Lang) -> Result<Vec<u8>, Failure> {
    let people = doubtful(ctx, actor).await?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    tx.commit(ctx, Event::new(actor, "letters.doubtful-list")).await?;
    let heads = [
        "column-register_number",
        "column-family_name",
        "column-given_names",
        "column-street",
        "column-house_number",
        "column-postcode",
        "column-city",
        "letter-number",
        "return-reason",
        "return-day",
    ]
    .map(|k| lang.t(k));
    let rows: Vec<Vec<String>> = people
        .into_iter()
        .map(|p| {
            vec![
                p.register_number.unwrap_or_default(),
                p.family_name,
                p.given_names,
                p.street,
                p.house_number,
                p.postcode,
                p.city,
                p.letter_number,
                lang.t(&format!("returned-{}", p.return_reason)),
                p.ended_at
                    .map(|at| domain::time::local(at).date().to_string())
                    .unwrap_or_default(),
            ]
        })
        .collect();
    crate::wording::workbook(&lang.t("return-doubtful"), &heads, &rows).map_err(Failure::broken)
}
