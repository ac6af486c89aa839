//! What stands where on a side of paper, as a list: the layout makes it, and it is written as PDF or drawn as SVG. So the
//! preview in the browser and the printed page cannot differ.

use super::{font::Style, qr::Modules};

/// Points per millimetre.
pub const MM: f32 = 72.0 / 25.4;
/// A4 in millimetres.
pub const PAGE: (f32, f32) = (210.0, 297.0);
/// Left edge of the text, in millimetres from the left edge of the sheet (DIN 5008).
pub const LEFT: f32 = 25.0;
/// Right edge of the text.
pub const RIGHT: f32 = 190.0;
/// Edge of the QR code without quiet zone, in millimetres; the standard for letters here is at least 30.
pub const QR_EDGE: f32 = 38.0;
/// Edge of the return mark: 21 modules of 0.42 mm with their quiet zone fit above the return line.
pub const MARK_EDGE: f32 = 8.8;

/// A line of text that is placed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Millimetres from the left.
    pub x: f32,
    /// Baseline, millimetres from the top.
    pub y: f32,
    /// Points.
    pub size: f32,
    /// Font.
    pub style: Style,
}

/// A picture of the letterhead or above the signatory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// The town's logo.
    Logo,
    /// The signature.
    Signature,
}

impl Picture {
    /// Name in the PDF's resources.
    pub fn name(self) -> &'static str {
        match self {
            Picture::Logo => "Logo",
            Picture::Signature => "Signature",
        }
    }
}

/// Something drawn.
#[derive(Clone, Debug)]
pub enum Item {
    /// One line of text.
    Text(Spot, String),
    /// A line of text that does not come again, such as a code.
    Once(Spot, String),
    /// A straight line: from, to (millimetres), width in points.
    Line((f32, f32), (f32, f32), f32),
    /// A QR code: upper left corner and edge in millimetres.
    Code(Modules, (f32, f32), f32),
    /// A picture: upper left corner and size in millimetres.
    Picture(Picture, (f32, f32), (f32, f32)),
}

/// Where a block comes when the page is read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Lines and marks for machines; not read.
    Artifact,
    /// Who writes.
    Letterhead,
    /// The small line in the window.
    ReturnLine,
    /// Whom.
    Address,
    /// How to reach the sender, number and date.
    Contact,
    /// Letter number.
    Number,
    /// Subject.
    Subject,
    /// Salutation.
    Salutation,
    /// Text before the codes.
    Body,
    /// The QR code.
    Code,
    /// The words "user ID", and the ID itself.
    UserId,
    /// What to do.
    Steps,
    /// The second language.
    Second,
    /// Closing, signature, signatory.
    Closing,
    /// Back page.
    Notice,
}

/// What a block is to somebody who does not see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing.
    Artifact,
    /// A heading of this level.
    Heading(u8),
    /// Text.
    Paragraph,
    /// A picture, in words.
    Figure(String),
}

/// Things that belong together.
#[derive(Clone, Debug)]
pub struct Block {
    /// Where it comes when read.
    pub place: Place,
    /// What it is.
    pub role: Role,
    /// Its language if it is not German.
    pub lang: Option<String>,
    /// What is drawn.
    pub items: Vec<Item>,
}

impl Block {
    /// German text.
    pub fn text(place: Place, items: Vec<Item>) -> Self {
        Self {
            place,
            role: Role::Paragraph,
            lang: None,
            items,
        }
    }

    /// Something that is not read.
    pub fn artifact(items: Vec<Item>) -> Self {
        Self {
            place: Place::Artifact,
            role: Role::Artifact,
            lang: None,
            items,
        }
    }

    /// The same with another role.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }
}

/// One side of paper.
pub type Side = Vec<Block>;

/// A point to draw text at.
pub fn spot(style: Style, x: f32, y: f32, size: f32) -> Spot {
    Spot { x, y, size, style }
}
