//! `/verwaltung/nachrichten/vorgaben`: texts for answers, absence, mails; and teams for whoever sets them up.

use super::inbox::{may_set_up, near};
use crate::{
    portal::{Answer, Fault, Fields, Outcome, Page, Rq, Typed, refused},
    ui::{
        form::{Form, Options},
        view::{alert, day, submit_as},
    },
};
use axum::http::StatusCode;
use backend::cases::{self, Absence, AnswerTemplate, CaseMails, TeamLine, TeamPage};
use domain::{
    access::{Actor, Permission},
    cases::CaseKind,
    problem::Problems,
    urls,
};
use leptos::prelude::*;
use locales::Lang;
use uuid::Uuid;

/// The page. A POST says in `tun` what to do.
pub async fn page(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::SeeDashboard)?;
    if !may_set_up(actor) {
        return Err(Fault::Denied);
    }
    let mut problems = Problems::default();
    if let Some(form) = &rq.form {
        match act(&rq, actor, form).await? {
            Ok(()) => return Ok(Answer::go(format!("{}?gespeichert=1", urls::CASE_SETUP))),
            Err(p) => problems = p,
        }
    }
    let teams = cases::team_page(&rq.ctx, actor).await?;
    let templates = cases::templates(&rq.ctx, actor, None).await?;
    let absence = cases::own_absence(&rq.ctx, actor).await?;
    let mails = cases::case_mails(&rq.ctx, actor).await?;
    let saved = rq.query.has("gespeichert") && rq.form.is_none();
    let lang = rq.lang;
    let status = if problems.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let values = match &rq.form {
        Some(form) => form.clone(),
        None => Fields::default().with("mails", mails.key()),
    };
    let form = Form::new(lang, Typed { values, problems });
    let title = lang.t("case-setup");
    Ok(Page::staff(title.clone(), move || {
        let decides = actor.may(Permission::DecideCases);
        view! {
            {form.summary()}
            {saved.then(|| alert("success", &lang.t("saved-title"), ()))}
            <h1 class="kern-heading-x-large">{title}</h1>
            {near(lang, actor, urls::CASE_SETUP)}
            {decides.then(|| view! {
                {absent(lang, &form, absence, &teams, actor)}
                <section class="card-plain" aria-labelledby="mails-heading">
                    <h2 class="kern-heading-medium" id="mails-heading">{lang.t("case-mails")}</h2>
                    <form method="post" class="stack">
                        {form.radios("mails", &lang.t("case-mails-which"), CaseMails::ALL.into_iter().map(|m| (m.key(), lang.t(&format!("case-mails-{}", m.key())))).collect())}
                        {submit_as("secondary", &lang.t("save"), "tun", "mails")}
                    </form>
                </section>
            })}
            {answers(lang, &form, templates)}
            {actor.may(Permission::SetUpCases).then(|| team_section(lang, &form, &teams))}
        }
        .into_any()
    })
    .status(status)
    .into())
}

async fn act(rq: &Rq, actor: Actor, form: &Fields) -> Result<Result<(), Problems>, Fault> {
    let ctx = &rq.ctx;
    let id = || Uuid::parse_str(form.get("id")).map_err(|_| Fault::NotFound);
    match form.get("tun") {
        "abwesend" => {
            let until = form.date("bis");
            let Some(until) = until else {
                return Ok(Err(Problems::one("bis_day", "absence-day")));
            };
            let deputy = Uuid::parse_str(form.get("vertretung")).ok();
            refused(cases::be_away(ctx, actor, until, deputy).await)
        }
        "zurueck" => Ok(Ok(cases::back_again(ctx, actor).await?)),
        "mails" => {
            let mails = CaseMails::parse(form.get("mails")).ok_or(Fault::NotFound)?;
            Ok(Ok(cases::set_case_mails(ctx, actor, mails).await?))
        }
        "text" => {
            let kind = CaseKind::parse(form.get("art"));
            refused(cases::save_template(ctx, actor, kind, form.get("name"), form.get("body")).await)
        }
        "text-loeschen" => Ok(Ok(cases::delete_template(ctx, actor, id()?).await?)),
        "team" => Ok(refused(cases::add_team(ctx, actor, form.get("team")).await)?
            .map(|_| ())
            .map_err(|mut p| {
                for problem in &mut p.0 {
                    problem.field = "team".to_owned();
                }
                p
            })),
        "team-setzen" => {
            let kinds: Vec<CaseKind> = CaseKind::ALL
                .into_iter()
                .filter(|k| form.has(&format!("art-{}", k.key())))
                .collect();
            let members: Vec<Uuid> = form
                .0
                .iter()
                .filter_map(|(k, _)| Uuid::parse_str(k.strip_prefix("person-")?).ok())
                .collect();
            Ok(Ok(cases::set_team(ctx, actor, id()?, &kinds, &members).await?))
        }
        "team-loeschen" => Ok(Ok(cases::delete_team(ctx, actor, id()?).await?)),
        _ => Err(Fault::NotFound),
    }
}

fn absent(lang: Lang, form: &Form, absence: Option<Absence>, teams: &TeamPage, actor: Actor) -> AnyView {
    let name = |id: Uuid| {
        teams
            .colleagues
            .iter()
            .find(|c| c.0 == id)
            .map_or_else(String::new, |c| c.1.clone())
    };
    let body = match absence {
        Some(a) => {
            let text = match a.deputy.map(name).filter(|n| !n.is_empty()) {
                Some(deputy) => lang.with(
                    "absence-until-with",
                    &[("wann", &day(lang, a.until)), ("wer", &deputy)],
                ),
                None => lang.with("absence-until", &[("wann", &day(lang, a.until))]),
            };
            view! {
                <p class="kern-body">{text}</p>
                <form method="post">{submit_as("secondary", &lang.t("absence-end"), "tun", "zurueck")}</form>
            }
            .into_any()
        }
        None => {
            let people = std::iter::once((String::new(), lang.t("absence-nobody")))
                .chain(
                    teams
                        .colleagues
                        .iter()
                        .filter(|c| Some(c.0) != actor.account())
                        .map(|(id, name)| (id.to_string(), name.clone())),
                )
                .collect();
            view! {
                <p class="kern-body">{lang.t("absence-how")}</p>
                <form method="post" class="stack" novalidate=true>
                    {form.date("bis", &lang.t("absence-last-day"), "absence-hint")}
                    {form.select("vertretung", &lang.t("absence-deputy-label"), people)}
                    {submit_as("secondary", &lang.t("absence-begin"), "tun", "abwesend")}
                </form>
            }
            .into_any()
        }
    };
    view! {
        <section class="card-plain" aria-labelledby="absence-heading">
            <h2 class="kern-heading-medium" id="absence-heading">{lang.t("absence-title")}</h2>
            {body}
        </section>
    }
    .into_any()
}

fn answers(lang: Lang, form: &Form, templates: Vec<AnswerTemplate>) -> AnyView {
    let lines: Vec<_> = templates
        .into_iter()
        .map(|t| {
            let kind = if t.kind.is_empty() {
                lang.t("inbox-all-kinds")
            } else {
                lang.t(&format!("case-kind-{}", t.kind))
            };
            let delete = lang.with("answers-delete", &[("name", &t.name)]);
            view! {
                <li class="card-plain stack">
                    <h3 class="kern-heading-small">{t.name}</h3>
                    <p class="muted">{kind}</p>
                    <p class="written">{t.body}</p>
                    <form method="post"><input type="hidden" name="id" value=t.id.to_string()/>{submit_as("tertiary", &delete, "tun", "text-loeschen")}</form>
                </li>
            }
        })
        .collect();
    let kinds = std::iter::once((String::new(), lang.t("inbox-all-kinds")))
        .chain(
            CaseKind::ALL
                .iter()
                .map(|k| (k.key().to_owned(), lang.t(&format!("case-kind-{}", k.key())))),
        )
        .collect();
    let open = form.problem("name").is_some() || form.problem("body").is_some();
    view! {
        <section class="card-plain" aria-labelledby="answers-heading">
            <h2 class="kern-heading-medium" id="answers-heading">{lang.t("answers-title")}</h2>
            <p class="kern-body">{lang.t("answers-how")}</p>
            <ul class="files">{lines}</ul>
            <details open=open>
                <summary>{lang.t("answers-add")}</summary>
                <form method="post" class="stack details-body" novalidate=true>
                    {form.text("name", &lang.t("name"), Options { width: 30, ..Options::default() })}
                    {form.select("art", &lang.t("case-kind"), kinds)}
                    {form.text("body", &lang.t("answers-body"), Options { rows: 6, ..Options::default() })}
                    {submit_as("secondary", &lang.t("save"), "tun", "text")}
                </form>
            </details>
        </section>
    }
    .into_any()
}

fn team_section(lang: Lang, form: &Form, page: &TeamPage) -> AnyView {
    let teams: Vec<_> = page
        .teams
        .iter()
        .map(|team| one_team(lang, team, &page.colleagues))
        .collect();
    view! {
        <section class="card-plain" aria-labelledby="teams-heading">
            <h2 class="kern-heading-medium" id="teams-heading">{lang.t("teams-title")}</h2>
            <p class="kern-body">{lang.t("teams-how")}</p>
            <ul class="files">{teams}</ul>
            <form method="post" class="stack" novalidate=true>
                {form.text("team", &lang.t("teams-name"), Options { width: 30, ..Options::default() })}
                {submit_as("secondary", &lang.t("teams-add"), "tun", "team")}
            </form>
        </section>
    }
    .into_any()
}

fn one_team(lang: Lang, team: &TeamLine, colleagues: &[(Uuid, String)]) -> AnyView {
    let check = |id: String, name: String, label: String, checked: bool| {
        view! {
            <div class="kern-form-check"><input class="kern-form-check__checkbox" type="checkbox" id=id.clone() name=name value="ja" checked=checked/>
            <label class="kern-label" for=id>{label}</label></div>
        }
    };
    let kinds: Vec<_> = CaseKind::ALL
        .iter()
        .map(|k| {
            let label = lang.t(&format!("case-kind-{}", k.key()));
            check(
                format!("{}-{}", team.id, k.key()),
                format!("art-{}", k.key()),
                label,
                team.kinds.contains(k),
            )
        })
        .collect();
    let people: Vec<_> = colleagues
        .iter()
        .map(|(id, name)| {
            check(
                format!("{}-{id}", team.id),
                format!("person-{id}"),
                name.clone(),
                team.members.contains(id),
            )
        })
        .collect();
    let delete = lang.with("teams-delete", &[("name", &team.name)]);
    view! {
        <li class="card-plain stack">
            <h3 class="kern-heading-small">{team.name.clone()}</h3>
            <form method="post" class="stack">
                <input type="hidden" name="id" value=team.id.to_string()/>
                <fieldset class="kern-fieldset"><legend class="kern-label">{lang.t("teams-kinds")}</legend>{kinds}</fieldset>
                <fieldset class="kern-fieldset"><legend class="kern-label">{lang.t("teams-members")}</legend>{people}</fieldset>
                <div class="buttons">{submit_as("secondary", &lang.t("save"), "tun", "team-setzen")}{submit_as("tertiary", &delete, "tun", "team-loeschen")}</div>
            </form>
        </li>
    }
    .into_any()
}
