//! Pages for batches of letters.

use super::{api::HowFar, progress::Progress};
use crate::{
    portal::{Answer, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::Form,
        view::{alert, badge, day, item, link_button, moment, submit, submit_as},
    },
};
use backend::{
    letters::{self, BatchLine, LetterRefusal, Selection},
    residents,
};
use chrono::NaiveDate;
use domain::{access::Permission, municipality::RegistrationMethod, urls};
use leptos::prelude::*;
use locales::Lang;

fn batch_badge(lang: Lang, batch: &BatchLine) -> AnyView {
    let (kind, key) = match (batch.state.as_str(), batch.posted_at.is_some()) {
        ("sealed", true) => ("success", "batch-state-posted"),
        ("sealed", false) => ("success", "batch-state-sealed"),
        ("ready", _) => ("info", "batch-state-ready"),
        ("making", _) => ("info", "batch-state-making"),
        ("failed", _) => ("danger", "batch-state-failed"),
        _ => ("warning", "batch-state-discarded"),
    };
    badge(kind, &lang.t(key)).into_any()
}

/// "Print job 7"; those for people with a register block count by themselves.
fn batch_name(lang: Lang, batch: &BatchLine) -> String {
    match batch.number {
        ..0 => lang.n("batch-number-apart", -batch.number),
        number => lang.n("batch-number", number),
    }
}

fn size(lang: Lang, bytes: i64) -> String {
    let tenths = bytes / 100_000;
    let separator = if lang.code() == "de" { ',' } else { '.' };
    if bytes < 1_000_000 {
        format!("{} kB", bytes / 1_000)
    } else {
        format!("{}{separator}{} MB", tenths / 10, tenths % 10)
    }
}

/// `/verwaltung/briefe`: who waits for a letter, and all batches.
pub async fn index(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeLetters)?;
    let mut refusal = None;
    if let Some(form) = &rq.form {
        let selection = match form.get("tun") {
            "gesondert" => Selection::Blocked,
            _ => Selection::Waiting {
                district: form.get("ortsteil").to_owned(),
            },
        };
        match refused(letters::create_batch(&rq.ctx, actor, &selection).await)? {
            Ok(batch) => return Ok(Answer::go(format!("{}/{batch}", urls::LETTERS))),
            Err(r) => refusal = Some(r),
        }
    }
    if rq.settings.residents_register != RegistrationMethod::Letter {
        refusal.get_or_insert(LetterRefusal::MethodOff);
    }
    let district = match &rq.form {
        Some(form) => form.get("ortsteil").to_owned(),
        None => rq.query.get("ortsteil").to_owned(),
    };
    let waiting = letters::count_waiting(&rq.ctx, actor, &district).await?;
    let apart = match actor.may(Permission::SeeBlocks) {
        true => letters::count_blocked_waiting(&rq.ctx, actor).await?,
        false => 0,
    };
    let batches = letters::batches(&rq.ctx, actor).await?;
    let districts = residents::districts(&rq.ctx, actor).await?;
    let lang = rq.lang;
    let may_make =
        actor.may(Permission::MakeLetters) && rq.settings.residents_register == RegistrationMethod::Letter;
    let title = lang.t("nav-letters");
    let status = if rq.form.is_some() {
        axum::http::StatusCode::UNPROCESSABLE_ENTITY
    } else {
        axum::http::StatusCode::OK
    };
    let form = Form::new(
        lang,
        Typed {
            values: crate::portal::Fields::default().with("ortsteil", &district),
            ..Typed::default()
        },
    );
    Ok(Page::staff(title.clone(), move || {
        let places = std::iter::once((String::new(), lang.t("all-districts"))).chain(districts.into_iter().map(|d| (d.clone(), d))).collect();
        let count = lang.with("letters-waiting", &[("n", &waiting.to_string())]);
        let rows: Vec<_> = batches
            .iter()
            .map(|b| {
                view! {
                    <tr class="kern-table__row">
                        <th scope="row" class="kern-table__cell"><a class="kern-link" href=format!("{}/{}", urls::LETTERS, b.id)>{batch_name(lang, b)}</a></th>
                        <td class="kern-table__cell kern-table__cell--numeric">{lang.number(b.letters)}</td>
                        <td class="kern-table__cell">{moment(lang, b.created_at)}</td>
                        <td class="kern-table__cell">{b.posted_at.map_or_else(|| "–".to_owned(), |at| day(lang, at))}</td>
                        <td class="kern-table__cell kern-table__cell--numeric">{lang.number(b.redeemed)}</td>
                        <td class="kern-table__cell">{batch_badge(lang, b)}</td>
                    </tr>
                }
            })
            .collect();
        let table = if rows.is_empty() {
            view! { <p class="kern-body">{lang.t("batches-none")}</p> }.into_any()
        } else {
            let heads: Vec<_> = ["batch", "batch-letters", "letter-made", "letter-posted", "batch-redeemed", "state"]
                .into_iter()
                .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
                .collect();
            view! {
                <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("batches")>
                    <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
                </div>
            }
            .into_any()
        };
        let make = may_make.then(|| {
            let confirm = lang.with("letters-make", &[("n", &waiting.to_string())]);
            view! {
                <section class="card-plain" aria-labelledby="make-heading">
                    <h2 class="kern-heading-medium" id="make-heading">{lang.t("letters-new")}</h2>
                    <p class="kern-body">{lang.t("letters-new-intro")}</p>
                    <form method="get" class="filter-bar">
                        {form.select("ortsteil", &lang.t("district"), places)}
                        {submit("secondary", &lang.t("letters-count"))}
                    </form>
                    <p class="kern-body"><strong>{count}</strong></p>
                    {(waiting > 0).then(|| view! {
                        <form method="post">
                            <input type="hidden" name="ortsteil" value=district/>
                            {submit("primary", &confirm)}
                        </form>
                    })}
                </section>
            }
        });
        view! {
            {refusal.map(|r| alert("warning", &lang.t("not-done"), view! { <p class="kern-body">{lang.t(r.key())}</p> }))}
            <h1 class="kern-heading-x-large">{title}</h1>
            {make}
            {(may_make && apart > 0).then(|| view! {
                <section class="card-plain" aria-labelledby="apart-heading">
                    <h2 class="kern-heading-medium" id="apart-heading">{lang.t("letters-apart")}</h2>
                    <p class="kern-body">{lang.t("letters-apart-intro")}</p>
                    <p class="kern-body"><strong>{lang.with("letters-waiting", &[("n", &apart.to_string())])}</strong></p>
                    <form method="post">{submit_as("secondary", &lang.with("letters-make", &[("n", &apart.to_string())]), "tun", "gesondert")}</form>
                </section>
            })}
            <h2 class="kern-heading-medium">{lang.t("batches")}</h2>
            {table}
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// `/verwaltung/briefe/{id}`: one batch. A POST posts or discards it.
pub async fn one(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeLetters)?;
    let id = rq.id()?;
    let mut refusal = None;
    if let Some(form) = &rq.form {
        let result = match form.get("tun") {
            "versandt" => {
                let number = |name: &str| form.get(name).trim().parse::<u32>().ok();
                let day = (|| {
                    NaiveDate::from_ymd_opt(
                        i32::try_from(number("posted_year")?).ok()?,
                        number("posted_month")?,
                        number("posted_day")?,
                    )
                })();
                match day {
                    Some(day) => letters::mark_posted(&rq.ctx, actor, id, day).await,
                    None => Err(backend::Failure::Refused(LetterRefusal::PostingDay)),
                }
            }
            "verwerfen" => letters::discard(&rq.ctx, actor, id).await,
            _ => Ok(()),
        };
        match refused(result)? {
            Ok(()) => return Ok(Answer::go(rq.path.clone())),
            Err(r) => refusal = Some(r),
        }
    }
    let batch = letters::batch(&rq.ctx, actor, id).await?;
    let lang = rq.lang;
    let may_make = actor.may(Permission::MakeLetters);
    let making = batch.state == "making";
    let title = batch_name(lang, &batch);
    let today = domain::time::local(rq.ctx.clock.now()).date();
    let status = if refusal.is_some() {
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
        let refusal = refusal.map(|r| alert("danger", &lang.t("not-done"), view! { <p class="kern-body">{lang.t(r.key())}</p> }));
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
                    {may_make.then(|| view! { <section class="card-plain">{discarding(lang)}</section> })}
                }
                .into_any()
            }
            "ready" if may_make => ready(lang, &batch, &form),
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
            {(batch.number < 0).then(|| alert("warning", &lang.t("batch-apart-title"), view! { <p class="kern-body">{lang.t(&format!("batch-route-{}", batch.route))}</p> }))}
            {failure}
            {steps}
            <h2 class="kern-heading-medium">{lang.t("batch-facts")}</h2>
            <dl class="kern-description-list">
                {item(&lang.t("batch-letters"), lang.number(batch.letters))}
                {item(&lang.t("batch-redeemed"), lang.number(batch.redeemed))}
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

fn ready(lang: Lang, batch: &BatchLine, form: &Form) -> AnyView {
    let download = lang.with("batch-download", &[("groesse", &size(lang, batch.bytes))]);
    let checked = lang.n("batch-ready-text", batch.letters);
    view! {
        {alert("success", &lang.t("batch-ready-title"), view! { <p class="kern-body">{checked}</p> })}
        <ol class="steps">
            <li class="card-plain">
                <h2 class="kern-heading-medium">{lang.t("batch-step-download")}</h2>
                <p class="kern-body">{lang.t(if batch.number < 0 { "batch-download-apart" } else { "batch-download-text" })}</p>
                {link_button("primary", &format!("{}/{}/briefe.pdf", urls::LETTERS, batch.id), &download)}
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

/// The form that throws the batch away.
fn discarding(lang: Lang) -> AnyView {
    view! {
        <h2 class="kern-heading-medium">{lang.t("batch-step-discard")}</h2>
        <p class="kern-body">{lang.t("batch-discard-text")}</p>
        <form method="post">{submit_as("secondary", &lang.t("batch-discard-button"), "tun", "verwerfen")}</form>
    }
    .into_any()
}
