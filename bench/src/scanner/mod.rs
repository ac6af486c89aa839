//! The scanner: our decoder beside zxing-wasm and jsQR, all in WebAssembly or JavaScript in one run of node, on frames that are
//! made from our own letters with a seed, or on any folder of frames.

mod corpus;
mod pages;

use corpus::{CONDITIONS, Frame, Random};
use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// Frames of each condition, severity and size.
const EACH: usize = 4;
/// Frames without a code, of each size.
const WITHOUT: usize = 24;
/// Hand-held looks at a letter, and frames of each.
const LOOKS: usize = 40;
const FRAMES: usize = 24;
const SIZES: [(usize, usize); 2] = [(640, 480), (1_280, 720)];

fn save(folder: &Path, name: &str, frame: &Frame) {
    let path = folder.join("images").join(name);
    let (w, h) = (frame.w as u32, frame.h as u32);
    image::save_buffer(&path, &frame.pixels, w, h, image::ExtendedColorType::L8).unwrap();
}

/// Writes frames and what they say (`images/*.png`, `truth.jsonl`).
fn write(folder: &Path, seed: u64) {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder.join("images")).unwrap();
    let pages = pages::pages(10, seed);
    let mut truth = std::io::BufWriter::new(std::fs::File::create(folder.join("truth.jsonl")).unwrap());
    let mut random = Random::new(seed);
    let mut line = |value: serde_json::Value| writeln!(truth, "{value}").unwrap();
    for (w, h) in SIZES {
        for condition in CONDITIONS {
            for severity in 1..=5 {
                for n in 0..EACH {
                    let page = &pages[random.bits() as usize % pages.len()];
                    let name = format!("{condition}-{severity}-{h}-{n}.png");
                    save(
                        folder,
                        &name,
                        &corpus::frame(page, condition, severity, (w, h), &mut random),
                    );
                    line(serde_json::json!({
                        "file": name, "w": w, "h": h, "payload": page.text,
                        "condition": condition, "severity": severity,
                    }));
                }
            }
        }
        for n in 0..WITHOUT {
            let page = &pages[random.bits() as usize % pages.len()];
            let name = format!("without-{h}-{n}.png");
            save(folder, &name, &corpus::without(page, n, (w, h), &mut random));
            line(serde_json::json!({
                "file": name, "w": w, "h": h, "payload": null, "condition": "without",
            }));
        }
    }
    for look in 0..LOOKS {
        let page = &pages[random.bits() as usize % pages.len()];
        let frames = corpus::sequence(page, FRAMES, SIZES[0], &mut random);
        for (n, frame) in frames.iter().enumerate() {
            let name = format!("look-{look}-{n:02}.png");
            save(folder, &name, frame);
            line(serde_json::json!({
                "file": name, "w": frame.w, "h": frame.h, "payload": page.text,
                "condition": "look", "look": look, "frame": n,
            }));
        }
    }
}

/// Measures the frames of a folder, or of one that is made with a seed.
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
        .arg(std::env::var("BENCH_SCANNER").unwrap())
        .arg(&folder)
        .status()
        .unwrap();
    assert!(done.success());
}
