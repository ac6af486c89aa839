//! The public directory: a list that can be searched, and one entry.

use super::{categories, category_name, kind_name, kinds, market};
use crate::{
    portal::{Fault, Outcome, Page, Rq, Typed},
    talk::report_link,
    ui::{
        form::{Form, Options},
        view::{icon, item, link_button, submit},
    },
};
use backend::organisations::{self, DirectoryLine};
use domain::{talk::Target, urls};
use leptos::prelude::*;
use locales::Lang;

/// `/verzeichnis`.
pub async fn list(rq: Rq) -> Outcome {
    if !rq.settings.directory {
        return Err(Fault::NotFound);
    }
    let lang = rq.lang;
    let (words, category, kind) = (rq.query.get("q"), rq.query.get("kategorie"), rq.query.get("art"));
    let lines = organisations::directory(&rq.ctx, words, category, kind).await?;
    let asked = !words.is_empty() || !category.is_empty() || !kind.is_empty();
    let typed = Typed {
        values: rq.query.clone(),
        ..Typed::default()
    };
    let form = Form::new(lang, typed);
    let title = lang.t("directory-title");
    let count = lang.n("directory-count", i64::try_from(lines.len()).unwrap_or(0));
    Ok(Page::new(title.clone(), move || {
        let none = lines.is_empty();
        let cards: Vec<_> = lines.into_iter().map(|l| card(lang, l)).collect();
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("directory-intro")}</p>
            <form method="get" class="find" role="search">
                {form.text("q", &lang.t("directory-search"), Options { optional: true, kind: "search", ..Options::default() })}
                {form.select("kategorie", &lang.t("category"), categories(lang, "directory-all"))}
                {form.select("art", &lang.t("field-organisation_kind"), kinds(lang, "directory-all"))}
                {submit("secondary", &lang.t("directory-find"))}
            </form>
            <p class="kern-body" role="status">{count}</p>
            {if none {
                view! { <div class="empty"><p class="kern-body">{lang.t(if asked { "directory-none" } else { "directory-empty" })}</p></div> }.into_any()
            } else {
                view! { <ul class="files">{cards}</ul> }.into_any()
            }}
            <section class="card-plain" aria-labelledby="apply-heading">
                <h2 class="kern-heading-medium" id="apply-heading">{lang.t("directory-apply")}</h2>
                <p class="kern-body">{lang.t("directory-apply-how")}</p>
                {link_button("secondary", urls::APPLY, &lang.t("apply-title"))}
            </section>
        }
        .into_any()
    })
    .into())
}

fn card(lang: Lang, line: DirectoryLine) -> AnyView {
    let facts = format!(
        "{} · {} · {} {}",
        category_name(lang, &line.category),
        kind_name(lang, &line.kind),
        line.postcode,
        line.city
    );
    view! {
        <li class="card-plain stack">
            <h2 class="kern-heading-small"><a class="kern-link" href=format!("{}/{}", urls::DIRECTORY, line.id)>{line.name.clone()}</a></h2>
            <p class="kern-body muted">{facts}</p>
            <p class="kern-body">{line.teaser()}</p>
        </li>
    }
    .into_any()
}

/// `/verzeichnis/{id}`.
pub async fn one(rq: Rq) -> Outcome {
    if !rq.settings.directory {
        return Err(Fault::NotFound);
    }
    let id = rq.id()?;
    let page = organisations::public_entry(&rq.ctx, id)
        .await
        .map_err(Fault::not_found)?;
    let notices = organisations::notices_of(&rq.ctx, id).await?;
    let has_logo = organisations::has_logo(&rq.ctx, id).await?.live;
    let lang = rq.lang;
    let confirmed = lang.with("directory-confirmed", &[("sender", &rq.settings.sender)]);
    Ok(Page::new(page.name.clone(), move || {
        let entry = page.entry;
        let address: Vec<_> = page.address.into_iter().map(|l| view! { <span class="line">{l}</span> }).collect();
        let call = format!("tel:{}", entry.telephone.replace([' ', '/'], ""));
        view! {
            <p class="kern-body"><a class="kern-link" href=urls::DIRECTORY>{lang.t("directory-title")}</a></p>
            {has_logo.then(|| view! { <img class="logo" src=format!("{}/{}/logo.png", urls::DIRECTORY, page.id) alt=""/> })}
            <h1 class="kern-heading-x-large">{page.name.clone()}</h1>
            <p class="verified">{icon("success")}<span class="kern-body">{confirmed}</span></p>
            <p class="kern-body written" lang=crate::ui::view::TOWN>{entry.description.clone()}</p>
            <dl class="kern-description-list">
                {item(&lang.t("category"), category_name(lang, &entry.category))}
                {item(&lang.t("field-organisation_kind"), kind_name(lang, &page.kind))}
                {item(&lang.t("address"), address)}
                {(!entry.hours.is_empty()).then(|| item(&lang.t("entry-hours"), view! { <span class="written">{entry.hours.clone()}</span> }))}
                {(!entry.telephone.is_empty()).then(|| item(&lang.t("telephone"), view! { <a class="kern-link" href=call>{entry.telephone.clone()}</a> }))}
                {(!entry.email.is_empty()).then(|| item(&lang.t("email"), view! { <a class="kern-link" href=format!("mailto:{}", entry.email)>{entry.email.clone()}</a> }))}
                {(!entry.web.is_empty()).then(|| item(&lang.t("field-web"), view! { <a class="kern-link" href=entry.web.clone() rel="noopener nofollow">{entry.web.clone()}</a> }))}
            </dl>
            {market::section(lang, notices)}
            {report_link(lang, Target::Entry, page.id, &page.name)}
        }
        .into_any()
    })
    .into())
}
