//! Staff accounts: who works here, with which role.

use super::{password, roles, service_store, store};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
};
use chrono::{DateTime, Utc};
use domain::{
    access::{Actor, Permission, Role},
    accounts::EmailAddress,
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
    /// Signs in through the town's sign-in service, which also says the role.
    pub by_service: bool,
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

/// Somebody who is to work here, checked.
pub(super) struct NewStaff {
    pub(super) name: String,
    pub(super) email: EmailAddress,
    pub(super) role: String,
}

impl NewStaff {
    /// Checks name, address and role, and adds to what is wrong already.
    pub(super) async fn check(
        tx: &mut Tx,
        name: &str,
        email: &str,
        role: &str,
        mut problems: Problems,
    ) -> Result<Self, Failure<Problems>> {
        let name = domain::cases::clean_line(name);
        if name.is_empty() {
            problems.add("name", "problem-required");
        }
        if name.chars().count() > 120 {
            problems.add_with("name", "problem-too-long", &[("most", "120")]);
        }
        let parsed = EmailAddress::parse(email);
        if parsed.is_none() {
            problems.add("email", "problem-email");
        }
        if roles::role(tx, role).await?.is_none() {
            problems.add("role", "problem-required");
        }
        match (parsed, problems.is_empty()) {
            (Some(email), true) => Ok(Self {
                name,
                email,
                role: role.to_owned(),
            }),
            _ => Err(Failure::Refused(problems)),
        }
    }

    /// Stores the account.
    pub(super) async fn insert(
        &self,
        ctx: &Ctx,
        tx: &mut Tx,
        password_hash: &str,
        state: &str,
        language: &str,
    ) -> Result<Uuid, Failure<Problems>> {
        let id = ctx.new_id();
        let new = store::NewAccount {
            id,
            party: None,
            role: Some(&self.role),
            display_name: &self.name,
            sign_in_key: None,
            password_hash,
            state,
            language,
        };
        store::insert_account(tx, &new, ctx.clock.now()).await?;
        match store::confirm_email(tx, id, self.email.as_str(), &self.email.key()).await {
            Err(error) if db::is_duplicate(&error) => {
                Err(Failure::Refused(Problems::one("email", "problem-email-taken")))
            }
            result => Ok(result.map(|()| id)?),
        }
    }
}

/// Adds a member of staff with a first password: for the operator's terminal and the demo; people are invited.
pub async fn add_staff(
    ctx: &Ctx,
    actor: Actor,
    name: &str,
    email: &str,
    role: Role,
    password: &str,
) -> Result<Uuid, Failure<Problems>> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let problems = super::check_password("password", password, &[name, email]);
    let hash = password::hash(ctx, password).await?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let new = NewStaff::check(&mut tx, name, email, role.key(), problems).await?;
    let id = new.insert(ctx, &mut tx, &hash, "active", "de").await?;
    let event = Event::new(actor, "accounts.add-staff").on(id);
    tx.commit(ctx, event.with("role", role.key())).await?;
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
    let by_service = service_store::is_bound(&mut tx, account).await?;
    let awake = if row.password_hash.is_empty() && !by_service {
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
    role: &str,
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
    if was == role {
        return Ok(());
    }
    if roles::role(&mut tx, role).await?.is_none() || service_store::is_bound(&mut tx, account).await? {
        return Err(Failure::Denied);
    }
    let last = store::active_administrators(&mut tx).await? <= 1;
    if last && was == Role::Administrator.key() && row.state == "active" {
        return Err(Failure::Refused(StaffRefusal::LastAdministrator));
    }
    store::set_role(&mut tx, account, role).await?;
    store::delete_other_sessions(&mut tx, account, None).await?;
    let event = Event::new(actor, "accounts.change-role")
        .on(account)
        .with("from", was)
        .with("to", role);
    Ok(tx.commit(ctx, event).await?)
}

/// Is there anybody who could sign in as administrator?
pub async fn has_administrator(ctx: &Ctx) -> Result<bool, Failure> {
    let mut tx = ctx.db.read().await?;
    Ok(store::active_administrators(&mut tx).await? > 0)
}
