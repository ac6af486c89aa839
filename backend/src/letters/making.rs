//! The two passes. The first makes all files of a batch, decodes every code from them, hashes them and throws them away;
//! the second makes one file again for the download and compares its hash.

use super::{
    LetterRefusal, PartLine, batch_store,
    codes::{bound, codes},
    engine::{
        Art, Artwork,
        check::{Checker, Fault},
        pdf::{Engine, EngineError, LetterInput, Summary},
    },
    shown_to, store,
};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db,
    jobs::{self, Job},
    keys::{self, Key},
    municipality::{self, ImageUse},
};
use bytes::Bytes;
use domain::{
    access::{Actor, Permission},
    letters::{
        code::LookupNumber,
        content::{Frozen, Separators},
        state::BatchState,
    },
};
use futures::stream::{self, BoxStream, StreamExt};
use uuid::Uuid;

/// Letters that are read and made at a time.
const CHUNK: i64 = 400;

/// The job of the first pass.
pub(crate) async fn make(ctx: &Ctx, id: Uuid) -> Result<(), String> {
    // a letter that was withdrawn meanwhile: the files are made anew without it
    while !make_once(ctx, id).await? {}
    Ok(())
}

/// Finishes a batch at once, whoever began it: for the operator's terminal. Making twice at the same time is harmless, for
/// the first pass only reads, and one of them notes the result.
pub async fn finish(ctx: &Ctx, id: Uuid) -> Result<(), String> {
    make(ctx, id).await
}

/// False if the batch changed meanwhile.
async fn make_once(ctx: &Ctx, id: Uuid) -> Result<bool, String> {
    let text = |e: Failure| format!("{e:?}");
    let broken = |e: sqlx::Error| e.to_string();
    let opened = Producer::open(ctx, id, BatchState::Making, None)
        .await
        .map_err(text)?;
    let Some(mut producer) = opened else {
        return Ok(true);
    };
    let mut parts: Vec<PartLine> = Vec::new();
    loop {
        match producer.next().await {
            Ok(Step::Piece(_)) => {
                jobs::renew(ctx, Job::MakeBatch(id)).await.map_err(broken)?;
                let mut tx = ctx.db.begin().await.map_err(broken)?;
                let goes_on = batch_store::progress(&mut tx, id, producer.after, producer.revision)
                    .await
                    .map_err(broken)?;
                tx.commit_unaudited("progress of a batch").await.map_err(broken)?;
                if !goes_on {
                    return is_over(ctx, id).await.map_err(broken);
                }
            }
            Ok(Step::PartEnd(_, part)) => parts.push(part),
            Ok(Step::End) => break,
            Err(Stopped::Fault(fault)) => {
                return fail(ctx, id, &fault.to_string(), producer.revision)
                    .await
                    .map_err(broken);
            }
            Err(Stopped::Changed) => return is_over(ctx, id).await.map_err(broken),
            Err(Stopped::Failure(failure)) => return Err(text(failure)),
        }
    }
    if done(ctx, id, &parts, producer.revision).await.map_err(broken)? {
        return Ok(true);
    }
    is_over(ctx, id).await.map_err(broken)
}

/// Is there nothing to make any more? Else a letter was withdrawn meanwhile, and the files are to be made anew.
async fn is_over(ctx: &Ctx, id: Uuid) -> db::Result<bool> {
    let mut tx = ctx.db.read().await?;
    let now = batch_store::batch(&mut tx, id).await?;
    Ok(now.is_none_or(|b| b.state != BatchState::Making.key()))
}

/// Notes the files; false if the batch changed while they were made.
async fn done(ctx: &Ctx, id: Uuid, parts: &[PartLine], revision: i64) -> db::Result<bool> {
    let bytes = parts.iter().map(|p| p.bytes).sum();
    let hash = match parts {
        [only] => only.sha256.clone(),
        // of several files: the hash of their hashes, in order
        several => {
            let all: String = several.iter().map(|p| p.sha256.as_str()).collect();
            keys::hex(&keys::sha256(all.as_bytes()))
        }
    };
    let mut tx = ctx.db.begin().await?;
    // in the same order of locks as whoever cancels
    audit::lock(&mut tx).await?;
    if !batch_store::ready(&mut tx, id, bytes, &hash, revision, ctx.clock.now()).await? {
        return Ok(false);
    }
    batch_store::clear_parts(&mut tx, id).await?;
    for part in parts {
        batch_store::insert_part(&mut tx, id, part).await?;
    }
    tx.commit(ctx, Event::new(Actor::System, "letters.ready").on(id))
        .await?;
    Ok(true)
}

/// Notes what the check found; true if there is nothing more to do. Another worker may have finished the batch, or a letter
/// was withdrawn meanwhile: then nothing is revoked.
async fn fail(ctx: &Ctx, id: Uuid, fault: &str, revision: i64) -> db::Result<bool> {
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !batch_store::failed(&mut tx, id, fault, revision).await? {
        let now = batch_store::batch(&mut tx, id).await?;
        tx.commit_unaudited("a fault of a batch that has changed").await?;
        return Ok(now.is_none_or(|b| b.state != BatchState::Making.key()));
    }
    batch_store::revoke_batch(&mut tx, id, now).await?;
    batch_store::destroy_key(&mut tx, id, now).await?;
    tx.commit(ctx, Event::new(Actor::System, "letters.failed").on(id))
        .await?;
    Ok(true)
}

/// A file on its way.
pub struct Download {
    /// Name for the browser.
    pub name: String,
    /// Size, known from the first pass.
    pub bytes: u64,
    /// The bytes; an error in the middle if they are not those of the first pass.
    pub stream: BoxStream<'static, std::io::Result<Bytes>>,
}

/// The second pass: streams the very same file and compares its hash at the end. `part` counts from 1.
pub async fn download(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    part: i64,
) -> Result<Download, Failure<LetterRefusal>> {
    if !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    shown_to(actor, batch_store::batch_line(&mut tx, id).await?).ok_or(Failure::Denied)?;
    let batch = batch_store::batch(&mut tx, id).await?.ok_or(Failure::Denied)?;
    if batch.state != BatchState::Ready.key() {
        return Err(Failure::Refused(LetterRefusal::WrongState));
    }
    let parts = batch_store::parts(&mut tx, id).await?;
    let count = parts.len();
    let line = parts
        .into_iter()
        .find(|p| p.part == part)
        .ok_or(Failure::Denied)?;
    let now = ctx.clock.now();
    batch_store::downloaded(&mut tx, id, now).await?;
    batch_store::part_downloaded(&mut tx, id, part, now).await?;
    tx.commit(ctx, Event::new(actor, "letters.download").on(id))
        .await?;
    let producer = Producer::open(ctx, id, BatchState::Ready, Some(&line))
        .await
        .map_err(Failure::widen)?
        .ok_or(Failure::Refused(LetterRefusal::WrongState))?;
    let name = match batch.number {
        ..0 => format!("registrierungsbriefe-gesondert-{}", -batch.number),
        number => format!("registrierungsbriefe-druckauftrag-{number}"),
    };
    Ok(Download {
        name: match count {
            1 => format!("{name}.pdf"),
            _ => format!("{name}-teil-{part}-von-{count}.pdf"),
        },
        bytes: u64::try_from(line.bytes).unwrap_or(0),
        stream: producer.stream(line.sha256),
    })
}

/// The first letter of a batch as a tagged PDF (PDF/UA), made from the same frozen row as the printed one, and read back
/// like that one before anybody gets it.
pub(super) async fn accessible(ctx: &Ctx, id: Uuid) -> Result<Vec<u8>, Failure<LetterRefusal>> {
    let changed = || Failure::Refused(LetterRefusal::WrongState);
    let producer = Producer::open(ctx, id, BatchState::Ready, None)
        .await
        .map_err(Failure::widen)?
        .ok_or_else(changed)?;
    let mut tx = ctx.db.read().await?;
    let rows = store::print_rows(&mut tx, id, 0, i64::MAX, 1).await?;
    drop(tx);
    let (_, letter) = producer.inputs(rows).pop().ok_or_else(changed)?;
    let mut file_id = [0; 16];
    file_id.copy_from_slice(&keys::sha256(format!("{id} accessible").as_bytes())[..16]);
    let made = tokio::task::spawn_blocking(move || {
        let mut engine = Engine::accessible(&producer.frozen, producer.art, file_id)?;
        let mut checker = Checker::new(&producer.frozen);
        engine.checked(&[letter], &mut checker)?;
        let mut bytes = engine.take();
        let sides = engine.sides();
        let (rest, summary) = engine.finish();
        checker.file(&summary, sides, 0)?;
        bytes.extend(rest);
        Ok::<_, Fault>(bytes)
    })
    .await?;
    // nobody gets a letter that says something else than its record
    made.map_err(|fault| Failure::broken(format!("the accessible letter: {fault}")))
}

/// Makes the files of a batch piece by piece. Both passes read the same frozen rows in the same order.
struct Producer {
    ctx: Ctx,
    id: Uuid,
    key: Key,
    frozen: Frozen,
    art: Art,
    /// The file that is being made.
    open: Option<Open>,
    checker: Option<Checker>,
    part: i64,
    after: i64,
    until: i64,
    revision: i64,
    /// One file is made a second time.
    again: bool,
    ended: bool,
}

/// A file that is being made.
struct Open {
    engine: Engine,
    separators: usize,
    group: Option<String>,
    first: Option<(i64, String)>,
    last: (i64, String),
}

/// What came out.
enum Step {
    /// A piece of a file.
    Piece(Vec<u8>),
    /// The last piece of a file, and what is known of it.
    PartEnd(Vec<u8>, PartLine),
    /// There is nothing more.
    End,
}

/// Why production stopped.
enum Stopped {
    /// The check found something.
    Fault(Fault),
    /// The batch was cancelled, or a letter of it was withdrawn.
    Changed,
    /// Something broke.
    Failure(Failure),
}

impl From<sqlx::Error> for Stopped {
    fn from(error: sqlx::Error) -> Self {
        Stopped::Failure(error.into())
    }
}

impl Producer {
    /// `None` if the batch is not in this state (any more). Without `part` all files are made and checked.
    async fn open(
        ctx: &Ctx,
        id: Uuid,
        state: BatchState,
        part: Option<&PartLine>,
    ) -> Result<Option<Self>, Failure> {
        let mut tx = ctx.db.read().await?;
        let Some(batch) = batch_store::batch(&mut tx, id)
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
        let art = Art {
            logo: picture(ctx, ImageUse::Logo, frozen.logo.as_deref()).await?,
            signature: picture(ctx, ImageUse::Signature, frozen.signature.as_deref()).await?,
        };
        Ok(Some(Self {
            ctx: ctx.clone(),
            id,
            key,
            open: None,
            checker: part.is_none().then(|| Checker::new(&frozen)),
            frozen,
            art,
            part: part.map_or(0, |p| p.part - 1),
            after: part.map_or(0, |p| p.first_position - 1),
            until: part.map_or(batch.letters, |p| p.last_position),
            revision: batch.revision,
            again: part.is_some(),
            ended: false,
        }))
    }

    /// Begins the next file.
    async fn begin(&mut self) -> Result<Open, Stopped> {
        self.part += 1;
        let (frozen, art) = (self.frozen.clone(), self.art.clone());
        // the number of the file and of the revision: two files never claim to be the same
        let name = format!("{} {} {}", self.id, self.part, self.revision);
        let mut file_id = [0; 16];
        file_id.copy_from_slice(&keys::sha256(name.as_bytes())[..16]);
        let engine = tokio::task::spawn_blocking(move || Engine::new(&frozen, art, file_id))
            .await
            .map_err(|e| Stopped::Failure(e.into()))?
            .map_err(|e| Stopped::Fault(Fault::Engine(e)))?;
        if let Some(checker) = &mut self.checker {
            checker.next_file();
        }
        Ok(Open {
            engine,
            separators: 0,
            group: None,
            first: None,
            last: (0, String::new()),
        })
    }

    /// The next piece.
    async fn next(&mut self) -> Result<Step, Stopped> {
        if self.ended {
            return Ok(Step::End);
        }
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin().await?,
        };
        let print = self.frozen.print;
        let room =
            i64::from(print.part_letters.max(1)) - i64::try_from(open.engine.made()).unwrap_or(i64::MAX);
        // a file that is made again ends where it ended before
        let full = !self.again
            && (room <= 0 || open.engine.bytes() > u64::from(print.part_megabytes.max(1)) * 1_000_000);
        let rows = if full && self.after < self.until {
            Vec::new()
        } else {
            let mut tx = self.ctx.db.read().await?;
            let limit = if self.again { CHUNK } else { CHUNK.min(room.max(1)) };
            let rows = store::print_rows(&mut tx, self.id, self.after, self.until, limit).await?;
            // looked at after the rows: what is missing among them is missing because the batch has changed
            if !self.again && !batch_store::is_made(&mut tx, self.id, self.revision).await? {
                return Err(Stopped::Changed);
            }
            rows
        };
        let Some(last) = rows.last() else {
            if !full && self.after != self.until {
                let missing = Failure::broken("letters of a batch are missing");
                return Err(Stopped::Failure(missing));
            }
            self.ended = self.after == self.until;
            return self.close(open).await;
        };
        self.after = last.position;
        let inputs = self.inputs(rows);
        let mut checker = self.checker.take();
        let separators = print.separators;
        let made = tokio::task::spawn_blocking(move || {
            let result = make_letters(&mut open, &mut checker, &inputs, separators);
            (open, checker, result)
        })
        .await
        .map_err(|e| Stopped::Failure(e.into()))?;
        let (mut open, checker, result) = made;
        result.map_err(Stopped::Fault)?;
        let bytes = open.engine.take();
        self.checker = checker;
        self.open = Some(open);
        Ok(Step::Piece(bytes))
    }

    /// Ends a file.
    async fn close(&mut self, open: Open) -> Result<Step, Stopped> {
        let (letters, sides) = (open.engine.made(), open.engine.sides());
        // all of its letters were withdrawn
        if letters == 0 {
            self.part -= 1;
            return Ok(if self.ended {
                Step::End
            } else {
                Step::Piece(Vec::new())
            });
        }
        let (rest, summary): (Vec<u8>, Summary) = tokio::task::spawn_blocking(move || open.engine.finish())
            .await
            .map_err(|e| Stopped::Failure(e.into()))?;
        if let Some(checker) = &self.checker {
            checker
                .file(&summary, sides, open.separators)
                .map_err(Stopped::Fault)?;
        }
        let (first_position, first_number) = open.first.unwrap_or_default();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let part = PartLine {
            part: self.part,
            first_position,
            last_position: self.after,
            letters: count(letters),
            pages: count(summary.pages),
            sheets: count(if sides > 1 {
                summary.pages / 2
            } else {
                summary.pages
            }),
            bytes: i64::try_from(summary.bytes).unwrap_or(i64::MAX),
            sha256: summary.sha256,
            first_number,
            last_number: open.last.1,
            downloaded_at: None,
        };
        Ok(Step::PartEnd(rest, part))
    }

    fn inputs(&self, rows: Vec<store::PrintRow>) -> Vec<(String, LetterInput)> {
        let separators = self.frozen.print.separators;
        rows.into_iter()
            .filter_map(|row| {
                let lookup = LookupNumber::from_stored(row.lookup_number)?;
                let (qr, typed) = codes(&self.key, lookup, row.issue);
                let recipient = row.recipient?;
                let group = match separators {
                    Separators::None => String::new(),
                    Separators::District => row.district,
                    Separators::Postcode => recipient
                        .address
                        .last()
                        .and_then(|l| l.split_whitespace().next())
                        .unwrap_or("")
                        .to_owned(),
                };
                let input = LetterInput {
                    recipient,
                    user_id: typed.printed(),
                    payload: qr.printed(),
                    letter_number: row.letter_number,
                    position: usize::try_from(row.position).unwrap_or(0),
                };
                Some((group, input))
            })
            .collect()
    }

    /// The file as a stream. If its end does not have the hash of the first pass, the stream ends with an error and
    /// the browser throws the file away.
    fn stream(self, expected: String) -> BoxStream<'static, std::io::Result<Bytes>> {
        stream::try_unfold((self, false), move |(mut producer, ended)| {
            let expected = expected.clone();
            async move {
                if ended {
                    return Ok(None);
                }
                match producer.next().await {
                    Ok(Step::Piece(bytes)) => Ok(Some((Bytes::from(bytes), (producer, false)))),
                    // the last piece holds the table of the file: without it the file cannot be opened
                    Ok(Step::PartEnd(bytes, part)) if part.sha256 == expected => {
                        Ok(Some((Bytes::from(bytes), (producer, true))))
                    }
                    Ok(Step::PartEnd(..) | Step::End) => {
                        tracing::error!(batch = %producer.id, "the second pass differs from the first");
                        Err(std::io::Error::other("the second pass differs from the first"))
                    }
                    Err(_) => Err(std::io::Error::other("the letters cannot be made")),
                }
            }
        })
        .boxed()
    }
}

async fn picture(ctx: &Ctx, place: ImageUse, hash: Option<&str>) -> Result<Option<Artwork>, Failure> {
    let Some(hash) = hash else { return Ok(None) };
    let image = municipality::image(ctx, place, Some(hash)).await?;
    Ok(image.and_then(|i| Artwork::read(&i.bytes)))
}

/// Letters of one group after the other, with a sheet before each group that is new.
fn make_letters(
    open: &mut Open,
    checker: &mut Option<Checker>,
    inputs: &[(String, LetterInput)],
    separators: Separators,
) -> Result<(), Fault> {
    for group in inputs.chunk_by(|a, b| a.0 == b.0) {
        let Some((name, first)) = group.first() else {
            continue;
        };
        if separators != Separators::None && open.group.as_deref() != Some(name) {
            let heading = if name.is_empty() { "–" } else { name };
            let text = match separators {
                Separators::Postcode => "Ab hier: diese Postleitzahl",
                _ => "Ab hier: dieser Ortsteil",
            };
            open.engine.separator(heading, text);
            open.separators += 1;
            open.group = Some(name.clone());
        }
        let position = |input: &LetterInput| i64::try_from(input.position).unwrap_or(0);
        open.first
            .get_or_insert_with(|| (position(first), first.letter_number.clone()));
        if let Some((_, last)) = group.last() {
            open.last = (position(last), last.letter_number.clone());
        }
        let letters: Vec<LetterInput> = group.iter().map(|(_, input)| input.clone()).collect();
        match checker {
            Some(checker) => open.engine.checked(&letters, checker)?,
            None => open
                .engine
                .letters::<EngineError>(&letters, |_, _, _| Ok(()))
                .map_err(Fault::Engine)?,
        }
    }
    Ok(())
}
