//! What backups need of the register: its keys, and a municipality out of service while it is restored.

use super::{Hosting, HostingError, Municipality, Place, store};
use crate::{db, depot::Depot, files, keys::Key, root_key};

impl Hosting {
    /// Puts what opens the register beside its backup.
    pub(crate) async fn back_up_keys(&self, depot: &Depot) -> Result<(), HostingError> {
        Ok(root_key::back_up(&self.register, &self.master, depot).await?)
    }

    /// The registers that a backup may be of: with each root key that the key file opens there.
    pub(crate) async fn of_backup(&self, depot: &Depot) -> Result<Vec<Hosting>, HostingError> {
        let keys = root_key::of_backup(depot, &self.key_file).await?;
        let with = |master| Hosting {
            master,
            ..self.clone()
        };
        Ok(keys.into_iter().map(with).collect())
    }

    /// Stores the root key of the backup that is restored; a register that is used must have the same.
    pub(crate) async fn adopt(&self) -> Result<(), HostingError> {
        if self.list().await?.is_empty() {
            return Ok(
                root_key::adopt(&self.register, &self.key_file, &self.master, self.clock.now()).await?,
            );
        }
        let known = root_key::opened_by(&self.register, &self.key_file).await?;
        match root_key::is_same(&known, &self.master) {
            true => Ok(()),
            false => Err(HostingError::OtherRegister),
        }
    }

    /// Encrypts the backup of the register.
    pub(crate) fn backup_key(&self) -> Key {
        Key::from_bytes(self.master.derive("backup", b"register"))
    }

    /// Encrypts the backups of a municipality.
    pub(crate) fn backup_key_of(&self, m: &Municipality) -> Result<Key, HostingError> {
        let key = self.master.unwrap_key(&m.wrapped_key, &m.bound())?;
        Ok(Key::from_bytes(key.derive("backup", b"")))
    }

    /// Puts the municipalities of a backup into a register that has none. They are out of service until each is restored.
    pub(crate) async fn register_again(&self, all: &[Municipality]) -> Result<(), HostingError> {
        let mut tx = self.register.begin().await?;
        if !store::all(&mut tx).await?.is_empty() {
            return Err(HostingError::InUse);
        }
        for m in all.iter().filter(|m| !m.is("deleting")) {
            let m = Municipality {
                state: m.during("restoring"),
                ..m.clone()
            };
            store::insert(&mut tx, &m).await?;
            self.note(&mut tx, &m.name, "restore").await?;
        }
        Ok(tx.commit_unaudited("the register has events of its own").await?)
    }

    /// Takes a municipality out of service while its store is restored. What an interrupted restore has left is deleted.
    pub(crate) async fn begin_restoring(&self, m: &Municipality) -> Result<Municipality, HostingError> {
        let interrupted = m.is("restoring");
        if !interrupted && m.state != m.after() {
            return Err(m.busy());
        }
        let m = self
            .change(m, &m.during("restoring"), &m.place, "restore")
            .await?;
        tokio::time::sleep(self.notice()).await;
        // one that was opened and never used is as good as none
        if interrupted || !self.is_used(&m).await? {
            self.drop_store(&m, Place::parse(&m.place).unwrap_or(Place::File))
                .await?;
            // its own part of the place for files: nobody else can own it
            if let Some(files) = self.files_of(&m.name) {
                files::disown(&files).await?;
            }
        }
        Ok(m)
    }

    async fn is_used(&self, m: &Municipality) -> Result<bool, HostingError> {
        let ctx = match self.ctx(m).await {
            Err(HostingError::Missing(_)) => return Ok(false),
            ctx => ctx?,
        };
        let used = match db::applied_and_known(&ctx.db).await {
            Ok((applied, known)) if applied >= known => db::is_used(&ctx.db).await,
            // an older schema has somebody's data, none at all has nothing
            Ok((applied, _)) => Ok(applied > 0),
            Err(error) => Err(error),
        };
        ctx.db.close().await;
        Ok(used?)
    }

    /// Back in service, or suspended as before.
    pub(crate) async fn end_restoring(&self, m: &Municipality) -> Result<(), HostingError> {
        self.change(m, m.after(), &m.place, "restored").await.map(drop)
    }
}
