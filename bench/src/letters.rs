//! Letters: our engine beside printpdf, on the same content. Each side runs in a process of its own, so that peak
//! memory is its own.

use crate::usage::{cpu, peak_mb};
use backend::letters::{
    check::{self, Checker},
    pdf::{Engine, EngineError, LetterInput},
};
use domain::letters::{
    code::{LookupNumber, QrPayload, QrSecret, TypedSecret, UserId, letter_number},
    content::{Frozen, LetterTexts, Recipient},
};
use std::{process::Command, time::Instant};

/// Letters of our side, and of the other: it keeps everything in memory.
const OURS: usize = 20_000;
const THEIRS: usize = 1_000;

fn frozen() -> Frozen {
    Frozen {
        texts: LetterTexts::default(),
        municipality: "Lindenau".into(),
        return_line: "Gemeinde Lindenau · Am Alten Rathaus 1 · 01945 Lindenau".into(),
        contact: [
            "Gemeinde Lindenau",
            "Bürgerbüro",
            "Am Alten Rathaus 1",
            "01945 Lindenau",
            "Telefon 035755 01-0",
        ]
        .map(str::to_owned)
        .to_vec(),
        telephone: "035755 01-0".into(),
        base_url: "https://portal.lindenau.example".into(),
        date: "22. November 2026".into(),
        validity_days: 30,
        logo: None,
        signature: None,
    }
}

fn inputs(from: usize, count: usize) -> Vec<LetterInput> {
    (from..from + count)
        .map(|i| {
            let bytes = backend::keys::sha256(&i.to_be_bytes());
            let lookup = LookupNumber::from_random(u32::from_be_bytes(bytes[..4].try_into().unwrap()));
            let number = u64::from_be_bytes(bytes[8..16].try_into().unwrap());
            LetterInput {
                recipient: Recipient {
                    name: format!("Erika Mustermann{}", i % 4_000),
                    address: vec![
                        format!("Karl-Liebknecht-Straße {}", i % 130),
                        "01945 Lindenau".into(),
                    ],
                },
                user_id: UserId {
                    lookup,
                    secret: TypedSecret(bytes[4..9].try_into().unwrap()),
                }
                .printed(),
                payload: QrPayload {
                    lookup,
                    secret: QrSecret(bytes[16..].try_into().unwrap()),
                }
                .printed(),
                letter_number: letter_number(number),
            }
        })
        .collect()
}

/// One side, in a process of its own: prints letters, wall seconds, CPU seconds, peak MB, bytes.
pub(crate) fn child(side: &str, count: usize) {
    // what the other side draws is read from our pages before its clock starts
    let content = if side == "printpdf" {
        content(count)
    } else {
        Vec::new()
    };
    let (start, before) = (Instant::now(), cpu());
    let bytes = match side {
        "ours" => ours(count, false),
        "checked" => ours(count, true),
        _ => theirs(content),
    };
    println!(
        "{count} {} {} {} {bytes}",
        start.elapsed().as_secs_f64(),
        cpu() - before,
        peak_mb()
    );
}

/// Lines and runs of dark modules of a page.
type Content = (Vec<(f32, f32, String)>, Vec<(usize, usize, usize)>);

fn content(count: usize) -> Vec<Content> {
    let mut engine = Engine::new(&frozen(), None, None, [0; 16]).unwrap();
    let fixed = check::content(&engine.fixed(), &engine.glyphs()).0;
    let mut pages = Vec::new();
    engine
        .letters::<EngineError>(&inputs(0, count), |_, content, glyphs| {
            let (lines, runs) = check::content(content, glyphs);
            pages.push((fixed.iter().cloned().chain(lines).collect(), runs));
            Ok(())
        })
        .unwrap();
    pages
}

fn ours(count: usize, check: bool) -> usize {
    let frozen = frozen();
    let mut engine = Engine::new(&frozen, None, None, [0; 16]).unwrap();
    let mut checker = Checker::new(&frozen.base_url);
    let mut bytes = 0;
    for from in (0..count).step_by(400) {
        let part = inputs(from, 400.min(count - from));
        if check {
            engine
                .letters(&part, |input, content, glyphs| {
                    checker.page(input, content, glyphs)
                })
                .unwrap();
        } else {
            engine.letters::<EngineError>(&part, |_, _, _| Ok(())).unwrap();
        }
        bytes += engine.take().len();
    }
    bytes + engine.finish().0.len()
}

/// The same lines and the same modules, drawn with printpdf.
fn theirs(content: Vec<Content>) -> usize {
    use printpdf::{
        Mm, Op, PaintMode, ParsedFont, PdfDocument, PdfFontHandle, PdfPage, PdfSaveOptions, Point, Pt, Rect,
        TextItem, WindingOrder,
    };
    let mut document = PdfDocument::new("Registrierungsbriefe");
    let font = include_bytes!("../../assets/fonts/NotoSans-Regular.ttf");
    let font = ParsedFont::from_bytes(font, 0, &mut Vec::new()).unwrap();
    let font = document.add_font(&font);
    let module = 38.0 * 72.0 / 25.4 / 37.0;
    let page = |(lines, runs): Content| {
        let mut ops = vec![
            Op::StartTextSection,
            Op::SetFont {
                font: PdfFontHandle::External(font.clone()),
                size: Pt(10.0),
            },
        ];
        for (x, y, text) in lines {
            ops.push(Op::SetTextCursor {
                pos: Point::new(Mm(x), Mm(297.0 - y)),
            });
            ops.push(Op::ShowText {
                items: vec![TextItem::Text(text)],
            });
        }
        ops.push(Op::EndTextSection);
        for (column, row, width) in runs {
            let rectangle = Rect {
                x: Pt(71.0 + column as f32 * module),
                y: Pt(420.0 - row as f32 * module),
                width: Pt(width as f32 * module),
                height: Pt(module),
                mode: Some(PaintMode::Fill),
                winding_order: Some(WindingOrder::NonZero),
            };
            ops.push(Op::DrawRectangle { rectangle });
        }
        PdfPage::new(Mm(210.0), Mm(297.0), ops)
    };
    let pages = content.into_iter().map(page).collect();
    document
        .with_pages(pages)
        .save(&PdfSaveOptions::default(), &mut Vec::new())
        .len()
}

struct Figures {
    letters: f64,
    wall: f64,
    cpu: f64,
    peak: f64,
    bytes: f64,
}

fn measure(side: &str, count: usize) -> Figures {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["child", side, &count.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let n: Vec<f64> = text.split_whitespace().filter_map(|w| w.parse().ok()).collect();
    assert_eq!(n.len(), 5, "{side}: {}", String::from_utf8_lossy(&output.stderr));
    Figures {
        letters: n[0],
        wall: n[1],
        cpu: n[2],
        peak: n[3],
        bytes: n[4],
    }
}

pub(crate) fn run() {
    println!("letters (bound of the engines study: 0.049 ms CPU per letter)");
    println!(
        "                             letters   wall s    CPU s   ms CPU/letter   peak MB   bytes/letter"
    );
    let show = |name: &str, f: &Figures| {
        println!(
            "  {name:24} {:9} {:8.2} {:8.2} {:15.3} {:9.0} {:14.0}",
            f.letters,
            f.wall,
            f.cpu,
            f.cpu * 1_000.0 / f.letters,
            f.peak,
            f.bytes / f.letters
        );
    };
    let ours = measure("ours", OURS);
    show("our engine", &ours);
    let checked = measure("checked", OURS);
    show("our engine + self-check", &checked);
    let theirs = measure("printpdf", THEIRS);
    show("printpdf", &theirs);
    let per = |f: &Figures| f.cpu / f.letters;
    println!(
        "  ratio: printpdf takes {:.1} × our CPU per letter; the bound is {:.2} of ours; the self-check costs {:.0} % on top",
        per(&theirs) / per(&ours),
        0.000_049 / per(&ours),
        (per(&checked) / per(&ours) - 1.0) * 100.0
    );
}
