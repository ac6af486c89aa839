//! typst draws what our layout has placed: reads the pages as JSON, prints letters, wall seconds, CPU seconds, peak MB and
//! bytes. Called by `cargo xtask bench letters`; the first argument is the folder of fonts.

use serde::Deserialize;
use std::{fmt::Write as _, io::Read as _, path::Path, time::Instant};
use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime},
    layout::PagedDocument,
    syntax::{FileId, Source},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_pdf::PdfOptions;

#[path = "../../src/usage.rs"]
mod usage;

/// What our layout has placed on a page; millimetres from the upper left corner, sizes in points.
#[derive(Deserialize)]
struct Page {
    /// x, y, size, font, text
    lines: Vec<(f64, f64, f64, usize, String)>,
    /// x0, y0, x1, y1, width
    rules: Vec<(f64, f64, f64, f64, f64)>,
    /// x, y, edge, modules on an edge, dark runs as (column, row, width)
    codes: Vec<(f64, f64, f64, f64, Vec<(f64, f64, f64)>)>,
}

struct Town {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    main: Source,
}

impl World for Town {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, _: FileId) -> FileResult<Source> {
        Ok(self.main.clone())
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<i64>) -> Option<Datetime> {
        None
    }
}

/// The letters as a typst document: each thing where our layout has put it.
fn document(pages: &[Page]) -> Result<String, std::fmt::Error> {
    const FAMILY: [(&str, &str); 3] = [
        ("Noto Sans", "regular"),
        ("Noto Sans", "bold"),
        ("Noto Sans Mono", "bold"),
    ];
    let mut out = String::from(
        "#set page(width: 210mm, height: 297mm, margin: 0mm)\n#set text(lang: \"de\", ligatures: false)\n",
    );
    for (i, page) in pages.iter().enumerate() {
        if i > 0 {
            out.push_str("#pagebreak()\n");
        }
        for (x, y, size, font, text) in &page.lines {
            let (family, weight) = FAMILY[*font];
            writeln!(
                out,
                "#place(dx: {x}mm, dy: {y}mm, text(font: \"{family}\", size: {size}pt, weight: \"{weight}\", top-edge: \"baseline\", {text:?}))"
            )?;
        }
        for (x0, y0, x1, y1, width) in &page.rules {
            writeln!(
                out,
                "#place(line(start: ({x0}mm, {y0}mm), end: ({x1}mm, {y1}mm), stroke: {width}pt))"
            )?;
        }
        for (x, y, edge, size, runs) in &page.codes {
            let module = edge / size;
            out.push_str("#place(curve(fill: black");
            for (column, row, width) in runs {
                let (left, top) = (x + column * module, y + row * module);
                let (right, bottom) = (left + width * module, top + module);
                write!(
                    out,
                    ", curve.move(({left:.3}mm, {top:.3}mm)), curve.line(({right:.3}mm, {top:.3}mm)), \
                     curve.line(({right:.3}mm, {bottom:.3}mm)), curve.line(({left:.3}mm, {bottom:.3}mm)), curve.close()"
                )?;
            }
            out.push_str("))\n");
        }
    }
    Ok(out)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("the folder of fonts is missing")?;
    let mut json = String::new();
    std::io::stdin().read_to_string(&mut json)?;
    let pages: Vec<Page> = serde_json::from_str(&json)?;
    let (wall, cpu) = (Instant::now(), usage::cpu());
    let fonts: Vec<Font> = [
        "NotoSans-Regular.ttf",
        "NotoSans-Bold.ttf",
        "NotoSansMono-Bold.ttf",
    ]
    .into_iter()
    .map(|name| std::fs::read(Path::new(&folder).join(name)))
    .collect::<Result<Vec<_>, _>>()?
    .into_iter()
    .flat_map(|data| Font::iter(Bytes::new(data)))
    .collect();
    let town = Town {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        main: Source::detached(document(&pages)?),
    };
    let made = typst::compile::<PagedDocument>(&town).output;
    let made = made.map_err(|e| format!("{e:?}"))?;
    let bytes = typst_pdf::pdf(&made, &PdfOptions::default()).map_err(|e| format!("{e:?}"))?;
    println!(
        "{} {} {} {} {}",
        pages.len(),
        wall.elapsed().as_secs_f64(),
        usage::cpu() - cpu,
        usage::peak_mb(),
        bytes.len()
    );
    Ok(())
}
