//! Precision and recall of the list check on generated dirty lists: other seeds and other headers than the shipped ones.
//! Each planted error is known by row and rule; everything else that is found is counted as wrong.

use backend::residents;
use domain::residents::{
    check::Rules,
    finding::{Rule, Severity},
};
use std::collections::{BTreeMap, BTreeSet};

const ROWS: u32 = 4_000;
const SEEDS: u64 = 6;

/// A small generator of numbers (SplitMix64): the same seed gives the same lists everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len() as u64) as usize]
    }
}

const HEADERS: [[&str; 13]; 3] = [
    [
        "PersNr",
        "FAMNAME",
        "VORNAMEN",
        "GEBDAT",
        "STR_NAME",
        "HAUSNR",
        "HausNr-Buchst.",
        "PLZ",
        "WOHNORT",
        "STADTTEIL",
        "HW_NW",
        "ÜSperre",
        "STERBEDATUM",
    ],
    [
        "Ordnungsmerkmal",
        "0101 Familienname",
        "0301 Vornamen",
        "0601 Tag der Geburt",
        "Straßenname",
        "Hausnummer",
        "Hausnummernzusatz",
        "Postleitzahl",
        "Gemeinde",
        "Gemeindeteil",
        "Wohnungsstatus",
        "Auskunftssperre",
        "Verstorben am",
    ],
    [
        "Resident ID",
        "Last name",
        "First names",
        "Date of birth",
        "Street",
        "House number",
        "House number suffix",
        "Zip code",
        "City",
        "District",
        "Residence",
        "Block",
        "Date of death",
    ],
];

const FAMILY: [&str; 24] = [
    "Müller",
    "Schönberg",
    "Nowak",
    "Łukasik",
    "Nguyễn",
    "von Thadden",
    "Groß",
    "O'Connor",
    "Jäger",
    "Dvořák",
    "Şimşek",
    "Kowalczyk",
    "Böhm",
    "Faßbinder",
    "Ibáñez",
    "Lê",
    "Meyer-Lüdenscheidt",
    "de la Cruz",
    "Ørsted",
    "Żuk",
    "Ћirić",
    "Weiß",
    "Háková",
    "Radu",
];
const GIVEN: [&str; 20] = [
    "Anna",
    "Björn",
    "Çağla",
    "Dörte",
    "Émile",
    "Friederike",
    "Günther",
    "Hồng",
    "İlker",
    "Jürgen",
    "Katarzyna",
    "Łucja",
    "Márta",
    "Nils",
    "Óscar",
    "Petra",
    "Ruža",
    "Søren",
    "Tomáš",
    "Zoë",
];
const STREETS: [&str; 12] = [
    "Am Anger",
    "Bahnhofstraße",
    "Straße des 17. Juni",
    "Lindenallee",
    "Platz der Einheit",
    "Mühlweg",
    "Kirchgasse",
    "Zur Aue",
    "Dr.-Külz-Ring",
    "Untere Dorfstraße",
    "An der Furt",
    "Schloßberg",
];

/// One planted error: the columns that change.
type Plant = fn(&mut [String; 13], &mut Dice);

const PLANTS: [(Rule, Plant); 22] = [
    (Rule::LeadingZero, |c, _| {
        c[7] = c[7].trim_start_matches('0').into()
    }),
    (Rule::Mojibake, |c, _| c[1] = "MÃ¼ller".into()),
    (Rule::StrayBlanks, |c, d| {
        c[1] = format!("{}{}", d.of(&[" ", "\u{a0}", "  "]), c[1])
    }),
    (Rule::Decomposed, |c, _| c[1] = "Mu\u{308}hlberg".into()),
    (Rule::HouseNumberInStreet, |c, d| {
        c[4] = format!("Lindenallee {}", d.below(99) + 1);
        c[5].clear();
        c[6].clear();
    }),
    (Rule::DoctorateInName, |c, d| {
        c[1] = format!("{} {}", d.of(&["Dr.", "Prof. Dr.", "Dr. med."]), c[1])
    }),
    (Rule::NamesInOneField, |c, _| {
        c[1] = format!("{}, {}", c[1], c[2]);
        c[2].clear();
    }),
    (Rule::BirthDayUnknown, |c, d| {
        c[3] = format!("00.00.19{}", 40 + d.below(40))
    }),
    (Rule::AllCapitals, |c, d| {
        c[1] = d.of(&["SCHÖNBERG", "KOWALCZYK", "O'CONNOR"]).into()
    }),
    (Rule::SecondaryResidence, |c, d| {
        c[10] = d.of(&["NW", "Nebenwohnung", "N"]).into()
    }),
    (Rule::UnderAge, |c, d| {
        c[3] = format!("0{}.05.20{}", 1 + d.below(9), 12 + d.below(13))
    }),
    (Rule::DigitInName, |c, _| c[2] = "Ann4".into()),
    (Rule::PlaceholderName, |c, d| {
        c[2] = d.of(&["N.N.", "unbekannt", "-"]).into()
    }),
    (Rule::FamilyNameMissing, |c, _| c[1].clear()),
    (Rule::GivenNameMissing, |c, _| c[2].clear()),
    (Rule::StreetMissing, |c, _| c[4].clear()),
    (Rule::PostcodeWrong, |c, d| {
        c[7] = d.of(&["0194", "019455", "A1945", "00000"]).into()
    }),
    (Rule::NoSuchDate, |c, d| {
        c[3] = d
            .of(&["31.02.1971", "30.02.1980", "32.01.1990", "15.13.1960"])
            .into()
    }),
    (Rule::BirthImpossible, |c, d| {
        c[3] = d.of(&["01.05.2031", "12.12.1850"]).into()
    }),
    (Rule::Section51, |c, d| {
        c[11] = d.of(&["§ 51 BMG", "ja", "x", "51"]).into()
    }),
    (Rule::Section52, |c, d| {
        c[11] = d.of(&["§ 52 BMG", "52", "§52 Abs. 1"]).into()
    }),
    (Rule::LostCharacter, |c, d| {
        c[1] = d.of(&["M?ller", "Gro\u{FFFD}", "Sch?nberg"]).into()
    }),
];

/// Letters for a number.
fn word(mut n: u64) -> String {
    let mut text = String::new();
    for _ in 0..3 {
        let letter = char::from(b'a' + (n % 20) as u8);
        text.extend([letter, letter]);
        n /= 20;
    }
    text
}

fn person(row: u32, d: &mut Dice) -> [String; 13] {
    let family = format!("{}-{}", d.of(&FAMILY[..20]), {
        let w = word(u64::from(row));
        w[..1].to_uppercase() + &w[1..]
    });
    let suffix = if d.below(5) == 0 {
        d.of(&["a", "b", "c"])
    } else {
        ""
    };
    [
        (700_000 + row).to_string(),
        family,
        format!("{} {}", d.of(&GIVEN), d.of(&GIVEN)),
        format!(
            "{:02}.{:02}.{}",
            1 + d.below(28),
            1 + d.below(12),
            1932 + d.below(75)
        ),
        d.of(&STREETS).into(),
        (1 + d.below(140)).to_string(),
        suffix.into(),
        "01945".into(),
        "Lindenau".into(),
        d.of(&["Lindenau", "Tettau", "Kroppen"]).into(),
        d.of(&["HW", "HW", "HW", "Hauptwohnung"]).into(),
        d.of(&["", "", "", "nein", "0"]).into(),
        String::new(),
    ]
}

/// A list as text, and the truth about it.
fn list(seed: u64) -> (Vec<u8>, BTreeSet<(u32, Rule)>) {
    let mut d = Dice(seed);
    let headers = HEADERS[seed as usize % HEADERS.len()];
    let mut text = headers.join(";") + "\n";
    let mut truth = BTreeSet::new();
    for row in 2..ROWS + 2 {
        let mut cells = person(row, &mut d);
        if d.below(10) == 0 {
            let (rule, plant) = &PLANTS[d.below(PLANTS.len() as u64) as usize];
            plant(&mut cells, &mut d);
            truth.insert((row, *rule));
        }
        text += &cells.join(";");
        text.push('\n');
    }
    (text.into_bytes(), truth)
}

#[derive(Default)]
struct Score {
    right: u32,
    missed: u32,
    wrong: u32,
}

pub(crate) fn run() {
    let rules = Rules {
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
        minimum_age: 16,
        crowd: 0,
        plain_text: false,
    };
    let mut scores: BTreeMap<Rule, Score> = BTreeMap::new();
    for seed in 1..=SEEDS {
        let (bytes, truth) = list(seed);
        let report = residents::check_file(&bytes, rules, |_| {}).unwrap();
        let found: BTreeSet<(u32, Rule)> = report.findings.iter().map(|f| (f.row, f.rule)).collect();
        for hit in found.union(&truth) {
            let score = scores.entry(hit.1).or_default();
            match (found.contains(hit), truth.contains(hit)) {
                (true, true) => score.right += 1,
                (false, _) => score.missed += 1,
                _ => score.wrong += 1,
            }
        }
    }
    println!("quality of the list check: {SEEDS} lists of {ROWS} rows, three header styles");
    println!("  rule                        planted   recall   precision");
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
    let mut sums: BTreeMap<Severity, Score> = BTreeMap::new();
    for (rule, s) in &scores {
        println!(
            "  {:26} {:8} {:8.3} {:11.3}",
            rule.key(),
            s.right + s.missed,
            share(s.right, s.right + s.missed),
            share(s.right, s.right + s.wrong)
        );
        let sum = sums.entry(rule.severity()).or_default();
        sum.right += s.right;
        sum.missed += s.missed;
        sum.wrong += s.wrong;
    }
    for (severity, s) in sums {
        println!(
            "  all of {:8}             {:8} {:8.3} {:11.3}",
            severity.key(),
            s.right + s.missed,
            share(s.right, s.right + s.missed),
            share(s.right, s.right + s.wrong)
        );
    }
}
