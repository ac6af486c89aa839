//! What the script of blind ballots asks: keys, a signature, and to take the ballot with its answers. JSON.

use crate::portal::{Answer, Fault, Outcome, Rq, refused};
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use backend::{
    Failure,
    surveys::{self, VoteRefusal},
};
use domain::problem::Problem;
use locales::Lang;
use serde_json::json;

/// `/umfragen/{id}/schluessel.json`: the keys of all groups, for everybody, so that nobody can have one of their own.
pub async fn keys(rq: Rq) -> Outcome {
    let keys = surveys::ballot_keys(&rq.ctx, rq.id()?)
        .await
        .map_err(Fault::not_found)?;
    Ok(Answer::Raw(Json(json!({ "keys": keys })).into_response()))
}

/// `/umfragen/{id}/stimmzettel`: signs a blinded number for whoever is signed in.
pub async fn ask(rq: Rq) -> Outcome {
    let who = rq.resident()?;
    let form = rq.typed();
    let stratum = form.get("gruppe").parse().unwrap_or(-1);
    let asked = surveys::ask_ballot(&rq.ctx, who, rq.id()?, stratum, form.get("verdeckt")).await;
    Ok(Answer::Raw(answer(
        rq.lang,
        asked.map(|signature| json!({ "signatur": signature })),
    )?))
}

/// `/umfragen/{id}/urne`: takes a ballot with its answers. Whoever may be signed in here is not looked at.
pub async fn cast(rq: Rq) -> Outcome {
    let form = rq.typed();
    let stratum = form.get("gruppe").parse().unwrap_or(-1);
    let cast = surveys::cast(&rq.ctx, rq.id()?, stratum, form.get("stimmzettel"), |name| {
        form.all(name)
    })
    .await;
    // no cookie comes with it: the page says which language it speaks
    let lang = Lang::parse(form.get("sprache"));
    Ok(Answer::Raw(answer(lang, cast.map(|()| json!({ "da": true })))?))
}

fn answer(lang: Lang, result: Result<serde_json::Value, Failure<VoteRefusal>>) -> Result<Response, Fault> {
    Ok(match refused(result)? {
        Ok(value) => Json(value).into_response(),
        Err(refusal) => {
            let text = |p: &Problem| {
                let args: Vec<(&str, &str)> = p.args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
                lang.with(&p.code, &args)
            };
            let problems: Vec<_> = match &refusal {
                VoteRefusal::Problems(all) => all
                    .0
                    .iter()
                    .map(|p| json!({ "feld": p.field, "text": text(p) }))
                    .collect(),
                other => vec![json!({ "feld": "", "text": lang.t(other.key()) })],
            };
            let over = matches!(
                refusal,
                VoteRefusal::Used | VoteRefusal::Forged | VoteRefusal::NotOpen
            );
            let body = Json(json!({ "probleme": problems, "vorbei": over }));
            (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
        }
    })
}
