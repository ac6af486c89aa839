//! Jobs that cannot be done: parked and shown, and everything else goes on.

use crate::{
    kit::{ADMINISTRATOR, db_tests},
    mail::register,
};
use backend::{
    Ctx,
    db::testing,
    jobs::{self, FailingJob},
};
use domain::access::Actor;

db_tests!(
    one_that_panics,
    one_that_takes_the_process_with_it,
    one_that_only_a_newer_version_knows,
);

/// Mails that were not sent yet.
async fn waiting(ctx: &Ctx) -> usize {
    backend::mail::waiting(ctx).await.unwrap().len()
}

/// As it is shown to administrators.
async fn failing(ctx: &Ctx) -> Vec<FailingJob> {
    jobs::failing(ctx, ADMINISTRATOR).await.unwrap()
}

async fn one_that_panics(ctx: Ctx) {
    register(&ctx, "kaethe").await;
    let (queue, _) = jobs::queued(&ctx, Actor::System).await.unwrap();
    assert_eq!(queue.len(), 1);
    testing::make_faulty(queue[0].subject_id);
    register(&ctx, "lotte").await;
    assert_eq!(jobs::run_due(&ctx).await.unwrap(), 2);
    assert_eq!(waiting(&ctx).await, 1, "the other mail was sent");
    let left = failing(&ctx).await;
    assert_eq!((left.len(), left[0].state.as_str()), (1, "due"));
    for _ in 0..12 {
        ctx.clock.advance(chrono::Duration::hours(3));
        jobs::run_due(&ctx).await.unwrap();
    }
    let left = failing(&ctx).await;
    assert_eq!((left[0].attempts, left[0].state.as_str()), (8, "parked"));
    assert!(left[0].error.as_ref().unwrap().contains("fault"));
}

async fn one_that_takes_the_process_with_it(ctx: Ctx) {
    register(&ctx, "kaethe").await;
    // eight workers have begun it, and none has ended it
    testing::execute(&ctx, "UPDATE jobs SET attempts = 8 WHERE $1 IS NOT NULL").await;
    jobs::run_due(&ctx).await.unwrap();
    let left = failing(&ctx).await;
    assert_eq!((left.len(), left[0].state.as_str()), (1, "parked"));
    assert_eq!(waiting(&ctx).await, 1, "it was not begun once more");
    // somebody who has mended the cause starts it again
    jobs::retry(&ctx, ADMINISTRATOR, left[0].id).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    assert_eq!((failing(&ctx).await.len(), waiting(&ctx).await), (0, 0));
}

async fn one_that_only_a_newer_version_knows(ctx: Ctx) {
    register(&ctx, "kaethe").await;
    testing::execute(&ctx, "UPDATE jobs SET kind = 'dance' WHERE $1 IS NOT NULL").await;
    for _ in 0..12 {
        ctx.clock.advance(chrono::Duration::hours(3));
        assert_eq!(jobs::run_due(&ctx).await.unwrap(), 1);
    }
    assert_eq!(failing(&ctx).await, []);
    // the newer one comes
    testing::execute(&ctx, "UPDATE jobs SET kind = 'send-mail' WHERE $1 IS NOT NULL").await;
    ctx.clock.advance(chrono::Duration::hours(3));
    jobs::run_due(&ctx).await.unwrap();
    assert_eq!(waiting(&ctx).await, 0);
}
