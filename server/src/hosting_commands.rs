//! Commands about many municipalities, and about moving a store.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks to its terminal"
)]

use crate::{
    config::{self, Config},
    serve,
};
use backend::{
    db::{self, Db},
    hosting::{Place, copy_store},
};
use clap::Subcommand;

/// What can be done with municipalities.
#[derive(Subcommand)]
pub enum MunicipalityCommand {
    /// Register a municipality and make its store.
    Create {
        /// Short name: small letters, digits and `-`; a part of file and schema names.
        name: String,
        /// Address of its portal, such as https://portal.lindenau.example.
        #[arg(long)]
        url: String,
        /// `file` (SQLite, one machine) or `schema` (PostgreSQL, any number of machines). Without it: a schema where
        /// there is PostgreSQL.
        #[arg(long)]
        store: Option<String>,
        /// Sender of its mails; without it `portal@` and the host.
        #[arg(long)]
        mail_from: Option<String>,
    },
    /// List the municipalities.
    List,
    /// Take a portal out of service; nothing is deleted.
    Suspend {
        /// Short name.
        name: String,
    },
    /// Put a suspended portal back into service.
    Resume {
        /// Short name.
        name: String,
    },
    /// Delete a municipality with its residents, accounts, letters, files and key. It cannot be undone.
    Delete {
        /// Short name.
        name: String,
        /// The short name once more, as a check.
        #[arg(long)]
        confirm: String,
    },
    /// Move a municipality to the other kind of store; every row is compared.
    Move {
        /// Short name.
        name: String,
        /// `file` or `schema`.
        #[arg(long)]
        to: String,
    },
}

fn place(text: &str) -> Result<Place, String> {
    Place::parse(text).ok_or_else(|| format!("`{text}` is neither `file` nor `schema`"))
}

/// Does it.
pub async fn municipality(config: &Config, command: MunicipalityCommand) -> Result<(), String> {
    let hosting = match command {
        MunicipalityCommand::List => serve::look_at_hosting(config).await?,
        _ => serve::open_hosting(config).await?,
    };
    let told = |e: backend::hosting::HostingError| e.to_string();
    match command {
        MunicipalityCommand::Create {
            name,
            url,
            store,
            mail_from,
        } => {
            let kind = match store {
                Some(text) => place(&text)?,
                None if config.schemas.is_some() || config.database.starts_with("postgres") => Place::Schema,
                None => Place::File,
            };
            let url = url.trim_end_matches('/');
            let m = hosting
                .create(&name, url, kind, mail_from.as_deref())
                .await
                .map_err(told)?;
            println!("{} is registered: {} ({}).", m.name, m.base_url, m.place);
            println!(
                "Next: stadtbrief --municipality {} admin create --email ADDRESS",
                m.name
            );
        }
        MunicipalityCommand::List => {
            for m in hosting.list().await.map_err(told)? {
                println!(
                    "{:24} {:10} {:7} {}  since {}",
                    m.name,
                    m.state,
                    m.place,
                    m.base_url,
                    m.created_at.format("%Y-%m-%d")
                );
            }
        }
        MunicipalityCommand::Suspend { name } => {
            hosting.set_suspended(&name, true).await.map_err(told)?;
            println!("{name} is out of service.");
        }
        MunicipalityCommand::Resume { name } => {
            hosting.set_suspended(&name, false).await.map_err(told)?;
            let m = hosting.named(&name).await.map_err(told)?;
            println!(
                "{name} is {}.",
                if m.is_active() {
                    "in service"
                } else {
                    "out of service, as before its move: resume it once more"
                }
            );
        }
        MunicipalityCommand::Delete { name, confirm } => {
            if name != confirm {
                return Err("--confirm must be the same name: nothing was deleted".to_owned());
            }
            hosting.delete(&name).await.map_err(told)?;
            println!("{name} is deleted. Backups keep it until they end.");
        }
        MunicipalityCommand::Move { name, to } => {
            let moved = hosting
                .move_to(&name, place(&to)?)
                .await
                .map_err(|e| e.to_string())?;
            println!(
                "{name} has moved: {} rows of {} tables, each compared.",
                moved.rows, moved.tables
            );
        }
    }
    Ok(())
}

/// Copies the store of the only municipality into an empty one, compares every row, and says what to change.
pub async fn copy(config: &Config, to: &str) -> Result<(), String> {
    if !db::is_encrypted(to) {
        return Err(config::UNENCRYPTED.replace("{}", "--to"));
    }
    let ctx = serve::open_migrated(config).await?;
    let target = Db::open(to)
        .await
        .map_err(|e| format!("the new store cannot be opened: {e}"))?;
    let moved = copy_store(&ctx.db, &target).await.map_err(|e| e.to_string())?;
    println!(
        "{} rows of {} tables copied, each compared.",
        moved.rows, moved.tables
    );
    println!(
        "Now set `database` (STADTBRIEF_DATABASE) to the new store, start the server, and delete the old store when all is well."
    );
    Ok(())
}

/// Applies migrations to all municipalities, one after the other; what fails does not stop the others. Begun again, it
/// goes on where it stopped: a store that is up to date costs one question.
pub async fn migrate_all(config: &Config, dry_run: bool) -> Result<(), String> {
    let hosting = match dry_run {
        true => serve::look_at_hosting(config).await?,
        false => serve::open_hosting(config).await?,
    };
    let all = hosting.list().await.map_err(|e| e.to_string())?;
    let (mut done, mut current, mut failed) = (0, 0, 0);
    for m in &all {
        if ["deleting", "moving", "restoring"].iter().any(|what| m.is(what)) {
            println!("{:24} left alone: it is {}", m.name, m.state);
            continue;
        }
        let result = async {
            let ctx = hosting.ctx(m).await.map_err(|e| e.to_string())?;
            let (applied, known) = db::applied_and_known(&ctx.db).await.map_err(|e| e.to_string())?;
            if applied >= known {
                ctx.db.close().await;
                return Ok(false);
            }
            if dry_run {
                println!("{:24} {} of {known} applied", m.name, applied);
            } else {
                db::migrate(&ctx.db).await.map_err(|e| e.to_string())?;
            }
            ctx.db.close().await;
            Ok::<bool, String>(true)
        };
        match result.await {
            Ok(true) => done += 1,
            Ok(false) => current += 1,
            Err(error) => {
                failed += 1;
                eprintln!("{:24} FAILED: {error}", m.name);
            }
        }
    }
    let what = if dry_run { "to migrate" } else { "migrated" };
    println!(
        "{done} {what}, {current} up to date, {failed} failed, of {}.",
        all.len()
    );
    if failed > 0 {
        return Err("Mend what failed and run the command again: it goes on where it stopped.".to_owned());
    }
    Ok(())
}
