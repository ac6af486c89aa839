//! What islands of this feature ask the server.

use leptos::{prelude::*, server};
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
