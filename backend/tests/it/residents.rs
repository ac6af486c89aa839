//! Lists as registry offices have them, and the register.

use crate::kit::{self, CLERK, ERIKA, JAN, OFFICER, db_tests};
use backend::{
    Ctx, Failure, letters,
    residents::{self, Applied, Choices, ListRefusal, ResidentFilter, Search},
};
use domain::letters::state::NewLetterReason;
use domain::residents::{
    check::{Checked, Rules},
    column::Column,
    finding::{Rule, Severity},
    sheet::Header,
};
use std::collections::BTreeSet;

db_tests!(
    applying_twice_changes_nothing,
    only_officers_import,
    the_mapping_can_be_corrected,
    drafts_end,
    people_are_found,
    a_block_in_the_next_list_stops_letters,
    a_stale_draft_is_refused,
    father_and_son_are_two_people,
);

fn rules() -> Rules {
    Rules {
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 1).unwrap(),
        minimum_age: 16,
        crowd: 20,
        plain_text: false,
    }
}

/// A file, checked with all its rows in memory.
fn check(bytes: &[u8]) -> Result<(Header, Checked), ListRefusal> {
    let mut rows = Vec::new();
    let report = residents::check_file(bytes, rules(), |row| rows.push(row.clone()))?;
    let findings = report.findings;
    Ok((report.header, Checked { rows, findings }))
}

fn shipped(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../assets/demo/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The shipped dirty lists have files with their true findings: every one is found, and nothing else.
#[test]
fn dirty_lists_give_exactly_their_true_findings() {
    for name in ["einwohner-dirty-600", "einwohner-dirty-600-mit-kopfzeilen"] {
        let (header, checked) = check(&shipped(&format!("{name}.xlsx"))).unwrap();
        let found: BTreeSet<(u32, String, &str)> = checked
            .findings
            .iter()
            .map(|f| {
                let place = f.column.and_then(|c| header.guess.place(c));
                let field = place.map_or("*".to_owned(), |i| header.titles[i].clone());
                (f.row, field, f.rule.severity().key())
            })
            .collect();
        let truth = String::from_utf8(shipped(&format!("{name}.findings.csv"))).unwrap();
        let mut missed = Vec::new();
        let mut expected = BTreeSet::new();
        for line in truth.lines().skip(1) {
            let parts: Vec<&str> = line.splitn(4, ',').collect();
            let severity = match parts[2] {
                "repair" => "repair",
                "ask" => "ask",
                _ => "block",
            };
            let key = (parts[0].parse().unwrap(), parts[1].to_owned(), severity);
            if !found.contains(&key) {
                missed.push(line);
            }
            expected.insert(key);
        }
        let extra: Vec<_> = found.difference(&expected).collect();
        assert!(
            missed.is_empty() && extra.is_empty(),
            "{name}\nmissed {missed:#?}\nextra {extra:#?}"
        );
    }
}

#[test]
fn old_excel_and_open_document_are_read() {
    for name in ["liste.xls", "liste.ods"] {
        let bytes = std::fs::read(format!("{}/tests/files/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let (_, checked) = check(&bytes).unwrap();
        let people: Vec<(String, String)> = checked
            .rows
            .iter()
            .map(|r| (r.data.display_name(), r.data.street_line()))
            .collect();
        let person = |name: &str, street: &str| (name.to_owned(), street.to_owned());
        assert_eq!(
            people,
            [
                person("Erika Müller", "Ringstraße 12"),
                person("Jan Łukasiewicz", "Weg 3 a")
            ],
            "{name}"
        );
        assert_eq!(
            checked
                .findings
                .iter()
                .map(|f| (f.row, f.rule))
                .collect::<Vec<_>>(),
            [(2, Rule::LeadingZero)],
            "{name}"
        );
        assert_eq!(
            checked.rows[0].data.birth_date,
            chrono::NaiveDate::from_ymd_opt(1970, 1, 2),
            "{name}"
        );
    }
}

#[test]
fn the_clean_list_has_no_findings() {
    let (_, checked) = check(&shipped("einwohner-clean-500.xlsx")).unwrap();
    assert_eq!(checked.rows.len(), 500);
    assert_eq!(checked.findings, []);
}

#[test]
fn the_windows_list_blocks_lost_characters() {
    let (_, checked) = check(&shipped("einwohner-dirty-600-windows1252.csv")).unwrap();
    assert_eq!(checked.rows.len(), 605);
    let lost = checked
        .findings
        .iter()
        .filter(|f| f.rule == Rule::LostCharacter)
        .count();
    assert!(lost > 2, "{lost}");
    assert!(
        checked
            .rows
            .iter()
            .all(|r| r.worst == Some(Severity::Block) || !r.data.display_name().contains('?'))
    );
}

async fn applying_twice_changes_nothing(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    let again = kit::apply(&ctx, kit::list(&[ERIKA, JAN])).await;
    assert_eq!(
        again,
        Applied {
            unchanged: 2,
            ..Applied::default()
        }
    );
    let third = kit::apply(&ctx, kit::list(&[ERIKA, ("Neu", "Nora", "01.01.1990", "1")])).await;
    assert_eq!(
        third,
        Applied {
            unchanged: 1,
            new: 1,
            ..Applied::default()
        }
    );
    assert_eq!(residents::totals(&ctx, OFFICER).await, Ok((3, 0)));
}

async fn only_officers_import(ctx: Ctx) {
    for actor in [
        CLERK,
        kit::ADMINISTRATOR,
        kit::AUDITOR,
        domain::access::Actor::Visitor,
    ] {
        assert_eq!(
            residents::upload(&ctx, actor, "l.csv", kit::list(&[ERIKA])).await,
            Err(Failure::Denied)
        );
    }
    let refused = residents::upload(&ctx, OFFICER, "l.csv", b"%PDF-1.4".to_vec()).await;
    assert_eq!(refused, Err(Failure::Refused(ListRefusal::UnknownFormat)));
    let refused = residents::upload(&ctx, OFFICER, "l.csv", b"a;b;c\n1;2;3\n".to_vec()).await;
    assert_eq!(refused, Err(Failure::Refused(ListRefusal::NoHeader)));
}

async fn the_mapping_can_be_corrected(ctx: Ctx) {
    let text = "Familie;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort\nMüller;Erika;02.01.1970;Ringstraße;12;01945;Lindenau\n";
    let id = residents::upload(&ctx, OFFICER, "l.csv", text.as_bytes().to_vec())
        .await
        .unwrap();
    let before = residents::preview(&ctx, OFFICER, id).await.unwrap();
    assert_eq!(before.missing, [Column::FamilyName]);
    assert_eq!(before.version, 2);
    assert_eq!(
        residents::apply(&ctx, OFFICER, id, 2).await,
        Err(Failure::Refused(ListRefusal::MissingColumn))
    );
    let mut choices: Choices = before.choices.clone();
    choices.mapping.0[0] = Some(Column::FamilyName);
    residents::choose(&ctx, OFFICER, id, 2, &before.sheet, choices.clone())
        .await
        .unwrap();
    assert_eq!(
        residents::choose(&ctx, OFFICER, id, 2, &before.sheet, choices.clone()).await,
        Err(Failure::Refused(ListRefusal::Stale))
    );
    choices.mapping.0[1] = Some(Column::FamilyName);
    assert_eq!(
        residents::choose(&ctx, OFFICER, id, 4, &before.sheet, choices).await,
        Err(Failure::Refused(ListRefusal::DoubleColumn))
    );
    let done = residents::apply(&ctx, OFFICER, id, 4).await.unwrap();
    assert_eq!(done.unwrap().new, 1);
    // what the title means is known in the next list
    let id = residents::upload(&ctx, OFFICER, "l.csv", text.as_bytes().to_vec())
        .await
        .unwrap();
    assert!(
        residents::preview(&ctx, OFFICER, id)
            .await
            .unwrap()
            .missing
            .is_empty()
    );
}

async fn a_stale_draft_is_refused(ctx: Ctx) {
    let id = residents::upload(&ctx, OFFICER, "l.csv", kit::list(&[ERIKA]))
        .await
        .unwrap();
    assert_eq!(
        residents::apply(&ctx, OFFICER, id, 7).await,
        Err(Failure::Refused(ListRefusal::Stale))
    );
    assert_eq!(residents::totals(&ctx, OFFICER).await, Ok((0, 0)));
}

async fn drafts_end(ctx: Ctx) {
    let id = residents::upload(&ctx, OFFICER, "l.csv", kit::list(&[ERIKA]))
        .await
        .unwrap();
    residents::discard(&ctx, OFFICER, id).await.unwrap();
    assert!(matches!(
        residents::preview(&ctx, OFFICER, id).await,
        Err(Failure::Refused(ListRefusal::Gone))
    ));
    let id = residents::upload(&ctx, OFFICER, "l.csv", kit::list(&[ERIKA]))
        .await
        .unwrap();
    ctx.clock.advance(chrono::Duration::hours(24 * 7 + 1));
    backend::jobs::sweep(&ctx).await.unwrap();
    assert!(matches!(
        residents::preview(&ctx, OFFICER, id).await,
        Err(Failure::Refused(ListRefusal::Gone))
    ));
}

async fn people_are_found(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN, ("O'Brien", "Łucja", "01.01.1990", "5")]).await;
    let find = async |words: &str, filter: ResidentFilter| {
        let search = Search {
            words: words.into(),
            filter,
            ..Search::default()
        };
        residents::search(&ctx, CLERK, &search).await.unwrap().len()
    };
    for (words, count) in [
        ("mueller", 1),
        ("Muller", 1),
        ("müll eri", 1),
        ("stastny", 1),
        ("obrien", 1),
        ("lucja", 1),
        ("ringstr", 3),
        ("zzz", 0),
        ("", 3),
        ("%", 3),
    ] {
        assert_eq!(find(words, ResidentFilter::All).await, count, "{words}");
    }
    assert_eq!(find("", ResidentFilter::Waiting).await, 3);
    kit::make_letters(&ctx).await;
    assert_eq!(find("", ResidentFilter::Open).await, 3);
    assert_eq!(find("", ResidentFilter::Waiting).await, 0);
    let denied = residents::search(&ctx, kit::AUDITOR, &Search::default()).await;
    assert!(matches!(denied, Err(Failure::Denied)));
}

async fn a_block_in_the_next_list_stops_letters(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    kit::make_letters(&ctx).await;
    let text = "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort;Ortsteil;Sperrvermerk\nMüller;Erika;02.01.1970;Ringstraße;12;01945;Lindenau;Lindenau;§ 51\n";
    assert_eq!(kit::apply(&ctx, text.as_bytes().to_vec()).await.banned, 1);
    let found = residents::search(
        &ctx,
        OFFICER,
        &Search {
            words: "erika".into(),
            ..Search::default()
        },
    )
    .await
    .unwrap();
    assert_eq!(found[0].letter_state.as_deref(), Some("revoked"));
    let again = letters::create_batch(
        &ctx,
        OFFICER,
        &letters::Selection::One(found[0].id, NewLetterReason::Request),
    )
    .await;
    assert_eq!(again, Err(Failure::Refused(letters::LetterRefusal::Banned)));
    assert_eq!(letters::count_waiting(&ctx, OFFICER, "").await, Ok(0));

    // a row that lacks something says nothing about somebody who is known
    let text =
        "Nachname;Vorname;Geb.-Datum;Straße;HNr;PLZ;Ort\nŠťastný;Jan;03.04.1981;Ringstraße;13 a;;Lindenau\n";
    assert_eq!(kit::apply(&ctx, text.as_bytes().to_vec()).await.banned, 0);
    assert_eq!(residents::totals(&ctx, OFFICER).await, Ok((2, 0)));
    assert_eq!(residents::totals(&ctx, CLERK).await, Ok((1, 0)));
}

async fn father_and_son_are_two_people(ctx: Ctx) {
    let list = |rows: &str| format!("PID;Nachname;Vorname;Straße;HNr;PLZ;Ort\n{rows}").into_bytes();
    kit::apply(&ctx, list("1;Bauer;Hans;Weg;1;01945;Lindenau\n")).await;
    let both = "1;Bauer;Hans;Weg;1;01945;Lindenau\n2;Bauer;Hans;Weg;1;01945;Lindenau\n";
    assert_eq!(
        kit::apply(&ctx, list(both)).await,
        Applied {
            new: 1,
            unchanged: 1,
            ..Applied::default()
        }
    );
    assert_eq!(
        kit::apply(&ctx, list(both)).await,
        Applied {
            unchanged: 2,
            ..Applied::default()
        }
    );
}

/// One stray cell in the last row of the last column must not take hundreds of gigabytes.
#[test]
fn a_stray_cell_far_away_costs_nothing() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (i, title) in ["Name", "Vorname", "Straße", "PLZ", "Ort"]
        .into_iter()
        .enumerate()
    {
        sheet.write(0, u16::try_from(i).unwrap(), title).unwrap();
    }
    sheet.write(1_048_575, 16_383, "x").unwrap();
    let (_, checked) = check(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(checked.rows.len(), 0);
}

/// Hidden rows, merged cells, a filter, a hidden column and a hidden sheet are seen, whoever wrote the file.
#[test]
fn what_a_workbook_hides_is_said() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let titles = ["Nachname", "Vorname", "Straße", "HNr", "PLZ", "Ort"];
    for (i, title) in titles.into_iter().enumerate() {
        sheet.write(0, u16::try_from(i).unwrap(), title).unwrap();
    }
    for row in 1..=4u32 {
        for (i, value) in [
            &format!("Muster{}", ["a", "b", "c", "d"][row as usize - 1]),
            "Kim",
            "Weg",
            "1",
            "01945",
            "Ort",
        ]
        .into_iter()
        .enumerate()
        {
            sheet.write(row, u16::try_from(i).unwrap(), value).unwrap();
        }
    }
    sheet.set_row_hidden(2).unwrap();
    sheet.set_column_hidden(5).unwrap();
    let format = rust_xlsxwriter::Format::new();
    sheet.merge_range(3, 2, 4, 2, "Weg", &format).unwrap();
    book.add_worksheet().set_name("Alt").unwrap().set_hidden(true);
    let report = residents::check_file(&book.save_to_buffer().unwrap(), rules(), |_| {}).unwrap();
    let found: BTreeSet<(u32, Rule)> = report
        .findings
        .iter()
        .filter(|f| f.rule != Rule::StreetMissing)
        .map(|f| (f.row, f.rule))
        .collect();
    assert_eq!(
        found,
        [(3, Rule::HiddenRow), (4, Rule::MergedCell), (5, Rule::MergedCell)].into()
    );
    let notes: Vec<&str> = report.notes.iter().map(|n| n.key.as_str()).collect();
    assert!(
        notes.contains(&"hidden-columns") && notes.contains(&"hidden-sheets"),
        "{notes:?}"
    );
}
