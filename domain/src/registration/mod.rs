//! Registration with a letter: may this code still be used, and by whom?

use crate::letters::state::{LetterState, TYPED_TRIES};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Which of the two secrets of a letter was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// The 128-bit secret of the QR code.
    Qr,
    /// The 40-bit secret of the typed user ID.
    Typed,
}

/// What the store knows of the letter that a code names.
#[derive(Clone, Debug)]
pub struct LetterFacts {
    /// Stored state.
    pub state: LetterState,
    /// When the letter stops working; `None` until it was posted.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was redeemed, replaced or revoked.
    pub ended_at: Option<DateTime<Utc>>,
    /// Wrong typed secrets so far.
    pub failed_tries: i64,
    /// Does the shown secret fit?
    pub proven: bool,
    /// Is the batch made and checked (or sealed)?
    pub issued: bool,
}

/// Why a letter cannot be redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The one answer before the secret is proven: unknown number, wrong secret, typed path locked.
    NotProven,
    /// Too many failed proofs from this address, or overall.
    TooMany,
    /// An account was made with this letter.
    Used {
        /// When.
        at: Option<DateTime<Utc>>,
    },
    /// The letter is too old.
    Expired {
        /// Since when.
        at: Option<DateTime<Utc>>,
    },
    /// There is a newer letter.
    Replaced {
        /// Date of the newer letter.
        at: Option<DateTime<Utc>>,
    },
    /// Withdrawn; also the answer for persons with a register block.
    Revoked,
    /// The post brought the letter back to the town hall.
    Returned,
    /// The date of birth does not fit (only where the municipality asks for it).
    BirthDate,
    /// The signed-in account speaks for somebody already.
    AccountTaken,
}

/// May this letter be redeemed now?
///
/// Before the secret is proven there is one answer, whatever the letter's state.
pub fn judge(letter: Option<&LetterFacts>, path: Path, now: DateTime<Utc>) -> Result<(), Refusal> {
    let Some(letter) = letter else {
        return Err(Refusal::NotProven);
    };
    let locked = path == Path::Typed && letter.failed_tries >= TYPED_TRIES;
    if !letter.proven || locked || !letter.issued {
        return Err(Refusal::NotProven);
    }
    match letter.state {
        LetterState::Redeemed => Err(Refusal::Used { at: letter.ended_at }),
        LetterState::Replaced => Err(Refusal::Replaced { at: letter.ended_at }),
        LetterState::Revoked => Err(Refusal::Revoked),
        LetterState::Returned => Err(Refusal::Returned),
        LetterState::Open => match letter.expires_at {
            Some(end) if end <= now => Err(Refusal::Expired { at: Some(end) }),
            _ => Ok(()),
        },
    }
}

/// Failed proofs that one network address may cause within [`throttle_window`]. Generous, because mobile carriers
/// put thousands of phones behind one address.
pub const FAILED_PROOFS_PER_ADDRESS: i64 = 60;
/// Failed proofs overall within [`throttle_window`] from which everybody has to wait.
pub const FAILED_PROOFS_OVERALL: i64 = 2_000;
/// Failed proofs overall within [`throttle_window`] from which the overview of staff warns.
pub const FAILED_PROOFS_WARNING: i64 = 200;

/// The window in which failed proofs are counted.
pub fn throttle_window() -> Duration {
    Duration::minutes(10)
}

/// Enough of a name to recognise one's own letter, not enough to learn who lives somewhere: "Erika M…".
pub fn recognisable(given: &str, family: &str) -> String {
    let first = given.split_whitespace().next().unwrap_or("");
    // a base letter and its combining marks stay together
    let initial: String = family
        .chars()
        .enumerate()
        .take_while(|(i, c)| *i == 0 || unicode_normalization::char::is_combining_mark(*c))
        .map(|(_, c)| c)
        .collect();
    format!("{first} {initial}…").trim().to_owned()
}

/// Does a date of birth typed as three fields fit the registered one? Unknown parts (00) in the register fit anything.
pub fn birth_date_fits(typed: NaiveDate, registered: Option<NaiveDate>, year: Option<i32>) -> bool {
    use chrono::Datelike;
    match (registered, year) {
        (Some(date), _) => date == typed,
        (None, Some(year)) => typed.year() == year,
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(state: LetterState) -> LetterFacts {
        LetterFacts {
            state,
            expires_at: None,
            ended_at: None,
            failed_tries: 0,
            proven: true,
            issued: true,
        }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default()
    }

    #[test]
    fn one_answer_before_the_proof() {
        for state in LetterState::ALL {
            let letter = LetterFacts {
                proven: false,
                ..facts(state)
            };
            assert_eq!(
                judge(Some(&letter), Path::Qr, now()),
                Err(Refusal::NotProven),
                "{state:?}"
            );
        }
        assert_eq!(judge(None, Path::Qr, now()), Err(Refusal::NotProven));
    }

    #[test]
    fn five_tries_lock_the_typed_path_only() {
        let letter = LetterFacts {
            failed_tries: TYPED_TRIES,
            ..facts(LetterState::Open)
        };
        assert_eq!(judge(Some(&letter), Path::Typed, now()), Err(Refusal::NotProven));
        assert_eq!(judge(Some(&letter), Path::Qr, now()), Ok(()));
    }

    #[test]
    fn after_the_proof_each_state_has_its_answer() {
        assert_eq!(judge(Some(&facts(LetterState::Open)), Path::Qr, now()), Ok(()));
        assert_eq!(
            judge(Some(&facts(LetterState::Redeemed)), Path::Qr, now()),
            Err(Refusal::Used { at: None })
        );
        assert_eq!(
            judge(Some(&facts(LetterState::Replaced)), Path::Qr, now()),
            Err(Refusal::Replaced { at: None })
        );
        assert_eq!(
            judge(Some(&facts(LetterState::Revoked)), Path::Qr, now()),
            Err(Refusal::Revoked)
        );
        let old = LetterFacts {
            expires_at: Some(now()),
            ..facts(LetterState::Open)
        };
        assert_eq!(
            judge(Some(&old), Path::Qr, now()),
            Err(Refusal::Expired { at: Some(now()) })
        );
        let unmade = LetterFacts {
            issued: false,
            ..facts(LetterState::Open)
        };
        assert_eq!(judge(Some(&unmade), Path::Qr, now()), Err(Refusal::NotProven));
    }

    #[test]
    fn shows_enough_to_recognise() {
        assert_eq!(recognisable("Erika Anna", "Mustermann"), "Erika M…");
        assert_eq!(recognisable("Ngọc", "M\u{302}ba"), "Ngọc M\u{302}…");
        assert_eq!(recognisable("", ""), "…");
    }
}
