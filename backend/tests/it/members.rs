//! Organisations and people: members, invitations, letters in wrong hands, register blocks, and what an intruder would like.

use crate::{
    cases as case_kit,
    kit::{self, db_tests},
    organisations::{active, approve, claim, code, contact, entry, request, sent, switch},
    security::token,
};
use backend::{
    Ctx, Failure,
    accounts::{self, OpenRegistration, SignedIn},
    cases::{self, DeskRefusal},
    jobs, letters,
    organisations::{self, Applied, MemberRefusal},
    registration::{self, Code},
};
use chrono::Duration;
use domain::{
    access::{Actor, Role},
    letters::state::ReturnReason,
    organisations::{Entry, MemberRole, Notice, NoticeKind, OrganisationState},
};
use uuid::Uuid;

db_tests!(
    entries_are_found_whatever_the_spelling,
    invitations_end_with_who_sent_them,
    returned_letters_open_nothing,
    nobody_admits_the_own_club,
    people_with_a_block_stay_hidden,
    notices_stand_until_their_day,
    a_letter_in_wrong_hands,
    members_come_and_go,
    an_invitation_is_good_once,
);

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
    organisations::invite_member(
        &ctx,
        &emil,
        id,
        "second@example.org",
        Some(MemberRole::Owner),
        "de",
    )
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
            organisations::invite_member(&ctx, &vera, id, "box@example.org", Some(MemberRole::Editor), "de")
                .await
                .is_ok(),
        );
    }
    assert_eq!(sent, 3);
    // suspended: no way in
    ctx.clock.advance(Duration::days(1));
    organisations::invite_member(&ctx, &vera, id, "late@example.org", Some(MemberRole::Owner), "de")
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
    organisations::invite_member(
        &ctx,
        &vera,
        id,
        "erika@example.org",
        Some(MemberRole::Owner),
        "de",
    )
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
        organisations::invite_member(&ctx, &emil, id, "x@example.org", Some(MemberRole::Owner), "de").await;
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
    // the chair changes; who has all rights already is told of whoever comes to have them
    let told = async || {
        let mails = backend::mail::waiting(&ctx).await.unwrap();
        mails.iter().filter(|m| m.contains("alle Rechte")).count()
    };
    assert_eq!(told().await, 0);
    organisations::set_member_role(&ctx, &vera, id, emil.account, MemberRole::Owner)
        .await
        .unwrap();
    assert_eq!(told().await, 1);
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
    assert_eq!(told().await, 2);
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
    organisations::invite_member(&ctx, &vera, id, "neu@example.org", Some(MemberRole::Editor), "de")
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
    organisations::invite_member(
        &ctx,
        &vera,
        id,
        "vera@example.org",
        Some(MemberRole::Editor),
        "de",
    )
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
    organisations::invite_member(&ctx, &vera, id, "y@example.org", Some(MemberRole::Editor), "de")
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

async fn joined_by(ctx: &Ctx, owner: &SignedIn, id: Uuid, email: &str, role: MemberRole) -> SignedIn {
    ctx.clock.advance(Duration::seconds(1));
    organisations::invite_member(ctx, owner, id, email, Some(role), "de")
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

async fn notices_stand_until_their_day(ctx: Ctx) {
    let (clerk, vera, id) = active(&ctx).await;
    let today = domain::time::local(ctx.clock.now()).date();
    let notice = |days: i64| Notice {
        kind: Some(NoticeKind::Event),
        title: "Sommerfest".into(),
        text: "Mit Blaskapelle.".into(),
        until: Some(today + Duration::days(days)),
    };
    // switched off
    assert_eq!(
        organisations::market(&ctx, "", None).await.err(),
        Some(Failure::Denied)
    );
    assert_eq!(
        organisations::put_notice(&ctx, &vera, id, &notice(3)).await,
        Err(Failure::Denied)
    );
    switch(&ctx, |s| s.market = true).await;
    assert!(matches!(
        organisations::put_notice(&ctx, &vera, id, &notice(-1)).await,
        Err(Failure::Refused(_))
    ));
    // looked at first
    assert_eq!(
        organisations::put_notice(&ctx, &vera, id, &notice(3)).await,
        Ok(false)
    );
    let market = async |words: &str| organisations::market(&ctx, words, None).await.unwrap().len();
    assert_eq!(market("").await, 0);
    let waiting = organisations::organisation(&ctx, clerk, id)
        .await
        .unwrap()
        .notices;
    assert_eq!(organisations::totals(&ctx, clerk).await.unwrap().waiting, 1);
    let by_auditor = organisations::review_notice(&ctx, kit::AUDITOR, id, waiting[0].id, true).await;
    assert_eq!(by_auditor, Err(Failure::Denied));
    organisations::review_notice(&ctx, clerk, id, waiting[0].id, true)
        .await
        .unwrap();
    assert_eq!(
        (
            market("BLASKAPELLE").await,
            market("turnverein").await,
            market("kegeln").await
        ),
        (1, 1, 0)
    );
    assert_eq!(organisations::notices_of(&ctx, id).await.unwrap().len(), 1);
    // hidden by the town, or with the organisation
    organisations::review_notice(&ctx, clerk, id, waiting[0].id, false)
        .await
        .unwrap();
    assert_eq!(market("").await, 0);
    organisations::review_notice(&ctx, clerk, id, waiting[0].id, true)
        .await
        .unwrap();
    organisations::set_suspended(&ctx, clerk, id, true).await.unwrap();
    assert_eq!(market("").await, 0);
    organisations::set_suspended(&ctx, clerk, id, false)
        .await
        .unwrap();
    // nobody else writes or ends it
    let erika = accounts::session(&ctx, "0").await.unwrap();
    assert!(erika.is_none());
    ctx.clock.advance(Duration::days(3));
    assert_eq!(market("").await, 1, "the last day counts");
    ctx.clock.advance(Duration::days(2));
    assert_eq!(market("").await, 0);
    // a full board, and one taken off
    switch(&ctx, |s| (s.market, s.moderate_entries) = (true, false)).await;
    for _ in 0..20 {
        assert_eq!(
            organisations::put_notice(&ctx, &vera, id, &notice(30)).await,
            Ok(true)
        );
    }
    assert!(matches!(
        organisations::put_notice(&ctx, &vera, id, &notice(30)).await,
        Err(Failure::Refused(_))
    ));
    let own = organisations::own_notices(&ctx, &vera, id).await.unwrap();
    organisations::end_notice(&ctx, &vera, id, own[0].id)
        .await
        .unwrap();
    assert_eq!(market("").await, 19);
    // only the market is on: admission is possible, the directory is not
    switch(&ctx, |s| (s.market, s.directory) = (true, false)).await;
    assert_eq!(
        organisations::directory(&ctx, "", "", "").await.err(),
        Some(Failure::Denied)
    );
    assert!(organisations::member_page(&ctx, &vera, id).await.is_ok());
}
