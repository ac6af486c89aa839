//! Pictures of the installed app, made from the town's own logo, colour and name: icons, and what an app shop shows
//! before somebody installs it.

use super::Image;
use ab_glyph::{Font, FontRef, PxScale, ScaleFont};
use domain::municipality::colour::Colour;
use image::{ImageFormat, Rgba, RgbaImage, imageops};
use std::io::Cursor;

const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../assets/fonts/NotoSans-Bold.ttf");

const WHITE: Colour = Colour::new(255, 255, 255);
const INK: Colour = Colour::new(0x17, 0x1a, 0x2b);
const LINE: Colour = Colour::new(0x8a, 0x90, 0xa6);

/// Which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppPicture {
    /// Square, round corners, 192 or 512 pixels.
    Icon(u32),
    /// 512 pixels, to the edge; everything that matters is inside the safe circle of four fifths (W3C Web Application
    /// Manifest, "safe zone").
    Maskable,
    /// 180 pixels, to the edge: iOS rounds the corners itself.
    Apple,
    /// The start page on a phone, 540 × 960.
    Narrow,
    /// The start page on a desktop, 1280 × 800.
    Wide,
}

impl AppPicture {
    /// All of them.
    pub const ALL: [AppPicture; 6] = [
        AppPicture::Icon(192),
        AppPicture::Icon(512),
        AppPicture::Maskable,
        AppPicture::Apple,
        AppPicture::Narrow,
        AppPicture::Wide,
    ];

    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            AppPicture::Icon(192) => "symbol-192.png",
            AppPicture::Icon(_) => "symbol-512.png",
            AppPicture::Maskable => "symbol-maskable.png",
            AppPicture::Apple => "symbol-apple.png",
            AppPicture::Narrow => "ansicht-schmal.png",
            AppPicture::Wide => "ansicht-breit.png",
        }
    }

    /// The picture with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }

    /// Width and height in pixels.
    pub fn size(self) -> (u32, u32) {
        match self {
            AppPicture::Icon(size) => (size, size),
            AppPicture::Maskable => (512, 512),
            AppPicture::Apple => (180, 180),
            AppPicture::Narrow => (540, 960),
            AppPicture::Wide => (1280, 800),
        }
    }
}

/// What stands in the views.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// In the header.
    pub portal: String,
    /// Heading.
    pub heading: String,
    /// Text below it.
    pub intro: String,
    /// On the button.
    pub button: String,
    /// The steps.
    pub steps: Vec<String>,
}

/// Draws a picture as PNG; `None` if the logo cannot be drawn (what can be uploaded can be).
pub fn draw(picture: AppPicture, logo: &Image, colour: Colour, words: &Words) -> Option<Vec<u8>> {
    let (w, h) = picture.size();
    let canvas = match picture {
        AppPicture::Icon(_) => icon(logo, w, 0.70, w / 5)?,
        // the square inside the safe circle has 0.8 / √2 of the edge
        AppPicture::Maskable => icon(logo, w, 0.56, 0)?,
        AppPicture::Apple => icon(logo, w, 0.72, 0)?,
        AppPicture::Narrow => view(logo, colour, words, (w, h), 28)?,
        AppPicture::Wide => view(logo, colour, words, (w, h), 260)?,
    };
    let mut out = Cursor::new(Vec::new());
    canvas.write_to(&mut out, ImageFormat::Png).ok()?;
    Some(out.into_inner())
}

/// The logo on white, filling `part` of the edge.
fn icon(logo: &Image, edge: u32, part: f64, corner: u32) -> Option<RgbaImage> {
    let mut canvas = RgbaImage::new(edge, edge);
    rounded(&mut canvas, (0, 0, edge, edge), corner, WHITE);
    let most = round(f64::from(edge) * part);
    let drawn = pixels(logo, most, most)?;
    let (x, y) = ((edge - drawn.width()) / 2, (edge - drawn.height()) / 2);
    imageops::overlay(&mut canvas, &drawn, i64::from(x), i64::from(y));
    Some(canvas)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes of a picture in pixels"
)]
fn round(value: f64) -> u32 {
    value.round().max(1.0) as u32
}

/// The logo in pixels, as large as fits.
fn pixels(logo: &Image, width: u32, height: u32) -> Option<RgbaImage> {
    if logo.media_type == "image/png" {
        let read = image::load_from_memory_with_format(&logo.bytes, ImageFormat::Png)
            .ok()?
            .to_rgba8();
        let scale =
            (f64::from(width) / f64::from(read.width())).min(f64::from(height) / f64::from(read.height()));
        let (w, h) = (
            round(f64::from(read.width()) * scale),
            round(f64::from(read.height()) * scale),
        );
        return Some(imageops::resize(&read, w, h, imageops::FilterType::CatmullRom));
    }
    let tree = usvg::Tree::from_data(&logo.bytes, &usvg::Options::default()).ok()?;
    let size = tree.size();
    let scale =
        (f64::from(width) / f64::from(size.width())).min(f64::from(height) / f64::from(size.height()));
    let (w, h) = (
        round(f64::from(size.width()) * scale),
        round(f64::from(size.height()) * scale),
    );
    let mut map = resvg::tiny_skia::Pixmap::new(w.min(width), h.min(height))?;
    #[expect(clippy::cast_possible_truncation, reason = "a scale")]
    let transform = resvg::tiny_skia::Transform::from_scale(scale as f32, scale as f32);
    resvg::render(&tree, transform, &mut map.as_mut());
    let (w, h) = (map.width(), map.height());
    let bytes = map
        .pixels()
        .iter()
        .map(|p| p.demultiply())
        .flat_map(|c| [c.red(), c.green(), c.blue(), c.alpha()])
        .collect();
    RgbaImage::from_raw(w, h, bytes)
}

/// The start page, simply drawn.
fn view(logo: &Image, colour: Colour, words: &Words, (w, h): (u32, u32), side: u32) -> Option<RgbaImage> {
    let (regular, bold) = (
        FontRef::try_from_slice(REGULAR).ok()?,
        FontRef::try_from_slice(BOLD).ok()?,
    );
    let mut canvas = RgbaImage::from_pixel(w, h, rgba(WHITE));
    let mark = pixels(logo, 90, 56)?;
    imageops::overlay(&mut canvas, &mark, 28, 20);
    text(
        &mut canvas,
        &bold,
        &words.portal,
        (28 + mark.width() + 18, 34),
        24.0,
        INK,
        w - 120,
    );
    rounded(&mut canvas, (0, 96, w, 2), 0, LINE);
    let width = w - 2 * side;
    let mut y = 140;
    y = text(&mut canvas, &bold, &words.heading, (side, y), 42.0, INK, width) + 20;
    y = text(&mut canvas, &regular, &words.intro, (side, y), 23.0, INK, width) + 26;
    rounded(&mut canvas, (side, y, width.min(440), 64), 8, colour);
    text(
        &mut canvas,
        &bold,
        &words.button,
        (side + 24, y + 18),
        22.0,
        WHITE,
        width.min(440) - 48,
    );
    y += 100;
    for (i, step) in words.steps.iter().enumerate() {
        rounded(&mut canvas, (side, y, 44, 44), 22, colour);
        text(
            &mut canvas,
            &bold,
            &(i + 1).to_string(),
            (side + 15, y + 9),
            22.0,
            WHITE,
            40,
        );
        y = text(
            &mut canvas,
            &regular,
            step,
            (side + 64, y + 6),
            21.0,
            INK,
            width - 64,
        )
        .max(y + 44)
            + 22;
    }
    Some(canvas)
}

fn rgba(c: Colour) -> Rgba<u8> {
    let [r, g, b] = c.rgb;
    Rgba([r, g, b, 255])
}

/// A filled box with round corners; its edge is smoothed.
fn rounded(canvas: &mut RgbaImage, (x, y, w, h): (u32, u32, u32, u32), corner: u32, colour: Colour) {
    let r = f64::from(corner);
    for py in 0..h {
        for px in 0..w {
            let (cx, cy) = (f64::from(px) + 0.5, f64::from(py) + 0.5);
            // how far outside the inner box without the corners
            let dx = (r - cx).max(cx - (f64::from(w) - r)).max(0.0);
            let dy = (r - cy).max(cy - (f64::from(h) - r)).max(0.0);
            let cover = if corner == 0 {
                1.0
            } else {
                (r + 0.5 - dx.hypot(dy)).clamp(0.0, 1.0)
            };
            blend(canvas, x + px, y + py, colour, cover);
        }
    }
}

fn blend(canvas: &mut RgbaImage, x: u32, y: u32, colour: Colour, cover: f64) {
    if cover <= 0.0 || x >= canvas.width() || y >= canvas.height() {
        return;
    }
    let below = canvas.get_pixel_mut(x, y);
    let alpha = f64::from(below[3]) / 255.0;
    let out = cover + alpha * (1.0 - cover);
    for (channel, value) in colour.rgb.into_iter().enumerate() {
        let mixed = (f64::from(value) * cover + f64::from(below[channel]) * alpha * (1.0 - cover)) / out;
        below[channel] = byte(mixed);
    }
    below[3] = byte(out * 255.0);
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte"
)]
fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// Text in lines no wider than `width`; the height below the last line.
fn text(
    canvas: &mut RgbaImage,
    font: &FontRef<'_>,
    words: &str,
    (x, y): (u32, u32),
    size: f32,
    colour: Colour,
    width: u32,
) -> u32 {
    let scaled = font.as_scaled(PxScale::from(size * 1.25));
    let advance = |word: &str| {
        word.chars()
            .map(|c| scaled.h_advance(font.glyph_id(c)))
            .sum::<f32>()
    };
    let (left, space) = (x, advance(" "));
    #[expect(clippy::cast_precision_loss, reason = "pixels")]
    let (left, width, mut line) = (left as f32, width as f32, y as f32 + scaled.ascent());
    let mut at = left;
    for word in words.split_whitespace() {
        if at > left && at + advance(word) > left + width {
            at = left;
            line += size * 1.4;
        }
        for c in word.chars() {
            let id = font.glyph_id(c);
            let glyph = id.with_scale_and_position(PxScale::from(size * 1.25), ab_glyph::point(at, line));
            at += scaled.h_advance(id);
            let Some(outline) = font.outline_glyph(glyph) else {
                continue;
            };
            let place = outline.px_bounds().min;
            outline.draw(|gx, gy, cover| {
                let (px, py) = (
                    f64::from(place.x) + f64::from(gx),
                    f64::from(place.y) + f64::from(gy),
                );
                if px >= 0.0 && py >= 0.0 {
                    blend(
                        canvas,
                        round(px.max(1.0)),
                        round(py.max(1.0)),
                        colour,
                        f64::from(cover),
                    );
                }
            });
        }
        at += space;
    }
    round(f64::from(line - scaled.descent()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logo(bytes: &[u8], media_type: &str) -> Image {
        Image {
            hash: String::new(),
            media_type: media_type.into(),
            bytes: bytes.to_vec(),
        }
    }

    const BLUE: &[u8] = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 20"><rect width="10" height="20" fill="#0000ff"/></svg>"##;

    #[test]
    fn icons_show_the_logo_inside_the_safe_circle() {
        for (picture, corner) in [
            (AppPicture::Icon(192), 0),
            (AppPicture::Maskable, 255),
            (AppPicture::Apple, 255),
        ] {
            let png = draw(picture, &logo(BLUE, "image/svg+xml"), INK, &Words::default()).unwrap();
            let read = image::load_from_memory(&png).unwrap().to_rgba8();
            let (w, h) = picture.size();
            assert_eq!(read.dimensions(), (w, h));
            assert_eq!(read.get_pixel(w / 2, h / 2).0, [0, 0, 255, 255], "{picture:?}");
            assert_eq!(read.get_pixel(0, 0)[3], corner, "{picture:?}");
            if picture == AppPicture::Maskable {
                let blue = read
                    .enumerate_pixels()
                    .filter(|(_, _, p)| p.0 == [0, 0, 255, 255]);
                let far = blue
                    .map(|(x, y, _)| (f64::from(x) - 256.0).hypot(f64::from(y) - 256.0))
                    .fold(0.0, f64::max);
                assert!(far < 512.0 * 0.4, "{far} pixels from the centre");
            }
        }
    }

    #[test]
    fn a_png_is_a_logo_too_and_views_have_words() {
        let mut png = Cursor::new(Vec::new());
        RgbaImage::from_pixel(30, 10, Rgba([255, 0, 0, 255]))
            .write_to(&mut png, ImageFormat::Png)
            .unwrap();
        let logo = logo(&png.into_inner(), "image/png");
        let words = Words {
            portal: "Bürgerportal Lindenau".into(),
            heading: "Willkommen im Bürgerportal Lindenau".into(),
            button: "Ich habe einen Brief bekommen".into(),
            ..Words::default()
        };
        for picture in AppPicture::ALL {
            let with = draw(picture, &logo, Colour::new(0, 90, 0), &words).unwrap();
            let read = image::load_from_memory(&with).unwrap();
            assert_eq!((read.width(), read.height()), picture.size());
            assert_eq!(AppPicture::parse(picture.name()), Some(picture));
        }
        let (with, without) = (
            draw(AppPicture::Narrow, &logo, INK, &words),
            draw(AppPicture::Narrow, &logo, INK, &Words::default()),
        );
        assert_ne!(with, without);
    }
}
