//! A PDF that is written while letters are made: two objects per letter, fonts subset once at the end, the same
//! bytes from the same input (fixed date and file id). Memory does not grow with the number of letters, but for
//! eight bytes per object.

use super::{
    artwork::{Artwork, Packer, deflate},
    font::{Shaper, Style, font},
    page::{DoesNotFit, Layout, MM, PAGE},
    qr,
};
use domain::letters::content::{Frozen, Recipient};
use pdf_writer::{
    Chunk, Finish, Name, Rect, Ref, Str,
    types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap},
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Everything one letter prints.
#[derive(Clone, Debug)]
pub struct LetterInput {
    /// Who it is for.
    pub recipient: Recipient,
    /// `XXXX-XXXX-XXXX-XXXX`.
    pub user_id: String,
    /// What the QR code carries behind `#`.
    pub payload: String,
    /// `L-XXXX-XXXX`.
    pub letter_number: String,
}

/// Why no file can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineError {
    /// The texts of the batch do not fit on a page.
    Texts,
    /// The name or address of the letter at this place of the batch does not fit.
    Letter(usize),
    /// The link is too long for a QR code.
    Link,
}

impl From<DoesNotFit> for EngineError {
    fn from(_: DoesNotFit) -> Self {
        EngineError::Texts
    }
}

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE_RESOURCES: Ref = Ref::new(3);
const FIXED_RESOURCES: Ref = Ref::new(4);
const FIXED: Ref = Ref::new(5);
const INFO: Ref = Ref::new(6);
const IMAGES: i32 = 7; // logo, its opacity, signature, its opacity
const FONTS: i32 = 11; // six objects per font
const FIRST_FREE: i32 = 29;
/// Pages of one node of the page tree.
const NODE: usize = 128;

fn font_ref(style: Style, part: i32) -> Ref {
    Ref::new(FONTS + i32::try_from(style.index()).unwrap_or(0) * 6 + part)
}

/// Makes letters and writes them.
pub struct Engine {
    layout: Layout,
    workers: Vec<Worker>,
    file: File,
    made: usize,
}

/// What a thread keeps from letter to letter.
struct Worker {
    shaper: Shaper,
    packer: Packer,
}

struct File {
    out: Vec<u8>,
    taken: u64,
    hash: Sha256,
    offsets: Vec<u64>,
    next: i32,
    node: Option<(Ref, Vec<Ref>)>,
    nodes: Vec<(Ref, usize)>,
    id: [u8; 16],
}

/// The finished file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Pages.
    pub pages: usize,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

impl File {
    fn new(id: [u8; 16]) -> Self {
        let mut file = Self {
            out: Vec::new(),
            taken: 0,
            hash: Sha256::new(),
            offsets: Vec::new(),
            next: FIRST_FREE,
            node: None,
            nodes: Vec::new(),
            id,
        };
        // the second line marks the file as binary
        file.out.extend_from_slice(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
        file
    }

    fn fresh(&mut self) -> Ref {
        let id = Ref::new(self.next);
        self.next += 1;
        id
    }

    fn begin(&mut self, id: Ref) {
        let place = usize::try_from(id.get()).unwrap_or(0);
        if self.offsets.len() <= place {
            self.offsets.resize(place + 1, 0);
        }
        self.offsets[place] = self.taken + self.out.len() as u64;
    }

    /// Writes a chunk that holds exactly this object.
    fn object(&mut self, id: Ref, chunk: &Chunk) {
        self.begin(id);
        self.out.extend_from_slice(chunk.as_bytes());
    }

    fn stream(&mut self, id: Ref, dictionary: &str, data: &[u8]) {
        self.begin(id);
        self.out.extend_from_slice(
            format!(
                "{} 0 obj\n<</Length {}/Filter/FlateDecode{dictionary}>>\nstream\n",
                id.get(),
                data.len()
            )
            .as_bytes(),
        );
        self.out.extend_from_slice(data);
        self.out.extend_from_slice(b"\nendstream\nendobj\n\n");
    }

    fn page(&mut self, content: &[u8]) {
        let stream = self.fresh();
        self.stream(stream, "", content);
        let page = self.fresh();
        let node = match &mut self.node {
            Some((node, kids)) => {
                kids.push(page);
                *node
            }
            None => {
                let node = self.fresh();
                self.node = Some((node, vec![page]));
                node
            }
        };
        self.begin(page);
        self.out.extend_from_slice(
            format!(
                "{} 0 obj\n<</Type/Page/Parent {} 0 R/Contents {} 0 R>>\nendobj\n\n",
                page.get(),
                node.get(),
                stream.get()
            )
            .as_bytes(),
        );
        if self.node.as_ref().is_some_and(|(_, kids)| kids.len() >= NODE) {
            self.close_node();
        }
    }

    fn close_node(&mut self) {
        if let Some((id, kids)) = self.node.take() {
            let mut chunk = Chunk::new();
            let mut pages = chunk.pages(id);
            pages.parent(PAGES).count(i32::try_from(kids.len()).unwrap_or(0));
            pages.kids(kids.iter().copied());
            pages.finish();
            self.object(id, &chunk);
            self.nodes.push((id, kids.len()));
        }
    }

    /// Hands out what was written since the last time.
    fn take(&mut self) -> Vec<u8> {
        self.hash.update(&self.out);
        self.taken += self.out.len() as u64;
        let next = Vec::with_capacity(self.out.len());
        std::mem::replace(&mut self.out, next)
    }
}

impl Engine {
    /// Lays out the batch and begins the file. `id` makes the file's identity; the same id gives the same bytes.
    pub fn new(
        frozen: &Frozen,
        logo: Option<&Artwork>,
        signature: Option<&Artwork>,
        id: [u8; 16],
    ) -> Result<Self, EngineError> {
        let threads = std::thread::available_parallelism()
            .map_or(1, std::num::NonZero::get)
            .min(8);
        let mut workers: Vec<Worker> = (0..threads)
            .map(|_| Worker {
                shaper: Shaper::default(),
                packer: Packer::new(1),
            })
            .collect();
        let layout = Layout::new(frozen, logo, signature, &mut workers[0].shaper)?;
        if qr::encode(&layout.link(&"0".repeat(32))).is_none() {
            return Err(EngineError::Link);
        }
        let mut file = File::new(id);
        let mut chunk = Chunk::new();
        let mut info = chunk.indirect(INFO).dict();
        let title = format!("Registrierungsbriefe {}", frozen.municipality);
        info.pair(Name(b"Title"), pdf_writer::TextStr(&title))
            .pair(Name(b"Producer"), pdf_writer::TextStr("Stadtbrief"));
        info.finish();
        file.object(INFO, &chunk);
        let mut names = String::new();
        for (i, (name, art)) in [("Logo", logo), ("Signature", signature)].into_iter().enumerate() {
            if let Some(Artwork::Pixels { size, colour, alpha }) = art {
                let image = Ref::new(IMAGES + 2 * i32::try_from(i).unwrap_or(0));
                let mask = Ref::new(image.get() + 1);
                let common = format!(
                    "/Type/XObject/Subtype/Image/Width {}/Height {}/BitsPerComponent 8",
                    size.0, size.1
                );
                file.stream(mask, &format!("{common}/ColorSpace/DeviceGray"), alpha);
                file.stream(
                    image,
                    &format!("{common}/ColorSpace/DeviceRGB/SMask {} 0 R", mask.get()),
                    colour,
                );
                names += &format!("/{name} {} 0 R", image.get());
            }
        }
        let fonts: String = Style::ALL
            .iter()
            .map(|s| format!("/F{} {} 0 R", s.index(), font_ref(*s, 0).get()))
            .collect();
        for (id, objects) in [
            (PAGE_RESOURCES, format!("/X0 {} 0 R", FIXED.get())),
            (FIXED_RESOURCES, names),
        ] {
            file.begin(id);
            file.out.extend_from_slice(
                format!(
                    "{} 0 obj\n<</Font<<{fonts}>>/XObject<<{objects}>>>>\nendobj\n\n",
                    id.get()
                )
                .as_bytes(),
            );
        }
        let form = format!(
            "/Type/XObject/Subtype/Form/BBox[0 0 {} {}]/Resources {} 0 R",
            PAGE.0 * MM,
            PAGE.1 * MM,
            FIXED_RESOURCES.get()
        );
        file.stream(FIXED, &form, &deflate(&layout.fixed, 6));
        Ok(Self {
            layout,
            workers,
            file,
            made: 0,
        })
    }

    /// Makes letters in order, on all cores. `seen` gets the content stream of each page as it stands in the file,
    /// and may refuse it.
    pub fn letters<E: From<EngineError>>(
        &mut self,
        inputs: &[LetterInput],
        mut seen: impl FnMut(&LetterInput, &[u8], &Glyphs<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let share = inputs.len().div_ceil(self.workers.len()).max(1);
        let layout = &self.layout;
        let first = self.made;
        let parts: Vec<Result<Vec<Vec<u8>>, EngineError>> = std::thread::scope(|scope| {
            let handles: Vec<_> = inputs
                .chunks(share)
                .zip(&mut self.workers)
                .enumerate()
                .map(|(i, (part, worker))| {
                    scope.spawn(move || make_part(layout, worker, part, first + i * share))
                })
                .collect();
            handles
                .into_iter()
                .map(|h| h.join().unwrap_or(Err(EngineError::Letter(first))))
                .collect()
        });
        let glyphs = Glyphs {
            workers: &self.workers,
        };
        let mut inputs = inputs.iter();
        for part in parts {
            for content in part? {
                if let Some(input) = inputs.next() {
                    seen(input, &content, &glyphs)?;
                }
                self.file.page(&content);
                self.made += 1;
            }
        }
        Ok(())
    }

    /// What was written since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        self.file.take()
    }

    /// The content that all letters share, compressed: for benchmarks that draw it with another library.
    #[cfg(feature = "testing")]
    pub fn fixed(&self) -> Vec<u8> {
        deflate(&self.layout.fixed, 1)
    }

    /// What glyphs stand for.
    #[cfg(feature = "testing")]
    pub fn glyphs(&self) -> Glyphs<'_> {
        Glyphs {
            workers: &self.workers,
        }
    }

    /// Letters made so far.
    pub fn made(&self) -> usize {
        self.made
    }

    /// Writes fonts, page tree and table; gives the last bytes and the summary.
    pub fn finish(mut self) -> (Vec<u8>, Summary) {
        self.file.close_node();
        let mut used: [BTreeMap<u16, String>; 3] = Default::default();
        for worker in &self.workers {
            for (all, some) in used.iter_mut().zip(&worker.shaper.used) {
                for (glyph, text) in some {
                    let known = all.entry(*glyph).or_default();
                    if known.is_empty() {
                        known.clone_from(text);
                    }
                }
            }
        }
        for style in Style::ALL {
            write_font(&mut self.file, style, &used[style.index()]);
        }
        let file = &mut self.file;
        let mut chunk = Chunk::new();
        let mut pages = chunk.pages(PAGES);
        let count: usize = file.nodes.iter().map(|(_, n)| n).sum();
        pages.count(i32::try_from(count).unwrap_or(i32::MAX));
        pages.kids(file.nodes.iter().map(|(id, _)| *id));
        pages.media_box(Rect::new(0.0, 0.0, PAGE.0 * MM, PAGE.1 * MM));
        pages.pair(Name(b"Resources"), PAGE_RESOURCES);
        pages.finish();
        file.object(PAGES, &chunk);
        let mut chunk = Chunk::new();
        let mut catalog = chunk.indirect(CATALOG).dict();
        catalog.pair(Name(b"Type"), Name(b"Catalog"));
        catalog.pair(Name(b"Pages"), PAGES);
        catalog.pair(Name(b"Lang"), Str(b"de"));
        catalog.finish();
        file.object(CATALOG, &chunk);
        let table = file.taken + file.out.len() as u64;
        let mut text = format!("xref\n0 {}\n0000000000 65535 f \n", file.offsets.len());
        for offset in file.offsets.iter().skip(1) {
            // object numbers that are not used point nowhere
            let kind = if *offset == 0 { "65535 f" } else { "00000 n" };
            text += &format!("{offset:010} {kind} \n");
        }
        let id = crate::keys::hex(&file.id);
        text += &format!(
            "trailer\n<</Size {}/Root {} 0 R/Info {} 0 R/ID[<{id}><{id}>]>>\nstartxref\n{table}\n%%EOF\n",
            file.offsets.len(),
            CATALOG.get(),
            INFO.get()
        );
        file.out.extend_from_slice(text.as_bytes());
        let rest = file.take();
        let summary = Summary {
            pages: count,
            bytes: file.taken,
            sha256: crate::keys::hex(&std::mem::take(&mut file.hash).finalize()),
        };
        (rest, summary)
    }
}

fn make_part(
    layout: &Layout,
    worker: &mut Worker,
    inputs: &[LetterInput],
    first: usize,
) -> Result<Vec<Vec<u8>>, EngineError> {
    inputs
        .iter()
        .enumerate()
        .map(|(i, input)| {
            let code = qr::encode(&layout.link(&input.payload)).ok_or(EngineError::Link)?;
            let content = layout
                .letter(
                    &mut worker.shaper,
                    &input.recipient,
                    &input.user_id,
                    &input.letter_number,
                    &code,
                )
                .map_err(|DoesNotFit| EngineError::Letter(first + i))?;
            Ok(worker.packer.pack(&content))
        })
        .collect()
}

/// What glyphs stand for, as the finished file will say.
pub struct Glyphs<'a> {
    workers: &'a [Worker],
}

impl Glyphs<'_> {
    /// The characters of a glyph of font `F<index>`.
    pub fn text(&self, font: usize, glyph: u16) -> &str {
        self.workers
            .iter()
            .filter_map(|w| w.shaper.used.get(font)?.get(&glyph))
            .find(|t| !t.is_empty())
            .map_or("", String::as_str)
    }
}

const SYSTEM: SystemInfo<'_> = SystemInfo {
    registry: Str(b"Adobe"),
    ordering: Str(b"Identity"),
    supplement: 0,
};

/// Content streams name glyphs of the whole font; a table maps them to the subset, so the subset can come last.
fn write_font(file: &mut File, style: Style, used: &BTreeMap<u16, String>) {
    let Some(font) = font(style) else { return };
    let mut mapper = subsetter::GlyphRemapper::new();
    for glyph in used.keys() {
        mapper.remap(*glyph);
    }
    let data = subsetter::subset(font.data, 0, &mapper).unwrap_or_else(|_| font.data.to_vec());
    let base = format!("STADTB+{}", font.name);
    let base = Name(base.as_bytes());

    let mut chunk = Chunk::new();
    chunk
        .type0_font(font_ref(style, 0))
        .base_font(base)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(font_ref(style, 1))
        .to_unicode(font_ref(style, 4));
    file.object(font_ref(style, 0), &chunk);

    let mut chunk = Chunk::new();
    let mut cid = chunk.cid_font(font_ref(style, 1));
    cid.subtype(CidFontType::Type2)
        .base_font(base)
        .system_info(SYSTEM)
        .font_descriptor(font_ref(style, 2))
        .default_width(0.0);
    cid.cid_to_gid_map_stream(font_ref(style, 5));
    let mut widths = cid.widths();
    for glyph in used.keys() {
        widths.same(*glyph, *glyph, f32::from(font.advance(*glyph)));
    }
    widths.finish();
    cid.finish();
    file.object(font_ref(style, 1), &chunk);

    let (ascent, descent, cap_height) = font.metrics();
    let [x0, y0, x1, y1] = font.bounds().map(f32::from);
    let mut flags = FontFlags::SYMBOLIC;
    if style == Style::Mono {
        flags |= FontFlags::FIXED_PITCH;
    }
    let mut chunk = Chunk::new();
    chunk
        .font_descriptor(font_ref(style, 2))
        .name(base)
        .flags(flags)
        .bbox(Rect::new(x0, y0, x1, y1))
        .italic_angle(0.0)
        .ascent(f32::from(ascent))
        .descent(f32::from(descent))
        .cap_height(f32::from(cap_height))
        .stem_v(if style == Style::Regular { 80.0 } else { 140.0 })
        .font_file2(font_ref(style, 3));
    file.object(font_ref(style, 2), &chunk);

    file.stream(
        font_ref(style, 3),
        &format!("/Length1 {}", data.len()),
        &deflate(&data, 6),
    );

    let mut cmap = UnicodeCmap::new(Name(b"Stadtbrief-UCS"), SYSTEM);
    for (glyph, text) in used {
        match text.chars().count() {
            0 => {}
            1 => cmap.pair(*glyph, text.chars().next().unwrap_or(' ')),
            _ => cmap.pair_with_multiple(*glyph, text.chars()),
        }
    }
    let cmap = cmap.finish();
    let bytes: &[u8] = &cmap;
    file.stream(font_ref(style, 4), "", &deflate(bytes, 6));

    let last = usize::from(used.keys().last().copied().unwrap_or(0));
    let mut map = vec![0; 2 * (last + 1)];
    for glyph in used.keys() {
        let place = 2 * usize::from(*glyph);
        map[place..place + 2].copy_from_slice(&mapper.get(*glyph).unwrap_or(0).to_be_bytes());
    }
    file.stream(font_ref(style, 5), "", &deflate(&map, 6));
}
