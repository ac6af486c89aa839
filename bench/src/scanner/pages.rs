//! Letters as the printer prints them, as pictures of 300 dots an inch.

use super::corpus::Grey;
use backend::letters::{
    engine::{Layout, Shaper},
    outside::PrintFile,
    specimen,
};
use domain::letters::{content::Recipient, template::Template};

const DPI: f32 = 300.0;

/// The front of a letter.
#[derive(Clone)]
pub(super) struct Page {
    pub(super) picture: Grey,
    /// Pixels a millimetre.
    pub(super) per_mm: f64,
    /// Middle of the code, edge of the code, in millimetres.
    pub(super) middle: (f32, f32),
    pub(super) edge: f32,
    /// Modules of an edge.
    pub(super) modules: usize,
    /// What the code says.
    pub(super) text: String,
}

impl Page {
    /// Wipes the code out.
    pub(super) fn without_code(&mut self) {
        let half = self.edge / 2.0 + 1.0;
        let span = |middle: f32| {
            let at = |mm: f32| (f64::from(mm) * self.per_mm) as usize;
            at(middle - half)..at(middle + half)
        };
        for y in span(self.middle.1) {
            let row = y * self.picture.w;
            for x in span(self.middle.0) {
                self.picture.pixels[row + x] = 255.0;
            }
        }
    }
}

/// So many letters, each with a code of its own; links of different lengths, large print now and then.
pub(super) fn pages(count: usize, seed: u64) -> Vec<Page> {
    let towns = [
        "https://portal.lindenau.example",
        "https://buergerportal.amt-musterhausen.example",
        "https://stadtbrief.de",
    ];
    let folder = std::env::temp_dir().join(format!("stadtbrief-pages-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let pages = (0..count)
        .map(|i| {
            let mut file = PrintFile::plain();
            towns[i % towns.len()].clone_into(&mut file.frozen.base_url);
            file.frozen.large = i % 5 == 4;
            // the return mark is a code, too: it would be another right answer
            file.frozen.template = Template {
                notice: String::new(),
                return_mark: false,
                ..file.frozen.template
            };
            let mut shaper = Shaper::default();
            let layout = Layout::new(&file.frozen, &file.art(), &mut shaper).unwrap();
            let recipient = Recipient {
                name: format!("Erika Mustermann-{i}"),
                address: vec![format!("Lindenallee {}", i + 1), "01945 Lindenau".into()],
            };
            let mut letter = specimen(recipient, i + 1);
            // as long and as mixed as a real one
            letter.payload = payload(seed.wrapping_mul(31).wrapping_add(i as u64));
            let places = layout.places();
            let text = layout.link(&letter.payload);
            let modules = backend::letters::engine::qr::encode(&text).unwrap().size;
            let mut engine =
                backend::letters::engine::pdf::Engine::new(&file.frozen, file.art(), [0; 16]).unwrap();
            engine
                .letters::<backend::letters::engine::pdf::EngineError>(&[letter], |_, _, _| Ok(()))
                .unwrap();
            let mut bytes = engine.take();
            bytes.extend(engine.finish().0);
            let path = folder.join("letter.pdf");
            std::fs::write(&path, bytes).unwrap();
            let edge = backend::letters::engine::sheet::QR_EDGE;
            Page {
                picture: picture(&path, &folder),
                per_mm: f64::from(DPI) / 25.4,
                middle: (places.code.0 + edge / 2.0, places.code.1 + edge / 2.0),
                edge,
                modules,
                text,
            }
        })
        .collect();
    std::fs::remove_dir_all(&folder).unwrap();
    pages
}

fn payload(seed: u64) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut random = super::corpus::Random::new(seed);
    (0..32)
        .map(|_| char::from(LETTERS[(random.bits() >> 40) as usize % 32]))
        .collect()
}

fn picture(file: &std::path::Path, folder: &std::path::Path) -> Grey {
    let out = folder.join("page");
    let done = std::process::Command::new("pdftoppm")
        .args(["-r", &DPI.to_string(), "-gray", "-png", "-singlefile"])
        .arg(file)
        .arg(&out)
        .status()
        .unwrap();
    assert!(done.success());
    let read = image::open(out.with_extension("png")).unwrap().into_luma8();
    Grey {
        w: read.width() as usize,
        h: read.height() as usize,
        pixels: read.into_raw().into_iter().map(f32::from).collect(),
    }
}
