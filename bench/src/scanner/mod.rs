//! The scanner: our decoder beside zxing-wasm and jsQR, all in WebAssembly or JavaScript in one run of node, on frames that are
//! made from our own letters with a seed, or on any folder of frames.

mod corpus;
mod pages;

use corpus::{CONDITIONS, Frame, Random};
use pages::Page;
use std::path::{Path, PathBuf};

/// Frames of each condition, severity and size.
const EACH: usize = 4;
/// Frames without a code, of each size.
const WITHOUT: usize = 24;
/// Hand-held looks at a letter, and frames of each.
const LOOKS: usize = 40;
const FRAMES: usize = 24;
const SIZES: [(usize, usize); 2] = [(640, 480), (1_280, 720)];

/// What a file shows.
#[derive(Clone, Copy)]
enum Shows {
    Code {
        condition: &'static str,
        severity: usize,
    },
    Nothing(usize),
    /// A hand-held look: all its frames.
    Look(usize),
}

/// All files of a corpus, in order, each with a seed of its own: the same whatever runs beside it.
fn list() -> Vec<(Shows, (usize, usize), usize)> {
    let mut all = Vec::new();
    for size in SIZES {
        for condition in CONDITIONS {
            for severity in 1..=5 {
                for n in 0..EACH {
                    all.push((Shows::Code { condition, severity }, size, n));
                }
            }
        }
        for n in 0..WITHOUT {
            all.push((Shows::Nothing(n), size, n));
        }
    }
    for look in 0..LOOKS {
        all.push((Shows::Look(look), SIZES[0], 0));
    }
    all
}

/// Makes and saves what belongs to one entry; its lines for `truth.jsonl`.
fn make(folder: &Path, pages: &[Page], entry: (Shows, (usize, usize), usize), seed: u64) -> String {
    let mut random = Random::new(seed);
    let page = &pages[random.bits() as usize % pages.len()];
    let (shows, (w, h), n) = entry;
    let save = |name: &str, frame: &Frame| {
        let path = folder.join("images").join(name);
        let (w, h) = (frame.w as u32, frame.h as u32);
        image::save_buffer(&path, &frame.pixels, w, h, image::ExtendedColorType::L8).unwrap();
    };
    match shows {
        Shows::Code { condition, severity } => {
            let name = format!("{condition}-{severity}-{h}-{n}.png");
            save(
                &name,
                &corpus::frame(page, condition, severity, (w, h), &mut random),
            );
            let line = serde_json::json!({
                "file": name, "w": w, "h": h, "payload": page.text,
                "condition": condition, "severity": severity,
            });
            format!("{line}\n")
        }
        Shows::Nothing(n) => {
            let name = format!("without-{h}-{n}.png");
            save(&name, &corpus::without(page, n, (w, h), &mut random));
            let line = serde_json::json!({
                "file": name, "w": w, "h": h, "payload": null, "condition": "without",
            });
            format!("{line}\n")
        }
        Shows::Look(look) => corpus::sequence(page, FRAMES, (w, h), &mut random)
            .iter()
            .enumerate()
            .map(|(n, frame)| {
                let name = format!("look-{look}-{n:02}.png");
                save(&name, frame);
                let line = serde_json::json!({
                    "file": name, "w": w, "h": h, "payload": page.text,
                    "condition": "look", "look": look, "frame": n,
                });
                format!("{line}\n")
            })
            .collect(),
    }
}

/// Writes frames and what they say (`images/*.png`, `truth.jsonl`).
fn write(folder: &Path, seed: u64) {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder.join("images")).unwrap();
    let pages = pages::pages(10, seed);
    let entries = list();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut lines: Vec<(usize, String)> = std::thread::scope(|scope| {
        let (pages, entries) = (&pages, &entries);
        let handles: Vec<_> = (0..cores)
            .map(|core| {
                scope.spawn(move || {
                    let own = entries.iter().enumerate().skip(core).step_by(cores);
                    own.map(|(i, entry)| (i, make(folder, pages, *entry, seed << 20 | i as u64)))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        handles.into_iter().flat_map(|h| h.join().unwrap()).collect()
    });
    lines.sort();
    let truth: String = lines.into_iter().map(|(_, line)| line).collect();
    std::fs::write(folder.join("truth.jsonl"), truth).unwrap();
}

/// Measures the frames of a folder, or of one that is made with a seed.
#[expect(clippy::disallowed_methods, reason = "xtask says where things are")]
pub(crate) fn run(arguments: &[String]) {
    let after = |name: &str| {
        let place = arguments.iter().position(|a| a == name)?;
        arguments.get(place + 1)
    };
    let folder = match after("--corpus") {
        Some(folder) => PathBuf::from(folder),
        None => {
            let seed = after("--seed").map_or(1, |s| s.parse().expect("a number"));
            let folder = PathBuf::from(after("--out").map_or_else(
                || format!("{}/frames-{seed}", std::env::var("BENCH_FRAMES").unwrap()),
                String::clone,
            ));
            println!("scanner: making frames (seed {seed}) in {}", folder.display());
            write(&folder, seed);
            folder
        }
    };
    if arguments.iter().any(|a| a == "--make-only") {
        return;
    }
    let done = std::process::Command::new("node")
        .arg("--no-warnings")
        .arg(std::env::var("BENCH_SCANNER").unwrap())
        .arg(&folder)
        .args(after("--passes").into_iter().flat_map(|n| ["--passes", n]))
        .status()
        .unwrap();
    assert!(done.success());
}
