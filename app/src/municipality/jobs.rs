//! `/verwaltung/hintergrund`: mails and other work in the background that did not succeed.

use crate::{
    portal::{Answer, Fault, Outcome, Page, Rq},
    ui::view::{badge, moment},
};
use backend::jobs::{self, FailingJob};
use domain::{access::Permission, urls};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// The page. A POST tries a job again or deletes a mail.
pub async fn failing(rq: Rq) -> Outcome {
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
    let all = jobs::failing(&rq.ctx, actor).await?;
    let lang = rq.lang;
    let title = lang.t("jobs-title");
    Ok(Page::staff(title.clone(), move || {
        let none = all.is_empty();
        let items: Vec<_> = all.into_iter().map(|job| one(lang, job)).collect();
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("jobs-intro")}</p>
            {none.then(|| view! { <div class="empty"><p class="kern-body">{lang.t("jobs-none")}</p></div> })}
            <ul class="files">{items}</ul>
        }
        .into_any()
    })
    .into())
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
            <h2 class="kern-heading-small">{lang.t(&format!("job-{}", job.kind))}</h2>
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
