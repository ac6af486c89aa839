//! Cases: requests, questions back, decisions, pictures that go away, and who may see what.

use crate::kit::{self, ADMINISTRATOR, ERIKA, JAN, db_tests};
use backend::{
    Ctx, Failure,
    accounts::{self, SignedIn},
    audit,
    cases::{self, BeginRefusal, Decision, DeskRefusal, DocumentProblem, PictureProblem, Proof, Written},
    jobs, mail, municipality,
    registration::{self, Claim, Code},
    residents,
};
use chrono::Duration;
use domain::{
    access::{Actor, Role},
    cases::{CaseKind, CaseState, EntryKind, Outcome, Request},
};
use uuid::Uuid;

db_tests!(
    a_new_name_is_checked_and_approved,
    a_question_back_is_a_task,
    a_stale_view_decides_nothing,
    two_clerks_decide_at_the_same_moment,
    two_devices_answer_the_same_task,
    pictures_go_away,
    bad_pictures_are_refused,
    only_confirmed_people_ask_for_a_change,
    messages_are_cases_too,
    the_register_has_the_last_word,
    nobody_sees_the_case_of_somebody_else,
    documents_go_both_ways,
);

pub(crate) const PASSWORD: &str = "Sieben Zwerge im Wald";

/// A resident with a redeemed letter.
pub(crate) async fn resident(ctx: &Ctx, which: usize) -> SignedIn {
    residents_of(ctx).await.remove(which)
}

pub(crate) async fn residents_of(ctx: &Ctx) -> Vec<SignedIn> {
    kit::town(ctx, &[ERIKA, JAN]).await;
    let (_, codes) = kit::make_letters(ctx).await;
    let mut people = Vec::new();
    for (qr, _) in codes {
        let claim = Claim {
            password: "grüner Tee um vier".into(),
            email: String::new(),
            consent: true,
            birth_date: None,
            name: String::new(),
        };
        let code = Code::parse(&qr).unwrap();
        let made = registration::redeem(ctx, &kit::visitor(), &code, &claim, None)
            .await
            .unwrap();
        let who = accounts::session(ctx, &made.session.unwrap())
            .await
            .unwrap()
            .unwrap();
        people.push(who);
    }
    people
}

/// Erika once more, from another device.
pub(crate) async fn signed_in_again(ctx: &Ctx) -> SignedIn {
    let officer = kit::OFFICER;
    let search = residents::Search {
        words: "Müller".into(),
        ..residents::Search::default()
    };
    let id = residents::search(ctx, officer, &search).await.unwrap()[0].id;
    let letters = residents::show(ctx, officer, id).await.unwrap().letters;
    accounts::sign_in(
        ctx,
        &kit::visitor(),
        &letters[0].letter_number,
        "grüner Tee um vier",
    )
    .await
    .unwrap()
    .signed_in()
    .unwrap()
    .1
}

pub(crate) async fn staff(ctx: &Ctx, name: &str, role: Role) -> Actor {
    let email = format!("{}@lindenau.example", name.to_lowercase().replace(' ', "."));
    let account = accounts::add_staff(ctx, ADMINISTRATOR, name, &email, role, PASSWORD)
        .await
        .unwrap();
    Actor::staff(account, role)
}

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([200, 210, 220]));
    image::DynamicImage::from(picture)
        .write_to(&mut out, image::ImageFormat::Png)
        .unwrap();
    out.into_inner()
}

/// Erika wants to be called Schulz.
pub(crate) async fn request(ctx: &Ctx, who: &SignedIn) -> Request {
    cases::begin_values(ctx, who, CaseKind::ProfileChange)
        .await
        .unwrap()
        .unwrap()
        .with("family_name", "Schulz")
        .with("reason", "Heirat")
}

pub(crate) async fn sent(ctx: &Ctx, who: &SignedIn) -> Uuid {
    let request = request(ctx, who).await;
    let id = cases::begin(ctx, who, CaseKind::ProfileChange, &request)
        .await
        .unwrap();
    cases::submit_with_picture(ctx, who, id, png(600, 400), false, "Ich bin einverstanden")
        .await
        .unwrap();
    id
}

pub(crate) fn yes(typed: &str) -> Decision {
    Decision {
        outcome: Outcome::Approved,
        text: String::new(),
        typed: typed.into(),
    }
}

pub(crate) async fn version(ctx: &Ctx, actor: Actor, id: Uuid) -> i64 {
    cases::open(ctx, actor, id).await.unwrap().case.version
}

async fn a_new_name_is_checked_and_approved(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let clerk = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let nothing = cases::begin_values(&ctx, &erika, CaseKind::ProfileChange)
        .await
        .unwrap()
        .unwrap()
        .with("reason", "nur so");
    let same = cases::begin(&ctx, &erika, CaseKind::ProfileChange, &nothing).await;
    assert!(
        matches!(same, Err(Failure::Refused(BeginRefusal::Problems(p))) if p.0[0].code == "profile-nothing-new")
    );
    let id = sent(&ctx, &erika).await;
    let page = cases::open(&ctx, clerk, id).await.unwrap();
    assert_eq!(
        (page.case.state, page.case.proof),
        (CaseState::Submitted, Proof::Picture)
    );
    assert_eq!(page.decisive.map(|d| d.key()), Some("family-name"));
    assert_eq!(page.entries[0].body.consent, "Ich bin einverstanden");
    // a second request is the same request
    let other = request(&ctx, &erika).await.with("family_name", "Meier");
    let second = cases::begin(&ctx, &erika, CaseKind::ProfileChange, &other).await;
    assert_eq!(second, Err(Failure::Refused(BeginRefusal::Open(id))));
    // the clerk looks, types something else, then what is there
    let picture = cases::picture(&ctx, clerk, id, page.files[0].id).await.unwrap();
    assert!(picture.starts_with(&[0xFF, 0xD8]));
    let v = version(&ctx, clerk, id).await;
    for (typed, code) in [("", "problem-required"), ("Müller", "decisive-differs")] {
        let wrong = cases::decide(&ctx, clerk, id, v, &yes(typed)).await;
        assert!(matches!(wrong, Err(Failure::Refused(DeskRefusal::Problems(p))) if p.0[0].code == code));
    }
    assert_eq!(
        cases::decide(&ctx, clerk, id, v, &yes("Schulz")).await,
        Ok(Written::Done)
    );
    let overview = accounts::overview(&ctx, &erika).await.unwrap();
    assert_eq!(overview.name, "Erika Schulz");
    assert!(overview.evidence.iter().any(|e| e.kind.key() == "id_document"));
    // the applicant sees who looked, and that the picture is gone
    let own = cases::own_case(&ctx, &erika, id).await.unwrap();
    let kinds: Vec<EntryKind> = own.entries.iter().map(|e| e.kind).collect();
    assert_eq!(
        kinds,
        [
            EntryKind::Submission,
            EntryKind::View,
            EntryKind::Decision,
            EntryKind::Deleted
        ]
    );
    assert_eq!(own.entries[1].author.as_deref(), Some("Carla Clerk"));
    assert_eq!(own.entries[3].body.sha256, own.files[0].sha256);
    assert_eq!(cases::stored_pictures(&ctx).await.unwrap(), 0);
    assert_eq!(
        cases::picture(&ctx, clerk, id, own.files[0].id).await,
        Err(Failure::Denied)
    );
    // decided is decided
    let v = version(&ctx, clerk, id).await;
    let again = cases::decide(&ctx, clerk, id, v, &yes("Schulz")).await;
    assert_eq!(again, Err(Failure::Refused(DeskRefusal::State)));
    assert!(audit::verify(&ctx).await.unwrap().is_ok());
    let log = audit::list(&ctx, kit::AUDITOR, "cases", None, 100).await.unwrap();
    for action in ["cases.submit", "cases.view-picture", "cases.decide"] {
        assert!(log.iter().any(|e| e.action == action), "{action}");
    }
    assert!(log.iter().all(|e| !e.detail.contains("Schulz")));
}

async fn a_question_back_is_a_task(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let clerk = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let id = sent(&ctx, &erika).await;
    let v = version(&ctx, clerk, id).await;
    let fields = [
        "family_name".to_owned(),
        "picture".to_owned(),
        "nonsense".to_owned(),
    ];
    cases::ask(&ctx, clerk, id, v, "Der Name ist nicht zu lesen.", &fields)
        .await
        .unwrap();
    let own = cases::own_case(&ctx, &erika, id).await.unwrap();
    let task = own.task.unwrap();
    assert_eq!(task.body.fields, ["family_name", "picture"]);
    // only what was asked changes, and the picture is needed
    let typed = Request::default()
        .with("family_name", "Schultz")
        .with("street", "Schlossallee");
    let missing = cases::answer(&ctx, &erika, id, &typed, "", None, "ja").await;
    assert_eq!(
        missing,
        Err(Failure::Refused(BeginRefusal::Picture(PictureProblem::Missing)))
    );
    let empty = Request::default().with("family_name", "");
    let upload = Some((png(300, 200), false));
    let problem = cases::answer(&ctx, &erika, id, &empty, "", upload.clone(), "ja").await;
    assert!(matches!(
        problem,
        Err(Failure::Refused(BeginRefusal::Problems(_)))
    ));
    cases::answer(&ctx, &erika, id, &typed, "Jetzt besser?", upload, "ja")
        .await
        .unwrap();
    let page = cases::open(&ctx, clerk, id).await.unwrap();
    assert_eq!(page.case.state, CaseState::InReview);
    assert_eq!(page.request.get("family_name"), "Schultz");
    assert_eq!(page.request.get("street"), "Ringstraße");
    assert_eq!(page.files.len(), 2);
    let last = page.entries.last().unwrap();
    assert_eq!((last.kind, last.unread), (EntryKind::Correction, true));
    let twice = cases::answer(&ctx, &erika, id, &typed, "", None, "").await;
    assert_eq!(twice, Err(Failure::Refused(BeginRefusal::State)));
}

async fn a_stale_view_decides_nothing(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let otto = staff(&ctx, "Otto Officer", Role::RegistryOfficer).await;
    let id = sent(&ctx, &erika).await;
    let seen = version(&ctx, carla, id).await;
    let page = cases::open(&ctx, otto, id).await.unwrap();
    assert_eq!(page.present, ["Carla Clerk"]);
    cases::note(&ctx, otto, id, seen, "Ich prüfe das Register.")
        .await
        .unwrap();
    let stale = cases::decide(&ctx, carla, id, seen, &yes("Schulz")).await;
    assert_eq!(stale, Err(Failure::Refused(DeskRefusal::Stale)));
    let (others, now) = cases::presence(&ctx, carla, id).await.unwrap();
    assert_eq!((others, now > seen), (vec!["Otto Officer".to_owned()], true));
    ctx.clock.advance(Duration::minutes(5));
    assert!(cases::presence(&ctx, carla, id).await.unwrap().0.is_empty());
    // the note is not for the applicant
    let own = cases::own_case(&ctx, &erika, id).await.unwrap();
    assert!(own.entries.iter().all(|e| !e.body.text.contains("Register")));
}

/// Both saw the same version; one yes counts, the other is told.
async fn two_clerks_decide_at_the_same_moment(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let otto = staff(&ctx, "Otto Officer", Role::RegistryOfficer).await;
    let id = sent(&ctx, &erika).await;
    let v = version(&ctx, carla, id).await;
    let no = Decision {
        outcome: Outcome::Rejected,
        text: "Das Bild ist unscharf.".into(),
        typed: String::new(),
    };
    let yes = yes("Schulz");
    let (a, b) = tokio::join!(
        cases::decide(&ctx, carla, id, v, &yes),
        cases::decide(&ctx, otto, id, v, &no)
    );
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let page = cases::open(&ctx, carla, id).await.unwrap();
    let decisions = page.entries.iter().filter(|e| e.kind == EntryKind::Decision);
    assert_eq!(decisions.count(), 1);
    let name = accounts::overview(&ctx, &erika).await.unwrap().name;
    assert_eq!(name == "Erika Schulz", a.is_ok());
}

async fn two_devices_answer_the_same_task(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let id = sent(&ctx, &erika).await;
    let v = version(&ctx, carla, id).await;
    cases::ask(&ctx, carla, id, v, "Welche Hausnummer?", &["house_number".into()])
        .await
        .unwrap();
    let answer = |number: &str| {
        let (ctx, who) = (ctx.clone(), erika.clone());
        let typed = Request::default().with("house_number", number);
        async move { cases::answer(&ctx, &who, id, &typed, "", None, "").await }
    };
    let (a, b) = tokio::join!(answer("14"), answer("15"));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let page = cases::open(&ctx, carla, id).await.unwrap();
    assert_eq!(
        page.request.get("house_number"),
        if a.is_ok() { "14" } else { "15" }
    );
    let corrections = page.entries.iter().filter(|e| e.kind == EntryKind::Correction);
    assert_eq!(corrections.count(), 1);
}

async fn pictures_go_away(ctx: Ctx) {
    let people = residents_of(&ctx).await;
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let withdrawn = sent(&ctx, &people[0]).await;
    let forgotten = sent(&ctx, &people[1]).await;
    assert_eq!(cases::stored_pictures(&ctx).await.unwrap(), 2);
    cases::withdraw(&ctx, &people[0], withdrawn).await.unwrap();
    assert_eq!(cases::stored_pictures(&ctx).await.unwrap(), 1);
    ctx.clock.advance(Duration::days(29));
    jobs::sweep(&ctx).await.unwrap();
    assert_eq!(cases::stored_pictures(&ctx).await.unwrap(), 1);
    ctx.clock.advance(Duration::days(2));
    jobs::sweep(&ctx).await.unwrap();
    assert_eq!(cases::stored_pictures(&ctx).await.unwrap(), 0);
    // the case is still there, and a yes needs a new proof
    let page = cases::open(&ctx, carla, forgotten).await.unwrap();
    assert_eq!(page.entries.last().unwrap().kind, EntryKind::Deleted);
    let v = page.case.version;
    let no = cases::decide(&ctx, carla, forgotten, v, &yes("Schulz")).await;
    assert_eq!(no, Err(Failure::Refused(DeskRefusal::NoProof)));
    // drafts expire
    let draft = request(&ctx, &people[0]).await;
    cases::begin(&ctx, &people[0], CaseKind::ProfileChange, &draft)
        .await
        .unwrap();
    ctx.clock.advance(Duration::days(31));
    jobs::sweep(&ctx).await.unwrap();
    let open = cases::own_cases(&ctx, &people[0]).await.unwrap();
    assert!(open.iter().all(|c| c.case.state == CaseState::Decided));
    assert!(audit::verify(&ctx).await.unwrap().is_ok());
}

async fn bad_pictures_are_refused(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let request = request(&ctx, &erika).await;
    let id = cases::begin(&ctx, &erika, CaseKind::ProfileChange, &request)
        .await
        .unwrap();
    for (bytes, problem) in [
        (Vec::new(), PictureProblem::Missing),
        (vec![0; cases::MAX_UPLOAD + 1], PictureProblem::TooLarge),
        (
            b"%PDF-1.7 << /OpenAction /JavaScript >>".to_vec(),
            PictureProblem::Kind,
        ),
        (b"\0\0\0\x18ftypheic....".to_vec(), PictureProblem::Heic),
        (png(20, 20), PictureProblem::TooSmall),
        (png(600, 400)[..900].to_vec(), PictureProblem::Damaged),
    ] {
        let refused = cases::submit_with_picture(&ctx, &erika, id, bytes, false, "ja").await;
        assert_eq!(refused, Err(Failure::Refused(BeginRefusal::Picture(problem))));
    }
    assert_eq!(cases::stored_pictures(&ctx).await.unwrap(), 0);
    // and bad text
    let long = request.clone().with("family_name", &"Ü".repeat(10_000));
    let refused = cases::begin(&ctx, &erika, CaseKind::ProfileChange, &long).await;
    assert!(
        matches!(refused, Err(Failure::Refused(BeginRefusal::Problems(p))) if p.0[0].code == "problem-too-long")
    );
}

async fn only_confirmed_people_ask_for_a_change(ctx: Ctx) {
    kit::town(&ctx, &[ERIKA]).await;
    let current = municipality::current(&ctx).await.unwrap();
    let mut settings = current.settings;
    settings.residents_register = domain::municipality::RegistrationMethod::Open;
    municipality::save(&ctx, ADMINISTRATOR, settings, current.version)
        .await
        .unwrap();
    let form = accounts::OpenRegistration {
        name: "Olga Offen".into(),
        email: "olga@example.org".into(),
        password: "grüner Tee um vier".into(),
        consent: true,
    };
    accounts::register_open(&ctx, &kit::visitor(), &form)
        .await
        .unwrap();
    let body = mail::waiting(&ctx).await.unwrap().remove(0);
    let token = body
        .split("?t=")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap();
    let (_, olga) = accounts::confirm_email(&ctx, &kit::visitor(), None, token, "grüner Tee um vier")
        .await
        .unwrap();
    let none = cases::begin_values(&ctx, &olga, CaseKind::ProfileChange)
        .await
        .unwrap();
    assert_eq!(none, None);
    let typed = Request::default()
        .with("given_names", "Olga")
        .with("family_name", "Kaiser")
        .with("street", "Markt")
        .with("house_number", "1")
        .with("postcode", "01945")
        .with("city", "Lindenau")
        .with("reason", "so");
    let refused = cases::begin(&ctx, &olga, CaseKind::ProfileChange, &typed).await;
    assert_eq!(refused, Err(Failure::Refused(BeginRefusal::NotVerified)));
    // but anybody with an account may write
    let text = Request::default()
        .with("subject", "Lampe")
        .with("text", "Sie ist aus.");
    assert!(cases::begin(&ctx, &olga, CaseKind::Message, &text).await.is_ok());
}

async fn messages_are_cases_too(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let text = Request::default()
        .with("subject", "Lampe")
        .with("text", "Sie ist aus.");
    let id = cases::begin(&ctx, &erika, CaseKind::Message, &text)
        .await
        .unwrap();
    let page = cases::open(&ctx, carla, id).await.unwrap();
    assert_eq!(
        (page.case.state, page.before.is_none()),
        (CaseState::Submitted, true)
    );
    cases::write(&ctx, &erika, id, "In der Ringstraße.", None)
        .await
        .unwrap();
    let v = version(&ctx, carla, id).await;
    let wrong = cases::decide(&ctx, carla, id, v, &yes("x")).await;
    assert_eq!(wrong, Err(Failure::Refused(DeskRefusal::State)));
    let answer = Decision {
        outcome: Outcome::Answered,
        text: "Danke, wir kommen.".into(),
        typed: String::new(),
    };
    cases::decide(&ctx, carla, id, v, &answer).await.unwrap();
    let own = cases::own_cases(&ctx, &erika).await.unwrap();
    assert_eq!(
        (own[0].case.outcome, own[0].unread),
        (Some(Outcome::Answered), true)
    );
    cases::own_case(&ctx, &erika, id).await.unwrap();
    assert!(!cases::own_cases(&ctx, &erika).await.unwrap()[0].unread);
    let late = cases::write(&ctx, &erika, id, "Noch etwas", None).await;
    assert_eq!(late, Err(Failure::Refused(BeginRefusal::State)));
    // not without end
    for i in 0..25 {
        let text = text.clone().with("subject", &format!("Lampe {i}"));
        let _ = cases::begin(&ctx, &erika, CaseKind::Message, &text).await;
    }
    let stop = cases::begin(&ctx, &erika, CaseKind::Message, &text).await;
    assert_eq!(stop, Err(Failure::Refused(BeginRefusal::TooMany)));
}

/// An approved name stays until the register has something newer.
async fn the_register_has_the_last_word(ctx: Ctx) {
    let erika = resident(&ctx, 0).await;
    let carla = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let id = sent(&ctx, &erika).await;
    let v = version(&ctx, carla, id).await;
    cases::decide(&ctx, carla, id, v, &yes("Schulz")).await.unwrap();
    let name = async || accounts::overview(&ctx, &erika).await.unwrap().name;
    kit::apply(&ctx, kit::list(&[ERIKA, JAN])).await;
    assert_eq!(name().await, "Erika Schulz");
    kit::apply(&ctx, kit::list(&[("Müller", "Erika", "02.01.1970", "99"), JAN])).await;
    assert_eq!(name().await, "Erika Müller");
    let present = cases::begin_values(&ctx, &erika, CaseKind::ProfileChange)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(present.get("house_number"), "99");
}

async fn nobody_sees_the_case_of_somebody_else(ctx: Ctx) {
    let people = residents_of(&ctx).await;
    let id = sent(&ctx, &people[0]).await;
    let file = cases::own_case(&ctx, &people[0], id).await.unwrap().files[0].id;
    assert!(cases::own_picture(&ctx, &people[0], id, file).await.is_ok());
    assert_eq!(
        cases::own_picture(&ctx, &people[1], id, file).await,
        Err(Failure::Denied)
    );
    assert!(matches!(
        cases::own_case(&ctx, &people[1], id).await,
        Err(Failure::Denied)
    ));
    assert_eq!(
        cases::write(&ctx, &people[1], id, "Hallo", None).await,
        Err(Failure::Denied)
    );
    assert_eq!(cases::withdraw(&ctx, &people[1], id).await, Err(Failure::Denied));
    // no staff by role, no resident as staff
    for actor in [
        ADMINISTRATOR,
        kit::AUDITOR,
        kit::LETTER_OFFICER,
        people[0].actor(),
    ] {
        assert!(
            matches!(cases::open(&ctx, actor, id).await, Err(Failure::Denied)),
            "{actor:?}"
        );
        assert_eq!(cases::picture(&ctx, actor, id, file).await, Err(Failure::Denied));
        assert_eq!(cases::take(&ctx, actor, id, 3).await, Err(Failure::Denied));
    }
}

async fn documents_go_both_ways(ctx: Ctx) {
    let people = residents_of(&ctx).await;
    let (erika, jan) = (&people[0], &people[1]);
    let clerk = staff(&ctx, "Carla Clerk", Role::Clerk).await;
    let text = Request::default()
        .with("subject", "Satzung")
        .with("text", "Anbei.");
    let id = cases::begin(&ctx, erika, CaseKind::Message, &text).await.unwrap();
    let pdf = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n%%EOF\n".to_vec();
    let file = |bytes: &[u8]| Some(("../../Satzung.pdf".to_owned(), bytes.to_vec()));
    // what is no document, and what does something
    for (bytes, problem) in [
        (&b"MZ\x90 a program"[..], DocumentProblem::Kind),
        (
            b"%PDF-1.7 <</S/JavaScript/JS(app.alert(1))>> %%EOF",
            DocumentProblem::Active,
        ),
        (b"%PDF-1.7 <</Encrypt 1 0 R>> %%EOF", DocumentProblem::Locked),
        (&vec![b'x'; 10 * 1024 * 1024 + 1], DocumentProblem::TooLarge),
    ] {
        let refused = cases::write(&ctx, erika, id, "Noch eins", file(bytes)).await;
        assert_eq!(refused, Err(Failure::Refused(BeginRefusal::Document(problem))));
        let v = version(&ctx, clerk, id).await;
        let refused = cases::tell(&ctx, clerk, id, v, "Noch eins", file(bytes)).await;
        assert!(matches!(refused, Err(Failure::Refused(DeskRefusal::Problems(_)))));
    }
    cases::write(&ctx, erika, id, "Die Satzung", file(&pdf))
        .await
        .unwrap();
    let v = version(&ctx, clerk, id).await;
    cases::tell(&ctx, clerk, id, v, "Der Bescheid", file(&png(600, 400)))
        .await
        .unwrap();
    let entries = cases::own_case(&ctx, erika, id).await.unwrap().entries;
    let documents: Vec<_> = entries.iter().filter_map(|e| e.body.document.clone()).collect();
    let names: Vec<_> = documents.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names, ["Satzung.pdf", "Satzung.jpg"]);
    // both read both, nobody else does
    for document in &documents {
        let own = cases::own_document(&ctx, erika, id, document.id).await.unwrap();
        assert_eq!(
            cases::case_document(&ctx, clerk, id, document.id).await.unwrap(),
            own
        );
        let other = cases::own_document(&ctx, jan, id, document.id).await;
        assert_eq!(other, Err(Failure::Denied));
        let letters = cases::case_document(&ctx, kit::LETTER_OFFICER, id, document.id).await;
        assert_eq!(letters, Err(Failure::Denied));
    }
    assert_eq!(
        cases::own_document(&ctx, erika, id, documents[0].id)
            .await
            .unwrap()
            .1,
        pdf
    );
    // a document of another case is none of this one
    let second = cases::begin(&ctx, jan, CaseKind::Message, &text).await.unwrap();
    let wrong = cases::own_document(&ctx, jan, second, documents[0].id).await;
    assert_eq!(wrong, Err(Failure::Denied));
    // it stays when the case is over, and does not grow for ever
    for _ in 0..27 {
        let v = version(&ctx, clerk, id).await;
        cases::tell(&ctx, clerk, id, v, "mehr", file(&pdf)).await.unwrap();
    }
    cases::write(&ctx, erika, id, "das letzte", file(&pdf))
        .await
        .unwrap();
    let full = cases::write(&ctx, erika, id, "zu viel", file(&pdf)).await;
    assert_eq!(
        full,
        Err(Failure::Refused(BeginRefusal::Document(DocumentProblem::TooMany)))
    );
    let done = Decision {
        outcome: Outcome::Answered,
        text: "Danke".into(),
        typed: String::new(),
    };
    let v = version(&ctx, clerk, id).await;
    cases::decide(&ctx, clerk, id, v, &done).await.unwrap();
    jobs::sweep(&ctx).await.unwrap();
    assert!(
        cases::own_document(&ctx, erika, id, documents[0].id)
            .await
            .is_ok()
    );
}
