//! Public texts with their versions, the film, and reports of barriers.

use crate::{
    kit::{self, ADMINISTRATOR, CLERK, OFFICER, db_tests},
    talk::staff,
};
use backend::{
    Ctx, Failure,
    accounts::Visitor,
    cases::{self, BeginRefusal, Decision, InboxFilter},
    jobs, mail,
    municipality::{self, PIECE, TextRefusal},
};
use chrono::Duration;
use domain::{
    access::{Actor, Role},
    cases::{CaseKind, Outcome, Request},
    municipality::public_text::{MOST, TextKind},
};

db_tests!(
    texts_have_versions,
    of_two_who_save_one_is_told,
    what_is_due_is_said_until_it_is_done_or_put_off,
    a_film_comes_in_pieces_and_goes_whole,
    a_barrier_becomes_a_case_and_is_answered_by_mail,
    a_resident_reports_from_the_own_account,
    reports_are_bounded_and_forgotten,
);

async fn newest(ctx: &Ctx, kind: TextKind, language: &str) -> Option<(String, i64, String)> {
    let found = municipality::published(ctx, kind, language).await.unwrap();
    found.map(|v| (v.language, v.version, v.text))
}

async fn save(
    ctx: &Ctx,
    kind: TextKind,
    language: &str,
    text: &str,
    version: i64,
) -> Result<(), Failure<TextRefusal>> {
    municipality::save_text(ctx, ADMINISTRATOR, kind, language, text, version).await
}

async fn texts_have_versions(ctx: Ctx) {
    let kind = TextKind::Imprint;
    assert_eq!(newest(&ctx, kind, "de").await, None);
    save(&ctx, kind, "de", "eins", 0).await.unwrap();
    save(&ctx, kind, "de", "zwei", 1).await.unwrap();
    save(&ctx, kind, "en", "one", 0).await.unwrap();
    let of = |language: &str, version, text: &str| Some((language.to_owned(), version, text.to_owned()));
    assert_eq!(newest(&ctx, kind, "de").await, of("de", 2, "zwei"));
    assert_eq!(newest(&ctx, kind, "en").await, of("en", 1, "one"));
    // a language without a text gets the German one
    assert_eq!(newest(&ctx, kind, "fr").await, of("de", 2, "zwei"));
    // taken back: the built-in text is shown again, and nothing is lost
    save(&ctx, kind, "de", "", 2).await.unwrap();
    assert_eq!(newest(&ctx, kind, "de").await, None);
    let all = municipality::history(&ctx, ADMINISTRATOR, kind, "de")
        .await
        .unwrap();
    let texts: Vec<_> = all.iter().map(|v| v.text.as_str()).collect();
    assert_eq!(texts, ["", "zwei", "eins"]);
    assert_eq!(
        municipality::overview(&ctx, ADMINISTRATOR).await.unwrap().len(),
        2
    );
    let long = save(&ctx, kind, "de", &"x".repeat(MOST + 1), 3).await;
    assert!(matches!(long, Err(Failure::Refused(TextRefusal::Problems(_)))));
    let unknown = save(&ctx, kind, "xx", "x", 0).await;
    assert!(matches!(unknown, Err(Failure::Refused(TextRefusal::Problems(_)))));
    for actor in [OFFICER, CLERK, Actor::Visitor] {
        let refused = municipality::save_text(&ctx, actor, kind, "de", "x", 3).await;
        assert_eq!(refused, Err(Failure::Denied));
        assert!(municipality::history(&ctx, actor, kind, "de").await.is_err());
    }
}

async fn of_two_who_save_one_is_told(ctx: Ctx) {
    let kind = TextKind::Privacy;
    save(&ctx, kind, "de", "vorher", 0).await.unwrap();
    let (one, two) = tokio::join!(
        save(&ctx, kind, "de", "eins", 1),
        save(&ctx, kind, "de", "zwei", 1)
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let stale = one.and(two).unwrap_err();
    assert_eq!(stale, Failure::Refused(TextRefusal::Stale));
}

async fn due(ctx: &Ctx) -> Vec<&'static str> {
    let all = municipality::due(ctx, ADMINISTRATOR).await.unwrap();
    all.into_iter().map(|(_, key)| key).collect()
}

async fn what_is_due_is_said_until_it_is_done_or_put_off(ctx: Ctx) {
    assert_eq!(due(&ctx).await, ["easy-language", "sign-language", "statement"]);
    save(&ctx, TextKind::Accessibility, "de", "Erklärung", 0)
        .await
        .unwrap();
    save(&ctx, TextKind::EasyLanguage, "de", "Leicht", 0)
        .await
        .unwrap();
    municipality::put_off(&ctx, ADMINISTRATOR, "sign-language")
        .await
        .unwrap();
    municipality::put_off(&ctx, ADMINISTRATOR, "nonsense")
        .await
        .unwrap();
    assert!(due(&ctx).await.is_empty());
    assert_eq!(
        municipality::put_off(&ctx, CLERK, "statement").await,
        Err(Failure::Denied)
    );
    ctx.clock.advance(Duration::days(91));
    assert_eq!(due(&ctx).await, ["sign-language"]);
    ctx.clock.advance(Duration::days(300));
    assert_eq!(due(&ctx).await, ["sign-language", "statement-old"]);
    save(&ctx, TextKind::Accessibility, "de", "Erklärung, geprüft", 1)
        .await
        .unwrap();
    assert_eq!(due(&ctx).await, ["sign-language"]);
}

async fn upload(ctx: &Ctx, bytes: &[u8]) -> Result<(), Failure<domain::problem::Problems>> {
    let mut film = municipality::begin_film(ctx, ADMINISTRATOR)?;
    for piece in bytes.chunks(300_000) {
        film.add(ctx, piece).await?;
    }
    film.finish(ctx).await
}

async fn a_film_comes_in_pieces_and_goes_whole(ctx: Ctx) {
    let mut bytes = b"\0\0\0\x18ftypisom".to_vec();
    bytes.extend((0..PIECE * 2 + 17).map(|n| (n % 251) as u8));
    assert!(!municipality::sign_language(&ctx).await.unwrap());
    upload(&ctx, &bytes).await.unwrap();
    let film = municipality::film(&ctx).await.unwrap().unwrap();
    assert_eq!(
        (film.media_type.as_str(), film.bytes),
        ("video/mp4", bytes.len() as i64)
    );
    let mut read = Vec::new();
    for n in 0..4 {
        read.extend(
            municipality::piece(&ctx, film.id, n)
                .await
                .unwrap()
                .unwrap_or_default(),
        );
    }
    assert!(read == bytes);
    // the page needs the words, too
    assert!(!municipality::sign_language(&ctx).await.unwrap());
    save(&ctx, TextKind::SignLanguage, "de", "Was gesagt wird", 0)
        .await
        .unwrap();
    assert!(municipality::sign_language(&ctx).await.unwrap());
    // another one takes its place, what is no film does not
    assert!(matches!(upload(&ctx, b"<html>").await, Err(Failure::Refused(_))));
    assert!(matches!(upload(&ctx, b"").await, Err(Failure::Refused(_))));
    upload(&ctx, b"\x1a\x45\xdf\xa3 webm").await.unwrap();
    let next = municipality::film(&ctx).await.unwrap().unwrap();
    assert_eq!(next.media_type, "video/webm");
    assert_eq!(
        municipality::piece(&ctx, film.id, 0).await.unwrap(),
        None,
        "deleting is deleting"
    );
    assert!(matches!(
        municipality::begin_film(&ctx, CLERK),
        Err(Failure::Denied)
    ));
    assert_eq!(municipality::delete_film(&ctx, CLERK).await, Err(Failure::Denied));
    municipality::delete_film(&ctx, ADMINISTRATOR).await.unwrap();
    assert_eq!(municipality::film(&ctx).await.unwrap(), None);
}

fn barrier(email: &str) -> Request {
    Request::default()
        .with("barrier", "Der Knopf hat keinen Namen.")
        .with("barrier_page", "/registrieren")
        .with("contact_email", email)
}

async fn open_reports(ctx: &Ctx, clerk: Actor) -> Vec<cases::Case> {
    let filter = InboxFilter {
        kind: Some(CaseKind::Barrier),
        ..InboxFilter::default()
    };
    let (lines, _) = cases::inbox(ctx, clerk, &filter).await.unwrap();
    lines.into_iter().map(|l| l.case).collect()
}

async fn a_barrier_becomes_a_case_and_is_answered_by_mail(ctx: Ctx) {
    let visitor = kit::visitor();
    let wrong = cases::report_barrier(&ctx, &visitor, None, &barrier("keine-adresse")).await;
    assert!(matches!(wrong, Err(Failure::Refused(BeginRefusal::Problems(_)))));
    let empty = cases::report_barrier(&ctx, &visitor, None, &Request::default()).await;
    assert!(matches!(empty, Err(Failure::Refused(BeginRefusal::Problems(_)))));
    let number = cases::report_barrier(&ctx, &visitor, None, &barrier("nora@example.org"))
        .await
        .unwrap();
    let clerk = staff(&ctx, Role::Clerk).await;
    let lines = open_reports(&ctx, clerk).await;
    assert_eq!((lines.len(), lines[0].number.as_str()), (1, number.as_str()));
    jobs::run_due(&ctx).await.unwrap();
    let page = cases::open(&ctx, clerk, lines[0].id).await.unwrap();
    assert_eq!(page.request.get("barrier"), "Der Knopf hat keinen Namen.");
    let decision = Decision {
        outcome: Outcome::Answered,
        text: "Danke, der Knopf heißt jetzt.".into(),
        typed: String::new(),
    };
    cases::decide(&ctx, clerk, lines[0].id, page.case.version, &decision)
        .await
        .unwrap();
    let mails = mail::waiting(&ctx).await.unwrap();
    let answer = mails
        .iter()
        .find(|m| m.contains("der Knopf heißt jetzt"))
        .unwrap();
    assert!(answer.contains(&number));
}

async fn a_resident_reports_from_the_own_account(ctx: Ctx) {
    let people = crate::town(&ctx, &[("Nord".into(), "01.02.1980", "Mitte", false)]).await;
    let number = cases::report_barrier(&ctx, &kit::visitor(), Some(&people[0]), &barrier(""))
        .await
        .unwrap();
    let own = cases::own_cases(&ctx, &people[0]).await.unwrap();
    assert_eq!(
        own.iter().map(|c| c.case.number.clone()).collect::<Vec<_>>(),
        [number]
    );
}

async fn reports_are_bounded_and_forgotten(ctx: Ctx) {
    let from = |address: &str| Visitor {
        address: address.into(),
        ..kit::visitor()
    };
    for _ in 0..5 {
        cases::report_barrier(&ctx, &from("203.0.113.1"), None, &barrier(""))
            .await
            .unwrap();
    }
    let sixth = cases::report_barrier(&ctx, &from("203.0.113.1"), None, &barrier("")).await;
    assert_eq!(sixth, Err(Failure::Refused(BeginRefusal::TooMany)));
    cases::report_barrier(&ctx, &from("203.0.113.2"), None, &barrier(""))
        .await
        .unwrap();
    let clerk = staff(&ctx, Role::Clerk).await;
    let lines = open_reports(&ctx, clerk).await;
    assert_eq!(lines.len(), 6);
    let page = cases::open(&ctx, clerk, lines[0].id).await.unwrap();
    let decision = Decision {
        outcome: Outcome::Answered,
        text: "Erledigt.".into(),
        typed: String::new(),
    };
    cases::decide(&ctx, clerk, lines[0].id, page.case.version, &decision)
        .await
        .unwrap();
    // without an address nobody gets a mail
    assert!(
        !mail::waiting(&ctx)
            .await
            .unwrap()
            .iter()
            .any(|m| m.contains("Erledigt."))
    );
    ctx.clock.advance(Duration::days(91));
    jobs::sweep(&ctx).await.unwrap();
    assert!(
        cases::open(&ctx, clerk, lines[0].id).await.is_err(),
        "answered long ago: deleted"
    );
    assert!(
        cases::open(&ctx, clerk, lines[1].id).await.is_ok(),
        "not answered yet: kept"
    );
}
