//! Resident lists: upload, preview with mapping and findings, apply.

use crate::{
    portal::{Answer, Outcome, Page, Rq, refused},
    ui::view::{alert, badge, link_button, moment, submit_as},
};
use backend::residents::{self, Choices, ListRefusal, Preview};
use domain::{
    access::Permission,
    residents::{
        column::{Column, Mapping},
        finding::{Finding, Rule, Severity},
    },
    urls,
};
use leptos::prelude::*;
use locales::Lang;
use std::collections::BTreeMap;

/// `/verwaltung/listen`: upload and history. The upload itself is plain multipart, handled by the server.
pub async fn index(rq: Rq) -> Outcome {
    upload_page(&rq, None).await
}

/// The upload page, with what was wrong with the last file.
pub async fn upload_page(rq: &Rq, refusal: Option<ListRefusal>) -> Outcome {
    let actor = rq.staff(Permission::ImportResidents)?;
    let lists = residents::lists(&rq.ctx, actor).await?;
    let lang = rq.lang;
    let title = lang.t("nav-lists");
    let status = if refusal.is_some() {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        axum::http::StatusCode::OK
    };
    Ok(Page::staff(title.clone(), move || {
        let problem = refusal.map(|r| lang.t(r.key()));
        let invalid = problem.is_some().then_some("true");
        let rows: Vec<_> = lists
            .into_iter()
            .map(|l| {
                let state = match l.state.as_str() {
                    "applied" => badge("success", &lang.t("list-state-applied")),
                    "draft" => badge("info", &lang.t("list-state-draft")),
                    _ => badge("warning", &lang.t("list-state-discarded")),
                };
                let name = if l.state == "draft" {
                    view! { <a class="kern-link" href=format!("{}/{}", urls::LISTS, l.id)>{l.file_name}</a> }.into_any()
                } else {
                    l.file_name.into_any()
                };
                let result = l.applied.map(|a| {
                    lang.with("list-result", &[("neu", &lang.number(a.new as i64)), ("geaendert", &lang.number(a.changed as i64)), ("gleich", &lang.number(a.unchanged as i64))])
                });
                view! {
                    <tr class="kern-table__row">
                        <th scope="row" class="kern-table__cell">{name}</th>
                        <td class="kern-table__cell">{moment(lang, l.uploaded_at)}</td>
                        <td class="kern-table__cell">{state}</td>
                        <td class="kern-table__cell">{result}</td>
                    </tr>
                }
            })
            .collect();
        let history = if rows.is_empty() {
            view! { <p class="kern-body">{lang.t("lists-none")}</p> }.into_any()
        } else {
            let heads: Vec<_> = ["list-file", "list-uploaded", "state", "list-result-head"]
                .into_iter()
                .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
                .collect();
            view! {
                <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("lists-history")>
                    <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
                </div>
            }
            .into_any()
        };
        view! {
            {problem.clone().map(|text| alert("danger", &lang.t("list-refused"), view! { <p class="kern-body">{text}</p><p class="kern-body">{lang.t("list-nothing-changed")}</p> }))}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("lists-intro")}</p>
            <section class="card-plain" aria-labelledby="upload-heading">
                <h2 class="kern-heading-medium" id="upload-heading">{lang.t("lists-upload")}</h2>
                <form method="post" enctype="multipart/form-data" class="stack">
                    <div class="kern-form-input">
                        <label class="kern-label" for="datei">{lang.t("list-file")}</label>
                        <div class="kern-hint" id="datei-hint">{lang.t("list-file-hint")}</div>
                        <input class="kern-form-input__input" type="file" id="datei" name="datei" aria-describedby="datei-hint" aria-invalid=invalid
                            accept=".xlsx,.xlsm,.xlsb,.xls,.ods,.csv,.tsv,.txt" required=true/>
                    </div>
                    {crate::ui::view::submit("primary", &lang.t("list-check"))}
                </form>
            </section>
            <h2 class="kern-heading-medium">{lang.t("lists-history")}</h2>
            {history}
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// `/verwaltung/listen/{id}`: preview of a draft. A POST changes choices, applies or discards.
pub async fn draft(rq: Rq) -> Outcome {
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
        let choices = Choices { mapping, agreed };
        let result = match form.get("tun") {
            "verwerfen" => residents::discard(&rq.ctx, actor, id)
                .await
                .map(|()| Some(Answer::go(urls::LISTS))),
            "uebernehmen" => {
                // what is ticked on the page counts, even if nobody pressed "check again" before
                let chosen = residents::choose(&rq.ctx, actor, id, version, form.get("blatt"), choices).await;
                match chosen {
                    Ok(()) => residents::apply(&rq.ctx, actor, id, version + 1)
                        .await
                        .map(|done| Some(applied(&rq, done))),
                    Err(f) => Err(f),
                }
            }
            _ => residents::choose(&rq.ctx, actor, id, version, form.get("blatt"), choices)
                .await
                .map(|()| Some(Answer::go(rq.path.clone()))),
        };
        match refused(result)? {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => {}
            Err(r) => refusal = Some(r),
        }
    }
    match refused(residents::preview(&rq.ctx, actor, id).await)? {
        Ok(preview) => Ok(preview_page(&rq, preview, refusal).into()),
        Err(r) => upload_page(&rq, Some(r)).await,
    }
}

fn applied(rq: &Rq, done: residents::Applied) -> Answer {
    let lang = rq.lang;
    let title = lang.t("applied-title");
    let figures: Vec<(String, String)> = [
        ("applied-new", done.new),
        ("applied-changed", done.changed),
        ("applied-unchanged", done.unchanged),
        ("applied-left-out", done.left_out),
        ("applied-banned", done.banned),
    ]
    .into_iter()
    .map(|(key, n)| (lang.t(key), lang.number(n as i64)))
    .collect();
    let letters = rq.settings.residents_register == domain::municipality::RegistrationMethod::Letter;
    Page::staff(title.clone(), move || {
        let items: Vec<_> = figures
            .into_iter()
            .map(|(k, v)| crate::ui::view::item(&k, v))
            .collect();
        view! {
            {alert("success", &title, view! { <p class="kern-body">{lang.t("applied-text")}</p> })}
            <h1 class="kern-heading-x-large">{lang.t("applied-heading")}</h1>
            <dl class="kern-description-list">{items}</dl>
            <div class="buttons">
                {letters.then(|| link_button("primary", urls::LETTERS, &lang.t("applied-next")))}
                {link_button("secondary", urls::RESIDENTS, &lang.t("nav-residents"))}
            </div>
        }
        .into_any()
    })
    .into()
}

/// Findings of a rule that are listed one by one; the rest is counted.
const SHOWN: usize = 25;

fn preview_page(rq: &Rq, p: Preview, refusal: Option<ListRefusal>) -> Page {
    let lang = rq.lang;
    let title = p.file_name.clone();
    let status = if refusal.is_some() {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        axum::http::StatusCode::OK
    };
    Page::staff(title.clone(), move || {
        let counts = p.checked.counts();
        let ready = p.missing.is_empty();
        let missing: Vec<String> = p.missing.iter().map(|c| lang.t(&format!("column-{}", c.key()))).collect();
        let left_out = counts.rows - p.taken;
        let tiles: Vec<_> = [
            ("preview-rows", counts.rows, ""),
            ("preview-taken", p.taken, "good"),
            ("preview-asked", counts.asked, "ask"),
            ("preview-blocked", counts.blocked, "block"),
            ("preview-dropped", counts.dropped, ""),
        ]
        .into_iter()
        .map(|(key, n, kind)| tile(&lang.t(key), &lang.number(n as i64), kind))
        .collect();
        let apply_label = lang.with("preview-apply", &[("n", &lang.number(p.taken as i64))]);
        let header = lang.with("preview-header", &[("zeile", &p.header_row.to_string()), ("blatt", if p.sheet.is_empty() { "–" } else { &p.sheet })]);
        view! {
            {refusal.map(|r| alert("danger", &lang.t("not-done"), view! { <p class="kern-body">{lang.t(r.key())}</p> }))}
            <p><a class="kern-link" href=urls::LISTS>{lang.t("back-to-lists")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body kern-body--muted">{header}" "{lang.t("preview-nothing-stored")}</p>
            {ready.then(|| view! { <div class="tiles">{tiles}</div> })}
            {(!ready).then(|| alert("warning", &lang.t("preview-missing-title"), view! { <p class="kern-body">{lang.with("preview-missing", &[("spalten", &missing.join(", "))])}</p> }))}
            <form method="post">
                <input type="hidden" name="version" value=p.version.to_string()/>
                {columns(lang, &p)}
                {ready.then(|| findings(lang, &p))}
                <div class="action-bar">
                    {ready.then(|| submit_as("primary", &apply_label, "tun", "uebernehmen"))}
                    {submit_as("secondary", &lang.t("preview-check-again"), "tun", "pruefen")}
                    {submit_as("tertiary", &lang.t("preview-discard"), "tun", "verwerfen")}
                    {(ready && left_out > 0).then(|| view! { <p class="kern-body kern-body--muted">{lang.n("preview-left-out", left_out)}</p> })}
                </div>
            </form>
        }
        .into_any()
    })
    .status(status)
}

/// A figure with its label.
pub fn tile(label: &str, value: &str, kind: &str) -> AnyView {
    let class = format!("tile tile--{kind}");
    let (label, value) = (label.to_owned(), value.to_owned());
    view! { <div class=class><span class="tile__value">{value}</span><span class="tile__label">{label}</span></div> }.into_any()
}

/// Recognised columns with samples; each can be corrected.
fn columns(lang: Lang, p: &Preview) -> AnyView {
    let sheets = (p.sheets.len() > 1).then(|| {
        let options: Vec<_> = p
            .sheets
            .iter()
            .map(|(name, rows)| {
                let selected = *name == p.sheet;
                view! { <option value=name.clone() selected=selected>{format!("{name} ({rows})")}</option> }
            })
            .collect();
        view! {
            <div class="kern-form-input">
                <label class="kern-label" for="blatt">{lang.t("preview-sheet")}</label>
                <div class="kern-form-input__select-wrapper"><select class="kern-form-input__select" id="blatt" name="blatt">{options}</select></div>
            </div>
        }
    });
    let one_sheet =
        (p.sheets.len() <= 1).then(|| view! { <input type="hidden" name="blatt" value=p.sheet.clone()/> });
    let ignored: Vec<String> = p
        .titles
        .iter()
        .enumerate()
        .filter(|(i, t)| p.choices.mapping.0.get(*i).copied().flatten().is_none() && !t.is_empty())
        .map(|(_, t)| t.clone())
        .collect();
    let rows: Vec<_> = p
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
            let samples = p.samples.get(i).map(|s| s.join(" · ")).unwrap_or_default();
            let label = lang.with("column-meaning-of", &[("titel", title)]);
            view! {
                <tr class="kern-table__row">
                    <th scope="row" class="kern-table__cell">{if title.is_empty() { "–".to_owned() } else { title.clone() }}</th>
                    <td class="kern-table__cell samples">{samples}</td>
                    <td class="kern-table__cell">
                        <div class="kern-form-input__select-wrapper"><select class="kern-form-input__select" id=id.clone() name=id aria-label=label>{options}</select></div>
                    </td>
                </tr>
            }
        })
        .collect();
    let heads: Vec<_> = ["column-title", "column-samples", "column-meaning"]
        .into_iter()
        .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
        .collect();
    let summary = lang.with(
        "preview-columns",
        &[
            ("n", &p.choices.mapping.known().to_string()),
            ("alle", &p.titles.len().to_string()),
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

/// Findings by rule: the worst first.
fn findings(lang: Lang, p: &Preview) -> AnyView {
    let mut by_rule: BTreeMap<(std::cmp::Reverse<Severity>, Rule), Vec<&Finding>> = BTreeMap::new();
    for f in &p.checked.findings {
        by_rule
            .entry((std::cmp::Reverse(f.rule.severity()), f.rule))
            .or_default()
            .push(f);
    }
    if by_rule.is_empty() {
        return alert(
            "success",
            &lang.t("preview-clean-title"),
            view! { <p class="kern-body">{lang.t("preview-clean")}</p> },
        )
        .into_any();
    }
    let groups: Vec<_> = by_rule
        .into_iter()
        .map(|((_, rule), found)| {
            let severity = rule.severity();
            let kind = match severity {
                Severity::Block => "danger",
                Severity::Ask => "warning",
                Severity::Repair => "info",
            };
            let count = lang.n("preview-finding-count", found.len());
            let more = found.len().saturating_sub(SHOWN);
            let rows: Vec<_> = found
                .iter()
                .take(SHOWN)
                .map(|f| {
                    let column = f.column.and_then(|c| p.choices.mapping.place(c)).and_then(|i| p.titles.get(i).cloned());
                    let becomes = match (&f.becomes, f.column) {
                        (Some(row), None) => lang.with("finding-like-row", &[("zeile", row)]),
                        (Some(text), _) => text.clone(),
                        (None, _) => String::new(),
                    };
                    let was = if f.was.is_empty() { lang.t("finding-empty") } else { f.was.clone() };
                    view! {
                        <tr class="kern-table__row">
                            <td class="kern-table__cell">{f.row.to_string()}</td>
                            <td class="kern-table__cell">{column.unwrap_or_else(|| lang.t("finding-whole-row"))}</td>
                            <td class="kern-table__cell"><del class="was">{was}</del></td>
                            <td class="kern-table__cell"><ins class="becomes">{becomes}</ins></td>
                        </tr>
                    }
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
            view! {
                <section class="finding-group">
                    <details>
                        <summary>
                            {badge(kind, &lang.t(&format!("severity-{}", severity.key())))}
                            <span class="finding-group__rule">{lang.t(&format!("rule-{}", rule.key()))}</span>
                            <span class="muted">{count}</span>
                        </summary>
                        <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t(&format!("rule-{}", rule.key()))>
                            <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
                        </div>
                        {(more > 0).then(|| view! { <p class="kern-body kern-body--muted">{lang.n("preview-more", more)}</p> })}
                    </details>
                    {agree}
                </section>
            }
        })
        .collect();
    view! { <h2 class="kern-heading-medium">{lang.t("preview-findings")}</h2>{groups} }.into_any()
}
