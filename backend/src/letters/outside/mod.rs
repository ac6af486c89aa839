//! Letters that are made outside of the portal: specimens for print shops and benchmarks, and real ones on the town's own
//! computer (docs/adr/0018). Nothing here needs a store, but for reserving numbers and taking the answer.

mod offline;
mod portal;
mod store;

use offline::open_recipient;
pub use offline::{Answer, Job, JobError, Made, SealedLetter, make_offline};
pub use portal::{AnswerRefusal, MAX_ANSWER, MOST, job_file, reserve, take_answer};
pub(crate) use portal::{any, known_person, release, sealed_person, settle, sweep};

use super::{
    engine::{
        Art, Artwork,
        check::{Checker, Fault},
        pdf::{Engine, EngineError, LetterInput},
    },
    sample, templates,
};
use crate::{
    Ctx, Failure,
    municipality::{self, ImageUse},
    residents::{self, ListRefusal},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::NaiveDate;
use domain::{
    access::{Actor, Permission},
    letters::{
        content::{Frozen, Recipient},
        state::Route,
        template::{Occasion, Template},
    },
    municipality::Settings,
    residents::{ResidentData, check::Rules, finding::Severity},
};
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, io::Write};

/// Everything that letters print besides people and codes: what a town downloads to print elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PrintFile {
    /// Words and sheet, placeholders filled.
    pub frozen: Frozen,
    /// The logo file, base64.
    pub logo: Option<String>,
    /// The signature file, base64.
    pub signature: Option<String>,
}

impl PrintFile {
    /// What a town begins with: for trying out.
    pub fn plain() -> Self {
        let settings = Settings::default();
        Self {
            frozen: Frozen::new(
                &Template::default(),
                &settings,
                Route::Ordinary,
                "https://portal.musterstadt.example",
                "22. November 2026",
            ),
            logo: None,
            signature: None,
        }
    }

    /// The pictures, ready to be drawn.
    pub fn art(&self) -> Art {
        let read = |text: &Option<String>| Artwork::read(&STANDARD.decode(text.as_deref()?).ok()?);
        Art {
            logo: read(&self.logo),
            signature: read(&self.signature),
        }
    }
}

/// The template in use with the town's own data, as a file for `stadtbrief letters make --template`.
pub async fn print_file(ctx: &Ctx, actor: Actor, occasion: Occasion) -> Result<PrintFile, Failure> {
    if !actor.may(Permission::SetUpLetters) && !actor.may(Permission::MakeLetters) {
        return Err(Failure::Denied);
    }
    let settings = municipality::current(ctx).await?.settings;
    let mut tx = ctx.db.read().await?;
    let (template, version) = templates::current_in(&mut tx, occasion).await?;
    drop(tx);
    let picture = async |place| -> Result<Option<String>, Failure> {
        let image = municipality::image(ctx, place, None).await?;
        Ok(image.map(|i| STANDARD.encode(i.bytes)))
    };
    let date = super::long_date(ctx.clock.now());
    Ok(PrintFile {
        frozen: Frozen {
            occasion,
            version,
            ..Frozen::new(&template, &settings, Route::Ordinary, &ctx.base_url, &date)
        },
        logo: picture(ImageUse::Logo).await?,
        signature: picture(ImageUse::Signature).await?,
    })
}

/// People of a list whose rows have no open question, in the order in which letters are printed; and how many rows were
/// left out.
pub fn people(list: &[u8], today: NaiveDate) -> Result<(Vec<ResidentData>, usize), ListRefusal> {
    let rules = Rules {
        today,
        minimum_age: 16,
        crowd: 0,
        plain_text: false,
    };
    let mut rows: Vec<(u32, ResidentData)> = Vec::new();
    let mut all = 0;
    let report = residents::check_file(list, rules, |row| {
        all += 1;
        if row.worst < Some(Severity::Ask) {
            rows.push((row.row, row.data.clone()));
        }
    })?;
    // what shows only when the whole list is known: people who may be there twice
    let late: HashSet<u32> = report
        .findings
        .iter()
        .filter(|f| f.rule.severity() >= Severity::Ask)
        .map(|f| f.row)
        .collect();
    rows.retain(|(row, _)| !late.contains(row));
    let mut people: Vec<ResidentData> = rows.into_iter().map(|(_, data)| data).collect();
    people.sort_by_cached_key(ResidentData::sort_key);
    let left_out = all - people.len();
    Ok((people, left_out))
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Letters.
    pub letters: usize,
    /// Pages.
    pub pages: usize,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: String,
}

/// Why letters were not made.
#[derive(Debug)]
pub enum PrintError {
    /// The check of the made pages found something, or something does not fit.
    Fault(Fault),
    /// The file cannot be written.
    Write(std::io::Error),
}

/// Letters that are made and checked at a time.
const CHUNK: usize = 400;

/// Makes letters with worthless codes for these people, again from the first when there are fewer than `count`, and checks
/// every page if asked to.
pub fn specimens(
    file: &PrintFile,
    people: &[ResidentData],
    count: usize,
    check: bool,
    out: &mut impl Write,
) -> Result<Printed, PrintError> {
    let frozen = Frozen {
        specimen: true,
        ..file.frozen.clone()
    };
    let mut engine =
        Engine::new(&frozen, file.art(), [0; 16]).map_err(|e| PrintError::Fault(Fault::Engine(e)))?;
    let mut checker = check.then(|| Checker::new(&frozen));
    let count = if people.is_empty() { 0 } else { count };
    for from in (0..count).step_by(CHUNK) {
        let letters: Vec<LetterInput> = (from..count.min(from + CHUNK))
            .map(|i| {
                let data = &people[i % people.len()];
                let recipient = Recipient {
                    name: data.display_name(),
                    address: data.address_lines(),
                };
                sample::specimen(recipient, i + 1)
            })
            .collect();
        make(&mut engine, checker.as_mut(), &letters).map_err(PrintError::Fault)?;
        out.write_all(&engine.take()).map_err(PrintError::Write)?;
    }
    let (letters, sides) = (engine.made(), engine.sides());
    let (rest, summary) = engine.finish();
    if let Some(checker) = &checker {
        checker.file(&summary, sides, 0).map_err(PrintError::Fault)?;
    }
    out.write_all(&rest).map_err(PrintError::Write)?;
    Ok(Printed {
        letters,
        pages: summary.pages,
        bytes: summary.bytes,
        sha256: summary.sha256,
    })
}

fn make(engine: &mut Engine, checker: Option<&mut Checker>, letters: &[LetterInput]) -> Result<(), Fault> {
    match checker {
        Some(checker) => engine.checked(letters, checker),
        None => engine
            .letters::<EngineError>(letters, |_, _, _| Ok(()))
            .map_err(Fault::Engine),
    }
}
