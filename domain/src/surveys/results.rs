//! What is shown of a survey: counts, and how well those who answered stand for all. Small numbers are hidden.

use super::{Answer, Survey, people::Stratum};
use crate::letters::figures::{SMALLEST, Shown, hide_beside_totals};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The answers to one question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionResult {
    /// How many answered it.
    pub answered: i64,
    /// How often each choice or step was chosen.
    pub counts: Vec<i64>,
    /// Own words, in no order that says anything; for staff only.
    pub texts: Vec<String>,
}

impl QuestionResult {
    /// The mean step of a scale, from 1; `None` without answers.
    pub fn mean(&self) -> Option<f64> {
        let sum: i64 = (1..).zip(&self.counts).map(|(step, n)| step * n).sum();
        #[expect(clippy::cast_precision_loss, reason = "a mean of small numbers")]
        (self.answered > 0).then(|| sum as f64 / self.answered as f64)
    }
}

/// People and answers of a district or an age band.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// District or key of the age band; empty for those in the group of the rest.
    pub name: String,
    /// People who may answer, and answers; as they may be shown.
    pub shown: [Shown; 2],
}

/// The result of a survey.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Results {
    /// People who may answer.
    pub residents: i64,
    /// Answers.
    pub answers: i64,
    /// Question by question; empty if there are fewer than [`SMALLEST`] answers.
    pub questions: Vec<QuestionResult>,
    /// By district.
    pub districts: Vec<Share>,
    /// By age band.
    pub ages: Vec<Share>,
}

impl Results {
    /// Are there enough answers to show anything?
    pub fn is_enough(&self) -> bool {
        self.answers >= SMALLEST
    }

    /// Counts answers. How many came from which group is counted apart (`per_stratum`, in the order of `strata`): an answer does
    /// not know its group. Own words are given in the order of their letters.
    pub fn count(
        survey: &Survey,
        strata: &[Stratum],
        per_stratum: &[i64],
        answers: &[Vec<Answer>],
    ) -> Results {
        let mut results = Results {
            residents: strata.iter().map(|s| s.residents).sum(),
            answers: i64::try_from(answers.len()).unwrap_or(i64::MAX),
            districts: shares(strata, per_stratum, |s| s.district.clone()),
            ages: shares(strata, per_stratum, |s| {
                if s.district.is_empty() && s.band == super::people::AgeBand::Other {
                    String::new()
                } else {
                    s.band.key().to_owned()
                }
            }),
            questions: Vec::new(),
        };
        if !results.is_enough() {
            return results;
        }
        for (at, question) in survey.questions.iter().enumerate() {
            let mut result = QuestionResult {
                counts: vec![0; question.options()],
                ..QuestionResult::default()
            };
            for answer in answers.iter().filter_map(|all| all.get(at)) {
                result.answered += i64::from(!answer.is_empty());
                for chosen in &answer.chosen {
                    if let Some(n) = result.counts.get_mut(*chosen) {
                        *n += 1;
                    }
                }
                if !answer.text.is_empty() {
                    result.texts.push(answer.text.clone());
                }
            }
            result.texts.sort();
            results.questions.push(result);
        }
        results
    }
}

fn shares(strata: &[Stratum], answers: &[i64], name: impl Fn(&Stratum) -> String) -> Vec<Share> {
    let mut sums: BTreeMap<String, [i64; 2]> = BTreeMap::new();
    for (stratum, n) in strata.iter().zip(answers) {
        let sum = sums.entry(name(stratum)).or_default();
        sum[0] += stratum.residents;
        sum[1] += n;
    }
    // somebody may have moved in after the groups were made
    let rows: Vec<[i64; 2]> = sums.values().map(|[all, n]| [(*all).max(*n), *n]).collect();
    let named = sums.into_keys().zip(hide_beside_totals(&rows));
    let mut all: Vec<Share> = named.map(|(name, shown)| Share { name, shown }).collect();
    // the rest comes last
    all.sort_by_key(|s| s.name.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surveys::{Question, QuestionKind, people::AgeBand};

    fn group(district: &str, band: AgeBand, residents: i64) -> Stratum {
        Stratum {
            district: district.into(),
            band,
            residents,
        }
    }

    #[test]
    fn counted_with_small_numbers_hidden() {
        let survey = Survey {
            questions: vec![
                Question {
                    kind: QuestionKind::Scale,
                    ..Question::default()
                },
                Question {
                    kind: QuestionKind::Text,
                    ..Question::default()
                },
            ],
            ..Survey::default()
        };
        let strata = [
            group("A", AgeBand::From16, 100),
            group("A", AgeBand::From80, 50),
            group("B", AgeBand::From16, 60),
            group("", AgeBand::Other, 12),
        ];
        let answer = |step: usize, text: &str| {
            vec![
                Answer {
                    chosen: vec![step],
                    ..Answer::default()
                },
                Answer {
                    text: text.into(),
                    ..Answer::default()
                },
            ]
        };
        let mut answers: Vec<_> = (0..20).map(|_| answer(4, "")).collect();
        answers.extend((0..11).map(|_| answer(0, "")));
        answers.push(answer(1, "zuletzt"));
        answers.push(answer(1, "anfangs"));
        let results = Results::count(&survey, &strata, &[20, 2, 11, 0], &answers);
        assert_eq!((results.residents, results.answers), (222, 33));
        assert_eq!(results.questions[0].counts, [11, 2, 0, 0, 20]);
        assert_eq!(results.questions[0].answered, 33);
        let mean = results.questions[0].mean().unwrap_or(0.0);
        assert!((mean - 115.0 / 33.0).abs() < 1e-9);
        assert_eq!(results.questions[1].texts, ["anfangs", "zuletzt"]);
        let share = |all: &[Share], name: &str| all.iter().find(|s| s.name == name).map(|s| s.shown);
        assert_eq!(
            share(&results.districts, "A"),
            Some([Shown::Number(150), Shown::Number(22)])
        );
        // two of fifty: hidden, and the next smallest so that it cannot be reckoned
        assert_eq!(share(&results.ages, "80").map(|s| s[1]), Some(Shown::Hidden));
        assert_eq!(share(&results.ages, "16").map(|s| s[1]), Some(Shown::Hidden));

        let few = Results::count(&survey, &strata, &[9, 0, 0, 0], &answers[..9]);
        assert!(!few.is_enough() && few.questions.is_empty());
    }
}
