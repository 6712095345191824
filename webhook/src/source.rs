//! Where policies, trust roots, exceptions and settings come from.
//!
//! ```text
//! mounted files ─print─► changed? ─files─► Mounted (good as a whole, or the last that was)
//! API server ─watches─► objects ─text─► documents           │
//!                                    └────────── build ◄────┘
//!                           State (replaced as a whole) ◄──┴──► status of each object, written back
//! ```
//!
//! **Invariant**: what is broken never replaces what was good, and is never passed over: it is in the log, in
//! the metrics, in the status of its object; and a policy that was never good denies what it may be about.

mod build;
mod files;
mod follow;
mod kind;
mod objects;
mod print;
mod problem;
mod review;
mod standing;
mod status;
mod text;
mod writer;

pub use files::Paths;
pub use follow::Source;
pub use kind::{GROUP, Key, Kind};
pub use problem::Problem;
pub use review::review_document;
pub use standing::Standing;
