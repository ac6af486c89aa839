//! `stadtbrief`: the one deployable.
#![expect(clippy::print_stderr, reason = "a command line talks to its terminal")]

use clap::{Parser, Subcommand};
use domain::letters::template::Occasion;
use server::{
    assets, backup_commands, commands,
    config::Config,
    hosting_commands::{self, MunicipalityCommand},
    key_commands::{self, KeyCommand},
    log, outside, serve,
};
use std::{path::PathBuf, process::ExitCode};

/// Stadtbrief: a citizen portal in which a letter from the town hall makes an account trustworthy.
#[derive(Parser)]
#[command(
    version,
    after_help = "Configuration: a TOML file (--config or STADTBRIEF_CONFIG) and environment variables STADTBRIEF_…; \
`stadtbrief check` shows what is set and explains every wrong value. Exit codes: 0 done, 1 refused or unhealthy, 2 wrong call or configuration."
)]
struct Cli {
    /// Configuration file (TOML).
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// The municipality that a command is about, where one server hosts many.
    #[arg(long, global = true)]
    municipality: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the portal (applies migrations first).
    Serve,
    /// Apply migrations and end. Where one server hosts many municipalities and none is named: to all of them.
    Migrate {
        /// Only say what is to do (many municipalities).
        #[arg(long)]
        dry_run: bool,
    },
    /// Municipalities, where one server hosts many (`hosting = "many"`).
    Municipality {
        #[command(subcommand)]
        command: MunicipalityCommand,
    },
    /// Copy the store into an empty one of either kind (`sqlite:PATH` or `postgres://…`) and compare every row. Stop the
    /// server first.
    Copy {
        /// The new store.
        #[arg(long)]
        to: String,
    },
    /// Judge the configuration: show what is set, explain every wrong value.
    Check,
    /// Judge everything that is stored, and name remedies.
    Doctor {
        /// Only walk the audit log and say whether its chain is whole.
        #[arg(long)]
        audit: bool,
    },
    /// Write the tables with personal data anew, so that nothing deleted is left between the rows (PostgreSQL; the
    /// server does so by itself at night). Tables are locked for some seconds.
    Scrub,
    /// Make a backup while the server runs: encrypted, and only what is new since the last one is written. Many
    /// municipalities: all of them, with the register.
    Backup {
        /// `folder:PATH` or `s3://BUCKET/PREFIX`; without it what `backup` is set to.
        #[arg(long)]
        at: Option<String>,
        /// Keep so many backups and delete the older ones.
        #[arg(long)]
        keep: Option<usize>,
    },
    /// List the backups.
    Backups {
        /// Where they are.
        #[arg(long)]
        at: Option<String>,
        /// Read every piece of the newest one, or of `--name`.
        #[arg(long)]
        check: bool,
        /// Which one.
        #[arg(long)]
        name: Option<String>,
    },
    /// Restore a backup into an empty store and compare every row.
    Restore {
        /// Where it is.
        #[arg(long)]
        at: Option<String>,
        /// Which one; without it the newest.
        #[arg(long)]
        name: Option<String>,
        /// A rehearsal: into an empty file that is deleted afterwards.
        #[arg(long)]
        verify: bool,
    },
    /// Key files: change the one that opens the store, while servers run.
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Sessions.
    Sessions {
        #[command(subcommand)]
        command: SessionsCommand,
    },
    /// Files outside the store (`files` in the configuration).
    Files {
        #[command(subcommand)]
        command: FilesCommand,
    },
    /// Administrators.
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Fill an empty store with the demo municipality "Lindenau" (500 invented residents, letters, staff).
    Demo,
    /// Letters.
    Letters {
        #[command(subcommand)]
        command: LettersCommand,
    },
    /// Resident lists.
    Residents {
        #[command(subcommand)]
        command: ResidentsCommand,
    },
}

#[derive(Subcommand)]
enum SessionsCommand {
    /// Sign everybody out: residents, staff, every device. After a leak.
    EndAll,
}

#[derive(Subcommand)]
enum FilesCommand {
    /// Bring everything back into the store, before `files` is taken out of the configuration. Stop the server first.
    TakeIn,
    /// Let the place for files belong to nobody, so that a restored store may have it. Only when the store that had it is
    /// gone for good.
    Release,
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Create an administrator with a random password, shown once.
    Create {
        /// E-mail address to sign in with.
        #[arg(long)]
        email: String,
        /// Name as shown in the portal.
        #[arg(long, default_value = "Administration")]
        name: String,
    },
}

#[derive(Subcommand)]
enum LettersCommand {
    /// Make letters for everybody who has neither an account nor an open letter, and write the checked PDF. With
    /// --residents: specimens from a list, without a portal; their codes are worth nothing (MUSTER).
    Make {
        /// Where the PDF goes. It holds codes: keep it safe and delete it after printing.
        #[arg(long)]
        out: PathBuf,
        /// Only this district.
        #[arg(long, default_value = "", conflicts_with = "residents")]
        district: String,
        /// A resident list (xlsx, ods, csv …): prints specimens for its people. Needs no store and no configuration.
        #[arg(long)]
        residents: Option<PathBuf>,
        /// What the letters print, as downloaded from the portal's templates (vorlage.json).
        #[arg(long, requires = "residents")]
        template: Option<PathBuf>,
        /// So many letters; the people of the list come again and again.
        #[arg(long, requires = "residents")]
        count: Option<usize>,
        /// In large print.
        #[arg(long, requires = "residents")]
        large: bool,
        /// Do not read every code back from the made pages.
        #[arg(long, requires = "residents")]
        unchecked: bool,
    },
    /// Make real letters on the town's own computer: neither names nor codes reach the portal. Needs no store and no
    /// configuration (docs/offline-letters.md).
    Offline {
        /// The job, as downloaded from the portal (auftrag.json).
        #[arg(long)]
        job: PathBuf,
        /// The resident list.
        #[arg(long)]
        residents: PathBuf,
        /// Folder for the PDF and for the answer that goes back to the portal.
        #[arg(long)]
        out: PathBuf,
        /// Key by which the next job recognises people; made if it is not there. It stays on this computer.
        #[arg(long, default_value = "stadtbrief-offline.key")]
        key: PathBuf,
    },
    /// Write one sample letter with worthless codes, as an accessible PDF (PDF/UA-1).
    Sample {
        /// Where the PDF goes.
        #[arg(long)]
        out: PathBuf,
        /// The reminder instead of the first letter.
        #[arg(long)]
        reminder: bool,
        /// In large print.
        #[arg(long)]
        large: bool,
    },
    /// Make open batches anew whose keys a backup did not have, after a restore that was interrupted.
    Anew,
    /// List print batches.
    List,
}

#[derive(Subcommand)]
enum ResidentsCommand {
    /// Check a list; store nothing. Exit code 0: no row is blocked; 1: some rows are blocked, or the file cannot be read.
    Check {
        /// xlsx, xlsm, xlsb, xls, ods, csv or tsv.
        file: PathBuf,
        /// Findings as JSON.
        #[arg(long)]
        json: bool,
        /// Day of the check (YYYY-MM-DD), today if missing.
        #[arg(long)]
        today: Option<chrono::NaiveDate>,
    },
    /// Apply a list: rows without open questions are taken, the rest is reported.
    Import {
        /// xlsx, xlsm, xlsb, xls, ods, csv or tsv.
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the environment is read"
    )]
    let config = Config::read(cli.config.as_deref(), |name| std::env::var(name).ok());
    // a check needs neither store nor configuration
    if let Command::Residents {
        command: ResidentsCommand::Check { file, json, today },
    } = &cli.command
    {
        return commands::check_list(file, *json, *today);
    }
    match &cli.command {
        Command::Letters {
            command:
                LettersCommand::Make {
                    out,
                    residents: Some(residents),
                    template,
                    count,
                    large,
                    unchecked,
                    ..
                },
        } => {
            let wish = outside::Wish {
                template: template.as_deref(),
                count: *count,
                large: *large,
                check: !unchecked,
            };
            return outside::specimens(residents, out, &wish);
        }
        Command::Letters {
            command:
                LettersCommand::Offline {
                    job,
                    residents,
                    out,
                    key,
                },
        } => return outside::offline(job, residents, out, key),
        _ => {}
    }
    let config = match config {
        Ok(config) => Config {
            municipality: cli.municipality,
            ..config
        },
        Err(wrong) => {
            eprintln!("The configuration has {} problem(s):", wrong.len());
            for line in wrong {
                eprintln!("  - {line}");
            }
            return ExitCode::from(2);
        }
    };
    let log = log::start(&config);
    let languages = locales::added::add(&config.languages);
    for problem in &languages.problems {
        tracing::warn!(problem, "a file with sentences");
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        if needs_store(&cli.command) {
            serve::expect_store(&config)?;
        }
        match cli.command {
            Command::Check => commands::check(&config).await,
            Command::Serve => {
                if !assets::present() {
                    eprintln!("The site is missing in this binary: build with `cargo xtask build`.");
                }
                serve::serve(&config).await
            }
            Command::Migrate { dry_run } => commands::migrate(&config, dry_run).await,
            Command::Backup { at, keep } => backup_commands::make(&config, at.as_deref(), keep).await,
            Command::Backups { at, check, name } => {
                backup_commands::list(&config, at.as_deref(), check, name.as_deref()).await
            }
            Command::Restore { at, name, verify } => {
                backup_commands::restore(&config, at.as_deref(), name.as_deref(), verify).await
            }
            Command::Municipality { command } => hosting_commands::municipality(&config, command).await,
            Command::Copy { to } => hosting_commands::copy(&config, &to).await,
            Command::Doctor { audit } => commands::doctor(&config, audit).await,
            Command::Key { command } => key_commands::key(&config, command).await,
            Command::Sessions {
                command: SessionsCommand::EndAll,
            } => commands::end_all_sessions(&config).await,
            Command::Files {
                command: FilesCommand::Release,
            } => commands::release_files(&config).await,
            Command::Files {
                command: FilesCommand::TakeIn,
            } => commands::take_files_in(&config).await,
            Command::Scrub => commands::scrub(&config).await,
            Command::Admin {
                command: AdminCommand::Create { email, name },
            } => commands::create_admin(&config, &email, &name).await,
            Command::Demo => commands::demo(&config).await,
            Command::Letters {
                command: LettersCommand::Make { out, district, .. },
            } => commands::make_letters(&config, &out, &district).await,
            Command::Letters {
                command: LettersCommand::Offline { .. },
            } => Ok(()),
            Command::Letters {
                command: LettersCommand::Sample { out, reminder, large },
            } => {
                let occasion = if reminder {
                    Occasion::Reminder
                } else {
                    Occasion::First
                };
                commands::sample_letter(&config, &out, occasion, large).await
            }
            Command::Letters {
                command: LettersCommand::Anew,
            } => commands::make_anew(&config).await,
            Command::Letters {
                command: LettersCommand::List,
            } => commands::list_batches(&config).await,
            Command::Residents {
                command: ResidentsCommand::Import { file },
            } => commands::import(&config, &file).await,
            Command::Residents {
                command: ResidentsCommand::Check { .. },
            } => Ok(()),
        }
    });
    // work on other threads that nobody waits for any more must not keep the process
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    log.end();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

/// Commands that look after a store: on a new one, made because a folder is not mounted, they would say that all is well.
fn needs_store(command: &Command) -> bool {
    match command {
        Command::Backup { .. }
        | Command::Copy { .. }
        | Command::Doctor { .. }
        | Command::Key { .. }
        | Command::Sessions { .. }
        | Command::Files { .. }
        | Command::Scrub => true,
        Command::Letters { command } => {
            matches!(command, LettersCommand::Anew | LettersCommand::List)
        }
        _ => false,
    }
}
