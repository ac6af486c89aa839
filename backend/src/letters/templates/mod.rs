//! Templates of letters: every save is a new version; batches keep theirs.

mod store;

use super::{
    LetterRefusal,
    engine::{Art, Layout, Shaper},
};
use crate::{Ctx, Failure, audit, audit::Event, db::Tx, municipality};
use chrono::{DateTime, Utc};
use domain::{
    access::{Actor, Permission},
    letters::{
        content::Frozen,
        state::Route,
        template::{Occasion, Template},
    },
    municipality::Settings,
    problem::Problems,
};

/// A version in the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TemplateLine {
    /// 1, 2, 3 …
    pub version: i64,
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
    /// Name of who saved it; empty for the command line.
    pub by_name: String,
    /// Batches that were made with it.
    pub batches: i64,
}

/// The template in use, with the version that a change must name; version 0 is the one that a town begins with.
pub async fn template(ctx: &Ctx, actor: Actor, occasion: Occasion) -> Result<(Template, i64), Failure> {
    if !actor.may(Permission::SetUpLetters) && !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    current_in(&mut tx, occasion).await
}

pub(super) async fn current_in(tx: &mut Tx, occasion: Occasion) -> Result<(Template, i64), Failure> {
    Ok(match store::newest(tx, occasion.key()).await? {
        Some((content, version)) => (serde_json::from_value(content)?, version),
        None => (Template::of(occasion), 0),
    })
}

/// A former version; version 0 is the one that a town begins with.
pub async fn template_version(
    ctx: &Ctx,
    actor: Actor,
    occasion: Occasion,
    version: i64,
) -> Result<Template, Failure> {
    if !actor.may(Permission::SetUpLetters) {
        return Err(Failure::Denied);
    }
    if version == 0 {
        return Ok(Template::of(occasion));
    }
    let mut tx = ctx.db.read().await?;
    let content = store::version(&mut tx, occasion.key(), version).await?;
    Ok(serde_json::from_value(content.ok_or(Failure::Denied)?)?)
}

/// All versions, newest first.
pub async fn template_versions(
    ctx: &Ctx,
    actor: Actor,
    occasion: Occasion,
) -> Result<Vec<TemplateLine>, Failure> {
    if !actor.may(Permission::SetUpLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::versions(&mut tx, occasion.key()).await?)
}

/// Saves a new version if `version` is still the newest one and everything fits on the paper.
pub async fn save_template(
    ctx: &Ctx,
    actor: Actor,
    occasion: Occasion,
    template: Template,
    version: i64,
) -> Result<(), Failure<municipality::Refusal>> {
    if !actor.may(Permission::SetUpLetters) {
        return Err(Failure::Denied);
    }
    let refuse = |problems| Err(Failure::Refused(municipality::Refusal::Problems(problems)));
    let mut problems = template.check();
    if problems.is_empty() {
        let settings = municipality::current(ctx).await.map_err(Failure::widen)?.settings;
        let art = super::sample::art(ctx).await.map_err(Failure::widen)?;
        problems = fits(&template, &settings, &ctx.base_url, &art);
    }
    if !problems.is_empty() {
        return refuse(problems);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    let (_, newest) = current_in(&mut tx, occasion).await.map_err(Failure::widen)?;
    if newest != version {
        return Err(Failure::Refused(municipality::Refusal::Stale));
    }
    let content = serde_json::to_value(&template)?;
    let now = ctx.clock.now();
    store::insert(
        &mut tx,
        occasion.key(),
        version + 1,
        &content,
        actor.account(),
        now,
    )
    .await?;
    let event = Event::new(actor, "letters.template")
        .with("occasion", occasion.key())
        .with("version", version + 1);
    Ok(tx.commit(ctx, event).await?)
}

/// Complains about texts that are too long for the paper, in normal and in large print.
pub(super) fn fits(template: &Template, settings: &Settings, base_url: &str, art: &Art) -> Problems {
    let mut problems = Problems::default();
    for large in [false, true] {
        let frozen = Frozen {
            large,
            ..Frozen::new(template, settings, Route::Ordinary, base_url, "22. November 2026")
        };
        if let Err(error) = Layout::new(&frozen, art, &mut Shaper::default()) {
            let refusal = LetterRefusal::TextsTooLong(error);
            let values = refusal.values();
            let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
            let (field, code) = match (error, large) {
                (super::DoesNotFit::Back(_), false) => ("notice", "problem-notice-too-long"),
                (_, false) => ("body", "problem-letter-too-long"),
                (_, true) => ("body", "problem-large-print-too-long"),
            };
            problems.add_with(field, code, &values);
            break;
        }
    }
    problems
}
