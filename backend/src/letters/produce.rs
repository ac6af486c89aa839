//! Both passes read the same frozen rows in the same order through this.

use super::{
    artwork::Artwork,
    check::{Checker, Fault},
    codes::{bound, codes},
    pdf::{Engine, LetterInput, Summary},
    store,
};
use crate::{
    Ctx, Failure,
    keys::{self, Key},
    municipality::{self, ImageUse},
};
use bytes::Bytes;
use domain::letters::{code::LookupNumber, state::BatchState};
use futures::stream::{self, BoxStream, StreamExt};
use uuid::Uuid;

/// Letters that are read and made at a time.
const CHUNK: i64 = 400;

/// Makes the file of a batch piece by piece.
pub(super) struct Producer {
    ctx: Ctx,
    id: Uuid,
    key: Key,
    engine: Option<Engine>,
    checker: Option<Checker>,
    after: i64,
    letters: i64,
    revision: i64,
    summary: Option<Summary>,
}

/// Why production stopped.
pub(super) enum Stopped {
    /// The check found something.
    Fault(Fault),
    /// Something broke.
    Failure(Failure),
}

impl From<sqlx::Error> for Stopped {
    fn from(error: sqlx::Error) -> Self {
        Stopped::Failure(error.into())
    }
}

impl Producer {
    /// `None` if the batch is not in this state (any more).
    pub(super) async fn open(
        ctx: &Ctx,
        id: Uuid,
        state: BatchState,
        check: bool,
    ) -> Result<Option<Self>, Failure> {
        let mut tx = ctx.db.read().await?;
        let Some(batch) = store::batch(&mut tx, id)
            .await?
            .filter(|b| b.state == state.key())
        else {
            return Ok(None);
        };
        drop(tx);
        let (Some(frozen), Some(wrapped)) = (batch.frozen, batch.wrapped_key) else {
            return Ok(None);
        };
        let key = ctx.master.unwrap_key(&wrapped, &bound(id, "key"))?;
        let mut art = [None, None];
        for (slot, (place, hash)) in art.iter_mut().zip([
            (ImageUse::Logo, &frozen.logo),
            (ImageUse::Signature, &frozen.signature),
        ]) {
            if let Some(hash) = hash {
                *slot = municipality::image(ctx, place, Some(hash))
                    .await?
                    .and_then(|i| Artwork::read(&i.bytes));
            }
        }
        let mut file_id = [0; 16];
        file_id.copy_from_slice(&keys::sha256(id.as_bytes())[..16]);
        let checker = check.then(|| Checker::new(&frozen.base_url));
        let [logo, signature] = art;
        let engine = tokio::task::spawn_blocking(move || {
            Engine::new(&frozen, logo.as_ref(), signature.as_ref(), file_id)
        })
        .await?;
        let engine = match engine {
            Ok(engine) => Some(engine),
            // said by `next`, so that it ends as a fault of the batch
            Err(error) => {
                tracing::warn!(batch = %id, ?error, "the batch cannot be laid out");
                None
            }
        };
        Ok(Some(Self {
            ctx: ctx.clone(),
            id,
            key,
            engine,
            checker,
            after: 0,
            letters: batch.letters,
            revision: batch.revision,
            summary: None,
        }))
    }

    /// Letters made so far.
    pub(super) fn made(&self) -> i64 {
        self.after
    }

    /// Of which revision of the batch the file is.
    pub(super) fn revision(&self) -> i64 {
        self.revision
    }

    /// The finished file, once `next` has given `None`.
    pub(super) fn summary(&self) -> Option<Summary> {
        self.summary.clone()
    }

    /// The next piece of the file; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, Stopped> {
        if self.summary.is_some() {
            return Ok(None);
        }
        let Some(mut engine) = self.engine.take() else {
            return Err(Stopped::Fault(Fault::Engine(super::pdf::EngineError::Texts)));
        };
        let mut tx = self.ctx.db.read().await?;
        let rows = store::print_rows(&mut tx, self.id, self.after, CHUNK).await?;
        drop(tx);
        let Some(last) = rows.last() else {
            if self.after != self.letters {
                return Err(Stopped::Failure(Failure::broken(
                    "letters of a batch are missing",
                )));
            }
            let (rest, summary) = tokio::task::spawn_blocking(move || engine.finish())
                .await
                .map_err(|e| Stopped::Failure(e.into()))?;
            self.summary = Some(summary);
            return Ok(Some(rest));
        };
        self.after = last.position;
        let inputs: Vec<LetterInput> = rows
            .into_iter()
            .filter_map(|row| {
                let (qr, typed) = codes(
                    &self.key,
                    LookupNumber::from_stored(row.lookup_number)?,
                    row.issue,
                );
                Some(LetterInput {
                    recipient: row.recipient?,
                    user_id: typed.printed(),
                    payload: qr.printed(),
                    letter_number: row.letter_number,
                })
            })
            .collect();
        let mut checker = self.checker.take();
        let made = tokio::task::spawn_blocking(move || {
            let result = engine.letters(&inputs, |input, content, glyphs| match &mut checker {
                Some(checker) => checker.page(input, content, glyphs),
                None => Ok(()),
            });
            (engine, checker, result)
        })
        .await
        .map_err(|e| Stopped::Failure(e.into()))?;
        let (mut engine, checker, result) = made;
        result.map_err(Stopped::Fault)?;
        let bytes = engine.take();
        self.engine = Some(engine);
        self.checker = checker;
        Ok(Some(bytes))
    }

    /// The file as a stream. If its end does not have the hash of the first pass, the stream ends with an error and
    /// the browser throws the file away.
    pub(super) fn stream(self, expected: String) -> BoxStream<'static, std::io::Result<Bytes>> {
        stream::try_unfold((self, None::<Vec<u8>>), move |(mut producer, held)| {
            let expected = expected.clone();
            async move {
                // one piece is held back, so that a wrong file never ends regularly
                let next = match producer.next().await {
                    Ok(next) => next,
                    Err(_) => return Err(std::io::Error::other("the letters cannot be made")),
                };
                if next.is_none()
                    && held.is_some()
                    && producer.summary.as_ref().is_none_or(|s| s.sha256 != expected)
                {
                    tracing::error!(batch = %producer.id, "the second pass differs from the first");
                    return Err(std::io::Error::other("the second pass differs from the first"));
                }
                Ok(match (held, next) {
                    (None, None) => None,
                    (Some(held), next) => Some((Bytes::from(held), (producer, next))),
                    (None, Some(next)) => Some((Bytes::new(), (producer, Some(next)))),
                })
            }
        })
        .boxed()
    }
}
