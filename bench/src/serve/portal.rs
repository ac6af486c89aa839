//! The release binary with the demo municipality, in a folder that is deleted afterwards.

use super::{client, load};
use crate::{import, town, usage};
use backend::{Ctx, accounts, demo};
use domain::{
    access::{Actor, Role},
    urls,
};
use server::{config::Config, serve::open_migrated};
use std::{
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    process::{Child, Command},
    time::Duration,
};

/// Good enough for the rules.
pub(super) const PASSWORD: &str = "grüner Tee um vier";

/// A running portal.
pub(super) struct Portal {
    child: Child,
    /// Its folder.
    pub(super) folder: PathBuf,
    pub(super) port: u16,
    /// What browsers call it.
    pub(super) origin: String,
    /// Codes of letters that nobody has redeemed.
    pub(super) codes: Vec<String>,
    /// The batch they belong to.
    pub(super) batch: String,
    /// Session cookie of a member of staff.
    pub(super) staff: String,
    /// Session cookie of a resident.
    pub(super) resident: String,
    /// Kind of store.
    pub(super) kind: &'static str,
}

/// Memory, in megabytes.
pub(super) struct Memory {
    pub(super) now: f64,
    pub(super) highest: f64,
}

/// A port that is free now.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

impl Portal {
    /// Fills a store as `stadtbrief demo` does, makes letters for everybody, and starts `stadtbrief serve`.
    pub(super) fn start() -> Self {
        let (mut portal, staff) = Self::begin(None, fill);
        portal.enter(&staff);
        let code = portal.codes.pop().unwrap();
        let form = portal.account_form(&code);
        portal.resident = portal.session(&form);
        portal
    }

    /// The same with so many people, and nothing of the demo. `store`: an empty database instead of a file.
    pub(super) fn of_a_city(people: u32, store: Option<&str>) -> Self {
        let (mut portal, staff) = Self::begin(store, async |config| fill_city(config, people).await);
        portal.enter(&staff);
        portal
    }

    fn enter(&mut self, staff: &(String, String)) {
        self.staff = self.signed_in(urls::SIGN_IN, &[("name", &staff.0), ("password", &staff.1)]);
    }

    #[expect(clippy::disallowed_methods, reason = "xtask says where the binary is")]
    fn begin(
        store: Option<&str>,
        filled: impl AsyncFnOnce(&Config) -> ((String, String), String, Vec<String>),
    ) -> (Self, (String, String)) {
        let folder = std::env::temp_dir().join(format!("stadtbrief-bench-{}-serve", std::process::id()));
        let port = free_port();
        let origin = format!("http://127.0.0.1:{port}");
        let mut environment = vec![
            ("STADTBRIEF_DATA", folder.display().to_string()),
            ("STADTBRIEF_LISTEN", format!("127.0.0.1:{port}")),
            ("STADTBRIEF_BASE_URL", origin.clone()),
            ("STADTBRIEF_LOG_LEVEL", "warn".to_owned()),
        ];
        environment.extend(store.map(|s| ("STADTBRIEF_DATABASE", s.to_owned())));
        let of = |name: &str| environment.iter().find(|(n, _)| *n == name);
        let config = Config::read(None, |name| of(name).map(|(_, value)| value.clone())).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (staff, batch, codes) = runtime.block_on(filled(&config));
        let child = Command::new(std::env::var("STADTBRIEF_BINARY").unwrap())
            .arg("serve")
            .envs(environment)
            .spawn()
            .unwrap();
        let portal = Self {
            child,
            folder,
            port,
            origin,
            codes,
            batch,
            staff: String::new(),
            resident: String::new(),
            kind: if store.is_some() { "PostgreSQL" } else { "SQLite" },
        };
        portal.wait();
        (portal, staff)
    }

    fn wait(&self) {
        let health = client::get("/health", "", false);
        for _ in 0..200 {
            let status = client::Connection::open(self.port).and_then(|mut c| c.status(&health));
            if status.is_ok_and(|s| s == 200) {
                return;
            }
            load::pause(Duration::from_millis(50));
        }
        panic!("the portal does not start");
    }

    /// The form that redeems a letter.
    pub(super) fn account_form(&self, code: &str) -> Vec<u8> {
        let form = [("code", code), ("password", PASSWORD), ("consent", "1")];
        client::post(urls::REGISTER_ACCOUNT, &self.origin, "", true, &form)
    }

    fn signed_in(&self, path: &str, form: &[(&str, &str)]) -> String {
        self.session(&client::post(path, &self.origin, "", false, form))
    }

    /// The session cookie that a form gives.
    fn session(&self, request: &[u8]) -> String {
        let answer = self.ask(request);
        let cookie = answer
            .header("set-cookie")
            .map(|c| c.split(';').next().unwrap_or(""));
        cookie
            .unwrap_or_else(|| panic!("no session: {} {}", answer.status, answer.text()))
            .to_owned()
    }

    pub(super) fn ask(&self, request: &[u8]) -> client::Answer {
        let mut connection = client::Connection::open(self.port).unwrap();
        connection.ask(request).unwrap()
    }

    /// CPU seconds so far.
    pub(super) fn cpu(&self) -> f64 {
        usage::cpu_of(&self.child.id().to_string())
    }

    /// Resident memory now, and the highest since [`Portal::forget_peak`].
    pub(super) fn memory(&self) -> Memory {
        let process = self.child.id().to_string();
        Memory {
            now: usage::memory_mb(&process, "VmRSS:"),
            highest: usage::memory_mb(&process, "VmHWM:"),
        }
    }

    /// From now on the highest memory is measured anew, where Linux allows it.
    pub(super) fn forget_peak(&self) {
        let _ = std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5");
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// So many people from a list, letters for all of them, and a member of staff.
async fn fill_city(config: &Config, people: u32) -> ((String, String), String, Vec<String>) {
    let ctx = open_migrated(config).await.unwrap();
    town::fill(&ctx, "stadt.csv", import::csv(people).into_bytes()).await;
    let (email, password) = ("leitung@lindenau.example", "Sieben Zwerge im Wald");
    accounts::add_staff(
        &ctx,
        Actor::System,
        "Leitung",
        email,
        Role::RegistryOfficer,
        password,
    )
    .await
    .unwrap();
    let (batch, codes) = everybody(&ctx).await;
    ctx.db.close().await;
    ((email.to_owned(), password.to_owned()), batch, codes)
}

/// Letters for everybody who waits: the batch, and the codes as the form takes them.
async fn everybody(ctx: &Ctx) -> (String, Vec<String>) {
    let batch = town::letters(ctx).await;
    let links = town::links(ctx, batch, 1_000_000).await;
    // printed as a link; the form takes the part behind the fence
    let codes = links
        .into_iter()
        .map(|link| link.rsplit('#').next().unwrap_or("").to_owned())
        .collect();
    (batch.to_string(), codes)
}

/// The demo, and letters for everybody who waits: an account of staff, the batch and its codes.
async fn fill(config: &Config) -> ((String, String), String, Vec<String>) {
    let ctx = open_migrated(config).await.unwrap();
    let demo = demo::fill(&ctx, &config.data).await.unwrap().unwrap();
    let (batch, codes) = everybody(&ctx).await;
    ctx.db.close().await;
    let (email, _, password) = demo.staff[0].clone();
    ((email, password), batch, codes)
}
