//! What other programs read from letters, printed and sent.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod pdf_ua;
#[path = "../../../bench/src/peers/with_krilla.rs"]
mod with_krilla;

use backend::letters::engine::{
    Art, Artwork, Layout, Shaper,
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

fn frozen(template: &Template) -> Frozen {
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

fn letter(name: String, address: Vec<String>, number: usize) -> LetterInput {
    LetterInput {
        recipient: Recipient { name, address },
        user_id: format!("0000-0000-0000-{number:04}"),
        payload: format!("{number:032}"),
        letter_number: format!("L-0000-{number:04}"),
        position: number + 1,
    }
}

/// Makes and checks letters as a batch does; the file.
fn print(frozen: &Frozen, art: Art, letters: &[LetterInput]) -> Result<Vec<u8>, Fault> {
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

fn run(program: &str, arguments: &[&str], file: &Path) -> String {
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
        if name == "large" {
            // a second sheet on the floor still says whose it is
            let text = run("pdftotext", &["-f", "3", "-l", "3"], &path);
            assert!(text.contains("L-0000-0001 · 7-2 · 2/2"), "{text}");
        }
    }
}

/// Made-up people with all kinds of names, the same ones in every run.
fn crowd(count: usize) -> Vec<LetterInput> {
    let given = [
        "Erika",
        "Jörg",
        "Anne-Sophie",
        "Łukasz",
        "Zoë",
        "Şükrü",
        "Ñuño",
        "Ģirts",
    ];
    let family = [
        "Müller",
        "von der Heide",
        "Šťastný",
        "Øystein",
        "Nguyễn",
        "d’Artagnan",
        "Groß-Żółć",
    ];
    (0..count)
        .map(|i| {
            let name = format!("{} {}", given[i % given.len()], family[i / 8 % family.len()]);
            let mut address = vec![format!("Straße des {i}. Mai {}", i % 97 + 1)];
            if i % 3 == 0 {
                address.insert(0, format!("c/o Haus {}", i / 3));
            }
            address.push(format!("{:05} Lindenau", 1_000 + i % 9_000));
            letter(name, address, i)
        })
        .collect()
}

#[test]
fn ten_thousand_letters_say_what_they_should() {
    let letters = crowd(10_000);
    let template = Template {
        notice: String::new(),
        ..Template::default()
    };
    let bytes = print(&frozen(&template), Art::default(), &letters).unwrap();
    assert!(
        bytes.len() / letters.len() < 2_700,
        "{} bytes a letter",
        bytes.len() / letters.len()
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters.pdf");
    std::fs::write(&path, bytes).unwrap();
    let text = run("pdftotext", &["-raw"], &path);
    let pages: Vec<&str> = text.split('\u{c}').collect();
    assert_eq!(pages.len(), letters.len() + 1);
    for (page, letter) in pages.iter().zip(&letters) {
        let lines: Vec<String> = page.lines().map(domain::text::tidy).collect();
        let says = |wanted: &str| lines.iter().any(|l| l.contains(wanted));
        let to = &letter.recipient;
        let number = format!("7-{}", letter.position);
        let expected = [to.name.as_str(), &letter.user_id, &letter.letter_number, &number];
        for wanted in expected.into_iter().chain(to.address.iter().map(String::as_str)) {
            assert!(
                says(wanted),
                "{wanted} is not on page {}:\n{page}",
                letter.position
            );
        }
        assert!(says(&format!("Guten Tag {},", to.name)));
    }
}

/// Grey values of a page.
fn pixels(pdf: &Path, page: usize) -> (usize, Vec<u8>) {
    let picture = pdf.with_file_name(format!("{}-{page}", pdf.file_stem().unwrap().to_string_lossy()));
    let done = Command::new("pdftoppm")
        .args(["-gray", "-r", "110", "-singlefile", "-f", &page.to_string()])
        .arg(pdf)
        .arg(&picture)
        .status()
        .unwrap();
    assert!(done.success());
    let bytes = std::fs::read(picture.with_extension("pgm")).unwrap();
    let head: Vec<&[u8]> = bytes.splitn(4, |b| b.is_ascii_whitespace()).collect();
    let number = |i: usize| std::str::from_utf8(head[i]).unwrap().parse::<usize>().unwrap();
    let (width, height) = (number(1), number(2));
    (width, bytes[bytes.len() - width * height..].to_vec())
}

/// Share of pixels that differ clearly, in millionths, and of dark ones.
fn difference(a: &[u8], b: &[u8]) -> (usize, usize) {
    assert_eq!(a.len(), b.len());
    let clear = a.iter().zip(b).filter(|(a, b)| a.abs_diff(**b) > 96).count();
    let dark = a.iter().filter(|p| **p < 128).count();
    (clear * 1_000_000 / a.len(), dark * 1_000_000 / a.len())
}

#[test]
fn pages_look_like_those_of_a_slow_and_plain_renderer() {
    let letters = crowd(24);
    let folder = tempfile::tempdir().unwrap();
    for (name, large, form) in [
        ("b", false, SheetForm::B),
        ("a", false, SheetForm::A),
        ("large", true, SheetForm::B),
    ] {
        let template = Template {
            form,
            ..Template::default()
        };
        let frozen = Frozen {
            large,
            ..frozen(&template)
        };
        let ours = folder.path().join(format!("ours-{name}.pdf"));
        std::fs::write(&ours, print(&frozen, Art::default(), &letters).unwrap()).unwrap();
        let mut shaper = Shaper::default();
        let layout = Layout::new(&frozen, &Art::default(), &mut shaper).unwrap();
        let fonts = with_krilla::fonts();
        let mut document = krilla::Document::new();
        for letter in &letters {
            let own = layout.letter(&mut shaper, letter).unwrap();
            for (i, side) in layout.sides.iter().enumerate() {
                let further = layout.further_sheets(letter);
                let own = match i {
                    0 => own.as_slice(),
                    i if i % 2 == 0 => &further[i / 2 - 1..i / 2],
                    _ => &[],
                };
                with_krilla::page(&mut document, &fonts, side.iter().chain(own));
            }
        }
        let plain = folder.path().join(format!("plain-{name}.pdf"));
        std::fs::write(&plain, document.finish().unwrap()).unwrap();
        let sides = layout.sides.len();
        for page in [1, 2, 7 * sides + 1, 23 * sides + 1, 24 * sides] {
            let ((width, a), (other_width, b)) = (pixels(&ours, page), pixels(&plain, page));
            assert_eq!(width, other_width);
            let (differs, dark) = difference(&a, &b);
            // edges of glyphs and rectangles are rounded differently; a missing word would be some thousand millionths
            assert!(
                differs < 700,
                "{name} page {page}: {differs} of a million differ, {dark} are dark"
            );
            // the comparison can fail: one line of text further down is clearly another picture
            let moved = [vec![255; width * 12], a[..a.len() - width * 12].to_vec()].concat();
            assert!(dark < 2_000 || difference(&moved, &b).0 > 3_000);
        }
    }
}

/// Two letters as a file for e-mail, read back as the portal does before anybody gets it.
fn accessible(frozen: &Frozen, letters: &[LetterInput]) -> Result<Vec<u8>, Fault> {
    let art = Art {
        logo: Artwork::read(include_bytes!("../../../assets/demo/lindenau.svg")),
        signature: None,
    };
    let mut engine = Engine::accessible(frozen, art, [0; 16])?;
    let mut checker = Checker::new(frozen);
    engine.checked(letters, &mut checker)?;
    let mut bytes = engine.take();
    let sides = engine.sides();
    let (rest, summary) = engine.finish();
    checker.file(&summary, sides, 0)?;
    bytes.extend(rest);
    Ok(bytes)
}

fn jan() -> LetterInput {
    letter(
        "Jan Šťastný".into(),
        vec!["Weg 1".into(), "01945 Lindenau".into()],
        2,
    )
}

#[test]
fn an_accessible_letter_can_be_read_aloud() {
    let bytes = accessible(&frozen(&Template::default()), &[erika(), jan()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.pdf");
    std::fs::write(&path, &bytes).unwrap();
    let check = Command::new("qpdf").arg("--check").arg(&path).output().unwrap();
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stdout)
    );
    let info = |arguments: &[&str]| {
        let output = Command::new("pdfinfo")
            .args(arguments)
            .arg(&path)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let facts = info(&[]);
    assert!(facts.contains("Tagged:          yes"), "{facts}");
    assert!(
        facts.contains("Ihr persönlicher Zugang zum Bürgerportal Lindenau"),
        "{facts}"
    );
    assert!(info(&["-meta"]).contains("<pdfuaid:part>1</pdfuaid:part>"));
    // what another program reads from the structure, in its order
    let tree = info(&["-struct-text"]);
    let order: Vec<usize> = [
        "Figure",
        "Gemeinde Lindenau",
        "Dr. Erika Müller",
        "Brief-Nr.:",
        "L-0000-0001",
        "H1",
        "Ihr persönlicher Zugang",
        "Guten Tag Dr. Erika Müller,",
        "mit diesem Brief",
        "Benutzer-ID / User ID",
        "0000-0000-0000-0001",
        "1. Richten Sie die Kamera",
        "This letter lets you register",
        "Mit freundlichen Grüßen",
        "Hinweise zum Datenschutz",
        "Jan Šťastný",
    ]
    .iter()
    .map(|text| {
        tree.find(text)
            .unwrap_or_else(|| panic!("{text} is missing\n{tree}"))
    })
    .collect();
    assert!(order.is_sorted(), "{order:?}\n{tree}");
    let detail = info(&["-struct"]);
    assert!(
        detail.contains("QR-Code mit Ihrem persönlichen Zugang") || bytes_have_alt(&bytes),
        "{detail}"
    );
}

/// The words for the code, as UTF-16 in the file.
fn bytes_have_alt(bytes: &[u8]) -> bool {
    let words: String = "QR-Code mit".encode_utf16().map(|u| format!("{u:04X}")).collect();
    bytes.windows(words.len()).any(|w| w == words.as_bytes())
}

#[test]
fn an_accessible_letter_that_says_something_else_is_found() {
    let frozen = frozen(&Template::default());
    // the same code twice
    assert!(matches!(
        accessible(&frozen, &[erika(), erika()]),
        Err(Fault::Twice(2))
    ));
    // a page is read with the record of another person
    for (other, fault) in [
        (
            LetterInput {
                payload: jan().payload,
                ..erika()
            },
            "code",
        ),
        (
            LetterInput {
                user_id: jan().user_id,
                ..erika()
            },
            "user-id",
        ),
        (
            LetterInput {
                letter_number: jan().letter_number,
                ..erika()
            },
            "mark",
        ),
        (
            LetterInput {
                recipient: jan().recipient,
                ..erika()
            },
            "window",
        ),
    ] {
        let mut engine = Engine::accessible(&frozen, Art::default(), [0; 16]).unwrap();
        let mut checker = Checker::new(&frozen);
        engine.stands(&mut checker).unwrap();
        let found = engine.letters(&[erika()], |_, page, glyphs| checker.page(&other, page, glyphs));
        assert_eq!(found.map_err(|f| f.to_string()), Err(format!("{fault} 2")));
    }
}
