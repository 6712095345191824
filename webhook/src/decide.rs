//! From a review to an answer: every image of the object decided once, in time, and for a reason.
//!
//! ```text
//! object ─► images ─► policies that match (no registry is asked before that)
//!   ─► digest ─► remembered verdict, or one verification for all who ask ─► one sentence
//! ```
//!
//! **Invariant**: an answer comes before the caller stops waiting, and says yes only where every image
//! was judged and admitted. What was not decided in time is denied with class `transient` and goes on, so
//! that the next try finds it. A tag is resolved for each request anew.

mod answer;
mod cache;
mod flight;
mod image;
mod judge;
mod judged;
pub mod keep;
mod key;
pub mod limits;
mod lines;
mod message;
mod object;
mod outcome;
pub mod persist;
mod pin;
mod places;
mod scopes;

use std::sync::Arc;

use jiff::Timestamp;
use sovverify_fetch::ScopeKey;

pub use cache::Cache;
pub use judged::{Judged, Refusal};
pub use limits::DecideLimits;

use crate::cluster::Cluster;
use crate::metrics::Metrics;
use crate::source::Standing;
use crate::state::Current;
use flight::Flights;
use judge::{Pinned, Workshop};
use lines::Lines;
use scopes::Scopes;

/// Reads the clock; a test says what it shows.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What an engine is made of.
pub struct Parts {
    /// What decides.
    pub current: Arc<Current>,
    /// What only the API server knows.
    pub cluster: Arc<dyn Cluster>,
    /// Remembered verdicts.
    pub cache: Arc<Cache>,
    /// Numbers.
    pub metrics: Arc<Metrics>,
    /// Bounds.
    pub limits: DecideLimits,
    /// A secret of this process, under which credentials are told apart without being kept.
    pub secret: [u8; 32],
    /// Whether tags are pinned on request.
    pub pinning: Pinning,
    /// The clock.
    pub clock: Clock,
}

/// Whether the mutating endpoint is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pinning {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// Decides about workloads.
pub struct Engine {
    current: Arc<Current>,
    cluster: Arc<dyn Cluster>,
    cache: Arc<Cache>,
    verdicts: Flights<Arc<Judged>>,
    tags: Flights<Result<Pinned, Arc<Judged>>>,
    scopes: Scopes,
    workshop: Arc<Workshop>,
    metrics: Arc<Metrics>,
    /// Numbers that nobody reads: those of requests that are only tried.
    unread: Arc<Metrics>,
    limits: DecideLimits,
    secret: ScopeKey,
    pinning: Pinning,
    clock: Clock,
    standing: Arc<Standing>,
    lines: Lines,
}

impl Engine {
    /// An engine that has decided nothing yet.
    pub fn new(parts: Parts) -> Self {
        Self {
            verdicts: Flights::new(parts.limits.waiting),
            tags: Flights::new(parts.limits.waiting),
            scopes: Scopes::new(&parts.limits),
            workshop: Arc::new(Workshop::new(parts.limits)),
            current: parts.current,
            cluster: parts.cluster,
            cache: parts.cache,
            metrics: parts.metrics,
            unread: Arc::default(),
            limits: parts.limits,
            secret: ScopeKey::new(&parts.secret),
            pinning: parts.pinning,
            clock: parts.clock,
            standing: Arc::default(),
            lines: Lines::default(),
        }
    }

    /// The same engine, which says what is missing while it has nothing to decide by.
    #[must_use]
    pub fn standing(self, standing: Arc<Standing>) -> Self {
        Self { standing, ..self }
    }
}
