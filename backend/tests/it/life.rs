//! The life of letters: returned mail, new letters, reminders, control letters, figures.

use crate::kit::{self, ADMINISTRATOR, CLERK, ERIKA, JAN, LETTER_OFFICER, OFFICER, db_tests};
use backend::{
    Ctx, Failure, jobs,
    letters::{
        self, LetterRefusal, Selection,
        control::{self, ControlRecipient},
        council,
        genuine::{self, Genuine},
        requests::{self, AskRefusal, Asking},
        returns::{self, Noted, ReturnRefusal},
    },
    municipality,
    registration::{self, Code},
    residents,
};
use chrono::{Duration, NaiveDate};
use domain::{
    access::{Actor, Role},
    letters::{
        figures::Shown,
        state::{NewLetterReason, ReturnReason},
    },
    registration::Refusal,
};
use futures::StreamExt;
use uuid::Uuid;

db_tests!(
    a_returned_letter_is_dead,
    a_returned_letter_takes_the_confirmation_away,
    doubtful_addresses_wait_for_new_data,
    somebody_at_home_asks_for_a_new_letter,
    two_must_agree,
    nobody_gets_letters_without_end,
    silent_people_are_reminded,
    control_letters_raise_the_alarm,
    anybody_may_ask_whether_a_letter_is_genuine,
    figures_for_the_council,
);

pub(crate) const EVERYBODY: Selection = Selection::Waiting {
    district: String::new(),
};

/// Names without digits, which the check of a list would ask about.
pub(crate) fn muster(i: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    format!("Muster{}{}", letter(i / 26), letter(i))
}

pub(crate) async fn people(ctx: &Ctx, count: usize) {
    let rows: Vec<(String, String, String)> = (0..count)
        .map(|i| {
            (
                muster(i),
                format!("{:02}.{:02}.1970", i % 28 + 1, i / 28 % 12 + 1),
                (i + 1).to_string(),
            )
        })
        .collect();
    let rows: Vec<(&str, &str, &str, &str)> = rows
        .iter()
        .map(|(name, born, number)| (name.as_str(), "Kim", born.as_str(), number.as_str()))
        .collect();
    kit::town(ctx, &rows).await;
}

pub(crate) async fn load(ctx: &Ctx, batch: Uuid, part: i64) -> Vec<u8> {
    let mut download = letters::download(ctx, OFFICER, batch, part).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = download.stream.next().await {
        bytes.extend(piece.unwrap());
    }
    assert_eq!(bytes.len() as u64, download.bytes);
    bytes
}

/// Downloads everything and reports the batch as posted today.
async fn post(ctx: &Ctx, batch: Uuid) {
    for part in letters::parts(ctx, OFFICER, batch).await.unwrap() {
        load(ctx, batch, part.part).await;
    }
    let today = ctx.clock.now().date_naive();
    letters::mark_posted(ctx, OFFICER, batch, today).await.unwrap();
}

pub(crate) async fn only_person(ctx: &Ctx) -> Uuid {
    residents::search(ctx, OFFICER, &residents::Search::default())
        .await
        .unwrap()[0]
        .id
}

async fn numbers(ctx: &Ctx, person: Uuid) -> Vec<(String, String)> {
    let page = residents::show(ctx, OFFICER, person).await.unwrap();
    page.letters
        .into_iter()
        .map(|l| (l.letter_number, l.state))
        .collect()
}

async fn a_returned_letter_is_dead(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (batch, codes) = kit::make_letters(&ctx).await;
    let code = Code::parse(&codes[0].0).unwrap();
    let person = only_person(&ctx).await;
    let number = numbers(&ctx, person).await[0].0.clone();
    let note =
        async |text: &str| returns::note_return(&ctx, LETTER_OFFICER, text, ReturnReason::Unknown).await;
    assert_eq!(
        note("Q-12").await,
        Err(Failure::Refused(ReturnRefusal::NotANumber))
    );
    assert_eq!(
        note("L-0000-0000").await,
        Err(Failure::Refused(ReturnRefusal::Unknown))
    );
    assert_eq!(
        note(&number).await,
        Err(Failure::Refused(ReturnRefusal::NotPosted))
    );
    post(&ctx, batch).await;
    assert!(registration::prove(&ctx, &kit::visitor(), &code).await.is_ok());
    assert_eq!(
        returns::note_return(&ctx, CLERK, &number, ReturnReason::Moved).await,
        Err(Failure::Denied)
    );
    // as a scanner types it, and as a person does
    let sloppy = number.to_lowercase().replace('-', " ");
    assert_eq!(note(&sloppy).await, Ok((number.clone(), Noted::Returned)));
    assert_eq!(
        registration::prove(&ctx, &kit::visitor(), &code).await,
        Err(Failure::Refused(Refusal::Returned))
    );
    assert_eq!(note(&number).await, Ok((number.clone(), Noted::Again)));
    // a slip is taken back, and the code works again
    assert_eq!(
        returns::undo_return(&ctx, CLERK, &number).await,
        Err(Failure::Denied)
    );
    assert_eq!(returns::undo_return(&ctx, OFFICER, &number).await, Ok(true));
    assert!(registration::prove(&ctx, &kit::visitor(), &code).await.is_ok());
    assert_eq!(returns::undo_return(&ctx, OFFICER, &number).await, Ok(false));
    assert_eq!(note(&number).await, Ok((number.clone(), Noted::Returned)));
    ctx.clock.advance(Duration::days(2));
    assert_eq!(returns::undo_return(&ctx, OFFICER, &number).await, Ok(false));
    let page = residents::show(&ctx, OFFICER, person).await.unwrap();
    assert_eq!(page.letters[0].return_reason.as_deref(), Some("unknown"));
    assert_eq!(letters::counts(&ctx, CLERK).await.unwrap().returned, 1);
    let (newest, reasons) = returns::returned(&ctx, OFFICER, 10).await.unwrap();
    assert_eq!(newest[0].letter_number, number);
    assert_eq!(reasons, [("unknown".to_owned(), 1)]);
}

async fn a_returned_letter_takes_the_confirmation_away(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (batch, codes) = kit::make_letters(&ctx).await;
    post(&ctx, batch).await;
    let person = only_person(&ctx).await;
    let number = numbers(&ctx, person).await[0].0.clone();
    let claim = registration::Claim {
        password: "korrekt-pferd-batterie".into(),
        consent: true,
        ..registration::Claim::default()
    };
    let code = Code::parse(&codes[0].0).unwrap();
    let done = registration::redeem(&ctx, &kit::visitor(), &code, &claim, None)
        .await
        .unwrap();
    let who = backend::accounts::session(&ctx, &done.session.unwrap())
        .await
        .unwrap()
        .unwrap();
    let before = backend::accounts::overview(&ctx, &who).await.unwrap();
    assert_eq!(before.evidence.len(), 1);
    // the very letter is in the hands of the town hall: whoever used its code did not get it by post
    assert_eq!(
        returns::note_return(&ctx, OFFICER, &number, ReturnReason::Moved).await,
        Ok((number, Noted::WasRedeemed))
    );
    let after = backend::accounts::overview(&ctx, &who).await.unwrap();
    assert_eq!(after.evidence.len(), 0);
    assert_ne!(before.level, after.level);
    // and is locked out until the person uses a new letter
    let sign_in = async |password: &str| {
        backend::accounts::sign_in(&ctx, &kit::visitor(), &done.sign_in_name, password).await
    };
    assert!(sign_in("korrekt-pferd-batterie").await.is_err());
    assert!(sign_in("").await.is_err());
    let one = Selection::One(person, NewLetterReason::Request);
    let batch = letters::create_batch(&ctx, OFFICER, &one).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let codes = letters::reveal(&ctx, batch, 1).await.unwrap();
    let again = registration::Claim {
        password: "ganz-neues-passwort".into(),
        ..claim
    };
    let code = Code::parse(&codes[0].0).unwrap();
    assert!(
        registration::redeem(&ctx, &kit::visitor(), &code, &again, None)
            .await
            .is_ok()
    );
}

async fn doubtful_addresses_wait_for_new_data(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    let (batch, _) = kit::make_letters(&ctx).await;
    post(&ctx, batch).await;
    ctx.clock.advance(Duration::days(1));
    let all = residents::search(&ctx, OFFICER, &residents::Search::default())
        .await
        .unwrap();
    for (person, reason) in [(&all[0], ReturnReason::NoBox), (&all[1], ReturnReason::Refused)] {
        let number = numbers(&ctx, person.id).await[0].0.clone();
        returns::note_return(&ctx, OFFICER, &number, reason)
            .await
            .unwrap();
    }
    // who refuses a letter lives there all the same
    let doubtful = returns::doubtful(&ctx, OFFICER).await.unwrap();
    assert_eq!(doubtful.iter().map(|d| d.id).collect::<Vec<_>>(), [all[0].id]);
    assert_eq!(letters::count_waiting(&ctx, OFFICER, "").await, Ok(1));
    let book = returns::doubtful_workbook(&ctx, OFFICER, locales::Lang::parse("de"))
        .await
        .unwrap();
    assert!(book.starts_with(b"PK"));
    assert!(
        returns::doubtful_workbook(&ctx, ADMINISTRATOR, locales::Lang::parse("de"))
            .await
            .is_err()
    );
    // a new list brings a new address
    ctx.clock.advance(Duration::days(1));
    let moved = (ERIKA.0, ERIKA.1, ERIKA.2, "99");
    let changed = if all[0].family_name == ERIKA.0 {
        moved
    } else {
        (JAN.0, JAN.1, JAN.2, "98")
    };
    let keep = if all[0].family_name == ERIKA.0 { JAN } else { ERIKA };
    kit::apply(&ctx, kit::list(&[changed, keep])).await;
    let left = returns::doubtful(&ctx, OFFICER).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

fn asking() -> Asking {
    Asking {
        family_name: "müller".into(),
        given_name: "ERIKA".into(),
        birth_date: NaiveDate::from_ymd_opt(1970, 1, 2),
        street: "egal".into(),
        house_number: "1".into(),
        postcode: "01945".into(),
        large: true,
    }
}

async fn somebody_at_home_asks_for_a_new_letter(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    let (batch, codes) = kit::make_letters(&ctx).await;
    post(&ctx, batch).await;
    let visitor = kit::visitor();
    requests::ask(&ctx, &visitor, &asking()).await.unwrap();
    let wrong = Asking {
        birth_date: NaiveDate::from_ymd_opt(1970, 1, 3),
        ..asking()
    };
    // the same answer for somebody who is not there
    requests::ask(&ctx, &visitor, &wrong).await.unwrap();
    requests::ask(&ctx, &visitor, &asking()).await.unwrap();
    assert!(requests::requests(&ctx, OFFICER).await.unwrap().is_empty());
    jobs::run_due(&ctx).await.unwrap();
    let waiting = requests::requests(&ctx, OFFICER).await.unwrap();
    assert_eq!(waiting.len(), 1, "asked twice, listed once: {waiting:?}");
    assert_eq!(
        (waiting[0].name.as_str(), waiting[0].large),
        ("Müller, Erika", true)
    );
    assert!(requests::requests(&ctx, ADMINISTRATOR).await.is_err());
    let new = requests::agree(&ctx, OFFICER, waiting[0].id)
        .await
        .unwrap()
        .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    assert!(letters::batch(&ctx, OFFICER, new).await.unwrap().large);
    assert!(requests::requests(&ctx, OFFICER).await.unwrap().is_empty());
    let states = numbers(&ctx, waiting[0].resident_id).await;
    assert_eq!(
        states.iter().map(|s| s.1.as_str()).collect::<Vec<_>>(),
        ["open", "replaced"]
    );
    let old = codes
        .iter()
        .map(|c| Code::parse(&c.0).unwrap())
        .collect::<Vec<_>>();
    let mut dead = 0;
    for code in &old {
        let answer = registration::prove(&ctx, &visitor, code).await;
        dead += usize::from(matches!(answer, Err(Failure::Refused(Refusal::Replaced { .. }))));
    }
    assert_eq!(dead, 1);
    // a machine is slowed down
    let mut last = Ok(());
    for _ in 0..10 {
        last = requests::ask(&ctx, &visitor, &asking()).await;
    }
    assert_eq!(last, Err(Failure::Refused(AskRefusal::TooMany)));
    let incomplete = requests::ask(&ctx, &kit::visitor_at("203.0.113.9"), &Asking::default()).await;
    assert!(matches!(incomplete, Err(Failure::Refused(AskRefusal::Problems(p))) if p.0.len() == 6));
}

async fn two_must_agree(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let mut settings = backend::demo::settings();
    settings.reissue_four_eyes = true;
    municipality::save(&ctx, ADMINISTRATOR, settings, 1)
        .await
        .unwrap();
    let person = only_person(&ctx).await;
    let new = async |actor| requests::new_letter(&ctx, actor, person, NewLetterReason::Lost, false).await;
    // the first letter needs nobody else
    assert!(new(OFFICER).await.unwrap().is_some());
    assert_eq!(new(OFFICER).await, Ok(None));
    assert_eq!(
        new(LETTER_OFFICER).await,
        Err(Failure::Refused(LetterRefusal::Collision))
    );
    let waiting = requests::requests(&ctx, OFFICER).await.unwrap();
    assert_eq!(
        requests::agree(&ctx, OFFICER, waiting[0].id).await,
        Err(Failure::Refused(LetterRefusal::NeedsSecond))
    );
    assert_eq!(
        requests::agree(&ctx, CLERK, waiting[0].id).await,
        Err(Failure::Denied)
    );
    assert_eq!(numbers(&ctx, person).await.len(), 1);
    requests::agree(&ctx, LETTER_OFFICER, waiting[0].id)
        .await
        .unwrap();
    assert_eq!(numbers(&ctx, person).await.len(), 2);
    // declined requests make no letter
    assert_eq!(new(LETTER_OFFICER).await, Ok(None));
    let waiting = requests::requests(&ctx, OFFICER).await.unwrap();
    requests::decline(&ctx, OFFICER, waiting[0].id).await.unwrap();
    assert_eq!(numbers(&ctx, person).await.len(), 2);
    assert_eq!(
        requests::agree(&ctx, OFFICER, waiting[0].id).await,
        Err(Failure::Denied)
    );
}

async fn nobody_gets_letters_without_end(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let person = only_person(&ctx).await;
    let one = Selection::One(person, NewLetterReason::Lost);
    for _ in 0..3 {
        letters::create_batch(&ctx, OFFICER, &one).await.unwrap();
    }
    assert_eq!(
        letters::create_batch(&ctx, OFFICER, &one).await,
        Err(Failure::Refused(LetterRefusal::TooMany { most: 3, days: 90 }))
    );
    ctx.clock.advance(Duration::days(91));
    letters::create_batch(&ctx, OFFICER, &one).await.unwrap();
}

async fn silent_people_are_reminded(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    let (batch, codes) = kit::make_letters(&ctx).await;
    post(&ctx, batch).await;
    let silent = Selection::Silent {
        district: String::new(),
        days: 14,
    };
    assert_eq!(letters::count_silent(&ctx, OFFICER, "", 14).await, Ok(0));
    ctx.clock.advance(Duration::days(15));
    assert_eq!(letters::count_silent(&ctx, OFFICER, "", 14).await, Ok(2));
    assert_eq!(letters::count_silent(&ctx, OFFICER, "Anderswo", 14).await, Ok(0));
    let reminder = letters::create_batch(&ctx, OFFICER, &silent).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let line = letters::batch(&ctx, OFFICER, reminder).await.unwrap();
    assert_eq!((line.letters, line.occasion.as_str()), (2, "reminder"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reminder.pdf");
    std::fs::write(&path, load(&ctx, reminder, 1).await).unwrap();
    let text = kit::pdf_text(&path);
    assert!(text.contains("Erinnerung: Ihr Zugang"), "{text}");
    for code in &codes {
        let answer = registration::prove(&ctx, &kit::visitor(), &Code::parse(&code.0).unwrap()).await;
        assert!(matches!(answer, Err(Failure::Refused(Refusal::Replaced { .. }))));
    }
    // nobody is reminded of a letter that was not posted
    assert_eq!(letters::count_silent(&ctx, OFFICER, "", 14).await, Ok(0));
    assert_eq!(
        letters::create_batch(&ctx, OFFICER, &silent).await,
        Err(Failure::Refused(LetterRefusal::Nobody))
    );
}

async fn control_letters_raise_the_alarm(ctx: Ctx) {
    people(&ctx, 25).await;
    let recipient = ControlRecipient {
        id: Uuid::nil(),
        name: "Anja Adler".into(),
        street: "Hinter der Kirche 3".into(),
        postcode: "01945".into(),
        city: "Lindenau".into(),
    };
    assert_eq!(
        control::add_control(&ctx, LETTER_OFFICER, &recipient).await,
        Err(Failure::Denied)
    );
    control::add_control(&ctx, OFFICER, &recipient).await.unwrap();
    let empty = control::add_control(
        &ctx,
        OFFICER,
        &ControlRecipient {
            postcode: "1".into(),
            name: " ".into(),
            ..recipient
        },
    )
    .await;
    assert!(matches!(empty, Err(Failure::Refused(p)) if p.0.len() == 2));
    backend::accounts::add_staff(
        &ctx,
        Actor::System,
        "Verena Verwaltung",
        "verena@lindenau.example",
        Role::Administrator,
        "sehr-langes-passwort",
    )
    .await
    .unwrap();
    let (batch, codes) = kit::make_letters(&ctx).await;
    assert_eq!(codes.len(), 26);
    post(&ctx, batch).await;
    let (_, sent) = control::control(&ctx, OFFICER).await.unwrap();
    assert_eq!(sent.len(), 1);
    let number = sent[0].letter_number.clone();
    // it came after two days
    let day = |days| (ctx.clock.now() + Duration::days(days)).date_naive();
    ctx.clock.advance(Duration::days(5));
    assert_eq!(
        control::arrived(&ctx, OFFICER, &number, day(1)).await,
        Err(Failure::Refused(control::ArrivalRefusal::Day))
    );
    assert_eq!(
        control::arrived(&ctx, OFFICER, "L-0000-0000", day(-3)).await,
        Err(Failure::Refused(control::ArrivalRefusal::Unknown))
    );
    control::arrived(&ctx, OFFICER, &number, day(-3)).await.unwrap();
    let (_, sent) = control::control(&ctx, OFFICER).await.unwrap();
    assert_eq!(
        (sent[0].arrived_at.unwrap() - sent[0].posted_at.unwrap()).num_days(),
        2
    );
    // 25 codes can be used, one raises the alarm
    assert!(control::alarms(&ctx, CLERK).await.unwrap().is_empty());
    let mut refused = 0;
    for code in &codes {
        let code = Code::parse(&code.0).unwrap();
        if let Err(failure) = registration::prove(&ctx, &kit::visitor(), &code).await {
            assert_eq!(failure, Failure::Refused(Refusal::Revoked));
            refused += 1;
        }
    }
    assert_eq!(refused, 1);
    assert_eq!(control::alarms(&ctx, CLERK).await.unwrap().len(), 1);
    let mails = backend::mail::waiting(&ctx).await.unwrap();
    let alarms = mails.iter().filter(|m| m.contains("Kontrollbrief")).count();
    assert_eq!(alarms, 1, "{mails:?}");
    // name and address go when the person does
    let (people, _) = control::control(&ctx, OFFICER).await.unwrap();
    control::remove_control(&ctx, OFFICER, people[0].id)
        .await
        .unwrap();
    let (people, sent) = control::control(&ctx, OFFICER).await.unwrap();
    assert!(people.is_empty());
    assert_eq!(sent[0].name, "");
}

async fn anybody_may_ask_whether_a_letter_is_genuine(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (batch, codes) = kit::make_letters(&ctx).await;
    let number = numbers(&ctx, only_person(&ctx).await).await[0].0.clone();
    let visitor = kit::visitor();
    let ask = async |text: &str| genuine::genuine(&ctx, &visitor, text).await.unwrap();
    assert_eq!(ask(&number).await, Genuine::Unknown, "not posted yet");
    post(&ctx, batch).await;
    // the test's clock stands on Sunday, 22 November 2026
    let monday = NaiveDate::from_ymd_opt(2026, 11, 16).unwrap();
    assert_eq!(ask(&number.to_lowercase()).await, Genuine::Posted(monday));
    assert_eq!(ask("L-0000-0000").await, Genuine::Unknown);
    // a user ID is secret: it is not even looked at
    assert_eq!(ask(&codes[0].1).await, Genuine::NotANumber);
    let mut last = Genuine::Unknown;
    for _ in 0..40 {
        last = ask("L-0000-0000").await;
    }
    assert_eq!(last, Genuine::TooMany);
}

async fn figures_for_the_council(ctx: Ctx) {
    people(&ctx, 30).await;
    let (batch, codes) = kit::make_letters(&ctx).await;
    assert!(council::council(&ctx, CLERK).await.unwrap().weeks.is_empty());
    post(&ctx, batch).await;
    for code in &codes[..12] {
        registration::prove(&ctx, &kit::visitor(), &Code::parse(&code.0).unwrap())
            .await
            .unwrap();
    }
    let figures = council::council(&ctx, CLERK).await.unwrap();
    assert_eq!(figures.districts.len(), 1);
    assert_eq!(figures.districts[0].name, "Lindenau");
    let number = Shown::Number;
    assert_eq!(
        figures.total.shown,
        [number(30), number(12), number(0), number(0), number(0)]
    );
    assert_eq!(figures.weeks[0].shown, figures.total.shown);
    assert_eq!(figures.guessing.open, 30);
    // three returned letters are too few to be shown
    let people = residents::search(&ctx, OFFICER, &residents::Search::default())
        .await
        .unwrap();
    for person in &people[..3] {
        let number = numbers(&ctx, person.id).await[0].0.clone();
        returns::note_return(&ctx, OFFICER, &number, ReturnReason::Moved)
            .await
            .unwrap();
    }
    let figures = council::council(&ctx, CLERK).await.unwrap();
    assert_eq!(figures.districts[0].shown[3], Shown::Hidden);
    assert_eq!(figures.total.shown[3], Shown::Hidden);
    let book = council::council_workbook(&ctx, CLERK, locales::Lang::parse("en"))
        .await
        .unwrap();
    assert!(book.starts_with(b"PK"));
    assert!(council::council(&ctx, kit::AUDITOR).await.is_err());
}
