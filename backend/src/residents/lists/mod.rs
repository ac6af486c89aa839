//! Resident lists: upload, check, repair by people, take over. A draft lives in the store, row by row and encrypted: it
//! survives reload, crash and the change of colleagues; the register is untouched until it is applied.

mod apply;
mod file;
mod plan;
mod reading;
mod row_store;
mod rows;
mod store;
mod together;

pub use apply::{apply, apply_job, take_over};
pub(crate) use apply::{change, leave};
pub use plan::{Consequences, Plan, WHILE_WAITING, consequences, find_out, preview_consequences};
pub(crate) use plan::{Match, find, tombstone};
pub use reading::{FileReport, check_file, read_job};
pub use rows::{Change, PAGE, RowPage, RowView, change_row, decide_row, row, rows, undo_row};
pub use together::{Colleague, MOST_ROWS, Watched, numbers, rules_of, some_rows, watch};

use super::workbook::{self, Book, ListRefusal};
use crate::{
    Ctx, Failure,
    audit::{self, Event},
    db::{self, Tx},
    jobs::{self, Job},
    municipality,
};
use chrono::{DateTime, Duration, Utc};
use domain::{
    access::{Actor, Permission},
    residents::{
        check::Rules,
        column::{Column, Confidence, Mapping},
        finding::{Rule, Severity},
        notes::Note,
        sheet::{self, Header},
    },
    text,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the officer has chosen for a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// Which columns mean what.
    pub mapping: Mapping,
    /// Questions that are answered with yes for the whole list.
    pub agreed: Vec<Rule>,
    /// The list is complete: who is not in it is no resident any more.
    #[serde(default)]
    pub complete: bool,
}

/// What is known of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// All sheets.
    pub sheets: Vec<workbook::SheetInfo>,
    /// Header of the chosen sheet.
    pub header: Header,
    /// Up to three values per column.
    pub samples: Vec<Vec<String>>,
    /// What is said about the list as a whole.
    pub notes: Vec<Note>,
    /// Rows read so far.
    pub read: i64,
}

/// What happens to a row when the list is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// Taken.
    Take,
    /// Waits for a decision.
    Open,
    /// Left out, as somebody decided.
    Leave,
    /// No letter.
    Block,
    /// No person, or a repetition.
    Drop,
}

impl Fate {
    /// All.
    pub const ALL: [Fate; 5] = [Fate::Take, Fate::Open, Fate::Leave, Fate::Block, Fate::Drop];

    /// Stored name.
    pub fn key(self) -> &'static str {
        match self {
            Fate::Take => "take",
            Fate::Open => "open",
            Fate::Leave => "leave",
            Fate::Block => "block",
            Fate::Drop => "drop",
        }
    }

    /// The fate with this name.
    pub fn parse(key: &str) -> Option<Fate> {
        Fate::ALL.into_iter().find(|f| f.key() == key)
    }

    /// Of a row with these findings and this decision.
    fn of(
        worst: Option<Severity>,
        dropped: bool,
        decision: Option<Decision>,
        rules: &[Rule],
        agreed: &[Rule],
    ) -> Fate {
        let asks = || {
            rules
                .iter()
                .any(|r| r.severity() == Severity::Ask && !agreed.contains(r))
        };
        match (dropped, worst, decision) {
            (true, ..) => Fate::Drop,
            (_, Some(Severity::Block), _) => Fate::Block,
            (_, _, Some(Decision::Leave)) => Fate::Leave,
            (_, Some(Severity::Ask), None) if asks() => Fate::Open,
            _ => Fate::Take,
        }
    }
}

/// What somebody decided about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Taken, in spite of its questions.
    Take,
    /// Left out.
    Leave,
    /// Taken, and it is the person of the register who was doubtful.
    Same,
    /// Taken, and it is not that person.
    New,
}

impl Decision {
    const ALL: [Decision; 4] = [Decision::Take, Decision::Leave, Decision::Same, Decision::New];

    /// Stored name.
    fn key(self) -> &'static str {
        match self {
            Decision::Take => "yes",
            Decision::Leave => "no",
            Decision::Same => "same",
            Decision::New => "new",
        }
    }

    fn parse(key: Option<&str>) -> Option<Self> {
        Self::ALL.into_iter().find(|d| Some(d.key()) == key)
    }
}

/// Which rows are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowFilter {
    /// All.
    #[default]
    All,
    /// Of this fate.
    Fate(Fate),
    /// With a finding of this rule.
    Rule(Rule),
    /// With this consequence.
    Plan(Plan),
    /// That somebody changed.
    Edited,
}

/// A draft as the screen shows it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The draft.
    pub id: Uuid,
    /// A change of the list must name this version.
    pub version: i64,
    /// `reading`, `draft`, `applying` or `failed`.
    pub state: String,
    /// As uploaded.
    pub file_name: String,
    /// The chosen sheet.
    pub sheet: String,
    /// What is known of the file.
    pub meta: Meta,
    /// What was chosen.
    pub choices: Choices,
    /// Required columns that are missing.
    pub missing: Vec<Column>,
    /// Rows by fate.
    pub fates: Vec<(Fate, i64)>,
    /// Rules with findings: rows, and rows that wait.
    pub rules: Vec<(Rule, i64, i64)>,
    /// Why reading failed.
    pub problem: Option<String>,
    /// Rows that are in the register already, while the list is being applied.
    pub applied: i64,
}

impl Draft {
    /// Rows of a fate.
    pub fn count(&self, fate: Fate) -> i64 {
        self.fates.iter().find(|(f, _)| *f == fate).map_or(0, |(_, n)| *n)
    }

    /// All rows.
    pub fn rows(&self) -> i64 {
        self.fates.iter().map(|(_, n)| n).sum()
    }
}

/// What applying a list did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
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
    /// Of the changed: moved within the municipality.
    pub moved: usize,
    /// Of the changed: have another name.
    pub renamed: usize,
    /// People who are no residents any more: deceased, moved away, or missing in a complete list.
    pub gone: usize,
    /// Of the new: people who were here before.
    pub returned: usize,
}

/// A list in the history.
#[derive(Clone, Debug)]
pub struct ListLine {
    /// The list.
    pub id: Uuid,
    /// As uploaded.
    pub file_name: String,
    /// `reading`, `draft`, `failed`, `applying`, `applied` or `discarded`.
    pub state: String,
    /// When.
    pub uploaded_at: DateTime<Utc>,
    /// For an applied list.
    pub applied: Option<Applied>,
    /// Somebody stopped the reading.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Who did, if the account still exists.
    pub cancelled_by: Option<String>,
}

/// Up to so many bytes are read at once, while the browser waits; larger files by a job.
const AT_ONCE: usize = 600_000;

/// Days after which a draft that nobody finished is thrown away.
pub const DRAFT_DAYS: i64 = 7;

fn bound(id: Uuid) -> Vec<u8> {
    format!("resident-list {id}").into_bytes()
}

impl Meta {
    /// As it is stored: it holds samples of names.
    fn seal(&self, ctx: &Ctx, id: Uuid) -> Result<Vec<u8>, Failure<ListRefusal>> {
        Ok(ctx.master.seal(&serde_json::to_vec(self)?, &bound(id))?)
    }

    fn open(ctx: &Ctx, id: Uuid, sealed: Option<&[u8]>) -> Result<Self, Failure<ListRefusal>> {
        match sealed {
            Some(sealed) => Ok(serde_json::from_slice(&ctx.master.open(sealed, &bound(id))?)?),
            None => Ok(Meta::default()),
        }
    }
}

/// What the register says to a list tells who is in it; so lists are for those who may see everybody who is.
pub(crate) fn keeps_register(actor: Actor) -> bool {
    actor.may(Permission::ImportResidents) && sees_blocks(actor)
}

fn may(actor: Actor) -> Result<(), Failure<ListRefusal>> {
    if keeps_register(actor) {
        Ok(())
    } else {
        Err(Failure::Denied)
    }
}

/// People with a register block exist only for few.
pub(crate) fn sees_blocks(actor: Actor) -> bool {
    actor.may(Permission::SeeBlocks)
}

/// The rules of this town, today.
async fn rules(ctx: &Ctx, tx: &mut Tx) -> Result<Rules, Failure<ListRefusal>> {
    let settings = municipality::current_in(tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    Ok(Rules {
        today: domain::time::local(ctx.clock.now()).date(),
        minimum_age: settings.minimum_age,
        crowd: settings.crowd,
        plain_text: false,
    })
}

/// Takes an upload as a draft. A small file is read and judged at once, a large one by a job; it is kept encrypted
/// until the list is applied or thrown away (a week at most).
pub async fn upload(
    ctx: &Ctx,
    actor: Actor,
    file_name: &str,
    bytes: Vec<u8>,
) -> Result<Uuid, Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    let rules = rules(ctx, &mut tx).await?;
    let titles = store::titles(&mut tx).await?;
    drop(tx);
    let (bytes, looked) = tokio::task::spawn_blocking(move || {
        let looked = Book::open(&bytes).and_then(|mut book| look(&mut book, None, &titles, rules));
        (bytes, looked)
    })
    .await?;
    let (sheet, meta) = looked.map_err(Failure::Refused)?;
    let choices = Choices {
        mapping: meta.header.guess.clone(),
        ..Choices::default()
    };
    let id = ctx.new_id();
    let meta = meta.seal(ctx, id)?;
    let name: String = text::tidy(file_name.rsplit(['/', '\\']).next().unwrap_or(""))
        .chars()
        .take(120)
        .collect();
    let by = actor.account().unwrap_or_default();
    let now = ctx.clock.now();
    let mut tx = ctx.db.begin().await?;
    store::insert_list(&mut tx, id, &name, &sheet, &choices, &meta, by, now).await?;
    file::put(ctx, &mut tx, id, &bytes).await?;
    let at_once = bytes.len() <= AT_ONCE;
    jobs::enqueue(ctx, &mut tx, Job::ReadList(id), begin_after(now, at_once)).await?;
    tx.commit(
        ctx,
        Event::new(actor, "residents.upload")
            .on(id)
            .with("bytes", bytes.len()),
    )
    .await?;
    if at_once {
        reading::read(ctx, id, bytes).await?;
    }
    Ok(id)
}

/// A job for what is also done at once stands by, for the case that the process dies.
fn begin_after(now: DateTime<Utc>, at_once: bool) -> DateTime<Utc> {
    if at_once { now + Duration::seconds(60) } else { now }
}

/// Header, samples and meanings of a sheet: of the wanted one, or of the one with the best header.
fn look(
    book: &mut Book<'_>,
    wanted: Option<&str>,
    titles: &[(String, String)],
    rules: Rules,
) -> Result<(String, Meta), ListRefusal> {
    let sheets = book.sheets().to_vec();
    let mut best: Option<(String, Header, sheet::RawTable)> = None;
    let mut filled = false;
    for info in sheets.iter().filter(|s| wanted.is_none_or(|w| w == s.name)) {
        let head = book.head(&info.name, sheet::HEADER_ROWS + 200)?;
        filled |= !head.rows.is_empty();
        let Some(mut header) = sheet::find_header(&head, rules.today) else {
            continue;
        };
        recall(&mut header, titles);
        // a hidden sheet only if no other one will do
        let rank = |h: &Header, name: &str| {
            let hidden = sheets.iter().any(|s| s.name == name && s.hidden);
            (!hidden, h.guess.known())
        };
        if best
            .as_ref()
            .is_none_or(|(name, h, _)| rank(&header, &info.name) > rank(h, name))
        {
            best = Some((info.name.clone(), header, head));
        }
    }
    if !filled {
        return Err(ListRefusal::Empty);
    }
    let (name, header, head) = best.ok_or(ListRefusal::NoHeader)?;
    let samples = samples(&head, header.row, header.titles.len());
    let meta = Meta {
        sheets,
        header,
        samples,
        notes: Vec::new(),
        read: 0,
    };
    Ok((name, meta))
}

/// Meanings that somebody gave to titles before.
fn recall(header: &mut Header, titles: &[(String, String)]) {
    for (i, title) in header.titles.iter().enumerate() {
        let folded = text::fold(title);
        let Some((_, meaning)) = titles.iter().find(|(t, _)| *t == folded) else {
            continue;
        };
        let column = Column::parse(meaning);
        if let Some(place) = column.and_then(|c| header.guess.place(c)).filter(|p| *p != i) {
            (header.guess.0[place], header.confidence[place]) = (None, None);
        }
        header.guess.0[i] = column;
        header.confidence[i] = column.map(|_| Confidence::Sure);
    }
}

/// Values of each column.
fn samples(table: &sheet::RawTable, header_row: u32, columns: usize) -> Vec<Vec<String>> {
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

fn fates(counts: Vec<(String, i64)>) -> Vec<(Fate, i64)> {
    counts
        .into_iter()
        .filter_map(|(key, n)| Some((Fate::parse(&key)?, n)))
        .collect()
}

/// A draft with its counts.
pub async fn preview(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<Draft, Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.read().await?;
    let draft = store::draft(&mut tx, id)
        .await?
        .ok_or(Failure::Refused(ListRefusal::Gone))?;
    let fates = row_store::by_fate(&mut tx, id).await?;
    let rules = row_store::by_rule(&mut tx, id).await?;
    let applied = match draft.state.as_str() {
        "applying" => row_store::count_applied(&mut tx, id).await?,
        _ => 0,
    };
    drop(tx);
    let mut rules: Vec<(Rule, i64, i64)> = rules
        .into_iter()
        .filter_map(|(key, rows, open)| Some((Rule::parse(&key)?, rows, open)))
        .collect();
    // the worst first
    rules.sort_by_key(|(rule, ..)| (std::cmp::Reverse(rule.severity()), *rule));
    Ok(Draft {
        id,
        version: draft.version,
        state: draft.state,
        file_name: draft.file_name,
        sheet: draft.sheet,
        missing: draft.choices.mapping.missing(),
        meta: Meta::open(ctx, id, draft.meta.as_deref())?,
        choices: draft.choices,
        fates: self::fates(fates),
        rules,
        problem: draft.problem,
        applied,
    })
}

/// Changes sheet, mapping or answers of a draft. Another sheet or mapping reads the file anew; what people changed by
/// hand is lost then.
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
    if !["draft", "failed"].contains(&before.state.as_str()) {
        return Err(Failure::Refused(ListRefusal::Busy));
    }
    let mut seen = Vec::new();
    for column in choices
        .mapping
        .0
        .iter()
        .flatten()
        .filter(|c| **c != Column::Block)
    {
        if seen.contains(column) {
            return Err(Failure::Refused(ListRefusal::DoubleColumn));
        }
        seen.push(*column);
    }
    let other_sheet = before.sheet != sheet_name && before.meta.sheets.iter().any(|s| s.name == sheet_name);
    if !other_sheet && before.choices.mapping == choices.mapping {
        let mut tx = ctx.db.begin().await?;
        let (sheet, meta) = (&before.sheet, before.meta.seal(ctx, id)?);
        changed(store::set(&mut tx, id, version, "draft", sheet, &choices, &meta).await?)?;
        row_store::refate(&mut tx, id, &choices.agreed).await?;
        return Ok(tx
            .commit(ctx, Event::new(actor, "residents.choose").on(id))
            .await?);
    }
    let mut tx = ctx.db.read().await?;
    let rules = rules(ctx, &mut tx).await?;
    let titles = store::titles(&mut tx).await?;
    let bytes = file::get(ctx, &mut tx, id)
        .await?
        .ok_or(Failure::Refused(ListRefusal::Gone))?;
    drop(tx);
    // another sheet has other columns: guess anew. Reading a large file must not hold the writer.
    let (bytes, sheet, choices, meta) = if other_sheet {
        let wanted = sheet_name.to_owned();
        let (bytes, looked) = tokio::task::spawn_blocking(move || {
            let looked = Book::open(&bytes).and_then(|mut b| look(&mut b, Some(&wanted), &titles, rules));
            (bytes, looked)
        })
        .await?;
        let (sheet, meta) = looked.map_err(|r| match r {
            ListRefusal::Empty => Failure::Refused(ListRefusal::NoHeader),
            other => Failure::Refused(other),
        })?;
        let choices = Choices {
            mapping: meta.header.guess.clone(),
            ..Choices::default()
        };
        (bytes, sheet, choices, meta)
    } else {
        let meta = Meta {
            notes: Vec::new(),
            read: 0,
            ..before.meta.clone()
        };
        (bytes, before.sheet.clone(), choices, meta)
    };
    let at_once = bytes.len() <= AT_ONCE;
    let meta = meta.seal(ctx, id)?;
    let mut tx = ctx.db.begin().await?;
    changed(store::set(&mut tx, id, version, "reading", &sheet, &choices, &meta).await?)?;
    if !other_sheet {
        learn(&mut tx, &before, &choices.mapping).await?;
    }
    let run_at = begin_after(ctx.clock.now(), at_once);
    jobs::enqueue(ctx, &mut tx, Job::ReadList(id), run_at).await?;
    tx.commit(ctx, Event::new(actor, "residents.choose").on(id))
        .await?;
    if at_once {
        reading::read(ctx, id, bytes).await?;
    }
    Ok(())
}

/// Remembers what people say that a title means.
async fn learn(tx: &mut Tx, before: &Draft, mapping: &Mapping) -> db::Result<()> {
    for (i, title) in before.meta.header.titles.iter().enumerate() {
        let (was, is) = (
            before.choices.mapping.0.get(i).copied().flatten(),
            mapping.0.get(i).copied().flatten(),
        );
        let folded = text::fold(title);
        // nobody makes the next list blind for register blocks by a mistake in this one
        if was != is && !folded.is_empty() && was != Some(Column::Block) {
            store::remember_title(tx, &folded, is.map_or("", Column::key)).await?;
        }
    }
    Ok(())
}

fn changed(done: bool) -> Result<(), Failure<ListRefusal>> {
    if done {
        Ok(())
    } else {
        Err(Failure::Refused(ListRefusal::Stale))
    }
}

/// Throws a draft away, with its upload; also stops one that is being read.
pub async fn discard(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.begin().await?;
    if !store::end_list(&mut tx, id, "discarded", ctx.clock.now()).await? {
        return Err(Failure::Refused(ListRefusal::Gone));
    }
    tx.commit(ctx, Event::new(actor, "residents.discard").on(id))
        .await?;
    Ok(clear(ctx, id).await?)
}

/// Stops the reading of a list and throws it away. Of reading and stopping one wins: a list that was read meanwhile stays,
/// and somebody who meant the reading does not lose the draft. Applying cannot be stopped: half of a list would be worse.
pub async fn cancel(ctx: &Ctx, actor: Actor, id: Uuid) -> Result<(), Failure<ListRefusal>> {
    may(actor)?;
    let mut tx = ctx.db.begin().await?;
    audit::lock(&mut tx).await?;
    if !store::cancel(&mut tx, id, actor.account(), ctx.clock.now()).await? {
        let still = store::draft(&mut tx, id).await?.is_some();
        return Err(Failure::Refused(match still {
            true => ListRefusal::TooLate,
            false => ListRefusal::Gone,
        }));
    }
    tx.commit(ctx, Event::new(actor, "residents.cancel").on(id))
        .await?;
    Ok(clear(ctx, id).await?)
}

/// Takes away what a list that is over has left, in short transactions; also what a process that died has left.
async fn clear(ctx: &Ctx, id: Uuid) -> db::Result<()> {
    clear_rows(ctx, id, i64::MAX).await?;
    loop {
        let mut tx = ctx.db.begin().await?;
        let more = store::delete_parts(&mut tx, id).await?;
        tx.commit_unaudited("what a list has left").await?;
        if !more {
            return Ok(());
        }
    }
}

/// Takes rows away that were read before a version of the list.
async fn clear_rows(ctx: &Ctx, id: Uuid, before: i64) -> db::Result<()> {
    let mut cleared = false;
    loop {
        let mut tx = ctx.db.begin().await?;
        let more = row_store::delete_rows(&mut tx, id, before).await?;
        if more && !cleared {
            store::delete_edits(&mut tx, id).await?;
        }
        tx.commit_unaudited("rows of a draft").await?;
        if !more {
            return Ok(());
        }
        cleared = true;
    }
}

/// Takes away what ended lists have left.
pub(crate) async fn clear_ended(ctx: &Ctx) -> db::Result<()> {
    let mut tx = ctx.db.read().await?;
    let ended = store::left_over(&mut tx).await?;
    drop(tx);
    for id in ended {
        clear(ctx, id).await?;
    }
    Ok(())
}

/// The history of lists, newest first.
pub async fn lists(ctx: &Ctx, actor: Actor) -> Result<Vec<ListLine>, Failure> {
    if !keeps_register(actor) {
        return Err(Failure::Denied);
    }
    let mut tx = ctx.db.read().await?;
    Ok(store::lists(&mut tx).await?)
}

/// Forgets drafts that nobody finished within a week.
pub(crate) async fn sweep(tx: &mut Tx, now: DateTime<Utc>) -> db::Result<()> {
    for id in store::overdue(tx, now - Duration::days(DRAFT_DAYS)).await? {
        store::end_list(tx, id, "discarded", now).await?;
    }
    Ok(())
}
