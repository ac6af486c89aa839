//! The register: search, and one resident with the history of letters.

use crate::{
    comfort,
    portal::{Answer, Fields, Outcome, Page, Rq, encode, refused},
    ui::{
        form::{Form, Options},
        table::{table, tools},
        view::{alert, badge, day, item, link_button, plain_day, submit, submit_as},
    },
};
use backend::{
    accounts::{self, Help},
    letters,
    residents::{
        self, PAGE, ResidentFilter, ResidentLine, Search,
        single::{self, Removal, SingleRefusal},
    },
};
use domain::{
    access::Permission, letters::state::NewLetterReason, municipality::BlockedRoute, tables::Table, urls,
};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// A badge for a letter's state.
pub fn letter_badge(lang: Lang, state: &str) -> AnyView {
    let kind = match state {
        "redeemed" => "success",
        "open" => "info",
        "replaced" => "warning",
        _ => "danger",
    };
    badge(kind, &lang.t(&format!("letter-state-{state}"))).into_any()
}

/// What the query searches.
fn search_of(query: &Fields) -> Search {
    let after = query
        .get("nach")
        .split_once('~')
        .and_then(|(id, key)| Some((key.to_owned(), Uuid::parse_str(id).ok()?)));
    Search {
        words: query.get("suche").to_owned(),
        filter: ResidentFilter::parse(query.get("stand")),
        district: query.get("ortsteil").to_owned(),
        after,
    }
}

/// `GET /verwaltung/einwohner/liste.xlsx`: everybody whom the search finds.
pub async fn workbook(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeResidents)?;
    let columns = comfort::columns(&rq, Table::Register);
    let search = search_of(&rq.query);
    let bytes = residents::register_workbook(&rq.ctx, actor, &search, &columns, rq.lang).await?;
    Ok(comfort::workbook("einwohner", bytes))
}

/// `/verwaltung/einwohner`.
pub async fn list(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeResidents)?;
    let query = rq.query.clone();
    let search = search_of(&query);
    let columns = comfort::columns(&rq, Table::Register);
    let (here, book) = (comfort::here(&rq), comfort::workbook_of(&rq));
    let mut lines = residents::search(&rq.ctx, actor, &search).await?;
    let districts = residents::districts(&rq.ctx, actor).await?;
    let (total, _) = residents::totals(&rq.ctx, actor).await?;
    let page_size = usize::try_from(PAGE).unwrap_or(50);
    let more = lines.len() > page_size;
    lines.truncate(page_size);
    let next = lines
        .last()
        .filter(|_| more)
        .map(|l| address(&query, &[("nach", &format!("{}~{}", l.id, l.sort_key))]));
    let first = (!query.get("nach").is_empty()).then(|| address(&query, &[]));
    let may_import = actor.may(Permission::ImportResidents);
    let lang = rq.lang;
    let title = lang.t("nav-residents");
    let form = Form::new(
        lang,
        crate::portal::Typed {
            values: query,
            ..Default::default()
        },
    );
    Ok(Page::staff(title.clone(), move || {
        let filters = ResidentFilter::ALL.into_iter().map(|f| (f.key().to_owned(), lang.t(&format!("resident-filter-{}", f.key())))).collect();
        let places = std::iter::once((String::new(), lang.t("all-districts"))).chain(districts.into_iter().map(|d| (d.clone(), d))).collect();
        let rows = if lines.is_empty() {
            let text = if total == 0 { lang.t("residents-none") } else { lang.t("residents-not-found") };
            view! {
                <div class="empty">
                    <p class="kern-body">{text}</p>
                    {(total == 0 && may_import).then(|| link_button("primary", urls::LISTS, &lang.t("lists-upload")))}
                </div>
            }
            .into_any()
        } else {
            view! {
                {tools(lang, &columns, &here, &book)}
                {table(lang, &columns, &lines, |_| "", |l, column| cell(lang, l, column))}
            }
            .into_any()
        };
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body kern-body--muted">{lang.with("residents-total", &[("n", &lang.number(total))])}</p>
            {may_import.then(|| link_button("secondary", &format!("{}/neu", urls::RESIDENTS), &lang.t("resident-add")))}
            <form method="get" class="filter-bar" role="search">
                {form.text("suche", &lang.t("search"), Options { kind: "search", hint: "residents-search-hint", optional: false, ..Options::default() })}
                {form.select("stand", &lang.t("state"), filters)}
                {form.select("ortsteil", &lang.t("district"), places)}
                {submit("secondary", &lang.t("search-button"))}
            </form>
            {rows}
            <div class="buttons">
                {first.map(|to| link_button("tertiary", &to, &lang.t("page-first")))}
                {next.map(|to| link_button("secondary", &to, &lang.t("page-next")))}
            </div>
        }
        .into_any()
    })
    .into())
}

/// What stands in a column.
fn cell(lang: Lang, l: &ResidentLine, column: &str) -> AnyView {
    match column {
        "name" => {
            let to = format!("{}/{}", urls::RESIDENTS, l.id);
            view! { <a class="kern-link" href=to>{format!("{}, {}", l.family_name, l.given_names)}</a> }
                .into_any()
        }
        "geburt" => {
            let day = l.birth_date.map(|d| plain_day(lang, d));
            day.or(l.birth_year.map(|y| y.to_string())).into_any()
        }
        "strasse" => format!("{} {}", l.street, l.house_number).into_any(),
        "plz" => l.postcode.clone().into_any(),
        "ort" => l.city.clone().into_any(),
        "ortsteil" => l.district.clone().into_any(),
        "nummer" => l.register_number.clone().into_any(),
        "stand" => match (l.registered, &l.letter_state) {
            (true, _) => badge("success", &lang.t("resident-registered")).into_any(),
            (false, Some(state)) => letter_badge(lang, state),
            (false, None) => view! { <span class="muted">{lang.t("letter-none")}</span> }.into_any(),
        },
        _ => l.letter_number.clone().into_any(),
    }
}

fn address(query: &Fields, more: &[(&str, &str)]) -> String {
    let mut parts = Vec::new();
    for name in ["suche", "stand", "ortsteil"] {
        if !query.get(name).is_empty() {
            parts.push(format!("{name}={}", encode(query.get(name))));
        }
    }
    parts.extend(more.iter().map(|(k, v)| format!("{k}={}", encode(v))));
    format!("{}?{}", urls::RESIDENTS, parts.join("&"))
}

/// `/verwaltung/einwohner/{id}`.
pub async fn one(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeResidents)?;
    let id = rq.id()?;
    let mut refusal = None;
    let mut letter_refusal = None;
    if let Some(form) = &rq.form {
        match form.get("tun") {
            "brief" => {
                let reason = NewLetterReason::parse(form.get("anlass")).unwrap_or(NewLetterReason::Request);
                let made = letters::requests::new_letter(&rq.ctx, actor, id, reason, form.has("gross")).await;
                match refused(made)? {
                    Ok(Some(batch)) => return Ok(Answer::go(format!("{}/{batch}", urls::LETTERS))),
                    Ok(None) => return Ok(Answer::go(urls::REQUESTS)),
                    Err(r) => letter_refusal = Some(r),
                }
            }
            "zurueckziehen" => {
                let letter =
                    Uuid::parse_str(form.get("brief")).map_err(|_| crate::portal::Fault::NotFound)?;
                match refused(letters::revoke(&rq.ctx, actor, letter).await)? {
                    Ok(_) => return Ok(Answer::go(rq.path.clone())),
                    Err(r) => letter_refusal = Some(r),
                }
            }
            "abmelden" | "einfrieren" => {
                let (help, done) = match form.get("tun") {
                    "einfrieren" => (Help::Freeze, "eingefroren"),
                    _ => (Help::SignOut, "abgemeldet"),
                };
                accounts::help_resident(&rq.ctx, actor, id, help).await?;
                return Ok(Answer::go(format!("{}?{done}=1", rq.path)));
            }
            "sperren" | "freigeben" | "entfernen" => {
                let result = match (form.get("tun"), Removal::parse(form.get("grund"))) {
                    ("entfernen", Some(why)) => single::remove(&rq.ctx, actor, id, why).await,
                    ("entfernen", None) => Ok(()),
                    (what, _) => single::set_ban(&rq.ctx, actor, id, what == "sperren").await,
                };
                match refused(result)? {
                    Ok(()) if form.get("grund") == Removal::Mistake.key() => {
                        return Ok(Answer::go(urls::RESIDENTS));
                    }
                    Ok(()) => return Ok(Answer::go(rq.path.clone())),
                    Err(SingleRefusal::HasAccount) => refusal = Some("resident-has-account"),
                    Err(_) => refusal = Some("list-gone"),
                }
            }
            _ => {}
        }
    }
    let page = residents::show(&rq.ctx, actor, id).await?;
    let frozen = accounts::is_frozen(&rq.ctx, actor, id).await?;
    let signed_out = rq.query.has("abgemeldet") && rq.form.is_none();
    let may_help = actor.may(Permission::MakeLetters) && page.registered && !frozen;
    let may_edit = actor.may(Permission::ImportResidents);
    let lang = rq.lang;
    // who has a register block gets the letter by the town's way for that
    let blocked_way = match rq.settings.blocked_route {
        BlockedRoute::None => None,
        BlockedRoute::Desk => Some("resident-letter-desk"),
        BlockedRoute::Neutral => Some("resident-letter-neutral"),
    };
    let way = match (page.letter_ban, page.blocked && page.gone.is_none()) {
        (false, _) => Some(None),
        (true, true) => blocked_way.map(Some),
        (true, false) => None,
    };
    let may_make = actor.may(Permission::MakeLetters) && way.is_some();
    let may_block = actor.may(Permission::SeeBlocks);
    let name = page.data.display_name();
    let now = rq.ctx.clock.now();
    Ok(Page::staff(name.clone(), move || {
        let d = &page.data;
        let birth = d.birth_date.map(|b| plain_day(lang, b)).or(d.birth_year.map(|y| y.to_string()));
        let letters: Vec<_> = page
            .letters
            .iter()
            .map(|l| {
                let expired = l.state == "open" && l.expires_at.is_some_and(|at| at <= now);
                let state = if expired { badge("warning", &lang.t("letter-state-expired")).into_any() } else { letter_badge(lang, &l.state) };
                let revoke = (may_make && l.state == "open").then(|| {
                    view! { <form method="post"><input type="hidden" name="brief" value=l.id.to_string()/>{submit_as("tertiary", &lang.t("letter-revoke"), "tun", "zurueckziehen")}</form> }
                });
                let date = |at: Option<chrono::DateTime<chrono::Utc>>| at.map_or_else(|| "–".to_owned(), |at| day(lang, at));
                view! {
                    <tr class="kern-table__row">
                        <th scope="row" class="kern-table__cell">{l.letter_number.clone()}</th>
                        <td class="kern-table__cell">{l.issue.to_string()}</td>
                        <td class="kern-table__cell"><a class="kern-link" href=format!("{}/{}", urls::LETTERS, l.batch_id)>{l.batch_number.to_string()}</a></td>
                        <td class="kern-table__cell">{day(lang, l.created_at)}</td>
                        <td class="kern-table__cell">{date(l.posted_at)}</td>
                        <td class="kern-table__cell">{date(l.expires_at)}</td>
                        <td class="kern-table__cell">{state}" "{l.ended_at.map(|at| day(lang, at))}{l.return_reason.as_deref().map(|r| format!(" ({})", lang.t(&format!("returned-{r}"))))}</td>
                        <td class="kern-table__cell">{revoke}</td>
                    </tr>
                }
            })
            .collect();
        let heads: Vec<_> = ["letter-number", "letter-issue", "batch", "letter-made", "letter-posted", "letter-expires", "state", "action"]
            .into_iter()
            .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
            .collect();
        let history = if letters.is_empty() {
            view! { <p class="kern-body">{lang.t("resident-no-letters")}</p> }.into_any()
        } else {
            view! {
                <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("resident-letters")>
                    <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{letters}</tbody></table>
                </div>
            }
            .into_any()
        };
        let new_letter = Form::new(lang, crate::portal::Typed::default());
        let reasons = NewLetterReason::ALL.map(|r| (r.key().to_owned(), lang.t(&format!("new-letter-{}", r.key())))).to_vec();
        let has_open = page.letters.iter().any(|l| l.state == "open");
        let hint = if page.registered { "resident-letter-registered" } else if has_open { "resident-letter-replaces" } else { "resident-letter-first" };
        view! {
            {letter_refusal.map(|r| crate::letters::view::refusal_alert(lang, &r))}
            {refusal.map(|key| alert("danger", &lang.t("not-done"), view! { <p class="kern-body">{lang.t(key)}</p> }))}
            <p><a class="kern-link" href=urls::RESIDENTS>{lang.t("back-to-residents")}</a></p>
            <h1 class="kern-heading-x-large">{name}</h1>
            {frozen.then(|| alert("warning", &lang.t("resident-frozen-title"), view! {
                <p class="kern-body">{lang.t("resident-frozen")}</p>
            }))}
            {signed_out.then(|| alert("success", &lang.t("resident-signed-out"), ()))}
            {page.registered.then(|| badge("success", &lang.t("resident-registered")))}
            {page.gone.clone().map(|why| badge("warning", &lang.t(&format!("resident-gone-{why}"))))}
            {page.blocked.then(|| badge("warning", &lang.t("resident-blocked")))}
            <dl class="kern-description-list">
                {item(&lang.t("column-family_name"), d.family_name.clone())}
                {item(&lang.t("column-given_names"), d.given_names.clone())}
                {birth.map(|b| item(&lang.t("birth-date"), b))}
                {item(&lang.t("address"), d.address_lines().join(", "))}
                {d.district.clone().map(|x| item(&lang.t("district"), x))}
                {d.register_number.clone().map(|x| item(&lang.t("column-register_number"), x))}
            </dl>
            <h2 class="kern-heading-medium">{lang.t("resident-letters")}</h2>
            {history}
            {may_make.then(|| view! {
                <section class="card-plain">
                    <p class="kern-body">{lang.t(hint)}</p>
                    {way.flatten().map(|key| view! { <p class="kern-body">{lang.t(key)}</p> })}
                    <form method="post" class="stack">
                        {(!page.letters.is_empty()).then(|| new_letter.select("anlass", &lang.t("new-letter-reason"), reasons))}
                        {new_letter.checkbox("gross", lang.t("letters-large-one"))}
                        {submit_as("primary", &lang.t("resident-make-letter"), "tun", "brief")}
                    </form>
                </section>
            })}
            {may_help.then(|| account_care(lang))}
            {may_edit.then(|| care(lang, id, may_block.then_some(page.blocked), page.gone.is_some()))}
        }
        .into_any()
    })
    .into())
}

/// For somebody who has lost a device, or fears that somebody else is in the account.
fn account_care(lang: Lang) -> impl IntoView + use<> {
    view! {
        <section class="card-plain">
            <h2 class="kern-heading-medium">{lang.t("resident-account")}</h2>
            <p class="kern-body">{lang.t("resident-sign-out-hint")}</p>
            <form method="post">{submit_as("secondary", &lang.t("resident-sign-out"), "tun", "abmelden")}</form>
            <details>
                <summary>{lang.t("resident-freeze")}</summary>
                <form method="post" class="stack">
                    <p class="kern-body">{lang.t("resident-freeze-hint")}</p>
                    {submit_as("secondary", &lang.t("resident-freeze-now"), "tun", "einfrieren")}
                </form>
            </details>
        </section>
    }
}

/// Changing, blocking and removing by hand. `blocked`: for staff who may see blocks.
fn care(lang: Lang, id: Uuid, blocked: Option<bool>, gone: bool) -> impl IntoView + use<> {
    let reasons: Vec<_> = Removal::ALL
        .into_iter()
        .filter(|r| !gone || *r == Removal::Mistake)
        .map(|r| {
            let id = format!("grund-{}", r.key());
            view! {
                <div class="kern-form-check">
                    <input class="kern-form-check__radio" type="radio" id=id.clone() name="grund" value=r.key() required=true/>
                    <label class="kern-label" for=id>{lang.t(&format!("removal-{}", r.key()))}</label>
                </div>
            }
        })
        .collect();
    let block = blocked.filter(|_| !gone).map(|blocked| {
        let (label, value) = if blocked {
            ("resident-unblock", "freigeben")
        } else {
            ("resident-block", "sperren")
        };
        view! { <form method="post">{submit_as("secondary", &lang.t(label), "tun", value)}</form> }
    });
    view! {
        <div class="buttons">
            {link_button("secondary", &format!("{}/{id}/aendern", urls::RESIDENTS), &lang.t("resident-edit"))}
            {block}
        </div>
        <details>
            <summary>{lang.t("resident-remove")}</summary>
            <form method="post" class="stack">
                <fieldset class="card-plain">
                    <legend class="kern-label">{lang.t("resident-remove-why")}</legend>
                    {reasons}
                </fieldset>
                {submit_as("secondary", &lang.t("resident-remove"), "tun", "entfernen")}
            </form>
        </details>
    }
}
