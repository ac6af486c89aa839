//! `/verwaltung/nachrichten`: the inbox.

use super::view::state_badge;
use crate::{
    comfort,
    portal::{Answer, AssetUrl, Fault, Fields, Outcome, Page, Rq, Typed, refused},
    residents::lists::tile,
    ui::{
        form::{Form, Options},
        table::{table, tools},
        view::{badge, day, moment, submit, submit_as},
    },
};
use axum::http::StatusCode;
use backend::cases::{self, InboxFilter, InboxLine, SavedView};
use chrono::{DateTime, Utc};
use domain::{
    access::{Actor, Permission},
    cases::CaseKind,
    problem::Problems,
    tables::{Columns, Table},
    urls,
};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// Names of the filter in the query.
const NAMES: [&str; 8] = ["zeige", "art", "team", "wer", "suche", "neu", "spaet", "ordnung"];

/// The choices of `zeige`.
const SHOW: [&str; 6] = ["open", "new", "mine", "waiting", "decided", "all"];

/// Links between the pages of cases.
pub(super) fn near(lang: Lang, actor: Actor, here: &str) -> AnyView {
    let links: Vec<_> = [
        (urls::INBOX, "nav-inbox", Permission::SeeCases),
        (urls::DESK, "desk-title", Permission::DecideCases),
        (urls::MODERATION, "moderation-title", Permission::Moderate),
        (urls::CASE_SETUP, "case-setup", Permission::SeeDashboard),
    ]
    .into_iter()
    .filter(|(to, _, p)| actor.may(*p) && (*to != urls::CASE_SETUP || may_set_up(actor)))
    .map(|(to, key, _)| {
        let current = (to == here).then_some("page");
        view! { <li><a class="kern-link" href=to aria-current=current>{lang.t(key)}</a></li> }
    })
    .collect();
    view! { <nav aria-label=lang.t("nav-inbox")><ul class="filters">{links}</ul></nav> }.into_any()
}

/// What keys do here, with the way to switch them off (WCAG 2.1.4), and the script behind them.
pub(super) fn keys(lang: Lang, key: &str, asset: AssetUrl) -> AnyView {
    view! {
        <p class="muted keys-help needs-script" data-keys-help="true">
            {lang.t(key)}" "
            <button type="button" class="link-button" data-on=lang.t("keys-on") data-off=lang.t("keys-off")>{lang.t("keys-off")}</button>
        </p>
        <script type="module" src=asset("desk.js")></script>
    }
    .into_any()
}

/// Answers, absence and mails are for who decides; teams are for who sets them up.
pub(crate) fn may_set_up(actor: Actor) -> bool {
    actor.may(Permission::DecideCases) || actor.may(Permission::SetUpCases)
}

/// The filter of a query.
fn filter(query: &Fields) -> InboxFilter {
    let id = |name: &str| Uuid::parse_str(query.get(name)).ok();
    let show = match query.get("zeige") {
        "" => "open",
        other => SHOW.into_iter().find(|s| *s == other).unwrap_or("open"),
    };
    InboxFilter {
        show: show.to_owned(),
        kind: CaseKind::parse(query.get("art")),
        team: id("team"),
        assignee: id("wer"),
        search: query.get("suche").chars().take(100).collect(),
        unread: query.has("neu"),
        overdue: query.has("spaet"),
        order: query.get("ordnung").to_owned(),
    }
}

/// The part of the query that is the filter.
fn query_of(query: &Fields) -> String {
    let parts: Vec<String> = NAMES
        .iter()
        .filter(|n| !query.get(n).is_empty())
        .map(|n| format!("{n}={}", crate::portal::encode(query.get(n))))
        .collect();
    parts.join("&")
}

/// `GET /verwaltung/nachrichten/liste.xlsx`: all cases that fit.
pub async fn workbook(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeCases)?;
    let columns = comfort::columns(&rq, Table::Inbox);
    let bytes = cases::inbox_workbook(&rq.ctx, actor, &filter(&rq.query), &columns, rq.lang).await?;
    Ok(comfort::workbook("nachrichten", bytes))
}

/// `/verwaltung/nachrichten`. A POST saves or deletes a view.
pub async fn inbox(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeCases)?;
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        let query = query_of(&Fields::parse(form.get("filter")));
        match form.get("tun") {
            "loeschen" => {
                let id = Uuid::parse_str(form.get("id")).map_err(|_| Fault::NotFound)?;
                cases::delete_view(&rq.ctx, actor, id).await?;
                return Ok(Answer::go(urls::INBOX));
            }
            _ => match refused(cases::save_view(&rq.ctx, actor, form.get("ansicht"), &query).await)? {
                Ok(()) => return Ok(Answer::go(format!("{}?{query}", urls::INBOX))),
                Err(p) => problems = p,
            },
        }
    }
    let what = filter(&rq.query);
    let (lines, more) = cases::inbox(&rq.ctx, actor, &what).await?;
    let counts = cases::counts(&rq.ctx, actor).await?;
    let views = cases::views(&rq.ctx, actor).await?;
    let teams = cases::team_page(&rq.ctx, actor).await?;
    let now = rq.ctx.clock.now();
    let lang = rq.lang;
    let query = query_of(&rq.query);
    let columns = comfort::columns(&rq, Table::Inbox);
    let (here, book) = (comfort::here(&rq), comfort::workbook_of(&rq));
    let asset = rq.asset;
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let mut values = rq.query.clone();
    if values.get("zeige").is_empty() {
        values = values.with("zeige", "open");
    }
    let form = Form::new(lang, Typed { values, problems });
    let title = lang.t("nav-inbox");
    Ok(Page::staff(title.clone(), move || {
        let choice = |values: Vec<(String, String)>, none: &str| -> Vec<(String, String)> {
            std::iter::once((String::new(), lang.t(none))).chain(values).collect()
        };
        let shows = SHOW.iter().map(|s| ((*s).to_owned(), lang.t(&format!("inbox-show-{s}")))).collect();
        let kinds = CaseKind::ALL.iter().map(|k| (k.key().to_owned(), lang.t(&format!("case-kind-{}", k.key())))).collect();
        let named = teams.teams.iter().map(|t| (t.id.to_string(), t.name.clone())).collect();
        let people = teams.colleagues.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
        let orders = ["changed", "due", "age"].iter().map(|o| ((*o).to_owned(), lang.t(&format!("inbox-order-{o}")))).collect();
        let tiles: Vec<_> = [
            ("new", counts.new, "ask", "zeige=new"),
            ("mine", counts.mine, "", "zeige=mine"),
            ("open", counts.open, "", "zeige=open"),
            ("late", counts.overdue, "block", "zeige=open&spaet=ja"),
        ]
        .into_iter()
        .map(|(k, n, kind, query)| view! { <a class="tile-link" href=format!("{}?{query}", urls::INBOX)>{tile(&lang.t(&format!("inbox-count-{k}")), &lang.number(n), kind)}</a> })
        .collect();
        view! {
            {form.summary()}
            <h1 class="kern-heading-x-large">{title}</h1>
            {near(lang, actor, urls::INBOX)}
            <div class="tiles">{tiles}</div>
            {saved(lang, views, &query)}
            <form method="get" class="filter-bar" role="search">
                {form.text("suche", &lang.t("search"), Options { kind: "search", hint: "inbox-search-hint", ..Options::default() })}
                {form.select("zeige", &lang.t("state"), shows)}
                {form.select("art", &lang.t("case-kind"), choice(kinds, "inbox-all-kinds"))}
                {form.select("team", &lang.t("case-team"), choice(named, "inbox-all-teams"))}
                {form.select("wer", &lang.t("case-assignee"), choice(people, "inbox-everybody"))}
                {form.select("ordnung", &lang.t("inbox-order"), orders)}
                {form.checkbox("neu", lang.t("inbox-unread"))}
                {form.checkbox("spaet", lang.t("inbox-late"))}
                {submit("secondary", &lang.t("filter"))}
            </form>
            {(!lines.is_empty()).then(|| tools(lang, &columns, &here, &book))}
            {list(lang, &columns, &lines, now)}
            {more.then(|| view! { <p class="kern-body">{lang.t("inbox-more")}</p> })}
            <details open=form.problem("ansicht").is_some()>
                <summary>{lang.t("inbox-save")}</summary>
                <form method="post" class="stack details-body" novalidate=true>
                    <input type="hidden" name="filter" value=query.clone()/>
                    {form.text("ansicht", &lang.t("inbox-view-name"), Options { width: 30, ..Options::default() })}
                    {submit_as("secondary", &lang.t("save"), "tun", "speichern")}
                </form>
            </details>
            {keys(lang, "inbox-keys", asset)}
        }
        .into_any()
    })
    .status(status)
    .into())
}

fn saved(lang: Lang, views: Vec<SavedView>, present: &str) -> AnyView {
    if views.is_empty() {
        return ().into_any();
    }
    let items: Vec<_> = views
        .into_iter()
        .map(|v| {
            let current = (v.query == present).then_some("page");
            let delete = lang.with("inbox-delete-view", &[("name", &v.name)]);
            view! {
                <li class="saved-view">
                    <a class="kern-link" href=format!("{}?{}", urls::INBOX, v.query) aria-current=current>{v.name}</a>
                    <form method="post">
                        <input type="hidden" name="id" value=v.id.to_string()/>
                        <button class="link-button" type="submit" name="tun" value="loeschen" aria-label=delete.clone() title=delete>"×"</button>
                    </form>
                </li>
            }
        })
        .collect();
    view! { <nav aria-label=lang.t("inbox-views")><ul class="filters">{items}</ul></nav> }.into_any()
}

/// What stands in a column.
fn cell(lang: Lang, l: &InboxLine, column: &str, now: DateTime<Utc>) -> AnyView {
    let case = &l.case;
    let day_of = |at: Option<DateTime<Utc>>| at.map(|at| moment(lang, at)).into_any();
    match column {
        "person" => {
            let to = format!("{}/{}", urls::INBOX, case.id);
            view! { <a class="kern-link" href=to data-row="true">{case.applicant.clone()}</a> }.into_any()
        }
        "nummer" => case.number.clone().into_any(),
        "art" => {
            let marks: Vec<_> = l
                .unread
                .iter()
                .map(|area| view! { {badge("info", &lang.t(&format!("case-area-{area}")))}" " })
                .collect();
            view! { {lang.t(&format!("case-kind-{}", case.kind.key()))}<br/>{marks} }.into_any()
        }
        "stand" => state_badge(lang, case),
        "zustaendig" => case
            .assignee
            .as_ref()
            .map_or_else(|| "–".to_owned(), |a| a.1.clone())
            .into_any(),
        "team" => case.team.as_ref().map(|t| t.1.clone()).into_any(),
        "alter" => case
            .submitted_at
            .map(|at| lang.n("inbox-days", (now - at).num_days()))
            .into_any(),
        "frist" => {
            let late = case
                .is_overdue(now)
                .then(|| view! { " "{badge("danger", &lang.t("inbox-is-late"))} });
            view! { {case.due_at.map(|at| day(lang, at))}{late} }.into_any()
        }
        "eingang" => day_of(case.submitted_at),
        "geaendert" => day_of(Some(case.changed_at)),
        _ => day_of(case.decided_at),
    }
}

fn list(lang: Lang, columns: &Columns, lines: &[InboxLine], now: DateTime<Utc>) -> AnyView {
    if lines.is_empty() {
        return view! { <div class="empty"><p class="kern-body">{lang.t("inbox-none")}</p></div> }.into_any();
    }
    let unread = |l: &InboxLine| if l.unread.is_empty() { "" } else { "row--unread" };
    table(lang, columns, lines, unread, |l, column| {
        cell(lang, l, column, now)
    })
}
