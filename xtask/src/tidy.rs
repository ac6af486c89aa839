//! The invariants of ARCHITECTURE.md that no compiler checks.

use crate::shell::{Outcome, cargo, output, root};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Longest source file; a longer one hides a second topic.
const LINES: usize = 700;

/// Crates that must never reach the browser. (`regex` comes with Leptos's configuration; the linker drops it, and the
/// byte budgets would notice if it did not.)
const HEAVY: [&str; 15] = [
    "sqlx",
    "tokio",
    "axum",
    "hyper",
    "leptos_axum",
    "calamine",
    "pdf-writer",
    "printpdf",
    "qrcode",
    "argon2",
    "lettre",
    "rustls",
    "chrono-tz",
    "image",
    "fluent-bundle",
];

fn sources(folder: &str, ending: &str) -> Vec<PathBuf> {
    fn walk(path: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(path) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, ending, found);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), ending, &mut found);
    found.sort();
    found
}

struct Report(Vec<String>);

impl Report {
    fn forbid(&mut self, folder: &str, allowed: impl Fn(&str) -> bool, words: &[&str], why: &str) {
        for path in sources(folder, ".rs") {
            let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
            if allowed(&name) {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or("");
            for (i, line) in text
                .lines()
                .enumerate()
                .filter(|(_, l)| !l.trim_start().starts_with("//"))
            {
                if let Some(word) = words.iter().find(|w| line.contains(**w)) {
                    self.0.push(format!("{name}:{}: `{word}`: {why}", i + 1));
                }
            }
        }
    }

    fn tree(&mut self, arguments: &[&str], forbidden: &[&str], why: &str) -> Outcome {
        let tree = output(
            cargo()
                .args(["tree", "-e", "normal", "--prefix", "none", "--format", "{p}"])
                .args(arguments),
        )?;
        let names: BTreeSet<&str> = tree.lines().filter_map(|l| l.split(' ').next()).collect();
        for name in forbidden.iter().filter(|f| names.contains(**f)) {
            self.0
                .push(format!("cargo tree {}: `{name}`: {why}", arguments.join(" ")));
        }
        Ok(())
    }
}

/// Checks all of them and lists every breach.
pub(crate) fn tidy() -> Outcome {
    let mut report = Report(Vec::new());
    let never = |_: &str| false;
    report.forbid(
        "domain/src",
        never,
        &[
            "std::fs",
            "std::net",
            "std::env",
            "Utc::now",
            "SystemTime",
            "rand::",
            "leptos",
            "axum",
            "sqlx",
        ],
        "domain does no I/O, reads no clock, draws no randomness",
    );
    report.forbid(
        "backend/src",
        never,
        &["leptos", "axum::", "http::"],
        "backend knows neither Leptos nor HTTP",
    );
    report.forbid(
        "backend/src",
        |n| {
            n.starts_with("backend/src/db/")
                || n.ends_with("store.rs")
                || n.ends_with("failure.rs")
                || n.contains("/jobs/mod.rs")
        },
        &[
            "sqlx::query",
            "QueryBuilder",
            "SELECT ",
            "INSERT INTO",
            "DELETE FROM",
        ],
        "only store.rs contains SQL",
    );
    report.forbid("app/src", never, &["sqlx::", "SELECT "], "pages know no database");
    report.forbid(
        "server/src",
        never,
        &["sqlx::", "SELECT "],
        "the server knows no database",
    );
    report.forbid(
        "app/src",
        |n| n.ends_with("api.rs") || n.ends_with("server.rs") || is_page(n),
        &["backend::"],
        "only pages and api.rs call use cases; ui does not",
    );
    report.tree(
        &["-p", "backend"],
        &["leptos", "axum"],
        "backend knows neither Leptos nor HTTP",
    )?;
    report.tree(
        &["-p", "domain"],
        &["tokio", "sqlx", "rand", "leptos"],
        "domain is pure",
    )?;
    report.tree(
        &[
            "-p",
            "frontend",
            "--features",
            "staff",
            "--target",
            "wasm32-unknown-unknown",
        ],
        &HEAVY,
        "too heavy for the browser",
    )?;
    used_keys(&mut report);
    migrations(&mut report);
    for folder in [
        "app", "backend", "ballot", "bench", "domain", "frontend", "locales", "scanner", "server", "xtask",
    ] {
        for path in sources(folder, ".rs") {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let lines = text.lines().count();
            let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
            if lines > LINES {
                report.0.push(format!(
                    "{name}: {lines} lines, more than {LINES}: a second topic hides inside"
                ));
            }
            if !text.starts_with("//!") {
                report.0.push(format!(
                    "{name}: begins without a sentence that says what it is (`//!`)"
                ));
            }
        }
    }
    if report.0.is_empty() {
        println!("tidy: all invariants hold");
        Ok(())
    } else {
        Err(format!(
            "{} breach(es)\n  {}",
            report.0.len(),
            report.0.join("\n  ")
        ))
    }
}

/// What takes something away that a server of the version before may still use, while both run side by side.
const TAKES_AWAY: [&str; 6] = [
    "drop table",
    "drop column",
    "rename to",
    "rename column",
    "set not null",
    "drop constraint",
];

/// Both kinds of store (and of register) have the same migrations, and one that takes something away says so in its name: a binary that does
/// not know it refuses the store (docs/operations.md, "Upgrading").
fn migrations(report: &mut Report) {
    for place in ["migrations", "migrations/hosting"] {
        migrations_of(report, place);
    }
}

fn migrations_of(report: &mut Report, place: &str) {
    let mut kinds: Vec<BTreeSet<String>> = Vec::new();
    for folder in ["sqlite", "postgres"].map(|kind| format!("{place}/{kind}")) {
        let mut names = BTreeSet::new();
        for path in sources(&folder, ".sql") {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let text = fs::read_to_string(&path).unwrap_or_default().to_lowercase();
            let code: Vec<&str> = text.lines().filter_map(|l| l.split("--").next()).collect();
            let code = code.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
            for taken in TAKES_AWAY
                .iter()
                .filter(|t| code.contains(**t) && !name.contains("_contract_"))
            {
                report.0.push(format!(
                    "{folder}/{name}: `{taken}`: a server of the version before may still need it; call the migration `…_contract_….sql` and ship it one version later"
                ));
            }
            names.insert(name);
        }
        kinds.push(names);
    }
    if let [sqlite, postgres] = kinds.as_slice() {
        for name in sqlite.symmetric_difference(postgres) {
            report
                .0
                .push(format!("{place}: {name} is there for one kind of store only"));
        }
    }
}

/// Pages are server-side functions that call use cases; building blocks (`ui`) and islands are not.
fn is_page(name: &str) -> bool {
    let island = [
        "progress.rs",
        "scanner.rs",
        "user_id.rs",
        "window.rs",
        "grid/mod.rs",
        "grid/table/mod.rs",
        "grid/table/save.rs",
        "grid/draw.rs",
    ]
    .iter()
    .any(|i| name.ends_with(i));
    !name.starts_with("app/src/ui/") && !island
}

/// Every key that the code names literally exists, and every key of `locales/` is used (or belongs to a family of keys
/// that the code puts together).
fn used_keys(report: &mut Report) {
    const FAMILIES: [&str; 79] = [
        "text-",
        "easy-",
        "signs-",
        "imprint-",
        "contact-page-",
        "due-",
        // read by `locales` itself
        "format-",
        "permission-",
        "survey-",
        "secrecy-",
        "question-",
        "age-band-",
        "idea-status-",
        "report-",
        "organisation-",
        "category-",
        "member-",
        "apply-step-",
        "notice-",
        "batch-route-",
        "blocked-route-",
        "rule-",
        "column-",
        "severity-",
        "letter-state-",
        "batch-state-",
        "batch-failed-",
        "resident-filter-",
        "role-",
        "audit-",
        "actor-",
        "refusal-",
        "problem-",
        "list-",
        "letters-",
        "help-question-",
        "help-answer-",
        "privacy-",
        "accessibility-",
        "start-step-",
        "delete-point-",
        "account-note-",
        "evidence-",
        "level-",
        "method-",
        "settings-",
        "fault-",
        "mail-",
        "staff-",
        "nav-",
        "first-",
        "plan-",
        "fate-",
        "note-",
        "confidence-",
        "removal-",
        "resident-gone-",
        "council-",
        "offline-step-",
        "answer-",
        "new-letter-",
        "posting-",
        "returned-",
        "separators-",
        "sheet-form-",
        "template-",
        "case-",
        "entry-",
        "field-",
        "decisive-",
        "picture-",
        "id-picture-",
        "inbox-",
        "doctor-",
        "job-",
        "forgotten-",
        "by-mail-",
        "new-password-",
        "invitation-",
    ];
    let known: BTreeSet<String> = sources("locales/texts/de", ".ftl")
        .iter()
        .flat_map(|p| {
            fs::read_to_string(p)
                .unwrap_or_default()
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter_map(|l| l.split_once('=').map(|(k, _)| k.to_owned()))
        .filter(|k| !k.starts_with([' ', '#']))
        .map(|k| k.trim().to_owned())
        .collect();
    let code: String = ["app/src", "backend/src", "domain/src", "server/src"]
        .iter()
        .flat_map(|f| sources(f, ".rs"))
        .map(|p| fs::read_to_string(p).unwrap_or_default())
        .collect();
    let quoted: BTreeSet<&str> = code.split('"').collect();
    for key in &known {
        if !quoted.contains(key.as_str()) && !FAMILIES.iter().any(|f| key.starts_with(f)) {
            report.0.push(format!("locales: `{key}` is not used"));
        }
    }
    for call in [
        "lang.t(\"",
        "rq.t(\"",
        "english.t(\"",
        "lang.with(\"",
        "lang.n(\"",
    ] {
        for rest in code.split(call).skip(1) {
            if let Some((key, _)) = rest.split_once('"')
                && !known.contains(key)
            {
                report.0.push(format!("locales: `{key}` is missing"));
            }
        }
    }
}
