//! The federal states, each with the body that people turn to if a barrier is not removed (Directive (EU) 2016/2102, Article
//! 9). Names as the states publish them; addresses and forms change too often to stand in a program, so the municipality adds
//! them in its own text.

/// Key, name of the state, name of the body.
const LANDS: [(&str, &str, &str); 16] = [
    (
        "bw",
        "Baden-Württemberg",
        "Schlichtungsstelle bei der Landes-Behindertenbeauftragten",
    ),
    (
        "by",
        "Bayern",
        "Durchsetzungs- und Überwachungsstelle für barrierefreie Informationstechnik beim Landesamt für Digitalisierung, Breitband und Vermessung",
    ),
    ("be", "Berlin", "Landesbeauftragte für digitale Barrierefreiheit"),
    (
        "bb",
        "Brandenburg",
        "Durchsetzungsstelle bei der Beauftragten der Landesregierung für die Belange der Menschen mit Behinderungen",
    ),
    (
        "hb",
        "Bremen",
        "Zentralstelle für barrierefreie Informationstechnik beim Landesbehindertenbeauftragten",
    ),
    (
        "hh",
        "Hamburg",
        "Ombudsstelle für barrierefreie Informationstechnik",
    ),
    (
        "he",
        "Hessen",
        "Durchsetzungs- und Überwachungsstelle barrierefreie Informationstechnik",
    ),
    (
        "mv",
        "Mecklenburg-Vorpommern",
        "Durchsetzungsstelle für digitale Barrierefreiheit des Landes",
    ),
    (
        "ni",
        "Niedersachsen",
        "Schlichtungsstelle bei der Landesbeauftragten für Menschen mit Behinderungen",
    ),
    (
        "nw",
        "Nordrhein-Westfalen",
        "Ombudsstelle für barrierefreie Informationstechnik des Landes",
    ),
    (
        "rp",
        "Rheinland-Pfalz",
        "Durchsetzungsstelle bei der oder dem Landesbeauftragten für die Belange von Menschen mit Behinderungen",
    ),
    (
        "sl",
        "Saarland",
        "Schlichtungsstelle bei der oder dem Landesbeauftragten für die Belange von Menschen mit Behinderungen",
    ),
    (
        "sn",
        "Sachsen",
        "Durchsetzungsstelle bei der oder dem Beauftragten der Staatsregierung für die Belange von Menschen mit Behinderungen",
    ),
    (
        "st",
        "Sachsen-Anhalt",
        "Ombudsstelle bei der oder dem Beauftragten der Landesregierung für die Belange der Menschen mit Behinderungen",
    ),
    (
        "sh",
        "Schleswig-Holstein",
        "Beschwerdestelle für barrierefreie Informationstechnik bei der oder dem Landesbeauftragten für Menschen mit Behinderung",
    ),
    (
        "th",
        "Thüringen",
        "Durchsetzungsstelle bei der oder dem Landesbeauftragten für Menschen mit Behinderungen",
    ),
];

/// A federal state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Land(&'static (&'static str, &'static str, &'static str));

impl Land {
    /// All, by name.
    pub fn all() -> impl Iterator<Item = Land> {
        LANDS.iter().map(Land)
    }

    /// The state with this key.
    pub fn parse(key: &str) -> Option<Self> {
        Self::all().find(|l| l.key() == key)
    }

    /// `nw`: the letters of ISO 3166-2 without "DE-".
    pub fn key(self) -> &'static str {
        self.0.0
    }

    /// "Nordrhein-Westfalen".
    pub fn name(self) -> &'static str {
        self.0.1
    }

    /// Whom people turn to.
    pub fn body(self) -> &'static str {
        self.0.2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_states_in_order() {
        let names: Vec<_> = Land::all().map(Land::name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!((names.len(), &names), (16, &sorted));
        assert!(Land::all().all(|l| Land::parse(l.key()) == Some(l)));
    }
}
