//! The configuration: one typed place. A file (TOML), overridden by environment variables, and checked as a whole:
//! every wrong value is explained.

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
    /// `text` or `json`.
    pub log_format: String,
    /// `error`, `warn`, `info`, `debug`.
    pub log_level: String,
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
    log_format: Option<String>,
    log_level: Option<String>,
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
        let path = |p: Option<PathBuf>| p.map(|p| p.display().to_string());
        let data = PathBuf::from(set("STADTBRIEF_DATA", path(file.data), "data"));
        let database = set(
            "STADTBRIEF_DATABASE",
            file.database,
            &format!("sqlite:{}", data.join("stadtbrief.db").display()),
        );
        if !["sqlite:", "postgres:", "postgresql:"]
            .iter()
            .any(|p| database.starts_with(p))
        {
            wrong.push("database: begins neither with `sqlite:` nor with `postgres://`; example: postgres://portal@127.0.0.1/portal".to_owned());
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
        let mail = set(
            "STADTBRIEF_MAIL",
            file.mail,
            &format!("folder:{}", data.join("mail").display()),
        );
        if !["folder:", "smtp://", "smtps://"]
            .iter()
            .any(|p| mail.starts_with(p))
        {
            wrong.push("mail: begins neither with `folder:` nor with `smtp://` or `smtps://`; example: smtps://user:password@mail.example.de".to_owned());
        }
        let mail_from = set(
            "STADTBRIEF_MAIL_FROM",
            file.mail_from,
            "portal@localhost.localdomain",
        );
        let proxies = environment("STADTBRIEF_TRUSTED_PROXIES")
            .map(|v| {
                v.split(',')
                    .map(|p| p.trim().to_owned())
                    .filter(|p| !p.is_empty())
                    .collect()
            })
            .or(file.trusted_proxies)
            .unwrap_or_default();
        let mut trusted_proxies = Vec::new();
        for proxy in proxies {
            match proxy.parse() {
                Ok(address) => trusted_proxies.push(address),
                Err(_) => wrong.push(format!("trusted_proxies: `{proxy}` is not an IP address")),
            }
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
        let config = Self {
            data,
            database,
            listen,
            base_url,
            master_key_file,
            mail,
            mail_from,
            trusted_proxies,
            log_format,
            log_level,
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
            ("log_format", self.log_format.clone()),
            ("log_level", self.log_level.clone()),
        ]
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
    }

    #[test]
    fn every_wrong_value_is_said() {
        let wrong = with(&[
            ("STADTBRIEF_DATABASE", "mysql://x"),
            ("STADTBRIEF_LISTEN", "3000"),
            ("STADTBRIEF_BASE_URL", "http://portal.example.de"),
            ("STADTBRIEF_MAIL", "x"),
            ("STADTBRIEF_TRUSTED_PROXIES", "10.0.0.1,proxy"),
            ("STADTBRIEF_LOG_FORMAT", "xml"),
            ("STADTBRIEF_LOG_LEVEL", "loud"),
        ]);
        assert_eq!(wrong.unwrap_err().len(), 7);
        assert!(with(&[("STADTBRIEF_BASE_URL", "https://portal.example.de/x")]).is_err());
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
    fn passwords_are_not_shown() {
        let config = with(&[("STADTBRIEF_DATABASE", "postgres://user:geheim@host/db")]).unwrap();
        assert!(config.shown().iter().all(|(_, v)| !v.contains("geheim")));
    }
}
