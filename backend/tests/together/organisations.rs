//! Organisations among the rest: the logo beside an entry, and another name by request.

use crate::{
    crowd,
    kit::{self, AUDITOR, db_tests},
    talk::{insult, notice, organisation, picture, staff, switch},
    town,
};
use backend::{
    Ctx, Failure,
    cases::{self, Decision},
    organisations::{self, LogoFor},
    talk,
};
use domain::{
    access::{Actor, Role},
    cases::Outcome,
    organisations::Entry,
    talk::Target,
};
use uuid::Uuid;

db_tests!(a_logo_is_looked_at_first, another_name_is_decided_by_staff);

async fn a_logo_is_looked_at_first(ctx: Ctx) {
    let who = town(&ctx, &crowd(2, "02.01.1970", "Lindenau")).await;
    let clerk = staff(&ctx, Role::Clerk).await;
    let club = organisation(&ctx, &who[0], clerk).await;
    let entry = Entry {
        category: "sport".into(),
        description: "Wir turnen.".into(),
        ..Entry::default()
    };
    organisations::save_entry(&ctx, &who[0], club, &entry, 0)
        .await
        .unwrap();
    switch(&ctx, |s| s.moderate_entries = true).await;
    let everybody = async || organisations::logo(&ctx, LogoFor::Public, club).await;
    assert_eq!(everybody().await, Err(Failure::Denied));
    let bad = organisations::put_logo(&ctx, &who[0], club, b"<svg onload=alert(1)>".to_vec()).await;
    assert_eq!(bad, Err(Failure::Refused(cases::PictureProblem::Kind)));
    let other = organisations::put_logo(&ctx, &who[1], club, picture()).await;
    assert_eq!(other, Err(Failure::Denied));
    assert_eq!(
        organisations::put_logo(&ctx, &who[0], club, picture()).await,
        Ok(false)
    );
    assert_eq!(logo_state(&ctx, club).await, (false, true));
    assert_eq!(everybody().await, Err(Failure::Denied));
    let seen = organisations::logo(&ctx, LogoFor::Staff(clerk), club)
        .await
        .unwrap();
    assert!(seen.starts_with(b"\x89PNG"));
    assert!(
        organisations::logo(&ctx, LogoFor::Staff(AUDITOR), club)
            .await
            .is_err()
    );
    assert!(
        organisations::logo(&ctx, LogoFor::Member(&who[1]), club)
            .await
            .is_err()
    );
    assert!(
        organisations::review_logo(&ctx, AUDITOR, club, "", true)
            .await
            .is_err()
    );
    // another picture than the one that the clerk looked at
    let stale = organisations::review_logo(&ctx, clerk, club, "other", true).await;
    assert!(matches!(stale, Err(Failure::Refused(_))));
    let mark = async || organisations::has_logo(&ctx, club).await.unwrap().mark;
    organisations::review_logo(&ctx, clerk, club, &mark().await, true)
        .await
        .unwrap();
    assert_eq!(everybody().await, Ok(seen.clone()));
    // no to the next one: what was public stays
    organisations::put_logo(&ctx, &who[0], club, picture())
        .await
        .unwrap();
    organisations::review_logo(&ctx, clerk, club, &mark().await, false)
        .await
        .unwrap();
    assert_eq!(everybody().await, Ok(seen));
    // with the entry the logo leaves the public pages, and with the organisation the store
    talk::report(&ctx, &kit::visitor(), None, Target::Entry, club, &insult(""))
        .await
        .unwrap();
    talk::decide_report(&ctx, clerk, Target::Entry, club, 0, true, "Falsch")
        .await
        .unwrap();
    assert_eq!(everybody().await, Err(Failure::Denied));
    organisations::remove_logo(&ctx, &who[0], club).await.unwrap();
    assert_eq!(logo_state(&ctx, club).await, (false, false));
}

async fn another_name_is_decided_by_staff(ctx: Ctx) {
    let who = town(&ctx, &crowd(2, "02.01.1970", "Lindenau")).await;
    let clerk = staff(&ctx, Role::Clerk).await;
    let club = organisation(&ctx, &who[0], clerk).await;
    let entry = Entry {
        category: "sport".into(),
        description: "Wir turnen.".into(),
        ..Entry::default()
    };
    organisations::save_entry(&ctx, &who[0], club, &entry, 0)
        .await
        .unwrap();
    notice(&ctx, &who[0], club).await;
    let present = organisations::change_values(&ctx, &who[0], club).await.unwrap();
    assert!(organisations::change_values(&ctx, &who[1], club).await.is_err());
    let same =
        organisations::ask_change(&ctx, &who[0], club, &present.clone().with("reason", "nur so")).await;
    assert!(matches!(
        same,
        Err(Failure::Refused(cases::BeginRefusal::Problems(_)))
    ));
    let wanted = present
        .with("organisation_name", "Sportverein Lindenau e. V.")
        .with("street", "Neuer Weg")
        .with("reason", "Beschluss vom 1. November");
    let other = organisations::ask_change(&ctx, &who[1], club, &wanted).await;
    assert_eq!(other, Err(Failure::Denied));
    let case = organisations::ask_change(&ctx, &who[0], club, &wanted)
        .await
        .unwrap();
    let twice = organisations::ask_change(&ctx, &who[0], club, &wanted).await;
    assert_eq!(twice, Err(Failure::Refused(cases::BeginRefusal::Open(case))));
    // an owner of two asks for both
    let second = organisation(&ctx, &who[0], clerk).await;
    organisations::ask_change(&ctx, &who[0], second, &wanted)
        .await
        .unwrap();
    organisations::remove_organisation(&ctx, clerk, second)
        .await
        .unwrap();
    // nothing changes before the yes
    let line = async || {
        organisations::directory(&ctx, "", "", "").await.unwrap()[0]
            .name
            .clone()
    };
    assert_eq!(line().await, "Turnverein Lindenau e. V.");
    let officer = Actor::staff(clerk.account().unwrap(), Role::RegistryOfficer);
    let page = cases::open(&ctx, officer, case).await.unwrap();
    let before = page.before.unwrap();
    assert_eq!(before.get("organisation_name"), "Turnverein Lindenau e. V.");
    assert_eq!(page.request.get("street"), "Neuer Weg");
    let yes = Decision {
        outcome: Outcome::Approved,
        text: String::new(),
        typed: String::new(),
    };
    // whoever may not see register blocks sees no street of any organisation, and changes none
    let covered = cases::open(&ctx, clerk, case).await.unwrap();
    let all = format!("{:?} {:?} {:?}", covered.before, covered.request, covered.entries);
    for hidden in ["Neuer Weg", "Sportweg", "Vera Vorsitz"] {
        assert!(!all.contains(hidden), "{hidden}: {all}");
    }
    assert!(all.contains("Sportverein Lindenau"));
    let version = page.case.version;
    let blind = cases::decide(&ctx, clerk, case, version, &yes).await;
    assert!(matches!(
        blind,
        Err(Failure::Refused(cases::DeskRefusal::Problems(_)))
    ));
    cases::decide(&ctx, officer, case, version, &yes).await.unwrap();
    assert_eq!(line().await, "Sportverein Lindenau e. V.");
    assert_eq!(
        organisations::market(&ctx, "sportverein", None)
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(
        organisations::market(&ctx, "turnverein", None)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        organisations::directory(&ctx, "sportverein", "", "")
            .await
            .unwrap()
            .len(),
        1
    );
    // who is no owner any more changes nothing
    let back = organisations::change_values(&ctx, &who[0], club).await.unwrap();
    let back = back.with("street", "Sportweg").with("reason", "doch nicht");
    let case = organisations::ask_change(&ctx, &who[0], club, &back)
        .await
        .unwrap();
    organisations::remove_organisation(&ctx, clerk, club)
        .await
        .unwrap();
    let version = cases::open(&ctx, officer, case).await.unwrap().case.version;
    let gone = cases::decide(&ctx, officer, case, version, &yes).await;
    assert!(matches!(
        gone,
        Err(Failure::Refused(cases::DeskRefusal::Problems(_)))
    ));
}

async fn logo_state(ctx: &Ctx, club: Uuid) -> (bool, bool) {
    let there = organisations::has_logo(ctx, club).await.unwrap();
    (there.live, there.waits)
}
