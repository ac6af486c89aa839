//! From the uploaded file to the rows of a draft, piece by piece: memory does not grow with the list but for what
//! recognises people again.

use super::{Decision, Fate, Meta, file, row_store, rules, store};
use crate::{
    Ctx, Failure,
    jobs::{self, Job},
    municipality,
    residents::{
        self,
        workbook::{Book, ListRefusal},
    },
};
use domain::residents::{
    ResidentData,
    check::{self, CheckedRow, Checker, Counts, Judged, Rules},
    column::{Column, Mapping},
    finding::{Finding, Rule},
    likeness::Keys,
    notes::{self, Facts, Note},
    sheet::{Cell, Header, RawRow},
};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;
use uuid::Uuid;

/// What is kept of a row: only cells with a meaning, never religion, nationality and the like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Cells by meaning.
    pub(super) cells: Vec<(Column, Cell)>,
    /// Hidden in the sheet.
    pub(super) hidden: bool,
    /// In a merged cell.
    pub(super) merged: bool,
    /// What was read from them.
    pub(super) data: ResidentData,
    /// What was found.
    pub(super) findings: Vec<Finding>,
    /// Dropped.
    pub(super) dropped: bool,
}

impl Record {
    /// The row as the rules read it.
    pub(super) fn raw(&self, number: u32) -> (RawRow, Mapping) {
        check::by_meaning(number, &self.cells, self.hidden, self.merged)
    }

    /// Rules that found something.
    pub(super) fn rules(&self) -> Vec<Rule> {
        self.findings.iter().map(|f| f.rule).collect()
    }

    /// The row as it is stored.
    pub(super) fn stored(
        &self,
        ctx: &Ctx,
        list: Uuid,
        row: i64,
        decision: Option<Decision>,
        agreed: &[Rule],
    ) -> Result<row_store::StoredRow, Failure<ListRefusal>> {
        let worst = self.findings.iter().map(|f| f.rule.severity()).max();
        let (raw, mapping) = self.raw(u32::try_from(row).unwrap_or(0));
        let (keys, _) = Keys::of(&raw, &mapping, &self.data);
        let hash = |text: String| {
            let mac = ctx.master.mac("list-row", format!("{list} {text}").as_bytes());
            crate::keys::hex(&mac[..16])
        };
        Ok(row_store::StoredRow {
            row,
            sealed: ctx.master.seal(&serde_json::to_vec(self)?, &place(list, row))?,
            worst: match worst {
                _ if self.dropped => "drop".to_owned(),
                Some(severity) => severity.key().to_owned(),
                None => "none".to_owned(),
            },
            decision: decision.map(|d| d.key().to_owned()),
            fate: Fate::of(worst, self.dropped, decision, &self.rules(), agreed)
                .key()
                .to_owned(),
            version: 1,
            number_key: keys
                .number
                .filter(|_| !self.dropped)
                .map(|n| hash(format!("n {n}"))),
            birth_key: keys
                .birth
                .filter(|_| !self.dropped)
                .map(|(day, initial)| hash(format!("b {day} {initial}"))),
            plan: None,
            resident_id: None,
            edits: 0,
        })
    }

    /// Opens a stored row.
    pub(super) fn open(
        ctx: &Ctx,
        list: Uuid,
        row: &row_store::StoredRow,
    ) -> Result<Self, Failure<ListRefusal>> {
        let plain = ctx.master.open(&row.sealed, &place(list, row.row))?;
        Ok(serde_json::from_slice(&plain)?)
    }
}

fn place(list: Uuid, row: i64) -> Vec<u8> {
    format!("list-row {list} {row}").into_bytes()
}

/// Rows that are written at a time.
const PIECE: usize = 1_000;

/// Reads a list whose upload was accepted.
pub(super) async fn read(ctx: &Ctx, id: Uuid, bytes: Vec<u8>) -> Result<(), Failure<ListRefusal>> {
    let mut tx = ctx.db.read().await?;
    let Some(draft) = store::draft(&mut tx, id).await?.filter(|d| d.state == "reading") else {
        return Ok(());
    };
    let rules = rules(ctx, &mut tx).await?;
    let settings = municipality::current_in(&mut tx)
        .await
        .map_err(Failure::widen)?
        .settings;
    let (register, _) = residents::store::totals(&mut tx, true).await?;
    drop(tx);
    let mut meta = Meta::open(ctx, id, draft.meta.as_deref())?;
    // what was read with other columns or from another sheet
    super::clear_rows(ctx, id, draft.version).await?;
    if !draft.choices.mapping.missing().is_empty() {
        let mut tx = ctx.db.begin().await?;
        store::progress(&mut tx, id, "draft", &meta.seal(ctx, id)?).await?;
        tx.commit_unaudited("the end of reading a list").await?;
        return Ok(());
    }
    // begun before, and the process died: judging goes through the whole file again, which is quick, because each row is
    // judged beside those before it; what is written already stays
    let mut tx = ctx.db.read().await?;
    let written = row_store::last_row(&mut tx, id).await?.unwrap_or(0);
    drop(tx);

    let (send, mut receive) = tokio::sync::mpsc::channel::<Vec<(u32, Record)>>(2);
    let (sheet, header, mapping) = (draft.sheet, meta.header.clone(), draft.choices.mapping.clone());
    let reader = tokio::task::spawn_blocking(move || {
        let mut book = Book::open(&bytes)?;
        let mut facts = Facts {
            made: book.made_on(),
            ..Facts::default()
        };
        let rules = Rules {
            plain_text: book.is_text(),
            ..rules
        };
        let mut checker = Checker::new(&header, &mapping, rules);
        let mut piece = Vec::with_capacity(PIECE);
        book.rows_ahead(&sheet, &mut |raw| {
            if raw.number < header.row {
                facts.made = notes::date_in(&raw, rules.today).or(facts.made);
            }
            if raw.number > header.row
                && let Some(judged) = checker.row(&raw)
            {
                count(&mut facts, &judged);
                piece.push(record(&raw, &mapping, judged));
                if piece.len() >= PIECE && send.blocking_send(std::mem::take(&mut piece)).is_err() {
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        })?;
        // nobody listens if the draft was thrown away
        let _ = send.blocking_send(piece);
        describe(&mut facts, &book, &sheet, &header);
        Ok::<_, ListRefusal>((checker.finish(), facts))
    });
    let mut pieces = 0;
    while let Some(mut piece) = receive.recv().await {
        pieces += 1;
        if pieces % 25 == 0 {
            jobs::renew(ctx, Job::ReadList(id)).await?;
        }
        piece.retain(|(row, _)| i64::from(*row) > written);
        if piece.is_empty() {
            continue;
        }
        meta.read += i64::try_from(piece.len()).unwrap_or(0);
        let mut rows = Vec::with_capacity(piece.len());
        let mut findings = Vec::new();
        for (number, record) in &piece {
            let row = i64::from(*number);
            rows.push(fresh(
                record.stored(ctx, id, row, None, &draft.choices.agreed)?,
                draft.version,
            ));
            findings.extend(record.rules().into_iter().map(|rule| (row, rule)));
        }
        let mut tx = ctx.db.begin().await?;
        if !store::progress(&mut tx, id, "reading", &meta.seal(ctx, id)?).await? {
            // thrown away by somebody
            return Ok(());
        }
        row_store::insert_rows(&mut tx, id, &rows, &findings).await?;
        tx.commit_unaudited("rows of a draft").await?;
    }
    let (late, mut facts) = match reader.await? {
        Ok(done) => done,
        Err(refusal) => {
            let mut tx = ctx.db.begin().await?;
            store::fail(&mut tx, id, refusal.key()).await?;
            tx.commit_unaudited("the end of reading a list").await?;
            super::clear_rows(ctx, id, i64::MAX).await?;
            return Err(Failure::Refused(refusal));
        }
    };
    for piece in late.chunks(PIECE) {
        let mut tx = ctx.db.begin().await?;
        for finding in piece {
            add_finding(ctx, &mut tx, id, finding, &draft.choices.agreed).await?;
        }
        tx.commit_unaudited("rows of a draft").await?;
    }
    facts.register = usize::try_from(register).unwrap_or(0);
    facts.own_postcode = settings.postcode;
    meta.notes = notes::notes(&facts, &meta.header, rules.today);
    let mut tx = ctx.db.begin().await?;
    store::progress(&mut tx, id, "draft", &meta.seal(ctx, id)?).await?;
    Ok(tx.commit_unaudited("the end of reading a list").await?)
}

/// A row that is read has the version of the list: higher than that of any row that stood there before the list was read
/// anew, so that a change that somebody has begun at the old row is refused.
fn fresh(row: row_store::StoredRow, version: i64) -> row_store::StoredRow {
    row_store::StoredRow { version, ..row }
}

async fn add_finding(
    ctx: &Ctx,
    tx: &mut crate::db::Tx,
    list: Uuid,
    finding: &Finding,
    agreed: &[Rule],
) -> Result<(), Failure<ListRefusal>> {
    let row = i64::from(finding.row);
    let Some(stored) = row_store::row(tx, list, row).await? else {
        return Ok(());
    };
    let mut record = Record::open(ctx, list, &stored)?;
    // by a run that died afterwards
    if record.findings.iter().any(|f| f.rule == finding.rule) {
        return Ok(());
    }
    record.findings.push(finding.clone());
    let new = record.stored(ctx, list, row, None, agreed)?;
    row_store::amend_row(tx, list, &new, finding.rule).await?;
    Ok(())
}

/// What the workbook hides.
fn describe(facts: &mut Facts, book: &Book<'_>, sheet: &str, header: &Header) {
    for info in book.sheets() {
        if info.name == sheet {
            let title = |i: &usize| header.titles.get(*i).filter(|t| !t.is_empty()).cloned();
            facts.hidden_columns = info.hidden_columns.iter().filter_map(title).collect();
            facts.filtered = info.filtered;
        }
        if info.hidden {
            facts.hidden_sheets.push(info.name.clone());
        }
    }
}

fn count(facts: &mut Facts, judged: &Judged) {
    if !judged.row.dropped {
        facts.people += 1;
        let postcode = &judged.row.data.postcode;
        if postcode.len() == 5 && (facts.postcodes.len() < 1_000 || facts.postcodes.contains_key(postcode)) {
            *facts.postcodes.entry(postcode.clone()).or_default() += 1;
        }
    }
}

fn record(raw: &RawRow, mapping: &Mapping, judged: Judged) -> (u32, Record) {
    let mut cells: Vec<(Column, Cell)> = mapping
        .0
        .iter()
        .enumerate()
        .filter_map(|(i, column)| Some((*column.as_ref()?, raw.cells.get(i)?.clone())))
        .filter(|(column, cell)| *cell != Cell::Empty && *column != Column::Block)
        .collect();
    // the only thing that is kept of a column without a meaning: that it speaks of a register block
    match raw.block_note(mapping) {
        Cell::Empty => {}
        note => cells.push((Column::Block, note)),
    }
    let record = Record {
        cells,
        hidden: raw.hidden,
        merged: raw.merged,
        data: judged.row.data,
        findings: judged.findings,
        dropped: judged.row.dropped,
    };
    (raw.number, record)
}

/// The job: reads a large list.
pub async fn read_job(ctx: &Ctx, id: Uuid) -> Result<(), String> {
    let bytes = async {
        let mut tx = ctx.db.read().await?;
        let waiting = store::draft(&mut tx, id).await?;
        match waiting.filter(|d| d.state == "reading") {
            Some(_) => file::get(ctx, &mut tx, id).await,
            None => Ok(None),
        }
    };
    let bytes = match bytes.await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(()),
        Err(_) => return Err("the upload cannot be opened".to_owned()),
    };
    match read(ctx, id, bytes).await {
        Ok(()) | Err(Failure::Refused(_)) => Ok(()),
        Err(Failure::Denied) => Err("denied".to_owned()),
        Err(Failure::Busy) => Err("busy".to_owned()),
        Err(Failure::Broken(incident)) => Err(format!("incident {incident}")),
    }
}

/// The check of a file that is not stored: for the command line.
#[derive(Clone, Debug, Default)]
pub struct FileReport {
    /// The header that was found.
    pub header: Header,
    /// All findings, by row.
    pub findings: Vec<Finding>,
    /// How many rows end how.
    pub counts: Counts,
    /// What is said about the list as a whole.
    pub notes: Vec<Note>,
}

/// Checks a file without storing anything; `each` gets every row.
pub fn check_file(
    bytes: &[u8],
    rules: Rules,
    mut each: impl FnMut(&CheckedRow),
) -> Result<FileReport, ListRefusal> {
    let mut book = Book::open(bytes)?;
    let rules = Rules {
        plain_text: book.is_text(),
        ..rules
    };
    let (sheet, Meta { header, .. }) = super::look(&mut book, None, &[], rules)?;
    let mapping = header.guess.clone();
    let mut report = FileReport::default();
    let mut facts = Facts {
        made: book.made_on(),
        ..Facts::default()
    };
    let mut checker = Checker::new(&header, &mapping, rules);
    let mut worst = std::collections::HashMap::new();
    book.rows_ahead(&sheet, &mut |raw| {
        if raw.number < header.row {
            facts.made = notes::date_in(&raw, rules.today).or(facts.made);
        }
        if raw.number > header.row
            && let Some(judged) = checker.row(&raw)
        {
            count(&mut facts, &judged);
            report.counts.add(&judged.row);
            each(&judged.row);
            if !judged.findings.is_empty() {
                worst.insert(judged.row.row, judged.row.worst);
            }
            report.findings.extend(judged.findings);
        }
        ControlFlow::Continue(())
    })?;
    let late = checker.finish();
    for finding in &late {
        // a row without other questions now has one
        let before = worst.entry(finding.row).or_default();
        if *before < Some(domain::residents::finding::Severity::Ask) {
            *before = Some(domain::residents::finding::Severity::Ask);
            report.counts.taken -= 1;
            report.counts.asked += 1;
        }
    }
    report.findings.extend(late);
    report.findings.sort_by_key(|f| (f.row, f.column, f.rule));
    describe(&mut facts, &book, &sheet, &header);
    report.notes = notes::notes(&facts, &header, rules.today);
    report.header = header;
    Ok(report)
}
