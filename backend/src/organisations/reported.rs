//! What talking in the open needs of organisations: who may speak for one, and what becomes of a reported entry or notice.

use super::{entry, notice_store, public_store, store, tell_owners_with};
use crate::{Ctx, Failure, db::Tx, talk::Thing};
use domain::{talk::Target, urls};
use uuid::Uuid;

/// Organisations for which an account may write in the open: active ones whose yearly confirmation stands.
pub(crate) async fn spoken_for(
    ctx: &Ctx,
    tx: &mut Tx,
    account: Uuid,
) -> Result<Vec<(Uuid, String)>, Failure> {
    Ok(store::spoken_for(tx, account, ctx.clock.now()).await?)
}

/// Is this account a member?
pub(crate) async fn is_member(tx: &mut Tx, organisation: Uuid, account: Uuid) -> Result<bool, Failure> {
    Ok(store::role_of(tx, organisation, account).await?.is_some())
}

/// Can everybody read this notice?
pub(crate) async fn notice_is_public(ctx: &Ctx, tx: &mut Tx, id: Uuid) -> Result<bool, Failure> {
    Ok(notice_store::public_one(tx, ctx.clock.now(), id).await?.is_some())
}

/// A reported notice or entry, as it stands now.
pub(crate) async fn reported_thing(
    ctx: &Ctx,
    tx: &mut Tx,
    target: Target,
    id: Uuid,
) -> Result<Option<Thing>, Failure> {
    let now = ctx.clock.now();
    let thing = |author: String, title: String, text: String, is_public: bool, path: String| Thing {
        target,
        id,
        author,
        person: String::new(),
        title,
        text,
        is_public,
        path,
        version: 0,
        earlier: Vec::new(),
    };
    if target == Target::Notice {
        let Some(notice) = notice_store::one(tx, id).await? else {
            return Ok(None);
        };
        let is_public = notice_store::public_one(tx, now, id).await?.is_some();
        let path = format!("{}/{id}", urls::MARKET);
        return Ok(Some(thing(
            notice.name,
            notice.title,
            notice.text,
            is_public,
            path,
        )));
    }
    let Some(row) = store::one(tx, id).await? else {
        return Ok(None);
    };
    let page = entry::page_in(tx, id).await?;
    let is_public = page.live.is_some() && public_store::is_public(tx, now, id).await?;
    let text = page.live.or(page.proposed).map(|e| e.description);
    let path = format!("{}/{id}", urls::DIRECTORY);
    Ok(text.map(|text| thing(row.name, String::new(), text, is_public, path)))
}

/// Takes a reported notice or entry off the public pages; the owners get the reason. An entry goes back to those that wait
/// for a look, so that nothing is lost if it was a mistake.
pub(crate) async fn hide_reported(
    ctx: &Ctx,
    tx: &mut Tx,
    target: Target,
    id: Uuid,
    because: &str,
) -> Result<(), Failure> {
    let (organisation, title, key) = if target == Target::Notice {
        let notice = notice_store::one(tx, id).await?.ok_or(Failure::Denied)?;
        let changed = notice_store::set_state(tx, notice.organisation, id, "live", "hidden").await?
            || notice_store::set_state(tx, notice.organisation, id, "waiting", "hidden").await?;
        if !changed {
            return Ok(());
        }
        (notice.organisation, notice.title, "content-hidden")
    } else {
        entry::unpublish(ctx, tx, id).await?;
        (id, String::new(), "entry-hidden")
    };
    let row = store::one(tx, organisation).await?.ok_or(Failure::Denied)?;
    let more = [("grund", because), ("titel", title.as_str())];
    tell_owners_with(ctx, tx, organisation, &row.name, key, &more).await
}
