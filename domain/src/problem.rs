//! What is wrong with an input: the field it concerns and a code that `locales/` turns into a sentence.

use serde::{Deserialize, Serialize};

/// One complaint about one field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The `name` of the form field; empty if it concerns the whole form.
    pub field: String,
    /// The key of the sentence in `locales/`.
    pub code: String,
    /// Values for the sentence's placeholders.
    pub args: Vec<(String, String)>,
}

/// Everything that is wrong with an input, not only the first thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// A single complaint.
    pub fn one(field: &str, code: &str) -> Self {
        let mut problems = Self::default();
        problems.add(field, code);
        problems
    }

    /// Adds a complaint.
    pub fn add(&mut self, field: &str, code: &str) {
        self.add_with(field, code, &[]);
    }

    /// Adds a complaint whose sentence has placeholders.
    pub fn add_with(&mut self, field: &str, code: &str, args: &[(&str, &str)]) {
        self.0.push(Problem {
            field: field.to_owned(),
            code: code.to_owned(),
            args: args
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        });
    }

    /// True if there is nothing to complain about.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok(value)` if there is nothing to complain about.
    pub fn or<T>(self, value: T) -> Result<T, Problems> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}
