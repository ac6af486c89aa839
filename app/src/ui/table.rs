//! A table of the staff area: heads and rows of the columns that somebody chose, the form to choose them, and the way to the
//! workbook. What stands there when there are no rows is the page's business.

use super::view::{link_button, submit, submit_as};
use domain::{tables::Columns, urls};
use leptos::prelude::*;
use locales::Lang;

/// Draws the rows. `class` gives a class of the row besides its own, `cell` what stands in a column, by its key.
pub fn table<T>(
    lang: Lang,
    columns: &Columns,
    lines: &[T],
    class: impl Fn(&T) -> &'static str,
    cell: impl Fn(&T, &str) -> AnyView,
) -> AnyView {
    let heads: Vec<_> = columns
        .iter()
        .map(|c| {
            let class = if c.numeric {
                "kern-table__header kern-table__header--numeric"
            } else {
                "kern-table__header"
            };
            view! { <th scope="col" class=class>{lang.t(c.label)}</th> }
        })
        .collect();
    let rows: Vec<_> = lines
        .iter()
        .map(|line| {
            let cells: Vec<_> = columns
                .iter()
                .enumerate()
                .map(|(i, c)| {
                    let inside = cell(line, c.key);
                    match (i, c.numeric) {
                        (0, _) => view! { <th scope="row" class="kern-table__cell">{inside}</th> }.into_any(),
                        (_, true) => {
                            view! { <td class="kern-table__cell kern-table__cell--numeric" data-label=lang.t(c.label)>{inside}</td> }
                                .into_any()
                        }
                        (_, false) => view! { <td class="kern-table__cell" data-label=lang.t(c.label)>{inside}</td> }.into_any(),
                    }
                })
                .collect();
            let class = format!("kern-table__row {}", class(line));
            view! { <tr class=class.trim_end().to_owned()>{cells}</tr> }
        })
        .collect();
    let label = lang.t(columns.table().title());
    // the keys of the inbox (web/desk.js) move between its rows
    let keys = (columns.table() == domain::tables::Table::Inbox).then_some("inbox");
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=label data-keys=keys>
            <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}

/// The form that chooses columns, and the link to the workbook. `here`: where to come back to, filters included.
pub fn tools(lang: Lang, columns: &Columns, here: &str, workbook: &str) -> AnyView {
    let mut all = columns.table().columns().iter();
    let first = all.next().map(|c| lang.t(c.label)).unwrap_or_default();
    let boxes: Vec<_> = all
        .map(|c| {
            let id = format!("spalte-{}", c.key);
            let ticked = columns.has(c.key);
            view! {
                <div class="kern-form-check">
                    <input class="kern-form-check__checkbox" type="checkbox" id=id.clone() name="spalte" value=c.key checked=ticked/>
                    <label class="kern-label" for=id>{lang.t(c.label)}</label>
                </div>
            }
        })
        .collect();
    view! {
        <div class="table-tools">
            <details>
                <summary>{lang.t("columns-choose")}</summary>
                <form method="post" action=urls::COLUMNS class="stack details-body">
                    <input type="hidden" name="tabelle" value=columns.table().key()/>
                    <input type="hidden" name="zurueck" value=here.to_owned()/>
                    <fieldset class="kern-fieldset">
                        <legend class="kern-label">{lang.t("columns-legend")}</legend>
                        <div class="kern-hint">{lang.with("columns-first", &[("name", &first)])}</div>
                        <div class="kern-fieldset__body table-tools__columns">{boxes}</div>
                    </fieldset>
                    <div class="buttons">
                        {submit("secondary", &lang.t("columns-show"))}
                        {submit_as("tertiary", &lang.t("columns-standard"), "tun", "standard")}
                    </div>
                </form>
            </details>
            {link_button("tertiary", workbook, &lang.t("export-xlsx"))}
        </div>
    }
    .into_any()
}
