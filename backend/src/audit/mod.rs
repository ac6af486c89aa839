//! The audit log: append-only, each event hashed together with the one before it. Ids and counts only.

mod store;

use crate::{Ctx, Failure, db::Tx, keys};
use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// Who.
    pub actor: Actor,
    /// What: `feature.verb`; its sentence is in `locales/` under `audit-feature-verb`.
    pub action: &'static str,
    /// On what: an id, never a name.
    pub subject: Option<String>,
    /// Counts and keys as `name=value`, never a personal value.
    pub detail: String,
}

impl Event {
    /// An event without subject and detail.
    pub fn new(actor: Actor, action: &'static str) -> Self {
        Self {
            actor,
            action,
            subject: None,
            detail: String::new(),
        }
    }

    /// On what.
    #[must_use]
    pub fn on(mut self, subject: Uuid) -> Self {
        self.subject = Some(subject.to_string());
        self
    }

    /// A count or a key.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        if !self.detail.is_empty() {
            self.detail.push(' ');
        }
        self.detail += &format!("{name}={value}");
        self
    }
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Entry {
    /// Number without gaps.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// `staff`, `resident`, `visitor` or `system`.
    pub actor_kind: String,
    /// The account.
    pub actor_id: Option<String>,
    /// What.
    pub action: String,
    /// On what.
    pub subject: Option<String>,
    /// Counts and keys.
    pub detail: String,
    /// SHA-256 over the former hash and everything above.
    pub hash: String,
}

/// Takes the lock of the chain at the beginning of a transaction: on PostgreSQL two such transactions run one after the
/// other, in one order of locks. (SQLite has one writer anyway.)
pub(crate) async fn lock(tx: &mut Tx) -> crate::db::Result<()> {
    store::lock(tx).await
}

/// Adds an event to the chain. The update of the head is the lock: one writer extends the chain.
pub(crate) async fn append(tx: &mut Tx, at: DateTime<Utc>, event: &Event) -> crate::db::Result<()> {
    let (seq, before) = store::advance(tx).await?;
    let mut entry = Entry {
        seq,
        at,
        actor_kind: event.actor.kind().to_owned(),
        actor_id: event.actor.account().map(|id| id.to_string()),
        action: event.action.to_owned(),
        subject: event.subject.clone(),
        detail: event.detail.clone(),
        hash: String::new(),
    };
    entry.hash = chain_hash(&before, &entry);
    store::insert(tx, &entry).await
}

fn chain_hash(before: &str, e: &Entry) -> String {
    // a separator that no part contains keeps "ab"+"c" apart from "a"+"bc"
    let text = [
        before,
        &e.seq.to_string(),
        &e.at.timestamp_micros().to_string(),
        &e.actor_kind,
        e.actor_id.as_deref().unwrap_or(""),
        &e.action,
        e.subject.as_deref().unwrap_or(""),
        &e.detail,
    ]
    .join("\u{1F}");
    keys::hex(&keys::sha256(text.as_bytes()))
}

/// The newest events before `before`, newest first.
pub async fn list(
    ctx: &Ctx,
    actor: Actor,
    action: &str,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Entry>, Failure> {
    if !actor.may(Permission::ReadAudit) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::list(&mut tx, action, before.unwrap_or(i64::MAX), limit).await?)
}

/// Number and time of the newest event with one of these actions.
pub(crate) async fn last_of(
    tx: &mut Tx,
    actions: &[&str],
) -> crate::db::Result<Option<(i64, DateTime<Utc>)>> {
    store::last_of(tx, actions).await
}

/// Walks the whole chain; the number of events, or the number of the first one that does not fit.
pub async fn verify(ctx: &Ctx) -> Result<Result<i64, i64>, Failure> {
    let mut tx = ctx.db.read().await?;
    let (head, head_hash) = store::head(&mut tx).await?;
    let mut hash = String::new();
    let mut after = 0;
    loop {
        let entries = store::after(&mut tx, after, 1_000).await?;
        if entries.is_empty() {
            return Ok(if after == head && hash == head_hash {
                Ok(after)
            } else {
                Err(after + 1)
            });
        }
        for entry in entries {
            if entry.seq != after + 1 || entry.hash != chain_hash(&hash, &entry) {
                return Ok(Err(after + 1));
            }
            after = entry.seq;
            hash = entry.hash;
        }
    }
}
