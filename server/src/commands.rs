//! The commands besides `serve`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks to its terminal"
)]

use crate::{config::Config, hosting_commands, serve};
use backend::{
    Ctx, Failure, accounts, db, demo, doctor, jobs,
    letters::{self, BatchLine, LetterRefusal},
    residents,
};
use domain::{
    access::{Actor, Role},
    letters::template::Occasion,
    residents::{check::Rules, finding::Severity},
};
use std::{path::Path, process::ExitCode};

fn refused<R: std::fmt::Debug>(failure: Failure<R>) -> String {
    match failure {
        Failure::Refused(r) => format!("refused: {r:?}"),
        Failure::Denied => "there is no such thing".to_owned(),
        Failure::Busy => "the store is busy; try again".to_owned(),
        Failure::Broken(incident) => format!("something broke; see the log, incident {incident}"),
    }
}

/// Shows the configuration and whether the store can be opened.
pub async fn check(config: &Config) -> Result<(), String> {
    for (name, value) in config.shown() {
        println!("{name:16} {value}");
    }
    let languages = locales::added::add(&config.languages);
    for (code, known, missing) in &languages.languages {
        println!("language {code}: {known} sentences added, {missing} missing (they appear in German)");
    }
    for problem in &languages.problems {
        println!("{problem}");
    }
    if config.hosting == "many" && config.municipality.is_none() {
        let all = serve::open_hosting(config)
            .await?
            .list()
            .await
            .map_err(|e| e.to_string())?;
        println!(
            "The configuration is right; {} municipalities are registered.",
            all.len()
        );
        return Ok(());
    }
    let ctx = serve::open(config).await?;
    println!(
        "The configuration is right; the store ({}) can be opened.",
        ctx.db.kind()
    );
    Ok(())
}

/// Applies migrations.
pub async fn migrate(config: &Config, dry_run: bool) -> Result<(), String> {
    if config.hosting == "many" && config.municipality.is_none() {
        return hosting_commands::migrate_all(config, dry_run).await;
    }
    if dry_run {
        serve::expect_store(config)?;
        let ctx = serve::open(config).await?;
        let (applied, known) = db::applied_and_known(&ctx.db).await.map_err(|e| e.to_string())?;
        println!("{applied} of {known} migrations are applied.");
        return Ok(());
    }
    serve::open_migrated(config).await?;
    println!("The store has the schema of this version.");
    Ok(())
}

/// Judges what is stored.
pub async fn doctor(config: &Config, audit: bool) -> Result<(), String> {
    let healthy = if config.hosting == "many" && config.municipality.is_none() {
        examine_all(config, audit).await?
    } else {
        examine(&serve::open(config).await?, audit).await?
    };
    if healthy {
        Ok(())
    } else {
        Err("There is something to do.".to_owned())
    }
}

/// Each municipality of many; one that cannot be opened does not stop the others.
async fn examine_all(config: &Config, audit: bool) -> Result<bool, String> {
    let hosting = serve::open_hosting(config).await?;
    let mut healthy = true;
    for m in hosting.list().await.map_err(|e| e.to_string())? {
        println!("{} ({}, {}):", m.name, m.state, m.place);
        if ["moving", "restoring", "deleting"].iter().any(|what| m.is(what)) {
            println!("BAD {}", m.busy());
            healthy = false;
            continue;
        }
        let found = async {
            let ctx = hosting.ctx(&m).await.map_err(|e| e.to_string())?;
            let found = examine(&ctx, audit).await;
            ctx.db.close().await;
            found
        };
        match found.await {
            Ok(found) => healthy &= found,
            Err(error) => {
                println!("BAD {error}");
                healthy = false;
            }
        }
    }
    Ok(healthy)
}

async fn examine(ctx: &Ctx, audit: bool) -> Result<bool, String> {
    let mut healthy = true;
    let found = if audit {
        vec![doctor::audit(ctx).await.map_err(refused)?]
    } else {
        doctor::examine(ctx, true).await.map_err(refused)?
    };
    let english = locales::Lang::parse("en");
    for found in found {
        let values: Vec<(&str, &str)> = found.values.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let text = english.with(&found.sentence(), &values);
        println!("{} {text}", if found.healthy { "ok " } else { "BAD" });
        if let Some(remedy) = found.remedy() {
            println!("    remedy: {}", english.with(&remedy, &values));
            healthy = false;
        }
    }
    Ok(healthy)
}

/// Lets the place for files belong to nobody.
pub async fn release_files(config: &Config) -> Result<(), String> {
    let ctx = serve::open_outside(config).await?;
    backend::files::release(&ctx).await.map_err(|e| e.to_string())?;
    println!("The place for files belongs to nobody: the next store that uses it has it.");
    Ok(())
}

/// Signs everybody out.
pub async fn end_all_sessions(config: &Config) -> Result<(), String> {
    let ctx = serve::open_migrated(config).await?;
    let count = accounts::end_all_sessions(&ctx, Actor::System)
        .await
        .map_err(refused)?;
    println!("{count} sessions are ended: everybody signs in anew.");
    Ok(())
}

/// Brings files back into the store.
pub async fn take_files_in(config: &Config) -> Result<(), String> {
    let ctx = serve::open_migrated(config).await?;
    let count = backend::files::take_in(&ctx).await.map_err(|e| e.to_string())?;
    println!("{count} files are in the store again. Now take `files` out of the configuration.");
    Ok(())
}

/// Writes the tables with personal data anew.
pub async fn scrub(config: &Config) -> Result<(), String> {
    let ctx = serve::open_migrated(config).await?;
    backend::scrub::scrub(&ctx, Actor::System)
        .await
        .map_err(|e| e.to_string())?;
    println!(
        "Nothing of what was deleted is left between the rows. Backups and PostgreSQL's own log keep it until they end."
    );
    Ok(())
}

/// Creates an administrator.
pub async fn create_admin(config: &Config, email: &str, name: &str) -> Result<(), String> {
    let ctx = serve::open_migrated(config).await?;
    let password = demo::random_password();
    accounts::add_staff(&ctx, Actor::System, name, email, Role::Administrator, &password)
        .await
        .map_err(|f| match f {
            Failure::Refused(problems) => problems
                .0
                .iter()
                .map(|p| locales::Lang::parse("en").t(&p.code))
                .collect::<Vec<_>>()
                .join(" "),
            other => refused(other),
        })?;
    println!("Administrator {email} created. Password (shown once): {password}");
    Ok(())
}

/// Fills an empty store with the demo.
pub async fn demo(config: &Config) -> Result<(), String> {
    let ctx = serve::open_migrated(config).await?;
    match demo::fill(&ctx, &config.data).await.map_err(refused)? {
        None => println!("The store is not empty: nothing was changed."),
        Some(demo) => {
            println!("Demo municipality \"Lindenau\" with 500 invented residents.\n");
            println!(
                "Staff, sign in at {}{} (passwords are shown once):",
                ctx.base_url,
                domain::urls::SIGN_IN
            );
            for (email, role, password) in demo.staff {
                println!("  {:16} {email:34} {password}", role.key());
            }
            println!("\nLetters of the district Tettau: {}", demo.letters.display());
            println!("Register with one of them:      {}", demo.link);
            println!(
                "or type another user ID:        {}  at {}{}",
                demo.user_id,
                ctx.base_url,
                domain::urls::REGISTER
            );
        }
    }
    Ok(())
}

/// Makes a batch and writes its files. What an interrupted run left behind is finished instead of making more.
pub async fn make_letters(config: &Config, out: &Path, district: &str) -> Result<(), String> {
    let ctx = serve::open_migrated(config).await?;
    let batches = letters::batches(&ctx, Actor::System).await.map_err(refused)?;
    let batch = match batches.iter().find(|b| b.state == "making") {
        Some(unfinished) => {
            println!("Batch {} was interrupted and is finished now.", unfinished.number);
            letters::finish(&ctx, unfinished.id).await?;
            unfinished.id
        }
        None => {
            let selection = letters::Selection::Waiting {
                district: district.to_owned(),
            };
            let made = letters::create_batch(&ctx, Actor::System, &selection).await;
            let batch = made.map_err(|failure| match failure {
                Failure::Refused(refusal) => no_letters(&refusal, &batches),
                other => refused(other),
            })?;
            jobs::run_due(&ctx).await.map_err(|e| e.to_string())?;
            batch
        }
    };
    let line = letters::batch(&ctx, Actor::System, batch)
        .await
        .map_err(refused)?;
    if line.state != "ready" {
        return Err(format!(
            "the batch did not pass its check: {}",
            line.failure.unwrap_or(line.state)
        ));
    }
    let files = demo::save(&ctx, batch, out).await.map_err(refused)?;
    println!(
        "Batch {}: {} letters, {} bytes, SHA-256 {}",
        line.number,
        line.letters,
        line.bytes,
        line.sha256.unwrap_or_default()
    );
    println!(
        "{} holds codes: keep it safe, delete it after printing, and mark the batch as posted in the portal.",
        files
            .iter()
            .map(|f| f.display().to_string())
            .collect::<Vec<_>>()
            .join(", ")
    );
    Ok(())
}

fn no_letters(refusal: &LetterRefusal, batches: &[BatchLine]) -> String {
    let values = refusal.values();
    let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let mut text = locales::Lang::parse("en").with(refusal.key(), &values);
    let waiting = batches
        .iter()
        .find(|b| b.state == "ready" && b.downloaded_at.is_none());
    if let Some(batch) = waiting {
        // this command was interrupted, or somebody made it in the portal
        text += &format!(
            " Batch {} is ready, and nobody has taken its file: download it in the portal.",
            batch.number
        );
    }
    text
}

/// Writes a sample letter.
pub async fn sample_letter(
    config: &Config,
    out: &Path,
    occasion: Occasion,
    large: bool,
) -> Result<(), String> {
    let ctx = serve::open_migrated(config).await?;
    let pdf = letters::sample(&ctx, Actor::System, occasion, large)
        .await
        .map_err(|f| match f {
            Failure::Refused(r) => locales::Lang::parse("en").t(r.key()),
            other => refused(other),
        })?;
    std::fs::write(out, pdf).map_err(|e| format!("{}: {e}", out.display()))?;
    println!("{}", out.display());
    Ok(())
}

/// Makes open batches without a key anew.
pub async fn make_anew(config: &Config) -> Result<(), String> {
    let ctx = serve::open_migrated(config).await?;
    let count = letters::make_anew(&ctx).await.map_err(refused)?;
    println!("{count} batches are made anew.");
    Ok(())
}

/// Lists batches.
pub async fn list_batches(config: &Config) -> Result<(), String> {
    let ctx = serve::open_migrated(config).await?;
    for b in letters::batches(&ctx, Actor::System).await.map_err(refused)? {
        println!(
            "{:5} {:10} {:7} letters {:7} redeemed  {}",
            b.number,
            b.state,
            b.letters,
            b.redeemed,
            b.created_at.format("%Y-%m-%d")
        );
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))
}

/// Checks a list without storing anything.
pub fn check_list(file: &Path, json: bool, today: Option<chrono::NaiveDate>) -> ExitCode {
    let english = locales::Lang::parse("en");
    let now = backend::ctx::Clock::System.now();
    let rules = Rules {
        today: today.unwrap_or_else(|| domain::time::local(now).date()),
        minimum_age: 16,
        crowd: 20,
        plain_text: false,
    };
    let bytes = match read(file) {
        Ok(bytes) => bytes,
        Err(text) => {
            eprintln!("{text}");
            return ExitCode::FAILURE;
        }
    };
    let report = match residents::check_file(&bytes, rules, |_| {}) {
        Ok(done) => done,
        Err(refusal) => {
            eprintln!("{}", english.t(refusal.key()));
            return ExitCode::FAILURE;
        }
    };
    let header = &report.header;
    let missing = header.guess.missing();
    let findings: Vec<serde_json::Value> = report
        .findings
        .iter()
        .map(|f| {
            let column = f.column.map_or("*".to_owned(), |c| header.guess.place(c).and_then(|i| header.titles.get(i).cloned()).unwrap_or_else(|| c.key().to_owned()));
            let message = english.t(&format!("rule-{}", f.rule.key()));
            serde_json::json!({"row": f.row, "column": column, "severity": f.rule.severity().key(), "rule": f.rule.key(), "message": message})
        })
        .collect();
    let notes: Vec<String> = report
        .notes
        .iter()
        .map(|n| {
            let values: Vec<(&str, &str)> = n.values.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            english.with(&format!("note-{}", n.key), &values)
        })
        .collect();
    if json {
        println!(
            "{}",
            serde_json::json!({"rows": report.counts.rows, "findings": findings, "notes": notes})
        );
    } else {
        for column in &missing {
            println!(
                "missing column: {}",
                english.t(&format!("column-{}", column.key()))
            );
        }
        for f in &findings {
            println!(
                "row {:6}  {:8} {:24} {}",
                f["row"],
                f["severity"].as_str().unwrap_or(""),
                f["column"].as_str().unwrap_or(""),
                f["message"].as_str().unwrap_or("")
            );
        }
        for note in &notes {
            println!("list: {note}");
        }
        let counts = report.counts;
        println!(
            "{} rows: {} fine, {} to decide, {} blocked, {} repeated",
            counts.rows, counts.taken, counts.asked, counts.blocked, counts.dropped
        );
    }
    let blocked = report
        .findings
        .iter()
        .any(|f| f.rule.severity() == Severity::Block);
    if blocked || !missing.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Applies a list.
pub async fn import(config: &Config, file: &Path) -> Result<(), String> {
    let ctx = serve::open_migrated(config).await?;
    let name = file
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let english = locales::Lang::parse("en");
    let say = |f: Failure<residents::ListRefusal>| match f {
        Failure::Refused(r) => english.t(r.key()),
        other => refused(other),
    };
    // what an interrupted run left behind is finished first
    for list in residents::lists(&ctx, Actor::System).await.map_err(refused)? {
        if list.state == "applying" {
            residents::lists::apply_job(&ctx, list.id).await?;
        }
    }
    let id = residents::upload(&ctx, Actor::System, &name, read(file)?)
        .await
        .map_err(say)?;
    residents::lists::read_job(&ctx, id).await?;
    let draft = residents::preview(&ctx, Actor::System, id).await.map_err(say)?;
    if let Some(problem) = &draft.problem {
        return Err(english.t(problem));
    }
    let done = residents::lists::take_over(&ctx, Actor::System, id)
        .await
        .map_err(say)?;
    println!(
        "new {}, changed {}, unchanged {}, not taken {}, no letters any more {}",
        done.new, done.changed, done.unchanged, done.left_out, done.banned
    );
    Ok(())
}
