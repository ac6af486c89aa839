//! A town from a list: settings of the demo, its people in the register, letters for all of them.

use backend::{Ctx, accounts::Visitor, demo, jobs, letters, municipality, registration::Claim, residents};
use domain::access::Actor;
use std::path::Path;
use uuid::Uuid;

/// Settings, and everybody on the list in the register.
pub(crate) async fn fill(ctx: &Ctx, name: &str, list: Vec<u8>) {
    municipality::save(ctx, Actor::System, demo::settings(), 0)
        .await
        .unwrap();
    add(ctx, name, list).await;
}

/// A list, read and taken over.
pub(crate) async fn add(ctx: &Ctx, name: &str, list: Vec<u8>) {
    let id = residents::upload(ctx, Actor::System, name, list).await.unwrap();
    residents::lists::read_job(ctx, id).await.unwrap();
    residents::lists::take_over(ctx, Actor::System, id).await.unwrap();
}

/// A batch for everybody who waits for a letter, made and checked.
pub(crate) async fn letters(ctx: &Ctx) -> Uuid {
    let batch = ordered(ctx).await;
    jobs::run_due(ctx).await.unwrap();
    batch
}

/// A batch for everybody who waits; its codes exist, its file does not.
pub(crate) async fn ordered(ctx: &Ctx) -> Uuid {
    let everybody = letters::Selection::Waiting {
        district: String::new(),
    };
    letters::create_batch(ctx, Actor::System, &everybody)
        .await
        .unwrap()
}

/// What the letters of a batch say: links for the QR code.
pub(crate) async fn links(ctx: &Ctx, batch: Uuid, limit: i64) -> Vec<String> {
    let codes = letters::reveal(ctx, batch, limit).await.unwrap();
    codes.into_iter().map(|(link, _)| link).collect()
}

/// Somebody at one of many network addresses, so that no limit holds up the measuring.
pub(crate) fn visitor(n: usize) -> Visitor {
    Visitor {
        address: format!("198.51.{}.{}", n / 250, n % 250 + 1),
        device: "Bench".into(),
        language: "de".into(),
    }
}

/// What somebody types who redeems a letter.
pub(crate) fn claim() -> Claim {
    Claim {
        password: "grüner Tee um vier".into(),
        consent: true,
        ..Claim::default()
    }
}

/// All bytes in a folder.
pub(crate) fn bytes(folder: &Path) -> u64 {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| match entry.metadata().unwrap() {
            folder if folder.is_dir() => bytes(&entry.path()),
            file => file.len(),
        })
        .sum()
}
