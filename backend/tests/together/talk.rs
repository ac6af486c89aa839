//! Talking in the open: who may, under which name, what stays readable, and what staff do about reports.

use crate::{
    crowd,
    kit::{self, AUDITOR, CLERK, LETTER_OFFICER, OFFICER, db_tests},
    redeem, town,
};
use backend::{
    Ctx, Failure,
    accounts::{self, OpenRegistration, SignedIn},
    cases::{self, Decision},
    jobs, letters, mail, municipality,
    organisations::{self, Applied},
    talk::{self, TalkRefusal},
};
use chrono::Duration;
use domain::{
    access::{Actor, Role},
    cases::{Outcome, Request},
    municipality::RegistrationMethod,
    organisations::{Entry, MemberRole, Notice, NoticeKind},
    talk::{IdeaStatus, Report, ReportReason, Subject, Target, Words},
};
use uuid::Uuid;

db_tests!(
    ideas_under_the_confirmed_name,
    support_is_one_a_person,
    earlier_versions_stay_readable,
    a_register_block_is_a_pseudonym,
    organisations_speak_for_themselves,
    reports_are_decided,
    switched_off_the_data_stays,
);

fn words() -> Words {
    Words::read("Bank am Anger", "Dort fehlt eine Bank.")
}

pub(crate) async fn switch(ctx: &Ctx, change: impl Fn(&mut domain::municipality::Settings)) {
    let current = municipality::current(ctx).await.unwrap();
    let mut settings = current.settings;
    change(&mut settings);
    municipality::save(ctx, kit::ADMINISTRATOR, settings, current.version)
        .await
        .unwrap();
}

pub(crate) async fn staff(ctx: &Ctx, role: Role) -> Actor {
    let account = accounts::add_staff(
        ctx,
        kit::ADMINISTRATOR,
        "Carla",
        "carla@lindenau.example",
        role,
        "Sieben Zwerge im Wald",
    )
    .await
    .unwrap();
    Actor::staff(account, role)
}

/// The token of the link in a mail.
fn token(mail: &str) -> String {
    let rest = mail.split("?t=").nth(1).unwrap();
    rest.chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect()
}

/// Somebody with an account and without a letter.
async fn stranger(ctx: &Ctx) -> SignedIn {
    switch(ctx, |s| s.residents_register = RegistrationMethod::Open).await;
    let contact = OpenRegistration {
        name: "Frida Fremd".into(),
        email: "frida@example.org".into(),
        password: "Sieben Zwerge im Wald".into(),
        consent: true,
    };
    accounts::register_open(ctx, &kit::visitor(), &contact)
        .await
        .unwrap();
    let mails = mail::waiting(ctx).await.unwrap();
    let token = token(mails.iter().find(|m| m.contains("bestaetigen")).unwrap());
    accounts::confirm_email(ctx, &kit::visitor(), None, &token, "Sieben Zwerge im Wald")
        .await
        .unwrap()
        .1
}

async fn ideas_under_the_confirmed_name(ctx: Ctx) {
    let who = town(&ctx, &crowd(2, "02.01.1970", "Lindenau")).await;
    let frida = stranger(&ctx).await;
    let refusal = talk::propose(&ctx, &frida, None, &words()).await;
    assert_eq!(refusal, Err(Failure::Refused(TalkRefusal::NotVerified)));
    let bad = talk::propose(&ctx, &who[0], None, &Words::default()).await;
    assert!(matches!(bad, Err(Failure::Refused(TalkRefusal::Problems(_)))));
    let id = talk::propose(&ctx, &who[0], None, &words()).await.unwrap();
    let seen = talk::idea(&ctx, None, id).await.unwrap();
    assert_eq!(
        (seen.name.as_str(), seen.pseudonym),
        (who[0].name.as_str(), false)
    );
    let found = talk::ideas(&ctx, None, "BÄNK", None, true).await.unwrap();
    assert!(found.is_empty());
    assert_eq!(
        talk::ideas(&ctx, None, "anger", None, true).await.unwrap().len(),
        1
    );

    // a comment, and the town's answer
    talk::comment(&ctx, &who[1], None, Subject::Idea, id, "Gute Idee.")
        .await
        .unwrap();
    let nobody = talk::comment(&ctx, &frida, None, Subject::Idea, id, "Hallo").await;
    assert_eq!(nobody, Err(Failure::Refused(TalkRefusal::NotVerified)));
    let nowhere = talk::comment(&ctx, &who[1], None, Subject::Idea, Uuid::from_u128(9), "x").await;
    assert_eq!(nowhere, Err(Failure::Denied));
    assert!(
        talk::reply(&ctx, LETTER_OFFICER, id, IdeaStatus::Planned, "")
            .await
            .is_err()
    );
    let unsaid = talk::reply(&ctx, CLERK, id, IdeaStatus::Declined, " ").await;
    assert!(matches!(unsaid, Err(Failure::Refused(_))), "a no needs a reason");
    talk::reply(&ctx, CLERK, id, IdeaStatus::Planned, "Im Mai.")
        .await
        .unwrap();
    let seen = talk::idea(&ctx, None, id).await.unwrap();
    assert_eq!(
        (seen.status.as_str(), seen.reply.as_str(), seen.comments),
        ("planned", "Im Mai.", 1)
    );

    // everything of a person goes with the account
    accounts::delete(&ctx, &who[0], "grüner Tee um vier")
        .await
        .unwrap();
    assert!(talk::idea(&ctx, None, id).await.is_err());
    jobs::sweep(&ctx).await.unwrap();
    assert!(
        talk::own(&ctx, &who[1]).await.unwrap().is_empty(),
        "the comment has nothing to stand under"
    );
    // enough is enough
    for n in 0..19 {
        let words = Words::read(&format!("Idee {n}"), "x");
        talk::propose(&ctx, &who[1], None, &words).await.unwrap();
    }
    let more = talk::propose(&ctx, &who[1], None, &words()).await;
    assert_eq!(more, Err(Failure::Refused(TalkRefusal::TooMany)));
}

async fn support_is_one_a_person(ctx: Ctx) {
    let who = town(&ctx, &crowd(3, "02.01.1970", "Lindenau")).await;
    let frida = stranger(&ctx).await;
    let id = talk::propose(&ctx, &who[0], None, &words()).await.unwrap();
    let (a, b) = tokio::join!(
        talk::support(&ctx, &who[1], id, true),
        talk::support(&ctx, &who[1], id, true),
    );
    assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");
    talk::support(&ctx, &who[2], id, true).await.unwrap();
    assert_eq!(talk::idea(&ctx, Some(&who[1]), id).await.unwrap().supports, 2);
    let own = talk::support(&ctx, &who[0], id, true).await;
    assert_eq!(own, Err(Failure::Refused(TalkRefusal::Own)));
    let nobody = talk::support(&ctx, &frida, id, true).await;
    assert_eq!(nobody, Err(Failure::Refused(TalkRefusal::NotVerified)));
    talk::support(&ctx, &who[1], id, false).await.unwrap();
    let seen = talk::idea(&ctx, Some(&who[1]), id).await.unwrap();
    assert_eq!((seen.supports, seen.supported), (1, false));
}

async fn earlier_versions_stay_readable(ctx: Ctx) {
    let who = town(&ctx, &crowd(2, "02.01.1970", "Lindenau")).await;
    let id = talk::propose(&ctx, &who[0], None, &words()).await.unwrap();
    let two = Words::read("Zwei Bänke", "Eine reicht nicht.");
    talk::rewrite(&ctx, &who[0], id, 1, &two).await.unwrap();
    let stale = talk::rewrite(&ctx, &who[0], id, 1, &words()).await;
    assert_eq!(stale, Err(Failure::Refused(TalkRefusal::Stale)));
    let seen = talk::idea(&ctx, None, id).await.unwrap();
    assert_eq!((seen.title.as_str(), seen.version), ("Zwei Bänke", 2));
    let before = talk::versions(&ctx, id).await.unwrap();
    assert_eq!(before.len(), 1);
    assert_eq!(before[0].0, "Bank am Anger");
    // nobody else's business
    assert_eq!(
        talk::rewrite(&ctx, &who[1], id, 2, &words()).await,
        Err(Failure::Denied)
    );
    assert!(talk::take_back(&ctx, &who[1], id).await.is_err());
    talk::take_back(&ctx, &who[0], id).await.unwrap();
    assert!(talk::idea(&ctx, None, id).await.is_err());
    assert!(talk::versions(&ctx, id).await.is_err());
}

async fn a_register_block_is_a_pseudonym(ctx: Ctx) {
    let mut people = crowd(2, "02.01.1970", "Lindenau");
    people.push(("Geheimrat".into(), "02.01.1970", "Lindenau", true));
    let open = town(&ctx, &people).await;
    assert_eq!(open.len(), 2);
    let batch = letters::create_batch(&ctx, OFFICER, &letters::Selection::Blocked)
        .await
        .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let codes = letters::reveal(&ctx, batch, 9).await.unwrap();
    let blocked = redeem(&ctx, &codes[0].0).await;
    let id = talk::propose(&ctx, &blocked, None, &words()).await.unwrap();
    let seen = talk::idea(&ctx, None, id).await.unwrap();
    assert!(seen.pseudonym && !seen.name.is_empty() && !seen.name.contains("Geheimrat"));
    // the same pseudonym each time
    talk::comment(&ctx, &blocked, None, Subject::Idea, id, "Und ein Tisch.")
        .await
        .unwrap();
    let comments = talk::comments(&ctx, None, Subject::Idea, id).await.unwrap();
    assert_eq!(comments[0].0.name, seen.name);
    // the office knows the name: those of it who may see register blocks
    let known = talk::moderation(&ctx, OFFICER).await.unwrap();
    assert!(known.newest.iter().all(|t| t.person.contains("Geheimrat")));
    let unknown = talk::moderation(&ctx, CLERK).await.unwrap();
    assert!(
        unknown
            .newest
            .iter()
            .all(|t| t.person.is_empty() && t.author == seen.name)
    );
    assert!(talk::moderation(&ctx, AUDITOR).await.is_err());

    // the block is lifted, and somebody else gets one: a pseudonym never becomes a name, and a name no pseudonym
    let plain = talk::propose(&ctx, &open[0], None, &words()).await.unwrap();
    let mut text = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort;Ortsteil;Auskunftssperre\n".to_owned();
    for (n, (family, born, district, blocked)) in people.iter().enumerate() {
        let block = if *blocked { "" } else { "§ 51" };
        text += &format!("{family};Erika;{born};Ringstraße;{n};01945;Lindenau;{district};{block}\n");
    }
    kit::apply(&ctx, text.into_bytes()).await;
    assert_eq!(talk::idea(&ctx, None, id).await.unwrap().name, seen.name);
    assert_eq!(talk::idea(&ctx, None, plain).await.unwrap().name, "");
    let changed = talk::rewrite(&ctx, &blocked, id, 1, &words()).await;
    assert_eq!(
        changed,
        Err(Failure::Denied),
        "the same words must not come back under the name"
    );
    let unknown = talk::moderation(&ctx, CLERK).await.unwrap();
    assert!(unknown.newest.iter().all(|t| t.person.is_empty()));
}

/// An organisation without a letter: its owner, its id.
pub(crate) async fn organisation(ctx: &Ctx, who: &SignedIn, clerk: Actor) -> Uuid {
    switch(ctx, |s| {
        s.organisations_register = RegistrationMethod::Open;
        s.moderate_entries = false;
    })
    .await;
    let request = [
        ("organisation_kind", "club"),
        ("organisation_name", "Turnverein Lindenau e. V."),
        ("street", "Sportweg"),
        ("house_number", "3"),
        ("postcode", "01945"),
        ("city", "Lindenau"),
        ("purpose", "Turnen für alle."),
        ("person", "Vera Vorsitz"),
        ("person_role", "Vorsitzende"),
    ]
    .into_iter()
    .fold(Request::default(), |r, (k, v)| r.with(k, v));
    let contact = OpenRegistration {
        name: String::new(),
        email: String::new(),
        password: String::new(),
        consent: true,
    };
    let applied = organisations::apply(ctx, &kit::visitor(), Some(who), &contact, &request).await;
    let Ok(Applied::Draft(case)) = applied else {
        panic!("{applied:?}")
    };
    cases::submit_with_picture(ctx, who, case, picture(), true, "ja")
        .await
        .unwrap();
    let version = cases::open(ctx, clerk, case).await.unwrap().case.version;
    let yes = Decision {
        outcome: Outcome::Approved,
        text: String::new(),
        typed: String::new(),
    };
    cases::decide(ctx, clerk, case, version, &yes).await.unwrap();
    organisations::organisation_of_case(ctx, clerk, case)
        .await
        .unwrap()
        .unwrap()
}

pub(crate) fn picture() -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(600, 400, image::Rgb([200, 210, 220]));
    image::DynamicImage::from(picture)
        .write_to(&mut out, image::ImageFormat::Png)
        .unwrap();
    out.into_inner()
}

pub(crate) async fn notice(ctx: &Ctx, who: &SignedIn, club: Uuid) -> Uuid {
    let until = domain::time::local(ctx.clock.now()).date() + Duration::days(9);
    let notice = Notice {
        kind: Some(NoticeKind::Event),
        title: "Sommerfest".into(),
        text: "Am Sportplatz.".into(),
        until: Some(until),
    };
    organisations::put_notice(ctx, who, club, &notice).await.unwrap();
    organisations::market(ctx, "", None).await.unwrap()[0].id
}

async fn organisations_speak_for_themselves(ctx: Ctx) {
    let who = town(&ctx, &crowd(2, "02.01.1970", "Lindenau")).await;
    let clerk = staff(&ctx, Role::Clerk).await;
    let club = organisation(&ctx, &who[0], clerk).await;
    let id = talk::propose(&ctx, &who[0], Some(club), &words()).await.unwrap();
    let seen = talk::idea(&ctx, None, id).await.unwrap();
    assert_eq!(seen.name, "Turnverein Lindenau e. V.");
    // a member with no more than an e-mail address speaks for the club, and supports nothing
    let frida = stranger(&ctx).await;
    organisations::invite_member(
        &ctx,
        &who[0],
        club,
        "frida@example.org",
        Some(MemberRole::Editor),
        "en",
    )
    .await
    .unwrap();
    let mails = mail::waiting(&ctx).await.unwrap();
    let invitation = mails.iter().find(|m| m.contains("beitreten")).unwrap();
    assert!(
        invitation.contains("Hello"),
        "in the language of the invitation: {invitation}"
    );
    let token = token(invitation);
    let contact = OpenRegistration {
        name: String::new(),
        email: String::new(),
        password: String::new(),
        consent: true,
    };
    organisations::join(&ctx, &kit::visitor(), &token, Some(&frida), &contact)
        .await
        .unwrap();
    let other = talk::propose(&ctx, &who[1], None, &words()).await.unwrap();
    talk::comment(&ctx, &frida, Some(club), Subject::Idea, other, "Wir helfen.")
        .await
        .unwrap();
    let support = talk::support(&ctx, &frida, other, true).await;
    assert_eq!(support, Err(Failure::Refused(TalkRefusal::NotVerified)));
    // not for a club of others
    let other = talk::propose(&ctx, &who[1], Some(club), &words()).await;
    assert_eq!(other, Err(Failure::Refused(TalkRefusal::NotVerified)));
    let notice = notice(&ctx, &who[0], club).await;
    talk::comment(&ctx, &who[1], None, Subject::Notice, notice, "Wann geht es los?")
        .await
        .unwrap();
    assert_eq!(
        talk::comments(&ctx, None, Subject::Notice, notice)
            .await
            .unwrap()
            .len(),
        1
    );
    // a club that is taken off the public pages has nothing to say there
    organisations::set_suspended(&ctx, clerk, club, true)
        .await
        .unwrap();
    assert!(talk::idea(&ctx, None, id).await.is_err());
    let gone = talk::comment(&ctx, &who[1], None, Subject::Notice, notice, "Hallo?").await;
    assert_eq!(gone, Err(Failure::Denied));
    let silent = talk::propose(&ctx, &who[0], Some(club), &words()).await;
    assert_eq!(silent, Err(Failure::Refused(TalkRefusal::NotVerified)));
    organisations::set_suspended(&ctx, clerk, club, false)
        .await
        .unwrap();
    assert!(talk::idea(&ctx, None, id).await.is_ok());
}

pub(crate) fn insult(email: &str) -> Report {
    Report {
        reason: Some(ReportReason::Insult),
        text: "Das geht nicht.".into(),
        email: email.into(),
    }
}

async fn reports_are_decided(ctx: Ctx) {
    let who = town(&ctx, &crowd(3, "02.01.1970", "Lindenau")).await;
    let clerk = staff(&ctx, Role::Clerk).await;
    let id = talk::propose(&ctx, &who[0], None, &words()).await.unwrap();
    let (visitor, target) = (kit::visitor(), Target::Idea);
    let report = insult("petra@example.org");
    talk::report(&ctx, &visitor, None, target, id, &report)
        .await
        .unwrap();
    for _ in 0..2 {
        talk::report(&ctx, &visitor, Some(&who[1]), target, id, &insult(""))
            .await
            .unwrap();
    }
    let nothing = talk::report(&ctx, &visitor, None, Target::Comment, id, &report).await;
    assert_eq!(nothing, Err(Failure::Denied), "an idea is no comment");
    let unsaid = talk::report(&ctx, &visitor, None, target, id, &Report::default()).await;
    assert!(matches!(unsaid, Err(Failure::Refused(_))));
    assert_eq!(talk::count_reports(&ctx, clerk).await.unwrap(), 1);
    let page = talk::moderation(&ctx, clerk).await.unwrap();
    assert_eq!(
        page.reported[0].reports.len(),
        2,
        "said twice by one person is said once"
    );
    for actor in [LETTER_OFFICER, AUDITOR] {
        let denied = talk::decide_report(&ctx, actor, target, id, 1, true, "x").await;
        assert_eq!(denied, Err(Failure::Denied));
    }
    let stale = talk::decide_report(&ctx, clerk, target, id, 9, true, "x").await;
    assert!(
        matches!(stale, Err(Failure::Refused(_))),
        "it was written anew since"
    );
    let unsaid = talk::decide_report(&ctx, clerk, target, id, 1, true, " ").await;
    assert!(
        matches!(unsaid, Err(Failure::Refused(_))),
        "the author gets a reason"
    );
    talk::decide_report(&ctx, clerk, target, id, 1, true, "Beleidigt den Bauhof.")
        .await
        .unwrap();
    assert!(talk::idea(&ctx, None, id).await.is_err());
    assert!(talk::ideas(&ctx, None, "", None, true).await.unwrap().is_empty());
    let own = talk::own(&ctx, &who[0]).await.unwrap();
    assert_eq!(own[0].hidden_because, "Beleidigt den Bauhof.");
    let again = talk::decide_report(&ctx, clerk, target, id, 1, false, "").await;
    assert!(matches!(again, Err(Failure::Refused(_))), "decided once");
    let mails = mail::waiting(&ctx).await.unwrap().join("\n");
    assert!(
        mails.contains("petra@example.org") || mails.contains("Die Verwaltung hat den Beitrag verborgen"),
        "{mails}"
    );
    // what is hidden cannot be changed into something else
    assert_eq!(
        talk::rewrite(&ctx, &who[0], id, 1, &words()).await,
        Err(Failure::Denied)
    );
    talk::show_again(&ctx, clerk, id).await.unwrap();
    assert!(talk::idea(&ctx, None, id).await.is_ok());
    // without a report
    talk::hide(&ctx, clerk, id, 1, "Werbung").await.unwrap();
    assert!(talk::idea(&ctx, None, id).await.is_err());

    // an entry and a notice of an organisation
    let club = organisation(&ctx, &who[2], clerk).await;
    let entry = Entry {
        category: "sport".into(),
        description: "Wir turnen.".into(),
        ..Entry::default()
    };
    organisations::save_entry(&ctx, &who[2], club, &entry, 0)
        .await
        .unwrap();
    let notice = notice(&ctx, &who[2], club).await;
    for (target, id) in [(Target::Entry, club), (Target::Notice, notice)] {
        talk::report(&ctx, &visitor, None, target, id, &insult(""))
            .await
            .unwrap();
        talk::decide_report(&ctx, clerk, target, id, 0, true, "Falsche Angaben")
            .await
            .unwrap();
        assert!(talk::reported(&ctx, target, id).await.is_err());
    }
    assert!(
        organisations::directory(&ctx, "", "", "")
            .await
            .unwrap()
            .is_empty()
    );
    assert!(organisations::market(&ctx, "", None).await.unwrap().is_empty());
    let kept = organisations::entry_page(&ctx, &who[2], club).await.unwrap();
    assert_eq!(kept.proposed, Some(entry), "nothing is lost: it waits for a look");
    // decided reports are forgotten
    ctx.clock.advance(Duration::days(181));
    jobs::sweep(&ctx).await.unwrap();
    assert_eq!(talk::count_reports(&ctx, clerk).await.unwrap(), 0);
}

async fn switched_off_the_data_stays(ctx: Ctx) {
    let who = town(&ctx, &crowd(2, "02.01.1970", "Lindenau")).await;
    let id = talk::propose(&ctx, &who[0], None, &words()).await.unwrap();
    talk::comment(&ctx, &who[1], None, Subject::Idea, id, "Gut.")
        .await
        .unwrap();
    switch(&ctx, |s| s.comments = false).await;
    assert!(
        talk::comments(&ctx, None, Subject::Idea, id)
            .await
            .unwrap()
            .is_empty()
    );
    let off = talk::comment(&ctx, &who[1], None, Subject::Idea, id, "Gut.").await;
    assert_eq!(off, Err(Failure::Denied));
    switch(&ctx, |s| s.ideas = false).await;
    assert!(talk::ideas(&ctx, None, "", None, true).await.is_err());
    assert!(talk::idea(&ctx, None, id).await.is_err());
    assert!(talk::propose(&ctx, &who[0], None, &words()).await.is_err());
    assert!(talk::support(&ctx, &who[1], id, true).await.is_err());
    // the own words can still be read and deleted
    assert_eq!(talk::own(&ctx, &who[0]).await.unwrap().len(), 1);
    switch(&ctx, |s| (s.ideas, s.comments) = (true, true)).await;
    assert_eq!(
        talk::comments(&ctx, None, Subject::Idea, id).await.unwrap().len(),
        1
    );
}
