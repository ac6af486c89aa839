//! Residents: upload and check a list, apply it, search, look at one.

mod store;
pub mod workbook;

pub use workbook::ListRefusal;

use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    letters, municipality,
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    residents::{
        ResidentData,
        column::{Column, Mapping},
        finding::Rule,
        sheet::{self, Checked, Counts, RawTable, Rules},
    },
    text,
};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What the officer has chosen for a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// Which columns mean what.
    pub mapping: Mapping,
    /// Questions that are answered with yes for the whole list.
    pub agreed: Vec<Rule>,
}

/// A draft as the preview shows it. The register is untouched until it is applied.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The draft.
    pub id: Uuid,
    /// A change must name this version.
    pub version: i64,
    /// As uploaded.
    pub file_name: String,
    /// The chosen sheet.
    pub sheet: String,
    /// All sheets with their number of rows.
    pub sheets: Vec<(String, usize)>,
    /// Row of the header.
    pub header_row: u32,
    /// Titles as written.
    pub titles: Vec<String>,
    /// Up to three values per column.
    pub samples: Vec<Vec<String>>,
    /// What was chosen.
    pub choices: Choices,
    /// Required columns that are missing.
    pub missing: Vec<Column>,
    /// Rows and findings.
    pub checked: Checked,
    /// Rows that would be taken now.
    pub taken: usize,
}

/// What applying a list did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// People who were not in the register.
    pub new: usize,
    /// People whose data changed.
    pub changed: usize,
    /// People who were there just like this.
    pub unchanged: usize,
    /// People in the register who must not get letters any more.
    pub banned: usize,
    /// Rows that were not taken.
    pub left_out: usize,
}

/// A list in the history.
#[derive(Clone, Debug)]
pub struct ListLine {
    /// The list.
    pub id: Uuid,
    /// As uploaded.
    pub file_name: String,
    /// `draft`, `applied` or `discarded`.
    pub state: String,
    /// When.
    pub uploaded_at: DateTime<Utc>,
    /// For an applied list.
    pub applied: Option<Applied>,
}

fn bound(id: Uuid) -> Vec<u8> {
    format!("resident-list {id}").into_bytes()
}

/// Takes an upload as a draft: read and judged at once, kept encrypted until it is applied or discarded (a day at most).
pub async fn upload(
    ctx: &Ctx,
    actor: Actor,
    file_name: &str,
    bytes: Vec<u8>,
) -> Result<Uuid, Failure<ListRefusal>> {
    if !actor.may(Permission::ImportResidents) {
        return Err(Failure::Denied);
    }
    let (bytes, tables) = tokio::task::spawn_blocking(move || {
        let tables = workbook::read(&bytes);
        (bytes, tables)
    })
    .await?;
    let tables = tables.map_err(Failure::Refused)?;
    // the sheet with the best header, the first of equals
    let best = tables
        .iter()
        .filter_map(|t| sheet::find_header(t).map(|h| (t, h)))
        .reduce(|a, b| {
            if b.1.guess.known() > a.1.guess.known() {
                b
            } else {
                a
            }
        })
        .ok_or(Failure::Refused(ListRefusal::NoHeader))?;
    let choices = Choices {
        mapping: best.1.guess.clone(),
        agreed: Vec::new(),
    };
    let id = ctx.new_id();
    let sealed = ctx.master.seal(&bytes, &bound(id))?;
    let name: String = text::tidy(file_name.rsplit(['/', '\\']).next().unwrap_or(""))
        .chars()
        .take(120)
        .collect();
    let mut tx = ctx.db.begin().await?;
    let by = actor.account().unwrap_or_default();
    store::insert_list(
        &mut tx,
        id,
        &name,
        &sealed,
        &best.0.name,
        &choices,
        by,
        ctx.clock.now(),
    )
    .await?;
    tx.commit(
        ctx,
        Event::new(actor, "residents.upload")
            .on(id)
            .with("bytes", bytes.len()),
    )
    .await?;
    Ok(id)
}

/// Reads and checks a draft again: nothing but the file and the choices is stored.
pub async fn preview(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<Preview, Failure<ListRefusal>> {
    if !actor.may(Permission::ImportResidents) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let settings = municipality::current_in(&mut tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    let draft = store::draft(&mut tx, id)
        .await?
        .ok_or(Failure::Refused(ListRefusal::Gone))?;
    drop(tx);
    let bytes = ctx.master.open(&draft.content, &bound(id))?;
    let rules = Rules {
        today: ctx.clock.now().date_naive(),
        minimum_age: settings.minimum_age,
    };
    tokio::task::spawn_blocking(move || look(id, &bytes, draft, rules))
        .await?
        .map_err(Failure::Refused)
}

fn look(id: Uuid, bytes: &[u8], draft: store::Draft, rules: Rules) -> Result<Preview, ListRefusal> {
    let tables = workbook::read(bytes)?;
    let sheets = tables.iter().map(|t| (t.name.clone(), t.rows.len())).collect();
    let table = tables
        .into_iter()
        .find(|t| t.name == draft.sheet)
        .unwrap_or_default();
    let header = sheet::find_header(&table).ok_or(ListRefusal::NoHeader)?;
    let samples = samples(&table, header.row, header.titles.len());
    let missing = draft.choices.mapping.missing();
    let checked = if missing.is_empty() {
        sheet::check(&table, header.row, &draft.choices.mapping, rules)
    } else {
        Checked::default()
    };
    let taken = checked.taken(&draft.choices.agreed).len();
    Ok(Preview {
        id,
        version: draft.version,
        file_name: draft.file_name,
        sheet: draft.sheet,
        sheets,
        header_row: header.row,
        titles: header.titles,
        samples,
        choices: draft.choices,
        missing,
        checked,
        taken,
    })
}

fn samples(table: &RawTable, header_row: u32, columns: usize) -> Vec<Vec<String>> {
    (0..columns)
        .map(|i| {
            let mut values: Vec<String> = Vec::new();
            for row in table.rows.iter().filter(|r| r.number > header_row).take(200) {
                let shown = text::tidy(&row.cells.get(i).map(sheet::Cell::shown).unwrap_or_default());
                if !shown.is_empty() && !values.contains(&shown) {
                    values.push(shown.chars().take(40).collect());
                }
                if values.len() == 3 {
                    break;
                }
            }
            values
        })
        .collect()
}

/// Changes sheet, mapping or answers of a draft.
pub async fn choose(
    ctx: &Ctx,
    actor: Actor,
    id: Uuid,
    version: i64,
    sheet_name: &str,
    choices: Choices,
) -> Result<(), Failure<ListRefusal>> {
    let before = preview(ctx, actor, id).await?;
    if before.version != version {
        return Err(Failure::Refused(ListRefusal::Stale));
    }
    let mut seen = Vec::new();
    for column in choices.mapping.0.iter().flatten() {
        if seen.contains(column) {
            return Err(Failure::Refused(ListRefusal::DoubleColumn));
        }
        seen.push(*column);
    }
    let other_sheet = before.sheet != sheet_name && before.sheets.iter().any(|(name, _)| name == sheet_name);
    // another sheet has other columns: guess anew. Reading a large file must not hold the writer.
    let (sheet_name, choices) = if other_sheet {
        let mut tx = ctx.db.read().await?;
        let draft = store::draft(&mut tx, id)
            .await?
            .ok_or(Failure::Refused(ListRefusal::Gone))?;
        drop(tx);
        let bytes = ctx.master.open(&draft.content, &bound(id))?;
        let wanted = sheet_name.to_owned();
        let header = tokio::task::spawn_blocking(move || {
            let table = workbook::read(&bytes)
                .ok()?
                .into_iter()
                .find(|t| t.name == wanted)?;
            sheet::find_header(&table)
        })
        .await?
        .ok_or(Failure::Refused(ListRefusal::NoHeader))?;
        (
            sheet_name,
            Choices {
                mapping: header.guess,
                agreed: Vec::new(),
            },
        )
    } else {
        (before.sheet.as_str(), choices)
    };
    let mut tx = ctx.db.begin().await?;
    changed(store::set_choices(&mut tx, id, version, sheet_name, &choices).await?)?;
    Ok(tx
        .commit(ctx, Event::new(actor, "residents.choose").on(id))
        .await?)
}

fn changed(done: bool) -> Result<(), Failure<ListRefusal>> {
    if done {
        Ok(())
    } else {
        Err(Failure::Refused(ListRefusal::Stale))
    }
}

/// Throws a draft away, with its upload.
pub async fn discard(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure<ListRefusal>> {
    if !actor.may(Permission::ImportResidents) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.begin().await?;
    if !store::end_list(&mut tx, id, "discarded", None, ctx.clock.now()).await? {
        return Err(Failure::Refused(ListRefusal::Gone));
    }
    Ok(tx
        .commit(ctx, Event::new(actor, "residents.discard").on(id))
        .await?)
}

/// Applies a draft in one transaction: all of it or nothing. People who are not in the list stay as they are.
/// Applying the same list twice changes nothing.
pub async fn apply(ctx: &Ctx, actor: Actor, id: Uuid, version: i64) -> Result<Applied, Failure<ListRefusal>> {
    let preview = preview(ctx, actor, id).await?;
    if preview.version != version {
        return Err(Failure::Refused(ListRefusal::Stale));
    }
    if !preview.missing.is_empty() {
        return Err(Failure::Refused(ListRefusal::MissingColumn));
    }
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    // one import after the other; of two who press the button at once, the second finds the draft gone
    audit::lock(&mut tx).await?;
    let counts = apply_rows(ctx, &mut tx, &preview, actor, now).await?;
    if !store::end_list(&mut tx, id, "applied", Some(&counts), now).await? {
        return Err(Failure::Refused(ListRefusal::Gone));
    }
    let event = Event::new(actor, "residents.apply")
        .on(id)
        .with("new", counts.new)
        .with("changed", counts.changed)
        .with("unchanged", counts.unchanged)
        .with("banned", counts.banned)
        .with("left_out", counts.left_out);
    tx.commit(ctx, event).await?;
    Ok(counts)
}

async fn apply_rows(
    ctx: &Ctx,
    tx: &mut Tx,
    preview: &Preview,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<Applied, Failure<ListRefusal>> {
    let known = store::known(tx).await?;
    let mut by_number: HashMap<&str, usize> = HashMap::new();
    let mut by_identity: HashMap<&str, usize> = HashMap::new();
    for (i, row) in known.iter().enumerate() {
        if let Some(number) = &row.register_number {
            by_number.insert(number, i);
        }
        by_identity.insert(&row.identity, i);
    }
    // two different numbers are two people, however alike they look (father and son at one address)
    let find = |data: &ResidentData, identity: &str| {
        let by_number = data
            .register_number
            .as_deref()
            .and_then(|n| by_number.get(n))
            .map(|i| &known[*i]);
        let alike = || by_identity.get(identity).map(|i| &known[*i]);
        by_number
            .or_else(|| alike().filter(|k| k.register_number.is_none() || data.register_number.is_none()))
    };
    let taken = preview.checked.taken(&preview.choices.agreed);
    let mut counts = Applied {
        left_out: preview.checked.rows.len() - taken.len(),
        ..Applied::default()
    };
    let mut new: Vec<(Uuid, &ResidentData)> = Vec::new();
    for row in &taken {
        match find(&row.data, &row.data.identity()) {
            None => new.push((ctx.new_id(), &row.data)),
            Some(known) => {
                let before = store::data(tx, known.id).await?;
                if before.as_ref().is_some_and(|b| b.0 == row.data && !b.1) {
                    counts.unchanged += 1;
                } else {
                    store::update(tx, known.id, &row.data, now).await?;
                    counts.changed += 1;
                }
            }
        }
    }
    counts.new = new.len();
    store::insert_all(tx, &new, now).await?;
    // who died, moved away or is blocked, and stands in the register, gets no letters from now on
    let stopped: HashSet<u32> = preview
        .checked
        .findings
        .iter()
        .filter(|f| f.rule.stops_letters())
        .map(|f| f.row)
        .collect();
    for row in preview.checked.rows.iter().filter(|r| stopped.contains(&r.row)) {
        if let Some(known) = find(&row.data, &row.data.identity()).filter(|k| !k.letter_ban) {
            store::ban(tx, known.id, now).await?;
            letters::revoke_open(ctx, tx, actor, known.id).await?;
            counts.banned += 1;
        }
    }
    Ok(counts)
}

/// The history of lists, newest first.
pub async fn lists(ctx: &Ctx, actor: Actor) -> Result<Vec<ListLine>, Failure> {
    if !actor.may(Permission::ImportResidents) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::lists(&mut tx).await?)
}

/// Checks a file without storing anything: for the command line.
pub fn check_file(bytes: &[u8], rules: Rules) -> Result<(sheet::Header, Checked), ListRefusal> {
    let tables = workbook::read(bytes)?;
    let (table, header) = tables
        .into_iter()
        .filter_map(|t| sheet::find_header(&t).map(|h| (t, h)))
        .reduce(|a, b| {
            if b.1.guess.known() > a.1.guess.known() {
                b
            } else {
                a
            }
        })
        .ok_or(ListRefusal::NoHeader)?;
    let checked = sheet::check(&table, header.row, &header.guess, rules);
    Ok((header, checked))
}

/// Which residents are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResidentFilter {
    /// All.
    #[default]
    All,
    /// With an account.
    Registered,
    /// With an open letter.
    Open,
    /// Neither account nor open letter.
    Waiting,
}

impl ResidentFilter {
    /// All filters.
    pub const ALL: [ResidentFilter; 4] = [
        ResidentFilter::All,
        ResidentFilter::Registered,
        ResidentFilter::Open,
        ResidentFilter::Waiting,
    ];

    /// Its name in addresses.
    pub fn key(self) -> &'static str {
        match self {
            ResidentFilter::All => "all",
            ResidentFilter::Registered => "registered",
            ResidentFilter::Open => "open",
            ResidentFilter::Waiting => "waiting",
        }
    }

    /// The filter with this name; all otherwise.
    pub fn parse(key: &str) -> Self {
        Self::ALL.into_iter().find(|f| f.key() == key).unwrap_or_default()
    }
}

/// What is searched.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Words; each must begin a word of the name or the address.
    pub words: String,
    /// Which residents.
    pub filter: ResidentFilter,
    /// Only this district.
    pub district: String,
    /// Continue after this place: the sort key and the id of the last line.
    pub after: Option<(String, Uuid)>,
}

/// A resident in the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ResidentLine {
    /// The resident.
    pub id: Uuid,
    /// Place in the order.
    pub sort_key: String,
    /// Family name.
    pub family_name: String,
    /// Given names.
    pub given_names: String,
    /// Street.
    pub street: String,
    /// House number.
    pub house_number: String,
    /// Postcode.
    pub postcode: String,
    /// Place.
    pub city: String,
    /// Part of the municipality.
    pub district: Option<String>,
    /// State of the newest letter.
    pub letter_state: Option<String>,
    /// Has an account.
    pub registered: bool,
}

/// Lines of one page of the list.
pub const PAGE: i64 = 50;

/// One page of residents.
pub async fn search(ctx: &Ctx, actor: Actor, search: &Search) -> Result<Vec<ResidentLine>, Failure> {
    if !actor.may(Permission::SeeResidents) {
        return Err(Failure::Denied);
    }
    let folded = text::fold(&search.words);
    let words: Vec<&str> = folded.split(' ').filter(|w| !w.is_empty()).take(6).collect();
    let mut tx = ctx.db.read().await?;
    Ok(store::search(&mut tx, &words, search).await?)
}

/// A resident with everything the page shows.
#[derive(Clone, Debug)]
pub struct ResidentPage {
    /// The data.
    pub data: ResidentData,
    /// No letters (the reason is not kept and not shown).
    pub letter_ban: bool,
    /// Has an account.
    pub registered: bool,
    /// In the register since.
    pub created_at: DateTime<Utc>,
    /// All letters, newest first.
    pub letters: Vec<letters::LetterLine>,
}

/// One resident.
pub async fn show(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<ResidentPage, Failure> {
    if !actor.may(Permission::SeeResidents) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    let (data, letter_ban, registered, created_at) =
        store::page(&mut tx, id).await?.ok_or(Failure::Denied)?;
    let letters = letters::of_resident(&mut tx, id).await?;
    Ok(ResidentPage {
        data,
        letter_ban,
        registered,
        created_at,
        letters,
    })
}

/// Districts with at least one resident.
pub async fn districts(ctx: &Ctx, actor: Actor) -> Result<Vec<String>, Failure> {
    if !actor.may(Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::districts(&mut tx).await?)
}

/// How many residents there are, and how many of them have an account.
pub async fn totals(ctx: &Ctx, actor: Actor) -> Result<(i64, i64), Failure> {
    if !actor.may(Permission::SeeDashboard) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::totals(&mut tx).await?)
}

/// The data of a resident, inside another feature's transaction.
pub(crate) async fn data(tx: &mut Tx, id: Uuid) -> db::Result<Option<(ResidentData, bool)>> {
    store::data(tx, id).await
}

/// Forgets drafts that nobody finished within a day.
pub(crate) async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> db::Result<()> {
    store::sweep(tx, now - Duration::days(1), now).await
}

/// Counts of a check, for the command line.
pub fn counts(checked: &Checked) -> Counts {
    checked.counts()
}
