//! Long work that is stopped: making a batch, reading a list. Of the work and of stopping it one wins.

use crate::{
    cases as case_kit,
    kit::{self, AUDITOR, CLERK, OFFICER, db_tests},
    life::{EVERYBODY, people},
};
use backend::{
    Ctx, Failure, audit, jobs,
    letters::{self, LetterRefusal},
    residents::{self, ListRefusal, lists},
};
use domain::access::Role;
use std::time::Duration;
use uuid::Uuid;

db_tests!(
    a_batch_is_cancelled_before_it_is_ready,
    making_or_cancelling_a_batch_wins,
    reading_a_list_is_cancelled,
    reading_or_cancelling_wins,
);

async fn waiting(ctx: &Ctx) -> i64 {
    letters::count_waiting(ctx, OFFICER, "").await.unwrap()
}

/// How often something stands in the log.
async fn logged(ctx: &Ctx, action: &str) -> Vec<String> {
    let log = audit::list(ctx, AUDITOR, "", None, 500).await.unwrap();
    log.into_iter()
        .filter(|e| e.action == action)
        .map(|e| e.detail)
        .collect()
}

async fn a_batch_is_cancelled_before_it_is_ready(ctx: Ctx) {
    people(&ctx, 6).await;
    let officer = case_kit::staff(&ctx, "Rita", Role::RegistryOfficer).await;
    let batch = letters::create_batch(&ctx, officer, &EVERYBODY).await.unwrap();
    assert_eq!(waiting(&ctx).await, 0);
    assert_eq!(letters::cancel(&ctx, CLERK, batch).await, Err(Failure::Denied));
    letters::cancel(&ctx, officer, batch).await.unwrap();
    // no letter is good, and everybody waits again
    let line = letters::batch(&ctx, officer, batch).await.unwrap();
    assert_eq!(
        (line.state.as_str(), line.state_words()),
        ("discarded", "batch-state-cancelled")
    );
    assert_eq!(line.cancelled_by.as_deref(), Some("Rita"));
    assert_eq!(line.cancelled_at, Some(ctx.clock.now()));
    assert_eq!(waiting(&ctx).await, 6);
    assert_eq!(letters::counts(&ctx, officer).await.unwrap().revoked, 6);
    assert_eq!(logged(&ctx, "letters.cancel").await, ["letters=6"]);
    // the job finds nothing to do, and does not fail
    jobs::run_due(&ctx).await.unwrap();
    assert!(jobs::failing(&ctx, kit::ADMINISTRATOR).await.unwrap().is_empty());
    assert!(letters::parts(&ctx, officer, batch).await.unwrap().is_empty());
    assert!(
        letters::reveal(&ctx, batch, 10).await.is_err(),
        "the key is destroyed"
    );
    let again = letters::cancel(&ctx, officer, batch).await;
    assert_eq!(again, Err(Failure::Refused(LetterRefusal::TooLate)));
    // what was discarded when it was ready was not cancelled
    let (second, _) = kit::make_letters(&ctx).await;
    let late = letters::cancel(&ctx, officer, second).await;
    assert_eq!(late, Err(Failure::Refused(LetterRefusal::TooLate)));
    letters::discard(&ctx, officer, second).await.unwrap();
    let line = letters::batch(&ctx, officer, second).await.unwrap();
    assert_eq!(
        (line.cancelled_at, line.state_words()),
        (None, "batch-state-discarded")
    );
}

async fn making_or_cancelling_a_batch_wins(ctx: Ctx) {
    people(&ctx, 30).await;
    let (mut made, mut stopped) = (0, 0);
    for delay in [0, 3, 10, 20, 40, 60, 80, 120, 200, 400] {
        let batch = letters::create_batch(&ctx, OFFICER, &EVERYBODY).await.unwrap();
        let (ran, cancelled) = tokio::join!(jobs::run_due(&ctx), async {
            tokio::time::sleep(Duration::from_millis(delay)).await;
            letters::cancel(&ctx, OFFICER, batch).await
        });
        ran.unwrap();
        let line = letters::batch(&ctx, OFFICER, batch).await.unwrap();
        let counts = letters::counts(&ctx, OFFICER).await.unwrap();
        match cancelled {
            Ok(()) => {
                stopped += 1;
                assert_eq!((line.state.as_str(), counts.open), ("discarded", 0), "{delay}");
                assert!(letters::parts(&ctx, OFFICER, batch).await.unwrap().is_empty());
            }
            Err(Failure::Refused(LetterRefusal::TooLate)) => {
                made += 1;
                assert_eq!((line.state.as_str(), counts.open), ("ready", 30), "{delay}");
                letters::discard(&ctx, OFFICER, batch).await.unwrap();
            }
            other => panic!("{delay}: {other:?}"),
        }
        assert_eq!(waiting(&ctx).await, 30, "{delay}");
    }
    assert!(stopped > 0, "made {made}, stopped {stopped}");
    assert_eq!(logged(&ctx, "letters.cancel").await.len(), stopped);
    assert_eq!(logged(&ctx, "letters.ready").await.len(), made);
    assert!(jobs::failing(&ctx, kit::ADMINISTRATOR).await.unwrap().is_empty());
}

/// A list that is so large that a job reads it: most of it is a column that says nothing.
fn large() -> Vec<u8> {
    let mut text = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort;Bemerkung\n".to_owned();
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    for i in 0..640 {
        text += &format!(
            "Muster{0}{0}{1}{1};Kim;{2:02}.{3:02}.1970;Ringstraße;{4};01945;Lindenau;{5}\n",
            letter(i / 26),
            letter(i),
            i % 28 + 1,
            i / 28 % 12 + 1,
            i + 1,
            "so weiter ".repeat(100)
        );
    }
    text.into_bytes()
}

async fn reading_a_list_is_cancelled(ctx: Ctx) {
    kit::town(&ctx, &[]).await;
    let officer = case_kit::staff(&ctx, "Rita", Role::RegistryOfficer).await;
    let list = residents::upload(&ctx, officer, "gross.csv", large())
        .await
        .unwrap();
    let state = residents::preview(&ctx, officer, list).await.unwrap().state;
    assert_eq!(state, "reading");
    assert_eq!(lists::cancel(&ctx, CLERK, list).await, Err(Failure::Denied));
    lists::cancel(&ctx, officer, list).await.unwrap();
    let gone = residents::preview(&ctx, officer, list).await.err();
    assert_eq!(gone, Some(Failure::Refused(ListRefusal::Gone)));
    let lines = lists(&ctx, officer).await.unwrap();
    let line = lines.iter().find(|l| l.id == list).unwrap();
    assert_eq!(
        (line.state.as_str(), line.cancelled_by.as_deref()),
        ("discarded", Some("Rita"))
    );
    assert_eq!(line.cancelled_at, Some(ctx.clock.now()));
    assert_eq!(logged(&ctx, "residents.cancel").await.len(), 1);
    let again = lists::cancel(&ctx, officer, list).await;
    assert_eq!(again, Err(Failure::Refused(ListRefusal::Gone)));
    jobs::run_due(&ctx).await.unwrap();
    left_nothing(&ctx).await;
    // a list that is read is thrown away as a draft, not cancelled
    let read = residents::upload(&ctx, officer, "klein.csv", kit::list(&[kit::ERIKA]))
        .await
        .unwrap();
    let late = lists::cancel(&ctx, officer, read).await;
    assert_eq!(late, Err(Failure::Refused(ListRefusal::TooLate)));
    residents::discard(&ctx, officer, read).await.unwrap();
    let lines = lists(&ctx, officer).await.unwrap();
    assert!(lines.iter().any(|l| l.id == read && l.cancelled_at.is_none()));
}

/// Neither the upload nor a row of it.
async fn left_nothing(ctx: &Ctx) {
    for table in ["list_parts", "list_rows"] {
        assert_eq!(backend::db::testing::count(ctx, table).await, 0, "{table}");
    }
    assert!(jobs::failing(ctx, kit::ADMINISTRATOR).await.unwrap().is_empty());
}

async fn reading_or_cancelling_wins(ctx: Ctx) {
    kit::town(&ctx, &[]).await;
    for delay in [0, 20, 60, 120, 250, 600] {
        let list: Uuid = residents::upload(&ctx, OFFICER, "gross.csv", large())
            .await
            .unwrap();
        let (ran, cancelled) = tokio::join!(jobs::run_due(&ctx), async {
            tokio::time::sleep(Duration::from_millis(delay)).await;
            lists::cancel(&ctx, OFFICER, list).await
        });
        ran.unwrap();
        let now = residents::preview(&ctx, OFFICER, list).await;
        match cancelled {
            Ok(()) => assert_eq!(now.err(), Some(Failure::Refused(ListRefusal::Gone)), "{delay}"),
            Err(Failure::Refused(ListRefusal::TooLate)) => {
                let draft = now.unwrap();
                assert_eq!((draft.state.as_str(), draft.rows()), ("draft", 640), "{delay}");
                residents::discard(&ctx, OFFICER, list).await.unwrap();
            }
            other => panic!("{delay}: {other:?}"),
        }
        left_nothing(&ctx).await;
    }
}
