//! `/verwaltung/briefe/ruecklauf`: letters that came back are held before a camera or a hand scanner.

use super::{
    api::NotedLine,
    station::{Station, StationTexts},
    view::near,
};
use crate::{
    portal::{Outcome, Page, Rq, Typed, refused},
    registration::{citizen::scanner_texts, scanner::Scanner},
    residents::lists::tile,
    ui::{
        form::{Form, Options},
        view::{alert, day, link_button, submit, submit_as},
    },
};
use backend::letters::returns::{self, Doubtful, Noted, ReturnRefusal};
use domain::{access::Permission, letters::state::ReturnReason, urls};
use leptos::prelude::*;
use locales::Lang;

/// Notes a letter and says in words what became of it.
pub async fn note(rq: &Rq, number: &str, reason: &str) -> Result<NotedLine, crate::portal::Fault> {
    let actor = rq.staff(Permission::MakeLetters)?;
    let line = |number: &str, kind: &str, text: String| NotedLine {
        number: number.to_owned(),
        text,
        kind: kind.to_owned(),
    };
    let Some(reason) = ReturnReason::parse(reason) else {
        return Ok(line("", "danger", rq.t("return-no-reason")));
    };
    let noted = refused(returns::note_return(&rq.ctx, actor, number, reason).await)?;
    let why = rq.t(&format!("returned-{}", reason.key()));
    Ok(match noted {
        Ok((number, noted)) => {
            let (kind, key) = match noted {
                Noted::Returned => ("success", "return-noted"),
                Noted::WasDead => ("success", "return-was-dead"),
                Noted::Again => ("warning", "return-again"),
                Noted::WasRedeemed => ("danger", "return-was-redeemed"),
            };
            let text = rq.lang.with(key, &[("nummer", &number), ("grund", &why)]);
            line(&number, kind, text)
        }
        Err(refusal) => {
            let typed: String = number.trim().chars().take(20).collect();
            let text = rq.lang.with(refusal.key(), &[("nummer", &typed)]);
            line(
                "",
                if refusal == ReturnRefusal::NotPosted {
                    "warning"
                } else {
                    "danger"
                },
                text,
            )
        }
    })
}

/// `/verwaltung/briefe/ruecklauf`.
pub async fn station(rq: Rq) -> Outcome {
    let actor = rq.staff(Permission::MakeLetters)?;
    let mut noted = None;
    let mut values = crate::portal::Fields::default();
    if let Some(form) = rq.form.as_ref().filter(|f| f.has("zurueck")) {
        let undone = returns::undo_return(&rq.ctx, actor, form.get("zurueck")).await?;
        let (kind, key, number) = match undone {
            true => ("success", "return-undone", form.get("zurueck")),
            false => ("warning", "return-cannot-undo", ""),
        };
        noted = Some(NotedLine {
            number: number.to_owned(),
            text: rq.t(key),
            kind: kind.to_owned(),
        });
    } else if let Some(form) = &rq.form {
        noted = Some(note(&rq, form.get("nummer"), form.get("grund")).await?);
        values = values.with("grund", form.get("grund"));
    }
    let (newest, reasons) = returns::returned(&rq.ctx, actor, 12).await?;
    let doubtful = match actor.may(Permission::SeeResidents) {
        true => returns::doubtful(&rq.ctx, actor).await?,
        false => Vec::new(),
    };
    let lang = rq.lang;
    let scanner = crate::registration::scanner::ScannerTexts {
        start: rq.t("return-camera"),
        looking: rq.t("return-looking"),
        foreign: rq.t("return-foreign"),
        mark: true,
        ..scanner_texts(&rq)
    };
    let texts = StationTexts {
        which: rq.t("return-which"),
        failed: rq.t("return-failed"),
        pending: rq.t("return-pending"),
    };
    let form = Form::new(
        lang,
        Typed {
            values,
            ..Typed::default()
        },
    );
    let status = match &noted {
        Some(line) if line.number.is_empty() => axum::http::StatusCode::UNPROCESSABLE_ENTITY,
        _ => axum::http::StatusCode::OK,
    };
    let title = lang.t("return-title");
    Ok(Page::staff(title.clone(), move || {
        let choices = (1..)
            .zip(ReturnReason::ALL)
            .map(|(i, r)| (r.key(), format!("{i} – {}", lang.t(&format!("returned-{}", r.key())))))
            .collect();
        let tiles: Vec<_> = reasons
            .iter()
            .map(|(reason, n)| tile(&lang.t(&format!("returned-{reason}")), &lang.number(*n), ""))
            .collect();
        let rows: Vec<_> = newest
            .into_iter()
            .map(|l| {
                let text = format!(
                    "{} · {}{}",
                    l.letter_number,
                    lang.t(&format!("returned-{}", l.return_reason)),
                    if l.state == "redeemed" { format!(" · {}", lang.t("return-redeemed-short")) } else { String::new() }
                );
                let undo = (l.state == "returned").then(|| {
                    let label = format!("{} {}", lang.t("return-undo"), l.letter_number);
                    view! { <form method="post">{submit_as("tertiary", &label, "zurueck", &l.letter_number)}</form> }
                });
                view! { <li class="file"><span class="kern-body">{text}</span>{undo}</li> }
            })
            .collect();
        view! {
            <h1 class="kern-heading-x-large">{title}</h1>
            {near(lang, actor, urls::RETURNS)}
            <p class="kern-body">{lang.t("return-intro")}" "<a class="kern-link" href=format!("{}#ruecklauf", urls::STAFF_HELP)>{lang.t("help-return-link")}</a></p>
            {noted.map(|n| alert(&n.kind, &lang.t("return-last"), view! { <p class="kern-body">{n.text}</p> }))}
            <div class="station">
                <section class="card-plain" aria-label=lang.t("return-title")>
                    <form id="scan-form" method="post" class="stack" novalidate=true>
                        {form.radios("grund", &lang.t("return-reason"), choices)}
                        {form.checkbox("behalten", lang.t("return-keep"))}
                        {form.text("nummer", &lang.t("letter-number"), Options { hint: "return-number-hint", width: 20, ..Options::default() })}
                        {submit("primary", &lang.t("return-note"))}
                    </form>
                    <Station texts=texts/>
                </section>
                <section class="card-plain" aria-label=lang.t("return-camera")>
                    <Scanner props=scanner/>
                </section>
            </div>
            <div class="tiles">{tiles}</div>
            <h2 class="kern-heading-medium">{lang.t("return-newest")}</h2>
            <p class="kern-body muted return-none">{lang.t("return-none")}</p>
            <ol class="plain-list" id="return-log">{rows}</ol>
            {doubts(lang, doubtful)}
        }
        .into_any()
    })
    .status(status)
    .into())
}

/// People whose address is doubtful now.
fn doubts(lang: Lang, people: Vec<Doubtful>) -> AnyView {
    if people.is_empty() {
        return ().into_any();
    }
    let count = lang.n("return-doubtful-count", people.len());
    let rows: Vec<_> = people
        .into_iter()
        .take(50)
        .map(|p| {
            view! {
                <tr class="kern-table__row">
                    <th scope="row" class="kern-table__cell"><a class="kern-link" href=format!("{}/{}", urls::RESIDENTS, p.id)>{format!("{}, {}", p.family_name, p.given_names)}</a></th>
                    <td class="kern-table__cell">{format!("{} {}, {} {}", p.street, p.house_number, p.postcode, p.city)}</td>
                    <td class="kern-table__cell">{lang.t(&format!("returned-{}", p.return_reason))}</td>
                    <td class="kern-table__cell">{p.ended_at.map(|at| day(lang, at))}</td>
                </tr>
            }
        })
        .collect();
    let heads: Vec<_> = ["name", "address", "return-reason", "return-day"]
        .into_iter()
        .map(|k| view! { <th scope="col" class="kern-table__header">{lang.t(k)}</th> })
        .collect();
    view! {
        <h2 class="kern-heading-medium">{lang.t("return-doubtful")}</h2>
        <p class="kern-body">{count}" "{lang.t("return-doubtful-hint")}</p>
        <div class="table-scroll" tabindex="0" role="region" aria-label=lang.t("return-doubtful")>
            <table class="kern-table kern-table--small"><thead><tr class="kern-table__row">{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
        <div class="buttons">{link_button("secondary", &format!("{}/zweifelhaft.xlsx", urls::RETURNS), &lang.t("return-doubtful-download"))}</div>
    }
    .into_any()
}
