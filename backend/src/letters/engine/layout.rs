//! The letter after DIN 5008, form A or B: what is alike in all letters of a batch is laid out once; per letter come
//! address, salutation, codes and numbers. Nothing is ever cut: what does not fit is said.

use super::{
    artwork::Art,
    font::{Shaper, Style},
    pdf::LetterInput,
    qr,
    sheet::{Block, Item, LEFT, MARK_EDGE, MM, Picture, Place, QR_EDGE, RIGHT, Role, Side, Spot, spot},
};
use domain::letters::{
    content::{Frozen, Recipient},
    template::{Occasion, Posting, SheetForm},
};

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoesNotFit {
    /// The texts of the front: so many lines too many.
    Front(usize),
    /// The text of the back page: so many lines too many.
    Back(usize),
    /// Name or address of this letter.
    Address,
    /// The link is too long for a QR code.
    Link,
}

/// Nothing below this line but the footer.
const BOTTOM: f32 = 275.0;
/// First baseline of the sides behind the first.
const TOP: f32 = 25.0;
/// How far the code keeps away from a fold, in millimetres.
const FOLD_GAP: f32 = 5.0;
/// Most sides of a letter in large print: three sheets fit into one envelope of the standard postage.
const MOST_SIDES: usize = 6;
/// Width of the lines in the window, in millimetres.
const WINDOW_TEXT: f32 = 80.0;

/// Sizes in points, leadings in millimetres.
#[derive(Clone, Copy)]
struct Sizes {
    body: f32,
    leading: f32,
    small: f32,
    small_leading: f32,
    subject: f32,
    subject_leading: f32,
    contact: f32,
    user_id: f32,
    notice: f32,
    notice_leading: f32,
}

const NORMAL: Sizes = Sizes {
    body: 10.0,
    leading: 4.7,
    small: 9.0,
    small_leading: 4.2,
    subject: 11.0,
    subject_leading: 5.2,
    contact: 9.0,
    user_id: 17.0,
    notice: 9.5,
    notice_leading: 4.5,
};

/// Large print begins at 16 points (what the federations of blind people ask for).
const LARGE: Sizes = Sizes {
    body: 16.0,
    leading: 7.4,
    small: 16.0,
    small_leading: 7.4,
    subject: 18.0,
    subject_leading: 8.4,
    contact: 10.5,
    user_id: 22.0,
    notice: 16.0,
    notice_leading: 7.4,
};

/// Where everything stands, and what is alike in all letters.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The sides without what differs from letter to letter.
    pub sides: Vec<Side>,
    salutation: Spot,
    code: (f32, f32),
    user_id: Spot,
    address: Spot,
    address_lines: usize,
    number: Spot,
    mark: Option<(f32, f32)>,
    sheet: Option<Spot>,
    batch: i64,
    occasion: Occasion,
    base_url: String,
}

/// Where people look, in millimetres.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// Letter number.
    pub number: (f32, f32),
    /// QR code, upper left corner.
    pub code: (f32, f32),
    /// User ID.
    pub user_id: (f32, f32),
    /// Return mark, if it is printed.
    pub mark: Option<(f32, f32)>,
    /// End of the sheet number, if it is printed.
    pub sheet: Option<(f32, f32)>,
}

/// Text that flows down the sides.
struct Flow<'a> {
    shaper: &'a mut Shaper,
    sides: Vec<Side>,
    y: f32,
    /// Goes on on a new side instead of beyond the bottom.
    breaks: bool,
}

struct Column {
    x: f32,
    width: f32,
    size: f32,
    leading: f32,
}

impl Flow<'_> {
    fn push(&mut self, block: Block) {
        if let Some(side) = self.sides.last_mut() {
            side.push(block);
        }
    }

    /// Room for something so high (below the baseline), or a new side.
    fn room(&mut self, height: f32) {
        if self.breaks && self.y + height > BOTTOM {
            self.sides.push(Side::new());
            self.y = TOP;
        }
    }

    /// Paragraphs; each line of the source is one, an empty line is a gap. `# ` begins a heading.
    fn text(&mut self, place: Place, column: &Column, text: &str, lang: Option<&str>) {
        for paragraph in text.lines() {
            if paragraph.trim().is_empty() {
                self.y += column.leading * 0.55;
                continue;
            }
            let (style, paragraph, role) = match paragraph.strip_prefix("# ") {
                Some(heading) => (Style::Bold, heading, Role::Heading(2)),
                None => (Style::Regular, paragraph, Role::Paragraph),
            };
            // a heading is not left alone at the bottom
            if style == Style::Bold {
                self.room(column.leading);
            }
            let mut items = Vec::new();
            for line in wrap(self.shaper, style, column.size, column.width, paragraph) {
                if self.breaks && self.y > BOTTOM {
                    let lines = std::mem::take(&mut items);
                    self.push(block(place, &role, lang, lines));
                    self.room(0.0);
                }
                items.push(Item::Text(spot(style, column.x, self.y, column.size), line));
                self.y += column.leading;
            }
            self.push(block(place, &role, lang, items));
        }
    }

    /// How far the last baseline of a text is below the first.
    fn height(&mut self, column: &Column, text: &str) -> f32 {
        let mut y = 0.0;
        for paragraph in text.lines() {
            if paragraph.trim().is_empty() {
                y += column.leading * 0.55;
                continue;
            }
            for _ in wrap(self.shaper, Style::Regular, column.size, column.width, paragraph) {
                y += column.leading;
            }
        }
        y - column.leading
    }

    /// The largest size, from `size` down to `least`, at which a line is not wider than `width` millimetres.
    fn shrink(&mut self, style: Style, size: f32, least: f32, width: f32, text: &str) -> f32 {
        shrink(self.shaper, style, size, least, width, text).unwrap_or(least)
    }
}

fn block(place: Place, role: &Role, lang: Option<&str>, items: Vec<Item>) -> Block {
    Block {
        place,
        role: role.clone(),
        lang: lang.map(str::to_owned),
        items,
    }
}

fn shrink(shaper: &mut Shaper, style: Style, size: f32, least: f32, width: f32, text: &str) -> Option<f32> {
    let natural = shaper.width(style, size, text);
    if natural <= width * MM {
        return Some(size);
    }
    // in quarters of a point, so that neighbours look alike
    let fitting = (size * width * MM / natural * 4.0).floor() / 4.0;
    (fitting >= least).then_some(fitting)
}

/// Breaks a paragraph into lines of at most `width` millimetres.
fn wrap(shaper: &mut Shaper, style: Style, size: f32, width: f32, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if !line.is_empty() && shaper.width(style, size, &longer) > width * MM {
            lines.push(std::mem::replace(&mut line, word.to_owned()));
        } else {
            line = longer;
        }
    }
    lines.push(line);
    lines
}

/// Measures of the form, in millimetres from the top.
struct Form {
    window: f32,
    contact: f32,
    folds: [f32; 2],
    subject: f32,
    logo: (f32, f32),
    name: f32,
}

impl Form {
    fn of(form: SheetForm) -> Self {
        match form {
            SheetForm::A => Form {
                window: 27.0,
                contact: 35.0,
                folds: [87.0, 192.0],
                subject: 85.0,
                logo: (6.0, 16.0),
                name: 16.5,
            },
            SheetForm::B => Form {
                window: 45.0,
                contact: 53.0,
                folds: [105.0, 210.0],
                subject: 103.0,
                logo: (14.0, 18.0),
                name: 24.5,
            },
        }
    }
}

/// The window of the envelope: left, top, right, bottom in millimetres (85 × 45).
pub fn window(form: SheetForm) -> (f32, f32, f32, f32) {
    let top = Form::of(form).window;
    (20.0, top, 105.0, top + 45.0)
}

impl Layout {
    /// Lays out what is alike in all letters.
    pub fn new(frozen: &Frozen, art: &Art, shaper: &mut Shaper) -> Result<Self, DoesNotFit> {
        let template = &frozen.template;
        let form = Form::of(template.form);
        let sizes = if frozen.large { LARGE } else { NORMAL };
        let hybrid = template.posting == Posting::Hybrid;
        let mut flow = Flow {
            shaper,
            sides: vec![Side::new()],
            y: form.subject,
            breaks: frozen.large,
        };
        flow.push(Block::artifact(marks(frozen, &form)));
        letterhead(&mut flow, frozen, art, &form);

        // return line: the last line of the notes zone, underlined
        let return_y = form.window + if hybrid { 5.0 } else { 15.6 };
        let size = flow.shrink(Style::Regular, 7.5, 5.5, WINDOW_TEXT, &template.return_line);
        flow.push(Block::text(
            Place::ReturnLine,
            vec![Item::Text(
                spot(Style::Regular, LEFT, return_y, size),
                template.return_line.clone(),
            )],
        ));
        flow.push(Block::artifact(vec![Item::Line(
            (LEFT, return_y + 1.0),
            (LEFT + WINDOW_TEXT, return_y + 1.0),
            0.25,
        )]));
        let address_y = form.window + if hybrid { 24.8 } else { 21.9 };

        let number = contact(&mut flow, frozen, &form, sizes);
        if frozen.specimen {
            let text = "MUSTER – die Codes auf diesem Blatt sind ohne Wert".to_owned();
            let at = spot(Style::Bold, LEFT, form.subject - 7.0, 9.0);
            flow.push(Block::text(Place::Number, vec![Item::Text(at, text)]));
        }

        // subject, then the salutation (per letter), then the text
        let full = |size, leading| Column {
            x: LEFT,
            width: RIGHT - LEFT,
            size,
            leading,
        };
        let mut items = Vec::new();
        for line in wrap(
            flow.shaper,
            Style::Bold,
            sizes.subject,
            RIGHT - LEFT,
            &template.subject,
        ) {
            items.push(Item::Text(spot(Style::Bold, LEFT, flow.y, sizes.subject), line));
            flow.y += sizes.subject_leading;
        }
        flow.push(Block::text(Place::Subject, items).role(Role::Heading(1)));
        let salutation = spot(Style::Regular, LEFT, flow.y + 0.36 * sizes.body, sizes.body);
        flow.y = salutation.y + 1.9 * sizes.leading;
        flow.text(
            Place::Body,
            &full(sizes.body, sizes.leading),
            &template.body,
            None,
        );

        // the code: on the first side, never in a fold
        let mut qr_y = flow.y + 2.0;
        for fold in form.folds {
            if qr_y < fold + FOLD_GAP && qr_y + QR_EDGE + 4.0 > fold - FOLD_GAP {
                qr_y = fold + FOLD_GAP + 2.0;
            }
        }
        if flow.sides.len() > 1 || (frozen.large && qr_y + QR_EDGE > BOTTOM) {
            let over = (qr_y + QR_EDGE - BOTTOM).max(0.0) / sizes.leading;
            return Err(DoesNotFit::Front(lines(over).max(1)));
        }
        let x = LEFT + QR_EDGE + 9.0;
        let label = Item::Text(
            spot(Style::Bold, x, qr_y + 3.0, sizes.small),
            "Benutzer-ID / User ID".to_owned(),
        );
        flow.push(Block::text(Place::UserId, vec![label]));
        let user_id = spot(Style::Mono, x, qr_y + 3.0 + 0.44 * sizes.user_id, sizes.user_id);
        if frozen.large {
            flow.y = qr_y + QR_EDGE + 8.0;
            let column = full(sizes.small, sizes.small_leading);
            // steps are not torn apart
            let height = flow.height(&column, &template.steps);
            flow.room(height.min(BOTTOM - TOP));
            flow.text(Place::Steps, &column, &template.steps, None);
        } else {
            flow.y = qr_y + 17.0;
            let column = Column {
                x,
                width: RIGHT - x,
                size: sizes.small,
                leading: sizes.small_leading,
            };
            flow.text(Place::Steps, &column, &template.steps, None);
            flow.y = flow.y.max(qr_y + QR_EDGE + 4.0);
        }
        flow.y += 3.0;
        second_language(&mut flow, frozen, sizes);
        closing(&mut flow, frozen, art, sizes);
        if !frozen.large && flow.y - sizes.leading > BOTTOM {
            return Err(DoesNotFit::Front(lines((flow.y - BOTTOM) / sizes.leading - 1.0)));
        }
        footer(&mut flow, frozen);

        // back page
        if !template.notice.trim().is_empty() {
            flow.sides.push(Side::new());
            flow.y = TOP;
            flow.text(
                Place::Notice,
                &full(sizes.notice, sizes.notice_leading),
                &template.notice,
                None,
            );
            let last = flow.y - sizes.notice_leading;
            if !frozen.large && last > 287.0 {
                return Err(DoesNotFit::Back(lines((last - 287.0) / sizes.notice_leading)));
            }
        }
        let mut sides = flow.sides;
        if sides.len() > MOST_SIDES {
            return Err(DoesNotFit::Back((sides.len() - MOST_SIDES) * 34));
        }
        // the next letter begins on a sheet of its own
        if sides.len() > 1 && sides.len() % 2 == 1 {
            sides.push(Side::new());
        }
        Ok(Self {
            sides,
            salutation,
            code: (LEFT, qr_y),
            user_id,
            address: spot(Style::Regular, LEFT, address_y, 10.5),
            address_lines: frozen.address_lines(),
            number,
            mark: frozen.has_return_mark().then_some((LEFT, form.window + 2.6)),
            sheet: template
                .sheet_number
                .then_some(spot(Style::Regular, RIGHT, 285.0, 7.5)),
            batch: frozen.number,
            occasion: frozen.occasion,
            base_url: frozen.base_url.clone(),
        })
    }

    /// Where people look, in millimetres: letter number, QR code, user ID, return mark, sheet number.
    pub fn places(&self) -> Places {
        Places {
            number: (self.number.x, self.number.y),
            code: self.code,
            user_id: (self.user_id.x, self.user_id.y),
            mark: self.mark,
            sheet: self.sheet.map(|s| (s.x, s.y)),
        }
    }

    /// The link that the QR code carries.
    pub fn link(&self, payload: &str) -> String {
        domain::urls::letter_link(&self.base_url, payload)
    }

    /// Does name and address fit into the window, and the name into the salutation?
    pub fn address_fits(&self, shaper: &mut Shaper, to: &Recipient) -> bool {
        self.address_block(shaper, to).is_ok()
    }

    fn address_block(&self, shaper: &mut Shaper, to: &Recipient) -> Result<Block, DoesNotFit> {
        if 1 + to.address.len() > self.address_lines {
            return Err(DoesNotFit::Address);
        }
        let mut at = self.address;
        let mut items = Vec::with_capacity(self.address_lines);
        for line in std::iter::once(&to.name).chain(&to.address) {
            // long names get smaller down to what sorting machines read, never cut
            at.size = shrink(shaper, at.style, self.address.size, 8.0, WINDOW_TEXT, line)
                .ok_or(DoesNotFit::Address)?;
            items.push(Item::Text(at, line.clone()));
            at.y += 4.5;
        }
        Ok(Block::text(Place::Address, items))
    }

    /// Sheets of paper of a letter.
    fn sheets(&self) -> usize {
        self.sides.len().div_ceil(2)
    }

    /// What the fronts of the second and further sheets have of their own: whose they are, and which of how many.
    pub fn further_sheets(&self, input: &LetterInput) -> Vec<Block> {
        let Some(at) = self.sheet else { return Vec::new() };
        (2..=self.sheets())
            .map(|sheet| {
                let text = format!(
                    "{} · {}-{} · {sheet}/{}",
                    input.letter_number,
                    self.batch,
                    input.position,
                    self.sheets()
                );
                // right-aligned by a mean width; some millimetres do not matter here
                #[expect(clippy::cast_precision_loss, reason = "a short line")]
                let width = text.chars().count() as f32 * 0.6 * at.size / MM;
                let at = Spot {
                    x: at.x - width,
                    y: 287.0,
                    ..at
                };
                Block::artifact(vec![Item::Once(at, text)])
            })
            .collect()
    }

    /// What stands on the first side of one letter only.
    pub fn letter(&self, shaper: &mut Shaper, input: &LetterInput) -> Result<Vec<Block>, DoesNotFit> {
        let to = &input.recipient;
        let code = qr::encode(&self.link(&input.payload)).ok_or(DoesNotFit::Link)?;
        let mut blocks = Vec::with_capacity(8);
        blocks.push(self.address_block(shaper, to)?);
        let mut marks = Vec::new();
        if let Some(at) = self.mark {
            let mark = qr::encode(&input.letter_number).ok_or(DoesNotFit::Link)?;
            marks.push(Item::Code(mark, at, MARK_EDGE));
        }
        if let Some(mut at) = self.sheet {
            let text = match self.sheets() {
                1 => format!("{}-{}", self.batch, input.position),
                all => format!("{}-{} · 1/{all}", self.batch, input.position),
            };
            at.x -= shaper.width_once(at.style, at.size, &text) / MM;
            marks.push(Item::Once(at, text));
        }
        blocks.push(Block::artifact(marks));
        let number = Item::Once(self.number, input.letter_number.clone());
        blocks.push(Block::text(Place::Number, vec![number]));
        let salutation = salutation(self.occasion, &to.name);
        let mut at = self.salutation;
        at.size = shrink(shaper, at.style, at.size, 6.0, RIGHT - LEFT, &salutation).unwrap_or(6.0);
        blocks.push(Block::text(Place::Salutation, vec![Item::Text(at, salutation)]));
        blocks.push(
            Block::text(Place::Code, vec![Item::Code(code, self.code, QR_EDGE)]).role(Role::Figure(
                "QR-Code mit Ihrem persönlichen Zugang. Dasselbe leistet die Benutzer-ID.".to_owned(),
            )),
        );
        blocks.push(Block::text(
            Place::UserId,
            vec![Item::Once(self.user_id, input.user_id.clone())],
        ));
        Ok(blocks)
    }
}

fn lines(count: f32) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small number of lines"
    )]
    let whole = count.max(0.0).ceil() as usize;
    whole.max(1)
}

/// People are greeted by name, organisations are not.
fn salutation(occasion: Occasion, name: &str) -> String {
    match occasion {
        Occasion::First | Occasion::Reminder => format!("Guten Tag {name},"),
        Occasion::Organisation => "Guten Tag,".to_owned(),
    }
}

/// Marks for folding, punching and inserting.
fn marks(frozen: &Frozen, form: &Form) -> Vec<Item> {
    let mut items = Vec::new();
    let template = &frozen.template;
    // a hybrid service does not print into the left 12 mm
    if template.posting == Posting::Hybrid {
        return items;
    }
    let mut mark = |y: f32, length: f32, width: f32| {
        items.push(Item::Line((5.0, y), (5.0 + length, y), width));
    };
    if template.fold_marks {
        form.folds.iter().for_each(|y| mark(*y, 4.0, 0.3));
    }
    if template.hole_mark {
        mark(148.5, 6.0, 0.3);
    }
    if template.insert_marks {
        // two lines, a sixth of an inch apart: "a set begins", "it ends here"
        for y in [222.0, 222.0 + 25.4 / 6.0] {
            mark(y, 8.0, 1.0);
        }
    }
    items
}

fn letterhead(flow: &mut Flow<'_>, frozen: &Frozen, art: &Art, form: &Form) {
    let mut name_x = LEFT;
    if let Some(logo) = &art.logo {
        let size = logo.fit(45.0, form.logo.1);
        name_x = LEFT + size.0 + 5.0;
        let picture = Item::Picture(Picture::Logo, (LEFT, form.logo.0), size);
        let alt = format!("Logo: {}", frozen.municipality);
        flow.push(Block::text(Place::Letterhead, vec![picture]).role(Role::Figure(alt)));
    }
    let name = frozen
        .template
        .contact
        .lines()
        .next()
        .unwrap_or(&frozen.municipality)
        .to_owned();
    let size = flow.shrink(Style::Bold, 15.0, 9.0, RIGHT - name_x, &name);
    let at = spot(Style::Bold, name_x, form.name, size);
    flow.push(Block::text(Place::Letterhead, vec![Item::Text(at, name)]));
}

/// The information block; gives the place of the letter number.
fn contact(flow: &mut Flow<'_>, frozen: &Frozen, form: &Form, sizes: Sizes) -> Spot {
    let (x, mut y) = (125.0, form.contact);
    let lines: Vec<String> = frozen.template.contact.lines().map(str::to_owned).collect();
    for (i, line) in lines.into_iter().enumerate() {
        let style = if i == 0 { Style::Bold } else { Style::Regular };
        let size = flow.shrink(style, sizes.contact, 6.0, 70.0, &line);
        flow.push(Block::text(
            Place::Contact,
            vec![Item::Text(spot(style, x, y, size), line)],
        ));
        y += 4.3;
    }
    let y = form.contact + 31.0;
    let size = sizes.contact;
    let column = if frozen.large { 150.0 } else { 145.0 };
    let date = vec![
        Item::Text(spot(Style::Regular, x, y + 4.7, size), "Datum:".into()),
        Item::Text(spot(Style::Regular, column, y + 4.7, size), frozen.date.clone()),
    ];
    flow.push(Block::text(Place::Contact, date));
    let label = Item::Text(spot(Style::Regular, x, y, size), "Brief-Nr.:".into());
    flow.push(Block::text(Place::Number, vec![label]));
    spot(Style::Bold, column, y, size)
}

/// The second language, set apart by a line.
fn second_language(flow: &mut Flow<'_>, frozen: &Frozen, sizes: Sizes) {
    let template = &frozen.template;
    if template.second.trim().is_empty() {
        return;
    }
    flow.room(3.0 * sizes.small_leading);
    let y = flow.y - 3.2 * sizes.small / 9.0;
    flow.push(Block::artifact(vec![Item::Line((LEFT, y), (RIGHT, y), 0.3)]));
    flow.y += 1.0 + (sizes.small - 9.0) * 0.25;
    let lang = Some(template.second_language.as_str());
    let name = template.second_name.trim();
    let mut x = LEFT;
    if !name.is_empty() {
        let at = spot(Style::Bold, LEFT, flow.y, sizes.small);
        let item = Item::Text(at, name.to_owned());
        flow.push(block(Place::Second, &Role::Heading(2), lang, vec![item]));
        if frozen.large {
            flow.y += sizes.small_leading;
        } else {
            x += (flow.shaper.width(Style::Bold, sizes.small, name) / MM + 4.0).max(17.0);
        }
    }
    let column = Column {
        x,
        width: RIGHT - x,
        size: sizes.small,
        leading: sizes.small_leading,
    };
    let text = template.second.clone();
    flow.text(Place::Second, &column, &text, lang);
    flow.y += 3.5;
}

/// Closing formula, signature and signatory: never torn apart.
fn closing(flow: &mut Flow<'_>, frozen: &Frozen, art: &Art, sizes: Sizes) {
    let template = &frozen.template;
    let signature = art.signature.as_ref().map(|s| s.fit(50.0, 14.0));
    let rows = 1 + template.signatory.lines().count();
    #[expect(clippy::cast_precision_loss, reason = "some lines")]
    let height = 6.0 + signature.map_or(0.0, |s| s.1) + rows as f32 * sizes.leading;
    flow.room(height);
    let at = spot(Style::Regular, LEFT, flow.y + 1.0, sizes.body);
    flow.push(Block::text(
        Place::Closing,
        vec![Item::Text(at, template.closing.clone())],
    ));
    flow.y += 4.0;
    if let Some(size) = signature {
        let picture = Item::Picture(Picture::Signature, (LEFT, flow.y), size);
        flow.push(Block::text(Place::Closing, vec![picture]).role(Role::Figure("Unterschrift".into())));
        flow.y += size.1;
    }
    flow.y += 0.45 * sizes.body;
    let column = Column {
        x: LEFT,
        width: RIGHT - LEFT,
        size: sizes.body,
        leading: sizes.leading,
    };
    flow.text(Place::Closing, &column, &template.signatory, None);
}

fn footer(flow: &mut Flow<'_>, frozen: &Frozen) {
    let text = format!("{} · {}", frozen.template.return_line, frozen.web());
    let size = flow.shrink(Style::Regular, 7.5, 5.0, RIGHT - LEFT - 22.0, &text);
    let items = vec![
        Item::Line((LEFT, 281.0), (RIGHT, 281.0), 0.25),
        Item::Text(spot(Style::Regular, LEFT, 285.0, size), text),
    ];
    if let Some(first) = flow.sides.first_mut() {
        first.push(Block::artifact(items));
    }
}
