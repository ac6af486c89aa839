//! Judges what is stored and names remedies.

use crate::{Ctx, Failure, audit as log, db, jobs};

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Nothing to do?
    pub healthy: bool,
    /// What was looked at, and how it is.
    pub text: String,
    /// What to do.
    pub remedy: Option<String>,
}

fn judged(healthy: bool, text: String, remedy: &str) -> Diagnosis {
    Diagnosis {
        healthy,
        text,
        remedy: (!healthy).then(|| remedy.to_owned()),
    }
}

/// Looks at schema, audit chain and jobs.
pub async fn examine(ctx: &Ctx) -> Result<Vec<Diagnosis>, Failure> {
    let (applied, known) = db::applied_and_known(&ctx.db).await?;
    let mut all = vec![judged(
        applied == known,
        format!(
            "schema: {applied} of {known} migrations applied ({})",
            ctx.db.kind()
        ),
        "run `stadtbrief migrate`; if more are applied than known, a newer version has used this store: install that version",
    )];
    let fits = crate::municipality::master_key_fits(ctx).await?;
    all.push(judged(
        fits,
        format!(
            "master key: {}",
            if fits {
                "belongs to this store"
            } else {
                "does not belong to this store"
            }
        ),
        "put the key file back that this store was made with; without it no letter can be redeemed",
    ));
    all.push(audit(ctx).await?);
    let parked = jobs::parked(ctx).await?;
    all.push(judged(
        parked == 0,
        format!("jobs: {parked} given up"),
        "look at the log for `job failed`; most often the mail server refuses mails",
    ));
    let administrator = crate::accounts::has_administrator(ctx).await?;
    all.push(judged(
        administrator,
        format!(
            "administrator: {}",
            if administrator { "there is one" } else { "nobody" }
        ),
        "run `stadtbrief admin create --email ADDRESS --name NAME`",
    ));
    Ok(all)
}

/// Walks the audit log.
pub async fn audit(ctx: &Ctx) -> Result<Diagnosis, Failure> {
    Ok(match log::verify(ctx).await? {
        Ok(count) => judged(true, format!("audit log: {count} events, chain whole"), ""),
        Err(at) => judged(
            false,
            format!("audit log: the chain breaks at event {at}"),
            "somebody changed the log or the store is damaged: keep the store as it is, restore a backup beside it, tell the data-protection officer",
        ),
    })
}
