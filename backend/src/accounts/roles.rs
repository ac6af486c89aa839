//! Roles as data: what each may do in this municipality, and roles of its own.

use super::{role_store, service_store};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    keys,
};
use domain::{
    access::{Actor, Permission, Permissions, Role, StaffRole},
    problem::Problems,
};

/// A role and who has it.
#[derive(Clone, Debug)]
pub struct RoleLine {
    /// The role, with the permissions that count now.
    pub role: StaffRole,
    /// Not as it comes.
    pub changed: bool,
    /// Accounts that have it, in any state.
    pub people: i64,
}

/// Most characters of a role's name.
const NAME_MAX: usize = 60;

/// All roles: the built-in ones first.
pub async fn roles(ctx: &Ctx, actor: Actor) -> Result<Vec<RoleLine>, Failure> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(role_store::all(&mut tx).await?)
}

/// The role with this key, inside another use case.
pub(super) async fn role(tx: &mut Tx, key: &str) -> db::Result<Option<RoleLine>> {
    Ok(role_store::all(tx).await?.into_iter().find(|r| r.role.key == key))
}

/// Gives a role other permissions, and a role of the municipality's own another name. `seen` is what the page showed: of two
/// administrators who change one role at the same time, the second is told. It counts at the next click of everybody who has
/// the role.
pub async fn save_role(
    ctx: &Ctx,
    actor: Actor,
    key: &str,
    name: &str,
    permissions: Permissions,
    seen: Permissions,
) -> Result<(), Failure<Problems>> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let was = role(&mut tx, key).await?.ok_or(Failure::Denied)?.role;
    let built_in = was.built_in().is_some();
    let name = if built_in {
        String::new()
    } else {
        domain::text::tidy(name)
    };
    let mut problems = Problems::default();
    if !built_in {
        check_name(&mut tx, &name, Some(key), &mut problems).await?;
    }
    if was.permissions != seen {
        problems.add("", "problem-role-changed");
    }
    let permissions = StaffRole::settled(key, permissions);
    for (_, needed) in permissions.gaps() {
        let code = format!("problem-needs-{}", needed.key());
        if !problems.0.iter().any(|p| p.code == code) {
            problems.add(needed.key(), &code);
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Refused(problems));
    }
    role_store::save(&mut tx, key, &name, &permissions.stored()).await?;
    let differ = |a: Permissions, b: Permissions| {
        a.iter()
            .filter(|p| !b.has(*p))
            .map(Permission::key)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let event = Event::new(actor, "accounts.change-permissions")
        .with("role", key)
        .with("more", differ(permissions, was.permissions))
        .with("less", differ(was.permissions, permissions));
    Ok(tx.commit(ctx, event).await?)
}

async fn check_name(
    tx: &mut Tx,
    name: &str,
    own: Option<&str>,
    problems: &mut Problems,
) -> Result<(), Failure<Problems>> {
    if name.is_empty() {
        problems.add("name", "problem-required");
    }
    if name.chars().count() > NAME_MAX {
        problems.add_with("name", "problem-too-long", &[("most", &NAME_MAX.to_string())]);
    }
    let taken = role_store::all(tx)
        .await?
        .iter()
        .any(|r| Some(r.role.key.as_str()) != own && r.role.name.to_lowercase() == name.to_lowercase());
    if taken && !name.is_empty() {
        problems.add("name", "problem-role-taken");
    }
    Ok(())
}

/// Makes a role of the municipality's own, with the permissions of another to begin with. Gives its key.
pub async fn new_role(ctx: &Ctx, actor: Actor, name: &str, like: &str) -> Result<String, Failure<Problems>> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let name = domain::text::tidy(name);
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let mut problems = Problems::default();
    check_name(&mut tx, &name, None, &mut problems).await?;
    let like = role(&mut tx, like).await?;
    if like.is_none() {
        problems.add("like", "problem-required");
    }
    let (Some(like), true) = (like, problems.is_empty()) else {
        return Err(Failure::Refused(problems));
    };
    let key = format!("own-{}", keys::hex(&keys::random_bytes::<6>()));
    let permissions = StaffRole::settled(&key, like.role.permissions);
    role_store::save(&mut tx, &key, &name, &permissions.stored()).await?;
    let event = Event::new(actor, "accounts.new-role").with("role", &key);
    tx.commit(ctx, event.with("like", &like.role.key)).await?;
    Ok(key)
}

/// Why a role stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleRefusal {
    /// Somebody has it.
    InUse,
    /// The sign-in service gives it.
    Mapped,
}

/// Makes a built-in role as it comes, or deletes one of the municipality's own.
pub async fn reset_role(ctx: &Ctx, actor: Actor, key: &str) -> Result<(), Failure<RoleRefusal>> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let line = role(&mut tx, key).await?.ok_or(Failure::Denied)?;
    let own = Role::parse(key).is_none();
    if own && line.people > 0 {
        return Err(Failure::Refused(RoleRefusal::InUse));
    }
    let service = service_store::service(&mut tx).await?;
    if own && service.is_some_and(|s| s.rules().iter().any(|(role, _)| role == key)) {
        return Err(Failure::Refused(RoleRefusal::Mapped));
    }
    role_store::delete(&mut tx, key).await?;
    let action = if own {
        "accounts.delete-role"
    } else {
        "accounts.reset-role"
    };
    Ok(tx
        .commit(ctx, Event::new(actor, action).with("role", key))
        .await?)
}
