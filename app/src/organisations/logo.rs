//! The logo of an organisation: shown, uploaded, looked at by staff.

use crate::{
    portal::{Answer, Fault, Fields, Outcome, Rq, refused},
    ui::{
        form::Form,
        view::{badge, submit, submit_as},
    },
};
use axum::{http::header, response::IntoResponse};
use backend::{
    cases::PictureProblem,
    organisations::{self, HasLogo, LogoFor},
};
use domain::{access::Permission, problem::Problems, urls};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

fn png(bytes: Vec<u8>, cache: &'static str) -> Answer {
    let headers = [
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, cache),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ),
    ];
    Answer::Raw((headers, bytes).into_response())
}

/// `/verzeichnis/{id}/logo.png`.
pub async fn public(rq: Rq) -> Outcome {
    let found = organisations::logo(&rq.ctx, LogoFor::Public, rq.id()?).await;
    Ok(png(found.map_err(Fault::not_found)?, "public, max-age=300"))
}

/// `/konto/organisation/{id}/logo.png`.
pub async fn own(rq: Rq) -> Outcome {
    let who = rq.resident()?;
    let found = organisations::logo(&rq.ctx, LogoFor::Member(who), rq.id()?).await?;
    Ok(png(found, "private, no-store"))
}

/// `/verwaltung/organisationen/{id}/logo.png`.
pub async fn staff(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ManageOrganisations)?;
    let found = organisations::logo(&rq.ctx, LogoFor::Staff(actor), rq.id()?).await?;
    Ok(png(found, "private, no-store"))
}

/// A form with a file has arrived.
pub async fn uploaded(rq: &Rq, form: &Fields, file: Result<Vec<u8>, PictureProblem>) -> Outcome {
    let who = rq.resident()?.clone();
    let id = rq.id()?;
    let here = format!("{}/{id}", urls::OWN_ORGANISATION);
    if form.has("weg") {
        organisations::remove_logo(&rq.ctx, &who, id).await?;
        return Ok(Answer::go(format!("{here}?gespeichert=1#logo-heading")));
    }
    let put = match file {
        Ok(bytes) => refused(organisations::put_logo(&rq.ctx, &who, id, bytes).await)?,
        Err(problem) => Err(problem),
    };
    Ok(Answer::go(match put {
        Ok(true) => format!("{here}?oeffentlich=1"),
        Ok(false) => format!("{here}?geprueft=1"),
        Err(problem) => format!("{here}?logo={}", problem.key()),
    }))
}

/// What was wrong with the last upload, as it stands in the address of the page.
pub(super) fn problem(query: &Fields) -> Option<Problems> {
    let code = query.get("logo");
    let known = PictureProblem::ALL.iter().any(|p| p.key() == code);
    known.then(|| Problems::one("bild", code))
}

/// The form of members: what is there, another one, none.
pub(super) fn form(lang: Lang, form: &Form, id: Uuid, there: &HasLogo) -> AnyView {
    let to = format!("{}/{id}/logo", urls::OWN_ORGANISATION);
    let label = lang.t("logo-file");
    form.labelled("bild", &label);
    let problem = form.problem("bild");
    let described = if problem.is_some() {
        "bild-hint bild-error"
    } else {
        "bild-hint"
    };
    let (any, waits) = (there.live || there.waits, there.waits);
    let there = any.then(|| {
        let state = if waits {
            badge("warning", &lang.t("entry-state-waiting")).into_any()
        } else {
            badge("success", &lang.t("entry-state-public")).into_any()
        };
        view! {
            <p>{state}</p>
            <img class="logo" src=format!("{to}.png") alt=lang.t("logo-alt")/>
            <form method="post" action=to.clone() enctype="multipart/form-data">
                {submit_as("tertiary", &lang.t("logo-remove"), "weg", "ja")}
            </form>
        }
    });
    view! {
        <section class="card-plain stack" aria-labelledby="logo-heading">
            <h2 class="kern-heading-medium" id="logo-heading">{lang.t("logo-title")}</h2>
            {there}
            <form method="post" action=to enctype="multipart/form-data" class="stack" novalidate=true>
                <div class="kern-form-input">
                    <label class="kern-label" for="bild">{label}</label>
                    <div class="kern-hint" id="bild-hint">{lang.t("logo-hint")}</div>
                    <input class="kern-form-input__input" type="file" id="bild" name="bild" accept="image/png,image/jpeg,image/webp" aria-describedby=described/>
                    {problem.map(|p| view! { <p class="kern-error" id="bild-error"><span class="kern-body">{p}</span></p> })}
                </div>
                {submit("secondary", &lang.t("logo-send"))}
            </form>
        </section>
    }
    .into_any()
}

/// What staff see of a logo: one that waits can be shown, any can be taken off.
pub(super) fn review(lang: Lang, id: Uuid, there: &HasLogo) -> Option<AnyView> {
    if !there.live && !there.waits {
        return None;
    }
    let waits = there.waits;
    let mark = || view! { <input type="hidden" name="bild" value=there.mark.clone()/> };
    Some(
        view! {
            <section class="card-plain stack" aria-labelledby="logo-heading">
                <h2 class="kern-heading-medium" id="logo-heading">{lang.t("logo-title")}</h2>
                <img class="logo" src=format!("{}/{id}/logo.png", urls::ORGANISATIONS) alt=lang.t("logo-alt")/>
                <div class="buttons">
                    {waits.then(|| view! { <form method="post">{mark()}{submit_as("primary", &lang.t("logo-approve"), "tun", "logo-zeigen")}</form> })}
                    <form method="post">{mark()}{submit_as("secondary", &lang.t("logo-reject"), "tun", "logo-weg")}</form>
                </div>
            </section>
        }
        .into_any(),
    )
}
