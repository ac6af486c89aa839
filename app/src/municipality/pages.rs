//! Pages for everybody.

use crate::{
    cookies::YEAR,
    portal::{Answer, LANGUAGE_COOKIE, Outcome, Page, Rq, set_cookie},
    registration::citizen::waiting_code,
    ui::view::{alert, link_button},
};
use domain::{municipality::RegistrationMethod, urls};
use leptos::prelude::*;

/// `/`.
pub async fn start(rq: Rq) -> Outcome {
    let lang = rq.lang;
    let deleted = rq.query.has("geloescht");
    let open = rq.settings.residents_register == RegistrationMethod::Open;
    let heading = lang.with("start-heading", &[("kommune", &rq.settings.name)]);
    let signed_in = rq.who.is_some();
    let signs = backend::municipality::sign_language(&rq.ctx).await?;
    let reissue = rq.settings.reissue_public;
    let directory = rq.settings.directory;
    let market = rq.settings.market;
    let (surveys, ideas) = (rq.settings.surveys, rq.settings.ideas);
    let contact: Vec<String> = [
        rq.settings.sender.clone(),
        rq.settings.department.clone(),
        rq.settings.street.clone(),
        format!("{} {}", rq.settings.postcode, rq.settings.city),
        rq.settings.opening_hours.clone(),
    ]
    .into_iter()
    .filter(|l| !l.is_empty())
    .collect();
    let (telephone, email) = (rq.settings.telephone.clone(), rq.settings.email.clone());
    Ok(Page::new("", move || {
        let steps: Vec<_> = (1..=3)
            .map(|i| view! { <li class="step"><span class="step__number" aria-hidden="true">{i.to_string()}</span><span>{lang.t(&format!("start-step-{i}"))}</span></li> })
            .collect();
        let contact: Vec<_> = contact.into_iter().map(|l| view! { <span class="line">{l}</span> }).collect();
        view! {
            {deleted.then(|| alert("success", &lang.t("deleted-title"), view! { <p class="kern-body">{lang.t("deleted")}</p> }))}
            {waiting_code(lang)}
            <ul class="filters" aria-label=lang.t("ways-label")>
                <li><a class="kern-link" lang="de" href=urls::EASY_LANGUAGE>{locales::Lang::parse("de").t("text-easy-language")}</a></li>
                {signs.then(|| view! { <li><a class="kern-link" lang="de" href=urls::SIGN_LANGUAGE>{locales::Lang::parse("de").t("text-sign-language")}</a></li> })}
            </ul>
            <section class="hero">
                <h1 class="kern-heading-display">{heading}</h1>
                <p class="kern-body kern-body--large">{lang.t("start-intro")}</p>
                <div class="buttons">
                    {link_button("primary", urls::REGISTER, &lang.t(if open { "start-register-open" } else { "start-register" }))}
                    {(!signed_in).then(|| link_button("secondary", urls::SIGN_IN, &lang.t("sign-in")))}
                    {signed_in.then(|| link_button("secondary", urls::ACCOUNT, &lang.t("nav-account")))}
                </div>
            </section>
            <section class="card-plain" aria-labelledby="how-heading">
                <h2 class="kern-heading-medium" id="how-heading">{lang.t("start-how")}</h2>
                <ol class="step-list">{steps}</ol>
                <p class="kern-body">{lang.t("start-no-letter")}" "<a class="kern-link" href=urls::HELP>{lang.t("nav-help")}</a></p>
                <ul class="plain-list">
                    <li><a class="kern-link" href=urls::GENUINE>{lang.t("genuine-title")}</a></li>
                    {reissue.then(|| view! { <li><a class="kern-link" href=urls::NEW_LETTER>{lang.t("new-letter-title")}</a></li> })}
                </ul>
            </section>
            {(directory || market).then(|| view! {
                <section class="card-plain" aria-labelledby="directory-heading">
                    <h2 class="kern-heading-medium" id="directory-heading">{lang.t("start-organisations")}</h2>
                    <p class="kern-body">{lang.t("directory-intro")}</p>
                    <div class="buttons">
                        {directory.then(|| link_button("secondary", urls::DIRECTORY, &lang.t("directory-open")))}
                        {market.then(|| link_button("secondary", urls::MARKET, &lang.t("market-open")))}
                        {link_button("tertiary", urls::APPLY, &lang.t("apply-title"))}
                    </div>
                </section>
            })}
            {(surveys || ideas).then(|| view! {
                <section class="card-plain" aria-labelledby="talk-heading">
                    <h2 class="kern-heading-medium" id="talk-heading">{lang.t("start-talk")}</h2>
                    <p class="kern-body">{lang.t("start-talk-intro")}</p>
                    <div class="buttons">
                        {surveys.then(|| link_button("secondary", urls::SURVEYS, &lang.t("surveys-title")))}
                        {ideas.then(|| link_button("secondary", urls::IDEAS, &lang.t("ideas-title")))}
                    </div>
                </section>
            })}
            <section class="card-plain" aria-labelledby="contact-heading">
                <h2 class="kern-heading-medium" id="contact-heading">{lang.t("contact")}</h2>
                <address class="kern-body contact">{contact}
                    <span class="line">{lang.t("telephone")}" "<a class="kern-link unbroken" href=format!("tel:{}", telephone.replace(' ', ""))>{telephone.clone()}</a></span>
                    <span class="line"><a class="kern-link" href=format!("mailto:{email}")>{email.clone()}</a></span>
                </address>
            </section>
        }
        .into_any()
    })
    .same_for_everybody()
    .into())
}

/// `/hilfe`: what is this letter?
pub async fn help(rq: Rq) -> Outcome {
    let lang = rq.lang;
    let days = rq.settings.validity_days.to_string();
    let (name, telephone) = (rq.settings.sender.clone(), rq.settings.telephone.clone());
    let reissue = rq.settings.reissue_public;
    let title = lang.t("help-title");
    Ok(Page::new(title.clone(), move || {
        let questions: Vec<_> = (1..=9)
            .map(|i| {
                let args = [
                    ("tage", days.as_str()),
                    ("sender", name.as_str()),
                    ("telefon", telephone.as_str()),
                ];
                view! {
                    <section>
                        <h2 class="kern-heading-medium">{lang.t(&format!("help-question-{i}"))}</h2>
                        <p class="kern-body">{lang.with(&format!("help-answer-{i}"), &args)}</p>
                    </section>
                }
            })
            .collect();
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <figure class="help-picture">
                <img src="/hilfe/bild/brief.svg" alt=lang.t("help-picture-alt") width="420" height="594" loading="lazy"/>
                <figcaption><ol class="kern-list">
                    <li>{lang.t("help-picture-1")}</li>
                    <li>{lang.t("help-picture-2")}</li>
                    <li>{lang.t("help-picture-3")}</li>
                </ol></figcaption>
            </figure>
            {questions}
            <ul class="plain-list">
                <li><a class="kern-link" href=urls::GENUINE>{lang.t("genuine-title")}</a></li>
                {reissue.then(|| view! { <li><a class="kern-link" href=urls::NEW_LETTER>{lang.t("new-letter-title")}</a></li> })}
            </ul>
            <div class="buttons">{link_button("primary", urls::REGISTER, &lang.t("register-title"))}</div>
        }
        .into_any()
    })
    .same_for_everybody()
    .into())
}

/// `/verwaltung/hilfe`: from the list to returned mail, for the people who do it.
pub async fn staff_help(rq: Rq) -> Outcome {
    rq.staff(domain::access::Permission::SeeLetters)?;
    let lang = rq.lang;
    let title = lang.t("staff-help-title");
    Ok(Page::staff(title.clone(), move || {
        let sections: Vec<_> = STAFF_HELP
            .into_iter()
            .map(|(id, steps)| {
                let steps: Vec<_> = (1..=steps)
                    .map(|i| view! { <li>{lang.t(&format!("staff-help-{id}-{i}"))}</li> })
                    .collect();
                view! {
                    <section class="card-plain" aria-labelledby=id>
                        <h2 class="kern-heading-medium" id=id>{lang.t(&format!("staff-help-{id}"))}</h2>
                        <div class="help-chapter"><ol class="kern-list">{steps}</ol>{staff_picture(lang, id)}</div>
                    </section>
                }
            })
            .collect();
        let contents: Vec<_> = STAFF_HELP
            .into_iter()
            .map(|(id, _)| view! { <li><a class="kern-link" href=format!("#{id}")>{lang.t(&format!("staff-help-{id}"))}</a></li> })
            .collect();
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            <p class="kern-body">{lang.t("staff-help-intro")}</p>
            <nav aria-label=lang.t("staff-help-contents")><ul class="plain-list">{contents}</ul></nav>
            {sections}
        }
        .into_any()
    })
    .into())
}

/// What a chapter shows besides words: a part of the town's own letter, or a small list as it may look.
fn staff_picture(lang: locales::Lang, chapter: &str) -> AnyView {
    let picture = |name: &str, height: &'static str| {
        let alt = lang.t(&format!("staff-help-picture-{name}"));
        view! {
            <figure class="help-picture">
                <img src=format!("/hilfe/bild/{name}.svg") alt=alt.clone() width="420" height=height loading="lazy"/>
                <figcaption class="kern-hint">{alt}</figcaption>
            </figure>
        }
        .into_any()
    };
    let sample = |rows: [[&str; 4]; 3]| {
        let heads: Vec<_> = [
            "column-family_name",
            "column-given_names",
            "column-birth_date",
            "column-postcode",
        ]
        .into_iter()
        .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
        .collect();
        let rows: Vec<_> = rows
            .into_iter()
            .map(|cells| {
                let cells = cells.map(|c| view! { <td class="kern-table__cell">{c.to_owned()}</td> });
                view! { <tr class="kern-table__row">{cells.into_iter().collect::<Vec<_>>()}</tr> }
            })
            .collect();
        view! {
            <figure class="help-picture"><div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("staff-help-sample")>
                <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div><figcaption class="kern-hint">{lang.t("staff-help-sample")}</figcaption></figure>
        }
        .into_any()
    };
    match chapter {
        "liste" => sample([
            ["Müller", "Erika Anna", "02.01.1970", "01945"],
            ["Šťastný", "Jan", "03.04.1981", "01945"],
            ["Groß", "Zoë", "31.12.1999", "01945"],
        ]),
        "pruefen" => {
            let lines: Vec<_> = [("success", 1), ("warning", 2), ("danger", 3)]
                .into_iter()
                .map(|(kind, i)| view! { <li>{alert(kind, &lang.t(&format!("staff-help-check-{i}-title")), view! { <p class="kern-body">{lang.t(&format!("staff-help-check-{i}"))}</p> })}</li> })
                .collect();
            view! { <ul class="plain-list help-picture">{lines}</ul> }.into_any()
        }
        "briefe" => picture("brief", "594"),
        "drucken" => picture("fuss", "105"),
        "ruecklauf" => picture("fenster", "185"),
        _ => ().into_any(),
    }
}

/// Chapters of the help, with their steps.
const STAFF_HELP: [(&str, usize); 6] = [
    ("liste", 4),
    ("pruefen", 4),
    ("briefe", 4),
    ("drucken", 5),
    ("versenden", 3),
    ("ruecklauf", 5),
];

/// `/sprache`: remembers the chosen language. The only cookie that somebody without account can get, and only by choice.
pub async fn language(rq: Rq) -> Outcome {
    let form = rq.typed();
    let code = locales::Lang::parse(form.get("sprache")).code();
    let cookie = set_cookie(&rq.ctx, LANGUAGE_COOKIE, code, YEAR);
    let to = urls::safe_return(form.get("zurueck"))
        .unwrap_or(urls::START)
        .to_owned();
    Ok(Answer::Go {
        to,
        cookies: vec![cookie],
    })
}
