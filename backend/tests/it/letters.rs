//! Batches: two passes, sealing, replacing, withdrawing.

use crate::kit::{self, ADMINISTRATOR, CLERK, ERIKA, JAN, OFFICER, db_tests};
use backend::{
    Ctx, Failure,
    letters::{self, LetterRefusal, Selection},
    municipality,
    registration::{self, Code},
    residents,
};
use domain::letters::{
    state::NewLetterReason,
    template::{Occasion, Template},
};
use domain::{municipality::RegistrationMethod, registration::Refusal};
use futures::StreamExt;
use std::process::Command;

db_tests!(
    the_second_pass_is_the_first,
    posting_seals_and_starts_validity,
    sealing_comes_by_itself,
    a_new_letter_replaces_the_old_one,
    a_discarded_batch_is_withdrawn,
    nothing_to_do_is_said,
    two_officers_at_once,
    a_crash_in_the_middle_is_finished_later,
);

async fn file(ctx: &Ctx, batch: uuid::Uuid) -> Vec<u8> {
    let mut download = letters::download(ctx, OFFICER, batch, 1).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = download.stream.next().await {
        bytes.extend(piece.unwrap());
    }
    assert_eq!(bytes.len() as u64, download.bytes);
    bytes
}

async fn the_second_pass_is_the_first(ctx: Ctx) {
    // letters that many fonts and encodings lack, one of them only as a sequence (DIN 91379)
    let ngoc = ("Nguyễn-Łaş", "M̂gọc", "05.06.1992", "20");
    kit::town(&ctx, &[ERIKA, JAN, ngoc]).await;
    let (batch, codes) = kit::make_letters(&ctx).await;
    let line = letters::batch(&ctx, OFFICER, batch).await.unwrap();
    assert_eq!((line.state.as_str(), line.done, line.failure), ("ready", 3, None));
    let first = file(&ctx, batch).await;
    assert_eq!(first, file(&ctx, batch).await);
    let hash = line.sha256.unwrap();
    assert_eq!(backend::keys::hex(&backend::keys::sha256(&first)), hash);

    // what other programs read from the file
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters.pdf");
    std::fs::write(&path, &first).unwrap();
    let text = Command::new("pdftotext")
        .arg("-layout")
        .arg(&path)
        .arg("-")
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    for expected in [
        "Erika Müller",
        "Jan Šťastný",
        "Ringstraße 13 a",
        "01945 Lindenau",
        "Guten Tag Erika Müller,",
        "M̂gọc Nguyễn-Łaş",
        &codes[0].1,
        &codes[1].1,
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let check = Command::new("qpdf").arg("--check").arg(&path).output().unwrap();
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );
    assert!(matches!(
        letters::download(&ctx, CLERK, batch, 1).await,
        Err(Failure::Denied)
    ));
}

async fn posting_seals_and_starts_validity(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (batch, codes) = kit::make_letters(&ctx).await;
    let code = Code::parse(&codes[0].0).unwrap();
    // half past midnight in Germany is still the day before in UTC: the day on the wall counts
    let now = ctx.clock.now();
    let midnight = domain::time::end_of_day(domain::time::local(now).date()).unwrap();
    ctx.clock.advance(midnight - now + chrono::Duration::minutes(30));
    let today = domain::time::local(ctx.clock.now()).date();
    assert_ne!(today, ctx.clock.now().date_naive());
    let tomorrow = today.succ_opt().unwrap();
    assert_eq!(
        letters::mark_posted(&ctx, OFFICER, batch, tomorrow).await,
        Err(Failure::Refused(LetterRefusal::PostingDay))
    );
    let early = letters::mark_posted(&ctx, OFFICER, batch, today).await;
    assert_eq!(early, Err(Failure::Refused(LetterRefusal::NotDownloaded)));
    file(&ctx, batch).await;
    letters::mark_posted(&ctx, OFFICER, batch, today).await.unwrap();
    assert!(matches!(
        letters::download(&ctx, OFFICER, batch, 1).await,
        Err(Failure::Refused(LetterRefusal::WrongState))
    ));
    assert_eq!(letters::reveal(&ctx, batch, 1).await, Err(Failure::Denied));
    assert!(registration::prove(&ctx, &kit::visitor(), &code).await.is_ok());
    ctx.clock.advance(chrono::Duration::days(30));
    assert!(registration::prove(&ctx, &kit::visitor(), &code).await.is_ok());
    ctx.clock.advance(chrono::Duration::days(2));
    let late = registration::prove(&ctx, &kit::visitor(), &code).await;
    assert!(matches!(
        late,
        Err(Failure::Refused(Refusal::Expired { at: Some(_) }))
    ));
    assert_eq!(letters::counts(&ctx, CLERK).await.unwrap().expired, 1);
}

async fn sealing_comes_by_itself(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (batch, _) = kit::make_letters(&ctx).await;
    file(&ctx, batch).await;
    ctx.clock.advance(chrono::Duration::days(13));
    backend::jobs::sweep(&ctx).await.unwrap();
    assert_eq!(letters::batch(&ctx, OFFICER, batch).await.unwrap().state, "ready");
    ctx.clock.advance(chrono::Duration::days(2));
    backend::jobs::sweep(&ctx).await.unwrap();
    assert_eq!(
        letters::batch(&ctx, OFFICER, batch).await.unwrap().state,
        "sealed"
    );
    assert_eq!(letters::reveal(&ctx, batch, 1).await, Err(Failure::Denied));
    // nobody reported the posting: the letters end all the same, and then a new one can be made
    assert_eq!(letters::count_waiting(&ctx, OFFICER, "").await, Ok(0));
    ctx.clock.advance(chrono::Duration::days(31));
    assert_eq!(letters::counts(&ctx, CLERK).await.unwrap().expired, 1);
    assert_eq!(letters::count_waiting(&ctx, OFFICER, "").await, Ok(1));
    let (_, codes) = kit::make_letters(&ctx).await;
    assert!(
        registration::prove(&ctx, &kit::visitor(), &Code::parse(&codes[0].0).unwrap())
            .await
            .is_ok()
    );
    // posting can still be reported afterwards
    assert!(
        letters::mark_posted(&ctx, OFFICER, batch, ctx.clock.now().date_naive())
            .await
            .is_ok()
    );
}

async fn a_new_letter_replaces_the_old_one(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (_, old) = kit::make_letters(&ctx).await;
    let person = residents::search(&ctx, CLERK, &residents::Search::default())
        .await
        .unwrap()[0]
        .id;
    let batch = letters::create_batch(&ctx, OFFICER, &Selection::One(person, NewLetterReason::Request))
        .await
        .unwrap();
    backend::jobs::run_due(&ctx).await.unwrap();
    let new = letters::reveal(&ctx, batch, 1).await.unwrap();
    let try_code =
        async |text: &str| registration::prove(&ctx, &kit::visitor(), &Code::parse(text).unwrap()).await;
    for text in [&old[0].0, &old[0].1] {
        assert!(matches!(
            try_code(text).await,
            Err(Failure::Refused(Refusal::Replaced { .. }))
        ));
    }
    assert_eq!(try_code(&new[0].0).await.unwrap().name, "Erika M…");
    let page = residents::show(&ctx, CLERK, person).await.unwrap();
    let states: Vec<(i64, &str)> = page.letters.iter().map(|l| (l.issue, l.state.as_str())).collect();
    assert_eq!(states, [(2, "open"), (1, "replaced")]);
}

async fn a_discarded_batch_is_withdrawn(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let (batch, codes) = kit::make_letters(&ctx).await;
    letters::discard(&ctx, OFFICER, batch).await.unwrap();
    let code = Code::parse(&codes[0].1).unwrap();
    assert_eq!(
        registration::prove(&ctx, &kit::visitor(), &code).await,
        Err(Failure::Refused(Refusal::Revoked))
    );
    assert_eq!(
        letters::discard(&ctx, OFFICER, batch).await,
        Err(Failure::Refused(LetterRefusal::WrongState))
    );
    // the person waits again and gets issue 2
    let (_, codes) = kit::make_letters(&ctx).await;
    assert!(
        registration::prove(&ctx, &kit::visitor(), &Code::parse(&codes[0].1).unwrap())
            .await
            .is_ok()
    );
}

async fn nothing_to_do_is_said(ctx: Ctx) {
    let all = Selection::Waiting {
        district: String::new(),
    };
    assert_eq!(
        letters::create_batch(&ctx, OFFICER, &all).await,
        Err(Failure::Refused(LetterRefusal::Nobody))
    );
    kit::town(&ctx, &[ERIKA]).await;
    assert_eq!(
        letters::create_batch(&ctx, CLERK, &all).await,
        Err(Failure::Denied)
    );
    let mut settings = backend::demo::settings();
    settings.residents_register = RegistrationMethod::Open;
    municipality::save(&ctx, ADMINISTRATOR, settings.clone(), 1)
        .await
        .unwrap();
    assert_eq!(
        letters::create_batch(&ctx, OFFICER, &all).await,
        Err(Failure::Refused(LetterRefusal::MethodOff))
    );
    settings.residents_register = RegistrationMethod::Letter;
    municipality::save(&ctx, ADMINISTRATOR, settings, 2)
        .await
        .unwrap();
    // what does not fit on the paper is not even saved
    let long = Template {
        body: "Zu lang.\n\n".repeat(60),
        ..Template::default()
    };
    let refused = letters::save_template(&ctx, OFFICER, Occasion::First, long, 0).await;
    let Err(Failure::Refused(municipality::Refusal::Problems(problems))) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(problems.0[0].code, "problem-letter-too-long");
    assert_eq!(letters::count_waiting(&ctx, OFFICER, "").await, Ok(1));
}

async fn two_officers_at_once(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    let all = Selection::Waiting {
        district: String::new(),
    };
    let (a, b) = tokio::join!(
        letters::create_batch(&ctx, OFFICER, &all),
        letters::create_batch(&ctx, OFFICER, &all)
    );
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    assert_eq!(letters::counts(&ctx, CLERK).await.unwrap().open, 2);
}

async fn a_crash_in_the_middle_is_finished_later(ctx: Ctx) {
    let people: Vec<(String, String)> = (0..900)
        .map(|i| {
            (
                format!("{:02}.{:02}.{}", i % 28 + 1, i / 28 % 12 + 1, 1950 + i / 336),
                i.to_string(),
            )
        })
        .collect();
    let people: Vec<(&str, &str, &str, &str)> = people
        .iter()
        .map(|(born, h)| ("Muster", "Kim", born.as_str(), h.as_str()))
        .collect();
    kit::town(&ctx, &people).await;
    let all = Selection::Waiting {
        district: String::new(),
    };
    let batch = letters::create_batch(&ctx, OFFICER, &all).await.unwrap();
    {
        // the worker dies at its first await that takes longer than this
        let running = backend::jobs::run_due(&ctx);
        let _ = tokio::time::timeout(std::time::Duration::from_millis(40), running).await;
    }
    // its lease runs out, another worker takes over
    ctx.clock.advance(chrono::Duration::minutes(5));
    backend::jobs::run_due(&ctx).await.unwrap();
    let line = letters::batch(&ctx, OFFICER, batch).await.unwrap();
    assert_eq!((line.state.as_str(), line.done), ("ready", 900));
    let pages = file(&ctx, batch)
        .await
        .windows(11)
        .filter(|w| w == b"/Type/Page/")
        .count();
    // front and back
    assert_eq!(pages, 1_800);
}
