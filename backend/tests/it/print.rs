//! What other programs read from printed letters.

use backend::letters::{
    check::{Checker, Fault},
    pdf::{Engine, LetterInput},
};
use domain::{
    din_91379,
    letters::content::{Frozen, LetterTexts, Recipient},
};
use std::process::Command;

fn frozen() -> Frozen {
    Frozen {
        texts: LetterTexts::default(),
        municipality: "Lindenau".into(),
        return_line: "Gemeinde Lindenau · Am Alten Rathaus 1 · 01945 Lindenau".into(),
        contact: vec!["Gemeinde Lindenau".into()],
        telephone: "035755 01-0".into(),
        base_url: "https://portal.lindenau.example".into(),
        date: "22. November 2026".into(),
        validity_days: 30,
        logo: None,
        signature: None,
    }
}

fn letter(name: String, address: Vec<String>, number: usize) -> LetterInput {
    LetterInput {
        recipient: Recipient { name, address },
        user_id: format!("0000-0000-0000-{number:04}"),
        payload: format!("{number:032}"),
        letter_number: format!("L-0000-{number:04}"),
    }
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
    let frozen = frozen();
    let mut engine = Engine::new(&frozen, None, None, [0; 16]).unwrap();
    let mut checker = Checker::new(&frozen.base_url);
    engine
        .letters::<Fault>(&letters, |input, content, glyphs| {
            checker.page(input, content, glyphs)
        })
        .unwrap();
    let mut bytes = engine.take();
    bytes.extend(engine.finish().0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letters.pdf");
    std::fs::write(&path, bytes).unwrap();
    let text = Command::new("pdftotext")
        .arg("-raw")
        .arg(&path)
        .arg("-")
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    let copied: Vec<String> = text.lines().map(domain::text::tidy).collect();
    // the letter number stands on the baseline of the fourth line
    let lost: Vec<&String> = lines
        .iter()
        .filter(|l| !copied.iter().any(|c| c.starts_with(*l)))
        .collect();
    assert!(lost.is_empty(), "{lost:#?}\n{text}");
}
