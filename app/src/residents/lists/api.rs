//! What the table of a draft asks the server, and what crosses the wire.

use domain::residents::{check::Rules, column::Column, finding::Finding, sheet::Cell};
use leptos::{prelude::*, server, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

/// A draft, as the table begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Opened {
    /// Version of the list.
    pub version: i64,
    /// Name of the sheet.
    pub sheet: String,
    /// Columns with a meaning, in the order of the sheet.
    pub columns: Vec<Column>,
    /// By what the server judges.
    pub rules: Rules,
    /// Numbers of the rows, as runs: first and count.
    pub runs: Vec<(u32, u32)>,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridRow {
    /// As the spreadsheet counts.
    pub row: u32,
    /// What happens to it: key of the fate.
    pub fate: String,
    /// A change must name this version.
    pub version: i64,
    /// Somebody decided.
    pub decided: bool,
    /// Somebody changed it, and that can be taken back.
    pub edited: bool,
    /// May be somebody of the register, or not.
    pub doubtful: bool,
    /// The person of the register whom a doubtful row may mean.
    pub perhaps: Option<String>,
    /// Cells by meaning.
    pub cells: Vec<(Column, Cell)>,
    /// Hidden in the sheet.
    pub hidden: bool,
    /// In a merged cell.
    pub merged: bool,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// What somebody does to a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Types into a cell.
    Cell(Column, String),
    /// Takes it over in spite of its questions.
    Take,
    /// Says that it is the person of the register who is doubtful.
    Same,
    /// Says that it is a new person.
    New,
    /// Leaves it out.
    Leave,
    /// Takes a decision back.
    Undecide,
    /// Takes the last change back.
    Undo,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Changed {
    /// Done: the row as it is now.
    Done(GridRow),
    /// Refused, because somebody else changed the row: as it is now.
    Stale(GridRow),
    /// The row or the draft is not there any more.
    Gone,
}

/// What happened since somebody looked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct News {
    /// Version of the list.
    pub version: i64,
    /// Is it still a draft?
    pub draft: bool,
    /// Name of the sheet, and columns with a meaning: if they are others now, the rows are, too.
    pub sheet: String,
    /// See there.
    pub columns: Vec<Column>,
    /// Rows that changed.
    pub rows: Vec<u32>,
    /// So many changed that everything is to be fetched anew.
    pub all: bool,
    /// Rows by key of the fate, if something changed.
    pub fates: Option<Vec<(String, i64)>>,
    /// Who else is there, and at which row.
    pub others: Vec<(String, Option<u32>)>,
}

/// The request, the member of staff and the list.
#[cfg(feature = "ssr")]
fn staff(list: &str) -> Result<(crate::portal::Rq, domain::access::Actor, uuid::Uuid), ServerFnError> {
    let rq = crate::server::rq()?;
    let actor = rq
        .staff(domain::access::Permission::ImportResidents)
        .map_err(|_| denied())?;
    let list = uuid::Uuid::parse_str(list).map_err(|_| denied())?;
    Ok((rq, actor, list))
}

#[cfg(feature = "ssr")]
fn denied() -> ServerFnError {
    ServerFnError::new("denied")
}

#[cfg(feature = "ssr")]
fn grid_row(row: backend::residents::lists::RowView) -> GridRow {
    let doubtful = row.plan == Some(backend::residents::lists::Plan::Doubtful);
    GridRow {
        perhaps: row.resident.filter(|_| doubtful).map(|id| id.to_string()),
        row: u32::try_from(row.row).unwrap_or(0),
        fate: row.fate.key().to_owned(),
        version: row.version,
        decided: row.decision.is_some(),
        edited: row.edited,
        doubtful,
        cells: row.cells,
        hidden: row.hidden,
        merged: row.merged,
        findings: row.findings,
    }
}

/// Columns with a meaning, but for the running number.
#[cfg(feature = "ssr")]
fn columns(mapping: &domain::residents::column::Mapping) -> Vec<Column> {
    let known = mapping.0.iter().flatten().copied();
    known.filter(|c| *c != Column::RunningNumber).collect()
}

/// Opens the table of a draft with the rows of a filter (as in addresses: `stand=open`).
#[server(prefix = "/api", endpoint = "list-open", input = Json)]
pub async fn list_open(list: String, filter: String) -> Result<Opened, ServerFnError> {
    use backend::residents::{self, lists};
    let (rq, actor, id) = staff(&list)?;
    let (filter, _) = super::rows::filter_of(&crate::portal::Fields::parse(&filter));
    let draft = residents::preview(&rq.ctx, actor, id)
        .await
        .map_err(|_| denied())?;
    let rules = lists::rules_of(&rq.ctx, actor, id).await.map_err(|_| denied())?;
    let numbers = lists::numbers(&rq.ctx, actor, id, filter)
        .await
        .map_err(|_| denied())?;
    Ok(Opened {
        version: draft.version,
        columns: columns(&draft.choices.mapping),
        sheet: draft.sheet,
        rules,
        runs: super::window::runs(numbers.into_iter().filter_map(|n| u32::try_from(n).ok())),
    })
}

/// Some rows; those that are not there any more are missing.
#[server(prefix = "/api", endpoint = "list-rows", input = Json)]
pub async fn list_rows(list: String, rows: Vec<u32>) -> Result<Vec<GridRow>, ServerFnError> {
    let (rq, actor, id) = staff(&list)?;
    let numbers: Vec<i64> = rows.into_iter().map(i64::from).collect();
    let rows = backend::residents::lists::some_rows(&rq.ctx, actor, id, &numbers)
        .await
        .map_err(|_| denied())?;
    Ok(rows.into_iter().map(grid_row).collect())
}

/// Changes a row.
#[server(prefix = "/api", endpoint = "list-change", input = Json)]
pub async fn list_change(
    list: String,
    row: u32,
    version: i64,
    change: Change,
) -> Result<Changed, ServerFnError> {
    use backend::{
        Failure,
        residents::{
            ListRefusal,
            lists::{self, Decision},
        },
    };
    let (rq, actor, id) = staff(&list)?;
    let (ctx, number) = (&rq.ctx, i64::from(row));
    let decide = |decision| lists::decide_row(ctx, actor, id, number, version, decision);
    let result = match change {
        Change::Cell(column, text) => {
            lists::change_row(ctx, actor, id, number, version, &[(column, text)]).await
        }
        Change::Take => decide(Some(Decision::Take)).await,
        Change::Same => decide(Some(Decision::Same)).await,
        Change::New => decide(Some(Decision::New)).await,
        Change::Leave => decide(Some(Decision::Leave)).await,
        Change::Undecide => decide(None).await,
        Change::Undo => lists::undo_row(ctx, actor, id, number, version).await.map(|_| ()),
    };
    let stale = match result {
        Ok(()) => false,
        Err(Failure::Refused(ListRefusal::Stale)) => true,
        Err(Failure::Refused(_)) => return Ok(Changed::Gone),
        Err(_) => return Err(denied()),
    };
    let now = lists::some_rows(ctx, actor, id, &[number])
        .await
        .map_err(|_| denied())?;
    Ok(match now.into_iter().next().map(grid_row) {
        Some(row) if stale => Changed::Stale(row),
        Some(row) => Changed::Done(row),
        None => Changed::Gone,
    })
}

/// Tells where somebody is, and asks what happened since a version of the list.
#[server(prefix = "/api", endpoint = "list-watch", input = Json)]
pub async fn list_watch(list: String, since: i64, row: Option<u32>) -> Result<News, ServerFnError> {
    use backend::{Failure, residents::lists};
    let (rq, actor, id) = staff(&list)?;
    let seen = match lists::watch(&rq.ctx, actor, id, since, row.map(i64::from)).await {
        Ok(seen) => seen,
        Err(Failure::Refused(_)) => {
            return Ok(News {
                version: since,
                draft: false,
                sheet: String::new(),
                columns: Vec::new(),
                rows: Vec::new(),
                all: false,
                fates: None,
                others: Vec::new(),
            });
        }
        Err(_) => return Err(denied()),
    };
    let small = |n: i64| u32::try_from(n).ok();
    Ok(News {
        version: seen.version,
        draft: seen.state == "draft",
        columns: columns(&seen.mapping),
        sheet: seen.sheet,
        rows: seen.rows.into_iter().filter_map(small).collect(),
        all: seen.all,
        fates: seen.fates.map(|mut fates| {
            fates.sort();
            fates
                .into_iter()
                .map(|(fate, n)| (fate.key().to_owned(), n))
                .collect()
        }),
        others: seen
            .others
            .into_iter()
            .map(|o| (o.name, o.row.and_then(small)))
            .collect(),
    })
}
