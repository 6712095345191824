//! The verification core of sovverify: *may this image run, and how do we know?*
//!
//! ```text
//! EvidenceSet + TrustStore + VerificationTime + Limits ─appraise─► Appraisal
//! Appraisal + Policies                                 ─evaluate─► Verdict
//! ```
//!
//! Read the modules in this order: [`image`], [`evidence`], [`trust`], [`claim`], [`verify`],
//! [`policy`], [`verdict`], [`report`]; [`code`] names all bad news, [`limits`] every bound.
//!
//! **Invariant**: no socket, no disk, no clock, no environment. Time, bytes and configuration are
//! arguments; the same inputs give the same bytes of verdict on every machine, in every year.

pub mod claim;
pub mod code;
pub mod content;
pub mod digest;
pub mod evidence;
pub mod expression;
pub mod image;
mod json;
pub mod limits;
pub mod package;
pub mod policy;
pub mod report;
pub mod sbom;
pub mod time;
pub mod trust;
pub mod verdict;
pub mod verify;
pub mod vex;
pub mod vulnerability;
pub mod workload;

pub use claim::Claim;
pub use code::{Class, Code};
pub use digest::{Digest, DigestAlgorithm, DigestError};
pub use evidence::{Evidence, EvidenceSet};
pub use image::{ImageName, ImageReference, PinnedImage, Platform};
pub use limits::Limits;
pub use time::VerificationTime;
pub use trust::{Anchor, AnchorId, PublicKey, TrustRoot, TrustStore};
pub use verdict::{Decision, Finding, Verdict};
pub use verify::{Appraisal, Rejection, Verified, appraise};
