//! A town for servers to serve: its store, people from a list, and letters with codes.

use backend::{
    Ctx,
    ctx::Clock,
    db::{self, Db},
    demo, jobs,
    keys::Key,
    letters,
    mail::Mailer,
    municipality, residents, root_key,
};
use domain::access::Actor;
use std::{fmt::Write as _, path::Path};

/// A migrated store with the key that servers with this data folder have.
pub(crate) async fn store(folder: &Path, database: &str, base: &str) -> Ctx {
    let db = Db::open(database).await.unwrap();
    db::migrate(&db).await.unwrap();
    let key = Key::load_or_create(&folder.join("master.key")).unwrap();
    let mailer = Mailer::folder(&folder.join("mail"), "portal@lindenau.example").unwrap();
    let ctx = Ctx::new(db, Clock::System, key, mailer, base);
    root_key::enter(&ctx).await.unwrap()
}

/// A list of so many people; the first `old` live in "Alt", the others in "Neu".
pub(crate) fn list(people: usize, old: usize) -> String {
    let mut text = "Nachname;Vorname;Geburtsdatum;Straße;Hausnummer;PLZ;Ort;Ortsteil\n".to_owned();
    for i in 0..people {
        let name: String = [i / 676 % 26, i / 26 % 26, i % 26]
            .map(|n| char::from(b'a' + u8::try_from(n).unwrap()))
            .iter()
            .collect();
        let (day, month, district) = (1 + i % 28, 1 + i / 28 % 12, if i < old { "Alt" } else { "Neu" });
        writeln!(
            text,
            "Muster{name};Erika;{day:02}.{month:02}.1970;Ring;{};01945;Lindenau;{district}",
            i + 1
        )
        .unwrap();
    }
    text
}

/// So many people with letters: the codes, as the form takes them.
pub(crate) async fn with_letters(ctx: &Ctx, people: usize) -> Vec<String> {
    municipality::save(ctx, Actor::System, demo::settings(), 0)
        .await
        .unwrap();
    let list = residents::upload(ctx, Actor::System, "liste.csv", list(people, people).into())
        .await
        .unwrap();
    residents::lists::take_over(ctx, Actor::System, list)
        .await
        .unwrap();
    let everybody = letters::Selection::Waiting {
        district: String::new(),
    };
    let batch = letters::create_batch(ctx, Actor::System, &everybody)
        .await
        .unwrap();
    jobs::run_due(ctx).await.unwrap();
    let codes = letters::reveal(ctx, batch, 10_000).await.unwrap();
    assert_eq!(codes.len(), people);
    // the letter says a link; the form takes what stands behind the fence
    codes
        .iter()
        .map(|c| c.0.rsplit('#').next().unwrap().to_owned())
        .collect()
}
