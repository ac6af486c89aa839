//! What the table knows and does: rows, cursor, typing, saving, colleagues.

use super::{
    super::{
        api::{Change, Changed, GridRow, list_change, list_open, list_rows, list_watch},
        window::{Numbers, Window},
    },
    PLAIN, Texts,
};
use domain::{
    residents::{
        ResidentData,
        check::{self, Rules},
        column::Column,
        finding::{Finding, Rule},
        sheet::Cell,
    },
    text::tidy,
};
use leptos::{html, prelude::*, task::spawn_local};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    ops::Range,
    time::Duration,
};

/// Places of a row before its cells: number, state, findings.
pub(super) const BEFORE: usize = 3;
/// Rows that are fetched at once.
const AT_ONCE: usize = 120;
/// Rows around the screen that are fetched ahead.
const AHEAD: usize = 60;
/// Rows that are kept.
const KEPT: usize = 3_000;
/// How often the server is asked what others did.
const WATCH: Duration = Duration::from_millis(2_500);
/// Narrower screens keep the plain table: cells side by side are of no use there.
const NARROW: f64 = 700.0;

/// A row, once it is known.
pub(super) type Slot = ArcRwSignal<Option<GridRow>>;

/// A cell in which somebody types.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edit {
    pub(super) row: u32,
    pub(super) place: usize,
    pub(super) text: String,
}

/// A change on its way.
struct Job {
    row: u32,
    change: Change,
    before: Option<GridRow>,
}

/// Everything; copied into every handler.
#[derive(Clone, Copy)]
pub(super) struct Table {
    list: StoredValue<String>,
    filter: StoredValue<String>,
    texts: StoredValue<Texts>,
    ready: RwSignal<bool>,
    pub(super) columns: StoredValue<Vec<Column>>,
    rules: StoredValue<Option<Rules>>,
    pub(super) numbers: RwSignal<Numbers>,
    /// Position of the scroll bar.
    pub(super) top: RwSignal<f64>,
    /// Height of a row, and of what is seen.
    pub(super) heights: RwSignal<(f64, f64)>,
    /// Place in the order, and place in the row.
    pub(super) cursor: RwSignal<(usize, usize)>,
    pub(super) edit: RwSignal<Option<Edit>>,
    /// What just happened.
    pub(super) message: RwSignal<String>,
    /// What went wrong.
    pub(super) problem: RwSignal<String>,
    pub(super) others: RwSignal<Vec<(String, Option<u32>)>>,
    pub(super) fates: RwSignal<Vec<(String, i64)>>,
    pub(super) scroller: NodeRef<html::Div>,
    slots: StoredValue<HashMap<u32, Slot>>,
    gone: StoredValue<HashSet<u32>>,
    version: StoredValue<i64>,
    jobs: StoredValue<VecDeque<Job>>,
    saving: StoredValue<bool>,
    fetching: StoredValue<bool>,
}

impl Table {
    pub(super) fn new(list: String, filter: String, texts: Texts, ready: RwSignal<bool>) -> Self {
        Self {
            list: StoredValue::new(list),
            filter: StoredValue::new(filter),
            texts: StoredValue::new(texts),
            ready,
            columns: StoredValue::new(Vec::new()),
            rules: StoredValue::new(None),
            numbers: RwSignal::new(Numbers::default()),
            top: RwSignal::new(0.0),
            heights: RwSignal::new((40.0, 480.0)),
            cursor: RwSignal::new((0, BEFORE)),
            edit: RwSignal::new(None),
            message: RwSignal::new(String::new()),
            problem: RwSignal::new(String::new()),
            others: RwSignal::new(Vec::new()),
            fates: RwSignal::new(Vec::new()),
            scroller: NodeRef::new(),
            slots: StoredValue::new(HashMap::new()),
            gone: StoredValue::new(HashSet::new()),
            version: StoredValue::new(0),
            jobs: StoredValue::new(VecDeque::new()),
            saving: StoredValue::new(false),
            fetching: StoredValue::new(false),
        }
    }

    /// Opens the list; the plain table gives way when the first rows are there.
    pub(super) fn start(self) {
        Effect::new(move |_| {
            let width = window().inner_width().ok().and_then(|w| w.as_f64()).unwrap_or(0.0);
            if width < NARROW {
                return;
            }
            spawn_local(async move {
                let Ok(opened) = list_open(self.list.get_value(), self.filter.get_value()).await else {
                    return;
                };
                let numbers = Numbers::new(&opened.runs);
                if numbers.len() == 0 {
                    return;
                }
                self.columns.set_value(opened.columns);
                self.rules.set_value(Some(opened.rules));
                self.version.set_value(opened.version);
                self.numbers.set(numbers);
                if let Some(plain) = document().get_element_by_id(PLAIN) {
                    let _ = plain.set_attribute("hidden", "");
                }
                self.ready.set(true);
                self.fetch();
                self.watch();
            });
            let timer = set_interval_with_handle(
                move || {
                    if self.ready.get_untracked() && !document().hidden() {
                        self.watch();
                        self.fetch();
                    }
                },
                WATCH,
            );
            on_cleanup(move || {
                if let Ok(timer) = timer {
                    timer.clear();
                }
            });
        });
    }

    /// A sentence.
    pub(super) fn t(self, key: &str) -> String {
        self.texts
            .with_value(|t| t.get(key).cloned())
            .unwrap_or_else(|| key.to_owned())
    }

    /// A sentence with values.
    pub(super) fn with(self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = self.t(key);
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }

    pub(super) fn list(self) -> String {
        self.list.get_value()
    }

    pub(super) fn window(self) -> Window {
        let (row, view) = self.heights.get();
        Window {
            row,
            view,
            rows: self.numbers.with(Numbers::len),
        }
    }

    fn window_now(self) -> Window {
        untrack(|| self.window())
    }

    pub(super) fn slot(self, row: u32) -> Slot {
        if let Some(slot) = self.slots.with_value(|s| s.get(&row).cloned()) {
            return slot;
        }
        let slot = Slot::new(None);
        self.slots.update_value(|s| {
            s.insert(row, slot.clone());
        });
        slot
    }

    fn known(self, row: u32) -> Option<GridRow> {
        self.slots
            .with_value(|s| s.get(&row).cloned())?
            .get_untracked()
    }

    fn numbers_in(self, range: Range<usize>) -> Vec<u32> {
        self.numbers
            .with_untracked(|n| range.filter_map(|place| n.at(place)).collect())
    }

    fn around(self, more: usize) -> Vec<u32> {
        let (drawn, _) = self.window_now().drawn(self.top.get_untracked());
        self.numbers_in(drawn.start.saturating_sub(more)..drawn.end + more)
    }

    /// Fetches what is seen, and a little more, as far as it is not known.
    pub(super) fn fetch(self) {
        if self.fetching.get_value() {
            return;
        }
        // what is seen comes first
        let mut wanted = self.around(0);
        wanted.extend(self.around(AHEAD));
        let mut seen = HashSet::new();
        wanted.retain(|row| {
            seen.insert(*row) && self.known(*row).is_none() && !self.gone.with_value(|g| g.contains(row))
        });
        wanted.truncate(AT_ONCE);
        if wanted.is_empty() {
            return;
        }
        self.fetching.set_value(true);
        spawn_local(async move {
            let answer = list_rows(self.list(), wanted.clone()).await;
            self.fetching.set_value(false);
            // a lost connection is not the end: the next round tries again
            let Ok(rows) = answer else { return };
            self.put(&wanted, rows);
            self.forget();
            self.fetch();
        });
    }

    fn put(self, asked: &[u32], rows: Vec<GridRow>) {
        let there: HashSet<u32> = rows.iter().map(|r| r.row).collect();
        for row in rows {
            self.slot(row.row).set(Some(row));
        }
        self.gone
            .update_value(|g| g.extend(asked.iter().filter(|r| !there.contains(r))));
    }

    /// Lets go of rows that are far away.
    fn forget(self) {
        if self.slots.with_value(HashMap::len) > KEPT {
            let near: HashSet<u32> = self.around(KEPT / 4).into_iter().collect();
            self.slots.update_value(|s| s.retain(|row, _| near.contains(row)));
        }
    }

    pub(super) fn number_at(self, place: usize) -> Option<u32> {
        self.numbers.with(|n| n.at(place))
    }

    /// The row under the cursor.
    pub(super) fn row_here(self) -> Option<GridRow> {
        let (place, _) = self.cursor.get();
        self.slot(self.number_at(place)?).get()
    }

    /// The row under the cursor as it would be judged with what is typed.
    pub(super) fn judged(self) -> Option<(ResidentData, Vec<Finding>)> {
        let row = self.row_here()?;
        let rules = self.rules.get_value()?;
        let edit = self.edit.get().filter(|e| e.row == row.row);
        let typed = edit.and_then(|e| Some((self.column(e.place)?, e.text)));
        let cells = match &typed {
            Some((column, text)) => with_cell(&row.cells, *column, text, rules),
            None => row.cells.clone(),
        };
        let (data, fresh) = check::read_cells(row.row, &cells, row.hidden, row.merged, rules);
        let findings = if typed.is_some() {
            // only the server knows the other rows
            let others = row.findings.iter().filter(|f| f.rule.is_beside_others()).cloned();
            fresh.into_iter().chain(others).collect()
        } else {
            row.findings
        };
        Some((data, findings))
    }

    pub(super) fn column(self, place: usize) -> Option<Column> {
        let cell = place.checked_sub(BEFORE)?;
        self.columns.with_value(|c| c.get(cell).copied())
    }

    fn places(self) -> usize {
        BEFORE + self.columns.with_value(Vec::len)
    }

    /// Moves the cursor by rows and places, and shows where it is.
    pub(super) fn go(self, rows: isize, places: isize) {
        let (row, place) = self.cursor.get_untracked();
        let last_row = self.numbers.with_untracked(Numbers::len).saturating_sub(1);
        let last_place = self.places() - 1;
        self.go_to(
            row.saturating_add_signed(rows).min(last_row),
            place.saturating_add_signed(places).min(last_place),
        );
    }

    pub(super) fn go_to(self, row: usize, place: usize) {
        self.cursor.set((row, place));
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let top = self.window_now().showing(row, self.top.get_untracked());
        #[expect(clippy::cast_possible_truncation, reason = "pixels")]
        scroller.set_scroll_top(top.round() as i32);
        // sideways: behind the number that stays where it is
        if let Some(cell) = head_cell(&scroller, place) {
            let fixed = head_cell(&scroller, 0).map_or(0, |c| c.offset_width());
            let (from, to) = (cell.offset_left(), cell.offset_left() + cell.offset_width());
            let (left, width) = (scroller.scroll_left(), scroller.client_width());
            if place == 0 || from - fixed < left {
                scroller.set_scroll_left((from - fixed).max(0));
            } else if to > left + width {
                scroller.set_scroll_left(to - width);
            }
        }
    }

    /// Begins to type into the cell under the cursor, with its text or with a first character.
    pub(super) fn begin(self, first: Option<String>) {
        let (place_of_row, place) = self.cursor.get_untracked();
        let (Some(column), Some(number)) = (
            self.column(place),
            self.numbers.with_untracked(|n| n.at(place_of_row)),
        ) else {
            return;
        };
        let Some(row) = self.known(number) else { return };
        self.problem.set(String::new());
        self.edit.set(Some(Edit {
            row: number,
            place,
            text: first.unwrap_or_else(|| shown(&row, column)),
        }));
    }

    /// Ends typing without a change.
    pub(super) fn cancel(self) {
        self.edit.set(None);
        self.focus();
    }

    pub(super) fn focus(self) {
        if let Some(scroller) = self.scroller.get_untracked() {
            let _ = scroller.focus();
        }
    }

    /// Ends typing and saves. The row is judged here at once, and by the server for good.
    pub(super) fn commit(self) {
        let Some(edit) = self.edit.get_untracked() else {
            return;
        };
        let judged = untrack(|| self.judged());
        self.edit.set(None);
        let (Some(column), Some(before), Some(rules)) =
            (self.column(edit.place), self.known(edit.row), self.rules.get_value())
        else {
            return;
        };
        if tidy(&shown(&before, column)) == tidy(&edit.text) {
            return;
        }
        let mut row = before.clone();
        row.cells = with_cell(&row.cells, column, &edit.text, rules);
        if let Some((_, findings)) = judged {
            row.findings = findings;
        }
        self.slot(edit.row).set(Some(row));
        self.push(Job {
            row: edit.row,
            change: Change::Cell(column, edit.text),
            before: Some(before),
        });
    }

    /// Does something with the row under the cursor.
    pub(super) fn act(self, change: Change) {
        let (place, _) = self.cursor.get_untracked();
        if let Some(row) = self.numbers.with_untracked(|n| n.at(place)) {
            self.push(Job {
                row,
                change,
                before: None,
            });
        }
    }

    fn push(self, job: Job) {
        self.jobs.update_value(|jobs| jobs.push_back(job));
        self.save();
    }

    /// One change after the other: each needs the version that the one before has made.
    fn save(self) {
        if self.saving.get_value() {
            return;
        }
        let mut next = None;
        self.jobs.update_value(|jobs| next = jobs.pop_front());
        let Some(job) = next else { return };
        let Some(version) = self.known(job.row).map(|r| r.version) else {
            return self.save();
        };
        self.saving.set_value(true);
        self.problem.set(String::new());
        self.message.set(self.t("grid-saving"));
        spawn_local(async move {
            let answer = list_change(self.list(), job.row, version, job.change.clone()).await;
            self.saving.set_value(false);
            self.message.set(String::new());
            match answer {
                Ok(Changed::Done(row)) => {
                    self.slot(job.row).set(Some(row));
                    self.message.set(self.t("grid-saved"));
                }
                Ok(Changed::Stale(row)) => {
                    self.slot(job.row).set(Some(row));
                    self.refused("grid-stale", job);
                }
                Ok(Changed::Gone) => self.problem.set(self.t("grid-gone")),
                Err(_) => {
                    if let Some(before) = job.before.clone() {
                        self.slot(job.row).set(Some(before));
                    }
                    self.refused("grid-offline", job);
                }
            }
            self.watch();
            self.save();
        });
    }

    /// Says why, and gives back what was typed.
    fn refused(self, why: &str, job: Job) {
        self.problem.set(self.t(why));
        if let Change::Cell(column, text) = job.change
            && self.edit.get_untracked().is_none()
            && let Some(place) = self.columns.with_value(|c| c.iter().position(|x| *x == column))
        {
            self.edit.set(Some(Edit {
                row: job.row,
                place: place + BEFORE,
                text,
            }));
        }
    }

    /// Tells where the cursor is, and takes over what others did.
    pub(super) fn watch(self) {
        let (place, _) = self.cursor.get_untracked();
        let here = self.numbers.with_untracked(|n| n.at(place));
        spawn_local(async move {
            let Ok(news) = list_watch(self.list(), self.version.get_value(), here).await else {
                return;
            };
            if !news.draft {
                let _ = window().location().reload();
                return;
            }
            self.version.set_value(news.version);
            if self.others.with_untracked(|o| *o != news.others) {
                self.others.set(news.others);
            }
            if let Some(fates) = news.fates {
                self.fates.set(fates);
            }
            if news.all || !news.rows.is_empty() {
                self.refresh(news.all, news.rows).await;
            }
        });
    }

    /// Rows that somebody changed: fetched anew if they are near, forgotten otherwise.
    async fn refresh(self, all: bool, changed: Vec<u32>) {
        let near: HashSet<u32> = self.around(AHEAD / 2).into_iter().collect();
        let is_new = |row: &u32| all || changed.contains(row);
        let wanted: Vec<u32> = near.iter().copied().filter(is_new).collect();
        self.slots
            .update_value(|s| s.retain(|row, _| near.contains(row) || !is_new(row)));
        for piece in wanted.chunks(AT_ONCE) {
            if let Ok(rows) = list_rows(self.list(), piece.to_vec()).await {
                self.put(piece, rows);
            }
        }
    }
}

/// A cell as it stands.
pub(super) fn shown(row: &GridRow, column: Column) -> String {
    row.cells
        .iter()
        .find(|(c, _)| *c == column)
        .map(|(_, cell)| cell.shown())
        .unwrap_or_default()
}

/// What a finding says of a cell: what it becomes.
pub(super) fn becomes(row: &GridRow, column: Column) -> Option<String> {
    row.findings
        .iter()
        .filter(|f| f.column == Some(column) && !f.rule.is_beside_others() && f.rule != Rule::CrowdedAddress)
        .find_map(|f| f.becomes.clone())
}

fn with_cell(
    cells: &[(Column, Cell)],
    column: Column,
    text: &str,
    rules: Rules,
) -> Vec<(Column, Cell)> {
    let typed = Cell::typed(column, text, rules.today);
    let mut cells = cells.to_vec();
    match cells.iter_mut().find(|(c, _)| *c == column) {
        Some((_, cell)) => *cell = typed,
        None => cells.push((column, typed)),
    }
    cells
}

fn head_cell(scroller: &web_sys::HtmlDivElement, place: usize) -> Option<web_sys::HtmlElement> {
    use leptos::wasm_bindgen::JsCast;
    let head = scroller.first_element_child()?;
    let index = u32::try_from(place).ok()?;
    head.children().item(index)?.dyn_into().ok()
}
