//! Backups and restoring.
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
    Ctx,
    backup::{self, All, BackupError, Made, Restored},
    depot::Depot,
};
use std::time::Instant;

/// The backup's place, with a part for each municipality of many.
fn whole_depot(config: &Config, place: Option<&str>) -> Result<Depot, String> {
    let place = place.unwrap_or(&config.backup);
    if place.is_empty() {
        return Err(
            "say where: --at folder:PATH or --at s3://BUCKET/PREFIX, or set `backup` (STADTBRIEF_BACKUP)"
                .to_owned(),
        );
    }
    if config::are_nested(place, &config.files) {
        return Err(
            "the backup's place and `files` lie within each other: give each a place of its own".to_owned(),
        );
    }
    Depot::open(place, &config.s3).map_err(|e| e.to_string())
}

/// The place of what the command is about: of many municipalities, each has a part of its own.
fn depot(config: &Config, place: Option<&str>) -> Result<Depot, String> {
    let depot = whole_depot(config, place)?;
    Ok(match &config.municipality {
        Some(name) if config.hosting == "many" => depot.within("municipalities").within(name),
        _ => depot,
    })
}

/// What cannot be said of all municipalities at once.
const ONE_ONLY: &str = "--check is for one municipality: add --municipality NAME";

fn is_all(config: &Config) -> bool {
    config.hosting == "many" && config.municipality.is_none()
}

fn told(made: &Made) -> String {
    let mut text = format!(
        "{}: {} rows, {} pieces new ({} bytes), {} unchanged",
        made.name, made.rows, made.new, made.bytes, made.known
    );
    if made.files > 0 {
        text += &format!(", {} files outside the store", made.files - made.missing);
    }
    if made.first {
        text += "; the first one here (if there should be others: is the folder mounted?)";
    }
    if made.missing > 0 {
        text += &format!(
            "; {} MORE FILES ARE MISSING OR DAMAGED in their place and not in the backup: see `stadtbrief doctor`",
            made.missing
        );
    }
    text
}

/// Makes a backup, and deletes old ones if `keep` says so.
pub async fn make(config: &Config, place: Option<&str>, keep: Option<usize>) -> Result<(), String> {
    let depot = depot(config, place)?;
    if is_all(config) {
        let hosting = serve::open_hosting(config).await?;
        let mut failed = 0;
        for one in backup::make_all(&hosting, &depot)
            .await
            .map_err(|e| e.to_string())?
        {
            match one.result {
                Ok(made) => println!("{:24} {}", one.name, told(&made)),
                Err(error) => {
                    failed += 1;
                    eprintln!("{:24} FAILED: {error}", one.name);
                }
            }
        }
        if failed > 0 {
            // nothing old is deleted while something new is missing
            return Err(format!("{failed} municipalities have no new backup."));
        }
        if let Some(keep) = keep {
            let pruned = backup::prune_all(&hosting, &depot, keep)
                .await
                .map_err(|e| e.to_string())?;
            println!("{} old backups and pieces deleted.", pruned.gone);
            for name in pruned.at_work {
                println!("{name:24} {}", BackupError::AtWork);
            }
        }
        return Ok(());
    }
    let ctx = serve::open_migrated(config).await?;
    let made = backup::make(&ctx, &depot).await.map_err(|e| e.to_string())?;
    println!("Backup {}", told(&made));
    println!("It opens with the master key only: keep that key elsewhere.");
    if let Some(keep) = keep {
        match backup::prune(&ctx, &depot, keep).await {
            Ok((backups, pieces)) => println!("{backups} old backups and {pieces} pieces deleted."),
            // the new backup is there: nothing that somebody must look at
            Err(busy @ BackupError::AtWork) => println!("{busy}"),
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(())
}

/// Lists backups; with `check`, reads every piece of the newest or of the named one.
pub async fn list(
    config: &Config,
    place: Option<&str>,
    check: bool,
    name: Option<&str>,
) -> Result<(), String> {
    let depot = depot(config, place)?;
    if is_all(config) {
        if check || name.is_some() {
            return Err(ONE_ONLY.to_owned());
        }
        let registers = backup::list_all(&depot).await.map_err(|e| e.to_string())?;
        let parts = backup::parts(&depot).await.map_err(|e| e.to_string())?;
        for name in registers {
            println!("{name}");
        }
        for (municipality, newest) in parts {
            println!("{municipality:24} {}", newest.as_deref().unwrap_or("no backup"));
        }
        return Ok(());
    }
    for name in backup::list(&depot).await.map_err(|e| e.to_string())? {
        println!("{name}");
    }
    if check {
        let ctx = opened_for(config, &depot, name).await?;
        let (name, rows) = backup::check(&ctx, &depot, name)
            .await
            .map_err(|e| e.to_string())?;
        println!("{name} is whole: {rows} rows.");
    }
    Ok(())
}

/// The store, with the key that opens the backup: the store itself may be lost.
async fn opened_for(config: &Config, depot: &Depot, name: Option<&str>) -> Result<Ctx, String> {
    let ctx = serve::open_outside(config).await?;
    if config.hosting == "many" {
        return Ok(ctx);
    }
    let master = backup::key_for(depot, name, &ctx.master)
        .await
        .map_err(|e| e.to_string())?;
    Ok(Ctx { master, ..ctx })
}

fn say(restored: &Restored, start: Instant) {
    println!(
        "Restored {} of {}: {} rows, each compared, in {} s.",
        restored.name,
        restored.at.format("%Y-%m-%d %H:%M UTC"),
        restored.rows,
        start.elapsed().as_secs()
    );
    if restored.files > 0 {
        println!("{} files outside the store, each compared.", restored.files);
    }
    if restored.missing > 0 {
        println!(
            "{} files were missing or damaged already when the backup was made.",
            restored.missing
        );
    }
    if restored.lost > 0 {
        println!(
            "{} files are missing or damaged in the backup: `stadtbrief doctor` counts them.",
            restored.lost
        );
    }
    if restored.batches > 0 {
        println!(
            "{} batches were open then: their letters are void, and new ones are made for the same people. Destroy what was printed of the former ones.",
            restored.batches
        );
    }
}

/// Restores into the empty store of the configuration. With `trial`: into a file that is deleted afterwards.
pub async fn restore(
    config: &Config,
    place: Option<&str>,
    name: Option<&str>,
    trial: bool,
) -> Result<(), String> {
    let start = Instant::now();
    let file = config.data.join("rehearsal.db");
    if is_all(config) {
        let hosting = serve::open_hosting(config).await?;
        let depot = depot(config, place)?;
        let done = match trial {
            true => backup::rehearse_all(&hosting, &depot, name, &file).await,
            false => backup::restore_all(&hosting, &depot, name).await,
        };
        restored_all(done.map_err(|e| e.to_string())?, start)?;
    } else if trial {
        let ctx = serve::open_outside(config).await?;
        let depot = depot(config, place)?;
        let key_file = ctx.master.clone();
        let on = |db| Ok(Ctx { db, ..ctx.clone() });
        let restored = backup::rehearse(&file, on, async |trial| match config.hosting.as_str() {
            "many" => backup::restore(&trial, &depot, name).await,
            _ => backup::restore_with(&trial, &depot, name, &key_file).await,
        });
        say(&restored.await.map_err(|e| e.to_string())?, start);
    } else if let (Some(municipality), "many") = (&config.municipality, config.hosting.as_str()) {
        let hosting = serve::open_hosting(config).await?;
        match backup::restore_one(&hosting, &whole_depot(config, place)?, municipality, name).await {
            Ok(restored) => say(&restored, start),
            Err(whole @ BackupError::Whole) => println!("{municipality}: {whole}."),
            Err(error) => return Err(error.to_string()),
        }
    } else {
        let ctx = serve::open_outside(config).await?;
        let depot = depot(config, place)?;
        let restored = backup::restore_with(&ctx, &depot, name, &ctx.master).await;
        say(&restored.map_err(|e| e.to_string())?, start);
    }
    if trial {
        println!("This was a rehearsal: the portal's own store is as it was.");
    }
    Ok(())
}

fn restored_all(all: Vec<All<Restored>>, start: Instant) -> Result<(), String> {
    let mut failed = 0;
    for one in all {
        match one.result {
            Ok(restored) => {
                print!("{:24} ", one.name);
                say(&restored, start);
            }
            Err(whole @ BackupError::Whole) => println!("{:24} {whole}.", one.name),
            Err(error) => {
                failed += 1;
                eprintln!("{:24} FAILED: {error}", one.name);
            }
        }
    }
    match failed {
        0 => Ok(()),
        count => Err(format!(
            "{count} municipalities are not restored. Mend the cause and repeat the command: it goes on with them."
        )),
    }
}
