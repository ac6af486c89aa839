//! The site: WebAssembly, scripts, styles, fonts, icons; hashed names; brotli and gzip made once.

use crate::shell::{self, Outcome, cargo, npm_tool, read, root, run, write};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};
use wasm_bindgen_cli_support::Bindgen;

const WASM_OPT: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// What the site weighs, in brotli-compressed bytes; `cargo xtask test` fails above (see docs/benchmarks.md).
pub(crate) const BUDGETS: [(&str, &[&str], usize); 7] = [
    (
        "registration page: WASM and JS before the scanner opens",
        &["app.wasm", "app.js", "site.js", "letter-link.js", "waiting.js"],
        180_000,
    ),
    (
        "scanner: WASM and JS",
        &["scanner.wasm", "scanner.js", "scanner-worker.js"],
        90_000,
    ),
    (
        "blind ballot: WASM and JS",
        &["ballot-module.wasm", "ballot-module.js", "ballot.js"],
        90_000,
    ),
    (
        "dashboard: WASM and JS",
        &["staff.wasm", "staff.js", "site.js"],
        320_000,
    ),
    ("notifications: JS", &["push.js", "sw.js"], 4_000),
    ("search and jump: JS", &["palette.js"], 6_000),
    ("CSS", &["site.css"], 25_000),
];

/// What the site is made of.
const SOURCES: [&str; 12] = [
    "app",
    "assets/site",
    "ballot",
    "domain",
    "frontend",
    "scanner",
    "style",
    "web",
    "xtask/src",
    "package-lock.json",
    "Cargo.toml",
    "Cargo.lock",
];

/// Where the decoder of the release lies, as a module that node can load, too.
pub(crate) fn scanner() -> PathBuf {
    shell::target().join("site-release/scanner")
}

/// Says which kind of site was built, and by its time when. Beside the site, because everything inside is embedded.
/// The site is built anew the next time, whatever is there.
pub(crate) fn forget() {
    let _ = fs::remove_file(mark());
}

fn mark() -> PathBuf {
    root().join("target/site.mark")
}

fn kind(release: bool) -> &'static str {
    if release { "release" } else { "development" }
}

/// Is the site of this kind newer than everything it is made of?
fn is_fresh(release: bool) -> bool {
    let built = mark().metadata().and_then(|m| m.modified());
    let same = fs::read_to_string(mark()).is_ok_and(|text| text == kind(release));
    let Some(built) = built
        .ok()
        .filter(|_| same && shell::site().join("names.txt").exists())
    else {
        return false;
    };
    SOURCES
        .iter()
        .all(|source| shell::newest(&root().join(source)) < built)
}

/// Builds everything into `target/site`.
pub(crate) fn build(release: bool) -> Outcome {
    if is_fresh(release) {
        return Ok(());
    }
    let work = shell::target().join(if release { "site-release" } else { "site-dev" });
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (package, name, profile) in [
        ("frontend", "app", "wasm-release"),
        ("frontend", "staff", "wasm-release"),
        ("scanner", "scanner", "scanner-release"),
        ("ballot", "ballot-module", "ballot-release"),
    ] {
        // decoder and ballots are useless without optimisation, and rarely change
        let profile = if release || package != "frontend" {
            profile
        } else {
            "wasm-dev"
        };
        let (wasm, js) = module(package, name, profile, release, &work)?;
        files.push((format!("{name}.wasm"), wasm));
        files.push((format!("{name}.js"), js));
    }
    for name in [
        "site.js",
        "waiting.js",
        "letter-link.js",
        "scanner-worker.js",
        "sw.js",
        "desk.js",
        "palette.js",
        "id-picture.js",
        "passkey.js",
        "ballot.js",
        "push.js",
    ] {
        files.push((name.to_owned(), read(&root().join("web").join(name))?));
    }
    if !release {
        files
            .iter_mut()
            .filter(|f| f.0 == "site.js")
            .for_each(|f| f.1.extend_from_slice(RELOAD.as_bytes()));
    }
    for folder in ["assets/site", "assets/site/fonts"] {
        for entry in fs::read_dir(root().join(folder))
            .map_err(|e| e.to_string())?
            .flatten()
            .filter(|e| e.path().is_file())
        {
            files.push((
                entry.file_name().to_string_lossy().into_owned(),
                read(&entry.path())?,
            ));
        }
    }
    if release {
        for (name, bytes) in files.iter_mut().filter(|f| f.0.ends_with(".js")) {
            *bytes = minify(name, bytes, &work)?;
        }
    }
    files.push(("site.css".to_owned(), styles(release)?.into_bytes()));
    publish(files, release)
}

/// In development builds: reload when the site or the server is new.
const RELOAD: &str = "\nlet built; setInterval(async () => { try { const now = await (await fetch('/assets/build.txt', { cache: 'no-store' })).text();\
 if (built && now !== built) location.reload(); built = now; } catch {} }, 700);\n";

/// Compiles a browser crate and makes its JavaScript.
fn module(
    package: &str,
    name: &str,
    profile: &str,
    release: bool,
    work: &Path,
) -> Outcome<(Vec<u8>, Vec<u8>)> {
    let features: &[&str] = match name {
        "staff" => &["--features", "staff"],
        _ => &[],
    };
    run(cargo()
        .args([
            "build",
            "-q",
            "-p",
            package,
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
            "--profile",
            profile,
        ])
        .args(features))?;
    let input = shell::target()
        .join("wasm32-unknown-unknown")
        .join(profile)
        .join(format!("{package}.wasm"));
    let out = work.join(name);
    let _ = fs::remove_dir_all(&out);
    let made = Bindgen::new().input_path(&input).web(true).and_then(|b| {
        b.out_name(name)
            .typescript(false)
            .remove_name_section(release)
            .remove_producers_section(release)
            .generate(&out)
    });
    made.map_err(|e| format!("wasm-bindgen, {package}: {e:?}"))?;
    let wasm = out.join(format!("{name}_bg.wasm"));
    if release {
        run(npm_tool("wasm-opt")
            .arg(if package != "frontend" { "-O3" } else { "-Oz" })
            .args(WASM_OPT)
            .arg(&wasm)
            .arg("-o")
            .arg(&wasm))?;
    }
    Ok((read(&wasm)?, read(&out.join(format!("{name}.js")))?))
}

fn minify(name: &str, bytes: &[u8], work: &Path) -> Outcome<Vec<u8>> {
    let input = work.join("minify").join(name);
    let output = work.join("minified").join(name);
    write(&input, bytes)?;
    let format = if name == "letter-link.js" || name == "sw.js" {
        "--format=iife"
    } else {
        "--format=esm"
    };
    run(npm_tool("esbuild")
        .arg(&input)
        .args(["--minify", "--log-level=error", "--allow-overwrite", format])
        .arg(format!("--outfile={}", output.display())))?;
    read(&output)
}

fn styles(release: bool) -> Outcome<String> {
    let style = if release {
        grass::OutputStyle::Compressed
    } else {
        grass::OutputStyle::Expanded
    };
    // KERN's sources are reached as "kern/…"
    let kern = root().join("target/scss/kern");
    let sources = root().join("node_modules/@kern-ux/native/src/scss");
    let _ = fs::remove_dir_all(&kern);
    copy(&sources, &kern)?;
    let options = grass::Options::default()
        .style(style)
        .load_path(root().join("target/scss"))
        .load_path(root().join("style"));
    let css = grass::from_path(root().join("style/main.scss"), &options).map_err(|e| e.to_string())?;
    Ok(light_on_paper(&both_directions(&css)))
}

/// Dark colours are for screens: who prints in dark mode gets black letters on white paper. (KERN asks for the scheme only.)
fn light_on_paper(css: &str) -> String {
    css.replace(
        "@media (prefers-color-scheme: dark)",
        "@media screen and (prefers-color-scheme: dark)",
    )
    .replace(
        "@media (prefers-color-scheme: light)",
        "@media print, (prefers-color-scheme: light)",
    )
}

/// Sides become beginning and end, so that the layout also holds in languages that are written from right to left. (KERN
/// writes left and right.)
fn both_directions(css: &str) -> String {
    const SIDES: [(&str, &str); 16] = [
        ("margin-left:", "margin-inline-start:"),
        ("margin-right:", "margin-inline-end:"),
        ("padding-left:", "padding-inline-start:"),
        ("padding-right:", "padding-inline-end:"),
        ("border-left:", "border-inline-start:"),
        ("border-right:", "border-inline-end:"),
        ("border-left-color:", "border-inline-start-color:"),
        ("border-left-style:", "border-inline-start-style:"),
        ("border-left-width:", "border-inline-start-width:"),
        ("left:", "inset-inline-start:"),
        ("right:", "inset-inline-end:"),
        ("text-align:left", "text-align:start"),
        ("text-align:right", "text-align:end"),
        ("float:left", "float:inline-start"),
        ("float:right", "float:inline-end"),
        ("clear:left", "clear:inline-start"),
    ];
    let mut out = css.to_owned();
    for (side, logical) in SIDES {
        for before in ["{", ";", "  "] {
            out = out.replace(&format!("{before}{side}"), &format!("{before}{logical}"));
            // as development builds write it
            let (side, logical) = (side.replace(':', ": "), logical.replace(':', ": "));
            out = out.replace(&format!("{before}{side}"), &format!("{before}{logical}"));
        }
    }
    out
}

fn copy(from: &Path, to: &Path) -> Outcome {
    for entry in fs::read_dir(from)
        .map_err(|e| format!("{}: {e}", from.display()))?
        .flatten()
    {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target)?
        } else {
            write(&target, read(&path)?)?
        }
    }
    Ok(())
}

/// Names that browsers ask for as they are: the server finds the hashed file behind them.
fn hashed_name(name: &str, bytes: &[u8]) -> String {
    let hash: String = Sha256::digest(bytes)
        .iter()
        .take(6)
        .map(|b| format!("{b:02x}"))
        .collect();
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.{hash}.{ending}"),
        None => format!("{name}.{hash}"),
    }
}

/// Files that name others come after them, so that their hash covers the others' hashes.
fn order(name: &str) -> u8 {
    match name {
        "scanner.wasm" | "app.wasm" => 0,
        "scanner.js" | "app.js" => 1,
        "scanner-worker.js" | "site.js" | "letter-link.js" => 2,
        "site.css" => 3,
        "sw.js" => 4,
        _ => 0,
    }
}

fn publish(mut files: Vec<(String, Vec<u8>)>, release: bool) -> Outcome {
    files.sort_by_key(|f| (order(&f.0), f.0.clone()));
    let site = shell::site();
    let fresh = site.with_extension("new");
    let _ = fs::remove_dir_all(&fresh);
    let mut names: Vec<(String, String)> = Vec::new();
    for (name, mut bytes) in files {
        if matches!(
            name.as_str(),
            "scanner-worker.js" | "site.js" | "site.css" | "sw.js"
        ) {
            let mut text = String::from_utf8(bytes).map_err(|e| e.to_string())?;
            for (plain, hashed) in &names {
                text = text.replace(&format!("./{plain}"), &format!("./{hashed}"));
                text = text.replace(&format!("/assets/{plain}"), &format!("/assets/{hashed}"));
                text = text
                    .replace(&format!("(\"{plain}\")"), &format!("(\"{hashed}\")"))
                    .replace(&format!("({plain})"), &format!("({hashed})"));
            }
            let version: String = names.iter().map(|n| n.1.as_str()).collect();
            let version: String = Sha256::digest(version)
                .iter()
                .take(4)
                .map(|b| format!("{b:02x}"))
                .collect();
            bytes = text
                .replace("stadtbrief-VERSION", &format!("stadtbrief-{version}"))
                .into_bytes();
        }
        let hashed = hashed_name(&name, &bytes);
        write(&fresh.join(&hashed), &bytes)?;
        let packs = ["wasm", "js", "css", "svg"]
            .iter()
            .any(|e| name.ends_with(&format!(".{e}")));
        if release && packs {
            write(&fresh.join(format!("{hashed}.br")), brotli(&bytes)?)?;
            write(&fresh.join(format!("{hashed}.gz")), gzip(&bytes)?)?;
        }
        names.push((name, hashed));
    }
    let list: String = names
        .iter()
        .map(|(plain, hashed)| format!("{plain} {hashed}\n"))
        .collect();
    let unchanged = fs::read_to_string(site.join("names.txt")).is_ok_and(|old| old == list);
    let same_kind = fs::read_to_string(mark()).is_ok_and(|text| text == kind(release));
    // an unchanged site keeps its times, so that the binary is not built again
    if unchanged && same_kind {
        fs::remove_dir_all(&fresh).map_err(|e| e.to_string())?;
        return write(&mark(), kind(release));
    }
    write(&fresh.join("names.txt"), &list)?;
    if !release {
        write(
            &fresh.join("build.txt"),
            format!("{:?}", std::time::Instant::now()),
        )?;
    }
    let _ = fs::remove_dir_all(&site);
    fs::rename(&fresh, &site).map_err(|e| format!("{}: {e}", site.display()))?;
    write(&mark(), kind(release))
}

fn brotli(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &parameters).map_err(|e| e.to_string())?;
    Ok(out)
}

fn gzip(bytes: &[u8]) -> Outcome<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map_err(|e| e.to_string())
}

/// Prints what the site weighs; an error above a budget.
pub(crate) fn weigh() -> Outcome {
    let site = shell::site();
    let names = String::from_utf8_lossy(&read(&site.join("names.txt"))?).into_owned();
    let path = |plain: &str| -> Option<PathBuf> {
        names
            .lines()
            .filter_map(|l| l.split_once(' '))
            .find(|(k, _)| *k == plain)
            .map(|(_, v)| site.join(format!("{v}.br")))
    };
    for (what, parts, most) in BUDGETS {
        let mut sum = 0;
        for part in parts {
            let path = path(part).ok_or(format!("{part} is not in the site"))?;
            sum += read(&path)?.len();
        }
        println!("{what}: {sum} bytes brotli (budget {most})");
        if sum > most {
            return Err(format!("{what}: {sum} bytes are above the budget of {most}"));
        }
    }
    Ok(())
}
