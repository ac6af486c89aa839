//! Who speaks for an organisation: members, invitations, handing over, leaving, the yearly confirmation.

use super::{delete_in, make_owner, open, staff::row_state, store};
use crate::{
    Ctx, Failure,
    accounts::{self, SignedIn, Visitor},
    audit::{self, Event},
    db::Tx,
    keys, mail,
    throttle::{self, Counter},
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::Actor,
    accounts::EmailAddress,
    organisations::{CONFIRM_DAYS, MemberRole, OrganisationState},
    problem::Problems,
    urls,
};
use uuid::Uuid;

/// An organisation for which somebody speaks.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Membership {
    /// The organisation.
    pub organisation: Uuid,
    /// Its name.
    pub name: String,
    /// State key.
    pub state: String,
    /// Role key.
    pub role: String,
}

/// A member.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Member {
    /// The account.
    pub account: Uuid,
    /// Name of the person.
    pub name: String,
    /// Role key.
    pub role: String,
    /// Since when.
    pub added_at: DateTime<Utc>,
}

/// Somebody who is invited.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Invitation {
    /// For taking it back.
    pub id: Uuid,
    /// To whom the mail went.
    pub email: String,
    /// Role key.
    pub role: String,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
}

/// What a member sees of the organisation.
#[derive(Clone, Debug)]
pub struct MemberPage {
    /// The organisation.
    pub id: Uuid,
    /// Name; changes only by the town.
    pub name: String,
    /// Address in lines.
    pub address: Vec<String>,
    /// Where it stands.
    pub state: OrganisationState,
    /// What the person may do.
    pub role: MemberRole,
    /// All members.
    pub members: Vec<Member>,
    /// Open invitations; owners see them.
    pub invitations: Vec<Invitation>,
    /// Until when somebody must confirm that all is still so.
    pub confirm_by: Option<DateTime<Utc>>,
    /// That day has passed: the entry is not shown.
    pub overdue: bool,
    /// The confirmation can be given (it is due within the time of reminding).
    pub confirm_now: bool,
}

/// Why something is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberRefusal {
    /// The last owner must stay one, or end the organisation's place in the portal.
    LastOwner,
    /// The link is unknown, used or old.
    Gone,
    /// Something is missing or wrong.
    Problems(Problems),
}

/// Days for which an invitation is good.
const INVITED_DAYS: i64 = 14;
/// Invitations that one organisation may have open.
const INVITATIONS: usize = 20;
/// Invitations that one mailbox gets in a day, from whatever organisation.
const MAILS_TO_ONE: i64 = 3;
/// Invitations that one organisation sends in a day, twice that at most around midnight.
const MAILS_PER_DAY: i64 = 20;

fn person(who: &SignedIn) -> Result<Actor, Failure> {
    if who.role.is_some() {
        return Err(Failure::Denied);
    }
    Ok(who.actor())
}

/// The organisations for which somebody speaks.
pub async fn memberships(ctx: &Ctx, who: &SignedIn) -> Result<Vec<Membership>, Failure> {
    person(who)?;
    let mut tx = ctx.db.read().await?;
    Ok(store::of_account(&mut tx, who.account).await?)
}

/// The member's role, or nothing at all.
pub(super) async fn role(tx: &mut Tx, who: &SignedIn, organisation: Uuid) -> Result<MemberRole, Failure> {
    person(who)?;
    let role = store::role_of(tx, organisation, who.account).await?;
    role.as_deref().and_then(MemberRole::parse).ok_or(Failure::Denied)
}

pub(super) async fn owner(tx: &mut Tx, who: &SignedIn, organisation: Uuid) -> Result<(), Failure> {
    match role(tx, who, organisation).await? {
        MemberRole::Owner => Ok(()),
        MemberRole::Editor => Err(Failure::Denied),
    }
}

/// The organisation as a member sees it.
pub async fn member_page(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<MemberPage, Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.read().await?;
    open(&mut tx).await?;
    let role = role(&mut tx, who, id).await?;
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let remind = Duration::days(domain::organisations::REMIND_DAYS);
    Ok(MemberPage {
        id,
        state: row_state(&row)?,
        address: vec![
            format!("{} {}", row.street, row.house_number),
            format!("{} {}", row.postcode, row.city),
        ],
        name: row.name,
        role,
        members: store::members(&mut tx, id, true).await?,
        invitations: match role {
            MemberRole::Owner => store::invitations(&mut tx, id, now).await?,
            MemberRole::Editor => Vec::new(),
        },
        confirm_by: row.confirm_by,
        overdue: row.confirm_by.is_some_and(|at| at <= now),
        confirm_now: row.confirm_by.is_some_and(|at| at - remind <= now),
    })
}

/// Invites somebody by e-mail.
pub async fn invite_member(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    email: &str,
    role: Option<MemberRole>,
    language: &str,
) -> Result<(), Failure<MemberRefusal>> {
    let refuse = |field: &str, code: &str| {
        Err(Failure::Refused(MemberRefusal::Problems(Problems::one(
            field, code,
        ))))
    };
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let settings = open(&mut tx).await.map_err(Failure::widen)?;
    owner(&mut tx, who, id).await.map_err(Failure::widen)?;
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let Some(email) = EmailAddress::parse(email) else {
        return refuse("email", "problem-email");
    };
    let Some(role) = role else {
        return refuse("role", "problem-required");
    };
    // each sends a mail in the town's name: neither a mailbox nor the outbox may be flooded
    let (to, by) = (
        Counter::new(ctx, "mail-to-join", &email.key()),
        Counter::new(ctx, "join-by", &id.to_string()),
    );
    throttle::lock(&mut tx, &by).await?;
    let day = Duration::hours(23);
    if store::invitations(&mut tx, id, now).await?.len() >= INVITATIONS
        || throttle::count(&mut tx, &to, now, day).await? >= MAILS_TO_ONE
        || throttle::count(&mut tx, &by, now, day).await? >= 2 * MAILS_PER_DAY
    {
        return refuse("", "problem-too-many");
    }
    throttle::add(&mut tx, &to, now).await?;
    throttle::add(&mut tx, &by, now).await?;
    let token = keys::hex(&keys::random_bytes::<24>());
    let hash = keys::sha256(token.as_bytes());
    let expires = now + Duration::days(INVITED_DAYS);
    let invitation = store::NewInvitation {
        hash: &hash,
        id: ctx.new_id(),
        organisation: id,
        email: email.as_str(),
        role: role.key(),
        by: who.account,
        expires,
    };
    store::invite(&mut tx, &invitation).await?;
    let link = format!("{}{}?t={token}", ctx.base_url, urls::JOIN_ORGANISATION);
    let args = [
        ("kommune", settings.name.as_str()),
        ("link", link.as_str()),
        ("organisation", row.name.as_str()),
    ];
    let lang = locales::Lang::parse(language);
    let (subject, body) = (
        lang.with("mail-join-subject", &args),
        lang.with("mail-join-body", &args),
    );
    mail::put(ctx, &mut tx, email.as_str(), &subject, &body).await?;
    let event = Event::new(who.actor(), "organisations.invite").on(id);
    Ok(tx.commit(ctx, event.with("role", role.key())).await?)
}

/// Takes an invitation back.
pub async fn take_back_invitation(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    invitation: Uuid,
) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    owner(&mut tx, who, id).await?;
    store::delete_invitation(&mut tx, id, invitation).await?;
    let event = Event::new(who.actor(), "organisations.take-back-invitation").on(id);
    Ok(tx.commit(ctx, event).await?)
}

/// What the page of an invitation says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationPage {
    /// The organisation's name.
    pub organisation: String,
    /// What one may do there.
    pub role: MemberRole,
    /// Where the mail went.
    pub email: String,
}

/// Looks at an invitation without using it up; `None` if it is not good.
pub async fn invitation(ctx: &Ctx, token: &str) -> Result<Option<InvitationPage>, Failure> {
    let mut tx = ctx.db.read().await?;
    let hash = keys::sha256(token.as_bytes());
    let Some((id, email, role)) = store::invitation(&mut tx, &hash, ctx.clock.now()).await? else {
        return Ok(None);
    };
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    Ok(Some(InvitationPage {
        organisation: row.name,
        role: MemberRole::parse(&role).ok_or(Failure::Denied)?,
        email,
    }))
}

/// Accepts an invitation: with the account that is signed in, or with a new one (name and password), whose e-mail address the
/// link has proved. Gives the organisation, and the session of a new account.
pub async fn join(
    ctx: &Ctx,
    visitor: &Visitor,
    token: &str,
    who: Option<&SignedIn>,
    contact: &accounts::OpenRegistration,
) -> Result<(Uuid, Option<String>), Failure<MemberRefusal>> {
    let gone = || Failure::Refused(MemberRefusal::Gone);
    let problems = |f: Failure<Problems>| f.map(MemberRefusal::Problems);
    let now = ctx.clock.now();
    let hash = keys::sha256(token.as_bytes());
    let mut tx = ctx.db.read().await?;
    let (id, email, role) = store::invitation(&mut tx, &hash, now).await?.ok_or_else(gone)?;
    drop(tx);
    let who = who.filter(|w| w.role.is_none());
    let checked = match who {
        Some(_) => None,
        None => {
            let contact = accounts::OpenRegistration {
                email,
                ..contact.clone()
            };
            Some(
                accounts::check_contact(ctx, visitor, &contact, Problems::default())
                    .await
                    .map_err(problems)?,
            )
        }
    };
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !store::take_invitation(&mut tx, &hash).await? {
        return Err(gone());
    }
    let row = store::one(&mut tx, id).await?.ok_or_else(gone)?;
    if row.state != OrganisationState::Active.key() {
        return Err(gone());
    }
    let (account, session) = match (who, &checked) {
        (Some(who), _) => (who.account, None),
        (None, Some(checked)) => {
            let (account, session) = accounts::open_confirmed_account(ctx, &mut tx, visitor, checked)
                .await
                .map_err(problems)?;
            (account, Some(session))
        }
        (None, None) => return Err(Failure::Denied),
    };
    // somebody who is an owner already stays one
    let present = store::role_of(&mut tx, id, account).await?;
    if role == MemberRole::Owner.key() {
        make_owner(ctx, &mut tx, id, account)
            .await
            .map_err(Failure::widen)?;
    } else if present.as_deref() != Some(MemberRole::Owner.key()) {
        store::put_member(&mut tx, id, account, &role, now).await?;
    }
    let event = Event::new(Actor::Resident { account }, "organisations.join").on(id);
    tx.commit(ctx, event).await?;
    Ok((id, session))
}

/// Makes a member an owner or an editor: how a chair is handed over.
pub async fn set_member_role(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    account: Uuid,
    role: MemberRole,
) -> Result<(), Failure<MemberRefusal>> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    owner(&mut tx, who, id).await.map_err(Failure::widen)?;
    let was = store::role_of(&mut tx, id, account)
        .await?
        .ok_or(Failure::Denied)?;
    let last = was == MemberRole::Owner.key() && store::count_owners(&mut tx, id).await? <= 1;
    if last && role != MemberRole::Owner {
        return Err(Failure::Refused(MemberRefusal::LastOwner));
    }
    if role == MemberRole::Owner {
        make_owner(ctx, &mut tx, id, account)
            .await
            .map_err(Failure::widen)?;
    } else {
        store::put_member(&mut tx, id, account, role.key(), ctx.clock.now()).await?;
        store::delete_invitations_by(&mut tx, id, account).await?;
    }
    let event = Event::new(who.actor(), "organisations.change-member").on(id);
    Ok(tx.commit(ctx, event.with("role", role.key())).await?)
}

/// Removes another member.
pub async fn remove_member(
    ctx: &Ctx,
    who: &SignedIn,
    id: Uuid,
    account: Uuid,
) -> Result<(), Failure<MemberRefusal>> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    owner(&mut tx, who, id).await.map_err(Failure::widen)?;
    end_membership(ctx, tx, who, id, account).await
}

/// Leaves the organisation.
pub async fn leave(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<(), Failure<MemberRefusal>> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    role(&mut tx, who, id).await.map_err(Failure::widen)?;
    end_membership(ctx, tx, who, id, who.account).await
}

async fn end_membership(
    ctx: &Ctx,
    mut tx: Tx,
    who: &SignedIn,
    id: Uuid,
    account: Uuid,
) -> Result<(), Failure<MemberRefusal>> {
    let was = store::role_of(&mut tx, id, account)
        .await?
        .ok_or(Failure::Denied)?;
    if was == MemberRole::Owner.key() && store::count_owners(&mut tx, id).await? <= 1 {
        return Err(Failure::Refused(MemberRefusal::LastOwner));
    }
    store::remove_member(&mut tx, id, account).await?;
    store::delete_invitations_by(&mut tx, id, account).await?;
    let event = Event::new(who.actor(), "organisations.end-membership").on(id);
    Ok(tx.commit(ctx, event).await?)
}

/// An owner says that all is still so: the entry stays public for another year.
pub async fn confirm_still_so(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<(), Failure> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    owner(&mut tx, who, id).await?;
    store::activate(&mut tx, id, now, now + Duration::days(CONFIRM_DAYS)).await?;
    let event = Event::new(who.actor(), "organisations.confirm").on(id);
    Ok(tx.commit(ctx, event).await?)
}

/// An owner takes the organisation out of the portal: entry, members and data are deleted.
pub async fn end_organisation(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    owner(&mut tx, who, id).await?;
    // told before the owners are gone
    let row = store::one(&mut tx, id).await?.ok_or(Failure::Denied)?;
    super::tell_owners(ctx, &mut tx, id, &row.name, "organisation-ended").await?;
    delete_in(ctx, &mut tx, id).await?;
    let event = Event::new(who.actor(), "organisations.end").on(id);
    Ok(tx.commit(ctx, event).await?)
}
