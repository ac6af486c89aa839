//! Talking in the open: ideas, comments, reports, and what staff do about them.

pub mod comments;
pub mod ideas;
pub mod moderation;
pub mod own;
pub mod report;

use crate::{
    portal::{Fields, Outcome, Page, Rq},
    ui::{
        form::Form,
        view::{TOWN, badge, in_german, moment, paragraphs},
    },
};
use backend::talk::{Contribution, Earlier, Voices};
use domain::{talk::Target, urls};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// `/hausregeln`.
pub async fn house_rules(rq: Rq) -> Outcome {
    let title = rq.t("house-rules");
    let text = rq.settings.house_rules.clone();
    let lang = rq.lang;
    Ok(Page::new(title.clone(), move || {
        view! { <h1 class="kern-heading-x-large">{title}</h1>{in_german(lang)}<div lang=TOWN>{paragraphs(&text)}</div> }.into_any()
    })
    .into())
}

/// Under which name it stands, and when it was written.
fn byline(lang: Lang, c: &Contribution) -> AnyView {
    let name = if c.name.is_empty() {
        lang.t("talk-no-name")
    } else {
        c.name.clone()
    };
    let mark = if c.organisation.is_some() {
        Some(badge("info", &lang.t("talk-organisation")).into_any())
    } else if c.pseudonym {
        Some(badge("info", &lang.t("talk-pseudonym")).into_any())
    } else {
        None
    };
    view! { <p class="kern-body"><strong>{name}</strong>" "{mark}" "<span class="muted">{moment(lang, c.created_at)}</span></p> }.into_any()
}

/// That it was changed, with what stood there before.
fn earlier(lang: Lang, c: &Contribution, all: &[Earlier]) -> Option<AnyView> {
    let label = lang.with("talk-changed", &[("datum", &moment(lang, c.changed_at))]);
    versions(lang, &label, all)
}

/// What stood there before; nothing if it was never changed.
fn versions(lang: Lang, label: &str, all: &[Earlier]) -> Option<AnyView> {
    if all.is_empty() {
        return None;
    }
    let items: Vec<_> = all
        .iter()
        .map(|(title, text, at)| {
            view! {
                <li>
                    <p class="kern-body muted">{moment(lang, *at)}</p>
                    {(!title.is_empty()).then(|| view! { <p class="kern-body"><strong>{title.clone()}</strong></p> })}
                    <p class="kern-body written" lang=TOWN>{text.clone()}</p>
                </li>
            }
        })
        .collect();
    let label = label.to_owned();
    Some(view! { <details><summary class="kern-label muted">{label}</summary><ul class="kern-list">{items}</ul></details> }.into_any())
}

/// Change it if it is the own one, report it if not.
fn tools(lang: Lang, c: &Contribution, me: Option<Uuid>) -> AnyView {
    if me.is_some_and(|me| c.is_of(me)) {
        let to = format!("{}/{}", urls::CONTRIBUTIONS, c.id);
        return view! { <p><a class="kern-link" href=to>{lang.t("talk-change")}</a></p> }.into_any();
    }
    let target = if c.subject.is_empty() {
        Target::Idea
    } else {
        Target::Comment
    };
    report_link(lang, target, c.id, &c.name)
}

/// The way to report something.
pub(crate) fn report_link(lang: Lang, target: Target, id: Uuid, name: &str) -> AnyView {
    let to = format!("{}?was={}&id={id}", urls::REPORT, target.key());
    let more = lang.with("report-link-of", &[("name", name)]);
    view! { <p><a class="kern-link muted" href=to rel="nofollow">{lang.t("report-link")}<span class="kern-sr-only">{format!(" {more}")}</span></a></p> }.into_any()
}

/// As whom somebody writes: a choice only for people who can choose.
fn voice(lang: Lang, form: &Form, voices: &Voices) -> AnyView {
    let own = voices.own.as_ref().map(|name| {
        let label = match (voices.pseudonym, name.is_empty()) {
            (true, true) => lang.t("talk-as-new-pseudonym"),
            (true, false) => lang.with("talk-as-pseudonym", &[("name", name)]),
            (false, _) => lang.with("talk-as", &[("name", name)]),
        };
        (String::new(), label)
    });
    if voices.organisations.is_empty() {
        return match own {
            Some((_, label)) => view! { <p class="kern-body">{label}</p> }.into_any(),
            None => ().into_any(),
        };
    }
    let organisations = voices.organisations.iter().map(|(id, name)| {
        let label = lang.with("talk-as", &[("name", name)]);
        (id.to_string(), label)
    });
    let choices = own.into_iter().chain(organisations).collect();
    form.select("als", &lang.t("talk-voice"), choices)
}

/// The organisation that was chosen in [`voice`].
fn chosen_voice(form: &Fields) -> Option<Uuid> {
    Uuid::parse_str(form.get("als")).ok()
}
