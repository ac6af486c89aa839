//! The letter to an organisation: by post like any other, or as an accessible PDF that a clerk sends by e-mail.

use super::{
    LetterRefusal, Selection, batch_store, create::create_in, making::accessible, posting::post, store,
    withdraw::withdraw_organisation,
};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    organisations,
};
use chrono::{DateTime, Utc};
use domain::{
    access::{Actor, Permission},
    letters::state::{BatchState, LetterState},
};
use uuid::Uuid;

/// The newest letter to an organisation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OrganisationLetter {
    /// Not secret.
    pub letter_number: String,
    /// State key of the letter.
    pub state: String,
    /// Valid until; `None` before it is posted.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Its batch.
    pub batch: Uuid,
    /// State key of the batch.
    pub batch_state: String,
    /// When it was posted.
    pub posted_at: Option<DateTime<Utc>>,
}

/// The newest letter, inside another feature's transaction.
pub(crate) async fn letter_of(tx: &mut Tx, organisation: Uuid) -> db::Result<Option<OrganisationLetter>> {
    store::organisation_letter(tx, organisation).await
}

/// Makes a letter inside another feature's transaction; a former open one ends. The caller has checked the permission.
pub(crate) async fn write_to(
    ctx: &Ctx,
    tx: &mut Tx,
    actor: Actor,
    organisation: Uuid,
) -> Result<Uuid, Failure<LetterRefusal>> {
    let order = (&Selection::Organisation(organisation)).into();
    create_in(ctx, tx, actor, &order).await
}

/// Ends the open letter inside another feature's transaction.
pub(crate) async fn end_letter_of(ctx: &Ctx, tx: &mut Tx, organisation: Uuid) -> db::Result<()> {
    withdraw_organisation(ctx, tx, organisation, LetterState::Revoked).await
}

/// The organisation to which a letter went.
pub(crate) async fn addressed_organisation(tx: &mut Tx, letter: Uuid) -> db::Result<Option<Uuid>> {
    store::organisation_of(tx, letter).await
}

/// The newest letter, if this member of staff may know of it.
async fn shown_letter(
    tx: &mut Tx,
    actor: Actor,
    organisation: Uuid,
) -> Result<OrganisationLetter, Failure<LetterRefusal>> {
    if !actor.may(Permission::SeeBlocks) && organisations::has_blocked(tx, organisation).await? {
        return Err(Failure::Denied);
    }
    letter_of(tx, organisation).await?.ok_or(Failure::Denied)
}

/// The letter as a tagged PDF for an e-mail: file name and bytes. It counts as downloaded.
pub async fn accessible_letter(
    ctx: &Ctx,
    actor: Actor,
    organisation: Uuid,
) -> Result<(String, Vec<u8>), Failure<LetterRefusal>> {
    if !actor.may(Permission::ManageOrganisations) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let letter = shown_letter(&mut tx, actor, organisation).await?;
    if letter.batch_state != BatchState::Ready.key() || letter.state != LetterState::Open.key() {
        return Err(Failure::Refused(LetterRefusal::WrongState));
    }
    let now = ctx.clock.now();
    batch_store::downloaded(&mut tx, letter.batch, now).await?;
    batch_store::part_downloaded(&mut tx, letter.batch, 1, now).await?;
    let event = Event::new(actor, "letters.download-accessible").on(letter.batch);
    tx.commit(ctx, event).await?;
    let bytes = accessible(ctx, letter.batch).await?;
    Ok((format!("brief-{}.pdf", letter.letter_number), bytes))
}

/// The letter has been sent today: its validity starts and its key is destroyed.
pub async fn organisation_letter_sent(
    ctx: &Ctx,
    actor: Actor,
    organisation: Uuid,
) -> Result<(), Failure<LetterRefusal>> {
    if !actor.may(Permission::ManageOrganisations) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let letter = shown_letter(&mut tx, actor, organisation).await?;
    drop(tx);
    post(
        ctx,
        actor,
        letter.batch,
        domain::time::local(ctx.clock.now()).date(),
    )
    .await
}
