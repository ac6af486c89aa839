//! Organisations: asked for in a case, admitted by the town, confirmed by a letter, spoken for by their members, shown in the
//! directory. Before the yes there is only the case; with the end everything goes but the letters' numbers.

mod admission;
mod change;
mod entry;
mod export;
mod logo;
mod members;
mod notice_store;
mod notices;
mod public_store;
mod reported;
mod staff;
mod store;

pub use admission::{Application, Applied, apply, similar};
pub(crate) use admission::{admit, joined};
pub use change::{ask_change, change_values};
pub(crate) use change::{before_change, change, changes_covered, cover};
pub use entry::{
    DirectoryLine, EntryPage, PublicEntry, directory, entry_page, public_entry, review_entry, save_entry,
};
pub use export::organisations_workbook;
pub use logo::{HasLogo, LogoFor, has_logo, logo, put_logo, remove_logo, review_logo};
pub use members::{
    Invitation, InvitationPage, Member, MemberPage, MemberRefusal, Membership, confirm_still_so,
    end_organisation, invitation, invite_member, join, leave, member_page, memberships, remove_member,
    set_member_role, take_back_invitation,
};
pub use notices::{
    NoticeLine, end_notice, market, notice, notices_of, own_notices, put_notice, review_notice,
};
pub(crate) use reported::{hide_reported, is_member, notice_is_public, reported_thing, spoken_for};
pub use staff::{
    KindFigures, OrganisationLine, OrganisationPage, Totals, figures, new_organisation_letter, organisation,
    organisation_of_case, organisations, remove_organisation, set_suspended, totals,
};

use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    letters, mail, municipality,
};
use domain::{
    access::Actor,
    organisations::{MemberRole, OrganisationState, REMIND_DAYS},
    urls,
};
use uuid::Uuid;

/// Name and lines of the address on a letter; who is responsible stands in the second line (DIN 5008 knows no "z. Hd.").
pub(crate) async fn addressee(tx: &mut Tx, id: Uuid) -> db::Result<Option<(String, Vec<String>)>> {
    Ok(store::one(tx, id).await?.map(|o| {
        let street = format!("{} {}", o.street, o.house_number);
        let address = vec![o.person, street, format!("{} {}", o.postcode, o.city)];
        (o.name, address)
    }))
}

/// Does somebody with a register block stand behind it? Its letters go the way of such people.
pub(crate) async fn has_blocked(tx: &mut Tx, id: Uuid) -> db::Result<bool> {
    store::has_blocked(tx, id).await
}

/// Name and place, for whoever proves a letter's code.
pub(crate) async fn known(tx: &mut Tx, id: Uuid) -> db::Result<Option<(String, String)>> {
    Ok(store::one(tx, id).await?.map(|o| (o.name, o.city)))
}

/// Names and roles of the organisations for which an account speaks, inside another feature's transaction.
pub(crate) async fn of_account(tx: &mut Tx, account: Uuid) -> db::Result<Vec<(String, String)>> {
    let all = store::of_account(tx, account).await?;
    Ok(all.into_iter().map(|m| (m.name, m.role)).collect())
}

/// A letter was used that cannot have been in the hands of the organisation: it is taken off the public pages until somebody
/// has looked, and nobody speaks for it.
pub(crate) async fn suspend_in(ctx: &Ctx, tx: &mut Tx, id: Uuid) -> db::Result<()> {
    let active = OrganisationState::Active.key();
    store::set_state(tx, id, active, OrganisationState::Suspended.key()).await?;
    for member in store::members(tx, id, true).await? {
        store::remove_member(tx, id, member.account).await?;
    }
    store::delete_invitations(tx, id).await?;
    // another letter to the same address goes the same way, and what somebody else may have written is not put back
    letters::end_letter_of(ctx, tx, id).await?;
    public_store::delete_entry(tx, id).await?;
    public_store::delete_logo(tx, id).await?;
    notice_store::delete_of(tx, id).await?;
    let event = Event::new(Actor::System, "organisations.suspend").on(id);
    audit::append(tx, ctx.clock.now(), &event).await
}

/// Everything of an organisation goes: its open letter dies, the numbers of old letters stay.
async fn delete_in(ctx: &Ctx, tx: &mut Tx, id: Uuid) -> db::Result<()> {
    letters::end_letter_of(ctx, tx, id).await?;
    store::delete(tx, id).await
}

/// Is there a place for organisations?
async fn open(tx: &mut Tx) -> Result<domain::municipality::Settings, Failure> {
    let settings = municipality::current_in(tx).await?.settings;
    if settings.has_organisations() {
        Ok(settings)
    } else {
        Err(Failure::Denied)
    }
}

/// A mail to all owners. `key` is that of subject and body; the mail names no person.
async fn tell_owners(ctx: &Ctx, tx: &mut Tx, id: Uuid, name: &str, key: &str) -> Result<(), Failure> {
    tell_owners_with(ctx, tx, id, name, key, &[]).await
}

/// The same with more placeholders.
async fn tell_owners_with(
    ctx: &Ctx,
    tx: &mut Tx,
    id: Uuid,
    name: &str,
    key: &str,
    more: &[(&str, &str)],
) -> Result<(), Failure> {
    let town = municipality::current_in(tx).await?.settings.name;
    let link = format!("{}{}/{id}", ctx.base_url, urls::OWN_ORGANISATION);
    let mut args = vec![
        ("kommune", town.as_str()),
        ("link", link.as_str()),
        ("organisation", name),
    ];
    args.extend_from_slice(more);
    for (email, language) in store::owners(tx, id).await? {
        let lang = locales::Lang::parse(&language);
        let (subject, body) = (
            lang.with(&format!("mail-{key}-subject"), &args),
            lang.with(&format!("mail-{key}-body"), &args),
        );
        mail::put(ctx, tx, &email, &subject, &body).await?;
    }
    Ok(())
}

/// Makes an account an owner. The owners that are there are told before: whoever took over a mailbox cannot join them unseen.
async fn make_owner(ctx: &Ctx, tx: &mut Tx, id: Uuid, account: Uuid) -> Result<(), Failure> {
    let owner = MemberRole::Owner.key();
    if store::role_of(tx, id, account).await?.as_deref() == Some(owner) {
        return Ok(());
    }
    let row = store::one(tx, id).await?.ok_or(Failure::Denied)?;
    tell_owners(ctx, tx, id, &row.name, "organisation-new-owner").await?;
    Ok(store::put_member(tx, id, account, owner, ctx.clock.now()).await?)
}

/// Reminds owners of the yearly confirmation, and removes what time has ended.
pub(crate) async fn sweep(ctx: &Ctx) -> Result<(), Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    store::sweep(&mut tx, now).await?;
    notices::sweep(&mut tx, now).await?;
    for (id, name) in store::to_remind(&mut tx, now + chrono::Duration::days(REMIND_DAYS)).await? {
        tell_owners(ctx, &mut tx, id, &name, "organisation-confirm").await?;
        store::reminded(&mut tx, id, now).await?;
    }
    Ok(tx
        .commit_unaudited("reminders of the yearly confirmation")
        .await?)
}
