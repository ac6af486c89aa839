//! What backups need of the register: its keys, and a municipality out of service while it is restored.

use super::{Hosting, HostingError, Municipality, Place, store};
use crate::{Ctx, db, depot::Depot, files, keys::Key, municipality::KeyCheck, root_key};

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

    /// Puts one municipality of a backup into a register that does not know it.
    pub(crate) async fn register_one(&self, m: &Municipality) -> Result<Municipality, HostingError> {
        let m = Municipality {
            state: m.during("restoring"),
            ..m.clone()
        };
        let mut tx = self.register.begin().await?;
        match store::insert(&mut tx, &m).await {
            Err(error) if db::is_duplicate(&error) => return Err(HostingError::Taken),
            done => done?,
        }
        self.note(&mut tx, &m.name, "restore").await?;
        tx.commit_unaudited("the register has events of its own").await?;
        self.named(&m.name).await
    }

    /// Takes a municipality out of service while its store is restored. What an interrupted restore has left is deleted;
    /// `None`: something stands there that is no such thing, and nothing has changed.
    pub(crate) async fn begin_restoring(
        &self,
        m: &Municipality,
    ) -> Result<Option<Municipality>, HostingError> {
        let interrupted = m.is("restoring");
        if !interrupted && m.state != m.after() {
            return Err(m.busy());
        }
        // before its portal is out of service
        if !interrupted && self.standing(m).await? != Standing::Nothing {
            return Ok(None);
        }
        let m = self
            .change(m, &m.during("restoring"), &m.place, "restore")
            .await?;
        tokio::time::sleep(self.notice()).await;
        match self.standing(&m).await? {
            Standing::Nothing => {}
            Standing::Half if interrupted => {}
            // somebody began to use it in these seconds
            Standing::Half | Standing::Whole => {
                self.end_restoring(&m).await?;
                return Ok(None);
            }
        }
        self.drop_store(&m, Place::parse(&m.place).unwrap_or(Place::File))
            .await?;
        // its own part of the place for files: nobody else can own it
        if let Some(files) = self.files_of(&m.name) {
            files::disown(&files).await?;
        }
        Ok(Some(m))
    }

    /// What stands in its store? A restore puts the key check in last: with it, a store is whole.
    pub(crate) async fn standing(&self, m: &Municipality) -> Result<Standing, HostingError> {
        let ctx = match self.ctx(m).await {
            Err(HostingError::Missing(_)) => return Ok(Standing::Nothing),
            ctx => ctx?,
        };
        let found = look_at(&ctx).await;
        ctx.db.close().await;
        found
    }

    /// Back in service, or suspended as before.
    pub(crate) async fn end_restoring(&self, m: &Municipality) -> Result<(), HostingError> {
        self.change(m, m.after(), &m.place, "restored").await.map(drop)
    }
}

/// What stands in a store that something could be restored into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// None, or one that was opened and never used.
    Nothing,
    /// What an interrupted restore has left.
    Half,
    /// A portal.
    Whole,
}

async fn look_at(ctx: &Ctx) -> Result<Standing, HostingError> {
    let (applied, known) = db::applied_and_known(&ctx.db).await?;
    if applied == 0 || applied >= known && !db::is_used(&ctx.db).await? {
        return Ok(Standing::Nothing);
    }
    Ok(match crate::municipality::key_check(ctx).await? {
        KeyCheck::Missing => Standing::Half,
        // also that of another key: it is somebody's
        KeyCheck::Opens | KeyCheck::Foreign => Standing::Whole,
    })
}
