//! The audit log: append-only, each event hashed together with the one before it. Ids and counts only.

mod export;
mod store;

pub use export::log_workbook;

use crate::{Ctx, Failure, db::Tx, keys};
use chrono::{DateTime, NaiveDate, Utc};
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

/// When something was done last.
pub(crate) async fn last(ctx: &Ctx, action: &str) -> crate::db::Result<Option<DateTime<Utc>>> {
    let mut tx = ctx.db.read().await?;
    store::last(&mut tx, action).await
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

/// Which events to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Only this feature.
    pub feature: String,
    /// Only what this kind of actor did: `staff`, `resident`, `visitor`, `system`.
    pub kind: String,
    /// An account or a subject, or the end of its id as shown.
    pub id: String,
    /// From the beginning of this day on.
    pub from: Option<NaiveDate>,
    /// To the end of this day.
    pub to: Option<NaiveDate>,
    /// Only events with a smaller number: the next page.
    pub before: Option<i64>,
}

/// The newest events that fit, newest first.
pub async fn events(ctx: &Ctx, actor: Actor, filter: &LogFilter, limit: i64) -> Result<Vec<Entry>, Failure> {
    if !actor.may(Permission::ReadAudit) {
        return Err(Failure::Denied);
    }
    let first = filter
        .from
        .and_then(|d| d.pred_opt())
        .and_then(domain::time::end_of_day);
    let last = filter.to.and_then(domain::time::end_of_day);
    // what is typed is an id; anything else would be a pattern
    let id: String = filter
        .id
        .chars()
        .filter(|c| c.is_ascii_hexdigit() || *c == '-')
        .collect();
    let range = (
        first.unwrap_or(DateTime::UNIX_EPOCH),
        last.unwrap_or_else(|| ctx.clock.now() + chrono::Duration::days(1)),
    );
    let mut tx = ctx.db.read().await?;
    Ok(store::list(
        &mut tx,
        &filter.feature,
        &filter.kind,
        &id,
        range,
        filter.before.unwrap_or(i64::MAX),
        limit,
    )
    .await?)
}

/// The newest events of a feature before `before`, newest first.
pub async fn list(
    ctx: &Ctx,
    actor: Actor,
    feature: &str,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Entry>, Failure> {
    let filter = LogFilter {
        feature: feature.to_owned(),
        before,
        ..LogFilter::default()
    };
    events(ctx, actor, &filter, limit).await
}

/// The last event of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayHead {
    /// The day, local time.
    pub day: NaiveDate,
    /// Number of the last event up to its end.
    pub seq: i64,
    /// Its hash: everything before it is in it.
    pub hash: String,
}

/// Heads of the last ninety days that had events, newest first.
pub async fn daily_heads(ctx: &Ctx, actor: Actor) -> Result<Vec<DayHead>, Failure> {
    if !actor.may(Permission::ReadAudit) {
        return Err(Failure::Denied);
    }
    let today = domain::time::local(ctx.clock.now()).date();
    let mut tx = ctx.db.read().await?;
    let mut heads: Vec<DayHead> = Vec::new();
    for day in today.iter_days().rev().take(90) {
        let Some(end) = domain::time::end_of_day(day) else {
            continue;
        };
        let Some((seq, hash)) = store::last_before(&mut tx, end).await? else {
            break;
        };
        if heads.last().is_none_or(|h| h.seq != seq) {
            heads.push(DayHead { day, seq, hash });
        } else if let Some(last) = heads.last_mut() {
            // nothing happened on the later day: the head belongs to this one
            last.day = day;
        }
    }
    Ok(heads)
}

/// Number and time of the newest event with one of these actions.
pub(crate) async fn last_of(
    tx: &mut Tx,
    actions: &[&str],
) -> crate::db::Result<Option<(i64, DateTime<Utc>)>> {
    store::last_of(tx, actions).await
}

/// What an account did, newest first: (when, action).
pub(crate) async fn of_actor(tx: &mut Tx, account: Uuid) -> crate::db::Result<Vec<(DateTime<Utc>, String)>> {
    store::of_actor(tx, &account.to_string()).await
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
