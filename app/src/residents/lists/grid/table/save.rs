//! What people change: done on the screen at once, saved one after the other, given back if somebody else was faster.

use super::{
    super::super::api::{Change, Changed, GridRow, list_change},
    BEFORE, Edit, Table, shown,
};
use domain::text::tidy;
use leptos::{prelude::*, task::spawn_local};
use std::collections::VecDeque;

/// Changes that can be taken back by the keyboard.
const BACK: usize = 200;

/// A change on its way.
#[derive(Clone)]
pub(super) struct Job {
    pub(super) row: u32,
    pub(super) change: Change,
}

impl Table {
    /// Does something with the row under the cursor.
    pub(in super::super) fn act(self, change: Change) {
        let (place, _) = self.cursor.get_untracked();
        let Some(row) = self.numbers.with_untracked(|n| n.at(place)) else {
            return;
        };
        let Some(known) = self.known(row) else { return };
        // "take it" says nothing about a doubt: that is answered by its own two buttons
        if change == Change::Take && known.doubtful {
            self.problem.set(self.t("grid-doubtful"));
            return;
        }
        self.push(row, change);
    }

    /// Takes back the last change that was made here, wherever that was.
    pub(in super::super) fn back(self) {
        let mut last = None;
        self.mine.update_value(|mine| last = mine.pop());
        let Some(row) = last else { return };
        let (here, place) = self.cursor.get_untracked();
        if self.numbers.with_untracked(|n| n.at(here)) != Some(row)
            && let Some(there) = self.numbers.with_untracked(|n| n.place(row))
        {
            self.go_to(there, place);
        }
        self.push(row, Change::Undo);
    }

    pub(super) fn push(self, row: u32, change: Change) {
        self.jobs.update_value(|jobs| jobs.push_back(Job { row, change }));
        self.count();
        self.save();
    }

    fn count(self) {
        let open = self.jobs.with_value(VecDeque::len) + usize::from(self.saving.get_value());
        if self.waiting.get_untracked() != open {
            self.waiting.set(open);
        }
    }

    /// One change after the other: each needs the version that the one before has made.
    pub(super) fn save(self) {
        if self.saving.get_value() {
            return;
        }
        let Some(job) = self.jobs.with_value(|jobs| jobs.front().cloned()) else {
            return;
        };
        let Some(version) = self.known(job.row).map(|r| r.version) else {
            // not fetched yet: the next round tries again
            return self.fetch();
        };
        self.saving.set_value(true);
        self.message.set(self.t("grid-saving"));
        spawn_local(async move {
            let answer = list_change(self.list(), job.row, version, job.change.clone()).await;
            self.saving.set_value(false);
            self.message.set(String::new());
            if let Err(error) = answer {
                // nothing is lost: it stays on the screen and is tried again with the next news
                self.lost(&error);
                return self.count();
            }
            self.jobs.update_value(|jobs| {
                jobs.pop_front();
            });
            match answer {
                Ok(Changed::Done(row)) => self.saved(&job, row),
                Ok(Changed::Stale(row)) => self.refused(job, row),
                _ => {
                    self.jobs.update_value(|jobs| jobs.retain(|j| j.row != job.row));
                    self.problem.set(self.t("grid-gone"));
                }
            }
            self.count();
            self.watch();
            self.save();
        });
    }

    fn saved(self, job: &Job, row: GridRow) {
        if job.change != Change::Undo {
            self.mine.update_value(|mine| {
                mine.push(job.row);
                if mine.len() > BACK {
                    mine.remove(0);
                }
            });
        }
        self.show(row);
        if self.jobs.with_value(VecDeque::is_empty) {
            self.problem.set(String::new());
            self.message.set(self.t("grid-saved"));
        }
    }

    /// Somebody else was faster. What was typed comes back, what was to happen to the row afterwards does not happen.
    fn refused(self, job: Job, row: GridRow) {
        self.jobs.update_value(|jobs| jobs.retain(|j| j.row != job.row));
        let Change::Cell(column, text) = job.change.clone() else {
            self.show(row);
            return self.problem.set(self.t("grid-stale-row"));
        };
        let now = shown(&row, column);
        self.show(row);
        // only the answer was lost, the change was not
        if tidy(&now) == tidy(&text) {
            return;
        }
        let shown = if now.is_empty() { "–" } else { now.as_str() };
        self.problem.set(self.with("grid-stale", &[("text", shown)]));
        let place = self.columns.with_value(|c| c.iter().position(|x| *x == column));
        let there = self.numbers.with_untracked(|n| n.place(job.row));
        if let (None, Some(place), Some(there)) = (self.edit.get_untracked(), place, there) {
            self.go_to(there, place + BEFORE);
            self.edit.set(Some(Edit {
                row: job.row,
                place: place + BEFORE,
                text,
                base: now,
            }));
        } else {
            let column = self.t(&format!("column-{}", column.key()));
            let values = [
                ("zeile", &*job.row.to_string()),
                ("spalte", &*column),
                ("text", &*text),
            ];
            self.problem.set(self.with("grid-typed", &values));
        }
    }

    pub(super) fn lost(self, error: &ServerFnError) {
        let key = match error {
            ServerFnError::ServerError(_) => "grid-signed-out",
            _ => "grid-offline",
        };
        self.problem.set(self.t(key));
    }
}
