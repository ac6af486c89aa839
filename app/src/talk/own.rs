//! What somebody has written: `/konto/beitraege`, and changing one of them.

use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, refused, status_of},
    ui::{
        form::{Form, Options},
        view::{alert, badge, moment, submit_as, to_account},
    },
};
use backend::talk::{self, Contribution};
use domain::{problem::Problems, talk::Words, urls};
use leptos::prelude::*;
use locales::Lang;

/// `/konto/beitraege`.
pub async fn list(rq: Rq) -> Outcome {
    let all = talk::own(&rq.ctx, rq.resident()?).await?;
    let lang = rq.lang;
    let gone = rq.query.has("geloescht");
    let title = lang.t("own-talk-title");
    Ok(Page::new(title.clone(), move || {
        let none = all.is_empty();
        let items: Vec<_> = all.iter().map(|c| line(lang, c)).collect();
        view! {
            {to_account(lang)}
            <h1 class="kern-heading-x-large">{title}</h1>
            {gone.then(|| alert("success", &lang.t("talk-deleted"), ()))}
            {if none {
                view! { <div class="empty"><p class="kern-body">{lang.t("own-talk-none")}</p></div> }.into_any()
            } else {
                view! { <ul class="files">{items}</ul> }.into_any()
            }}
        }
        .into_any()
    })
    .into())
}

fn line(lang: Lang, c: &Contribution) -> AnyView {
    let live = c.state == "live";
    let heading = if c.title.is_empty() {
        lang.t("talk-comment")
    } else {
        c.title.clone()
    };
    let heading = if live {
        view! { <a class="kern-link" href=c.path()>{heading}</a> }.into_any()
    } else {
        view! { {heading} }.into_any()
    };
    let hidden = (!live).then(|| {
        view! {
            <p>{badge("danger", &lang.t("talk-hidden"))}</p>
            <p class="kern-body">{lang.with("talk-hidden-because", &[("grund", &c.hidden_because)])}" "<a class="kern-link" href=urls::WRITE>{lang.t("talk-object")}</a></p>
        }
    });
    view! {
        <li class="card-plain stack">
            <h2 class="kern-heading-small">{heading}</h2>
            <p class="kern-body muted">{format!("{} · {}", c.name, moment(lang, c.created_at))}</p>
            {hidden}
            <p class="kern-body written" lang=crate::ui::view::TOWN>{c.text.clone()}</p>
            <p><a class="kern-link" href=format!("{}/{}", urls::CONTRIBUTIONS, c.id)>{lang.t("talk-change")}</a></p>
        </li>
    }
    .into_any()
}

/// `/beitraege/{id}`: change or delete an own contribution.
pub async fn change(rq: Rq) -> Outcome {
    let who = rq.resident()?;
    let id = rq.id()?;
    let present = talk::own_one(&rq.ctx, who, id).await?;
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        match form.get("tun") {
            "aendern" => {
                let words = Words::read(form.get("titel"), form.get("beitrag"));
                let version = form.get("version").parse().unwrap_or(-1);
                match refused(talk::rewrite(&rq.ctx, who, id, version, &words).await)? {
                    Ok(()) => return Ok(Answer::go(present.path())),
                    Err(refusal) => problems = refusal.problems(),
                }
            }
            "loeschen" if form.has("sicher") => {
                talk::take_back(&rq.ctx, who, id).await?;
                return Ok(Answer::go(format!("{}?geloescht=1", urls::OWN_TALK)));
            }
            "loeschen" => problems = Problems::one("sicher", "problem-sure"),
            _ => return Err(Fault::NotFound),
        }
    }
    let lang = rq.lang;
    let status = status_of(&problems);
    let stored = || {
        Fields::default()
            .with("titel", &present.title)
            .with("beitrag", &present.text)
    };
    let values = match &rq.form {
        Some(form) if form.get("tun") == "aendern" => form.clone(),
        _ => stored(),
    };
    let form = Form::new(lang, Typed { values, problems });
    let title = lang.t("talk-change-title");
    let (is_idea, live) = (present.subject.is_empty(), present.state == "live");
    let version = present.version.to_string();
    Ok(Page::new(title.clone(), move || {
        view! {
            {form.summary()}
            <p><a class="kern-link" href=urls::OWN_TALK>{lang.t("own-talk-title")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            {live.then(|| view! {
                <p class="kern-body">{lang.t("talk-change-how")}</p>
                <form method="post" novalidate=true class="stack">
                    <input type="hidden" name="version" value=version/>
                    {is_idea.then(|| form.text("titel", &lang.t("idea-title"), Options { autocomplete: "off", ..Options::default() }))}
                    {form.text("beitrag", &lang.t(if is_idea { "idea-text" } else { "comment-text" }), Options { rows: 8, ..Options::default() })}
                    {submit_as("primary", &lang.t("save"), "tun", "aendern")}
                </form>
            })}
            <form method="post" novalidate=true class="card-plain stack">
                <h2 class="kern-heading-small">{lang.t("talk-delete")}</h2>
                <p class="kern-body">{lang.t(if is_idea { "talk-delete-idea" } else { "talk-delete-how" })}</p>
                {form.checkbox("sicher", lang.t("talk-delete-sure"))}
                {submit_as("secondary", &lang.t("talk-delete"), "tun", "loeschen")}
            </form>
        }
        .into_any()
    })
    .status(status)
    .into())
}
