//! Which column of a list means what: guessed from its header, corrected by people.

use crate::text::fold;
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
    RunningNumber = "running_number": "lfd nr"|"lfdnr"|"laufende nummer"|"laufende nr"|"nr"|"no"|"pos"|"zeile";
    /// The register's own number of the person.
    RegisterNumber = "register_number": "ordnungsmerkmal"|"om"|"personennummer"|"pers nr"|"persnr"|"person id"|"personen id"|"einwohnernummer"|"einwohner nr"|"ewnr"|"register number"|"resident id"|"pid";
    /// Family name.
    FamilyName = "family_name": "familienname"|"nachname"|"name"|"famname"|"fam name"|"zuname"|"surname"|"last name"|"family name";
    /// Given names.
    GivenNames = "given_names": "vornamen"|"vorname"|"vorname n"|"vornamen alle"|"vorn"|"given names"|"given name"|"first name"|"first names"|"forename";
    /// The given name in use.
    CallName = "call_name": "rufname"|"rufn"|"gebraeuchlicher vorname"|"call name";
    /// Doctorate.
    Doctorate = "doctorate": "dr grad"|"doktorgrad"|"dr"|"titel"|"akad grad"|"akademischer grad"|"title"|"doctorate";
    /// Date of birth.
    BirthDate = "birth_date": "geb datum"|"geburtsdatum"|"geburtstag"|"geb"|"gebdat"|"geb dat"|"geboren"|"geboren am"|"date of birth"|"birth date"|"birthdate"|"dob";
    /// Street.
    Street = "street": "strasse"|"str"|"strassenname"|"strasse name"|"street";
    /// House number.
    HouseNumber = "house_number": "hnr"|"hausnr"|"hausnummer"|"haus nr"|"h nr"|"hsnr"|"house number"|"house no";
    /// Suffix of the house number.
    HouseSuffix = "house_suffix": "hnr zusatz"|"hausnummernzusatz"|"hausnr zusatz"|"hnrz"|"buchst"|"buchstabe"|"hausbuchstabe"|"hsnr zusatz"|"house number suffix";
    /// c/o, flat, building.
    AddressExtra = "address_extra": "adresszusatz"|"zusatz"|"c o"|"wohnungsnr"|"wohnungs nr"|"zusatzangaben"|"wohnungsgeber"|"address extra"|"address line 2";
    /// Postcode.
    Postcode = "postcode": "plz"|"postleitzahl"|"postcode"|"zip"|"postal code";
    /// Place.
    City = "city": "ort"|"wohnort"|"gemeinde"|"stadt"|"ortsname"|"city"|"town"|"place";
    /// Part of the municipality.
    District = "district": "ortsteil"|"ot"|"stadtteil"|"bezirk"|"stimmbezirk"|"wahlbezirk"|"gemeindeteil"|"district";
    /// Main or secondary residence.
    Residence = "residence": "wohnungsart"|"hw nw"|"wohnungsstatus"|"wohnstatus"|"art der wohnung"|"status wohnung"|"residence";
    /// Notes of blocks under §§ 51, 52 BMG.
    Block = "block": "sperrvermerk"|"sperre"|"auskunftssperre"|"uesperre"|"sperren"|"asp"|"sperrkennzeichen"|"block";
    /// Date of death.
    Deceased = "deceased": "sterbedatum"|"verstorben"|"verstorben am"|"gestorben"|"sterbetag"|"tod"|"date of death"|"deceased";
    /// Date of moving away.
    MovedAway = "moved_away": "auszugsdatum"|"auszug"|"weggezogen"|"weggezogen am"|"fortzug"|"wegzug"|"wegzugsdatum"|"moved away"|"abmeldung";
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

    /// The column that a header names.
    pub fn of_header(header: &str) -> Option<Column> {
        let folded = fold(header);
        Column::ALL
            .iter()
            .copied()
            .find(|c| c.headers().contains(&folded.as_str()))
    }
}

/// Which column of the sheet holds what: `mapping[i]` is the meaning of sheet column `i`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping(pub Vec<Option<Column>>);

impl Mapping {
    /// Guesses from a header row. A meaning is given only once: the first column that names it has it.
    pub fn guess<'a>(headers: impl IntoIterator<Item = &'a str>) -> Self {
        let mut used = Vec::new();
        Self(
            headers
                .into_iter()
                .map(|header| {
                    let column = Column::of_header(header).filter(|c| !used.contains(c))?;
                    used.push(column);
                    Some(column)
                })
                .collect(),
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
        ] {
            assert_eq!(Column::of_header(header), column, "{header}");
        }
    }

    #[test]
    fn a_meaning_is_given_once() {
        let mapping = Mapping::guess(["Name", "Nachname", "Vorname"]);
        assert_eq!(
            mapping.0,
            [Some(Column::FamilyName), None, Some(Column::GivenNames)]
        );
    }
}
