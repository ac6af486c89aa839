//! What can be wrong with a row, and how bad it is. Every rule has a name here, a sentence in `locales/` under
//! `rule-<key>`, and a test.

use super::column::Column;
use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A safe fix was made; it is shown.
    Repair,
    /// A person decides.
    Ask,
    /// No letter.
    Block,
}

impl Severity {
    /// The stored name; also the key of the name on screen.
    pub fn key(self) -> &'static str {
        match self {
            Severity::Repair => "repair",
            Severity::Ask => "ask",
            Severity::Block => "block",
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $key:literal, $severity:ident;)*) => {
        /// A rule of the list check.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Rule { $($(#[$doc])* $name,)* }

        impl Rule {
            /// All rules.
            pub const ALL: &[Rule] = &[$(Rule::$name,)*];

            /// Its name in forms, exports and `locales/`.
            pub fn key(self) -> &'static str {
                match self { $(Rule::$name => $key,)* }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Rule::$name => Severity::$severity,)* }
            }

            /// The rule with this name.
            pub fn parse(key: &str) -> Option<Rule> {
                Rule::ALL.iter().copied().find(|r| r.key() == key)
            }
        }
    };
}

rules! {
    /// 1945 → 01945: the spreadsheet took the postcode for a number.
    LeadingZero = "leading-zero", Repair;
    /// `MÃ¼ller` → `Müller`: UTF-8 read as Windows-1252.
    Mojibake = "mojibake", Repair;
    /// Blanks at the ends, doubled, or of an unusual kind.
    StrayBlanks = "stray-blanks", Repair;
    /// A date that is stored as text.
    DateAsText = "date-as-text", Repair;
    /// "Ringstraße 12" in the street field, house number empty.
    HouseNumberInStreet = "house-number-in-street", Repair;
    /// "3-5" that the spreadsheet turned into 3 May.
    HouseNumberAsDate = "house-number-as-date", Repair;
    /// "Dr. Scholz" in the field of the family name.
    DoctorateInName = "doctorate-in-name", Repair;
    /// Letters written as base and mark that exist as one character; those that DIN 91379 has only so are kept.
    Decomposed = "decomposed", Repair;
    /// "Müller, Anna" in the field of the family name, given names empty.
    NamesInOneField = "names-in-one-field", Repair;
    /// A sum or a last line below the list.
    TotalsRow = "totals-row", Repair;
    /// The header again, as it is printed on every page.
    RepeatedHeader = "repeated-header", Repair;
    /// The same row twice.
    ExactDuplicate = "exact-duplicate", Repair;
    /// Probably the same person twice.
    ProbableDuplicate = "probable-duplicate", Ask;
    /// Day or month of birth unknown (00.00.1950 is legal in German registers).
    BirthDayUnknown = "birth-day-unknown", Ask;
    /// The name is in capitals.
    AllCapitals = "all-capitals", Ask;
    /// Not the main residence.
    SecondaryResidence = "secondary-residence", Ask;
    /// Younger than the town's rule.
    UnderAge = "under-age", Ask;
    /// A block note that nobody here understands.
    UnknownBlockNote = "unknown-block-note", Ask;
    /// Name or address has a line that is too long for the window.
    TooLong = "too-long", Ask;
    /// The sheet hides the row, or a filter does.
    HiddenRow = "hidden-row", Ask;
    /// A merged cell: its value stands only in its first row.
    MergedCell = "merged-cell", Ask;
    /// A character that DIN 91379 does not know.
    OutsideNorm = "outside-norm", Ask;
    /// A digit in a name.
    DigitInName = "digit-in-name", Ask;
    /// "N.N.", "unbekannt", "-" for a name.
    PlaceholderName = "placeholder-name", Ask;
    /// Unusually many people at one address.
    CrowdedAddress = "crowded-address", Ask;
    /// The register's own number stands twice.
    RegisterNumberTwice = "register-number-twice", Block;
    /// Family name missing.
    FamilyNameMissing = "family-name-missing", Block;
    /// Given name missing.
    GivenNameMissing = "given-name-missing", Block;
    /// Street missing.
    StreetMissing = "street-missing", Block;
    /// House number missing.
    HouseNumberMissing = "house-number-missing", Block;
    /// Postcode missing.
    PostcodeMissing = "postcode-missing", Block;
    /// Postcode has not five digits.
    PostcodeWrong = "postcode-wrong", Block;
    /// Place missing.
    CityMissing = "city-missing", Block;
    /// There is no such day.
    NoSuchDate = "no-such-date", Block;
    /// Born in the future, or more than 120 years ago.
    BirthImpossible = "birth-impossible", Block;
    /// Died.
    Deceased = "deceased", Block;
    /// Moved away.
    MovedAway = "moved-away", Block;
    /// Block under § 51 BMG.
    Section51 = "section-51", Block;
    /// Block under § 52 BMG.
    Section52 = "section-52", Block;
    /// A formula or a spreadsheet error in a cell.
    FormulaCell = "formula-cell", Block;
    /// `?` or U+FFFD inside a name: characters were lost.
    LostCharacter = "lost-character", Block;
}

impl Rule {
    /// Does it tell of a register block (§§ 51, 52 BMG)? Such a row is only for staff who may see blocks.
    pub fn tells_of_block(self) -> bool {
        matches!(self, Rule::Section51 | Rule::Section52 | Rule::UnknownBlockNote)
    }

    /// Is it about other rows too? The row alone cannot tell whether it still holds.
    pub fn is_beside_others(self) -> bool {
        matches!(
            self,
            Rule::ExactDuplicate | Rule::ProbableDuplicate | Rule::RegisterNumberTwice | Rule::CrowdedAddress
        )
    }

    /// Does it say that the person must not get letters, whatever else is right? (A missing street says nothing about
    /// somebody whose street is known from a former list.)
    pub fn stops_letters(self) -> bool {
        matches!(
            self,
            Rule::Section51 | Rule::Section52 | Rule::Deceased | Rule::MovedAway
        )
    }
}

/// One finding about one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The row as the spreadsheet counts (1 is the first).
    pub row: u32,
    /// The field; `None` if it is about the whole row.
    pub column: Option<Column>,
    /// Which rule.
    pub rule: Rule,
    /// What stood there, shortened.
    pub was: String,
    /// What it becomes, or the row it repeats.
    pub becomes: Option<String>,
}
