//! Register blocks (§§ 51, 52 BMG): people who have one do not exist for staff who may not see blocks, and get their
//! letter by the way that the town has chosen.

use crate::kit::{self, ADMINISTRATOR, AUDITOR, CLERK, ERIKA, JAN, LETTER_OFFICER, OFFICER, db_tests};
use backend::{
    Ctx, Failure, audit, demo, jobs,
    letters::{self, LetterRefusal, Selection},
    municipality, registration,
    residents::{
        self, ResidentFilter, Search,
        lists::{self, Plan},
        single,
    },
};
use domain::letters::state::NewLetterReason;
use domain::{access::Actor, municipality::BlockedRoute};
use uuid::Uuid;

db_tests!(
    lists_are_for_those_who_see_blocks,
    no_letter_is_the_default_and_nothing_is_kept,
    a_letter_for_the_desk_has_no_address,
    neutral_letters_are_a_batch_of_their_own,
    blocked_people_are_nowhere_for_others,
    a_block_takes_the_letter_out_of_a_batch_that_is_ready,
    a_note_that_nobody_understands_is_taken_for_a_block,
    a_block_is_lifted_only_by_who_knows,
    a_block_that_perhaps_means_somebody_counts,
    who_is_blocked_is_never_missing,
);

const HEAD: &str = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort;Ortsteil;Sperrvermerk\n";
const ERIKA_ROW: &str = "Müller;Erika;02.01.1970;Ringstraße;12;01945;Lindenau;Lindenau;\n";
const ZENO_ROW: &str = "Quast;Zeno;03.01.1971;Weg;3;01945;Lindenau;Kroppen;§ 51\n";

async fn town(ctx: &Ctx, route: BlockedRoute) {
    let settings = domain::municipality::Settings {
        blocked_route: route,
        ..demo::settings()
    };
    municipality::save(ctx, ADMINISTRATOR, settings, 0).await.unwrap();
}

async fn apply(ctx: &Ctx, rows: &str) -> residents::Applied {
    kit::apply(ctx, format!("{HEAD}{rows}").into_bytes()).await
}

async fn found(ctx: &Ctx, actor: Actor, words: &str) -> Vec<Uuid> {
    let search = Search {
        words: words.into(),
        ..Search::default()
    };
    let lines = residents::search(ctx, actor, &search).await.unwrap();
    lines.iter().map(|l| l.id).collect()
}

async fn pdf(ctx: &Ctx, batch: Uuid, options: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("brief.pdf");
    demo::save(ctx, batch, &file).await.unwrap();
    let text = std::process::Command::new("pdftotext")
        .args(options)
        .arg("-layout")
        .arg(&file)
        .arg("-")
        .output()
        .unwrap();
    String::from_utf8(text.stdout).unwrap()
}

/// What the register says to a list or to a new person would tell who is in it.
async fn lists_are_for_those_who_see_blocks(ctx: Ctx) {
    town(&ctx, BlockedRoute::Desk).await;
    apply(&ctx, &format!("{ERIKA_ROW}{ZENO_ROW}")).await;
    let file = format!("{HEAD}{ZENO_ROW}").into_bytes();
    for actor in [LETTER_OFFICER, CLERK, ADMINISTRATOR, AUDITOR] {
        let upload = residents::upload(&ctx, actor, "l.csv", file.clone()).await;
        assert_eq!(upload, Err(Failure::Denied));
        let add = single::save(&ctx, actor, None, &[], true).await;
        assert_eq!(add, Err(Failure::Denied));
    }
}

async fn no_letter_is_the_default_and_nothing_is_kept(ctx: Ctx) {
    town(&ctx, BlockedRoute::None).await;
    apply(&ctx, ZENO_ROW).await;
    assert_eq!(residents::totals(&ctx, OFFICER).await, Ok((0, 0)));
}

async fn a_letter_for_the_desk_has_no_address(ctx: Ctx) {
    town(&ctx, BlockedRoute::Desk).await;
    apply(&ctx, &format!("{ERIKA_ROW}{ZENO_ROW}")).await;
    let zeno = found(&ctx, OFFICER, "zeno").await[0];
    assert_eq!(letters::count_waiting(&ctx, LETTER_OFFICER, "").await, Ok(1));
    assert_eq!(letters::count_blocked_waiting(&ctx, OFFICER).await, Ok(0));
    assert_eq!(
        letters::create_batch(
            &ctx,
            LETTER_OFFICER,
            &Selection::One(zeno, NewLetterReason::Request)
        )
        .await,
        Err(Failure::Denied)
    );
    let batch = letters::create_batch(&ctx, OFFICER, &Selection::One(zeno, NewLetterReason::Request))
        .await
        .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let line = letters::batch(&ctx, OFFICER, batch).await.unwrap();
    assert_eq!(
        (line.state.as_str(), line.route.as_str(), line.number),
        ("ready", "desk", -1)
    );
    let text = pdf(&ctx, batch, &[]).await;
    assert!(text.contains("Zeno Quast") && !text.contains("Weg 3"), "{text}");
    // the code works like every other
    let (link, _) = letters::reveal(&ctx, batch, 1).await.unwrap().remove(0);
    let claim = registration::Claim {
        password: "grüner Tee um vier".into(),
        email: String::new(),
        consent: true,
        birth_date: None,
        name: String::new(),
    };
    let code = registration::Code::parse(&link).unwrap();
    registration::redeem(&ctx, &kit::visitor(), &code, &claim, None)
        .await
        .unwrap();
    assert_eq!(residents::totals(&ctx, OFFICER).await, Ok((2, 1)));
    assert_eq!(residents::totals(&ctx, CLERK).await, Ok((1, 0)));
    let since = ctx.clock.now() - chrono::Duration::days(1);
    for (actor, days) in [(OFFICER, 1), (CLERK, 0)] {
        let by_day = backend::accounts::registrations_by_day(&ctx, actor, since).await;
        assert_eq!(by_day.unwrap().len(), days);
    }
    // the numbers of the others have no gap
    let (ordinary, _) = kit::make_letters(&ctx).await;
    assert_eq!(letters::batch(&ctx, CLERK, ordinary).await.unwrap().number, 1);
    hidden(&ctx, batch).await;
    // also when the block is lifted
    single::set_ban(&ctx, OFFICER, zeno, false).await.unwrap();
    let page = residents::show(&ctx, CLERK, zeno).await.unwrap();
    assert!(page.letters.is_empty() && !page.blocked);
}

/// A batch that others can neither see nor touch, and that the log does not tell from others.
async fn hidden(ctx: &Ctx, batch: Uuid) {
    for actor in [LETTER_OFFICER, ADMINISTRATOR, CLERK] {
        assert!(letters::batch(ctx, actor, batch).await.is_err());
        let all = letters::batches(ctx, actor).await.unwrap();
        assert!(all.iter().all(|b| b.id != batch));
    }
    assert!(letters::download(ctx, LETTER_OFFICER, batch, 1).await.is_err());
    assert_eq!(
        letters::discard(ctx, LETTER_OFFICER, batch).await,
        Err(Failure::Denied)
    );
    let today = ctx.clock.now().date_naive();
    assert_eq!(
        letters::mark_posted(ctx, LETTER_OFFICER, batch, today).await,
        Err(Failure::Denied)
    );
    let log = audit::list(ctx, AUDITOR, "letters", None, 100).await.unwrap();
    assert!(
        log.iter().all(|e| e.detail.is_empty() || e.detail == "{}"),
        "{log:?}"
    );
}

async fn neutral_letters_are_a_batch_of_their_own(ctx: Ctx) {
    town(&ctx, BlockedRoute::Neutral).await;
    apply(&ctx, &format!("{ERIKA_ROW}{ZENO_ROW}")).await;
    assert_eq!(letters::count_blocked_waiting(&ctx, OFFICER).await, Ok(1));
    for actor in [LETTER_OFFICER, CLERK] {
        let count = letters::count_blocked_waiting(&ctx, actor).await;
        assert_eq!(count, Err(Failure::Denied));
        let batch = letters::create_batch(&ctx, actor, &Selection::Blocked).await;
        assert_eq!(batch, Err(Failure::Denied));
    }
    // an ordinary batch has nobody of them
    let (_, codes) = kit::make_letters(&ctx).await;
    assert_eq!(codes.len(), 1);
    let batch = letters::create_batch(&ctx, OFFICER, &Selection::Blocked)
        .await
        .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    // in the window: the way back without the town's name, and the address
    let window = ["-x", "56", "-y", "127", "-W", "241", "-H", "128"];
    let window = pdf(&ctx, batch, &window).await;
    let settings = demo::settings();
    assert!(
        window.contains("Zeno Quast") && window.contains("Weg 3"),
        "{window}"
    );
    assert!(
        window.contains(&settings.street) && !window.contains(&settings.sender),
        "{window}"
    );
    hidden(&ctx, batch).await;
    let open = async |actor| letters::counts(&ctx, actor).await.unwrap().open;
    assert_eq!((open(CLERK).await, open(OFFICER).await), (1, 2));
    // the next list with the same block leaves the letter alone
    apply(&ctx, &format!("{ERIKA_ROW}{ZENO_ROW}")).await;
    assert_eq!(open(OFFICER).await, 2);
    assert_eq!(
        letters::create_batch(&ctx, OFFICER, &Selection::Blocked).await,
        Err(Failure::Refused(LetterRefusal::Nobody))
    );
}

async fn blocked_people_are_nowhere_for_others(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let erika = found(&ctx, CLERK, "erika").await[0];
    assert_eq!(
        single::set_ban(&ctx, LETTER_OFFICER, erika, true).await,
        Err(Failure::Denied)
    );
    single::set_ban(&ctx, OFFICER, erika, true).await.unwrap();
    for actor in [LETTER_OFFICER, CLERK] {
        assert!(found(&ctx, actor, "erika").await.is_empty());
        assert!(residents::show(&ctx, actor, erika).await.is_err());
        for filter in ResidentFilter::ALL {
            let search = Search {
                filter,
                ..Search::default()
            };
            assert!(residents::search(&ctx, actor, &search).await.unwrap().is_empty());
        }
        assert!(residents::districts(&ctx, actor).await.unwrap().is_empty());
        assert_eq!(residents::totals(&ctx, actor).await, Ok((0, 0)));
    }
    assert_eq!(found(&ctx, OFFICER, "erika").await, [erika]);
    assert_eq!(residents::districts(&ctx, OFFICER).await.unwrap().len(), 1);
    single::set_ban(&ctx, OFFICER, erika, false).await.unwrap();
    assert_eq!(found(&ctx, CLERK, "erika").await, [erika]);
    let log = audit::list(&ctx, AUDITOR, "", None, 50).await.unwrap();
    assert!(!format!("{log:?}").contains("block"));
}

async fn a_block_takes_the_letter_out_of_a_batch_that_is_ready(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    let (batch, codes) = kit::make_letters(&ctx).await;
    assert_eq!(codes.len(), 2);
    let before = letters::batch(&ctx, OFFICER, batch).await.unwrap();
    assert!(pdf(&ctx, batch, &[]).await.contains("Erika Müller"));
    let erika = found(&ctx, OFFICER, "erika").await[0];
    single::set_ban(&ctx, OFFICER, erika, true).await.unwrap();
    // not the old file either: it is made anew
    assert!(letters::download(&ctx, LETTER_OFFICER, batch, 1).await.is_err());
    jobs::run_due(&ctx).await.unwrap();
    let now = letters::batch(&ctx, LETTER_OFFICER, batch).await.unwrap();
    assert!(now.state == "ready" && now.sha256 != before.sha256 && now.downloaded_at.is_none());
    let text = pdf(&ctx, batch, &[]).await;
    assert!(!text.contains("Erika") && text.contains("Jan Šťastný"), "{text}");
    // the last one takes the batch with it
    let jan = found(&ctx, OFFICER, "jan").await[0];
    single::remove(&ctx, OFFICER, jan, single::Removal::MovedAway)
        .await
        .unwrap();
    let now = letters::batch(&ctx, LETTER_OFFICER, batch).await.unwrap();
    assert_eq!(now.state, "discarded");
}

async fn a_note_that_nobody_understands_is_taken_for_a_block(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    kit::make_letters(&ctx).await;
    apply(&ctx, &ERIKA_ROW.replace(";\n", ";siehe Akte\n")).await;
    assert!(found(&ctx, CLERK, "erika").await.is_empty());
    let erika = found(&ctx, OFFICER, "erika").await[0];
    let page = residents::show(&ctx, OFFICER, erika).await.unwrap();
    assert!(page.blocked && page.letters[0].state == "revoked");
}

async fn a_block_is_lifted_only_by_who_knows(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    apply(&ctx, &ERIKA_ROW.replace(";\n", ";§ 51\n")).await;
    let erika = found(&ctx, OFFICER, "erika").await[0];
    let jan = found(&ctx, OFFICER, "jan").await[0];
    single::set_ban(&ctx, OFFICER, jan, true).await.unwrap();
    let blocked = async |id| residents::show(&ctx, OFFICER, id).await.unwrap().blocked;
    // a list without a column for blocks says nothing about them, also if it brings new data
    kit::apply(&ctx, kit::list(&[("Müller", "Erika", "02.01.1970", "14"), JAN])).await;
    assert!(blocked(erika).await && blocked(jan).await);
    let page = residents::show(&ctx, OFFICER, erika).await.unwrap();
    assert_eq!(page.data.house_number, "14");
    // one with such a column lifts what a list has set, never what a person has set
    let rows = format!("{ERIKA_ROW}Šťastný;Jan;03.04.1981;Ringstraße;13 a;01945;Lindenau;Lindenau;\n");
    let text = format!("{HEAD}{rows}").into_bytes();
    let list = residents::upload(&ctx, OFFICER, "l.csv", text).await.unwrap();
    let told = lists::preview_consequences(&ctx, OFFICER, list).await.unwrap();
    assert_eq!((told.count(Plan::Unblocked), told.count(Plan::Same)), (1, 1));
    lists::take_over(&ctx, OFFICER, list).await.unwrap();
    assert!(!blocked(erika).await && blocked(jan).await);
    single::set_ban(&ctx, OFFICER, jan, false).await.unwrap();
    assert!(!blocked(jan).await);
}

async fn a_block_that_perhaps_means_somebody_counts(ctx: Ctx) {
    let person = |street: &str, note: &str| format!("Bauer;Kim;;{street};1;01945;Lindenau;Lindenau;{note}\n");
    town(&ctx, BlockedRoute::None).await;
    apply(&ctx, &person("Weg", "")).await;
    // nobody's birth is known: perhaps the same person, who has moved
    apply(&ctx, &person("Platz", "§ 51")).await;
    let kim = found(&ctx, OFFICER, "kim").await[0];
    let page = residents::show(&ctx, OFFICER, kim).await.unwrap();
    assert!(page.blocked && page.data.street == "Weg");
}

async fn who_is_blocked_is_never_missing(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    let erika = found(&ctx, OFFICER, "erika").await[0];
    single::set_ban(&ctx, OFFICER, erika, true).await.unwrap();
    ctx.clock.advance(chrono::Duration::days(1));
    let list = residents::upload(&ctx, OFFICER, "l.csv", kit::list(&[JAN]))
        .await
        .unwrap();
    let draft = residents::preview(&ctx, OFFICER, list).await.unwrap();
    let choices = residents::Choices {
        complete: true,
        ..draft.choices
    };
    residents::choose(&ctx, OFFICER, list, draft.version, &draft.sheet, choices)
        .await
        .unwrap();
    let told = lists::preview_consequences(&ctx, OFFICER, list).await.unwrap();
    assert_eq!(told.missing, 0);
    assert_eq!(lists::take_over(&ctx, OFFICER, list).await.unwrap().gone, 0);
    let page = residents::show(&ctx, OFFICER, erika).await.unwrap();
    assert!(page.gone.is_none() && page.blocked);
}
