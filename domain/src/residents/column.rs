//! Which column of a list means what: guessed from its header, corrected by people.

use super::{
    date::{self, DayRead},
    sheet::Cell,
};
use crate::text::{distance, fold};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident = $key:literal: $($header:literal)|*;)*) => {
        /// A column that the portal understands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Column { $($(#[$doc])* $name,)* }

        impl Column {
            /// All columns, in the order in which they are offered.
            pub const ALL: &[Column] = &[$(Column::$name,)*];

            /// Its name in forms and exports; also the key of its name on screen (`column-…`).
            pub fn key(self) -> &'static str {
                match self { $(Column::$name => $key,)* }
            }

            /// Header spellings, folded.
            fn headers(self) -> &'static [&'static str] {
                match self { $(Column::$name => &[$($header),*],)* }
            }
        }
    };
}

columns! {
    /// Running number: recognised so that duplicates can be compared without it.
    RunningNumber = "running_number": "lfd nr"|"lfdnr"|"laufende nummer"|"laufende nr"|"nr"|"no"|"pos"|"zeile"|"nummer"|"lfd"|"satznummer"|"satz nr"|"row";
    /// The register's own number of the person.
    RegisterNumber = "register_number": "ordnungsmerkmal"|"om"|"personennummer"|"pers nr"|"persnr"|"person id"|"personen id"|"einwohnernummer"|"einwohner nr"|"ewnr"|"register number"|"resident id"|"pid"|"ordnungsmerkmal ewo"|"ewo nr"|"pid nr"|"personen nr"|"personenkennzeichen"|"interne nummer"|"einwohner id"|"einwohnerid"|"person nr"|"personnr"|"person number"|"registernummer"|"register nr"|"registry number"|"resident number";
    /// Family name.
    FamilyName = "family_name": "familienname"|"nachname"|"name"|"famname"|"fam name"|"zuname"|"surname"|"last name"|"family name"|"familienname aktuell"|"nachn"|"familienname mit namensbestandteilen"|"famname aktuell"|"fname"|"nname"|"surname family name"|"lastname"|"familyname"|"family";
    /// Given names.
    GivenNames = "given_names": "vornamen"|"vorname"|"vorname n"|"vornamen alle"|"vorn"|"given names"|"given name"|"first name"|"first names"|"forename"|"vornamen gesamt"|"vname"|"vornamen alle vornamen"|"alle vornamen"|"sonstige vornamen"|"firstname"|"firstnames"|"givenname"|"givennames"|"forenames";
    /// The given name in use.
    CallName = "call_name": "rufname"|"rufn"|"gebraeuchlicher vorname"|"call name"|"gebraeuchlicher vorname rufname"|"rufvorname"|"gebr vorname"|"preferred name"|"usual name"|"callname";
    /// Doctorate.
    Doctorate = "doctorate": "dr grad"|"doktorgrad"|"dr"|"titel"|"akad grad"|"akademischer grad"|"title"|"doctorate"|"dr titel"|"doktortitel"|"grad"|"academic degree"|"academic title"|"doctoral degree"|"akad titel"|"namenszusatz dr";
    /// Date of birth.
    BirthDate = "birth_date": "geb datum"|"geburtsdatum"|"geburtstag"|"geb"|"gebdat"|"geb dat"|"geboren"|"geboren am"|"date of birth"|"birth date"|"birthdate"|"dob"|"tag der geburt"|"geburtsdat"|"gebdatum"|"geb am"|"geb tag"|"gebtag"|"datum der geburt"|"birthday"|"birth"|"born"|"day of birth";
    /// Street.
    Street = "street": "strasse"|"str"|"strassenname"|"strasse name"|"street"|"strassenbezeichnung"|"strname"|"str name"|"strasse bezeichnung"|"anschrift strasse"|"street name"|"streetname"|"wohnstrasse"|"strassenname lang"|"strasse hausnr"|"strasse hausnummer"|"strasse und hausnummer"|"strasse nr"|"str hnr"|"strasse hnr"|"address"|"adresse"|"anschrift"|"street address"|"street and number";
    /// House number.
    HouseNumber = "house_number": "hnr"|"hausnr"|"hausnummer"|"haus nr"|"h nr"|"hsnr"|"house number"|"house no"|"hausnr von"|"hsnr"|"hausnummer von"|"hs nr"|"nr haus"|"housenumber"|"houseno"|"house nr"|"street number"|"streetnumber"|"hausn";
    /// Suffix of the house number.
    HouseSuffix = "house_suffix": "hnr zusatz"|"hausnummernzusatz"|"hausnr zusatz"|"hnrz"|"buchst"|"buchstabe"|"hausbuchstabe"|"hsnr zusatz"|"house number suffix"|"hausbuchst"|"haus bst"|"hausbst"|"hnr buchst"|"hausnr buchst"|"hausnr buchstabe"|"hausnr bst"|"hausnummer buchstabe"|"buchstabe hausnummer"|"hnr bst"|"hnr zus"|"hausnummerzusatz"|"hausnrzusatz"|"teilhausnummer"|"house letter"|"suffix"|"number suffix";
    /// c/o, flat, building.
    AddressExtra = "address_extra": "adresszusatz"|"zusatz"|"c o"|"wohnungsnr"|"wohnungs nr"|"zusatzangaben"|"wohnungsgeber"|"address extra"|"address line 2"|"wohnungsinhaber"|"stockwerk"|"stockwerk wohnung"|"zusatz zur anschrift"|"anschrift zusatz"|"anschriftenzusatz"|"adress zusatz"|"address supplement"|"care of"|"co"|"wohnung"|"wohnungsnummer"|"addressline2"|"apartment"|"flat";
    /// Postcode.
    Postcode = "postcode": "plz"|"postleitzahl"|"postcode"|"zip"|"postal code"|"postleitz"|"plz wohnort"|"plz ort plz"|"plz strasse"|"zip code"|"zipcode"|"post code"|"postalcode";
    /// Place.
    City = "city": "ort"|"wohnort"|"gemeinde"|"stadt"|"ortsname"|"city"|"town"|"place"|"wohnort name"|"ort name"|"gemeindename"|"postort"|"wohngemeinde"|"municipality"|"locality"|"ortname"|"plz ort ort"|"village";
    /// Part of the municipality.
    District = "district": "ortsteil"|"ot"|"stadtteil"|"bezirk"|"stimmbezirk"|"wahlbezirk"|"gemeindeteil"|"district"|"gemeindeteil name"|"ortsteil name"|"ortschaft"|"ortsbezirk"|"quartier"|"ward"|"borough"|"stadtbezirk"|"wahlkreis"|"zustellbezirk"|"delivery district";
    /// Main or secondary residence.
    Residence = "residence": "wohnungsart"|"hw nw"|"wohnungsstatus"|"wohnstatus"|"art der wohnung"|"status wohnung"|"residence"|"status der wohnung"|"wohnungstyp"|"hauptnebenwohnung"|"haupt nebenwohnung"|"haupt und nebenwohnung"|"hwnw"|"whg status"|"whg art"|"art whg"|"wohnsitzart"|"wohnsitz"|"residence type"|"type of residence";
    /// Notes of blocks under §§ 51, 52 BMG.
    Block = "block": "sperrvermerk"|"sperre"|"auskunftssperre"|"uesperre"|"sperren"|"asp"|"sperrkennzeichen"|"block"|"auskunftssperren"|"sperrvermerke"|"auskunfts sperre"|"uebermittlungssperre"|"uebermittlungssperren"|"sperre 51"|"sperre 52"|"auskunftssperre 51 bmg"|"auskunftssperre bmg"|"bedingter sperrvermerk"|"sperrgrund"|"sperrart"|"a sperre"|"privacy block"|"disclosure block"|"information block"|"blocked";
    /// Date of death.
    Deceased = "deceased": "sterbedatum"|"verstorben"|"verstorben am"|"gestorben"|"sterbetag"|"tod"|"date of death"|"deceased"|"gestorben am"|"sterbedat"|"tod am"|"todesdatum"|"sterbefall"|"tag des todes"|"died"|"death"|"died on"|"death date";
    /// Date of moving away.
    MovedAway = "moved_away": "auszugsdatum"|"auszug"|"weggezogen"|"weggezogen am"|"fortzug"|"wegzug"|"wegzugsdatum"|"moved away"|"abmeldung"|"auszug am"|"auszugsdat"|"fortgezogen"|"verzogen"|"verzogen am"|"wegzug am"|"abmeldedatum"|"abgemeldet"|"abgemeldet am"|"ausgezogen am"|"auszug datum"|"moved out"|"moved away on"|"move out date"|"departure";
}

impl Column {
    /// The column with this name.
    pub fn parse(key: &str) -> Option<Column> {
        Column::ALL.iter().copied().find(|c| c.key() == key)
    }

    /// Without these columns no letter can be addressed.
    pub const REQUIRED: [Column; 5] = [
        Column::FamilyName,
        Column::GivenNames,
        Column::Street,
        Column::Postcode,
        Column::City,
    ];

    /// The column that a header names, and how surely: as written, but for the numbers that register programs put
    /// before it ("0101 Familienname"), or but for one letter.
    pub fn of_header(header: &str) -> Option<(Column, Confidence)> {
        let folded = fold(header);
        let named = |name: &str| Column::ALL.iter().copied().find(|c| c.headers().contains(&name));
        if folded.is_empty() || folded.len() > 60 {
            return None;
        }
        if let Some(column) = named(&folded) {
            return Some((column, Confidence::Sure));
        }
        let without_code = folded.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let before_bracket = fold(header.split(['(', '[', '/']).next().unwrap_or(""));
        if let Some(column) = named(without_code).or_else(|| named(&before_bracket)) {
            return Some((column, Confidence::Likely));
        }
        let compact: String = folded.split(' ').collect();
        let near = |h: &str| {
            let known: String = h.split(' ').collect();
            known == compact || (known.len() >= 6 && distance(&known, &compact, 1).is_some())
        };
        Column::ALL
            .iter()
            .copied()
            .find(|c| c.headers().iter().any(|h| near(h)))
            .map(|c| (c, Confidence::Likely))
    }
}

/// Why a column is taken for what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Its title is not known, but its cells look so.
    ByContent,
    /// Its title is nearly a known one.
    Likely,
    /// Its title is known, or somebody said so before.
    Sure,
}

impl Confidence {
    /// Its name on screen is under `confidence-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            Confidence::ByContent => "by-content",
            Confidence::Likely => "likely",
            Confidence::Sure => "sure",
        }
    }
}

/// Endings of street names.
const STREETS: [&str; 30] = [
    "strasse",
    "str",
    "weg",
    "platz",
    "allee",
    "gasse",
    "ring",
    "damm",
    "ufer",
    "chaussee",
    "berg",
    "hof",
    "park",
    "steig",
    "markt",
    "siedlung",
    "graben",
    "wall",
    "pfad",
    "kamp",
    "stieg",
    "tor",
    "aue",
    "feld",
    "garten",
    "winkel",
    "anger",
    "zeile",
    "promenade",
    "hang",
];

impl Column {
    /// How many of these cells look like this column (0 to 1); `None` where looks tell nothing.
    pub fn looks(self, cells: &[Cell], today: NaiveDate) -> Option<f32> {
        let filled: Vec<&Cell> = cells.iter().filter(|c| !c.is_blank()).collect();
        let fits = |cell: &Cell| -> Option<bool> {
            let text = cell.shown();
            let text = text.trim();
            let letters = text.chars().filter(|c| c.is_alphabetic()).count();
            Some(match self {
                Column::BirthDate => match cell {
                    Cell::Date(day) => (0..=120).contains(&date::age(*day, today)),
                    Cell::Number(n) => (4_000.0..50_000.0).contains(n),
                    Cell::Text(_) => !matches!(date::read(text, today), DayRead::NotADate),
                    _ => false,
                },
                Column::Postcode => (4..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()),
                Column::HouseNumber => {
                    text.starts_with(|c: char| c.is_ascii_digit()) && text.len() <= 8 && letters <= 2
                }
                Column::Street => {
                    let folded = fold(text);
                    folded.split(' ').any(|w| STREETS.iter().any(|s| w.ends_with(s)))
                }
                Column::FamilyName | Column::GivenNames | Column::CallName | Column::City => {
                    letters > 0 && !text.bytes().any(|b| b.is_ascii_digit())
                }
                _ => return None,
            })
        };
        let judged: Vec<bool> = filled.iter().filter_map(|c| fits(c)).collect();
        if judged.len() < 5 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "a few hundred samples")]
        Some(judged.iter().filter(|f| **f).count() as f32 / judged.len() as f32)
    }
}

/// Which column of the sheet holds what: `mapping[i]` is the meaning of sheet column `i`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping(pub Vec<Option<Column>>);

impl Mapping {
    /// Guesses from a header row. A meaning is given only once: the surest column has it, the first of equals. Only notes
    /// about register blocks may stand in several columns, and all are read.
    pub fn guess<'a>(headers: impl IntoIterator<Item = &'a str>) -> (Self, Vec<Option<Confidence>>) {
        let mut found: Vec<Option<(Column, Confidence)>> =
            headers.into_iter().map(Column::of_header).collect();
        for i in 0..found.len() {
            let Some((column, confidence)) = found[i] else {
                continue;
            };
            let better = |j: usize, other: &Option<(Column, Confidence)>| {
                other.is_some_and(|(c, n)| c == column && (n > confidence || (n == confidence && j < i)))
            };
            if column != Column::Block
                && found
                    .iter()
                    .enumerate()
                    .any(|(j, other)| j != i && better(j, other))
            {
                found[i] = None;
            }
        }
        (
            Self(found.iter().map(|f| f.map(|(c, _)| c)).collect()),
            found.iter().map(|f| f.map(|(_, n)| n)).collect(),
        )
    }

    /// The place of a meaning in the sheet.
    pub fn place(&self, column: Column) -> Option<usize> {
        self.0.iter().position(|c| *c == Some(column))
    }

    /// Required meanings that no column has.
    pub fn missing(&self) -> Vec<Column> {
        Column::REQUIRED
            .into_iter()
            .filter(|c| self.place(*c).is_none())
            .collect()
    }

    /// How many columns are recognised.
    pub fn known(&self) -> usize {
        self.0.iter().flatten().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_register_programs() {
        for (header, column) in [
            ("Familienname", Some(Column::FamilyName)),
            ("Straße", Some(Column::Street)),
            ("Str.", Some(Column::Street)),
            ("HNr-Zusatz", Some(Column::HouseSuffix)),
            ("Geb.-Datum", Some(Column::BirthDate)),
            ("Dr.-Grad", Some(Column::Doctorate)),
            ("ÜSperre", Some(Column::Block)),
            ("HW/NW", Some(Column::Residence)),
            ("Lfd. Nr.", Some(Column::RunningNumber)),
            ("Staatsang.", None),
            ("Religion", None),
            ("Geschl.", None),
            ("0101 Familienname", Some(Column::FamilyName)),
            ("Vornamen (0301)", Some(Column::GivenNames)),
            ("FAM_NAME", Some(Column::FamilyName)),
            ("Hausnr.-Buchst.", Some(Column::HouseSuffix)),
            ("Familenname", Some(Column::FamilyName)),
            ("Post Code", Some(Column::Postcode)),
            ("Date of birth", Some(Column::BirthDate)),
            ("Auskunftssperre § 51 BMG", Some(Column::Block)),
            ("Familienstand", None),
            ("Konfession", None),
            ("Geburtsort", None),
            ("Geburtsname", None),
            ("Einzugsdatum", None),
        ] {
            assert_eq!(Column::of_header(header).map(|c| c.0), column, "{header}");
        }
    }

    #[test]
    fn a_meaning_is_given_once() {
        let (mapping, _) = Mapping::guess(["Name", "Nachname", "Vorname"]);
        assert_eq!(
            mapping.0,
            [Some(Column::FamilyName), None, Some(Column::GivenNames)]
        );
        // the surest column has it, wherever it stands
        let (mapping, sure) = Mapping::guess(["Familenname", "Familienname"]);
        assert_eq!(mapping.0, [None, Some(Column::FamilyName)]);
        assert_eq!(sure, [None, Some(Confidence::Sure)]);
    }
}
