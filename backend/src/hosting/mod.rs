//! Many municipalities in one process (docs/adr/0032): a register says which host name belongs to which store. A
//! municipality has a store of its own (a SQLite file or a PostgreSQL schema) and a master key of its own, so that no
//! query, no key and no job of one can reach another.

mod backups;
mod error;
mod moving;
mod municipality;
mod store;

pub(crate) use backups::Standing;
pub use error::HostingError;
pub use moving::{MoveError, Moved, copy_store};
pub use municipality::{Municipality, Place, host_of};

use municipality::bound;

use crate::{
    Ctx,
    ctx::Clock,
    db::{self, Db, PgStore, Schema, Size},
    depot::Depot,
    files,
    keys::Key,
    mail::Mailer,
    outgoing::Outgoing,
    push,
    root_key::{self, Before, Wrap},
    virus,
};
use chrono::{DateTime, Utc};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use uuid::Uuid;

/// What the operator set for all municipalities.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder with a folder for each municipality.
    pub data: PathBuf,
    /// Where the register is.
    pub register: String,
    /// The PostgreSQL database for schemas, if there is one.
    pub schemas: Option<String>,
    /// `folder:PATH`, `smtp://…` or `smtps://…`.
    pub mail: String,
    /// Most connections to PostgreSQL, over all municipalities.
    pub connections: u32,
    /// Where files are kept outside the stores, each municipality's in a part of its own.
    pub files: Option<Depot>,
    /// Whom administrators may name as their sign-in service.
    pub outgoing: Outgoing,
}

/// The register, and what all municipalities share: connections, the bound on hashing, the mail server.
#[derive(Clone)]
pub struct Hosting {
    register: Db,
    schemas: Option<sqlx::PgPool>,
    settings: Arc<Settings>,
    /// What the key file says, and the register's root key under it.
    key_file: Key,
    master: Key,
    clock: Clock,
    hashing: Arc<tokio::sync::Semaphore>,
    push: Arc<push::Services>,
    scanner: Option<Arc<virus::Scanner>>,
}

impl Hosting {
    /// Opens the register and brings it up to date.
    pub async fn open(settings: Settings, key_file: Key, clock: Clock) -> Result<Self, HostingError> {
        Self::open_register(settings, key_file, clock, true).await
    }

    /// Opens the register as it is, for those who only want to look; [`HostingError::Behind`] if it has an older schema.
    pub async fn look(settings: Settings, key_file: Key, clock: Clock) -> Result<Self, HostingError> {
        Self::open_register(settings, key_file, clock, false).await
    }

    async fn open_register(
        settings: Settings,
        key_file: Key,
        clock: Clock,
        migrate: bool,
    ) -> Result<Self, HostingError> {
        let size = Size {
            connections: settings.connections,
            ..Size::ONE_OF_MANY
        };
        let register = Db::open_with(&settings.register, &size).await?;
        let schemas = match (&settings.schemas, &register) {
            (Some(url), _) => match Db::open_with(url, &size).await? {
                Db::Postgres(store) => Some(store.pool().clone()),
                Db::Sqlite { .. } => return Err(HostingError::NoPostgres),
            },
            (None, Db::Postgres(store)) => Some(store.pool().clone()),
            (None, Db::Sqlite { .. }) => None,
        };
        // beside the municipalities' schemas, one for the register
        let register = match register {
            Db::Postgres(store) => Db::Postgres(PgStore::register(store.pool().clone())),
            file => file,
        };
        if migrate {
            db::migrate_register(&register).await?;
        }
        let (applied, known) = db::register_applied_and_known(&register).await?;
        if applied < known {
            return Err(HostingError::Behind { applied, known });
        }
        let master = match migrate {
            true => Self::root_key(&register, &key_file, &clock).await?,
            false => root_key::opened_by(&register, &key_file).await?,
        };
        let parallel = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Ok(Self {
            register,
            schemas,
            settings: Arc::new(settings),
            key_file,
            master,
            clock,
            hashing: Arc::new(tokio::sync::Semaphore::new(parallel)),
            push: Arc::default(),
            scanner: None,
        })
    }

    /// The register's root key; a new register gets one.
    async fn root_key(register: &Db, key_file: &Key, clock: &Clock) -> Result<Key, HostingError> {
        let mut tx = register.read().await?;
        let before = match store::all(&mut tx).await?.first() {
            None => Before::New,
            Some(m) if key_file.unwrap_key(&m.wrapped_key, &m.bound()).is_ok() => Before::Opens,
            Some(_) => Before::Foreign,
        };
        drop(tx);
        Ok(root_key::of_store(register, key_file, clock.now(), before).await?)
    }

    /// With other push services than the known ones.
    #[must_use]
    pub fn with_push_services(mut self, services: push::Services) -> Self {
        self.push = Arc::new(services);
        self
    }

    /// With a virus scanner.
    #[must_use]
    pub fn with_scanner(mut self, scanner: virus::Scanner) -> Self {
        self.scanner = Some(Arc::new(scanner));
        self
    }

    /// All municipalities, by name.
    pub async fn list(&self) -> Result<Vec<Municipality>, HostingError> {
        let mut tx = self.register.read().await?;
        Ok(store::all(&mut tx).await?)
    }

    /// Whose portal this host name is.
    pub async fn of_host(&self, host: &str) -> Result<Option<Municipality>, HostingError> {
        let mut tx = self.register.read().await?;
        Ok(store::of_host(&mut tx, &host.to_ascii_lowercase()).await?)
    }

    /// By its short name.
    pub async fn named(&self, name: &str) -> Result<Municipality, HostingError> {
        let mut tx = self.register.read().await?;
        let found = store::named(&mut tx, name).await?;
        found.ok_or_else(|| HostingError::Unknown(name.to_owned()))
    }

    /// Registers a municipality with a master key of its own, and makes its store.
    pub async fn create(
        &self,
        name: &str,
        base_url: &str,
        place: Place,
        mail_from: Option<&str>,
    ) -> Result<Municipality, HostingError> {
        Schema::of(name).ok_or_else(|| HostingError::Name(name.to_owned()))?;
        let host = host_of(base_url).ok_or_else(|| HostingError::Address(base_url.to_owned()))?;
        if place == Place::Schema && self.schemas.is_none() {
            return Err(HostingError::NoPostgres);
        }
        let plain_host = host.split(':').next().unwrap_or_default();
        let municipality = Municipality {
            name: name.to_owned(),
            base_url: base_url.to_owned(),
            place: place.key().to_owned(),
            state: "active".to_owned(),
            mail_from: mail_from.map_or_else(|| format!("portal@{plain_host}"), str::to_owned),
            wrapped_key: self.master.wrap(&Key::random(), &bound(name))?,
            version: 1,
            created_at: self.clock.now(),
            host,
        };
        // a mail address that is none is said before anything is made
        drop(self.mailer(&municipality)?);
        if self.is_there(name, place).await? {
            return Err(match self.named(name).await {
                Ok(_) => HostingError::Taken,
                Err(_) => HostingError::Leftover(self.where_is(name, place)),
            });
        }
        let mut tx = self.register.begin().await?;
        match store::insert(&mut tx, &municipality).await {
            Err(error) if db::is_duplicate(&error) => return Err(HostingError::Taken),
            done => done?,
        }
        self.note(&mut tx, name, "create").await?;
        tx.commit_unaudited("the register has events of its own").await?;
        if let Err(error) = self.make_store(&municipality).await {
            // nobody has it yet: as if it had not been asked for
            if let Err(error) = self.drop_store(&municipality, place).await {
                tracing::warn!(%error, "what was made is not deleted");
            }
            let mut tx = self.register.begin().await?;
            store::delete(&mut tx, name).await?;
            self.note(&mut tx, name, "create-failed").await?;
            tx.commit_unaudited("the register has events of its own").await?;
            return Err(error);
        }
        Ok(municipality)
    }

    async fn make_store(&self, m: &Municipality) -> Result<(), HostingError> {
        let ctx = self.ctx_new(m).await?;
        let made = async {
            db::migrate(&ctx.db).await?;
            // so that a store that knows no key is one whose restore was interrupted
            Ok(crate::municipality::remember_key(&ctx).await?)
        };
        let made = made.await;
        ctx.db.close().await;
        made
    }

    /// Stops or starts a portal; servers notice within two seconds. Starting ends a move that was interrupted, too: the
    /// portal stays where it is.
    pub async fn set_suspended(&self, name: &str, suspended: bool) -> Result<(), HostingError> {
        let m = self.named(name).await?;
        if m.is("moving") && !suspended {
            return self.settle(&m).await;
        }
        if m.state != m.after() {
            return Err(m.busy());
        }
        let (state, action) = if suspended {
            ("suspended", "suspend")
        } else {
            ("active", "resume")
        };
        self.change(&m, state, &m.place, action).await.map(drop)
    }

    /// Deletes a municipality with everything that is stored of it, and its key: what may be left in a backup cannot be
    /// read any more by whoever has no older copy of the register.
    pub async fn delete(&self, name: &str) -> Result<(), HostingError> {
        let m = self.named(name).await?;
        if m.is("moving") {
            return Err(m.busy());
        }
        // servers close the store when they see this; a deletion that was interrupted is begun anew with the same command
        let m = self.change(&m, "deleting", &m.place, "delete").await?;
        tokio::time::sleep(self.notice()).await;
        self.drop_store(&m, Place::parse(&m.place).unwrap_or(Place::File))
            .await?;
        if let Some(files) = self.files_of(name) {
            files::delete_all(&files).await?;
        }
        let folder = self.folder(&m);
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        let mut tx = self.register.begin().await?;
        store::delete(&mut tx, name).await?;
        self.note(&mut tx, name, "deleted").await?;
        tx.commit_unaudited("the register has events of its own").await?;
        Ok(self.register.truncate_log().await?)
    }

    /// The key files that may open the register, and with it every municipality.
    pub async fn key_files(&self) -> Result<Vec<Wrap>, HostingError> {
        Ok(root_key::list(&self.register).await?)
    }

    /// A second key file may open the register, too.
    pub async fn add_key_file(&self, file: &Key) -> Result<(), HostingError> {
        let mut tx = self.register.begin().await?;
        root_key::add_in(&mut tx, file, &self.master, self.clock.now()).await?;
        self.note(&mut tx, &root_key::fingerprint(file), "key-add")
            .await?;
        Ok(tx.commit_unaudited("the register has events of its own").await?)
    }

    /// Only the key file that is in use may open the register from now on; how many others may no longer.
    pub async fn retire_other_key_files(&self) -> Result<usize, HostingError> {
        let mut tx = self.register.begin().await?;
        let count = root_key::retire_in(&mut tx, &self.key_file).await?;
        self.note(
            &mut tx,
            &root_key::fingerprint(&self.key_file),
            "key-retire-others",
        )
        .await?;
        tx.commit_unaudited("the register has events of its own").await?;
        self.register.rewrite_one("root_keys").await?;
        Ok(count)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Opens the store of a municipality. Does not migrate.
    pub async fn ctx(&self, m: &Municipality) -> Result<Ctx, HostingError> {
        let place = Place::parse(&m.place).unwrap_or(Place::File);
        self.ctx_on(m, self.store_of(&m.name, place).await?)
    }

    /// [`Hosting::ctx`], with a new store if there is none.
    pub(crate) async fn ctx_new(&self, m: &Municipality) -> Result<Ctx, HostingError> {
        let place = Place::parse(&m.place).unwrap_or(Place::File);
        self.ctx_on(m, self.new_store_of(&m.name, place).await?)
    }

    /// A municipality on another store than its own.
    pub(crate) fn ctx_on(&self, m: &Municipality, db: Db) -> Result<Ctx, HostingError> {
        let key = self.master.unwrap_key(&m.wrapped_key, &m.bound())?;
        let mut ctx = Ctx::new(db, self.clock.clone(), key, self.mailer(m)?, &m.base_url);
        // one bound for the whole process: memory is shared, too
        ctx.hashing = self.hashing.clone();
        ctx.push = self.push.clone();
        ctx.outgoing = self.settings.outgoing.clone();
        ctx.files = self.files_of(&m.name);
        ctx.scanner.clone_from(&self.scanner);
        Ok(ctx)
    }

    fn files_of(&self, name: &str) -> Option<Depot> {
        let files = self.settings.files.as_ref()?;
        Some(files.within("municipalities").within(name))
    }

    /// Time after which every server knows of a change of the register, and works no more in a store that it may not have.
    fn notice(&self) -> std::time::Duration {
        match self.clock {
            // a look each second, five for the job and the requests in hand, and some
            Clock::System => std::time::Duration::from_secs(8),
            Clock::Fixed(_) => std::time::Duration::ZERO,
        }
    }

    fn file_of(&self, name: &str) -> PathBuf {
        self.settings
            .data
            .join("municipalities")
            .join(name)
            .join("stadtbrief.db")
    }

    /// Opens a store that is there: a new one in its place would look like a portal that everybody has left.
    async fn store_of(&self, name: &str, place: Place) -> Result<Db, HostingError> {
        match self.is_there(name, place).await? {
            true => self.new_store_of(name, place).await,
            false => Err(HostingError::Missing(self.where_is(name, place))),
        }
    }

    /// Is there a file, or a schema, of this name?
    async fn is_there(&self, name: &str, place: Place) -> Result<bool, HostingError> {
        if place == Place::File {
            return Ok(self.file_of(name).exists());
        }
        Ok(match self.new_store_of(name, place).await? {
            Db::Postgres(store) => store.schema_exists().await?,
            Db::Sqlite { .. } => true,
        })
    }

    /// Where a store is, in words for the operator.
    fn where_is(&self, name: &str, place: Place) -> String {
        match place {
            Place::File => self.file_of(name).display().to_string(),
            Place::Schema => {
                let schema = Schema::of(name).map(|s| s.name().to_owned());
                format!("schema {}", schema.unwrap_or_default())
            }
        }
    }

    async fn new_store_of(&self, name: &str, place: Place) -> Result<Db, HostingError> {
        match place {
            Place::File => {
                let file = self.file_of(name);
                if let Some(folder) = file.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                let url = format!("sqlite:{}", file.display());
                Ok(Db::open_with(&url, &Size::ONE_OF_MANY).await?)
            }
            Place::Schema => {
                let pool = self.schemas.clone().ok_or(HostingError::NoPostgres)?;
                let schema = Schema::of(name).ok_or_else(|| HostingError::Name(name.to_owned()))?;
                let share = (self.settings.connections / 2).max(2) as usize;
                Ok(Db::Postgres(PgStore::one_of_many(pool, schema, share)))
            }
        }
    }

    async fn drop_store(&self, m: &Municipality, place: Place) -> Result<(), HostingError> {
        match place {
            Place::File => {
                let file = self.file_of(&m.name);
                for end in ["", "-wal", "-shm", "-journal"] {
                    match std::fs::remove_file(format!("{}{end}", file.display())) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error)?,
                        _ => {}
                    }
                }
            }
            Place::Schema => {
                if let Db::Postgres(store) = self.new_store_of(&m.name, place).await? {
                    store.drop_schema().await?;
                }
            }
        }
        Ok(())
    }

    fn folder(&self, m: &Municipality) -> PathBuf {
        self.settings.data.join("municipalities").join(&m.name)
    }

    fn mailer(&self, m: &Municipality) -> Result<Mailer, HostingError> {
        Ok(match self.settings.mail.strip_prefix("folder:") {
            // each has a folder of its own
            Some(folder) => Mailer::folder(&Path::new(folder).join(&m.name), &m.mail_from)?,
            None => Mailer::smtp(&self.settings.mail, &m.mail_from)?,
        })
    }

    async fn change(
        &self,
        m: &Municipality,
        state: &str,
        place: &str,
        action: &str,
    ) -> Result<Municipality, HostingError> {
        let mut tx = self.register.begin().await?;
        if !store::change(&mut tx, m, state, place, self.clock.now()).await? {
            return Err(HostingError::Stale);
        }
        self.note(&mut tx, &m.name, action).await?;
        tx.commit_unaudited("the register has events of its own").await?;
        self.named(&m.name).await
    }

    async fn note(&self, tx: &mut db::Tx, name: &str, action: &str) -> db::Result<()> {
        store::note(
            tx,
            Uuid::from_bytes(crate::keys::random_bytes()),
            self.clock.now(),
            name,
            action,
        )
        .await
    }
}
