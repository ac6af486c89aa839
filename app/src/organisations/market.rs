//! The local market: notices of organisations, for everybody, for members and for staff.

use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, refused},
    talk::{comments, report_link},
    ui::{
        form::{Form, Options},
        view::{badge, day, submit, submit_as},
    },
};
use backend::{
    accounts::SignedIn,
    organisations::{self, NoticeLine},
};
use domain::{
    cases::{clean_line, clean_lines},
    organisations::{Notice, NoticeKind},
    problem::Problems,
    talk::{Subject, Target},
    urls,
};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

fn kind_name(lang: Lang, key: &str) -> String {
    lang.t(&format!("notice-kind-{key}"))
}

/// `/markt`.
pub async fn market(rq: Rq) -> Outcome {
    if !rq.settings.market {
        return Err(Fault::NotFound);
    }
    let lang = rq.lang;
    let kind = NoticeKind::parse(rq.query.get("art"));
    let words = rq.query.get("q");
    let asked = !words.is_empty() || kind.is_some();
    let lines = organisations::market(&rq.ctx, words, kind).await?;
    let form = Form::new(
        lang,
        Typed {
            values: rq.query.clone(),
            ..Typed::default()
        },
    );
    let directory = rq.settings.directory;
    let title = lang.t("market-title");
    let count = lang.n("market-count", i64::try_from(lines.len()).unwrap_or(0));
    Ok(Page::new(title.clone(), move || {
        let none = lines.is_empty();
        let cards: Vec<_> = lines
            .into_iter()
            .map(|n| {
                let to = format!("{}/{}", urls::MARKET, n.id);
                view! {
                    <li class="card-plain stack">
                        <h2 class="kern-heading-small"><a class="kern-link" lang=crate::ui::view::TOWN href=to>{n.title.clone()}</a></h2>
                        {body(lang, &n, directory)}
                    </li>
                }
            })
            .collect();
        let kinds = std::iter::once((String::new(), lang.t("directory-all")))
            .chain(NoticeKind::ALL.map(|k| (k.key().to_owned(), kind_name(lang, k.key()))))
            .collect();
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("market-intro")}</p>
            <form method="get" class="find" role="search">
                {form.text("q", &lang.t("directory-search"), Options { optional: true, kind: "search", ..Options::default() })}
                {form.select("art", &lang.t("notice-kind"), kinds)}
                {submit("secondary", &lang.t("directory-find"))}
            </form>
            <p class="kern-body" role="status">{count}</p>
            {if none {
                view! { <div class="empty"><p class="kern-body">{lang.t(if asked { "directory-none" } else { "market-empty" })}</p></div> }.into_any()
            } else {
                view! { <ul class="files">{cards}</ul> }.into_any()
            }}
        }
        .into_any()
    })
    .into())
}

/// `/markt/{id}`: one notice, with what people say to it.
pub async fn one(rq: Rq) -> Outcome {
    let id = rq.id()?;
    let n = organisations::notice(&rq.ctx, id)
        .await
        .map_err(Fault::not_found)?;
    let here = format!("{}/{id}", urls::MARKET);
    let comments = match comments::act(&rq, Subject::Notice, id, &here).await? {
        Ok(answer) => return Ok(answer),
        Err(comments) => comments,
    };
    let (lang, directory) = (rq.lang, rq.settings.directory);
    let status = comments.status();
    Ok(Page::new(n.title.clone(), move || {
        view! {
            {comments.summary()}
            <p><a class="kern-link" href=urls::MARKET>{lang.t("market-title")}</a></p>
            <h1 class="kern-heading-x-large" lang=crate::ui::view::TOWN>{n.title.clone()}</h1>
            {body(lang, &n, directory)}
            {report_link(lang, Target::Notice, id, &n.name)}
            {comments.view()}
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// A notice, with who wrote it; the name leads to the directory where there is one.
fn body(lang: Lang, n: &NoticeLine, directory: bool) -> AnyView {
    let who = if directory {
        view! { <a class="kern-link" href=format!("{}/{}", urls::DIRECTORY, n.organisation)>{n.name.clone()}</a> }.into_any()
    } else {
        view! { <span>{n.name.clone()}</span> }.into_any()
    };
    view! {
        <p>{badge("info", &kind_name(lang, &n.kind))}</p>
        <p class="kern-body written" lang=crate::ui::view::TOWN>{n.text.clone()}</p>
        <p class="kern-body muted">{who}" · "{until(lang, n)}</p>
    }
    .into_any()
}

/// The last day on which it is shown: it ends with that day.
fn until(lang: Lang, n: &NoticeLine) -> String {
    let last = n.ends_at - chrono::Duration::hours(12);
    lang.with("notice-until", &[("datum", &day(lang, last))])
}

/// Notices of one organisation on its public page.
pub(super) fn section(lang: Lang, lines: Vec<NoticeLine>) -> Option<AnyView> {
    if lines.is_empty() {
        return None;
    }
    let items: Vec<_> = lines
        .iter()
        .map(|n| {
            view! {
                <li class="card-plain stack">
                    <h3 class="kern-heading-small"><a class="kern-link" lang=crate::ui::view::TOWN href=format!("{}/{}", urls::MARKET, n.id)>{n.title.clone()}</a></h3>
                    <p>{badge("info", &kind_name(lang, &n.kind))}</p>
                    <p class="kern-body written" lang=crate::ui::view::TOWN>{n.text.clone()}</p>
                    <p class="kern-body muted">{until(lang, n)}</p>
                </li>
            }
        })
        .collect();
    Some(
        view! {
            <section aria-labelledby="notices-heading">
                <h2 class="kern-heading-medium" id="notices-heading">{lang.t("notices-title")}</h2>
                <ul class="files">{items}</ul>
            </section>
        }
        .into_any(),
    )
}

/// What a member's form about notices does; `None`: it is none of them.
pub(super) async fn act(
    rq: &Rq,
    who: &SignedIn,
    id: Uuid,
    form: &Fields,
) -> Result<Option<Result<bool, Problems>>, Fault> {
    match form.get("tun") {
        "aushang" => {
            let new = Notice {
                kind: NoticeKind::parse(form.get("notice_kind")),
                title: clean_line(form.get("notice_title")),
                text: clean_lines(form.get("notice_text")),
                until: form.date("until"),
            };
            Ok(Some(refused(
                organisations::put_notice(&rq.ctx, who, id, &new).await,
            )?))
        }
        "aushang-weg" => {
            let which = Uuid::parse_str(form.get("wer")).map_err(|_| Fault::NotFound)?;
            organisations::end_notice(&rq.ctx, who, id, which).await?;
            Ok(Some(Ok(true)))
        }
        _ => Ok(None),
    }
}

fn state(lang: Lang, n: &NoticeLine) -> AnyView {
    match n.state.as_str() {
        "live" => badge("success", &lang.t("entry-state-public")).into_any(),
        "waiting" => badge("warning", &lang.t("entry-state-waiting")).into_any(),
        _ => badge("danger", &lang.t("notice-hidden")).into_any(),
    }
}

/// Own notices, and the form for a new one.
pub(super) fn own(lang: Lang, form: &Form, lines: &[NoticeLine], moderated: bool) -> AnyView {
    let items: Vec<_> = lines
        .iter()
        .map(|n| {
            let label = format!("{}: {}", lang.t("notice-end"), n.title);
            view! {
                <li class="session">
                    <span><strong>{n.title.clone()}</strong>" "{state(lang, n)}" "<span class="muted">{until(lang, n)}</span></span>
                    <form method="post">
                        <input type="hidden" name="wer" value=n.id.to_string()/>
                        <input type="hidden" name="tun" value="aushang-weg"/>
                        <button class="kern-btn kern-btn--tertiary" type="submit" aria-label=label><span class="kern-label">{lang.t("notice-end")}</span></button>
                    </form>
                </li>
            }
        })
        .collect();
    let kinds = std::iter::once((String::new(), lang.t("please-choose")))
        .chain(NoticeKind::ALL.map(|k| (k.key().to_owned(), kind_name(lang, k.key()))))
        .collect();
    let button = lang.t(if moderated { "entry-send" } else { "entry-publish" });
    view! {
        <section class="card-plain stack" aria-labelledby="notices-heading">
            <h2 class="kern-heading-medium" id="notices-heading">{lang.t("notices-title")}</h2>
            <p class="kern-body">{lang.t("notices-how")}</p>
            <ul class="plain-list">{items}</ul>
            <form method="post" novalidate=true class="stack">
                {form.select("notice_kind", &lang.t("notice-kind"), kinds)}
                {form.text("notice_title", &lang.t("notice-headline"), Options { autocomplete: "off", ..Options::default() })}
                {form.text("notice_text", &lang.t("notice-text"), Options { rows: 4, ..Options::default() })}
                {form.date("until", &lang.t("notice-last-day"), "notice-last-day-hint")}
                {submit_as("secondary", &button, "tun", "aushang")}
            </form>
        </section>
    }
    .into_any()
}

/// Notices as staff see them: what waits can be shown, everything can be hidden.
pub(super) fn review(lang: Lang, lines: &[NoticeLine]) -> Option<AnyView> {
    if lines.is_empty() {
        return None;
    }
    let items: Vec<_> = lines
        .iter()
        .map(|n| {
            let act = |what: &'static str, key: &str| {
                let label = format!("{}: {}", lang.t(key), n.title);
                view! {
                    <form method="post">
                        <input type="hidden" name="aushang" value=n.id.to_string()/>
                        <input type="hidden" name="tun" value=what/>
                        <button class="kern-btn kern-btn--secondary" type="submit" aria-label=label><span class="kern-label">{lang.t(key)}</span></button>
                    </form>
                }
            };
            view! {
                <li class="card-plain stack">
                    <h3 class="kern-heading-small">{n.title.clone()}</h3>
                    <p>{badge("info", &kind_name(lang, &n.kind))}" "{state(lang, n)}</p>
                    <p class="kern-body written" lang=crate::ui::view::TOWN>{n.text.clone()}</p>
                    <p class="kern-body muted">{until(lang, n)}</p>
                    <div class="buttons">
                        {(n.state != "live").then(|| act("aushang-zeigen", "entry-approve"))}
                        {(n.state != "hidden").then(|| act("aushang-verbergen", "notice-hide"))}
                    </div>
                </li>
            }
        })
        .collect();
    Some(
        view! {
            <section aria-labelledby="notices-heading">
                <h2 class="kern-heading-medium" id="notices-heading">{lang.t("notices-title")}</h2>
                <ul class="files">{items}</ul>
            </section>
        }
        .into_any(),
    )
}

/// Where a member is sent after a notice.
pub(super) fn after(here: &str, public: bool) -> Answer {
    Answer::go(format!(
        "{here}?{}=1",
        if public { "gespeichert" } else { "geprueft" }
    ))
}
