//! Public texts of the municipality: imprint, privacy, contact, accessibility, Leichte Sprache, sign language. Versions are
//! kept; the newest is shown.

use super::text_store as store;
use crate::{
    Ctx, Failure,
    audit::{self, Event},
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    municipality::public_text::{MOST, TextKind, YEARLY},
    problem::Problems,
};

/// One version of a text.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TextVersion {
    /// Language of the text.
    pub language: String,
    /// Grows by one with each save; 0: the text of before there were versions.
    pub version: i64,
    /// In the format of [`domain::municipality::public_text`].
    pub text: String,
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
    /// Who saved it; `None` if that person is gone.
    pub by: Option<String>,
}

/// What is wanted in the language, else in German; `None` if nothing was ever saved (or nothing but emptiness).
pub async fn published(ctx: &Ctx, kind: TextKind, language: &str) -> Result<Option<TextVersion>, Failure> {
    let mut tx = ctx.db.read().await?;
    for wanted in [language, "de"] {
        let newest = store::newest(&mut tx, kind.key(), wanted).await?;
        if let Some(found) = newest.filter(|v| !v.text.trim().is_empty()) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Has the page in sign language been published? It needs the film and its words.
pub async fn sign_language(ctx: &Ctx) -> Result<bool, Failure> {
    Ok(super::film(ctx).await?.is_some() && published(ctx, TextKind::SignLanguage, "de").await?.is_some())
}

/// The newest version of each text, for the overview of staff: (kind, version).
pub async fn overview(ctx: &Ctx, actor: Actor) -> Result<Vec<(TextKind, TextVersion)>, Failure> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    let all = store::newest_of_all(&mut tx).await?;
    Ok(all
        .into_iter()
        .filter_map(|(kind, v)| Some((TextKind::parse(&kind)?, v)))
        .collect())
}

/// Every version of a text in a language, the newest first.
pub async fn history(
    ctx: &Ctx,
    actor: Actor,
    kind: TextKind,
    language: &str,
) -> Result<Vec<TextVersion>, Failure> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    Ok(store::history(&mut tx, kind.key(), language).await?)
}

fn may<R>(actor: Actor) -> Result<(), Failure<R>> {
    if actor.may(Permission::ChangeSettings) {
        Ok(())
    } else {
        Err(Failure::Denied)
    }
}

/// Why a text is not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextRefusal {
    /// Something in it is wrong.
    Problems(Problems),
    /// Somebody else saved in between.
    Stale,
}

/// Saves a text as the version after `version`. An empty text takes it back: the built-in text is shown again.
pub async fn save_text(
    ctx: &Ctx,
    actor: Actor,
    kind: TextKind,
    language: &str,
    text: &str,
    version: i64,
) -> Result<(), Failure<TextRefusal>> {
    may(actor)?;
    let refuse = |problems| Err(Failure::Refused(TextRefusal::Problems(problems)));
    if text.chars().count() > MOST {
        let mut problems = Problems::default();
        problems.add_with("text", "problem-too-long", &[("most", &MOST.to_string())]);
        return refuse(problems);
    }
    if !locales::Lang::all().any(|l| l.code() == language) {
        return refuse(Problems::one("text", "problem-required"));
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let before = store::newest(&mut tx, kind.key(), language).await?;
    if before.as_ref().map_or(0, |v| v.version) != version {
        return Err(Failure::Refused(TextRefusal::Stale));
    }
    let by = match actor {
        Actor::Staff { account, .. } => Some(account),
        _ => None,
    };
    let row = store::Row {
        kind: kind.key(),
        language,
        version: version + 1,
        text,
        by,
    };
    store::insert(&mut tx, &row, ctx.clock.now()).await?;
    let event = Event::new(actor, "settings.text")
        .with("kind", kind.key())
        .with("language", language)
        .with("version", version + 1);
    Ok(tx.commit(ctx, event).await?)
}

/// What should be published or looked at, unless somebody has put it off. Keys of sentences: `due-<key>`.
pub async fn due(ctx: &Ctx, actor: Actor) -> Result<Vec<(TextKind, &'static str)>, Failure> {
    may(actor)?;
    let now = ctx.clock.now();
    let mut all = Vec::new();
    if published(ctx, TextKind::EasyLanguage, "de").await?.is_none() {
        all.push((TextKind::EasyLanguage, "easy-language"));
    }
    if !sign_language(ctx).await? {
        all.push((TextKind::SignLanguage, "sign-language"));
    }
    match published(ctx, TextKind::Accessibility, "de").await? {
        None => all.push((TextKind::Accessibility, "statement")),
        Some(v) if now - v.saved_at > Duration::days(YEARLY) => {
            all.push((TextKind::Accessibility, "statement-old"))
        }
        Some(_) => {}
    }
    let mut tx = ctx.db.read().await?;
    let put_off = store::put_off(&mut tx, now).await?;
    all.retain(|(_, key)| !put_off.iter().any(|p| p == key));
    Ok(all)
}

/// Says nothing of a reminder for so many days.
const LATER: i64 = 90;

/// Puts a reminder off.
pub async fn put_off(ctx: &Ctx, actor: Actor, reminder: &str) -> Result<(), Failure> {
    may(actor)?;
    let known = ["easy-language", "sign-language", "statement", "statement-old"];
    let Some(key) = known.into_iter().find(|k| *k == reminder) else {
        return Ok(());
    };
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    store::put_reminder_off(&mut tx, key, ctx.clock.now() + Duration::days(LATER)).await?;
    Ok(tx
        .commit(ctx, Event::new(actor, "settings.put-off").with("reminder", key))
        .await?)
}
