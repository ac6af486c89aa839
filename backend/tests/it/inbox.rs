//! How staff work on cases: the inbox, who gets what, two pairs of eyes, the desk.

use crate::{
    cases::{request, resident, residents_of, sent, staff, version, yes},
    kit::{ADMINISTRATOR, db_tests},
};
use backend::{
    Ctx, Failure, accounts,
    cases::{self, CaseMails, DeskRefusal, InboxFilter, Written},
    jobs, mail, municipality, residents,
};
use chrono::{Duration, NaiveDate};
use domain::{
    access::Role,
    cases::{Area, CaseKind, CaseState, Request},
};
use uuid::Uuid;

db_tests!(
    two_must_agree_to_a_new_name,
    nobody_decides_the_own_case,
    the_document_is_shown_at_the_desk,
    people_with_a_block_exist_for_few,
    who_moved_away_is_not_blocked,
    the_inbox_finds_and_marks,
    mails_go_to_the_right_people,
    a_deputy_gets_the_cases,
);

async fn two_must_agree_to_a_new_name(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let current = municipality::current(&ctx).await.unwrap();
    let mut settings = current.settings;
    settings.name_change_four_eyes = true;
    municipality::save(&ctx, ADMINISTRATOR, settings, current.version)
        .await
        .unwrap();
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let otto = staff(&ctx, "Otto Officer", Role::RegistryOfficer).await;
    let id = sent(&ctx, &erika).await;
    let v = version(&ctx, carla, id).await;
    let first = cases::decide(&ctx, carla, id, v, &yes("Schulz")).await;
    assert_eq!(first, Ok(Written::SecondNeeded));
    let v = version(&ctx, carla, id).await;
    let again = cases::decide(&ctx, carla, id, v, &yes("Schulz")).await;
    assert_eq!(again, Err(Failure::Refused(DeskRefusal::SamePerson)));
    assert_eq!(
        accounts::overview(&ctx, &erika).await.unwrap().name,
        "Erika Müller"
    );
    // the second one types too
    let blind = cases::decide(&ctx, otto, id, v, &yes("")).await;
    assert!(matches!(blind, Err(Failure::Refused(DeskRefusal::Problems(_)))));
    assert_eq!(
        cases::decide(&ctx, otto, id, v, &yes("schulz")).await,
        Ok(Written::Done)
    );
    assert_eq!(
        accounts::overview(&ctx, &erika).await.unwrap().name,
        "Erika Schulz"
    );
}

async fn nobody_decides_the_own_case(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let herself = staff(&ctx, "Erika Mueller", Role::Clerk).await;
    let id = sent(&ctx, &erika).await;
    let v = version(&ctx, herself, id).await;
    let own = cases::decide(&ctx, herself, id, v, &yes("Schulz")).await;
    assert_eq!(own, Err(Failure::Refused(DeskRefusal::Own)));
    let shown = cases::shown(&ctx, herself, id, v).await;
    assert_eq!(shown, Err(Failure::Refused(DeskRefusal::Own)));
}

async fn the_document_is_shown_at_the_desk(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let moved = request(&ctx, &erika)
        .await
        .with("family_name", "Müller")
        .with("street", "Markt")
        .with("house_number", "3 b");
    let id = cases::begin(&ctx, &erika, CaseKind::ProfileChange, &moved)
        .await
        .unwrap();
    // a draft is nobody's business
    assert!(matches!(cases::open(&ctx, carla, id).await, Err(Failure::Denied)));
    cases::prove_at_desk(&ctx, &erika, id).await.unwrap();
    let code = cases::own_case(&ctx, &erika, id)
        .await
        .unwrap()
        .case
        .desk_code
        .unwrap();
    let v = version(&ctx, carla, id).await;
    let early = cases::decide(&ctx, carla, id, v, &yes("Markt 3b")).await;
    assert_eq!(early, Err(Failure::Refused(DeskRefusal::NoProof)));
    let typed = code.to_lowercase().replace('-', " ");
    assert_eq!(cases::by_desk_code(&ctx, carla, &typed).await, Ok(id));
    assert!(cases::by_desk_code(&ctx, carla, "0000-0000").await.is_err());
    cases::shown(&ctx, carla, id, v).await.unwrap();
    // the code is used up
    assert!(cases::by_desk_code(&ctx, carla, &typed).await.is_err());
    let v = version(&ctx, carla, id).await;
    cases::decide(&ctx, carla, id, v, &yes("Markt 3b")).await.unwrap();
    let overview = accounts::overview(&ctx, &erika).await.unwrap();
    assert_eq!(overview.address, ["Markt 3 b", "01945 Lindenau"]);
    assert!(overview.evidence.iter().any(|e| e.kind.key() == "counter"));
    // guessing codes ends
    for _ in 0..25 {
        let _ = cases::by_desk_code(&ctx, carla, "1111-1111").await;
    }
    let stopped = cases::by_desk_code(&ctx, carla, "1111-1111").await;
    assert_eq!(stopped, Err(Failure::Refused(DeskRefusal::TooMany)));
}

async fn people_with_a_block_exist_for_few(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let otto = staff(&ctx, "Otto Officer", Role::RegistryOfficer).await;
    let id = sent(&ctx, &erika).await;
    let v = version(&ctx, carla, id).await;
    cases::take(&ctx, carla, id, v).await.unwrap();
    let search = residents::Search {
        words: "Müller".into(),
        ..residents::Search::default()
    };
    let found = residents::search(&ctx, otto, &search).await.unwrap();
    residents::single::set_ban(&ctx, otto, found[0].id, true)
        .await
        .unwrap();
    assert!(matches!(cases::open(&ctx, carla, id).await, Err(Failure::Denied)));
    assert!(
        cases::inbox(&ctx, carla, &InboxFilter::default())
            .await
            .unwrap()
            .0
            .is_empty()
    );
    assert_eq!(cases::counts(&ctx, carla).await.unwrap().open, 0);
    assert_eq!(
        cases::inbox(&ctx, otto, &InboxFilter::default())
            .await
            .unwrap()
            .0
            .len(),
        1
    );
    // a case whose clerk may not know of it any more: those who may are told, and only they
    let who = crate::cases::signed_in_again(&ctx).await;
    let before = mail::waiting(&ctx).await.unwrap().len();
    cases::write(&ctx, &who, id, "Noch etwas", None).await.unwrap();
    assert_eq!(mail::waiting(&ctx).await.unwrap().len(), before + 1);
    let v = version(&ctx, otto, id).await;
    // nor can it be handed to somebody who does not see blocks
    let handed = cases::assign(&ctx, otto, id, v, carla.account(), None).await;
    assert!(matches!(handed, Err(Failure::Refused(DeskRefusal::Problems(_)))));
}

async fn the_inbox_finds_and_marks(ctx: Ctx) {
    let people = residents_of(&ctx).await;
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let otto = staff(&ctx, "Otto Officer", Role::RegistryOfficer).await;
    let change = sent(&ctx, &people[0]).await;
    ctx.clock.advance(Duration::hours(1));
    let text = Request::default()
        .with("subject", "Lampe")
        .with("text", "Sie ist aus.");
    let message = cases::begin(&ctx, &people[1], CaseKind::Message, &text)
        .await
        .unwrap();
    let list = async |filter: InboxFilter| -> Vec<Uuid> {
        let lines = cases::inbox(&ctx, carla, &filter).await.unwrap().0;
        lines.into_iter().map(|l| l.case.id).collect()
    };
    let show = |show: &str| InboxFilter {
        show: show.into(),
        ..InboxFilter::default()
    };
    assert_eq!(list(show("open")).await, [message, change]);
    assert_eq!(list(show("new")).await, [message, change]);
    assert!(list(show("mine")).await.is_empty());
    let only = |kind| InboxFilter {
        kind: Some(kind),
        ..InboxFilter::default()
    };
    assert_eq!(list(only(CaseKind::Message)).await, [message]);
    let search = |text: &str| InboxFilter {
        search: text.into(),
        ..InboxFilter::default()
    };
    assert_eq!(list(search("stast")).await, [message]);
    assert_eq!(list(search("MÜLL erik")).await, [change]);
    assert!(list(search("%")).await.len() == 2 && list(search("xyz")).await.is_empty());
    let page = cases::open(&ctx, carla, change).await.unwrap();
    assert_eq!(list(search(&page.case.number)).await, [change]);
    // opened is read, until something happens
    let unread = InboxFilter {
        unread: true,
        ..InboxFilter::default()
    };
    assert_eq!(list(unread.clone()).await, [message]);
    ctx.clock.advance(Duration::hours(1));
    cases::write(&ctx, &people[0], change, "Ich warte.", None)
        .await
        .unwrap();
    assert_eq!(list(unread.clone()).await, [change, message]);
    let lines = cases::inbox(&ctx, carla, &unread).await.unwrap().0;
    assert_eq!(lines[0].unread, [Area::Messages.key()]);
    // the own act is not news to oneself, but to others
    let v = version(&ctx, carla, change).await;
    cases::take(&ctx, carla, change, v).await.unwrap();
    assert_eq!(list(unread.clone()).await, [message]);
    assert_eq!(list(show("mine")).await, [change]);
    assert_eq!(cases::inbox(&ctx, otto, &unread).await.unwrap().0.len(), 2);
    cases::look_again(&ctx, carla, change).await.unwrap();
    assert_eq!(list(unread).await.len(), 2);
    // late
    ctx.clock.advance(Duration::days(8));
    let late = InboxFilter {
        overdue: true,
        ..InboxFilter::default()
    };
    assert_eq!(list(late).await, [message]);
    let counts = cases::counts(&ctx, carla).await.unwrap();
    assert_eq!(
        (counts.new, counts.mine, counts.open, counts.overdue),
        (1, 1, 2, 1)
    );
    let due = InboxFilter {
        order: "due".into(),
        ..InboxFilter::default()
    };
    assert_eq!(list(due).await, [message, change]);
    // views are the own business
    cases::save_view(&ctx, carla, "Eilig", "spaet=ja").await.unwrap();
    cases::save_view(&ctx, carla, "Eilig", "spaet=ja&zeige=mine")
        .await
        .unwrap();
    let views = cases::views(&ctx, carla).await.unwrap();
    assert_eq!((views.len(), views[0].query.as_str()), (1, "spaet=ja&zeige=mine"));
    assert!(cases::views(&ctx, otto).await.unwrap().is_empty());
    cases::delete_view(&ctx, otto, views[0].id).await.unwrap();
    assert_eq!(cases::views(&ctx, carla).await.unwrap().len(), 1);
}

async fn mails_go_to_the_right_people(ctx: Ctx) {
    let people = residents_of(&ctx).await;
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let otto = staff(&ctx, "Otto Officer", Role::RegistryOfficer).await;
    let vera = staff(&ctx, "Vera Verwaltung", Role::Administrator).await;
    let team = cases::add_team(&ctx, vera, "Bürgerbüro").await.unwrap();
    cases::set_team(
        &ctx,
        vera,
        team,
        &[CaseKind::Message],
        &[carla.account().unwrap()],
    )
    .await
    .unwrap();
    let text = Request::default()
        .with("subject", "Lampe")
        .with("text", "Sie ist aus.");
    let write = async || {
        cases::begin(&ctx, &people[0], CaseKind::Message, &text)
            .await
            .unwrap()
    };
    let sent = async || mail::waiting(&ctx).await.unwrap().len();
    let id = write().await;
    assert_eq!(sent().await, 1);
    let body = mail::waiting(&ctx).await.unwrap().remove(0);
    assert!(body.contains(&format!("/verwaltung/nachrichten/{id}")));
    assert!(!body.contains("Lampe") && !body.contains("Müller"));
    // no team for the other kind: all who may decide are told, and they choose
    crate::cases::sent(&ctx, &people[1]).await;
    assert_eq!(sent().await, 3);
    cases::set_case_mails(&ctx, carla, CaseMails::Daily)
        .await
        .unwrap();
    cases::set_case_mails(&ctx, otto, CaseMails::None).await.unwrap();
    write().await;
    assert_eq!(sent().await, 3);
    // one mail in the morning, and only one
    ctx.clock.advance(Duration::hours(20));
    jobs::sweep(&ctx).await.unwrap();
    assert_eq!(sent().await, 3, "at night there is silence");
    ctx.clock.advance(Duration::hours(4));
    jobs::sweep(&ctx).await.unwrap();
    jobs::sweep(&ctx).await.unwrap();
    assert_eq!(sent().await, 4);
    // the applicant has no address, so nobody is written to
    let v = version(&ctx, carla, id).await;
    cases::tell(&ctx, carla, id, v, "Wir sehen nach.", None)
        .await
        .unwrap();
    assert_eq!(sent().await, 4);
}

async fn a_deputy_gets_the_cases(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let otto = staff(&ctx, "Otto Officer", Role::RegistryOfficer).await;
    let doris = staff(&ctx, "Doris Deputy", Role::Clerk).await;
    let id = sent(&ctx, &erika).await;
    let v = version(&ctx, carla, id).await;
    cases::take(&ctx, carla, id, v).await.unwrap();
    let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
    for (until, deputy) in [(day(21), None), (day(25), carla.account())] {
        assert!(cases::be_away(&ctx, carla, until, deputy).await.is_err());
    }
    cases::be_away(&ctx, carla, day(25), doris.account())
        .await
        .unwrap();
    let mine = InboxFilter {
        show: "mine".into(),
        ..InboxFilter::default()
    };
    let of = async |who| cases::inbox(&ctx, who, &mine).await.unwrap().0.len();
    assert_eq!((of(carla).await, of(doris).await, of(otto).await), (1, 1, 0));
    // handed to Carla, it goes to Doris
    let v = version(&ctx, otto, id).await;
    cases::assign(&ctx, otto, id, v, carla.account(), None)
        .await
        .unwrap();
    let page = cases::open(&ctx, otto, id).await.unwrap();
    assert_eq!(page.case.assignee.unwrap().1, "Doris Deputy");
    assert_eq!(page.entries.last().unwrap().body.to, "Carla Clerk → Doris Deputy");
    // back from holiday
    ctx.clock.advance(Duration::days(5));
    let v = version(&ctx, otto, id).await;
    cases::assign(&ctx, otto, id, v, carla.account(), None)
        .await
        .unwrap();
    let page = cases::open(&ctx, otto, id).await.unwrap();
    assert_eq!(page.case.assignee.unwrap().1, "Carla Clerk");
    // to a team: nobody has it then
    let vera = staff(&ctx, "Vera Verwaltung", Role::Administrator).await;
    let team = cases::add_team(&ctx, vera, "Meldeamt").await.unwrap();
    assert!(cases::add_team(&ctx, vera, "Meldeamt").await.is_err());
    let v = version(&ctx, otto, id).await;
    cases::assign(&ctx, otto, id, v, None, Some(team)).await.unwrap();
    let page = cases::open(&ctx, otto, id).await.unwrap();
    assert_eq!(
        (page.case.state, page.case.assignee),
        (CaseState::Submitted, None)
    );
}

/// A person who left gets no letters any more; the case is still a case.
async fn who_moved_away_is_not_blocked(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let otto = staff(&ctx, "Otto Officer", Role::RegistryOfficer).await;
    let id = sent(&ctx, &erika).await;
    let search = residents::Search {
        words: "Müller".into(),
        ..residents::Search::default()
    };
    let found = residents::search(&ctx, otto, &search).await.unwrap();
    residents::single::remove(&ctx, otto, found[0].id, residents::single::Removal::MovedAway)
        .await
        .unwrap();
    assert!(cases::open(&ctx, carla, id).await.is_ok());
    assert_eq!(cases::counts(&ctx, carla).await.unwrap().open, 1);
}
