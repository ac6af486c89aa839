//! Logo and signature as PDF operators: SVG shapes stay shapes, PNG becomes an image. What cannot be printed is not
//! accepted when it is uploaded.

use super::{
    operators::{op, up},
    sheet::{MM, Picture},
};
use libdeflater::{CompressionLvl, Compressor};
use usvg::tiny_skia_path::PathSegment;

/// A picture ready for the PDF.
#[derive(Clone, Debug)]
pub enum Artwork {
    /// Shapes: operators in the picture's own coordinates (y downwards), width, height.
    Shapes {
        /// Operators.
        operators: Vec<u8>,
        /// The same as SVG paths.
        paths: String,
        /// Width and height in the picture's own units.
        size: (f32, f32),
    },
    /// Pixels.
    Pixels {
        /// Width and height in pixels.
        size: (u32, u32),
        /// RGB, compressed (zlib).
        colour: Vec<u8>,
        /// Opacity, compressed (zlib).
        alpha: Vec<u8>,
        /// The file as it was given.
        file: Vec<u8>,
    },
}

/// The pictures of a batch.
#[derive(Clone, Debug, Default)]
pub struct Art {
    /// In the letterhead.
    pub logo: Option<Artwork>,
    /// Above the signatory.
    pub signature: Option<Artwork>,
}

impl Art {
    /// A picture, if there is one.
    pub fn get(&self, picture: Picture) -> Option<&Artwork> {
        match picture {
            Picture::Logo => self.logo.as_ref(),
            Picture::Signature => self.signature.as_ref(),
        }
    }
}

/// `image/svg+xml` or `image/png` by content, `None` otherwise.
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some("image/png");
    }
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2_000)]);
    head.contains("<svg").then_some("image/svg+xml")
}

/// Most pixels of a PNG.
const MAX_PIXELS: u64 = 8_000_000;

impl Artwork {
    /// Reads an SVG (filled and stroked shapes in plain colours; no script, no outside reference is followed) or a PNG.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        match media_type(bytes)? {
            "image/png" => read_png(bytes),
            _ => read_svg(bytes),
        }
    }

    /// The largest size in millimetres within these bounds that keeps the proportions.
    pub fn fit(&self, max_width: f32, max_height: f32) -> (f32, f32) {
        let (w, h) = match self {
            Artwork::Shapes { size, .. } => *size,
            #[expect(clippy::cast_precision_loss, reason = "pixels of a logo")]
            Artwork::Pixels { size, .. } => (size.0 as f32, size.1 as f32),
        };
        let scale = (max_width / w).min(max_height / h);
        (w * scale, h * scale)
    }

    /// Draws it; pixels are referred to by `name`.
    pub fn draw(&self, out: &mut Vec<u8>, name: &str, (x, y): (f32, f32), (width, height): (f32, f32)) {
        out.extend_from_slice(b"q\n");
        match self {
            Artwork::Shapes { operators, size, .. } => {
                let scale = (width * MM / size.0, height * MM / size.1);
                out.extend_from_slice(format!("{:.5} 0 0 {:.5} ", scale.0, -scale.1).as_bytes());
                op(out, &[x * MM, up(y)], "cm");
                out.extend_from_slice(operators);
            }
            Artwork::Pixels { .. } => {
                op(
                    out,
                    &[width * MM, 0.0, 0.0, height * MM, x * MM, up(y + height)],
                    "cm",
                );
                out.extend_from_slice(format!("/{name} Do\n").as_bytes());
            }
        }
        out.extend_from_slice(b"Q\n");
    }
}

/// Compresses one piece after another (zlib) with the same memory.
pub struct Packer(Compressor, Vec<u8>);

impl Packer {
    /// Level 1 (fast) to 12 (small).
    pub fn new(level: i32) -> Self {
        let level = CompressionLvl::new(level).unwrap_or_default();
        Self(Compressor::new(level), Vec::new())
    }

    /// The compressed bytes.
    pub fn pack(&mut self, bytes: &[u8]) -> Vec<u8> {
        let bound = self.0.zlib_compress_bound(bytes.len());
        if self.1.len() < bound {
            self.1.resize(bound, 0);
        }
        let length = self.0.zlib_compress(bytes, &mut self.1).unwrap_or(0);
        self.1[..length].to_vec()
    }
}

/// One piece alone.
pub fn deflate(bytes: &[u8], level: i32) -> Vec<u8> {
    Packer::new(level).pack(bytes)
}

fn read_png(bytes: &[u8]) -> Option<Artwork> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().ok()?;
    let size = (reader.info().width, reader.info().height);
    if u64::from(size.0) * u64::from(size.1) > MAX_PIXELS {
        return None;
    }
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut pixels).ok()?;
    let per_pixel = frame.color_type.samples();
    let mut colour = Vec::new();
    let mut alpha = Vec::new();
    for pixel in pixels.chunks_exact(per_pixel) {
        match *pixel {
            [grey, a] => {
                colour.extend([grey; 3]);
                alpha.push(a);
            }
            [r, g, b, a] => {
                colour.extend([r, g, b]);
                alpha.push(a);
            }
            _ => return None,
        }
    }
    Some(Artwork::Pixels {
        size,
        colour: deflate(&colour, 6),
        alpha: deflate(&alpha, 6),
        file: bytes.to_vec(),
    })
}

fn read_svg(bytes: &[u8]) -> Option<Artwork> {
    let tree = usvg::Tree::from_data(bytes, &usvg::Options::default()).ok()?;
    let size = (tree.size().width(), tree.size().height());
    let mut drawn = Drawn::default();
    draw_group(tree.root(), &mut drawn)?;
    (!drawn.operators.is_empty()).then_some(Artwork::Shapes {
        operators: drawn.operators,
        paths: drawn.paths,
        size,
    })
}

/// Shapes in both languages.
#[derive(Default)]
struct Drawn {
    operators: Vec<u8>,
    paths: String,
}

/// `None` for what shapes cannot say: gradients, filters, embedded pictures, text without a font.
fn draw_group(group: &usvg::Group, out: &mut Drawn) -> Option<()> {
    for node in group.children() {
        match node {
            usvg::Node::Group(inner) => draw_group(inner, out)?,
            usvg::Node::Path(path) if path.is_visible() => draw_path(path, out)?,
            usvg::Node::Path(_) => {}
            usvg::Node::Image(_) | usvg::Node::Text(_) => return None,
        }
    }
    Some(())
}

fn plain(paint: &usvg::Paint) -> Option<[f32; 3]> {
    match paint {
        usvg::Paint::Color(c) => Some([c.red, c.green, c.blue].map(|v| f32::from(v) / 255.0)),
        _ => None,
    }
}

fn draw_path(path: &usvg::Path, drawn: &mut Drawn) -> Option<()> {
    let data = path.data().clone().transform(path.abs_transform())?;
    drawn.paths += &svg_path(path, &data)?;
    let out = &mut drawn.operators;
    out.extend_from_slice(b"q\n");
    if let Some(fill) = path.fill() {
        op(out, &plain(fill.paint())?, "rg");
    }
    if let Some(stroke) = path.stroke() {
        op(out, &plain(stroke.paint())?, "RG");
        let scale = path.abs_transform().get_scale();
        op(out, &[stroke.width().get() * (scale.0 + scale.1) / 2.0], "w");
        let join = match stroke.linejoin() {
            usvg::LineJoin::Round => "1 j",
            usvg::LineJoin::Bevel => "2 j",
            _ => "0 j",
        };
        let cap = match stroke.linecap() {
            usvg::LineCap::Round => "1 J",
            usvg::LineCap::Square => "2 J",
            usvg::LineCap::Butt => "0 J",
        };
        op(out, &[], join);
        op(out, &[], cap);
    }
    let mut last = (0.0, 0.0);
    for segment in data.segments() {
        match segment {
            PathSegment::MoveTo(p) => {
                op(out, &[p.x, p.y], "m");
                last = (p.x, p.y);
            }
            PathSegment::LineTo(p) => {
                op(out, &[p.x, p.y], "l");
                last = (p.x, p.y);
            }
            PathSegment::QuadTo(c, p) => {
                let third = |a: f32, b: f32| a + (b - a) * 2.0 / 3.0;
                op(
                    out,
                    &[
                        third(last.0, c.x),
                        third(last.1, c.y),
                        third(p.x, c.x),
                        third(p.y, c.y),
                        p.x,
                        p.y,
                    ],
                    "c",
                );
                last = (p.x, p.y);
            }
            PathSegment::CubicTo(a, b, p) => {
                op(out, &[a.x, a.y, b.x, b.y, p.x, p.y], "c");
                last = (p.x, p.y);
            }
            PathSegment::Close => op(out, &[], "h"),
        }
    }
    let even_odd = path.fill().is_some_and(|f| f.rule() == usvg::FillRule::EvenOdd);
    let paint = match (path.fill().is_some(), path.stroke().is_some(), even_odd) {
        (true, true, false) => "B",
        (true, true, true) => "B*",
        (true, false, false) => "f",
        (true, false, true) => "f*",
        (false, true, _) => "S",
        (false, false, _) => "n",
    };
    op(out, &[], paint);
    out.extend_from_slice(b"Q\n");
    Some(())
}

fn svg_path(path: &usvg::Path, data: &usvg::tiny_skia_path::Path) -> Option<String> {
    use std::fmt::Write as _;
    let colour = |paint| plain(paint).map(|c| c.map(|v| (v * 255.0).round()));
    let mut text = String::from("<path d=\"");
    for segment in data.segments() {
        let _ = match segment {
            PathSegment::MoveTo(p) => write!(text, "M{:.2} {:.2}", p.x, p.y),
            PathSegment::LineTo(p) => write!(text, "L{:.2} {:.2}", p.x, p.y),
            PathSegment::QuadTo(c, p) => write!(text, "Q{:.2} {:.2} {:.2} {:.2}", c.x, c.y, p.x, p.y),
            PathSegment::CubicTo(a, b, p) => write!(
                text,
                "C{:.2} {:.2} {:.2} {:.2} {:.2} {:.2}",
                a.x, a.y, b.x, b.y, p.x, p.y
            ),
            PathSegment::Close => write!(text, "Z"),
        };
    }
    text.push('"');
    let _ = match path.fill() {
        Some(fill) => {
            let [r, g, b] = colour(fill.paint())?;
            let rule = match fill.rule() {
                usvg::FillRule::EvenOdd => " fill-rule=\"evenodd\"",
                usvg::FillRule::NonZero => "",
            };
            write!(text, " fill=\"rgb({r} {g} {b})\"{rule}")
        }
        None => write!(text, " fill=\"none\""),
    };
    if let Some(stroke) = path.stroke() {
        let [r, g, b] = colour(stroke.paint())?;
        let scale = path.abs_transform().get_scale();
        let width = stroke.width().get() * (scale.0 + scale.1) / 2.0;
        let _ = write!(text, " stroke=\"rgb({r} {g} {b})\" stroke-width=\"{width:.2}\"");
    }
    text += "/>";
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_can_be_printed() {
        let svg = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 20"><path fill="#123456" d="M0 0h10v20z"/></svg>"##;
        let art = Artwork::read(svg).unwrap();
        assert_eq!(art.fit(10.0, 10.0), (5.0, 10.0));
        assert!(Artwork::read(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>").is_none());
        assert!(Artwork::read(b"GIF89a").is_none());
        assert!(Artwork::read(b"\x89PNG\r\n\x1a\nbroken").is_none());
    }
}
