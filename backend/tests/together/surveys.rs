//! Surveys: one person, one answer, and no way from the answer to the person.

use crate::{
    crowd,
    kit::{self, AUDITOR, CLERK, LETTER_OFFICER, db_tests},
    town,
};
use backend::{
    Ctx, Failure,
    accounts::{self, SignedIn},
    audit, jobs, municipality,
    surveys::{self, Standing, VoteRefusal},
};
use chrono::{Duration, NaiveDate};
use domain::{
    letters::figures::Shown,
    surveys::{Phase, Question, QuestionKind, Secrecy, Survey, people::Audience},
};
use uuid::Uuid;

db_tests!(
    the_whole_life_of_a_survey,
    one_person_one_answer,
    blind_ballots,
    only_those_who_are_meant,
    few_answers_stay_hidden,
    drafts_and_permissions,
    switched_off_and_deleted,
);

fn today(ctx: &Ctx) -> NaiveDate {
    domain::time::local(ctx.clock.now()).date()
}

fn survey(ctx: &Ctx, secrecy: Secrecy) -> Survey {
    Survey {
        title: "Spielplatz".into(),
        intro: "Wir bauen.".into(),
        questions: vec![
            Question {
                kind: QuestionKind::Single,
                text: "Wo?".into(),
                choices: vec!["Anger".into(), "Park".into()],
                required: true,
                ..Question::default()
            },
            Question {
                kind: QuestionKind::Text,
                text: "Warum?".into(),
                ..Question::default()
            },
        ],
        audience: Audience::default(),
        secrecy,
        opens_on: Some(today(ctx)),
        closes_on: Some(today(ctx) + Duration::days(7)),
    }
}

async fn released(ctx: &Ctx, survey: &Survey) -> Uuid {
    let id = surveys::create(ctx, CLERK, survey).await.unwrap();
    surveys::release(ctx, CLERK, id, 1).await.unwrap();
    id
}

fn typed<'a>(choice: &'a str, text: &'a str) -> impl Fn(&str) -> Vec<String> + 'a {
    move |name| match name {
        "f1" => vec![choice.to_owned()],
        "f2" => vec![text.to_owned()],
        _ => Vec::new(),
    }
}

async fn standing(ctx: &Ctx, who: &SignedIn, id: Uuid) -> Standing {
    surveys::for_resident(ctx, Some(who), id).await.unwrap().standing
}

fn refused<T: std::fmt::Debug>(result: Result<T, Failure<VoteRefusal>>) -> VoteRefusal {
    match result {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn the_whole_life_of_a_survey(ctx: Ctx) {
    let mut people = crowd(12, "02.01.1970", "Lindenau");
    people.extend(crowd(11, "02.01.2000", "Tettau"));
    let who = town(&ctx, &people).await;
    let id = released(&ctx, &survey(&ctx, Secrecy::Secret)).await;
    for (n, person) in who.iter().enumerate() {
        let (choice, text) = if n % 2 == 0 { ("1", "") } else { ("2", "Schatten") };
        surveys::answer(&ctx, person, id, typed(choice, text))
            .await
            .unwrap();
        assert_eq!(standing(&ctx, person, id).await, Standing::Answered);
    }
    let page = surveys::survey(&ctx, CLERK, id).await.unwrap();
    assert_eq!((page.residents, page.participants, page.answers), (23, 23, 23));
    // nobody sees answers while others still answer, not even in a workbook
    assert_eq!(surveys::results(&ctx, CLERK, id).await.unwrap(), None);
    let lang = locales::Lang::parse("de");
    assert!(surveys::workbook(&ctx, CLERK, id, lang).await.is_err());
    assert!(surveys::public_results(&ctx, id).await.is_err());
    let early = surveys::publish(&ctx, CLERK, id, page.version, "").await;
    assert!(matches!(early, Err(Failure::Refused(_))));

    ctx.clock.advance(Duration::days(8));
    jobs::sweep(&ctx).await.unwrap();
    // who has taken part is forgotten as soon as nobody can answer any more
    assert_eq!(surveys::stored_rows(&ctx).await.unwrap(), [0, 23, 0]);
    let late = surveys::answer(&ctx, &who[0], id, typed("1", "")).await;
    assert_eq!(refused(late), VoteRefusal::NotOpen);
    let results = surveys::results(&ctx, CLERK, id).await.unwrap().unwrap();
    assert_eq!(results.questions[0].counts, [12, 11]);
    assert_eq!(results.questions[1].texts.len(), 11);
    let district = |name: &str| results.districts.iter().find(|s| s.name == name).unwrap().shown;
    assert_eq!(district("Lindenau"), [Shown::Number(12), Shown::Number(12)]);
    let age = |name: &str| results.ages.iter().find(|s| s.name == name).unwrap().shown;
    assert_eq!(age("25"), [Shown::Number(11), Shown::Number(11)]);

    surveys::publish(&ctx, CLERK, id, page.version, "Wir bauen am Anger.")
        .await
        .unwrap();
    let (shown, public) = surveys::public_results(&ctx, id).await.unwrap();
    assert_eq!(shown.follow_up, "Wir bauen am Anger.");
    assert_eq!(public.questions[0].counts, [12, 11]);
    assert!(
        public.questions[1].texts.is_empty(),
        "own words are for the town hall"
    );
    // the answers themselves are gone; what staff see is what was fixed
    let page = surveys::survey(&ctx, CLERK, id).await.unwrap();
    assert_eq!(
        (page.phase, page.participants, page.answers),
        (Phase::Published, 23, 23)
    );
    assert_eq!(surveys::stored_rows(&ctx).await.unwrap(), [0, 0, 0]);
    let kept = surveys::results(&ctx, CLERK, id).await.unwrap().unwrap();
    assert_eq!(kept.questions[1].texts.len(), 11);
    let book = surveys::workbook(&ctx, CLERK, id, lang).await.unwrap();
    let cells = cells(book);
    for row in [
        "Antworten|23|",
        "Anger|12|",
        "Park|11|",
        "Schatten||",
        "Lindenau|12|12",
        "25 bis 34|11|11",
    ] {
        assert!(cells.contains(row), "{row}: {cells}");
    }
    surveys::publish(&ctx, CLERK, id, page.version, "Wir bauen am Anger, im März.")
        .await
        .unwrap();
    assert_eq!(
        surveys::public_results(&ctx, id).await.unwrap().1.questions[0].counts,
        [12, 11]
    );
    // the log knows what staff did, and of nobody that or when they answered
    let log = audit::list(&ctx, AUDITOR, "", None, 500).await.unwrap();
    let actions: Vec<&str> = log.iter().map(|e| e.action.as_str()).collect();
    for action in ["create", "release", "close", "publish"] {
        let action = format!("surveys.{action}");
        assert!(actions.contains(&action.as_str()), "{action}");
    }
    assert!(
        !actions
            .iter()
            .any(|a| a.contains("answer") || a.contains("ballot"))
    );
}

/// The first sheet of a workbook, as another program reads it: one line a row.
fn cells(book: Vec<u8>) -> String {
    use calamine::Reader;
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(book)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let rows = sheet
        .rows()
        .map(|r| r.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"));
    rows.collect::<Vec<_>>().join("\n")
}

async fn one_person_one_answer(ctx: Ctx) {
    let who = town(&ctx, &crowd(12, "02.01.1970", "Lindenau")).await;
    let id = released(&ctx, &survey(&ctx, Secrecy::Secret)).await;
    // the same person on two devices at the same moment
    let (a, b) = tokio::join!(
        surveys::answer(&ctx, &who[0], id, typed("1", "")),
        surveys::answer(&ctx, &who[0], id, typed("2", "")),
    );
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let again = surveys::answer(&ctx, &who[0], id, typed("2", "")).await;
    assert_eq!(refused(again), VoteRefusal::Answered);
    // an answer that is not taken costs no vote
    let bad = surveys::answer(&ctx, &who[1], id, typed("7", "")).await;
    assert!(matches!(refused(bad), VoteRefusal::Problems(_)));
    assert_eq!(standing(&ctx, &who[1], id).await, Standing::May);
    let page = surveys::survey(&ctx, CLERK, id).await.unwrap();
    assert_eq!((page.participants, page.answers), (1, 1));
    // the export of the own data knows that, not what
    let own = accounts::own_data(&ctx, &who[0]).await.unwrap();
    assert_eq!(own.surveys, ["Spielplatz"]);
    // a second account for the same person does not exist; who deletes the account still has voted
    assert!(
        accounts::own_data(&ctx, &who[2])
            .await
            .unwrap()
            .surveys
            .is_empty()
    );
}

/// What the browser does.
async fn ballot(ctx: &Ctx, who: &SignedIn, id: Uuid) -> (i64, String) {
    let offered = surveys::for_resident(ctx, Some(who), id)
        .await
        .unwrap()
        .ballot
        .unwrap();
    let kept = ballot::blind(&offered.key, &id.to_string()).unwrap();
    let asked = kept.split('.').next().unwrap();
    let signed = surveys::ask_ballot(ctx, who, id, offered.stratum, asked)
        .await
        .unwrap();
    // lost on the way: the same request gets the same answer
    let again = surveys::ask_ballot(ctx, who, id, offered.stratum, asked)
        .await
        .unwrap();
    assert_eq!(signed, again);
    let token = ballot::finish(&offered.key, &id.to_string(), &kept, &signed).unwrap();
    (offered.stratum, token)
}

async fn blind_ballots(ctx: Ctx) {
    let mut people = crowd(12, "02.01.1970", "Lindenau");
    people.extend(crowd(11, "02.01.2000", "Tettau"));
    let who = town(&ctx, &people).await;
    let id = released(&ctx, &survey(&ctx, Secrecy::Blind)).await;
    let other = released(&ctx, &survey(&ctx, Secrecy::Blind)).await;
    let secret = released(&ctx, &survey(&ctx, Secrecy::Secret)).await;
    let keys = surveys::ballot_keys(&ctx, id).await.unwrap();
    assert_eq!(keys.len(), 2);
    assert!(keys.iter().all(|k| k.residents >= 10));

    let (stratum, token) = ballot(&ctx, &who[0], id).await;
    assert_eq!(standing(&ctx, &who[0], id).await, Standing::HasBallot);
    // a second ballot, or an answer beside the ballot
    let offered = surveys::for_resident(&ctx, Some(&who[0]), id).await.unwrap();
    let offered = offered.ballot.unwrap();
    let kept = ballot::blind(&offered.key, &id.to_string()).unwrap();
    let asked = kept.split('.').next().unwrap();
    let second = surveys::ask_ballot(&ctx, &who[0], id, stratum, asked).await;
    assert_eq!(refused(second), VoteRefusal::Answered);
    let beside = surveys::answer(&ctx, &who[0], id, typed("1", "")).await;
    assert_eq!(refused(beside), VoteRefusal::Answered);

    // a bad answer does not use it up
    let bad = surveys::cast(&ctx, id, stratum, &token, typed("", "")).await;
    assert!(matches!(refused(bad), VoteRefusal::Problems(_)));
    // another survey, another group, forged, cut
    for (survey, group, token) in [
        (other, stratum, token.clone()),
        (id, 1 - stratum, token.clone()),
        (id, stratum, token.replace('.', "A")),
        (id, stratum, token[..token.len() - 2].to_owned()),
        (id, 99, token.clone()),
    ] {
        let forged = surveys::cast(&ctx, survey, group, &token, typed("1", "")).await;
        assert_eq!(refused(forged), VoteRefusal::Forged, "{survey} {group}");
    }
    // the same ballot at the same moment from two devices
    let (a, b) = tokio::join!(
        surveys::cast(&ctx, id, stratum, &token, typed("1", "")),
        surveys::cast(&ctx, id, stratum, &token, typed("2", "")),
    );
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let replay = surveys::cast(&ctx, id, stratum, &token, typed("2", "")).await;
    assert_eq!(refused(replay), VoteRefusal::Used);
    let page = surveys::survey(&ctx, CLERK, id).await.unwrap();
    assert_eq!((page.participants, page.answers), (1, 1));

    // somebody's page names another group than the register does by now
    let (kept, group) = (ballot::blind(&offered.key, &id.to_string()).unwrap(), 1 - stratum);
    let asked = kept.split('.').next().unwrap();
    let moved = surveys::ask_ballot(&ctx, &who[1], id, group, asked).await;
    assert_eq!(refused(moved), VoteRefusal::Moved);
    let no_number = surveys::ask_ballot(&ctx, &who[1], id, stratum, "AAAA").await;
    assert_eq!(refused(no_number), VoteRefusal::Forged);
    assert_eq!(standing(&ctx, &who[1], id).await, Standing::May);
    // a secret survey gives no ballots
    assert!(
        surveys::ask_ballot(&ctx, &who[1], secret, 0, asked)
            .await
            .is_err()
    );

    // without WebAssembly the answer is secret and counts as much
    surveys::answer(&ctx, &who[1], id, typed("1", "")).await.unwrap();
    let (late_stratum, late) = ballot(&ctx, &who[2], id).await;
    ctx.clock.advance(Duration::days(8));
    let late = surveys::cast(&ctx, id, late_stratum, &late, typed("1", "")).await;
    assert_eq!(refused(late), VoteRefusal::NotOpen);
    jobs::sweep(&ctx).await.unwrap();
    let page = surveys::survey(&ctx, CLERK, id).await.unwrap();
    assert_eq!(
        (page.phase, page.participants, page.answers),
        (Phase::Closed, 3, 2)
    );
}

async fn only_those_who_are_meant(ctx: Ctx) {
    let mut people = crowd(11, "02.01.1970", "Lindenau");
    people.extend(crowd(11, "02.01.2005", "Tettau"));
    people.extend(crowd(11, "02.01.1940", "Tettau"));
    let who = town(&ctx, &people).await;
    let mut asked = survey(&ctx, Secrecy::Secret);
    asked.audience = Audience {
        districts: vec!["Tettau".into()],
        from_age: Some(16),
        to_age: Some(27),
    };
    let id = released(&ctx, &asked).await;
    let mut counts = [0, 0];
    for person in &who {
        match standing(&ctx, person, id).await {
            Standing::May => counts[0] += 1,
            Standing::NotMeant => {
                counts[1] += 1;
                let refusal = surveys::answer(&ctx, person, id, typed("1", "")).await;
                assert_eq!(refused(refusal), VoteRefusal::NotMeant);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(counts, [11, 22]);
    let visitor = surveys::for_resident(&ctx, None, id).await.unwrap();
    assert_eq!(visitor.standing, Standing::SignedOut);
    assert_eq!(visitor.page.residents, 11);
    // planned: nobody sees it yet
    let mut later = survey(&ctx, Secrecy::Secret);
    later.opens_on = Some(today(&ctx) + Duration::days(3));
    let planned = released(&ctx, &later).await;
    assert!(surveys::for_resident(&ctx, Some(&who[0]), planned).await.is_err());
    let early = surveys::answer(&ctx, &who[0], planned, typed("1", "")).await;
    assert!(matches!(early, Err(Failure::Denied)));
    assert_eq!(surveys::public_list(&ctx, None).await.unwrap().len(), 1);
}

async fn few_answers_stay_hidden(ctx: Ctx) {
    let who = town(&ctx, &crowd(12, "02.01.1970", "Lindenau")).await;
    let id = released(&ctx, &survey(&ctx, Secrecy::Secret)).await;
    for person in &who[..9] {
        surveys::answer(&ctx, person, id, typed("1", "geheim"))
            .await
            .unwrap();
    }
    surveys::close_now(&ctx, CLERK, id, 2).await.unwrap();
    let results = surveys::results(&ctx, CLERK, id).await.unwrap().unwrap();
    assert!(!results.is_enough() && results.questions.is_empty());
    // too few people could answer at all
    let mut tiny = survey(&ctx, Secrecy::Secret);
    tiny.audience.from_age = Some(100);
    let draft = surveys::create(&ctx, CLERK, &tiny).await.unwrap();
    let refusal = surveys::release(&ctx, CLERK, draft, 1).await;
    match refusal {
        Err(Failure::Refused(p)) => assert_eq!(p.0[0].code, "problem-survey-few"),
        other => panic!("{other:?}"),
    }
}

async fn drafts_and_permissions(ctx: Ctx) {
    town(&ctx, &crowd(11, "02.01.1970", "Lindenau")).await;
    let draft = survey(&ctx, Secrecy::Secret);
    for actor in [LETTER_OFFICER, AUDITOR, kit::ADMINISTRATOR] {
        assert!(matches!(
            surveys::create(&ctx, actor, &draft).await,
            Err(Failure::Denied)
        ));
        assert!(surveys::list(&ctx, actor).await.is_err());
    }
    let id = surveys::create(&ctx, CLERK, &draft).await.unwrap();
    for actor in [LETTER_OFFICER, AUDITOR] {
        assert!(surveys::release(&ctx, actor, id, 1).await.is_err());
        assert!(surveys::results(&ctx, actor, id).await.is_err());
        assert!(surveys::discard(&ctx, actor, id, 1).await.is_err());
    }
    // two clerks write at the same time
    surveys::save(&ctx, CLERK, id, 1, &draft).await.unwrap();
    let stale = surveys::save(&ctx, kit::OFFICER, id, 1, &draft).await;
    assert!(matches!(stale, Err(Failure::Refused(_))));
    let stale = surveys::release(&ctx, CLERK, id, 1).await;
    assert!(matches!(stale, Err(Failure::Refused(_))));
    surveys::release(&ctx, CLERK, id, 2).await.unwrap();
    // what is released is fixed
    let changed = surveys::save(&ctx, CLERK, id, 3, &draft).await;
    assert!(matches!(changed, Err(Failure::Refused(_))));
    let twice = surveys::release(&ctx, CLERK, id, 3).await;
    assert!(matches!(twice, Err(Failure::Refused(_))));
}

async fn switched_off_and_deleted(ctx: Ctx) {
    let who = town(&ctx, &crowd(11, "02.01.1970", "Lindenau")).await;
    let id = released(&ctx, &survey(&ctx, Secrecy::Blind)).await;
    surveys::answer(&ctx, &who[0], id, typed("1", "")).await.unwrap();
    let switch = async |on: bool| {
        let current = municipality::current(&ctx).await.unwrap();
        let mut settings = current.settings;
        settings.surveys = on;
        municipality::save(&ctx, kit::ADMINISTRATOR, settings, current.version)
            .await
            .unwrap();
    };
    switch(false).await;
    assert!(surveys::public_list(&ctx, None).await.is_err());
    assert!(surveys::for_resident(&ctx, Some(&who[1]), id).await.is_err());
    assert!(surveys::answer(&ctx, &who[1], id, typed("1", "")).await.is_err());
    assert!(surveys::list(&ctx, CLERK).await.is_err());
    switch(true).await;
    let page = surveys::survey(&ctx, CLERK, id).await.unwrap();
    assert_eq!(page.answers, 1, "switched off, the data stays");
    surveys::discard(&ctx, CLERK, id, page.version).await.unwrap();
    assert!(surveys::survey(&ctx, CLERK, id).await.is_err());
}
