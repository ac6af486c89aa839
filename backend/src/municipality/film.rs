//! The film in sign language: taken in pieces while it is uploaded, given in pieces while it is watched.

use super::text_store as store;
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    files,
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    problem::Problems,
};
use uuid::Uuid;

/// Largest film, in bytes.
pub const MOST_FILM: usize = 100 * 1024 * 1024;
/// Bytes of a piece.
pub const PIECE: usize = 1024 * 1024;

/// The film that is shown.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Film {
    /// Changes with each film.
    pub id: Uuid,
    /// `video/mp4` or `video/webm`.
    pub media_type: String,
    /// Size in bytes.
    pub bytes: i64,
    /// When it was uploaded.
    pub saved_at: DateTime<Utc>,
}

/// `video/mp4` or `video/webm` by the first bytes (ISO 14496-12: a box `ftyp`; RFC 8794: the EBML header).
pub fn media_type(head: &[u8]) -> Option<&'static str> {
    match head {
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("video/mp4"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("video/webm"),
        _ => None,
    }
}

fn refuse<T>(code: &str) -> Result<T, Failure<Problems>> {
    Err(Failure::Refused(Problems::one("film", code)))
}

/// An upload under way.
pub struct FilmUpload {
    actor: Actor,
    id: Uuid,
    buffer: Vec<u8>,
    pieces: i64,
    bytes: usize,
}

/// Begins an upload.
pub fn begin_film(ctx: &Ctx, actor: Actor) -> Result<FilmUpload, Failure<Problems>> {
    if !actor.may(Permission::ChangeSettings) {
        return Err(Failure::Denied);
    }
    let (id, buffer) = (ctx.new_id(), Vec::new());
    Ok(FilmUpload {
        actor,
        id,
        buffer,
        pieces: 0,
        bytes: 0,
    })
}

impl FilmUpload {
    /// More of the file.
    pub async fn add(&mut self, ctx: &Ctx, more: &[u8]) -> Result<(), Failure<Problems>> {
        self.bytes += more.len();
        if self.bytes > MOST_FILM {
            self.drop_it(ctx).await?;
            return refuse("film-large");
        }
        self.buffer.extend_from_slice(more);
        while self.buffer.len() >= PIECE {
            let rest = self.buffer.split_off(PIECE);
            let piece = std::mem::replace(&mut self.buffer, rest);
            self.write(ctx, &piece).await?;
        }
        Ok(())
    }

    async fn write(&mut self, ctx: &Ctx, piece: &[u8]) -> Result<(), Failure<Problems>> {
        let mut tx = ctx.db.begin().await?;
        if self.pieces == 0 {
            let Some(kind) = media_type(piece) else {
                return refuse("film-kind");
            };
            store::begin_film(&mut tx, self.id, kind, ctx.clock.now()).await?;
        }
        store::put_piece(&mut tx, self.id, self.pieces, piece).await?;
        self.pieces += 1;
        Ok(tx
            .commit_unaudited("a piece of a film that is not shown yet")
            .await?)
    }

    /// The file is whole: it is shown from now on, and the film before is deleted.
    pub async fn finish(mut self, ctx: &Ctx) -> Result<(), Failure<Problems>> {
        let rest = std::mem::take(&mut self.buffer);
        if !rest.is_empty() {
            self.write(ctx, &rest).await?;
        }
        if self.pieces == 0 {
            return refuse("problem-required");
        }
        let mut tx = ctx.db.begin().await?;
        audit::lock(&mut tx).await?;
        store::end_film(&mut tx, self.id, i64::try_from(self.bytes).unwrap_or(i64::MAX)).await?;
        files::wake(ctx, &mut tx).await?;
        let event = Event::new(self.actor, "settings.film").with("bytes", self.bytes);
        Ok(tx.commit(ctx, event).await?)
    }

    async fn drop_it(&self, ctx: &Ctx) -> Result<(), Failure<Problems>> {
        let mut tx = ctx.db.begin().await?;
        store::delete_film(&mut tx, self.id).await?;
        Ok(tx.commit_unaudited("a film that was too large").await?)
    }
}

/// The film that is shown, if there is one.
pub async fn film(ctx: &Ctx) -> Result<Option<Film>, Failure> {
    let mut tx = ctx.db.read().await?;
    Ok(store::film(&mut tx).await?)
}

/// One piece of it, by its number from 0.
pub async fn piece(ctx: &Ctx, film: Uuid, n: i64) -> Result<Option<Vec<u8>>, Failure> {
    let mut tx = ctx.db.read().await?;
    let Some(held) = store::piece(&mut tx, film, n).await? else {
        return Ok(None);
    };
    drop(tx);
    Ok(Some(files::read_public(ctx, (film, n), held).await?))
}

/// Deletes the film.
pub async fn delete_film(ctx: &Ctx, actor: Actor) -> Result<(), Failure> {
    if !actor.may(Permission::ChangeSettings) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if let Some(film) = store::film(&mut tx).await? {
        store::delete_film(&mut tx, film.id).await?;
        files::wake(ctx, &mut tx).await?;
    }
    Ok(tx.commit(ctx, Event::new(actor, "settings.delete-film")).await?)
}

/// Deletes uploads that broke off a day ago.
pub(crate) async fn sweep(tx: &mut crate::db::Tx, now: DateTime<Utc>) -> crate::db::Result<()> {
    store::delete_unfinished(tx, now - Duration::days(1)).await
}
