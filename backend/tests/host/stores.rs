//! Whole stores: copying between the two databases, and the register of municipalities.

use crate::{kit, lived, redeem};
use backend::{
    Ctx, audit,
    ctx::Clock,
    db::{Db, testing},
    hosting::{Hosting, HostingError, MoveError, Place, Settings, copy_store},
    keys::Key,
    letters,
    outgoing::Outgoing,
    residents, root_key,
};
use domain::access::Actor;

/// A store that nobody has used, of the other kind.
pub(crate) async fn empty(url: &str) -> Db {
    Db::open(url).await.unwrap()
}

fn with(ctx: &Ctx, db: Db) -> Ctx {
    Ctx { db, ..ctx.clone() }
}

async fn everything_is_copied(ctx: Ctx, other: Db, third: Db) {
    let lived = lived(&ctx).await;
    let moved = copy_store(&ctx.db, &other).await.unwrap();
    assert!(moved.tables > 70 && moved.rows > 2_000, "{moved:?}");
    // the copy is a portal: letters of both batches work, the file is the same, the chain is whole
    let copy = with(&ctx, other);
    assert_eq!(
        letters::reveal(&copy, lived.open_batch, 1_000).await.unwrap(),
        lived.open
    );
    redeem(&copy, &lived.posted[1].0).await.unwrap();
    redeem(&copy, &lived.open[0].0).await.unwrap();
    assert!(
        redeem(&copy, &lived.posted[0].0).await.is_err(),
        "a spent letter stays spent"
    );
    assert!(audit::verify(&copy).await.unwrap().is_ok());
    // and back, after it has lived on
    copy_store(&copy.db, &third).await.unwrap();
    let back = with(&ctx, third);
    assert_eq!(
        residents::totals(&back, Actor::System).await.unwrap(),
        residents::totals(&copy, Actor::System).await.unwrap()
    );
    // a store that is used is never overwritten
    let refused = copy_store(&ctx.db, &back.db).await;
    assert!(matches!(refused, Err(MoveError::NotEmpty)), "{refused:?}");
}

fn file(folder: &tempfile::TempDir, name: &str) -> String {
    format!("sqlite:{}", folder.path().join(name).display())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_sqlite_to_postgres_and_back() {
    let Some(url) = testing::empty_postgres().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let third = empty(&file(&folder, "back.db")).await;
    everything_is_copied(testing::sqlite().await, empty(&url).await, third).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_postgres_to_sqlite_and_back() {
    let Some(url) = testing::empty_postgres().await else {
        return;
    };
    let Some(ctx) = testing::postgres().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let other = empty(&file(&folder, "other.db")).await;
    everything_is_copied(ctx, other, empty(&url).await).await;
}

/// Somebody writes while the store is copied: the copy does not count.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_meanwhile_is_noticed() {
    let ctx = testing::sqlite().await;
    lived(&ctx).await;
    let folder = tempfile::tempdir().unwrap();
    let other = empty(&file(&folder, "other.db")).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let writer = tokio::spawn({
        let ctx = ctx.clone();
        async move {
            let mut stopped = stopped;
            let mut number = 0;
            while stopped.try_recv().is_err() {
                number += 1;
                let list = kit::list(&[("Neu", "Nina", "01.02.1980", &number.to_string())]);
                let id = residents::upload(&ctx, Actor::System, "liste.csv", list)
                    .await
                    .unwrap();
                residents::lists::take_over(&ctx, Actor::System, id)
                    .await
                    .unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        }
    });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let copied = copy_store(&ctx.db, &other).await;
    let _ = stop.send(());
    writer.await.unwrap();
    assert!(matches!(copied, Err(MoveError::Differs { .. })), "{copied:?}");
}

fn settings(folder: &tempfile::TempDir, schemas: Option<String>) -> Settings {
    Settings {
        data: folder.path().to_owned(),
        register: file(folder, "register.db"),
        schemas,
        mail: format!("folder:{}", folder.path().join("mail").display()),
        connections: 6,
        files: None,
        outgoing: Outgoing::Any,
    }
}

fn clock() -> Clock {
    Clock::fixed("2026-11-22T09:00:00Z".parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_register_of_municipalities() {
    let folder = tempfile::tempdir().unwrap();
    let master = Key::random();
    let hosting = Hosting::open(settings(&folder, None), master.clone(), clock())
        .await
        .unwrap();
    let create = |name: &'static str, url: &'static str, place| {
        let hosting = hosting.clone();
        async move { hosting.create(name, url, place, None).await }
    };
    create("eins", "https://eins.example", Place::File).await.unwrap();
    for (name, url) in [("eins", "https://zwei.example"), ("zwei", "https://EINS.example")] {
        assert!(matches!(
            create(name, url, Place::File).await,
            Err(HostingError::Taken)
        ));
    }
    for name in ["", "Eins", "../zwei", "zwei;", "zw ei"] {
        assert!(matches!(
            create(name, "https://zwei.example", Place::File).await,
            Err(HostingError::Name(_))
        ));
    }
    assert!(matches!(
        create("zwei", "http://zwei.example", Place::File).await,
        Err(HostingError::Address(_))
    ));
    assert!(matches!(
        create("zwei", "https://zwei.example", Place::Schema).await,
        Err(HostingError::NoPostgres)
    ));
    assert!(matches!(
        hosting.delete("zwei").await,
        Err(HostingError::Unknown(_))
    ));
    // the key is in the register, but only the provider's key file opens it; a new one takes over
    let before = hosting
        .ctx(&hosting.named("eins").await.unwrap())
        .await
        .unwrap()
        .master;
    let stranger = Hosting::open(settings(&folder, None), Key::random(), clock()).await;
    assert!(matches!(stranger, Err(HostingError::RootKey(_))));
    // (in the same instant, and in front of the old one by its name: the one added last is still the newest)
    let new = std::iter::repeat_with(Key::random)
        .find(|k| root_key::fingerprint(k) < root_key::fingerprint(&master))
        .unwrap();
    hosting.add_key_file(&new).await.unwrap();
    let after = Hosting::open(settings(&folder, None), new, clock())
        .await
        .unwrap();
    assert_eq!(after.key_files().await.unwrap().len(), 2);
    assert_eq!(after.retire_other_key_files().await.unwrap(), 1);
    let late = Hosting::open(settings(&folder, None), master, clock()).await;
    assert!(matches!(late, Err(HostingError::RootKey(_))));
    let ctx = after.ctx(&after.named("eins").await.unwrap()).await.unwrap();
    let sealed = before.seal(b"x", b"y").unwrap();
    assert!(ctx.master.open(&sealed, b"y").is_ok());
}

/// What stands where a new store would be is said, and a municipality that could not be made is not there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_municipality_is_made_as_a_whole_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let url = testing::empty_postgres().await;
    let hosting = Hosting::open(settings(&folder, url.clone()), Key::random(), clock())
        .await
        .unwrap();
    let all = folder.path().join("municipalities");
    std::fs::create_dir_all(all.join("eins")).unwrap();
    std::fs::write(all.join("eins/stadtbrief.db"), b"somebody's").unwrap();
    std::fs::write(all.join("zwei"), b"no folder").unwrap();
    let made = hosting
        .create("eins", "https://eins.example", Place::File, None)
        .await;
    assert!(matches!(made, Err(HostingError::Leftover(_))), "{made:?}");
    assert_eq!(
        std::fs::read(all.join("eins/stadtbrief.db")).unwrap(),
        b"somebody's"
    );
    let made = hosting
        .create("zwei", "https://zwei.example", Place::File, None)
        .await;
    assert!(matches!(made, Err(HostingError::Io(_))), "{made:?}");
    assert!(hosting.list().await.unwrap().is_empty());
    // the cause is mended, and the same command works
    std::fs::remove_file(all.join("zwei")).unwrap();
    hosting
        .create("zwei", "https://zwei.example", Place::File, None)
        .await
        .unwrap();
    // a schema that is lost is not made anew when somebody looks
    let Some(url) = url else { return };
    let drei = hosting
        .create("drei", "https://drei.example", Place::Schema, None)
        .await
        .unwrap();
    hosting.ctx(&drei).await.unwrap();
    testing::execute_at(&url, "ALTER SCHEMA sb_drei RENAME TO elsewhere").await;
    let lost = hosting.ctx(&drei).await.map(drop);
    assert!(matches!(lost, Err(HostingError::Missing(_))), "{lost:?}");
    testing::execute_at(&url, "ALTER SCHEMA elsewhere RENAME TO sb_drei").await;
    hosting.ctx(&drei).await.unwrap();
}

/// The register follows the same rules as the stores; whoever only looks changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_register_of_another_version() {
    let folder = tempfile::tempdir().unwrap();
    let master = Key::random();
    let open = || Hosting::open(settings(&folder, None), master.clone(), clock());
    let look = || Hosting::look(settings(&folder, None), master.clone(), clock());
    assert!(matches!(
        look().await,
        Err(HostingError::Behind { applied: 0, known: 2 })
    ));
    open().await.unwrap();
    let register = Ctx {
        db: Db::open(&file(&folder, "register.db")).await.unwrap(),
        ..testing::sqlite().await
    };
    testing::execute(&register, GROWN).await;
    open().await.unwrap();
    look().await.unwrap();
    testing::execute(&register, TAKEN).await;
    assert!(matches!(open().await, Err(HostingError::Migrate(_))));
    let older = "DELETE FROM _sqlx_migrations WHERE version <> 1 AND length($1) = 0";
    testing::execute(&register, older).await;
    for _ in 0..2 {
        assert!(matches!(
            look().await,
            Err(HostingError::Behind { applied: 1, known: 2 })
        ));
    }
}

/// A thousand stores are migrated one by one, and a connection limit holds over all of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_schemas_share_few_connections() {
    let Some(url) = testing::empty_postgres().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let hosting = Hosting::open(settings(&folder, Some(url)), Key::random(), clock())
        .await
        .unwrap();
    let mut all = Vec::new();
    for n in 0..12 {
        let url = format!("https://ort{n}.example");
        let m = hosting
            .create(&format!("ort-{n}"), &url, Place::Schema, None)
            .await
            .unwrap();
        all.push(hosting.ctx(&m).await.unwrap());
    }
    // everybody at once, each several times
    let mut running = Vec::new();
    for (n, ctx) in all.iter().enumerate() {
        for i in 0..6 {
            let ctx = ctx.clone();
            running.push(tokio::spawn(async move {
                let name = format!("Ort{}", char::from(b'a' + u8::try_from(n).unwrap()));
                let list = kit::list(&[(&name, "Nina", "01.02.1980", &(i + 1).to_string())]);
                let id = residents::upload(&ctx, Actor::System, "liste.csv", list)
                    .await
                    .unwrap();
                drop(residents::lists::take_over(&ctx, Actor::System, id).await);
            }));
        }
    }
    for one in running {
        one.await.unwrap();
    }
    for (n, ctx) in all.iter().enumerate() {
        let found = residents::search(ctx, Actor::System, &residents::Search::default())
            .await
            .unwrap();
        let name = format!("Ort{}", char::from(b'a' + u8::try_from(n).unwrap()));
        assert!(
            !found.is_empty() && found.iter().all(|r| r.family_name == name),
            "{n}"
        );
    }
    let Db::Postgres(store) = &all[0].db else {
        panic!("PostgreSQL")
    };
    assert!(store.pool().size() <= 6, "{}", store.pool().size());
}

/// While servers are updated one after the other, an old one starts on a store that a new one has grown, but not on one
/// from which something was taken.
async fn old_and_new_side_by_side(ctx: Ctx, grow: &str, take: &str) {
    testing::execute(&ctx, grow).await;
    backend::db::migrate(&ctx.db).await.unwrap();
    testing::execute(&ctx, take).await;
    assert!(backend::db::migrate(&ctx.db).await.is_err());
}

const GROWN: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9998, 'more', TRUE, $1, 0)";
const TAKEN: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'contract more', TRUE, $1, 0)";

#[tokio::test]
async fn old_and_new_side_by_side_on_sqlite() {
    old_and_new_side_by_side(testing::sqlite().await, GROWN, TAKEN).await;
}

#[tokio::test]
async fn old_and_new_side_by_side_on_postgres() {
    if let Some(ctx) = testing::postgres().await {
        old_and_new_side_by_side(ctx, GROWN, TAKEN).await;
    }
}
