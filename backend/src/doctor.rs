//! Judges what is stored and names remedies: for the command line and for the page of the administrators.

use crate::{
    Ctx, Failure, audit as log, db,
    files::{self, FilesError},
    jobs, letters,
    root_key::RootKeyError,
};
use chrono::Duration;
use domain::access::{Actor, Permission};

/// One finding. Its sentences are in `locales/`: `doctor-<key>` says what was looked at and how it is,
/// `doctor-<key>-bad` what is wrong, `doctor-<key>-remedy` what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Nothing to do?
    pub healthy: bool,
    /// What was looked at.
    pub key: &'static str,
    /// Values of the sentences.
    pub values: Vec<(&'static str, String)>,
}

impl Diagnosis {
    fn new(
        key: &'static str,
        healthy: bool,
        values: &[(&'static str, &(dyn std::fmt::Display + Sync))],
    ) -> Self {
        let values = values.iter().map(|(name, value)| (*name, value.to_string()));
        Self {
            healthy,
            key,
            values: values.collect(),
        }
    }

    /// The key of the sentence that says how it is.
    pub fn sentence(&self) -> String {
        match self.healthy {
            true => format!("doctor-{}", self.key),
            false => format!("doctor-{}-bad", self.key),
        }
    }

    /// The key of the sentence that says what to do.
    pub fn remedy(&self) -> Option<String> {
        (!self.healthy).then(|| format!("doctor-{}-remedy", self.key))
    }
}

/// A backup should not be older.
const BACKUP_DAYS: i64 = 2;
/// Work that waits longer is not being done.
const WAITING_MINUTES: i64 = 30;

/// Looks at everything. `thorough`: reads each file outside the store, and does not only look whether it is there.
pub async fn examine(ctx: &Ctx, thorough: bool) -> Result<Vec<Diagnosis>, Failure> {
    let (applied, known) = db::applied_and_known(&ctx.db).await?;
    let mut all = vec![Diagnosis::new(
        "schema",
        applied == known,
        &[
            ("applied", &applied),
            ("known", &known),
            ("store", &ctx.db.kind()),
        ],
    )];
    if applied < known {
        // the tables that the other questions ask may be missing
        return Ok(all);
    }
    let fits = match crate::municipality::master_key_fits(ctx).await {
        Ok(fits) => fits,
        Err(RootKeyError::Store(error)) => return Err(error.into()),
        // a restore was interrupted
        Err(_) => false,
    };
    all.push(Diagnosis::new("key", fits, &[]));
    all.push(audit(ctx).await?);
    let now = ctx.clock.now();
    let parked = jobs::parked(ctx).await?;
    all.push(Diagnosis::new("jobs", parked == 0, &[("count", &parked)]));
    let late = jobs::late(ctx, now - Duration::minutes(WAITING_MINUTES)).await?;
    all.push(Diagnosis::new(
        "late",
        late == 0,
        &[("count", &late), ("minutes", &WAITING_MINUTES)],
    ));
    let administrator = crate::accounts::has_administrator(ctx).await?;
    all.push(Diagnosis::new("administrator", administrator, &[]));
    let keyless = letters::without_key(ctx).await?;
    all.push(Diagnosis::new("batches", keyless == 0, &[("count", &keyless)]));
    all.push(files(ctx, thorough).await?);
    if let Some(scanner) = &ctx.scanner {
        all.push(Diagnosis::new("scanner", scanner.answers().await, &[]));
    }
    let backup = log::last(ctx, "backup.make").await?;
    let age = backup.map(|at| (now - at).num_days());
    let day = backup
        .map(|at| domain::time::local(at).date().to_string())
        .unwrap_or_default();
    let recent = age.is_some_and(|days| days <= BACKUP_DAYS);
    let key = if backup.is_some() { "backup" } else { "no-backup" };
    all.push(Diagnosis::new(
        key,
        recent,
        &[("day", &day), ("days", &BACKUP_DAYS)],
    ));
    Ok(all)
}

/// [`examine`] for the page of the administrators.
pub async fn status(ctx: &Ctx, actor: Actor) -> Result<Vec<Diagnosis>, Failure> {
    if !actor.may(Permission::ChangeSettings) {
        return Err(Failure::Denied);
    }
    examine(ctx, false).await
}

async fn files(ctx: &Ctx, thorough: bool) -> Result<Diagnosis, Failure> {
    let found = match files::judge(ctx, thorough).await {
        Ok(found) => found,
        Err(FilesError::Store(error)) => return Err(error.into()),
        Err(error) => return Ok(Diagnosis::new("files-place", false, &[("error", &error)])),
    };
    if found.no_place {
        return Ok(Diagnosis::new(
            "files-no-place",
            false,
            &[("count", &found.known)],
        ));
    }
    Ok(Diagnosis::new(
        "files",
        found.missing + found.damaged + found.extra == 0,
        &[
            ("count", &found.known),
            ("missing", &found.missing),
            ("damaged", &found.damaged),
            ("extra", &found.extra),
        ],
    ))
}

/// Walks the audit log.
pub async fn audit(ctx: &Ctx) -> Result<Diagnosis, Failure> {
    Ok(match log::verify(ctx).await? {
        Ok(count) => Diagnosis::new("audit", true, &[("count", &count)]),
        Err(at) => Diagnosis::new("audit", false, &[("count", &at)]),
    })
}
