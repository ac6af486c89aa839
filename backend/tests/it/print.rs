//! What other programs read from printed letters.

use backend::letters::engine::{
    Art, Artwork,
    check::{Checker, Fault},
    pdf::{Engine, LetterInput},
};
use domain::{
    din_91379,
    letters::{
        content::{Frozen, Recipient},
        state::Route,
        template::{Occasion, Posting, SheetForm, Template},
    },
};
use std::{path::Path, process::Command};

pub(crate) fn frozen(template: &Template) -> Frozen {
    let settings = backend::demo::settings();
    Frozen {
        number: 7,
        ..Frozen::new(
            template,
            &settings,
            Route::Ordinary,
            "https://portal.lindenau.example",
            "22. November 2026",
        )
    }
}

pub(crate) fn letter(name: String, address: Vec<String>, number: usize) -> LetterInput {
    LetterInput {
        recipient: Recipient { name, address },
        user_id: format!("0000-0000-0000-{number:04}"),
        payload: format!("{number:032}"),
        letter_number: format!("L-0000-{number:04}"),
        position: number + 1,
    }
}

/// Makes and checks letters as a batch does; the file.
pub(crate) fn print(frozen: &Frozen, art: Art, letters: &[LetterInput]) -> Result<Vec<u8>, Fault> {
    let mut engine = Engine::new(frozen, art, [0; 16]).map_err(Fault::Engine)?;
    let mut checker = Checker::new(frozen);
    for part in letters.chunks(400) {
        engine.letters::<Fault>(part, |input, content, glyphs| {
            checker.page(input, content, glyphs)
        })?;
    }
    let sides = engine.sides();
    let mut bytes = engine.take();
    let (rest, summary) = engine.finish();
    checker.file(&summary, sides, 0)?;
    bytes.extend(rest);
    Ok(bytes)
}

pub(crate) fn run(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program)
        .args(arguments)
        .arg(file)
        .arg("-")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_letter_of_the_norm_is_printed_and_copied() {
    let all: Vec<&str> = din_91379::all().collect();
    let lines: Vec<String> = all.chunks(12).map(|c| c.join(" ")).collect();
    // the first line of an address is also in the salutation; the norm stands in lines two to five
    let letters: Vec<LetterInput> = lines
        .chunks(4)
        .enumerate()
        .map(|(i, lines)| letter("Erika Müller".into(), lines.to_vec(), i))
        .collect();
    let bytes = print(&frozen(&Template::default()), Art::default(), &letters).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters.pdf");
    std::fs::write(&path, bytes).unwrap();
    let text = run("pdftotext", &["-raw"], &path);
    let copied: Vec<String> = text.lines().map(domain::text::tidy).collect();
    // the letter number stands on the baseline of the fourth line
    let lost: Vec<&String> = lines
        .iter()
        .filter(|l| !copied.iter().any(|c| c.starts_with(*l)))
        .collect();
    assert!(lost.is_empty(), "{lost:#?}\n{text}");
}

fn erika() -> LetterInput {
    letter(
        "Dr. Erika Müller".into(),
        vec!["Ringstraße 12".into(), "01945 Lindenau".into()],
        1,
    )
}

#[test]
fn every_kind_of_sheet_passes_the_check() {
    let crest = include_bytes!("../../../assets/demo/lindenau.svg");
    let folder = tempfile::tempdir().unwrap();
    for (name, large, template) in [
        ("b", false, Template::default()),
        (
            "a",
            false,
            Template {
                form: SheetForm::A,
                insert_marks: true,
                ..Template::of(Occasion::Reminder)
            },
        ),
        (
            "hybrid",
            false,
            Template {
                posting: Posting::Hybrid,
                ..Template::default()
            },
        ),
        ("large", true, Template::default()),
        (
            "bare",
            false,
            Template {
                notice: String::new(),
                second: String::new(),
                fold_marks: false,
                hole_mark: false,
                return_mark: false,
                sheet_number: false,
                ..Template::default()
            },
        ),
    ] {
        let art = Art {
            logo: Artwork::read(crest),
            signature: None,
        };
        assert!(art.logo.is_some());
        let frozen = Frozen {
            large,
            ..frozen(&template)
        };
        let bytes = print(&frozen, art, &[erika()]).unwrap_or_else(|e| panic!("{name}: {e}"));
        let path = folder.path().join(format!("{name}.pdf"));
        std::fs::write(&path, &bytes).unwrap();
        if let Ok(keep) = std::env::var("KEEP_LETTERS") {
            std::fs::write(format!("{keep}/{name}.pdf"), &bytes).unwrap();
        }
        let check = Command::new("qpdf").arg("--check").arg(&path).output().unwrap();
        assert!(
            check.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&check.stdout)
        );
        let pages = run("pdftotext", &["-layout"], &path).matches('\u{c}').count();
        let expected = match name {
            "bare" => 1,
            "large" => 4,
            _ => 2,
        };
        assert_eq!(pages, expected, "{name}");
    }
}
