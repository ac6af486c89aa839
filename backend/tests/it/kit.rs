//! What the tests share.

use backend::{Ctx, accounts::Visitor, demo, jobs, letters, municipality, residents};
use domain::access::{Actor, Role};
use uuid::Uuid;

/// Makes of each function two tests: on SQLite and on PostgreSQL.
macro_rules! db_tests {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$name(backend::db::testing::sqlite().await).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(ctx) = backend::db::testing::postgres().await {
                    super::$name(ctx).await;
                }
            }
        }
    )*};
}
pub(crate) use db_tests;

pub(crate) const OFFICER: Actor = Actor::staff(Uuid::from_u128(1), Role::RegistryOfficer);
/// Makes letters, and may not see register blocks.
pub(crate) const LETTER_OFFICER: Actor = Actor::staff(Uuid::from_u128(5), Role::LetterOfficer);
pub(crate) const CLERK: Actor = Actor::staff(Uuid::from_u128(2), Role::Clerk);
pub(crate) const ADMINISTRATOR: Actor = Actor::staff(Uuid::from_u128(3), Role::Administrator);
pub(crate) const AUDITOR: Actor = Actor::staff(Uuid::from_u128(4), Role::Auditor);

pub(crate) fn visitor() -> Visitor {
    visitor_at("198.51.100.7")
}

pub(crate) fn visitor_at(address: &str) -> Visitor {
    Visitor {
        address: address.into(),
        device: "Test".into(),
        language: "de".into(),
    }
}

/// A list as CSV: family name, given name, birth date, house number.
pub(crate) fn list(people: &[(&str, &str, &str, &str)]) -> Vec<u8> {
    let mut text = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort;Ortsteil\n".to_owned();
    for (family, given, born, number) in people {
        text += &format!("{family};{given};{born};Ringstraße;{number};01945;Lindenau;Lindenau\n");
    }
    text.into_bytes()
}

/// Settings of the demo and these people in the register.
pub(crate) async fn town(ctx: &Ctx, people: &[(&str, &str, &str, &str)]) {
    municipality::save(ctx, ADMINISTRATOR, demo::settings(), 0)
        .await
        .unwrap();
    apply(ctx, list(people)).await;
}

pub(crate) async fn apply(ctx: &Ctx, bytes: Vec<u8>) -> residents::Applied {
    let id = residents::upload(ctx, OFFICER, "liste.csv", bytes).await.unwrap();
    residents::lists::take_over(ctx, OFFICER, id).await.unwrap()
}

pub(crate) const ERIKA: (&str, &str, &str, &str) = ("Müller", "Erika", "02.01.1970", "12");
pub(crate) const JAN: (&str, &str, &str, &str) = ("Šťastný", "Jan", "03.04.1981", "13 a");

/// A batch for everybody who waits, made and checked: links and user IDs in order.
pub(crate) async fn make_letters(ctx: &Ctx) -> (Uuid, Vec<(String, String)>) {
    let batch = letters::create_batch(
        ctx,
        OFFICER,
        &letters::Selection::Waiting {
            district: String::new(),
        },
    )
    .await
    .unwrap();
    jobs::run_due(ctx).await.unwrap();
    let codes = letters::reveal(ctx, batch, 100_000).await.unwrap();
    (batch, codes)
}

/// What another program reads from a PDF.
pub(crate) fn pdf_text(file: &std::path::Path) -> String {
    let output = std::process::Command::new("pdftotext")
        .arg("-layout")
        .arg(file)
        .arg("-")
        .output()
        .unwrap();
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{trouble}");
    String::from_utf8(output.stdout).unwrap()
}
