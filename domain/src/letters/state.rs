//! What can become of a letter and of a batch of letters.

use serde::{Deserialize, Serialize};

/// The stored state of a letter. Expiry is computed, not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterState {
    /// Can be redeemed (unless it has expired).
    Open,
    /// An account was made or confirmed with it.
    Redeemed,
    /// A newer letter to the same person took its place.
    Replaced,
    /// Staff withdrew it, or the person must not get letters. Both look alike to everybody outside.
    Revoked,
    /// The post brought it back.
    Returned,
}

impl LetterState {
    /// All states.
    pub const ALL: [LetterState; 5] = [
        LetterState::Open,
        LetterState::Redeemed,
        LetterState::Replaced,
        LetterState::Revoked,
        LetterState::Returned,
    ];

    /// The stored name; also the key of the name on screen.
    pub fn key(self) -> &'static str {
        match self {
            LetterState::Open => "open",
            LetterState::Redeemed => "redeemed",
            LetterState::Replaced => "replaced",
            LetterState::Revoked => "revoked",
            LetterState::Returned => "returned",
        }
    }

    /// The state with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }
}

/// Why the post brought a letter back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// Nobody of this name at this address.
    Unknown,
    /// Moved away.
    Moved,
    /// Not accepted.
    Refused,
    /// The person has died.
    Deceased,
    /// No letter box with this name.
    NoBox,
}

impl ReturnReason {
    /// All, in the order of their keys 1 to 5.
    pub const ALL: [ReturnReason; 5] = [
        ReturnReason::Unknown,
        ReturnReason::Moved,
        ReturnReason::Refused,
        ReturnReason::Deceased,
        ReturnReason::NoBox,
    ];

    /// The stored name; also the key of the name on screen (`returned-…`).
    pub fn key(self) -> &'static str {
        match self {
            ReturnReason::Unknown => "unknown",
            ReturnReason::Moved => "moved",
            ReturnReason::Refused => "refused",
            ReturnReason::Deceased => "deceased",
            ReturnReason::NoBox => "no_box",
        }
    }

    /// The reason with this name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.key() == key)
    }

    /// Does it make the address doubtful? Somebody who did not want the letter lives there all the same.
    pub fn doubts_address(self) -> bool {
        self != ReturnReason::Refused
    }
}

/// Why somebody gets a new letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NewLetterReason {
    /// It never came, or was lost.
    Lost,
    /// The person asks for it for another reason.
    Request,
    /// The person has moved.
    Moved,
}

impl NewLetterReason {
    /// All.
    pub const ALL: [NewLetterReason; 3] = [
        NewLetterReason::Lost,
        NewLetterReason::Request,
        NewLetterReason::Moved,
    ];

    /// The stored name; also the key of the name on screen (`new-letter-…`).
    pub fn key(self) -> &'static str {
        match self {
            NewLetterReason::Lost => "lost",
            NewLetterReason::Request => "request",
            NewLetterReason::Moved => "moved",
        }
    }

    /// The reason with this name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.key() == key)
    }
}

/// Where a print batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// Numbers are reserved for letters that are made on the town's own computer; its answer is awaited.
    Reserved,
    /// Codes and frozen data exist; the first pass (make, decode, check) runs or waits.
    Making,
    /// The check passed: the file can be downloaded.
    Ready,
    /// The check did not pass, or making failed: no download, the letters are withdrawn.
    Failed,
    /// The key is destroyed: the file cannot be made again.
    Sealed,
    /// Staff threw it away before posting; its letters are withdrawn.
    Discarded,
}

impl BatchState {
    /// All states.
    pub const ALL: [BatchState; 6] = [
        BatchState::Reserved,
        BatchState::Making,
        BatchState::Ready,
        BatchState::Failed,
        BatchState::Sealed,
        BatchState::Discarded,
    ];

    /// The stored name; also the key of the name on screen.
    pub fn key(self) -> &'static str {
        match self {
            BatchState::Reserved => "reserved",
            BatchState::Making => "making",
            BatchState::Ready => "ready",
            BatchState::Failed => "failed",
            BatchState::Sealed => "sealed",
            BatchState::Discarded => "discarded",
        }
    }

    /// The state with this stored name.
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.key() == key)
    }

    /// Does the key of the batch still exist, so that the file can be made (again)?
    pub fn has_key(self) -> bool {
        matches!(self, BatchState::Making | BatchState::Ready)
    }
}

/// Days after the first download at which a batch is sealed at the latest, even if nobody marks it as posted.
pub const SEAL_AFTER_DOWNLOAD_DAYS: i64 = 14;
/// Default validity of a letter, counted from posting. NIST SP 800-63A-4 allows 21 days (30 outside the contiguous
/// United States).
pub const DEFAULT_VALIDITY_DAYS: i64 = 30;
/// Longest validity that can be set; the settings warn above 30 days.
pub const MAX_VALIDITY_DAYS: i64 = 90;
/// Wrong typed secrets after which a letter's typed path is closed; its QR code still works.
pub const TYPED_TRIES: i64 = 5;

/// The way by which a letter reaches its person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Route {
    /// By post, with all others.
    #[default]
    Ordinary,
    /// Without an address, handed over at the desk: for people with a register block.
    Desk,
    /// By post, apart from all others, with nothing of the town in the window: for people with a register block.
    Neutral,
}

impl Route {
    /// The stored name.
    pub fn key(self) -> &'static str {
        match self {
            Route::Ordinary => "ordinary",
            Route::Desk => "desk",
            Route::Neutral => "neutral",
        }
    }

    /// The route with this name.
    pub fn parse(key: &str) -> Option<Self> {
        [Route::Ordinary, Route::Desk, Route::Neutral]
            .into_iter()
            .find(|r| r.key() == key)
    }
}
