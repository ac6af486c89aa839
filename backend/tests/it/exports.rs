//! Tables as workbooks: what another program reads from them, who may have them, and what the log says.

use crate::{
    cases as case_kit,
    kit::{self, ADMINISTRATOR, AUDITOR, CLERK, ERIKA, LETTER_OFFICER, OFFICER, db_tests},
    life::EVERYBODY,
    organisations as organisation_kit,
};
use backend::{
    Ctx, Failure,
    audit::{self, LogFilter},
    cases::{self, InboxFilter},
    jobs, letters, organisations,
    residents::{self, ResidentFilter, Search},
};
use calamine::{Data, Reader};
use domain::{
    access::{Actor, Role},
    cases::{CaseKind, Outcome},
    organisations::{OrganisationKind, OrganisationState},
    tables::{Columns, Table},
};
use locales::Lang;
use uuid::Uuid;

db_tests!(
    the_register_is_exported_to_its_last_page,
    the_register_is_exported_as_each_may_see_it,
    the_inbox_is_exported,
    organisations_are_exported,
    batches_and_the_log_are_exported,
    letters_are_found_by_their_number,
    cases_are_counted_by_week,
);

/// The first sheet, as another program reads it: one line a row.
fn cells(book: Vec<u8>) -> Vec<Vec<Data>> {
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(book)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    sheet.rows().map(<[Data]>::to_vec).collect()
}

fn lines(book: Vec<u8>) -> Vec<String> {
    cells(book)
        .into_iter()
        .map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|"))
        .collect()
}

fn german() -> Lang {
    Lang::parse("de")
}

fn all(table: Table) -> Columns {
    Columns::of(table, table.columns().iter().map(|c| c.key))
}

async fn register(ctx: &Ctx, actor: Actor, search: &Search, columns: &Columns) -> Vec<String> {
    let book = residents::register_workbook(ctx, actor, search, columns, german()).await;
    lines(book.unwrap())
}

/// The newest event of the log.
async fn newest(ctx: &Ctx) -> audit::Entry {
    audit::list(ctx, AUDITOR, "", None, 1).await.unwrap().remove(0)
}

async fn the_register_is_exported_to_its_last_page(ctx: Ctx) {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
    let people: Vec<(String, String, String)> = (0..1_030)
        .map(|i| {
            let name = format!(
                "Muster{0}{0}{1}{1}{2}{2}",
                letter(i / 676),
                letter(i / 26),
                letter(i)
            );
            let born = format!("{:02}.{:02}.{}", i % 28 + 1, i / 28 % 12 + 1, 1950 + i / 336);
            (name, born, (i + 1).to_string())
        })
        .collect();
    let rows: Vec<(&str, &str, &str, &str)> = people
        .iter()
        .map(|(name, born, number)| (name.as_str(), "Kim", born.as_str(), number.as_str()))
        .collect();
    kit::town(&ctx, &rows).await;
    let columns = Columns::standard(Table::Register);
    let found = register(&ctx, CLERK, &Search::default(), &columns).await;
    assert_eq!(
        found[0],
        "Name|Straße und Hausnummer|Postleitzahl|Ort|Ortsteil|Stand"
    );
    assert_eq!(found.len(), 1_031);
    let mut once = found.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), found.len(), "nobody twice");
    let event = newest(&ctx).await;
    assert_eq!(
        (event.action.as_str(), event.detail.as_str(), event.subject),
        (
            "residents.export",
            "rows=1030 columns=name.strasse.plz.ort.ortsteil.stand",
            None
        )
    );
    assert_eq!(
        event.actor_id.map(|id| Uuid::parse_str(&id).unwrap()),
        CLERK.account()
    );
}

/// A town that takes people with a register block into the portal.
async fn with_blocked_people(ctx: &Ctx) {
    kit::town(ctx, &[ERIKA]).await;
    let mut settings = backend::demo::settings();
    settings.blocked_route = domain::municipality::BlockedRoute::Neutral;
    backend::municipality::save(ctx, ADMINISTRATOR, settings, 1)
        .await
        .unwrap();
}

async fn the_register_is_exported_as_each_may_see_it(ctx: Ctx) {
    with_blocked_people(&ctx).await;
    let more = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort;Ortsteil;Auskunftssperre\n\
                Silberdistel;Yvo;05.06.1975;Weg;2;01945;Lindenau;Tettau;§ 51\n\
                Nachtfalter;Zilla;07.08.1990;Weg;3;01945;Lindenau;Tettau;\n";
    kit::apply(&ctx, more.as_bytes().to_vec()).await;
    let (_, codes) = kit::make_letters(&ctx).await;
    assert_eq!(codes.len(), 2);
    let columns = Columns::parse(Table::Register, "name.geburt.ortsteil.stand");
    let everybody = Search::default();
    assert_eq!(
        register(&ctx, OFFICER, &everybody, &columns).await,
        [
            "Name|Geburtsdatum|Ortsteil|Stand",
            "Müller, Erika|02.01.1970|Lindenau|offen",
            "Silberdistel, Yvo|05.06.1975|Tettau|kein Brief",
            "Nachtfalter, Zilla|07.08.1990|Tettau|offen",
        ]
    );
    assert_eq!(
        newest(&ctx).await.detail,
        "rows=3 columns=name.geburt.ortsteil.stand"
    );
    // who may not see register blocks gets a file without them, and the log does not tell how many are missing
    let few = register(&ctx, LETTER_OFFICER, &everybody, &columns).await;
    assert_eq!(few.len(), 3);
    assert!(few.iter().all(|line| !line.contains("Silberdistel")));
    assert_eq!(
        newest(&ctx).await.detail,
        "rows=2 columns=name.geburt.ortsteil.stand"
    );
    // the filter of the page, from its first line on
    let lines_of = async |search: Search| register(&ctx, OFFICER, &search, &columns).await.len() - 1;
    let district = Search {
        district: "Tettau".into(),
        after: Some(("zzz".into(), Uuid::nil())),
        ..Search::default()
    };
    assert_eq!(lines_of(district).await, 2);
    let words = Search {
        words: "mueller".into(),
        ..Search::default()
    };
    assert_eq!(lines_of(words).await, 1);
    let waiting = Search {
        filter: ResidentFilter::Waiting,
        ..Search::default()
    };
    assert_eq!(lines_of(waiting).await, 1);
    // what was searched is a name: it is not in the log
    let log = audit::list(&ctx, AUDITOR, "residents", None, 50).await.unwrap();
    assert!(log.iter().all(|e| !e.detail.contains("mueller")));
    // the number of the letter, and another language
    let book = residents::register_workbook(
        &ctx,
        OFFICER,
        &everybody,
        &all(Table::Register),
        Lang::parse("en"),
    )
    .await
    .unwrap();
    let rows = cells(book);
    assert_eq!(rows[0].last().unwrap().to_string(), "Letter number");
    assert!(rows[1].last().unwrap().to_string().starts_with("L-"));
    assert!(
        rows.iter()
            .flatten()
            .all(|c| matches!(c, Data::String(_) | Data::Empty))
    );
    for actor in [ADMINISTRATOR, AUDITOR, Actor::Visitor] {
        let refused = residents::register_workbook(&ctx, actor, &everybody, &columns, german()).await;
        assert_eq!(refused, Err(Failure::Denied));
    }
}

async fn the_inbox_is_exported(ctx: Ctx) {
    let who = case_kit::residents_of(&ctx).await;
    let first = case_kit::sent(&ctx, &who[0]).await;
    case_kit::sent(&ctx, &who[1]).await;
    let clerk = case_kit::staff(&ctx, "Carla", Role::Clerk).await;
    let version = case_kit::version(&ctx, clerk, first).await;
    cases::take(&ctx, clerk, first, version).await.unwrap();
    let columns = Columns::parse(Table::Inbox, "person.nummer.art.stand.zustaendig");
    let inbox = async |actor: Actor, filter: InboxFilter| {
        let book = cases::inbox_workbook(&ctx, actor, &filter, &columns, german()).await;
        book.map(lines)
    };
    let open = InboxFilter {
        show: "open".into(),
        ..InboxFilter::default()
    };
    let found = inbox(clerk, open.clone()).await.unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(found[0], "Person|Vorgang|Art|Stand|Zuständig");
    // both came at the same moment: which stands first is not said
    let hers = found.iter().find(|line| line.contains("Erika")).unwrap();
    assert!(hers.ends_with("|Carla") && hers.contains("|V-"), "{found:?}");
    let event = newest(&ctx).await;
    assert_eq!(event.action, "cases.export");
    assert_eq!(event.detail, "rows=2 columns=person.nummer.art.stand.zustaendig");
    // what the page leaves out, the file leaves out
    let mine = InboxFilter {
        show: "mine".into(),
        ..InboxFilter::default()
    };
    assert_eq!(inbox(clerk, mine).await.unwrap().len(), 2);
    let messages = InboxFilter {
        kind: Some(CaseKind::Message),
        ..open.clone()
    };
    assert_eq!(inbox(clerk, messages).await.unwrap().len(), 1);
    assert_eq!(inbox(AUDITOR, open.clone()).await, Err(Failure::Denied));
    assert_eq!(inbox(LETTER_OFFICER, open).await, Err(Failure::Denied));
}

async fn organisations_are_exported(ctx: Ctx) {
    let (clerk, _, _) = organisation_kit::active(&ctx).await;
    let columns = all(Table::Organisations);
    let list = async |actor: Actor, kind: Option<OrganisationKind>, state: Option<OrganisationState>| {
        let book = organisations::organisations_workbook(&ctx, actor, "", kind, state, &columns, german());
        book.await.map(cells)
    };
    let found = list(clerk, None, None).await.unwrap();
    assert_eq!(found.len(), 2);
    let name = organisation_kit::request().get("organisation_name").to_owned();
    assert_eq!(found[1][0], Data::String(name));
    // a number to reckon with
    assert_eq!(found[1][4], Data::Float(1.0));
    assert_eq!(newest(&ctx).await.action, "organisations.export");
    let suspended = list(clerk, None, Some(OrganisationState::Suspended))
        .await
        .unwrap();
    assert_eq!(suspended.len(), 1);
    assert_eq!(list(LETTER_OFFICER, None, None).await, Err(Failure::Denied));
}

async fn batches_and_the_log_are_exported(ctx: Ctx) {
    with_blocked_people(&ctx).await;
    let more = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort;Ortsteil;Auskunftssperre\n\
                Silberdistel;Yvo;05.06.1975;Weg;2;01945;Lindenau;Tettau;§ 51\n";
    kit::apply(&ctx, more.as_bytes().to_vec()).await;
    letters::create_batch(&ctx, OFFICER, &EVERYBODY).await.unwrap();
    letters::create_batch(&ctx, OFFICER, &letters::Selection::Blocked)
        .await
        .unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let columns = Columns::parse(Table::Batches, "auftrag.briefe.stand");
    let batches = async |actor: Actor| {
        let book = letters::batches_workbook(&ctx, actor, &columns, german()).await;
        book.map(lines)
    };
    let mut found = batches(OFFICER).await.unwrap();
    found.sort();
    assert_eq!(
        found,
        [
            "Druckauftrag 1|1|bereit",
            "Druckauftrag|Briefe|Stand",
            "Gesonderter Druckauftrag 1|1|bereit"
        ]
    );
    assert_eq!(
        batches(LETTER_OFFICER).await.unwrap(),
        ["Druckauftrag|Briefe|Stand", "Druckauftrag 1|1|bereit"]
    );
    assert_eq!(batches(AUDITOR).await, Err(Failure::Denied));
    // the log: the export of the batches is in it, newest first, and no event twice
    let log = async |actor: Actor, filter: &LogFilter| {
        let book = audit::log_workbook(&ctx, actor, filter, &all(Table::Audit), german()).await;
        book.map(cells)
    };
    let events = log(AUDITOR, &LogFilter::default()).await.unwrap();
    assert_eq!(
        events[1][0].to_string(),
        "Liste der Druckaufträge als Excel-Datei heruntergeladen"
    );
    let numbers: Vec<String> = events[1..].iter().map(|row| row[5].to_string()).collect();
    let counted: Vec<String> = (1..=numbers.len()).rev().map(|n| n.to_string()).collect();
    assert_eq!(numbers, counted);
    assert_eq!(newest(&ctx).await.action, "audit.export");
    let residents = LogFilter {
        feature: "residents".into(),
        ..LogFilter::default()
    };
    let few = log(ADMINISTRATOR, &residents).await.unwrap();
    assert!(few.len() > 1 && few.len() < events.len());
    assert_eq!(log(CLERK, &residents).await, Err(Failure::Denied));
}

async fn letters_are_found_by_their_number(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    kit::make_letters(&ctx).await;
    let person = residents::search(&ctx, OFFICER, &Search::default())
        .await
        .unwrap()[0]
        .clone();
    let number = person.letter_number.clone().unwrap();
    for typed in [number.clone(), number.to_lowercase(), number[2..].to_owned()] {
        let found = letters::holder(&ctx, CLERK, &typed).await.unwrap();
        assert_eq!(found, Some(person.id), "{typed}");
    }
    assert_eq!(letters::holder(&ctx, CLERK, "Müller").await, Ok(None));
    assert_eq!(letters::holder(&ctx, CLERK, "L-0000-0000").await, Ok(None));
    // the number of somebody with a register block is no number for others
    residents::single::set_ban(&ctx, OFFICER, person.id, true)
        .await
        .unwrap();
    assert_eq!(letters::holder(&ctx, CLERK, &number).await, Ok(None));
    assert_eq!(letters::holder(&ctx, OFFICER, &number).await, Ok(Some(person.id)));
    assert_eq!(
        letters::holder(&ctx, AUDITOR, &number).await,
        Err(Failure::Denied)
    );
    assert_eq!(
        letters::holder(&ctx, ADMINISTRATOR, &number).await,
        Err(Failure::Denied)
    );
}

async fn cases_are_counted_by_week(ctx: Ctx) {
    let who = case_kit::residents_of(&ctx).await;
    let first = case_kit::sent(&ctx, &who[0]).await;
    ctx.clock.advance(chrono::Duration::days(8));
    case_kit::sent(&ctx, &who[1]).await;
    let clerk = case_kit::staff(&ctx, "Carla", Role::Clerk).await;
    let version = case_kit::version(&ctx, clerk, first).await;
    let no = cases::Decision {
        outcome: Outcome::Rejected,
        text: "Bitte kommen Sie vorbei.".into(),
        typed: String::new(),
    };
    cases::decide(&ctx, clerk, first, version, &no).await.unwrap();
    let weeks = cases::by_week(&ctx, clerk, 3).await.unwrap();
    let counts: Vec<(i64, i64)> = weeks.iter().map(|w| (w.1, w.2)).collect();
    // the 22nd of November 2026 is a Sunday, eight days later it is Monday
    assert_eq!(counts, [(1, 0), (0, 0), (1, 1)]);
    assert_eq!(weeks[2].0.to_string(), "2026-11-30");
    assert_eq!(cases::by_week(&ctx, AUDITOR, 3).await, Err(Failure::Denied));
}
