//! `/verwaltung/hintergrund`: how the portal is: what `stadtbrief doctor` finds, what runs in the background, and what did
//! not succeed.

use crate::{
    portal::{Answer, Fault, Outcome, Page, Rq},
    ui::view::{badge, moment, plain_day},
};
use backend::{
    doctor::{self, Diagnosis},
    jobs::{self, FailingJob, QueuedJob},
};
use chrono::{DateTime, Utc};
use domain::{access::Permission, urls};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// The page. A POST tries a job again or deletes a mail.
pub async fn status(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::ChangeSettings)?;
    if let Some(form) = &rq.form {
        let id = Uuid::parse_str(form.get("auftrag")).map_err(|_| Fault::NotFound)?;
        match form.get("tun") {
            "nochmal" => jobs::retry(&rq.ctx, actor, id).await?,
            "loeschen" => jobs::drop_mail(&rq.ctx, actor, id).await?,
            _ => return Err(Fault::NotFound),
        }
        return Ok(Answer::go(urls::JOBS));
    }
    let found = doctor::status(&rq.ctx, actor).await?;
    let (queue, count) = jobs::queued(&rq.ctx, actor).await?;
    let all = jobs::failing(&rq.ctx, actor).await?;
    let (lang, now) = (rq.lang, rq.ctx.clock.now());
    let title = lang.t("jobs-title");
    Ok(Page::staff(title.clone(), move || {
        let none = all.is_empty();
        let fine = found.iter().all(|d| d.healthy);
        let findings: Vec<_> = found.into_iter().map(|d| finding(lang, &d)).collect();
        let queued: Vec<_> = queue.into_iter().map(|job| queued(lang, now, &job)).collect();
        let items: Vec<_> = all.into_iter().map(|job| one(lang, job)).collect();
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <h2 class="kern-heading-large">{lang.t("jobs-health")}</h2>
            {fine.then(|| view! { <p class="kern-body">{lang.t("jobs-health-fine")}</p> })}
            <ul class="status-list">{findings}</ul>
            <h2 class="kern-heading-large">{lang.t("jobs-queue")}</h2>
            <p class="kern-body">{if count == 0 { lang.t("jobs-queue-none") } else { lang.n("jobs-queue-more", count) }}</p>
            <ul class="status-list">{queued}</ul>
            <h2 class="kern-heading-large">{lang.t("jobs-failed")}</h2>
            <p class="kern-body">{lang.t("jobs-intro")}</p>
            {none.then(|| view! { <div class="empty"><p class="kern-body">{lang.t("jobs-none")}</p></div> })}
            <ul class="files">{items}</ul>
        }
        .into_any()
    })
    .into())
}

fn finding(lang: Lang, found: &Diagnosis) -> AnyView {
    let values: Vec<(&str, String)> = found
        .values
        .iter()
        .map(|(k, v)| match v.parse() {
            Ok(date) if *k == "day" => (*k, plain_day(lang, date)),
            _ => (*k, v.clone()),
        })
        .collect();
    let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let mark = if found.healthy {
        ("success", "✓")
    } else {
        ("danger", "!")
    };
    let remedy = found.remedy().map(|key| lang.with(&key, &values));
    view! {
        <li>
            {badge(mark.0, mark.1)}
            <div>
                <p class="kern-body">{lang.with(&found.sentence(), &values)}</p>
                {remedy.map(|text| view! { <p class="kern-body muted">{lang.t("jobs-remedy")}" "{text}</p> })}
            </div>
        </li>
    }
    .into_any()
}

fn queued(lang: Lang, now: DateTime<Utc>, job: &QueuedJob) -> AnyView {
    let state = if job.is_running(now) {
        badge("info", &lang.t("jobs-running")).into_any()
    } else {
        {
            let key = if job.run_at > now {
                "jobs-later"
            } else {
                "jobs-waiting"
            };
            badge("info", &lang.with(key, &[("wann", &moment(lang, job.run_at))])).into_any()
        }
    };
    // where its progress is shown, and where it can be stopped
    let place = match job.kind.as_str() {
        "make-batch" => Some(format!("{}/{}", urls::LETTERS, job.subject_id)),
        "read-list" | "apply-list" => Some(format!("{}/{}", urls::LISTS, job.subject_id)),
        _ => None,
    };
    view! {
        <li>
            <span class="kern-body">{lang.t(&format!("job-{}", job.kind))}</span>
            {state}
            {place.map(|href| view! { <a class="kern-link" href=href>{lang.t("jobs-open")}</a> })}
        </li>
    }
    .into_any()
}

fn one(lang: Lang, job: FailingJob) -> AnyView {
    let state = if job.state == "parked" {
        badge("danger", &lang.t("jobs-parked")).into_any()
    } else {
        badge(
            "warning",
            &lang.with("jobs-again", &[("wann", &moment(lang, job.run_at))]),
        )
        .into_any()
    };
    let id = job.id.to_string();
    let act = |act: &'static str, key: &str| {
        view! {
            <form method="post">
                <input type="hidden" name="auftrag" value=id.clone()/>
                <button class="kern-btn kern-btn--secondary" type="submit" name="tun" value=act><span class="kern-label">{lang.t(key)}</span></button>
            </form>
        }
    };
    view! {
        <li class="card-plain stack">
            <h3 class="kern-heading-small">{lang.t(&format!("job-{}", job.kind))}</h3>
            <p>{state}" "<span class="muted">{lang.n("jobs-tries", job.attempts)}</span></p>
            <p class="kern-body">{job.error}</p>
            <div class="buttons">
                {act("nochmal", "jobs-retry")}
                {(job.kind == "send-mail").then(|| act("loeschen", "jobs-drop"))}
            </div>
        </li>
    }
    .into_any()
}
