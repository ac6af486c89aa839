//! Backups: made while the portal is in use, restored into either kind of store, compared, and refused when damaged.

use crate::{lived, redeem, stores::empty};
use backend::{
    Ctx, Failure, audit,
    backup::{self, BackupError},
    db::testing,
    depot::{Depot, S3},
    jobs,
    keys::Key,
    letters,
    registration::RedeemRefusal,
    residents,
};
use domain::{access::Actor, registration::Refusal};

pub(crate) fn folder_depot(folder: &tempfile::TempDir) -> Depot {
    Depot::open(&format!("folder:{}", folder.path().display()), &S3::default()).unwrap()
}

/// An empty store of the other kind.
pub(crate) async fn other_kind(ctx: &Ctx) -> Option<Ctx> {
    let url = match ctx.db.kind() {
        "sqlite" => testing::empty_postgres().await?,
        _ => {
            let folder = tempfile::tempdir().unwrap().keep();
            format!("sqlite:{}", folder.join("restored.db").display())
        }
    };
    let db = empty(&url).await;
    Some(Ctx { db, ..ctx.clone() })
}

async fn there_and_back(ctx: Ctx, depot: Depot) {
    let lived = lived(&ctx).await;
    let first = backup::make(&ctx, &depot).await.unwrap();
    assert!(
        first.new > 5 && first.known == 0 && first.rows > 1_500,
        "{first:?}"
    );
    // one more registration: few pieces are new
    redeem(&ctx, &lived.posted[1].0).await.unwrap();
    ctx.clock.advance(chrono::Duration::hours(1));
    let second = backup::make(&ctx, &depot).await.unwrap();
    assert!(
        second.known > second.new / 2 && second.bytes < first.bytes,
        "{first:?} {second:?}"
    );
    assert_eq!(backup::list(&depot).await.unwrap().len(), 2);
    assert_eq!(backup::check(&ctx, &depot, None).await.unwrap().1, second.rows);

    let Some(there) = other_kind(&ctx).await else {
        return;
    };
    let restored = backup::restore(&there, &depot, None).await.unwrap();
    assert_eq!((restored.rows, restored.batches), (second.rows, 1));
    assert_eq!(
        residents::totals(&there, Actor::System).await.unwrap(),
        residents::totals(&ctx, Actor::System).await.unwrap()
    );
    assert!(audit::verify(&there).await.unwrap().is_ok());
    // what was acknowledged is there: spent letters are spent, posted ones work
    let used = redeem(&there, &lived.posted[1].0).await;
    assert!(
        matches!(
            used,
            Err(Failure::Refused(RedeemRefusal::Letter(Refusal::Used { .. })))
        ),
        "{used:?}"
    );
    redeem(&there, &lived.posted[2].0).await.unwrap();
    // the open batch was made anew: its former codes are void and say so, the new ones work
    jobs::run_due(&there).await.unwrap();
    let gone = redeem(&there, &lived.open[0].0).await;
    assert!(
        matches!(
            gone,
            Err(Failure::Refused(RedeemRefusal::Letter(Refusal::Replaced { .. })))
        ),
        "{gone:?}"
    );
    let batches = letters::batches(&there, Actor::System).await.unwrap();
    let new = batches.iter().find(|b| b.state == "ready").unwrap();
    let codes = letters::reveal(&there, new.id, 1_000).await.unwrap();
    assert_eq!(codes.len(), lived.open.len());
    assert!(codes.iter().all(|c| !lived.open.contains(c)));
    redeem(&there, &codes[0].0).await.unwrap();
    // never over something
    let refused = backup::restore(&there, &depot, None).await;
    assert!(matches!(refused, Err(BackupError::NotEmpty)), "{refused:?}");

    // the first backup is still what it was
    let Some(earlier) = other_kind(&ctx).await else {
        return;
    };
    let restored = backup::restore(&earlier, &depot, Some(&first.name))
        .await
        .unwrap();
    assert_eq!(restored.rows, first.rows);
    redeem(&earlier, &lived.posted[1].0).await.unwrap();

    // with another key it is noise
    let stranger = Ctx {
        master: Key::random(),
        ..ctx.clone()
    };
    assert!(matches!(
        backup::check(&stranger, &depot, None).await,
        Err(BackupError::WrongKey(_))
    ));

    // only the newest is kept, and it is whole
    let (old, pieces) = backup::prune(&ctx, &depot, 1).await.unwrap();
    assert!(old == 1 && pieces > 0);
    assert_eq!(backup::check(&ctx, &depot, None).await.unwrap().0, second.name);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    there_and_back(testing::sqlite().await, folder_depot(&folder)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_postgres() {
    let folder = tempfile::tempdir().unwrap();
    if let Some(ctx) = testing::postgres().await {
        there_and_back(ctx, folder_depot(&folder)).await;
    }
}

/// A server that speaks S3; the bucket is new.
pub(crate) async fn bucket() -> Option<(String, S3)> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told by environment which server to use"
    )]
    let (server, ci) = (std::env::var("TEST_S3_URL"), std::env::var("CI"));
    let Ok(endpoint) = server else {
        assert!(ci.is_err(), "TEST_S3_URL is not set: use `cargo xtask test`");
        return None;
    };
    let name = format!("b{}", backend::keys::hex(&backend::keys::random_bytes::<6>()));
    let made = reqwest::Client::new()
        .put(format!("{endpoint}/{name}"))
        .send()
        .await
        .unwrap();
    assert!(made.status().is_success(), "{}", made.status());
    let s3 = S3 {
        endpoint,
        key: "key".to_owned(),
        secret: "secret".to_owned(),
        ..S3::default()
    };
    Some((format!("s3://{name}/lindenau"), s3))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_s3() {
    if let Some((address, s3)) = bucket().await {
        there_and_back(testing::sqlite().await, Depot::open(&address, &s3).unwrap()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storage_that_is_down_is_said() {
    let s3 = S3 {
        endpoint: "http://127.0.0.1:9".to_owned(),
        key: "key".to_owned(),
        secret: "secret".to_owned(),
        ..S3::default()
    };
    // asking eight times takes a while; the first refusal is enough here
    let depot = Depot::open_impatient("s3://bucket", &s3).unwrap();
    let failed = backup::list(&depot).await;
    assert!(matches!(failed, Err(BackupError::Depot(_))), "{failed:?}");
    let text = failed.unwrap_err().to_string();
    assert!(!text.contains("secret"), "{text}");
}

/// A damaged and a missing piece are found before anything counts as restored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_is_found() {
    let ctx = testing::sqlite().await;
    lived(&ctx).await;
    let folder = tempfile::tempdir().unwrap();
    let depot = folder_depot(&folder);
    backup::make(&ctx, &depot).await.unwrap();
    let pieces = folder.path().join("pieces");
    let some = std::fs::read_dir(&pieces)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let whole = std::fs::read(&some).unwrap();
    let mut bent = whole.clone();
    bent[30] ^= 1;
    std::fs::write(&some, &bent).unwrap();
    let fresh = || async {
        let folder = tempfile::tempdir().unwrap().keep();
        let db = empty(&format!("sqlite:{}", folder.join("x.db").display())).await;
        Ctx { db, ..ctx.clone() }
    };
    assert!(matches!(
        backup::check(&ctx, &depot, None).await,
        Err(BackupError::Damaged { .. })
    ));
    let restored = backup::restore(&fresh().await, &depot, None).await;
    assert!(
        matches!(restored, Err(BackupError::Damaged { .. })),
        "{restored:?}"
    );
    std::fs::remove_file(&some).unwrap();
    let restored = backup::restore(&fresh().await, &depot, None).await;
    assert!(
        matches!(restored, Err(BackupError::Missing { .. })),
        "{restored:?}"
    );
    // the next backup puts the missing piece back
    ctx.clock.advance(chrono::Duration::minutes(1));
    let again = backup::make(&ctx, &depot).await.unwrap();
    assert!(again.new >= 1);
    backup::check(&ctx, &depot, None).await.unwrap();
    backup::restore(&fresh().await, &depot, None).await.unwrap();
}

/// Whoever cannot open a backup does not know what it needs, and deletes nothing beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_portals_at_one_place_delete_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let depot = folder_depot(&folder);
    let (one, other) = (testing::sqlite().await, testing::sqlite().await);
    for minute in 0..3 {
        for (ctx, seconds) in [(&one, 0), (&other, 30)] {
            ctx.clock
                .advance(chrono::Duration::seconds(60 * minute + seconds));
            backup::make(ctx, &depot).await.unwrap();
        }
    }
    let all = backup::list(&depot).await.unwrap();
    assert_eq!(all.len(), 6);
    for ctx in [&one, &other] {
        for keep in [1, 3, 5] {
            let pruned = backup::prune(ctx, &depot, keep).await;
            assert!(matches!(pruned, Err(BackupError::Shared(_))), "{pruned:?}");
        }
    }
    assert_eq!(backup::list(&depot).await.unwrap(), all);
    for (i, name) in all.iter().enumerate() {
        let ctx = [&one, &other][i % 2];
        backup::check(ctx, &depot, Some(name)).await.unwrap();
    }
}

/// Neither names nor codes nor keys of open batches stand in the files of a backup.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_reads_a_backup() {
    let ctx = testing::sqlite().await;
    let lived = lived(&ctx).await;
    let folder = tempfile::tempdir().unwrap();
    backup::make(&ctx, &folder_depot(&folder)).await.unwrap();
    let people = residents::search(&ctx, Actor::System, &residents::Search::default())
        .await
        .unwrap();
    let number = people.iter().find_map(|p| p.letter_number.clone()).unwrap();
    let code = lived.open[0].0.rsplit('#').next().unwrap();
    let mut bytes = 0;
    for part in ["pieces", "snapshots"] {
        for file in std::fs::read_dir(folder.path().join(part)).unwrap() {
            let content = std::fs::read(file.unwrap().path()).unwrap();
            bytes += content.len();
            for secret in [people[0].family_name.as_str(), "Lindenau", &number, code] {
                assert!(memchr::memmem::find(&content, secret.as_bytes()).is_none());
            }
        }
    }
    assert!(bytes > 20_000, "{bytes}");
}

/// People register while the backup is made: what is in it is of one moment.
async fn made_under_load(ctx: Ctx) {
    let lived = lived(&ctx).await;
    let folder = tempfile::tempdir().unwrap();
    let depot = folder_depot(&folder);
    let codes: Vec<String> = lived
        .posted
        .iter()
        .skip(1)
        .chain(&lived.open)
        .map(|c| c.0.clone())
        .collect();
    let people = tokio::spawn({
        let (ctx, codes) = (ctx.clone(), codes.clone());
        async move {
            let mut done = 0;
            for code in codes.iter().take(60) {
                redeem(&ctx, code).await.unwrap();
                done += 1;
            }
            done
        }
    });
    let mut names = Vec::new();
    while !people.is_finished() {
        names.push(backup::make(&ctx, &depot).await.unwrap().name);
        ctx.clock.advance(chrono::Duration::seconds(1));
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    assert_eq!(people.await.unwrap(), 60);
    assert!(
        names.len() > 1,
        "the backups were faster than the people: {}",
        names.len()
    );
    for name in [&names[0], &names[names.len() / 2]] {
        let Some(there) = other_kind(&ctx).await else {
            return;
        };
        backup::restore(&there, &depot, Some(name)).await.unwrap();
        assert!(audit::verify(&there).await.unwrap().is_ok());
        // as many accounts as letters were redeemed at that moment
        let redeemed: i64 = letters::batches(&there, Actor::System)
            .await
            .unwrap()
            .iter()
            .map(|b| b.redeemed)
            .sum();
        let (_, registered) = residents::totals(&there, Actor::System).await.unwrap();
        assert_eq!(redeemed, registered);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn made_under_load_on_sqlite() {
    made_under_load(testing::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn made_under_load_on_postgres() {
    if let Some(ctx) = testing::postgres().await {
        made_under_load(ctx).await;
    }
}
