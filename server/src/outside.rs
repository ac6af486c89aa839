//! Letters without a portal: specimens from a list, and real letters on the town's own computer.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line talks to its terminal"
)]

use backend::{
    keys::Key,
    letters::outside::{self, Job, JobError, PrintError, PrintFile},
};
use domain::{letters::content::Frozen, residents::ResidentData};
use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
    process::ExitCode,
};

/// What specimens are wanted.
pub struct Wish<'a> {
    /// A template file; the built-in template without.
    pub template: Option<&'a Path>,
    /// So many letters; one per person without.
    pub count: Option<usize>,
    /// In large print.
    pub large: bool,
    /// Read every code back from the made pages.
    pub check: bool,
}

fn told(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn people(path: &Path) -> Result<Vec<ResidentData>, String> {
    let now = backend::ctx::Clock::System.now();
    let today = domain::time::local(now).date();
    let (people, left_out) = outside::people(&read(path)?, today)
        .map_err(|refusal| locales::Lang::parse("en").t(refusal.key()))?;
    if left_out > 0 {
        println!(
            "{left_out} row(s) have open questions and were left out; see `stadtbrief residents check {}`.",
            path.display()
        );
    }
    if people.is_empty() {
        return Err("There is nobody in the list who can get a letter.".to_owned());
    }
    Ok(people)
}

/// Writes a file under another name first: half a file never looks like a whole one. On Unix nobody else may read it.
fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<File>) -> Result<(), String>) -> Result<(), String> {
    let broken = |e: std::io::Error| format!("{}: {e}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(broken)?;
    }
    let unfinished = path.with_extension("part");
    let mut options = File::options();
    // never into a file that somebody else has laid there
    let _ = fs::remove_file(&unfinished);
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let file = options.open(&unfinished).map_err(broken)?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let done = fill(&mut out).and_then(|()| {
        let file = out.into_inner().map_err(|e| broken(e.into_error()))?;
        file.sync_all().map_err(broken)?;
        fs::rename(&unfinished, path).map_err(broken)
    });
    // half a file holds names all the same
    if done.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    done
}

/// `stadtbrief letters make --residents …`.
pub fn specimens(residents: &Path, out: &Path, wish: &Wish<'_>) -> ExitCode {
    told(make_specimens(residents, out, wish))
}

fn make_specimens(residents: &Path, out: &Path, wish: &Wish<'_>) -> Result<(), String> {
    let file = match wish.template {
        Some(path) => serde_json::from_slice::<PrintFile>(&read(path)?)
            .map_err(|e| format!("{}: this is no template file ({e})", path.display()))?,
        None => PrintFile::plain(),
    };
    let file = PrintFile {
        frozen: Frozen {
            large: wish.large,
            ..file.frozen
        },
        ..file
    };
    let people = people(residents)?;
    let count = wish.count.unwrap_or(people.len());
    let mut printed = None;
    write(out, |to| {
        let made = outside::specimens(&file, &people, count, wish.check, to).map_err(|e| match e {
            PrintError::Fault(fault) => format!("The letters were not made: {fault}"),
            PrintError::Write(e) => format!("{}: {e}", out.display()),
        })?;
        printed = Some(made);
        Ok(())
    })?;
    if let Some(p) = printed {
        println!(
            "{} specimens on {} pages, {} bytes, SHA-256 {}\nThe codes are worth nothing (MUSTER).",
            p.letters, p.pages, p.bytes, p.sha256
        );
    }
    Ok(())
}

/// `stadtbrief letters offline`.
pub fn offline(job: &Path, residents: &Path, out: &Path, key: &Path) -> ExitCode {
    told(make_offline(job, residents, out, key))
}

fn make_offline(job: &Path, residents: &Path, out: &Path, key: &Path) -> Result<(), String> {
    let job: Job = serde_json::from_slice(&read(job)?)
        .map_err(|e| format!("{}: this is no job file ({e})", job.display()))?;
    println!(
        "Print job {} of {}. The codes of the letters will lead to {}\nStop here if that is not your portal.",
        job.print.frozen.number, job.print.frozen.municipality, job.print.frozen.base_url
    );
    let people = people(residents)?;
    if !key.exists() {
        println!(
            "{} is made anew. If letters were made before with another key, both letters of a person would work: stop, and bring that key.",
            key.display()
        );
    }
    let town = Key::load_or_create(key).map_err(|e| format!("{}: {e}", key.display()))?;
    if people.len() > job.numbers.len() {
        return Err(format!(
            "The list has {} people, but the job has only {} numbers. Reserve more numbers in the portal.",
            people.len(),
            job.numbers.len()
        ));
    }
    let (pdf, answer) = (out.join("briefe.pdf"), out.join("antwort.json"));
    if pdf.exists() || answer.exists() {
        return Err(format!(
            "{} holds letters already. A job is made once: choose another folder, or delete what is there if nothing was printed.",
            out.display()
        ));
    }
    let mut made = None;
    write(&pdf, |to| {
        let all = people.len();
        let step = |done: usize| {
            print!("\r{done} of {all}");
            let _ = std::io::stdout().flush();
        };
        let done = outside::make_offline(&job, &people, &town, to, step).map_err(|e| match e {
            JobError::Damaged => "The job file is damaged.".to_owned(),
            JobError::Fault(fault) => format!("The letters were not made: {fault}"),
            JobError::Write(e) => format!("{}: {e}", pdf.display()),
            JobError::Key(e) => format!("sealing failed: {e}"),
            JobError::Twice => "Two people of the list have the same register number, or the same name and birth. Please correct the list.".to_owned(),
        })?;
        made = Some(done);
        Ok(())
    })?;
    println!();
    let Some(made) = made else { return Ok(()) };
    write(&answer, |to| {
        serde_json::to_writer(to, &made.answer).map_err(|e| format!("{}: {e}", answer.display()))
    })?;
    println!(
        "{} letters on {} pages: {}\nSHA-256 {}\n\nNow upload {} in the portal, at the print job. It holds no names and no codes.",
        made.answer.letters.len(),
        made.answer.pages,
        pdf.display(),
        made.answer.sha256,
        answer.display()
    );
    println!(
        "{} holds codes: keep it safe and delete it after printing. Keep {}: the next job recognises people by it.",
        pdf.display(),
        key.display()
    );
    Ok(())
}
