//! What the table knows and does: rows, cursor, typing, saving, colleagues.

mod save;

use self::save::Job;
use super::{
    super::{
        api::{Change, GridRow, News, list_open, list_rows, list_watch},
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
/// Milliseconds without a key or a click after which nothing is asked any more: a desk that is left must not keep the
/// session alive.
const IDLE: f64 = 600_000.0;
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
    /// What stood there when typing began: if somebody else changes it meanwhile, nobody's text is lost silently.
    base: String,
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
    /// Rows that the server has not any more.
    pub(super) gone: RwSignal<HashSet<u32>>,
    version: StoredValue<i64>,
    sheet: StoredValue<String>,
    jobs: StoredValue<VecDeque<Job>>,
    /// Changes that are not saved yet.
    pub(super) waiting: RwSignal<usize>,
    /// Rows that were changed here, the last one at the end.
    mine: StoredValue<Vec<u32>>,
    saving: StoredValue<bool>,
    fetching: StoredValue<bool>,
    watching: StoredValue<bool>,
    again: StoredValue<bool>,
    active_at: StoredValue<f64>,
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
            gone: RwSignal::new(HashSet::new()),
            version: StoredValue::new(0),
            sheet: StoredValue::new(String::new()),
            jobs: StoredValue::new(VecDeque::new()),
            waiting: RwSignal::new(0),
            mine: StoredValue::new(Vec::new()),
            saving: StoredValue::new(false),
            fetching: StoredValue::new(false),
            watching: StoredValue::new(false),
            again: StoredValue::new(false),
            active_at: StoredValue::new(now()),
        }
    }

    /// Opens the list; the plain table gives way when the first rows are there.
    pub(super) fn start(self) {
        Effect::new(move |_| {
            let width = window()
                .inner_width()
                .ok()
                .and_then(|w| w.as_f64())
                .unwrap_or(0.0);
            if width < NARROW {
                return;
            }
            spawn_local(async move {
                let Ok(opened) = list_open(self.list.get_value(), self.filter.get_value()).await else {
                    return;
                };
                let numbers = Numbers::new(&opened.runs);
                if numbers.is_empty() {
                    return;
                }
                self.columns.set_value(opened.columns);
                self.rules.set_value(Some(opened.rules));
                self.version.set_value(opened.version);
                self.sheet.set_value(opened.sheet);
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
                    let idle = now() - self.active_at.get_value() > IDLE;
                    if self.ready.get_untracked() && !document().hidden() && !idle {
                        self.watch();
                        self.fetch();
                    }
                },
                WATCH,
            );
            // what is not saved yet is not thrown away without a word
            let leaving = window_event_listener(leptos::ev::beforeunload, move |event| {
                if self.is_busy() {
                    event.prevent_default();
                }
            });
            on_cleanup(move || {
                leaving.remove();
                if let Ok(timer) = timer {
                    timer.clear();
                }
            });
        });
    }

    /// Somebody is here.
    pub(super) fn touch(self) {
        self.active_at.set_value(now());
    }

    /// Something is being typed or is not saved yet.
    fn is_busy(self) -> bool {
        self.edit.with_untracked(Option::is_some)
            || self.saving.get_value()
            || self.jobs.with_value(|j| !j.is_empty())
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
        self.slots.with_value(|s| s.get(&row).cloned())?.get_untracked()
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
            seen.insert(*row) && self.known(*row).is_none() && !self.gone.with_untracked(|g| g.contains(row))
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
            // an older answer that comes late
            if self.known(row.row).is_none_or(|k| k.version <= row.version) {
                self.show(row);
            }
        }
        for row in asked.iter().filter(|r| !there.contains(r)) {
            self.gone.update(|g| {
                g.insert(*row);
            });
        }
    }

    /// Shows a row as the server gave it, with what is still to be saved.
    fn show(self, mut row: GridRow) {
        if let Some(rules) = self.rules.get_value() {
            self.jobs.with_value(|jobs| {
                for job in jobs.iter().filter(|j| j.row == row.row) {
                    if let Change::Cell(column, text) = &job.change {
                        row.cells = with_cell(&row.cells, *column, text, rules);
                    }
                }
            });
        }
        let slot = self.slot(row.row);
        if slot.with_untracked(|now| now.as_ref() != Some(&row)) {
            slot.set(Some(row));
        }
    }

    /// Rows that must stay: around the screen, under the cursor, being typed into, being saved.
    fn near(self, more: usize) -> HashSet<u32> {
        let mut near: HashSet<u32> = self.around(more).into_iter().collect();
        let (place, _) = self.cursor.get_untracked();
        near.extend(self.numbers.with_untracked(|n| n.at(place)));
        near.extend(self.edit.with_untracked(|e| e.as_ref().map(|e| e.row)));
        self.jobs
            .with_value(|jobs| near.extend(jobs.iter().map(|j| j.row)));
        near
    }

    /// Lets go of rows that are far away.
    fn forget(self) {
        if self.slots.with_value(HashMap::len) > KEPT {
            let near = self.near(KEPT / 4);
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

    /// The row under the cursor as it is judged, with what is typed.
    pub(super) fn judged(self) -> Option<(ResidentData, Vec<Finding>)> {
        let row = self.row_here()?;
        let edit = self.edit.get().filter(|e| e.row == row.row);
        let typed = edit.and_then(|e| Some((self.column(e.place)?, e.text)));
        self.judge(&row, typed.as_ref())
    }

    /// A row as it is judged, with a cell as somebody types it.
    fn judge(self, row: &GridRow, typed: Option<&(Column, String)>) -> Option<(ResidentData, Vec<Finding>)> {
        let rules = self.rules.get_value()?;
        let cells = match typed {
            Some((column, text)) => with_cell(&row.cells, *column, text, rules),
            None => row.cells.clone(),
        };
        let (data, fresh) = check::read_cells(row.row, &cells, row.hidden, row.merged, rules);
        let findings = match typed {
            // only the server knows the other rows
            Some(_) => {
                let others = row.findings.iter().filter(|f| f.rule.is_beside_others()).cloned();
                fresh.into_iter().chain(others).collect()
            }
            None => row.findings.clone(),
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
        let base = shown(&row, column);
        self.edit.set(Some(Edit {
            row: number,
            place,
            text: first.unwrap_or_else(|| base.clone()),
            base,
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

    /// Ends typing and saves. The row is judged here at once, and by the server for good. False if somebody else has
    /// changed the cell meanwhile: then it stays open, with what was typed.
    pub(super) fn commit(self) -> bool {
        let Some(edit) = self.edit.get_untracked() else {
            return true;
        };
        let (Some(column), Some(before), Some(rules)) = (
            self.column(edit.place),
            self.known(edit.row),
            self.rules.get_value(),
        ) else {
            return false;
        };
        let now = shown(&before, column);
        if tidy(&now) != tidy(&edit.base) && tidy(&now) != tidy(&edit.text) {
            self.message.set(String::new());
            self.problem
                .set(self.with("grid-stale", &[("text", if now.is_empty() { "–" } else { &now })]));
            self.edit.update(|e| {
                if let Some(e) = e {
                    e.base = now;
                }
            });
            return false;
        }
        self.edit.set(None);
        if tidy(&now) == tidy(&edit.text) {
            return true;
        }
        let typed = (column, edit.text);
        let mut row = before.clone();
        if let Some((_, findings)) = self.judge(&before, Some(&typed)) {
            row.findings = findings;
        }
        row.cells = with_cell(&row.cells, column, &typed.1, rules);
        self.slot(edit.row).set(Some(row));
        self.push(edit.row, Change::Cell(typed.0, typed.1));
        true
    }

    /// Tells where the cursor is, and takes over what others did.
    pub(super) fn watch(self) {
        if self.watching.get_value() {
            return self.again.set_value(true);
        }
        self.watching.set_value(true);
        let (place, _) = self.cursor.get_untracked();
        let here = self.numbers.with_untracked(|n| n.at(place));
        spawn_local(async move {
            let answer = list_watch(self.list(), self.version.get_value(), here).await;
            match answer {
                Ok(news) => self.hear(news).await,
                Err(error) if matches!(error, ServerFnError::ServerError(_)) => self.lost(&error),
                Err(_) => {}
            }
            self.watching.set_value(false);
            if self.again.get_value() {
                self.again.set_value(false);
                self.watch();
            }
        });
    }

    async fn hear(self, news: News) {
        let same =
            self.columns.with_value(|c| *c == news.columns) && self.sheet.with_value(|s| *s == news.sheet);
        if !news.draft || !same {
            if self.is_busy() {
                self.problem.set(self.t("grid-over"));
            } else {
                let _ = window().location().reload();
            }
            return;
        }
        if self.others.with_untracked(|o| *o != news.others) {
            self.others.set(news.others);
        }
        if let Some(fates) = news.fates {
            self.fates.set(fates);
        }
        if (news.all || !news.rows.is_empty()) && !self.refresh(news.all, news.rows).await {
            return;
        }
        self.version.set_value(news.version);
        // what could not be saved before
        self.save();
    }

    /// Rows that somebody changed: fetched anew if they are near, forgotten otherwise. False if that failed.
    async fn refresh(self, all: bool, changed: Vec<u32>) -> bool {
        let near = self.near(AHEAD / 2);
        let is_new = |row: &u32| all || changed.contains(row);
        let wanted: Vec<u32> = near.iter().copied().filter(is_new).collect();
        self.slots
            .update_value(|s| s.retain(|row, _| near.contains(row) || !is_new(row)));
        for piece in wanted.chunks(AT_ONCE) {
            match list_rows(self.list(), piece.to_vec()).await {
                Ok(rows) => self.put(piece, rows),
                Err(_) => return false,
            }
        }
        true
    }
}

fn now() -> f64 {
    js_sys::Date::now()
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

fn with_cell(cells: &[(Column, Cell)], column: Column, text: &str, rules: Rules) -> Vec<(Column, Cell)> {
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
