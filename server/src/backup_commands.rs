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
    backup::{self, Made, Restored},
    db::Db,
    depot::Depot,
};
use std::time::Instant;

fn depot(config: &Config, place: Option<&str>) -> Result<Depot, String> {
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
    let depot = Depot::open(place, &config.s3).map_err(|e| e.to_string())?;
    // each municipality of many has a part of its own
    Ok(match &config.municipality {
        Some(name) if config.hosting == "many" => depot.within("municipalities").within(name),
        _ => depot,
    })
}

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
        if keep.is_some() {
            println!("--keep is for one municipality: nothing was deleted.");
        }
        return match failed {
            0 => Ok(()),
            count => Err(format!("{count} municipalities have no new backup.")),
        };
    }
    let ctx = serve::open_migrated(config).await?;
    let made = backup::make(&ctx, &depot).await.map_err(|e| e.to_string())?;
    println!("Backup {}", told(&made));
    println!("It opens with the master key only: keep that key elsewhere.");
    if let Some(keep) = keep {
        let (backups, pieces) = backup::prune(&ctx, &depot, keep)
            .await
            .map_err(|e| e.to_string())?;
        println!("{backups} old backups and {pieces} pieces deleted.");
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

/// Restores into the empty store of the configuration. With `rehearse`: into a file that is deleted afterwards.
pub async fn restore(
    config: &Config,
    place: Option<&str>,
    name: Option<&str>,
    rehearse: bool,
) -> Result<(), String> {
    let start = Instant::now();
    let depot = depot(config, place)?;
    if is_all(config) {
        let hosting = serve::open_hosting(config).await?;
        let mut failed = 0;
        for one in backup::restore_all(&hosting, &depot)
            .await
            .map_err(|e| e.to_string())?
        {
            match one.result {
                Ok(restored) => {
                    print!("{:24} ", one.name);
                    say(&restored, start);
                }
                Err(error) => {
                    failed += 1;
                    eprintln!("{:24} FAILED: {error}", one.name);
                }
            }
        }
        return match failed {
            0 => Ok(()),
            count => Err(format!("{count} municipalities are not restored.")),
        };
    }
    let ctx = serve::open_outside(config).await?;
    let key_file = ctx.master.clone();
    let restored_into = async |ctx: &Ctx| match config.hosting.as_str() {
        "many" => backup::restore(ctx, &depot, name).await,
        _ => backup::restore_with(ctx, &depot, name, &key_file).await,
    };
    if !rehearse {
        let restored = restored_into(&ctx).await.map_err(|e| e.to_string())?;
        say(&restored, start);
        return Ok(());
    }
    let file = config.data.join("rehearsal.db");
    let remove = || {
        for end in ["", "-wal", "-shm", "-journal"] {
            let _ = std::fs::remove_file(format!("{}{end}", file.display()));
        }
    };
    remove();
    let db = Db::open(&format!("sqlite:{}", file.display()))
        .await
        .map_err(|e| format!("the rehearsal's store cannot be opened: {e}"))?;
    // the place for files stays as it is, too: the rehearsal puts them into its own store
    let files = None;
    let trial = Ctx { db, files, ..ctx };
    let restored = restored_into(&trial).await;
    trial.db.close().await;
    remove();
    say(&restored.map_err(|e| e.to_string())?, start);
    println!("This was a rehearsal: the portal's own store is as it was.");
    Ok(())
}
