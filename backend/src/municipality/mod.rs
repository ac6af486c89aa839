//! Settings, logo and signature of the municipality.

pub mod app_pictures;
mod film;
mod store;
mod text_store;
mod texts;

pub(crate) use film::sweep as sweep_films;
pub use film::{Film, FilmUpload, MOST_FILM, PIECE, begin_film, delete_film, film, media_type, piece};
pub use texts::{
    TextRefusal, TextVersion, due, history, overview, published, put_off, save_text, sign_language,
};

use crate::{Ctx, Failure, audit::Event, db::Tx, keys, root_key::RootKeyError};
use domain::{
    access::{Actor, Permission},
    municipality::Settings,
    problem::Problems,
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// Settings with the version that a change must name.
#[derive(Clone, Debug)]
pub struct Current {
    /// The settings.
    pub settings: Settings,
    /// Grows by one with each change; 0 if nothing was ever saved.
    pub version: i64,
}

/// Where an image is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageUse {
    /// In the letterhead and on screens.
    Logo,
    /// Above the name of who signs.
    Signature,
}

impl ImageUse {
    /// The stored name.
    pub fn key(self) -> &'static str {
        match self {
            ImageUse::Logo => "logo",
            ImageUse::Signature => "signature",
        }
    }
}

/// An image as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Image {
    /// SHA-256 of the bytes.
    pub hash: String,
    /// `image/svg+xml` or `image/png`.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The settings. Everybody may see them: they stand on every page.
pub async fn current(ctx: &Ctx) -> Result<Current, Failure> {
    let mut tx = ctx.db.read().await?;
    current_in(&mut tx).await
}

/// The settings as pages need them: read once a second at most, so that many visitors ask the store no more often than one
/// does. A change counts at once where it was saved, and a second later in other processes on the same store.
pub async fn remembered(ctx: &Ctx) -> Result<Remembered, Failure> {
    let known = || ctx.remembered.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, remembered)) = known().as_ref()
        && at.elapsed() < std::time::Duration::from_secs(1)
    {
        return Ok(remembered.clone());
    }
    let now = Instant::now();
    let current = current(ctx).await?;
    let remembered = Remembered {
        settings: Arc::new(current.settings),
        version: current.version,
    };
    *known() = Some((now, remembered.clone()));
    Ok(remembered)
}

/// What [`remembered`] gives.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// The settings.
    pub settings: Arc<Settings>,
    /// Their version.
    pub version: i64,
}

/// Where [`remembered`] remembers.
pub type Memory = Arc<Mutex<Option<(Instant, Remembered)>>>;

pub(crate) async fn current_in(tx: &mut Tx) -> Result<Current, Failure> {
    Ok(match store::settings(tx).await? {
        Some((value, version)) => Current {
            settings: serde_json::from_value(value)?,
            version,
        },
        None => Current {
            settings: Settings::default(),
            version: 0,
        },
    })
}

/// Why settings are not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Something in them is wrong.
    Problems(Problems),
    /// Somebody else saved in between.
    Stale,
}

/// Saves the settings if `version` is still the current one. A change of the terms gets a new version of the terms.
pub async fn save(
    ctx: &Ctx,
    actor: Actor,
    mut settings: Settings,
    version: i64,
) -> Result<(), Failure<Refusal>> {
    if !actor.may(Permission::ChangeSettings) {
        return Err(Failure::Denied);
    }
    let problems = settings.check();
    if !problems.is_empty() {
        return Err(Failure::Refused(Refusal::Problems(problems)));
    }
    let mut tx = ctx.db.begin().await?;
    let before = current_in(&mut tx).await.map_err(Failure::widen)?;
    if before.version != version {
        return Err(Failure::Refused(Refusal::Stale));
    }
    settings.terms_version = before.settings.terms_version;
    if before.version > 0 && settings.terms != before.settings.terms {
        settings.terms_version += 1;
    }
    let now = ctx.clock.now();
    store::save(&mut tx, &serde_json::to_value(&settings)?, version + 1, now).await?;
    store::keep_terms(&mut tx, i64::from(settings.terms_version), &settings.terms, now).await?;
    let event = Event::new(actor, "settings.save").with("version", version + 1);
    tx.commit(ctx, event).await?;
    *ctx.remembered.lock().unwrap_or_else(PoisonError::into_inner) = None;
    Ok(())
}

/// Largest logo or signature file, in bytes.
pub const IMAGE_BYTES: usize = 1_000_000;

/// Takes a logo or a signature (SVG or PNG). Says what is wrong with it under the field `logo` or `signature`.
pub async fn set_image(
    ctx: &Ctx,
    actor: Actor,
    place: ImageUse,
    bytes: Vec<u8>,
) -> Result<(), Failure<Refusal>> {
    if !actor.may(Permission::SetUpLetters) {
        return Err(Failure::Denied);
    }
    let refuse = |code| Failure::Refused(Refusal::Problems(Problems::one(place.key(), code)));
    if bytes.len() > IMAGE_BYTES {
        return Err(refuse("problem-image-large"));
    }
    // what can be printed decides, not the name of the file
    let (bytes, media_type) = tokio::task::spawn_blocking(move || {
        let media_type = crate::letters::artwork::media_type(&bytes);
        media_type
            .filter(|_| crate::letters::artwork::Artwork::read(&bytes).is_some())
            .map(|m| (bytes, m))
    })
    .await?
    .ok_or_else(|| refuse("problem-image-kind"))?;
    let hash = keys::hex(&keys::sha256(&bytes));
    let mut tx = ctx.db.begin().await?;
    store::put_image(&mut tx, &hash, media_type, &bytes, ctx.clock.now()).await?;
    store::use_image(&mut tx, place.key(), &hash).await?;
    let event = Event::new(actor, "settings.image")
        .with("use", place.key())
        .with("sha256", &hash[..12]);
    Ok(tx.commit(ctx, event).await?)
}

/// The hash of the image in this place.
pub async fn image_hash(tx: &mut Tx, place: ImageUse) -> crate::db::Result<Option<String>> {
    store::image_hash(tx, place.key()).await
}

/// An image by its hash, or by its place if `hash` is `None`.
pub async fn image(ctx: &Ctx, place: ImageUse, hash: Option<&str>) -> Result<Option<Image>, Failure> {
    let mut tx = ctx.db.read().await?;
    let hash = match hash {
        Some(hash) => Some(hash.to_owned()),
        None => store::image_hash(&mut tx, place.key()).await?,
    };
    Ok(match hash {
        Some(hash) => store::image(&mut tx, &hash).await?,
        None => None,
    })
}

const KEY_CHECK: &[u8] = b"stadtbrief master key";

/// What a store says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyCheck {
    /// It was opened with this key before.
    Opens,
    /// It was opened with another key.
    Foreign,
    /// It was never opened.
    Missing,
}

/// Asks a store about a key. Writes nothing.
pub(crate) async fn key_check(ctx: &Ctx) -> crate::db::Result<KeyCheck> {
    let mut tx = ctx.db.read().await?;
    Ok(match store::key_check(&mut tx).await? {
        None => KeyCheck::Missing,
        Some(sealed) => match ctx.master.open(&sealed, b"key check") {
            Ok(text) if text == KEY_CHECK => KeyCheck::Opens,
            _ => KeyCheck::Foreign,
        },
    })
}

/// The store remembers the key it is opened with.
pub(crate) async fn remember_key(ctx: &Ctx) -> Result<(), RootKeyError> {
    let sealed = ctx.master.seal(KEY_CHECK, b"key check")?;
    let mut tx = ctx.db.begin().await?;
    store::put_key_check(&mut tx, &sealed).await?;
    Ok(tx.commit_unaudited("a new store remembers its key").await?)
}

/// Does the master key belong to this store? A new store takes the key it is opened with. With a wrong key no letter
/// could be redeemed any more, so nothing may start; nor on a store that holds something and knows no key, because its
/// restore was interrupted.
pub async fn master_key_fits(ctx: &Ctx) -> Result<bool, RootKeyError> {
    match key_check(ctx).await? {
        KeyCheck::Opens => Ok(true),
        KeyCheck::Foreign => Ok(false),
        KeyCheck::Missing if crate::db::is_used(&ctx.db).await? => Err(RootKeyError::Unfinished),
        KeyCheck::Missing => {
            remember_key(ctx).await?;
            Ok(true)
        }
    }
}
