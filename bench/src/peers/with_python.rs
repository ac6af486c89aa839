//! reportlab (a Python script) and typst (the crate `bench/typst`): programs that get lines and modules as JSON.

use backend::letters::engine::{
    Style,
    sheet::{Block, Item},
};
use std::{
    io::Write,
    process::{Command, Stdio},
};

/// Lets a program draw the pages; letters, wall, CPU, peak MB and bytes as text. `None` if it is not there.
pub(crate) fn measure(engine: &str, pages: &[Vec<Block>]) -> Option<String> {
    let fonts = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/fonts");
    let mut child = command(engine)
        .arg(fonts)
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

#[expect(
    clippy::disallowed_methods,
    reason = "told by whoever runs it where the programs are"
)]
fn command(engine: &str) -> Command {
    if engine == "typst" {
        return Command::new(std::env::var("BENCH_TYPST").unwrap_or_else(|_| "with-typst".into()));
    }
    let mut python = Command::new(std::env::var("BENCH_PYTHON").unwrap_or_else(|_| "python3".into()));
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/peers/letters.py"));
    python
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
