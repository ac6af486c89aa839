//! Letters: our engine beside printpdf, krilla, typst and reportlab, on the same content. Each side runs in a process of its
//! own, so that peak memory is its own. All draw the very same lines at the very same places; what differs is how.

use crate::{
    peers::{with_krilla, with_printpdf, with_python},
    usage::{cpu, peak_mb},
};
use backend::letters::{
    engine::{
        Art, Layout, Shaper,
        sheet::{Block, Item},
    },
    outside::{self, PrintFile},
    specimen,
};
use domain::{
    letters::{content::Recipient, template::Template},
    residents::ResidentData,
};
use std::{process::Command, time::Instant};

/// Letters of our side, and of the others: they keep everything in memory.
const OURS: usize = 20_000;
const THEIRS: usize = 1_000;
/// A city, when it is asked for by name.
const CITY: usize = 1_000_000;

/// A single-sided letter, as the study of engines measured it.
fn print_file() -> PrintFile {
    let mut file = PrintFile::plain();
    file.frozen.template = Template {
        notice: String::new(),
        ..file.frozen.template
    };
    file
}

fn people() -> Vec<ResidentData> {
    (0..4_000)
        .map(|i| ResidentData {
            family_name: format!("Mustermann{}", i % 1_000),
            given_names: ["Erika", "Jörg", "Anne-Sophie", "Łukasz"][i % 4].into(),
            street: "Karl-Liebknecht-Straße".into(),
            house_number: (i % 130).to_string(),
            postcode: "01945".into(),
            city: "Lindenau".into(),
            ..ResidentData::default()
        })
        .collect()
}

/// The blocks of letters as the layout places them, for the others. `own_codes`: they must encode the codes themselves.
fn pages(count: usize) -> Vec<Vec<Block>> {
    let file = print_file();
    let frozen = domain::letters::content::Frozen {
        specimen: true,
        ..file.frozen
    };
    let people = people();
    let mut shaper = Shaper::default();
    let layout = Layout::new(&frozen, &Art::default(), &mut shaper).unwrap();
    (0..count)
        .map(|i| {
            let data = &people[i % people.len()];
            let recipient = Recipient {
                name: data.display_name(),
                address: data.address_lines(),
            };
            let own = layout.letter(&mut shaper, &specimen(recipient, i + 1)).unwrap();
            layout.sides[0].iter().cloned().chain(own).collect()
        })
        .collect()
}

/// One side, in a process of its own: prints letters, wall seconds, CPU seconds, peak MB, bytes.
pub(crate) fn child(side: &str, count: usize) {
    // what the others draw is laid out before their clock starts
    let content = match side {
        "ours" | "checked" => Vec::new(),
        _ => pages(count),
    };
    let (start, before) = (Instant::now(), cpu());
    let bytes = match side {
        "ours" => ours(count, false),
        "checked" => ours(count, true),
        "krilla" => krilla(&content, false),
        "krilla-qr" => krilla(&content, true),
        "printpdf" => with_printpdf::draw(content),
        _ => {
            encode_again(&content);
            with_printpdf::draw(content)
        }
    };
    println!(
        "{count} {} {} {} {bytes}",
        start.elapsed().as_secs_f64(),
        cpu() - before,
        peak_mb()
    );
}

/// What `stadtbrief letters make --residents … --count N` does, without the disk.
fn ours(count: usize, check: bool) -> u64 {
    outside::specimens(&print_file(), &people(), count, check, &mut std::io::sink())
        .unwrap()
        .bytes
}

/// The work of an encoder that chooses the mask as the crate does: each letter has one code and one return mark.
fn encode_again(pages: &[Vec<Block>]) {
    for item in pages.iter().flatten().flat_map(|b| &b.items) {
        if let Item::Code(modules, ..) = item {
            let text = match modules.size {
                21 => "L-MUST-0001".to_owned(),
                _ => format!("https://portal.musterstadt.example/r#{:032}", 1),
            };
            let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::Q).unwrap();
            assert_eq!(code.width(), modules.size);
        }
    }
}

fn krilla(pages: &[Vec<Block>], encode: bool) -> u64 {
    if encode {
        encode_again(pages);
    }
    let fonts = with_krilla::fonts();
    let mut document = krilla::Document::new();
    for blocks in pages {
        with_krilla::page(&mut document, &fonts, blocks);
    }
    document.finish().unwrap().len() as u64
}

struct Figures {
    letters: f64,
    wall: f64,
    cpu: f64,
    peak: f64,
    bytes: f64,
}

impl Figures {
    fn read(text: &str) -> Option<Self> {
        let n: Vec<f64> = text.split_whitespace().filter_map(|w| w.parse().ok()).collect();
        let [letters, wall, cpu, peak, bytes] = n[..] else {
            return None;
        };
        Some(Self {
            letters,
            wall,
            cpu,
            peak,
            bytes,
        })
    }

    fn per_letter(&self) -> f64 {
        self.cpu / self.letters
    }
}

fn measure(side: &str, count: usize) -> Figures {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["child", side, &count.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    Figures::read(&text).unwrap_or_else(|| panic!("{side}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn show(name: &str, f: &Figures) {
    println!(
        "  {name:34} {:9} {:8.2} {:8.2} {:10.3} {:9.0} {:8.0}",
        f.letters,
        f.wall,
        f.cpu,
        f.cpu * 1_000.0 / f.letters,
        f.peak,
        f.bytes / f.letters
    );
}

const HEAD: &str =
    "                                       letters   wall s    CPU s  ms/letter   peak MB B/letter";

/// All sides.
pub(crate) fn run() {
    println!("letters (bound of the engines study: 0.049 ms CPU per letter)\n{HEAD}");
    let ours = measure("ours", OURS);
    show("our engine", &ours);
    let half = measure("ours", OURS / 2);
    show("our engine, half as many", &half);
    let checked = measure("checked", OURS);
    show("our engine + self-check", &checked);
    let mut others = Vec::new();
    for (side, name) in [
        ("printpdf", "printpdf, codes given"),
        ("printpdf-qr", "printpdf + qrcode"),
        ("krilla", "krilla, codes given"),
        ("krilla-qr", "krilla + qrcode"),
    ] {
        let figures = measure(side, THEIRS);
        show(name, &figures);
        others.push((name, figures));
    }
    let content = pages(THEIRS);
    for engine in ["typst", "reportlab"] {
        match with_python::measure(engine, &content).and_then(|text| Figures::read(&text)) {
            Some(figures) => {
                show(&format!("{engine}, codes given"), &figures);
                others.push((engine, figures));
            }
            None => println!(
                "  {engine}: not there (reportlab: pip install; typst: `cargo xtask bench` builds it)"
            ),
        }
    }
    println!(
        "  ratio: ours is {:.2} × the bound; twice as many letters take {:.2} × the CPU; the self-check costs {:.0} % on top",
        ours.per_letter() / 0.000_049,
        ours.cpu / half.cpu,
        (checked.per_letter() / ours.per_letter() - 1.0) * 100.0
    );
    for (name, figures) in others {
        println!(
            "  ratio: {name} takes {:.1} × our CPU per letter",
            figures.per_letter() / ours.per_letter()
        );
    }
}

/// A city's letters in one file: memory and time.
pub(crate) fn million() {
    println!("letters of a city\n{HEAD}");
    let small = measure("ours", OURS);
    show("our engine", &small);
    let city = measure("ours", CITY);
    show("our engine", &city);
    println!(
        "  ratio: {} × the letters take {:.1} × the CPU",
        CITY / OURS,
        city.cpu / small.cpu
    );
}
