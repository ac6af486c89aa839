//! Register blocks (§§ 51, 52 BMG): people who have one do not exist for staff who may not see blocks, and get their
//! letter by the way that the town has chosen.

use crate::kit::{self, ADMINISTRATOR, AUDITOR, BLOCK_OFFICER, CLERK, ERIKA, OFFICER, db_tests};
use backend::{
    Ctx, Failure, audit, demo, jobs,
    letters::{self, LetterRefusal, Selection},
    municipality, registration,
    residents::{
        self, Fate, ListRefusal, ResidentFilter, RowFilter, Search,
        lists::{self, Decision, Plan},
        single::{self, SingleRefusal},
    },
};
use domain::{
    access::Actor,
    municipality::BlockedRoute,
    residents::{column::Column, finding::Rule},
};
use uuid::Uuid;

db_tests!(
    a_blocked_row_is_not_there_for_others,
    no_letter_is_the_default_and_nothing_is_kept,
    a_letter_for_the_desk_has_no_address,
    neutral_letters_are_a_batch_of_their_own,
    blocked_people_are_nowhere_for_others,
    who_is_blocked_cannot_be_found_by_adding,
    a_note_that_nobody_understands_is_taken_for_a_block,
    who_is_unblocked_is_new_to_others,
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

async fn upload(ctx: &Ctx, rows: &str) -> Uuid {
    let text = format!("{HEAD}{rows}");
    residents::upload(ctx, OFFICER, "l.csv", text.into_bytes())
        .await
        .unwrap()
}

async fn found(ctx: &Ctx, actor: Actor, words: &str) -> Vec<Uuid> {
    let search = Search {
        words: words.into(),
        ..Search::default()
    };
    let lines = residents::search(ctx, actor, &search).await.unwrap();
    lines.iter().map(|l| l.id).collect()
}

async fn a_blocked_row_is_not_there_for_others(ctx: Ctx) {
    town(&ctx, BlockedRoute::Desk).await;
    // row 3 has a block, row 4 a note that nobody understands, row 5 is probably the person of row 3
    let list = upload(
        &ctx,
        &format!(
            "{ERIKA_ROW}{ZENO_ROW}Kauz;Kim;04.01.1972;Weg;4;01945;Lindenau;Kroppen;siehe Akte\n{}",
            ZENO_ROW.replace("§ 51", "").replace("Quast", "Quaast")
        ),
    )
    .await;
    let draft = async |actor| residents::preview(&ctx, actor, list).await.unwrap();
    let (others, few) = (draft(OFFICER).await, draft(BLOCK_OFFICER).await);
    assert_eq!((others.rows(), few.rows()), (2, 4));
    assert_eq!((others.count(Fate::Block), few.count(Fate::Block)), (0, 1));
    let told = |d: &residents::Draft| d.rules.iter().any(|(rule, ..)| rule.tells_of_block());
    assert!(!told(&others) && told(&few));
    // not even as a sample of a column
    let samples = format!("{:?}", others.meta.samples);
    assert!(samples.contains("Müller") && !samples.contains("Quast\"") && !samples.contains("51"));
    assert!(!samples.contains("Kauz") && !samples.contains("Akte"));

    let numbers = async |actor| lists::numbers(&ctx, actor, list, RowFilter::All).await.unwrap();
    assert_eq!(numbers(OFFICER).await, [2, 5]);
    assert_eq!(numbers(BLOCK_OFFICER).await, [2, 3, 4, 5]);
    let some = lists::some_rows(&ctx, OFFICER, list, &[2, 3, 4]).await.unwrap();
    assert_eq!(some.len(), 1);
    let page = lists::rows(&ctx, OFFICER, list, RowFilter::Rule(Rule::Section51), 0, 50)
        .await
        .unwrap();
    assert!(page.rows.is_empty());
    // "like row 3" would tell that there is one
    let like = |rows: Vec<lists::RowView>| {
        let last = rows.into_iter().find(|r| r.row == 5).unwrap();
        last.findings
            .iter()
            .find(|f| f.rule == Rule::ProbableDuplicate)
            .unwrap()
            .becomes
            .clone()
    };
    let all = async |actor| {
        let page = lists::rows(&ctx, actor, list, RowFilter::All, 0, 50).await.unwrap();
        page.rows
    };
    assert_eq!(like(all(BLOCK_OFFICER).await).as_deref(), Some("3"));
    assert_eq!(like(all(OFFICER).await), None);
    // a guessed address answers like that of a row that never was
    for row in [3, 4, 99] {
        let change = [(Column::Street, "Platz".to_owned())];
        let gone = Err(Failure::Refused(ListRefusal::Gone));
        assert_eq!(lists::row(&ctx, OFFICER, list, row).await.map(drop), gone);
        assert_eq!(lists::change_row(&ctx, OFFICER, list, row, 1, &change).await, gone);
        let decided = lists::decide_row(&ctx, OFFICER, list, row, 1, Some(Decision::Leave)).await;
        assert_eq!(decided, gone);
        assert_eq!(
            lists::undo_row(&ctx, OFFICER, list, row).await.map(drop),
            gone
        );
    }
    let before = lists::preview_consequences(&ctx, OFFICER, list).await.unwrap();
    assert_eq!((before.count(Plan::Blocked), before.count(Plan::Left)), (0, 1));
    let few = lists::consequences(&ctx, BLOCK_OFFICER, list).await.unwrap();
    assert_eq!((few.count(Plan::Blocked), few.count(Plan::Left)), (1, 2));
    // the counts of what was done, and the log that auditors read
    let version = draft(OFFICER).await.version;
    let done = residents::apply(&ctx, OFFICER, list, version).await.unwrap().unwrap();
    assert_eq!((done.new, done.banned, done.left_out), (1, 0, 1));
    let log = audit::list(&ctx, AUDITOR, "", None, 50).await.unwrap();
    let applied = log.iter().find(|e| e.action == "residents.apply").unwrap();
    assert!(!format!("{applied:?}").contains("banned"));
    assert_eq!(residents::totals(&ctx, OFFICER).await, Ok((1, 0)));
    assert_eq!(residents::totals(&ctx, BLOCK_OFFICER).await, Ok((2, 0)));
}

async fn no_letter_is_the_default_and_nothing_is_kept(ctx: Ctx) {
    town(&ctx, BlockedRoute::None).await;
    let list = upload(&ctx, ZENO_ROW).await;
    lists::take_over(&ctx, BLOCK_OFFICER, list).await.unwrap();
    assert_eq!(residents::totals(&ctx, BLOCK_OFFICER).await, Ok((0, 0)));
}

async fn a_letter_for_the_desk_has_no_address(ctx: Ctx) {
    town(&ctx, BlockedRoute::Desk).await;
    let list = upload(&ctx, &format!("{ERIKA_ROW}{ZENO_ROW}")).await;
    lists::take_over(&ctx, OFFICER, list).await.unwrap();
    let zeno = found(&ctx, BLOCK_OFFICER, "zeno").await[0];
    assert_eq!(letters::count_waiting(&ctx, OFFICER, "").await, Ok(1));
    assert_eq!(letters::count_blocked_waiting(&ctx, BLOCK_OFFICER).await, Ok(0));
    assert_eq!(
        letters::create_batch(&ctx, OFFICER, &Selection::One(zeno)).await,
        Err(Failure::Denied)
    );
    let batch = letters::create_batch(&ctx, BLOCK_OFFICER, &Selection::One(zeno))
        .await
        .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let line = letters::batch(&ctx, BLOCK_OFFICER, batch).await.unwrap();
    assert_eq!((line.state.as_str(), line.route.as_str(), line.number), ("ready", "desk", -1));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("brief.pdf");
    demo::save(&ctx, batch, &file).await.unwrap();
    let text = std::process::Command::new("pdftotext")
        .arg("-layout")
        .arg(&file)
        .arg("-")
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("Zeno Quast") && !text.contains("Weg 3"), "{text}");
    // the code works like every other
    let (link, _) = letters::reveal(&ctx, batch, 1).await.unwrap().remove(0);
    let claim = registration::Claim {
        password: "grüner Tee um vier".into(),
        email: String::new(),
        consent: true,
        birth_date: None,
    };
    let code = registration::Code::parse(&link).unwrap();
    registration::redeem(&ctx, &kit::visitor(), &code, &claim, None)
        .await
        .unwrap();
    assert_eq!(residents::totals(&ctx, BLOCK_OFFICER).await, Ok((2, 1)));
    assert_eq!(residents::totals(&ctx, CLERK).await, Ok((1, 0)));
    // the numbers of the others have no gap
    let (ordinary, _) = kit::make_letters(&ctx).await;
    assert_eq!(letters::batch(&ctx, OFFICER, ordinary).await.unwrap().number, 1);
    hidden(&ctx, batch).await;
}

/// A batch that others can neither see nor touch.
async fn hidden(ctx: &Ctx, batch: Uuid) {
    for actor in [OFFICER, ADMINISTRATOR, CLERK] {
        assert!(letters::batch(ctx, actor, batch).await.is_err());
        let all = letters::batches(ctx, actor).await.unwrap();
        assert!(all.iter().all(|b| b.id != batch));
    }
    assert!(letters::download(ctx, OFFICER, batch).await.is_err());
    assert_eq!(letters::discard(ctx, OFFICER, batch).await, Err(Failure::Denied));
    let today = ctx.clock.now().date_naive();
    assert_eq!(
        letters::mark_posted(ctx, OFFICER, batch, today).await,
        Err(Failure::Denied)
    );
    let log = audit::list(ctx, AUDITOR, "", None, 100).await.unwrap();
    let told = format!("{log:?}");
    assert!(!told.contains("block") && !told.contains("neutral") && !told.contains("desk"), "{told}");
}

async fn neutral_letters_are_a_batch_of_their_own(ctx: Ctx) {
    town(&ctx, BlockedRoute::Neutral).await;
    let list = upload(&ctx, &format!("{ERIKA_ROW}{ZENO_ROW}")).await;
    lists::take_over(&ctx, OFFICER, list).await.unwrap();
    assert_eq!(letters::count_blocked_waiting(&ctx, BLOCK_OFFICER).await, Ok(1));
    assert_eq!(
        letters::count_blocked_waiting(&ctx, OFFICER).await,
        Err(Failure::Denied)
    );
    assert_eq!(
        letters::create_batch(&ctx, OFFICER, &Selection::Blocked).await,
        Err(Failure::Denied)
    );
    // an ordinary batch has nobody of them
    let (_, codes) = kit::make_letters(&ctx).await;
    assert_eq!(codes.len(), 1);
    let batch = letters::create_batch(&ctx, BLOCK_OFFICER, &Selection::Blocked)
        .await
        .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("brief.pdf");
    demo::save(&ctx, batch, &file).await.unwrap();
    // in the window: the way back without the town's name, and the address
    let window = std::process::Command::new("pdftotext")
        .args(["-x", "56", "-y", "127", "-W", "241", "-H", "128", "-layout"])
        .arg(&file)
        .arg("-")
        .output()
        .unwrap();
    let window = String::from_utf8(window.stdout).unwrap();
    let settings = demo::settings();
    assert!(window.contains("Zeno Quast") && window.contains("Weg 3"), "{window}");
    assert!(window.contains(&settings.street) && !window.contains(&settings.sender), "{window}");
    hidden(&ctx, batch).await;
    let counts = |c: letters::LetterCounts| c.open;
    assert_eq!(counts(letters::counts(&ctx, OFFICER).await.unwrap()), 1);
    assert_eq!(counts(letters::counts(&ctx, BLOCK_OFFICER).await.unwrap()), 2);
    // the next list with the same block leaves the letter alone
    let list = upload(&ctx, &format!("{ERIKA_ROW}{ZENO_ROW}")).await;
    lists::take_over(&ctx, OFFICER, list).await.unwrap();
    assert_eq!(counts(letters::counts(&ctx, BLOCK_OFFICER).await.unwrap()), 2);
    assert_eq!(
        letters::create_batch(&ctx, BLOCK_OFFICER, &Selection::Blocked).await,
        Err(Failure::Refused(LetterRefusal::Nobody))
    );
}

async fn blocked_people_are_nowhere_for_others(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let erika = found(&ctx, OFFICER, "erika").await[0];
    assert_eq!(
        single::set_ban(&ctx, OFFICER, erika, true).await,
        Err(Failure::Denied)
    );
    single::set_ban(&ctx, BLOCK_OFFICER, erika, true).await.unwrap();
    for actor in [OFFICER, CLERK] {
        assert!(found(&ctx, actor, "erika").await.is_empty());
        assert!(residents::show(&ctx, actor, erika).await.is_err());
    }
    for filter in ResidentFilter::ALL {
        let search = Search {
            filter,
            ..Search::default()
        };
        assert!(residents::search(&ctx, OFFICER, &search).await.unwrap().is_empty());
    }
    assert!(residents::districts(&ctx, OFFICER).await.unwrap().is_empty());
    assert_eq!(residents::districts(&ctx, BLOCK_OFFICER).await.unwrap().len(), 1);
    let fields = single::fields_of(&residents::show(&ctx, BLOCK_OFFICER, erika).await.unwrap().data);
    assert_eq!(
        single::save(&ctx, OFFICER, Some(erika), &fields, true).await,
        Err(Failure::Refused(SingleRefusal::Gone))
    );
    assert_eq!(
        single::remove(&ctx, OFFICER, erika, single::Removal::Mistake).await,
        Err(Failure::Refused(SingleRefusal::Gone))
    );
    single::set_ban(&ctx, BLOCK_OFFICER, erika, false).await.unwrap();
    assert_eq!(found(&ctx, CLERK, "erika").await, [erika]);
    let log = audit::list(&ctx, AUDITOR, "", None, 50).await.unwrap();
    assert!(!format!("{log:?}").contains("block"));
}

async fn who_is_blocked_cannot_be_found_by_adding(ctx: Ctx) {
    town(&ctx, BlockedRoute::Desk).await;
    let list = upload(
        &ctx,
        &format!("{ERIKA_ROW}{ZENO_ROW}Fort;Ilse;05.01.1973;Weg;5;01945;Lindenau;Kroppen;\n"),
    )
    .await;
    lists::take_over(&ctx, OFFICER, list).await.unwrap();
    let ilse = found(&ctx, OFFICER, "ilse").await[0];
    single::remove(&ctx, OFFICER, ilse, single::Removal::MovedAway)
        .await
        .unwrap();
    let fields = |family: &str, given: &str, born: &str, number: &str| {
        [
            (Column::FamilyName, family),
            (Column::GivenNames, given),
            (Column::BirthDate, born),
            (Column::Street, "Weg"),
            (Column::HouseNumber, number),
            (Column::Postcode, "01945"),
            (Column::City, "Lindenau"),
        ]
        .map(|(c, v)| (c, v.to_owned()))
        .to_vec()
    };
    let zeno = fields("Quast", "Zeno", "03.01.1971", "3");
    let ilse = fields("Fort", "Ilse", "05.01.1973", "5");
    let elsewhere = Err(Failure::Refused(SingleRefusal::Elsewhere));
    // blocked and moved away answer alike, and nobody is there twice afterwards
    for fields in [&zeno, &ilse] {
        assert_eq!(single::save(&ctx, OFFICER, None, fields, false).await, elsewhere);
    }
    assert_eq!(single::save(&ctx, OFFICER, None, &zeno, true).await, elsewhere);
    assert_eq!(residents::totals(&ctx, BLOCK_OFFICER).await, Ok((2, 0)));
}

async fn a_note_that_nobody_understands_is_taken_for_a_block(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    kit::make_letters(&ctx).await;
    let list = upload(&ctx, &ERIKA_ROW.replace(";\n", ";siehe Akte\n")).await;
    lists::take_over(&ctx, OFFICER, list).await.unwrap();
    assert!(found(&ctx, OFFICER, "erika").await.is_empty());
    let erika = found(&ctx, BLOCK_OFFICER, "erika").await[0];
    let page = residents::show(&ctx, BLOCK_OFFICER, erika).await.unwrap();
    assert!(page.blocked && page.letters[0].state == "revoked");
}

async fn who_is_unblocked_is_new_to_others(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let erika = found(&ctx, OFFICER, "erika").await[0];
    single::set_ban(&ctx, BLOCK_OFFICER, erika, true).await.unwrap();
    let list = upload(&ctx, ERIKA_ROW).await;
    let others = lists::preview_consequences(&ctx, OFFICER, list).await.unwrap();
    assert_eq!((others.count(Plan::New), others.count(Plan::Unblocked)), (1, 0));
    assert_eq!((others.missing, others.register), (0, 0));
    let (row, _) = lists::row(&ctx, OFFICER, list, 2).await.unwrap();
    assert_eq!((row.plan, row.resident), (Some(Plan::New), None));
    let page = lists::rows(&ctx, OFFICER, list, RowFilter::Plan(Plan::New), 0, 9)
        .await
        .unwrap();
    assert_eq!(page.rows.len(), 1);
    let few = lists::consequences(&ctx, BLOCK_OFFICER, list).await.unwrap();
    assert_eq!(few.count(Plan::Unblocked), 1);
    let done = lists::take_over(&ctx, OFFICER, list).await.unwrap();
    assert_eq!((done.new, done.changed), (1, 0));
    assert_eq!(found(&ctx, OFFICER, "erika").await, [erika]);
}
