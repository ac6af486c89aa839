//! `/ideen`: proposing, supporting, and what the town says to it.

use super::{byline, chosen_voice, comments, earlier, tools, voice};
use crate::{
    portal::{Answer, Fault, Outcome, Page, Rq, Typed, encode, refused, status_of},
    ui::{
        form::{Form, Options},
        view::{alert, badge, link_button, paragraphs, submit, submit_as},
    },
};
use axum::http::StatusCode;
use backend::talk::{self, Contribution};
use domain::{
    access::Permission,
    problem::Problems,
    talk::{IdeaStatus, Subject, Words},
    urls,
};
use leptos::prelude::*;
use locales::Lang;

fn status_badge(lang: Lang, key: &str) -> Option<AnyView> {
    let kind = match IdeaStatus::parse(key)? {
        IdeaStatus::New => return None,
        IdeaStatus::Examined => "info",
        IdeaStatus::Planned | IdeaStatus::Done => "success",
        IdeaStatus::Declined => "warning",
    };
    Some(badge(kind, &lang.t(&format!("idea-status-{key}"))).into_any())
}

/// `/ideen`.
pub async fn list(rq: Rq) -> Outcome {
    let newest = rq.query.get("folge") == "neu";
    let state = IdeaStatus::parse(rq.query.get("stand"));
    let words = rq.query.get("q");
    let asked = !words.is_empty() || state.is_some();
    let all = talk::ideas(&rq.ctx, rq.who.as_ref(), words, state, newest)
        .await
        .map_err(Fault::not_found)?;
    let lang = rq.lang;
    let form = Form::new(
        lang,
        Typed {
            values: rq.query.clone(),
            ..Typed::default()
        },
    );
    let title = lang.t("ideas-title");
    let comments_on = rq.settings.comments;
    Ok(Page::new(title.clone(), move || {
        let none = all.is_empty();
        let count = i64::try_from(all.len()).unwrap_or(0);
        let cards: Vec<_> = all.iter().map(|c| card(lang, c, comments_on)).collect();
        let states = std::iter::once((String::new(), lang.t("directory-all")))
            .chain(IdeaStatus::ALL.map(|s| (s.key().to_owned(), lang.t(&format!("idea-status-{}", s.key())))))
            .collect();
        let orders = vec![(String::new(), lang.t("ideas-by-support")), ("neu".to_owned(), lang.t("ideas-by-time"))];
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("ideas-intro")}" "<a class="kern-link" href=urls::HOUSE_RULES>{lang.t("house-rules")}</a></p>
            <div class="buttons">{link_button("primary", urls::NEW_IDEA, &lang.t("idea-new"))}</div>
            <form method="get" class="find" role="search">
                {form.text("q", &lang.t("directory-search"), Options { optional: true, kind: "search", ..Options::default() })}
                {form.select("stand", &lang.t("idea-status"), states)}
                {form.select("folge", &lang.t("ideas-order"), orders)}
                {submit("secondary", &lang.t("directory-find"))}
            </form>
            <p class="kern-body" role="status">{lang.n("ideas-count", count)}</p>
            {if none {
                view! { <div class="empty"><p class="kern-body">{lang.t(if asked { "directory-none" } else { "ideas-none" })}</p></div> }.into_any()
            } else {
                view! { <ul class="files">{cards}</ul> }.into_any()
            }}
        }
        .into_any()
    })
    .into())
}

fn card(lang: Lang, c: &Contribution, comments_on: bool) -> AnyView {
    let to = format!("{}/{}", urls::IDEAS, c.id);
    let talked = comments_on.then(|| format!(" · {}", lang.n("comments-count", c.comments)));
    view! {
        <li class="card-plain stack">
            <h2 class="kern-heading-small"><a class="kern-link" lang=crate::ui::view::TOWN href=to>{c.title.clone()}</a></h2>
            {byline(lang, c)}
            <p class="kern-body">{lang.n("idea-supports", c.supports)}{talked}" "{status_badge(lang, &c.status)}</p>
        </li>
    }
    .into_any()
}

/// `/ideen/neu`.
pub async fn new(rq: Rq) -> Outcome {
    if !rq.settings.ideas {
        return Err(Fault::NotFound);
    }
    let who = rq.resident()?;
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        let words = Words::read(form.get("titel"), form.get("beitrag"));
        match refused(talk::propose(&rq.ctx, who, chosen_voice(form), &words).await)? {
            Ok(id) => return Ok(Answer::go(format!("{}/{id}?neu=1", urls::IDEAS))),
            Err(refusal) => problems = refusal.problems(),
        }
    }
    let voices = talk::voices(&rq.ctx, Some(who)).await?;
    let lang = rq.lang;
    let status = status_of(&problems);
    let form = Form::new(
        lang,
        Typed {
            values: rq.typed(),
            problems,
        },
    );
    let title = lang.t("idea-new");
    Ok(Page::new(title.clone(), move || {
        let body = if voices.any() {
            view! {
                <form method="post" novalidate=true class="stack">
                    {voice(lang, &form, &voices)}
                    {form.text("titel", &lang.t("idea-title"), Options { autocomplete: "off", hint: "idea-title-hint", ..Options::default() })}
                    {form.text("beitrag", &lang.t("idea-text"), Options { rows: 8, hint: "idea-text-hint", ..Options::default() })}
                    <p class="kern-hint">{lang.t("talk-rules-hint")}" "<a class="kern-link" href=urls::HOUSE_RULES>{lang.t("house-rules")}</a></p>
                    {submit("primary", &lang.t("idea-send"))}
                </form>
            }
            .into_any()
        } else {
            alert("info", &lang.t("talk-not-verified-title"), view! { <p class="kern-body">{lang.t("talk-not-verified")}</p> })
        };
        view! {
            {form.summary()}
            <p><a class="kern-link" href=urls::IDEAS>{lang.t("ideas-title")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            {body}
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// `/ideen/{id}`.
pub async fn one(rq: Rq) -> Outcome {
    let id = rq.id()?;
    let here = format!("{}/{id}", urls::IDEAS);
    let comments = match comments::act(&rq, Subject::Idea, id, &here).await? {
        Ok(answer) => return Ok(answer),
        Err(comments) => comments,
    };
    let moderator = rq.staff(Permission::Moderate).ok();
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        match form.get("tun") {
            act @ ("unterstuetzen" | "nicht-mehr") => {
                let who = rq.resident()?;
                match refused(talk::support(&rq.ctx, who, id, act == "unterstuetzen").await)? {
                    Ok(()) => return Ok(Answer::go(here)),
                    Err(refusal) => problems = refusal.problems(),
                }
            }
            "antworten" => {
                let actor = rq.staff(Permission::Moderate)?;
                let state = IdeaStatus::parse(form.get("stand")).ok_or(Fault::NotFound)?;
                match refused(talk::reply(&rq.ctx, actor, id, state, form.get("antwort")).await)? {
                    Ok(()) => return Ok(Answer::go(format!("{here}?gespeichert=1"))),
                    Err(p) => problems = p,
                }
            }
            "kommentar" => {}
            _ => return Err(Fault::NotFound),
        }
    }
    let idea = talk::idea(&rq.ctx, rq.who.as_ref(), id)
        .await
        .map_err(Fault::not_found)?;
    let versions = talk::versions(&rq.ctx, id).await?;
    let voices = talk::voices(&rq.ctx, rq.who.as_ref()).await?;
    let lang = rq.lang;
    let status = match problems.is_empty() {
        true => comments.status(),
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let values = match &rq.form {
        Some(form) => form.clone(),
        None => crate::portal::Fields::default()
            .with("stand", &idea.status)
            .with("antwort", &idea.reply),
    };
    let form = Form::new(lang, Typed { values, problems });
    let me = rq.who.as_ref().map(|w| w.account);
    let new = rq.query.has("neu") && rq.form.is_none();
    let saved = rq.query.has("gespeichert") && rq.form.is_none();
    let sender = rq.settings.sender.clone();
    let sign_in = format!("{}?zurueck={}", urls::SIGN_IN, encode(&here));
    Ok(Page::new(idea.title.clone(), move || {
        let own = me.is_some_and(|me| idea.is_of(me));
        let support = if own || moderator.is_some() {
            ().into_any()
        } else if me.is_none() {
            view! { <p class="kern-body"><a class="kern-link" href=sign_in>{lang.t("sign-in")}</a>" "{lang.t("idea-sign-in")}</p> }.into_any()
        } else if voices.own.is_some() {
            let (act, key, kind) = if idea.supported {
                ("nicht-mehr", "idea-unsupport", "secondary")
            } else {
                ("unterstuetzen", "idea-support", "primary")
            };
            view! { <form method="post" class="buttons">{submit_as(kind, &lang.t(key), "tun", act)}</form> }.into_any()
        } else {
            view! { <p class="kern-body">{lang.t("talk-not-verified")}</p> }.into_any()
        };
        let answered = (idea.status != "new").then(|| {
            view! {
                <section class="card-plain stack" aria-labelledby="reply-heading">
                    <h2 class="kern-heading-small" id="reply-heading">{lang.with("idea-reply-of", &[("sender", &sender)])}</h2>
                    <p>{status_badge(lang, &idea.status)}</p>
                    {paragraphs(&idea.reply)}
                </section>
            }
        });
        let states = IdeaStatus::ALL.map(|s| (s.key().to_owned(), lang.t(&format!("idea-status-{}", s.key())))).to_vec();
        let reply = moderator.is_some().then(|| {
            view! {
                <form method="post" novalidate=true class="card-plain stack">
                    <h2 class="kern-heading-small">{lang.t("idea-reply")}</h2>
                    {form.select("stand", &lang.t("idea-status"), states)}
                    {form.text("antwort", &lang.t("idea-reply-text"), Options { rows: 4, hint: "idea-reply-hint", ..Options::default() })}
                    {submit_as("secondary", &lang.t("save"), "tun", "antworten")}
                </form>
            }
        });
        view! {
            {form.summary()}
            {comments.summary()}
            <p><a class="kern-link" href=urls::IDEAS>{lang.t("ideas-title")}</a></p>
            <h1 class="kern-heading-x-large" lang=crate::ui::view::TOWN>{idea.title.clone()}</h1>
            {new.then(|| alert("success", &lang.t("idea-thanks"), ()))}
            {saved.then(|| alert("success", &lang.t("saved-title"), ()))}
            {byline(lang, &idea)}
            <p class="kern-body written" lang=crate::ui::view::TOWN>{idea.text.clone()}</p>
            {earlier(lang, &idea, &versions)}
            <p class="kern-body"><strong>{lang.n("idea-supports", idea.supports)}</strong></p>
            {support}
            {tools(lang, &idea, me)}
            {answered}
            {reply}
            {comments.view()}
        }
        .into_any()
    })
    .status(status)
    .into())
}
