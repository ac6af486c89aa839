//! Organisations: from the request to the directory and out again; members, letters, and who may see what.

use crate::{
    cases as case_kit,
    kit::{self, ADMINISTRATOR, CLERK, db_tests},
    security::token,
};
use backend::{
    Ctx, Failure, accounts,
    accounts::{OpenRegistration, SignedIn},
    audit,
    cases::{self, BeginRefusal, Decision, DeskRefusal},
    jobs, letters, mail, municipality,
    organisations::{self, Applied},
    registration::{self, Claim, Code},
};
use chrono::Duration;
use domain::{
    access::{Actor, Role},
    cases::{CaseKind, Outcome, Request},
    municipality::RegistrationMethod,
    organisations::{Entry, OrganisationState},
    problem::Problems,
};
use uuid::Uuid;

db_tests!(
    the_whole_life_of_an_organisation,
    a_resident_asks_for_the_own_club,
    refused_and_withdrawn_requests_leave_nothing,
    two_try_the_same_letter,
    entries_are_looked_at_first,
    switched_off_the_data_stays,
    without_letters,
);

pub(crate) async fn switch(ctx: &Ctx, change: impl Fn(&mut domain::municipality::Settings)) {
    let current = municipality::current(ctx).await.unwrap();
    let mut settings = current.settings;
    settings.directory = true;
    change(&mut settings);
    municipality::save(ctx, ADMINISTRATOR, settings, current.version)
        .await
        .unwrap();
}

pub(crate) fn request() -> Request {
    [
        ("organisation_kind", "club"),
        ("organisation_name", "Turnverein Lindenau e. V."),
        ("register", "Amtsgericht Cottbus"),
        ("register_number", "VR 1234 CB"),
        ("street", "Sportweg"),
        ("house_number", "3"),
        ("postcode", "01945"),
        ("city", "Lindenau"),
        ("purpose", "Turnen für alle."),
        ("web", "https://tv-lindenau.example"),
        ("person", "Vera Vorsitz"),
        ("person_role", "Vorsitzende"),
        ("telephone", ""),
    ]
    .into_iter()
    .fold(Request::default(), |r, (k, v)| r.with(k, v))
}

pub(crate) fn contact(email: &str) -> OpenRegistration {
    OpenRegistration {
        name: "Vera Vorsitz".into(),
        email: email.into(),
        password: case_kit::PASSWORD.into(),
        consent: true,
    }
}

pub(crate) fn entry() -> Entry {
    Entry {
        category: "sport".into(),
        description: "Wir turnen montags.".into(),
        ..Entry::default()
    }
}

/// Applies without an account, confirms the address, and sends the request.
pub(crate) async fn sent(ctx: &Ctx) -> (SignedIn, Uuid) {
    let done = organisations::apply(
        ctx,
        &kit::visitor(),
        None,
        &contact("vera@example.org"),
        &request(),
    )
    .await;
    assert_eq!(done, Ok(Applied::Mailed));
    let link = token(ctx).await;
    let (_, who) = accounts::confirm_email(ctx, &kit::visitor(), None, &link, case_kit::PASSWORD)
        .await
        .unwrap();
    let case = cases::own_cases(ctx, &who).await.unwrap()[0].case.id;
    cases::submit_with_picture(ctx, &who, case, case_kit::png(900, 600), true, "ja")
        .await
        .unwrap();
    (who, case)
}

pub(crate) async fn approve(
    ctx: &Ctx,
    clerk: Actor,
    case: Uuid,
) -> Result<cases::Written, Failure<DeskRefusal>> {
    let yes = Decision {
        outcome: Outcome::Approved,
        text: String::new(),
        typed: String::new(),
    };
    let version = case_kit::version(ctx, clerk, case).await;
    cases::decide(ctx, clerk, case, version, &yes).await
}

/// Link of the code of the organisation's letter.
pub(crate) async fn code(ctx: &Ctx, clerk: Actor, id: Uuid) -> Code {
    jobs::run_due(ctx).await.unwrap();
    let page = organisations::organisation(ctx, clerk, id).await.unwrap();
    let codes = letters::reveal(ctx, page.letter.unwrap().batch, 9).await.unwrap();
    assert_eq!(codes.len(), 1);
    Code::parse(&codes[0].0).unwrap()
}

pub(crate) fn claim() -> Claim {
    Claim {
        name: "Vera Vorsitz".into(),
        password: "grüner Tee um vier".into(),
        email: String::new(),
        consent: true,
        birth_date: None,
    }
}

/// An organisation that has redeemed its letter: clerk, owner, id.
pub(crate) async fn active(ctx: &Ctx) -> (Actor, SignedIn, Uuid) {
    switch(ctx, |_| ()).await;
    let (who, case) = sent(ctx).await;
    let clerk = case_kit::staff(ctx, "Carla", Role::Clerk).await;
    approve(ctx, clerk, case).await.unwrap();
    let id = organisations::organisation_of_case(ctx, clerk, case)
        .await
        .unwrap()
        .unwrap();
    let code = code(ctx, clerk, id).await;
    let done = registration::redeem(ctx, &kit::visitor(), &code, &claim(), Some(&who)).await;
    assert!(
        done.unwrap().session.is_none(),
        "the account that is signed in is used"
    );
    (clerk, who, id)
}

async fn the_whole_life_of_an_organisation(ctx: Ctx) {
    // switched off: no request
    let off = organisations::apply(&ctx, &kit::visitor(), None, &contact("v@example.org"), &request()).await;
    assert_eq!(off, Err(Failure::Denied));
    switch(&ctx, |s| s.moderate_entries = false).await;
    // nothing reaches the town before the address is confirmed
    organisations::apply(
        &ctx,
        &kit::visitor(),
        None,
        &contact("other@example.org"),
        &request(),
    )
    .await
    .unwrap();
    let clerk = case_kit::staff(&ctx, "Carla", Role::Clerk).await;
    let all = cases::InboxFilter::default();
    assert!(cases::inbox(&ctx, clerk, &all).await.unwrap().0.is_empty());
    let (vera, case) = sent(&ctx).await;
    assert_eq!(cases::inbox(&ctx, clerk, &all).await.unwrap().0.len(), 1);
    // a question back: the register number
    let version = case_kit::version(&ctx, clerk, case).await;
    cases::ask(
        &ctx,
        clerk,
        case,
        version,
        "Stimmt die Nummer?",
        &["register_number".into()],
    )
    .await
    .unwrap();
    let answer = Request::default().with("register_number", "VR 4321 CB");
    cases::answer(&ctx, &vera, case, &answer, "", None, "")
        .await
        .unwrap();
    approve(&ctx, clerk, case).await.unwrap();
    let id = organisations::organisation_of_case(&ctx, clerk, case)
        .await
        .unwrap()
        .unwrap();
    let page = organisations::organisation(&ctx, clerk, id).await.unwrap();
    assert_eq!(page.register, "Amtsgericht Cottbus VR 4321 CB");
    assert_eq!((page.state, page.members.len()), (OrganisationState::Admitted, 0));
    // the picture of the document is gone with the decision
    let files = cases::open(&ctx, clerk, case).await.unwrap().files;
    assert!(files.iter().all(|f| f.deleted_at.is_some()));
    // the letter: to the register address, to the attention of the person; as an accessible file for an e-mail
    jobs::run_due(&ctx).await.unwrap();
    let (name, pdf) = letters::accessible_letter(&ctx, clerk, id).await.unwrap();
    assert!(name.starts_with("brief-L") && pdf.starts_with(b"%PDF"), "{name}");
    assert!(pdf.windows(15).any(|w| w == b"/StructTreeRoot"), "tagged");
    let code = code(&ctx, clerk, id).await;
    let proven = registration::prove(&ctx, &kit::visitor(), &code).await.unwrap();
    assert_eq!(
        (proven.name.as_str(), proven.organisation),
        ("Turnverein Lindenau e. V.", true)
    );
    letters::organisation_letter_sent(&ctx, clerk, id).await.unwrap();
    let again = letters::accessible_letter(&ctx, clerk, id).await;
    assert_eq!(again, Err(Failure::Refused(letters::LetterRefusal::WrongState)));
    // redeemed without being signed in: a person of its own
    let nobody = registration::redeem(
        &ctx,
        &kit::visitor(),
        &code,
        &Claim {
            name: String::new(),
            ..claim()
        },
        None,
    )
    .await;
    assert!(matches!(
        nobody,
        Err(Failure::Refused(registration::RedeemRefusal::Form(_)))
    ));
    let made = registration::redeem(&ctx, &kit::visitor(), &code, &claim(), None)
        .await
        .unwrap();
    let who = accounts::session(&ctx, &made.session.unwrap())
        .await
        .unwrap()
        .unwrap();
    let mine = organisations::memberships(&ctx, &who).await.unwrap();
    assert_eq!(
        (mine.len(), mine[0].role.as_str(), mine[0].state.as_str()),
        (1, "owner", "active")
    );
    // the applicant's account speaks for nobody
    assert!(organisations::memberships(&ctx, &vera).await.unwrap().is_empty());
    assert_eq!(
        organisations::member_page(&ctx, &vera, id).await.err(),
        Some(Failure::Denied)
    );
    // published
    assert!(
        organisations::directory(&ctx, "", "", "")
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        organisations::save_entry(&ctx, &who, id, &entry(), 0)
            .await
            .unwrap()
    );
    for (words, category, kind, found) in [
        ("turn", "", "", 1),
        ("montags", "sport", "club", 1),
        ("", "music", "", 0),
        ("%", "", "", 1),
        ("kegeln", "", "", 0),
    ] {
        let lines = organisations::directory(&ctx, words, category, kind)
            .await
            .unwrap();
        assert_eq!(lines.len(), found, "{words} {category} {kind}");
    }
    let public = organisations::public_entry(&ctx, id).await.unwrap();
    assert_eq!(public.address, ["01945 Lindenau"], "street only if they want it");
    // a year later: reminded, then hidden, then confirmed
    ctx.clock.advance(Duration::days(340));
    jobs::sweep(&ctx).await.unwrap();
    assert!(
        !organisations::directory(&ctx, "", "", "")
            .await
            .unwrap()
            .is_empty()
    );
    ctx.clock.advance(Duration::days(30));
    assert!(
        organisations::directory(&ctx, "", "", "")
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        organisations::public_entry(&ctx, id).await.err(),
        Some(Failure::Denied)
    );
    organisations::confirm_still_so(&ctx, &who, id).await.unwrap();
    assert_eq!(organisations::directory(&ctx, "", "", "").await.unwrap().len(), 1);
    // and out
    organisations::end_organisation(&ctx, &who, id).await.unwrap();
    assert!(
        organisations::directory(&ctx, "", "", "")
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        organisations::organisation(&ctx, clerk, id).await.err(),
        Some(Failure::Denied)
    );
    assert!(organisations::memberships(&ctx, &who).await.unwrap().is_empty());
    assert_eq!(audit::verify(&ctx).await.unwrap().err(), None);
}

async fn a_resident_asks_for_the_own_club(ctx: Ctx) {
    let erika = case_kit::resident(&ctx, 0).await;
    switch(&ctx, |_| ()).await;
    let begun = organisations::apply(&ctx, &kit::visitor(), Some(&erika), &contact(""), &request()).await;
    let Ok(Applied::Draft(case)) = begun else {
        panic!("{begun:?}")
    };
    // one at a time, and written anew
    let again = organisations::apply(&ctx, &kit::visitor(), Some(&erika), &contact(""), &request()).await;
    assert_eq!(again, Ok(Applied::Draft(case)));
    cases::prove_at_desk(&ctx, &erika, case).await.unwrap();
    let open = organisations::apply(&ctx, &kit::visitor(), Some(&erika), &contact(""), &request()).await;
    assert_eq!(open, Err(Failure::Refused(BeginRefusal::Open(case))));
    let clerk = case_kit::staff(&ctx, "Carla", Role::Clerk).await;
    // not before the document was seen
    assert_eq!(
        approve(&ctx, clerk, case).await,
        Err(Failure::Refused(DeskRefusal::NoProof))
    );
    let version = case_kit::version(&ctx, clerk, case).await;
    cases::shown(&ctx, clerk, case, version).await.unwrap();
    approve(&ctx, clerk, case).await.unwrap();
    let id = organisations::organisation_of_case(&ctx, clerk, case)
        .await
        .unwrap()
        .unwrap();
    let code = code(&ctx, clerk, id).await;
    registration::redeem(&ctx, &kit::visitor(), &code, &claim(), Some(&erika))
        .await
        .unwrap();
    // one account for both, and her own name stays confirmed
    assert_eq!(organisations::memberships(&ctx, &erika).await.unwrap().len(), 1);
    let overview = accounts::overview(&ctx, &erika).await.unwrap();
    assert_eq!(overview.level, domain::accounts::TrustLevel::Municipal);
    // the same club under another spelling is recognised
    let other = request()
        .with("organisation_name", "TURNVEREIN LINDENAU")
        .with("register_number", "");
    assert_eq!(
        organisations::similar(&ctx, clerk, &other).await.unwrap()[0].0,
        id
    );
    let number = request()
        .with("organisation_name", "Ganz anders")
        .with("register_number", "vr1234cb");
    assert_eq!(
        organisations::similar(&ctx, clerk, &number).await.unwrap().len(),
        1
    );
    let none = request()
        .with("organisation_name", "Kegelclub")
        .with("register_number", "");
    assert!(
        organisations::similar(&ctx, clerk, &none)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn refused_and_withdrawn_requests_leave_nothing(ctx: Ctx) {
    switch(&ctx, |_| ()).await;
    let clerk = case_kit::staff(&ctx, "Carla", Role::Clerk).await;
    let (vera, case) = sent(&ctx).await;
    let no = Decision {
        outcome: Outcome::Rejected,
        text: "Kein Sitz in Lindenau.".into(),
        typed: String::new(),
    };
    let version = case_kit::version(&ctx, clerk, case).await;
    cases::decide(&ctx, clerk, case, version, &no).await.unwrap();
    let all = organisations::organisations(&ctx, clerk, "", None, None)
        .await
        .unwrap();
    assert!(all.is_empty());
    // once more, and taken back
    let begun = organisations::apply(&ctx, &kit::visitor(), Some(&vera), &contact(""), &request()).await;
    let Ok(Applied::Draft(case)) = begun else {
        panic!("{begun:?}")
    };
    cases::submit_with_picture(&ctx, &vera, case, case_kit::png(900, 600), true, "ja")
        .await
        .unwrap();
    cases::withdraw(&ctx, &vera, case).await.unwrap();
    assert!(
        organisations::organisations(&ctx, clerk, "", None, None)
            .await
            .unwrap()
            .is_empty()
    );
    // bad input, all at once
    let bad = request()
        .with("organisation_kind", "gang")
        .with("organisation_name", &"x".repeat(10_000))
        .with("postcode", "1")
        .with("web", "javascript:alert(1)")
        .with("person", "");
    let Err(Failure::Refused(BeginRefusal::Problems(problems))) =
        organisations::apply(&ctx, &kit::visitor(), None, &contact("keine"), &bad).await
    else {
        panic!("bad input")
    };
    let fields: Vec<&str> = problems.0.iter().map(|p| p.field.as_str()).collect();
    for field in [
        "organisation_kind",
        "organisation_name",
        "postcode",
        "web",
        "person",
        "email",
    ] {
        assert!(fields.contains(&field), "{field} {fields:?}");
    }
    // not a letter can be made for an address that does not fit, and then there is no yes either
    let long = request().with(
        "organisation_name",
        &"Verein der Freundinnen und Freunde ".repeat(2),
    );
    let begun = organisations::apply(&ctx, &kit::visitor(), Some(&vera), &contact(""), &long).await;
    let Ok(Applied::Draft(case)) = begun else {
        panic!("{begun:?}")
    };
    cases::submit_with_picture(&ctx, &vera, case, case_kit::png(900, 600), true, "ja")
        .await
        .unwrap();
    let fits = approve(&ctx, clerk, case).await;
    let stored = organisations::organisations(&ctx, clerk, "", None, None)
        .await
        .unwrap();
    assert_eq!(fits.is_ok(), stored.len() == 1, "{fits:?}");
}

async fn two_try_the_same_letter(ctx: Ctx) {
    switch(&ctx, |_| ()).await;
    let (_, case) = sent(&ctx).await;
    let clerk = case_kit::staff(&ctx, "Carla", Role::Clerk).await;
    // two clerks say yes: one organisation, one letter
    let second = case_kit::staff(&ctx, "Otto", Role::Clerk).await;
    let (a, b) = tokio::join!(approve(&ctx, clerk, case), approve(&ctx, second, case));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let id = organisations::organisation_of_case(&ctx, clerk, case)
        .await
        .unwrap()
        .unwrap();
    let code = code(&ctx, clerk, id).await;
    let tries = (0..8).map(|i| {
        let ctx = ctx.clone();
        tokio::spawn(async move {
            registration::redeem(
                &ctx,
                &kit::visitor_at(&format!("203.0.113.{i}")),
                &code,
                &claim(),
                None,
            )
            .await
        })
    });
    let mut made = 0;
    for t in tries.collect::<Vec<_>>() {
        made += usize::from(t.await.unwrap().is_ok());
    }
    assert_eq!(made, 1);
    assert_eq!(
        organisations::organisation(&ctx, clerk, id)
            .await
            .unwrap()
            .members
            .len(),
        1
    );
}

async fn entries_are_looked_at_first(ctx: Ctx) {
    let (clerk, vera, id) = active(&ctx).await;
    assert!(
        !organisations::save_entry(&ctx, &vera, id, &entry(), 0)
            .await
            .unwrap()
    );
    assert!(
        organisations::directory(&ctx, "", "", "")
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(organisations::totals(&ctx, clerk).await.unwrap().waiting, 1);
    // another one was written while this one was looked at
    let newer = Entry {
        description: "Neu.".into(),
        ..entry()
    };
    organisations::save_entry(&ctx, &vera, id, &newer, 1)
        .await
        .unwrap();
    assert!(matches!(
        organisations::review_entry(&ctx, clerk, id, 1, true).await,
        Err(Failure::Refused(_))
    ));
    let stale = organisations::save_entry(&ctx, &vera, id, &newer, 1).await;
    assert_eq!(
        stale,
        Err(Failure::Refused(Problems::one("", "problem-entry-changed")))
    );
    organisations::review_entry(&ctx, clerk, id, 2, true)
        .await
        .unwrap();
    assert_eq!(
        organisations::public_entry(&ctx, id)
            .await
            .unwrap()
            .entry
            .description,
        "Neu."
    );
    // a change does not take the public one away, nor does a no
    let bad = Entry {
        description: "Kauft hier!".into(),
        category: "shop".into(),
        ..entry()
    };
    organisations::save_entry(&ctx, &vera, id, &bad, 3).await.unwrap();
    assert_eq!(
        organisations::directory(&ctx, "", "sport", "")
            .await
            .unwrap()
            .len(),
        1
    );
    organisations::review_entry(&ctx, clerk, id, 4, false)
        .await
        .unwrap();
    assert_eq!(
        organisations::public_entry(&ctx, id)
            .await
            .unwrap()
            .entry
            .description,
        "Neu."
    );
    assert!(
        mail::waiting(&ctx)
            .await
            .unwrap()
            .last()
            .unwrap()
            .contains("/konto/organisation")
    );
    let auditor = organisations::review_entry(&ctx, kit::AUDITOR, id, 5, true).await;
    assert_eq!(auditor, Err(Failure::Denied));
    // taken off by the town
    organisations::set_suspended(&ctx, clerk, id, true).await.unwrap();
    assert!(
        organisations::directory(&ctx, "", "", "")
            .await
            .unwrap()
            .is_empty()
    );
    let off = organisations::save_entry(&ctx, &vera, id, &newer, 5).await;
    assert_eq!(
        off,
        Err(Failure::Refused(Problems::one(
            "",
            "problem-organisation-suspended"
        )))
    );
    organisations::set_suspended(&ctx, clerk, id, false)
        .await
        .unwrap();
    assert_eq!(organisations::directory(&ctx, "", "", "").await.unwrap().len(), 1);
}

async fn switched_off_the_data_stays(ctx: Ctx) {
    let (clerk, vera, id) = active(&ctx).await;
    organisations::save_entry(&ctx, &vera, id, &entry(), 0)
        .await
        .unwrap();
    organisations::review_entry(&ctx, clerk, id, 1, true)
        .await
        .unwrap();
    switch(&ctx, |s| s.directory = false).await;
    assert_eq!(
        organisations::directory(&ctx, "", "", "").await.err(),
        Some(Failure::Denied)
    );
    assert_eq!(
        organisations::public_entry(&ctx, id).await.err(),
        Some(Failure::Denied)
    );
    assert_eq!(
        organisations::member_page(&ctx, &vera, id).await.err(),
        Some(Failure::Denied)
    );
    switch(&ctx, |_| ()).await;
    assert_eq!(organisations::directory(&ctx, "", "", "").await.unwrap().len(), 1);
    let denied = organisations::organisations(&ctx, kit::LETTER_OFFICER, "", None, None).await;
    assert!(matches!(denied, Err(Failure::Denied)));
    assert!(
        organisations::organisations(&ctx, CLERK, "turn", None, None)
            .await
            .is_ok()
    );
}

async fn without_letters(ctx: Ctx) {
    switch(&ctx, |s| s.organisations_register = RegistrationMethod::Open).await;
    let (vera, case) = sent(&ctx).await;
    let clerk = case_kit::staff(&ctx, "Carla", Role::Clerk).await;
    approve(&ctx, clerk, case).await.unwrap();
    let mine = organisations::memberships(&ctx, &vera).await.unwrap();
    assert_eq!(
        (mine[0].role.as_str(), mine[0].state.as_str()),
        ("owner", "active")
    );
    let id = mine[0].organisation;
    assert!(
        organisations::organisation(&ctx, clerk, id)
            .await
            .unwrap()
            .letter
            .is_none()
    );
    let no = organisations::new_organisation_letter(&ctx, clerk, id).await;
    assert_eq!(no, Err(Failure::Refused(letters::LetterRefusal::MethodOff)));
    assert_eq!(
        cases::begin_values(&ctx, &vera, CaseKind::ProfileChange)
            .await
            .unwrap(),
        None
    );
}
