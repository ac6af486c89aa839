//! The municipality's own colour, and whether it can be read: contrast by WCAG 2.2.

/// A colour in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// Red, green, blue.
    pub rgb: [u8; 3],
}

/// Paper and ink of the screens (KERN's backgrounds): white and its grey, black and its dark blue.
const LIGHT: [Colour; 2] = [Colour::new(0xff, 0xff, 0xff), Colour::new(0xf1, 0xf3, 0xf7)];
const DARK: [Colour; 2] = [Colour::new(0, 0, 0), Colour::new(0x11, 0x14, 0x21)];

/// Contrast that text needs (WCAG 2.2, 1.4.3, level AA).
pub const TEXT_CONTRAST: f64 = 4.5;

impl Colour {
    /// From its parts.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self {
            rgb: [red, green, blue],
        }
    }

    /// Reads `#1a2b3c`.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.trim().strip_prefix('#')?;
        if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let part = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).ok();
        Some(Self::new(part(0)?, part(2)?, part(4)?))
    }

    /// `#1a2b3c`.
    pub fn hex(self) -> String {
        let [r, g, b] = self.rgb;
        format!("#{r:02x}{g:02x}{b:02x}")
    }

    /// Relative luminance (WCAG 2.2, definitions): 0 black, 1 white.
    pub fn luminance(self) -> f64 {
        let [r, g, b] = self.rgb.map(|c| {
            let c = f64::from(c) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Contrast ratio (WCAG 2.2, definitions): 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn on(self, backgrounds: &[Colour]) -> f64 {
        backgrounds
            .iter()
            .map(|b| self.contrast(*b))
            .fold(f64::INFINITY, f64::min)
    }

    /// The smallest contrast on the light screens, on which the colour is used as it is.
    pub fn on_light(self) -> f64 {
        self.on(&LIGHT)
    }

    /// The same hue for dark screens: mixed with white until it can be read there.
    pub fn for_dark(self) -> Self {
        (0..=20_u32)
            .map(|step| self.mixed(step))
            .find(|c| c.on(&DARK) >= TEXT_CONTRAST)
            .unwrap_or(LIGHT[0])
    }

    /// With so many twentieths of white.
    fn mixed(self, step: u32) -> Self {
        let mix = |c: u8| {
            let c = u32::from(c);
            u8::try_from(c + (255 - c) * step / 20).unwrap_or(255)
        };
        Self {
            rgb: self.rgb.map(mix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_by_known_values() {
        let (black, white) = (Colour::new(0, 0, 0), Colour::new(255, 255, 255));
        assert!((black.contrast(white) - 21.0).abs() < 0.001);
        // the grey that just passes on white
        let grey = Colour::parse("#767676").unwrap();
        assert!((grey.contrast(white) - 4.54).abs() < 0.01);
        assert!(Colour::parse("#ffcc00").unwrap().on_light() < TEXT_CONTRAST);
    }

    #[test]
    fn reads_and_writes() {
        assert_eq!(Colour::parse(" #1A2b3C ").unwrap().hex(), "#1a2b3c");
        for bad in ["", "1a2b3c", "#1a2b3", "#1a2b3cd", "#äöüß", "#+12345", "red"] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_colour_can_be_read_in_the_dark() {
        for r in (0..=255).step_by(51) {
            for g in (0..=255).step_by(51) {
                for b in (0..=255).step_by(51) {
                    let colour = Colour::new(r, g, b);
                    assert!(colour.for_dark().on(&DARK) >= TEXT_CONTRAST, "{}", colour.hex());
                }
            }
        }
    }
}
