//! How a use case ends when it does not succeed: a rule said no, the actor may not, or something broke.

use crate::db::Trouble;
use std::fmt::{Debug, Display};

/// For use cases that no rule refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}

/// Why a use case did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure<R = Never> {
    /// A rule said no; `R` says which.
    Refused(R),
    /// The actor lacks the permission, or the thing does not exist for this actor.
    Denied,
    /// Too many want the same at once; it works in a moment.
    Busy,
    /// Something broke; it is in the log under this number.
    Broken(String),
}

impl<R> Failure<R> {
    /// Says once in the log that there was too much to do.
    pub fn busy(what: &'static str) -> Self {
        tracing::warn!(what, "too much at once");
        Failure::Busy
    }

    /// Logs a breakage once and gives it a number. The text must not contain a person, a code or a password.
    pub fn broken(what: impl Display) -> Self {
        let incident = format!("{:05X}", rand::random::<u32>() & 0xF_FFFF);
        metrics::counter!("stadtbrief_incidents_total").increment(1);
        tracing::error!(%incident, error = one_line(&what), "something broke");
        Failure::Broken(incident)
    }
}

/// A text that cannot pretend to be several lines of the log, nor steer the terminal that shows it.
pub(crate) fn one_line(what: &impl Display) -> String {
    // the characters behind the first are separators of lines and marks of direction (Unicode, general categories Zl, Zp, Cf)
    let strange = |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    what.to_string().replace(strange, " ")
}

impl<R> Failure<R> {
    /// The failure of another use case: what was refused is said in its words.
    pub fn map<S>(self, refusal: impl FnOnce(R) -> S) -> Failure<S> {
        match self {
            Failure::Refused(r) => Failure::Refused(refusal(r)),
            Failure::Denied => Failure::Denied,
            Failure::Busy => Failure::Busy,
            Failure::Broken(incident) => Failure::Broken(incident),
        }
    }
}

impl Failure<Never> {
    /// Turns into the failure of another use case; nothing was refused.
    pub fn widen<R>(self) -> Failure<R> {
        self.map(|never| match never {})
    }
}

impl<R> From<sqlx::Error> for Failure<R> {
    fn from(error: sqlx::Error) -> Self {
        match crate::db::trouble(&error) {
            Some(Trouble::Passing(what)) => Failure::busy(what),
            Some(Trouble::Lasting(what)) => Failure::broken(what),
            None => Failure::broken(error),
        }
    }
}

impl<R> From<crate::keys::KeyError> for Failure<R> {
    fn from(error: crate::keys::KeyError) -> Self {
        Failure::broken(error)
    }
}

impl<R> From<serde_json::Error> for Failure<R> {
    fn from(error: serde_json::Error) -> Self {
        Failure::broken(format!(
            "stored JSON: line {}, {:?}",
            error.line(),
            error.classify()
        ))
    }
}

impl<R> From<tokio::task::JoinError> for Failure<R> {
    fn from(error: tokio::task::JoinError) -> Self {
        Failure::broken(error)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_cannot_forge_a_line_of_the_log() {
        let forged = "bad value\n2026-11-27 ERROR everything is fine\r\u{1b}[31m\u{85}\u{2028}\u{202e}";
        let line = super::one_line(&forged);
        assert!(line.is_ascii() && !line.contains(char::is_control), "{line:?}");
        assert!(line.starts_with("bad value 2026"));
    }
}
