//! Precision and recall of the list check on generated dirty lists: other seeds and other headers than the shipped ones.
//! Each planted error is known by row and rule; everything else that is found is counted as wrong. Every other list is a
//! workbook with dates, numbers, formulas, hidden rows and merged cells; the others are text files.

use backend::residents;
use chrono::NaiveDate;
use domain::residents::{
    check::Rules,
    finding::{Rule, Severity},
};
use rust_xlsxwriter::{Format, Formula, Workbook};
use std::collections::{BTreeMap, BTreeSet};

const ROWS: u32 = 4_000;
const SEEDS: u64 = 12;
/// People at one address from which the rules ask; no address has so many by chance.
const CROWD: u32 = 30;

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

/// Columns of a list.
const WIDTH: usize = 14;

const HEADERS: [[&str; WIDTH]; 3] = [
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
        "WEGZUGSDATUM",
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
        "Auszug am",
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
        "Moved away",
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

/// A cell; in a text file all are text.
#[derive(Clone, Debug, PartialEq)]
enum C {
    Text(String),
    Day(NaiveDate),
    Number(u32),
    Formula,
}

impl From<&str> for C {
    fn from(text: &str) -> Self {
        C::Text(text.to_owned())
    }
}

impl From<String> for C {
    fn from(text: String) -> Self {
        C::Text(text)
    }
}

impl C {
    fn text(&self) -> String {
        match self {
            C::Text(text) => text.clone(),
            C::Day(day) => day.format("%d.%m.%Y").to_string(),
            C::Number(n) => n.to_string(),
            C::Formula => "=A1".to_owned(),
        }
    }
}

type Cells = [C; WIDTH];

/// One row with what is to be found in it.
struct Row {
    cells: Cells,
    hidden: bool,
    /// The cell of the place is merged with that of the row below.
    merged: bool,
}

/// One planted error in the cells of a row.
type Plant = fn(&mut Cells, &mut Dice);

const PLANTS: [(Rule, Plant); 30] = [
    (Rule::LeadingZero, |c, _| c[7] = "1945".into()),
    (Rule::Mojibake, |c, _| c[1] = "MÃ¼ller".into()),
    (Rule::StrayBlanks, |c, d| {
        c[1] = format!("{}{}", d.of(&[" ", "\u{a0}", "  "]), c[1].text()).into()
    }),
    (Rule::Decomposed, |c, _| c[1] = "Mu\u{308}hlberg".into()),
    (Rule::HouseNumberInStreet, |c, d| {
        c[4] = format!("Lindenallee {}", d.below(99) + 1).into();
        c[5] = "".into();
        c[6] = "".into();
    }),
    (Rule::DoctorateInName, |c, d| {
        c[1] = format!("{} {}", d.of(&["Dr.", "Prof. Dr.", "Dr. med."]), c[1].text()).into()
    }),
    (Rule::NamesInOneField, |c, _| {
        c[1] = format!("{}, {}", c[1].text(), c[2].text()).into();
        c[2] = "".into();
    }),
    (Rule::BirthDayUnknown, |c, d| {
        c[3] = format!("00.00.19{}", 40 + d.below(40)).into()
    }),
    (Rule::AllCapitals, |c, d| {
        c[1] = d.of(&["SCHÖNBERG", "KOWALCZYK", "O'CONNOR"]).into()
    }),
    (Rule::SecondaryResidence, |c, d| {
        c[10] = d.of(&["NW", "Nebenwohnung", "N"]).into()
    }),
    (Rule::UnderAge, |c, d| {
        c[3] = day(2012 + d.below(13), 5, 1 + d.below(9)).into()
    }),
    (Rule::UnknownBlockNote, |c, d| {
        c[11] = d.of(&["siehe Akte", "geprüft 3/26", "Rückfrage"]).into()
    }),
    (Rule::TooLong, |c, _| c[1] = "Schönberg-".repeat(6).into()),
    (Rule::OutsideNorm, |c, d| {
        c[1] = d.of(&["Иванов", "Παππάς", "Ћirić"]).into()
    }),
    (Rule::DigitInName, |c, _| c[2] = "Ann4".into()),
    (Rule::PlaceholderName, |c, d| {
        c[2] = d.of(&["N.N.", "unbekannt", "-"]).into()
    }),
    (Rule::FamilyNameMissing, |c, _| c[1] = "".into()),
    (Rule::GivenNameMissing, |c, _| c[2] = "".into()),
    (Rule::StreetMissing, |c, _| c[4] = "".into()),
    (Rule::HouseNumberMissing, |c, _| {
        c[4] = "Am Anger".into();
        c[5] = "".into();
        c[6] = "".into();
    }),
    (Rule::PostcodeMissing, |c, _| c[7] = "".into()),
    (Rule::PostcodeWrong, |c, d| {
        c[7] = d.of(&["0194", "019455", "A1945", "00000"]).into()
    }),
    (Rule::CityMissing, |c, _| c[8] = "".into()),
    (Rule::NoSuchDate, |c, d| {
        c[3] = d
            .of(&["31.02.1971", "30.02.1980", "32.01.1990", "15.13.1960"])
            .into()
    }),
    (Rule::BirthImpossible, |c, d| {
        c[3] = day(if d.below(2) == 0 { 2031 } else { 1880 }, 5, 1).into()
    }),
    (Rule::Deceased, |c, d| c[12] = day(2026, 1 + d.below(9), 3).into()),
    (Rule::MovedAway, |c, d| {
        c[13] = day(2026, 1 + d.below(9), 3).into()
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

/// Errors that only a workbook can have.
const IN_WORKBOOKS: [(Rule, Plant); 3] = [
    (Rule::DateAsText, |c, d| {
        c[3] = format!("{:02}.03.1971", 1 + d.below(28)).into()
    }),
    (Rule::HouseNumberAsDate, |c, d| {
        c[5] = day(2026, 5, 1 + d.below(9)).into();
        c[6] = "".into();
    }),
    (Rule::FormulaCell, |c, _| c[4] = C::Formula),
];

impl From<NaiveDate> for C {
    fn from(day: NaiveDate) -> Self {
        C::Day(day)
    }
}

fn day(year: u64, month: u64, day: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32).unwrap()
}

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

fn person(row: u32, d: &mut Dice) -> Row {
    let family = format!("{}-{}", d.of(&FAMILY[..20]), {
        let w = word(u64::from(row));
        w[..1].to_uppercase() + &w[1..]
    });
    let suffix = if d.below(5) == 0 {
        d.of(&["a", "b", "c"])
    } else {
        ""
    };
    let cells = [
        C::Number(700_000 + row),
        family.into(),
        format!("{} {}", d.of(&GIVEN), d.of(&GIVEN)).into(),
        day(1932 + d.below(75), 1 + d.below(12), 1 + d.below(28)).into(),
        d.of(&STREETS).into(),
        C::Number(1 + d.below(140) as u32),
        suffix.into(),
        "01945".into(),
        "Lindenau".into(),
        d.of(&["Lindenau", "Tettau", "Kroppen"]).into(),
        d.of(&["HW", "HW", "HW", "Hauptwohnung"]).into(),
        d.of(&["", "", "", "nein", "0"]).into(),
        "".into(),
        "".into(),
    ];
    Row {
        cells,
        hidden: false,
        merged: false,
    }
}

type Truth = BTreeSet<(u32, Rule)>;

/// The rows of a list, and the truth about them.
fn rows(seed: u64, headers: &[&str; WIDTH], workbook: bool) -> (Vec<Row>, Truth) {
    let mut d = Dice(seed);
    let mut rows: Vec<Row> = Vec::new();
    let mut truth = Truth::new();
    // rows without any other error, which another row may repeat
    let mut good: Vec<usize> = Vec::new();
    let crowd = u64::from(ROWS / 2)..u64::from(ROWS / 2 + CROWD);
    for row in 2..ROWS + 2 {
        let mut next = person(row, &mut d);
        let number = next.cells[0].clone();
        if crowd.contains(&u64::from(row)) {
            // a home: many people at one address that nobody else has
            next.cells[4] = "Heimweg".into();
            next.cells[5] = C::Number(1);
            next.cells[6] = "".into();
            truth.insert((row, Rule::CrowdedAddress));
        } else if d.below(10) == 0 {
            let other = (!good.is_empty()).then(|| good[d.below(good.len() as u64) as usize]);
            let kinds = PLANTS.len() as u64 + if workbook { 10 } else { 5 };
            let kind = d.below(kinds) as usize;
            let rule = match (kind.checked_sub(PLANTS.len()), other) {
                (None, _) | (_, None) => {
                    let (rule, plant) = &PLANTS[kind.min(PLANTS.len() - 1)];
                    plant(&mut next.cells, &mut d);
                    *rule
                }
                (Some(0), Some(other)) => {
                    next.cells = rows[other].cells.clone();
                    Rule::ExactDuplicate
                }
                (Some(1), Some(other)) => {
                    // the same person with one other letter
                    next.cells = rows[other].cells.clone();
                    next.cells[0] = number;
                    next.cells[1] = next.cells[1].text().replacen('-', "-X", 1).into();
                    Rule::ProbableDuplicate
                }
                (Some(2), Some(other)) => {
                    next.cells[0] = rows[other].cells[0].clone();
                    Rule::RegisterNumberTwice
                }
                (Some(3), _) => {
                    next.cells = std::array::from_fn(|_| C::from(""));
                    next.cells[0] = d.of(&["Summe", "Gesamt:", "Total"]).into();
                    next.cells[1] = C::Number(row);
                    Rule::TotalsRow
                }
                (Some(4), _) => {
                    next.cells = headers.map(C::from);
                    Rule::RepeatedHeader
                }
                (Some(5), _) => {
                    next.hidden = true;
                    Rule::HiddenRow
                }
                (Some(6), _) if row + 1 < ROWS + 2 => {
                    next.merged = true;
                    Rule::MergedCell
                }
                (Some(n), _) => {
                    let (rule, plant) = &IN_WORKBOOKS[n % IN_WORKBOOKS.len()];
                    plant(&mut next.cells, &mut d);
                    *rule
                }
            };
            truth.insert((row, rule));
        } else {
            good.push(rows.len());
        }
        rows.push(next);
    }
    (rows, truth)
}

/// A list as a file, and the truth about it.
fn list(seed: u64) -> (Vec<u8>, Truth) {
    let headers = &HEADERS[seed as usize % HEADERS.len()];
    let workbook = seed.is_multiple_of(2);
    let (rows, mut truth) = rows(seed, headers, workbook);
    if !workbook {
        let mut text = headers.join(";") + "\n";
        for row in &rows {
            text += &row.cells.each_ref().map(C::text).join(";");
            text.push('\n');
        }
        return (text.into_bytes(), truth);
    }
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let (date, plain) = (Format::new().set_num_format("dd.mm.yyyy"), Format::new());
    for (place, title) in headers.iter().enumerate() {
        sheet.write_string(0, place as u16, *title).unwrap();
    }
    let mut skip = false;
    for (i, row) in rows.iter().enumerate() {
        let at = i as u32 + 1;
        let above = std::mem::replace(&mut skip, row.merged);
        for (place, cell) in row.cells.iter().enumerate() {
            let place = place as u16;
            // the district is merged: no rule reads it, so that only the merging is found
            if place == 9 && (above || row.merged) {
                continue;
            }
            match cell {
                C::Text(text) if text.is_empty() => {}
                C::Text(text) => drop(sheet.write_string(at, place, text).unwrap()),
                C::Day(day) => {
                    // as spreadsheets store it: days since 1899-12-30
                    let serial = (*day - NaiveDate::from_ymd_opt(1899, 12, 30).unwrap()).num_days();
                    sheet
                        .write_number_with_format(at, place, serial as f64, &date)
                        .map(drop)
                        .unwrap();
                }
                C::Number(n) => drop(sheet.write_number(at, place, *n).unwrap()),
                C::Formula => drop(sheet.write_formula(at, place, Formula::new("=A1")).unwrap()),
            }
        }
        if row.merged {
            sheet.merge_range(at, 9, at + 1, 9, "Lindenau", &plain).unwrap();
            // the row below is asked about, too: its value stands in this one
            truth.insert((at + 2, Rule::MergedCell));
        }
        if row.hidden {
            sheet.set_row_hidden(at).unwrap();
        }
    }
    (book.save_to_buffer().unwrap(), truth)
}

#[derive(Default)]
struct Score {
    right: u32,
    missed: u32,
    wrong: u32,
}

pub(crate) fn run() {
    let rules = Rules {
        today: NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(),
        minimum_age: 16,
        crowd: CROWD,
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
    println!(
        "quality of the list check: {SEEDS} lists of {ROWS} rows, three header styles, {} of {} rules",
        scores.len(),
        Rule::ALL.len()
    );
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
