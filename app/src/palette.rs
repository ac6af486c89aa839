//! Search and jump: all pages that a member of staff may open, what can be begun, and searches for what was typed. As a page,
//! and as what `web/palette.js` makes a dialog of.

use crate::{
    portal::{Answer, Outcome, Page, Rq, Typed, encode, status_of},
    shell,
    ui::{
        form::{Form, Options},
        view::submit_as,
    },
};
use backend::{
    cases::{self, InboxFilter},
    letters,
};
use domain::{
    access::{Actor, Permission},
    municipality::RegistrationMethod,
    problem::Problems,
    urls,
};
use leptos::prelude::*;

/// Somewhere to go.
struct Place {
    to: String,
    label: String,
    /// Begins something, and is not only a page.
    acts: bool,
}

/// A search: its name on the page, the key of its words, and the address before what was typed.
type Search = (&'static str, &'static str, String);

/// Pages below those of the navigation, what can be begun, and the own account; only what this member of staff may open.
fn places(rq: &Rq, actor: Actor) -> Vec<Place> {
    use Permission as P;
    let letters_on = rq.settings.residents_register == RegistrationMethod::Letter;
    let new_person = format!("{}/neu", urls::RESIDENTS);
    let both = |a: P, b: P| actor.may(a) && actor.may(b);
    let below = [
        (urls::DESK, "desk-title", actor.may(P::DecideCases)),
        (urls::MODERATION, "moderation-title", actor.may(P::Moderate)),
        (
            urls::CASE_SETUP,
            "palette-case-setup",
            crate::cases::inbox::may_set_up(actor),
        ),
        (
            urls::REQUESTS,
            "near-requests",
            letters_on && actor.may(P::MakeLetters),
        ),
        (
            urls::RETURNS,
            "near-returns",
            letters_on && actor.may(P::MakeLetters),
        ),
        (
            urls::TEMPLATES,
            "palette-templates",
            letters_on && actor.may(P::SetUpLetters),
        ),
        (
            urls::CONTROL_LETTERS,
            "near-control",
            letters_on && actor.may(P::SetUpLetters),
        ),
        (
            urls::COUNCIL,
            "palette-council",
            letters_on && actor.may(P::SeeLetters),
        ),
        (
            urls::OFFLINE_LETTERS,
            "outside-title",
            letters_on && both(P::MakeLetters, P::ImportResidents),
        ),
        (urls::ROLES, "roles-title", actor.may(P::ManageStaff)),
        (urls::SERVICE_SETUP, "service-title", actor.may(P::ManageStaff)),
        (urls::JOBS, "jobs-title", actor.may(P::ChangeSettings)),
        (urls::STAFF_HELP, "palette-help", actor.may(P::SeeLetters)),
        (urls::ACCOUNT, "nav-account", true),
        (urls::SECURITY, "security-title", true),
    ];
    let actions = [
        (
            new_person.as_str(),
            "palette-new-person",
            actor.may(P::ImportResidents),
        ),
        (urls::LISTS, "palette-upload", actor.may(P::ImportResidents)),
        (
            urls::LETTERS,
            "palette-letters",
            letters_on && actor.may(P::MakeLetters),
        ),
        (
            urls::RETURNS,
            "palette-returned",
            letters_on && actor.may(P::MakeLetters),
        ),
    ];
    let place = |(to, key): (&str, &str), acts| Place {
        to: to.to_owned(),
        label: rq.t(key),
        acts,
    };
    let mut all: Vec<Place> = Vec::new();
    all.extend(shell::sections(rq, actor).into_iter().map(|p| place(p, false)));
    all.extend(
        actions
            .into_iter()
            .filter(|p| p.2)
            .map(|p| place((p.0, p.1), true)),
    );
    all.extend(
        below
            .into_iter()
            .filter(|p| p.2)
            .map(|p| place((p.0, p.1), false)),
    );
    all
}

/// Where this member of staff may look for what was typed.
fn searches(rq: &Rq, actor: Actor) -> Vec<Search> {
    let organisations = actor.may(Permission::ManageOrganisations) && rq.settings.has_organisations();
    let numbers = may_open_letters(actor) || actor.may(Permission::SeeCases);
    [
        (
            (
                "register",
                "palette-in-register",
                format!("{}?suche=", urls::RESIDENTS),
            ),
            actor.may(Permission::SeeResidents),
        ),
        (
            (
                "nachrichten",
                "palette-in-inbox",
                format!("{}?zeige=all&suche=", urls::INBOX),
            ),
            actor.may(Permission::SeeCases),
        ),
        (
            (
                "organisationen",
                "palette-in-organisations",
                format!("{}?q=", urls::ORGANISATIONS),
            ),
            organisations,
        ),
        (
            ("nummer", "palette-number", format!("{}?wo=nummer&q=", urls::JUMP)),
            numbers,
        ),
    ]
    .into_iter()
    .filter_map(|(search, may)| may.then_some(search))
    .collect()
}

fn may_open_letters(actor: Actor) -> bool {
    actor.may(Permission::SeeLetters) && actor.may(Permission::SeeResidents)
}

/// What `web/palette.js` makes the dialog of: inert until it is opened.
pub fn template(rq: &Rq) -> AnyView {
    let Some(actor) = rq.who.as_ref().map(|w| w.actor()) else {
        return ().into_any();
    };
    let (page, action) = (rq.t("palette-page"), rq.t("palette-action"));
    let options: Vec<_> = places(rq, actor)
        .into_iter()
        .map(|p| {
            let kind = if p.acts { action.clone() } else { page.clone() };
            view! { <li role="option" aria-selected="false" data-to=p.to><span>{p.label}</span>" "<span class="muted">{kind}</span></li> }
        })
        .collect();
    let searches: Vec<_> = searches(rq, actor)
        .into_iter()
        .map(|(name, key, to)| {
            let kind = rq.t("palette-search");
            view! { <li role="option" aria-selected="false" data-search=name data-to=to><span>{rq.t(key)}</span>" "<span class="muted">{kind}</span></li> }
        })
        .collect();
    // "#" stands where the script writes the number
    let count = rq.lang.with("palette-count", &[("n", "#")]);
    view! {
        <template id="palette">
            <dialog class="palette" aria-labelledby="palette-title">
                <h2 class="kern-heading-small" id="palette-title">{rq.t("palette-open")}</h2>
                <input class="kern-form-input__input" type="text" role="combobox" aria-labelledby="palette-title" aria-describedby="palette-keys"
                    aria-expanded="true" aria-autocomplete="list" aria-controls="palette-list" autocomplete="off" autocapitalize="off" spellcheck="false"/>
                <p class="kern-hint" id="palette-keys">{rq.t("palette-keys")}</p>
                <ul class="palette__list" id="palette-list" role="listbox" aria-labelledby="palette-title">{options}{searches}</ul>
                <p class="kern-sr-only" role="status" data-count=count></p>
                <p class="kern-body" hidden=true data-none="true">{rq.t("palette-none")}</p>
                <form method="dialog"><button class="link-button" type="submit">{rq.t("palette-close")}</button></form>
            </dialog>
        </template>
    }
    .into_any()
}

/// What opens it; a link to the page where there is no script.
pub fn opener(rq: &Rq) -> AnyView {
    let asset = rq.asset;
    view! {
        <a class="palette-open" href=urls::JUMP data-palette-open="true">{rq.t("palette-open")}" "<kbd>{rq.t("palette-shortcut")}</kbd></a>
        <script type="module" src=asset("palette.js")></script>
    }
    .into_any()
}

/// The person or the case behind a number, if this member of staff may see it.
async fn behind(rq: &Rq, actor: Actor, number: &str) -> Result<Option<String>, crate::portal::Fault> {
    let plain = |text: &str| -> String {
        let kept = text.chars().filter(char::is_ascii_alphanumeric);
        kept.collect::<String>().to_ascii_uppercase()
    };
    if actor.may(Permission::SeeCases) && !plain(number).is_empty() {
        let filter = InboxFilter {
            show: "all".to_owned(),
            search: number.to_owned(),
            ..InboxFilter::default()
        };
        let (lines, _) = cases::inbox(&rq.ctx, actor, &filter).await?;
        if let Some(line) = lines.iter().find(|l| plain(&l.case.number) == plain(number)) {
            return Ok(Some(format!("{}/{}", urls::INBOX, line.case.id)));
        }
    }
    if may_open_letters(actor) {
        let holder = letters::holder(&rq.ctx, actor, number).await?;
        return Ok(holder.map(|id| format!("{}/{id}", urls::RESIDENTS)));
    }
    Ok(None)
}

/// `/verwaltung/springen`: the same list as a page, with a form that searches.
pub async fn page(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeDashboard)?;
    let typed: String = rq.query.get("q").trim().chars().take(100).collect();
    let searches = searches(&rq, actor);
    let wanted = searches.iter().find(|s| s.0 == rq.query.get("wo"));
    let mut problems = Problems::default();
    if let Some((name, _, to)) = wanted {
        if typed.is_empty() {
            problems.add("q", "problem-required");
        } else if *name != "nummer" {
            return Ok(Answer::go(format!("{to}{}", encode(&typed))));
        } else {
            match behind(&rq, actor, &typed).await? {
                Some(to) => return Ok(Answer::go(to)),
                None => problems.add("q", "problem-number-unknown"),
            }
        }
    }
    let places = places(&rq, actor);
    let lang = rq.lang;
    let status = status_of(&problems);
    let form = Form::new(
        lang,
        Typed {
            values: rq.query.clone(),
            problems,
        },
    );
    let title = lang.t("palette-open");
    Ok(Page::staff(title.clone(), move || {
        let list = |acts: bool| -> Vec<_> {
            places
                .iter()
                .filter(|p| p.acts == acts)
                .map(|p| view! { <li><a class="kern-link" href=p.to.clone()>{p.label.clone()}</a></li> })
                .collect()
        };
        let (actions, pages) = (list(true), list(false));
        let buttons: Vec<_> = searches
            .iter()
            .map(|(name, key, _)| submit_as("secondary", &lang.t(key), "wo", name))
            .collect();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            {(!buttons.is_empty()).then(|| view! {
                <form method="get" class="stack" role="search">
                    {form.text("q", &lang.t("palette-typed"), Options { hint: "palette-typed-hint", optional: true, kind: "search", ..Options::default() })}
                    <div class="buttons">{buttons}</div>
                </form>
            })}
            {(!actions.is_empty()).then(|| view! {
                <h2 class="kern-heading-medium">{lang.t("palette-actions")}</h2>
                <ul class="kern-list">{actions}</ul>
            })}
            <h2 class="kern-heading-medium">{lang.t("palette-pages")}</h2>
            <ul class="kern-list">{pages}</ul>
        }
        .into_any()
    })
    .status(status)
    .into())
}
