//! A demo municipality: "Lindenau" with 500 residents from a list in the repository, and some letters.

use crate::{
    Ctx, Failure, accounts, jobs, letters,
    municipality::{self, ImageUse},
    residents, surveys,
};
use domain::{
    access::{Actor, Role},
    municipality::Settings,
    surveys::{Question, QuestionKind, Secrecy, Survey, people::Audience},
};
use std::path::{Path, PathBuf};

const LIST: &[u8] = include_bytes!("../../assets/demo/einwohner-clean-500.xlsx");
const LOGO: &[u8] = include_bytes!("../../assets/demo/lindenau.svg");

/// What the demo made; shown once.
#[derive(Clone, Debug)]
pub struct Demo {
    /// E-mail address, role and random password of the staff accounts.
    pub staff: Vec<(String, Role, String)>,
    /// A PDF with real letters of the demo.
    pub letters: PathBuf,
    /// A registration link and a user ID of two of these letters.
    pub link: String,
    /// User ID of another letter.
    pub user_id: String,
}

/// Settings of the demo municipality.
pub fn settings() -> Settings {
    Settings {
        name: "Lindenau".into(),
        directory: true,
        market: true,
        surveys: true,
        ideas: true,
        comments: true,
        sender: "Gemeinde Lindenau".into(),
        department: "Bürgerbüro".into(),
        street: "Am Alten Rathaus 1".into(),
        postcode: "01945".into(),
        city: "Lindenau".into(),
        telephone: "035755 01-0".into(),
        email: "buergerbuero@lindenau.example".into(),
        opening_hours: "Mo, Di, Do, Fr 8–12 Uhr, Di und Do auch 14–18 Uhr".into(),
        imprint:
            "Gemeinde Lindenau, Am Alten Rathaus 1, 01945 Lindenau.\n\nVertreten durch die Bürgermeisterin."
                .into(),
        ..Settings::default()
    }
}

/// Fills an empty store. Does nothing and gives `None` if there is an administrator already.
pub async fn fill(ctx: &Ctx, folder: &Path) -> Result<Option<Demo>, Failure> {
    if accounts::has_administrator(ctx).await? {
        return Ok(None);
    }
    let broken = |what: &'static str| move |f: String| Failure::broken(format!("{what}: {f}"));
    let actor = Actor::System;
    municipality::save(ctx, actor, settings(), 0)
        .await
        .map_err(|f| broken("settings")(format!("{f:?}")))?;
    municipality::set_image(ctx, actor, ImageUse::Logo, LOGO.to_vec())
        .await
        .map_err(|f| broken("logo")(format!("{f:?}")))?;
    let list = residents::upload(ctx, actor, "einwohner-lindenau.xlsx", LIST.to_vec())
        .await
        .map_err(|f| broken("list")(format!("{f:?}")))?;
    residents::lists::take_over(ctx, actor, list)
        .await
        .map_err(|f| broken("apply")(format!("{f:?}")))?;
    let selection = letters::Selection::Waiting {
        district: "Tettau".into(),
    };
    let batch = letters::create_batch(ctx, actor, &selection)
        .await
        .map_err(|f| broken("letters")(format!("{f:?}")))?;
    jobs::run_due(ctx).await?;
    let path = folder.join("demo-briefe.pdf");
    save(ctx, batch, &path).await?;
    let codes = letters::reveal(ctx, batch, 2).await?;
    let mut staff = Vec::new();
    for (name, local, role) in [
        ("Anja Adler", "verwaltung", Role::Administrator),
        ("Rolf Register", "meldeamt", Role::RegistryOfficer),
        ("Petra Petersen", "poststelle", Role::LetterOfficer),
        ("Sabine Sachs", "buergerbuero", Role::Clerk),
    ] {
        let password = random_password();
        let email = format!("{local}@lindenau.example");
        accounts::add_staff(ctx, actor, name, &email, role, &password)
            .await
            .map_err(|f| broken("staff")(format!("{f:?}")))?;
        staff.push((email, role, password));
    }
    survey(ctx, actor).await?;
    let link = codes.first().map(|c| c.0.clone()).unwrap_or_default();
    let user_id = codes.get(1).map(|c| c.1.clone()).unwrap_or_default();
    Ok(Some(Demo {
        staff,
        letters: path,
        link,
        user_id,
    }))
}

/// An open survey, as a town might begin.
async fn survey(ctx: &Ctx, actor: Actor) -> Result<(), Failure> {
    let today = domain::time::local(ctx.clock.now()).date();
    let question = |kind, text: &str, choices: &[&str], required| Question {
        kind,
        text: text.into(),
        choices: choices.iter().map(|c| (*c).into()).collect(),
        required,
        ..Question::default()
    };
    let playground = Survey {
        title: "Der neue Spielplatz am Anger".into(),
        intro: "Im Frühjahr bauen wir den Spielplatz am Anger neu. Was soll dort stehen, und wie kommen Sie hin?\n\n\
            Der Gemeinderat berät im Januar über das Ergebnis."
            .into(),
        questions: vec![
            question(
                QuestionKind::Single,
                "Wie oft würden Sie oder Ihre Kinder dort sein?",
                &["Fast jeden Tag", "Am Wochenende", "Selten", "Nie"],
                true,
            ),
            question(
                QuestionKind::Several,
                "Was wünschen Sie sich?",
                &["Klettergerüst", "Wasserspiele", "Schatten", "Bänke", "Tischtennis"],
                false,
            ),
            Question {
                low: "gar nicht".into(),
                high: "sehr".into(),
                ..question(QuestionKind::Scale, "Wie wichtig ist Ihnen ein Zaun?", &[], false)
            },
            question(QuestionKind::Text, "Was sollten wir noch wissen?", &[], false),
        ],
        audience: Audience {
            from_age: Some(16),
            ..Audience::default()
        },
        secrecy: Secrecy::Blind,
        opens_on: Some(today),
        closes_on: Some(today + chrono::Duration::days(28)),
    };
    let broken = |f| Failure::broken(format!("survey: {f:?}"));
    let id = surveys::create(ctx, actor, &playground).await.map_err(broken)?;
    surveys::release(ctx, actor, id, 1).await.map_err(broken)
}

/// Writes the files of a batch, as downloads would; several get `-2`, `-3` … before the ending. Their paths.
pub async fn save(ctx: &Ctx, batch: uuid::Uuid, path: &Path) -> Result<Vec<PathBuf>, Failure> {
    use futures::StreamExt;
    use tokio::io::AsyncWriteExt;
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(Failure::broken)?;
    }
    let mut written = Vec::new();
    for part in letters::parts(ctx, Actor::System, batch).await? {
        let mut download = letters::download(ctx, Actor::System, batch, part.part)
            .await
            .map_err(|f| Failure::broken(format!("{f:?}")))?;
        let path = match part.part {
            1 => path.to_owned(),
            n => path.with_file_name(format!(
                "{}-{n}.pdf",
                path.file_stem().unwrap_or_default().to_string_lossy()
            )),
        };
        // whoever is interrupted leaves no half file under the name of a whole one
        let half = path.with_extension("pdf.part");
        let mut file = tokio::fs::File::create(&half).await.map_err(Failure::broken)?;
        while let Some(piece) = download.stream.next().await {
            file.write_all(&piece.map_err(Failure::broken)?)
                .await
                .map_err(Failure::broken)?;
        }
        file.sync_all().await.map_err(Failure::broken)?;
        tokio::fs::rename(&half, &path).await.map_err(Failure::broken)?;
        written.push(path);
    }
    Ok(written)
}

/// Four groups of four characters without look-alikes: 80 bits.
pub fn random_password() -> String {
    let number = u128::from_be_bytes(crate::keys::random_bytes());
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567892";
    let mut text = String::new();
    for i in 0..16 {
        if i > 0 && i % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(
            LETTERS[usize::try_from(number >> (5 * i) & 31).unwrap_or(0)],
        ));
    }
    text
}
