//! Makes letters and writes them while they are made: two objects per sheet, what is alike is written once.

use super::{
    artwork::{Art, Packer},
    check::{Checker, Fault, Seen},
    file::{File, Used},
    font::{Shaper, Style},
    layout::{DoesNotFit, Layout},
    operators::Pen,
    qr,
    sheet::{Block, Item, LEFT, Role, Side, spot},
    tags::{self, Tags},
};
use domain::letters::content::{Frozen, Recipient};
use pdf_writer::Ref;

pub use super::file::Summary;

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
    /// Place in the batch, from 1: for the number of the sheet.
    pub position: usize,
}

/// Why no file can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineError {
    /// The texts of the batch do not fit.
    Texts(DoesNotFit),
    /// The name or address of the letter at this place of the batch does not fit.
    Letter(usize),
    /// The link is too long for a QR code.
    Link,
}

/// Makes letters and writes them.
pub struct Engine {
    layout: Layout,
    art: Art,
    workers: Vec<Worker>,
    file: File,
    tags: Option<Tags>,
    title: String,
    /// Contents of the sides behind the first: alike in all letters.
    backs: Vec<Ref>,
    made: usize,
}

/// What a thread keeps from letter to letter.
struct Worker {
    shaper: Shaper,
    packer: Packer,
}

impl Engine {
    /// Lays out the batch and begins the file. `id` makes the file's identity; the same id gives the same bytes.
    pub fn new(frozen: &Frozen, art: Art, id: [u8; 16]) -> Result<Self, EngineError> {
        Self::begin(frozen, art, id, false)
    }

    /// Letters that are not printed but sent or downloaded: tagged (PDF/UA-1), so that they can be read aloud. They take
    /// more time and space, and some memory per page.
    pub fn accessible(frozen: &Frozen, art: Art, id: [u8; 16]) -> Result<Self, EngineError> {
        Self::begin(frozen, art, id, true)
    }

    fn begin(frozen: &Frozen, art: Art, id: [u8; 16], tagged: bool) -> Result<Self, EngineError> {
        let threads = std::thread::available_parallelism()
            .map_or(1, std::num::NonZero::get)
            .min(8);
        let mut workers: Vec<Worker> = (0..threads)
            .map(|_| Worker {
                shaper: Shaper::default(),
                packer: Packer::new(1),
            })
            .collect();
        let layout = Layout::new(frozen, &art, &mut workers[0].shaper).map_err(EngineError::Texts)?;
        if qr::encode(&layout.link(&"0".repeat(32))).is_none() {
            return Err(EngineError::Link);
        }
        let title = match (tagged, frozen.template.subject.trim()) {
            (true, subject) if !subject.is_empty() => subject.to_owned(),
            _ => format!("Registrierungsbriefe {}", frozen.municipality),
        };
        let mut file = File::new(id, title.clone());
        let mut drawn = layout.sides.iter().map(|side| draw(&mut workers[0], &art, side));
        let first = drawn.next().unwrap_or_default();
        let rest: Vec<Vec<u8>> = drawn.collect();
        file.shared(&art, &first);
        let mut backs = Vec::new();
        let mut tags = None;
        if tagged {
            tags = Some(Tags::new(&mut file));
        } else {
            for side in &rest {
                let contents = file.fresh();
                file.stream(contents, "", &super::artwork::deflate(side, 6));
                backs.push(contents);
            }
        }
        Ok(Self {
            layout,
            art,
            workers,
            file,
            tags,
            title,
            backs,
            made: 0,
        })
    }

    /// Makes letters in order, on all cores. `seen` gets the content stream of each first page as it stands in the file,
    /// and may refuse it.
    pub fn letters<E: From<EngineError>>(
        &mut self,
        inputs: &[LetterInput],
        mut seen: impl FnMut(&LetterInput, &[u8], &Glyphs<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.tags.is_some() {
            for input in inputs {
                let page = self.tagged(input)?;
                let glyphs = Glyphs {
                    workers: &self.workers,
                };
                seen(input, &page, &glyphs)?;
            }
            return Ok(());
        }
        let contents = self.make(inputs)?;
        let glyphs = Glyphs {
            workers: &self.workers,
        };
        for (input, letter) in inputs.iter().zip(&contents) {
            seen(input, &letter.front, &glyphs)?;
        }
        self.write(&contents);
        Ok(())
    }

    /// Makes letters in order and reads every page back, both on all cores.
    pub fn checked(&mut self, inputs: &[LetterInput], checker: &mut Checker) -> Result<(), Fault> {
        if self.tags.is_some() {
            self.stands(checker)?;
            return self.letters(inputs, |input, page, glyphs| checker.page(input, page, glyphs));
        }
        let contents = self.make(inputs)?;
        let glyphs = Glyphs {
            workers: &self.workers,
        };
        let share = inputs.len().div_ceil(self.workers.len()).max(1);
        let (reader, glyphs) = (&*checker, &glyphs);
        let seen: Vec<Result<Vec<Seen>, Fault>> = std::thread::scope(|scope| {
            let handles: Vec<_> = inputs
                .chunks(share)
                .zip(contents.chunks(share))
                .map(|(inputs, contents)| {
                    scope.spawn(move || {
                        inputs
                            .iter()
                            .zip(contents)
                            .map(|(input, letter)| reader.read(input, &letter.front, glyphs))
                            .collect()
                    })
                })
                .collect();
            let lost = inputs.first().map_or(0, |i| i.position);
            handles
                .into_iter()
                .map(|h| h.join().unwrap_or(Err(Fault::Unreadable(lost))))
                .collect()
        });
        for part in seen {
            part?.into_iter().try_for_each(|seen| checker.note(seen))?;
        }
        self.write(&contents);
        Ok(())
    }

    /// Content streams of letters, in order, on all cores.
    fn make(&mut self, inputs: &[LetterInput]) -> Result<Vec<Made>, EngineError> {
        let share = inputs.len().div_ceil(self.workers.len()).max(1);
        let (layout, art) = (&self.layout, &self.art);
        let lost = inputs.first().map_or(0, |i| i.position);
        let parts: Vec<Result<Vec<Made>, EngineError>> = std::thread::scope(|scope| {
            let handles: Vec<_> = inputs
                .chunks(share)
                .zip(&mut self.workers)
                .map(|(part, worker)| scope.spawn(move || make_part(layout, art, worker, part)))
                .collect();
            handles
                .into_iter()
                .map(|h| h.join().unwrap_or(Err(EngineError::Letter(lost))))
                .collect()
        });
        let mut contents = Vec::with_capacity(inputs.len());
        for part in parts {
            contents.append(&mut part?);
        }
        Ok(contents)
    }

    fn write(&mut self, letters: &[Made]) {
        for letter in letters {
            let stream = self.file.fresh();
            self.file.stream(stream, "", &letter.front);
            self.file.page(&[stream], "");
            let mut more = letter.more.iter().peekable();
            for (i, back) in self.backs.iter().enumerate() {
                // the front of a further sheet says whose it is
                match (i % 2, more.next_if(|_| i % 2 == 1)) {
                    (1, Some(own)) => {
                        let stream = self.file.fresh();
                        self.file.stream(stream, "", own);
                        self.file.page(&[*back, stream], "");
                    }
                    _ => {
                        self.file.page(&[*back], "");
                    }
                }
            }
            self.made += 1;
        }
    }

    /// Tells the check what stands on every first page: tagged letters share nothing.
    pub fn stands(&mut self, checker: &mut Checker) -> Result<(), Fault> {
        let worker = &mut self.workers[0];
        let first = self
            .layout
            .sides
            .first()
            .map(|side| draw(worker, &self.art, side));
        let first = worker.packer.pack(&first.unwrap_or_default());
        checker.stands(
            &first,
            &Glyphs {
                workers: &self.workers,
            },
        )
    }

    /// One letter with its structure: each block says what it is, in the order in which it is read. Gives the content
    /// stream of its first page.
    fn tagged(&mut self, input: &LetterInput) -> Result<Vec<u8>, EngineError> {
        let worker = &mut self.workers[0];
        let own = letter(&self.layout, worker, input)?;
        let further = self.layout.further_sheets(input);
        let mut pages = Vec::new();
        let mut tags = match self.tags.take() {
            Some(tags) => tags,
            None => return Ok(Vec::new()),
        };
        let mut front = Vec::new();
        let before = tags.next_page();
        for (i, side) in self.layout.sides.iter().enumerate() {
            let mut blocks: Vec<&Block> = side.iter().collect();
            if i == 0 {
                blocks.extend(&own);
            }
            if i > 0 && i % 2 == 0 {
                blocks.extend(further.get(i / 2 - 1));
            }
            blocks.retain(|b| !b.items.is_empty());
            blocks.sort_by_key(|b| b.place);
            let mut pen = Pen {
                out: Vec::new(),
                shaper: &mut worker.shaper,
                art: &self.art,
            };
            let mut number = 0;
            for block in &blocks {
                let begin = match block.role {
                    Role::Artifact => "/Artifact BMC\n".to_owned(),
                    _ => {
                        number += 1;
                        format!("/{} <</MCID {}>> BDC\n", tags::name(&block.role), number - 1)
                    }
                };
                pen.out.extend_from_slice(begin.as_bytes());
                pen.blocks([*block]);
                pen.out.extend_from_slice(b"EMC\n");
            }
            let content = worker.packer.pack(&pen.out);
            let contents = self.file.fresh();
            self.file.stream(contents, "", &content);
            let page = self
                .file
                .page(&[contents], &format!("/StructParents {}/Tabs/S", before + i));
            pages.push((page, blocks));
            if i == 0 {
                front = content;
            }
        }
        tags.letter(&mut self.file, &pages);
        self.tags = Some(tags);
        self.made += 1;
        Ok(front)
    }

    /// A sheet that only says what follows, for people who sort: it has no window and no code.
    pub fn separator(&mut self, heading: &str, text: &str) {
        let worker = &mut self.workers[0];
        let side = vec![Block::text(
            super::sheet::Place::Body,
            vec![
                Item::Text(spot(Style::Bold, LEFT, 140.0, 26.0), heading.to_owned()),
                Item::Text(spot(Style::Regular, LEFT, 152.0, 14.0), text.to_owned()),
            ],
        )];
        let content = draw(worker, &self.art, &side);
        let content = worker.packer.pack(&content);
        let contents = self.file.fresh();
        self.file.stream(contents, "", &content);
        self.file.page(&[contents], "");
        let empty = self.layout.sides.len().saturating_sub(1);
        if empty > 0 {
            let contents = self.file.fresh();
            self.file.stream(contents, "", &super::artwork::deflate(b"\n", 1));
            for _ in 0..empty {
                self.file.page(&[contents], "");
            }
        }
    }

    /// What was written since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        self.file.take()
    }

    /// Bytes of the file so far.
    pub fn bytes(&self) -> u64 {
        self.file.bytes()
    }

    /// Pages so far.
    pub fn pages(&self) -> usize {
        self.file.pages()
    }

    /// Pages of one letter.
    pub fn sides(&self) -> usize {
        self.layout.sides.len()
    }

    /// What stands where, for whoever draws the same with something else.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Letters made so far.
    pub fn made(&self) -> usize {
        self.made
    }

    /// Writes fonts, page tree and table; gives the last bytes and the summary.
    pub fn finish(mut self) -> (Vec<u8>, Summary) {
        let mut used = Used::default();
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
        let tags = self.tags.map(|t| t.finish(&mut self.file, &self.title));
        self.file.finish(&used, tags)
    }
}

/// Content streams of a letter: its first side, and what the fronts of further sheets have of their own.
struct Made {
    front: Vec<u8>,
    more: Vec<Vec<u8>>,
}

fn draw(worker: &mut Worker, art: &Art, side: &Side) -> Vec<u8> {
    let mut pen = Pen {
        out: Vec::new(),
        shaper: &mut worker.shaper,
        art,
    };
    pen.blocks(side);
    pen.out
}

fn letter(layout: &Layout, worker: &mut Worker, input: &LetterInput) -> Result<Vec<Block>, EngineError> {
    layout
        .letter(&mut worker.shaper, input)
        .map_err(|error| match error {
            DoesNotFit::Link => EngineError::Link,
            _ => EngineError::Letter(input.position),
        })
}

fn make_part(
    layout: &Layout,
    art: &Art,
    worker: &mut Worker,
    inputs: &[LetterInput],
) -> Result<Vec<Made>, EngineError> {
    inputs
        .iter()
        .map(|input| {
            let blocks = letter(layout, worker, input)?;
            let mut pen = Pen {
                out: Vec::with_capacity(12_000),
                shaper: &mut worker.shaper,
                art,
            };
            pen.out.extend_from_slice(b"/X0 Do\n");
            pen.blocks(&blocks);
            let front = worker.packer.pack(&pen.out);
            let more = layout
                .further_sheets(input)
                .iter()
                .map(|block| {
                    let mut pen = Pen {
                        out: Vec::new(),
                        shaper: &mut worker.shaper,
                        art,
                    };
                    pen.blocks([block]);
                    worker.packer.pack(&pen.out)
                })
                .collect();
            Ok(Made { front, more })
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
