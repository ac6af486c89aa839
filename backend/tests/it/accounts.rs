//! Signing in, sessions, staff.

use crate::kit::{self, ADMINISTRATOR, CLERK, db_tests};
use backend::{
    Ctx, Failure,
    accounts::{self, SignInRefusal, StaffRefusal},
    audit, municipality,
};
use domain::access::Role;

db_tests!(
    staff_sign_in_and_out,
    guessing_is_throttled,
    a_burst_of_guesses_is_throttled_too,
    sessions_end_by_time,
    the_last_administrator_stays,
    settings_are_saved_once,
    the_log_notices_a_change,
    a_wrong_master_key_is_noticed,
);

const PASSWORD: &str = "Sieben Zwerge im Wald";

async fn staff(ctx: &Ctx, email: &str, role: Role) -> uuid::Uuid {
    accounts::add_staff(ctx, ADMINISTRATOR, "Anja Adler", email, role, PASSWORD)
        .await
        .unwrap()
}

/// Many tries at the same moment count as many: none slips in between counting and comparing.
async fn a_burst_of_guesses_is_throttled_too(ctx: Ctx) {
    staff(&ctx, "anja@lindenau.example", Role::Clerk).await;
    let tries = (0..40).map(|i| {
        let ctx = ctx.clone();
        tokio::spawn(async move {
            // from everywhere, so that only the account's own limit can hold
            let visitor = kit::visitor_at(&format!("198.51.100.{i}"));
            accounts::sign_in(&ctx, &visitor, "anja@lindenau.example", "falsch").await
        })
    });
    let mut wrong = 0;
    for answer in futures::future::join_all(tries).await {
        match answer.unwrap() {
            Err(Failure::Refused(SignInRefusal::Wrong)) => wrong += 1,
            other => assert_eq!(other.err(), Some(Failure::Refused(SignInRefusal::TooMany))),
        }
    }
    assert_eq!(wrong, domain::accounts::FAILED_SIGN_INS_PER_ACCOUNT);
}

async fn staff_sign_in_and_out(ctx: Ctx) {
    staff(&ctx, "anja@lindenau.example", Role::Clerk).await;
    let again = accounts::add_staff(
        &ctx,
        ADMINISTRATOR,
        "B",
        "ANJA@lindenau.example",
        Role::Clerk,
        PASSWORD,
    )
    .await;
    assert!(matches!(again, Err(Failure::Refused(_))));
    assert_eq!(
        accounts::add_staff(&ctx, CLERK, "B", "b@c.de", Role::Clerk, PASSWORD).await,
        Err(Failure::Denied)
    );
    let (token, who) = accounts::sign_in(&ctx, &kit::visitor(), " Anja@Lindenau.example ", PASSWORD)
        .await
        .unwrap()
        .signed_in()
        .unwrap();
    assert_eq!(who.role, Some(Role::Clerk.into()));
    let (other, _) = accounts::sign_in(&ctx, &kit::visitor(), "anja@lindenau.example", PASSWORD)
        .await
        .unwrap()
        .signed_in()
        .unwrap();
    accounts::end_sessions(&ctx, &who, None).await.unwrap();
    assert!(accounts::session(&ctx, &other).await.unwrap().is_none());
    assert!(accounts::session(&ctx, &token).await.unwrap().is_some());
    accounts::sign_out(&ctx, &token).await.unwrap();
    assert!(accounts::session(&ctx, &token).await.unwrap().is_none());
    for forged in ["", "x", &"0".repeat(64), &"ä".repeat(32)] {
        assert!(accounts::session(&ctx, forged).await.unwrap().is_none());
    }
}

async fn guessing_is_throttled(ctx: Ctx) {
    staff(&ctx, "anja@lindenau.example", Role::Clerk).await;
    for i in 0..8 {
        let visitor = kit::visitor_at(&format!("192.0.2.{i}"));
        let wrong = accounts::sign_in(&ctx, &visitor, "anja@lindenau.example", "falsch").await;
        assert!(matches!(wrong, Err(Failure::Refused(SignInRefusal::Wrong))));
    }
    let right = accounts::sign_in(&ctx, &kit::visitor(), "anja@lindenau.example", PASSWORD).await;
    assert!(matches!(right, Err(Failure::Refused(SignInRefusal::TooMany))));
    ctx.clock.advance(chrono::Duration::minutes(16));
    assert!(
        accounts::sign_in(&ctx, &kit::visitor(), "anja@lindenau.example", PASSWORD)
            .await
            .is_ok()
    );
}

async fn sessions_end_by_time(ctx: Ctx) {
    staff(&ctx, "anja@lindenau.example", Role::Clerk).await;
    let (token, _) = accounts::sign_in(&ctx, &kit::visitor(), "anja@lindenau.example", PASSWORD)
        .await
        .unwrap()
        .signed_in()
        .unwrap();
    for _ in 0..14 {
        ctx.clock.advance(chrono::Duration::minutes(50));
        assert!(accounts::session(&ctx, &token).await.unwrap().is_some());
    }
    ctx.clock.advance(chrono::Duration::minutes(50));
    assert!(
        accounts::session(&ctx, &token).await.unwrap().is_none(),
        "twelve hours are over"
    );
    let (token, _) = accounts::sign_in(&ctx, &kit::visitor(), "anja@lindenau.example", PASSWORD)
        .await
        .unwrap()
        .signed_in()
        .unwrap();
    ctx.clock.advance(chrono::Duration::minutes(61));
    assert!(
        accounts::session(&ctx, &token).await.unwrap().is_none(),
        "idle for an hour"
    );
}

async fn the_last_administrator_stays(ctx: Ctx) {
    let first = staff(&ctx, "a@lindenau.example", Role::Administrator).await;
    let last = accounts::set_staff_active(&ctx, ADMINISTRATOR, first, false).await;
    assert_eq!(last, Err(Failure::Refused(StaffRefusal::LastAdministrator)));
    staff(&ctx, "b@lindenau.example", Role::Administrator).await;
    let (token, _) = accounts::sign_in(&ctx, &kit::visitor(), "a@lindenau.example", PASSWORD)
        .await
        .unwrap()
        .signed_in()
        .unwrap();
    accounts::set_staff_active(&ctx, ADMINISTRATOR, first, false)
        .await
        .unwrap();
    assert!(accounts::session(&ctx, &token).await.unwrap().is_none());
    assert!(
        accounts::sign_in(&ctx, &kit::visitor(), "a@lindenau.example", PASSWORD)
            .await
            .is_err()
    );
}

async fn settings_are_saved_once(ctx: Ctx) {
    let mut settings = backend::demo::settings();
    municipality::save(&ctx, ADMINISTRATOR, settings.clone(), 0)
        .await
        .unwrap();
    assert_eq!(
        municipality::save(&ctx, CLERK, settings.clone(), 1).await,
        Err(Failure::Denied)
    );
    let stale = municipality::save(&ctx, ADMINISTRATOR, settings.clone(), 0).await;
    assert_eq!(stale, Err(Failure::Refused(municipality::Refusal::Stale)));
    settings.terms += "\n\nNeu.";
    municipality::save(&ctx, ADMINISTRATOR, settings, 1)
        .await
        .unwrap();
    assert_eq!(
        municipality::current(&ctx).await.unwrap().settings.terms_version,
        2
    );
    let wrong = municipality::set_image(
        &ctx,
        ADMINISTRATOR,
        municipality::ImageUse::Logo,
        b"GIF89a".to_vec(),
    )
    .await;
    assert!(matches!(
        wrong,
        Err(Failure::Refused(municipality::Refusal::Problems(_)))
    ));
}

async fn the_log_notices_a_change(ctx: Ctx) {
    staff(&ctx, "a@lindenau.example", Role::Administrator).await;
    staff(&ctx, "b@lindenau.example", Role::Clerk).await;
    assert_eq!(audit::verify(&ctx).await.unwrap(), Ok(2));
    let change = "UPDATE audit_events SET detail = 'role=auditor' WHERE seq = 1";
    match &ctx.db {
        backend::db::Db::Sqlite { write, .. } => drop(sqlx::query(change).execute(write).await.unwrap()),
        backend::db::Db::Postgres(store) => drop(sqlx::query(change).execute(store.pool()).await.unwrap()),
    }
    assert_eq!(audit::verify(&ctx).await.unwrap(), Err(1));
}

async fn a_wrong_master_key_is_noticed(ctx: Ctx) {
    assert!(municipality::master_key_fits(&ctx).await.unwrap());
    assert!(municipality::master_key_fits(&ctx).await.unwrap());
    let mut other = ctx.clone();
    other.master = backend::keys::Key::random();
    assert!(!municipality::master_key_fits(&other).await.unwrap());
    let found = backend::doctor::examine(&other, true).await.unwrap();
    assert!(found.iter().any(|d| !d.healthy && d.key == "key"));
}
