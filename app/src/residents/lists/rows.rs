//! The rows of a draft as a table, and one row as a form: look, repair, decide, undo.

use super::{
    draft::{row_url, severity_badge},
    grid::{self, Grid},
};
use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, refused},
    ui::view::{alert, badge, item, link_button, moment, plain_day, submit_as},
};
use backend::residents::{
    self, Fate, ListRefusal, RowFilter,
    lists::{self, Decision, Plan, RowView},
};
use domain::{
    access::Permission,
    residents::{
        column::Column,
        finding::{Finding, Rule, Severity},
    },
    urls,
};
use leptos::prelude::*;
use locales::Lang;

/// The findings of a rule in a row.
pub(super) fn findings_of(row: &RowView, rule: Rule) -> Vec<&Finding> {
    row.findings.iter().filter(|f| f.rule == rule).collect()
}

/// What stood there and what it becomes.
pub(super) fn was_and_becomes(lang: Lang, f: &Finding) -> (String, String) {
    let becomes = match (&f.becomes, f.rule) {
        (Some(row), Rule::ExactDuplicate | Rule::ProbableDuplicate | Rule::RegisterNumberTwice) => {
            lang.with("finding-like-row", &[("zeile", row)])
        }
        (Some(text), _) => text.clone(),
        (None, _) => String::new(),
    };
    let was = match (f.was.as_str(), f.rule) {
        (n, Rule::CrowdedAddress) => lang.with("finding-people", &[("n", n)]),
        ("", _) => lang.t("finding-empty"),
        (text, _) => text.to_owned(),
    };
    (was, becomes)
}

fn fate_badge(lang: Lang, fate: Fate) -> AnyView {
    let kind = match fate {
        Fate::Take => "success",
        Fate::Open => "warning",
        Fate::Block => "danger",
        Fate::Leave | Fate::Drop => "info",
    };
    badge(kind, &lang.t(&format!("fate-{}", fate.key()))).into_any()
}

/// Filter and name of it in addresses.
pub(super) fn filter_of(query: &Fields) -> (RowFilter, String) {
    if let Some(rule) = Rule::parse(query.get("regel")) {
        return (RowFilter::Rule(rule), format!("regel={}", rule.key()));
    }
    if let Some(fate) = Fate::parse(query.get("stand")) {
        return (RowFilter::Fate(fate), format!("stand={}", fate.key()));
    }
    if let Some(plan) = Plan::parse(query.get("folge")) {
        return (RowFilter::Plan(plan), format!("folge={}", plan.key()));
    }
    if query.get("stand") == "edited" {
        return (RowFilter::Edited, "stand=edited".to_owned());
    }
    (RowFilter::All, String::new())
}

/// `/verwaltung/listen/{id}/zeilen`.
pub async fn table(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ImportResidents)?;
    let id = rq.id()?;
    let draft = match refused(residents::preview(&rq.ctx, actor, id).await)? {
        Ok(draft) if draft.state == "draft" => draft,
        Ok(_) => return Ok(Answer::go(format!("{}/{id}", urls::LISTS))),
        Err(r) => return super::upload_page(&rq, Some(r)).await,
    };
    let (filter, name) = filter_of(&rq.query);
    let after: i64 = rq.query.get("nach").parse().unwrap_or(0);
    let page = refused(lists::rows(&rq.ctx, actor, id, filter, after, lists::PAGE).await)?
        .map_err(|_| Fault::NotFound)?;
    let lang = rq.lang;
    let wants_plain = rq.query.get("ansicht") == "einfach";
    let plain_too = if wants_plain { "&ansicht=einfach" } else { "" };
    let path = rq.path.clone();
    let title = match filter {
        RowFilter::All => lang.t("rows-all"),
        RowFilter::Fate(fate) => lang.t(&format!("fate-{}", fate.key())),
        RowFilter::Rule(rule) => lang.t(&format!("rule-{}", rule.key())),
        RowFilter::Plan(plan) => lang.t(&format!("plan-{}", plan.key())),
        RowFilter::Edited => lang.t("rows-edited"),
    };
    Ok(Page::staff(title.clone(), move || {
        let filters: Vec<_> = std::iter::once((String::new(), lang.t("rows-all"), draft.rows()))
            .chain(Fate::ALL.into_iter().map(|f| (format!("stand={}", f.key()), lang.t(&format!("fate-{}", f.key())), draft.count(f))))
            .filter(|(key, _, n)| *n > 0 || key.is_empty())
            .map(|(key, label, n)| {
                let current = (key == name).then_some("page");
                view! { <li><a class="kern-link" aria-current=current href=format!("{path}?{key}{plain_too}")>{label}" ("{lang.number(n)}")"</a></li> }
            })
            .collect();
        let next = page.rows.last().filter(|_| page.more).map(|r| format!("{path}?{name}{plain_too}&nach={}", r.row));
        let first = (after > 0).then(|| format!("{path}?{name}{plain_too}"));
        let rows_there = !page.rows.is_empty();
        let rows: Vec<_> = page.rows.iter().map(|row| line(lang, id, row, &name)).collect();
        let heads: Vec<_> = ["finding-row", "rows-person", "birth-date", "address", "preview-findings", "state"]
            .into_iter()
            .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
            .collect();
        let plain = if rows.is_empty() {
            view! { <p class="kern-body">{lang.t("rows-none")}</p> }.into_any()
        } else {
            view! {
                <div class="table-scroll" tabindex="0" role="region" aria-label=title.clone()>
                    <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
                </div>
            }
            .into_any()
        };
        let pages = view! {
            <div class="buttons">
                {first.map(|to| link_button("secondary", &to, &lang.t("page-first")))}
                {next.map(|to| link_button("secondary", &to, &lang.t("page-next")))}
            </div>
        };
        // the table to type in takes the place of the plain one where there is WebAssembly
        let body = match rows_there && !wants_plain {
            true => view! {
                <Grid list=id.to_string() filter=name.clone() texts=grid::texts(lang)/>
                <div id=grid::PLAIN>{plain}{pages}</div>
            }
            .into_any(),
            false => view! { {plain}{pages} }.into_any(),
        };
        let other_view = match wants_plain {
            true => (format!("{path}?{name}"), "grid-live"),
            false => (format!("{path}?{name}&ansicht=einfach"), "grid-plain"),
        };
        view! {
            <p><a class="kern-link" href=format!("{}/{id}", urls::LISTS)>{lang.t("back-to-draft")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            <nav aria-label=lang.t("rows-filter")><ul class="filters">{filters}</ul></nav>
            {rows_there.then(|| view! { <p class="grid-switch"><a class="kern-link" href=other_view.0>{lang.t(other_view.1)}</a></p> })}
            {body}
        }
        .into_any()
    })
    .into())
}

fn birth(lang: Lang, row: &RowView) -> String {
    let d = &row.data;
    d.birth_date
        .map(|b| plain_day(lang, b))
        .or(d.birth_year.map(|y| y.to_string()))
        .unwrap_or_default()
}

fn line(lang: Lang, list: uuid::Uuid, row: &RowView, filter: &str) -> impl IntoView + use<> {
    let d = &row.data;
    let shown = |name: &str| match name {
        "" => lang.t("finding-empty"),
        name => name.to_owned(),
    };
    let name = format!("{}, {}", shown(&d.family_name), shown(&d.given_names));
    let mut rules: Vec<Rule> = row.findings.iter().map(|f| f.rule).collect();
    rules.dedup();
    let found: Vec<_> = rules
        .into_iter()
        .map(|rule| view! { <li>{severity_badge(lang, rule.severity())}" "{lang.t(&format!("rule-{}", rule.key()))}</li> })
        .collect();
    let doubtful = row.plan == Some(Plan::Doubtful);
    let quick = (row.fate == Fate::Open || row.plan == Some(Plan::Doubtful)).then(|| {
        view! {
            <form method="post" action=format!("{}?{filter}", row_url(list, row.row)) class="buttons">
                <input type="hidden" name="version" value=row.version.to_string()/>
                <input type="hidden" name="zurueck" value="tabelle"/>
                {if doubtful { submit_as("secondary", &lang.t("row-same"), "tun", "dieselbe") } else { submit_as("secondary", &lang.t("row-take"), "tun", "nehmen") }}
                {doubtful.then(|| submit_as("secondary", &lang.t("row-new"), "tun", "neu"))}
                {submit_as("tertiary", &lang.t("row-leave"), "tun", "weglassen")}
            </form>
        }
    });
    view! {
        <tr class="kern-table__row" id=format!("z{}", row.row)>
            <th scope="row" class="kern-table__cell"><a class="kern-link" href=format!("{}?{filter}", row_url(list, row.row))>{row.row.to_string()}</a></th>
            <td class="kern-table__cell">{name}</td>
            <td class="kern-table__cell">{birth(lang, row)}</td>
            <td class="kern-table__cell">{d.address_lines().join(", ")}</td>
            <td class="kern-table__cell"><ul class="plain-list">{found}</ul></td>
            <td class="kern-table__cell">{fate_badge(lang, row.fate)}{quick}</td>
        </tr>
    }
}

/// Fields of the form, in the order in which people read an address.
const FIELDS: [Column; 17] = [
    Column::FamilyName,
    Column::GivenNames,
    Column::CallName,
    Column::Doctorate,
    Column::BirthDate,
    Column::Street,
    Column::HouseNumber,
    Column::HouseSuffix,
    Column::AddressExtra,
    Column::Postcode,
    Column::City,
    Column::District,
    Column::RegisterNumber,
    Column::Residence,
    Column::Block,
    Column::Deceased,
    Column::MovedAway,
];

/// `/verwaltung/listen/{id}/zeile/{zeile}`: one row. A POST repairs, decides or undoes.
pub async fn one(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ImportResidents)?;
    let id = rq.id()?;
    let number: i64 = rq.param("zeile").parse().map_err(|_| Fault::NotFound)?;
    let (_, filter) = filter_of(&rq.query);
    let table = format!("{}/{id}/zeilen?{filter}", urls::LISTS);
    let here = format!("{}?{filter}", rq.path);
    let mut refusal: Option<ListRefusal> = None;
    if let Some(form) = &rq.form {
        let version = form.get("version").parse().unwrap_or(0);
        let decide = |decision| lists::decide_row(&rq.ctx, actor, id, number, version, decision);
        let result = match form.get("tun") {
            "nehmen" => decide(Some(Decision::Take)).await,
            "neu" => decide(Some(Decision::New)).await,
            "weglassen" => decide(Some(Decision::Leave)).await,
            "offen" => decide(None).await,
            "dieselbe" => decide(Some(Decision::Same)).await,
            "rueckgaengig" => lists::undo_row(&rq.ctx, actor, id, number, version)
                .await
                .map(|_| ()),
            _ => {
                let changes: Vec<(Column, String)> = FIELDS
                    .into_iter()
                    .filter(|c| form.has(c.key()))
                    .map(|c| (c, form.get(c.key()).to_owned()))
                    .collect();
                lists::change_row(&rq.ctx, actor, id, number, version, &changes).await
            }
        };
        match refused(result)? {
            Ok(()) if form.get("zurueck") == "tabelle" => return Ok(Answer::go(table)),
            Ok(()) => return Ok(Answer::go(here)),
            Err(r) => refusal = Some(r),
        }
    }
    let (row, change) = match refused(lists::row(&rq.ctx, actor, id, number).await)? {
        Ok(found) => found,
        Err(r) => return super::upload_page(&rq, Some(r)).await,
    };
    let lang = rq.lang;
    let typed = refusal.is_some().then(|| rq.typed());
    let status = if refusal.is_some() {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        axum::http::StatusCode::OK
    };
    let title = lang.with("row-title", &[("zeile", &number.to_string())]);
    Ok(Page::staff(title.clone(), move || {
        let fields: Vec<_> = FIELDS.into_iter().map(|c| field(lang, &row, c, typed.as_ref())).collect();
        let general: Vec<_> = row
            .findings
            .iter()
            .filter(|f| f.column.is_none_or(|c| !FIELDS.contains(&c)))
            .map(|f| {
                let (was, becomes) = was_and_becomes(lang, f);
                let detail = if f.column.is_none() && f.becomes.is_none() { String::new() } else { format!(": {was} {becomes}") };
                view! { <li class="kern-body">{severity_badge(lang, f.rule.severity())}" "{lang.t(&format!("rule-{}", f.rule.key()))}{detail}</li> }
            })
            .collect();
        let doubtful = row.plan == Some(Plan::Doubtful);
        let asked = !doubtful && row.findings.iter().any(|f| f.rule.severity() == Severity::Ask);
        let blocked = row.fate == Fate::Block;
        let letter = view! {
            <p class="letter-address">{row.data.display_name()}<br/>{row.data.address_lines().into_iter().map(|l| view! { {l}<br/> }).collect::<Vec<_>>()}</p>
        };
        view! {
            <p><a class="kern-link" href=table>{lang.t("back-to-rows")}</a></p>
            {refusal.map(|r| alert("danger", &lang.t("not-done"), view! { <p class="kern-body">{lang.t(match r { ListRefusal::Stale => "row-stale", other => other.key() })}</p> }))}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p>{fate_badge(lang, row.fate)}</p>
            {(!general.is_empty()).then(|| view! { <ul class="kern-list">{general}</ul> })}
            {row.resident.filter(|_| doubtful).map(|id| view! { <p><a class="kern-link" href=format!("{}/{id}", urls::RESIDENTS)>{lang.t("row-perhaps")}</a></p> })}
            <form method="post" class="wide-form">
                <input type="hidden" name="version" value=row.version.to_string()/>
                <div class="row-form">{fields}</div>
                <div class="action-bar">
                    {submit_as("primary", &lang.t("row-save"), "tun", "speichern")}
                    {(asked && !blocked && row.decision != Some(Decision::Take)).then(|| submit_as("secondary", &lang.t("row-take"), "tun", "nehmen"))}
                    {doubtful.then(|| submit_as("secondary", &lang.t("row-same"), "tun", "dieselbe"))}
                    {doubtful.then(|| submit_as("secondary", &lang.t("row-new"), "tun", "neu"))}
                    {(!blocked && row.fate != Fate::Drop && row.decision != Some(Decision::Leave)).then(|| submit_as("secondary", &lang.t("row-leave"), "tun", "weglassen"))}
                    {row.decision.is_some().then(|| submit_as("tertiary", &lang.t("row-undecide"), "tun", "offen"))}
                    {change.is_some().then(|| submit_as("tertiary", &lang.t("row-undo"), "tun", "rueckgaengig"))}
                </div>
            </form>
            {change.map(|(who, at)| view! { <p class="kern-body kern-body--muted">{lang.with("row-changed", &[("wer", if who.is_empty() { "–" } else { &who }), ("wann", &moment(lang, at))])}</p> })}
            <h2 class="kern-heading-medium">{lang.t("row-letter")}</h2>
            {letter}
            <dl class="kern-description-list">{item(&lang.t("birth-date"), birth(lang, &row))}</dl>
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// A cell as a field, with what was found in it.
fn field(lang: Lang, row: &RowView, column: Column, typed: Option<&Fields>) -> impl IntoView + use<> {
    let name = column.key();
    let value = match typed {
        Some(typed) => typed.get(name).to_owned(),
        None => row
            .cells
            .iter()
            .find(|(c, _)| *c == column)
            .map(|(_, v)| v.shown())
            .unwrap_or_default(),
    };
    let found: Vec<&Finding> = row.findings.iter().filter(|f| f.column == Some(column)).collect();
    let bad = found.iter().any(|f| f.rule.severity() > Severity::Repair);
    let error_id = format!("{name}-error");
    let described = (!found.is_empty()).then(|| error_id.clone());
    let says: Vec<_> = found
        .iter()
        .map(|f| {
            let becomes = was_and_becomes(lang, f).1;
            let arrow = (!becomes.is_empty()).then(|| view! { " → " <ins class="becomes">{becomes}</ins> });
            view! { <p>{severity_badge(lang, f.rule.severity())}" "{lang.t(&format!("rule-{}", f.rule.key()))}{arrow}</p> }
        })
        .collect();
    let class = if bad {
        "kern-form-input kern-form-input--error"
    } else {
        "kern-form-input"
    };
    view! {
        <div class=class>
            <label class="kern-label" for=name>{lang.t(&format!("column-{name}"))}</label>
            <input class="kern-form-input__input" type="text" id=name name=name value=value aria-describedby=described aria-invalid=bad.then_some("true") autocomplete="off"/>
            <div id=error_id>{says}</div>
        </div>
    }
}
