//! `/verwaltung/briefe/{id}`: one batch, from making to posting.

use super::{
    api::HowFar,
    progress::Progress,
    view::{batch_badge, refusal_alert},
};
use crate::{
    portal::{Answer, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::Form,
        view::{alert, badge, day, item, link_button, moment, submit_as},
    },
};
use backend::letters::{self, BatchLine, LetterRefusal, PartLine, outside::AnswerRefusal};
use domain::{access::Permission, urls};
use leptos::prelude::*;
use locales::Lang;

fn size(lang: Lang, bytes: i64) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", bytes / 1_000)
    } else {
        #[expect(clippy::cast_precision_loss, reason = "one decimal place of megabytes")]
        let megabytes = (bytes / 100_000) as f64 / 10.0;
        format!("{} MB", lang.decimal(megabytes))
    }
}

/// `/verwaltung/briefe/{id}`: one batch. A POST posts or discards it.
pub async fn one(rq: Rq) -> Outcome {
    show(rq, None).await
}

/// The page, perhaps with why an answer of the town's own computer was not taken.
pub async fn show(rq: Rq, answer: Option<AnswerRefusal>) -> Outcome {
    let actor = rq.staff(Permission::SeeLetters)?;
    let id = rq.id()?;
    let mut refusal = None;
    if let Some(form) = &rq.form {
        rq.staff(Permission::MakeLetters)?;
        let result = match form.get("tun") {
            "versandt" => match form.date("posted") {
                Some(day) => letters::mark_posted(&rq.ctx, actor, id, day).await,
                None => Err(backend::Failure::Refused(LetterRefusal::PostingDay)),
            },
            "abbrechen" => letters::cancel(&rq.ctx, actor, id).await,
            "verwerfen" if form.has("sicher") => letters::discard(&rq.ctx, actor, id).await,
            _ => Ok(()),
        };
        match refused(result)? {
            Ok(()) => return Ok(Answer::go(rq.path.clone())),
            Err(r) => refusal = Some(r),
        }
    }
    let batch = letters::batch(&rq.ctx, actor, id).await?;
    let parts = letters::parts(&rq.ctx, actor, id).await?;
    let lang = rq.lang;
    let may_make = actor.may(Permission::MakeLetters);
    let making = batch.state == "making";
    let title = batch.name(lang);
    let today = domain::time::local(rq.ctx.clock.now()).date();
    let status = if refusal.is_some() || answer.is_some() {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        axum::http::StatusCode::OK
    };
    let typed = match &rq.form {
        Some(form) => form.clone(),
        None => {
            use chrono::Datelike;
            crate::portal::Fields::default()
                .with("posted_day", today.day())
                .with("posted_month", today.month())
                .with("posted_year", today.year())
        }
    };
    let form = Form::new(
        lang,
        Typed {
            values: typed,
            ..Typed::default()
        },
    );
    let mut page = Page::staff(title.clone(), move || {
        let refusal = refusal.map(|r| refusal_alert(lang, &r));
        let failure = batch.failure.as_deref().map(|f| {
            let (kind, place) = f.split_once(' ').unwrap_or((f, ""));
            alert("danger", &lang.t("batch-failed-title"), view! { <p class="kern-body">{lang.with(&format!("batch-failed-{kind}"), &[("nummer", place)])}</p> })
        });
        let steps = match batch.state.as_str() {
            "making" => {
                let first = HowFar { state: batch.state.clone(), done: batch.done, letters: batch.letters };
                view! {
                    <section class="card-plain">
                        <p class="kern-body">{lang.t("batch-making-text")}</p>
                        <Progress id=batch.id.to_string() label=lang.t("batch-progress") first=first/>
                    </section>
                    {may_make.then(|| cancelling(lang))}
                }
                .into_any()
            }
            "reserved" if may_make => view! {
                {super::outside::awaited(lang, &batch, answer)}
                <section class="card-plain">{discarding(lang)}</section>
            }
            .into_any(),
            "ready" if may_make => ready(lang, &batch, &parts, &form),
            "sealed" if may_make && batch.posted_at.is_none() => view! {
                {alert("info", &lang.t("batch-sealed-title"), view! { <p class="kern-body">{lang.t("batch-sealed-text")}</p> })}
                <section class="card-plain">{posting(lang, &batch, &form)}</section>
            }
            .into_any(),
            "sealed" => {
                let until = batch.posted_at.map(|at| day(lang, at + chrono::Duration::days(batch.validity_days)));
                let text = until.map_or_else(|| lang.t("batch-sealed-text"), |until| lang.with("batch-posted-text", &[("datum", &until)]));
                alert("info", &lang.t("batch-sealed-title"), view! { <p class="kern-body">{text}</p> }).into_any()
            }
            _ => ().into_any(),
        };
        let date = |at: Option<chrono::DateTime<chrono::Utc>>| at.map_or_else(|| "–".to_owned(), |at| moment(lang, at));
        view! {
            {refusal}
            <p><a class="kern-link" href=urls::LETTERS>{lang.t("back-to-letters")}</a></p>
            <h1 class="kern-heading-x-large">{title}</h1>
            <p>{batch_badge(lang, &batch)}</p>
            {(batch.offline && batch.state != "reserved").then(|| view! { <p class="kern-body">{lang.t("offline-batch")}</p> })}
            {(batch.number < 0).then(|| alert("warning", &lang.t("batch-apart-title"), view! { <p class="kern-body">{lang.t(&format!("batch-route-{}", batch.route))}</p> }))}
            {failure}
            {cancelled(lang, &batch)}
            {steps}
            <h2 class="kern-heading-medium">{lang.t("batch-facts")}</h2>
            <dl class="kern-description-list">
                {item(&lang.t("batch-letters"), lang.number(batch.letters))}
                {item(&lang.t("batch-redeemed"), lang.number(batch.redeemed))}
                {item(&lang.t("manifest-template"), batch.template(lang))}
                {item(&lang.t("letter-made"), date(Some(batch.created_at)))}
                {item(&lang.t("batch-checked"), date(batch.ready_at))}
                {item(&lang.t("batch-downloaded"), date(batch.downloaded_at))}
                {item(&lang.t("letter-posted"), batch.posted_at.map_or_else(|| "–".to_owned(), |at| day(lang, at)))}
                {(batch.bytes > 0).then(|| item(&lang.t("batch-size"), size(lang, batch.bytes)))}
                {batch.sha256.clone().map(|h| item("SHA-256", view! { <code class="hash">{h}</code> }))}
            </dl>
        }
        .into_any()
    })
    .status(status);
    page.refresh = making.then_some(3);
    Ok(page.into())
}

fn ready(lang: Lang, batch: &BatchLine, parts: &[PartLine], form: &Form) -> AnyView {
    let files: Vec<_> = parts
        .iter()
        .map(|p| {
            let size = size(lang, p.bytes);
            let label = match parts.len() {
                1 => lang.with("batch-download", &[("groesse", &size)]),
                _ => lang.with("batch-download-part", &[("teil", &p.part.to_string()), ("groesse", &size)]),
            };
            let to = format!("{}/{}/briefe.pdf?teil={}", urls::LETTERS, batch.id, p.part);
            let facts = lang.with(
                "batch-part",
                &[
                    ("n", &p.letters.to_string()),
                    ("blatt", &lang.number(p.sheets)),
                    ("von", &format!("{}-{}", batch.number, p.first_position)),
                    ("bis", &format!("{}-{}", batch.number, p.last_position)),
                ],
            );
            let loaded = p.downloaded_at.map(|_| badge("success", &lang.t("batch-part-downloaded")));
            let kind = if p.downloaded_at.is_none() { "primary" } else { "secondary" };
            view! { <li class="file">{link_button(kind, &to, &label)}<span class="kern-body">{facts}</span>{loaded}</li> }
        })
        .collect();
    let manifest = |kind: &str| format!("{}/{}/begleitschein.{kind}", urls::LETTERS, batch.id);
    let checked = lang.n("batch-ready-text", batch.letters);
    view! {
        {alert("success", &lang.t("batch-ready-title"), view! { <p class="kern-body">{checked}</p> })}
        <ol class="steps">
            <li class="card-plain">
                <h2 class="kern-heading-medium">{lang.t("batch-step-download")}</h2>
                <p class="kern-body">{lang.t(if batch.number < 0 { "batch-download-apart" } else { "batch-download-text" })}</p>
                <ul class="files">{files}</ul>
                <p class="kern-body">{lang.t("manifest-hint")}</p>
                <div class="buttons">
                    {link_button("secondary", &manifest("pdf"), &lang.t("manifest-pdf"))}
                    {link_button("secondary", &manifest("xlsx"), &lang.t("manifest-xlsx"))}
                </div>
                <p class="kern-body"><a class="kern-link" href=format!("{}#drucken", urls::STAFF_HELP)>{lang.t("help-print-link")}</a></p>
            </li>
            <li class="card-plain">
                {posting(lang, batch, form)}
            </li>
            <li class="card-plain">
                {discarding(lang)}
            </li>
        </ol>
    }
    .into_any()
}

/// The form that reports the day of posting.
fn posting(lang: Lang, batch: &BatchLine, form: &Form) -> AnyView {
    view! {
        <h2 class="kern-heading-medium">{lang.t("batch-step-post")}</h2>
        <p class="kern-body">{lang.with("batch-post-text", &[("tage", &batch.validity_days.to_string())])}</p>
        <form method="post" class="stack">
            {form.date("posted", &lang.t("batch-post-date"), "batch-post-hint")}
            {submit_as("primary", &lang.t("batch-post-button"), "tun", "versandt")}
        </form>
    }
    .into_any()
}

/// The form that stops making.
fn cancelling(lang: Lang) -> AnyView {
    view! {
        <section class="card-plain">
            <p class="kern-body">{lang.t("batch-cancel-text")}</p>
            <form method="post">{submit_as("secondary", &lang.t("batch-cancel-button"), "tun", "abbrechen")}</form>
        </section>
    }
    .into_any()
}

/// Who stopped making, when, and what follows.
fn cancelled(lang: Lang, batch: &BatchLine) -> Option<AnyView> {
    let at = moment(lang, batch.cancelled_at?);
    let who = batch.cancelled_by.clone();
    let who = who.unwrap_or_else(|| lang.t("cancelled-somebody"));
    let text = lang.with("batch-cancelled", &[("wer", &who), ("wann", &at)]);
    let body = view! { <p class="kern-body">{text}</p><p class="kern-body">{lang.n("batch-cancelled-letters", batch.letters)}</p> };
    Some(alert("warning", &lang.t("batch-cancelled-title"), body))
}

/// The form that throws the batch away.
fn discarding(lang: Lang) -> AnyView {
    view! {
        <h2 class="kern-heading-medium">{lang.t("batch-step-discard")}</h2>
        <p class="kern-body">{lang.t("batch-discard-text")}</p>
        <details>
            <summary>{lang.t("batch-discard-button")}</summary>
            <form method="post" class="stack details-body">
                <div class="kern-form-check">
                    <input class="kern-form-check__checkbox" type="checkbox" id="sicher" name="sicher" value="ja" required=true/>
                    <label class="kern-label" for="sicher">{lang.t("batch-discard-sure")}</label>
                </div>
                {submit_as("secondary", &lang.t("batch-discard-button"), "tun", "verwerfen")}
            </form>
        </details>
    }
    .into_any()
}
