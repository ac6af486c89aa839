//! What islands of this feature ask the server.

use leptos::{prelude::*, server, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

/// How far a batch is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HowFar {
    /// State key.
    pub state: String,
    /// Letters made and checked.
    pub done: i64,
    /// Letters in all.
    pub letters: i64,
}

/// How far a batch is; only for staff who may see letters.
#[server(prefix = "/api", endpoint = "batch-progress")]
pub async fn batch_progress(id: String) -> Result<HowFar, ServerFnError> {
    let rq = crate::server::rq()?;
    let denied = || ServerFnError::new("denied");
    let actor = rq
        .staff(domain::access::Permission::SeeLetters)
        .map_err(|_| denied())?;
    let id = uuid::Uuid::parse_str(&id).map_err(|_| denied())?;
    let line = backend::letters::batch(&rq.ctx, actor, id)
        .await
        .map_err(|_| denied())?;
    Ok(HowFar {
        state: line.state,
        done: line.done,
        letters: line.letters,
    })
}

/// A preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Drawn {
    /// The pictures, as HTML that the server made.
    Sides(String),
    /// Why there are none.
    Not(String),
}

/// What a template that is being typed would look like; only for staff who set up letters.
#[server(prefix = "/api", endpoint = "template-preview", input = Json, output = Json)]
pub async fn template_preview(fields: Vec<(String, String)>) -> Result<Drawn, ServerFnError> {
    use domain::letters::template::Occasion;
    let rq = crate::server::rq()?;
    let fields = crate::portal::Fields(fields);
    let occasion = Occasion::parse(fields.get("anlass")).unwrap_or_default();
    let made = super::templates::pictures(&rq, occasion, &fields)
        .await
        .map_err(|_| ServerFnError::new("denied"))?;
    Ok(match made {
        Ok(sides) => Drawn::Sides(super::live_preview::html(&sides)),
        Err(why) => Drawn::Not(why),
    })
}

/// What became of a letter that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotedLine {
    /// The printed number as it was understood; empty if nothing was noted.
    pub number: String,
    /// In words.
    pub text: String,
    /// `success`, `warning` or `danger`.
    pub kind: String,
}

/// Notes a letter that came back; only for staff who make letters.
#[server(prefix = "/api", endpoint = "letter-return", input = Json, output = Json)]
pub async fn letter_return(number: String, reason: String) -> Result<NotedLine, ServerFnError> {
    let rq = crate::server::rq()?;
    super::returns::note(&rq, &number, &reason)
        .await
        .map_err(|_| ServerFnError::new("denied"))
}
