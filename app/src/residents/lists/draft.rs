//! A draft: columns, what was found, decisions by rule.

use super::{rows::findings_of, tile, upload_page};
use crate::{
    portal::{Answer, Outcome, Page, Rq, refused},
    ui::view::{alert, badge, link_button, submit_as},
};
use backend::residents::{
    self, Choices, Draft, Fate, ListRefusal,
    lists::{self, RowFilter, RowView},
};
use domain::{
    access::Permission,
    residents::{
        column::{Column, Mapping},
        finding::{Rule, Severity},
    },
    urls,
};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// Rows of a rule that are shown on the page itself.
const SHOWN: i64 = 8;

/// `/verwaltung/listen/{id}`. A POST changes choices, goes on or throws the draft away.
pub async fn page(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ImportResidents)?;
    let id = rq.id()?;
    let mut refusal = None;
    if let Some(form) = &rq.form {
        let version = form.get("version").parse().unwrap_or(0);
        let width = form.0.iter().filter(|(k, _)| k.starts_with("spalte_")).count();
        let mapping = Mapping(
            (0..width)
                .map(|i| Column::parse(form.get(&format!("spalte_{i}"))))
                .collect(),
        );
        let agreed = form
            .0
            .iter()
            .filter(|(k, _)| k == "ja")
            .filter_map(|(_, v)| Rule::parse(v))
            .collect();
        let result = if form.get("tun") == "abbrechen" {
            lists::cancel(&rq.ctx, actor, id)
                .await
                .map(|()| urls::LISTS.to_owned())
        } else if form.get("tun") == "verwerfen" {
            residents::discard(&rq.ctx, actor, id)
                .await
                .map(|()| urls::LISTS.to_owned())
        } else {
            // what is ticked on the page counts, even if nobody pressed "check again" before
            let choices = Choices {
                mapping,
                agreed,
                complete: false,
            };
            let to = match form.get("tun") {
                "weiter" => format!("{}/folgen", rq.path),
                _ => rq.path.clone(),
            };
            residents::choose(&rq.ctx, actor, id, version, form.get("blatt"), choices)
                .await
                .map(|()| to)
        };
        match refused(result)? {
            Ok(to) => return Ok(Answer::go(to)),
            Err(r) => refusal = Some(r),
        }
    }
    let draft = match refused(residents::preview(&rq.ctx, actor, id).await)? {
        Ok(draft) => draft,
        // applied while somebody watched, or an old address: the history says what became of it
        Err(ListRefusal::Gone) if rq.form.is_none() => return Ok(Answer::go(urls::LISTS)),
        Err(r) => return upload_page(&rq, Some(r)).await,
    };
    if ["reading", "applying"].contains(&draft.state.as_str()) {
        return Ok(busy(&rq, &draft, refusal).into());
    }
    let mut examples = Vec::new();
    for (rule, ..) in &draft.rules {
        let found = lists::rows(&rq.ctx, actor, id, RowFilter::Rule(*rule), 0, SHOWN).await;
        if let Ok(page) = refused(found)? {
            examples.push((*rule, page.rows));
        }
    }
    Ok(draft_page(&rq, draft, examples, refusal).into())
}

/// The list is being read or applied: the page shows how far, and goes on by itself.
fn busy(rq: &Rq, draft: &Draft, refusal: Option<ListRefusal>) -> Page {
    let lang = rq.lang;
    let name = draft.file_name.clone();
    let reading = draft.state == "reading";
    let read = lang.number(draft.meta.read);
    let (applied, rows) = (draft.applied, draft.rows());
    let mut page = Page::staff(name.clone(), move || {
        let title = if reading { "list-reading" } else { "list-applying" };
        let how_far = if reading {
            // how many rows there are is known in the end
            view! {
                <p class="kern-body">{lang.with("list-reading-text", &[("n", &read)])}</p>
                <progress aria-label=lang.t(title)></progress>
            }
            .into_any()
        } else {
            let done = lang.with(
                "list-applied-so-far",
                &[("n", &lang.number(applied)), ("alle", &lang.number(rows))],
            );
            view! {
                <p class="kern-body">{done}</p>
                <progress aria-label=lang.t(title) max=rows.max(1).to_string() value=applied.to_string()></progress>
                <p class="kern-body">{lang.t("list-applying-text")}</p>
            }
            .into_any()
        };
        view! {
            {refusal.map(|r| alert("danger", &lang.t("not-done"), view! { <p class="kern-body">{lang.t(r.key())}</p> }))}
            <p><a class="kern-link" href=urls::LISTS>{lang.t("back-to-lists")}</a></p>
            <h1 class="kern-heading-x-large">{name}</h1>
            <div data-live="1500" role="status">
                {alert("info", &lang.t(title), view! { <div class="kern-progress">{how_far}</div> })}
            </div>
            {if reading {
                view! { <form method="post">{submit_as("secondary", &lang.t("list-cancel"), "tun", "abbrechen")}</form> }.into_any()
            } else {
                view! { <p class="kern-body">{lang.t("list-applying-no-cancel")}</p> }.into_any()
            }}
        }
        .into_any()
    });
    page.refresh = Some(3);
    page
}

fn draft_page(rq: &Rq, p: Draft, examples: Vec<(Rule, Vec<RowView>)>, refusal: Option<ListRefusal>) -> Page {
    let lang = rq.lang;
    let title = p.file_name.clone();
    let status = if refusal.is_some() {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        axum::http::StatusCode::OK
    };
    Page::staff(title.clone(), move || {
        let ready = p.missing.is_empty() && p.state == "draft";
        let missing: Vec<String> = p.missing.iter().map(|c| lang.t(&format!("column-{}", c.key()))).collect();
        let failed = p.problem.clone();
        let tiles: Vec<_> = [
            ("preview-rows", p.rows(), "", None),
            ("preview-taken", p.count(Fate::Take), "good", Some(Fate::Take)),
            ("preview-asked", p.count(Fate::Open), "ask", Some(Fate::Open)),
            ("preview-left", p.count(Fate::Leave), "", Some(Fate::Leave)),
            ("preview-blocked", p.count(Fate::Block), "block", Some(Fate::Block)),
            ("preview-dropped", p.count(Fate::Drop), "", Some(Fate::Drop)),
        ]
        .into_iter()
        .map(|(key, n, kind, fate)| {
            let query = fate.map(|f| format!("?stand={}", f.key())).unwrap_or_default();
            view! { <a class="tile-link" href=format!("{}/{}/zeilen{query}", urls::LISTS, p.id)>{tile(&lang.t(key), &lang.number(n), kind)}</a> }
        })
        .collect();
        let notes: Vec<_> = p
            .meta
            .notes
            .iter()
            .map(|n| {
                let values: Vec<(&str, &str)> = n.values.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
                view! { <li class="kern-body">{lang.with(&format!("note-{}", n.key), &values)}</li> }
            })
            .collect();
        let header = lang.with("preview-header", &[("zeile", &p.meta.header.row.to_string()), ("blatt", if p.sheet.is_empty() { "–" } else { &p.sheet })]);
        let waiting = p.count(Fate::Open);
        view! {
            {refusal.map(|r| alert("danger", &lang.t("not-done"), view! { <p class="kern-body">{lang.t(r.key())}</p> }))}
            <p><a class="kern-link" href=urls::LISTS>{lang.t("back-to-lists")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body kern-body--muted">{header}" "{lang.t("preview-nothing-stored")}</p>
            {failed.map(|key| alert("danger", &lang.t("list-refused"), view! { <p class="kern-body">{lang.t(&key)}</p> }))}
            {(!notes.is_empty()).then(|| alert("warning", &lang.t("notes-title"), view! { <ul class="kern-list">{notes}</ul> }))}
            {ready.then(|| view! { <div class="tiles">{tiles}</div> })}
            {(!p.missing.is_empty()).then(|| alert("warning", &lang.t("preview-missing-title"), view! { <p class="kern-body">{lang.with("preview-missing", &[("spalten", &missing.join(", "))])}</p> }))}
            <form method="post">
                <input type="hidden" name="version" value=p.version.to_string()/>
                {columns(lang, &p)}
                {ready.then(|| findings(lang, &p, &examples))}
                <div class="action-bar">
                    {ready.then(|| submit_as("primary", &lang.t("preview-go-on"), "tun", "weiter"))}
                    {submit_as("secondary", &lang.t("preview-check-again"), "tun", "pruefen")}
                    {submit_as("tertiary", &lang.t("preview-discard"), "tun", "verwerfen")}
                    {(ready && waiting > 0).then(|| view! { <p class="kern-body kern-body--muted">{lang.n("preview-waiting", usize::try_from(waiting).unwrap_or(0))}</p> })}
                </div>
            </form>
        }
        .into_any()
    })
    .status(status)
}

/// Findings by rule: the worst first.
fn findings(lang: Lang, p: &Draft, examples: &[(Rule, Vec<RowView>)]) -> AnyView {
    if p.rules.is_empty() {
        return alert(
            "success",
            &lang.t("preview-clean-title"),
            view! { <p class="kern-body">{lang.t("preview-clean")}</p> },
        )
        .into_any();
    }
    let groups: Vec<_> = p
        .rules
        .iter()
        .map(|(rule, count, open)| group(lang, p, *rule, *count, *open, examples))
        .collect();
    let export = format!("{}/{}/befunde.xlsx", urls::LISTS, p.id);
    view! {
        <h2 class="kern-heading-medium">{lang.t("preview-findings")}</h2>
        <p><a class="kern-link" href=export download="befunde.xlsx">{lang.t("findings-export")}</a></p>
        {groups}
    }
    .into_any()
}

/// The badge of a severity.
pub fn severity_badge(lang: Lang, severity: Severity) -> AnyView {
    let kind = match severity {
        Severity::Block => "danger",
        Severity::Ask => "warning",
        Severity::Repair => "info",
    };
    badge(kind, &lang.t(&format!("severity-{}", severity.key()))).into_any()
}

fn group(
    lang: Lang,
    p: &Draft,
    rule: Rule,
    count: i64,
    open: i64,
    examples: &[(Rule, Vec<RowView>)],
) -> impl IntoView + use<> {
    let severity = rule.severity();
    let shown: &[RowView] = examples
        .iter()
        .find(|(r, _)| *r == rule)
        .map_or(&[], |(_, rows)| rows);
    let rows: Vec<_> = shown
        .iter()
        .flat_map(|row| {
            findings_of(row, rule).into_iter().map(|f| {
                let column = f.column.map_or_else(|| lang.t("finding-whole-row"), |c| lang.t(&format!("column-{}", c.key())));
                let (was, becomes) = super::rows::was_and_becomes(lang, f);
                view! {
                    <tr class="kern-table__row">
                        <td class="kern-table__cell"><a class="kern-link" href=row_url(p.id, row.row)>{row.row.to_string()}</a></td>
                        <td class="kern-table__cell">{column}</td>
                        <td class="kern-table__cell"><del class="was">{was}</del></td>
                        <td class="kern-table__cell"><ins class="becomes">{becomes}</ins></td>
                    </tr>
                }
            }).collect::<Vec<_>>()
        })
        .collect();
    let heads: Vec<_> = ["finding-row", "finding-field", "finding-was", "finding-becomes"]
        .into_iter()
        .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
        .collect();
    let agree = (severity == Severity::Ask).then(|| {
        let id = format!("ja-{}", rule.key());
        let ticked = p.choices.agreed.contains(&rule);
        view! {
            <div class="kern-form-check">
                <input class="kern-form-check__checkbox" type="checkbox" id=id.clone() name="ja" value=rule.key() checked=ticked/>
                <label class="kern-label" for=id>{lang.t("preview-agree")}</label>
            </div>
        }
    });
    let counted = lang.n("preview-finding-count", usize::try_from(count).unwrap_or(0));
    let left = (open > 0).then(|| lang.n("preview-finding-open", usize::try_from(open).unwrap_or(0)));
    let all = format!("{}/{}/zeilen?regel={}", urls::LISTS, p.id, rule.key());
    view! {
        <section class="finding-group">
            <details>
                <summary>
                    {severity_badge(lang, severity)}
                    <span class="finding-group__rule">{lang.t(&format!("rule-{}", rule.key()))}</span>
                    <span class="muted">{counted}{left.map(|l| format!(", {l}"))}</span>
                </summary>
                <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t(&format!("rule-{}", rule.key()))>
                    <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
                </div>
                <p>{link_button("secondary", &all, &lang.t("preview-all-rows"))}</p>
            </details>
            {agree}
        </section>
    }
}

/// The page of a row.
pub fn row_url(list: Uuid, row: i64) -> String {
    format!("{}/{list}/zeile/{row}", urls::LISTS)
}

/// Recognised columns with samples; each can be corrected.
fn columns(lang: Lang, p: &Draft) -> AnyView {
    let sheets = (p.meta.sheets.len() > 1).then(|| {
        let options: Vec<_> = p
            .meta
            .sheets
            .iter()
            .map(|sheet| {
                let selected = sheet.name == p.sheet;
                let label = if sheet.hidden { lang.with("preview-sheet-hidden", &[("blatt", &sheet.name)]) } else { sheet.name.clone() };
                view! { <option value=sheet.name.clone() selected=selected>{label}</option> }
            })
            .collect();
        view! {
            <div class="kern-form-input">
                <label class="kern-label" for="blatt">{lang.t("preview-sheet")}</label>
                <div class="kern-form-input__select-wrapper"><select class="kern-form-input__select" id="blatt" name="blatt">{options}</select></div>
            </div>
        }
    });
    let one_sheet = (p.meta.sheets.len() <= 1)
        .then(|| view! { <input type="hidden" name="blatt" value=p.sheet.clone()/> });
    let ignored: Vec<String> = p
        .meta
        .header
        .titles
        .iter()
        .enumerate()
        .filter(|(i, t)| p.choices.mapping.0.get(*i).copied().flatten().is_none() && !t.is_empty())
        .map(|(_, t)| t.clone())
        .collect();
    let rows: Vec<_> = p
        .meta
        .header
        .titles
        .iter()
        .enumerate()
        .map(|(i, title)| {
            let chosen = p.choices.mapping.0.get(i).copied().flatten();
            let id = format!("spalte_{i}");
            let options: Vec<_> = std::iter::once((String::new(), lang.t("column-ignored"), chosen.is_none()))
                .chain(Column::ALL.iter().map(|c| (c.key().to_owned(), lang.t(&format!("column-{}", c.key())), Some(*c) == chosen)))
                .map(|(value, label, selected)| view! { <option value=value selected=selected>{label}</option> })
                .collect();
            let samples = p.meta.samples.get(i).map(|s| s.join(" · ")).unwrap_or_default();
            let label = lang.with("column-meaning-of", &[("titel", title)]);
            let doubt = p.meta.header.doubts.contains(&i);
            let confidence = p.meta.header.confidence.get(i).copied().flatten().filter(|_| chosen == p.meta.header.guess.0.get(i).copied().flatten());
            let why = if doubt {
                badge("warning", &lang.t("confidence-doubt")).into_any()
            } else {
                confidence.map(|c| lang.t(&format!("confidence-{}", c.key()))).into_any()
            };
            view! {
                <tr class="kern-table__row">
                    <th scope="row" class="kern-table__cell">{if title.is_empty() { "–".to_owned() } else { title.clone() }}</th>
                    <td class="kern-table__cell samples">{samples}</td>
                    <td class="kern-table__cell">{why}</td>
                    <td class="kern-table__cell">
                        <div class="kern-form-input__select-wrapper"><select class="kern-form-input__select" id=id.clone() name=id aria-label=label>{options}</select></div>
                    </td>
                </tr>
            }
        })
        .collect();
    let heads: Vec<_> = ["column-title", "column-samples", "column-why", "column-meaning"]
        .into_iter()
        .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
        .collect();
    let summary = lang.with(
        "preview-columns",
        &[
            ("n", &p.choices.mapping.known().to_string()),
            ("alle", &p.meta.header.titles.len().to_string()),
        ],
    );
    let note =
        (!ignored.is_empty()).then(|| lang.with("preview-ignored", &[("spalten", &ignored.join(", "))]));
    view! {
        <details class="columns" open=!p.missing.is_empty()>
            <summary>{summary}</summary>
            {sheets}
            <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("preview-columns-label")>
                <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div>
        </details>
        {one_sheet}
        {note.map(|text| view! { <p class="kern-body">{text}</p> })}
    }
    .into_any()
}
