//! Pictures that people send: known by content, bounded, decoded, turned upright, made small, marked and written anew, so that
//! nothing of the uploaded file is kept but what can be seen.

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, codecs::jpeg::JpegEncoder,
};
use std::io::Cursor;
use tokio::sync::Semaphore;

/// Largest upload in bytes: phones make pictures of 3 to 15 MB.
pub const MAX_UPLOAD: usize = 20 * 1024 * 1024;
/// Most pixels that are decoded (a bomb of a few kB can claim billions).
const MAX_PIXELS: u64 = 40_000_000;
/// Longest edge of what is kept, in pixels: an ID card stays readable.
const EDGE: u32 = 2_000;
/// Longest edge of a logo, in pixels.
const SMALL_EDGE: u32 = 400;
/// Shortest edge in which anything could be read.
const SMALLEST: u32 = 100;

/// Pictures that are decoded at the same time; each may take 160 MB.
static DECODING: Semaphore = Semaphore::const_new(2);

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureProblem {
    /// No file.
    Missing,
    /// Too many bytes or pixels.
    TooLarge,
    /// Nothing can be read on it.
    TooSmall,
    /// HEIC or HEIF, as some phones make it: browsers and this portal cannot read it.
    Heic,
    /// A PDF, a document, anything that is not a picture.
    Kind,
    /// Looks like a picture, but cannot be read.
    Damaged,
}

impl PictureProblem {
    /// All.
    pub const ALL: [PictureProblem; 6] = [
        PictureProblem::Missing,
        PictureProblem::TooLarge,
        PictureProblem::TooSmall,
        PictureProblem::Heic,
        PictureProblem::Kind,
        PictureProblem::Damaged,
    ];

    /// The key of the sentence in `locales/`.
    pub fn key(self) -> &'static str {
        match self {
            PictureProblem::Missing => "picture-missing",
            PictureProblem::TooLarge => "picture-too-large",
            PictureProblem::TooSmall => "picture-too-small",
            PictureProblem::Heic => "picture-heic",
            PictureProblem::Kind => "picture-kind",
            PictureProblem::Damaged => "picture-damaged",
        }
    }
}

/// The kind by its first bytes; name and declared type do not count.
fn format(bytes: &[u8]) -> Result<ImageFormat, PictureProblem> {
    if bytes.is_empty() {
        return Err(PictureProblem::Missing);
    }
    if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        return Ok(ImageFormat::Jpeg);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
        return Ok(ImageFormat::Png);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(ImageFormat::WebP);
    }
    // ISO 14496-12: a box "ftyp" with the brand; these are the brands of HEIF (ISO 23008-12) and AVIF
    const BRANDS: [&[u8]; 8] = [
        b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif",
    ];
    if bytes.get(4..8) == Some(b"ftyp") && bytes.get(8..12).is_some_and(|b| BRANDS.contains(&b)) {
        return Err(PictureProblem::Heic);
    }
    Err(PictureProblem::Kind)
}

/// Makes of an upload the JPEG that is kept; with a watermark unless the browser has drawn it already.
pub(crate) async fn clean(bytes: Vec<u8>, watermark: Option<String>) -> Result<Vec<u8>, PictureProblem> {
    one_of_two(bytes, move |bytes| clean_now(bytes, watermark.as_deref())).await
}

/// Makes of an upload a small PNG of at most [`SMALL_EDGE`] pixels, with its transparency: a logo.
pub(crate) async fn small(bytes: Vec<u8>) -> Result<Vec<u8>, PictureProblem> {
    one_of_two(bytes, small_now).await
}

/// Works on an upload off the threads that answer, two at a time.
async fn one_of_two(
    bytes: Vec<u8>,
    work: impl FnOnce(&[u8]) -> Result<Vec<u8>, PictureProblem> + Send + 'static,
) -> Result<Vec<u8>, PictureProblem> {
    if bytes.len() > MAX_UPLOAD {
        return Err(PictureProblem::TooLarge);
    }
    let Ok(_permit) = DECODING.acquire().await else {
        return Err(PictureProblem::Damaged);
    };
    let made = tokio::task::spawn_blocking(move || work(&bytes))
        .await
        .unwrap_or(Err(PictureProblem::Damaged));
    // a photo that is too large or too small is nobody's attack
    if let Err(PictureProblem::Kind | PictureProblem::Damaged) = made {
        crate::watch::security("upload-refused");
    }
    made
}

fn small_now(bytes: &[u8]) -> Result<Vec<u8>, PictureProblem> {
    let mut picture = decoded(bytes)?;
    if picture.width().max(picture.height()) > SMALL_EDGE {
        picture = picture.resize(SMALL_EDGE, SMALL_EDGE, image::imageops::FilterType::CatmullRom);
    }
    let mut out = Cursor::new(Vec::new());
    DynamicImage::from(picture.to_rgba8())
        .write_to(&mut out, ImageFormat::Png)
        .map_err(|_| PictureProblem::Damaged)?;
    Ok(out.into_inner())
}

/// The picture upright, no larger than [`EDGE`]; nothing of the file but what can be seen.
fn decoded(bytes: &[u8]) -> Result<DynamicImage, PictureProblem> {
    let damaged = |_| PictureProblem::Damaged;
    let format = format(bytes)?;
    let reader = || ImageReader::with_format(Cursor::new(bytes), format);
    let (width, height) = reader().into_dimensions().map_err(damaged)?;
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureProblem::TooLarge);
    }
    if width.min(height) < SMALLEST {
        return Err(PictureProblem::TooSmall);
    }
    let mut reader = reader();
    let mut limits = Limits::default();
    limits.max_alloc = Some(4 * MAX_PIXELS + 64 * 1024 * 1024);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    // the limit of the reader does not cover what the decoder gives back
    limits
        .reserve(decoder.total_bytes())
        .map_err(|_| PictureProblem::TooLarge)?;
    let orientation = decoder.orientation().map_err(damaged)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    if picture.width().max(picture.height()) > EDGE {
        picture = picture.resize(EDGE, EDGE, image::imageops::FilterType::Triangle);
    }
    picture.apply_orientation(orientation);
    Ok(picture)
}

pub(crate) fn clean_now(bytes: &[u8], watermark: Option<&str>) -> Result<Vec<u8>, PictureProblem> {
    let mut flat = on_white(&decoded(bytes)?);
    if let Some(text) = watermark {
        mark(&mut flat, text);
    }
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 86)
        .encode_image(&flat)
        .map_err(|_| PictureProblem::Damaged)?;
    Ok(out)
}

/// JPEG knows no transparency: what is transparent lies on white.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let rgba = picture.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0;
        let over = |c: u8| blend(255, c, f32::from(a) / 255.0);
        image::Rgb([over(r), over(g), over(b)])
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mean of two bytes is a byte"
)]
fn blend(below: u8, above: u8, share: f32) -> u8 {
    (f32::from(below) * (1.0 - share) + f32::from(above) * share)
        .round()
        .clamp(0.0, 255.0) as u8
}

/// One line of the mark as coverage, with room around it, to be laid over the picture like tiles.
struct Tile {
    width: usize,
    height: usize,
    cover: Vec<f32>,
}

impl Tile {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels of one line of text"
    )]
    fn new(text: &str, size: f32) -> Option<Self> {
        let font = FontRef::try_from_slice(crate::letters::engine::BOLD).ok()?;
        let scaled = font.as_scaled(PxScale::from(size));
        let mut x = size;
        let mut glyphs = Vec::new();
        for c in text.chars().take(200) {
            let id = font.glyph_id(c);
            glyphs.push(id.with_scale_and_position(size, ab_glyph::point(x, size * 1.6)));
            x += scaled.h_advance(id);
        }
        let (width, height) = ((x + 2.0 * size) as usize, (size * 4.5) as usize);
        let mut cover = vec![0.0_f32; width * height];
        for glyph in glyphs {
            let Some(outline) = font.outline_glyph(glyph) else {
                continue;
            };
            let place = outline.px_bounds().min;
            outline.draw(|gx, gy, c| {
                let (px, py) = (place.x as usize + gx as usize, place.y as usize + gy as usize);
                if px < width && py < height {
                    let cell = &mut cover[py * width + px];
                    *cell = cell.max(c);
                }
            });
        }
        Some(Self { width, height, cover })
    }

    fn at(&self, x: i64, y: i64) -> f32 {
        let wrap = |v: i64, n: usize| {
            let n = i64::try_from(n).unwrap_or(1).max(1);
            usize::try_from(v.rem_euclid(n)).unwrap_or(0)
        };
        // each row of tiles is shifted, so that the text stands nowhere only once
        let shift = y.div_euclid(i64::try_from(self.height).unwrap_or(1))
            * i64::try_from(self.width / 3).unwrap_or(0);
        self.cover[wrap(y, self.height) * self.width + wrap(x + shift, self.width)]
    }
}

/// Lays the text over the whole picture, slanting, light with a dark edge: to be read on any ground.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "pixels of a picture of 2,000 at most"
)]
fn mark(picture: &mut RgbImage, text: &str) {
    let size = (picture.width().max(picture.height()) as f32 / 34.0).max(9.0);
    let Some(tile) = Tile::new(text, size) else { return };
    let edge = (size / 14.0).ceil() as i64;
    let (sin, cos) = (-25.0_f32).to_radians().sin_cos();
    for (px, py, pixel) in picture.enumerate_pixels_mut() {
        let (fx, fy) = (px as f32, py as f32);
        let (u, v) = ((fx * cos + fy * sin) as i64, (-fx * sin + fy * cos) as i64);
        let inner = tile.at(u, v);
        let around = [(edge, 0), (-edge, 0), (0, edge), (0, -edge)]
            .into_iter()
            .map(|(dx, dy)| tile.at(u + dx, v + dy))
            .fold(0.0_f32, f32::max);
        for channel in &mut pixel.0 {
            *channel = blend(*channel, 0, 0.35 * (around - inner).max(0.0));
            *channel = blend(*channel, 255, 0.5 * inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, y| {
            image::Rgb([u8::try_from(x % 256).unwrap(), u8::try_from(y % 256).unwrap(), 90])
        });
        let mut out = Cursor::new(Vec::new());
        DynamicImage::from(picture).write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    #[test]
    fn pictures_are_written_anew() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let clean = clean_now(&encoded(format, 2_600, 1_300), None).unwrap();
            let read = image::load_from_memory(&clean).unwrap();
            assert_eq!((read.width(), read.height()), (2_000, 1_000), "{format:?}");
        }
    }

    /// A JPEG that stands on its side says so in its EXIF part; a comment and a place would be in it too.
    #[test]
    fn the_picture_is_turned_and_its_data_are_gone() {
        let mut jpeg = encoded(ImageFormat::Jpeg, 300, 200);
        let exif: &[u8] = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let segment = [&[0xFF, 0xE1][..], &length, exif].concat();
        jpeg.splice(2..2, segment);
        let clean = clean_now(&jpeg, None).unwrap();
        let read = image::load_from_memory(&clean).unwrap();
        assert_eq!((read.width(), read.height()), (200, 300));
        assert!(!clean.windows(4).any(|w| w == b"Exif"));
    }

    #[test]
    fn the_mark_is_on_the_picture() {
        let plain = encoded(ImageFormat::Png, 800, 500);
        let without = image::load_from_memory(&clean_now(&plain, None).unwrap())
            .unwrap()
            .to_rgb8();
        let with = clean_now(&plain, Some("Kopie – nur für Lindenau, Vorgang V-7K3M-9QX2")).unwrap();
        let with = image::load_from_memory(&with).unwrap().to_rgb8();
        let differs = without
            .pixels()
            .zip(with.pixels())
            .filter(|(a, b)| a.0.iter().zip(b.0).any(|(x, y)| x.abs_diff(y) > 40))
            .count();
        // in every quarter of the picture, and not everywhere
        assert!(differs > 4_000 && differs < 200_000, "{differs}");
        for (x0, y0) in [(0, 0), (400, 0), (0, 250), (400, 250)] {
            let some = (x0..x0 + 400).any(|x| {
                (y0..y0 + 250).any(|y| {
                    let (a, b) = (without.get_pixel(x, y), with.get_pixel(x, y));
                    a.0[0].abs_diff(b.0[0]) > 60
                })
            });
            assert!(some, "{x0} {y0}");
        }
    }

    #[test]
    fn logos_are_small_and_keep_their_transparency() {
        let picture = image::RgbaImage::from_pixel(900, 300, image::Rgba([200, 0, 0, 0]));
        let mut png = Cursor::new(Vec::new());
        DynamicImage::from(picture)
            .write_to(&mut png, ImageFormat::Png)
            .unwrap();
        let small = small_now(png.get_ref()).unwrap();
        let read = image::load_from_memory(&small).unwrap();
        assert_eq!((read.width(), read.height()), (400, 133));
        assert_eq!(read.to_rgba8().get_pixel(10, 10).0[3], 0);
        assert_eq!(small_now(b"<svg onload=alert(1)>"), Err(PictureProblem::Kind));
    }

    #[test]
    fn what_is_refused() {
        let refuse = |bytes: &[u8]| clean_now(bytes, None).unwrap_err();
        assert_eq!(refuse(b""), PictureProblem::Missing);
        assert_eq!(refuse(b"%PDF-1.7 /JavaScript"), PictureProblem::Kind);
        assert_eq!(refuse(b"<svg onload=alert(1)>"), PictureProblem::Kind);
        assert_eq!(refuse(b"GIF89a"), PictureProblem::Kind);
        assert_eq!(refuse(b"\0\0\0\x18ftypheic\0\0\0\0"), PictureProblem::Heic);
        assert_eq!(
            refuse(&encoded(ImageFormat::Png, 40, 400)),
            PictureProblem::TooSmall
        );
        let png = encoded(ImageFormat::Png, 400, 400);
        assert_eq!(refuse(&png[..png.len() / 2]), PictureProblem::Damaged);
        // a header that claims 60,000 × 60,000 pixels (the CRC of the header is right)
        let mut bomb = png.clone();
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(refuse(&bomb), PictureProblem::TooLarge);
        // both a picture and a script: only the picture is kept
        let mut polyglot = encoded(ImageFormat::Jpeg, 300, 200);
        polyglot.extend_from_slice(b"<script>alert(1)</script>%PDF-1.7");
        let clean = clean_now(&polyglot, None).unwrap();
        assert!(!clean.windows(8).any(|w| w == b"<script>"));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 {
                    (crc >> 1) ^ 0xEDB8_8320
                } else {
                    crc >> 1
                };
            }
        }
        !crc
    }
}
