//! Letters made on the town's own computer: the portal learns no name before somebody registers.

use crate::kit::{self, ADMINISTRATOR, ERIKA, JAN, LETTER_OFFICER, OFFICER, db_tests};
use backend::{
    Ctx, Failure,
    keys::Key,
    letters::{
        self,
        outside::{self, Answer, AnswerRefusal, Job},
        returns::{self, Noted},
    },
    municipality,
    registration::{self, Claim, Code},
    residents,
};
use domain::{letters::state::ReturnReason, registration::Refusal};
use std::path::Path;

db_tests!(
    nobody_is_in_the_portal_before_registering,
    a_second_job_replaces_the_first,
    the_portal_knows_better,
    wrong_answers_are_refused,
);

/// The town's computer: knows the job as a file, the list, and its own key. The answer as a file, and the PDF.
fn town_computer(job: &[u8], list: &[u8], key: &Key) -> (Vec<u8>, Vec<u8>) {
    let job: Job = serde_json::from_slice(job).unwrap();
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let (people, left_out) = outside::people(list, today).unwrap();
    assert_eq!(left_out, 0);
    let mut pdf = Vec::new();
    let made = outside::make_offline(&job, &people, key, &mut pdf, |_| {}).unwrap();
    assert_eq!(made.without_number, 0);
    (serde_json::to_vec(&made.answer).unwrap(), pdf)
}

async fn reserve(ctx: &Ctx, count: i64) -> (uuid::Uuid, Vec<u8>) {
    let batch = outside::reserve(ctx, OFFICER, count).await.unwrap();
    let job = outside::job_file(ctx, OFFICER, batch).await.unwrap();
    (batch, serde_json::to_vec(&job).unwrap())
}

/// User IDs and links that people read from the printed letters, in order.
fn printed(pdf: &[u8]) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters.pdf");
    std::fs::write(&path, pdf).unwrap();
    let text = kit::pdf_text(&path);
    let ids: Vec<String> = text
        .split_whitespace()
        .filter(|w| w.len() == 19 && w.chars().filter(|c| *c == '-').count() == 3)
        .map(str::to_owned)
        .collect();
    ids.into_iter()
        .enumerate()
        .map(|(i, id)| (id, scan(&path, i * 2 + 1)))
        .collect()
}

/// The link in the large QR code of a page, as a phone reads it.
pub(crate) fn scan(pdf: &Path, page: usize) -> String {
    let picture = pdf.with_file_name("page");
    let done = std::process::Command::new("pdftoppm")
        .args(["-gray", "-r", "150", "-singlefile", "-f", &page.to_string()])
        .arg(pdf)
        .arg(&picture)
        .status()
        .unwrap();
    assert!(done.success());
    let bytes = std::fs::read(picture.with_extension("pgm")).unwrap();
    let mut head = bytes.splitn(4, |b| b.is_ascii_whitespace());
    assert_eq!(head.next(), Some(b"P5".as_slice()));
    let mut number = || {
        std::str::from_utf8(head.next().unwrap())
            .unwrap()
            .parse::<usize>()
            .unwrap()
    };
    let (width, height) = (number(), number());
    let pixels = &bytes[bytes.len() - width * height..];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    image
        .detect_grids()
        .into_iter()
        .filter_map(|g| g.decode().ok())
        .map(|(_, text)| text)
        .find(|t| t.starts_with("http"))
        .unwrap()
}

fn claim() -> Claim {
    Claim {
        password: "korrekt-pferd-batterie".into(),
        consent: true,
        ..Claim::default()
    }
}

async fn nobody_is_in_the_portal_before_registering(ctx: Ctx) {
    kit::town(&ctx, &[]).await;
    let list = kit::list(&[ERIKA, JAN]);
    assert_eq!(
        outside::reserve(&ctx, LETTER_OFFICER, 5).await,
        Err(Failure::Denied)
    );
    let (batch, job) = reserve(&ctx, 5).await;
    let (answer, pdf) = town_computer(&job, &list, &Key::random());
    for word in ["Müller", "Erika", "Ringstra", "Šťastný", "01945"] {
        assert!(
            !String::from_utf8_lossy(&answer).contains(word),
            "{word} is in the answer"
        );
    }
    let letters_printed = printed(&pdf);
    assert_eq!(letters_printed.len(), 2);
    let typed = Code::parse(&letters_printed[0].0).unwrap();
    let scanned = Code::parse(&letters_printed[1].1).unwrap();
    let visitor = kit::visitor();
    // before the answer is there, the codes are unknown
    assert_eq!(
        registration::prove(&ctx, &visitor, &typed).await,
        Err(Failure::Refused(Refusal::NotProven))
    );
    outside::take_answer(&ctx, OFFICER, batch, &answer).await.unwrap();
    assert!(
        residents::search(&ctx, OFFICER, &residents::Search::default())
            .await
            .unwrap()
            .is_empty()
    );
    let line = letters::batch(&ctx, OFFICER, batch).await.unwrap();
    assert_eq!(
        (line.letters, line.offline, line.state.as_str()),
        (2, true, "sealed")
    );
    letters::mark_posted(&ctx, OFFICER, batch, ctx.clock.now().date_naive())
        .await
        .unwrap();
    // each way opens the name, and only with the right secret
    assert_eq!(
        registration::prove(&ctx, &visitor, &typed).await.unwrap().name,
        "Erika M…"
    );
    assert_eq!(
        registration::prove(&ctx, &visitor, &scanned).await.unwrap().name,
        "Jan Š…"
    );
    for code in [typed, scanned] {
        registration::redeem(&ctx, &visitor, &code, &claim(), None)
            .await
            .unwrap();
        assert!(matches!(
            registration::redeem(&ctx, &visitor, &code, &claim(), None).await,
            Err(Failure::Refused(registration::RedeemRefusal::Letter(
                Refusal::Used { .. }
            )))
        ));
    }
    let people = residents::search(&ctx, OFFICER, &residents::Search::default())
        .await
        .unwrap();
    assert_eq!(
        people
            .iter()
            .map(|p| (p.family_name.as_str(), p.registered))
            .collect::<Vec<_>>(),
        [("Müller", true), ("Šťastný", true)]
    );
    // an unused number was given back
    let (_, job) = reserve(&ctx, 1).await;
    assert_eq!(serde_json::from_slice::<Job>(&job).unwrap().numbers.len(), 1);
}

async fn a_second_job_replaces_the_first(ctx: Ctx) {
    kit::town(&ctx, &[]).await;
    let key = Key::random();
    let list = kit::list(&[ERIKA, JAN]);
    let visitor = kit::visitor();
    let mut codes = Vec::new();
    for _ in 0..2 {
        let (batch, job) = reserve(&ctx, 2).await;
        let (answer, pdf) = town_computer(&job, &list, &key);
        outside::take_answer(&ctx, OFFICER, batch, &answer).await.unwrap();
        letters::mark_posted(&ctx, OFFICER, batch, ctx.clock.now().date_naive())
            .await
            .unwrap();
        codes.push(printed(&pdf));
        if codes.len() == 1 {
            // Erika registers with her first letter
            let code = Code::parse(&codes[0][0].1).unwrap();
            registration::redeem(&ctx, &visitor, &code, &claim(), None)
                .await
                .unwrap();
        }
        ctx.clock.advance(chrono::Duration::days(1));
    }
    // Jan's first letter is dead
    let old = registration::prove(&ctx, &visitor, &Code::parse(&codes[0][1].1).unwrap()).await;
    assert!(matches!(old, Err(Failure::Refused(Refusal::Replaced { .. }))));
    // Erika's second letter opens her account again: no second account
    let again = Code::parse(&codes[1][0].1).unwrap();
    registration::redeem(&ctx, &visitor, &again, &claim(), None)
        .await
        .unwrap();
    let people = residents::search(&ctx, OFFICER, &residents::Search::default())
        .await
        .unwrap();
    assert_eq!(people.len(), 1, "{people:?}");
    // a letter that comes back dies by its number alone
    let number = letter_number(&ctx, &codes[1][1].1).await;
    assert_eq!(
        returns::note_return(&ctx, OFFICER, &number, ReturnReason::Moved).await,
        Ok((number, Noted::Returned))
    );
    let dead = registration::prove(&ctx, &visitor, &Code::parse(&codes[1][1].0).unwrap()).await;
    assert_eq!(dead, Err(Failure::Refused(Refusal::Returned)));
}

/// The printed number of the letter with this link, as the portal knows it: of the second batch's second letter.
async fn letter_number(ctx: &Ctx, _link: &str) -> String {
    let newest = letters::batches(ctx, OFFICER).await.unwrap()[0].id;
    letters::parts(ctx, OFFICER, newest).await.unwrap()[0]
        .last_number
        .clone()
}

/// Letters of the town's computer for a town whose portal has the register, too.
async fn the_portal_knows_better(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA, JAN]).await;
    let visitor = kit::visitor();
    let (_, own) = kit::make_letters(&ctx).await;
    let (batch, job) = reserve(&ctx, 2).await;
    let (answer, pdf) = town_computer(&job, &kit::list(&[ERIKA, JAN]), &Key::random());
    outside::take_answer(&ctx, OFFICER, batch, &answer).await.unwrap();
    let codes = printed(&pdf);
    let code = |n: usize| Code::parse(&codes[n].1).unwrap();
    // Erika registers with the portal's letter: the other one must not open her account
    let first = Code::parse(&own[0].0).unwrap();
    registration::redeem(&ctx, &visitor, &first, &claim(), None)
        .await
        .unwrap();
    let refused = registration::redeem(&ctx, &visitor, &code(0), &claim(), None).await;
    assert!(
        matches!(
            refused,
            Err(Failure::Refused(registration::RedeemRefusal::Letter(
                Refusal::Revoked
            )))
        ),
        "{refused:?}"
    );
    // Jan has an open letter of the portal: it ends when he uses the other one
    registration::redeem(&ctx, &visitor, &code(1), &claim(), None)
        .await
        .unwrap();
    let late = registration::prove(&ctx, &visitor, &Code::parse(&own[1].0).unwrap()).await;
    assert!(matches!(late, Err(Failure::Refused(Refusal::Replaced { .. }))));
    // nobody has reported the posting: the letters end all the same, and what was sealed is emptied
    ctx.clock.advance(chrono::Duration::days(60));
    let old = registration::prove(&ctx, &visitor, &code(0)).await;
    assert!(matches!(old, Err(Failure::Refused(Refusal::Expired { .. }))));
    backend::jobs::sweep(&ctx).await.unwrap();
}

async fn wrong_answers_are_refused(ctx: Ctx) {
    kit::town(&ctx, &[]).await;
    let (batch, job) = reserve(&ctx, 2).await;
    let (other, _) = reserve(&ctx, 2).await;
    let (answer, _) = town_computer(&job, &kit::list(&[ERIKA, JAN]), &Key::random());
    let take = async |id, bytes: &[u8]| outside::take_answer(&ctx, OFFICER, id, bytes).await;
    let refused = |r| Err(Failure::Refused(r));
    assert_eq!(take(batch, b"{}").await, refused(AnswerRefusal::Damaged));
    assert_eq!(take(other, &answer).await, refused(AnswerRefusal::OtherJob));
    let edit = |change: fn(&mut Answer)| {
        let mut answer: Answer = serde_json::from_slice(&answer).unwrap();
        change(&mut answer);
        serde_json::to_vec(&answer).unwrap()
    };
    for (change, reason) in [
        (
            (|a| a.letters[0].lookup += 1) as fn(&mut Answer),
            AnswerRefusal::Numbers,
        ),
        (
            |a| a.letters[1].lookup = a.letters[0].lookup,
            AnswerRefusal::Numbers,
        ),
        (
            |a| a.letters[1].person = a.letters[0].person.clone(),
            AnswerRefusal::Numbers,
        ),
        (|a| a.letters[0].qr_mac = "AAAA".into(), AnswerRefusal::Damaged),
        (|a| a.letters[0].person = "x".repeat(32), AnswerRefusal::Damaged),
        (|a| a.letters[0].by_qr = "A".repeat(8_000), AnswerRefusal::Damaged),
        (|a| a.letters.clear(), AnswerRefusal::Damaged),
    ] {
        assert_eq!(take(batch, &edit(change)).await, refused(reason));
    }
    assert_eq!(
        outside::take_answer(&ctx, ADMINISTRATOR, batch, &answer).await,
        Err(Failure::Denied)
    );
    take(batch, &answer).await.unwrap();
    assert_eq!(take(batch, &answer).await, refused(AnswerRefusal::WrongState));
    assert!(outside::job_file(&ctx, OFFICER, batch).await.is_err());
    // a job that will not come
    letters::discard(&ctx, OFFICER, other).await.unwrap();
    assert!(outside::job_file(&ctx, OFFICER, other).await.is_err());
    assert!(municipality::current(&ctx).await.is_ok());
}
