//! Staff accounts: who works here, with which role.

use super::{password, store};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db,
};
use chrono::{DateTime, Utc};
use domain::{
    access::{Actor, Permission, Role},
    accounts::{self as rules, EmailAddress},
    problem::Problems,
};
use uuid::Uuid;

/// A member of staff in the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StaffLine {
    /// The account.
    pub id: Uuid,
    /// Name.
    pub display_name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Role key.
    pub role: String,
    /// `active`, `invited` or `deactivated`.
    pub state: String,
    /// Has a second factor.
    pub second_factor: bool,
    /// Last sign-in.
    pub signed_in_at: Option<DateTime<Utc>>,
}

/// All staff.
pub async fn staff(ctx: &Ctx, actor: Actor) -> Result<Vec<StaffLine>, Failure> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::staff(&mut tx).await?)
}

/// Adds a member of staff with a first password.
pub async fn add_staff(
    ctx: &Ctx,
    actor: Actor,
    name: &str,
    email: &str,
    role: Option<Role>,
    password: &str,
) -> Result<Uuid, Failure<Problems>> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut problems = Problems::default();
    let name = domain::text::tidy(name);
    if name.is_empty() {
        problems.add("name", "problem-required");
    }
    let parsed = EmailAddress::parse(email);
    if parsed.is_none() {
        problems.add("email", "problem-email");
    }
    if role.is_none() {
        problems.add("role", "problem-required");
    }
    problems
        .0
        .extend(rules::check_password("password", password, &[&name, email]).0);
    let (Some(email), Some(role), true) = (parsed, role, problems.is_empty()) else {
        return Err(Failure::Refused(problems));
    };
    let hash = password::hash(ctx, password).await?;
    let id = ctx.new_id();
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    let new = store::NewAccount {
        id,
        party: None,
        role: Some(role.key()),
        display_name: &name,
        sign_in_key: None,
        password_hash: &hash,
        state: "active",
        language: "de",
    };
    store::insert_account(&mut tx, &new, now).await?;
    match store::confirm_email(&mut tx, id, email.as_str(), &email.key()).await {
        Err(error) if db::is_duplicate(&error) => {
            return Err(Failure::Refused(Problems::one("email", "problem-email-taken")));
        }
        result => result?,
    }
    tx.commit(
        ctx,
        Event::new(actor, "accounts.add-staff")
            .on(id)
            .with("role", role.key()),
    )
    .await?;
    Ok(id)
}

/// Why a change of staff is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffRefusal {
    /// At least one active administrator must remain.
    LastAdministrator,
}

/// Activates or deactivates a member of staff; deactivating ends all sessions.
pub async fn set_staff_active(
    ctx: &Ctx,
    actor: Actor,
    account: Uuid,
    active: bool,
) -> Result<(), Failure<StaffRefusal>> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let row = store::by_id(&mut tx, account)
        .await?
        .filter(|a| a.role.is_some())
        .ok_or(Failure::Denied)?;
    let last = store::active_administrators(&mut tx).await? <= 1;
    if !active && last && row.role.as_deref() == Some(Role::Administrator.key()) && row.state == "active" {
        return Err(Failure::Refused(StaffRefusal::LastAdministrator));
    }
    // who never chose a password is invited again, not simply active
    let awake = if row.password_hash.is_empty() {
        "invited"
    } else {
        "active"
    };
    store::set_state(&mut tx, account, if active { awake } else { "deactivated" }).await?;
    if !active {
        store::delete_other_sessions(&mut tx, account, None).await?;
    }
    let action = if active {
        "accounts.activate-staff"
    } else {
        "accounts.deactivate-staff"
    };
    Ok(tx.commit(ctx, Event::new(actor, action).on(account)).await?)
}

/// Gives a member of staff another role; sessions end, so that nothing of the former role stays open.
pub async fn set_staff_role(
    ctx: &Ctx,
    actor: Actor,
    account: Uuid,
    role: Role,
) -> Result<(), Failure<StaffRefusal>> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let row = store::by_id(&mut tx, account)
        .await?
        .filter(|a| a.role.is_some())
        .ok_or(Failure::Denied)?;
    let was = row.role.as_deref().unwrap_or("");
    if was == role.key() {
        return Ok(());
    }
    let last = store::active_administrators(&mut tx).await? <= 1;
    if last && was == Role::Administrator.key() && row.state == "active" {
        return Err(Failure::Refused(StaffRefusal::LastAdministrator));
    }
    store::set_role(&mut tx, account, role.key()).await?;
    store::delete_other_sessions(&mut tx, account, None).await?;
    let event = Event::new(actor, "accounts.change-role")
        .on(account)
        .with("from", was)
        .with("to", role.key());
    Ok(tx.commit(ctx, event).await?)
}

/// Is there anybody who could sign in as administrator?
pub async fn has_administrator(ctx: &Ctx) -> Result<bool, Failure> {
    let mut tx = ctx.db.read().await?;
    Ok(store::active_administrators(&mut tx).await? > 0)
}
