//! What members do: the entry, other members, the yearly confirmation, leaving; and accepting an invitation.

use super::{categories, logo, market};
use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, begin_session, refused},
    ui::{
        form::{Form, Options},
        view::{alert, badge, day, link_button, submit_as, to_account},
    },
};
use axum::http::StatusCode;
use backend::{
    accounts::OpenRegistration,
    organisations::{self, EntryPage, Member, MemberPage, MemberRefusal},
};
use domain::{
    organisations::{Entry, MemberRole, OrganisationState},
    problem::Problems,
    urls,
};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

fn complaint(refusal: MemberRefusal) -> Problems {
    match refusal {
        MemberRefusal::LastOwner => Problems::one("", "problem-last-owner"),
        MemberRefusal::Gone => Problems::one("", "join-gone"),
        MemberRefusal::Problems(problems) => problems,
    }
}

fn entry_of(form: &Fields) -> Entry {
    Entry::read(|name| form.get(name).to_owned(), form.has("show_address"))
}

fn to_fields(entry: &Entry) -> Fields {
    let fields = [
        ("category", &entry.category),
        ("description", &entry.description),
        ("email", &entry.email),
        ("telephone", &entry.telephone),
        ("web", &entry.web),
        ("hours", &entry.hours),
    ]
    .into_iter()
    .fold(Fields::default(), |f, (name, value)| f.with(name, value));
    if entry.show_address {
        fields.with("show_address", "ja")
    } else {
        fields
    }
}

/// `/konto/organisation/{id}`. A POST says in `tun` what to do.
pub async fn one(rq: Rq) -> Outcome {
    let who = rq.resident()?.clone();
    if !rq.settings.has_organisations() {
        return Err(Fault::NotFound);
    }
    let id = rq.id()?;
    let here = format!("{}/{id}", urls::OWN_ORGANISATION);
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        let account = || Uuid::parse_str(form.get("wer")).map_err(|_| Fault::NotFound);
        let ctx = &rq.ctx;
        let about_notices = market::act(&rq, &who, id, form).await?;
        if let Some(Ok(public)) = about_notices {
            return Ok(market::after(&here, public));
        }
        let result = match form.get("tun") {
            _ if about_notices.is_some() => about_notices.unwrap_or(Ok(true)).map(drop),
            "eintrag" => {
                let version = form.get("version").parse().unwrap_or(-1);
                match refused(organisations::save_entry(ctx, &who, id, &entry_of(form), version).await)? {
                    Ok(true) => return Ok(Answer::go(format!("{here}?oeffentlich=1"))),
                    Ok(false) => return Ok(Answer::go(format!("{here}?geprueft=1"))),
                    Err(p) => Err(p),
                }
            }
            "einladen" => {
                let role = MemberRole::parse(form.get("role"));
                refused(
                    organisations::invite_member(
                        ctx,
                        &who,
                        id,
                        form.get("invite_email"),
                        role,
                        form.get("invite_language"),
                    )
                    .await,
                )?
                .map_err(complaint)
                .map_err(|mut p| {
                    for problem in p.0.iter_mut().filter(|p| p.field == "email") {
                        problem.field = "invite_email".to_owned();
                    }
                    p
                })
            }
            "zuruecknehmen" => {
                organisations::take_back_invitation(ctx, &who, id, account()?).await?;
                Ok(())
            }
            "rolle" => {
                let role = MemberRole::parse(form.get("rolle")).ok_or(Fault::NotFound)?;
                refused(organisations::set_member_role(ctx, &who, id, account()?, role).await)?
                    .map_err(complaint)
            }
            "entfernen" => {
                refused(organisations::remove_member(ctx, &who, id, account()?).await)?.map_err(complaint)
            }
            "verlassen" => match refused(organisations::leave(ctx, &who, id).await)? {
                Ok(()) => return Ok(Answer::go(urls::ACCOUNT)),
                Err(refusal) => Err(complaint(refusal)),
            },
            "bestaetigen" => {
                organisations::confirm_still_so(ctx, &who, id).await?;
                Ok(())
            }
            "beenden" if form.has("sicher") => {
                organisations::end_organisation(ctx, &who, id).await?;
                return Ok(Answer::go(urls::ACCOUNT));
            }
            "beenden" => Err(Problems::one("sicher", "problem-sure")),
            _ => return Err(Fault::NotFound),
        };
        match result {
            Ok(()) => return Ok(Answer::go(format!("{here}?gespeichert=1"))),
            Err(p) => problems = p,
        }
    }
    let page = organisations::member_page(&rq.ctx, &who, id).await?;
    let entry = organisations::entry_page(&rq.ctx, &who, id).await?;
    let has_logo = organisations::has_logo(&rq.ctx, id).await?;
    if rq.form.is_none()
        && let Some(problem) = logo::problem(&rq.query)
    {
        problems = problem;
    }
    let notices = match rq.settings.market {
        true => Some(organisations::own_notices(&rq.ctx, &who, id).await?),
        false => None,
    };
    let lang = rq.lang;
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let written = rq
        .form
        .as_ref()
        .filter(|f| ["eintrag", "aushang"].contains(&f.get("tun")));
    let values = match (written, entry.proposed.as_ref().or(entry.live.as_ref())) {
        // what was typed of a notice, and the entry as it is
        (Some(form), Some(entry)) if form.get("tun") == "aushang" => {
            Fields([form.0.clone(), to_fields(entry).0].concat())
        }
        (Some(form), _) => form.clone(),
        (None, Some(entry)) => to_fields(entry),
        (None, None) => Fields::default(),
    };
    let note = ["oeffentlich", "geprueft", "gespeichert"]
        .into_iter()
        .find(|n| rq.query.has(n) && rq.form.is_none());
    let moderated = rq.settings.moderate_entries;
    let directory = rq.settings.directory;
    let me = who.account;
    let change = format!("{here}/aendern");
    let form = Form::new(lang, Typed { values, problems });
    Ok(Page::new(page.name.clone(), move || {
        let owner = page.role == MemberRole::Owner;
        let address: Vec<_> = page.address.iter().map(|l| view! { <span class="line">{l.clone()}</span> }).collect();
        let suspended = page.state == OrganisationState::Suspended;
        view! {
            {form.summary()}
            {to_account(lang)}
            <h1 class="kern-heading-x-large">{page.name.clone()}</h1>
            {note.map(|n| alert("success", &lang.t(&format!("organisation-note-{n}")), ()))}
            {suspended.then(|| alert("warning", &lang.t("organisation-suspended-note"), ()))}
            {confirmation(lang, &page)}
            <p class="kern-body">{address}</p>
            <p class="kern-body muted">{lang.t("organisation-fixed")}" "{owner.then(|| view! { <a class="kern-link" href=change>{lang.t("organisation-change-title")}</a> })}</p>
            {directory.then(|| entry_form(lang, &form, &entry, moderated))}
            {directory.then(|| logo::form(lang, &form, id, &has_logo))}
            {notices.as_deref().map(|n| market::own(lang, &form, n, moderated))}
            {members(lang, &page, me)}
            {owner.then(|| invite(lang, &form, &page))}
            <section class="card-plain stack" aria-labelledby="end-heading">
                <h2 class="kern-heading-medium" id="end-heading">{lang.t("organisation-leave-title")}</h2>
                <p class="kern-body">{lang.t("organisation-leave-how")}</p>
                <form method="post">{submit_as("secondary", &lang.t("organisation-leave"), "tun", "verlassen")}</form>
                {owner.then(|| view! {
                    <details open=form.problem("sicher").is_some()>
                        <summary>{lang.t("organisation-end")}</summary>
                        <form method="post" novalidate=true class="stack details-body">
                            <p class="kern-body">{lang.t("organisation-end-what")}</p>
                            {form.checkbox("sicher", lang.t("organisation-end-yes"))}
                            {submit_as("secondary", &lang.t("organisation-end"), "tun", "beenden")}
                        </form>
                    </details>
                })}
            </section>
        }
        .into_any()
    })
    .status(status)
    .into())
}

fn confirmation(lang: Lang, page: &MemberPage) -> Option<AnyView> {
    let by = page.confirm_by.filter(|_| page.confirm_now)?;
    let text = if page.overdue {
        "organisation-overdue"
    } else {
        "organisation-due"
    };
    let text = lang.with(text, &[("datum", &day(lang, by))]);
    let owner = page.role == MemberRole::Owner;
    Some(alert(
        "warning",
        &lang.t("organisation-confirm-title"),
        view! {
            <p class="kern-body">{text}</p>
            {owner.then(|| view! { <form method="post">{submit_as("primary", &lang.t("organisation-confirm"), "tun", "bestaetigen")}</form> })}
        },
    ))
}

fn entry_form(lang: Lang, form: &Form, entry: &EntryPage, moderated: bool) -> AnyView {
    let state = match (&entry.live, &entry.proposed) {
        (_, Some(_)) => badge("warning", &lang.t("entry-state-waiting")).into_any(),
        (Some(_), None) => badge("success", &lang.t("entry-state-public")).into_any(),
        (None, None) => badge("info", &lang.t("entry-state-none")).into_any(),
    };
    let button = lang.t(if moderated { "entry-send" } else { "entry-publish" });
    view! {
        <section class="card-plain stack" aria-labelledby="public-heading">
            <h2 class="kern-heading-medium" id="public-heading">{lang.t("entry-title")}</h2>
            <p>{state}</p>
            {moderated.then(|| view! { <p class="kern-body">{lang.t("entry-moderated")}</p> })}
            <form method="post" novalidate=true class="stack">
                <input type="hidden" name="version" value=entry.version.to_string()/>
                {form.select("category", &lang.t("category"), categories(lang, "please-choose"))}
                {form.text("description", &lang.t("entry-description"), Options { rows: 6, hint: "entry-description-hint", ..Options::default() })}
                {form.text("hours", &lang.t("entry-hours"), Options { rows: 3, optional: true, ..Options::default() })}
                {form.text("telephone", &lang.t("entry-telephone"), Options { kind: "tel", optional: true, ..Options::default() })}
                {form.text("email", &lang.t("entry-email"), Options { kind: "email", optional: true, ..Options::default() })}
                {form.text("web", &lang.t("field-web"), Options { kind: "url", optional: true, hint: "field-web-hint", ..Options::default() })}
                {form.checkbox("show_address", lang.t("entry-show-address"))}
                {submit_as("primary", &button, "tun", "eintrag")}
            </form>
        </section>
    }
    .into_any()
}

fn members(lang: Lang, page: &MemberPage, me: Uuid) -> AnyView {
    let owner = page.role == MemberRole::Owner;
    let lines: Vec<_> = page
        .members
        .iter()
        .map(|m: &Member| {
            let role = lang.t(&format!("member-role-{}", m.role));
            let other = MemberRole::ALL.into_iter().find(|r| r.key() != m.role).unwrap_or(MemberRole::Editor);
            let change = lang.t(&format!("member-make-{}", other.key()));
            let id = m.account.to_string();
            let act = |what: &str, label: String| {
                let full = format!("{label}: {}", m.name);
                view! {
                    <form method="post">
                        <input type="hidden" name="wer" value=id.clone()/>
                        <input type="hidden" name="rolle" value=other.key()/>
                        <input type="hidden" name="tun" value=what.to_owned()/>
                        <button class="kern-btn kern-btn--tertiary" type="submit" aria-label=full><span class="kern-label">{label}</span></button>
                    </form>
                }
            };
            let acts = (owner && m.account != me).then(|| {
                view! { <div class="buttons">{act("rolle", change)}{act("entfernen", lang.t("member-remove"))}</div> }
            });
            view! { <li class="session"><span><strong>{m.name.clone()}</strong>" "<span class="muted">{role}</span></span>{acts}</li> }
        })
        .collect();
    view! {
        <section class="card-plain" aria-labelledby="members-heading">
            <h2 class="kern-heading-medium" id="members-heading">{lang.t("members-title")}</h2>
            <ul class="plain-list">{lines}</ul>
        </section>
    }
    .into_any()
}

fn invite(lang: Lang, form: &Form, page: &MemberPage) -> AnyView {
    let open: Vec<_> = page
        .invitations
        .iter()
        .map(|i| {
            let text = lang.with("invitation-until", &[("email", &i.email), ("datum", &day(lang, i.expires_at))]);
            view! {
                <li class="session"><span>{text}</span>
                    <form method="post"><input type="hidden" name="wer" value=i.id.to_string()/>{submit_as("tertiary", &lang.t("invitation-take-back"), "tun", "zuruecknehmen")}</form>
                </li>
            }
        })
        .collect();
    // the language of whoever invites comes first
    let languages = std::iter::once(lang)
        .chain(Lang::all().filter(|l| *l != lang))
        .map(|l| (l.code().to_owned(), l.t("language-name")))
        .collect();
    let roles = MemberRole::ALL
        .into_iter()
        .map(|r| (r.key(), lang.t(&format!("member-role-{}-long", r.key()))))
        .collect();
    view! {
        <section class="card-plain stack" aria-labelledby="invite-heading">
            <h2 class="kern-heading-medium" id="invite-heading">{lang.t("member-invite-title")}</h2>
            <p class="kern-body">{lang.t("member-invite-how")}</p>
            <ul class="plain-list">{open}</ul>
            <form method="post" novalidate=true class="stack">
                {form.text("invite_email", &lang.t("email"), Options { kind: "email", autocomplete: "off", mode: "email", ..Options::default() })}
                {form.radios("role", &lang.t("role"), roles)}
                {form.select("invite_language", &lang.t("member-invite-language"), languages)}
                {submit_as("secondary", &lang.t("staff-invite"), "tun", "einladen")}
            </form>
        </section>
    }
    .into_any()
}

/// `/organisation/beitreten`: an invitation. Looking does not use it.
pub async fn join(rq: Rq) -> Outcome {
    if !rq.settings.has_organisations() {
        return Err(Fault::NotFound);
    }
    let lang = rq.lang;
    let token = match &rq.form {
        Some(form) => form.get("t").to_owned(),
        None => rq.query.get("t").to_owned(),
    };
    let who = rq.who.clone().filter(|w| w.role.is_none());
    let mut typed = Typed::default();
    if let Some(form) = &rq.form {
        let contact = OpenRegistration {
            name: form.get("name").to_owned(),
            email: String::new(),
            password: form.get("password").to_owned(),
            consent: form.has("consent"),
        };
        match refused(organisations::join(&rq.ctx, &rq.visitor, &token, who.as_ref(), &contact).await)? {
            Ok((id, session)) => {
                return Ok(Answer::Go {
                    to: format!("{}/{id}", urls::OWN_ORGANISATION),
                    cookies: session.iter().map(|s| begin_session(&rq.ctx, s, false)).collect(),
                });
            }
            Err(refusal) => {
                typed = Typed {
                    values: form.clone().without(&["password"]),
                    problems: complaint(refusal),
                }
            }
        }
    }
    let Some(found) = organisations::invitation(&rq.ctx, &token).await? else {
        let title = lang.t("link-gone-title");
        return Ok(Page::new(title.clone(), move || {
            view! {
                <div class="calm">
                    <h1 class="kern-heading-large">{title}</h1>
                    <p class="kern-body">{lang.t("join-gone")}</p>
                    {link_button("secondary", urls::DIRECTORY, &lang.t("directory-title"))}
                </div>
            }
            .into_any()
        })
        .status(StatusCode::GONE)
        .into());
    };
    let status = if typed.problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let form = Form::new(lang, typed);
    let title = lang.with("join-title", &[("organisation", &found.organisation)]);
    let version = rq.settings.terms_version.to_string();
    Ok(Page::new(title.clone(), move || {
        let role = lang.t(&format!("member-role-{}-long", found.role.key()));
        let consent = view! {
            {lang.t("consent-before")}" "<a class="kern-link" href=urls::TERMS target="_blank">{lang.with("consent-link", &[("version", &version)])}</a>" "{lang.t("consent-after")}
        };
        let fields = match &who {
            Some(who) => view! { <p class="kern-body">{lang.with("join-as", &[("name", &who.name)])}</p> }.into_any(),
            None => view! {
                <p class="kern-body">{lang.with("join-new", &[("email", &found.email)])}" "<a class="kern-link" href=urls::SIGN_IN>{lang.t("sign-in")}</a></p>
                {form.text("name", &lang.t("apply-own-name"), Options { autocomplete: "name", ..Options::default() })}
                {form.text("password", &lang.t("password-new"), Options { kind: "password", autocomplete: "new-password", hint: "password-hint", ..Options::default() })}
                {form.checkbox("consent", consent)}
            }
            .into_any(),
        };
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{role}</p>
            <form method="post" action=urls::JOIN_ORGANISATION novalidate=true class="stack">
                <input type="hidden" name="t" value=token/>
                {fields}
                {submit_as("primary", &lang.t("join-button"), "tun", "beitreten")}
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}
