//! Templates with versions, and batches that become files.

use crate::{
    kit::{self, CLERK, ERIKA, LETTER_OFFICER, OFFICER, db_tests},
    life::{EVERYBODY, load, muster, only_person, people},
};
use backend::{
    Ctx, Failure, jobs,
    letters::{self, LetterRefusal, ManifestKind, Order},
    municipality, residents,
};
use domain::letters::{
    content::{PrintOptions, Separators},
    template::{Occasion, Template},
};

db_tests!(
    templates_have_versions_and_batches_keep_theirs,
    a_batch_becomes_files,
    a_withdrawn_letter_does_not_shift_the_files,
    an_address_that_does_not_fit_is_said_before,
);

async fn templates_have_versions_and_batches_keep_theirs(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (first, version) = letters::template(&ctx, OFFICER, Occasion::First).await.unwrap();
    assert_eq!((first.clone(), version), (Template::default(), 0));
    let new = Template {
        subject: "Neuer Betreff für {kommune}".into(),
        ..first
    };
    let save = |version| letters::save_template(&ctx, OFFICER, Occasion::First, new.clone(), version);
    assert_eq!(
        letters::save_template(&ctx, LETTER_OFFICER, Occasion::First, new.clone(), 0).await,
        Err(Failure::Denied)
    );
    save(0).await.unwrap();
    // somebody else saved in between
    assert_eq!(save(0).await, Err(Failure::Refused(municipality::Refusal::Stale)));
    let (batch, _) = kit::make_letters(&ctx).await;
    save(1).await.unwrap();
    let line = letters::batch(&ctx, OFFICER, batch).await.unwrap();
    assert_eq!((line.occasion.as_str(), line.template_version), ("first", 1));
    let versions = letters::template_versions(&ctx, OFFICER, Occasion::First)
        .await
        .unwrap();
    assert_eq!(
        versions
            .iter()
            .map(|v| (v.version, v.batches))
            .collect::<Vec<_>>(),
        [(2, 0), (1, 1)]
    );
    assert_eq!(
        letters::template_version(&ctx, OFFICER, Occasion::First, 1).await,
        Ok(new)
    );
    // the file is the one of the first pass, although the template has changed since
    load(&ctx, batch, 1).await;
}

async fn a_batch_becomes_files(ctx: Ctx) {
    people(&ctx, 25).await;
    let order = Order {
        print: PrintOptions {
            part_letters: 10,
            separators: Separators::Postcode,
            ..PrintOptions::default()
        },
        ..Order::from(&EVERYBODY)
    };
    let batch = letters::create_batch(&ctx, OFFICER, &order).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let parts = letters::parts(&ctx, OFFICER, batch).await.unwrap();
    let counts: Vec<(i64, i64, i64, i64)> = parts
        .iter()
        .map(|p| (p.letters, p.sheets, p.first_position, p.last_position))
        .collect();
    // each file begins with a sheet that says which postcode follows
    assert_eq!(counts, [(10, 11, 1, 10), (10, 11, 11, 20), (5, 6, 21, 25)]);
    let early = letters::mark_posted(&ctx, OFFICER, batch, ctx.clock.now().date_naive()).await;
    load(&ctx, batch, 1).await;
    assert_eq!(early, Err(Failure::Refused(LetterRefusal::NotDownloaded)));
    // two of three files are not enough
    let early = letters::mark_posted(&ctx, OFFICER, batch, ctx.clock.now().date_naive()).await;
    assert_eq!(early, Err(Failure::Refused(LetterRefusal::NotDownloaded)));
    for part in &parts {
        let bytes = load(&ctx, batch, part.part).await;
        assert_eq!(backend::keys::hex(&backend::keys::sha256(&bytes)), part.sha256);
    }
    assert!(letters::download(&ctx, OFFICER, batch, 4).await.is_err());
    for kind in [ManifestKind::Xlsx, ManifestKind::Pdf] {
        let made = letters::manifest(&ctx, OFFICER, batch, kind, locales::Lang::parse("de"))
            .await
            .unwrap();
        assert!(made.bytes.len() > 1_000);
        if kind == ManifestKind::Pdf {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("manifest.pdf");
            std::fs::write(&path, &made.bytes).unwrap();
            let text = kit::pdf_text(&path);
            for part in &parts {
                for expected in [
                    &part.first_number,
                    &part.last_number,
                    &part.sha256[..32].to_owned(),
                ] {
                    assert!(text.contains(expected.as_str()), "{expected}\n{text}");
                }
            }
            assert!(!text.contains("Muster"), "no names in a manifest");
        }
        assert!(
            letters::manifest(&ctx, CLERK, batch, kind, locales::Lang::parse("de"))
                .await
                .is_err()
        );
    }
    letters::mark_posted(&ctx, OFFICER, batch, ctx.clock.now().date_naive())
        .await
        .unwrap();
}

async fn a_withdrawn_letter_does_not_shift_the_files(ctx: Ctx) {
    people(&ctx, 9).await;
    let order = Order {
        print: PrintOptions {
            part_letters: 3,
            ..PrintOptions::default()
        },
        ..Order::from(&EVERYBODY)
    };
    let batch = letters::create_batch(&ctx, OFFICER, &order).await.unwrap();
    jobs::run_due(&ctx).await.unwrap();
    let all = residents::search(&ctx, OFFICER, &residents::Search::default())
        .await
        .unwrap();
    // the whole second file and one letter of the first are withdrawn
    for name in [1, 3, 4, 5].map(muster) {
        let person = all.iter().find(|p| p.family_name == name).unwrap().id;
        let page = residents::show(&ctx, OFFICER, person).await.unwrap();
        letters::revoke(&ctx, OFFICER, page.letters[0].id).await.unwrap();
    }
    jobs::run_due(&ctx).await.unwrap();
    let parts = letters::parts(&ctx, OFFICER, batch).await.unwrap();
    let mut letters_in = 0;
    for part in &parts {
        load(&ctx, batch, part.part).await;
        letters_in += part.letters;
    }
    assert_eq!(letters_in, 5);
}

async fn an_address_that_does_not_fit_is_said_before(ctx: Ctx) {
    kit::town(&ctx, &[]).await;
    let long = (
        "Wilhelmine-Schimmelpfennig-Freudenreich",
        "Maximiliane-Wilhelmine",
        "02.01.1970",
        "12",
    );
    // the check of the list has asked, and somebody took the row all the same
    let list = residents::upload(&ctx, OFFICER, "liste.csv", kit::list(&[long]))
        .await
        .unwrap();
    residents::lists::decide_row(&ctx, OFFICER, list, 2, 1, Some(residents::lists::Decision::Take))
        .await
        .unwrap();
    residents::lists::take_over(&ctx, OFFICER, list).await.unwrap();
    let person = only_person(&ctx).await;
    let refused = letters::create_batch(&ctx, OFFICER, &EVERYBODY).await;
    let Err(Failure::Refused(LetterRefusal::AddressTooLong(people))) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(people[0].0, person);
    assert_eq!(letters::batches(&ctx, OFFICER).await.unwrap().len(), 0);
}
