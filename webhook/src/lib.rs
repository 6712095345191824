//! Admission for Kubernetes: may this workload run, and how do we know?
//!
//! ```text
//! AdmissionReview ─review─► Question: who asks, which object, until when
//!   ─workload─► every image of it ─decide─► a verdict each (cached, or verified once) ─► one answer
//! ```
//!
//! Read the modules in this order: [`review`] (the protocol), [`decide`] (from an image to an
//! answer in time), [`state`] (what decides, replaced as a whole), `source` (where that comes from),
//! [`cluster`] (what only the API server knows), [`server`] (sockets), [`metrics`], [`log`].
//!
//! **Invariant**: no check and no rule is made here; both are the core's. What cannot be decided is
//! denied, and everything has an end: bodies, waiting, memory.

pub mod args;
pub mod cluster;
pub mod decide;
pub mod log;
pub mod metrics;
pub mod review;
pub mod run;
pub mod server;
pub mod source;
pub mod state;
