//! Profile change requests: what changes, and which field the clerk types from the document before saying yes.

use super::Request;

/// What of the profile a request changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decisive {
    /// The family name is new.
    FamilyName,
    /// The given names are new.
    GivenNames,
    /// Street and house number are new.
    Address,
    /// Only the doctorate is new.
    Doctorate,
}

impl Decisive {
    /// The key of the label in `locales/` (`decisive-<key>`).
    pub fn key(self) -> &'static str {
        match self {
            Decisive::FamilyName => "family-name",
            Decisive::GivenNames => "given-names",
            Decisive::Address => "address",
            Decisive::Doctorate => "doctorate",
        }
    }

    /// The fields that stay covered until the clerk has typed them.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Decisive::FamilyName => &["family_name"],
            Decisive::GivenNames => &["given_names"],
            Decisive::Address => &["street", "house_number"],
            Decisive::Doctorate => &["doctorate"],
        }
    }

    /// What the document must show.
    pub fn value(self, request: &Request) -> String {
        let parts: Vec<&str> = self.fields().iter().map(|f| request.get(f)).collect();
        crate::text::tidy(&parts.join(" "))
    }
}

/// The field that decides: the name before the address. `None` if nothing changes.
pub fn decisive(before: &Request, after: &Request) -> Option<Decisive> {
    [
        Decisive::FamilyName,
        Decisive::GivenNames,
        Decisive::Address,
        Decisive::Doctorate,
    ]
    .into_iter()
    .find(|d| d.value(before) != d.value(after))
    // what is taken away cannot be read from a document: the family name must fit
    .map(|d| {
        if d.value(after).is_empty() {
            Decisive::FamilyName
        } else {
            d
        }
    })
    .or_else(|| (before.get("call_name") != after.get("call_name")).then_some(Decisive::GivenNames))
    .or_else(|| {
        (before.get("postcode") != after.get("postcode") || before.get("city") != after.get("city"))
            .then_some(Decisive::Address)
    })
}

/// Does the request change the name? (A town may want two people to agree.)
pub fn changes_name(before: &Request, after: &Request) -> bool {
    ["doctorate", "given_names", "call_name", "family_name"]
        .iter()
        .any(|f| before.get(f) != after.get(f))
}

/// Did the clerk type what was asked for? Capital letters and spaces do not count, accents do.
pub fn typed_right(decisive: Decisive, request: &Request, typed: &str) -> bool {
    let plain = |text: &str| {
        super::clean_line(text)
            .to_lowercase()
            .split_whitespace()
            .collect::<String>()
    };
    !typed.trim().is_empty() && plain(typed) == plain(&decisive.value(request))
}

/// The name as it is shown: "Dr. Erika Mustermann".
pub fn display_name(request: &Request) -> String {
    let given = match request.get("call_name") {
        "" => request.get("given_names"),
        call_name => call_name,
    };
    crate::text::tidy(&format!(
        "{} {given} {}",
        request.get("doctorate"),
        request.get("family_name")
    ))
}

/// The lines of the address.
pub fn address_lines(request: &Request) -> Vec<String> {
    let line = |a: &str, b: &str| crate::text::tidy(&format!("{} {}", request.get(a), request.get(b)));
    vec![line("street", "house_number"), line("postcode", "city")]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Request {
        Request::default()
            .with("given_names", "Erika")
            .with("family_name", "Müller")
            .with("street", "Ringstraße")
            .with("house_number", "12 a")
            .with("postcode", "01945")
            .with("city", "Lindenau")
    }

    #[test]
    fn the_name_decides_before_the_address() {
        let old = profile();
        assert_eq!(decisive(&old, &old), None);
        let married = old.clone().with("family_name", "Šťastný").with("street", "Markt");
        assert_eq!(decisive(&old, &married), Some(Decisive::FamilyName));
        assert!(changes_name(&old, &married));
        let moved = old.clone().with("street", "Markt");
        assert_eq!(decisive(&old, &moved), Some(Decisive::Address));
        assert!(!changes_name(&old, &moved));
        let doctor = old.clone().with("doctorate", "Dr.");
        assert_eq!(decisive(&old, &doctor), Some(Decisive::Doctorate));
        assert_eq!(decisive(&doctor, &old), Some(Decisive::FamilyName));
        let town = old.clone().with("city", "Tettau");
        assert_eq!(decisive(&old, &town), Some(Decisive::Address));
    }

    #[test]
    fn what_the_clerk_types() {
        let married = profile().with("family_name", "Šťastný");
        assert!(typed_right(Decisive::FamilyName, &married, " šťastný"));
        assert!(!typed_right(Decisive::FamilyName, &married, "Stastny"));
        assert!(!typed_right(Decisive::FamilyName, &married, ""));
        assert!(typed_right(Decisive::Address, &profile(), "Ringstraße 12a"));
    }
}
