//! `/verwaltung/texte`: staff write the public texts, look at earlier versions and put them back; the film in sign language.

use super::texts::{body, built_in};
use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, refused, status_of},
    ui::{
        form::{Form, Options},
        view::{alert, badge, link_button, moment, submit, submit_as},
    },
};
use axum::http::StatusCode;
use backend::municipality::{self, Film, MOST_FILM, TextRefusal, TextVersion};
use domain::{access::Permission, municipality::public_text::TextKind, problem::Problems, urls};
use leptos::prelude::*;
use locales::Lang;

/// All texts: which are published, since when, and what is due.
pub async fn list(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ChangeSettings)?;
    if let Some(form) = &rq.form {
        municipality::put_off(&rq.ctx, actor, form.get("spaeter")).await?;
        return Ok(Answer::go(
            urls::safe_return(form.get("zurueck")).unwrap_or(urls::TEXTS),
        ));
    }
    let all = municipality::overview(&rq.ctx, actor).await?;
    let due = municipality::due(&rq.ctx, actor).await?;
    let film = municipality::film(&rq.ctx).await?;
    let signs = municipality::sign_language(&rq.ctx).await?;
    let lang = rq.lang;
    let title = lang.t("texts-title");
    Ok(Page::staff(title.clone(), move || {
        let rows: Vec<_> = TextKind::ALL
            .into_iter()
            .map(|kind| {
                let own: Vec<&TextVersion> = all.iter().filter(|(k, v)| *k == kind && !v.text.trim().is_empty()).map(|(_, v)| v).collect();
                // the only page that is not there before something was published
                let address = if signs || kind != TextKind::SignLanguage {
                    view! { <a class="kern-link" href=kind.path()>{kind.path()}</a> }.into_any()
                } else {
                    kind.path().into_any()
                };
                let state = if own.is_empty() {
                    badge("warning", &lang.t("text-built-in")).into_any()
                } else {
                    badge("success", &lang.t("text-published")).into_any()
                };
                let since: Vec<_> = own
                    .into_iter()
                    .map(|v| view! { <span class="line">{v.language.to_uppercase()}": "{moment(lang, v.saved_at)}{v.by.clone().map(|by| format!(", {by}"))}</span> })
                    .collect();
                view! {
                    <tr class="kern-table__row">
                        <th scope="row" class="kern-table__cell"><a class="kern-link" href=format!("{}/{}", urls::TEXTS, kind.key())>{lang.t(&format!("text-{}", kind.key()))}</a></th>
                        <td class="kern-table__cell">{state}</td>
                        <td class="kern-table__cell">{since}</td>
                        <td class="kern-table__cell">{address}</td>
                    </tr>
                }
            })
            .collect();
        let heads: Vec<_> = ["texts-title", "state", "text-since", "text-address"]
            .into_iter()
            .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
            .collect();
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("texts-intro")}</p>
            {reminders(lang, due, urls::TEXTS)}
            <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("texts-title")>
                <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div>
            {film.is_none().then(|| view! { <p class="kern-hint">{lang.t("film-none")}</p> })}
        }
        .into_any()
    })
    .into())
}

/// What is due, each with a way to do it and one to put it off.
pub fn reminders(lang: Lang, due: Vec<(TextKind, &'static str)>, back: &'static str) -> Vec<AnyView> {
    due.into_iter()
        .map(|(kind, key)| {
            let inside = view! {
                <p class="kern-body">{lang.t(&format!("due-{key}"))}</p>
                <form method="post" action=urls::TEXTS class="buttons">
                    <input type="hidden" name="zurueck" value=back/>
                    {link_button("primary", &format!("{}/{}", urls::TEXTS, kind.key()), &lang.t("due-do"))}
                    {submit_as("tertiary", &lang.t("due-later"), "spaeter", key)}
                </form>
            };
            alert("warning", &lang.t(&format!("due-{key}-title")), inside)
        })
        .collect()
}

/// One text in one language: editor, how it looks, earlier versions.
pub async fn one(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ChangeSettings)?;
    let kind = TextKind::parse(rq.param("art")).ok_or(Fault::NotFound)?;
    let typed_language = rq
        .form
        .as_ref()
        .map_or(rq.query.get("sprache"), |f| f.get("sprache"));
    let language = Lang::all()
        .find(|l| l.code() == typed_language)
        .unwrap_or(Lang::parse("de"));
    let mut typed = None;
    if let Some(form) = &rq.form {
        let text = match form.get("tun") {
            "film-weg" => {
                municipality::delete_film(&rq.ctx, actor).await?;
                return Ok(Answer::go(address(kind, language)));
            }
            "zuruecksetzen" => {
                let wanted: i64 = form.get("fassung").parse().unwrap_or(0);
                let all = municipality::history(&rq.ctx, actor, kind, language.code()).await?;
                all.into_iter()
                    .find(|v| v.version == wanted)
                    .ok_or(Fault::NotFound)?
                    .text
            }
            _ => form.get("text").replace("\r\n", "\n").trim().to_owned(),
        };
        let version = form.get("version").parse().unwrap_or(-1);
        let saved = municipality::save_text(&rq.ctx, actor, kind, language.code(), &text, version).await;
        let problems = match refused(saved)? {
            Ok(()) => return Ok(Answer::go(format!("{}&gespeichert=1", address(kind, language)))),
            Err(TextRefusal::Problems(problems)) => problems,
            Err(TextRefusal::Stale) => Problems::one("", "problem-stale"),
        };
        typed = Some(Typed {
            values: form.clone(),
            problems,
        });
    }
    show(&rq, kind, language, typed, None).await
}

fn address(kind: TextKind, language: Lang) -> String {
    format!("{}/{}?sprache={}", urls::TEXTS, kind.key(), language.code())
}

/// The page, also with what is wrong with an uploaded film.
pub async fn show(
    rq: &Rq,
    kind: TextKind,
    language: Lang,
    typed: Option<Typed>,
    wrong_film: Option<Problems>,
) -> Outcome {
    let actor = rq.staff(Permission::ChangeSettings)?;
    let history = municipality::history(&rq.ctx, actor, kind, language.code()).await?;
    let newest = history.first().cloned();
    let film = municipality::film(&rq.ctx).await?;
    let lang = rq.lang;
    let saved = rq.query.has("gespeichert") && typed.is_none();
    let text = match &newest {
        Some(v) if !v.text.trim().is_empty() => v.text.clone(),
        _ => built_in(rq, kind, language),
    };
    let is_built_in = newest.as_ref().is_none_or(|v| v.text.trim().is_empty());
    // what was typed on a stale page stays, and the next press of the button would win: so it says which version it saw
    let version = newest.map_or(0, |v| v.version).to_string();
    let typed = typed.unwrap_or_else(|| Typed {
        values: Fields::default().with("text", &text),
        problems: Problems::default(),
    });
    let mut status = status_of(&typed.problems);
    if wrong_film.is_some() {
        status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    let preview = typed.values.get("text").to_owned();
    let form = Form::new(lang, typed);
    let name = lang.t(&format!("text-{}", kind.key()));
    let title = format!("{name} ({})", language.code().to_uppercase());
    let film_form = Form::new(
        lang,
        Typed {
            problems: wrong_film.unwrap_or_default(),
            ..Typed::default()
        },
    );
    Ok(Page::staff(title.clone(), move || {
        let german_only = matches!(kind, TextKind::EasyLanguage | TextKind::SignLanguage);
        let languages: Vec<_> = Lang::all()
            .filter(|_| !german_only)
            .map(|l| {
                let here = (l == language).then_some("page");
                view! { <li><a class="kern-link" href=address(kind, l) aria-current=here lang=l.code()>{l.t("language-name")}</a></li> }
            })
            .collect();
        view! {
            {form.summary()}
            {film_form.summary()}
            {saved.then(|| alert("success", &lang.t("saved-title"), view! { <p class="kern-body">{lang.t("text-saved")}" "<a class="kern-link" href=kind.path()>{kind.path()}</a></p> }))}
            <p><a class="kern-link" href=urls::TEXTS>{lang.t("texts-title")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            {(!german_only).then(|| view! { <nav aria-label=lang.t("language")><ul class="filters">{languages}</ul></nav> })}
            {is_built_in.then(|| alert("info", &lang.t("text-built-in-title"), view! { <p class="kern-body">{lang.t("text-built-in-why")}</p> }))}
            {(kind == TextKind::EasyLanguage).then(|| alert("info", &lang.t("easy-check-title"), view! { <p class="kern-body">{lang.t("easy-check")}</p> }))}
            <div class="editor">
                <form method="post" class="editor__fields" novalidate=true>
                    <input type="hidden" name="sprache" value=language.code()/>
                    <input type="hidden" name="version" value=version.clone()/>
                    {form.text("text", &name, Options { rows: 24, hint: "text-format-hint", ..Options::default() })}
                    <div class="buttons">{submit("primary", &lang.t("text-publish"))}</div>
                </form>
                <section class="card-plain" aria-labelledby="so-sieht-es-aus">
                    <h2 class="kern-heading-medium" id="so-sieht-es-aus">{lang.t("text-looks")}</h2>
                    {body(&preview, language.code())}
                </section>
            </div>
            {(kind == TextKind::SignLanguage).then(|| film_part(lang, film, &film_form))}
            <h2 class="kern-heading-medium">{lang.t("text-versions")}</h2>
            {versions(lang, language, &version, history)}
        }
        .into_any()
    })
    .status(status)
    .into())
}

fn versions(lang: Lang, language: Lang, newest: &str, history: Vec<TextVersion>) -> AnyView {
    if history.is_empty() {
        return view! { <p class="kern-body">{lang.t("text-no-versions")}</p> }.into_any();
    }
    let newest = newest.to_owned();
    let items: Vec<_> = history
        .into_iter()
        .map(|v| {
            let number = v.version.to_string();
            let back = (number != newest).then(|| {
                view! {
                    <form method="post">
                        <input type="hidden" name="sprache" value=language.code()/>
                        <input type="hidden" name="version" value=newest.clone()/>
                        <input type="hidden" name="fassung" value=number.clone()/>
                        {submit_as("secondary", &lang.with("text-put-back", &[("fassung", &number)]), "tun", "zuruecksetzen")}
                    </form>
                }
            });
            let by = v.by.map(|by| format!(", {by}"));
            let empty = v.text.trim().is_empty();
            view! {
                <li><details>
                    <summary>{lang.with("text-version", &[("fassung", &number)])}": "{moment(lang, v.saved_at)}{by}</summary>
                    <div class="details-body stack">
                        {if empty { view! { <p class="kern-body">{lang.t("text-taken-back")}</p> }.into_any() } else { body(&v.text, language.code()) }}
                        {back}
                    </div>
                </details></li>
            }
        })
        .collect();
    view! { <ul class="plain-list">{items}</ul> }.into_any()
}

fn film_part(lang: Lang, film: Option<Film>, form: &Form) -> AnyView {
    let megabytes = lang.number(i64::try_from(MOST_FILM / 1024 / 1024).unwrap_or(0));
    form.labelled("film", &lang.t("film-file"));
    let problem = form.problem("film");
    let there = film.map(|f| {
        let since = lang.with("film-there", &[("tag", &moment(lang, f.saved_at))]);
        view! {
            <p class="kern-body">{since}</p>
            <video class="sign-film" controls=true preload="metadata" playsinline=true aria-label=lang.t("sign-film")><source src=urls::SIGN_FILM type=f.media_type/></video>
            <form method="post">{submit_as("tertiary", &lang.t("film-delete"), "tun", "film-weg")}</form>
        }
    });
    view! {
        <section class="card-plain" aria-labelledby="film-heading">
            <h2 class="kern-heading-medium" id="film-heading">{lang.t("sign-film")}</h2>
            {there}
            <form method="post" action=format!("{}/film", urls::TEXTS) enctype="multipart/form-data" class="stack">
                <div class="kern-form-input">
                    <label class="kern-label" for="film">{lang.t("film-file")}</label>
                    <div class="kern-hint" id="film-hint">{lang.with("film-hint", &[("mb", &megabytes)])}</div>
                    <input class="kern-form-input__input" type="file" id="film" name="datei" accept="video/mp4,video/webm" aria-describedby="film-hint"/>
                    {problem.map(|p| view! { <p class="kern-error"><span class="kern-body">{p}</span></p> })}
                </div>
                {submit("secondary", &lang.t("film-upload"))}
            </form>
        </section>
    }
    .into_any()
}
