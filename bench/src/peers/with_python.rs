//! reportlab, and typst by its Python wheel (the same Rust program): they get lines and modules as JSON.

use backend::letters::engine::{
    Style,
    sheet::{Block, Item},
};
use std::{
    io::Write,
    process::{Command, Stdio},
};

/// Lets a script draw the pages; letters, wall, CPU, peak MB and bytes as text. `None` if Python lacks the engine.
pub(crate) fn measure(engine: &str, pages: &[Vec<Block>]) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "told by whoever runs it which Python has the engines"
    )]
    let python = std::env::var("BENCH_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/peers/letters.py");
    let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/fonts");
    let mut child = Command::new(python)
        .args([script, engine, fonts])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let content: Vec<serde_json::Value> = pages.iter().map(|p| page(p)).collect();
    let json = serde_json::to_vec(&content).ok()?;
    child.stdin.take()?.write_all(&json).ok()?;
    let output = child.wait_with_output().ok()?;
    String::from_utf8(output.stdout).ok()
}

fn page(blocks: &[Block]) -> serde_json::Value {
    let (mut lines, mut rules, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    for item in blocks.iter().flat_map(|b| &b.items) {
        match item {
            Item::Text(spot, text) | Item::Once(spot, text) => {
                let font = match spot.style {
                    Style::Regular => 0,
                    Style::Bold => 1,
                    Style::Mono => 2,
                };
                lines.push(serde_json::json!([spot.x, spot.y, spot.size, font, text]));
            }
            Item::Line(from, to, width) => {
                rules.push(serde_json::json!([from.0, from.1, to.0, to.1, width]));
            }
            Item::Code(modules, at, edge) => {
                let runs: Vec<_> = modules.runs().collect();
                codes.push(serde_json::json!([at.0, at.1, edge, modules.size, runs]));
            }
            Item::Picture(..) => {}
        }
    }
    serde_json::json!({"lines": lines, "rules": rules, "codes": codes})
}
