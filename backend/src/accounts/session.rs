//! Sessions: opening, asking who holds one, ending. Rows in the store, known by the hash of their token.

use super::{SignedIn, Stage, Visitor, store};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    keys,
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    accounts as rules,
};
use uuid::Uuid;

/// Opens a session; the token goes into the cookie, only its hash is stored.
pub(crate) async fn open_session(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
    staff: bool,
    visitor: &Visitor,
) -> db::Result<String> {
    open_staged_session(ctx, tx, account, staff, visitor, Stage::Full).await
}

/// [`open_session`], perhaps without the second factor yet.
pub(super) async fn open_staged_session(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
    staff: bool,
    visitor: &Visitor,
    stage: Stage,
) -> db::Result<String> {
    let token = keys::hex(&keys::random_bytes::<32>());
    let now = ctx.clock.now();
    let device: String = visitor.device.chars().take(80).collect();
    let ends = now + rules::session_absolute(staff);
    store::insert_session(
        tx,
        &keys::sha256(token.as_bytes()),
        ctx.new_id(),
        account,
        &device,
        stage.key(),
        now,
        ends,
    )
    .await?;
    Ok(token)
}

/// Who holds this token? For questions that a page asks by itself: they keep no session alive.
pub async fn session_unnoted(ctx: &Ctx, token: &str) -> Result<Option<SignedIn>, Failure> {
    if token.len() != 64 {
        return Ok(None);
    }
    let mut tx = ctx.db.read().await?;
    Ok(session_in(ctx, &mut tx, token).await?)
}

/// Who holds this token? Unknown, idle and expired tokens are nobody's.
pub async fn session(ctx: &Ctx, token: &str) -> Result<Option<SignedIn>, Failure> {
    if token.len() != 64 {
        return Ok(None);
    }
    let mut tx = ctx.db.read().await?;
    let mut found = session_in(ctx, &mut tx, token).await?;
    let last_seen = store::session_seen(&mut tx, &keys::sha256(token.as_bytes())).await?;
    drop(tx);
    if let Some(who) = &mut found {
        // noted every two minutes, not at every request: reading must not wait for the writer
        let (now, hash) = (ctx.clock.now(), keys::sha256(token.as_bytes()));
        if last_seen.is_some_and(|at| now - at > Duration::minutes(2)) {
            let touch = async {
                let mut tx = ctx.db.begin().await?;
                store::touch_session(&mut tx, &hash, now).await?;
                tx.commit_unaudited("a session was used").await
            };
            // while a long import writes, reading goes on; the next request notes it
            let noted = tokio::time::timeout(std::time::Duration::from_millis(100), touch).await;
            if noted.is_ok_and(|n| n.is_ok()) {
                who.ends.0 = (now + rules::session_idle(who.role.is_some())).min(who.ends.1);
            }
        }
    }
    Ok(found)
}

pub(super) async fn session_in(ctx: &Ctx, tx: &mut Tx, token: &str) -> db::Result<Option<SignedIn>> {
    let Some(row) = store::session(tx, &keys::sha256(token.as_bytes())).await? else {
        return Ok(None);
    };
    let now = ctx.clock.now();
    let role = row.role();
    let idle = rules::session_idle(role.is_some());
    let alive = row.expires_at > now
        && now - row.seen_at < idle
        && row.state == "active"
        && Stage::parse(&row.stage) == Stage::Full;
    Ok(alive.then_some(SignedIn {
        account: row.account_id,
        role,
        party: row.party_id,
        name: row.display_name,
        session: row.public_id,
        ends: ((row.seen_at + idle).min(row.expires_at), row.expires_at),
    }))
}

/// A new token for this session, after the password was typed again; the former one ends (OWASP ASVS 5.0, 7.2.4). `None` if
/// the session is over.
pub async fn renew_session(ctx: &Ctx, who: &SignedIn) -> Result<Option<String>, Failure> {
    let token = keys::hex(&keys::random_bytes::<32>());
    let mut tx = ctx.db.begin().await?;
    let hash = keys::sha256(token.as_bytes());
    let renewed = store::renew_session(&mut tx, who.account, who.session, &hash).await?;
    tx.commit_unaudited("a session gets another token").await?;
    Ok(renewed.then_some(token))
}

/// Ends this session.
pub async fn sign_out(ctx: &Ctx, token: &str) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    store::delete_session(&mut tx, &keys::sha256(token.as_bytes())).await?;
    Ok(tx.commit_unaudited("a person ends the own session").await?)
}

/// Ends one session of the own account, or with `None` all but the present one.
pub async fn end_sessions(ctx: &Ctx, who: &SignedIn, which: Option<Uuid>) -> Result<(), Failure> {
    let mut tx = ctx.db.begin().await?;
    match which {
        Some(session) => store::delete_session_of(&mut tx, who.account, session).await?,
        None => store::delete_other_sessions(&mut tx, who.account, Some(who.session)).await?,
    }
    Ok(tx
        .commit(
            ctx,
            Event::new(who.actor(), "accounts.end-sessions").on(who.account),
        )
        .await?)
}

/// Ends every session of everybody: after a leak. Devices are no longer told news.
pub async fn end_all_sessions(ctx: &Ctx, actor: Actor) -> Result<usize, Failure> {
    if !actor.may(Permission::ManageStaff) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let count = store::delete_all_sessions(&mut tx).await?;
    let event = Event::new(actor, "accounts.end-all-sessions").with("count", count);
    tx.commit(ctx, event).await?;
    Ok(count)
}

/// One line of the list of sessions.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SessionLine {
    /// For ending it.
    pub public_id: Uuid,
    /// Browser and system.
    pub device: String,
    /// Signed in at.
    pub created_at: DateTime<Utc>,
    /// Last request at.
    pub seen_at: DateTime<Utc>,
}
