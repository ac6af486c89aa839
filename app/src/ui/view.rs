//! Alerts, buttons, badges, dates: KERN's HTML as functions.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use locales::Lang;

/// One of KERN's icons; decoration only, so hidden from screen readers.
pub fn icon(name: &str) -> impl IntoView + use<> {
    view! { <span class=format!("kern-icon kern-icon--{name}") aria-hidden="true"></span> }
}

/// A link that looks like a button.
pub fn link_button(kind: &str, to: &str, label: &str) -> impl IntoView + use<> {
    let (class, to, label) = (
        format!("kern-btn kern-btn--{kind}"),
        to.to_owned(),
        label.to_owned(),
    );
    view! { <a class=class href=to><span class="kern-label">{label}</span></a> }
}

/// A button that sends its form.
pub fn submit(kind: &str, label: &str) -> impl IntoView + use<> {
    let (class, label) = (format!("kern-btn kern-btn--{kind}"), label.to_owned());
    view! { <button class=class type="submit"><span class="kern-label">{label}</span></button> }
}

/// A button that sends its form with a name and a value.
pub fn submit_as(kind: &str, label: &str, name: &'static str, value: &str) -> impl IntoView + use<> {
    let (class, label, value) = (
        format!("kern-btn kern-btn--{kind}"),
        label.to_owned(),
        value.to_owned(),
    );
    view! { <button class=class type="submit" name=name value=value><span class="kern-label">{label}</span></button> }
}

/// A message: `info`, `success`, `warning` or `danger`.
pub fn alert(kind: &str, title: &str, body: impl IntoView + 'static) -> AnyView {
    let body = body.into_any();
    let class = format!("kern-alert kern-alert--{kind}");
    let role = if kind == "danger" { "alert" } else { "status" };
    let title = title.to_owned();
    view! {
        <div class=class role=role>
            <div class="kern-alert__header">{icon(kind)}<span class="kern-title">{title}</span></div>
            <div class="kern-alert__body">{body}</div>
        </div>
    }
    .into_any()
}

/// A small label: `info`, `success`, `warning` or `danger`.
pub fn badge(kind: &str, label: &str) -> impl IntoView + use<> {
    let (class, label) = (format!("kern-badge kern-badge--{kind}"), label.to_owned());
    view! { <span class=class><span class="kern-label kern-label--small">{label}</span></span> }
}

/// The language in which the town and its people write, for the attribute `lang` of what they wrote: a screen reader must
/// not read it as if it were in the language of the page.
pub const TOWN: &str = "de";

/// Paragraphs of a text that staff wrote: separated by an empty line.
pub fn paragraphs(text: &str) -> impl IntoView + use<> {
    let all: Vec<_> = text
        .split("\n\n")
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .map(|p| view! { <p class="kern-body" lang=TOWN>{p.to_owned()}</p> })
        .collect();
    all
}

/// "22.11.2026".
pub fn day(lang: Lang, at: DateTime<Utc>) -> String {
    plain_day(lang, domain::time::local(at).date())
}

/// A day without time.
pub fn plain_day(lang: Lang, day: chrono::NaiveDate) -> String {
    day.format(lang.day_format()).to_string()
}

/// "22.11.2026, 10:05".
pub fn moment(lang: Lang, at: DateTime<Utc>) -> String {
    domain::time::local(at).format(lang.moment_format()).to_string()
}

/// A key and a value of a description list.
pub fn item(key: &str, value: impl IntoView + 'static) -> AnyView {
    let value = value.into_any();
    let key = key.to_owned();
    view! {
        <div class="kern-description-list-item">
            <dt class="kern-description-list-item__key">{key}</dt>
            <dd class="kern-description-list-item__value">{value}</dd>
        </div>
    }
    .into_any()
}

/// On a page in another language: the town has written this text in German only.
pub fn in_german(lang: Lang) -> Option<AnyView> {
    (lang.code() != TOWN).then(|| alert("info", &lang.t("text-in-german"), ()))
}

/// The way back to the own account.
pub fn to_account(lang: Lang) -> AnyView {
    view! { <p class="kern-body"><a class="kern-link" href=domain::urls::ACCOUNT>{lang.t("nav-account")}</a></p> }.into_any()
}
