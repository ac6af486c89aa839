//! Several people at one draft: what changed since somebody looked, who else is there.

use super::{Fate, ListRefusal, RowFilter, RowView, may, row_store, rows, rules, store};
use crate::{Ctx, Failure};
use chrono::Duration;
use domain::{
    access::Actor,
    residents::{check::Rules, column::Mapping},
};
use uuid::Uuid;

/// Rows that are given at once.
pub const MOST_ROWS: usize = 200;

/// Changed rows that are named; of more, only that there are more.
const MOST_CHANGES: i64 = 500;

/// Seconds after which somebody who does not answer is not there any more.
const THERE: i64 = 12;

/// Seconds after which somebody's line is written anew.
const AGAIN: i64 = 5;

/// Somebody else who has the draft open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// As the account is called.
    pub name: String,
    /// Where.
    pub row: Option<i64>,
}

/// What happened since somebody looked.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Version of the list.
    pub version: i64,
    /// `draft`, or what became of it.
    pub state: String,
    /// Name of the sheet.
    pub sheet: String,
    /// What its columns mean.
    pub mapping: Mapping,
    /// Rows that changed.
    pub rows: Vec<i64>,
    /// So many changed that everything is to be fetched anew.
    pub all: bool,
    /// Rows by fate, if something changed.
    pub fates: Option<Vec<(Fate, i64)>>,
    /// Who else is there.
    pub others: Vec<Colleague>,
}

/// The numbers of all rows of a filter, in order.
pub async fn numbers(
    ctx: &Ctx,
    actor: Actor,
    list: Uuid,
    filter: RowFilter,
) -> Result<Vec<i64>, Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    Ok(row_store::numbers(&mut tx, row_store::View { list, filter }).await?)
}

/// These rows ([`MOST_ROWS`] at most).
pub async fn some_rows(
    ctx: &Ctx,
    actor: Actor,
    list: Uuid,
    numbers: &[i64],
) -> Result<Vec<RowView>, Failure<ListRefusal>> {
    may(actor)?;
    let numbers = &numbers[..numbers.len().min(MOST_ROWS)];
    let mut tx = ctx.db.read().await?;
    let all = row_store::View {
        list,
        filter: RowFilter::All,
    };
    let stored = row_store::some(&mut tx, all, numbers).await?;
    stored.iter().map(|s| rows::view(ctx, list, s)).collect()
}

/// The rules by which the rows of this draft are judged: for judging in the browser too.
pub async fn rules_of(ctx: &Ctx, actor: Actor, list: Uuid) -> Result<Rules, Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    let draft = store::draft(&mut tx, list)
        .await?
        .ok_or(Failure::Refused(ListRefusal::Gone))?;
    Ok(Rules {
        // only text files have a sheet without a name
        plain_text: draft.sheet.is_empty(),
        ..rules(ctx, &mut tx).await?
    })
}

/// Notes where somebody is, and tells what happened since a version of the list.
pub async fn watch(
    ctx: &Ctx,
    actor: Actor,
    list: Uuid,
    since: i64,
    row: Option<i64>,
) -> Result<Watched, Failure<ListRefusal>> {
    may(actor)?;
    let me = actor.account().unwrap_or_default();
    let now = ctx.clock.now();
    let mut tx = ctx.db.read().await?;
    let Some(draft) = store::draft(&mut tx, list).await? else {
        return Err(Failure::Refused(ListRefusal::Gone));
    };
    let mut rows = match draft.version == since {
        true => Vec::new(),
        false => {
            let view = row_store::View {
                list,
                filter: RowFilter::All,
            };
            row_store::changed_since(&mut tx, view, since, MOST_CHANGES + 1).await?
        }
    };
    let all = rows.len() > usize::try_from(MOST_CHANGES).unwrap_or(0);
    if all {
        rows.clear();
    }
    let fates = match draft.version == since {
        true => None,
        false => Some(super::fates(row_store::by_fate(&mut tx, list).await?)),
    };
    let others = row_store::watchers(&mut tx, list, me, now - Duration::seconds(THERE)).await?;
    let before = row_store::watcher(&mut tx, list, me).await?;
    drop(tx);
    let fresh = before.is_some_and(|(place, at)| place == row && now - at < Duration::seconds(AGAIN));
    if !fresh && actor.account().is_some() {
        // whoever writes something that matters goes first: then colleagues see this a moment later
        let write = async {
            let mut tx = ctx.db.begin().await?;
            row_store::set_watcher(&mut tx, list, me, row, now).await?;
            tx.commit_unaudited("who looks at a draft: worth some seconds, changes nothing")
                .await
        };
        let _ = tokio::time::timeout(std::time::Duration::from_millis(200), write).await;
    }
    let others = others
        .into_iter()
        .map(|(name, row)| Colleague { name, row })
        .collect();
    Ok(Watched {
        version: draft.version,
        state: draft.state,
        sheet: draft.sheet,
        mapping: draft.choices.mapping,
        rows,
        all,
        fates,
        others,
    })
}
