//! The configuration: one typed place. A file (TOML), overridden by environment variables, and checked as a whole:
//! every wrong value is explained.

use backend::{
    db::is_encrypted,
    depot::{S3, is_this_machine},
    outgoing::Outgoing,
    push::Services,
    virus::Scanner,
};
use serde::Deserialize;
use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

/// Everything an operator sets.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder for the store, the master key and mails.
    pub data: PathBuf,
    /// `sqlite:PATH` or `postgres://…`.
    pub database: String,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Public address, without a slash at the end.
    pub base_url: String,
    /// File with the master key.
    pub master_key_file: PathBuf,
    /// `folder:PATH`, `smtp://…` or `smtps://…`.
    pub mail: String,
    /// Sender of mails.
    pub mail_from: String,
    /// Addresses of reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Push services that may be asked to notify a browser; `None`: the known ones.
    pub push_services: Option<Vec<String>>,
    /// Hosts that administrators may name as their sign-in service; `None`: any, with many municipalities any public one.
    pub sign_in_services: Option<Vec<String>>,
    /// `text` or `json`.
    pub log_format: String,
    /// `error`, `warn`, `info`, `debug`.
    pub log_level: String,
    /// Folder with languages and sentences of the operator's own.
    pub languages: PathBuf,
    /// `one` municipality, or `many`: then `database` holds the register of municipalities.
    pub hosting: String,
    /// With many municipalities: the PostgreSQL database for their schemas, if it is not `database`.
    pub schemas: Option<String>,
    /// Most connections to PostgreSQL of this process.
    pub connections: u32,
    /// Where figures for Prometheus are served; `None`: nowhere.
    pub metrics: Option<SocketAddr>,
    /// Where traces are sent: a collector of OpenTelemetry on this machine, such as `http://127.0.0.1:4318`; empty: nowhere.
    pub traces: String,
    /// Certificate and key, if this server does TLS itself; `None`: a proxy does.
    pub tls: Option<Tls>,
    /// Seconds between being asked to stop and taking no more requests: `/ready` says no meanwhile.
    pub drain_seconds: u64,
    /// Where backups are: `folder:PATH` or `s3://BUCKET/PREFIX`; empty: nowhere.
    pub backup: String,
    /// Where files are kept outside the store: `folder:PATH` or `s3://BUCKET/PREFIX`; empty: in the store.
    pub files: String,
    /// Where a virus scanner (`clamd`) listens: `unix:/run/clamav/clamd.ctl` or `tcp:3310` on this machine; empty: there is none.
    pub virus_scanner: String,
    /// How to reach an S3-compatible storage.
    pub s3: S3,
    /// With many municipalities: the one that a command is about (`--municipality`).
    pub municipality: Option<String>,
}

/// Files for TLS, in PEM.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The certificate, with those of the authorities behind it.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// The file: every value may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    data: Option<PathBuf>,
    database: Option<String>,
    listen: Option<String>,
    base_url: Option<String>,
    master_key_file: Option<PathBuf>,
    mail: Option<String>,
    mail_from: Option<String>,
    trusted_proxies: Option<Vec<String>>,
    push_services: Option<Vec<String>>,
    sign_in_services: Option<Vec<String>>,
    log_format: Option<String>,
    log_level: Option<String>,
    languages: Option<PathBuf>,
    hosting: Option<String>,
    schemas: Option<String>,
    connections: Option<u32>,
    drain_seconds: Option<u64>,
    metrics: Option<String>,
    traces: Option<String>,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    backup: Option<String>,
    files: Option<String>,
    virus_scanner: Option<String>,
    s3_endpoint: Option<String>,
    s3_region: Option<String>,
    s3_key: Option<String>,
    s3_secret: Option<String>,
}

impl Config {
    /// Reads file and environment; all complaints at once.
    pub fn read(
        path: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<String>> {
        let mut wrong = Vec::new();
        let file = match path
            .map(PathBuf::from)
            .or_else(|| environment("STADTBRIEF_CONFIG").map(PathBuf::from))
        {
            None => File::default(),
            Some(path) => match std::fs::read_to_string(&path) {
                Err(error) => {
                    wrong.push(format!("{}: cannot be read ({error})", path.display()));
                    File::default()
                }
                Ok(text) => toml::from_str(&text).unwrap_or_else(|error| {
                    wrong.push(format!("{}: {}", path.display(), error.to_string().trim()));
                    File::default()
                }),
            },
        };
        let set = |name: &str, from_file: Option<String>, default: &str| {
            environment(name)
                .or(from_file)
                .unwrap_or_else(|| default.to_owned())
        };
        let database_file = secret(&environment, "STADTBRIEF_DATABASE", &mut wrong).or(file.database);
        let schemas_file = secret(&environment, "STADTBRIEF_SCHEMAS", &mut wrong).or(file.schemas);
        let secret_file = secret(&environment, "STADTBRIEF_S3_SECRET", &mut wrong).or(file.s3_secret);
        let mail_file = secret(&environment, "STADTBRIEF_MAIL", &mut wrong).or(file.mail);
        let path = |p: Option<PathBuf>| p.map(|p| p.display().to_string());
        let data = PathBuf::from(set("STADTBRIEF_DATA", path(file.data), "data"));
        let database = set(
            "STADTBRIEF_DATABASE",
            database_file,
            &format!("sqlite:{}", data.join("stadtbrief.db").display()),
        );
        if !["sqlite:", "postgres:", "postgresql:"]
            .iter()
            .any(|p| database.starts_with(p))
        {
            wrong.push("database: begins neither with `sqlite:` nor with `postgres://`; example: postgres://portal@127.0.0.1/portal".to_owned());
        }
        if !is_encrypted(&database) {
            wrong.push(UNENCRYPTED.replace("{}", "database"));
        }
        let listen = set("STADTBRIEF_LISTEN", file.listen, "127.0.0.1:3000");
        let listen = listen.parse().unwrap_or_else(|_| {
            wrong.push(format!(
                "listen: `{listen}` is not an address with a port; example: 127.0.0.1:3000"
            ));
            SocketAddr::from(([127, 0, 0, 1], 3000))
        });
        let base_url = set("STADTBRIEF_BASE_URL", file.base_url, "http://localhost:3000")
            .trim_end_matches('/')
            .to_owned();
        let host = base_url
            .strip_prefix("https://")
            .or_else(|| base_url.strip_prefix("http://"));
        match host {
            Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', ' ', '@']) => {
                let local = host.starts_with("localhost") || host.starts_with("127.0.0.1");
                if base_url.starts_with("http://") && !local {
                    wrong.push("base_url: must begin with https:// (only http://localhost is accepted without TLS): session cookies and the camera need it".to_owned());
                }
            }
            _ => wrong.push(format!(
                "base_url: `{base_url}` is not an address like https://portal.example.de (no path)"
            )),
        }
        let master_key_file = PathBuf::from(set(
            "STADTBRIEF_MASTER_KEY_FILE",
            path(file.master_key_file),
            &data.join("master.key").display().to_string(),
        ));
        let languages = PathBuf::from(set(
            "STADTBRIEF_LANGUAGES",
            path(file.languages),
            &data.join("languages").display().to_string(),
        ));
        let mail = set(
            "STADTBRIEF_MAIL",
            mail_file,
            &format!("folder:{}", data.join("mail").display()),
        );
        if !["folder:", "smtp://", "smtps://"]
            .iter()
            .any(|p| mail.starts_with(p))
        {
            wrong.push("mail: begins neither with `folder:` nor with `smtp://` or `smtps://`; example: smtps://user:password@mail.example.de".to_owned());
        }
        if mail
            .strip_prefix("smtp://")
            .is_some_and(|rest| !is_this_machine(rest) && !rest.contains("tls=required"))
        {
            wrong.push("mail: smtp:// to another machine needs `?tls=required`: links in mails and the password must not travel in clear; example: smtp://user:password@mail.example.de:587?tls=required".to_owned());
        }
        let mail_from = set(
            "STADTBRIEF_MAIL_FROM",
            file.mail_from,
            "portal@localhost.localdomain",
        );
        let listed = |name: &str| {
            environment(name).map(|v| {
                v.split(',')
                    .map(|p| p.trim().to_owned())
                    .filter(|p| !p.is_empty())
                    .collect::<Vec<String>>()
            })
        };
        let proxies = listed("STADTBRIEF_TRUSTED_PROXIES")
            .or(file.trusted_proxies)
            .unwrap_or_default();
        let mut trusted_proxies = Vec::new();
        for proxy in proxies {
            match proxy.parse() {
                Ok(address) => trusted_proxies.push(address),
                Err(_) => wrong.push(format!("trusted_proxies: `{proxy}` is not an IP address")),
            }
        }
        let push_services = listed("STADTBRIEF_PUSH_SERVICES").or(file.push_services);
        if let Some(Err(entry)) = push_services.as_deref().map(Services::only) {
            wrong.push(format!(
                "push_services: `{entry}` is neither a name like `*.push.example.org` nor an origin like https://push.example.org"
            ));
        }
        let sign_in_services = listed("STADTBRIEF_SIGN_IN_SERVICES").or(file.sign_in_services);
        if let Some(Err(entry)) = sign_in_services.as_deref().map(Outgoing::only) {
            wrong.push(format!(
                "sign_in_services: `{entry}` is not the name of a host like login.example.de"
            ));
        }
        let log_format = set("STADTBRIEF_LOG_FORMAT", file.log_format, "text");
        if !["text", "json"].contains(&log_format.as_str()) {
            wrong.push(format!("log_format: `{log_format}` is neither `text` nor `json`"));
        }
        let log_level = set("STADTBRIEF_LOG_LEVEL", file.log_level, "info");
        if !["error", "warn", "info", "debug"].contains(&log_level.as_str()) {
            wrong.push(format!(
                "log_level: `{log_level}` is none of error, warn, info, debug"
            ));
        }
        let hosting = set("STADTBRIEF_HOSTING", file.hosting, "one");
        if !["one", "many"].contains(&hosting.as_str()) {
            wrong.push(format!("hosting: `{hosting}` is neither `one` nor `many`"));
        }
        let schemas = environment("STADTBRIEF_SCHEMAS").or(schemas_file);
        if schemas
            .as_ref()
            .is_some_and(|s| !["postgres:", "postgresql:"].iter().any(|p| s.starts_with(p)))
        {
            wrong.push("schemas: does not begin with `postgres://`".to_owned());
        }
        if schemas.as_deref().is_some_and(|s| !is_encrypted(s)) {
            wrong.push(UNENCRYPTED.replace("{}", "schemas"));
        }
        let connections = environment("STADTBRIEF_CONNECTIONS")
            .or(file.connections.map(|c| c.to_string()))
            .unwrap_or_else(|| "16".to_owned());
        let connections = match connections.parse() {
            Ok(count @ 4..=500) => count,
            _ => {
                wrong.push(format!("connections: `{connections}` is no number from 4 to 500"));
                16
            }
        };
        let drain = environment("STADTBRIEF_DRAIN_SECONDS")
            .or(file.drain_seconds.map(|s| s.to_string()))
            .unwrap_or_else(|| "0".to_owned());
        let drain_seconds = match drain.parse() {
            Ok(seconds @ 0..=600) => seconds,
            _ => {
                wrong.push(format!("drain_seconds: `{drain}` is no number from 0 to 600"));
                0
            }
        };
        let metrics = set("STADTBRIEF_METRICS", file.metrics, "");
        let metrics = match metrics.as_str() {
            "" => None,
            text => text.parse().map_or_else(
                |_| {
                    wrong.push(format!(
                        "metrics: `{text}` is not an address with a port; example: 127.0.0.1:9187"
                    ));
                    None
                },
                Some,
            ),
        };
        let traces = set("STADTBRIEF_TRACES", file.traces, "");
        if !traces.is_empty() && !traces.strip_prefix("http://").is_some_and(is_this_machine) {
            wrong.push(format!(
                "traces: `{traces}` is no collector on this machine; example: http://127.0.0.1:4318"
            ));
        }
        let virus_scanner = set("STADTBRIEF_VIRUS_SCANNER", file.virus_scanner, "");
        if !virus_scanner.is_empty() && Scanner::parse(&virus_scanner).is_none() {
            wrong.push(format!(
                "virus_scanner: `{virus_scanner}` is no scanner on this machine; examples: unix:/run/clamav/clamd.ctl, tcp:3310"
            ));
        }
        let certificate = set("STADTBRIEF_TLS_CERTIFICATE", path(file.tls_certificate), "");
        let key = set("STADTBRIEF_TLS_KEY", path(file.tls_key), "");
        if certificate.is_empty() != key.is_empty() {
            wrong.push("tls_certificate and tls_key: one is set and the other is not".to_owned());
        }
        if !certificate.is_empty() && base_url.starts_with("http://") {
            wrong.push("tls_certificate: base_url must begin with https:// then".to_owned());
        }
        let tls = (!certificate.is_empty()).then(|| Tls {
            certificate: PathBuf::from(certificate),
            key: PathBuf::from(key),
        });
        let mut depot = |name: &str, place: String, example: &str| {
            if !place.is_empty() && !["folder:", "s3://"].iter().any(|p| place.starts_with(p)) {
                wrong.push(format!("{name}: begins neither with `folder:` nor with `s3://`; examples: folder:{example}, s3://bucket/prefix"));
            }
            place
        };
        let backup = set("STADTBRIEF_BACKUP", file.backup, "");
        let backup = depot("backup", backup, "/var/backups/stadtbrief");
        let files = set("STADTBRIEF_FILES", file.files, "");
        let files = depot("files", files, "/var/lib/stadtbrief/files");
        if are_nested(&files, &backup) {
            wrong.push(
                "files: one of `files` and `backup` lies within the other; give each a place of its own"
                    .to_owned(),
            );
        }
        let s3 = S3 {
            endpoint: set("STADTBRIEF_S3_ENDPOINT", file.s3_endpoint, ""),
            region: set("STADTBRIEF_S3_REGION", file.s3_region, ""),
            key: set("STADTBRIEF_S3_KEY", file.s3_key, ""),
            secret: set("STADTBRIEF_S3_SECRET", secret_file, ""),
        };
        let config = Self {
            data,
            database,
            listen,
            base_url,
            master_key_file,
            mail,
            mail_from,
            trusted_proxies,
            push_services,
            sign_in_services,
            log_format,
            log_level,
            languages,
            hosting,
            schemas,
            connections,
            drain_seconds,
            metrics,
            traces,
            tls,
            backup,
            files,
            virus_scanner,
            s3,
            municipality: None,
        };
        if wrong.is_empty() { Ok(config) } else { Err(wrong) }
    }

    /// What is set, without passwords.
    pub fn shown(&self) -> Vec<(&'static str, String)> {
        let hidden = |url: &str| match (url.find("://"), url.rfind('@')) {
            (Some(start), Some(end)) if start + 3 < end => format!("{}***{}", &url[..start + 3], &url[end..]),
            _ => url.to_owned(),
        };
        vec![
            ("data", self.data.display().to_string()),
            ("database", hidden(&self.database)),
            ("listen", self.listen.to_string()),
            ("base_url", self.base_url.clone()),
            ("master_key_file", self.master_key_file.display().to_string()),
            ("mail", hidden(&self.mail)),
            ("mail_from", self.mail_from.clone()),
            (
                "trusted_proxies",
                self.trusted_proxies
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            (
                "push_services",
                match &self.push_services {
                    None => "those of the usual browsers".to_owned(),
                    Some(none) if none.is_empty() => "none: no notifications".to_owned(),
                    Some(services) => services.join(", "),
                },
            ),
            (
                "sign_in_services",
                match (&self.sign_in_services, self.hosting.as_str()) {
                    (None, "many") => "any with a public address".to_owned(),
                    (None, _) => "any".to_owned(),
                    (Some(none), _) if none.is_empty() => "none".to_owned(),
                    (Some(hosts), _) => hosts.join(", "),
                },
            ),
            ("log_format", self.log_format.clone()),
            ("log_level", self.log_level.clone()),
            ("languages", self.languages.display().to_string()),
            ("hosting", self.hosting.clone()),
            ("schemas", self.schemas.as_deref().map(hidden).unwrap_or_default()),
            ("connections", self.connections.to_string()),
            (
                "metrics",
                self.metrics
                    .map_or_else(|| "nowhere".to_owned(), |a| a.to_string()),
            ),
            ("traces", self.traces.clone()),
            (
                "tls",
                self.tls.as_ref().map_or_else(
                    || "none: a proxy does it".to_owned(),
                    |t| t.certificate.display().to_string(),
                ),
            ),
            ("drain_seconds", self.drain_seconds.to_string()),
            ("backup", self.backup.clone()),
            ("files", self.files.clone()),
            ("virus_scanner", self.virus_scanner.clone()),
            ("s3_endpoint", self.s3.endpoint.clone()),
            ("s3_region", self.s3.region.clone()),
            ("s3_key", self.s3.key.clone()),
        ]
    }
}

/// Said of a store whose name takes the place of `{}`.
pub(crate) const UNENCRYPTED: &str = "{}: PostgreSQL on another machine needs `?sslmode=verify-full` (or `require`): people and the password must not travel in clear; example: postgres://portal@db.example.de/portal?sslmode=verify-full";

/// Does one of two places lie within the other, or are they the same? A backup that deletes what is old would delete files.
pub(crate) fn are_nested(one: &str, other: &str) -> bool {
    let tidy = |place: &str| format!("{}/", place.trim_end_matches('/'));
    let (one, other) = (tidy(one), tidy(other));
    one != "/" && other != "/" && (one.starts_with(&other) || other.starts_with(&one))
}

/// What stands in the file that the variable `NAME_FILE` names: passwords need not be in the environment, where other
/// programs may read them (systemd's `LoadCredential`, secrets of containers).
fn secret(
    environment: &impl Fn(&str) -> Option<String>,
    name: &str,
    wrong: &mut Vec<String>,
) -> Option<String> {
    let path = environment(&format!("{name}_FILE"))?;
    if environment(name).is_some() {
        wrong.push(format!("{name} and {name}_FILE are both set: keep one of them"));
    }
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text.trim().to_owned()),
        Err(error) => {
            wrong.push(format!("{name}_FILE: {path} cannot be read ({error})"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn with(pairs: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let map: HashMap<String, String> = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        Config::read(None, |name| map.get(name).cloned())
    }

    #[test]
    fn defaults_are_right() {
        let config = with(&[]).unwrap();
        assert_eq!(config.database, "sqlite:data/stadtbrief.db");
        assert_eq!(config.base_url, "http://localhost:3000");
        assert_eq!(config.push_services, None);
        // an empty list is a decision
        let none = with(&[("STADTBRIEF_PUSH_SERVICES", "")]).unwrap();
        assert_eq!(none.push_services, Some(Vec::new()));
        assert_eq!(config.sign_in_services, None);
        assert!(with(&[("STADTBRIEF_SIGN_IN_SERVICES", "https://login.example.de")]).is_err());
    }

    #[test]
    fn every_wrong_value_is_said() {
        let wrong = with(&[
            ("STADTBRIEF_DATABASE", "mysql://x"),
            ("STADTBRIEF_LISTEN", "3000"),
            ("STADTBRIEF_BASE_URL", "http://portal.example.de"),
            ("STADTBRIEF_MAIL", "x"),
            ("STADTBRIEF_TRUSTED_PROXIES", "10.0.0.1,proxy"),
            ("STADTBRIEF_PUSH_SERVICES", "http://push.example.org"),
            ("STADTBRIEF_LOG_FORMAT", "xml"),
            ("STADTBRIEF_LOG_LEVEL", "loud"),
            ("STADTBRIEF_HOSTING", "some"),
            ("STADTBRIEF_SCHEMAS", "sqlite:x"),
            ("STADTBRIEF_CONNECTIONS", "0"),
            ("STADTBRIEF_BACKUP", "/var/backups"),
            ("STADTBRIEF_FILES", "/var/files"),
            ("STADTBRIEF_TRACES", "http://collector.example:4318"),
            ("STADTBRIEF_TLS_KEY", "key.pem"),
        ]);
        assert_eq!(wrong.unwrap_err().len(), 15);
        for (backup, files, right) in [
            ("folder:/var/stadtbrief", "folder:/var/stadtbrief/", false),
            ("s3://bucket", "s3://bucket/files", false),
            ("folder:/var/b/backups", "folder:/var/b", false),
            ("folder:/var/stadtbrief", "folder:/var/stadtbrief-files", true),
        ] {
            let both = with(&[("STADTBRIEF_BACKUP", backup), ("STADTBRIEF_FILES", files)]);
            assert_eq!(both.is_ok(), right, "{backup} {files}");
        }
        for elsewhere in [
            "http://localhost.evil.example",
            "http://evil.example/x@localhost",
            "http://127.0.0.1.evil.example:4318",
        ] {
            assert!(with(&[("STADTBRIEF_TRACES", elsewhere)]).is_err(), "{elsewhere}");
        }
        assert!(with(&[("STADTBRIEF_TRACES", "http://localhost:4318/x")]).is_ok());
        assert!(with(&[("STADTBRIEF_BASE_URL", "https://portal.example.de/x")]).is_err());
    }

    #[test]
    fn people_do_not_travel_in_clear() {
        for (store, right) in [
            ("sqlite:/var/lib/stadtbrief/stadtbrief.db", true),
            ("postgres://portal:p@127.0.0.1:5433/portal", true),
            ("postgres://portal@localhost/portal", true),
            ("postgres:///portal", true),
            ("postgres://portal@%2Fvar%2Frun%2Fpostgresql/portal", true),
            ("postgres://portal@/portal?host=/var/run/postgresql", true),
            ("postgres://portal@db.example.de/portal", false),
            ("postgres://portal:localhost@db.example.de/portal", false),
            ("postgres://portal@db.example.de/portal?sslmode=prefer", false),
            ("postgres://portal@localhost/portal?host=db.example.de", false),
            ("postgres://portal@localhost/portal?hostaddr=192.0.2.7", false),
            ("postgres://portal@db.example.de/portal@localhost", false),
            (
                "postgres://portal@db.example.de/portal?sslmode=require&sslmode=disable",
                false,
            ),
            (
                "postgres://portal@db.example.de/portal?ssl-mode=Verify-Full",
                true,
            ),
            ("postgres://portal@db.example.de/portal?sslmode=require", true),
            (
                "postgres://portal@db.example.de/portal?application_name=x&sslmode=verify-full",
                true,
            ),
        ] {
            let config = with(&[("STADTBRIEF_DATABASE", store)]);
            assert_eq!(config.is_ok(), right, "{store}");
            if store.starts_with("postgres") {
                let schemas = with(&[("STADTBRIEF_SCHEMAS", store)]);
                assert_eq!(schemas.is_ok(), right, "{store}");
            }
        }
    }

    #[test]
    fn mails_do_not_travel_in_clear() {
        for (mail, right) in [
            ("smtp://mail.example.de:587", false),
            ("smtp://u:p@mail.example.de:587?tls=opportunistic", false),
            ("smtp://u:localhost@mail.example.de", false),
            ("smtp://u:p@mail.example.de:587?tls=required", true),
            ("smtps://u:p@mail.example.de", true),
            ("smtp://127.0.0.1:2525", true),
        ] {
            assert_eq!(with(&[("STADTBRIEF_MAIL", mail)]).is_ok(), right, "{mail}");
        }
    }

    #[test]
    fn unknown_names_in_the_file_are_said() {
        let folder = std::env::temp_dir().join(format!("stadtbrief-config-{}", std::process::id()));
        std::fs::write(&folder, "datebase = \"sqlite:x\"\n").unwrap();
        let wrong = Config::read(Some(&folder), |_| None).unwrap_err();
        std::fs::remove_file(&folder).unwrap();
        assert!(wrong[0].contains("datebase"), "{wrong:?}");
    }

    #[test]
    fn secrets_come_from_files() {
        let file = std::env::temp_dir().join(format!("stadtbrief-secret-{}", std::process::id()));
        std::fs::write(&file, "postgres://portal:geheim@localhost/portal\n").unwrap();
        let path = file.to_str().unwrap();
        let config = with(&[("STADTBRIEF_DATABASE_FILE", path)]).unwrap();
        assert_eq!(config.database, "postgres://portal:geheim@localhost/portal");
        let both = with(&[
            ("STADTBRIEF_DATABASE_FILE", path),
            ("STADTBRIEF_DATABASE", "sqlite:x"),
        ]);
        assert!(both.unwrap_err()[0].contains("both set"));
        std::fs::remove_file(&file).unwrap();
        let missing = with(&[("STADTBRIEF_MAIL_FILE", path)]).unwrap_err();
        assert!(missing[0].contains("cannot be read") && !missing[0].contains("geheim"));
    }

    #[test]
    fn passwords_are_not_shown() {
        let config = with(&[("STADTBRIEF_DATABASE", "postgres://user:geheim@localhost/db")]).unwrap();
        assert!(config.shown().iter().all(|(_, v)| !v.contains("geheim")));
    }
}
