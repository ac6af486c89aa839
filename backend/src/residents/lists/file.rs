//! The uploaded file in the store: in pieces, each encrypted and bound to its place, until the list is over.

use super::{ListRefusal, store};
use crate::{Ctx, Failure, db::Tx};
use uuid::Uuid;

/// Bytes of a piece.
const PIECE: usize = 1 << 20;

/// A piece opens only at its place in a file of so many: none can be left out, swapped or repeated.
fn place(id: Uuid, part: i64, of: i64) -> Vec<u8> {
    format!("resident-list {id} part {part} of {of}").into_bytes()
}

/// Puts a file into the store.
pub(super) async fn put(ctx: &Ctx, tx: &mut Tx, id: Uuid, bytes: &[u8]) -> Result<(), Failure<ListRefusal>> {
    let pieces = bytes.chunks(PIECE);
    let of = i64::try_from(pieces.len()).unwrap_or(0);
    for (part, piece) in (0..).zip(pieces) {
        let sealed = ctx.master.seal(piece, &place(id, part, of))?;
        store::insert_part(tx, id, part, &sealed).await?;
    }
    Ok(())
}

/// Takes it out again; `None` if the list is over.
pub(super) async fn get(ctx: &Ctx, tx: &mut Tx, id: Uuid) -> Result<Option<Vec<u8>>, Failure<ListRefusal>> {
    let of = store::count_parts(tx, id).await?;
    if of == 0 {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(of).unwrap_or(0) * PIECE);
    for part in 0..of {
        let Some(sealed) = store::part(tx, id, part).await? else {
            return Ok(None);
        };
        bytes.extend_from_slice(&ctx.master.open(&sealed, &place(id, part, of))?);
    }
    Ok(Some(bytes))
}
