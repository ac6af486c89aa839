//! Who may answer, and in which group answers are counted: district and age, never fewer than [`SMALLEST`] people.

use crate::{letters::figures::SMALLEST, problem::Problems};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Age bands as official statistics use them, with the oldest apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgeBand {
    /// Below 16.
    Child,
    /// 16 to 24.
    From16,
    /// 25 to 34.
    From25,
    /// 35 to 49.
    From35,
    /// 50 to 64.
    From50,
    /// 65 to 79.
    From65,
    /// 80 and more.
    From80,
    /// The register does not say, or the group would be too small.
    Other,
}

impl AgeBand {
    /// All.
    pub const ALL: [AgeBand; 8] = [
        AgeBand::Child,
        AgeBand::From16,
        AgeBand::From25,
        AgeBand::From35,
        AgeBand::From50,
        AgeBand::From65,
        AgeBand::From80,
        AgeBand::Other,
    ];

    /// The stored name; its words are in `locales/` under `age-band-<key>`.
    pub fn key(self) -> &'static str {
        match self {
            AgeBand::Child => "child",
            AgeBand::From16 => "16",
            AgeBand::From25 => "25",
            AgeBand::From35 => "35",
            AgeBand::From50 => "50",
            AgeBand::From65 => "65",
            AgeBand::From80 => "80",
            AgeBand::Other => "other",
        }
    }

    /// The band with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.key() == key)
    }

    /// The band of an age in years.
    pub fn of(age: Option<i32>) -> Self {
        match age {
            None => AgeBand::Other,
            Some(..16) => AgeBand::Child,
            Some(16..25) => AgeBand::From16,
            Some(25..35) => AgeBand::From25,
            Some(35..50) => AgeBand::From35,
            Some(50..65) => AgeBand::From50,
            Some(65..80) => AgeBand::From65,
            Some(80..) => AgeBand::From80,
        }
    }
}

/// Age in full years on a day; with the year of birth alone, the age that is reached in that year.
pub fn age(born: Option<NaiveDate>, year: Option<i32>, on: NaiveDate) -> Option<i32> {
    match (born, year) {
        (Some(born), _) => {
            let had = (on.month(), on.day()) >= (born.month(), born.day());
            Some(on.year() - born.year() - i32::from(!had))
        }
        (None, year) => year.map(|y| on.year() - y),
    }
}

/// Who may answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audience {
    /// Only these districts; all if there are none.
    pub districts: Vec<String>,
    /// Youngest age in years.
    pub from_age: Option<i32>,
    /// Oldest age in years.
    pub to_age: Option<i32>,
}

impl Audience {
    /// All complaints.
    pub fn check(&self) -> Problems {
        let mut problems = Problems::default();
        for (field, age) in [("from_age", self.from_age), ("to_age", self.to_age)] {
            if age.is_some_and(|a| !(0..=120).contains(&a)) {
                problems.add(field, "problem-age");
            }
        }
        if problems.is_empty() && self.from_age.zip(self.to_age).is_some_and(|(a, b)| a > b) {
            problems.add("to_age", "problem-age-order");
        }
        problems
    }

    /// May somebody answer who lives there and is so old? Whose age is not known only where no age is asked for.
    pub fn includes(&self, district: &str, age: Option<i32>) -> bool {
        let here = self.districts.is_empty() || self.districts.iter().any(|d| d == district);
        let old = |limit: Option<i32>, fits: fn(i32, i32) -> bool| match (limit, age) {
            (None, _) => true,
            (Some(limit), Some(age)) => fits(age, limit),
            (Some(_), None) => false,
        };
        here && old(self.from_age, |a, l| a >= l) && old(self.to_age, |a, l| a <= l)
    }
}

/// A group in which answers are counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stratum {
    /// District; empty in the group of all that would be too small by themselves.
    pub district: String,
    /// Age band.
    pub band: AgeBand,
    /// People of the register in it.
    pub residents: i64,
}

/// Groups of at least [`SMALLEST`] people: smaller ones go together into one, and with the next smallest until it is large
/// enough. Gives one group if there are too few people at all.
pub fn strata(people: impl IntoIterator<Item = (String, AgeBand)>) -> Vec<Stratum> {
    let mut counts: BTreeMap<(String, AgeBand), i64> = BTreeMap::new();
    for person in people {
        *counts.entry(person).or_default() += 1;
    }
    let mut groups: Vec<Stratum> = counts
        .into_iter()
        .map(|((district, band), residents)| Stratum {
            district,
            band,
            residents,
        })
        .collect();
    // largest first, so that the smallest are taken from the end
    groups.sort_by_key(|g| std::cmp::Reverse(g.residents));
    let mut rest = 0;
    while groups
        .last()
        .is_some_and(|g| g.residents < SMALLEST || (rest > 0 && rest < SMALLEST))
    {
        rest += groups.pop().map_or(0, |g| g.residents);
    }
    groups.sort_by(|a, b| (&a.district, a.band).cmp(&(&b.district, b.band)));
    if rest > 0 {
        groups.push(Stratum {
            district: String::new(),
            band: AgeBand::Other,
            residents: rest,
        });
    }
    groups
}

/// Where somebody belongs. Who fits nowhere (a district that was not there) goes to the group of the rest, or else to the
/// largest one: alone in a group of their own, they could be recognised.
pub fn stratum_of(strata: &[Stratum], district: &str, band: AgeBand) -> Option<usize> {
    let find = |d: &str, b: AgeBand| strata.iter().position(|s| s.district == d && s.band == b);
    let largest = || {
        let all = strata.iter().enumerate();
        all.max_by_key(|(_, s)| s.residents).map(|(i, _)| i)
    };
    find(district, band)
        .or_else(|| find("", AgeBand::Other))
        .or_else(largest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn ages() {
        let on = date("2026-11-23");
        assert_eq!(age(Some(date("2010-11-23")), None, on), Some(16));
        assert_eq!(age(Some(date("2010-11-24")), None, on), Some(15));
        assert_eq!(age(None, Some(2010), on), Some(16));
        assert_eq!(age(None, None, on), None);
        let bands = [15, 16, 24, 25, 49, 50, 64, 65, 79, 80].map(|a| AgeBand::of(Some(a)).key());
        assert_eq!(
            bands,
            ["child", "16", "16", "25", "35", "50", "50", "65", "65", "80"]
        );
        for band in AgeBand::ALL {
            assert_eq!(AgeBand::parse(band.key()), Some(band));
        }
    }

    #[test]
    fn an_audience_by_district_and_age() {
        let youth = Audience {
            districts: vec!["Tettau".into()],
            from_age: Some(16),
            to_age: Some(27),
        };
        assert!(youth.includes("Tettau", Some(16)) && youth.includes("Tettau", Some(27)));
        assert!(!youth.includes("Tettau", Some(28)) && !youth.includes("Tettau", None));
        assert!(!youth.includes("Lindenau", Some(20)));
        assert!(Audience::default().includes("", None));
        let wrong = Audience {
            from_age: Some(30),
            to_age: Some(20),
            ..Audience::default()
        };
        assert_eq!(wrong.check().0[0].code, "problem-age-order");
    }

    #[test]
    fn small_groups_go_together() {
        let of = |d: &str, b, n| std::iter::repeat_n((d.to_owned(), b), n);
        let people = of("A", AgeBand::From16, 30)
            .chain(of("A", AgeBand::From80, 3))
            .chain(of("B", AgeBand::From16, 12))
            .chain(of("B", AgeBand::From80, 2));
        let groups = strata(people);
        let picture: Vec<String> = groups
            .iter()
            .map(|g| format!("{} {} {}", g.district, g.band.key(), g.residents))
            .collect();
        // five were left over: the next smallest joined them
        assert_eq!(picture, ["A 16 30", " other 17"]);
        assert_eq!(stratum_of(&groups, "A", AgeBand::From16), Some(0));
        assert_eq!(stratum_of(&groups, "B", AgeBand::From16), Some(1));
        assert_eq!(stratum_of(&groups[..1], "new", AgeBand::From50), Some(0));
        assert_eq!(stratum_of(&[], "A", AgeBand::From16), None);
    }

    proptest! {
        #[test]
        fn nobody_is_in_a_small_group(people in proptest::collection::vec((0u8..4, 0usize..8), 0..120)) {
            let all = people.len();
            let groups = strata(people.iter().map(|(d, b)| (d.to_string(), AgeBand::ALL[*b])));
            prop_assert_eq!(groups.iter().map(|g| g.residents).sum::<i64>(), i64::try_from(all).unwrap_or(0));
            for group in &groups {
                prop_assert!(group.residents >= SMALLEST || groups.len() == 1);
            }
            for (d, b) in people {
                prop_assert!(stratum_of(&groups, &d.to_string(), AgeBand::ALL[b]).is_some());
            }
        }
    }
}
