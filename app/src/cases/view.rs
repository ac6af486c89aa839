//! What applicants and clerks both see of a case: state, values, timeline.

use crate::ui::{
    form::Form,
    view::{badge, icon, moment},
};
use backend::cases::{Case, Entry};
use domain::cases::{CaseKind, CaseState, EntryKind, Outcome, Request};
use leptos::prelude::*;
use locales::Lang;

/// Where a case stands, or how it ended.
pub(super) fn state_badge(lang: Lang, case: &Case) -> AnyView {
    let (kind, key) = match (case.state, case.outcome) {
        (CaseState::Decided, Some(outcome)) => {
            let kind = match outcome {
                Outcome::Approved | Outcome::Answered => "success",
                Outcome::Rejected => "danger",
                Outcome::Withdrawn => "warning",
            };
            (kind, format!("case-outcome-{}", outcome.key()))
        }
        (CaseState::Waiting, _) => ("warning", "case-state-waiting".to_owned()),
        (state, _) => ("info", format!("case-state-{}", state.key())),
    };
    badge(kind, &lang.t(&key)).into_any()
}

/// The label of a field of a request.
pub(super) fn label(lang: Lang, field: &str) -> String {
    lang.t(&format!("field-{field}"))
}

/// A value as it is read: choices have words.
pub(super) fn shown(lang: Lang, field: &str, value: &str) -> String {
    match field {
        "organisation_kind" if !value.is_empty() => crate::organisations::kind_name(lang, value),
        _ => value.to_owned(),
    }
}

/// The field for a document that goes with a message.
pub(super) fn document_field(lang: Lang, form: &Form) -> AnyView {
    let problem = form.problem("datei");
    let class = if problem.is_some() {
        "kern-form-input kern-form-input--error"
    } else {
        "kern-form-input"
    };
    let described = if problem.is_some() {
        "datei-hint datei-error"
    } else {
        "datei-hint"
    };
    let error = problem.map(|text| {
        view! { <p class="kern-error" id="datei-error">{icon("danger")}<span class="kern-body">{text}</span></p> }
    });
    view! {
        <div class=class>
            <label class="kern-label" for="datei">{lang.t("document-label")}<span class="kern-label__optional">" – "{lang.t("optional")}</span></label>
            <div class="kern-hint" id="datei-hint">{lang.t("document-hint")}</div>
            <input class="kern-form-input__input" type="file" id="datei" name="datei" accept="application/pdf,image/jpeg,image/png,image/webp" aria-describedby=described/>
            {error}
        </div>
    }
    .into_any()
}

/// Old and new values side by side; unchanged lines only with `all`. What is covered is not shown.
pub(super) fn comparison(
    lang: Lang,
    kind: CaseKind,
    before: &Request,
    after: &Request,
    covered: &[&str],
    all: bool,
) -> AnyView {
    let rows: Vec<_> = kind
        .fields()
        .iter()
        .filter(|f| f.name != "reason")
        .filter(|f| !(before.get(f.name).is_empty() && after.get(f.name).is_empty()))
        .filter(|f| all || before.get(f.name) != after.get(f.name))
        .map(|f| {
            let (old, new) = (before.get(f.name).to_owned(), after.get(f.name).to_owned());
            let changed = old != new;
            let new = if covered.contains(&f.name) && changed {
                view! { <span class="covered">{lang.t("case-covered")}</span> }.into_any()
            } else if changed {
                view! { <ins class="becomes">{if new.is_empty() { "–".to_owned() } else { new }}</ins> }
                    .into_any()
            } else {
                view! { <span class="muted">{lang.t("case-unchanged")}</span> }.into_any()
            };
            view! {
                <tr class="kern-table__row">
                    <th scope="row" class="kern-table__cell">{label(lang, f.name)}</th>
                    <td class="kern-table__cell">{if old.is_empty() { "–".to_owned() } else { old }}</td>
                    <td class="kern-table__cell">{new}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <table class="kern-table kern-table--small comparison">
            <thead><tr class="kern-table__row">
                <th scope="col" class="kern-table__header">{lang.t("case-field")}</th>
                <th scope="col" class="kern-table__header">{lang.t("case-before")}</th>
                <th scope="col" class="kern-table__header">{lang.t("case-after")}</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// The values of a request as a list.
pub(super) fn values(lang: Lang, kind: CaseKind, request: &Request) -> AnyView {
    let items: Vec<_> = kind
        .fields()
        .iter()
        .filter(|f| !request.get(f.name).is_empty())
        .map(|f| {
            let value = shown(lang, f.name, request.get(f.name));
            let value = view! { <span class="written">{value}</span> };
            crate::ui::view::item(&label(lang, f.name), value)
        })
        .collect();
    view! { <dl class="kern-description-list">{items}</dl> }.into_any()
}

/// Everything that happened, oldest first.
pub(super) fn timeline(
    lang: Lang,
    kind: CaseKind,
    entries: &[Entry],
    covered: &[&str],
    staff: bool,
    here: &str,
) -> AnyView {
    let mut before: Option<Request> = None;
    let items: Vec<_> = entries
        .iter()
        .map(|e| {
            let changes = e.body.request.as_ref().and_then(|now| {
                let list = before
                    .as_ref()
                    .map(|old| changed_lines(lang, kind, old, now, covered));
                before = Some(now.clone());
                list
            });
            entry(lang, kind, e, changes, staff, here)
        })
        .collect();
    view! { <ol class="timeline">{items}</ol> }.into_any()
}

fn changed_lines(lang: Lang, kind: CaseKind, old: &Request, now: &Request, covered: &[&str]) -> AnyView {
    let lines: Vec<_> = old
        .changes(kind, now)
        .into_iter()
        .map(|(field, was, is)| {
            let is = if covered.contains(&field) { lang.t("case-covered") } else { shown(lang, field, is) };
            let was = shown(lang, field, was);
            view! { <li>{label(lang, field)}": "<del class="was">{was}</del>" → "<ins class="becomes">{is}</ins></li> }
        })
        .collect();
    if lines.is_empty() {
        return view! { <p class="muted">{lang.t("case-no-changes")}</p> }.into_any();
    }
    view! { <ul class="plain-list">{lines}</ul> }.into_any()
}

fn entry(
    lang: Lang,
    kind: CaseKind,
    e: &Entry,
    changes: Option<AnyView>,
    staff: bool,
    here: &str,
) -> AnyView {
    let who = match (e.author_kind.as_str(), &e.author) {
        ("system", _) => lang.t("actor-system"),
        ("resident", Some(name)) if staff => name.clone(),
        ("resident", _) if !staff => lang.t("entry-you"),
        ("staff", Some(name)) if !staff => lang.with("entry-town-hall", &[("name", name)]),
        (_, Some(name)) => name.clone(),
        (_, None) => lang.t("entry-somebody"),
    };
    let what = match (e.kind, e.body.outcome) {
        (EntryKind::Decision, Some(outcome)) => lang.t(&format!("case-outcome-{}", outcome.key())),
        _ => lang.with(
            &format!("entry-{}", e.kind.key()),
            &[("wer", &who), ("an", &e.body.to)],
        ),
    };
    let fields: Vec<_> = e
        .body
        .fields
        .iter()
        .filter(|_| e.kind == EntryKind::Question)
        .map(|f| view! { <li>{label(lang, f)}</li> })
        .collect();
    let fields = (!fields.is_empty()).then(|| {
        view! { <p class="kern-body">{lang.t("case-asked-fields")}</p><ul class="kern-list">{fields}</ul> }
    });
    // the first message of a person is the request itself
    let message = (matches!(kind, CaseKind::Message | CaseKind::Barrier) && e.kind == EntryKind::Submission)
        .then(|| e.body.request.as_ref().map(|r| values(lang, kind, r)));
    let hash = (!e.body.sha256.is_empty()).then(|| {
        view! { <p class="muted">"SHA-256 "<code class="hash">{e.body.sha256.clone()}</code></p> }
    });
    let consent = (!e.body.consent.is_empty()).then(|| {
        view! { <p class="muted">{lang.with("case-consented", &[("text", &e.body.consent)])}</p> }
    });
    let text = (!e.body.text.is_empty()).then(|| view! { <p class="written">{e.body.text.clone()}</p> });
    let document = e.body.document.as_ref().map(|d| {
        let size = lang.with("document-size", &[("kb", &lang.number((d.bytes + 1_023) / 1_024))]);
        view! { <p class="kern-body"><a class="kern-link" href=format!("{here}/dokument/{}", d.id)>{d.name.clone()}</a>" "<span class="muted">{size}</span></p> }
    });
    let class = format!(
        "timeline__entry timeline__entry--{}",
        match e.kind {
            EntryKind::Question | EntryKind::Message if e.author_kind == "staff" => "town",
            EntryKind::Message | EntryKind::Correction | EntryKind::Submission => "person",
            EntryKind::Note => "note",
            EntryKind::Decision => "decision",
            _ => "small",
        }
    );
    let new = (e.unread).then(|| badge("info", &lang.t("case-new")));
    view! {
        <li class=class>
            <p class="timeline__head"><strong>{what}</strong>" "{new}<br/><span class="muted">{who}", "{moment(lang, e.at)}</span></p>
            {text}{document}{message}{fields}{changes}{consent}{hash}
        </li>
    }
    .into_any()
}
