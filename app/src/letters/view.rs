//! What several pages about letters show.

use crate::ui::view::{alert, badge};
use backend::letters::{BatchLine, LetterRefusal};
use domain::{
    access::{Actor, Permission},
    urls,
};
use leptos::prelude::*;
use locales::Lang;

/// The state of a batch.
pub fn batch_badge(lang: Lang, batch: &BatchLine) -> AnyView {
    let kind = match batch.state.as_str() {
        "sealed" => "success",
        "ready" | "making" | "reserved" => "info",
        "failed" => "danger",
        _ => "warning",
    };
    badge(kind, &lang.t(batch.state_words())).into_any()
}

/// Why something about letters was not done.
pub fn refusal_alert(lang: Lang, refusal: &LetterRefusal) -> AnyView {
    let values = refusal.values();
    let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let text = lang.with(refusal.key(), &values);
    let people: Vec<_> = match refusal {
        LetterRefusal::AddressTooLong(people) => people.clone(),
        _ => Vec::new(),
    };
    let people: Vec<_> = people
        .into_iter()
        .map(|(id, name)| {
            view! { <li><a class="kern-link" href=format!("{}/{id}", urls::RESIDENTS)>{name}</a></li> }
        })
        .collect();
    let list = (!people.is_empty()).then(|| view! { <ul class="kern-list">{people}</ul> });
    let kind = match refusal {
        LetterRefusal::NeedsSecond => "info",
        _ => "danger",
    };
    let told = alert(
        kind,
        &lang.t("not-done"),
        view! { <p class="kern-body">{text}</p>{list} },
    );
    // whoever does not see the page hears it at once
    view! { <div tabindex="-1" data-focus="true">{told}</div> }.into_any()
}

/// Links to the other pages about letters that this member of staff may open.
pub fn near(lang: Lang, actor: Actor, here: &str) -> AnyView {
    let links: Vec<_> = [
        (urls::LETTERS, "near-batches", Permission::SeeLetters),
        (urls::REQUESTS, "near-requests", Permission::MakeLetters),
        (urls::RETURNS, "near-returns", Permission::MakeLetters),
        (urls::TEMPLATES, "near-templates", Permission::SetUpLetters),
        (urls::CONTROL_LETTERS, "near-control", Permission::SetUpLetters),
        (urls::COUNCIL, "near-council", Permission::SeeLetters),
        (urls::STAFF_HELP, "near-help", Permission::SeeLetters),
    ]
    .into_iter()
    .filter(|(_, _, permission)| actor.may(*permission))
    .map(|(to, key, _)| {
        let current = (to == here || (here.is_empty() && to == urls::LETTERS)).then_some("page");
        view! { <li><a class="kern-link" href=to aria-current=current>{lang.t(key)}</a></li> }
    })
    .collect();
    view! { <nav class="near" aria-label=lang.t("near-label")><ul class="filters">{links}</ul></nav> }
        .into_any()
}
