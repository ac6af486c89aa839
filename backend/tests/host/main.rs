//! What an operator does with whole stores: many municipalities, moving, backing up, restoring.
#![expect(clippy::unwrap_used, reason = "tests")]

mod backups;
mod faults;
mod files;
mod key_files;
mod stores;
mod virus;

#[path = "../it/kit.rs"]
#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "shared with the tests of use cases"
)]
mod kit;

use backend::{
    Ctx, Failure,
    accounts::{self, SignedIn},
    demo, letters,
    registration::{self, Claim, Code, RedeemRefusal},
};
use domain::access::Actor;

/// A portal that has lived a little: the demo town with staff and a survey, an account made with a letter of a posted
/// batch, and an open batch whose file was never downloaded.
pub(crate) struct Lived {
    /// Codes of the batch that was posted; the first is redeemed.
    pub(crate) posted: Vec<(String, String)>,
    /// Codes of the open batch.
    pub(crate) open: Vec<(String, String)>,
    pub(crate) open_batch: uuid::Uuid,
}

pub(crate) async fn lived(ctx: &Ctx) -> Lived {
    let folder = tempfile::tempdir().unwrap();
    demo::fill(ctx, folder.path()).await.unwrap().unwrap();
    let first = letters::batches(ctx, Actor::System).await.unwrap()[0].id;
    let posted = letters::reveal(ctx, first, 1_000).await.unwrap();
    let today = domain::time::local(ctx.clock.now()).date();
    letters::mark_posted(ctx, Actor::System, first, today)
        .await
        .unwrap();
    redeem(ctx, &posted[0].0).await.unwrap();
    let (open_batch, open) = kit::make_letters(ctx).await;
    Lived {
        posted,
        open,
        open_batch,
    }
}

pub(crate) async fn redeem(ctx: &Ctx, qr: &str) -> Result<SignedIn, Failure<RedeemRefusal>> {
    let claim = Claim {
        password: "grüner Tee um vier".into(),
        email: String::new(),
        consent: true,
        birth_date: None,
        name: String::new(),
    };
    let code = Code::parse(qr).unwrap();
    let made = registration::redeem(ctx, &kit::visitor(), &code, &claim, None).await?;
    Ok(accounts::session(ctx, &made.session.unwrap())
        .await
        .unwrap()
        .unwrap())
}
