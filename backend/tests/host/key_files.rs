//! The key file is changed while servers run; what it opened before, it opens no longer.

use crate::{backups::folder_depot, lived, redeem};
use backend::{
    Ctx, backup,
    db::{self, testing},
    keys::Key,
    root_key::{self, RootKeyError},
};

/// A store as a server opens it: with a key file.
fn opened(ctx: &Ctx, file: &Key) -> Ctx {
    Ctx {
        master: file.clone(),
        ..ctx.clone()
    }
}

async fn change(empty: Ctx) {
    let (old, new) = (Key::random(), Key::random());
    let server = root_key::enter(&opened(&empty, &old)).await.unwrap();
    // the store's key is not what stands in the file
    let sealed = old.seal(b"x", b"y").unwrap();
    assert!(server.master.open(&sealed, b"y").is_err());
    let lived = lived(&server).await;
    let backups = tempfile::tempdir().unwrap();
    let depot = folder_depot(&backups);
    let before = backup::make(&server, &depot).await.unwrap();

    // both open it, at the same time: letters of before are redeemed with either
    server.clock.advance(chrono::Duration::seconds(1));
    root_key::add(&server, &new).await.unwrap();
    let other = root_key::enter(&opened(&empty, &new)).await.unwrap();
    redeem(&other, &lived.posted[1].0).await.unwrap();
    redeem(&server, &lived.posted[2].0).await.unwrap();
    assert_eq!(root_key::list(&empty.db).await.unwrap().len(), 2);
    let stranger = root_key::enter(&opened(&empty, &Key::random())).await;
    assert!(matches!(stranger, Err(RootKeyError::Foreign)));
    // a file that is not in use cannot shut the others out
    let mistaken = root_key::retire_others(&other, &Key::random()).await;
    assert!(matches!(mistaken, Err(RootKeyError::Foreign)));
    // nor the old one the new one
    let mistaken = root_key::retire_others(&server, &old).await;
    assert!(matches!(mistaken, Err(RootKeyError::NotNewest)), "{mistaken:?}");

    assert_eq!(root_key::retire_others(&other, &new).await.unwrap(), 1);
    let late = root_key::enter(&opened(&empty, &old)).await;
    assert!(matches!(late, Err(RootKeyError::Foreign)));
    redeem(&other, &lived.posted[3].0).await.unwrap();

    // backups, also those of before, open with the new file from the next backup on
    other.clock.advance(chrono::Duration::hours(1));
    backup::make(&other, &depot).await.unwrap();
    let Some(there) = crate::backups::other_kind(&empty).await else {
        return;
    };
    let refused = backup::restore_with(&there, &depot, None, &old).await;
    assert!(refused.is_err());
    backup::restore_with(&there, &depot, Some(&before.name), &new)
        .await
        .unwrap();
    db::migrate(&there.db).await.unwrap();
    let restored = root_key::enter(&opened(&there, &new)).await.unwrap();
    assert!(backend::municipality::master_key_fits(&restored).await.unwrap());
    redeem(&restored, &lived.posted[4].0).await.unwrap();
}

crate::kit::db_tests!(change);

/// A store that is older than root keys keeps the key it has, and its file can be changed all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_from_before() {
    let ctx = testing::sqlite().await;
    assert!(backend::municipality::master_key_fits(&ctx).await.unwrap());
    let lived = lived(&ctx).await;
    let entered = root_key::enter(&ctx).await.unwrap();
    redeem(&entered, &lived.posted[1].0).await.unwrap();
    let new = Key::random();
    root_key::add(&entered, &new).await.unwrap();
    let other = root_key::enter(&opened(&ctx, &new)).await.unwrap();
    redeem(&other, &lived.posted[2].0).await.unwrap();
}

/// Such a store, first opened with a wrong file, is as it was: nothing is written, and the right file opens it.
async fn a_wrong_file_first(ctx: Ctx) {
    assert!(backend::municipality::master_key_fits(&ctx).await.unwrap());
    lived(&ctx).await;
    for _ in 0..2 {
        let wrong = root_key::enter(&opened(&ctx, &Key::random())).await;
        assert!(matches!(wrong, Err(RootKeyError::Foreign)));
    }
    assert!(root_key::list(&ctx.db).await.unwrap().is_empty());
    root_key::enter(&ctx).await.unwrap();
}

crate::kit::db_tests!(a_wrong_file_first);

/// A restore that was interrupted leaves a store that nobody opens by mistake.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_restore_is_not_opened() {
    let file = Key::random();
    let ctx = testing::sqlite().await;
    let server = root_key::enter(&opened(&ctx, &file)).await.unwrap();
    lived(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let depot = folder_depot(&folder);
    backup::make(&server, &depot).await.unwrap();
    // the largest piece is gone: the restore stops in the middle
    let pieces = std::fs::read_dir(folder.path().join("pieces")).unwrap();
    let largest = pieces
        .map(|p| p.unwrap().path())
        .max_by_key(|p| p.metadata().unwrap().len())
        .unwrap();
    std::fs::remove_file(largest).unwrap();
    let Some(there) = crate::backups::other_kind(&ctx).await else {
        return;
    };
    let there = opened(&there, &file);
    assert!(backup::restore_with(&there, &depot, None, &file).await.is_err());
    db::migrate(&there.db).await.unwrap();
    let opened_by_mistake = root_key::enter(&there).await;
    assert!(matches!(opened_by_mistake, Err(RootKeyError::Unfinished)));
}

/// Another store that backs up to the same place takes nothing away from the backups that are there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_stores_at_one_place() {
    let (file, other_file) = (Key::random(), Key::random());
    let folder = tempfile::tempdir().unwrap();
    let depot = folder_depot(&folder);
    let first = testing::sqlite().await;
    let first = root_key::enter(&opened(&first, &file)).await.unwrap();
    let lived = lived(&first).await;
    let made = backup::make(&first, &depot).await.unwrap();
    // the same key file and a new store, as after a loss that nobody has noticed; and another portal
    for (key, hours) in [(&file, 1), (&other_file, 2)] {
        let new = testing::sqlite().await;
        let new = root_key::enter(&opened(&new, key)).await.unwrap();
        new.clock.advance(chrono::Duration::hours(hours));
        backup::make(&new, &depot).await.unwrap();
    }
    let Some(there) = crate::backups::other_kind(&first).await else {
        return;
    };
    backup::restore_with(&there, &depot, Some(&made.name), &file)
        .await
        .unwrap();
    let restored = root_key::enter(&opened(&there, &file)).await.unwrap();
    redeem(&restored, &lived.posted[1].0).await.unwrap();
}

/// Servers that open a new store at the same moment have the same root key.
async fn at_the_same_moment(ctx: Ctx) {
    let file = Key::random();
    let mut running = Vec::new();
    for _ in 0..8 {
        let ctx = opened(&ctx, &file);
        running.push(tokio::spawn(async move { root_key::enter(&ctx).await.unwrap() }));
    }
    let mut keys = Vec::new();
    for one in running {
        keys.push(one.await.unwrap().master);
    }
    let sealed = keys[0].seal(b"x", b"y").unwrap();
    assert!(keys.iter().all(|k| k.open(&sealed, b"y").is_ok()));
}

crate::kit::db_tests!(at_the_same_moment);
