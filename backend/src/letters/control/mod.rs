//! Control letters: some people of the town hall get a letter with each large batch. They say when it came, so the town
//! knows how long the post takes; and nobody may use their codes, so a code that is used tells that letters were opened.

pub(super) mod store;

use crate::{
    Ctx, Failure, accounts,
    audit::{self, Event},
    db, mail,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    access::{Actor, Permission},
    letters::code::parse_letter_number,
    problem::Problems,
};
use uuid::Uuid;

/// Somebody who gets control letters.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ControlRecipient {
    /// The recipient.
    pub id: Uuid,
    /// Name on the letter.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Postcode.
    pub postcode: String,
    /// Place.
    pub city: String,
}

/// A control letter.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ControlLetter {
    /// The letter.
    pub id: Uuid,
    /// To whom; empty if the recipient was removed.
    pub name: String,
    /// Printed number.
    pub letter_number: String,
    /// Number of the batch.
    pub batch_number: i64,
    /// Posted on.
    pub posted_at: Option<DateTime<Utc>>,
    /// In the letter box on.
    pub arrived_at: Option<DateTime<Utc>>,
    /// When somebody used its code.
    pub alarm_at: Option<DateTime<Utc>>,
}

/// Recipients and letters, newest first.
pub async fn control(
    ctx: &Ctx,
    actor: Actor,
) -> Result<(Vec<ControlRecipient>, Vec<ControlLetter>), Failure> {
    if !actor.may(Permission::SetUpLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok((store::active(&mut tx).await?, store::letters(&mut tx).await?))
}

/// Codes of control letters that somebody used: shown to all staff who see letters until the batch is gone.
pub async fn alarms(ctx: &Ctx, actor: Actor) -> Result<Vec<ControlLetter>, Failure> {
    if !actor.may(Permission::SeeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let letters = store::letters(&mut tx).await?;
    Ok(letters.into_iter().filter(|l| l.alarm_at.is_some()).collect())
}

/// Adds somebody.
pub async fn add_control(ctx: &Ctx, actor: Actor, new: &ControlRecipient) -> Result<(), Failure<Problems>> {
    if !actor.may(Permission::SetUpLetters) {
        return Err(Failure::Denied);
    }
    let mut problems = Problems::default();
    for (field, text, most) in [
        ("name", &new.name, 60),
        ("street", &new.street, 60),
        ("city", &new.city, 50),
    ] {
        if text.trim().is_empty() {
            problems.add(field, "problem-required");
        }
        if text.chars().count() > most {
            problems.add_with(field, "problem-too-long", &[("most", &most.to_string())]);
        }
    }
    if new.postcode.len() != 5 || !new.postcode.bytes().all(|b| b.is_ascii_digit()) {
        problems.add("postcode", "problem-postcode");
    }
    if !problems.is_empty() {
        return Err(Failure::Refused(problems));
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let known = store::active(&mut tx).await?;
    if known
        .iter()
        .any(|k| k.name.trim() == new.name.trim() && k.street.trim() == new.street.trim())
    {
        return Err(Failure::Refused(Problems::one("name", "control-known")));
    }
    let id = ctx.new_id();
    store::insert(&mut tx, id, new, ctx.clock.now()).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "letters.control-add").on(id))
        .await?)
}

/// Removes somebody: name and address are deleted, the figures of the letters stay.
pub async fn remove_control(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure> {
    if !actor.may(Permission::SetUpLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    store::end_letters(&mut tx, id, ctx.clock.now()).await?;
    store::delete(&mut tx, id).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "letters.control-remove").on(id))
        .await?)
}

/// Why an arrival is not noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrivalRefusal {
    /// No control letter has this number.
    Unknown,
    /// Before the day of posting, or in the future.
    Day,
}

/// Notes that a control letter lay in the box.
pub async fn arrived(
    ctx: &Ctx,
    actor: Actor,
    number: &str,
    day: NaiveDate,
) -> Result<(), Failure<ArrivalRefusal>> {
    if !actor.may(Permission::SetUpLetters) {
        return Err(Failure::Denied);
    }
    let refuse = |r| Err(Failure::Refused(r));
    let Some(number) = parse_letter_number(number) else {
        return refuse(ArrivalRefusal::Unknown);
    };
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let letters = store::letters(&mut tx).await?;
    let Some(letter) = letters.into_iter().find(|l| l.letter_number == number) else {
        return refuse(ArrivalRefusal::Unknown);
    };
    let posted = letter.posted_at.map(|at| domain::time::local(at).date());
    if day > domain::time::local(now).date() || posted.is_none_or(|posted| day < posted) {
        return refuse(ArrivalRefusal::Day);
    }
    let at = day.and_time(chrono::NaiveTime::MIN).and_utc();
    store::arrived(&mut tx, letter.id, at).await?;
    let event = Event::new(actor, "letters.control-arrived").on(letter.id);
    Ok(tx.commit(ctx, event).await?)
}

/// Somebody has proven the code of a control letter: nobody but a thief does that. Raises the alarm once.
pub(crate) async fn alarm(ctx: &Ctx, letter: Uuid) -> db::Result<()> {
    crate::watch::security("control-letter");
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !store::alarm(&mut tx, letter, now).await? {
        return tx.commit_unaudited("the alarm was raised before").await;
    }
    for (email, language) in accounts::administrators(&mut tx).await? {
        let lang = locales::Lang::parse(&language);
        let link = format!("{}{}", ctx.base_url, domain::urls::CONTROL_LETTERS);
        let body = lang.with("mail-control-alarm", &[("link", &link)]);
        mail::put(ctx, &mut tx, &email, &lang.t("mail-control-alarm-subject"), &body).await?;
    }
    tracing::warn!("the code of a control letter was used");
    tx.commit(ctx, Event::new(Actor::System, "letters.control-alarm").on(letter))
        .await
}
