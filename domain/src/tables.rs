//! The tables of the staff area: which columns each of them has, and which of those somebody wants to see.

/// A column of a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in forms and cookies.
    pub key: &'static str,
    /// The key of its heading in `locales/`.
    pub label: &'static str,
    /// Shown as long as nobody chooses.
    pub standard: bool,
    /// Holds numbers.
    pub numeric: bool,
}

const fn usual(key: &'static str, label: &'static str) -> Column {
    Column {
        key,
        label,
        standard: true,
        numeric: false,
    }
}

const fn more(key: &'static str, label: &'static str) -> Column {
    Column {
        standard: false,
        ..usual(key, label)
    }
}

const fn number(column: Column) -> Column {
    Column {
        numeric: true,
        ..column
    }
}

/// A table whose columns can be chosen and that can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// The register of residents.
    Register,
    /// The inbox.
    Inbox,
    /// Organisations.
    Organisations,
    /// Print batches.
    Batches,
    /// The audit log.
    Audit,
}

impl Table {
    /// All of them.
    pub const ALL: [Table; 5] = [
        Table::Register,
        Table::Inbox,
        Table::Organisations,
        Table::Batches,
        Table::Audit,
    ];

    /// Its name in forms and cookies.
    pub fn key(self) -> &'static str {
        match self {
            Table::Register => "register",
            Table::Inbox => "nachrichten",
            Table::Organisations => "organisationen",
            Table::Batches => "druckauftraege",
            Table::Audit => "protokoll",
        }
    }

    /// The table with this name.
    pub fn parse(key: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|t| t.key() == key)
    }

    /// The key of its title in `locales/`.
    pub fn title(self) -> &'static str {
        match self {
            Table::Register => "nav-residents",
            Table::Inbox => "nav-inbox",
            Table::Organisations => "nav-organisations",
            Table::Batches => "batches",
            Table::Audit => "nav-audit",
        }
    }

    /// All its columns, in the order in which they are shown. The first names the row and is always there.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Table::Register => &REGISTER,
            Table::Inbox => &INBOX,
            Table::Organisations => &ORGANISATIONS,
            Table::Batches => &BATCHES,
            Table::Audit => &AUDIT,
        }
    }
}

static REGISTER: [Column; 9] = [
    usual("name", "name"),
    more("geburt", "birth-date"),
    usual("strasse", "street"),
    usual("plz", "postcode"),
    usual("ort", "city"),
    usual("ortsteil", "district"),
    more("nummer", "column-register_number"),
    usual("stand", "state"),
    more("brief", "letter-number"),
];

static INBOX: [Column; 11] = [
    usual("person", "case-applicant"),
    usual("nummer", "case-number"),
    usual("art", "case-kind"),
    usual("stand", "state"),
    usual("zustaendig", "case-assignee"),
    usual("team", "case-team"),
    usual("alter", "inbox-age"),
    usual("frist", "case-due"),
    more("eingang", "table-submitted"),
    more("geaendert", "table-changed"),
    more("entschieden", "table-decided"),
];

static ORGANISATIONS: [Column; 7] = [
    usual("name", "name"),
    usual("art", "field-organisation_kind"),
    usual("ort", "city"),
    usual("stand", "organisation-state"),
    number(usual("mitglieder", "table-members")),
    more("zugesagt", "table-admitted"),
    more("bestaetigung", "table-confirm-by"),
];

static BATCHES: [Column; 10] = [
    usual("auftrag", "batch"),
    number(usual("briefe", "batch-letters")),
    usual("gemacht", "letter-made"),
    usual("versandt", "letter-posted"),
    number(usual("eingeloest", "batch-redeemed")),
    usual("stand", "state"),
    more("vorlage", "manifest-template"),
    more("geprueft", "batch-checked"),
    more("geladen", "batch-downloaded"),
    number(more("gueltig", "table-validity")),
];

static AUDIT: [Column; 7] = [
    usual("was", "audit-what"),
    usual("zeit", "audit-at"),
    usual("wer", "audit-who"),
    usual("kennung", "audit-subject"),
    usual("angaben", "audit-detail"),
    number(usual("nr", "audit-seq")),
    more("summe", "table-hash"),
];

/// The columns of a table that somebody wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    table: Table,
    shown: Vec<&'static Column>,
}

impl Columns {
    /// What is shown as long as nobody chooses.
    pub fn standard(table: Table) -> Self {
        Self::that(table, |c| c.standard)
    }

    /// The columns with these names. The first is always among them; names that the table does not know are ignored.
    pub fn of<'a>(table: Table, names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = names.into_iter().take(100).collect();
        Self::that(table, |c| names.contains(&c.key))
    }

    /// From what a cookie holds. What holds no name of this table says nothing, so the standard is shown.
    ///
    /// ```
    /// use domain::tables::{Columns, Table};
    /// let columns = Columns::parse(Table::Register, "ort.nonsense");
    /// assert_eq!(columns.stored(), "name.ort");
    /// ```
    pub fn parse(table: Table, stored: &str) -> Self {
        let known = |name: &str| table.columns().iter().any(|c| c.key == name);
        if stored.split('.').any(known) {
            Self::of(table, stored.split('.'))
        } else {
            Self::standard(table)
        }
    }

    fn that(table: Table, wanted: impl Fn(&Column) -> bool) -> Self {
        let all = table.columns().iter().enumerate();
        Self {
            table,
            shown: all
                .filter(|(i, c)| *i == 0 || wanted(c))
                .map(|(_, c)| c)
                .collect(),
        }
    }

    /// As the cookie holds it.
    pub fn stored(&self) -> String {
        let keys: Vec<&str> = self.iter().map(|c| c.key).collect();
        keys.join(".")
    }

    /// Of which table.
    pub fn table(&self) -> Table {
        self.table
    }

    /// Is it shown?
    pub fn has(&self, key: &str) -> bool {
        self.iter().any(|c| c.key == key)
    }

    /// In the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &'static Column> + '_ {
        self.shown.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cookie_says() {
        let table = Table::Register;
        let standard = "name.strasse.plz.ort.ortsteil.stand";
        for (cookie, columns) in [
            ("", standard),
            ("nonsense", standard),
            ("...", standard),
            ("NAME", standard),
            ("name", "name"),
            ("ort", "name.ort"),
            // in the order of the table, each once
            ("brief.ort.name.ort", "name.ort.brief"),
            ("ort.<script>.geburt", "name.geburt.ort"),
            // a name of another table
            ("name.hash.angaben", "name"),
        ] {
            let parsed = Columns::parse(table, cookie);
            assert_eq!(parsed.stored(), columns, "{cookie}");
            assert_eq!(Columns::parse(table, &parsed.stored()), parsed, "{cookie}");
        }
        assert_eq!(Columns::of(table, []).stored(), "name");
        assert!(Columns::of(table, ["brief"]).has("brief"));
        assert!(!Columns::standard(table).has("brief"));
    }

    #[test]
    fn tables_are_well_formed() {
        for table in Table::ALL {
            assert_eq!(Table::parse(table.key()), Some(table));
            let mut keys: Vec<&str> = table.columns().iter().map(|c| c.key).collect();
            assert!(table.columns()[0].standard, "{table:?}");
            // nothing that a cookie could not hold
            assert!(
                keys.iter().all(|k| k.bytes().all(|b| b.is_ascii_lowercase())),
                "{table:?}"
            );
            let all = keys.len();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), all, "{table:?}");
        }
    }
}
