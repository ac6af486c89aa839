//! Drafts that people repair, what a list does to the register, and what is deleted.

use crate::kit::{self, ADMINISTRATOR, CLERK, ERIKA, JAN, OFFICER, db_tests};
use backend::{
    Ctx, Failure, accounts, jobs, letters,
    residents::{
        self, Applied, Fate, ListRefusal, ResidentFilter, RowFilter, Search,
        lists::{self, Plan},
        single::{self, Removal, SingleRefusal},
    },
};
use domain::letters::state::NewLetterReason;
use domain::{
    access::Role,
    residents::{column::Column, finding::Rule},
};
use uuid::Uuid;

db_tests!(
    a_row_is_repaired_by_hand,
    neighbours_are_judged_again,
    two_people_change_the_same_row,
    moves_and_new_names_are_recognised,
    doubtful_matches_are_decided_by_a_person,
    a_doubtful_person_can_be_somebody_new,
    colleagues_see_each_other,
    who_is_missing_leaves_only_if_the_list_is_complete,
    deceased_people_get_nothing_and_come_back_never,
    a_large_list_is_read_and_applied_by_jobs,
    reading_goes_on_where_it_died,
    people_without_an_account_are_deleted_in_time,
    residents_by_hand,
    a_deleted_upload_leaves_no_trace,
);

const HEAD: &str = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort";

async fn upload(ctx: &Ctx, rows: &str) -> Uuid {
    residents::upload(ctx, OFFICER, "liste.csv", format!("{HEAD}\n{rows}").into_bytes())
        .await
        .unwrap()
}

async fn found(ctx: &Ctx, words: &str, filter: ResidentFilter) -> Vec<residents::ResidentLine> {
    let search = Search {
        words: words.into(),
        filter,
        ..Search::default()
    };
    residents::search(ctx, CLERK, &search).await.unwrap()
}

async fn fate(ctx: &Ctx, list: Uuid, row: i64) -> (Fate, Vec<Rule>, i64) {
    let (row, _) = lists::row(ctx, OFFICER, list, row).await.unwrap();
    (
        row.fate,
        row.findings.iter().map(|f| f.rule).collect(),
        row.version,
    )
}

async fn a_row_is_repaired_by_hand(ctx: Ctx) {
    let list = upload(&ctx, "Müller;Erika;02.01.1970;Ringstraße;;1945;Lindenau\n").await;
    let (before, rules, version) = fate(&ctx, list, 2).await;
    assert_eq!(before, Fate::Block);
    assert!(rules.contains(&Rule::HouseNumberMissing) && rules.contains(&Rule::LeadingZero));
    let changes = [(Column::HouseNumber, "12 a".to_owned())];
    assert_eq!(
        lists::change_row(&ctx, CLERK, list, 2, version, &changes).await,
        Err(Failure::Denied)
    );
    lists::change_row(&ctx, OFFICER, list, 2, version, &changes)
        .await
        .unwrap();
    let (taken, rules, after) = fate(&ctx, list, 2).await;
    assert_eq!((taken, rules), (Fate::Take, vec![Rule::LeadingZero]));
    let stale = lists::undo_row(&ctx, OFFICER, list, 2, version).await;
    assert_eq!(stale, Err(Failure::Refused(ListRefusal::Stale)));
    // undone and done again
    assert_eq!(lists::undo_row(&ctx, OFFICER, list, 2, after).await, Ok(true));
    let (undone, _, version) = fate(&ctx, list, 2).await;
    assert_eq!(undone, Fate::Block);
    assert_eq!(lists::undo_row(&ctx, OFFICER, list, 2, version).await, Ok(false));
    lists::change_row(&ctx, OFFICER, list, 2, version, &changes)
        .await
        .unwrap();
    let edited = lists::rows(&ctx, OFFICER, list, RowFilter::Edited, 0, 10)
        .await
        .unwrap();
    assert_eq!(edited.rows.len(), 1);
    lists::take_over(&ctx, OFFICER, list).await.unwrap();
    assert_eq!(found(&ctx, "mueller 12", ResidentFilter::All).await.len(), 1);
}

async fn neighbours_are_judged_again(ctx: Ctx) {
    let list = upload(
        &ctx,
        "Müller;Erika;02.01.1970;Ringstraße;12;01945;Lindenau\nMueller;Erika;02.01.1970;Ringstraße;12;01945;Lindenau\n",
    )
    .await;
    let (second, rules, _) = fate(&ctx, list, 3).await;
    assert_eq!(second, Fate::Open);
    assert!(rules.contains(&Rule::ProbableDuplicate));
    // the first row turns out to be somebody else: the second one asks nothing any more
    let (_, _, version) = fate(&ctx, list, 2).await;
    let changes = [(Column::GivenNames, "Karla".to_owned())];
    lists::change_row(&ctx, OFFICER, list, 2, version, &changes)
        .await
        .unwrap();
    let (second, rules, version) = fate(&ctx, list, 3).await;
    assert_eq!(second, Fate::Take);
    assert!(!rules.contains(&Rule::ProbableDuplicate));
    // and becomes the same as the first again
    lists::change_row(&ctx, OFFICER, list, 3, version, &changes)
        .await
        .unwrap();
    let (second, _, version) = fate(&ctx, list, 3).await;
    assert_eq!(second, Fate::Open);
    lists::decide_row(&ctx, OFFICER, list, 3, version, Some(lists::Decision::Leave))
        .await
        .unwrap();
    assert_eq!(fate(&ctx, list, 3).await.0, Fate::Leave);
    assert_eq!(lists::take_over(&ctx, OFFICER, list).await.unwrap().new, 1);
}

async fn two_people_change_the_same_row(ctx: Ctx) {
    let list = upload(&ctx, "Müller;Erika;02.01.1970;Ringstraße;12;01945;Lindenau\n").await;
    let (_, _, version) = fate(&ctx, list, 2).await;
    let change = |name: &str| [(Column::FamilyName, name.to_owned())];
    let (a, b) = (change("Maier"), change("Meier"));
    let (first, second) = tokio::join!(
        lists::change_row(&ctx, OFFICER, list, 2, version, &a),
        lists::change_row(&ctx, OFFICER, list, 2, version, &b),
    );
    let mut both = [first, second];
    both.sort_by_key(Result::is_err);
    assert_eq!(both, [Ok(()), Err(Failure::Refused(ListRefusal::Stale))]);
}

async fn doubtful_matches_are_decided_by_a_person(ctx: Ctx) {
    // nobody's birth is known: the same name at another address may be another person
    let person = |family: &str, street: &str| format!("{family};Kim;;{street};1;01945;Lindenau\n");
    let first = upload(&ctx, &person("Bauer", "Weg")).await;
    lists::take_over(&ctx, OFFICER, first).await.unwrap();
    let list = upload(&ctx, &person("BAUER", "Platz")).await;
    // a yes to another question is no yes to the doubt
    let (_, rules, version) = fate(&ctx, list, 2).await;
    assert_eq!(rules, [Rule::AllCapitals]);
    lists::decide_row(&ctx, OFFICER, list, 2, version, Some(lists::Decision::Take))
        .await
        .unwrap();
    let found_out = lists::preview_consequences(&ctx, OFFICER, list).await.unwrap();
    assert_eq!(found_out.count(Plan::Doubtful), 1);
    // the yes to the doubt is
    let (_, _, version) = fate(&ctx, list, 2).await;
    let take = lists::decide_row(&ctx, OFFICER, list, 2, version, Some(lists::Decision::Take)).await;
    assert_eq!(
        take,
        Err(Failure::Refused(ListRefusal::Stale)),
        "it did not see the doubt"
    );
    lists::decide_row(&ctx, OFFICER, list, 2, version, Some(lists::Decision::Same))
        .await
        .unwrap();
    let found_out = lists::preview_consequences(&ctx, OFFICER, list).await.unwrap();
    assert_eq!(
        (found_out.count(Plan::Doubtful), found_out.count(Plan::Renamed)),
        (0, 1)
    );
    let done = lists::take_over(&ctx, OFFICER, list).await.unwrap();
    assert_eq!((done.new, done.changed), (0, 1));
}

async fn moves_and_new_names_are_recognised(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    kit::make_letters(&ctx).await;
    let list = upload(
        &ctx,
        "Müller;Erika;02.01.1970;Neuer Weg;1;01945;Lindenau\nNovák;Jan;03.04.1981;Ringstraße;13 a;01945;Lindenau\nNeu;Nora;01.01.1990;Weg;2;01945;Lindenau\n",
    )
    .await;
    let consequences = lists::preview_consequences(&ctx, OFFICER, list).await.unwrap();
    assert_eq!(
        [Plan::Moved, Plan::Renamed, Plan::New, Plan::Same].map(|p| consequences.count(p)),
        [1, 1, 1, 0]
    );
    assert_eq!((consequences.missing, consequences.register), (0, 2));
    let done = lists::take_over(&ctx, OFFICER, list).await.unwrap();
    assert_eq!((done.new, done.changed, done.moved, done.renamed), (1, 2, 1, 1));
    let erika = &found(&ctx, "erika", ResidentFilter::All).await[0];
    assert_eq!(
        (erika.street.as_str(), erika.letter_state.as_deref()),
        ("Neuer Weg", Some("revoked"))
    );
    assert_eq!(found(&ctx, "novak", ResidentFilter::All).await.len(), 1);
    assert_eq!(letters::count_waiting(&ctx, OFFICER, "").await, Ok(3));
}

async fn a_doubtful_person_can_be_somebody_new(ctx: Ctx) {
    let list = |rows: &str| format!("PID;{HEAD}\n{rows}").into_bytes();
    kit::apply(&ctx, list("7;Bauer;Kim;02.01.1970;Weg;1;01945;Lindenau\n")).await;
    // the same number, another birth and another given name: is it the same person?
    let rows = list("7;Kauz;Rita;05.06.1982;Platz;2;01945;Lindenau\n");
    let id = residents::upload(&ctx, OFFICER, "l.csv", rows).await.unwrap();
    let found_out = lists::preview_consequences(&ctx, OFFICER, id).await.unwrap();
    assert_eq!(found_out.count(Plan::Doubtful), 1);
    let (_, _, version) = fate(&ctx, id, 2).await;
    lists::decide_row(&ctx, OFFICER, id, 2, version, Some(lists::Decision::New))
        .await
        .unwrap();
    let found_out = lists::preview_consequences(&ctx, OFFICER, id).await.unwrap();
    assert_eq!(found_out.count(Plan::New), 1);
    assert_eq!(lists::take_over(&ctx, OFFICER, id).await.unwrap().new, 1);
    assert_eq!(residents::totals(&ctx, OFFICER).await, Ok((2, 0)));
    // the number is hers now, and his row is found by name and birth
    let number = async |words: &str| {
        let id = found(&ctx, words, ResidentFilter::All).await[0].id;
        let page = residents::show(&ctx, OFFICER, id).await.unwrap();
        page.data.register_number
    };
    assert_eq!(number("rita").await.as_deref(), Some("7"));
    assert_eq!(number("bauer").await, None);
}

async fn colleagues_see_each_other(ctx: Ctx) {
    let staff = async |name: &str, role| {
        let email = format!("{name}@lindenau.example");
        accounts::add_staff(&ctx, ADMINISTRATOR, name, &email, role, "grüner Tee um vier")
            .await
            .unwrap();
        let (_, who) = accounts::sign_in(&ctx, &kit::visitor(), &email, "grüner Tee um vier")
            .await
            .unwrap()
            .signed_in()
            .unwrap();
        who.actor()
    };
    let anna = staff("Anna", Role::RegistryOfficer).await;
    let berta = staff("Berta", Role::RegistryOfficer).await;
    let list = upload(&ctx, "Müller;Erika;02.01.1970;Ringstraße;12;01945;Lindenau\n").await;
    let first = lists::watch(&ctx, anna, list, 0, Some(2)).await.unwrap();
    assert!(first.others.is_empty());
    let seen = lists::watch(&ctx, berta, list, first.version, None)
        .await
        .unwrap();
    assert_eq!(
        seen.others,
        [lists::Colleague {
            name: "Anna".into(),
            row: Some(2)
        }]
    );
    assert_eq!((seen.rows.len(), seen.fates), (0, None));
    // what one changes, the other fetches
    let (_, _, version) = fate(&ctx, list, 2).await;
    let change = [(Column::HouseNumber, "14".to_owned())];
    lists::change_row(&ctx, berta, list, 2, version, &change)
        .await
        .unwrap();
    let seen = lists::watch(&ctx, anna, list, first.version, Some(2))
        .await
        .unwrap();
    assert_eq!((seen.rows.as_slice(), seen.all), (&[2][..], false));
    assert_eq!(seen.fates, Some(vec![(Fate::Take, 1)]));
    let again = lists::watch(&ctx, anna, list, seen.version, Some(2))
        .await
        .unwrap();
    assert!(again.rows.is_empty());
    // who does not answer is not there
    ctx.clock.advance(chrono::Duration::seconds(20));
    let alone = lists::watch(&ctx, anna, list, seen.version, Some(2))
        .await
        .unwrap();
    assert!(alone.others.is_empty());
    assert!(matches!(
        lists::watch(&ctx, CLERK, list, 0, None).await,
        Err(Failure::Denied)
    ));
}

async fn who_is_missing_leaves_only_if_the_list_is_complete(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    kit::make_letters(&ctx).await;
    let only_erika = || kit::list(&[ERIKA]);
    ctx.clock.advance(chrono::Duration::days(1));
    assert_eq!(kit::apply(&ctx, only_erika()).await.gone, 0);
    let list = residents::upload(&ctx, OFFICER, "l.csv", only_erika())
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
    let consequences = lists::preview_consequences(&ctx, OFFICER, list).await.unwrap();
    assert_eq!(
        (consequences.missing, consequences.too_many_missing()),
        (1, false)
    );
    let done = lists::take_over(&ctx, OFFICER, list).await.unwrap();
    assert_eq!((done.gone, done.unchanged), (1, 1));
    assert_eq!(residents::totals(&ctx, OFFICER).await, Ok((1, 0)));
    let jan = &found(&ctx, "jan", ResidentFilter::Gone).await[0];
    assert_eq!(jan.letter_state.as_deref(), Some("revoked"));
    // and comes back
    assert_eq!(kit::apply(&ctx, kit::list(&[ERIKA, JAN])).await.changed, 1);
    assert_eq!(residents::totals(&ctx, OFFICER).await, Ok((2, 0)));
    assert_eq!(letters::count_waiting(&ctx, OFFICER, "").await, Ok(1));
}

async fn deceased_people_get_nothing_and_come_back_never(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let text =
        format!("{HEAD};Sterbedatum\nMüller;Erika;02.01.1970;Ringstraße;12;01945;Lindenau;01.11.2026\n");
    let done = kit::apply(&ctx, text.into_bytes()).await;
    assert_eq!((done.gone, done.left_out), (1, 1));
    let page = residents::show(
        &ctx,
        OFFICER,
        found(&ctx, "erika", ResidentFilter::Gone).await[0].id,
    )
    .await
    .unwrap();
    assert_eq!(page.gone.as_deref(), Some("deceased"));
    assert_eq!(letters::count_waiting(&ctx, OFFICER, "").await, Ok(0));
}

async fn a_large_list_is_read_and_applied_by_jobs(ctx: Ctx) {
    let mut text = format!("{HEAD}\n");
    for i in 0..12_000 {
        let (day, month, year) = (1 + i % 28, 1 + i / 28 % 12, 1930 + i / 448);
        text += &format!(
            "Muster{};Erika;{day:02}.{month:02}.{year};Ringstraße;{};01945;Lindenau\n",
            word(i),
            i % 3_000 + 1
        );
    }
    let list = residents::upload(&ctx, OFFICER, "gross.csv", text.into_bytes())
        .await
        .unwrap();
    assert_eq!(
        residents::preview(&ctx, OFFICER, list).await.unwrap().state,
        "reading"
    );
    jobs::run_due(&ctx).await.unwrap();
    let draft = residents::preview(&ctx, OFFICER, list).await.unwrap();
    assert_eq!(
        (draft.state.as_str(), draft.rows(), draft.count(Fate::Take)),
        ("draft", 12_000, 12_000)
    );
    assert_eq!(
        residents::apply(&ctx, OFFICER, list, draft.version).await,
        Ok(None)
    );
    assert_eq!(
        residents::discard(&ctx, OFFICER, list).await,
        Err(Failure::Refused(ListRefusal::Gone))
    );
    jobs::run_due(&ctx).await.unwrap();
    assert_eq!(residents::totals(&ctx, OFFICER).await, Ok((12_000, 0)));
    let line = &residents::lists(&ctx, OFFICER).await.unwrap()[0];
    assert_eq!(
        (line.state.as_str(), line.applied.unwrap().new),
        ("applied", 12_000)
    );
    for table in ["list_rows", "list_findings", "list_parts", "list_edits"] {
        assert_eq!(backend::db::testing::count(&ctx, table).await, 0, "{table}");
    }
}

async fn reading_goes_on_where_it_died(ctx: Ctx) {
    let mut text = format!("{HEAD}\n");
    for i in 0..15_000 {
        // some twice, some without a number, all of the last hundred at one address
        let (person, number) = (if i % 40 == 39 { i - 20 } else { i }, i % 3_000 + 1);
        let home = if i >= 14_900 {
            "Heim;1".to_owned()
        } else {
            format!("Ringstraße;{number}")
        };
        let home = if i % 97 == 5 {
            "Ringstraße;".to_owned()
        } else {
            home
        };
        let (day, month, year) = (1 + person % 28, 1 + person / 28 % 12, 1930 + person / 448);
        text += &format!(
            "Muster{};Erika;{day:02}.{month:02}.{year};{home};01945;Lindenau\n",
            word(person)
        );
    }
    let upload = async || {
        residents::upload(&ctx, OFFICER, "gross.csv", text.clone().into_bytes())
            .await
            .unwrap()
    };
    let whole = upload().await;
    jobs::run_due(&ctx).await.unwrap();
    let torn = upload().await;
    let mut died = 0;
    for _ in 0..200 {
        let job = tokio::spawn({
            let ctx = ctx.clone();
            async move { lists::read_job(&ctx, torn).await }
        });
        // as long as some more rows take; then the process is gone
        let before = residents::preview(&ctx, OFFICER, torn).await.unwrap().meta.read;
        while !job.is_finished() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            let draft = residents::preview(&ctx, OFFICER, torn).await.unwrap();
            if draft.state == "reading" && draft.meta.read > before + 2_000 {
                job.abort();
            }
        }
        match job.await {
            Ok(done) => {
                done.unwrap();
                break;
            }
            Err(_) => died += 1,
        }
    }
    assert!(died > 2, "it died {died} times");
    let notes = async |list| residents::preview(&ctx, OFFICER, list).await.unwrap().meta;
    assert_eq!(notes(torn).await, notes(whole).await);
    let rows = async |list| {
        let mut all = Vec::new();
        loop {
            let after = all.last().map_or(0, |(row, ..): &(i64, _, _)| *row);
            let page = lists::rows(&ctx, OFFICER, list, RowFilter::All, after, 1_000)
                .await
                .unwrap();
            all.extend(page.rows.into_iter().map(|r| (r.row, r.fate, r.findings)));
            if !page.more {
                break all;
            }
        }
    };
    assert_eq!(rows(torn).await, rows(whole).await);
    // another column: everything is read anew, and nothing of the former reading is left
    let draft = residents::preview(&ctx, OFFICER, torn).await.unwrap();
    let mut choices = draft.choices.clone();
    choices.mapping.0[2] = None;
    residents::choose(&ctx, OFFICER, torn, draft.version, &draft.sheet, choices)
        .await
        .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let anew = residents::preview(&ctx, OFFICER, torn).await.unwrap();
    assert_eq!((anew.rows(), anew.state.as_str()), (draft.rows(), "draft"));
    let birth = |rules: &[(Rule, i64, i64)]| rules.iter().any(|(r, ..)| *r == Rule::ProbableDuplicate);
    assert!(birth(&draft.rules) && !birth(&anew.rules));
}

/// Letters for a number: names without digits that differ by more than one letter.
fn word(mut n: i32) -> String {
    let mut text = String::new();
    for _ in 0..4 {
        let letter = char::from(b'a' + u8::try_from(n % 13).unwrap());
        text.push(letter);
        text.push(letter);
        n /= 13;
    }
    text
}

async fn people_without_an_account_are_deleted_in_time(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    ctx.clock.advance(chrono::Duration::days(200));
    kit::apply(&ctx, kit::list(&[ERIKA])).await;
    ctx.clock.advance(chrono::Duration::days(200));
    jobs::sweep(&ctx).await.unwrap();
    let left = found(&ctx, "", ResidentFilter::All).await;
    assert_eq!(
        left.iter().map(|l| l.given_names.as_str()).collect::<Vec<_>>(),
        ["Erika"]
    );
    // who comes back is recognised without its data having been kept
    assert_eq!(
        kit::apply(&ctx, kit::list(&[JAN])).await,
        Applied {
            new: 1,
            returned: 1,
            ..Applied::default()
        }
    );
}

async fn residents_by_hand(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let fields = |family: &str, number: &str| {
        [
            (Column::FamilyName, family),
            (Column::GivenNames, "Jan"),
            (Column::BirthDate, "3.4.1981"),
            (Column::Street, "Weg"),
            (Column::HouseNumber, number),
            (Column::Postcode, "01945"),
            (Column::City, "Lindenau"),
        ]
        .map(|(c, v)| (c, v.to_owned()))
        .to_vec()
    };
    let save = async |id, fields: Vec<(Column, String)>, confirmed| {
        single::save(&ctx, OFFICER, id, &fields, confirmed).await
    };
    assert_eq!(
        single::save(&ctx, CLERK, None, &fields("Novák", "1"), false).await,
        Err(Failure::Denied)
    );
    let Err(Failure::Refused(SingleRefusal::Findings(missing))) = save(None, fields("Novák", ""), true).await
    else {
        panic!("a missing house number is refused, confirmed or not")
    };
    assert_eq!(missing[0].rule, Rule::HouseNumberMissing);
    assert!(matches!(
        save(None, fields("NOVÁK", "1"), false).await,
        Err(Failure::Refused(SingleRefusal::Findings(_)))
    ));
    let id = save(None, fields("Novák", "1"), false).await.unwrap();
    assert_eq!(
        save(None, fields("Novák", "1"), false).await,
        Err(Failure::Refused(SingleRefusal::Exists(id)))
    );
    let batch = letters::create_batch(
        &ctx,
        OFFICER,
        &letters::Selection::One(id, NewLetterReason::Request),
    )
    .await
    .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    assert_eq!(letters::batch(&ctx, OFFICER, batch).await.unwrap().letters, 1);
    save(Some(id), fields("Novák", "2"), false).await.unwrap();
    let page = residents::show(&ctx, OFFICER, id).await.unwrap();
    assert_eq!(
        (page.data.house_number.as_str(), page.letters[0].state.as_str()),
        ("2", "revoked")
    );
    single::set_ban(&ctx, OFFICER, id, true).await.unwrap();
    // a change of data does not lift the block
    single::save(&ctx, OFFICER, Some(id), &fields("Novák", "3"), false)
        .await
        .unwrap();
    assert!(residents::show(&ctx, OFFICER, id).await.unwrap().letter_ban);
    single::set_ban(&ctx, OFFICER, id, false).await.unwrap();
    assert!(!residents::show(&ctx, OFFICER, id).await.unwrap().letter_ban);
    single::remove(&ctx, OFFICER, id, Removal::Mistake).await.unwrap();
    assert!(matches!(
        residents::show(&ctx, OFFICER, id).await,
        Err(Failure::Denied)
    ));
}

/// Names of a draft are never in clear in the store's files, and nothing is left of a person who is deleted: on SQLite
/// at once, on PostgreSQL when the tables were written anew (its own log and backups keep it longer, as documented).
async fn a_deleted_upload_leaves_no_trace(ctx: Ctx) {
    if backend::db::testing::files(&ctx).await.is_empty() {
        return;
    }
    let list = upload(
        &ctx,
        "Quastenflosser;Zebediah;02.01.1970;Ringstraße;12;01945;Lindenau\n",
    )
    .await;
    let traces = async || {
        let files = backend::db::testing::files(&ctx).await;
        let read = files.iter().filter_map(|f| std::fs::read(f).ok());
        read.filter(|bytes| {
            ["Quastenflosser", "quastenflosser", "Zebediah"]
                .iter()
                .any(|n| memchr::memmem::find(bytes, n.as_bytes()).is_some())
        })
        .count()
    };
    assert_eq!(traces().await, 0, "a draft is encrypted");
    lists::take_over(&ctx, OFFICER, list).await.unwrap();
    assert!(
        traces().await > 0,
        "the register is not: else this test could not fail"
    );
    let id = found(&ctx, "quastenflosser", ResidentFilter::All).await[0].id;
    single::remove(&ctx, OFFICER, id, Removal::Mistake).await.unwrap();
    if ctx.db.kind() == "postgres" {
        assert!(traces().await > 0, "PostgreSQL only marks space as free");
        // at night, by itself
        ctx.clock.advance(chrono::Duration::hours(14));
        for _ in 0..24 {
            jobs::sweep(&ctx).await.unwrap();
            ctx.clock.advance(chrono::Duration::hours(1));
        }
    }
    assert_eq!(traces().await, 0, "deleting is deleting");
}
