//! Second factors, mailed links, freezing: what opens an account, and what does not.

use crate::kit::{self, ADMINISTRATOR, ERIKA, db_tests};
use backend::{
    Ctx, Failure,
    accounts::{
        self, FreezeRefusal, Help, LinkRefusal, Owner, Purpose, SecondRefusal, SignInRefusal, SignInStep,
        SignedIn, StaffRefusal, Stage,
    },
    audit, mail, municipality,
    outgoing::Outgoing,
    registration::{self, Claim, Code},
};
use chrono::Duration;
use domain::{
    access::{Actor, Role},
    letters::state::NewLetterReason,
};
use totp_rs::{Builder, Secret};
use uuid::Uuid;

db_tests!(
    a_code_of_the_app_completes_the_session,
    a_must_leads_to_setting_up,
    recovery_codes_work_once,
    an_administrator_helps_out,
    staff_are_invited,
    a_forgotten_password,
    signing_in_by_mail,
    codes_are_not_guessed,
    that_was_not_me,
    an_old_hash_is_renewed,
    the_town_is_no_password,
    everybody_is_signed_out,
    roles_change_and_somebody_stays,
    the_sign_in_service_is_allowed,
);

pub(crate) const PASSWORD: &str = "Sieben Zwerge im Wald";
const NEW: &str = "Acht Raben auf dem Dach";

pub(crate) async fn staff(ctx: &Ctx, name: &str, role: Role) -> Uuid {
    let email = format!("{}@lindenau.example", name.to_lowercase());
    accounts::add_staff(ctx, ADMINISTRATOR, name, &email, role, PASSWORD)
        .await
        .unwrap()
}

pub(crate) async fn sign_in(ctx: &Ctx, name: &str) -> SignInStep {
    let email = format!("{name}@lindenau.example");
    accounts::sign_in(ctx, &kit::visitor(), &email, PASSWORD)
        .await
        .unwrap()
}

/// What an app shows now.
fn app_code(ctx: &Ctx, secret: &str) -> String {
    let plain = secret.replace(' ', "");
    let totp = Builder::new()
        .with_secret(Secret::try_from_base32(plain).unwrap())
        .with_account_name("x")
        .with_issuer(Some("y"))
        .build()
        .unwrap();
    let now = u64::try_from(ctx.clock.now().timestamp()).unwrap();
    totp.generate(now).to_string()
}

/// Sets up an app for somebody who is signed in: its secret and the recovery codes.
async fn set_up(ctx: &Ctx, who: &SignedIn) -> (String, Vec<String>) {
    let owner = Owner::signed_in(who);
    let (app, carried) = accounts::new_app(ctx, who.account, &who.name).await.unwrap();
    assert!(app.qr.starts_with("<svg"));
    let wrong = accounts::confirm_app(ctx, &owner, PASSWORD, &carried, "000000").await;
    assert!(matches!(wrong, Err(Failure::Refused(_))));
    let code = app_code(ctx, &app.secret);
    // an unlocked screen is not enough
    let unlocked = accounts::confirm_app(ctx, &owner, "falsch", &carried, &code).await;
    assert!(matches!(unlocked, Err(Failure::Refused(p)) if p.0[0].field == "app_password"));
    let codes = accounts::confirm_app(ctx, &owner, PASSWORD, &carried, &code)
        .await
        .unwrap();
    ctx.clock.advance(Duration::seconds(90));
    (app.secret, codes)
}

pub(crate) fn whole(step: SignInStep) -> (String, SignedIn) {
    step.signed_in().unwrap()
}

fn half(step: SignInStep) -> (String, Stage) {
    match step {
        SignInStep::Half(token, stage) => (token, stage),
        SignInStep::In(..) => panic!("nothing is missing"),
    }
}

async fn a_code_of_the_app_completes_the_session(ctx: Ctx) {
    staff(&ctx, "anja", Role::Clerk).await;
    let (_, who) = whole(sign_in(&ctx, "anja").await);
    let (secret, codes) = set_up(&ctx, &who).await;
    assert_eq!(codes.len(), 10);
    let (token, stage) = half(sign_in(&ctx, "anja").await);
    assert_eq!(stage, Stage::Second);
    // half a session opens nothing
    assert!(accounts::session(&ctx, &token).await.unwrap().is_none());
    let enter =
        async |token: &str, code: &str| accounts::enter_code(&ctx, &kit::visitor(), token, code).await;
    assert!(matches!(
        enter(&token, "123 456").await,
        Err(Failure::Refused(SecondRefusal::Wrong))
    ));
    let code = app_code(&ctx, &secret);
    let (fresh, _) = enter(&token, &code).await.unwrap();
    assert_ne!(fresh, token);
    assert!(accounts::session(&ctx, &fresh).await.unwrap().is_some());
    assert!(matches!(
        enter(&token, &code).await,
        Err(Failure::Refused(SecondRefusal::NoSession))
    ));
    // the same code works once
    let (token, _) = half(sign_in(&ctx, "anja").await);
    assert!(matches!(
        enter(&token, &code).await,
        Err(Failure::Refused(SecondRefusal::Wrong))
    ));
    ctx.clock.advance(Duration::seconds(30));
    assert!(enter(&token, &app_code(&ctx, &secret)).await.is_ok());
    // guessing ends
    let (token, _) = half(sign_in(&ctx, "anja").await);
    for _ in 0..9 {
        let _ = enter(&token, "000000").await;
    }
    ctx.clock.advance(Duration::seconds(30));
    let stopped = enter(&token, &app_code(&ctx, &secret)).await;
    assert!(matches!(stopped, Err(Failure::Refused(SecondRefusal::TooMany))));
    // and half a session does not live long
    ctx.clock.advance(Duration::minutes(16));
    let late = enter(&token, &app_code(&ctx, &secret)).await;
    assert!(matches!(late, Err(Failure::Refused(SecondRefusal::NoSession))));
    assert!(audit::verify(&ctx).await.unwrap().is_ok());
}

async fn a_must_leads_to_setting_up(ctx: Ctx) {
    let current = municipality::current(&ctx).await.unwrap();
    let mut settings = backend::demo::settings();
    settings.staff_second_factor = true;
    municipality::save(&ctx, ADMINISTRATOR, settings, current.version)
        .await
        .unwrap();
    staff(&ctx, "anja", Role::Clerk).await;
    let (waiting, _) = half(sign_in(&ctx, "anja").await);
    let (token, stage) = half(sign_in(&ctx, "anja").await);
    assert_eq!(stage, Stage::SetUp);
    assert!(accounts::session(&ctx, &token).await.unwrap().is_none());
    let skipped = accounts::finish_set_up(&ctx, &kit::visitor(), &token)
        .await
        .unwrap();
    assert!(skipped.is_none());
    let half_session = accounts::half_session(&ctx, &token).await.unwrap().unwrap();
    let owner = Owner::setting_up(half_session).unwrap();
    let (app, carried) = accounts::new_app(&ctx, owner.account, &owner.name).await.unwrap();
    let code = app_code(&ctx, &app.secret);
    accounts::confirm_app(&ctx, &owner, "", &carried, &code)
        .await
        .unwrap();
    let (fresh, who) = accounts::finish_set_up(&ctx, &kit::visitor(), &token)
        .await
        .unwrap()
        .unwrap();
    assert!(accounts::session(&ctx, &fresh).await.unwrap().is_some());
    // who waited with a session of the same kind gets nothing
    assert!(accounts::half_session(&ctx, &waiting).await.unwrap().is_none());
    assert!(
        accounts::finish_set_up(&ctx, &kit::visitor(), &waiting)
            .await
            .unwrap()
            .is_none()
    );
    // the last one cannot be taken off
    let off = accounts::remove_factor(&ctx, &who, None, PASSWORD).await;
    assert!(matches!(off, Err(Failure::Refused(p)) if p.0[0].code == "second-must"));
    // somebody else's secret cannot be slipped in
    let other = staff(&ctx, "bert", Role::Clerk).await;
    let foreign = accounts::new_app(&ctx, other, "bert").await.unwrap();
    let slipped =
        accounts::confirm_app(&ctx, &owner, "", &foreign.1, &app_code(&ctx, &foreign.0.secret)).await;
    assert!(matches!(slipped, Err(Failure::Refused(_))));
}

async fn recovery_codes_work_once(ctx: Ctx) {
    staff(&ctx, "anja", Role::Clerk).await;
    let (_, who) = whole(sign_in(&ctx, "anja").await);
    let (_, codes) = set_up(&ctx, &who).await;
    let enter = async |code: &str| {
        let (token, _) = half(sign_in(&ctx, "anja").await);
        accounts::enter_code(&ctx, &kit::visitor(), &token, code).await
    };
    let careless = codes[0].to_lowercase().replace('-', " ");
    let (_, who) = enter(&careless).await.unwrap();
    assert!(matches!(
        enter(&codes[0]).await,
        Err(Failure::Refused(SecondRefusal::Wrong))
    ));
    assert_eq!(
        accounts::factors(&ctx, who.account).await.unwrap().recovery_codes,
        9
    );
    let wrong = accounts::renew_codes(&ctx, &who, "falsch").await;
    assert!(matches!(wrong, Err(Failure::Refused(_))));
    let fresh = accounts::renew_codes(&ctx, &who, PASSWORD).await.unwrap();
    assert!(enter(&codes[1]).await.is_err());
    assert!(enter(&fresh[0]).await.is_ok());
    // without any factor the codes are gone too
    accounts::remove_factor(&ctx, &who, None, PASSWORD).await.unwrap();
    assert_eq!(
        accounts::factors(&ctx, who.account).await.unwrap().recovery_codes,
        0
    );
    whole(sign_in(&ctx, "anja").await);
}

async fn an_administrator_helps_out(ctx: Ctx) {
    let anja = staff(&ctx, "anja", Role::Clerk).await;
    let (token, who) = whole(sign_in(&ctx, "anja").await);
    set_up(&ctx, &who).await;
    assert_eq!(
        accounts::reset_factors(&ctx, kit::CLERK, anja).await,
        Err(Failure::Denied)
    );
    accounts::reset_factors(&ctx, ADMINISTRATOR, anja).await.unwrap();
    assert!(accounts::session(&ctx, &token).await.unwrap().is_none());
    whole(sign_in(&ctx, "anja").await);
}

/// The part behind `t=` in the newest mail.
pub(crate) async fn token(ctx: &Ctx) -> String {
    let body = mail::waiting(ctx).await.unwrap().pop().unwrap();
    let rest = body.split("?t=").nth(1).unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

pub(crate) async fn staff_are_invited(ctx: Ctx) {
    let invite = async |actor: Actor, email: &str| {
        accounts::invite_staff(&ctx, actor, "Nora Neu", email, "clerk", "de").await
    };
    assert_eq!(
        invite(kit::CLERK, "nora@lindenau.example").await,
        Err(Failure::Denied)
    );
    assert!(matches!(
        invite(ADMINISTRATOR, "keine").await,
        Err(Failure::Refused(_))
    ));
    let nora = invite(ADMINISTRATOR, "nora@lindenau.example").await.unwrap();
    assert!(matches!(
        invite(ADMINISTRATOR, "Nora@lindenau.example").await,
        Err(Failure::Refused(_))
    ));
    let first = token(&ctx).await;
    // not before a password is chosen
    let early = accounts::sign_in(&ctx, &kit::visitor(), "nora@lindenau.example", "").await;
    assert!(matches!(early, Err(Failure::Refused(SignInRefusal::Wrong))));
    ctx.clock.advance(Duration::hours(2));
    accounts::invite_again(&ctx, ADMINISTRATOR, nora, "de")
        .await
        .unwrap();
    let second = token(&ctx).await;
    assert!(
        !accounts::link_is_good(&ctx, &first, Purpose::Invite)
            .await
            .unwrap()
    );
    assert!(
        accounts::link_is_good(&ctx, &second, Purpose::Invite)
            .await
            .unwrap()
    );
    // a link for one thing is none for another
    let other = accounts::use_password_link(&ctx, &second, Purpose::Password, NEW).await;
    assert_eq!(other, Err(Failure::Refused(LinkRefusal::Gone)));
    let weak = accounts::use_password_link(&ctx, &second, Purpose::Invite, "kurz").await;
    assert!(matches!(weak, Err(Failure::Refused(LinkRefusal::Problems(_)))));
    accounts::use_password_link(&ctx, &second, Purpose::Invite, NEW)
        .await
        .unwrap();
    let again = accounts::use_password_link(&ctx, &second, Purpose::Invite, NEW).await;
    assert_eq!(again, Err(Failure::Refused(LinkRefusal::Gone)));
    let step = accounts::sign_in(&ctx, &kit::visitor(), "nora@lindenau.example", NEW)
        .await
        .unwrap();
    assert_eq!(whole(step).1.role, Some(Role::Clerk.into()));
    // an invitation does not last for ever
    ctx.clock.advance(Duration::seconds(1));
    invite(ADMINISTRATOR, "otto@lindenau.example").await.unwrap();
    let late = token(&ctx).await;
    ctx.clock.advance(Duration::days(8));
    assert!(
        !accounts::link_is_good(&ctx, &late, Purpose::Invite)
            .await
            .unwrap()
    );
}

async fn a_forgotten_password(ctx: Ctx) {
    staff(&ctx, "anja", Role::Clerk).await;
    let (session, _) = whole(sign_in(&ctx, "anja").await);
    let ask = async |name: &str| {
        ctx.clock.advance(Duration::seconds(1));
        accounts::request_link(&ctx, &kit::visitor(), name, Purpose::Password).await
    };
    assert!(ask("niemand@lindenau.example").await.is_ok());
    assert!(mail::waiting(&ctx).await.unwrap().is_empty());
    assert!(ask("").await.is_err());
    ask(" Anja@lindenau.example ").await.unwrap();
    let link = token(&ctx).await;
    accounts::use_password_link(&ctx, &link, Purpose::Password, NEW)
        .await
        .unwrap();
    assert!(accounts::session(&ctx, &session).await.unwrap().is_none());
    let old = accounts::sign_in(&ctx, &kit::visitor(), "anja@lindenau.example", PASSWORD).await;
    assert!(old.is_err());
    let new = accounts::sign_in(&ctx, &kit::visitor(), "anja@lindenau.example", NEW).await;
    assert!(new.is_ok());
    // a mailbox is not flooded, and nobody can tell
    for _ in 0..10 {
        ask("anja@lindenau.example").await.unwrap();
    }
    assert_eq!(mail::waiting(&ctx).await.unwrap().len(), 5);
    // old links die
    ctx.clock.advance(Duration::hours(2));
    ask("anja@lindenau.example").await.unwrap();
    let link = token(&ctx).await;
    ctx.clock.advance(Duration::minutes(61));
    assert!(
        !accounts::link_is_good(&ctx, &link, Purpose::Password)
            .await
            .unwrap()
    );
}

/// A resident with a letter and a confirmed address.
pub(crate) async fn erika(ctx: &Ctx) -> SignedIn {
    kit::town(ctx, &[ERIKA]).await;
    let (_, codes) = kit::make_letters(ctx).await;
    let claim = Claim {
        password: PASSWORD.into(),
        email: "erika@example.org".into(),
        consent: true,
        birth_date: None,
        name: String::new(),
    };
    let code = Code::parse(&codes[0].0).unwrap();
    let made = registration::redeem(ctx, &kit::visitor(), &code, &claim, None)
        .await
        .unwrap();
    let who = accounts::session(ctx, &made.session.unwrap())
        .await
        .unwrap()
        .unwrap();
    let link = token(ctx).await;
    accounts::confirm_email(ctx, &kit::visitor(), Some(&who), &link, "")
        .await
        .unwrap();
    who
}

/// The six digits of the newest mail.
async fn digits(ctx: &Ctx) -> String {
    let body = mail::waiting(ctx).await.unwrap().pop().unwrap();
    let line = body
        .lines()
        .find(|l| l.trim().len() == 7 && l.trim().chars().all(|c| c.is_ascii_digit() || c == ' '))
        .unwrap();
    line.trim().to_owned()
}

async fn signing_in_by_mail(ctx: Ctx) {
    let who = erika(&ctx).await;
    let ask = async || {
        // mails of the same moment have no order
        ctx.clock.advance(Duration::seconds(1));
        accounts::request_link(&ctx, &kit::visitor(), "erika@example.org", Purpose::SignIn)
            .await
            .unwrap()
    };
    // by the link: looking at it (a mail scanner) does not use it
    ask().await;
    let link = token(&ctx).await;
    for _ in 0..3 {
        assert!(
            accounts::link_is_good(&ctx, &link, Purpose::SignIn)
                .await
                .unwrap()
        );
    }
    let (_, same) = accounts::sign_in_with_link(&ctx, &kit::visitor(), &link)
        .await
        .unwrap();
    assert_eq!(same.account, who.account);
    assert!(
        accounts::sign_in_with_link(&ctx, &kit::visitor(), &link)
            .await
            .is_err()
    );
    // by the code of the same mail; then the link is used too
    let id = ask().await;
    let (link, code) = (token(&ctx).await, digits(&ctx).await);
    let (_, same) = accounts::sign_in_with_code(&ctx, &kit::visitor(), id, &code)
        .await
        .unwrap();
    assert_eq!(same.account, who.account);
    assert!(
        !accounts::link_is_good(&ctx, &link, Purpose::SignIn)
            .await
            .unwrap()
    );
    // two windows with the same code: one session
    let id = ask().await;
    let code = digits(&ctx).await;
    let (visitor, other) = (kit::visitor(), kit::visitor_at("203.0.113.9"));
    let (a, b) = tokio::join!(
        accounts::sign_in_with_code(&ctx, &visitor, id, &code),
        accounts::sign_in_with_code(&ctx, &other, id, &code)
    );
    assert!(a.is_ok() != b.is_ok());
    // staff do not sign in this way
    staff(&ctx, "anja", Role::Clerk).await;
    let before = mail::waiting(&ctx).await.unwrap().len();
    accounts::request_link(&ctx, &kit::visitor(), "anja@lindenau.example", Purpose::SignIn)
        .await
        .unwrap();
    assert_eq!(mail::waiting(&ctx).await.unwrap().len(), before);
}

async fn codes_are_not_guessed(ctx: Ctx) {
    erika(&ctx).await;
    ctx.clock.advance(Duration::seconds(1));
    let id = accounts::request_link(&ctx, &kit::visitor(), "erika@example.org", Purpose::SignIn)
        .await
        .unwrap();
    let code = digits(&ctx).await;
    let wrong = if code.starts_with('1') {
        "200 000"
    } else {
        "100 000"
    };
    for _ in 0..5 {
        let tried = accounts::sign_in_with_code(&ctx, &kit::visitor(), id, wrong).await;
        assert!(matches!(tried, Err(Failure::Refused(SignInRefusal::Wrong))));
    }
    // after five tries even the right one is worth nothing
    assert!(
        accounts::sign_in_with_code(&ctx, &kit::visitor(), id, &code)
            .await
            .is_err()
    );
    // nor does a new mail help who guesses: ten codes a day, then only the link works
    for _ in 0..2 {
        ctx.clock.advance(Duration::seconds(1));
        let id = accounts::request_link(&ctx, &kit::visitor(), "erika@example.org", Purpose::SignIn)
            .await
            .unwrap();
        for _ in 0..5 {
            let _ = accounts::sign_in_with_code(&ctx, &kit::visitor(), id, wrong).await;
        }
    }
    ctx.clock.advance(Duration::seconds(1));
    let late = accounts::request_link(&ctx, &kit::visitor(), "erika@example.org", Purpose::SignIn)
        .await
        .unwrap();
    let right = digits(&ctx).await;
    assert!(
        accounts::sign_in_with_code(&ctx, &kit::visitor(), late, &right)
            .await
            .is_err()
    );
    let link = token(&ctx).await;
    assert!(
        accounts::sign_in_with_link(&ctx, &kit::visitor(), &link)
            .await
            .is_ok()
    );
    // a code belongs to its mail
    let foreign = accounts::sign_in_with_code(&ctx, &kit::visitor(), Uuid::nil(), &code).await;
    assert!(foreign.is_err());
}

async fn that_was_not_me(ctx: Ctx) {
    let who = erika(&ctx).await;
    let number = accounts::freeze_number(&ctx, who.account).await.unwrap();
    assert_eq!(accounts::freeze_number(&ctx, who.account).await.unwrap(), number);
    let freeze = async |typed: &str| accounts::freeze(&ctx, &kit::visitor(), typed).await;
    assert_eq!(
        freeze("K-0000-0000").await,
        Err(Failure::Refused(FreezeRefusal::Unknown))
    );
    accounts::request_link(&ctx, &kit::visitor(), "erika@example.org", Purpose::Password)
        .await
        .unwrap();
    let waiting = token(&ctx).await;
    ctx.clock.advance(Duration::seconds(1));
    let careless = number.to_lowercase().replace('-', " ");
    freeze(&careless).await.unwrap();
    let refused = accounts::sign_in(&ctx, &kit::visitor(), "erika@example.org", PASSWORD).await;
    assert!(matches!(refused, Err(Failure::Refused(SignInRefusal::Frozen))));
    // who does not know the password learns nothing
    let wrong = accounts::sign_in(&ctx, &kit::visitor(), "erika@example.org", "falsch").await;
    assert!(matches!(wrong, Err(Failure::Refused(SignInRefusal::Wrong))));
    let before = mail::waiting(&ctx).await.unwrap().len();
    accounts::request_link(&ctx, &kit::visitor(), "erika@example.org", Purpose::Password)
        .await
        .unwrap();
    assert_eq!(mail::waiting(&ctx).await.unwrap().len(), before);
    // links that were on their way are dead
    assert!(
        !accounts::link_is_good(&ctx, &waiting, Purpose::Password)
            .await
            .unwrap()
    );
    let resident = backend::residents::search(&ctx, kit::OFFICER, &backend::residents::Search::default())
        .await
        .unwrap()[0]
        .id;
    assert!(accounts::is_frozen(&ctx, kit::CLERK, resident).await.unwrap());
    // a new letter opens it; password and address of before count no more
    let batch = backend::letters::create_batch(
        &ctx,
        kit::OFFICER,
        &backend::letters::Selection::One(resident, NewLetterReason::Request),
    )
    .await
    .unwrap();
    backend::jobs::run_due(&ctx).await.unwrap();
    let codes = backend::letters::reveal(&ctx, batch, 10).await.unwrap();
    let claim = Claim {
        password: NEW.into(),
        email: String::new(),
        consent: true,
        birth_date: None,
        name: String::new(),
    };
    let code = Code::parse(&codes[0].0).unwrap();
    let opened = registration::redeem(&ctx, &kit::visitor(), &code, &claim, None)
        .await
        .unwrap();
    assert!(!accounts::is_frozen(&ctx, kit::CLERK, resident).await.unwrap());
    let old = accounts::sign_in(&ctx, &kit::visitor(), "erika@example.org", PASSWORD).await;
    assert!(matches!(old, Err(Failure::Refused(SignInRefusal::Wrong))));
    assert_ne!(accounts::freeze_number(&ctx, who.account).await.unwrap(), number);
    the_town_hall_helps(&ctx, &opened.session.unwrap(), resident).await;
    for _ in 0..25 {
        let _ = freeze("K-1111-1111").await;
    }
    assert_eq!(
        freeze(&number).await,
        Err(Failure::Refused(FreezeRefusal::TooMany))
    );
}

/// Somebody calls: the device is gone, or a stranger is in the account.
async fn the_town_hall_helps(ctx: &Ctx, session: &str, resident: Uuid) {
    let clerk = accounts::help_resident(ctx, kit::CLERK, resident, Help::SignOut).await;
    assert_eq!(clerk, Err(Failure::Denied));
    assert!(accounts::session(ctx, session).await.unwrap().is_some());
    accounts::help_resident(ctx, kit::OFFICER, resident, Help::SignOut)
        .await
        .unwrap();
    assert!(accounts::session(ctx, session).await.unwrap().is_none());
    assert!(!accounts::is_frozen(ctx, kit::CLERK, resident).await.unwrap());
    accounts::help_resident(ctx, kit::OFFICER, resident, Help::Freeze)
        .await
        .unwrap();
    assert!(accounts::is_frozen(ctx, kit::CLERK, resident).await.unwrap());
    // people with a register block do not exist for who makes letters only
    backend::residents::single::set_ban(ctx, kit::OFFICER, resident, true)
        .await
        .unwrap();
    let unseen = accounts::help_resident(ctx, kit::LETTER_OFFICER, resident, Help::SignOut).await;
    assert_eq!(unseen, Err(Failure::Denied));
    // somebody without an account: nothing happens
    accounts::help_resident(ctx, kit::OFFICER, Uuid::nil(), Help::Freeze)
        .await
        .unwrap();
}

async fn roles_change_and_somebody_stays(ctx: Ctx) {
    let anja = staff(&ctx, "anja", Role::Administrator).await;
    let down = accounts::set_staff_role(&ctx, ADMINISTRATOR, anja, Role::Clerk.key()).await;
    assert_eq!(down, Err(Failure::Refused(StaffRefusal::LastAdministrator)));
    let bert = staff(&ctx, "bert", Role::Clerk).await;
    let (token, _) = whole(sign_in(&ctx, "bert").await);
    accounts::set_staff_role(&ctx, ADMINISTRATOR, bert, Role::Administrator.key())
        .await
        .unwrap();
    assert!(accounts::session(&ctx, &token).await.unwrap().is_none());
    // two administrators take the role off each other at the same moment: one stays
    let (a, b) = tokio::join!(
        accounts::set_staff_role(&ctx, ADMINISTRATOR, anja, Role::Clerk.key()),
        accounts::set_staff_role(&ctx, ADMINISTRATOR, bert, Role::Clerk.key())
    );
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    assert!(accounts::has_administrator(&ctx).await.unwrap());
}

/// A password that was hashed with less work is hashed anew when it is typed, and stays the same password.
async fn an_old_hash_is_renewed(ctx: Ctx) {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version, password_hash::SaltString};
    let id = staff(&ctx, "Anja", Role::Clerk).await;
    let salt = SaltString::encode_b64(b"sixteen bytes ok").unwrap();
    let weak = Params::new(8 * 1024, 1, 1, None).unwrap();
    let old = Argon2::new(Algorithm::Argon2id, Version::V0x13, weak)
        .hash_password(PASSWORD.as_bytes(), &salt)
        .unwrap()
        .to_string();
    let set = format!("UPDATE accounts SET password_hash = '{old}' WHERE $1 IS NOT NULL");
    backend::db::testing::execute(&ctx, &set).await;
    assert_eq!(accounts::stored_hash(&ctx, id).await, old);
    sign_in(&ctx, "anja").await.signed_in().unwrap();
    let renewed = accounts::stored_hash(&ctx, id).await;
    assert!(renewed.contains("m=19456,t=2,p=1"), "{renewed}");
    sign_in(&ctx, "anja").await.signed_in().unwrap();
    assert_eq!(accounts::stored_hash(&ctx, id).await, renewed);
}

/// The name of the town is not a password, at no place where one is chosen.
async fn the_town_is_no_password(ctx: Ctx) {
    municipality::save(&ctx, ADMINISTRATOR, backend::demo::settings(), 0)
        .await
        .unwrap();
    let town = municipality::current(&ctx).await.unwrap().settings.name;
    let word = format!("{town} {town}");
    staff(&ctx, "Anja", Role::Clerk).await;
    let (_, who) = sign_in(&ctx, "anja").await.signed_in().unwrap();
    let changed = accounts::change_password(&ctx, &who, PASSWORD, &word).await;
    assert!(matches!(changed, Err(Failure::Refused(_))), "{changed:?}");
    accounts::change_password(&ctx, &who, PASSWORD, NEW)
        .await
        .unwrap();
}

/// After a leak: nobody is signed in any more, and only administrators can do that.
async fn everybody_is_signed_out(ctx: Ctx) {
    staff(&ctx, "Anja", Role::Clerk).await;
    staff(&ctx, "Berta", Role::Administrator).await;
    let tokens: Vec<String> = [sign_in(&ctx, "anja").await, sign_in(&ctx, "berta").await]
        .into_iter()
        .map(|s| s.signed_in().unwrap().0)
        .collect();
    assert!(matches!(
        accounts::end_all_sessions(&ctx, kit::CLERK).await,
        Err(Failure::Denied)
    ));
    assert_eq!(accounts::end_all_sessions(&ctx, ADMINISTRATOR).await, Ok(2));
    for token in &tokens {
        assert!(accounts::session(&ctx, token).await.unwrap().is_none());
    }
    sign_in(&ctx, "anja").await.signed_in().unwrap();
}

/// An administrator cannot make the server ask a machine that only the server reaches, unless the operator allows it. Where
/// it may ask, nobody answers here: that is another sentence.
async fn the_sign_in_service_is_allowed(ctx: Ctx) {
    let named = Outgoing::only(&["127.0.0.1".to_owned()]).unwrap();
    for (outgoing, issuer, said) in [
        (Outgoing::Public, "https://127.0.0.1:9/", "problem-service-host"),
        (Outgoing::Public, "https://[::1]:9/", "problem-service-host"),
        // a name counts by the address that it leads to
        (Outgoing::Public, "https://localhost:9/", "problem-service-silent"),
        (named.clone(), "https://localhost:9/", "problem-service-host"),
        (named, "https://127.0.0.1:9/", "problem-service-silent"),
        (Outgoing::Any, "https://127.0.0.1:9/", "problem-service-silent"),
        (Outgoing::Any, "http://127.0.0.1:9/", "problem-service-https"),
    ] {
        let ctx = Ctx {
            outgoing,
            ..ctx.clone()
        };
        let service = accounts::SignInService {
            label: "Dienstkonto".to_owned(),
            issuer: issuer.to_owned(),
            client_id: "portal".to_owned(),
            claim: "roles".to_owned(),
            rules: vec![("administrator".to_owned(), vec!["admin".to_owned()])],
            ..accounts::SignInService::default()
        };
        let refused = accounts::save_sign_in_service(&ctx, ADMINISTRATOR, &service, "secret").await;
        let Err(Failure::Refused(problems)) = refused else {
            panic!("{issuer}: {refused:?}");
        };
        let codes: Vec<&str> = problems.0.iter().map(|p| p.code.as_str()).collect();
        assert_eq!(codes, [said], "{issuer} with {:?}", ctx.outgoing);
    }
}
