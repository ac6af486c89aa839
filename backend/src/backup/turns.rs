//! Who is at work at a backup's place. A backup that is being made counts on pieces that are there already; one that
//! deletes old pieces must not take these from it. Both leave a mark at the place, look for the other's mark, and give
//! way: whoever deletes leaves it for the next time, whoever makes waits. So it holds for two timers, two machines, or a
//! backup by hand beside the nightly one, in a folder and in a bucket.

use super::BackupError;
use crate::{
    depot::{Depot, DepotError},
    keys::{hex, random_bytes},
};
use chrono::TimeDelta;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinHandle;

/// Marks are written anew so often …
const RENEWED: Duration = Duration::from_secs(60);
/// … and one that is older belongs to a process that is gone.
const OLD: TimeDelta = TimeDelta::minutes(5);
/// How often a backup looks whether the other has ended.
const LOOK: Duration = Duration::from_millis(500);

const MARKS: &str = "at-work";
const MAKING: &str = "makes-";
const DELETING: &str = "deletes-";

/// A mark at the place, for as long as this lives. [`Turn::end`] takes it away; that of a process that was killed gets old.
pub(super) struct Turn {
    depot: Depot,
    mark: String,
    lost: Arc<AtomicBool>,
    renewing: JoinHandle<()>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

impl Turn {
    /// For making a backup: waits while another process deletes.
    pub(super) async fn making(depot: &Depot) -> Result<Turn, DepotError> {
        let turn = Turn::begin(depot, MAKING).await?;
        while turn.is_other(DELETING, "").await? {
            tokio::time::sleep(LOOK).await;
        }
        Ok(turn)
    }

    /// For deleting old pieces; not while another process makes a backup or deletes.
    pub(super) async fn deleting(depot: &Depot) -> Result<Turn, BackupError> {
        let turn = Turn::begin(depot, DELETING).await?;
        if turn.is_other(MAKING, DELETING).await? {
            turn.end().await;
            return Err(BackupError::AtWork);
        }
        Ok(turn)
    }

    async fn begin(depot: &Depot, kind: &str) -> Result<Turn, DepotError> {
        let name = hex(&random_bytes::<8>());
        let mark = format!("{MARKS}/{kind}{name}");
        depot.put(&mark, Vec::new()).await?;
        let lost = Arc::new(AtomicBool::new(false));
        let renewing = tokio::spawn(renew(depot.clone(), mark.clone(), lost.clone()));
        Ok(Turn {
            depot: depot.clone(),
            mark,
            lost,
            renewing,
        })
    }

    /// Is a process of one of these kinds at work? Marks of processes that are gone are deleted. How old a mark is, the
    /// place's own clock says.
    async fn is_other(&self, kind: &str, or: &str) -> Result<bool, DepotError> {
        self.depot.put(&self.mark, Vec::new()).await?;
        let marks = self.depot.files(MARKS).await?;
        let own = self.mark.rsplit('/').next().unwrap_or_default();
        let Some(now) = marks.get(own).map(|m| m.changed) else {
            return Ok(true);
        };
        let mut other = false;
        for (name, mark) in marks.iter().filter(|(name, _)| *name != own) {
            if now - mark.changed > OLD {
                self.depot.delete(&format!("{MARKS}/{name}")).await?;
            } else {
                other |= name.starts_with(kind) || !or.is_empty() && name.starts_with(or);
            }
        }
        Ok(other)
    }

    /// Is it still its turn? Not if it was held up for so long that another process has taken its mark away.
    pub(super) async fn holds(&self) -> Result<bool, DepotError> {
        Ok(!self.lost.load(Ordering::Relaxed) && self.depot.get(&self.mark).await?.is_some())
    }

    /// Takes the mark away. Where that is not allowed (a bucket that can only be written), it gets old.
    pub(super) async fn end(mut self) {
        self.renewing.abort();
        let _ = (&mut self.renewing).await;
        if let Err(error) = self.depot.delete(&self.mark).await {
            tracing::warn!(%error, mark = self.mark, "the mark of this backup stays at its place for five minutes");
        }
    }
}

/// Writes a mark anew until it is gone.
async fn renew(depot: Depot, mark: String, lost: Arc<AtomicBool>) {
    loop {
        tokio::time::sleep(RENEWED).await;
        match depot.get(&mark).await {
            Ok(None) => return lost.store(true, Ordering::Relaxed),
            Ok(Some(_)) => drop(depot.put(&mark, Vec::new()).await),
            // a place that does not answer is asked again; the backup itself fails if it does not come back
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::depot::S3;
    use std::{fs::File, path::Path, time::Duration};

    fn mark(folder: &Path, name: &str, minutes: u64) {
        std::fs::create_dir_all(folder.join(MARKS)).unwrap();
        let file = File::create(folder.join(MARKS).join(name)).unwrap();
        let now = file.metadata().unwrap().modified().unwrap();
        let then = now - Duration::from_secs(60 * minutes);
        file.set_modified(then).unwrap();
    }

    fn names(folder: &Path) -> Vec<String> {
        // a folder without a mark goes with the last one
        let Ok(entries) = std::fs::read_dir(folder.join(MARKS)) else {
            return Vec::new();
        };
        entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[tokio::test]
    async fn whoever_deletes_gives_way() {
        let folder = tempfile::tempdir().unwrap();
        let depot = Depot::open(&format!("folder:{}", folder.path().display()), &S3::default()).unwrap();
        for other in ["makes-x", "deletes-x"] {
            mark(folder.path(), other, 4);
            let refused = Turn::deleting(&depot).await;
            assert!(matches!(refused, Err(BackupError::AtWork)));
            assert_eq!(names(folder.path()), [other], "its own mark is taken away again");
            // a process that was killed
            mark(folder.path(), other, 6);
            Turn::deleting(&depot).await.unwrap().end().await;
            assert!(names(folder.path()).is_empty());
        }
        // backups do not hinder each other
        mark(folder.path(), "makes-x", 1);
        Turn::making(&depot).await.unwrap().end().await;
    }

    #[tokio::test]
    async fn whoever_makes_waits() {
        let folder = tempfile::tempdir().unwrap();
        let depot = Depot::open(&format!("folder:{}", folder.path().display()), &S3::default()).unwrap();
        let deleting = Turn::deleting(&depot).await.unwrap();
        let mut making = tokio::spawn({
            let depot = depot.clone();
            async move { Turn::making(&depot).await }
        });
        let early = tokio::time::timeout(Duration::from_secs(2), &mut making).await;
        assert!(early.is_err(), "it did not wait");
        deleting.end().await;
        let making = making.await.unwrap().unwrap();
        assert!(making.holds().await.unwrap());
        // it stood still, and another process took its mark for that of a dead one
        depot.delete(&making.mark).await.unwrap();
        assert!(!making.holds().await.unwrap());
    }
}
