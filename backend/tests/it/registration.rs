//! A code works exactly once, and says nothing before it is proven.

use crate::kit::{self, ADMINISTRATOR, CLERK, ERIKA, JAN, OFFICER, db_tests};
use backend::{
    Ctx, Failure, accounts, audit, letters, municipality,
    registration::{self, Claim, Code, RedeemRefusal},
    residents,
};
use domain::letters::state::NewLetterReason;
use domain::{
    accounts::TrustLevel, letters::code::UserId, municipality::RegistrationMethod, registration::Refusal,
};

db_tests!(
    a_person_registers,
    a_thousand_tries_give_one_account,
    five_wrong_secrets_lock_the_typed_path,
    one_answer_for_every_failure,
    failures_are_throttled,
    the_form_says_everything_at_once,
    a_birth_date_is_asked_where_the_town_wants_it,
    an_open_account_becomes_verified,
    a_second_letter_opens_the_account_again,
    deleting_is_deleting,
);

fn claim() -> Claim {
    Claim {
        password: "grüner Tee um vier".into(),
        email: String::new(),
        consent: true,
        birth_date: None,
        name: String::new(),
    }
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

async fn a_person_registers(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (_, codes) = kit::make_letters(&ctx).await;
    let qr = code(&codes[0].0);
    let proven = registration::prove(&ctx, &kit::visitor(), &qr).await.unwrap();
    assert_eq!(
        (proven.name.as_str(), proven.city.as_str(), proven.again),
        ("Erika M…", "Lindenau", false)
    );
    let registered = registration::redeem(&ctx, &kit::visitor(), &qr, &claim(), None)
        .await
        .unwrap();
    let who = accounts::session(&ctx, &registered.session.unwrap())
        .await
        .unwrap()
        .unwrap();
    let overview = accounts::overview(&ctx, &who).await.unwrap();
    assert_eq!(
        (overview.name.as_str(), overview.level),
        ("Erika Müller", TrustLevel::Municipal)
    );
    assert_eq!(overview.address, ["Ringstraße 12", "01945 Lindenau"]);
    assert_eq!(overview.consent.map(|c| c.0), Some(1));
    // both codes of the letter are used now
    for text in [&codes[0].0, &codes[0].1] {
        let again = registration::redeem(&ctx, &kit::visitor(), &code(text), &claim(), None).await;
        assert!(matches!(
            again,
            Err(Failure::Refused(RedeemRefusal::Letter(Refusal::Used { .. })))
        ));
    }
    // signing in with the letter number, typed carelessly
    let name = registered.sign_in_name.to_lowercase().replace('-', " ");
    let (_, who) = accounts::sign_in(&ctx, &kit::visitor(), &name, "grüner Tee um vier")
        .await
        .unwrap()
        .signed_in()
        .unwrap();
    assert_eq!((who.name.as_str(), who.role), ("Erika Müller", None));
    assert_eq!(residents::totals(&ctx, CLERK).await, Ok((1, 1)));
    assert!(audit::verify(&ctx).await.unwrap().is_ok());
    let log = audit::list(&ctx, kit::AUDITOR, "", None, 100).await.unwrap();
    assert!(log.iter().any(|e| e.action == "registration.redeem"));
    assert!(
        log.iter()
            .all(|e| !format!("{e:?}").contains("Erika") && !format!("{e:?}").contains("Müller"))
    );
}

async fn a_thousand_tries_give_one_account(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    let (_, codes) = kit::make_letters(&ctx).await;
    // hashing a thousand passwords would take minutes; the race is in the transaction, so most tries are proofs
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..1_000 {
        let ctx = ctx.clone();
        let text = if i % 2 == 0 {
            codes[0].0.clone()
        } else {
            codes[0].1.clone()
        };
        tasks.spawn(async move {
            let visitor = kit::visitor_at(&format!("203.0.113.{}", i % 250));
            if i % 10 == 0 {
                registration::redeem(&ctx, &visitor, &code(&text), &claim(), None)
                    .await
                    .is_ok()
            } else {
                let _ = registration::prove(&ctx, &visitor, &code(&text)).await;
                false
            }
        });
    }
    let mut won = 0;
    while let Some(result) = tasks.join_next().await {
        won += usize::from(result.unwrap());
    }
    assert_eq!(won, 1);
    assert_eq!(residents::totals(&ctx, CLERK).await, Ok((2, 1)));
}

fn wrong(text: &str) -> Code {
    let right = UserId::parse(text).unwrap();
    let mut secret = right.secret;
    secret.0[0] ^= 1;
    Code::Typed(UserId {
        lookup: right.lookup,
        secret,
    })
}

async fn five_wrong_secrets_lock_the_typed_path(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (_, codes) = kit::make_letters(&ctx).await;
    for _ in 0..5 {
        let answer = registration::prove(&ctx, &kit::visitor(), &wrong(&codes[0].1)).await;
        assert_eq!(answer, Err(Failure::Refused(Refusal::NotProven)));
    }
    let locked = registration::prove(&ctx, &kit::visitor(), &code(&codes[0].1)).await;
    assert_eq!(locked, Err(Failure::Refused(Refusal::NotProven)));
    assert!(
        registration::prove(&ctx, &kit::visitor(), &code(&codes[0].0))
            .await
            .is_ok()
    );
}

async fn one_answer_for_every_failure(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    let (batch, codes) = kit::make_letters(&ctx).await;
    registration::redeem(&ctx, &kit::visitor(), &code(&codes[0].0), &claim(), None)
        .await
        .unwrap();
    letters::discard(&ctx, OFFICER, batch).await.unwrap();
    let unknown = Code::parse(&format!("https://x/r#{}", "0".repeat(32))).unwrap();
    for shown in [wrong(&codes[0].1), wrong(&codes[1].1), unknown] {
        assert_eq!(
            registration::prove(&ctx, &kit::visitor(), &shown).await,
            Err(Failure::Refused(Refusal::NotProven))
        );
    }
    // the state is told to whoever proves the secret
    assert!(matches!(
        registration::prove(&ctx, &kit::visitor(), &code(&codes[0].1)).await,
        Err(Failure::Refused(Refusal::Used { .. }))
    ));
    assert_eq!(
        registration::prove(&ctx, &kit::visitor(), &code(&codes[1].1)).await,
        Err(Failure::Refused(Refusal::Revoked))
    );
}

async fn failures_are_throttled(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (_, codes) = kit::make_letters(&ctx).await;
    let unknown = Code::parse(&"0".repeat(32)).unwrap();
    for _ in 0..60 {
        let _ = registration::prove(&ctx, &kit::visitor(), &unknown).await;
    }
    let (qr, typed) = (code(&codes[0].0), code(&codes[0].1));
    let refused = registration::prove(&ctx, &kit::visitor(), &typed).await;
    assert_eq!(refused, Err(Failure::Refused(Refusal::TooMany)));
    // a right QR code works: a whole mobile network must not be locked out by one guesser
    assert!(registration::prove(&ctx, &kit::visitor(), &qr).await.is_ok());
    assert!(
        registration::prove(&ctx, &kit::visitor_at("192.0.2.1"), &typed)
            .await
            .is_ok()
    );
    ctx.clock.advance(chrono::Duration::minutes(11));
    assert!(registration::prove(&ctx, &kit::visitor(), &typed).await.is_ok());
}

async fn the_form_says_everything_at_once(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (_, codes) = kit::make_letters(&ctx).await;
    let bad = Claim {
        password: "kurz".into(),
        email: "keine".into(),
        ..Claim::default()
    };
    let refused = registration::redeem(&ctx, &kit::visitor(), &code(&codes[0].0), &bad, None).await;
    let Err(Failure::Refused(RedeemRefusal::Form(problems))) = refused else {
        panic!("{refused:?}")
    };
    let fields: Vec<&str> = problems.0.iter().map(|p| p.field.as_str()).collect();
    assert_eq!(fields, ["email", "password", "consent"]);
    assert!(
        registration::redeem(&ctx, &kit::visitor(), &code(&codes[0].0), &claim(), None)
            .await
            .is_ok()
    );
}

async fn a_birth_date_is_asked_where_the_town_wants_it(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let settings = domain::municipality::Settings {
        ask_birth_date: true,
        ..backend::demo::settings()
    };
    municipality::save(&ctx, ADMINISTRATOR, settings, 1)
        .await
        .unwrap();
    let (_, codes) = kit::make_letters(&ctx).await;
    let qr = code(&codes[0].0);
    assert!(
        registration::prove(&ctx, &kit::visitor(), &qr)
            .await
            .unwrap()
            .ask_birth_date
    );
    let born = |y, m, d| Claim {
        birth_date: chrono::NaiveDate::from_ymd_opt(y, m, d),
        name: String::new(),
        ..claim()
    };
    for _ in 0..5 {
        let refused = registration::redeem(&ctx, &kit::visitor(), &qr, &born(1971, 1, 2), None).await;
        assert!(matches!(refused, Err(Failure::Refused(RedeemRefusal::Form(_)))));
    }
    // the right date is refused too: otherwise the answers would tell which one is right
    let blocked = registration::redeem(&ctx, &kit::visitor(), &qr, &born(1970, 1, 2), None).await;
    assert_eq!(
        blocked.err(),
        Some(Failure::Refused(RedeemRefusal::Letter(Refusal::TooMany)))
    );
    ctx.clock.advance(chrono::Duration::hours(24));
    assert!(
        registration::redeem(&ctx, &kit::visitor(), &qr, &born(1970, 1, 2), None)
            .await
            .is_ok()
    );
}

/// The token of the newest mail in the mail folder.
async fn mailed_token(ctx: &Ctx, folder_of: &str) -> String {
    backend::jobs::run_due(ctx).await.unwrap();
    folder_of
        .split("?t=")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned()
}

async fn an_open_account_becomes_verified(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (_, codes) = kit::make_letters(&ctx).await;
    let form = accounts::OpenRegistration {
        name: "Rika".into(),
        email: "erika@example.org".into(),
        password: "grüner Tee um vier".into(),
        consent: true,
    };
    assert_eq!(
        accounts::register_open(&ctx, &kit::visitor(), &form).await,
        Err(Failure::Denied)
    );
    let settings = domain::municipality::Settings {
        residents_register: RegistrationMethod::Open,
        ..backend::demo::settings()
    };
    municipality::save(&ctx, ADMINISTRATOR, settings, 1)
        .await
        .unwrap();
    accounts::register_open(&ctx, &kit::visitor(), &form)
        .await
        .unwrap();
    let early = accounts::sign_in(&ctx, &kit::visitor(), "erika@example.org", "grüner Tee um vier").await;
    // unconfirmed accounts have no sign-in name yet: the answer is the same as for unknown ones
    assert!(matches!(
        early,
        Err(Failure::Refused(accounts::SignInRefusal::Wrong))
    ));
    let body = backend::mail::waiting(&ctx).await.unwrap().pop().unwrap();
    let token = mailed_token(&ctx, &body).await;
    let by_stranger = accounts::confirm_email(&ctx, &kit::visitor(), None, &token, "geraten").await;
    assert!(matches!(
        by_stranger,
        Err(Failure::Refused(accounts::ConfirmRefusal::Password(_)))
    ));
    let confirmed = accounts::confirm_email(&ctx, &kit::visitor(), None, &token, "grüner Tee um vier").await;
    let (session, who) = confirmed.unwrap();
    assert!(session.is_some());
    let again = accounts::confirm_email(&ctx, &kit::visitor(), Some(&who), &token, "").await;
    assert_eq!(
        again.err(),
        Some(Failure::Refused(accounts::ConfirmRefusal::Gone))
    );
    assert_eq!(
        accounts::overview(&ctx, &who).await.unwrap().level,
        TrustLevel::Email
    );
    let registered = registration::redeem(&ctx, &kit::visitor(), &code(&codes[0].0), &claim(), Some(&who))
        .await
        .unwrap();
    assert!(registered.session.is_none());
    let overview = accounts::overview(&ctx, &who).await.unwrap();
    assert_eq!(
        (overview.name.as_str(), overview.level),
        ("Erika Müller", TrustLevel::Municipal)
    );
    assert_eq!(residents::totals(&ctx, CLERK).await, Ok((1, 1)));
}

async fn a_second_letter_opens_the_account_again(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (_, codes) = kit::make_letters(&ctx).await;
    let first = registration::redeem(&ctx, &kit::visitor(), &code(&codes[0].0), &claim(), None)
        .await
        .unwrap();
    let person = residents::search(&ctx, CLERK, &residents::Search::default())
        .await
        .unwrap()[0]
        .id;
    let batch = letters::create_batch(
        &ctx,
        OFFICER,
        &letters::Selection::One(person, NewLetterReason::Request),
    )
    .await
    .unwrap();
    backend::jobs::run_due(&ctx).await.unwrap();
    let new = letters::reveal(&ctx, batch, 1).await.unwrap();
    assert!(
        registration::prove(&ctx, &kit::visitor(), &code(&new[0].0))
            .await
            .unwrap()
            .again
    );
    let other = Claim {
        password: "schwarzer Kaffee um acht".into(),
        ..claim()
    };
    let second = registration::redeem(&ctx, &kit::visitor(), &code(&new[0].0), &other, None)
        .await
        .unwrap();
    assert_eq!(
        residents::totals(&ctx, CLERK).await,
        Ok((1, 1)),
        "never a second account"
    );
    assert!(
        accounts::session(&ctx, &first.session.unwrap())
            .await
            .unwrap()
            .is_none(),
        "old sessions end"
    );
    assert!(
        accounts::session(&ctx, &second.session.unwrap())
            .await
            .unwrap()
            .is_some()
    );
}

async fn deleting_is_deleting(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (_, codes) = kit::make_letters(&ctx).await;
    let registered = registration::redeem(&ctx, &kit::visitor(), &code(&codes[0].0), &claim(), None)
        .await
        .unwrap();
    let token = registered.session.unwrap();
    let who = accounts::session(&ctx, &token).await.unwrap().unwrap();
    assert!(matches!(
        accounts::delete(&ctx, &who, "falsch").await,
        Err(Failure::Refused(_))
    ));
    accounts::delete(&ctx, &who, "grüner Tee um vier").await.unwrap();
    assert!(accounts::session(&ctx, &token).await.unwrap().is_none());
    assert_eq!(residents::totals(&ctx, CLERK).await, Ok((1, 0)));
    // the letter stays used; the person can get a new one
    assert!(matches!(
        registration::prove(&ctx, &kit::visitor(), &code(&codes[0].0)).await,
        Err(Failure::Refused(Refusal::Used { .. }))
    ));
    assert_eq!(letters::count_waiting(&ctx, OFFICER, "").await, Ok(1));
}
