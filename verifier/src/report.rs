//! Reports: verdicts as others may read them, and text made safe to show.
//!
//! **Invariant**: nothing here decides. A report is made from a verdict and an appraisal, and says
//! no more and no less than they do; the same inputs give the same bytes.

pub mod escape;
mod json;
pub mod v1;

pub use json::to_json;
