//! Changing the key file while servers run.
#![expect(clippy::print_stdout, reason = "a command line talks to its terminal")]

use crate::{config::Config, serve};
use backend::{keys::Key, root_key};
use clap::Subcommand;
use std::path::{Path, PathBuf};

/// What can be done with key files.
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Show which key files may open the store, by their fingerprints.
    List,
    /// Make a second key file that may open the store, too.
    Add {
        /// Where the new key file goes; one that is there already is used.
        #[arg(long)]
        file: PathBuf,
    },
    /// Let only the key file of the configuration open the store from now on.
    Retire,
}

/// Does it: for the store of a municipality, or for the register of many.
pub async fn key(config: &Config, command: KeyCommand) -> Result<(), String> {
    if config.hosting == "many" && config.municipality.is_some() {
        return Err("the keys of municipalities stand in the register: leave --municipality out".to_owned());
    }
    match command {
        KeyCommand::List => list(config).await,
        KeyCommand::Add { file } => add(config, &file).await,
        KeyCommand::Retire => retire(config).await,
    }
}

async fn list(config: &Config) -> Result<(), String> {
    let mine = root_key::fingerprint(&serve::master_key(config)?);
    let all = if config.hosting == "many" {
        let hosting = serve::open_hosting(config).await?;
        hosting.key_files().await.map_err(|e| e.to_string())?
    } else {
        let ctx = serve::open_migrated(config).await?;
        root_key::list(&ctx.db).await.map_err(|e| e.to_string())?
    };
    for wrap in all {
        let note = if wrap.id == mine {
            "  this configuration"
        } else {
            ""
        };
        println!("{}  since {}{note}", wrap.id, wrap.made_at.format("%Y-%m-%d"));
    }
    Ok(())
}

async fn add(config: &Config, file: &Path) -> Result<(), String> {
    if file == config.master_key_file {
        return Err("this is the key file that is in use: name another one".to_owned());
    }
    let new = Key::load_or_create(file).map_err(|e| format!("{}: {e}", file.display()))?;
    if root_key::fingerprint(&new) == root_key::fingerprint(&serve::master_key(config)?) {
        return Err(
            "this is a copy of the key file that is in use: name a file that does not exist".to_owned(),
        );
    }
    if config.hosting == "many" {
        let hosting = serve::open_hosting(config).await?;
        hosting.add_key_file(&new).await.map_err(|e| e.to_string())?;
    } else {
        let ctx = serve::open_migrated(config).await?;
        root_key::add(&ctx, &new).await.map_err(|e| e.to_string())?;
    }
    println!(
        "The key file {} ({}) opens the store, too.\n\
         Next: give it to every server (`master_key_file`) and restart them one after the other; make a backup;\n\
         then run `stadtbrief key retire` with the new file, and destroy the old one.",
        file.display(),
        root_key::fingerprint(&new)
    );
    Ok(())
}

async fn retire(config: &Config) -> Result<(), String> {
    let count = if config.hosting == "many" {
        let hosting = serve::open_hosting(config).await?;
        hosting
            .retire_other_key_files()
            .await
            .map_err(|e| e.to_string())?
    } else {
        let ctx = serve::open_migrated(config).await?;
        root_key::retire_others(&ctx, &serve::master_key(config)?)
            .await
            .map_err(|e| e.to_string())?
    };
    println!(
        "{count} other key files open the store no longer. Make a backup now (older ones are opened with {} from then on), and destroy the old files.",
        config.master_key_file.display()
    );
    Ok(())
}
