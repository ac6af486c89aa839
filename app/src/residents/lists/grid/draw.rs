//! The table on the screen: head, rows, the cell in which somebody types, and what is said about the row.

use super::{
    super::api::{Change, GridRow},
    table::{BEFORE, Table, becomes, shown},
};
use domain::{
    residents::{
        column::Column,
        finding::{Finding, Rule, Severity},
    },
    urls,
};
use leptos::{ev, html, prelude::*};

/// Everything below the filters.
pub(super) fn table(table: Table) -> AnyView {
    let heads: Vec<_> = (0..BEFORE + table.columns.with_value(Vec::len))
        .map(|place| {
            let label = match table.column(place) {
                Some(column) => table.t(&format!("column-{}", column.key())),
                None => table.t(["finding-row", "state", "preview-findings"][place.min(2)]),
            };
            let class = cell_class(table, place);
            view! { <div role="columnheader" class=class title=label.clone()>{label.clone()}</div> }
        })
        .collect();
    let drawn = Memo::new(move |_| table.window().drawn(table.top.get()));
    Effect::new(move |_| {
        drawn.track();
        table.fetch();
    });
    let rows = move || {
        let (range, _) = drawn.get();
        range
            .filter_map(|place| Some((place, table.number_at(place)?)))
            .collect::<Vec<_>>()
    };
    let measure = move || {
        let Some(scroller) = table.scroller.get_untracked() else {
            return;
        };
        let head = scroller
            .first_element_child()
            .map_or(40.0, |h| h.get_bounding_client_rect().height());
        let view = (f64::from(scroller.client_height()) - head).max(head);
        if table.heights.get_untracked() != (head, view) {
            table.heights.set((head, view));
        }
    };
    table.scroller.on_load(move |_| request_animation_frame(measure));
    let resize = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || resize.remove());
    let active = move || {
        let (row, place) = table.cursor.get();
        table.number_at(row).map(|number| cell_id(number, place))
    };
    let height = move || format!("{}px", table.window().height());
    let shift = move || format!("translateY({}px)", drawn.get().1);
    let count = move || table.numbers.with(|n| n.len());
    // what is wrong with the typed text is spoken when somebody pauses, not at each key
    let heard = RwSignal::new(String::new());
    let pause = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let typing = table.edit.with(Option::is_some);
        let said = if typing { said(table) } else { String::new() };
        if let Some(timer) = pause.get_value() {
            timer.clear();
        }
        let timer = set_timeout_with_handle(
            move || {
                if heard.with_untracked(|h| *h != said) {
                    heard.set(said.clone());
                }
            },
            std::time::Duration::from_millis(700),
        );
        pause.set_value(timer.ok());
    });
    view! {
        <div class="grid">
            <p class="grid__status">
                <span>{move || match count() {
                    1 => table.t("grid-rows-one"),
                    n => table.with("grid-rows", &[("n", &n.to_string())]),
                }}</span>
                {move || fates(table)}
                {move || unsaved(table)}
                {move || colleagues(table)}
            </p>
            <div class="grid__view" role="grid" tabindex="0" aria-label=table.t("grid-label") aria-describedby="grid-help"
                aria-rowcount=move || (count() + 1).to_string() aria-colcount=(BEFORE + table.columns.with_value(Vec::len)).to_string()
                aria-activedescendant=active
                node_ref=table.scroller
                on:scroll=move |_| {
                    if let Some(scroller) = table.scroller.get_untracked() {
                        table.top.set(f64::from(scroller.scroll_top()));
                    }
                }
                on:keydown=move |event| key(table, &event)
            >
                <div role="row" class="grid__head" aria-rowindex="1">{heads}</div>
                <div role="rowgroup" class="grid__space" style:height=height>
                    <div role="presentation" class="grid__slab" style:transform=shift>
                        <For each=rows key=|(_, number)| *number children=move |(place, number)| row(table, place, number)/>
                    </div>
                </div>
            </div>
            <p class="kern-hint" id="grid-help">{table.t("grid-help")}</p>
            <p class="grid__message" role="status">{move || table.message.get()}{move || spoken(heard.get())}</p>
            <p class="grid__problem" role="alert">{move || table.problem.get()}</p>
            {move || panel(table)}
        </div>
    }
    .into_any()
}

/// What was found in the cell in which somebody types, in words.
fn said(table: Table) -> String {
    let place = table.edit.with(|e| e.as_ref().map(|e| e.place));
    let column = place.and_then(|p| table.column(p));
    let findings = table.judged().map(|(_, findings)| findings).unwrap_or_default();
    let mut words: Vec<String> = findings
        .iter()
        .filter(|f| f.column == column)
        .map(|f| table.t(&format!("rule-{}", f.rule.key())))
        .collect();
    words.dedup();
    words.join(", ")
}

/// For screen readers only: everybody else reads it below.
fn spoken(text: String) -> AnyView {
    view! { <span class="kern-sr-only">{text}</span> }.into_any()
}

fn cell_id(number: u32, place: usize) -> String {
    format!("c{number}-{place}")
}

fn cell_class(table: Table, place: usize) -> String {
    let kind = match table.column(place) {
        Some(column) => column.key(),
        None => ["row", "fate", "found"][place.min(2)],
    };
    format!("grid__cell grid__cell--{kind}")
}

/// How many rows end how, as colleagues change them.
fn fates(table: Table) -> AnyView {
    let items: Vec<_> = table
        .fates
        .get()
        .into_iter()
        .map(|(fate, n)| view! { <span>{table.t(&format!("fate-{fate}"))}": "{n}</span> })
        .collect();
    items.into_any()
}

/// Changes that are still on their way.
fn unsaved(table: Table) -> AnyView {
    let open = table.waiting.get();
    (open > 1)
        .then(|| view! { <strong>{table.with("grid-waiting", &[("n", &open.to_string())])}</strong> })
        .into_any()
}

/// Who else is there.
fn colleagues(table: Table) -> AnyView {
    let others = table.others.get();
    if others.is_empty() {
        return view! { <span class="muted">{table.t("grid-alone")}</span> }.into_any();
    }
    let items: Vec<_> = others
        .into_iter()
        .map(|(name, row)| {
            let text = match row {
                Some(row) => table.with("grid-other-row", &[("name", &name), ("zeile", &row.to_string())]),
                None => table.with("grid-other", &[("name", &name)]),
            };
            view! { <strong class="grid__colleague">{text}</strong> }
        })
        .collect();
    items.into_any()
}

/// One row. Its cells are drawn once; what is in them follows the row. So nobody loses the cell in which he types because
/// the row is saved, or because a colleague changes it.
fn row(table: Table, place: usize, number: u32) -> impl IntoView {
    let slot = table.slot(number);
    let data = Memo::new(move |_| slot.get());
    let known = Memo::new(move |_| data.with(Option::is_some));
    let active = Memo::new(move |_| {
        let (row, cell) = table.cursor.get();
        (row == place).then_some(cell)
    });
    let editing = Memo::new(move |_| {
        table
            .edit
            .with(|e| e.as_ref().filter(|e| e.row == number).map(|e| e.place))
    });
    let other = Memo::new(move |_| {
        table.others.with(|o| {
            o.iter()
                .find(|(_, row)| *row == Some(number))
                .map(|(name, _)| name.clone())
        })
    });
    let class = move || {
        let mut class = "grid__row".to_owned();
        if active.with(Option::is_some) {
            class += " grid__row--here";
        }
        if other.with(Option::is_some) {
            class += " grid__row--other";
        }
        class
    };
    let cells = move || {
        if known.get() {
            (0..BEFORE + table.columns.with_value(Vec::len))
                .map(|cell| draw_cell(table, (place, number), cell, data, active, editing))
                .collect::<Vec<_>>()
                .into_any()
        } else {
            loading(table, number, active)
        }
    };
    view! { <div role="row" class=class aria-rowindex=(place + 2).to_string() title=move || other.get()>{cells}</div> }
}

/// A row that is not there yet, or not any more. The cursor can stand in it.
fn loading(table: Table, number: u32, active: Memo<Option<usize>>) -> AnyView {
    let gone = move || table.gone.with(|g| g.contains(&number));
    let id = move || cell_id(number, active.get().filter(|cell| *cell > 0).unwrap_or(1));
    let here = |here: bool| if here { " grid__cell--here" } else { "" };
    let number_class = move || format!("grid__cell grid__cell--row{}", here(active.get() == Some(0)));
    let class = move || {
        let there = active.get().is_some_and(|cell| cell > 0);
        format!("grid__cell grid__cell--wide muted{}", here(there))
    };
    view! {
        <div role="gridcell" class=number_class id=cell_id(number, 0)>{number}</div>
        <div role="gridcell" class=class id=id aria-busy=move || (!gone()).then_some("true")>
            {move || table.t(if gone() { "grid-gone" } else { "grid-loading" })}
        </div>
    }
    .into_any()
}

fn draw_cell(
    table: Table,
    (place_of_row, number): (usize, u32),
    place: usize,
    data: Memo<Option<GridRow>>,
    active: Memo<Option<usize>>,
    editing: Memo<Option<usize>>,
) -> impl IntoView + use<> {
    let column = table.column(place);
    let worst = Memo::new(move |_| {
        let column = column?;
        data.with(|row| {
            let findings = row.as_ref()?.findings.iter();
            findings
                .filter(|f| f.column == Some(column))
                .map(|f| f.rule.severity())
                .max()
        })
    });
    let base = cell_class(table, place);
    let class = move || {
        let mut class = base.clone();
        if let Some(severity) = worst.get() {
            class += " grid__cell--";
            class += severity.key();
        }
        if active.get() == Some(place) {
            class += " grid__cell--here";
        }
        class
    };
    let content = move || match column {
        Some(column) if editing.get() == Some(place) => input(table, column, number),
        Some(column) => data
            .with(|row| {
                let row = row.as_ref()?;
                Some(cell_text(table, row, column, worst.get()))
            })
            .into_any(),
        None => data
            .with(|row| Some(before_text(table, row.as_ref()?, place)))
            .into_any(),
    };
    let invalid = move || {
        worst
            .get()
            .is_some_and(|s| s > Severity::Repair)
            .then_some("true")
    };
    let read_only = column.is_none().then_some("true");
    view! {
        <div role="gridcell" class=class id=cell_id(number, place) aria-invalid=invalid aria-readonly=read_only
            aria-selected=move || (active.get() == Some(place)).then_some("true")
            on:mousedown=move |_| {
                table.touch();
                if editing.get_untracked() != Some(place) && table.commit() {
                    table.cursor.set((place_of_row, place));
                }
            }
            on:dblclick=move |_| {
                if editing.get_untracked() != Some(place) {
                    table.begin(None);
                }
            }
        >
            {content}
        </div>
    }
}

/// Number, state, findings.
fn before_text(table: Table, row: &GridRow, place: usize) -> AnyView {
    match place {
        0 => row.row.into_any(),
        1 => {
            let class = format!("grid__fate grid__fate--{}", row.fate);
            view! { <span class=class>{table.t(&format!("fate-{}", row.fate))}</span> }.into_any()
        }
        _ => {
            let mut rules: Vec<Rule> = row.findings.iter().map(|f| f.rule).collect();
            rules.sort_by_key(|r| std::cmp::Reverse(r.severity()));
            rules.dedup();
            let first = rules.first().map(|r| table.t(&format!("rule-{}", r.key())));
            let more = (rules.len() > 1).then(|| format!(" (+{})", rules.len() - 1));
            view! { {first}{more} }.into_any()
        }
    }
}

/// What stands in a cell, what it becomes, and how bad it is in words.
fn cell_text(table: Table, row: &GridRow, column: Column, worst: Option<Severity>) -> AnyView {
    let text = shown(row, column);
    let fixed = becomes(row, column).filter(|b| *b != text);
    let said = worst.map(|s| {
        let label = table.t(&format!("severity-{}", s.key()));
        let text = format!(" ({label})");
        view! { <span class="kern-sr-only">{text}</span> }
    });
    match fixed {
        Some(fixed) => {
            view! { <span class="was">{text}</span>" → "<ins class="becomes">{fixed}</ins>{said}" " }
                .into_any()
        }
        None => view! { {text}{said} }.into_any(),
    }
}

/// The cell in which somebody types.
fn input(table: Table, column: Column, number: u32) -> AnyView {
    let field = NodeRef::<html::Input>::new();
    let text = table
        .edit
        .with_untracked(|e| e.as_ref().map(|e| e.text.clone()))
        .unwrap_or_default();
    field.on_load(move |input| {
        // as soon as it stands in the page: keys that follow at once belong to it
        queue_microtask(move || {
            let _ = input.focus();
        });
    });
    let label = table.with(
        "grid-editing",
        &[
            ("spalte", &table.t(&format!("column-{}", column.key()))),
            ("zeile", &number.to_string()),
        ],
    );
    let invalid = move || {
        let bad = |f: &Finding| f.column == Some(column) && f.rule.severity() > Severity::Repair;
        let (_, findings) = table.judged()?;
        findings.iter().any(bad).then_some("true")
    };
    view! {
        <input class="grid__input" type="text" autocomplete="off" aria-label=label aria-invalid=invalid aria-describedby="grid-found" node_ref=field
            prop:value=text maxlength="200"
            on:input=move |event| {
                let typed = event_target_value(&event);
                table.edit.update(|e| {
                    if let Some(e) = e {
                        e.text = typed;
                    }
                });
            }
            on:blur=move |_| {
                // whoever looks something up in another window has not finished typing
                if document().has_focus().unwrap_or(true) {
                    table.commit();
                }
            }
            on:keydown=move |event| {
                event.stop_propagation();
                table.touch();
                if event.is_composing() {
                    return;
                }
                if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                    event.prevent_default();
                    if table.commit() {
                        table.focus();
                        table.act(Change::Take);
                    }
                    return;
                }
                let back = event.shift_key();
                let (rows, places) = match event.key().as_str() {
                    "Enter" if back => (-1, 0),
                    "Enter" => (1, 0),
                    "Tab" if back => (0, -1),
                    "Tab" => (0, 1),
                    "Escape" => {
                        event.prevent_default();
                        return table.cancel();
                    }
                    _ => return,
                };
                event.prevent_default();
                if table.commit() {
                    table.focus();
                    table.go(rows, places);
                }
            }
        />
    }
    .into_any()
}

/// Keys while nobody types.
fn key(table: Table, event: &ev::KeyboardEvent) {
    table.touch();
    let control = event.ctrl_key() || event.meta_key();
    // the browser's own: back, forward, tabs
    if event.alt_key() || (event.meta_key() && event.key().starts_with("Arrow")) {
        return;
    }
    let (row, place) = table.cursor.get_untracked();
    let page = isize::try_from(untrack(|| table.window()).page()).unwrap_or(10);
    let last = table.numbers.with_untracked(|n| n.len()).saturating_sub(1);
    let end = BEFORE + table.columns.with_value(Vec::len) - 1;
    match event.key().as_str() {
        "ArrowUp" => table.go(-1, 0),
        "ArrowDown" => table.go(1, 0),
        "ArrowLeft" => table.go(0, -1),
        "ArrowRight" => table.go(0, 1),
        "PageUp" => table.go(-page, 0),
        "PageDown" => table.go(page, 0),
        "Home" if control => table.go_to(0, 0),
        "Home" => table.go_to(row, 0),
        "End" if control => table.go_to(last, end),
        "End" => table.go_to(row, end),
        "Enter" if control => table.act(Change::Take),
        "Delete" | "Backspace" if control => table.act(Change::Leave),
        "z" if control && !event.shift_key() => table.back(),
        "Enter" | "F2" => table.begin(None),
        " " if place < BEFORE => {}
        typed if !control && typed.chars().count() == 1 && place >= BEFORE => {
            table.begin(Some(typed.to_owned()));
        }
        _ => return,
    }
    event.prevent_default();
}

/// What is said about the row under the cursor, and what can be done with it.
fn panel(table: Table) -> AnyView {
    let number = table.number_at(table.cursor.get().0);
    let (Some(number), Some(row), Some((data, findings))) = (number, table.row_here(), table.judged()) else {
        return view! { <section class="grid__panel" id="grid-row"></section> }.into_any();
    };
    let title = table.with("row-title", &[("zeile", &number.to_string())]);
    let said: Vec<_> = findings.iter().map(|f| finding(table, f)).collect();
    let said = if said.is_empty() {
        view! { <p class="kern-body">{table.t("grid-nothing")}</p> }.into_any()
    } else {
        view! { <ul class="plain-list">{said}</ul> }.into_any()
    };
    let lines: Vec<_> = std::iter::once(data.display_name())
        .chain(data.address_lines())
        .map(|line| view! { {line}<br/> })
        .collect();
    let blocked = row.fate == "block" || row.fate == "drop";
    let asked = findings.iter().any(|f| f.rule.severity() == Severity::Ask);
    let button = move |key: &'static str, change: Change| {
        let label = table.t(key);
        view! {
            <button type="button" class="kern-btn kern-btn--secondary" on:click=move |_| { table.act(change.clone()); table.focus(); }>
                <span class="kern-label">{label}</span>
            </button>
        }
    };
    let form = format!("{}/{}/zeile/{number}", urls::LISTS, table.list());
    let label = title.clone();
    view! {
        <section class="grid__panel" id="grid-row" aria-label=label>
            <div>
                <h2 class="kern-heading-small">{title}</h2>
                <div id="grid-found">{said}</div>
            </div>
            <div>
                <p class="kern-hint">{table.t("row-letter")}</p>
                <p class="letter-address">{lines}</p>
            </div>
            <div class="buttons">
                {(!blocked && asked && !row.doubtful && !row.decided).then(|| button("row-take", Change::Take))}
                {row.doubtful.then(|| button("row-same", Change::Same))}
                {row.doubtful.then(|| button("row-new", Change::New))}
                {(!blocked && row.fate != "leave").then(|| button("row-leave", Change::Leave))}
                {row.decided.then(|| button("row-undecide", Change::Undecide))}
                {row.perhaps.clone().map(|id| {
                    view! { <a class="kern-link" href=format!("{}/{id}", urls::RESIDENTS)>{table.t("row-perhaps")}</a> }
                })}
                {row.edited.then(|| button("row-undo", Change::Undo))}
                <a class="kern-link" href=form>{table.t("grid-form")}</a>
            </div>
        </section>
    }
    .into_any()
}

fn finding(table: Table, f: &Finding) -> impl IntoView + use<> {
    let kind = match f.rule.severity() {
        Severity::Repair => "success",
        Severity::Ask => "warning",
        Severity::Block => "danger",
    };
    let class = format!("kern-badge kern-badge--{kind}");
    let label = table.t(&format!("severity-{}", f.rule.severity().key()));
    let rule = table.t(&format!("rule-{}", f.rule.key()));
    let column = f
        .column
        .map(|c| format!(" – {}", table.t(&format!("column-{}", c.key()))));
    let detail = match (&f.becomes, f.rule) {
        (Some(row), rule) if rule.is_beside_others() && rule != Rule::CrowdedAddress => {
            Some(table.with("finding-like-row", &[("zeile", row)]))
        }
        (Some(text), _) => Some(format!("{} → {text}", f.was)),
        (None, _) => None,
    };
    let detail = detail.map(|d| format!(": {d}"));
    view! { <li><span class=class><span class="kern-label">{label}</span></span>" "{rule}{column}{detail}</li> }
}
