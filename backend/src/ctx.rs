//! The only door to the world: store, clock, keys, mail, push services.

use crate::{db::Db, depot::Depot, keys::Key, mail::Mailer, outgoing::Outgoing, push, virus};
use chrono::{DateTime, SubsecRound, Utc};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Where use cases get everything that is not a rule. Cheap to clone.
#[derive(Clone)]
pub struct Ctx {
    /// The store of this municipality.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Wraps all other keys; lives outside the store.
    pub master: Key,
    /// Sends mails from the outbox.
    pub mailer: Arc<Mailer>,
    /// The push services that may be asked to notify a browser.
    pub push: Arc<push::Services>,
    /// Whom an administrator may name as the sign-in service.
    pub outgoing: Outgoing,
    /// Where files are kept outside the store, if the operator wants it (`docs/adr/0035`).
    pub files: Option<Depot>,
    /// Looks at documents before they are kept, if the operator has one.
    pub scanner: Option<Arc<virus::Scanner>>,
    /// `https://portal.lindenau.example`, without a slash at the end.
    pub base_url: Arc<str>,
    /// Bounds how many passwords are hashed at the same time (each takes 19 MiB).
    pub hashing: Arc<tokio::sync::Semaphore>,
    /// Wakes the worker when a job was enqueued.
    pub wake: Arc<tokio::sync::Notify>,
    /// The settings as pages need them.
    pub remembered: crate::municipality::Memory,
}

/// The time, or a time that tests set.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Stands still until it is moved.
    Fixed(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// A clock that stands still.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Clock::Fixed(Arc::new(Mutex::new(at)))
    }

    /// Now, in microseconds: PostgreSQL stores no more, and values must be equal after a round trip.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Clock::System => Utc::now().trunc_subsecs(6),
            Clock::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a fixed clock; does nothing to the machine's.
    pub fn advance(&self, by: chrono::Duration) {
        if let Clock::Fixed(at) = self {
            *at.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

impl Ctx {
    /// Puts a context together.
    pub fn new(db: Db, clock: Clock, master: Key, mailer: Mailer, base_url: &str) -> Self {
        let parallel = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            db,
            clock,
            master,
            mailer: Arc::new(mailer),
            push: Arc::default(),
            outgoing: Outgoing::Any,
            files: None,
            scanner: None,
            base_url: base_url.trim_end_matches('/').into(),
            hashing: Arc::new(tokio::sync::Semaphore::new(parallel)),
            wake: Arc::new(tokio::sync::Notify::new()),
            remembered: crate::municipality::Memory::default(),
        }
    }

    /// With other push services than the known ones.
    #[must_use]
    pub fn with_push_services(mut self, services: push::Services) -> Self {
        self.push = Arc::new(services);
        self
    }

    /// A new id, sortable by time (UUID version 7).
    pub fn new_id(&self) -> Uuid {
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &crate::keys::random_bytes()).into_uuid()
    }

    /// Is the portal reached over TLS?
    pub fn is_secure(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}
