//! The file: objects as they come, page tree, fonts, table of places. The same input gives the same bytes (fixed date and
//! file id). Memory does not grow with the number of letters, but for eight bytes per object.

use super::{
    artwork::{Art, Artwork, deflate},
    font::{Style, font},
    sheet::{MM, PAGE, Picture},
};
use pdf_writer::{
    Chunk, Finish, Name, Rect, Ref, Str,
    types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap},
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE_RESOURCES: Ref = Ref::new(3);
const FIXED_RESOURCES: Ref = Ref::new(4);
/// The form XObject with what is alike on all first sides.
const FIXED: Ref = Ref::new(5);
const INFO: Ref = Ref::new(6);
const IMAGES: i32 = 7; // logo, its opacity, signature, its opacity
const FONTS: i32 = 11; // six objects per font
const FIRST_FREE: i32 = 29;
/// Pages of one node of the page tree.
const NODE: usize = 128;

/// Glyphs that were used, per font, with what they stand for.
pub(super) type Used = [BTreeMap<u16, String>; 3];

fn font_ref(style: Style, part: i32) -> Ref {
    Ref::new(FONTS + i32::try_from(style.index()).unwrap_or(0) * 6 + part)
}

pub(super) struct File {
    out: Vec<u8>,
    taken: u64,
    hash: Sha256,
    offsets: Vec<u64>,
    next: i32,
    node: Option<(Ref, Vec<Ref>)>,
    nodes: Vec<(Ref, usize)>,
    id: [u8; 16],
    title: String,
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
    pub(super) fn new(id: [u8; 16], title: String) -> Self {
        let mut file = Self {
            out: Vec::new(),
            taken: 0,
            hash: Sha256::new(),
            offsets: Vec::new(),
            next: FIRST_FREE,
            node: None,
            nodes: Vec::new(),
            id,
            title,
        };
        // the second line marks the file as binary
        file.out.extend_from_slice(b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
        file
    }

    pub(super) fn fresh(&mut self) -> Ref {
        let id = Ref::new(self.next);
        self.next += 1;
        id
    }

    pub(super) fn begin(&mut self, id: Ref) {
        let place = usize::try_from(id.get()).unwrap_or(0);
        if self.offsets.len() <= place {
            self.offsets.resize(place + 1, 0);
        }
        self.offsets[place] = self.taken + self.out.len() as u64;
    }

    /// Writes a chunk that holds exactly this object.
    pub(super) fn object(&mut self, id: Ref, chunk: &Chunk) {
        self.begin(id);
        self.out.extend_from_slice(chunk.as_bytes());
    }

    pub(super) fn stream(&mut self, id: Ref, dictionary: &str, data: &[u8]) {
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

    /// A stream that every program can read without unpacking.
    pub(super) fn plain_stream(&mut self, id: Ref, dictionary: &str, data: &[u8]) {
        let text = format!("<</Length {}{dictionary}>>\nstream\n", data.len());
        self.begin(id);
        self.out
            .extend_from_slice(format!("{} 0 obj\n{text}", id.get()).as_bytes());
        self.out.extend_from_slice(data);
        self.out.extend_from_slice(b"\nendstream\nendobj\n\n");
    }

    /// A page that shows these content streams; its reference. `more` goes into its dictionary.
    pub(super) fn page(&mut self, contents: &[Ref], more: &str) -> Ref {
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
        let text = format!(
            "<</Type/Page/Parent {} 0 R/Contents{}{more}>>",
            node.get(),
            match contents {
                [only] => format!(" {} 0 R", only.get()),
                several => {
                    let all: Vec<String> = several.iter().map(|c| format!("{} 0 R", c.get())).collect();
                    format!("[{}]", all.join(" "))
                }
            }
        );
        self.dictionary(page, &text);
        if self.node.as_ref().is_some_and(|(_, kids)| kids.len() >= NODE) {
            self.close_node();
        }
        page
    }

    /// An object that is written as it is.
    pub(super) fn dictionary(&mut self, id: Ref, text: &str) {
        self.begin(id);
        self.out
            .extend_from_slice(format!("{} 0 obj\n{text}\nendobj\n\n", id.get()).as_bytes());
    }

    /// Bytes so far.
    pub(super) fn bytes(&self) -> u64 {
        self.taken + self.out.len() as u64
    }

    /// Pages so far.
    pub(super) fn pages(&self) -> usize {
        self.nodes.iter().map(|(_, n)| n).sum::<usize>()
            + self.node.as_ref().map_or(0, |(_, kids)| kids.len())
    }

    /// Pictures and resources, and the drawing that all first sides share.
    pub(super) fn shared(&mut self, art: &Art, fixed: &[u8]) {
        let mut names = String::new();
        for (i, picture) in [Picture::Logo, Picture::Signature].into_iter().enumerate() {
            if let Some(Artwork::Pixels {
                size, colour, alpha, ..
            }) = art.get(picture)
            {
                let image = Ref::new(IMAGES + 2 * i32::try_from(i).unwrap_or(0));
                let mask = Ref::new(image.get() + 1);
                let common = format!(
                    "/Type/XObject/Subtype/Image/Width {}/Height {}/BitsPerComponent 8",
                    size.0, size.1
                );
                self.stream(mask, &format!("{common}/ColorSpace/DeviceGray"), alpha);
                let colours = format!("{common}/ColorSpace/DeviceRGB/SMask {} 0 R", mask.get());
                self.stream(image, &colours, colour);
                names += &format!("/{} {} 0 R", picture.name(), image.get());
            }
        }
        let fonts: String = Style::ALL
            .iter()
            .map(|s| format!("/F{} {} 0 R", s.index(), font_ref(*s, 0).get()))
            .collect();
        for (id, objects) in [
            (PAGE_RESOURCES, format!("/X0 {} 0 R{names}", FIXED.get())),
            (FIXED_RESOURCES, names.clone()),
        ] {
            self.dictionary(id, &format!("<</Font<<{fonts}>>/XObject<<{objects}>>>>"));
        }
        let form = format!(
            "/Type/XObject/Subtype/Form/BBox[0 0 {} {}]/Resources {} 0 R",
            PAGE.0 * MM,
            PAGE.1 * MM,
            FIXED_RESOURCES.get()
        );
        self.stream(FIXED, &form, &deflate(fixed, 6));
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
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.hash.update(&self.out);
        self.taken += self.out.len() as u64;
        let next = Vec::with_capacity(self.out.len());
        std::mem::replace(&mut self.out, next)
    }

    /// Writes fonts, page tree and table; gives the last bytes and the summary.
    pub(super) fn finish(mut self, used: &Used, tags: Option<TagRefs>) -> (Vec<u8>, Summary) {
        self.close_node();
        for style in Style::ALL {
            write_font(&mut self, style, &used[style.index()]);
        }
        let mut chunk = Chunk::new();
        let mut pages = chunk.pages(PAGES);
        let count: usize = self.nodes.iter().map(|(_, n)| n).sum();
        pages.count(i32::try_from(count).unwrap_or(i32::MAX));
        pages.kids(self.nodes.iter().map(|(id, _)| *id));
        pages.media_box(Rect::new(0.0, 0.0, PAGE.0 * MM, PAGE.1 * MM));
        pages.pair(Name(b"Resources"), PAGE_RESOURCES);
        pages.finish();
        self.object(PAGES, &chunk);
        let mut chunk = Chunk::new();
        let mut catalog = chunk.indirect(CATALOG).dict();
        catalog.pair(Name(b"Type"), Name(b"Catalog"));
        catalog.pair(Name(b"Pages"), PAGES);
        catalog.pair(Name(b"Lang"), Str(b"de-DE"));
        if let Some(tags) = tags {
            catalog.pair(Name(b"StructTreeRoot"), tags.root);
            catalog.pair(Name(b"Metadata"), tags.metadata);
            catalog
                .insert(Name(b"MarkInfo"))
                .dict()
                .pair(Name(b"Marked"), true);
            let mut preferences = catalog.insert(Name(b"ViewerPreferences")).dict();
            preferences.pair(Name(b"DisplayDocTitle"), true);
            preferences.finish();
        }
        catalog.finish();
        self.object(CATALOG, &chunk);
        let mut chunk = Chunk::new();
        let mut info = chunk.indirect(INFO).dict();
        info.pair(Name(b"Title"), pdf_writer::TextStr(&self.title))
            .pair(Name(b"Producer"), pdf_writer::TextStr(PRODUCER));
        info.finish();
        self.object(INFO, &chunk);
        let table = self.taken + self.out.len() as u64;
        // a city's table has millions of lines: no second copy of it
        let head = format!("xref\n0 {}\n0000000000 65535 f \n", self.offsets.len());
        self.out.reserve(20 * self.offsets.len() + 500);
        self.out.extend_from_slice(head.as_bytes());
        for offset in self.offsets.iter().skip(1) {
            // object numbers that are not used point nowhere
            let kind = if *offset == 0 { "65535 f" } else { "00000 n" };
            self.out
                .extend_from_slice(format!("{offset:010} {kind} \n").as_bytes());
        }
        let id = crate::keys::hex(&self.id);
        let text = format!(
            "trailer\n<</Size {}/Root {} 0 R/Info {} 0 R/ID[<{id}><{id}>]>>\nstartxref\n{table}\n%%EOF\n",
            self.offsets.len(),
            CATALOG.get(),
            INFO.get()
        );
        self.out.extend_from_slice(text.as_bytes());
        let rest = self.take();
        let summary = Summary {
            pages: count,
            bytes: self.taken,
            sha256: crate::keys::hex(&std::mem::take(&mut self.hash).finalize()),
        };
        (rest, summary)
    }
}

/// What writes the file.
pub(super) const PRODUCER: &str = "Stadtbrief";

/// Objects of a tagged file.
#[derive(Clone, Copy)]
pub(super) struct TagRefs {
    /// Root of the structure tree.
    pub(super) root: Ref,
    /// XMP.
    pub(super) metadata: Ref,
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
