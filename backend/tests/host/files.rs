//! Files outside the store: carried out after the upload, read, deleted, judged, backed up; and a storage that is down.

use crate::{
    backups::{bucket, folder_depot, other_kind},
    kit, lived, redeem,
    stores::empty,
};
use backend::{
    Ctx, Failure,
    accounts::{self, SignedIn},
    backup::{self, BackupError},
    cases,
    db::testing,
    depot::{Depot, S3},
    doctor,
    files::{self, FilesError, Judgement},
    jobs, municipality,
};
use domain::{
    access::{Actor, Role},
    cases::CaseKind,
};
use std::path::{Path, PathBuf};
use uuid::Uuid;

fn png() -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(600, 400, |x, y| image::Rgb([x as u8, y as u8, 90]));
    image::DynamicImage::from(picture)
        .write_to(&mut out, image::ImageFormat::Png)
        .unwrap();
    out.into_inner()
}

fn film() -> Vec<u8> {
    let mut bytes = b"\0\0\0\x18ftypisom".to_vec();
    bytes.extend((0..municipality::PIECE * 2 + 17).map(|n| (n % 251) as u8));
    bytes
}

/// A case with a picture, and a film.
struct Uploads {
    who: SignedIn,
    case: Uuid,
    picture: Uuid,
    clerk: Actor,
}

async fn upload(ctx: &Ctx) -> Uploads {
    let lived = lived(ctx).await;
    let who = redeem(ctx, &lived.posted[1].0).await.unwrap();
    let request = cases::begin_values(ctx, &who, CaseKind::ProfileChange)
        .await
        .unwrap()
        .unwrap()
        .with("family_name", "Schulz")
        .with("reason", "Heirat");
    let case = cases::begin(ctx, &who, CaseKind::ProfileChange, &request)
        .await
        .unwrap();
    cases::submit_with_picture(ctx, &who, case, png(), false, "Ja")
        .await
        .unwrap();
    let mut upload = municipality::begin_film(ctx, kit::ADMINISTRATOR).unwrap();
    upload.add(ctx, &film()).await.unwrap();
    upload.finish(ctx).await.unwrap();
    let clerk = accounts::add_staff(
        ctx,
        kit::ADMINISTRATOR,
        "Cleo Clerk",
        "cleo@lindenau.example",
        Role::Clerk,
        "Sieben Zwerge im Wald",
    )
    .await
    .unwrap();
    let clerk = Actor::staff(clerk, Role::Clerk);
    let picture = cases::open(ctx, clerk, case).await.unwrap().files[0].id;
    Uploads {
        who,
        case,
        picture,
        clerk,
    }
}

async fn whole_film(ctx: &Ctx) -> Vec<u8> {
    let shown = municipality::film(ctx).await.unwrap().unwrap();
    let mut read = Vec::new();
    let mut n = 0;
    while let Some(piece) = municipality::piece(ctx, shown.id, n).await.unwrap() {
        read.extend(piece);
        n += 1;
    }
    read
}

/// Names of files that are outside; the one that says whose place it is does not count.
async fn outside(depot: &Depot) -> Vec<String> {
    let files = depot.files("").await.unwrap();
    files.into_keys().filter(|name| name != "owner").collect()
}

fn whole(known: usize) -> Judgement {
    Judgement {
        known,
        ..Judgement::default()
    }
}

async fn out_and_back(ctx: Ctx, depot: Depot, backups: Depot) {
    let ctx = Ctx {
        files: Some(depot.clone()),
        ..ctx
    };
    let up = upload(&ctx).await;
    let before = cases::own_picture(&ctx, &up.who, up.case, up.picture)
        .await
        .unwrap();
    // uploaded is uploaded; the job carries it out afterwards, and nobody notices
    assert!(outside(&depot).await.is_empty());
    jobs::run_due(&ctx).await.unwrap();
    assert_eq!(outside(&depot).await.len(), 4, "a picture and three pieces");
    assert_eq!(files::judge(&ctx, true).await.unwrap(), whole(4));
    let after = cases::picture(&ctx, up.clerk, up.case, up.picture).await.unwrap();
    assert_eq!(before, after);
    assert_eq!(whole_film(&ctx).await, film());
    // nothing of it can be read outside
    for hash in &outside(&depot).await {
        let bytes = depot
            .get(&format!("{}/{hash}", &hash[..2]))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(&backend::keys::hex(&backend::keys::sha256(&bytes)), hash);
        for known in [&before[..64], &film()[..64]] {
            assert!(memchr::memmem::find(&bytes, known).is_none());
        }
    }

    // a backup has them, and puts them back: inside where no place is set
    let made = backup::make(&ctx, &backups).await.unwrap();
    assert_eq!((made.files, made.missing), (4, 0));
    backup::check(&ctx, &backups, None).await.unwrap();
    if let Some(there) = other_kind(&ctx).await {
        let there = Ctx { files: None, ..there };
        let restored = backup::restore(&there, &backups, None).await.unwrap();
        assert_eq!((restored.files, restored.missing, restored.lost), (4, 0, 0));
        let picture = cases::picture(&there, up.clerk, up.case, up.picture)
            .await
            .unwrap();
        assert_eq!(picture, after);
        assert_eq!(whole_film(&there).await, film());
        assert_eq!(files::judge(&there, true).await.unwrap(), whole(0));
    }
    // … or into a place of its own
    if let Some(there) = other_kind(&ctx).await {
        let folder = tempfile::tempdir().unwrap();
        let there = Ctx {
            files: Some(folder_depot(&folder)),
            ..there
        };
        backup::restore(&there, &backups, None).await.unwrap();
        assert_eq!(files::judge(&there, true).await.unwrap(), whole(4));
        assert_eq!(whole_film(&there).await, film());
        // and from there back into the store
        assert_eq!(files::take_in(&there).await.unwrap(), 4);
        let there = Ctx { files: None, ..there };
        assert_eq!(whole_film(&there).await, film());
    }

    // deleting is deleting
    municipality::delete_film(&ctx, kit::ADMINISTRATOR).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    assert_eq!(outside(&depot).await.len(), 1);
    cases::withdraw(&ctx, &up.who, up.case).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    assert!(outside(&depot).await.is_empty());
    assert_eq!(files::judge(&ctx, true).await.unwrap(), whole(0));
    // the backup keeps them until it is pruned
    ctx.clock.advance(chrono::Duration::hours(1));
    backup::make(&ctx, &backups).await.unwrap();
    assert_eq!(backups.files("files").await.unwrap().len(), 4);
    backup::prune(&ctx, &backups, 1).await.unwrap();
    assert!(backups.files("files").await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_folder_from_sqlite() {
    let (files, backups) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    out_and_back(
        testing::sqlite().await,
        folder_depot(&files),
        folder_depot(&backups),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_bucket_from_postgres() {
    let (Some(ctx), Some((address, s3))) = (testing::postgres().await, bucket().await) else {
        return;
    };
    let backups = tempfile::tempdir().unwrap();
    out_and_back(
        ctx,
        Depot::open_brisk(&address, &s3).unwrap(),
        folder_depot(&backups),
    )
    .await;
}

fn some_file(folder: &Path) -> PathBuf {
    let parts = std::fs::read_dir(folder).unwrap().map(|p| p.unwrap().path());
    let part = parts.into_iter().find(|p| p.is_dir()).unwrap();
    std::fs::read_dir(part).unwrap().next().unwrap().unwrap().path()
}

/// Missing, damaged and extra files are found; a damaged one is not shown, and does not stop a backup.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let ctx = Ctx {
        files: Some(folder_depot(&folder)),
        ..testing::sqlite().await
    };
    let up = upload(&ctx).await;
    municipality::delete_film(&ctx, kit::ADMINISTRATOR).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let file = some_file(folder.path());
    let good = std::fs::read(&file).unwrap();
    let mut bent = good.clone();
    bent[100] ^= 1;
    std::fs::write(&file, &bent).unwrap();
    // a look at names and sizes does not see it, reading does
    assert_eq!(files::judge(&ctx, false).await.unwrap(), whole(1));
    assert_eq!(files::judge(&ctx, true).await.unwrap().damaged, 1);
    let shown = cases::picture(&ctx, up.clerk, up.case, up.picture).await;
    assert!(matches!(shown, Err(Failure::Broken(_))), "{shown:?}");
    std::fs::write(&file, b"short").unwrap();
    assert_eq!(files::judge(&ctx, false).await.unwrap().damaged, 1);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(files::judge(&ctx, false).await.unwrap().missing, 1);
    let backups = tempfile::tempdir().unwrap();
    let made = backup::make(&ctx, &folder_depot(&backups)).await.unwrap();
    assert_eq!((made.files, made.missing), (1, 1));
    let bad = doctor::examine(&ctx, true).await.unwrap();
    assert!(bad.iter().any(|d| d.key == "files" && !d.healthy));
    std::fs::write(&file, &good).unwrap();
    cases::picture(&ctx, up.clerk, up.case, up.picture).await.unwrap();

    // what nobody knows counts after a day, and is deleted then
    let stray = folder.path().join("ab");
    std::fs::create_dir_all(&stray).unwrap();
    std::fs::write(stray.join("ab".repeat(32)), b"cut off").unwrap();
    ctx.clock.advance(chrono::Utc::now() - ctx.clock.now());
    assert_eq!(files::judge(&ctx, false).await.unwrap().extra, 0);
    ctx.clock.advance(chrono::Duration::hours(25));
    assert_eq!(files::judge(&ctx, false).await.unwrap().extra, 1);
    files::delete_extra(&ctx).await.unwrap();
    assert_eq!(files::judge(&ctx, false).await.unwrap(), whole(1));

    // another store at the same place touches nothing
    let stranger = Ctx {
        files: ctx.files.clone(),
        clock: ctx.clock.clone(),
        ..testing::sqlite().await
    };
    assert!(matches!(
        files::delete_extra(&stranger).await,
        Err(FilesError::Foreign)
    ));
    assert!(matches!(
        files::judge(&stranger, false).await,
        Err(FilesError::Foreign)
    ));
    assert_eq!(files::judge(&ctx, true).await.unwrap(), whole(1));
    // unless it is told that the other one is gone
    files::release(&stranger).await.unwrap();
    files::delete_extra(&stranger).await.unwrap();
    files::release(&stranger).await.unwrap();

    // the operator forgot to say where they are
    let forgetful = Ctx { files: None, ..ctx };
    assert!(files::judge(&forgetful, false).await.unwrap().no_place);
    let bad = doctor::examine(&forgetful, true).await.unwrap();
    assert!(bad.iter().any(|d| d.key == "files-no-place" && !d.healthy));
}

/// A storage that does not answer stops no upload: the bytes wait in the store, and the job is tried again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storage_that_is_down_delays_only_the_job() {
    let s3 = S3 {
        endpoint: "http://127.0.0.1:9".to_owned(),
        key: "key".to_owned(),
        secret: "secret".to_owned(),
        ..S3::default()
    };
    let ctx = Ctx {
        files: Some(Depot::open_impatient("s3://bucket", &s3).unwrap()),
        ..testing::sqlite().await
    };
    let up = upload(&ctx).await;
    jobs::run_due(&ctx).await.unwrap();
    cases::picture(&ctx, up.clerk, up.case, up.picture).await.unwrap();
    assert_eq!(whole_film(&ctx).await, film());
    let failing = jobs::failing(&ctx, kit::ADMINISTRATOR).await.unwrap();
    let job = failing.iter().find(|j| j.kind == "tidy-files").unwrap();
    assert!(!job.error.as_deref().unwrap_or_default().contains("secret"));
    let bad = doctor::examine(&ctx, true).await.unwrap();
    assert!(bad.iter().any(|d| d.key == "files-place" && !d.healthy));
    // it is back
    let folder = tempfile::tempdir().unwrap();
    let ctx = Ctx {
        files: Some(folder_depot(&folder)),
        ..ctx
    };
    ctx.clock.advance(chrono::Duration::hours(2));
    jobs::run_due(&ctx).await.unwrap();
    assert_eq!(files::judge(&ctx, true).await.unwrap(), whole(4));
}

/// A file that is damaged in the backup is said by the check, does not stop a restore, and is mended by the next backup.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_in_the_backup() {
    let (folder, backups) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ctx = Ctx {
        files: Some(folder_depot(&folder)),
        ..testing::sqlite().await
    };
    upload(&ctx).await;
    jobs::run_due(&ctx).await.unwrap();
    let depot = folder_depot(&backups);
    backup::make(&ctx, &depot).await.unwrap();
    let copy = some_file(&backups.path().join("files"));
    std::fs::write(&copy, b"cut off").unwrap();
    let checked = backup::check(&ctx, &depot, None).await;
    assert!(matches!(checked, Err(BackupError::File(_))), "{checked:?}");
    let fresh = || async {
        let folder = tempfile::tempdir().unwrap().keep();
        let db = empty(&format!("sqlite:{}", folder.join("x.db").display())).await;
        let files = None;
        Ctx {
            db,
            files,
            ..ctx.clone()
        }
    };
    let restored = backup::restore(&fresh().await, &depot, None).await.unwrap();
    assert_eq!((restored.files, restored.lost), (3, 1));
    ctx.clock.advance(chrono::Duration::hours(1));
    backup::make(&ctx, &depot).await.unwrap();
    backup::check(&ctx, &depot, None).await.unwrap();
    let restored = backup::restore(&fresh().await, &depot, None).await.unwrap();
    assert_eq!((restored.files, restored.lost), (4, 0));
}
