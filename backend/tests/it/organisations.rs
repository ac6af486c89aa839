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
    organisations::{self, Applied, MemberRefusal},
    registration::{self, Claim, Code},
};
use chrono::Duration;
use domain::{
    access::{Actor, Role},
    cases::{CaseKind, Outcome, Request},
    letters::state::ReturnReason,
    municipality::RegistrationMethod,
    organisations::{Entry, MemberRole, OrganisationState},
    problem::Problems,
};
use uuid::Uuid;

db_tests!(
    the_whole_life_of_an_organisation,
    a_resident_asks_for_the_own_club,
    refused_and_withdrawn_requests_leave_nothing,
    members_come_and_go,
    an_invitation_is_good_once,
    two_try_the_same_letter,
    entries_are_looked_at_first,
    a_letter_in_wrong_hands,
    entries_are_found_whatever_the_spelling,
    invitations_end_with_who_sent_them,
    returned_letters_open_nothing,
    nobody_admits_the_own_club,
    people_with_a_block_stay_hidden,
    switched_off_the_data_stays,
    without_letters,
);

async fn switch(ctx: &Ctx, change: impl Fn(&mut domain::municipality::Settings)) {
    let current = municipality::current(ctx).await.unwrap();
    let mut settings = current.settings;
    settings.directory = true;
    change(&mut settings);
    municipality::save(ctx, ADMINISTRATOR, settings, current.version)
        .await
        .unwrap();
}

fn request() -> Request {
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

fn contact(email: &str) -> OpenRegistration {
    OpenRegistration {
        name: "Vera Vorsitz".into(),
        email: email.into(),
        password: case_kit::PASSWORD.into(),
        consent: true,
    }
}

fn entry() -> Entry {
    Entry {
        category: "sport".into(),
        description: "Wir turnen montags.".into(),
        ..Entry::default()
    }
}

/// Applies without an account, confirms the address, and sends the request.
async fn sent(ctx: &Ctx) -> (SignedIn, Uuid) {
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

async fn approve(ctx: &Ctx, clerk: Actor, case: Uuid) -> Result<cases::Written, Failure<DeskRefusal>> {
    let yes = Decision {
        outcome: Outcome::Approved,
        text: String::new(),
        typed: String::new(),
    };
    let version = case_kit::version(ctx, clerk, case).await;
    cases::decide(ctx, clerk, case, version, &yes).await
}

/// Link of the code of the organisation's letter.
async fn code(ctx: &Ctx, clerk: Actor, id: Uuid) -> Code {
    jobs::run_due(ctx).await.unwrap();
    let page = organisations::organisation(ctx, clerk, id).await.unwrap();
    let codes = letters::reveal(ctx, page.letter.unwrap().batch, 9).await.unwrap();
    assert_eq!(codes.len(), 1);
    Code::parse(&codes[0].0).unwrap()
}

fn claim() -> Claim {
    Claim {
        name: "Vera Vorsitz".into(),
        password: "grüner Tee um vier".into(),
        email: String::new(),
        consent: true,
        birth_date: None,
    }
}

/// An organisation that has redeemed its letter: clerk, owner, id.
async fn active(ctx: &Ctx) -> (Actor, SignedIn, Uuid) {
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

async fn joined_by(ctx: &Ctx, owner: &SignedIn, id: Uuid, email: &str, role: MemberRole) -> SignedIn {
    ctx.clock.advance(Duration::seconds(1));
    organisations::invite_member(ctx, owner, id, email, Some(role))
        .await
        .unwrap();
    let link = token(ctx).await;
    let made = organisations::join(
        ctx,
        &kit::visitor(),
        &link,
        None,
        &OpenRegistration {
            name: format!("Mitglied {email}"),
            ..contact("")
        },
    )
    .await;
    let (_, session) = made.unwrap();
    accounts::session(ctx, &session.unwrap()).await.unwrap().unwrap()
}

async fn members_come_and_go(ctx: Ctx) {
    let (clerk, vera, id) = active(&ctx).await;
    let alone = organisations::leave(&ctx, &vera, id).await;
    assert_eq!(alone, Err(Failure::Refused(MemberRefusal::LastOwner)));
    let down = organisations::set_member_role(&ctx, &vera, id, vera.account, MemberRole::Editor).await;
    assert_eq!(down, Err(Failure::Refused(MemberRefusal::LastOwner)));
    let emil = joined_by(&ctx, &vera, id, "emil@example.org", MemberRole::Editor).await;
    // an editor writes, and nothing else
    organisations::save_entry(&ctx, &emil, id, &entry(), 0)
        .await
        .unwrap();
    let denied =
        organisations::invite_member(&ctx, &emil, id, "x@example.org", Some(MemberRole::Owner)).await;
    assert_eq!(denied, Err(Failure::Denied));
    assert_eq!(
        organisations::confirm_still_so(&ctx, &emil, id).await,
        Err(Failure::Denied)
    );
    assert_eq!(
        organisations::end_organisation(&ctx, &emil, id).await,
        Err(Failure::Denied)
    );
    let up = organisations::set_member_role(&ctx, &emil, id, emil.account, MemberRole::Owner).await;
    assert_eq!(up, Err(Failure::Denied));
    assert_eq!(
        organisations::remove_member(&ctx, &emil, id, vera.account).await,
        Err(Failure::Denied)
    );
    // the chair changes
    organisations::set_member_role(&ctx, &vera, id, emil.account, MemberRole::Owner)
        .await
        .unwrap();
    organisations::leave(&ctx, &vera, id).await.unwrap();
    assert_eq!(
        organisations::member_page(&ctx, &vera, id).await.err(),
        Some(Failure::Denied)
    );
    assert_eq!(
        organisations::member_page(&ctx, &emil, id).await.unwrap().role,
        MemberRole::Owner
    );
    // two owners leave at the same moment: one stays
    let olga = joined_by(&ctx, &emil, id, "olga@example.org", MemberRole::Owner).await;
    let (a, b) = tokio::join!(
        organisations::leave(&ctx, &emil, id),
        organisations::leave(&ctx, &olga, id)
    );
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    // nobody is left who can: a new letter brings somebody in
    let batch = organisations::new_organisation_letter(&ctx, clerk, id)
        .await
        .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let codes = letters::reveal(&ctx, batch, 2).await.unwrap();
    let code = Code::parse(&codes[0].1).unwrap();
    registration::redeem(&ctx, &kit::visitor(), &code, &claim(), Some(&vera))
        .await
        .unwrap();
    assert_eq!(organisations::memberships(&ctx, &vera).await.unwrap().len(), 1);
    // staff are nobody's members
    let step = accounts::sign_in(
        &ctx,
        &kit::visitor(),
        "carla@lindenau.example",
        case_kit::PASSWORD,
    )
    .await;
    let carla = step.unwrap().signed_in().unwrap().1;
    assert_eq!(
        organisations::memberships(&ctx, &carla).await.err(),
        Some(Failure::Denied)
    );
}

async fn an_invitation_is_good_once(ctx: Ctx) {
    let (_, vera, id) = active(&ctx).await;
    ctx.clock.advance(Duration::seconds(1));
    organisations::invite_member(&ctx, &vera, id, "neu@example.org", Some(MemberRole::Editor))
        .await
        .unwrap();
    let link = token(&ctx).await;
    // looking does not use it
    let page = organisations::invitation(&ctx, &link).await.unwrap().unwrap();
    assert_eq!(page.organisation, "Turnverein Lindenau e. V.");
    let who = OpenRegistration {
        name: "Nora".into(),
        ..contact("")
    };
    let (visitor_a, visitor_b) = (kit::visitor(), kit::visitor_at("203.0.113.9"));
    let (a, b) = tokio::join!(
        organisations::join(&ctx, &visitor_a, &link, None, &who),
        organisations::join(&ctx, &visitor_b, &link, None, &who)
    );
    assert!(a.is_ok() != b.is_ok(), "one person, one invitation");
    assert_eq!(
        organisations::member_page(&ctx, &vera, id)
            .await
            .unwrap()
            .members
            .len(),
        2
    );
    for bad in [link.as_str(), "", "0000"] {
        assert_eq!(organisations::invitation(&ctx, bad).await.unwrap(), None);
    }
    // somebody who has an account already signs in first
    ctx.clock.advance(Duration::seconds(1));
    organisations::invite_member(&ctx, &vera, id, "vera@example.org", Some(MemberRole::Editor))
        .await
        .unwrap();
    let link = token(&ctx).await;
    let known = organisations::join(&ctx, &kit::visitor(), &link, None, &who).await;
    assert!(matches!(known, Err(Failure::Refused(MemberRefusal::Problems(_)))));
    // and an owner does not become less by it
    organisations::join(&ctx, &kit::visitor(), &link, Some(&vera), &who)
        .await
        .unwrap();
    assert_eq!(
        organisations::member_page(&ctx, &vera, id).await.unwrap().role,
        MemberRole::Owner
    );
    // taken back, and too old
    ctx.clock.advance(Duration::seconds(1));
    organisations::invite_member(&ctx, &vera, id, "y@example.org", Some(MemberRole::Editor))
        .await
        .unwrap();
    let link = token(&ctx).await;
    let open = organisations::member_page(&ctx, &vera, id)
        .await
        .unwrap()
        .invitations;
    organisations::take_back_invitation(&ctx, &vera, id, open[0].id)
        .await
        .unwrap();
    assert_eq!(organisations::invitation(&ctx, &link).await.unwrap(), None);
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

async fn a_letter_in_wrong_hands(ctx: Ctx) {
    switch(&ctx, |_| ()).await;
    let (vera, case) = sent(&ctx).await;
    let clerk = case_kit::staff(&ctx, "Carla", Role::Clerk).await;
    approve(&ctx, clerk, case).await.unwrap();
    let id = organisations::organisation_of_case(&ctx, clerk, case)
        .await
        .unwrap()
        .unwrap();
    let first = code(&ctx, clerk, id).await;
    // a new letter ends the former one
    organisations::new_organisation_letter(&ctx, clerk, id)
        .await
        .unwrap();
    let old = registration::prove(&ctx, &kit::visitor(), &first).await;
    assert!(matches!(old, Err(Failure::Refused(_))));
    let second = code(&ctx, clerk, id).await;
    letters::accessible_letter(&ctx, clerk, id).await.unwrap();
    letters::organisation_letter_sent(&ctx, clerk, id).await.unwrap();
    registration::redeem(&ctx, &kit::visitor(), &second, &claim(), Some(&vera))
        .await
        .unwrap();
    let number = organisations::organisation(&ctx, clerk, id)
        .await
        .unwrap()
        .letter
        .unwrap()
        .letter_number;
    // it comes back as undeliverable although somebody used its code: nobody speaks for the organisation any more
    letters::returns::note_return(&ctx, kit::OFFICER, &number, ReturnReason::Unknown)
        .await
        .unwrap();
    let page = organisations::organisation(&ctx, clerk, id).await.unwrap();
    assert_eq!(
        (page.state, page.members.len()),
        (OrganisationState::Suspended, 0)
    );
    // the account of the person is not in question
    let step = accounts::sign_in(&ctx, &kit::visitor(), "vera@example.org", case_kit::PASSWORD).await;
    assert!(step.is_ok());
    // removed by the town: everything goes, and its letter dies
    organisations::new_organisation_letter(&ctx, clerk, id)
        .await
        .unwrap();
    let third = code(&ctx, clerk, id).await;
    organisations::remove_organisation(&ctx, clerk, id).await.unwrap();
    let dead = registration::prove(&ctx, &kit::visitor(), &third).await;
    assert!(matches!(dead, Err(Failure::Refused(_))));
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

async fn entries_are_found_whatever_the_spelling(ctx: Ctx) {
    let (_, vera, id) = active(&ctx).await;
    switch(&ctx, |s| s.moderate_entries = false).await;
    // found whatever the spelling, on both databases
    let umlaut = Entry {
        description: "ÖKUMENISCHER Chor {\"web\"}".into(),
        ..entry()
    };
    organisations::save_entry(&ctx, &vera, id, &umlaut, 0)
        .await
        .unwrap();
    for (words, found) in [
        ("ökumenischer", 1),
        ("Oekumenisch", 1),
        ("category", 0),
        ("\0", 1),
    ] {
        let lines = organisations::directory(&ctx, words, "", "").await.unwrap();
        assert_eq!(lines.len(), found, "{words:?}");
    }
    assert!(
        organisations::directory(&ctx, "", "\0", "")
            .await
            .unwrap()
            .is_empty()
    );
    // the last owner goes: nobody stands behind the entry any more
    assert_eq!(organisations::directory(&ctx, "", "", "").await.unwrap().len(), 1);
    accounts::delete(&ctx, &vera, case_kit::PASSWORD).await.unwrap();
    assert!(
        organisations::directory(&ctx, "", "", "")
            .await
            .unwrap()
            .is_empty()
    );
}

async fn invitations_end_with_who_sent_them(ctx: Ctx) {
    let (clerk, vera, id) = active(&ctx).await;
    // invitations end with who sent them
    let emil = joined_by(&ctx, &vera, id, "emil@example.org", MemberRole::Owner).await;
    ctx.clock.advance(Duration::seconds(1));
    organisations::invite_member(&ctx, &emil, id, "second@example.org", Some(MemberRole::Owner))
        .await
        .unwrap();
    let link = token(&ctx).await;
    assert!(organisations::invitation(&ctx, &link).await.unwrap().is_some());
    organisations::remove_member(&ctx, &vera, id, emil.account)
        .await
        .unwrap();
    assert_eq!(organisations::invitation(&ctx, &link).await.unwrap(), None);
    // nobody floods a mailbox
    let mut sent = 0;
    for _ in 0..10 {
        sent += i32::from(
            organisations::invite_member(&ctx, &vera, id, "box@example.org", Some(MemberRole::Editor))
                .await
                .is_ok(),
        );
    }
    assert_eq!(sent, 3);
    // suspended: no way in
    ctx.clock.advance(Duration::days(1));
    organisations::invite_member(&ctx, &vera, id, "late@example.org", Some(MemberRole::Owner))
        .await
        .unwrap();
    let late = token(&ctx).await;
    organisations::set_suspended(&ctx, clerk, id, true).await.unwrap();
    organisations::set_suspended(&ctx, clerk, id, false)
        .await
        .unwrap();
    assert_eq!(organisations::invitation(&ctx, &late).await.unwrap(), None);
}

async fn returned_letters_open_nothing(ctx: Ctx) {
    let (clerk, vera, id) = active(&ctx).await;
    switch(&ctx, |s| s.moderate_entries = false).await;
    organisations::save_entry(&ctx, &vera, id, &entry(), 0)
        .await
        .unwrap();
    // a record of a returned letter is taken back: not when there is a newer one
    let first = organisations::new_organisation_letter(&ctx, clerk, id)
        .await
        .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    letters::accessible_letter(&ctx, clerk, id).await.unwrap();
    letters::organisation_letter_sent(&ctx, clerk, id).await.unwrap();
    let number = organisations::organisation(&ctx, clerk, id)
        .await
        .unwrap()
        .letter
        .unwrap()
        .letter_number;
    letters::returns::note_return(&ctx, kit::OFFICER, &number, ReturnReason::Unknown)
        .await
        .unwrap();
    let second = organisations::new_organisation_letter(&ctx, clerk, id)
        .await
        .unwrap();
    assert_ne!(first, second);
    assert!(
        !letters::returns::undo_return(&ctx, kit::OFFICER, &number)
            .await
            .unwrap()
    );
    // a redeemed letter that comes back twice removes the new people only once
    let code = code(&ctx, clerk, id).await;
    letters::accessible_letter(&ctx, clerk, id).await.unwrap();
    letters::organisation_letter_sent(&ctx, clerk, id).await.unwrap();
    registration::redeem(&ctx, &kit::visitor(), &code, &claim(), Some(&vera))
        .await
        .unwrap();
    let number = organisations::organisation(&ctx, clerk, id)
        .await
        .unwrap()
        .letter
        .unwrap()
        .letter_number;
    letters::returns::note_return(&ctx, kit::OFFICER, &number, ReturnReason::Unknown)
        .await
        .unwrap();
    let page = organisations::organisation(&ctx, clerk, id).await.unwrap();
    assert_eq!(
        (page.state, page.entry.live),
        (OrganisationState::Suspended, None)
    );
    let batch = organisations::new_organisation_letter(&ctx, clerk, id)
        .await
        .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let third = Code::parse(&letters::reveal(&ctx, batch, 1).await.unwrap()[0].0).unwrap();
    registration::redeem(&ctx, &kit::visitor(), &third, &claim(), Some(&vera))
        .await
        .unwrap();
    let again = letters::returns::note_return(&ctx, kit::OFFICER, &number, ReturnReason::Moved)
        .await
        .unwrap();
    assert_eq!(again.1, letters::returns::Noted::Again);
    assert_eq!(
        organisations::organisation(&ctx, clerk, id)
            .await
            .unwrap()
            .members
            .len(),
        1
    );
}

async fn nobody_admits_the_own_club(ctx: Ctx) {
    switch(&ctx, |_| ()).await;
    let erika = case_kit::resident(&ctx, 0).await;
    switch(&ctx, |_| ()).await;
    // who is to speak for it does not admit it
    let begun = organisations::apply(
        &ctx,
        &kit::visitor(),
        Some(&erika),
        &contact(""),
        &request().with("person", "Paula Person"),
    )
    .await;
    let Ok(Applied::Draft(case)) = begun else {
        panic!("{begun:?}")
    };
    cases::submit_with_picture(&ctx, &erika, case, case_kit::png(900, 600), true, "ja")
        .await
        .unwrap();
    let paula = case_kit::staff(&ctx, "Paula Person", Role::Clerk).await;
    assert_eq!(
        approve(&ctx, paula, case).await,
        Err(Failure::Refused(DeskRefusal::Own))
    );
}

async fn people_with_a_block_stay_hidden(ctx: Ctx) {
    let erika = case_kit::resident(&ctx, 0).await;
    let (clerk, vera, id) = active(&ctx).await;
    ctx.clock.advance(Duration::seconds(1));
    organisations::invite_member(&ctx, &vera, id, "erika@example.org", Some(MemberRole::Owner))
        .await
        .unwrap();
    let link = token(&ctx).await;
    organisations::join(&ctx, &kit::visitor(), &link, Some(&erika), &contact(""))
        .await
        .unwrap();
    let seen = async |actor: Actor| {
        let page = organisations::organisation(&ctx, actor, id).await.unwrap();
        let line = organisations::organisations(&ctx, actor, "", None, None)
            .await
            .unwrap();
        (
            page.members.len(),
            line[0].members,
            page.letter.is_some(),
            page.person.is_some(),
        )
    };
    assert_eq!(seen(clerk).await, (2, 2, true, false));
    // the list says that Erika has a block now
    let rows = "Nachname;Vorname;Geburtsdatum;Straße;Hausnummer;PLZ;Ort;Auskunftssperre\n\
                Müller;Erika;02.01.1970;Ringstraße;12;01945;Lindenau;ja\nŠťastný;Jan;03.04.1981;Ringstraße;13 a;01945;Lindenau;nein\n";
    kit::apply(&ctx, rows.into()).await;
    let officer = case_kit::staff(&ctx, "Olaf", Role::RegistryOfficer).await;
    assert_eq!(seen(clerk).await, (1, 1, false, false));
    assert_eq!(seen(officer).await, (2, 2, true, true));
    let no = organisations::new_organisation_letter(&ctx, clerk, id).await;
    assert_eq!(no, Err(Failure::Refused(letters::LetterRefusal::WrongState)));
    // her way: a batch that only few see
    let batch = organisations::new_organisation_letter(&ctx, officer, id)
        .await
        .unwrap();
    assert!(letters::batch(&ctx, officer, batch).await.is_ok());
    assert!(letters::batch(&ctx, kit::LETTER_OFFICER, batch).await.is_err());
    assert_eq!(
        letters::accessible_letter(&ctx, clerk, id).await,
        Err(Failure::Denied)
    );
}
